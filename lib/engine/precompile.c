/* Translating ahead: what a profile says will be hot is compiled before it is run. */
#include "engine/engine.h"

static void precompile(struct dgm_cpu *cpu, uint64_t pc)
{
	struct dgm_vm *vm = cpu->vm;
	uint32_t mode = vm->fe->mode(cpu->state);
	uint8_t byte;
	struct unit_at at;

	cpu_env_of(cpu)->mode = mode;
	if (!cpu_unit_at(cpu, pc, false, &at) || !at.key || (!vm->mmu && !vm_fetch(vm, vm_address(vm, pc), &byte, 1)))
		return;
	pthread_mutex_lock(&vm->lock);
	struct cache_unit *unit = vm_translate(vm, pc, mode, &at, cpu);
	if (unit && !unit->more)
		tier_hot(cpu, unit, mode);
	if (cpu->generation != vm->generation && !cpu->in_code)
		cpu_forget_units(cpu);
	pthread_mutex_unlock(&vm->lock);
}

dgm_status dgm_code_precompile(dgm_cpu *cpu, const uint64_t *pcs, uint32_t n)
{
	if (!cpu || (n && !pcs))
		return engine_fail(DGM_E_ARG, "dgm_code_precompile: a pointer is NULL");
	for (uint32_t i = 0; i < n; i++)
		precompile(cpu, pcs[i]);
	return DGM_OK;
}
