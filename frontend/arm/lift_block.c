/* Loads and stores of several registers (ARM F2.4.14). */
#include "frontend/arm/arm.h"

/* Where the lowest register goes, relative to Rn; the registers stand in order from there. */
static int32_t lowest(const struct arm_word *in, unsigned n)
{
	int32_t bytes = (int32_t)(4 * n);

	if (in->U)
		return in->P ? 4 : 0;
	return in->P ? -bytes : 4 - bytes;
}

static ir_val base_behind(struct arm_lift *l, const struct arm_word *in, ir_val base, unsigned n)
{
	return ir_add(l->b, base, imm32(l, in->U ? 4 * n : 0u - 4 * n));
}

static bool is_valid(struct arm_lift *l, const struct arm_word *in)
{
	bool loads = in->row->arg & 1;
	bool to_pc = in->list >> ARM_PC_REG;

	if (in->list && in->rn != ARM_PC_REG && !(loads && to_pc && l->it & 7) &&
	    !(l->thumb && to_pc && (!loads || in->list >> ARM_LR == 3)))
		return true;
	arm_illegal(l);
	return false;
}

/* LDM:  registers <- words from a word-aligned address; r15 last, a branch. */
static void lift_ldm(struct arm_lift *l, const struct arm_word *in)
{
	unsigned n = (unsigned)__builtin_popcount(in->list), k = 0;
	ir_val v[16];

	if (!is_valid(l, in))
		return;
	if (in->list >> ARM_PC_REG)
		arm_skip_rest(l);
	ir_val base = reg(l, in->rn);
	for (unsigned i = 0; i < 16; i++)
		if (in->list >> i & 1) {
			unsigned mem = k ? IR_MEM_32 : arm_first_word(l);
			v[i] = arm_load(l, mem, IR_I32, base, lowest(in, n) + (int32_t)(4 * k++));
		}
	if (in->W && !(in->list >> in->rn & 1))
		arm_set_reg(l, in->rn, base_behind(l, in, base, n));
	for (unsigned i = 0; i < ARM_PC_REG; i++)
		if (in->list >> i & 1)
			arm_set_reg(l, i, v[i]);
	if (in->list >> ARM_PC_REG)
		arm_go_to(l, v[ARM_PC_REG], in->rn == ARM_SP || in->list >> ARM_SP & 1 ? IR_EXIT_RETURN : IR_EXIT_JUMP);
}

/* STM:  words to a word-aligned address <- registers. */
static void lift_stm(struct arm_lift *l, const struct arm_word *in)
{
	unsigned n = (unsigned)__builtin_popcount(in->list), k = 0;

	if (!is_valid(l, in))
		return;
	ir_val base = reg(l, in->rn);
	for (unsigned i = 0; i < 16; i++)
		if (in->list >> i & 1) {
			unsigned mem = k ? IR_MEM_32 : arm_first_word(l);
			arm_store(l, mem, base, lowest(in, n) + (int32_t)(4 * k++), reg(l, i));
		}
	if (in->W)
		arm_set_reg(l, in->rn, base_behind(l, in, base, n));
}

/* T32:  as A32, P and U by the row. */
static void lift_block_t32(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_word full = *in;

	full.P = in->row->arg >> 1;
	full.U = !full.P;
	if (in->row->arg & 1)
		lift_ldm(l, &full);
	else
		lift_stm(l, &full);
}

/* T16:  write-back unless the base is loaded; PUSH and POP have lr and pc as a ninth register. */
static void lift_block_t16(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_word full = *in;

	full.W = 1;
	if (in->row->scale)
		full.list = (in->list & 0xff) | (in->list >> 8) << in->row->scale;
	full.P = in->row->scale && !in->row->arg;	/* PUSH goes down, everything else up */
	full.U = !full.P;
	if (in->row->arg)
		lift_ldm(l, &full);
	else
		lift_stm(l, &full);
}

/* arg = 1: a load. */
static const struct arm_row a32[] = {
	{ "stm", "cccc 100 P U 0 W 0 nnnn llllllllllllllll", lift_stm, .flags = ARM_ACCESS | ARM_SKIP },
	{ "ldm", "cccc 100 P U 0 W 1 nnnn llllllllllllllll", lift_ldm, .arg = 1, .flags = ARM_ACCESS | ARM_SKIP },
};

static const struct arm_row t16[] = {
	{ "push", "1011 0 10 l llllllll", lift_block_t16, .scale = 14, .flags = ARM_ACCESS | ARM_SKIP | ARM_BASE_SP },
	{ "pop", "1011 1 10 l llllllll", lift_block_t16, .arg = 1, .scale = 15, .flags = ARM_ACCESS | ARM_SKIP | ARM_BASE_SP },
	{ "stm", "1100 0 nnn llllllll", lift_block_t16, .flags = ARM_ACCESS | ARM_SKIP },
	{ "ldm", "1100 1 nnn llllllll", lift_block_t16, .arg = 1, .flags = ARM_ACCESS | ARM_SKIP },
};

/* Increment after, and arg = 2: decrement before; what else there would be are SRS and RFE. */
static const struct arm_row t32[] = {
	{ "stm", "1110100 01 0 W 0 nnnn llllllllllllllll", lift_block_t32, .flags = ARM_ACCESS | ARM_SKIP },
	{ "stm", "1110100 10 0 W 0 nnnn llllllllllllllll", lift_block_t32, .arg = 2, .flags = ARM_ACCESS | ARM_SKIP },
	{ "ldm", "1110100 01 0 W 1 nnnn llllllllllllllll", lift_block_t32, .arg = 1, .flags = ARM_ACCESS | ARM_SKIP },
	{ "ldm", "1110100 10 0 W 1 nnnn llllllllllllllll", lift_block_t32, .arg = 3, .flags = ARM_ACCESS | ARM_SKIP },
};
const struct arm_rows arm_rows_block = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
