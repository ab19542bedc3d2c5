/* Streams into and out of memory, for tests that save and load. */
#ifndef TESTS_TAPE_H
#define TESTS_TAPE_H

#include <stdlib.h>
#include <string.h>

#include "dragoman/dragoman.h"

/* All 0 is an empty one; its owner frees p. */
struct tape {
	uint8_t *p;
	size_t n, cap, at;
	size_t most;		/* bytes it takes; 0: any number */
};

static inline int tape_write(void *ud, void *buf, size_t n)
{
	struct tape *t = ud;

	if (t->most && n > t->most - t->n)
		return -1;
	if (t->n + n > t->cap) {
		uint8_t *p = realloc(t->p, (t->n + n) * 2);

		if (!p)
			return -1;
		t->p = p;
		t->cap = (t->n + n) * 2;
	}
	memcpy(t->p + t->n, buf, n);
	t->n += n;
	return 0;
}

static inline int tape_read(void *ud, void *buf, size_t n)
{
	struct tape *t = ud;

	if (n > t->n - t->at)
		return -1;
	memcpy(buf, t->p + t->at, n);
	t->at += n;
	return 0;
}

/* To the end. */
static inline dgm_stream tape_writer(struct tape *t)
{
	return (dgm_stream){ t, tape_write };
}

/* From the beginning. */
static inline dgm_stream tape_reader(struct tape *t)
{
	t->at = 0;
	return (dgm_stream){ t, tape_read };
}

#endif
