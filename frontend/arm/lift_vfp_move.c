/* VFP and Advanced SIMD: loads, stores, and moves that compute nothing (ARM F2.11, F2.12.1, F6). */
#include "frontend/arm/vfp.h"

enum { DOUBLE = 1 };

/* VLDR VSTR Sd or Dd, [Rn, #imm].  Doubles are two words: word alignment suffices. */
static ir_val vfp_address(struct arm_lift *l, const struct arm_word *in, int32_t *disp)
{
	*disp = (int32_t)(in->U ? in->imm << 2 : 0u - (in->imm << 2));
	return base_reg(l, in->rn);
}

static void lift_vldr(struct arm_lift *l, const struct arm_word *in)
{
	int32_t disp;
	ir_val base = vfp_address(l, in, &disp);

	if (in->row->arg & DOUBLE)
		set_d(l, dreg(in->rd, in->D), load_fp(l, IR_MEM_64, base, disp));
	else
		set_s(l, sreg(in->rd, in->D), load_fp(l, IR_MEM_32, base, disp));
}

static void lift_vstr(struct arm_lift *l, const struct arm_word *in)
{
	int32_t disp;
	ir_val base = vfp_address(l, in, &disp);

	if (in->row->arg & DOUBLE)
		store_fp(l, IR_MEM_64, base, disp, get_d(l, dreg(in->rd, in->D)));
	else
		store_fp(l, IR_MEM_32, base, disp, get_s(l, sreg(in->rd, in->D)));
}

/* What VLDM and VSTM transfer: the first register, how many. An odd imm8 (FLDMX) has a word more. */
struct block {
	unsigned first, n, bytes;
	ir_val at, after;
};

/* The i-th transfer: only the first tells whether the address is a word's. */
static unsigned block_mem(bool wide, unsigned i)
{
	return wide ? IR_MEM_64 | (i ? 0 : IR_MEM_ALIGNED | IR_MEM_WORD) : IR_MEM_32 | (i ? 0 : IR_MEM_ALIGNED);
}

static int32_t block_disp(bool wide, unsigned i)
{
	return (int32_t)(i * (wide ? 8 : 4));
}

static bool block_of(struct arm_lift *l, const struct arm_word *in, struct block *k)
{
	bool wide = in->row->arg & DOUBLE, up = in->U;

	k->first = wide ? dreg(in->rd, in->D) : sreg(in->rd, in->D);
	k->n = wide ? in->imm >> 1 : in->imm;
	k->bytes = in->imm << 2;
	if (in->P == in->U || !k->n || k->first + k->n > 32 || (wide && k->n > 16) || (in->rn == ARM_PC_REG && (in->W || l->thumb)) ||
	    (!up && !in->W)) {
		arm_illegal(l);
		return false;
	}
	ir_val base = reg(l, in->rn);
	k->after = ir_add(l->b, base, imm32(l, up ? k->bytes : 0u - k->bytes));
	k->at = up ? base : k->after;
	return true;
}

/* VLDM VPOP:  registers <- memory; word-aligned. */
static void lift_vldm(struct arm_lift *l, const struct arm_word *in)
{
	struct block k;
	ir_val v[32];
	bool wide = in->row->arg & DOUBLE;

	if (!block_of(l, in, &k))
		return;
	for (unsigned i = 0; i < k.n; i++)
		v[i] = load_fp(l, block_mem(wide, i), k.at, block_disp(wide, i));
	for (unsigned i = 0; i < k.n; i++) {
		if (wide)
			set_d(l, k.first + i, v[i]);
		else
			set_s(l, k.first + i, v[i]);
	}
	if (in->W)
		arm_set_reg(l, in->rn, k.after);
}

/* VSTM VPUSH:  memory <- registers; word-aligned. */
static void lift_vstm(struct arm_lift *l, const struct arm_word *in)
{
	struct block k;
	bool wide = in->row->arg & DOUBLE;

	if (!block_of(l, in, &k))
		return;
	for (unsigned i = 0; i < k.n; i++)
		store_fp(l, block_mem(wide, i), k.at, block_disp(wide, i), wide ? get_d(l, k.first + i) : get_s(l, k.first + i));
	if (in->W)
		arm_set_reg(l, in->rn, k.after);
}

/* VMOV Sn, Rt and Rt, Sn. */
static void lift_vmov_single(struct arm_lift *l, const struct arm_word *in)
{
	unsigned n = sreg(in->rn, in->N);

	if (in->L)
		arm_set_reg(l, in->rt, get_s(l, n));
	else
		set_s(l, n, reg(l, in->rt));
}

/* VMOV Sm, Sm1, Rt, Rt2 and back. */
static void lift_vmov_two_singles(struct arm_lift *l, const struct arm_word *in)
{
	unsigned m = sreg(in->rm, in->M);

	if (m == 31 || (in->L && in->rt == in->rt2)) {
		arm_illegal(l);
	} else if (in->L) {
		ir_val low = get_s(l, m), high = get_s(l, m + 1);
		arm_set_reg(l, in->rt, low);
		arm_set_reg(l, in->rt2, high);
	} else {
		set_s(l, m, reg(l, in->rt));
		set_s(l, m + 1, reg(l, in->rt2));
	}
}

/* VMOV Dm, Rt, Rt2 and back. */
static void lift_vmov_double(struct arm_lift *l, const struct arm_word *in)
{
	unsigned m = dreg(in->rm, in->M);

	if (!in->L) {
		set_d(l, m, join(l, reg(l, in->rt), reg(l, in->rt2)));
		return;
	}
	if (in->rt == in->rt2) {
		arm_illegal(l);
		return;
	}
	ir_val v = get_d(l, m);
	arm_set_reg(l, in->rt, low_word(l, v));
	arm_set_reg(l, in->rt2, high_word(l, v));
}

/* opc1:opc2 of the scalar moves: size, and the element's number. False: no such encoding. */
static bool scalar_of(const struct arm_word *in, unsigned *bits, unsigned *index)
{
	unsigned opc = in->opc1 << 2 | in->opc2;

	*bits = opc & 8 ? 8 : opc & 1 ? 16 : 32;
	*index = opc & 8 ? opc & 7 : opc & 1 ? opc >> 1 & 3 : opc >> 2 & 1;
	return *bits < 32 || !(opc & 2);
}

/* VMOV.<size> Dd[x], Rt. */
static void lift_vmov_to_scalar(struct arm_lift *l, const struct arm_word *in)
{
	unsigned bits, index, d = dreg(in->rd, in->D);

	if (!scalar_of(in, &bits, &index)) {
		arm_illegal(l);
		return;
	}
	uint64_t mask = ((uint64_t)1 << bits) - 1;
	ir_val part = ir_and(l->b, wide(l, reg(l, in->rt), false), ir_const(l->b, IR_I64, mask));
	ir_val rest = ir_and(l->b, get_d(l, d), ir_const(l->b, IR_I64, ~(mask << bits * index)));
	set_d(l, d, ir_or(l->b, rest, ir_shl(l->b, part, imm32(l, bits * index))));
}

/* VMOV.<type> Rt, Dn[x];  F: zero-extended. */
static void lift_vmov_from_scalar(struct arm_lift *l, const struct arm_word *in)
{
	unsigned bits, index;

	if (!scalar_of(in, &bits, &index) || (bits == 32 && in->F)) {
		arm_illegal(l);
		return;
	}
	ir_val v = low_word(l, ir_shr(l->b, get_d(l, dreg(in->rn, in->N)), imm32(l, bits * index)));
	if (bits < 32) {
		v = ir_trunc(l->b, bits == 8 ? IR_I8 : IR_I16, v);
		v = in->F ? ir_zext(l->b, IR_I32, v) : ir_sext(l->b, IR_I32, v);
	}
	arm_set_reg(l, in->rt, v);
}

/* VDUP.<size> Dd or Qd, Rt; x: halfwords, F: bytes. */
static void lift_vdup_core(struct arm_lift *l, const struct arm_word *in)
{
	unsigned d = dreg(in->rd, in->D);
	ir_val v = wide(l, reg(l, in->rt), false);

	if ((in->F && in->x) || (in->Q && d & 1)) {
		arm_illegal(l);
		return;
	}
	uint64_t mask = in->F ? 0xff : in->x ? 0xffff : 0xffffffff;
	v = ir_and(l->b, v, ir_const(l->b, IR_I64, mask));
	v = ir_mul(l->b, v, ir_const(l->b, IR_I64, ~0ull / mask));
	for (unsigned i = 0; i <= in->Q; i++)
		set_d(l, d + i, v);
}

/* VMOV Sd, Sm; Dd, Dm. */
static void lift_vmov_reg(struct arm_lift *l, const struct arm_word *in)
{
	if (in->row->arg & DOUBLE)
		set_d(l, dreg(in->rd, in->D), get_d(l, dreg(in->rm, in->M)));
	else
		set_s(l, sreg(in->rd, in->D), get_s(l, sreg(in->rm, in->M)));
}

/* VMOV Sd or Dd, #imm:  VFPExpandImm. */
static void lift_vmov_imm(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t i = in->imm, sign = i >> 7, b = i >> 6 & 1;

	if (in->row->arg & DOUBLE) {
		uint64_t exponent = (b ? 0x3fc : 0x400) | (i >> 4 & 3);
		uint64_t v = (uint64_t)sign << 63 | exponent << 52 | (uint64_t)(i & 15) << 48;
		set_d(l, dreg(in->rd, in->D), ir_const(l->b, IR_I64, v));
	} else {
		uint32_t exponent = (b ? 0x7c : 0x80) | (i >> 4 & 3);
		set_s(l, sreg(in->rd, in->D), imm32(l, sign << 31 | exponent << 23 | (i & 15) << 19));
	}
}

/* VMRS APSR_nzcv, FPSCR. */
static void lift_vmrs_flags(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_compare *k = l->compare;

	(void)in;
	for (unsigned i = 0; i < 4; i++)
		arm_set_flag(l, ARM_N + i, flag(l, ARM_FP_N + i));
	if (!l->predicated && k->fp.known)
		k->known = k->is_float = true, k->a = k->fp.a, k->b = k->fp.b;
}

/* VMRS Rt, FPSCR. */
static void lift_vmrs(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rt, ir_call(l->b, &arm_vmrs, IR_I32, IR_NONE, IR_NONE, IR_NONE));
}

/* VMSR FPSCR, Rt:  the block ends, its mode bits may be others. */
static void lift_vmsr(struct arm_lift *l, const struct arm_word *in)
{
	ir_call(l->b, &arm_vmsr, IR_VOID, reg(l, in->rt), IR_NONE, IR_NONE);
	arm_resync(l);
}

/* Each in the single and the double form, which bit 8 tells. */
#define BOTH(name, before, after, fn, what) \
	{ name, "cccc " before " 1010 " after, fn, .flags = ARM_SHARED | (what) }, \
	{ name, "cccc " before " 1011 " after, fn, .arg = DOUBLE, .flags = ARM_SHARED | (what) }

static const struct arm_row a32[] = {
	{ "vmov", "cccc 1100 010 L uuuu tttt 1010 00M1 mmmm", lift_vmov_two_singles, .flags = ARM_SHARED, .nopc = "tu" },
	{ "vmov", "cccc 1100 010 L uuuu tttt 1011 00M1 mmmm", lift_vmov_double, .flags = ARM_SHARED, .nopc = "tu" },
	BOTH("vldr", "1101 U D 01 nnnn dddd", "iiiiiiii", lift_vldr, ARM_ACCESS),
	BOTH("vstr", "1101 U D 00 nnnn dddd", "iiiiiiii", lift_vstr, ARM_ACCESS),
	BOTH("vldm", "110P U D W1 nnnn dddd", "iiiiiiii", lift_vldm, ARM_ACCESS | ARM_SKIP),
	BOTH("vstm", "110P U D W0 nnnn dddd", "iiiiiiii", lift_vstm, ARM_ACCESS | ARM_SKIP),
	{ "vmov", "cccc 1110 000 L nnnn tttt 1010 N--1 ----", lift_vmov_single, .flags = ARM_SHARED, .nopc = "t" },
	{ "vmov", "cccc 1110 0 oo 0 dddd tttt 1011 D qq 1 ----", lift_vmov_to_scalar, .flags = ARM_SHARED, .nopc = "t" },
	{ "vmov", "cccc 1110 F oo 1 nnnn tttt 1011 N qq 1 ----", lift_vmov_from_scalar, .flags = ARM_SHARED, .nopc = "t" },
	{ "vdup", "cccc 1110 1 F Q 0 dddd tttt 1011 D 0 x 1 ----", lift_vdup_core, .flags = ARM_SHARED, .nopc = "t" },
	{ "vmrs", "cccc 1110 1111 0001 1111 1010 ---1 ----", lift_vmrs_flags, .flags = ARM_SHARED },
	{ "vmrs", "cccc 1110 1111 0001 tttt 1010 ---1 ----", lift_vmrs, .flags = ARM_SHARED | ARM_SKIP },
	{ "vmsr", "cccc 1110 1110 0001 tttt 1010 ---1 ----", lift_vmsr, .flags = ARM_SHARED | ARM_SKIP, .nopc = "t" },
	BOTH("vmov", "1110 1 D 11 iiii dddd", "-0-0 iiii", lift_vmov_imm, 0),
	BOTH("vmov", "1110 1 D 11 0000 dddd", "01M0 mmmm", lift_vmov_reg, 0),
};
const struct arm_rows arm_rows_vfp_move = { { ARM_TABLE(a32), { 0 }, { 0 } } };
