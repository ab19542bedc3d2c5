/*
 * What the passes share. The forward passes are steps of one walk (forward.c): each sees an
 * operation whose operands are already the new ones, and everything above it in its final
 * place. For lib/opt alone.
 */
#ifndef OPT_PASS_H
#define OPT_PASS_H

#include "ir/ir.h"
#include "ir/sem.h"
#include "opt/opt.h"

enum opt_action {
	OPT_KEEP,	/* the operation stands as it is now */
	OPT_AGAIN,	/* it was changed: there may be more to do */
	OPT_VALUE,	/* `value` takes the place of its result */
	OPT_DROP,	/* it has no effect */
};

struct opt_walk {
	struct ir_unit *u;
	struct ir_builder b;	/* for constants only */
	unsigned flags;
	unsigned n;		/* operations kept so far: they are u->inst[0..n) */
	ir_val value;		/* of OPT_VALUE */
	ir_val *map;		/* old index -> new value */
	ir_val *slot;		/* what each slot holds, or IR_NONE */
	uint16_t *table;	/* hash of the pure operations kept */
	unsigned table_mask;
};

/* The operation that makes v, if it is an `op`; else NULL. */
static inline const struct ir_inst *opt_def(const struct opt_walk *o, ir_val v, enum ir_op op)
{
	return !ir_is_const(v) && o->u->inst[v.id].op == op ? &o->u->inst[v.id] : NULL;
}

/* Whether v is a constant of up to 64 bits, and which. */
static inline bool opt_const(const struct opt_walk *o, ir_val v, uint64_t *bits)
{
	if (!ir_is_const(v))
		return false;
	const struct ir_const *k = &o->u->konst[v.id & ~IR_CONST];
	*bits = k->bits[0];
	return ir_type_info[k->type].bits <= 64;
}

static inline enum ir_type opt_type(const struct opt_walk *o, ir_val v)
{
	return (enum ir_type)(ir_is_const(v) ? o->u->konst[v.id & ~IR_CONST].type : o->u->inst[v.id].type);
}

static inline bool opt_same(ir_val a, ir_val b)
{
	return a.id == b.id;
}

static inline enum opt_action opt_value(struct opt_walk *o, ir_val v)
{
	o->value = v;
	return OPT_VALUE;
}

static inline enum opt_action opt_bits(struct opt_walk *o, enum ir_type t, uint64_t bits)
{
	return opt_value(o, ir_const(&o->b, t, bits));
}

/* Steps of the forward walk. */
enum opt_action opt_fold(struct opt_walk *o, struct ir_inst *in);
enum opt_action opt_forward(struct opt_walk *o, struct ir_inst *in);
enum opt_action opt_number(struct opt_walk *o, const struct ir_inst *in);
/* Tell them where a kept operation now stands: index o->n. */
void opt_forward_kept(struct opt_walk *o, const struct ir_inst *in);

/* Between the walks; changed: there is something to fold. On failure the unit is as it was. */
enum dgm_status opt_memory(struct ir_unit *u, struct base_arena *arena, bool *changed) BASE_CHECK;

/* An operation of u at the end of another unit, its operands by map. */
ir_val opt_copy(struct ir_builder *b, const struct ir_unit *u, const ir_val *map, const struct ir_inst *of);

/* The backward pass. */
enum dgm_status opt_dead(struct ir_unit *u, struct base_arena *arena, bool imprecise) BASE_CHECK;

#endif
