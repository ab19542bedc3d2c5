/*
 * Operations that read and write slots, call, and leave the unit: exits, traps, polls. The ways
 * out are those of iface/env.h.
 */
#include <stdio.h>

#include "backend/llvm/jit.h"

#define X e->arg[0]

LLVMValueRef jit_emit_get(struct jit_emit *e)
{
	unsigned slot = e->in->slot;
	LLVMValueRef v = jit_slot_get(e, slot);

	e->lane[e->in - e->u->inst] = jit_slot_lane(e, slot);
	return v;
}

/* What the vector was made of with zeros above, as a float, or NULL. */
static LLVMValueRef sole_lane(struct jit_emit *e, ir_val v)
{
	unsigned bits;

	v = jit_uncast(e->u, v);
	if (ir_is_const(v) || e->u->inst[v.id].op != IR_OP_vfirst)
		return NULL;
	v = e->u->inst[v.id].arg[0];
	bits = ir_type_info[ir_type_of(e->u, v)].bits;
	if (ir_is_const(v) || bits < 32)
		return NULL;
	return LLVMBuildBitCast(e->b, e->val[v.id], e->type[bits == 32 ? IR_F32 : IR_F64], "");
}

LLVMValueRef jit_emit_put(struct jit_emit *e)
{
	ir_val v = e->in->arg[0];
	LLVMValueRef lane = sole_lane(e, v);

	if (!ir_is_const(v) && e->blk->late[v.id])
		jit_slot_put_late(e, e->in->slot, v);
	else if (!ir_is_const(v) && e->one[v.id].f)
		jit_slot_put_single(e, e->in->slot, &e->one[v.id]);
	else if (jit_is_joined(e->u, v))
		jit_slot_put_halves(e, e->in->slot, X);
	else if (lane)
		jit_slot_put_lane(e, e->in->slot, lane);
	else
		jit_slot_put(e, e->in->slot, X);
	return NULL;
}

/* ---- leaving ---- */

static void return_now(struct jit_emit *e)
{
	jit_mark(e);
	LLVMBuildRetVoid(e->b);
}

static void jump_to(struct jit_emit *e, LLVMValueRef code)
{
	LLVMValueRef arg[3] = { e->mem, e->state, LLVMGetPoison(e->i32) };
	LLVMValueRef call = LLVMBuildCall2(e->b, e->unit_type, code, arg, LLVMCountParamTypes(e->unit_type), "");

	LLVMSetInstructionCallConv(call, JIT_CC_UNIT);
	LLVMSetTailCallKind(call, LLVMTailCallKindMustTail);
	LLVMBuildRetVoid(e->b);
}

/* Slots are stored, then the exit's stub takes over: an external symbol the object reader knows. */
static void leave_direct(struct jit_emit *e, uint64_t target)
{
	char name[16];
	LLVMValueRef stub;

	snprintf(name, sizeof name, "x%u", e->n_exit);
	stub = LLVMAddFunction(e->m, name, e->unit_type);
	LLVMSetVisibility(stub, LLVMHiddenVisibility);
	LLVMSetFunctionCallConv(stub, JIT_CC_UNIT);
	e->exit[e->n_exit++] = (struct code_exit){ .target = target, .kind = (uint8_t)e->in->aux };
	jit_flush(e, false);
	if (e->in->aux == IR_EXIT_MODE)
		LLVMBuildStore(e->b, jit_int(e, e->i32, (uint32_t)e->in->imm), jit_env(e, ENV_OFFSET(mode)));
	if (e->plan->lends)
		jit_regain(e);
	jump_to(e, stub);
}

LLVMValueRef jit_emit_exit(struct jit_emit *e)
{
	unsigned to = e->blk->exit_to[e->in->slot];

	if (to == JIT_OUTSIDE)
		leave_direct(e, ir_const_bits(e->u, e->in->arg[0]));
	else
		jit_edge(e, NULL, to);
	return NULL;
}

LLVMValueRef jit_emit_exit_if(struct jit_emit *e)
{
	unsigned to = e->blk->exit_to[e->in->slot];

	if (to != JIT_OUTSIDE) {
		jit_edge(e, X, to);
		return NULL;
	}
	LLVMBasicBlockRef out = jit_new_block(e), next = jit_new_block(e);
	LLVMBuildCondBr(e->b, X, out, next);
	LLVMPositionBuilderAtEnd(e->b, out);
	leave_direct(e, ir_const_bits(e->u, e->in->arg[1]));
	LLVMPositionBuilderAtEnd(e->b, next);
	e->touched = false;
	return NULL;
}

/* env jump[(pc >> shift) % ENV_JUMPS], or the other entry: its address. */
static LLVMValueRef jump_entry(struct jit_emit *e, LLVMValueRef pc, bool other)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef n = LLVMBuildLShr(b, pc, jit_int(e, e->i64, e->rq->mode.insn_shift), "");

	n = LLVMBuildAnd(b, n, jit_int(e, e->i64, ENV_JUMPS - 1), "");
	n = LLVMBuildXor(b, n, jit_int(e, e->i64, e->rq->jump_mix), "");
	if (other)
		n = LLVMBuildXor(b, n, jit_int(e, e->i64, env_jump_other(0)), "");
	n = LLVMBuildMul(b, n, jit_int(e, e->i64, sizeof(struct env_jump)), "");
	LLVMValueRef base = jit_env(e, ENV_OFFSET(jump));
	return LLVMBuildInBoundsGEP2(b, e->i8, base, &n, 1, "");
}

static void count_lookup(struct jit_emit *e)
{
	LLVMValueRef at = jit_env(e, ENV_OFFSET(lookups)), n = LLVMBuildLoad2(e->b, e->i64, at, "");

	LLVMBuildStore(e->b, LLVMBuildAdd(e->b, n, jit_int(e, e->i64, 1), ""), at);
}

/* Jumps to what the entry has if it is for pc; goes on in another block otherwise. */
static void jump_by_entry(struct jit_emit *e, LLVMValueRef pc, bool other)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef off = jit_int(e, e->i64, offsetof(struct env_jump, code));
	LLVMValueRef entry = jump_entry(e, pc, other), key = LLVMBuildLoad2(b, e->i64, entry, "");
	LLVMBasicBlockRef go = jit_new_block(e), miss = jit_new_block(e);

	key = LLVMBuildICmp(b, LLVMIntNE, key, LLVMBuildOr(b, pc, jit_int(e, e->i64, e->rq->jump_key), ""), "");
	jit_branch_rare(e, key, miss, go);
	LLVMPositionBuilderAtEnd(b, go);
	jump_to(e, LLVMBuildLoad2(b, e->ptr, LLVMBuildInBoundsGEP2(b, e->i8, entry, &off, 1, ""), ""));
	LLVMPositionBuilderAtEnd(b, miss);
}

LLVMValueRef jit_emit_exit_ind(struct jit_emit *e)
{
	LLVMBuilderRef b = e->b;
	unsigned pc_slot = e->u->slots->pc;
	LLVMValueRef pc = jit_int_of(e, X, e->i64);

	for (unsigned i = 0; i < e->blk->n_guess; i++) {
		unsigned to = e->blk->guess[i];

		jit_edge(e, LLVMBuildICmp(b, LLVMIntEQ, pc, jit_int(e, e->i64, e->plan->block[to].u->pc), ""), to);
	}
	jit_slot_put(e, pc_slot, jit_int_of(e, X, e->type[e->u->slots->slot[pc_slot].type]));
	jit_flush(e, false);
	if (e->plan->lends)
		jit_regain(e);
	if (e->rq->mode.count)
		count_lookup(e);
	jump_by_entry(e, pc, false);
	jump_by_entry(e, pc, true);
	LLVMBuildStore(b, LLVMConstNull(e->ptr), jit_env(e, ENV_OFFSET(link)));
	LLVMBuildRetVoid(b);
	return NULL;
}

static void set_exit32(struct jit_emit *e, int32_t offset, uint32_t v)
{
	LLVMBuildStore(e->b, jit_int(e, e->i32, v), jit_env(e, offset));
}

static void set_left(struct jit_emit *e)
{
	if (e->rq->mode.count)
		set_exit32(e, ENV_OFFSET(exit.left), e->left);
}

static void leave_trap(struct jit_emit *e, LLVMValueRef pc, LLVMValueRef next)
{
	jit_flush(e, false);
	set_exit32(e, ENV_OFFSET(exit.reason), ENV_TRAP);
	set_exit32(e, ENV_OFFSET(exit.trap), e->in->aux);
	set_exit32(e, ENV_OFFSET(exit.code), (uint32_t)e->in->imm);
	set_left(e);
	LLVMBuildStore(e->b, jit_int_of(e, pc, e->i64), jit_env(e, ENV_OFFSET(exit.pc)));
	LLVMBuildStore(e->b, jit_int_of(e, next, e->i64), jit_env(e, ENV_OFFSET(exit.next)));
	return_now(e);
}

LLVMValueRef jit_emit_trap(struct jit_emit *e)
{
	leave_trap(e, X, e->arg[1]);
	return NULL;
}

LLVMValueRef jit_emit_trap_if(struct jit_emit *e)
{
	LLVMBasicBlockRef out, next;

	if (LLVMIsConstant(X) && LLVMIsNull(X))
		return NULL;
	out = jit_new_block(e);
	next = jit_new_block(e);
	jit_branch_rare(e, X, out, next);
	LLVMPositionBuilderAtEnd(e->b, out);
	leave_trap(e, e->arg[1], e->arg[2]);
	LLVMPositionBuilderAtEnd(e->b, next);
	return NULL;
}

/*
 * Polls stand at the region's entry and on edges that go back, and the fuel of a block that loops is checked
 * on the edges to it. At the head of the loop both would keep alive what the last round has left
 * in slots that the next one overwrites.
 */
LLVMValueRef jit_emit_poll(struct jit_emit *e)
{
	(void)e;
	return NULL;
}

LLVMValueRef jit_emit_note(struct jit_emit *e)
{
	LLVMBuildStore(e->b, jit_int(e, e->i64, e->u->pc), jit_env(e, ENV_OFFSET(block)));
	return NULL;
}

/* Load and store are atomic so that no pass keeps the counter in a register of a loop. */
LLVMValueRef jit_emit_tally(struct jit_emit *e)
{
	LLVMValueRef at = LLVMConstIntToPtr(X, e->ptr), one = jit_int(e, e->i64, 1), v;

	if (e->in->aux) {
		LLVMBuildAtomicRMW(e->b, LLVMAtomicRMWBinOpAdd, at, one, LLVMAtomicOrderingMonotonic, false);
		return NULL;
	}
	v = LLVMBuildLoad2(e->b, e->i64, at, "");
	LLVMSetAlignment(v, 8);
	LLVMSetOrdering(v, LLVMAtomicOrderingMonotonic);
	v = LLVMBuildStore(e->b, LLVMBuildAdd(e->b, v, one, ""), at);
	LLVMSetAlignment(v, 8);
	LLVMSetOrdering(v, LLVMAtomicOrderingMonotonic);
	return NULL;
}

/* Instructions the block's tick takes from fuel; 0: it has none. */
static uint32_t fuel_of(const struct jit_block *blk)
{
	for (unsigned i = 0; i < blk->u->n; i++)
		if (blk->u->inst[i].op == IR_OP_tick)
			return (uint32_t)blk->u->inst[i].imm;
	return 0;
}

static LLVMValueRef lacks_fuel(struct jit_emit *e, LLVMBuilderRef b, const struct jit_block *blk)
{
	LLVMValueRef fuel = jit_slot_get(e, e->plan->n_slots - 1);

	return LLVMBuildICmp(b, LLVMIntSLT, fuel, jit_int(e, e->i64, fuel_of(blk)), "");
}

static LLVMValueRef is_pending(struct jit_emit *e, LLVMBuilderRef b)
{
	LLVMValueRef pending = LLVMBuildLoad2(b, e->i32, jit_state(e, b, ENV_OFFSET(pending)), "");

	LLVMSetVolatile(pending, true);
	return LLVMBuildICmp(b, LLVMIntNE, pending, LLVMConstNull(e->i32), "");
}

/* In block `out`: the unit at pc is not entered. pending NULL: for want of fuel. */
static void refuse(struct jit_emit *e, LLVMBasicBlockRef out, LLVMValueRef pending, uint64_t pc)
{
	LLVMValueRef budget = jit_int(e, e->i32, ENV_BUDGET), poll = jit_int(e, e->i32, ENV_POLL);

	LLVMPositionBuilderAtEnd(e->b, out);
	jit_flush(e, false);
	LLVMBuildStore(e->b, pending ? LLVMBuildSelect(e->b, pending, poll, budget, "") : budget,
		       jit_env(e, ENV_OFFSET(exit.reason)));
	LLVMBuildStore(e->b, jit_int(e, e->i64, pc), jit_env(e, ENV_OFFSET(exit.pc)));
	return_now(e);
}

LLVMValueRef jit_emit_tick(struct jit_emit *e)
{
	unsigned slot = e->plan->n_slots - 1;
	LLVMBasicBlockRef out, next;

	if (!e->blk->loops) {
		out = jit_new_block(e);
		next = jit_new_block(e);
		jit_branch_rare(e, lacks_fuel(e, e->b, e->blk), out, next);
		refuse(e, out, NULL, e->pc);
		LLVMPositionBuilderAtEnd(e->b, next);
	}
	jit_slot_put(e, slot, LLVMBuildSub(e->b, jit_slot_get(e, slot),
					   jit_int(e, e->i64, (uint64_t)(int64_t)e->in->imm), ""));
	return NULL;
}

void jit_check_edge(struct jit_emit *e, LLVMValueRef c, const struct jit_block *blk, LLVMBasicBlockRef next)
{
	bool fuel = e->rq->mode.count && fuel_of(blk);
	LLVMValueRef pending = blk->emitted ? is_pending(e, e->b) : NULL, stop = pending;
	LLVMBasicBlockRef out, rare, go;

	if (fuel)
		stop = pending ? LLVMBuildOr(e->b, pending, lacks_fuel(e, e->b, blk), "") : lacks_fuel(e, e->b, blk);
	if (!stop)
		return;
	out = jit_new_block(e);
	rare = c ? jit_new_block(e) : out;
	go = jit_new_block(e);
	jit_branch_rare(e, stop, rare, go);
	if (c) {
		LLVMPositionBuilderAtEnd(e->b, rare);
		LLVMBuildCondBr(e->b, c, out, next);
	}
	refuse(e, out, pending, blk->u->pc);
	LLVMPositionBuilderAtEnd(e->b, go);
}

void jit_check_entry(struct jit_emit *e, LLVMBuilderRef b, const struct jit_block *blk, LLVMBasicBlockRef to)
{
	LLVMBasicBlockRef out = jit_new_block(e);
	LLVMValueRef pending = is_pending(e, b), stop = pending;

	if (blk->loops && e->rq->mode.count && fuel_of(blk))
		stop = LLVMBuildOr(b, pending, lacks_fuel(e, b, blk), "");
	LLVMSetMetadata(LLVMBuildCondBr(b, stop, out, to), e->prof_kind, e->unlikely);
	refuse(e, out, pending, blk->u->pc);
}

void jit_leave_on_exit(struct jit_emit *e)
{
	LLVMBasicBlockRef out = jit_new_block(e), next = jit_new_block(e);
	LLVMValueRef reason = LLVMBuildLoad2(e->b, e->i32, jit_env(e, ENV_OFFSET(exit.reason)), "");

	jit_branch_rare(e, LLVMBuildICmp(e->b, LLVMIntNE, reason, LLVMConstNull(e->i32), ""), out, next);
	LLVMPositionBuilderAtEnd(e->b, out);
	LLVMBuildRetVoid(e->b);
	LLVMPositionBuilderAtEnd(e->b, next);
}

/* ---- calls ---- */

LLVMValueRef jit_service(struct jit_emit *e, size_t offset, LLVMValueRef *arg, unsigned n)
{
	LLVMTypeRef type[8] = { e->ptr };
	LLVMValueRef all[8] = { e->state }, off = jit_int(e, e->i64, offset);
	LLVMValueRef table = LLVMBuildLoad2(e->b, e->ptr, jit_env(e, ENV_OFFSET(services)), "");
	LLVMValueRef fn = LLVMBuildLoad2(e->b, e->ptr, LLVMBuildInBoundsGEP2(e->b, e->i8, table, &off, 1, ""), "");

	for (unsigned k = 0; k < n; k++) {
		all[k + 1] = arg[k];
		type[k + 1] = LLVMTypeOf(arg[k]);
	}
	set_left(e);
	LLVMValueRef call = LLVMBuildCall2(e->b, LLVMFunctionType(e->i64, type, n + 1, false), fn, all, n + 1, "");
	jit_call_attr(e, call, "nounwind");
	jit_call_attr(e, call, "cold");
	return call;
}

/*
 * A function outside as LLVM sees it. nonlazybind makes its address come from a table the object
 * reader puts behind the code, so that no call has to reach over 2 GiB.
 */
static LLVMValueRef outside_function(struct jit_emit *e, const char *name, LLVMTypeRef type)
{
	LLVMValueRef fn = LLVMAddFunction(e->m, name, type);

	LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(e->c, LLVMGetEnumAttributeKindForName("nonlazybind", 11), 0));
	return fn;
}

static LLVMValueRef helper_function(struct jit_emit *e, const struct ir_helper *h, LLVMTypeRef type)
{
	char name[16];
	unsigned k = 0;

	while (k < e->n_helper && e->helper[k] != h)
		k++;
	if (k < e->n_helper)
		return e->helper_fn[k];
	snprintf(name, sizeof name, "h%u", k);
	e->helper[e->n_helper] = h;
	e->helper_fn[e->n_helper++] = outside_function(e, name, type);
	return e->helper_fn[k];
}

/* Calls the helper with the state and three words. aside: it is not to be expected, and registers are kept. */
static LLVMValueRef call_function(struct jit_emit *e, const struct ir_helper *h, LLVMValueRef arg[5], bool aside)
{
	LLVMTypeRef type[5] = { e->ptr, e->i64, e->i64, e->i64, e->ptr };
	LLVMTypeRef plain = LLVMFunctionType(e->i64, type, 4, false), ft = LLVMFunctionType(e->i64, type, 5, false);
	LLVMValueRef fn = helper_function(e, h, plain), call;

	if (!aside)
		return LLVMBuildCall2(e->b, plain, fn, arg, 4, "");
	if (!e->aside) {
		e->aside = outside_function(e, jit_has_feature(e->j, "+avx") ? "jit_aside_avx" : "jit_aside_sse", ft);
		LLVMSetFunctionCallConv(e->aside, JIT_CC_ASIDE);
	}
	arg[4] = fn;
	call = LLVMBuildCall2(e->b, ft, e->aside, arg, 5, "");
	LLVMSetInstructionCallConv(call, JIT_CC_ASIDE);
	jit_call_attr(e, call, "cold");
	return call;
}

static LLVMValueRef to_word(struct jit_emit *e, LLVMValueRef v)
{
	LLVMTypeKind k = LLVMGetTypeKind(LLVMTypeOf(v));

	if (k == LLVMFloatTypeKind)
		v = LLVMBuildBitCast(e->b, v, e->i32, "");
	if (k == LLVMDoubleTypeKind)
		v = LLVMBuildBitCast(e->b, v, e->i64, "");
	return jit_int_of(e, v, e->i64);
}

static bool is_vector(enum ir_type t)
{
	return ir_type_info[t].bits > 64;
}

/* Where the k-th vector among a helper's arguments is passed, and its result in the first. */
static LLVMValueRef vector_at(struct jit_emit *e, unsigned k)
{
	return jit_env(e, ENV_OFFSET(vec) + 16 * (int32_t)k);
}

static LLVMValueRef from_word(struct jit_emit *e, LLVMValueRef v, enum ir_type t)
{
	if (is_vector(t)) {
		v = LLVMBuildLoad2(e->b, e->type[t], vector_at(e, 0), "");
		LLVMSetAlignment(v, 16);
		return v;
	}
	if (t == IR_F32)
		return LLVMBuildBitCast(e->b, LLVMBuildTrunc(e->b, v, e->i32, ""), e->type[t], "");
	if (t == IR_F64)
		return LLVMBuildBitCast(e->b, v, e->type[t], "");
	return t == IR_VOID ? NULL : jit_int_of(e, v, e->type[t]);
}

/* Calls the helper of the instruction with its operands from number `from` on; 0 for those it has not. */
static LLVMValueRef call_helper(struct jit_emit *e, unsigned from, bool aside)
{
	const struct ir_helper *h = e->in->helper;
	LLVMValueRef zero = LLVMConstNull(e->i64), arg[5] = { e->state, zero, zero, zero }, call;
	unsigned arity = ir_arity(e->in), words = 0, vectors = 0;

	for (unsigned k = from; k < arity; k++)
		if (is_vector(ir_type_of(e->u, e->in->arg[k])))
			LLVMSetAlignment(LLVMBuildStore(e->b, e->arg[k], vector_at(e, vectors++)), 16);
		else
			arg[1 + words++] = to_word(e, e->arg[k]);
	call = call_function(e, h, arg, aside);
	jit_call_attr(e, call, "nounwind");
	/* vectors are passed in memory, which the call reads and writes */
	if (h->effects == IR_HELPER_PURE && !vectors && !is_vector((enum ir_type)e->in->type)) {
		jit_call_attr(e, call, "willreturn");
		jit_call_attr(e, call, "memory");
	}
	return call;
}

LLVMValueRef jit_emit_call(struct jit_emit *e)
{
	unsigned effects = e->in->helper->effects;
	LLVMValueRef v;

	if (effects & IR_HELPER_HOOK) {
		jit_call_hook(e);
		return NULL;
	}
	if (effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))
		set_left(e);
	v = call_helper(e, 0, false);
	if (effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))
		jit_leave_on_exit(e);
	if (effects & IR_HELPER_WRITES)
		jit_forget(e);
	return from_word(e, v, (enum ir_type)e->in->type);
}

LLVMValueRef jit_call_rare(struct jit_emit *e)
{
	if (e->in->helper->effects & ~(unsigned)IR_HELPER_FP)
		jit_flush(e, false);
	for (unsigned k = 2; k < ir_arity(e->in); k++)
		if (!e->arg[k])
			e->arg[k] = jit_widen(e, &e->one[e->in->arg[k].id]);
	return from_word(e, call_helper(e, 2, true), (enum ir_type)e->in->type);
}
