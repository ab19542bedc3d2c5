/*
 * The guests, for tests that do the same on all of them: ids of registers, words that no assembler is at hand for, and
 * words in a guest's byte order. See code.h for programs.
 */
#ifndef TESTS_GUESTS_H
#define TESTS_GUESTS_H

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

struct guest {
	const char *name;
	uint32_t arch, pc, reg, sp;	/* registers: the pc, the first general one, the stack pointer */
	bool big;
	uint32_t illegal, privileged, back;	/* words: undefined; a system register to r3; a return */
};

static const struct guest guests[] = {
	{ "ppc", DGM_ARCH_PPC32, DGM_PPC_PC, DGM_PPC_R(0), DGM_PPC_R(1), true, 0, 0x7c6000a6, 0x4e800020 },
	{ "arm", DGM_ARCH_ARM, DGM_ARM_PC, DGM_ARM_R(0), DGM_ARM_SP, false, 0xe7f000f0, 0xee113f10, 0xe12fff1e },
	{ "aarch64", DGM_ARCH_AARCH64, DGM_A64_PC, DGM_A64_X(0), DGM_A64_SP, false, 0, 0xd5381003, 0xd65f03c0 },
};
enum { GUESTS = sizeof guests / sizeof *guests };

/* What a program that has a processor to itself would have set up: ARM's user mode. */
static inline void guest_begin(const struct guest *g, dgm_cpu *cpu, uint64_t pc)
{
	if (g->arch == DGM_ARCH_ARM)
		dgm_set(cpu, DGM_ARM_CPSR, 0x10);
	dgm_set(cpu, g->pc, pc);
}

#endif
