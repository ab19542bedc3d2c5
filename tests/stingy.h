/* An allocator for dgm_engine_cfg.alloc that fails when its stock is used up, and counts what is not freed. */
#ifndef STINGY_H
#define STINGY_H

#include <stddef.h>
#include <stdlib.h>

struct stock {
	int left, live;		/* allocations that still succeed; that are not freed */
};

static inline void *stingy(void *ud, void *old, size_t n, size_t align)
{
	struct stock *s = ud;
	void *p = NULL;

	if (!n) {
		s->live -= old != NULL;
		free(old);
		return NULL;
	}
	if (s->left-- <= 0)
		return NULL;
	if (align > _Alignof(max_align_t))
		p = posix_memalign(&p, align, n) ? NULL : p;
	else
		p = realloc(old, n);
	s->live += p && !old;
	return p;
}

#endif
