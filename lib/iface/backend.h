/*
 * The seam between the engine and the ways to run IR. A back end knows IR and one way to run
 * it, nothing of guests and nothing of the cache: compiled code comes back as a relocatable
 * object that the cache places, links and drops.
 */
#ifndef IFACE_BACKEND_H
#define IFACE_BACKEND_H

#include "base/alloc.h"
#include "base/arena.h"
#include "iface/env.h"
#include "ir/ir.h"

/* Properties of the VM all code of a request is made for; part of the key of translations. */
struct backend_mode {
	bool checked;		/* accesses test env page_prot first, else services; no signals */
	bool tlb;		/* addresses are virtual: accesses look into env tlb, else services. Goes with
				 * checked; page_prot is NULL then */
	bool precise;		/* slots are exact at every access that may fault */
	bool exact_align;	/* alignment faults find every slot in memory even if others need not */
	bool count;		/* units have a tick */
	uint8_t addr_bits;	/* 32: addresses wrap at 4 GiB; mem_base has 64 KiB guards around it */
	uint8_t insn_shift;	/* for env_jump_index */
	/* With 64-bit addresses: only those below 2^window_bits may be accessed at mem_base + address,
	 * and 64 KiB of guard follow; all others go by the services. 64: guest addresses are the
	 * host's, mem_base is 0, and every access may go directly. */
	uint8_t window_bits;
	uint8_t tag_bits;	/* so many upper bits of a data address do not count; services take them off */
	bool tags;		/* they are in use: unchecked direct accesses take them off as well. Else
				 * they may fault */
};

/* The indirect exit of block[from] may well lead to block[to]. A hint: it is checked when executed. */
struct backend_guess {
	unsigned from, to;
};

/*
 * The data of a unit compiled with hot_after begins with two 32-bit words: hot_after less its
 * executions so far, modulo 2^32, and hot_after itself (written with CODE_RELOC_INIT);
 * at CODE_PROFILE_AT follow CODE_PROFILE_N slots of CODE_PROFILE_STRIDE bytes, into which its
 * indirect exit, unless a return, writes the guest pc it goes to, each into a slot of its hash.
 */
enum { CODE_PROFILE_AT = 16, CODE_PROFILE_N = 8, CODE_PROFILE_STRIDE = 16 };

/*
 * A region: block[0] is the entry, those of `entry` are others. An exit whose constant target is the pc of another block of
 * the region stays inside it; all others leave. Every block begins with poll and (if counted)
 * tick; a back end may look at both on the edges to a block instead, and drop the poll of one that
 * no loop inside the region returns to.
 */
struct backend_request {
	const struct ir_unit *const *block;
	unsigned n_block;
	/* Where indirect exits are likely to lead, inside the region; the likeliest of a block first. */
	const struct backend_guess *guess;
	unsigned n_guess;
	/* Numbers of blocks, besides 0, that are entered from outside as well; back ends of regions only. */
	const unsigned *entry;
	unsigned n_entry;
	struct backend_mode mode;
	uint64_t jump_key;	/* or-ed to a pc to make the key of env jump, */
	uint32_t jump_mix;	/* and what goes into its index */
	bool entry_leaves;	/* exits to block[0] leave like all others: the run loop must see its pc */
	unsigned opt_level;	/* 1..3 */
	bool verify;		/* check what the back end makes of the region by its own rules, too */
	uint32_t dump;		/* DGM_DUMP_LLVM, DGM_DUMP_ASM: text through log */
	/* Counter of executions: when not 0, code counts entries down from it and leaves once with
	 * ENV_HOT when it reaches 0 (before the unit did anything). Baseline only. */
	uint32_t hot_after;
	void (*log)(void *ud, const char *text);
	void *log_ud;
};

enum code_reloc_kind {
	CODE_RELOC_EXIT,	/* rel32 to the stub of exit[index] */
	CODE_RELOC_HELPER,	/* abs64: address of helper[index]->fn */
	CODE_RELOC_SELF,	/* abs64: address of byte addend of this object */
	CODE_RELOC_DATA,	/* rel32 to byte addend of the object's writable data (data_size bytes) */
	CODE_RELOC_INIT,	/* not in the code: word `offset` of the data begins as addend */
	CODE_RELOC_HOST,	/* abs64 or rel32 never: address of the host function host[index] */
};

struct code_reloc {
	uint32_t offset;	/* of the field in the code */
	uint16_t kind;		/* enum code_reloc_kind */
	uint16_t index;
	int32_t addend;		/* added to the target; rel32 is relative to the end of its 4 bytes */
};

struct code_exit {
	uint64_t target;	/* guest pc */
	uint8_t kind;		/* enum ir_exit_kind */
};

/* Code from `offset` up to the next entry belongs to this guest instruction; sorted. */
struct code_side {
	uint32_t offset;
	uint32_t left;		/* counted mode: what env exit.left is there */
	uint64_t pc;
};

struct code_object {
	uint8_t *code;		/* text and constants; entered at `entry` */
	uint32_t size, entry;
	uint32_t *entry_at;	/* offsets for request.entry; NULL: it has none */
	uint32_t data_size;	/* zeroed writable bytes the code wants (counters) */
	struct code_reloc *reloc;
	unsigned n_reloc;
	struct code_exit *exit;
	unsigned n_exit;
	const struct ir_helper **helper;
	unsigned n_helper;
	void **host;		/* functions of the C library (fma) for CODE_RELOC_HOST */
	unsigned n_host;
	struct code_side *side;
	unsigned n_side;
};

/* What interp's run answers, besides the pc slot and env exit. */
enum { BACKEND_RUN_EVENT = -1, BACKEND_RUN_INDIRECT = -2 };

struct backend {
	const char *name;
	/* alloc is borrowed until destroy. One instance is used by one thread at a time. */
	enum dgm_status (*create)(const struct base_alloc *alloc, void **self);
	void (*destroy)(void *self);
	/*
	 * Fills *out with arena memory. DGM_E_NOMEM, DGM_E_JIT, DGM_E_UNSUP: the unit stays in a
	 * lower tier. NULL for back ends that run IR.
	 */
	enum dgm_status (*compile)(void *self, const struct backend_request *rq, struct base_arena *arena,
				   struct code_object *out);
	/*
	 * Executes one block from instruction index `first`. Returns the number of the direct exit
	 * taken, BACKEND_RUN_INDIRECT, or BACKEND_RUN_EVENT with env exit filled. The pc slot is
	 * always written but for events. NULL for back ends that compile.
	 */
	int (*run)(void *self, const struct ir_unit *u, const struct backend_mode *mode, void *state, unsigned first);
};

/* The module dragoman-llvm.so exports this function by the name BACKEND_MODULE_ENTRY. */
typedef const struct backend *backend_module_fn(uint32_t abi);
#define BACKEND_MODULE_ENTRY "dgm_backend_module"
/*
 * What both were compiled with, as far as sizes tell: a module of another build is refused. Whoever changes the seam
 * without changing a size counts the first number up.
 */
#define BACKEND_MODULE_ABI \
	((uint32_t)((((((2u * 8191 + DRAGOMAN_VERSION) * 8191 + IR_OP_COUNT) * 8191 + sizeof(struct cpu_env)) * 8191 + \
		      sizeof(struct env_services)) * 8191 + sizeof(struct backend_request)) * 8191 + sizeof(struct code_object)))

#endif
