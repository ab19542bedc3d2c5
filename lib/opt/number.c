/*
 * Local value numbering: equal pure operations over equal operands have equal results, and behind a
 * trap_if its condition is false for good. The table is direct-mapped: a collision forgets the older one,
 * which costs a chance but no time.
 */
#include "opt/pass.h"

/*
 * Everything the result depends on, but for aux. Pure operations have up to three operands; of a trap
 * only the condition counts.
 */
static uint64_t key_of(const struct ir_inst *in)
{
	unsigned n = in->op == IR_OP_trap_if ? 1 : ir_shape_operands[ir_op_info[in->op].shape];
	uint64_t key = in->op | (uint64_t)in->type << 8 | (uint64_t)in->arg[0].id << 16;

	if (n > 1)
		key |= (uint64_t)in->arg[1].id << 32;
	if (n > 2)
		key |= (uint64_t)in->arg[2].id << 48;
	return key;
}

enum opt_action opt_number(struct opt_walk *o, const struct ir_inst *in)
{
	uint64_t key = key_of(in);
	uint16_t *at = &o->table[key * 0x9e3779b97f4a7c15u >> 40 & o->table_mask];

	if (*at < o->n && key_of(&o->u->inst[*at]) == key && o->u->inst[*at].aux == in->aux)
		return in->op == IR_OP_trap_if ? OPT_DROP : opt_value(o, (ir_val){ *at });
	*at = (uint16_t)o->n;
	return OPT_KEEP;
}
