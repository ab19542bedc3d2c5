/* Limits of resources. */
#include <inttypes.h>

#include "guest.h"

/* Limits on memory are the guest's: the translator's own memory must not count. memory.c keeps them. */
static struct lx_limit *own_limit(lx *x, int res)
{
	static const int resource[LX_N_LIMIT] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK };

	for (unsigned i = 0; i < LX_N_LIMIT; i++)
		if (res == resource[i])
			return &x->p->limit[i];
	return NULL;
}

static bool is_set(lx *x, const struct lx_limit *l, struct rlimit *out)
{
	bool set;

	pthread_mutex_lock(&x->p->lock);
	set = l->set;
	if (set)
		*out = l->v;
	pthread_mutex_unlock(&x->p->lock);
	return set;
}

static int64_t limit(lx *x, int pid, int res, const struct rlimit *set, struct rlimit *old)
{
	struct lx_limit *own = pid && pid != getpid() ? NULL : own_limit(x, res);
	struct rlimit now;
	int64_t r;

	if (!own)
		return LX_HOST(SYS_prlimit64, pid, res, (long)set, (long)old);
	r = LX_HOST(SYS_prlimit64, 0, res, 0, (long)&now);
	if (r)
		return r;
	pthread_mutex_lock(&x->p->lock);
	if (own->set)
		now = own->v;
	if (old)
		*old = now;
	if (set && set->rlim_cur > set->rlim_max)
		r = -EINVAL;
	else if (set && set->rlim_max > now.rlim_max && geteuid())
		r = -EPERM;
	else if (set)
		*own = (struct lx_limit){ true, *set };
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

uint64_t lx_own_limit(lx *x, int res)
{
	struct rlimit rl;

	return is_set(x, own_limit(x, res), &rl) ? rl.rlim_cur : RLIM_INFINITY;
}

/* "which=soft:hard," for each that is set. */
bool lx_limits_text(lx *x, char *out, size_t cap)
{
	size_t n = (size_t)snprintf(out, cap, "--inherit=");
	bool any = false;
	struct rlimit rl;

	for (unsigned i = 0; i < LX_N_LIMIT; i++) {
		if (!is_set(x, &x->p->limit[i], &rl))
			continue;
		any = true;
		n += (size_t)snprintf(out + n, cap - n, "%u=%" PRIx64 ":%" PRIx64 ",", i, (uint64_t)rl.rlim_cur, (uint64_t)rl.rlim_max);
	}
	return any;
}

void lx_limits_inherit(struct dgm_linux *p, const char *text)
{
	unsigned i;
	uint64_t cur, max;

	while (text && sscanf(text, "%u=%" SCNx64 ":%" SCNx64, &i, &cur, &max) == 3 && i < LX_N_LIMIT) {
		p->limit[i] = (struct lx_limit){ true, { cur, max } };
		text = strchr(text, ',');
		text += text != NULL;
	}
}
