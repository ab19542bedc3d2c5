/* One entry for all operations, on scalars and on vectors. */
#include <string.h>

#include "frontend/common/arm_fp_core.h"

/* Widths 16, 32, 64 as 0, 1, 2. */
static uint32_t code_of(unsigned size)
{
	return size >> 5;
}

uint32_t arm_fp_pack(struct arm_fp_what w)
{
	return (uint32_t)w.op | code_of(w.size) << 6 | code_of(w.other) << 8 | (uint32_t)w.rounding << 10 |
	       (uint32_t)w.flag << 13 | (uint32_t)w.fbits << 14 | (uint32_t)w.lanes << 21;
}

struct arm_fp_what arm_fp_unpack_what(uint32_t word)
{
	return (struct arm_fp_what){
		.op = (enum arm_fp_op)(word & 63),
		.size = (uint8_t)(16u << (word >> 6 & 3)),
		.other = (uint8_t)(16u << (word >> 8 & 3)),
		.rounding = (enum arm_fp_rounding)(word >> 10 & 7),
		.flag = word >> 13 & 1,
		.fbits = word >> 14 & 127,
		.lanes = word >> 21 & 15,
	};
}

static uint64_t test(struct arm_fp *fp, const struct arm_fp_what *w, uint64_t a, uint64_t b)
{
	uint64_t sign = 1ull << (w->size - 1), keep = w->flag ? sign - 1 : sign - 1 + sign;

	return arm_fp_test(fp, w->op, w->size, a & keep, b & keep) ? sign - 1 + sign : 0;
}

static uint64_t to_int_js(struct arm_fp *fp, uint64_t v)
{
	bool z;
	uint32_t i = arm_fp_to_int_js(fp, v, &z);

	return i | (uint64_t)z << 32;
}

uint64_t arm_fp_run(struct arm_fp *fp, const struct arm_fp_what *w, uint64_t a, uint64_t b, uint64_t c)
{
	enum arm_fp_rounding r = w->rounding == ARM_FP_CURRENT ? arm_fp_rounding(fp->control) : w->rounding;

	switch (w->op) {
	case ARM_FP_MULADD_HALF: return arm_fp_muladd_half(fp, (uint32_t)a, (uint16_t)b, (uint16_t)c);
	case ARM_FP_EQ:
	case ARM_FP_GE:
	case ARM_FP_GT: return test(fp, w, a, b);
	case ARM_FP_COMPARE: return arm_fp_compare(fp, w->size, a, b, w->flag);
	case ARM_FP_UNORDERED: return arm_fp_compare(fp, w->size, a, b, w->flag) & 1;
	case ARM_FP_CONVERT: return arm_fp_convert(fp, w->other, w->size, a, r);
	case ARM_FP_TO_FIXED: return arm_fp_to_fixed(fp, w->other, w->flag, w->fbits, w->size, a, r);
	case ARM_FP_FROM_FIXED: return arm_fp_from_fixed(fp, w->size, w->other, w->flag, w->fbits, a, r);
	case ARM_FP_TO_INT_JS: return to_int_js(fp, a);
	case ARM_FP_ROUND_INT: return arm_fp_round_int(fp, w->size, a, r, w->flag);
	case ARM_FP_ROUND_INT_N: return arm_fp_round_int_n(fp, w->size, a, r, w->other);
	default: return arm_fp_exec(fp, w->op, w->size, a, b, c);
	}
}

static uint64_t get_lane(const uint64_t v[2], unsigned n, unsigned size)
{
	unsigned at = n * size;

	return v[at / 64] >> at % 64 & (~0ull >> (64 - size));
}

void arm_fp_run_vec(struct arm_fp *fp, const struct arm_fp_what *w, uint64_t v[3][2])
{
	unsigned out = w->op == ARM_FP_CONVERT ? w->other : w->size;
	unsigned factor = w->op == ARM_FP_MULADD_HALF ? 16 : w->size;
	uint64_t result[2] = { 0, 0 };

	for (unsigned n = 0; n < w->lanes; n++) {
		uint64_t r = arm_fp_run(fp, w, get_lane(v[0], n, w->size), get_lane(v[1], n, factor),
					get_lane(v[2], n, factor));
		result[n * out / 64] |= r << n * out % 64;
	}
	memcpy(v[0], result, sizeof result);
}
