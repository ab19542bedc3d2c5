/*
 * Machine models: what a host plugs into a VM. A Linux personality, a board, a test bench is
 * a table of functions and a pointer. All members are optional; the table is copied.
 *
 * Callbacks run on the thread that is in dgm_cpu_run, with no library lock held, and may call
 * every function of class [A], and of class [O] on their own vCPU. They must not free the VM
 * nor longjmp out. Inside a callback dgm_pc and all registers are exact.
 */
#ifndef DRAGOMAN_MACHINE_H
#define DRAGOMAN_MACHINE_H

#include "dragoman/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dgm_vm dgm_vm;
typedef struct dgm_cpu dgm_cpu;

/* What a callback may answer; the meaning is the same everywhere. */
typedef enum dgm_act {
	DGM_CONT = 0,	/* go on; after a fault or illegal instruction: handled, pc was moved by the callback */
	DGM_RETRY,	/* execute the instruction again */
	DGM_SKIP,	/* step over it; a load gets fault->value */
	DGM_RAISE,	/* leave dgm_cpu_run with the event as the reason (FAULT, ILLEGAL, TRAP, SYSCALL) */
	DGM_STOP,	/* finish this instruction, then leave with DGM_EXIT_MODEL; what cannot finish acts as BREAK */
	DGM_BREAK,	/* leave at once with the event as the reason: pc on this instruction, nothing of it done */
} dgm_act;

/* Access and protection bits. */
enum { DGM_R = 1, DGM_W = 2, DGM_X = 4 };

/* dgm_fault.cause */
enum {
	DGM_CAUSE_UNMAPPED = 1,	/* nothing is mapped at va */
	DGM_CAUSE_PROT,		/* mapped, but not for this access */
	DGM_CAUSE_ALIGN,	/* misaligned, and the instruction does not allow it */
	DGM_CAUSE_BUS,		/* the device refused, or the host gave SIGBUS (truncated file) */
	DGM_CAUSE_ILLEGAL,	/* undefined or unmodelled encoding */
	DGM_CAUSE_PRIVILEGED,	/* only for supervisor code */
	DGM_CAUSE_TRAP,		/* trap or breakpoint instruction */
	DGM_CAUSE_FP,		/* enabled floating-point exception; vector has the guest's bits */
};

typedef struct dgm_fault {
	uint32_t size, access;	/* access: DGM_R, DGM_W or DGM_X */
	uint32_t len, cause;	/* bytes; DGM_CAUSE_* */
	uint64_t va, pa, pc;	/* guest address of the first bad byte, its physical address (DGM_PA_NONE if
				 * it has none), the instruction */
	uint64_t value;		/* for DGM_SKIP of a load: set by the callback */
	uint32_t opcode;	/* instruction word, 0 if it could not be fetched */
	uint32_t vector;	/* guest-defined detail */
	uint64_t syndrome;
} dgm_fault;

/* System call conventions: dgm_vm_cfg.abi and dgm_syscall.abi. */
enum { DGM_ABI_NONE = 0, DGM_ABI_LINUX = 1 };

/*
 * A system call as the VM's ABI reads it: number and up to six arguments, each register
 * zero-extended. (DGM_ABI_NONE: nr is the number in the instruction, if it has one, a is empty and ret ignored.) On DGM_CONT the library stores ret as the ABI wants (PowerPC Linux: a ret of
 * -4095..-1 gives r3 = -ret and CR0.SO = 1) and continues behind the instruction; set
 * no_result to leave the registers as they are. pc is the instruction's address; the vCPU's pc
 * already stands behind it, and the callback may change it.
 */
typedef struct dgm_syscall {
	uint32_t size, abi;
	uint64_t nr, a[6];
	int64_t ret;
	uint64_t pc;
	bool no_result;
} dgm_syscall;

/*
 * A way for bytes, in one direction. io writes or fills exactly n bytes and returns 0, or returns something
 * else and has failed.
 */
typedef struct dgm_stream {
	void *ud;
	int (*io)(void *ud, void *buf, size_t n);
} dgm_stream;

/* dgm_page.flags */
enum {
	DGM_PAGE_QUERY = 1u << 0,	/* nobody accesses the page: leave accessed and dirty bits as they are */
};

#define DGM_PA_NONE UINT64_MAX	/* no physical address */

/*
 * A page of virtual memory, what dgm_machine_ops.translate answers. size, flags, asid and priv are set by the
 * library; the rest is 0, but for cause, which is DGM_CAUSE_UNMAPPED.
 */
typedef struct dgm_page {
	uint32_t size, flags;
	uint32_t asid, priv;		/* who asks: see dgm_cpu_set_space */
	uint64_t va, pa, len;		/* len: a power of two, 4 KiB or more; va and pa are multiples of it */
	uint32_t prot;			/* what asid and priv may do there; DGM_W includes DGM_R */
	uint32_t cause, vector;		/* of the guest's fault when there is no page: go into dgm_fault */
	uint32_t reserved;
	uint64_t syndrome;
} dgm_page;

typedef struct dgm_machine_ops {
	uint32_t size, flags;
	/* Called once when the VM is made; a failure fails dgm_vm_new. detach: the last call with ud. */
	dgm_status (*attach)(void *ud, dgm_vm *vm);
	void (*detach)(void *ud, dgm_vm *vm);
	/* A system call instruction. Without it: DGM_EXIT_SYSCALL. */
	dgm_act (*syscall)(void *ud, dgm_cpu *cpu, dgm_syscall *call);
	/* Unmapped, protection, alignment, bus. Without it: DGM_EXIT_FAULT. */
	dgm_act (*fault)(void *ud, dgm_cpu *cpu, dgm_fault *fault);
	/* Undefined or privileged encoding. Without it: DGM_EXIT_ILLEGAL. */
	dgm_act (*illegal)(void *ud, dgm_cpu *cpu, dgm_fault *fault);
	/* Trap instruction, enabled floating-point exception. Without it: DGM_EXIT_TRAP. */
	dgm_act (*trap)(void *ud, dgm_cpu *cpu, dgm_fault *fault);
	/* The guest's time base or counter, in its ticks. Without it: instructions * num / den. */
	uint64_t (*clock)(void *ud, dgm_cpu *cpu);
	/*
	 * An instruction reads or writes a register that the vCPU does not have: SPRs and MSR, system registers,
	 * coprocessor 15, privileged parts of CPSR. The numbers of `reg` are in ppc.h, aarch64.h and arm.h.
	 * DGM_CONT: *value has been set or taken, go on behind the instruction, or where the callback has moved the
	 * pc to, which during it stands behind it. DGM_STOP: the same, then leave with DGM_EXIT_MODEL. DGM_SKIP: nothing
	 * is read or written. DGM_RETRY, DGM_BREAK: as always. DGM_RAISE, or without it: as an illegal instruction.
	 */
	dgm_act (*sysreg)(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value);
	/*
	 * Timers: runs what is due by `now` and answers when the next is, in ticks of the clock; UINT64_MAX: none.
	 * Asked when a run begins, when that time has come, and after dgm_cpu_replan. By the default clock it comes
	 * exactly: before the instruction with which the time is reached. Where there is a clock callback,
	 * dgm_vm_cfg.clock_num / clock_den are its ticks a nanosecond, and the time comes at a block's border.
	 */
	uint64_t (*next_event)(void *ud, dgm_cpu *cpu, uint64_t now);
	/*
	 * Interrupt line `line` is high and the vCPU between two instructions. DGM_CONT: accepted, the callback has
	 * redirected the vCPU (saved the pc, set a vector). DGM_SKIP: masked; the next line is asked about. All
	 * others leave with DGM_EXIT_MODEL. A masked line is asked about again whenever the vCPU has been in one of these
	 * callbacks; a device that unmasks says so by dgm_cpu_irq. Without irq_ack lines only wake.
	 */
	dgm_act (*irq_ack)(void *ud, dgm_cpu *cpu, uint32_t line);
	/*
	 * The guest waits for an interrupt (WFI, or dgm_cpu_wait) and no line is high; the next event is due at `until`,
	 * UINT64_MAX: never. Usually a call of dgm_cpu_sleep. DGM_CONT: go on; waiting may end without a reason. DGM_RETRY:
	 * wait on. DGM_SKIP: let the default clock jump to `until`. DGM_STOP: leave with DGM_EXIT_MODEL; else with DGM_EXIT_HALT.
	 * Without it the default clock jumps to the next event, and when there is none the run ends with DGM_EXIT_HALT.
	 * (Programs of a Linux go on: their kernel would let them.)
	 */
	dgm_act (*idle)(void *ud, dgm_cpu *cpu, uint64_t until);
	/*
	 * The machine's own state, for snapshots: save writes it, load reads it back (into a machine of the
	 * same make), after all else has been restored. Called while no vCPU runs. A stream's failure is
	 * theirs to return: DGM_E_FORMAT.
	 */
	dgm_status (*save)(void *ud, dgm_stream *out);
	dgm_status (*load)(void *ud, dgm_stream *in);
	/*
	 * With DGM_MEM_MMU: the page around va, for an access (DGM_R, DGM_W, DGM_X). DGM_CONT: *page is
	 * filled; if prot does not allow the access, the guest gets a fault of DGM_CAUSE_PROT, and the
	 * next access asks again, so that a machine may keep dirty bits. DGM_RAISE: the guest's fault,
	 * with page->cause, vector and syndrome, as an event for `fault` above. DGM_RETRY: executes the
	 * instruction again. Everything else leaves dgm_cpu_run with DGM_EXIT_FAULT, without asking
	 * `fault`. It may read tables by dgm_mem_read(vm, NULL, ...), and may flush and
	 * set the space. Without it virtual addresses are physical ones.
	 */
	dgm_act (*translate)(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page);
} dgm_machine_ops;

#ifdef __cplusplus
}
#endif

#endif
