/* Virtual memory, code: what units are keyed by, and which physical pages they were made from. See mmu.h. */
#include <string.h>
#include <sys/mman.h>

#include "engine/alias.h"
#include "engine/engine.h"

/* Virtual page, physical pages and mode have a number. */
struct mmu_code {
	uint64_t va, pa[2], number;	/* pa[1] is pa[0] when there is one */
	uint32_t mode;
	struct mmu_code *next;
};

enum dgm_status mmu_vm_new(struct dgm_vm *vm)
{
	struct mmu_vm *m = base_alloc_zero(&vm->engine->alloc, sizeof *m);

	if (!m)
		return engine_fail(DGM_E_NOMEM, "out of memory for a VM");
	vm->mmu = m;
	m->n_page = vm->pages.n;
	m->code = mmap(NULL, m->n_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->code != MAP_FAILED)
		return DGM_OK;
	m->code = NULL;
	return engine_fail_os(DGM_E_NOMEM, "cannot allocate the page table");
}

void mmu_vm_free(struct dgm_vm *vm)
{
	struct mmu_vm *m = vm->mmu;

	if (m && m->code)
		munmap((void *)m->code, m->n_page);
	base_free(&vm->engine->alloc, m);
	vm->mmu = NULL;
}

bool mmu_is_code(const struct dgm_vm *vm, uint64_t pa)
{
	uint64_t page = pa >> PAGE_SHIFT;

	return page < vm->mmu->n_page && atomic_load_explicit(&vm->mmu->code[page], memory_order_relaxed);
}

static void set_code(struct dgm_vm *vm, uint64_t pa, bool on)
{
	if (pa >> PAGE_SHIFT < vm->mmu->n_page)
		atomic_store_explicit(&vm->mmu->code[pa >> PAGE_SHIFT], on, memory_order_relaxed);
}

void mmu_mark_code(struct dgm_vm *vm, const struct unit_at *at, struct dgm_cpu *self)
{
	bool all = true;

	for (unsigned i = 0; i < at->n_pa; i++)
		all &= mmu_is_code(vm, at->pa[i]);
	if (all)
		return;
	vm_park_memory(vm, self);
	for (unsigned i = 0; i < at->n_pa; i++) {
		set_code(vm, at->pa[i], true);
		mmu_no_direct_writes(vm, page_of(at->pa[i]));
	}
	vm_unpark_memory(vm);
}

/* ---- writes to code ---- */

static bool meets(uint64_t a, uint64_t n_a, uint64_t b, uint64_t n_b)
{
	return n_a && n_b && a < b + n_b && b < a + n_a;
}

bool mmu_before_write(struct dgm_cpu *cpu, uint64_t pa, uint32_t n, uint64_t pc)
{
	struct dgm_vm *vm = cpu->vm;
	const struct mmu_cpu *m = cpu->mmu;
	bool hit = meets(pa, n, m->few_pa, m->few_bytes);

	if (cpu->alone)
		return true;
	if (mmu_is_code(vm, pa)) {
		pthread_mutex_lock(&vm->lock);
		hit |= cache_has_unit(&vm->cache, pa, n);
		pthread_mutex_unlock(&vm->lock);
	}
	if (!hit)
		return true;
	cpu_env_of(cpu)->exit.reason = ENV_STOP;
	cpu_env_of(cpu)->exit.pc = pc;
	return false;
}

void mmu_after_write(struct dgm_cpu *cpu, uint64_t pa, uint32_t n)
{
	struct dgm_vm *vm = cpu->vm;

	if (!mmu_is_code(vm, pa))
		return;
	pthread_mutex_lock(&vm->lock);
	vm_invalidate(vm, pa, n);
	if (!cache_page_has_code(&vm->cache, pa))
		set_code(vm, pa, false);
	pthread_mutex_unlock(&vm->lock);
}

/* ---- keys ---- */

static unsigned bucket_of(const struct unit_at *at, uint32_t mode)
{
	uint64_t h = (at->va >> PAGE_SHIFT) * 0x9e3779b97f4a7c15u + (at->pa[0] >> PAGE_SHIFT) * 0xc2b2ae3d27d4eb4fu + mode;

	return (unsigned)(h >> 40) & (MMU_CODES - 1);
}

/* The number of what at names, times the size of a page; 0: out of memory. Lock held. */
static uint64_t number_of(struct dgm_vm *vm, const struct unit_at *at, uint32_t mode)
{
	struct mmu_code **head = &vm->mmu->bucket[bucket_of(at, mode)], *c;
	uint64_t second = at->pa[at->n_pa - 1];

	for (c = *head; c; c = c->next)
		if (c->va == at->va && c->pa[0] == at->pa[0] && c->pa[1] == second && c->mode == mode)
			return c->number << PAGE_SHIFT;
	c = base_arena_alloc(&vm->cache.arena, sizeof *c);
	if (!c)
		return 0;
	*c = (struct mmu_code){ at->va, { at->pa[0], second }, ++vm->mmu->last_code, mode, *head };
	*head = c;
	return c->number << PAGE_SHIFT;
}

void mmu_forget_codes(struct dgm_vm *vm)
{
	if (vm->mmu)
		memset(vm->mmu->bucket, 0, sizeof vm->mmu->bucket);
}

void mmu_forget_fetches(struct dgm_cpu *cpu)
{
	for (unsigned i = 0; cpu->mmu && i < MMU_FETCHES; i++)
		cpu->mmu->fetch[i].va = 1;
}

bool mmu_fetched(const struct dgm_cpu *cpu, uint64_t va, uint64_t *pa)
{
	const struct mmu_cpu *m = cpu->mmu;

	for (unsigned i = 0; i < MMU_FETCHES; i++)
		if (m->fetch[i].va == page_of(va)) {
			*pa = m->fetch[i].pa + (va & (PAGE_BYTES - 1));
			return true;
		}
	return false;
}

static struct mmu_fetch *fetch_at(struct mmu_cpu *m, uint64_t va, uint32_t mode)
{
	return &m->fetch[((va >> PAGE_SHIFT) + mode * 7) & (MMU_FETCHES - 1)];
}

/* The physical page instructions at va come from. False after filling env exit. */
static bool fetch_page(struct dgm_cpu *cpu, uint64_t va, uint64_t bad, uint64_t pc, uint64_t *pa)
{
	struct mmu_cpu *m = cpu->mmu;
	uint64_t foreign = atomic_load(&m->foreign);
	dgm_page page;
	enum dgm_act act = mmu_ask(cpu, va, DGM_X, &page);

	/* The answer is newer than what the callback flushed; not so for other threads. */
	if (m->asid == m->now->asid && m->priv == m->now->priv && atomic_load(&cpu->internal) & CPU_SPACE) {
		atomic_fetch_and(&cpu->internal, ~(uint32_t)CPU_SPACE);
		cpu_forget_units(cpu);
		if (foreign != atomic_load(&m->foreign))
			cpu_nudge(cpu, CPU_SPACE);
	}
	if (act != DGM_CONT || !(page.prot & DGM_X))
		return mmu_refuse(cpu, act, &page, bad, DGM_X, 1u << cpu->vm->fe->insn_shift, pc);
	*pa = vm_resolve(cpu->vm, page_of(page.pa + (va - page.va)));
	return true;
}

bool mmu_unit_at(struct dgm_cpu *cpu, uint64_t pc, bool more, struct unit_at *at)
{
	struct dgm_vm *vm = cpu->vm;
	uint32_t mode = cpu_env_of(cpu)->mode;
	uint64_t addr = vm_address(vm, pc), va = page_of(addr), next = va + PAGE_BYTES;
	struct mmu_fetch *f = fetch_at(cpu->mmu, va, mode);

	*at = (struct unit_at){ .va = va };
	if (addr & ((1u << vm->fe->insn_shift) - 1))
		return true;		/* a fault of its own, for which nothing is fetched */
	cpu_env_of(cpu)->exit.left = 0;
	at->n_pa = 1;
	if (f->va == va && f->mode == mode && !more) {
		at->pa[0] = f->pa;
		at->key = f->key ? f->key | (pc & (PAGE_BYTES - 1)) : 0;
		return true;
	}
	if (f->va == va && f->mode == mode)
		at->pa[0] = f->pa;
	else if (!fetch_page(cpu, va, addr, pc, &at->pa[0]))
		return false;
	if (vm->fe->addr_bits == 32)
		next = (uint32_t)next;
	if (more && !fetch_page(cpu, next, next, pc, &at->pa[1]))
		return false;
	at->n_pa += more;
	pthread_mutex_lock(&vm->lock);
	uint64_t number = number_of(vm, at, mode);
	pthread_mutex_unlock(&vm->lock);
	at->key = number ? number | (pc & (PAGE_BYTES - 1)) : 0;
	if (!more)
		*f = (struct mmu_fetch){ va, at->pa[0], number, mode };
	return true;
}
