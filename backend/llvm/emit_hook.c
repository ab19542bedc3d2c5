/*
 * Calls of hooks, made by the code itself as iface/env.h allows: what an empty one costs is a call out of a loop and
 * little else.
 *
 * While callbacks have MXCSR, nothing may compute floats. A region without floats gives it away at its entry and takes
 * it back where it jumps to another unit. Others do both inside each block, around hooks that no such operation parts.
 */
#include <string.h>

#include "backend/llvm/jit.h"
#include "iface/hostfp.h"

static LLVMValueRef env_load(struct jit_emit *e, LLVMTypeRef t, int32_t offset)
{
	return LLVMBuildLoad2(e->b, t, jit_env(e, offset), "");
}

static void env_store(struct jit_emit *e, int32_t offset, uint32_t v)
{
	LLVMBuildStore(e->b, jit_int(e, e->i32, v), jit_env(e, offset));
}

static LLVMValueRef is_set(struct jit_emit *e, LLVMValueRef v)
{
	return LLVMBuildICmp(e->b, LLVMIntNE, v, jit_int(e, e->i32, 0), "");
}

/* As assembler, and not as LLVM's operation, whose address would be kept in a register of the loop. */
static void mxcsr(struct jit_emit *e, bool store, int32_t offset)
{
	const char *text = store ? "stmxcsr $0" : "ldmxcsr $0", *how = store ? "=*m,~{memory}" : "*m,~{memory}";
	LLVMTypeRef ft = LLVMFunctionType(e->type[IR_VOID], &e->ptr, 1, false);
	unsigned kind = LLVMGetEnumAttributeKindForName("elementtype", 11);
	LLVMValueRef at = jit_env(e, offset), code;

	code = LLVMGetInlineAsm(ft, text, strlen(text), how, strlen(how), true, false, LLVMInlineAsmDialectATT, false);
	code = LLVMBuildCall2(e->b, ft, code, &at, 1, "");
	LLVMAddCallSiteAttribute(code, 1, LLVMCreateTypeAttribute(e->c, kind, e->i32));
	jit_call_attr(e, code, "nounwind");
}

static void store_pc(struct jit_emit *e)
{
	const struct ir_slot *pc = &e->u->slots->slot[e->u->slots->pc];

	LLVMBuildStore(e->b, jit_int(e, e->type[pc->type], e->pc), jit_env(e, pc->offset));
}

/*
 * The answer of the hook: fn(ud, cpu, event). The state goes along, though nobody takes it: LLVM is to know that it
 * may change.
 */
static LLVMValueRef call_hook(struct jit_emit *e)
{
	LLVMTypeRef type[4] = { e->ptr, e->ptr, e->ptr, e->ptr };
	LLVMValueRef hook = LLVMConstIntToPtr(e->arg[1], e->ptr), event = LLVMConstIntToPtr(e->arg[0], e->ptr);
	LLVMValueRef ud = jit_int(e, e->i64, offsetof(struct env_hook, ud));
	LLVMValueRef fn = LLVMBuildLoad2(e->b, e->ptr, hook, "");
	LLVMValueRef arg[4] = {
		LLVMBuildLoad2(e->b, e->ptr, LLVMBuildInBoundsGEP2(e->b, e->i8, hook, &ud, 1, ""), ""),
		env_load(e, e->ptr, ENV_OFFSET(cpu)), event, e->state,
	};
	LLVMValueRef call = LLVMBuildCall2(e->b, LLVMFunctionType(e->i32, type, 4, false), fn, arg, 4, "");

	jit_call_attr(e, call, "nounwind");
	return call;
}

/* Behind a callback that does not want code to just go on. */
static void leave_hooked(struct jit_emit *e, LLVMBasicBlockRef out, LLVMValueRef act)
{
	LLVMPositionBuilderAtEnd(e->b, out);
	LLVMValueRef arg[2] = { e->arg[0], jit_int_of(e, act, e->i64) };
	jit_service(e, offsetof(struct env_services, hooked), arg, 2);
	LLVMBuildRetVoid(e->b);
}

static void load_mxcsr_if(struct jit_emit *e, LLVMValueRef c, int32_t from)
{
	LLVMBasicBlockRef rare = jit_new_block(e), next = jit_new_block(e);

	jit_branch_rare(e, c, rare, next);
	LLVMPositionBuilderAtEnd(e->b, rare);
	mxcsr(e, false, from);
	LLVMBuildBr(e->b, next);
	LLVMPositionBuilderAtEnd(e->b, next);
}

void jit_lend(struct jit_emit *e)
{
	mxcsr(e, true, ENV_OFFSET(lent));
	env_store(e, ENV_OFFSET(lends), ENV_LENT);
	load_mxcsr_if(e, is_set(e, env_load(e, e->i32, ENV_OFFSET(foreign))), ENV_OFFSET(host_mxcsr));
}

LLVMValueRef jit_emit_fp_flags(struct jit_emit *e)
{
	LLVMValueRef host;

	mxcsr(e, true, ENV_OFFSET(lent_now));
	host = LLVMBuildAnd(e->b, env_load(e, e->i32, ENV_OFFSET(lent_now)), jit_int(e, e->i32, HOSTFP_ALL), "");
	return LLVMBuildOr(e->b, host, env_load(e, e->i32, ENV_OFFSET(fp_flags)), "");
}

/* Zen 5 reads MXCSR in 3 ns and writes it in a fraction of one; Intel's processors read it fast and write it in 6 ns. */
static bool writes_fast(void)
{
	return __builtin_cpu_is("amd");
}

static void load_mxcsr_if_changed(struct jit_emit *e)
{
	LLVMValueRef lent;

	mxcsr(e, true, ENV_OFFSET(lent_now));
	lent = env_load(e, e->i32, ENV_OFFSET(lent));
	load_mxcsr_if(e, LLVMBuildICmp(e->b, LLVMIntNE, env_load(e, e->i32, ENV_OFFSET(lent_now)), lent, ""),
		      ENV_OFFSET(lent));
}

void jit_regain(struct jit_emit *e)
{
	if (writes_fast())
		mxcsr(e, false, ENV_OFFSET(lent));
	else
		load_mxcsr_if_changed(e);
	env_store(e, ENV_OFFSET(lends), ENV_NOT_LENT);
}

void jit_call_hook(struct jit_emit *e)
{
	LLVMBasicBlockRef out = jit_new_block(e), next = jit_new_block(e);
	LLVMValueRef act, stop;

	if (!e->lent)
		jit_lend(e);
	e->lent = true;
	store_pc(e);
	if (e->rq->mode.count) {
		env_store(e, ENV_OFFSET(exit.left), e->left);
		env_store(e, ENV_OFFSET(in_event), 1);
	}
	act = call_hook(e);
	stop = LLVMBuildOr(e->b, act, env_load(e, e->i32, ENV_OFFSET(changed)), "");
	jit_branch_rare(e, is_set(e, stop), out, next);
	leave_hooked(e, out, act);
	LLVMPositionBuilderAtEnd(e->b, next);
	if (e->rq->mode.count)
		env_store(e, ENV_OFFSET(in_event), 0);
}

/* Whether the guest's MXCSR must be there: rounding, flags, subnormal numbers. Helpers do what they do. */
static bool computes_floats(const struct ir_unit *u, const struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;

	if (flags & IR_CALLS)
		return !(in->helper->effects & IR_HELPER_HOOK);
	if (flags & IR_FPENV || in->op == IR_OP_fp_flags)
		return true;
	for (unsigned k = 0; flags & IR_PURE && k < ir_arity(in); k++) {
		unsigned kind = ir_type_info[ir_type_of(u, in->arg[k])].kind;

		if (kind == IR_KIND_FLOAT || kind == IR_KIND_VEC_FLOAT)
			return true;
	}
	return false;
}

void jit_regain_for(struct jit_emit *e, const struct ir_inst *in)
{
	bool parts = in->op == IR_OP_exit || in->op == IR_OP_exit_if || in->op == IR_OP_exit_ind;

	if (!e->lent || e->plan->lends || !(parts || computes_floats(e->u, in)))
		return;
	jit_regain(e);
	e->lent = false;
}

void jit_find_hooks(struct jit_plan *p)
{
	bool floats = false;

	for (unsigned k = 0; k < p->n_order; k++) {
		const struct ir_unit *u = p->block[p->order[k]].u;

		for (unsigned i = 0; i < u->n; i++) {
			const struct ir_inst *in = &u->inst[i];

			p->hooked |= in->helper && in->helper->effects & IR_HELPER_HOOK;
			floats |= computes_floats(u, in);
		}
	}
	p->lends = p->hooked && !floats;
}
