/*
 * Advanced SIMD: shifts by immediates, and integer forms whose results are twice or half as wide as
 * their sources (C7.2). Those marked "2" (Q) read the upper halves, or write the upper half and leave the
 * lower one.
 */
#include "frontend/aarch64/simd.h"

/* Row arguments: the operation, and */
enum { OP = 0xff, ONLY_DOUBLE = 0x100, U = 0x200, ROUND = 0x400, BY_LANE = 0x800 };

/* Shifts: Vd, Vn, #shift */
enum { SHR, SRA, SHL, SRI, SLI };

static ir_val shifted(struct a64_lift *l, uint32_t arg, unsigned shift, ir_val d, ir_val n)
{
	unsigned op = arg & OP;

	if (op == SHL)
		return arm_simd_shift_left(l->b, n, shift);
	if (op == SRI || op == SLI)
		return arm_simd_shift_insert(l->b, op == SLI, d, n, shift);
	ir_val r = arm_simd_shift_right(l->b, arg & U, arg & ROUND, n, shift);
	return op == SRA ? ir_add(l->b, d, r) : r;
}

static void lift_shift(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t arg = in->row->arg;
	unsigned imm = a64_bits(in->word, 22, 16), esize;

	if (!simd_shift_size(in, &esize) || (esize < 3 ? arg & ONLY_DOUBLE : !in->Q && !simd_is_scalar(in))) {
		lift_illegal(l);
		return;
	}
	bool left = (arg & OP) == SHL || (arg & OP) == SLI;
	unsigned shift = left ? imm - (8u << esize) : (16u << esize) - imm;
	ir_val n = simd_vec(l, esize, in->Rn), d = (arg & OP) == SHR || (arg & OP) == SHL ? n : simd_vec(l, esize, in->Rd);
	ir_val r = shifted(l, arg, shift, d, n);
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
	ir_val n = simd_vec(l, esize + 1, in->Rn);
	simd_half_result(l, in->Rd, in->Q, arm_simd_shift_narrow(l->b, in->row->arg & ROUND, n, shift));
}

/* sshll, ushll Vd, Vn, #shift:  widened, then shifted left. */
static void lift_shift_long(struct a64_lift *l, const struct a64_word *in)
{
	unsigned esize;

	if (!simd_shift_size(in, &esize) || esize == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = arm_simd_widen(l->b, in->row->arg & U, in->Q, simd_vec(l, esize, in->Rn));
	set_vec(l, in->Rd, arm_simd_shift_left(l->b, n, a64_bits(in->word, 22, 16) - (8u << esize)));
}

/* shll Vd, Vn, #width of an element */
static void lift_shll(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = arm_simd_widen(l->b, true, in->Q, simd_vec(l, in->size, in->Rn));
	set_vec(l, in->Rd, arm_simd_shift_left(l->b, n, 8u << in->size));
}

/* xtn Vd, Vn */
static void lift_xtn(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3)
		lift_illegal(l);
	else
		simd_half_result(l, in->Rd, in->Q, arm_simd_narrow(l->b, simd_vec(l, in->size + 1, in->Rn)));
}

/* saddl, umlal...:  Vd <- Vd op (Vn op Vm or a lane of it), at twice the width. */
static void lift_long(struct a64_lift *l, const struct a64_word *in)
{
	bool by_lane = in->row->arg & BY_LANE;

	if (in->size == 3 || (by_lane && !in->size)) {
		lift_illegal(l);
		return;
	}
	enum arm_simd_long op = (enum arm_simd_long)(in->row->arg & OP);
	bool sums = op == ARM_SIMD_ABAL || op == ARM_SIMD_MLAL || op == ARM_SIMD_MLSL;
	ir_val n = simd_vec(l, in->size, in->Rn), d = sums ? simd_vec(l, in->size + 1, in->Rd) : n;
	ir_val m = by_lane ? simd_element_of(l, in, in->size) : simd_vec(l, in->size, in->Rm);
	set_vec(l, in->Rd, arm_simd_long(l->b, op, in->row->arg & U, in->Q, d, n, m));
}

/* Of elements at the width of the result or twice that. */
enum { ADD, SUB };

static ir_val add_or_sub(struct a64_lift *l, uint32_t arg, ir_val n, ir_val m)
{
	return (arg & OP) == ADD ? ir_add(l->b, n, m) : ir_sub(l->b, n, m);
}

/* saddw, usubw...:  Vd <- Vn op the widened elements of Vm. */
static void lift_wide(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	ir_val m = arm_simd_widen(l->b, in->row->arg & U, in->Q, simd_vec(l, in->size, in->Rm));
	set_vec(l, in->Rd, add_or_sub(l, in->row->arg, simd_vec(l, in->size + 1, in->Rn), m));
}

/* addhn, subhn, raddhn, rsubhn:  the upper halves of sums or differences. */
static void lift_high(struct a64_lift *l, const struct a64_word *in)
{
	if (in->size == 3) {
		lift_illegal(l);
		return;
	}
	ir_val n = simd_vec(l, in->size + 1, in->Rn), m = simd_vec(l, in->size + 1, in->Rm);
	ir_val r = add_or_sub(l, in->row->arg, n, m);
	simd_half_result(l, in->Rd, in->Q, arm_simd_shift_narrow(l->b, in->row->arg & ROUND, r, 8u << in->size));
}

static const struct a64_row rows[] = {
	{ "xtn", "000 01110 zz 100001 001010 nnnnn ddddd", lift_xtn },
	{ "xtn2", "010 01110 zz 100001 001010 nnnnn ddddd", lift_xtn },
	{ "shll", "001 01110 zz 100001 001110 nnnnn ddddd", lift_shll },
	{ "shll2", "011 01110 zz 100001 001110 nnnnn ddddd", lift_shll },
	{ "saddl", "000 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ADDL },
	{ "saddl2", "010 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ADDL },
	{ "saddw", "000 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADD },
	{ "saddw2", "010 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADD },
	{ "ssubl", "000 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_SUBL },
	{ "ssubl2", "010 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_SUBL },
	{ "ssubw", "000 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUB },
	{ "ssubw2", "010 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUB },
	{ "sabal", "000 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABAL },
	{ "sabal2", "010 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABAL },
	{ "sabdl", "000 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABDL },
	{ "sabdl2", "010 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABDL },
	{ "smlal", "000 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL },
	{ "smlal2", "010 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL },
	{ "smlsl", "000 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL },
	{ "smlsl2", "010 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL },
	{ "smull", "000 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL },
	{ "smull2", "010 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL },
	{ "uaddl", "001 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ADDL | U },
	{ "uaddl2", "011 01110 zz 1mmmmm 000000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ADDL | U },
	{ "uaddw", "001 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADD | U },
	{ "uaddw2", "011 01110 zz 1mmmmm 000100 nnnnn ddddd", lift_wide, .arg = ADD | U },
	{ "usubl", "001 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_SUBL | U },
	{ "usubl2", "011 01110 zz 1mmmmm 001000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_SUBL | U },
	{ "usubw", "001 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUB | U },
	{ "usubw2", "011 01110 zz 1mmmmm 001100 nnnnn ddddd", lift_wide, .arg = SUB | U },
	{ "uabal", "001 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABAL | U },
	{ "uabal2", "011 01110 zz 1mmmmm 010100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABAL | U },
	{ "uabdl", "001 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABDL | U },
	{ "uabdl2", "011 01110 zz 1mmmmm 011100 nnnnn ddddd", lift_long, .arg = ARM_SIMD_ABDL | U },
	{ "umlal", "001 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | U },
	{ "umlal2", "011 01110 zz 1mmmmm 100000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | U },
	{ "umlsl", "001 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | U },
	{ "umlsl2", "011 01110 zz 1mmmmm 101000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | U },
	{ "umull", "001 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | U },
	{ "umull2", "011 01110 zz 1mmmmm 110000 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | U },
	{ "addhn", "000 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADD },
	{ "addhn2", "010 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADD },
	{ "raddhn", "001 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADD | ROUND },
	{ "raddhn2", "011 01110 zz 1mmmmm 010000 nnnnn ddddd", lift_high, .arg = ADD | ROUND },
	{ "subhn", "000 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUB },
	{ "subhn2", "010 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUB },
	{ "rsubhn", "001 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUB | ROUND },
	{ "rsubhn2", "011 01110 zz 1mmmmm 011000 nnnnn ddddd", lift_high, .arg = SUB | ROUND },
	{ "smlal", "000 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | BY_LANE },
	{ "smlal2", "010 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | BY_LANE },
	{ "umlal", "001 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | U | BY_LANE },
	{ "umlal2", "011 01111 zz LMmmmm 0010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLAL | U | BY_LANE },
	{ "smlsl", "000 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | BY_LANE },
	{ "smlsl2", "010 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | BY_LANE },
	{ "umlsl", "001 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | U | BY_LANE },
	{ "umlsl2", "011 01111 zz LMmmmm 0110H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MLSL | U | BY_LANE },
	{ "smull", "000 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | BY_LANE },
	{ "smull2", "010 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | BY_LANE },
	{ "umull", "001 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | U | BY_LANE },
	{ "umull2", "011 01111 zz LMmmmm 1010H0 nnnnn ddddd", lift_long, .arg = ARM_SIMD_MULL | U | BY_LANE },
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
