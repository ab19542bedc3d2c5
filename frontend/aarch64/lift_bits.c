/* Bit fields, extract, counts and reversals, CRC32, variable shifts (C6.2). */
#include "frontend/aarch64/a64.h"

enum { SIGNED, INSERT, ZERO };

static unsigned width(const struct a64_word *in)
{
	return in->sf ? 64 : 32;
}

/* Bits n-1..0 of x. */
static uint64_t low_ones(unsigned n)
{
	return n < 64 ? (1ull << n) - 1 : ~0ull;
}

/* The field of n bits at `from`, at `to`, with zeros or copies of its sign around it (zeros below). */
static ir_val move_field(struct a64_lift *l, const struct a64_word *in, ir_val x, unsigned n, unsigned from, unsigned to)
{
	unsigned w = width(in), up = w - n - from, down = w - n - to;

	if (in->row->arg == SIGNED) {
		x = up ? ir_shl(l->b, x, imm32(l, up)) : x;
		return down ? ir_sar(l->b, x, imm32(l, down)) : x;
	}
	if (from)
		x = ir_shr(l->b, x, imm32(l, from));
	if (up && n + from < w && down)
		x = ir_and(l->b, x, imm(l, in->sf, low_ones(n)));
	return to ? ir_shl(l->b, x, imm32(l, to)) : x;
}

/* Sign extensions have an operation of their own. */
static bool sign_extends(const struct a64_word *in, enum ir_type *from)
{
	if (in->row->arg != SIGNED || in->immr)
		return false;
	*from = in->imms == 7 ? IR_I8 : in->imms == 15 ? IR_I16 : IR_I32;
	return in->imms == 7 || in->imms == 15 || (in->sf && in->imms == 31);
}

/*
 * sbfm, bfm, ubfm Rd, Rn, #immr, #imms:  imms >= immr: bits imms..immr to bit 0 and up; else bits imms..0 to
 * bit width - immr and up. bfm keeps the other bits of Rd.
 */
static void lift_bitfield(struct a64_lift *l, const struct a64_word *in)
{
	unsigned w = width(in), r = in->immr, s = in->imms;
	unsigned n = s >= r ? s - r + 1 : s + 1, from = s >= r ? r : 0, to = s >= r ? 0 : w - r;
	enum ir_type t;

	if ((in->word >> 22 & 1) != in->sf || (!in->sf && (r > 31 || s > 31))) {
		lift_illegal(l);
		return;
	}
	ir_val x = reg(l, in->sf, in->Rn);
	if (sign_extends(in, &t)) {
		set_reg(l, in->Rd, ir_sext(l->b, int_type(in->sf), ir_trunc(l->b, t, x)));
		return;
	}
	ir_val field = move_field(l, in, x, n, from, to);
	if (in->row->arg == INSERT && n < w) {
		ir_val rest = ir_and(l->b, reg(l, in->sf, in->Rd), imm(l, in->sf, ~(low_ones(n) << to)));
		field = ir_or(l->b, rest, field);
	}
	set_reg(l, in->Rd, field);
}

/* extr Rd, Rn, Rm, #lsb:  bits of Rn:Rm from lsb on. */
static void lift_extr(struct a64_lift *l, const struct a64_word *in)
{
	unsigned w = width(in), n = in->imms;

	if ((in->word >> 22 & 1) != in->sf || n >= w) {
		lift_illegal(l);
		return;
	}
	ir_val low = reg(l, in->sf, in->Rm);
	if (in->Rn == in->Rm && n) {
		low = ir_rotl(l->b, low, imm32(l, w - n));
	} else if (n) {
		ir_val high = ir_shl(l->b, reg(l, in->sf, in->Rn), imm32(l, w - n));
		low = ir_or(l->b, ir_shr(l->b, low, imm32(l, n)), high);
	}
	set_reg(l, in->Rd, low);
}

/* Exchanges neighbours of n bits each; mask has ones for the lower of them. */
static ir_val swap_neighbours(struct a64_lift *l, bool sf, ir_val x, unsigned n, uint64_t mask)
{
	ir_val low = ir_shl(l->b, ir_and(l->b, x, imm(l, sf, mask)), imm32(l, n));
	ir_val high = ir_and(l->b, ir_shr(l->b, x, imm32(l, n)), imm(l, sf, mask));

	return ir_or(l->b, low, high);
}

/* rbit Rd, Rn:  the order of bits reversed: first in bytes, then the bytes. */
static void lift_rbit(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rn);

	x = swap_neighbours(l, in->sf, x, 1, 0x5555555555555555);
	x = swap_neighbours(l, in->sf, x, 2, 0x3333333333333333);
	x = swap_neighbours(l, in->sf, x, 4, 0x0f0f0f0f0f0f0f0f);
	set_reg(l, in->Rd, ir_bswap(l->b, x));
}

/* rev, rev32, rev16 Rd, Rn:  the bytes of each piece of arg bits reversed; 0: of the register. */
static void lift_rev(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rn);

	if (in->row->arg == 16)
		x = swap_neighbours(l, in->sf, x, 8, 0x00ff00ff00ff00ff);
	else
		x = ir_bswap(l->b, x);
	set_reg(l, in->Rd, in->row->arg == 32 ? ir_rotl(l->b, x, imm32(l, 32)) : x);
}

/* clz Rd, Rn. */
static void lift_clz(struct a64_lift *l, const struct a64_word *in)
{
	set_reg(l, in->Rd, ir_clz(l->b, reg(l, in->sf, in->Rn)));
}

/* cls Rd, Rn:  how many bits below the sign bit equal it. */
static void lift_cls(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rn);
	ir_val differ = ir_xor(l->b, x, ir_sar(l->b, x, imm32(l, 63)));

	set_reg(l, in->Rd, ir_sub(l->b, ir_clz(l->b, differ), imm(l, in->sf, 1)));
}

enum { LSL, LSR, ASR, ROR };

/* lslv, lsrv, asrv, rorv Rd, Rn, Rm:  by Rm modulo the width. */
static void lift_shift(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = reg(l, in->sf, in->Rn);
	ir_val n = ir_and(l->b, reg(l, in->sf, in->Rm), imm(l, in->sf, width(in) - 1));

	switch (in->row->arg) {
	case LSL: x = ir_shl(l->b, x, n); break;
	case LSR: x = ir_shr(l->b, x, n); break;
	case ASR: x = ir_sar(l->b, x, n); break;
	default: x = ir_rotl(l->b, x, ir_sub(l->b, imm(l, in->sf, 0), n)); break;
	}
	set_reg(l, in->Rd, x);
}

/* The remainder of four bits by the polynomials, lowest bit first. */
static const uint32_t crc_ieee[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};
static const uint32_t crc_castagnoli[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
	0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t crc(const uint32_t table[16], uint32_t acc, uint64_t value, uint64_t bytes)
{
	for (unsigned i = 0; i < 2 * bytes; i++, value >>= 4)
		acc = acc >> 4 ^ table[(acc ^ value) & 15];
	return acc;
}

static uint64_t crc32_ieee(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state;
	return crc(crc_ieee, (uint32_t)a, b, c);
}

static uint64_t crc32_castagnoli(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state;
	return crc(crc_castagnoli, (uint32_t)a, b, c);
}

const struct ir_helper a64_crc32 = { "a64_crc32", crc32_ieee, IR_HELPER_PURE };
const struct ir_helper a64_crc32c = { "a64_crc32c", crc32_castagnoli, IR_HELPER_PURE };

/* crc32[c]b, h, w, x Wd, Wn, Rm. */
static void lift_crc32(struct a64_lift *l, const struct a64_word *in)
{
	const struct ir_helper *h = in->row->arg ? &a64_crc32c : &a64_crc32;
	unsigned size = in->word >> 10 & 3;
	ir_val acc = reg(l, false, in->Rn);
	ir_val value = xreg(l, in->Rm);

	set_reg(l, in->Rd, ir_call(l->b, h, IR_I32, acc, value, imm32(l, 1u << size)));
}

#define CRC(name, picture, poly) { name, picture, lift_crc32, .arg = poly, .feature = A64_HAS_CRC32 }
static const struct a64_row rows[] = {
	{ "sbfm", "f00 100110 N rrrrrr iiiiii nnnnn ddddd", lift_bitfield, .arg = SIGNED },
	{ "bfm", "f01 100110 N rrrrrr iiiiii nnnnn ddddd", lift_bitfield, .arg = INSERT },
	{ "ubfm", "f10 100110 N rrrrrr iiiiii nnnnn ddddd", lift_bitfield, .arg = ZERO },
	{ "extr", "f00 100111 N 0 mmmmm iiiiii nnnnn ddddd", lift_extr },
	{ "rbit", "f10 11010110 00000 000000 nnnnn ddddd", lift_rbit },
	{ "rev16", "f10 11010110 00000 000001 nnnnn ddddd", lift_rev, .arg = 16 },
	{ "rev", "010 11010110 00000 000010 nnnnn ddddd", lift_rev },
	{ "rev32", "110 11010110 00000 000010 nnnnn ddddd", lift_rev, .arg = 32 },
	{ "rev", "110 11010110 00000 000011 nnnnn ddddd", lift_rev },
	{ "clz", "f10 11010110 00000 000100 nnnnn ddddd", lift_clz },
	{ "cls", "f10 11010110 00000 000101 nnnnn ddddd", lift_cls },
	{ "lslv", "f00 11010110 mmmmm 001000 nnnnn ddddd", lift_shift, .arg = LSL },
	{ "lsrv", "f00 11010110 mmmmm 001001 nnnnn ddddd", lift_shift, .arg = LSR },
	{ "asrv", "f00 11010110 mmmmm 001010 nnnnn ddddd", lift_shift, .arg = ASR },
	{ "rorv", "f00 11010110 mmmmm 001011 nnnnn ddddd", lift_shift, .arg = ROR },
	CRC("crc32b", "000 11010110 mmmmm 010000 nnnnn ddddd", 0),
	CRC("crc32h", "000 11010110 mmmmm 010001 nnnnn ddddd", 0),
	CRC("crc32w", "000 11010110 mmmmm 010010 nnnnn ddddd", 0),
	CRC("crc32x", "100 11010110 mmmmm 010011 nnnnn ddddd", 0),
	CRC("crc32cb", "000 11010110 mmmmm 010100 nnnnn ddddd", 1),
	CRC("crc32ch", "000 11010110 mmmmm 010101 nnnnn ddddd", 1),
	CRC("crc32cw", "000 11010110 mmmmm 010110 nnnnn ddddd", 1),
	CRC("crc32cx", "100 11010110 mmmmm 010111 nnnnn ddddd", 1),
};
const struct a64_rows a64_rows_bits = A64_ROWS(rows);
