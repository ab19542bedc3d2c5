/* The floating-point status and control register (UISA 2.1.4, 3.3, 4.2.2.4). */
#include "frontend/ppc/fp.h"
#include "frontend/ppc/vec_fpu.h"
#include "iface/hostfp.h"

enum { RESERVED = 1 << 11 };

uint32_t ppc_fp_mode(const struct ppc_state *s)
{
	return s->fpscr & FPSCR_ALL_E ? PPC_MODE_FP_SLOW : (s->fpscr & FPSCR_RN) << PPC_MODE_RN_SHIFT;
}

void ppc_fp_end(struct ppc_lift *l, uint32_t mode)
{
	mode |= l->mode & ~(uint32_t)PPC_MODE_FP;
	if (mode != l->mode)
		ir_exit_mode(l->b, imm32(l, l->next), mode);
	else
		ir_exit(l->b, IR_EXIT_JUMP, imm32(l, l->next), 0);
	l->ended = true;
}

uint32_t ppc_fp_sticky(uint32_t flags)
{
	return (flags & FPSCR_ALL_X) | (flags & HOSTFP_OVERFLOW ? FPSCR_OX : 0) |
	       (flags & HOSTFP_UNDERFLOW ? FPSCR_UX : 0) | (flags & HOSTFP_DIVZERO ? FPSCR_ZX : 0) |
	       (flags & HOSTFP_INEXACT ? FPSCR_XX : 0);
}

/* What accrued of the guest's. While the host's flags are set apart for vectors they are nobody's. */
static uint32_t sticky_of(const struct ppc_state *s, uint32_t flags)
{
	return ppc_fp_sticky(s->vec_fp == VEC_FP_APART ? flags & ~(uint32_t)HOSTFP_ALL : flags);
}

/*
 * Nothing is deferred any more. The host's flags stay as they are: they are in FPSCR, too, and what is there already
 * changes nothing when it is raised again.
 */
static void forget(struct ppc_state *s)
{
	env_of(s)->fp_flags = 0;
	s->fp_op = FP_NONE;
}

/* Behind a write of FPSCR with nothing deferred: the host's flags may be no more than it has. */
static void follow(const struct ppc_state *s)
{
	if (sticky_of(s, hostfp_flags()) & ~s->fpscr)
		hostfp_drop();
}

enum { OF_OP = FPSCR_FR | FPSCR_FI | FPSCR_FPRF };

static uint32_t status_of_op(struct ppc_state *s, unsigned op, bool running)
{
	uint32_t status, paused, rn = op >> FP_RN_SHIFT;
	bool found;

	op &= (1u << FP_RN_SHIFT) - 1;
	if (running && !rn) {
		paused = hostfp_pause(env_of(s));
		found = ppc_fpu_host(op, s->fp_a, s->fp_b, s->fp_c, &status);
		hostfp_resume(paused);
		if (found)
			return status;
	}
	return ppc_fpu_exec(op, s->fp_a, s->fp_b, s->fp_c, rn).fpscr & OF_OP;
}

uint32_t ppc_fp_status(struct ppc_state *s)
{
	return status_of_op(s, s->fp_op & ~(unsigned)FP_COMPARED, true);
}

uint32_t ppc_fpscr_read(struct ppc_state *s, bool running)
{
	unsigned op = s->fp_op & ~(unsigned)FP_COMPARED;
	struct cpu_env *env = env_of(s);
	uint32_t fpscr = ppc_fpscr_raise(s->fpscr, sticky_of(s, env->fp_flags | (running ? hostfp_flags() : 0)));

	if (op != FP_NONE)
		fpscr = (fpscr & ~(uint32_t)OF_OP) | status_of_op(s, op, running);
	if (s->fp_op & FP_COMPARED)
		fpscr = (fpscr & ~(uint32_t)FPSCR_FPCC) | (ppc_fpu_compare(false, s->fp_x, s->fp_y, 0) & FPSCR_FPCC);
	forget(s);
	return s->fpscr = fpscr;
}

void ppc_fpscr_write(struct ppc_state *s, uint32_t v, bool running)
{
	ppc_fpscr_read(s, running);
	s->fpscr = ppc_fpscr_summary(v & ~(uint32_t)RESERVED);
	if (running)
		follow(s);
}

static void set_field(struct ppc_state *s, unsigned field, uint32_t nibble)
{
	for (unsigned i = 0; i < 4; i++)
		s->cr[field * 4 + i] = nibble >> (3 - i) & 1;
}

void ppc_fp_record(struct ppc_state *s, uint32_t fpscr)
{
	set_field(s, 1, fpscr >> 28);
}

void ppc_fp_trap(struct ppc_state *s, uint32_t pc)
{
	struct env_exit *e = &env_of(s)->exit;

	if (!(s->fpscr & FPSCR_FEX) || !s->msr_fe)
		return;
	e->reason = ENV_TRAP;
	e->trap = IR_TRAP_FP;
	e->code = 0;
	e->pc = pc;
	e->next = pc + 4;
}

static uint64_t cr1(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	ppc_fp_record(state, ppc_fpscr_read(state, true));
	return 0;
}

const struct ir_helper ppc_fp_cr1 = { "ppc_fp_cr1", cr1, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP };

static uint64_t mffs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return FP_INT_HIGH | ppc_fpscr_read(state, true);
}

const struct ir_helper ppc_mffs = { "ppc_mffs", mffs, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP };

/* Calls take less time to compile. */
static bool is_inline(const struct ppc_lift *l, const struct ppc_word *in)
{
	return l->hot && !(l->mode & PPC_MODE_FP_SLOW) && !in->record;
}

/*
 * mffs[.] frD:  frD[32-63] <- FPSCR. Later processors give words with a number in the rA field
 * other meanings (mffsce, mffscrn, ...) and rely on older ones to execute this.
 */
static void lift_mffs(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val v;

	if (is_inline(l, in)) {
		v = ir_or(l->b, ir_zext(l->b, IR_I64, ppc_fpscr_get(l)), ir_const(l->b, IR_I64, FP_INT_HIGH));
		set_fpr(l, in->rd, ir_bitcast(l->b, IR_F64, v));
		return;
	}
	set_fpr(l, in->rd, ir_call(l->b, &ppc_mffs, IR_F64, IR_NONE, IR_NONE, IR_NONE));
	fp_record(l, in);
}

/* a: CR field, b: FPSCR field. */
static uint64_t mcrfs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	uint32_t fpscr = ppc_fpscr_read(s, true);
	unsigned shift = 28 - 4 * (unsigned)b;

	(void)c;
	set_field(s, (unsigned)a, fpscr >> shift & 15);
	s->fpscr = ppc_fpscr_summary(fpscr & ~((FPSCR_FX | FPSCR_ALL_X) & 15u << shift));
	follow(s);
	return 0;
}

const struct ir_helper ppc_mcrfs = { "ppc_mcrfs", mcrfs, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP };

/* mcrfs crfD,crfS:  CR field crfD <- FPSCR field crfS, whose exception bits are cleared. */
static void lift_mcrfs(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_call(l->b, &ppc_mcrfs, IR_VOID, imm32(l, in->crfd), imm32(l, in->crfs), IR_NONE);
}

enum { RECORD = 1, IMPLIES_FX = 2 };	/* beside the pc */

enum { DEFERRED = FPSCR_FX | FPSCR_ALL_X | OF_OP };

/* Whether a write of v under mask needs nothing of what is deferred and leaves it so. */
static bool leaves_deferred(const struct ppc_state *s, uint32_t mask, uint32_t v)
{
	return !(mask & DEFERRED) && !(((s->fpscr & ~mask) | v) & FPSCR_ALL_E);
}

static void write_fpscr(struct ppc_state *s, uint32_t mask, uint32_t v, uint32_t c)
{
	uint32_t old = s->fpscr;

	if ((mask & DEFERRED) == DEFERRED)
		forget(s);	/* it is not computed only to be overwritten */
	else
		old = ppc_fpscr_read(s, true);
	if (c & IMPLIES_FX && v & FPSCR_ALL_X & ~old)
		v |= FPSCR_FX;
	s->fpscr = ppc_fpscr_summary((old & ~mask) | v);
	follow(s);
	if (c & RECORD)
		ppc_fp_record(s, s->fpscr);
	ppc_fp_trap(s, c & ~3u);
}

/*
 * FPSCR bits a <- those of b. c: pc | RECORD | IMPLIES_FX (a bit that becomes 1 sets FX too).
 * Returns the mode, as ppc_fp_mode.
 */
static uint64_t mtfs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	uint32_t mask = (uint32_t)a & ~(uint32_t)RESERVED, v = (uint32_t)b & mask;

	if (!(c & RECORD) && leaves_deferred(s, mask, v))
		s->fpscr = ppc_fpscr_summary((s->fpscr & ~mask) | v);
	else
		write_fpscr(s, mask, v, (uint32_t)c);
	return ppc_fp_mode(s);
}

const struct ir_helper ppc_mtfs = {
	"ppc_mtfs", mtfs, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP | IR_HELPER_LEAVES
};

/* Whether a block that is not slow stays so and nothing deferred is concerned: then FPSCR is a number like others. */
static bool is_plain(const struct ppc_lift *l, const struct ppc_word *in, uint32_t mask, ir_val v)
{
	return !(l->mode & PPC_MODE_FP_SLOW) && !in->record && !(mask & DEFERRED) && ir_is_const(v) &&
	       !(ir_const_bits(l->b->u, v) & FPSCR_ALL_E);
}

static void write_plain(struct ppc_lift *l, uint32_t mask, ir_val v)
{
	ir_val old = ir_and(l->b, ir_get(l->b, PPC_FPSCR), imm32(l, ~mask));
	uint32_t rn = (ppc_fp_rn(l) & ~mask) | ((uint32_t)ir_const_bits(l->b->u, v) & mask & FPSCR_RN);

	ir_put(l->b, PPC_FPSCR, ir_or(l->b, old, ir_and(l->b, v, imm32(l, mask & ~(uint32_t)RESERVED))));
	if (rn != ppc_fp_rn(l))
		ppc_fp_end(l, rn << PPC_MODE_RN_SHIFT);
}

/*
 * Another mode needs other code. Where it is a constant that follows directly, and behind fields that were computed the
 * usual mode does: they are mostly saved ones that come back.
 */
static void move_to_fpscr(struct ppc_lift *l, const struct ppc_word *in, uint32_t mask, ir_val v, unsigned how)
{
	uint32_t c = l->pc | (in->record ? RECORD : 0) | how;
	uint32_t likely;
	ir_val mode;

	if (is_plain(l, in, mask, v)) {
		write_plain(l, mask, v);
		return;
	}
	if (mask == 0xffffffff && is_inline(l, in)) {
		ppc_fpscr_set(l, v);
		return;
	}
	mode = ir_call(l->b, &ppc_mtfs, IR_I32, imm32(l, mask), v, imm32(l, c));

	if (!(mask & (FPSCR_ALL_E | FPSCR_RN)))
		return;
	likely = mask & FPSCR_RN && !(l->mode & PPC_MODE_FP_SLOW) ? 0 : l->mode & PPC_MODE_FP;
	ir_trap_if(l->b, IR_TRAP_RESYNC, 0, ir_ne(l->b, mode, imm32(l, likely)), imm32(l, l->pc), imm32(l, l->next));
	ppc_fp_end(l, likely);
}

/* mtfsf[.] FM,frB:  FPSCR fields i with FM[i] = 1 <- those of frB[32-63]; FEX and VX follow from the rest. */
static void lift_mtfsf(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < 8; i++)
		mask |= in->word >> (17 + i) & 1 ? 15u << 4 * i : 0;
	ir_val bits = ir_bitcast(l->b, IR_I64, fpr(l, in->rb));
	move_to_fpscr(l, in, mask, ir_trunc(l->b, IR_I32, bits), 0);
}

/* mtfsfi[.] crfD,IMM:  FPSCR field crfD <- IMM */
static void lift_mtfsfi(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned shift = 28 - 4 * in->crfd;

	move_to_fpscr(l, in, 15u << shift, imm32(l, (in->word >> 12 & 15) << shift), 0);
}

/* mtfsb0[.] crbD, mtfsb1[.] crbD:  FPSCR[crbD] <- 0, 1; FEX and VX cannot be written. */
static void lift_mtfsb(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t bit = (FPSCR_FX >> in->rd) & ~(uint32_t)(FPSCR_FEX | FPSCR_VX);

	move_to_fpscr(l, in, bit, imm32(l, in->row->arg ? bit : 0), in->row->arg ? IMPLIES_FX : 0);
}

static const struct ppc_row rows[] = {
	{ "mffs", "111111 ddddd ----- ----- 1001000111 .", lift_mffs },
	{ "mcrfs", "111111 fff -- ggg -- ----- 0001000000 -", lift_mcrfs },
	{ "mtfsf", "111111 u wwwwwwww u bbbbb 1011000111 .", lift_mtfsf },
	{ "mtfsfi", "111111 fff -- ----u vvvv - 0010000110 .", lift_mtfsfi },
	{ "mtfsb0", "111111 zzzzz ----- ----- 0001000110 .", lift_mtfsb, .arg = 0 },
	{ "mtfsb1", "111111 zzzzz ----- ----- 0000100110 .", lift_mtfsb, .arg = 1 },
};

const struct ppc_rows ppc_rows_fp_status = PPC_ROWS(rows);
