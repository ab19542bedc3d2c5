/* The text of --strace: one line per call. */
#include <inttypes.h>

#include "guest.h"

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

static size_t put_arg(lx *x, char *out, size_t cap, char kind, uint64_t v)
{
	switch (kind) {
	case 's': return put_string(x, out, cap, v);
	case 'i': case 'l': case 'L': return (size_t)snprintf(out, cap, "%" PRId64, (int64_t)v);
	case 'u': return (size_t)snprintf(out, cap, "%" PRIu64, v);
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
			n += put_arg(x, line + n, sizeof line - n, c->sig[i], a[i]);
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
