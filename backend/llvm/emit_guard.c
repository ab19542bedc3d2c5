/*
 * Guards: a value, and in the rare case that a condition holds a helper's instead. A guard may answer for others that
 * waited for it (wait.c).
 */
#include "backend/llvm/jit.h"

/* Of a guard: slots and values as they are on the usual way and behind the helpers, and the blocks they come from. */
struct ways {
	LLVMBasicBlockRef from[2];
	LLVMValueRef *slot[2];		/* NULL: the same on both */
	LLVMValueRef *waited[2];	/* by instruction, of guards that waited */
};

static LLVMValueRef merge(struct jit_emit *e, const struct ways *w, LLVMValueRef usual, LLVMValueRef rare)
{
	LLVMValueRef phi = LLVMBuildPhi(e->b, LLVMTypeOf(usual), ""), v[2] = { usual, rare };

	LLVMAddIncoming(phi, v, (LLVMBasicBlockRef *)w->from, 2);
	return phi;
}

/* Behind the rare call slots may differ from what the usual way knows: both into phis. */
static void merge_slots(struct jit_emit *e, const struct ways *w)
{
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		if (w->slot[0][s])
			e->slot[s] = (struct jit_slot){
				.where = JIT_VALUE, .cur = merge(e, w, w->slot[0][s], w->slot[1][s]),
			};
}

/* What was made of results that waited for guard i, again; with slots or without. */
static void make_again(struct jit_emit *e, unsigned i, bool slots)
{
	for (unsigned k = 0; k < i; k++)
		if (e->blk->wait[k].again == i && (slots || e->u->inst[k].op != IR_OP_put))
			jit_emit_again(e, k);
}

/* The helpers of those that waited for guard i. */
static void call_waiting(struct jit_emit *e, unsigned i, struct ways *w)
{
	for (unsigned k = 0; k < i; k++) {
		if (e->blk->wait[k].host != i)
			continue;
		w->waited[0][k] = e->val[k];
		jit_take_args(e, k);
		w->waited[1][k] = e->val[k] = jit_call_rare(e);
	}
	make_again(e, i, false);
	jit_take_args(e, i);
}

static void merge_waiting(struct jit_emit *e, unsigned i, const struct ways *w)
{
	for (unsigned k = 0; k < i; k++)
		if (e->blk->wait[k].host == i)
			e->val[k] = merge(e, w, w->waited[0][k], w->waited[1][k]);
}

static bool allocate(struct jit_emit *e, struct ways *w, bool waits)
{
	unsigned n = e->plan->n_slots, insts = waits ? e->u->n : 0;
	LLVMValueRef *all = base_arena_alloc(e->arena, 2 * (n + insts) * sizeof *all);

	if (!all) {
		e->failed = DGM_E_NOMEM;
		return false;
	}
	for (unsigned k = 0; k < 2; k++) {
		w->slot[k] = all + k * n;
		w->waited[k] = all + 2 * n + k * insts;
	}
	return true;
}

LLVMValueRef jit_emit_guard(struct jit_emit *e)
{
	unsigned effects = e->in->helper->effects, i = (unsigned)(e->in - e->u->inst);
	const struct jit_wait *wait = &e->blk->wait[i];
	LLVMValueRef c = e->arg[0], usual = e->arg[1], rare, v;
	LLVMBasicBlockRef aside, next;
	struct ways w;

	if (wait->host)
		return usual;
	if (!allocate(e, &w, wait->n))
		return NULL;
	/* only slots a helper may write, and that are known here, can come out different */
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		w.slot[0][s] = effects & IR_HELPER_WRITES && jit_has(e->plan->used, s) ? jit_slot_get(e, s) : NULL;
	if (wait->beside)
		c = LLVMBuildFCmp(e->b, LLVMRealUNO, e->val[wait->beside], usual, "");
	aside = jit_new_block(e);
	next = jit_new_block(e);
	w.from[0] = LLVMGetInsertBlock(e->b);
	jit_branch_rare(e, c, aside, next);
	LLVMPositionBuilderAtEnd(e->b, aside);
	if (wait->n)
		call_waiting(e, i, &w);
	rare = jit_call_rare(e);
	if (effects & IR_HELPER_WRITES)
		jit_forget(e);
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		w.slot[1][s] = w.slot[0][s] ? jit_slot_get(e, s) : NULL;
	w.from[1] = LLVMGetInsertBlock(e->b);
	LLVMBuildBr(e->b, next);
	LLVMPositionBuilderAtEnd(e->b, next);
	v = merge(e, &w, usual, rare);
	merge_slots(e, &w);
	if (!wait->n)
		return v;
	merge_waiting(e, i, &w);
	make_again(e, i, true);
	e->in = &e->u->inst[i];
	return v;
}
