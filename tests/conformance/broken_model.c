/* A machine that breaks its promises, to see that dragoman-conform says so: it counts its callbacks in a global. */
#include "dragoman/conform.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

static uint64_t calls;
static int nothing;

static dgm_act on_sysreg(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	(void)ud;
	(void)cpu;
	(void)reg;
	(void)write;
	*value = ++calls;
	return DGM_CONT;
}

static void *create(void)
{
	return &nothing;
}

static void destroy(void *ud)
{
	(void)ud;
}

static dgm_status load(void *ud, dgm_vm *vm, dgm_cpu *cpu)
{
	/* mfmsr r3; mfmsr r4; tw 31,r0,r0 */
	static const uint8_t code[] = { 0x7c, 0x60, 0x00, 0xa6, 0x7c, 0x80, 0x00, 0xa6, 0x7f, 0xe0, 0x00, 0x08 };
	dgm_status st = dgm_map_ram(vm, 0x1000, 0x1000, DGM_R | DGM_X, NULL, NULL);

	(void)ud;
	dgm_set(cpu, DGM_PPC_PC, 0x1000);
	return st ? st : dgm_mem_write(vm, NULL, 0x1000, code, sizeof code, NULL);
}

DGM_EXPORT dgm_conform_model_fn dgm_conform_model_get;
const dgm_conform_model *dgm_conform_model_get(void)
{
	static const dgm_machine_ops ops = { .size = sizeof ops, .sysreg = on_sysreg };
	static const dgm_conform_model model = {
		.size = sizeof model, .name = "broken", .cfg = { .size = sizeof model.cfg, .arch = DGM_ARCH_PPC32 },
		.ops = &ops, .create = create, .destroy = destroy, .start = load,
	};

	return &model;
}
