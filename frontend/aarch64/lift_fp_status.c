/* FPCR and FPSR (C5.2), and the helpers of floating point. */
#include "frontend/aarch64/fp.h"
#include "iface/hostfp.h"

enum { FPSR_BITS = 1 << 27 | ARM_FP_FLAGS };

uint32_t a64_fp_mode(const struct a64_state *s)
{
	uint32_t ixc = HOSTFP_INEXACT | ARM_FP_IXC << ARM_FP_ENV_SHIFT;

	if (s->fpcr & ARM_FP_RMODE)
		return A64_MODE_FP_SLOW;
	if (!(s->fpcr & ARM_FP_FZ))
		return 0;
	return s->fpsr & ARM_FP_IXC || env_of(s)->fp_flags & ixc ? A64_MODE_FP_FLUSH : A64_MODE_FP;
}

static uint64_t ixc_came(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return a64_fpsr_read(state, true) & ARM_FP_IXC;
}

const struct ir_helper a64_ixc_came = {
	"a64_ixc_came", ixc_came, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP
};

void a64_fp_look_for_ixc(struct a64_lift *l)
{
	const struct ir_unit *u = l->b->u;

	for (unsigned i = 0; i < u->n && !l->b->failed; i++)
		if (u->inst[i].helper == &a64_ixc_came)
			return;
	ir_val set = ir_call(l->b, &a64_ixc_came, IR_I32, IR_NONE, IR_NONE, IR_NONE);
	ir_val came = ir_ne(l->b, set, imm32(l, 0));
	ir_trap_if(l->b, IR_TRAP_RESYNC, 0, came, imm64(l, l->pc), imm64(l, l->next));
}

uint32_t a64_fpsr_read(struct a64_state *s, bool running)
{
	return s->fpsr |= arm_fp_collect(env_of(s), running);
}

void a64_fpsr_write(struct a64_state *s, uint32_t v, bool running)
{
	arm_fp_collect(env_of(s), running);
	s->fpsr = v & FPSR_BITS;
}

/*
 * No exception traps: a processor may leave trapping out, and then IDE and IOE to IXE read as 0 and ignore
 * writes, by which software asks whether it is there (DDI 0487, FPCR). So do those of halves without FP16.
 */
void a64_fpcr_write(struct a64_state *s, uint32_t v)
{
	s->fpcr = v & ARM_FP_MODES & ~(s->features & A64_FEATURE_BIT(A64_HAS_FP16) ? 0 : (uint32_t)ARM_FP_FZ16);
}

/* Reads fpcr, which translated code never puts: only fpcr_write changes it. So no effect on slots. */
static uint64_t exec(void *state, uint64_t what, uint64_t a, uint64_t b)
{
	return arm_fp_help_exec(env_of(state), ((struct a64_state *)state)->fpcr, what, a, b);
}

const struct ir_helper a64_fp_exec = { "a64_fp_exec", exec, IR_HELPER_FP };

static uint64_t exec_vec(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	return arm_fp_help_vec(env_of(state), ((struct a64_state *)state)->fpcr, what);
}

const struct ir_helper a64_fp_vec = { "a64_fp_vec", exec_vec, IR_HELPER_FP };

#define MULADD(letter, size)                                                                                   \
	static uint64_t muladd_##letter(void *state, uint64_t a, uint64_t b, uint64_t c)                       \
	{                                                                                                      \
		return arm_fp_help_muladd(env_of(state), ((struct a64_state *)state)->fpcr, size, a, b, c);    \
	}                                                                                                      \
	const struct ir_helper a64_fp_muladd_##letter = { "a64_fp_muladd_" #letter, muladd_##letter, IR_HELPER_FP };
MULADD(h, 16)
MULADD(s, 32)
MULADD(d, 64)

static uint64_t fpsr_read(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return a64_fpsr_read(state, true);
}

const struct ir_helper a64_fpsr_get = {
	"a64_fpsr_get", fpsr_read, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP
};

/* a: the value, b: the mode of the code. Whether other code is needed from now on. */
static uint64_t fpsr_write(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	a64_fpsr_write(state, (uint32_t)a, true);
	return a64_fp_mode(state) != b;
}

const struct ir_helper a64_fpsr_set = {
	"a64_fpsr_set", fpsr_write, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP
};

static uint64_t fpcr_write(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	a64_fpsr_read(state, true);
	a64_fpcr_write(state, (uint32_t)a);
	return a64_fp_mode(state) != b;
}

const struct ir_helper a64_fpcr_set = {
	"a64_fpcr_set", fpcr_write, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP
};

/* mrs Xt, fpcr */
static void lift_mrs_fpcr(struct a64_lift *l, const struct a64_word *in)
{
	set_reg(l, in->Rt, ir_get(l->b, A64_FPCR));
}

/* mrs Xt, fpsr */
static void lift_mrs_fpsr(struct a64_lift *l, const struct a64_word *in)
{
	set_reg(l, in->Rt, ir_call(l->b, &a64_fpsr_get, IR_I32, IR_NONE, IR_NONE, IR_NONE));
}

/* The block ends where the next one may have another mode. */
static void write_status(struct a64_lift *l, const struct a64_word *in, const struct ir_helper *write, bool may_change)
{
	ir_val mode = imm32(l, l->mode & A64_MODE_FP);
	ir_val changed = ir_call(l->b, write, IR_I1, reg(l, false, in->Rt), mode, IR_NONE);

	if (!may_change)
		return;
	ir_trap_if(l->b, IR_TRAP_RESYNC, 0, changed, imm64(l, l->pc), imm64(l, l->next));
	ir_exit(l->b, IR_EXIT_JUMP, imm64(l, l->next), 0);
	l->ended = true;
}

/* msr fpsr, Xt */
static void lift_msr_fpsr(struct a64_lift *l, const struct a64_word *in)
{
	write_status(l, in, &a64_fpsr_set, l->mode & A64_MODE_FP_FLUSH);
}

/* msr fpcr, Xt */
static void lift_msr_fpcr(struct a64_lift *l, const struct a64_word *in)
{
	write_status(l, in, &a64_fpcr_set, true);
}

static const struct a64_row rows[] = {
	{ "mrs", "1101010100 1 1 1 011 0100 0100 000 ttttt", lift_mrs_fpcr },
	{ "mrs", "1101010100 1 1 1 011 0100 0100 001 ttttt", lift_mrs_fpsr },
	{ "msr", "1101010100 0 1 1 011 0100 0100 000 ttttt", lift_msr_fpcr },
	{ "msr", "1101010100 0 1 1 011 0100 0100 001 ttttt", lift_msr_fpsr },
};
const struct a64_rows a64_rows_fp_status = A64_ROWS(rows);
