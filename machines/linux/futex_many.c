/* futex_waitv: a wait at several futexes, whose words are compared in the guest's byte order. The host's kernel waits. */
#include "futex.h"
#include "guest.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* struct futex_waitv of all guests and of the host: value, address, flags, nothing. */
enum { AT_VAL = 0, AT_ADDR = 8, AT_FLAGS = 16, AT_RESERVED = 20, WAITER = 24 };
enum { SIZE_U32 = 2, MAX_WAITERS = 128 };

struct waiter {
	uint64_t val, at;
	uint32_t flags, reserved;
};

static int get_waiter(lx *x, uint64_t addr, struct waiter *w)
{
	uint8_t raw[WAITER];
	uint64_t at;

	if (lx_read(x, addr, raw, sizeof raw))
		return -EFAULT;
	w->val = lx_load(x, raw + AT_VAL, 8);
	at = lx_load(x, raw + AT_ADDR, 8);
	w->flags = (uint32_t)lx_load(x, raw + AT_FLAGS, 4);
	w->reserved = (uint32_t)lx_load(x, raw + AT_RESERVED, 4);
	if (w->flags & ~(uint32_t)(SIZE_U32 | FUTEX_PRIVATE_FLAG) || w->reserved || !(w->flags & SIZE_U32) || at & 3)
		return -EINVAL;
	w->at = (uint64_t)(uintptr_t)lx_ptr(x, at, 4, DGM_R);
	if (!w->at)
		return -EFAULT;
	/* More than 32 bits never equal a word. */
	if (w->val <= UINT32_MAX)
		w->val = lx_futex_stored(x, w->val);
	return 0;
}

int64_t lx_sys_futex_waitv(lx *x, const uint64_t *a)
{
	struct waiter w[MAX_WAITERS];
	unsigned n = (unsigned)a[1];
	struct timespec ts;
	int64_t r;

	if (a[2] || !n || n > MAX_WAITERS || !a[0])
		return -EINVAL;
	if (a[3] && a[4] != CLOCK_MONOTONIC && a[4] != CLOCK_REALTIME)
		return -EINVAL;
	if (a[3] && lx_get(x, LX_ST_TIMESPEC64, a[3], &ts))
		return -EFAULT;
	for (unsigned i = 0; i < n; i++) {
		r = get_waiter(x, lx_wrap(a[0] + i * WAITER, x->g->word), &w[i]);
		if (r)
			return r;
	}
	for (unsigned i = 0; i < n; i++)
		lx_futex_sleeps(x, (void *)(uintptr_t)w[i].at, 1);
	r = LX_WAIT(x, SYS_futex_waitv, (long)w, n, 0, a[3] ? (long)&ts : 0, (long)a[4]);
	for (unsigned i = 0; i < n; i++)
		lx_futex_sleeps(x, (void *)(uintptr_t)w[i].at, -1);
	return r;
}
