/*
 * The state of a PowerPC guest as it lies in memory. For the front end and its helpers;
 * translated code reaches it through the slots of state.def.
 */
#ifndef PPC_STATE_H
#define PPC_STATE_H

#include <stdint.h>

struct ppc_state {
	uint32_t r[32];		/* first: every displacement fits a signed byte */
	uint32_t pc, lr, ctr, fpscr;
	uint8_t cr[32];		/* one CR bit each, bit 0 (LT of CR0) first */
	uint8_t xer_so, xer_ov, xer_ca, xer_count;
	uint8_t reserve_valid, msr_fe;
	uint32_t reserve_addr, reserve_value, vrsave;
	uint32_t fp_op;		/* enum fp_op | FP_COMPARED | rounding mode << FP_RN_SHIFT */
	uint64_t f[32];		/* bits of doubles, as are the following */
	uint64_t fp_a, fp_b, fp_c, fp_x, fp_y;
	uint8_t vscr_nj, vscr_sat;
	uint8_t vec_fp;		/* enum ppc_vec_fp_state */
	struct {
		_Alignas(16) uint64_t low;
		uint64_t high;
	} v[32];
};

enum {
#define SLOT(NAME, ...) PPC_##NAME,
#include "frontend/ppc/state.def"
	PPC_SLOTS
};

/* Composite registers, put together from their slots. */
uint32_t ppc_get_cr(const struct ppc_state *s);
void ppc_set_cr(struct ppc_state *s, uint32_t cr);
uint32_t ppc_get_xer(const struct ppc_state *s);
void ppc_set_xer(struct ppc_state *s, uint32_t xer);
uint32_t ppc_get_vscr(const struct ppc_state *s);
void ppc_set_vscr(struct ppc_state *s, uint32_t vscr);

#endif
