/*
 * What the printer and the parser of IR text share: names of fields that are enums, and what
 * the text leaves out because it follows from the rest. For print.c and parse.c alone.
 */
#ifndef IR_TEXT_H
#define IR_TEXT_H

#include "ir/ir.h"

#define TEXT_COUNT(a) (sizeof(a) / sizeof(a)[0])

/* enum ir_trap, enum ir_exit_kind */
static const char *const text_trap[IR_TRAP_COUNT] = {
	[IR_TRAP_SYSCALL] = "syscall", [IR_TRAP_BREAK] = "break", [IR_TRAP_ILLEGAL] = "illegal",
	[IR_TRAP_PRIVILEGED] = "privileged", [IR_TRAP_FP] = "fp", [IR_TRAP_ALIGN] = "align",
	[IR_TRAP_FETCH] = "fetch", [IR_TRAP_RESYNC] = "resync", [IR_TRAP_IDLE] = "idle",
};
static const char *const text_exit[] = {
	[IR_EXIT_JUMP] = "", [IR_EXIT_CALL] = "call", [IR_EXIT_RETURN] = "ret", [IR_EXIT_MODE] = "mode",
};

/* For dumps of units nobody has verified. */
static inline const char *text_name(const char *const *names, size_t n, size_t k)
{
	return k < n && names[k] ? names[k] : "?";
}

/* Parts of <mem> behind the byte order and size: ".s" and so on, in this order. */
static const struct { uint16_t bit; const char *name; } text_mem[] = {
	{ IR_MEM_SEXT, "s" }, { IR_MEM_ALIGNED, "aligned" }, { IR_MEM_WORD, "word" }, { IR_MEM_ACQUIRE, "acq" }, { IR_MEM_RELEASE, "rel" },
};

/* The extent of a unit: its header line states it where the insn markers do not. */
struct text_extent {
	uint64_t pc;
	uint32_t bytes, n_insns;
};

static inline struct text_extent text_marked_extent(const struct ir_unit *u)
{
	struct text_extent e = { 0, 0, 0 };

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op != IR_OP_insn)
			continue;
		if (!e.n_insns++)
			e.pc = u->pc + (uint64_t)(int64_t)in->imm;
		e.bytes = (uint32_t)in->imm + in->aux;
	}
	return e;
}

/* The letter of operand k in the signature. */
static inline char text_letter(const struct ir_inst *in, unsigned k)
{
	uint8_t shape = ir_op_info[in->op].shape;

	return k < ir_shape_operands[shape] ? ir_shape_signature[shape][k] : '*';
}

#endif
