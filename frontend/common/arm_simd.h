/*
 * Lane-wise meaning of the Advanced SIMD instructions that are too rare or too crooked for IR
 * (arm_simd_lift.h): polynomial products, estimates, some that saturate or round. One exact function
 * for A64, A32 and T32, by the pseudo-code of the Arm architecture manual (DDI 0487). Knows no
 * front end: callers fetch the operands, and put the result and the sticky saturation flag where
 * their guest has them.
 */
#ifndef FRONTEND_ARM_SIMD_H
#define FRONTEND_ARM_SIMD_H

#include <stdbool.h>
#include <stdint.h>

/* A vector register; lane 0 is in the least significant bits of q[0]. */
struct arm_simd_vec {
	uint64_t q[2];
};

/*
 * Puts a vector where translated code will load it. A load of sixteen bytes waits long for two stores of
 * eight: so this is two loads, which the empty assembly keeps apart, and one store.
 */
static inline void arm_simd_put(uint64_t to[2], const struct arm_simd_vec *v)
{
	typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

	uint64_t low = v->q[0], high = v->q[1];
	__asm__("" : "+r"(low), "+r"(high));
	*(pair *)to = (pair){ low, high };
}

/* d is the destination before and after, n and m are the sources; sizes of lanes as in the table of arm_simd.c. */
enum arm_simd_op {
	ARM_SIMD_QADD_MIXED,	/* d + n, n of the other signedness, saturated */
	ARM_SIMD_SHL,		/* n shifted by the signed byte at the bottom of m: left, or right when negative */
	ARM_SIMD_QSHL_N,	/* n << shift, saturated */
	ARM_SIMD_QDMLAH,	/* d +/- high half of 2 * n * m */
	ARM_SIMD_PMUL,		/* n * m over {0,1} */
	ARM_SIMD_RECPE,		/* unsigned estimate of 1 / n */
	ARM_SIMD_RSQRTE,	/* unsigned estimate of 1 / sqrt(n) */
	ARM_SIMD_QDMULL,	/* 2 * n * m, saturated at double width */
	ARM_SIMD_QDMLAL,	/* d +/- 2 * n * m, saturated at double width */
	ARM_SIMD_PMULL,		/* n * m over {0,1} at double width */
	ARM_SIMD_MMLA,		/* d + n * transposed m, matrices of 2 * 8 bytes */
	ARM_SIMD_OPS
};

enum arm_simd_flag {
	ARM_SIMD_UNSIGNED = 1 << 0,	/* operands and result */
	ARM_SIMD_ROUND = 1 << 1,
	ARM_SIMD_SATURATE = 1 << 2,	/* ARM_SIMD_SHL; others do as their names say */
	ARM_SIMD_TO_UNSIGNED = 1 << 3,	/* signed operands, unsigned result */
	ARM_SIMD_SUBTRACT = 1 << 4,
	ARM_SIMD_N_UNSIGNED = 1 << 5,	/* MMLA: of n and m */
	ARM_SIMD_M_UNSIGNED = 1 << 6,
};

struct arm_simd {
	uint8_t op;		/* enum arm_simd_op */
	uint8_t esize;		/* log2 of an element's bytes; of the narrow ones where widths differ */
	uint8_t lanes;		/* of the result */
	uint8_t shift;
	uint8_t flags;		/* enum arm_simd_flag */
};

/* Computes d; what lies above its lanes becomes 0. True when a lane was saturated. */
bool arm_simd_exec(const struct arm_simd *k, struct arm_simd_vec *d, const struct arm_simd_vec *n,
		   const struct arm_simd_vec *m);

#endif
