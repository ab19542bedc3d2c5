/* Packing, extending, saturating, parallel arithmetic, bit fields, bit counts (ARM F2.4.4 to F2.4.7). */
#include "frontend/arm/arm.h"

/* ---- saturation ---- */

/* v, 64 bits wide, limited to [low, high]; Q when that changed it. */
static ir_val saturate(struct arm_lift *l, ir_val v, int64_t low, int64_t high)
{
	ir_val lo = ir_const(l->b, IR_I64, (uint64_t)low), hi = ir_const(l->b, IR_I64, (uint64_t)high);
	ir_val below = ir_slt(l->b, v, lo), above = ir_slt(l->b, hi, v);

	return ir_select(l->b, below, lo, ir_select(l->b, above, hi, v));
}

static ir_val saturate_q(struct arm_lift *l, ir_val v, int64_t low, int64_t high)
{
	ir_val r = saturate(l, v, low, high);

	arm_saturated(l, ir_ne(l->b, r, v));
	return low_word(l, r);
}

/* QADD QSUB QDADD QDSUB Rd, Rm, Rn:  Rd <- sat(Rm +/- Rn), D: Rn doubled and saturated before. */
enum { Q_SUB = 1, Q_DOUBLE = 2 };
static void lift_qadd(struct arm_lift *l, const struct arm_word *in)
{
	ir_val n = wide(l, reg(l, in->rn), true), m = wide(l, reg(l, in->rm), true);

	if (in->row->arg & Q_DOUBLE) {
		n = ir_add(l->b, n, n);
		n = wide(l, saturate_q(l, n, INT32_MIN, INT32_MAX), true);
	}
	ir_val v = in->row->arg & Q_SUB ? ir_sub(l->b, m, n) : ir_add(l->b, m, n);
	arm_set_reg(l, in->rd, saturate_q(l, v, INT32_MIN, INT32_MAX));
}

/* SSAT USAT Rd, #width, Rn, shift; arg = 1: unsigned. T32 has ASR #0 for the 16-bit forms. */
static void lift_sat(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = wide(l, arm_shift_imm(l, reg(l, in->rn), in->type << 1, in->amount, NULL), true);
	int64_t top = (int64_t)1 << in->width;

	arm_set_reg(l, in->rd, in->row->arg ? saturate_q(l, v, 0, top - 1) : saturate_q(l, v, -top, top - 1));
}

static ir_val lane16(struct arm_lift *l, ir_val v, unsigned i, bool is_signed)
{
	ir_val h = ir_trunc(l->b, IR_I16, i ? ir_shr(l->b, v, imm32(l, 16)) : v);

	return is_signed ? ir_sext(l->b, IR_I32, h) : ir_zext(l->b, IR_I32, h);
}

static ir_val lane8(struct arm_lift *l, ir_val v, unsigned i, bool is_signed)
{
	ir_val h = ir_trunc(l->b, IR_I8, i ? ir_shr(l->b, v, imm32(l, 8 * i)) : v);

	return is_signed ? ir_sext(l->b, IR_I32, h) : ir_zext(l->b, IR_I32, h);
}

/* The low `bits` bits of each of n lanes, put together. */
static ir_val pack(struct arm_lift *l, const ir_val *lane, unsigned n)
{
	unsigned bits = 32 / n;
	ir_val v = imm32(l, 0);

	for (unsigned i = 0; i < n; i++) {
		ir_val part = i + 1 < n ? ir_and(l->b, lane[i], imm32(l, (1u << bits) - 1)) : lane[i];
		v = ir_or(l->b, v, ir_shl(l->b, part, imm32(l, bits * i)));
	}
	return v;
}

/* SSAT16 USAT16. */
static void lift_sat16(struct arm_lift *l, const struct arm_word *in)
{
	int64_t top = (int64_t)1 << in->width, low = in->row->arg ? 0 : -top;
	ir_val n = reg(l, in->rn), lane[2];

	for (unsigned i = 0; i < 2; i++)
		lane[i] = saturate_q(l, wide(l, lane16(l, n, i, true), true), low, top - 1);
	arm_set_reg(l, in->rd, pack(l, lane, 2));
}

/* ---- parallel addition and subtraction ---- */

enum { P_ADD16, P_ASX, P_SAX, P_SUB16, P_ADD8, P_SUB8 };
enum { P_PLAIN, P_SATURATING, P_HALVING, P_UNSIGNED = 4 };

/* One lane: what is left of the sum, and GE of the plain forms. */
static ir_val parallel_lane(struct arm_lift *l, unsigned kind, unsigned bits, bool sub, ir_val a, ir_val b, ir_val *ge)
{
	bool is_unsigned = kind & P_UNSIGNED;
	ir_val v = sub ? ir_sub(l->b, a, b) : ir_add(l->b, a, b);
	int64_t top = (int64_t)1 << (bits - !is_unsigned), low = is_unsigned ? 0 : -top;

	/* unsigned sums: a carry; everything else: not negative */
	*ge = is_unsigned && !sub ? ir_ule(l->b, imm32(l, 1u << bits), v) : ir_sle(l->b, imm32(l, 0), v);
	if ((kind & 3) == P_SATURATING)
		return low_word(l, saturate(l, wide(l, v, true), low, top - 1));
	return (kind & 3) == P_HALVING ? ir_sar(l->b, v, imm32(l, 1)) : v;
}

/*
 * UADD8 USUB8 UADD16 USUB16, which C libraries search strings with: all lanes side by side in one word, their highest bits apart
 * so that nothing is carried from one to the next. top has the highest bit of each.
 */
static void parallel_unsigned(struct arm_lift *l, const struct arm_word *in, unsigned bits, bool sub)
{
	uint32_t tops = bits == 8 ? 0x80808080 : 0x80008000;
	ir_val n = reg(l, in->rn), m = reg(l, in->rm), top = imm32(l, tops), below = imm32(l, ~tops);
	ir_val with = sub ? ir_not(l->b, m) : m, sum, carry, ge;

	if (sub)
		sum = ir_sub(l->b, ir_or(l->b, n, top), ir_and(l->b, m, below));
	else
		sum = ir_add(l->b, ir_and(l->b, n, below), ir_and(l->b, m, below));
	sum = ir_xor(l->b, sum, ir_and(l->b, ir_xor(l->b, n, with), top));
	carry = ir_and(l->b, ir_or(l->b, n, with), ir_not(l->b, sum));
	carry = ir_and(l->b, ir_or(l->b, carry, ir_and(l->b, n, with)), top);
	ge = ir_sub(l->b, ir_shl(l->b, carry, imm32(l, 1)), ir_shr(l->b, carry, imm32(l, bits - 1)));
	arm_set_ge(l, ge);
	arm_set_reg(l, in->rd, sum);
}

/* The word as the lowest lanes of a vector. */
static ir_val lanes_of(struct arm_lift *l, enum ir_type t, ir_val v)
{
	return ir_bitcast(l->b, t, ir_vfirst(l->b, v));
}

/* {Q,UQ}{ADD,SUB}{8,16}:  hosts have an instruction for all lanes of a vector. */
static void parallel_saturating(struct arm_lift *l, const struct arm_word *in, unsigned bits, bool sub)
{
	enum ir_type t = bits == 8 ? IR_I8X16 : IR_I16X8;
	ir_val n = lanes_of(l, t, reg(l, in->rn)), m = lanes_of(l, t, reg(l, in->rm)), v;

	if (in->row->arg >> 3 & P_UNSIGNED)
		v = sub ? ir_uqsub(l->b, n, m) : ir_uqadd(l->b, n, m);
	else
		v = sub ? ir_sqsub(l->b, n, m) : ir_sqadd(l->b, n, m);
	arm_set_reg(l, in->rd, ir_extract(l->b, ir_bitcast(l->b, IR_I32X4, v), 0));
}

/* {S,Q,SH,U,UQ,UH}{ADD16,ASX,SAX,SUB16,ADD8,SUB8} Rd, Rn, Rm; arg = kind * 8 + operation. */
static void lift_parallel(struct arm_lift *l, const struct arm_word *in)
{
	unsigned kind = in->row->arg >> 3, op = in->row->arg & 7, lanes = op >= P_ADD8 ? 4 : 2;
	bool is_signed = !(kind & P_UNSIGNED), cross = op == P_ASX || op == P_SAX;
	ir_val n = reg(l, in->rn), m = reg(l, in->rm), lane[4], ge[4], all = imm32(l, 0);

	if (!cross && (kind == (P_UNSIGNED | P_PLAIN) || (kind & 3) == P_SATURATING)) {
		(kind & 3 ? parallel_saturating : parallel_unsigned)(l, in, 32 / lanes, op == P_SUB16 || op == P_SUB8);
		return;
	}
	for (unsigned i = 0; i < lanes; i++) {
		bool sub = op == P_SUB16 || op == P_SUB8 || (op == P_ASX && !i) || (op == P_SAX && i);
		ir_val a = lanes == 2 ? lane16(l, n, i, is_signed) : lane8(l, n, i, is_signed);
		ir_val b = lanes == 2 ? lane16(l, m, cross ? 1 - i : i, is_signed) : lane8(l, m, i, is_signed);

		lane[i] = parallel_lane(l, kind, 32 / lanes, sub, a, b, &ge[i]);
	}
	for (unsigned i = 0; i < lanes; i++) {
		ir_val bytes = imm32(l, (~0u >> (32 - 32 / lanes)) << (32 / lanes * i));
		all = ir_or(l->b, all, ir_select(l->b, ge[i], bytes, imm32(l, 0)));
	}
	if ((kind & 3) == P_PLAIN)
		arm_set_ge(l, all);
	arm_set_reg(l, in->rd, pack(l, lane, lanes));
}

/* SEL Rd, Rn, Rm:  byte i of Rn where GE<i>, else of Rm. */
static void lift_sel(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, ir_bitsel(l->b, ir_get(l->b, ARM_GE), reg(l, in->rn), reg(l, in->rm)));
}

/* USAD8 USADA8:  Rd <- sum of |Rn<i> - Rm<i>| (+ Ra). */
static void lift_usad8(struct arm_lift *l, const struct arm_word *in)
{
	ir_val n = reg(l, in->rn), m = reg(l, in->rm), sum = in->row->arg ? reg(l, in->ra) : imm32(l, 0);

	for (unsigned i = 0; i < 4; i++) {
		ir_val a = lane8(l, n, i, false), b = lane8(l, m, i, false);
		ir_val d = ir_select(l->b, ir_ult(l->b, a, b), ir_sub(l->b, b, a), ir_sub(l->b, a, b));
		sum = ir_add(l->b, sum, d);
	}
	arm_set_reg(l, in->rd, sum);
}

/* ---- packing and extending ---- */

/* PKHBT, PKHTB Rd, Rn, Rm, shift:  halves of Rn and the shifted Rm; F: top of Rn below. */
static void lift_pkh(struct arm_lift *l, const struct arm_word *in)
{
	ir_val m = arm_shift_imm(l, reg(l, in->rm), in->F << 1, in->amount, NULL), n = reg(l, in->rn);
	ir_val top = in->F ? n : m, bottom = in->F ? m : n;

	top = ir_and(l->b, top, imm32(l, 0xffff0000));
	arm_set_reg(l, in->rd, ir_or(l->b, top, ir_and(l->b, bottom, imm32(l, 0xffff))));
}

/* SXTB SXTH UXTB UXTH, and with A: Rd <- (Rn +) extended part of Rm rotated right by bytes. */
enum { X_HALF = 1, X_UNSIGNED = 2, X_ADD = 4 };
static void lift_extend(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_rotl(l->b, reg(l, in->rm), imm32(l, (32 - 8 * in->rotate) & 31));
	unsigned arg = in->row->arg;

	v = arg & X_HALF ? lane16(l, v, 0, !(arg & X_UNSIGNED)) : lane8(l, v, 0, !(arg & X_UNSIGNED));
	arm_set_reg(l, in->rd, arg & X_ADD ? ir_add(l->b, reg(l, in->rn), v) : v);
}

/* SXTB16 UXTB16 SXTAB16 UXTAB16:  bytes 0 and 2 to halfwords. */
static void lift_extend16(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = ir_rotl(l->b, reg(l, in->rm), imm32(l, (32 - 8 * in->rotate) & 31)), lane[2];

	for (unsigned i = 0; i < 2; i++) {
		lane[i] = lane8(l, v, 2 * i, !(in->row->arg & X_UNSIGNED));
		if (in->row->arg & X_ADD)
			lane[i] = ir_add(l->b, lane16(l, reg(l, in->rn), i, false), lane[i]);
	}
	arm_set_reg(l, in->rd, pack(l, lane, 2));
}

/* ---- bits ---- */

/* REV. */
static void lift_rev(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, ir_bswap(l->b, reg(l, in->rm)));
}

/* REV16:  bytes of each halfword. */
static void lift_rev16(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, ir_rotl(l->b, ir_bswap(l->b, reg(l, in->rm)), imm32(l, 16)));
}

/* REVSH:  bytes of the low halfword, sign-extended. */
static void lift_revsh(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, ir_sar(l->b, ir_bswap(l->b, reg(l, in->rm)), imm32(l, 16)));
}

/* RBIT:  nibbles, pairs and bits of each byte change places, then the bytes. */
static void lift_rbit(struct arm_lift *l, const struct arm_word *in)
{
	static const uint32_t mask[] = { 0x0f0f0f0f, 0x33333333, 0x55555555 };
	ir_val v = ir_bswap(l->b, reg(l, in->rm));

	for (unsigned i = 0; i < 3; i++) {
		ir_val n = imm32(l, 4u >> i), m = imm32(l, mask[i]);
		ir_val up = ir_shl(l->b, ir_and(l->b, v, m), n);
		v = ir_or(l->b, up, ir_and(l->b, ir_shr(l->b, v, n), m));
	}
	arm_set_reg(l, in->rd, v);
}

/* CLZ:  32 of 0. */
static void lift_clz(struct arm_lift *l, const struct arm_word *in)
{
	arm_set_reg(l, in->rd, ir_clz(l->b, reg(l, in->rm)));
}

/* SBFX UBFX Rd, Rn, #lsb, #width; arg = 1: unsigned. */
static void lift_bfx(struct arm_lift *l, const struct arm_word *in)
{
	unsigned msb = in->lsb + in->width;

	if (msb > 31) {
		arm_illegal(l);
		return;
	}
	ir_val up = ir_shl(l->b, reg(l, in->rn), imm32(l, 31 - msb)), n = imm32(l, 31 - in->width);
	arm_set_reg(l, in->rd, in->row->arg ? ir_shr(l->b, up, n) : ir_sar(l->b, up, n));
}

/* BFI BFC Rd, Rn, #lsb, #width:  bits msb to lsb of Rd <- low bits of Rn, or 0; width has msb. */
static void lift_bfi(struct arm_lift *l, const struct arm_word *in)
{
	if (in->width < in->lsb) {
		arm_illegal(l);
		return;
	}
	uint32_t mask = (in->width < 31 ? (2u << in->width) - 1 : ~0u) & ~((1u << in->lsb) - 1);
	ir_val v = ir_and(l->b, reg(l, in->rd), imm32(l, ~mask));
	if (in->row->arg) {
		ir_val field = ir_shl(l->b, reg(l, in->rn), imm32(l, in->lsb));
		v = ir_or(l->b, v, ir_and(l->b, field, imm32(l, mask)));
	}
	arm_set_reg(l, in->rd, v);
}

/* ---- CRC32 ---- */

/* Bit by bit over the low `bits` bits of data; the polynomials with their bits reversed. */
static uint64_t crc32(void *state, uint64_t acc, uint64_t data, uint64_t kind)
{
	uint32_t poly = kind & 0x100 ? 0x82f63b78 : 0xedb88320, crc = (uint32_t)acc;

	(void)state;
	for (unsigned i = 0; i < (kind & 0xff); i++)
		crc = crc >> 1 ^ ((crc ^ data >> i) & 1 ? poly : 0);
	return crc;
}

const struct ir_helper arm_crc32 = { "arm_crc32", crc32, IR_HELPER_PURE };

/* CRC32{C}{B,H,W} Rd, Rn, Rm:  Rd <- Rn continued over Rm. */
static void lift_crc32(struct arm_lift *l, const struct arm_word *in)
{
	ir_val kind = imm32(l, in->row->arg << 8 | 8u << in->size);

	if (in->size == 3)
		arm_illegal(l);
	else
		arm_set_reg(l, in->rd, ir_call(l->b, &arm_crc32, IR_I32, reg(l, in->rn), reg(l, in->rm), kind));
}

#define A32_PARALLEL(prefix, bits, kind) \
	{ prefix "add16", "cccc 01100 " bits " nnnn dddd 1111 0001 mmmm", lift_parallel, .arg = (kind) * 8 + P_ADD16, .nopc = "dnm" }, \
	{ prefix "asx", "cccc 01100 " bits " nnnn dddd 1111 0011 mmmm", lift_parallel, .arg = (kind) * 8 + P_ASX, .nopc = "dnm" }, \
	{ prefix "sax", "cccc 01100 " bits " nnnn dddd 1111 0101 mmmm", lift_parallel, .arg = (kind) * 8 + P_SAX, .nopc = "dnm" }, \
	{ prefix "sub16", "cccc 01100 " bits " nnnn dddd 1111 0111 mmmm", lift_parallel, .arg = (kind) * 8 + P_SUB16, .nopc = "dnm" }, \
	{ prefix "add8", "cccc 01100 " bits " nnnn dddd 1111 1001 mmmm", lift_parallel, .arg = (kind) * 8 + P_ADD8, .nopc = "dnm" }, \
	{ prefix "sub8", "cccc 01100 " bits " nnnn dddd 1111 1111 mmmm", lift_parallel, .arg = (kind) * 8 + P_SUB8, .nopc = "dnm" }

#define T32_PARALLEL(prefix, bits, kind) \
	{ prefix "add8", "11111010 1000 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_ADD8, .nopc = "dnm" }, \
	{ prefix "add16", "11111010 1001 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_ADD16, .nopc = "dnm" }, \
	{ prefix "asx", "11111010 1010 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_ASX, .nopc = "dnm" }, \
	{ prefix "sub8", "11111010 1100 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_SUB8, .nopc = "dnm" }, \
	{ prefix "sub16", "11111010 1101 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_SUB16, .nopc = "dnm" }, \
	{ prefix "sax", "11111010 1110 nnnn 1111 dddd " bits " mmmm", lift_parallel, .arg = (kind) * 8 + P_SAX, .nopc = "dnm" }

static const struct arm_row a32[] = {
	A32_PARALLEL("s", "001", P_PLAIN),
	A32_PARALLEL("q", "010", P_SATURATING),
	A32_PARALLEL("sh", "011", P_HALVING),
	A32_PARALLEL("u", "101", P_UNSIGNED | P_PLAIN),
	A32_PARALLEL("uq", "110", P_UNSIGNED | P_SATURATING),
	A32_PARALLEL("uh", "111", P_UNSIGNED | P_HALVING),
	{ "qadd", "cccc 00010000 nnnn dddd ---- 0101 mmmm", lift_qadd, .nopc = "dnm" },
	{ "qsub", "cccc 00010010 nnnn dddd ---- 0101 mmmm", lift_qadd, .arg = Q_SUB, .nopc = "dnm" },
	{ "qdadd", "cccc 00010100 nnnn dddd ---- 0101 mmmm", lift_qadd, .arg = Q_DOUBLE, .nopc = "dnm" },
	{ "qdsub", "cccc 00010110 nnnn dddd ---- 0101 mmmm", lift_qadd, .arg = Q_DOUBLE | Q_SUB, .nopc = "dnm" },
	{ "crc32", "cccc 00010 ZZ 0 nnnn dddd --0- 0100 mmmm", lift_crc32, .nopc = "dnm" },
	{ "crc32c", "cccc 00010 ZZ 0 nnnn dddd --1- 0100 mmmm", lift_crc32, .arg = 1, .nopc = "dnm" },
	{ "clz", "cccc 00010110 1111 dddd 1111 0001 mmmm", lift_clz, .nopc = "dm" },
	{ "pkhbt", "cccc 01101000 nnnn dddd hhhhh F01 mmmm", lift_pkh, .nopc = "dnm" },
	{ "sel", "cccc 01101000 nnnn dddd 1111 1011 mmmm", lift_sel, .nopc = "dnm" },
	{ "ssat", "cccc 0110101 wwwww dddd hhhhh y01 nnnn", lift_sat, .nopc = "dn" },
	{ "usat", "cccc 0110111 wwwww dddd hhhhh y01 nnnn", lift_sat, .arg = 1, .nopc = "dn" },
	{ "ssat16", "cccc 01101010 wwww dddd 1111 0011 nnnn", lift_sat16, .nopc = "dn" },
	{ "usat16", "cccc 01101110 wwww dddd 1111 0011 nnnn", lift_sat16, .arg = 1, .nopc = "dn" },
	{ "sxtb16", "cccc 01101000 1111 dddd rr -- 0111 mmmm", lift_extend16, .nopc = "dm" },
	{ "sxtab16", "cccc 01101000 nnnn dddd rr -- 0111 mmmm", lift_extend16, .arg = X_ADD, .nopc = "dm" },
	{ "uxtb16", "cccc 01101100 1111 dddd rr -- 0111 mmmm", lift_extend16, .arg = X_UNSIGNED, .nopc = "dm" },
	{ "uxtab16", "cccc 01101100 nnnn dddd rr -- 0111 mmmm", lift_extend16, .arg = X_UNSIGNED | X_ADD, .nopc = "dm" },
	{ "sxtb", "cccc 01101010 1111 dddd rr -- 0111 mmmm", lift_extend, .nopc = "dm" },
	{ "sxtab", "cccc 01101010 nnnn dddd rr -- 0111 mmmm", lift_extend, .arg = X_ADD, .nopc = "dm" },
	{ "sxth", "cccc 01101011 1111 dddd rr -- 0111 mmmm", lift_extend, .arg = X_HALF, .nopc = "dm" },
	{ "sxtah", "cccc 01101011 nnnn dddd rr -- 0111 mmmm", lift_extend, .arg = X_HALF | X_ADD, .nopc = "dm" },
	{ "uxtb", "cccc 01101110 1111 dddd rr -- 0111 mmmm", lift_extend, .arg = X_UNSIGNED, .nopc = "dm" },
	{ "uxtab", "cccc 01101110 nnnn dddd rr -- 0111 mmmm", lift_extend, .arg = X_UNSIGNED | X_ADD, .nopc = "dm" },
	{ "uxth", "cccc 01101111 1111 dddd rr -- 0111 mmmm", lift_extend, .arg = X_UNSIGNED | X_HALF, .nopc = "dm" },
	{ "uxtah", "cccc 01101111 nnnn dddd rr -- 0111 mmmm", lift_extend, .arg = X_UNSIGNED | X_HALF | X_ADD, .nopc = "dm" },
	{ "rev", "cccc 01101011 1111 dddd 1111 0011 mmmm", lift_rev, .nopc = "dm" },
	{ "rev16", "cccc 01101011 1111 dddd 1111 1011 mmmm", lift_rev16, .nopc = "dm" },
	{ "rbit", "cccc 01101111 1111 dddd 1111 0011 mmmm", lift_rbit, .nopc = "dm" },
	{ "revsh", "cccc 01101111 1111 dddd 1111 1011 mmmm", lift_revsh, .nopc = "dm" },
	{ "usad8", "cccc 01111000 dddd 1111 mmmm 0001 nnnn", lift_usad8, .nopc = "dnm" },
	{ "usada8", "cccc 01111000 dddd aaaa mmmm 0001 nnnn", lift_usad8, .arg = 1, .nopc = "dnm" },
	{ "sbfx", "cccc 0111101 wwwww dddd bbbbb 101 nnnn", lift_bfx, .nopc = "dn" },
	{ "ubfx", "cccc 0111111 wwwww dddd bbbbb 101 nnnn", lift_bfx, .arg = 1, .nopc = "dn" },
	{ "bfc", "cccc 0111110 wwwww dddd bbbbb 001 1111", lift_bfi, .nopc = "d" },
	{ "bfi", "cccc 0111110 wwwww dddd bbbbb 001 nnnn", lift_bfi, .arg = 1, .nopc = "d" },
};

static const struct arm_row t16[] = {
	{ "sxth", "1011 0010 00 mmm ddd", lift_extend, .arg = X_HALF },
	{ "sxtb", "1011 0010 01 mmm ddd", lift_extend },
	{ "uxth", "1011 0010 10 mmm ddd", lift_extend, .arg = X_UNSIGNED | X_HALF },
	{ "uxtb", "1011 0010 11 mmm ddd", lift_extend, .arg = X_UNSIGNED },
	{ "rev", "1011 1010 00 mmm ddd", lift_rev },
	{ "rev16", "1011 1010 01 mmm ddd", lift_rev16 },
	{ "revsh", "1011 1010 11 mmm ddd", lift_revsh },
};

static const struct arm_row t32[] = {
	T32_PARALLEL("s", "0000", P_PLAIN),
	T32_PARALLEL("q", "0001", P_SATURATING),
	T32_PARALLEL("sh", "0010", P_HALVING),
	T32_PARALLEL("u", "0100", P_UNSIGNED | P_PLAIN),
	T32_PARALLEL("uq", "0101", P_UNSIGNED | P_SATURATING),
	T32_PARALLEL("uh", "0110", P_UNSIGNED | P_HALVING),
	{ "qadd", "11111010 1000 nnnn 1111 dddd 1000 mmmm", lift_qadd, .nopc = "dnm" },
	{ "qdadd", "11111010 1000 nnnn 1111 dddd 1001 mmmm", lift_qadd, .arg = Q_DOUBLE, .nopc = "dnm" },
	{ "qsub", "11111010 1000 nnnn 1111 dddd 1010 mmmm", lift_qadd, .arg = Q_SUB, .nopc = "dnm" },
	{ "qdsub", "11111010 1000 nnnn 1111 dddd 1011 mmmm", lift_qadd, .arg = Q_DOUBLE | Q_SUB, .nopc = "dnm" },
	{ "rev", "11111010 1001 ---- 1111 dddd 1000 mmmm", lift_rev, .nopc = "dm" },
	{ "rev16", "11111010 1001 ---- 1111 dddd 1001 mmmm", lift_rev16, .nopc = "dm" },
	{ "rbit", "11111010 1001 ---- 1111 dddd 1010 mmmm", lift_rbit, .nopc = "dm" },
	{ "revsh", "11111010 1001 ---- 1111 dddd 1011 mmmm", lift_revsh, .nopc = "dm" },
	{ "sel", "11111010 1010 nnnn 1111 dddd 1000 mmmm", lift_sel, .nopc = "dnm" },
	{ "clz", "11111010 1011 ---- 1111 dddd 1000 mmmm", lift_clz, .nopc = "dm" },
	{ "crc32", "11111010 1100 nnnn 1111 dddd 10 ZZ mmmm", lift_crc32, .nopc = "dnm" },
	{ "crc32c", "11111010 1101 nnnn 1111 dddd 10 ZZ mmmm", lift_crc32, .arg = 1, .nopc = "dnm" },
	{ "pkhbt", "11101010 1100 nnnn - hhh dddd hh F0 mmmm", lift_pkh, .nopc = "dnm" },
	{ "ssat16", "11110 -1100 1 0 nnnn 0 000 dddd 00-- wwww", lift_sat16, .nopc = "dn" },
	{ "usat16", "11110 -1110 1 0 nnnn 0 000 dddd 00-- wwww", lift_sat16, .arg = 1, .nopc = "dn" },
	{ "ssat", "11110 -1100 y 0 nnnn 0 hhh dddd hh- wwwww", lift_sat, .nopc = "dn" },
	{ "usat", "11110 -1110 y 0 nnnn 0 hhh dddd hh- wwwww", lift_sat, .arg = 1, .nopc = "dn" },
	{ "sbfx", "11110 -1101 0 0 nnnn 0 bbb dddd bb- wwwww", lift_bfx, .nopc = "dn" },
	{ "ubfx", "11110 -1111 0 0 nnnn 0 bbb dddd bb- wwwww", lift_bfx, .arg = 1, .nopc = "dn" },
	{ "bfc", "11110 -1101 1 0 1111 0 bbb dddd bb- wwwww", lift_bfi, .nopc = "d" },
	{ "bfi", "11110 -1101 1 0 nnnn 0 bbb dddd bb- wwwww", lift_bfi, .arg = 1, .nopc = "d" },
	{ "sxth", "11111010 0000 1111 1111 dddd 1- rr mmmm", lift_extend, .arg = X_HALF, .nopc = "dm" },
	{ "sxtah", "11111010 0000 nnnn 1111 dddd 1- rr mmmm", lift_extend, .arg = X_HALF | X_ADD, .nopc = "dm" },
	{ "uxth", "11111010 0001 1111 1111 dddd 1- rr mmmm", lift_extend, .arg = X_UNSIGNED | X_HALF, .nopc = "dm" },
	{ "uxtah", "11111010 0001 nnnn 1111 dddd 1- rr mmmm", lift_extend, .arg = X_UNSIGNED | X_HALF | X_ADD, .nopc = "dm" },
	{ "sxtb16", "11111010 0010 1111 1111 dddd 1- rr mmmm", lift_extend16, .nopc = "dm" },
	{ "sxtab16", "11111010 0010 nnnn 1111 dddd 1- rr mmmm", lift_extend16, .arg = X_ADD, .nopc = "dm" },
	{ "uxtb16", "11111010 0011 1111 1111 dddd 1- rr mmmm", lift_extend16, .arg = X_UNSIGNED, .nopc = "dm" },
	{ "uxtab16", "11111010 0011 nnnn 1111 dddd 1- rr mmmm", lift_extend16, .arg = X_UNSIGNED | X_ADD, .nopc = "dm" },
	{ "sxtb", "11111010 0100 1111 1111 dddd 1- rr mmmm", lift_extend, .nopc = "dm" },
	{ "sxtab", "11111010 0100 nnnn 1111 dddd 1- rr mmmm", lift_extend, .arg = X_ADD, .nopc = "dm" },
	{ "uxtb", "11111010 0101 1111 1111 dddd 1- rr mmmm", lift_extend, .arg = X_UNSIGNED, .nopc = "dm" },
	{ "uxtab", "11111010 0101 nnnn 1111 dddd 1- rr mmmm", lift_extend, .arg = X_UNSIGNED | X_ADD, .nopc = "dm" },
	{ "usad8", "11111011 0111 nnnn 1111 dddd 0000 mmmm", lift_usad8, .nopc = "dnm" },
	{ "usada8", "11111011 0111 nnnn aaaa dddd 0000 mmmm", lift_usad8, .arg = 1, .nopc = "dnm" },
};
const struct arm_rows arm_rows_media = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
