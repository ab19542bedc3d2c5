/*
 * PowerPC arithmetic (Book I, chapter 4 and its appendix of models). A finite operand is
 * unpacked to a sign, an exponent and a 64-bit significand; an operation delivers its exact
 * result as 128 bits whose lowest bit stands for everything below it; finish() rounds that
 * once and applies the overflow, underflow and inexact rules.
 */
#include "frontend/ppc/fpu.h"

typedef unsigned __int128 u128;

#define SIGN (1ull << 63)
#define QUIET (1ull << 51)
#define INF 0x7ff0000000000000ull

struct format {
	int digits, emin, emax, wrap;
};
static const struct format formats[2] = { { 53, -1022, 1023, 1536 }, { 24, -126, 127, 192 } };

enum kind { ZERO, FINITE, INFINITE, NAN_ };

/* FINITE: (-1)^sign * sig * 2^(exp - 63), bit 63 of sig is set. */
struct num {
	enum kind kind;
	bool sign;
	int exp;
	uint64_t sig;
};

/* (-1)^sign * sig * 2^(exp - 126); bit 0 of sig is sticky. */
struct exact {
	bool sign;
	int exp;
	u128 sig;
};

/* One execution. `raised` collects sticky bits. */
struct run {
	const struct format *format;
	uint32_t fpscr, raised;
	bool fr, fi;
	unsigned fprf;
};

static bool is_nan(uint64_t v)
{
	return v << 1 > INF << 1;
}

static bool is_snan(uint64_t v)
{
	return is_nan(v) && !(v & QUIET);
}

static struct num unpack(uint64_t v)
{
	struct num n = { .sign = v >> 63, .exp = (int)(v >> 52 & 0x7ff) - 1023, .sig = v << 12 >> 1 };

	if (n.exp == 1024) {
		n.kind = n.sig ? NAN_ : INFINITE;
	} else if (n.exp > -1023) {
		n.kind = FINITE;
		n.sig |= SIGN;
	} else if (n.sig) {
		int shift = __builtin_clzll(n.sig);

		n.kind = FINITE;
		n.sig <<= shift;
		n.exp = -1022 - shift;
	}
	return n;
}

static u128 shift_right_sticky(u128 v, int n)
{
	if (n <= 0)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | ((v << (128 - n)) != 0);
}

static int clz128(u128 v)
{
	uint64_t high = (uint64_t)(v >> 64);

	return high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)v);
}

/* Does the magnitude grow, given the bit below the kept ones and whether anything is below that? */
static bool rounds_up(unsigned rn, bool sign, bool odd, bool half, bool below)
{
	switch (rn) {
	case FP_RN_NEAREST: return half && (below || odd);
	case FP_RN_UP: return !sign && (half || below);
	case FP_RN_DOWN: return sign && (half || below);
	default: return false;
	}
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

/* Rounds a result that is not zero. Tininess is detected before rounding. */
static uint64_t finish(struct run *r, struct exact x)
{
	const struct format *f = r->format;
	int lead = clz128(x.sig), exp = x.exp + 1 - lead;
	u128 sig = x.sig << lead;
	bool tiny = exp < f->emin;

	if (tiny && r->fpscr & FPSCR_UE) {
		r->raised |= FPSCR_UX;
		exp += f->wrap;
	} else if (tiny) {
		sig = shift_right_sticky(sig, f->emin - exp);
		exp = f->emin;
	}
	uint64_t frac = (uint64_t)(sig >> (128 - f->digits));
	u128 rest = sig << f->digits;
	r->fi = rest != 0;
	r->fr = rounds_up(r->fpscr & FPSCR_RN, x.sign, frac & 1, rest >> 127, (rest << 1) != 0);
	frac += r->fr;
	if (frac >> f->digits) {
		frac >>= 1;
		exp++;
	}
	if (tiny && r->fi)
		r->raised |= FPSCR_UX;
	if (exp > f->emax && !tiny) {
		if (!(r->fpscr & FPSCR_OE))
			return overflow(r, x.sign);
		r->raised |= FPSCR_OX;
		exp -= f->wrap;
	}
	if (r->fi)
		r->raised |= FPSCR_XX;
	return frac ? pack(r, x.sign, exp, frac) : zero(r, x.sign);
}

static uint64_t invalid(struct run *r, uint32_t why)
{
	r->raised |= why;
	r->fprf = FP_CLASS_QNAN;
	return FP_DEFAULT_NAN;
}

static struct exact widen(struct num n)
{
	return (struct exact){ n.sign, n.exp, (u128)n.sig << 63 };
}

static struct exact product(struct num a, struct num b)
{
	struct exact p = { a.sign ^ b.sign, a.exp + b.exp, (u128)a.sig * b.sig };

	/* Significands have 53 bits, so the low bits of the product are 0. */
	if (p.sig >> 127) {
		p.sig >>= 1;
		p.exp++;
	}
	return p;
}

/*
 * Bit 126 is the leading one of both, and at least 20 bits at their lower ends are 0: a sum
 * cannot overflow, and a difference that loses leading bits was aligned without loss.
 */
static uint64_t sum(struct run *r, struct exact x, struct exact y)
{
	bool swap = x.exp < y.exp || (x.exp == y.exp && x.sig < y.sig);
	u128 big = swap ? y.sig : x.sig, small = swap ? x.sig : y.sig;
	bool sign = swap ? y.sign : x.sign;
	int exp = swap ? y.exp : x.exp;

	small = shift_right_sticky(small, exp - (swap ? x.exp : y.exp));
	big = x.sign == y.sign ? big + small : big - small;
	if (!big)
		return zero(r, (r->fpscr & FPSCR_RN) == FP_RN_DOWN);
	return finish(r, (struct exact){ sign, exp, big });
}

/* 0 + 0: the common sign, or that of an exact cancellation. */
static uint64_t zero_sum(struct run *r, bool x, bool y)
{
	return zero(r, x == y ? x : (r->fpscr & FPSCR_RN) == FP_RN_DOWN);
}

static uint64_t add(struct run *r, struct num a, struct num b)
{
	if (a.kind == INFINITE || b.kind == INFINITE) {
		if (a.kind == b.kind && a.sign != b.sign)
			return invalid(r, FPSCR_VXISI);
		return infinity(r, a.kind == INFINITE ? a.sign : b.sign);
	}
	if (a.kind == ZERO && b.kind == ZERO)
		return zero_sum(r, a.sign, b.sign);
	if (a.kind == ZERO || b.kind == ZERO)
		return finish(r, widen(a.kind == ZERO ? b : a));
	return sum(r, widen(a), widen(b));
}

static uint64_t mul(struct run *r, struct num a, struct num c)
{
	bool sign = a.sign ^ c.sign;

	if (a.kind == INFINITE || c.kind == INFINITE) {
		if (a.kind == ZERO || c.kind == ZERO)
			return invalid(r, FPSCR_VXIMZ);
		return infinity(r, sign);
	}
	if (a.kind == ZERO || c.kind == ZERO)
		return zero(r, sign);
	return finish(r, product(a, c));
}

static uint64_t divide(struct run *r, struct num a, struct num b)
{
	bool sign = a.sign ^ b.sign;

	if (a.kind == INFINITE)
		return b.kind == INFINITE ? invalid(r, FPSCR_VXIDI) : infinity(r, sign);
	if (b.kind == INFINITE)
		return zero(r, sign);
	if (b.kind == ZERO) {
		if (a.kind == ZERO)
			return invalid(r, FPSCR_VXZDZ);
		r->raised |= FPSCR_ZX;
		return infinity(r, sign);
	}
	if (a.kind == ZERO)
		return zero(r, sign);
	u128 n = (u128)a.sig << 63, q = n / b.sig;
	return finish(r, (struct exact){ sign, a.exp - b.exp, q << 63 | (n % b.sig != 0) });
}

/* Largest integer whose square is not above v, which is at least 2^62; *rest is v minus that square. */
static uint64_t root64(uint64_t v, uint64_t *rest)
{
	uint64_t high = v >> 32, root = 0;

	for (uint64_t bit = 1u << 15; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= high)
			root |= bit;
	uint64_t n = (high - root * root) << 16 | (v >> 16 & 0xffff), q = n / (2 * root);
	int64_t r = (int64_t)((n % (2 * root)) << 16 | (v & 0xffff)) - (int64_t)(q * q);

	root = (root << 16) + q;
	if (r < 0)
		r += (int64_t)(2 * root-- - 1);
	*rest = (uint64_t)r;
	return root;
}

/*
 * The same of 128 bits, v at least 2^126: one step of division from the root of the upper half
 * (Zimmermann, "Karatsuba square root").
 */
static uint64_t root128(u128 v)
{
	uint64_t rest, high = root64((uint64_t)(v >> 64), &rest);
	u128 n = (u128)rest << 32 | (uint32_t)(v >> 32), q = n / (2 * high);
	__int128 r = (__int128)((n % (2 * high)) << 32 | (uint32_t)v) - (__int128)(q * q);

	return (high << 32) + (uint64_t)q - (r < 0);
}

static uint64_t square_root(struct run *r, struct num b)
{
	if (b.kind == ZERO)
		return zero(r, b.sign);
	if (b.sign)
		return invalid(r, FPSCR_VXSQRT);
	if (b.kind == INFINITE)
		return infinity(r, false);
	u128 v = (u128)b.sig << (b.exp & 1 ? 64 : 63);
	uint64_t root = root128(v);
	return finish(r, (struct exact){ false, b.exp >> 1, (u128)root << 63 | ((u128)root * root != v) });
}

/* 1 / sqrt(b), by the root of 2^191 / sig (2^190 when the exponent is odd), a 128-bit quotient. */
static uint64_t root_reciprocal(struct run *r, struct num b)
{
	if (b.kind == ZERO) {
		r->raised |= FPSCR_ZX;
		return infinity(r, b.sign);
	}
	if (b.sign)
		return invalid(r, FPSCR_VXSQRT);
	if (b.kind == INFINITE)
		return zero(r, false);
	if (b.sig == SIGN && !(b.exp & 1))
		return finish(r, (struct exact){ false, -(b.exp >> 1), (u128)1 << 126 });
	int low = b.exp & 1 ? 63 : 64;
	u128 n = (u128)1 << 127;
	u128 quotient = ((n / b.sig) << low) + ((n % b.sig) << low) / b.sig;
	return finish(r, (struct exact){ false, -(b.exp >> 1) - 1, (u128)root128(quotient) << 63 | 1 });
}

static uint64_t reciprocal(struct run *r, struct num b)
{
	return divide(r, (struct num){ .kind = FINITE, .sig = SIGN }, b);
}

/* a * c + b */
static uint64_t multiply_add(struct run *r, struct num a, struct num b, struct num c)
{
	bool sign = a.sign ^ c.sign;

	if (a.kind == INFINITE || c.kind == INFINITE) {
		if (a.kind == ZERO || c.kind == ZERO)
			return invalid(r, FPSCR_VXIMZ);
		return add(r, (struct num){ .kind = INFINITE, .sign = sign }, b);
	}
	if (b.kind == INFINITE)
		return infinity(r, b.sign);
	if (a.kind == ZERO || c.kind == ZERO)
		return add(r, (struct num){ .kind = ZERO, .sign = sign }, b);
	if (b.kind == ZERO)
		return finish(r, product(a, c));
	return sum(r, product(a, c), widen(b));
}

static uint64_t round_single(struct run *r, struct num b)
{
	if (b.kind == INFINITE)
		return infinity(r, b.sign);
	return b.kind == ZERO ? zero(r, b.sign) : finish(r, widen(b));
}

/* Saturates; FPRF is undefined after these, 0 here. */
static uint64_t to_int32(struct run *r, struct num b, unsigned rn)
{
	uint64_t limit = b.sign ? 0x80000000u : 0x7fffffffu, whole = 0;

	if (b.kind == ZERO)
		return FP_INT_HIGH;
	if (b.kind == FINITE && b.exp <= 32) {
		u128 v = shift_right_sticky((u128)b.sig << 64, 63 - b.exp);
		u128 rest = v << 64;

		whole = (uint64_t)(v >> 64);
		r->fi = rest != 0;
		r->fr = rounds_up(rn, b.sign, whole & 1, rest >> 127, (rest << 1) != 0);
		whole += r->fr;
	}
	if (b.kind != FINITE || b.exp > 32 || whole > limit) {
		r->fi = r->fr = false;
		r->raised |= FPSCR_VXCVI;
		return FP_INT_HIGH | (b.kind == NAN_ ? 0x80000000u : limit);
	}
	if (r->fi)
		r->raised |= FPSCR_XX;
	return FP_INT_HIGH | (uint32_t)(b.sign ? 0 - whole : whole);
}

static uint64_t negate(struct run *r, uint64_t bits)
{
	if (is_nan(bits))
		return bits;
	r->fprf ^= bits << 1 ? FP_CLASS_NEGATE : FP_CLASS_NEGATE_ZERO;
	return bits ^ SIGN;
}

static uint64_t calculate(struct run *r, unsigned op, struct num a, struct num b, struct num c)
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
	enum kind x = unpack(a).kind, y = unpack(c).kind;

	return (x == INFINITE && y == ZERO) || (x == ZERO && y == INFINITE);
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
	struct run r = { .format = &formats[op & FP_SINGLE || base == FP_RSP || base == FP_RES], .fpscr = fpscr };
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
