/* Identity, scheduling, limits, and what the system says of itself. */
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "guest.h"
#include "host_types.h"

/* An id into a list of them. */
static int put_id(lx *x, const uint64_t *a, uint64_t list, uint64_t i, uint32_t id)
{
	uint8_t out[2];

	if (a[LX_ARG_SIZE] != LX_NARROW)
		return lx_put32(x, list + 4 * i, id);
	lx_store(x, out, 2, lx_narrow_id(id));
	return lx_write(x, list + 2 * i, out, sizeof out);
}

static int get_id(lx *x, const uint64_t *a, uint64_t list, uint64_t i, uint32_t *id)
{
	uint8_t in[2];

	if (a[LX_ARG_SIZE] != LX_NARROW)
		return lx_get32(x, list + 4 * i, id);
	if (lx_read(x, list + 2 * i, in, sizeof in))
		return -EFAULT;
	*id = lx_wide_id(lx_load(x, in, 2));
	return 0;
}

static int64_t three_ids(lx *x, const uint64_t *a, long nr)
{
	uint32_t id[3];
	int64_t r = LX_HOST(nr, (long)&id[0], (long)&id[1], (long)&id[2]);

	for (unsigned i = 0; !r && i < 3; i++)
		r = put_id(x, a, a[i], 0, id[i]);
	return r;
}

int64_t lx_sys_getresuid(lx *x, const uint64_t *a)
{
	return three_ids(x, a, SYS_getresuid);
}

int64_t lx_sys_getresgid(lx *x, const uint64_t *a)
{
	return three_ids(x, a, SYS_getresgid);
}

#define MAX_GROUPS 1024

int64_t lx_sys_getgroups(lx *x, const uint64_t *a)
{
	uint32_t list[MAX_GROUPS];
	int n = (int)a[0];
	int64_t r;

	if (n < 0)
		return -EINVAL;
	r = LX_HOST(SYS_getgroups, n < MAX_GROUPS ? n : MAX_GROUPS, (long)list);
	for (int64_t i = 0; n && i < r; i++)
		if (put_id(x, a, a[1], (uint64_t)i, list[i]))
			return -EFAULT;
	return r;
}

int64_t lx_sys_setgroups(lx *x, const uint64_t *a)
{
	uint32_t list[MAX_GROUPS];
	uint64_t n = (uint32_t)a[0];

	if (n > MAX_GROUPS)
		return -EINVAL;
	for (uint64_t i = 0; i < n; i++)
		if (get_id(x, a, a[1], i, &list[i]))
			return -EFAULT;
	return LX_HOST(SYS_setgroups, (long)n, (long)list);
}

int64_t lx_sys_pidfd_send_signal(lx *x, const uint64_t *a)
{
	uint8_t in[128];
	siginfo_t si;

	if (a[2] && lx_read(x, a[2], in, sizeof in))
		return -EFAULT;
	if (a[2])
		lx_get_siginfo(x, in, &si);
	return LX_HOST(SYS_pidfd_send_signal, (int)a[0], (int)a[1], a[2] ? (long)&si : 0, (long)a[3]);
}

/* The kernel's nice(2): 0 or an error, in terms of getpriority, which counts 20 - nice. */
int64_t lx_sys_nice(lx *x, const uint64_t *a)
{
	int64_t now = 20 - LX_HOST(SYS_getpriority, PRIO_PROCESS, 0), want = now + (int)a[0];

	want = want < -20 ? -20 : want > 19 ? 19 : want;
	now = LX_HOST(SYS_setpriority, PRIO_PROCESS, 0, want);
	return now == -EACCES ? -EPERM : now;
}

/* The upper bits say what a program is used to: the guest's own, kept for it. */
int64_t lx_sys_personality(lx *x, const uint64_t *a)
{
	uint32_t old = x->personality;

	if ((uint32_t)a[0] != 0xffffffff)
		x->personality = (uint32_t)a[0];
	return old;
}

static int64_t put_int(lx *x, uint64_t addr, long op)
{
	int v = 0;
	int64_t r = LX_HOST(SYS_prctl, op, (long)&v);

	return r < 0 ? r : lx_put32(x, addr, (uint32_t)v);
}

int64_t lx_sys_prctl(lx *x, const uint64_t *a)
{
	char name[16] = "";
	int op = (int)a[0], r;
	int64_t own = x->g->prctl ? x->g->prctl(x, (uint64_t)op, a[1]) : -ENOSYS;

	if (own != -ENOSYS)
		return own;
	switch (op) {
	case PR_SET_NAME:
		r = lx_string(x, a[1], name, sizeof name);
		if (r == -EFAULT)
			return r;
		name[sizeof name - 1] = 0;
		return LX_HOST(SYS_prctl, op, (long)name);
	case PR_GET_NAME:
		LX_HOST(SYS_prctl, op, (long)name);
		return lx_write(x, a[1], name, sizeof name);
	case PR_GET_PDEATHSIG: case PR_GET_CHILD_SUBREAPER:
		return put_int(x, a[1], op);
	case PR_SET_PDEATHSIG: case PR_GET_DUMPABLE: case PR_SET_DUMPABLE: case PR_GET_KEEPCAPS: case PR_SET_KEEPCAPS:
	case PR_SET_CHILD_SUBREAPER: case PR_SET_NO_NEW_PRIVS: case PR_GET_NO_NEW_PRIVS: case PR_SET_TIMERSLACK:
	case PR_GET_TIMERSLACK: case PR_CAPBSET_READ: case PR_CAPBSET_DROP: case PR_GET_SECUREBITS:
	case PR_SET_THP_DISABLE: case PR_GET_THP_DISABLE:
		return LX_HOST(SYS_prctl, op, (long)a[1], (long)a[2], (long)a[3], (long)a[4]);
	default:
		return -EINVAL;
	}
}

/* ---- scheduling ---- */

#define CPU_BYTES 128

int64_t lx_sys_sched_getaffinity(lx *x, const uint64_t *a)
{
	uint8_t host[CPU_BYTES] = { 0 }, out[CPU_BYTES];
	unsigned w = x->g->word;
	uint64_t n = a[1] < CPU_BYTES ? a[1] : CPU_BYTES;
	int64_t r;

	if (a[1] & (w - 1))
		return -EINVAL;
	r = LX_HOST(SYS_sched_getaffinity, (int)a[0], CPU_BYTES, (long)host);
	if (r < 0)
		return r;
	if ((uint64_t)r > n) {
		for (uint64_t i = n; i < (uint64_t)r; i++)
			if (host[i])
				return -EINVAL;
		r = (int64_t)n;
	}
	for (uint64_t i = 0; i < (uint64_t)r; i += w) {
		uint64_t v = 0;

		memcpy(&v, host + i, w);
		lx_store(x, out + i, w, v);
	}
	return lx_write(x, a[2], out, (size_t)r) ? -EFAULT : r;
}

int64_t lx_sys_sched_setaffinity(lx *x, const uint64_t *a)
{
	uint8_t host[CPU_BYTES] = { 0 }, in[CPU_BYTES] = { 0 };
	unsigned w = x->g->word;
	uint64_t n = a[1] < CPU_BYTES ? a[1] : CPU_BYTES;

	if (lx_read(x, a[2], in, n))
		return -EFAULT;
	for (uint64_t i = 0; i + w <= CPU_BYTES; i += w) {
		uint64_t v = lx_load(x, in + i, w);

		memcpy(host + i, &v, w);
	}
	x->patience.look_again = 0;
	return LX_HOST(SYS_sched_setaffinity, (int)a[0], CPU_BYTES, (long)host);
}

int64_t lx_sys_sched_getparam(lx *x, const uint64_t *a)
{
	uint32_t prio;
	int64_t r = LX_HOST(SYS_sched_getparam, (int)a[0], (long)&prio);

	return r ? r : lx_put32(x, a[1], prio);
}

int64_t lx_sys_sched_setparam(lx *x, const uint64_t *a)
{
	uint32_t prio;

	return lx_get32(x, a[1], &prio) ? -EFAULT : LX_HOST(SYS_sched_setparam, (int)a[0], (long)&prio);
}

/* struct sched_attr has the same layout everywhere: these sizes, one behind the other. */
static const uint8_t attr_fields[] = { 4, 4, 8, 4, 4, 8, 8, 8, 4, 4 };
enum { ATTR_OLD = 48, ATTR_SIZE = 56 };

static void attr_to_host(const lx *x, uint8_t *attr)
{
	for (size_t i = 0, at = 0; i < sizeof attr_fields; at += attr_fields[i++]) {
		uint64_t v = lx_load(x, attr + at, attr_fields[i]);

		memcpy(attr + at, &v, attr_fields[i]);
	}
}

static void attr_to_guest(const lx *x, uint8_t *attr)
{
	for (size_t i = 0, at = 0; i < sizeof attr_fields; at += attr_fields[i++]) {
		uint64_t v = 0;

		memcpy(&v, attr + at, attr_fields[i]);
		lx_store(x, attr + at, attr_fields[i], v);
	}
}

int64_t lx_sys_sched_setattr(lx *x, const uint64_t *a)
{
	uint8_t attr[LX_PAGE] = { 0 };
	uint32_t size;
	int64_t r;

	if (lx_get32(x, a[1], &size))
		return -EFAULT;
	if (!size)
		size = ATTR_OLD;
	if (size < ATTR_OLD || size > sizeof attr)
		return lx_put32(x, a[1], ATTR_SIZE) ? -EFAULT : -E2BIG;
	if (lx_read(x, a[1], attr, size))
		return -EFAULT;
	attr_to_host(x, attr);
	memcpy(attr, &size, sizeof size);
	r = LX_HOST(SYS_sched_setattr, (int)a[0], (long)attr, (long)a[2]);
	if (r != -E2BIG)
		return r;
	/* The kernel says there what it knows. */
	memcpy(&size, attr, sizeof size);
	return lx_put32(x, a[1], size) ? -EFAULT : r;
}

int64_t lx_sys_sched_getattr(lx *x, const uint64_t *a)
{
	uint8_t attr[ATTR_SIZE] = { 0 };
	uint32_t size = a[2] < ATTR_SIZE ? (uint32_t)a[2] : ATTR_SIZE;
	int64_t r;

	if (a[2] > LX_PAGE)
		return -EINVAL;
	r = LX_HOST(SYS_sched_getattr, (int)a[0], (long)attr, (long)size, (long)a[3]);
	if (r)
		return r;
	attr_to_guest(x, attr);
	return lx_write(x, a[1], attr, size);
}

int64_t lx_sys_sched_setscheduler(lx *x, const uint64_t *a)
{
	uint32_t prio;

	return lx_get32(x, a[2], &prio) ? -EFAULT : LX_HOST(SYS_sched_setscheduler, (int)a[0], (int)a[1], (long)&prio);
}

int64_t lx_sys_sched_rr_get_interval(lx *x, const uint64_t *a)
{
	struct timespec ts;
	int64_t r = LX_HOST(SYS_sched_rr_get_interval, (int)a[0], (long)&ts);

	return r ? r : lx_put(x, lx_timespec(a), a[1], &ts);
}

int64_t lx_sys_getcpu(lx *x, const uint64_t *a)
{
	uint32_t cpu, node;
	int64_t r = LX_HOST(SYS_getcpu, (long)&cpu, (long)&node);

	if (!r && ((a[0] && lx_put32(x, a[0], cpu)) || (a[1] && lx_put32(x, a[1], node))))
		return -EFAULT;
	return r;
}

/* ---- capabilities: a header of two words, then three words once or twice ---- */

static int64_t capabilities(lx *x, const uint64_t *a, long nr)
{
	uint32_t head[2] = { 0 }, data[6] = { 0 };
	unsigned n;
	int64_t r;

	if (lx_get32(x, a[0], &head[0]) || lx_get32(x, a[0] + 4, &head[1]))
		return -EFAULT;
	n = head[0] == _LINUX_CAPABILITY_VERSION_1 ? 3 : 6;
	for (unsigned i = 0; nr == SYS_capset && i < n; i++)
		if (lx_get32(x, a[1] + 4 * i, &data[i]))
			return -EFAULT;
	r = LX_HOST(nr, (long)head, nr == SYS_capset || a[1] ? (long)data : 0);
	if (lx_put32(x, a[0], head[0]))
		return -EFAULT;
	for (unsigned i = 0; !r && nr == SYS_capget && a[1] && i < n; i++)
		if (lx_put32(x, a[1] + 4 * i, data[i]))
			return -EFAULT;
	return r;
}

int64_t lx_sys_capget(lx *x, const uint64_t *a)
{
	return capabilities(x, a, SYS_capget);
}

int64_t lx_sys_capset(lx *x, const uint64_t *a)
{
	return capabilities(x, a, SYS_capset);
}

int64_t lx_sys_getrusage(lx *x, const uint64_t *a)
{
	struct rusage ru;
	int64_t r = LX_HOST(SYS_getrusage, (int)a[0], (long)&ru);

	return r ? r : lx_put(x, LX_ST_RUSAGE, a[1], &ru);
}

/* ---- the system ---- */

int64_t lx_sys_uname(lx *x, const uint64_t *a)
{
	struct utsname u;

	if (uname(&u))
		return -errno;
	memset(u.machine, 0, sizeof u.machine);
	snprintf(u.machine, sizeof u.machine, "%s", x->g->name);
	return lx_write(x, a[0], &u, 6 * 65);
}

/* Sizes that do not fit 32 bits are given in larger units, as the kernel does. */
int64_t lx_sys_sysinfo(lx *x, const uint64_t *a)
{
	struct sysinfo s;

	if (sysinfo(&s))
		return -errno;
	while (x->g->word == 4 && (s.totalram | s.totalswap) >> 32) {
		s.mem_unit <<= 1;
		s.totalram >>= 1;
		s.freeram >>= 1;
		s.sharedram >>= 1;
		s.bufferram >>= 1;
		s.totalswap >>= 1;
		s.freeswap >>= 1;
		s.totalhigh >>= 1;
		s.freehigh >>= 1;
	}
	return lx_put(x, LX_ST_SYSINFO, a[0], &s);
}

int64_t lx_sys_getrandom(lx *x, const uint64_t *a)
{
	return LX_WAIT(x, SYS_getrandom, lx_arg(x, a[0], a[1], DGM_W), (long)a[1], (long)a[2]);
}

int64_t lx_sys_sethostname(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_sethostname, lx_arg(x, a[0], a[1], DGM_R), (long)a[1]);
}

int64_t lx_sys_setdomainname(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_setdomainname, lx_arg(x, a[0], a[1], DGM_R), (long)a[1]);
}

int64_t lx_sys_syslog(lx *x, const uint64_t *a)
{
	int len = (int)a[2];

	if (len < 0)
		return -EINVAL;
	return LX_HOST(SYS_syslog, (int)a[0], a[1] ? lx_arg(x, a[1], (uint64_t)len, DGM_W) : 0, len);
}
