/*
 * Backward: a put is dead when its slot is put again before anyone can look, a value when nobody
 * uses it. Lookers are gets of the slot, helpers that read, everything that leaves the unit, and,
 * memory accesses, whose faults show the state as it is right there. Imprecise: only those whose
 * alignment is checked, which a machine may want to carry out itself.
 */
#include <string.h>

#include "opt/pass.h"

struct sweep {
	const struct ir_unit *u;
	bool imprecise;
	bool *live;		/* by instruction */
	uint32_t *over;		/* by slot: == epoch when it is put again before the next look */
	uint32_t epoch;
};

/* Whether the whole state can be seen while `in` executes or right behind it. */
static bool shows_state(const struct sweep *s, const struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;

	if (flags & IR_CALLS)
		return in->helper->effects & (IR_HELPER_READS | IR_HELPER_MEMORY | IR_HELPER_LEAVES);
	if (flags & (IR_LOADS | IR_STORES))
		return !s->imprecise || in->aux & IR_MEM_ALIGNED;
	return flags & IR_LEAVES;
}

static bool has_effect(const struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;

	if (flags & IR_CALLS)
		return in->helper->effects & ~(unsigned)IR_HELPER_READS;
	return !(flags & (IR_PURE | IR_READS));
}

static bool is_live(struct sweep *s, unsigned i)
{
	const struct ir_inst *in = &s->u->inst[i];

	if (in->op == IR_OP_put) {
		bool dead = s->over[in->slot] == s->epoch;

		s->over[in->slot] = s->epoch;
		return !dead;
	}
	return s->live[i] || has_effect(in);
}

static void mark(struct sweep *s)
{
	for (unsigned i = s->u->n; i-- > 0;) {
		const struct ir_inst *in = &s->u->inst[i];

		s->live[i] = is_live(s, i);
		if (!s->live[i])
			continue;
		if (shows_state(s, in))
			s->epoch++;
		else if (in->op == IR_OP_get)
			s->over[in->slot] = 0;
		for (unsigned k = 0, n = ir_arity(in); k < n; k++)
			if (!ir_is_const(in->arg[k]))
				s->live[in->arg[k].id] = true;
	}
}

static void compact(struct ir_unit *u, const bool *live, uint16_t *map)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < u->n; i++) {
		if (!live[i])
			continue;
		struct ir_inst *in = &u->inst[kept];
		*in = u->inst[i];
		for (unsigned k = 0, n = ir_arity(in); k < n; k++)
			if (!ir_is_const(in->arg[k]))
				in->arg[k].id = map[in->arg[k].id];
		map[i] = (uint16_t)kept++;
	}
	u->n = kept;
}

enum dgm_status opt_dead(struct ir_unit *u, struct base_arena *arena, bool imprecise)
{
	struct sweep s = { .u = u, .imprecise = imprecise, .epoch = 1 };
	uint16_t *map = base_arena_alloc(arena, u->n * sizeof *map);

	s.live = base_arena_alloc(arena, u->n * sizeof *s.live);
	s.over = base_arena_alloc(arena, u->slots->n * sizeof *s.over);
	if (!map || !s.live || !s.over)
		return DGM_E_NOMEM;
	memset(s.live, 0, u->n * sizeof *s.live);
	memset(s.over, 0, u->slots->n * sizeof *s.over);
	mark(&s);
	compact(u, s.live, map);
	return DGM_OK;
}
