/*
 * Values by MPFR: operands of 64 digits, results rounded once to a format's precision with a wide exponent, then, with the
 * ternary value of that, brought into the format's range (mpfr_check_range, mpfr_subnormalize).
 */
#include "exact.h"

#include <mpfr.h>

enum { OPERANDS = 3, OPERAND_DIGITS = 64, WIDE = 1 << 20 };

static mpfr_t operand[OPERANDS], result, cut;

struct exact_format exact_format(unsigned bits)
{
	unsigned frac = bits == 16 ? 10 : bits == 32 ? 23 : 52;
	int top = (1 << (bits - 1 - frac)) - 1;

	return (struct exact_format){ bits, frac, top / 2, top };
}

static uint64_t fraction(const struct exact_format *f, uint64_t bits)
{
	return bits & ((UINT64_C(1) << f->frac) - 1);
}

static int exponent(const struct exact_format *f, uint64_t bits)
{
	return (int)(bits >> f->frac) & f->top;
}

enum exact_class exact_classify(unsigned size, uint64_t bits)
{
	struct exact_format f = exact_format(size);
	uint64_t frac = fraction(&f, bits);
	int exp = exponent(&f, bits);

	if (exp == f.top)
		return !frac ? EXACT_INF : frac >> (f.frac - 1) ? EXACT_QNAN : EXACT_SNAN;
	return exp ? EXACT_NORMAL : frac ? EXACT_SUBNORMAL : EXACT_ZERO;
}

uint64_t exact_infinity(unsigned size, bool negative)
{
	struct exact_format f = exact_format(size);

	return (uint64_t)negative << (size - 1) | (uint64_t)f.top << f.frac;
}

uint64_t exact_greatest(unsigned size, bool negative)
{
	return exact_infinity(size, negative) - 1;
}

uint64_t exact_default_nan(unsigned size)
{
	return exact_infinity(size, false) | UINT64_C(1) << (exact_format(size).frac - 1);
}

bool exact_open(void)
{
	for (unsigned i = 0; i < OPERANDS; i++)
		mpfr_init2(operand[i], OPERAND_DIGITS);
	mpfr_inits2(OPERAND_DIGITS, result, cut, (mpfr_ptr)NULL);
	return !mpfr_set_emin(-WIDE) && !mpfr_set_emax(WIDE);
}

void exact_close(void)
{
	for (unsigned i = 0; i < OPERANDS; i++)
		mpfr_clear(operand[i]);
	mpfr_clears(result, cut, (mpfr_ptr)NULL);
	mpfr_free_cache();
}

void exact_load_integer(unsigned i, bool negative, uint64_t magnitude, int scale)
{
	mpfr_set_uj_2exp(operand[i], magnitude, scale, MPFR_RNDN);
	mpfr_setsign(operand[i], operand[i], negative, MPFR_RNDN);
}

void exact_load(unsigned i, unsigned size, uint64_t bits)
{
	struct exact_format f = exact_format(size);
	int exp = exponent(&f, bits);
	uint64_t hidden = exp ? UINT64_C(1) << f.frac : 0;

	exact_load_integer(i, bits >> (size - 1) & 1, fraction(&f, bits) | hidden, (exp ? exp : 1) - f.bias - (int)f.frac);
}

int exact_compare(void)
{
	return mpfr_cmp(operand[0], operand[1]);
}

static mpfr_rnd_t mode(enum exact_rounding rounding)
{
	switch (rounding) {
	case EXACT_UP: return MPFR_RNDU;
	case EXACT_DOWN: return MPFR_RNDD;
	case EXACT_TO_ZERO:
	case EXACT_ODD: return MPFR_RNDZ;
	default: return MPFR_RNDN;
	}
}

/* The ternary value: the sign of what rounding added. */
static int compute(enum exact_op op, mpfr_t to, mpfr_rnd_t rnd)
{
	int t;

	switch (op) {
	case EXACT_ADD: return mpfr_add(to, operand[0], operand[1], rnd);
	case EXACT_SUB: return mpfr_sub(to, operand[0], operand[1], rnd);
	case EXACT_MUL: return mpfr_mul(to, operand[0], operand[1], rnd);
	case EXACT_DIV: return mpfr_div(to, operand[0], operand[1], rnd);
	case EXACT_SQRT: return mpfr_sqrt(to, operand[0], rnd);
	case EXACT_FMA: return mpfr_fma(to, operand[0], operand[1], operand[2], rnd);
	case EXACT_FMS: return mpfr_fms(to, operand[0], operand[1], operand[2], rnd);
	case EXACT_HALF_FMA:
		t = mpfr_fma(to, operand[0], operand[1], operand[2], rnd);
		mpfr_div_2ui(to, to, 1, rnd);
		return t;
	default: return mpfr_set(to, operand[0], rnd);
	}
}

static struct exact_result describe(int ternary)
{
	bool negative = mpfr_signbit(result) != 0;

	return (struct exact_result){ .negative = negative, .inexact = ternary != 0, .grown = negative ? ternary < 0 : ternary > 0 };
}

/* MPFR's exponents are those of significands in [1/2, 1). */
static mpfr_exp_t least_normal(const struct exact_format *f)
{
	return 2 - f->bias;
}

struct exact_result exact_round_wide(enum exact_op op, unsigned size, enum exact_rounding rounding, int wrap)
{
	struct exact_format f = exact_format(size);
	struct exact_result out = { .zero = true };

	mpfr_set_prec(cut, f.frac + 1);
	compute(op, cut, MPFR_RNDZ);
	if (mpfr_zero_p(cut))
		return out;
	mpfr_set_prec(result, f.frac + 1);
	out = describe(compute(op, result, mode(rounding)));
	out.tiny = mpfr_get_exp(cut) < least_normal(&f);
	out.overflow = mpfr_get_exp(result) > f.bias + 1;
	mpfr_mul_2si(result, result, wrap, MPFR_RNDN);
	return out;
}

/* Nothing between two odd neighbours is even. */
static void make_odd(const struct exact_format *f)
{
	mpfr_exp_t exp = mpfr_get_exp(result), least = least_normal(f) - (int)f->frac;
	mpfr_prec_t digits = exp - least < (int)f->frac + 1 ? exp - least + 1 : (int)f->frac + 1;

	if (mpfr_zero_p(result)) {
		bool negative = mpfr_signbit(result) != 0;
		mpfr_set_ui_2exp(result, 1, least - 1, MPFR_RNDN);
		mpfr_setsign(result, result, negative, MPFR_RNDN);
	} else if (mpfr_min_prec(result) < digits) {
		mpfr_set_ui_2exp(cut, 1, exp - digits, MPFR_RNDN);
		mpfr_setsign(cut, cut, mpfr_signbit(result), MPFR_RNDN);
		mpfr_add(result, result, cut, MPFR_RNDN);
	}
}

struct exact_result exact_round(enum exact_op op, unsigned size, enum exact_rounding rounding)
{
	struct exact_format f = exact_format(size);
	mpfr_rnd_t rnd = mode(rounding);
	struct exact_result wide = exact_round_wide(op, size, rounding, 0), out;

	if (wide.zero)
		return wide;
	int ternary = !wide.inexact ? 0 : wide.grown != wide.negative ? 1 : -1;
	mpfr_set_emin(least_normal(&f) - (int)f.frac);
	mpfr_set_emax(f.bias + 1);
	ternary = mpfr_check_range(result, ternary, rnd);
	ternary = mpfr_subnormalize(result, ternary, rnd);
	mpfr_set_emin(-WIDE);
	mpfr_set_emax(WIDE);
	out = describe(ternary);
	out.tiny = wide.tiny;
	out.overflow = wide.overflow;
	if (rounding == EXACT_ODD && out.inexact)
		make_odd(&f);
	return out;
}

struct exact_result exact_round_integral(int scale, enum exact_rounding rounding)
{
	int ternary;

	mpfr_set_prec(result, OPERAND_DIGITS);
	mpfr_set_prec(cut, OPERAND_DIGITS);
	mpfr_mul_2si(cut, operand[0], scale, MPFR_RNDN);
	ternary = rounding == EXACT_AWAY ? mpfr_round(result, cut) : mpfr_rint(result, cut, mode(rounding));
	struct exact_result out = describe(ternary);
	out.zero = mpfr_zero_p(result) != 0;
	return out;
}

/* The result's sign and digits, of which the first has the weight of exp, below an exponent. */
static uint64_t encode(const struct exact_format *f, mpfr_exp_t exp, uint64_t biased)
{
	uint64_t sign = (uint64_t)(mpfr_signbit(result) != 0) << (f->bits - 1);

	mpfr_set_prec(cut, OPERAND_DIGITS);
	mpfr_abs(cut, result, MPFR_RNDN);
	mpfr_mul_2si(cut, cut, (int)f->frac + 1 - exp, MPFR_RNDN);
	return sign | (biased & (uint64_t)f->top) << f->frac | fraction(f, mpfr_get_uj(cut, MPFR_RNDN));
}

uint64_t exact_bits(unsigned size)
{
	struct exact_format f = exact_format(size);
	bool negative = mpfr_signbit(result) != 0;

	if (mpfr_inf_p(result))
		return exact_infinity(size, negative);
	if (mpfr_zero_p(result))
		return (uint64_t)negative << (size - 1);
	mpfr_exp_t exp = mpfr_get_exp(result), least = least_normal(&f);
	return exp < least ? encode(&f, least, 0) : encode(&f, exp, (uint64_t)(exp - least + 1));
}

uint64_t exact_wrapped_bits(unsigned size)
{
	struct exact_format f = exact_format(size);
	mpfr_exp_t exp = mpfr_get_exp(result);

	return encode(&f, exp, (uint64_t)(exp - least_normal(&f) + 1));
}

bool exact_integer(unsigned bits, bool is_unsigned, uint64_t *out)
{
	uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : ~UINT64_C(0);
	uint64_t greatest = is_unsigned ? mask : mask >> 1, least = is_unsigned ? 0 : mask - (mask >> 1);

	mpfr_set_prec(cut, OPERAND_DIGITS);
	mpfr_abs(cut, result, MPFR_RNDN);
	bool negative = mpfr_signbit(result) && !mpfr_zero_p(result), huge = mpfr_inf_p(cut) || mpfr_get_exp(cut) > 64;
	uint64_t magnitude = huge || mpfr_zero_p(cut) ? 0 : mpfr_get_uj(cut, MPFR_RNDN);

	if (huge || magnitude > (negative ? least : greatest)) {
		*out = negative ? least : greatest;
		return false;
	}
	*out = (negative ? 0 - magnitude : magnitude) & mask;
	return true;
}
