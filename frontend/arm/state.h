/*
 * The state of a 32-bit ARM guest as it lies in memory. For the front end and its helpers;
 * translated code reaches it through the slots of state.def.
 */
#ifndef ARM_STATE_H
#define ARM_STATE_H

#include <stdint.h>

struct arm_state {
	uint32_t r[15];		/* first: every displacement fits a signed byte */
	uint32_t pc;		/* bit 0: T32 */
	uint8_t n, z, c, v, q;	/* flags, 0 or 1 */
	uint8_t itstate;	/* of the instruction at pc */
	uint8_t ex_valid;	/* the exclusive monitor is armed */
	uint8_t ex_size;	/* log2 of the bytes LDREX read */
	uint8_t fp_n, fp_z, fp_c, fp_v;	/* FPSCR's flags */
	uint8_t fp_qc, fp_ixc;
	uint8_t misaligned;	/* ARM_MODE_MISALIGNED */
	uint8_t system;		/* ARM_MODE_SYSTEM */
	uint32_t ge;		/* all bits of byte i: GE<i> */
	uint32_t ex_addr;
	uint64_t ex_value;
	uint32_t tpidruro, tpidrurw;
	uint32_t fpscr;		/* all other bits of FPSCR; the host's accrued exceptions come on top */
	uint64_t d[32];
};

enum {
#define SLOT(NAME, ...) ARM_##NAME,
#include "frontend/arm/state.def"
	ARM_SLOTS
};

/* GE as 4 bits, and as it lies in the state: bit i goes to i + 7j, and of those only 8i stay. */
static inline uint32_t arm_ge_bits(uint32_t ge)
{
	return (ge & 0x08040201) * 0x01010101 >> 24;
}

static inline uint32_t arm_ge_bytes(uint32_t bits)
{
	return ((bits & 15) * 0x00204081 & 0x01010101) * 255;
}

/* Composite registers. */
uint32_t arm_get_cpsr(const struct arm_state *s);
void arm_set_cpsr(struct arm_state *s, uint32_t cpsr);

/* ITAdvance */
static inline uint8_t arm_it_behind(uint8_t it)
{
	return it & 7 ? (uint8_t)((it & 0xe0) | (it << 1 & 0x1f)) : 0;
}

#endif
