/* Branches, exception generation (C6.2). */
#include "frontend/aarch64/a64.h"

ir_val a64_condition(struct a64_lift *l, unsigned cond)
{
	ir_val c;

	switch (cond >> 1) {
	case 0: c = flag(l, A64_Z); break;
	case 1: c = flag(l, A64_C); break;
	case 2: c = flag(l, A64_N); break;
	case 3: c = flag(l, A64_V); break;
	case 4: c = ir_and(l->b, flag(l, A64_C), ir_not(l->b, flag(l, A64_Z))); break;
	case 5: c = ir_eq(l->b, flag(l, A64_N), flag(l, A64_V)); break;
	case 6: c = ir_and(l->b, ir_eq(l->b, flag(l, A64_N), flag(l, A64_V)), ir_not(l->b, flag(l, A64_Z))); break;
	default: return imm1(l, true);
	}
	return cond & 1 ? ir_not(l->b, c) : c;
}

/* svc #imm16:  system call. */
static void lift_svc(struct a64_lift *l, const struct a64_word *in)
{
	lift_trap(l, IR_TRAP_SYSCALL, (int32_t)in->imm16);
}

static const struct a64_row rows[] = {
	{ "svc", "11010100 000 iiiiiiiiiiiiiiii 000 01", lift_svc },
};
const struct a64_rows a64_rows_branch = A64_ROWS(rows);
