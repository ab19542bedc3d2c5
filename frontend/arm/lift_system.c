/*
 * Status registers, coprocessor 15, hints, barriers, IT (ARM F2.4.9, F2.5, F2.7). The condition rows of
 * T32 stand at the end: B<c>.W has what is left of their space.
 */
#include "frontend/arm/arm.h"

/* N Z C V Q and GE as MRS shows them. */
static ir_val apsr(struct arm_lift *l)
{
	static const struct {
		uint8_t slot, bit;
	} bits[] = {
		{ ARM_N, 31 }, { ARM_Z, 30 }, { ARM_C, 29 }, { ARM_V, 28 }, { ARM_Q, 27 },
	};
	ir_val v = ir_mul(l->b, ir_and(l->b, ir_get(l->b, ARM_GE), imm32(l, 0x08040201)), imm32(l, 0x01010101));

	v = ir_shl(l->b, ir_shr(l->b, v, imm32(l, 24)), imm32(l, 16));	/* arm_ge_bits */

	for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++) {
		ir_val bit = ir_zext(l->b, IR_I32, flag(l, bits[i].slot));
		v = ir_or(l->b, v, ir_shl(l->b, bit, imm32(l, bits[i].bit)));
	}
	return v;
}

/* MRS Rd, APSR:  bits of CPSR user mode may not see read 0, the mode 10000. */
static void lift_mrs(struct arm_lift *l, const struct arm_word *in)
{
	if (l->mode & ARM_MODE_SYSTEM) {
		arm_illegal(l);
		return;
	}
	arm_set_reg(l, in->rd, ir_or(l->b, apsr(l), imm32(l, 0x10)));
}

static void write_apsr(struct arm_lift *l, const struct arm_word *in, ir_val v)
{
	if (l->mode & ARM_MODE_SYSTEM && in->mask & 3) {
		arm_illegal(l);
		return;
	}
	if (in->mask & 8) {
		arm_set_flag(l, ARM_N, bit_of(l, v, 31));
		arm_set_flag(l, ARM_Z, bit_of(l, v, 30));
		arm_set_flag(l, ARM_C, bit_of(l, v, 29));
		arm_set_flag(l, ARM_V, bit_of(l, v, 28));
		arm_set_flag(l, ARM_Q, bit_of(l, v, 27));
	}
	if (in->mask & 4) {	/* arm_ge_bytes */
		ir_val ge = ir_and(l->b, ir_shr(l->b, v, imm32(l, 16)), imm32(l, 15));

		ge = ir_and(l->b, ir_mul(l->b, ge, imm32(l, 0x00204081)), imm32(l, 0x01010101));
		arm_set_ge(l, ir_mul(l->b, ge, imm32(l, 255)));
	}
}

/* MSR APSR_<fields>, Rn or #imm:  field f has the flags, s has GE; user mode writes nothing else. */
static void lift_msr(struct arm_lift *l, const struct arm_word *in)
{
	write_apsr(l, in, reg(l, in->rn));
}

static void lift_msr_imm(struct arm_lift *l, const struct arm_word *in)
{
	write_apsr(l, in, arm_operand2(l, in, NULL));
}

/* PLD, PLI: nothing a program could see. */
static void lift_nothing(struct arm_lift *l, const struct arm_word *in)
{
	(void)l;
	(void)in;
}

/* WFI waits; NOP, YIELD, WFE, SEV and unallocated hints: nothing. */
static void lift_hint(struct arm_lift *l, const struct arm_word *in)
{
	enum { WFI = 3 };

	if (in->mask == WFI)
		arm_trap(l, IR_TRAP_IDLE, 0);
}

/* CPS:  ignored in user mode. */
static void lift_cps(struct arm_lift *l, const struct arm_word *in)
{
	(void)in;
	if (l->mode & ARM_MODE_SYSTEM)
		arm_illegal(l);
}

/* DMB DSB:  earlier accesses before later ones; between stores only, or loads and what follows: less. */
static void lift_barrier(struct arm_lift *l, const struct arm_word *in)
{
	unsigned kind = in->mask & 3;

	if (kind == 1 || kind == 2)
		ir_order(l->b, 0);
	else
		ir_fence(l->b, 0);
}

static void lift_fence(struct arm_lift *l, const struct arm_word *in)
{
	(void)in;
	ir_fence(l->b, 0);
}

/* ISB:  code changed before it is seen behind it: translations are dropped when memory is announced. */
static void lift_isb(struct arm_lift *l, const struct arm_word *in)
{
	(void)in;
	ir_order(l->b, 0);
}

/* CLREX. */
static void lift_clrex(struct arm_lift *l, const struct arm_word *in)
{
	(void)in;
	arm_set_flag(l, ARM_EX_VALID, imm1(l, false));
}

/* MRC p15, 0, Rt, c13, c0, 2 or 3:  thread pointers. */
static void lift_read_thread(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rt, ir_get(l->b, in->row->arg));
}

/* MCR p15, 0, Rt, c13, c0, 2. */
static void lift_write_thread(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_flag(l, ARM_TPIDRURW, reg(l, in->rt));
}

static uint64_t counter(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return env_of(state)->services->clock(state);
}

const struct ir_helper arm_counter = { "arm_counter", counter, IR_HELPER_READS };

/* MRRC p15, 1, Rt, Rt2, c14:  CNTVCT, which Linux lets user programs read. */
static void lift_counter(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_call(l->b, &arm_counter, IR_I64, IR_NONE, IR_NONE, IR_NONE);

	arm_set_reg(l, in->rt, low_word(l, v));
	arm_set_reg(l, in->rt2, high_word(l, v));
}

/* IT<x><y><z> cond:  the next up to four instructions are conditional. arm.c lifts it. */
static void lift_it(struct arm_lift *l, const struct arm_word *in)
{
	unsigned first = in->mask >> 4;

	if (first == 15 || (first == 14 && (in->mask & (in->mask - 1) & 15))) {
		arm_illegal(l);
		return;
	}
	l->next_it = (uint8_t)in->mask;
}

static const struct arm_row a32[] = {
	{ "clrex", "1111 01010111 ---- ---- ---- 0001 ----", lift_clrex },
	{ "dsb", "1111 01010111 ---- ---- ---- 0100 kkkk", lift_barrier },
	{ "dmb", "1111 01010111 ---- ---- ---- 0101 kkkk", lift_barrier },
	{ "isb", "1111 01010111 ---- ---- ---- 0110 ----", lift_isb },
	{ "pld", "1111 0101 U101 nnnn ---- iiiiiiiiiiii", lift_nothing },
	{ "pldw", "1111 0101 U001 nnnn ---- iiiiiiiiiiii", lift_nothing },
	{ "pli", "1111 0100 U101 nnnn ---- iiiiiiiiiiii", lift_nothing },
	{ "pld", "1111 0111 U101 nnnn ---- iiiiiii 0 mmmm", lift_nothing },
	{ "pldw", "1111 0111 U001 nnnn ---- iiiiiii 0 mmmm", lift_nothing },
	{ "pli", "1111 0110 U101 nnnn ---- iiiiiii 0 mmmm", lift_nothing },
	{ "nop", "1111 0100 -001 ---- ---- ------------", lift_nothing, .flags = ARM_SILENT },
	{ "nop", "1111 0110 -001 ---- ---- ------- 0 ----", lift_nothing, .flags = ARM_SILENT },
	{ "cps", "1111 0001 0000 kkk0 ---- ---- --0 -----", lift_cps },
	{ "hint", "cccc 0011 0010 0000 ---- ---- kkkkkkkk", lift_hint },
	{ "msr", "cccc 0011 0010 kkkk ---- iiiiiiiiiiii", lift_msr_imm, .form = ARM_FORM_A32_IMM },
	{ "msr", "cccc 0001 0010 kkkk ---- --0- 0000 nnnn", lift_msr, .nopc = "n" },
	{ "mrs", "cccc 0001 0000 ---- dddd --0- 0000 ----", lift_mrs, .nopc = "d" },
	{ "mrc", "cccc 1110 000 1 1101 tttt 1111 011 1 0000", lift_read_thread, .arg = ARM_TPIDRURO, .flags = ARM_SHARED, .nopc = "t" },
	{ "mrc", "cccc 1110 000 1 1101 tttt 1111 010 1 0000", lift_read_thread, .arg = ARM_TPIDRURW, .flags = ARM_SHARED, .nopc = "t" },
	{ "mcr", "cccc 1110 000 0 1101 tttt 1111 010 1 0000", lift_write_thread, .flags = ARM_SHARED, .nopc = "t" },
	{ "mcr", "cccc 1110 000 0 0111 tttt 1111 100 1 1010", lift_fence, .flags = ARM_SHARED | ARM_SKIP, .nopc = "t" },
	{ "mcr", "cccc 1110 000 0 0111 tttt 1111 101 1 1010", lift_fence, .flags = ARM_SHARED | ARM_SKIP, .nopc = "t" },
	{ "mcr", "cccc 1110 000 0 0111 tttt 1111 100 1 0101", lift_isb, .flags = ARM_SHARED | ARM_SKIP, .nopc = "t" },
	{ "mrrc", "cccc 1100 0101 uuuu tttt 1111 0001 1110", lift_counter, .flags = ARM_SHARED | ARM_SKIP, .nopc = "tu" },
};

static const struct arm_row t16[] = {
	{ "hint", "1011 1111 kkkk 0000", lift_hint },
	{ "it", "1011 1111 kkkkkkkk", lift_it, .flags = ARM_UNCOND | ARM_NOT_IT },
	{ "cps", "1011 0110 011 kkkkk", lift_cps, .flags = ARM_NOT_IT },
};

static const struct arm_row t32[] = {
	{ "clrex", "11110 0111011 ---- 10-0 ---- 0010 ----", lift_clrex },
	{ "dsb", "11110 0111011 ---- 10-0 ---- 0100 kkkk", lift_barrier, .flags = ARM_SKIP },
	{ "dmb", "11110 0111011 ---- 10-0 ---- 0101 kkkk", lift_barrier, .flags = ARM_SKIP },
	{ "isb", "11110 0111011 ---- 10-0 ---- 0110 ----", lift_isb, .flags = ARM_SKIP },
	{ "hint", "11110 0111010 ---- 10-0 -000 kkkkkkkk", lift_hint },
	{ "cps", "11110 0111010 ---- 10-0 -kkk kkkkkkkk", lift_cps, .flags = ARM_NOT_IT },
	{ "msr", "11110 0111000 nnnn 10-0 kkkk --0- ----", lift_msr, .nopc = "n" },
	{ "mrs", "11110 0111110 ---- 10-0 dddd --0- ----", lift_mrs, .nopc = "d" },
	{ "pld", "11111000 0001 1111 1111 iiiiiiiiiiii", lift_nothing },
	{ "pld", "11111000 0011 1111 1111 iiiiiiiiiiii", lift_nothing, .flags = ARM_SILENT },
	{ "pli", "11111001 0001 1111 1111 iiiiiiiiiiii", lift_nothing },
	{ "hint", "11111001 0011 1111 1111 iiiiiiiiiiii", lift_nothing, .flags = ARM_SILENT },
	{ "pld", "11111000 1001 nnnn 1111 iiiiiiiiiiii", lift_nothing },
	{ "pld", "11111000 0001 nnnn 1111 1100 iiiiiiii", lift_nothing },
	{ "pld", "11111000 0001 nnnn 1111 000000 hh mmmm", lift_nothing },
	{ "pldw", "11111000 1011 nnnn 1111 iiiiiiiiiiii", lift_nothing },
	{ "pldw", "11111000 0011 nnnn 1111 1100 iiiiiiii", lift_nothing },
	{ "pldw", "11111000 0011 nnnn 1111 000000 hh mmmm", lift_nothing },
	{ "pli", "11111001 1001 nnnn 1111 iiiiiiiiiiii", lift_nothing },
	{ "pli", "11111001 0001 nnnn 1111 1100 iiiiiiii", lift_nothing },
	{ "pli", "11111001 0001 nnnn 1111 000000 hh mmmm", lift_nothing },
	{ "hint", "11111001 1011 nnnn 1111 iiiiiiiiiiii", lift_nothing, .flags = ARM_SILENT },
	{ "hint", "11111001 0011 nnnn 1111 1100 iiiiiiii", lift_nothing, .flags = ARM_SILENT },
	{ "hint", "11111001 0011 nnnn 1111 000000 hh mmmm", lift_nothing, .flags = ARM_SILENT },
};
const struct arm_rows arm_rows_system = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
