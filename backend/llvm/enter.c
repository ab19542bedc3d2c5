/*
 * The ways into a region. Most have one, by which the function's own entry block reads every slot that is read at
 * all. One with several is told in a third argument, by a stub of each (object.c), where to go on; there the entry block
 * reads but the slots that never change, and each way reads what its block wants of the others.
 */
#include <string.h>

#include "backend/llvm/jit.h"

/* From the entry block into the region: its initial values are whatever memory holds. */
static void enter_alone(struct jit_emit *e)
{
	struct jit_block *head = &e->plan->block[0];
	LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(e->fn), from = entry;
	LLVMBasicBlockRef lend = e->plan->lends ? jit_new_block(e) : NULL;

	jit_set_line(e, e->first, head->first_line);
	jit_check_entry(e, e->first, head, lend ? lend : head->head);
	if (lend) {
		LLVMPositionBuilderAtEnd(e->b, lend);
		jit_lend(e);
		from = LLVMGetInsertBlock(e->b);
		LLVMBuildBr(e->b, head->head);
	}
	LLVMPositionBuilderBefore(e->first, LLVMGetBasicBlockTerminator(entry));
	for (unsigned s = 0; head->phi && s < e->plan->n_slots; s++) {
		const struct jit_phis *p = &head->phi[s];

		if (p->single.f)
			jit_enter_single(e, &p->single, s, from);
		if (!p->whole)
			continue;
		if (head->apart[s] == JIT_TWO_FLOATS) {
			LLVMValueRef low = jit_load_half(e, s, 0), high = jit_load_half(e, s, 1);
			LLVMAddIncoming(p->whole, &low, &from, 1);
			LLVMAddIncoming(p->part, &high, &from, 1);
			continue;
		}
		e->slot[s].where = JIT_FIRST;
		LLVMValueRef v = jit_slot_get(e, s), lane;
		LLVMAddIncoming(p->whole, &v, &from, 1);
		if (!p->part)
			continue;
		lane = jit_first_lane(e, e->first, v, LLVMTypeOf(p->part));
		LLVMAddIncoming(p->part, &lane, &from, 1);
	}
}

/* From block `way` into one that is entered. */
static void enter_block(struct jit_emit *e, LLVMBasicBlockRef way, struct jit_block *blk)
{
	LLVMBasicBlockRef go = jit_new_block(e);

	for (unsigned s = 0; s < e->plan->n_slots; s++)
		e->slot[s].where = jit_has(e->plan->written, s) ? JIT_MEMORY : JIT_FIRST;
	LLVMPositionBuilderAtEnd(e->b, way);
	jit_set_line(e, e->b, blk->first_line);
	jit_check_entry(e, e->b, blk, go);
	LLVMPositionBuilderAtEnd(e->b, go);
	if (e->plan->lends)
		jit_lend(e);
	jit_carry(e, blk);
	LLVMBuildBr(e->b, blk->head);
}

void jit_enter_region(struct jit_emit *e)
{
	struct jit_plan *p = e->plan;
	LLVMValueRef choice;

	if (p->n_entry == 1) {
		enter_alone(e);
		return;
	}
	jit_set_line(e, e->first, p->block[0].first_line);
	LLVMBasicBlockRef way = jit_new_block(e);
	choice = LLVMBuildSwitch(e->first, LLVMGetParam(e->fn, 2), way, p->n_entry - 1);
	LLVMPositionBuilderBefore(e->first, choice);
	enter_block(e, way, &p->block[0]);
	for (unsigned k = 1; k < p->n_entry; k++) {
		way = jit_new_block(e);
		LLVMAddCase(choice, jit_int(e, e->i32, k), way);
		enter_block(e, way, &p->block[p->entry[k]]);
	}
}
