/*
 * The pipeline: one walk forward with up to three steps per operation, a look at memory and, if
 * that found something, the walk once more; one backward.
 */
#include <string.h>

#include "opt/pass.h"

const struct opt_pass opt_pass[] = {
	{ "forward", OPT_FORWARD },
	{ "fold", OPT_FOLD },
	{ "number", OPT_NUMBER },
	{ "dead", OPT_DEAD },
	{ "imprecise", OPT_IMPRECISE },
	{ "memory", OPT_MEMORY },
	{ NULL, 0 },
};

enum { MAX_REWRITES = 8, MAX_TABLE = 2048 };

static bool prepare(struct opt_walk *o, struct base_arena *arena)
{
	unsigned size = 64, n_slots = o->u->slots->n;

	while (size < o->u->n && size < MAX_TABLE)
		size *= 2;
	o->map = base_arena_alloc(arena, o->u->n * sizeof *o->map);
	o->slot = base_arena_alloc(arena, n_slots * sizeof *o->slot);
	o->table = base_arena_alloc(arena, size * sizeof *o->table);
	if (!o->map || !o->slot || !o->table)
		return false;
	memset(o->slot, 0xff, n_slots * sizeof *o->slot);
	memset(o->table, 0xff, size * sizeof *o->table);
	o->table_mask = size - 1;
	ir_builder_init(&o->b, arena, o->u);
	return true;
}

static enum opt_action fold(struct opt_walk *o, struct ir_inst *in)
{
	enum opt_action act = OPT_AGAIN;

	/* A rewrite makes one constant at most: once there is room for all, none can fail. */
	if (!ir_reserve_consts(&o->b, MAX_REWRITES))
		return OPT_KEEP;
	for (unsigned k = 0; k < MAX_REWRITES && act == OPT_AGAIN; k++)
		act = opt_fold(o, in);
	return act == OPT_AGAIN ? OPT_KEEP : act;
}

static enum opt_action step(struct opt_walk *o, struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;
	enum opt_action act = OPT_KEEP;

	if (flags & IR_MARK)
		return OPT_KEEP;
	if (flags & (IR_READS | IR_WRITES))
		return o->flags & OPT_FORWARD ? opt_forward(o, in) : OPT_KEEP;
	if (o->flags & OPT_FOLD)
		act = fold(o, in);
	if (o->flags & OPT_NUMBER && act == OPT_KEEP && (ir_op_info[in->op].flags & IR_PURE || in->op == IR_OP_trap_if))
		act = opt_number(o, in);
	return act;
}

/*
 * What is kept moves up in place: it never overtakes what is still to be read. The operation is
 * worked on where it will stand, because copying what was just written in parts is slow.
 */
static void walk(struct opt_walk *o)
{
	struct ir_unit *u = o->u;
	unsigned n_exits = 0;
	bool ended = false;

	for (unsigned i = 0; i < u->n && !ended; i++) {
		struct ir_inst *in = &u->inst[o->n];

		*in = u->inst[i];
		for (unsigned k = 0, n = ir_arity(in); k < n; k++)
			if (!ir_is_const(in->arg[k]))
				in->arg[k] = o->map[in->arg[k].id];
		switch (step(o, in)) {
		case OPT_VALUE: o->map[i] = o->value; continue;
		case OPT_DROP: continue;
		default: break;
		}
		if (o->flags & OPT_FORWARD && ir_op_info[in->op].flags & (IR_READS | IR_WRITES | IR_CALLS))
			opt_forward_kept(o, in);
		if (ir_op_info[in->op].shape == IR_SHAPE_EXIT || ir_op_info[in->op].shape == IR_SHAPE_EXITIF)
			in->slot = (uint16_t)n_exits++;
		ended = ir_op_info[in->op].flags & IR_ENDS;
		o->map[i] = (ir_val){ (uint16_t)o->n++ };
	}
	u->n = o->n;
	u->n_exits = n_exits;
}

static enum dgm_status forward_walk(struct ir_unit *u, struct base_arena *arena, unsigned flags)
{
	struct opt_walk o = { .u = u, .flags = flags };

	if (!(flags & (OPT_FORWARD | OPT_FOLD | OPT_NUMBER)))
		return DGM_OK;
	if (!prepare(&o, arena))
		return DGM_E_NOMEM;
	walk(&o);
	return DGM_OK;
}

enum dgm_status opt_run(struct ir_unit *u, struct base_arena *arena, unsigned flags)
{
	enum dgm_status st = forward_walk(u, arena, flags);
	bool changed = false;

	if (!st && flags & OPT_MEMORY)
		st = opt_memory(u, arena, &changed);
	if (!st && changed)
		st = forward_walk(u, arena, flags);
	if (!st && flags & OPT_DEAD)
		st = opt_dead(u, arena, flags & OPT_IMPRECISE);
	return st;
}
