/* Branches, and instructions that do nothing but raise an exception (C6.2). */
#include "frontend/aarch64/a64.h"

static ir_val and_not_z(struct a64_lift *l, ir_val c)
{
	return ir_and(l->b, c, ir_not(l->b, flag(l, A64_Z)));
}

static ir_val n_is_v(struct a64_lift *l)
{
	ir_val n = flag(l, A64_N);

	return ir_eq(l->b, n, flag(l, A64_V));
}

ir_val a64_condition(struct a64_lift *l, unsigned cond)
{
	ir_val c;

	switch (cond >> 1) {
	case 0: c = flag(l, A64_Z); break;
	case 1: c = flag(l, A64_C); break;
	case 2: c = flag(l, A64_N); break;
	case 3: c = flag(l, A64_V); break;
	case 4: c = and_not_z(l, flag(l, A64_C)); break;
	case 5: c = n_is_v(l); break;
	case 6: c = and_not_z(l, n_is_v(l)); break;
	default: return imm1(l, true);
	}
	return cond & 1 ? ir_not(l->b, c) : c;
}

/* Goes to a constant address if the condition holds, else on. */
static void branch_if(struct a64_lift *l, ir_val c, int64_t offset)
{
	ir_exit_if(l->b, IR_EXIT_JUMP, c, imm64(l, l->pc + (uint64_t)offset));
	ir_exit(l->b, IR_EXIT_JUMP, imm64(l, l->next), 0);
	l->ended = true;
}

static int64_t imm26(const struct a64_word *in)
{
	return (int64_t)((int32_t)(in->word << 6) >> 4);
}

/* b label. One to the next instruction goes on in the block, if it may. */
static void lift_b(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t target = l->pc + (uint64_t)imm26(in);

	if (target == l->next && !l->alone)
		return;
	ir_exit(l->b, IR_EXIT_JUMP, imm64(l, target), 0);
	l->ended = true;
}

/* bl label:  X30 <- address behind it. */
static void lift_bl(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t target = l->pc + (uint64_t)imm26(in);

	set_reg(l, 30, imm64(l, l->next));
	if (target == l->next && !l->alone)
		return;
	bool call = target != l->next;
	ir_exit(l->b, call ? IR_EXIT_CALL : IR_EXIT_JUMP, imm64(l, target), call ? l->next : 0);
	l->ended = true;
}

/* b.cond label. */
static void lift_b_cond(struct a64_lift *l, const struct a64_word *in)
{
	branch_if(l, a64_condition(l, in->word & 15), (int64_t)in->imm19 * 4);
}

/* cbz, cbnz Rt, label. */
static void lift_cbz(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rt), zero = imm(l, in->sf, 0);

	branch_if(l, in->row->arg ? ir_ne(l->b, x, zero) : ir_eq(l->b, x, zero), (int64_t)in->imm19 * 4);
}

/* tbz, tbnz Rt, #bit, label. */
static void lift_tbz(struct a64_lift *l, const struct a64_word *in)
{
	unsigned bit = (in->word >> 31) << 5 | (in->word >> 19 & 31);
	ir_val x = ir_and(l->b, xreg(l, in->Rt), imm64(l, 1ull << bit)), zero = imm64(l, 0);
	int64_t offset = (int32_t)(in->word << 13) >> 18;

	branch_if(l, in->row->arg ? ir_ne(l->b, x, zero) : ir_eq(l->b, x, zero), offset * 4);
}

/* br, blr, ret Xn;  blr: X30 <- address behind it, once Xn was read. */
static void lift_br(struct a64_lift *l, const struct a64_word *in)
{
	enum ir_exit_kind kind = (enum ir_exit_kind)in->row->arg;
	ir_val target = xreg(l, in->Rn);

	if (kind == IR_EXIT_CALL)
		set_reg(l, 30, imm64(l, l->next));
	ir_exit_ind(l->b, kind, target, kind == IR_EXIT_CALL ? l->next : 0);
	l->ended = true;
}

/* svc #imm16:  system call. */
static void lift_svc(struct a64_lift *l, const struct a64_word *in)
{
	lift_trap(l, IR_TRAP_SYSCALL, (int32_t)in->imm16);
}

/* brk #imm16:  breakpoint; the code of the trap is imm16. */
static void lift_brk(struct a64_lift *l, const struct a64_word *in)
{
	lift_trap(l, IR_TRAP_BREAK, (int32_t)in->imm16);
}

/* hlt, udf #imm16:  undefined (without a debugger that halts). */
static void lift_undefined(struct a64_lift *l, const struct a64_word *in)
{
	(void)in;
	lift_illegal(l);
}

static const struct a64_row rows[] = {
	{ "b", "000101 iiiiiiiiiiiiiiiiiiiiiiiiii", lift_b },
	{ "bl", "100101 iiiiiiiiiiiiiiiiiiiiiiiiii", lift_bl },
	{ "b.cond", "0101010 0 iiiiiiiiiiiiiiiiiii 0 cccc", lift_b_cond },
	{ "cbz", "f 011010 0 iiiiiiiiiiiiiiiiiii ttttt", lift_cbz },
	{ "cbnz", "f 011010 1 iiiiiiiiiiiiiiiiiii ttttt", lift_cbz, .arg = 1 },
	{ "tbz", "f 011011 0 bbbbb iiiiiiiiiiiiii ttttt", lift_tbz },
	{ "tbnz", "f 011011 1 bbbbb iiiiiiiiiiiiii ttttt", lift_tbz, .arg = 1 },
	{ "br", "1101011 0000 11111 000000 nnnnn 00000", lift_br, .arg = IR_EXIT_JUMP },
	{ "blr", "1101011 0001 11111 000000 nnnnn 00000", lift_br, .arg = IR_EXIT_CALL },
	{ "ret", "1101011 0010 11111 000000 nnnnn 00000", lift_br, .arg = IR_EXIT_RETURN },
	{ "svc", "11010100 000 iiiiiiiiiiiiiiii 000 01", lift_svc },
	{ "brk", "11010100 001 iiiiiiiiiiiiiiii 000 00", lift_brk },
	{ "hlt", "11010100 010 iiiiiiiiiiiiiiii 000 00", lift_undefined },
	{ "udf", "0000000000000000 iiiiiiiiiiiiiiii", lift_undefined, .flags = A64_PRE, .text = "%ii" },
};
const struct a64_rows a64_rows_branch = A64_ROWS(rows);
