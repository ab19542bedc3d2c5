/* A vCPU: registers and the means to run. Any thread may run it, one at a time. */
#ifndef DRAGOMAN_CPU_H
#define DRAGOMAN_CPU_H

#include "dragoman/vm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* [A] Makes a vCPU in the model's reset state. DGM_E_NOMEM. */
DGM_EXPORT DGM_CHECK dgm_status dgm_cpu_new(dgm_vm *vm, dgm_cpu **out);
/* [O] Frees it; DGM_E_BUSY while it runs. NULL is allowed. */
DGM_EXPORT dgm_status dgm_cpu_free(dgm_cpu *cpu);

/*
 * [O] of to: gives it the guest state of another vCPU of its VM that is inside a callback of the calling
 * thread, or does not run: what a new thread begins with. DGM_E_ARG, DGM_E_BUSY while `to` runs.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_cpu_copy(dgm_cpu *to, dgm_cpu *from);

/*
 * [A] Takes a vCPU out of a run whose thread has ended inside of it: in the child of a fork the threads
 * that did not fork, or a child on the memory of its parent that was killed. Then it can be freed.
 */
DGM_EXPORT dgm_status dgm_cpu_abandon(dgm_cpu *cpu);

/* Why dgm_cpu_run returned. */
enum {
	DGM_EXIT_UNTIL = 1,	/* pc is one of `until` */
	DGM_EXIT_BUDGET,	/* max_insns executed */
	DGM_EXIT_DEADLINE,	/* timeout_ns passed */
	DGM_EXIT_KICK,		/* dgm_cpu_kick: see kick_bits */
	DGM_EXIT_HALT,		/* waits for an interrupt, and the machine has no idle callback */
	DGM_EXIT_BREAK,		/* breakpoint */
	DGM_EXIT_SYSCALL,	/* unhandled events: info has the details, pc is on the instruction */
	DGM_EXIT_TRAP,
	DGM_EXIT_FAULT,
	DGM_EXIT_ILLEGAL,
	DGM_EXIT_MODEL,		/* a callback answered DGM_STOP */
	DGM_EXIT_INTERNAL,	/* the library could not go on (out of memory): see dgm_last_error */
	DGM_EXIT_RETURN,	/* the function dgm_cpu_call called has returned */
};

typedef struct dgm_exit {
	uint32_t size, reason;
	uint32_t kick_bits, reserved;
	uint64_t pc, insns;	/* exact: the next instruction, and how many this run retired */
	dgm_fault info;		/* for FAULT, ILLEGAL, TRAP, SYSCALL */
} dgm_exit;

typedef struct dgm_run_opts {
	uint32_t size, flags;
	uint64_t max_insns;	/* 0 = no limit; DGM_E_UNSUP with DGM_VM_NO_COUNT */
	uint64_t timeout_ns;	/* 0 = no limit */
	const uint64_t *until;	/* stop before executing one of these addresses; an address the run
				 * starts on does not stop it */
	uint32_t n_until;
} dgm_run_opts;

/*
 * [O] Runs until something ends it. opts NULL: no limits. exit may be NULL. Negative only for
 * misuse or want of resources. May be nested from callbacks of the same vCPU.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_cpu_run(dgm_cpu *cpu, const dgm_run_opts *opts, dgm_exit *exit);

/*
 * [O] Calls a guest function as the guest's C calling convention has it: integer and pointer arguments, each a
 * register or word (at most 32 of them), the result's first register in *ret. fn of ARM guests: bit 0 says Thumb.
 * The stack pointer must be set. opts and exit as for dgm_cpu_run. May be called from callbacks.
 * When the function has returned, exit->reason is DGM_EXIT_RETURN and all registers are as they were before. Else
 * they are where it was left (restore them yourself, or let it go on by dgm_cpu_run; it returns to an address where
 * nothing can be mapped, or for 32-bit guests to 0xfffffff0). Fails as dgm_cpu_run, and with DGM_E_FAULT when
 * arguments on the stack cannot be written.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_cpu_call(dgm_cpu *cpu, uint64_t fn, const uint64_t *args, uint32_t n_args,
					     const dgm_run_opts *opts, uint64_t *ret, dgm_exit *exit);

/*
 * [O] Translates the code at each of n addresses (ARM: bit 0 says Thumb) as the vCPU would execute it now, and has
 * it compiled like hot code: at once, or by the engine's threads where it has any. For programs whose hot addresses
 * are known from an earlier run. What cannot be fetched is left out.
 */
DGM_EXPORT dgm_status dgm_code_precompile(dgm_cpu *cpu, const uint64_t *pcs, uint32_t n);

/*
 * [S] Ends this or, if none is going on, the next dgm_cpu_run with DGM_EXIT_KICK. bits (not 0)
 * are gathered until they are reported, which clears them.
 */
DGM_EXPORT void dgm_cpu_kick(dgm_cpu *cpu, uint32_t bits);

/*
 * [S] Sets the level of an interrupt line, 0 to DGM_IRQ_LINES - 1; others are ignored. A high one is offered to the
 * machine's irq_ack at the next border between blocks and stays until it is set low. Saying high again asks again.
 */
enum { DGM_IRQ_LINES = 32 };
DGM_EXPORT void dgm_cpu_irq(dgm_cpu *cpu, uint32_t line, bool level);
/* [S] Bit n: line n is high. */
DGM_EXPORT uint32_t dgm_cpu_irqs(dgm_cpu *cpu);

/* [O] The vCPU waits for an interrupt before its next instruction, as by WFI: for machines whose registers say so. */
DGM_EXPORT void dgm_cpu_wait(dgm_cpu *cpu);
/*
 * [O] For idle callbacks: sleeps until the vCPU is kicked, an interrupt line is set high, dgm_cpu_replan, the run's
 * deadline, an event of the machine's own clock, or timeout_ns has passed (0: no limit). May return early. False:
 * the time is over.
 */
DGM_EXPORT bool dgm_cpu_sleep(dgm_cpu *cpu, uint64_t timeout_ns);

/* [S] The machine's timers have changed: next_event is asked again at the next border between blocks. */
DGM_EXPORT void dgm_cpu_replan(dgm_cpu *cpu);
/*
 * [O] The guest's time in ticks: the clock callback's, or by instructions; exact between instructions and in every
 * callback.
 */
DGM_EXPORT uint64_t dgm_cpu_clock(dgm_cpu *cpu);

/* [O] The guest pc, exact inside every callback. */
DGM_EXPORT uint64_t dgm_pc(dgm_cpu *cpu);
/* [S] */
DGM_EXPORT dgm_vm *dgm_cpu_vm(dgm_cpu *cpu);

/* Classes of registers: dgm_reg_info.cls. */
enum { DGM_REG_INT = 1, DGM_REG_FLOAT, DGM_REG_VECTOR, DGM_REG_CONTROL };

typedef struct dgm_reg_info {
	uint32_t size, id;
	uint32_t bits, cls;
	const char *name;	/* static */
} dgm_reg_info;

/* [A] The i-th register of the architecture; DGM_E_NOENT behind the last. */
DGM_EXPORT dgm_status dgm_reg_enum(dgm_vm *vm, uint32_t i, dgm_reg_info *out);

/*
 * [O] Reads or writes a register as host integers; len must be its bytes, (bits + 7) / 8.
 * DGM_E_NOENT, DGM_E_SIZE. Writes take effect before the next guest instruction.
 */
DGM_EXPORT dgm_status dgm_reg_read(dgm_cpu *cpu, uint32_t id, void *buf, size_t len);
DGM_EXPORT dgm_status dgm_reg_write(dgm_cpu *cpu, uint32_t id, const void *buf, size_t len);

/* [O] Registers of up to 64 bits, zero-extended. An unknown id reads 0 and ignores writes. */
DGM_EXPORT uint64_t dgm_get(dgm_cpu *cpu, uint32_t id);
DGM_EXPORT void dgm_set(dgm_cpu *cpu, uint32_t id, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
