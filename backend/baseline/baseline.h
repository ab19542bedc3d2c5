/*
 * The baseline back end: x86-64 code straight from one optimised block, in one forward pass, without
 * LLVM. For lib/api, which names back ends, and for tests. On other hosts its create answers
 * DGM_E_UNSUP.
 */
#ifndef BASELINE_BASELINE_H
#define BASELINE_BASELINE_H

#include "iface/backend.h"

extern const struct backend backend_baseline;

/* Extensions of the host the code may use; detected by create. */
enum baseline_feature {
	BASELINE_MOVBE = 1 << 0,
	BASELINE_POPCNT = 1 << 1,
	BASELINE_LZCNT = 1 << 2,
	BASELINE_BMI1 = 1 << 3,		/* tzcnt */
	BASELINE_BMI2 = 1 << 4,		/* shifts of three operands */
	BASELINE_SSSE3 = 1 << 5,	/* pshufb */
	BASELINE_AVX = 1 << 6,
	BASELINE_FMA = 1 << 7,
	BASELINE_SSE41 = 1 << 8,
	BASELINE_SSE42 = 1 << 9,
	BASELINE_PCLMUL = 1 << 10,
	BASELINE_AVX2 = 1 << 11,
};

/* For tests: do without the features outside of `mask`, as on an older host. */
void baseline_limit(void *self, unsigned mask);

#endif
