/* One futex operation. For the files futex*.c alone. */
#ifndef LX_FUTEX_H
#define LX_FUTEX_H

#include <linux/futex.h>
#include <time.h>

#include "lx.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

struct lx_futex {
	int op, cmd;
	void *at;	/* the word */
	uint64_t at2;	/* guest address of the second */
	struct timespec *timeout, ts;
	uint64_t val, val2, val3;
};

/* A value of the word as memory has it. */
static inline uint32_t lx_futex_stored(const lx *x, uint64_t v)
{
	uint32_t raw;

	lx_store(x, &raw, 4, (uint32_t)v);
	return raw;
}

/* The second word for the host: 0 or -errno. */
static inline int lx_futex_second(lx *x, const struct lx_futex *f, uint32_t access, void **out)
{
	if (f->at2 & 3)
		return -EINVAL;
	*out = lx_ptr(x, f->at2, 4, access);
	return *out ? 0 : -EFAULT;
}

static inline int64_t lx_futex_wake(const struct lx_futex *f, const void *at, uint64_t n)
{
	return LX_HOST(SYS_futex, (long)at, FUTEX_WAKE | (f->op & FUTEX_PRIVATE_FLAG), (long)(int)n);
}

/* futex_wait.c: FUTEX_WAIT and FUTEX_WAIT_BITSET; FUTEX_WAKE, which need not ask the kernel if nobody sleeps. */
int64_t lx_futex_wait(lx *x, const struct lx_futex *f);
int64_t lx_futex_wake_up(lx *x, const struct lx_futex *f);
/* A thread is about to sleep at the word (1), or has woken up (-1). */
void lx_futex_sleeps(lx *x, const void *word, int more);
/* Sleepers are being moved from one word to another. */
void lx_futex_requeued(lx *x);

/* What computes with ids in the word, for guests whose byte order is not the host's. */
int64_t lx_futex_pi(lx *x, const struct lx_futex *f);

#endif
