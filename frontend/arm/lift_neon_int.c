/* Advanced SIMD data processing on integers (ARM F2.13, F4.1.21): three registers, shifts, two registers. */
#include "frontend/arm/neon.h"
#include "frontend/common/arm_simd_lift.h"

/* Row arguments: operation, sizes of elements allowed (bit n: 1 << n bytes), and */
enum {
	OP = 0xff, SIZES = 8,
	LONG = 1 << 12,		/* Vd twice as wide as Vn and Vm */
	WIDE = 1 << 13,		/* Vd and Vn twice as wide as Vm */
	NARROW = 1 << 14,	/* Vd half as wide as Vn and Vm */
	ROUND = 1 << 15,
	SCALAR = 1 << 16,	/* an element of Vm serves for all */
	UNSIGNED = 1 << 17,	/* whatever F says */
	SATURATE = 1 << 18, TO_UNSIGNED = 1 << 19, SUBTRACT = 1 << 20,	/* of arm_simd.h */
	NOT_QUAD = 1 << 21,
	ZERO = 1 << 22,		/* Vm is 0 */
	ONE = 1 << 23,		/* of Vm alone */
};
enum { B = 1, H = 2, S = 4, D = 8, BHS = 7, HS = 6, ALL = 15 };
#define ARG(op, sizes, flags) (NEON_##op | (sizes) << SIZES | (flags))
#define SHARED(op, sizes, flags) (ARM_SIMD_##op | (sizes) << SIZES | (flags))

struct form {
	unsigned d, n, m, index;
	unsigned size;		/* of the elements the encoding names */
	bool quad;
};

/* The element of Vm: D0-D7 with halves, D0-D15 with words. */
static void scalar_of(const struct arm_word *in, struct form *f)
{
	if (f->size == 1) {
		f->m = in->rm & 7;
		f->index = 1 + (in->M << 1 | in->rm >> 3);
	} else {
		f->m = in->rm;
		f->index = 1 + in->M;
	}
}

static bool form_of(struct arm_lift *l, const struct arm_word *in, struct form *f)
{
	uint32_t arg = in->row->arg;
	bool same = !(arg & (LONG | WIDE | NARROW));

	*f = (struct form){ dreg(in->rd, in->D), dreg(in->rn, in->N), dreg(in->rm, in->M), 0, in->size, in->Q };
	if (!(arg >> SIZES >> in->size & 1) || (f->quad && arg & NOT_QUAD)) {
		arm_illegal(l);
		return false;
	}
	if (arg & SCALAR)
		scalar_of(in, f);
	return neon_registers(l, in, (same && f->quad) || arg & (LONG | WIDE), (same && f->quad) || arg & (WIDE | NARROW),
			      ((same && f->quad) || arg & NARROW) && !(arg & SCALAR));
}

static struct neon describe(const struct arm_word *in, const struct form *f)
{
	uint32_t arg = in->row->arg;
	bool same = !(arg & (LONG | WIDE | NARROW));
	unsigned size = f->size;

	return (struct neon){
		.op = arg & OP, .d = (uint8_t)f->d, .n = (uint8_t)f->n, .m = (uint8_t)f->m, .index = (uint8_t)f->index,
		.dsize = (uint8_t)(size + (arg & (LONG | WIDE) ? 1 : 0)),
		.nsize = (uint8_t)(size + (arg & (WIDE | NARROW) ? 1 : 0)),
		.msize = (uint8_t)(size + (arg & NARROW ? 1 : 0)),
		.lanes = (uint8_t)((same && f->quad ? 16 : 8) >> size),
		.is_unsigned = in->F || arg & UNSIGNED, .round = arg & ROUND,
	};
}

/* Vd <- f(Vn, Vm) */
static void lift_three(struct arm_lift *l, const struct arm_word *in)
{
	struct form f;

	if (form_of(l, in, &f))
		neon_lift(l, describe(in, &f));
}

/* The same by a function both ARM guests share. */
static void lift_three_shared(struct arm_lift *l, const struct arm_word *in)
{
	struct form f;
	uint32_t arg = in->row->arg;
	bool is_long = arg & LONG;

	if (!form_of(l, in, &f))
		return;
	unsigned flags = (in->F || arg & UNSIGNED ? ARM_SIMD_UNSIGNED : 0) | (arg & ROUND ? ARM_SIMD_ROUND : 0) |
			 (arg & SATURATE ? ARM_SIMD_SATURATE : 0) | (arg & SUBTRACT ? ARM_SIMD_SUBTRACT : 0);
	bool shifts = (arg & OP) == ARM_SIMD_SHL;	/* Vm is what is shifted */
	neon_call_shared(l, (struct neon_shared){
		.simd = { arg & OP, (uint8_t)f.size, (uint8_t)((!is_long && f.quad ? 16 : 8) >> f.size), 0, (uint8_t)flags },
		.d = (uint8_t)f.d, .n = (uint8_t)(shifts ? f.m : f.n), .m = (uint8_t)(shifts ? f.n : f.m),
		.index = (uint8_t)f.index, .wide_d = is_long || f.quad,
	});
}

/* QC stays when a lane of `saturated` is not 0; lanes above a result are 0 in operands and never do. */
static void note_saturation(struct arm_lift *l, ir_val saturated)
{
	ir_put(l->b, ARM_FP_QC, ir_or(l->b, flag(l, ARM_FP_QC), ir_vany(l->b, saturated)));
}

/* VQADD VQSUB VQDMULH VQRDMULH Vd, Vn, Vm; VQABS VQNEG Vd, Vm. */
static void lift_saturating(struct arm_lift *l, const struct arm_word *in)
{
	struct form f;
	ir_val n, m, saturated;

	if (!form_of(l, in, &f))
		return;
	m = neon_get_as(l, f.quad && !f.index, f.m, f.size);
	if (f.index)
		m = arm_simd_spread(l->b, f.size, m, f.index - 1);
	n = in->row->arg & ONE ? m : neon_get_as(l, f.quad, f.n, f.size);
	ir_val r = arm_simd_saturating(l->b, (enum arm_simd_saturating)(in->row->arg & OP), in->F, n, m, &saturated);
	note_saturation(l, saturated);
	neon_set(l, f.quad, f.d, r);
}

/* VQMOVN VQMOVUN Dd, Qm. */
static void lift_saturating_narrow(struct arm_lift *l, const struct arm_word *in)
{
	bool to_unsigned = in->row->arg & TO_UNSIGNED || in->F;
	struct form f;
	ir_val saturated;

	if (!form_of(l, in, &f))
		return;
	ir_val m = neon_get_as(l, true, f.m, f.size + 1);
	ir_val r = arm_simd_saturate_narrow(l->b, in->F, to_unsigned, m, &saturated);
	note_saturation(l, saturated);
	neon_set(l, false, f.d, r);
}

/* VAND VBIC VORR VORN VEOR VBSL VBIT VBIF. */
enum { AND, BIC, ORR, ORN, EOR, BSL, BIT, BIF };
static void lift_logic(struct arm_lift *l, const struct arm_word *in)
{
	struct ir_builder *x = l->b;
	unsigned d = dreg(in->rd, in->D);
	ir_val n, m, old, r;

	if (in->Q && !neon_registers(l, in, true, true, true))
		return;
	n = neon_get(l, in->Q, dreg(in->rn, in->N));
	m = neon_get(l, in->Q, dreg(in->rm, in->M));
	old = neon_get(l, in->Q, d);
	switch (in->row->arg) {
	case AND: r = ir_and(x, n, m); break;
	case BIC: r = ir_and(x, n, ir_not(x, m)); break;
	case ORR: r = ir_or(x, n, m); break;
	case ORN: r = ir_or(x, n, ir_not(x, m)); break;
	case EOR: r = ir_xor(x, n, m); break;
	case BSL: r = ir_bitsel(x, old, n, m); break;
	case BIT: r = ir_bitsel(x, m, n, old); break;
	default: r = ir_bitsel(x, m, old, n); break;
	}
	neon_set(l, in->Q, d, r);
}

/* ---- shifts by immediates ---- */

/* L:imm6 gives the size of elements; the rest counts up for left shifts, down for right ones. */
static unsigned shift_size(const struct arm_word *in)
{
	return in->L ? 3 : in->imm >= 32 ? 2 : in->imm >= 16;
}

static unsigned shift_amount(const struct arm_word *in, unsigned size, bool left)
{
	unsigned bits = 8u << size;

	return left ? in->imm & (bits - 1) : size == 3 ? 64 - in->imm : 2 * bits - in->imm;
}

/* VSHR VSRA VRSHR VRSRA VSRI VSHL VSLI Vd, Vm, #n. */
static void lift_shift(struct arm_lift *l, const struct arm_word *in)
{
	unsigned op = in->row->arg & OP, size = shift_size(in), d = dreg(in->rd, in->D), m = dreg(in->rm, in->M);
	unsigned n = shift_amount(in, size, op == NEON_SHL || op == NEON_SLI);

	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_lift(l, (struct neon){
		.op = (uint8_t)op, .dsize = (uint8_t)size, .nsize = (uint8_t)size, .msize = (uint8_t)size,
		.lanes = (uint8_t)((in->Q ? 16 : 8) >> size), .shift = (uint8_t)n, .is_unsigned = in->F,
		.round = in->row->arg & ROUND, .d = (uint8_t)d, .n = (uint8_t)m, .m = (uint8_t)m,
	});
}

/* VQSHL VQSHLU Vd, Vm, #n. */
static void lift_shift_shared(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t arg = in->row->arg;
	unsigned size = shift_size(in), d = dreg(in->rd, in->D), m = dreg(in->rm, in->M);
	unsigned flags = arg & TO_UNSIGNED ? ARM_SIMD_TO_UNSIGNED : in->F ? ARM_SIMD_UNSIGNED : 0;

	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_call_shared(l, (struct neon_shared){
		.simd = { arg & OP, (uint8_t)size, (uint8_t)((in->Q ? 16 : 8) >> size),
			  (uint8_t)shift_amount(in, size, true), (uint8_t)flags },
		.d = (uint8_t)d, .n = (uint8_t)m, .m = (uint8_t)m, .wide_d = in->Q,
	});
}

/* VQSHRN VQRSHRN VQSHRUN VQRSHRUN Dd, Qm, #n. */
static void lift_shift_saturating(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t arg = in->row->arg;
	bool unsigned_source = in->F && !(arg & TO_UNSIGNED);
	unsigned size = shift_size(in);
	ir_val saturated;

	if (!neon_registers(l, in, false, false, true))
		return;
	ir_val m = neon_get_as(l, true, dreg(in->rm, in->M), size + 1);
	m = arm_simd_shift_right(l->b, unsigned_source, arg & ROUND, m, shift_amount(in, size, false));
	ir_val r = arm_simd_saturate_narrow(l->b, unsigned_source, unsigned_source || arg & TO_UNSIGNED, m, &saturated);
	note_saturation(l, saturated);
	neon_set(l, false, dreg(in->rd, in->D), r);
}

/* VSHRN VRSHRN Dd, Qm, #n. */
static void lift_shift_narrow(struct arm_lift *l, const struct arm_word *in)
{
	unsigned size = shift_size(in), m = dreg(in->rm, in->M);

	if (!neon_registers(l, in, false, false, true))
		return;
	neon_lift(l, (struct neon){
		.op = NEON_SHR, .dsize = (uint8_t)size, .nsize = (uint8_t)(size + 1), .msize = (uint8_t)(size + 1),
		.lanes = (uint8_t)(8 >> size), .shift = (uint8_t)shift_amount(in, size, false), .is_unsigned = true,
		.round = in->row->arg & ROUND, .d = (uint8_t)dreg(in->rd, in->D), .n = (uint8_t)m, .m = (uint8_t)m,
	});
}

/* VSHLL VMOVL Qd, Dm, #n. */
static void lift_shift_long(struct arm_lift *l, const struct arm_word *in)
{
	unsigned size = shift_size(in), n = shift_amount(in, size, true);
	ir_val v, r;

	if (!neon_registers(l, in, true, false, false))
		return;
	v = neon_get_as(l, false, dreg(in->rm, in->M), size);
	r = in->F ? ir_zext_lo(l->b, v) : ir_sext_lo(l->b, v);
	neon_set(l, true, dreg(in->rd, in->D), n ? ir_shl(l->b, r, imm32(l, n)) : r);
}

/* ---- two registers ---- */

static ir_val compare_with_zero(struct arm_lift *l, enum neon_op op, ir_val v)
{
	ir_val zero = ir_const_vec(l->b, ir_type_of(l->b->u, v), 0, 0);

	switch (op) {
	case NEON_CGT: return ir_vslt(l->b, zero, v);
	case NEON_CGE: return ir_vsle(l->b, zero, v);
	case NEON_CLT: return ir_vslt(l->b, v, zero);
	case NEON_CLE: return ir_vsle(l->b, v, zero);
	default: return ir_veq(l->b, v, zero);
	}
}

/* VREV VCLS VCLZ VCNT VABS VNEG VPADDL VPADAL, comparisons with 0, VMOVN, VSHLL by the width. */
static void lift_two(struct arm_lift *l, const struct arm_word *in)
{
	struct form f;
	uint32_t arg = in->row->arg;

	if (!form_of(l, in, &f))
		return;
	struct neon k = describe(in, &f);
	if (arg & ZERO) {
		neon_set(l, f.quad, f.d, compare_with_zero(l, (enum neon_op)k.op, neon_get_as(l, f.quad, f.m, f.size)));
		return;
	}
	k.n = k.m;
	if (k.op == NEON_PADDL || k.op == NEON_PADAL)
		k.dsize++, k.lanes /= 2;
	if (k.op == NEON_SHL)
		k.shift = (uint8_t)(8u << f.size);
	neon_lift(l, k);
}

/* VREV64 VREV32 VREV16: arg has log2 of the group's bytes. */
static void lift_rev(struct arm_lift *l, const struct arm_word *in)
{
	unsigned group = in->row->arg, size = in->size, m = dreg(in->rm, in->M);

	if (size >= group) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_lift(l, (struct neon){
		.op = NEON_REV, .dsize = (uint8_t)size, .nsize = (uint8_t)size, .msize = (uint8_t)size,
		.lanes = (uint8_t)((in->Q ? 16 : 8) >> size), .shift = (uint8_t)group, .d = (uint8_t)dreg(in->rd, in->D),
		.n = (uint8_t)m, .m = (uint8_t)m,
	});
}

/* VMVN. */
static void lift_not(struct arm_lift *l, const struct arm_word *in)
{
	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	neon_set(l, in->Q, dreg(in->rd, in->D), ir_not(l->b, neon_get(l, in->Q, dreg(in->rm, in->M))));
}

/* VRECPE.U32 VRSQRTE.U32. */
static void lift_estimate(struct arm_lift *l, const struct arm_word *in)
{
	struct form f;

	if (!form_of(l, in, &f))
		return;
	neon_call_shared(l, (struct neon_shared){
		.simd = { in->row->arg & OP, (uint8_t)f.size, f.quad ? 4 : 2, 0, ARM_SIMD_UNSIGNED },
		.d = (uint8_t)f.d, .n = (uint8_t)f.m, .m = (uint8_t)f.m, .wide_d = f.quad,
	});
}

/* F is U where the encoding has it; U has no letter where it is fixed. */
#define THREE(name, u, opc, low, fn, what) \
	{ name, "1111001" u " 0 D ZZ nnnn dddd " opc " N Q M " low " mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }
#define LOGIC(name, u, size, op) \
	{ name, "1111001" u " 0 D " size " nnnn dddd 0001 N Q M 1 mmmm", lift_logic, .arg = op, .flags = ARM_SHARED | ARM_SKIP }
#define DIFFERENT(name, u, opc, fn, what) \
	{ name, "1111001" u " 1 D ZZ nnnn dddd " opc " N 0 M 0 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }
#define BY_SCALAR(name, opc, fn, what) \
	{ name, "1111001Q 1 D ZZ nnnn dddd " opc " N 1 M 0 mmmm", fn, .arg = (what) | SCALAR, .flags = ARM_SHARED | ARM_SKIP }
#define LONG_SCALAR(name, u, opc, fn, what) \
	{ name, "1111001" u " 1 D ZZ nnnn dddd " opc " N 1 M 0 mmmm", fn, .arg = (what) | SCALAR | LONG, .flags = ARM_SHARED | ARM_SKIP }
#define SHIFT(name, u, opc, fn, what) \
	{ name, "1111001" u " 1 D iiiiii dddd " opc " L Q M 1 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }
#define SHIFT_N(name, u, opc, q, fn, what) \
	{ name, "1111001" u " 1 D iiiiii dddd " opc " 0 " q " M 1 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }
#define TWO(name, ab, fn, what) \
	{ name, "11110011 1 D 11 ZZ " ab " M 0 mmmm", fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }

/* Size 11 of three registers is two registers: those come first. */
static const struct arm_row rows[] = {
	TWO("vrev64", "00 dddd 0 0000 Q", lift_rev, 3),
	TWO("vrev32", "00 dddd 0 0001 Q", lift_rev, 2),
	TWO("vrev16", "00 dddd 0 0010 Q", lift_rev, 1),
	TWO("vpaddl", "00 dddd 0 010F Q", lift_two, ARG(PADDL, BHS, 0)),
	TWO("vcls", "00 dddd 0 1000 Q", lift_two, ARG(CLS, BHS, 0)),
	TWO("vclz", "00 dddd 0 1001 Q", lift_two, ARG(CLZ, BHS, 0)),
	TWO("vcnt", "00 dddd 0 1010 Q", lift_two, ARG(CNT, B, 0)),
	{ "vmvn", "11110011 1 D 11 00 00 dddd 0 1011 Q M 0 mmmm", lift_not, .flags = ARM_SHARED | ARM_SKIP },
	TWO("vpadal", "00 dddd 0 110F Q", lift_two, ARG(PADAL, BHS, 0)),
	TWO("vqabs", "00 dddd 0 1110 Q", lift_saturating, SHARED(QABS, BHS, ONE)),
	TWO("vqneg", "00 dddd 0 1111 Q", lift_saturating, SHARED(QNEG, BHS, ONE)),
	TWO("vcgt", "01 dddd 0 0000 Q", lift_two, ARG(CGT, BHS, ZERO)),
	TWO("vcge", "01 dddd 0 0001 Q", lift_two, ARG(CGE, BHS, ZERO)),
	TWO("vceq", "01 dddd 0 0010 Q", lift_two, ARG(CEQ, BHS, ZERO)),
	TWO("vcle", "01 dddd 0 0011 Q", lift_two, ARG(CLE, BHS, ZERO)),
	TWO("vclt", "01 dddd 0 0100 Q", lift_two, ARG(CLT, BHS, ZERO)),
	TWO("vabs", "01 dddd 0 0110 Q", lift_two, ARG(ABS, BHS, 0)),
	TWO("vneg", "01 dddd 0 0111 Q", lift_two, ARG(NEG, BHS, 0)),
	TWO("vmovn", "10 dddd 0 0100 0", lift_two, ARG(MOV, BHS, NARROW)),
	TWO("vqmovun", "10 dddd 0 0100 1", lift_saturating_narrow, TO_UNSIGNED | BHS << SIZES | NARROW),
	TWO("vqmovn", "10 dddd 0 0101 F", lift_saturating_narrow, BHS << SIZES | NARROW),
	TWO("vshll", "10 dddd 0 0110 0", lift_two, ARG(SHL, BHS, LONG)),
	TWO("vrecpe", "11 dddd 0 1000 Q", lift_estimate, SHARED(RECPE, S, 0)),
	TWO("vrsqrte", "11 dddd 0 1001 Q", lift_estimate, SHARED(RSQRTE, S, 0)),
	THREE("vhadd", "F", "0000", "0", lift_three, ARG(HADD, BHS, 0)),
	THREE("vqadd", "F", "0000", "1", lift_saturating, SHARED(QADD, ALL, 0)),
	THREE("vrhadd", "F", "0001", "0", lift_three, ARG(HADD, BHS, ROUND)),
	LOGIC("vand", "0", "00", AND), LOGIC("vbic", "0", "01", BIC), LOGIC("vorr", "0", "10", ORR),
	LOGIC("vorn", "0", "11", ORN), LOGIC("veor", "1", "00", EOR), LOGIC("vbsl", "1", "01", BSL),
	LOGIC("vbit", "1", "10", BIT), LOGIC("vbif", "1", "11", BIF),
	THREE("vhsub", "F", "0010", "0", lift_three, ARG(HSUB, BHS, 0)),
	THREE("vqsub", "F", "0010", "1", lift_saturating, SHARED(QSUB, ALL, 0)),
	THREE("vcgt", "F", "0011", "0", lift_three, ARG(CGT, BHS, 0)),
	THREE("vcge", "F", "0011", "1", lift_three, ARG(CGE, BHS, 0)),
	THREE("vshl", "F", "0100", "0", lift_three_shared, SHARED(SHL, ALL, 0)),
	THREE("vqshl", "F", "0100", "1", lift_three_shared, SHARED(SHL, ALL, SATURATE)),
	THREE("vrshl", "F", "0101", "0", lift_three_shared, SHARED(SHL, ALL, ROUND)),
	THREE("vqrshl", "F", "0101", "1", lift_three_shared, SHARED(SHL, ALL, SATURATE | ROUND)),
	THREE("vmax", "F", "0110", "0", lift_three, ARG(MAX, BHS, 0)),
	THREE("vmin", "F", "0110", "1", lift_three, ARG(MIN, BHS, 0)),
	THREE("vabd", "F", "0111", "0", lift_three, ARG(ABD, BHS, 0)),
	THREE("vaba", "F", "0111", "1", lift_three, ARG(ABA, BHS, 0)),
	THREE("vadd", "0", "1000", "0", lift_three, ARG(ADD, ALL, 0)),
	THREE("vsub", "1", "1000", "0", lift_three, ARG(SUB, ALL, 0)),
	THREE("vtst", "0", "1000", "1", lift_three, ARG(TST, BHS, 0)),
	THREE("vceq", "1", "1000", "1", lift_three, ARG(CEQ, BHS, 0)),
	THREE("vmla", "0", "1001", "0", lift_three, ARG(MLA, BHS, 0)),
	THREE("vmls", "1", "1001", "0", lift_three, ARG(MLS, BHS, 0)),
	THREE("vmul", "0", "1001", "1", lift_three, ARG(MUL, BHS, 0)),
	THREE("vmul", "1", "1001", "1", lift_three_shared, SHARED(PMUL, B, 0)),
	THREE("vpmax", "F", "1010", "0", lift_three, ARG(PMAX, BHS, NOT_QUAD)),
	THREE("vpmin", "F", "1010", "1", lift_three, ARG(PMIN, BHS, NOT_QUAD)),
	THREE("vqdmulh", "0", "1011", "0", lift_saturating, SHARED(QDMULH, HS, 0)),
	THREE("vqrdmulh", "1", "1011", "0", lift_saturating, SHARED(QRDMULH, HS, 0)),
	THREE("vpadd", "0", "1011", "1", lift_three, ARG(PADD, BHS, NOT_QUAD)),
	DIFFERENT("vaddl", "F", "0000", lift_three, ARG(ADD, BHS, LONG)),
	DIFFERENT("vaddw", "F", "0001", lift_three, ARG(ADD, BHS, WIDE)),
	DIFFERENT("vsubl", "F", "0010", lift_three, ARG(SUB, BHS, LONG)),
	DIFFERENT("vsubw", "F", "0011", lift_three, ARG(SUB, BHS, WIDE)),
	DIFFERENT("vaddhn", "0", "0100", lift_three, ARG(ADDHN, BHS, NARROW)),
	DIFFERENT("vraddhn", "1", "0100", lift_three, ARG(ADDHN, BHS, NARROW | ROUND)),
	DIFFERENT("vabal", "F", "0101", lift_three, ARG(ABA, BHS, LONG)),
	DIFFERENT("vsubhn", "0", "0110", lift_three, ARG(SUBHN, BHS, NARROW)),
	DIFFERENT("vrsubhn", "1", "0110", lift_three, ARG(SUBHN, BHS, NARROW | ROUND)),
	DIFFERENT("vabdl", "F", "0111", lift_three, ARG(ABD, BHS, LONG)),
	DIFFERENT("vmlal", "F", "1000", lift_three, ARG(MLA, BHS, LONG)),
	DIFFERENT("vqdmlal", "0", "1001", lift_three_shared, SHARED(QDMLAL, HS, LONG)),
	DIFFERENT("vmlsl", "F", "1010", lift_three, ARG(MLS, BHS, LONG)),
	DIFFERENT("vqdmlsl", "0", "1011", lift_three_shared, SHARED(QDMLAL, HS, LONG | SUBTRACT)),
	DIFFERENT("vmull", "F", "1100", lift_three, ARG(MUL, BHS, LONG)),
	DIFFERENT("vqdmull", "0", "1101", lift_three_shared, SHARED(QDMULL, HS, LONG)),
	DIFFERENT("vmull", "0", "1110", lift_three_shared, SHARED(PMULL, B, LONG)),
	BY_SCALAR("vmla", "0000", lift_three, ARG(MLA, HS, 0)),
	BY_SCALAR("vmls", "0100", lift_three, ARG(MLS, HS, 0)),
	BY_SCALAR("vmul", "1000", lift_three, ARG(MUL, HS, 0)),
	BY_SCALAR("vqdmulh", "1100", lift_saturating, SHARED(QDMULH, HS, 0)),
	BY_SCALAR("vqrdmulh", "1101", lift_saturating, SHARED(QRDMULH, HS, 0)),
	LONG_SCALAR("vmlal", "F", "0010", lift_three, ARG(MLA, HS, 0)),
	LONG_SCALAR("vqdmlal", "0", "0011", lift_three_shared, SHARED(QDMLAL, HS, 0)),
	LONG_SCALAR("vmlsl", "F", "0110", lift_three, ARG(MLS, HS, 0)),
	LONG_SCALAR("vqdmlsl", "0", "0111", lift_three_shared, SHARED(QDMLAL, HS, SUBTRACT)),
	LONG_SCALAR("vmull", "F", "1010", lift_three, ARG(MUL, HS, 0)),
	LONG_SCALAR("vqdmull", "0", "1011", lift_three_shared, SHARED(QDMULL, HS, 0)),
	SHIFT("vshr", "F", "0000", lift_shift, NEON_SHR),
	SHIFT("vsra", "F", "0001", lift_shift, NEON_SRA),
	SHIFT("vrshr", "F", "0010", lift_shift, NEON_SHR | ROUND),
	SHIFT("vrsra", "F", "0011", lift_shift, NEON_SRA | ROUND),
	SHIFT("vsri", "1", "0100", lift_shift, NEON_SRI),
	SHIFT("vshl", "0", "0101", lift_shift, NEON_SHL),
	SHIFT("vsli", "1", "0101", lift_shift, NEON_SLI),
	SHIFT("vqshlu", "1", "0110", lift_shift_shared, ARM_SIMD_QSHL_N | TO_UNSIGNED),
	SHIFT("vqshl", "F", "0111", lift_shift_shared, ARM_SIMD_QSHL_N),
	SHIFT_N("vshrn", "0", "1000", "0", lift_shift_narrow, 0),
	SHIFT_N("vrshrn", "0", "1000", "1", lift_shift_narrow, ROUND),
	SHIFT_N("vqshrun", "1", "1000", "0", lift_shift_saturating, NARROW | TO_UNSIGNED),
	SHIFT_N("vqrshrun", "1", "1000", "1", lift_shift_saturating, NARROW | TO_UNSIGNED | ROUND),
	SHIFT_N("vqshrn", "F", "1001", "0", lift_shift_saturating, NARROW),
	SHIFT_N("vqrshrn", "F", "1001", "1", lift_shift_saturating, NARROW | ROUND),
	SHIFT_N("vshll", "F", "1010", "0", lift_shift_long, 0),
};
const struct arm_rows arm_rows_neon_int = NEON_ROWS(rows);
