/*
 * Advanced SIMD by descriptions: what they mean (neon.c), and how lifts make one. For lift_neon_*.c.
 */
#ifndef ARM_NEON_H
#define ARM_NEON_H

#include "frontend/arm/vfp.h"
#include "frontend/common/arm_simd.h"

/* Element functions; a is of Vn, b of Vm, d of Vd, numbers of the widths the description says. */
enum neon_op {
	NEON_ADD, NEON_SUB, NEON_HADD, NEON_HSUB, NEON_MUL, NEON_MLA, NEON_MLS,
	NEON_ABD, NEON_ABA, NEON_MAX, NEON_MIN, NEON_TST, NEON_CEQ, NEON_CGE, NEON_CGT, NEON_CLE, NEON_CLT,
	NEON_ADDHN, NEON_SUBHN,
	/* of b alone, or of d and b */
	NEON_SHR, NEON_SRA, NEON_SHL, NEON_SLI, NEON_SRI, NEON_ABS, NEON_NEG, NEON_CLS, NEON_CLZ, NEON_CNT, NEON_MOV,
	/* across lanes: pairs of Vn then Vm, pairs of Vm, order */
	NEON_PADD, NEON_PMAX, NEON_PMIN, NEON_PADDL, NEON_PADAL, NEON_REV,
};

struct neon {
	uint8_t op;
	uint8_t dsize, nsize, msize;	/* log2 of the bytes of elements */
	uint8_t lanes;			/* of the result */
	uint8_t shift;			/* also: log2 of the bytes in a group */
	bool is_unsigned, round;
	uint8_t d, n, m;		/* doubleword registers */
	uint8_t index;			/* 1 + the element of Vm that serves for all lanes; 0: each its own */
};

/* Vd <- what a description says. */
void neon_lift(struct arm_lift *l, struct neon k);
/* Calls an operation of frontend/common/arm_simd.h; saturation sets FPSCR.QC. wide: d has 16 bytes anyway. */
struct neon_shared {
	struct arm_simd simd;
	uint8_t d, n, m, index;
	bool wide_d, wide_n;
};
void neon_call_shared(struct arm_lift *l, struct neon_shared k);

/* Registers of a form with Q: numbers D:Vd, N:Vn, M:Vm must be even then. False: the instruction was made illegal. */
bool neon_registers(struct arm_lift *l, const struct arm_word *in, bool d, bool n, bool m);

/* A register or, Q, a pair as a vector of i64x2; the upper half of a single register is 0. */
ir_val neon_get(struct arm_lift *l, bool quad, unsigned n);
void neon_set(struct arm_lift *l, bool quad, unsigned n, ir_val v);

static inline enum ir_type neon_type(unsigned size)
{
	return (enum ir_type)(IR_I8X16 + size);
}

static inline ir_val neon_cast(struct arm_lift *l, enum ir_type t, ir_val v)
{
	return ir_type_of(l->b->u, v) == t ? v : ir_bitcast(l->b, t, v);
}

static inline ir_val neon_get_as(struct arm_lift *l, bool quad, unsigned n, unsigned size)
{
	return neon_cast(l, neon_type(size), neon_get(l, quad, n));
}

static inline ir_val neon_ones(struct arm_lift *l, unsigned size)
{
	return ir_const_vec(l->b, neon_type(size), ~0ull, ~0ull);
}

#define NEON_ROWS(table) { { ARM_TABLE(table), { 0 }, { 0 } } }

#endif
