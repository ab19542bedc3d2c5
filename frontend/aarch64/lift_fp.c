/* Scalar floating point (C7.2, "Data processing - scalar floating-point"). */
#include "frontend/aarch64/fp.h"

/* The format bits 23-22 name; 10 is none. */
static unsigned size_of(const struct a64_word *in)
{
	return in->size == 0 ? 32 : in->size == 1 ? 64 : 16;
}

/* fadd, ... Rd, Rn, Rm */
static void lift_arith(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = (enum arm_fp_op)in->row->arg, .size = (uint8_t)size_of(in) };
	ir_val n = fp_reg(l, w.size, in->Rn), m = fp_reg(l, w.size, in->Rm);

	set_fp_reg(l, in->Rd, fp_op(l, w, n, m, IR_NONE));
}

/* fsqrt Rd, Rn */
static void lift_sqrt(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_SQRT, .size = (uint8_t)size_of(in) };

	set_fp_reg(l, in->Rd, fp_op(l, w, fp_reg(l, w.size, in->Rn), IR_NONE, IR_NONE));
}

enum { NEGATES_PRODUCT = 1, NEGATES_ADDEND = 2 };

/* fmadd Rd, Rn, Rm, Ra:  Ra + Rn * Rm, fused; the others negate Rn, Ra or both first */
static void lift_muladd(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_MULADD, .size = (uint8_t)size_of(in) };
	ir_val a = fp_reg(l, w.size, in->Ra), n = fp_reg(l, w.size, in->Rn), m = fp_reg(l, w.size, in->Rm);

	if (in->row->arg & NEGATES_ADDEND)
		a = fp_negated(l, w.size, a);
	if (in->row->arg & NEGATES_PRODUCT)
		n = fp_negated(l, w.size, n);
	set_fp_reg(l, in->Rd, fp_op(l, w, a, n, m));
}

/* fmov Rd, Rn */
static void lift_fmov(struct a64_lift *l, const struct a64_word *in)
{
	set_fp_reg(l, in->Rd, fp_reg(l, size_of(in), in->Rn));
}

/* fneg Rd, Rn:  NaNs too */
static void lift_fneg(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);

	set_fp_reg(l, in->Rd, fp_negated(l, size, fp_reg(l, size, in->Rn)));
}

/* fabs Rd, Rn:  NaNs too */
static void lift_fabs(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);
	ir_val v = fp_reg(l, size, in->Rn);

	v = size == 16 ? ir_and(l->b, v, ir_const(l->b, IR_I16, 0x7fff)) : ir_fabs(l->b, v);
	set_fp_reg(l, in->Rd, v);
}

/* VFPExpandImm: a bcdefgh -> a B bbb.. cd efgh 0.. */
static uint64_t expand_imm(unsigned size, unsigned imm8)
{
	unsigned digits = size == 16 ? 10 : size == 32 ? 23 : 52, exp_bits = size - 1 - digits;
	uint64_t b = imm8 >> 6 & 1, exp = (b ^ 1) << (exp_bits - 1) | (b ? (1u << (exp_bits - 3)) - 1 : 0) << 2;

	exp |= imm8 >> 4 & 3;
	return (uint64_t)(imm8 >> 7) << (size - 1) | exp << digits | (uint64_t)(imm8 & 15) << (digits - 4);
}

/* fmov Rd, #imm */
static void lift_fmov_imm(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);

	set_fp_reg(l, in->Rd, ir_const(l->b, arm_fp_type(size), expand_imm(size, a64_bits(in->word, 20, 13))));
}

/* fcvt Rd, Rn:  the row's argument is the format of Rd */
static void lift_fcvt(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_CONVERT, .size = (uint8_t)size_of(in), .other = (uint8_t)in->row->arg,
				 .rounding = ARM_FP_CURRENT };

	set_fp_reg(l, in->Rd, fp_op(l, w, fp_reg(l, w.size, in->Rn), IR_NONE, IR_NONE));
}

/* Arguments of rows that round: a mode, and what else. */
enum { ROUNDING = 7, EXACT = 8, TO_32 = 16, TO_64 = 32, UNSIGNED = 64 };

/* frint? Rd, Rn */
static void lift_frint(struct a64_lift *l, const struct a64_word *in)
{
	unsigned arg = in->row->arg;
	struct arm_fp_what w = { .op = ARM_FP_ROUND_INT, .size = (uint8_t)size_of(in), .flag = arg & EXACT,
				 .rounding = (enum arm_fp_rounding)(arg & ROUNDING) };

	if (arg & (TO_32 | TO_64)) {
		w.op = ARM_FP_ROUND_INT_N;
		w.other = arg & TO_32 ? 32 : 64;
	}
	set_fp_reg(l, in->Rd, fp_op(l, w, fp_reg(l, w.size, in->Rn), IR_NONE, IR_NONE));
}

/* fcvt?s, fcvt?u Xd, Rn [, #fbits] */
static void to_fixed(struct a64_lift *l, const struct a64_word *in, unsigned fbits)
{
	struct arm_fp_what w = { .op = ARM_FP_TO_FIXED, .size = (uint8_t)size_of(in), .other = in->sf ? 64 : 32,
				 .flag = in->row->arg & UNSIGNED, .fbits = (uint8_t)fbits,
				 .rounding = (enum arm_fp_rounding)(in->row->arg & ROUNDING) };

	set_reg(l, in->Rd, fp_op(l, w, fp_reg(l, w.size, in->Rn), IR_NONE, IR_NONE));
}

static void lift_to_int(struct a64_lift *l, const struct a64_word *in)
{
	to_fixed(l, in, 0);
}

/* scvtf, ucvtf Rd, Xn [, #fbits] */
static void from_fixed(struct a64_lift *l, const struct a64_word *in, unsigned fbits)
{
	struct arm_fp_what w = { .op = ARM_FP_FROM_FIXED, .size = (uint8_t)size_of(in), .other = in->sf ? 64 : 32,
				 .flag = in->row->arg & UNSIGNED, .fbits = (uint8_t)fbits, .rounding = ARM_FP_CURRENT };

	set_fp_reg(l, in->Rd, fp_op(l, w, reg(l, in->sf, in->Rn), IR_NONE, IR_NONE));
}

static void lift_from_int(struct a64_lift *l, const struct a64_word *in)
{
	from_fixed(l, in, 0);
}

/* With fraction bits: 64 - scale, at most as many as the integer has. */
static void lift_fixed(struct a64_lift *l, const struct a64_word *in)
{
	unsigned fbits = 64 - in->imms;

	if (!in->sf && fbits > 32)
		lift_illegal(l);
	else if (in->word >> 17 & 1)
		from_fixed(l, in, fbits);
	else
		to_fixed(l, in, fbits);
}

/* fjcvtzs Wd, Dn:  modulo 2^32; Z tells whether that was exact */
static void lift_fjcvtzs(struct a64_lift *l, const struct a64_word *in)
{
	struct arm_fp_what w = { .op = ARM_FP_TO_INT_JS, .size = 64 };
	ir_val r = fp_op(l, w, fp_reg(l, 64, in->Rn), IR_NONE, IR_NONE);
	ir_val no = imm1(l, false), z = ir_trunc(l->b, IR_I1, ir_shr(l->b, r, imm32(l, 32)));

	set_reg(l, in->Rd, ir_trunc(l->b, IR_I32, r));
	set_nzcv(l, no, z, no, no);
}

/* fmov Xd, Rn:  bits */
static void lift_fmov_to_general(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);
	ir_val v = fp_reg(l, size, in->Rn);

	if (size != 16)
		v = ir_bitcast(l->b, size == 32 ? IR_I32 : IR_I64, v);
	set_reg(l, in->Rd, widen(l, v));
}

/* fmov Rd, Xn */
static void lift_fmov_from_general(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);
	ir_val v = reg(l, in->sf, in->Rn);

	set_fp_reg(l, in->Rd, size == 16 ? ir_trunc(l->b, IR_I16, v) : v);
}

/* fmov Xd, Vn.D[1] */
static void lift_fmov_from_top(struct a64_lift *l, const struct a64_word *in)
{
	set_reg(l, in->Rd, ir_extract(l->b, vec(l, IR_I64X2, in->Rn), 1));
}

/* fmov Vd.D[1], Xn */
static void lift_fmov_to_top(struct a64_lift *l, const struct a64_word *in)
{
	set_vec(l, in->Rd, ir_insert(l->b, vec(l, IR_I64X2, in->Rd), reg(l, true, in->Rn), 1));
}

static void compare(struct a64_lift *l, const struct a64_word *in, ir_val m, ir_val when, unsigned nzcv)
{
	struct arm_fp_lift fp = a64_fp(l);
	unsigned size = size_of(in);
	struct arm_fp_nzcv r = arm_fp_lift_compare(&fp, size, fp_reg(l, size, in->Rn), m, in->row->arg, when, nzcv);

	set_nzcv(l, r.n, r.z, r.c, r.v);
}

/* fcmp, fcmpe Rn, Rm */
static void lift_fcmp(struct a64_lift *l, const struct a64_word *in)
{
	compare(l, in, fp_reg(l, size_of(in), in->Rm), IR_NONE, 0);
}

/* fcmp, fcmpe Rn, #0.0 */
static void lift_fcmp_zero(struct a64_lift *l, const struct a64_word *in)
{
	compare(l, in, ir_const(l->b, arm_fp_type(size_of(in)), 0), IR_NONE, 0);
}

/* fccmp, fccmpe Rn, Rm, #nzcv, cond */
static void lift_fccmp(struct a64_lift *l, const struct a64_word *in)
{
	compare(l, in, fp_reg(l, size_of(in), in->Rm), a64_condition(l, in->cond), in->word & 15);
}

/* fcsel Rd, Rn, Rm, cond */
static void lift_fcsel(struct a64_lift *l, const struct a64_word *in)
{
	unsigned size = size_of(in);
	ir_val n = fp_reg(l, size, in->Rn), m = fp_reg(l, size, in->Rm);

	set_fp_reg(l, in->Rd, ir_select(l->b, a64_condition(l, in->cond), n, m));
}

/* Rows for singles and doubles, and for halves; the bits between are those of the format. */
#define SDH(name, head, tail, lift, what, form)                                                         \
	{ name, head " 0p " tail, lift, .arg = (what) },                                                \
	{ name, head " 11 " tail, lift, .arg = (what), .flags = A64_PRE, .feature = A64_HAS_FP16, .text = form }

#define ONE(name, opcode, lift, what) \
	SDH(name, "000 11110", "1 " opcode " 10000 nnnnn ddddd", lift, what, "%hd, %hn")
#define TWO(name, opcode, what) \
	SDH(name, "000 11110", "1 mmmmm " opcode " 10 nnnnn ddddd", lift_arith, what, "%hd, %hn, %hm")
#define THREE(name, o1, o0, what) \
	SDH(name, "000 11111", o1 " mmmmm " o0 " aaaaa nnnnn ddddd", lift_muladd, what, "%hd, %hn, %hm, %ha")
/* Rows for W and X registers. */
#define TO_INT(name, op, what)                                                                               \
	{ name, "f00 11110 0p 1 " op " 000000 nnnnn ddddd", lift_to_int, .arg = (what) },                    \
	{ name, "000 11110 11 1 " op " 000000 nnnnn ddddd", lift_to_int, .arg = (what), .flags = A64_PRE,    \
	  .feature = A64_HAS_FP16, .text = "%wd, %hn" },                                                     \
	{ name, "100 11110 11 1 " op " 000000 nnnnn ddddd", lift_to_int, .arg = (what), .flags = A64_PRE,    \
	  .feature = A64_HAS_FP16, .text = "%xd, %hn" }
#define FROM_INT(name, op, what)                                                                             \
	{ name, "f00 11110 0p 1 " op " 000000 nnnnn ddddd", lift_from_int, .arg = (what) },                  \
	{ name, "000 11110 11 1 " op " 000000 nnnnn ddddd", lift_from_int, .arg = (what), .flags = A64_PRE,  \
	  .feature = A64_HAS_FP16, .text = "%hd, %wn" },                                                     \
	{ name, "100 11110 11 1 " op " 000000 nnnnn ddddd", lift_from_int, .arg = (what), .flags = A64_PRE,  \
	  .feature = A64_HAS_FP16, .text = "%hd, %xn" }
#define FIXED(name, op, what, to_w, to_x)                                                                    \
	{ name, "f00 11110 0p 0 " op " ssssss nnnnn ddddd", lift_fixed, .arg = (what) },                     \
	{ name, "000 11110 11 0 " op " 1sssss nnnnn ddddd", lift_fixed, .arg = (what), .flags = A64_PRE,     \
	  .feature = A64_HAS_FP16, .text = to_w },                                                           \
	{ name, "100 11110 11 0 " op " ssssss nnnnn ddddd", lift_fixed, .arg = (what), .flags = A64_PRE,     \
	  .feature = A64_HAS_FP16, .text = to_x }

static const struct a64_row rows[] = {
	TWO("fmul", "0000", ARM_FP_MUL),
	TWO("fdiv", "0001", ARM_FP_DIV),
	TWO("fadd", "0010", ARM_FP_ADD),
	TWO("fsub", "0011", ARM_FP_SUB),
	TWO("fmax", "0100", ARM_FP_MAX),
	TWO("fmin", "0101", ARM_FP_MIN),
	TWO("fmaxnm", "0110", ARM_FP_MAXNM),
	TWO("fminnm", "0111", ARM_FP_MINNM),
	TWO("fnmul", "1000", ARM_FP_NMUL),
	THREE("fmadd", "0", "0", 0),
	THREE("fmsub", "0", "1", NEGATES_PRODUCT),
	THREE("fnmadd", "1", "0", NEGATES_PRODUCT | NEGATES_ADDEND),
	THREE("fnmsub", "1", "1", NEGATES_ADDEND),
	ONE("fmov", "000000", lift_fmov, 0),
	ONE("fabs", "000001", lift_fabs, 0),
	ONE("fneg", "000010", lift_fneg, 0),
	ONE("fsqrt", "000011", lift_sqrt, 0),
	ONE("frintn", "001000", lift_frint, ARM_FP_NEAREST),
	ONE("frintp", "001001", lift_frint, ARM_FP_UP),
	ONE("frintm", "001010", lift_frint, ARM_FP_DOWN),
	ONE("frintz", "001011", lift_frint, ARM_FP_TO_ZERO),
	ONE("frinta", "001100", lift_frint, ARM_FP_AWAY),
	ONE("frintx", "001110", lift_frint, ARM_FP_CURRENT | EXACT),
	ONE("frinti", "001111", lift_frint, ARM_FP_CURRENT),
#define FRINTTS(name, opcode, what)                                                                               \
	{ name, "000 11110 00 1 " opcode " 10000 nnnnn ddddd", lift_frint, .arg = (what), .flags = A64_PRE,      \
	  .feature = A64_HAS_FRINTTS, .text = "%sd, %sn" },                                                       \
	{ name, "000 11110 01 1 " opcode " 10000 nnnnn ddddd", lift_frint, .arg = (what), .flags = A64_PRE,      \
	  .feature = A64_HAS_FRINTTS, .text = "%dd, %dn" }
	FRINTTS("frint32z", "010000", ARM_FP_TO_ZERO | TO_32),
	FRINTTS("frint32x", "010001", ARM_FP_CURRENT | TO_32),
	FRINTTS("frint64z", "010010", ARM_FP_TO_ZERO | TO_64),
	FRINTTS("frint64x", "010011", ARM_FP_CURRENT | TO_64),
	{ "fcvt", "000 11110 01 1 0001 00 10000 nnnnn ddddd", lift_fcvt, .arg = 32 },
	{ "fcvt", "000 11110 11 1 0001 00 10000 nnnnn ddddd", lift_fcvt, .arg = 32 },
	{ "fcvt", "000 11110 00 1 0001 01 10000 nnnnn ddddd", lift_fcvt, .arg = 64 },
	{ "fcvt", "000 11110 11 1 0001 01 10000 nnnnn ddddd", lift_fcvt, .arg = 64 },
	{ "fcvt", "000 11110 00 1 0001 11 10000 nnnnn ddddd", lift_fcvt, .arg = 16 },
	{ "fcvt", "000 11110 01 1 0001 11 10000 nnnnn ddddd", lift_fcvt, .arg = 16 },
	SDH("fcmp", "000 11110", "1 mmmmm 00 1000 nnnnn 00 000", lift_fcmp, 0, "%hn, %hm"),
	SDH("fcmpe", "000 11110", "1 mmmmm 00 1000 nnnnn 10 000", lift_fcmp, 1, "%hn, %hm"),
	SDH("fcmp", "000 11110", "1 ----- 00 1000 nnnnn 01 000", lift_fcmp_zero, 0, "%hn, #0.0"),
	SDH("fcmpe", "000 11110", "1 ----- 00 1000 nnnnn 11 000", lift_fcmp_zero, 1, "%hn, #0.0"),
	SDH("fccmp", "000 11110", "1 mmmmm cccc 01 nnnnn 0 vvvv", lift_fccmp, 0, "%hn, %hm, %iv, %ic"),
	SDH("fccmpe", "000 11110", "1 mmmmm cccc 01 nnnnn 1 vvvv", lift_fccmp, 1, "%hn, %hm, %iv, %ic"),
	SDH("fcsel", "000 11110", "1 mmmmm cccc 11 nnnnn ddddd", lift_fcsel, 0, "%hd, %hn, %hm, %ic"),
	SDH("fmov", "000 11110", "1 iiiiiiii 100 00000 ddddd", lift_fmov_imm, 0, "%hd, imm8 %ii"),
	TO_INT("fcvtns", "00 000", ARM_FP_NEAREST),
	TO_INT("fcvtnu", "00 001", ARM_FP_NEAREST | UNSIGNED),
	TO_INT("fcvtas", "00 100", ARM_FP_AWAY),
	TO_INT("fcvtau", "00 101", ARM_FP_AWAY | UNSIGNED),
	TO_INT("fcvtps", "01 000", ARM_FP_UP),
	TO_INT("fcvtpu", "01 001", ARM_FP_UP | UNSIGNED),
	TO_INT("fcvtms", "10 000", ARM_FP_DOWN),
	TO_INT("fcvtmu", "10 001", ARM_FP_DOWN | UNSIGNED),
	TO_INT("fcvtzs", "11 000", ARM_FP_TO_ZERO),
	TO_INT("fcvtzu", "11 001", ARM_FP_TO_ZERO | UNSIGNED),
	FROM_INT("scvtf", "00 010", 0),
	FROM_INT("ucvtf", "00 011", UNSIGNED),
	FIXED("fcvtzs", "11 000", ARM_FP_TO_ZERO, "%wd, %hn, 64 - %is", "%xd, %hn, 64 - %is"),
	FIXED("fcvtzu", "11 001", ARM_FP_TO_ZERO | UNSIGNED, "%wd, %hn, 64 - %is", "%xd, %hn, 64 - %is"),
	FIXED("scvtf", "00 010", 0, "%hd, %wn, 64 - %is", "%hd, %xn, 64 - %is"),
	FIXED("ucvtf", "00 011", UNSIGNED, "%hd, %wn, 64 - %is", "%hd, %xn, 64 - %is"),
	{ "fjcvtzs", "000 11110 01 1 11 110 000000 nnnnn ddddd", lift_fjcvtzs, .flags = A64_PRE,
	  .feature = A64_HAS_JSCVT, .text = "%wd, %dn" },
	{ "fmov", "000 11110 00 1 00 110 000000 nnnnn ddddd", lift_fmov_to_general },
	{ "fmov", "000 11110 00 1 00 111 000000 nnnnn ddddd", lift_fmov_from_general },
	{ "fmov", "100 11110 01 1 00 110 000000 nnnnn ddddd", lift_fmov_to_general },
	{ "fmov", "100 11110 01 1 00 111 000000 nnnnn ddddd", lift_fmov_from_general },
	{ "fmov", "100 11110 10 1 01 110 000000 nnnnn ddddd", lift_fmov_from_top },
	{ "fmov", "100 11110 10 1 01 111 000000 nnnnn ddddd", lift_fmov_to_top },
#define FMOV_HALF(sf, form_to, form_from)                                                                      \
	{ "fmov", sf "00 11110 11 1 00 110 000000 nnnnn ddddd", lift_fmov_to_general, .flags = A64_PRE,        \
	  .feature = A64_HAS_FP16, .text = form_to },                                                          \
	{ "fmov", sf "00 11110 11 1 00 111 000000 nnnnn ddddd", lift_fmov_from_general, .flags = A64_PRE,      \
	  .feature = A64_HAS_FP16, .text = form_from }
	FMOV_HALF("0", "%wd, %hn", "%hd, %wn"),
	FMOV_HALF("1", "%xd, %hn", "%hd, %xn"),
};
const struct a64_rows a64_rows_fp = A64_ROWS(rows);
