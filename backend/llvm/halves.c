/*
 * Slots of which a guest uses parts. Doubles of 64 bits that are used as two halves, like the single-precision
 * registers inside ARM's double ones: where blocks meet they are two floats, so that a loop over halves neither takes
 * them apart nor joins them. And vectors of which the first lane is used, like AArch64's scalars: where blocks meet that
 * lane stands beside the vector, so that what one round of a loop hands to the next need not be cleared above it first.
 * Which slots those are at the start of a block is the plan's; the values are emit.c's.
 */
#include "backend/llvm/jit.h"

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

/* What an instruction does with its first operand: a bit for each jit_apart that would do, and others. */
enum { BY_WHOLE = 1 << JIT_WHOLE, BY_F32 = 1 << JIT_LANE_F32, BY_F64 = 1 << JIT_LANE_F64 };

ir_val jit_uncast(const struct ir_unit *u, ir_val v)
{
	while (!ir_is_const(v) && u->inst[v.id].op == IR_OP_bitcast && ir_type_info[u->inst[v.id].type].bits == 128)
		v = u->inst[v.id].arg[0];
	return v;
}

/* own: how its own value is used. Nothing is asked of what is used by halves. */
static unsigned use_of(const struct ir_unit *u, const struct ir_inst *in, unsigned own)
{
	unsigned bits = ir_type_info[in->type].bits;

	switch (in->op) {
	case IR_OP_trunc: return bits <= 32 ? 0 : BY_WHOLE;
	case IR_OP_shr: return ir_is_const(in->arg[1]) && ir_const_bits(u, in->arg[1]) >= 32 ? 0 : BY_WHOLE;
	case IR_OP_bitcast: return bits == 128 ? own : in->type == IR_I64 ? own & BY_WHOLE : BY_WHOLE;
	case IR_OP_extract: return in->aux || bits < 32 ? BY_WHOLE : bits == 32 ? BY_F32 : BY_F64;
	default: return BY_WHOLE;
	}
}

/* How each value is used, by all that uses it. */
static void find_uses(const struct ir_unit *u, uint8_t *use)
{
	for (unsigned i = u->n; i-- > 0;) {
		const struct ir_inst *in = &u->inst[i];

		for (unsigned k = 0; k < ir_arity(in); k++)
			if (!ir_is_const(in->arg[k]))
				use[in->arg[k].id] |= (uint8_t)(k ? BY_WHOLE : use_of(u, in, use[i]));
	}
}

static enum jit_apart apart_of(enum ir_type t, unsigned use)
{
	if (t == IR_F64)
		return use & BY_WHOLE ? JIT_WHOLE : JIT_TWO_FLOATS;
	return t != IR_I64X2 ? JIT_WHOLE : use == BY_F32 ? JIT_LANE_F32 : use == BY_F64 ? JIT_LANE_F64 : JIT_WHOLE;
}

/* How the block looks at each slot first; touched: the slots it looks at or writes. */
static bool first_accesses(const struct jit_block *blk, bool *touched, uint8_t *use)
{
	const struct ir_unit *u = blk->u;
	bool any = false;

	find_uses(u, use);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if ((in->op != IR_OP_get && in->op != IR_OP_put) || touched[in->slot])
			continue;
		touched[in->slot] = true;
		if (in->op == IR_OP_get)
			blk->apart[in->slot] = (uint8_t)apart_of((enum ir_type)u->slots->slot[in->slot].type, use[i]);
		any |= blk->apart[in->slot] != JIT_WHOLE;
	}
	return any;
}

/* Adds what a successor of the block wants of slots the block leaves alone; of: all blocks' touched. */
static bool inherit(const struct jit_plan *p, unsigned block, unsigned to, const void *of)
{
	const bool *touched = (const bool *)of + (size_t)block * p->n_slots;
	uint8_t *apart = p->block[block].apart;
	bool changed = false;

	for (unsigned s = 0; s < p->n_slots - 1; s++)
		if (!touched[s] && p->block[to].apart[s] && !apart[s]) {
			apart[s] = p->block[to].apart[s];
			changed = true;
		}
	return changed;
}

enum dgm_status jit_find_halves(struct jit_plan *p, struct base_arena *arena)
{
	bool *touched = jit_zeroed(arena, (size_t)p->n * p->n_slots), any = false;

	if (!touched)
		return DGM_E_NOMEM;
	for (unsigned k = 0; k < p->n_order; k++) {
		struct jit_block *blk = &p->block[p->order[k]];
		uint8_t *use = jit_zeroed(arena, blk->u->n);

		if (!use)
			return DGM_E_NOMEM;
		any |= first_accesses(blk, touched + (size_t)p->order[k] * p->n_slots, use);
	}
	while (any && jit_want_back(p, inherit, touched))
		;
	return DGM_OK;
}
