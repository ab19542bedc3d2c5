/*
 * Exclusives, load-acquire and store-release (ARM F2.4.15, E2.10). The monitor remembers address, size and
 * the value that was loaded; a store-exclusive stores when memory still has that value.
 */
#include "frontend/arm/arm.h"

/* arg: log2 of the bytes. */
enum { EXCLUSIVE = 8, ORDERED = 16, SIZE = 7 };

static unsigned access(const struct arm_word *in, bool loads)
{
	unsigned order = loads ? IR_MEM_ACQUIRE : IR_MEM_RELEASE;

	return (in->row->arg & SIZE) | IR_MEM_ALIGNED | (in->row->arg & ORDERED ? order : 0);
}

static unsigned second_of(struct arm_lift *l, const struct arm_word *in)
{
	return l->thumb ? in->rt2 : in->rt + 1;
}

static bool is_pair(const struct arm_word *in)
{
	return (in->row->arg & SIZE) == IR_MEM_64;
}

static bool is_valid(struct arm_lift *l, const struct arm_word *in)
{
	bool odd = !l->thumb && in->rt & 1;

	if (!is_pair(in) || (!odd && second_of(l, in) < ARM_PC_REG))
		return true;
	arm_illegal(l);
	return false;
}

static void set_loaded(struct arm_lift *l, const struct arm_word *in, ir_val v)
{
	if (is_pair(in)) {
		arm_set_reg(l, in->rt, low_word(l, v));
		arm_set_reg(l, second_of(l, in), high_word(l, v));
	} else {
		arm_set_reg(l, in->rt, v);
	}
}

/* LDREX[BHD], LDA[BH], LDAEX[BHD] Rt, [Rn, #imm]. */
static void lift_load(struct arm_lift *l, const struct arm_word *in)
{
	enum ir_type type = is_pair(in) ? IR_I64 : IR_I32;
	ir_val base = reg(l, in->rn);

	if (!is_valid(l, in))
		return;
	ir_val at = in->imm ? ir_add(l->b, base, imm32(l, in->imm << 2)) : base;
	ir_val v = ir_load(l->b, access(in, true), type, at, 0);
	if (in->row->arg & EXCLUSIVE) {
		ir_put(l->b, ARM_EX_VALID, imm1(l, true));
		ir_put(l->b, ARM_EX_SIZE, ir_const(l->b, IR_I8, in->row->arg & SIZE));
		ir_put(l->b, ARM_EX_ADDR, at);
		ir_put(l->b, ARM_EX_VALUE, is_pair(in) ? v : wide(l, v, false));
	}
	set_loaded(l, in, v);
}

static ir_val stored(struct arm_lift *l, const struct arm_word *in)
{
	ir_val v = reg(l, in->rt);

	return is_pair(in) ? join(l, v, reg(l, second_of(l, in))) : v;
}

/* STL[BH] Rt, [Rn]. */
static void lift_store(struct arm_lift *l, const struct arm_word *in)
{
	ir_store(l->b, access(in, false), reg(l, in->rn), 0, stored(l, in));
}

/* STREX[BHD], STLEX[BHD] Rd, Rt, [Rn, #imm]:  Rd <- 0 and store, or 1. The monitor is open then. */
static void lift_store_exclusive(struct arm_lift *l, const struct arm_word *in)
{
	unsigned second = is_pair(in) ? second_of(l, in) : in->rt;

	if (in->rd == in->rn || in->rd == in->rt || in->rd == second) {
		arm_illegal(l);
		return;
	}
	if (!is_valid(l, in))
		return;
	ir_val base = reg(l, in->rn);
	ir_val at = in->imm ? ir_add(l->b, base, imm32(l, in->imm << 2)) : base;
	ir_val same = ir_eq(l->b, flag(l, ARM_EX_ADDR), at);
	ir_val fits = ir_eq(l->b, flag(l, ARM_EX_SIZE), ir_const(l->b, IR_I8, in->row->arg & SIZE));
	ir_val held = ir_and(l->b, ir_and(l->b, flag(l, ARM_EX_VALID), same), fits);
	ir_val expected = flag(l, ARM_EX_VALUE);
	if (!is_pair(in))
		expected = low_word(l, expected);
	ir_val done = ir_stcond(l->b, access(in, false), held, at, 0, expected, stored(l, in));
	ir_put(l->b, ARM_EX_VALID, imm1(l, false));
	arm_set_reg(l, in->rd, ir_zext(l->b, IR_I32, ir_not(l->b, done)));
}

#define WORD_X (IR_MEM_32 | EXCLUSIVE)
#define BYTE_X (IR_MEM_8 | EXCLUSIVE)
#define HALF_X (IR_MEM_16 | EXCLUSIVE)
#define PAIR_X (IR_MEM_64 | EXCLUSIVE)
#define SYNC(name, picture, fn, what, pc) { name, picture, fn, .arg = what, .flags = ARM_SKIP, .nopc = pc }

static const struct arm_row a32[] = {
	SYNC("ldrex", "cccc 00011001 nnnn tttt -- 11 1001 ----", lift_load, WORD_X, "nt"),
	SYNC("ldrexd", "cccc 00011011 nnnn tttt -- 11 1001 ----", lift_load, PAIR_X, "nt"),
	SYNC("ldrexb", "cccc 00011101 nnnn tttt -- 11 1001 ----", lift_load, BYTE_X, "nt"),
	SYNC("ldrexh", "cccc 00011111 nnnn tttt -- 11 1001 ----", lift_load, HALF_X, "nt"),
	SYNC("ldaex", "cccc 00011001 nnnn tttt -- 10 1001 ----", lift_load, WORD_X | ORDERED, "nt"),
	SYNC("ldaexd", "cccc 00011011 nnnn tttt -- 10 1001 ----", lift_load, PAIR_X | ORDERED, "nt"),
	SYNC("ldaexb", "cccc 00011101 nnnn tttt -- 10 1001 ----", lift_load, BYTE_X | ORDERED, "nt"),
	SYNC("ldaexh", "cccc 00011111 nnnn tttt -- 10 1001 ----", lift_load, HALF_X | ORDERED, "nt"),
	SYNC("lda", "cccc 00011001 nnnn tttt -- 00 1001 ----", lift_load, IR_MEM_32 | ORDERED, "nt"),
	SYNC("ldab", "cccc 00011101 nnnn tttt -- 00 1001 ----", lift_load, IR_MEM_8 | ORDERED, "nt"),
	SYNC("ldah", "cccc 00011111 nnnn tttt -- 00 1001 ----", lift_load, IR_MEM_16 | ORDERED, "nt"),
	SYNC("strex", "cccc 00011000 nnnn dddd -- 11 1001 tttt", lift_store_exclusive, WORD_X, "ndt"),
	SYNC("strexd", "cccc 00011010 nnnn dddd -- 11 1001 tttt", lift_store_exclusive, PAIR_X, "ndt"),
	SYNC("strexb", "cccc 00011100 nnnn dddd -- 11 1001 tttt", lift_store_exclusive, BYTE_X, "ndt"),
	SYNC("strexh", "cccc 00011110 nnnn dddd -- 11 1001 tttt", lift_store_exclusive, HALF_X, "ndt"),
	SYNC("stlex", "cccc 00011000 nnnn dddd -- 10 1001 tttt", lift_store_exclusive, WORD_X | ORDERED, "ndt"),
	SYNC("stlexd", "cccc 00011010 nnnn dddd -- 10 1001 tttt", lift_store_exclusive, PAIR_X | ORDERED, "ndt"),
	SYNC("stlexb", "cccc 00011100 nnnn dddd -- 10 1001 tttt", lift_store_exclusive, BYTE_X | ORDERED, "ndt"),
	SYNC("stlexh", "cccc 00011110 nnnn dddd -- 10 1001 tttt", lift_store_exclusive, HALF_X | ORDERED, "ndt"),
	SYNC("stl", "cccc 00011000 nnnn ---- -- 00 1001 tttt", lift_store, IR_MEM_32 | ORDERED, "nt"),
	SYNC("stlb", "cccc 00011100 nnnn ---- -- 00 1001 tttt", lift_store, IR_MEM_8 | ORDERED, "nt"),
	SYNC("stlh", "cccc 00011110 nnnn ---- -- 00 1001 tttt", lift_store, IR_MEM_16 | ORDERED, "nt"),
};

static const struct arm_row t32[] = {
	SYNC("ldrex", "11101000 0101 nnnn tttt ---- iiiiiiii", lift_load, WORD_X, "nt"),
	SYNC("strex", "11101000 0100 nnnn tttt dddd iiiiiiii", lift_store_exclusive, WORD_X, "ndt"),
	SYNC("ldrexb", "11101000 1101 nnnn tttt ---- 0100 ----", lift_load, BYTE_X, "nt"),
	SYNC("ldrexh", "11101000 1101 nnnn tttt ---- 0101 ----", lift_load, HALF_X, "nt"),
	SYNC("ldrexd", "11101000 1101 nnnn tttt uuuu 0111 ----", lift_load, PAIR_X, "ntu"),
	SYNC("ldab", "11101000 1101 nnnn tttt ---- 1000 ----", lift_load, IR_MEM_8 | ORDERED, "nt"),
	SYNC("ldah", "11101000 1101 nnnn tttt ---- 1001 ----", lift_load, IR_MEM_16 | ORDERED, "nt"),
	SYNC("lda", "11101000 1101 nnnn tttt ---- 1010 ----", lift_load, IR_MEM_32 | ORDERED, "nt"),
	SYNC("ldaexb", "11101000 1101 nnnn tttt ---- 1100 ----", lift_load, BYTE_X | ORDERED, "nt"),
	SYNC("ldaexh", "11101000 1101 nnnn tttt ---- 1101 ----", lift_load, HALF_X | ORDERED, "nt"),
	SYNC("ldaex", "11101000 1101 nnnn tttt ---- 1110 ----", lift_load, WORD_X | ORDERED, "nt"),
	SYNC("ldaexd", "11101000 1101 nnnn tttt uuuu 1111 ----", lift_load, PAIR_X | ORDERED, "ntu"),
	SYNC("strexb", "11101000 1100 nnnn tttt ---- 0100 dddd", lift_store_exclusive, BYTE_X, "ndt"),
	SYNC("strexh", "11101000 1100 nnnn tttt ---- 0101 dddd", lift_store_exclusive, HALF_X, "ndt"),
	SYNC("strexd", "11101000 1100 nnnn tttt uuuu 0111 dddd", lift_store_exclusive, PAIR_X, "ndtu"),
	SYNC("stlb", "11101000 1100 nnnn tttt ---- 1000 ----", lift_store, IR_MEM_8 | ORDERED, "nt"),
	SYNC("stlh", "11101000 1100 nnnn tttt ---- 1001 ----", lift_store, IR_MEM_16 | ORDERED, "nt"),
	SYNC("stl", "11101000 1100 nnnn tttt ---- 1010 ----", lift_store, IR_MEM_32 | ORDERED, "nt"),
	SYNC("stlexb", "11101000 1100 nnnn tttt ---- 1100 dddd", lift_store_exclusive, BYTE_X | ORDERED, "ndt"),
	SYNC("stlexh", "11101000 1100 nnnn tttt ---- 1101 dddd", lift_store_exclusive, HALF_X | ORDERED, "ndt"),
	SYNC("stlex", "11101000 1100 nnnn tttt ---- 1110 dddd", lift_store_exclusive, WORD_X | ORDERED, "ndt"),
	SYNC("stlexd", "11101000 1100 nnnn tttt uuuu 1111 dddd", lift_store_exclusive, PAIR_X | ORDERED, "ndtu"),
};
const struct arm_rows arm_rows_sync = { { ARM_TABLE(a32), { 0 }, ARM_TABLE(t32) } };
