/*
 * Hooks inside the engine: who is hooked to what (hook.c), what translated code has of it and how events reach
 * callbacks (hook_run.c). For lib/engine and lib/api.
 *
 * Code hooks are looked up when a block is lifted: where one matches, a `tally` or the call of a helper with a
 * constant site is put behind the marker of the instruction. Adding or removing one drops the units of
 * its range. Accesses are looked up when they happen: pages with a hook on them lose their direct access, so
 * that all code comes by the services, which ask hook_access.
 *
 * When a callback wants anything but to go on, the unit is left with ENV_HOOK in front of the instruction, with
 * how far its events have come (enum hook_level). The run loop then interprets the rest of the block
 * without what was reported already.
 *
 * A removed hook stays readable until no vCPU can be in code that was made with it: units of its range are dead
 * by then, and whoever was inside one has left.
 */
#ifndef ENGINE_HOOK_H
#define ENGINE_HOOK_H

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "dragoman/dragoman.h"
#include "iface/env.h"
#include "ir/ir.h"

struct vm_hook {
	dgm_id id;
	uint64_t order;			/* hooks of one event are called by it */
	uint64_t lo, last;
	uint32_t kind, flags, insn_mask, insn_bits;
	uint64_t *counter;
	struct env_hook call;		/* as code calls it, unless it is a counter */
	struct vm_hook *next_gone;
};

/* Hooks of one kind. Most are of few instructions, so those of all addresses are kept apart. */
struct hook_set {
	struct vm_hook **all, **part;	/* part: sorted by lo */
	uint64_t *reach;		/* of part: the largest `last` up to here */
	unsigned n_all, cap_all, n_part, cap_part;
};

/* READ and WRITE hooks as services see them without a lock; replaced as a whole. */
struct hook_table {
	struct hook_table *next_gone;
	unsigned n;
	struct vm_hook *hook[];		/* in their order */
};

struct hook_slot {
	uint32_t generation;		/* of the next id, which has the slot's place in its lower half */
	uint32_t next_free;		/* 1 + another free slot, or 0 */
	struct vm_hook *hook;
};

struct hook_range {
	uint64_t lo, last;
};

enum { HOOK_KINDS = DGM_HOOK_INVALIDATED + 1, HOOK_RANGES = 8 };

/* Part of a VM; its lock guards what is not atomic. */
struct vm_hooks {
	struct hook_slot *slot;
	unsigned n_slot, cap_slot;
	uint32_t free_slot;
	struct hook_set set[HOOK_KINDS];
	uint64_t order;
	_Atomic uint64_t serial;	/* grows with each change */
	_Atomic uint32_t n_code;	/* BLOCK, INSN, EDGE hooks */
	_Atomic uint32_t n_data;	/* READ, WRITE hooks */
	_Atomic uint32_t n_made, n_dropped;	/* TRANSLATED, INVALIDATED hooks */
	_Atomic(struct hook_table *) data;	/* NULL: none */
	struct vm_hook *gone;
	struct hook_table *gone_table;
	struct hook_range dropped[HOOK_RANGES];	/* to be reported */
	_Atomic uint32_t n_range;
};

/* How far the events of an instruction have come. */
enum hook_level {
	HOOK_NOTHING,
	HOOK_EDGE,			/* reported, with all before it */
	HOOK_BLOCK,
	HOOK_INSN,
	HOOK_ACCESS,			/* accesses as well: see dgm_cpu.again */
};

/* What a lift has to know to put hooks in. */
struct hook_lift {
	struct dgm_vm *vm;
	struct base_arena *sites;	/* lives as long as the code */
	enum hook_level level;		/* of the first instruction */
	const uint8_t *bytes;		/* of the instruction being lifted */
	bool sees_all;			/* what is left out on a condition is to be seen as well */
	struct hook_site *head[2];	/* of BLOCK and EDGE, which tell the block's size; or NULL */
};

/* ---- hook.c ---- */
void hooks_finish(struct dgm_vm *vm);
/* The hooks of a kind that overlap [lo, last], in their order, up to cap; answers how many there are. Lock held. */
unsigned hooks_find(const struct vm_hooks *h, unsigned kind, uint64_t lo, uint64_t last, struct vm_hook **out,
		    unsigned cap);
/* The first of those whose order is above `order`, or NULL. Lock held. */
struct vm_hook *hooks_next(const struct vm_hooks *h, unsigned kind, uint64_t lo, uint64_t last, uint64_t order);
/* Of all that code made from the range has of hooks. Lock held. */
uint64_t hooks_hash(const struct vm_hooks *h, uint64_t lo, uint64_t last);
/*
 * Frees what was removed; no vCPU is or can get inside code meanwhile. Lock held. Threads of the host look at the table
 * of data hooks under mem_lock: while one has it, or the caller, all stays until the next time.
 */
void hooks_reap(struct dgm_vm *vm);
/* Notes for INVALIDATED hooks that translations of the range are gone. Lock held. */
void hooks_note_dropped(struct dgm_vm *vm, uint64_t lo, uint64_t last);

/* ---- hook_run.c ---- */
/* A dgm_hook_fn that answers DGM_CONT: what code calls of a hook that was removed. */
extern env_fn *const hook_none;
static inline bool hook_is_gone(const struct vm_hook *k)
{
	return atomic_load_explicit(&k->call.fn, memory_order_acquire) == hook_none;
}

/* Service hooked: code called the hook of the event, and is to leave. */
void hook_leave(void *state, uint64_t event, uint64_t act);
/* Before the first instruction of a unit; and behind the last one, with the block's size. */
void hook_lift_begin(struct hook_lift *l, struct ir_builder *b);
void hook_lift_end(struct hook_lift *l, uint64_t bytes, unsigned insns);
enum { HOOK_VALUE = 16 };		/* accesses of more bytes are reported without a value */
/* Whether somebody wants to know of an access. In code. */
bool hook_wants(struct dgm_cpu *cpu, uint64_t addr, uint32_t len, bool write);
/*
 * Reports an access that is wanted and going to be made; buf: what is written or there, in guest memory order.
 * False after filling env exit.
 */
bool hook_access(void *state, uint64_t addr, uint32_t len, const uint8_t *buf, bool write, uint64_t pc);
/* The direct accesses of prot that hooks leave the page of guest address addr. In code, or lock held. */
uint32_t hook_direct(const struct dgm_vm *vm, uint64_t addr, uint32_t prot);
/* Reports a new unit, or what was dropped; on the vCPU's thread, outside of code. False: the run is to end. */
bool hook_report_made(struct dgm_cpu *cpu, uint64_t pc, uint64_t bytes, uint32_t insns);
bool hook_report_dropped(struct dgm_cpu *cpu);

#endif
