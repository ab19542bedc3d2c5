/* Virtual memory: arguments of dragoman/mmu.h. */
#include <string.h>

#include "api/api.h"

static dgm_status check(const dgm_cpu *cpu, const char *what)
{
	if (!cpu)
		return engine_fail(DGM_E_ARG, "%s: no vCPU", what);
	return cpu->mmu ? DGM_OK : engine_fail(DGM_E_UNSUP, "%s: the VM was not made with DGM_MEM_MMU", what);
}

dgm_status dgm_cpu_set_space(dgm_cpu *cpu, uint32_t asid, uint32_t priv)
{
	dgm_status st = check(cpu, "dgm_cpu_set_space");

	if (!st && asid == DGM_ASID_ALL)
		st = engine_fail(DGM_E_ARG, "dgm_cpu_set_space: DGM_ASID_ALL is no address space");
	if (!st)
		mmu_set_space(cpu, asid, priv);
	return st;
}

dgm_status dgm_cpu_get_space(dgm_cpu *cpu, uint32_t *asid, uint32_t *priv)
{
	dgm_status st = check(cpu, "dgm_cpu_get_space");

	if (!st && asid)
		*asid = cpu->mmu->asid;
	if (!st && priv)
		*priv = cpu->mmu->priv;
	return st;
}

dgm_status dgm_cpu_tlb_flush(dgm_cpu *cpu, uint64_t va, uint64_t len, uint32_t asid)
{
	dgm_status st = check(cpu, "dgm_cpu_tlb_flush");

	if (!st)
		mmu_flush(cpu->vm, cpu, va, len, asid);
	return st;
}

dgm_status dgm_vm_tlb_flush(dgm_vm *vm, uint64_t va, uint64_t len, uint32_t asid)
{
	if (!vm)
		return engine_fail(DGM_E_ARG, "dgm_vm_tlb_flush: no VM");
	if (!vm->mmu)
		return engine_fail(DGM_E_UNSUP, "dgm_vm_tlb_flush: the VM was not made with DGM_MEM_MMU");
	mmu_flush(vm, NULL, va, len, asid);
	return DGM_OK;
}

/* Where addresses are physical. */
static bool plain_page(dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	bool mapped;

	page->va = page->pa = va & ~(uint64_t)(PAGE_BYTES - 1);
	page->len = PAGE_BYTES;
	page->prot = dgm_mem_prot(cpu->vm, va, &mapped);
	page->cause = mapped ? DGM_CAUSE_PROT : DGM_CAUSE_UNMAPPED;
	return mapped && (page->prot & access) == access;
}

dgm_status dgm_cpu_translate(dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *out)
{
	dgm_page page = { .size = sizeof page };

	if (!cpu || !out || out->size < sizeof(uint32_t) || access & ~7u)
		return engine_fail(DGM_E_ARG, "dgm_cpu_translate: a pointer is NULL, no size, or unknown access bits");
	uint32_t size = out->size;
	va = vm_data_address(cpu->vm, va);
	bool there = cpu->mmu ? mmu_query(cpu, va, access, &page) : plain_page(cpu, va, access, &page);
	memcpy(out, &page, size < sizeof page ? size : sizeof page);
	out->size = size;
	return there ? DGM_OK : engine_fail(DGM_E_FAULT, "no page at 0x%llx", (unsigned long long)va);
}
