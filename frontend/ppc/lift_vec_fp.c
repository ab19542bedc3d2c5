/*
 * AltiVec: single-precision floating point (PEM 3.2, 4.2.2). A C function works out each instruction lane by lane,
 * for the host's FPU would leave flags FPSCR is made of, which these instructions do not touch.
 *
 * Rounding is always to nearest, nothing traps. With VSCR[NJ] subnormal operands and results are zeros of their
 * sign; a result counts as subnormal when it is before rounding. A NaN operand comes out quiet, that of vA before vB
 * before vC; an invalid operation gives 0x7fc00000. Estimates are better than the manual asks for.
 */
#include <math.h>
#include <string.h>

#include "frontend/ppc/vec.h"
#include "iface/hostfp.h"

enum fp_kind {
	FP_ADD, FP_SUB, FP_MADD, FP_NMSUB, FP_MAX, FP_MIN, FP_RE, FP_RSQRTE, FP_EXPTE, FP_LOGE, FP_RFIN, FP_RFIZ, FP_RFIP,
	FP_RFIM, FP_CFUX, FP_CFSX, FP_CTUXS, FP_CTSXS, FP_CMPEQ, FP_CMPGE, FP_CMPGT, FP_CMPB,
};

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

static float estimate(enum fp_kind kind, float b)
{
	switch (kind) {
	case FP_RE: return 1 / b;
	case FP_RSQRTE: return (float)(1 / sqrt(b));
	case FP_EXPTE: return exp2f(b);
	default: return log2f(b);
	}
}

static float rounded(enum fp_kind kind, float b)
{
	switch (kind) {
	case FP_RFIN: return nearbyintf(b);
	case FP_RFIZ: return truncf(b);
	case FP_RFIP: return ceilf(b);
	default: return floorf(b);
	}
}

static uint32_t of_one(const struct lane *x, enum fp_kind kind)
{
	uint32_t nan;

	if (nan_of(x, false, true, false, &nan))
		return nan;
	if (kind < FP_RFIN)
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

static uint32_t compare(const struct lane *x, enum fp_kind kind)
{
	float a = to_float(x->a), b = to_float(x->b);

	switch (kind) {
	case FP_CMPEQ: return a == b ? ~0u : 0;
	case FP_CMPGE: return a >= b ? ~0u : 0;
	case FP_CMPGT: return a > b ? ~0u : 0;
	/* bit 0: not a <= b; bit 1: not a >= -b */
	default: return (a <= b ? 0 : SIGN) | (a >= -b ? 0 : SIGN >> 1);
	}
}

static uint32_t work_out(struct lane *x, enum fp_kind kind)
{
	bool converts = kind == FP_CFUX || kind == FP_CFSX;

	if (x->flush && !converts) {
		x->a = flushed(x->a);
		x->b = flushed(x->b);
		x->c = flushed(x->c);
	}
	switch (kind) {
	case FP_ADD: return add(x, false);
	case FP_SUB: return add(x, true);
	case FP_MADD: return multiply_add(x, false);
	case FP_NMSUB: return multiply_add(x, true);
	case FP_MAX: return greater_or_less(x, true);
	case FP_MIN: return greater_or_less(x, false);
	case FP_CFUX: return to_bits((float)ldexp((double)x->b, -(int)x->scale));
	case FP_CFSX: return to_bits((float)ldexp((double)(int32_t)x->b, -(int)x->scale));
	case FP_CTUXS: return to_integer(x, false);
	case FP_CTSXS: return to_integer(x, true);
	case FP_CMPEQ:
	case FP_CMPGE:
	case FP_CMPGT:
	case FP_CMPB: return compare(x, kind);
	default: return of_one(x, kind);
	}
}

/* ---- four lanes at once, where the host gives what PowerPC does ---- */

union lanes {
	uint32_t v[4];
	float f[4];
};

/* Whether a lane is subnormal or the least normal number, or a NaN. */
static bool any_odd(const union lanes *x, bool subnormal)
{
	uint32_t odd = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t size = x->v[i] & ~SIGN;
		odd |= (uint32_t)(subnormal & (size - 1 < LEAST_NORMAL)) | (uint32_t)(size > 0x7f800000u);
	}
	return odd;
}

/* a * c + b */
static inline void multiply_add_lanes(union lanes *r, const union lanes x[3])
{
	for (unsigned i = 0; i < 4; i++)
		r->f[i] = fmaf(x[0].f[i], x[2].f[i], x[1].f[i]);
}

#if defined(__x86_64__)
__attribute__((target("fma"))) static void multiply_add_host(union lanes *r, const union lanes x[3])
{
	multiply_add_lanes(r, x);
}

static bool has_fma(void)
{
	return __builtin_cpu_supports("fma");
}
#else
static void multiply_add_host(union lanes *r, const union lanes x[3])
{
	multiply_add_lanes(r, x);
}

static bool has_fma(void)
{
	return false;
}
#endif

static void flip_signs(union lanes *x)
{
	for (unsigned i = 0; i < 4; i++)
		x->v[i] ^= SIGN;
}

static void fused(union lanes *r, union lanes x[3], bool subtract)
{
	if (subtract)
		flip_signs(&x[1]);
	if (has_fma())
		multiply_add_host(r, x);
	else
		multiply_add_lanes(r, x);
	if (subtract)
		flip_signs(r);
}

/* The arithmetic and comparisons without odd operands and results; false when there are, or for other kinds. */
static bool all_lanes(enum fp_kind kind, const uint32_t v[3][4], bool flush, uint32_t out[4])
{
	union lanes x[3], r;
	bool compares = kind == FP_CMPEQ || kind == FP_CMPGE || kind == FP_CMPGT;

	memcpy(x, v, sizeof x);
	if (flush && (any_odd(&x[0], true) || any_odd(&x[1], true)))
		return false;
	if (flush && (kind == FP_MADD || kind == FP_NMSUB) && any_odd(&x[2], true))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		float a = x[0].f[i], b = x[1].f[i];

		switch (kind) {
		case FP_ADD: r.f[i] = a + b; break;
		case FP_SUB: r.f[i] = a - b; break;
		case FP_CMPEQ: r.v[i] = a == b ? ~0u : 0; break;
		case FP_CMPGE: r.v[i] = a >= b ? ~0u : 0; break;
		case FP_CMPGT: r.v[i] = a > b ? ~0u : 0; break;
		case FP_MADD:
		case FP_NMSUB: break;
		default: return false;
		}
	}
	if (kind == FP_MADD || kind == FP_NMSUB)
		fused(&r, x, kind == FP_NMSUB);
	if (!compares && any_odd(&r, flush))
		return false;
	memcpy(out, r.v, sizeof r.v);
	return true;
}

/* what: the kind, UIMM above; vec[0], [1], [2] are vA, vB, vC. */
static uint64_t vec_fp(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	struct cpu_env *env = env_of(state);
	uint32_t v[3][4];

	(void)b, (void)c;
	uint32_t paused = hostfp_pause(env);
	memcpy(v, env->vec, sizeof v);
	bool done = all_lanes((enum fp_kind)(what & LOW), (const uint32_t(*)[4])v, s->vscr_nj, v[0]);
	for (unsigned i = 0; i < 4 && !done; i++) {
		struct lane x = { v[0][i], v[1][i], v[2][i], (unsigned)what >> 8, s->vscr_nj, false };

		v[0][i] = work_out(&x, (enum fp_kind)(what & LOW));
		s->vscr_sat |= x.saturated;
	}
	memcpy(env->vec[0], v[0], sizeof v[0]);
	hostfp_resume(paused);
	return 0;
}

const struct ir_helper ppc_vec_fp = { "ppc_vec_fp", vec_fp, IR_HELPER_READS | IR_HELPER_FP };
const struct ir_helper ppc_vec_fp_sat = {
	"ppc_vec_fp_sat", vec_fp, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP,
};

/* vD <- vA op vB; the operations on vB alone name it in both places. */
static void lift_fp(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg & LOW;
	bool one = kind >= FP_RE && kind <= FP_RFIM;
	ir_val a = vr(l, IR_I32X4, one ? in->rb : in->ra), b = vr(l, IR_I32X4, in->rb);

	set_vr(l, in->rd, ir_call(l->b, &ppc_vec_fp, IR_I32X4, imm32(l, kind), a, b));
}

/* vmaddfp, vnmsubfp:  vD <- vA * vC + vB, -(vA * vC - vB) */
static void lift_fma(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb), c = vr(l, IR_I32X4, in->rc);

	set_vr(l, in->rd, ir_call4(l->b, &ppc_vec_fp, IR_I32X4, imm32(l, in->row->arg & LOW), a, b, c));
}

/* vcfux, vcfsx:  vD <- vB / 2^UIMM;  vctuxs, vctsxs:  vD <- vB * 2^UIMM, towards zero, saturated */
static void lift_fp_scaled(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg & LOW;
	const struct ir_helper *h = kind == FP_CTUXS || kind == FP_CTSXS ? &ppc_vec_fp_sat : &ppc_vec_fp;
	ir_val b = vr(l, IR_I32X4, in->rb), what = imm32(l, kind | (unsigned)in->ra << 8);

	set_vr(l, in->rd, ir_call(l->b, h, IR_I32X4, what, b, b));
}

/* vcmp*fp[.]:  vD <- all ones where it is true, for vcmpbfp two bits of where vA is out of bounds; "." records CR6. */
static void lift_fp_compare(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg & LOW;
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb);
	ir_val v = ir_call(l->b, &ppc_vec_fp, IR_I32X4, imm32(l, kind), a, b);

	set_vr(l, in->rd, v);
	if (in->oe && kind == FP_CMPB)
		set_cr6(l, imm1(l, false), ir_not(l->b, ir_vany(l->b, v)));
	else if (in->oe)
		set_cr6_mask(l, v);
}

static const struct ppc_row rows[] = {
	{ "vaddfp", "000100 ddddd aaaaa bbbbb 00000001010", lift_fp, .arg = FP_ADD, .lacks = NO_VECTORS },
	{ "vsubfp", "000100 ddddd aaaaa bbbbb 00001001010", lift_fp, .arg = FP_SUB, .lacks = NO_VECTORS },
	{ "vmaxfp", "000100 ddddd aaaaa bbbbb 10000001010", lift_fp, .arg = FP_MAX, .lacks = NO_VECTORS },
	{ "vminfp", "000100 ddddd aaaaa bbbbb 10001001010", lift_fp, .arg = FP_MIN, .lacks = NO_VECTORS },
	{ "vrefp", "000100 ddddd ----- bbbbb 00100001010", lift_fp, .arg = FP_RE, .lacks = NO_VECTORS },
	{ "vrsqrtefp", "000100 ddddd ----- bbbbb 00101001010", lift_fp, .arg = FP_RSQRTE, .lacks = NO_VECTORS },
	{ "vexptefp", "000100 ddddd ----- bbbbb 00110001010", lift_fp, .arg = FP_EXPTE, .lacks = NO_VECTORS },
	{ "vlogefp", "000100 ddddd ----- bbbbb 00111001010", lift_fp, .arg = FP_LOGE, .lacks = NO_VECTORS },
	{ "vrfin", "000100 ddddd ----- bbbbb 01000001010", lift_fp, .arg = FP_RFIN, .lacks = NO_VECTORS },
	{ "vrfiz", "000100 ddddd ----- bbbbb 01001001010", lift_fp, .arg = FP_RFIZ, .lacks = NO_VECTORS },
	{ "vrfip", "000100 ddddd ----- bbbbb 01010001010", lift_fp, .arg = FP_RFIP, .lacks = NO_VECTORS },
	{ "vrfim", "000100 ddddd ----- bbbbb 01011001010", lift_fp, .arg = FP_RFIM, .lacks = NO_VECTORS },
	{ "vmaddfp", "000100 ddddd aaaaa bbbbb ccccc 101110", lift_fma, .arg = FP_MADD, .lacks = NO_VECTORS },
	{ "vnmsubfp", "000100 ddddd aaaaa bbbbb ccccc 101111", lift_fma, .arg = FP_NMSUB, .lacks = NO_VECTORS },
	{ "vcfux", "000100 ddddd nnnnn bbbbb 01100001010", lift_fp_scaled, .arg = FP_CFUX, .lacks = NO_VECTORS },
	{ "vcfsx", "000100 ddddd nnnnn bbbbb 01101001010", lift_fp_scaled, .arg = FP_CFSX, .lacks = NO_VECTORS },
	{ "vctuxs", "000100 ddddd nnnnn bbbbb 01110001010", lift_fp_scaled, .arg = FP_CTUXS, .lacks = NO_VECTORS },
	{ "vctsxs", "000100 ddddd nnnnn bbbbb 01111001010", lift_fp_scaled, .arg = FP_CTSXS, .lacks = NO_VECTORS },
	{ "vcmpeqfp", "000100 ddddd aaaaa bbbbb 0 0011000110", lift_fp_compare, .arg = FP_CMPEQ, .lacks = NO_VECTORS },
	{ "vcmpeqfp.", "000100 ddddd aaaaa bbbbb 1 0011000110", lift_fp_compare, .arg = FP_CMPEQ, .lacks = NO_VECTORS },
	{ "vcmpgefp", "000100 ddddd aaaaa bbbbb 0 0111000110", lift_fp_compare, .arg = FP_CMPGE, .lacks = NO_VECTORS },
	{ "vcmpgefp.", "000100 ddddd aaaaa bbbbb 1 0111000110", lift_fp_compare, .arg = FP_CMPGE, .lacks = NO_VECTORS },
	{ "vcmpgtfp", "000100 ddddd aaaaa bbbbb 0 1011000110", lift_fp_compare, .arg = FP_CMPGT, .lacks = NO_VECTORS },
	{ "vcmpgtfp.", "000100 ddddd aaaaa bbbbb 1 1011000110", lift_fp_compare, .arg = FP_CMPGT, .lacks = NO_VECTORS },
	{ "vcmpbfp", "000100 ddddd aaaaa bbbbb 0 1111000110", lift_fp_compare, .arg = FP_CMPB, .lacks = NO_VECTORS },
	{ "vcmpbfp.", "000100 ddddd aaaaa bbbbb 1 1111000110", lift_fp_compare, .arg = FP_CMPB, .lacks = NO_VECTORS },
};

const struct ppc_rows ppc_rows_vec_fp = PPC_ROWS(rows);
