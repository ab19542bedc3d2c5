#include "frontend/aarch64/simd.h"

enum { ZERO = 0xff };	/* a byte of a shuffle's pattern */

static ir_val shuffle(struct a64_lift *l, ir_val x, ir_val y, const uint8_t pattern[16])
{
	uint64_t half[2] = { 0, 0 };

	for (unsigned i = 0; i < 16; i++)
		half[i / 8] |= (uint64_t)pattern[i] << i % 8 * 8;
	return ir_shuffle(l->b, x, y, ir_const_vec(l->b, IR_I8X16, half[0], half[1]));
}

ir_val simd_lowest(struct a64_lift *l, unsigned n, ir_val v)
{
	uint64_t mask = n == 8 ? ~0ull : (1ull << 8 * n) - 1;

	return ir_and(l->b, simd_cast(l, IR_I64X2, v), ir_const_vec(l->b, IR_I64X2, mask, 0));
}

/* From two of the sources; other bytes are zero. False: there are none. */
static bool gather_pair(struct a64_lift *l, const ir_val *source, unsigned first, const struct simd_byte *map,
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
		*out = shuffle(l, source[first], source[first + second], pattern);
	return any;
}

ir_val simd_gather(struct a64_lift *l, const ir_val *source, const struct simd_byte *map, unsigned n)
{
	ir_val low, high;
	bool has_low = gather_pair(l, source, 0, map, n, &low), has_high = gather_pair(l, source, 2, map, n, &high);

	if (has_low && has_high)
		return ir_or(l->b, low, high);
	return has_low ? low : high;
}

ir_val simd_permute(struct a64_lift *l, unsigned esize, ir_val x, ir_val y, const uint8_t *map, unsigned n)
{
	uint8_t pattern[16];

	for (unsigned i = 0; i < 16; i++) {
		unsigned lane = i >> esize, low = i & ((1u << esize) - 1);
		pattern[i] = lane < n ? (uint8_t)(map[lane] << esize | low) : ZERO;
	}
	return shuffle(l, x, y, pattern);
}

ir_val simd_unzip(struct a64_lift *l, unsigned esize, unsigned n, ir_val x, ir_val y, unsigned odd)
{
	unsigned all = 16u >> esize;
	uint8_t map[16];

	for (unsigned i = 0; i < n; i++) {
		unsigned k = 2 * i + odd;
		map[i] = (uint8_t)(k < n ? k : k - n + all);
	}
	return simd_permute(l, esize, x, y, map, n);
}

ir_val simd_upper_half(struct a64_lift *l, ir_val v)
{
	return simd_permute(l, 3, v, v, (const uint8_t[]){ 1 }, 1);
}

ir_val simd_join_halves(struct a64_lift *l, ir_val x, ir_val y)
{
	return simd_permute(l, 3, x, y, (const uint8_t[]){ 0, 2 }, 2);
}

ir_val simd_spread(struct a64_lift *l, unsigned esize, ir_val v, unsigned lane)
{
	uint8_t map[16];

	for (unsigned i = 0; i < 16; i++)
		map[i] = (uint8_t)lane;
	return simd_permute(l, esize, v, v, map, 16u >> esize);
}

ir_val simd_rotate(struct a64_lift *l, unsigned esize, ir_val v, unsigned by)
{
	unsigned all = 16u >> esize;
	uint8_t map[16];

	for (unsigned i = 0; i < all; i++)
		map[i] = (uint8_t)((i + by) % all);
	return simd_permute(l, esize, v, v, map, all);
}
