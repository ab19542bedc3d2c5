/*
 * The engine: what VMs of one process share. Compile threads, the code budget, the allocator
 * and the log. One per process is enough; several do not disturb each other.
 */
#ifndef DRAGOMAN_ENGINE_H
#define DRAGOMAN_ENGINE_H

#include "dragoman/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dgm_engine dgm_engine;

/* dgm_engine_cfg.flags */
enum {
	/*
	 * Names of translated units for the host's tools, like "ppc:llvm:0x10000760". Files that
	 * cannot be written are a warning in the log, category "perf"; after a fork the child
	 * has files of its own.
	 */
	DGM_PERF_MAP = 1u << 0,		/* write /tmp/perf-PID.map, which perf report reads by itself */
	DGM_JITDUMP = 1u << 1,		/* write jit-PID.dump, with the code, for perf record -k mono and
					 * perf inject --jit; in $JITDUMPDIR or the current directory */
	DGM_INTERP_ONLY = 1u << 2,	/* never make executable memory */
	DGM_DETERMINISTIC = 1u << 3,	/* no background threads; tier-up depends on counts alone */
	DGM_FASTMEM = 1u << 4,		/* unchecked memory accesses; the host forwards SIGSEGV and
					 * SIGBUS to dgm_signal */
	DGM_NO_BASELINE = 1u << 5,	/* leave a tier out */
	DGM_NO_LLVM = 1u << 6,
	DGM_HOT_AT_ONCE = 1u << 7,	/* compile every block with the highest tier on its first
					 * execution, on the calling thread */
	DGM_GDB_JIT = 1u << 8,		/* tell a debugger of this process, by GDB's JIT interface */
	DGM_VERIFY_IR = 1u << 9,	/* run the IR verifier after every step, and LLVM's before code is made */
	/*
	 * Whatever translated code does the interpreter does as well, from the same state. The first difference in
	 * registers, written memory or events ends the run with DGM_EXIT_INTERNAL in front of the piece of code, and
	 * goes to the log with category "audit". Slow. Not for VMs with DGM_VM_NO_COUNT or virtual addresses,
	 * nor while there are several vCPUs; nobody else should write the guest's memory. Code may differ where
	 * DGM_VM_IMPRECISE lets it.
	 */
	DGM_AUDIT = 1u << 10,
};

/* dgm_engine_cfg.dump: what to send to the log with category "dump". */
enum {
	DGM_DUMP_LIFT = 1u << 0,	/* IR as lifted */
	DGM_DUMP_OPT = 1u << 1,		/* IR as optimised */
	DGM_DUMP_LLVM = 1u << 2,	/* LLVM IR as generated */
	DGM_DUMP_ASM = 1u << 3,		/* host code */
};

enum { DGM_LOG_ERROR = 0, DGM_LOG_WARN = 1, DGM_LOG_INFO = 2, DGM_LOG_DEBUG = 3 };

/* What 0 stands for in dgm_engine_cfg, and the most compile threads there are, whatever is asked for. */
enum { DGM_USUAL_THRESHOLD = 16000, DGM_USUAL_WORKERS = 1, DGM_MAX_WORKERS = 16, DGM_USUAL_CODE = 256 << 20 };

typedef struct dgm_engine_cfg {
	uint32_t size, flags;
	uint32_t workers;		/* compile threads; 0 = DGM_USUAL_WORKERS */
	uint32_t hot_threshold;		/* executions before a block is hot; 0 = DGM_USUAL_THRESHOLD */
	uint32_t opt_level;		/* of hot code: 0 = default, else 1 to 3 */
	uint32_t dump;			/* DGM_DUMP_* */
	uint64_t dump_lo, dump_hi;	/* guest pcs to dump, [lo, hi); both 0 = all */
	uint64_t code_budget;		/* bytes of host code for each VM, or of what is interpreted if there is none;
					 * 0 = DGM_USUAL_CODE; reserved lazily */
	const char *cache_dir;		/* reserved for the on-disk store; must be NULL */
	const char *backend_dir;	/* folder of dragoman-llvm.so; NULL = as installed */
	/* A line of text without newline; category is a short word. Any thread. */
	void (*log)(void *ud, int level, const char *category, const char *msg);
	void *log_ud;
	/* realloc's contract with alignment; n == 0 frees. Any thread. NULL = malloc. */
	void *(*alloc)(void *ud, void *old, size_t n, size_t align);
	void *alloc_ud;
	/*
	 * The host's own threads for compiling hot code, instead of `workers`: runs job(arg) once, later, on a thread of the
	 * host's with a stack of at least 8 MiB, never inside of the call; false: not now, the code stays as it is. Called
	 * with locks held: it must not call the library. A job that is waiting keeps the engine, not its VMs.
	 */
	bool (*submit)(void *ud, void (*job)(void *arg), void *arg);
	void *submit_ud;
} dgm_engine_cfg;

/*
 * [A] Makes an engine with one reference. cfg is copied by its size; the strings are copied too.
 * abi must be DGM_ABI. cfg NULL means all defaults.
 * Fails with DGM_E_ABI, DGM_E_ARG, DGM_E_NOMEM. Refused executable memory is no failure: VMs
 * then interpret, and dgm_stats.jit_refused says so.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_engine_new(const dgm_engine_cfg *cfg, uint32_t abi, dgm_engine **out);

/* [A] Ends the caller's reference. VMs hold references of their own. NULL is allowed. */
DGM_EXPORT void dgm_engine_unref(dgm_engine *engine);

/*
 * [Q] Around a fork(2) by this thread: prepare before it, done after it in the parent and in the
 * child. In between the compile threads rest and no lock of the library is held. The child gets
 * code memory and, when it needs them, compile threads of its own. After a failed prepare do not fork.
 * DGM_E_BUSY, DGM_E_NOMEM; a child whose done failed can only exec or exit.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_engine_fork_prepare(dgm_engine *engine);
DGM_EXPORT DGM_CHECK dgm_status dgm_engine_fork_done(dgm_engine *engine, bool child);

/*
 * [S] Offers a SIGSEGV or SIGBUS to the library: call it first in your handler, with the
 * handler's three arguments, if the engine has DGM_FASTMEM. True: it was a guest access, the
 * context has been changed, return from the handler at once. False: not ours.
 */
DGM_EXPORT bool dgm_signal(int sig, void *siginfo, void *ucontext);

#ifdef __cplusplus
}
#endif

#endif
