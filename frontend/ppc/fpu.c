/*
 * PowerPC arithmetic (Book I, chapter 4 and its appendix of models) on softfp: operands are doubles,
 * results are rounded to the format of the operation and delivered as doubles.
 */
#include "frontend/common/softfp.h"
#include "frontend/ppc/fpu.h"

#define SIGN (1ull << 63)
#define QUIET (1ull << 51)
#define INF 0x7ff0000000000000ull

/* One execution. `raised` collects sticky bits. */
struct run {
	const struct softfp_format *format;
	uint32_t fpscr, raised;
	bool fr, fi;
	unsigned fprf;
};

static bool is_nan(uint64_t v)
{
	return softfp_is_nan(&softfp_double, v);
}

static bool is_snan(uint64_t v)
{
	return softfp_is_snan(&softfp_double, v);
}

static struct softfp_num unpack(uint64_t v)
{
	return softfp_unpack(&softfp_double, v);
}

static enum softfp_rounding mode(unsigned rn)
{
	static const uint8_t modes[] = {
		[FP_RN_NEAREST] = SOFTFP_NEAREST, [FP_RN_ZERO] = SOFTFP_TO_ZERO, [FP_RN_UP] = SOFTFP_UP,
		[FP_RN_DOWN] = SOFTFP_DOWN,
	};

	return modes[rn];
}

static uint64_t zero(struct run *r, bool sign)
{
	r->fprf = FP_CLASS_ZERO | (sign ? FP_CLASS_NEGATE_ZERO : 0);
	return sign ? SIGN : 0;
}

static uint64_t infinity(struct run *r, bool sign)
{
	r->fprf = FP_CLASS_INF ^ (sign ? FP_CLASS_NEGATE : 0);
	return INF | (sign ? SIGN : 0);
}

/* frac * 2^(exp + 1 - digits) in the double format; a denormal of the run's format has a smaller frac. */
static uint64_t pack(struct run *r, bool sign, int exp, uint64_t frac)
{
	int shift = __builtin_clzll(frac) - 11;
	bool denormal = frac < 1ull << (r->format->digits - 1);
	uint64_t s = sign ? SIGN : 0;

	r->fprf = (denormal ? FP_CLASS_DENORMAL : FP_CLASS_NORMAL) ^ (sign ? FP_CLASS_NEGATE : 0);
	exp += 53 - r->format->digits - shift;
	if (exp < -1022 && denormal)
		return s | frac;
	return s | (uint64_t)((exp + 1023) & 0x7ff) << 52 | (frac << shift & (QUIET * 2 - 1));
}

/* The result of an overflow that is not enabled. */
static uint64_t overflow(struct run *r, bool sign)
{
	unsigned rn = r->fpscr & FPSCR_RN;
	bool inf = rn == FP_RN_NEAREST || rn == (sign ? FP_RN_DOWN : FP_RN_UP);

	r->raised |= FPSCR_OX | FPSCR_XX;
	r->fi = true;
	r->fr = inf;
	if (inf)
		return infinity(r, sign);
	return pack(r, sign, r->format->emax, (1ull << r->format->digits) - 1);
}

/* What an enabled overflow or underflow changes the exponent by. */
static int wrap(const struct run *r)
{
	return r->format == &softfp_single ? 192 : 1536;
}

/* Rounds a result that is not zero. Tininess is detected before rounding. */
static uint64_t finish(struct run *r, struct softfp_exact x)
{
	const struct softfp_format *f = r->format;
	bool wide = r->fpscr & FPSCR_UE;
	struct softfp_rounded v = softfp_round(f, mode(r->fpscr & FPSCR_RN), x, wide);

	r->fi = v.inexact;
	r->fr = v.up;
	if (v.tiny && (wide || v.inexact))
		r->raised |= FPSCR_UX;
	if (v.tiny && wide)
		v.exp += wrap(r);
	if (v.exp > f->emax && !v.tiny) {
		if (!(r->fpscr & FPSCR_OE))
			return overflow(r, x.sign);
		r->raised |= FPSCR_OX;
		v.exp -= wrap(r);
	}
	if (r->fi)
		r->raised |= FPSCR_XX;
	return v.frac ? pack(r, x.sign, v.exp, v.frac) : zero(r, x.sign);
}

static uint64_t invalid(struct run *r, uint32_t why)
{
	r->raised |= why;
	r->fprf = FP_CLASS_QNAN;
	return FP_DEFAULT_NAN;
}

static uint64_t sum(struct run *r, struct softfp_exact x, struct softfp_exact y)
{
	struct softfp_exact result;

	if (!softfp_sum(x, y, &result))
		return zero(r, (r->fpscr & FPSCR_RN) == FP_RN_DOWN);
	return finish(r, result);
}

/* 0 + 0: the common sign, or that of an exact cancellation. */
static uint64_t zero_sum(struct run *r, bool x, bool y)
{
	return zero(r, x == y ? x : (r->fpscr & FPSCR_RN) == FP_RN_DOWN);
}

static uint64_t add(struct run *r, struct softfp_num a, struct softfp_num b)
{
	if (a.kind == SOFTFP_INFINITE || b.kind == SOFTFP_INFINITE) {
		if (a.kind == b.kind && a.sign != b.sign)
			return invalid(r, FPSCR_VXISI);
		return infinity(r, a.kind == SOFTFP_INFINITE ? a.sign : b.sign);
	}
	if (a.kind == SOFTFP_ZERO && b.kind == SOFTFP_ZERO)
		return zero_sum(r, a.sign, b.sign);
	if (a.kind == SOFTFP_ZERO || b.kind == SOFTFP_ZERO)
		return finish(r, softfp_widen(a.kind == SOFTFP_ZERO ? b : a));
	return sum(r, softfp_widen(a), softfp_widen(b));
}

static uint64_t mul(struct run *r, struct softfp_num a, struct softfp_num c)
{
	bool sign = a.sign ^ c.sign;

	if (a.kind == SOFTFP_INFINITE || c.kind == SOFTFP_INFINITE) {
		if (a.kind == SOFTFP_ZERO || c.kind == SOFTFP_ZERO)
			return invalid(r, FPSCR_VXIMZ);
		return infinity(r, sign);
	}
	if (a.kind == SOFTFP_ZERO || c.kind == SOFTFP_ZERO)
		return zero(r, sign);
	return finish(r, softfp_product(a, c));
}

static uint64_t divide(struct run *r, struct softfp_num a, struct softfp_num b)
{
	bool sign = a.sign ^ b.sign;

	if (a.kind == SOFTFP_INFINITE)
		return b.kind == SOFTFP_INFINITE ? invalid(r, FPSCR_VXIDI) : infinity(r, sign);
	if (b.kind == SOFTFP_INFINITE)
		return zero(r, sign);
	if (b.kind == SOFTFP_ZERO) {
		if (a.kind == SOFTFP_ZERO)
			return invalid(r, FPSCR_VXZDZ);
		r->raised |= FPSCR_ZX;
		return infinity(r, sign);
	}
	if (a.kind == SOFTFP_ZERO)
		return zero(r, sign);
	return finish(r, softfp_quotient(a, b));
}

static uint64_t square_root(struct run *r, struct softfp_num b)
{
	if (b.kind == SOFTFP_ZERO)
		return zero(r, b.sign);
	if (b.sign)
		return invalid(r, FPSCR_VXSQRT);
	if (b.kind == SOFTFP_INFINITE)
		return infinity(r, false);
	return finish(r, softfp_root(b));
}

/* 1 / sqrt(b) */
static uint64_t root_reciprocal(struct run *r, struct softfp_num b)
{
	if (b.kind == SOFTFP_ZERO) {
		r->raised |= FPSCR_ZX;
		return infinity(r, b.sign);
	}
	if (b.sign)
		return invalid(r, FPSCR_VXSQRT);
	if (b.kind == SOFTFP_INFINITE)
		return zero(r, false);
	return finish(r, softfp_root_reciprocal(b));
}

static uint64_t reciprocal(struct run *r, struct softfp_num b)
{
	return divide(r, (struct softfp_num){ .kind = SOFTFP_FINITE, .sig = SIGN }, b);
}

/* a * c + b */
static uint64_t multiply_add(struct run *r, struct softfp_num a, struct softfp_num b, struct softfp_num c)
{
	bool sign = a.sign ^ c.sign;

	if (a.kind == SOFTFP_INFINITE || c.kind == SOFTFP_INFINITE) {
		if (a.kind == SOFTFP_ZERO || c.kind == SOFTFP_ZERO)
			return invalid(r, FPSCR_VXIMZ);
		return add(r, (struct softfp_num){ .kind = SOFTFP_INFINITE, .sign = sign }, b);
	}
	if (b.kind == SOFTFP_INFINITE)
		return infinity(r, b.sign);
	if (a.kind == SOFTFP_ZERO || c.kind == SOFTFP_ZERO)
		return add(r, (struct softfp_num){ .kind = SOFTFP_ZERO, .sign = sign }, b);
	if (b.kind == SOFTFP_ZERO)
		return finish(r, softfp_product(a, c));
	return sum(r, softfp_product(a, c), softfp_widen(b));
}

static uint64_t round_single(struct run *r, struct softfp_num b)
{
	if (b.kind == SOFTFP_INFINITE)
		return infinity(r, b.sign);
	return b.kind == SOFTFP_ZERO ? zero(r, b.sign) : finish(r, softfp_widen(b));
}

/* Saturates; FPRF is undefined after these, 0 here. */
static uint64_t to_int32(struct run *r, struct softfp_num b, unsigned rn)
{
	uint64_t limit = b.sign ? 0x80000000u : 0x7fffffffu;
	struct softfp_integer i = { .huge = true };

	if (b.kind == SOFTFP_ZERO || b.kind == SOFTFP_FINITE)
		i = softfp_to_integer(mode(rn), b);
	r->fi = i.inexact;
	r->fr = i.up;
	if (i.huge || i.whole > limit) {
		r->fi = r->fr = false;
		r->raised |= FPSCR_VXCVI;
		return FP_INT_HIGH | (b.kind == SOFTFP_NAN ? 0x80000000u : limit);
	}
	if (r->fi)
		r->raised |= FPSCR_XX;
	return FP_INT_HIGH | (uint32_t)(b.sign ? 0 - i.whole : i.whole);
}

static uint64_t negate(struct run *r, uint64_t bits)
{
	if (is_nan(bits))
		return bits;
	r->fprf ^= bits << 1 ? FP_CLASS_NEGATE : FP_CLASS_NEGATE_ZERO;
	return bits ^ SIGN;
}

static uint64_t calculate(struct run *r, unsigned op, struct softfp_num a, struct softfp_num b, struct softfp_num c)
{
	switch (op) {
	case FP_SUB: b.sign ^= 1; /* fallthrough */
	case FP_ADD: return add(r, a, b);
	case FP_MUL: return mul(r, a, c);
	case FP_DIV: return divide(r, a, b);
	case FP_SQRT: return square_root(r, b);
	case FP_MSUB: b.sign ^= 1; /* fallthrough */
	case FP_MADD: return multiply_add(r, a, b, c);
	case FP_NMSUB: b.sign ^= 1; /* fallthrough */
	case FP_NMADD: return negate(r, multiply_add(r, a, b, c));
	case FP_RSP: return round_single(r, b);
	case FP_CTIW: return to_int32(r, b, r->fpscr & FPSCR_RN);
	case FP_CTIWZ: return to_int32(r, b, FP_RN_ZERO);
	case FP_RES: return reciprocal(r, b);
	case FP_RSQRTE: return root_reciprocal(r, b);
	default: return 0;
	}
}

unsigned ppc_fpu_uses(unsigned op)
{
	switch (op & ~(unsigned)FP_SINGLE) {
	case FP_ADD: case FP_SUB: case FP_DIV: return FP_USES_A | FP_USES_B;
	case FP_MUL: return FP_USES_A | FP_USES_C;
	case FP_MADD: case FP_MSUB: case FP_NMADD: case FP_NMSUB: return FP_USES_A | FP_USES_B | FP_USES_C;
	default: return FP_USES_B;
	}
}

/* inf * 0 is invalid even when the addend is a NaN, which then is the result. */
static bool infinity_times_zero(uint64_t a, uint64_t c)
{
	enum softfp_kind x = unpack(a).kind, y = unpack(c).kind;

	return (x == SOFTFP_INFINITE && y == SOFTFP_ZERO) || (x == SOFTFP_ZERO && y == SOFTFP_INFINITE);
}

/*
 * The first NaN of frA, frB, frC, made quiet; the caller knows there is one. frsp cuts the
 * payload; the other single-precision instructions want operands whose payload is cut already.
 */
static uint64_t nan_result(struct run *r, unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	unsigned uses = ppc_fpu_uses(op);
	uint64_t nan = uses & FP_USES_A && is_nan(a) ? a : uses & FP_USES_B && is_nan(b) ? b : c;

	if ((uses & FP_USES_A && is_snan(a)) || (uses & FP_USES_B && is_snan(b)) || (uses & FP_USES_C && is_snan(c)))
		r->raised |= FPSCR_VXSNAN;
	if (uses == (FP_USES_A | FP_USES_B | FP_USES_C) && infinity_times_zero(a, c))
		r->raised |= FPSCR_VXIMZ;
	if (op == FP_CTIW || op == FP_CTIWZ)
		return to_int32(r, unpack(nan), FP_RN_ZERO);
	if (r->format->digits == 24)
		nan &= ~0x1fffffffull;
	r->fprf = FP_CLASS_QNAN;
	return nan | QUIET;
}

static bool any_nan(unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	unsigned uses = ppc_fpu_uses(op);

	return (uses & FP_USES_A && is_nan(a)) || (uses & FP_USES_B && is_nan(b)) || (uses & FP_USES_C && is_nan(c));
}

uint32_t ppc_fpscr_summary(uint32_t fpscr)
{
	fpscr &= ~(uint32_t)(FPSCR_VX | FPSCR_FEX);
	if (fpscr & FPSCR_ALL_VX)
		fpscr |= FPSCR_VX;
	/* VX OX UX ZX XX stand 22 bits above VE OE UE ZE XE, in the same order. */
	if (fpscr >> 22 & fpscr & FPSCR_ALL_E)
		fpscr |= FPSCR_FEX;
	return fpscr;
}

uint32_t ppc_fpscr_raise(uint32_t fpscr, uint32_t sticky)
{
	if (sticky & ~fpscr)
		fpscr |= FPSCR_FX;
	return ppc_fpscr_summary(fpscr | sticky);
}

struct fp_result ppc_fpu_exec(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint32_t fpscr)
{
	unsigned base = op & ~(unsigned)FP_SINGLE;
	bool estimate = base == FP_RES || base == FP_RSQRTE;
	bool single = op & FP_SINGLE || base == FP_RSP || base == FP_RES;
	struct run r = { .format = single ? &softfp_single : &softfp_double, .fpscr = fpscr };
	uint64_t bits;

	if (any_nan(base, a, b, c))
		bits = nan_result(&r, base, a, b, c);
	else
		bits = calculate(&r, base, unpack(a), unpack(b), unpack(c));
	if (estimate) {
		r.raised &= ~(uint32_t)FPSCR_XX;
		r.fr = r.fi = false;
	}
	bool write = !((r.raised & FPSCR_ALL_VX && fpscr & FPSCR_VE) || (r.raised & FPSCR_ZX && fpscr & FPSCR_ZE));
	fpscr &= ~(uint32_t)(FPSCR_FR | FPSCR_FI | (write ? FPSCR_FPRF : 0));
	fpscr |= (r.fr ? FPSCR_FR : 0) | (r.fi ? FPSCR_FI : 0) | (write ? r.fprf << 12 : 0);
	return (struct fp_result){ bits, ppc_fpscr_raise(fpscr, r.raised), write };
}

/* Maps doubles that are not NaN to integers of the same order; both zeros to 0. */
static int64_t order(uint64_t v)
{
	int64_t magnitude = (int64_t)(v & ~SIGN);

	return v & SIGN ? -magnitude : magnitude;
}

uint32_t ppc_fpu_compare(bool ordered, uint64_t a, uint64_t b, uint32_t fpscr)
{
	uint32_t cc = 1, raised = 0;

	if (is_snan(a) || is_snan(b))
		raised = FPSCR_VXSNAN | (ordered && !(fpscr & FPSCR_VE) ? FPSCR_VXVC : 0);
	else if (is_nan(a) || is_nan(b))
		raised = ordered ? FPSCR_VXVC : 0;
	else
		cc = order(a) < order(b) ? 8 : order(a) > order(b) ? 4 : 2;
	return ppc_fpscr_raise((fpscr & ~(uint32_t)FPSCR_FPCC) | cc << 12, raised);
}

uint64_t ppc_fpu_from_single(uint32_t single)
{
	uint64_t sign = (uint64_t)(single >> 31) << 63, frac = single & 0x7fffff;
	uint64_t exp = single >> 23 & 0xff;

	if (exp == 255)
		return sign | INF | frac << 29;
	if (exp)
		return sign | (exp + 896) << 52 | frac << 29;
	if (!frac)
		return sign;
	int shift = __builtin_clzll(frac) - 40;
	return sign | (uint64_t)(897 - shift) << 52 | (frac << (29 + shift) & (QUIET * 2 - 1));
}

uint32_t ppc_fpu_to_single(uint64_t d)
{
	uint32_t sign = (uint32_t)(d >> 63) << 31;
	int exp = (int)(d >> 52 & 0x7ff);

	if (exp > 896 || !(d << 1))
		return (uint32_t)(d >> 32 & 0xc0000000u) | (uint32_t)(d >> 29 & 0x3fffffff);
	/* Below the range of denormals the result is undefined: a zero here. */
	if (exp < 874)
		return sign;
	return sign | (uint32_t)((QUIET * 2 | (d & (QUIET * 2 - 1))) >> (926 - exp));
}
