/*
 * Virtual memory: VMs made with DGM_MEM_MMU. Every access and every fetch of a vCPU goes by a virtual
 * address, which the machine's translate callback turns into a physical one, a page at a time. The
 * vCPU remembers answers (its TLB) by the address space and privilege they were given for, and
 * asks again only for what it does not know or what was flushed: whoever changes a guest's page
 * tables flushes, as on the processor.
 *
 * Physical memory is what dgm_map_ram and its like map, devices included. A page that holds translated code
 * is known by its physical address: whoever writes to it, by whatever virtual address, drops the
 * translations, so guests need no instruction that announces new code. Only memory written through
 * dgm_mem_ptr has to be announced by dgm_mem_touched.
 *
 * Accesses are those of DGM_FASTMEM's checked kind always, and DGM_VM_IMPRECISE has no effect. Snapshots hold neither the TLB
 * nor the space: a restored vCPU asks anew, and the machine's load sets the space.
 *
 * Pairs of load-reserved and store-conditional (lwarx, ldrex, ldaxr) compare the virtual address and the
 * value: who switches the address space between the two clears the reservation, as operating systems do.
 */
#ifndef DRAGOMAN_MMU_H
#define DRAGOMAN_MMU_H

#include "dragoman/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_ASID_ALL UINT32_MAX

/*
 * [O] The address space and the privilege the vCPU accesses memory in, from its next instruction on. The
 * numbers are the machine's; translate sees them, and the TLB keeps a few pairs of them apart.
 * Both are 0 at first. DGM_E_UNSUP without DGM_MEM_MMU, DGM_E_ARG for DGM_ASID_ALL.
 */
DGM_EXPORT dgm_status dgm_cpu_set_space(dgm_cpu *cpu, uint32_t asid, uint32_t priv);
/* [O] What was set last. */
DGM_EXPORT dgm_status dgm_cpu_get_space(dgm_cpu *cpu, uint32_t *asid, uint32_t *priv);

/*
 * [A] Forgets what the vCPU knows about [va, va + len) in the address space, at every privilege: all
 * pages that have a byte of the range. len 0 means all addresses, DGM_ASID_ALL all spaces. When
 * it returns no access begins any more by what was forgotten; a vCPU that another thread is running is
 * stopped for that between two instructions, or is inside a callback. A page that every address space
 * shares is flushed with DGM_ASID_ALL. DGM_E_UNSUP without DGM_MEM_MMU.
 */
DGM_EXPORT dgm_status dgm_cpu_tlb_flush(dgm_cpu *cpu, uint64_t va, uint64_t len, uint32_t asid);
/* [A] The same for all vCPUs of the VM. */
DGM_EXPORT dgm_status dgm_vm_tlb_flush(dgm_vm *vm, uint64_t va, uint64_t len, uint32_t asid);

/*
 * [O] Where va is, for the vCPU as it stands: *out gets the page. access is DGM_R, DGM_W, DGM_X, or 0 when
 * the protection does not matter. Asks translate with DGM_PAGE_QUERY unless the vCPU knows the
 * page. DGM_E_FAULT when there is none or it does not allow the access; then *out has cause, vector and
 * syndrome. In the other memory modes the page is the 4 KiB of the same physical address.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_cpu_translate(dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *out);

#ifdef __cplusplus
}
#endif

#endif
