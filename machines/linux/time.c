/* Clocks, sleeping and timers. */
#include <time.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

int64_t lx_sys_time(lx *x, const uint64_t *a)
{
	time_t t = time(NULL);

	if (a[0] && lx_put_word(x, a[0], (uint64_t)t))
		return -EFAULT;
	return t;
}

int64_t lx_sys_stime(lx *x, const uint64_t *a)
{
	uint64_t t;
	struct timespec ts = { 0 };

	if (lx_get_word(x, a[0], &t))
		return -EFAULT;
	ts.tv_sec = x->g->word == 4 ? (int32_t)t : (time_t)t;
	return LX_HOST(SYS_clock_settime, CLOCK_REALTIME, (long)&ts);
}

int64_t lx_sys_gettimeofday(lx *x, const uint64_t *a)
{
	struct timeval tv;
	struct timezone tz;

	gettimeofday(&tv, &tz);
	if (a[0] && lx_put(x, LX_ST_TIMEVAL, a[0], &tv))
		return -EFAULT;
	if (a[1] && (lx_put32(x, a[1], (uint32_t)tz.tz_minuteswest) || lx_put32(x, a[1] + 4, (uint32_t)tz.tz_dsttime)))
		return -EFAULT;
	return 0;
}

int64_t lx_sys_settimeofday(lx *x, const uint64_t *a)
{
	struct timeval tv;
	struct timezone tz;
	uint32_t west = 0, dst = 0;

	if (a[0] && lx_get(x, LX_ST_TIMEVAL, a[0], &tv))
		return -EFAULT;
	if (a[1] && (lx_get32(x, a[1], &west) || lx_get32(x, a[1] + 4, &dst)))
		return -EFAULT;
	tz.tz_minuteswest = (int)west;
	tz.tz_dsttime = (int)dst;
	return LX_HOST(SYS_settimeofday, a[0] ? (long)&tv : 0, a[1] ? (long)&tz : 0);
}

/* Through the C library: it asks the vDSO. */
int64_t lx_sys_clock_gettime(lx *x, const uint64_t *a)
{
	struct timespec ts;

	return clock_gettime((clockid_t)a[0], &ts) ? -errno : lx_put(x, lx_timespec(a), a[1], &ts);
}

int64_t lx_sys_clock_settime(lx *x, const uint64_t *a)
{
	struct timespec ts;

	return lx_get(x, lx_timespec(a), a[1], &ts) ? -EFAULT : LX_HOST(SYS_clock_settime, (int)a[0], (long)&ts);
}

int64_t lx_sys_clock_getres(lx *x, const uint64_t *a)
{
	struct timespec ts;
	int64_t r = LX_HOST(SYS_clock_getres, (int)a[0], (long)&ts);

	return r || !a[1] ? r : lx_put(x, lx_timespec(a), a[1], &ts);
}

static int64_t sleep_on(lx *x, int clock, int flags, uint64_t req, uint64_t rem, enum lx_st st)
{
	struct timespec want, left = { 0 };
	int64_t r;

	if (lx_get(x, st, req, &want))
		return -EFAULT;
	left = want;
	r = LX_WAIT_NOHAND(x, SYS_clock_nanosleep, clock, flags, (long)&want, (long)&left);
	if ((r == -EINTR || r == -LX_ENOHAND) && rem && !(flags & TIMER_ABSTIME) && lx_put(x, st, rem, &left))
		return -EFAULT;
	return r;
}

int64_t lx_sys_nanosleep(lx *x, const uint64_t *a)
{
	return sleep_on(x, CLOCK_MONOTONIC, 0, a[0], a[1], LX_ST_TIMESPEC);
}

int64_t lx_sys_clock_nanosleep(lx *x, const uint64_t *a)
{
	return sleep_on(x, (int)a[0], (int)a[1], a[2], a[3], lx_timespec(a));
}

int64_t lx_sys_times(lx *x, const uint64_t *a)
{
	struct tms t;
	int64_t r = LX_HOST(SYS_times, (long)&t);

	if (a[0] && lx_put(x, LX_ST_TMS, a[0], &t))
		return -EFAULT;
	if (x->g->word == 8)
		return r;
	/* 32 bits that may look like an error are none: the kernel forces success for this call. */
	r &= UINT32_MAX;
	return r;
}

int64_t lx_sys_adjtimex(lx *x, const uint64_t *a)
{
	struct timex t;
	int64_t r;

	if (lx_get(x, LX_ST_TIMEX, a[0], &t))
		return -EFAULT;
	r = LX_HOST(SYS_adjtimex, (long)&t);
	return r >= 0 && lx_put(x, LX_ST_TIMEX, a[0], &t) ? -EFAULT : r;
}

int64_t lx_sys_clock_adjtime(lx *x, const uint64_t *a)
{
	enum lx_st st = a[LX_ARG_SIZE] == LX_WIDE ? LX_ST_TIMEX64 : LX_ST_TIMEX;
	struct timex t;
	int64_t r;

	if (lx_get(x, st, a[1], &t))
		return -EFAULT;
	r = LX_HOST(SYS_clock_adjtime, (int)a[0], (long)&t);
	return r >= 0 && lx_put(x, st, a[1], &t) ? -EFAULT : r;
}

int64_t lx_sys_setitimer(lx *x, const uint64_t *a)
{
	struct itimerval it = { 0 }, old;
	int64_t r;

	if (a[1] && lx_get(x, LX_ST_ITIMERVAL, a[1], &it))
		return -EFAULT;
	r = LX_HOST(SYS_setitimer, (int)a[0], (long)&it, (long)&old);
	return r || !a[2] ? r : lx_put(x, LX_ST_ITIMERVAL, a[2], &old);
}

int64_t lx_sys_getitimer(lx *x, const uint64_t *a)
{
	struct itimerval it;
	int64_t r = LX_HOST(SYS_getitimer, (int)a[0], (long)&it);

	return r ? r : lx_put(x, LX_ST_ITIMERVAL, a[1], &it);
}

/* ---- POSIX timers: the host's ids are the guest's ---- */

/* struct sigevent: value, signo, notify, thread id; the value is one of the guest's longs. */
int lx_get_event(lx *x, uint64_t addr, struct sigevent *ev)
{
	unsigned w = x->g->word;
	uint64_t value;
	uint32_t sig, notify, tid;

	memset(ev, 0, sizeof *ev);
	if (lx_get_word(x, addr, &value) || lx_get32(x, addr + w, &sig) || lx_get32(x, addr + w + 4, &notify) ||
	    lx_get32(x, addr + w + 8, &tid))
		return -EFAULT;
	ev->sigev_value.sival_ptr = (void *)(uintptr_t)value;
	ev->sigev_signo = (int)sig;
	ev->sigev_notify = (int)notify;
	ev->_sigev_un._tid = (pid_t)tid;
	return 0;
}

int64_t lx_sys_timer_create(lx *x, const uint64_t *a)
{
	struct sigevent ev;
	int id;
	int64_t r;

	if (a[1] && lx_get_event(x, a[1], &ev))
		return -EFAULT;
	r = LX_HOST(SYS_timer_create, (int)a[0], a[1] ? (long)&ev : 0, (long)&id);
	if (!r && lx_put32(x, a[2], (uint32_t)id)) {
		LX_HOST(SYS_timer_delete, id);
		r = -EFAULT;
	}
	return r;
}

static int64_t timer_set(lx *x, const uint64_t *a, long nr)
{
	struct itimerspec it, old;
	int64_t r;

	if (!a[2])
		return -EINVAL;
	if (lx_get(x, lx_itimerspec(a), a[2], &it))
		return -EFAULT;
	r = LX_HOST(nr, (int)a[0], (int)a[1], (long)&it, (long)&old);
	return r || !a[3] ? r : lx_put(x, lx_itimerspec(a), a[3], &old);
}

static int64_t timer_get(lx *x, const uint64_t *a, long nr)
{
	struct itimerspec it;
	int64_t r = LX_HOST(nr, (int)a[0], (long)&it);

	return r ? r : lx_put(x, lx_itimerspec(a), a[1], &it);
}

int64_t lx_sys_timer_settime(lx *x, const uint64_t *a)
{
	return timer_set(x, a, SYS_timer_settime);
}

int64_t lx_sys_timer_gettime(lx *x, const uint64_t *a)
{
	return timer_get(x, a, SYS_timer_gettime);
}

int64_t lx_sys_timerfd_create(lx *x, const uint64_t *a)
{
	uint32_t flags = lx_flags_to_host(&x->g->open_flags, (uint32_t)a[1], NULL);

	return lx_fd_made(x, LX_HOST(SYS_timerfd_create, (int)a[0], (long)flags), LX_FD_COUNT);
}

int64_t lx_sys_timerfd_settime(lx *x, const uint64_t *a)
{
	return timer_set(x, a, SYS_timerfd_settime);
}

int64_t lx_sys_timerfd_gettime(lx *x, const uint64_t *a)
{
	return timer_get(x, a, SYS_timerfd_gettime);
}
