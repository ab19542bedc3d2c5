/*
 * Route netlink for guests of the other byte order: interfaces, addresses, routes, neighbours. Messages keep
 * their sizes. What is not known here is never given away wrong: an unknown attribute of an answer loses its
 * type, which programs pass over, and a request with one is refused.
 */
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fds.h"
#include "guest.h"

#define MESSAGE_MAX (1u << 20)

/* A kind of message: sizes of the fields of its fixed part, and for each attribute that of its numbers. */
struct kind {
	const char *body;
	unsigned bytes;
	uint8_t attr[64];	/* 0: not known, 1: bytes, a text or an address */
};

static const struct kind kinds[] = {
	{ "112444", 16, {
		[IFLA_ADDRESS] = 1, [IFLA_BROADCAST] = 1, [IFLA_IFNAME] = 1, [IFLA_MTU] = 4, [IFLA_LINK] = 4, [IFLA_QDISC] = 1,
		[IFLA_STATS] = 4, [IFLA_MASTER] = 4, [IFLA_TXQLEN] = 4, [IFLA_WEIGHT] = 4, [IFLA_OPERSTATE] = 1,
		[IFLA_LINKMODE] = 1, [IFLA_IFALIAS] = 1, [IFLA_NUM_VF] = 4, [IFLA_STATS64] = 8, [IFLA_GROUP] = 4,
		[IFLA_EXT_MASK] = 4, [IFLA_PROMISCUITY] = 4, [IFLA_NUM_TX_QUEUES] = 4, [IFLA_NUM_RX_QUEUES] = 4,
		[IFLA_CARRIER] = 1, [IFLA_CARRIER_CHANGES] = 4, [IFLA_GSO_MAX_SEGS] = 4, [IFLA_GSO_MAX_SIZE] = 4,
		[IFLA_CARRIER_UP_COUNT] = 4, [IFLA_CARRIER_DOWN_COUNT] = 4, [IFLA_MIN_MTU] = 4, [IFLA_MAX_MTU] = 4,
	} },
	{ "11114", 8, {
		[IFA_ADDRESS] = 1, [IFA_LOCAL] = 1, [IFA_LABEL] = 1, [IFA_BROADCAST] = 1, [IFA_ANYCAST] = 1,
		[IFA_CACHEINFO] = 4, [IFA_MULTICAST] = 1, [IFA_FLAGS] = 4, [IFA_RT_PRIORITY] = 4,
	} },
	{ "111111114", 12, {
		[RTA_DST] = 1, [RTA_SRC] = 1, [RTA_IIF] = 4, [RTA_OIF] = 4, [RTA_GATEWAY] = 1, [RTA_PRIORITY] = 4,
		[RTA_PREFSRC] = 1, [RTA_CACHEINFO] = 4, [RTA_TABLE] = 4, [RTA_MARK] = 4, [RTA_PREF] = 1,
	} },
	{ "112421", 12, {
		[NDA_DST] = 1, [NDA_LLADDR] = 1, [NDA_CACHEINFO] = 4, [NDA_PROBES] = 4, [NDA_VLAN] = 2, [NDA_IFINDEX] = 4,
		[NDA_MASTER] = 4,
	} },
};

/* Between the host's order and the guest's: the same change both ways. */
static void swap(const lx *x, uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	lx_store(x, p, size, v);
}

static unsigned host16(const lx *x, const uint8_t *p, bool to_host)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return to_host ? (unsigned)lx_load(x, p, 2) : v;
}

static bool attributes(const lx *x, const struct kind *k, uint8_t *p, size_t n, bool to_host)
{
	while (n >= 4) {
		unsigned len = host16(x, p, to_host), type = host16(x, p + 2, to_host);
		unsigned size = type < sizeof k->attr ? k->attr[type] : 0;
		size_t step = (len + 3u) & ~3u;

		if (len < 4 || len > n)
			return false;
		if (!size && to_host)
			return false;
		if (!size)
			memset(p + 2, 0, 2);
		for (size_t at = 4; size > 1 && at + size <= len; at += size)
			swap(x, p + at, size);
		swap(x, p, 2);
		swap(x, p + 2, 2);
		p += step < n ? step : n;
		n -= step < n ? step : n;
	}
	return true;
}

/* Length, type, flags, number, port. */
static void header(const lx *x, uint8_t *p)
{
	swap(x, p, 4);
	swap(x, p + 4, 2);
	swap(x, p + 6, 2);
	swap(x, p + 8, 4);
	swap(x, p + 12, 4);
}

/* What follows the header. */
static bool body(const lx *x, unsigned type, uint8_t *p, size_t n, bool to_host)
{
	const struct kind *k;
	size_t at = 0;

	if (type == NLMSG_ERROR || type == NLMSG_DONE) {
		if (n >= 4)
			swap(x, p, 4);
		/* The header of what was asked; its contents are not repeated. */
		if (type == NLMSG_ERROR && n >= 20) {
			header(x, p + 4);
			memset(p + 20, 0, n - 20);
		}
		return true;
	}
	if (type < RTM_BASE || (type - RTM_BASE) / 4 >= sizeof kinds / sizeof kinds[0])
		return type == NLMSG_NOOP;
	k = &kinds[(type - RTM_BASE) / 4];
	for (const char *f = k->body; *f && at + (unsigned)(*f - '0') <= n; f++) {
		if (*f > '1')
			swap(x, p + at, (unsigned)(*f - '0'));
		at += (unsigned)(*f - '0');
	}
	return n <= k->bytes || attributes(x, k, p + k->bytes, n - k->bytes, to_host);
}

/* A row of messages. */
static bool convert(const lx *x, uint8_t *p, size_t n, bool to_host)
{
	while (n >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;
		size_t step;

		if (to_host)
			header(x, p);
		memcpy(&h, p, sizeof h);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > n)
			return false;
		if (!body(x, h.nlmsg_type, p + sizeof h, h.nlmsg_len - sizeof h, to_host))
			return false;
		if (!to_host)
			header(x, p);
		step = NLMSG_ALIGN(h.nlmsg_len);
		p += step < n ? step : n;
		n -= step < n ? step : n;
	}
	return true;
}

/* Copies between a list of pieces and one buffer; how much there was. */
static int64_t spread(const struct iovec *v, size_t n_v, uint8_t *buf, size_t n, bool gather)
{
	size_t done = 0;

	for (size_t i = 0; i < n_v && done < n; i++) {
		size_t part = v[i].iov_len < n - done ? v[i].iov_len : n - done;

		if (lx_copy(gather ? buf + done : v[i].iov_base, gather ? v[i].iov_base : buf + done, part))
			return -EFAULT;
		done += part;
	}
	return (int64_t)done;
}

int64_t lx_netlink_io(lx *x, int fd, struct msghdr *h, long flags, bool send)
{
	struct iovec *list = h->msg_iov, one = { 0 };
	size_t n = h->msg_iovlen, total = 0;
	int64_t r = 0;

	for (size_t i = 0; i < n && total < MESSAGE_MAX; i++)
		total += list[i].iov_len;
	if (send && total > MESSAGE_MAX)
		return -EMSGSIZE;
	one.iov_len = total < MESSAGE_MAX ? total : MESSAGE_MAX;
	one.iov_base = malloc(one.iov_len + 1);
	if (!one.iov_base)
		return -ENOMEM;
	if (send)
		r = spread(list, n, one.iov_base, one.iov_len, true);
	if (r >= 0 && send && !convert(x, one.iov_base, one.iov_len, true))
		r = -EOPNOTSUPP;
	h->msg_iov = &one;
	h->msg_iovlen = 1;
	if (r >= 0)
		r = LX_WAIT(x, send ? SYS_sendmsg : SYS_recvmsg, fd, (long)h, flags);
	h->msg_iov = list;
	h->msg_iovlen = n;
	if (r > 0 && !send) {
		size_t got = (size_t)r < one.iov_len ? (size_t)r : one.iov_len;
		int64_t e = 0;

		/* A message that was cut short cannot be read: nothing of it is given. */
		if (!convert(x, one.iov_base, got, false))
			memset(one.iov_base, 0, got);
		e = spread(list, n, one.iov_base, got, false);
		r = e < 0 ? e : r;
	}
	free(one.iov_base);
	return r;
}
