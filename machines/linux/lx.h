/*
 * The inside of user-mode Linux: the guest process and its threads, what the system calls share.
 * Everything that differs between guests is in struct lx_guest (guest.h). For the files of this folder alone; of the
 * translator it knows the public headers and nothing more.
 */
#ifndef LX_H
#define LX_H

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dragoman/linux.h"

#define LX_NSIG 64
#define LX_PAGE 4096u
/* Results of host calls that were not begun, or may be begun again, because a signal came. */
#define LX_ERESTART 512
#define LX_ENOHAND 514	/* as LX_ERESTART, but a handler always makes it EINTR */
#define LX_SA_RESTORER 0x04000000	/* sa_flags of guests: the action names its way back */
#define LX_QUEUE 8
#define LX_MAX_IOV 1024

struct lx_guest;
struct lx_call;
struct lx_stack;

struct lx_vma {
	uint64_t lo, hi;
	uint32_t prot;	/* PROT_* as the guest asked */
	uint32_t flags;	/* LX_VMA_* */
};

enum { LX_VMA_SHARED = 1, LX_VMA_ANON = 2, LX_VMA_GROWS = 4 /* downwards, when touched below */ };

/* The guest's mappings, in order of address, touching ones of one kind joined. */
struct lx_map {
	struct lx_vma *v;
	size_t n, cap;
};

/* What the guest does about a signal. */
struct lx_action {
	uint64_t handler, restorer;
	uint64_t mask;
	uint32_t flags;	/* SA_*, as the guest gave them */
	bool known;	/* false: still what this process was started with */
};

/* What the run loop has to do after the vCPU stopped: things that must not happen in a callback. */
enum lx_todo { LX_TODO_NONE, LX_TODO_EXIT, LX_TODO_END /* of the thread alone */, LX_TODO_FORK, LX_TODO_VFORK, LX_TODO_EXEC };

/*
 * What makes a thread leave guest code and blocking calls. Read as one 64-bit word by lx_wait_call;
 * `pending` is written by the thread and its signal handler, `stop` by whoever ends the process.
 */
struct lx_attention {
	_Alignas(8) volatile int pending;	/* signals taken and not yet delivered, the first LX_QUEUE of info */
	_Atomic int stop;
};

/* What fork, vfork, clone and clone3 ask for. */
struct lx_clone {
	uint64_t flags, sp, ptid, tls, ctid, pidfd;
};

struct lx_exec {
	char **argv, **envp;	/* strings behind the pointers, in one block */
	char *path;
};

/* Signal actions, which a vfork's child has copies of. Under the lock, but for what it is itself. */
struct lx_actions {
	pthread_mutex_t lock;
	struct lx_action a[LX_NSIG + 1];
};

/* A limit on the guest's memory. */
struct lx_limit {
	bool set;	/* by the guest; else the host's holds */
	struct rlimit v;
};

enum { LX_N_LIMIT = 3 };

struct lx_segment_at {
	uint64_t at, len;
};

enum { LX_FD_CHUNK = 1024, LX_FD_CHUNKS = 1024 };

/* What a debugger wants of a thread and knows of it. Under the process's lock, but for what is the thread's own. */
struct lx_debug_thread {
	enum { LX_DEBUG_HALT, LX_DEBUG_RUN, LX_DEBUG_STEP } todo;
	bool still;		/* outside of guest code, and stays there while it must */
	bool asks;		/* waits for the signal it is to go on with, */
	int answer;		/* this one */
	uint64_t pass;		/* signals that the debugger has sent: they are not told again */
	bool event, at_break;	/* the thread's own: a callback has met a fault, or a breakpoint */
	siginfo_t info;
};

enum { LX_SLEEP_SLOTS = 64 };

/* What a thread has learnt of its waits at futexes, see futex_wait.c. */
struct lx_patience {
	bool brief;		/* the last wait did not take long */
	bool alone;		/* there is one processor for this thread */
	uint32_t look_again;	/* watches until that is asked again */
	uint32_t skip, pause;	/* waits that are not to be watched: still, and after the last failure */
	uint64_t seen;		/* when a watch ended with a change, */
	const void *seen_at;	/* of this word, NULL: none did, */
	uint32_t seen_raw;	/* that was waited for to be something else than this */
};

/*
 * One thread of the guest, run by one thread of the host: what every system call is given. Others look
 * only at what says so; no lock is needed for the rest.
 */
struct lx_thread {
	struct dgm_linux *p;	/* the process: never changes, as the next three */
	const struct lx_guest *g;
	dgm_vm *vm;
	dgm_cpu *cpu;
	struct lx_thread *next;	/* of the process; under its lock */
	int tid;		/* the host thread's id, which is the guest thread's; under the process's lock */

	struct lx_actions *sig;	/* the process's, or a vfork child's own */
	uint64_t mask;		/* guest's blocked signals, bit n-1 */
	uint64_t saved_mask;	/* to be put into the next frame, if has_saved_mask */
	bool has_saved_mask;
	uint64_t alt_sp, alt_size;
	uint32_t alt_flags;
	struct lx_attention look;
	siginfo_t info[LX_QUEUE];
	uint64_t held;		/* SIGSEGV, SIGBUS sent while the guest blocks them: the host never does */
	dgm_fault fault;	/* the one that the next signal frame tells of; size 0: none */

	enum lx_todo todo;
	int exit_status, exit_signal;	/* of a thread that ended the process, or itself */
	struct lx_clone clone;	/* of the fork that is to be done */
	struct lx_exec exec;
	bool in_vfork;		/* runs in a vfork's child, on the memory of its parent */
	uint64_t clear_tid, robust_head;	/* others may ask for robust_head: under the process's lock */
	uint32_t personality;
	uint64_t sc_pc;		/* of the system call that is being carried out */
	bool no_result;		/* the call has set the registers itself */

	struct lx_debug_thread dbg;
	struct lx_patience patience;

	pthread_t host;		/* not of the first thread, which is the embedder's */
	void *host_stack;	/* for signal handlers */
};

/* The guest's process: what its threads share. */
struct dgm_linux {
	dgm_linux_cfg cfg;
	dgm_engine *engine;

	/* Map, brk and the system calls about them; taken by dispatch() for calls of the family. */
	pthread_mutex_t map_lock;
	struct lx_map map;
	uint64_t brk_lo, brk;
	uint64_t mmap_top;
	struct lx_segment_at *seg;	/* attached System V segments, for shmdt */
	size_t n_seg;

	/* Made by the loader, then constant. */
	uint64_t sigpage;	/* guest address of the signal return trampolines */
	uint64_t arg_lo, arg_hi, env_hi, auxv_at;
	uint32_t auxv_len;
	uint64_t entry, phdr, phent, phnum, interp_base, exec_base;	/* of the loaded program */
	char exe[PATH_MAX];	/* absolute path of the program */
	char root[PATH_MAX];	/* that of the folder that lies over the host's files; empty: none */

	struct lx_actions actions;

	pthread_mutex_t lock;	/* guards what follows */
	pthread_cond_t changed;	/* a thread ended, or was given its id */
	struct lx_thread *threads;	/* that run guest code */
	unsigned n_thread;
	bool ending;		/* all threads are to stop; the first to say so decides how it ended */
	int exit_status, exit_signal;
	dgm_status failed;	/* the library could not go on in some thread */
	unsigned n_host;	/* host threads made for guest threads that are not at their very end */
	struct lx_thread *leader;	/* the first, or after a fork the one that forked */
	struct lx_thread *last_dead;	/* its host thread is not joined yet */
	struct lx_debug *debug;	/* NULL: there never was a debugger */
	struct lx_dir *dirs;	/* see dirs.c */
	struct lx_limit limit[LX_N_LIMIT];	/* see limits.c */
	dgm_error err;

	/* Atomics. */
	_Atomic bool debugged;	/* see debug.h */
	_Atomic uint32_t sleepers[LX_SLEEP_SLOTS];	/* at private futexes, by address; see futex_wait.c */
	_Atomic bool requeued;		/* some may be elsewhere than where they are counted */
	_Atomic uint8_t unknown_seen[64];	/* numbers of unknown calls that were reported, one bit each */
	_Atomic(_Atomic uint8_t *) fd_kind[LX_FD_CHUNKS];	/* by descriptor, see fds.h */

	bool child;		/* of a fork by the guest */
	struct lx_thread first;	/* the thread that loads and begins */
};

typedef struct lx_thread lx;
typedef int64_t lx_fn(lx *x, const uint64_t *a);

/* What a handler is given: six arguments, and behind them which of its structures or ids the call has (LX_CALL_AS). */
enum { LX_ARG_SIZE = 6, LX_ARGS };
enum { LX_USUAL, LX_WIDE, LX_NARROW };

#define LX_CALL(name, sig) LX_NR_##name,
#define LX_CALL_MAP LX_CALL
#define LX_CALL_HOST LX_CALL
#define LX_CALL_AS(name, sig, as, form) LX_NR_##name,
enum lx_call_id {
	LX_NR_none,
#include "calls.def"
	LX_N_CALLS
};
#undef LX_CALL
#undef LX_CALL_HOST
#undef LX_CALL_AS
#define LX_CALL(name, sig) int64_t lx_sys_##name(lx *x, const uint64_t *a);
#define LX_CALL_HOST(name, sig)
#define LX_CALL_AS(name, sig, as, form)
#include "calls.def"
#undef LX_CALL
#undef LX_CALL_MAP
#undef LX_CALL_HOST
#undef LX_CALL_AS

/* One system call: how its arguments are passed and what carries it out. */
struct lx_call {
	const char *name;
	const char *sig;	/* this and `form`: see calls.def */
	lx_fn *fn;		/* NULL: another call or the host's */
	long host;
	enum lx_call_id as;	/* LX_NR_none: no other */
	bool map;		/* carried out with map_lock held */
	const char *form;
};
extern const struct lx_call lx_calls[LX_N_CALLS];

/* host.c: calls of the host's kernel; -errno on failure. lx_wait may sleep and loses no signal. */
long lx_host_call(long nr, const long a[6]);
long lx_wait_call(lx *x, long nr, const long a[6]);
#define LX_HOST(nr, ...) lx_host_call(nr, (const long[6]){ __VA_ARGS__ })
#define LX_WAIT(x, nr, ...) lx_wait_call(x, nr, (const long[6]){ __VA_ARGS__ })
#define LX_WAIT_NOHAND(x, nr, ...) lx_nohand(lx_wait_call(x, nr, (const long[6]){ __VA_ARGS__ }))
int lx_copy(void *to, const void *from, size_t n);
bool lx_host_fixup(bool fault, void *ucontext);
/*
 * Looks at a word of the guest until it is no longer `raw` (true), something wants attention, the word cannot be read any
 * more, or so many ticks of the time-stamp counter are over.
 */
bool lx_watch(const void *word, uint32_t raw, const struct lx_attention *look, uint64_t ticks);

/* mem.c: guest memory. Addresses that do not work give -EFAULT. */
void *lx_ptr(lx *x, uint64_t addr, uint64_t len, uint32_t access);
/* For the host's kernel: an address that it refuses itself (-EFAULT) where lx_ptr gives NULL. */
long lx_arg(lx *x, uint64_t addr, uint64_t len, uint32_t access);
int lx_read(lx *x, uint64_t addr, void *buf, size_t len);
int lx_write(lx *x, uint64_t addr, const void *buf, size_t len);
int lx_string(lx *x, uint64_t addr, char *buf, size_t cap);
int lx_get_word(lx *x, uint64_t addr, uint64_t *out);	/* the guest's unsigned long */
int lx_put_word(lx *x, uint64_t addr, uint64_t v);
int lx_get32(lx *x, uint64_t addr, uint32_t *out);
int lx_put32(lx *x, uint64_t addr, uint32_t v);
int lx_put64(lx *x, uint64_t addr, uint64_t v);
uint64_t lx_load(const lx *x, const void *p, unsigned size);
void lx_store(const lx *x, void *p, unsigned size, uint64_t v);
/* An iovec list of the guest with host addresses; access is what the host will do to the memory. */
int lx_iovec(lx *x, uint64_t addr, uint64_t n, uint32_t access, struct iovec *out);

/* vma.c */
struct lx_vma *lx_vma_find(lx *x, uint64_t addr);	/* the first that ends above addr, NULL if none */
uint64_t lx_vma_total(lx *x, uint64_t lo, uint64_t hi, bool data);	/* outside of [lo, hi); data: writable, private, no stack */
bool lx_vma_covers(lx *x, uint64_t lo, uint64_t hi);
int lx_vma_set(lx *x, uint64_t lo, uint64_t hi, uint32_t prot, uint32_t flags);	/* prot ~0: none */
int lx_vma_protect(lx *x, uint64_t lo, uint64_t hi, uint32_t prot);
uint64_t lx_vma_gap(lx *x, uint64_t len, uint64_t hint);	/* 0: no room */
void lx_vma_fini(struct dgm_linux *p);
#define LX_VMA_NONE (~0u)
/* What a mapping that grows downwards keeps between itself and others. */
#define LX_GROW_DISTANCE (256u * LX_PAGE)

/* memory.c */
/* -EEXIST: the host has something of its own there. */
int lx_map_at(lx *x, uint64_t at, uint64_t len, int prot, int flags, int fd, int64_t off);
/* Maps where there is room, at the hint if that is free; the address, or why not. */
int64_t lx_map_free(lx *x, uint64_t hint, uint64_t len, int prot, int flags, int fd, int64_t off);
int lx_unmap(lx *x, uint64_t lo, uint64_t hi);
int lx_host_error(lx *x, dgm_status st);
bool lx_grow_down(lx *x, uint64_t addr);	/* a stack that is to reach down to addr */

/*
 * root.c: a guest's path as the host should be given it, relative ones to the folder `dir`; buf has room for PATH_MAX
 * bytes. follow: a link at its end is followed. 0 or -errno.
 */
int lx_path(lx *x, int dir, uint64_t addr, bool follow, char *buf);
int lx_path_find(lx *x, int dir, char *buf, bool follow);
bool lx_fd_name(int fd, char *out);	/* the host's name of an open file or folder; room for PATH_MAX */
/* The other way round: the host's absolute path as the guest knows it. */
void lx_path_strip(lx *x, char *buf);
/* path.c */
/* An open of a file in /proc that tells of the guest: a descriptor, or -ENOSYS: not such a file. */
int lx_proc_open(lx *x, const char *path, int flags);
bool lx_proc_exe(lx *x, const char *path);

/* elf.c and load.c */
dgm_status lx_load_file(lx *x, const char *path, int fd, dgm_status (*make_vm)(lx *x));

/* signal.c */
bool lx_deliver(lx *x);			/* delivers what is pending; false: the guest was killed */
bool lx_force(lx *x, const siginfo_t *info);	/* a fault of the guest itself; false: killed */
void lx_set_mask(lx *x, uint64_t mask);	/* of the guest, and the host's accordingly */
struct lx_action lx_action_of(lx *x, int sig);
struct lx_action *lx_action_at(lx *x, int sig);	/* with the lock of the actions */
void lx_put_siginfo(lx *x, uint8_t *out, const siginfo_t *si);
int lx_signal_return(lx *x, bool rt);
uint64_t lx_sas_flags(lx *x, uint64_t sp);
void lx_restore_altstack(lx *x, const struct lx_stack *st);	/* out of a frame, if it may be set */
/* Whether a signal that is to be delivered has a handler, and the action of the next that has. */
bool lx_next_handler(lx *x, struct lx_action *out);
uint64_t lx_host_mask(uint64_t mask);
void lx_mask_begin(lx *x, uint64_t mask);	/* for the time of one call, */
int64_t lx_mask_end(lx *x, int64_t ret);	/* kept for the handler if it was interrupted */
int lx_get_mask(lx *x, uint64_t addr, uint64_t *out);
int lx_put_mask(lx *x, uint64_t addr, uint64_t mask);
void lx_get_siginfo(lx *x, const uint8_t *in, siginfo_t *si);
int lx_disposition(lx *x, int sig);
void lx_reset_action(lx *x, int sig);	/* to the default */
void lx_note_precise(lx *x);
void lx_return_signals(lx *x);	/* of a thread that ends: to the others */

/* call.c: arguments out of registers, or out of a block in memory, as the signature says; and the call with them */
void lx_decode_args(const lx *x, const char *sig, const uint64_t *reg, uint64_t *a);
int64_t lx_carry_out(lx *x, const struct lx_call *c, const uint64_t *a);
uint16_t lx_narrow_id(uint32_t id);
uint32_t lx_wide_id(uint64_t id);

/* thread.c */
lx *lx_self(void);	/* what the calling host thread runs; for callbacks and handlers */
int64_t lx_clone_thread(lx *x, const struct lx_clone *c);
void lx_robust_walk(lx *x);

/* futex_wait.c: this is a fork's child, in which nobody sleeps. */
void lx_futex_fork(struct dgm_linux *p);

/* cmdline.c */
void lx_show_arguments(lx *x);

/* time.c */
struct sigevent;
int lx_get_event(lx *x, uint64_t addr, struct sigevent *ev);

/* limits.c: an argument with them for a program that is executed; false: they are the host's. And the way back. */
bool lx_limits_text(lx *x, char *out, size_t cap);
void lx_limits_inherit(struct dgm_linux *p, const char *text);
struct rlimit lx_limit(lx *x, int res);	/* RLIMIT_AS, _DATA or _STACK as the guest has it */
uint64_t lx_own_limit(lx *x, int res);	/* the same as the guest set it; the host's are the kernel's to keep: none */

/* process.c */
void lx_exec_free(lx *x);
int64_t lx_do_exec(lx *x);

/* trace.c */
void lx_trace(lx *x, const struct lx_call *c, const uint64_t *a, int64_t ret);
void lx_trace_unknown(lx *x, uint64_t nr, const char *name);

/* error.c */
dgm_status lx_fail(lx *x, dgm_status st, int os_errno, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static inline int64_t lx_nohand(long r)
{
	return r == -LX_ERESTART ? -LX_ENOHAND : r;
}

static inline uint64_t lx_page_up(uint64_t v)
{
	return (v + LX_PAGE - 1) & ~(uint64_t)(LX_PAGE - 1);
}

/* A sum of guest addresses. */
static inline uint64_t lx_wrap(uint64_t v, unsigned word)
{
	return word == 4 ? (uint32_t)v : v;
}

static inline uint64_t lx_bit(int sig)
{
	return (uint64_t)1 << (sig - 1);
}

#endif
