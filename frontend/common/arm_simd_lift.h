/*
 * Integer operations of Advanced SIMD in IR, lane by lane, for both ARM front ends: permutations,
 * arithmetic, shifts by constants, widening and narrowing, saturation. Knows the IR; no guest state and
 * no encoding. esize is log2 of an element's bytes everywhere. Operands are whole vectors: of short
 * registers the upper half has no stated value, unless something is said, and callers cut results
 * (arm_simd_lowest).
 */
#ifndef FRONTEND_ARM_SIMD_LIFT_H
#define FRONTEND_ARM_SIMD_LIFT_H

#include "ir/build.h"

/* A vector of elements, and one of them. */
static inline enum ir_type arm_simd_type(unsigned esize)
{
	return (enum ir_type)(IR_I8X16 + esize);
}

static inline enum ir_type arm_simd_int(unsigned esize)
{
	return (enum ir_type)(IR_I8 + esize);
}

static inline ir_val arm_simd_cast(struct ir_builder *b, enum ir_type t, ir_val v)
{
	return ir_type_of(b->u, v) == t ? v : ir_bitcast(b, t, v);
}

static inline ir_val arm_simd_zero(struct ir_builder *b, enum ir_type t)
{
	return ir_const_vec(b, t, 0, 0);
}

/* A number in every lane. */
ir_val arm_simd_repeat(struct ir_builder *b, unsigned esize, uint64_t v);

/* The lowest n bytes of v, zeros above. */
ir_val arm_simd_lowest(struct ir_builder *b, unsigned n, ir_val v);

/* Where a byte of a permutation comes from: byte `from` of vector `source`. */
struct arm_simd_byte {
	uint8_t source, from;
};

/* The n bytes a map names from at most four vectors of one type, zeros above. */
ir_val arm_simd_gather(struct ir_builder *b, const ir_val *source, const struct arm_simd_byte *map, unsigned n);

/* Lanes map[0..n-1] of the lanes of x and, numbered behind them, of y; zeros above. */
ir_val arm_simd_permute(struct ir_builder *b, unsigned esize, ir_val x, ir_val y, const uint8_t *map, unsigned n);

/* Of the n lanes of x and then of y every second one: the even or the odd ones. */
ir_val arm_simd_unzip(struct ir_builder *b, unsigned esize, unsigned n, ir_val x, ir_val y, unsigned odd);

/* The upper half of v in the lower half, zeros above. */
ir_val arm_simd_upper_half(struct ir_builder *b, ir_val v);

/* The lower half of x, and above it that of y. */
ir_val arm_simd_join_halves(struct ir_builder *b, ir_val x, ir_val y);

/* Lane `lane` of v in all lanes. */
ir_val arm_simd_spread(struct ir_builder *b, unsigned esize, ir_val v, unsigned lane);

/* Lane i + by of v in lane i, round and round. */
ir_val arm_simd_rotate(struct ir_builder *b, unsigned esize, ir_val v, unsigned by);

/* Operations on d, n and m, the destination before and the sources, all of one type. */
enum arm_simd_lane_op {
	ARM_SIMD_HADD, ARM_SIMD_RHADD, ARM_SIMD_HSUB,
	ARM_SIMD_CMGT, ARM_SIMD_CMGE, ARM_SIMD_CMTST, ARM_SIMD_CMEQ,
	ARM_SIMD_MAX, ARM_SIMD_MIN,
	ARM_SIMD_ABD, ARM_SIMD_ABA,			/* |n - m|, d + |n - m| */
	ARM_SIMD_ADD, ARM_SIMD_SUB, ARM_SIMD_MLA, ARM_SIMD_MLS, ARM_SIMD_MUL,
	ARM_SIMD_SHIFT,					/* n by the signed byte at the bottom of m */
	ARM_SIMD_ROUND_SHIFT,				/* right ones rounded up from the middle */
	/* of n alone */
	ARM_SIMD_CMGT0, ARM_SIMD_CMGE0, ARM_SIMD_CMEQ0, ARM_SIMD_CMLE0, ARM_SIMD_CMLT0,
	ARM_SIMD_ABS, ARM_SIMD_NEG, ARM_SIMD_CNT, ARM_SIMD_CLS, ARM_SIMD_CLZ,
	ARM_SIMD_RBIT,					/* of bytes */
};
ir_val arm_simd_lanes(struct ir_builder *b, enum arm_simd_lane_op op, bool is_unsigned, ir_val d, ir_val n, ir_val m);

/* Sums of neighbours, at twice the width. */
ir_val arm_simd_neighbour_sums(struct ir_builder *b, bool is_unsigned, ir_val n);

/* Each lane by a constant, at most its width. round: up from the middle. */
ir_val arm_simd_shift_left(struct ir_builder *b, ir_val v, unsigned n);
ir_val arm_simd_shift_right(struct ir_builder *b, bool is_unsigned, bool round, ir_val v, unsigned n);
/* d, but for the bits n has after the shift: SLI, SRI. */
ir_val arm_simd_shift_insert(struct ir_builder *b, bool left, ir_val d, ir_val n, unsigned shift);

/* Elements at twice the width, from those in the lower or upper half. */
ir_val arm_simd_widen(struct ir_builder *b, bool is_unsigned, bool upper, ir_val v);
/* The lower halves of elements, in the lower half; zeros above. */
ir_val arm_simd_narrow(struct ir_builder *b, ir_val v);

/* Operations on elements of the lower or upper halves of n and m, at twice their width. */
enum arm_simd_long {
	ARM_SIMD_ADDL, ARM_SIMD_SUBL, ARM_SIMD_ABDL, ARM_SIMD_ABAL, ARM_SIMD_MULL, ARM_SIMD_MLAL, ARM_SIMD_MLSL,
};
ir_val arm_simd_long(struct ir_builder *b, enum arm_simd_long op, bool is_unsigned, bool upper, ir_val d, ir_val n,
		     ir_val m);
/* Elements shifted right by at most half their width and cut to that; zeros above. */
ir_val arm_simd_shift_narrow(struct ir_builder *b, bool round, ir_val n, unsigned shift);

/* What saturates. *saturated is not 0 where it did: look at as many lanes of it as are written. */
enum arm_simd_saturating {
	ARM_SIMD_QADD, ARM_SIMD_QSUB, ARM_SIMD_QABS, ARM_SIMD_QNEG,
	ARM_SIMD_QDMULH, ARM_SIMD_QRDMULH,		/* high halves of 2 * n * m */
};
ir_val arm_simd_saturating(struct ir_builder *b, enum arm_simd_saturating op, bool is_unsigned, ir_val n, ir_val m,
			   ir_val *saturated);
/* Elements at half their width, in the lower half; zeros above. From unsigned only to unsigned. */
ir_val arm_simd_saturate_narrow(struct ir_builder *b, bool from_unsigned, bool to_unsigned, ir_val n,
				ir_val *saturated);

/* d and the sums of four products of bytes in each 32-bit lane. */
ir_val arm_simd_dot(struct ir_builder *b, bool n_unsigned, bool m_unsigned, ir_val d, ir_val n, ir_val m);

#endif
