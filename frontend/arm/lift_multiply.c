/* Multiplies and divisions (ARM F2.4.3, F2.4.8). */
#include "frontend/arm/arm.h"

enum {
	SUBTRACT = 1 << 0,	/* the product is subtracted */
	ACCUMULATE = 1 << 1,
	SIGNED = 1 << 2,
};

/* The 16-bit half of a register, extended. */
static ir_val half(struct arm_lift *l, ir_val v, bool top)
{
	if (top)
		return ir_sar(l->b, v, imm32(l, 16));
	return ir_sext(l->b, IR_I32, ir_trunc(l->b, IR_I16, v));
}

/* a + b; Q when it overflows. */
static ir_val add_q(struct arm_lift *l, ir_val a, ir_val b)
{
	arm_saturated(l, ir_add_overflow(l->b, a, b, imm1(l, false)));
	return ir_add(l->b, a, b);
}

/* MUL MLA MLS Rd, Rn, Rm, Ra:  Rd <- low word of Rn * Rm, or Ra +/- that; S: N Z. */
static void lift_mul(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_mul(l->b, reg(l, in->rn), reg(l, in->rm));

	if (in->row->arg & SUBTRACT)
		v = ir_sub(l->b, reg(l, in->ra), v);
	else if (in->row->arg & ACCUMULATE)
		v = ir_add(l->b, reg(l, in->ra), v);
	if (in->S)
		arm_set_nz(l, v);
	arm_set_reg(l, in->rd, v);
}

static void set_long(struct arm_lift *l, const struct arm_word *in, ir_val v)
{
	arm_set_reg(l, in->ra, low_word(l, v));
	arm_set_reg(l, in->rd, high_word(l, v));
}

static ir_val accumulator(struct arm_lift *l, const struct arm_word *in)
{
	return join(l, reg(l, in->ra), reg(l, in->rd));
}

/* RdLo and RdHi are two registers. */
static bool is_pair(struct arm_lift *l, const struct arm_word *in)
{
	if (in->ra != in->rd)
		return true;
	arm_illegal(l);
	return false;
}

/* SMULL UMULL SMLAL UMLAL RdLo, RdHi, Rn, Rm:  RdHi:RdLo <- Rn * Rm, or that added; S: N Z. */
static void lift_mul_long(struct arm_lift *l, const struct arm_word *in)
{
	bool is_signed = in->row->arg & SIGNED;

	if (!is_pair(l, in))
		return;
	ir_val v = ir_mul(l->b, wide(l, reg(l, in->rn), is_signed), wide(l, reg(l, in->rm), is_signed));
	if (in->row->arg & ACCUMULATE)
		v = ir_add(l->b, v, accumulator(l, in));
	if (in->S) {
		ir_val zero = ir_const(l->b, IR_I64, 0);
		arm_set_flag(l, ARM_N, ir_slt(l->b, v, zero));
		arm_set_flag(l, ARM_Z, ir_eq(l->b, v, zero));
	}
	set_long(l, in, v);
}

/* UMAAL RdLo, RdHi, Rn, Rm:  RdHi:RdLo <- Rn * Rm + RdHi + RdLo. */
static void lift_umaal(struct arm_lift *l, const struct arm_word *in)
{
	if (!is_pair(l, in))
		return;
	ir_val v = ir_mul(l->b, wide(l, reg(l, in->rn), false), wide(l, reg(l, in->rm), false));
	v = ir_add(l->b, v, wide(l, reg(l, in->ra), false));
	set_long(l, in, ir_add(l->b, v, wide(l, reg(l, in->rd), false)));
}

/* SMUL<x><y>, SMLA<x><y>:  Rd <- half of Rn * half of Rm, or that + Ra with Q for overflow. */
static void lift_mul_half(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_mul(l->b, half(l, reg(l, in->rn), in->x), half(l, reg(l, in->rm), in->z));

	if (in->row->arg & ACCUMULATE)
		v = add_q(l, v, reg(l, in->ra));
	arm_set_reg(l, in->rd, v);
}

/* SMLAL<x><y>:  RdHi:RdLo += half of Rn * half of Rm. */
static void lift_mul_half_long(struct arm_lift *l, const struct arm_word *in)
{
	if (!is_pair(l, in))
		return;
	ir_val v = ir_mul(l->b, half(l, reg(l, in->rn), in->x), half(l, reg(l, in->rm), in->z));
	set_long(l, in, ir_add(l->b, wide(l, v, true), accumulator(l, in)));
}

/* SMULW<y>, SMLAW<y>:  Rd <- bits 47:16 of Rn * half of Rm, or that + Ra with Q for overflow. */
static void lift_mul_word_half(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_mul(l->b, wide(l, reg(l, in->rn), true), wide(l, half(l, reg(l, in->rm), in->z), true));

	v = low_word(l, ir_sar(l->b, v, imm32(l, 16)));
	if (in->row->arg & ACCUMULATE)
		v = add_q(l, v, reg(l, in->ra));
	arm_set_reg(l, in->rd, v);
}

/* The two products of halves, 64 bits wide; x: the halves of Rm exchanged. */
static void dual_products(struct arm_lift *l, const struct arm_word *in, ir_val *low, ir_val *high)
{
	ir_val n = reg(l, in->rn), m = reg(l, in->rm);

	*low = wide(l, ir_mul(l->b, half(l, n, false), half(l, m, in->x)), true);
	*high = wide(l, ir_mul(l->b, half(l, n, true), half(l, m, !in->x)), true);
}

/* SMUAD SMUSD SMLAD SMLSD:  Rd <- low product +/- high product (+ Ra); Q when it does not fit. */
static void lift_mul_dual(struct arm_lift *l, const struct arm_word *in)
{
	ir_val low, high;

	dual_products(l, in, &low, &high);
	ir_val v = in->row->arg & SUBTRACT ? ir_sub(l->b, low, high) : ir_add(l->b, low, high);
	if (in->row->arg & ACCUMULATE)
		v = ir_add(l->b, v, wide(l, reg(l, in->ra), true));
	ir_val result = low_word(l, v);
	arm_saturated(l, ir_ne(l->b, wide(l, result, true), v));
	arm_set_reg(l, in->rd, result);
}

/* SMLALD SMLSLD:  RdHi:RdLo += low product +/- high product. */
static void lift_mul_dual_long(struct arm_lift *l, const struct arm_word *in)
{
	ir_val low, high;

	if (!is_pair(l, in))
		return;
	dual_products(l, in, &low, &high);
	ir_val v = in->row->arg & SUBTRACT ? ir_sub(l->b, low, high) : ir_add(l->b, low, high);
	set_long(l, in, ir_add(l->b, v, accumulator(l, in)));
}

/* SMMUL SMMLA SMMLS:  Rd <- high word of (Ra << 32) +/- Rn * Rm; x: rounded. */
static void lift_mul_high(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_mul(l->b, wide(l, reg(l, in->rn), true), wide(l, reg(l, in->rm), true));

	if (in->row->arg) {
		ir_val a = ir_shl(l->b, wide(l, reg(l, in->ra), false), imm32(l, 32));
		v = in->row->arg & SUBTRACT ? ir_sub(l->b, a, v) : ir_add(l->b, a, v);
	}
	if (in->x)
		v = ir_add(l->b, v, ir_const(l->b, IR_I64, 0x80000000));
	arm_set_reg(l, in->rd, high_word(l, v));
}

/* SDIV UDIV:  Rd <- Rn / Rm, towards 0; by 0: 0. */
static void lift_div(struct arm_lift *l, const struct arm_word *in)
{
	ir_val n = reg(l, in->rn), m = reg(l, in->rm);

	arm_set_reg(l, in->rd, in->row->arg & SIGNED ? ir_divs(l->b, n, m) : ir_divu(l->b, n, m));
}

#define ACC_SUB (ACCUMULATE | SUBTRACT)
static const struct arm_row a32[] = {
	{ "mul", "cccc 0000000 S dddd ---- mmmm 1001 nnnn", lift_mul, .nopc = "dmn" },
	{ "mla", "cccc 0000001 S dddd aaaa mmmm 1001 nnnn", lift_mul, .arg = ACCUMULATE, .nopc = "dmna" },
	{ "mls", "cccc 0000011 0 dddd aaaa mmmm 1001 nnnn", lift_mul, .arg = ACC_SUB, .nopc = "dmna" },
	{ "umaal", "cccc 0000010 0 dddd aaaa mmmm 1001 nnnn", lift_umaal, .nopc = "dmna" },
	{ "umull", "cccc 0000100 S dddd aaaa mmmm 1001 nnnn", lift_mul_long, .nopc = "dmna" },
	{ "umlal", "cccc 0000101 S dddd aaaa mmmm 1001 nnnn", lift_mul_long, .arg = ACCUMULATE, .nopc = "dmna" },
	{ "smull", "cccc 0000110 S dddd aaaa mmmm 1001 nnnn", lift_mul_long, .arg = SIGNED, .nopc = "dmna" },
	{ "smlal", "cccc 0000111 S dddd aaaa mmmm 1001 nnnn", lift_mul_long, .arg = SIGNED | ACCUMULATE, .nopc = "dmna" },
	{ "smla", "cccc 00010000 dddd aaaa mmmm 1zx0 nnnn", lift_mul_half, .arg = ACCUMULATE, .nopc = "dmna" },
	{ "smlaw", "cccc 00010010 dddd aaaa mmmm 1z00 nnnn", lift_mul_word_half, .arg = ACCUMULATE, .nopc = "dmna" },
	{ "smulw", "cccc 00010010 dddd ---- mmmm 1z10 nnnn", lift_mul_word_half, .nopc = "dmn" },
	{ "smlal", "cccc 00010100 dddd aaaa mmmm 1zx0 nnnn", lift_mul_half_long, .nopc = "dmna" },
	{ "smul", "cccc 00010110 dddd ---- mmmm 1zx0 nnnn", lift_mul_half, .nopc = "dmn" },
	{ "smuad", "cccc 01110000 dddd 1111 mmmm 00x1 nnnn", lift_mul_dual, .nopc = "dmn" },
	{ "smlad", "cccc 01110000 dddd aaaa mmmm 00x1 nnnn", lift_mul_dual, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smusd", "cccc 01110000 dddd 1111 mmmm 01x1 nnnn", lift_mul_dual, .arg = SUBTRACT, .nopc = "dmn" },
	{ "smlsd", "cccc 01110000 dddd aaaa mmmm 01x1 nnnn", lift_mul_dual, .arg = ACC_SUB, .nopc = "dmn" },
	{ "smlald", "cccc 01110100 dddd aaaa mmmm 00x1 nnnn", lift_mul_dual_long, .nopc = "dmna" },
	{ "smlsld", "cccc 01110100 dddd aaaa mmmm 01x1 nnnn", lift_mul_dual_long, .arg = SUBTRACT, .nopc = "dmna" },
	{ "smmul", "cccc 01110101 dddd 1111 mmmm 00x1 nnnn", lift_mul_high, .nopc = "dmn" },
	{ "smmla", "cccc 01110101 dddd aaaa mmmm 00x1 nnnn", lift_mul_high, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smmls", "cccc 01110101 dddd aaaa mmmm 11x1 nnnn", lift_mul_high, .arg = ACC_SUB, .nopc = "dmna" },
	{ "sdiv", "cccc 01110001 dddd 1111 mmmm 0001 nnnn", lift_div, .arg = SIGNED, .nopc = "dmn" },
	{ "udiv", "cccc 01110011 dddd 1111 mmmm 0001 nnnn", lift_div, .nopc = "dmn" },
};

static const struct arm_row t16[] = {
	{ "mul", "010000 1101 mmm ddd", lift_mul, .flags = ARM_SETS_OUTSIDE | ARM_DN },
};

static const struct arm_row t32[] = {
	{ "mul", "11111011 0000 nnnn 1111 dddd 0000 mmmm", lift_mul, .nopc = "dmn" },
	{ "mla", "11111011 0000 nnnn aaaa dddd 0000 mmmm", lift_mul, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "mls", "11111011 0000 nnnn aaaa dddd 0001 mmmm", lift_mul, .arg = ACC_SUB, .nopc = "dmna" },
	{ "smul", "11111011 0001 nnnn 1111 dddd 00xz mmmm", lift_mul_half, .nopc = "dmn" },
	{ "smla", "11111011 0001 nnnn aaaa dddd 00xz mmmm", lift_mul_half, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smuad", "11111011 0010 nnnn 1111 dddd 000x mmmm", lift_mul_dual, .nopc = "dmn" },
	{ "smlad", "11111011 0010 nnnn aaaa dddd 000x mmmm", lift_mul_dual, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smulw", "11111011 0011 nnnn 1111 dddd 000z mmmm", lift_mul_word_half, .nopc = "dmn" },
	{ "smlaw", "11111011 0011 nnnn aaaa dddd 000z mmmm", lift_mul_word_half, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smusd", "11111011 0100 nnnn 1111 dddd 000x mmmm", lift_mul_dual, .arg = SUBTRACT, .nopc = "dmn" },
	{ "smlsd", "11111011 0100 nnnn aaaa dddd 000x mmmm", lift_mul_dual, .arg = ACC_SUB, .nopc = "dmn" },
	{ "smmul", "11111011 0101 nnnn 1111 dddd 000x mmmm", lift_mul_high, .nopc = "dmn" },
	{ "smmla", "11111011 0101 nnnn aaaa dddd 000x mmmm", lift_mul_high, .arg = ACCUMULATE, .nopc = "dmn" },
	{ "smmls", "11111011 0110 nnnn aaaa dddd 000x mmmm", lift_mul_high, .arg = ACC_SUB, .nopc = "dmna" },
	{ "smull", "11111011 1000 nnnn aaaa dddd 0000 mmmm", lift_mul_long, .arg = SIGNED, .nopc = "dmna" },
	{ "sdiv", "11111011 1001 nnnn 1111 dddd 1111 mmmm", lift_div, .arg = SIGNED, .nopc = "dmn" },
	{ "umull", "11111011 1010 nnnn aaaa dddd 0000 mmmm", lift_mul_long, .nopc = "dmna" },
	{ "udiv", "11111011 1011 nnnn 1111 dddd 1111 mmmm", lift_div, .nopc = "dmn" },
	{ "smlal", "11111011 1100 nnnn aaaa dddd 0000 mmmm", lift_mul_long, .arg = SIGNED | ACCUMULATE, .nopc = "dmna" },
	{ "smlal", "11111011 1100 nnnn aaaa dddd 10xz mmmm", lift_mul_half_long, .nopc = "dmna" },
	{ "smlald", "11111011 1100 nnnn aaaa dddd 110x mmmm", lift_mul_dual_long, .nopc = "dmna" },
	{ "smlsld", "11111011 1101 nnnn aaaa dddd 110x mmmm", lift_mul_dual_long, .arg = SUBTRACT, .nopc = "dmna" },
	{ "umlal", "11111011 1110 nnnn aaaa dddd 0000 mmmm", lift_mul_long, .arg = ACCUMULATE, .nopc = "dmna" },
	{ "umaal", "11111011 1110 nnnn aaaa dddd 0110 mmmm", lift_umaal, .nopc = "dmna" },
};
const struct arm_rows arm_rows_multiply = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
