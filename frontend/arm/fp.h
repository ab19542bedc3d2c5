/* Floating point of the 32-bit ARM front end: FPSCR, and the mode bits blocks get for it. */
#ifndef ARM_FP_UNIT_H
#define ARM_FP_UNIT_H

#include "frontend/arm/state.h"
#include "frontend/common/arm_fp.h"

enum {
	ARM_FPSCR_LEN = 7 << 16, ARM_FPSCR_STRIDE = 3 << 20,
	ARM_FPSCR_QC = 1 << 27,
	/* Kept in the slot fpscr; trap enables read 0, as on processors that do not trap. */
	ARM_FPSCR_BITS = ARM_FP_RMODE | ARM_FP_FZ | ARM_FP_DN | ARM_FP_AHP | ARM_FPSCR_LEN | ARM_FPSCR_STRIDE |
			 ARM_FP_FLAGS,
	/* What the fast path does not do. */
	ARM_FPSCR_SLOW = ARM_FP_RMODE | ARM_FPSCR_LEN | ARM_FPSCR_STRIDE,
};

/* Mode bits of FPSCR. */
uint32_t arm_fp_mode(const struct arm_state *s);

#endif
