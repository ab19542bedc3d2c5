/*
 * What stands in memory in front of a vCPU's guest state, and the contract of translated code.
 * Engine, back ends and helpers of front ends share it. Knows no guest.
 *
 * The state pointer points at the first guest slot; env is right below it, so that both are
 * reached with small displacements from one register. Hot fields come last.
 *
 * Contract of translated code (x86-64; LLVM's preserve_none with two arguments):
 *   r12  host address of guest address 0 (env mem_base), constant; 0 where guest addresses are the
 *        host's, and then not used
 *   r13  state pointer, constant
 *   all other registers are dead at entry and may be destroyed; rsp is 8 modulo 16 as after a
 *   call, and at every jump to another unit it is as it was at entry.
 * A unit is entered at its one entry (code may have one for each of several units) with every slot of
 * guest state in memory (but for the pc slot) and leaves in one of these ways, all slots in memory again:
 *   - a direct exit jumps to its exit stub, which jumps to the target unit or, unlinked, sets
 *     env link and returns; the pc slot is not written: the link knows its target
 *   - an indirect exit stores the pc slot, looks into both its entries of env jump, jumps to the code on a match and
 *     else sets env link = NULL and returns
 *   - an event (poll, tick, trap, helper that leaves, memory fault) fills env exit with
 *     reason != ENV_NONE and returns
 * MXCSR while guest code runs: all masked, nearest, no flush to zero; its flags accumulate.
 *
 * A call of a helper with IR_HELPER_HOOK tells somebody of an event. Code may call the helper, or do this instead of it,
 * with all slots in memory:
 *   1  pc slot = pc of the instruction; counted mode: exit.left, in_event = 1
 *   2  lent = MXCSR, lends = ENV_LENT; if `foreign` is not 0, MXCSR = host_mxcsr
 *   3  call fn(ud, env cpu, address of the event) of the struct env_hook
 *   4  if the result or `changed` is not 0: leave the unit behind a call of service hooked
 *   5  counted mode: in_event = 0
 *   6  MXCSR = lent if it is not; lends = ENV_NOT_LENT
 * 2 may be done once for several hooks, and 6 behind the last of them, when nothing between them depends on MXCSR, calls
 * a helper or goes on in another unit. Events and faults may leave before 6.
 */
#ifndef IFACE_ENV_H
#define IFACE_ENV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum env_reason {
	ENV_NONE = 0,
	ENV_POLL,		/* pending was not 0: pc is where to go on, fuel is as before the unit */
	ENV_BUDGET,		/* fuel does not suffice for the unit at pc; fuel is as before it */
	ENV_TRAP,		/* exit.trap, code, pc, next */
	ENV_FAULT,		/* exit.access, len, addr, cause, pc: nothing of the instruction is done,
				 * but the earlier accesses of a multiple load or store */
	ENV_STOP,		/* a device callback answered DGM_STOP: leave behind this instruction */
	ENV_HOT,		/* the unit at pc has become hot; go on at pc */
	ENV_HOOK,		/* a hook wants something done before the instruction at pc goes on: see engine/hook.h */
	ENV_NOMEM,		/* no memory, in the interpreter for the unit at pc, or in a service for a copy of a
				 * page: nothing of the instruction is done, but as with ENV_FAULT */
};

struct env_exit {
	uint32_t reason;	/* enum env_reason */
	uint32_t trap;		/* enum ir_trap */
	int32_t code;
	uint32_t access, len, cause;	/* DGM_R.., bytes, DGM_CAUSE_* */
	uint32_t left;		/* counted mode, every event but POLL, BUDGET and HOT: instructions of the
				 * block that tick has charged, from the one at pc on. Code sets it before it
				 * calls a service or a helper that may leave, and when it leaves by itself */
	uint64_t pc, next, addr;
	uint64_t pa;		/* FAULT with virtual memory: physical address of addr, or ~0 */
};

/*
 * One entry of the table indirect exits look into, for the units of one mode. Guests with 32-bit
 * addresses have the mode in the key, above the pc. With 64-bit addresses every pattern of bits may be
 * a pc: the key is the pc alone, and the mode is mixed into the index.
 */
struct env_jump {
	uint64_t key;
	void *code;
};

/*
 * With virtual memory (struct backend_mode tlb): one entry of the table of pages that accesses may go to
 * directly. It is looked up by (address >> ENV_PAGE_BITS) modulo ENV_TLB_SIZE. `read` and `write` are the
 * virtual address of the page if the access is allowed there, else a value that is no page's
 * address; the byte at a virtual address is at address + add in the host. Where `write` is set, `read` is.
 */
struct env_tlb {
	uint64_t read, write;
	uint64_t add;
	uint64_t info;			/* the engine's */
};

enum { ENV_PAGE_BITS = 12, ENV_TLB_BITS = 10, ENV_TLB_SIZE = 1 << ENV_TLB_BITS, ENV_TLB_SHIFT = 5 };
_Static_assert(sizeof(struct env_tlb) == 1 << ENV_TLB_SHIFT, "code computes addresses of entries");

enum { ENV_JUMPS = 4096, ENV_SPILLS = 96, ENV_VECTORS = 3 };

struct env_link;		/* lib/cache */

/* Whom code calls at an event: fn(ud, env cpu, event), a dgm_hook_fn. fn is replaced when the hook is removed. */
typedef void env_fn(void);
struct env_hook {
	_Atomic(env_fn *) fn;
	void *ud;
};

/* Why code must not go on behind a callback: each is 0 or 1. Only the first is the vCPU's thread's alone. */
struct env_changed {
	_Atomic uint8_t touched;	/* registers were written */
	_Atomic uint8_t code;		/* hooks were added or removed, or translations dropped */
	_Atomic uint8_t aside;		/* the callback waited for others: see cpu_back in engine.h */
	_Atomic uint8_t space;		/* virtual addresses mean something else */
};
_Static_assert(sizeof(struct env_changed) == 4, "code looks at all four at once");

/* cpu_env.lends: MXCSR is the guest's; is lent to a callback; and lent's flags are in fp_flags, too. */
enum { ENV_NOT_LENT, ENV_LENT, ENV_LENT_TAKEN };

enum { ENV_MEM_COND = 1 << 8 };	/* the exchange is a store-conditional, which does not read as far as the guest sees */

/*
 * Services translated code and helpers call for guest memory; addresses are guest addresses,
 * `mem` is enum ir_mem. They check permissions, serve devices and page crossings. On a fault
 * they fill exit (reason ENV_FAULT or ENV_STOP, pc as passed) and return 0; a caller looks at
 * exit.reason after each call. Loads return the value zero- or sign-extended to 64 bits.
 */
struct env_services {
	uint64_t (*load)(void *state, uint64_t addr, uint64_t mem, uint64_t pc);
	uint64_t (*store)(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc);
	/* 128-bit forms move between guest memory and 16 bytes of host memory, lane order of types.def */
	uint64_t (*load128)(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc);
	uint64_t (*store128)(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc);
	/* mem may have ENV_MEM_COND */
	uint64_t (*cas)(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc);
	/*
	 * Exchanges 16 bytes, an aligned piece, at once; both operands as they stand in memory. expected gets what
	 * was there. Whether it exchanged; false after filling exit, too.
	 */
	bool (*cas16)(void *state, uint64_t addr, void *expected, const void *desired, uint64_t pc);
	/* op: an IR_OP_rmw_* */
	uint64_t (*rmw)(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc);
	/* Raw bytes, as they stand in memory; false after filling exit. */
	bool (*read)(void *state, uint64_t addr, void *buf, size_t n, uint64_t pc);
	bool (*write)(void *state, uint64_t addr, const void *buf, size_t n, uint64_t pc);
	/* Guest time in ticks. */
	uint64_t (*clock)(void *state);
	/* The guest announced new code in [addr, addr + n): drops translations when the unit ends. */
	void (*invalidate)(void *state, uint64_t addr, uint64_t n);
	/* Fills exit: the callback of the event answered act, or changed something. Always leave then. */
	void (*hooked)(void *state, uint64_t event, uint64_t act);
};

struct cpu_env {
	struct env_jump jump[ENV_JUMPS];
	uint64_t spill[ENV_SPILLS];	/* scratch of the baseline back end, inside one unit */
	/* Vectors among the arguments of a helper, in their order; its result, if a vector, is left in
	 * the first. Low half first. */
	_Alignas(16) uint64_t vec[ENV_VECTORS][2];
	void *cpu;			/* the engine's own */
	const struct env_services *services;
	struct env_exit exit;
	uint64_t host_rsp;		/* of the frame that entered translated code; 0 outside */
	uint64_t block;			/* guest pc of the last unit with a note that was entered */
	uint64_t lookups;		/* indirect exits that looked into jump; in counted mode only */
	/* One byte for each of the first page_count 4 KiB guest pages: DGM_R, DGM_W, DGM_X where a
	 * direct access at mem_base + address is allowed; 0 for all else (devices, odd pieces, nothing).
	 * Other pages go by the services. NULL: always use services; page_count is 0 then. */
	_Alignas(16) const uint8_t *page_prot;	/* keeps the guest state, behind this struct, aligned */
	uint8_t *mem_base;
	uint64_t page_count;		/* with 32-bit addresses all of them, or 0 */
	struct env_tlb *tlb;		/* of the address space the vCPU is in; NULL without virtual memory */
	uint32_t lent;			/* while `lends`: the guest's MXCSR; that of the host may hold flags of callbacks */
	uint32_t lends;			/* ENV_NOT_LENT.. */
	uint32_t lent_now;		/* scratch of code */
	uint32_t foreign;		/* the host's rounding, traps or flushing differ from the guest's */
	uint32_t in_event;		/* in a callback of code: exit.left says what is not done of the unit */
	struct env_changed changed;	/* since code was entered */
	uint32_t fp_flags;		/* IEEE flags taken from the host but not yet by the guest (HOSTFP_*) */
	uint32_t host_mxcsr;
	struct env_link *link;
	int64_t fuel;			/* guest instructions that may still be executed */
	_Atomic uint32_t pending;	/* not 0: leave at the next poll */
	uint32_t mode;			/* front end's mode bits the units being executed were made for */
};

_Static_assert(sizeof(struct cpu_env) % 16 == 0, "state would be misaligned");

/* Displacement of an env field from the state pointer. */
#define ENV_OFFSET(field) ((int32_t)offsetof(struct cpu_env, field) - (int32_t)sizeof(struct cpu_env))

static inline struct cpu_env *env_of(const void *state)
{
	return (struct cpu_env *)state - 1;
}

/* The jump table's index of a pc, given log2 of the guest's instruction alignment; mix: see env_jump_mix. */
static inline unsigned env_jump_index(uint64_t pc, unsigned shift, uint32_t mix)
{
	return ((unsigned)(pc >> shift) ^ mix) & (ENV_JUMPS - 1);
}

/* Where else its entry may be. Two targets that are often used do not drive each other out, only a third. */
static inline unsigned env_jump_other(unsigned index)
{
	return index ^ 1;
}

/*
 * What a mode changes in the index, with 64-bit addresses: one pc then has a place of its own in every
 * mode. The two lowest bits stay, which env_jump_empty counts on.
 */
static inline uint32_t env_jump_mix(uint32_t mode)
{
	return mode << 2 & (ENV_JUMPS - 1);
}

/* The key of an empty entry: a pc that belongs neither there nor into the other one. */
static inline uint64_t env_jump_empty(unsigned index)
{
	return index & 2 ? 0 : ~(uint64_t)0;
}

static inline void env_forget_jumps(struct cpu_env *env)
{
	for (unsigned i = 0; i < ENV_JUMPS; i++)
		env->jump[i] = (struct env_jump){ env_jump_empty(i), NULL };
}

#endif
