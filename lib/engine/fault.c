/*
 * Host signals from guest accesses. Async-signal-safe: looks only at the thread's own vCPU and
 * at the cache's lock-free directory.
 */
#include <signal.h>
#include <ucontext.h>

#include "engine/engine.h"

#if ENGINE_CAN_ENTER
enum { PAGE_FAULT_WRITE = 2 };

bool fault_signal(int sig, void *siginfo, void *ucontext)
{
	struct dgm_cpu *cpu = cpu_current();
	const siginfo_t *si = siginfo;
	ucontext_t *uc = ucontext;
	greg_t *g = uc->uc_mcontext.gregs;

	if (!cpu || (sig != SIGSEGV && sig != SIGBUS))
		return false;
	struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);
	const struct cache_unit *unit = cache_find_host(&vm->cache, (uint64_t)g[REG_RIP]);
	uint64_t at = (uint64_t)(uintptr_t)si->si_addr - (uint64_t)(uintptr_t)vm->space;
	if (!unit || !env->host_rsp || at >= vm->space_size)
		return false;
	const struct cache_side *side = cache_guest_side(unit, (uint64_t)g[REG_RIP]);
	if (!side)
		return false;

	uint64_t addr = (uint64_t)(uintptr_t)si->si_addr - (uint64_t)(uintptr_t)vm->mem_base;
	if (vm->fe->addr_bits == 32)
		addr = (uint32_t)addr;
	env->exit = (struct env_exit){
		.reason = ENV_FAULT,
		.access = g[REG_ERR] & PAGE_FAULT_WRITE ? DGM_W : DGM_R,
		.cause = sig == SIGBUS ? DGM_CAUSE_BUS :
			 vm->page[addr >> PAGE_SHIFT] ? DGM_CAUSE_PROT : DGM_CAUSE_UNMAPPED,
		.pc = side->pc,
		.addr = addr,
		.left = side->left,
	};
	cpu->stale = unit->tier == CACHE_LLVM && !vm->mode.precise;
	g[REG_RIP] = (greg_t)(uintptr_t)engine_leave;
	g[REG_RSP] = (greg_t)env->host_rsp;
	g[REG_R13] = (greg_t)(uintptr_t)cpu->state;
	return true;
}
#else
bool fault_signal(int sig, void *siginfo, void *ucontext)
{
	return false;
}
#endif
