/*
 * What the lifts of Advanced SIMD share: fields of their encodings, types of lanes, results that
 * end in zeros. Only lift_simd_*.c include it.
 */
#ifndef A64_SIMD_H
#define A64_SIMD_H

#include "frontend/aarch64/a64.h"

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

#endif
