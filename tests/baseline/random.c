/*
 * Random units: all operations and types, long live ranges, constants,
 * guards, calls, checked and unchecked memory, events, loops to the unit itself. State, memory,
 * way out, event, fuel and IEEE flags must be what the interpreter leaves.
 * DGM_SEED=n runs one unit and prints it; DGM_CODE=file keeps its code for a disassembler.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <stdlib.h>

#include "baseline/harness.h"

enum { MAX_VALUES = 1500, UNITS = 2500, RUNS = 4 };

struct maker {
	uint64_t seed;
	struct ir_builder b;
	ir_val value[IR_TYPE_COUNT][MAX_VALUES];
	unsigned n[IR_TYPE_COUNT];
	bool counted, checked, wide;	/* wide: operands from anywhere, so that much lives long */
	unsigned insns, flaws;
};

static uint64_t rnd(struct maker *m)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return m->seed * 0x2545f4914f6cdd1du >> 16;
}

static unsigned below(struct maker *m, unsigned n)
{
	return (unsigned)(rnd(m) % n);
}

static uint64_t any_bits(struct maker *m)
{
	static const uint64_t corner[] = { 0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 0x7fff, 0x8000, 0xffff,
					   0x7fffffff, 0x80000000, 0xffffffff, 0x3ff0000000000000, 0x7ff0000000000000,
					   0x3f800000, 0x7fffffffffffffff, 0x8000000000000000, ~0ull };

	return below(m, 2) ? corner[below(m, sizeof corner / sizeof *corner)] : rnd(m) << 20 ^ rnd(m);
}

static unsigned slots_of(enum ir_type t, unsigned *n)
{
	switch (t) {
	case IR_I1: *n = N_I1; return SLOT_I1;
	case IR_I8: *n = N_I8; return SLOT_I8;
	case IR_I16: *n = N_I16; return SLOT_I16;
	case IR_I32: *n = N_I32; return SLOT_I32;
	case IR_I64: *n = N_I64; return SLOT_I64;
	case IR_F32: *n = N_F32; return SLOT_F32;
	case IR_F64: *n = N_F64; return SLOT_F64;
	default: *n = N_V; return SLOT_V;
	}
}

static unsigned slot_for(struct maker *m, enum ir_type t)
{
	unsigned n, first = slots_of(t, &n);

	return t == IR_I32 && !below(m, 12) ? SLOT_OVER : first + below(m, n);
}

static ir_val keep(struct maker *m, ir_val v)
{
	enum ir_type t = ir_type_of(m->b.u, v);

	if (m->n[t] < MAX_VALUES)
		m->value[t][m->n[t]++] = v;
	return v;
}

static ir_val pick(struct maker *m, enum ir_type t)
{
	unsigned n = m->n[t], kind = below(m, 16);

	if (t > IR_F64 && t != IR_I32X4 && (!n || kind < 5) && kind > 1)
		return keep(m, ir_bitcast(&m->b, t, pick(m, IR_I32X4)));
	if (kind < 2)
		return ir_type_info[t].bits > 64 ? ir_const_vec(&m->b, t, any_bits(m), any_bits(m)) :
						   ir_const(&m->b, t, any_bits(m));
	if (kind < 5 || !n)
		return keep(m, ir_get(&m->b, slot_for(m, t)));
	return m->value[t][m->wide || n < 6 ? below(m, n) : n - 1 - below(m, 6)];
}

static enum ir_type int_type(struct maker *m)
{
	static const uint8_t t[] = { IR_I32, IR_I32, IR_I32, IR_I32, IR_I64, IR_I64, IR_I1, IR_I8, IR_I16 };

	return (enum ir_type)t[below(m, sizeof t)];
}

static enum ir_type any_type(struct maker *m)
{
	static const uint8_t t[] = { IR_I32, IR_I32, IR_I32, IR_I64, IR_I1, IR_I8, IR_I16, IR_F32, IR_F64, IR_F64,
				     IR_I32X4 };

	return (enum ir_type)t[below(m, sizeof t)];
}

static ir_val emit(struct maker *m, struct ir_inst in)
{
	ir_val v = ir_emit(&m->b, in);

	return in.type ? keep(m, v) : v;
}

static bool is_int(enum ir_type t)
{
	return ir_type_info[t].kind == IR_KIND_INT;
}

/* A type the letter of a signature allows, given T; VOID when there is none. */
static enum ir_type type_for(struct maker *m, char letter, enum ir_type bound)
{
	for (unsigned tries = 0; tries < 60; tries++) {
		enum ir_type t = (enum ir_type)(IR_I1 + below(m, IR_TYPE_COUNT - 1));

		if (letter == 'I' || (letter == 'L' && below(m, 2)))
			t = int_type(m);
		else if (letter == 'V')
			t = any_type(m);
		if (ir_letter_fits(letter, t, bound))
			return t;
	}
	return IR_VOID;
}

/* Which NaN comes out of two is not stated, so none does. */
static void no_nan(struct maker *m, ir_val v)
{
	enum ir_type t = ir_type_of(m->b.u, v);

	m->n[t]--;
	if (t > IR_F64) {
		/* all bits of lanes that are ordered */
		enum ir_type bits = ir_letter_type('c', t);
		ir_val nan = ir_vfuno(&m->b, v, v);
		keep(m, ir_bitcast(&m->b, t, ir_and(&m->b, ir_bitcast(&m->b, bits, v), ir_not(&m->b, nan))));
		return;
	}
	keep(m, ir_select(&m->b, ir_funo(&m->b, v, v), ir_const(&m->b, t, t == IR_F32 ? 0x3fc00000 : 0x3ff8000000000000),
			  v));
}

static bool may_make_nan(enum ir_op op)
{
	uint8_t shape = ir_op_info[op].shape;

	return ir_op_info[op].flags & IR_FPENV &&
	       (shape == IR_SHAPE_FBIN || shape == IR_SHAPE_FTRI || shape == IR_SHAPE_FUN);
}

static void computation(struct maker *m)
{
	unsigned op;
	enum ir_type bound = IR_VOID;
	struct ir_inst in = { 0 };

	do
		op = below(m, IR_OP_COUNT);
	while (!(ir_op_info[op].flags & (IR_PURE | IR_FPENV)));
	const char *sig = ir_shape_signature[ir_op_info[op].shape];
	for (unsigned k = 0; *sig != '>'; sig++, k++) {
		enum ir_type t = type_for(m, *sig, bound);
		if (t == IR_VOID)
			return;
		if (bound == IR_VOID && ir_letter_binds(*sig))
			bound = t;
		in.arg[k] = pick(m, t);
	}
	unsigned shape = ir_op_info[op].shape;
	if (shape == IR_SHAPE_VSHUFFLE)
		in.arg[2] = ir_const_vec(&m->b, IR_I8X16, rnd(m) & 0x3f1f1f1f1f1f1f1f, rnd(m) & 0x1f1f1f3f1f1f1f1f);
	if (shape == IR_SHAPE_VEXTRACT || shape == IR_SHAPE_VINSERT)
		in.aux = (uint16_t)below(m, 128u / ir_type_info[bound].lane_bits);
	in.op = (uint8_t)op;
	in.type = (uint8_t)type_for(m, sig[1], bound);
	if (in.type == IR_VOID)
		return;
	ir_val v = emit(m, in);
	if (may_make_nan((enum ir_op)op))
		no_nan(m, v);
}

static ir_val get_i32(struct maker *m)
{
	return pick(m, IR_I32);
}

/* An address and displacement; inside RAM unless the unit is checked and luck wants else. */
static ir_val address(struct maker *m, int32_t *disp)
{
	static const int32_t disps[] = { 0, 0, 0, 4, 8, -4, -32, 0x7f0, -0x7f0, 0x12340, -0x54320, 0x7fffff00 };
	uint32_t align = below(m, 3) ? 0xffffffffu << below(m, 5) : 0xffffffffu;

	*disp = disps[below(m, sizeof disps / sizeof *disps)];
	if (!below(m, 6))
		return ir_const(&m->b, IR_I32, RAM_AT + 0x800 + (below(m, 0x2fe0) & align) - (uint32_t)*disp);
	if (m->checked && !below(m, 40))
		return get_i32(m);
	if (!below(m, 12))	/* around the border between direct pages and the others */
		return ir_const(&m->b, IR_I32, RAM_AT + PAGES_DIRECT * 0x1000 - 16 + below(m, 18) - (uint32_t)*disp);
	ir_val a = ir_and(&m->b, get_i32(m), ir_const(&m->b, IR_I32, 0x1fff & align));
	return keep(m, ir_add(&m->b, a, ir_const(&m->b, IR_I32, RAM_AT + 0x800 - (uint32_t)*disp)));
}

static unsigned access_of(struct maker *m, enum ir_type t)
{
	unsigned bits = ir_type_info[t].bits, mem = bits == 128 ? IR_MEM_128 : bits == 64 ? IR_MEM_64 : IR_MEM_32;

	if (is_int(t))
		do
			mem = below(m, 4);
		while (8u << mem > bits);
	return mem | (below(m, 2) ? IR_MEM_BE : 0) | (below(m, 5) ? 0 : IR_MEM_ALIGNED) |
	       (below(m, 8) ? 0 : IR_MEM_ACQUIRE) | (below(m, 8) ? 0 : IR_MEM_RELEASE);
}

static void access(struct maker *m)
{
	enum ir_type t = any_type(m), it = below(m, 2) ? IR_I32 : IR_I64;
	int32_t disp;

	if (t == IR_I1)
		t = IR_I8;
	ir_val a = address(m, &disp);
	if (is_int(t) && !below(m, 4)) {
		unsigned mem = access_of(m, t);

		if (below(m, 2))
			keep(m, ir_load_if(&m->b, mem | (below(m, 2) ? IR_MEM_SEXT : 0), pick(m, IR_I1), pick(m, t), a, disp));
		else
			ir_store_if(&m->b, mem, pick(m, IR_I1), a, disp, pick(m, t));
		return;
	}
	switch (below(m, 8)) {
	case 0: case 1: case 2:
		keep(m, ir_load(&m->b, access_of(m, t) | (is_int(t) && below(m, 2) ? IR_MEM_SEXT : 0), t, a, disp));
		break;
	case 3: case 4: case 5: ir_store(&m->b, access_of(m, t), a, disp, pick(m, t)); break;
	case 6:
		if (below(m, 2))
			keep(m, ir_cas(&m->b, access_of(m, it), a, disp, pick(m, it), pick(m, it)));
		else
			keep(m, ir_stcond(&m->b, access_of(m, it), pick(m, IR_I1), a, disp, pick(m, it), pick(m, it)));
		break;
	default:
		emit(m, (struct ir_inst){ .op = (uint8_t)(IR_OP_rmw_xchg + below(m, 5)), .type = (uint8_t)it,
					  .aux = (uint16_t)access_of(m, it), .imm = disp, .arg = { a, pick(m, it) } });
		break;
	}
}

/* Three vectors and a number, in any order. */
static void vector_helper(struct maker *m)
{
	ir_val v[4] = { pick(m, IR_I32X4), pick(m, IR_I8X16), pick(m, IR_F64X2), pick(m, below(m, 2) ? IR_I32 : IR_F64) };
	unsigned k = below(m, 4);
	ir_val number = v[3];

	v[3] = v[k];
	v[k] = number;
	if (below(m, 2))
		keep(m, ir_guard4(&m->b, &test_vector, pick(m, IR_I1), pick(m, IR_I16X8), v[0], v[1], v[2], v[3]));
	else
		keep(m, ir_call4(&m->b, &test_vector, IR_I16X8, v[0], v[1], v[2], v[3]));
}

static void helper(struct maker *m)
{
	if (!below(m, 3)) {
		vector_helper(m);
		return;
	}
	static const struct ir_helper *const all[] = { &test_pure, &test_writes, &test_leaves, &test_memory };
	enum ir_type t = below(m, 3) ? int_type(m) : below(m, 2) ? IR_F64 : IR_F32;
	ir_val a = below(m, 2) ? pick(m, IR_I32) : pick(m, IR_F64), b = pick(m, IR_I64), c = pick(m, IR_F32);
	ir_val flag = pick(m, IR_I1), x = pick(m, t);
	bool guard = below(m, 2);
	const struct ir_helper *h = all[below(m, guard ? 2 : 4)];

	if (below(m, 2))
		c = pick(m, IR_I1);
	/* each helper takes another number of arguments; what is not passed is not stated */
	if (h != &test_pure)
		c = IR_NONE;
	if (h == &test_memory || h == &test_leaves)
		b = IR_NONE;
	if (h == &test_memory && below(m, 4))
		a = ir_const(&m->b, IR_I32, RAM_AT + 1);
	if (guard) {
		keep(m, ir_guard(&m->b, h, flag, x, a, b, c));
		return;
	}
	if (below(m, 5))
		keep(m, ir_call(&m->b, h, t, a, b, c));
	else
		ir_call(&m->b, h, IR_VOID, a, b, c);
}

/* Compare and branch, the usual way: every bit of the result also goes to a slot. */
static void compare_and_leave(struct maker *m)
{
	enum ir_type t = below(m, 2) ? IR_I32 : IR_I64;
	ir_val x = pick(m, t), y = pick(m, t), target = ir_const(&m->b, IR_I32, 0x2000 + 4 * below(m, 64));
	ir_val lt = ir_slt(&m->b, x, y), gt = ir_slt(&m->b, y, x), eq = ir_eq(&m->b, x, y), cond[3] = { lt, gt, eq };

	ir_put(&m->b, SLOT_I1, lt);
	ir_put(&m->b, SLOT_I1 + 1, gt);
	ir_put(&m->b, SLOT_I1 + 2, eq);
	if (below(m, 2))
		keep(m, lt);
	if (m->counted && !below(m, 6))
		target = ir_const(&m->b, IR_I32, UNIT_PC);
	ir_val c = cond[below(m, 3)];
	ir_exit_if(&m->b, IR_EXIT_JUMP, below(m, 2) ? c : ir_not(&m->b, c), target);
}

static void leave_maybe(struct maker *m)
{
	ir_val c = ir_and(&m->b, pick(m, IR_I1), pick(m, IR_I1));

	c = ir_and(&m->b, c, pick(m, IR_I1));
	if (below(m, 2))
		ir_exit_if(&m->b, IR_EXIT_JUMP, c, ir_const(&m->b, IR_I32, 0x3000 + 4 * below(m, 64)));
	else
		ir_trap_if(&m->b, (enum ir_trap)(1 + below(m, IR_TRAP_COUNT - 1)), (int32_t)below(m, 1000), c,
			   ir_const(&m->b, IR_I32, UNIT_PC), ir_const(&m->b, IR_I32, UNIT_PC + 4));
}

/* Branches on what has just been computed, against 0. */
static void after_counting(struct maker *m, ir_val sum, enum ir_type t)
{
	ir_val zero = ir_const(&m->b, t, 0), target = ir_const(&m->b, IR_I32, 0x5000 + 4 * below(m, 8)), c;

	switch (below(m, 8)) {
	case 0: c = ir_eq(&m->b, sum, zero); break;
	case 1: c = ir_not(&m->b, ir_ne(&m->b, sum, zero)); break;
	case 2: c = ir_slt(&m->b, sum, zero); break;
	case 3: c = ir_slt(&m->b, zero, sum); break;
	default: return;
	}
	ir_exit_if(&m->b, IR_EXIT_JUMP, c, target);
}

static void put_something(struct maker *m)
{
	enum ir_type t = any_type(m);
	unsigned slot = slot_for(m, t);

	/* what a counter looks like */
	if (is_int(t) && !below(m, 3)) {
		static const uint8_t ops[] = { IR_OP_add, IR_OP_add, IR_OP_sub, IR_OP_and, IR_OP_or, IR_OP_xor };
		ir_val x = ir_get(&m->b, slot), y = pick(m, t), no = ir_const(&m->b, IR_I1, 0);
		ir_val sum = emit(m, (struct ir_inst){ .op = ops[below(m, sizeof ops)], .type = (uint8_t)t,
						       .arg = { x, y } });
		if (!below(m, 3))
			ir_put(&m->b, SLOT_I1 + 3, below(m, 2) ? ir_add_carry(&m->b, x, y, no) :
								   ir_add_overflow(&m->b, y, x, no));
		ir_put(&m->b, slot, sum);
		after_counting(m, sum, t);
		if (below(m, 2))
			keep(m, sum);
		return;
	}
	ir_put(&m->b, slot, pick(m, t));
}

static void step(struct maker *m)
{
	unsigned what = below(m, 40);

	if (what < 20)
		computation(m);
	else if (what < 26)
		access(m);
	else if (what < 33)
		put_something(m);
	else if (what < 35)
		helper(m);
	else if (what < 36)
		compare_and_leave(m);
	else if (what < 37)
		leave_maybe(m);
	else if (what < 38 && !below(m, 4))
		ir_fence(&m->b, 0);
	else if (m->insns < 60)
		ir_insn(&m->b, UNIT_PC + 4 * m->insns++, 4);
}

static void finish(struct maker *m)
{
	switch (below(m, 4)) {
	case 0: ir_exit(&m->b, IR_EXIT_JUMP, ir_const(&m->b, IR_I32, m->counted && below(m, 2) ? UNIT_PC : 0x4000), 0); break;
	case 1:
		ir_trap(&m->b, IR_TRAP_SYSCALL, 7, ir_const(&m->b, IR_I32, UNIT_PC), ir_const(&m->b, IR_I32, UNIT_PC + 4));
		break;
	default:
		ir_exit_ind(&m->b, IR_EXIT_JUMP, below(m, 3) ? pick(m, IR_I32) : ir_const(&m->b, IR_I32, 0x7678), 0);
		break;
	}
}

static struct ir_unit *make(struct maker *m, struct bench *bench, uint64_t seed)
{
	struct ir_unit *u = ir_unit_new(&bench->arena, &test_slots, UNIT_PC);
	struct ir_error err;
	unsigned steps;

	memset(m, 0, sizeof *m);
	m->seed = seed * 0x9e3779b97f4a7c15u + 1;
	rnd(m);
	rnd(m);
	m->counted = bench->mode.count = below(m, 4);
	m->checked = bench->mode.checked = below(m, 2);
	m->wide = below(m, 2);
	bench->entry_leaves = !below(m, 4);
	ir_builder_init(&m->b, &bench->arena, u);
	ir_poll(&m->b, 0);
	if (m->counted)
		ir_tick(&m->b, 64);
	ir_insn(&m->b, UNIT_PC, 4);
	m->insns = 1;
	steps = 5 + below(m, below(m, 8) ? 40 : 200);
	for (unsigned k = 0; k < steps; k++)
		step(m);
	finish(m);
	u->bytes = 4 * m->insns;
	u->n_insns = 64;
	cr_assert_eq(m->b.failed, DGM_OK);
	if (!ir_verify(u, &err)) {
		ir_print(u, stderr);
		cr_assert_fail("seed %lu: inst %u: %s", (long)seed, err.inst, err.msg);
	}
	return u;
}

static void fill(struct maker *m, struct bench *b)
{
	for (unsigned k = 0; k < STATE_BYTES; k += 8) {
		uint64_t v = any_bits(m);
		memcpy(b->state0 + k, &v, 8);
	}
	for (unsigned k = 0; k < N_I1; k++)
		b->state0[k] &= 1;
	for (unsigned k = 0; k < RAM_BYTES; k++)
		b->ram0[k] = (uint8_t)rnd(m);
	b->pending0 = !below(m, 16);
	b->fuel0 = below(m, 400);
	b->known_target = below(m, 2) ? 0x7678 : 0;
}

static bool one(struct maker *m, struct bench *b, uint64_t seed, bool show, unsigned *refused)
{
	static struct outcome code, interp;
	enum dgm_status st;
	const char *diff;

	base_arena_reset(&b->arena);
	struct ir_unit *u = make(m, b, seed);
	baseline_limit(b->baseline, below(m, 2) ? ~0u : (unsigned)rnd(m));
	if (show) {
		fprintf(stderr, "checked %d\n", b->mode.checked);
		ir_print(u, stderr);
	}
	st = bench_compile(b, u, 0);
	if (show && !st && getenv("DGM_CODE")) {
		FILE *f = fopen(getenv("DGM_CODE"), "w");
		cr_assert(f && fwrite(b->code, 1, b->object.size, f) == b->object.size && !fclose(f));
	}
	*refused += st == DGM_E_UNSUP;
	if (st)
		return st == DGM_E_UNSUP;
	for (unsigned run = 0; run < RUNS; run++) {
		fill(m, b);
		bench_run(b, u, &code);
		bench_interpret(b, u, &interp);
		diff = bench_compare(&code, &interp);
		if (diff) {
			cr_log_error("DGM_SEED=%lu, run %u: %s", (long)seed, run, diff);
			return false;
		}
	}
	return true;
}

Test(baseline_random, units)
{
	static struct maker m;
	static struct bench b;
	const char *given = getenv("DGM_SEED"), *count = getenv("DGM_UNITS");
	unsigned failures = 0, refused = 0, n = count ? (unsigned)atoi(count) : UNITS;

	cr_assert(bench_init(&b));
	if (given) {
		cr_assert(one(&m, &b, strtoull(given, NULL, 0), true, &refused));
	} else {
		for (unsigned seed = 1; seed <= n && failures < 5; seed++)
			failures += !one(&m, &b, seed, false, &refused);
		cr_expect_eq(failures, 0);
		cr_expect(refused < n / 50, "%u units were refused", refused);
	}
	bench_finish(&b);
}

/* The event comes at the stated entry, once, and before anything else happens. */
Test(baseline_random, hot_counter)
{
	static struct bench b;
	static struct outcome out;
	struct ir_builder bu;
	unsigned fired = 0;

	cr_assert(bench_init(&b));
	b.fuel0 = 1000;
	struct ir_unit *u = ir_unit_new(&b.arena, &test_slots, UNIT_PC);
	ir_builder_init(&bu, &b.arena, u);
	ir_poll(&bu, 0);
	ir_tick(&bu, 1);
	ir_insn(&bu, UNIT_PC, 4);
	ir_put(&bu, SLOT_I32, ir_const(&bu, IR_I32, 5));
	ir_exit(&bu, IR_EXIT_JUMP, ir_const(&bu, IR_I32, 0x2000), 0);
	u->bytes = 4;
	u->n_insns = 1;
	cr_assert_eq(bench_compile(&b, u, 7), DGM_OK);
	for (unsigned k = 1; k < 30; k++) {
		bench_run(&b, u, &out);
		if (out.kind != BACKEND_RUN_EVENT)
			continue;
		fired++;
		cr_assert_eq(k, 7);
		cr_assert_eq(out.exit.reason, ENV_HOT);
		cr_assert_eq(out.exit.pc, UNIT_PC);
		cr_assert_eq(out.fuel, 1000);
		cr_assert_eq(out.state[16], 0);
	}
	cr_expect_eq(fired, 1);
	bench_finish(&b);
}

/* Gives memory `left` times, then none. */
static void *scarce(void *ud, void *old, size_t n, size_t align)
{
	unsigned *left = ud;

	if (n && !*left)
		return NULL;
	*left -= n != 0;
	return base_alloc_malloc.fn(NULL, old, n, align);
}

Test(baseline_random, out_of_memory)
{
	static struct maker m;
	static struct bench b;
	unsigned left = 0, failed = 0;
	struct base_alloc alloc = { scarce, &left };
	struct code_object o;
	void *self;

	cr_assert(bench_init(&b));
	const struct ir_unit *u = make(&m, &b, 7);
	struct backend_request rq = { .block = &u, .n_block = 1, .mode = b.mode };
	cr_assert_eq(backend_baseline.create(&alloc, &self), DGM_E_NOMEM);
	for (unsigned give = 1; give < 10; give++) {
		struct base_arena arena;
		left = give;
		cr_assert_eq(backend_baseline.create(&alloc, &self), DGM_OK);
		base_arena_init(&arena, &alloc);
		enum dgm_status st = backend_baseline.compile(self, &rq, &arena, &o);
		cr_assert(st == DGM_OK || st == DGM_E_NOMEM);
		failed += st == DGM_E_NOMEM;
		base_arena_finish(&arena);
		backend_baseline.destroy(self);
	}
	cr_expect(failed >= 2 && failed < 9, "%u failed", failed);
	bench_finish(&b);
}
