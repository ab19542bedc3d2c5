/*
 * Who is inside code, and waiting until nobody is: nudges, parking, and the change every vCPU has to see, that of
 * code.
 */
#include "engine/alias.h"
#include "engine/engine.h"

void cpu_nudge(struct dgm_cpu *cpu, uint32_t internal)
{
	atomic_fetch_or(&cpu->internal, internal);
	if (internal & CPU_SPACE)
		atomic_store_explicit(&cpu_env_of(cpu)->changed.space, 1, memory_order_relaxed);
	atomic_store(&cpu_env_of(cpu)->pending, 1);
	cpu_wake(cpu);
}

static void wait_for_others(struct dgm_vm *vm, const struct dgm_cpu *self, bool aside_will_do)
{
	for (struct dgm_cpu *c = vm->cpus; c;) {
		if (c == self || !atomic_load(&c->in_code) || (aside_will_do && atomic_load(&c->aside))) {
			c = c->next;
			continue;
		}
		cpu_nudge(c, CPU_PARK);
		pthread_cond_wait(&vm->parked, &vm->lock);
		c = vm->cpus;
	}
}

void vm_park(struct dgm_vm *vm, struct dgm_cpu *self)
{
	atomic_fetch_add(&vm->park_wanted, 1);
	wait_for_others(vm, self, false);
}

void vm_park_memory(struct dgm_vm *vm, struct dgm_cpu *self)
{
	if (self && atomic_load(&self->in_code)) {	/* a hook's callback: cpu_back stands behind it */
		atomic_store(&self->aside, true);
		atomic_store_explicit(&cpu_env_of(self)->changed.aside, 1, memory_order_relaxed);
		pthread_cond_broadcast(&vm->parked);
	}
	atomic_fetch_add(&vm->park_memory, 1);
	atomic_fetch_add(&vm->park_wanted, 1);
	wait_for_others(vm, self, true);
}

void vm_unpark_memory(struct dgm_vm *vm)
{
	atomic_fetch_sub(&vm->park_memory, 1);
	vm_unpark(vm);
}

static void tell_parker(struct dgm_vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	pthread_cond_broadcast(&vm->parked);
	pthread_mutex_unlock(&vm->lock);
}

void cpu_aside(struct dgm_cpu *cpu)
{
	atomic_store(&cpu->aside, true);
	if (atomic_load(&cpu->vm->park_memory))
		tell_parker(cpu->vm);
}

void cpu_back(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;

	atomic_store(&cpu->aside, false);
	while (atomic_load(&vm->park_memory)) {
		atomic_store(&cpu->aside, true);
		pthread_mutex_lock(&vm->lock);
		pthread_cond_broadcast(&vm->parked);
		while (atomic_load(&vm->park_memory))
			pthread_cond_wait(&vm->parked, &vm->lock);
		pthread_mutex_unlock(&vm->lock);
		atomic_store(&cpu->aside, false);
	}
}

void vm_unpark(struct dgm_vm *vm)
{
	atomic_fetch_sub(&vm->park_wanted, 1);
	pthread_cond_broadcast(&vm->parked);
}

static void invalidate(struct dgm_vm *vm, uint64_t addr, uint64_t n)
{
	vm->code_serial++;
	if (!cache_invalidate(&vm->cache, addr, n))
		return;
	hooks_note_dropped(vm, addr, addr + (n - 1) < addr ? UINT64_MAX : addr + (n - 1));
	for (struct dgm_cpu *c = vm->cpus; c; c = c->next) {
		atomic_store_explicit(&cpu_env_of(c)->changed.code, 1, memory_order_relaxed);
		cpu_nudge(c, CPU_JUMPS);
	}
}

void vm_invalidate(struct dgm_vm *vm, uint64_t addr, uint64_t n)
{
	invalidate(vm, addr, n);
	if (vm->n_alias && n)
		alias_drop(vm, addr, n, invalidate);
}

void vm_invalidate_pc(struct dgm_vm *vm, uint64_t pc, uint64_t n)
{
	if (vm->mmu)	/* which may be anywhere */
		vm_invalidate(vm, 0, UINT64_MAX);
	else
		vm_invalidate(vm, pc, n);
}

void cpu_leave_code(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;

	atomic_fetch_sub(&cpu->in_code, 1);
	if (atomic_load(&vm->park_wanted))
		tell_parker(vm);
}

/* What changes from here on is a reason to leave code; what changed before is not, if its caller looks now. */
static void nothing_changed(struct env_changed *c)
{
	atomic_store_explicit(&c->touched, 0, memory_order_relaxed);
	atomic_store_explicit(&c->code, 0, memory_order_relaxed);
	atomic_store_explicit(&c->aside, 0, memory_order_relaxed);
	atomic_store_explicit(&c->space, 0, memory_order_relaxed);
}

void cpu_enter_code(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;

	nothing_changed(&cpu_env_of(cpu)->changed);
	atomic_fetch_add(&cpu->in_code, 1);
	while (atomic_load(&vm->park_wanted) && cpu->in_code == 1) {
		atomic_fetch_sub(&cpu->in_code, 1);
		pthread_mutex_lock(&vm->lock);
		pthread_cond_broadcast(&vm->parked);
		while (atomic_load(&vm->park_wanted))
			pthread_cond_wait(&vm->parked, &vm->lock);
		pthread_mutex_unlock(&vm->lock);
		atomic_fetch_add(&cpu->in_code, 1);
	}
}
