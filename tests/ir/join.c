/*
 * Units joined over a branch (lib/opt) against the units one after the other: random ones that only compute, on random state.
 * Joined ones are optimised, too. Usage: join [COUNT [FIRST_SEED]]
 */
#include <stdlib.h>
#include <string.h>

#include "opt/opt.h"
#include "units.h"

enum { REGS = 4, FLAGS = 3, FIRST_FLAG = REGS, PC_SLOT = REGS + FLAGS, SLOTS, HEAD = 0x1000, WAY = 0x2000, PLACES = 0x4000 };

static const struct ir_slot slot[SLOTS] = {
	{ "r0", IR_I32, 0 },  { "r1", IR_I32, 4 },  { "r2", IR_I32, 8 },  { "r3", IR_I32, 12 },
	{ "c0", IR_I1, 16 },  { "c1", IR_I1, 17 },  { "c2", IR_I1, 18 },  { "pc", IR_I32, 20 },
};
static const struct ir_slots slots = { .slot = slot, .n = SLOTS, .pc = PC_SLOT };

static unsigned below(struct gen *g, unsigned n)
{
	return test_below(&g->rng, n);
}

static ir_val operand(struct gen *g)
{
	static const uint32_t n[] = { 0, 1, 31, 0x7fffffff, 0x80000000, 0xffffffff };

	return below(g, 4) ? ir_get(&g->b, below(g, REGS)) : ir_const(&g->b, IR_I32, n[below(g, sizeof n / sizeof *n)]);
}

static void instruction(struct gen *g)
{
	ir_val x = operand(g), y = operand(g), c = ir_get(&g->b, FIRST_FLAG + below(g, FLAGS));
	unsigned flag = FIRST_FLAG + below(g, FLAGS), to = below(g, REGS);

	switch (below(g, 8)) {
	case 0: ir_put(&g->b, to, ir_add(&g->b, x, y)); break;
	case 1: ir_put(&g->b, to, ir_shl(&g->b, x, y)); break;
	case 2: ir_put(&g->b, to, ir_xor(&g->b, x, ir_zext(&g->b, IR_I32, c))); break;
	case 3: ir_put(&g->b, to, ir_select(&g->b, c, x, y)); break;
	case 4: ir_put(&g->b, flag, ir_add_carry(&g->b, x, y, c)); break;
	case 5: ir_put(&g->b, flag, ir_ult(&g->b, x, y)); break;
	case 6: ir_put(&g->b, flag, ir_eq(&g->b, x, y)); break;
	default: ir_put(&g->b, to, x);
	}
}

static ir_val place(struct gen *g, uint64_t pc)
{
	return ir_const(&g->b, IR_I32, pc);
}

/* A unit that leads to `aside`, if that is one, when a flag is set and else to `to`. */
static struct ir_unit *unit(struct gen *g, uint64_t pc, uint64_t aside, uint64_t to)
{
	struct ir_unit *u = ir_unit_new(&g->arena, &slots, pc);
	unsigned n = 1 + below(g, 6);

	if (!u)
		exit(2);
	ir_builder_init(&g->b, &g->arena, u);
	ir_poll(&g->b, 0);
	for (unsigned i = 0; i < n; i++) {
		ir_insn(&g->b, pc + 4 * i, 4);
		instruction(g);
	}
	if (aside)
		ir_exit_if(&g->b, IR_EXIT_JUMP, ir_get(&g->b, FIRST_FLAG + below(g, FLAGS)), place(g, aside));
	ir_exit(&g->b, IR_EXIT_JUMP, place(g, to), 0);
	u->n_insns = n;
	u->bytes = 4 * n;
	if (g->b.failed)
		exit(2);
	return u;
}

/* x and what it leads to of a and b, in turn. */
static uint64_t run_apart(const struct ir_unit *x, const struct ir_unit *a, const struct ir_unit *b, uint64_t state[SLOTS])
{
	uint64_t pc = units_run(x, state);

	if (a && pc == a->pc)
		return units_run(a, state);
	return b && pc == b->pc ? units_run(b, state) : pc;
}

static bool same(struct gen *g, const struct ir_unit *x, const struct ir_unit *a, const struct ir_unit *b, const struct ir_unit *all)
{
	for (unsigned k = 0; k < 30; k++) {
		uint64_t state[2][SLOTS] = { { 0 } };

		for (unsigned s = 0; s < PC_SLOT; s++)
			state[0][s] = s >= FIRST_FLAG ? below(g, 2) : below(g, 2) ? below(g, 3) : (uint32_t)test_next(&g->rng);
		memcpy(state[1], state[0], sizeof state[0]);
		if (run_apart(x, a, b, state[0]) != units_run(all, state[1]) || memcmp(state[0], state[1], sizeof state[0]))
			return false;
	}
	return true;
}

/* One triple, joined unless the ways lead to different places. */
static bool one(struct gen *g, uint64_t seed, void *ud)
{
	uint64_t p = PLACES, q = below(g, 3) ? PLACES + 4 : HEAD, aside = below(g, 2) ? q : 0;
	bool around = !aside && below(g, 2), turned = aside && below(g, 2), fits = around || below(g, 8), flip = below(g, 2);
	struct ir_unit *a = unit(g, WAY, aside, p), *b = NULL;
	struct ir_error err;

	if (!around)
		b = unit(g, WAY + 0x100, turned ? p : aside, (turned ? q : p) + (fits ? 0 : 8));
	uint64_t other = b ? b->pc : p;
	struct ir_unit *x = unit(g, HEAD, flip ? other : WAY, flip ? WAY : other);
	struct ir_unit *all = opt_join(x, flip ? b : a, flip ? a : b, &g->arena);
	if (!all || !fits)
		return !all && !fits;
	return ir_verify(all, &err) && same(g, x, a, b, all) && !opt_run(all, &g->arena, OPT_ALL) && same(g, x, a, b, all);
}

int main(int argc, char **argv)
{
	return units_main(argc, argv, 5000, one, NULL);
}
