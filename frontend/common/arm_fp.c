/* Arithmetic and comparison; arm_fp_convert.c and arm_fp_estimate.c have the rest. */
#include "frontend/common/arm_fp_core.h"

const struct softfp_format *arm_fp_format(unsigned size)
{
	return size == 16 ? &softfp_half : size == 32 ? &softfp_single : &softfp_double;
}

uint64_t arm_fp_default_nan(unsigned size)
{
	const struct softfp_format *f = arm_fp_format(size);

	return softfp_infinity(f) | softfp_quiet_bit(f);
}

enum softfp_rounding arm_fp_softfp_mode(enum arm_fp_rounding rounding)
{
	static const uint8_t modes[] = {
		[ARM_FP_NEAREST] = SOFTFP_NEAREST, [ARM_FP_UP] = SOFTFP_UP, [ARM_FP_DOWN] = SOFTFP_DOWN,
		[ARM_FP_TO_ZERO] = SOFTFP_TO_ZERO, [ARM_FP_AWAY] = SOFTFP_AWAY, [ARM_FP_ODD] = SOFTFP_ODD,
	};

	return modes[rounding];
}

bool arm_fp_flushes(const struct arm_fp *fp, const struct softfp_format *f)
{
	return fp->control & (f->bits == 16 ? ARM_FP_FZ16 : ARM_FP_FZ);
}

bool arm_fp_overflows_to_infinity(enum arm_fp_rounding rounding, bool sign)
{
	return rounding == ARM_FP_NEAREST || rounding == ARM_FP_AWAY || rounding == (sign ? ARM_FP_DOWN : ARM_FP_UP);
}

uint64_t arm_fp_invalid(struct arm_fp *fp, const struct softfp_format *f)
{
	fp->flags |= ARM_FP_IOC;
	return softfp_infinity(f) | softfp_quiet_bit(f);
}

uint64_t arm_fp_nan(struct arm_fp *fp, const struct softfp_format *f, uint64_t nan)
{
	if (softfp_is_snan(f, nan))
		fp->flags |= ARM_FP_IOC;
	return fp->control & ARM_FP_DN ? softfp_infinity(f) | softfp_quiet_bit(f) : nan | softfp_quiet_bit(f);
}

struct softfp_num arm_fp_unpack(struct arm_fp *fp, const struct softfp_format *f, uint64_t v)
{
	struct softfp_num n = softfp_unpack(f, v);

	if (n.kind == SOFTFP_FINITE && n.exp < f->emin && arm_fp_flushes(fp, f)) {
		n.kind = SOFTFP_ZERO;
		if (f->bits != 16)
			fp->flags |= ARM_FP_IDC;
	}
	return n;
}

uint64_t arm_fp_round(struct arm_fp *fp, const struct softfp_format *f, struct softfp_exact x,
		      enum arm_fp_rounding rounding)
{
	struct softfp_rounded r = softfp_round(f, arm_fp_softfp_mode(rounding), x, false);

	if (r.tiny && arm_fp_flushes(fp, f)) {
		fp->flags |= ARM_FP_UFC;
		return arm_fp_zero(f, x.sign);
	}
	if (r.exp > f->emax) {
		fp->flags |= ARM_FP_OFC | ARM_FP_IXC;
		return arm_fp_overflows_to_infinity(rounding, x.sign) ? arm_fp_inf(f, x.sign) :
									arm_fp_max_normal(f, x.sign);
	}
	if (r.inexact)
		fp->flags |= ARM_FP_IXC | (r.tiny ? ARM_FP_UFC : 0);
	return softfp_pack(f, r.exp, r.frac) | arm_fp_zero(f, x.sign);
}

static uint64_t round_as_told(struct arm_fp *fp, const struct softfp_format *f, struct softfp_exact x)
{
	return arm_fp_round(fp, f, x, arm_fp_rounding(fp->control));
}

/* FPProcessNaNs, FPProcessNaNs3: the first signalling NaN, else the first NaN. False: there is none. */
static bool process_nans(struct arm_fp *fp, const struct softfp_format *f, const uint64_t *v, unsigned n,
			 uint64_t *result)
{
	for (unsigned quiet = 0; quiet < 2; quiet++) {
		for (unsigned i = 0; i < n; i++) {
			if (quiet ? softfp_is_nan(f, v[i]) : softfp_is_snan(f, v[i])) {
				*result = arm_fp_nan(fp, f, v[i]);
				return true;
			}
		}
	}
	return false;
}

static uint64_t cancelled(const struct arm_fp *fp, const struct softfp_format *f)
{
	return arm_fp_zero(f, arm_fp_rounding(fp->control) == ARM_FP_DOWN);
}

static uint64_t sum(struct arm_fp *fp, const struct softfp_format *f, struct softfp_exact x, struct softfp_exact y)
{
	struct softfp_exact result;

	return softfp_sum(x, y, &result) ? round_as_told(fp, f, result) : cancelled(fp, f);
}

static uint64_t add(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a, struct softfp_num b)
{
	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_INFINITE) {
		if (a.kind == b.kind && a.sign != b.sign)
			return arm_fp_invalid(fp, f);
		return arm_fp_inf(f, a.kind == SOFTFP_INFINITE ? a.sign : b.sign);
	}
	if (a.kind == SOFTFP_ZERO && b.kind == SOFTFP_ZERO)
		return a.sign == b.sign ? arm_fp_zero(f, a.sign) : cancelled(fp, f);
	if (a.kind == SOFTFP_ZERO || b.kind == SOFTFP_ZERO)
		return round_as_told(fp, f, softfp_widen(a.kind == SOFTFP_ZERO ? b : a));
	return sum(fp, f, softfp_widen(a), softfp_widen(b));
}

static bool infinity_times_zero(struct softfp_num a, struct softfp_num b)
{
	return (a.kind == SOFTFP_INFINITE && b.kind == SOFTFP_ZERO) ||
	       (a.kind == SOFTFP_ZERO && b.kind == SOFTFP_INFINITE);
}

/* The product but for infinity * 0. */
static uint64_t mul(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a, struct softfp_num b)
{
	bool sign = a.sign ^ b.sign;

	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_INFINITE)
		return arm_fp_inf(f, sign);
	if (a.kind == SOFTFP_ZERO || b.kind == SOFTFP_ZERO)
		return arm_fp_zero(f, sign);
	return round_as_told(fp, f, softfp_product(a, b));
}

static uint64_t divide(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a, struct softfp_num b)
{
	bool sign = a.sign ^ b.sign;

	if (a.kind == b.kind && a.kind != SOFTFP_FINITE)
		return arm_fp_invalid(fp, f);
	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_ZERO) {
		if (a.kind != SOFTFP_INFINITE)
			fp->flags |= ARM_FP_DZC;
		return arm_fp_inf(f, sign);
	}
	if (a.kind == SOFTFP_ZERO || b.kind == SOFTFP_INFINITE)
		return arm_fp_zero(f, sign);
	return round_as_told(fp, f, softfp_quotient(a, b));
}

static uint64_t square_root(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a)
{
	if (a.kind == SOFTFP_ZERO)
		return arm_fp_zero(f, a.sign);
	if (a.sign)
		return arm_fp_invalid(fp, f);
	if (a.kind == SOFTFP_INFINITE)
		return arm_fp_inf(f, false);
	return round_as_told(fp, f, softfp_root(a));
}

/* addend + a * b; f is the format of addend and result. */
static uint64_t multiply_add(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num addend,
			     struct softfp_num a, struct softfp_num b)
{
	bool sign = a.sign ^ b.sign;

	if (infinity_times_zero(a, b))
		return arm_fp_invalid(fp, f);
	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_INFINITE)
		return add(fp, f, addend, (struct softfp_num){ .kind = SOFTFP_INFINITE, .sign = sign });
	if (a.kind == SOFTFP_ZERO || b.kind == SOFTFP_ZERO || addend.kind == SOFTFP_INFINITE)
		return add(fp, f, addend, (struct softfp_num){ .kind = SOFTFP_ZERO, .sign = sign });
	if (addend.kind == SOFTFP_ZERO)
		return round_as_told(fp, f, softfp_product(a, b));
	return sum(fp, f, softfp_widen(addend), softfp_product(a, b));
}

static uint64_t fused(struct arm_fp *fp, const struct softfp_format *f, const uint64_t v[3])
{
	struct softfp_num addend = arm_fp_unpack(fp, f, v[0]), a = arm_fp_unpack(fp, f, v[1]);
	struct softfp_num b = arm_fp_unpack(fp, f, v[2]);
	uint64_t result;
	bool nan = process_nans(fp, f, v, 3, &result);

	/* A quiet NaN as addend does not hide infinity * 0. */
	if (addend.kind == SOFTFP_NAN && !softfp_is_snan(f, v[0]) && infinity_times_zero(a, b))
		return arm_fp_invalid(fp, f);
	return nan ? result : multiply_add(fp, f, addend, a, b);
}

uint32_t arm_fp_muladd_half(struct arm_fp *fp, uint32_t addend, uint16_t a, uint16_t b)
{
	const struct softfp_format *f = &softfp_single, *h = &softfp_half;
	struct softfp_num x = arm_fp_unpack(fp, f, addend), y = arm_fp_unpack(fp, h, a), z = arm_fp_unpack(fp, h, b);
	/* NaNs as singles: FPProcessNaNs3H converts after processing, which comes to the same. */
	const uint64_t v[] = {
		addend,
		y.kind == SOFTFP_NAN ? (uint64_t)(a >> 15) << 31 | 0xff << 23 | (a & 0x3ffu) << 13 : 0,
		z.kind == SOFTFP_NAN ? (uint64_t)(b >> 15) << 31 | 0xff << 23 | (b & 0x3ffu) << 13 : 0,
	};
	uint64_t result;
	bool nan = process_nans(fp, f, v, 3, &result);

	if (x.kind == SOFTFP_NAN && !softfp_is_snan(f, addend) && infinity_times_zero(y, z))
		return (uint32_t)arm_fp_invalid(fp, f);
	return (uint32_t)(nan ? result : multiply_add(fp, f, x, y, z));
}

/* FPRecipStepFused, FPRSqrtStepFused: the constant minus a * b, halved. */
static uint64_t step(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a, struct softfp_num b,
		     bool root)
{
	const struct softfp_exact two = { false, 1, (softfp_wide)1 << 126 };
	const struct softfp_exact three = { false, 1, (softfp_wide)3 << 125 };
	struct softfp_exact x = root ? three : two;

	a.sign ^= 1;
	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_INFINITE)
		if (!infinity_times_zero(a, b))
			return arm_fp_inf(f, a.sign ^ b.sign);
	if (a.kind == SOFTFP_FINITE && b.kind == SOFTFP_FINITE && !softfp_sum(x, softfp_product(a, b), &x))
		return cancelled(fp, f);
	x.exp -= root;
	return round_as_told(fp, f, x);
}

/* FPRecipStep, FPRSqrtStep of AArch32: product and difference are rounded. */
static uint64_t step_a32(struct arm_fp *fp, const struct softfp_format *f, struct softfp_num a, struct softfp_num b,
			 bool root)
{
	uint64_t product = infinity_times_zero(a, b) ? 0 : mul(fp, f, a, b);
	struct softfp_num p = arm_fp_unpack(fp, f, product);
	struct softfp_num x = { SOFTFP_FINITE, false, 1, root ? 3ull << 62 : 1ull << 63 };

	p.sign ^= 1;
	if (p.kind != SOFTFP_FINITE)
		return p.kind == SOFTFP_INFINITE ? arm_fp_inf(f, p.sign) :
						   softfp_pack(f, root ? 0 : 1, (root ? 3ull : 2) << (f->digits - 2));
	struct softfp_exact y;
	if (!softfp_sum(softfp_widen(x), softfp_widen(p), &y))
		return cancelled(fp, f);
	y.exp -= root;
	return round_as_told(fp, f, y);
}

/* FPMax, FPMin without NaNs. */
static uint64_t extreme(struct arm_fp *fp, const struct softfp_format *f, const uint64_t v[2], struct softfp_num a,
			struct softfp_num b, bool max)
{
	unsigned cc = arm_fp_compare(fp, (unsigned)f->bits, v[0], v[1], false);
	bool first = max ? cc == 2 : cc == 8;
	struct softfp_num n = first ? a : b;

	if (n.kind == SOFTFP_ZERO)
		return arm_fp_zero(f, max ? a.sign && b.sign : a.sign || b.sign);
	return v[!first];
}

static uint64_t two_operands(struct arm_fp *fp, enum arm_fp_op op, const struct softfp_format *f, const uint64_t v[2],
			     struct softfp_num a, struct softfp_num b)
{
	switch (op) {
	case ARM_FP_ABD:
	case ARM_FP_SUB: b.sign ^= 1; /* fallthrough */
	case ARM_FP_ADD: return add(fp, f, a, b);
	case ARM_FP_MUL:
	case ARM_FP_NMUL: return infinity_times_zero(a, b) ? arm_fp_invalid(fp, f) : mul(fp, f, a, b);
	case ARM_FP_MULX:
		if (infinity_times_zero(a, b))
			return softfp_pack(f, 1, 1ull << (f->digits - 1)) | arm_fp_zero(f, a.sign ^ b.sign);
		return mul(fp, f, a, b);
	case ARM_FP_DIV: return divide(fp, f, a, b);
	case ARM_FP_MAX:
	case ARM_FP_MAXNM: return extreme(fp, f, v, a, b, true);
	case ARM_FP_MIN:
	case ARM_FP_MINNM: return extreme(fp, f, v, a, b, false);
	case ARM_FP_RECPS: return step(fp, f, a, b, false);
	case ARM_FP_RSQRTS: return step(fp, f, a, b, true);
	case ARM_FP_RECPS_A32: return step_a32(fp, f, a, b, false);
	default: return step_a32(fp, f, a, b, true);
	}
}

/* A lone quiet NaN counts as the infinity that loses. */
static void replace_quiet_nan(enum arm_fp_op op, const struct softfp_format *f, uint64_t v[2])
{
	uint64_t loser = arm_fp_inf(f, op == ARM_FP_MAXNM);
	bool quiet0 = softfp_is_nan(f, v[0]) && !softfp_is_snan(f, v[0]);
	bool quiet1 = softfp_is_nan(f, v[1]) && !softfp_is_snan(f, v[1]);

	if (quiet0 != quiet1)
		v[quiet0 ? 0 : 1] = loser;
}

static uint64_t binary(struct arm_fp *fp, enum arm_fp_op op, const struct softfp_format *f, uint64_t v[2])
{
	uint64_t result, sign = softfp_sign_bit(f);

	if (op == ARM_FP_MAXNM || op == ARM_FP_MINNM)
		replace_quiet_nan(op, f, v);
	struct softfp_num a = arm_fp_unpack(fp, f, v[0]), b = arm_fp_unpack(fp, f, v[1]);
	/* The fused steps negate their first operand before they look for NaNs. */
	if (op == ARM_FP_RECPS || op == ARM_FP_RSQRTS)
		v[0] ^= sign;
	if (!process_nans(fp, f, v, 2, &result))
		result = two_operands(fp, op, f, v, a, b);
	return op == ARM_FP_NMUL ? result ^ sign : op == ARM_FP_ABD ? result & ~sign : result;
}

uint64_t arm_fp_exec(struct arm_fp *fp, enum arm_fp_op op, unsigned size, uint64_t a, uint64_t b, uint64_t c)
{
	const struct softfp_format *f = arm_fp_format(size);
	uint64_t v[3] = { a, b, c };

	switch (op) {
	case ARM_FP_SQRT:
		if (softfp_is_nan(f, a))
			return arm_fp_nan(fp, f, a);
		return square_root(fp, f, arm_fp_unpack(fp, f, a));
	case ARM_FP_RECPE: return arm_fp_recpe(fp, f, a);
	case ARM_FP_RSQRTE: return arm_fp_rsqrte(fp, f, a);
	case ARM_FP_RECPX: return arm_fp_recpx(fp, f, a);
	case ARM_FP_MULADD: return fused(fp, f, v);
	default: return binary(fp, op, f, v);
	}
}

/* Maps finite numbers and infinities to integers of the same order; both zeros to 0. */
static int64_t order(const struct softfp_format *f, struct softfp_num n, uint64_t v)
{
	int64_t magnitude = n.kind == SOFTFP_ZERO ? 0 : (int64_t)(v & (softfp_sign_bit(f) - 1));

	return n.sign ? -magnitude : magnitude;
}

unsigned arm_fp_compare(struct arm_fp *fp, unsigned size, uint64_t a, uint64_t b, bool signal)
{
	const struct softfp_format *f = arm_fp_format(size);
	struct softfp_num x = arm_fp_unpack(fp, f, a), y = arm_fp_unpack(fp, f, b);

	if (x.kind == SOFTFP_NAN || y.kind == SOFTFP_NAN) {
		if (signal || softfp_is_snan(f, a) || softfp_is_snan(f, b))
			fp->flags |= ARM_FP_IOC;
		return 3;
	}
	int64_t p = order(f, x, a), q = order(f, y, b);
	return p == q ? 6 : p < q ? 8 : 2;
}

bool arm_fp_test(struct arm_fp *fp, enum arm_fp_op rel, unsigned size, uint64_t a, uint64_t b)
{
	unsigned cc = arm_fp_compare(fp, size, a, b, rel != ARM_FP_EQ);

	return rel == ARM_FP_GT ? cc == 2 : cc == 6 || (rel == ARM_FP_GE && cc == 2);
}
