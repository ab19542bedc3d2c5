/* Reciprocal and reciprocal root estimates: 8 bits, by the tables the manual's functions compute. */
#include "frontend/common/arm_fp_core.h"

/* RecipEstimate: a in 256..511 stands for a / 512, the result for r / 256. */
static unsigned recip_estimate(unsigned a)
{
	unsigned b = (1u << 19) / (a * 2 + 1);

	return (b + 1) / 2;
}

/* RecipSqrtEstimate: a in 128..511 stands for a / 512, the result for r / 256. */
static unsigned recip_sqrt_estimate(unsigned a)
{
	unsigned b = 512;

	a = a < 256 ? a * 2 + 1 : (a | 1) * 2;
	while ((uint64_t)a * (b + 1) * (b + 1) < 1u << 28)
		b++;
	return (b + 1) / 2;
}

/* (1 + fraction / 256) * 2^exp with an 8-bit fraction; at most two below the normal range. */
static uint64_t encode(const struct softfp_format *f, bool sign, int exp, unsigned estimate)
{
	uint64_t frac = (uint64_t)(estimate | 0x100) << (f->digits - 9);

	if (exp < f->emin) {
		frac >>= f->emin - exp;
		exp = f->emin;
	}
	return softfp_pack(f, exp, frac) | arm_fp_zero(f, sign);
}

uint64_t arm_fp_recpe(struct arm_fp *fp, const struct softfp_format *f, uint64_t v)
{
	struct softfp_num n = arm_fp_unpack(fp, f, v);
	enum arm_fp_rounding rounding = arm_fp_rounding(fp->control);

	if (n.kind == SOFTFP_NAN)
		return arm_fp_nan(fp, f, v);
	if (n.kind == SOFTFP_INFINITE)
		return arm_fp_zero(f, n.sign);
	if (n.kind == SOFTFP_ZERO) {
		fp->flags |= ARM_FP_DZC;
		return arm_fp_inf(f, n.sign);
	}
	if (n.exp < -f->emax - 1) {
		fp->flags |= ARM_FP_OFC | ARM_FP_IXC;
		return arm_fp_overflows_to_infinity(rounding, n.sign) ? arm_fp_inf(f, n.sign) :
									arm_fp_max_normal(f, n.sign);
	}
	if (n.exp >= -f->emin && arm_fp_flushes(fp, f)) {
		fp->flags |= ARM_FP_UFC;
		return arm_fp_zero(f, n.sign);
	}
	return encode(f, n.sign, -n.exp - 1, recip_estimate((unsigned)(n.sig >> 55)) & 0xff);
}

uint64_t arm_fp_rsqrte(struct arm_fp *fp, const struct softfp_format *f, uint64_t v)
{
	struct softfp_num n = arm_fp_unpack(fp, f, v);

	if (n.kind == SOFTFP_NAN)
		return arm_fp_nan(fp, f, v);
	if (n.kind == SOFTFP_ZERO) {
		fp->flags |= ARM_FP_DZC;
		return arm_fp_inf(f, n.sign);
	}
	if (n.sign)
		return arm_fp_invalid(fp, f);
	if (n.kind == SOFTFP_INFINITE)
		return 0;
	/* x / 2^(exp + 1) is in [1/2, 1); with an odd exp + 1 half of that. */
	bool odd = !(n.exp & 1);
	unsigned scaled = (unsigned)(n.sig >> (odd ? 56 : 55));
	return encode(f, false, -((n.exp + 1 + odd) / 2), recip_sqrt_estimate(scaled) & 0xff);
}

uint64_t arm_fp_recpx(struct arm_fp *fp, const struct softfp_format *f, uint64_t v)
{
	struct softfp_num n = arm_fp_unpack(fp, f, v);
	uint64_t exponent = softfp_infinity(f), least = 1ull << (f->digits - 1);

	if (n.kind == SOFTFP_NAN)
		return arm_fp_nan(fp, f, v);
	uint64_t exp = v & exponent;
	return (exp ? ~exp & exponent : exponent - least) | arm_fp_zero(f, n.sign);
}
