/* A stream into and out of memory: what reads it, for the tests of snapshots and their fuzzer. */
#ifndef TESTS_SNAPSHOT_TAPE_H
#define TESTS_SNAPSHOT_TAPE_H

#include <string.h>

#include "dragoman/dragoman.h"

struct tape {
	uint8_t *p;
	size_t n, cap, at;
};

static inline int tape_read(void *ud, void *buf, size_t n)
{
	struct tape *t = ud;

	if (n > t->n - t->at)
		return -1;
	memcpy(buf, t->p + t->at, n);
	t->at += n;
	return 0;
}

/* From the beginning. */
static inline dgm_stream tape_reader(struct tape *t)
{
	t->at = 0;
	return (dgm_stream){ t, tape_read };
}

#endif
