/*
 * AltiVec: single-precision floating point in C, lane by lane, for the lanes that the host would do differently.
 *
 * Rounding is always to nearest, nothing traps. With VSCR[NJ] subnormal operands and results are zeros of their
 * sign; a result counts as subnormal when it is before rounding. A NaN operand comes out quiet, that of vA before vB
 * before vC; an invalid operation gives 0x7fc00000. Estimates are better than the manual asks for.
 */
#include <math.h>
#include <string.h>

#include "frontend/ppc/vec_fpu.h"
#include "iface/hostfp.h"

#define SIGN 0x80000000u
#define QUIET 0x00400000u
#define DEFAULT_NAN 0x7fc00000u
#define LEAST_NORMAL 0x00800000u

/* What a lane is worked out from. */
struct lane {
	uint32_t a, b, c;	/* bits of vA, vB, vC */
	unsigned scale;		/* UIMM */
	bool flush, saturated;
};

static float to_float(uint32_t v)
{
	float f;

	memcpy(&f, &v, sizeof f);
	return f;
}

static uint32_t to_bits(float f)
{
	uint32_t v;

	memcpy(&v, &f, sizeof v);
	return v;
}

static bool is_nan(uint32_t v)
{
	return (v & ~SIGN) > 0x7f800000u;
}

static uint32_t flushed(uint32_t v)
{
	return (v & ~SIGN) < LEAST_NORMAL ? v & SIGN : v;
}

/* The NaN that comes out when there is one among the operands. */
static bool nan_of(const struct lane *x, bool a, bool b, bool c, uint32_t *out)
{
	uint32_t v = a && is_nan(x->a) ? x->a : b && is_nan(x->b) ? x->b : c && is_nan(x->c) ? x->c : 0;

	*out = v | QUIET;
	return v != 0;
}

static uint32_t finish(const struct lane *x, float f)
{
	uint32_t v = to_bits(f);

	if (is_nan(v))
		return DEFAULT_NAN;
	return x->flush ? flushed(v) : v;
}

/*
 * a * c + b, rounded once. Where it comes out as the least normal number it may have been less: the
 * product is exact in double, and so is what the sum of two doubles leaves over.
 */
static uint32_t multiply_add(const struct lane *x, bool subtract)
{
	uint32_t sign = subtract ? SIGN : 0, nan;
	float a = to_float(x->a), b = to_float(x->b ^ sign), c = to_float(x->c), f;

	if (nan_of(x, true, true, true, &nan))
		return nan;
	f = fmaf(a, c, b);
	if (x->flush && (to_bits(f) & ~SIGN) == LEAST_NORMAL) {
		double p = (double)a * c, q = b, s = p + q, t = s - p, rest = (p - (s - t)) + (q - t);
		if (fabs(s) < 0x1p-126 || (fabs(s) == 0x1p-126 && rest != 0 && (rest < 0) != (s < 0)))
			return (to_bits(f) ^ sign) & SIGN;
	}
	uint32_t v = finish(x, f);
	return is_nan(v) ? v : v ^ sign;
}

static uint32_t add(const struct lane *x, bool subtract)
{
	uint32_t nan;

	if (nan_of(x, true, true, false, &nan))
		return nan;
	float a = to_float(x->a), b = to_float(x->b);
	return finish(x, subtract ? a - b : a + b);
}

/* -0 is less than +0. */
static uint32_t greater_or_less(const struct lane *x, bool max)
{
	uint32_t nan;

	if (nan_of(x, true, true, false, &nan))
		return nan;
	if (to_float(x->a) == to_float(x->b))
		return max ? x->a & x->b : x->a | x->b;
	return (to_float(x->a) > to_float(x->b)) == max ? x->a : x->b;
}

static float estimate(enum vec_fp_kind kind, float b)
{
	switch (kind) {
	case VFP_RE: return 1 / b;
	case VFP_RSQRTE: return 1 / sqrtf(b);
	case VFP_EXPTE: return exp2f(b);
	default: return log2f(b);
	}
}

static float rounded(enum vec_fp_kind kind, float b)
{
	switch (kind) {
	case VFP_RFIN: return nearbyintf(b);
	case VFP_RFIZ: return truncf(b);
	case VFP_RFIP: return ceilf(b);
	default: return floorf(b);
	}
}

static uint32_t of_one(const struct lane *x, enum vec_fp_kind kind)
{
	uint32_t nan;

	if (nan_of(x, false, true, false, &nan))
		return nan;
	if (kind < VFP_RFIN)
		return finish(x, estimate(kind, to_float(x->b)));
	return finish(x, copysignf(rounded(kind, to_float(x->b)), to_float(x->b)));
}

/* Saturates; NaN is 0. */
static uint32_t to_integer(struct lane *x, bool is_signed)
{
	double v = ldexp((double)to_float(x->b), (int)x->scale);
	double least = is_signed ? -0x1p31 : 0, top = is_signed ? 0x1p31 - 1 : 0x1p32 - 1;

	if (is_nan(x->b))
		return 0;
	v = trunc(v);
	if (v < least || v > top) {
		x->saturated = true;
		v = v < least ? least : top;
	}
	return is_signed ? (uint32_t)(int32_t)v : (uint32_t)v;
}

static uint32_t compare(const struct lane *x, enum vec_fp_kind kind)
{
	float a = to_float(x->a), b = to_float(x->b);

	switch (kind) {
	case VFP_CMPEQ: return a == b ? ~0u : 0;
	case VFP_CMPGE: return a >= b ? ~0u : 0;
	case VFP_CMPGT: return a > b ? ~0u : 0;
	/* bit 0: not a <= b; bit 1: not a >= -b */
	default: return (a <= b ? 0 : SIGN) | (a >= -b ? 0 : SIGN >> 1);
	}
}

static uint32_t work_out(struct lane *x, enum vec_fp_kind kind)
{
	bool converts = kind == VFP_CFUX || kind == VFP_CFSX;

	if (x->flush && !converts) {
		x->a = flushed(x->a);
		x->b = flushed(x->b);
		x->c = flushed(x->c);
	}
	switch (kind) {
	case VFP_ADD: return add(x, false);
	case VFP_SUB: return add(x, true);
	case VFP_MADD: return multiply_add(x, false);
	case VFP_NMSUB: return multiply_add(x, true);
	case VFP_MAX: return greater_or_less(x, true);
	case VFP_MIN: return greater_or_less(x, false);
	case VFP_CFUX: return to_bits((float)ldexp((double)x->b, -(int)x->scale));
	case VFP_CFSX: return to_bits((float)ldexp((double)(int32_t)x->b, -(int)x->scale));
	case VFP_CTUXS: return to_integer(x, false);
	case VFP_CTSXS: return to_integer(x, true);
	case VFP_CMPEQ:
	case VFP_CMPGE:
	case VFP_CMPGT:
	case VFP_CMPB: return compare(x, kind);
	default: return of_one(x, kind);
	}
}

/* vec[0], [1], [2] are vA, vB, vC, and vec[0] the result. Whether a lane was saturated. */
static bool all_lanes(struct cpu_env *env, uint64_t what, bool flush)
{
	uint32_t paused = hostfp_pause(env), v[3][4];
	bool saturated = false;

	memcpy(v, env->vec, sizeof v);
	for (unsigned i = 0; i < 4; i++) {
		struct lane x = { v[0][i], v[1][i], v[2][i], (unsigned)what >> VEC_FP_SCALE, flush, false };

		v[0][i] = work_out(&x, (enum vec_fp_kind)(what & VEC_FP_KIND));
		saturated |= x.saturated;
	}
	memcpy(env->vec[0], v[0], sizeof v[0]);
	hostfp_resume(paused);
	return saturated;
}

/* Of what does not saturate. */
static uint64_t vec_fp(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	all_lanes(env_of(state), what, what & VEC_FP_FLUSH);
	return 0;
}

/* Of all kinds, with NJ as it is. */
static uint64_t vec_fp_any(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;

	(void)b, (void)c;
	s->vscr_sat |= all_lanes(env_of(state), what, s->vscr_nj);
	return 0;
}

const struct ir_helper ppc_vec_fp = { "ppc_vec_fp", vec_fp, IR_HELPER_FP };
const struct ir_helper ppc_vec_fp_any = {
	"ppc_vec_fp_any", vec_fp_any, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP,
};
