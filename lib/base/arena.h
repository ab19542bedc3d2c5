/*
 * Memory that is given back all at once: one arena per translation. Not thread-safe.
 * Chunks are kept over a reset, so a warm arena does not allocate.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct base_alloc;
struct base_chunk;

struct base_arena {
	const struct base_alloc *alloc;
	struct base_chunk *first, *chunk;	/* all chunks; the one being filled */
	size_t used;				/* bytes of `chunk` */
	size_t before;				/* bytes of chunks in front of it */
};

void base_arena_init(struct base_arena *a, const struct base_alloc *alloc);
void base_arena_finish(struct base_arena *a);
/* Forgets everything, keeps the memory. */
void base_arena_reset(struct base_arena *a);
/* Bytes since the last reset, with what the ends of chunks lose. */
static inline size_t base_arena_bytes(const struct base_arena *a)
{
	return a->before + a->used;
}
/* 16-byte aligned, not cleared. Returns NULL when out of memory. */
void *base_arena_alloc(struct base_arena *a, size_t size);
/* A copy that lives in the arena, or NULL. */
void *base_arena_copy(struct base_arena *a, const void *p, size_t size);

#endif
