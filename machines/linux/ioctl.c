/* ioctl: requests that the guest's table names are translated, all others are refused. */
#include <asm/ioctls.h>
#include <net/if.h>
#include <linux/sockios.h>

#include "guest.h"
#include "host_types.h"

static const struct lx_ioctl *lookup(const lx *x, uint32_t req)
{
	for (size_t i = 0; i < *x->g->n_ioctls; i++)
		if (x->g->ioctls[i].guest == req)
			return &x->g->ioctls[i];
	return NULL;
}

static int64_t int_ioctl(lx *x, int fd, const struct lx_ioctl *io, uint64_t addr)
{
	uint32_t v = 0;
	int64_t r;

	if (io->kind != LX_IO_INT_OUT && lx_get32(x, addr, &v))
		return -EFAULT;
	r = LX_WAIT(x, SYS_ioctl, fd, (long)io->host, (long)&v);
	if (r < 0 || io->kind == LX_IO_INT_IN)
		return r;
	return lx_put32(x, addr, v) ? -EFAULT : r;
}

static int64_t termios_ioctl(lx *x, int fd, const struct lx_ioctl *io, uint64_t addr)
{
	struct lx_termios t;
	int64_t r;

	if (io->kind == LX_IO_TERMIOS_IN) {
		if (lx_get(x, LX_ST_TERMIOS, addr, &t))
			return -EFAULT;
		if (x->g->termios_to_host)
			x->g->termios_to_host(&t);
		return LX_WAIT(x, SYS_ioctl, fd, (long)io->host, (long)&t);
	}
	r = LX_WAIT(x, SYS_ioctl, fd, (long)io->host, (long)&t);
	if (r < 0)
		return r;
	if (x->g->termios_to_guest)
		x->g->termios_to_guest(&t);
	return lx_put(x, LX_ST_TERMIOS, addr, &t);
}

static int64_t winsize_ioctl(lx *x, int fd, const struct lx_ioctl *io, uint64_t addr)
{
	struct winsize ws;
	int64_t r;

	if (io->kind == LX_IO_WINSIZE_IN && lx_get(x, LX_ST_WINSIZE, addr, &ws))
		return -EFAULT;
	r = LX_HOST(SYS_ioctl, fd, (long)io->host, (long)&ws);
	return r || io->kind == LX_IO_WINSIZE_IN ? r : lx_put(x, LX_ST_WINSIZE, addr, &ws);
}

/* A number without a sign comes back: 64 bits, one of the guest's longs, or 16. */
static int64_t size_ioctl(lx *x, int fd, const struct lx_ioctl *io, uint64_t addr)
{
	uint64_t v = 0;
	uint8_t raw[2];
	int64_t r = LX_HOST(SYS_ioctl, fd, (long)io->host, (long)&v);

	if (r)
		return r;
	if (io->kind == LX_IO_WORD_OUT)
		return x->g->word == 4 && v > UINT32_MAX ? -EFBIG : lx_put_word(x, addr, v);
	if (io->kind == LX_IO_LOFF_OUT)
		return lx_put64(x, addr, v);
	lx_store(x, raw, 2, (uint16_t)v);
	return lx_write(x, addr, raw, 2);
}

/* struct ifreq: a name of 16 bytes, then what the request says: an address, a short or an int. */
static int64_t ifreq_ioctl(lx *x, int fd, const struct lx_ioctl *io, uint64_t addr)
{
	uint8_t raw[32];
	struct ifreq ifr;
	int64_t r;

	if (lx_read(x, addr, raw, sizeof raw))
		return -EFAULT;
	memset(&ifr, 0, sizeof ifr);
	memcpy(ifr.ifr_name, raw, IFNAMSIZ);
	if (io->host == SIOCGIFNAME)
		ifr.ifr_ifindex = (int)lx_load(x, raw + 16, 4);
	r = LX_HOST(SYS_ioctl, fd, (long)io->host, (long)&ifr);
	if (r)
		return r;
	memcpy(raw, ifr.ifr_name, IFNAMSIZ);
	switch (io->host) {
	case SIOCGIFFLAGS:
		lx_store(x, raw + 16, 2, (uint16_t)ifr.ifr_flags);
		break;
	case SIOCGIFMETRIC: case SIOCGIFMTU: case SIOCGIFINDEX: case SIOCGIFTXQLEN:
		lx_store(x, raw + 16, 4, (uint32_t)ifr.ifr_ifindex);
		break;
	case SIOCGIFNAME:
		break;
	default:
		memcpy(raw + 16, &ifr.ifr_addr, 16);
		lx_store(x, raw + 16, 2, ifr.ifr_addr.sa_family);
	}
	return lx_write(x, addr, raw, sizeof raw);
}

/* struct ifconf: a length, then where the list of struct ifreq goes; without that, the length it would have. */
static int64_t ifconf_ioctl(lx *x, int fd, uint64_t addr)
{
	struct ifreq list[64];
	struct ifconf conf = { .ifc_len = sizeof list };
	unsigned w = x->g->word, size = w == 8 ? 40 : 32, n, max;
	uint64_t at;
	uint32_t len;
	int64_t r;

	if (lx_get32(x, addr, &len) || lx_get_word(x, addr + w, &at))
		return -EFAULT;
	conf.ifc_req = list;
	r = LX_HOST(SYS_ioctl, fd, SIOCGIFCONF, (long)&conf);
	if (r)
		return r;
	n = (unsigned)conf.ifc_len / sizeof list[0];
	max = at && (int)len > 0 ? len / size : at ? 0 : n;
	n = n < max ? n : max;
	for (unsigned i = 0; at && i < n; i++) {
		uint8_t raw[40] = { 0 };

		memcpy(raw, &list[i], 32);
		lx_store(x, raw + IFNAMSIZ, 2, list[i].ifr_addr.sa_family);
		if (lx_write(x, at + i * size, raw, size))
			return -EFAULT;
	}
	return lx_put32(x, addr, n * size);
}

int64_t lx_sys_ioctl(lx *x, const uint64_t *a)
{
	const struct lx_ioctl *io = lookup(x, (uint32_t)a[1]);
	int fd = (int)a[0];

	if (!io)
		return LX_HOST(SYS_fcntl, fd, F_GETFD, 0) < 0 ? -EBADF : -ENOTTY;
	switch (io->kind) {
	case LX_IO_NONE: return LX_HOST(SYS_ioctl, fd, (long)io->host, 0);
	case LX_IO_VALUE: return LX_WAIT(x, SYS_ioctl, fd, (long)io->host, (long)a[2]);
	case LX_IO_INT_IN: case LX_IO_INT_OUT: case LX_IO_INT_INOUT: return int_ioctl(x, fd, io, a[2]);
	case LX_IO_TERMIOS_IN: case LX_IO_TERMIOS_OUT: return termios_ioctl(x, fd, io, a[2]);
	case LX_IO_WINSIZE_IN: case LX_IO_WINSIZE_OUT: return winsize_ioctl(x, fd, io, a[2]);
	case LX_IO_LOFF_OUT: case LX_IO_WORD_OUT: case LX_IO_SHORT_OUT: return size_ioctl(x, fd, io, a[2]);
	case LX_IO_IFREQ: return ifreq_ioctl(x, fd, io, a[2]);
	case LX_IO_IFCONF: return ifconf_ioctl(x, fd, a[2]);
	}
	return -ENOTTY;
}
