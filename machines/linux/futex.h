/* One futex operation. For futex.c and futex_pi.c alone. */
#ifndef LX_FUTEX_H
#define LX_FUTEX_H

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

/* What computes with ids in the word, for guests whose byte order is not the host's. */
int64_t lx_futex_pi(lx *x, const struct lx_futex *f);

#endif
