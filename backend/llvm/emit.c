/*
 * The LLVM function of a region. Guest slots are SSA values: the first reading of a slot loads
 * it in the function's entry block; blocks with several predecessors get a phi for each slot the
 * region writes; whatever leaves the region stores the slots that may be stale (plan.c knows).
 */
#include <stdio.h>
#include <string.h>

#include "backend/llvm/jit.h"

static jit_emit_fn *const emit_table[IR_OP_COUNT] = {
#define OP(name, ...) [IR_OP_##name] = jit_emit_##name,
#include "ir/ops.def"
};

LLVMBasicBlockRef jit_new_block(struct jit_emit *e)
{
	return LLVMAppendBasicBlockInContext(e->c, e->fn, "");
}

void jit_branch_rare(struct jit_emit *e, LLVMValueRef c, LLVMBasicBlockRef rare, LLVMBasicBlockRef usual)
{
	LLVMSetMetadata(LLVMBuildCondBr(e->b, c, rare, usual), e->prof_kind, e->unlikely);
}

LLVMValueRef jit_int(struct jit_emit *e, LLVMTypeRef t, uint64_t v)
{
	(void)e;
	return LLVMConstInt(t, v, false);
}

LLVMValueRef jit_state(struct jit_emit *e, LLVMBuilderRef b, int32_t offset)
{
	LLVMValueRef off = jit_int(e, e->i64, (uint64_t)(int64_t)offset);

	return LLVMBuildInBoundsGEP2(b, e->i8, e->state, &off, 1, "");
}

LLVMValueRef jit_env(struct jit_emit *e, int32_t offset)
{
	return jit_state(e, e->b, offset);
}

LLVMValueRef jit_intrinsic(struct jit_emit *e, const char *name, LLVMTypeRef *over, unsigned n_over,
			   LLVMValueRef *arg, unsigned n_arg)
{
	unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
	LLVMValueRef fn = LLVMGetIntrinsicDeclaration(e->m, id, over, n_over);
	LLVMTypeRef t = LLVMIntrinsicGetType(e->c, id, over, n_over);

	return LLVMBuildCall2(e->b, t, fn, arg, n_arg, "");
}

LLVMValueRef jit_int_of(struct jit_emit *e, LLVMValueRef v, LLVMTypeRef to)
{
	unsigned have = LLVMGetIntTypeWidth(LLVMTypeOf(v)), want = LLVMGetIntTypeWidth(to);

	if (have == want)
		return v;
	return have < want ? LLVMBuildZExt(e->b, v, to, "") : LLVMBuildTrunc(e->b, v, to, "");
}

void jit_call_attr(struct jit_emit *e, LLVMValueRef call, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(e->c, kind, 0));
}

/*
 * An empty piece of assembler that touches no memory ("memory" with value 0). Without willreturn
 * nothing may remove it, and its number makes it unlike any other.
 */
static LLVMValueRef nothing(struct jit_emit *e, LLVMTypeRef ft, const char *how, LLVMValueRef *arg, unsigned n,
			    bool keep)
{
	LLVMValueRef text = LLVMGetInlineAsm(ft, "", 0, how, strlen(how), keep, false, LLVMInlineAsmDialectATT,
					     false);
	LLVMValueRef call = LLVMBuildCall2(e->b, ft, text, arg, n, "");

	jit_call_attr(e, call, "memory");
	jit_call_attr(e, call, "nounwind");
	if (!keep)
		jit_call_attr(e, call, "willreturn");
	return call;
}

LLVMValueRef jit_opaque(struct jit_emit *e, LLVMValueRef v, bool keep)
{
	LLVMTypeRef t = LLVMTypeOf(v), type[2] = { t, e->i32 };
	bool gpr = LLVMGetTypeKind(t) == LLVMIntegerTypeKind;
	LLVMValueRef arg[2] = { v, jit_int(e, e->i32, keep ? e->markers++ : 0) };

	return nothing(e, LLVMFunctionType(t, type, 1 + keep, false),
		       keep ? gpr ? "=r,0,i" : "=x,0,i" : gpr ? "=r,0" : "=x,0", arg, 1 + keep, keep);
}

void jit_mark(struct jit_emit *e)
{
	LLVMTypeRef ft = LLVMFunctionType(e->type[IR_VOID], &e->i32, 1, false);
	LLVMValueRef number = jit_int(e, e->i32, e->markers++);

	if (e->touched && !e->rq->mode.checked)
		nothing(e, ft, "i", &number, 1, true);
}

/* ---- slots ---- */

static int32_t slot_offset(const struct jit_emit *e, unsigned slot)
{
	return slot == e->plan->n_slots - 1 ? ENV_OFFSET(fuel) : e->u->slots->slot[slot].offset;
}

static enum ir_type slot_type(const struct jit_emit *e, unsigned slot)
{
	return slot == e->plan->n_slots - 1 ? IR_I64 : (enum ir_type)e->u->slots->slot[slot].type;
}

static unsigned slot_align(int32_t offset)
{
	unsigned align = (unsigned)offset & -(unsigned)offset;

	return align && align < 16 ? align : 16;
}

static LLVMValueRef load_slot(struct jit_emit *e, LLVMBuilderRef b, unsigned slot)
{
	int32_t offset = slot_offset(e, slot);
	enum ir_type t = slot_type(e, slot);
	LLVMValueRef v = LLVMBuildLoad2(b, t == IR_I1 ? e->i8 : e->type[t], jit_state(e, b, offset), "");

	LLVMSetAlignment(v, slot_align(offset));
	if (t != IR_I1)
		return v;
	LLVMSetMetadata(v, e->range_kind, e->bool_range);
	return LLVMBuildTrunc(b, v, e->i1, "");
}

LLVMValueRef jit_load_half(struct jit_emit *e, unsigned slot, unsigned k)
{
	int32_t offset = slot_offset(e, slot) + 4 * (int32_t)k;
	LLVMValueRef v = LLVMBuildLoad2(e->first, e->type[IR_F32], jit_state(e, e->first, offset), "");

	LLVMSetAlignment(v, slot_align(offset));
	return v;
}

static void store_slot(struct jit_emit *e, unsigned slot, LLVMValueRef v)
{
	int32_t offset = slot_offset(e, slot);

	if (slot_type(e, slot) == IR_I1)
		v = LLVMBuildZExt(e->b, v, e->i8, "");
	LLVMValueRef st = LLVMBuildStore(e->b, v, jit_state(e, e->b, offset));
	LLVMSetAlignment(st, slot_align(offset));
	/* a fault must find what the program order says */
	LLVMSetVolatile(st, true);
}

static LLVMValueRef constant(struct jit_emit *e, const struct ir_unit *u, ir_val v)
{
	const struct ir_const *k = &u->konst[v.id & ~IR_CONST];
	LLVMTypeRef t = e->type[k->type];

	if (ir_type_info[k->type].kind == IR_KIND_INT)
		return LLVMConstInt(t, k->bits[0], false);
	if (ir_type_info[k->type].bits <= 64)
		return LLVMConstBitCast(LLVMConstInt(k->type == IR_F32 ? e->i32 : e->i64, k->bits[0], false), t);
	LLVMValueRef half[2] = { LLVMConstInt(e->i64, k->bits[0], false), LLVMConstInt(e->i64, k->bits[1], false) };
	return LLVMConstBitCast(LLVMConstVector(half, 2), t);
}

/*
 * The value, for whoever the builder stands at. What was put off (plan.c) and its operands that were are
 * computed anew each time: on a way out of the region, where flags are wanted at last.
 */
static LLVMValueRef compute(struct jit_emit *e, const struct jit_late *late)
{
	const struct ir_unit *u = e->u;
	const struct ir_inst *in = e->in, *of;
	LLVMValueRef *val = e->val, arg[IR_MAX_ARGS], here[IR_MAX_ARGS], v;

	if (ir_is_const(late->v))
		return constant(e, late->u, late->v);
	if (late->val[late->v.id])
		return late->val[late->v.id];
	of = &late->u->inst[late->v.id];
	for (unsigned k = 0; k < ir_arity(of); k++)
		here[k] = compute(e, &(struct jit_late){ late->u, late->val, of->arg[k] });
	memcpy(arg, e->arg, sizeof arg);
	memcpy(e->arg, here, sizeof here);
	e->u = late->u;
	e->in = of;
	e->val = late->val;
	v = emit_table[of->op](e);
	e->u = u;
	e->in = in;
	e->val = val;
	memcpy(e->arg, arg, sizeof arg);
	return v;
}

/* The low or high 32 bits of a double as a float. */
static LLVMValueRef half_of(struct jit_emit *e, LLVMValueRef v, bool high)
{
	v = LLVMBuildBitCast(e->b, v, e->i64, "");
	if (high)
		v = LLVMBuildLShr(e->b, v, jit_int(e, e->i64, 32), "");
	return LLVMBuildBitCast(e->b, LLVMBuildTrunc(e->b, v, e->i32, ""), e->type[IR_F32], "");
}

static LLVMValueRef join_halves(struct jit_emit *e, LLVMValueRef low, LLVMValueRef high)
{
	low = LLVMBuildZExt(e->b, LLVMBuildBitCast(e->b, low, e->i32, ""), e->i64, "");
	high = LLVMBuildZExt(e->b, LLVMBuildBitCast(e->b, high, e->i32, ""), e->i64, "");
	high = LLVMBuildShl(e->b, high, jit_int(e, e->i64, 32), "");
	return LLVMBuildBitCast(e->b, LLVMBuildOr(e->b, high, low, ""), e->type[IR_F64], "");
}

/* The same for a way out, in vector registers: as numbers the halves would be had where they were computed, on every way. */
static LLVMValueRef join_aside(struct jit_emit *e, LLVMValueRef low, LLVMValueRef high)
{
	LLVMValueRef v = LLVMGetPoison(LLVMVectorType(e->type[IR_F32], 2));

	v = LLVMBuildInsertElement(e->b, v, low, jit_int(e, e->i32, 0), "");
	v = LLVMBuildInsertElement(e->b, v, high, jit_int(e, e->i32, 1), "");
	return LLVMBuildBitCast(e->b, v, e->type[IR_F64], "");
}

static bool is_alone(const struct jit_block *blk, unsigned slot)
{
	return blk->apart[slot] == JIT_ALONE_F32 || blk->apart[slot] == JIT_ALONE_F64;
}

static LLVMTypeRef lane_vector(const struct jit_emit *e, LLVMTypeRef lane)
{
	return e->type[LLVMGetTypeKind(lane) == LLVMFloatTypeKind ? IR_F32X4 : IR_F64X2];
}

static LLVMValueRef from_lane(struct jit_emit *e, unsigned slot)
{
	LLVMValueRef lane = e->slot[slot].part, v = LLVMConstNull(lane_vector(e, LLVMTypeOf(lane)));

	v = LLVMBuildInsertElement(e->b, v, lane, jit_int(e, e->i32, 0), "");
	return LLVMBuildBitCast(e->b, v, e->type[slot_type(e, slot)], "");
}

LLVMValueRef jit_slot_lane(const struct jit_emit *e, unsigned slot)
{
	const struct jit_slot *s = &e->slot[slot];

	return s->where == JIT_LANE || s->where == JIT_VALUE ? s->part : NULL;
}

static void hold(struct jit_slot *s, LLVMValueRef v)
{
	s->cur = v;
	s->part = NULL;
	s->where = JIT_VALUE;
}

LLVMValueRef jit_slot_get(struct jit_emit *e, unsigned slot)
{
	struct jit_slot *s = &e->slot[slot];

	switch (s->where) {
	case JIT_FIRST:
		if (!e->initial[slot])
			e->initial[slot] = load_slot(e, e->first, slot);
		return e->initial[slot];
	case JIT_MEMORY: hold(s, load_slot(e, e->b, slot)); break;
	case JIT_LATE: hold(s, compute(e, &s->late)); break;
	case JIT_VALUE: break;
	case JIT_HALVES: return join_halves(e, s->cur, s->part);
	case JIT_LANE: return from_lane(e, slot);
	case JIT_SINGLE: return jit_widen(e, &s->single);
	}
	return s->cur;
}

/* The slot's value for a way that the code emitted next does not follow. */
static LLVMValueRef slot_aside(struct jit_emit *e, unsigned slot)
{
	const struct jit_slot *s = &e->slot[slot];

	if (s->where == JIT_HALVES)
		return join_aside(e, s->cur, s->part);
	return s->where == JIT_LATE ? compute(e, &s->late) : jit_slot_get(e, slot);
}

void jit_slot_put(struct jit_emit *e, unsigned slot, LLVMValueRef v)
{
	hold(&e->slot[slot], v);
	jit_add(e->dirty, slot);
}

/* The slot is written as something else than its value. */
static struct jit_slot *put_as(struct jit_emit *e, unsigned slot, enum jit_where where)
{
	jit_add(e->dirty, slot);
	e->slot[slot].where = where;
	return &e->slot[slot];
}

void jit_slot_put_lane(struct jit_emit *e, unsigned slot, LLVMValueRef lane)
{
	put_as(e, slot, JIT_LANE)->part = lane;
}

void jit_slot_put_halves(struct jit_emit *e, unsigned slot, LLVMValueRef v)
{
	struct jit_slot *s = put_as(e, slot, JIT_HALVES);

	s->cur = half_of(e, v, false);
	s->part = half_of(e, v, true);
}

void jit_slot_put_single(struct jit_emit *e, unsigned slot, const struct jit_single *v)
{
	put_as(e, slot, JIT_SINGLE)->single = *v;
}

void jit_slot_put_late(struct jit_emit *e, unsigned slot, ir_val v)
{
	put_as(e, slot, JIT_LATE)->late = (struct jit_late){ e->u, e->val, v };
}

void jit_flush(struct jit_emit *e, bool clean)
{
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		if (jit_has(e->dirty, s))
			store_slot(e, s, clean ? jit_slot_get(e, s) : slot_aside(e, s));
	if (clean)
		memset(e->dirty, 0, e->plan->words * sizeof *e->dirty);
}

void jit_forget(struct jit_emit *e)
{
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		e->slot[s].where = JIT_MEMORY;
}

/* ---- blocks and edges ---- */

static void *arena_zero(struct jit_emit *e, size_t n)
{
	void *p = base_arena_alloc(e->arena, n ? n : 1);

	if (p)
		memset(p, 0, n);
	else
		e->failed = DGM_E_NOMEM;
	return p;
}

/* Whether v is phi plus a constant. */
static bool steps_from(LLVMValueRef v, LLVMValueRef phi)
{
	if (v == phi)
		return false;
	while (LLVMIsABinaryOperator(v) && LLVMGetInstructionOpcode(v) == LLVMAdd && LLVMIsConstant(LLVMGetOperand(v, 1)))
		v = LLVMGetOperand(v, 0);
	return v == phi;
}

/*
 * The value as a hint that is dropped before instructions are chosen. Strength reduction does not see through it. It would
 * make one counter of all registers that step through a loop and an addition of each of them, for addresses that wrap
 * at 32 bits take no index.
 */
static LLVMValueRef unseen_step(struct jit_emit *e, LLVMValueRef v)
{
	LLVMTypeRef t = LLVMTypeOf(v);
	LLVMValueRef arg[2] = { v, LLVMConstNull(t) };

	return jit_intrinsic(e, "llvm.expect", &t, 1, arg, 2);
}

static void carry_halves(struct jit_emit *e, const struct jit_block *to, unsigned slot, LLVMBasicBlockRef here)
{
	LLVMValueRef v[2] = { e->slot[slot].cur, e->slot[slot].part }, whole;

	if (e->slot[slot].where != JIT_HALVES) {
		whole = slot_aside(e, slot);
		for (unsigned k = 0; k < 2; k++)
			v[k] = half_of(e, whole, k);
	}
	LLVMAddIncoming(to->phi[slot].whole, &v[0], &here, 1);
	LLVMAddIncoming(to->phi[slot].part, &v[1], &here, 1);
}

LLVMValueRef jit_first_lane(struct jit_emit *e, LLVMBuilderRef b, LLVMValueRef v, LLVMTypeRef t)
{
	return LLVMBuildExtractElement(b, LLVMBuildBitCast(b, v, lane_vector(e, t), ""), jit_int(e, e->i32, 0), "");
}

static LLVMValueRef lane_aside(struct jit_emit *e, unsigned slot, LLVMTypeRef t)
{
	LLVMValueRef lane = jit_slot_lane(e, slot);

	return lane && LLVMTypeOf(lane) == t ? lane : jit_first_lane(e, e->b, slot_aside(e, slot), t);
}

static struct jit_single slot_single(struct jit_emit *e, unsigned slot)
{
	return e->slot[slot].where == JIT_SINGLE ? e->slot[slot].single : jit_narrow(e, slot_aside(e, slot));
}

void jit_carry(struct jit_emit *e, struct jit_block *to)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
	unsigned n = e->plan->n_slots;

	if (to->n_pred == 1) {
		to->carried = base_arena_alloc(e->arena, n * sizeof *to->carried);
		if (to->carried)
			memcpy(to->carried, e->slot, n * sizeof *e->slot);
		else
			e->failed = DGM_E_NOMEM;
		return;
	}
	for (unsigned s = 0; s < n; s++) {
		const struct jit_phis *p = &to->phi[s];

		if (!jit_has(e->plan->written, s))
			continue;
		if (to->apart[s] == JIT_TWO_FLOATS) {
			carry_halves(e, to, s, here);
			continue;
		}
		if (p->single.f) {
			struct jit_single v = slot_single(e, s);
			jit_carry_single(e, &p->single, &v, here);
			continue;
		}
		LLVMValueRef v = is_alone(to, s) ? lane_aside(e, s, LLVMTypeOf(p->whole)) : slot_aside(e, s);
		if (p->part) {
			LLVMValueRef lane = lane_aside(e, s, LLVMTypeOf(p->part));
			LLVMAddIncoming(p->part, &lane, &here, 1);
		}
		if (to->emitted && steps_from(v, p->whole))
			v = unseen_step(e, v);
		LLVMAddIncoming(p->whole, &v, &here, 1);
	}
}

/* Reads from memory what edges hand over, in front of the branches that part here. */
static void read_written(struct jit_emit *e)
{
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		if (jit_has(e->plan->written, s) && e->slot[s].where == JIT_MEMORY)
			jit_slot_get(e, s);
}

/*
 * Whether something is still to be computed for the block if control goes there, which the other way then need not do. Not for
 * loops: they are better off with one jump less, and mostly overwrite what is late.
 */
static bool is_late_for(const struct jit_emit *e, const struct jit_block *to)
{
	for (unsigned s = 0; to->n_pred > 1 && !to->loops && s < e->plan->n_slots; s++)
		if (jit_has(e->plan->written, s) && e->slot[s].where == JIT_LATE)
			return true;
	return false;
}

void jit_edge(struct jit_emit *e, LLVMValueRef c, unsigned to)
{
	struct jit_block *blk = &e->plan->block[to];
	LLVMBasicBlockRef next = c ? jit_new_block(e) : NULL, aside = c && is_late_for(e, blk) ? jit_new_block(e) : NULL;

	if (blk->loops || aside)
		read_written(e);
	if (blk->loops)
		jit_check_edge(e, c, blk, next);
	if (!aside)
		jit_carry(e, blk);
	jit_mark(e);
	if (!c) {
		LLVMBuildBr(e->b, blk->head);
		return;
	}
	LLVMBuildCondBr(e->b, c, aside ? aside : blk->head, next);
	if (aside) {
		LLVMPositionBuilderAtEnd(e->b, aside);
		jit_carry(e, blk);
		LLVMBuildBr(e->b, blk->head);
	}
	LLVMPositionBuilderAtEnd(e->b, next);
	e->touched = false;
}

/* Types of the phis of a slot; 0: the slot's, and none. */
static const struct as_phis {
	uint8_t phi, part;
} as_phis[] = {
	[JIT_WHOLE] = { 0, 0 },		 [JIT_TWO_FLOATS] = { IR_F32, IR_F32 },
	[JIT_LANE_F32] = { 0, IR_F32 },	 [JIT_LANE_F64] = { 0, IR_F64 },
	[JIT_ALONE_F32] = { IR_F32, 0 }, [JIT_ALONE_F64] = { IR_F64, 0 },
};

static void make_head(struct jit_emit *e, struct jit_block *blk)
{
	blk->head = jit_new_block(e);
	if (blk->n_pred < 2)
		return;
	blk->phi = arena_zero(e, e->plan->n_slots * sizeof *blk->phi);
	if (!blk->phi)
		return;
	e->u = blk->u;
	LLVMPositionBuilderAtEnd(e->b, blk->head);
	for (unsigned s = 0; s < e->plan->n_slots; s++) {
		if (!jit_has(e->plan->written, s))
			continue;
		if (jit_has(blk->singles, s)) {
			blk->phi[s].single = (struct jit_single){
				LLVMBuildPhi(e->b, e->type[IR_F32], ""), LLVMBuildPhi(e->b, e->i1, ""),
				LLVMBuildPhi(e->b, e->type[IR_F64], ""),
			};
			continue;
		}
		const struct as_phis *as = &as_phis[blk->apart[s]];
		blk->phi[s].whole = LLVMBuildPhi(e->b, e->type[as->phi ? as->phi : slot_type(e, s)], "");
		if (as->part)
			blk->phi[s].part = LLVMBuildPhi(e->b, e->type[as->part], "");
	}
}

/* Slots as they are at the start of a block. */
static void take_over(struct jit_emit *e, const struct jit_block *blk)
{
	unsigned n = e->plan->n_slots;

	if (blk->carried)
		memcpy(e->slot, blk->carried, n * sizeof *e->slot);
	else
		memset(e->slot, 0, n * sizeof *e->slot);	/* JIT_FIRST */
	for (unsigned s = 0; blk->phi && s < n; s++) {
		const struct jit_phis *p = &blk->phi[s];

		if (p->single.f)
			e->slot[s] = (struct jit_slot){ .where = JIT_SINGLE, .single = p->single };
		else if (p->whole && is_alone(blk, s))
			e->slot[s] = (struct jit_slot){ .where = JIT_LANE, .part = p->whole };
		else if (p->whole)
			e->slot[s] = (struct jit_slot){
				.where = blk->apart[s] == JIT_TWO_FLOATS ? JIT_HALVES : JIT_VALUE,
				.cur = p->whole, .part = p->part,
			};
	}
	memcpy(e->dirty, blk->dirty_in, e->plan->words * sizeof *e->dirty);
}

/* ---- operations ---- */

void jit_set_line(struct jit_emit *e, LLVMBuilderRef b, unsigned line)
{
	if (e->scope)
		LLVMSetCurrentDebugLocation2(b, LLVMDIBuilderCreateDebugLocation(e->c, line, 0, e->scope, NULL));
}

/* Whether the operand may be a float in one[], of which nobody has made a double. */
static bool takes_float(const struct ir_inst *in, unsigned k)
{
	return in->op == IR_OP_put || in->op == IR_OP_fexact || in->op == IR_OP_is_exact || (in->op == IR_OP_guard && k >= 2);
}

/* The double of the float in one[i]; slots that hold it need not make another. */
static void widen_now(struct jit_emit *e, unsigned i)
{
	LLVMValueRef f = e->one[i].f, v = jit_widen_usual(e, f);

	e->val[i] = e->one[i].wide = v;
	for (unsigned s = 0; s < e->plan->n_slots; s++)
		if (e->slot[s].where == JIT_SINGLE && e->slot[s].single.f == f && !e->slot[s].single.exact)
			e->slot[s].single.wide = v;
}

static LLVMValueRef operand(struct jit_emit *e, const struct ir_inst *in, unsigned k)
{
	ir_val v = in->arg[k];

	if (ir_is_const(v))
		return constant(e, e->u, v);
	if (!e->val[v.id] && e->one[v.id].f && !takes_float(in, k))
		widen_now(e, v.id);
	return e->val[v.id];
}

/* What of operations between doubles and floats is none for the host. */
static bool emit_single(struct jit_emit *e, unsigned i)
{
	const struct ir_inst *in = e->in;
	const struct jit_single *of;

	if ((in->op != IR_OP_fexact && in->op != IR_OP_is_exact) || ir_is_const(in->arg[0]))
		return false;
	of = &e->one[in->arg[0].id];
	if (in->op == IR_OP_fexact && in->type == IR_F64) {
		e->one[i].f = e->arg[0];
		return true;
	}
	if (!of->f)
		return false;
	e->val[i] = in->op == IR_OP_fexact ? of->f : of->exact ? of->exact : jit_int(e, e->i1, 1);
	return true;
}

void jit_take_args(struct jit_emit *e, unsigned i)
{
	const struct ir_inst *in = &e->u->inst[i];

	e->in = in;
	for (unsigned k = 0; k < ir_arity(in); k++)
		e->arg[k] = operand(e, in, k);
}

void jit_emit_again(struct jit_emit *e, unsigned i)
{
	if (e->blk->late[i])
		return;
	jit_take_args(e, i);
	e->val[i] = emit_table[e->in->op](e);
}

static void emit_inst(struct jit_emit *e, unsigned i)
{
	const struct ir_inst *in = &e->u->inst[i];

	jit_regain_for(e, in);
	if (e->blk->late[i])
		return;
	jit_take_args(e, i);
	if (emit_single(e, i))
		return;
	if (in->op == IR_OP_get && e->slot[in->slot].where == JIT_SINGLE)
		e->one[i] = e->slot[in->slot].single;
	if (jit_flushes(&e->rq->mode, in))
		jit_flush(e, true);
	if (ir_op_info[in->op].flags & (IR_LOADS | IR_STORES))
		e->touched = true;
	e->val[i] = emit_table[in->op](e);
}

static void emit_block(struct jit_emit *e, struct jit_block *blk)
{
	const struct ir_unit *u = blk->u;
	unsigned line = blk->first_line;

	e->blk = blk;
	e->u = u;
	e->pc = u->pc;
	e->left = u->n_insns;
	e->touched = false;
	e->lent = e->plan->lends;
	e->val = arena_zero(e, u->n * sizeof *e->val);
	e->lane = arena_zero(e, u->n * sizeof *e->lane);
	e->one = arena_zero(e, u->n * sizeof *e->one);
	if (e->failed)
		return;
	LLVMPositionBuilderAtEnd(e->b, blk->head);
	blk->emitted = true;
	take_over(e, blk);
	jit_set_line(e, e->b, line);
	for (unsigned i = 0; i < u->n && !e->failed; i++) {
		if (u->inst[i].op == IR_OP_insn) {
			jit_set_line(e, e->b, ++line);
			e->pc = e->plan->line_pc[line - 1];
			e->left = e->plan->line_left[line - 1];
			continue;
		}
		emit_inst(e, i);
	}
}

LLVMValueRef jit_emit_insn(struct jit_emit *e)
{
	(void)e;	/* emit_block has the guest pc */
	return NULL;
}

/* ---- the function ---- */

static void fn_attr(struct jit_emit *e, LLVMValueRef fn, LLVMAttributeIndex at, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddAttributeAtIndex(fn, at, LLVMCreateEnumAttribute(e->c, kind, 0));
}

static void make_types(struct jit_emit *e)
{
	LLVMContextRef c = e->c;

	e->ptr = LLVMPointerTypeInContext(c, 0);
	for (unsigned t = 0; t < IR_TYPE_COUNT; t++) {
		const struct ir_type_info *ti = &ir_type_info[t];
		bool flt = ti->kind == IR_KIND_FLOAT || ti->kind == IR_KIND_VEC_FLOAT;
		LLVMTypeRef lane;

		if (ti->kind == IR_KIND_VOID) {
			e->type[t] = LLVMVoidTypeInContext(c);
			continue;
		}
		lane = !flt		      ? LLVMIntTypeInContext(c, ti->lane_bits)
		       : ti->lane_bits == 32 ? LLVMFloatTypeInContext(c)
					     : LLVMDoubleTypeInContext(c);
		e->type[t] = ti->bits == ti->lane_bits ? lane : LLVMVectorType(lane, ti->bits / ti->lane_bits);
	}
	e->i1 = e->type[IR_I1];
	e->i8 = e->type[IR_I8];
	e->i16 = e->type[IR_I16];
	e->i32 = e->type[IR_I32];
	e->i64 = e->type[IR_I64];
	LLVMTypeRef arg[3] = { e->ptr, e->ptr, e->i32 };
	e->unit_type = LLVMFunctionType(e->type[IR_VOID], arg, 2 + (e->plan->n_entry > 1), false);
}

static void make_metadata(struct jit_emit *e)
{
	LLVMMetadataRef w[3] = {
		LLVMMDStringInContext2(e->c, "branch_weights", 14),
		LLVMValueAsMetadata(LLVMConstInt(e->i32, 1, false)),
		LLVMValueAsMetadata(LLVMConstInt(e->i32, 4000, false)),
	};
	LLVMMetadataRef r[2] = {
		LLVMValueAsMetadata(LLVMConstInt(e->i8, 0, false)),
		LLVMValueAsMetadata(LLVMConstInt(e->i8, 2, false)),
	};

	e->unlikely = LLVMMetadataAsValue(e->c, LLVMMDNodeInContext2(e->c, w, 3));
	e->bool_range = LLVMMetadataAsValue(e->c, LLVMMDNodeInContext2(e->c, r, 2));
	e->prof_kind = LLVMGetMDKindIDInContext(e->c, "prof", 4);
	e->range_kind = LLVMGetMDKindIDInContext(e->c, "range", 5);
}

/* Line tables are only wanted where a fault must be traced to its guest instruction. */
static void make_lines(struct jit_emit *e)
{
	LLVMMetadataRef one = LLVMValueAsMetadata(LLVMConstInt(e->i32, 3, false));
	LLVMMetadataRef four = LLVMValueAsMetadata(LLVMConstInt(e->i32, 4, false));

	e->di = LLVMCreateDIBuilder(e->m);
	LLVMMetadataRef file = LLVMDIBuilderCreateFile(e->di, "u", 1, "", 0);
	LLVMDIBuilderCreateCompileUnit(e->di, LLVMDWARFSourceLanguageC99, file, "", 0, true, "", 0, 0, "", 0,
				       LLVMDWARFEmissionLineTablesOnly, 0, false, false, "", 0, "", 0);
	LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(e->di, file, NULL, 0, LLVMDIFlagZero);
	e->scope = LLVMDIBuilderCreateFunction(e->di, file, "u", 1, "", 0, file, 1, type, true, true, 1,
					       LLVMDIFlagZero, true);
	LLVMSetSubprogram(e->fn, e->scope);
	LLVMAddModuleFlag(e->m, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18, one);
	LLVMAddModuleFlag(e->m, LLVMModuleFlagBehaviorWarning, "Dwarf Version", 13, four);
}

/*
 * The function is not strictfp, though it has constrained operations, which are exact without
 * it: LLVM would put an x87 wait behind every piece of assembler in a strictfp function.
 */
static void make_function(struct jit_emit *e)
{
	LLVMBasicBlockRef entry;

	e->fn = LLVMAddFunction(e->m, "u", e->unit_type);
	LLVMSetFunctionCallConv(e->fn, JIT_CC_UNIT);
	fn_attr(e, e->fn, LLVMAttributeFunctionIndex, "nounwind");
	fn_attr(e, e->fn, LLVMAttributeFunctionIndex, "noredzone");
	LLVMAddAttributeAtIndex(e->fn, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(e->c, "no-jump-tables", 14, "true", 4));
	fn_attr(e, e->fn, 2, "noalias");
	e->mem = LLVMGetParam(e->fn, 0);
	e->state = LLVMGetParam(e->fn, 1);
	entry = jit_new_block(e);
	e->first = LLVMCreateBuilderInContext(e->c);
	LLVMPositionBuilderAtEnd(e->first, entry);
	if (!e->rq->mode.checked)
		make_lines(e);
}

static void allocate(struct jit_emit *e)
{
	unsigned n = e->plan->n_slots, helpers = 0;

	for (unsigned k = 0; k < e->plan->n; k++) {
		const struct ir_unit *u = e->plan->block[k].u;

		e->cap_exit += u->n_exits;
		for (unsigned i = 0; i < u->n; i++)
			helpers += u->inst[i].helper != NULL;
	}
	e->slot = arena_zero(e, n * sizeof *e->slot);
	e->initial = arena_zero(e, n * sizeof *e->initial);
	e->dirty = arena_zero(e, e->plan->words * sizeof *e->dirty);
	e->exit = arena_zero(e, e->cap_exit * sizeof *e->exit);
	e->helper = arena_zero(e, helpers * sizeof *e->helper);
	e->helper_fn = arena_zero(e, helpers * sizeof *e->helper_fn);
}

enum dgm_status jit_emit_region(struct jit *j, const struct backend_request *rq, struct base_arena *arena,
				struct jit_plan *plan, struct jit_emit *e)
{
	*e = (struct jit_emit){ .j = j, .c = j->ctx, .rq = rq, .arena = arena, .plan = plan };
	e->m = LLVMModuleCreateWithNameInContext("u", e->c);
	e->b = LLVMCreateBuilderInContext(e->c);
	LLVMSetTarget(e->m, j->triple);
	LLVMSetDataLayout(e->m, j->layout_text);
	make_types(e);
	make_metadata(e);
	allocate(e);
	if (e->failed)
		return e->failed;
	make_function(e);
	for (unsigned k = 0; k < plan->n_order && !e->failed; k++)
		make_head(e, &plan->block[plan->order[k]]);
	if (!e->failed)
		jit_enter_region(e);
	for (unsigned k = 0; k < plan->n_order && !e->failed; k++)
		emit_block(e, &plan->block[plan->order[k]]);
	if (!e->failed)
		e->failed = jit_sink_flags(e);
	if (e->di)
		LLVMDIBuilderFinalize(e->di);
	return e->failed;
}

void jit_emit_finish(struct jit_emit *e)
{
	if (e->di)
		LLVMDisposeDIBuilder(e->di);
	if (e->first)
		LLVMDisposeBuilder(e->first);
	if (e->b)
		LLVMDisposeBuilder(e->b);
	if (e->m)
		LLVMDisposeModule(e->m);
}
