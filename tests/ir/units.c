/* See units.h. */
#include "units.h"

#include <stdio.h>
#include <stdlib.h>

static struct ir_bits value(const struct ir_unit *u, const struct ir_bits *val, ir_val v)
{
	const struct ir_const *k = &u->konst[v.id & ~IR_CONST];

	return ir_is_const(v) ? (struct ir_bits){ k->bits[0], k->bits[1] } : val[v.id];
}

uint64_t units_run(const struct ir_unit *u, uint64_t *state)
{
	struct ir_bits val[256] = { { 0, 0 } };

	if (u->n > sizeof val / sizeof *val)
		exit(2);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];
		struct ir_bits x[3] = { { 0, 0 } };

		for (unsigned k = 0; k < ir_arity(in) && k < 3; k++)
			x[k] = value(u, val, in->arg[k]);
		if (in->op == IR_OP_get)
			val[i].lo = state[in->slot];
		else if (in->op == IR_OP_put)
			state[in->slot] = x[0].lo;
		else if (in->op == IR_OP_exit || in->op == IR_OP_exit_ind)
			return x[0].lo;
		else if (in->op == IR_OP_exit_if && x[0].lo)
			return x[1].lo;
		else if (ir_op_info[in->op].flags & IR_PURE)
			val[i] = ir_eval_form(ir_form_of(u, in), x);
	}
	return 0;
}

int units_main(int argc, char **argv, uint64_t count, bool (*one)(struct gen *g, uint64_t seed, void *ud), void *ud)
{
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, seed = first;
	struct gen g;
	bool good = true;

	count = argc > 1 ? strtoull(argv[1], NULL, 0) : count;
	base_arena_init(&g.arena, &base_alloc_malloc);
	for (; good && seed < first + count; seed++) {
		g.rng.state = seed;
		base_arena_reset(&g.arena);
		good = one(&g, seed, ud);
		if (!good)
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
	}
	base_arena_finish(&g.arena);
	return !good;
}
