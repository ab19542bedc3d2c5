/*
 * What the lifts of Advanced SIMD share: fields of their encodings, types of lanes, permutations,
 * results that end in zeros. esize is log2 of an element's bytes everywhere. Only simd.c and
 * lift_simd_*.c include it.
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

/* A vector of elements, and one of them. */
static inline enum ir_type simd_type(unsigned esize)
{
	return (enum ir_type)(IR_I8X16 + esize);
}

static inline enum ir_type simd_int(unsigned esize)
{
	return (enum ir_type)(IR_I8 + esize);
}

static inline ir_val simd_cast(struct a64_lift *l, enum ir_type t, ir_val v)
{
	return ir_type_of(l->b->u, v) == t ? v : ir_bitcast(l->b, t, v);
}

static inline ir_val simd_zero(struct a64_lift *l, enum ir_type t)
{
	return ir_const_vec(l->b, t, 0, 0);
}

/* Each lane by a constant. */
static inline ir_val simd_shift_left(struct a64_lift *l, ir_val v, unsigned n)
{
	return n ? ir_shl(l->b, v, imm32(l, n)) : v;
}

static inline ir_val simd_shift_right(struct a64_lift *l, bool is_unsigned, ir_val v, unsigned n)
{
	return !n ? v : is_unsigned ? ir_shr(l->b, v, imm32(l, n)) : ir_sar(l->b, v, imm32(l, n));
}

/* The lower 64 bits of Vn. */
static inline ir_val simd_low(struct a64_lift *l, unsigned n)
{
	return ir_extract(l->b, vec(l, IR_I64X2, n), 0);
}

/* The lowest n bytes of v, zeros above. */
ir_val simd_lowest(struct a64_lift *l, unsigned n, ir_val v);

/* Vd <- the lowest n bytes of v, zeros above. */
static inline void simd_result(struct a64_lift *l, unsigned d, unsigned n, ir_val v)
{
	set_vec(l, d, n == 16 ? v : simd_lowest(l, n, v));
}

/* Bytes a form writes: one element, or half a register, or all of it. */
static inline unsigned simd_bytes(const struct a64_word *in, unsigned esize)
{
	return simd_is_scalar(in) ? 1u << esize : in->Q ? 16 : 8;
}

/* Where a byte of a permutation comes from: byte `from` of vector `source`. */
struct simd_byte {
	uint8_t source, from;
};

/* The n bytes a map names from at most four vectors of one type, zeros above. */
ir_val simd_gather(struct a64_lift *l, const ir_val *source, const struct simd_byte *map, unsigned n);

/* Lanes map[0..n-1] of the lanes of x and, numbered behind them, of y; zeros above. */
ir_val simd_permute(struct a64_lift *l, unsigned esize, ir_val x, ir_val y, const uint8_t *map, unsigned n);

/* Of the n lanes of x and then of y every second one: the even or the odd ones. */
ir_val simd_unzip(struct a64_lift *l, unsigned esize, unsigned n, ir_val x, ir_val y, unsigned odd);

/* The upper half of v in the lower half, zeros above. */
ir_val simd_upper_half(struct a64_lift *l, ir_val v);

/* The lower half of x, and above it that of y. */
ir_val simd_join_halves(struct a64_lift *l, ir_val x, ir_val y);

/* Lane `lane` of v in all lanes. */
ir_val simd_spread(struct a64_lift *l, unsigned esize, ir_val v, unsigned lane);

/* Lane i + by of v in lane i. What lies above the lanes has no stated value. */
ir_val simd_rotate(struct a64_lift *l, unsigned esize, ir_val v, unsigned by);

/* A number of so many bits in every lane. */
static inline ir_val simd_repeat(struct a64_lift *l, unsigned bits, uint64_t v)
{
	enum ir_type t = simd_type(bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3);

	for (; bits < 64; bits *= 2)
		v |= v << bits;
	return ir_const_vec(l->b, t, v, v);
}

/* Vm[index] of by-element forms in all lanes. */
static inline ir_val simd_element_of(struct a64_lift *l, const struct a64_word *in, unsigned esize)
{
	struct simd_element e = simd_element(in, esize);

	return simd_spread(l, esize, vec(l, simd_type(esize), e.reg), e.lane);
}

#endif
