/*
 * The inside of the engine: what dgm_engine, dgm_vm and dgm_cpu are. Used by lib/engine and
 * lib/api; names no concrete guest and no concrete back end.
 *
 * Locks, in this order: vm->lock (cache, translation, mapping changes), vm->mem_lock (pieces),
 * engine->queue_lock (compile queue). Translated code and callbacks run without any.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "cache/cache.h"
#include "dragoman/dragoman.h"
#include "engine/hook.h"
#include "engine/mmu.h"
#include "engine/pages.h"
#include "iface/backend.h"
#include "iface/env.h"
#include "iface/frontend.h"

/* The concrete parts, chosen by lib/api. */
struct engine_parts {
	const struct frontend *const *frontends;	/* NULL-terminated */
	const struct backend *interp;
	const struct backend *baseline;			/* used only where ENGINE_CAN_ENTER */
};

/* What a baseline unit's data begins with: executions that are left until it is hot, and those it had from the beginning. */
struct unit_counter {
	_Atomic uint32_t left, all;
};

static inline uint32_t unit_counted(const struct unit_counter *c)
{
	return atomic_load_explicit(&c->all, memory_order_relaxed) - atomic_load_explicit(&c->left, memory_order_relaxed);
}

struct engine_job {
	struct dgm_vm *vm;
	struct unit_at at;
	uint64_t pc;
	uint64_t generation, queued_ns;
	uint32_t mode;
	const struct unit_counter *counter;	/* or NULL: how hot the unit is by now */
	struct engine_job *next;
};

struct dgm_engine {
	_Atomic uint32_t refs;
	dgm_engine_cfg cfg;		/* cache_dir and backend_dir are our copies */
	struct base_alloc alloc;
	struct engine_parts parts;
	void *interp;			/* of parts.interp: holds nothing, so all threads share it */

	pthread_mutex_t queue_lock;	/* guards what follows */
	pthread_cond_t queue_wake, queue_idle;
	struct engine_job *queue;
	unsigned queued;
	_Atomic uint32_t patience;	/* the threshold is shifted left by this while compilers are behind */
	unsigned submitted;		/* jobs the host's threads have not begun; each has a reference */
	pthread_t *worker;
	unsigned n_worker;
	bool quit, resting;
	int pid;			/* whose threads the workers are: a vfork child must not start them */
	unsigned busy;			/* workers in the middle of a job */
	pthread_mutex_t vms_lock;	/* taken before any VM's lock */
	struct dgm_vm *vms;		/* all of them */
	uint64_t vm_serial;
	_Atomic(const struct backend *) llvm;	/* opened on first demand; may be looked at without lock */
	void *llvm_module;
	_Atomic bool llvm_tried;	/* set behind llvm */
	struct perf_map *perf_map;	/* these two: NULL when not wanted */
	struct jitdump *jitdump;

	pthread_mutex_t deadline_lock;
	pthread_cond_t deadline_wake;
	pthread_t deadline_thread;
	bool deadline_running, deadline_quit;
	struct dgm_cpu *deadlines;	/* vCPUs that have one */
};

/* Bits of a guest page's byte in vm->pages; the lower three are DGM_R, DGM_W, DGM_X. */
enum {
	PAGE_PROT = 7,		/* direct access allowed */
	PAGE_RAM = 1 << 3,	/* RAM at mem_base + address; its protection is in the upper three bits, too */
	PAGE_ODD = 1 << 4,	/* look into the pieces */
	PAGE_PROT_SHIFT = 5,
};

/* One mapping that cannot be reached at mem_base + address: a device, host memory, ends of odd ranges. */
struct vm_backing {
	unsigned pieces;	/* that are left of it; the last frees it */
	bool io;
	dgm_io_ops ops;		/* of a device */
	void *ud;
	uint8_t *owned;		/* bytes that are ours to free, or NULL */
	bool alias;		/* another address of what is mapped at target */
	uint64_t target;
};

struct vm_piece {
	uint64_t pa, len;
	uint64_t off;		/* of pa in the mapping */
	uint32_t prot;
	uint8_t *host;		/* of pa, for RAM */
	struct vm_backing *backing;
};

/* Counters of a VM; written by whoever works, read by dgm_vm_stats. */
struct vm_counters {
	_Atomic uint64_t units[3], guest_bytes[3], guest_insns[3], host_bytes[3], ns[3];
	_Atomic uint64_t ns_lift, ns_opt, ns_queue;
	_Atomic uint64_t compile_fails;
	_Atomic uint64_t lookups_fast, lookups_slow, exits, syscalls, faults, io_accesses, insns, runs_interp, insns_interp;
};

enum { REG_INDEX = 1024 };

/* A set of guest addresses, sorted. */
struct stops {
	uint64_t *at;
	unsigned n, cap;
};

struct dgm_vm {
	struct dgm_engine *engine;
	struct dgm_vm *next;		/* of the engine */
	uint64_t serial;		/* no two VMs of an engine have the same */
	const struct frontend *fe;
	dgm_vm_cfg cfg;
	char model[32];
	uint16_t reg_at[REG_INDEX];	/* by the lower bits of an id: 1 + its place in fe->reg, unless taken */
	dgm_machine_ops ops;
	void *ud;
	const void *near;		/* of the embedder's code: where the VM's is to stand, too */
	struct backend_mode mode;

	pthread_mutex_t lock;
	pthread_cond_t parked;		/* a vCPU left code, or parking ended */
	struct dgm_cpu *cpus;
	_Atomic uint32_t park_wanted, park_memory;
	_Atomic bool flush_wanted;	/* by somebody who could not wait for it */
	struct cache cache;
	_Atomic uint64_t generation;	/* of the cache: a flush or change of mode makes a new one */
	void *fork_copy;		/* the child's code memory, between fork_prepare and fork_done */
	uint64_t detours;		/* of the cache's CACHE_KEPT bytes: which DETOUR_BYTES a vCPU has */
	uint64_t code_serial;		/* grows when guest code changes */
	struct stops stops;		/* pcs no unit may run over: until addresses */
	struct translator *translator;	/* of the run loops; guarded by lock */
	struct translator *hot_translator;	/* of compilations on the spot */

	pthread_mutex_t mem_lock;
	uint8_t *space;			/* start of the reservation, guards included */
	uint64_t space_size;
	uint8_t *mem_base;
	struct vm_pages pages;		/* one byte per page */
	struct vm_piece *piece;		/* sorted by pa */
	unsigned n_piece, cap_piece;
	uint32_t map_serial;
	_Atomic uint32_t n_foreign;	/* mappings that are devices or memory of the caller */
	_Atomic uint32_t n_alias;	/* mappings that are other addresses of memory */
	uint64_t map_id, map_ids;	/* what is mapped, and how protected, has this number; the last one given out */
	struct vm_pages mark;		/* MARK_* of snap.h, one byte per page; empty until somebody needs it */
	struct snap_book *book;		/* NULL: there never was a snapshot */
	struct dgm_snap *origin;	/* of a fork: what its pages begin as */
	_Atomic uint32_t n_snap;	/* snapshots the embedder has */

	struct mmu_vm *mmu;		/* NULL unless addresses are virtual */
	bool memory_parked;		/* by vm_lock_memory, for vm_unlock_memory */
	struct vm_hooks hooks;
	bool wants_precise, wants_checked;	/* without hooks; see vm_update_mode */

	struct gdb_file *gdb_files;	/* what debuggers were told, newest first */

	struct vm_counters count;
};

/* dgm_cpu.internal: reasons of ours to leave translated code. */
enum { CPU_PARK = 1, CPU_JUMPS = 2, CPU_DEADLINE = 4, CPU_TAGS = 8, CPU_REPLAN = 16,
       CPU_SPACE = 32 };	/* virtual addresses mean something else now */

enum { CPU_IR_UNITS = 1024, BLOCK_INSNS = 64 /* a block has at most */ };

/* A guest access; len 0: none. */
struct cpu_access {
	uint64_t addr;
	uint32_t len;
	bool write;
	bool anew;		/* in `again`: it is to be reported, those before it are not */
};

/*
 * Where the run goes on inside a block: its rest is interpreted, so that hooks see no block begin there.
 * Only while there are code hooks.
 */
struct cpu_resume {
	bool on;
	uint8_t level;			/* enum hook_level of the instruction at pc */
	uint32_t left;			/* instructions of the block from there on, at most */
	uint64_t pc;
};

enum { ANSWER_BYTES = 128 /* a load of several registers has */ };

/*
 * What a device has answered to an access whose instruction was given up, because the unit must be left behind it. The
 * instruction is finished alone, and these bytes are not asked for again.
 */
struct cpu_answer {
	bool pending, write;
	bool leave;			/* the run ends behind the instruction: the device answered DGM_STOP */
	uint32_t done;			/* bytes of the access, from its beginning */
	uint64_t pa;
	uint8_t bytes[ANSWER_BYTES];	/* of a load */
};

/* What belongs to the block being executed: a run nested in one of its callbacks has its own. */
struct cpu_inside {
	struct translator *translator;	/* for single steps and budget tails; holds the block being interpreted */
	struct cpu_resume resume;
	struct cpu_access access;	/* the last one hooks were asked about, if one was theirs */
	struct cpu_access again;	/* the instruction begins anew: it and those before it are not reported */
	struct cpu_answer answer;
	const struct ir_unit *few;	/* what is interpreted outside the cache, or NULL */
	uint32_t beyond;		/* instructions the block has, at most, behind what was charged of it */
	bool broken;			/* the device that made the last fault wants the run to end with it */
	bool quiet;			/* what is read now is not reported: part of a store-conditional */
	bool interpreting;		/* recover is valid */
	sigjmp_buf recover;		/* of cpu_run_ir, for a signal in the middle of an interpreted access */
};

struct dgm_cpu {
	struct dgm_vm *vm;
	struct dgm_cpu *next;
	void *state;			/* guest state; env is in front of it */
	void *block;			/* allocation that holds both */
	_Atomic uint32_t kicks;
	_Atomic uint32_t internal;
	_Atomic uint32_t in_code;	/* runs in translated code or the interpreter; more than 1 when nested */
	_Atomic bool aside;		/* in a callback of the machine's, called from code */
	_Atomic unsigned depth;		/* of nested runs; written by its thread */
	int64_t fuel_start;
	int64_t fuel_held;		/* of this run, kept back because an event is due before */
	_Atomic uint32_t irqs;		/* lines that are high */
	_Atomic uint32_t asleep;	/* in dgm_cpu_sleep */
	bool waiting;			/* for an interrupt, before the next instruction */
	uint64_t event_at;		/* ticks; UINT64_MAX: none */
	uint64_t clock_skew;		/* ticks the default clock has jumped */
	uint64_t insns_before;		/* retired in earlier runs: the default clock goes on from here */
	uint64_t generation;		/* of the cache the jump table was filled from */
	struct dgm_cpu *outer;		/* vCPU this thread runs below this one (nested runs) */
	struct cache_unit *unit[CPU_IR_UNITS];	/* interpreter units by pc */
	struct mmu_cpu *mmu;		/* NULL unless addresses are virtual */
	bool alone;			/* executes one instruction, and looks its next one up again whatever it does */
	struct {
		bool pending;		/* the next faulting load is to give this value */
		uint64_t value;
	} skip;
	struct cpu_inside inside;
	bool stale;			/* the last host signal came from code that keeps registers elsewhere */
	bool no_address;		/* it did not tell the address */
	uint8_t *detour;		/* DETOUR_BYTES in the cache's code memory, see detour.c; or NULL */
	uint64_t detour_from;		/* the host instruction that was last carried out there */
	uint64_t link_generation;	/* of the cache env link points into */
	struct audit *audit;		/* NULL until something is audited */
	struct stops last_until;	/* of the last run that had any, as it was given (not sorted), */
	struct stops sorted_until;	/* and sorted */
	_Atomic uint64_t exits;		/* see dgm_stats; written by the vCPU's thread alone */
	uint64_t deadline_ns, event_ns;	/* 0: none */
	struct dgm_cpu *next_deadline;
};

/* Where the instruction at pc lies in guest memory. */
static inline uint64_t vm_address(const struct dgm_vm *vm, uint64_t pc)
{
	return pc & ~(uint64_t)vm->fe->pc_mode;
}

/*
 * What translations are found by. Mode bits take the byte no guest address uses, those above
 * eight the upper half of what only guests with 32-bit addresses have.
 */
static inline uint64_t unit_key(uint64_t pc, uint32_t mode)
{
	return pc | (uint64_t)(mode & 0xff) << 56 | (uint64_t)(mode >> 8) << 32;
}

/* True when translations are kept for pc; with 64-bit addresses a pc may have bits that unit_key needs. */
static inline bool unit_kept(const struct dgm_vm *vm, uint64_t pc)
{
	return vm->fe->addr_bits == 32 || !(pc >> 56);
}

/* The address its page begins at. */
static inline uint64_t page_of(uint64_t addr)
{
	return addr & ~(uint64_t)(PAGE_BYTES - 1);
}

/* True when guest addresses are the host's. */
static inline bool vm_identity(const struct dgm_vm *vm)
{
	return vm->mode.window_bits == 64;
}

/* The protection the guest sees, kept beside PAGE_PROT: that one is less where accesses are hooked. */
static inline uint32_t page_ram_prot(uint8_t page)
{
	return page >> PAGE_PROT_SHIFT & 7;
}

/* What the host lets itself do with pages of that protection: it never executes them. */
static inline int vm_host_prot(uint32_t prot)
{
	return (prot & (DGM_R | DGM_X) ? PROT_READ : 0) | (prot & DGM_W ? PROT_READ | PROT_WRITE : 0);
}

/* What a data address means: 32 bits of it, or all but the tag. */
static inline uint64_t vm_data_address(const struct dgm_vm *vm, uint64_t addr)
{
	if (vm->fe->addr_bits == 32)
		return (uint32_t)addr;
	return (uint64_t)((int64_t)(addr << vm->mode.tag_bits) >> vm->mode.tag_bits);
}

/* Where an address of the space lies in the host. */
static inline uint8_t *vm_host(const struct dgm_vm *vm, uint64_t addr)
{
	return (uint8_t *)((uintptr_t)vm->mem_base + addr);
}

static inline struct cpu_env *cpu_env_of(struct dgm_cpu *cpu)
{
	return env_of(cpu->state);
}

static inline struct dgm_cpu *cpu_of(void *state)
{
	return env_of(state)->cpu;
}

/* ---- error details (error.c) ---- */
/* Notes details for dgm_last_error and returns the status. */
enum dgm_status engine_fail(enum dgm_status st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum dgm_status engine_fail_os(enum dgm_status st, const char *what);
/* The calling thread's record. */
const dgm_error *engine_last_error(void);
void engine_log(const struct dgm_engine *e, int level, const char *category, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void engine_log_lines(const struct dgm_engine *e, const char *category, const char *text);

/* ---- memory.c: the guest-physical space ---- */
enum dgm_status vm_memory_init(struct dgm_vm *vm) BASE_CHECK;
void vm_memory_finish(struct dgm_vm *vm);
/* Copies out of RAM whatever its protection, without touching devices; bytes copied. */
uint64_t vm_peek(struct dgm_vm *vm, uint64_t addr, void *buf, uint64_t n);
/* The same, or the other way round. */
uint64_t vm_copy(struct dgm_vm *vm, uint64_t addr, void *buf, uint64_t n, bool write);
/* Bytes of executable RAM at addr, up to n, copied into buf. */
unsigned vm_fetch(struct dgm_vm *vm, uint64_t addr, uint8_t *buf, unsigned n);
/* Maps memory, or what `as` says, where nothing is. */
enum dgm_status vm_map(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host,
		       const struct vm_backing *as, dgm_id *id) BASE_CHECK;
/* Index of the first piece that ends behind addr; vm->lock or mem_lock held. */
unsigned vm_piece_at(const struct dgm_vm *vm, uint64_t addr);
/* The piece that holds addr, copied; false when there is none. */
bool vm_find_piece(struct dgm_vm *vm, uint64_t addr, struct vm_piece *out, struct vm_backing *backing);
/* Gives the pages of the range the direct accesses hooks leave them. Both locks held. */
void vm_watch_pages(struct dgm_vm *vm, uint64_t lo, uint64_t last);
/* Drops the translations of a range of physical memory and makes every vCPU forget them; lock held. */
void vm_invalidate(struct dgm_vm *vm, uint64_t addr, uint64_t n);
/* Drops those of a range of pcs, which are virtual where memory is; lock held. */
void vm_invalidate_pc(struct dgm_vm *vm, uint64_t pc, uint64_t n);
/* Why an access to addr would fail: DGM_CAUSE_UNMAPPED or DGM_CAUSE_PROT; 0 if it would not. */
uint32_t vm_access_cause(struct dgm_vm *vm, uint64_t addr, uint32_t access);

/*
 * Around a change of what is mapped, or of memory behind the guest's back: vm->lock and mem_lock, and without
 * host signals no code between its look at a page and its access.
 */
void vm_lock_memory(struct dgm_vm *vm);
void vm_unlock_memory(struct dgm_vm *vm);
/* Parts of mapping functions, both locks held; translations are dropped by vm_space_clear only. */
enum dgm_status vm_space_clear(struct dgm_vm *vm, uint64_t pa, uint64_t len);
enum dgm_status vm_space_add(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot) BASE_CHECK;
enum dgm_status vm_space_add_piece(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot) BASE_CHECK;
enum dgm_status vm_space_add_alias(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target) BASE_CHECK;
enum dgm_status vm_space_protect(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot) BASE_CHECK;

/* ---- services.c, device.c ---- */
extern const struct env_services engine_services;
/* Around a callback of the machine's from inside an instruction: registers and pc are exact, the host's FP is in place. */
void cpu_recess(struct dgm_cpu *cpu, uint64_t pc);
void cpu_resume(struct dgm_cpu *cpu);

/* ---- translate.c ---- */
/* Decoder, arena and back-end instance of one thread that translates. */
struct translator;
/* compiler NULL: lifts only. */
enum dgm_status translator_new(struct dgm_vm *vm, const struct backend *compiler, struct translator **out) BASE_CHECK;
void translator_free(struct translator *t);
/* True when it was made for this very VM. */
bool translator_serves(const struct translator *t, const struct dgm_vm *vm);
/*
 * The unit at pc in the lowest tier there is, making it if need be; lock held. NULL: out of
 * memory, or the budget is used up and cannot be flushed now; the caller interprets.
 */
struct cache_unit *vm_translate(struct dgm_vm *vm, uint64_t pc, uint32_t mode, const struct unit_at *at,
				struct dgm_cpu *self);
/* Where a unit that is in the cache is found. */
struct unit_at unit_at_of(const struct dgm_vm *vm, const struct cache_unit *unit);
/* Instructions the counters of living units say the baseline tier executed; lock held. */
uint64_t vm_baseline_insns(const struct dgm_vm *vm);
/* A unit of at most max_insns instructions for the interpreter, in the translator's arena, not cached. */
/*
 * room: how many there may be without a budget, at most 64. first: how far the events of its first instruction
 * have come. *cut: it was ended by max_insns, by its last exit.
 */
struct ir_unit *translator_lift_few(struct translator *t, uint64_t pc, uint32_t mode, const struct unit_at *at,
				    unsigned max_insns, unsigned room, enum hook_level first, bool *cut);
/* The instruction lifted last does not end in the page at was for. */
bool translator_wants_more(const struct translator *t);
/*
 * Compiles the region around pc with the translator's back end and makes it the unit of pc. Lock
 * held on entry and on return, but not meanwhile.
 */
enum dgm_status translator_compile_region(struct translator *t, uint64_t pc, uint32_t mode, const struct unit_at *at,
					  struct dgm_cpu *self) BASE_CHECK;
/*
 * Drops all translations, with every vCPU outside of them. Lock held. False when self is inside
 * itself (a callback of translated code): then the run loop does it at the next occasion.
 */
bool vm_flush(struct dgm_vm *vm, struct dgm_cpu *self);
/* Host integer of the instruction word at pc, as far as it can be read. */
uint32_t cpu_opcode(struct dgm_cpu *cpu, uint64_t pc);

/* What code has to keep to, for the embedder, snapshots, virtual memory and hooks: nobody else sets it. True: it has changed. Lock held. */
bool vm_update_mode(struct dgm_vm *vm);

/* ---- tier.c ---- */
/* The unit is hot: translate it better, now or in the background; lock held. */
void tier_hot(struct dgm_cpu *cpu, struct cache_unit *unit, uint32_t mode);
/*
 * A region that was just compiled has the unit's block inside: it has to become hot once more, entered from elsewhere,
 * to get a region of its own. What it was executed so far stays known; where all is compiled at once, nothing changes.
 * Lock held.
 */
void tier_covered(struct dgm_engine *e, struct cache_unit *unit);
/* Forgets jobs of the VM and waits for the one in work. */
void tier_forget(struct dgm_vm *vm);
void tier_finish(struct dgm_engine *e);
/* Workers start no job while they rest; returns when none is in the middle of one. */
void tier_rest(struct dgm_engine *e, bool rest);
/* In the child after fork: the workers are gone and start anew on demand. */
void tier_in_child(struct dgm_engine *e);
/* The LLVM back end, opened on first demand; NULL when it is not there. */
const struct backend *tier_llvm(struct dgm_engine *e);
uint32_t tier_threshold(const struct dgm_engine *e);

/* ---- deadline.c ---- */
/* Makes the condition the thread sleeps on: for a new engine, and in the child of a fork. */
enum dgm_status deadline_init(struct dgm_engine *e) BASE_CHECK;
enum dgm_status deadline_set(struct dgm_cpu *cpu, uint64_t at_ns) BASE_CHECK;
/* When the machine's next event is due on the host; 0: never. */
enum dgm_status deadline_event(struct dgm_cpu *cpu, uint64_t at_ns) BASE_CHECK;
/* At the end of a run: its times are forgotten, the run around it goes on with its own (0: none). */
void deadline_restore(struct dgm_cpu *cpu, uint64_t at_ns);
void deadline_finish(struct dgm_engine *e);

/* ---- find.c ---- */
/* False after filling env exit: nothing can be fetched at pc. more: the second page of its instruction, too. */
bool cpu_unit_at(struct dgm_cpu *cpu, uint64_t pc, bool more, struct unit_at *at);
/*
 * The unit at pc, which `at` is for; link (may be NULL) is the exit that led here and is tied to it. NULL when
 * none can be made. *made: hooks may want to know that it is new.
 */
struct cache_unit *cpu_find_unit(struct dgm_cpu *cpu, uint64_t pc, const struct unit_at *at, struct env_link *link,
				 bool *made);
/* Makes the vCPU, which is not in code, look up all it goes to again. */
void cpu_forget_units(struct dgm_cpu *cpu);

/* ---- nest.c ---- */
/* Of the code a nested run is called from. */
struct cpu_outer {
	bool nested;
	uint32_t host_mxcsr, foreign, lent, lends, in_event;
	uint64_t host_rsp;
	struct env_exit exit;
	_Alignas(16) uint64_t vec[ENV_VECTORS][2];
	uint64_t spill[ENV_SPILLS];
	struct cpu_inside inside;
};
void cpu_nest_begin(struct dgm_cpu *cpu, struct cpu_outer *o);
void cpu_nest_end(struct dgm_cpu *cpu, const struct cpu_outer *o);

/* ---- run.c ---- */
/* return_at: ends with DGM_EXIT_RETURN there; NULL: nowhere. */
enum dgm_status cpu_run(struct dgm_cpu *cpu, const dgm_run_opts *opts, const uint64_t *return_at, dgm_exit *exit)
	BASE_CHECK;
/* Forgets the run the vCPU was in when its thread ended. */
void cpu_abandon(struct dgm_cpu *cpu);
uint64_t cpu_pc(const struct dgm_cpu *cpu);
void cpu_set_pc(struct dgm_cpu *cpu, uint64_t pc);
/* Registers were written; code that is in a callback does not go on with others. */
static inline void cpu_touch(struct dgm_cpu *cpu)
{
	atomic_store_explicit(&cpu_env_of(cpu)->changed.touched, 1, memory_order_relaxed);
}

/* What a callback of a device or clock has written is not looked at. */
static inline void cpu_untouch(struct dgm_cpu *cpu)
{
	atomic_store_explicit(&cpu_env_of(cpu)->changed.touched, 0, memory_order_relaxed);
}
/* The vCPU the calling thread is running, or NULL. */
struct dgm_cpu *cpu_current(void);

/* ---- irq.c: interrupts, waiting for them, time ---- */
/* Instructions the run has retired so far, exact in callbacks of code too; 0: none runs, or nobody counts. */
static inline uint64_t cpu_retired(struct dgm_cpu *cpu)
{
	const struct cpu_env *env = cpu_env_of(cpu);

	if (!cpu->depth || !cpu->vm->mode.count)
		return 0;
	return (uint64_t)(cpu->fuel_start - env->fuel - cpu->fuel_held) - (env->in_event ? env->exit.left : 0);
}
uint64_t cpu_clock(struct dgm_cpu *cpu);
/* Wakes a vCPU that sleeps; after pending has been set. Async-signal-safe. */
void cpu_wake(struct dgm_cpu *cpu);
/* Asks the machine for its next event and keeps back the fuel beyond it. */
enum dgm_status cpu_plan(struct dgm_cpu *cpu) BASE_CHECK;
/* Gives the fuel kept back into the run again. */
void cpu_unplan(struct dgm_cpu *cpu);
/* Offers the lines that are high. True: go on (*taken: the vCPU was redirected), false: the machine wants to leave. */
bool cpu_offer_irqs(struct dgm_cpu *cpu, bool *taken);
/* One turn of waiting: 0, or why the run ends. */
uint32_t cpu_idle(struct dgm_cpu *cpu);

/* ---- stops.c ---- */
/* True when units must end before pc; lock held. */
bool vm_is_stop(const struct dgm_vm *vm, uint64_t pc);
/* True when there is a stop in [pc, pc + bytes); lock held. */
bool vm_stop_near(const struct dgm_vm *vm, uint64_t pc, uint64_t bytes);
enum dgm_status vm_add_stops(struct dgm_vm *vm, const uint64_t *at, unsigned n) BASE_CHECK;
bool stops_has(const struct stops *s, uint64_t pc);
void stops_finish(struct dgm_engine *e, struct stops *s);

/* The until addresses of one run. */
enum { FEW_STOPS = 4 };
struct until {
	const uint64_t *list;
	unsigned n;
	struct stops sorted;	/* when there are more than FEW_STOPS */
	bool own;		/* sorted is this run's to free */
};
enum dgm_status until_open(struct dgm_cpu *cpu, const dgm_run_opts *opts, struct until *u) BASE_CHECK;
void until_close(struct dgm_cpu *cpu, struct until *u);

static inline bool until_has(const struct until *u, uint64_t pc)
{
	if (u->n > FEW_STOPS)
		return stops_has(&u->sorted, pc);
	for (unsigned i = 0; i < u->n; i++)
		if (u->list[i] == pc)
			return true;
	return false;
}
/* ---- park.c ---- */
/* Makes the vCPU leave translated code soon. */
void cpu_nudge(struct dgm_cpu *cpu, uint32_t internal);
/* Waits until no vCPU but self executes code; lock held, given up meanwhile. End with vm_unpark. */
void vm_park(struct dgm_vm *vm, struct dgm_cpu *self);
void vm_unpark(struct dgm_vm *vm);
/*
 * The same for a change of the guest's memory, where code looks at protections before it accesses: a
 * vCPU in a callback does not count, it looks again. cpu_aside and cpu_back enclose such callbacks.
 */
void vm_park_memory(struct dgm_vm *vm, struct dgm_cpu *self);
void vm_unpark_memory(struct dgm_vm *vm);
void cpu_aside(struct dgm_cpu *cpu);
void cpu_back(struct dgm_cpu *cpu);
/* Between the two nobody flushes the cache or frees hooks. */
void cpu_enter_code(struct dgm_cpu *cpu);
void cpu_leave_code(struct dgm_cpu *cpu);

/* ---- enter.c ---- */
#if defined(__x86_64__)
#define ENGINE_CAN_ENTER 1
/* Runs code until it returns; *host_rsp gets the stack pointer a fault has to restore. */
void engine_enter(void *code, void *mem, void *state, uint64_t *host_rsp);
extern const char engine_leave[];	/* where a fault goes on, with rsp = env host_rsp */
#else
#define ENGINE_CAN_ENTER 0
#endif

/* ---- detour.c ---- */
enum { DETOUR_BYTES = 64 };
/*
 * After a fault at gregs' pc, by an address that is none on the host: lets the instruction go on in
 * the vCPU's detour if the address only has a tag. Else false; *addr is its address, if that can be known.
 */
bool detour_take(struct dgm_cpu *cpu, void *gregs, uint64_t *addr);

/* ---- fault.c ---- */
bool fault_signal(int sig, void *siginfo, void *ucontext);

static inline uint64_t engine_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t engine_now_ns(void)
{
	return engine_clock_ns(CLOCK_MONOTONIC);
}

/* What the calling thread has worked: workers are niced, and wait for processors and locks. */
static inline uint64_t engine_cpu_ns(void)
{
	return engine_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

#endif
