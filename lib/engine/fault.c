/*
 * Host signals from guest accesses. Async-signal-safe: looks only at the thread's own vCPU and
 * at the cache's lock-free directory.
 */
#include <signal.h>
#include <ucontext.h>

#include "engine/engine.h"

#if ENGINE_CAN_ENTER
enum { PAGE_FAULT = 14, PAGE_FAULT_WRITE = 2, RED_ZONE = 128 };	/* the processor's number, its error code */

/* Where an interpreted access goes on: out of the interpreter. */
static void abandon(struct dgm_cpu *cpu)
{
	siglongjmp(cpu->inside.recover, 1);
}

/* Out of translated code, from itself or from a service or helper it called. */
static void resume_outside(struct dgm_cpu *cpu, greg_t *g)
{
	g[REG_RIP] = (greg_t)(uintptr_t)engine_leave;
	g[REG_RSP] = (greg_t)cpu_env_of(cpu)->host_rsp;
	g[REG_R13] = (greg_t)(uintptr_t)cpu->state;
}

static void resume_in_abandon(struct dgm_cpu *cpu, greg_t *g)
{
	g[REG_RIP] = (greg_t)(uintptr_t)abandon;
	g[REG_RDI] = (greg_t)(uintptr_t)cpu;
	/* As after a call: 8 below a multiple of 16, and clear of what lies under the old one. */
	g[REG_RSP] = ((g[REG_RSP] - RED_ZONE) & ~(greg_t)15) - 8;
}

/*
 * Whether the fault is an access of the guest, and its address. unit: it came from translated code.
 * A fault that is not a page's (an address that is none on the host) does not tell where it went: 0.
 */
static bool guest_access(const struct dgm_vm *vm, const siginfo_t *si, const greg_t *g, bool unit, uint64_t *addr)
{
	uint64_t host = (uint64_t)(uintptr_t)si->si_addr;

	if (vm_identity(vm)) {
		bool page = g[REG_TRAPNO] == PAGE_FAULT;

		*addr = page ? host : 0;
		return si->si_code > 0 && (unit || (page && pages_get(&vm->pages, host >> PAGE_SHIFT) & PAGE_RAM));
	}
	*addr = host - (uint64_t)(uintptr_t)vm->mem_base;
	if (vm->fe->addr_bits == 32)
		*addr = (uint32_t)*addr;
	return host - (uint64_t)(uintptr_t)vm->space < vm->space_size;
}

bool fault_signal(int sig, void *siginfo, void *ucontext)
{
	struct dgm_cpu *cpu = cpu_current();
	const siginfo_t *si = siginfo;
	greg_t *g = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
	uint64_t addr;

	/* A code of 0 or below: somebody sent it, si_addr is no address. */
	if (!cpu || (sig != SIGSEGV && sig != SIGBUS) || si->si_code <= 0 || !atomic_load(&cpu->in_code))
		return false;
	struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);
	uint64_t rip = (uint64_t)g[REG_RIP];
	bool on_detour = cpu->detour && rip == (uint64_t)(uintptr_t)cpu->detour;
	if (on_detour)
		rip = cpu->detour_from;
	const struct cache_unit *unit = cache_find_host(&vm->cache, rip);
	const struct cache_side *side = unit ? cache_guest_side(unit, rip) : NULL;
	if (!guest_access(vm, si, g, unit, &addr) || (unit && (!side || !env->host_rsp)))
		return false;
	bool page = g[REG_TRAPNO] == PAGE_FAULT;
	cpu->no_address = !page && vm_identity(vm);
	cpu->stale = unit && unit->stale;
	if (cpu->stale && cpu->no_address && !on_detour && detour_take(cpu, g, &addr)) {
		cpu_nudge(cpu, CPU_TAGS);
		return true;
	}
	env->exit = (struct env_exit){
		.reason = ENV_FAULT,
		.access = page && g[REG_ERR] & PAGE_FAULT_WRITE ? DGM_W : DGM_R,
		.cause = sig == SIGBUS && page ? DGM_CAUSE_BUS :
			 pages_get(&vm->pages, addr >> PAGE_SHIFT) ? DGM_CAUSE_PROT : DGM_CAUSE_UNMAPPED,
		.len = unit ? 0 : 1,
		.pc = side ? side->pc : env->exit.pc,
		.addr = vm->mmu ? cpu->mmu->part_va + (addr - cpu->mmu->part_pa) : addr,
		.pa = addr,
		.left = side ? side->left : 0,
	};
	if (env->host_rsp)
		resume_outside(cpu, g);
	else if (cpu->inside.interpreting)
		resume_in_abandon(cpu, g);
	else
		return false;
	return true;
}
#else
bool fault_signal(int sig, void *siginfo, void *ucontext)
{
	return false;
}
#endif
