/*
 * Reading and writing all of FPSCR in hot code of fast and directed blocks, without a call: C libraries that compute square roots
 * in software do both around each. What is deferred (fp.h) is worked out as ppc_fpscr_read does, but for rare cases.
 */
#include "frontend/ppc/fp.h"
#include "iface/hostfp.h"

#define ONE 0x3ff0000000000000ull

enum { OF_OP = FPSCR_FR | FPSCR_FI | FPSCR_FPRF, NOT_WRITTEN = FPSCR_FEX | FPSCR_VX | 1 << 11 };

/* a: FPSCR. What it is with the accrued flags. */
static uint64_t raised(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	return ppc_fpscr_raise((uint32_t)a, ppc_fp_sticky(env_of(state)->fp_flags | hostfp_flags()));
}

const struct ir_helper ppc_fpscr_raised = { "ppc_fpscr_raised", raised, IR_HELPER_FP };

/* a: FPSCR. The accrued flags may be no more than it has. */
static uint64_t follow(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	env_of(state)->fp_flags = 0;
	if (ppc_fp_sticky(hostfp_flags()) & ~(uint32_t)a)
		hostfp_drop();
	return 0;
}

const struct ir_helper ppc_fp_follow = { "ppc_fp_follow", follow, IR_HELPER_FP };

/* a: FPSCR */
static uint64_t summary(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state, (void)b, (void)c;
	return ppc_fpscr_summary((uint32_t)a);
}

const struct ir_helper ppc_fp_summary = { "ppc_fp_summary", summary, IR_HELPER_PURE };

static uint64_t status(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return ppc_fp_status(state);
}

const struct ir_helper ppc_fp_of_op = { "ppc_fp_of_op", status, IR_HELPER_READS | IR_HELPER_FP };

static ir_val masked(struct ppc_lift *l, ir_val v, uint32_t mask)
{
	return ir_and(l->b, v, imm32(l, mask));
}

static ir_val any(struct ppc_lift *l, ir_val v, uint32_t mask)
{
	return ir_ne(l->b, masked(l, v, mask), imm32(l, 0));
}

/* mask where c holds, else 0 */
static ir_val if_set(struct ppc_lift *l, ir_val c, uint32_t mask)
{
	return ir_select(l->b, c, imm32(l, mask), imm32(l, 0));
}

/*
 * Whether an accrued flag may be one that FPSCR has not. XX is the one nearly every program has; where there are others,
 * helpers compare.
 */
static ir_val may_be_new(struct ppc_lift *l, ir_val fpscr)
{
	uint32_t other = FPSCR_ALL_X | HOSTFP_DIVZERO | HOSTFP_OVERFLOW | HOSTFP_UNDERFLOW;
	ir_val flags = masked(l, ir_fp_flags(l->b), other), no_xx = masked(l, ir_not(l->b, fpscr), FPSCR_XX);

	return ir_ne(l->b, ir_or(l->b, flags, no_xx), imm32(l, 0));
}

/* Whether bit number op is set. */
static ir_val is_one_of(struct ppc_lift *l, ir_val op, uint32_t set)
{
	return ir_trunc(l->b, IR_I1, ir_shr(l->b, imm32(l, set), op));
}

/* With such nothing below overflows or becomes subnormal. */
ir_val ppc_fp_moderate(struct ppc_lift *l, ir_val d)
{
	const uint64_t least = (1023ull - 400) << 53, end = (1023ull + 400) << 53;
	struct ir_builder *b = l->b;
	ir_val size = ir_shl(b, ir_bitcast(b, IR_I64, d), imm32(l, 1));

	size = ir_sub(b, size, ir_const(b, IR_I64, least));
	return ir_ult(b, size, ir_const(b, IR_I64, end - least));
}

ir_val ppc_fp_sum_error(struct ppc_lift *l, ir_val x, ir_val y, ir_val *sum)
{
	struct ir_builder *b = l->b;
	ir_val s = ir_fadd(b, x, y), part = ir_fsub(b, s, x);

	*sum = s;
	return ir_fadd(b, ir_fsub(b, x, ir_fsub(b, s, part)), ir_fsub(b, y, part));
}

/* The sign of a * c + d - r, and 0 if that is; r is the rounded sum (Boldo and Muller, as in fpu_host.c). */
static ir_val error_of(struct ppc_lift *l, ir_val a, ir_val c, ir_val d, ir_val r)
{
	struct ir_builder *b = l->b;
	ir_val p = ir_fmul(b, a, c), rest = ir_fma(b, a, c, ir_fneg(b, p)), low, high;
	ir_val low_error = ppc_fp_sum_error(l, d, rest, &low), high_error = ppc_fp_sum_error(l, p, low, &high);
	ir_val gamma = ir_fadd(b, ir_fsub(b, high, r), high_error);

	return ir_fadd(b, gamma, low_error);
}

ir_val ppc_fp_is_negative(struct ppc_lift *l, ir_val d)
{
	return ir_slt(l->b, ir_bitcast(l->b, IR_I64, d), ir_const(l->b, IR_I64, 0));
}

/* FR, FI and FPRF of an operation with the rounded result r, not 0; negative: it was inverted afterwards. */
static ir_val status_of(struct ppc_lift *l, ir_val r, ir_val error, ir_val negative)
{
	struct ir_builder *b = l->b;
	ir_val below = ppc_fp_is_negative(l, r), minus = ir_xor(b, below, negative);
	ir_val inexact = ir_not(b, ir_fueq(b, error, ir_const(b, IR_F64, 0)));
	ir_val away = ir_and(b, inexact, ir_xor(b, ppc_fp_is_negative(l, error), below));
	ir_val class = ir_xor(b, imm32(l, FP_CLASS_NORMAL << 12), if_set(l, minus, FP_CLASS_NEGATE << 12));

	return ir_or(b, class, ir_or(b, if_set(l, inexact, FPSCR_FI), if_set(l, away, FPSCR_FR)));
}

/*
 * FR, FI and FPRF as the last operation leaves them. Sums, products and multiply-add in double precision are all
 * a * c + b; the flags which working that out raises mean nothing if FPSCR has XX. For others a helper is asked.
 */
static ir_val status_of_last(struct ppc_lift *l, ir_val fpscr, ir_val op)
{
	enum { SUMS = 1 << FP_ADD | 1 << FP_SUB, FUSED = 1 << FP_MADD | 1 << FP_MSUB | 1 << FP_NMADD | 1 << FP_NMSUB };
	struct ir_builder *b = l->b;
	ir_val one = ir_const(b, IR_F64, ONE), product = ir_eq(b, op, imm32(l, FP_MUL));
	ir_val a = ir_get(b, PPC_FP_A), d = ir_select(b, product, one, ir_get(b, PPC_FP_B));
	ir_val c = ir_select(b, is_one_of(l, op, SUMS), one, ir_get(b, PPC_FP_C));
	ir_val ok = ir_and(b, is_one_of(l, op, SUMS | 1 << FP_MUL | FUSED), any(l, fpscr, FPSCR_XX));

	ok = ir_and(b, ok, ir_and(b, ppc_fp_moderate(l, a), ir_and(b, ppc_fp_moderate(l, c), ppc_fp_moderate(l, d))));
	a = ir_select(b, ok, a, one);
	c = ir_select(b, ok, c, one);
	d = ir_select(b, ok, d, one);
	d = ir_select(b, is_one_of(l, op, 1 << FP_SUB | 1 << FP_MSUB | 1 << FP_NMSUB), ir_fneg(b, d), d);
	d = ir_select(b, product, ir_const(b, IR_F64, 0), d);
	ir_val r = ir_fma(b, a, c, d), none = ir_eq(b, op, imm32(l, FP_NONE));
	ir_val v = status_of(l, r, error_of(l, a, c, d, r), is_one_of(l, op, 1 << FP_NMADD | 1 << FP_NMSUB));
	ir_val rare = ir_or(b, ir_not(b, ok), ir_fueq(b, r, ir_const(b, IR_F64, 0)));
	v = ir_select(b, none, masked(l, fpscr, OF_OP), v);
	return ir_guard(b, &ppc_fp_of_op, ir_and(b, rare, ir_not(b, none)), v, IR_NONE, IR_NONE, IR_NONE);
}

/* FPCC as the last comparison leaves it. */
static ir_val compared(struct ppc_lift *l)
{
	struct ir_builder *b = l->b;
	ir_val x = ir_get(b, PPC_FP_X), y = ir_get(b, PPC_FP_Y);
	ir_val lt = if_set(l, ir_flt(b, x, y), 8 << 12), gt = if_set(l, ir_flt(b, y, x), 4 << 12);
	ir_val eq = if_set(l, ir_feq(b, x, y), 2 << 12), unordered = if_set(l, ir_funo(b, x, y), 1 << 12);

	return ir_or(b, ir_or(b, lt, gt), ir_or(b, eq, unordered));
}

ir_val ppc_fpscr_get(struct ppc_lift *l)
{
	struct ir_builder *b = l->b;
	ir_val fpscr = ir_get(b, PPC_FPSCR), what = ir_get(b, PPC_FP_OP);

	fpscr = ir_guard(b, &ppc_fpscr_raised, may_be_new(l, fpscr), fpscr, fpscr, IR_NONE, IR_NONE);
	ir_val of_op = status_of_last(l, fpscr, masked(l, what, ~(uint32_t)FP_COMPARED));
	ir_val with = ir_or(b, masked(l, of_op, ~(uint32_t)FPSCR_FPCC), compared(l));
	of_op = ir_select(b, any(l, what, FP_COMPARED), with, of_op);
	fpscr = ir_or(b, masked(l, fpscr, ~(uint32_t)OF_OP), of_op);
	ir_put(b, PPC_FPSCR, fpscr);
	ir_put(b, PPC_FP_OP, imm32(l, FP_NONE));
	return fpscr;
}

void ppc_fpscr_set(struct ppc_lift *l, ir_val v)
{
	struct ir_builder *b = l->b;
	ir_val few = any(l, v, FPSCR_ALL_VX | FPSCR_ALL_E), new, trapped;

	v = masked(l, v, ~(uint32_t)NOT_WRITTEN);
	v = ir_guard(b, &ppc_fp_summary, few, v, v, IR_NONE, IR_NONE);
	ir_put(b, PPC_FPSCR, v);
	ir_put(b, PPC_FP_OP, imm32(l, FP_NONE));
	new = may_be_new(l, v);
	ir_guard(b, &ppc_fp_follow, new, new, v, IR_NONE, IR_NONE);
	trapped = ir_and(b, any(l, v, FPSCR_FEX), ir_ne(b, ir_get(b, PPC_MSR_FE), ir_const(b, IR_I8, 0)));
	ir_trap_if(b, IR_TRAP_FP, 0, trapped, imm32(l, l->pc), imm32(l, l->next));
	ir_trap_if(b, IR_TRAP_RESYNC, 0, any(l, v, FPSCR_ALL_E | FPSCR_RN), imm32(l, l->pc), imm32(l, l->next));
	ppc_fp_end(l, 0);
}
