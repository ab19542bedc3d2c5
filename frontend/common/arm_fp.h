/*
 * The floating-point unit of the ARM architectures as plain functions of operands and control
 * register: the shared pseudo-code of DDI 0487 (J1.1.3, functions/float), exact to the bit, for
 * AArch64 and AArch32 alike. Integer arithmetic only, so the host's floating-point environment is
 * neither used nor changed. For the ARM front ends and tests; knows nothing of the IR, of guest
 * state or of instruction encodings.
 *
 * Of FEAT_AFP and of trapped exceptions nothing is here: their bits of the control register are ignored.
 */
#ifndef FRONTEND_ARM_FP_H
#define FRONTEND_ARM_FP_H

#include <stdbool.h>
#include <stdint.h>

/* Cumulative flags, at their places in FPSR and FPSCR. */
enum {
	ARM_FP_IOC = 1 << 0, ARM_FP_DZC = 1 << 1, ARM_FP_OFC = 1 << 2, ARM_FP_UFC = 1 << 3, ARM_FP_IXC = 1 << 4,
	ARM_FP_IDC = 1 << 7,
	ARM_FP_FLAGS = 0x9f,
};

/* Modes, at their places in FPCR and FPSCR. */
enum {
	ARM_FP_FZ16 = 1 << 19, ARM_FP_RMODE = 3 << 22, ARM_FP_FZ = 1 << 24, ARM_FP_DN = 1 << 25, ARM_FP_AHP = 1 << 26,
	ARM_FP_MODES = 0x7c80000,
	/* What AArch32 Advanced SIMD works with, besides AHP and FZ16 of FPSCR. */
	ARM_FP_STANDARD = ARM_FP_DN | ARM_FP_FZ,
};

/* The first four as in RMode and the rmode fields of instructions. */
enum arm_fp_rounding {
	ARM_FP_NEAREST, ARM_FP_UP, ARM_FP_DOWN, ARM_FP_TO_ZERO,
	ARM_FP_AWAY,		/* to nearest, ties away from zero */
	ARM_FP_ODD,
	ARM_FP_CURRENT,		/* as control says: only in struct arm_fp_what */
};

static inline enum arm_fp_rounding arm_fp_rounding(uint32_t control)
{
	return (enum arm_fp_rounding)(control >> 22 & 3);
}

/* Control register, and flags raised: or-ed to what is there. */
struct arm_fp {
	uint32_t control, flags;
};

/* In all functions `size` is the width of a format in bits, 16, 32 or 64; values are its bits, zero-extended. */

enum arm_fp_op {
	ARM_FP_ADD, ARM_FP_SUB, ARM_FP_MUL, ARM_FP_DIV,
	ARM_FP_NMUL,		/* -(a * b), NaNs negated too */
	ARM_FP_MULX,
	ARM_FP_ABD,		/* |a - b|, NaNs too */
	ARM_FP_MAX, ARM_FP_MIN, ARM_FP_MAXNM, ARM_FP_MINNM,
	ARM_FP_RECPS, ARM_FP_RSQRTS,		/* fused: 2 - a * b, (3 - a * b) / 2 */
	ARM_FP_RECPS_A32, ARM_FP_RSQRTS_A32,	/* the same rounded twice, as in AArch32 */
	ARM_FP_SQRT, ARM_FP_RECPE, ARM_FP_RSQRTE, ARM_FP_RECPX,		/* of a */
	ARM_FP_MULADD,		/* a + b * c, fused: FPMulAdd(a, b, c) */
	/* Those above are for arm_fp_exec, all for arm_fp_run. */
	ARM_FP_MULADD_HALF,	/* the same, b and c halves */
	ARM_FP_EQ, ARM_FP_GE, ARM_FP_GT,	/* all ones or 0; flag: of magnitudes */
	ARM_FP_COMPARE,		/* N Z C V; flag: every NaN is invalid */
	ARM_FP_UNORDERED,	/* its V */
	ARM_FP_CONVERT,		/* to format `other` */
	ARM_FP_TO_FIXED, ARM_FP_FROM_FIXED,	/* integers of `other` bits; flag: unsigned */
	ARM_FP_TO_INT_JS,	/* flag: Z in bit 32 */
	ARM_FP_ROUND_INT,	/* flag: raises inexact */
	ARM_FP_ROUND_INT_N,	/* other: 32 or 64 */
};
uint64_t arm_fp_exec(struct arm_fp *fp, enum arm_fp_op op, unsigned size, uint64_t a, uint64_t b, uint64_t c);

/* addend + a * b, fused; a and b are halves, the rest singles: FPMulAddH. */
uint32_t arm_fp_muladd_half(struct arm_fp *fp, uint32_t addend, uint16_t a, uint16_t b);

/* FPCompare: N Z C V as bits 3..0. signal: every NaN is invalid, else signalling ones. */
unsigned arm_fp_compare(struct arm_fp *fp, unsigned size, uint64_t a, uint64_t b, bool signal);
/* rel: ARM_FP_EQ, ARM_FP_GE, ARM_FP_GT */
bool arm_fp_test(struct arm_fp *fp, enum arm_fp_op rel, unsigned size, uint64_t a, uint64_t b);

/* FPConvert between formats. Halves are alternative ones when control says AHP. */
uint64_t arm_fp_convert(struct arm_fp *fp, unsigned to, unsigned from, uint64_t v, enum arm_fp_rounding rounding);

/* FPToFixed: value * 2^fbits as an integer of `bits` (16, 32, 64) bits, saturated; zero-extended. */
uint64_t arm_fp_to_fixed(struct arm_fp *fp, unsigned bits, bool is_unsigned, unsigned fbits, unsigned size, uint64_t v,
			 enum arm_fp_rounding rounding);
/* FixedToFP: the integer of `bits` bits divided by 2^fbits. */
uint64_t arm_fp_from_fixed(struct arm_fp *fp, unsigned size, unsigned bits, bool is_unsigned, unsigned fbits, uint64_t v,
			   enum arm_fp_rounding rounding);
/* FPToFixedJS: modulo 2^32; *z is the flag. v is a double. */
uint32_t arm_fp_to_int_js(struct arm_fp *fp, uint64_t v, bool *z);

/* FPRoundInt: to an integer of the same format. exact: raises inexact. */
uint64_t arm_fp_round_int(struct arm_fp *fp, unsigned size, uint64_t v, enum arm_fp_rounding rounding, bool exact);
/* FPRoundIntN: what is no integer of `bits` (32, 64) bits becomes the least one. */
uint64_t arm_fp_round_int_n(struct arm_fp *fp, unsigned size, uint64_t v, enum arm_fp_rounding rounding, unsigned bits);

uint64_t arm_fp_default_nan(unsigned size);

/* An operation with everything that is constant of it. */
struct arm_fp_what {
	enum arm_fp_op op;
	uint8_t size;			/* of the operands */
	uint8_t other;
	enum arm_fp_rounding rounding;	/* of those that name one */
	bool flag;
	uint8_t fbits;
	uint8_t lanes;			/* of a vector; 0: a scalar */
};
/* The same in a word, as translated code passes it on. */
uint32_t arm_fp_pack(struct arm_fp_what what);
struct arm_fp_what arm_fp_unpack_what(uint32_t word);
uint64_t arm_fp_run(struct arm_fp *fp, const struct arm_fp_what *what, uint64_t a, uint64_t b, uint64_t c);
/* The lanes of up to three vectors, low half first; the result is left in v[0], 0 above its lanes. */
void arm_fp_run_vec(struct arm_fp *fp, const struct arm_fp_what *what, uint64_t v[3][2]);

#endif
