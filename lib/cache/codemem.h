/*
 * Executable memory: one reservation per cache, code on shared pages mapped twice (writable and
 * executable, never both), and writable data next to it so that code reaches it rip-relative.
 * Bump allocation; all is given back at once. Not thread-safe: the cache's lock guards it.
 */
#ifndef CACHE_CODEMEM_H
#define CACHE_CODEMEM_H

#include <stdint.h>

#include "base/status.h"

struct cache_codemem {
	uint8_t *rx;		/* code as executed */
	uint8_t *rw;		/* the same pages, writable */
	uint8_t *data;		/* behind rx */
	uint64_t code_size, data_size;
	uint64_t code_used, data_used;
	uint64_t kept;		/* bytes of code that codemem_reset does not give back */
	uint64_t code_touched, rx_touched, data_touched;	/* faulted in so far */
};

/*
 * Reserves `budget` bytes of code, and `kept` at its start for the owner; near the host address `near`, where there is
 * room: hosts foretell a call more slowly that leaves the 4 GiB it stands in. NULL: anywhere. DGM_E_JIT when the host
 * refuses executable memory.
 */
enum dgm_status codemem_init(struct cache_codemem *m, uint64_t budget, uint64_t kept, const void *near) BASE_CHECK;
void codemem_finish(struct cache_codemem *m);
/* Forgets all allocations; nobody may execute code of it any more. */
void codemem_reset(struct cache_codemem *m);
/* Offsets of `code` and `data` bytes, 32- and 16-aligned. DGM_E_SIZE when the budget is used up. */
enum dgm_status codemem_alloc(struct cache_codemem *m, uint64_t code, uint64_t data, uint64_t *code_off,
			      uint64_t *data_off) BASE_CHECK;

/*
 * Around fork: the child must not share writable code with its parent. `copy` makes copied pages
 * in the parent before the fork, `adopt` puts them in place in the child, which owns them from
 * then on, and `drop` gives up a copy that was not adopted. NULL is allowed there.
 */
enum dgm_status codemem_copy(const struct cache_codemem *m, void **copy) BASE_CHECK;
enum dgm_status codemem_adopt(struct cache_codemem *m, void *copy) BASE_CHECK;
void codemem_drop(const struct cache_codemem *m, void *copy);

#endif
