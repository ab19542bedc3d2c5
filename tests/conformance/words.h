/* Instruction words and places of the conformance tests' guest programs. */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

#define W_D(op, d, a, i) ((uint32_t)(op) << 26 | (uint32_t)(d) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(i) & 0xffff))
#define ADDI(d, a, i) W_D(14, d, a, i)
#define ADDIS(d, a, i) W_D(15, d, a, i)
#define LI(d, i) ADDI(d, 0, i)
#define LIS(d, i) ADDIS(d, 0, i)
#define ORI(d, a, i) W_D(24, a, d, i)
#define LWZ(d, i, a) W_D(32, d, a, i)
#define LBZ(d, i, a) W_D(34, d, a, i)
#define LHZ(d, i, a) W_D(40, d, a, i)
#define STW(d, i, a) W_D(36, d, a, i)
#define STB(d, i, a) W_D(38, d, a, i)
#define STH(d, i, a) W_D(44, d, a, i)
#define LMW(d, i, a) W_D(46, d, a, i)
#define STMW(d, i, a) W_D(47, d, a, i)
#define CMPWI(a, i) W_D(11, 0, a, i)
#define ADD(d, a, b) (W_D(31, d, a, 0) | (uint32_t)(b) << 11 | 266 << 1)
#define MTCTR(r) (0x7c0903a6u | (uint32_t)(r) << 21)
#define BDNZ(off) (0x42000000u | ((uint32_t)(off) & 0xfffc))
#define B(off) (0x48000000u | ((uint32_t)(off) & 0x3fffffc))
#define BL(off) (B(off) | 1)
#define BNE(off) (0x40820000u | ((uint32_t)(off) & 0xfffc))
#define BLR 0x4e800020u
#define SC 0x44000002u
#define TRAP 0x7fe00008u
#define ILLEGAL 0x00000000u
#define ICBI(a, b) (0x7c0007acu | (uint32_t)(a) << 16 | (uint32_t)(b) << 11)
#define ISYNC 0x4c00012cu

enum { CODE = 0x10000, DATA = 0x20000 };

#endif
