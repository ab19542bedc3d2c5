/*
 * Rounds of a division that are skipped (lib/opt/rounds.c) against all of them: random state, with which the rest of what is to be
 * true mostly is, and units that differ from a round in one place, of which none may be taken for one unless it does the same.
 * Usage: rounds [COUNT [FIRST_SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt/opt.h"
#include "units.h"

enum { LOW, HIGH, BY_LOW, BY_HIGH, COUNT, OTHER, FLAG, PC_SLOT, SLOTS, HERE = 0x1000, BEHIND = 0x2000, MOST_ROUNDS = 80 };

static const struct ir_slot slot[SLOTS] = {
	{ "low", IR_I32, 0 },   { "high", IR_I32, 4 },   { "by_low", IR_I32, 8 }, { "by_high", IR_I32, 12 },
	{ "count", IR_I32, 16 }, { "other", IR_I32, 20 }, { "flag", IR_I1, 24 },  { "pc", IR_I32, 28 },
};
static const struct ir_slots slots = { .slot = slot, .n = SLOTS, .pc = PC_SLOT };

static ir_val number(struct gen *g, uint64_t k)
{
	return ir_const(&g->b, IR_I32, k);
}

static ir_val with_carry(struct gen *g, ir_val x, ir_val c)
{
	return ir_add(&g->b, x, ir_zext(&g->b, IR_I32, c));
}

/* A round; the planted difference is one of those numbered from 1. */
static struct ir_unit *unit(struct gen *g, unsigned planted)
{
	struct ir_unit *u = ir_unit_new(&g->arena, &slots, HERE);
	struct ir_builder *b = &g->b;

	if (!u)
		exit(2);
	ir_builder_init(b, &g->arena, u);
	ir_poll(b, 0);
	ir_insn(b, HERE, 4);
	ir_val none = ir_const(b, IR_I1, planted == 1);
	ir_val xl = ir_get(b, LOW), xh = ir_get(b, planted == 2 ? OTHER : HIGH), dl = ir_get(b, BY_LOW), dh = ir_get(b, BY_HIGH);
	ir_val n = ir_get(b, COUNT), not_d = ir_not(b, dh), c0 = planted == 3 ? ir_ult(b, dl, xl) : ir_ule(b, dl, xl);
	ir_val high = with_carry(g, planted == 4 ? ir_sub(b, xh, not_d) : ir_add(b, xh, not_d), c0);
	ir_val c = ir_add_carry(b, xh, not_d, c0), low = ir_sub(b, xl, planted == 5 ? xl : dl), twice = ir_add(b, low, low);
	ir_val taken = with_carry(g, ir_add(b, high, planted == 6 ? xh : high), ir_add_carry(b, low, low, none));
	taken = with_carry(g, taken, ir_ult(b, number(g, planted == 7 ? 7 : 0xfffffffe), twice));
	ir_val one = ir_add(b, twice, number(g, planted == 8 ? 3 : 1));
	ir_val other = with_carry(g, ir_add(b, xh, xh), ir_add_carry(b, xl, planted == 9 ? dl : xl, none));
	ir_put(b, OTHER, planted == 10 ? ir_add(b, ir_get(b, OTHER), number(g, 1)) : high);
	ir_put(b, FLAG, ir_eq(b, high, number(g, 0)));
	ir_put(b, LOW, planted == 11 ? ir_select(b, c, ir_add(b, xl, xl), one) : ir_select(b, c, one, ir_add(b, xl, xl)));
	ir_put(b, HIGH, ir_select(b, c, taken, other));
	ir_put(b, COUNT, ir_add(b, n, number(g, planted == 12 ? 0xfffffffe : 0xffffffff)));
	if (planted == 13)
		ir_put(b, BY_LOW, ir_shr(b, dl, number(g, 1)));
	ir_exit_if(b, IR_EXIT_JUMP, ir_eq(b, n, number(g, planted == 14 ? 2 : 1)), number(g, BEHIND));
	ir_exit(b, IR_EXIT_JUMP, number(g, planted == 15 ? BEHIND : HERE), 0);
	u->n_insns = 1;
	u->bytes = 4;
	if (b->failed || opt_run(u, &g->arena, OPT_ALL))
		exit(2);
	return u;
}
enum { PLANTED = 15 };

/* Runs until it is behind the loop; the rounds that took, or MOST_ROUNDS. */
static unsigned run_all(const struct ir_unit *u, uint64_t state[SLOTS])
{
	unsigned n = 1;

	while (units_run(u, state) == HERE && n < MOST_ROUNDS)
		n++;
	return n;
}

/* What a division begins a loop with, or nearly. */
static void draw(struct gen *g, uint64_t state[SLOTS])
{
	unsigned n = 1 + test_below(&g->rng, 66), free = n < 64 ? n - 1 : 63, odd = test_below(&g->rng, 4);
	uint64_t d = test_next(&g->rng) >> test_below(&g->rng, 64), x = test_next(&g->rng) >> test_below(&g->rng, 64);

	d = free && odd != 1 ? d >> free << free : d;
	d = odd ? d : d << test_below(&g->rng, 8);
	if (odd != 2 && d && d < 1ull << 63)
		x = test_below(&g->rng, 4) ? x % (2 * d) : 2 * d - test_below(&g->rng, 3);
	state[LOW] = (uint32_t)x;
	state[HIGH] = x >> 32;
	state[BY_LOW] = (uint32_t)d;
	state[BY_HIGH] = d >> 32;
	state[COUNT] = n;
	state[OTHER] = (uint32_t)test_next(&g->rng);
}

/* Whether both do the same; *fewer counts where one took fewer rounds. */
static bool same(struct gen *g, const struct ir_unit *all, const struct ir_unit *few, unsigned *fewer)
{
	for (unsigned k = 0; k < 40; k++) {
		uint64_t state[2][SLOTS] = { { 0 } };

		draw(g, state[0]);
		memcpy(state[1], state[0], sizeof state[0]);
		unsigned n = run_all(all, state[0]), m = run_all(few, state[1]);
		if (n == MOST_ROUNDS)
			continue;
		if (memcmp(state[0], state[1], sizeof state[0]) || m > n)
			return false;
		*fewer += m < n;
	}
	return true;
}

struct tally {
	unsigned cases, fewer;	/* fewer: runs in which rounds were skipped */
};

static bool one(struct gen *g, uint64_t seed, void *ud)
{
	unsigned planted = seed % 4 ? 0 : 1 + test_below(&g->rng, PLANTED);
	struct ir_unit *u = unit(g, planted), *few = opt_skip_rounds(u, &g->arena);
	struct tally *t = ud;
	struct ir_error err;

	t->cases++;
	if (!few)
		return planted;
	return ir_verify(few, &err) && same(g, u, few, &t->fewer) && !opt_run(few, &g->arena, OPT_ALL) &&
	       same(g, u, few, &t->fewer);
}

int main(int argc, char **argv)
{
	struct tally t = { 0, 0 };

	if (units_main(argc, argv, 240, one, &t))
		return 1;
	if (t.fewer < t.cases * 10)
		fprintf(stderr, "rounds were skipped %u times only\n", t.fewer);
	return t.fewer < t.cases * 10;
}
