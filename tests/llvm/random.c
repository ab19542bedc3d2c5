/*
 * Random regions: several blocks with branches between them, every operation of ops.def. The
 * compiled region must leave in the same way, with the same state, memory, fuel and FP flags, as
 * the interpreter. Usage: random MODULE [COUNT [FIRST_SEED]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/engine.h"
#include "rig.h"

enum { MAX_BLOCKS = 6, MAX_POOL = 160, MAX_GUESSES = 6, MAX_SUMS = 12, MAX_ENTRIES = 2, FUEL = 300 };

struct gen {
	uint64_t seed;
	struct ir_builder b;
	ir_val pool[MAX_POOL];
	ir_val sum[MAX_SUMS];		/* results with guards of their own: NaNs with a payload, kept from other operations */
	unsigned n_pool, n_sum, n_block, self;
	const struct backend_mode *mode;
};

/* Takes the highest bit from exponents of either size. */
#define NO_NAN 0xbfffffffbfffffffu

static uint64_t rnd(struct gen *g)
{
	uint64_t z = g->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned below(struct gen *g, unsigned n)
{
	return (unsigned)(rnd(g) % n);
}

static uint64_t corner(struct gen *g)
{
	static const uint64_t c[] = {
		0, 1, 2, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000u, 0xffffffffu,
		0x7fffffffffffffffu, 0x8000000000000000u, ~0ull, 0x3ff0000000000000u, 0x3f800000u,
		0x7ff0000000000000u, 0xc1e0000000200000u, 0x41dfffffffe00000u, 0x0010000000000000u, 1,
		0x4340000000000001u, 0x7f800000u, 0x00800000u, 0x4f000000u, 0x3fb999999999999au,
	};

	return below(g, 3) ? c[below(g, sizeof c / sizeof *c)] : rnd(g);
}

static ir_val value(struct gen *g, enum ir_type t);
static ir_val quiet(struct gen *g, ir_val v);

static void keep(struct gen *g, ir_val v)
{
	if (g->n_pool < MAX_POOL)
		g->pool[g->n_pool++] = v;
	else
		g->pool[below(g, MAX_POOL)] = v;
}

static ir_val value(struct gen *g, enum ir_type t)
{
	for (unsigned tries = 0; tries < 6 && g->n_pool; tries++) {
		ir_val v = g->pool[below(g, g->n_pool)];
		if (ir_type_of(g->b.u, v) == t)
			return v;
	}
	for (unsigned tries = 0; tries < 8; tries++) {
		unsigned s = 1 + below(g, rig_slots.n - 1);
		if (rig_slots.slot[s].type == t)
			return ir_type_info[t].kind == IR_KIND_VEC_FLOAT ? quiet(g, ir_get(&g->b, s)) :
									   ir_get(&g->b, s);
	}
	uint64_t bits = corner(g);
	if (t == IR_F64 && (bits & 0x7ff0000000000000u) == 0x7ff0000000000000u)
		bits &= 0xfff0000000000000u;	/* one NaN is enough: see quiet() */
	if (t == IR_F32 && (bits & 0x7f800000u) == 0x7f800000u)
		bits &= 0xff800000u;
	if (ir_type_info[t].kind == IR_KIND_VEC_FLOAT)
		return ir_const_vec(&g->b, t, bits & NO_NAN, corner(g) & NO_NAN);
	return ir_const_vec(&g->b, t, bits, corner(g));
}

static enum ir_type any_int(struct gen *g)
{
	static const uint8_t t[] = { IR_I32, IR_I32, IR_I64, IR_I32, IR_I8, IR_I16, IR_I1, IR_I64 };

	return (enum ir_type)t[below(g, sizeof t)];
}

static enum ir_type any_float(struct gen *g)
{
	return below(g, 2) ? IR_F64 : IR_F32;
}

/* The sign and payload of a NaN made of two NaNs is nobody's promise: all become one. */
static ir_val quiet(struct gen *g, ir_val v)
{
	enum ir_type t = ir_type_of(g->b.u, v);

	if (t > IR_F64) {
		ir_val bits = ir_bitcast(&g->b, ir_letter_type('c', t), v), nan = ir_vfuno(&g->b, v, v);
		return ir_bitcast(&g->b, t, ir_and(&g->b, bits, ir_not(&g->b, nan)));
	}
	ir_val nan = ir_const(&g->b, t, t == IR_F64 ? 0x7ff8000000000000u : 0x7fc00000u);

	return ir_select(&g->b, ir_funo(&g->b, v, v), nan, v);
}

static enum ir_type fitting(struct gen *g, char letter, enum ir_type bound)
{
	for (unsigned tries = 0; tries < 60; tries++) {
		enum ir_type t = (enum ir_type)(1 + below(g, IR_TYPE_COUNT - 1));

		if (letter == 'I' || (letter == 'L' && below(g, 2)))
			t = any_int(g);
		if (letter == 'F')
			t = any_float(g);
		if (letter == 'V')
			t = (enum ir_type)rig_slots.slot[1 + below(g, rig_slots.n - 1)].type;
		if (ir_letter_fits(letter, t, bound))
			return t;
	}
	return IR_VOID;
}

/* What an operation has besides its operands. */
static void fill_in(struct gen *g, struct ir_inst *in, enum ir_type bound)
{
	uint8_t shape = ir_op_info[in->op].shape;

	if (shape == IR_SHAPE_VEXTRACT || shape == IR_SHAPE_VINSERT)
		in->aux = (uint16_t)below(g, 128u / ir_type_info[bound].lane_bits);
	if (shape == IR_SHAPE_VSHUFFLE)
		in->arg[2] = ir_const_vec(&g->b, IR_I8X16, rnd(g) & 0x3f1f1f1f1f1f1f1f, rnd(g) & 0x1f1f1f3f1f1f1f1f);
}

/* One pure or FP operation, its operands by the shape's signature. */
static void operation(struct gen *g, enum ir_op op)
{
	const char *sig = ir_shape_signature[ir_op_info[op].shape];
	enum ir_type bound = IR_VOID;
	struct ir_inst in = { .op = (uint8_t)op };

	for (unsigned k = 0; *sig != '>'; k++, sig++) {
		enum ir_type t = fitting(g, *sig, bound);

		if (t == IR_VOID)
			return;
		if (bound == IR_VOID && ir_letter_binds(*sig))
			bound = t;
		in.arg[k] = value(g, t);
	}
	in.type = (uint8_t)fitting(g, sig[1], bound);
	if (!in.type)
		return;
	fill_in(g, &in, bound);
	ir_val v = ir_emit(&g->b, in);
	bool is_float = ir_type_info[in.type].kind == IR_KIND_FLOAT || ir_type_info[in.type].kind == IR_KIND_VEC_FLOAT;
	keep(g, ir_op_info[op].flags & IR_FPENV && is_float ? quiet(g, v) : v);
}

/* Mostly inside RAM, sometimes over its end. */
static ir_val address(struct gen *g, int32_t *disp)
{
	ir_val a = value(g, IR_I32);
	uint64_t mask = below(g, 8) ? 0x1ff8 : 0x1fff;

	*disp = below(g, 2) ? 0 : (int32_t)below(g, 64) - 32;
	if (!below(g, 12))
		*disp = (int32_t)below(g, 4) * 0x10000 - 0x10000;
	uint64_t base = (uint32_t)(RIG_RAM - (*disp & ~63));
	a = ir_and(&g->b, a, ir_const(&g->b, IR_I32, mask));
	return ir_add(&g->b, a, ir_const(&g->b, IR_I32, below(g, 40) ? base : base + 0x1000));
}

static unsigned access_bits(struct gen *g, enum ir_type t, bool exact)
{
	unsigned bits = ir_type_info[t].bits, log = bits == 128 ? 4 : bits == 64 ? 3 : bits == 32 ? 2 : bits == 16;
	bool flt = ir_type_info[t].kind != IR_KIND_INT;

	if (!flt && !exact)
		log = below(g, log + 1);
	return log | (below(g, 2) ? IR_MEM_BE : 0) | (below(g, 6) ? 0 : IR_MEM_ALIGNED) |
	       (below(g, 8) ? 0 : IR_MEM_ACQUIRE) | (below(g, 8) ? 0 : IR_MEM_RELEASE);
}

static enum ir_type memory_type(struct gen *g)
{
	static const uint8_t t[] = { IR_I32, IR_I32, IR_I64, IR_I8, IR_I16, IR_F64, IR_F32, IR_I32X4, IR_I8X16 };

	return (enum ir_type)t[below(g, sizeof t)];
}

/* A NaN that a program reads from memory is as good as any other. */
static ir_val cleaned(struct gen *g, ir_val v)
{
	unsigned kind = ir_type_info[ir_type_of(g->b.u, v)].kind;

	return kind == IR_KIND_FLOAT || kind == IR_KIND_VEC_FLOAT ? quiet(g, v) : v;
}

static void memory(struct gen *g)
{
	static const uint8_t wide[] = { IR_I8, IR_I16, IR_I32, IR_I64 };
	enum ir_type t = memory_type(g), ti = (enum ir_type)wide[below(g, 4)];
	unsigned mem = access_bits(g, t, false);
	int32_t disp;
	ir_val a = address(g, &disp);

	if (ir_type_info[t].kind == IR_KIND_INT && !below(g, 4)) {
		if (below(g, 2))
			keep(g, ir_load_if(&g->b, mem | (below(g, 2) ? IR_MEM_SEXT : 0), value(g, IR_I1), value(g, t), a, disp));
		else
			ir_store_if(&g->b, mem, value(g, IR_I1), a, disp, value(g, t));
		return;
	}
	switch (below(g, 8)) {
	case 0: case 1: case 2:
		if (ir_type_info[t].kind == IR_KIND_INT && below(g, 2))
			mem |= IR_MEM_SEXT;
		keep(g, cleaned(g, ir_load(&g->b, mem, t, a, disp)));
		break;
	case 3: case 4: case 5: ir_store(&g->b, mem, a, disp, value(g, t)); break;
	case 6:
		mem = access_bits(g, ti, false);
		if (below(g, 2))
			keep(g, ir_cas(&g->b, mem, a, disp, value(g, ti), value(g, ti)));
		else
			keep(g, ir_stcond(&g->b, mem, value(g, IR_I1), a, disp, value(g, ti), value(g, ti)));
		break;
	default:
		mem = access_bits(g, ti, false);
		keep(g, ir_emit(&g->b, (struct ir_inst){ .op = (uint8_t)(IR_OP_rmw_xchg + below(g, 5)),
			.type = (uint8_t)ti, .aux = (uint16_t)mem, .imm = disp, .arg = { a, value(g, ti) } }));
	}
}

static uint64_t help_mix(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state;
	return a * 3 + (b ^ c >> 7);
}

static uint64_t help_swap(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	uint32_t *s = state;

	s[2] = s[1] + (uint32_t)(a + b + c);
	s[1] ^= 0x55;
	return s[3];
}

static uint64_t help_leave(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	if ((a & 15) == 3) {
		env_of(state)->exit.reason = ENV_STOP;
		env_of(state)->exit.pc = 0x77;
	}
	return a;
}

static uint64_t help_lanes(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct cpu_env *env = env_of(state);

	for (int k = 0; k < 2; k++)
		env->vec[0][k] = env->vec[0][k] * 3 + env->vec[1][1 - k] + (env->vec[2][k] ^ a);
	return ~a;
}

static const struct ir_helper lanes = { "lanes", help_lanes, IR_HELPER_PURE };
static const struct ir_helper mix = { "mix", help_mix, IR_HELPER_PURE };
static const struct ir_helper look = { "look", help_mix, IR_HELPER_READS };
static const struct ir_helper swap = { "swap", help_swap, IR_HELPER_READS | IR_HELPER_WRITES };
static const struct ir_helper leave = { "leave", help_leave, IR_HELPER_LEAVES | IR_HELPER_READS };

enum { ADD, SUB, MUL, DIV, ROOT, N_SUMS, SINGLE = 8, UNORDERED = 16 };

/* A NaN as no host makes it: it tells of the operation and the operands. */
static uint64_t payload(uint64_t what, uint64_t a, uint64_t b)
{
	uint64_t h = (what * 0x9e3779b97f4a7c15u + a) * 0xbf58476d1ce4e5b9u + b;

	h ^= h >> 29;
	return what & SINGLE ? 0x7fc00000u | (h & 0x3fffff) : 0x7ff8000000000000u | (h & 0x7ffffffffffffu);
}

static double as_double(uint64_t what, uint64_t v)
{
	uint32_t low = (uint32_t)v;
	double d;
	float f;

	memcpy(&f, &low, 4);
	memcpy(&d, &v, 8);
	return what & SINGLE ? (double)f : d;
}

static uint64_t bits_of(uint64_t what, double d)
{
	uint64_t v = 0;

	if (what & SINGLE) {
		float f = (float)d;
		memcpy(&v, &f, 4);
	} else {
		memcpy(&v, &d, 8);
	}
	return v;
}

/* Singles are exact as doubles, and twice rounded is once rounded for these operations. */
static uint64_t help_sum(void *state, uint64_t what, uint64_t a, uint64_t b)
{
	double x = as_double(what, a), y = as_double(what, b), r;

	(void)state;
	if (what & UNORDERED)
		return isnan(x) || isnan(y);
	if (isnan(x) || isnan(y))
		return payload(what, a, b);
	switch (what % 8) {
	case ADD: r = x + y; break;
	case SUB: r = x - y; break;
	case MUL: r = x * y; break;
	case DIV: r = x / y; break;
	default: r = sqrt(x); break;
	}
	return isnan(r) ? payload(what, a, b) : bits_of(what, r);
}

static const struct ir_helper sum_helper = { "sum", help_sum, IR_HELPER_FP };

static ir_val operand(struct gen *g, enum ir_type t)
{
	static const uint64_t special[2][4] = {
		{ 0x7f800000, 0xff800000, 0x7fc01234, 0x00800000 },
		{ 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000056789, 0x0010000000000000 },
	};

	if (!below(g, 6))
		return ir_const(&g->b, t, special[t == IR_F64][below(g, 4)]);
	for (unsigned tries = 0; tries < 4 && g->n_sum; tries++) {
		ir_val v = g->sum[below(g, g->n_sum)];
		if (ir_type_of(g->b.u, v) == t)
			return v;
	}
	return quiet(g, value(g, t));
}

/* x op y, with the guard of an ARM guest: for a NaN, or for that and the least normal number. */
static void sum(struct gen *g)
{
	enum ir_type t = any_float(g);
	struct ir_builder *b = &g->b;
	ir_val x = operand(g, t), y = operand(g, t), r, c;
	unsigned op = below(g, 3) ? below(g, 2) : below(g, N_SUMS), what = op | (t == IR_F32 ? SINGLE : 0);

	switch (op) {
	case ADD: r = ir_fadd(b, x, y); break;
	case SUB: r = ir_fsub(b, x, y); break;
	case MUL: r = ir_fmul(b, x, y); break;
	case DIV: r = ir_fdiv(b, x, y); break;
	default: r = ir_fsqrt(b, x); y = x; break;
	}
	if (op == MUL || op == DIV)
		c = ir_fueq(b, ir_fabs(b, r), ir_const(b, t, t == IR_F64 ? 0x0010000000000000u : 0x00800000u));
	else
		c = ir_funo(b, r, r);
	r = ir_guard(b, &sum_helper, c, r, ir_const(b, IR_I32, what), x, y);
	if (!below(g, 4))
		r = below(g, 2) ? ir_fneg(b, r) : ir_fabs(b, r);
	g->sum[g->n_sum < MAX_SUMS ? g->n_sum++ : below(g, MAX_SUMS)] = r;
}

/* What others see of a sum: its bits, in numbers and slots of numbers and vectors, and comparisons. */
static void show_sum(struct gen *g)
{
	struct ir_builder *b = &g->b;
	ir_val x = operand(g, any_float(g)), y = operand(g, (enum ir_type)ir_type_of(b->u, x)), nan = ir_funo(b, x, y);
	bool single = ir_type_of(b->u, x) == IR_F32;
	ir_val bits = ir_bitcast(b, single ? IR_I32 : IR_I64, x);

	switch (below(g, 4)) {
	case 0: keep(g, bits); break;
	case 1: keep(g, ir_bitcast(b, IR_I64X2, ir_vfirst(b, x))); break;
	case 2:
		keep(g, ir_flt(b, x, y));
		ir_guard(b, &sum_helper, nan, nan, ir_const(b, IR_I32, UNORDERED | (single ? SINGLE : 0)), x, y);
		break;
	default:
		for (unsigned s = 1; s < rig_slots.n; s++)
			if (rig_slots.slot[s].type == (single ? IR_I32 : IR_I64) && below(g, 2))
				ir_put(b, s, bits);
	}
}

static void sums(struct gen *g)
{
	for (unsigned n = 2 + below(g, 7); n; n--) {
		sum(g);
		if (!below(g, 3))
			show_sum(g);
	}
	ir_val all = ir_const(&g->b, IR_I64, 0);
	for (unsigned i = 0; i < g->n_sum; i++) {
		bool single = ir_type_of(g->b.u, g->sum[i]) == IR_F32;
		ir_val bits = ir_bitcast(&g->b, single ? IR_I32 : IR_I64, g->sum[i]);
		all = ir_add(&g->b, ir_rotl(&g->b, all, ir_const(&g->b, IR_I8, 7)), single ? ir_zext(&g->b, IR_I64, bits) : bits);
	}
	for (unsigned s = 1; s < rig_slots.n; s++)
		if (rig_slots.slot[s].type == IR_I64)
			ir_put(&g->b, s, all);
}

static void helper(struct gen *g)
{
	static const struct ir_helper *const h[] = { &mix, &look, &swap, &leave };
	enum ir_type t = below(g, 2) ? IR_I32 : IR_I64;
	ir_val x = value(g, IR_I64), y = value(g, IR_I32), c = value(g, IR_I1);

	if (!below(g, 3)) {
		ir_val u = value(g, IR_I32X4), v = value(g, IR_I8X16), w = value(g, IR_F64X2);

		keep(g, below(g, 2) ? ir_call4(&g->b, &lanes, IR_I16X8, u, y, v, w) :
				      ir_guard4(&g->b, &lanes, c, value(g, IR_I32X4), u, v, x, w));
		return;
	}
	if (below(g, 3))
		keep(g, ir_call(&g->b, h[below(g, 4)], t, x, y, below(g, 2) ? IR_NONE : x));
	else
		keep(g, ir_guard(&g->b, h[below(g, 3)], c, value(g, t), x, y, IR_NONE));
}

static ir_val target(struct gen *g)
{
	unsigned k = below(g, 4) ? below(g, g->n_block) : MAX_BLOCKS + below(g, 3);

	if (!g->mode->count && k <= g->self && k < MAX_BLOCKS)
		k = g->self + 1;		/* nothing would end a loop */
	return ir_const(&g->b, IR_I32, 0x1000 + 0x100 * k);
}

static void step(struct gen *g)
{
	unsigned k = below(g, 100);
	enum ir_op op = (enum ir_op)below(g, IR_OP_COUNT);

	if (k < 55 && ir_op_info[op].flags & (IR_PURE | IR_FPENV)) {
		operation(g, op);
	} else if (k < 75) {
		unsigned s = 1 + below(g, rig_slots.n - 1);
		enum ir_type t = (enum ir_type)rig_slots.slot[s].type;
		ir_val v = value(g, t);

		ir_put(&g->b, s, v);
	} else if (k < 90) {
		memory(g);
	} else if (k < 92) {
		helper(g);
	} else if (k < 94) {
		sums(g);
	} else if (k < 97) {
		ir_exit_if(&g->b, IR_EXIT_JUMP, value(g, IR_I1), target(g));
	} else if (k < 98) {
		ir_trap_if(&g->b, IR_TRAP_BREAK, (int32_t)below(g, 9), value(g, IR_I1),
			   ir_const(&g->b, IR_I32, 0x5000), ir_const(&g->b, IR_I32, 0x5004));
	} else if (k < 99) {
		ir_fence(&g->b, 0);
	}
}

static void finish(struct gen *g)
{
	switch (below(g, 6)) {
	case 0: ir_exit_ind(&g->b, IR_EXIT_RETURN, value(g, IR_I32), 0); break;
	case 2:
		ir_exit_ind(&g->b, IR_EXIT_JUMP, ir_select(&g->b, value(g, IR_I1), target(g), target(g)), 0);
		break;
	case 1:
		ir_trap(&g->b, IR_TRAP_SYSCALL, 7, ir_const(&g->b, IR_I32, 0x6000), ir_const(&g->b, IR_I32, 0x6004));
		break;
	default: ir_exit(&g->b, IR_EXIT_JUMP, target(g), 0);
	}
}

/* Doubles as guests have them that keep singles or two halves in them: how a block looks at them first matters. */
static void parts_of_doubles(struct gen *g)
{
	for (unsigned s = 1; s < rig_slots.n; s++) {
		if (rig_slots.slot[s].type != IR_F64 || below(g, 3))
			continue;
		ir_val bits = ir_bitcast(&g->b, IR_I64, ir_get(&g->b, s));

		switch (below(g, 4)) {
		case 0: keep(g, ir_is_exact(&g->b, ir_get(&g->b, s))); break;
		case 1: keep(g, ir_trunc(&g->b, IR_I32, bits)); break;
		case 2: keep(g, ir_trunc(&g->b, IR_I32, ir_shr(&g->b, bits, ir_const(&g->b, IR_I8, 32)))); break;
		default: ir_put(&g->b, s, ir_fexact(&g->b, IR_F64, quiet(g, value(g, IR_F32))));
		}
	}
}

static struct ir_unit *block(struct gen *g, struct base_arena *arena)
{
	uint64_t pc = 0x1000 + 0x100 * g->self;
	struct ir_unit *u = ir_unit_new(arena, &rig_slots, pc);
	unsigned n = 1 + below(g, 12);

	if (!u)
		return NULL;
	g->n_pool = g->n_sum = 0;
	ir_builder_init(&g->b, arena, u);
	ir_poll(&g->b, 0);
	if (g->mode->count)
		ir_tick(&g->b, (int32_t)n);
	for (unsigned i = 0; i < n; i++) {
		ir_insn(&g->b, pc + 4 * i, 4);
		if (!i && below(g, 2))
			parts_of_doubles(g);
		for (unsigned k = 1 + below(g, 6); k; k--)
			step(g);
	}
	finish(g);
	u->n_insns = n;
	u->bytes = 4 * n;
	return g->b.failed ? NULL : u;
}

static void random_start(struct gen *g, struct rig *r)
{
	for (unsigned i = 0; i < RIG_STATE_BYTES / 8; i++) {
		uint64_t v = corner(g);
		memcpy(r->state_start + 8 * i, &v, 8);
	}
	for (unsigned i = 40; i < 43; i++)
		r->state_start[i] &= 1;
	for (unsigned i = 0; i < RIG_RAM_BYTES / 8; i++) {
		uint64_t v = below(g, 3) ? rnd(g) : corner(g);
		memcpy(r->ram_start + 8 * i, &v, 8);
	}
	/* at most one NaN may meet another in an operation: none to begin with */
	uint64_t f = 0x400921fb54442d18u, h = 0xbff8000000000000u;
	uint32_t s = 0x40490fdbu, q = 0xbfc00000u;
	memcpy(r->state_start + 48, &f, 8);
	memcpy(r->state_start + 56, &h, 8);
	memcpy(r->state_start + 64, &s, 4);
	memcpy(r->state_start + 68, &q, 4);
	r->fuel_start = FUEL;
}

static void log_line(void *ud, const char *text)
{
	(void)ud;
	fprintf(stderr, "%s\n", text);
}

static void show(const struct backend_request *rq, const struct rig_result *a, const struct rig_result *b)
{
	for (unsigned i = 0; i < rq->n_block; i++)
		ir_print(rq->block[i], stderr);
	for (unsigned i = 0; i < rig_slots.n; i++) {
		const struct ir_slot *s = &rig_slots.slot[i];
		if (memcmp(a->state + s->offset, b->state + s->offset, (ir_type_info[s->type].bits + 7) / 8))
			fprintf(stderr, "slot %s: interp %016llx llvm %016llx\n", s->name,
				*(const unsigned long long *)(const void *)(a->state + s->offset),
				*(const unsigned long long *)(const void *)(b->state + s->offset));
	}
	for (unsigned i = 0; i < RIG_RAM_BYTES; i++)
		if (a->ram[i] != b->ram[i])
			fprintf(stderr, "byte %x: interp %02x llvm %02x\n", RIG_RAM + i, a->ram[i], b->ram[i]);
	fprintf(stderr, "interp: reason %u pc %llx left %u next %llx fuel %lld fp %x\n", a->exit.reason,
		(unsigned long long)a->exit.pc, a->exit.left, (unsigned long long)a->next, (long long)a->fuel,
		a->fp_flags);
	fprintf(stderr, "llvm:   reason %u pc %llx left %u next %llx fuel %lld fp %x\n", b->exit.reason,
		(unsigned long long)b->exit.pc, b->exit.left, (unsigned long long)b->next, (long long)b->fuel,
		b->fp_flags);
}

/* Loops need fuel: without it guesses lead only forwards. */
static unsigned guesses(struct gen *g, struct backend_guess *out)
{
	unsigned n = below(g, MAX_GUESSES + 1);

	for (unsigned i = 0; i < n; i++) {
		out[i] = (struct backend_guess){ below(g, g->n_block), below(g, g->n_block) };
		if (!g->mode->count && out[i].to <= out[i].from)
			return i;
	}
	return n;
}

/* Up to two blocks besides the first that the region is entered by. */
static unsigned entries(struct gen *g, unsigned *out)
{
	unsigned n = 0;

	for (unsigned i = 1; i < g->n_block && n < MAX_ENTRIES; i++)
		if (!below(g, 3))
			out[n++] = i;
	return n;
}

static bool one(struct rig *r, uint64_t seed, unsigned *events)
{
	struct backend_guess guess[MAX_GUESSES];
	unsigned entry[MAX_ENTRIES];
	struct gen g = { .seed = seed * 977 };
	struct ir_unit *u[MAX_BLOCKS];
	struct backend_request rq = { .block = (const struct ir_unit *const *)u, .log = log_line, .verify = true };
	struct rig_result want, got;
	const char *differs;
	bool exact;

	base_arena_reset(&r->arena);
	rq.mode = (struct backend_mode){ .checked = below(&g, 2), .precise = below(&g, 2), .count = below(&g, 4) != 0,
					 .addr_bits = 32, .insn_shift = 2 };
	rq.opt_level = 1 + below(&g, 3);
	rq.n_block = g.n_block = 1 + below(&g, MAX_BLOCKS);
	g.mode = &rq.mode;
	exact = rq.mode.checked || rq.mode.precise;
	for (g.self = 0; g.self < g.n_block; g.self++) {
		struct ir_error err;

		u[g.self] = block(&g, &r->arena);
		if (!u[g.self] || !ir_verify(u[g.self], &err)) {
			fprintf(stderr, "seed %llu: bad unit: %s\n", (unsigned long long)seed,
				u[g.self] ? err.msg : "no memory");
			return false;
		}
	}
	random_start(&g, r);
	rq.guess = guess;
	rq.n_guess = guesses(&g, guess);
	rq.entry_leaves = !below(&g, 8);
	rq.entry = entry;
	rq.n_entry = entries(&g, entry);
	r->way = below(&g, rq.n_entry + 1);
	rig_run_interp(r, &rq, &want);
	if (rig_compile(r, &rq)) {
		fprintf(stderr, "seed %llu: does not compile\n", (unsigned long long)seed);
		return false;
	}
	rig_run_code(r, &rq, &got);
	events[want.exit.reason]++;
	differs = rig_compare(&want, &got, exact);
	if (!differs)
		return true;
	fprintf(stderr, "seed %llu: %s differs (checked %d precise %d count %d level %u)\n", (unsigned long long)seed,
		differs, rq.mode.checked, rq.mode.precise, rq.mode.count, rq.opt_level);
	show(&rq, &want, &got);
	if (getenv("DGM_DUMP")) {
		rq.dump = DGM_DUMP_LLVM | DGM_DUMP_ASM;
		(void)rig_compile(r, &rq);
	}
	return false;
}

int main(int argc, char **argv)
{
	return rig_draw(argc, argv, 300, one, 1u << ENV_NONE | 1u << ENV_BUDGET | 1u << ENV_TRAP | 1u << ENV_FAULT);
}
