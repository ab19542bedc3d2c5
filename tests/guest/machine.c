/* Machines of the public interface, opened and closed. */
#include <stdlib.h>

#include "machine.h"

static uint64_t clock_ticks(void *ud, dgm_cpu *cpu)
{
	(void)ud, (void)cpu;
	return GUEST_CLOCK;
}

bool guest_machine_open(struct guest_machine *m, const struct guest_isa *isa, const char *model, uint32_t flags,
			unsigned code_size)
{
	static const dgm_machine_ops ops = { .size = sizeof ops, .clock = clock_ticks };
	dgm_engine_cfg engine = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vm = DGM_INIT(dgm_vm_cfg);

	*m = (struct guest_machine){ 0 };
	engine.flags = flags | DGM_DETERMINISTIC;
	engine.backend_dir = getenv("DGM_BACKEND_DIR");
	vm.arch = isa->fe->arch;
	vm.model = model;
	if (dgm_engine_new(&engine, DGM_ABI, &m->engine) || dgm_vm_new(m->engine, &vm, &ops, NULL, &m->vm) ||
	    dgm_map_ram(m->vm, GUEST_CODE, code_size, DGM_R | DGM_X, NULL, NULL) ||
	    dgm_map_ram(m->vm, GUEST_DATA, GUEST_DATA_SIZE, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(m->vm, &m->cpu))
		return false;
	m->data = dgm_mem_ptr(m->vm, GUEST_DATA, GUEST_DATA_SIZE, DGM_W);
	return m->data != NULL;
}

void guest_machine_close(struct guest_machine *m)
{
	dgm_cpu_free(m->cpu);
	dgm_vm_free(m->vm);
	dgm_engine_unref(m->engine);
	*m = (struct guest_machine){ 0 };
}
