#include "frontend/common/softfp.h"

const struct softfp_format softfp_half = { 16, 11, -14, 15 };
const struct softfp_format softfp_single = { 32, 24, -126, 127 };
const struct softfp_format softfp_double = { 64, 53, -1022, 1023 };

#define TOP (1ull << 63)

struct softfp_num softfp_unpack(const struct softfp_format *f, uint64_t v)
{
	int fraction = f->digits - 1;
	unsigned exp = (unsigned)(v >> fraction) & ((1u << (f->bits - f->digits)) - 1);
	struct softfp_num n = { .sign = v >> (f->bits - 1) & 1, .exp = (int)exp - f->emax, .sig = v << (64 - fraction) >> 1 };

	if (n.exp > f->emax) {
		n.kind = n.sig ? SOFTFP_NAN : SOFTFP_INFINITE;
	} else if (exp) {
		n.kind = SOFTFP_FINITE;
		n.sig |= TOP;
	} else if (n.sig) {
		int shift = __builtin_clzll(n.sig);

		n.kind = SOFTFP_FINITE;
		n.sig <<= shift;
		n.exp = f->emin - shift;
	}
	return n;
}

uint64_t softfp_pack(const struct softfp_format *f, int exp, uint64_t frac)
{
	/* The leading bit of a normal number's frac makes its biased exponent one larger. */
	return ((uint64_t)(exp - f->emin) << (f->digits - 1)) + frac;
}

static softfp_wide shift_right_sticky(softfp_wide v, int n)
{
	if (n <= 0)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | ((v << (128 - n)) != 0);
}

static int clz128(softfp_wide v)
{
	uint64_t high = (uint64_t)(v >> 64);

	return high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)v);
}

/* Does the magnitude grow, given the bit below the kept ones and whether anything is below that? */
static bool rounds_up(enum softfp_rounding mode, bool sign, bool odd, bool half, bool below)
{
	switch (mode) {
	case SOFTFP_NEAREST: return half && (below || odd);
	case SOFTFP_UP: return !sign && (half || below);
	case SOFTFP_DOWN: return sign && (half || below);
	case SOFTFP_AWAY: return half;
	case SOFTFP_ODD: return !odd && (half || below);
	default: return false;
	}
}

struct softfp_rounded softfp_round(const struct softfp_format *f, enum softfp_rounding mode, struct softfp_exact x,
				   bool wide_range)
{
	int lead = clz128(x.sig), exp = x.exp + 1 - lead;
	softfp_wide sig = x.sig << lead;
	struct softfp_rounded r = { .tiny = exp < f->emin };

	if (r.tiny && !wide_range) {
		sig = shift_right_sticky(sig, f->emin - exp);
		exp = f->emin;
	}
	softfp_wide rest = sig << f->digits;
	r.frac = (uint64_t)(sig >> (128 - f->digits));
	r.inexact = rest != 0;
	r.up = rounds_up(mode, x.sign, r.frac & 1, rest >> 127, (rest << 1) != 0);
	r.frac += r.up;
	if (r.frac >> f->digits) {
		r.frac >>= 1;
		exp++;
	}
	r.exp = exp;
	return r;
}

struct softfp_integer softfp_to_integer(enum softfp_rounding mode, struct softfp_num n)
{
	if (n.kind == SOFTFP_ZERO)
		return (struct softfp_integer){ 0 };
	if (n.exp > 63)
		return (struct softfp_integer){ .huge = true };
	softfp_wide v = shift_right_sticky((softfp_wide)n.sig << 64, 63 - n.exp), rest = v << 64;
	struct softfp_integer i = { .whole = (uint64_t)(v >> 64), .inexact = rest != 0 };
	i.up = rounds_up(mode, n.sign, i.whole & 1, rest >> 127, (rest << 1) != 0);
	i.whole += i.up;
	return i;
}

struct softfp_exact softfp_widen(struct softfp_num n)
{
	return (struct softfp_exact){ n.sign, n.exp, (softfp_wide)n.sig << 63 };
}

struct softfp_exact softfp_product(struct softfp_num a, struct softfp_num b)
{
	struct softfp_exact p = { a.sign ^ b.sign, a.exp + b.exp, (softfp_wide)a.sig * b.sig };

	/* Significands have 53 bits at most, so the low bits of the product are 0. */
	if (p.sig >> 127) {
		p.sig >>= 1;
		p.exp++;
	}
	return p;
}

struct softfp_exact softfp_quotient(struct softfp_num a, struct softfp_num b)
{
	softfp_wide n = (softfp_wide)a.sig << 63, q = n / b.sig;

	return (struct softfp_exact){ a.sign ^ b.sign, a.exp - b.exp, q << 63 | (n % b.sig != 0) };
}

/*
 * Bit 126 is the leading one of both, and at least 20 bits at their lower ends are 0: a sum
 * cannot overflow, and a difference that loses leading bits was aligned without loss.
 */
bool softfp_sum(struct softfp_exact x, struct softfp_exact y, struct softfp_exact *sum)
{
	bool swap = x.exp < y.exp || (x.exp == y.exp && x.sig < y.sig);
	struct softfp_exact big = swap ? y : x, small = swap ? x : y;
	softfp_wide aligned = shift_right_sticky(small.sig, big.exp - small.exp);

	big.sig = x.sign == y.sign ? big.sig + aligned : big.sig - aligned;
	*sum = big;
	return big.sig != 0;
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
static uint64_t root128(softfp_wide v)
{
	uint64_t rest, high = root64((uint64_t)(v >> 64), &rest);
	softfp_wide n = (softfp_wide)rest << 32 | (uint32_t)(v >> 32), q = n / (2 * high);
	__int128 r = (__int128)((n % (2 * high)) << 32 | (uint32_t)v) - (__int128)(q * q);

	return (high << 32) + (uint64_t)q - (r < 0);
}

struct softfp_exact softfp_root(struct softfp_num n)
{
	softfp_wide v = (softfp_wide)n.sig << (n.exp & 1 ? 64 : 63);
	uint64_t root = root128(v);

	return (struct softfp_exact){ false, n.exp >> 1, (softfp_wide)root << 63 | ((softfp_wide)root * root != v) };
}

/* By the root of 2^191 / sig (2^190 when the exponent is odd), a 128-bit quotient. */
struct softfp_exact softfp_root_reciprocal(struct softfp_num n)
{
	if (n.sig == TOP && !(n.exp & 1))
		return (struct softfp_exact){ false, -(n.exp >> 1), (softfp_wide)1 << 126 };
	int low = n.exp & 1 ? 63 : 64;
	softfp_wide one = (softfp_wide)1 << 127;
	softfp_wide quotient = ((one / n.sig) << low) + ((one % n.sig) << low) / n.sig;
	return (struct softfp_exact){ false, -(n.exp >> 1) - 1, (softfp_wide)root128(quotient) << 63 | 1 };
}
