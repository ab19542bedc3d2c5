/* Branches, system call and traps (UISA 4.2.4). All branch words are read here, none by Capstone. */
#include "frontend/ppc/ppc.h"

/* BO: what a conditional branch asks. */
enum { BO_ANY_CR = 16, BO_CR_TRUE = 8, BO_KEEP_CTR = 4, BO_CTR_ZERO = 2 };

/* Goes to a constant address; one that is the next instruction goes on in the block, if it may, and is no call. */
static void go(struct ppc_lift *l, uint32_t target, bool lk)
{
	if (lk)
		ir_put(l->b, PPC_LR, imm32(l, l->next));
	if (target == l->next && !l->alone)
		return;
	lk &= target != l->next;
	ir_exit(l->b, lk ? IR_EXIT_CALL : IR_EXIT_JUMP, imm32(l, target), lk ? l->next : 0);
	l->ended = true;
}

/* Counts CTR down if BO says so. The condition of the branch, or none when it always branches. */
static ir_val condition(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val ok = IR_NONE;

	if (!(in->rd & BO_KEEP_CTR)) {
		ir_val ctr = ir_sub(l->b, flag(l, PPC_CTR), imm32(l, 1));
		ir_put(l->b, PPC_CTR, ctr);
		ok = in->rd & BO_CTR_ZERO ? ir_eq(l->b, ctr, imm32(l, 0)) : ir_ne(l->b, ctr, imm32(l, 0));
	}
	if (in->rd & BO_ANY_CR)
		return ok;
	ir_val bit = crb(l, in->ra);
	if (!(in->rd & BO_CR_TRUE))
		bit = ir_not(l->b, bit);
	return ir_is_none(ok) ? bit : ir_and(l->b, ok, bit);
}

/* b[l][a]:  NIA <- EXTS(LI || 0b00) (+ CIA); l: LR <- CIA + 4. */
static void lift_b(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t li = ((in->word & 0x03fffffc) ^ 0x02000000) - 0x02000000;

	go(l, in->aa ? li : l->pc + li, in->lk);
}

/* bc[l][a] BO,BI:  if the condition holds, NIA <- EXTS(BD || 0b00) (+ CIA); l: LR <- CIA + 4. */
static void lift_bc(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t bd = (uint32_t)in->simm & ~3u;
	uint32_t target = in->aa ? bd : l->pc + bd;
	ir_val taken = condition(l, in);

	if (ir_is_none(taken)) {
		go(l, target, in->lk);
		return;
	}
	if (in->lk) {
		ir_put(l->b, PPC_LR, imm32(l, l->next));
		ir_exit_if(l->b, IR_EXIT_JUMP, ir_not(l->b, taken), imm32(l, l->next));
		ir_exit(l->b, IR_EXIT_CALL, imm32(l, target), l->next);
	} else {
		ir_exit_if(l->b, IR_EXIT_JUMP, taken, imm32(l, target));
		ir_exit(l->b, IR_EXIT_JUMP, imm32(l, l->next), 0);
	}
	l->ended = true;
}

/* To an address in a register, if the condition holds; LR is written after it was read. */
static void go_indirect(struct ppc_lift *l, const struct ppc_word *in, unsigned slot, enum ir_exit_kind kind)
{
	ir_val taken = condition(l, in);
	ir_val target = ir_and(l->b, flag(l, slot), imm32(l, ~3u));

	if (in->lk)
		ir_put(l->b, PPC_LR, imm32(l, l->next));
	if (!ir_is_none(taken))
		ir_exit_if(l->b, IR_EXIT_JUMP, ir_not(l->b, taken), imm32(l, l->next));
	ir_exit_ind(l->b, in->lk ? IR_EXIT_CALL : kind, target, in->lk ? l->next : 0);
	l->ended = true;
}

/* bclr[l] BO,BI:  if the condition holds, NIA <- LR & ~3. BH = 0 says: a return. */
static void lift_bclr(struct ppc_lift *l, const struct ppc_word *in)
{
	go_indirect(l, in, PPC_LR, in->rb & 3 ? IR_EXIT_JUMP : IR_EXIT_RETURN);
}

/* bcctr[l] BO,BI:  if the condition holds, NIA <- CTR & ~3. */
static void lift_bcctr(struct ppc_lift *l, const struct ppc_word *in)
{
	go_indirect(l, in, PPC_CTR, IR_EXIT_JUMP);
}

/* sc:  system call. */
static void lift_sc(struct ppc_lift *l, const struct ppc_word *in)
{
	(void)in;
	lift_trap(l, IR_TRAP_SYSCALL, 0);
}

/* Supervisor instructions. */
static void lift_privileged(struct ppc_lift *l, const struct ppc_word *in)
{
	(void)in;
	lift_trap(l, IR_TRAP_PRIVILEGED, 0);
}

/* TO: a <s b, a >s b, a = b, a <u b, a >u b. */
static ir_val trap_condition(struct ppc_lift *l, unsigned to, ir_val a, ir_val b)
{
	ir_val c = imm1(l, false);

	if (to & 16)
		c = ir_or(l->b, c, ir_slt(l->b, a, b));
	if (to & 8)
		c = ir_or(l->b, c, ir_slt(l->b, b, a));
	if (to & 4)
		c = ir_or(l->b, c, ir_eq(l->b, a, b));
	if (to & 2)
		c = ir_or(l->b, c, ir_ult(l->b, a, b));
	if (to & 1)
		c = ir_or(l->b, c, ir_ult(l->b, b, a));
	return c;
}

/* The code of the trap is TO. */
static void trap_on(struct ppc_lift *l, unsigned to, ir_val a, ir_val b)
{
	if (to == 31)
		lift_trap(l, IR_TRAP_BREAK, 31);
	else if (to)
		ir_trap_if(l->b, IR_TRAP_BREAK, (int32_t)to, trap_condition(l, to, a, b), imm32(l, l->pc),
			   imm32(l, l->next));
}

/* tw TO,rA,rB:  trap if a comparison TO names holds. */
static void lift_tw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);

	trap_on(l, in->rd, a, gpr(l, in->rb));
}

/* twi TO,rA,SIMM. */
static void lift_twi(struct ppc_lift *l, const struct ppc_word *in)
{
	trap_on(l, in->rd, gpr(l, in->ra), imm32(l, (uint32_t)in->simm));
}

static const struct ppc_row rows[] = {
	{ "b", "010010 iiiiiiiiiiiiiiiiiiiiiiii k l", lift_b, .flags = PPC_PRE },
	{ "bc", "010000 ooooo qqqqq iiiiiiiiiiiiii k l", lift_bc, .flags = PPC_PRE },
	{ "bclr", "010011 ooooo qqqqq --- uu 0000010000 l", lift_bclr, .flags = PPC_PRE },
	{ "bcctr", "010011 oo1oo qqqqq --- uu 1000010000 l", lift_bcctr, .flags = PPC_PRE },
	{ "sc", "010001 ----- ----- ---- ------- --- 1 -", lift_sc },
	{ "tw", "011111 ttttt aaaaa bbbbb 0000000100 -", lift_tw },
	{ "twi", "000011 ttttt aaaaa iiiiiiiiiiiiiiii", lift_twi },
	{ "rfi", "010011 ----- ----- ----- 0000110010 -", lift_privileged },
	{ "mfmsr", "011111 ddddd ----- ----- 0001010011 -", lift_privileged },
	{ "mtmsr", "011111 ddddd ----- ----- 0010010010 -", lift_privileged },
	{ "mfsr", "011111 ddddd - ssss ----- 1001010011 -", lift_privileged },
	{ "mfsrin", "011111 ddddd ----- bbbbb 1010010011 -", lift_privileged },
	{ "mtsr", "011111 ddddd - ssss ----- 0011010010 -", lift_privileged },
	{ "mtsrin", "011111 ddddd ----- bbbbb 0011110010 -", lift_privileged },
	{ "tlbie", "011111 ----- ----- bbbbb 0100110010 -", lift_privileged },
	{ "tlbsync", "011111 ----- ----- ----- 1000110110 -", lift_privileged },
	{ "tlbia", "011111 ----- ----- ----- 0101110010 -", lift_privileged },
	{ "tlbld", "011111 ----- ----- bbbbb 1111010010 -", lift_privileged, .flags = PPC_PRE, .lacks = PPC_750 },
	{ "tlbli", "011111 ----- ----- bbbbb 1111110010 -", lift_privileged, .lacks = PPC_750 },
	{ "dcbi", "011111 ----- aaaaa bbbbb 0111010110 -", lift_privileged },
};
const struct ppc_rows ppc_rows_branch = PPC_ROWS(rows);
