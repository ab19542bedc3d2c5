/* ARM's VFP and Advanced SIMD: rows of instructions, as far as they calculate, and what each one does (DDI 0487, F6.1). */
#include <string.h>

#include "arm_rules.h"
#include "dragoman/arm.h"
#include "vectors.h"

/* V_: VFP, single or double, with FPSCR's modes. N_: Advanced SIMD, singles, with the standard modes. */
enum shape {
	V_2, V_1, V_ACC, V_FMA, V_RINT, V_CMP, V_WIDTH, V_FROM_INT, V_TO_INT, V_FROM_HALF, V_TO_HALF, V_FROM_FIXED, V_TO_FIXED,
	N_2, N_PAIR, N_ACC, N_FMA, N_ELEM, N_ELEM_ACC, N_ZERO, N_1, N_RINT, N_TO_INT, N_FROM_INT, N_FIXED, N_TO_HALF, N_FROM_HALF,
};

enum { CURRENT = 6 };			/* a rounding: FPSCR's */

static const struct row {
	const char *name;
	enum shape shape;
	uint32_t word;
	unsigned op;			/* enum arm_op, a rounding, or what the shape says */
	unsigned more;
} rows[] = {
	{ "vmul", V_2, 0xee200a00, ARM_MUL, 0 }, { "vnmul", V_2, 0xee200a40, ARM_NMUL, 0 }, { "vadd", V_2, 0xee300a00, ARM_ADD, 0 },
	{ "vsub", V_2, 0xee300a40, ARM_SUB, 0 }, { "vdiv", V_2, 0xee800a00, ARM_DIV, 0 }, { "vmaxnm", V_2, 0xfe800a00, ARM_MAXNM, 0 },
	{ "vminnm", V_2, 0xfe800a40, ARM_MINNM, 0 },
	{ "vmov", V_1, 0xeeb00a40, ARM_MOV, 0 }, { "vabs", V_1, 0xeeb00ac0, ARM_ABS, 0 }, { "vneg", V_1, 0xeeb10a40, ARM_NEG, 0 },
	{ "vsqrt", V_1, 0xeeb10ac0, ARM_SQRT, 0 },
	/* op: 1 negates the product or its first factor, 2 the addend */
	{ "vmla", V_ACC, 0xee000a00, 0, 0 }, { "vmls", V_ACC, 0xee000a40, 1, 0 }, { "vnmls", V_ACC, 0xee100a00, 2, 0 },
	{ "vnmla", V_ACC, 0xee100a40, 3, 0 },
	{ "vfma", V_FMA, 0xeea00a00, 0, 0 }, { "vfms", V_FMA, 0xeea00a40, 1, 0 }, { "vfnms", V_FMA, 0xee900a00, 2, 0 },
	{ "vfnma", V_FMA, 0xee900a40, 3, 0 },
	/* more: the result is exact, or IXC is set */
	{ "vrinta", V_RINT, 0xfeb80a40, EXACT_AWAY, 0 }, { "vrintn", V_RINT, 0xfeb90a40, EXACT_NEAREST, 0 },
	{ "vrintp", V_RINT, 0xfeba0a40, EXACT_UP, 0 }, { "vrintm", V_RINT, 0xfebb0a40, EXACT_DOWN, 0 },
	{ "vrintr", V_RINT, 0xeeb60a40, CURRENT, 0 }, { "vrintz", V_RINT, 0xeeb60ac0, EXACT_TO_ZERO, 0 },
	{ "vrintx", V_RINT, 0xeeb70a40, CURRENT, 1 },
	/* op: 1 signals, 2 compares with 0 */
	{ "vcmp", V_CMP, 0xeeb40a40, 0, 0 }, { "vcmpe", V_CMP, 0xeeb40ac0, 1, 0 }, { "vcmp", V_CMP, 0xeeb50a40, 2, 0 },
	{ "vcmpe", V_CMP, 0xeeb50ac0, 3, 0 },
	{ "vcvt", V_WIDTH, 0xeeb70ac0, 0, 0 },
	/* more: unsigned */
	{ "vcvt", V_FROM_INT, 0xeeb80a40, CURRENT, 1 }, { "vcvt", V_FROM_INT, 0xeeb80ac0, CURRENT, 0 },
	{ "vcvtr", V_TO_INT, 0xeebc0a40, CURRENT, 1 }, { "vcvt", V_TO_INT, 0xeebc0ac0, EXACT_TO_ZERO, 1 },
	{ "vcvtr", V_TO_INT, 0xeebd0a40, CURRENT, 0 }, { "vcvt", V_TO_INT, 0xeebd0ac0, EXACT_TO_ZERO, 0 },
	{ "vcvta", V_TO_INT, 0xfebc0a40, EXACT_AWAY, 1 }, { "vcvta", V_TO_INT, 0xfebc0ac0, EXACT_AWAY, 0 },
	{ "vcvtn", V_TO_INT, 0xfebd0a40, EXACT_NEAREST, 1 }, { "vcvtn", V_TO_INT, 0xfebd0ac0, EXACT_NEAREST, 0 },
	{ "vcvtp", V_TO_INT, 0xfebe0a40, EXACT_UP, 1 }, { "vcvtp", V_TO_INT, 0xfebe0ac0, EXACT_UP, 0 },
	{ "vcvtm", V_TO_INT, 0xfebf0a40, EXACT_DOWN, 1 }, { "vcvtm", V_TO_INT, 0xfebf0ac0, EXACT_DOWN, 0 },
	/* op: the upper half */
	{ "vcvtb", V_FROM_HALF, 0xeeb20a40, 0, 0 }, { "vcvtt", V_FROM_HALF, 0xeeb20ac0, 1, 0 },
	{ "vcvtb", V_TO_HALF, 0xeeb30a40, 0, 0 }, { "vcvtt", V_TO_HALF, 0xeeb30ac0, 1, 0 },
	{ "vcvt", V_FROM_FIXED, 0xeeba0a40, 0, 0 }, { "vcvt", V_FROM_FIXED, 0xeebb0a40, 0, 1 },
	{ "vcvt", V_TO_FIXED, 0xeebe0a40, 0, 0 }, { "vcvt", V_TO_FIXED, 0xeebf0a40, 0, 1 },

	{ "vadd", N_2, 0xf2000d00, ARM_ADD, 0 }, { "vsub", N_2, 0xf2200d00, ARM_SUB, 0 }, { "vabd", N_2, 0xf3200d00, ARM_ABD, 0 },
	{ "vmul", N_2, 0xf3000d10, ARM_MUL, 0 }, { "vceq", N_2, 0xf2000e00, ARM_CMEQ, 0 }, { "vcge", N_2, 0xf3000e00, ARM_CMGE, 0 },
	{ "vcgt", N_2, 0xf3200e00, ARM_CMGT, 0 }, { "vacge", N_2, 0xf3000e10, ARM_ACGE, 0 }, { "vacgt", N_2, 0xf3200e10, ARM_ACGT, 0 },
	{ "vmax", N_2, 0xf2000f00, ARM_MAX, 0 }, { "vmin", N_2, 0xf2200f00, ARM_MIN, 0 }, { "vmaxnm", N_2, 0xf3000f10, ARM_MAXNM, 0 },
	{ "vminnm", N_2, 0xf3200f10, ARM_MINNM, 0 }, { "vrecps", N_2, 0xf2000f10, ARM_RECPS_A32, 0 },
	{ "vrsqrts", N_2, 0xf2200f10, ARM_RSQRTS_A32, 0 },
	{ "vpadd", N_PAIR, 0xf3000d00, ARM_ADD, 0 }, { "vpmax", N_PAIR, 0xf3000f00, ARM_MAX, 0 }, { "vpmin", N_PAIR, 0xf3200f00, ARM_MIN, 0 },
	/* op: 1 subtracts */
	{ "vmla", N_ACC, 0xf2000d10, 0, 0 }, { "vmls", N_ACC, 0xf2200d10, 1, 0 }, { "vfma", N_FMA, 0xf2000c10, 0, 0 },
	{ "vfms", N_FMA, 0xf2200c10, 1, 0 }, { "vmul", N_ELEM, 0xf2a00940, ARM_MUL, 0 }, { "vmla", N_ELEM_ACC, 0xf2a00140, 0, 0 },
	{ "vmls", N_ELEM_ACC, 0xf2a00540, 1, 0 },
	/* more: 0 against the operand */
	{ "vcgt", N_ZERO, 0xf3b90400, ARM_CMGT, 0 }, { "vcge", N_ZERO, 0xf3b90480, ARM_CMGE, 0 }, { "vceq", N_ZERO, 0xf3b90500, ARM_CMEQ, 0 },
	{ "vcle", N_ZERO, 0xf3b90580, ARM_CMGE, 1 }, { "vclt", N_ZERO, 0xf3b90600, ARM_CMGT, 1 },
	{ "vabs", N_1, 0xf3b90700, ARM_ABS, 0 }, { "vneg", N_1, 0xf3b90780, ARM_NEG, 0 }, { "vrecpe", N_1, 0xf3bb0500, ARM_RECPE, 0 },
	{ "vrsqrte", N_1, 0xf3bb0580, ARM_RSQRTE, 0 },
	{ "vrintn", N_RINT, 0xf3ba0400, EXACT_NEAREST, 0 }, { "vrintx", N_RINT, 0xf3ba0480, EXACT_NEAREST, 1 },
	{ "vrinta", N_RINT, 0xf3ba0500, EXACT_AWAY, 0 }, { "vrintz", N_RINT, 0xf3ba0580, EXACT_TO_ZERO, 0 },
	{ "vrintm", N_RINT, 0xf3ba0680, EXACT_DOWN, 0 }, { "vrintp", N_RINT, 0xf3ba0780, EXACT_UP, 0 },
	/* more: unsigned */
	{ "vcvta", N_TO_INT, 0xf3bb0000, EXACT_AWAY, 0 }, { "vcvta", N_TO_INT, 0xf3bb0080, EXACT_AWAY, 1 },
	{ "vcvtn", N_TO_INT, 0xf3bb0100, EXACT_NEAREST, 0 }, { "vcvtn", N_TO_INT, 0xf3bb0180, EXACT_NEAREST, 1 },
	{ "vcvtp", N_TO_INT, 0xf3bb0200, EXACT_UP, 0 }, { "vcvtp", N_TO_INT, 0xf3bb0280, EXACT_UP, 1 },
	{ "vcvtm", N_TO_INT, 0xf3bb0300, EXACT_DOWN, 0 }, { "vcvtm", N_TO_INT, 0xf3bb0380, EXACT_DOWN, 1 },
	{ "vcvt", N_TO_INT, 0xf3bb0700, EXACT_TO_ZERO, 0 }, { "vcvt", N_TO_INT, 0xf3bb0780, EXACT_TO_ZERO, 1 },
	{ "vcvt", N_FROM_INT, 0xf3bb0600, 0, 0 }, { "vcvt", N_FROM_INT, 0xf3bb0680, 0, 1 },
	/* op: to fixed */
	{ "vcvt", N_FIXED, 0xf2800e10, 0, 0 }, { "vcvt", N_FIXED, 0xf3800e10, 0, 1 }, { "vcvt", N_FIXED, 0xf2800f10, 1, 0 },
	{ "vcvt", N_FIXED, 0xf3800f10, 1, 1 },
	{ "vcvt", N_TO_HALF, 0xf3b60600, 0, 0 }, { "vcvt", N_FROM_HALF, 0xf3b60700, 0, 0 },
};

/* Registers by the class they are of, in bits: singles, doublewords, quadwords (counted in doublewords). */
static uint64_t get(const struct fpv_state *s, unsigned size, unsigned reg)
{
	return size == 32 ? fpv_lane(&s->v[reg / 4], 32, reg & 3) : fpv_lane(&s->v[reg / 2], 64, reg & 1);
}

static void put(struct fpv_state *s, unsigned size, unsigned reg, uint64_t v)
{
	if (size == 32)
		fpv_set_lane(&s->v[reg / 4], 32, reg & 3, v);
	else
		fpv_set_lane(&s->v[reg / 2], 64, reg & 1, v);
}

static uint32_t field(unsigned class, unsigned reg, unsigned low_at, unsigned high_at)
{
	if (class == 32)
		return (reg >> 1) << low_at | (reg & 1) << high_at;
	return (reg & 15) << low_at | (reg >> 4) << high_at;
}

/* The classes of d and m, which conversions have different. */
static unsigned class_d(const struct row *row, const struct fpv_insn *in)
{
	switch (row->shape) {
	case V_WIDTH: return 96 - in->size;
	case V_TO_INT:
	case V_TO_HALF: return 32;
	default: return row->shape < N_2 ? in->size : row->shape == N_TO_HALF ? 64 : row->shape == N_FROM_HALF || in->wide ? 128 : 64;
	}
}

static unsigned class_m(const struct row *row, const struct fpv_insn *in)
{
	if (row->shape == V_FROM_INT || row->shape == V_FROM_HALF)
		return 32;
	if (row->shape < N_2)
		return in->size;
	if (row->shape == N_ELEM || row->shape == N_ELEM_ACC || row->shape == N_FROM_HALF)
		return 64;
	return row->shape == N_TO_HALF || in->wide ? 128 : 64;
}

static unsigned draw_register(struct test_rng *r, unsigned class)
{
	return class == 32 ? test_below(r, 32) : class == 64 ? test_below(r, 16) : 2 * test_below(r, 8);
}

static uint32_t immediate(struct test_rng *r, const struct row *row, struct fpv_insn *in)
{
	switch (row->shape) {
	case V_FROM_FIXED:
	case V_TO_FIXED: {		/* a: bits of the integer */
		in->a = 16u << test_below(r, 2);
		in->imm = in->a == 32 ? 1 + test_below(r, 32) : test_below(r, 17);
		unsigned field = in->a - in->imm;
		return (in->a == 32) << 7 | (field & 1) << 5 | field >> 1;
	}
	case N_FIXED:
		in->imm = 1 + test_below(r, 32);
		return (64 - in->imm) << 16;
	case N_ELEM:
	case N_ELEM_ACC:
		in->imm = test_below(r, 2);
		return in->imm << 5 | (uint32_t)in->wide << 24;
	case N_TO_HALF:
	case N_FROM_HALF: return 0;
	default: return row->shape >= N_2 && in->wide ? 1u << 6 : 0;
	}
}

static void draw(struct test_rng *r, unsigned k, struct fpv_insn *in)
{
	const struct row *row = &rows[k];
	bool fixed = row->shape == V_FROM_FIXED || row->shape == V_TO_FIXED, three = row->shape <= V_FMA && row->shape != V_1;

	*in = (struct fpv_insn){ .row = k, .size = row->shape < N_2 ? 32u << test_below(r, 2) : 32 };
	in->wide = row->shape >= N_2 && row->shape != N_PAIR && test_below(r, 2);
	in->d = draw_register(r, class_d(row, in));
	in->m = draw_register(r, class_m(row, in));
	in->n = draw_register(r, row->shape < N_2 ? in->size : in->wide ? 128 : 64);
	in->word = row->word | immediate(r, row, in) | (row->shape < N_2 && in->size == 64 ? 1u << 8 : 0);
	if (row->shape == N_FIXED && in->wide)
		in->word |= 1u << 6;
	if (row->shape == N_ELEM || row->shape == N_ELEM_ACC)
		in->word |= in->m;
	else if (!fixed && !(row->shape == V_CMP && row->op & 2))
		in->word |= field(class_m(row, in), in->m, 0, 5);
	in->word |= field(class_d(row, in), in->d, 12, 22);
	if (three || (row->shape >= N_2 && row->shape <= N_ELEM_ACC))
		in->word |= field(row->shape < N_2 ? in->size : 64, in->n, 16, 7);
}

static void draw_state(struct test_rng *r, const struct fpv_insn *in, struct fpv_state *s)
{
	const struct row *row = &rows[in->row];
	bool integers = row->shape == V_FROM_INT || row->shape == V_FROM_FIXED || row->shape == N_FROM_INT || (row->shape == N_FIXED && !row->op);
	bool halves = row->shape == V_FROM_HALF || row->shape == N_FROM_HALF;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < FPV_REGS; i++) {
		s->v[i] = fpv_vector(r, halves ? 16 : test_below(r, 8) ? in->size : 96 - in->size);
		if (integers && test_below(r, 8))
			s->v[i] = (struct guest_value){ (uint32_t)fpv_integer(r) | fpv_integer(r) << 32, (uint32_t)fpv_integer(r) | fpv_integer(r) << 32 };
	}
	if (row->shape < N_2 && !integers && !halves) {
		uint64_t d = get(s, in->size, in->d & 15), n = get(s, in->size, in->n), m = get(s, in->size, in->m);
		bool one = row->shape == V_1 || row->shape == V_RINT || row->shape == V_TO_INT;
		fpv_relate(r, in->size, one ? &m : &n, one ? &n : &m, &d);
		put(s, in->size, in->n, n);
		put(s, in->size, in->m, m);
		if (row->shape == V_ACC || row->shape == V_FMA || row->shape == V_TO_FIXED)
			put(s, in->size, in->d, row->shape == V_TO_FIXED ? n : d);
	} else if (row->shape >= N_2 && !integers && !halves) {
		fpv_relate_lanes(r, 32, &s->v[in->n / 2], &s->v[in->m / 2], &s->v[in->d / 2]);
	}
	unsigned kind = test_below(r, 4);
	s->control = kind == 0 ? 0 : (uint64_t)test_below(r, 32) << 22;
	s->control = kind == 1 ? s->control & (FPCR_FZ | FPCR_DN) : s->control;
	s->control |= test_below(r, 2) ? 0 : test_next(r) & 0xf800009f;
}

/* ---- executing ---- */

static enum exact_rounding rounding_of(const struct row *row, const struct arm_rules *e)
{
	return row->op == CURRENT ? arm_rules_rounding(e) : (enum exact_rounding)row->op;
}

/* d + n * m, rounded twice; NaNs are negated, too. */
static uint64_t accumulate(struct arm_rules *e, unsigned size, unsigned negates, uint64_t d, uint64_t n, uint64_t m)
{
	uint64_t product = arm_rules_op(e, ARM_MUL, size, n, m, 0);

	product = negates & 1 ? arm_rules_neg(size, product) : product;
	return arm_rules_op(e, ARM_ADD, size, negates & 2 ? arm_rules_neg(size, d) : d, product, 0);
}

static uint64_t fused(struct arm_rules *e, unsigned size, unsigned negates, uint64_t d, uint64_t n, uint64_t m)
{
	return arm_rules_op(e, ARM_MULADD, size, negates & 1 ? arm_rules_neg(size, n) : n, m, negates & 2 ? arm_rules_neg(size, d) : d);
}

/* Of fixed-point numbers in the lower bits of d. */
static uint64_t fixed(struct arm_rules *e, const struct row *row, const struct fpv_insn *in, uint64_t d)
{
	if (row->shape == V_FROM_FIXED)
		return arm_rules_from_fixed(e, in->a, in->size, row->more, in->imm, EXACT_NEAREST, d);
	uint64_t v = arm_rules_to_fixed(e, in->size, in->a, row->more, in->imm, EXACT_TO_ZERO, d);
	if (!row->more && v >> (in->a - 1))
		v |= ~UINT64_C(0) << in->a;
	return in->size == 32 ? (uint32_t)v : v;
}

static uint64_t scalar_result(const struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	unsigned size = in->size, half = 16 * row->op;
	uint64_t d = get(s, class_d(row, in), in->d), m = get(s, class_m(row, in), in->m);
	uint64_t n = get(s, size, in->n);

	switch (row->shape) {
	case V_1: return arm_rules_op(e, (enum arm_op)row->op, size, m, 0, 0);
	case V_ACC: return accumulate(e, size, row->op, d, n, m);
	case V_FMA: return fused(e, size, row->op, d, n, m);
	case V_RINT: return arm_rules_round_int(e, size, rounding_of(row, e), row->more, m);
	case V_WIDTH: return arm_rules_convert(e, size, 96 - size, arm_rules_rounding(e), m);
	case V_FROM_INT: return arm_rules_from_fixed(e, 32, size, row->more, 0, arm_rules_rounding(e), m);
	case V_TO_INT: return arm_rules_to_fixed(e, size, 32, row->more, 0, rounding_of(row, e), m);
	case V_FROM_HALF: return arm_rules_convert(e, 16, size, arm_rules_rounding(e), m >> half & 0xffff);
	case V_TO_HALF:
		return (d & ~(UINT64_C(0xffff) << half)) | arm_rules_convert(e, size, 16, arm_rules_rounding(e), m) << half;
	case V_FROM_FIXED:
	case V_TO_FIXED: return fixed(e, row, in, d);
	default: return arm_rules_op(e, (enum arm_op)row->op, size, n, m, 0);
	}
}

static uint64_t lane_result(struct arm_rules *e, const struct row *row, const struct fpv_insn *in, uint64_t d, uint64_t n, uint64_t m)
{
	switch (row->shape) {
	case N_ACC:
	case N_ELEM_ACC: return accumulate(e, 32, row->op, d, n, m);
	case N_FMA: return fused(e, 32, row->op, d, n, m);
	case N_ZERO: return arm_rules_op(e, (enum arm_op)row->op, 32, row->more ? 0 : m, row->more ? m : 0, 0);
	case N_1: return arm_rules_op(e, (enum arm_op)row->op, 32, m, 0, 0);
	case N_RINT: return arm_rules_round_int(e, 32, (enum exact_rounding)row->op, row->more, m);
	case N_TO_INT: return arm_rules_to_fixed(e, 32, 32, row->more, 0, (enum exact_rounding)row->op, m);
	case N_FROM_INT: return arm_rules_from_fixed(e, 32, 32, row->more, 0, EXACT_NEAREST, m);
	case N_FIXED:
		return row->op ? arm_rules_to_fixed(e, 32, 32, row->more, in->imm, EXACT_TO_ZERO, m) :
				 arm_rules_from_fixed(e, 32, 32, row->more, in->imm, EXACT_NEAREST, m);
	default: return arm_rules_op(e, (enum arm_op)row->op, 32, n, m, 0);
	}
}

/* Lanes are counted from a doubleword on, which may be the upper half of a register here. */
static uint64_t lane(const struct fpv_state *s, unsigned size, unsigned reg, unsigned i)
{
	unsigned at = i + reg % 2 * 64 / size;

	return fpv_lane(&s->v[reg / 2], size, at);
}

static void vectors(struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	uint64_t out[4];
	unsigned lanes = in->wide ? 4 : 2, size = 32;
	bool element = row->shape == N_ELEM || row->shape == N_ELEM_ACC;

	if (row->shape == N_TO_HALF || row->shape == N_FROM_HALF)
		lanes = 4;
	for (unsigned i = 0; i < lanes; i++) {
		if (row->shape == N_TO_HALF)
			out[i] = arm_rules_convert(e, 32, 16, EXACT_NEAREST, lane(s, 32, in->m, i));
		else if (row->shape == N_FROM_HALF)
			out[i] = arm_rules_convert(e, 16, 32, EXACT_NEAREST, lane(s, 16, in->m, i));
		else if (row->shape == N_PAIR)
			out[i] = arm_rules_op(e, (enum arm_op)row->op, 32, lane(s, 32, i ? in->m : in->n, 0), lane(s, 32, i ? in->m : in->n, 1), 0);
		else
			out[i] = lane_result(e, row, in, lane(s, 32, in->d, i), lane(s, 32, in->n, i), lane(s, 32, in->m, element ? in->imm : i));
	}
	size = row->shape == N_TO_HALF ? 16 : 32;
	for (unsigned i = 0; i < lanes; i++)
		fpv_set_lane(&s->v[in->d / 2], size, i + in->d % 2 * 64 / size, out[i]);
}

static void exec(struct fpv_state *s, const struct fpv_insn *in)
{
	const struct row *row = &rows[in->row];
	struct arm_rules e = { (uint32_t)s->control & 0x07f80000, 0 };

	if (row->shape >= N_2) {
		e.control = (e.control & (FPCR_AHP | FPCR_FZ16)) | FPCR_DN | FPCR_FZ;
		vectors(s, &e, row, in);
	} else if (row->shape == V_CMP) {
		uint64_t nzcv = arm_rules_compare(&e, in->size, get(s, in->size, in->d), row->op & 2 ? 0 : get(s, in->size, in->m), row->op & 1);
		s->control = (s->control & 0x0fffffff) | nzcv << 28;
	} else {
		put(s, class_d(row, in), in->d, scalar_result(s, &e, row, in));
	}
	s->control |= e.flags;
}

static const char *mnemonic(unsigned row)
{
	return rows[row].name;
}

#define D(n) { DGM_ARM_D(2 * (n)), offsetof(struct fpv_state, v[n].lo), 8 }, { DGM_ARM_D(2 * (n) + 1), offsetof(struct fpv_state, v[n].hi), 8 }

static const struct fpv_reg registers[] = {
	D(0), D(1), D(2), D(3), D(4), D(5), D(6), D(7), { DGM_ARM_FPSCR, offsetof(struct fpv_state, control), 4 }, { 0, 0, 0 },
};

const struct fpv_guest fpv_arm = {
	.name = "arm", .isa = &guest_a32, .reg = registers, .groups = " vfp neon_fp ", .without = " vsel ",
	.n_rows = sizeof rows / sizeof *rows,
	.mnemonic = mnemonic, .draw = draw, .state = draw_state, .exec = exec,
};
