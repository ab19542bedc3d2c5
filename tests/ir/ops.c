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
	unsigned aux;
	const struct ir_bits *pattern;	/* the third operand of shuffle */
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

static unsigned lane_corners(enum ir_type t, uint64_t out[MAX_VALUES])
{
	unsigned w = ir_type_info[t].lane_bits, n = 0;

	if (ir_type_info[t].kind == IR_KIND_FLOAT || ir_type_info[t].kind == IR_KIND_VEC_FLOAT) {
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

/* Operand k; vectors have corner values next to each other, so that all pairs meet in some lane. */
static unsigned corners(enum ir_type t, unsigned k, struct ir_bits out[MAX_VALUES])
{
	unsigned w = ir_type_info[t].lane_bits, lanes = ir_type_info[t].bits / w;
	uint64_t lane[MAX_VALUES];
	unsigned n = lane_corners(t, lane);

	for (unsigned j = 0; j < n; j++) {
		out[j] = (struct ir_bits){ lanes == 1 ? lane[j] : 0, 0 };
		for (unsigned i = 0; lanes > 1 && i < lanes; i++)
			*(i * w < 64 ? &out[j].lo : &out[j].hi) |= lane[(j + i * (1 + 4 * k)) % n] << i * w % 64;
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
	struct ir_inst in = { .op = (uint8_t)c->op, .type = (uint8_t)c->result, .aux = (uint16_t)c->aux };

	memcpy(in.arg, v, c->n * sizeof *v);
	return ir_emit(b, in);
}

/* Operands from slots, or from `konst`; the result into the last slot but none of theirs. */
static struct ir_unit *build(struct base_arena *arena, const struct combo *c, const struct ir_bits *konst)
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
		v[k] = k == 2 && c->pattern ? ir_const_vec(&b, IR_I8X16, c->pattern->lo, c->pattern->hi) :
		       konst		    ? ir_const_vec(&b, c->arg[k], konst[k].lo, konst[k].hi) :
					      ir_get(&b, slot_of(c->arg[k], k));
	ir_put(&b, slot_of(c->result, 0), emit_op(&b, c, v));
	ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, 0x1004), 0);
	return b.failed ? NULL : u;
}

static struct ir_bits expected(const struct combo *c, const struct ir_bits *x)
{
	struct ir_form form = { (uint8_t)c->op, (uint8_t)c->result, { 0 }, (uint8_t)c->aux };

	for (unsigned k = 0; k < c->n; k++)
		form.arg[k] = (uint8_t)c->arg[k];
	return ir_eval_form(form, x);
}

/* Which NaN arithmetic makes is not stated, only that it is one. */
static bool same(const struct combo *c, struct ir_bits a, struct ir_bits b)
{
	unsigned r = ir_type_info[c->result].lane_bits;
	const char *sig = ir_shape_signature[ir_op_info[c->op].shape];
	bool any_nan = ir_op_info[c->op].flags & IR_FPENV && sig[0] == 'G' && sig[strlen(sig) - 1] == 'T';

	for (unsigned i = 0; i * r < ir_type_info[c->result].bits; i++) {
		uint64_t x = sem_lane(a, i, r), y = sem_lane(b, i, r);

		if (x != y && !(any_nan && sem_is_nan(x, r) && sem_is_nan(y, r)))
			return false;
	}
	return true;
}

static void complain(struct tester *t, const struct combo *c, const char *who, const struct ir_bits *x, uint64_t is,
		     struct ir_bits want)
{
	if (t->failures++ > 30)
		return;
	fprintf(stderr, "%s %s %s:", who, ir_op_info[c->op].name, ir_type_info[c->result].name);
	for (unsigned k = 0; k < c->n; k++)
		fprintf(stderr, " %" PRIx64 "'%016" PRIx64 ":%s", x[k].hi, x[k].lo, ir_type_info[c->arg[k]].name);
	fprintf(stderr, " %u -> ..%016" PRIx64 ", not %" PRIx64 "'%016" PRIx64 "\n", c->aux, is, want.hi, want.lo);
}

static void check_fold(struct tester *t, const struct combo *c, const struct ir_bits *x)
{
	struct ir_unit *u;

	base_arena_reset(&t->arena);
	u = build(&t->arena, c, x);
	if (!u || opt_run(u, &t->arena, OPT_FOLD)) {
		t->failures++;
		return;
	}
	const struct ir_inst *put = &u->inst[u->n - 2];
	struct ir_bits want = expected(c, x);
	if (ir_op_info[c->op].flags & IR_FPENV) {
		if (u->inst[1].op != (uint8_t)c->op)
			complain(t, c, "folded what must not be:", x, 0, want);
	} else if (!ir_is_const(put->arg[0])) {
		complain(t, c, "not folded:", x, 0, want);
	} else {
		const struct ir_const *k = &u->konst[put->arg[0].id & ~IR_CONST];
		if (k->bits[0] != want.lo || k->bits[1] != want.hi)
			complain(t, c, "fold", x, k->bits[0], want);
	}
}

static uint32_t eval_flags(const struct combo *c, const struct ir_bits *x)
{
	hostfp_take();
	(void)expected(c, x);
	return hostfp_take() & FLAGS;
}

static void check_run(struct tester *t, const struct combo *c, const struct ir_bits *x)
{
	struct exec_bench *b = &t->bench;
	uint8_t *state = b->state;
	struct ir_bits got = { 0, 0 }, want = expected(c, x);
	uint32_t flags = ir_op_info[c->op].flags & IR_FPENV ? eval_flags(c, x) : 0;
	unsigned result = slot_of(c->result, 0), bytes = (ir_type_info[c->result].bits + 7u) / 8;

	for (unsigned k = 0; k < c->n; k++)
		memcpy(state + exec_slots.slot[slot_of(c->arg[k], k)].offset, &x[k],
		       (ir_type_info[c->arg[k]].bits + 7u) / 8);
	b->env->fp_flags = 0;
	exec_go(b);
	memcpy(&got, state + exec_slots.slot[result].offset, bytes);
	if (!same(c, got, want))
		complain(t, c, exec_name[b->kind], x, got.lo, want);
	else if ((b->env->fp_flags & FLAGS) != flags)
		complain(t, c, "IEEE flags:", x, b->env->fp_flags & FLAGS, (struct ir_bits){ flags, 0 });
	t->checks++;
}

/* All tuples of corner values; runs what is loaded, or folds. */
static void each_tuple(struct tester *t, const struct combo *c,
		       void (*check)(struct tester *, const struct combo *, const struct ir_bits *))
{
	struct ir_bits v[3][MAX_VALUES] = { { { 0, 0 } } }, x[3] = { { 0, 0 } };
	unsigned n[3] = { 1, 1, 1 }, step = c->n == 3 && ir_type_info[c->arg[1]].bits > 64 ? 5 : 1;

	for (unsigned k = 0; k < c->n; k++)
		n[k] = corners(c->arg[k], k, v[k]);
	for (unsigned i = 0; i < n[0]; i++)
		for (unsigned j = 0; j < n[1]; j++)
			for (unsigned k = (i + j) % step; k < n[2]; k += step) {
				x[0] = v[0][i], x[1] = v[1][j], x[2] = c->pattern ? *c->pattern : v[2][k];
				check(t, c, x);
				if (c->pattern)
					break;
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

/* Patterns of shuffle: everything from one side, both, zeros, shifts, interleaving, any order. */
static const struct ir_bits pattern[] = {
	{ 0x0706050403020100, 0x0f0e0d0c0b0a0908 }, { 0x08090a0b0c0d0e0f, 0x0001020304050607 },
	{ 0x1716151413121110, 0x1f1e1d1c1b1a1918 }, { 0x1303120211011000, 0x1707160615051404 },
	{ 0x0a09080706050403, 0x1211100f0e0d0c0b }, { 0x0e0c0a0806040200, 0x1e1c1a1816141210 },
	{ 0xff0504ff0302ff00, 0x0000000000000000 }, { 0x1e00ff7f20401f0f, 0x8011030c1b180207 },
	{ 0x0b0a09080b0a0908, 0x0b0a09080b0a0908 }, { 0x1716151403020100, 0x1f1e1d1c0b0a0908 },
	{ 0xff1eff1cff1aff18, 0x16ff14ff12ff10ff }, { 0x0706050403020100, 0xffffffffffffffff },
	{ 0x0302010007060504, 0x0b0a09080f0e0d0c }, { 0x0f0e0d0c0b0a0908, 0x1f1e1d1c1b1a1918 },
};

/* The forms the operation has besides its types: lanes, patterns. */
static void check_forms(struct tester *t, struct combo *c)
{
	uint8_t shape = ir_op_info[c->op].shape;
	unsigned lanes = 1;

	if (shape == IR_SHAPE_VEXTRACT || shape == IR_SHAPE_VINSERT)
		lanes = 128u / ir_type_info[c->arg[0]].lane_bits;
	if (shape == IR_SHAPE_VSHUFFLE)
		lanes = sizeof pattern / sizeof pattern[0];
	for (unsigned k = 0; k < lanes; k++) {
		c->pattern = shape == IR_SHAPE_VSHUFFLE ? &pattern[k] : NULL;
		c->aux = c->pattern ? 0 : k;
		check_combo(t, c);
	}
}

/* Chooses types from letter `at` of the signature on, in every way. */
static void choose(struct tester *t, struct combo *c, const char *sig, unsigned at, enum ir_type bound)
{
	bool result = sig[at] == '>';

	for (unsigned x = 1; x < IR_TYPE_COUNT; x++) {
		if (!ir_letter_fits(sig[at + result], (enum ir_type)x, bound))
			continue;
		if (result) {
			c->result = (enum ir_type)x;
			check_forms(t, c);
		} else if (at < sizeof c->arg / sizeof c->arg[0]) {
			bool binds = bound == IR_VOID && ir_letter_binds(sig[at]);
			c->arg[at] = (enum ir_type)x;
			choose(t, c, sig, at + 1, binds ? (enum ir_type)x : bound);
		}
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
