/*
 * Accesses to what the machine has: coprocessors 14 and 15, the privileged parts of CPSR, SPSR (B9.3, F5.1). For
 * the engine alone.
 */
#include "dragoman/arm.h"
#include "frontend/arm/arm.h"

enum { FLAGS = 15 };	/* r15 as the destination of MRC: N, Z, C, V */

static uint32_t operand(const struct arm_state *s, unsigned n)
{
	return n < 15 ? s->r[n] : (s->pc & ~1u) + (s->pc & 1 ? 4 : 8);
}

/* MRC, MCR, MRRC, MCRR: the same in both instruction sets. */
static bool coprocessor(const struct arm_state *s, uint32_t w, struct frontend_sysreg *a)
{
	unsigned rt = w >> 12 & 15, rt2 = w >> 16 & 15, coproc = w >> 8 & 15;

	if (coproc != 14 && coproc != 15)
		return false;
	a->write = !(w >> 20 & 1);
	if ((w & 0x0f000010) == 0x0e000010) {
		a->reg = DGM_ARM_SYS(coproc, w >> 21 & 7, w >> 16 & 15, w & 15, w >> 5 & 7);
		a->value = operand(s, rt);
	} else if ((w & 0x0fe00000) == 0x0c400000 && rt != 15 && rt2 != 15) {
		a->reg = DGM_ARM_SYS64(coproc, w >> 4 & 15, w & 15);
		a->value = s->r[rt] | (uint64_t)s->r[rt2] << 32;
	} else {
		return false;
	}
	if (!a->write) {
		a->to[0] = (int8_t)rt;
		a->to[1] = a->reg & 0x100000 ? (int8_t)rt2 : -1;
	}
	return true;
}

static bool status(struct frontend_sysreg *a, bool spsr, bool write, unsigned mask, uint32_t value, unsigned rd)
{
	a->reg = (spsr ? DGM_ARM_SYS_SPSR : DGM_ARM_SYS_CPSR) | (write ? mask : 0);
	a->write = write;
	a->value = write ? value : 0;
	a->to[0] = write ? -1 : (int8_t)rd;
	return write ? mask != 0 : rd != 15;
}

/* imod: 2 enables, 3 disables, 0 leaves alone the exceptions aif names; mode, if m. */
static bool cps(struct frontend_sysreg *a, unsigned imod, unsigned m, unsigned aif, unsigned mode)
{
	a->reg = DGM_ARM_SYS_CPS;
	a->write = true;
	a->value = imod << 18 | m << 17 | aif << 6 | mode;
	return imod >= 2 || (!imod && m);
}

static bool a32(const struct arm_state *s, uint32_t w, struct frontend_sysreg *a)
{
	uint32_t imm = w & 0xff;
	unsigned by = w >> 7 & 30;

	if ((w & 0xfff1fe20) == 0xf1000000)
		return cps(a, w >> 18 & 3, w >> 17 & 1, w >> 6 & 7, w & 31);
	if (w >> 28 == 15)
		return false;
	imm = by ? imm >> by | imm << (32 - by) : imm;
	if ((w & 0x0fbf0fff) == 0x010f0000)
		return status(a, w >> 22 & 1, false, 0, 0, w >> 12 & 15);
	if ((w & 0x0fb0fff0) == 0x0120f000)
		return status(a, w >> 22 & 1, true, w >> 16 & 15, operand(s, w & 15), 0);
	if ((w & 0x0fb0f000) == 0x0320f000)
		return status(a, w >> 22 & 1, true, w >> 16 & 15, imm, 0);
	return coprocessor(s, w, a);
}

/* The first halfword is the upper one. */
static bool t32(const struct arm_state *s, uint32_t w, struct frontend_sysreg *a)
{
	if ((w & 0xffe80000) == 0xb6600000)	/* T16 */
		return cps(a, 2 | (w >> 20 & 1), 0, w >> 16 & 7, 0);
	if ((w & 0xfffff800) == 0xf3af8000)
		return cps(a, w >> 9 & 3, w >> 8 & 1, w >> 5 & 7, w & 31);
	if ((w & 0xffeff0ff) == 0xf3ef8000)
		return status(a, w >> 20 & 1, false, 0, 0, w >> 8 & 15);
	if ((w & 0xffe0f0ff) == 0xf3808000)
		return status(a, w >> 20 & 1, true, w >> 8 & 15, operand(s, w >> 16 & 15), 0);
	return w >> 28 == 14 && coprocessor(s, w, a);
}

bool arm_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a)
{
	const struct arm_state *s = state;

	return s->pc & 1 ? t32(s, opcode << 16 | opcode >> 16, a) : a32(s, opcode, a);
}

void arm_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value)
{
	struct arm_state *s = state;

	for (unsigned i = 0; i < 2; i++) {
		uint32_t half = (uint32_t)(value >> 32 * i);

		if (a->to[i] == FLAGS)
			arm_set_cpsr(s, (arm_get_cpsr(s) & 0x0fffffff) | (half & 0xf0000000));
		else if (a->to[i] >= 0)
			s->r[a->to[i]] = half;
	}
	s->itstate = arm_it_behind(s->itstate);
}
