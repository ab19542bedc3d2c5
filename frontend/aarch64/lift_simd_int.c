/*
 * Advanced SIMD: integers, lane by lane without saturation, and pairs and sums across lanes (C7.2).
 * Scalar forms compute all lanes and keep the lowest.
 */
#include "frontend/aarch64/simd.h"

/* Row arguments: an enum arm_simd_lane_op, sizes of elements, and */
enum { OP = 0xff, SIZES = 8, U = 0x1000, BY_LANE = 0x2000 };
#define ARG(op, sizes) (ARM_SIMD_##op | (sizes) << SIZES)

static enum arm_simd_lane_op op_of(const struct a64_word *in)
{
	return (enum arm_simd_lane_op)(in->row->arg & OP);
}

/* Whether elements of in->size exist in this form. */
static bool size_exists(const struct a64_word *in)
{
	return in->row->arg >> SIZES >> in->size & 1 && (in->size < 3 || in->Q || simd_is_scalar(in));
}

/* Vd <- op(Vd, Vn, Vm or a lane of it) */
static void lift_lanes(struct a64_lift *l, const struct a64_word *in)
{
	if (!size_exists(in)) {
		lift_illegal(l);
		return;
	}
	enum arm_simd_lane_op op = op_of(in);
	ir_val n = simd_vec(l, in->size, in->Rn), d = n, m = n;
	if (in->row->arg & BY_LANE)
		m = simd_element_of(l, in, in->size);
	else if (op < ARM_SIMD_CMGT0)
		m = simd_vec(l, in->size, in->Rm);
	if (op == ARM_SIMD_ABA || op == ARM_SIMD_MLA || op == ARM_SIMD_MLS)
		d = simd_vec(l, in->size, in->Rd);
	ir_val r = arm_simd_lanes(l->b, op, in->row->arg & U, d, n, m);

	simd_result(l, in->Rd, simd_bytes(in, in->size), r);
}

/* rbit Vd, Vn:  the bits of each byte, whatever size says. */
static void lift_rbit(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = simd_vec(l, 0, in->Rn);

	simd_result(l, in->Rd, simd_bytes(in, 0), arm_simd_lanes(l->b, ARM_SIMD_RBIT, false, n, n, n));
}

/* and, orr, eor, bic, orn, bsl, bit, bif Vd, Vn, Vm;  not Vd, Vn */
enum { NOT, AND, BIC, ORR, ORN, EOR, BSL, BIT, BIF };

static void lift_logic(struct a64_lift *l, const struct a64_word *in)
{
	unsigned op = in->row->arg;
	ir_val n = vec(l, IR_I64X2, in->Rn), m = op > NOT ? vec(l, IR_I64X2, in->Rm) : n;
	ir_val d = op >= BSL ? vec(l, IR_I64X2, in->Rd) : n, r;

	switch (op) {
	case AND: r = ir_and(l->b, n, m); break;
	case BIC: r = ir_and(l->b, n, ir_not(l->b, m)); break;
	case ORR: r = in->Rn == in->Rm ? n : ir_or(l->b, n, m); break;
	case ORN: r = ir_or(l->b, n, ir_not(l->b, m)); break;
	case EOR: r = ir_xor(l->b, n, m); break;
	case BSL: r = ir_bitsel(l->b, d, n, m); break;
	case BIT: r = ir_bitsel(l->b, m, n, d); break;
	case BIF: r = ir_bitsel(l->b, m, d, n); break;
	default: r = ir_not(l->b, n); break;
	}
	simd_result(l, in->Rd, in->Q ? 16 : 8, r);
}

/* addp, smaxp...:  neighbours of Vn, then of Vm. */
static void lift_pairs(struct a64_lift *l, const struct a64_word *in)
{
	unsigned lanes = (in->Q ? 16u : 8u) >> in->size;

	if (!size_exists(in)) {
		lift_illegal(l);
		return;
	}
	ir_val n = simd_vec(l, in->size, in->Rn), m = simd_vec(l, in->size, in->Rm);
	ir_val even = arm_simd_unzip(l->b, in->size, lanes, n, m, 0);
	ir_val odd = arm_simd_unzip(l->b, in->size, lanes, n, m, 1);

	set_vec(l, in->Rd, arm_simd_lanes(l->b, op_of(in), in->row->arg & U, even, even, odd));
}

/* addp Dd, Vn.2d */
static void lift_pair_scalar(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = vec(l, IR_I64X2, in->Rn);

	simd_result(l, in->Rd, 8, ir_add(l->b, n, arm_simd_upper_half(l->b, n)));
}

/* saddlp, sadalp Vd, Vn:  sums of neighbours at twice the width; sadalp adds them to Vd. */
static void lift_add_long_pairs(struct a64_lift *l, const struct a64_word *in)
{
	if (!size_exists(in)) {
		lift_illegal(l);
		return;
	}
	ir_val r = arm_simd_neighbour_sums(l->b, in->row->arg & U, simd_vec(l, in->size, in->Rn));
	if (op_of(in) == ARM_SIMD_ABA)
		r = ir_add(l->b, simd_vec(l, in->size + 1, in->Rd), r);
	simd_result(l, in->Rd, in->Q ? 16 : 8, r);
}

/* addv, smaxv, uminv...:  all elements of Vn. */
static void lift_across(struct a64_lift *l, const struct a64_word *in)
{
	if (!size_exists(in) || (in->size == 2 && !in->Q)) {
		lift_illegal(l);
		return;
	}
	ir_val n = simd_vec(l, in->size, in->Rn);
	for (unsigned lanes = (in->Q ? 16u : 8u) >> in->size; lanes > 1; lanes /= 2) {
		ir_val other = arm_simd_rotate(l->b, in->size, n, lanes / 2);
		n = arm_simd_lanes(l->b, op_of(in), in->row->arg & U, n, n, other);
	}
	simd_result(l, in->Rd, 1u << in->size, n);
}

/* saddlv, uaddlv Vd, Vn:  the sum of all elements at twice their width. */
static void lift_across_long(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize = in->size + 1u;

	if (!size_exists(in) || (in->size == 2 && !in->Q)) {
		lift_illegal(l);
		return;
	}
	ir_val n = arm_simd_neighbour_sums(l->b, in->row->arg & U, simd_vec(l, in->size, in->Rn));
	for (unsigned lanes = (in->Q ? 16u : 8u) >> esize; lanes > 1; lanes /= 2)
		n = ir_add(l->b, n, arm_simd_rotate(l->b, esize, n, lanes / 2));
	simd_result(l, in->Rd, 1u << esize, n);
}

static const struct a64_row rows[] = {
	{ "shadd", "0Q0 01110 zz 1mmmmm 000001 nnnnn ddddd", lift_lanes, .arg = ARG(HADD, UP_TO_S) },
	{ "uhadd", "0Q1 01110 zz 1mmmmm 000001 nnnnn ddddd", lift_lanes, .arg = ARG(HADD, UP_TO_S) | U },
	{ "srhadd", "0Q0 01110 zz 1mmmmm 000101 nnnnn ddddd", lift_lanes, .arg = ARG(RHADD, UP_TO_S) },
	{ "urhadd", "0Q1 01110 zz 1mmmmm 000101 nnnnn ddddd", lift_lanes, .arg = ARG(RHADD, UP_TO_S) | U },
	{ "shsub", "0Q0 01110 zz 1mmmmm 001001 nnnnn ddddd", lift_lanes, .arg = ARG(HSUB, UP_TO_S) },
	{ "uhsub", "0Q1 01110 zz 1mmmmm 001001 nnnnn ddddd", lift_lanes, .arg = ARG(HSUB, UP_TO_S) | U },
	{ "cmgt", "0Q0 01110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT, ALL_SIZES) },
	{ "cmgt", "010 11110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT, ONLY_D) },
	{ "cmhi", "0Q1 01110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT, ALL_SIZES) | U },
	{ "cmhi", "011 11110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT, ONLY_D) | U },
	{ "cmge", "0Q0 01110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE, ALL_SIZES) },
	{ "cmge", "010 11110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE, ONLY_D) },
	{ "cmhs", "0Q1 01110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE, ALL_SIZES) | U },
	{ "cmhs", "011 11110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE, ONLY_D) | U },
	{ "sshl", "0Q0 01110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = ARG(SHIFT, ALL_SIZES) },
	{ "sshl", "010 11110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = ARG(SHIFT, ONLY_D) },
	{ "ushl", "0Q1 01110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = ARG(SHIFT, ALL_SIZES) | U },
	{ "ushl", "011 11110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = ARG(SHIFT, ONLY_D) | U },
	{ "srshl", "0Q0 01110 zz 1mmmmm 010101 nnnnn ddddd", lift_lanes, .arg = ARG(ROUND_SHIFT, ALL_SIZES) },
	{ "srshl", "010 11110 zz 1mmmmm 010101 nnnnn ddddd", lift_lanes, .arg = ARG(ROUND_SHIFT, ONLY_D) },
	{ "urshl", "0Q1 01110 zz 1mmmmm 010101 nnnnn ddddd", lift_lanes, .arg = ARG(ROUND_SHIFT, ALL_SIZES) | U },
	{ "urshl", "011 11110 zz 1mmmmm 010101 nnnnn ddddd", lift_lanes, .arg = ARG(ROUND_SHIFT, ONLY_D) | U },
	{ "smax", "0Q0 01110 zz 1mmmmm 011001 nnnnn ddddd", lift_lanes, .arg = ARG(MAX, UP_TO_S) },
	{ "umax", "0Q1 01110 zz 1mmmmm 011001 nnnnn ddddd", lift_lanes, .arg = ARG(MAX, UP_TO_S) | U },
	{ "smin", "0Q0 01110 zz 1mmmmm 011011 nnnnn ddddd", lift_lanes, .arg = ARG(MIN, UP_TO_S) },
	{ "umin", "0Q1 01110 zz 1mmmmm 011011 nnnnn ddddd", lift_lanes, .arg = ARG(MIN, UP_TO_S) | U },
	{ "sabd", "0Q0 01110 zz 1mmmmm 011101 nnnnn ddddd", lift_lanes, .arg = ARG(ABD, UP_TO_S) },
	{ "uabd", "0Q1 01110 zz 1mmmmm 011101 nnnnn ddddd", lift_lanes, .arg = ARG(ABD, UP_TO_S) | U },
	{ "saba", "0Q0 01110 zz 1mmmmm 011111 nnnnn ddddd", lift_lanes, .arg = ARG(ABA, UP_TO_S) },
	{ "uaba", "0Q1 01110 zz 1mmmmm 011111 nnnnn ddddd", lift_lanes, .arg = ARG(ABA, UP_TO_S) | U },
	{ "add", "0Q0 01110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ARG(ADD, ALL_SIZES) },
	{ "add", "010 11110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ARG(ADD, ONLY_D) },
	{ "sub", "0Q1 01110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ARG(SUB, ALL_SIZES) },
	{ "sub", "011 11110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ARG(SUB, ONLY_D) },
	{ "cmtst", "0Q0 01110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = ARG(CMTST, ALL_SIZES) },
	{ "cmtst", "010 11110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = ARG(CMTST, ONLY_D) },
	{ "cmeq", "0Q1 01110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = ARG(CMEQ, ALL_SIZES) },
	{ "cmeq", "011 11110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = ARG(CMEQ, ONLY_D) },
	{ "mla", "0Q0 01110 zz 1mmmmm 100101 nnnnn ddddd", lift_lanes, .arg = ARG(MLA, UP_TO_S) },
	{ "mls", "0Q1 01110 zz 1mmmmm 100101 nnnnn ddddd", lift_lanes, .arg = ARG(MLS, UP_TO_S) },
	{ "mul", "0Q0 01110 zz 1mmmmm 100111 nnnnn ddddd", lift_lanes, .arg = ARG(MUL, UP_TO_S) },
	{ "smaxp", "0Q0 01110 zz 1mmmmm 101001 nnnnn ddddd", lift_pairs, .arg = ARG(MAX, UP_TO_S) },
	{ "umaxp", "0Q1 01110 zz 1mmmmm 101001 nnnnn ddddd", lift_pairs, .arg = ARG(MAX, UP_TO_S) | U },
	{ "sminp", "0Q0 01110 zz 1mmmmm 101011 nnnnn ddddd", lift_pairs, .arg = ARG(MIN, UP_TO_S) },
	{ "uminp", "0Q1 01110 zz 1mmmmm 101011 nnnnn ddddd", lift_pairs, .arg = ARG(MIN, UP_TO_S) | U },
	{ "addp", "0Q0 01110 zz 1mmmmm 101111 nnnnn ddddd", lift_pairs, .arg = ARG(ADD, ALL_SIZES) },
	{ "addp", "010 11110111 10001 101110 nnnnn ddddd", lift_pair_scalar },
	{ "and", "0Q0 01110001 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = AND },
	{ "bic", "0Q0 01110011 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIC },
	{ "orr", "0Q0 01110101 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = ORR },
	{ "orn", "0Q0 01110111 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = ORN },
	{ "eor", "0Q1 01110001 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = EOR },
	{ "bsl", "0Q1 01110011 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BSL },
	{ "bit", "0Q1 01110101 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIT },
	{ "bif", "0Q1 01110111 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIF },
	{ "saddlp", "0Q0 01110 zz 100000 001010 nnnnn ddddd", lift_add_long_pairs, .arg = ARG(ADD, UP_TO_S) },
	{ "sadalp", "0Q0 01110 zz 100000 011010 nnnnn ddddd", lift_add_long_pairs, .arg = ARG(ABA, UP_TO_S) },
	{ "uaddlp", "0Q1 01110 zz 100000 001010 nnnnn ddddd", lift_add_long_pairs, .arg = ARG(ADD, UP_TO_S) | U },
	{ "uadalp", "0Q1 01110 zz 100000 011010 nnnnn ddddd", lift_add_long_pairs, .arg = ARG(ABA, UP_TO_S) | U },
	{ "cls", "0Q0 01110 zz 100000 010010 nnnnn ddddd", lift_lanes, .arg = ARG(CLS, UP_TO_S) },
	{ "clz", "0Q1 01110 zz 100000 010010 nnnnn ddddd", lift_lanes, .arg = ARG(CLZ, UP_TO_S) },
	{ "cnt", "0Q0 01110 zz 100000 010110 nnnnn ddddd", lift_lanes, .arg = ARG(CNT, ONLY_B) },
	{ "not", "0Q1 01110001 00000 010110 nnnnn ddddd", lift_logic, .arg = NOT },
	{ "rbit", "0Q1 01110011 00000 010110 nnnnn ddddd", lift_rbit },
	{ "cmgt", "0Q0 01110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT0, ALL_SIZES) },
	{ "cmgt", "010 11110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = ARG(CMGT0, ONLY_D) },
	{ "cmeq", "0Q0 01110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = ARG(CMEQ0, ALL_SIZES) },
	{ "cmeq", "010 11110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = ARG(CMEQ0, ONLY_D) },
	{ "cmlt", "0Q0 01110 zz 100000 101010 nnnnn ddddd", lift_lanes, .arg = ARG(CMLT0, ALL_SIZES) },
	{ "cmlt", "010 11110 zz 100000 101010 nnnnn ddddd", lift_lanes, .arg = ARG(CMLT0, ONLY_D) },
	{ "cmge", "0Q1 01110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE0, ALL_SIZES) },
	{ "cmge", "011 11110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = ARG(CMGE0, ONLY_D) },
	{ "cmle", "0Q1 01110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = ARG(CMLE0, ALL_SIZES) },
	{ "cmle", "011 11110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = ARG(CMLE0, ONLY_D) },
	{ "abs", "0Q0 01110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ARG(ABS, ALL_SIZES) },
	{ "abs", "010 11110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ARG(ABS, ONLY_D) },
	{ "neg", "0Q1 01110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ARG(NEG, ALL_SIZES) },
	{ "neg", "011 11110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ARG(NEG, ONLY_D) },
	{ "saddlv", "0Q0 01110 zz 110000 001110 nnnnn ddddd", lift_across_long, .arg = ARG(ADD, UP_TO_S) },
	{ "smaxv", "0Q0 01110 zz 110000 101010 nnnnn ddddd", lift_across, .arg = ARG(MAX, UP_TO_S) },
	{ "sminv", "0Q0 01110 zz 110001 101010 nnnnn ddddd", lift_across, .arg = ARG(MIN, UP_TO_S) },
	{ "uaddlv", "0Q1 01110 zz 110000 001110 nnnnn ddddd", lift_across_long, .arg = ARG(ADD, UP_TO_S) | U },
	{ "umaxv", "0Q1 01110 zz 110000 101010 nnnnn ddddd", lift_across, .arg = ARG(MAX, UP_TO_S) | U },
	{ "uminv", "0Q1 01110 zz 110001 101010 nnnnn ddddd", lift_across, .arg = ARG(MIN, UP_TO_S) | U },
	{ "addv", "0Q0 01110 zz 110001 101110 nnnnn ddddd", lift_across, .arg = ARG(ADD, UP_TO_S) },
	{ "mul", "0Q0 01111 zz LMmmmm 1000H0 nnnnn ddddd", lift_lanes, .arg = ARG(MUL, H_AND_S) | BY_LANE },
	{ "mla", "0Q1 01111 zz LMmmmm 0000H0 nnnnn ddddd", lift_lanes, .arg = ARG(MLA, H_AND_S) | BY_LANE },
	{ "mls", "0Q1 01111 zz LMmmmm 0100H0 nnnnn ddddd", lift_lanes, .arg = ARG(MLS, H_AND_S) | BY_LANE },
};
const struct a64_rows a64_rows_simd_int = A64_ROWS(rows);
