/*
 * What has to be known of a region before code is made: edges between its blocks, loops, slots
 * used and written, and which slots' memory may be stale at the start of each block.
 */
#include <string.h>

#include "backend/llvm/jit.h"

void *jit_zeroed(struct base_arena *arena, size_t n)
{
	void *p = base_arena_alloc(arena, n ? n : 1);

	if (p)
		memset(p, 0, n);
	return p;
}

/* The target of an exit when it is a constant. */
static bool constant_target(const struct ir_unit *u, const struct ir_inst *in, uint64_t *pc)
{
	ir_val t = ir_exit_target(in);

	if (!ir_is_const(t))
		return false;
	*pc = ir_const_bits(u, t);
	return true;
}

static enum dgm_status find_edges(const struct backend_request *rq, struct jit_block *blk, struct base_arena *arena)
{
	const struct ir_unit *u = blk->u;

	blk->exit_to = jit_zeroed(arena, u->n_exits * sizeof *blk->exit_to);
	if (!blk->exit_to)
		return DGM_E_NOMEM;
	for (unsigned i = 0; i < u->n_exits; i++)
		blk->exit_to[i] = JIT_OUTSIDE;
	for (unsigned i = 0; i < u->n; i++) {
		uint64_t pc;
		unsigned to;

		if (!ir_is_direct_exit(&u->inst[i]))
			continue;
		if (u->inst[i].slot >= u->n_exits || !constant_target(u, &u->inst[i], &pc))
			return DGM_E_UNSUP;
		to = ir_find_unit(rq->block, rq->n_block, pc);
		if (to >= rq->entry_leaves && to < rq->n_block)
			blk->exit_to[u->inst[i].slot] = to;
	}
	return DGM_OK;
}

/* Whether code that computes it may stand several times: one or two host instructions. */
static bool is_small(const struct ir_inst *in)
{
	switch (in->op) {
	case IR_OP_add: case IR_OP_sub: case IR_OP_and: case IR_OP_or: case IR_OP_xor: case IR_OP_not:
	case IR_OP_shl: case IR_OP_shr: case IR_OP_sar: case IR_OP_zext: case IR_OP_sext: case IR_OP_trunc:
	case IR_OP_eq: case IR_OP_ne: case IR_OP_ult: case IR_OP_ule: case IR_OP_slt: case IR_OP_sle:
	case IR_OP_add_carry: case IR_OP_add_overflow: case IR_OP_select:
	case IR_OP_feq: case IR_OP_flt: case IR_OP_fle: case IR_OP_funo: case IR_OP_fueq:
		return ir_type_info[in->type].bits <= 64;
	default:
		return false;
	}
}

/*
 * Flags that are put into slots and used for nothing else in the block are computed where slots are stored,
 * and so is what is computed for them alone: most are overwritten before anybody looks.
 */
static enum dgm_status find_late(struct jit_block *blk, struct base_arena *arena)
{
	const struct ir_unit *u = blk->u;
	bool *wanted = jit_zeroed(arena, u->n), *put = jit_zeroed(arena, u->n);

	blk->late = jit_zeroed(arena, u->n);
	if (!wanted || !put || !blk->late)
		return DGM_E_NOMEM;
	for (unsigned i = u->n; i-- > 0;) {
		const struct ir_inst *in = &u->inst[i];

		blk->late[i] = put[i] && !wanted[i] && is_small(in);
		for (unsigned k = 0; k < ir_arity(in); k++) {
			ir_val v = in->arg[k];
			if (ir_is_const(v))
				continue;
			if (blk->late[i] || (in->op == IR_OP_put && u->inst[v.id].type == IR_I1))
				put[v.id] = true;
			else
				wanted[v.id] = true;
		}
	}
	return DGM_OK;
}

static bool ends_indirectly(const struct ir_unit *u)
{
	return u->n && u->inst[u->n - 1].op == IR_OP_exit_ind;
}

/* The blocks an indirect exit is checked against before it leaves. */
static enum dgm_status find_guesses(struct jit_plan *p, const struct backend_request *rq, struct base_arena *arena)
{
	for (unsigned i = 0; i < rq->n_guess; i++) {
		const struct backend_guess *g = &rq->guess[i];

		if (g->from >= p->n || g->to >= p->n || g->to < rq->entry_leaves || !ends_indirectly(p->block[g->from].u))
			continue;
		struct jit_block *blk = &p->block[g->from];
		if (!blk->guess)
			blk->guess = jit_zeroed(arena, rq->n_guess * sizeof *blk->guess);
		if (!blk->guess)
			return DGM_E_NOMEM;
		blk->guess[blk->n_guess++] = g->to;
	}
	return DGM_OK;
}

/* The k-th way out of a block: a direct exit or a guess. */
static unsigned successor(const struct jit_block *blk, unsigned k)
{
	return k < blk->u->n_exits ? blk->exit_to[k] : blk->guess[k - blk->u->n_exits];
}

bool jit_want_back(const struct jit_plan *p, jit_want_fn *want, const void *of)
{
	bool changed = false;

	for (unsigned k = p->n_order; k-- > 0;) {
		const struct jit_block *blk = &p->block[p->order[k]];

		for (unsigned i = 0; i < blk->u->n_exits + blk->n_guess; i++)
			if (successor(blk, i) != JIT_OUTSIDE)
				changed |= want(p, p->order[k], successor(blk, i), of);
	}
	return changed;
}

struct walker {
	struct frame {
		unsigned block, next;
	} *stack;
	uint8_t *on_path;
	unsigned depth, at;
};

static void visit(struct jit_plan *p, struct walker *w, unsigned to)
{
	p->block[to].reached = true;
	w->on_path[to] = 1;
	w->stack[w->depth++] = (struct frame){ to, 0 };
}

/* Depth first from one entry. An edge to a block on the path loops. */
static void walk_from(struct jit_plan *p, struct walker *w, unsigned entry)
{
	visit(p, w, entry);
	while (w->depth) {
		struct frame *f = &w->stack[w->depth - 1];
		struct jit_block *blk = &p->block[f->block];

		if (f->next == blk->u->n_exits + blk->n_guess) {
			w->on_path[f->block] = 0;
			p->order[--w->at] = f->block;
			w->depth--;
			continue;
		}
		unsigned to = successor(blk, f->next++);
		if (to == JIT_OUTSIDE)
			continue;
		p->block[to].n_pred++;
		if (w->on_path[to])
			p->block[to].loops = true;
		if (!p->block[to].reached)
			visit(p, w, to);
	}
}

/* Depth first from all entries; order is filled from its end. */
static enum dgm_status walk(struct jit_plan *p, struct base_arena *arena)
{
	struct walker w = { .at = p->n };

	w.stack = jit_zeroed(arena, p->n * sizeof *w.stack);
	w.on_path = jit_zeroed(arena, p->n);
	if (!w.stack || !w.on_path)
		return DGM_E_NOMEM;
	for (unsigned k = 0; k < p->n_entry; k++) {
		p->block[p->entry[k]].n_pred++;
		if (!p->block[p->entry[k]].reached)
			walk_from(p, &w, p->entry[k]);
	}
	p->n_order = p->n - w.at;
	memmove(p->order, p->order + w.at, p->n_order * sizeof *p->order);
	return DGM_OK;
}

bool jit_flushes(const struct backend_mode *mode, const struct ir_inst *in)
{
	unsigned effects = in->helper ? in->helper->effects : 0;

	if (in->op == IR_OP_call)
		return effects & ~(unsigned)IR_HELPER_FP;
	if (in->op == IR_OP_fence || in->op == IR_OP_order)
		return false;
	return mode->precise && !mode->checked && ir_op_info[in->op].flags & (IR_LOADS | IR_STORES);
}

bool jit_helper_writes(const struct ir_inst *in)
{
	return in->helper && in->helper->effects & IR_HELPER_WRITES;
}

static void find_slots(struct jit_plan *p, const struct backend_request *rq)
{
	bool all = false;

	for (unsigned k = 0; k < p->n_order; k++) {
		const struct ir_unit *u = p->block[p->order[k]].u;

		for (unsigned i = 0; i < u->n; i++) {
			const struct ir_inst *in = &u->inst[i];

			if (in->op == IR_OP_get || in->op == IR_OP_put)
				jit_add(p->used, in->slot);
			if (in->op == IR_OP_put)
				jit_add(p->written, in->slot);
			if (in->op == IR_OP_tick) {
				jit_add(p->used, p->n_slots - 1);
				jit_add(p->written, p->n_slots - 1);
			}
			all |= jit_helper_writes(in);
		}
	}
	if (all)
		memcpy(p->written, p->used, p->words * sizeof *p->used);
}

static bool merge(uint64_t *into, const uint64_t *from, unsigned words)
{
	bool changed = false;

	for (unsigned i = 0; i < words; i++) {
		changed |= from[i] & ~into[i];
		into[i] |= from[i];
	}
	return changed;
}

/* Carries the set of stale slots through a block and out over its edges. */
static bool flow_dirty(struct jit_plan *p, const struct backend_request *rq, struct jit_block *blk, uint64_t *dirty)
{
	const struct ir_unit *u = blk->u;
	bool changed = false;

	memcpy(dirty, blk->dirty_in, p->words * sizeof *dirty);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (jit_flushes(&rq->mode, in))
			memset(dirty, 0, p->words * sizeof *dirty);
		if (in->op == IR_OP_put)
			jit_add(dirty, in->slot);
		if (in->op == IR_OP_tick)
			jit_add(dirty, p->n_slots - 1);
		if (ir_is_direct_exit(in) && blk->exit_to[in->slot] != JIT_OUTSIDE)
			changed |= merge(p->block[blk->exit_to[in->slot]].dirty_in, dirty, p->words);
	}
	for (unsigned i = 0; i < blk->n_guess; i++)
		changed |= merge(p->block[blk->guess[i]].dirty_in, dirty, p->words);
	return changed;
}

static enum dgm_status find_dirty(struct jit_plan *p, const struct backend_request *rq, struct base_arena *arena)
{
	uint64_t *dirty = jit_zeroed(arena, p->words * sizeof *dirty);
	bool changed = true;

	if (!dirty)
		return DGM_E_NOMEM;
	while (changed) {
		changed = false;
		for (unsigned k = 0; k < p->n_order; k++)
			changed |= flow_dirty(p, rq, &p->block[p->order[k]], dirty);
	}
	return DGM_OK;
}

/* Line numbers: one for the start of each block, then one for each guest instruction. */
static enum dgm_status number_lines(struct jit_plan *p, struct base_arena *arena)
{
	unsigned n = 0;

	for (unsigned k = 0; k < p->n; k++)
		for (unsigned i = 0; i < p->block[k].u->n; i++)
			n += p->block[k].u->inst[i].op == IR_OP_insn;
	p->line_pc = jit_zeroed(arena, (n + p->n) * sizeof *p->line_pc);
	p->line_left = jit_zeroed(arena, (n + p->n) * sizeof *p->line_left);
	if (!p->line_pc || !p->line_left)
		return DGM_E_NOMEM;
	for (unsigned k = 0; k < p->n; k++) {
		const struct ir_unit *u = p->block[k].u;
		uint32_t left = u->n_insns;

		p->block[k].first_line = p->n_lines + 1;
		p->line_left[p->n_lines] = left;
		p->line_pc[p->n_lines++] = u->pc;
		for (unsigned i = 0; i < u->n; i++) {
			if (u->inst[i].op != IR_OP_insn)
				continue;
			p->line_left[p->n_lines] = left--;
			p->line_pc[p->n_lines++] = u->pc + (uint64_t)(int64_t)u->inst[i].imm;
		}
	}
	return DGM_OK;
}

static enum dgm_status allocate(struct jit_plan *p, const struct backend_request *rq, struct base_arena *arena)
{
	p->n = rq->n_block;
	p->n_slots = rq->block[0]->slots->n + 1;
	p->words = (p->n_slots + 63) / 64;
	p->n_entry = 1 + rq->n_entry;
	p->entry = jit_zeroed(arena, p->n_entry * sizeof *p->entry);
	p->block = jit_zeroed(arena, p->n * sizeof *p->block);
	p->order = jit_zeroed(arena, p->n * sizeof *p->order);
	p->used = jit_zeroed(arena, p->words * sizeof *p->used);
	p->written = jit_zeroed(arena, p->words * sizeof *p->written);
	if (!p->entry || !p->block || !p->order || !p->used || !p->written)
		return DGM_E_NOMEM;
	for (unsigned k = 0; k < rq->n_entry; k++) {
		if (rq->entry[k] >= p->n)
			return DGM_E_ARG;
		p->entry[k + 1] = rq->entry[k];
	}
	for (unsigned i = 0; i < p->n; i++) {
		p->block[i].u = rq->block[i];
		p->block[i].dirty_in = jit_zeroed(arena, p->words * sizeof *p->used);
		p->block[i].apart = jit_zeroed(arena, p->n_slots);
		p->block[i].singles = jit_zeroed(arena, p->words * sizeof *p->used);
		if (!p->block[i].dirty_in || !p->block[i].apart || !p->block[i].singles)
			return DGM_E_NOMEM;
	}
	return DGM_OK;
}

enum dgm_status jit_plan_make(const struct backend_request *rq, struct base_arena *arena, struct jit_plan *p)
{
	enum dgm_status st;

	memset(p, 0, sizeof *p);
	if (!rq->n_block)
		return DGM_E_ARG;
	st = allocate(p, rq, arena);
	for (unsigned i = 0; !st && i < p->n; i++)
		st = find_edges(rq, &p->block[i], arena);
	for (unsigned i = 0; !st && i < p->n; i++)
		st = find_late(&p->block[i], arena);
	for (unsigned i = 0; !st && i < p->n; i++)
		st = jit_find_wide(&p->block[i], arena);
	for (unsigned i = 0; !st && i < p->n; i++)
		st = jit_find_waiting(p, rq, &p->block[i], arena);
	if (!st)
		st = find_guesses(p, rq, arena);
	if (!st)
		st = walk(p, arena);
	if (st)
		return st;
	find_slots(p, rq);
	jit_find_hooks(p);
	st = jit_find_halves(p, arena);
	if (!st)
		st = jit_find_scalars(p, arena);
	if (!st)
		st = jit_find_singles(p, arena);
	if (!st)
		st = find_dirty(p, rq, arena);
	return st ? st : number_lines(p, arena);
}
