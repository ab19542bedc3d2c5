/*
 * Advanced SIMD floating point (ARM F2.13, F6): singles under the standard control (to nearest, subnormals flushed,
 * default NaN), whatever FPSCR says. arm_fp_lift.h says what is fast and why it wants to know of IXC.
 */
#include "frontend/arm/neon.h"
#include "frontend/common/arm_fp_lift.h"

/* Row arguments: operation, rounding, and */
enum {
	OP = 63, ROUNDING = 6, FLAG = 1 << 9, NOT_QUAD = 1 << 10, SCALAR = 1 << 11,
	ONE = 1 << 12,		/* of Vm alone */
	WITH_ZERO = 1 << 13, ZERO_FIRST = 1 << 14,	/* of Vm and 0, of 0 and Vm */
	PAIRS = 1 << 15,
	NEGATE = 1 << 16,	/* the product */
	ADDS = 1 << 17,		/* to Vd, rounded again */
};
#define ROUNDS(how) (ARM_FP_##how << ROUNDING)

static uint64_t exec_vec(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	const struct arm_state *s = state;

	(void)b, (void)c;
	return arm_fp_help_vec(env_of(state), ARM_FP_STANDARD | (s->fpscr & ARM_FP_AHP), what);
}

const struct ir_helper arm_neon_fp = { "arm_neon_fp", exec_vec, IR_HELPER_FP };

/* Whether all of a vector, or of what its lanes are moved in, comes from results of these operations. */
static bool is_result(const struct ir_unit *u, ir_val v)
{
	while (!ir_is_none(v) && !ir_is_const(v)) {
		const struct ir_inst *in = &u->inst[v.id];

		if (ir_type_info[in->type].bits == 128 && ir_type_info[in->type].lane_bits < 32)
			return false;
		switch (in->op) {
		case IR_OP_guard: return in->helper == &arm_neon_fp && in->type == IR_F32X4;
		case IR_OP_get: v = ir_last_put(u, v.id, in->slot); break;
		case IR_OP_insert:
			if (!is_result(u, in->arg[1]))
				return false;
			v = in->arg[0];
			break;
		case IR_OP_bitcast:
		case IR_OP_extract:
		case IR_OP_splat:
		case IR_OP_vfirst:
		case IR_OP_fneg: v = in->arg[0]; break;
		default: return false;
		}
	}
	return false;
}

static ir_val operate(struct arm_lift *l, struct arm_fp_what what, ir_val a, ir_val b, ir_val c)
{
	const struct ir_unit *u = l->b->u;
	struct arm_fp_lift fp = { .b = l->b, .flush = true, .vec = &arm_neon_fp };
	ir_val v[3] = { a, b, c };

	if (!(l->mode & ARM_MODE_FP_IXC)) {
		fp.unsure = true;
		fp.ixc = arm_fp_known_ixc(l);
	}
	for (unsigned i = 0; i < 3 && !l->b->failed; i++)
		fp.clean[i] = is_result(u, v[i]);
	return arm_fp_lift(&fp, what, a, b, c);
}

static ir_val singles(struct arm_lift *l, bool quad, unsigned n)
{
	return neon_cast(l, IR_F32X4, neon_get(l, quad, n));
}

/* Vm, or one of its elements in all lanes. */
static ir_val last_operand(struct arm_lift *l, const struct arm_word *in)
{
	if (!(in->row->arg & SCALAR))
		return singles(l, in->Q, dreg(in->rm, in->M));
	return ir_splat(l->b, ir_extract(l->b, singles(l, false, in->rm), in->M));
}

static ir_val of_one(struct arm_lift *l, const struct arm_word *in, struct arm_fp_what w)
{
	ir_val m = last_operand(l, in), zero = ir_const_vec(l->b, IR_F32X4, 0, 0);

	if (w.op == ARM_FP_FROM_FIXED)
		m = neon_cast(l, IR_I32X4, m);
	if (in->row->arg & ZERO_FIRST)
		return operate(l, w, zero, m, IR_NONE);
	return operate(l, w, m, in->row->arg & WITH_ZERO ? zero : IR_NONE, IR_NONE);
}

static ir_val of_two(struct arm_lift *l, const struct arm_word *in, struct arm_fp_what w)
{
	uint32_t arg = in->row->arg;
	ir_val n = singles(l, in->Q, dreg(in->rn, in->N)), m = last_operand(l, in);

	if (arg & PAIRS) {
		ir_val even = arm_fp_every_second(l->b, n, m, 32, 2, 0);
		return operate(l, w, even, arm_fp_every_second(l->b, n, m, 32, 2, 1), IR_NONE);
	}
	if (w.op == ARM_FP_MULADD)
		return operate(l, w, singles(l, in->Q, dreg(in->rd, in->D)), arg & NEGATE ? ir_fneg(l->b, n) : n, m);
	ir_val r = operate(l, w, n, m, IR_NONE);
	if (!(arg & ADDS))
		return r;
	w.op = ARM_FP_ADD;
	return operate(l, w, singles(l, in->Q, dreg(in->rd, in->D)), arg & NEGATE ? ir_fneg(l->b, r) : r, IR_NONE);
}

/* Vd <- f(Vn, Vm), f(Vd, Vn, Vm), f(Vm) */
static void lift_float(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t arg = in->row->arg;
	bool one = arg & ONE, integer = (arg & OP) == ARM_FP_TO_FIXED || (arg & OP) == ARM_FP_FROM_FIXED;
	struct arm_fp_what w = {
		.op = (enum arm_fp_op)(arg & OP), .size = 32, .other = 32, .lanes = in->Q ? 4 : 2,
		.rounding = (enum arm_fp_rounding)(arg >> ROUNDING & 7), .flag = integer ? in->F : !!(arg & FLAG),
	};

	if (in->Q && arg & NOT_QUAD) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, !one, !(arg & SCALAR)))
		return;
	neon_set(l, in->Q, dreg(in->rd, in->D), one ? of_one(l, in, w) : of_two(l, in, w));
	arm_fp_go_on(l);
}

/* VCVT with fraction bits: imm6 is 64 less their number; to fixed point with L. */
static void lift_fixed(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_fp_what w = {
		.op = in->L ? ARM_FP_TO_FIXED : ARM_FP_FROM_FIXED, .size = 32, .other = 32, .lanes = in->Q ? 4 : 2,
		.rounding = in->L ? ARM_FP_TO_ZERO : ARM_FP_NEAREST, .flag = in->F, .fbits = (uint8_t)(64 - in->imm),
	};

	if (in->imm < 32) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_set(l, in->Q, dreg(in->rd, in->D), of_one(l, in, w));
	arm_fp_go_on(l);
}

/* VCVT.F16.F32 Dd, Qm; VCVT.F32.F16 Qd, Dm:  the argument is the format of the result */
static void lift_half(struct arm_lift *l, const struct arm_word *in)
{
	bool to_half = in->row->arg == 16;
	struct arm_fp_what w = {
		.op = ARM_FP_CONVERT, .size = to_half ? 32 : 16, .other = (uint8_t)in->row->arg, .lanes = 4,
		.rounding = ARM_FP_NEAREST,
	};

	if (!neon_registers(l, in, !to_half, false, to_half))
		return;
	ir_val m = neon_cast(l, to_half ? IR_F32X4 : IR_I16X8, neon_get(l, to_half, dreg(in->rm, in->M)));
	neon_set(l, !to_half, dreg(in->rd, in->D), operate(l, w, m, IR_NONE, IR_NONE));
	arm_fp_go_on(l);
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
	{ name, "1111001" u " 0 D " c "0 nnnn dddd " opc " N Q M " low " mmmm", lift_float, .arg = (what), \
	  .flags = ARM_SHARED | ARM_SKIP }
#define BY_SCALAR(name, opc, what) \
	{ name, "1111001Q 1 D 10 nnnn dddd " opc " N 1 M 0 mmmm", lift_float, .arg = (what) | SCALAR, \
	  .flags = ARM_SHARED | ARM_SKIP }
#define TWO(name, ab, fn, what) \
	{ name, "11110011 1 D 11 10 " ab " M 0 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }

static const struct arm_row rows[] = {
	THREE("vfma", "0", "0", "1100", "1", ARM_FP_MULADD),
	THREE("vfms", "0", "1", "1100", "1", ARM_FP_MULADD | NEGATE),
	THREE("vadd", "0", "0", "1101", "0", ARM_FP_ADD),
	THREE("vsub", "0", "1", "1101", "0", ARM_FP_SUB),
	THREE("vpadd", "1", "0", "1101", "0", ARM_FP_ADD | PAIRS | NOT_QUAD),
	THREE("vabd", "1", "1", "1101", "0", ARM_FP_ABD),
	THREE("vmla", "0", "0", "1101", "1", ARM_FP_MUL | ADDS),
	THREE("vmls", "0", "1", "1101", "1", ARM_FP_MUL | ADDS | NEGATE),
	THREE("vmul", "1", "0", "1101", "1", ARM_FP_MUL),
	THREE("vceq", "0", "0", "1110", "0", ARM_FP_EQ),
	THREE("vcge", "1", "0", "1110", "0", ARM_FP_GE),
	THREE("vcgt", "1", "1", "1110", "0", ARM_FP_GT),
	THREE("vacge", "1", "0", "1110", "1", ARM_FP_GE | FLAG),
	THREE("vacgt", "1", "1", "1110", "1", ARM_FP_GT | FLAG),
	THREE("vmax", "0", "0", "1111", "0", ARM_FP_MAX),
	THREE("vmin", "0", "1", "1111", "0", ARM_FP_MIN),
	THREE("vpmax", "1", "0", "1111", "0", ARM_FP_MAX | PAIRS | NOT_QUAD),
	THREE("vpmin", "1", "1", "1111", "0", ARM_FP_MIN | PAIRS | NOT_QUAD),
	THREE("vrecps", "0", "0", "1111", "1", ARM_FP_RECPS_A32),
	THREE("vrsqrts", "0", "1", "1111", "1", ARM_FP_RSQRTS_A32),
	THREE("vmaxnm", "1", "0", "1111", "1", ARM_FP_MAXNM),
	THREE("vminnm", "1", "1", "1111", "1", ARM_FP_MINNM),
	BY_SCALAR("vmla", "0001", ARM_FP_MUL | ADDS),
	BY_SCALAR("vmls", "0101", ARM_FP_MUL | ADDS | NEGATE),
	BY_SCALAR("vmul", "1001", ARM_FP_MUL),
	TWO("vcgt", "01 dddd 0 1000 Q", lift_float, ARM_FP_GT | ONE | WITH_ZERO),
	TWO("vcge", "01 dddd 0 1001 Q", lift_float, ARM_FP_GE | ONE | WITH_ZERO),
	TWO("vceq", "01 dddd 0 1010 Q", lift_float, ARM_FP_EQ | ONE | WITH_ZERO),
	TWO("vcle", "01 dddd 0 1011 Q", lift_float, ARM_FP_GE | ONE | ZERO_FIRST),
	TWO("vclt", "01 dddd 0 1100 Q", lift_float, ARM_FP_GT | ONE | ZERO_FIRST),
	TWO("vabs", "01 dddd 0 1110 Q", lift_sign, 0),
	TWO("vneg", "01 dddd 0 1111 Q", lift_sign, 1),
	TWO("vrintn", "10 dddd 0 1000 Q", lift_float, ARM_FP_ROUND_INT | ONE | ROUNDS(NEAREST)),
	TWO("vrintx", "10 dddd 0 1001 Q", lift_float, ARM_FP_ROUND_INT | ONE | FLAG | ROUNDS(NEAREST)),
	TWO("vrinta", "10 dddd 0 1010 Q", lift_float, ARM_FP_ROUND_INT | ONE | ROUNDS(AWAY)),
	TWO("vrintz", "10 dddd 0 1011 Q", lift_float, ARM_FP_ROUND_INT | ONE | ROUNDS(TO_ZERO)),
	TWO("vrintm", "10 dddd 0 1101 Q", lift_float, ARM_FP_ROUND_INT | ONE | ROUNDS(DOWN)),
	TWO("vrintp", "10 dddd 0 1111 Q", lift_float, ARM_FP_ROUND_INT | ONE | ROUNDS(UP)),
	TWO("vcvta", "11 dddd 0 000F Q", lift_float, ARM_FP_TO_FIXED | ONE | ROUNDS(AWAY)),
	TWO("vcvtn", "11 dddd 0 001F Q", lift_float, ARM_FP_TO_FIXED | ONE | ROUNDS(NEAREST)),
	TWO("vcvtp", "11 dddd 0 010F Q", lift_float, ARM_FP_TO_FIXED | ONE | ROUNDS(UP)),
	TWO("vcvtm", "11 dddd 0 011F Q", lift_float, ARM_FP_TO_FIXED | ONE | ROUNDS(DOWN)),
	TWO("vrecpe", "11 dddd 0 1010 Q", lift_float, ARM_FP_RECPE | ONE),
	TWO("vrsqrte", "11 dddd 0 1011 Q", lift_float, ARM_FP_RSQRTE | ONE),
	TWO("vcvt", "11 dddd 0 110F Q", lift_float, ARM_FP_FROM_FIXED | ONE | ROUNDS(NEAREST)),
	TWO("vcvt", "11 dddd 0 111F Q", lift_float, ARM_FP_TO_FIXED | ONE | ROUNDS(TO_ZERO)),
	{ "vcvt", "1111001F 1 D iiiiii dddd 111L 0 Q M 1 mmmm", lift_fixed, .flags = ARM_SHARED | ARM_SKIP },
	{ "vcvt", "11110011 1 D 11 01 10 dddd 0 1100 0 M 0 mmmm", lift_half, .arg = 16, .flags = ARM_SHARED | ARM_SKIP },
	{ "vcvt", "11110011 1 D 11 01 10 dddd 0 1110 0 M 0 mmmm", lift_half, .arg = 32, .flags = ARM_SHARED | ARM_SKIP },
};
const struct arm_rows arm_rows_neon_fp = NEON_ROWS(rows);
