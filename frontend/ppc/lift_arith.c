/* Integer arithmetic (UISA 4.2.1.1): sums, differences, products, quotients. */
#include "frontend/ppc/ppc.h"

/* Sets the result and what "o" and "." record; SO must be new before CR0 copies it. */
static void finish(struct ppc_lift *l, const struct ppc_word *in, ir_val result, ir_val overflow)
{
	if (in->oe)
		set_ov(l, overflow);
	set_gpr(l, in->rd, result);
	if (in->record)
		set_cr0(l, result);
}

static ir_val overflow_of(struct ppc_lift *l, const struct ppc_word *in, ir_val a, ir_val b, ir_val cin)
{
	return in->oe ? ir_add_overflow(l->b, a, b, cin) : IR_NONE;
}

/* a + b + cin with carry out: the family of adde and subfe. */
static void sum_extended(struct ppc_lift *l, const struct ppc_word *in, ir_val a, ir_val b)
{
	ir_val ca = flag(l, PPC_XER_CA);
	ir_val ab = ir_add(l->b, a, b);
	ir_val sum = ir_add(l->b, ab, ir_zext(l->b, IR_I32, ca));
	ir_val overflow = overflow_of(l, in, a, b, ca);

	set_ca(l, ir_add_carry(l->b, a, b, ca));
	finish(l, in, sum, overflow);
}

/* add[o][.] rD,rA,rB:  rD <- (rA) + (rB). */
static void lift_add(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);

	ir_val sum = ir_add(l->b, a, b);

	finish(l, in, sum, overflow_of(l, in, a, b, imm1(l, false)));
}

/* addc[o][.] rD,rA,rB:  rD <- (rA) + (rB), CA <- carry. */
static void lift_addc(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	ir_val sum = ir_add(l->b, a, b);

	set_ca(l, ir_ult(l->b, sum, a));
	finish(l, in, sum, overflow_of(l, in, a, b, imm1(l, false)));
}

/* adde[o][.] rD,rA,rB:  rD <- (rA) + (rB) + CA, CA <- carry. */
static void lift_adde(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);

	sum_extended(l, in, a, gpr(l, in->rb));
}

/* addme[o][.] rD,rA:  rD <- (rA) + CA - 1, CA <- carry. */
static void lift_addme(struct ppc_lift *l, const struct ppc_word *in)
{
	sum_extended(l, in, gpr(l, in->ra), imm32(l, ~0u));
}

/* addze[o][.] rD,rA:  rD <- (rA) + CA, CA <- carry. */
static void lift_addze(struct ppc_lift *l, const struct ppc_word *in)
{
	sum_extended(l, in, gpr(l, in->ra), imm32(l, 0));
}

/* subf[o][.] rD,rA,rB:  rD <- (rB) - (rA). */
static void lift_subf(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	ir_val overflow = in->oe ? ir_add_overflow(l->b, ir_not(l->b, a), b, imm1(l, true)) : IR_NONE;

	finish(l, in, ir_sub(l->b, b, a), overflow);
}

/* subfc[o][.] rD,rA,rB:  rD <- (rB) - (rA), CA <- no borrow. */
static void lift_subfc(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);

	set_ca(l, ir_ule(l->b, a, gpr(l, in->rb)));
	lift_subf(l, in);
}

/* subfe[o][.] rD,rA,rB:  rD <- ~(rA) + (rB) + CA, CA <- carry. */
static void lift_subfe(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = ir_not(l->b, gpr(l, in->ra));

	sum_extended(l, in, a, gpr(l, in->rb));
}

/* subfme[o][.] rD,rA:  rD <- ~(rA) + CA - 1, CA <- carry. */
static void lift_subfme(struct ppc_lift *l, const struct ppc_word *in)
{
	sum_extended(l, in, ir_not(l->b, gpr(l, in->ra)), imm32(l, ~0u));
}

/* subfze[o][.] rD,rA:  rD <- ~(rA) + CA, CA <- carry. */
static void lift_subfze(struct ppc_lift *l, const struct ppc_word *in)
{
	sum_extended(l, in, ir_not(l->b, gpr(l, in->ra)), imm32(l, 0));
}

/* neg[o][.] rD,rA:  rD <- -(rA); overflows for the least integer. */
static void lift_neg(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val overflow = in->oe ? ir_eq(l->b, a, imm32(l, 0x80000000)) : IR_NONE;

	finish(l, in, ir_sub(l->b, imm32(l, 0), a), overflow);
}

/* addi rD,rA,SIMM:  rD <- (rA|0) + EXTS(SIMM). */
static void lift_addi(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val imm = imm32(l, (uint32_t)in->simm);

	set_gpr(l, in->rd, in->ra ? ir_add(l->b, gpr(l, in->ra), imm) : imm);
}

/* addis rD,rA,SIMM:  rD <- (rA|0) + (SIMM || 16 zeros). */
static void lift_addis(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val imm = imm32(l, in->uimm << 16);

	set_gpr(l, in->rd, in->ra ? ir_add(l->b, gpr(l, in->ra), imm) : imm);
}

/* addic[.] rD,rA,SIMM:  rD <- (rA) + EXTS(SIMM), CA <- carry. */
static void lift_addic(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val sum = ir_add(l->b, a, imm32(l, (uint32_t)in->simm));

	set_ca(l, ir_ult(l->b, sum, a));
	set_gpr(l, in->rd, sum);
	if (in->row->flags & PPC_RECORD)
		set_cr0(l, sum);
}

/* subfic rD,rA,SIMM:  rD <- EXTS(SIMM) - (rA), CA <- no borrow. */
static void lift_subfic(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val imm = imm32(l, (uint32_t)in->simm);

	set_ca(l, ir_ule(l->b, a, imm));
	set_gpr(l, in->rd, ir_sub(l->b, imm, a));
}

/* mulli rD,rA,SIMM:  rD <- low half of (rA) * EXTS(SIMM). */
static void lift_mulli(struct ppc_lift *l, const struct ppc_word *in)
{
	set_gpr(l, in->rd, ir_mul(l->b, gpr(l, in->ra), imm32(l, (uint32_t)in->simm)));
}

/* mullw[o][.] rD,rA,rB:  rD <- low half of (rA) * (rB); overflows when the product needs more. */
static void lift_mullw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	ir_val low = ir_mul(l->b, a, b);
	ir_val overflow = IR_NONE;

	if (in->oe) {
		ir_val high = ir_mulhs(l->b, a, b);
		overflow = ir_ne(l->b, high, ir_sar(l->b, low, imm32(l, 31)));
	}
	finish(l, in, low, overflow);
}

/* mulhw[.] rD,rA,rB:  rD <- high half of the signed product. Bit 21 is reserved. */
static void lift_mulhw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val high = ir_mulhs(l->b, a, gpr(l, in->rb));

	set_gpr(l, in->rd, high);
	if (in->record)
		set_cr0(l, high);
}

/* mulhwu[.] rD,rA,rB:  rD <- high half of the unsigned product. Bit 21 is reserved. */
static void lift_mulhwu(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val high = ir_mulhu(l->b, a, gpr(l, in->rb));

	set_gpr(l, in->rd, high);
	if (in->record)
		set_cr0(l, high);
}

/* divw[o][.] rD,rA,rB:  rD <- (rA) / (rB), signed. Without a quotient: overflow, the sign of rA. */
static void lift_divw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	ir_val least = ir_eq(l->b, a, imm32(l, 0x80000000));
	ir_val wraps = ir_and(l->b, least, ir_eq(l->b, b, imm32(l, ~0u)));
	ir_val none = ir_or(l->b, wraps, ir_eq(l->b, b, imm32(l, 0)));
	ir_val sign = ir_sar(l->b, a, imm32(l, 31));

	finish(l, in, ir_select(l->b, none, sign, ir_divs(l->b, a, b)), none);
}

/* divwu[o][.] rD,rA,rB:  rD <- (rA) / (rB), unsigned. By zero: overflow, 0. */
static void lift_divwu(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val b = gpr(l, in->rb);
	ir_val overflow = in->oe ? ir_eq(l->b, b, imm32(l, 0)) : IR_NONE;

	finish(l, in, ir_divu(l->b, gpr(l, in->ra), b), overflow);
}

/*
 * divwe[o][.] rD,rA,rB:  rD <- ((rA) || 32 zeros) / (rB), signed. What does not fit, or has no
 * quotient: overflow, 0. (Power ISA 2.06)
 */
static void lift_divwe(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = ir_shl(l->b, ir_zext(l->b, IR_I64, gpr(l, in->ra)), imm32(l, 32));
	ir_val b = gpr(l, in->rb);
	ir_val wide = ir_divs(l->b, a, ir_sext(l->b, IR_I64, b));
	ir_val low = ir_trunc(l->b, IR_I32, wide);
	ir_val large = ir_ne(l->b, ir_sext(l->b, IR_I64, low), wide);
	ir_val overflow = ir_or(l->b, ir_eq(l->b, b, imm32(l, 0)), large);

	finish(l, in, ir_select(l->b, overflow, imm32(l, 0), low), overflow);
}

/* divweu[o][.] rD,rA,rB:  as divwe, unsigned: fits when (rA) < (rB). (Power ISA 2.06) */
static void lift_divweu(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val high = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	ir_val a = ir_shl(l->b, ir_zext(l->b, IR_I64, high), imm32(l, 32));
	ir_val low = ir_trunc(l->b, IR_I32, ir_divu(l->b, a, ir_zext(l->b, IR_I64, b)));
	ir_val overflow = ir_ule(l->b, b, high);

	finish(l, in, ir_select(l->b, overflow, imm32(l, 0), low), overflow);
}

static const struct ppc_row rows[] = {
	{ "addi", "001110 ddddd aaaaa iiiiiiiiiiiiiiii", lift_addi },
	{ "addis", "001111 ddddd aaaaa iiiiiiiiiiiiiiii", lift_addis },
	{ "addic", "001100 ddddd aaaaa iiiiiiiiiiiiiiii", lift_addic },
	{ "addic.", "001101 ddddd aaaaa iiiiiiiiiiiiiiii", lift_addic, .flags = PPC_RECORD },
	{ "subfic", "001000 ddddd aaaaa iiiiiiiiiiiiiiii", lift_subfic },
	{ "mulli", "000111 ddddd aaaaa iiiiiiiiiiiiiiii", lift_mulli },
	{ "add", "011111 ddddd aaaaa bbbbb 0 100001010 .", lift_add },
	{ "addo", "011111 ddddd aaaaa bbbbb 1 100001010 .", lift_add, .flags = PPC_PRE },
	{ "addc", "011111 ddddd aaaaa bbbbb 0 000001010 .", lift_addc },
	{ "addco", "011111 ddddd aaaaa bbbbb 1 000001010 .", lift_addc, .flags = PPC_PRE },
	{ "adde", "011111 ddddd aaaaa bbbbb 0 010001010 .", lift_adde },
	{ "addeo", "011111 ddddd aaaaa bbbbb 1 010001010 .", lift_adde, .flags = PPC_PRE },
	{ "addme", "011111 ddddd aaaaa ----- 0 011101010 .", lift_addme },
	{ "addmeo", "011111 ddddd aaaaa ----- 1 011101010 .", lift_addme, .flags = PPC_PRE },
	{ "addze", "011111 ddddd aaaaa ----- 0 011001010 .", lift_addze },
	{ "addzeo", "011111 ddddd aaaaa ----- 1 011001010 .", lift_addze, .flags = PPC_PRE },
	{ "subf", "011111 ddddd aaaaa bbbbb 0 000101000 .", lift_subf },
	{ "subfo", "011111 ddddd aaaaa bbbbb 1 000101000 .", lift_subf, .flags = PPC_PRE },
	{ "subfc", "011111 ddddd aaaaa bbbbb 0 000001000 .", lift_subfc },
	{ "subfco", "011111 ddddd aaaaa bbbbb 1 000001000 .", lift_subfc, .flags = PPC_PRE },
	{ "subfe", "011111 ddddd aaaaa bbbbb 0 010001000 .", lift_subfe },
	{ "subfeo", "011111 ddddd aaaaa bbbbb 1 010001000 .", lift_subfe, .flags = PPC_PRE },
	{ "subfme", "011111 ddddd aaaaa ----- 0 011101000 .", lift_subfme },
	{ "subfmeo", "011111 ddddd aaaaa ----- 1 011101000 .", lift_subfme, .flags = PPC_PRE },
	{ "subfze", "011111 ddddd aaaaa ----- 0 011001000 .", lift_subfze },
	{ "subfzeo", "011111 ddddd aaaaa ----- 1 011001000 .", lift_subfze, .flags = PPC_PRE },
	{ "neg", "011111 ddddd aaaaa ----- 0 001101000 .", lift_neg },
	{ "nego", "011111 ddddd aaaaa ----- 1 001101000 .", lift_neg, .flags = PPC_PRE },
	{ "mullw", "011111 ddddd aaaaa bbbbb 0 011101011 .", lift_mullw },
	{ "mullwo", "011111 ddddd aaaaa bbbbb 1 011101011 .", lift_mullw, .flags = PPC_PRE },
	{ "divw", "011111 ddddd aaaaa bbbbb 0 111101011 .", lift_divw },
	{ "divwo", "011111 ddddd aaaaa bbbbb 1 111101011 .", lift_divw, .flags = PPC_PRE },
	{ "divwu", "011111 ddddd aaaaa bbbbb 0 111001011 .", lift_divwu },
	{ "divwuo", "011111 ddddd aaaaa bbbbb 1 111001011 .", lift_divwu, .flags = PPC_PRE },
	{ "mulhw", "011111 ddddd aaaaa bbbbb - 001001011 .", lift_mulhw },
	{ "mulhwu", "011111 ddddd aaaaa bbbbb - 000001011 .", lift_mulhwu },
	{ "divwe", "011111 ddddd aaaaa bbbbb 0 110101011 .", lift_divwe, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "divweo", "011111 ddddd aaaaa bbbbb 1 110101011 .", lift_divwe, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "divweu", "011111 ddddd aaaaa bbbbb 0 110001011 .", lift_divweu, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "divweuo", "011111 ddddd aaaaa bbbbb 1 110001011 .", lift_divweu, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
};
const struct ppc_rows ppc_rows_arith = PPC_ROWS(rows);
