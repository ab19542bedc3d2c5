/*
 * The table the engine gets for 32-bit ARM, user mode, little-endian: registers, system call
 * registers, and the lift of one instruction with its condition. Knows no back end.
 */
#include <stdio.h>
#include <string.h>

#include "dragoman/arm.h"
#include "frontend/arm/arm.h"
#include "frontend/arm/fp.h"
#include "frontend/arm/frontend.h"
#include "frontend/common/slots.h"

#define SLOT(NAME, text, T, member) SLOT_ROW(arm_state, text, T, member)
static const struct ir_slot slot_table[ARM_SLOTS] = {
#include "frontend/arm/state.def"
};

#define SLOT(NAME, text, T, member) SLOT_CHECK(arm_state, text, T, member)
#include "frontend/arm/state.def"

static const struct ir_slots slots = {
	.slot = slot_table,
	.n = ARM_SLOTS,
	.pc = ARM_PC,
	.state_size = sizeof(struct arm_state),
};

static const struct ir_helper *const helpers[] = {
#define HELPER(name) &arm_##name,
#include "frontend/arm/helpers.def"
	NULL,
};

#define R(n) { DGM_ARM_R(n), 32, DGM_REG_INT, ARM_R0 + (n), "r" #n }
#define D(n) { DGM_ARM_D(n), 64, DGM_REG_FLOAT, ARM_D0 + (n), "d" #n }
#define Q(n) { DGM_ARM_Q(n), 128, DGM_REG_VECTOR, -1, "q" #n }
#define TO14(M) M(0), M(1), M(2), M(3), M(4), M(5), M(6), M(7), M(8), M(9), M(10), M(11), M(12), M(13), M(14)
static const struct frontend_reg regs[] = {
	TO14(R),
	{ DGM_ARM_PC, 32, DGM_REG_CONTROL, -1, "pc" },
	TO14(D), D(15), D(16), D(17), D(18), D(19), D(20), D(21), D(22), D(23), D(24), D(25), D(26), D(27), D(28),
	D(29), D(30), D(31),
	TO14(Q), Q(15),
	{ DGM_ARM_CPSR, 32, DGM_REG_CONTROL, -1, "cpsr" },
	{ DGM_ARM_N, 1, DGM_REG_CONTROL, ARM_N, "n" },
	{ DGM_ARM_Z, 1, DGM_REG_CONTROL, ARM_Z, "z" },
	{ DGM_ARM_C, 1, DGM_REG_CONTROL, ARM_C, "c" },
	{ DGM_ARM_V, 1, DGM_REG_CONTROL, ARM_V, "v" },
	{ DGM_ARM_QFLAG, 1, DGM_REG_CONTROL, ARM_Q, "q" },
	{ DGM_ARM_GE, 4, DGM_REG_CONTROL, -1, "ge" },
	{ DGM_ARM_T, 1, DGM_REG_CONTROL, -1, "t" },
	{ DGM_ARM_ITSTATE, 8, DGM_REG_CONTROL, ARM_ITSTATE, "itstate" },
	{ DGM_ARM_FPSCR, 32, DGM_REG_CONTROL, -1, "fpscr" },
	{ DGM_ARM_TPIDRURO, 32, DGM_REG_CONTROL, ARM_TPIDRURO, "tpidruro" },
	{ DGM_ARM_TPIDRURW, 32, DGM_REG_CONTROL, ARM_TPIDRURW, "tpidrurw" },
	{ DGM_ARM_EXCLUSIVE, 8, DGM_REG_CONTROL, -1, "exclusive" },
	{ DGM_ARM_MISALIGNED, 8, DGM_REG_CONTROL, -1, "misaligned" },
	{ DGM_ARM_SYSTEM, 8, DGM_REG_CONTROL, -1, "system" },
	{ DGM_ARM_HWCAP, 32, DGM_REG_CONTROL, -1, "hwcap" },
	{ DGM_ARM_HWCAP2, 32, DGM_REG_CONTROL, -1, "hwcap2" },
};
#undef R
#undef D
#undef Q
#undef TO14

/* One model: all of ARMv7-A with VFPv4 and NEON, and what ARMv8 adds in AArch32. */
static enum dgm_status check_model(const char *model)
{
	return !model || !strcmp(model, "generic") ? DGM_OK : DGM_E_ARCH;
}

static enum dgm_status open_decoder(const struct base_alloc *alloc, const char *model, void **decoder)
{
	struct arm_decoder *d;
	enum dgm_status status = check_model(model);

	if (!status)
		status = arm_decoder_open(alloc, &d);
	if (!status)
		*decoder = d;
	return status;
}

static void close_decoder(void *decoder)
{
	arm_decoder_close(decoder);
}

static uint32_t halfword(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

/* The instruction's word and its bytes; 0 when there are too few. */
static unsigned fetch(const struct lift_request *rq, uint32_t *word)
{
	if (rq->avail < 2)
		return 0;
	*word = halfword(rq->bytes);
	if (rq->pc & 1 && !arm_is_wide(*word))
		return 2;
	if (rq->avail < 4)
		return 0;
	uint32_t second = halfword(rq->bytes + 2);
	*word = rq->pc & 1 ? *word << 16 | second : second << 16 | *word;
	return 4;
}

static bool register_is_pc(const struct arm_word *in, char letter)
{
	switch (letter) {
	case 'd': return in->rd == 15;
	case 'n': return in->rn == 15;
	case 'm': return in->rm == 15;
	case 's': return in->rs == 15;
	case 'a': return in->ra == 15;
	case 't': return in->rt == 15;
	default: return in->rt2 == 15;
	}
}

static bool is_allowed(const struct arm_lift *l, const struct arm_word *in)
{
	unsigned flags = in->row->flags;

	if (l->it && (flags & ARM_NOT_IT || (flags & ARM_LAST_IT && l->it & 7)))
		return false;
	for (const char *p = in->row->nopc; p && *p; p++)
		if (register_is_pc(in, *p))
			return false;
	return true;
}

/* Whether a condition that does not hold makes a branch over the instruction. */
static bool is_skipped(const struct arm_lift *l, const struct arm_word *in, bool solo)
{
	unsigned flags = in->row->flags;
	bool through_run_loop = solo || l->next_it;

	if (!is_allowed(l, in))
		return true;
	if (flags & ARM_ACCESS)
		return arm_begins_group(l) || (flags & ARM_SKIP && !through_run_loop);
	return flags & ARM_SKIP;
}

/* The lift of the row, under its condition. */
static void lift_conditional(struct arm_lift *l, const struct arm_word *in)
{
	unsigned cond = in->row->flags & ARM_UNCOND ? ARM_ALWAYS : in->cond;

	l->compare->always |= l->it && cond == ARM_ALWAYS;
	l->predicated = cond < ARM_ALWAYS && !(l->it && l->compare->holds);
	if (l->predicated)
		l->holds = arm_condition(l, cond);
	bool skip = l->predicated && is_skipped(l, in, l->solo);
	if (skip)
		arm_skip_rest(l);
	if (is_allowed(l, in))
		in->row->lift(l, in);
	else
		arm_illegal(l);
	l->last = (skip || (l->predicated && is_skipped(l, in, false)) || l->compare->in_group) && !l->next_it;
	if (l->last && !l->ended && !l->solo)
		arm_go(l, l->next, l->thumb, false);
}

/* Whether an IT block begins here that would be torn apart: behind what is in the block there is no room for it. */
static bool is_torn_it(const struct lift_request *rq, const struct ir_builder *b, uint32_t word)
{
	unsigned covered = 4 - (unsigned)__builtin_ctz(word | 16);

	return rq->pc & 1 && (word & 0xffffff00) == 0xbf00 && word & 15 && b->u->n_insns && rq->whole &&
	       rq->whole <= covered;
}

/* The address behind an IT block, if what is left of it is there and will be in this block; else 0. */
static unsigned behind_it(const struct lift_request *rq, unsigned it)
{
	unsigned at = 0, n = 0;

	for (bool more = true; more; it = it << 1 & 0x1f) {
		more = it & 7;
		if (at + 2 > rq->avail || n++ == rq->room)
			return 0;
		at += arm_is_wide(halfword(rq->bytes + at)) ? 4 : 2;
	}
	return at <= rq->avail ? ((uint32_t)rq->pc & ~1u) + at : 0;
}

/* Of no row. cond: of A32, or ITSTATE's, which is 0 outside IT blocks. */
static void lift_undefined(struct arm_lift *l, unsigned cond)
{
	l->predicated = cond < ARM_ALWAYS && (!l->thumb || l->it);
	if (l->predicated)
		l->holds = arm_condition(l, cond);
	arm_illegal(l);
}

/*
 * MRRC of the counter. Time is counted in instructions, and of those a block is charged for as a whole: to be
 * exact such an instruction is a block of its own. (Not in an IT block, which is not torn apart.)
 */
static bool reads_time(uint32_t word, uint8_t it)
{
	return !it && (word & 0x0ff00fff) == 0x0c500f1e && word >> 28 != 15;
}

static enum lift_result lift(void *decoder, struct ir_builder *b, struct lift_request *rq);

/*
 * Whether nothing before the last instruction of the IT block ends the block of code: a system call, what is illegal. Else
 * the rest would not be in it, and who leaves it out would not be charged for it. Only the lifts know: they are done aside.
 * Nor may one, BKPT (DDI 0406 A8.8.24), be executed all the same.
 */
static bool is_entire(void *decoder, struct ir_builder *b, const struct lift_request *rq)
{
	struct arm_compare *compare = arm_decoder_compare(decoder), was = *compare;
	struct ir_unit *u = ir_unit_new(b->arena, b->u->slots, rq->pc);
	struct lift_request one = *rq;
	enum lift_result r = LIFT_NEXT;
	struct ir_builder aside;

	if (!u)
		return false;
	ir_builder_init(&aside, b->arena, u);
	u->n_insns = 1;		/* not the block's first */
	*compare = (struct arm_compare){ .aside = true };
	while (r == LIFT_NEXT && one.mode >> ARM_MODE_IT_SHIFT & 15) {
		r = lift(decoder, &aside, &one);
		one.pc += one.len;
		one.bytes += one.len;
		one.avail -= one.len;
	}
	bool always = compare->always;
	*compare = was;
	return !aside.failed && !always && r != LIFT_SHORT && !(one.mode >> ARM_MODE_IT_SHIFT & 15);
}

static enum lift_result lift(void *decoder, struct ir_builder *b, struct lift_request *rq)
{
	struct arm_compare *compare = arm_decoder_compare(decoder);
	uint8_t it = (uint8_t)(rq->mode >> ARM_MODE_IT_SHIFT);
	struct arm_word in;
	uint32_t word;

	rq->len = fetch(rq, &word);
	if (!rq->len || is_torn_it(rq, b, word))
		return LIFT_SHORT;
	bool time = reads_time(word, it);
	if (time && b->u->n_insns)
		return LIFT_SHORT;
	struct arm_lift l = {
		.b = b, .pc = (uint32_t)rq->pc & ~1u, .next = ((uint32_t)rq->pc & ~1u) + rq->len, .thumb = rq->pc & 1,
		.mode = rq->mode, .it = it, .next_it = arm_it_behind(it), .compare = compare,
		.solo = it && !b->u->n_insns,
	};
	if (!b->u->n_insns)
		*compare = (struct arm_compare){ 0 };
	if (it && !compare->aside)
		l.behind_it = behind_it(rq, it);
	if (arm_begins_group(&l) && !compare->in_group && !is_entire(decoder, b, rq))
		l.behind_it = 0;
	ir_insn(b, rq->pc, rq->len);
	if (!l.thumb && rq->pc & 2)
		arm_trap(&l, IR_TRAP_ALIGN, 0);
	else if (!arm_decode(decoder, word, l.thumb, it, &in))
		lift_undefined(&l, l.thumb ? it >> 4 : word >> 28);
	else
		lift_conditional(&l, &in);
	if (!l.ended && time)
		arm_go(&l, l.next, l.thumb, false);
	if (!l.ended && l.solo) {
		ir_put(b, ARM_ITSTATE, ir_const(b, IR_I8, l.next_it));
		ir_trap(b, IR_TRAP_RESYNC, l.last ? 0 : IR_RESYNC_INSIDE, ir_const(b, IR_I32, rq->pc), ir_const(b, IR_I32, l.next | l.thumb));
		l.ended = true;
	}
	if (!l.ended && l.it != l.next_it)
		ir_put(b, ARM_ITSTATE, ir_const(b, IR_I8, l.next_it));
	rq->mode = (rq->mode & 0xff) | (uint32_t)l.next_it << ARM_MODE_IT_SHIFT;
	return l.ended ? LIFT_END : LIFT_NEXT;
}

static void disassemble(void *decoder, const struct lift_request *rq, char *buf, size_t n)
{
	uint32_t word;

	if (!fetch(rq, &word))
		snprintf(buf, n, "?");
	else
		arm_disassemble(decoder, word, rq->pc & 1, rq->mode >> ARM_MODE_IT_SHIFT & 0xff, (uint32_t)rq->pc & ~1u,
				buf, n);
}

/* Zero is the state a new process starts in. */
static void reset(void *state, const char *model)
{
	(void)state;
	(void)model;
}

static bool state_ok(const void *state)
{
	return ((const struct arm_state *)state)->ex_size <= 3;
}

static uint32_t mode(const void *state)
{
	const struct arm_state *s = state;

	return (uint32_t)s->itstate << ARM_MODE_IT_SHIFT | (s->misaligned ? ARM_MODE_MISALIGNED : 0) |
	       (s->system ? ARM_MODE_SYSTEM : 0) | arm_fp_mode(s);
}

static void stepped_over(void *state)
{
	struct arm_state *s = state;

	s->itstate = arm_it_behind(s->itstate);
}

uint32_t arm_get_cpsr(const struct arm_state *s)
{
	uint32_t flags = (uint32_t)s->n << 31 | (uint32_t)s->z << 30 | (uint32_t)s->c << 29 | (uint32_t)s->v << 28 |
			 (uint32_t)s->q << 27;

	return flags | (s->itstate & 3u) << 25 | arm_ge_bits(s->ge) << 16 | (s->itstate >> 2 & 0x3fu) << 10 | (s->pc & 1) << 5 | 0x10;
}

void arm_set_cpsr(struct arm_state *s, uint32_t cpsr)
{
	s->n = cpsr >> 31;
	s->z = cpsr >> 30 & 1;
	s->c = cpsr >> 29 & 1;
	s->v = cpsr >> 28 & 1;
	s->q = cpsr >> 27 & 1;
	s->ge = arm_ge_bytes(cpsr >> 16);
	s->pc = (s->pc & ~1u) | (cpsr >> 5 & 1);
	s->itstate = s->pc & 1 ? (uint8_t)((cpsr >> 10 & 0x3f) << 2 | (cpsr >> 25 & 3)) : 0;
}

static void read_reg(void *state, uint32_t id, void *buf)
{
	struct arm_state *s = state;
	uint32_t v = 0;

	if (id >= DGM_ARM_Q0 && id <= DGM_ARM_Q15) {
		memcpy(buf, &s->d[2 * (id - DGM_ARM_Q0)], 16);
		return;
	}
	switch (id) {
	case DGM_ARM_PC: v = s->pc & ~1u; break;
	case DGM_ARM_CPSR: v = arm_get_cpsr(s); break;
	case DGM_ARM_FPSCR: v = arm_fpscr_read(s); break;
	case DGM_ARM_HWCAP: v = arm_hwcap(0); break;
	case DGM_ARM_HWCAP2: v = arm_hwcap(1); break;
	default:
		*(uint8_t *)buf = id == DGM_ARM_GE ? (uint8_t)(arm_get_cpsr(s) >> 16 & 15) :
				  id == DGM_ARM_T ? (uint8_t)(s->pc & 1) :
				  id == DGM_ARM_MISALIGNED ? s->misaligned :
				  id == DGM_ARM_SYSTEM ? s->system : s->ex_valid;
		return;
	}
	memcpy(buf, &v, sizeof v);
}

static void write_reg(void *state, uint32_t id, const void *buf)
{
	struct arm_state *s = state;
	uint8_t byte = *(const uint8_t *)buf;
	uint32_t v = 0;

	if (id >= DGM_ARM_Q0 && id <= DGM_ARM_Q15) {
		memcpy(&s->d[2 * (id - DGM_ARM_Q0)], buf, 16);
		return;
	}
	switch (id) {
	case DGM_ARM_EXCLUSIVE: s->ex_valid &= byte != 0; return;
	case DGM_ARM_MISALIGNED: s->misaligned = byte != 0; return;
	case DGM_ARM_SYSTEM: s->system = byte != 0; return;
	case DGM_ARM_T: s->pc = (s->pc & ~1u) | (byte & 1); return;
	case DGM_ARM_GE:
		s->ge = arm_ge_bytes(byte);
		return;
	default: break;
	}
	memcpy(&v, buf, sizeof v);
	switch (id) {
	case DGM_ARM_PC: s->pc = (s->pc & 1) | (v & ~1u); break;
	case DGM_ARM_CPSR: arm_set_cpsr(s, v); break;
	case DGM_ARM_FPSCR: arm_fpscr_write(s, v); break;
	default: break;
	}
}

/* Linux EABI: number in r7, arguments in r0 to r5; the seventh of a few calls is r6. */
static bool syscall_get(const void *state, uint32_t abi, struct dgm_syscall *call)
{
	const struct arm_state *s = state;

	if (abi != DGM_ABI_LINUX)
		return false;
	call->nr = s->r[7];
	for (unsigned i = 0; i < 6; i++)
		call->a[i] = s->r[i];
	return true;
}

static void syscall_set(void *state, uint32_t abi, int64_t ret)
{
	struct arm_state *s = state;

	if (abi == DGM_ABI_LINUX)
		s->r[0] = (uint32_t)ret;
}

const struct frontend frontend_arm = {
	.name = "arm",
	.arch = DGM_ARCH_ARM,
	.slots = &slots,
	.reg = regs,
	.n_reg = sizeof regs / sizeof *regs,
	.helpers = helpers,
	.big_endian = false,
	.pc_reg = DGM_ARM_PC,
	.addr_bits = 32,
	.insn_shift = 1,
	.max_insn = 4,
	.pc_mode = 1,
	.check_model = check_model,
	.open = open_decoder,
	.close = close_decoder,
	.lift = lift,
	.disassemble = disassemble,
	.reset = reset,
	.mode = mode,
	.state_ok = state_ok,
	.stepped_over = stepped_over,
	.read_reg = read_reg,
	.write_reg = write_reg,
	.syscall_get = syscall_get,
	.syscall_set = syscall_set,
	.call = { .arg = DGM_ARM_R0, .n_arg = 4, .ret = DGM_ARM_R0, .sp = DGM_ARM_SP, .link = DGM_ARM_LR,
		  .clear = DGM_ARM_ITSTATE, .word = 4, .align = 8 },
	.sysreg_get = arm_sysreg_get,
	.sysreg_done = arm_sysreg_done,
};
