/* Branches (ARM F2.4.10, F2.3): the condition decides which way the block ends. */
#include "frontend/arm/arm.h"

static uint32_t sign_extend(uint32_t v, unsigned bits)
{
	uint32_t top = 1u << (bits - 1);

	return (v ^ top) - top;
}

/* To a constant address under the instruction's condition. */
static void branch(struct arm_lift *l, uint32_t target)
{
	if (l->predicated && (l->solo || l->next_it)) {
		arm_skip_unless(l, l->holds);
	} else if (l->predicated) {
		ir_val taken = l->holds;

		if (l->it)
			ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, 0));
		ir_exit_if(l->b, IR_EXIT_JUMP, taken, imm32(l, target | l->thumb));
		arm_go(l, l->next, l->thumb, false);
		return;
	}
	arm_go(l, target, l->thumb, false);
}

/* B<c> label; the row's scale is the offset's. */
static void lift_b(struct arm_lift *l, const struct arm_word *in)
{
	branch(l, pc_value(l) + (sign_extend(in->imm, in->row->arg) << in->row->scale));
}

/*
 * The offset of T32's long branches, S:I1:I2:imm10:imm11, gathered as
 * S:imm10:J1:J2:imm11; In = Jn xnor S.
 */
static uint32_t long_offset(uint32_t imm)
{
	uint32_t s = imm >> 23 & 1, i1 = (imm >> 12 & 1) == s, i2 = (imm >> 11 & 1) == s;

	return sign_extend(s << 24 | i1 << 23 | i2 << 22 | (imm >> 13 & 0x3ff) << 12 | (imm & 0x7ff) << 1, 25);
}

/* B<c>.W label:  S:J2:J1:imm6:imm11, gathered as S:imm6:J1:J2:imm11. Conditions 14 and 15 are other encodings. */
static void lift_b_medium(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t i = in->imm, offset = (i >> 19) << 20 | (i >> 11 & 1) << 19 | (i >> 12 & 1) << 18 |
				       (i >> 13 & 0x3f) << 12 | (i & 0x7ff) << 1;

	if (l->predicated)
		branch(l, pc_value(l) + sign_extend(offset, 21));
	else
		arm_illegal(l);
}

/* B.W label, 24 bits and sign. */
static void lift_b_long(struct arm_lift *l, const struct arm_word *in)
{
	branch(l, pc_value(l) + long_offset(in->imm));
}

static void set_lr(struct arm_lift *l)
{
	ir_put(l->b, ARM_R0 + ARM_LR, imm32(l, l->next | l->thumb));
}

static void call(struct arm_lift *l, uint32_t target, uint32_t thumb)
{
	set_lr(l);
	arm_go(l, target, thumb, true);
}

/* BL label:  LR <- next, T bit in 0; arg: bits of the offset. */
static void lift_bl(struct arm_lift *l, const struct arm_word *in)
{
	call(l, pc_value(l) + (sign_extend(in->imm, 24) << 2), 0);
}

static void lift_bl_t32(struct arm_lift *l, const struct arm_word *in)
{
	call(l, pc_value(l) + long_offset(in->imm), 1);
}

/* BLX label of A32: to T32; H is bit 1 of the offset. */
static void lift_blx(struct arm_lift *l, const struct arm_word *in)
{
	call(l, pc_value(l) + (sign_extend(in->imm, 24) << 2) + (in->L << 1), 1);
}

/* BLX label of T32: to A32. */
static void lift_blx_t32(struct arm_lift *l, const struct arm_word *in)
{
	call(l, (pc_value(l) & ~3u) + long_offset(in->imm << 1), 0);
}

/* BX Rm, BXJ Rm:  to Rm, in the instruction set bit 0 says. */
static void lift_bx(struct arm_lift *l, const struct arm_word *in)
{
	arm_go_to(l, reg(l, in->rm), in->rm == ARM_LR ? IR_EXIT_RETURN : IR_EXIT_JUMP);
}

/* BLX Rm. */
static void lift_blx_reg(struct arm_lift *l, const struct arm_word *in)
{
	ir_val target = reg(l, in->rm);

	set_lr(l);
	arm_go_to(l, target, IR_EXIT_CALL);
}

/* CBZ CBNZ Rn, label:  branch if Rn is, arg = 1: is not, 0. */
static void lift_cbz(struct arm_lift *l, const struct arm_word *in)
{
	ir_val n = reg(l, in->rn), zero = imm32(l, 0);

	l->predicated = true;
	l->holds = in->row->arg ? ir_ne(l->b, n, zero) : ir_eq(l->b, n, zero);
	branch(l, pc_value(l) + (in->imm << 1));
}

/* TBB TBH [Rn, Rm]:  forward by twice the byte or halfword of a table. */
static void lift_table_branch(struct arm_lift *l, const struct arm_word *in)
{
	ir_val index = reg(l, in->rm), at;

	if (in->F)
		index = ir_shl(l->b, index, imm32(l, 1));
	at = ir_add(l->b, reg(l, in->rn), index);
	ir_val n = ir_load(l->b, in->F ? IR_MEM_16 : IR_MEM_8, IR_I32, at, 0);
	ir_val offset = ir_shl(l->b, n, imm32(l, 1));
	arm_go_to(l, ir_add(l->b, offset, imm32(l, pc_value(l) | 1)), IR_EXIT_JUMP);
}

/* SVC #imm:  system call; Linux EABI ignores the number. */
static void lift_svc(struct arm_lift *l, const struct arm_word *in)
{
	arm_trap(l, IR_TRAP_SYSCALL, (int32_t)in->imm);
}

/* BKPT #imm. */
static void lift_bkpt(struct arm_lift *l, const struct arm_word *in)
{
	arm_trap(l, IR_TRAP_BREAK, (int32_t)in->imm);
}

/* UDF #imm, and what only privileged code or a debugger has. */
static void lift_udf(struct arm_lift *l, const struct arm_word *in)
{
	(void)in;
	arm_illegal(l);
}

static const struct arm_row a32[] = {
	{ "blx", "1111 101 L iiiiiiiiiiiiiiiiiiiiiiii", lift_blx },
	{ "b", "cccc 1010 iiiiiiiiiiiiiiiiiiiiiiii", lift_b, .arg = 24, .scale = 2, .flags = ARM_OWN },
	{ "bl", "cccc 1011 iiiiiiiiiiiiiiiiiiiiiiii", lift_bl, .flags = ARM_SKIP },
	{ "bx", "cccc 00010010 ---- ---- ---- 0001 mmmm", lift_bx, .flags = ARM_SKIP },
	{ "bxj", "cccc 00010010 ---- ---- ---- 0010 mmmm", lift_bx, .flags = ARM_SKIP, .nopc = "m" },
	{ "blx", "cccc 00010010 ---- ---- ---- 0011 mmmm", lift_blx_reg, .flags = ARM_SKIP, .nopc = "m" },
	{ "bkpt", "cccc 00010010 iiiiiiiiiiii 0111 iiii", lift_bkpt, .flags = ARM_UNCOND },
	{ "udf", "1110 01111111 iiiiiiiiiiii 1111 iiii", lift_udf },
	{ "svc", "cccc 1111 iiiiiiiiiiiiiiiiiiiiiiii", lift_svc, .flags = ARM_SKIP },
};

static const struct arm_row t16[] = {
	{ "svc", "1101 1111 iiiiiiii", lift_svc, .flags = ARM_SKIP },
	{ "udf", "1101 1110 iiiiiiii", lift_udf, .flags = ARM_SKIP },
	{ "bkpt", "1011 1110 iiiiiiii", lift_bkpt, .flags = ARM_UNCOND },
	{ "b", "1101 cccc iiiiiiii", lift_b, .arg = 8, .scale = 1, .flags = ARM_OWN | ARM_NOT_IT },
	{ "b", "11100 iiiiiiiiiii", lift_b, .arg = 11, .scale = 1, .flags = ARM_OWN | ARM_LAST_IT },
	{ "bx", "010001 110 mmmm ---", lift_bx, .flags = ARM_SKIP | ARM_LAST_IT },
	{ "blx", "010001 111 mmmm ---", lift_blx_reg, .flags = ARM_SKIP | ARM_LAST_IT, .nopc = "m" },
	{ "cbz", "1011 0 0 i 1 iiiii nnn", lift_cbz, .flags = ARM_OWN | ARM_NOT_IT },
	{ "cbnz", "1011 1 0 i 1 iiiii nnn", lift_cbz, .arg = 1, .flags = ARM_OWN | ARM_NOT_IT },
};

static const struct arm_row t32[] = {
	{ "bl", "11110 i iiiiiiiiii 11 i 1 i iiiiiiiiiii", lift_bl_t32, .flags = ARM_SKIP | ARM_LAST_IT },
	{ "blx", "11110 i iiiiiiiiii 11 i 0 i iiiiiiiiii 0", lift_blx_t32, .flags = ARM_SKIP | ARM_LAST_IT },
	{ "b", "11110 i iiiiiiiiii 10 i 1 i iiiiiiiiiii", lift_b_long, .flags = ARM_OWN | ARM_LAST_IT },
	{ "bxj", "11110 0111100 mmmm 10-0 ---- -------- ", lift_bx, .flags = ARM_SKIP | ARM_LAST_IT, .nopc = "m" },
	{ "udf", "11110 - 111 --- ---- 10-0 ---- --------", lift_udf, .flags = ARM_SKIP | ARM_SILENT },
	{ "b", "11110 i cccc iiiiii 10 i 0 i iiiiiiiiiii", lift_b_medium, .flags = ARM_OWN | ARM_NOT_IT },
	{ "tbb", "11101000 1101 nnnn ---- ---- 000F mmmm", lift_table_branch, .flags = ARM_SKIP | ARM_LAST_IT, .nopc = "m" },
};
const struct arm_rows arm_rows_branch = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
