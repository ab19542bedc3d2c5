/*
 * The back end as the engine sees it: one request in, one relocatable object out. The module's
 * only exported function is dgm_backend_module.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "backend/llvm/jit.h"
#include "dragoman/engine.h"

/* A context keeps every constant and type it has seen: after so many regions it is replaced. */
enum { CONTEXT_USES = 256 };

/*
 * Pass strings by level. Slots are SSA already and guest accesses stay as they are, so there is
 * nothing for memory passes to find. Plain "instcombine" would end the process when it does not
 * come to rest.
 */
static const char *const pipeline[JIT_LEVELS] = {
	"function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg)",
	"function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm))",
	("function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),gvn,"
	 "instcombine<no-verify-fixpoint>,simplifycfg)"),
};

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *ud)
{
	struct jit *j = ud;

	j->errors += LLVMGetDiagInfoSeverity(info) == LLVMDSError;
}

static bool fresh_context(struct jit *j)
{
	if (j->ctx && j->ctx_uses++ < CONTEXT_USES)
		return true;
	if (j->ctx)
		LLVMContextDispose(j->ctx);
	j->ctx = LLVMContextCreate();
	j->ctx_uses = 0;
	if (!j->ctx)
		return false;
	LLVMContextSetDiscardValueNames(j->ctx, true);
	LLVMContextSetDiagnosticHandler(j->ctx, on_diagnostic, j);
	return true;
}

static void destroy(void *self)
{
	struct jit *j = self;

	if (!j)
		return;
	if (j->ctx)
		LLVMContextDispose(j->ctx);
	jit_target_finish(j);
	base_free(j->alloc, j);
}

static enum dgm_status create(const struct base_alloc *alloc, void **self)
{
	struct jit *j = base_alloc_zero(alloc, sizeof *j);
	enum dgm_status st;

	*self = NULL;
	if (!j)
		return DGM_E_NOMEM;
	j->alloc = alloc;
	st = jit_target_init(j);
	if (st) {
		destroy(j);
		return st;
	}
	*self = j;
	return DGM_OK;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* False, with the reason logged, when the module breaks LLVM's rules. */
static bool verified(const struct backend_request *rq, LLVMModuleRef m)
{
	char *text = NULL;
	bool bad = LLVMVerifyModule(m, LLVMReturnStatusAction, &text);

	if (bad && rq->log)
		rq->log(rq->log_ud, text);
	LLVMDisposeMessage(text);
	return !bad;
}

static enum dgm_status run_passes(LLVMModuleRef m, LLVMTargetMachineRef tm, unsigned level)
{
	LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(m, pipeline[level - 1], tm, o);

	LLVMDisposePassBuilderOptions(o);
	if (!error)
		return DGM_OK;
	LLVMConsumeError(error);
	return DGM_E_JIT;
}

/*
 * A guest access without a line would be blamed on its neighbour. No pass of the pipelines
 * merges volatile accesses; this is the check of it.
 */
static bool lines_complete(const struct jit_emit *e)
{
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(e->fn); e->scope && b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
			bool access = LLVMIsALoadInst(i) || LLVMIsAStoreInst(i);

			if (access && LLVMGetVolatile(i) && !LLVMGetDebugLocLine(i))
				return false;
		}
	return true;
}

static enum dgm_status to_object(struct jit *j, const struct backend_request *rq, struct jit_emit *e,
				 unsigned level, struct base_arena *arena, struct code_object *out, double t[5])
{
	LLVMMemoryBufferRef buf = NULL;
	LLVMTargetMachineRef tm = j->tm[level - 1];
	char *error = NULL;
	enum dgm_status st;

	if ((rq->verify || rq->dump) && !verified(rq, e->m))
		return DGM_E_JIT;
	t[1] = now_us();
	st = run_passes(e->m, tm, level);
	t[2] = now_us();
	if (st)
		return st;
	if (rq->dump & DGM_DUMP_LLVM && rq->log)
		jit_dump_module(rq, e->m);
	if (!lines_complete(e))
		return DGM_E_JIT;
	if (LLVMTargetMachineEmitToMemoryBuffer(tm, e->m, LLVMObjectFile, &error, &buf)) {
		LLVMDisposeMessage(error);
		return DGM_E_JIT;
	}
	t[3] = now_us();
	/* after an error diagnostic there is an object, too, but a wrong one */
	st = j->errors ? DGM_E_JIT
		       : jit_object_read((const uint8_t *)LLVMGetBufferStart(buf), LLVMGetBufferSize(buf), e, arena,
					 out);
	LLVMDisposeMemoryBuffer(buf);
	t[4] = now_us();
	return st;
}

static void log_times(const struct backend_request *rq, const struct jit_plan *p, double start, const double t[5],
		      const struct code_object *out)
{
	unsigned insns = 0;
	char line[200];

	for (unsigned k = 0; k < p->n_order; k++)
		insns += p->block[p->order[k]].u->n_insns;
	snprintf(line, sizeof line, "llvm: %u insns %u blocks %u bytes: emit %.0f passes %.0f codegen %.0f object %.0f us",
		 insns, p->n_order, out->size, t[0] - start, t[2] - t[1], t[3] - t[2], t[4] - t[3]);
	rq->log(rq->log_ud, line);
}

static enum dgm_status compile(void *self, const struct backend_request *rq, struct base_arena *arena,
			       struct code_object *out)
{
	struct jit *j = self;
	unsigned level = rq->opt_level < 1 ? 1 : rq->opt_level > JIT_LEVELS ? JIT_LEVELS : rq->opt_level;
	struct jit_plan plan;
	struct jit_emit e;
	double start = now_us(), t[5] = { 0 };
	enum dgm_status st = jit_plan_make(rq, arena, &plan);

	if (st)
		return st;
	if (!fresh_context(j))
		return DGM_E_NOMEM;
	j->errors = 0;
	st = jit_emit_region(j, rq, arena, &plan, &e);
	t[0] = now_us();
	if (!st)
		st = to_object(j, rq, &e, level, arena, out, t);
	jit_emit_finish(&e);
	if (!st && rq->dump & DGM_DUMP_ASM && rq->log) {
		log_times(rq, &plan, start, t, out);
		jit_dump_code(j, rq, out);
	}
	return st;
}

static const struct backend backend_llvm = {
	.name = "llvm",
	.create = create,
	.destroy = destroy,
	.compile = compile,
};

const struct backend *dgm_backend_module(uint32_t abi);

__attribute__((visibility("default"))) const struct backend *dgm_backend_module(uint32_t abi)
{
	return abi == BACKEND_MODULE_ABI ? &backend_llvm : NULL;
}
