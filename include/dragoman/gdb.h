/*
 * A stub of GDB's remote protocol without a transport: it is given the bytes that came from GDB and gives
 * the bytes to send. Sockets, threads and the event loop are the host's; so is running vCPUs.
 *
 * A session belongs to one thread at a time: the host lets no two calls overlap, nor a call and a vCPU that it
 * reported as stopped. All threads stop and go on together, as GDB's all-stop mode wants it. Signal numbers
 * are GDB's (5 is SIGTRAP everywhere), not the guest's.
 *
 * A software breakpoint is the guest's trap instruction, planted in its memory: whoever gets that trap asks
 * dgm_gdb_breakpoint. Watchpoints and hardware breakpoints, with DGM_MEM_MMU the others too, are hooks (hook.h): they leave
 * dgm_cpu_run with DGM_EXIT_BREAK in front of the instruction, which the host reports as stopped by signal 5. What the
 * host writes into memory for the guest, as a system call does, is not watched. With DGM_MEM_MMU addresses
 * are virtual ones of the thread that GDB has selected.
 */
#ifndef DRAGOMAN_GDB_H
#define DRAGOMAN_GDB_H

#include "dragoman/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dgm_gdb dgm_gdb;

/* Called inside of dgm_gdb_feed and of the reports below; must not call back into the session. */
typedef struct dgm_gdb_ops {
	uint32_t size, flags;
	/* Bytes for GDB, all of them in order. What cannot be sent is lost: the host ends the session. */
	void (*send)(void *ud, const void *bytes, size_t n);
	/* The id (not 0, below 2^63) of the i-th thread, 0 behind the last; and a thread's vCPU, NULL: no such thread. */
	uint64_t (*thread)(void *ud, uint32_t i);
	dgm_cpu *(*cpu)(void *ud, uint64_t thread);
	/*
	 * What a thread is to do once `go` is called: run, or execute one instruction; before that take the signal,
	 * if not 0. Threads that are not named stay where they are.
	 */
	void (*resume)(void *ud, uint64_t thread, bool step, int signal);
	void (*go)(void *ud);
	/* GDB wants all threads to stop: answer with dgm_gdb_stopped, later. */
	void (*stop)(void *ud);
	/* The guest is to end; it is to run on its own, breakpoints are gone. Both end the session. */
	void (*kill)(void *ud);
	void (*detach)(void *ud);
	/* Up to len bytes at off of the program's auxiliary vector; how many. NULL: there is none. */
	size_t (*auxv)(void *ud, uint64_t off, void *buf, size_t len);
	/* The program's file. NULL: not known. */
	const char *(*exec_file)(void *ud);
} dgm_gdb_ops;

/*
 * [A] A session for a VM whose vCPUs all stand still, in the view of GDB stopped by SIGTRAP. ops are copied; `send`,
 * `thread`, `cpu`, `resume`, `go`, `stop`, `kill` and `detach` must be there. DGM_E_ARG, DGM_E_ARCH, DGM_E_NOMEM.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_gdb_new(dgm_vm *vm, const dgm_gdb_ops *ops, void *ud, dgm_gdb **out);
/* [O] Takes all breakpoints out of the guest and frees the session, before its VM. NULL is allowed. */
DGM_EXPORT void dgm_gdb_free(dgm_gdb *gdb);

/* [O] Bytes from GDB. Nothing they may say is an error here: GDB is told. */
DGM_EXPORT void dgm_gdb_feed(dgm_gdb *gdb, const void *bytes, size_t n);

/* [O] All threads stand still, `thread` is the one because of which. */
DGM_EXPORT void dgm_gdb_stopped(dgm_gdb *gdb, uint64_t thread, int signal);
/* [O] The guest has ended: with an exit status, or when signal is not 0 by that. */
DGM_EXPORT void dgm_gdb_ended(dgm_gdb *gdb, int status, int signal);

/* [O] Whether GDB has a breakpoint at pc: the trap there is none of the guest's. */
DGM_EXPORT bool dgm_gdb_breakpoint(dgm_gdb *gdb, uint64_t pc);
/* [O] false: takes the breakpoints out of the guest's memory for a while; true: puts them back. */
DGM_EXPORT void dgm_gdb_plant(dgm_gdb *gdb, bool in);

#ifdef __cplusplus
}
#endif

#endif
