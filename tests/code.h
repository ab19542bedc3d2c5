/*
 * Small programs for guests of any architecture: registers 3 to 12, words of 32 bits. Each
 * function appends what does the same on all of them.
 */
#ifndef TESTS_CODE_H
#define TESTS_CODE_H

#include <stdint.h>

#include "dragoman/vm.h"

struct code {
	uint32_t arch;
	unsigned base;			/* words in front of it, as jumps count */
	uint32_t word[512];
	unsigned n;
};

static inline void put(struct code *c, uint32_t ppc, uint32_t arm, uint32_t a64)
{
	c->word[c->n++] = c->arch == DGM_ARCH_PPC32 ? ppc : c->arch == DGM_ARCH_ARM ? arm : a64;
}

/* Always two words. */
static inline void c_li(struct code *c, unsigned d, uint32_t v)
{
	uint32_t lo = v & 0xffff, hi = v >> 16;

	if (c->arch == DGM_ARCH_PPC32) {
		c->word[c->n++] = 0x3c000000u | d << 21 | hi;
		c->word[c->n++] = 0x60000000u | d << 21 | d << 16 | lo;
		return;
	}
	put(c, 0, 0xe3000000u | (lo >> 12) << 16 | d << 12 | (lo & 0xfff), 0x52800000u | lo << 5 | d);
	put(c, 0, 0xe3400000u | (hi >> 12) << 16 | d << 12 | (hi & 0xfff), 0x72a00000u | hi << 5 | d);
}

/* The upper half of a register of 64 bits; nothing elsewhere. */
static inline void c_high(struct code *c, unsigned d, uint32_t hi)
{
	if (c->arch != DGM_ARCH_AARCH64)
		return;
	c->word[c->n++] = 0xf2c00000u | (hi & 0xffff) << 5 | d;
	c->word[c->n++] = 0xf2e00000u | (hi >> 16) << 5 | d;
}

static inline void c_load(struct code *c, unsigned d, unsigned a, unsigned off)
{
	put(c, 0x80000000u | d << 21 | a << 16 | off, 0xe5900000u | a << 16 | d << 12 | off,
	    0xb9400000u | off / 4 << 10 | a << 5 | d);
}

static inline void c_store(struct code *c, unsigned d, unsigned a, unsigned off)
{
	put(c, 0x90000000u | d << 21 | a << 16 | off, 0xe5800000u | a << 16 | d << 12 | off,
	    0xb9000000u | off / 4 << 10 | a << 5 | d);
}

static inline void c_addi(struct code *c, unsigned d, unsigned a, unsigned imm)
{
	put(c, 0x38000000u | d << 21 | a << 16 | imm, 0xe2800000u | a << 16 | d << 12 | imm,
	    0x91000000u | imm << 10 | a << 5 | d);
}

static inline void c_add(struct code *c, unsigned d, unsigned a, unsigned b)
{
	put(c, 0x7c000214u | d << 21 | a << 16 | b << 11, 0xe0800000u | a << 16 | d << 12 | b,
	    0x8b000000u | b << 16 | a << 5 | d);
}

static inline void c_xor(struct code *c, unsigned d, unsigned a, unsigned b)
{
	put(c, 0x7c000278u | a << 21 | d << 16 | b << 11, 0xe0200000u | a << 16 | d << 12 | b,
	    0xca000000u | b << 16 | a << 5 | d);
}

/* To word `to` of the program. */
static inline void c_jump(struct code *c, unsigned to)
{
	int32_t off = (int32_t)(to - c->base - c->n);

	put(c, 0x48000000u | ((uint32_t)off * 4 & 0x3fffffc), 0xea000000u | ((uint32_t)(off - 2) & 0xffffff),
	    0x14000000u | ((uint32_t)off & 0x3ffffff));
}

/* Counts register d down and goes to `to` unless it is 0. Two words. */
static inline void c_loop(struct code *c, unsigned d, unsigned to)
{
	put(c, 0x34000000u | d << 21 | d << 16 | 0xffff, 0xe2500001u | d << 16 | d << 12, 0x71000400u | d << 5 | d);
	int32_t off = (int32_t)(to - c->base - c->n);
	put(c, 0x40820000u | ((uint32_t)off * 4 & 0xfffc), 0x1a000000u | ((uint32_t)(off - 2) & 0xffffff),
	    0x54000001u | ((uint32_t)off & 0x7ffff) << 5);
}

/* To the address in register a; two words. */
static inline void c_go(struct code *c, unsigned a)
{
	put(c, 0x7c0903a6u | a << 21, 0xe1a00000u, 0xd503201fu);
	put(c, 0x4e800420u, 0xe12fff10u | a, 0xd61f0000u | a << 5);
}

/* A system call, which ends the run: there is no handler. */
static inline void c_stop(struct code *c)
{
	put(c, 0x44000002u, 0xef000000u, 0xd4000001u);
}

static inline void c_nop(struct code *c)
{
	put(c, 0x60000000u, 0xe1a00000u, 0xd503201fu);
}

#endif
