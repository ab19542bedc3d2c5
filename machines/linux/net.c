/* Sockets: addresses, messages, control messages and options. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/un.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

#define ADDR_MAX 128u
#define CONTROL_MAX 8192u

/* ---- addresses: numbers in network order stay, the others change ---- */

static void swap(const lx *x, uint8_t *p, unsigned size, bool to_host)
{
	uint64_t v = 0;

	if (to_host) {
		v = lx_load(x, p, size);
		memcpy(p, &v, size);
	} else {
		memcpy(&v, p, size);
		lx_store(x, p, size, v);
	}
}

static void convert_addr(const lx *x, uint8_t *p, size_t len, bool to_host)
{
	uint16_t family;

	if (len < 2)
		return;
	if (to_host)
		swap(x, p, 2, true);
	memcpy(&family, p, 2);
	if (!to_host)
		swap(x, p, 2, false);
	switch (family) {
	case AF_INET6:
		if (len >= 28)
			swap(x, p + 24, 4, to_host);
		break;
	case AF_PACKET:
		if (len >= 12) {
			swap(x, p + 4, 4, to_host);
			swap(x, p + 8, 2, to_host);
		}
		break;
	case AF_NETLINK: case AF_VSOCK:
		if (len >= 12) {
			swap(x, p + 4, 4, to_host);
			swap(x, p + 8, 4, to_host);
		}
		break;
	}
}

/* Where the name of a local socket begins, if it is an absolute path: NULL. p is the host's, with room for ADDR_MAX. */
static char *socket_path(uint8_t *p, size_t len)
{
	char *path = (char *)p + offsetof(struct sockaddr_un, sun_path);
	uint16_t family;

	if (len <= sizeof family)
		return NULL;
	memcpy(&family, p, sizeof family);
	return family == AF_UNIX && path[0] == '/' ? path : NULL;
}

/* A local socket's name as the host knows it; the new length of the address. */
static int64_t find_socket(lx *x, uint8_t *p, int64_t len)
{
	char *name = socket_path(p, (size_t)len), path[PATH_MAX];
	const size_t room = sizeof ((struct sockaddr_un *)NULL)->sun_path;
	size_t n = name ? (size_t)len - offsetof(struct sockaddr_un, sun_path) : 0;
	int r;

	if (!name || n > room)
		return len;
	memcpy(path, name, n);
	path[n] = 0;
	r = lx_path_find(x, AT_FDCWD, path, true);
	if (r)
		return r;
	n = strlen(path);
	if (n > room)
		return -ENAMETOOLONG;
	n += n < room;	/* a name that fills it has no end */
	memcpy(name, path, n);
	return (int64_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* The other way round. */
static uint32_t name_socket(lx *x, uint8_t *p, uint32_t len)
{
	char *name = len < ADDR_MAX ? socket_path(p, len) : NULL, path[PATH_MAX];

	if (!name)
		return len;
	p[len] = 0;
	strcpy(path, name);
	lx_path_strip(x, path);
	if (!strcmp(path, name))
		return len;
	strcpy(name, path);
	return (uint32_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

static int64_t get_addr(lx *x, uint64_t addr, int64_t len, uint8_t *out)
{
	if (len < 0 || len > ADDR_MAX)
		return -EINVAL;
	if (lx_read(x, addr, out, (size_t)len))
		return -EFAULT;
	convert_addr(x, out, (size_t)len, true);
	return find_socket(x, out, len);
}

/* Gives an address of real length len to a buffer of the size that stands at len_addr. */
static int put_addr(lx *x, uint64_t addr, uint64_t len_addr, uint8_t *p, uint32_t len)
{
	uint32_t size, n;

	if (lx_get32(x, len_addr, &size))
		return -EFAULT;
	if ((int32_t)size < 0)
		return -EINVAL;
	len = name_socket(x, p, len);
	convert_addr(x, p, len < ADDR_MAX ? len : ADDR_MAX, false);
	n = len < size ? len : size;
	if (n > ADDR_MAX)
		n = ADDR_MAX;
	return lx_write(x, addr, p, n) || lx_put32(x, len_addr, len) ? -EFAULT : 0;
}

/* ---- making and joining ---- */

int64_t lx_sys_socket(lx *x, const uint64_t *a)
{
	int64_t fd;

	/* Messages of this family are structures all through, of fixed sizes: only the byte order may differ. */
	if ((int)a[0] == AF_NETLINK && x->g->big_endian && (int)a[2] != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	fd = LX_HOST(SYS_socket, (int)a[0], (int)a[1], (int)a[2]);
	return (int)a[0] == AF_NETLINK && x->g->big_endian ? lx_fd_made(x, fd, LX_FD_NETLINK) : fd;
}

int64_t lx_sys_socketpair(lx *x, const uint64_t *a)
{
	int fd[2];
	int64_t r = LX_HOST(SYS_socketpair, (int)a[0], (int)a[1], (int)a[2], (long)fd);

	if (r)
		return r;
	if (!lx_put32(x, a[3], (uint32_t)fd[0]) && !lx_put32(x, a[3] + 4, (uint32_t)fd[1]))
		return 0;
	close(fd[0]);
	close(fd[1]);
	return -EFAULT;
}

int64_t lx_sys_bind(lx *x, const uint64_t *a)
{
	uint8_t addr[ADDR_MAX];
	int64_t n = get_addr(x, a[1], (int64_t)a[2], addr);

	return n < 0 ? n : LX_HOST(SYS_bind, (int)a[0], (long)addr, n);
}

int64_t lx_sys_connect(lx *x, const uint64_t *a)
{
	uint8_t addr[ADDR_MAX];
	int64_t n = get_addr(x, a[1], (int64_t)a[2], addr);

	return n < 0 ? n : LX_WAIT(x, SYS_connect, (int)a[0], (long)addr, n);
}

int64_t lx_sys_accept4(lx *x, const uint64_t *a)
{
	uint8_t addr[ADDR_MAX];
	uint32_t len = sizeof addr;
	int64_t fd = LX_WAIT(x, SYS_accept4, (int)a[0], a[1] ? (long)addr : 0, a[1] ? (long)&len : 0, (long)a[3]);

	if (fd >= 0 && a[1]) {
		int r = put_addr(x, a[1], a[2], addr, len);

		if (r) {
			close((int)fd);
			return r;
		}
	}
	return fd;
}

static int64_t get_name(lx *x, const uint64_t *a, long nr)
{
	uint8_t addr[ADDR_MAX];
	uint32_t len = sizeof addr;
	int64_t r = LX_HOST(nr, (int)a[0], (long)addr, (long)&len);

	return r ? r : put_addr(x, a[1], a[2], addr, len);
}

int64_t lx_sys_getsockname(lx *x, const uint64_t *a)
{
	return get_name(x, a, SYS_getsockname);
}

int64_t lx_sys_getpeername(lx *x, const uint64_t *a)
{
	return get_name(x, a, SYS_getpeername);
}

/* ---- data ---- */

/* sendto and recvfrom as messages of one piece; len: of the address to send to. */
static int64_t plain_netlink(lx *x, const uint64_t *a, uint8_t *addr, uint32_t len, bool send)
{
	struct iovec v = { lx_ptr(x, a[1], a[2], send ? DGM_R : DGM_W), a[2] };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1 };
	int64_t r;

	if (!v.iov_base)
		return -EFAULT;
	if (a[4]) {
		h.msg_name = addr;
		h.msg_namelen = send ? len : ADDR_MAX;
	}
	r = lx_netlink_io(x, (int)a[0], &h, (long)a[3], send);
	if (r >= 0 && a[4] && !send) {
		int e = put_addr(x, a[4], a[5], addr, h.msg_namelen);

		return e ? e : r;
	}
	return r;
}

int64_t lx_sys_sendto(lx *x, const uint64_t *a)
{
	uint8_t addr[ADDR_MAX];
	int64_t n = a[4] ? get_addr(x, a[4], (int64_t)a[5], addr) : 0;

	if (n < 0)
		return n;
	if (lx_fd_kind(x, (int)a[0]) == LX_FD_NETLINK)
		return plain_netlink(x, a, addr, (uint32_t)n, true);
	return LX_WAIT(x, SYS_sendto, (int)a[0], lx_arg(x, a[1], a[2], DGM_R), (long)a[2], (long)a[3], a[4] ? (long)addr : 0, n);
}

int64_t lx_sys_recvfrom(lx *x, const uint64_t *a)
{
	uint8_t addr[ADDR_MAX];
	uint32_t len = sizeof addr;
	int64_t r;

	if (lx_fd_kind(x, (int)a[0]) == LX_FD_NETLINK)
		return plain_netlink(x, a, addr, 0, false);
	r = LX_WAIT(x, SYS_recvfrom, (int)a[0], lx_arg(x, a[1], a[2], DGM_W), (long)a[2], (long)a[3],
			    a[4] ? (long)addr : 0, a[4] ? (long)&len : 0);

	if (r >= 0 && a[4]) {
		int e = put_addr(x, a[4], a[5], addr, len);

		if (e)
			return e;
	}
	return r;
}

/* ---- control messages: header of a long and two ints, padded to longs ---- */

static uint64_t pad(const lx *x, uint64_t n)
{
	return (n + x->g->word - 1) & ~(uint64_t)(x->g->word - 1);
}

/* The numbers in a control message's data. n bytes, the same layout on both sides but for the byte order. */
static void convert_cmsg(const lx *x, int level, int type, uint8_t *p, size_t n, bool to_host)
{
	if (level == SOL_SOCKET && (type == SCM_RIGHTS || type == SCM_CREDENTIALS)) {
		for (size_t i = 0; i + 4 <= n; i += 4)
			swap(x, p + i, 4, to_host);
	} else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO && n >= 20) {
		swap(x, p + 16, 4, to_host);
	} else if (n == 4 || (level == IPPROTO_IP && type == IP_PKTINFO)) {
		swap(x, p, 4, to_host);
	}
}

/* The guest's control block as the host's; its length or -errno. */
static int64_t control_in(lx *x, uint64_t addr, uint64_t len, uint8_t *out)
{
	unsigned head = x->g->word + 8;
	uint64_t at = 0, used = 0;
	uint8_t in[CONTROL_MAX];

	if (len > sizeof in)
		return -ENOBUFS;
	if (lx_read(x, addr, in, len))
		return -EFAULT;
	while (at + head <= len) {
		uint64_t n = lx_load(x, in + at, x->g->word);
		struct cmsghdr h;

		if (n < head || n > len - at)
			return -EINVAL;
		h.cmsg_len = CMSG_LEN(n - head);
		h.cmsg_level = (int)lx_load(x, in + at + x->g->word, 4);
		h.cmsg_type = (int)lx_load(x, in + at + x->g->word + 4, 4);
		if (used + CMSG_SPACE(n - head) > 2 * CONTROL_MAX)
			return -ENOBUFS;
		memset(out + used, 0, CMSG_SPACE(n - head));
		memcpy(out + used, &h, sizeof h);
		memcpy(out + used + CMSG_LEN(0), in + at + head, n - head);
		convert_cmsg(x, h.cmsg_level, h.cmsg_type, out + used + CMSG_LEN(0), n - head, true);
		used += CMSG_SPACE(n - head);
		at += pad(x, n);
	}
	return (int64_t)used;
}

/* Times are the one kind whose size differs. */
static size_t shrink_time(lx *x, const struct cmsghdr *h, uint8_t *data, size_t n)
{
	uint8_t raw[16];
	enum lx_st st = h->cmsg_type == SO_TIMESTAMPNS ? LX_ST_TIMESPEC : LX_ST_TIMEVAL;

	if (h->cmsg_level != SOL_SOCKET || (h->cmsg_type != SO_TIMESTAMP && h->cmsg_type != SO_TIMESTAMPNS) || n != 16)
		return n;
	lx_to_guest(x, st, raw, data);
	memcpy(data, raw, lx_sizeof(x, st));
	return lx_sizeof(x, st);
}

/* The host's control block to the guest's buffer of cap bytes; *flags gets MSG_CTRUNC when it is too small. */
static int64_t control_out(lx *x, struct msghdr *m, uint64_t addr, uint64_t cap, uint32_t *flags)
{
	unsigned head = x->g->word + 8;
	uint64_t used = 0;
	uint8_t out[CONTROL_MAX + 64];

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct cmsghdr h = *c;
		size_t n = h.cmsg_len - CMSG_LEN(0), fit;

		n = shrink_time(x, &h, CMSG_DATA(c), n);
		convert_cmsg(x, h.cmsg_level, h.cmsg_type, CMSG_DATA(c), n, false);
		if (used + head > cap || used + head + n > sizeof out) {
			*flags |= MSG_CTRUNC;
			break;
		}
		fit = used + head + n > cap ? cap - used - head : n;
		if (fit < n)
			*flags |= MSG_CTRUNC;
		lx_store(x, out + used, x->g->word, head + fit);
		lx_store(x, out + used + x->g->word, 4, (uint32_t)h.cmsg_level);
		lx_store(x, out + used + x->g->word + 4, 4, (uint32_t)h.cmsg_type);
		memcpy(out + used + head, CMSG_DATA(c), fit);
		memset(out + used + head + fit, 0, pad(x, fit) - fit);
		used += pad(x, head + fit);
		if (used > cap)
			used = cap;
	}
	return lx_write(x, addr, out, used) ? -EFAULT : (int64_t)used;
}

/* ---- messages ---- */

/* All that one message needs on the host's side. */
struct message {
	struct msghdr h;
	struct lx_msghdr g;
	uint8_t addr[ADDR_MAX];
	_Alignas(struct cmsghdr) uint8_t control[2 * CONTROL_MAX];
	struct iovec iov[LX_MAX_IOV];
};

static int64_t message_in(lx *x, uint64_t addr, struct message *m, bool send)
{
	int64_t n;

	memset(&m->h, 0, sizeof m->h);
	if (lx_get(x, LX_ST_MSGHDR, addr, &m->g))
		return -EFAULT;
	n = lx_iovec(x, m->g.iov, m->g.iovlen, send ? DGM_R : DGM_W, m->iov);
	if (n < 0)
		return n == -EINVAL && m->g.iovlen > LX_MAX_IOV ? -EMSGSIZE : n;
	m->h.msg_iov = m->iov;
	m->h.msg_iovlen = (size_t)n;
	if (m->g.name) {
		m->h.msg_name = m->addr;
		m->h.msg_namelen = sizeof m->addr;
		n = send ? get_addr(x, m->g.name, (int32_t)m->g.namelen, m->addr) : 0;
		if (n < 0)
			return n;
		if (send)
			m->h.msg_namelen = (socklen_t)n;
	}
	if (m->g.control && m->g.controllen) {
		m->h.msg_control = m->control;
		m->h.msg_controllen = m->g.controllen < CONTROL_MAX ? m->g.controllen * 2 : sizeof m->control;
		n = send ? control_in(x, m->g.control, m->g.controllen, m->control) : 0;
		if (n < 0)
			return n;
		if (send)
			m->h.msg_controllen = (size_t)n;
	}
	return 0;
}

static int message_out(lx *x, uint64_t addr, struct message *m)
{
	uint32_t n = m->h.msg_namelen < m->g.namelen ? m->h.msg_namelen : m->g.namelen;
	int64_t used = 0;

	m->g.flags = (uint32_t)m->h.msg_flags;
	if (m->g.name) {
		convert_addr(x, m->addr, m->h.msg_namelen, false);
		if (lx_write(x, m->g.name, m->addr, n < ADDR_MAX ? n : ADDR_MAX))
			return -EFAULT;
		m->g.namelen = m->h.msg_namelen;
	}
	if (m->g.control && m->g.controllen)
		used = control_out(x, &m->h, m->g.control, m->g.controllen, &m->g.flags);
	if (used < 0)
		return (int)used;
	m->g.controllen = (uint64_t)used;
	return lx_put(x, LX_ST_MSGHDR, addr, &m->g);
}

static int64_t one_message(lx *x, int fd, uint64_t addr, long flags, bool send)
{
	struct message *m = malloc(sizeof *m);
	int64_t r, e;

	if (!m)
		return -ENOMEM;
	r = message_in(x, addr, m, send);
	if (!r && lx_fd_kind(x, fd) == LX_FD_NETLINK)
		r = lx_netlink_io(x, fd, &m->h, flags, send);
	else if (!r)
		r = LX_WAIT(x, send ? SYS_sendmsg : SYS_recvmsg, fd, (long)&m->h, flags);
	if (r >= 0 && !send) {
		e = message_out(x, addr, m);
		r = e ? e : r;
	}
	free(m);
	return r;
}

int64_t lx_sys_sendmsg(lx *x, const uint64_t *a)
{
	return one_message(x, (int)a[0], a[1], (long)a[2], true);
}

int64_t lx_sys_recvmsg(lx *x, const uint64_t *a)
{
	return one_message(x, (int)a[0], a[1], (long)a[2], false);
}

/* Several messages: headers followed by a length each. An error after the first message is not told. */
static int64_t many(lx *x, const uint64_t *a, bool send)
{
	uint64_t size = lx_sizeof(x, LX_ST_MSGHDR), step = pad(x, size + 4), n = (uint32_t)a[2];
	long flags = (long)(uint32_t)a[3] & ~MSG_WAITFORONE;
	int64_t r = 0;
	uint64_t i;

	if (n > 1024)
		n = 1024;
	for (i = 0; i < n; i++) {
		r = one_message(x, (int)a[0], a[1] + i * step, flags, send);
		if (r >= 0)
			r = lx_put32(x, a[1] + i * step + size, (uint32_t)r);
		if (r < 0)
			break;
		if (a[3] & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
	}
	return i ? (int64_t)i : r;
}

int64_t lx_sys_sendmmsg(lx *x, const uint64_t *a)
{
	return many(x, a, true);
}

/* The time limit is looked at between messages alone, as the kernel does: here, before the first. */
int64_t lx_sys_recvmmsg(lx *x, const uint64_t *a)
{
	struct timespec ts;

	if (a[4] && lx_get(x, lx_timespec(a), a[4], &ts))
		return -EFAULT;
	return many(x, a, false);
}

/* ---- options ---- */

enum opt_kind { OPT_INT, OPT_RAW, OPT_LINGER, OPT_TIME, OPT_TIME64, OPT_CRED, OPT_MREQ, OPT_MREQ6, OPT_NONE };

/* SO_RCVTIMEO and SO_SNDTIMEO with 64-bit times. */
enum { RCVTIMEO_NEW = 66, SNDTIMEO_NEW = 67 };

static enum opt_kind socket_option(const lx *x, int *name)
{
	for (size_t i = 0; i < x->g->n_sockopt; i++)
		if ((uint32_t)*name == x->g->sockopt[i].guest) {
			*name = (int)x->g->sockopt[i].host;
			break;
		}
	switch (*name) {
	case SO_LINGER: return OPT_LINGER;
	case SO_RCVTIMEO: case SO_SNDTIMEO: return OPT_TIME;
	case RCVTIMEO_NEW: *name = SO_RCVTIMEO; return OPT_TIME64;
	case SNDTIMEO_NEW: *name = SO_SNDTIMEO; return OPT_TIME64;
	case SO_PEERCRED: return OPT_CRED;
	case SO_BINDTODEVICE: case SO_PEERSEC: return OPT_RAW;
	case SO_ATTACH_FILTER: case SO_ATTACH_BPF: case SO_ATTACH_REUSEPORT_CBPF: case SO_ATTACH_REUSEPORT_EBPF:
		return OPT_NONE;
	default: return OPT_INT;
	}
}

static enum opt_kind option_kind(const lx *x, int level, int *name)
{
	switch (level) {
	case SOL_SOCKET:
		return socket_option(x, name);
	case IPPROTO_IP:
		return *name == IP_ADD_MEMBERSHIP || *name == IP_DROP_MEMBERSHIP || *name == IP_MULTICAST_IF ? OPT_MREQ : OPT_INT;
	case IPPROTO_IPV6:
		return *name == IPV6_JOIN_GROUP || *name == IPV6_LEAVE_GROUP ? OPT_MREQ6 : OPT_INT;
	default:
		return OPT_INT;
	}
}

#define OPT_MAX 256u

int64_t lx_sys_setsockopt(lx *x, const uint64_t *a)
{
	union {
		struct linger linger;
		struct timeval tv;
		struct timespec ts;
		uint8_t raw[OPT_MAX];
	} v;
	int level = (int)a[1], name = (int)a[2], r = 0;
	enum opt_kind kind = option_kind(x, level, &name);
	int64_t len = (int64_t)a[4];

	if (kind == OPT_NONE)
		return -ENOPROTOOPT;
	if (len < 0 || len > OPT_MAX)
		return -EINVAL;
	if (kind == OPT_LINGER || kind == OPT_TIME || kind == OPT_TIME64) {
		enum lx_st st = kind == OPT_LINGER ? LX_ST_LINGER : kind == OPT_TIME ? LX_ST_TIMEVAL : LX_ST_TIMESPEC64;

		if ((uint64_t)len < lx_sizeof(x, st))
			return -EINVAL;
		r = lx_get(x, st, a[3], &v);
		/* Both are pairs of a second and a part; the part of the 64-bit form is in microseconds, too. */
		len = kind == OPT_LINGER ? (int64_t)sizeof v.linger : (int64_t)sizeof v.tv;
	} else {
		r = lx_read(x, a[3], v.raw, (size_t)len);
		if (kind == OPT_INT && len >= 4)
			swap(x, v.raw, 4, true);
		if (kind == OPT_MREQ && len >= 12)
			swap(x, v.raw + 8, 4, true);
		if (kind == OPT_MREQ6 && len >= 20)
			swap(x, v.raw + 16, 4, true);
	}
	return r ? r : LX_HOST(SYS_setsockopt, (int)a[0], level, name, (long)&v, len);
}

/* The value of an option as the guest has it; its length. */
static uint32_t option_out(lx *x, enum opt_kind kind, uint8_t *v, uint32_t len)
{
	uint8_t g[64];
	enum lx_st st = kind == OPT_LINGER ? LX_ST_LINGER : kind == OPT_CRED ? LX_ST_UCRED :
			kind == OPT_TIME ? LX_ST_TIMEVAL : LX_ST_TIMESPEC64;

	switch (kind) {
	case OPT_LINGER: case OPT_CRED: case OPT_TIME: case OPT_TIME64:
		lx_to_guest(x, st, g, v);
		len = (uint32_t)lx_sizeof(x, st);
		memcpy(v, g, len);
		return len;
	case OPT_INT:
		if (len == 4)
			swap(x, v, 4, false);
		return len;
	default:
		return len;
	}
}

int64_t lx_sys_getsockopt(lx *x, const uint64_t *a)
{
	uint8_t v[OPT_MAX] = { 0 };
	int level = (int)a[1], name = (int)a[2];
	enum opt_kind kind = option_kind(x, level, &name);
	bool fixed = kind == OPT_LINGER || kind == OPT_CRED || kind == OPT_TIME || kind == OPT_TIME64;
	uint32_t size, len;
	int64_t r;

	if (kind == OPT_NONE)
		return -ENOPROTOOPT;
	if (lx_get32(x, a[4], &size))
		return -EFAULT;
	if ((int32_t)size < 0)
		return -EINVAL;
	/* An int is asked for whole and cut afterwards: its first bytes differ between the byte orders. */
	len = fixed || (kind == OPT_INT && size < 4) || size > OPT_MAX ? OPT_MAX : size;
	if (kind == OPT_INT && size < 4)
		len = 4;
	r = LX_HOST(SYS_getsockopt, (int)a[0], level, name, (long)v, (long)&len);
	if (r)
		return r;
	len = option_out(x, kind, v, len);
	if (len > size)
		len = size;
	return lx_write(x, a[3], v, len) || lx_put32(x, a[4], len) ? -EFAULT : 0;
}

/* ---- the one call of old for all of these ---- */

int64_t lx_sys_socketcall(lx *x, const uint64_t *a)
{
	static const enum lx_call_id calls[] = {
		LX_NR_none, LX_NR_socket, LX_NR_bind, LX_NR_connect, LX_NR_listen, LX_NR_accept, LX_NR_getsockname,
		LX_NR_getpeername, LX_NR_socketpair, LX_NR_send, LX_NR_recv, LX_NR_sendto, LX_NR_recvfrom,
		LX_NR_shutdown, LX_NR_setsockopt, LX_NR_getsockopt, LX_NR_sendmsg, LX_NR_recvmsg, LX_NR_accept4,
		LX_NR_recvmmsg, LX_NR_sendmmsg,
	};
	const struct lx_call *c;
	uint64_t raw[6] = { 0 }, args[LX_ARGS] = { 0 };
	size_t n;

	if ((int64_t)a[0] < 1 || a[0] >= sizeof calls / sizeof calls[0])
		return -EINVAL;
	c = &lx_calls[calls[a[0]]];
	n = strlen(c->sig);
	for (size_t i = 0; i < n; i++)
		if (lx_get_word(x, a[1] + i * x->g->word, &raw[i]))
			return -EFAULT;
	lx_decode_args(x, c->sig, raw, args);
	return lx_carry_out(x, c, args);
}
