/* The skeleton of the examples, as it stands, for dragoman-conform. */
#include <stdlib.h>

#include "dragoman/conform.h"

#define main skeleton_main
int skeleton_main(void);
#include "../../examples/skeleton.c"
#undef main

static void *create(void)
{
	return calloc(1, sizeof(struct machine));
}

static dgm_status load(void *ud, dgm_vm *vm, dgm_cpu *cpu)
{
	dgm_status st = dgm_mem_write(vm, NULL, RAM + IRQ_VECTOR, irq, sizeof irq, NULL);

	(void)ud;
	dgm_set(cpu, DGM_A64_PC, RAM + 0x1000);
	return st ? st : dgm_mem_write(vm, NULL, RAM + 0x1000, start, sizeof start, NULL);
}

static uint64_t digest(void *ud)
{
	const struct machine *m = ud;

	return m->vbar ^ m->elr << 8 ^ m->spsr << 16 ^ m->timer_at << 24 ^ (uint64_t)m->irq_on << 62;
}

DGM_EXPORT dgm_conform_model_fn dgm_conform_model_get;
const dgm_conform_model *dgm_conform_model_get(void)
{
	static const dgm_conform_model model = {
		.size = sizeof model, .flags = DGM_CONFORM_SNAPSHOTS, .name = "skeleton",
		.cfg = { .size = sizeof model.cfg, .arch = DGM_ARCH_AARCH64 }, .ops = &skeleton,
		.create = create, .destroy = free, .start = load, .digest = digest,
	};

	return &model;
}
