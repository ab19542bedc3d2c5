/* Snapshots: arguments, and forks of a VM. */
#include <string.h>

#include "api/api.h"
#include "engine/snap.h"
#include "engine/track.h"

dgm_status dgm_snap_take(dgm_vm *vm, dgm_snap **out)
{
	if (!vm || !out)
		return engine_fail(DGM_E_ARG, "dgm_snap_take: a pointer is NULL");
	*out = NULL;
	enum dgm_status st = snap_take(vm, false, out);
	if (!st)
		atomic_fetch_add(&vm->n_snap, 1);
	return st;
}

dgm_status dgm_snap_restore(dgm_vm *vm, dgm_snap *snap)
{
	if (!vm || !snap || snap->vm != vm)
		return engine_fail(DGM_E_ARG, "dgm_snap_restore: not a snapshot of this VM");
	enum dgm_status st = snap_restore(vm, snap);
	if (!st && vm->mmu)	/* the guest's tables may be others */
		mmu_flush(vm, NULL, 0, 0, DGM_ASID_ALL);
	return st;
}

void dgm_snap_free(dgm_snap *snap)
{
	if (!snap)
		return;
	atomic_fetch_sub(&snap->vm->n_snap, 1);
	snap_free(snap);
}

dgm_cpu *dgm_vm_cpu(dgm_vm *vm, uint32_t i)
{
	uint32_t n = 0;
	dgm_cpu *c;

	if (!vm)
		return NULL;
	pthread_mutex_lock(&vm->lock);
	for (c = vm->cpus; c; c = c->next)
		n++;
	c = i < n ? vm->cpus : NULL;	/* the list begins with the newest */
	for (uint32_t k = n - 1; c && k > i; k--)
		c = c->next;
	pthread_mutex_unlock(&vm->lock);
	return c;
}

dgm_status dgm_snap_save(dgm_snap *snap, dgm_stream *out)
{
	if (!snap || !out || !out->io)
		return engine_fail(DGM_E_ARG, "dgm_snap_save: a pointer is NULL");
	vm_lock_memory(snap->vm);
	enum dgm_status st = snap_save(snap, out);
	vm_unlock_memory(snap->vm);
	return st;
}

dgm_status dgm_snap_load(dgm_vm *vm, dgm_stream *in, dgm_snap **out)
{
	if (!vm || !in || !in->io || !out)
		return engine_fail(DGM_E_ARG, "dgm_snap_load: a pointer is NULL");
	*out = NULL;
	if (vm_identity(vm))
		return engine_fail(DGM_E_UNSUP, "no snapshots of a VM in the host's address space");
	enum dgm_status st = snap_load(vm, in, out);
	if (!st)
		atomic_fetch_add(&vm->n_snap, 1);
	return st;
}

/* ---- forks ---- */

static enum dgm_status copy_map(dgm_vm *vm, const dgm_snap *s)
{
	vm_lock_memory(vm);
	enum dgm_status st = snap_map_fork(vm, s->map);
	if (!st) {
		snap_pieces_restore(vm, s);
		vm_invalidate(vm, 0, vm->pages.n << PAGE_SHIFT);
		vm->map_id = ++vm->map_ids;
	}
	vm_unlock_memory(vm);
	return st;
}

static enum dgm_status make_cpus(dgm_vm *vm, const dgm_snap *s)
{
	enum dgm_status st = DGM_OK;
	dgm_cpu *cpu;

	for (unsigned i = 0; i < s->n_cpu && !st; i++)
		st = dgm_cpu_new(vm, &cpu);
	if (!st)
		snap_cpus_restore(vm, s);
	return st;
}

static void free_all(dgm_vm *vm)
{
	while (vm->cpus)
		dgm_cpu_free(vm->cpus);
	dgm_vm_free(vm);
}

/* The new VM becomes what its origin says. */
static enum dgm_status begin(dgm_vm *vm)
{
	enum dgm_status st = vm->cpus ? engine_fail(DGM_E_ARG, "dgm_vm_fork: attach has made vCPUs") : snap_begin(vm);

	if (!st)
		st = copy_map(vm, vm->origin);
	if (!st)
		st = make_cpus(vm, vm->origin);
	return st ? st : snap_machine_load(vm, vm->origin);
}

dgm_status dgm_vm_fork(dgm_vm *vm, const dgm_machine_ops *ops, void *ud, dgm_vm **out)
{
	dgm_snap *s;
	dgm_vm *child;
	enum dgm_status st;

	if (!vm || !out)
		return engine_fail(DGM_E_ARG, "dgm_vm_fork: a pointer is NULL");
	*out = NULL;
	st = snap_take(vm, true, &s);
	if (st)
		return st;
	dgm_vm_cfg cfg = vm->cfg;
	cfg.size = sizeof cfg;
	cfg.model = vm->model[0] ? vm->model : NULL;
	st = api_vm_new(vm->engine, &cfg, ops, ud, vm->near, &child);
	if (st) {
		snap_free(s);
		return st;
	}
	child->wants_precise = vm->wants_precise;
	vm_update_mode(child);
	child->mode.tags = vm->mode.tags;
	child->origin = s;
	st = begin(child);
	if (st)
		free_all(child);
	else
		*out = child;
	return st;
}
