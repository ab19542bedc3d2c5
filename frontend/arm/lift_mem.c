/* Loads and stores of one register or a pair (ARM F2.4.11 to F2.4.13, F4.6). Misaligned ones just work. */
#include "frontend/arm/arm.h"

/* arg: enum ir_mem. */
enum {
	BYTE = IR_MEM_8, HALF = IR_MEM_16, WORD = IR_MEM_32,
	BYTE_SIGNED = IR_MEM_8 | IR_MEM_SEXT, HALF_SIGNED = IR_MEM_16 | IR_MEM_SEXT,
};

/* Where the access goes, and what write-back leaves in Rn. */
struct address {
	ir_val at;
	int32_t disp;
	ir_val back;
	bool writes_back;
};

static bool writes_back(const struct arm_word *in)
{
	return !in->P || in->W;
}

static struct address address(struct arm_lift *l, const struct arm_word *in)
{
	ir_val base = base_reg(l, in->rn), after, offset;
	bool back = writes_back(in);

	if (in->row->form == ARM_FORM_IMM) {
		uint32_t imm = in->imm << in->row->scale, disp = in->U ? imm : 0u - imm;
		if (!back)
			return (struct address){ .at = base, .disp = (int32_t)disp };
		after = ir_add(l->b, base, imm32(l, disp));
	} else {
		offset = arm_operand2(l, in, NULL);
		after = in->U ? ir_add(l->b, base, offset) : ir_sub(l->b, base, offset);
	}
	return (struct address){ .at = in->P ? after : base, .back = after, .writes_back = back };
}

static void write_back(struct arm_lift *l, const struct arm_word *in, struct address a)
{
	if (a.writes_back)
		arm_set_reg(l, in->rn, a.back);
}

static bool writes_back_to_pc(const struct arm_word *in)
{
	return writes_back(in) && in->rn == ARM_PC_REG;
}

/* Rt <- memory; where the condition does not hold the load gives what Rt has. */
static void load_register(struct arm_lift *l, const struct arm_word *in)
{
	struct address a = address(l, in);
	unsigned rt = in->rt, mem = in->row->arg;
	ir_val v = l->predicated ? ir_load_if(l->b, mem, l->holds, reg(l, rt), a.at, a.disp) :
				   ir_load(l->b, mem, IR_I32, a.at, a.disp);

	write_back(l, in, a);
	ir_put(l->b, ARM_R0 + rt, v);
}

/* LDR and its sizes:  Rt <- memory; r15: a branch that changes the instruction set. */
static void lift_load(struct arm_lift *l, const struct arm_word *in)
{
	if (writes_back_to_pc(in) || (in->rt == ARM_PC_REG && (in->row->arg != WORD || l->it & 7))) {
		arm_illegal(l);
		return;
	}
	if (in->rt != ARM_PC_REG) {
		load_register(l, in);
		return;
	}
	arm_skip_rest(l);
	struct address a = address(l, in);
	ir_val v = ir_load(l->b, IR_MEM_32, IR_I32, a.at, a.disp);
	write_back(l, in, a);
	arm_go_to(l, v, in->rn == ARM_SP ? IR_EXIT_RETURN : IR_EXIT_JUMP);
}

/* STR and its sizes:  memory <- Rt. */
static void lift_store(struct arm_lift *l, const struct arm_word *in)
{
	if (writes_back_to_pc(in)) {
		arm_illegal(l);
		return;
	}
	struct address a = address(l, in);
	arm_store(l, in->row->arg, a.at, a.disp, reg(l, in->rt));
	write_back(l, in, a);
}

/* A32's second register is the one behind Rt, which is even. */
static bool pair(struct arm_lift *l, const struct arm_word *in, unsigned *second)
{
	bool is_a32 = !l->thumb;

	*second = is_a32 ? in->rt + 1 : in->rt2;
	if ((!is_a32 || !(in->rt & 1)) && *second < ARM_PC_REG && in->rt != ARM_PC_REG && !writes_back_to_pc(in))
		return true;
	arm_illegal(l);
	return false;
}

/* LDRD Rt, Rt2, address:  two words from a word-aligned address. */
static void lift_load_pair(struct arm_lift *l, const struct arm_word *in)
{
	unsigned second;

	if (!pair(l, in, &second))
		return;
	struct address a = address(l, in);
	ir_val low = arm_load(l, arm_first_word(l), IR_I32, a.at, a.disp);
	ir_val high = arm_load(l, WORD, IR_I32, a.at, a.disp + 4);
	write_back(l, in, a);
	arm_set_reg(l, in->rt, low);
	arm_set_reg(l, second, high);
}

/* STRD Rt, Rt2, address. */
static void lift_store_pair(struct arm_lift *l, const struct arm_word *in)
{
	unsigned second;

	if (!pair(l, in, &second))
		return;
	struct address a = address(l, in);
	arm_store(l, arm_first_word(l), a.at, a.disp, reg(l, in->rt));
	arm_store(l, WORD, a.at, a.disp + 4, reg(l, second));
	write_back(l, in, a);
}

#define MEM(name, picture, fn, mem, kind, ...) \
	{ name, picture, fn, .arg = mem, .form = ARM_FORM_##kind, .flags = ARM_ACCESS, __VA_ARGS__ }
#define PAIR(name, picture, fn, kind, ...) \
	{ name, picture, fn, .form = ARM_FORM_##kind, .flags = ARM_ACCESS | ARM_SKIP, __VA_ARGS__ }

static const struct arm_row a32[] = {
	MEM("str", "cccc 010 PU0W0 nnnn tttt iiiiiiiiiiii", lift_store, WORD, IMM),
	MEM("ldr", "cccc 010 PU0W1 nnnn tttt iiiiiiiiiiii", lift_load, WORD, IMM),
	MEM("strb", "cccc 010 PU1W0 nnnn tttt iiiiiiiiiiii", lift_store, BYTE, IMM, .nopc = "t"),
	MEM("ldrb", "cccc 010 PU1W1 nnnn tttt iiiiiiiiiiii", lift_load, BYTE, IMM),
	MEM("str", "cccc 011 PU0W0 nnnn tttt hhhhh yy 0 mmmm", lift_store, WORD, REG, .nopc = "m"),
	MEM("ldr", "cccc 011 PU0W1 nnnn tttt hhhhh yy 0 mmmm", lift_load, WORD, REG, .nopc = "m"),
	MEM("strb", "cccc 011 PU1W0 nnnn tttt hhhhh yy 0 mmmm", lift_store, BYTE, REG, .nopc = "tm"),
	MEM("ldrb", "cccc 011 PU1W1 nnnn tttt hhhhh yy 0 mmmm", lift_load, BYTE, REG, .nopc = "m"),
	MEM("strh", "cccc 000 PU1W0 nnnn tttt iiii 1011 iiii", lift_store, HALF, IMM, .nopc = "t"),
	MEM("ldrh", "cccc 000 PU1W1 nnnn tttt iiii 1011 iiii", lift_load, HALF, IMM),
	MEM("ldrsb", "cccc 000 PU1W1 nnnn tttt iiii 1101 iiii", lift_load, BYTE_SIGNED, IMM),
	MEM("ldrsh", "cccc 000 PU1W1 nnnn tttt iiii 1111 iiii", lift_load, HALF_SIGNED, IMM),
	MEM("strh", "cccc 000 PU0W0 nnnn tttt ---- 1011 mmmm", lift_store, HALF, REG, .nopc = "tm"),
	MEM("ldrh", "cccc 000 PU0W1 nnnn tttt ---- 1011 mmmm", lift_load, HALF, REG, .nopc = "m"),
	MEM("ldrsb", "cccc 000 PU0W1 nnnn tttt ---- 1101 mmmm", lift_load, BYTE_SIGNED, REG, .nopc = "m"),
	MEM("ldrsh", "cccc 000 PU0W1 nnnn tttt ---- 1111 mmmm", lift_load, HALF_SIGNED, REG, .nopc = "m"),
	/* P = 0, W = 1 is UNPREDICTABLE for pairs */
	PAIR("ldrd", "cccc 000 1U1W0 nnnn tttt iiii 1101 iiii", lift_load_pair, IMM),
	PAIR("ldrd", "cccc 000 PU100 nnnn tttt iiii 1101 iiii", lift_load_pair, IMM),
	PAIR("strd", "cccc 000 1U1W0 nnnn tttt iiii 1111 iiii", lift_store_pair, IMM),
	PAIR("strd", "cccc 000 PU100 nnnn tttt iiii 1111 iiii", lift_store_pair, IMM),
	PAIR("ldrd", "cccc 000 1U0W0 nnnn tttt ---- 1101 mmmm", lift_load_pair, REG, .nopc = "m"),
	PAIR("ldrd", "cccc 000 PU000 nnnn tttt ---- 1101 mmmm", lift_load_pair, REG, .nopc = "m"),
	PAIR("strd", "cccc 000 1U0W0 nnnn tttt ---- 1111 mmmm", lift_store_pair, REG, .nopc = "m"),
	PAIR("strd", "cccc 000 PU000 nnnn tttt ---- 1111 mmmm", lift_store_pair, REG, .nopc = "m"),
};

static const struct arm_row t16[] = {
	MEM("str", "0101 000 mmm nnn ttt", lift_store, WORD, REG),
	MEM("strh", "0101 001 mmm nnn ttt", lift_store, HALF, REG),
	MEM("strb", "0101 010 mmm nnn ttt", lift_store, BYTE, REG),
	MEM("ldrsb", "0101 011 mmm nnn ttt", lift_load, BYTE_SIGNED, REG),
	MEM("ldr", "0101 100 mmm nnn ttt", lift_load, WORD, REG),
	MEM("ldrh", "0101 101 mmm nnn ttt", lift_load, HALF, REG),
	MEM("ldrb", "0101 110 mmm nnn ttt", lift_load, BYTE, REG),
	MEM("ldrsh", "0101 111 mmm nnn ttt", lift_load, HALF_SIGNED, REG),
	MEM("str", "0110 0 iiiii nnn ttt", lift_store, WORD, IMM, .scale = 2),
	MEM("ldr", "0110 1 iiiii nnn ttt", lift_load, WORD, IMM, .scale = 2),
	MEM("strb", "0111 0 iiiii nnn ttt", lift_store, BYTE, IMM),
	MEM("ldrb", "0111 1 iiiii nnn ttt", lift_load, BYTE, IMM),
	MEM("strh", "1000 0 iiiii nnn ttt", lift_store, HALF, IMM, .scale = 1),
	MEM("ldrh", "1000 1 iiiii nnn ttt", lift_load, HALF, IMM, .scale = 1),
	{ "ldr", "0100 1 ttt iiiiiiii", lift_load, .arg = WORD, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_ACCESS | ARM_BASE_PC },
	{ "str", "1001 0 ttt iiiiiiii", lift_store, .arg = WORD, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_ACCESS | ARM_BASE_SP },
	{ "ldr", "1001 1 ttt iiiiiiii", lift_load, .arg = WORD, .form = ARM_FORM_IMM, .scale = 2, .flags = ARM_ACCESS | ARM_BASE_SP },
};

/* Literal, 12-bit offset, 8-bit offset of either sign with its write-backs, register. */
#define T32_LOAD(name, sign, size, mem) \
	{ name, "1111100" sign " U" size "1 1111 tttt iiiiiiiiiiii", lift_load, .arg = mem, .form = ARM_FORM_IMM, \
	  .flags = ARM_ACCESS | ARM_BASE_PC }, \
	MEM(name, "1111100" sign " 1" size "1 nnnn tttt iiiiiiiiiiii", lift_load, mem, IMM), \
	MEM(name, "1111100" sign " 0" size "1 nnnn tttt 11UW iiiiiiii", lift_load, mem, IMM), \
	MEM(name, "1111100" sign " 0" size "1 nnnn tttt 1PU1 iiiiiiii", lift_load, mem, IMM), \
	MEM(name, "1111100" sign " 0" size "1 nnnn tttt 000000 hh mmmm", lift_load, mem, REG, .nopc = "m")
#define T32_STORE(name, size, mem) \
	MEM(name, "11111000 1" size "0 nnnn tttt iiiiiiiiiiii", lift_store, mem, IMM, .nopc = "nt"), \
	MEM(name, "11111000 0" size "0 nnnn tttt 11UW iiiiiiii", lift_store, mem, IMM, .nopc = "nt"), \
	MEM(name, "11111000 0" size "0 nnnn tttt 1PU1 iiiiiiii", lift_store, mem, IMM, .nopc = "nt"), \
	MEM(name, "11111000 0" size "0 nnnn tttt 000000 hh mmmm", lift_store, mem, REG, .nopc = "nmt")

static const struct arm_row t32[] = {
	T32_LOAD("ldr", "0", "10", WORD),
	T32_LOAD("ldrb", "0", "00", BYTE),
	T32_LOAD("ldrh", "0", "01", HALF),
	T32_LOAD("ldrsb", "1", "00", BYTE_SIGNED),
	T32_LOAD("ldrsh", "1", "01", HALF_SIGNED),
	T32_STORE("str", "10", WORD),
	T32_STORE("strb", "00", BYTE),
	T32_STORE("strh", "01", HALF),
	PAIR("ldrd", "1110100 1U1W1 nnnn tttt uuuu iiiiiiii", lift_load_pair, IMM, .scale = 2),
	PAIR("ldrd", "1110100 PU111 nnnn tttt uuuu iiiiiiii", lift_load_pair, IMM, .scale = 2),
	PAIR("strd", "1110100 1U1W0 nnnn tttt uuuu iiiiiiii", lift_store_pair, IMM, .scale = 2, .nopc = "n"),
	PAIR("strd", "1110100 PU110 nnnn tttt uuuu iiiiiiii", lift_store_pair, IMM, .scale = 2, .nopc = "n"),
};
const struct arm_rows arm_rows_mem = { { ARM_TABLE(a32), ARM_TABLE(t16), ARM_TABLE(t32) } };
