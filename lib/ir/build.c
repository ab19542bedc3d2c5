/* Units grow in arena memory; a full or failed unit swallows what is appended. */
#include <string.h>

#include "ir/build.h"
#include "ir/sem.h"

enum { FIRST_INSTS = 128, FIRST_KONSTS = 32, MAX_KONSTS = 0x7f00 };

struct ir_unit *ir_unit_new(struct base_arena *arena, const struct ir_slots *slots, uint64_t pc)
{
	struct ir_unit *u = base_arena_alloc(arena, sizeof *u);

	if (u)
		*u = (struct ir_unit){ .pc = pc, .slots = slots };
	return u;
}

void ir_builder_init(struct ir_builder *b, struct base_arena *arena, struct ir_unit *u)
{
	*b = (struct ir_builder){ .u = u, .arena = arena, .cap = u->n, .cap_konst = u->n_konst };
}

/* Doubles an arena array; the old one stays in the arena until it is reset. */
static void *grow(struct ir_builder *b, const void *old, unsigned n, unsigned *cap, unsigned first, size_t each)
{
	unsigned want = *cap ? *cap * 2 : first;
	void *p = base_arena_alloc(b->arena, want * each);

	if (!p) {
		b->failed = DGM_E_NOMEM;
		return NULL;
	}
	if (n)
		memcpy(p, old, n * each);
	*cap = want;
	return p;
}

ir_val ir_emit(struct ir_builder *b, struct ir_inst in)
{
	struct ir_unit *u = b->u;
	uint8_t shape = ir_op_info[in.op].shape;

	if (!b->failed && u->n >= IR_MAX_INSTS)
		b->failed = DGM_E_SIZE;
	if (!b->failed && u->n >= b->cap) {
		void *p = grow(b, u->inst, u->n, &b->cap, FIRST_INSTS, sizeof *u->inst);
		if (p)
			u->inst = p;
	}
	if (b->failed)
		return in.type ? ir_const(b, in.type, 0) : IR_NONE;
	if (shape == IR_SHAPE_EXIT || shape == IR_SHAPE_EXITIF)
		in.slot = (uint16_t)u->n_exits++;
	u->inst[u->n] = in;
	return (ir_val){ (uint16_t)u->n++ };
}

ir_val ir_const_vec(struct ir_builder *b, enum ir_type t, uint64_t lo, uint64_t hi)
{
	struct ir_unit *u = b->u;
	unsigned bits = ir_type_info[t].bits;

	lo = sem_mask(lo, bits > 64 ? 64 : bits);
	if (bits <= 64)
		hi = 0;
	for (unsigned i = 0; i < u->n_konst; i++)
		if (u->konst[i].type == t && u->konst[i].bits[0] == lo && u->konst[i].bits[1] == hi)
			return (ir_val){ (uint16_t)(IR_CONST | i) };
	if (!b->failed && u->n_konst >= MAX_KONSTS)
		b->failed = DGM_E_SIZE;
	if (!b->failed && u->n_konst >= b->cap_konst) {
		void *p = grow(b, u->konst, u->n_konst, &b->cap_konst, FIRST_KONSTS, sizeof *u->konst);
		if (p)
			u->konst = p;
	}
	if (b->failed)
		return (ir_val){ IR_CONST };
	u->konst[u->n_konst] = (struct ir_const){ { lo, hi }, (uint8_t)t };
	return (ir_val){ (uint16_t)(IR_CONST | u->n_konst++) };
}

ir_val ir_const(struct ir_builder *b, enum ir_type t, uint64_t bits)
{
	return ir_const_vec(b, t, bits, 0);
}

enum ir_type ir_type_of(const struct ir_unit *u, ir_val v)
{
	if (ir_is_none(v))
		return IR_VOID;
	if (ir_is_const(v))
		return (v.id & ~IR_CONST) < u->n_konst ? (enum ir_type)u->konst[v.id & ~IR_CONST].type : IR_VOID;
	return v.id < u->n ? (enum ir_type)u->inst[v.id].type : IR_VOID;
}

unsigned ir_arity(const struct ir_inst *in)
{
	uint8_t shape = ir_op_info[in->op].shape;
	unsigned n = ir_shape_operands[shape];

	if (shape != IR_SHAPE_CALL && shape != IR_SHAPE_GUARD)
		return n;
	unsigned max = n - 1 + IR_MAX_HELPER_ARGS;
	for (n -= 1; n < max && !ir_is_none(in->arg[n]);)
		n++;
	return n;
}
