/*
 * The one door to the heap: the embedder's allocator where it gave one (thread-safe by its
 * contract), else malloc. Every caller handles NULL.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

struct base_alloc {
	/* realloc's contract, with alignment; n == 0 frees and returns NULL. */
	void *(*fn)(void *ud, void *old, size_t n, size_t align);
	void *ud;
};

/* malloc, realloc, aligned_alloc and free. */
extern const struct base_alloc base_alloc_malloc;

void *base_alloc(const struct base_alloc *a, size_t size);
void *base_alloc_zero(const struct base_alloc *a, size_t size);
/* Alignment must be a power of two; the result must be freed, never resized. */
void *base_alloc_aligned(const struct base_alloc *a, size_t size, size_t align);
void *base_realloc(const struct base_alloc *a, void *old, size_t size);
void base_free(const struct base_alloc *a, void *p);

#endif
