#include "../order.h"
#include "rig.h"

const struct tier tiers[] = {
	{ "interp", DGM_INTERP_ONLY | DGM_VERIFY_IR },
	{ "baseline", DGM_NO_LLVM | DGM_VERIFY_IR },
	{ "llvm", DGM_HOT_AT_ONCE | DGM_VERIFY_IR },
	{ NULL, 0 },
};

const uint32_t archs[ARCHS] = { DGM_ARCH_PPC32, DGM_ARCH_ARM, DGM_ARCH_AARCH64 };

static dgm_act translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	struct rig *r = ud;

	atomic_fetch_add(page->flags & DGM_PAGE_QUERY ? &r->queries : &r->walks, 1);
	if (r->walk && !(page->flags & DGM_PAGE_QUERY))
		r->walk(r, cpu, va, access);
	const struct entry *e = rig_find(r, page->asid, va);
	if (!e) {
		page->vector = 0x1234;
		page->syndrome = va ^ 0x55;
		return r->verdict;
	}
	page->va = e->va;
	page->pa = e->pa;
	page->len = e->len;
	page->prot = e->prot[page->priv & 1];
	return DGM_CONT;
}

static dgm_act fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct rig *r = ud;

	r->faults++;
	r->last = *f;
	return r->fault ? r->fault(r, cpu, f) : DGM_RAISE;
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct rig *r = ud;

	r->device_reads++;
	*value = r->device_value + off;
	return off == 0xf0 ? DGM_RAISE : off == 0xe0 ? DGM_BREAK : DGM_CONT;
}

static dgm_act device_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	struct rig *r = ud;

	r->device_writes++;
	r->device_value = value;
	if (r->device)
		r->device(r, cpu, off, value);
	return off == 0xf0 ? DGM_RAISE : DGM_CONT;
}

bool rig_try(struct rig *r, const struct tier *t, uint32_t arch, void *(*alloc)(void *, void *, size_t, size_t), void *ud)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	*r = (struct rig){ .tier = t, .arch = arch, .verdict = DGM_RAISE };
	ops.translate = translate;
	ops.fault = fault;
	io.read = device_read;
	io.write = device_write;
	ec.flags = t->flags;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	ec.alloc = alloc;
	ec.alloc_ud = ud;
	vc.arch = arch;
	vc.mem = DGM_MEM_MMU;
	vc.mem_bits = 36;
	if (dgm_engine_new(&ec, DGM_ABI, &r->engine))
		return false;
	if (!dgm_vm_new(r->engine, &vc, &ops, r, &r->vm) &&
	    !dgm_map_ram(r->vm, RAM, RAM_BYTES, DGM_R | DGM_W | DGM_X, NULL, NULL) &&
	    !dgm_map_io(r->vm, DEVICE, DEVICE_BYTES, &io, r, NULL) && !dgm_cpu_new(r->vm, &r->cpu))
		return true;
	rig_free(r);
	return false;
}

void rig_make(struct rig *r, const struct tier *t, uint32_t arch)
{
	cr_assert(rig_try(r, t, arch, NULL, NULL), "%s: no rig", t->name);
}

void rig_free(struct rig *r)
{
	WANT(r, dgm_cpu_free(r->cpu), DGM_OK);
	WANT(r, dgm_vm_free(r->vm), DGM_OK);
	dgm_engine_unref(r->engine);
}

struct entry *rig_map(struct rig *r, uint64_t va, uint64_t pa, uint64_t len, uint32_t prot)
{
	for (unsigned i = 0; i < MAX_PAGES; i++)
		if (!r->entry[i].live) {
			r->entry[i] = (struct entry){ 0, { prot, prot }, va, pa, len, true };
			return &r->entry[i];
		}
	cr_assert_fail("too many pages");
	return NULL;
}

struct entry *rig_find(struct rig *r, uint32_t asid, uint64_t va)
{
	for (unsigned i = 0; i < MAX_PAGES; i++) {
		struct entry *e = &r->entry[i];

		if (e->live && e->asid == asid && va - e->va < e->len)
			return e;
	}
	return NULL;
}

void rig_unmap(struct rig *r, uint64_t va)
{
	struct entry *e = rig_find(r, 0, va);

	cr_assert_not_null(e);
	e->live = false;
}

void rig_store(struct rig *r, uint64_t pa, uint32_t v)
{
	uint8_t b[4];

	order_put(r->arch == DGM_ARCH_PPC32, v, b);
	WANT(r, dgm_mem_write(r->vm, NULL, pa, b, 4, NULL), DGM_OK);
}

uint32_t rig_load(struct rig *r, uint64_t pa)
{
	uint8_t b[4];

	WANT(r, dgm_mem_read(r->vm, NULL, pa, b, 4, NULL), DGM_OK);
	return order_get(r->arch == DGM_ARCH_PPC32, b);
}

void rig_words(struct rig *r, uint64_t pa, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		rig_store(r, pa + 4 * i, word[i]);
}

void rig_program(struct rig *r, const struct code *c, uint32_t prot)
{
	rig_words(r, RAM, c->word, c->n);
	rig_map(r, TEXT, RAM, PAGE, prot);
}

uint32_t rig_pc(const struct rig *r)
{
	return r->arch == DGM_ARCH_PPC32 ? DGM_PPC_PC : r->arch == DGM_ARCH_ARM ? DGM_ARM_PC : DGM_A64_PC;
}

uint32_t rig_reg(const struct rig *r, unsigned n)
{
	return (r->arch == DGM_ARCH_PPC32 ? DGM_PPC_R0 : r->arch == DGM_ARCH_ARM ? DGM_ARM_R0 : DGM_A64_X0) + n;
}

void rig_go_on(struct rig *r, dgm_cpu *cpu, uint64_t max_insns)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	o.max_insns = max_insns;
	r->exit = DGM_INIT(dgm_exit);
	WANT(r, dgm_cpu_run(cpu, &o, &r->exit), DGM_OK);
}

void rig_run(struct rig *r, dgm_cpu *cpu, uint64_t pc, uint64_t max_insns)
{
	dgm_set(cpu, rig_pc(r), pc);
	rig_go_on(r, cpu, max_insns);
}
