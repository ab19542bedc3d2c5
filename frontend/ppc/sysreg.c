/* Accesses to registers that the machine has: SPRs, MSR, segment registers (OEA 2.3, 4.4). For the engine alone. */
#include "dragoman/ppc.h"
#include "frontend/ppc/ppc.h"
#include "frontend/ppc/state.h"

/* Extended opcodes of primary opcode 31. */
enum {
	XO_MFMSR = 83, XO_MTMSR = 146, XO_MTSR = 210, XO_MTSRIN = 242, XO_MFSPR = 339, XO_MFTB = 371, XO_MTSPR = 467,
	XO_MFSR = 595, XO_MFSRIN = 659,
};

bool ppc_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a)
{
	const struct ppc_state *s = state;
	unsigned rt = opcode >> 21 & 31, spr = (opcode >> 16 & 31) | (opcode >> 6 & 0x3e0);
	uint32_t of_rb = DGM_PPC_SYS_SR0 + (s->r[opcode >> 11 & 31] >> 28);
	uint32_t of_field = DGM_PPC_SYS_SR0 + (opcode >> 16 & 15);

	if (opcode >> 26 != 31)
		return false;
	switch (opcode >> 1 & 0x3ff) {
	case XO_MFSPR: case XO_MFTB: a->reg = spr; break;
	case XO_MTSPR: a->reg = spr; a->write = true; break;
	case XO_MFMSR: a->reg = DGM_PPC_SYS_MSR; break;
	case XO_MTMSR: a->reg = DGM_PPC_SYS_MSR; a->write = true; break;
	case XO_MFSR: a->reg = of_field; break;
	case XO_MTSR: a->reg = of_field; a->write = true; break;
	case XO_MFSRIN: a->reg = of_rb; break;
	case XO_MTSRIN: a->reg = of_rb; a->write = true; break;
	default: return false;
	}
	if (a->write)
		a->value = s->r[rt];
	else
		a->to[0] = (int8_t)rt;
	return true;
}

void ppc_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value)
{
	if (a->to[0] >= 0)
		((struct ppc_state *)state)->r[a->to[0]] = (uint32_t)value;
}
