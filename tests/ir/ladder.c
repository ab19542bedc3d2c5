/*
 * Ladders that are skipped (lib/opt/ladder.c, lib/engine/ladder.c) against all of their steps: random state, with which a division
 * mostly begins, and ladders that differ in one place of one step, of which none may be taken for one unless it does the same.
 * Usage: ladder [COUNT [FIRST_SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ladder.h"
#include "units.h"

enum { NUM, DEN, Q, OTHER, TO, LESS, EQUAL, FLAG, PC_SLOT, SLOTS, HERE = 0x1000, FIRST = 0x2000 };

static const struct ir_slot slot[SLOTS] = {
	{ "num", IR_I32, 0 },  { "den", IR_I32, 4 },    { "q", IR_I32, 8 },    { "other", IR_I32, 12 }, { "to", IR_I32, 16 },
	{ "less", IR_I1, 20 }, { "equal", IR_I1, 21 }, { "flag", IR_I1, 22 }, { "pc", IR_I32, 24 },
};
static const struct ir_slots slots = { .slot = slot, .n = SLOTS, .pc = PC_SLOT };

/* A ladder: the planted difference, one of those numbered from 1, is in one step. */
struct ladder {
	struct gen *g;
	unsigned planted, at, bytes, insns, highest;
	bool swapped;
};

static struct ir_unit *begin(struct gen *g, uint64_t pc)
{
	struct ir_unit *u = ir_unit_new(&g->arena, &slots, pc);

	if (!u)
		exit(2);
	ir_builder_init(&g->b, &g->arena, u);
	return u;
}

static struct ir_unit *finish(struct gen *g, struct ir_unit *u, unsigned insns, unsigned bytes)
{
	struct ir_error err;

	u->n_insns = insns;
	u->bytes = bytes;
	if (g->b.failed || opt_run(u, &g->arena, OPT_ALL) || !ir_verify(u, &err))
		exit(2);
	return u;
}

/* Step k, or as much of it as there are instructions. */
static struct ir_unit *step(const struct ladder *l, unsigned k, uint64_t pc, unsigned insns)
{
	struct ir_unit *u = begin(l->g, pc);
	struct ir_builder *b = &l->g->b;
	unsigned p = k == l->at ? l->planted : 0, bytes = insns < l->insns ? 4 * insns : l->bytes;
	ir_val num = ir_get(b, p == 1 ? OTHER : NUM), den = ir_get(b, p == 2 ? OTHER : DEN), q = ir_get(b, p == 3 ? OTHER : Q);
	ir_val by = ir_shl(b, den, ir_const(b, IR_I32, p == 4 ? (k + 1) % 32 : k)), diff = ir_sub(b, num, by);
	ir_val c = p == 5 ? ir_ult(b, by, num) : p == 6 ? ir_ule(b, num, by) : ir_ule(b, by, num), bit = ir_zext(b, IR_I32, c);
	ir_val twice = p == 7 ? ir_add(b, q, num) : ir_add(b, q, q);
	ir_val before = p == 9 ? ir_get(b, LESS) : IR_NONE;

	ir_put(b, LESS, ir_slt(b, diff, ir_const(b, IR_I32, 0)));
	if (p != 8)
		ir_put(b, EQUAL, p == 9 ? before : ir_eq(b, num, by));
	if (p == 10)
		ir_put(b, FLAG, c);
	if (p == 11)
		ir_put(b, FLAG, ir_not(b, ir_get(b, FLAG)));
	if (p == 12)
		ir_put(b, DEN, ir_add(b, den, bit));
	ir_put(b, Q, l->swapped ? ir_add(b, bit, twice) : ir_add(b, twice, bit));
	if (insns >= l->insns)
		ir_put(b, NUM, p == 13 ? ir_select(b, c, num, diff) : ir_select(b, c, p == 14 ? ir_add(b, num, by) : diff, num));
	if (p == 15)
		ir_exit_if(b, IR_EXIT_JUMP, c, ir_const(b, IR_I32, HERE));
	ir_exit(b, IR_EXIT_JUMP, ir_const(b, IR_I32, pc + bytes + (p == 16 ? 4 : 0)), 0);
	return finish(l->g, u, insns, bytes);
}
enum { PLANTED = 16 };

static uint64_t last_of(const struct ladder *l)
{
	return FIRST + (uint64_t)l->highest * l->bytes;
}

/* NULL: there is no step. */
static struct ir_unit *lift(void *ud, uint64_t pc, unsigned insns)
{
	const struct ladder *l = ud;
	uint64_t off = last_of(l) - pc;

	if (pc < FIRST || pc > last_of(l) || off % l->bytes)
		return NULL;
	return step(l, (unsigned)(off / l->bytes), pc, insns);
}

static struct ir_unit *jump(struct gen *g)
{
	struct ir_unit *u = begin(g, HERE);

	ir_poll(&g->b, 0);
	ir_insn(&g->b, HERE, 4);
	ir_put(&g->b, OTHER, ir_add(&g->b, ir_get(&g->b, OTHER), ir_const(&g->b, IR_I32, 1)));
	ir_exit_ind(&g->b, IR_EXIT_JUMP, ir_get(&g->b, TO), 0);
	return finish(g, u, 1, 4);
}

/* What a division enters a ladder with, or nearly. */
static void draw(struct gen *g, const struct ladder *l, uint64_t state[SLOTS])
{
	unsigned n = test_below(&g->rng, l->highest + 1), odd = test_below(&g->rng, 8);
	uint64_t den = (uint32_t)test_next(&g->rng) >> test_below(&g->rng, 32), num = (uint32_t)test_next(&g->rng);

	if (odd)
		den &= 0xffffffff >> n;
	if (odd > 1 && den)
		num = test_below(&g->rng, 4) ? num % (den << n << 1) : (den << n << 1) - test_below(&g->rng, 3);
	state[NUM] = (uint32_t)num;
	state[DEN] = den;
	state[Q] = test_below(&g->rng, 2) ? 0 : (uint32_t)test_next(&g->rng);
	state[OTHER] = test_below(&g->rng, 100);
	state[TO] = last_of(l) - (uint64_t)n * l->bytes + (test_below(&g->rng, 8) ? 0 : test_below(&g->rng, 4));
	for (unsigned i = LESS; i <= FLAG; i++)
		state[i] = test_below(&g->rng, 2);
}

/* Executes the unit and the steps it leads to; how many that were. */
static unsigned run(const struct ir_unit *u, struct ladder *l, uint64_t state[SLOTS])
{
	unsigned n = 0;

	for (uint64_t to = units_run(u, state);; n++) {
		state[PC_SLOT] = to;
		u = lift(l, to, l->insns);
		if (!u || n > OPT_STEPS)
			return n;
		to = units_run(u, state);
	}
}

struct tally {
	unsigned cases, fewer;	/* fewer: runs in which steps were skipped */
};

static bool same(struct gen *g, struct ladder *l, const struct ir_unit *all, const struct ir_unit *few, struct tally *t)
{
	for (unsigned k = 0; k < 16; k++) {
		uint64_t state[2][SLOTS] = { { 0 } };

		draw(g, l, state[0]);
		memcpy(state[1], state[0], sizeof state[0]);
		unsigned n = run(all, l, state[0]), m = run(few, l, state[1]);
		if (memcmp(state[0], state[1], sizeof state[0]) || m > n)
			return false;
		t->fewer += m < n;
	}
	return true;
}

static bool one(struct gen *g, uint64_t seed, void *ud)
{
	bool planted = seed % 2 == 0;
	struct ladder l = { .g = g, .insns = 3 + test_below(&g->rng, 3), .highest = 7 + test_below(&g->rng, 25),
			    .swapped = test_below(&g->rng, 2) };
	struct ladder_source from = { lift, &l };
	struct opt_ladder found;
	struct ir_unit *all, *few;
	struct tally *t = ud;
	struct ir_error err;

	l.bytes = 4 * l.insns + 4 * test_below(&g->rng, 2);
	l.planted = planted ? 1 + test_below(&g->rng, PLANTED) : 0;
	l.at = test_below(&g->rng, 3) ? test_below(&g->rng, l.highest + 1) : 0;
	t->cases++;
	if (!ladder_find(&from, FIRST + (uint64_t)l.bytes * test_below(&g->rng, l.highest + 1), &found))
		return planted;
	if (!planted && (found.highest != l.highest || found.last != last_of(&l) || found.bytes != l.bytes))
		return false;
	all = jump(g);
	few = opt_skip_ladder(all, &found, &g->arena);
	return few && ir_verify(few, &err) && same(g, &l, all, few, t) && !opt_run(few, &g->arena, OPT_ALL) &&
	       same(g, &l, all, few, t);
}

int main(int argc, char **argv)
{
	struct tally t = { 0, 0 };

	if (units_main(argc, argv, 400, one, &t))
		return 1;
	if (t.fewer < t.cases * 8)
		fprintf(stderr, "steps were skipped %u times only\n", t.fewer);
	return t.fewer < t.cases * 8;
}
