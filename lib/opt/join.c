/*
 * Two ways that only compute and lead to the same places become one: both are worked out, and what they leave different
 * is selected. For hot code whose branch is hard to foretell; who asks has counted. Not a pass: it makes a new unit
 * of two or three.
 */
#include "ir/build.h"
#include "opt/pass.h"

enum { MOST_OPERATIONS = 48, NOWHERE = -1 };

/* One of the two ways, from the branch to where it leads. */
struct way {
	const struct ir_unit *u;	/* NULL: straight to `to` */
	ir_val *map;			/* by instruction: the same in the new unit */
	ir_val *slot;			/* by slot: what it puts there, or IR_NONE */
	ir_val c;			/* leads to `aside` if that is set */
	int64_t to, aside;		/* aside NOWHERE: there is one exit alone */
};

struct join {
	struct ir_builder b;
	const struct ir_unit *x;
	struct way way[2];		/* if the branch is taken, and if not */
	ir_val c;			/* of the branch */
	unsigned left;			/* operations that may still be added */
};

static ir_val copied(struct ir_builder *b, const struct ir_unit *u, const ir_val *map, ir_val v)
{
	if (!ir_is_const(v))
		return map[v.id];
	const struct ir_const *k = &u->konst[v.id & ~IR_CONST];

	return ir_type_info[k->type].bits > 64 ? ir_const_vec(b, (enum ir_type)k->type, k->bits[0], k->bits[1])
					       : ir_const(b, (enum ir_type)k->type, k->bits[0]);
}

ir_val opt_copy(struct ir_builder *b, const struct ir_unit *u, const ir_val *map, const struct ir_inst *of)
{
	struct ir_inst in = *of;

	for (unsigned k = 0, n = ir_arity(of); k < n; k++)
		in.arg[k] = copied(b, u, map, of->arg[k]);
	return ir_emit(b, in);
}

static bool is_jump(const struct ir_inst *in, enum ir_op op)
{
	return in->op == op && in->aux == IR_EXIT_JUMP && ir_is_const(ir_exit_target(in));
}

static int64_t target(const struct ir_unit *u, const struct ir_inst *in)
{
	return (int64_t)ir_const_bits(u, ir_exit_target(in));
}

/* What may be executed without need: it is cheap, and nobody notices. */
static bool is_cheap(const struct ir_inst *in)
{
	return ir_op_info[in->op].flags & IR_PURE && ir_op_info[in->op].shape != IR_SHAPE_DIV &&
	       ir_type_info[in->type].kind == IR_KIND_INT;
}

/* Works out a way but for its exits. False: it does more than compute. */
static bool follow(struct join *j, struct way *w)
{
	const struct ir_unit *u = w->u;

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op == IR_OP_poll || in->op == IR_OP_insn)
			continue;
		if (in->op == IR_OP_get) {
			if (ir_is_none(w->slot[in->slot]))
				w->slot[in->slot] = ir_get(&j->b, in->slot);
			w->map[i] = w->slot[in->slot];
		} else if (in->op == IR_OP_put) {
			w->slot[in->slot] = copied(&j->b, u, w->map, in->arg[0]);
		} else if (is_jump(in, IR_OP_exit_if) && i + 2 == u->n) {
			w->c = copied(&j->b, u, w->map, in->arg[0]);
			w->aside = target(u, in);
		} else if (is_jump(in, IR_OP_exit) && i + 1 == u->n) {
			w->to = target(u, in);
		} else if (is_cheap(in) && j->left) {
			w->map[i] = opt_copy(&j->b, u, w->map, in);
			j->left--;
		} else {
			return false;
		}
	}
	return true;
}

static bool begin_way(struct join *j, struct way *w, const struct ir_unit *u, int64_t to)
{
	unsigned n_slots = j->x->slots->n;

	*w = (struct way){ .u = u, .to = to, .aside = NOWHERE, .c = IR_NONE };
	w->slot = base_arena_alloc(j->b.arena, n_slots * sizeof *w->slot);
	w->map = base_arena_alloc(j->b.arena, (u ? u->n : 1) * sizeof *w->map);
	if (!w->slot || !w->map)
		return false;
	for (unsigned s = 0; s < n_slots; s++)
		w->slot[s] = IR_NONE;
	return !u || follow(j, w);
}

/* Both lead to the same one or two places; swapped ones are turned round. */
static bool meet(struct join *j)
{
	struct way *a = &j->way[0], *b = &j->way[1];

	if (a->aside != b->aside && a->aside == b->to && a->to == b->aside && a->aside != NOWHERE) {
		b->c = ir_not(&j->b, b->c);
		b->to = a->to;
		b->aside = a->aside;
	}
	return a->to == b->to && a->aside == b->aside;
}

static ir_val chosen(struct join *j, ir_val a, ir_val b)
{
	return opt_same(a, b) ? a : ir_select(&j->b, j->c, a, b);
}

/* All that is put is known before the first of it is: slots are read as the branch finds them. */
static void merge_slots(struct join *j)
{
	ir_val *a = j->way[0].slot, *b = j->way[1].slot;
	unsigned n = j->x->slots->n;

	for (unsigned s = 0; s < n; s++) {
		if (ir_is_none(a[s]) && ir_is_none(b[s]))
			continue;
		ir_val other = ir_is_none(a[s]) || ir_is_none(b[s]) ? ir_get(&j->b, s) : IR_NONE;

		a[s] = chosen(j, ir_is_none(a[s]) ? other : a[s], ir_is_none(b[s]) ? other : b[s]);
	}
	for (unsigned s = 0; s < n; s++)
		if (!ir_is_none(a[s]))
			ir_put(&j->b, s, a[s]);
}

/* The unit up to its branch. */
static bool copy_head(struct join *j)
{
	const struct ir_unit *x = j->x;
	ir_val *map = base_arena_alloc(j->b.arena, x->n * sizeof *map);

	if (!map)
		return false;
	for (unsigned i = 0; i + 2 < x->n; i++)
		map[i] = opt_copy(&j->b, x, map, &x->inst[i]);
	j->c = copied(&j->b, x, map, x->inst[x->n - 2].arg[0]);
	return !ir_is_const(j->c);
}

static void leave(struct join *j)
{
	enum ir_type t = ir_type_of(j->x, j->x->inst[j->x->n - 1].arg[0]);
	const struct way *a = &j->way[0], *b = &j->way[1];

	ir_val c = a->aside == NOWHERE ? IR_NONE : chosen(j, a->c, b->c);
	merge_slots(j);
	if (a->aside != NOWHERE)
		ir_exit_if(&j->b, IR_EXIT_JUMP, c, ir_const(&j->b, t, (uint64_t)a->aside));
	ir_exit(&j->b, IR_EXIT_JUMP, ir_const(&j->b, t, (uint64_t)a->to), 0);
}

struct ir_unit *opt_join(const struct ir_unit *x, const struct ir_unit *taken, const struct ir_unit *other,
			 struct base_arena *arena)
{
	const struct ir_inst *last = &x->inst[x->n - 1], *branch = last - 1;
	struct ir_unit *u = ir_unit_new(arena, x->slots, x->pc);
	struct join j = { .x = x, .left = MOST_OPERATIONS };

	if (!u || x->n < 2 || !is_jump(last, IR_OP_exit) || !is_jump(branch, IR_OP_exit_if))
		return NULL;
	ir_builder_init(&j.b, arena, u);
	u->bytes = x->bytes;
	u->n_insns = x->n_insns;
	if (!copy_head(&j) || !begin_way(&j, &j.way[0], taken, target(x, branch)) ||
	    !begin_way(&j, &j.way[1], other, target(x, last)) || !meet(&j))
		return NULL;
	leave(&j);
	return j.b.failed ? NULL : u;
}
