/*
 * Every pure and FPENV operation, every type its shape allows, corner values, operands from slots
 * and as constants, with all host extensions, with none and without AVX: as the interpreter says.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>

#include "baseline/harness.h"
#include "ir/sem.h"

static const uint64_t corner_int[] = {
	0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
	0x12345678, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x123456789abcdef0,
	0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe, 0xffffffffffffffff,
};
static const uint64_t corner_f64[] = {
	0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x3ff8000000000000, 0x4004000000000000,
	0x3fe0000000000000, 0x0000000000000001, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000,
	0x7fefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000001234, 0xfff8000000000001,
	0x7ff0000000000001, 0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000,
	0x43dfffffffffffff, 0x43e0000000000000, 0xc3e0000000000000, 0x3ca0000000000000, 0x47efffffe0000000,
	0x36a0000000000000, 0x400921fb54442d18,
};
static const uint64_t corner_f32[] = {
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x3fc00000, 0x40200000, 0x3f000000, 0x00000001, 0x80000001, 0x007fffff,
	0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc01234, 0xffc00001, 0x7f800001, 0x4effffff, 0x4f000000,
	0xcf000000, 0xcf000001, 0x5effffff, 0x5f000000, 0xdf000000, 0x33000000, 0x40490fdb,
};

enum { MAX_VALUES = 40 };

struct value_set {
	struct ir_bits v[MAX_VALUES];
	unsigned n;
};

static unsigned lane_values(enum ir_type t, const uint64_t **out)
{
	const struct ir_type_info *ti = &ir_type_info[t];
	unsigned n = 0;

	if (ti->kind == IR_KIND_FLOAT || ti->kind == IR_KIND_VEC_FLOAT) {
		*out = ti->lane_bits == 32 ? corner_f32 : corner_f64;
		return ti->lane_bits == 32 ? sizeof corner_f32 / sizeof *corner_f32 :
					     sizeof corner_f64 / sizeof *corner_f64;
	}
	*out = corner_int;
	while (n < sizeof corner_int / sizeof *corner_int && (ti->lane_bits == 64 || corner_int[n] >> ti->lane_bits == 0))
		n++;
	return n;
}

/* Of operand k. Lanes of vectors differ, so that every two values meet in some lane. */
static void values_of(enum ir_type t, unsigned k, struct value_set *s)
{
	const uint64_t *lane;
	unsigned w = ir_type_info[t].lane_bits, n = lane_values(t, &lane);

	s->n = n;
	for (unsigned j = 0; j < n; j++) {
		s->v[j] = (struct ir_bits){ ir_type_info[t].bits <= 64 ? lane[j] : 0, 0 };
		for (unsigned i = 0; ir_type_info[t].bits > 64 && i < 128 / w; i++)
			*(i * w < 64 ? &s->v[j].lo : &s->v[j].hi) |= lane[(j + i * (1 + 4 * k)) % n] << i * w % 64;
	}
}

static unsigned slot_of(enum ir_type t, unsigned k)
{
	switch (t) {
	case IR_I1: return SLOT_I1 + k;
	case IR_I8: return SLOT_I8 + k;
	case IR_I16: return SLOT_I16 + k;
	case IR_I32: return SLOT_I32 + k;
	case IR_I64: return SLOT_I64 + k;
	case IR_F32: return SLOT_F32 + k;
	case IR_F64: return SLOT_F64 + k;
	default: return SLOT_V + k;
	}
}

static void set_slot(struct bench *b, unsigned slot, struct ir_bits v)
{
	const struct ir_slot *s = &test_slots.slot[slot];

	memcpy(b->state0 + s->offset, &v, s->type == IR_I1 ? 1 : ir_type_info[s->type].bits / 8);
}

/* One operation with its operand and result types, being tested. */
struct probe {
	struct bench *b;
	enum ir_op op;
	enum ir_type arg[3], result;
	unsigned n, aux;
	unsigned failures, runs;
};

/* Vectors are i32x4 in the state. */
static ir_val operand(const struct probe *p, struct ir_builder *bu, unsigned k)
{
	ir_val v = ir_get(bu, slot_of(p->arg[k], k));

	return p->arg[k] > IR_F64 && p->arg[k] != IR_I32X4 ? ir_bitcast(bu, p->arg[k], v) : v;
}

/* konst: operands given as constants (bit mask). fused: an exit_if uses an i1 result directly. */
static struct ir_unit *build(struct probe *p, unsigned konst, const struct ir_bits *v)
{
	struct ir_unit *u = ir_unit_new(&p->b->arena, &test_slots, UNIT_PC);
	struct ir_builder bu;
	struct ir_inst in = { .op = (uint8_t)p->op, .type = (uint8_t)p->result, .aux = (uint16_t)p->aux };

	ir_builder_init(&bu, &p->b->arena, u);
	ir_insn(&bu, UNIT_PC, 4);
	for (unsigned k = 0; k < p->n; k++)
		in.arg[k] = konst >> k & 1 ? ir_const_vec(&bu, p->arg[k], v[k].lo, v[k].hi) : operand(p, &bu, k);
	ir_val r = ir_emit(&bu, in);
	if (p->result > IR_F64 && p->result != IR_I32X4)
		r = ir_bitcast(&bu, IR_I32X4, r);
	ir_put(&bu, slot_of(p->result, p->result == IR_I1 ? 3 : (p->result >= IR_I8 && p->result <= IR_I16) || p->result > IR_F64 ? 2 : 3), r);
	if (p->result == IR_I1)
		ir_exit_if(&bu, IR_EXIT_JUMP, r, ir_const(&bu, IR_I32, 0x2000));
	ir_exit(&bu, IR_EXIT_JUMP, ir_const(&bu, IR_I32, 0x3000), 0);
	u->bytes = 4;
	u->n_insns = 1;
	return u;
}

/* Which of several NaN operands survives is not stated: a lane that has them. */
static bool unstated(const struct probe *p, const struct ir_bits *v)
{
	unsigned w = ir_type_info[p->arg[0]].lane_bits, nans;

	if (!(ir_op_info[p->op].flags & IR_FPENV) || ir_shape_signature[ir_op_info[p->op].shape][0] != 'G')
		return false;
	for (unsigned i = 0; i < ir_type_info[p->arg[0]].bits / w; i++) {
		nans = 0;
		for (unsigned k = 0; k < p->n; k++)
			nans += sem_is_nan(sem_lane(v[k], i, w), w);
		if (nans > 1)
			return true;
	}
	return false;
}

static void run_one(struct probe *p, const struct ir_unit *u, unsigned konst, const struct ir_bits *v)
{
	static struct outcome code, interp;
	const char *diff;

	if (unstated(p, v))
		return;
	for (unsigned k = 0; k < p->n; k++)
		set_slot(p->b, slot_of(p->arg[k], k), v[k]);
	bench_run(p->b, u, &code);
	bench_interpret(p->b, u, &interp);
	p->runs++;
	diff = bench_compare(&code, &interp);
	if (diff && p->failures++ < 4)
		cr_log_error("%s %s/%s -> %s (%#lx, %#lx, %#lx) number %u const %u: %s", ir_op_info[p->op].name,
			     ir_type_info[p->arg[0]].name, p->n > 1 ? ir_type_info[p->arg[1]].name : "-",
			     ir_type_info[p->result].name, (long)v[0].lo, (long)v[1].lo, (long)v[2].lo, p->aux, konst,
			     diff);
}

static void run_all(struct probe *p, const struct ir_unit *u, unsigned konst, struct ir_bits *v, unsigned k,
		    unsigned step)
{
	struct value_set s;

	if (k == p->n) {
		run_one(p, u, konst, v);
		return;
	}
	if (konst >> k & 1) {
		run_all(p, u, konst, v, k + 1, step);
		return;
	}
	values_of(p->arg[k], k, &s);
	for (unsigned j = k * 2 % step; j < s.n; j += step) {
		v[k] = s.v[j];
		run_all(p, u, konst, v, k + 1, step);
	}
}

static void compile_and_run(struct probe *p, unsigned konst, struct ir_bits *v, unsigned step)
{
	base_arena_reset(&p->b->arena);
	struct ir_unit *u = build(p, konst, v);
	cr_assert_eq(bench_compile(p->b, u, 0), DGM_OK);
	run_all(p, u, konst, v, 0, step);
}

/* Patterns of shuffle: everything from one side, both, zeros, shifts, interleaving, blends, any order. */
static const struct ir_bits pattern[] = {
	{ 0x0706050403020100, 0x0f0e0d0c0b0a0908 }, { 0x08090a0b0c0d0e0f, 0x0001020304050607 },
	{ 0x1716151413121110, 0x1f1e1d1c1b1a1918 }, { 0x1303120211011000, 0x1707160615051404 },
	{ 0x0b1b0a1a09190818, 0x0f1f0e1e0d1d0c1c }, { 0x1312030211100100, 0x1716070615140504 },
	{ 0x1312111003020100, 0x1716151407060504 }, { 0x0f0e0d0c0b0a0908, 0x1f1e1d1c1b1a1918 },
	{ 0x0a09080706050403, 0x1211100f0e0d0c0b }, { 0x1a19181716151413, 0x0201001f1e1d1c1b },
	{ 0x0e0c0a0806040200, 0x1e1c1a1816141210 }, { 0x07060504ffffffff, 0xffff0d0c0b0a0908 },
	{ 0xff0504ff0302ff00, 0x0000000000000000 }, { 0x1e00ff7f20401f0f, 0x8011030c1b180207 },
	{ 0x0b0a09080b0a0908, 0x0b0a09080b0a0908 }, { 0x1716050413120100, 0x0f0e0d0c1b1a0908 },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x0a09080706050403, 0xffffff0f0e0d0c0b },
	{ 0x0403020100ffffff, 0x0c0b0a0908070605 }, { 0x1312111017161514, 0x0302010007060504 },
	{ 0x0201000f0e0d0c0b, 0x0a09080706050403 }, { 0x1e1d1c1b1a191817, 0xffffffffffffff1f },
	{ 0x13ff12ff11ff10ff, 0x17ff16ff15ff14ff }, { 0x0302131207061716, 0x0b0a1b1a0f0e1f1e },
};

static void probe_types(struct probe *p)
{
	struct ir_bits v[3] = { { 0, 0 } };
	struct value_set s;

	compile_and_run(p, 0, v, p->n == 1 ? 1 : p->n == 2 ? 2 : 5);
	for (unsigned k = 0; k < p->n; k++) {
		values_of(p->arg[k], k, &s);
		for (unsigned j = 0; j < s.n; j += 2) {
			v[k] = s.v[j];
			compile_and_run(p, 1u << k, v, p->n == 3 ? 9 : 5);
		}
	}
}

/* What forms there are besides types: lanes, patterns. */
static void probe(struct probe *p)
{
	uint8_t shape = ir_op_info[p->op].shape;
	struct ir_bits v[3] = { { 0, 0 } };

	if (shape == IR_SHAPE_VSHUFFLE) {
		for (unsigned k = 0; k < sizeof pattern / sizeof *pattern; k++) {
			v[2] = pattern[k];
			p->aux = 0;
			compile_and_run(p, 1u << 2, v, 7);
		}
		return;
	}
	p->aux = 0;
	if (shape == IR_SHAPE_VEXTRACT || shape == IR_SHAPE_VINSERT)
		p->aux = 128u / ir_type_info[p->arg[0]].lane_bits - 1;
	probe_types(p);
	while (p->aux > 0) {
		p->aux--;
		compile_and_run(p, 0, v, 7);
	}
}

/* All types for operand k and, behind the last, for the result. */
static void each_type(struct probe *p, const char *sig, unsigned k, enum ir_type bound)
{
	bool result = sig[k] == '>';

	for (unsigned t = IR_I1; t < IR_TYPE_COUNT; t++) {
		if (!ir_letter_fits(sig[k + result], (enum ir_type)t, bound))
			continue;
		if (result) {
			p->result = (enum ir_type)t;
			p->n = k;
			probe(p);
		} else if (k < sizeof p->arg / sizeof p->arg[0]) {
			p->arg[k] = (enum ir_type)t;
			each_type(p, sig, k + 1, bound == IR_VOID && ir_letter_binds(sig[k]) ? (enum ir_type)t : bound);
		}
	}
}

static void every_op(unsigned features)
{
	static struct bench b;
	unsigned runs = 0;

	cr_assert(bench_init(&b));
	baseline_limit(b.baseline, features);
	for (unsigned op = 0; op < IR_OP_COUNT; op++) {
		struct probe p = { .b = &b, .op = (enum ir_op)op };
		const char *sig = ir_shape_signature[ir_op_info[op].shape];
		if (!(ir_op_info[op].flags & (IR_PURE | IR_FPENV)))
			continue;
		each_type(&p, sig, 0, IR_VOID);
		cr_expect_eq(p.failures, 0, "%s: %u of %u differ", ir_op_info[op].name, p.failures, p.runs);
		cr_expect(p.runs > 20, "%s: only %u runs", ir_op_info[op].name, p.runs);
		runs += p.runs;
	}
	bench_finish(&b);
	cr_log_info("%u runs", runs);
}

Test(baseline_ops, all_features)
{
	every_op(~0u);
}

Test(baseline_ops, no_features)
{
	every_op(0);
}

Test(baseline_ops, ssse3)
{
	every_op(BASELINE_SSSE3);
}

Test(baseline_ops, no_avx)
{
	every_op(~(unsigned)(BASELINE_AVX | BASELINE_BMI2));
}
