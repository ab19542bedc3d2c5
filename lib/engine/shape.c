/*
 * The shape of a region. Blocks are lifted as if each were alone, so that one which runs into another has all of that
 * one's code as well. Mostly that is worth it: in a block by itself more is known of registers. It is not
 *
 *   in front of a loop: the first round would be doubled, and where the loop has two ways, they would be its two heads;
 *   behind what others branch around, if that only computes: apart, it can be selected instead (opt/join.c).
 *
 * Knows blocks and how often they were executed, no guest and no back end.
 */
#include "engine/shape.h"
#include "opt/opt.h"

enum { SKIPPED_INSNS = 6, MANY_ROUNDS = 16, SELDOM = 8 };

static uint64_t target(const struct ir_unit *u, const struct ir_inst *in)
{
	return ir_const_bits(u, ir_exit_target(in));
}

/* Whether the block may lead to pc by a direct exit. */
static bool leads_to(const struct ir_unit *u, uint64_t pc)
{
	for (unsigned i = 0; i < u->n; i++)
		if (ir_is_direct_exit(&u->inst[i]) && target(u, &u->inst[i]) == pc)
			return true;
	return false;
}

/* Whether block `to` is a loop with many rounds each time block `from` leads there. */
static bool is_looped(const struct shape *s, unsigned from, unsigned to)
{
	if (s->count[to] / MANY_ROUNDS < s->count[from])
		return false;
	for (unsigned k = 0; k < s->n; k++)
		if (s->block[k]->pc >= s->block[to]->pc && leads_to(s->block[k], s->block[to]->pc))
			return true;
	return false;
}

/* Whether there is a branch to the block or to pc inside it. */
static bool is_skipped(const struct shape *s, unsigned block, uint64_t pc)
{
	for (unsigned k = 0; k < s->n; k++)
		if (leads_to(s->block[k], s->block[block]->pc) && leads_to(s->block[k], pc))
			return true;
	return false;
}

static bool only_computes(const struct ir_inst *in)
{
	return in->op == IR_OP_poll || in->op == IR_OP_tick || in->op == IR_OP_get || in->op == IR_OP_put ||
	       ir_op_info[in->op].flags & IR_PURE;
}

unsigned shape_apart(const struct shape *s, unsigned block)
{
	const struct ir_unit *u = s->block[block];
	bool computes = true;
	unsigned n = 0, to;

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];
		uint64_t pc = u->pc + (uint64_t)(int64_t)in->imm;

		if (in->op != IR_OP_insn) {
			computes &= only_computes(in);
			continue;
		}
		to = n ? ir_find_unit(s->block, s->n, pc) : s->n;
		if (to < s->n &&
		    (is_looped(s, block, to) || (computes && n <= SKIPPED_INSNS && is_skipped(s, block, pc))))
			return n;
		n++;
	}
	return 0;
}

/* The block of the region at pc if it is entered about as often as not, of `often` times; NULL: it is another. */
static const struct ir_unit *half_taken(const struct shape *s, uint64_t pc, uint32_t often)
{
	unsigned at = ir_find_unit(s->block, s->n, pc);

	if (at == s->n || s->count[at] < often / SELDOM || s->count[at] > often - often / SELDOM)
		return NULL;
	return s->block[at];
}

struct ir_unit *shape_joined(const struct shape *s, unsigned block, struct base_arena *arena)
{
	const struct ir_unit *u = s->block[block], *taken, *other;
	const struct ir_inst *last = &u->inst[u->n - 1];
	struct ir_unit *all;

	if (u->n < 2 || last->op != IR_OP_exit || last[-1].op != IR_OP_exit_if)
		return NULL;
	taken = half_taken(s, target(u, &last[-1]), s->count[block]);
	other = half_taken(s, target(u, last), s->count[block]);
	all = taken && other ? opt_join(u, taken, other, arena) : NULL;
	if (!all && taken)
		all = opt_join(u, taken, NULL, arena);
	return !all && other ? opt_join(u, NULL, other, arena) : all;
}
