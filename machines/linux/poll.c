/* Waiting for descriptors: select, poll, epoll, and the descriptors made for it. */
#include <stdlib.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

#define MAX_FDS 65536u
#define SET_BYTES(n) (((n) + 63) / 64 * 8)

/* Sets of descriptors are arrays of the guest's longs, bit n % long of element n / long. */
static int get_set(lx *x, uint64_t addr, unsigned n, uint64_t *out)
{
	unsigned w = x->g->word, bytes = (n + 8 * w - 1) / (8 * w) * w;
	const uint8_t *p;

	if (!addr || !n)
		return 0;
	p = lx_ptr(x, addr, bytes, DGM_R);
	if (!p)
		return -EFAULT;
	for (unsigned i = 0; i < bytes; i += w)
		out[i / 8] |= lx_load(x, p + i, w) << (w == 4 && i % 8 ? 32 : 0);
	return 0;
}

static int put_set(lx *x, uint64_t addr, unsigned n, const uint64_t *in)
{
	unsigned w = x->g->word, bytes = (n + 8 * w - 1) / (8 * w) * w;
	uint8_t *p;

	if (!addr || !n)
		return 0;
	p = lx_ptr(x, addr, bytes, DGM_W);
	if (!p)
		return -EFAULT;
	for (unsigned i = 0; i < bytes; i += w)
		lx_store(x, p + i, w, in[i / 8] >> (w == 4 && i % 8 ? 32 : 0));
	return 0;
}

struct mask_arg {
	const uint64_t *mask;
	size_t size;
};

static int64_t run_select(lx *x, unsigned n, const uint64_t *sets, uint64_t *buf, struct timespec *ts, const uint64_t *mask)
{
	uint64_t host_mask = mask ? lx_host_mask(*mask) : 0;
	struct mask_arg arg = { mask ? &host_mask : NULL, 8 };
	unsigned words = SET_BYTES(n) / 8;
	long set[3];
	int64_t r;

	for (unsigned i = 0; i < 3; i++) {
		set[i] = sets[i] ? (long)(buf + i * words) : 0;
		if (get_set(x, sets[i], n, buf + i * words))
			return -EFAULT;
	}
	if (mask)
		lx_mask_begin(x, *mask);
	r = LX_WAIT_NOHAND(x, SYS_pselect6, n, set[0], set[1], set[2], (long)ts, (long)&arg);
	if (mask)
		r = lx_mask_end(x, r);
	for (unsigned i = 0; r >= 0 && i < 3; i++)
		if (put_set(x, sets[i], n, buf + i * words))
			return -EFAULT;
	return r;
}

static int64_t do_select(lx *x, int n, const uint64_t *sets, struct timespec *ts, const uint64_t *mask)
{
	uint64_t small[3 * 16] = { 0 }, *buf = small;
	int64_t r;

	if (n < 0)
		return -EINVAL;
	if ((unsigned)n > MAX_FDS)
		n = (int)MAX_FDS;
	if (n > 1024)
		buf = calloc(3, SET_BYTES((unsigned)n));
	if (!buf)
		return -ENOMEM;
	r = run_select(x, (unsigned)n, sets, buf, ts, mask);
	if (buf != small)
		free(buf);
	return r;
}

/* What is left of the time goes back to the guest, as Linux does it. */
static void put_left(lx *x, enum lx_st st, uint64_t addr, const struct timespec *ts)
{
	struct timeval tv = { ts->tv_sec, ts->tv_nsec / 1000 };

	if (addr)
		(void)lx_put(x, st, addr, st == LX_ST_TIMEVAL ? (const void *)&tv : ts);
}

int64_t lx_sys__newselect(lx *x, const uint64_t *a)
{
	struct timeval tv;
	struct timespec ts = { 0 };
	int64_t r;

	if (a[4]) {
		if (lx_get(x, LX_ST_TIMEVAL, a[4], &tv))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		ts.tv_sec = tv.tv_sec + tv.tv_usec / 1000000;
		ts.tv_nsec = tv.tv_usec % 1000000 * 1000;
	}
	r = do_select(x, (int)a[0], a + 1, a[4] ? &ts : NULL, NULL);
	put_left(x, LX_ST_TIMEVAL, a[4], &ts);
	return r;
}

int64_t lx_sys_pselect6(lx *x, const uint64_t *a)
{
	struct timespec ts;
	uint64_t mask_at = 0, size = 0, mask = 0;
	unsigned w = x->g->word;
	int64_t r;

	if (a[4] && lx_get(x, lx_timespec(a), a[4], &ts))
		return -EFAULT;
	if (a[5] && (lx_get_word(x, a[5], &mask_at) || lx_get_word(x, a[5] + w, &size)))
		return -EFAULT;
	if (mask_at && size != 8)
		return -EINVAL;
	if (mask_at && lx_get_mask(x, mask_at, &mask))
		return -EFAULT;
	r = do_select(x, (int)a[0], a + 1, a[4] ? &ts : NULL, mask_at ? &mask : NULL);
	put_left(x, lx_timespec(a), a[4], &ts);
	return r;
}

/* ---- poll ---- */

static int64_t run_poll(lx *x, uint64_t addr, unsigned n, struct pollfd *fds, struct timespec *ts, const uint64_t *mask)
{
	uint64_t host_mask = mask ? lx_host_mask(*mask) : 0, size = lx_sizeof(x, LX_ST_POLLFD);
	uint8_t *p = lx_ptr(x, addr, n * size, DGM_W);
	int64_t r;

	if (!p)
		return -EFAULT;
	for (unsigned i = 0; i < n; i++)
		lx_to_host(x, LX_ST_POLLFD, &fds[i], p + i * size);
	if (mask)
		lx_mask_begin(x, *mask);
	r = LX_WAIT_NOHAND(x, SYS_ppoll, (long)fds, n, (long)ts, mask ? (long)&host_mask : 0, 8);
	if (mask)
		r = lx_mask_end(x, r);
	for (unsigned i = 0; r >= 0 && i < n; i++)
		lx_to_guest(x, LX_ST_POLLFD, p + i * size, &fds[i]);
	return r;
}

static int64_t do_poll(lx *x, uint64_t addr, uint64_t n, struct timespec *ts, const uint64_t *mask)
{
	struct pollfd small[32], *fds = small;
	int64_t r;

	if (n > MAX_FDS)
		return -EINVAL;
	if (n > 32)
		fds = malloc(n * sizeof *fds);
	if (!fds)
		return -ENOMEM;
	r = run_poll(x, addr, (unsigned)n, fds, ts, mask);
	if (fds != small)
		free(fds);
	return r;
}

int64_t lx_sys_poll(lx *x, const uint64_t *a)
{
	int ms = (int)a[2];
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	return do_poll(x, a[0], a[1], ms < 0 ? NULL : &ts, NULL);
}

int64_t lx_sys_ppoll(lx *x, const uint64_t *a)
{
	struct timespec ts;
	uint64_t mask;
	int64_t r;

	if (a[2] && lx_get(x, lx_timespec(a), a[2], &ts))
		return -EFAULT;
	if (a[3] && a[4] != 8)
		return -EINVAL;
	if (a[3] && lx_get_mask(x, a[3], &mask))
		return -EFAULT;
	r = do_poll(x, a[0], a[1], a[2] ? &ts : NULL, a[3] ? &mask : NULL);
	put_left(x, lx_timespec(a), a[2], &ts);
	return r;
}

/* ---- epoll ---- */

int64_t lx_sys_epoll_create(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_epoll_create, (int)a[0]);
}

int64_t lx_sys_epoll_create1(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_epoll_create1, (long)a[0]);
}

int64_t lx_sys_epoll_ctl(lx *x, const uint64_t *a)
{
	struct epoll_event ev;

	if ((int)a[1] != EPOLL_CTL_DEL && lx_get(x, LX_ST_EPOLL, a[3], &ev))
		return -EFAULT;
	return LX_HOST(SYS_epoll_ctl, (int)a[0], (int)a[1], (int)a[2], (long)&ev);
}

static int64_t epoll_any(lx *x, const uint64_t *a, const struct timespec *ts, uint64_t mask_at, uint64_t mask_size)
{
	struct epoll_event *ev;
	uint64_t mask = 0, host_mask, size = lx_sizeof(x, LX_ST_EPOLL);
	int64_t n = (int)a[2], r;
	uint8_t *p;

	if (n <= 0 || n > (int64_t)MAX_FDS)
		return -EINVAL;
	if (mask_at && mask_size != 8)
		return -EINVAL;
	if (mask_at && lx_get_mask(x, mask_at, &mask))
		return -EFAULT;
	p = lx_ptr(x, a[1], (uint64_t)n * size, DGM_W);
	if (!p)
		return -EFAULT;
	ev = malloc((size_t)n * sizeof *ev);
	if (!ev)
		return -ENOMEM;
	host_mask = lx_host_mask(mask);
	if (mask_at)
		lx_mask_begin(x, mask);
	r = LX_WAIT_NOHAND(x, SYS_epoll_pwait2, (int)a[0], (long)ev, n, (long)ts, mask_at ? (long)&host_mask : 0, 8);
	if (mask_at)
		r = lx_mask_end(x, r);
	for (int64_t i = 0; i < r; i++)
		lx_to_guest(x, LX_ST_EPOLL, p + (uint64_t)i * size, &ev[i]);
	free(ev);
	return r;
}

int64_t lx_sys_epoll_pwait(lx *x, const uint64_t *a)
{
	int ms = (int)a[3];
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	return epoll_any(x, a, ms < 0 ? NULL : &ts, a[4], a[5]);
}

int64_t lx_sys_epoll_pwait2(lx *x, const uint64_t *a)
{
	struct timespec ts;

	if (a[3] && lx_get(x, LX_ST_TIMESPEC64, a[3], &ts))
		return -EFAULT;
	return epoll_any(x, a, a[3] ? &ts : NULL, a[4], a[5]);
}

/* ---- descriptors that count, or take signals ---- */

int64_t lx_sys_eventfd2(lx *x, const uint64_t *a)
{
	long flags = (long)((a[1] & 1) | lx_flags_to_host(&x->g->open_flags, (uint32_t)a[1] & ~1u, NULL));

	return lx_fd_made(x, LX_HOST(SYS_eventfd2, (long)(uint32_t)a[0], flags), LX_FD_COUNT);
}

int64_t lx_sys_signalfd4(lx *x, const uint64_t *a)
{
	uint64_t mask;

	if (a[2] != 8)
		return -EINVAL;
	if (lx_get_mask(x, a[1], &mask))
		return -EFAULT;
	return lx_fd_made(x, LX_HOST(SYS_signalfd4, (int)a[0], (long)&mask, 8,
				     (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[3], NULL)), LX_FD_SIGNAL);
}
