/*
 * The translation cache of one VM: units by guest pc, their code, the links between them, and
 * which guest pages they were made from. Knows neither IR nor guests: code comes as bytes with
 * relocations (struct cache_code), as lib/iface/backend.h describes them.
 *
 * Locking: everything but cache_find_host is called with the owner's lock held. Code and units
 * stay in memory until cache_flush, which may only be called while no vCPU executes code of it.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/status.h"
#include "cache/codemem.h"

enum cache_tier { CACHE_INTERP, CACHE_BASELINE, CACHE_LLVM };

struct cache_unit;

/*
 * One direct exit of a unit; lives in the cache's data memory, where its stub jumps through
 * `target`. A pointer to it comes back in env link when the exit is not linked.
 */
struct env_link {
	_Atomic(void *) target;		/* code to go on in: the target unit, or the stub's own second half */
	void *unlinked;			/* the second half: sets env link and returns */
	uint64_t pc;			/* guest target */
	struct cache_unit *from, *to;	/* to: NULL while unlinked */
	struct env_link *next;		/* of the links that go to the same unit */
};

/* A 32-bit displacement in the code that leads to the stub of an exit. */
struct cache_site {
	uint32_t offset;		/* into the unit's code */
	uint32_t exit;
};

struct cache_range {
	uint64_t pc;
	uint32_t bytes;
	bool skipped;			/* the unit stands for it, too, but has none of its code */
};

struct cache_side {
	uint32_t offset;		/* into the unit's code */
	uint32_t left;			/* see struct code_side of lib/iface/backend.h */
	uint64_t pc;
};

/*
 * An exit that is never linked, because not everybody who leaves by it may go to the same unit: its stub looks
 * into two entries of the vCPU's jump table, key and code, at these displacements from the state register.
 */
struct cache_jump {
	uint64_t key;
	int32_t entry, other;		/* 0: an exit like others */
};

/* A unit on its way into the cache. All pointers are borrowed during cache_add. */
struct cache_code {
	const uint8_t *code;
	uint32_t size, entry, data_size;
	unsigned n_exit;
	const uint64_t *exit_target;
	const struct cache_jump *jump;	/* of each exit, or NULL: none is like that */
	const struct cache_side *side;
	unsigned n_side;
	const struct cache_site *site;
	unsigned n_site;
	/* Patches `code`, now at host address rx and writable at rw; stub[i] is the code of exit i. */
	void (*relocate)(const void *ud, uint8_t *rw, uint64_t rx, uint64_t data, const uint64_t *stub);
	const void *ud;
	uint64_t key, pc;
	/* Guest code it was made from, the unit's beginning first. */
	const struct cache_range *range;
	unsigned n_range;
};

struct cache_unit {
	uint64_t key;			/* pc and mode bits, as the engine packs them */
	uint64_t pc;			/* where it begins, with the bits that are no address (frontend.pc_mode) */
	enum cache_tier tier;
	_Atomic bool dead;		/* invalidated: unreachable, its memory is kept until the flush; read without lock */
	bool stale;			/* where it may fault, registers may be elsewhere than in the state */
	bool queued;			/* waits for a better translation */
	bool more;			/* no unit: the instruction does not end in its page */
	_Atomic uint32_t count;		/* executions, where the code does not count itself */
	uint32_t n_insns;
	void *entry;			/* host code, NULL for the interpreter */
	const uint8_t *code;
	uint32_t size;
	uint8_t *data;			/* data_size bytes of the compiled code */
	uint32_t data_size;
	void *ir;			/* the interpreter's form, in unit_arena */
	struct env_link *link;		/* n_link of them */
	unsigned n_link;
	struct env_link *incoming;
	const struct cache_side *side;
	unsigned n_side;
	const struct cache_site *site;
	unsigned n_site;
	struct cache_range *range;
	unsigned n_range;
	struct cache_unit *next;	/* in its hash bucket */
	struct cache_unit *prev_code;	/* the unit right before it in code memory */
	struct cache_unit *home;	/* the unit whose code it enters (cache_add_entry); NULL: its own */
	/* The owner's notes: key of the last unit that was made with this one's guest code inside, and how many were. */
	uint64_t part_of;
	uint32_t parts;
};

struct cache_page;			/* which units touch a guest page */

struct cache_counters {
	uint64_t links_made, links_broken, flushes, invalidated;
};

struct cache {
	const struct base_alloc *alloc;
	struct cache_codemem mem;	/* its first CACHE_KEPT bytes are the owner's, for code that is no unit */
	bool has_code;			/* false: no executable memory, interpreter units only */
	struct base_arena arena;	/* units, until the flush */
	struct cache_unit **bucket;
	unsigned n_bucket, n_unit;
	struct cache_page **page;
	struct cache_unit *last_code;
	_Atomic(struct cache_unit *) *directory;	/* per 4 KiB of code: the last unit that touches it */
	int32_t link_offset;		/* of env link from the state register, for exit stubs */
	struct cache_counters count;
};

enum { CACHE_STUB_BYTES = 24, CACHE_JUMP_STUB_BYTES = 64, CACHE_KEPT = 4096 };

/* budget 0: no executable memory wanted. A refusal is no failure: has_code tells. near: see codemem.h */
enum dgm_status cache_init(struct cache *c, const struct base_alloc *alloc, uint64_t budget, int32_t link_offset,
			   const void *near) BASE_CHECK;
void cache_finish(struct cache *c);

/* The live unit of a key, or NULL. */
struct cache_unit *cache_find(const struct cache *c, uint64_t key);

/*
 * Enters compiled code and makes it the unit of its key: links to an older unit of that key move
 * to it. DGM_E_SIZE: the budget is used up, flush and try again. DGM_E_NOMEM.
 */
enum dgm_status cache_add_code(struct cache *c, enum cache_tier tier, const struct cache_code *code,
			       struct cache_unit **out) BASE_CHECK;
/*
 * Makes code of a unit just entered the unit of another key as well: whoever goes there enters it `at` bytes into the
 * code. own: what the code from there on was made from first, the beginning; n_own of them. DGM_E_NOMEM.
 */
enum dgm_status cache_add_entry(struct cache *c, struct cache_unit *unit, uint64_t key, uint64_t pc, uint32_t at,
				const struct cache_range *own, unsigned n_own, struct cache_unit **out) BASE_CHECK;
/* Enters an interpreter unit; ir must live in c->arena. */
enum dgm_status cache_add_ir(struct cache *c, uint64_t key, uint64_t pc, void *ir, const struct cache_range *range,
			     unsigned n_range, struct cache_unit **out) BASE_CHECK;

/* Lets a direct exit go straight to `to`. Needs to->entry. */
void cache_link(struct cache *c, struct env_link *link, struct cache_unit *to);
/* Makes all direct exits to the unit come back to the run loop again. */
void cache_unlink_incoming(struct cache *c, struct cache_unit *unit);

/* Drops every unit made from a byte of [addr, addr + n). Returns how many. */
unsigned cache_invalidate(struct cache *c, uint64_t addr, uint64_t n);
/* True when a unit was made from a byte of [addr, addr + n), all in one page. */
bool cache_has_unit(const struct cache *c, uint64_t addr, uint64_t n);
/* True when a unit may have been made from the page of addr. */
bool cache_page_has_code(const struct cache *c, uint64_t addr);
/* No code has been entered since the last flush. */
static inline bool cache_is_empty(const struct cache *c)
{
	return c->mem.code_used <= c->mem.kept;
}

/* Drops everything; only while nobody executes. */
void cache_flush(struct cache *c);

/* The unit whose code contains a host address, or NULL; async-signal-safe, needs no lock. */
struct cache_unit *cache_find_host(const struct cache *c, uint64_t host);
/* What belongs to a host address inside the unit, or NULL. */
const struct cache_side *cache_guest_side(const struct cache_unit *u, uint64_t host);

#endif
