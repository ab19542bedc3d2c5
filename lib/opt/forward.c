/*
 * State forwarding: within a unit nothing but puts and helpers changes a slot, so what was last
 * put into or got from it is what it holds. Slots never overlap (opt_slots_ok).
 */
#include <string.h>

#include "opt/pass.h"

static bool helper_writes(const struct ir_inst *in)
{
	return ir_op_info[in->op].flags & IR_CALLS && in->helper->effects & IR_HELPER_WRITES;
}

enum opt_action opt_forward(struct opt_walk *o, struct ir_inst *in)
{
	if (in->op == IR_OP_get && !ir_is_none(o->slot[in->slot]))
		return opt_value(o, o->slot[in->slot]);
	if (in->op == IR_OP_put && opt_same(o->slot[in->slot], in->arg[0]))
		return OPT_DROP;
	return OPT_KEEP;
}

void opt_forward_kept(struct opt_walk *o, const struct ir_inst *in)
{
	if (in->op == IR_OP_get)
		o->slot[in->slot] = (ir_val){ (uint16_t)o->n };
	else if (in->op == IR_OP_put)
		o->slot[in->slot] = in->arg[0];
	else if (helper_writes(in))
		memset(o->slot, 0xff, o->u->slots->n * sizeof *o->slot);
}

bool opt_slots_ok(const struct ir_slots *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		unsigned i_end = s->slot[i].offset + (ir_type_info[s->slot[i].type].bits + 7u) / 8;

		if (i_end > s->state_size)
			return false;
		for (unsigned k = 0; k < i; k++) {
			unsigned k_end = s->slot[k].offset + (ir_type_info[s->slot[k].type].bits + 7u) / 8;

			if (s->slot[i].offset < k_end && s->slot[k].offset < i_end)
				return false;
		}
	}
	return true;
}
