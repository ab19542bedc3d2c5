/* The text of --strace: one line per call. */
#include <inttypes.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>

#include "guest.h"

struct bit_name {
	uint32_t bit;
	const char *name;
};

static const struct bit_name prot_bits[] = {
	{ PROT_READ, "PROT_READ" }, { PROT_WRITE, "PROT_WRITE" }, { PROT_EXEC, "PROT_EXEC" }, { 0, NULL },
};

#define CLONE_BIT(name) { CLONE_##name, "CLONE_" #name }
static const struct bit_name clone_bits[] = {
	CLONE_BIT(VM), CLONE_BIT(FS), CLONE_BIT(FILES), CLONE_BIT(SIGHAND), CLONE_BIT(PIDFD), CLONE_BIT(VFORK),
	CLONE_BIT(PARENT), CLONE_BIT(THREAD), CLONE_BIT(NEWNS), CLONE_BIT(SYSVSEM), CLONE_BIT(SETTLS),
	CLONE_BIT(PARENT_SETTID), CLONE_BIT(CHILD_CLEARTID), CLONE_BIT(DETACHED), CLONE_BIT(UNTRACED),
	CLONE_BIT(CHILD_SETTID), CLONE_BIT(IO), { 0, NULL },
};

#define OPEN_BIT(name) { O_##name, "O_" #name }
/* O_TMPFILE and O_SYNC are several bits each. */
static const struct bit_name open_bits[] = {
	OPEN_BIT(CREAT), OPEN_BIT(EXCL), OPEN_BIT(NOCTTY), OPEN_BIT(TRUNC), OPEN_BIT(APPEND), OPEN_BIT(NONBLOCK), OPEN_BIT(SYNC),
	OPEN_BIT(DSYNC), OPEN_BIT(ASYNC), OPEN_BIT(DIRECT), { 0100000, "O_LARGEFILE" }, OPEN_BIT(TMPFILE), OPEN_BIT(DIRECTORY),
	OPEN_BIT(NOFOLLOW), OPEN_BIT(NOATIME), OPEN_BIT(CLOEXEC), OPEN_BIT(PATH), { 0, NULL },
};

#define MAP_BIT(name) { MAP_##name, "MAP_" #name }
static const struct bit_name map_bits[] = {
	MAP_BIT(SHARED_VALIDATE), MAP_BIT(SHARED), MAP_BIT(PRIVATE), MAP_BIT(FIXED), MAP_BIT(ANONYMOUS), MAP_BIT(GROWSDOWN),
	MAP_BIT(LOCKED), MAP_BIT(NORESERVE), MAP_BIT(POPULATE), MAP_BIT(NONBLOCK), MAP_BIT(STACK), MAP_BIT(HUGETLB),
	MAP_BIT(FIXED_NOREPLACE), { 0, NULL },
};

static size_t put_string(lx *x, char *out, size_t cap, uint64_t addr)
{
	char buf[64];
	int n = addr ? lx_string(x, addr, buf, sizeof buf) : 0;
	size_t len;

	if (!addr)
		return (size_t)snprintf(out, cap, "NULL");
	if (n == -EFAULT)
		return (size_t)snprintf(out, cap, "0x%" PRIx64, addr);
	len = n < 0 ? sizeof buf - 1 : (size_t)n;
	for (size_t i = 0; i < len; i++)
		if (buf[i] < ' ' || buf[i] > '~')
			buf[i] = '?';
	return (size_t)snprintf(out, cap, "\"%.*s\"%s", (int)len, buf, n < 0 ? "..." : "");
}

/* Names of the bits that are set, and what is left of them as a number; none: `zero`. */
static size_t put_bits(char *out, size_t cap, const struct bit_name *b, uint64_t v, const char *zero)
{
	size_t n = 0;

	for (; b->name; b++)
		if ((v & b->bit) == b->bit && n < cap) {
			n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? "|" : "", b->name);
			v &= ~(uint64_t)b->bit;
		}
	if (n && v && n < cap)
		n += (size_t)snprintf(out + n, cap - n, "|0x%" PRIx64, v);
	if (n)
		return n;
	return v ? (size_t)snprintf(out, cap, "0x%" PRIx64, v) : (size_t)snprintf(out, cap, "%s", zero);
}

static size_t put_signal(char *out, size_t cap, int sig)
{
	const char *name = sigabbrev_np(sig);

	if (name)
		return (size_t)snprintf(out, cap, "SIG%s", name);
	return (size_t)snprintf(out, cap, sig >= 32 && sig <= LX_NSIG ? "SIGRT_%d" : "%d", sig);
}

static size_t put_futex(char *out, size_t cap, uint32_t op)
{
	static const char *const names[] = {
		"WAIT", "WAKE", "FD", "REQUEUE", "CMP_REQUEUE", "WAKE_OP", "LOCK_PI", "UNLOCK_PI", "TRYLOCK_PI", "WAIT_BITSET",
		"WAKE_BITSET", "WAIT_REQUEUE_PI", "CMP_REQUEUE_PI", "LOCK_PI2",
	};
	uint32_t cmd = op & (uint32_t)FUTEX_CMD_MASK;

	if (cmd >= sizeof names / sizeof names[0])
		return (size_t)snprintf(out, cap, "0x%x", op);
	return (size_t)snprintf(out, cap, "FUTEX_%s%s%s", names[cmd], op & FUTEX_PRIVATE_FLAG ? "_PRIVATE" : "",
				op & FUTEX_CLOCK_REALTIME ? "|FUTEX_CLOCK_REALTIME" : "");
}

static size_t put_clone(char *out, size_t cap, uint64_t v)
{
	size_t n = put_bits(out, cap, clone_bits, v & ~(uint64_t)CSIGNAL, "0");

	if (v & CSIGNAL && n + 1 < cap) {
		out[n++] = '|';
		n += put_signal(out + n, cap - n, (int)(v & CSIGNAL));
	}
	return n;
}

static size_t put_open(lx *x, char *out, size_t cap, uint32_t v)
{
	static const char *const ways[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
	uint32_t unknown = 0, host = lx_flags_to_host(&x->g->open_flags, v, &unknown);
	size_t n = (size_t)snprintf(out, cap, "%s", ways[host & O_ACCMODE]);
	uint32_t rest = host & ~(uint32_t)O_ACCMODE;

	if (rest && n + 1 < cap) {
		out[n++] = '|';
		n += put_bits(out + n, cap - n, open_bits, rest, "0");
	}
	if (unknown && n < cap)
		n += (size_t)snprintf(out + n, cap - n, "|0x%x", unknown);
	return n;
}

static size_t put_request(lx *x, char *out, size_t cap, uint32_t v)
{
	for (size_t i = 0; i < *x->g->n_ioctls; i++)
		if (x->g->ioctls[i].guest == v)
			return (size_t)snprintf(out, cap, "%s", x->g->ioctls[i].name);
	return (size_t)snprintf(out, cap, "0x%x", v);
}

/* As C would have them, as far as there is room. */
static size_t put_bytes(lx *x, char *out, size_t cap, uint64_t addr, uint64_t len)
{
	uint8_t buf[32];
	size_t n = len < sizeof buf ? (size_t)len : sizeof buf, at = 1;

	if (cap < 4 * sizeof buf + 8 || lx_read(x, addr, buf, n))
		return (size_t)snprintf(out, cap, "0x%" PRIx64, addr);
	out[0] = '"';
	for (size_t i = 0; i < n; i++) {
		const char *names = "\nn\tt\rr\"\"\\\\", *k = buf[i] ? strchr(names, buf[i]) : NULL;

		if (k && (k - names) % 2 == 0)
			at += (size_t)snprintf(out + at, cap - at, "\\%c", k[1]);
		else if (buf[i] < ' ' || buf[i] > '~')
			at += (size_t)snprintf(out + at, cap - at, "\\x%02x", buf[i]);
		else
			out[at++] = (char)buf[i];
	}
	return at + (size_t)snprintf(out + at, cap - at, "\"%s", n < len ? "..." : "");
}

/* One argument, and those behind it. */
static size_t put_arg(lx *x, char *out, size_t cap, char kind, const uint64_t *a)
{
	uint64_t v = a[0];

	switch (kind) {
	case 'O': return put_open(x, out, cap, (uint32_t)v);
	case 'M': return put_bits(out, cap, map_bits, lx_flags_to_host(&x->g->map_flags, (uint32_t)v, NULL), "0");
	case 'R': return put_request(x, out, cap, (uint32_t)v);
	case 'w': return put_bytes(x, out, cap, v, a[1]);
	case 's': return put_string(x, out, cap, v);
	case 'i': case 'l': case 'L': return (size_t)snprintf(out, cap, "%" PRId64, (int64_t)v);
	case 'u': return (size_t)snprintf(out, cap, "%" PRIu64, v);
	case 'd': return (size_t)snprintf(out, cap, (int)v == AT_FDCWD ? "AT_FDCWD" : "%d", (int)v);
	case 'g': return put_signal(out, cap, (int)v);
	case 'm': return put_bits(out, cap, prot_bits, v, "PROT_NONE");
	case 'f': return put_futex(out, cap, (uint32_t)v);
	case 'c': return put_clone(out, cap, v);
	case 'o': return (size_t)snprintf(out, cap, "0%" PRIo64, v);
	default: return (size_t)snprintf(out, cap, v || kind != 'p' ? "0x%" PRIx64 : "NULL", v);
	}
}

void lx_trace(lx *x, const struct lx_call *c, const uint64_t *a, int64_t ret)
{
	char line[512];
	size_t n = (size_t)snprintf(line, sizeof line, "%s(", c->name);

	for (unsigned i = 0; c->sig[i]; i++) {
		if (i && n < sizeof line)
			n += (size_t)snprintf(line + n, sizeof line - n, ", ");
		if (n < sizeof line)
			n += put_arg(x, line + n, sizeof line - n, c->sig[i], &a[i]);
	}
	if (n < sizeof line) {
		if (ret < 0 && ret >= -511)
			snprintf(line + n, sizeof line - n, ") = -1 %s (%s)", strerrorname_np((int)-ret), strerror((int)-ret));
		else if (ret == -LX_ERESTART || ret == -LX_ENOHAND)
			snprintf(line + n, sizeof line - n, ") = ? (interrupted)");
		else if (ret > 4096 || ret < 0)
			snprintf(line + n, sizeof line - n, ") = 0x%" PRIx64, (uint64_t)ret);
		else
			snprintf(line + n, sizeof line - n, ") = %" PRId64, ret);
	}
	x->p->cfg.trace(x->p->cfg.ud, line);
}

/* Once for each number. */
void lx_trace_unknown(lx *x, uint64_t nr, const char *name)
{
	char line[96];
	uint64_t bit = nr < sizeof x->p->unknown_seen * 8 ? nr : 0;

	if (!x->p->cfg.trace || atomic_fetch_or(&x->p->unknown_seen[bit / 8], (uint8_t)(1u << (bit % 8))) >> (bit % 8) & 1)
		return;
	snprintf(line, sizeof line, "%s: system call %" PRIu64 " is not offered = -1 ENOSYS", name ? name : "?", nr);
	x->p->cfg.trace(x->p->cfg.ud, line);
}
