/*
 * AltiVec: single-precision floating point (PEM 3.2, 4.2.2) as operations of the host, four lanes at once, with a guard
 * for lanes on which it differs from PowerPC: NaNs, for which one test of the result does, and results that may have been
 * less than the least normal number before they were rounded. vec_fpu.c does those, and all of the first such
 * instruction of a program, behind which the program goes on in the mode PPC_MODE_VEC_FP (vec_fpu.h).
 *
 * With VSCR[NJ], a mode bit there, subnormal operands and results are made zeros in front and behind.
 */
#include "frontend/ppc/vec.h"
#include "frontend/ppc/vec_fpu.h"

#define SIGNS 0x80000000u
#define LEAST_NORMAL 0x00800000u
#define ONE 0x3f800000u

static bool flushes(const struct ppc_lift *l)
{
	return l->mode & PPC_MODE_VEC_NJ;
}

static ir_val floats(struct ppc_lift *l, uint32_t bits)
{
	return vec_imm(l, IR_F32X4, bits);
}

/* 2^n */
static ir_val power(struct ppc_lift *l, int n)
{
	return floats(l, (uint32_t)(n + 127) << 23);
}

static ir_val words(struct ppc_lift *l, uint32_t bits)
{
	return vec_imm(l, IR_I32X4, bits);
}

static ir_val as_words(struct ppc_lift *l, ir_val v)
{
	return vec_as(l, IR_I32X4, v);
}

static ir_val as_floats(struct ppc_lift *l, ir_val v)
{
	return vec_as(l, IR_F32X4, v);
}

static ir_val without(struct ppc_lift *l, ir_val v, ir_val bits)
{
	return ir_and(l->b, v, ir_not(l->b, bits));
}

/* Zeros of their sign for subnormal numbers. */
static ir_val flush(struct ppc_lift *l, ir_val v)
{
	if (!flushes(l))
		return v;
	ir_val small = ir_vflt(l->b, ir_fabs(l->b, v), floats(l, LEAST_NORMAL));
	return as_floats(l, without(l, as_words(l, v), ir_and(l->b, small, words(l, ~SIGNS))));
}

/* Whether the unit shows that it is the result of such an operation, which is flushed already. */
static bool is_result(const struct ppc_lift *l, ir_val v)
{
	const struct ir_unit *u = l->b->u;

	while (!l->b->failed && !ir_is_none(v) && !ir_is_const(v)) {
		const struct ir_inst *in = &u->inst[v.id];

		if (in->op == IR_OP_guard)
			return in->helper == &ppc_vec_fp;
		if (in->op != IR_OP_bitcast && in->op != IR_OP_get)
			break;
		v = in->op == IR_OP_get ? ir_last_put(u, v.id, in->slot) : in->arg[0];
	}
	return false;
}

/* A register as floats. */
static ir_val operand(struct ppc_lift *l, unsigned n)
{
	ir_val v = vr(l, IR_F32X4, n);

	return is_result(l, v) ? v : flush(l, v);
}

/* vD of a comparison, and with "." CR6. */
static void set_compared(struct ppc_lift *l, const struct ppc_word *in, unsigned kind, ir_val v)
{
	set_vr(l, in->rd, v);
	if (in->oe && kind == VFP_CMPB)
		set_cr6(l, imm1(l, false), ir_not(l->b, ir_vany(l->b, v)));
	else if (in->oe)
		set_cr6_mask(l, v);
}

/* Answers whether the lift is done with: the first such instruction of a program is the helper's. */
static bool first(struct ppc_lift *l, const struct ppc_word *in, unsigned kind)
{
	if (l->mode & PPC_MODE_VEC_FP)
		return false;
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb);
	ir_val what = imm32(l, kind | (unsigned)in->ra << VEC_FP_SCALE);
	ir_val c = kind == VFP_MADD || kind == VFP_NMSUB ? vr(l, IR_I32X4, in->rc) : b;
	ir_val v = ir_call4(l->b, &ppc_vec_fp_any, IR_I32X4, what, a, b, c);

	if (kind >= VFP_CMPEQ)
		set_compared(l, in, kind, v);
	else
		set_vr(l, in->rd, v);
	ir_put(l->b, PPC_VEC_FP, ir_const(l->b, IR_I8, VEC_FP_SCALAR));
	lift_trap(l, IR_TRAP_RESYNC, 0);
	return true;
}

/* vD <- r, but what the helper says where bad is set anywhere. */
static void set_guarded(struct ppc_lift *l, const struct ppc_word *in, unsigned kind, ir_val bad, ir_val r)
{
	ir_val a = vr(l, IR_F32X4, in->ra), b = vr(l, IR_F32X4, in->rb);
	ir_val c = kind == VFP_MADD || kind == VFP_NMSUB ? vr(l, IR_F32X4, in->rc) : b;
	ir_val what = imm32(l, kind | (flushes(l) ? VEC_FP_FLUSH : 0));

	set_vr(l, in->rd, ir_guard4(l->b, &ppc_vec_fp, ir_vany(l->b, bad), r, what, a, b, c));
}

static ir_val is_nan(struct ppc_lift *l, ir_val v)
{
	return ir_vfuno(l->b, v, v);
}

/* Where operands are equal they may be zeros of two signs: -0 is less. */
static ir_val extreme(struct ppc_lift *l, bool max, ir_val a, ir_val b)
{
	ir_val x = as_words(l, max ? ir_fmax(l->b, a, b) : ir_fmin(l->b, a, b));
	ir_val y = as_words(l, max ? ir_fmax(l->b, b, a) : ir_fmin(l->b, b, a));

	return as_floats(l, max ? ir_and(l->b, x, y) : ir_or(l->b, x, y));
}

/* vaddfp, vsubfp, vmaxfp, vminfp:  sums are exact where they are tiny */
static void lift_of_two(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;

	if (first(l, in, kind))
		return;
	ppc_vec_fp_flags(l, VEC_FP_APART);
	ir_val a = operand(l, in->ra), b = operand(l, in->rb);
	if (kind == VFP_MAX || kind == VFP_MIN) {
		set_guarded(l, in, kind, ir_vfuno(l->b, a, b), extreme(l, kind == VFP_MAX, a, b));
		return;
	}
	ir_val r = kind == VFP_ADD ? ir_fadd(l->b, a, b) : ir_fsub(l->b, a, b);
	set_guarded(l, in, kind, is_nan(l, r), flush(l, r));
}

/* vmaddfp, vnmsubfp:  vD <- vA * vC + vB, -(vA * vC - vB) */
static void lift_fma(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;

	if (first(l, in, kind))
		return;
	ppc_vec_fp_flags(l, VEC_FP_APART);
	ir_val a = operand(l, in->ra), b = operand(l, in->rb), c = operand(l, in->rc);
	ir_val r = ir_fma(l->b, a, c, kind == VFP_NMSUB ? ir_fneg(l->b, b) : b);
	ir_val bad = flushes(l) ? ir_vfueq(l->b, ir_fabs(l->b, r), floats(l, LEAST_NORMAL)) : is_nan(l, r);
	set_guarded(l, in, kind, bad, flush(l, kind == VFP_NMSUB ? ir_fneg(l->b, r) : r));
}

static ir_val of_one(struct ppc_lift *l, unsigned kind, ir_val b)
{
	switch (kind) {
	case VFP_RE: return ir_fdiv(l->b, floats(l, ONE), b);
	case VFP_RSQRTE: return ir_fdiv(l->b, floats(l, ONE), ir_fsqrt(l->b, b));
	case VFP_RFIN: return ir_fround_near(l->b, b);
	case VFP_RFIZ: return ir_fround_zero(l->b, b);
	case VFP_RFIP: return ir_fround_up(l->b, b);
	default: return ir_fround_down(l->b, b);
	}
}

/* vrefp, vrsqrtefp, vexptefp, vlogefp, vrfi*:  vD <- f(vB) */
static void lift_of_one(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;

	if (first(l, in, kind))
		return;
	if (kind == VFP_EXPTE || kind == VFP_LOGE) {
		ir_val b = vr(l, IR_I32X4, in->rb), what = imm32(l, kind | (flushes(l) ? VEC_FP_FLUSH : 0));
		set_vr(l, in->rd, ir_call(l->b, &ppc_vec_fp, IR_I32X4, what, b, b));
		return;
	}
	ppc_vec_fp_flags(l, VEC_FP_APART);
	ir_val r = of_one(l, kind, operand(l, in->rb));
	set_guarded(l, in, kind, is_nan(l, r), kind < VFP_RFIN ? flush(l, r) : r);
}

/* Unsigned, of signed conversions: of large ones the half, with its last bit sticky, and doubled again. */
static ir_val from_unsigned(struct ppc_lift *l, ir_val v)
{
	ir_val large = ir_vslt(l->b, v, words(l, 0));
	ir_val half = ir_or(l->b, vec_shr(l, v, 1), ir_and(l->b, v, words(l, 1)));
	ir_val f = ir_itof(l->b, IR_F32X4, ir_bitsel(l->b, large, half, v));

	return as_floats(l, ir_bitsel(l->b, large, as_words(l, ir_fadd(l->b, f, f)), as_words(l, f)));
}

/* vcfux, vcfsx:  vD <- vB / 2^UIMM */
static void lift_from_int(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;

	if (first(l, in, kind))
		return;
	ppc_vec_fp_flags(l, VEC_FP_APART);
	ir_val v = vr(l, IR_I32X4, in->rb);
	ir_val f = kind == VFP_CFUX ? from_unsigned(l, v) : ir_itof(l->b, IR_F32X4, v);
	set_vr(l, in->rd, ir_fmul(l->b, f, power(l, -(int)in->ra)));
}

/* Towards zero. What lies outside is 0x80000000, whose bits are turned over at the upper end. */
static ir_val to_signed(struct ppc_lift *l, ir_val v, ir_val *outside)
{
	ir_val above = ir_vfle(l->b, power(l, 31), v), below = ir_vflt(l->b, v, ir_fneg(l->b, power(l, 31)));

	*outside = ir_or(l->b, above, below);
	return ir_xor(l->b, ir_ftoi(l->b, IR_I32X4, v), above);
}

/* 2^31 less for those from there on, so that the host's conversion takes them. */
static ir_val to_unsigned(struct ppc_lift *l, ir_val v, ir_val *outside)
{
	ir_val top = power(l, 31), above = ir_vfle(l->b, power(l, 32), v);
	ir_val below = ir_vfle(l->b, v, ir_fneg(l->b, power(l, 0))), large = ir_vfle(l->b, top, v);
	ir_val rest = ir_fsub(l->b, v, as_floats(l, ir_and(l->b, large, as_words(l, top))));
	ir_val i = ir_xor(l->b, ir_ftoi(l->b, IR_I32X4, rest), ir_and(l->b, large, words(l, SIGNS)));

	*outside = ir_or(l->b, above, below);
	return ir_or(l->b, without(l, i, below), above);
}

/* vctuxs, vctsxs:  vD <- vB * 2^UIMM, towards zero, saturated; NaN is 0 */
static void lift_to_int(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;
	ir_val outside, i;

	if (first(l, in, kind))
		return;
	ppc_vec_fp_flags(l, VEC_FP_APART);
	ir_val v = ir_fmul(l->b, vr(l, IR_F32X4, in->rb), power(l, in->ra));
	i = kind == VFP_CTSXS ? to_signed(l, v, &outside) : to_unsigned(l, v, &outside);
	set_sat(l, ir_vany(l->b, outside));
	set_vr(l, in->rd, without(l, i, is_nan(l, v)));
}

/* Bit 0 of a lane: not a <= b; bit 1: not a >= -b. */
static ir_val out_of_bounds(struct ppc_lift *l, ir_val a, ir_val b)
{
	ir_val above = without(l, words(l, SIGNS), ir_vfle(l->b, a, b));

	return ir_or(l->b, above, without(l, words(l, SIGNS >> 1), ir_vfle(l->b, ir_fneg(l->b, b), a)));
}

static ir_val compare(struct ppc_lift *l, unsigned kind, ir_val a, ir_val b)
{
	switch (kind) {
	case VFP_CMPEQ: return ir_vfeq(l->b, a, b);
	case VFP_CMPGE: return ir_vfle(l->b, b, a);
	case VFP_CMPGT: return ir_vflt(l->b, b, a);
	default: return out_of_bounds(l, a, b);
	}
}

/* vcmp*fp[.]:  vD <- all ones where it is true, for vcmpbfp two bits of where vA is out of bounds; "." records CR6. */
static void lift_compare(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned kind = in->row->arg;

	if (first(l, in, kind))
		return;
	set_compared(l, in, kind, compare(l, kind, operand(l, in->ra), operand(l, in->rb)));
}

static const struct ppc_row rows[] = {
	{ "vaddfp", "000100 ddddd aaaaa bbbbb 00000001010", lift_of_two, .arg = VFP_ADD, .lacks = NO_VECTORS },
	{ "vsubfp", "000100 ddddd aaaaa bbbbb 00001001010", lift_of_two, .arg = VFP_SUB, .lacks = NO_VECTORS },
	{ "vmaxfp", "000100 ddddd aaaaa bbbbb 10000001010", lift_of_two, .arg = VFP_MAX, .lacks = NO_VECTORS },
	{ "vminfp", "000100 ddddd aaaaa bbbbb 10001001010", lift_of_two, .arg = VFP_MIN, .lacks = NO_VECTORS },
	{ "vrefp", "000100 ddddd ----- bbbbb 00100001010", lift_of_one, .arg = VFP_RE, .lacks = NO_VECTORS },
	{ "vrsqrtefp", "000100 ddddd ----- bbbbb 00101001010", lift_of_one, .arg = VFP_RSQRTE, .lacks = NO_VECTORS },
	{ "vexptefp", "000100 ddddd ----- bbbbb 00110001010", lift_of_one, .arg = VFP_EXPTE, .lacks = NO_VECTORS },
	{ "vlogefp", "000100 ddddd ----- bbbbb 00111001010", lift_of_one, .arg = VFP_LOGE, .lacks = NO_VECTORS },
	{ "vrfin", "000100 ddddd ----- bbbbb 01000001010", lift_of_one, .arg = VFP_RFIN, .lacks = NO_VECTORS },
	{ "vrfiz", "000100 ddddd ----- bbbbb 01001001010", lift_of_one, .arg = VFP_RFIZ, .lacks = NO_VECTORS },
	{ "vrfip", "000100 ddddd ----- bbbbb 01010001010", lift_of_one, .arg = VFP_RFIP, .lacks = NO_VECTORS },
	{ "vrfim", "000100 ddddd ----- bbbbb 01011001010", lift_of_one, .arg = VFP_RFIM, .lacks = NO_VECTORS },
	{ "vmaddfp", "000100 ddddd aaaaa bbbbb ccccc 101110", lift_fma, .arg = VFP_MADD, .lacks = NO_VECTORS },
	{ "vnmsubfp", "000100 ddddd aaaaa bbbbb ccccc 101111", lift_fma, .arg = VFP_NMSUB, .lacks = NO_VECTORS },
	{ "vcfux", "000100 ddddd nnnnn bbbbb 01100001010", lift_from_int, .arg = VFP_CFUX, .lacks = NO_VECTORS },
	{ "vcfsx", "000100 ddddd nnnnn bbbbb 01101001010", lift_from_int, .arg = VFP_CFSX, .lacks = NO_VECTORS },
	{ "vctuxs", "000100 ddddd nnnnn bbbbb 01110001010", lift_to_int, .arg = VFP_CTUXS, .lacks = NO_VECTORS },
	{ "vctsxs", "000100 ddddd nnnnn bbbbb 01111001010", lift_to_int, .arg = VFP_CTSXS, .lacks = NO_VECTORS },
	{ "vcmpeqfp", "000100 ddddd aaaaa bbbbb 0 0011000110", lift_compare, .arg = VFP_CMPEQ, .lacks = NO_VECTORS },
	{ "vcmpeqfp.", "000100 ddddd aaaaa bbbbb 1 0011000110", lift_compare, .arg = VFP_CMPEQ, .lacks = NO_VECTORS },
	{ "vcmpgefp", "000100 ddddd aaaaa bbbbb 0 0111000110", lift_compare, .arg = VFP_CMPGE, .lacks = NO_VECTORS },
	{ "vcmpgefp.", "000100 ddddd aaaaa bbbbb 1 0111000110", lift_compare, .arg = VFP_CMPGE, .lacks = NO_VECTORS },
	{ "vcmpgtfp", "000100 ddddd aaaaa bbbbb 0 1011000110", lift_compare, .arg = VFP_CMPGT, .lacks = NO_VECTORS },
	{ "vcmpgtfp.", "000100 ddddd aaaaa bbbbb 1 1011000110", lift_compare, .arg = VFP_CMPGT, .lacks = NO_VECTORS },
	{ "vcmpbfp", "000100 ddddd aaaaa bbbbb 0 1111000110", lift_compare, .arg = VFP_CMPB, .lacks = NO_VECTORS },
	{ "vcmpbfp.", "000100 ddddd aaaaa bbbbb 1 1111000110", lift_compare, .arg = VFP_CMPB, .lacks = NO_VECTORS },
};

const struct ppc_rows ppc_rows_vec_fp = PPC_ROWS(rows);
