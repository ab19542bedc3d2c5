/*
 * Floating point of the ARM architectures, as the manual's shared pseudo-code has it (DDI 0487, shared/functions/float;
 * what AArch32 has of its own: aarch32/functions/float), with exact.h for numbers. For aarch64.c and arm.c.
 */
#ifndef TESTS_FPVECTORS_ARM_RULES_H
#define TESTS_FPVECTORS_ARM_RULES_H

#include "exact.h"

enum {
	FPSR_IOC = 1 << 0, FPSR_DZC = 1 << 1, FPSR_OFC = 1 << 2, FPSR_UFC = 1 << 3, FPSR_IXC = 1 << 4, FPSR_IDC = 1 << 7,
	FPCR_FZ16 = 1 << 19, FPCR_FZ = 1 << 24, FPCR_DN = 1 << 25, FPCR_AHP = 1 << 26,
};

struct arm_rules {
	uint32_t control, flags;
};

enum arm_op {
	ARM_ADD, ARM_SUB, ARM_MUL, ARM_NMUL, ARM_MULX, ARM_DIV, ARM_MAX, ARM_MIN, ARM_MAXNM, ARM_MINNM, ARM_ABD,
	ARM_RECPS, ARM_RSQRTS, ARM_RECPS_A32, ARM_RSQRTS_A32,
	ARM_CMEQ, ARM_CMGE, ARM_CMGT, ARM_ACGE, ARM_ACGT,	/* all bits set when it holds */
	ARM_SQRT, ARM_ABS, ARM_NEG, ARM_MOV, ARM_RECPE, ARM_RSQRTE, ARM_RECPX,
	ARM_MULADD,		/* FPMulAdd(c, a, b) */
};
uint64_t arm_rules_op(struct arm_rules *e, enum arm_op op, unsigned size, uint64_t a, uint64_t b, uint64_t c);

enum exact_rounding arm_rules_rounding(const struct arm_rules *e);
uint64_t arm_rules_neg(unsigned size, uint64_t a);
/* FPMulAddH: products of halves, added to a single. */
uint64_t arm_rules_muladd_half(struct arm_rules *e, uint64_t addend, uint64_t a, uint64_t b);
/* NZCV of a comparison, in bits 3..0. */
unsigned arm_rules_compare(struct arm_rules *e, unsigned size, uint64_t a, uint64_t b, bool signal);
uint64_t arm_rules_convert(struct arm_rules *e, unsigned from, unsigned to, enum exact_rounding rounding, uint64_t a);
uint64_t arm_rules_to_fixed(struct arm_rules *e, unsigned size, unsigned bits, bool is_unsigned, unsigned fbits,
			    enum exact_rounding rounding, uint64_t a);
uint64_t arm_rules_from_fixed(struct arm_rules *e, unsigned bits, unsigned size, bool is_unsigned, unsigned fbits,
			      enum exact_rounding rounding, uint64_t a);
uint64_t arm_rules_round_int(struct arm_rules *e, unsigned size, enum exact_rounding rounding, bool exact, uint64_t a);
/* FRINT32*, FRINT64*: bits is 32 or 64. */
uint64_t arm_rules_round_int_n(struct arm_rules *e, unsigned size, unsigned bits, enum exact_rounding rounding, uint64_t a);
/* FJCVTZS; *z: the flag. */
uint32_t arm_rules_to_int_js(struct arm_rules *e, uint64_t a, bool *z);

#endif
