/*
 * One byte for each page of a guest's address space. A window of up to 64 TiB has a plain array, which
 * translated code looks into; the host's whole address space has leaves of 1 GiB each, shared where
 * they hold one value only. For lib/engine; knows nothing of what the bytes mean.
 *
 * Changes need the owner's lock. Looking needs none, not even while a change is made.
 */
#ifndef ENGINE_PAGES_H
#define ENGINE_PAGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { PAGE_SHIFT = 12, PAGE_BYTES = 1 << PAGE_SHIFT };
enum { LEAF_SHIFT = 18, LEAF_PAGES = 1 << LEAF_SHIFT };

struct vm_pages {
	uint64_t n;			/* pages there are; what lies above is 0 */
	uint8_t *flat;			/* n bytes; NULL: dir is used */
	_Atomic(uint8_t *) *dir;	/* by page >> LEAF_SHIFT: LEAF_PAGES bytes, or NULL: all are 0 */
	uint8_t *uniform[256];		/* shared leaves by value, made when first needed */
};

/* bits: of the address space. flat: as an array. DGM_E_NOMEM. */
enum dgm_status pages_init(struct vm_pages *p, unsigned bits, bool flat) BASE_CHECK;
void pages_finish(struct vm_pages *p);

static inline uint8_t pages_get(const struct vm_pages *p, uint64_t page)
{
	if (page >= p->n)
		return 0;
	if (p->flat)
		return __atomic_load_n(&p->flat[page], __ATOMIC_ACQUIRE);
	const uint8_t *leaf = atomic_load_explicit(&p->dir[page >> LEAF_SHIFT], memory_order_acquire);
	return leaf ? leaf[page & (LEAF_PAGES - 1)] : 0;
}

/* How many pages from `page` to `last` (included) hold the same byte as the first, which *byte gets. */
uint64_t pages_run(const struct vm_pages *p, uint64_t page, uint64_t last, uint8_t *byte);

/* Makes sure that pages_set of the same range and byte finds the memory it needs. DGM_E_NOMEM. */
enum dgm_status pages_prepare(struct vm_pages *p, uint64_t page, uint64_t n, uint8_t byte) BASE_CHECK;
void pages_set(struct vm_pages *p, uint64_t page, uint64_t n, uint8_t byte);

#endif
