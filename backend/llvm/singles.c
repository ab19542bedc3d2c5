/*
 * Slots of 64 bits that hold singles: a guest whose registers are doubles computes with floats in loops, and neither
 * widens nor narrows them from round to round. A slot that is known to hold a single is that float; where blocks meet
 * and somebody behind takes it as a float, three values are handed over: the float, whether that is all of it, and
 * the double otherwise. Which slots those are at the start of a block is found here, before code is made;
 * emit.c keeps the values.
 */
#include "backend/llvm/jit.h"

/* ---- which slots ---- */

enum access { NOT_YET = 0, AS_SINGLE, OTHERWISE };

/* Whether the operation looks at a double as a single. */
static bool takes_single(const struct ir_unit *u, const struct ir_inst *in)
{
	return (in->op == IR_OP_fexact || in->op == IR_OP_is_exact) && ir_type_of(u, in->arg[0]) == IR_F64;
}

/* How the block looks at each slot first. */
static bool first_accesses(const struct ir_unit *u, uint8_t *access)
{
	bool any = false;

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (takes_single(u, in) && !ir_is_const(in->arg[0]) && u->inst[in->arg[0].id].op == IR_OP_get) {
			access[u->inst[in->arg[0].id].slot] = AS_SINGLE;
			any = true;
		}
	}
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op == IR_OP_put && access[in->slot] == NOT_YET)
			access[in->slot] = OTHERWISE;
	}
	return any;
}

/*
 * Adds what a successor of the block wants of slots the block neither writes nor has as halves already; of: all blocks'
 * accesses.
 */
static bool inherit(const struct jit_plan *p, unsigned block, unsigned to, const void *of)
{
	const uint8_t *access = (const uint8_t *)of + (size_t)block * p->n_slots, *apart = p->block[block].apart;
	uint64_t *singles = p->block[block].singles;
	bool changed = false;

	for (unsigned s = 0; s < p->n_slots - 1; s++)
		if (access[s] == NOT_YET && apart[s] == JIT_WHOLE && jit_has(p->block[to].singles, s) && !jit_has(singles, s)) {
			jit_add(singles, s);
			changed = true;
		}
	return changed;
}

/* Whether a put stores what is a float, as far as the block shows. */
static bool puts_single(const struct ir_unit *u, const struct ir_inst *in, const uint8_t *access)
{
	if (in->op != IR_OP_put || ir_is_const(in->arg[0]) || in->slot >= u->slots->n ||
	    u->slots->slot[in->slot].type != IR_F64)
		return false;
	const struct ir_inst *from = &u->inst[in->arg[0].id];
	return from->op == IR_OP_fexact || (from->op == IR_OP_get && access[from->slot] == AS_SINGLE);
}

/*
 * A loop of one block leaves floats in slots that nobody looks at before they are written again, but for ways out:
 * handed from round to round as they are, they are widened there alone.
 */
static void keep_unread(const struct jit_plan *p, unsigned block, const uint8_t *access, const uint64_t *read)
{
	struct jit_block *blk = &p->block[block];
	const struct ir_unit *u = blk->u;
	bool loops = false;

	for (unsigned i = 0; i < u->n_exits; i++)
		loops |= blk->exit_to[i] == block;
	for (unsigned i = 0; loops && i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (puts_single(u, in, access) && !jit_has(read, in->slot) && blk->apart[in->slot] == JIT_WHOLE)
			jit_add(blk->singles, in->slot);
	}
}

static void find_read(const struct jit_plan *p, uint64_t *read)
{
	for (unsigned k = 0; k < p->n_order; k++) {
		const struct ir_unit *u = p->block[p->order[k]].u;

		for (unsigned i = 0; i < u->n; i++)
			if (u->inst[i].op == IR_OP_get)
				jit_add(read, u->inst[i].slot);
	}
}

enum dgm_status jit_find_singles(struct jit_plan *p, struct base_arena *arena)
{
	uint8_t *access = jit_zeroed(arena, (size_t)p->n * p->n_slots);	/* NOT_YET */
	uint64_t *read = jit_zeroed(arena, p->words * sizeof *read);
	bool any = false;

	if (!access || !read)
		return DGM_E_NOMEM;
	find_read(p, read);
	for (unsigned k = 0; k < p->n_order; k++) {
		struct jit_block *blk = &p->block[p->order[k]];
		uint8_t *own = access + p->order[k] * p->n_slots;

		any |= first_accesses(blk->u, own);
		for (unsigned s = 0; s < p->n_slots; s++)
			if (own[s] == AS_SINGLE && blk->apart[s] == JIT_WHOLE)
				jit_add(blk->singles, s);
		keep_unread(p, p->order[k], own, read);
	}
	while (any && jit_want_back(p, inherit, access))
		;
	return DGM_OK;
}

/* ---- operations ---- */

static LLVMValueRef bits(struct jit_emit *e, uint64_t v)
{
	return jit_int(e, e->i64, v);
}

/* A NaN by its bits: the host's conversion makes signalling ones quiet. */
static LLVMValueRef widen_nan(struct jit_emit *e, LLVMValueRef f)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef w = LLVMBuildZExt(b, LLVMBuildBitCast(b, f, e->i32, ""), e->i64, "");
	LLVMValueRef sign = LLVMBuildShl(b, LLVMBuildLShr(b, w, bits(e, 31), ""), bits(e, 63), "");
	LLVMValueRef rest = LLVMBuildShl(b, LLVMBuildAnd(b, w, bits(e, 0x7fffff), ""), bits(e, 29), "");

	rest = LLVMBuildOr(b, rest, bits(e, 0x7ff0000000000000), "");
	return LLVMBuildBitCast(b, LLVMBuildOr(b, sign, rest, ""), e->type[IR_F64], "");
}

static LLVMValueRef widen(struct jit_emit *e, LLVMValueRef f)
{
	LLVMValueRef nan = LLVMBuildFCmp(e->b, LLVMRealUNO, f, f, ""), v = widen_nan(e, f);

	return LLVMBuildSelect(e->b, nan, v, LLVMBuildFPExt(e->b, f, e->type[IR_F64], ""), "");
}

LLVMValueRef jit_widen(struct jit_emit *e, const struct jit_single *s)
{
	LLVMValueRef v;

	if (!s->exact && s->wide)
		return s->wide;
	v = widen(e, s->f);
	return s->exact ? LLVMBuildSelect(e->b, s->exact, v, s->wide, "") : v;
}

LLVMValueRef jit_widen_usual(struct jit_emit *e, LLVMValueRef f)
{
	LLVMBasicBlockRef rare = jit_new_block(e), next = jit_new_block(e), here = LLVMGetInsertBlock(e->b);
	LLVMValueRef v[2] = { LLVMBuildFPExt(e->b, f, e->type[IR_F64], "") }, phi;

	jit_branch_rare(e, LLVMBuildFCmp(e->b, LLVMRealUNO, f, f, ""), rare, next);
	LLVMPositionBuilderAtEnd(e->b, rare);
	v[1] = widen_nan(e, f);
	LLVMBuildBr(e->b, next);
	LLVMPositionBuilderAtEnd(e->b, next);
	phi = LLVMBuildPhi(e->b, e->type[IR_F64], "");
	LLVMAddIncoming(phi, &v[0], &here, 1);
	LLVMAddIncoming(phi, &v[1], &rare, 1);
	return phi;
}

static LLVMValueRef below(struct jit_emit *e, LLVMValueRef v, uint64_t limit)
{
	return LLVMBuildICmp(e->b, LLVMIntULT, v, bits(e, limit), "");
}

/* A single that is subnormal: its word without the sign, and whether nothing is lost. */
static LLVMValueRef narrow_small(struct jit_emit *e, LLVMValueRef size, LLVMValueRef *exact)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef one = bits(e, 1), shift = LLVMBuildSub(b, bits(e, 926), LLVMBuildLShr(b, size, bits(e, 52), ""), "");
	LLVMValueRef fraction = LLVMBuildAnd(b, size, bits(e, (1ull << 52) - 1), ""), lost;

	fraction = LLVMBuildOr(b, fraction, bits(e, 1ull << 52), "");
	shift = LLVMBuildAnd(b, shift, bits(e, 63), "");
	lost = LLVMBuildAnd(b, fraction, LLVMBuildSub(b, LLVMBuildShl(b, one, shift, ""), one, ""), "");
	*exact = LLVMBuildICmp(b, LLVMIntEQ, lost, bits(e, 0), "");
	*exact = LLVMBuildAnd(b, *exact, LLVMBuildNot(b, below(e, size, 874ull << 52), ""), "");
	return LLVMBuildLShr(b, fraction, shift, "");
}

static LLVMValueRef part(struct jit_emit *e, LLVMValueRef v, unsigned shift, uint64_t mask)
{
	return LLVMBuildAnd(e->b, LLVMBuildLShr(e->b, v, bits(e, shift), ""), bits(e, mask), "");
}

/* sem_fexact and sem_is_exact of a double. */
struct jit_single jit_narrow(struct jit_emit *e, LLVMValueRef d)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef v = LLVMBuildBitCast(b, d, e->i64, ""), size = LLVMBuildAnd(b, v, bits(e, ~0ull >> 1), "");
	LLVMValueRef small = below(e, LLVMBuildSub(b, size, bits(e, 1), ""), (897ull << 52) - 1), exact[2], word[2];

	word[1] = narrow_small(e, size, &exact[1]);
	word[1] = LLVMBuildOr(b, part(e, v, 32, 0x80000000), word[1], "");
	word[0] = LLVMBuildOr(b, part(e, v, 32, 0xc0000000), part(e, v, 29, 0x3fffffff), "");
	exact[0] = LLVMBuildOr(b, below(e, size, 1151ull << 52), LLVMBuildNot(b, below(e, size, 2047ull << 52), ""), "");
	exact[0] = LLVMBuildAnd(b, exact[0], LLVMBuildICmp(b, LLVMIntEQ, part(e, v, 0, 0x1fffffff), bits(e, 0), ""), "");
	exact[0] = LLVMBuildSelect(b, small, exact[1], exact[0], "");
	word[0] = LLVMBuildSelect(b, small, word[1], word[0], "");
	word[0] = LLVMBuildSelect(b, exact[0], word[0], bits(e, 0x3f800000), "");
	word[0] = LLVMBuildTrunc(b, word[0], e->i32, "");
	return (struct jit_single){ LLVMBuildBitCast(b, word[0], e->type[IR_F32], ""), exact[0], d };
}

LLVMValueRef jit_emit_fexact(struct jit_emit *e)
{
	return e->in->type == IR_F64 ? widen(e, e->arg[0]) : jit_narrow(e, e->arg[0]).f;
}

LLVMValueRef jit_emit_is_exact(struct jit_emit *e)
{
	bool wide = LLVMGetTypeKind(LLVMTypeOf(e->arg[0])) == LLVMDoubleTypeKind;

	return wide ? jit_narrow(e, e->arg[0]).exact : jit_int(e, e->i1, 1);
}

/* ---- where blocks meet ---- */

/* The double of what is a float for sure does not matter. */
void jit_carry_single(struct jit_emit *e, const struct jit_single *phi, const struct jit_single *v, LLVMBasicBlockRef from)
{
	LLVMValueRef exact = v->exact ? v->exact : jit_int(e, e->i1, 1);
	LLVMValueRef wide = v->exact ? v->wide : LLVMGetUndef(e->type[IR_F64]), f = v->f;

	LLVMAddIncoming(phi->f, &f, &from, 1);
	LLVMAddIncoming(phi->exact, &exact, &from, 1);
	LLVMAddIncoming(phi->wide, &wide, &from, 1);
}

void jit_enter_single(struct jit_emit *e, const struct jit_single *phi, unsigned slot, LLVMBasicBlockRef from)
{
	LLVMBuilderRef b = e->b;
	struct jit_single v;

	e->b = e->first;
	e->slot[slot].where = JIT_FIRST;
	v = jit_narrow(e, jit_slot_get(e, slot));
	jit_carry_single(e, phi, &v, from);
	e->b = b;
}
