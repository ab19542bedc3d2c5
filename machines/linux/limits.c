/* Limits of resources. */
#include <inttypes.h>

#include "guest.h"

/* Limits on memory are the guest's: the translator's own memory must not count. memory.c keeps them. */
static struct rlimit *own_limit(lx *x, int res)
{
	switch (res) {
	case RLIMIT_AS: return &x->p->limit[0];
	case RLIMIT_DATA: return &x->p->limit[1];
	case RLIMIT_STACK: return &x->p->limit[2];
	default: return NULL;
	}
}

static int64_t limit(lx *x, int pid, int res, const struct rlimit *set, struct rlimit *old)
{
	struct rlimit *own = pid && pid != getpid() ? NULL : own_limit(x, res), now;
	int64_t r;

	if (!own || (!own->rlim_max && !set))
		return LX_HOST(SYS_prlimit64, pid, res, (long)set, (long)old);
	r = LX_HOST(SYS_prlimit64, 0, res, 0, (long)&now);
	if (r)
		return r;
	pthread_mutex_lock(&x->p->lock);
	if (own->rlim_max)
		now = *own;
	if (old)
		*old = now;
	if (set && set->rlim_cur > set->rlim_max)
		r = -EINVAL;
	else if (set && set->rlim_max > now.rlim_max && geteuid())
		r = -EPERM;
	else if (set)
		*own = *set;
	pthread_mutex_unlock(&x->p->lock);
	return r;
}

static uint64_t limit_in(const lx *x, uint64_t v)
{
	return x->g->word == 4 && (uint32_t)v == UINT32_MAX ? RLIM_INFINITY : v;
}

static int64_t get_limit(lx *x, const uint64_t *a, uint64_t cap)
{
	struct rlimit rl;
	int64_t r = limit(x, 0, (int)a[0], NULL, &rl);

	if (r)
		return r;
	if (x->g->word == 4) {
		rl.rlim_cur = rl.rlim_cur > cap ? cap : rl.rlim_cur;
		rl.rlim_max = rl.rlim_max > cap ? cap : rl.rlim_max;
	}
	return lx_put(x, LX_ST_RLIMIT, a[1], &rl);
}

int64_t lx_sys_ugetrlimit(lx *x, const uint64_t *a)
{
	return get_limit(x, a, UINT32_MAX);
}

/* The old call of 32-bit guests knows no limit above 2^31. */
int64_t lx_sys_getrlimit(lx *x, const uint64_t *a)
{
	return get_limit(x, a, INT32_MAX);
}

int64_t lx_sys_setrlimit(lx *x, const uint64_t *a)
{
	struct rlimit rl;

	if (lx_get(x, LX_ST_RLIMIT, a[1], &rl))
		return -EFAULT;
	rl.rlim_cur = limit_in(x, rl.rlim_cur);
	rl.rlim_max = limit_in(x, rl.rlim_max);
	return limit(x, 0, (int)a[0], &rl, NULL);
}

int64_t lx_sys_prlimit64(lx *x, const uint64_t *a)
{
	struct rlimit set, old;
	int64_t r;

	if (a[2] && lx_get(x, LX_ST_RLIMIT64, a[2], &set))
		return -EFAULT;
	r = limit(x, (int)a[0], (int)a[1], a[2] ? &set : NULL, a[3] ? &old : NULL);
	return r || !a[3] ? r : lx_put(x, LX_ST_RLIMIT64, a[3], &old);
}

struct rlimit lx_limit(lx *x, int res)
{
	struct rlimit rl = { RLIM_INFINITY, RLIM_INFINITY };

	(void)limit(x, 0, res, NULL, &rl);
	return rl;
}

bool lx_limits_text(lx *x, char *out, size_t cap)
{
	size_t n = (size_t)snprintf(out, cap, "--inherit=");
	bool any = false;

	pthread_mutex_lock(&x->p->lock);
	for (unsigned i = 0; i < 3; i++) {
		const struct rlimit *l = &x->p->limit[i];

		any |= l->rlim_max != 0;
		n += (size_t)snprintf(out + n, cap - n, "%s%" PRIx64 ":%" PRIx64, i ? "," : "", (uint64_t)l->rlim_cur, (uint64_t)l->rlim_max);
	}
	pthread_mutex_unlock(&x->p->lock);
	return any;
}

void lx_limits_inherit(struct dgm_linux *p, const char *text)
{
	for (unsigned i = 0; i < 3 && text; i++) {
		uint64_t cur, max;

		if (sscanf(text, "%" SCNx64 ":%" SCNx64, &cur, &max) == 2)
			p->limit[i] = (struct rlimit){ cur, max };
		text = strchr(text, ',');
		text += text != NULL;
	}
}
