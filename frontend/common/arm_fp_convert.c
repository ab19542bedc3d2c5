/* Conversions between formats, to and from integers, and rounding to integers. */
#include "frontend/common/arm_fp_core.h"

static bool is_alternative(const struct arm_fp *fp, const struct softfp_format *f)
{
	return f->bits == 16 && fp->control & ARM_FP_AHP;
}

/* FPUnpackCV: halves are never flushed, alternative ones have neither infinities nor NaNs. */
static struct softfp_num unpack_cv(struct arm_fp *fp, const struct softfp_format *f, uint64_t v)
{
	if (f->bits != 16)
		return arm_fp_unpack(fp, f, v);
	struct softfp_num n = softfp_unpack(f, v);
	if (is_alternative(fp, f) && n.exp > f->emax) {
		n.kind = SOFTFP_FINITE;
		n.sig |= 1ull << 63;
	}
	return n;
}

static uint64_t round_alternative(struct arm_fp *fp, struct softfp_exact x, enum arm_fp_rounding rounding)
{
	const struct softfp_format *f = &softfp_half;
	struct softfp_rounded r = softfp_round(f, arm_fp_softfp_mode(rounding), x, false);

	if (r.exp > f->emax + 1) {
		/* Underflow is no concern: the number is large. */
		fp->flags |= ARM_FP_IOC;
		return arm_fp_zero(f, x.sign) | 0x7fff;
	}
	if (r.inexact)
		fp->flags |= ARM_FP_IXC | (r.tiny ? ARM_FP_UFC : 0);
	return softfp_pack(f, r.exp, r.frac) | arm_fp_zero(f, x.sign);
}

/* FPRoundCV */
static uint64_t round_cv(struct arm_fp *fp, const struct softfp_format *f, struct softfp_exact x,
			 enum arm_fp_rounding rounding)
{
	struct arm_fp cv = { fp->control & ~(uint32_t)ARM_FP_FZ16, fp->flags };
	uint64_t bits = is_alternative(fp, f) ? round_alternative(&cv, x, rounding) : arm_fp_round(&cv, f, x, rounding);

	fp->flags = cv.flags;
	return bits;
}

/* FPConvertNaN: sign and upper bits of the payload stay. */
static uint64_t convert_nan(const struct softfp_format *to, const struct softfp_format *from, uint64_t v)
{
	uint64_t payload = v << (65 - from->digits) >> (65 - to->digits);
	bool sign = v & softfp_sign_bit(from);

	return arm_fp_inf(to, sign) | softfp_quiet_bit(to) | payload;
}

uint64_t arm_fp_convert(struct arm_fp *fp, unsigned to, unsigned from, uint64_t v, enum arm_fp_rounding rounding)
{
	const struct softfp_format *t = arm_fp_format(to), *f = arm_fp_format(from);
	struct softfp_num n = unpack_cv(fp, f, v);
	bool alternative = is_alternative(fp, t);

	switch (n.kind) {
	case SOFTFP_NAN:
		if (softfp_is_snan(f, v) || alternative)
			fp->flags |= ARM_FP_IOC;
		if (alternative)
			return arm_fp_zero(t, n.sign);
		return fp->control & ARM_FP_DN ? arm_fp_default_nan(to) : convert_nan(t, f, v);
	case SOFTFP_INFINITE:
		if (!alternative)
			return arm_fp_inf(t, n.sign);
		fp->flags |= ARM_FP_IOC;
		return arm_fp_zero(t, n.sign) | 0x7fff;
	case SOFTFP_ZERO: return arm_fp_zero(t, n.sign);
	default: return round_cv(fp, t, softfp_widen(n), rounding);
	}
}

/* The largest magnitude of an integer of that kind. */
static uint64_t limit(unsigned bits, bool is_unsigned, bool sign)
{
	uint64_t half = 1ull << (bits - 1);

	if (is_unsigned)
		return sign ? 0 : half - 1 + half;
	return sign ? half : half - 1;
}

uint64_t arm_fp_to_fixed(struct arm_fp *fp, unsigned bits, bool is_unsigned, unsigned fbits, unsigned size, uint64_t v,
			 enum arm_fp_rounding rounding)
{
	struct softfp_num n = arm_fp_unpack(fp, arm_fp_format(size), v);
	uint64_t mask = limit(bits, true, false), max = limit(bits, is_unsigned, n.sign);
	struct softfp_integer i = { .huge = true };

	if (n.kind == SOFTFP_NAN) {
		fp->flags |= ARM_FP_IOC;
		return 0;
	}
	if (n.kind != SOFTFP_INFINITE) {
		n.exp += (int)fbits;
		i = softfp_to_integer(arm_fp_softfp_mode(rounding), n);
	}
	if (i.huge || i.whole > max) {
		fp->flags |= ARM_FP_IOC;
		i.whole = max;
	} else if (i.inexact) {
		fp->flags |= ARM_FP_IXC;
	}
	return (n.sign ? 0 - i.whole : i.whole) & mask;
}

uint64_t arm_fp_from_fixed(struct arm_fp *fp, unsigned size, unsigned bits, bool is_unsigned, unsigned fbits, uint64_t v,
			   enum arm_fp_rounding rounding)
{
	const struct softfp_format *f = arm_fp_format(size);
	bool sign = !is_unsigned && v >> (bits - 1) & 1;

	v = (sign ? 0 - v : v) & limit(bits, true, false);
	if (!v)
		return 0;
	int lead = __builtin_clzll(v);
	struct softfp_num n = { SOFTFP_FINITE, sign, 63 - lead - (int)fbits, v << lead };
	return arm_fp_round(fp, f, softfp_widen(n), rounding);
}

uint32_t arm_fp_to_int_js(struct arm_fp *fp, uint64_t v, bool *z)
{
	struct softfp_num n = arm_fp_unpack(fp, &softfp_double, v);
	uint64_t whole = 0;
	bool inexact = false, fits = false;

	if (n.kind == SOFTFP_ZERO || (n.kind == SOFTFP_FINITE && n.exp <= 63)) {
		struct softfp_integer i = softfp_to_integer(SOFTFP_TO_ZERO, n);
		whole = i.whole;
		inexact = i.inexact;
		fits = whole <= limit(32, false, n.sign);
	} else if (n.kind == SOFTFP_FINITE && n.exp < 63 + 32) {
		whole = n.sig << (n.exp - 63);
	}
	if (!fits)
		fp->flags |= ARM_FP_IOC;
	else if (inexact)
		fp->flags |= ARM_FP_IXC;
	/* Minus zero and a flushed denormal are not the integer 0 either. */
	*z = fits && !inexact && !(n.kind == SOFTFP_ZERO && v);
	return (uint32_t)(n.sign ? 0 - whole : whole);
}

uint64_t arm_fp_round_int(struct arm_fp *fp, unsigned size, uint64_t v, enum arm_fp_rounding rounding, bool exact)
{
	const struct softfp_format *f = arm_fp_format(size);
	struct softfp_num n = arm_fp_unpack(fp, f, v);

	if (n.kind == SOFTFP_NAN)
		return arm_fp_nan(fp, f, v);
	if (n.kind == SOFTFP_ZERO)
		return arm_fp_zero(f, n.sign);
	if (n.kind == SOFTFP_INFINITE || n.exp > 63)
		return v;
	struct softfp_integer i = softfp_to_integer(arm_fp_softfp_mode(rounding), n);
	if (i.inexact && exact)
		fp->flags |= ARM_FP_IXC;
	if (!i.whole)
		return arm_fp_zero(f, n.sign);
	struct arm_fp ignored = { 0, 0 };
	return arm_fp_from_fixed(&ignored, size, 64, true, 0, i.whole, ARM_FP_TO_ZERO) | arm_fp_zero(f, n.sign);
}

uint64_t arm_fp_round_int_n(struct arm_fp *fp, unsigned size, uint64_t v, enum arm_fp_rounding rounding, unsigned bits)
{
	const struct softfp_format *f = arm_fp_format(size);
	struct softfp_num n = arm_fp_unpack(fp, f, v);
	struct softfp_integer i = { .huge = true };

	if (n.kind == SOFTFP_ZERO)
		return arm_fp_zero(f, n.sign);
	if (n.kind == SOFTFP_FINITE)
		i = softfp_to_integer(arm_fp_softfp_mode(rounding), n);
	if (i.huge || i.whole > limit(bits, false, n.sign)) {
		fp->flags |= ARM_FP_IOC;
		return softfp_pack(f, (int)bits - 1, 1ull << (f->digits - 1)) | softfp_sign_bit(f);
	}
	return arm_fp_round_int(fp, size, v, rounding, true);
}
