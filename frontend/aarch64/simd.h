/*
 * What the lifts of Advanced SIMD share: fields of their encodings, and results that end in zeros.
 * esize is log2 of an element's bytes everywhere. Only lift_simd_*.c include it.
 */
#ifndef A64_SIMD_H
#define A64_SIMD_H

#include "frontend/aarch64/a64.h"
#include "frontend/common/arm_simd_lift.h"

/* FPSR.QC: something was saturated. Sticky. */
#define A64_FPSR_QC (1u << 27)

/* Sets of element sizes: bit n stands for 1 << n bytes. */
enum a64_simd_sizes {
	ONLY_B = 1, ONLY_H = 2, ONLY_S = 4, ONLY_D = 8, H_AND_S = 6, UP_TO_S = 7, ALL_SIZES = 15,
};

/* Forms on one element, which stands at the bottom of its register. */
static inline bool simd_is_scalar(const struct a64_word *in)
{
	return in->word >> 28 & 1;
}

/* The size of elements immh gives, log2 of bytes. False: immh is 0. */
static inline bool simd_shift_size(const struct a64_word *in, unsigned *esize)
{
	unsigned immh = a64_bits(in->word, 22, 19);

	*esize = immh >= 8 ? 3 : immh >= 4 ? 2 : immh >= 2;
	return immh != 0;
}

struct simd_element {
	uint8_t reg, lane;
};

/* Vm[index] of by-element forms for elements of 1 << esize bytes: 16, 32 or 64 bits. */
static inline struct simd_element simd_element(const struct a64_word *in, unsigned esize)
{
	unsigned h = in->word >> 11 & 1, l = in->word >> 21 & 1, m = in->word >> 20 & 1;

	if (esize == 1)
		return (struct simd_element){ in->Rm & 15, (uint8_t)(h << 2 | l << 1 | m) };
	return (struct simd_element){ in->Rm, (uint8_t)(esize == 2 ? h << 1 | l : h) };
}

/* The lower 64 bits of Vn. */
static inline ir_val simd_low(struct a64_lift *l, unsigned n)
{
	return ir_extract(l->b, vec(l, IR_I64X2, n), 0);
}

/* Vn as elements. */
static inline ir_val simd_vec(struct a64_lift *l, unsigned esize, unsigned n)
{
	return vec(l, arm_simd_type(esize), n);
}

/* Vd <- the lowest n bytes of v, zeros above. */
static inline void simd_result(struct a64_lift *l, unsigned d, unsigned n, ir_val v)
{
	set_vec(l, d, n == 16 ? v : arm_simd_lowest(l->b, n, v));
}

/* Vd <- v, which has its result in the lower half and zeros above; with Q the upper half of Vd <- that. */
static inline void simd_half_result(struct a64_lift *l, unsigned d, bool upper, ir_val v)
{
	set_vec(l, d, upper ? arm_simd_join_halves(l->b, vec(l, ir_type_of(l->b->u, v), d), v) : v);
}

/* Bytes a form writes: one element, or half a register, or all of it. */
static inline unsigned simd_bytes(const struct a64_word *in, unsigned esize)
{
	return simd_is_scalar(in) ? 1u << esize : in->Q ? 16 : 8;
}

/* Vm[index] of by-element forms in all lanes. */
static inline ir_val simd_element_of(struct a64_lift *l, const struct a64_word *in, unsigned esize)
{
	struct simd_element e = simd_element(in, esize);

	return arm_simd_spread(l->b, esize, simd_vec(l, esize, e.reg), e.lane);
}

#endif
