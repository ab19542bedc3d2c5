/*
 * Advanced SIMD: integers, lane by lane without saturation, and pairs and sums across lanes (C7.2).
 * Scalar forms compute all lanes and keep the lowest.
 */
#include "frontend/aarch64/simd.h"

/* Row arguments: the operation, sizes of elements, and */
enum { OP = 0xff, SIZES = 8, U = 0x1000, BY_LANE = 0x2000 };

/* Operations on d, n and m, the destination before and the sources, all of one type. */
enum op {
	HADD, RHADD, HSUB, CMGT, CMGE, CMTST, CMEQ, MAX, MIN, ABD, ABA, ADD, SUB, MLA, MLS, MUL, SHL,
	/* of n alone */
	CMGT0, CMGE0, CMEQ0, CMLE0, CMLT0, ABS, NEG, CNT, CLS, CLZ,
};

/* (n + m) / 2 and the like, without the bit a sum or difference is too long. */
static ir_val halved(struct a64_lift *l, enum op op, bool is_unsigned, ir_val n, ir_val m)
{
	struct ir_builder *b = l->b;

	if (op == RHADD && is_unsigned)
		return ir_uavg(b, n, m);
	ir_val half = simd_shift_right(l, is_unsigned, ir_xor(b, n, m), 1);
	if (op == HADD)
		return ir_add(b, ir_and(b, n, m), half);
	if (op == RHADD)
		return ir_sub(b, ir_or(b, n, m), half);
	return ir_sub(b, half, ir_and(b, m, ir_not(b, n)));
}

static ir_val most(struct a64_lift *l, bool is_unsigned, ir_val n, ir_val m)
{
	return is_unsigned ? ir_umax(l->b, n, m) : ir_smax(l->b, n, m);
}

static ir_val least(struct a64_lift *l, bool is_unsigned, ir_val n, ir_val m)
{
	return is_unsigned ? ir_umin(l->b, n, m) : ir_smin(l->b, n, m);
}

static ir_val difference(struct a64_lift *l, bool is_unsigned, ir_val n, ir_val m)
{
	ir_val high = most(l, is_unsigned, n, m);

	return ir_sub(l->b, high, least(l, is_unsigned, n, m));
}

static ir_val zeros(struct a64_lift *l, ir_val like)
{
	return simd_zero(l, ir_type_of(l->b->u, like));
}

/*
 * sshl, ushl:  n shifted left by the signed byte at the bottom of m, or right when that is negative. A shift
 * by a negative number, which is a large one, gives 0, or with vsar the sign.
 */
static ir_val shifted(struct a64_lift *l, bool is_unsigned, ir_val n, ir_val m)
{
	struct ir_builder *b = l->b;
	unsigned above = ir_type_info[ir_type_of(b->u, n)].lane_bits - 8u;
	ir_val by = simd_shift_right(l, false, simd_shift_left(l, m, above), above);
	ir_val left = ir_vshl(b, n, by), back = ir_sub(b, zeros(l, n), by);

	if (is_unsigned)
		return ir_or(b, left, ir_vshr(b, n, back));
	ir_val right = ir_vsar(b, n, back);
	return ir_bitsel(b, ir_vslt(b, by, zeros(l, n)), right, left);
}

static ir_val binary(struct a64_lift *l, enum op op, bool u, ir_val n, ir_val m)
{
	struct ir_builder *b = l->b;

	switch (op) {
	case CMGT: return u ? ir_vult(b, m, n) : ir_vslt(b, m, n);
	case CMGE: return u ? ir_vule(b, m, n) : ir_vsle(b, m, n);
	case CMTST: return ir_not(b, ir_veq(b, ir_and(b, n, m), zeros(l, n)));
	case CMEQ: return ir_veq(b, n, m);
	case MAX: return most(l, u, n, m);
	case MIN: return least(l, u, n, m);
	case ABD: return difference(l, u, n, m);
	case ADD: return ir_add(b, n, m);
	case SUB: return ir_sub(b, n, m);
	case MUL: return ir_mul(b, n, m);
	case SHL: return shifted(l, u, n, m);
	default: return halved(l, op, u, n, m);
	}
}

/* The bits of each byte in reverse order, by halves. */
static ir_val reversed_bits(struct a64_lift *l, ir_val n)
{
	struct ir_builder *b = l->b;
	ir_val table = ir_const_vec(b, IR_I8X16, 0x0e060a020c040800, 0x0f070b030d050901);
	ir_val nibble = ir_const_vec(b, IR_I8X16, 0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f);
	ir_val low = ir_lookup(b, table, ir_and(b, n, nibble)), high = ir_lookup(b, table, simd_shift_right(l, true, n, 4));

	return ir_or(b, simd_shift_left(l, low, 4), high);
}

/* Bits behind the highest one that are like it. */
static ir_val count_sign(struct a64_lift *l, ir_val n)
{
	unsigned bits = ir_type_info[ir_type_of(l->b->u, n)].lane_bits;
	ir_val ones = ir_clz(l->b, ir_xor(l->b, n, simd_shift_right(l, false, n, 1)));

	return ir_sub(l->b, ones, simd_repeat(l, bits, 1));
}

/* Of n alone. */
static ir_val unary(struct a64_lift *l, enum op op, ir_val n)
{
	struct ir_builder *b = l->b;
	ir_val zero = zeros(l, n);

	switch (op) {
	case CMGT0: return ir_vslt(b, zero, n);
	case CMGE0: return ir_vsle(b, zero, n);
	case CMEQ0: return ir_veq(b, n, zero);
	case CMLE0: return ir_vsle(b, n, zero);
	case CMLT0: return ir_vslt(b, n, zero);
	case ABS: return ir_abs(b, n);
	case CNT: return ir_popcnt(b, n);
	case CLS: return count_sign(l, n);
	case CLZ: return ir_clz(b, n);
	default: return ir_sub(b, zero, n);
	}
}

static ir_val compute(struct a64_lift *l, enum op op, bool u, ir_val d, ir_val n, ir_val m)
{
	struct ir_builder *b = l->b;

	switch (op) {
	case ABA: return ir_add(b, d, difference(l, u, n, m));
	case MLA: return ir_add(b, d, ir_mul(b, n, m));
	case MLS: return ir_sub(b, d, ir_mul(b, n, m));
	default: return op >= CMGT0 ? unary(l, op, n) : binary(l, op, u, n, m);
	}
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
	enum ir_type t = simd_type(in->size);
	ir_val d = vec(l, t, in->Rd), n = vec(l, t, in->Rn);
	ir_val m = in->row->arg & BY_LANE ? simd_element_of(l, in, in->size) : vec(l, t, in->Rm);
	ir_val r = compute(l, (enum op)(in->row->arg & OP), in->row->arg & U, d, n, m);

	simd_result(l, in->Rd, simd_bytes(in, in->size), r);
}

/* and, orr, eor, bic, orn, bsl, bit, bif Vd, Vn, Vm */
enum { AND, BIC, ORR, ORN, EOR, BSL, BIT, BIF, NOT };

static void lift_logic(struct a64_lift *l, const struct a64_word *in)
{
	ir_val d = vec(l, IR_I64X2, in->Rd), n = vec(l, IR_I64X2, in->Rn), m = vec(l, IR_I64X2, in->Rm), r;

	switch (in->row->arg) {
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
	if (!size_exists(in)) {
		lift_illegal(l);
		return;
	}
	enum ir_type t = simd_type(in->size);
	unsigned lanes = (in->Q ? 16u : 8u) >> in->size;
	ir_val n = vec(l, t, in->Rn), m = vec(l, t, in->Rm);
	ir_val even = simd_unzip(l, in->size, lanes, n, m, 0), odd = simd_unzip(l, in->size, lanes, n, m, 1);
	ir_val r = binary(l, (enum op)(in->row->arg & OP), in->row->arg & U, even, odd);

	set_vec(l, in->Rd, r);
}

/* addp Dd, Vn.2d */
static void lift_pair_scalar(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = vec(l, IR_I64X2, in->Rn);

	simd_result(l, in->Rd, 8, ir_add(l->b, n, simd_upper_half(l, n)));
}

/* saddlp, sadalp Vd, Vn:  sums of neighbours at twice the width; sadalp adds them to Vd. */
static ir_val neighbour_sums(struct a64_lift *l, unsigned esize, bool is_unsigned, ir_val n)
{
	unsigned bits = 8u << esize;
	ir_val x = ir_bitcast(l->b, simd_type(esize + 1), n);
	ir_val odd = simd_shift_right(l, is_unsigned, x, bits);
	ir_val even = simd_shift_right(l, is_unsigned, simd_shift_left(l, x, bits), bits);

	return ir_add(l->b, even, odd);
}

static void lift_add_long_pairs(struct a64_lift *l, const struct a64_word *in)
{
	if (!size_exists(in)) {
		lift_illegal(l);
		return;
	}
	ir_val r = neighbour_sums(l, in->size, in->row->arg & U, vec(l, simd_type(in->size), in->Rn));
	if (in->row->arg & OP)
		r = ir_add(l->b, vec(l, simd_type(in->size + 1), in->Rd), r);
	simd_result(l, in->Rd, in->Q ? 16 : 8, r);
}

/* addv, smaxv, uminv...:  all elements of Vn. */
static void lift_across(struct a64_lift *l, const struct a64_word *in)
{
	enum op op = (enum op)(in->row->arg & OP);

	if (!size_exists(in) || (in->size == 2 && !in->Q)) {
		lift_illegal(l);
		return;
	}
	ir_val n = vec(l, simd_type(in->size), in->Rn);
	for (unsigned lanes = (in->Q ? 16u : 8u) >> in->size; lanes > 1; lanes /= 2)
		n = binary(l, op, in->row->arg & U, n, simd_rotate(l, in->size, n, lanes / 2));
	simd_result(l, in->Rd, 1u << in->size, n);
}

/* saddlv, uaddlv Vd, Vn:  the sum of all elements at twice their width. */
static void lift_across_long(struct a64_lift *l, const struct a64_word *in)
{
	if (!size_exists(in) || (in->size == 2 && !in->Q)) {
		lift_illegal(l);
		return;
	}
	unsigned esize = in->size + 1u;
	ir_val n = neighbour_sums(l, in->size, in->row->arg & U, vec(l, simd_type(in->size), in->Rn));
	for (unsigned lanes = (in->Q ? 16u : 8u) >> esize; lanes > 1; lanes /= 2)
		n = ir_add(l->b, n, simd_rotate(l, esize, n, lanes / 2));
	simd_result(l, in->Rd, 1u << esize, n);
}

/* rbit Vd, Vn:  the bits of each byte. */
static void lift_rbit(struct a64_lift *l, const struct a64_word *in)
{
	simd_result(l, in->Rd, in->Q ? 16 : 8, reversed_bits(l, vec(l, IR_I8X16, in->Rn)));
}

static const struct a64_row rows[] = {
	{ "shadd", "0Q0 01110 zz 1mmmmm 000001 nnnnn ddddd", lift_lanes, .arg = HADD | UP_TO_S << SIZES },
	{ "uhadd", "0Q1 01110 zz 1mmmmm 000001 nnnnn ddddd", lift_lanes, .arg = HADD | UP_TO_S << SIZES | U },
	{ "srhadd", "0Q0 01110 zz 1mmmmm 000101 nnnnn ddddd", lift_lanes, .arg = RHADD | UP_TO_S << SIZES },
	{ "urhadd", "0Q1 01110 zz 1mmmmm 000101 nnnnn ddddd", lift_lanes, .arg = RHADD | UP_TO_S << SIZES | U },
	{ "shsub", "0Q0 01110 zz 1mmmmm 001001 nnnnn ddddd", lift_lanes, .arg = HSUB | UP_TO_S << SIZES },
	{ "uhsub", "0Q1 01110 zz 1mmmmm 001001 nnnnn ddddd", lift_lanes, .arg = HSUB | UP_TO_S << SIZES | U },
	{ "cmgt", "0Q0 01110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = CMGT | ALL_SIZES << SIZES },
	{ "cmgt", "010 11110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = CMGT | ONLY_D << SIZES },
	{ "cmhi", "0Q1 01110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = CMGT | ALL_SIZES << SIZES | U },
	{ "cmhi", "011 11110 zz 1mmmmm 001101 nnnnn ddddd", lift_lanes, .arg = CMGT | ONLY_D << SIZES | U },
	{ "cmge", "0Q0 01110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = CMGE | ALL_SIZES << SIZES },
	{ "cmge", "010 11110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = CMGE | ONLY_D << SIZES },
	{ "cmhs", "0Q1 01110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = CMGE | ALL_SIZES << SIZES | U },
	{ "cmhs", "011 11110 zz 1mmmmm 001111 nnnnn ddddd", lift_lanes, .arg = CMGE | ONLY_D << SIZES | U },
	{ "sshl", "0Q0 01110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = SHL | ALL_SIZES << SIZES },
	{ "sshl", "010 11110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = SHL | ONLY_D << SIZES },
	{ "ushl", "0Q1 01110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = SHL | ALL_SIZES << SIZES | U },
	{ "ushl", "011 11110 zz 1mmmmm 010001 nnnnn ddddd", lift_lanes, .arg = SHL | ONLY_D << SIZES | U },
	{ "smax", "0Q0 01110 zz 1mmmmm 011001 nnnnn ddddd", lift_lanes, .arg = MAX | UP_TO_S << SIZES },
	{ "umax", "0Q1 01110 zz 1mmmmm 011001 nnnnn ddddd", lift_lanes, .arg = MAX | UP_TO_S << SIZES | U },
	{ "smin", "0Q0 01110 zz 1mmmmm 011011 nnnnn ddddd", lift_lanes, .arg = MIN | UP_TO_S << SIZES },
	{ "umin", "0Q1 01110 zz 1mmmmm 011011 nnnnn ddddd", lift_lanes, .arg = MIN | UP_TO_S << SIZES | U },
	{ "sabd", "0Q0 01110 zz 1mmmmm 011101 nnnnn ddddd", lift_lanes, .arg = ABD | UP_TO_S << SIZES },
	{ "uabd", "0Q1 01110 zz 1mmmmm 011101 nnnnn ddddd", lift_lanes, .arg = ABD | UP_TO_S << SIZES | U },
	{ "saba", "0Q0 01110 zz 1mmmmm 011111 nnnnn ddddd", lift_lanes, .arg = ABA | UP_TO_S << SIZES },
	{ "uaba", "0Q1 01110 zz 1mmmmm 011111 nnnnn ddddd", lift_lanes, .arg = ABA | UP_TO_S << SIZES | U },
	{ "add", "0Q0 01110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ADD | ALL_SIZES << SIZES },
	{ "add", "010 11110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = ADD | ONLY_D << SIZES },
	{ "sub", "0Q1 01110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = SUB | ALL_SIZES << SIZES },
	{ "sub", "011 11110 zz 1mmmmm 100001 nnnnn ddddd", lift_lanes, .arg = SUB | ONLY_D << SIZES },
	{ "cmtst", "0Q0 01110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = CMTST | ALL_SIZES << SIZES },
	{ "cmtst", "010 11110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = CMTST | ONLY_D << SIZES },
	{ "cmeq", "0Q1 01110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = CMEQ | ALL_SIZES << SIZES },
	{ "cmeq", "011 11110 zz 1mmmmm 100011 nnnnn ddddd", lift_lanes, .arg = CMEQ | ONLY_D << SIZES },
	{ "mla", "0Q0 01110 zz 1mmmmm 100101 nnnnn ddddd", lift_lanes, .arg = MLA | UP_TO_S << SIZES },
	{ "mls", "0Q1 01110 zz 1mmmmm 100101 nnnnn ddddd", lift_lanes, .arg = MLS | UP_TO_S << SIZES },
	{ "mul", "0Q0 01110 zz 1mmmmm 100111 nnnnn ddddd", lift_lanes, .arg = MUL | UP_TO_S << SIZES },
	{ "smaxp", "0Q0 01110 zz 1mmmmm 101001 nnnnn ddddd", lift_pairs, .arg = MAX | UP_TO_S << SIZES },
	{ "umaxp", "0Q1 01110 zz 1mmmmm 101001 nnnnn ddddd", lift_pairs, .arg = MAX | UP_TO_S << SIZES | U },
	{ "sminp", "0Q0 01110 zz 1mmmmm 101011 nnnnn ddddd", lift_pairs, .arg = MIN | UP_TO_S << SIZES },
	{ "uminp", "0Q1 01110 zz 1mmmmm 101011 nnnnn ddddd", lift_pairs, .arg = MIN | UP_TO_S << SIZES | U },
	{ "addp", "0Q0 01110 zz 1mmmmm 101111 nnnnn ddddd", lift_pairs, .arg = ADD | ALL_SIZES << SIZES },
	{ "addp", "010 11110111 10001 101110 nnnnn ddddd", lift_pair_scalar },
	{ "and", "0Q0 01110001 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = AND },
	{ "bic", "0Q0 01110011 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIC },
	{ "orr", "0Q0 01110101 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = ORR },
	{ "orn", "0Q0 01110111 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = ORN },
	{ "eor", "0Q1 01110001 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = EOR },
	{ "bsl", "0Q1 01110011 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BSL },
	{ "bit", "0Q1 01110101 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIT },
	{ "bif", "0Q1 01110111 mmmmm 000111 nnnnn ddddd", lift_logic, .arg = BIF },
	{ "saddlp", "0Q0 01110 zz 100000 001010 nnnnn ddddd", lift_add_long_pairs, .arg = 0 | UP_TO_S << SIZES },
	{ "sadalp", "0Q0 01110 zz 100000 011010 nnnnn ddddd", lift_add_long_pairs, .arg = 1 | UP_TO_S << SIZES },
	{ "uaddlp", "0Q1 01110 zz 100000 001010 nnnnn ddddd", lift_add_long_pairs, .arg = 0 | UP_TO_S << SIZES | U },
	{ "uadalp", "0Q1 01110 zz 100000 011010 nnnnn ddddd", lift_add_long_pairs, .arg = 1 | UP_TO_S << SIZES | U },
	{ "cls", "0Q0 01110 zz 100000 010010 nnnnn ddddd", lift_lanes, .arg = CLS | UP_TO_S << SIZES },
	{ "clz", "0Q1 01110 zz 100000 010010 nnnnn ddddd", lift_lanes, .arg = CLZ | UP_TO_S << SIZES },
	{ "cnt", "0Q0 01110 zz 100000 010110 nnnnn ddddd", lift_lanes, .arg = CNT | ONLY_B << SIZES },
	{ "not", "0Q1 01110001 00000 010110 nnnnn ddddd", lift_logic, .arg = NOT },
	{ "rbit", "0Q1 01110011 00000 010110 nnnnn ddddd", lift_rbit },
	{ "cmgt", "0Q0 01110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = CMGT0 | ALL_SIZES << SIZES },
	{ "cmgt", "010 11110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = CMGT0 | ONLY_D << SIZES },
	{ "cmeq", "0Q0 01110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = CMEQ0 | ALL_SIZES << SIZES },
	{ "cmeq", "010 11110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = CMEQ0 | ONLY_D << SIZES },
	{ "cmlt", "0Q0 01110 zz 100000 101010 nnnnn ddddd", lift_lanes, .arg = CMLT0 | ALL_SIZES << SIZES },
	{ "cmlt", "010 11110 zz 100000 101010 nnnnn ddddd", lift_lanes, .arg = CMLT0 | ONLY_D << SIZES },
	{ "cmge", "0Q1 01110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = CMGE0 | ALL_SIZES << SIZES },
	{ "cmge", "011 11110 zz 100000 100010 nnnnn ddddd", lift_lanes, .arg = CMGE0 | ONLY_D << SIZES },
	{ "cmle", "0Q1 01110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = CMLE0 | ALL_SIZES << SIZES },
	{ "cmle", "011 11110 zz 100000 100110 nnnnn ddddd", lift_lanes, .arg = CMLE0 | ONLY_D << SIZES },
	{ "abs", "0Q0 01110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ABS | ALL_SIZES << SIZES },
	{ "abs", "010 11110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = ABS | ONLY_D << SIZES },
	{ "neg", "0Q1 01110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = NEG | ALL_SIZES << SIZES },
	{ "neg", "011 11110 zz 100000 101110 nnnnn ddddd", lift_lanes, .arg = NEG | ONLY_D << SIZES },
	{ "saddlv", "0Q0 01110 zz 110000 001110 nnnnn ddddd", lift_across_long, .arg = UP_TO_S << SIZES },
	{ "smaxv", "0Q0 01110 zz 110000 101010 nnnnn ddddd", lift_across, .arg = MAX | UP_TO_S << SIZES },
	{ "sminv", "0Q0 01110 zz 110001 101010 nnnnn ddddd", lift_across, .arg = MIN | UP_TO_S << SIZES },
	{ "uaddlv", "0Q1 01110 zz 110000 001110 nnnnn ddddd", lift_across_long, .arg = UP_TO_S << SIZES | U },
	{ "umaxv", "0Q1 01110 zz 110000 101010 nnnnn ddddd", lift_across, .arg = MAX | UP_TO_S << SIZES | U },
	{ "uminv", "0Q1 01110 zz 110001 101010 nnnnn ddddd", lift_across, .arg = MIN | UP_TO_S << SIZES | U },
	{ "addv", "0Q0 01110 zz 110001 101110 nnnnn ddddd", lift_across, .arg = ADD | UP_TO_S << SIZES },
	{ "mul", "0Q0 01111 zz LMmmmm 1000H0 nnnnn ddddd", lift_lanes, .arg = MUL | H_AND_S << SIZES | BY_LANE },
	{ "mla", "0Q1 01111 zz LMmmmm 0000H0 nnnnn ddddd", lift_lanes, .arg = MLA | H_AND_S << SIZES | BY_LANE },
	{ "mls", "0Q1 01111 zz LMmmmm 0100H0 nnnnn ddddd", lift_lanes, .arg = MLS | H_AND_S << SIZES | BY_LANE },
};
const struct a64_rows a64_rows_simd_int = A64_ROWS(rows);
