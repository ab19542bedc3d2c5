/*
 * Every pure and FPENV operation, over every type its shape allows, on corner values: folding and
 * every executor must give what ir_eval gives. The cases come from the tables alone, so a new row
 * is tested without a line here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iface/hostfp.h"
#include "ir/build.h"
#include "ir/sem.h"
#include "opt/opt.h"
#include "tools/ir_exec.h"

enum { MAX_VALUES = 24, FLAGS = HOSTFP_DIVZERO | HOSTFP_OVERFLOW | HOSTFP_UNDERFLOW | HOSTFP_INEXACT };

/* One operation over given types. */
struct combo {
	enum ir_op op;
	unsigned n;			/* operands */
	enum ir_type arg[3], result;
};

struct tester {
	struct exec_bench bench;
	struct base_arena arena;
	unsigned combos, failures;
	uint64_t checks;
};

static const uint64_t f64_corner[] = {
	0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x3fe0000000000000, 0x3ff8000000000000,
	0x4004000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000001234,
	0x7ff0000000000001, 1, 0x800fffffffffffff, 0x7fefffffffffffff, 0x41dfffffffc00000, 0x41e0000000000000,
	0xc1e0000000000000, 0x43e0000000000000, 0xc3e0000000000000, 0x3ff0000000000001, 0x36a0000000000000,
	0x47efffffe0000000, 0x3fb999999999999a,
};
static const uint64_t f32_corner[] = {
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x3fc00000, 0x40200000, 0x7f800000, 0xff800000,
	0x7fc00000, 0xffc01234, 0x7f800001, 1, 0x807fffff, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x5f000000,
	0xdf000000, 0x3f800001, 0x3dcccccd,
};

static unsigned corners(enum ir_type t, uint64_t out[MAX_VALUES])
{
	unsigned w = ir_type_info[t].bits, n = 0;

	if (ir_type_info[t].kind == IR_KIND_FLOAT) {
		const uint64_t *from = w == 64 ? f64_corner : f32_corner;
		n = w == 64 ? sizeof f64_corner / 8 : sizeof f32_corner / 8;
		memcpy(out, from, n * sizeof *out);
		return n;
	}
	const uint64_t all[] = { 0, 1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, ~0ull, ~1ull, 1ull << (w - 1),
				 (1ull << (w - 1)) - 1, 0x5555555555555555, 0x123456789abcdef0, 0x80 };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		uint64_t v = sem_mask(all[i], w);
		unsigned k = 0;
		while (k < n && out[k] != v)
			k++;
		if (k == n)
			out[n++] = v;
	}
	return n;
}

/* The slots operands come from and the result goes to: the k-th of the type. */
static unsigned slot_of(enum ir_type t, unsigned k)
{
	for (unsigned i = 0; i < exec_slots.n; i++)
		if (i != exec_slots.pc && exec_slots.slot[i].type == (uint8_t)t && k-- == 0)
			return i;
	return exec_slots.n;
}

static ir_val emit_op(struct ir_builder *b, const struct combo *c, const ir_val *v)
{
	struct ir_inst in = { .op = (uint8_t)c->op, .type = (uint8_t)c->result };

	memcpy(in.arg, v, c->n * sizeof *v);
	return ir_emit(b, in);
}

/* Operands from slots, or from `konst`; the result into the last slot but none of theirs. */
static struct ir_unit *build(struct base_arena *arena, const struct combo *c, const uint64_t *konst)
{
	struct ir_unit *u = ir_unit_new(arena, &exec_slots, 0x1000);
	struct ir_builder b;
	ir_val v[3];
	unsigned k;

	if (!u)
		return NULL;
	ir_builder_init(&b, arena, u);
	ir_insn(&b, 0x1000, 4);
	u->bytes = 4;
	u->n_insns = 1;
	for (k = 0; k < c->n; k++)
		v[k] = konst ? ir_const(&b, c->arg[k], konst[k]) : ir_get(&b, slot_of(c->arg[k], k));
	ir_put(&b, slot_of(c->result, 0), emit_op(&b, c, v));
	ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, 0x1004), 0);
	return b.failed ? NULL : u;
}

static uint64_t expected(const struct combo *c, const uint64_t *x)
{
	unsigned first = ir_shape_signature[ir_op_info[c->op].shape][0] == '1';
	unsigned w = ir_type_info[c->arg[first]].bits, r = ir_type_info[c->result].bits;

	return sem_mask(ir_eval(c->op, w, r, x[0], x[1], x[2]), r);
}

/* Which NaN arithmetic makes is not stated, only that it is one. */
static bool same(const struct combo *c, uint64_t a, uint64_t b)
{
	unsigned r = ir_type_info[c->result].bits;
	uint8_t shape = ir_op_info[c->op].shape;
	bool any_nan = ir_op_info[c->op].flags & IR_FPENV && shape != IR_SHAPE_F2F && shape != IR_SHAPE_F2I;

	return a == b || (any_nan && sem_is_nan(a, r) && sem_is_nan(b, r));
}

static void complain(struct tester *t, const struct combo *c, const char *who, const uint64_t *x, uint64_t is,
		     uint64_t want)
{
	if (t->failures++ > 30)
		return;
	fprintf(stderr, "%s %s %s: %" PRIx64 " %" PRIx64 " %" PRIx64 " -> %" PRIx64 ", not %" PRIx64 "\n", who,
		ir_op_info[c->op].name, ir_type_info[c->result].name, x[0], x[1], x[2], is, want);
}

static void check_fold(struct tester *t, const struct combo *c, const uint64_t *x)
{
	struct ir_unit *u;

	base_arena_reset(&t->arena);
	u = build(&t->arena, c, x);
	if (!u || opt_run(u, &t->arena, OPT_FOLD)) {
		t->failures++;
		return;
	}
	const struct ir_inst *put = &u->inst[u->n - 2];
	if (ir_op_info[c->op].flags & IR_FPENV) {
		if (u->inst[1].op != (uint8_t)c->op)
			complain(t, c, "folded what must not be:", x, 0, 0);
	} else if (!ir_is_const(put->arg[0])) {
		complain(t, c, "not folded:", x, 0, expected(c, x));
	} else if (ir_const_bits(u, put->arg[0]) != expected(c, x)) {
		complain(t, c, "fold", x, ir_const_bits(u, put->arg[0]), expected(c, x));
	}
}

static uint32_t eval_flags(const struct combo *c, const uint64_t *x)
{
	hostfp_take();
	(void)expected(c, x);
	return hostfp_take() & FLAGS;
}

static void check_run(struct tester *t, const struct combo *c, const uint64_t *x)
{
	struct exec_bench *b = &t->bench;
	uint8_t *state = b->state;
	uint64_t got = 0, want = expected(c, x);
	uint32_t flags = ir_op_info[c->op].flags & IR_FPENV ? eval_flags(c, x) : 0;
	unsigned result = slot_of(c->result, 0), bytes = (ir_type_info[c->result].bits + 7u) / 8;

	for (unsigned k = 0; k < c->n; k++)
		memcpy(state + exec_slots.slot[slot_of(c->arg[k], k)].offset, &x[k],
		       (ir_type_info[c->arg[k]].bits + 7u) / 8);
	b->env->fp_flags = 0;
	exec_go(b);
	memcpy(&got, state + exec_slots.slot[result].offset, bytes);
	if (!same(c, got, want))
		complain(t, c, exec_name[b->kind], x, got, want);
	else if ((b->env->fp_flags & FLAGS) != flags)
		complain(t, c, "IEEE flags:", x, b->env->fp_flags & FLAGS, flags);
	t->checks++;
}

/* All tuples of corner values; runs what is loaded, or folds. */
static void each_tuple(struct tester *t, const struct combo *c,
		       void (*check)(struct tester *, const struct combo *, const uint64_t *))
{
	uint64_t v[3][MAX_VALUES] = { { 0 } }, x[3] = { 0 };
	unsigned n[3] = { 1, 1, 1 };

	for (unsigned k = 0; k < c->n; k++)
		n[k] = corners(c->arg[k], v[k]);
	for (unsigned i = 0; i < n[0]; i++)
		for (unsigned j = 0; j < n[1]; j++)
			for (unsigned k = 0; k < n[2]; k++) {
				x[0] = v[0][i], x[1] = v[1][j], x[2] = v[2][k];
				check(t, c, x);
			}
}

static void check_combo(struct tester *t, const struct combo *c)
{
	struct base_arena keep;
	struct ir_error err;

	t->combos++;
	base_arena_init(&keep, &base_alloc_malloc);
	struct ir_unit *u = build(&keep, c, NULL);
	if (!u || !ir_verify(u, &err)) {
		fprintf(stderr, "%s: %s\n", ir_op_info[c->op].name, u ? err.msg : "out of memory");
		t->failures++;
	} else {
		each_tuple(t, c, check_fold);
		for (unsigned kind = 0; kind < EXEC_COUNT; kind++) {
			const char *why = t->bench.backend[kind] ? exec_load(&t->bench, (enum exec_kind)kind, u) : NULL;
			if (why) {
				fprintf(stderr, "%s %s: %s\n", exec_name[kind], ir_op_info[c->op].name, why);
				t->failures++;
			} else if (t->bench.backend[kind]) {
				each_tuple(t, c, check_run);
			}
		}
	}
	base_arena_finish(&keep);
}

/* Whether type x may stand for a letter once T is bound. */
static bool fits_letter(char letter, enum ir_type x, enum ir_type bound)
{
	const struct ir_type_info *i = &ir_type_info[x], *w = &ir_type_info[bound];
	bool is_int = i->kind == IR_KIND_INT, is_float = i->kind == IR_KIND_FLOAT;

	switch (letter) {
	case 'I': return is_int;
	case 'F': return is_float;
	case 'V': return is_int || is_float;
	case 'T': return x == bound;
	case '1': return x == IR_I1;
	case 'w': return is_int && i->bits > w->bits;
	case 'n': return is_int && i->bits < w->bits;
	case 'b': return x != bound && i->bits == w->bits && (is_int || is_float);
	case 'f': return is_float && x != bound;
	case 'i': return x == IR_I32 || x == IR_I64;
	default: return false;
	}
}

/* Chooses types from letter `at` of the signature on, in every way. */
static void choose(struct tester *t, struct combo *c, const char *sig, unsigned at, enum ir_type bound)
{
	if (sig[at] == '>') {
		for (unsigned r = 1; r < IR_TYPE_COUNT; r++)
			if (fits_letter(sig[at + 1], (enum ir_type)r, bound)) {
				c->result = (enum ir_type)r;
				check_combo(t, c);
			}
		return;
	}
	for (unsigned x = 1; x < IR_TYPE_COUNT; x++)
		if (fits_letter(sig[at], (enum ir_type)x, bound)) {
			c->arg[at] = (enum ir_type)x;
			bool binds = bound == IR_VOID && strchr("IFVi", sig[at]);
			choose(t, c, sig, at + 1, binds ? (enum ir_type)x : bound);
		}
}

int main(void)
{
	struct tester t = { .combos = 0 };

	base_arena_init(&t.arena, &base_alloc_malloc);
	if (!exec_init(&t.bench, &exec_slots))
		return 1;
	for (unsigned op = 0; op < IR_OP_COUNT; op++) {
		struct combo c = { .op = (enum ir_op)op, .n = ir_shape_operands[ir_op_info[op].shape] };

		if (ir_op_info[op].flags & (IR_PURE | IR_FPENV))
			choose(&t, &c, ir_shape_signature[ir_op_info[op].shape], 0, IR_VOID);
	}
	printf("%u operations over types, %" PRIu64 " results, %u wrong; executors:", t.combos, t.checks, t.failures);
	for (unsigned k = 0; k < EXEC_COUNT; k++)
		printf(" %s%s", t.bench.backend[k] ? "" : "no ", exec_name[k]);
	printf("\n");
	exec_finish(&t.bench);
	base_arena_finish(&t.arena);
	return t.failures != 0;
}
