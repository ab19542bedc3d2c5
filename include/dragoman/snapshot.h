/*
 * Snapshots of a VM: its memory, what is mapped and how it is protected, its vCPUs (registers, exclusive
 * monitors, instruction counts and clock, kicks, interrupt lines) and, by dgm_machine_ops.save and load, its machine's state.
 *
 * Memory is copied on write. Taking a snapshot costs time for the pages written since the last one (the
 * first looks at the table of pages once), restoring for those written since; the first write to a page
 * after either costs a check, and a copy of the page unless the snapshot has one. That needs no help of the
 * host's kernel. Some memory is written without the library seeing it, and is compared and copied each
 * time: pages of which dgm_mem_ptr has given a view with DGM_W (until they are unmapped), host memory
 * that is borrowed, and pieces smaller than a page. From the first snapshot on, a VM's code checks its
 * accesses even if the engine has DGM_FASTMEM.
 *
 * Of devices a snapshot knows where they are, not what they do: their state is the machine's.
 */
#ifndef DRAGOMAN_SNAPSHOT_H
#define DRAGOMAN_SNAPSHOT_H

#include "dragoman/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dgm_snap dgm_snap;

/*
 * [Q] Takes a snapshot. Any number may exist, and any of them be restored in any order. Free them
 * before the VM. Fails with DGM_E_BUSY, DGM_E_NOMEM, what ops->save returned, or DGM_E_UNSUP: for
 * VMs with DGM_MEM_IDENTITY, and while memory is mapped MAP_SHARED by dgm_map_host.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_snap_take(dgm_vm *vm, dgm_snap **out);

/*
 * [Q] Puts the VM back into the state of the snapshot, which is one of this VM (taken or loaded). Mappings
 * made since are taken away, those gone since are made again: as memory of the library's, for what was
 * borrowed too. Devices and vCPUs cannot be made again: DGM_E_MAP when a device is not where it was,
 * DGM_E_ARG when the number of vCPUs is another. They are matched by order of creation. Translations stay,
 * but for those of code that differs. After another failure (DGM_E_NOMEM, DGM_E_OS, what ops->load
 * returned) the VM is in no useful state until a restore succeeds.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_snap_restore(dgm_vm *vm, dgm_snap *snap);

/* [Q] Frees it. NULL is allowed. */
DGM_EXPORT void dgm_snap_free(dgm_snap *snap);

/*
 * [Q] Makes a VM that goes on from the state this one is in: same configuration, memory, protections and
 * vCPUs (dgm_vm_cpu finds them). ops and ud are its machine, as for dgm_vm_new; what ops->save of this
 * VM writes is read by the new one's ops->load. Devices are for attach to map, or for the caller
 * afterwards; borrowed memory becomes memory of the library's unless attach has mapped the range. Pages are
 * copied when the new VM first uses them or this one first writes to them. Both VMs may then run at the
 * same time, and be freed in any order; freeing this one first copies what the other still needs of it,
 * and can fail with DGM_E_NOMEM. Translations are made anew: code refers to the state of its own VM.
 * Fails like dgm_snap_take and dgm_vm_new.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_vm_fork(dgm_vm *vm, const dgm_machine_ops *ops, void *ud, dgm_vm **out);

/* [A] The i-th vCPU in order of creation, or NULL. */
DGM_EXPORT dgm_cpu *dgm_vm_cpu(dgm_vm *vm, uint32_t i);

/*
 * [Q] Writes the snapshot as a stream of bytes that any host can load: versioned, checked by a sum, without
 * pointers. DGM_E_NOMEM, DGM_E_OS when out->io fails.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_snap_save(dgm_snap *snap, dgm_stream *out);

/*
 * [Q] Reads one, for restoring into this VM, which is not changed yet. Its architecture, model, width of
 * addresses and, when it comes to restoring, devices and number of vCPUs must be the stream's. Any bytes may be read:
 * DGM_E_FORMAT unless a library of this version could have written them and they are complete;
 * DGM_E_ARCH for another guest, DGM_E_NOMEM. Never needs much more memory than there were bytes.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_snap_load(dgm_vm *vm, dgm_stream *in, dgm_snap **out);

#ifdef __cplusplus
}
#endif

#endif
