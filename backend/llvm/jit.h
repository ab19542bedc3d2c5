/*
 * The LLVM back end: a region of IR blocks becomes one LLVM function, that an ELF object, and
 * that a relocatable code_object. Private to this folder. Knows IR and env, no guest and no
 * cache; the only place of the project that knows LLVM.
 *
 * Steps of one request, a file each:
 *   plan.c     which blocks, edges and loops there are, which slots are written or dirty where
 *   halves.c   which slots are handed over as two halves, or with their first lane
 *   scalars.c  which are nothing but that lane
 *   singles.c  which slots of doubles are handed over as singles
 *   wait.c     which guards answer for others
 *   emit.c     the function: slots as SSA values, blocks, edges, the walk over operations
 *   enter.c    the ways into it
 *   emit_*.c   one function per operation, named jit_emit_<op>
 *   sink.c     flags at joins of ways, computed where they are stored
 *   aside.c    how guards call their helpers
 *   object.c   ELF to code_object: sections merged, relocations sorted out
 *   lines.c    the line table, which says for each host address whose guest instruction it is
 *
 * LLVM ends the process when it runs out of memory, and on internal errors it considers fatal.
 * Neither can be caught from C. Errors it reports through the context's diagnostic handler, like
 * running out of registers, make the request fail with DGM_E_JIT.
 */
#ifndef BACKEND_LLVM_JIT_H
#define BACKEND_LLVM_JIT_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>

#include "iface/backend.h"

/*
 * LLVM's number of preserve_none: its first arguments are r12 and r13 (iface/env.h). The third is r14, by which stubs
 * of this back end say where a region with several entries is entered (object.c, enter.c).
 */
enum { JIT_CC_UNIT = 21, JIT_LEVELS = 3 };
/* preserve_all: the caller's registers come back as they were, but for the result and r11. */
enum { JIT_CC_ASIDE = 15 };

struct jit {
	const struct base_alloc *alloc;
	const char *cpu;
	char *features;			/* those of the host we ask for, as LLVM's string; ours */
	char *triple;
	LLVMTargetMachineRef tm[JIT_LEVELS];
	LLVMTargetDataRef layout;
	char *layout_text;
	LLVMContextRef ctx;		/* renewed now and then: it never forgets a constant */
	unsigned ctx_uses;
	unsigned errors;		/* error diagnostics of the running request */
};

/* ---- plan.c ---- */

/* A value of a unit, by the values of its instructions where they have been computed. */
struct jit_late {
	const struct ir_unit *u;
	LLVMValueRef *val;
	ir_val v;
};

/*
 * A double that is a float: all of it when `exact`, and `wide` otherwise. With exact NULL it always is; wide is the double then,
 * if there is one already.
 */
struct jit_single {
	LLVMValueRef f, exact, wide;
};

/* A 64-bit number in two guest registers, see emit_wide.c. What is an instruction's index is one more. */
struct jit_wide {
	uint16_t of;			/* this is the low half of a sum, of the number whose low half that is and `more` */
	uint16_t low;			/* this is the high half to that */
	ir_val more;
	LLVMValueRef whole;		/* of a low half */
};

/*
 * As what a slot's value reaches a block: as it is, as two floats, as a vector with its first lane beside it, or as that
 * lane alone, all above it being 0. See halves.c and scalars.c.
 */
enum jit_apart { JIT_WHOLE, JIT_TWO_FLOATS, JIT_LANE_F32, JIT_LANE_F64, JIT_ALONE_F32, JIT_ALONE_F64 };

/* Of an instruction, see wait.c. Numbers of instructions; 0: none. */
struct jit_wait {
	unsigned host;			/* a guard: for which one it waits */
	unsigned n;			/* so many wait for it */
	unsigned beside;		/* one of these, whose value it is to look at */
	unsigned again;			/* the guard behind which it is made again */
};

enum jit_where {
	JIT_FIRST,			/* as at the function's entry */
	JIT_MEMORY,			/* only in memory */
	JIT_VALUE,			/* in cur */
	JIT_HALVES,			/* in cur and part, floats */
	JIT_LANE,			/* a vector of part and zeros */
	JIT_LATE,			/* to be computed, from late */
	JIT_SINGLE,			/* in single */
};

/* A slot's value where code is emitted. */
struct jit_slot {
	enum jit_where where;
	LLVMValueRef cur, part;		/* part: the high half, or the first lane of a JIT_VALUE or NULL */
	struct jit_late late;
	struct jit_single single;
};

/* What blocks that meet hand over of a slot: a value, perhaps the high half or the lane beside it, or a single. */
struct jit_phis {
	LLVMValueRef whole, part;
	struct jit_single single;
};

struct jit_block {
	const struct ir_unit *u;
	unsigned first_line;		/* line of the unit's start; its k-th instruction is line first_line + k */
	bool emitted;			/* an edge to it from now on goes back */
	bool *late;			/* by instruction: computed where slots are stored, see compute in emit.c */
	struct jit_wait *wait;		/* by instruction */
	struct jit_wide *wide;		/* by instruction; NULL: there is none */
	bool reached, loops;		/* loops: an edge inside the region leads back to it */
	unsigned n_pred;		/* edges to it, the function's entry among them */
	unsigned *exit_to;		/* by exit number: block it leads to, or JIT_OUTSIDE */
	unsigned *guess, n_guess;	/* blocks its indirect exit may lead to, likeliest first */
	uint64_t *dirty_in;		/* slots whose memory may be stale at its start */
	uint8_t *apart;			/* by slot: enum jit_apart at its start */
	uint64_t *singles;		/* slots that are a single there, perhaps */
	LLVMBasicBlockRef head;
	/* by slot: phis when n_pred > 1, of slots the region writes; or what the one predecessor has. NULL: not there yet */
	struct jit_phis *phi;
	struct jit_slot *carried;
};
#define JIT_OUTSIDE (~0u)

struct jit_plan {
	struct jit_block *block;
	unsigned n;
	unsigned *entry, n_entry;	/* blocks that are entered from outside, block 0 first */
	unsigned *order;		/* reached blocks, reverse post-order */
	unsigned n_order;
	unsigned n_slots;		/* guest slots and fuel, which is the last */
	unsigned words;			/* of a set of slots */
	uint64_t *used, *written;
	uint64_t *line_pc;		/* guest pc of line i + 1 */
	uint32_t *line_left;		/* see env exit.left */
	unsigned n_lines;
	bool hooked;			/* callbacks look at the guest in its midst */
	bool lends;			/* and have MXCSR for as long as it is executed, see emit_hook.c */
};

static inline bool jit_has(const uint64_t *set, unsigned i)
{
	return set[i / 64] >> i % 64 & 1;
}

static inline void jit_add(uint64_t *set, unsigned i)
{
	set[i / 64] |= 1ull << i % 64;
}

enum dgm_status jit_plan_make(const struct backend_request *rq, struct base_arena *arena, struct jit_plan *p);
/* NULL: out of memory. */
void *jit_zeroed(struct base_arena *arena, size_t n);
/* Has a block want what block `to`, to which it leads, wants; whether that was more than before. */
typedef bool jit_want_fn(const struct jit_plan *p, unsigned block, unsigned to, const void *of);
/* Calls want once for each edge of the region, from its end to its beginning; whether it changed something. */
bool jit_want_back(const struct jit_plan *p, jit_want_fn *want, const void *of);
/* Whether every slot is in memory, on the way on, before (and not after) the operation. */
bool jit_flushes(const struct backend_mode *mode, const struct ir_inst *in);
bool jit_helper_writes(const struct ir_inst *in);

/* ---- halves.c ---- */

enum dgm_status jit_find_halves(struct jit_plan *p, struct base_arena *arena);
/* Whether the double is put together of two halves. */
bool jit_is_joined(const struct ir_unit *u, ir_val v);
/* What a vector was cast from, if it was. */
ir_val jit_uncast(const struct ir_unit *u, ir_val v);

/* ---- scalars.c ---- */

enum dgm_status jit_find_scalars(struct jit_plan *p, struct base_arena *arena);

/* ---- wait.c ---- */

enum dgm_status jit_find_waiting(const struct jit_plan *p, const struct backend_request *rq, struct jit_block *blk,
				 struct base_arena *arena);

/* ---- emit.c ---- */

struct jit_emit {
	struct jit *j;
	LLVMContextRef c;
	LLVMModuleRef m;
	LLVMBuilderRef b, first;	/* first: at the end of the function's entry block */
	LLVMValueRef fn, mem, state;
	LLVMTypeRef unit_type, ptr, i1, i8, i16, i32, i64, type[IR_TYPE_COUNT];
	LLVMMetadataRef scope;		/* of debug locations; NULL: none wanted */
	LLVMDIBuilderRef di;
	LLVMValueRef unlikely, not_null, bool_range;
	unsigned prof_kind, range_kind;
	const struct backend_request *rq;
	struct base_arena *arena;
	struct jit_plan *plan;
	enum dgm_status failed;

	/* the block being emitted */
	struct jit_block *blk;
	const struct ir_unit *u;
	const struct ir_inst *in;
	LLVMValueRef *val;		/* by instruction; NULL for a float in one[] that nobody has taken as a double */
	LLVMValueRef *lane;		/* of what slots were read: the first lane, if it is known by itself */
	struct jit_single *one;		/* by instruction, where f is not NULL */
	uint64_t pc;			/* of the guest instruction */
	uint32_t left;			/* what env exit.left is there */
	LLVMValueRef arg[IR_MAX_ARGS];
	bool lent;			/* callbacks have MXCSR */
	bool touched;			/* a guest access that may fault stands since the last branch */

	struct jit_slot *slot;
	LLVMValueRef *initial;		/* by slot: what JIT_FIRST is; NULL: not read yet */
	uint64_t *dirty;		/* slots whose memory may be stale */
	unsigned markers;

	LLVMValueRef scratch;		/* 16 bytes of stack for load128, store128 */

	struct code_exit *exit;
	unsigned n_exit, cap_exit;
	const struct ir_helper **helper;
	LLVMValueRef *helper_fn;
	unsigned n_helper;
	LLVMValueRef aside;		/* NULL: not called yet */
};

/* ---- singles.c ---- */

enum dgm_status jit_find_singles(struct jit_plan *p, struct base_arena *arena);
/* The double. */
LLVMValueRef jit_widen(struct jit_emit *e, const struct jit_single *s);
/* That of a float, quickly where it is no NaN; continues in another block. */
LLVMValueRef jit_widen_usual(struct jit_emit *e, LLVMValueRef f);
struct jit_single jit_narrow(struct jit_emit *e, LLVMValueRef d);
/* One more way to the block that phi is of. */
void jit_carry_single(struct jit_emit *e, const struct jit_single *phi, const struct jit_single *v, LLVMBasicBlockRef from);
/* The same for that from the function's entry block, with what is in memory. */
void jit_enter_single(struct jit_emit *e, const struct jit_single *phi, unsigned slot, LLVMBasicBlockRef from);

/* ---- emit.c ---- */

enum dgm_status jit_emit_region(struct jit *j, const struct backend_request *rq, struct base_arena *arena,
				struct jit_plan *plan, struct jit_emit *e);
void jit_emit_finish(struct jit_emit *e);

LLVMBasicBlockRef jit_new_block(struct jit_emit *e);
/* Branches to `rare` when c, which is unlikely, else to `usual`. */
void jit_branch_rare(struct jit_emit *e, LLVMValueRef c, LLVMBasicBlockRef rare, LLVMBasicBlockRef usual);
LLVMValueRef jit_int(struct jit_emit *e, LLVMTypeRef t, uint64_t v);
LLVMValueRef jit_env(struct jit_emit *e, int32_t offset);
LLVMValueRef jit_state(struct jit_emit *e, LLVMBuilderRef b, int32_t offset);	/* the same, built by b */
LLVMValueRef jit_intrinsic(struct jit_emit *e, const char *name, LLVMTypeRef *over, unsigned n_over,
			   LLVMValueRef *arg, unsigned n_arg);
void jit_call_attr(struct jit_emit *e, LLVMValueRef call, const char *name);
LLVMValueRef jit_int_of(struct jit_emit *e, LLVMValueRef v, LLVMTypeRef to);	/* zero-extends or cuts */
/* An empty piece of assembler LLVM cannot look into: the value comes out as it went in. */
LLVMValueRef jit_opaque(struct jit_emit *e, LLVMValueRef v, bool keep);

LLVMValueRef jit_slot_get(struct jit_emit *e, unsigned slot);
void jit_slot_put(struct jit_emit *e, unsigned slot, LLVMValueRef v);
/* The same of a vector of a float and zeros. */
void jit_slot_put_lane(struct jit_emit *e, unsigned slot, LLVMValueRef lane);
/* The slot's first lane if it is known by itself, or NULL. */
LLVMValueRef jit_slot_lane(const struct jit_emit *e, unsigned slot);
/* The same of a double that jit_is_joined. */
void jit_slot_put_halves(struct jit_emit *e, unsigned slot, LLVMValueRef v);
void jit_slot_put_single(struct jit_emit *e, unsigned slot, const struct jit_single *v);
void jit_slot_put_late(struct jit_emit *e, unsigned slot, ir_val v);
/* Stores what may be stale in memory; clean: and from here on it is not. */
void jit_flush(struct jit_emit *e, bool clean);
/* What was read from slots is no longer true: a helper wrote some. */
void jit_forget(struct jit_emit *e);
/* The slots as the block's other ways to it have them, for a branch to it from where the builder stands. */
void jit_carry(struct jit_emit *e, struct jit_block *to);
/* One of a double's halves in memory, as it is at the function's entry. */
LLVMValueRef jit_load_half(struct jit_emit *e, unsigned slot, unsigned k);
/* The first lane of v as a float of the type that is wanted. */
LLVMValueRef jit_first_lane(struct jit_emit *e, LLVMBuilderRef b, LLVMValueRef v, LLVMTypeRef t);
void jit_set_line(struct jit_emit *e, LLVMBuilderRef b, unsigned line);
/* A branch inside the region; c may be NULL. Continues behind a conditional one. */
void jit_edge(struct jit_emit *e, LLVMValueRef c, unsigned to);
/* Keeps machine code behind guest accesses from being merged with that of other instructions. */
void jit_mark(struct jit_emit *e);

/* Makes instruction i of the block the one that is emitted, and its operands e->arg. */
void jit_take_args(struct jit_emit *e, unsigned i);
/* Emits it once more, from its operands' values now; what is computed late stays as it is. */
void jit_emit_again(struct jit_emit *e, unsigned i);

/* ---- emit_flow.c ---- */

/* In the rare case of the guard that is being emitted: its helper's value. */
LLVMValueRef jit_call_rare(struct jit_emit *e);

/* Leaves the unit when a service or helper has filled env exit; continues otherwise. */
void jit_leave_on_exit(struct jit_emit *e);
/*
 * Leaves on the edge to blk, taken when c (NULL: always), when it goes back and something is pending, or
 * when blk loops and fuel does not suffice for it; without c the way goes on in `next`. The builder
 * is left where the edge is to be made.
 */
void jit_check_edge(struct jit_emit *e, LLVMValueRef c, const struct jit_block *blk, LLVMBasicBlockRef next);
/* The same for the branch from outside to `to`, where blk begins, which b makes. */
void jit_check_entry(struct jit_emit *e, LLVMBuilderRef b, const struct jit_block *blk, LLVMBasicBlockRef to);
/* Calls member `offset` of env_services with n 64-bit or pointer arguments behind the state. */
LLVMValueRef jit_service(struct jit_emit *e, size_t offset, LLVMValueRef *arg, unsigned n);

/* ---- enter.c ---- */

/* The way from the function's entry to the blocks that are entered; all heads are made. */
void jit_enter_region(struct jit_emit *e);

/* ---- emit_hook.c ---- */

/* A call with IR_HELPER_HOOK. */
void jit_call_hook(struct jit_emit *e);
/* Finds the plan's hooked and lends. */
void jit_find_hooks(struct jit_plan *p);
void jit_lend(struct jit_emit *e);
void jit_regain(struct jit_emit *e);
/* Takes MXCSR back in front of an instruction that wants it. */
void jit_regain_for(struct jit_emit *e, const struct ir_inst *in);

/* ---- sink.c ---- */

/* Once all is emitted. */
enum dgm_status jit_sink_flags(struct jit_emit *e);

/* ---- emit_wide.c ---- */

enum dgm_status jit_find_wide(struct jit_block *blk, struct base_arena *arena);
/* The carry of x + ~y + carry as borrows tell it; NULL: the operation is something else. */
LLVMValueRef jit_carry_of_difference(struct jit_emit *e);

/* ---- aside.c: for hosts with AVX and for others ---- */

uint64_t jit_aside_avx(void *state, uint64_t a, uint64_t b, uint64_t c, const void *helper);
uint64_t jit_aside_sse(void *state, uint64_t a, uint64_t b, uint64_t c, const void *helper);

/* ---- emit_*.c: one per row of ops.def ---- */

typedef LLVMValueRef jit_emit_fn(struct jit_emit *e);
#define OP(name, ...) jit_emit_fn jit_emit_##name;
#include "ir/ops.def"

/* ---- object.c, lines.c, dump.c, target.c ---- */

enum dgm_status jit_object_read(const uint8_t *elf, size_t size, const struct jit_emit *e, struct base_arena *arena,
				struct code_object *out);

/* Fills out->side from the contents of .debug_line; text_at: where the function is in the code. */
enum dgm_status jit_lines_read(const uint8_t *p, size_t size, uint32_t text_at, const struct jit_plan *plan,
			       struct base_arena *arena, struct code_object *out);

void jit_dump_module(const struct backend_request *rq, LLVMModuleRef m);
void jit_dump_code(const struct jit *j, const struct backend_request *rq, const struct code_object *o);

/* Whether code may use it, by LLVM's name: "+ssse3". */
bool jit_has_feature(const struct jit *j, const char *name);
enum dgm_status jit_target_init(struct jit *j);
void jit_target_finish(struct jit *j);

#endif
