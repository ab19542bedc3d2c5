/*
 * Vector slots that are a scalar and zeros where blocks meet, whatever way led there, as AArch64's are behind
 * floating-point code: that lane is all that is handed over, and ways out of the region put the zeros above it. For
 * jit_plan_make, behind halves.c. Knows how vectors are made, no guest.
 */
#include <string.h>

#include "backend/llvm/jit.h"

/* What a vector is a scalar of with nothing but zeros above. A float of 32 bits is one of 64 bits as well. */
enum { IS_F32 = 1, IS_F64 = 2, IS_BOTH = 3 };

/* By slot, of a block's start; what no edge has reached yet is anything. */
struct scalars {
	struct jit_plan *p;
	uint8_t *at;			/* by block and slot */
	uint8_t *now;
	bool changed;
};

static uint8_t kind_of(const struct ir_unit *u, ir_val v)
{
	v = jit_uncast(u, v);
	if (ir_is_const(v)) {
		const uint64_t *bits = u->konst[v.id & ~IR_CONST].bits;
		return bits[1] ? 0 : bits[0] >> 32 ? IS_F64 : IS_BOTH;
	}
	if (u->inst[v.id].op != IR_OP_vfirst)
		return 0;
	return ir_type_info[ir_type_of(u, u->inst[v.id].arg[0])].bits == 64 ? IS_F64 : IS_BOTH;
}

static void reach(struct scalars *s, unsigned to)
{
	uint8_t *at = s->at + (size_t)to * s->p->n_slots;

	for (unsigned i = 0; i < s->p->n_slots; i++) {
		s->changed |= at[i] & ~s->now[i];
		at[i] &= s->now[i];
	}
}

static void flow(struct scalars *s, unsigned block)
{
	const struct jit_block *blk = &s->p->block[block];
	const struct ir_unit *u = blk->u;

	memcpy(s->now, s->at + (size_t)block * s->p->n_slots, s->p->n_slots);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (jit_helper_writes(in))
			memset(s->now, 0, s->p->n_slots);
		if (in->op == IR_OP_put)
			s->now[in->slot] = u->slots->slot[in->slot].type == IR_I64X2 ? kind_of(u, in->arg[0]) : 0;
		if (ir_is_direct_exit(in) && blk->exit_to[in->slot] != JIT_OUTSIDE)
			reach(s, blk->exit_to[in->slot]);
	}
	for (unsigned i = 0; i < blk->n_guess; i++)
		reach(s, blk->guess[i]);
}

/* A block that wants doubles gets a float of 32 bits as one. */
static void choose(const struct jit_plan *p, struct jit_block *blk, const uint8_t *at)
{
	for (unsigned i = 0; i < p->n_slots; i++)
		if (at[i] && jit_has(p->written, i))
			blk->apart[i] = at[i] & IS_F32 && blk->apart[i] != JIT_LANE_F64 ? JIT_ALONE_F32 : JIT_ALONE_F64;
}

enum dgm_status jit_find_scalars(struct jit_plan *p, struct base_arena *arena)
{
	size_t n = p->n_slots;
	struct scalars s = { .p = p, .at = base_arena_alloc(arena, p->n * n), .now = base_arena_alloc(arena, n) };

	if (!s.at || !s.now)
		return DGM_E_NOMEM;
	memset(s.at, IS_BOTH, p->n * n);
	for (unsigned k = 0; k < p->n_entry; k++)	/* at the region's entries anything is possible */
		memset(s.at + p->entry[k] * n, 0, n);
	do {
		s.changed = false;
		for (unsigned k = 0; k < p->n_order; k++)
			flow(&s, p->order[k]);
	} while (s.changed);
	for (unsigned k = 0; k < p->n_order; k++)
		if (p->block[p->order[k]].n_pred > 1)
			choose(p, &p->block[p->order[k]], s.at + p->order[k] * n);
	return DGM_OK;
}
