/*
 * FPSCR: its bits live in slots, and what FP operations raised accrues in the host until somebody looks.
 * For the front end's helpers and its table.
 */
#include "frontend/arm/arm.h"
#include "frontend/arm/fp.h"
#include "frontend/common/arm_fp_lift.h"
#include "iface/hostfp.h"

static uint32_t collect(struct arm_state *s, bool running)
{
	s->fpscr |= arm_fp_collect(env_of(s), running);
	return s->fpscr | (uint32_t)s->fp_n << 31 | (uint32_t)s->fp_z << 30 | (uint32_t)s->fp_c << 29 |
	       (uint32_t)s->fp_v << 28 | (uint32_t)s->fp_qc << 27;
}

static void set(struct arm_state *s, uint32_t v, bool running)
{
	arm_fp_collect(env_of(s), running);
	s->fp_n = v >> 31;
	s->fp_z = v >> 30 & 1;
	s->fp_c = v >> 29 & 1;
	s->fp_v = v >> 28 & 1;
	s->fp_qc = v >> 27 & 1;
	s->fpscr = v & ARM_FPSCR_BITS;
	s->fp_ixc = !!(v & ARM_FP_IXC);
}

uint32_t arm_fpscr_read(struct arm_state *s)
{
	return collect(s, false);
}

void arm_fpscr_write(struct arm_state *s, uint32_t v)
{
	set(s, v, false);
}

uint32_t arm_fp_mode(const struct arm_state *s)
{
	uint32_t known = s->fp_ixc ? ARM_MODE_FP_IXC : 0;

	if (s->fpscr & ARM_FPSCR_SLOW)
		return known | ARM_MODE_FP_SLOW;
	return known | (s->fpscr & ARM_FP_FZ ? ARM_MODE_FP_FLUSH : 0);
}

/* Whether IXC is set, wherever it is. */
static uint64_t ixc(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	const struct arm_state *s = state;
	uint32_t flags = env_of(state)->fp_flags | hostfp_flags();

	(void)a, (void)b, (void)c;
	return s->fpscr & ARM_FP_IXC || flags & (HOSTFP_INEXACT | ARM_FP_IXC << ARM_FP_ENV_SHIFT);
}

const struct ir_helper arm_fp_ixc = { "arm_fp_ixc", ixc, IR_HELPER_FP };

ir_val arm_fp_known_ixc(struct arm_lift *l)
{
	const struct ir_unit *u = l->b->u;
	ir_val known = flag(l, ARM_FP_IXC_SEEN);

	if (l->mode & ARM_MODE_FP_IXC)
		return imm1(l, true);
	for (unsigned i = 0; i < u->n && !l->b->failed; i++)
		if (u->inst[i].helper == &arm_fp_ixc)
			return known;
	known = ir_guard(l->b, &arm_fp_ixc, ir_not(l->b, known), known, IR_NONE, IR_NONE, IR_NONE);
	ir_put(l->b, ARM_FP_IXC_SEEN, known);
	return known;
}

void arm_fp_go_on(struct arm_lift *l)
{
	if (l->mode & ARM_MODE_FP_IXC || l->it || l->next_it)
		return;
	ir_trap_if(l->b, IR_TRAP_RESYNC, 0, flag(l, ARM_FP_IXC_SEEN), imm32(l, l->pc | l->thumb), imm32(l, l->next | l->thumb));
}

static uint64_t vmrs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return collect(state, true);
}

static uint64_t vmsr(void *state, uint64_t v, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	set(state, (uint32_t)v, true);
	return 0;
}

const struct ir_helper arm_vmrs = { "arm_vmrs", vmrs, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP };
const struct ir_helper arm_vmsr = { "arm_vmsr", vmsr, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP };
