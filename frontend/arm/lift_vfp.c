/*
 * VFP arithmetic (ARM F2.12, F6), scalar: operands and encodings; arm_fp_lift.h says what is done by the host and how
 * the rest is told apart. Values of registers are bits here. Under a condition that does not hold, operations
 * still happen, but with operands for which no exception is possible.
 */
#include "frontend/arm/vfp.h"
#include "frontend/common/arm_fp_lift.h"

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

/*
 * FPSCR is the helpers' control. Translated code never puts that slot, so they have no effect on slots; what they
 * raise waits in env.
 */
static uint64_t exec(void *state, uint64_t what, uint64_t a, uint64_t b)
{
	return arm_fp_help_exec(env_of(state), ((struct arm_state *)state)->fpscr, what, a, b);
}

static uint64_t muladd32(void *state, uint64_t addend, uint64_t a, uint64_t b)
{
	return arm_fp_help_muladd(env_of(state), ((struct arm_state *)state)->fpscr, 32, addend, a, b);
}

static uint64_t muladd64(void *state, uint64_t addend, uint64_t a, uint64_t b)
{
	return arm_fp_help_muladd(env_of(state), ((struct arm_state *)state)->fpscr, 64, addend, a, b);
}

const struct ir_helper arm_vfp_exec = { "arm_vfp_exec", exec, IR_HELPER_FP };
const struct ir_helper arm_vfp_muladd32 = { "arm_vfp_muladd32", muladd32, IR_HELPER_FP };
const struct ir_helper arm_vfp_muladd64 = { "arm_vfp_muladd64", muladd64, IR_HELPER_FP };

/* In slow blocks. Short vectors (Len or Stride not 0) are UNDEFINED. */
static void refuse_vectors(struct arm_lift *l)
{
	if (!(l->mode & ARM_MODE_FP_SLOW))
		return;
	ir_val vectors = ir_and(l->b, ir_get(l->b, ARM_FPSCR), imm32(l, ARM_FPSCR_LEN | ARM_FPSCR_STRIDE));
	ir_val bad = ir_ne(l->b, vectors, imm32(l, 0));
	if (l->predicated)
		bad = ir_and(l->b, bad, l->holds);
	ir_trap_if(l->b, IR_TRAP_ILLEGAL, 0, bad, imm32(l, l->pc | l->thumb), imm32(l, l->next | l->thumb));
}

static struct arm_fp_lift unit(struct arm_lift *l)
{
	struct arm_fp_lift fp = {
		.b = l->b, .slow = l->mode & ARM_MODE_FP_SLOW, .flush = l->mode & ARM_MODE_FP_FLUSH,
		.exec = &arm_vfp_exec, .muladd = { NULL, &arm_vfp_muladd32, &arm_vfp_muladd64 },
	};

	refuse_vectors(l);
	if (fp.flush && !(l->mode & ARM_MODE_FP_IXC)) {
		fp.unsure = true;
		fp.ixc = arm_fp_known_ixc(l);
	}
	return fp;
}

/* Of bits that are singles or doubles, and integers. */
static ir_val as_operand(struct arm_lift *l, struct arm_fp_what what, ir_val v)
{
	if (ir_is_none(v) || what.op == ARM_FP_FROM_FIXED)
		return v;
	return what.size == 16 ? ir_trunc(l->b, IR_I16, v) : as_float(l, v);
}

/*
 * The operand or, where the condition does not hold, a value whose result is exact: 1 in arithmetic, 0 where
 * a format may be too small for 1.
 */
static ir_val harmless_unless_held(struct arm_lift *l, enum arm_fp_op op, ir_val v)
{
	bool zero = op == ARM_FP_TO_FIXED || op == ARM_FP_FROM_FIXED || op == ARM_FP_CONVERT;
	uint64_t one = 0;

	if (ir_is_none(v) || !l->predicated)
		return v;
	enum ir_type t = ir_type_of(l->b->u, v);
	if (!zero)
		one = t == IR_F64 ? 0x3ff0000000000000 : 0x3f800000;
	return ir_select(l->b, l->holds, v, ir_const(l->b, t, one));
}

static ir_val operand(struct arm_lift *l, struct arm_fp_what what, ir_val v)
{
	return harmless_unless_held(l, what.op, as_operand(l, what, v));
}

static ir_val compute(struct arm_lift *l, const struct arm_fp_lift *fp, struct arm_fp_what what, ir_val a, ir_val b,
		      ir_val c)
{
	ir_val x = operand(l, what, a), y = operand(l, what, b), z = operand(l, what, c);
	ir_val r = arm_fp_lift(fp, what, x, y, z);
	enum ir_type t = ir_type_of(l->b->u, r);

	return t == IR_F32 || t == IR_F64 ? as_bits(l, r) : r;
}

/* An operation of a row's size. */
static ir_val operation(struct arm_lift *l, const struct arm_word *in, const struct arm_fp_lift *fp, enum arm_fp_op op,
			ir_val a, ir_val b)
{
	return compute(l, fp, (struct arm_fp_what){ .op = op, .size = (uint8_t)size_of(in) }, a, b, IR_NONE);
}

static ir_val negated(struct arm_lift *l, ir_val v)
{
	bool wide = ir_type_of(l->b->u, v) == IR_I64;

	return ir_xor(l->b, v, wide ? ir_const(l->b, IR_I64, 1ull << 63) : imm32(l, 0x80000000));
}

/* VADD VSUB VMUL VNMUL VDIV VMAXNM VMINNM:  Vd <- Vn op Vm. */
static void lift_arithmetic(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_lift fp = unit(l);
	ir_val n = get_n(l, in), m = get_m(l, in);

	set_v(l, in, is_double(in), operation(l, in, &fp, in->row->arg >> OP_SHIFT, n, m));
}

/* VMLA VMLS VNMLA VNMLS:  Vd <- +-Vd + +-(Vn * Vm), rounded twice. */
enum { NEGATE_SUM = 1, NEGATE_PRODUCT = 2 };
static void lift_multiply_add(struct arm_lift *l, const struct arm_word *in)
{
	unsigned how = in->row->arg >> OP_SHIFT;
	struct arm_fp_lift fp = unit(l);
	ir_val n = get_n(l, in), m = get_m(l, in), product = operation(l, in, &fp, ARM_FP_MUL, n, m);
	ir_val d = get_v(l, is_double(in), in->rd, in->D);

	if (how & NEGATE_PRODUCT)
		product = negated(l, product);
	if (how & NEGATE_SUM)
		d = negated(l, d);
	set_v(l, in, is_double(in), operation(l, in, &fp, ARM_FP_ADD, d, product));
}

/* VFMA VFMS VFNMA VFNMS:  Vd <- +-Vd + +-Vn * Vm, rounded once. */
static void lift_fused(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_MULADD, .size = (uint8_t)size_of(in) };
	unsigned how = in->row->arg >> OP_SHIFT;
	struct arm_fp_lift fp = unit(l);
	ir_val n = get_n(l, in), m = get_m(l, in), d = get_v(l, is_double(in), in->rd, in->D);

	if (how & NEGATE_PRODUCT)
		n = negated(l, n);
	if (how & NEGATE_SUM)
		d = negated(l, d);
	set_v(l, in, is_double(in), compute(l, &fp, w, d, n, m));
}

/* VSQRT. */
static void lift_sqrt(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_lift fp = unit(l);

	set_v(l, in, is_double(in), operation(l, in, &fp, ARM_FP_SQRT, get_m(l, in), IR_NONE));
}

/* VABS VNEG:  of the sign bit; no exceptions. */
static void lift_sign(struct arm_lift *l, const struct arm_word *in)
{
	ir_val m = get_m(l, in);

	refuse_vectors(l);
	if (in->row->arg >> OP_SHIFT)
		m = negated(l, m);
	else
		m = ir_and(l->b, m, is_double(in) ? ir_const(l->b, IR_I64, INT64_MAX) : imm32(l, INT32_MAX));
	set_v(l, in, is_double(in), m);
}

/* VSEL<cc>:  Vd <- cc holds ? Vn : Vm; cc is EQ, VS, GE, GT. */
static void lift_vsel(struct arm_lift *l, const struct arm_word *in)
{
	static const uint8_t cond[] = { 0, 6, 10, 12 };
	ir_val c = arm_condition(l, cond[in->opc1]);

	refuse_vectors(l);
	set_v(l, in, is_double(in), ir_select(l->b, c, get_n(l, in), get_m(l, in)));
}

/* VCMP VCMPE Vd, Vm or #0:  FPSCR's N Z C V. F: every NaN is invalid. */
enum { WITH_ZERO = 1 };
static void lift_vcmp(struct arm_lift *l, const struct arm_word *in)
{
	bool zero = in->row->arg >> OP_SHIFT & WITH_ZERO;
	struct arm_fp_lift fp = unit(l);
	ir_val d = get_v(l, is_double(in), in->rd, in->D);
	ir_val m = zero ? ir_const(l->b, bits_type(in), 0) : get_m(l, in);
	ir_val x = harmless_unless_held(l, ARM_FP_COMPARE, as_float(l, d));
	ir_val y = harmless_unless_held(l, ARM_FP_COMPARE, as_float(l, m));
	struct arm_fp_nzcv r = arm_fp_lift_compare(&fp, size_of(in), x, y, in->F, IR_NONE, 0);

	arm_set_flag(l, ARM_FP_N, r.n);
	arm_set_flag(l, ARM_FP_Z, r.z);
	arm_set_flag(l, ARM_FP_C, r.c);
	arm_set_flag(l, ARM_FP_V, r.v);
	if (!l->predicated && !fp.slow && !fp.flush)
		l->compare->fp.known = true, l->compare->fp.a = x, l->compare->fp.b = y;
}

/* ---- conversions ---- */

static ir_val convert(struct arm_lift *l, struct arm_fp_what what, ir_val v)
{
	struct arm_fp_lift fp = unit(l);

	return compute(l, &fp, what, v, IR_NONE, IR_NONE);
}

/* VCVT between double and single; the row's size is the source's. */
static void lift_vcvt_size(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_CONVERT, .size = (uint8_t)size_of(in), .other = is_double(in) ? 32 : 64,
				 .rounding = ARM_FP_CURRENT };

	set_v(l, in, !is_double(in), convert(l, w, get_m(l, in)));
}

/* VCVT.F<size>.<S,U>32 Vd, Sm: F: signed. */
static void lift_from_int(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_FROM_FIXED, .size = (uint8_t)size_of(in), .other = 32, .flag = !in->F,
				 .rounding = ARM_FP_CURRENT };

	set_v(l, in, is_double(in), convert(l, w, get_s(l, sreg(in->rm, in->M))));
}

static void to_int(struct arm_lift *l, const struct arm_word *in, enum arm_fp_rounding rounding, bool is_unsigned)
{
	struct arm_fp_what w = { .op = ARM_FP_TO_FIXED, .size = (uint8_t)size_of(in), .other = 32, .flag = is_unsigned,
				 .rounding = rounding };

	set_v(l, in, false, convert(l, w, get_m(l, in)));
}

/* VCVT{R}.<S,U>32.F<size> Sd, Vm: arg's flag: unsigned; F: towards zero. */
static void lift_to_int(struct arm_lift *l, const struct arm_word *in)
{
	to_int(l, in, in->F ? ARM_FP_TO_ZERO : ARM_FP_CURRENT, in->row->arg >> OP_SHIFT);
}

/* VCVT{A,N,P,M}.<S,U>32.F<size> Sd, Vm: F: signed. */
static const uint8_t directed[] = { ARM_FP_AWAY, ARM_FP_NEAREST, ARM_FP_UP, ARM_FP_DOWN };
static void lift_to_int_directed(struct arm_lift *l, const struct arm_word *in)
{
	to_int(l, in, (enum arm_fp_rounding)directed[in->opc1], !in->F);
}

/* VCVT between floating and fixed point, in place: F: 32 bits, else 16; L: unsigned. */
static void lift_fixed(struct arm_lift *l, const struct arm_word *in)
{
	bool to_fixed = in->row->arg >> OP_SHIFT, is_unsigned = in->L;
	unsigned bits = in->F ? 32 : 16;
	unsigned whole = in->imm4 << 1 | in->imm;	/* bits in front of the point */
	ir_val v = get_v(l, is_double(in), in->rd, in->D), r;

	if (whole > bits) {
		arm_illegal(l);
		return;
	}
	struct arm_fp_what w = {
		.op = to_fixed ? ARM_FP_TO_FIXED : ARM_FP_FROM_FIXED, .size = (uint8_t)size_of(in), .other = (uint8_t)bits,
		.flag = is_unsigned, .fbits = (uint8_t)(bits - whole), .rounding = to_fixed ? ARM_FP_TO_ZERO : ARM_FP_NEAREST,
	};
	if (!to_fixed) {
		enum ir_type t = bits == 16 ? IR_I16 : IR_I32;
		r = convert(l, w, ir_type_of(l->b->u, v) == t ? v : ir_trunc(l->b, t, v));
	} else {
		r = convert(l, w, v);
		if (bits == 16)
			r = is_unsigned ? ir_zext(l->b, IR_I32, r) : ir_sext(l->b, IR_I32, r);
		if (is_double(in))
			r = wide(l, r, !is_unsigned);
	}
	set_v(l, in, is_double(in), r);
}

/* VCVTB VCVTT:  a half in the low or, F, high part of a single register, to or from single or double. */
static void lift_half(struct arm_lift *l, const struct arm_word *in)
{
	bool to_half = in->row->arg >> OP_SHIFT;
	struct arm_fp_what w = { .op = ARM_FP_CONVERT, .size = to_half ? (uint8_t)size_of(in) : 16,
				 .other = to_half ? 16 : (uint8_t)size_of(in), .rounding = ARM_FP_CURRENT };

	if (!to_half) {
		ir_val v = get_s(l, sreg(in->rm, in->M));
		set_v(l, in, is_double(in), convert(l, w, in->F ? ir_shr(l->b, v, imm32(l, 16)) : v));
		return;
	}
	ir_val r = ir_zext(l->b, IR_I32, convert(l, w, get_m(l, in)));
	ir_val old = ir_and(l->b, get_s(l, sreg(in->rd, in->D)), imm32(l, in->F ? 0xffff : 0xffff0000));
	set_v(l, in, false, ir_or(l->b, old, in->F ? ir_shl(l->b, r, imm32(l, 16)) : r));
}

/* VRINT{A,N,P,M} by opc1; VRINTR, VRINTX (FPSCR's rounding), VRINTZ. */
enum { BY_OPC, BY_FPSCR, BY_FPSCR_EXACT, BY_ZERO };
static void lift_vrint(struct arm_lift *l, const struct arm_word *in)
{
	unsigned how = in->row->arg >> OP_SHIFT;
	unsigned rounding = how == BY_OPC ? directed[in->opc1] : how == BY_ZERO ? ARM_FP_TO_ZERO : ARM_FP_CURRENT;
	struct arm_fp_what w = { .op = ARM_FP_ROUND_INT, .size = (uint8_t)size_of(in), .flag = how == BY_FPSCR_EXACT,
				 .rounding = (enum arm_fp_rounding)rounding };

	set_v(l, in, is_double(in), convert(l, w, get_m(l, in)));
}

/* Each in the single and the double form, which bit 8 tells. */
#define BOTH(name, cond, before, after, fn, op, what) \
	{ name, cond " 1110 " before " 1010 " after, fn, .arg = ARG(op, 0), .flags = ARM_SHARED | (what) }, \
	{ name, cond " 1110 " before " 1011 " after, fn, .arg = ARG(op, 1), .flags = ARM_SHARED | (what) }
#define VFP(name, before, after, fn, op) BOTH(name, "cccc", before, after, fn, op, ARM_SKIP | ARM_ACCESS)
#define V8(name, before, after, fn, op) BOTH(name, "1111", before, after, fn, op, ARM_NOT_IT)

static const struct arm_row a32[] = {
	V8("vsel", "0 D oo nnnn dddd", "N0M0 mmmm", lift_vsel, 0),
	V8("vmaxnm", "1 D 00 nnnn dddd", "N0M0 mmmm", lift_arithmetic, ARM_FP_MAXNM),
	V8("vminnm", "1 D 00 nnnn dddd", "N1M0 mmmm", lift_arithmetic, ARM_FP_MINNM),
	V8("vrint", "1 D 11 10oo dddd", "01M0 mmmm", lift_vrint, BY_OPC),
	V8("vcvt", "1 D 11 11oo dddd", "F1M0 mmmm", lift_to_int_directed, 0),
	VFP("vmla", "0 D 00 nnnn dddd", "N0M0 mmmm", lift_multiply_add, 0),
	VFP("vmls", "0 D 00 nnnn dddd", "N1M0 mmmm", lift_multiply_add, NEGATE_PRODUCT),
	VFP("vnmls", "0 D 01 nnnn dddd", "N0M0 mmmm", lift_multiply_add, NEGATE_SUM),
	VFP("vnmla", "0 D 01 nnnn dddd", "N1M0 mmmm", lift_multiply_add, NEGATE_SUM | NEGATE_PRODUCT),
	VFP("vmul", "0 D 10 nnnn dddd", "N0M0 mmmm", lift_arithmetic, ARM_FP_MUL),
	VFP("vnmul", "0 D 10 nnnn dddd", "N1M0 mmmm", lift_arithmetic, ARM_FP_NMUL),
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
