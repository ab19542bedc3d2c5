/* Integer arithmetic and logic: immediate, shifted and extended operands, selects, products (C6.2). */
#include "frontend/aarch64/a64.h"

/* Row arguments of additions and of logic. */
enum { SUB = 1, FLAGS = 2 };
enum { AND, OR, XOR, OP = 3, INVERT = 4 };

/* What ADDS, ADC.. record: the result of a + b + carry. */
static void set_add_flags(struct a64_lift *l, ir_val a, ir_val b, ir_val carry, ir_val sum)
{
	ir_val zero = ir_const(l->b, ir_type_of(l->b->u, sum), 0);
	ir_val n = ir_slt(l->b, sum, zero);
	ir_val z = ir_eq(l->b, sum, zero);
	ir_val c = ir_add_carry(l->b, a, b, carry);

	set_nzcv(l, n, z, c, ir_add_overflow(l->b, a, b, carry));
}

/* a - b with flags, which are comparisons of its operands: compilers like that. */
static ir_val subtract(struct a64_lift *l, const struct a64_word *in, ir_val a, ir_val b)
{
	ir_val difference = ir_sub(l->b, a, b);
	ir_val n = ir_slt(l->b, difference, imm(l, in->sf, 0));
	ir_val z = ir_eq(l->b, a, b);
	ir_val c = ir_ule(l->b, b, a);

	set_nzcv(l, n, z, c, ir_add_overflow(l->b, a, ir_not(l->b, b), imm1(l, 1)));
	return difference;
}

static ir_val add_sub(struct a64_lift *l, const struct a64_word *in, ir_val a, ir_val b)
{
	if (!(in->row->arg & FLAGS))
		return in->row->arg & SUB ? ir_sub(l->b, a, b) : ir_add(l->b, a, b);
	if (in->row->arg & SUB)
		return subtract(l, in, a, b);
	ir_val sum = ir_add(l->b, a, b);
	set_add_flags(l, a, b, imm1(l, 0), sum);
	return sum;
}

/* With a constant. Where it is not 0 (nor the least number), a + k has the flags of a - -k. */
static ir_val add_sub_imm(struct a64_lift *l, const struct a64_word *in, ir_val a, uint64_t k)
{
	if (in->row->arg == FLAGS && k)
		return subtract(l, in, a, imm(l, in->sf, 0 - k));
	return add_sub(l, in, a, imm(l, in->sf, k));
}

/* add, sub[s] Rd|SP, Rn|SP, #imm12 [, lsl #12];  the forms with S write no SP. */
static void lift_add_imm(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t k = in->word >> 22 & 1 ? in->imm12 << 12 : in->imm12;
	ir_val sum = add_sub_imm(l, in, reg_sp(l, in->sf, in->Rn), k);

	if (in->row->arg & FLAGS)
		set_reg(l, in->Rd, sum);
	else
		set_reg_sp(l, in->Rd, sum);
}

/* Rm, shifted by imm6: LSL, LSR, ASR, ROR. */
static ir_val shifted(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rm);
	ir_val n = imm32(l, in->imms);

	if (!in->imms)
		return x;
	switch (in->shift) {
	case 0: return ir_shl(l->b, x, n);
	case 1: return ir_shr(l->b, x, n);
	case 2: return ir_sar(l->b, x, n);
	default: return ir_rotl(l->b, x, imm32(l, (in->sf ? 64u : 32u) - in->imms));
	}
}

/* add, sub[s] Rd, Rn, Rm {, shift #imm6} */
static void lift_add_shifted(struct a64_lift *l, const struct a64_word *in)
{
	if (in->shift == 3 || (!in->sf && in->imms > 31)) {
		lift_illegal(l);
		return;
	}
	ir_val a = reg(l, in->sf, in->Rn);
	ir_val b = shifted(l, in);
	set_reg(l, in->Rd, add_sub(l, in, a, b));
}

/* add, sub[s] Rd|SP, Rn|SP, Rm, extend {#0..4} */
static void lift_add_extended(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = in->imms & 7;

	if (n > 4) {
		lift_illegal(l);
		return;
	}
	ir_val b = a64_extend(l, in->sf, in->Rm, in->option);
	if (n)
		b = ir_shl(l->b, b, imm32(l, n));
	ir_val sum = add_sub(l, in, reg_sp(l, in->sf, in->Rn), b);
	if (in->row->arg & FLAGS)
		set_reg(l, in->Rd, sum);
	else
		set_reg_sp(l, in->Rd, sum);
}

/* adc, sbc[s] Rd, Rn, Rm:  Rn + Rm + C, Rn + ~Rm + C. */
static void lift_adc(struct a64_lift *l, const struct a64_word *in)
{
	ir_val a = reg(l, in->sf, in->Rn);
	ir_val b = reg(l, in->sf, in->Rm);
	ir_val carry = flag(l, A64_C);

	if (in->row->arg & SUB)
		b = ir_not(l->b, b);
	ir_val sum = ir_add(l->b, a, b);
	sum = ir_add(l->b, sum, ir_zext(l->b, int_type(in->sf), carry));
	if (in->row->arg & FLAGS)
		set_add_flags(l, a, b, carry, sum);
	set_reg(l, in->Rd, sum);
}

static ir_val logic(struct a64_lift *l, const struct a64_word *in, ir_val a, ir_val b)
{
	if (in->row->arg & INVERT)
		b = ir_not(l->b, b);
	switch (in->row->arg & OP) {
	case AND: return ir_and(l->b, a, b);
	case OR: return ir_or(l->b, a, b);
	default: return ir_xor(l->b, a, b);
	}
}

/* ANDS, BICS: N and Z of the result; C and V are cleared. */
static void set_logic_flags(struct a64_lift *l, const struct a64_word *in, ir_val v)
{
	ir_val zero = imm(l, in->sf, 0);
	ir_val n = ir_slt(l->b, v, zero);

	set_nzcv(l, n, ir_eq(l->b, v, zero), imm1(l, 0), imm1(l, 0));
}

bool a64_bit_masks(bool sf, unsigned n, unsigned imms, unsigned immr, uint64_t *mask)
{
	unsigned key = n << 6 | (~imms & 63);
	unsigned len = key ? 31u - (unsigned)__builtin_clz(key) : 0;

	if (!len || (n && !sf))
		return false;
	unsigned size = 1u << len, levels = size - 1, s = imms & levels, r = immr & levels;
	if (s == levels)
		return false;
	uint64_t ones = (2ull << s) - 1;
	if (r)
		ones = ones >> r | ones << (size - r);
	if (size < 64)
		ones &= (1ull << size) - 1;
	for (unsigned k = size; k < 64; k *= 2)
		ones |= ones << k;
	*mask = sf ? ones : (uint32_t)ones;
	return true;
}

/* and, orr, eor Rd|SP, Rn, #bitmask;  ands Rd, ... */
static void lift_logic_imm(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t mask;

	if (!a64_bit_masks(in->sf, in->word >> 22 & 1, in->imms, in->immr, &mask)) {
		lift_illegal(l);
		return;
	}
	ir_val v = logic(l, in, reg(l, in->sf, in->Rn), imm(l, in->sf, mask));
	if (a64_bits(in->word, 30, 29) == 3) {
		set_logic_flags(l, in, v);
		set_reg(l, in->Rd, v);
	} else {
		set_reg_sp(l, in->Rd, v);
	}
}

/* and, bic, orr, orn, eor, eon, ands, bics Rd, Rn, Rm {, shift #imm6} */
static void lift_logic_shifted(struct a64_lift *l, const struct a64_word *in)
{
	if (!in->sf && in->imms > 31) {
		lift_illegal(l);
		return;
	}
	ir_val b = shifted(l, in);
	bool plain = (in->row->arg & OP) == OR && in->Rn == 31;
	ir_val v = plain ? in->row->arg & INVERT ? ir_not(l->b, b) : b : logic(l, in, reg(l, in->sf, in->Rn), b);
	if (a64_bits(in->word, 30, 29) == 3)
		set_logic_flags(l, in, v);
	set_reg(l, in->Rd, v);
}

/* movz Rd, #imm16, lsl #16 * hw;  movn: its complement. */
static void lift_movz(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t v = (uint64_t)in->imm16 << 16 * (in->word >> 21 & 3);

	if (!in->sf && in->word >> 22 & 1)
		lift_illegal(l);
	else
		set_reg(l, in->Rd, imm(l, in->sf, in->row->arg ? ~v : v));
}

/* movk Rd, #imm16, lsl #16 * hw:  these 16 bits, the others stay. */
static void lift_movk(struct a64_lift *l, const struct a64_word *in)
{
	unsigned at = 16 * (in->word >> 21 & 3);

	if (!in->sf && in->word >> 22 & 1) {
		lift_illegal(l);
		return;
	}
	ir_val rest = ir_and(l->b, reg(l, in->sf, in->Rd), imm(l, in->sf, ~(0xffffull << at)));
	set_reg(l, in->Rd, ir_or(l->b, rest, imm(l, in->sf, (uint64_t)in->imm16 << at)));
}

/* adr Xd, label;  adrp: pages of 4 KiB. */
static void lift_adr(struct a64_lift *l, const struct a64_word *in)
{
	int64_t offset = (int64_t)in->imm19 * 4 + (in->word >> 29 & 3);

	set_reg(l, in->Rd, imm64(l, in->row->arg ? (l->pc & ~0xfffull) + (uint64_t)offset * 4096 :
						   l->pc + (uint64_t)offset));
}

enum { CSEL, CSINC, CSINV, CSNEG };

/* csel, csinc, csinv, csneg Rd, Rn, Rm, cond:  Rn, or else Rm, Rm + 1, ~Rm, -Rm. */
static void lift_csel(struct a64_lift *l, const struct a64_word *in)
{
	ir_val a = reg(l, in->sf, in->Rn);
	ir_val b = reg(l, in->sf, in->Rm);

	switch (in->row->arg) {
	case CSINC: b = ir_add(l->b, b, imm(l, in->sf, 1)); break;
	case CSINV: b = ir_not(l->b, b); break;
	case CSNEG: b = ir_sub(l->b, imm(l, in->sf, 0), b); break;
	default: break;
	}
	set_reg(l, in->Rd, ir_select(l->b, a64_condition(l, in->cond), a, b));
}

/* ccmp, ccmn Rn, Rm|#imm5, #nzcv, cond:  the flags of the comparison if the condition holds, else nzcv. */
static void lift_ccmp(struct a64_lift *l, const struct a64_word *in)
{
	ir_val c = a64_condition(l, in->cond);
	ir_val a = reg(l, in->sf, in->Rn);
	static const unsigned slot[] = { A64_V, A64_C, A64_Z, A64_N };

	if (in->word >> 11 & 1)
		add_sub_imm(l, in, a, in->Rm);
	else
		add_sub(l, in, a, reg(l, in->sf, in->Rm));
	for (unsigned i = 0; i < 4; i++)
		ir_put(l->b, slot[i], ir_select(l->b, c, flag(l, slot[i]), imm1(l, in->word >> i & 1)));
}

/* madd, msub Rd, Rn, Rm, Ra:  Ra + Rn * Rm, Ra - Rn * Rm. */
static void lift_madd(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = reg(l, in->sf, in->Rn);
	ir_val m = reg(l, in->sf, in->Rm);
	ir_val product = ir_mul(l->b, n, m);
	ir_val a = reg(l, in->sf, in->Ra);

	set_reg(l, in->Rd, in->row->arg ? ir_sub(l->b, a, product) : ir_add(l->b, a, product));
}

enum { UNSIGNED = 2 };

/* smaddl, smsubl, umaddl, umsubl Xd, Wn, Wm, Xa. */
static void lift_maddl(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = reg(l, false, in->Rn);
	ir_val m = reg(l, false, in->Rm);
	bool u = in->row->arg & UNSIGNED;

	n = u ? ir_zext(l->b, IR_I64, n) : ir_sext(l->b, IR_I64, n);
	m = u ? ir_zext(l->b, IR_I64, m) : ir_sext(l->b, IR_I64, m);
	ir_val product = ir_mul(l->b, n, m);
	ir_val a = xreg(l, in->Ra);
	set_reg(l, in->Rd, in->row->arg & SUB ? ir_sub(l->b, a, product) : ir_add(l->b, a, product));
}

/* smulh, umulh Xd, Xn, Xm:  bits 127-64 of the product. */
static void lift_mulh(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = xreg(l, in->Rn);
	ir_val m = xreg(l, in->Rm);

	set_reg(l, in->Rd, in->row->arg & UNSIGNED ? ir_mulhu(l->b, n, m) : ir_mulhs(l->b, n, m));
}

/* udiv, sdiv Rd, Rn, Rm:  towards zero; a division by zero gives 0, the least number by -1 itself. */
static void lift_div(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = reg(l, in->sf, in->Rn);
	ir_val m = reg(l, in->sf, in->Rm);

	set_reg(l, in->Rd, in->row->arg & UNSIGNED ? ir_divu(l->b, n, m) : ir_divs(l->b, n, m));
}

static const struct a64_row rows[] = {
	{ "add", "f00 100010 h iiiiiiiiiiii nnnnn ddddd", lift_add_imm },
	{ "adds", "f01 100010 h iiiiiiiiiiii nnnnn ddddd", lift_add_imm, .arg = FLAGS },
	{ "sub", "f10 100010 h iiiiiiiiiiii nnnnn ddddd", lift_add_imm, .arg = SUB },
	{ "subs", "f11 100010 h iiiiiiiiiiii nnnnn ddddd", lift_add_imm, .arg = SUB | FLAGS },
	{ "add", "f00 01011 hh 0 mmmmm iiiiii nnnnn ddddd", lift_add_shifted },
	{ "adds", "f01 01011 hh 0 mmmmm iiiiii nnnnn ddddd", lift_add_shifted, .arg = FLAGS },
	{ "sub", "f10 01011 hh 0 mmmmm iiiiii nnnnn ddddd", lift_add_shifted, .arg = SUB },
	{ "subs", "f11 01011 hh 0 mmmmm iiiiii nnnnn ddddd", lift_add_shifted, .arg = SUB | FLAGS },
	{ "add", "f00 01011 00 1 mmmmm ooo iii nnnnn ddddd", lift_add_extended },
	{ "adds", "f01 01011 00 1 mmmmm ooo iii nnnnn ddddd", lift_add_extended, .arg = FLAGS },
	{ "sub", "f10 01011 00 1 mmmmm ooo iii nnnnn ddddd", lift_add_extended, .arg = SUB },
	{ "subs", "f11 01011 00 1 mmmmm ooo iii nnnnn ddddd", lift_add_extended, .arg = SUB | FLAGS },
	{ "adc", "f00 11010000 mmmmm 000000 nnnnn ddddd", lift_adc },
	{ "adcs", "f01 11010000 mmmmm 000000 nnnnn ddddd", lift_adc, .arg = FLAGS },
	{ "sbc", "f10 11010000 mmmmm 000000 nnnnn ddddd", lift_adc, .arg = SUB },
	{ "sbcs", "f11 11010000 mmmmm 000000 nnnnn ddddd", lift_adc, .arg = SUB | FLAGS },
	{ "and", "f00 100100 N rrrrrr iiiiii nnnnn ddddd", lift_logic_imm, .arg = AND },
	{ "orr", "f01 100100 N rrrrrr iiiiii nnnnn ddddd", lift_logic_imm, .arg = OR },
	{ "eor", "f10 100100 N rrrrrr iiiiii nnnnn ddddd", lift_logic_imm, .arg = XOR },
	{ "ands", "f11 100100 N rrrrrr iiiiii nnnnn ddddd", lift_logic_imm, .arg = AND },
	{ "and", "f00 01010 hh 0 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = AND },
	{ "bic", "f00 01010 hh 1 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = AND | INVERT },
	{ "orr", "f01 01010 hh 0 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = OR },
	{ "orn", "f01 01010 hh 1 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = OR | INVERT },
	{ "eor", "f10 01010 hh 0 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = XOR },
	{ "eon", "f10 01010 hh 1 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = XOR | INVERT },
	{ "ands", "f11 01010 hh 0 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = AND },
	{ "bics", "f11 01010 hh 1 mmmmm iiiiii nnnnn ddddd", lift_logic_shifted, .arg = AND | INVERT },
	{ "movz", "f10 100101 hh iiiiiiiiiiiiiiii ddddd", lift_movz },
	{ "movn", "f00 100101 hh iiiiiiiiiiiiiiii ddddd", lift_movz, .arg = 1 },
	{ "movk", "f11 100101 hh iiiiiiiiiiiiiiii ddddd", lift_movk },
	{ "adr", "0 jj 10000 iiiiiiiiiiiiiiiiiii ddddd", lift_adr },
	{ "adrp", "1 jj 10000 iiiiiiiiiiiiiiiiiii ddddd", lift_adr, .arg = 1 },
	{ "csel", "f00 11010100 mmmmm cccc 00 nnnnn ddddd", lift_csel, .arg = CSEL },
	{ "csinc", "f00 11010100 mmmmm cccc 01 nnnnn ddddd", lift_csel, .arg = CSINC },
	{ "csinv", "f10 11010100 mmmmm cccc 00 nnnnn ddddd", lift_csel, .arg = CSINV },
	{ "csneg", "f10 11010100 mmmmm cccc 01 nnnnn ddddd", lift_csel, .arg = CSNEG },
	{ "ccmn", "f01 11010010 mmmmm cccc 00 nnnnn 0 kkkk", lift_ccmp, .arg = FLAGS },
	{ "ccmp", "f11 11010010 mmmmm cccc 00 nnnnn 0 kkkk", lift_ccmp, .arg = SUB | FLAGS },
	{ "ccmn", "f01 11010010 iiiii cccc 10 nnnnn 0 kkkk", lift_ccmp, .arg = FLAGS },
	{ "ccmp", "f11 11010010 iiiii cccc 10 nnnnn 0 kkkk", lift_ccmp, .arg = SUB | FLAGS },
	{ "madd", "f00 11011 000 mmmmm 0 aaaaa nnnnn ddddd", lift_madd },
	{ "msub", "f00 11011 000 mmmmm 1 aaaaa nnnnn ddddd", lift_madd, .arg = SUB },
	{ "smaddl", "100 11011 001 mmmmm 0 aaaaa nnnnn ddddd", lift_maddl },
	{ "smsubl", "100 11011 001 mmmmm 1 aaaaa nnnnn ddddd", lift_maddl, .arg = SUB },
	{ "umaddl", "100 11011 101 mmmmm 0 aaaaa nnnnn ddddd", lift_maddl, .arg = UNSIGNED },
	{ "umsubl", "100 11011 101 mmmmm 1 aaaaa nnnnn ddddd", lift_maddl, .arg = SUB | UNSIGNED },
	{ "smulh", "100 11011 010 mmmmm 0 ----- nnnnn ddddd", lift_mulh },
	{ "umulh", "100 11011 110 mmmmm 0 ----- nnnnn ddddd", lift_mulh, .arg = UNSIGNED },
	{ "udiv", "f00 11010110 mmmmm 000010 nnnnn ddddd", lift_div, .arg = UNSIGNED },
	{ "sdiv", "f00 11010110 mmmmm 000011 nnnnn ddddd", lift_div },
};
const struct a64_rows a64_rows_int = A64_ROWS(rows);
