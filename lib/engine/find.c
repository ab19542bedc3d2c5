/*
 * From a pc to the unit there, and what a vCPU remembers of that: the interpreter's units by pc, the
 * table indirect exits look into, and links between units.
 */
#include <string.h>

#include "engine/engine.h"

static unsigned unit_index(const struct dgm_cpu *cpu, uint64_t pc)
{
	return (unsigned)(pc >> cpu->vm->fe->insn_shift) & (CPU_IR_UNITS - 1);
}

void cpu_forget_units(struct dgm_cpu *cpu)
{
	env_forget_jumps(cpu_env_of(cpu));
	memset(cpu->unit, 0, sizeof cpu->unit);
	mmu_forget_fetches(cpu);
	cpu->generation = cpu->vm->generation;
}

bool cpu_unit_at(struct dgm_cpu *cpu, uint64_t pc, bool more, struct unit_at *at)
{
	if (cpu->mmu)
		return mmu_unit_at(cpu, pc, more, at);
	*at = (struct unit_at){ .key = unit_kept(cpu->vm, pc) ? unit_key(pc, cpu_env_of(cpu)->mode) : 0 };
	return true;
}

/* True when whoever executes `from` may go to `to` without looking: their pages are the same. */
static bool linkable(const struct dgm_vm *vm, const struct env_link *link, const struct cache_unit *to)
{
	return !vm->mmu || link->from->key >> PAGE_SHIFT == to->key >> PAGE_SHIFT;
}

/* The first of the two places of a unit in env jump, and what it has as key there. */
static unsigned jump_place(const struct dgm_cpu *cpu, const struct cache_unit *unit, uint64_t *key)
{
	const struct dgm_vm *vm = cpu->vm;
	uint32_t mode = env_of(cpu->state)->mode;
	bool narrow = vm->fe->addr_bits == 32;

	*key = narrow ? unit_key(unit->pc, mode) : unit->pc;
	return env_jump_index(unit->pc, vm->fe->insn_shift, narrow ? 0 : env_jump_mix(mode));
}

/* Whether indirect exits find it, so that there is nothing to be done for the next one. */
static bool is_remembered(const struct dgm_cpu *cpu, const struct cache_unit *unit)
{
	const struct cpu_env *env = env_of(cpu->state);
	uint64_t key;
	unsigned i = jump_place(cpu, unit, &key);

	return !unit->entry || env->jump[i].key == key || env->jump[env_jump_other(i)].key == key;
}

/* Remembers the unit for indirect exits and for the next time round. Lock held. */
static void remember(struct dgm_cpu *cpu, struct cache_unit *unit)
{
	const struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);
	uint64_t key;
	unsigned i = jump_place(cpu, unit, &key);

	cpu->unit[unit_index(cpu, unit->pc)] = unit;
	if (!unit->entry || vm_is_stop(vm, unit->pc))
		return;
	unsigned other = env_jump_other(i);
	if (env->jump[other].key == key)
		i = other;
	else if (env->jump[i].key != key)
		env->jump[other] = env->jump[i];
	env->jump[i] = (struct env_jump){ key, unit->entry };
}

struct cache_unit *cpu_find_unit(struct dgm_cpu *cpu, uint64_t pc, const struct unit_at *at, struct env_link *link,
				 bool *made)
{
	struct dgm_vm *vm = cpu->vm;
	struct cache_unit *unit = cpu->unit[unit_index(cpu, pc)];

	if (!link && unit && unit->key == at->key && unit->pc == pc &&
	    !atomic_load_explicit(&unit->dead, memory_order_relaxed) && cpu->generation == vm->generation &&
	    is_remembered(cpu, unit))
		return unit;
	atomic_fetch_add_explicit(&vm->count.lookups_slow, 1, memory_order_relaxed);
	pthread_mutex_lock(&vm->lock);
	if (vm->flush_wanted && !cpu->in_code)
		vm_flush(vm, cpu);
	if (vm->hooks.gone && vm->cpus == cpu && !cpu->next && !cpu->in_code)
		hooks_reap(vm);
	*made = atomic_load_explicit(&vm->hooks.n_made, memory_order_relaxed) && at->key && !cache_find(&vm->cache, at->key);
	uint64_t before = vm->generation;
	unit = vm_translate(vm, pc, cpu_env_of(cpu)->mode, at, cpu);
	if (cpu->generation != vm->generation)
		cpu_forget_units(cpu);
	if (unit && vm->engine->cfg.flags & DGM_HOT_AT_ONCE && !unit->queued && !unit->more && unit->tier != CACHE_LLVM) {
		tier_hot(cpu, unit, cpu_env_of(cpu)->mode);
		if (cpu->generation != vm->generation)
			cpu_forget_units(cpu);
		unit = cache_find(&vm->cache, at->key);
	}
	*made &= unit && !unit->more;
	if (unit)
		remember(cpu, unit);
	if (unit && link && unit->entry && before == vm->generation && before == cpu->link_generation &&
	    !vm_is_stop(vm, pc) && linkable(vm, link, unit))
		cache_link(&vm->cache, link, unit);
	pthread_mutex_unlock(&vm->lock);
	return unit;
}
