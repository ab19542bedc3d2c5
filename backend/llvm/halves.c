/*
 * Slots of 64 bits that a guest uses as two halves, like the single-precision registers inside ARM's double
 * ones: where blocks meet they are two floats, so that a loop over halves neither takes them apart nor joins
 * them. Which slots those are at the start of a block is the plan's; the values are emit.c's.
 */
#include <string.h>

#include "backend/llvm/jit.h"

enum access { NOT_YET, BY_HALVES, WHOLE };

/* Whether v has nothing in bits 32 and above, or below. */
static bool is_low(const struct ir_unit *u, ir_val v)
{
	if (ir_is_const(v))
		return !(ir_const_bits(u, v) >> 32);
	const struct ir_inst *in = &u->inst[v.id];
	return in->op == IR_OP_zext && ir_type_info[ir_type_of(u, in->arg[0])].bits <= 32;
}

static bool is_high(const struct ir_unit *u, ir_val v)
{
	if (ir_is_const(v))
		return !(uint32_t)ir_const_bits(u, v);
	const struct ir_inst *in = &u->inst[v.id];
	return in->op == IR_OP_shl && ir_is_const(in->arg[1]) && ir_const_bits(u, in->arg[1]) >= 32;
}

bool jit_is_joined(const struct ir_unit *u, ir_val v)
{
	if (ir_is_const(v) || u->inst[v.id].op != IR_OP_bitcast || ir_type_of(u, v) != IR_F64)
		return false;
	v = u->inst[v.id].arg[0];
	if (ir_type_of(u, v) != IR_I64 || ir_is_const(v))
		return false;
	const struct ir_inst *in = &u->inst[v.id];
	return is_low(u, v) || is_high(u, v) ||
	       (in->op == IR_OP_or && ((is_low(u, in->arg[0]) && is_high(u, in->arg[1])) ||
				       (is_high(u, in->arg[0]) && is_low(u, in->arg[1]))));
}

/* Whether `in` wants but one half of its first operand, or is the bits of a double. */
static bool takes_half(const struct ir_unit *u, const struct ir_inst *in)
{
	switch (in->op) {
	case IR_OP_trunc: return ir_type_info[in->type].bits <= 32;
	case IR_OP_shr: return ir_is_const(in->arg[1]) && ir_const_bits(u, in->arg[1]) >= 32;
	default: return in->op == IR_OP_bitcast && in->type == IR_I64;
	}
}

/* Marks what is wanted as a whole: by an operation that takes no half, or by way of such bits. */
static void find_whole(const struct ir_unit *u, bool *whole)
{
	for (unsigned i = u->n; i-- > 0;) {
		const struct ir_inst *in = &u->inst[i];
		bool half = takes_half(u, in) && !(in->op == IR_OP_bitcast && whole[i]);

		for (unsigned k = 0; k < ir_arity(in); k++)
			if (!ir_is_const(in->arg[k]) && !(half && k == 0))
				whole[in->arg[k].id] = true;
	}
}

/* How the block looks at each slot first. */
static bool first_accesses(const struct ir_unit *u, uint8_t *access, bool *whole)
{
	bool any = false;

	find_whole(u, whole);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if ((in->op != IR_OP_get && in->op != IR_OP_put) || access[in->slot] || u->slots->slot[in->slot].type != IR_F64)
			continue;
		access[in->slot] = in->op == IR_OP_get && !whole[i] ? BY_HALVES : WHOLE;
		any |= access[in->slot] == BY_HALVES;
	}
	return any;
}

/* Adds what the block's successors want of slots it leaves alone. */
static bool inherit(struct jit_plan *p, struct jit_block *blk, const uint8_t *access, unsigned to)
{
	bool changed = false;

	for (unsigned s = 0; to != JIT_OUTSIDE && s < p->n_slots - 1; s++)
		if (access[s] == NOT_YET && jit_has(p->block[to].halves, s) && !jit_has(blk->halves, s)) {
			jit_add(blk->halves, s);
			changed = true;
		}
	return changed;
}

static bool inherit_all(struct jit_plan *p, const uint8_t *access)
{
	bool changed = false;

	for (unsigned k = p->n_order; k-- > 0;) {
		struct jit_block *blk = &p->block[p->order[k]];

		for (unsigned i = 0; i < blk->u->n_exits; i++)
			changed |= inherit(p, blk, access + p->order[k] * p->n_slots, blk->exit_to[i]);
		for (unsigned i = 0; i < blk->n_guess; i++)
			changed |= inherit(p, blk, access + p->order[k] * p->n_slots, blk->guess[i]);
	}
	return changed;
}

static void *zeroed(struct base_arena *arena, size_t n)
{
	void *p = base_arena_alloc(arena, n ? n : 1);

	if (p)
		memset(p, 0, n);
	return p;
}

enum dgm_status jit_find_halves(struct jit_plan *p, struct base_arena *arena)
{
	uint8_t *access = zeroed(arena, (size_t)p->n * p->n_slots);
	bool any = false;

	if (!access)
		return DGM_E_NOMEM;
	for (unsigned k = 0; k < p->n_order; k++) {
		struct jit_block *blk = &p->block[p->order[k]];
		uint8_t *own = access + p->order[k] * p->n_slots;
		bool *whole = zeroed(arena, blk->u->n);

		if (!whole)
			return DGM_E_NOMEM;
		any |= first_accesses(blk->u, own, whole);
		for (unsigned s = 0; s < p->n_slots; s++)
			if (own[s] == BY_HALVES)
				jit_add(blk->halves, s);
	}
	while (any && inherit_all(p, access))
		;
	return DGM_OK;
}
