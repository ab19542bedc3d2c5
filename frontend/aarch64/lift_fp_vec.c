/*
 * Advanced SIMD floating point (C7.2): vectors, and the scalar forms of the same instructions (bit 28).
 * A row's argument is the operation and what of it is constant.
 */
#include "frontend/aarch64/fp.h"

enum {
	OP = 63,
	FLAG = 1 << 6,		/* arm_fp_what.flag */
	ROUNDING = 7,
	HALF = 1 << 10,		/* lanes of 16 bits; else bit 22 chooses 32 or 64 */
	NEGATE_N = 1 << 11,
	WITH_ZERO = 1 << 12,	/* the second operand is 0 */
	ZERO_FIRST = 1 << 13,	/* the first one is, the second one is Rn */
	TO_32 = 1 << 14, TO_64 = 1 << 15,
	UPPER = 1 << 16,	/* the second of two forms: FMLAL2 */
};
#define ROUNDS(mode) ((uint32_t)(mode) << 7)

static bool is_scalar(const struct a64_word *in)
{
	return in->word >> 28 & 1;
}

static uint8_t lanes_of(const struct a64_word *in, unsigned size)
{
	return is_scalar(in) ? 0 : (uint8_t)((in->Q ? 128 : 64) / size);
}

static struct arm_fp_what what_of(const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	uint8_t size = arg & HALF ? 16 : in->word >> 22 & 1 ? 64 : 32;

	return (struct arm_fp_what){
		.op = (enum arm_fp_op)(arg & OP), .size = size,
		.other = arg & TO_32 ? 32 : arg & TO_64 ? 64 : size,
		.rounding = (enum arm_fp_rounding)(arg >> 7 & ROUNDING), .flag = arg & FLAG,
		.lanes = lanes_of(in, size),
	};
}

/* There is no vector of one double. */
static bool refused(struct a64_lift *l, const struct arm_fp_what *w)
{
	if (w->lanes != 1)
		return false;
	lift_illegal(l);
	return true;
}

static ir_val operand(struct a64_lift *l, const struct arm_fp_what *w, unsigned n)
{
	return w->lanes ? vec(l, arm_fp_vec_type(w->size), n) : fp_reg(l, w->size, n);
}

static void set_result(struct a64_lift *l, const struct arm_fp_what *w, unsigned n, ir_val v)
{
	if (w->lanes)
		set_vec(l, n, v);
	else
		set_fp_reg(l, n, v);
}

/* The bits in every lane. */
static ir_val constant(struct a64_lift *l, const struct arm_fp_what *w, uint64_t bits)
{
	if (!w->lanes)
		return ir_const(l->b, arm_fp_type(w->size), bits);
	for (unsigned n = w->size; n < 64; n *= 2)
		bits |= bits << n;
	return ir_const_vec(l->b, arm_fp_vec_type(w->size), bits, bits);
}

static ir_val negated(struct a64_lift *l, const struct arm_fp_what *w, ir_val v)
{
	return w->size == 16 ? ir_xor(l->b, v, constant(l, w, 0x8000)) : ir_fneg(l->b, v);
}

/* Vm[index] of the by-element forms, in every lane. */
static ir_val element(struct a64_lift *l, const struct a64_word *in, const struct arm_fp_what *w, unsigned size)
{
	unsigned h = in->word >> 11 & 1, low = in->word >> 21 & 1, m = in->Rm, index = h;

	if (size == 16) {
		index = h << 2 | low << 1 | m >> 4;
		m &= 15;
	} else if (size == 32) {
		index = h << 1 | low;
	}
	ir_val e = ir_extract(l->b, vec(l, arm_fp_vec_type(size), m), index);
	return w->lanes ? ir_splat(l->b, e) : e;
}

static void operate(struct a64_lift *l, const struct a64_word *in, const struct arm_fp_what *w, ir_val m)
{
	ir_val n = operand(l, w, in->Rn);

	if (in->row->arg & NEGATE_N)
		n = negated(l, w, n);
	if (w->op == ARM_FP_MULADD)
		n = fp_op(l, *w, operand(l, w, in->Rd), n, m);
	else
		n = fp_op(l, *w, n, m, IR_NONE);
	set_result(l, w, in->Rd, n);
}

/* fadd, fmla, fcmge, ... Vd, Vn, Vm */
static void lift_three(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);

	if (!refused(l, &w))
		operate(l, in, &w, operand(l, &w, in->Rm));
}

/* fmul, fmla, fmls, fmulx Vd, Vn, Vm[index]:  bit 23 but for halves; L is no index of doubles */
static void lift_element(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);

	if (refused(l, &w))
		return;
	if (w.size == 64 && in->word >> 21 & 1)
		lift_illegal(l);
	else
		operate(l, in, &w, element(l, in, &w, w.size));
}

/* faddp, fmaxp, ... Vd, Vn, Vm:  on neighbours in Vn and then in Vm */
static void lift_pairwise(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);

	if (refused(l, &w))
		return;
	ir_val n = operand(l, &w, in->Rn), m = operand(l, &w, in->Rm);
	ir_val even = arm_fp_every_second(l->b, n, m, w.size, w.lanes, 0), odd = arm_fp_every_second(l->b, n, m, w.size, w.lanes, 1);
	set_vec(l, in->Rd, fp_op(l, w, even, odd, IR_NONE));
}

/* fmaxv, ... Sd, Vn.4s;  faddp, fmaxp, ... Sd, Vn.2s:  on neighbours until one is left */
static void lift_reduce(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);
	unsigned lanes = is_scalar(in) ? 2 : w.lanes;
	ir_val v = vec(l, arm_fp_vec_type(w.size), in->Rn);

	for (lanes /= 2; lanes > 1; lanes /= 2) {
		ir_val even = arm_fp_every_second(l->b, v, v, w.size, 2 * lanes, 0);
		ir_val odd = arm_fp_every_second(l->b, v, v, w.size, 2 * lanes, 1);
		w.lanes = (uint8_t)lanes;
		v = fp_op(l, w, even, odd, IR_NONE);
	}
	w.lanes = 0;
	ir_val first = ir_extract(l->b, v, 0), second = ir_extract(l->b, v, 1);
	set_fp_reg(l, in->Rd, fp_op(l, w, first, second, IR_NONE));
}

/* fsqrt, frint?, fcvt??, scvtf, frecpe, fcmgt #0.0, ... Vd, Vn */
static void lift_two(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);

	if (refused(l, &w))
		return;
	ir_val n = operand(l, &w, in->Rn), m = IR_NONE;
	if (w.op == ARM_FP_FROM_FIXED && w.size != 16)
		n = ir_bitcast(l->b, w.lanes ? (w.size == 32 ? IR_I32X4 : IR_I64X2) : w.size == 32 ? IR_I32 : IR_I64, n);
	if (in->row->arg & (WITH_ZERO | ZERO_FIRST))
		m = constant(l, &w, 0);
	set_result(l, &w, in->Rd, in->row->arg & ZERO_FIRST ? fp_op(l, w, m, n, IR_NONE) : fp_op(l, w, n, m, IR_NONE));
}

/* fabs, fneg Vd, Vn:  the sign alone; FLAG: fneg */
static void lift_sign(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = what_of(in);

	if (refused(l, &w))
		return;
	ir_val v = operand(l, &w, in->Rn);
	if (w.flag)
		v = negated(l, &w, v);
	else
		v = w.size == 16 ? ir_and(l->b, v, constant(l, &w, 0x7fff)) : ir_fabs(l->b, v);
	set_vec(l, in->Rd, in->Q ? v : arm_fp_low_half(l->b, v));
}

/* The size of elements is that of the picture; fbits = 2 * esize - immh:immb. */
static void fixed(struct a64_lift *l, const struct a64_word *in, uint8_t size)
{
	struct arm_fp_what w = what_of(in);

	w.size = w.other = size;
	w.fbits = (uint8_t)(2 * size - a64_bits(in->word, 22, 16));
	w.lanes = lanes_of(in, size);
	if (refused(l, &w))
		return;
	ir_val n = operand(l, &w, in->Rn);
	if (w.op == ARM_FP_FROM_FIXED && size != 16)
		n = ir_bitcast(l->b, w.lanes ? (size == 32 ? IR_I32X4 : IR_I64X2) : size == 32 ? IR_I32 : IR_I64, n);
	set_result(l, &w, in->Rd, fp_op(l, w, n, IR_NONE, IR_NONE));
}

/* scvtf, ucvtf, fcvtzs, fcvtzu Vd, Vn, #fbits */
static void lift_fixed(struct a64_lift *l, const struct a64_word *in)
{
	unsigned immh = a64_bits(in->word, 22, 19);

	fixed(l, in, immh >> 3 ? 64 : immh >> 2 ? 32 : 16);
}

/* The upper half of a vector below, and zeros. */
static ir_val upper_half(struct a64_lift *l, ir_val v)
{
	ir_val high = ir_extract(l->b, ir_bitcast(l->b, IR_I64X2, v), 1);

	return ir_bitcast(l->b, ir_type_of(l->b->u, v), ir_vfirst(l->b, high));
}

/* fcvtl, fcvtl2 Vd, Vn:  to twice the width */
static void lift_fcvtl(struct a64_lift *l, const struct a64_word *in)
{
	uint8_t size = in->word >> 22 & 1 ? 32 : 16;
	struct arm_fp_what w = { .op = ARM_FP_CONVERT, .size = size, .other = (uint8_t)(2 * size),
				 .rounding = ARM_FP_CURRENT, .lanes = (uint8_t)(64 / size) };
	ir_val n = vec(l, arm_fp_vec_type(size), in->Rn);

	set_vec(l, in->Rd, fp_op(l, w, in->Q ? upper_half(l, n) : n, IR_NONE, IR_NONE));
}

/* fcvtn, fcvtxn Vd, Vn:  to half the width; fcvtn2, fcvtxn2 into the upper half of Vd */
static void lift_fcvtn(struct a64_lift *l, const struct a64_word *in)
{
	uint8_t size = in->word >> 22 & 1 ? 64 : 32;
	struct arm_fp_what w = { .op = ARM_FP_CONVERT, .size = size, .other = (uint8_t)(size / 2),
				 .rounding = (enum arm_fp_rounding)(in->row->arg >> 7 & ROUNDING),
				 .lanes = is_scalar(in) ? 0 : (uint8_t)(128 / size) };
	ir_val v = fp_op(l, w, operand(l, &w, in->Rn), IR_NONE, IR_NONE);

	if (!in->Q || !w.lanes) {
		set_result(l, &w, in->Rd, v);
		return;
	}
	ir_val low = ir_extract(l->b, ir_bitcast(l->b, IR_I64X2, v), 0);
	set_vec(l, in->Rd, ir_insert(l->b, vec(l, IR_I64X2, in->Rd), low, 1));
}

/* The half of the halves in Vn that FMLAL (or FMLAL2) multiplies, below. */
static ir_val factors(struct a64_lift *l, const struct a64_word *in, unsigned n)
{
	ir_val v = vec(l, IR_I16X8, n);

	if (!(in->row->arg & UPPER))
		return v;
	if (in->Q)
		return upper_half(l, v);
	ir_val low = ir_extract(l->b, ir_bitcast(l->b, IR_I64X2, v), 0);
	return ir_bitcast(l->b, IR_I16X8, ir_vfirst(l->b, ir_shr(l->b, low, imm32(l, 32))));
}

/* fmlal, fmlal2, fmlsl, fmlsl2 Vd, Vn, Vm:  singles, plus or minus products of halves */
static void fmlal(struct a64_lift *l, const struct a64_word *in, ir_val m)
{
	struct arm_fp_what w = { .op = ARM_FP_MULADD_HALF, .size = 32, .lanes = in->Q ? 4 : 2 };
	ir_val n = factors(l, in, in->Rn);

	if (in->row->arg & NEGATE_N)
		n = ir_xor(l->b, n, ir_const_vec(l->b, IR_I16X8, 0x8000800080008000, 0x8000800080008000));
	set_vec(l, in->Rd, fp_op(l, w, vec(l, IR_F32X4, in->Rd), n, m));
}

static void lift_fmlal(struct a64_lift *l, const struct a64_word *in)
{
	fmlal(l, in, factors(l, in, in->Rm));
}

static void lift_fmlal_element(struct a64_lift *l, const struct a64_word *in)
{
	const struct arm_fp_what w = { .lanes = 8 };

	fmlal(l, in, element(l, in, &w, 16));
}

/* Lanes 2i and 2i + 1 of the result: lanes 2i + even and 2i + odd of v. */
static ir_val in_pairs(struct a64_lift *l, ir_val v, unsigned size, unsigned even, unsigned odd)
{
	uint64_t pattern[2] = { 0, 0 };
	unsigned bytes = size / 8;

	for (unsigned i = 0; i < 16; i++) {
		unsigned lane = i / bytes, from = (lane & ~1u) + (lane & 1 ? odd : even);
		pattern[i / 8] |= (uint64_t)(from * bytes + i % bytes) << i % 8 * 8;
	}
	return ir_shuffle(l->b, v, v, ir_const_vec(l->b, IR_I8X16, pattern[0], pattern[1]));
}

/* v with the sign of its even or odd lanes inverted. */
static ir_val negated_lanes(struct a64_lift *l, ir_val v, unsigned size, bool even, bool odd)
{
	enum ir_type t = ir_type_of(l->b->u, v);
	uint64_t mask[2] = { 0, 0 };

	for (unsigned n = 0; n < 128 / size; n++)
		if (n & 1 ? odd : even)
			mask[n * size / 64] |= 1ull << ((n + 1) * size - 1) % 64;
	ir_val bits = ir_xor(l->b, ir_bitcast(l->b, IR_I64X2, v), ir_const_vec(l->b, IR_I64X2, mask[0], mask[1]));
	return ir_bitcast(l->b, t, bits);
}

/* Size of the complex instructions: bits 23-22 are 1, 2, 3 for halves, singles, doubles. */
static bool complex_shape(struct a64_lift *l, const struct a64_word *in, struct arm_fp_what *w)
{
	if (in->size && !(in->size == 1 && !(l->features & A64_FEATURE_BIT(A64_HAS_FP16)))) {
		w->size = (uint8_t)(8u << in->size);
		w->lanes = lanes_of(in, w->size);
		return !refused(l, w);
	}
	lift_illegal(l);
	return false;
}

/* fcadd Vd, Vn, Vm, #90 or #270:  complex numbers, the second turned */
static void lift_fcadd(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_ADD };
	bool three_quarters = in->word >> 12 & 1;

	if (!complex_shape(l, in, &w))
		return;
	ir_val m = in_pairs(l, operand(l, &w, in->Rm), w.size, 1, 0);
	m = negated_lanes(l, m, w.size, !three_quarters, three_quarters);
	set_vec(l, in->Rd, fp_op(l, w, operand(l, &w, in->Rn), m, IR_NONE));
}

/* Plus Vn * m with a quarter turn `rot` times: each lane of the result is one fused operation. */
static void fcmla(struct a64_lift *l, const struct a64_word *in, const struct arm_fp_what *w, ir_val m, unsigned rot)
{
	unsigned part = rot & 1;
	ir_val n = in_pairs(l, operand(l, w, in->Rn), w->size, part, part);

	m = in_pairs(l, m, w->size, part, 1 - part);
	m = negated_lanes(l, m, w->size, rot == 1 || rot == 2, rot >= 2);
	set_vec(l, in->Rd, fp_op(l, *w, operand(l, w, in->Rd), n, m));
}

/* fcmla Vd, Vn, Vm, #rot */
static void lift_fcmla(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_MULADD };

	if (complex_shape(l, in, &w))
		fcmla(l, in, &w, operand(l, &w, in->Rm), in->word >> 11 & 3);
}

/* fcmla Vd, Vn, Vm[index], #rot:  index of a pair */
static void lift_fcmla_element(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_MULADD };
	unsigned h = in->word >> 11 & 1, low = in->word >> 21 & 1, index = in->size == 1 ? h << 1 | low : h;

	if (!complex_shape(l, in, &w))
		return;
	if ((w.size == 32 && (low || !in->Q)) || (w.size == 16 && h && !in->Q)) {
		lift_illegal(l);
		return;
	}
	ir_val m = vec(l, w.size == 16 ? IR_I32X4 : IR_I64X2, in->Rm);
	m = ir_splat(l->b, ir_extract(l->b, m, index));
	fcmla(l, in, &w, ir_bitcast(l->b, arm_fp_vec_type(w.size), m), in->word >> 13 & 3);
}

#define VECTOR_FORM "%vd, %vn, %vm"
/* Rows of singles and doubles, and of halves. */
#define THREE_BY(name, u, a, op3, lift, what)                                                        \
	{ name, "0Q" u " 01110 " a "p 1 mmmmm 11" op3 " 1 nnnnn ddddd", lift, .arg = (what) },       \
	{ name, "0Q" u " 01110 " a "1 0 mmmmm 00" op3 " 1 nnnnn ddddd", lift, .arg = (what) | HALF,  \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = VECTOR_FORM }
#define THREE(name, u, a, op3, what) THREE_BY(name, u, a, op3, lift_three, what)
#define PAIRWISE(name, a, op3, what) THREE_BY(name, "1", a, op3, lift_pairwise, what)
#define SCALAR_THREE(name, u, a, op3, what)                                                                \
	{ name, "01" u " 11110 " a "p 1 mmmmm 11" op3 " 1 nnnnn ddddd", lift_three, .arg = (what) },       \
	{ name, "01" u " 11110 " a "1 0 mmmmm 00" op3 " 1 nnnnn ddddd", lift_three, .arg = (what) | HALF,  \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %hn, %hm" }
#define BOTH_THREE(name, u, a, op3, what) THREE(name, u, a, op3, what), SCALAR_THREE(name, u, a, op3, what)

#define TWO_BY(name, u, a, op5, lift, what)                                                              \
	{ name, "0Q" u " 01110 " a "p 10000 " op5 " 10 nnnnn ddddd", lift, .arg = (what) },              \
	{ name, "0Q" u " 01110 " a "1 11100 " op5 " 10 nnnnn ddddd", lift, .arg = (what) | HALF,         \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%vd, %vn" }
#define TWO(name, u, a, op5, what) TWO_BY(name, u, a, op5, lift_two, what)
#define SCALAR_TWO(name, u, a, op5, what)                                                                \
	{ name, "01" u " 11110 " a "p 10000 " op5 " 10 nnnnn ddddd", lift_two, .arg = (what) },          \
	{ name, "01" u " 11110 " a "1 11100 " op5 " 10 nnnnn ddddd", lift_two, .arg = (what) | HALF,     \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %hn" }
#define BOTH_TWO(name, u, a, op5, what) TWO(name, u, a, op5, what), SCALAR_TWO(name, u, a, op5, what)
#define FRINTTS(name, u, op5, what)                                                                           \
	{ name, "0Q" u " 01110 0p 10000 " op5 " 10 nnnnn ddddd", lift_two, .arg = (what), .flags = A64_PRE,   \
	  .feature = A64_HAS_FRINTTS, .text = "%vd, %vn" }

#define FIXED(name, u, op5, what)                                                                             \
	{ name, "0Q" u " 011110 01 bbbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what) },                 \
	{ name, "0Q" u " 011110 1 bbbbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what) },                 \
	{ name, "0Q" u " 011110 001 bbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what),                   \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%vd, %vn, 16 - %ib" },                          \
	{ name, "01" u " 111110 01 bbbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what) },                 \
	{ name, "01" u " 111110 1 bbbbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what) },                 \
	{ name, "01" u " 111110 001 bbbb " op5 " 1 nnnnn ddddd", lift_fixed, .arg = (what),                   \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %hn, 16 - %ib" }

#define ELEMENT(name, u, op4, what)                                                                           \
	{ name, "0Q" u " 01111 1p lmmmmm " op4 " h0 nnnnn ddddd", lift_element, .arg = (what) },              \
	{ name, "01" u " 11111 1p lmmmmm " op4 " h0 nnnnn ddddd", lift_element, .arg = (what) },              \
	{ name, "0Q" u " 01111 00 lmmmmm " op4 " h0 nnnnn ddddd", lift_element, .arg = (what) | HALF,         \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%vd, %vn, %vm, %ih:%il" },                      \
	{ name, "01" u " 11111 00 lmmmmm " op4 " h0 nnnnn ddddd", lift_element, .arg = (what) | HALF,         \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %hn, %vm, %ih:%il" }

/* The rows of four singles, and of halves; scalar ones of a pair. */
#define ACROSS(name, a, op5, what)                                                                            \
	{ name, "011 01110 " a "0 11000 " op5 " 10 nnnnn ddddd", lift_reduce, .arg = (what) },                \
	{ name, "0Q0 01110 " a "0 11000 " op5 " 10 nnnnn ddddd", lift_reduce, .arg = (what) | HALF,           \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %vn" }
#define PAIR(name, a, op5, what)                                                                              \
	{ name, "011 11110 " a "p 11000 " op5 " 10 nnnnn ddddd", lift_reduce, .arg = (what) },                \
	{ name, "010 11110 " a "0 11000 " op5 " 10 nnnnn ddddd", lift_reduce, .arg = (what) | HALF,           \
	  .flags = A64_PRE, .feature = A64_HAS_FP16, .text = "%hd, %vn" }

#define FMLAL(name, picture, lift, what, form) \
	{ name, picture, lift, .arg = (what), .flags = A64_PRE, .feature = A64_HAS_FHM, .text = form }
#define FCMLA(name, picture, lift) \
	{ name, picture, lift, .flags = A64_PRE, .feature = A64_HAS_FCMA, .text = VECTOR_FORM ", %ir" }

static const struct a64_row rows[] = {
	THREE("fmaxnm", "0", "0", "000", ARM_FP_MAXNM),
	THREE("fmla", "0", "0", "001", ARM_FP_MULADD),
	THREE("fadd", "0", "0", "010", ARM_FP_ADD),
	BOTH_THREE("fmulx", "0", "0", "011", ARM_FP_MULX),
	BOTH_THREE("fcmeq", "0", "0", "100", ARM_FP_EQ),
	THREE("fmax", "0", "0", "110", ARM_FP_MAX),
	BOTH_THREE("frecps", "0", "0", "111", ARM_FP_RECPS),
	THREE("fminnm", "0", "1", "000", ARM_FP_MINNM),
	THREE("fmls", "0", "1", "001", ARM_FP_MULADD | NEGATE_N),
	THREE("fsub", "0", "1", "010", ARM_FP_SUB),
	THREE("fmin", "0", "1", "110", ARM_FP_MIN),
	BOTH_THREE("frsqrts", "0", "1", "111", ARM_FP_RSQRTS),
	THREE("fmul", "1", "0", "011", ARM_FP_MUL),
	BOTH_THREE("fcmge", "1", "0", "100", ARM_FP_GE),
	BOTH_THREE("facge", "1", "0", "101", ARM_FP_GE | FLAG),
	THREE("fdiv", "1", "0", "111", ARM_FP_DIV),
	BOTH_THREE("fabd", "1", "1", "010", ARM_FP_ABD),
	BOTH_THREE("fcmgt", "1", "1", "100", ARM_FP_GT),
	BOTH_THREE("facgt", "1", "1", "101", ARM_FP_GT | FLAG),
	PAIRWISE("fmaxnmp", "0", "000", ARM_FP_MAXNM),
	PAIRWISE("faddp", "0", "010", ARM_FP_ADD),
	PAIRWISE("fmaxp", "0", "110", ARM_FP_MAX),
	PAIRWISE("fminnmp", "1", "000", ARM_FP_MINNM),
	PAIRWISE("fminp", "1", "110", ARM_FP_MIN),

	TWO("frintn", "0", "0", "11000", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_NEAREST)),
	TWO("frintm", "0", "0", "11001", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_DOWN)),
	TWO("frintp", "0", "1", "11000", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_UP)),
	TWO("frintz", "0", "1", "11001", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_TO_ZERO)),
	TWO("frinta", "1", "0", "11000", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_AWAY)),
	TWO("frintx", "1", "0", "11001", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_CURRENT) | FLAG),
	TWO("frinti", "1", "1", "11001", ARM_FP_ROUND_INT | ROUNDS(ARM_FP_CURRENT)),
	FRINTTS("frint32z", "0", "11110", ARM_FP_ROUND_INT_N | ROUNDS(ARM_FP_TO_ZERO) | TO_32),
	FRINTTS("frint64z", "0", "11111", ARM_FP_ROUND_INT_N | ROUNDS(ARM_FP_TO_ZERO) | TO_64),
	FRINTTS("frint32x", "1", "11110", ARM_FP_ROUND_INT_N | ROUNDS(ARM_FP_CURRENT) | TO_32),
	FRINTTS("frint64x", "1", "11111", ARM_FP_ROUND_INT_N | ROUNDS(ARM_FP_CURRENT) | TO_64),
	BOTH_TWO("fcvtns", "0", "0", "11010", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_NEAREST)),
	BOTH_TWO("fcvtms", "0", "0", "11011", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_DOWN)),
	BOTH_TWO("fcvtas", "0", "0", "11100", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_AWAY)),
	BOTH_TWO("fcvtps", "0", "1", "11010", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_UP)),
	BOTH_TWO("fcvtzs", "0", "1", "11011", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_TO_ZERO)),
	BOTH_TWO("fcvtnu", "1", "0", "11010", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_NEAREST) | FLAG),
	BOTH_TWO("fcvtmu", "1", "0", "11011", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_DOWN) | FLAG),
	BOTH_TWO("fcvtau", "1", "0", "11100", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_AWAY) | FLAG),
	BOTH_TWO("fcvtpu", "1", "1", "11010", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_UP) | FLAG),
	BOTH_TWO("fcvtzu", "1", "1", "11011", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_TO_ZERO) | FLAG),
	BOTH_TWO("scvtf", "0", "0", "11101", ARM_FP_FROM_FIXED | ROUNDS(ARM_FP_CURRENT)),
	BOTH_TWO("ucvtf", "1", "0", "11101", ARM_FP_FROM_FIXED | ROUNDS(ARM_FP_CURRENT) | FLAG),
	BOTH_TWO("frecpe", "0", "1", "11101", ARM_FP_RECPE),
	BOTH_TWO("frsqrte", "1", "1", "11101", ARM_FP_RSQRTE),
	SCALAR_TWO("frecpx", "0", "1", "11111", ARM_FP_RECPX),
	TWO("fsqrt", "1", "1", "11111", ARM_FP_SQRT),
	BOTH_TWO("fcmgt", "0", "1", "01100", ARM_FP_GT | WITH_ZERO),
	BOTH_TWO("fcmeq", "0", "1", "01101", ARM_FP_EQ | WITH_ZERO),
	BOTH_TWO("fcmlt", "0", "1", "01110", ARM_FP_GT | ZERO_FIRST),
	BOTH_TWO("fcmge", "1", "1", "01100", ARM_FP_GE | WITH_ZERO),
	BOTH_TWO("fcmle", "1", "1", "01101", ARM_FP_GE | ZERO_FIRST),
	TWO_BY("fabs", "0", "1", "01111", lift_sign, 0),
	TWO_BY("fneg", "1", "1", "01111", lift_sign, FLAG),
	{ "fcvtl", "000 01110 0p 10000 10111 10 nnnnn ddddd", lift_fcvtl },
	{ "fcvtl2", "010 01110 0p 10000 10111 10 nnnnn ddddd", lift_fcvtl },
	{ "fcvtn", "000 01110 0p 10000 10110 10 nnnnn ddddd", lift_fcvtn, .arg = ROUNDS(ARM_FP_CURRENT) },
	{ "fcvtn2", "010 01110 0p 10000 10110 10 nnnnn ddddd", lift_fcvtn, .arg = ROUNDS(ARM_FP_CURRENT) },
	{ "fcvtxn", "001 01110 01 10000 10110 10 nnnnn ddddd", lift_fcvtn, .arg = ROUNDS(ARM_FP_ODD) },
	{ "fcvtxn2", "011 01110 01 10000 10110 10 nnnnn ddddd", lift_fcvtn, .arg = ROUNDS(ARM_FP_ODD) },
	{ "fcvtxn", "011 11110 01 10000 10110 10 nnnnn ddddd", lift_fcvtn, .arg = ROUNDS(ARM_FP_ODD) },
	FIXED("scvtf", "0", "11100", ARM_FP_FROM_FIXED | ROUNDS(ARM_FP_CURRENT)),
	FIXED("ucvtf", "1", "11100", ARM_FP_FROM_FIXED | ROUNDS(ARM_FP_CURRENT) | FLAG),
	FIXED("fcvtzs", "0", "11111", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_TO_ZERO)),
	FIXED("fcvtzu", "1", "11111", ARM_FP_TO_FIXED | ROUNDS(ARM_FP_TO_ZERO) | FLAG),

	ELEMENT("fmla", "0", "0001", ARM_FP_MULADD),
	ELEMENT("fmls", "0", "0101", ARM_FP_MULADD | NEGATE_N),
	ELEMENT("fmul", "0", "1001", ARM_FP_MUL),
	ELEMENT("fmulx", "1", "1001", ARM_FP_MULX),
	ACROSS("fmaxnmv", "0", "01100", ARM_FP_MAXNM),
	ACROSS("fmaxv", "0", "01111", ARM_FP_MAX),
	ACROSS("fminnmv", "1", "01100", ARM_FP_MINNM),
	ACROSS("fminv", "1", "01111", ARM_FP_MIN),
	PAIR("fmaxnmp", "0", "01100", ARM_FP_MAXNM),
	PAIR("faddp", "0", "01101", ARM_FP_ADD),
	PAIR("fmaxp", "0", "01111", ARM_FP_MAX),
	PAIR("fminnmp", "1", "01100", ARM_FP_MINNM),
	PAIR("fminp", "1", "01111", ARM_FP_MIN),

	FMLAL("fmlal", "0Q0 01110 001 mmmmm 11101 1 nnnnn ddddd", lift_fmlal, 0, VECTOR_FORM),
	FMLAL("fmlsl", "0Q0 01110 101 mmmmm 11101 1 nnnnn ddddd", lift_fmlal, NEGATE_N, VECTOR_FORM),
	FMLAL("fmlal2", "0Q1 01110 001 mmmmm 11001 1 nnnnn ddddd", lift_fmlal, UPPER, VECTOR_FORM),
	FMLAL("fmlsl2", "0Q1 01110 101 mmmmm 11001 1 nnnnn ddddd", lift_fmlal, UPPER | NEGATE_N, VECTOR_FORM),
#define FMLAL_ELEMENT(name, u, op4, what) \
	FMLAL(name, "0Q" u " 01111 10 lmmmmm " op4 " h0 nnnnn ddddd", lift_fmlal_element, what, VECTOR_FORM ", %ih:%il")
	FMLAL_ELEMENT("fmlal", "0", "0000", 0),
	FMLAL_ELEMENT("fmlsl", "0", "0100", NEGATE_N),
	FMLAL_ELEMENT("fmlal2", "1", "1000", UPPER),
	FMLAL_ELEMENT("fmlsl2", "1", "1100", UPPER | NEGATE_N),
	FCMLA("fcmla", "0Q1 01110 zz 0 mmmmm 110 rr 1 nnnnn ddddd", lift_fcmla),
	FCMLA("fcadd", "0Q1 01110 zz 0 mmmmm 111 r 01 nnnnn ddddd", lift_fcadd),
	FCMLA("fcmla", "0Q1 01111 01 lmmmmm 0 rr 1 h0 nnnnn ddddd", lift_fcmla_element),
	FCMLA("fcmla", "0Q1 01111 10 lmmmmm 0 rr 1 h0 nnnnn ddddd", lift_fcmla_element),
};
const struct a64_rows a64_rows_fp_vec = A64_ROWS(rows);
