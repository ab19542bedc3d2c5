/* Virtual memory, data: tables of pages, asking the machine, flushing. See mmu.h. */
#include "engine/alias.h"
#include "engine/engine.h"

/* env_tlb.read and write: no page; the least bit: a known page that cannot be accessed directly. */
enum { TAG_NONE = 2, TAG_KNOWN = 1 };
/* env_tlb.info: the physical page, and below it */
enum { INFO_PROT = 7, INFO_SHIFT = 3, INFO_SHIFT_MASK = 63 };

static void reset_context(struct mmu_context *c)
{
	for (unsigned i = 0; i < ENV_TLB_SIZE; i++)
		c->entry[i] = (struct env_tlb){ .read = TAG_NONE, .write = TAG_NONE };
}

enum dgm_status mmu_cpu_new(struct dgm_cpu *cpu)
{
	if (!cpu->vm->mmu)
		return DGM_OK;
	struct mmu_cpu *m = cpu->mmu = base_alloc_zero(&cpu->vm->engine->alloc, sizeof *m);
	if (!m)
		return DGM_E_NOMEM;
	for (unsigned i = 0; i < MMU_CONTEXTS; i++)
		reset_context(&m->context[i]);
	m->now = &m->context[0];
	m->now->used = m->clock = 1;
	cpu_env_of(cpu)->tlb = m->now->entry;
	mmu_forget_fetches(cpu);
	return DGM_OK;
}

void mmu_cpu_free(struct dgm_cpu *cpu)
{
	base_free(&cpu->vm->engine->alloc, cpu->mmu);
	cpu->mmu = NULL;
}

/* ---- asking ---- */

static bool well_formed(const dgm_page *p, uint64_t va)
{
	uint64_t low = p->len - 1;

	return p->len >= PAGE_BYTES && !(p->len & low) && !((p->va | p->pa) & low) && (va & ~low) == p->va;
}

/* What the machine says. page->size is 0 when it says nonsense. */
static enum dgm_act walk(struct dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	const struct dgm_vm *vm = cpu->vm;

	page->size = sizeof *page;
	page->cause = DGM_CAUSE_UNMAPPED;
	if (!vm->ops.translate) {
		page->va = page->pa = page_of(va);
		page->len = PAGE_BYTES;
		page->prot = DGM_R | DGM_W | DGM_X;
		return DGM_CONT;
	}
	enum dgm_act act = vm->ops.translate(vm->ud, cpu, va, access, page);
	if (act != DGM_CONT)
		return act;
	if (page->prot & DGM_W)
		page->prot |= DGM_R;
	if (well_formed(page, va))
		return DGM_CONT;
	page->size = 0;
	return DGM_BREAK;
}

/* The same on behalf of an access or fetch; flushes by other threads meanwhile make the answer stale. */
enum dgm_act mmu_ask(struct dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	const struct mmu_cpu *m = cpu->mmu;
	enum dgm_act act;
	uint64_t foreign;

	do {
		foreign = atomic_load(&m->foreign);
		*page = (dgm_page){ .asid = m->now->asid, .priv = m->now->priv };
		act = walk(cpu, va, access, page);
	} while (foreign != atomic_load(&m->foreign));
	return act;
}

/* Fills env exit with the fault of an access that is not to be; returns false. */
bool mmu_refuse(struct dgm_cpu *cpu, enum dgm_act act, const dgm_page *page, uint64_t va, uint32_t access,
		uint32_t len, uint64_t pc)
{
	struct env_exit *x = &cpu_env_of(cpu)->exit;
	struct mmu_cpu *m = cpu->mmu;

	x->reason = ENV_FAULT;
	x->access = access;
	x->len = len;
	x->cause = act == DGM_CONT ? DGM_CAUSE_PROT : page->cause;
	x->addr = va;
	x->pa = act == DGM_CONT ? page->pa + (va - page->va) : DGM_PA_NONE;
	x->pc = pc;
	m->refused = true;
	m->act = act == DGM_CONT ? DGM_RAISE : act;
	m->page = *page;
	return false;
}

bool mmu_changed(const struct dgm_cpu *cpu)
{
	return cpu->mmu && !cpu->alone && atomic_load(&cpu->internal) & CPU_SPACE;
}

/* ---- the table ---- */

static struct env_tlb *entry_at(struct mmu_context *c, uint64_t va)
{
	return &c->entry[va >> PAGE_SHIFT & (ENV_TLB_SIZE - 1)];
}

static bool knows(const struct env_tlb *e, uint64_t va)
{
	return (e->read & ~(uint64_t)TAG_KNOWN) == page_of(va);
}

/* What of an entry's page code may access directly. */
static void set_direct(const struct dgm_vm *vm, struct env_tlb *e, uint64_t va)
{
	uint64_t pa = page_of(e->info);
	uint32_t prot = (uint32_t)e->info & pages_get(&vm->pages, pa >> PAGE_SHIFT) & PAGE_PROT;

	prot = hook_direct(vm, va, prot);
	e->read = va | (prot & DGM_R ? 0 : TAG_KNOWN);
	e->write = (prot & (DGM_R | DGM_W)) == (DGM_R | DGM_W) && !mmu_is_code(vm, pa) ? va : TAG_NONE;
	e->add = (uint64_t)(uintptr_t)vm_host(vm, pa) - va;
}

static void enter(struct dgm_cpu *cpu, uint64_t va, const dgm_page *page)
{
	struct mmu_context *c = cpu->mmu->now;
	struct env_tlb *e = entry_at(c, va);
	unsigned shift = (unsigned)__builtin_ctzll(page->len);

	va = page_of(va);
	e->info = vm_resolve(cpu->vm, page->pa + (va - page->va)) | (uint64_t)shift << INFO_SHIFT | (page->prot & INFO_PROT);
	c->large |= shift > PAGE_SHIFT;
	set_direct(cpu->vm, e, va);
}

bool mmu_data(struct dgm_cpu *cpu, uint64_t va, uint32_t access, uint32_t len, uint64_t pc, uint64_t *pa)
{
	struct env_tlb *e = entry_at(cpu->mmu->now, va);
	dgm_page page;

	if (knows(e, va) && e->info & access) {
		if (access & DGM_W && e->write == TAG_NONE)	/* it may be code no longer */
			set_direct(cpu->vm, e, page_of(va));
		*pa = page_of(e->info) | (va & (PAGE_BYTES - 1));
		return true;
	}
	cpu_recess(cpu, pc);
	enum dgm_act act = mmu_ask(cpu, va, access, &page);
	cpu_resume(cpu);
	if (act != DGM_CONT || !(page.prot & access))
		return mmu_refuse(cpu, act, &page, va, access, len, pc);
	if (mmu_changed(cpu)) {
		cpu_env_of(cpu)->exit.reason = ENV_STOP;
		cpu_env_of(cpu)->exit.pc = pc;
		return false;
	}
	enter(cpu, va, &page);
	*pa = page_of(e->info) | (va & (PAGE_BYTES - 1));
	return true;
}

/* The context of the space the machine wishes for, or NULL. */
static struct mmu_context *find_context(struct mmu_cpu *m, uint32_t asid, uint32_t priv)
{
	for (unsigned i = 0; i < MMU_CONTEXTS; i++)
		if (m->context[i].used && m->context[i].asid == asid && m->context[i].priv == priv)
			return &m->context[i];
	return NULL;
}

/* A page out of the vCPU's table. Nobody may change that meanwhile. */
static bool known_page(const struct dgm_cpu *cpu, uint64_t va, dgm_page *page)
{
	struct mmu_cpu *m = cpu->mmu;
	struct mmu_context *c = find_context(m, m->asid, m->priv);
	const struct env_tlb *e = c ? entry_at(c, va) : NULL;

	if (!e || !knows(e, va) || cpu->vm->n_alias)	/* what is known then is not what was answered */
		return false;
	page->len = 1ull << (e->info >> INFO_SHIFT & INFO_SHIFT_MASK);
	page->va = va & ~(page->len - 1);
	page->pa = page_of(e->info) - (page_of(va) - page->va);
	page->prot = (uint32_t)e->info & INFO_PROT;
	return true;
}

bool mmu_query(struct dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	struct mmu_cpu *m = cpu->mmu;

	*page = (dgm_page){ .size = sizeof *page, .flags = DGM_PAGE_QUERY, .asid = m->asid, .priv = m->priv };
	pthread_mutex_lock(&cpu->vm->lock);
	bool known = known_page(cpu, va, page);
	pthread_mutex_unlock(&cpu->vm->lock);
	if (known && (page->prot & access) == access)
		return true;
	*page = (dgm_page){ .flags = DGM_PAGE_QUERY, .asid = m->asid, .priv = m->priv };
	if (walk(cpu, va, access, page) != DGM_CONT)
		return false;
	if ((page->prot & access) == access)
		return true;
	page->cause = DGM_CAUSE_PROT;
	return false;
}

uint64_t mmu_copy(struct dgm_cpu *cpu, uint64_t va, void *buf, uint64_t n, bool write)
{
	uint64_t done = 0;
	dgm_page page;

	while (done < n) {
		uint64_t at = vm_data_address(cpu->vm, va + done), run = PAGE_BYTES - (at & (PAGE_BYTES - 1)), part;

		if (!mmu_query(cpu, at, 0, &page))
			break;
		run = run < n - done ? run : n - done;
		part = vm_copy(cpu->vm, page.pa + (at - page.va), (uint8_t *)buf + done, run, write);
		done += part;
		if (part != run)
			break;
	}
	return done;
}

/* ---- changes ---- */

static bool overlaps(const struct env_tlb *e, uint64_t va, uint64_t last)
{
	uint64_t size = 1ull << (e->info >> INFO_SHIFT & INFO_SHIFT_MASK);
	uint64_t first = e->read & ~(uint64_t)TAG_KNOWN & ~(size - 1);

	return e->read != TAG_NONE && first <= last && first + (size - 1) >= va;
}

static void flush_context(struct mmu_context *c, uint64_t va, uint64_t last)
{
	uint64_t pages = (last >> PAGE_SHIFT) - (va >> PAGE_SHIFT);
	bool few = !c->large && pages < ENV_TLB_SIZE - 1;

	for (uint64_t i = few ? va >> PAGE_SHIFT : 0, end = few ? i + pages : ENV_TLB_SIZE - 1; i <= end; i++) {
		struct env_tlb *e = &c->entry[i & (ENV_TLB_SIZE - 1)];

		if (overlaps(e, va, last))
			e->read = e->write = TAG_NONE;
	}
	if (!va && last == UINT64_MAX)
		c->large = false;
}

static void flush_cpu(struct dgm_cpu *cpu, uint64_t va, uint64_t last, uint32_t asid, const struct dgm_cpu *self)
{
	struct mmu_cpu *m = cpu->mmu;

	for (unsigned i = 0; i < MMU_CONTEXTS; i++)
		if (asid == DGM_ASID_ALL || m->context[i].asid == asid)
			flush_context(&m->context[i], va, last);
	if (cpu != self)
		atomic_fetch_add(&m->foreign, 1);
	cpu_nudge(cpu, CPU_SPACE);
}

void mmu_flush(struct dgm_vm *vm, struct dgm_cpu *only, uint64_t va, uint64_t len, uint32_t asid)
{
	struct dgm_cpu *self = cpu_current();
	uint64_t last = len ? va + (len - 1) : UINT64_MAX;

	if (!len)
		va = 0;
	if (last < va)
		last = UINT64_MAX;
	self = self && self->vm == vm ? self : NULL;
	pthread_mutex_lock(&vm->lock);
	bool park = !only || only != self;
	if (park)
		vm_park_memory(vm, self);
	for (struct dgm_cpu *c = only ? only : vm->cpus; c; c = only ? NULL : c->next)
		flush_cpu(c, va, last, asid, self);
	if (park)
		vm_unpark_memory(vm);
	pthread_mutex_unlock(&vm->lock);
}

void mmu_memory_changed(struct dgm_vm *vm)
{
	for (struct dgm_cpu *c = vm->mmu ? vm->cpus : NULL; c; c = c->next)
		for (unsigned i = 0; i < MMU_CONTEXTS; i++)
			reset_context(&c->mmu->context[i]);
}

void mmu_no_direct_writes(struct dgm_vm *vm, uint64_t pa)
{
	for (struct dgm_cpu *c = vm->cpus; c; c = c->next)
		for (unsigned i = 0; i < MMU_CONTEXTS * ENV_TLB_SIZE; i++) {
			struct env_tlb *e = &c->mmu->context[i / ENV_TLB_SIZE].entry[i % ENV_TLB_SIZE];

			if (page_of(e->info) == pa)
				e->write = TAG_NONE;
		}
}

void mmu_set_space(struct dgm_cpu *cpu, uint32_t asid, uint32_t priv)
{
	struct mmu_cpu *m = cpu->mmu;

	if (m->asid == asid && m->priv == priv)
		return;
	m->asid = asid;
	m->priv = priv;
	cpu_nudge(cpu, CPU_SPACE);
}

void mmu_take_space(struct dgm_cpu *cpu)
{
	struct mmu_cpu *m = cpu->mmu;

	pthread_mutex_lock(&cpu->vm->lock);	/* a flush by another thread looks at all contexts */
	struct mmu_context *c = find_context(m, m->asid, m->priv);
	if (!c) {
		c = &m->context[0];
		for (unsigned i = 1; i < MMU_CONTEXTS; i++)
			if (m->context[i].used < c->used)
				c = &m->context[i];
		reset_context(c);
		c->large = false;
		c->asid = m->asid;
		c->priv = m->priv;
	}
	c->used = ++m->clock;
	m->now = c;
	cpu_env_of(cpu)->tlb = c->entry;
	pthread_mutex_unlock(&cpu->vm->lock);
}
