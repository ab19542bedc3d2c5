/*
 * What the parts of the baseline back end share while one unit is compiled: where each value is,
 * what the host's flags hold, and what is to be written behind the unit's main line.
 *
 * The rules:
 *   - An integer in a register is zero-extended to 64 bits; a float is in the low lane.
 *   - A value has a register, a home in memory that holds the same bits, or both. A `get` begins
 *     with its slot as home and is loaded when it is needed in a register; a put makes its slot the
 *     home of a value without one. Values with a home are evicted for nothing.
 *   - Writing a slot first loads the live values whose home overlaps it.
 *   - A comparison stays in the flags ("pending") until they are overwritten; who overwrites them
 *     calls gen_clobber_flags first.
 *   - Registers named during one instruction are pinned to its end; temporaries end with it.
 */
#ifndef BASELINE_GEN_H
#define BASELINE_GEN_H

#include "backend/baseline/baseline.h"
#include "backend/baseline/emit_x64.h"

/* Registers are numbered 0-15 (integer) and 16-31 (xmm) here. */
enum { XMM = 16, REG_NONE = 0xff };
#define REG_BIT(r) (1u << (r))
#define GPR_MASK 0x0000cfefu		/* all but rsp, r12, r13 */
#define XMM_MASK 0xffff0000u
#define KEPT_MASK (REG_BIT(RBX) | REG_BIT(RBP) | REG_BIT(R14) | REG_BIT(R15))	/* by C functions */
#define LOST_MASK ((GPR_MASK | XMM_MASK) & ~KEPT_MASK)

enum home { HOME_NONE, HOME_STATE, HOME_SPILL };
enum { CC_NONE = 0xff, NO_USE = 0xffff };

struct value {
	uint8_t reg;		/* or REG_NONE */
	uint8_t home;		/* enum home */
	uint8_t cc;		/* pending in the flags under this condition, or CC_NONE */
	bool across;		/* lives across a call */
	uint16_t last;		/* its last use, or NO_USE */
	uint16_t uses;
	int32_t disp;		/* of the home, from the state pointer */
};

/* Words of env spill: values first, then what out-of-line calls save and pass. */
enum { SPILL_WORDS = 48, SAVE_WORD = SPILL_WORDS, ARG_WORD = SAVE_WORD + 41 };
_Static_assert(ARG_WORD + 7 <= ENV_SPILLS, "save area does not fit");

/* An operand as it was when an out-of-line part was left for later. */
struct loc {
	uint8_t kind;		/* enum loc_kind */
	uint8_t reg;
	uint8_t bytes;
	uint8_t type;
	uint64_t imm;		/* or the displacement from the state pointer, or the number of a pool constant */
};
enum loc_kind { LOC_NONE, LOC_REG, LOC_MEM, LOC_IMM, LOC_POOL };

enum cold_kind { COLD_LEAVE, COLD_EVENT, COLD_BUDGET, COLD_TRAP, COLD_MISS, COLD_GUARD, COLD_ACCESS };

/* Something to be written behind the main line. */
struct cold {
	uint8_t kind;		/* enum cold_kind */
	uint8_t dst;		/* where the result is wanted */
	uint8_t ea;		/* COLD_ACCESS: register with the guest address */
	uint8_t scratch;	/* COLD_ACCESS: a register free at `misaligned` */
	uint16_t inst;
	uint16_t reason;	/* COLD_EVENT: enum env_reason */
	uint32_t live;		/* registers to be preserved */
	uint32_t from[3];	/* jumps that lead here, 0 = none */
	uint32_t misaligned;	/* jump taken when misaligned, or 0: inside one page, back to `inside` */
	uint32_t inside, resume;
	uint32_t left;		/* what env exit.left is there */
	uint64_t pc;
	struct loc arg[IR_MAX_HELPER_ARGS];
};

struct pool_const {
	uint64_t lo, hi;
};
struct pool_use {
	uint32_t after;		/* position behind the displacement */
	uint16_t index;
};

enum {
	MAX_COLD = 1024, MAX_RELOC = 1024, MAX_SIDE = 1024, MAX_POOL = 256, MAX_POOL_USE = 1024, MAX_HOMES = 64,
	MAX_PENDING = 8, MAX_HELPERS = 256, MAX_EXITS = 512, MAX_HOSTS = 4,
};

/* What the flags tell: the comparison of a with b or their sum, and something about a result. */
struct compared {
	uint8_t pair;		/* enum compared_pair */
	uint8_t about;		/* enum compared_result */
	uint16_t a, b;
	uint16_t result;
};
enum compared_pair { PAIR_NONE, PAIR_INT, PAIR_FLOAT, PAIR_SUM };
enum compared_result {
	RESULT_NONE,
	RESULT_ZERO_SIGN,	/* ZF and SF are right, nothing else */
	RESULT_COMPARED,	/* the flags are those of comparing it with 0 */
};

struct gen {
	struct x64 x;
	const struct base_alloc *alloc;
	unsigned host_feat, feat;	/* enum baseline_feature: what there is, what is used */
	enum dgm_status failed;

	const struct backend_request *rq;
	const struct ir_unit *u;
	const struct ir_inst *in;	/* being emitted, index i */
	unsigned i, skip_to;
	uint64_t pc;			/* of the guest instruction */
	uint32_t left, left_next;	/* instructions charged by tick, from this (the next) one on */
	uint32_t entry;

	uint32_t free, pin, temps;
	uint16_t holder[32];
	uint64_t spill_used;
	struct compared compared;
	uint16_t pending[MAX_PENDING], home[MAX_HOMES];
	unsigned n_pending, n_home;

	unsigned n_cold, n_reloc, n_side, n_pool, n_pool_use, n_helper, n_host, n_exit;
	uint32_t data_size;
	struct value val[IR_MAX_INSTS + 16];
	struct cold cold[MAX_COLD];
	struct code_reloc reloc[MAX_RELOC];
	struct code_side side[MAX_SIDE];
	struct code_exit exit[MAX_EXITS];
	struct pool_const pool[MAX_POOL];
	struct pool_use pool_use[MAX_POOL_USE];
	const struct ir_helper *helper[MAX_HELPERS];
	void *host[MAX_HOSTS];
};

/* regs.c: where values are. The registers answered are pinned to the end of the instruction. */
static inline struct x64_mem gen_state(int32_t disp)
{
	return (struct x64_mem){ R13, X64_NONE, disp };
}
#define GEN_ENV(field) gen_state(ENV_OFFSET(field))

static inline struct x64_mem gen_spill_word(unsigned word)
{
	return gen_state(ENV_OFFSET(spill) + 8 * (int32_t)word);
}

static inline enum ir_type gen_type(const struct gen *g, ir_val v)
{
	return (enum ir_type)(ir_is_const(v) ? g->u->konst[v.id & ~IR_CONST].type : g->u->inst[v.id].type);
}

static inline unsigned gen_bytes(enum ir_type t)
{
	return t == IR_I1 ? 1 : ir_type_info[t].bits / 8u;
}

static inline bool gen_is_int(enum ir_type t)
{
	return ir_type_info[t].kind == IR_KIND_INT;
}

static inline bool gen_dies(const struct gen *g, ir_val v)
{
	return !ir_is_const(v) && g->val[v.id].last == g->i;
}

static inline bool gen_in_reg(const struct gen *g, ir_val v)
{
	return !ir_is_const(v) && g->val[v.id].reg != REG_NONE;
}

/* Any integer or vector register of the mask, emptied if need be. */
unsigned gen_alloc(struct gen *g, uint32_t mask);
unsigned gen_temp(struct gen *g);
unsigned gen_temp_xmm(struct gen *g);
/* This very register as a temporary; what lives there moves away. Must not be pinned. */
unsigned gen_claim(struct gen *g, unsigned reg);
/* The value in a register of its kind. A constant comes in a temporary. */
unsigned gen_use(struct gen *g, ir_val v);
/* A register for the result of the instruction being emitted. */
unsigned gen_def(struct gen *g);
/* The same, holding a copy of v: v's own register when v dies here. */
unsigned gen_def_copy(struct gen *g, ir_val v);
/* A copy of v in a temporary of its kind (v's own register when v dies here). */
unsigned gen_temp_copy(struct gen *g, ir_val v);
/* Takes the last gen_def back. */
void gen_undef(struct gen *g);
/* Makes reg, a temporary, the result. */
void gen_def_temp(struct gen *g, unsigned reg);
/* v as it stands: register, home or constant; a pending comparison is taken out of the flags. */
struct loc gen_loc(struct gen *g, ir_val v);
/* Home of v when reading it from there is better than loading it first. */
bool gen_memory(const struct gen *g, ir_val v, struct x64_mem *out);
bool gen_imm(const struct gen *g, ir_val v, int32_t *out);

/* Moves everything that lives on out of registers a C function destroys. */
void gen_save_for_call(struct gen *g);
/* Behind the call: nothing is left in registers it destroyed. */
void gen_drop_lost(struct gen *g);
/* Registers C destroys whose values live behind this instruction, but for `dst`. */
uint32_t gen_live(const struct gen *g, unsigned dst);
/* [offset, offset + bytes) of the state is about to be written. */
void gen_written(struct gen *g, int32_t offset, unsigned bytes);
void gen_add_home(struct gen *g, unsigned v, int32_t offset);
void gen_end_inst(struct gen *g);

/* Flags. */
void gen_clobber_flags(struct gen *g);
/* Takes out of the flags what is used behind this instruction; the flags stay as they are. */
void gen_flush_pending(struct gen *g);
void gen_set_pending(struct gen *g, unsigned v, enum x64_cc cc);
/* The condition under which v is true, v not a constant; flags hold it now. */
enum x64_cc gen_cond(struct gen *g, ir_val v);

/* Lists; on overflow the unit is refused. */
struct cold *gen_cold(struct gen *g, enum cold_kind kind);
void gen_reloc(struct gen *g, enum code_reloc_kind kind, unsigned index, int32_t addend, unsigned bytes);
void gen_mark(struct gen *g, uint64_t pc);
void gen_fail(struct gen *g, enum dgm_status st);
/* An operand [rip + constant]; right before the instruction, whose displacement gen_pooled notes. */
unsigned gen_pool(struct gen *g, uint64_t lo, uint64_t hi);
void gen_pooled(struct gen *g, unsigned index);
#define GEN_RIP ((struct x64_mem){ X64_RIP, X64_NONE, 0 })

/* sse.c: moves of vector registers, numbered from XMM. */
void gen_xmm_move(struct gen *g, unsigned dst, unsigned src);
void gen_xmm_load(struct gen *g, unsigned bytes, unsigned dst, struct x64_mem m);
void gen_xmm_store(struct gen *g, unsigned bytes, struct x64_mem m, unsigned src);
void gen_xmm_const(struct gen *g, unsigned dst, uint64_t lo, uint64_t hi);
void gen_xmm_from_gpr(struct gen *g, unsigned bytes, unsigned dst, unsigned src);
void gen_xmm_to_gpr(struct gen *g, unsigned bytes, unsigned dst, unsigned src);
/* dst = a op b; pp as in x64_vex_head. dst may be a; it may be b only with AVX. */
void gen_sse(struct gen *g, unsigned pp, unsigned op, unsigned dst, unsigned a, unsigned b);

/* Zero-extends the low bits of an integer register as the type wants; may write the flags. */
void gen_norm(struct gen *g, unsigned reg, enum ir_type t);
/* dst = src, sign-extended to 32 bits or (wide) 64. */
void gen_sext(struct gen *g, unsigned dst, unsigned src, enum ir_type from, bool wide);

/* call.c */
void gen_call_host(struct gen *g, void *fn);
/* hook.c: a call with IR_HELPER_HOOK, after gen_save_for_call. */
void gen_call_hook(struct gen *g);
/* Leaves when a service or helper has filled env exit. */
void gen_leave_if_event(struct gen *g);
/* Writes everything that was left for later. */
void gen_finish_cold(struct gen *g);

/* Whether it makes a vector out of lanes, and not of bits as select and bitcast do. */
static inline bool gen_lane_wise(const struct ir_inst *in)
{
	return in->type > IR_F64 && ir_op_info[in->op].flags & (IR_PURE | IR_FPENV) && in->op != IR_OP_select &&
	       in->op != IR_OP_bitcast;
}

/* vec.c: such an operation. */
void gen_lanes(struct gen *g);
/* Any pure or FPENV operation, by a call of ir_eval_packed. */
void gen_evaluate(struct gen *g);

/* One emitter per row of ops.def. */
#define OP(name, ...) void emit_##name(struct gen *g);
#include "ir/ops.def"

#endif
