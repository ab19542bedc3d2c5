/*
 * Advanced SIMD: immediates, moves between registers and lanes, permutes, tables (C7.2).
 */
#include "frontend/aarch64/simd.h"

/* The byte or halfword or word v in all of a doubleword. */
static uint64_t repeat(uint64_t v, unsigned bits)
{
	for (; bits < 64; bits *= 2)
		v |= v << bits;
	return v;
}

/* VFPExpandImm for half, single and double precision. */
static uint64_t expand_half(unsigned imm8)
{
	unsigned sign = imm8 >> 7, b = imm8 >> 6 & 1;

	return (uint64_t)sign << 15 | (uint64_t)!b << 14 | (b ? 3ull << 12 : 0) | (uint64_t)(imm8 & 63) << 6;
}

static uint64_t expand_single(unsigned imm8)
{
	unsigned sign = imm8 >> 7, b = imm8 >> 6 & 1;

	return (uint64_t)sign << 31 | (uint64_t)!b << 30 | (b ? 31ull << 25 : 0) | (uint64_t)(imm8 & 63) << 19;
}

static uint64_t expand_double(unsigned imm8)
{
	unsigned sign = imm8 >> 7, b = imm8 >> 6 & 1;

	return (uint64_t)sign << 63 | (uint64_t)!b << 62 | (b ? 255ull << 54 : 0) | (uint64_t)(imm8 & 63) << 48;
}

/* Each bit becomes a byte. */
static uint64_t expand_bits(unsigned imm8)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v |= imm8 >> i & 1 ? 0xffull << 8 * i : 0;
	return v;
}

/* AdvSIMDExpandImm */
static uint64_t expand_immediate(const struct a64_word *in)
{
	unsigned imm8 = a64_bits(in->word, 18, 16) << 5 | in->Rn, cmode = in->cond;

	if (cmode < 8)
		return repeat((uint64_t)imm8 << cmode / 2 * 8, 32);
	if (cmode < 12)
		return repeat((uint64_t)imm8 << cmode / 2 % 2 * 8, 16);
	if (cmode < 14)
		return repeat(cmode == 12 ? imm8 << 8 | 0xff : imm8 << 16 | 0xffff, 32);
	if (cmode == 14)
		return in->U ? expand_bits(imm8) : repeat(imm8, 8);
	if (in->word >> 11 & 1)
		return repeat(expand_half(imm8), 16);
	return in->U ? expand_double(imm8) : repeat(expand_single(imm8), 32);
}

/* Row arguments. */
enum { MOVE, INVERTED, OR, CLEAR, DOUBLE };

/* movi, mvni, fmov Vd, #imm;  orr, bic Vd, #imm:  Vd op immediate. */
static void lift_immediate(struct a64_lift *l, const struct a64_word *in)
{
	unsigned op = in->row->arg;
	uint64_t v = expand_immediate(in);

	if (op == DOUBLE && !in->Q) {
		lift_illegal(l);
		return;
	}
	v = op == INVERTED || op == CLEAR ? ~v : v;
	ir_val imm = ir_const_vec(l->b, IR_I64X2, v, v), d = vec(l, IR_I64X2, in->Rd);
	ir_val r = op == OR ? ir_or(l->b, d, imm) : op == CLEAR ? ir_and(l->b, d, imm) : imm;
	simd_result(l, in->Rd, in->Q ? 16 : 8, r);
}

/* The element size of imm5: its lowest bit. False: none that the form has. */
static bool imm5_size(const struct a64_word *in, unsigned most, unsigned *esize)
{
	unsigned imm5 = in->Rm;

	*esize = imm5 & 1 ? 0 : imm5 & 2 ? 1 : imm5 & 4 ? 2 : 3;
	return imm5 >> *esize & 1 && *esize <= most;
}

/* What is above that bit. */
static unsigned imm5_lane(const struct a64_word *in, unsigned esize)
{
	return in->Rm >> (esize + 1);
}

/* An element as the register it comes from or goes to has it. */
static ir_val general(struct a64_lift *l, unsigned n, unsigned esize)
{
	ir_val x = xreg(l, n);

	return esize == 3 ? x : ir_trunc(l->b, arm_simd_int(esize), x);
}

/* dup Vd, Vn[lane];  dup Bd, Vn[lane] */
static void lift_dup_lane(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize;

	if (!imm5_size(in, simd_is_scalar(in) || in->Q ? 3 : 2, &esize)) {
		lift_illegal(l);
		return;
	}
	ir_val n = simd_vec(l, esize, in->Rn);
	unsigned lane = imm5_lane(in, esize);
	if (simd_is_scalar(in))
		set_vec(l, in->Rd, ir_vfirst(l->b, ir_extract(l->b, n, lane)));
	else
		simd_result(l, in->Rd, in->Q ? 16 : 8, arm_simd_spread(l->b, esize, n, lane));
}

/* dup Vd, Rn */
static void lift_dup(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize;

	if (!imm5_size(in, in->Q ? 3 : 2, &esize))
		lift_illegal(l);
	else
		simd_result(l, in->Rd, in->Q ? 16 : 8, ir_splat(l->b, general(l, in->Rn, esize)));
}

/* smov, umov Rd, Vn[lane]:  extended to 32 bits, or to 64 with Q. */
static void lift_move_to_general(struct a64_lift *l, const struct a64_word *in)
{
	bool is_signed = in->row->arg;
	unsigned esize;

	if (!imm5_size(in, is_signed ? 1 + in->Q : 3, &esize) || (!is_signed && in->Q != (esize == 3))) {
		lift_illegal(l);
		return;
	}
	ir_val x = ir_extract(l->b, simd_vec(l, esize, in->Rn), imm5_lane(in, esize));
	enum ir_type t = int_type(in->Q);
	if (ir_type_of(l->b->u, x) != t)
		x = is_signed ? ir_sext(l->b, t, x) : ir_zext(l->b, t, x);
	set_reg(l, in->Rd, x);
}

/* ins Vd[lane], Rn;  ins Vd[lane], Vn[other] */
static void lift_insert(struct a64_lift *l, const struct a64_word *in)
{
	bool from_vector = in->row->arg;
	unsigned esize;

	if (!imm5_size(in, 3, &esize)) {
		lift_illegal(l);
		return;
	}
	enum ir_type t = arm_simd_type(esize);
	ir_val x = from_vector ? ir_extract(l->b, vec(l, t, in->Rn), a64_bits(in->word, 14, 11) >> esize) :
				 general(l, in->Rn, esize);
	set_vec(l, in->Rd, ir_insert(l->b, vec(l, t, in->Rd), x, imm5_lane(in, esize)));
}

/* Row arguments. */
enum { UZP, TRN, ZIP, SECOND = 4 };

/* Lane i of the result among the n lanes of the first source and then those of the second. */
static unsigned permuted_lane(unsigned arg, unsigned n, unsigned i)
{
	unsigned part = arg / SECOND;

	switch (arg % SECOND) {
	case UZP: return 2 * i + part;
	case TRN: return i % 2 * n + i / 2 * 2 + part;
	default: return i % 2 * n + part * n / 2 + i / 2;
	}
}

/* uzp1, uzp2, trn1, trn2, zip1, zip2 Vd, Vn, Vm */
static void lift_permute(struct a64_lift *l, const struct a64_word *in)
{
	unsigned all = 16u >> in->size, n = (in->Q ? 16u : 8u) >> in->size;
	enum ir_type t = arm_simd_type(in->size);
	uint8_t map[16];

	if (in->size == 3 && !in->Q) {
		lift_illegal(l);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned k = permuted_lane(in->row->arg, n, i);
		map[i] = (uint8_t)(k < n ? k : k - n + all);
	}
	ir_val a = vec(l, t, in->Rn), b = vec(l, t, in->Rm);
	set_vec(l, in->Rd, arm_simd_permute(l->b, in->size, a, b, map, n));
}

/* rev16, rev32, rev64 Vd, Vn:  elements in reverse order within 1 << arg bytes. */
static void lift_reverse(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = (in->Q ? 16u : 8u) >> in->size;
	ir_val a = simd_vec(l, in->size, in->Rn);
	uint8_t map[16];

	if (in->size >= in->row->arg) {
		lift_illegal(l);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		map[i] = (uint8_t)(i ^ ((1u << (in->row->arg - in->size)) - 1));
	set_vec(l, in->Rd, arm_simd_permute(l->b, in->size, a, a, map, n));
}

/* ext Vd, Vn, Vm, #index:  bytes from `index` on of Vm above Vn. */
static void lift_ext(struct a64_lift *l, const struct a64_word *in)
{
	unsigned index = a64_bits(in->word, 14, 11), n = in->Q ? 16 : 8;
	ir_val a = vec(l, IR_I8X16, in->Rn), b = vec(l, IR_I8X16, in->Rm);
	uint8_t map[16];

	if (index >= n) {
		lift_illegal(l);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		map[i] = (uint8_t)(index + i < n ? index + i : index + i - n + 16);
	set_vec(l, in->Rd, arm_simd_permute(l->b, 0, a, b, map, n));
}

/* tbl, tbx Vd, { Vn... }, Vm:  bytes Vm names of up to four registers; the others are 0, or stay. */
static void lift_table(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = a64_bits(in->word, 14, 13) + 1;
	ir_val index = vec(l, IR_I8X16, in->Rm), r = ir_lookup(l->b, vec(l, IR_I8X16, in->Rn), index);

	for (unsigned i = 1; i < n; i++) {
		ir_val at = ir_sub(l->b, index, arm_simd_repeat(l->b, 0, 16 * i));
		r = ir_or(l->b, r, ir_lookup(l->b, vec(l, IR_I8X16, (in->Rn + i) % 32), at));
	}
	if (in->row->arg) {
		ir_val inside = ir_vult(l->b, index, arm_simd_repeat(l->b, 0, 16 * n));
		r = ir_bitsel(l->b, inside, r, vec(l, IR_I8X16, in->Rd));
	}
	simd_result(l, in->Rd, in->Q ? 16 : 8, r);
}

static const struct a64_row rows[] = {
	{ "rev64", "0Q0 01110 zz1 00000 000010 nnnnn ddddd", lift_reverse, .arg = 3 },
	{ "rev16", "0Q0 01110 zz1 00000 000110 nnnnn ddddd", lift_reverse, .arg = 1 },
	{ "rev32", "0Q1 01110 zz1 00000 000010 nnnnn ddddd", lift_reverse, .arg = 2 },
	{ "uzp1", "0Q0 01110 zz0 mmmmm 000110 nnnnn ddddd", lift_permute, .arg = UZP },
	{ "trn1", "0Q0 01110 zz0 mmmmm 001010 nnnnn ddddd", lift_permute, .arg = TRN },
	{ "zip1", "0Q0 01110 zz0 mmmmm 001110 nnnnn ddddd", lift_permute, .arg = ZIP },
	{ "uzp2", "0Q0 01110 zz0 mmmmm 010110 nnnnn ddddd", lift_permute, .arg = UZP | SECOND },
	{ "trn2", "0Q0 01110 zz0 mmmmm 011010 nnnnn ddddd", lift_permute, .arg = TRN | SECOND },
	{ "zip2", "0Q0 01110 zz0 mmmmm 011110 nnnnn ddddd", lift_permute, .arg = ZIP | SECOND },
	{ "ext", "0Q1 01110 000 mmmmm 0iiii0 nnnnn ddddd", lift_ext },
	{ "tbl", "0Q0 01110 000 mmmmm 0ll000 nnnnn ddddd", lift_table },
	{ "tbx", "0Q0 01110 000 mmmmm 0ll100 nnnnn ddddd", lift_table, .arg = 1 },
	{ "dup", "0Q0 01110000 iiiii 000001 nnnnn ddddd", lift_dup_lane },
	{ "dup", "010 11110000 iiiii 000001 nnnnn ddddd", lift_dup_lane },
	{ "dup", "0Q0 01110000 iiiii 000011 nnnnn ddddd", lift_dup },
	{ "smov", "0Q0 01110000 iiiii 001011 nnnnn ddddd", lift_move_to_general, .arg = 1 },
	{ "umov", "0Q0 01110000 iiiii 001111 nnnnn ddddd", lift_move_to_general },
	{ "ins", "010 01110000 iiiii 000111 nnnnn ddddd", lift_insert },
	{ "ins", "011 01110000 iiiii 0jjjj1 nnnnn ddddd", lift_insert, .arg = 1 },
	{ "movi", "0Q0 0111100000 iii 0cc0 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "mvni", "0Q1 0111100000 iii 0cc0 01 iiiii ddddd", lift_immediate, .arg = INVERTED },
	{ "movi", "0Q0 0111100000 iii 10c0 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "mvni", "0Q1 0111100000 iii 10c0 01 iiiii ddddd", lift_immediate, .arg = INVERTED },
	{ "orr", "0Q0 0111100000 iii 0cc1 01 iiiii ddddd", lift_immediate, .arg = OR },
	{ "bic", "0Q1 0111100000 iii 0cc1 01 iiiii ddddd", lift_immediate, .arg = CLEAR },
	{ "orr", "0Q0 0111100000 iii 10c1 01 iiiii ddddd", lift_immediate, .arg = OR },
	{ "bic", "0Q1 0111100000 iii 10c1 01 iiiii ddddd", lift_immediate, .arg = CLEAR },
	{ "movi", "0Q0 0111100000 iii 110c 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "mvni", "0Q1 0111100000 iii 110c 01 iiiii ddddd", lift_immediate, .arg = INVERTED },
	{ "movi", "0Q0 0111100000 iii 1110 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "movi", "0Q1 0111100000 iii 1110 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "fmov", "0Q0 0111100000 iii 1111 01 iiiii ddddd", lift_immediate, .arg = MOVE },
	{ "fmov", "0Q1 0111100000 iii 1111 01 iiiii ddddd", lift_immediate, .arg = DOUBLE },
	{ "fmov", "0Q0 0111100000 iii 1111 11 iiiii ddddd", lift_immediate, .arg = MOVE, .flags = A64_PRE,
	  .feature = A64_HAS_FP16, .text = "%vd.8h, %ii" },
};
const struct a64_rows a64_rows_simd_perm = A64_ROWS(rows);
