/* Fork in a process that has engines: nothing of ours may be half done, and code must not be shared. */
#include <unistd.h>

#include "api/api.h"

static void lock_all(dgm_engine *e)
{
	pthread_mutex_lock(&e->vms_lock);
	for (dgm_vm *vm = e->vms; vm; vm = vm->next) {
		pthread_mutex_lock(&vm->lock);
		pthread_mutex_lock(&vm->mem_lock);
	}
	pthread_mutex_lock(&e->deadline_lock);
}

static void unlock_all(dgm_engine *e)
{
	pthread_mutex_unlock(&e->deadline_lock);
	for (dgm_vm *vm = e->vms; vm; vm = vm->next) {
		pthread_mutex_unlock(&vm->mem_lock);
		pthread_mutex_unlock(&vm->lock);
	}
	pthread_mutex_unlock(&e->vms_lock);
}

static void drop_copies(dgm_engine *e)
{
	for (dgm_vm *vm = e->vms; vm; vm = vm->next) {
		codemem_drop(&vm->cache.mem, vm->fork_copy);
		vm->fork_copy = NULL;
	}
}

dgm_status dgm_engine_fork_prepare(dgm_engine *e)
{
	enum dgm_status st = DGM_OK;

	if (!e)
		return engine_fail(DGM_E_ARG, "dgm_engine_fork_prepare: no engine");
	tier_rest(e, true);
	lock_all(e);
	for (dgm_vm *vm = e->vms; vm && !st; vm = vm->next)
		if (vm->cache.has_code)
			st = codemem_copy(&vm->cache.mem, &vm->fork_copy);
	if (st) {
		drop_copies(e);
		unlock_all(e);
		tier_rest(e, false);
		return engine_fail_os(st, "cannot copy the code memory for a child");
	}
	return DGM_OK;
}

dgm_status dgm_engine_fork_done(dgm_engine *e, bool child)
{
	enum dgm_status st = DGM_OK;

	if (!e)
		return engine_fail(DGM_E_ARG, "dgm_engine_fork_done: no engine");
	for (dgm_vm *vm = e->vms; child && vm && !st; vm = vm->next)
		if (vm->cache.has_code) {
			st = codemem_adopt(&vm->cache.mem, vm->fork_copy);
			if (!st)
				vm->fork_copy = NULL;
		}
	drop_copies(e);
	if (child) {
		/* Whoever waited is gone, and conditions remember who waits. */
		for (dgm_vm *vm = e->vms; vm; vm = vm->next) {
			atomic_store(&vm->park_wanted, 0);
			atomic_store(&vm->park_memory, 0);
			pthread_cond_init(&vm->parked, NULL);
		}
		if (!st)
			st = deadline_init(e);
		e->pid = getpid();
		e->deadline_running = false;
		e->deadlines = NULL;
		tier_in_child(e);
		names_in_child(e);
	}
	unlock_all(e);
	tier_rest(e, false);
	return st ? engine_fail_os(st, "cannot take over the code memory") : DGM_OK;
}
