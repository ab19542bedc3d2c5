/*
 * Inside of the AArch64 front end: what an instruction's row and its lift need. Only files of
 * this folder and tests include it. Knows no back end, no engine, and nothing of Capstone,
 * which decode.c alone talks to.
 *
 * The manual quoted is DDI 0487, the Arm Architecture Reference Manual for A-profile; the state is
 * that of user mode (EL0) of ARMv8.0-A and the extensions of features.def under Linux.
 *
 * Where the manual leaves a choice (CONSTRAINED UNPREDICTABLE):
 *   - load with writeback and Rt = Rn, load pair with writeback and Rt or Rt2 = Rn: the loaded value
 *     stays; stores store the old value of Rn;
 *   - load pair with Rt = Rt2: the second value stays;
 *   - store exclusive with Rs = Rt, Rt2 or Rn: works, the status is written last;
 *   - CASP with an odd Rs or Rt is undefined;
 *   - fields the manual marks (1) or (0) are ignored ('-' in a picture).
 */
#ifndef A64_A64_H
#define A64_A64_H

#include "frontend/aarch64/state.h"
#include "iface/frontend.h"
#include "ir/build.h"

/* What a row needs above ARMv8.0-A. */
enum a64_feature {
	A64_BASE,
#define FEATURE(NAME, ...) A64_HAS_##NAME,
#include "frontend/aarch64/features.def"
	A64_FEATURES
};
#define A64_FEATURE_BIT(f) (1ull << (f))

/* What the lift of one instruction works with. */
struct a64_lift {
	struct ir_builder *b;
	uint64_t pc, next;	/* of this instruction, and the one behind it */
	uint32_t mode;		/* mode bits of the block */
	uint64_t features;	/* A64_FEATURE_BIT of what the model has */
	bool alone;		/* the block ends with every branch, even one to the next instruction */
	bool ended;		/* out: the block was ended */
	bool slow_fp;		/* out: did floating point in a mode that may become a quicker one (fp.h) */
};

/* The fields of a word, by their places; a lift uses those its form has. */
struct a64_word {
	uint32_t word;
	const struct a64_row *row;
	uint8_t Rd, Rt;		/* bits 4-0 */
	uint8_t Rn;		/* bits 9-5 */
	uint8_t Rm, Rs;		/* bits 20-16 */
	uint8_t Ra, Rt2;	/* bits 14-10 */
	uint8_t immr, imms;	/* bits 21-16, 15-10; imms is imm6 of shifted registers, too */
	uint8_t cond;		/* bits 15-12 */
	uint8_t shift;		/* bits 23-22 */
	uint8_t option, S;	/* bits 15-13, 12 */
	bool sf;		/* bit 31 */
	bool Q;			/* bit 30 */
	bool U;			/* bit 29 */
	uint8_t size;		/* bits 23-22 of SIMD forms */
	uint32_t imm12;		/* bits 21-10 */
	uint32_t imm16;		/* bits 20-5 */
	int32_t imm9;		/* bits 20-12, sign-extended */
	int32_t imm7;		/* bits 21-15, sign-extended */
	int32_t imm19;		/* bits 23-5, sign-extended */
};

typedef void a64_lift_fn(struct a64_lift *l, const struct a64_word *in);

enum a64_row_flag {
	A64_PRE = 1 << 0,	/* the picture counts before others, and Capstone is not asked */
};

/*
 * One encoding. mnemonic is the name Capstone writes (aliases aside: decode.c), or with A64_PRE
 * the manual's. Of several pictures that fit, the first counts; what a picture cannot say the lift
 * refuses with lift_illegal. Letters of a picture are free but for these, whose place is fixed:
 *   d t  Rd, Rt      n  Rn      m s  Rm, Rs      a u  Ra, Rt2      f  sf      Q  Q     z  size
 *
 * text prints what Capstone 4 lacks. Behind '%': w x register (31 is zr), W X the same (31 is sp), z y the
 * w and x register behind that one, v b h s d q SIMD registers, i a number, l one without #, j a signed
 * one of 9 bits, each followed by the letter of its field. NULL: Capstone prints.
 */
struct a64_row {
	const char *mnemonic;
	const char *encoding;
	a64_lift_fn *lift;
	uint32_t arg;		/* for the lift: tells members of a family apart */
	uint8_t flags;		/* enum a64_row_flag */
	uint8_t feature;	/* enum a64_feature */
	const char *text;
};

struct a64_rows {
	const struct a64_row *row;
	unsigned n;
};

/* The tables of instructions, one a lift file. */
#define A64_ROWS(table) { table, sizeof table / sizeof *(table) }
#define GROUP(name) extern const struct a64_rows a64_rows_##name;
#include "frontend/aarch64/groups.def"

#define HELPER(name) extern const struct ir_helper a64_##name;
#include "frontend/aarch64/helpers.def"

/* The processors by name. False: there is none. NULL is the default, which has all there is. */
bool a64_model_features(const char *name, uint64_t *features);
/* An ID register, named as in bits 20-5 of MRS; those without a stated value read 0. */
uint64_t a64_id_register(uint64_t features, uint32_t reg);
/* What Linux passes as AT_HWCAP (word 1) and AT_HWCAP2 (word 2). */
uint64_t a64_hwcap(uint64_t features, unsigned word);

/* decode.c */
struct a64_decoder;
enum dgm_status a64_decoder_open(const struct base_alloc *alloc, uint64_t features, struct a64_decoder **out);
void a64_decoder_close(struct a64_decoder *d);
uint64_t a64_decoder_features(const struct a64_decoder *d);
/* The row of a word, NULL when it is not an instruction of the model. */
const struct a64_row *a64_decode(struct a64_decoder *d, uint32_t word);
/* What Capstone thinks of a word's row: another name, none at all, or this one. */
enum a64_opinion { A64_DISAGREES, A64_SILENT, A64_AGREES };
enum a64_opinion a64_ask_capstone(struct a64_decoder *d, const struct a64_row *row, uint32_t word);
/* Fills the fields. */
void a64_fields(const struct a64_row *row, uint32_t word, struct a64_word *out);
/* Capstone's own words for it, or ours where Capstone is silent; "?" when undefined. */
void a64_disassemble(struct a64_decoder *d, uint32_t word, uint64_t pc, char *buf, size_t n);

static inline uint32_t a64_bits(uint32_t word, unsigned high, unsigned low)
{
	return word >> low & ((2u << (high - low)) - 1);
}

static inline ir_val imm64(struct a64_lift *l, uint64_t v)
{
	return ir_const(l->b, IR_I64, v);
}

static inline ir_val imm32(struct a64_lift *l, uint32_t v)
{
	return ir_const(l->b, IR_I32, v);
}

static inline ir_val imm1(struct a64_lift *l, bool v)
{
	return ir_const(l->b, IR_I1, v);
}

/* The type of a general register's operand: X with sf, else W. */
static inline enum ir_type int_type(bool sf)
{
	return sf ? IR_I64 : IR_I32;
}

/* A constant of that type. */
static inline ir_val imm(struct a64_lift *l, bool sf, uint64_t v)
{
	return ir_const(l->b, int_type(sf), v);
}

/* Xn, or 0 for register 31. */
static inline ir_val xreg(struct a64_lift *l, unsigned n)
{
	return n == 31 ? imm64(l, 0) : ir_get(l->b, A64_X0 + n);
}

/* Xn, or SP for register 31. */
static inline ir_val xreg_sp(struct a64_lift *l, unsigned n)
{
	return ir_get(l->b, A64_X0 + n);
}

static inline ir_val narrow(struct a64_lift *l, bool sf, ir_val x)
{
	return sf ? x : ir_trunc(l->b, IR_I32, x);
}

/* Xn or Wn, register 31 reads as 0. */
static inline ir_val reg(struct a64_lift *l, bool sf, unsigned n)
{
	return n == 31 ? imm(l, sf, 0) : narrow(l, sf, xreg(l, n));
}

/* Xn or Wn, register 31 is SP. */
static inline ir_val reg_sp(struct a64_lift *l, bool sf, unsigned n)
{
	return narrow(l, sf, xreg_sp(l, n));
}

/* An i32 is zero-extended. */
static inline ir_val widen(struct a64_lift *l, ir_val v)
{
	return ir_type_of(l->b->u, v) == IR_I64 ? v : ir_zext(l->b, IR_I64, v);
}

/* Writes an integer, zero-extended to 64 bits; register 31 takes nothing. */
static inline void set_reg(struct a64_lift *l, unsigned n, ir_val v)
{
	if (n != 31)
		ir_put(l->b, A64_X0 + n, widen(l, v));
}

/* The same; register 31 is SP. */
static inline void set_reg_sp(struct a64_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, A64_X0 + n, widen(l, v));
}

static inline ir_val flag(struct a64_lift *l, unsigned slot)
{
	return ir_get(l->b, slot);
}

static inline void set_nzcv(struct a64_lift *l, ir_val n, ir_val z, ir_val c, ir_val v)
{
	ir_put(l->b, A64_N, n);
	ir_put(l->b, A64_Z, z);
	ir_put(l->b, A64_C, c);
	ir_put(l->b, A64_V, v);
}

/* The bit mask of logical immediates; false: reserved. */
bool a64_bit_masks(bool sf, unsigned n, unsigned imms, unsigned immr, uint64_t *mask);

/* Rm, extended from a byte, half, word or not at all: UXTB UXTH UXTW UXTX SXTB SXTH SXTW SXTX. */
static inline ir_val a64_extend(struct a64_lift *l, bool sf, unsigned m, unsigned option)
{
	static const uint8_t types[] = { IR_I8, IR_I16, IR_I32, IR_I64 };
	enum ir_type from = (enum ir_type)types[option & 3], to = int_type(sf);

	if (from >= to)
		return reg(l, sf, m);
	ir_val x = ir_trunc(l->b, from, xreg(l, m));
	return option & 4 ? ir_sext(l->b, to, x) : ir_zext(l->b, to, x);
}

/* Whether a condition holds; 14 and 15 always do. */
ir_val a64_condition(struct a64_lift *l, unsigned cond);

/* Vn as a vector of the given type. */
static inline ir_val vec(struct a64_lift *l, enum ir_type t, unsigned n)
{
	ir_val v = ir_get(l->b, A64_V0 + n);

	return t == IR_I64X2 ? v : ir_bitcast(l->b, t, v);
}

/* Vn <- a vector of any type, all 128 bits. */
static inline void set_vec(struct a64_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, A64_V0 + n, ir_type_of(l->b->u, v) == IR_I64X2 ? v : ir_bitcast(l->b, IR_I64X2, v));
}

/* The instruction does nothing but trap; the block ends. */
static inline void lift_trap(struct a64_lift *l, enum ir_trap reason, int32_t code)
{
	ir_trap(l->b, reason, code, imm64(l, l->pc), imm64(l, l->next));
	l->ended = true;
}

static inline void lift_illegal(struct a64_lift *l)
{
	lift_trap(l, IR_TRAP_ILLEGAL, 0);
}

/*
 * [Xn|SP] as the base of an access. An SP that is no multiple of 16 is an alignment fault, as Linux
 * has it (SCTLR_EL1.SA0).
 */
static inline ir_val base_reg(struct a64_lift *l, unsigned n)
{
	ir_val base = xreg_sp(l, n);

	if (n == 31) {
		ir_val odd = ir_ne(l->b, ir_and(l->b, base, imm64(l, 15)), imm64(l, 0));
		ir_trap_if(l->b, IR_TRAP_ALIGN, 0, odd, imm64(l, l->pc), imm64(l, l->next));
	}
	return base;
}

/* The index of [Xn|SP, Rm {, extend {#shift}}]: S chooses the shift. */
static inline ir_val a64_index(struct a64_lift *l, const struct a64_word *in, unsigned shift)
{
	ir_val index = a64_extend(l, true, in->Rm, in->option);

	return in->S && shift ? ir_shl(l->b, index, imm32(l, shift)) : index;
}

/* base + disp, for what is written back. */
static inline ir_val base_plus(struct a64_lift *l, ir_val base, int32_t disp)
{
	return disp ? ir_add(l->b, base, imm64(l, (uint64_t)(int64_t)disp)) : base;
}

/*
 * Reads the counter. Time is counted in instructions, and of those a block is charged for as a whole: to be exact
 * such an instruction is a block of its own.
 */
bool a64_reads_time(uint32_t word);

/* sysreg.c: see struct frontend. */
bool a64_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a);
void a64_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value);

#endif
