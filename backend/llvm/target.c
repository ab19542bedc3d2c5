/*
 * What LLVM is asked to make code for: this machine, by the x86-64-v3 level where the host has
 * it (much faster to generate for than a model name), never AVX-512.
 */
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Target.h>

#include "backend/llvm/jit.h"

/* The features of x86-64-v3 that can matter, and behind them more. */
static const char *const wanted[] = {
	"+sse3", "+ssse3", "+sse4.1", "+sse4.2", "+popcnt", "+cx16", "+avx", "+avx2", "+bmi", "+bmi2",
	"+fma", "+f16c", "+lzcnt", "+movbe", "+pclmul", NULL,
};
enum { V3_FEATURES = 14 };

static bool has_feature(const char *all, const char *one)
{
	size_t n = strlen(one);

	for (const char *p = strstr(all, one); p; p = strstr(p + 1, one))
		if ((p == all || p[-1] == ',') && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

static enum dgm_status choose_cpu(struct jit *j)
{
	char *host = LLVMGetHostCPUFeatures();
	bool all = true;
	size_t n = 1;

	for (unsigned i = 0; wanted[i]; i++)
		n += strlen(wanted[i]) + 1;
	j->features = base_alloc_zero(j->alloc, n);
	if (!host || !j->features) {
		LLVMDisposeMessage(host);
		return DGM_E_NOMEM;
	}
	for (unsigned i = 0; wanted[i]; i++) {
		if (!has_feature(host, wanted[i])) {
			all &= i >= V3_FEATURES;
			continue;
		}
		if (*j->features)
			strcat(j->features, ",");
		strcat(j->features, wanted[i]);
	}
	LLVMDisposeMessage(host);
	j->cpu = all ? "x86-64-v3" : "x86-64";
	return DGM_OK;
}

bool jit_has_feature(const struct jit *j, const char *name)
{
	return has_feature(j->features, name);
}

static LLVMTargetMachineRef make_machine(struct jit *j, LLVMTargetRef target, unsigned level)
{
	LLVMTargetMachineOptionsRef o = LLVMCreateTargetMachineOptions();
	LLVMTargetMachineRef tm;

	LLVMTargetMachineOptionsSetCPU(o, j->cpu);
	LLVMTargetMachineOptionsSetFeatures(o, j->features);
	LLVMTargetMachineOptionsSetCodeGenOptLevel(o, level == 1 ? LLVMCodeGenLevelLess : LLVMCodeGenLevelDefault);
	LLVMTargetMachineOptionsSetRelocMode(o, LLVMRelocPIC);
	LLVMTargetMachineOptionsSetCodeModel(o, LLVMCodeModelSmall);
	tm = LLVMCreateTargetMachineWithOptions(target, j->triple, o);
	LLVMDisposeTargetMachineOptions(o);
	return tm;
}

/*
 * LLVM keeps its targets in a list of the process's without a lock: two workers that enter one at once tie the list to
 * itself, and the next search never ends. The dynamic loader calls this once, before anybody has the module.
 */
__attribute__((constructor)) static void register_target(void)
{
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86Target();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86AsmPrinter();
	LLVMInitializeX86AsmParser();
	LLVMInitializeX86Disassembler();
}

enum dgm_status jit_target_init(struct jit *j)
{
	LLVMTargetRef target;
	char *error = NULL;
	enum dgm_status st;

	j->triple = LLVMGetDefaultTargetTriple();
	if (LLVMGetTargetFromTriple(j->triple, &target, &error)) {
		LLVMDisposeMessage(error);
		return DGM_E_JIT;
	}
	st = choose_cpu(j);
	for (unsigned i = 0; !st && i < JIT_LEVELS; i++) {
		j->tm[i] = make_machine(j, target, i + 1);
		if (!j->tm[i])
			st = DGM_E_JIT;
	}
	if (st)
		return st;
	j->layout = LLVMCreateTargetDataLayout(j->tm[0]);
	j->layout_text = LLVMCopyStringRepOfTargetData(j->layout);
	return DGM_OK;
}

void jit_target_finish(struct jit *j)
{
	if (j->layout_text)
		LLVMDisposeMessage(j->layout_text);
	if (j->layout)
		LLVMDisposeTargetData(j->layout);
	for (unsigned i = 0; i < JIT_LEVELS; i++)
		if (j->tm[i])
			LLVMDisposeTargetMachine(j->tm[i]);
	base_free(j->alloc, j->features);
	if (j->triple)
		LLVMDisposeMessage(j->triple);
}
