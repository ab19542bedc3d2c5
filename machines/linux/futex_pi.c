/*
 * Locks with priority inheritance for guests of the other byte order: the kernel would write the owner's id into
 * the word in its own. So the word is changed here, and who has to wait waits as for any futex: a lock works as it should,
 * but nobody inherits a priority, and a thread that comes at the right moment may be served before one that waits.
 */
#include <signal.h>

#include "futex.h"

/* Changes the word from `old` to `fresh`; false: it was another. */
static bool change(const lx *x, const struct lx_futex *f, uint32_t old, uint32_t fresh)
{
	uint32_t raw = lx_futex_stored(x, old);

	return atomic_compare_exchange_strong((_Atomic uint32_t *)f->at, &raw, lx_futex_stored(x, fresh));
}

static uint32_t value(const lx *x, const struct lx_futex *f)
{
	uint32_t raw = atomic_load((_Atomic uint32_t *)f->at);

	return (uint32_t)lx_load(x, &raw, 4);
}

/* Takes a lock that nobody has. 1: done, 0: somebody has it, or the word changed meanwhile; or -errno. */
static int take(const lx *x, const struct lx_futex *f, uint32_t seen, bool waited)
{
	uint32_t owner = seen & FUTEX_TID_MASK;

	if (owner == (uint32_t)x->tid)
		return -EDEADLK;
	if (!owner)
		return change(x, f, seen, (uint32_t)x->tid | (seen & ~(uint32_t)FUTEX_TID_MASK) | (waited ? FUTEX_WAITERS : 0));
	return LX_HOST(SYS_kill, (long)owner, 0) == -ESRCH ? -ESRCH : 0;
}

/* The time limit of FUTEX_LOCK_PI is one of the clock of the day; the newer call says which. */
static int64_t wait_for(lx *x, const struct lx_futex *f, uint32_t seen)
{
	int op = FUTEX_WAIT_BITSET | (f->op & (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME));

	if (f->cmd == FUTEX_LOCK_PI)
		op |= FUTEX_CLOCK_REALTIME;
	return LX_WAIT(x, SYS_futex, (long)f->at, op, (long)lx_futex_stored(x, seen), (long)f->timeout, 0,
		       (long)FUTEX_BITSET_MATCH_ANY);
}

static int64_t lock(lx *x, const struct lx_futex *f)
{
	bool waited = false;

	for (;;) {
		uint32_t seen = value(x, f);
		int64_t r = take(x, f, seen, waited);

		if (r)
			return r > 0 ? 0 : r;
		if (!(seen & FUTEX_TID_MASK) || (!(seen & FUTEX_WAITERS) && !change(x, f, seen, seen | FUTEX_WAITERS)))
			continue;
		r = wait_for(x, f, seen | FUTEX_WAITERS);
		if (r && r != -EAGAIN)
			return r;
		waited = true;
	}
}

static int64_t try_lock(lx *x, const struct lx_futex *f)
{
	uint32_t seen;
	int r;

	do {
		seen = value(x, f);
		r = take(x, f, seen, false);
	} while (!r && !(seen & FUTEX_TID_MASK));
	return r > 0 ? 0 : r ? r : -EAGAIN;
}

static int64_t unlock(lx *x, const struct lx_futex *f)
{
	uint32_t seen;

	do {
		seen = value(x, f);
		if ((seen & FUTEX_TID_MASK) != (uint32_t)x->tid)
			return -EPERM;
	} while (!change(x, f, seen, 0));
	(void)lx_futex_wake(f, f->at, 1);
	return 0;
}

/* Waits at the first word and comes back with the lock at the second. */
static int64_t wait_and_lock(lx *x, const struct lx_futex *f)
{
	struct lx_futex second = *f;
	int64_t r = lx_futex_second(x, f, DGM_R | DGM_W, &second.at);

	if (r)
		return r;
	r = LX_WAIT_NOHAND(x, SYS_futex, (long)f->at,
			   FUTEX_WAIT_BITSET | (f->op & (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)),
			   (long)lx_futex_stored(x, f->val), (long)f->timeout, 0, (long)FUTEX_BITSET_MATCH_ANY);
	if (r)
		return r;
	second.cmd = FUTEX_LOCK_PI2;
	return lock(x, &second);
}

/* All of them are woken, and meet at the lock. */
static int64_t wake_to_lock(lx *x, const struct lx_futex *f)
{
	void *second;
	int r = lx_futex_second(x, f, DGM_R | DGM_W, &second);

	if (r)
		return r;
	if (value(x, f) != (uint32_t)f->val3)
		return -EAGAIN;
	if ((int)f->val != 1)
		return -EINVAL;
	return lx_futex_wake(f, f->at, (int)f->val2 == INT_MAX ? INT_MAX : f->val2 + 1);
}

int64_t lx_futex_pi(lx *x, const struct lx_futex *f)
{
	switch (f->cmd) {
	case FUTEX_LOCK_PI: case FUTEX_LOCK_PI2: return lock(x, f);
	case FUTEX_TRYLOCK_PI: return try_lock(x, f);
	case FUTEX_UNLOCK_PI: return unlock(x, f);
	case FUTEX_WAIT_REQUEUE_PI: return wait_and_lock(x, f);
	default: return wake_to_lock(x, f);
	}
}
