/*
 * Sums in directed blocks (fp.h) of hot code: C libraries round to integers by adding and taking away a large number
 * in another rounding mode. The host goes on rounding to nearest. What its sum lacks is a number, too, whose sign tells
 * whether the neighbour below or above is the result.
 */
#include "frontend/ppc/fp.h"

/* a, b: operands, c: operation and rounding mode as in fp_op. */
static uint64_t directed(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct fp_result r = ppc_fpu_exec(c & 15, a, b, 0, (uint32_t)c >> FP_RN_SHIFT);

	env_of(state)->fp_flags |= r.fpscr & FPSCR_ALL_X;
	return r.bits;
}

const struct ir_helper ppc_fp_directed = { "ppc_fp_directed", directed, IR_HELPER_FP };

/* Whether the exact result is not the nearest, but on this side of it: where the directed one is. */
static ir_val is_beyond(struct ppc_lift *l, ir_val error, ir_val negative)
{
	struct ir_builder *b = l->b;
	ir_val zero = ir_const(b, IR_F64, 0), below = ir_flt(b, error, zero), above = ir_flt(b, zero, error);

	switch (ppc_fp_rn(l)) {
	case FP_RN_DOWN: return below;
	case FP_RN_UP: return above;
	default: return ir_select(b, negative, above, below);
	}
}

ir_val ppc_fp_directed_sum(struct ppc_lift *l, unsigned op, ir_val a, ir_val b)
{
	struct ir_builder *ib = l->b;
	ir_val one = ir_const(ib, IR_F64, 0x3ff0000000000000ull), sum, negative, step;
	ir_val more = ir_const(ib, IR_I64, 1), less = ir_const(ib, IR_I64, ~0ull);	/* of the magnitude */
	ir_val ok = ir_and(ib, ppc_fp_moderate(l, a), ppc_fp_moderate(l, b)), y = ir_select(ib, ok, b, one);
	ir_val error = ppc_fp_sum_error(l, ir_select(ib, ok, a, one), op == FP_SUB ? ir_fneg(ib, y) : y, &sum);
	ir_val rare = ir_or(ib, ir_not(ib, ok), ir_fueq(ib, sum, ir_const(ib, IR_F64, 0)));

	negative = ppc_fp_is_negative(l, sum);
	step = less;
	if (ppc_fp_rn(l) == FP_RN_DOWN)
		step = ir_select(ib, negative, more, less);
	if (ppc_fp_rn(l) == FP_RN_UP)
		step = ir_select(ib, negative, less, more);
	step = ir_select(ib, is_beyond(l, error, negative), step, ir_const(ib, IR_I64, 0));
	sum = ir_bitcast(ib, IR_F64, ir_add(ib, ir_bitcast(ib, IR_I64, sum), step));
	return ir_guard(ib, &ppc_fp_directed, rare, sum, a, b, imm32(l, op | ppc_fp_rn(l) << FP_RN_SHIFT));
}
