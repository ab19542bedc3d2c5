/*
 * Advanced SIMD: saturating arithmetic, which sets FPSR.QC for good, sums of products of bytes, and what
 * is lane-wise C: rounding and saturating shifts by registers, polynomial products of bytes, estimates
 * (C7.2). frontend/common/arm_simd.c has the meaning of the latter.
 */
#include "frontend/aarch64/simd.h"
#include "frontend/common/arm_simd.h"

/* Row arguments: operation, sizes of elements as enum a64_simd_sizes, where they stand, flags. */
enum { OP = 0x1f, SIZES = 5, BY_SHIFT = 1 << 9, BY_LANE = 1 << 10, FLAGS = 11 };
#define ARG(op, sizes, flags) (ARM_SIMD_##op | (sizes) << SIZES | (flags) << FLAGS)

enum {
	U = ARM_SIMD_UNSIGNED,
	ROUND = ARM_SIMD_ROUND,
	SAT = ARM_SIMD_SATURATE,
	TO_U = ARM_SIMD_TO_UNSIGNED,
	SUB = ARM_SIMD_SUBTRACT,
	N_U = ARM_SIMD_N_UNSIGNED,
	M_U = ARM_SIMD_M_UNSIGNED,
};

/* The description of an operation as a helper's argument. */
static uint64_t pack(const struct arm_simd *k)
{
	return k->op | (uint64_t)k->esize << 8 | (uint64_t)k->lanes << 16 | (uint64_t)k->shift << 24 |
	       (uint64_t)k->flags << 32;
}

/* a: the description. The vectors are d, n, m. */
static bool exec(void *state, uint64_t a)
{
	const struct arm_simd k = { (uint8_t)a, (uint8_t)(a >> 8), (uint8_t)(a >> 16), (uint8_t)(a >> 24),
				    (uint8_t)(a >> 32) };
	struct arm_simd_vec *v = (struct arm_simd_vec *)env_of(state)->vec;

	return arm_simd_exec(&k, &v[0], &v[1], &v[2]);
}

static uint64_t simd_exec(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	exec(state, a);
	return 0;
}

static uint64_t simd_exec_qc(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct a64_state *s = state;

	(void)b, (void)c;
	s->fpsr |= exec(state, a) ? A64_FPSR_QC : 0;
	return 0;
}

const struct ir_helper a64_simd = { "a64_simd", simd_exec, IR_HELPER_PURE };
/* Those that may saturate. */
const struct ir_helper a64_simd_qc = { "a64_simd_qc", simd_exec_qc, IR_HELPER_READS | IR_HELPER_WRITES };

static bool is_long(unsigned op)
{
	return op == ARM_SIMD_QDMULL || op == ARM_SIMD_QDMLAL || op == ARM_SIMD_PMULL;
}

static bool describe(const struct a64_word *in, struct arm_simd *k)
{
	uint32_t arg = in->row->arg;
	unsigned imm = a64_bits(in->word, 22, 16), esize = in->size;
	bool scalar = simd_is_scalar(in);

	k->op = arg & OP;
	k->flags = (uint8_t)(arg >> FLAGS);
	if (arg & BY_SHIFT && !simd_shift_size(in, &esize))
		return false;
	if (!(arg >> SIZES >> esize & 1))
		return false;
	if (esize == 3 && !scalar && !in->Q)
		return false;
	k->esize = (uint8_t)esize;
	k->lanes = scalar ? 1 : (uint8_t)((is_long(k->op) || !in->Q ? 8 : 16) >> esize);
	if (arg & BY_SHIFT)
		k->shift = (uint8_t)(imm - (8u << esize));
	return true;
}

static bool may_saturate(const struct arm_simd *k)
{
	switch (k->op) {
	case ARM_SIMD_SHL: return k->flags & ARM_SIMD_SATURATE;
	case ARM_SIMD_PMUL:
	case ARM_SIMD_PMULL:
	case ARM_SIMD_RECPE:
	case ARM_SIMD_RSQRTE:
	case ARM_SIMD_MMLA: return false;
	default: return true;
	}
}

/* Vd <- f(Vd, Vn, Vm or a lane of it) */
static void lift_exact(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_simd k = { 0 };

	if (!describe(in, &k)) {
		lift_illegal(l);
		return;
	}
	ir_val d = vec(l, IR_I64X2, in->Rd), n = vec(l, IR_I64X2, in->Rn), m = vec(l, IR_I64X2, in->Rm);
	bool upper = in->Q && !simd_is_scalar(in) && is_long(k.op), by_lane = in->row->arg & BY_LANE;
	if (by_lane)
		m = arm_simd_cast(l->b, IR_I64X2, simd_element_of(l, in, k.esize));
	if (upper) {
		n = arm_simd_upper_half(l->b, n);
		m = by_lane ? m : arm_simd_upper_half(l->b, m);
	}
	const struct ir_helper *h = may_saturate(&k) ? &a64_simd_qc : &a64_simd;
	set_vec(l, in->Rd, ir_call4(l->b, h, IR_I64X2, imm64(l, pack(&k)), d, n, m));
}

/* Row arguments of the others: an enum arm_simd_saturating, sizes of elements, BY_LANE, and */
enum { UNSIGNED = 1 << FLAGS, FROM_UNSIGNED = 2 << FLAGS, N_UNSIGNED = FROM_UNSIGNED, ROUNDED = 4 << FLAGS };

/* FPSR.QC is set where one of the lowest n bytes of v is not 0. */
static void note_saturation(struct a64_lift *l, ir_val v, unsigned n)
{
	ir_val any = ir_vany(l->b, n == 16 ? v : arm_simd_lowest(l->b, n, v));
	ir_val qc = ir_shl(l->b, ir_zext(l->b, IR_I32, any), imm32(l, 27));

	ir_put(l->b, A64_FPSR, ir_or(l->b, ir_get(l->b, A64_FPSR), qc));
}

/* sqadd, uqsub, sqneg, sqdmulh...:  Vd <- Vn op Vm or a lane of it, saturated. */
static void lift_saturating(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	bool scalar = simd_is_scalar(in);

	if (!(arg >> SIZES >> in->size & 1) || (in->size == 3 && !in->Q && !scalar)) {
		lift_illegal(l);
		return;
	}
	enum arm_simd_saturating op = (enum arm_simd_saturating)(arg & OP);
	ir_val n = simd_vec(l, in->size, in->Rn), saturated;
	ir_val m = arg & BY_LANE ? simd_element_of(l, in, in->size) : simd_vec(l, in->size, in->Rm);
	ir_val r = arm_simd_saturating(l->b, op, arg & UNSIGNED, n, m, &saturated);
	note_saturation(l, saturated, simd_bytes(in, in->size));
	simd_result(l, in->Rd, simd_bytes(in, in->size), r);
}

/* sqxtn, sqshrn, uqrshrn...:  elements of Vn, shifted right, saturated at half their width. */
static void lift_saturate_narrow(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	unsigned esize = in->size, shift = 0;
	bool scalar = simd_is_scalar(in);

	if (arg & BY_SHIFT && simd_shift_size(in, &esize))
		shift = (16u << esize) - a64_bits(in->word, 22, 16);
	if (esize == 3 || (arg & BY_SHIFT && !shift)) {
		lift_illegal(l);
		return;
	}
	ir_val n = simd_vec(l, esize + 1, in->Rn), saturated;
	if (scalar)
		n = arm_simd_cast(l->b, arm_simd_type(esize + 1), arm_simd_lowest(l->b, 2u << esize, n));
	n = arm_simd_shift_right(l->b, arg & FROM_UNSIGNED, arg & ROUNDED, n, shift);
	ir_val r = arm_simd_saturate_narrow(l->b, arg & FROM_UNSIGNED, arg & UNSIGNED, n, &saturated);
	note_saturation(l, saturated, 16);
	simd_half_result(l, in->Rd, in->Q && !scalar, r);
}

/* sdot, udot, usdot, sudot Vd, Vn, Vm or a 32-bit lane of it */
static void lift_dot(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	ir_val d = simd_vec(l, 2, in->Rd), n = simd_vec(l, 0, in->Rn);
	ir_val m = arg & BY_LANE ? arm_simd_cast(l->b, IR_I8X16, simd_element_of(l, in, 2)) : simd_vec(l, 0, in->Rm);

	simd_result(l, in->Rd, in->Q ? 16 : 8, arm_simd_dot(l->b, arg & N_UNSIGNED, arg & UNSIGNED, d, n, m));
}

static const struct a64_row rows[] = {
	{ "sqadd", "0Q0 01110 zz 1mmmmm 000011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QADD | ALL_SIZES << SIZES },
	{ "sqadd", "010 11110 zz 1mmmmm 000011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QADD | ALL_SIZES << SIZES },
	{ "uqadd", "0Q1 01110 zz 1mmmmm 000011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QADD | ALL_SIZES << SIZES | UNSIGNED },
	{ "uqadd", "011 11110 zz 1mmmmm 000011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QADD | ALL_SIZES << SIZES | UNSIGNED },
	{ "sqsub", "0Q0 01110 zz 1mmmmm 001011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QSUB | ALL_SIZES << SIZES },
	{ "sqsub", "010 11110 zz 1mmmmm 001011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QSUB | ALL_SIZES << SIZES },
	{ "uqsub", "0Q1 01110 zz 1mmmmm 001011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QSUB | ALL_SIZES << SIZES | UNSIGNED },
	{ "uqsub", "011 11110 zz 1mmmmm 001011 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QSUB | ALL_SIZES << SIZES | UNSIGNED },
	{ "sqshl", "0Q0 01110 zz 1mmmmm 010011 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, SAT) },
	{ "sqshl", "010 11110 zz 1mmmmm 010011 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, SAT) },
	{ "uqshl", "0Q1 01110 zz 1mmmmm 010011 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, U | SAT) },
	{ "uqshl", "011 11110 zz 1mmmmm 010011 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, U | SAT) },
	{ "sqrshl", "0Q0 01110 zz 1mmmmm 010111 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, ROUND | SAT) },
	{ "sqrshl", "010 11110 zz 1mmmmm 010111 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, ROUND | SAT) },
	{ "uqrshl", "0Q1 01110 zz 1mmmmm 010111 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, U | ROUND | SAT) },
	{ "uqrshl", "011 11110 zz 1mmmmm 010111 nnnnn ddddd", lift_exact, .arg = ARG(SHL, ALL_SIZES, U | ROUND | SAT) },
	{ "pmul", "0Q1 01110 zz 1mmmmm 100111 nnnnn ddddd", lift_exact, .arg = ARG(PMUL, ONLY_B, 0) },
	{ "sqdmulh", "0Q0 01110 zz 1mmmmm 101101 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QDMULH | H_AND_S << SIZES },
	{ "sqdmulh", "010 11110 zz 1mmmmm 101101 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QDMULH | H_AND_S << SIZES },
	{ "sqrdmulh", "0Q1 01110 zz 1mmmmm 101101 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QRDMULH | H_AND_S << SIZES },
	{ "sqrdmulh", "011 11110 zz 1mmmmm 101101 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QRDMULH | H_AND_S << SIZES },
	{ "sqrdmlah", "0Q1 01110 zz 0mmmmm 100001 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND), .flags = A64_PRE, .feature = A64_HAS_RDM,
	  .text = "%vd, %vn, %vm" },
	{ "sqrdmlah", "011 11110 zz 0mmmmm 100001 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND), .flags = A64_PRE, .feature = A64_HAS_RDM,
	  .text = "%vd, %vn, %vm" },
	{ "sqrdmlsh", "0Q1 01110 zz 0mmmmm 100011 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND | SUB), .flags = A64_PRE, .feature = A64_HAS_RDM,
	  .text = "%vd, %vn, %vm" },
	{ "sqrdmlsh", "011 11110 zz 0mmmmm 100011 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND | SUB), .flags = A64_PRE, .feature = A64_HAS_RDM,
	  .text = "%vd, %vn, %vm" },
	{ "sdot", "0Q0 01110 10 0mmmmm 100101 nnnnn ddddd", lift_dot, .flags = A64_PRE, .feature = A64_HAS_DOTPROD,
	  .text = "%vd, %vn, %vm" },
	{ "udot", "0Q1 01110 10 0mmmmm 100101 nnnnn ddddd", lift_dot, .arg = N_UNSIGNED | UNSIGNED, .flags = A64_PRE, .feature = A64_HAS_DOTPROD,
	  .text = "%vd, %vn, %vm" },
	{ "usdot", "0Q0 01110 10 0mmmmm 100111 nnnnn ddddd", lift_dot, .arg = N_UNSIGNED, .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "sdot", "0Q0 01111 10 LMmmmm 1110H0 nnnnn ddddd", lift_dot, .arg = BY_LANE, .flags = A64_PRE, .feature = A64_HAS_DOTPROD,
	  .text = "%vd, %vn, %vm" },
	{ "udot", "0Q1 01111 10 LMmmmm 1110H0 nnnnn ddddd", lift_dot, .arg = N_UNSIGNED | UNSIGNED | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_DOTPROD,
	  .text = "%vd, %vn, %vm" },
	{ "usdot", "0Q0 01111 10 LMmmmm 1111H0 nnnnn ddddd", lift_dot, .arg = N_UNSIGNED | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "sudot", "0Q0 01111 00 LMmmmm 1111H0 nnnnn ddddd", lift_dot, .arg = UNSIGNED | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "smmla", "010 01110 10 0mmmmm 101001 nnnnn ddddd", lift_exact, .arg = ARG(MMLA, ONLY_S, 0), .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "ummla", "011 01110 10 0mmmmm 101001 nnnnn ddddd", lift_exact, .arg = ARG(MMLA, ONLY_S, U), .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "usmmla", "010 01110 10 0mmmmm 101011 nnnnn ddddd", lift_exact, .arg = ARG(MMLA, ONLY_S, N_U), .flags = A64_PRE, .feature = A64_HAS_I8MM,
	  .text = "%vd, %vn, %vm" },
	{ "suqadd", "0Q0 01110 zz 100000 001110 nnnnn ddddd", lift_exact, .arg = ARG(QADD_MIXED, ALL_SIZES, 0) },
	{ "suqadd", "010 11110 zz 100000 001110 nnnnn ddddd", lift_exact, .arg = ARG(QADD_MIXED, ALL_SIZES, 0) },
	{ "usqadd", "0Q1 01110 zz 100000 001110 nnnnn ddddd", lift_exact, .arg = ARG(QADD_MIXED, ALL_SIZES, U) },
	{ "usqadd", "011 11110 zz 100000 001110 nnnnn ddddd", lift_exact, .arg = ARG(QADD_MIXED, ALL_SIZES, U) },
	{ "sqabs", "0Q0 01110 zz 100000 011110 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QABS | ALL_SIZES << SIZES },
	{ "sqabs", "010 11110 zz 100000 011110 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QABS | ALL_SIZES << SIZES },
	{ "sqneg", "0Q1 01110 zz 100000 011110 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QNEG | ALL_SIZES << SIZES },
	{ "sqneg", "011 11110 zz 100000 011110 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QNEG | ALL_SIZES << SIZES },
	{ "sqxtn", "000 01110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow },
	{ "sqxtn2", "010 01110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow },
	{ "sqxtn", "010 11110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow },
	{ "sqxtun", "001 01110 zz 100001 001010 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED },
	{ "sqxtun2", "011 01110 zz 100001 001010 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED },
	{ "sqxtun", "011 11110 zz 100001 001010 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED },
	{ "uqxtn", "001 01110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED },
	{ "uqxtn2", "011 01110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED },
	{ "uqxtn", "011 11110 zz 100001 010010 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED },
	{ "urecpe", "0Q0 01110 10 100001 110010 nnnnn ddddd", lift_exact, .arg = ARG(RECPE, ONLY_S, 0) },
	{ "ursqrte", "0Q1 01110 10 100001 110010 nnnnn ddddd", lift_exact, .arg = ARG(RSQRTE, ONLY_S, 0) },
	{ "sqdmlal", "000 01110 zz 1mmmmm 100100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) },
	{ "sqdmlal2", "010 01110 zz 1mmmmm 100100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) },
	{ "sqdmlal", "010 11110 zz 1mmmmm 100100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) },
	{ "sqdmlsl", "000 01110 zz 1mmmmm 101100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) },
	{ "sqdmlsl2", "010 01110 zz 1mmmmm 101100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) },
	{ "sqdmlsl", "010 11110 zz 1mmmmm 101100 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) },
	{ "sqdmull", "000 01110 zz 1mmmmm 110100 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) },
	{ "sqdmull2", "010 01110 zz 1mmmmm 110100 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) },
	{ "sqdmull", "010 11110 zz 1mmmmm 110100 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) },
	{ "pmull", "000 01110 00 1mmmmm 111000 nnnnn ddddd", lift_exact, .arg = ARG(PMULL, ONLY_B, 0) },
	{ "pmull2", "010 01110 00 1mmmmm 111000 nnnnn ddddd", lift_exact, .arg = ARG(PMULL, ONLY_B, 0) },
	{ "sqdmulh", "0Q0 01111 zz LMmmmm 1100H0 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QDMULH | H_AND_S << SIZES | BY_LANE },
	{ "sqdmulh", "010 11111 zz LMmmmm 1100H0 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QDMULH | H_AND_S << SIZES | BY_LANE },
	{ "sqrdmulh", "0Q0 01111 zz LMmmmm 1101H0 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QRDMULH | H_AND_S << SIZES | BY_LANE },
	{ "sqrdmulh", "010 11111 zz LMmmmm 1101H0 nnnnn ddddd", lift_saturating, .arg = ARM_SIMD_QRDMULH | H_AND_S << SIZES | BY_LANE },
	{ "sqrdmlah", "0Q1 01111 zz LMmmmm 1101H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND) | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_RDM },
	{ "sqrdmlah", "011 11111 zz LMmmmm 1101H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND) | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_RDM },
	{ "sqrdmlsh", "0Q1 01111 zz LMmmmm 1111H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND | SUB) | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_RDM },
	{ "sqrdmlsh", "011 11111 zz LMmmmm 1111H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAH, H_AND_S, ROUND | SUB) | BY_LANE, .flags = A64_PRE, .feature = A64_HAS_RDM },
	{ "sqdmlal", "000 01111 zz LMmmmm 0011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) | BY_LANE },
	{ "sqdmlal2", "010 01111 zz LMmmmm 0011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) | BY_LANE },
	{ "sqdmlal", "010 11111 zz LMmmmm 0011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, 0) | BY_LANE },
	{ "sqdmlsl", "000 01111 zz LMmmmm 0111H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) | BY_LANE },
	{ "sqdmlsl2", "010 01111 zz LMmmmm 0111H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) | BY_LANE },
	{ "sqdmlsl", "010 11111 zz LMmmmm 0111H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMLAL, H_AND_S, SUB) | BY_LANE },
	{ "sqdmull", "000 01111 zz LMmmmm 1011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) | BY_LANE },
	{ "sqdmull2", "010 01111 zz LMmmmm 1011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) | BY_LANE },
	{ "sqdmull", "010 11111 zz LMmmmm 1011H0 nnnnn ddddd", lift_exact, .arg = ARG(QDMULL, H_AND_S, 0) | BY_LANE },
	{ "sqshl", "0Q0 01111 0h hhhhhh 011101 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, 0) | BY_SHIFT },
	{ "sqshl", "010 11111 0h hhhhhh 011101 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, 0) | BY_SHIFT },
	{ "uqshl", "0Q1 01111 0h hhhhhh 011101 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, U) | BY_SHIFT },
	{ "uqshl", "011 11111 0h hhhhhh 011101 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, U) | BY_SHIFT },
	{ "sqshlu", "0Q1 01111 0h hhhhhh 011001 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, TO_U) | BY_SHIFT },
	{ "sqshlu", "011 11111 0h hhhhhh 011001 nnnnn ddddd", lift_exact, .arg = ARG(QSHL_N, ALL_SIZES, TO_U) | BY_SHIFT },
	{ "sqshrn", "000 01111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = BY_SHIFT },
	{ "sqshrn2", "010 01111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = BY_SHIFT },
	{ "sqshrn", "010 11111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = BY_SHIFT },
	{ "sqrshrn", "000 01111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = ROUNDED | BY_SHIFT },
	{ "sqrshrn2", "010 01111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = ROUNDED | BY_SHIFT },
	{ "sqrshrn", "010 11111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = ROUNDED | BY_SHIFT },
	{ "sqshrun", "001 01111 0h hhhhhh 100001 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | BY_SHIFT },
	{ "sqshrun2", "011 01111 0h hhhhhh 100001 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | BY_SHIFT },
	{ "sqshrun", "011 11111 0h hhhhhh 100001 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | BY_SHIFT },
	{ "sqrshrun", "001 01111 0h hhhhhh 100011 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | ROUNDED | BY_SHIFT },
	{ "sqrshrun2", "011 01111 0h hhhhhh 100011 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | ROUNDED | BY_SHIFT },
	{ "sqrshrun", "011 11111 0h hhhhhh 100011 nnnnn ddddd", lift_saturate_narrow, .arg = UNSIGNED | ROUNDED | BY_SHIFT },
	{ "uqshrn", "001 01111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | BY_SHIFT },
	{ "uqshrn2", "011 01111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | BY_SHIFT },
	{ "uqshrn", "011 11111 0h hhhhhh 100101 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | BY_SHIFT },
	{ "uqrshrn", "001 01111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | ROUNDED | BY_SHIFT },
	{ "uqrshrn2", "011 01111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | ROUNDED | BY_SHIFT },
	{ "uqrshrn", "011 11111 0h hhhhhh 100111 nnnnn ddddd", lift_saturate_narrow, .arg = FROM_UNSIGNED | UNSIGNED | ROUNDED | BY_SHIFT },
};
const struct a64_rows a64_rows_simd_sat = A64_ROWS(rows);
