/*
 * What the lifts of AltiVec instructions share. For files of this folder.
 *
 * "PEM" is the AltiVec Technology Programming Environments Manual. It numbers elements from the most significant
 * one; lanes of the IR begin at the least significant: element i of n is lane n - 1 - i, and "high" is
 * the same half in both.
 */
#ifndef PPC_VEC_H
#define PPC_VEC_H

#include "frontend/ppc/ppc.h"

/* Row arguments: the type of lanes, and whatever a family wants in the low byte. */
enum { B = 0 << 8, H = 1 << 8, W = 2 << 8, LOW = 0xff };

enum { NO_VECTORS = PPC_603 | PPC_750 };	/* processors without */

static inline enum ir_type vec_type(const struct ppc_word *in)
{
	return (enum ir_type)(IR_I8X16 + (in->row->arg >> 8 & 3));
}

/* vN as a type. */
static inline ir_val vr(struct ppc_lift *l, enum ir_type t, unsigned n)
{
	ir_val v = ir_get(l->b, PPC_V0 + n);

	return t == IR_I32X4 ? v : ir_bitcast(l->b, t, v);
}

static inline ir_val vec_as(struct ppc_lift *l, enum ir_type t, ir_val v)
{
	return ir_type_of(l->b->u, v) == t ? v : ir_bitcast(l->b, t, v);
}

static inline void set_vr(struct ppc_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, PPC_V0 + n, vec_as(l, IR_I32X4, v));
}

/* The same number in every lane. */
static inline ir_val vec_imm(struct ppc_lift *l, enum ir_type t, uint64_t v)
{
	unsigned w = ir_type_info[t].lane_bits;

	v &= ~0ull >> (64 - w);
	for (; w < 64; w *= 2)
		v |= v << w;
	return ir_const_vec(l->b, t, v, v);
}

static inline ir_val vec_shr(struct ppc_lift *l, ir_val v, unsigned n)
{
	return ir_shr(l->b, v, imm32(l, n));
}

static inline ir_val vec_sar(struct ppc_lift *l, ir_val v, unsigned n)
{
	return ir_sar(l->b, v, imm32(l, n));
}

static inline ir_val vec_shl(struct ppc_lift *l, ir_val v, unsigned n)
{
	return ir_shl(l->b, v, imm32(l, n));
}

/* VSCR[SAT] is sticky. */
static inline void set_sat(struct ppc_lift *l, ir_val saturated)
{
	ir_put(l->b, PPC_VSCR_SAT, ir_or(l->b, ir_get(l->b, PPC_VSCR_SAT), saturated));
}

/* SAT is set when x and y differ in any bit. */
static inline void set_sat_if_differ(struct ppc_lift *l, ir_val x, ir_val y)
{
	set_sat(l, ir_vany(l->b, ir_xor(l->b, x, y)));
}

/* CR6 of the comparisons that record: all true, none true. */
static inline void set_cr6(struct ppc_lift *l, ir_val all, ir_val none)
{
	set_crb(l, 24, all);
	set_crb(l, 25, imm1(l, false));
	set_crb(l, 26, none);
	set_crb(l, 27, imm1(l, false));
}

static inline void set_cr6_mask(struct ppc_lift *l, ir_val mask)
{
	ir_val all = ir_not(l->b, ir_vany(l->b, ir_not(l->b, mask)));

	set_cr6(l, all, ir_not(l->b, ir_vany(l->b, mask)));
}

#endif
