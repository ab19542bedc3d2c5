/*
 * Advanced SIMD: shifts by immediates, and integer forms whose results are twice or half as wide as
 * their sources (C7.2). Those marked "2" (Q) read the upper halves, or write the upper half and leave the
 * lower one.
 */
#include "frontend/aarch64/simd.h"

/* Row arguments: the operation, and */
enum { OP = 0xff, ONLY_DOUBLE = 0x100, U = 0x200, ROUND = 0x400, BY_LANE = 0x800 };

/* Elements of size esize + 1, from those in the lower or upper half of v. */
static ir_val widened(struct a64_lift *l, bool is_unsigned, bool upper, ir_val v)
{
	if (is_unsigned)
		return upper ? ir_zext_hi(l->b, v) : ir_zext_lo(l->b, v);
	return upper ? ir_sext_hi(l->b, v) : ir_sext_lo(l->b, v);
}

static ir_val product(struct a64_lift *l, bool is_unsigned, bool upper, ir_val n, ir_val m)
{
	if (is_unsigned)
		return upper ? ir_mulu_hi(l->b, n, m) : ir_mulu_lo(l->b, n, m);
	return upper ? ir_muls_hi(l->b, n, m) : ir_muls_lo(l->b, n, m);
}

/* Vd <- the lower halves of the elements of v, above the lower half of Vd or below zeros. */
static void set_narrowed(struct a64_lift *l, const struct a64_word *in, ir_val v)
{
	ir_val r = ir_narrow(l->b, v, simd_zero(l, ir_type_of(l->b->u, v)));

	if (in->Q)
		r = simd_join_halves(l, vec(l, ir_type_of(l->b->u, r), in->Rd), r);
	set_vec(l, in->Rd, r);
}

/* Shifts: Vd, Vn, #shift */
enum { SHR, SRA, SHL, SRI, SLI };

/* n shifted right by 1 to its width, rounded up from the middle with ROUND. */
static ir_val shift_right(struct a64_lift *l, uint32_t arg, unsigned esize, ir_val n, unsigned shift)
{
	bool is_unsigned = arg & U;
	enum ir_type t = simd_type(esize);

	if (!(arg & ROUND))
		return simd_shift_right(l, is_unsigned, n, shift);
	if (is_unsigned && esize < 2)
		return ir_uavg(l->b, simd_shift_right(l, true, n, shift - 1), simd_zero(l, t));
	ir_val last = ir_and(l->b, simd_shift_right(l, true, n, shift - 1), simd_repeat(l, 8u << esize, 1));
	return ir_add(l->b, simd_shift_right(l, is_unsigned, n, shift), last);
}

/* d, but for the bits n has after the shift. */
static ir_val inserted(struct a64_lift *l, unsigned esize, bool left, ir_val d, ir_val n, unsigned shift)
{
	unsigned bits = 8u << esize;
	uint64_t all = bits == 64 ? ~0ull : (1ull << bits) - 1;
	uint64_t written = shift == bits ? 0 : left ? all << shift & all : all >> shift;
	ir_val moved = left ? simd_shift_left(l, n, shift) : simd_shift_right(l, true, n, shift);

	return ir_or(l->b, ir_and(l->b, d, simd_repeat(l, bits, all & ~written)), moved);
}

static void lift_shift(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	unsigned op = arg & OP, imm = a64_bits(in->word, 22, 16), esize;

	if (!simd_shift_size(in, &esize) || (esize < 3 ? arg & ONLY_DOUBLE : !in->Q && !simd_is_scalar(in))) {
		lift_illegal(l);
		return;
	}
	enum ir_type t = simd_type(esize);
	bool left = op == SHL || op == SLI;
	unsigned shift = left ? imm - (8u << esize) : (16u << esize) - imm;
	ir_val d = vec(l, t, in->Rd), n = vec(l, t, in->Rn), r;
	switch (op) {
	case SHR: r = shift_right(l, arg, esize, n, shift); break;
	case SRA: r = ir_add(l->b, d, shift_right(l, arg, esize, n, shift)); break;
	case SHL: r = simd_shift_left(l, n, shift); break;
	default: r = inserted(l, esize, left, d, n, shift); break;
	}
	simd_result(l, in->Rd, simd_bytes(in, esize), r);
}

/* shrn, rshrn Vd, Vn, #shift:  shifted right, and the lower halves of that. */
static void lift_shift_narrow(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize;

	if (!simd_shift_size(in, &esize) || esize == 3) {
		lift_illegal(l);
		return;
	}
	unsigned shift = (16u << esize) - a64_bits(in->word, 22, 16);
	ir_val n = vec(l, simd_type(esize + 1), in->Rn);
	if (in->row->arg & ROUND)
		n = ir_add(l->b, n, simd_repeat(l, 16u << esize, 1ull << (shift - 1)));
	set_narrowed(l, in, simd_shift_right(l, true, n, shift));
}

/* sshll, ushll Vd, Vn, #shift:  widened, then shifted left. */
static void lift_shift_long(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize;

	if (!simd_shift_size(in, &esize) || esize == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = widened(l, in->row->arg & U, in->Q, vec(l, simd_type(esize), in->Rn));
	set_vec(l, in->Rd, simd_shift_left(l, n, a64_bits(in->word, 22, 16) - (8u << esize)));
}

/* shll Vd, Vn, #width of an element */
static void lift_shll(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = widened(l, true, in->Q, vec(l, simd_type(in->size), in->Rn));
	set_vec(l, in->Rd, simd_shift_left(l, n, 8u << in->size));
}

/* xtn Vd, Vn */
static void lift_xtn(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3)
		lift_illegal(l);
	else
		set_narrowed(l, in, vec(l, simd_type(in->size + 1), in->Rn));
}

/* Of two narrow sources, or a wide and a narrow one. */
enum { ADDL, SUBL, ADDW, SUBW, ABAL, ABDL, MLAL, MLSL, MULL };

/* |n - m| at twice the width: it fits half of it without a sign. */
static ir_val difference(struct a64_lift *l, bool is_unsigned, bool upper, ir_val n, ir_val m)
{
	ir_val high = is_unsigned ? ir_umax(l->b, n, m) : ir_smax(l->b, n, m);
	ir_val low = is_unsigned ? ir_umin(l->b, n, m) : ir_smin(l->b, n, m);

	return widened(l, true, upper, ir_sub(l->b, high, low));
}

static ir_val long_result(struct a64_lift *l, const struct a64_word *in, ir_val d, ir_val n, ir_val m)
{
	bool u = in->row->arg & U, upper = in->Q;
	unsigned op = in->row->arg & OP;

	switch (op) {
	case ADDL:
	case SUBL: {
		ir_val wide_n = widened(l, u, upper, n), wide_m = widened(l, u, upper, m);
		return op == ADDL ? ir_add(l->b, wide_n, wide_m) : ir_sub(l->b, wide_n, wide_m);
	}
	case ABDL: return difference(l, u, upper, n, m);
	case ABAL: return ir_add(l->b, d, difference(l, u, upper, n, m));
	case MULL: return product(l, u, upper, n, m);
	case MLAL: return ir_add(l->b, d, product(l, u, upper, n, m));
	default: return ir_sub(l->b, d, product(l, u, upper, n, m));
	}
}

/* saddl, umlal...:  Vd <- Vd op (Vn op Vm or a lane of it), at twice the width. */
static void lift_long(struct a64_lift *l, const struct a64_word *in)
{
	bool by_lane = in->row->arg & BY_LANE;

	if (in->size == 3 || (by_lane && !in->size)) {
		lift_illegal(l);
		return;
	}
	enum ir_type t = simd_type(in->size);
	ir_val d = vec(l, simd_type(in->size + 1), in->Rd), n = vec(l, t, in->Rn);
	ir_val m = by_lane ? simd_element_of(l, in, in->size) : vec(l, t, in->Rm);
	set_vec(l, in->Rd, long_result(l, in, d, n, m));
}

/* saddw, usubw...:  Vd <- Vn op the widened elements of Vm. */
static void lift_wide(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = vec(l, simd_type(in->size + 1), in->Rn);
	ir_val m = widened(l, in->row->arg & U, in->Q, vec(l, simd_type(in->size), in->Rm));
	set_vec(l, in->Rd, (in->row->arg & OP) == ADDW ? ir_add(l->b, n, m) : ir_sub(l->b, n, m));
}

/* addhn, subhn, raddhn, rsubhn:  the upper halves of sums or differences. */
static void lift_high(struct a64_lift *l, const struct a64_word *in)
{
	unsigned bits = 8u << in->size;

	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	enum ir_type t = simd_type(in->size + 1);
	ir_val n = vec(l, t, in->Rn), m = vec(l, t, in->Rm);
	ir_val r = (in->row->arg & OP) == ADDW ? ir_add(l->b, n, m) : ir_sub(l->b, n, m);
	if (in->row->arg & ROUND)
		r = ir_add(l->b, r, simd_repeat(l, 2 * bits, 1ull << (bits - 1)));
	set_narrowed(l, in, simd_shift_right(l, true, r, bits));
}

static const struct a64_row rows[] = {
	{ "xtn", "000 01110 zz 100001 001010 nnnnn ddddd", lift_xtn },
	{ "xtn2", "010 01110 zz 100001 001010 nnnnn ddddd", lift_xtn },
	{ "shll", "001 01110 zz 100001 001110 nnnnn ddddd", lift_shll },
	{ "shll2", "011 01110 zz 100001 001110 nnnnn ddddd", lift_shll },
	{ "saddl", "000 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ADDL },
	{ "saddl2", "010 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ADDL },
	{ "saddw", "000 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADDW },
	{ "saddw2", "010 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADDW },
	{ "ssubl", "000 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = SUBL },
	{ "ssubl2", "010 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = SUBL },
	{ "ssubw", "000 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUBW },
	{ "ssubw2", "010 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUBW },
	{ "sabal", "000 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ABAL },
	{ "sabal2", "010 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ABAL },
	{ "sabdl", "000 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ABDL },
	{ "sabdl2", "010 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ABDL },
	{ "smlal", "000 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = MLAL },
	{ "smlal2", "010 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = MLAL },
	{ "smlsl", "000 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = MLSL },
	{ "smlsl2", "010 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = MLSL },
	{ "smull", "000 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = MULL },
	{ "smull2", "010 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = MULL },
	{ "uaddl", "001 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ADDL | U },
	{ "uaddl2", "011 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ADDL | U },
	{ "uaddw", "001 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADDW | U },
	{ "uaddw2", "011 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADDW | U },
	{ "usubl", "001 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = SUBL | U },
	{ "usubl2", "011 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = SUBL | U },
	{ "usubw", "001 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUBW | U },
	{ "usubw2", "011 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUBW | U },
	{ "uabal", "001 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ABAL | U },
	{ "uabal2", "011 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ABAL | U },
	{ "uabdl", "001 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ABDL | U },
	{ "uabdl2", "011 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ABDL | U },
	{ "umlal", "001 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = MLAL | U },
	{ "umlal2", "011 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = MLAL | U },
	{ "umlsl", "001 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = MLSL | U },
	{ "umlsl2", "011 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = MLSL | U },
	{ "umull", "001 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = MULL | U },
	{ "umull2", "011 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = MULL | U },
	{ "addhn", "000 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADDW },
	{ "addhn2", "010 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADDW },
	{ "raddhn", "001 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADDW | ROUND },
	{ "raddhn2", "011 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADDW | ROUND },
	{ "subhn", "000 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUBW },
	{ "subhn2", "010 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUBW },
	{ "rsubhn", "001 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUBW | ROUND },
	{ "rsubhn2", "011 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUBW | ROUND },
	{ "smlal", "000 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = MLAL | BY_LANE },
	{ "smlal2", "010 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = MLAL | BY_LANE },
	{ "umlal", "001 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = MLAL | U | BY_LANE },
	{ "umlal2", "011 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = MLAL | U | BY_LANE },
	{ "smlsl", "000 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = MLSL | BY_LANE },
	{ "smlsl2", "010 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = MLSL | BY_LANE },
	{ "umlsl", "001 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = MLSL | U | BY_LANE },
	{ "umlsl2", "011 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = MLSL | U | BY_LANE },
	{ "smull", "000 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = MULL | BY_LANE },
	{ "smull2", "010 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = MULL | BY_LANE },
	{ "umull", "001 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = MULL | U | BY_LANE },
	{ "umull2", "011 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = MULL | U | BY_LANE },
	{ "sshr", "0Q0 011110 hhhhhhh 000001 nnnnn ddddd", lift_shift, .arg = SHR },
	{ "sshr", "010 111110 hhhhhhh 000001 nnnnn ddddd", lift_shift, .arg = SHR | ONLY_DOUBLE },
	{ "ssra", "0Q0 011110 hhhhhhh 000101 nnnnn ddddd", lift_shift, .arg = SRA },
	{ "ssra", "010 111110 hhhhhhh 000101 nnnnn ddddd", lift_shift, .arg = SRA | ONLY_DOUBLE },
	{ "srshr", "0Q0 011110 hhhhhhh 001001 nnnnn ddddd", lift_shift, .arg = SHR | ROUND },
	{ "srshr", "010 111110 hhhhhhh 001001 nnnnn ddddd", lift_shift, .arg = SHR | ROUND | ONLY_DOUBLE },
	{ "srsra", "0Q0 011110 hhhhhhh 001101 nnnnn ddddd", lift_shift, .arg = SRA | ROUND },
	{ "srsra", "010 111110 hhhhhhh 001101 nnnnn ddddd", lift_shift, .arg = SRA | ROUND | ONLY_DOUBLE },
	{ "ushr", "0Q1 011110 hhhhhhh 000001 nnnnn ddddd", lift_shift, .arg = SHR | U },
	{ "ushr", "011 111110 hhhhhhh 000001 nnnnn ddddd", lift_shift, .arg = SHR | U | ONLY_DOUBLE },
	{ "usra", "0Q1 011110 hhhhhhh 000101 nnnnn ddddd", lift_shift, .arg = SRA | U },
	{ "usra", "011 111110 hhhhhhh 000101 nnnnn ddddd", lift_shift, .arg = SRA | U | ONLY_DOUBLE },
	{ "urshr", "0Q1 011110 hhhhhhh 001001 nnnnn ddddd", lift_shift, .arg = SHR | U | ROUND },
	{ "urshr", "011 111110 hhhhhhh 001001 nnnnn ddddd", lift_shift, .arg = SHR | U | ROUND | ONLY_DOUBLE },
	{ "ursra", "0Q1 011110 hhhhhhh 001101 nnnnn ddddd", lift_shift, .arg = SRA | U | ROUND },
	{ "ursra", "011 111110 hhhhhhh 001101 nnnnn ddddd", lift_shift, .arg = SRA | U | ROUND | ONLY_DOUBLE },
	{ "shl", "0Q0 011110 hhhhhhh 010101 nnnnn ddddd", lift_shift, .arg = SHL },
	{ "shl", "010 111110 hhhhhhh 010101 nnnnn ddddd", lift_shift, .arg = SHL | ONLY_DOUBLE },
	{ "sri", "0Q1 011110 hhhhhhh 010001 nnnnn ddddd", lift_shift, .arg = SRI },
	{ "sri", "011 111110 hhhhhhh 010001 nnnnn ddddd", lift_shift, .arg = SRI | ONLY_DOUBLE },
	{ "sli", "0Q1 011110 hhhhhhh 010101 nnnnn ddddd", lift_shift, .arg = SLI },
	{ "sli", "011 111110 hhhhhhh 010101 nnnnn ddddd", lift_shift, .arg = SLI | ONLY_DOUBLE },
	{ "shrn", "000 011110 hhhhhhh 100001 nnnnn ddddd", lift_shift_narrow },
	{ "shrn2", "010 011110 hhhhhhh 100001 nnnnn ddddd", lift_shift_narrow },
	{ "rshrn", "000 011110 hhhhhhh 100011 nnnnn ddddd", lift_shift_narrow, .arg = ROUND },
	{ "rshrn2", "010 011110 hhhhhhh 100011 nnnnn ddddd", lift_shift_narrow, .arg = ROUND },
	{ "sshll", "000 011110 hhhhhhh 101001 nnnnn ddddd", lift_shift_long },
	{ "sshll2", "010 011110 hhhhhhh 101001 nnnnn ddddd", lift_shift_long },
	{ "ushll", "001 011110 hhhhhhh 101001 nnnnn ddddd", lift_shift_long, .arg = U },
	{ "ushll2", "011 011110 hhhhhhh 101001 nnnnn ddddd", lift_shift_long, .arg = U },
};
const struct a64_rows a64_rows_simd_wide = A64_ROWS(rows);
