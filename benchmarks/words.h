/* PowerPC instruction words of the micro-benchmarks' loops; branches go so many words on. */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

#define MTCTR_R3 0x7c6903a6u
#define MTCTR_R5 0x7ca903a6u
#define B(words) (0x48000000u | ((uint32_t)(4 * (words)) & 0x03fffffcu))
#define BL(words) (B(words) | 1)
#define BNE(words) (0x40820000u | ((uint32_t)(4 * (words)) & 0xfffcu))
#define BDNZ(words) (0x42000000u | ((uint32_t)(4 * (words)) & 0xfffcu))
#define BLR 0x4e800020u
#define BCTRL 0x4e800421u
#define SC 0x44000002u
#define NOP 0x60000000u
#define ADDI(d, a, imm) (0x38000000u | (d) << 21 | (a) << 16 | ((imm) & 0xffffu))
#define ADDIC_DOT(d, a, imm) (0x34000000u | (d) << 21 | (a) << 16 | ((imm) & 0xffffu))
#define MULLI(d, a, imm) (0x1c000000u | (d) << 21 | (a) << 16 | ((imm) & 0xffffu))
#define ADD(d, a, b) (0x7c000214u | (d) << 21 | (a) << 16 | (b) << 11)
#define RLWINM(a, s, sh, mb, me) (0x54000000u | (s) << 21 | (a) << 16 | (sh) << 11 | (mb) << 6 | (me) << 1)
#define LWZ(d, off, a) (0x80000000u | (d) << 21 | (a) << 16 | (off))
#define LWZX(d, a, b) (0x7c00002eu | (d) << 21 | (a) << 16 | (b) << 11)
#define STW(s, off, a) (0x90000000u | (s) << 21 | (a) << 16 | (off))
#define STWX(s, a, b) (0x7c00012eu | (s) << 21 | (a) << 16 | (b) << 11)

#endif
