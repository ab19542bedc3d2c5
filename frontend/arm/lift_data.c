/* Data processing (ARM F2.4.1, F2.4.2): the sixteen operations with a second operand, wide moves, ADR. */
#include "frontend/arm/arm.h"

/* As A32 encodes them; ORN is T32's. */
enum { AND, EOR, SUB, RSB, ADD, ADC, SBC, RSC, TST, TEQ, CMP, CMN, ORR, MOV, BIC, MVN, ORN };

static bool is_logical(unsigned op)
{
	return op < SUB || op == TST || op == TEQ || op >= ORR;
}

static bool has_result(unsigned op)
{
	return op < TST || op >= ORR;
}

static ir_val logical(struct arm_lift *l, unsigned op, ir_val a, ir_val b)
{
	switch (op) {
	case AND:
	case TST: return ir_and(l->b, a, b);
	case EOR:
	case TEQ: return ir_xor(l->b, a, b);
	case ORR: return ir_or(l->b, a, b);
	case BIC: return ir_and(l->b, a, ir_not(l->b, b));
	case ORN: return ir_or(l->b, a, ir_not(l->b, b));
	case MVN: return ir_not(l->b, b);
	default: return b;
	}
}

/* a + b + carry */
static ir_val add_with(struct arm_lift *l, ir_val a, ir_val b, ir_val carry, bool flags)
{
	ir_val sum = ir_add(l->b, ir_add(l->b, a, b), ir_zext(l->b, IR_I32, carry));

	if (flags)
		arm_set_add_flags(l, a, b, carry, sum);
	return sum;
}

static ir_val difference(struct arm_lift *l, ir_val a, ir_val b, bool flags)
{
	ir_val v = ir_sub(l->b, a, b);

	if (flags)
		arm_set_sub_flags(l, a, b, v);
	return v;
}

static ir_val arithmetic(struct arm_lift *l, unsigned op, ir_val a, ir_val b, bool flags)
{
	ir_val zero = imm1(l, false), sum;

	switch (op) {
	case SUB:
	case CMP: return difference(l, a, b, flags);
	case RSB: return difference(l, b, a, flags);
	case ADC: return add_with(l, a, b, flag(l, ARM_C), flags);
	case SBC: return add_with(l, a, ir_not(l->b, b), flag(l, ARM_C), flags);
	case RSC: return add_with(l, b, ir_not(l->b, a), flag(l, ARM_C), flags);
	default: break;
	}
	sum = ir_add(l->b, a, b);
	if (flags)
		arm_set_add_flags(l, a, b, zero, sum);
	return sum;
}

/* mov pc, lr returns; everything else that writes r15 jumps. */
static bool returns(struct arm_lift *l, const struct arm_word *in)
{
	if (in->rd != ARM_PC_REG || in->row->arg != MOV || in->row->form != ARM_FORM_REG || in->rm != ARM_LR ||
	    l->predicated || in->amount || in->type)
		return false;
	arm_go_to(l, ir_or(l->b, reg(l, ARM_LR), imm32(l, l->thumb)), IR_EXIT_RETURN);
	return true;
}

/*
 * <op>{S} Rd, Rn, <operand2>:  Rd <- Rn op operand2; S: N Z of the result, C of the shifter or
 * of the sum, V of the sum.
 */
static void lift_data(struct arm_lift *l, const struct arm_word *in)
{
	unsigned op = in->row->arg;
	bool flags = in->S || !has_result(op);
	ir_val carry = IR_NONE, v;

	if (has_result(op) && in->rd == ARM_PC_REG && in->S) {
		arm_illegal(l);
		return;
	}
	if (returns(l, in))
		return;
	ir_val b = arm_operand2(l, in, flags && is_logical(op) ? &carry : NULL);
	ir_val a = op == MOV || op == MVN ? b : reg(l, in->rn);
	if (is_logical(op)) {
		v = logical(l, op, a, b);
		if (flags) {
			arm_set_nz(l, v);
			arm_set_flag(l, ARM_C, carry);
		}
	} else {
		v = arithmetic(l, op, a, b, flags);
	}
	if (has_result(op))
		arm_set_result(l, in->rd, v);
}

/* LSL LSR ASR ROR by a register, T16 and T32:  as MOV with that operand. */
static void lift_shift(struct arm_lift *l, const struct arm_word *in)
{
	struct arm_word mov = *in;

	mov.type = in->row->arg;
	if (in->row->flags & ARM_DN)
		mov.rm = in->rd;
	ir_val carry = IR_NONE;
	ir_val v = arm_operand2(l, &mov, in->S ? &carry : NULL);
	if (in->S) {
		arm_set_nz(l, v);
		arm_set_flag(l, ARM_C, carry);
	}
	arm_set_reg(l, in->rd, v);
}

/* ADR, ADD and SUB of an immediate to r15:  Rd <- Align(PC, 4) +/- imm, arg = 1: minus. */
static void lift_adr(struct arm_lift *l, const struct arm_word *in)
{
	uint32_t base = pc_value(l) & ~3u, imm = in->imm << in->row->scale;

	arm_set_result(l, in->rd, imm32(l, in->row->arg ? base - imm : base + imm));
}

/* RSB Rd, Rn, #0 of T16. */
static void lift_negate(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = arithmetic(l, RSB, reg(l, in->rn), imm32(l, 0), in->S);

	arm_set_reg(l, in->rd, v);
}

/* MOVW Rd, #imm16:  Rd <- imm16. */
static void lift_movw(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, imm32(l, in->imm4 << 12 | in->imm));
}

/* MOVT Rd, #imm16:  Rd<31:16> <- imm16. */
static void lift_movt(struct arm_lift *l, const struct arm_word *in)
{
	ir_val low = ir_and(l->b, reg(l, in->rd), imm32(l, 0xffff));

	arm_set_reg(l, in->rd, ir_or(l->b, low, imm32(l, (in->imm4 << 12 | in->imm) << 16)));
}

/* The three forms of A32's operand2. */
#define A32_DATA(name, op, bits, n, d, pc) \
	{ name, "cccc 001 " bits " " n " " d " iiiiiiiiiiii", lift_data, .arg = op, .form = ARM_FORM_A32_IMM }, \
	{ name, "cccc 000 " bits " " n " " d " hhhhh yy 0 mmmm", lift_data, .arg = op, .form = ARM_FORM_REG }, \
	{ name, "cccc 000 " bits " " n " " d " ssss 0 yy 1 mmmm", lift_data, .arg = op, .form = ARM_FORM_REG_REG, \
	  .nopc = pc "ms" }

static const struct arm_row a32[] = {
	A32_DATA("and", AND, "0000 S", "nnnn", "dddd", "dn"),
	A32_DATA("eor", EOR, "0001 S", "nnnn", "dddd", "dn"),
	A32_DATA("sub", SUB, "0010 S", "nnnn", "dddd", "dn"),
	A32_DATA("rsb", RSB, "0011 S", "nnnn", "dddd", "dn"),
	A32_DATA("add", ADD, "0100 S", "nnnn", "dddd", "dn"),
	A32_DATA("adc", ADC, "0101 S", "nnnn", "dddd", "dn"),
	A32_DATA("sbc", SBC, "0110 S", "nnnn", "dddd", "dn"),
	A32_DATA("rsc", RSC, "0111 S", "nnnn", "dddd", "dn"),
	A32_DATA("tst", TST, "1000 1", "nnnn", "----", "n"),
	A32_DATA("teq", TEQ, "1001 1", "nnnn", "----", "n"),
	A32_DATA("cmp", CMP, "1010 1", "nnnn", "----", "n"),
	A32_DATA("cmn", CMN, "1011 1", "nnnn", "----", "n"),
	A32_DATA("orr", ORR, "1100 S", "nnnn", "dddd", "dn"),
	A32_DATA("mov", MOV, "1101 S", "----", "dddd", "d"),
	A32_DATA("bic", BIC, "1110 S", "nnnn", "dddd", "dn"),
	A32_DATA("mvn", MVN, "1111 S", "----", "dddd", "d"),
	{ "movw", "cccc 0011 0000 gggg dddd iiiiiiiiiiii", lift_movw, .nopc = "d" },
	{ "movt", "cccc 0011 0100 gggg dddd iiiiiiiiiiii", lift_movt, .nopc = "d" },
};

static const struct arm_row t16[] = {
	{ "mov", "000 00 00000 mmm ddd", lift_data, .arg = MOV, .form = ARM_FORM_REG, .flags = ARM_SETS | ARM_NOT_IT },
	{ "add", "000 11 00 mmm nnn ddd", lift_data, .arg = ADD, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE },
	{ "sub", "000 11 01 mmm nnn ddd", lift_data, .arg = SUB, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE },
	{ "add", "000 11 10 iii nnn ddd", lift_data, .arg = ADD, .form = ARM_FORM_IMM, .flags = ARM_SETS_OUTSIDE },
	{ "sub", "000 11 11 iii nnn ddd", lift_data, .arg = SUB, .form = ARM_FORM_IMM, .flags = ARM_SETS_OUTSIDE },
	{ "mov", "000 yy hhhhh mmm ddd", lift_data, .arg = MOV, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE },
	{ "mov", "001 00 ddd iiiiiiii", lift_data, .arg = MOV, .form = ARM_FORM_IMM, .flags = ARM_SETS_OUTSIDE },
	{ "cmp", "001 01 nnn iiiiiiii", lift_data, .arg = CMP, .form = ARM_FORM_IMM },
	{ "add", "001 10 ddd iiiiiiii", lift_data, .arg = ADD, .form = ARM_FORM_IMM, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "sub", "001 11 ddd iiiiiiii", lift_data, .arg = SUB, .form = ARM_FORM_IMM, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "and", "010000 0000 mmm ddd", lift_data, .arg = AND, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "eor", "010000 0001 mmm ddd", lift_data, .arg = EOR, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "lsl", "010000 0010 sss ddd", lift_shift, .arg = 0, .form = ARM_FORM_REG_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "lsr", "010000 0011 sss ddd", lift_shift, .arg = 1, .form = ARM_FORM_REG_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "asr", "010000 0100 sss ddd", lift_shift, .arg = 2, .form = ARM_FORM_REG_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "adc", "010000 0101 mmm ddd", lift_data, .arg = ADC, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "sbc", "010000 0110 mmm ddd", lift_data, .arg = SBC, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "ror", "010000 0111 sss ddd", lift_shift, .arg = 3, .form = ARM_FORM_REG_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "tst", "010000 1000 mmm nnn", lift_data, .arg = TST, .form = ARM_FORM_REG },
	{ "rsb", "010000 1001 nnn ddd", lift_negate, .flags = ARM_SETS_OUTSIDE },
	{ "cmp", "010000 1010 mmm nnn", lift_data, .arg = CMP, .form = ARM_FORM_REG },
	{ "cmn", "010000 1011 mmm nnn", lift_data, .arg = CMN, .form = ARM_FORM_REG },
	{ "orr", "010000 1100 mmm ddd", lift_data, .arg = ORR, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "bic", "010000 1110 mmm ddd", lift_data, .arg = BIC, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE | ARM_DN },
	{ "mvn", "010000 1111 mmm ddd", lift_data, .arg = MVN, .form = ARM_FORM_REG, .flags = ARM_SETS_OUTSIDE },
	{ "add", "010001 00 d mmmm ddd", lift_data, .arg = ADD, .form = ARM_FORM_REG, .flags = ARM_DN },
	{ "cmp", "010001 01 n mmmm nnn", lift_data, .arg = CMP, .form = ARM_FORM_REG, .nopc = "nm" },
	{ "mov", "010001 10 d mmmm ddd", lift_data, .arg = MOV, .form = ARM_FORM_REG },
	{ "adr", "10100 ddd iiiiiiii", lift_adr, .scale = 2 },
	{ "add", "10101 ddd iiiiiiii", lift_data, .arg = ADD, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_BASE_SP },
	{ "add", "10110000 0 iiiiiii", lift_data, .arg = ADD, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_BASE_SP | ARM_DEST_SP },
	{ "sub", "10110000 1 iiiiiii", lift_data, .arg = SUB, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_BASE_SP | ARM_DEST_SP },
};

/* The two forms of T32's operand2. */
#define T32_DATA(name, op, bits, n, d, pc) \
	{ name, "11110 i 0 " bits " " n " 0 iii " d " iiiiiiii", lift_data, .arg = op, .form = ARM_FORM_T32_IMM, .nopc = pc }, \
	{ name, "11101 01 " bits " " n " - hhh " d " hh yy mmmm", lift_data, .arg = op, .form = ARM_FORM_REG, .nopc = pc "m" }

static const struct arm_row t32[] = {
	T32_DATA("tst", TST, "0000 1", "nnnn", "1111", "n"),
	T32_DATA("and", AND, "0000 S", "nnnn", "dddd", "dn"),
	T32_DATA("bic", BIC, "0001 S", "nnnn", "dddd", "dn"),
	T32_DATA("mov", MOV, "0010 S", "1111", "dddd", "d"),
	T32_DATA("orr", ORR, "0010 S", "nnnn", "dddd", "dn"),
	T32_DATA("mvn", MVN, "0011 S", "1111", "dddd", "d"),
	T32_DATA("orn", ORN, "0011 S", "nnnn", "dddd", "dn"),
	T32_DATA("teq", TEQ, "0100 1", "nnnn", "1111", "n"),
	T32_DATA("eor", EOR, "0100 S", "nnnn", "dddd", "dn"),
	T32_DATA("cmn", CMN, "1000 1", "nnnn", "1111", "n"),
	T32_DATA("add", ADD, "1000 S", "nnnn", "dddd", "dn"),
	T32_DATA("adc", ADC, "1010 S", "nnnn", "dddd", "dn"),
	T32_DATA("sbc", SBC, "1011 S", "nnnn", "dddd", "dn"),
	T32_DATA("cmp", CMP, "1101 1", "nnnn", "1111", "n"),
	T32_DATA("sub", SUB, "1101 S", "nnnn", "dddd", "dn"),
	T32_DATA("rsb", RSB, "1110 S", "nnnn", "dddd", "dn"),
	{ "adr", "11110 i 10000 0 1111 0 iii dddd iiiiiiii", lift_adr, .nopc = "d" },
	{ "add", "11110 i 10000 0 nnnn 0 iii dddd iiiiiiii", lift_data, .arg = ADD, .form = ARM_FORM_IMM, .nopc = "d" },
	{ "adr", "11110 i 10101 0 1111 0 iii dddd iiiiiiii", lift_adr, .arg = 1, .nopc = "d" },
	{ "sub", "11110 i 10101 0 nnnn 0 iii dddd iiiiiiii", lift_data, .arg = SUB, .form = ARM_FORM_IMM, .nopc = "d" },
	{ "movw", "11110 i 10010 0 gggg 0 iii dddd iiiiiiii", lift_movw, .nopc = "d" },
	{ "movt", "11110 i 10110 0 gggg 0 iii dddd iiiiiiii", lift_movt, .nopc = "d" },
	{ "lsl", "11111010 000 S mmmm 1111 dddd 0000 ssss", lift_shift, .arg = 0, .form = ARM_FORM_REG_REG, .nopc = "dms" },
	{ "lsr", "11111010 001 S mmmm 1111 dddd 0000 ssss", lift_shift, .arg = 1, .form = ARM_FORM_REG_REG, .nopc = "dms" },
	{ "asr", "11111010 010 S mmmm 1111 dddd 0000 ssss", lift_shift, .arg = 2, .form = ARM_FORM_REG_REG, .nopc = "dms" },
	{ "ror", "11111010 011 S mmmm 1111 dddd 0000 ssss", lift_shift, .arg = 3, .form = ARM_FORM_REG_REG, .nopc = "dms" },
};
const struct arm_rows arm_rows_data = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
