/*
 * Inside of the PowerPC front end: what an instruction's row and its lift need. Only files of
 * this folder and tests include it. Knows no back end, no engine, and nothing of Capstone,
 * which decode.c alone talks to.
 *
 * Manuals quoted: "UISA" is the PowerPC user instruction set architecture (Programming
 * Environments Manual for 32-bit implementations, chapter 8 lists the instructions).
 *
 * Where the manual leaves a choice:
 *   - reserved bits of an encoding ('-' in a picture) are ignored;
 *   - update instructions with RA = 0, or RA = RT of a load, 64-bit forms (L = 1) and bcctr
 *     that counts are illegal; other invalid forms execute with the operands they name;
 *   - divw by zero and 0x80000000 / -1 give -1 for a negative dividend, else 0; divwu by zero
 *     gives 0 (as the 750 does).
 */
#ifndef PPC_PPC_H
#define PPC_PPC_H

#include "frontend/ppc/state.h"
#include "iface/frontend.h"
#include "ir/build.h"

/* The processors we know; a row says which of them lack the instruction. */
enum ppc_model {
	PPC_GENERIC = 1 << 0,	/* every 32-bit user instruction we know */
	PPC_603 = 1 << 1,
	PPC_750 = 1 << 2,
	PPC_7450 = 1 << 3,
};
#define PPC_CLASSIC (PPC_603 | PPC_750 | PPC_7450)

/* Of the state, what blocks are translated for: see fp.h, and vec_fpu.h. */
enum {
	PPC_MODE_FP_SLOW = 1 << 0,	/* an exception is enabled */
	PPC_MODE_VEC_FP = 1 << 1,	/* the program computes floats in vectors */
	PPC_MODE_VEC_NJ = 1 << 2,	/* with VEC_FP: VSCR[NJ] */
	PPC_MODE_RN_SHIFT = 3,		/* FPSCR[RN], two bits */
	PPC_MODE_FP = PPC_MODE_FP_SLOW | 3 << PPC_MODE_RN_SHIFT,
};

/* What the lift of one instruction works with. */
struct ppc_lift {
	struct ir_builder *b;
	uint32_t pc, next;	/* of this instruction, and the one behind it */
	uint32_t mode;		/* mode bits of the block */
	enum ppc_model model;
	bool alone;		/* the block ends with every branch, even one to the next instruction */
	bool hot;		/* see struct lift_request */
	bool singles;		/* the instruction's operands are singles, see ppc_fp_expect_singles */
	bool ended;		/* out: the block was ended */
};

/* The fields of a word, by their places; a lift uses those its form has. */
struct ppc_word {
	uint32_t word;
	const struct ppc_row *row;
	uint8_t rd;		/* bits 6-10: rD rS frD frS crbD TO BO */
	uint8_t ra;		/* bits 11-15: rA frA crbA BI */
	uint8_t rb;		/* bits 16-20: rB frB crbB SH NB */
	uint8_t rc;		/* bits 21-25: frC MB */
	uint8_t me;		/* bits 26-30 */
	uint8_t crfd, crfs;	/* bits 6-8, 11-13 */
	bool oe;		/* bit 21 of XO forms */
	bool record;		/* Rc = 1, or a form that always records */
	bool lk, aa;
	int32_t simm;		/* bits 16-31, sign-extended */
	uint32_t uimm;		/* bits 16-31 */
};

typedef void ppc_lift_fn(struct ppc_lift *l, const struct ppc_word *in);

enum ppc_row_flag {
	PPC_PRE = 1 << 0,	/* the picture counts before others, and Capstone is not asked */
	PPC_RECORD = 1 << 1,	/* records CR0 without an Rc bit: andi. */
	PPC_SINGLES = 1 << 2,	/* its floating-point operands are singles, in all code that compilers make */
};

/*
 * One encoding. mnemonic is the base name Capstone gives it, or with PPC_PRE the manual's. Of
 * several pictures that fit, the first counts. A picture's letters:
 *   d a b c      rD (rS), rA, rB, frC or vectors of these places, five bits each     .  Rc     i  SIMM, UIMM or displacement
 *   h m e        SH MB ME     t TO     o BO     q BI     f crfD    g crfS     x crbA  y crbB  z crbD
 *   w            FXM, FM      s SPR    n NB UIMM SIMM SHB     v 4-bit immediate   l LK   k AA   L, W and hints: u
 */
struct ppc_row {
	const char *mnemonic;
	const char *encoding;
	ppc_lift_fn *lift;
	uint16_t arg;		/* for the lift: tells members of a family apart */
	uint8_t flags;		/* enum ppc_row_flag */
	uint8_t lacks;		/* enum ppc_model */
};

struct ppc_rows {
	const struct ppc_row *row;
	unsigned n;
};

/* The tables of instructions, one a lift file. */
#define PPC_ROWS(table) { table, sizeof table / sizeof *(table) }
#define GROUP(name) extern const struct ppc_rows ppc_rows_##name;
#include "frontend/ppc/groups.def"

#define HELPER(name) extern const struct ir_helper ppc_##name;
#include "frontend/ppc/helpers.def"

/* What a program reads as PVR. */
uint32_t ppc_pvr(enum ppc_model model);

/* decode.c */
struct ppc_decoder;
enum dgm_status ppc_decoder_open(const struct base_alloc *alloc, enum ppc_model model, struct ppc_decoder **out);
void ppc_decoder_close(struct ppc_decoder *d);
enum ppc_model ppc_decoder_model(const struct ppc_decoder *d);
/* The row of a word, NULL when it is not an instruction of the model. */
const struct ppc_row *ppc_decode(struct ppc_decoder *d, uint32_t word);
/* What Capstone thinks of a word's row: another name, none at all, or this one. */
enum ppc_opinion { PPC_DISAGREES, PPC_SILENT, PPC_AGREES };
enum ppc_opinion ppc_ask_capstone(struct ppc_decoder *d, const struct ppc_row *row, uint32_t word);
/* Fills the fields. */
void ppc_fields(const struct ppc_row *row, uint32_t word, struct ppc_word *out);
/* Capstone's own words for it, or ours where Capstone is wrong or silent; "?" when undefined. */
void ppc_disassemble(struct ppc_decoder *d, uint32_t word, uint32_t pc, char *buf, size_t n);

static inline ir_val imm32(struct ppc_lift *l, uint32_t v)
{
	return ir_const(l->b, IR_I32, v);
}

static inline ir_val imm1(struct ppc_lift *l, bool v)
{
	return ir_const(l->b, IR_I1, v);
}

static inline ir_val gpr(struct ppc_lift *l, unsigned n)
{
	return ir_get(l->b, PPC_R0 + n);
}

/* (rA|0): register 0 reads as the number 0. */
static inline ir_val gpr_or_zero(struct ppc_lift *l, unsigned n)
{
	return n ? gpr(l, n) : imm32(l, 0);
}

static inline void set_gpr(struct ppc_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, PPC_R0 + n, v);
}

/* CR bit 0..31. */
static inline ir_val crb(struct ppc_lift *l, unsigned n)
{
	return ir_get(l->b, PPC_CR0_LT + n);
}

static inline void set_crb(struct ppc_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, PPC_CR0_LT + n, v);
}

/* CR field 0..7: three bits, and a copy of XER[SO]. */
static inline void set_crf(struct ppc_lift *l, unsigned field, ir_val lt, ir_val gt, ir_val eq)
{
	set_crb(l, field * 4, lt);
	set_crb(l, field * 4 + 1, gt);
	set_crb(l, field * 4 + 2, eq);
	set_crb(l, field * 4 + 3, ir_get(l->b, PPC_XER_SO));
}

/* What "." records: the result compared with 0. */
static inline void set_cr0(struct ppc_lift *l, ir_val v)
{
	ir_val zero = imm32(l, 0);
	ir_val lt = ir_slt(l->b, v, zero);
	ir_val gt = ir_slt(l->b, zero, v);

	set_crf(l, 0, lt, gt, ir_eq(l->b, v, zero));
}

static inline ir_val flag(struct ppc_lift *l, unsigned slot)
{
	return ir_get(l->b, slot);
}

static inline void set_ca(struct ppc_lift *l, ir_val v)
{
	ir_put(l->b, PPC_XER_CA, v);
}

/* OV, and SO, which stays set. */
static inline void set_ov(struct ppc_lift *l, ir_val v)
{
	ir_put(l->b, PPC_XER_OV, v);
	ir_put(l->b, PPC_XER_SO, ir_or(l->b, flag(l, PPC_XER_SO), v));
}

/* The instruction does nothing but trap; the block ends. */
static inline void lift_trap(struct ppc_lift *l, enum ir_trap reason, int32_t code)
{
	ir_trap(l->b, reason, code, imm32(l, l->pc), imm32(l, l->next));
	l->ended = true;
}

static inline void lift_illegal(struct ppc_lift *l)
{
	lift_trap(l, IR_TRAP_ILLEGAL, 0);
}

/* An effective address: base + disp. */
struct ppc_ea {
	ir_val base;
	int32_t disp;
};

/* (rA|0) + EXTS(d) of D forms: back ends fold the displacement. */
static inline struct ppc_ea ea_d(struct ppc_lift *l, const struct ppc_word *in)
{
	if (!in->ra)
		return (struct ppc_ea){ imm32(l, (uint32_t)in->simm), 0 };
	return (struct ppc_ea){ gpr(l, in->ra), in->simm };
}

/* (rA|0) + (rB) of X forms. */
static inline struct ppc_ea ea_x(struct ppc_lift *l, const struct ppc_word *in)
{
	if (!in->ra)
		return (struct ppc_ea){ gpr(l, in->rb), 0 };
	ir_val a = gpr(l, in->ra);
	ir_val b = gpr(l, in->rb);
	return (struct ppc_ea){ ir_add(l->b, a, b), 0 };
}

/* What an update form writes to rA, once its access has succeeded. */
static inline void set_update(struct ppc_lift *l, const struct ppc_word *in, struct ppc_ea ea)
{
	set_gpr(l, in->ra, ea.disp ? ir_add(l->b, ea.base, imm32(l, (uint32_t)ea.disp)) : ea.base);
}

/*
 * True of mftb and the like. Time is counted in instructions, and of those a block is charged for as a whole: to
 * be exact such an instruction is a block of its own.
 */
bool ppc_reads_time(uint32_t word);

/* sysreg.c: see struct frontend. */
bool ppc_sysreg_get(const void *state, uint32_t opcode, struct frontend_sysreg *a);
void ppc_sysreg_done(void *state, const struct frontend_sysreg *a, uint64_t value);

#endif
