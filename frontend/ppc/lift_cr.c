/* The condition register: logic on its bits, moves of its fields (UISA 4.2.4.4, 4.2.5). */
#include "frontend/ppc/ppc.h"

enum cr_op { AND, OR, XOR, NAND, NOR, EQV, ANDC, ORC };

/* crand and its seven relatives:  CR[crbD] <- CR[crbA] op CR[crbB]. */
static void lift_crlogic(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = crb(l, in->ra);
	ir_val b = crb(l, in->rb);
	ir_val r = a;

	if (in->row->arg == ANDC || in->row->arg == ORC)
		b = ir_not(l->b, b);
	switch (in->row->arg) {
	case AND: case NAND: case ANDC: r = ir_and(l->b, a, b); break;
	case OR: case NOR: case ORC: r = ir_or(l->b, a, b); break;
	default: r = ir_xor(l->b, a, b); break;
	}
	if (in->row->arg == NAND || in->row->arg == NOR || in->row->arg == EQV)
		r = ir_not(l->b, r);
	set_crb(l, in->rd, r);
}

/* mcrf crfD,crfS:  CR field crfD <- CR field crfS. */
static void lift_mcrf(struct ppc_lift *l, const struct ppc_word *in)
{
	for (unsigned i = 0; i < 4; i++)
		set_crb(l, in->crfd * 4u + i, crb(l, in->crfs * 4u + i));
}

/* FXM: bits 12-19 of the word, the first for CR0. */
static unsigned fxm(const struct ppc_word *in)
{
	return in->word >> 12 & 0xff;
}

/* mtcrf FXM,rS, mtocrf:  each CR field of FXM <- its bits of rS. */
static void lift_mtcrf(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val s = gpr(l, in->rd);

	for (unsigned i = 0; i < 32; i++)
		if (fxm(in) >> (7 - i / 4) & 1)
			set_crb(l, i, ir_trunc(l->b, IR_I1, ir_shr(l->b, s, imm32(l, 31 - i))));
}

static uint64_t mfcr(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return ppc_get_cr(state);
}

const struct ir_helper ppc_mfcr = { "ppc_mfcr", mfcr, IR_HELPER_READS };

/* Those bits of CR in the fields of mask, the highest bit of which is field 0; the rest 0. */
static ir_val fields(struct ppc_lift *l, unsigned mask)
{
	ir_val r = imm32(l, 0);

	for (unsigned i = 0; i < 32; i++) {
		if (!(mask >> (7 - i / 4) & 1))
			continue;
		ir_val bit = ir_zext(l->b, IR_I32, crb(l, i));
		r = ir_or(l->b, r, ir_shl(l->b, bit, imm32(l, 31 - i)));
	}
	return r;
}

/* Whether the block has written a bit of CR. */
static bool is_written(const struct ir_unit *u)
{
	for (unsigned i = u->n; i-- > 0;)
		if (u->inst[i].op == IR_OP_put && u->inst[i].slot >= PPC_CR0_LT && u->inst[i].slot < PPC_CR0_LT + 32)
			return true;
	return false;
}

/*
 * mfcr rD:  rD <- CR. Behind a comparison it is mostly one bit that the next instruction takes out of it: hot code
 * computes no others then. In front of them, in prologues, all are saved.
 */
static void lift_mfcr(struct ppc_lift *l, const struct ppc_word *in)
{
	if (l->hot && !l->b->failed && is_written(l->b->u)) {
		set_gpr(l, in->rd, fields(l, 0xff));
		return;
	}
	set_gpr(l, in->rd, ir_call(l->b, &ppc_mfcr, IR_I32, IR_NONE, IR_NONE, IR_NONE));
}

/* mfocrf rD,FXM:  rD <- the one CR field of FXM in its place, the rest 0; other masks read all. */
static void lift_mfocrf(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned mask = fxm(in);

	if (!mask || mask & (mask - 1)) {
		lift_mfcr(l, in);
		return;
	}
	set_gpr(l, in->rd, fields(l, mask));
}

/* mcrxr crfD:  CR field crfD <- SO OV CA 0 of XER, which are cleared. */
static void lift_mcrxr(struct ppc_lift *l, const struct ppc_word *in)
{
	for (unsigned i = 0; i < 3; i++) {
		set_crb(l, in->crfd * 4u + i, flag(l, PPC_XER_SO + i));
		ir_put(l->b, PPC_XER_SO + i, imm1(l, false));
	}
	set_crb(l, in->crfd * 4u + 3, imm1(l, false));
}

static const struct ppc_row rows[] = {
	{ "crand", "010011 zzzzz xxxxx yyyyy 0100000001 -", lift_crlogic, .arg = AND },
	{ "cror", "010011 zzzzz xxxxx yyyyy 0111000001 -", lift_crlogic, .arg = OR },
	{ "crxor", "010011 zzzzz xxxxx yyyyy 0011000001 -", lift_crlogic, .arg = XOR },
	{ "crnand", "010011 zzzzz xxxxx yyyyy 0011100001 -", lift_crlogic, .arg = NAND },
	{ "crnor", "010011 zzzzz xxxxx yyyyy 0000100001 -", lift_crlogic, .arg = NOR },
	{ "creqv", "010011 zzzzz xxxxx yyyyy 0100100001 -", lift_crlogic, .arg = EQV },
	{ "crandc", "010011 zzzzz xxxxx yyyyy 0010000001 -", lift_crlogic, .arg = ANDC },
	{ "crorc", "010011 zzzzz xxxxx yyyyy 0110100001 -", lift_crlogic, .arg = ORC },
	{ "mcrf", "010011 fff -- ggg -- ----- 0000000000 -", lift_mcrf },
	{ "mtcrf", "011111 ddddd 0 wwwwwwww - 0010010000 -", lift_mtcrf },
	{ "mtocrf", "011111 ddddd 1 wwwwwwww - 0010010000 -", lift_mtcrf },
	{ "mfcr", "011111 ddddd 0 -------- - 0000010011 -", lift_mfcr },
	{ "mfocrf", "011111 ddddd 1 wwwwwwww - 0000010011 -", lift_mfocrf, .lacks = PPC_CLASSIC },
	{ "mfocrf", "011111 ddddd 1 -------- - 0000010011 -", lift_mfcr },
	{ "mcrxr", "011111 fff -- ----- ----- 1000000000 -", lift_mcrxr, .flags = PPC_PRE },
};
const struct ppc_rows ppc_rows_cr = PPC_ROWS(rows);
