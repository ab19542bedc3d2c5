/*
 * Hooks: callbacks and counters at blocks, instructions, edges and memory accesses of a guest. They may
 * be added and removed at any time, also while vCPUs run and inside callbacks; only code in their range
 * is translated again, and code that no hook matches costs nothing.
 *
 * What is reported, and in which order, does not depend on the tier that executes the guest, nor on
 * how a run is cut into budgets. (TRANSLATED and INVALIDATED are about translations and do.)
 *
 *   BLOCK   A block begins: wherever a branch, call, return or exception of the guest or a system call
 *           leads, be it to the next instruction, where a callback or the embedder has put the pc, behind one that changes
 *           how code is translated, at the `until` addresses of runs, and behind 64 instructions
 *           without any of these. 32-bit ARM: also behind a conditional access, call or trap.
 *           Not where a run goes on that was left in the middle of a block (budget, DGM_STOP).
 *   INSN    An instruction is going to be executed, once for each time. 32-bit ARM: also where its
 *           condition does not hold.
 *   EDGE    As BLOCK, in front of it, with the start of the block the vCPU executed before.
 *   READ    An instruction is going to read memory that may be read. RAM, devices and borrowed memory alike.
 *   WRITE   The same for writing. Each access of an instruction that has several is an event of its own;
 *           vectors are one of 16 bytes, what is wider (clearing a cache line) is several; PowerPC's lswx and stswx are one.
 *           Atomic operations read, then write if they are going to (an exchange that fails only reads);
 *           store-conditional writes only, if it is going to succeed: other vCPUs may still come between.
 *           An access that faults is no event; when it is tried again, those before it in its
 *           instruction are made and reported again. Fetching instructions, page walks and the
 *           functions of the library are no accesses.
 *
 * Events of one instruction come as EDGE, BLOCK, INSN, then its accesses in its order.
 */
#ifndef DRAGOMAN_HOOK_H
#define DRAGOMAN_HOOK_H

#include "dragoman/vm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* dgm_hook_cfg.kind, dgm_event.kind */
enum {
	DGM_HOOK_BLOCK = 1,
	DGM_HOOK_INSN,
	DGM_HOOK_EDGE,
	DGM_HOOK_READ,
	DGM_HOOK_WRITE,
	/*
	 * A block was translated that had no translation; before it is executed, on its vCPU's thread.
	 * Compiling it again for a higher tier is no event. Blocks that are interpreted aside (the end of a
	 * budget) are not reported.
	 */
	DGM_HOOK_TRANSLATED,
	/*
	 * Translations made from [addr, addr + len) were dropped: the guest or the embedder changed code, its mapping
	 * or its hooks, or the code budget was used up (then the range is all). Reported on the thread of one of
	 * the vCPUs, before it executes the next block; ranges may come as one that holds them.
	 */
	DGM_HOOK_INVALIDATED,
};

/* dgm_hook_cfg.flags */
enum {
	/* The counter's addition is atomic. Without it vCPUs that count at the same time may lose counts. */
	DGM_HOOK_ATOMIC = 1u << 0,
};

typedef struct dgm_event {
	uint32_t size, kind;
	uint64_t pc;		/* of the instruction; BLOCK, EDGE, TRANSLATED: where the block begins */
	uint64_t prev_pc;	/* EDGE: where the block before begins; 0 in front of a vCPU's first */
	uint64_t addr;		/* READ, WRITE: guest address, without a tag; INVALIDATED: of the code */
	/*
	 * WRITE: what is written, READ: what memory holds now (0 if it is a device: it is asked afterwards), as the
	 * guest's byte order makes an integer of the bytes; 0 where len is above 16. value_hi: bits 64 and up.
	 */
	uint64_t value, value_hi;
	uint64_t len;		/* bytes: of the instruction, the access, the block's code, the range */
	uint32_t insns;		/* BLOCK, EDGE, TRANSLATED: instructions of the block */
	uint32_t opcode;	/* INSN: the instruction word (32-bit Thumb: first half in the upper half) */
} dgm_event;

/*
 * Called on the vCPU's thread, as every callback of machine.h: dgm_pc, dgm_insns and all registers are
 * exact, and may be written. The answer says what becomes of the instruction at event->pc:
 *
 *   DGM_CONT   goes on. If a register was written, the instruction starts with the new values, and events that
 *              were reported for it are not repeated; if the pc is another then, a block begins there instead. If its
 *              access is elsewhere now, that is another access, and another event. (Not so where an
 *              instruction has several: those up to the one reported stay silent.)
 *   DGM_RETRY  the same.
 *   DGM_SKIP   it is stepped over, and counts as executed. Accesses before the one reported are made.
 *   DGM_STOP   it is finished, events that are left for it included, then dgm_cpu_run ends with DGM_EXIT_MODEL.
 *   DGM_BREAK, DGM_RAISE   dgm_cpu_run ends with DGM_EXIT_BREAK in front of it; the next run begins with this event.
 *              Unless the pc is written in between, to what it was even: then a block begins, with all its events.
 *
 * The hooks of one event are called in the order in which they were added, up to the first that does not
 * answer DGM_CONT. For TRANSLATED and INVALIDATED, DGM_STOP, DGM_BREAK and DGM_RAISE end the run with
 * DGM_EXIT_BREAK; all else goes on. The event is valid during the call.
 */
typedef dgm_act dgm_hook_fn(void *ud, dgm_cpu *cpu, const dgm_event *event);

typedef struct dgm_hook_cfg {
	uint32_t size, kind, flags;
	uint32_t insn_mask, insn_bits;	/* INSN: only where (opcode & insn_mask) == insn_bits */
	uint32_t reserved;
	uint64_t lo, hi;		/* [lo, hi) of pc; READ, WRITE: the access overlaps it; both 0: everywhere */
	/* One of the two: */
	uint64_t *counter;		/* gets 1 added at each event, without a call; aligned to 8 bytes */
	dgm_hook_fn *fn;
	void *ud;
} dgm_hook_cfg;

/*
 * [A] Adds a hook; *id (may be NULL) is for dgm_hook_del. In a callback of a vCPU it is in effect there from the
 * next event on; other vCPUs see it at a block they enter soon. While a READ or WRITE hook exists, code
 * is compiled to keep registers exact and, with DGM_FASTMEM, to look before each access.
 * DGM_E_ARG, DGM_E_NOMEM.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_hook_add(dgm_vm *vm, const dgm_hook_cfg *cfg, dgm_id *id);

/*
 * [A] Removes a hook. When it returns, fn is not running and will not be called again, and counter is not
 * touched any more: it waits for vCPUs that are inside code, so do not hold what a callback
 * waits for. Called inside a callback of translated code (of a hook or a device) it does not wait: other
 * vCPUs may then still be inside fn, or count, until they leave the code they are in.
 * DGM_E_NOENT: the hook is gone already.
 */
DGM_EXPORT dgm_status dgm_hook_del(dgm_vm *vm, dgm_id id);

/* [O] Instructions the vCPU has retired since it was made, exact in every callback. 0 with DGM_VM_NO_COUNT. */
DGM_EXPORT uint64_t dgm_insns(dgm_cpu *cpu);

#ifdef __cplusplus
}
#endif

#endif
