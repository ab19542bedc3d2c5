/*
 * VFP arithmetic (ARM F2.12, F6), scalar. Fast blocks (round to nearest, no flushing, NaNs propagate) use the host's
 * arithmetic and repair what differs: a result that is a NaN, or the least normal number, whose tininess ARM detects
 * before rounding and x86 after it, comes from the exact unit (frontend/common/arm_fp.h), which also raises the flags
 * the host did not. Slow blocks ask the exact unit for everything.
 */
#include "frontend/arm/vfp.h"

enum { DOUBLE = 1, OP_SHIFT = 1 };
#define ARG(op, wide) ((unsigned)(op) << OP_SHIFT | (wide))

static bool is_double(const struct arm_word *in)
{
	return in->row->arg & DOUBLE;
}

static unsigned size_of(const struct arm_word *in)
{
	return is_double(in) ? 64 : 32;
}

static enum ir_type float_type(const struct arm_word *in)
{
	return is_double(in) ? IR_F64 : IR_F32;
}

static enum ir_type bits_type(const struct arm_word *in)
{
	return is_double(in) ? IR_I64 : IR_I32;
}

/* Registers as bits. */
static ir_val get_v(struct arm_lift *l, bool wide, uint32_t v, uint32_t extra)
{
	return wide ? get_d(l, dreg(v, extra)) : get_s(l, sreg(v, extra));
}

static ir_val get_n(struct arm_lift *l, const struct arm_word *in)
{
	return get_v(l, is_double(in), in->rn, in->N);
}

static ir_val get_m(struct arm_lift *l, const struct arm_word *in)
{
	return get_v(l, is_double(in), in->rm, in->M);
}

static void set_v(struct arm_lift *l, const struct arm_word *in, bool wide, ir_val v)
{
	if (wide)
		set_d(l, dreg(in->rd, in->D), v);
	else
		set_s(l, sreg(in->rd, in->D), v);
}

static ir_val as_float(struct arm_lift *l, ir_val bits)
{
	return ir_bitcast(l->b, ir_type_of(l->b->u, bits) == IR_I64 ? IR_F64 : IR_F32, bits);
}

static ir_val as_bits(struct arm_lift *l, ir_val v)
{
	return ir_bitcast(l->b, ir_type_of(l->b->u, v) == IR_F64 ? IR_I64 : IR_I32, v);
}

/* ---- the exact unit ---- */

static struct arm_fp unit_of(const struct arm_state *s)
{
	return (struct arm_fp){ .control = s->fpscr };
}

/* Operation in bits 15..8 of what, size in 7..0. */
static uint64_t vfp_op(void *state, uint64_t a, uint64_t b, uint64_t what)
{
	struct arm_state *s = state;
	struct arm_fp fp = unit_of(s);
	uint64_t r = arm_fp_exec(&fp, (enum arm_fp_op)(what >> 8), what & 0xff, a, b, 0);

	s->fpscr |= fp.flags;
	return r;
}

static uint64_t muladd(struct arm_state *s, unsigned size, uint64_t addend, uint64_t a, uint64_t b)
{
	struct arm_fp fp = unit_of(s);
	uint64_t r = arm_fp_exec(&fp, ARM_FP_MULADD, size, addend, a, b);

	s->fpscr |= fp.flags;
	return r;
}

static uint64_t vfp_muladd32(void *state, uint64_t a, uint64_t b, uint64_t addend)
{
	return muladd(state, 32, addend, a, b);
}

static uint64_t vfp_muladd64(void *state, uint64_t a, uint64_t b, uint64_t addend)
{
	return muladd(state, 64, addend, a, b);
}

/* Bit 0 of what: signals for every NaN; size from bit 8. N Z C V in 3..0. */
static uint64_t vfp_compare(void *state, uint64_t a, uint64_t b, uint64_t what)
{
	struct arm_state *s = state;
	struct arm_fp fp = unit_of(s);
	unsigned nzcv = arm_fp_compare(&fp, (unsigned)what >> 8, a, b, what & 1);

	s->fpscr |= fp.flags;
	return nzcv;
}

/*
 * Conversions. what: to bits 31..24, from 23..16, rounding 15..12 (15: FPSCR's), unsigned 11, kind 10..8,
 * fraction bits 5..0.
 */
enum { TO_FLOAT, TO_FIXED, FROM_FIXED, ROUND, ROUND_EXACT };
enum { ROUNDING_MODE = 15 };
static uint64_t vfp_convert(void *state, uint64_t v, uint64_t what, uint64_t c)
{
	struct arm_state *s = state;
	struct arm_fp fp = unit_of(s);
	unsigned to = what >> 24 & 0xff, from = what >> 16 & 0xff, mode = what >> 12 & 15, fbits = what & 63;
	enum arm_fp_rounding rounding = mode == ROUNDING_MODE ? arm_fp_rounding(s->fpscr) : (enum arm_fp_rounding)mode;
	bool is_unsigned = what >> 11 & 1;
	uint64_t r = 0;

	(void)c;
	switch (what >> 8 & 7) {
	case TO_FLOAT: r = arm_fp_convert(&fp, to, from, v, rounding); break;
	case TO_FIXED: r = arm_fp_to_fixed(&fp, to, is_unsigned, fbits, from, v, rounding); break;
	case FROM_FIXED: r = arm_fp_from_fixed(&fp, to, from, is_unsigned, fbits, v, rounding); break;
	case ROUND: r = arm_fp_round_int(&fp, to, v, rounding, false); break;
	default: r = arm_fp_round_int(&fp, to, v, rounding, true); break;
	}
	s->fpscr |= fp.flags;
	return r;
}

#define EFFECTS (IR_HELPER_READS | IR_HELPER_WRITES)
const struct ir_helper arm_vfp_op = { "arm_vfp_op", vfp_op, EFFECTS };
const struct ir_helper arm_vfp_muladd32 = { "arm_vfp_muladd32", vfp_muladd32, EFFECTS };
const struct ir_helper arm_vfp_muladd64 = { "arm_vfp_muladd64", vfp_muladd64, EFFECTS };
const struct ir_helper arm_vfp_compare = { "arm_vfp_compare", vfp_compare, EFFECTS };
const struct ir_helper arm_vfp_convert = { "arm_vfp_convert", vfp_convert, EFFECTS };

/* ---- fast and slow ---- */

/* Slow blocks: short vectors (Len or Stride not 0) are UNDEFINED. */
static bool is_slow(struct arm_lift *l)
{
	if (!(l->mode & ARM_MODE_FP_SLOW))
		return false;
	ir_val vectors = ir_and(l->b, ir_get(l->b, ARM_FPSCR), imm32(l, ARM_FPSCR_LEN | ARM_FPSCR_STRIDE));
	ir_val bad = ir_ne(l->b, vectors, imm32(l, 0));
	ir_trap_if(l->b, IR_TRAP_ILLEGAL, 0, bad, imm32(l, l->pc | l->thumb), imm32(l, l->next | l->thumb));
	return true;
}

/* A float result the host may have got wrong. */
static ir_val is_suspect(struct arm_lift *l, ir_val r)
{
	bool wide = ir_type_of(l->b->u, r) == IR_F64;
	ir_val least = wide ? ir_const(l->b, IR_F64, 0x0010000000000000) : ir_const(l->b, IR_F32, 0x00800000);

	return ir_fueq(l->b, ir_fabs(l->b, r), least);
}

/* a op b, or op a for the square root; operands and result are bits. */
static ir_val compute(struct arm_lift *l, const struct arm_word *in, enum arm_fp_op op, ir_val a, ir_val b, bool slow)
{
	ir_val what = imm32(l, (uint32_t)op << 8 | size_of(in)), r, x, y;

	if (slow)
		return ir_call(l->b, &arm_vfp_op, bits_type(in), a, b, what);
	x = as_float(l, a);
	y = as_float(l, b);
	switch (op) {
	case ARM_FP_ADD: r = ir_fadd(l->b, x, y); break;
	case ARM_FP_SUB: r = ir_fsub(l->b, x, y); break;
	case ARM_FP_MUL: r = ir_fmul(l->b, x, y); break;
	case ARM_FP_DIV: r = ir_fdiv(l->b, x, y); break;
	default: r = ir_fsqrt(l->b, x); break;
	}
	return ir_guard(l->b, &arm_vfp_op, is_suspect(l, r), as_bits(l, r), a, b, what);
}

static ir_val negated(struct arm_lift *l, ir_val v)
{
	bool wide = ir_type_of(l->b->u, v) == IR_I64;

	return ir_xor(l->b, v, wide ? ir_const(l->b, IR_I64, 1ull << 63) : imm32(l, 0x80000000));
}

/* VADD VSUB VMUL VDIV:  Vd <- Vn op Vm. */
static void lift_arithmetic(struct arm_lift *l, const struct arm_word *in)
{
	bool slow = is_slow(l);

	set_v(l, in, is_double(in), compute(l, in, in->row->arg >> OP_SHIFT, get_n(l, in), get_m(l, in), slow));
}

/* VNMUL:  Vd <- -(Vn * Vm). */
static void lift_vnmul(struct arm_lift *l, const struct arm_word *in)
{
	bool slow = is_slow(l);

	set_v(l, in, is_double(in), negated(l, compute(l, in, ARM_FP_MUL, get_n(l, in), get_m(l, in), slow)));
}

/* VMLA VMLS VNMLA VNMLS:  Vd <- +-Vd + +-(Vn * Vm), rounded twice. */
enum { NEGATE_SUM = 1, NEGATE_PRODUCT = 2 };
static void lift_multiply_add(struct arm_lift *l, const struct arm_word *in)
{
	unsigned how = in->row->arg >> OP_SHIFT;
	bool slow = is_slow(l);
	ir_val product = compute(l, in, ARM_FP_MUL, get_n(l, in), get_m(l, in), slow);
	ir_val d = get_v(l, is_double(in), in->rd, in->D);

	if (how & NEGATE_PRODUCT)
		product = negated(l, product);
	if (how & NEGATE_SUM)
		d = negated(l, d);
	set_v(l, in, is_double(in), compute(l, in, ARM_FP_ADD, d, product, slow));
}

/* VFMA VFMS VFNMA VFNMS:  Vd <- +-Vd + +-Vn * Vm, rounded once. */
static void lift_fused(struct arm_lift *l, const struct arm_word *in)
{
	const struct ir_helper *h = is_double(in) ? &arm_vfp_muladd64 : &arm_vfp_muladd32;
	unsigned how = in->row->arg >> OP_SHIFT;
	bool slow = is_slow(l);
	ir_val n = get_n(l, in), m = get_m(l, in), d = get_v(l, is_double(in), in->rd, in->D), r;

	if (how & NEGATE_PRODUCT)
		n = negated(l, n);
	if (how & NEGATE_SUM)
		d = negated(l, d);
	if (slow) {
		r = ir_call(l->b, h, bits_type(in), n, m, d);
	} else {
		r = ir_fma(l->b, as_float(l, n), as_float(l, m), as_float(l, d));
		r = ir_guard(l->b, h, is_suspect(l, r), as_bits(l, r), n, m, d);
	}
	set_v(l, in, is_double(in), r);
}

/* VSQRT. */
static void lift_sqrt(struct arm_lift *l, const struct arm_word *in)
{
	bool slow = is_slow(l);
	ir_val m = get_m(l, in);

	set_v(l, in, is_double(in), compute(l, in, ARM_FP_SQRT, m, m, slow));
}

/* VABS VNEG:  of the sign bit; no exceptions. */
static void lift_sign(struct arm_lift *l, const struct arm_word *in)
{
	ir_val m = get_m(l, in);

	is_slow(l);
	if (in->row->arg >> OP_SHIFT)
		m = negated(l, m);
	else
		m = ir_and(l->b, m, is_double(in) ? ir_const(l->b, IR_I64, INT64_MAX) : imm32(l, INT32_MAX));
	set_v(l, in, is_double(in), m);
}

/* VMAXNM VMINNM: the exact unit; they are rare. */
static void lift_maxnm(struct arm_lift *l, const struct arm_word *in)
{
	ir_val what = imm32(l, (in->row->arg >> OP_SHIFT) << 8 | size_of(in));

	is_slow(l);
	set_v(l, in, is_double(in), ir_call(l->b, &arm_vfp_op, bits_type(in), get_n(l, in), get_m(l, in), what));
}

/* VSEL<cc>:  Vd <- cc holds ? Vn : Vm; cc is EQ, VS, GE, GT. */
static void lift_vsel(struct arm_lift *l, const struct arm_word *in)
{
	static const uint8_t cond[] = { 0, 6, 10, 12 };
	ir_val c = arm_condition(l, cond[in->opc1]);

	is_slow(l);
	set_v(l, in, is_double(in), ir_select(l->b, c, get_n(l, in), get_m(l, in)));
}

/* VCMP VCMPE Vd, Vm or #0:  FPSCR's N Z C V. F: every NaN is invalid. */
enum { WITH_ZERO = 1 };
static void lift_vcmp(struct arm_lift *l, const struct arm_word *in)
{
	bool zero = in->row->arg >> OP_SHIFT & WITH_ZERO, slow = is_slow(l);
	ir_val d = get_v(l, is_double(in), in->rd, in->D);
	ir_val m = zero ? ir_const(l->b, bits_type(in), 0) : get_m(l, in);
	ir_val what = imm32(l, (uint32_t)size_of(in) << 8 | in->F);

	if (slow) {
		ir_val nzcv = ir_call(l->b, &arm_vfp_compare, IR_I32, d, m, what);
		for (unsigned i = 0; i < 4; i++)
			ir_put(l->b, ARM_FP_N + i, bit_of(l, nzcv, 3 - i));
		return;
	}
	ir_val x = as_float(l, d), y = as_float(l, m), unordered = ir_funo(l->b, x, y);
	ir_val less = ir_flt(l->b, x, y);
	/* only for what it raises: less does not hold, and it says so, too */
	ir_val raised = ir_guard(l->b, &arm_vfp_compare, unordered, imm32(l, 0), d, m, what);
	ir_put(l->b, ARM_FP_N, less);
	ir_put(l->b, ARM_FP_Z, ir_feq(l->b, x, y));
	ir_put(l->b, ARM_FP_C, ir_not(l->b, less));
	ir_put(l->b, ARM_FP_V, ir_or(l->b, unordered, ir_trunc(l->b, IR_I1, raised)));
}

/* ---- conversions ---- */

static ir_val convert(struct arm_lift *l, enum ir_type type, ir_val v, unsigned kind, unsigned to, unsigned from,
		      unsigned rounding, bool is_unsigned, unsigned fbits)
{
	uint32_t what = (uint32_t)to << 24 | from << 16 | rounding << 12 | (uint32_t)is_unsigned << 11 | kind << 8 | fbits;

	return ir_call(l->b, &arm_vfp_convert, type, v, imm32(l, what), IR_NONE);
}

/* VCVT between double and single; the row's size is the source's. */
static void lift_vcvt_size(struct arm_lift *l, const struct arm_word *in)
{
	bool from_double = is_double(in), slow = is_slow(l);
	unsigned to = from_double ? 32 : 64, from = size_of(in);
	enum ir_type type = from_double ? IR_I32 : IR_I64;
	ir_val m = get_m(l, in), r, bad;

	if (slow) {
		r = convert(l, type, m, TO_FLOAT, to, from, ROUNDING_MODE, false, 0);
	} else {
		r = ir_fcvt(l->b, from_double ? IR_F32 : IR_F64, as_float(l, m));
		bad = from_double ? is_suspect(l, r) : ir_funo(l->b, r, r);
		uint32_t what = to << 24 | from << 16 | ROUNDING_MODE << 12 | TO_FLOAT << 8;
		r = ir_guard(l->b, &arm_vfp_convert, bad, as_bits(l, r), m, imm32(l, what), IR_NONE);
	}
	set_v(l, in, !from_double, r);
}

/* VCVT.F<size>.<S,U>32 Vd, Sm: F: signed. */
static void lift_from_int(struct arm_lift *l, const struct arm_word *in)
{
	bool slow = is_slow(l);
	ir_val m = get_s(l, sreg(in->rm, in->M)), r;

	if (slow)
		r = convert(l, bits_type(in), m, FROM_FIXED, size_of(in), 32, ROUNDING_MODE, !in->F, 0);
	else
		r = as_bits(l, ir_itof(l->b, float_type(in), in->F ? m : wide(l, m, false)));
	set_v(l, in, is_double(in), r);
}

/* The host's conversion to a word; *bad: it was none, for the value may not fit. Nothing is raised then. */
static ir_val host_to_int(struct arm_lift *l, ir_val x, bool truncate, bool is_unsigned, ir_val *bad)
{
	bool is_wide = ir_type_of(l->b->u, x) == IR_F64;
	enum ir_type to = is_unsigned ? IR_I64 : IR_I32;
	ir_val zero = is_wide ? ir_const(l->b, IR_F64, 0) : ir_const(l->b, IR_F32, 0), r, fits;

	if (is_unsigned) {
		/* 2^32 - 1, and 2^32 - 256 as a single: what is not above rounds to a word */
		ir_val top = is_wide ? ir_const(l->b, IR_F64, 0x41efffffffe00000) : ir_const(l->b, IR_F32, 0x4f7fffff);
		fits = ir_and(l->b, ir_fle(l->b, zero, x), ir_fle(l->b, x, top));
		x = ir_select(l->b, fits, x, zero);
	}
	r = truncate ? ir_ftoi(l->b, to, x) : ir_ftoi_near(l->b, to, x);
	*bad = is_unsigned ? ir_not(l->b, fits) : ir_eq(l->b, r, imm32(l, 0x80000000));
	return is_unsigned ? low_word(l, r) : r;
}

/* VCVT{R}.<S,U>32.F<size> Sd, Vm: arg's flag: unsigned; F: towards zero. */
static void lift_to_int(struct arm_lift *l, const struct arm_word *in)
{
	bool is_unsigned = in->row->arg >> OP_SHIFT, slow = is_slow(l);
	unsigned rounding = in->F ? ARM_FP_TO_ZERO : ROUNDING_MODE;
	ir_val m = get_m(l, in), r, bad;

	if (slow) {
		r = convert(l, IR_I32, m, TO_FIXED, 32, size_of(in), rounding, is_unsigned, 0);
	} else {
		r = host_to_int(l, as_float(l, m), in->F, is_unsigned, &bad);
		uint32_t what = 32u << 24 | size_of(in) << 16 | rounding << 12 | (uint32_t)is_unsigned << 11 | TO_FIXED << 8;
		r = ir_guard(l->b, &arm_vfp_convert, bad, r, m, imm32(l, what), IR_NONE);
	}
	set_v(l, in, false, r);
}

/* VCVT{A,N,P,M}.<S,U>32.F<size> Sd, Vm: F: signed. */
static const uint8_t directed[] = { ARM_FP_AWAY, ARM_FP_NEAREST, ARM_FP_UP, ARM_FP_DOWN };
static void lift_to_int_directed(struct arm_lift *l, const struct arm_word *in)
{
	is_slow(l);
	set_v(l, in, false, convert(l, IR_I32, get_m(l, in), TO_FIXED, 32, size_of(in), directed[in->opc1], !in->F, 0));
}

/* VCVT between floating and fixed point, in place: F: 32 bits, else 16; L: unsigned. */
static void lift_fixed(struct arm_lift *l, const struct arm_word *in)
{
	bool to_fixed = in->row->arg >> OP_SHIFT, is_unsigned = in->L;
	unsigned bits = in->F ? 32 : 16, size = size_of(in);
	unsigned whole = in->imm4 << 1 | in->imm;	/* bits in front of the point */
	ir_val v = get_v(l, is_double(in), in->rd, in->D), r;

	if (whole > bits) {
		arm_illegal(l);
		return;
	}
	is_slow(l);
	if (!to_fixed) {
		r = convert(l, bits_type(in), v, FROM_FIXED, size, bits, ARM_FP_NEAREST, is_unsigned, bits - whole);
	} else {
		r = convert(l, IR_I32, v, TO_FIXED, bits, size, ARM_FP_TO_ZERO, is_unsigned, bits - whole);
		if (bits == 16 && !is_unsigned)
			r = ir_sext(l->b, IR_I32, ir_trunc(l->b, IR_I16, r));
		if (is_double(in))
			r = wide(l, r, !is_unsigned);
	}
	set_v(l, in, is_double(in), r);
}

/* VCVTB VCVTT:  a half in the low or, F, high part of a single register, to or from single or double. */
static void lift_half(struct arm_lift *l, const struct arm_word *in)
{
	bool to_half = in->row->arg >> OP_SHIFT;
	unsigned size = size_of(in);
	ir_val v, r, old;

	is_slow(l);
	if (!to_half) {
		v = get_s(l, sreg(in->rm, in->M));
		v = in->F ? ir_shr(l->b, v, imm32(l, 16)) : ir_and(l->b, v, imm32(l, 0xffff));
		set_v(l, in, is_double(in), convert(l, bits_type(in), v, TO_FLOAT, size, 16, ROUNDING_MODE, false, 0));
		return;
	}
	r = convert(l, IR_I32, get_m(l, in), TO_FLOAT, 16, size, ROUNDING_MODE, false, 0);
	old = ir_and(l->b, get_s(l, sreg(in->rd, in->D)), imm32(l, in->F ? 0xffff : 0xffff0000));
	set_v(l, in, false, ir_or(l->b, old, in->F ? ir_shl(l->b, r, imm32(l, 16)) : r));
}

/* VRINT{A,N,P,M} by opc1; VRINTR, VRINTX (FPSCR's rounding), VRINTZ. */
enum { BY_OPC, BY_FPSCR, BY_FPSCR_EXACT, BY_ZERO };
static void lift_vrint(struct arm_lift *l, const struct arm_word *in)
{
	unsigned how = in->row->arg >> OP_SHIFT;
	unsigned rounding = how == BY_OPC ? directed[in->opc1] : how == BY_ZERO ? ARM_FP_TO_ZERO : ROUNDING_MODE;
	unsigned kind = how == BY_FPSCR_EXACT ? ROUND_EXACT : ROUND;

	is_slow(l);
	set_v(l, in, is_double(in),
	      convert(l, bits_type(in), get_m(l, in), kind, size_of(in), size_of(in), rounding, false, 0));
}

/* Each in the single and the double form, which bit 8 tells. */
#define BOTH(name, cond, before, after, fn, op, what) \
	{ name, cond " 1110 " before " 1010 " after, fn, .arg = ARG(op, 0), .flags = ARM_SHARED | (what) }, \
	{ name, cond " 1110 " before " 1011 " after, fn, .arg = ARG(op, 1), .flags = ARM_SHARED | (what) }
#define VFP(name, before, after, fn, op) BOTH(name, "cccc", before, after, fn, op, ARM_SKIP)
#define V8(name, before, after, fn, op) BOTH(name, "1111", before, after, fn, op, ARM_NOT_IT)

static const struct arm_row a32[] = {
	V8("vsel", "0 D oo nnnn dddd", "N0M0 mmmm", lift_vsel, 0),
	V8("vmaxnm", "1 D 00 nnnn dddd", "N0M0 mmmm", lift_maxnm, ARM_FP_MAXNM),
	V8("vminnm", "1 D 00 nnnn dddd", "N1M0 mmmm", lift_maxnm, ARM_FP_MINNM),
	V8("vrint", "1 D 11 10oo dddd", "01M0 mmmm", lift_vrint, BY_OPC),
	V8("vcvt", "1 D 11 11oo dddd", "F1M0 mmmm", lift_to_int_directed, 0),
	VFP("vmla", "0 D 00 nnnn dddd", "N0M0 mmmm", lift_multiply_add, 0),
	VFP("vmls", "0 D 00 nnnn dddd", "N1M0 mmmm", lift_multiply_add, NEGATE_PRODUCT),
	VFP("vnmls", "0 D 01 nnnn dddd", "N0M0 mmmm", lift_multiply_add, NEGATE_SUM),
	VFP("vnmla", "0 D 01 nnnn dddd", "N1M0 mmmm", lift_multiply_add, NEGATE_SUM | NEGATE_PRODUCT),
	VFP("vmul", "0 D 10 nnnn dddd", "N0M0 mmmm", lift_arithmetic, ARM_FP_MUL),
	VFP("vnmul", "0 D 10 nnnn dddd", "N1M0 mmmm", lift_vnmul, 0),
	VFP("vadd", "0 D 11 nnnn dddd", "N0M0 mmmm", lift_arithmetic, ARM_FP_ADD),
	VFP("vsub", "0 D 11 nnnn dddd", "N1M0 mmmm", lift_arithmetic, ARM_FP_SUB),
	VFP("vdiv", "1 D 00 nnnn dddd", "N0M0 mmmm", lift_arithmetic, ARM_FP_DIV),
	VFP("vfnms", "1 D 01 nnnn dddd", "N0M0 mmmm", lift_fused, NEGATE_SUM),
	VFP("vfnma", "1 D 01 nnnn dddd", "N1M0 mmmm", lift_fused, NEGATE_SUM | NEGATE_PRODUCT),
	VFP("vfma", "1 D 10 nnnn dddd", "N0M0 mmmm", lift_fused, 0),
	VFP("vfms", "1 D 10 nnnn dddd", "N1M0 mmmm", lift_fused, NEGATE_PRODUCT),
	VFP("vabs", "1 D 11 0000 dddd", "11M0 mmmm", lift_sign, 0),
	VFP("vneg", "1 D 11 0001 dddd", "01M0 mmmm", lift_sign, 1),
	VFP("vsqrt", "1 D 11 0001 dddd", "11M0 mmmm", lift_sqrt, 0),
	VFP("vcvt", "1 D 11 0010 dddd", "F1M0 mmmm", lift_half, 0),
	VFP("vcvt", "1 D 11 0011 dddd", "F1M0 mmmm", lift_half, 1),
	VFP("vcmp", "1 D 11 0100 dddd", "F1M0 mmmm", lift_vcmp, 0),
	VFP("vcmp", "1 D 11 0101 dddd", "F1-0 ----", lift_vcmp, WITH_ZERO),
	VFP("vrintr", "1 D 11 0110 dddd", "01M0 mmmm", lift_vrint, BY_FPSCR),
	VFP("vrintz", "1 D 11 0110 dddd", "11M0 mmmm", lift_vrint, BY_ZERO),
	VFP("vrintx", "1 D 11 0111 dddd", "01M0 mmmm", lift_vrint, BY_FPSCR_EXACT),
	VFP("vcvt", "1 D 11 0111 dddd", "11M0 mmmm", lift_vcvt_size, 0),
	VFP("vcvt", "1 D 11 1000 dddd", "F1M0 mmmm", lift_from_int, 0),
	VFP("vcvt", "1 D 11 1100 dddd", "F1M0 mmmm", lift_to_int, 1),
	VFP("vcvt", "1 D 11 1101 dddd", "F1M0 mmmm", lift_to_int, 0),
	VFP("vcvt", "1 D 11 101L dddd", "F1i0 gggg", lift_fixed, 0),
	VFP("vcvt", "1 D 11 111L dddd", "F1i0 gggg", lift_fixed, 1),
};
const struct arm_rows arm_rows_vfp = { { ARM_TABLE(a32), { 0 }, { 0 } } };
