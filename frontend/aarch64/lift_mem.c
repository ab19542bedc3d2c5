/*
 * Loads and stores of general registers, pairs and literals, prefetch (C6.2). Unaligned accesses work.
 * Registers are written behind the last access: an instruction that faults has written none.
 */
#include "frontend/aarch64/a64.h"

/* Row arguments: enum ir_mem in the low byte, and */
enum {
	STORE = 0x100,
	TO_W = 0x200,		/* a signed load extends to 32 bits only */
	SCALED = 0x400,		/* imm12, in units of the size; else imm9 */
	POST = 0x800,		/* writes back, and accesses memory at the old base */
	PRE = 0x1000,		/* writes back, and accesses memory at the new base */
};

static ir_val load_value(struct a64_lift *l, uint32_t arg, ir_val base, int32_t disp)
{
	return ir_load(l->b, arg & 0xff, arg & TO_W ? IR_I32 : IR_I64, base, disp);
}

/* ldr, str and their kin Rt, [Xn|SP, #imm], with or without writeback. */
static void lift_access(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	int32_t imm = arg & SCALED ? (int32_t)(in->imm12 << (arg & IR_MEM_SIZE)) : in->imm9;
	int32_t disp = arg & POST ? 0 : imm;
	ir_val base = base_reg(l, in->Rn), v = IR_NONE;

	if (arg & STORE)
		ir_store(l->b, arg & 0xff, base, disp, xreg(l, in->Rt));
	else
		v = load_value(l, arg, base, disp);
	if (arg & (POST | PRE))
		set_reg_sp(l, in->Rn, base_plus(l, base, imm));
	if (!(arg & STORE))
		set_reg(l, in->Rt, v);
}

/* ldr, str and their kin Rt, [Xn|SP, Rm {, extend {#log2 of the size}}] */
static void lift_indexed(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;

	if (!(in->option & 2)) {
		lift_illegal(l);
		return;
	}
	ir_val index = a64_index(l, in, arg & IR_MEM_SIZE);
	ir_val at = ir_add(l->b, base_reg(l, in->Rn), index);
	if (arg & STORE)
		ir_store(l->b, arg & 0xff, at, 0, xreg(l, in->Rt));
	else
		set_reg(l, in->Rt, load_value(l, arg, at, 0));
}

/* ldr, ldrsw Rt, label. */
static void lift_literal(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = imm64(l, l->pc + (uint64_t)((int64_t)in->imm19 * 4));

	set_reg(l, in->Rt, load_value(l, in->row->arg, at, 0));
}

/* ldp, ldpsw, stp, ldnp, stnp Rt, Rt2, [Xn|SP, #imm7 * size], with or without writeback. */
static void lift_pair(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	int32_t bytes = 1 << (arg & IR_MEM_SIZE), imm = in->imm7 * bytes;
	int32_t disp = arg & POST ? 0 : imm;
	ir_val base = base_reg(l, in->Rn), v = IR_NONE, v2 = IR_NONE;

	if (arg & STORE) {
		ir_store(l->b, arg & 0xff, base, disp, xreg(l, in->Rt));
		ir_store(l->b, arg & 0xff, base, disp + bytes, xreg(l, in->Rt2));
	} else {
		v = load_value(l, arg, base, disp);
		v2 = load_value(l, arg, base, disp + bytes);
	}
	if (arg & (POST | PRE))
		set_reg_sp(l, in->Rn, base_plus(l, base, imm));
	if (!(arg & STORE)) {
		set_reg(l, in->Rt, v);
		set_reg(l, in->Rt2, v2);
	}
}

/* prfm, prfum:  hints; they never fault. */
static void lift_prefetch(struct a64_lift *l, const struct a64_word *in)
{
	(void)l;
	(void)in;
}

static void lift_prefetch_indexed(struct a64_lift *l, const struct a64_word *in)
{
	if (!(in->option & 2))
		lift_illegal(l);
}

enum {
	B = IR_MEM_8, H = IR_MEM_16, W = IR_MEM_32, X = IR_MEM_64,
	SB = B | IR_MEM_SEXT, SH = H | IR_MEM_SEXT, SW = W | IR_MEM_SEXT,
};

/* The forms of one access: its name is stem, form, suffix, as ld-ur-sb; sz and op are the bits that tell it. */
#define FORMS(stem, suffix, sz, op, mem) \
	{ stem "r" suffix, sz " 111 0 01 " op " iiiiiiiiiiii nnnnn ttttt", lift_access, .arg = (mem) | SCALED }, \
	{ stem "ur" suffix, sz " 111 0 00 " op " 0 iiiiiiiii 00 nnnnn ttttt", lift_access, .arg = mem }, \
	{ stem "r" suffix, sz " 111 0 00 " op " 0 iiiiiiiii 01 nnnnn ttttt", lift_access, .arg = (mem) | POST }, \
	{ stem "tr" suffix, sz " 111 0 00 " op " 0 iiiiiiiii 10 nnnnn ttttt", lift_access, .arg = mem }, \
	{ stem "r" suffix, sz " 111 0 00 " op " 0 iiiiiiiii 11 nnnnn ttttt", lift_access, .arg = (mem) | PRE }, \
	{ stem "r" suffix, sz " 111 0 00 " op " 1 mmmmm ooo s 10 nnnnn ttttt", lift_indexed, .arg = mem }

#define PAIR(name, op, load, mem) \
	{ name, op " 101 0 001 " load " iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = (mem) | POST }, \
	{ name, op " 101 0 010 " load " iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = mem }, \
	{ name, op " 101 0 011 " load " iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = (mem) | PRE }

static const struct a64_row rows[] = {
	FORMS("st", "b", "00", "00", B | STORE),
	FORMS("ld", "b", "00", "01", B),
	FORMS("ld", "sb", "00", "10", SB),
	FORMS("ld", "sb", "00", "11", SB | TO_W),
	FORMS("st", "h", "01", "00", H | STORE),
	FORMS("ld", "h", "01", "01", H),
	FORMS("ld", "sh", "01", "10", SH),
	FORMS("ld", "sh", "01", "11", SH | TO_W),
	FORMS("st", "", "10", "00", W | STORE),
	FORMS("ld", "", "10", "01", W),
	FORMS("ld", "sw", "10", "10", SW),
	FORMS("st", "", "11", "00", X | STORE),
	FORMS("ld", "", "11", "01", X),
	{ "ldr", "00 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal, .arg = W },
	{ "ldr", "01 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal, .arg = X },
	{ "ldrsw", "10 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal, .arg = SW },
	{ "prfm", "11 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", lift_prefetch },
	{ "prfm", "11 111 0 01 10 iiiiiiiiiiii nnnnn ttttt", lift_prefetch },
	{ "prfum", "11 111 0 00 10 0 iiiiiiiii 00 nnnnn ttttt", lift_prefetch },
	{ "prfm", "11 111 0 00 10 1 mmmmm ooo s 10 nnnnn ttttt", lift_prefetch_indexed },
	PAIR("stp", "00", "0", W | STORE),
	PAIR("ldp", "00", "1", W),
	PAIR("ldpsw", "01", "1", SW),
	PAIR("stp", "10", "0", X | STORE),
	PAIR("ldp", "10", "1", X),
	{ "stnp", "00 101 0 000 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = W | STORE },
	{ "ldnp", "00 101 0 000 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = W },
	{ "stnp", "10 101 0 000 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = X | STORE },
	{ "ldnp", "10 101 0 000 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = X },
};
const struct a64_rows a64_rows_mem = A64_ROWS(rows);
