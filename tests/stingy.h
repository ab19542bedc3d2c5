/* An allocator for dgm_engine_cfg.alloc that fails when its stock is used up, and counts what is not freed. */
#ifndef STINGY_H
#define STINGY_H

#include <stddef.h>
#include <stdlib.h>

struct stock {
	int left, live;		/* allocations that still succeed; that are not freed */
};

/* What the library asks an allocator for; n is not 0. */
static inline void *aligned_realloc(void *old, size_t n, size_t align)
{
	void *p;

	if (old || align <= _Alignof(max_align_t))
		return realloc(old, n);
	return posix_memalign(&p, align, n) ? NULL : p;
}

static inline void *stingy(void *ud, void *old, size_t n, size_t align)
{
	struct stock *s = ud;
	void *p;

	if (!n) {
		s->live -= old != NULL;
		free(old);
		return NULL;
	}
	if (s->left-- <= 0)
		return NULL;
	p = aligned_realloc(old, n, align);
	s->live += p && !old;
	return p;
}

#endif
