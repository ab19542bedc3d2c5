/*
 * The state of an AArch64 guest as it lies in memory. For the front end and its helpers;
 * translated code reaches it through the slots of state.def.
 */
#ifndef A64_STATE_H
#define A64_STATE_H

#include <stdint.h>

struct a64_state {
	uint8_t n, z, c, v;	/* one flag each, 0 or 1; first, with x0 to x14: displacements fit a signed byte */
	uint8_t excl_valid, excl_size;
	uint64_t x[31];
	uint64_t sp, pc;
	uint32_t fpcr, fpsr;
	uint64_t tpidr, tpidrro;
	uint64_t excl_addr, excl_lo, excl_hi;
	uint64_t at, cas[2];	/* for helpers */
	uint64_t features;	/* no slot: the model's, for ID registers (enum a64_feature, one bit each) */
	_Alignas(16) uint64_t q[32][2];	/* V0..V31, low half first */
};

enum {
#define SLOT(NAME, ...) A64_##NAME,
#include "frontend/aarch64/state.def"
	A64_SLOTS
};

uint32_t a64_get_nzcv(const struct a64_state *s);
void a64_set_nzcv(struct a64_state *s, uint32_t nzcv);

#endif
