/* The manual's functions, one by one; names in comments are its. */
#include "arm_rules.h"

struct number {
	enum exact_class class;
	unsigned size;
	bool negative;
	uint64_t bits;
};

static bool is_nan(const struct number *x)
{
	return x->class == EXACT_QNAN || x->class == EXACT_SNAN;
}

static bool is_inf(const struct number *x)
{
	return x->class == EXACT_INF;
}

static bool is_zero(const struct number *x)
{
	return x->class == EXACT_ZERO;
}

static bool flushes(const struct arm_rules *e, unsigned size)
{
	return e->control & (size == 16 ? FPCR_FZ16 : FPCR_FZ);
}

enum exact_rounding arm_rules_rounding(const struct arm_rules *e)
{
	return (enum exact_rounding)(e->control >> 22 & 3);
}

uint64_t arm_rules_neg(unsigned size, uint64_t a)
{
	return a ^ UINT64_C(1) << (size - 1);
}

static uint64_t zero(unsigned size, bool negative)
{
	return (uint64_t)negative << (size - 1);
}

static uint64_t invalid(struct arm_rules *e, unsigned size)
{
	e->flags |= FPSR_IOC;
	return exact_default_nan(size);
}

/* FPUnpackBase. Halves that are converted are not flushed. */
static struct number unpack(struct arm_rules *e, unsigned size, uint64_t bits, bool converts)
{
	struct number x = { exact_classify(size, bits), size, bits >> (size - 1) & 1, bits };

	if (x.class == EXACT_SUBNORMAL && flushes(e, size) && !(converts && size == 16)) {
		x.class = EXACT_ZERO;
		x.bits = zero(size, x.negative);
		if (size != 16)
			e->flags |= FPSR_IDC;
	}
	return x;
}

/* FPProcessNaN */
static uint64_t process_nan(struct arm_rules *e, const struct number *x)
{
	if (x->class == EXACT_SNAN)
		e->flags |= FPSR_IOC;
	if (e->control & FPCR_DN)
		return exact_default_nan(x->size);
	return x->bits | UINT64_C(1) << (exact_format(x->size).frac - 1);
}

/* FPProcessNaNs, FPProcessNaNs3: the first that signals, else the first that is quiet. */
static bool process_nans(struct arm_rules *e, const struct number *x, unsigned n, uint64_t *out)
{
	static const enum exact_class order[] = { EXACT_SNAN, EXACT_QNAN };

	for (unsigned k = 0; k < 2; k++) {
		for (unsigned i = 0; i < n; i++) {
			if (x[i].class != order[k])
				continue;
			*out = process_nan(e, &x[i]);
			return true;
		}
	}
	return false;
}

/* FPRoundBase of what op makes of the operands that are loaded; an exact 0 has the sign that rounding gives it. */
static uint64_t round_to(struct arm_rules *e, enum exact_op op, unsigned size, enum exact_rounding rounding, bool converts)
{
	struct exact_result r = exact_round(op, size, rounding);

	if (r.zero)
		return zero(size, rounding == EXACT_DOWN);
	if (r.tiny && flushes(e, size) && !(converts && size == 16)) {
		e->flags |= FPSR_UFC;
		return zero(size, r.negative);
	}
	if (r.tiny && r.inexact)
		e->flags |= FPSR_UFC;
	if (r.overflow)
		e->flags |= FPSR_OFC;
	if (r.inexact)
		e->flags |= FPSR_IXC;
	return exact_bits(size);
}

static uint64_t rounded(struct arm_rules *e, enum exact_op op, unsigned size)
{
	return round_to(e, op, size, arm_rules_rounding(e), false);
}

static void load(unsigned i, const struct number *x)
{
	exact_load(i, x->size, x->bits);
}

/* FPAdd, FPSub */
static uint64_t add(struct arm_rules *e, struct number *x, bool subtracts)
{
	bool y_negative = x[1].negative ^ subtracts;

	if (is_inf(&x[0]) && is_inf(&x[1]) && x[0].negative != y_negative)
		return invalid(e, x->size);
	if (is_inf(&x[0]) || is_inf(&x[1]))
		return exact_infinity(x->size, is_inf(&x[0]) ? x[0].negative : y_negative);
	if (is_zero(&x[0]) && is_zero(&x[1]) && x[0].negative == y_negative)
		return zero(x->size, y_negative);
	load(0, &x[0]);
	load(1, &x[1]);
	return rounded(e, subtracts ? EXACT_SUB : EXACT_ADD, x->size);
}

static bool is_inf_times_zero(const struct number *x)
{
	return (is_inf(&x[0]) && is_zero(&x[1])) || (is_zero(&x[0]) && is_inf(&x[1]));
}

/* FPMul, FPMulX */
static uint64_t multiply(struct arm_rules *e, struct number *x, bool extended)
{
	bool negative = x[0].negative ^ x[1].negative;
	struct exact_format f = exact_format(x->size);

	if (is_inf_times_zero(x))
		return extended ? zero(x->size, negative) | (uint64_t)(f.bias + 1) << f.frac : invalid(e, x->size);
	if (is_inf(&x[0]) || is_inf(&x[1]))
		return exact_infinity(x->size, negative);
	if (is_zero(&x[0]) || is_zero(&x[1]))
		return zero(x->size, negative);
	load(0, &x[0]);
	load(1, &x[1]);
	return rounded(e, EXACT_MUL, x->size);
}

/* FPDiv */
static uint64_t divide(struct arm_rules *e, struct number *x)
{
	bool negative = x[0].negative ^ x[1].negative;

	if ((is_inf(&x[0]) && is_inf(&x[1])) || (is_zero(&x[0]) && is_zero(&x[1])))
		return invalid(e, x->size);
	if (is_zero(&x[1]) && !is_inf(&x[0]))
		e->flags |= FPSR_DZC;
	if (is_inf(&x[0]) || is_zero(&x[1]))
		return exact_infinity(x->size, negative);
	if (is_zero(&x[0]) || is_inf(&x[1]))
		return zero(x->size, negative);
	load(0, &x[0]);
	load(1, &x[1]);
	return rounded(e, EXACT_DIV, x->size);
}

/* Below 0, 0, above 0: how two that are no NaNs compare. */
static int order(const struct number *x)
{
	if (is_inf(&x[0]) || is_inf(&x[1])) {
		int p = is_inf(&x[0]) ? x[0].negative ? -1 : 1 : 0, q = is_inf(&x[1]) ? x[1].negative ? -1 : 1 : 0;
		return p - q;
	}
	load(0, &x[0]);
	load(1, &x[1]);
	return exact_compare();
}

/* FPMax, FPMin. A number that comes out is exact, but passes FPRound all the same. */
static uint64_t extreme(struct arm_rules *e, struct number *x, bool greatest)
{
	int c = order(x);
	const struct number *best = greatest == (c > 0) && c ? &x[0] : &x[1];

	if (is_inf(best))
		return exact_infinity(x->size, best->negative);
	if (is_zero(best) && is_zero(&x[0]) && is_zero(&x[1]))
		return zero(x->size, greatest ? x[0].negative && x[1].negative : x[0].negative || x[1].negative);
	if (is_zero(best))
		return zero(x->size, best->negative);
	load(0, best);
	return rounded(e, EXACT_X, x->size);
}

/* FPRecipStepFused, FPRSqrtStepFused, of which the first operand has been negated. */
static uint64_t step(struct arm_rules *e, struct number *x, bool root)
{
	struct exact_format f = exact_format(x->size);

	if (is_inf_times_zero(x))
		return root ? (uint64_t)f.bias << f.frac | UINT64_C(1) << (f.frac - 1) : (uint64_t)(f.bias + 1) << f.frac;
	if (is_inf(&x[0]) || is_inf(&x[1]))
		return exact_infinity(x->size, x[0].negative ^ x[1].negative);
	load(0, &x[0]);
	load(1, &x[1]);
	exact_load_integer(2, false, root ? 3 : 2, 0);
	return rounded(e, root ? EXACT_HALF_FMA : EXACT_FMA, x->size);
}

/* FPRecipStep, FPRSqrtStep of AArch32: rounded twice. */
static uint64_t step_a32(struct arm_rules *e, struct number *x, bool root)
{
	struct exact_format f = exact_format(x->size);
	uint64_t product = is_inf_times_zero(x) ? zero(x->size, false) : multiply(e, x, false);
	uint64_t whole = (uint64_t)(f.bias + 1) << f.frac | (root ? UINT64_C(1) << (f.frac - 1) : 0);
	struct number y[2] = { unpack(e, x->size, whole, false), unpack(e, x->size, product, false) };

	if (!root)
		return add(e, y, true);
	if (is_inf(&y[1]))
		return exact_infinity(x->size, !y[1].negative);
	exact_load(0, x->size, arm_rules_neg(x->size, y[1].bits));
	exact_load_integer(1, false, 1, 0);
	exact_load_integer(2, false, 3, 0);
	return rounded(e, EXACT_HALF_FMA, x->size);
}

/* FPCompareEQ, FPCompareGE, FPCompareGT */
static uint64_t test(struct arm_rules *e, enum arm_op op, const struct number *x)
{
	bool nan = is_nan(&x[0]) || is_nan(&x[1]), holds = false;

	if (nan && (op != ARM_CMEQ || x[0].class == EXACT_SNAN || x[1].class == EXACT_SNAN))
		e->flags |= FPSR_IOC;
	if (!nan) {
		int c = order(x);
		holds = op == ARM_CMEQ ? c == 0 : op == ARM_CMGE ? c >= 0 : c > 0;
	}
	return holds ? ~UINT64_C(0) >> (64 - x->size) : 0;
}

/* FPSqrt */
static uint64_t square_root(struct arm_rules *e, const struct number *x)
{
	uint64_t nan;

	if (process_nans(e, x, 1, &nan))
		return nan;
	if (is_zero(x))
		return zero(x->size, x->negative);
	if (x->negative)
		return invalid(e, x->size);
	if (is_inf(x))
		return x->bits;
	load(0, x);
	return rounded(e, EXACT_SQRT, x->size);
}

/* RecipEstimate, of 256..511 */
static unsigned reciprocal_table(unsigned a)
{
	unsigned b = (1u << 19) / (2 * a + 1);

	return (b + 1) / 2;
}

/* RecipSqrtEstimate, of 128..511 */
static unsigned root_table(unsigned a)
{
	unsigned b = 512;

	a = a < 256 ? 2 * a + 1 : ((a & ~1u) + 1) * 2;
	while ((uint64_t)a * (b + 1) * (b + 1) < 1u << 28)
		b++;
	return (b + 1) / 2;
}

/* FPRecipEstimate where the result is too great. */
static uint64_t reciprocal_overflow(struct arm_rules *e, const struct number *x)
{
	enum exact_rounding r = arm_rules_rounding(e);
	bool to_infinity = r == EXACT_NEAREST || (r == EXACT_UP && !x->negative) || (r == EXACT_DOWN && x->negative);

	e->flags |= FPSR_OFC | FPSR_IXC;
	return to_infinity ? exact_infinity(x->size, x->negative) : exact_greatest(x->size, x->negative);
}

/* FPRecipEstimate */
static uint64_t reciprocal_estimate(struct arm_rules *e, const struct number *x)
{
	struct exact_format f = exact_format(x->size);
	uint64_t frac = x->bits << (64 - f.frac), nan;	/* its binary point on the left */
	int exp = (int)(x->bits >> f.frac) & f.top;

	if (process_nans(e, x, 1, &nan))
		return nan;
	if (is_inf(x))
		return zero(x->size, x->negative);
	if (is_zero(x)) {
		e->flags |= FPSR_DZC;
		return exact_infinity(x->size, x->negative);
	}
	if (exp == 0 && !(frac >> 62))
		return reciprocal_overflow(e, x);
	if (flushes(e, x->size) && exp >= 2 * f.bias - 1) {
		e->flags |= FPSR_UFC;
		return zero(x->size, x->negative);
	}
	if (exp == 0) {
		exp = frac >> 63 ? 0 : -1;
		frac <<= frac >> 63 ? 1 : 2;
	}
	uint64_t estimate = reciprocal_table(256 | (unsigned)(frac >> 56)) & 255;
	int result = 2 * f.bias - 1 - exp;
	uint64_t out = result > 0 ? estimate << 56 : result == 0 ? estimate << 55 | UINT64_C(1) << 63 :
		       estimate << 54 | UINT64_C(1) << 62;
	return zero(x->size, x->negative) | (uint64_t)(result > 0 ? result : 0) << f.frac | out >> (64 - f.frac);
}

/* FPRSqrtEstimate */
static uint64_t root_estimate(struct arm_rules *e, const struct number *x)
{
	struct exact_format f = exact_format(x->size);
	uint64_t frac = x->bits << (64 - f.frac), nan;
	int exp = (int)(x->bits >> f.frac) & f.top;

	if (process_nans(e, x, 1, &nan))
		return nan;
	if (is_zero(x)) {
		e->flags |= FPSR_DZC;
		return exact_infinity(x->size, x->negative);
	}
	if (x->negative)
		return invalid(e, x->size);
	if (is_inf(x))
		return zero(x->size, false);
	if (exp == 0) {
		for (; !(frac >> 63); exp--)
			frac <<= 1;
		frac <<= 1;
	}
	unsigned scaled = exp & 1 ? 128 | (unsigned)(frac >> 57) : 256 | (unsigned)(frac >> 56);
	uint64_t estimate = root_table(scaled) & 255;
	return (uint64_t)((3 * f.bias - 1 - exp) / 2) << f.frac | estimate << (f.frac - 8);
}

/* FPRecpX */
static uint64_t reciprocal_exponent(struct arm_rules *e, const struct number *x)
{
	struct exact_format f = exact_format(x->size);
	unsigned exp = (unsigned)(x->bits >> f.frac) & (unsigned)f.top;
	uint64_t nan;

	if (process_nans(e, x, 1, &nan))
		return nan;
	return zero(x->size, x->negative) | (uint64_t)(exp ? ~exp & (unsigned)f.top : (unsigned)f.top - 1) << f.frac;
}

/* FPMulAdd, FPMulAddH: x holds addend and factors. */
static uint64_t multiply_add(struct arm_rules *e, struct number *x)
{
	bool invalid_product = is_inf_times_zero(&x[1]), negative = x[1].negative ^ x[2].negative;
	bool inf_product = is_inf(&x[1]) || is_inf(&x[2]), zero_product = is_zero(&x[1]) || is_zero(&x[2]);
	unsigned size = x->size;
	uint64_t nan;

	if (x[0].class == EXACT_QNAN && invalid_product)
		return invalid(e, size);
	if (process_nans(e, x, 3, &nan))
		return nan;
	if (invalid_product || (is_inf(&x[0]) && inf_product && x[0].negative != negative))
		return invalid(e, size);
	if (is_inf(&x[0]) || inf_product)
		return exact_infinity(size, is_inf(&x[0]) ? x[0].negative : negative);
	if (is_zero(&x[0]) && zero_product && x[0].negative == negative)
		return zero(size, negative);
	load(0, &x[1]);
	load(1, &x[2]);
	load(2, &x[0]);
	return rounded(e, EXACT_FMA, size);
}

uint64_t arm_rules_muladd_half(struct arm_rules *e, uint64_t addend, uint64_t a, uint64_t b)
{
	struct number x[3] = { unpack(e, 32, addend, false), unpack(e, 16, a, false), unpack(e, 16, b, false) };

	for (unsigned i = 1; i < 3; i++) {	/* FPProcessNaNs3H: the half's digits go to the top of the single's */
		if (!is_nan(&x[i]))
			continue;
		x[i].bits = exact_infinity(32, x[i].negative) | (x[i].bits & 0x3ff) << 13;
		x[i].size = 32;
	}
	return multiply_add(e, x);
}

static uint64_t unary(struct arm_rules *e, enum arm_op op, unsigned size, uint64_t a)
{
	if (op == ARM_MOV)
		return a;
	if (op == ARM_ABS)
		return a & ~zero(size, true);
	if (op == ARM_NEG)
		return arm_rules_neg(size, a);
	struct number x = unpack(e, size, a, false);
	switch (op) {
	case ARM_SQRT: return square_root(e, &x);
	case ARM_RECPE: return reciprocal_estimate(e, &x);
	case ARM_RSQRTE: return root_estimate(e, &x);
	default: return reciprocal_exponent(e, &x);
	}
}

/* FPMaxNum, FPMinNum: a quiet NaN loses against a number. */
static void replace_quiet(struct number *x, bool greatest)
{
	for (unsigned i = 0; i < 2; i++) {
		if (x[i].class != EXACT_QNAN || x[!i].class == EXACT_QNAN)
			continue;
		x[i] = (struct number){ EXACT_INF, x->size, greatest, exact_infinity(x->size, greatest) };
		return;
	}
}

static uint64_t binary(struct arm_rules *e, enum arm_op op, struct number *x)
{
	uint64_t nan;

	if (op == ARM_MAXNM || op == ARM_MINNM)
		replace_quiet(x, op == ARM_MAXNM);
	if (process_nans(e, x, 2, &nan))
		return nan;
	switch (op) {
	case ARM_ADD: return add(e, x, false);
	case ARM_SUB:
	case ARM_ABD: return add(e, x, true);
	case ARM_MUL:
	case ARM_NMUL: return multiply(e, x, false);
	case ARM_MULX: return multiply(e, x, true);
	case ARM_DIV: return divide(e, x);
	case ARM_MAX:
	case ARM_MAXNM: return extreme(e, x, true);
	case ARM_MIN:
	case ARM_MINNM: return extreme(e, x, false);
	case ARM_RECPS:
	case ARM_RSQRTS: return step(e, x, op == ARM_RSQRTS);
	default: return step_a32(e, x, op == ARM_RSQRTS_A32);
	}
}

uint64_t arm_rules_op(struct arm_rules *e, enum arm_op op, unsigned size, uint64_t a, uint64_t b, uint64_t c)
{
	if (op >= ARM_SQRT && op != ARM_MULADD)
		return unary(e, op, size, a);
	if (op == ARM_ACGE || op == ARM_ACGT) {
		a &= ~zero(size, true);
		b &= ~zero(size, true);
	}
	if (op == ARM_RECPS || op == ARM_RSQRTS)
		a = arm_rules_neg(size, a);
	if (op == ARM_MULADD) {
		struct number x[3] = { unpack(e, size, c, false), unpack(e, size, a, false), unpack(e, size, b, false) };
		return multiply_add(e, x);
	}
	struct number x[2] = { unpack(e, size, a, false), unpack(e, size, b, false) };
	if (op >= ARM_CMEQ && op <= ARM_ACGT)
		return test(e, op == ARM_ACGE ? ARM_CMGE : op == ARM_ACGT ? ARM_CMGT : op, x);
	uint64_t r = binary(e, op, x);
	if (op == ARM_NMUL)
		r = arm_rules_neg(size, r);
	return op == ARM_ABD ? r & ~zero(size, true) : r;
}

unsigned arm_rules_compare(struct arm_rules *e, unsigned size, uint64_t a, uint64_t b, bool signal)
{
	struct number x[2] = { unpack(e, size, a, false), unpack(e, size, b, false) };

	if (is_nan(&x[0]) || is_nan(&x[1])) {
		if (signal || x[0].class == EXACT_SNAN || x[1].class == EXACT_SNAN)
			e->flags |= FPSR_IOC;
		return 3;
	}
	int c = order(x);
	return c == 0 ? 6 : c < 0 ? 8 : 2;
}

/* FPConvertNaN: the digits' most significant ones stay. */
static uint64_t convert_nan(unsigned from, unsigned to, uint64_t a)
{
	struct exact_format f = exact_format(from), t = exact_format(to);
	uint64_t digits = a << (64 - f.frac) >> (64 - t.frac);

	return exact_infinity(to, a >> (from - 1) & 1) | digits | UINT64_C(1) << (t.frac - 1);
}

/* Alternative half precision has no infinities and no NaNs, and one exponent more. */
static uint64_t to_alternative(struct arm_rules *e, const struct number *x, enum exact_rounding rounding)
{
	uint64_t greatest = zero(16, x->negative) | 0x7fff;

	if (is_nan(x) || is_inf(x)) {
		e->flags |= FPSR_IOC;
		return is_nan(x) ? zero(16, x->negative) : greatest;
	}
	if (is_zero(x))
		return zero(16, x->negative);
	load(0, x);
	struct exact_result r = exact_round(EXACT_X, 16, rounding);
	if (r.overflow) {
		r = exact_round_wide(EXACT_X, 16, rounding, -1);
		if ((exact_bits(64) & ~zero(64, true)) >= UINT64_C(0x40f0) << 48) {	/* half of 2^17 */
			e->flags |= FPSR_IOC;
			return greatest;
		}
		e->flags |= r.inexact ? FPSR_IXC : 0;
		return exact_bits(16) + 0x400;
	}
	e->flags |= (r.inexact ? FPSR_IXC : 0) | (r.tiny && r.inexact ? FPSR_UFC : 0);
	return exact_bits(16);
}

/* FPUnpackCV of an alternative half: the greatest exponent is one of numbers. */
static bool load_alternative(uint64_t a)
{
	bool beyond = (a & 0x7c00) == 0x7c00;

	if (beyond)
		exact_load_integer(0, a >> 15 & 1, 0x400 | (a & 0x3ff), 6);
	return beyond;
}

/* FPConvert */
uint64_t arm_rules_convert(struct arm_rules *e, unsigned from, unsigned to, enum exact_rounding rounding, uint64_t a)
{
	struct number x = unpack(e, from, a, true);

	if (to == 16 && e->control & FPCR_AHP)
		return to_alternative(e, &x, rounding);
	if (from == 16 && e->control & FPCR_AHP && load_alternative(a))
		return round_to(e, EXACT_X, to, rounding, true);
	if (x.class == EXACT_SNAN)
		e->flags |= FPSR_IOC;
	if (is_nan(&x))
		return e->control & FPCR_DN ? exact_default_nan(to) : convert_nan(from, to, a);
	if (is_inf(&x))
		return exact_infinity(to, x.negative);
	if (is_zero(&x))
		return zero(to, x.negative);
	load(0, &x);
	return round_to(e, EXACT_X, to, rounding, true);
}

/* FPToFixed */
uint64_t arm_rules_to_fixed(struct arm_rules *e, unsigned size, unsigned bits, bool is_unsigned, unsigned fbits,
			    enum exact_rounding rounding, uint64_t a)
{
	struct number x = unpack(e, size, a, false);
	uint64_t out = 0;

	if (is_nan(&x) || is_zero(&x)) {
		e->flags |= is_nan(&x) ? FPSR_IOC : 0;
		return 0;
	}
	if (is_inf(&x))
		exact_load_integer(0, x.negative, 1, 4000);
	else
		load(0, &x);
	struct exact_result r = exact_round_integral((int)fbits, rounding);
	if (!exact_integer(bits, is_unsigned, &out))
		e->flags |= FPSR_IOC;
	else if (r.inexact)
		e->flags |= FPSR_IXC;
	return out;
}

/* FixedToFP */
uint64_t arm_rules_from_fixed(struct arm_rules *e, unsigned bits, unsigned size, bool is_unsigned, unsigned fbits,
			      enum exact_rounding rounding, uint64_t a)
{
	uint64_t mask = ~UINT64_C(0) >> (64 - bits);
	bool negative = !is_unsigned && a >> (bits - 1) & 1;

	a &= mask;
	if (!a)
		return 0;
	exact_load_integer(0, negative, negative ? (0 - a) & mask : a, -(int)fbits);
	return round_to(e, EXACT_X, size, rounding, false);
}

/* FPRoundInt */
uint64_t arm_rules_round_int(struct arm_rules *e, unsigned size, enum exact_rounding rounding, bool exact, uint64_t a)
{
	struct number x = unpack(e, size, a, false);
	uint64_t nan;

	if (process_nans(e, &x, 1, &nan))
		return nan;
	if (is_inf(&x) || is_zero(&x))
		return x.bits;
	load(0, &x);
	struct exact_result r = exact_round_integral(0, rounding);
	if (exact && r.inexact)
		e->flags |= FPSR_IXC;
	return r.zero ? zero(size, x.negative) : exact_bits(size);
}

/* FPRoundIntN */
uint64_t arm_rules_round_int_n(struct arm_rules *e, unsigned size, unsigned bits, enum exact_rounding rounding, uint64_t a)
{
	struct number x = unpack(e, size, a, false);
	struct exact_format f = exact_format(size);
	uint64_t integer;

	if (is_zero(&x))
		return zero(size, x.negative);
	bool fits = !is_nan(&x) && !is_inf(&x);
	if (fits) {
		load(0, &x);
		struct exact_result r = exact_round_integral(0, rounding);
		fits = exact_integer(bits, false, &integer);
		if (fits) {
			e->flags |= r.inexact ? FPSR_IXC : 0;
			return r.zero ? zero(size, x.negative) : exact_bits(size);
		}
	}
	e->flags |= FPSR_IOC;
	return zero(size, true) | (uint64_t)(f.bias + (int)bits - 1) << f.frac;
}

/* FPToFixedJS: the integer's low 32 bits. Z: it is the operand's value, which is no -0. */
uint32_t arm_rules_to_int_js(struct arm_rules *e, uint64_t a, bool *z)
{
	struct number x = unpack(e, 64, a, false);
	struct exact_format f = exact_format(64);
	int exp = (int)(x.bits >> f.frac) & f.top, shift = exp - f.bias - (int)f.frac;
	uint64_t significand = (x.bits & ((UINT64_C(1) << f.frac) - 1)) | UINT64_C(1) << f.frac, integer;

	*z = false;
	if (is_nan(&x) || is_inf(&x)) {
		e->flags |= FPSR_IOC;
		return 0;
	}
	if (is_zero(&x)) {
		*z = a == 0;
		return 0;
	}
	load(0, &x);
	struct exact_result r = exact_round_integral(0, EXACT_TO_ZERO);
	bool fits = exact_integer(32, false, &integer);
	e->flags |= !fits ? FPSR_IOC : r.inexact ? FPSR_IXC : 0;
	*z = fits && !r.inexact;
	uint64_t low = shift >= 64 ? 0 : shift >= 0 ? significand << shift : shift > -64 ? significand >> -shift : 0;
	return (uint32_t)(x.negative ? 0 - low : low);
}
