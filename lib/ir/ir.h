/*
 * The intermediate representation: a unit is one straight run of operations with one entry
 * and any number of exits. doc/ir.md explains it with worked examples; ops.def, shapes.def
 * and types.def are its definition. Everyone may include this; it knows no guest and no host.
 */
#ifndef IR_IR_H
#define IR_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

enum ir_type {
#define TYPE(NAME, ...) IR_##NAME,
#include "ir/types.def"
	IR_TYPE_COUNT
};

enum ir_kind { IR_KIND_VOID, IR_KIND_INT, IR_KIND_FLOAT, IR_KIND_VEC_INT, IR_KIND_VEC_FLOAT };

struct ir_type_info {
	const char *name;
	uint8_t kind;		/* enum ir_kind */
	uint8_t bits, lane_bits;
};
extern const struct ir_type_info ir_type_info[IR_TYPE_COUNT];

enum ir_shape {
#define SHAPE(NAME, ...) IR_SHAPE_##NAME,
#include "ir/shapes.def"
	IR_SHAPE_COUNT
};
extern const char *const ir_shape_signature[IR_SHAPE_COUNT];
extern const char *const ir_shape_text[IR_SHAPE_COUNT];
extern const uint8_t ir_shape_operands[IR_SHAPE_COUNT];	/* letters in front of '>' */

enum ir_op {
#define OP(name, ...) IR_OP_##name,
#include "ir/ops.def"
	IR_OP_COUNT
};

enum ir_flag {
	IR_PURE = 1 << 0,
	IR_COMM = 1 << 1,
	IR_FPENV = 1 << 2,
	IR_READS = 1 << 3,
	IR_WRITES = 1 << 4,
	IR_LOADS = 1 << 5,
	IR_STORES = 1 << 6,
	IR_CALLS = 1 << 7,
	IR_ENDS = 1 << 8,
	IR_LEAVES = 1 << 9,
	IR_MARK = 1 << 10,
};

struct ir_op_info {
	const char *name;
	uint8_t shape;		/* enum ir_shape */
	uint16_t flags;		/* enum ir_flag */
};
extern const struct ir_op_info ir_op_info[IR_OP_COUNT];

/* The bits of a value; hi is 0 unless it is a vector, whose lane 0 is the lowest part of lo. */
struct ir_bits {
	uint64_t lo, hi;
};

/* A value: the index of the instruction that makes it, or IR_CONST | index of a constant. */
typedef struct {
	uint16_t id;
} ir_val;

#define IR_CONST 0x8000u
#define IR_NONE ((ir_val){ 0xffffu })
#define IR_MAX_ARGS 6
#define IR_MAX_HELPER_ARGS 4	/* of which at most 3 are vectors, and at most 3 are not */
#define IR_MAX_INSTS 0x7ff0u

static inline bool ir_is_const(ir_val v)
{
	return v.id & IR_CONST;
}

static inline bool ir_is_none(ir_val v)
{
	return v.id == 0xffffu;
}

/* Memory access of load, store, load_if, store_if, cas, stcond, rmw_*: packed in ir_inst.aux. */
enum ir_mem {
	IR_MEM_8 = 0, IR_MEM_16 = 1, IR_MEM_32 = 2, IR_MEM_64 = 3, IR_MEM_128 = 4,
	IR_MEM_SIZE = 7,		/* mask: log2 of the bytes */
	IR_MEM_BE = 1 << 3,		/* big-endian in memory; else little-endian */
	IR_MEM_SEXT = 1 << 4,		/* a load narrower than its result extends the sign */
	IR_MEM_ALIGNED = 1 << 5,	/* a misaligned address is an alignment fault */
	IR_MEM_ACQUIRE = 1 << 6,
	IR_MEM_RELEASE = 1 << 7,
	IR_MEM_WORD = 1 << 9,		/* with ALIGNED: what is aligned to 4 bytes is not misaligned. (Bit 8 is env.h's.) */
};

static inline unsigned ir_mem_bytes(unsigned mem)
{
	return 1u << (mem & IR_MEM_SIZE);
}

/* The bits of an address that make an access an alignment fault. */
static inline unsigned ir_mem_fault_bits(unsigned mem)
{
	return !(mem & IR_MEM_ALIGNED) ? 0 : mem & IR_MEM_WORD ? 3 : ir_mem_bytes(mem) - 1;
}

/* What an exit is for; in ir_inst.aux of exit, exit_if, exit_ind. But for the last a hint: may not change results. */
enum ir_exit_kind {
	IR_EXIT_JUMP = 0,
	IR_EXIT_CALL = 1,		/* the guest saved imm + unit pc as return address */
	IR_EXIT_RETURN = 2,
	IR_EXIT_MODE = 3,		/* of exit alone: what follows is of mode imm, which becomes env mode */
};

/* Reasons of trap and trap_if, in ir_inst.aux; ir_inst.imm is a code the guest defines. */
enum ir_trap {
	IR_TRAP_SYSCALL = 1,		/* resumes at next */
	IR_TRAP_BREAK,			/* trap instruction, debugger breakpoint */
	IR_TRAP_ILLEGAL,		/* undefined or unmodelled encoding */
	IR_TRAP_PRIVILEGED,
	IR_TRAP_FP,			/* enabled floating-point exception */
	IR_TRAP_ALIGN,			/* alignment */
	IR_TRAP_FETCH,			/* the instruction at pc cannot be fetched from its byte `code` on */
	IR_TRAP_RESYNC,			/* mode bits or code changed: continue at next through the run loop. Code
					 * IR_RESYNC_INSIDE: next is inside a block that was begun in its middle */
	IR_TRAP_IDLE,			/* wait for interrupt; resumes at next */
	IR_TRAP_COUNT
};

enum { IR_RESYNC_INSIDE = 1 };

/* Effects of a helper; the optimiser and back ends believe them. */
enum ir_effect {
	IR_HELPER_PURE = 0,
	IR_HELPER_READS = 1 << 0,	/* guest state, any slot */
	IR_HELPER_WRITES = 1 << 1,
	IR_HELPER_MEMORY = 1 << 2,	/* guest memory through env services; may fault */
	IR_HELPER_LEAVES = 1 << 3,	/* may set env exit.reason: the unit is left right after it */
	IR_HELPER_FP = 1 << 4,		/* reads or writes the accrued IEEE flags */
	IR_HELPER_HOOK = 1 << 5,	/* tells somebody of an event; a is its address, b that of a struct env_hook, both
					 * constants: code may do the helper's work by itself, as env.h says */
};

/*
 * A C function translated code may call. Arguments and result are passed as 64-bit words
 * (floats as their bits, narrow integers zero-extended); those a call does not give have
 * no stated value. Vectors do not count among a, b, c: those among the arguments are in vec[0],
 * vec[1], vec[2] of env, in their order, and a vector as result is what the helper leaves in
 * vec[0]. `state` is the guest state; its
 * env is in front of it (iface/env.h). Runs on the vCPU's thread with the guest's FP
 * environment. Must not block, longjmp or call the public API.
 */
struct ir_helper {
	const char *name;		/* unique, prefixed by the guest: "ppc_mffs" */
	uint64_t (*fn)(void *state, uint64_t a, uint64_t b, uint64_t c);
	uint32_t effects;		/* enum ir_effect */
};

/*
 * Meaning of the fields by shape:
 *   GET, PUT             slot
 *   LOAD..RMW            aux = enum ir_mem, imm = displacement added to the address,
 *                        modulo the address's width
 *                        CAS and RMW compare and combine the low bits an access has and give
 *                        the old value, zero-extended. LOADIF: result = c ? what is
 *                        loaded : x; without c LOADIF and STOREIF touch no memory. STCOND: result = ok and the
 *                        compare-and-swap stored; without ok memory is not touched
 *   CALL, GUARD          helper. GUARD: result = c ? helper(a, b, c) : x; c is unlikely
 *   VEXTRACT, VINSERT    aux = number of the lane
 *   VSHUFFLE             the pattern is a constant
 *   INSN                 imm = pc of the guest instruction minus the unit's pc, aux = its bytes
 *   EXIT, EXITIF         aux = enum ir_exit_kind, slot = number of the exit in the unit;
 *                        exit and exit_if want a constant target, exit_ind any
 *   TRAP, TRAPIF         aux = enum ir_trap, imm = code; pc and next are constants
 *   TALLY                the operand is the address of a 64-bit counter in host memory, a constant; aux = 1:
 *                        the addition is atomic
 *   note                 env block becomes the pc of the unit
 *   tick                 imm = guest instructions of the unit; it, poll and note stand before
 *                        the first insn
 */
struct ir_inst {
	uint8_t op;			/* enum ir_op */
	uint8_t type;			/* enum ir_type of the result */
	uint16_t aux;
	uint16_t slot;
	ir_val arg[IR_MAX_ARGS];
	int32_t imm;
	const struct ir_helper *helper;
};

struct ir_const {
	uint64_t bits[2];		/* zero-extended; [1] for vectors only */
	uint8_t type;
};

/* One slot of guest state, at `offset` from the state pointer. An i1 slot is one byte, 0 or 1. */
struct ir_slot {
	const char *name;
	uint8_t type;			/* enum ir_type */
	uint16_t offset;
};

struct ir_slots {
	const struct ir_slot *slot;
	unsigned n;
	unsigned pc;			/* the slot of the program counter: i32 or i64; exits write it,
					 * get and put may not name it */
	unsigned state_size;		/* bytes */
};

struct ir_unit {
	uint64_t pc;			/* guest address of the first instruction */
	uint32_t bytes;			/* of guest code it covers, contiguous from pc */
	uint32_t n_insns;		/* guest instructions */
	const struct ir_slots *slots;
	struct ir_inst *inst;
	unsigned n;
	struct ir_const *konst;
	unsigned n_konst;
	unsigned n_exits;
};

/*
 * Appends to a unit. Sticky: after a failure (no memory, unit full) every call is harmless
 * and returns a value of the asked type; ask `failed` once at the end.
 */
struct ir_builder {
	struct ir_unit *u;
	struct base_arena *arena;
	unsigned cap, cap_konst;
	/* Called behind each insn marker, if not NULL: what it appends comes before the instruction's meaning. */
	void (*on_insn)(struct ir_builder *b, void *ud, const struct ir_inst *marker);
	void *on_insn_ud;
	uint16_t *bucket;		/* hash of the constants */
	unsigned n_bucket;
	enum dgm_status failed;
};

/* Starts an empty unit in arena memory. Returns NULL when out of memory. */
struct ir_unit *ir_unit_new(struct base_arena *arena, const struct ir_slots *slots, uint64_t pc);
void ir_builder_init(struct ir_builder *b, struct base_arena *arena, struct ir_unit *u);

/* The one way instructions come into being; build.h has the typed forms. */
ir_val ir_emit(struct ir_builder *b, struct ir_inst in);
/* Constants are shared: equal ones have one index. bits above the type's width are dropped. */
ir_val ir_const(struct ir_builder *b, enum ir_type t, uint64_t bits);
ir_val ir_const_vec(struct ir_builder *b, enum ir_type t, uint64_t lo, uint64_t hi);

/* Makes room: the next n constants cannot fail. False when there is none. */
bool ir_reserve_consts(struct ir_builder *b, unsigned n);

enum ir_type ir_type_of(const struct ir_unit *u, ir_val v);
/* The last value put into a slot by the first n operations, IR_NONE when they, or the last few hundred of them, do not show it. */
ir_val ir_last_put(const struct ir_unit *u, unsigned n, unsigned slot);
/* How many values it takes, helper arguments included. */
static inline unsigned ir_arity(const struct ir_inst *in)
{
	unsigned shape = ir_op_info[in->op].shape, n = ir_shape_operands[shape];

	if (shape != IR_SHAPE_CALL && shape != IR_SHAPE_GUARD)
		return n;
	unsigned max = n - 1 + IR_MAX_HELPER_ARGS;
	for (n -= 1; n < max && !ir_is_none(in->arg[n]);)
		n++;
	return n;
}
static inline uint64_t ir_const_bits(const struct ir_unit *u, ir_val v)
{
	return u->konst[v.id & ~IR_CONST].bits[0];
}

/* One to code of the same mode. */
static inline bool ir_is_direct_exit(const struct ir_inst *in)
{
	return (in->op == IR_OP_exit && in->aux != IR_EXIT_MODE) || in->op == IR_OP_exit_if;
}

/* Where a direct exit leads. */
static inline ir_val ir_exit_target(const struct ir_inst *in)
{
	return in->arg[in->op == IR_OP_exit_if];
}

/* Which of n units begins at pc; n: none. */
static inline unsigned ir_find_unit(const struct ir_unit *const *unit, unsigned n, uint64_t pc)
{
	unsigned i = 0;

	while (i < n && unit[i]->pc != pc)
		i++;
	return i;
}

/* Value of a pure or FPENV operation without vectors; see ops.def. */
uint64_t ir_eval(enum ir_op op, unsigned w, unsigned r, uint64_t a, uint64_t b, uint64_t c);

/* One operation over types; k: its aux. */
struct ir_form {
	uint8_t op, result, arg[3], k;
};
struct ir_form ir_form_of(const struct ir_unit *u, const struct ir_inst *in);
/* The same over any types. */
struct ir_bits ir_eval_form(struct ir_form form, const struct ir_bits x[3]);
/* The same for compiled code that has no better way: packed by ir_form_pack; x[0] becomes the result. */
void ir_eval_packed(struct ir_bits x[3], uint64_t form);
static inline uint64_t ir_form_pack(struct ir_form f)
{
	return f.op | (uint64_t)f.result << 8 | (uint64_t)f.arg[0] << 16 | (uint64_t)f.arg[1] << 24 |
	       (uint64_t)f.arg[2] << 32 | (uint64_t)f.k << 40;
}

/* Letters of signatures (shapes.def); bound: T, or IR_VOID. letters.c */
bool ir_letter_fits(char letter, enum ir_type t, enum ir_type bound);
bool ir_letter_binds(char letter);
/* The only type it can be; IR_VOID when there are several or none. */
enum ir_type ir_letter_type(char letter, enum ir_type bound);
/* The type of a kind with lanes of so many bits, or IR_VOID. */
enum ir_type ir_type_with(enum ir_kind kind, unsigned lane_bits);

struct ir_error {
	unsigned inst;			/* index of the guilty instruction */
	char msg[96];
};
/* True when every rule of shapes.def and ir.h holds; else fills `err`. */
bool ir_verify(const struct ir_unit *u, struct ir_error *err);

/* Writes the text form; doc/ir.md has its grammar. */
void ir_print(const struct ir_unit *u, FILE *out);

/* What a parser needs to know of the world outside the text. */
struct ir_parse_env {
	const struct ir_slots *slots;
	const struct ir_helper *const *helpers;	/* NULL-terminated, may be NULL */
};
struct ir_parse_error {
	unsigned line;			/* 1-based */
	char msg[96];
};
/*
 * Reads one unit from NUL-terminated text. Returns NULL and fills err on a syntax error or
 * when out of memory. The unit lives in the arena; names of slots and helpers come from env.
 */
struct ir_unit *ir_parse(struct base_arena *arena, const struct ir_parse_env *env, const char *text,
			 struct ir_parse_error *err);

#endif
