/*
 * The seam between the engine and guest architectures: one constant table per guest. The
 * engine never names a guest; lib/api picks the table.
 */
#ifndef IFACE_FRONTEND_H
#define IFACE_FRONTEND_H

#include "base/alloc.h"
#include "dragoman/dragoman.h"
#include "iface/env.h"
#include "ir/ir.h"

/* A register of the public interface. */
struct frontend_reg {
	uint32_t id;
	uint16_t bits;
	uint8_t cls;		/* DGM_REG_* */
	int16_t slot;		/* the state slot that is it, or -1: read_reg and write_reg know */
	const char *name;
};

enum lift_result {
	LIFT_NEXT,		/* the block goes on behind this instruction */
	LIFT_END,		/* the block has been ended with an exit or trap */
	LIFT_SHORT,		/* needs more bytes than are there, or, unless it is the block's first, more
				 * room; nothing was emitted */
};

struct lift_request {
	uint64_t pc;
	const uint8_t *bytes;	/* guest code at pc, in guest memory order */
	unsigned avail;		/* how many there are, at least 1 */
	unsigned room;		/* the block may have so many more instructions, this one included; 0: who knows */
	unsigned whole;		/* the same for the whole block, which is not cut short by a budget */
	uint32_t mode;		/* mode bits this instruction is executed in; out: those behind it */
	bool hot;		/* for a region: values stay in registers from block to block, compiling may take long */
	unsigned len;		/* out: bytes of the instruction */
};

/* An access to a register the front end does not have, by an instruction it has lifted as an illegal one. */
struct frontend_sysreg {
	uint32_t reg;		/* as the guest's public header numbers it */
	bool write;
	uint64_t value;		/* what is written */
	int8_t to[2];		/* the general registers a read goes to, low part first; -1: none */
};

/* How C functions are called: ids of public registers, numbers of bytes. */
struct frontend_call {
	uint32_t arg, n_arg;	/* the first argument's register, and how many follow each other */
	uint32_t ret, sp, link;	/* the result's, the stack pointer, the return address's */
	uint32_t clear;		/* register that must be 0 at the first instruction, or 0 */
	uint8_t word, align;	/* of the stack */
	uint8_t head;		/* below the first argument on the stack; not 0: the caller's sp is stored at the new one */
};

struct frontend {
	const char *name;		/* "ppc" */
	uint32_t arch;			/* DGM_ARCH_* */
	const struct ir_slots *slots;
	const struct frontend_reg *reg;
	unsigned n_reg;
	uint32_t pc_reg;		/* the id of the pc */
	const struct ir_helper *const *helpers;	/* NULL-terminated: all it may call */
	bool big_endian;
	bool exact_align;		/* machines carry out what is misaligned: see struct backend_mode */
	uint8_t addr_bits;		/* 32 or 64 */
	uint8_t tag_bits;		/* of 64: so many upper bits of a data address do not count (AArch64: 8);
					 * those of a pc always do */
	uint8_t insn_shift;		/* log2 of the alignment of instructions */
	uint8_t max_insn;		/* bytes of the longest instruction */
	/*
	 * Bits of the pc that are no address but say how code there is read (ARM: 1, Thumb); branches
	 * then change it without leaving translated code. They stay in every pc between front end,
	 * back ends and engine; the public interface and guest memory see the pc without them.
	 */
	uint8_t pc_mode;

	/* DGM_OK when the model exists (NULL: the default), else DGM_E_ARCH. */
	enum dgm_status (*check_model)(const char *model);
	/*
	 * A decoder: Capstone handle, memo of decoded words. One per thread. Fails with
	 * DGM_E_NOMEM, DGM_E_ARCH, DGM_E_UNSUP.
	 */
	enum dgm_status (*open)(const struct base_alloc *alloc, const char *model, void **decoder);
	void (*close)(void *decoder);
	/*
	 * Appends one instruction: an `insn` marker, then its meaning. An undefined encoding is
	 * lifted as a trap IR_TRAP_ILLEGAL. Failure is the builder's.
	 */
	enum lift_result (*lift)(void *decoder, struct ir_builder *b, struct lift_request *rq);
	/* One line of assembler text for dumps and errors; "?" when undefined. */
	void (*disassemble)(void *decoder, const struct lift_request *rq, char *buf, size_t n);

	/* Puts a zeroed state into the model's reset state. */
	void (*reset)(void *state, const char *model);
	/*
	 * Mode bits of the state: what translations depend on besides the pc. Eight, with 32-bit
	 * addresses 32. A block that changes them leaves by IR_TRAP_RESYNC; the engine sees to that
	 * where it ends a block itself.
	 */
	uint32_t (*mode)(const void *state);
	/* False for what no guest gets into, and C code here does not expect. NULL: there is no such state. */
	bool (*state_ok)(const void *state);
	/* The instruction at the pc was stepped over: what else tells where the next one stands. May be NULL. */
	void (*stepped_over)(void *state);
	/* Registers without a slot of their own (slot < 0); host integers of the register's bytes. */
	void (*read_reg)(void *state, uint32_t id, void *buf);
	void (*write_reg)(void *state, uint32_t id, const void *buf);
	/* System call registers by ABI: false when the guest has no such ABI. */
	bool (*syscall_get)(const void *state, uint32_t abi, struct dgm_syscall *call);
	void (*syscall_set)(void *state, uint32_t abi, int64_t ret);
	struct frontend_call call;
	/* What the trapped instruction at the state's pc wants; false: no system register. */
	bool (*sysreg_get)(const void *state, uint32_t opcode, struct frontend_sysreg *access);
	/* It is done: a read's value into its registers, and what else each instruction does but for the pc. */
	void (*sysreg_done)(void *state, const struct frontend_sysreg *access, uint64_t value);
};

#endif
