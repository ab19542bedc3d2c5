/*
 * Random regions as guests make them of loops: registers are counted and compared, comparisons set three flags at once,
 * ways join with flags of different comparisons. A region is left anywhere, for want of fuel or because of an access, and
 * must leave the flags that the interpreter does. Usage: joins MODULE [COUNT [FIRST_SEED]]
 */
#include <stdio.h>
#include <string.h>

#include "../random.h"
#include "rig.h"

enum { BLOCKS = 6, REGS = 3, FLAGS = 3, FIRST_REG = 1, FIRST_FLAG = 8, PC = 0x1000, STEP = 0x100, OUTSIDE = 0x8000 };

struct gen {
	struct test_rng rng;
	struct ir_builder b;
	unsigned n_block, self, usual;
	unsigned room;			/* bytes of memory from where loads begin */
	ir_val flag[FLAGS];
	bool compared;			/* flag[] is of this block */
	bool counts;			/* loops go through memory with one register, compared before it steps */
};

static unsigned below(struct gen *g, unsigned n)
{
	return test_below(&g->rng, n);
}

static unsigned reg(struct gen *g)
{
	return g->counts ? FIRST_REG : FIRST_REG + below(g, REGS);
}

static ir_val number(struct gen *g)
{
	static const uint32_t n[] = { 0, 1, 2, 3, 4, 8, 0xffffffff, 0xfffffffe, 0x7fffffff, 0x80000000 };

	return ir_const(&g->b, IR_I32, n[below(g, below(g, 2) ? 2 : sizeof n / sizeof *n)]);
}

static ir_val operand(struct gen *g)
{
	if (g->counts)
		return ir_const(&g->b, IR_I32, g->room - 6 + below(g, 4));	/* as the register is in the last rounds */
	return below(g, 2) ? ir_get(&g->b, reg(g)) : number(g);
}

/* Three flags of one comparison, as the three guests have them. */
static void compare(struct gen *g)
{
	ir_val x = ir_get(&g->b, reg(g)), y = operand(g), zero = ir_const(&g->b, IR_I32, 0);
	unsigned how = below(g, 6) ? g->usual : below(g, 3);

	g->compared = true;
	if (how == 0) {
		g->flag[0] = ir_slt(&g->b, x, y);
		g->flag[1] = ir_slt(&g->b, y, x);
	} else if (how == 1) {
		g->flag[0] = ir_slt(&g->b, ir_sub(&g->b, x, y), zero);
		g->flag[1] = ir_add_overflow(&g->b, x, ir_not(&g->b, y), ir_const(&g->b, IR_I1, 1));
	} else {
		g->flag[0] = ir_ult(&g->b, x, y);
		g->flag[1] = ir_ult(&g->b, y, x);
	}
	g->flag[2] = ir_eq(&g->b, x, y);
	for (unsigned i = 0; i < FLAGS; i++)
		ir_put(&g->b, FIRST_FLAG + i, g->flag[i]);
}

/* Near the end of memory: after some rounds one lies behind it. */
static void load(struct gen *g)
{
	ir_val a = ir_and(&g->b, ir_get(&g->b, reg(g)), ir_const(&g->b, IR_I32, 0x1ff));

	a = ir_add(&g->b, a, ir_const(&g->b, IR_I32, RIG_RAM + RIG_RAM_BYTES - g->room));
	ir_put(&g->b, g->counts ? FIRST_REG + 1 : reg(g), ir_load(&g->b, below(g, 2), IR_I32, a, 0));
}

static void instruction(struct gen *g)
{
	unsigned to = reg(g);

	if (g->counts) {
		load(g);
		compare(g);
		ir_put(&g->b, to, ir_add(&g->b, ir_get(&g->b, to), ir_const(&g->b, IR_I32, 1 + below(g, 2))));
		return;
	}

	switch (below(g, 10)) {
	case 0: case 1: case 2: ir_put(&g->b, to, ir_add(&g->b, ir_get(&g->b, to), number(g))); break;
	case 3: ir_put(&g->b, to, operand(g)); break;
	case 4: case 5: case 6: load(g); break;
	default: compare(g);
	}
}

static ir_val target(struct gen *g)
{
	unsigned to = !below(g, 12) ? OUTSIDE / STEP : below(g, 3) ? below(g, g->n_block) : g->self;

	return ir_const(&g->b, IR_I32, PC + STEP * to);
}

static struct ir_unit *block(struct gen *g, struct base_arena *arena)
{
	uint64_t pc = PC + STEP * g->self;
	struct ir_unit *u = ir_unit_new(arena, &rig_slots, pc);
	unsigned n = g->counts ? 1 : 1 + below(g, 6);

	if (!u)
		return NULL;
	ir_builder_init(&g->b, arena, u);
	ir_poll(&g->b, 0);
	ir_tick(&g->b, (int32_t)n);
	g->compared = false;
	for (unsigned i = 0; i < n; i++) {
		ir_insn(&g->b, pc + 4 * i, 4);
		instruction(g);
	}
	ir_val c = g->compared ? g->flag[below(g, FLAGS)] : ir_get(&g->b, FIRST_FLAG + below(g, FLAGS));
	if (below(g, 4))
		ir_exit_if(&g->b, IR_EXIT_JUMP, below(g, 2) ? c : ir_not(&g->b, c), target(g));
	ir_exit(&g->b, IR_EXIT_JUMP, target(g), 0);
	u->n_insns = n;
	u->bytes = 4 * n;
	return g->b.failed ? NULL : u;
}

static void start(struct gen *g, struct rig *r)
{
	for (unsigned i = 0; i < REGS; i++) {
		uint32_t v = below(g, 3) ? below(g, 16) : (uint32_t)test_next(&g->rng);

		memcpy(r->state_start + rig_slots.slot[FIRST_REG + i].offset, &v, sizeof v);
	}
	for (unsigned i = 0; i < FLAGS; i++)
		r->state_start[rig_slots.slot[FIRST_FLAG + i].offset] = (uint8_t)below(g, 2);
	for (unsigned i = 0; i < RIG_RAM_BYTES; i++)
		r->ram_start[i] = (uint8_t)(below(g, 2) ? below(g, 4) : below(g, 256));
	r->fuel_start = 1 + below(g, 90);
}

static void show(uint64_t seed, const struct backend_request *rq, const struct rig_result *a, const struct rig_result *b)
{
	for (unsigned i = 0; i < rq->n_block; i++)
		ir_print(rq->block[i], stderr);
	for (unsigned i = 0; i < FIRST_FLAG + FLAGS; i++)
		if (a->state[rig_slots.slot[i].offset] != b->state[rig_slots.slot[i].offset])
			fprintf(stderr, "slot %s differs\n", rig_slots.slot[i].name);
	fprintf(stderr, "seed %llu: interp reason %u fuel %lld, llvm reason %u fuel %lld\n", (unsigned long long)seed,
		a->exit.reason, (long long)a->fuel, b->exit.reason, (long long)b->fuel);
}

/* The same region with several lengths of fuel. */
static bool one(struct rig *r, uint64_t seed, unsigned *events)
{
	struct gen g = { .rng = { seed } };
	struct ir_unit *u[BLOCKS];
	struct backend_request rq = { .block = (const struct ir_unit *const *)u, .verify = true, .opt_level = 1 + (unsigned)seed % 3 };
	struct rig_result want, got;

	base_arena_reset(&r->arena);
	rq.mode = (struct backend_mode){ .checked = below(&g, 4) != 0, .precise = true, .count = true, .addr_bits = 32, .insn_shift = 2 };
	g.usual = below(&g, 3);
	g.counts = seed % 4 == 0;
	g.room = 8 + below(&g, 64);
	rq.n_block = g.n_block = 1 + below(&g, below(&g, BLOCKS) + 1);
	for (g.self = 0; g.self < g.n_block; g.self++) {
		struct ir_error err;

		u[g.self] = block(&g, &r->arena);
		if (!u[g.self] || !ir_verify(u[g.self], &err))
			return false;
	}
	if (rig_compile(r, &rq))
		return false;
	for (unsigned i = 0; i < 40; i++) {
		start(&g, r);
		rig_run_interp(r, &rq, &want);
		rig_run_code(r, &rq, &got);
		events[want.exit.reason]++;
		if (!rig_compare(&want, &got, true))
			continue;
		show(seed, &rq, &want, &got);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	return rig_draw(argc, argv, 120, one, 1u << ENV_NONE | 1u << ENV_BUDGET | 1u << ENV_FAULT);
}
