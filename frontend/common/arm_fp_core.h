/* What the files of arm_fp share; nobody else includes it. Names are the pseudo-code's. */
#ifndef FRONTEND_ARM_FP_CORE_H
#define FRONTEND_ARM_FP_CORE_H

#include "frontend/common/arm_fp.h"
#include "frontend/common/softfp.h"

const struct softfp_format *arm_fp_format(unsigned size);

/* FPUnpack: denormals flushed as control says. */
struct softfp_num arm_fp_unpack(struct arm_fp *fp, const struct softfp_format *f, uint64_t v);
/* FPRound of what is not 0. */
uint64_t arm_fp_round(struct arm_fp *fp, const struct softfp_format *f, struct softfp_exact x,
		      enum arm_fp_rounding rounding);
/* FPProcessNaN */
uint64_t arm_fp_nan(struct arm_fp *fp, const struct softfp_format *f, uint64_t nan);
/* The default NaN, and IOC. */
uint64_t arm_fp_invalid(struct arm_fp *fp, const struct softfp_format *f);

enum softfp_rounding arm_fp_softfp_mode(enum arm_fp_rounding rounding);
bool arm_fp_flushes(const struct arm_fp *fp, const struct softfp_format *f);
bool arm_fp_overflows_to_infinity(enum arm_fp_rounding rounding, bool sign);

static inline uint64_t arm_fp_zero(const struct softfp_format *f, bool sign)
{
	return sign ? softfp_sign_bit(f) : 0;
}

static inline uint64_t arm_fp_inf(const struct softfp_format *f, bool sign)
{
	return softfp_infinity(f) | arm_fp_zero(f, sign);
}

static inline uint64_t arm_fp_max_normal(const struct softfp_format *f, bool sign)
{
	return (softfp_infinity(f) - 1) | arm_fp_zero(f, sign);
}

/* FPRecipEstimate, FPRSqrtEstimate, FPRecpX */
uint64_t arm_fp_recpe(struct arm_fp *fp, const struct softfp_format *f, uint64_t v);
uint64_t arm_fp_rsqrte(struct arm_fp *fp, const struct softfp_format *f, uint64_t v);
uint64_t arm_fp_recpx(struct arm_fp *fp, const struct softfp_format *f, uint64_t v);

#endif
