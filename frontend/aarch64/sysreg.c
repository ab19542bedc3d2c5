/* Accesses to system registers that the machine has, and system instructions (C5.1, C6.2). For the engine alone. */
#include "dragoman/aarch64.h"
#include "frontend/aarch64/a64.h"
#include "frontend/aarch64/state.h"

enum { ZERO_REG = 31 };

bool a64_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a)
{
	const struct a64_state *s = state;
	unsigned rt = opcode & 31;

	if ((opcode & 0xfff8f01f) == 0xd500401f) {	/* MSR (immediate) */
		a->reg = DGM_A64_SYS_PSTATE(opcode >> 16 & 7, opcode >> 5 & 7);
		a->write = true;
		a->value = opcode >> 8 & 15;
		return true;
	}
	if ((opcode & 0xffc00000) != 0xd5000000 || !(opcode & 0x00180000))
		return false;
	a->reg = opcode >> 5 & 0xffff;
	a->write = !(opcode & 1u << 21);
	if (a->write)
		a->value = rt == ZERO_REG ? 0 : s->x[rt];
	else if (rt != ZERO_REG)
		a->to[0] = (int8_t)rt;
	return true;
}

void a64_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value)
{
	if (a->to[0] >= 0)
		((struct a64_state *)state)->x[a->to[0]] = value;
}
