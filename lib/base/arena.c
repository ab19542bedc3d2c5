#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

struct base_chunk {
	struct base_chunk *next;
	size_t size;
	_Alignas(16) unsigned char data[];
};

enum { CHUNK = 64 * 1024, ALIGN = 16 };

void base_arena_init(struct base_arena *a, const struct base_alloc *alloc)
{
	*a = (struct base_arena){ .alloc = alloc };
}

void base_arena_finish(struct base_arena *a)
{
	for (struct base_chunk *c = a->first, *next; c; c = next) {
		next = c->next;
		base_free(a->alloc, c);
	}
	a->first = a->chunk = NULL;
	a->used = a->before = 0;
}

void base_arena_reset(struct base_arena *a)
{
	a->chunk = a->first;
	a->used = a->before = 0;
}

/* Moves to a later chunk with `size` bytes, or makes one behind the current. */
static struct base_chunk *next_chunk(struct base_arena *a, size_t size)
{
	struct base_chunk *c = a->chunk ? a->chunk->next : a->first;

	if (!c || c->size < size) {
		size_t n = size > CHUNK ? size : CHUNK;
		struct base_chunk *fresh = base_alloc(a->alloc, sizeof *fresh + n);

		if (!fresh)
			return NULL;
		fresh->size = n;
		fresh->next = c;
		*(a->chunk ? &a->chunk->next : &a->first) = fresh;
		c = fresh;
	}
	a->before += a->chunk ? a->chunk->size : 0;
	a->chunk = c;
	a->used = 0;
	return c;
}

void *base_arena_alloc(struct base_arena *a, size_t size)
{
	size_t n = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);

	if (n < size)
		return NULL;
	if (!a->chunk || a->chunk->size - a->used < n)
		if (!next_chunk(a, n))
			return NULL;
	void *p = a->chunk->data + a->used;
	a->used += n;
	return p;
}

void *base_arena_copy(struct base_arena *a, const void *p, size_t size)
{
	void *q = base_arena_alloc(a, size);

	return q && size ? memcpy(q, p, size) : q;
}
