/*
 * Scalars and vectors share their formulas: conditions are i1 for the ones and masks of lanes for the
 * others, and the functions at the top say what that makes of a comparison, a choice or a constant.
 */
#include <string.h>

#include "frontend/common/arm_fp_lift.h"
#include "frontend/common/softfp.h"
#include "iface/hostfp.h"

uint64_t arm_fp_help_exec(struct cpu_env *env, uint32_t control, uint64_t what, uint64_t a, uint64_t b)
{
	struct arm_fp_what w = arm_fp_unpack_what((uint32_t)what);
	struct arm_fp fp = { control, 0 };
	uint64_t r = arm_fp_run(&fp, &w, a, b, 0);

	env->fp_flags |= fp.flags << ARM_FP_ENV_SHIFT;
	return r;
}

uint64_t arm_fp_help_muladd(struct cpu_env *env, uint32_t control, unsigned size, uint64_t a, uint64_t b, uint64_t c)
{
	struct arm_fp fp = { control, 0 };
	uint64_t r = arm_fp_exec(&fp, ARM_FP_MULADD, size, a, b, c);

	env->fp_flags |= fp.flags << ARM_FP_ENV_SHIFT;
	return r;
}

uint64_t arm_fp_help_vec(struct cpu_env *env, uint32_t control, uint64_t what)
{
	struct arm_fp_what w = arm_fp_unpack_what((uint32_t)what);
	struct arm_fp fp = { control, 0 };

	arm_fp_run_vec(&fp, &w, env->vec);
	env->fp_flags |= fp.flags << ARM_FP_ENV_SHIFT;
	return 0;
}

uint32_t arm_fp_collect(struct cpu_env *env, bool running)
{
	uint32_t flags = hostfp_collect(env, running);

	return (flags >> ARM_FP_ENV_SHIFT & ARM_FP_FLAGS) | (flags & HOSTFP_DIVZERO ? ARM_FP_DZC : 0) |
	       (flags & HOSTFP_OVERFLOW ? ARM_FP_OFC : 0) | (flags & HOSTFP_UNDERFLOW ? ARM_FP_UFC : 0) |
	       (flags & HOSTFP_INEXACT ? ARM_FP_IXC : 0);
}

enum ir_type arm_fp_type(unsigned size)
{
	return size == 16 ? IR_I16 : size == 32 ? IR_F32 : IR_F64;
}

enum ir_type arm_fp_vec_type(unsigned size)
{
	return size == 16 ? IR_I16X8 : size == 32 ? IR_F32X4 : IR_F64X2;
}

static enum ir_type int_type(unsigned size, bool vector)
{
	if (vector)
		return size == 16 ? IR_I16X8 : size == 32 ? IR_I32X4 : IR_I64X2;
	return size == 16 ? IR_I16 : size == 32 ? IR_I32 : IR_I64;
}

static enum ir_type float_type(unsigned size, bool vector)
{
	return vector ? arm_fp_vec_type(size) : arm_fp_type(size);
}

static enum ir_type result_type(const struct arm_fp_what *w)
{
	switch (w->op) {
	case ARM_FP_EQ:
	case ARM_FP_GE:
	case ARM_FP_GT: return int_type(w->size, w->lanes);
	case ARM_FP_COMPARE: return IR_I32;
	case ARM_FP_UNORDERED: return IR_I1;
	case ARM_FP_CONVERT: return float_type(w->other, w->lanes);
	case ARM_FP_TO_FIXED: return int_type(w->other, w->lanes);
	case ARM_FP_TO_INT_JS: return IR_I64;
	default: return float_type(w->size, w->lanes);
	}
}

static bool is_vec(struct ir_builder *b, ir_val v)
{
	return ir_type_info[ir_type_of(b->u, v)].bits == 128;
}

/* A constant of v's type, in every lane. */
static ir_val like(struct ir_builder *b, ir_val v, uint64_t bits)
{
	enum ir_type t = ir_type_of(b->u, v);

	if (!is_vec(b, v))
		return ir_const(b, t, bits);
	if (ir_type_info[t].lane_bits == 32)
		bits |= bits << 32;
	return ir_const_vec(b, t, bits, bits);
}

/* 2^n in v's type. */
static ir_val power(struct ir_builder *b, ir_val v, int n)
{
	unsigned lane = ir_type_info[ir_type_of(b->u, v)].lane_bits;

	return like(b, v, lane == 32 ? (uint64_t)(n + 127) << 23 : (uint64_t)(n + 1023) << 52);
}

static ir_val cast(struct ir_builder *b, enum ir_type t, ir_val v)
{
	return ir_type_of(b->u, v) == t ? v : ir_bitcast(b, t, v);
}

static ir_val as_int(struct ir_builder *b, ir_val v)
{
	return cast(b, int_type(ir_type_info[ir_type_of(b->u, v)].lane_bits, is_vec(b, v)), v);
}

static ir_val as_float(struct ir_builder *b, ir_val v)
{
	return cast(b, float_type(ir_type_info[ir_type_of(b->u, v)].lane_bits, is_vec(b, v)), v);
}

static ir_val uno(struct ir_builder *b, ir_val x, ir_val y)
{
	return is_vec(b, x) ? ir_vfuno(b, x, y) : ir_funo(b, x, y);
}

static ir_val lt(struct ir_builder *b, ir_val x, ir_val y)
{
	return is_vec(b, x) ? ir_vflt(b, x, y) : ir_flt(b, x, y);
}

static ir_val le(struct ir_builder *b, ir_val x, ir_val y)
{
	return is_vec(b, x) ? ir_vfle(b, x, y) : ir_fle(b, x, y);
}

static ir_val eq(struct ir_builder *b, ir_val x, ir_val y)
{
	return is_vec(b, x) ? ir_vfeq(b, x, y) : ir_feq(b, x, y);
}

static ir_val int_eq(struct ir_builder *b, ir_val x, ir_val y)
{
	return is_vec(b, x) ? ir_veq(b, x, y) : ir_eq(b, x, y);
}

static ir_val negative(struct ir_builder *b, ir_val x)
{
	ir_val zero = like(b, x, 0);

	return is_vec(b, x) ? ir_vslt(b, x, zero) : ir_slt(b, x, zero);
}

/* c ? x : y, lane by lane. */
static ir_val pick(struct ir_builder *b, ir_val c, ir_val x, ir_val y)
{
	if (!is_vec(b, x))
		return ir_select(b, c, x, y);
	enum ir_type t = ir_type_of(b->u, x);
	return cast(b, t, ir_bitsel(b, c, as_int(b, x), as_int(b, y)));
}

/* Whether a condition holds anywhere. */
static ir_val any(struct ir_builder *b, ir_val c)
{
	return is_vec(b, c) ? ir_vany(b, c) : c;
}

ir_val arm_fp_low_half(struct ir_builder *b, ir_val v)
{
	ir_val low = ir_extract(b, cast(b, IR_I64X2, v), 0);

	return cast(b, ir_type_of(b->u, v), ir_vfirst(b, low));
}

ir_val arm_fp_every_second(struct ir_builder *b, ir_val x, ir_val y, unsigned size, unsigned count, unsigned first)
{
	uint64_t pattern[2] = { ~0ull, ~0ull };
	unsigned bytes = size / 8;

	for (unsigned i = 0; i < count * bytes; i++) {
		unsigned j = i / bytes * 2 + first;
		uint64_t from = (j < count ? j * bytes : 16 + (j - count) * bytes) + i % bytes;
		pattern[i / 8] &= ~(0xffull << i % 8 * 8);
		pattern[i / 8] |= from << i % 8 * 8;
	}
	return ir_shuffle(b, x, y, ir_const_vec(b, IR_I8X16, pattern[0], pattern[1]));
}

static const struct ir_helper *muladd_helper(const struct arm_fp_lift *l, const struct arm_fp_what *w)
{
	return l->muladd[w->size >> 5];
}

static ir_val what_word(const struct arm_fp_lift *l, const struct arm_fp_what *w)
{
	return ir_const(l->b, IR_I32, arm_fp_pack(*w));
}

static ir_val exact(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	enum ir_type t = result_type(w);

	if (w->lanes)
		return ir_call4(l->b, l->vec, t, what_word(l, w), v[0], v[1], v[2]);
	if (w->op == ARM_FP_MULADD)
		return ir_call(l->b, muladd_helper(l, w), t, v[0], v[1], v[2]);
	return ir_call(l->b, l->exec, t, what_word(l, w), v[0], v[1]);
}

/* r, but where bad the exact result. */
static ir_val guarded(const struct arm_fp_lift *l, const struct arm_fp_what *w, ir_val bad, ir_val r, const ir_val v[3])
{
	if (w->lanes)
		return ir_guard4(l->b, l->vec, any(l->b, bad), r, what_word(l, w), v[0], v[1], v[2]);
	if (w->op == ARM_FP_MULADD)
		return ir_guard(l->b, muladd_helper(l, w), bad, r, v[0], v[1], v[2]);
	return ir_guard(l->b, l->exec, bad, r, what_word(l, w), v[0], v[1]);
}

static ir_val is_nan(struct ir_builder *b, ir_val r)
{
	return uno(b, r, r);
}

static ir_val least_normal(struct ir_builder *b, ir_val x)
{
	bool single = ir_type_info[ir_type_of(b->u, x)].lane_bits == 32;

	return power(b, x, single ? softfp_single.emin : softfp_double.emin);
}

/* A NaN, or where the host may have missed an underflow. */
static ir_val nan_or_least(struct ir_builder *b, ir_val r)
{
	ir_val least = least_normal(b, r), magnitude = ir_fabs(b, r);

	return is_vec(b, r) ? ir_vfueq(b, magnitude, least) : ir_fueq(b, magnitude, least);
}

/* Where the operands are equal they may be zeros of two signs: -0 is the smaller one. */
static ir_val extreme(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	bool max = w->op == ARM_FP_MAX || w->op == ARM_FP_MAXNM;
	ir_val x = as_int(b, max ? ir_fmax(b, v[0], v[1]) : ir_fmin(b, v[0], v[1]));
	ir_val y = as_int(b, max ? ir_fmax(b, v[1], v[0]) : ir_fmin(b, v[1], v[0]));

	return guarded(l, w, uno(b, v[0], v[1]), as_float(b, max ? ir_and(b, x, y) : ir_or(b, x, y)), v);
}

/* 2 - a * b: infinity times zero is a NaN here. The difference is never tiny. */
static ir_val recip_step(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	ir_val r = ir_fma(l->b, ir_fneg(l->b, v[0]), v[1], power(l->b, v[0], 1));

	return guarded(l, w, is_nan(l->b, r), r, v);
}

/* (3 - a * b) / 2, of operands for which 3 - a * b does not overflow. */
static ir_val root_step(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	ir_val limit = power(b, v[0], w->size == 32 ? 62 : 510), zero = like(b, v[0], 0);
	ir_val good = ir_and(b, lt(b, ir_fabs(b, v[0]), limit), lt(b, ir_fabs(b, v[1]), limit));
	ir_val x = pick(b, good, v[0], zero), y = pick(b, good, v[1], zero);
	ir_val three = like(b, v[0], w->size == 32 ? 0x40400000 : 0x4008000000000000);
	ir_val r = ir_fmul(b, ir_fma(b, ir_fneg(b, x), y, three), power(b, v[0], -1));

	return guarded(l, w, ir_not(b, good), r, v);
}

/* v1 with ones above the lanes: what is not there is not divided by zero. */
static ir_val divisor(struct ir_builder *b, const struct arm_fp_what *w, ir_val v)
{
	if (!w->lanes || w->lanes * w->size == 128)
		return v;
	uint64_t one = 0x3f8000003f800000;
	return ir_bitcast(b, IR_F32X4, ir_or(b, as_int(b, v), ir_const_vec(b, IR_I32X4, 0, one)));
}

static ir_val arithmetic(const struct arm_fp_lift *l, struct arm_fp_what w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	enum arm_fp_op op = w.op;
	ir_val r;

	switch (op) {
	case ARM_FP_NMUL: w.op = ARM_FP_MUL; break;
	case ARM_FP_ABD: w.op = ARM_FP_SUB; break;
	default: break;
	}
	switch (w.op) {
	case ARM_FP_ADD: r = ir_fadd(b, v[0], v[1]); break;
	case ARM_FP_SUB: r = ir_fsub(b, v[0], v[1]); break;
	case ARM_FP_DIV: r = ir_fdiv(b, v[0], divisor(b, &w, v[1])); break;
	case ARM_FP_SQRT: r = ir_fsqrt(b, v[0]); break;
	case ARM_FP_MULADD: r = ir_fma(b, v[1], v[2], v[0]); break;
	default: r = ir_fmul(b, v[0], v[1]); break;
	}
	bool exact_when_tiny = w.op == ARM_FP_ADD || w.op == ARM_FP_SUB || w.op == ARM_FP_SQRT;
	r = guarded(l, &w, exact_when_tiny ? is_nan(b, r) : nan_or_least(b, r), r, v);
	return op == ARM_FP_NMUL ? ir_fneg(b, r) : op == ARM_FP_ABD ? ir_fabs(b, r) : r;
}

/* All ones or 0. */
static ir_val test(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	ir_val x = w->flag ? ir_fabs(b, v[0]) : v[0], y = w->flag ? ir_fabs(b, v[1]) : v[1];
	ir_val c = w->op == ARM_FP_EQ ? eq(b, x, y) : w->op == ARM_FP_GE ? le(b, y, x) : lt(b, y, x);

	if (!w->lanes)
		c = ir_sext(b, int_type(w->size, false), c);
	return guarded(l, w, uno(b, x, y), c, v);
}

/* Between singles and doubles. */
static ir_val convert(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	ir_val r;

	if (!w->lanes)
		r = ir_fcvt(b, arm_fp_type(w->other), v[0]);
	else if (w->other == 64)
		r = ir_fcvt_lo(b, v[0]);
	else
		r = ir_fcvt_pair(b, v[0], like(b, v[0], 0));
	return guarded(l, w, w->other == 64 ? is_nan(b, r) : nan_or_least(b, r), r, v);
}

/* To an integer in the same format; no flag is raised. */
static ir_val integral(struct ir_builder *b, ir_val x, enum arm_fp_rounding rounding)
{
	switch (rounding) {
	case ARM_FP_UP: return ir_fround_up(b, x);
	case ARM_FP_DOWN: return ir_fround_down(b, x);
	case ARM_FP_TO_ZERO: return ir_fround_zero(b, x);
	case ARM_FP_AWAY: break;
	default: return ir_fround_near(b, x);
	}
	/* Truncated, which leaves an exact rest; a half or more makes it one larger, exactly. */
	ir_val whole = ir_fround_zero(b, x), rest = ir_fsub(b, x, whole);
	ir_val sign = ir_and(b, as_int(b, x), as_int(b, ir_fneg(b, like(b, x, 0))));
	ir_val one = ir_or(b, sign, as_int(b, power(b, x, 0)));
	ir_val step = pick(b, le(b, power(b, x, -1), ir_fabs(b, rest)), as_float(b, one), as_float(b, sign));
	return ir_fadd(b, whole, step);
}

static ir_val round_int(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	ir_val r = integral(b, v[0], w->rounding);

	/* For its inexact: what does not fit is an integer anyway. */
	if (w->flag)
		ir_ftoi_near(b, w->lanes && w->size == 32 ? IR_I32X4 : w->lanes ? IR_I64X2 : IR_I64, v[0]);
	return guarded(l, w, is_nan(b, v[0]), r, v);
}

/* An integer of the host's conversion, which is signed. towards zero; bad where that is not it. */
static ir_val to_signed(struct ir_builder *b, const struct arm_fp_what *w, enum ir_type t, ir_val x, ir_val *bad)
{
	if (w->rounding == ARM_FP_TO_ZERO || w->rounding == ARM_FP_NEAREST || w->rounding == ARM_FP_CURRENT) {
		ir_val i = w->rounding == ARM_FP_TO_ZERO ? ir_ftoi(b, t, x) : ir_ftoi_near(b, t, x);
		*bad = int_eq(b, i, like(b, i, 1ull << (w->other - 1)));
		return i;
	}
	ir_val i = ir_ftoi(b, t, integral(b, x, w->rounding));
	*bad = int_eq(b, i, like(b, i, 1ull << (w->other - 1)));
	ir_ftoi(b, t, pick(b, *bad, like(b, x, 0), x));		/* for its inexact */
	return i;
}

/* A constant limit: 2^63 for what 64 bits or a vector's lanes have, else all unsigned numbers. */
static ir_val to_unsigned(struct ir_builder *b, const struct arm_fp_what *w, enum ir_type t, ir_val x, ir_val *bad)
{
	int top = w->lanes || w->other == 64 ? w->other - 1 : 32;
	bool truncates = w->rounding == ARM_FP_TO_ZERO;
	ir_val y = truncates ? x : integral(b, x, w->rounding), zero = like(b, x, 0);
	ir_val above = truncates ? lt(b, ir_fneg(b, power(b, x, 0)), x) : le(b, zero, y);
	ir_val good = ir_and(b, above, lt(b, y, power(b, x, top)));
	ir_val i = ir_ftoi(b, t, pick(b, good, y, zero));

	if (!truncates)
		ir_ftoi(b, t, pick(b, good, x, zero));		/* for its inexact */
	*bad = ir_not(b, good);
	return i;
}

static ir_val to_fixed(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	enum ir_type t = result_type(w), wide = w->flag && !w->lanes ? IR_I64 : t;
	ir_val x = v[0], bad, large = IR_NONE;

	if (w->fbits) {
		/* Multiplied where that does not overflow. */
		ir_val good = lt(b, ir_fabs(b, x), power(b, x, w->other - w->fbits));
		large = ir_not(b, good);
		x = ir_fmul(b, pick(b, good, x, like(b, x, 0)), power(b, x, w->fbits));
	}
	ir_val i = w->flag ? to_unsigned(b, w, wide, x, &bad) : to_signed(b, w, wide, x, &bad);
	if (wide != t && w->other == 32)
		i = ir_trunc(b, IR_I32, i);
	return guarded(l, w, ir_is_none(large) ? bad : ir_or(b, bad, large), i, v);
}

/* An unsigned number with the highest bit: half of it, the last bit sticky, and doubled again. */
static ir_val from_unsigned(struct ir_builder *b, enum ir_type t, ir_val x)
{
	ir_val large = negative(b, x), one = ir_const(b, IR_I8, 1);
	ir_val half = ir_or(b, ir_shr(b, x, one), ir_and(b, x, like(b, x, 1)));
	ir_val f = ir_itof(b, t, pick(b, large, half, x));

	return pick(b, large, ir_fadd(b, f, f), f);
}

/* Exact but for one rounding; scaling by a power of 2 changes nothing else. */
static ir_val from_fixed(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	enum ir_type t = result_type(w);
	ir_val x = v[0];

	if (w->flag && !w->lanes && w->other == 32)
		x = ir_itof(b, t, ir_zext(b, IR_I64, x));
	else
		x = w->flag ? from_unsigned(b, t, x) : ir_itof(b, t, x);
	return w->fbits ? ir_fmul(b, x, power(b, x, -(int)w->fbits)) : x;
}

static ir_val fast(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	switch (w->op) {
	case ARM_FP_ADD:
	case ARM_FP_SUB:
	case ARM_FP_MUL:
	case ARM_FP_DIV:
	case ARM_FP_NMUL:
	case ARM_FP_MULX:
	case ARM_FP_ABD:
	case ARM_FP_SQRT:
	case ARM_FP_MULADD: return arithmetic(l, *w, v);
	case ARM_FP_MAX:
	case ARM_FP_MIN:
	case ARM_FP_MAXNM:
	case ARM_FP_MINNM: return extreme(l, w, v);
	case ARM_FP_RECPS: return recip_step(l, w, v);
	case ARM_FP_RSQRTS: return root_step(l, w, v);
	case ARM_FP_EQ:
	case ARM_FP_GE:
	case ARM_FP_GT: return test(l, w, v);
	case ARM_FP_CONVERT: return w->rounding == ARM_FP_CURRENT ? convert(l, w, v) : exact(l, w, v);
	case ARM_FP_TO_FIXED: return to_fixed(l, w, v);
	case ARM_FP_FROM_FIXED: return from_fixed(l, w, v);
	case ARM_FP_ROUND_INT: return round_int(l, w, v);
	default: return exact(l, w, v);
	}
}

static ir_val without_denormals(struct ir_builder *b, ir_val x)
{
	return pick(b, lt(b, ir_fabs(b, x), least_normal(b, x)), like(b, x, 0), x);
}

/*
 * Not 0, and no normal number or infinity: NaNs and denormals. Of a result that may be inexact the least
 * normal number is odd, too: a tiny one may have been rounded to it.
 */
static ir_val is_odd(struct ir_builder *b, ir_val x, bool result)
{
	ir_val least = least_normal(b, x), magnitude = ir_fabs(b, x);
	ir_val normal = result ? lt(b, least, magnitude) : le(b, least, magnitude);

	return ir_not(b, ir_or(b, normal, eq(b, x, like(b, x, 0))));
}

/*
 * Odd factors and dividends become 0, odd divisors 1: then the host raises no underflow or division by
 * zero ARM does not raise. Sums of denormals are exact. What vanishes has underflowed for both.
 */
static ir_val flushed_product(struct ir_builder *b, const ir_val v[3], const ir_val odd[3], ir_val *bad)
{
	ir_val zero = like(b, v[0], 0);
	ir_val r = ir_fmul(b, pick(b, odd[0], zero, v[0]), pick(b, odd[1], zero, v[1]));

	*bad = is_odd(b, r, true);
	return r;
}

static ir_val flushed_quotient(struct ir_builder *b, const struct arm_fp_what *w, const ir_val v[3],
			       const ir_val odd[3], ir_val *bad)
{
	ir_val y = divisor(b, w, pick(b, odd[1], power(b, v[0], 0), v[1]));
	ir_val r = ir_fdiv(b, pick(b, odd[0], like(b, v[0], 0), v[0]), y);

	*bad = is_odd(b, r, true);
	return r;
}

/* A NaN as addend stays one: it keeps the product from overflowing. So does a zero, for its sign. */
static ir_val flushed_muladd(struct ir_builder *b, const ir_val v[3], const ir_val odd[3], ir_val *bad)
{
	ir_val zero = like(b, v[0], 0), tiny = lt(b, ir_fabs(b, v[0]), least_normal(b, v[0]));
	ir_val addend = pick(b, ir_and(b, odd[0], tiny), zero, v[0]);
	ir_val r = ir_fma(b, pick(b, odd[1], zero, v[1]), pick(b, odd[2], zero, v[2]), addend);

	*bad = is_odd(b, r, true);
	return r;
}

/* 2 - a * b or (3 - a * b) / 2, the product rounded: neither overflows then. */
static ir_val flushed_step(struct ir_builder *b, const ir_val v[3], const ir_val odd[3], bool root, ir_val *bad)
{
	ir_val p = flushed_product(b, v, odd, bad);
	ir_val r = ir_fsub(b, like(b, p, root ? 0x40400000 : 0x40000000), p);

	return root ? ir_fmul(b, r, power(b, r, -1)) : r;
}

/* Between singles and doubles. */
static ir_val flushed_convert(struct ir_builder *b, const struct arm_fp_what *w, const ir_val v[3],
			      const ir_val odd[3], ir_val *bad)
{
	ir_val x = pick(b, odd[0], like(b, v[0], 0), v[0]), r;

	if (!w->lanes)
		r = ir_fcvt(b, arm_fp_type(w->other), x);
	else
		r = w->other == 64 ? ir_fcvt_lo(b, x) : ir_fcvt_pair(b, x, like(b, x, 0));
	*bad = is_odd(b, r, true);
	return r;
}

static ir_val flushed_arithmetic(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3],
				 const ir_val odd[3], ir_val *bad)
{
	struct ir_builder *b = l->b;
	ir_val r;

	switch (w->op) {
	case ARM_FP_MUL:
	case ARM_FP_MULX: return flushed_product(b, v, odd, bad);
	case ARM_FP_NMUL: return ir_fneg(b, flushed_product(b, v, odd, bad));
	case ARM_FP_DIV: return flushed_quotient(b, w, v, odd, bad);
	case ARM_FP_MULADD: return flushed_muladd(b, v, odd, bad);
	case ARM_FP_RECPS_A32: return flushed_step(b, v, odd, false, bad);
	case ARM_FP_RSQRTS_A32: return flushed_step(b, v, odd, true, bad);
	default:
		r = w->op == ARM_FP_ADD ? ir_fadd(b, v[0], v[1]) : ir_fsub(b, v[0], v[1]);
		*bad = is_odd(b, r, false);
		return w->op == ARM_FP_ABD ? ir_fabs(b, r) : r;
	}
}

/* What the functions above do when denormals are flushed; fast() does it, odd operands apart; helpers do it. */
enum flushing { FLUSHED_HERE, FLUSHED_FAST, FLUSHED_EXACT };

static enum flushing way_of(const struct arm_fp_what *w)
{
	switch (w->op) {
	case ARM_FP_ADD:
	case ARM_FP_SUB:
	case ARM_FP_ABD:
	case ARM_FP_MUL:
	case ARM_FP_MULX:
	case ARM_FP_NMUL:
	case ARM_FP_DIV:
	case ARM_FP_MULADD:
	case ARM_FP_RECPS_A32:
	case ARM_FP_RSQRTS_A32: return FLUSHED_HERE;
	case ARM_FP_CONVERT: return w->rounding == ARM_FP_CURRENT ? FLUSHED_HERE : FLUSHED_EXACT;
	case ARM_FP_SQRT:
	case ARM_FP_MAX:
	case ARM_FP_MIN:
	case ARM_FP_MAXNM:
	case ARM_FP_MINNM:
	case ARM_FP_RECPS:
	case ARM_FP_RSQRTS:
	case ARM_FP_EQ:
	case ARM_FP_GE:
	case ARM_FP_GT:
	case ARM_FP_TO_FIXED:
	case ARM_FP_ROUND_INT: return FLUSHED_FAST;
	default: return FLUSHED_EXACT;
	}
}

/* x, or 0 unless c. */
static ir_val only_if(struct ir_builder *b, ir_val c, ir_val x)
{
	if (!is_vec(b, x))
		return ir_select(b, c, x, like(b, x, 0));
	enum ir_type lane = ir_type_info[ir_type_of(b->u, x)].lane_bits == 32 ? IR_I32 : IR_I64;
	return as_float(b, ir_and(b, as_int(b, x), ir_splat(b, ir_sext(b, lane, c))));
}

/* Control says that denormals are flushed. Unless IXC is set already the host works on zeros and the helper does it. */
static ir_val flushed(const struct arm_fp_lift *l, const struct arm_fp_what *w, const ir_val v[3])
{
	struct ir_builder *b = l->b;
	enum flushing way = way_of(w);
	ir_val odd[3], bad = ir_const(b, IR_I1, 0), host[3] = { v[0], v[1], v[2] }, r;

	if (w->op == ARM_FP_FROM_FIXED)
		return from_fixed(l, w, v);
	if (way == FLUSHED_EXACT)
		return exact(l, w, v);
	for (unsigned i = 0; i < 3; i++) {
		if (ir_is_none(v[i]))
			continue;
		odd[i] = l->clean[i] ? like(b, as_int(b, v[i]), 0) : is_odd(b, v[i], false);
		if (l->unsure)
			host[i] = only_if(b, l->ixc, v[i]);
	}
	if (way == FLUSHED_FAST)
		r = fast(l, w, host);
	else if (w->op == ARM_FP_CONVERT)
		r = flushed_convert(b, w, host, odd, &bad);
	else
		r = flushed_arithmetic(l, w, host, odd, &bad);
	bad = any(b, bad);
	if (l->unsure)
		bad = ir_or(b, bad, ir_not(b, l->ixc));
	for (unsigned i = 0; i < 3; i++)
		if (!ir_is_none(v[i]) && !l->clean[i])
			bad = ir_or(b, bad, any(b, odd[i]));
	return guarded(l, w, bad, r, v);
}

ir_val arm_fp_lift(const struct arm_fp_lift *l, struct arm_fp_what what, ir_val a, ir_val b, ir_val c)
{
	ir_val v[3] = { a, b, c };
	bool half = what.size == 16 || what.other == 16;

	if (l->slow || half)
		return exact(l, &what, v);
	if (!what.lanes || what.lanes * what.size == 128)
		return l->flush ? flushed(l, &what, v) : fast(l, &what, v);
	for (unsigned i = 0; i < 3; i++)
		if (!ir_is_none(v[i]))
			v[i] = arm_fp_low_half(l->b, v[i]);
	ir_val r = l->flush ? flushed(l, &what, v) : fast(l, &what, v);
	return what.op == ARM_FP_CONVERT ? r : arm_fp_low_half(l->b, r);
}

static ir_val bit(struct ir_builder *b, ir_val word, unsigned n)
{
	return ir_trunc(b, IR_I1, ir_shr(b, word, ir_const(b, IR_I8, n)));
}

struct arm_fp_nzcv arm_fp_lift_compare(const struct arm_fp_lift *l, unsigned size, ir_val x, ir_val y, bool signal,
				       ir_val when, unsigned nzcv)
{
	struct ir_builder *b = l->b;
	struct arm_fp_what w = { .op = ARM_FP_COMPARE, .size = (uint8_t)size, .flag = signal };
	ir_val flags = ir_const(b, IR_I32, nzcv), v[2] = { x, y };
	struct arm_fp_nzcv r;

	if (l->slow || size == 16) {
		if (ir_is_none(when))
			flags = ir_call(b, l->exec, IR_I32, what_word(l, &w), x, y);
		else
			flags = ir_guard(b, l->exec, when, flags, what_word(l, &w), x, y);
		return (struct arm_fp_nzcv){ bit(b, flags, 3), bit(b, flags, 2), bit(b, flags, 1), bit(b, flags, 0) };
	}
	w.op = ARM_FP_UNORDERED;
	ir_val nan = ir_funo(b, x, y), look = nan;
	if (l->flush) {
		look = ir_or(b, is_odd(b, x, false), is_odd(b, y, false));
		x = without_denormals(b, x), y = without_denormals(b, y);
	}
	if (!ir_is_none(when))
		look = ir_and(b, when, look);
	r.n = ir_flt(b, x, y);
	r.z = ir_feq(b, x, y);
	r.c = ir_not(b, r.n);
	r.v = nan;
	ir_guard(b, l->exec, look, nan, what_word(l, &w), v[0], v[1]);		/* for its flags: V is known */
	if (ir_is_none(when))
		return r;
	r.n = ir_select(b, when, r.n, ir_const(b, IR_I1, nzcv >> 3 & 1));
	r.z = ir_select(b, when, r.z, ir_const(b, IR_I1, nzcv >> 2 & 1));
	r.c = ir_select(b, when, r.c, ir_const(b, IR_I1, nzcv >> 1 & 1));
	r.v = ir_select(b, when, r.v, ir_const(b, IR_I1, nzcv & 1));
	return r;
}
