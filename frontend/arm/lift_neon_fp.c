/*
 * Advanced SIMD floating point (ARM F2.13, F6): singles under the standard control (to nearest, subnormals flushed,
 * default NaN), whatever FPSCR says.
 */
#include "frontend/arm/neon.h"

/* Row arguments: operation, and */
enum { OP = 0xff, NOT_QUAD = 1 << 8, SCALAR = 1 << 9, ROUNDING = 12 };
#define ARG(op, flags) (NEON_##op | (flags))
#define ROUNDED(op, how) (NEON_##op | ARM_FP_##how << ROUNDING)

enum { SINGLE = 2, HALF = 1 };

/* Vd <- f(Vn, Vm), f(Vd, Vn, Vm), f(Vm) */
static void lift_float(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t arg = in->row->arg;
	bool scalar = arg & SCALAR;

	if (in->Q && arg & NOT_QUAD) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, true, !scalar))
		return;
	neon_call(l, (struct neon){
		.op = arg & OP, .dsize = SINGLE, .nsize = SINGLE, .msize = SINGLE, .lanes = in->Q ? 4 : 2,
		.d = (uint8_t)dreg(in->rd, in->D), .n = (uint8_t)dreg(in->rn, in->N),
		.m = (uint8_t)(scalar ? in->rm : dreg(in->rm, in->M)), .index = (uint8_t)(scalar ? 1 + in->M : 0),
		.shift = (uint8_t)(arg >> ROUNDING << 5), .is_unsigned = in->F,
	});
}

/* VCVT with fraction bits: imm6 is 64 less their number; round says 32. */
static void lift_fixed(struct arm_lift *l, const struct arm_word *in)
{
	unsigned fbits = 64 - in->imm, m = dreg(in->rm, in->M);

	if (in->imm < 32) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_call(l, (struct neon){
		.op = (uint8_t)(in->L ? NEON_FTOFIXED : NEON_FFROMFIXED), .dsize = SINGLE, .nsize = SINGLE, .msize = SINGLE,
		.lanes = in->Q ? 4 : 2, .d = (uint8_t)dreg(in->rd, in->D), .n = (uint8_t)m, .m = (uint8_t)m,
		.shift = (uint8_t)(ARM_FP_TO_ZERO << 5 | (fbits & 31)), .round = fbits == 32, .is_unsigned = in->F,
	});
}

/* VCVT.F16.F32 Dd, Qm; VCVT.F32.F16 Qd, Dm. */
static void lift_half(struct arm_lift *l, const struct arm_word *in)
{
	bool to_half = in->row->arg == NEON_FTOHALF;
	unsigned m = dreg(in->rm, in->M);

	if (!neon_registers(l, in, !to_half, false, to_half))
		return;
	neon_call(l, (struct neon){
		.op = (uint8_t)in->row->arg, .dsize = to_half ? HALF : SINGLE, .nsize = SINGLE,
		.msize = to_half ? SINGLE : HALF, .lanes = 4, .d = (uint8_t)dreg(in->rd, in->D), .n = (uint8_t)m,
		.m = (uint8_t)m,
	});
}

/* VABS.F32 VNEG.F32:  the sign bit. */
static void lift_sign(struct arm_lift *l, const struct arm_word *in)
{
	uint64_t sign = 0x8000000080000000;

	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	ir_val m = neon_get(l, in->Q, dreg(in->rm, in->M));
	ir_val r = in->row->arg ? ir_xor(l->b, m, ir_const_vec(l->b, IR_I64X2, sign, sign)) :
				  ir_and(l->b, m, ir_const_vec(l->b, IR_I64X2, ~sign, ~sign));
	neon_set(l, in->Q, dreg(in->rd, in->D), r);
}

#define THREE(name, u, c, opc, low, what) \
	{ name, "1111001" u " 0 D " c "0 nnnn dddd " opc " N Q M " low " mmmm", lift_float, .arg = what, \
	  .flags = ARM_SHARED | ARM_SKIP }
#define BY_SCALAR(name, opc, what) \
	{ name, "1111001Q 1 D 10 nnnn dddd " opc " N 1 M 0 mmmm", lift_float, .arg = (what) | SCALAR, \
	  .flags = ARM_SHARED | ARM_SKIP }
#define TWO(name, ab, fn, what) \
	{ name, "11110011 1 D 11 10 " ab " M 0 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }

static const struct arm_row rows[] = {
	THREE("vfma", "0", "0", "1100", "1", ARG(FFMA, 0)),
	THREE("vfms", "0", "1", "1100", "1", ARG(FFMS, 0)),
	THREE("vadd", "0", "0", "1101", "0", ARG(FADD, 0)),
	THREE("vsub", "0", "1", "1101", "0", ARG(FSUB, 0)),
	THREE("vpadd", "1", "0", "1101", "0", ARG(FPADD, NOT_QUAD)),
	THREE("vabd", "1", "1", "1101", "0", ARG(FABD, 0)),
	THREE("vmla", "0", "0", "1101", "1", ARG(FMLA, 0)),
	THREE("vmls", "0", "1", "1101", "1", ARG(FMLS, 0)),
	THREE("vmul", "1", "0", "1101", "1", ARG(FMUL, 0)),
	THREE("vceq", "0", "0", "1110", "0", ARG(FCEQ, 0)),
	THREE("vcge", "1", "0", "1110", "0", ARG(FCGE, 0)),
	THREE("vcgt", "1", "1", "1110", "0", ARG(FCGT, 0)),
	THREE("vacge", "1", "0", "1110", "1", ARG(FACGE, 0)),
	THREE("vacgt", "1", "1", "1110", "1", ARG(FACGT, 0)),
	THREE("vmax", "0", "0", "1111", "0", ARG(FMAX, 0)),
	THREE("vmin", "0", "1", "1111", "0", ARG(FMIN, 0)),
	THREE("vpmax", "1", "0", "1111", "0", ARG(FPMAX, NOT_QUAD)),
	THREE("vpmin", "1", "1", "1111", "0", ARG(FPMIN, NOT_QUAD)),
	THREE("vrecps", "0", "0", "1111", "1", ARG(FRECPS, 0)),
	THREE("vrsqrts", "0", "1", "1111", "1", ARG(FRSQRTS, 0)),
	THREE("vmaxnm", "1", "0", "1111", "1", ARG(FMAXNM, 0)),
	THREE("vminnm", "1", "1", "1111", "1", ARG(FMINNM, 0)),
	BY_SCALAR("vmla", "0001", ARG(FMLA, 0)),
	BY_SCALAR("vmls", "0101", ARG(FMLS, 0)),
	BY_SCALAR("vmul", "1001", ARG(FMUL, 0)),
	TWO("vcgt", "01 dddd 0 1000 Q", lift_float, ARG(FCGT0, 0)),
	TWO("vcge", "01 dddd 0 1001 Q", lift_float, ARG(FCGE0, 0)),
	TWO("vceq", "01 dddd 0 1010 Q", lift_float, ARG(FCEQ0, 0)),
	TWO("vcle", "01 dddd 0 1011 Q", lift_float, ARG(FCLE0, 0)),
	TWO("vclt", "01 dddd 0 1100 Q", lift_float, ARG(FCLT0, 0)),
	TWO("vabs", "01 dddd 0 1110 Q", lift_sign, 0),
	TWO("vneg", "01 dddd 0 1111 Q", lift_sign, 1),
	TWO("vrintn", "10 dddd 0 1000 Q", lift_float, ROUNDED(FRINT, NEAREST)),
	TWO("vrintx", "10 dddd 0 1001 Q", lift_float, ROUNDED(FRINTX, NEAREST)),
	TWO("vrinta", "10 dddd 0 1010 Q", lift_float, ROUNDED(FRINT, AWAY)),
	TWO("vrintz", "10 dddd 0 1011 Q", lift_float, ROUNDED(FRINT, TO_ZERO)),
	TWO("vrintm", "10 dddd 0 1101 Q", lift_float, ROUNDED(FRINT, DOWN)),
	TWO("vrintp", "10 dddd 0 1111 Q", lift_float, ROUNDED(FRINT, UP)),
	TWO("vcvta", "11 dddd 0 000F Q", lift_float, ROUNDED(FTOFIXED, AWAY)),
	TWO("vcvtn", "11 dddd 0 001F Q", lift_float, ROUNDED(FTOFIXED, NEAREST)),
	TWO("vcvtp", "11 dddd 0 010F Q", lift_float, ROUNDED(FTOFIXED, UP)),
	TWO("vcvtm", "11 dddd 0 011F Q", lift_float, ROUNDED(FTOFIXED, DOWN)),
	TWO("vrecpe", "11 dddd 0 1010 Q", lift_float, ARG(FRECPE, 0)),
	TWO("vrsqrte", "11 dddd 0 1011 Q", lift_float, ARG(FRSQRTE, 0)),
	TWO("vcvt", "11 dddd 0 110F Q", lift_float, ROUNDED(FFROMFIXED, NEAREST)),
	TWO("vcvt", "11 dddd 0 111F Q", lift_float, ROUNDED(FTOFIXED, TO_ZERO)),
	{ "vcvt", "1111001F 1 D iiiiii dddd 111L 0 Q M 1 mmmm", lift_fixed, .flags = ARM_SHARED | ARM_SKIP },
	{ "vcvt", "11110011 1 D 11 01 10 dddd 0 1100 0 M 0 mmmm", lift_half, .arg = NEON_FTOHALF, .flags = ARM_SHARED | ARM_SKIP },
	{ "vcvt", "11110011 1 D 11 01 10 dddd 0 1110 0 M 0 mmmm", lift_half, .arg = NEON_FFROMHALF, .flags = ARM_SHARED | ARM_SKIP },
};
const struct arm_rows arm_rows_neon_fp = NEON_ROWS(rows);
