/* The pipeline: one walk forward with up to three steps per operation, one backward. */
#include <string.h>

#include "opt/pass.h"

const struct opt_pass opt_pass[] = {
	{ "forward", OPT_FORWARD },
	{ "fold", OPT_FOLD },
	{ "number", OPT_NUMBER },
	{ "dead", OPT_DEAD },
	{ "imprecise", OPT_IMPRECISE },
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

/* Without memory for a constant the operation stays what it was. */
static enum opt_action fold(struct opt_walk *o, struct ir_inst *in)
{
	struct ir_inst before = *in;
	enum opt_action act = OPT_AGAIN;

	for (unsigned k = 0; k < MAX_REWRITES && act == OPT_AGAIN; k++)
		act = opt_fold(o, in);
	if (o->b.failed) {
		*in = before;
		return OPT_KEEP;
	}
	return act == OPT_AGAIN ? OPT_KEEP : act;
}

static enum opt_action step(struct opt_walk *o, struct ir_inst *in)
{
	enum opt_action act = OPT_KEEP;

	if (o->flags & OPT_FORWARD)
		act = opt_forward(o, in);
	if (o->flags & OPT_FOLD && act == OPT_KEEP)
		act = fold(o, in);
	if (o->flags & OPT_NUMBER && act == OPT_KEEP && ir_op_info[in->op].flags & IR_PURE)
		act = opt_number(o, in);
	return act;
}

static void keep(struct opt_walk *o, const struct ir_inst *in, unsigned *n_exits)
{
	uint8_t shape = ir_op_info[in->op].shape;
	struct ir_inst *to = &o->u->inst[o->n];

	opt_forward_kept(o, in);
	*to = *in;
	if (shape == IR_SHAPE_EXIT || shape == IR_SHAPE_EXITIF)
		to->slot = (uint16_t)(*n_exits)++;
	o->n++;
}

/* What is kept moves up in place: it never overtakes what is still to be read. */
static void walk(struct opt_walk *o)
{
	unsigned n_exits = 0;

	for (unsigned i = 0; i < o->u->n; i++) {
		struct ir_inst in = o->u->inst[i];

		for (unsigned k = 0, n = ir_arity(&in); k < n; k++)
			if (!ir_is_const(in.arg[k]))
				in.arg[k] = o->map[in.arg[k].id];
		switch (step(o, &in)) {
		case OPT_VALUE: o->map[i] = o->value; continue;
		case OPT_DROP: continue;
		default: break;
		}
		o->map[i] = (ir_val){ (uint16_t)o->n };
		keep(o, &in, &n_exits);
		if (ir_op_info[in.op].flags & IR_ENDS)
			break;
	}
	o->u->n = o->n;
	o->u->n_exits = n_exits;
}

enum dgm_status opt_run(struct ir_unit *u, struct base_arena *arena, unsigned flags)
{
	struct opt_walk o = { .u = u, .flags = flags };

	if (flags & (OPT_FORWARD | OPT_FOLD | OPT_NUMBER)) {
		if (!prepare(&o, arena))
			return DGM_E_NOMEM;
		walk(&o);
	}
	return flags & OPT_DEAD ? opt_dead(u, arena, flags & OPT_IMPRECISE) : DGM_OK;
}
