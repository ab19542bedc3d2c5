#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static void *malloc_fn(void *ud, void *old, size_t n, size_t align)
{
	void *p = NULL;

	(void)ud;
	if (!n) {
		free(old);
		return NULL;
	}
	if (align <= _Alignof(max_align_t))
		return realloc(old, n);
	return old || posix_memalign(&p, align, n) ? NULL : p;
}

const struct base_alloc base_alloc_malloc = { malloc_fn, NULL };

void *base_alloc(const struct base_alloc *a, size_t size)
{
	return a->fn(a->ud, NULL, size ? size : 1, _Alignof(max_align_t));
}

void *base_alloc_zero(const struct base_alloc *a, size_t size)
{
	void *p = base_alloc(a, size);

	return p ? memset(p, 0, size) : NULL;
}

void *base_alloc_aligned(const struct base_alloc *a, size_t size, size_t align)
{
	return a->fn(a->ud, NULL, size ? size : 1, align);
}

void *base_realloc(const struct base_alloc *a, void *old, size_t size)
{
	return a->fn(a->ud, old, size ? size : 1, _Alignof(max_align_t));
}

void base_free(const struct base_alloc *a, void *p)
{
	if (p)
		a->fn(a->ud, p, 0, _Alignof(max_align_t));
}
