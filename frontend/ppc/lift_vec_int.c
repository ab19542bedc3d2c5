/* AltiVec: arithmetic, logic, shifts and comparisons of integers (PEM 4.2.1, and chapter 6 for each). */
#include "frontend/ppc/vec.h"

/* Row arguments in the low byte, where it is not an operation of the IR. */
enum { SIGNED = 1, EVEN = 2, ROUND = 4, SATURATE = 8 };

static ir_val emit_two(struct ppc_lift *l, enum ir_op op, ir_val a, ir_val b)
{
	return ir_emit(l->b, (struct ir_inst){ .op = (uint8_t)op, .type = (uint8_t)ir_type_of(l->b->u, a), .arg = { a, b } });
}

/* vD <- vA op vB, element by element; counts of rotations are taken modulo the width. */
static void lift_two(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, vec_type(in), in->ra), b = vr(l, vec_type(in), in->rb);

	set_vr(l, in->rd, emit_two(l, (enum ir_op)(in->row->arg & LOW), a, b));
}

/* vD <- saturated vA op vB; SAT where that is not the plain result. */
static void lift_saturating(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_op op = (enum ir_op)(in->row->arg & LOW);
	ir_val a = vr(l, vec_type(in), in->ra), b = vr(l, vec_type(in), in->rb);
	ir_val plain = op == IR_OP_uqadd || op == IR_OP_sqadd ? ir_add(l->b, a, b) : ir_sub(l->b, a, b);
	ir_val v = emit_two(l, op, a, b);

	set_sat_if_differ(l, v, plain);
	set_vr(l, in->rd, v);
}

/* vavgs*:  (vA + vB + 1) >> 1, signed: the unsigned average of numbers moved by half the range. */
static void lift_vavgs(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_type t = vec_type(in);
	ir_val least = vec_imm(l, t, 1ull << (ir_type_info[t].lane_bits - 1));
	ir_val a = ir_xor(l->b, vr(l, t, in->ra), least), b = ir_xor(l->b, vr(l, t, in->rb), least);

	set_vr(l, in->rd, ir_xor(l->b, ir_uavg(l->b, a, b), least));
}

/* vsl*, vsr*, vsra*:  counts are the low bits of vB's elements. */
static void lift_shift(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_type t = vec_type(in);
	ir_val count = ir_and(l->b, vr(l, t, in->rb), vec_imm(l, t, ir_type_info[t].lane_bits - 1u));

	set_vr(l, in->rd, emit_two(l, (enum ir_op)(in->row->arg & LOW), vr(l, t, in->ra), count));
}

/* vD <- vA & ~vB */
static void lift_vandc(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra);

	set_vr(l, in->rd, ir_and(l->b, a, ir_not(l->b, vr(l, IR_I32X4, in->rb))));
}

/* vD <- ~(vA | vB) */
static void lift_vnor(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra);

	set_vr(l, in->rd, ir_not(l->b, ir_or(l->b, a, vr(l, IR_I32X4, in->rb))));
}

/* vD <- carry out of each vA + vB */
static void lift_vaddcuw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra), sum = ir_add(l->b, a, vr(l, IR_I32X4, in->rb));

	set_vr(l, in->rd, vec_shr(l, ir_vult(l->b, sum, a), 31));
}

/* vD <- carry out of each vA + ~vB + 1: 1 unless it borrows */
static void lift_vsubcuw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra);

	set_vr(l, in->rd, vec_shr(l, ir_vule(l->b, vr(l, IR_I32X4, in->rb), a), 31));
}

/* One of each two elements, extended to the width of both: the even one is the upper. */
static ir_val half_of(struct ppc_lift *l, ir_val pair, bool even, bool is_signed)
{
	unsigned n = ir_type_info[ir_type_of(l->b->u, pair)].lane_bits / 2u;

	if (even)
		return is_signed ? vec_sar(l, pair, n) : vec_shr(l, pair, n);
	if (is_signed)
		return vec_sar(l, vec_shl(l, pair, n), n);
	return ir_and(l->b, pair, vec_imm(l, ir_type_of(l->b->u, pair), (1ull << n) - 1));
}

/* vmule*, vmulo*:  vD <- products of the even or odd elements, twice as wide */
static void lift_vmul(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_type wide = (enum ir_type)(vec_type(in) + 1);
	bool even = in->row->arg & EVEN, is_signed = in->row->arg & SIGNED;
	ir_val a = half_of(l, vr(l, wide, in->ra), even, is_signed);

	set_vr(l, in->rd, ir_mul(l->b, a, half_of(l, vr(l, wide, in->rb), even, is_signed)));
}

static ir_val sum_of_halves(struct ppc_lift *l, ir_val pair, bool is_signed)
{
	ir_val even = half_of(l, pair, true, is_signed);

	return ir_add(l->b, even, half_of(l, pair, false, is_signed));
}

/* vsum4*:  each word of vD <- the elements of vA inside it, and the word of vB, saturated */
static void lift_vsum4(struct ppc_lift *l, const struct ppc_word *in)
{
	bool is_signed = in->row->arg & SIGNED;
	ir_val sum = vr(l, (enum ir_type)(vec_type(in) + 1), in->ra), b = vr(l, IR_I32X4, in->rb), plain, v;

	sum = sum_of_halves(l, sum, is_signed);
	if (vec_type(in) == IR_I8X16)
		sum = sum_of_halves(l, vec_as(l, IR_I32X4, sum), is_signed);
	plain = ir_add(l->b, sum, b);
	v = is_signed ? ir_sqadd(l->b, sum, b) : ir_uqadd(l->b, sum, b);
	set_sat_if_differ(l, v, plain);
	set_vr(l, in->rd, v);
}

/* Lanes of 64 bits to signed numbers of 32; SAT. */
static ir_val clamp_words(struct ppc_lift *l, ir_val v)
{
	ir_val top = vec_imm(l, IR_I64X2, INT32_MAX), least = vec_imm(l, IR_I64X2, (uint64_t)INT32_MIN);
	ir_val clamped = ir_smax(l->b, ir_smin(l->b, v, top), least);

	set_sat_if_differ(l, clamped, v);
	return clamped;
}

static ir_val low_words(struct ppc_lift *l, ir_val v)
{
	return ir_and(l->b, v, vec_imm(l, IR_I64X2, 0xffffffff));
}

/* vsum2sws:  words 1 and 3 of vD <- the two words of vA around, and that of vB, saturated; words 0 and 2 <- 0 */
static void lift_vsum2sws(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val sum = sum_of_halves(l, vr(l, IR_I64X2, in->ra), true);

	sum = ir_add(l->b, sum, half_of(l, vr(l, IR_I64X2, in->rb), false, true));
	set_vr(l, in->rd, low_words(l, clamp_words(l, sum)));
}

/* vsumsws:  word 3 of vD <- all words of vA, and word 3 of vB, saturated; the others <- 0 */
static void lift_vsumsws(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val sum = sum_of_halves(l, vr(l, IR_I64X2, in->ra), true);
	ir_val b = ir_extract(l->b, half_of(l, vr(l, IR_I64X2, in->rb), false, true), 0);
	ir_val all = ir_add(l->b, ir_extract(l->b, sum, 0), ir_extract(l->b, sum, 1));

	all = ir_vfirst(l->b, ir_add(l->b, all, b));
	set_vr(l, in->rd, low_words(l, clamp_words(l, all)));
}

/* vcmp*[.]:  vD <- all ones where it is true; greater is less with operands exchanged; "." records CR6. */
static void lift_compare(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_op op = (enum ir_op)(in->row->arg & LOW);
	ir_val a = vr(l, vec_type(in), in->ra), b = vr(l, vec_type(in), in->rb);
	ir_val v = op == IR_OP_veq ? ir_veq(l->b, a, b) : emit_two(l, op, b, a);

	set_vr(l, in->rd, v);
	if (in->oe)
		set_cr6_mask(l, v);
}

/* vmh[r]addshs:  vD <- ((vA * vB [+ 0x4000]) >> 15) + vC, signed halves, saturated */
static void lift_vmhaddshs(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I16X8, in->ra), b = vr(l, IR_I16X8, in->rb), c = vr(l, IR_I16X8, in->rc);
	ir_val product[2] = { ir_muls_lo(l->b, a, b), ir_muls_hi(l->b, a, b) };
	ir_val add[2] = { ir_sext_lo(l->b, c), ir_sext_hi(l->b, c) }, v, differ;

	for (unsigned k = 0; k < 2; k++) {
		if (in->row->arg & ROUND)
			product[k] = ir_add(l->b, product[k], vec_imm(l, IR_I32X4, 0x4000));
		product[k] = ir_add(l->b, vec_sar(l, product[k], 15), add[k]);
	}
	v = ir_narrow_ss(l->b, product[0], product[1]);
	differ = ir_xor(l->b, ir_sext_lo(l->b, v), product[0]);
	set_sat(l, ir_vany(l->b, ir_or(l->b, differ, ir_xor(l->b, ir_sext_hi(l->b, v), product[1]))));
	set_vr(l, in->rd, v);
}

/* vD <- vA * vB + vC, low halves */
static void lift_vmladduhm(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val p = ir_mul(l->b, vr(l, IR_I16X8, in->ra), vr(l, IR_I16X8, in->rb));

	set_vr(l, in->rd, ir_add(l->b, p, vr(l, IR_I16X8, in->rc)));
}

/* vmsumubm, vmsummbm:  each word of vD <- the sum of four products of bytes, vA's signed or not, and vC's word */
static void lift_vmsum_bytes(struct ppc_lift *l, const struct ppc_word *in)
{
	bool is_signed = in->row->arg & SIGNED;
	ir_val a = vr(l, IR_I16X8, in->ra), b = vr(l, IR_I16X8, in->rb), sum = vr(l, IR_I32X4, in->rc), p;

	for (unsigned even = 0; even < 2; even++) {
		p = ir_mul(l->b, half_of(l, a, even, is_signed), half_of(l, b, even, false));
		sum = ir_add(l->b, sum, sum_of_halves(l, vec_as(l, IR_I32X4, p), is_signed));
	}
	set_vr(l, in->rd, sum);
}

/* vmsumuhm, vmsumuhs, vmsumshm:  each word of vD <- two products of halves and vC's word, modulo or saturated */
static void lift_vmsum_halves(struct ppc_lift *l, const struct ppc_word *in)
{
	bool is_signed = in->row->arg & SIGNED;
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb), c = vr(l, IR_I32X4, in->rc);
	ir_val even = ir_mul(l->b, half_of(l, a, true, is_signed), half_of(l, b, true, is_signed));
	ir_val odd = ir_mul(l->b, half_of(l, a, false, is_signed), half_of(l, b, false, is_signed));
	ir_val plain = ir_add(l->b, ir_add(l->b, even, odd), c), v = plain;

	if (in->row->arg & SATURATE) {
		ir_val pair = ir_uqadd(l->b, even, odd);

		v = ir_uqadd(l->b, pair, c);
		/* the first sum or the second was cut: no plain sum shows both */
		ir_val cut = ir_xor(l->b, pair, ir_add(l->b, even, odd));
		set_sat(l, ir_vany(l->b, ir_or(l->b, cut, ir_xor(l->b, v, ir_add(l->b, pair, c)))));
	}
	set_vr(l, in->rd, v);
}

/* vmsumshs:  each word of vD <- two signed products of halves and vC's word, saturated once */
static void lift_vmsumshs(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb), c = vr(l, IR_I64X2, in->rc), sum[2];
	ir_val p[2];

	for (unsigned even = 0; even < 2; even++)
		p[even] = vec_as(l, IR_I64X2, ir_mul(l->b, half_of(l, a, even, true), half_of(l, b, even, true)));
	for (unsigned even = 0; even < 2; even++) {
		sum[even] = ir_add(l->b, half_of(l, p[0], even, true), half_of(l, p[1], even, true));
		sum[even] = clamp_words(l, ir_add(l->b, sum[even], half_of(l, c, even, true)));
	}
	set_vr(l, in->rd, ir_or(l->b, vec_shl(l, sum[1], 32), low_words(l, sum[0])));
}

static const struct ppc_row rows[] = {
	{ "vaddubm", "000100 ddddd aaaaa bbbbb 00000000000", lift_two, .arg = B | IR_OP_add, .lacks = NO_VECTORS },
	{ "vadduhm", "000100 ddddd aaaaa bbbbb 00001000000", lift_two, .arg = H | IR_OP_add, .lacks = NO_VECTORS },
	{ "vadduwm", "000100 ddddd aaaaa bbbbb 00010000000", lift_two, .arg = W | IR_OP_add, .lacks = NO_VECTORS },
	{ "vsububm", "000100 ddddd aaaaa bbbbb 10000000000", lift_two, .arg = B | IR_OP_sub, .lacks = NO_VECTORS },
	{ "vsubuhm", "000100 ddddd aaaaa bbbbb 10001000000", lift_two, .arg = H | IR_OP_sub, .lacks = NO_VECTORS },
	{ "vsubuwm", "000100 ddddd aaaaa bbbbb 10010000000", lift_two, .arg = W | IR_OP_sub, .lacks = NO_VECTORS },
	{ "vavgub", "000100 ddddd aaaaa bbbbb 10000000010", lift_two, .arg = B | IR_OP_uavg, .lacks = NO_VECTORS },
	{ "vavguh", "000100 ddddd aaaaa bbbbb 10001000010", lift_two, .arg = H | IR_OP_uavg, .lacks = NO_VECTORS },
	{ "vavguw", "000100 ddddd aaaaa bbbbb 10010000010", lift_two, .arg = W | IR_OP_uavg, .lacks = NO_VECTORS },
	{ "vmaxub", "000100 ddddd aaaaa bbbbb 00000000010", lift_two, .arg = B | IR_OP_umax, .lacks = NO_VECTORS },
	{ "vmaxuh", "000100 ddddd aaaaa bbbbb 00001000010", lift_two, .arg = H | IR_OP_umax, .lacks = NO_VECTORS },
	{ "vmaxuw", "000100 ddddd aaaaa bbbbb 00010000010", lift_two, .arg = W | IR_OP_umax, .lacks = NO_VECTORS },
	{ "vmaxsb", "000100 ddddd aaaaa bbbbb 00100000010", lift_two, .arg = B | IR_OP_smax, .lacks = NO_VECTORS },
	{ "vmaxsh", "000100 ddddd aaaaa bbbbb 00101000010", lift_two, .arg = H | IR_OP_smax, .lacks = NO_VECTORS },
	{ "vmaxsw", "000100 ddddd aaaaa bbbbb 00110000010", lift_two, .arg = W | IR_OP_smax, .lacks = NO_VECTORS },
	{ "vminub", "000100 ddddd aaaaa bbbbb 01000000010", lift_two, .arg = B | IR_OP_umin, .lacks = NO_VECTORS },
	{ "vminuh", "000100 ddddd aaaaa bbbbb 01001000010", lift_two, .arg = H | IR_OP_umin, .lacks = NO_VECTORS },
	{ "vminuw", "000100 ddddd aaaaa bbbbb 01010000010", lift_two, .arg = W | IR_OP_umin, .lacks = NO_VECTORS },
	{ "vminsb", "000100 ddddd aaaaa bbbbb 01100000010", lift_two, .arg = B | IR_OP_smin, .lacks = NO_VECTORS },
	{ "vminsh", "000100 ddddd aaaaa bbbbb 01101000010", lift_two, .arg = H | IR_OP_smin, .lacks = NO_VECTORS },
	{ "vminsw", "000100 ddddd aaaaa bbbbb 01110000010", lift_two, .arg = W | IR_OP_smin, .lacks = NO_VECTORS },
	{ "vand", "000100 ddddd aaaaa bbbbb 10000000100", lift_two, .arg = W | IR_OP_and, .lacks = NO_VECTORS },
	{ "vor", "000100 ddddd aaaaa bbbbb 10010000100", lift_two, .arg = W | IR_OP_or, .lacks = NO_VECTORS },
	{ "vxor", "000100 ddddd aaaaa bbbbb 10011000100", lift_two, .arg = W | IR_OP_xor, .lacks = NO_VECTORS },
	{ "vrlb", "000100 ddddd aaaaa bbbbb 00000000100", lift_two, .arg = B | IR_OP_vrotl, .lacks = NO_VECTORS },
	{ "vrlh", "000100 ddddd aaaaa bbbbb 00001000100", lift_two, .arg = H | IR_OP_vrotl, .lacks = NO_VECTORS },
	{ "vrlw", "000100 ddddd aaaaa bbbbb 00010000100", lift_two, .arg = W | IR_OP_vrotl, .lacks = NO_VECTORS },
	{ "vaddubs", "000100 ddddd aaaaa bbbbb 01000000000", lift_saturating, .arg = B | IR_OP_uqadd, .lacks = NO_VECTORS },
	{ "vadduhs", "000100 ddddd aaaaa bbbbb 01001000000", lift_saturating, .arg = H | IR_OP_uqadd, .lacks = NO_VECTORS },
	{ "vadduws", "000100 ddddd aaaaa bbbbb 01010000000", lift_saturating, .arg = W | IR_OP_uqadd, .lacks = NO_VECTORS },
	{ "vaddsbs", "000100 ddddd aaaaa bbbbb 01100000000", lift_saturating, .arg = B | IR_OP_sqadd, .lacks = NO_VECTORS },
	{ "vaddshs", "000100 ddddd aaaaa bbbbb 01101000000", lift_saturating, .arg = H | IR_OP_sqadd, .lacks = NO_VECTORS },
	{ "vaddsws", "000100 ddddd aaaaa bbbbb 01110000000", lift_saturating, .arg = W | IR_OP_sqadd, .lacks = NO_VECTORS },
	{ "vsububs", "000100 ddddd aaaaa bbbbb 11000000000", lift_saturating, .arg = B | IR_OP_uqsub, .lacks = NO_VECTORS },
	{ "vsubuhs", "000100 ddddd aaaaa bbbbb 11001000000", lift_saturating, .arg = H | IR_OP_uqsub, .lacks = NO_VECTORS },
	{ "vsubuws", "000100 ddddd aaaaa bbbbb 11010000000", lift_saturating, .arg = W | IR_OP_uqsub, .lacks = NO_VECTORS },
	{ "vsubsbs", "000100 ddddd aaaaa bbbbb 11100000000", lift_saturating, .arg = B | IR_OP_sqsub, .lacks = NO_VECTORS },
	{ "vsubshs", "000100 ddddd aaaaa bbbbb 11101000000", lift_saturating, .arg = H | IR_OP_sqsub, .lacks = NO_VECTORS },
	{ "vsubsws", "000100 ddddd aaaaa bbbbb 11110000000", lift_saturating, .arg = W | IR_OP_sqsub, .lacks = NO_VECTORS },
	{ "vavgsb", "000100 ddddd aaaaa bbbbb 10100000010", lift_vavgs, .arg = B, .lacks = NO_VECTORS },
	{ "vavgsh", "000100 ddddd aaaaa bbbbb 10101000010", lift_vavgs, .arg = H, .lacks = NO_VECTORS },
	{ "vavgsw", "000100 ddddd aaaaa bbbbb 10110000010", lift_vavgs, .arg = W, .lacks = NO_VECTORS },
	{ "vslb", "000100 ddddd aaaaa bbbbb 00100000100", lift_shift, .arg = B | IR_OP_vshl, .lacks = NO_VECTORS },
	{ "vslh", "000100 ddddd aaaaa bbbbb 00101000100", lift_shift, .arg = H | IR_OP_vshl, .lacks = NO_VECTORS },
	{ "vslw", "000100 ddddd aaaaa bbbbb 00110000100", lift_shift, .arg = W | IR_OP_vshl, .lacks = NO_VECTORS },
	{ "vsrb", "000100 ddddd aaaaa bbbbb 01000000100", lift_shift, .arg = B | IR_OP_vshr, .lacks = NO_VECTORS },
	{ "vsrh", "000100 ddddd aaaaa bbbbb 01001000100", lift_shift, .arg = H | IR_OP_vshr, .lacks = NO_VECTORS },
	{ "vsrw", "000100 ddddd aaaaa bbbbb 01010000100", lift_shift, .arg = W | IR_OP_vshr, .lacks = NO_VECTORS },
	{ "vsrab", "000100 ddddd aaaaa bbbbb 01100000100", lift_shift, .arg = B | IR_OP_vsar, .lacks = NO_VECTORS },
	{ "vsrah", "000100 ddddd aaaaa bbbbb 01101000100", lift_shift, .arg = H | IR_OP_vsar, .lacks = NO_VECTORS },
	{ "vsraw", "000100 ddddd aaaaa bbbbb 01110000100", lift_shift, .arg = W | IR_OP_vsar, .lacks = NO_VECTORS },
	{ "vandc", "000100 ddddd aaaaa bbbbb 10001000100", lift_vandc, .lacks = NO_VECTORS },
	{ "vnor", "000100 ddddd aaaaa bbbbb 10100000100", lift_vnor, .lacks = NO_VECTORS },
	{ "vaddcuw", "000100 ddddd aaaaa bbbbb 00110000000", lift_vaddcuw, .lacks = NO_VECTORS },
	{ "vsubcuw", "000100 ddddd aaaaa bbbbb 10110000000", lift_vsubcuw, .lacks = NO_VECTORS },
	{ "vmuloub", "000100 ddddd aaaaa bbbbb 00000001000", lift_vmul, .arg = B, .lacks = NO_VECTORS },
	{ "vmulouh", "000100 ddddd aaaaa bbbbb 00001001000", lift_vmul, .arg = H, .lacks = NO_VECTORS },
	{ "vmulosb", "000100 ddddd aaaaa bbbbb 00100001000", lift_vmul, .arg = B | SIGNED, .lacks = NO_VECTORS },
	{ "vmulosh", "000100 ddddd aaaaa bbbbb 00101001000", lift_vmul, .arg = H | SIGNED, .lacks = NO_VECTORS },
	{ "vmuleub", "000100 ddddd aaaaa bbbbb 01000001000", lift_vmul, .arg = B | EVEN, .lacks = NO_VECTORS },
	{ "vmuleuh", "000100 ddddd aaaaa bbbbb 01001001000", lift_vmul, .arg = H | EVEN, .lacks = NO_VECTORS },
	{ "vmulesb", "000100 ddddd aaaaa bbbbb 01100001000", lift_vmul, .arg = B | EVEN | SIGNED, .lacks = NO_VECTORS },
	{ "vmulesh", "000100 ddddd aaaaa bbbbb 01101001000", lift_vmul, .arg = H | EVEN | SIGNED, .lacks = NO_VECTORS },
	{ "vsum4ubs", "000100 ddddd aaaaa bbbbb 11000001000", lift_vsum4, .arg = B, .lacks = NO_VECTORS },
	{ "vsum4sbs", "000100 ddddd aaaaa bbbbb 11100001000", lift_vsum4, .arg = B | SIGNED, .lacks = NO_VECTORS },
	{ "vsum4shs", "000100 ddddd aaaaa bbbbb 11001001000", lift_vsum4, .arg = H | SIGNED, .lacks = NO_VECTORS },
	{ "vsum2sws", "000100 ddddd aaaaa bbbbb 11010001000", lift_vsum2sws, .lacks = NO_VECTORS },
	{ "vsumsws", "000100 ddddd aaaaa bbbbb 11110001000", lift_vsumsws, .lacks = NO_VECTORS },
	{ "vcmpequb", "000100 ddddd aaaaa bbbbb 0 0000000110", lift_compare, .arg = B | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpequb.", "000100 ddddd aaaaa bbbbb 1 0000000110", lift_compare, .arg = B | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpequh", "000100 ddddd aaaaa bbbbb 0 0001000110", lift_compare, .arg = H | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpequh.", "000100 ddddd aaaaa bbbbb 1 0001000110", lift_compare, .arg = H | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpequw", "000100 ddddd aaaaa bbbbb 0 0010000110", lift_compare, .arg = W | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpequw.", "000100 ddddd aaaaa bbbbb 1 0010000110", lift_compare, .arg = W | IR_OP_veq, .lacks = NO_VECTORS },
	{ "vcmpgtub", "000100 ddddd aaaaa bbbbb 0 1000000110", lift_compare, .arg = B | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtub.", "000100 ddddd aaaaa bbbbb 1 1000000110", lift_compare, .arg = B | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtuh", "000100 ddddd aaaaa bbbbb 0 1001000110", lift_compare, .arg = H | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtuh.", "000100 ddddd aaaaa bbbbb 1 1001000110", lift_compare, .arg = H | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtuw", "000100 ddddd aaaaa bbbbb 0 1010000110", lift_compare, .arg = W | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtuw.", "000100 ddddd aaaaa bbbbb 1 1010000110", lift_compare, .arg = W | IR_OP_vult, .lacks = NO_VECTORS },
	{ "vcmpgtsb", "000100 ddddd aaaaa bbbbb 0 1100000110", lift_compare, .arg = B | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vcmpgtsb.", "000100 ddddd aaaaa bbbbb 1 1100000110", lift_compare, .arg = B | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vcmpgtsh", "000100 ddddd aaaaa bbbbb 0 1101000110", lift_compare, .arg = H | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vcmpgtsh.", "000100 ddddd aaaaa bbbbb 1 1101000110", lift_compare, .arg = H | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vcmpgtsw", "000100 ddddd aaaaa bbbbb 0 1110000110", lift_compare, .arg = W | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vcmpgtsw.", "000100 ddddd aaaaa bbbbb 1 1110000110", lift_compare, .arg = W | IR_OP_vslt, .lacks = NO_VECTORS },
	{ "vmhaddshs", "000100 ddddd aaaaa bbbbb ccccc 100000", lift_vmhaddshs, .lacks = NO_VECTORS },
	{ "vmhraddshs", "000100 ddddd aaaaa bbbbb ccccc 100001", lift_vmhaddshs, .arg = ROUND, .lacks = NO_VECTORS },
	{ "vmladduhm", "000100 ddddd aaaaa bbbbb ccccc 100010", lift_vmladduhm, .lacks = NO_VECTORS },
	{ "vmsumubm", "000100 ddddd aaaaa bbbbb ccccc 100100", lift_vmsum_bytes, .lacks = NO_VECTORS },
	{ "vmsummbm", "000100 ddddd aaaaa bbbbb ccccc 100101", lift_vmsum_bytes, .arg = SIGNED, .lacks = NO_VECTORS },
	{ "vmsumuhm", "000100 ddddd aaaaa bbbbb ccccc 100110", lift_vmsum_halves, .lacks = NO_VECTORS },
	{ "vmsumuhs", "000100 ddddd aaaaa bbbbb ccccc 100111", lift_vmsum_halves, .arg = SATURATE, .lacks = NO_VECTORS },
	{ "vmsumshm", "000100 ddddd aaaaa bbbbb ccccc 101000", lift_vmsum_halves, .arg = SIGNED, .lacks = NO_VECTORS },
	{ "vmsumshs", "000100 ddddd aaaaa bbbbb ccccc 101001", lift_vmsumshs, .lacks = NO_VECTORS },
};

const struct ppc_rows ppc_rows_vec_int = PPC_ROWS(rows);
