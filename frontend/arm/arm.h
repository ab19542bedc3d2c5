/*
 * Inside of the 32-bit ARM front end: what an instruction's row and its lift need. Only files of
 * this folder and tests include it. Knows no back end, no engine, and nothing of Capstone,
 * which decode.c alone talks to.
 *
 * Manual quoted: "ARM" is the Arm Architecture Reference Manual, DDI 0487 part F (A32 and T32) and
 * DDI 0406 for what only ARMv7 has. User mode, little-endian.
 *
 * Where the manual leaves a choice:
 *   - bits an encoding marks (0) or (1) are ignored, as far as they do not select another encoding;
 *   - r15 where the encoding does not allow it, a register list or pair that is UNPREDICTABLE, a
 *     branch that is not the last of its IT block, and S with r15 as destination (exception return)
 *     are UNDEFINED;
 *   - r13 is a register like others; write-back to a register that is loaded too leaves what was
 *     loaded; write-back to one that is stored stores the old value;
 *   - flag-setting of MULS leaves C and V; a division by zero gives 0;
 *   - a branch to an A32 address with bit 1 set is an alignment fault of the target;
 *   - multiple and doubleword loads and stores and exclusives want word alignment (LDREXD and the
 *     other exclusives, load-acquire and store-release their own size); all others none, VLDR and VSTR
 *     among them, for which the manual wants a word's (E2.7.2): ARCHITECTURE.md has what checks would cost. LDRD and
 *     STRD are two accesses, not single-copy atomic: do not promise LPAE to the guest;
 *   - SETEND, SWP, coprocessors 14 and all but a few registers of 15, and FPSCR.Len or Stride other
 *     than 0 (at the vector instruction) are UNDEFINED, as Linux on ARMv8 does by default;
 *   - CPS and the parts of MSR that need privilege do nothing, unless DGM_ARM_SYSTEM says that the machine has them; SRS, RFE, LDM ^ are UNDEFINED;
 *   - a conditional UNDEFINED instruction traps only if its condition holds.
 */
#ifndef ARM_ARM_H
#define ARM_ARM_H

#include "frontend/arm/state.h"
#include "iface/frontend.h"
#include "ir/build.h"

/* Mode bits of a block. */
enum {
	ARM_MODE_FP_SLOW = 1 << 0,	/* FPSCR asks for what the host's FPU does not do */
	ARM_MODE_FP_FLUSH = 1 << 2,	/* FPSCR flushes denormals */
	ARM_MODE_MISALIGNED = 1 << 1,	/* LDM, STM, LDRD and STRD take every address: an operating system carries them out */
	ARM_MODE_FP_IXC = 1 << 4,	/* IXC is known to be set: see arm_fp_known_ixc */
	ARM_MODE_SYSTEM = 1 << 3,	/* the machine has modes: what user mode ignores goes to it */
	ARM_MODE_IT_SHIFT = 8,		/* ITSTATE, eight bits: blocks are entered inside an IT block only after events */
};

enum { ARM_SP = 13, ARM_LR = 14, ARM_PC_REG = 15, ARM_ALWAYS = 14 };

/*
 * What is known of the flags in a block. The last comparison or subtraction while the flags are still
 * its: conditions are comparisons of the operands then, which may be floats. Those of FPSCR's flags
 * are known apart (fp), until VMRS makes them the flags'. And in an IT block that was left when its condition
 * did not hold: holds says that it still does, until the block of code ends at the end of the IT block.
 */
struct arm_compare {
	bool known, is_float;
	ir_val a, b;
	struct {
		bool known;
		ir_val a, b;
	} fp;
	bool in_group, holds;
	bool aside;	/* an IT block is lifted aside, to see whether it ends early (arm.c) */
	bool always;	/* and has an instruction that is executed whatever the condition */
};

struct arm_row;

/* The fields of an instruction, and how it is executed. */
struct arm_word {
#define FIELD(name, letter, other) uint32_t name;
#include "frontend/arm/fields.def"
	uint32_t word;			/* T16: in the low half; T32: first halfword high */
	const struct arm_row *row;
};

/* What the lift of one instruction works with. */
struct arm_lift {
	struct ir_builder *b;
	uint32_t pc, next;	/* addresses of this instruction and the one behind it */
	uint32_t thumb;		/* 1 in T32: or-ed to an address it makes a program counter */
	uint32_t mode;		/* mode bits of the block */
	uint8_t it, next_it;	/* ITSTATE of this instruction and the next */
	unsigned behind_it;	/* address behind the IT block, when there is room for all of it in this block; else 0 */
	bool solo;		/* the block began inside an IT block: it has but this instruction */
	bool predicated;	/* `holds` decides whether what is written is written */
	ir_val holds;
	struct arm_compare *compare;
	bool last;		/* out: a block that did not begin here ends behind it all the same */
	bool ended;		/* out: the block was ended */
	bool resync;		/* out: mode bits may have changed */
};

typedef void arm_lift_fn(struct arm_lift *l, const struct arm_word *in);

enum arm_row_flag {
	/* How a condition is applied; without one of these two every result is selected. */
	ARM_SKIP = 1 << 0,	/* jumped over: calls, whatever may raise flags */
	ARM_OWN = 1 << 1,	/* the lift looks at l->holds itself */
	ARM_SETS = 1 << 2,	/* S is implied */
	ARM_SETS_OUTSIDE = 1 << 3,	/* S outside IT blocks */
	ARM_DN = 1 << 4,	/* Rn is Rd */
	ARM_BASE_SP = 1 << 5,	/* Rn is sp */
	ARM_BASE_PC = 1 << 6,	/* Rn is pc */
	ARM_UNCOND = 1 << 7,	/* T32: executed whatever an IT block says */
	ARM_NOT_IT = 1 << 8,	/* UNDEFINED inside an IT block */
	ARM_LAST_IT = 1 << 9,	/* UNDEFINED inside an IT block but at its end */
	ARM_SHARED = 1 << 10,	/* a T32 encoding, too: VFP, NEON, coprocessors */
	ARM_DEST_SP = 1 << 11,	/* Rd is sp */
	ARM_SILENT = 1 << 12,	/* Capstone has no or another name for it */
	/* Its accesses are arm_load and arm_store, which look at the condition. With ARM_SKIP: it is
	 * jumped over all the same where that leads to the next block directly. */
	ARM_ACCESS = 1 << 13,
};

/* Second operands and offsets: arm_insn's fields that make them up. */
enum arm_form {
	ARM_FORM_NONE,
	ARM_FORM_IMM,		/* imm as it is, shifted left by the row's scale */
	ARM_FORM_A32_IMM,	/* rotated byte */
	ARM_FORM_T32_IMM,	/* ThumbExpandImm */
	ARM_FORM_REG,		/* rm shifted by an amount */
	ARM_FORM_REG_REG,	/* rm shifted by rs */
};

/*
 * One encoding; mnemonic is the manual's. Of several pictures that fit, the first counts. A picture has
 * 32 or, of T16, 16 bits; fields.def has its letters.
 */
struct arm_row {
	const char *mnemonic;
	const char *encoding;
	arm_lift_fn *lift;
	uint32_t arg;		/* for the lift: tells members of a family apart */
	uint8_t form;		/* enum arm_form */
	uint8_t scale;
	uint16_t flags;		/* enum arm_row_flag */
	const char *nopc;	/* letters of registers that may not be r15 */
};

enum arm_set { ARM_A32, ARM_T16, ARM_T32, ARM_SETS_N };

/* The tables of instructions, one of each set a lift file. */
struct arm_rows {
	struct {
		const struct arm_row *row;
		unsigned n;
	} set[ARM_SETS_N];
};
#define ARM_TABLE(table) { table, sizeof table / sizeof *(table) }
#define GROUP(name) extern const struct arm_rows arm_rows_##name;
#include "frontend/arm/groups.def"

#define HELPER(name) extern const struct ir_helper arm_##name;
#include "frontend/arm/helpers.def"

/* decode.c */
struct arm_decoder;
enum dgm_status arm_decoder_open(const struct base_alloc *alloc, struct arm_decoder **out);
void arm_decoder_close(struct arm_decoder *d);
struct arm_compare *arm_decoder_compare(struct arm_decoder *d);
/*
 * Finds the row and fills the fields; false when it is not an instruction. `it` is ITSTATE. A T32
 * word has its first halfword high, a T16 one is below 0x10000.
 */
bool arm_decode(struct arm_decoder *d, uint32_t word, bool thumb, unsigned it, struct arm_word *out);
/* Whether the halfword is the first of two. */
static inline bool arm_is_wide(uint32_t halfword)
{
	return halfword >= 0xe800;
}
/* What Capstone thinks of a word's row: another name, none at all, or this one. */
enum arm_opinion { ARM_DISAGREES, ARM_IS_SILENT, ARM_AGREES };
enum arm_opinion arm_ask_capstone(struct arm_decoder *d, const struct arm_row *row, uint32_t word, bool thumb);
/* Capstone's own words for it, or ours where Capstone is silent; "?" when undefined. */
void arm_disassemble(struct arm_decoder *d, uint32_t word, bool thumb, unsigned it, uint32_t pc, char *buf, size_t n);

/* features.c: Linux's AT_HWCAP (word 0) and AT_HWCAP2 (word 1). */
uint32_t arm_hwcap(unsigned word);

/* lift.c: registers, flags, conditions, operands, ways out */

/* Whether the condition holds, 0..13. */
ir_val arm_condition(struct arm_lift *l, unsigned cond);
/* Writes a register; r15 is a branch, which changes to the instruction set bit 0 says if interworks. */
void arm_set_reg(struct arm_lift *l, unsigned n, ir_val v);
/* A data-processing result: as above; T32 ignores bit 0 of what goes to r15. */
void arm_set_result(struct arm_lift *l, unsigned n, ir_val v);
void arm_set_flag(struct arm_lift *l, unsigned slot, ir_val v);
/* N and Z of a result, which was compared with nothing. */
void arm_set_nz(struct arm_lift *l, ir_val v);
/* Flags of a + b + carry_in, or of a - b. */
void arm_set_add_flags(struct arm_lift *l, ir_val a, ir_val b, ir_val carry_in, ir_val sum);
void arm_set_sub_flags(struct arm_lift *l, ir_val a, ir_val b, ir_val difference);
/* GE as a word: all bits of byte i set, or none. */
void arm_set_ge(struct arm_lift *l, ir_val bytes);
/* Q <- Q or v. */
void arm_saturated(struct arm_lift *l, ir_val v);

/* The second operand; *carry (may be NULL) is what its shifter puts out. */
ir_val arm_operand2(struct arm_lift *l, const struct arm_word *in, ir_val *carry);
/* rm shifted by an immediate amount as type and amount encode it. */
ir_val arm_shift_imm(struct arm_lift *l, ir_val v, unsigned type, unsigned amount, ir_val *carry);

/* Accesses under the condition: what a load gives where it does not hold has no meaning. */
ir_val arm_load(struct arm_lift *l, unsigned mem, enum ir_type t, ir_val a, int32_t disp);
void arm_store(struct arm_lift *l, unsigned mem, ir_val a, int32_t disp, ir_val v);
/* How the first word of LDM, STM, LDRD and STRD is accessed. */
enum ir_mem arm_first_word(const struct arm_lift *l);

/* To a constant address in the instruction set `thumb` says. ret: a call, the pc it comes back to. */
void arm_go(struct arm_lift *l, uint32_t target, uint32_t thumb, bool call);
/* To a computed program counter, bit 0 included. */
void arm_go_to(struct arm_lift *l, ir_val target, enum ir_exit_kind kind);
/* Whether the instruction begins an IT block, or what is left of one, that is left out as a whole. */
bool arm_begins_group(const struct arm_lift *l);
/* Leaves for the next instruction unless the condition holds; what follows is unconditional. */
void arm_skip_unless(struct arm_lift *l, ir_val holds);
/* The same for an instruction under a condition, whose rest is unconditional then. */
void arm_skip_rest(struct arm_lift *l);
/* The instruction does nothing but trap; the block ends. */
void arm_trap(struct arm_lift *l, enum ir_trap reason, int32_t code);
/* Ends the block behind this instruction, which changed mode bits. */
void arm_resync(struct arm_lift *l);

static inline void arm_illegal(struct arm_lift *l)
{
	arm_trap(l, IR_TRAP_ILLEGAL, 0);
}

static inline ir_val imm32(struct arm_lift *l, uint32_t v)
{
	return ir_const(l->b, IR_I32, v);
}

static inline ir_val imm1(struct arm_lift *l, bool v)
{
	return ir_const(l->b, IR_I1, v);
}

/* What an instruction reads as r15. */
static inline uint32_t pc_value(const struct arm_lift *l)
{
	return l->pc + (l->thumb ? 4 : 8);
}

static inline ir_val reg(struct arm_lift *l, unsigned n)
{
	return n == ARM_PC_REG ? imm32(l, pc_value(l)) : ir_get(l->b, ARM_R0 + n);
}

/* As the base of an address: r15 is aligned down. */
static inline ir_val base_reg(struct arm_lift *l, unsigned n)
{
	return n == ARM_PC_REG ? imm32(l, pc_value(l) & ~3u) : ir_get(l->b, ARM_R0 + n);
}

static inline ir_val flag(struct arm_lift *l, unsigned slot)
{
	return ir_get(l->b, slot);
}

/* Bit n of a word. */
static inline ir_val bit_of(struct arm_lift *l, ir_val v, unsigned n)
{
	return ir_trunc(l->b, IR_I1, n ? ir_shr(l->b, v, imm32(l, n)) : v);
}

static inline ir_val wide(struct arm_lift *l, ir_val v, bool is_signed)
{
	return is_signed ? ir_sext(l->b, IR_I64, v) : ir_zext(l->b, IR_I64, v);
}

static inline ir_val low_word(struct arm_lift *l, ir_val v)
{
	return ir_trunc(l->b, IR_I32, v);
}

static inline ir_val high_word(struct arm_lift *l, ir_val v)
{
	return ir_trunc(l->b, IR_I32, ir_shr(l->b, v, ir_const(l->b, IR_I32, 32)));
}

/* high : low */
static inline ir_val join(struct arm_lift *l, ir_val low, ir_val high)
{
	ir_val h = ir_shl(l->b, ir_zext(l->b, IR_I64, high), imm32(l, 32));

	return ir_or(l->b, h, ir_zext(l->b, IR_I64, low));
}

/*
 * fp.c: an i1, whether IXC is known to be set; once a block, while it is not, it is looked for. Behind what raises flags
 * arm_fp_go_on goes on in code of the mode that takes it for granted, if so.
 */
ir_val arm_fp_known_ixc(struct arm_lift *l);
void arm_fp_go_on(struct arm_lift *l);
/* FPSCR put together from its slots and what the host has accrued, and taken apart. */
uint32_t arm_fpscr_read(struct arm_state *s);
void arm_fpscr_write(struct arm_state *s, uint32_t v);

/* sysreg.c: see struct frontend. */
bool arm_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a);
void arm_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value);

#endif
