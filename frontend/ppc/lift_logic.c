/* Logic, comparison, rotation and shifts of integers (UISA 4.2.1.2 to 4.2.1.4). */
#include "frontend/ppc/ppc.h"

enum logic_op { AND, OR, XOR, NAND, NOR, EQV, ANDC, ORC };

/* Logical instructions write rA and read rS, which stands in rD's place. */
static void finish(struct ppc_lift *l, const struct ppc_word *in, ir_val result)
{
	set_gpr(l, in->ra, result);
	if (in->record)
		set_cr0(l, result);
}

/* andi. rA,rS,UIMM and andis.:  rA <- (rS) & UIMM, shifted left by arg; always records. */
static void lift_andi(struct ppc_lift *l, const struct ppc_word *in)
{
	finish(l, in, ir_and(l->b, gpr(l, in->rd), imm32(l, in->uimm << in->row->arg)));
}

/* ori, oris rA,rS,UIMM:  rA <- (rS) | UIMM, shifted left by arg. */
static void lift_ori(struct ppc_lift *l, const struct ppc_word *in)
{
	if (!in->uimm && in->ra == in->rd)
		return;
	set_gpr(l, in->ra, ir_or(l->b, gpr(l, in->rd), imm32(l, in->uimm << in->row->arg)));
}

/* xori, xoris rA,rS,UIMM:  rA <- (rS) ^ UIMM, shifted left by arg. */
static void lift_xori(struct ppc_lift *l, const struct ppc_word *in)
{
	set_gpr(l, in->ra, ir_xor(l->b, gpr(l, in->rd), imm32(l, in->uimm << in->row->arg)));
}

/* and[.] rA,rS,rB and its seven relatives:  rA <- (rS) op (rB). */
static void lift_logic(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);
	ir_val b = in->rb == in->rd ? s : gpr(l, in->rb);
	ir_val r = s;

	if (in->row->arg == ANDC || in->row->arg == ORC)
		b = ir_not(l->b, b);
	switch (in->row->arg) {
	case AND: case NAND: case ANDC: r = ir_and(l->b, s, b); break;
	case OR: case NOR: case ORC: r = s.id == b.id ? s : ir_or(l->b, s, b); break;
	default: r = ir_xor(l->b, s, b); break;
	}
	if (in->row->arg == NAND || in->row->arg == NOR || in->row->arg == EQV)
		r = ir_not(l->b, r);
	finish(l, in, r);
}

/* extsb[.], extsh[.] rA,rS:  rA <- the low byte or half of rS, sign-extended. */
static void lift_exts(struct ppc_lift *l, const struct ppc_word *in)
{
	finish(l, in, ir_sext(l->b, IR_I32, ir_trunc(l->b, (enum ir_type)in->row->arg, gpr(l, in->rd))));
}

/* cntlzw[.] rA,rS:  rA <- number of leading zeros, 32 for 0. */
static void lift_cntlzw(struct ppc_lift *l, const struct ppc_word *in)
{
	finish(l, in, ir_clz(l->b, gpr(l, in->rd)));
}

/* popcntb rA,rS:  each byte of rA <- number of ones in that byte of rS. */
static void lift_popcntb(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val odd = imm32(l, 0x55555555);
	ir_val pairs = imm32(l, 0x33333333);
	ir_val x = gpr(l, in->rd);

	x = ir_sub(l->b, x, ir_and(l->b, ir_shr(l->b, x, imm32(l, 1)), odd));
	ir_val low = ir_and(l->b, x, pairs);
	x = ir_add(l->b, low, ir_and(l->b, ir_shr(l->b, x, imm32(l, 2)), pairs));
	x = ir_and(l->b, ir_add(l->b, x, ir_shr(l->b, x, imm32(l, 4))), imm32(l, 0x0f0f0f0f));
	set_gpr(l, in->ra, x);
}

/* popcntw rA,rS:  rA <- number of ones. (Power ISA 2.06) */
static void lift_popcntw(struct ppc_lift *l, const struct ppc_word *in)
{
	set_gpr(l, in->ra, ir_popcnt(l->b, gpr(l, in->rd)));
}

/* cmpb rA,rS,rB:  each byte of rA <- 0xff where the bytes of rS and rB are equal, else 0. (Power ISA 2.05) */
static void lift_cmpb(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val low7 = imm32(l, 0x7f7f7f7f);
	ir_val s = gpr(l, in->rd);
	ir_val x = ir_xor(l->b, s, gpr(l, in->rb));
	ir_val differs = ir_or(l->b, ir_add(l->b, ir_and(l->b, x, low7), low7), x);
	ir_val equal = ir_shr(l->b, ir_and(l->b, ir_not(l->b, differs), imm32(l, 0x80808080)), imm32(l, 7));

	set_gpr(l, in->ra, ir_mul(l->b, equal, imm32(l, 0xff)));
}

/* prtyw rA,rS:  rA <- parity of the low bits of the bytes. (Power ISA 2.05) */
static void lift_prtyw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val low = ir_and(l->b, gpr(l, in->rd), imm32(l, 0x01010101));

	set_gpr(l, in->ra, ir_and(l->b, ir_popcnt(l->b, low), imm32(l, 1)));
}

/* isel rD,rA,rB,crb:  rD <- CR[crb] ? (rA|0) : (rB). (Power ISA 2.03) */
static void lift_isel(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val c = crb(l, in->rc);
	ir_val a = gpr_or_zero(l, in->ra);

	set_gpr(l, in->rd, ir_select(l->b, c, a, gpr(l, in->rb)));
}

static void compare(struct ppc_lift *l, const struct ppc_word *in, ir_val a, ir_val b)
{
	bool is_unsigned = in->row->arg;
	ir_val lt = is_unsigned ? ir_ult(l->b, a, b) : ir_slt(l->b, a, b);
	ir_val gt = is_unsigned ? ir_ult(l->b, b, a) : ir_slt(l->b, b, a);

	set_crf(l, in->crfd, lt, gt, ir_eq(l->b, a, b));
}

/* cmpw, cmplw crfD,rA,rB:  CR field crfD <- (rA) < > = (rB), SO. arg: unsigned. */
static void lift_cmp(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = gpr(l, in->ra);

	compare(l, in, a, gpr(l, in->rb));
}

/* cmpwi, cmplwi crfD,rA,IMM:  CR field crfD <- (rA) < > = IMM, SO. arg: unsigned. */
static void lift_cmpi(struct ppc_lift *l, const struct ppc_word *in)
{
	compare(l, in, gpr(l, in->ra), imm32(l, in->row->arg ? in->uimm : (uint32_t)in->simm));
}

/* MASK(mb, me): ones from bit mb to bit me, bit 0 the most significant, wrapping around. */
static uint32_t mask_of(unsigned mb, unsigned me)
{
	uint32_t from = ~0u >> mb, to = ~0u << (31 - me);

	return mb <= me ? from & to : from | to;
}

/* rlwinm[.] rA,rS,SH,MB,ME:  rA <- ROTL((rS), SH) & MASK(MB, ME); plain shifts are written as such. */
static void lift_rlwinm(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned sh = in->rb, mb = in->rc, me = in->me;
	uint32_t mask = mask_of(mb, me);
	ir_val s = gpr(l, in->rd);
	ir_val r;

	if (mb == 0 && me == 31 - sh)
		r = sh ? ir_shl(l->b, s, imm32(l, sh)) : s;
	else if (me == 31 && sh && mb == 32 - sh)
		r = ir_shr(l->b, s, imm32(l, mb));
	else if (!sh)
		r = ir_and(l->b, s, imm32(l, mask));
	else if (!(mask & ~(~0u << sh)))
		r = ir_and(l->b, ir_shl(l->b, s, imm32(l, sh)), imm32(l, mask));
	else if (!(mask & ~(~0u >> (32 - sh))))
		r = ir_and(l->b, ir_shr(l->b, s, imm32(l, 32 - sh)), imm32(l, mask));
	else if (mask == ~0u)
		r = ir_rotl(l->b, s, imm32(l, sh));
	else
		r = ir_and(l->b, ir_rotl(l->b, s, imm32(l, sh)), imm32(l, mask));
	finish(l, in, r);
}

/* rlwimi[.] rA,rS,SH,MB,ME:  the bits of MASK in rA <- ROTL((rS), SH). */
static void lift_rlwimi(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t mask = mask_of(in->rc, in->me);
	ir_val s = gpr(l, in->rd);
	ir_val rotated = in->rb ? ir_rotl(l->b, s, imm32(l, in->rb)) : s;
	ir_val kept = ir_and(l->b, gpr(l, in->ra), imm32(l, ~mask));

	finish(l, in, ir_or(l->b, kept, ir_and(l->b, rotated, imm32(l, mask))));
}

/* rlwnm[.] rA,rS,rB,MB,ME:  rA <- ROTL((rS), (rB) & 31) & MASK(MB, ME). */
static void lift_rlwnm(struct ppc_lift *l, const struct ppc_word *in)
{
	uint32_t mask = mask_of(in->rc, in->me);
	ir_val s = gpr(l, in->rd);
	ir_val r = ir_rotl(l->b, s, gpr(l, in->rb));

	finish(l, in, mask == ~0u ? r : ir_and(l->b, r, imm32(l, mask)));
}

/* The six bits of rB that count in a shift; IR shifts by 32 and more give 0 or the sign. */
static ir_val shift_count(struct ppc_lift *l, const struct ppc_word *in)
{
	return ir_and(l->b, gpr(l, in->rb), imm32(l, 63));
}

/* slw[.] rA,rS,rB:  rA <- (rS) << (rB) & 63. */
static void lift_slw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);

	finish(l, in, ir_shl(l->b, s, shift_count(l, in)));
}

/* srw[.] rA,rS,rB:  rA <- (rS) >> (rB) & 63, unsigned. */
static void lift_srw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);

	finish(l, in, ir_shr(l->b, s, shift_count(l, in)));
}

/* CA of a right shift: rS is negative and ones were shifted out. */
static void set_shift_carry(struct ppc_lift *l, ir_val s, ir_val lost)
{
	set_ca(l, ir_and(l->b, ir_slt(l->b, s, imm32(l, 0)), lost));
}

/* sraw[.] rA,rS,rB:  rA <- (rS) >> (rB) & 63, signed; CA. */
static void lift_sraw(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);
	ir_val n = shift_count(l, in);
	ir_val r = ir_sar(l->b, s, n);

	set_shift_carry(l, s, ir_ne(l->b, ir_shl(l->b, r, n), s));
	finish(l, in, r);
}

/* srawi[.] rA,rS,SH:  rA <- (rS) >> SH, signed; CA. */
static void lift_srawi(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);
	unsigned sh = in->rb;

	if (!sh) {
		set_ca(l, imm1(l, false));
		finish(l, in, s);
		return;
	}
	ir_val out = ir_and(l->b, s, imm32(l, ~(~0u << sh)));
	set_shift_carry(l, s, ir_ne(l->b, out, imm32(l, 0)));
	finish(l, in, ir_sar(l->b, s, imm32(l, sh)));
}

static const struct ppc_row rows[] = {
	{ "andi.", "011100 ddddd aaaaa iiiiiiiiiiiiiiii", lift_andi, .flags = PPC_RECORD },
	{ "andis.", "011101 ddddd aaaaa iiiiiiiiiiiiiiii", lift_andi, .arg = 16, .flags = PPC_RECORD },
	{ "ori", "011000 ddddd aaaaa iiiiiiiiiiiiiiii", lift_ori },
	{ "oris", "011001 ddddd aaaaa iiiiiiiiiiiiiiii", lift_ori, .arg = 16 },
	{ "xori", "011010 ddddd aaaaa iiiiiiiiiiiiiiii", lift_xori },
	{ "xoris", "011011 ddddd aaaaa iiiiiiiiiiiiiiii", lift_xori, .arg = 16 },
	{ "and", "011111 ddddd aaaaa bbbbb 0000011100 .", lift_logic, .arg = AND },
	{ "or", "011111 ddddd aaaaa bbbbb 0110111100 .", lift_logic, .arg = OR },
	{ "xor", "011111 ddddd aaaaa bbbbb 0100111100 .", lift_logic, .arg = XOR },
	{ "nand", "011111 ddddd aaaaa bbbbb 0111011100 .", lift_logic, .arg = NAND },
	{ "nor", "011111 ddddd aaaaa bbbbb 0001111100 .", lift_logic, .arg = NOR },
	{ "eqv", "011111 ddddd aaaaa bbbbb 0100011100 .", lift_logic, .arg = EQV },
	{ "andc", "011111 ddddd aaaaa bbbbb 0000111100 .", lift_logic, .arg = ANDC },
	{ "orc", "011111 ddddd aaaaa bbbbb 0110011100 .", lift_logic, .arg = ORC },
	{ "extsb", "011111 ddddd aaaaa ----- 1110111010 .", lift_exts, .arg = IR_I8 },
	{ "extsh", "011111 ddddd aaaaa ----- 1110011010 .", lift_exts, .arg = IR_I16 },
	{ "cntlzw", "011111 ddddd aaaaa ----- 0000011010 .", lift_cntlzw },
	{ "popcntb", "011111 ddddd aaaaa ----- 0001111010 -", lift_popcntb, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "popcntw", "011111 ddddd aaaaa ----- 0101111010 -", lift_popcntw, .lacks = PPC_CLASSIC },
	{ "prtyw", "011111 ddddd aaaaa ----- 0010011010 -", lift_prtyw, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "cmpb", "011111 ddddd aaaaa bbbbb 0111111100 -", lift_cmpb, .lacks = PPC_CLASSIC },
	{ "isel", "011111 ddddd aaaaa bbbbb ccccc 01111 -", lift_isel, .lacks = PPC_CLASSIC },
	{ "cmpw", "011111 fff - 0 aaaaa bbbbb 0000000000 -", lift_cmp },
	{ "cmpwi", "001011 fff - 0 aaaaa iiiiiiiiiiiiiiii", lift_cmpi },
	{ "cmplw", "011111 fff - 0 aaaaa bbbbb 0000100000 -", lift_cmp, .arg = 1 },
	{ "cmplwi", "001010 fff - 0 aaaaa iiiiiiiiiiiiiiii", lift_cmpi, .arg = 1 },
	{ "rlwinm", "010101 ddddd aaaaa hhhhh mmmmm eeeee .", lift_rlwinm },
	{ "rlwimi", "010100 ddddd aaaaa hhhhh mmmmm eeeee .", lift_rlwimi },
	{ "rlwnm", "010111 ddddd aaaaa bbbbb mmmmm eeeee .", lift_rlwnm },
	{ "slw", "011111 ddddd aaaaa bbbbb 0000011000 .", lift_slw },
	{ "srw", "011111 ddddd aaaaa bbbbb 1000011000 .", lift_srw },
	{ "sraw", "011111 ddddd aaaaa bbbbb 1100011000 .", lift_sraw },
	{ "srawi", "011111 ddddd aaaaa hhhhh 1100111000 .", lift_srawi },
};
const struct ppc_rows ppc_rows_logic = PPC_ROWS(rows);
