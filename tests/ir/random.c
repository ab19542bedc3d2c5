/*
 * Metamorphic test: a random unit does the same before and after optimising, and on the
 * interpreter and the baseline. Units are made from the tables: any operation over values that
 * fit its shape. usage: ir-random UNITS [SEED]
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "ir/sem.h"
#include "opt/opt.h"
#include "tools/ir_exec.h"

enum { FEW_OPS = 6, MAX_VALUES = 512, STATE = 512, PC = 0x1000 };

struct maker {
	uint64_t random;
	struct ir_builder b;
	ir_val value[IR_TYPE_COUNT][MAX_VALUES];
	unsigned n[IR_TYPE_COUNT];
	uint32_t pc;
	bool exact_nan;		/* leave out what may make any NaN: tiers differ in which */
	uint8_t op[FEW_OPS];	/* a unit uses few operations and mostly one type, so that they meet */
	uint8_t type;
	ir_val near;		/* an address accessed before, or IR_NONE: so accesses meet */
	unsigned order;		/* of bytes, mostly */
	unsigned accesses;	/* of 100 operations */
};

/* What a guest could see after a run. */
struct seen {
	uint64_t pc;
	int64_t fuel;
	struct env_exit exit;
	uint32_t fp_flags;
	uint8_t state[STATE], ram[EXEC_RAM];
};

static uint32_t rnd(struct maker *m, uint32_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (uint32_t)(m->random >> 20) % below;
}

static uint64_t corner(struct maker *m, enum ir_type t)
{
	static const uint64_t some[] = { 0, 1, 2, 3, 4, 5, 8, 16, 31, 32, 0xff, 0xffff, 0x7fffffff, 0x80000000, ~0ull,
					 ~1ull, 0x3ff0000000000000, 0x7ff8000000000001, 0x3f800000 };

	uint64_t v = rnd(m, 4) ? some[rnd(m, sizeof some / sizeof some[0])] : m->random;
	return ir_type_info[t].bits > 64 ? v : sem_mask(v, ir_type_info[t].bits);
}

static ir_val constant(struct maker *m, enum ir_type t)
{
	uint64_t low = corner(m, t);

	return ir_const_vec(&m->b, t, low, ir_type_info[t].bits <= 64 ? 0 : rnd(m, 2) ? low : corner(m, t));
}

static ir_val pick(struct maker *m, enum ir_type t)
{
	if (!m->n[t] || !rnd(m, 4))
		return constant(m, t);
	/* Recent values more often: chains are what rules look at. */
	unsigned back = rnd(m, 2) && m->n[t] > 3 ? rnd(m, 3) : rnd(m, m->n[t]);
	return m->value[t][m->n[t] - 1 - back];
}

static void keep(struct maker *m, ir_val v)
{
	enum ir_type t = ir_type_of(m->b.u, v);

	if (t != IR_VOID && m->n[t] < MAX_VALUES)
		m->value[t][m->n[t]++] = v;
}

static enum ir_type pick_type(struct maker *m, char letter, enum ir_type bound)
{
	for (unsigned tries = 0; tries < 100; tries++) {
		enum ir_type t = (enum ir_type)(rnd(m, 3) ? m->type : 1 + rnd(m, IR_TYPE_COUNT - 1));

		if (ir_letter_fits(letter, t, bound))
			return t;
	}
	return IR_VOID;
}

/* What an operation has besides its operands. */
static void fill_in(struct maker *m, struct ir_inst *in, enum ir_type bound)
{
	uint8_t shape = ir_op_info[in->op].shape;

	if (shape == IR_SHAPE_VEXTRACT || shape == IR_SHAPE_VINSERT)
		in->aux = (uint16_t)rnd(m, 128u / ir_type_info[bound].lane_bits);
	if (shape == IR_SHAPE_VSHUFFLE)
		in->arg[2] = ir_const_vec(&m->b, IR_I8X16, rnd(m, ~0u) * 0x10001ull & 0x3f1f1f1f1f1f1f1f,
					  rnd(m, ~0u) * 0x10001ull & 0x1f1f1f3f1f1f1f1f);
}

static void make_value(struct maker *m, enum ir_op op)
{
	uint8_t shape = ir_op_info[op].shape;
	const char *sig = ir_shape_signature[shape];
	struct ir_inst in = { .op = (uint8_t)op };
	enum ir_type bound = IR_VOID;
	unsigned k = 0;

	for (; sig[k] != '>'; k++) {
		enum ir_type only = ir_letter_type(sig[k], bound), t = only ? only : pick_type(m, sig[k], bound);
		if (t == IR_VOID)
			return;
		if (bound == IR_VOID && ir_letter_binds(sig[k]))
			bound = t;
		in.arg[k] = pick(m, t);
	}
	enum ir_type only = ir_letter_type(sig[k + 1], bound);
	in.type = (uint8_t)(only ? only : pick_type(m, sig[k + 1], bound));
	if (!in.type)
		return;
	fill_in(m, &in, bound);
	keep(m, ir_emit(&m->b, in));
}

static unsigned random_slot(struct maker *m)
{
	for (;;) {
		unsigned s = rnd(m, exec_slots.n);
		if (s != exec_slots.pc)
			return s;
	}
}

/* Mostly inside RAM, often misaligned, now and then a fault. */
static ir_val address(struct maker *m)
{
	if (!rnd(m, 24))
		return ir_const(&m->b, IR_I32, EXEC_RAM + rnd(m, 64));
	if (!ir_is_none(m->near) && rnd(m, 4))
		return rnd(m, 4) ? m->near : ir_add(&m->b, m->near, ir_const(&m->b, IR_I32, rnd(m, 16) - 8));
	if (!rnd(m, 8))
		m->near = ir_const(&m->b, IR_I32, 0x4000 + rnd(m, 16));
	else
		m->near = ir_and(&m->b, pick(m, IR_I32), ir_const(&m->b, IR_I32, rnd(m, 2) ? 0xfff8 : 0xfeff));
	return m->near;
}

/* Two stores side by side and a load of both: rare by chance. */
static void make_halves(struct maker *m)
{
	unsigned size = rnd(m, 4), first = rnd(m, 2), bytes = 1u << size;
	enum ir_type t = size == 3 ? IR_F32X4 : size == 2 && rnd(m, 2) ? IR_F64 : IR_I64;
	enum ir_type from = size == 3 ? IR_I64 : IR_I32;
	ir_val a = address(m);

	ir_store(&m->b, m->order | size, a, (int32_t)(first * bytes), pick(m, from));
	ir_store(&m->b, m->order | size, a, (int32_t)(!first * bytes), pick(m, from));
	keep(m, ir_load(&m->b, m->order | (size + 1) | (t == IR_I64 && rnd(m, 2) ? IR_MEM_SEXT : 0), t, a, 0));
}

static void make_access(struct maker *m)
{
	static const enum ir_type type[] = { IR_I8, IR_I16, IR_I32, IR_I64, IR_F32, IR_F64, IR_I8X16, IR_F64X2 };
	enum ir_type t = type[rnd(m, 8)];
	unsigned size = (unsigned)__builtin_ctz(ir_type_info[t].bits) - 3;
	unsigned mem = (rnd(m, 8) ? m->order : m->order ^ IR_MEM_BE) | (rnd(m, 16) ? 0u : IR_MEM_ALIGNED);
	bool is_int = ir_type_info[t].kind == IR_KIND_INT;
	int32_t disp = rnd(m, 2) ? (int32_t)rnd(m, 4) * 4 : (int32_t)rnd(m, 32) - 8;
	ir_val a = address(m);

	if (is_int && size)
		size = rnd(m, size + 1);
	mem |= size;
	if (!is_int || rnd(m, 3))
		switch (rnd(m, 2)) {
		case 0: keep(m, ir_load(&m->b, mem | (is_int && rnd(m, 2) ? IR_MEM_SEXT : 0), t, a, disp)); return;
		default: ir_store(&m->b, mem, a, disp, pick(m, t)); return;
		}
	if (is_int && rnd(m, 2)) {
		if (rnd(m, 2))
			keep(m, ir_load_if(&m->b, mem | (rnd(m, 2) ? IR_MEM_SEXT : 0), pick(m, IR_I1), pick(m, t), a, disp));
		else
			ir_store_if(&m->b, mem, pick(m, IR_I1), a, disp, pick(m, t));
		return;
	}
	switch (rnd(m, 4)) {
	case 0: keep(m, ir_cas(&m->b, mem, a, disp, pick(m, t), pick(m, t))); break;
	case 1: keep(m, ir_stcond(&m->b, mem, pick(m, IR_I1), a, disp, pick(m, t), pick(m, t))); break;
	case 2: keep(m, ir_rmw_add(&m->b, mem, a, disp, pick(m, t))); break;
	default: keep(m, ir_rmw_xchg(&m->b, mem, a, disp, pick(m, t))); break;
	}
}

/* The last two helpers take two vectors and a number; one answers a vector. */
static void make_vector_call(struct maker *m)
{
	const struct ir_helper *h = exec_helpers[5 + rnd(m, 2)];
	enum ir_type t = exec_helpers[5] == h ? IR_I64X2 : IR_I32;
	ir_val x = pick(m, IR_I64X2), y = pick(m, IR_I8X16), n = pick(m, IR_I32);

	if (rnd(m, 2))
		keep(m, ir_guard(&m->b, h, pick(m, IR_I1), pick(m, t), x, n, y));
	else
		keep(m, ir_call(&m->b, h, t, n, x, y));
}

static void make_call(struct maker *m)
{
	const struct ir_helper *h = exec_helpers[rnd(m, 5)];

	if (!rnd(m, 3)) {
		make_vector_call(m);
		return;
	}
	ir_val a = pick(m, IR_I32), pc = ir_const(&m->b, IR_I32, m->pc), c = pick(m, IR_I32);
	bool leaves = h->effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY);

	if (!strcmp(h->name, "t_load"))
		a = address(m);
	if (!leaves && rnd(m, 2))
		keep(m, ir_guard(&m->b, h, pick(m, IR_I1), pick(m, IR_I32), a, pc, c));
	else if (!leaves || !rnd(m, 4))
		keep(m, ir_call(&m->b, h, IR_I32, a, pc, c));
}

static void make_leave(struct maker *m)
{
	ir_val c = pick(m, IR_I1), pc = ir_const(&m->b, IR_I32, m->pc), next = ir_const(&m->b, IR_I32, m->pc + 4);

	if (rnd(m, 2))
		ir_exit_if(&m->b, IR_EXIT_JUMP, c, next);
	else
		ir_trap_if(&m->b, IR_TRAP_BREAK, (int32_t)rnd(m, 9), c, pc, next);
}

static bool may_make_any_nan(enum ir_op op)
{
	uint8_t shape = ir_op_info[op].shape;

	return ir_op_info[op].flags & IR_FPENV &&
	       (shape == IR_SHAPE_FBIN || shape == IR_SHAPE_FTRI || shape == IR_SHAPE_FUN);
}

static void choose_few(struct maker *m)
{
	m->type = (uint8_t)(IR_I1 + rnd(m, rnd(m, 2) ? IR_F64 : IR_F64X2));
	for (unsigned k = 0; k < FEW_OPS;) {
		enum ir_op op = (enum ir_op)rnd(m, IR_OP_COUNT);

		if (ir_op_info[op].flags & (IR_PURE | IR_FPENV) && !(m->exact_nan && may_make_any_nan(op)))
			m->op[k++] = (uint8_t)op;
	}
}

/* What is left over shows in the state, too. */
static void put_last(struct maker *m)
{
	for (unsigned s = 0; s < exec_slots.n; s++) {
		enum ir_type t = (enum ir_type)exec_slots.slot[s].type;

		if (s != exec_slots.pc && rnd(m, 2))
			ir_put(&m->b, s, pick(m, t));
	}
}

static void make_one(struct maker *m)
{
	unsigned slot, what = rnd(m, 100);

	if (what < 12) {
		keep(m, ir_get(&m->b, random_slot(m)));
	} else if (what < 30) {
		slot = random_slot(m);
		ir_put(&m->b, slot, pick(m, (enum ir_type)exec_slots.slot[slot].type));
	} else if (what < 31) {
		make_call(m);
	} else if (what < 32) {
		make_leave(m);
	} else if (what < 32 + m->accesses) {
		if (rnd(m, 8))
			make_access(m);
		else
			make_halves(m);
	} else {
		make_value(m, (enum ir_op)m->op[rnd(m, FEW_OPS)]);
	}
}

static struct ir_unit *make_unit(struct maker *m, struct base_arena *arena, uint64_t seed, bool exact_nan)
{
	struct ir_unit *u = ir_unit_new(arena, &exec_slots, PC);

	if (!u)
		return NULL;
	memset(m->n, 0, sizeof m->n);
	m->random = (seed + 1) * 0x9e3779b97f4a7c15u | 1;
	m->pc = PC;
	m->exact_nan = exact_nan;
	m->near = IR_NONE;
	m->order = rnd(m, 2) ? IR_MEM_BE : 0;
	m->accesses = rnd(m, 3) ? 6 : 40;
	choose_few(m);
	ir_builder_init(&m->b, arena, u);
	ir_poll(&m->b, 0);
	u->n_insns = 1 + rnd(m, 10);
	u->bytes = u->n_insns * 4;
	ir_tick(&m->b, (int32_t)u->n_insns);
	for (unsigned i = 0; i < u->n_insns; i++, m->pc += 4) {
		ir_insn(&m->b, m->pc, 4);
		for (unsigned k = rnd(m, 20); k > 0; k--)
			make_one(m);
	}
	put_last(m);
	if (rnd(m, 4))
		ir_exit(&m->b, IR_EXIT_JUMP, ir_const(&m->b, IR_I32, m->pc), 0);
	else
		ir_exit_ind(&m->b, IR_EXIT_RETURN, pick(m, IR_I32), 0);
	return m->b.failed ? NULL : u;
}

static struct ir_unit *copy_unit(struct base_arena *arena, const struct ir_unit *from)
{
	struct ir_unit *u = base_arena_copy(arena, from, sizeof *from);

	if (!u)
		return NULL;
	u->inst = base_arena_copy(arena, from->inst, from->n * sizeof *from->inst);
	u->konst = base_arena_copy(arena, from->konst, from->n_konst * sizeof *from->konst);
	return u->inst && (u->konst || !from->n_konst) ? u : NULL;
}

static bool observe(struct exec_bench *b, enum exec_kind kind, const struct ir_unit *u, uint64_t seed,
		    struct seen *out)
{
	struct maker fill = { .random = seed * 2 + 12345 };

	exec_reset(b);
	b->env->fuel = 1000;
	for (unsigned s = 0; s < exec_slots.n; s++) {
		uint64_t v[2] = { corner(&fill, IR_I64), corner(&fill, IR_I64) };
		enum ir_type t = (enum ir_type)exec_slots.slot[s].type;
		v[0] = sem_mask(v[0], ir_type_info[t].bits > 64 ? 64 : ir_type_info[t].bits);
		memcpy((uint8_t *)b->state + exec_slots.slot[s].offset, v, (ir_type_info[t].bits + 7u) / 8);
	}
	for (unsigned i = 0; i < EXEC_RAM; i += 97)
		b->ram[i] = (uint8_t)(i * 7);
	if (exec_load(b, kind, u))
		return false;
	out->pc = exec_go(b);
	memset((uint8_t *)b->state + exec_slots.slot[exec_slots.pc].offset, 0, 4);
	out->fuel = b->env->fuel;
	out->exit = b->env->exit;
	if (out->exit.reason == ENV_NONE)
		out->exit = (struct env_exit){ .reason = ENV_NONE };
	out->fp_flags = b->env->fp_flags & 0x3c;
	memcpy(out->state, b->state, exec_slots.state_size);
	memcpy(out->ram, b->ram, EXEC_RAM);
	return true;
}

static const char *difference(const struct seen *a, const struct seen *b, bool fp_flags)
{
	const struct env_exit *x = &a->exit, *y = &b->exit;

	if (x->reason != y->reason)
		return "event";
	if (a->pc != b->pc)
		return "pc";
	if (x->reason == ENV_FAULT && (x->addr != y->addr || x->cause != y->cause || x->access != y->access))
		return "fault";
	if (x->reason == ENV_TRAP && (x->trap != y->trap || x->code != y->code || x->next != y->next))
		return "trap";
	if (x->left != y->left || a->fuel != b->fuel)
		return "instructions left";
	if (memcmp(a->state, b->state, exec_slots.state_size))
		return "state";
	if (memcmp(a->ram, b->ram, EXEC_RAM))
		return "memory";
	return fp_flags && a->fp_flags != b->fp_flags ? "IEEE flags" : NULL;
}

struct variant {
	const char *name;
	enum exec_kind kind;
	unsigned passes;
};

static const struct variant variant[] = {
	{ "interp, forward", EXEC_INTERP, OPT_FORWARD },
	{ "interp, fold", EXEC_INTERP, OPT_FOLD },
	{ "interp, number", EXEC_INTERP, OPT_NUMBER },
	{ "interp, dead", EXEC_INTERP, OPT_DEAD },
	{ "interp, memory", EXEC_INTERP, OPT_MEMORY },
	{ "interp, all", EXEC_INTERP, OPT_ALL },
	{ "interp, all and memory", EXEC_INTERP, OPT_ALL | OPT_MEMORY },
	{ "baseline", EXEC_BASELINE, 0 },
	{ "baseline, all and memory", EXEC_BASELINE, OPT_ALL | OPT_MEMORY },
};

static bool check_variant(struct exec_bench *b, struct base_arena *arena, const struct ir_unit *u,
			  const struct variant *v, uint64_t seed, const struct seen *want)
{
	static struct seen got;
	struct ir_unit *w = copy_unit(arena, u);
	struct ir_error err = { 0, "" };
	const char *what = NULL;

	if (!w || opt_run(w, arena, v->passes))
		what = "memory is short";
	else if (!ir_verify(w, &err))
		what = err.msg;
	else if (!observe(b, v->kind, w, seed, &got))
		what = "cannot be run";
	else
		what = difference(want, &got, true);
	if (!what)
		return true;
	fprintf(stderr, "seed %" PRIu64 ": %s: %s differs\n", seed, v->name, what);
	ir_print(u, stderr);
	fprintf(stderr, "optimised:\n");
	if (w)
		ir_print(w, stderr);
	return false;
}

static bool check_seed(struct exec_bench *b, struct maker *m, struct base_arena *arena, uint64_t seed)
{
	static struct seen want;
	struct ir_error err;
	bool ok = true;

	base_arena_reset(arena);
	struct ir_unit *u = make_unit(m, arena, seed, seed & 1);
	if (!u || !ir_verify(u, &err) || !observe(b, EXEC_INTERP, u, seed, &want)) {
		fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, u ? err.msg : "out of memory");
		return false;
	}
	for (size_t k = 0; ok && k < sizeof variant / sizeof variant[0]; k++)
		if (b->backend[variant[k].kind] && (variant[k].kind == EXEC_INTERP || m->exact_nan))
			ok = check_variant(b, arena, u, &variant[k], seed, &want);
	return ok;
}

int main(int argc, char **argv)
{
	uint64_t units = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000, seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	struct base_arena arena;
	struct exec_bench bench;
	static struct maker m;
	unsigned bad = 0;

	base_arena_init(&arena, &base_alloc_malloc);
	if (!exec_init(&bench, &exec_slots))
		return 1;
	for (uint64_t i = 0; i < units && bad < 3; i++)
		bad += !check_seed(&bench, &m, &arena, seed + i);
	printf("%" PRIu64 " units from seed %" PRIu64 ", %u wrong\n", units, seed, bad);
	exec_finish(&bench);
	base_arena_finish(&arena);
	return bad != 0;
}
