#include "frontend/common/arm_simd_lift.h"

enum { ZERO = 0xff };	/* a byte of a shuffle's pattern */

static ir_val shuffle(struct ir_builder *b, ir_val x, ir_val y, const uint8_t pattern[16])
{
	uint64_t half[2] = { 0, 0 };

	for (unsigned i = 0; i < 16; i++)
		half[i / 8] |= (uint64_t)pattern[i] << i % 8 * 8;
	return ir_shuffle(b, x, y, ir_const_vec(b, IR_I8X16, half[0], half[1]));
}

static unsigned bits_of(struct ir_builder *b, ir_val v)
{
	return ir_type_info[ir_type_of(b->u, v)].lane_bits;
}

static unsigned esize_of(struct ir_builder *b, ir_val v)
{
	return (unsigned)ir_type_of(b->u, v) - IR_I8X16;
}

ir_val arm_simd_repeat(struct ir_builder *b, unsigned esize, uint64_t v)
{
	for (unsigned bits = 8u << esize; bits < 64; bits *= 2)
		v |= v << bits;
	return ir_const_vec(b, arm_simd_type(esize), v, v);
}

ir_val arm_simd_lowest(struct ir_builder *b, unsigned n, ir_val v)
{
	uint64_t mask = n == 8 ? ~0ull : (1ull << 8 * n) - 1;

	return ir_and(b, arm_simd_cast(b, IR_I64X2, v), ir_const_vec(b, IR_I64X2, mask, 0));
}

/* From two of the sources; other bytes are zero. False: there are none. */
static bool gather_pair(struct ir_builder *b, const ir_val *source, unsigned first, const struct arm_simd_byte *map,
			unsigned n, ir_val *out)
{
	uint8_t pattern[16];
	bool any = false, second = false;

	for (unsigned i = 0; i < 16; i++) {
		bool here = i < n && map[i].source / 2 == first / 2;
		pattern[i] = here ? (uint8_t)(map[i].source % 2 * 16 + map[i].from) : ZERO;
		any |= here;
		second |= here && map[i].source % 2;
	}
	if (any)
		*out = shuffle(b, source[first], source[first + second], pattern);
	return any;
}

ir_val arm_simd_gather(struct ir_builder *b, const ir_val *source, const struct arm_simd_byte *map, unsigned n)
{
	ir_val low, high;
	bool has_low = gather_pair(b, source, 0, map, n, &low), has_high = gather_pair(b, source, 2, map, n, &high);

	if (has_low && has_high)
		return ir_or(b, low, high);
	return has_low ? low : high;
}

ir_val arm_simd_permute(struct ir_builder *b, unsigned esize, ir_val x, ir_val y, const uint8_t *map, unsigned n)
{
	uint8_t pattern[16];

	for (unsigned i = 0; i < 16; i++) {
		unsigned lane = i >> esize, low = i & ((1u << esize) - 1);
		pattern[i] = lane < n ? (uint8_t)(map[lane] << esize | low) : ZERO;
	}
	return shuffle(b, x, y, pattern);
}

ir_val arm_simd_unzip(struct ir_builder *b, unsigned esize, unsigned n, ir_val x, ir_val y, unsigned odd)
{
	unsigned all = 16u >> esize;
	uint8_t map[16];

	for (unsigned i = 0; i < n; i++) {
		unsigned k = 2 * i + odd;
		map[i] = (uint8_t)(k < n ? k : k - n + all);
	}
	return arm_simd_permute(b, esize, x, y, map, n);
}

ir_val arm_simd_upper_half(struct ir_builder *b, ir_val v)
{
	return arm_simd_permute(b, 3, v, v, (const uint8_t[]){ 1 }, 1);
}

ir_val arm_simd_join_halves(struct ir_builder *b, ir_val x, ir_val y)
{
	return arm_simd_permute(b, 3, x, y, (const uint8_t[]){ 0, 2 }, 2);
}

ir_val arm_simd_spread(struct ir_builder *b, unsigned esize, ir_val v, unsigned lane)
{
	uint8_t map[16];

	for (unsigned i = 0; i < 16; i++)
		map[i] = (uint8_t)lane;
	return arm_simd_permute(b, esize, v, v, map, 16u >> esize);
}

ir_val arm_simd_rotate(struct ir_builder *b, unsigned esize, ir_val v, unsigned by)
{
	unsigned all = 16u >> esize;
	uint8_t map[16];

	for (unsigned i = 0; i < all; i++)
		map[i] = (uint8_t)((i + by) % all);
	return arm_simd_permute(b, esize, v, v, map, all);
}

static ir_val zeros(struct ir_builder *b, ir_val like)
{
	return arm_simd_zero(b, ir_type_of(b->u, like));
}

/* (n + m) / 2 and the like, without the bit a sum or difference is too long. */
static ir_val halved(struct ir_builder *b, enum arm_simd_lane_op op, bool is_unsigned, ir_val n, ir_val m)
{
	if (op == ARM_SIMD_RHADD && is_unsigned)
		return ir_uavg(b, n, m);
	ir_val half = arm_simd_shift_right(b, is_unsigned, false, ir_xor(b, n, m), 1);
	if (op == ARM_SIMD_HADD)
		return ir_add(b, ir_and(b, n, m), half);
	if (op == ARM_SIMD_RHADD)
		return ir_sub(b, ir_or(b, n, m), half);
	return ir_sub(b, half, ir_and(b, m, ir_not(b, n)));
}

static ir_val most(struct ir_builder *b, bool is_unsigned, ir_val n, ir_val m)
{
	return is_unsigned ? ir_umax(b, n, m) : ir_smax(b, n, m);
}

static ir_val least(struct ir_builder *b, bool is_unsigned, ir_val n, ir_val m)
{
	return is_unsigned ? ir_umin(b, n, m) : ir_smin(b, n, m);
}

static ir_val difference(struct ir_builder *b, bool is_unsigned, ir_val n, ir_val m)
{
	ir_val high = most(b, is_unsigned, n, m);

	return ir_sub(b, high, least(b, is_unsigned, n, m));
}

/*
 * n shifted left by `by`, or right when that is negative. A shift by a negative number, which is a large
 * one, gives 0, or with vsar the sign. Hosts shift lanes of at least 32 bits by lanes.
 */
static ir_val shifted_by(struct ir_builder *b, bool is_unsigned, bool round, ir_val n, ir_val by)
{
	ir_val half[2];

	if (esize_of(b, n) < 2) {
		for (unsigned k = 0; k < 2; k++) {
			ir_val wide = arm_simd_widen(b, is_unsigned, k, n);
			half[k] = shifted_by(b, is_unsigned, round, wide, arm_simd_widen(b, false, k, by));
		}
		return ir_narrow(b, half[0], half[1]);
	}
	ir_val left = ir_vshl(b, n, by), back = ir_sub(b, zeros(b, n), by);
	ir_val right = is_unsigned ? ir_vshr(b, n, back) : ir_vsar(b, n, back);
	if (is_unsigned && !round)
		return ir_or(b, left, right);
	if (round) {
		ir_val one = arm_simd_repeat(b, esize_of(b, n), 1), less = ir_sub(b, back, one);
		ir_val last = is_unsigned ? ir_vshr(b, n, less) : ir_vsar(b, n, less);
		right = ir_add(b, right, ir_and(b, last, one));
	}
	return ir_bitsel(b, ir_vslt(b, by, zeros(b, n)), right, left);
}

/* sshl, ushl, srshl, urshl:  by the signed byte at the bottom of m. */
static ir_val shifted(struct ir_builder *b, bool is_unsigned, bool round, ir_val n, ir_val m)
{
	unsigned above = bits_of(b, n) - 8;
	ir_val by = arm_simd_shift_right(b, false, false, arm_simd_shift_left(b, m, above), above);

	return shifted_by(b, is_unsigned, round, n, by);
}

/* Hosts multiply lanes of at least 16 bits: odd bytes by themselves, even ones in place. */
static ir_val product(struct ir_builder *b, ir_val n, ir_val m)
{
	if (esize_of(b, n))
		return ir_mul(b, n, m);
	ir_val x = ir_bitcast(b, IR_I16X8, n), y = ir_bitcast(b, IR_I16X8, m);
	ir_val high_x = arm_simd_shift_right(b, true, false, x, 8), high_y = arm_simd_shift_right(b, true, false, y, 8);
	ir_val even = ir_and(b, ir_mul(b, x, y), arm_simd_repeat(b, 1, 0xff));
	ir_val odd = arm_simd_shift_left(b, ir_mul(b, high_x, high_y), 8);

	return ir_bitcast(b, IR_I8X16, ir_or(b, even, odd));
}

static ir_val binary(struct ir_builder *b, enum arm_simd_lane_op op, bool u, ir_val n, ir_val m)
{
	switch (op) {
	case ARM_SIMD_CMGT: return u ? ir_vult(b, m, n) : ir_vslt(b, m, n);
	case ARM_SIMD_CMGE: return u ? ir_vule(b, m, n) : ir_vsle(b, m, n);
	case ARM_SIMD_CMTST: return ir_not(b, ir_veq(b, ir_and(b, n, m), zeros(b, n)));
	case ARM_SIMD_CMEQ: return ir_veq(b, n, m);
	case ARM_SIMD_MAX: return most(b, u, n, m);
	case ARM_SIMD_MIN: return least(b, u, n, m);
	case ARM_SIMD_ABD: return difference(b, u, n, m);
	case ARM_SIMD_ADD: return ir_add(b, n, m);
	case ARM_SIMD_SUB: return ir_sub(b, n, m);
	case ARM_SIMD_MUL: return product(b, n, m);
	case ARM_SIMD_SHIFT: return shifted(b, u, false, n, m);
	case ARM_SIMD_ROUND_SHIFT: return shifted(b, u, true, n, m);
	default: return halved(b, op, u, n, m);
	}
}

/* The bits of each byte in reverse order, by halves. */
static ir_val reversed_bits(struct ir_builder *b, ir_val n)
{
	ir_val table = ir_const_vec(b, IR_I8X16, 0x0e060a020c040800, 0x0f070b030d050901);
	ir_val nibble = arm_simd_repeat(b, 0, 15);
	ir_val low = ir_lookup(b, table, ir_and(b, n, nibble));
	ir_val high = ir_lookup(b, table, arm_simd_shift_right(b, true, false, n, 4));

	return ir_or(b, arm_simd_shift_left(b, low, 4), high);
}

/* Of bytes by their halves, and of wider lanes by theirs: those of the lower half count if the upper one is 0. */
static ir_val leading_zeros(struct ir_builder *b, ir_val n)
{
	ir_val table = ir_const_vec(b, IR_I8X16, 0x0101010102020304, 0), bytes = arm_simd_cast(b, IR_I8X16, n);
	ir_val high = arm_simd_shift_right(b, true, false, bytes, 4);
	ir_val low = ir_lookup(b, table, ir_and(b, bytes, arm_simd_repeat(b, 0, 15)));
	ir_val r = ir_add(b, ir_lookup(b, table, high), ir_and(b, low, ir_veq(b, high, zeros(b, bytes))));

	for (unsigned k = 1; k <= esize_of(b, n); k++) {
		unsigned half = 4u << k;
		r = arm_simd_cast(b, arm_simd_type(k), r);
		high = arm_simd_shift_right(b, true, false, r, half);
		low = ir_and(b, r, arm_simd_repeat(b, k, (1u << half) - 1));
		r = ir_add(b, high, ir_and(b, low, ir_veq(b, high, arm_simd_repeat(b, k, half))));
	}
	return r;
}

/* Bits behind the highest one that are like it. */
static ir_val count_sign(struct ir_builder *b, ir_val n)
{
	ir_val ones = leading_zeros(b, ir_xor(b, n, arm_simd_shift_right(b, false, false, n, 1)));

	return ir_sub(b, ones, arm_simd_repeat(b, esize_of(b, n), 1));
}

/* Of n alone. */
static ir_val unary(struct ir_builder *b, enum arm_simd_lane_op op, ir_val n)
{
	ir_val zero = zeros(b, n);

	switch (op) {
	case ARM_SIMD_CMGT0: return ir_vslt(b, zero, n);
	case ARM_SIMD_CMGE0: return ir_vsle(b, zero, n);
	case ARM_SIMD_CMEQ0: return ir_veq(b, n, zero);
	case ARM_SIMD_CMLE0: return ir_vsle(b, n, zero);
	case ARM_SIMD_CMLT0: return ir_vslt(b, n, zero);
	case ARM_SIMD_ABS: return ir_abs(b, n);
	case ARM_SIMD_CNT: return ir_popcnt(b, n);
	case ARM_SIMD_CLS: return count_sign(b, n);
	case ARM_SIMD_CLZ: return leading_zeros(b, n);
	case ARM_SIMD_RBIT: return reversed_bits(b, n);
	default: return ir_sub(b, zero, n);
	}
}

ir_val arm_simd_lanes(struct ir_builder *b, enum arm_simd_lane_op op, bool u, ir_val d, ir_val n, ir_val m)
{
	switch (op) {
	case ARM_SIMD_ABA: return ir_add(b, d, difference(b, u, n, m));
	case ARM_SIMD_MLA: return ir_add(b, d, product(b, n, m));
	case ARM_SIMD_MLS: return ir_sub(b, d, product(b, n, m));
	default: return op >= ARM_SIMD_CMGT0 ? unary(b, op, n) : binary(b, op, u, n, m);
	}
}

ir_val arm_simd_neighbour_sums(struct ir_builder *b, bool is_unsigned, ir_val n)
{
	unsigned bits = bits_of(b, n);
	ir_val x = ir_bitcast(b, arm_simd_type(esize_of(b, n) + 1), n);
	ir_val odd = arm_simd_shift_right(b, is_unsigned, false, x, bits);
	ir_val even = arm_simd_shift_right(b, is_unsigned, false, arm_simd_shift_left(b, x, bits), bits);

	return ir_add(b, even, odd);
}

ir_val arm_simd_shift_left(struct ir_builder *b, ir_val v, unsigned n)
{
	return n ? ir_shl(b, v, ir_const(b, IR_I32, n)) : v;
}

ir_val arm_simd_shift_right(struct ir_builder *b, bool is_unsigned, bool round, ir_val v, unsigned n)
{
	if (!n)
		return v;
	if (!round)
		return is_unsigned ? ir_shr(b, v, ir_const(b, IR_I32, n)) : ir_sar(b, v, ir_const(b, IR_I32, n));
	ir_val last = arm_simd_shift_right(b, true, false, v, n - 1);
	if (is_unsigned && esize_of(b, v) < 2)
		return ir_uavg(b, last, zeros(b, v));
	last = ir_and(b, last, arm_simd_repeat(b, esize_of(b, v), 1));
	return ir_add(b, arm_simd_shift_right(b, is_unsigned, false, v, n), last);
}

ir_val arm_simd_shift_insert(struct ir_builder *b, bool left, ir_val d, ir_val n, unsigned shift)
{
	unsigned bits = bits_of(b, n);
	uint64_t all = bits == 64 ? ~0ull : (1ull << bits) - 1;
	uint64_t written = shift == bits ? 0 : left ? all << shift & all : all >> shift;
	ir_val moved = left ? arm_simd_shift_left(b, n, shift) : arm_simd_shift_right(b, true, false, n, shift);

	return ir_or(b, ir_and(b, d, arm_simd_repeat(b, esize_of(b, n), all & ~written)), moved);
}

ir_val arm_simd_widen(struct ir_builder *b, bool is_unsigned, bool upper, ir_val v)
{
	if (is_unsigned)
		return upper ? ir_zext_hi(b, v) : ir_zext_lo(b, v);
	return upper ? ir_sext_hi(b, v) : ir_sext_lo(b, v);
}

ir_val arm_simd_narrow(struct ir_builder *b, ir_val v)
{
	return ir_narrow(b, v, zeros(b, v));
}

static ir_val long_product(struct ir_builder *b, bool is_unsigned, bool upper, ir_val n, ir_val m)
{
	if (is_unsigned)
		return upper ? ir_mulu_hi(b, n, m) : ir_mulu_lo(b, n, m);
	return upper ? ir_muls_hi(b, n, m) : ir_muls_lo(b, n, m);
}

/* |n - m| has no sign. */
static ir_val long_difference(struct ir_builder *b, bool is_unsigned, bool upper, ir_val n, ir_val m)
{
	return arm_simd_widen(b, true, upper, difference(b, is_unsigned, n, m));
}

ir_val arm_simd_long(struct ir_builder *b, enum arm_simd_long op, bool u, bool upper, ir_val d, ir_val n, ir_val m)
{
	switch (op) {
	case ARM_SIMD_ABDL: return long_difference(b, u, upper, n, m);
	case ARM_SIMD_ABAL: return ir_add(b, d, long_difference(b, u, upper, n, m));
	case ARM_SIMD_MULL: return long_product(b, u, upper, n, m);
	case ARM_SIMD_MLAL: return ir_add(b, d, long_product(b, u, upper, n, m));
	case ARM_SIMD_MLSL: return ir_sub(b, d, long_product(b, u, upper, n, m));
	default: break;
	}
	ir_val wide_n = arm_simd_widen(b, u, upper, n), wide_m = arm_simd_widen(b, u, upper, m);
	return op == ARM_SIMD_ADDL ? ir_add(b, wide_n, wide_m) : ir_sub(b, wide_n, wide_m);
}

ir_val arm_simd_shift_narrow(struct ir_builder *b, bool round, ir_val n, unsigned shift)
{
	if (round)
		n = ir_add(b, n, arm_simd_repeat(b, esize_of(b, n), 1ull << (shift - 1)));
	return arm_simd_narrow(b, arm_simd_shift_right(b, true, false, n, shift));
}

/* What is only reached from one operand, the least number, is changed to the greatest. */
static ir_val without_least(struct ir_builder *b, ir_val r, ir_val *saturated)
{
	unsigned esize = esize_of(b, r);

	*saturated = ir_veq(b, r, arm_simd_repeat(b, esize, 1ull << ((8u << esize) - 1)));
	return ir_xor(b, r, *saturated);
}

/* Of the double-width products of both halves the bits above the lowest `shift`, after adding `round`. */
static ir_val products_above(struct ir_builder *b, ir_val n, ir_val m, uint64_t round, unsigned shift)
{
	ir_val half[2];

	for (unsigned k = 0; k < 2; k++) {
		ir_val p = long_product(b, false, k, n, m);
		if (round)
			p = ir_add(b, p, arm_simd_repeat(b, esize_of(b, n) + 1, round));
		half[k] = arm_simd_shift_right(b, true, false, p, shift);
	}
	return ir_narrow(b, half[0], half[1]);
}

/* The high halves of 2 * n * m: only the least number by itself does not fit. */
static ir_val doubled_high(struct ir_builder *b, bool round, ir_val n, ir_val m)
{
	unsigned bits = bits_of(b, n);

	if (esize_of(b, n) > 1)
		return products_above(b, n, m, round ? 1ull << (bits - 2) : 0, bits - 1);
	ir_val low = ir_mul(b, n, m), high = arm_simd_shift_left(b, ir_mulhs(b, n, m), 1);
	ir_val r = ir_or(b, high, arm_simd_shift_right(b, true, false, low, bits - 1));
	if (!round)
		return r;
	ir_val last = arm_simd_shift_right(b, true, false, low, bits - 2);
	return ir_add(b, r, ir_and(b, last, arm_simd_repeat(b, esize_of(b, n), 1)));
}

static ir_val signs(struct ir_builder *b, ir_val v)
{
	return arm_simd_shift_right(b, false, false, v, bits_of(b, v) - 1);
}

/*
 * Signed sums and differences of lanes for which hosts have no saturating instruction: those that
 * overflow have the wrong sign, and become the greatest or least number by the sign of n.
 */
static ir_val signed_sum(struct ir_builder *b, bool subtract, ir_val n, ir_val m, ir_val *saturated)
{
	unsigned esize = esize_of(b, n);
	uint64_t greatest = (1ull << ((8u << esize) - 1)) - 1;
	ir_val r = subtract ? ir_sub(b, n, m) : ir_add(b, n, m);
	ir_val differ = ir_xor(b, n, subtract ? m : r);

	*saturated = signs(b, ir_and(b, differ, ir_xor(b, subtract ? n : m, r)));
	return ir_bitsel(b, *saturated, ir_xor(b, signs(b, n), arm_simd_repeat(b, esize, greatest)), r);
}

ir_val arm_simd_saturating(struct ir_builder *b, enum arm_simd_saturating op, bool u, ir_val n, ir_val m,
			   ir_val *saturated)
{
	ir_val r, plain;

	if (op <= ARM_SIMD_QSUB && !u && esize_of(b, n) > 1)
		return signed_sum(b, op == ARM_SIMD_QSUB, n, m, saturated);
	switch (op) {
	case ARM_SIMD_QADD:
		r = u ? ir_uqadd(b, n, m) : ir_sqadd(b, n, m);
		plain = ir_add(b, n, m);
		break;
	case ARM_SIMD_QSUB:
		r = u ? ir_uqsub(b, n, m) : ir_sqsub(b, n, m);
		plain = ir_sub(b, n, m);
		break;
	case ARM_SIMD_QABS: return without_least(b, ir_abs(b, n), saturated);
	case ARM_SIMD_QNEG: return arm_simd_saturating(b, ARM_SIMD_QSUB, false, zeros(b, n), n, saturated);
	default: return without_least(b, doubled_high(b, op == ARM_SIMD_QRDMULH, n, m), saturated);
	}
	*saturated = ir_xor(b, r, plain);
	return r;
}

ir_val arm_simd_saturate_narrow(struct ir_builder *b, bool from_unsigned, bool to_unsigned, ir_val n, ir_val *saturated)
{
	ir_val zero = zeros(b, n);

	if (from_unsigned && esize_of(b, n) == 3) {
		*saturated = ir_not(b, ir_veq(b, arm_simd_shift_right(b, true, false, n, 32), zero));
		return ir_narrow(b, ir_or(b, n, *saturated), zero);
	}
	ir_val r = from_unsigned ? ir_narrow_uu(b, n, zero) :
		   to_unsigned ? ir_narrow_su(b, n, zero) : ir_narrow_ss(b, n, zero);

	*saturated = ir_xor(b, n, arm_simd_widen(b, to_unsigned, false, r));
	return r;
}

/* Sums of four neighbouring products. */
ir_val arm_simd_dot(struct ir_builder *b, bool n_unsigned, bool m_unsigned, ir_val d, ir_val n, ir_val m)
{
	ir_val sums[2];

	for (unsigned upper = 0; upper < 2; upper++) {
		ir_val x = ir_mul(b, arm_simd_widen(b, n_unsigned, upper, n), arm_simd_widen(b, m_unsigned, upper, m));
		sums[upper] = arm_simd_neighbour_sums(b, n_unsigned && m_unsigned, x);
	}
	ir_val even = arm_simd_unzip(b, 2, 4, sums[0], sums[1], 0), odd = arm_simd_unzip(b, 2, 4, sums[0], sums[1], 1);
	return ir_add(b, d, ir_add(b, even, odd));
}
