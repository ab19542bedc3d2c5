/*
 * User-mode Linux: runs one Linux program of a foreign architecture in this process, its system
 * calls carried out by the host's kernel. Link with -ldragoman-linux.
 *
 * The guest's files, children, terminal, ids and signal mask are the host process's own, so one
 * process runs one guest at a time. A fork by the guest is a fork of the host process: then
 * dgm_linux_run returns once in the parent and once in the child; dgm_linux_exit.child tells. Only the
 * child of a fork by another guest thread than the first ends by itself, as the guest did.
 *
 * A guest with 64-bit addresses lives in the process's own address space (DGM_MEM_IDENTITY): it can read and
 * write whatever the process can. One with 32-bit addresses has a space of its own.
 *
 * Guest threads are threads of this process, made and joined by the library. The callbacks of
 * dgm_linux_cfg may be called by any of them, several at a time. Threads are stopped by a SIGBUS that
 * the library sends: where on_signal cannot catch that, the guest gets no threads (EAGAIN).
 */
#ifndef DRAGOMAN_LINUX_H
#define DRAGOMAN_LINUX_H

#include "dragoman/dragoman.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dgm_linux dgm_linux;

/* What the guest wants to happen to a signal of the process: dgm_linux_cfg.on_signal. */
enum { DGM_LINUX_SIG_DFL = 0, DGM_LINUX_SIG_IGN = 1, DGM_LINUX_SIG_CATCH = 2 };

/*
 * dgm_linux_cfg.flags. MAKE_IN_ROOT: files are made in the sysroot where it has the folder, even if the host has one of that
 * name. SHOW_ARGUMENTS: dgm_linux_load has the host show the guest's arguments and environment as this process's (/proc/PID/cmdline
 * and environ), if its kernel allows that; meanwhile no other thread may move the program break, as malloc does.
 */
enum { DGM_LINUX_MAKE_IN_ROOT = 1, DGM_LINUX_SHOW_ARGUMENTS = 2 };

typedef struct dgm_linux_cfg {
	uint32_t size, flags;		/* DGM_LINUX_* */
	const char *const *argv;	/* the guest's arguments, ends with NULL; argv[0] may differ from the file */
	const char *const *envp;	/* its environment, ends with NULL; NULL = empty */
	const char *sysroot;		/* absolute paths are looked for here first; NULL = nowhere */
	const char *model;		/* of the processor; NULL = the architecture's default */
	uint32_t vm_flags, reserved;	/* DGM_VM_* */

	/* One line per system call, without newline: "name(args) = result". NULL = no tracing. */
	void (*trace)(void *ud, const char *line);

	/*
	 * Sets the host's disposition of sig. For CATCH the handler must run with SA_SIGINFO, SA_RESTART,
	 * SA_ONSTACK and a full sa_mask, and give its arguments to dgm_linux_signal; extra_flags has
	 * SA_NOCLDSTOP and SA_NOCLDWAIT as the guest asked. SIGSEGV is not asked for, SIGBUS only for
	 * threads: a host that uses DGM_FASTMEM catches both all the time. sig may be 32 or 33, which C
	 * libraries keep to themselves, and the guest's does. 0 or a negative errno. NULL: the guest gets
	 * only the signals that its own instructions raise.
	 */
	int (*on_signal)(void *ud, int sig, int how, int extra_flags);
	void *ud;

	/*
	 * How to start another guest program (execve): file, then arguments that come before
	 * "--inherit=TEXT -0 ARGV0 PATH ARGS...", ending with NULL. self NULL: guest programs cannot be executed
	 * (ENOEXEC). TEXT is for the `inherited` of that program; without it there is no such argument.
	 */
	const char *self;
	const char *const *self_args;
	const char *inherited;		/* NULL: nothing */

	/*
	 * Told before this process ends inside of dgm_linux_run, which only the child of a fork by another guest thread
	 * than the first does. NULL: nobody is told.
	 */
	void (*on_end)(void *ud);
} dgm_linux_cfg;

/* How a guest ended. */
typedef struct dgm_linux_exit {
	uint32_t size;
	int32_t status;		/* the argument of exit, 0..255 */
	int32_t signal;		/* not 0: killed by this signal, status is 0 */
	bool core;		/* the signal's default action includes a core dump */
	bool child;		/* this process is a fork made by the guest, not the one that called run first */
} dgm_linux_exit;

/* One of the guests that there are, and how its ELF files show it. */
typedef struct dgm_linux_guest_info {
	uint32_t size;
	uint32_t arch;		/* DGM_ARCH_* */
	const char *name;	/* as uname -m says there */
	uint16_t elf_machine;	/* e_machine */
	uint8_t elf_class, elf_data;	/* e_ident[EI_CLASS], e_ident[EI_DATA] */
} dgm_linux_guest_info;

/* [A] The guests, by an index from 0 on. DGM_E_ARG behind the last, or on a wrong size. */
DGM_EXPORT DGM_CHECK dgm_status dgm_linux_guest_enum(uint32_t index, dgm_linux_guest_info *out);

/*
 * [A] Makes a guest process without a program. cfg, its strings and lists are borrowed until
 * dgm_linux_free. Takes a reference to the engine with the program's VM. DGM_E_ARG, DGM_E_NOMEM.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_linux_new(dgm_engine *engine, const dgm_linux_cfg *cfg, dgm_linux **out);

/*
 * [O] Loads an ELF program: checks it, makes a VM for its architecture, maps it and its interpreter,
 * lays out the stack. path is searched in the host's file system, not in the sysroot.
 * DGM_E_OS (os_errno), DGM_E_FORMAT (not a program that can run), DGM_E_ARCH, DGM_E_NOMEM;
 * dgm_linux_error explains. May be called once.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_linux_load(dgm_linux *lx, const char *path);

/*
 * [O] Runs until the guest ends. Negative only when the library could not go on. A guest killed by
 * a signal's default action that the host's kernel carries out ends this process, as it should.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_linux_run(dgm_linux *lx, dgm_linux_exit *out);

/* [Q] Frees it and its VM. NULL is allowed. */
DGM_EXPORT void dgm_linux_free(dgm_linux *lx);

/*
 * [S] Offers a signal to the guest: call it in your handler, after dgm_signal, with the handler's
 * arguments. True: taken (the context may have been changed), return at once. False: not the
 * guest's, a SIGSEGV or SIGBUS of the host program itself.
 */
DGM_EXPORT bool dgm_linux_signal(dgm_linux *lx, int sig, void *siginfo, void *ucontext);

/*
 * [O] Puts the guest under GDB, over a line of the host's: after dgm_linux_load and before dgm_linux_run, which then waits
 * before the first instruction. send is given bytes for GDB, by any thread, one at a time. All guest threads stop and
 * go on together; children of forks, and what the guest executes, run without GDB. Timeouts of calls that a signal
 * for GDB interrupts begin anew. DGM_E_ARG, DGM_E_NOMEM, DGM_E_UNSUP with DGM_VM_NO_COUNT.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_linux_gdb(dgm_linux *lx, void (*send)(void *ud, const void *bytes, size_t n),
					      void *ud);
/*
 * [A] Bytes that came from GDB, while dgm_linux_run is in progress or about to be; from a thread of the host's that blocks all
 * signals, never from one that is in dgm_linux_run. n 0: the line is gone, the guest is killed.
 */
DGM_EXPORT void dgm_linux_gdb_feed(dgm_linux *lx, const void *bytes, size_t n);

/* [S] The program's VM and vCPU, NULL before a successful load. */
DGM_EXPORT dgm_vm *dgm_linux_vm(dgm_linux *lx);
DGM_EXPORT dgm_cpu *dgm_linux_cpu(dgm_linux *lx);

/* [A] Details of the last failure of this object. DGM_E_ARG on a wrong size. */
DGM_EXPORT dgm_status dgm_linux_error(dgm_linux *lx, dgm_error *out);

#ifdef __cplusplus
}
#endif

#endif
