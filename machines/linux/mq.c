/* POSIX message queues: descriptors of the host, an attribute structure of longs. */
#include <mqueue.h>
#include <stdlib.h>

#include "fds.h"
#include "guest.h"

/* struct mq_attr: flags, maxmsg, msgsize, curmsgs, then four longs for later. */
static int get_attr(lx *x, uint64_t addr, struct mq_attr *out)
{
	unsigned w = x->g->word;
	uint64_t v[4];

	for (unsigned i = 0; i < 4; i++)
		if (lx_get_word(x, addr + i * w, &v[i]))
			return -EFAULT;
	*out = (struct mq_attr){ .mq_flags = (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)v[0], NULL) };
	out->mq_maxmsg = w == 4 ? (int32_t)v[1] : (long)v[1];
	out->mq_msgsize = w == 4 ? (int32_t)v[2] : (long)v[2];
	out->mq_curmsgs = w == 4 ? (int32_t)v[3] : (long)v[3];
	return 0;
}

static int put_attr(lx *x, uint64_t addr, const struct mq_attr *at)
{
	const uint64_t v[8] = { lx_flags_to_guest(&x->g->open_flags, (uint32_t)at->mq_flags), (uint64_t)at->mq_maxmsg,
				(uint64_t)at->mq_msgsize, (uint64_t)at->mq_curmsgs };

	for (unsigned i = 0; i < 8; i++)
		if (lx_put_word(x, addr + i * x->g->word, v[i]))
			return -EFAULT;
	return 0;
}

int64_t lx_sys_mq_open(lx *x, const uint64_t *a)
{
	char name[256];
	struct mq_attr at;
	int r = lx_string(x, a[0], name, sizeof name);

	if (r < 0)
		return r;
	if (a[3] && get_attr(x, a[3], &at))
		return -EFAULT;
	return LX_HOST(SYS_mq_open, (long)name, (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[1], NULL), (long)a[2],
		       a[3] ? (long)&at : 0);
}

int64_t lx_sys_mq_unlink(lx *x, const uint64_t *a)
{
	char name[256];
	int r = lx_string(x, a[0], name, sizeof name);

	return r < 0 ? r : LX_HOST(SYS_mq_unlink, (long)name);
}

int64_t lx_sys_mq_timedsend(lx *x, const uint64_t *a)
{
	struct timespec ts;

	if (a[4] && lx_get(x, lx_timespec(a), a[4], &ts))
		return -EFAULT;
	return LX_WAIT(x, SYS_mq_timedsend, (int)a[0], lx_arg(x, a[1], a[2], DGM_R), (long)a[2], (long)(uint32_t)a[3],
		       a[4] ? (long)&ts : 0);
}

int64_t lx_sys_mq_timedreceive(lx *x, const uint64_t *a)
{
	struct timespec ts;
	uint32_t priority;
	int64_t r;

	if (a[4] && lx_get(x, lx_timespec(a), a[4], &ts))
		return -EFAULT;
	r = LX_WAIT(x, SYS_mq_timedreceive, (int)a[0], lx_arg(x, a[1], a[2], DGM_W), (long)a[2], (long)&priority,
		    a[4] ? (long)&ts : 0);
	return r >= 0 && a[3] && lx_put32(x, a[3], priority) ? -EFAULT : r;
}

/* A notification by a thread comes through a socket: its 32 bytes are sent back as they are. */
int64_t lx_sys_mq_notify(lx *x, const uint64_t *a)
{
	struct sigevent ev = { 0 };
	int r;

	if (!a[1])
		return LX_HOST(SYS_mq_notify, (int)a[0], 0);
	r = lx_get_event(x, a[1], &ev);
	if (!r && ev.sigev_notify == SIGEV_THREAD) {
		ev.sigev_value.sival_ptr = lx_ptr(x, (uint64_t)(uintptr_t)ev.sigev_value.sival_ptr, 32, DGM_R);
		r = ev.sigev_value.sival_ptr ? 0 : -EFAULT;
	}
	return r ? r : LX_HOST(SYS_mq_notify, (int)a[0], (long)&ev);
}

int64_t lx_sys_mq_getsetattr(lx *x, const uint64_t *a)
{
	struct mq_attr fresh, old;
	int64_t r;

	if (a[1] && get_attr(x, a[1], &fresh))
		return -EFAULT;
	r = LX_HOST(SYS_mq_getsetattr, (int)a[0], a[1] ? (long)&fresh : 0, (long)&old);
	return r || !a[2] ? r : put_attr(x, a[2], &old);
}
