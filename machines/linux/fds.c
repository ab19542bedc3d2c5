/* The kinds of the guest's descriptors. Most are plain, and the table stays empty. */
#include <stdlib.h>
#include <sys/inotify.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

int64_t lx_fd_made(lx *x, int64_t fd, enum lx_fd_kind kind)
{
	uint8_t *t;
	size_t n = x->n_fd_kind;

	if (fd < 0 || (kind == LX_FD_PLAIN && (uint64_t)fd >= n))
		return fd;
	if ((uint64_t)fd >= n) {
		n = ((size_t)fd | 63) + 1;
		t = realloc(x->fd_kind, n);
		if (!t) {
			close((int)fd);
			return -ENOMEM;
		}
		memset(t + x->n_fd_kind, 0, n - x->n_fd_kind);
		x->fd_kind = t;
		x->n_fd_kind = n;
	}
	x->fd_kind[fd] = (uint8_t)kind;
	return fd;
}

enum lx_fd_kind lx_fd_kind(const lx *x, int fd)
{
	return fd >= 0 && (size_t)fd < x->n_fd_kind ? (enum lx_fd_kind)x->fd_kind[fd] : LX_FD_PLAIN;
}

static void swap(const lx *x, uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	lx_store(x, p, size, v);
}

void lx_fd_convert(const lx *x, enum lx_fd_kind kind, uint8_t *buf, size_t n)
{
	switch (kind) {
	case LX_FD_COUNT:
		if (n >= 8)
			swap(x, buf, 8);
		break;
	case LX_FD_SIGNAL:
		for (size_t at = 0; at + sizeof(struct signalfd_siginfo) <= n; at += sizeof(struct signalfd_siginfo)) {
			struct signalfd_siginfo si;

			memcpy(&si, buf + at, sizeof si);
			lx_to_guest(x, LX_ST_SIGFD, buf + at, &si);
		}
		break;
	case LX_FD_INOTIFY:
		for (size_t at = 0; at + sizeof(struct inotify_event) <= n;) {
			struct inotify_event ev;

			memcpy(&ev, buf + at, sizeof ev);
			for (unsigned i = 0; i < 4; i++)
				swap(x, buf + at + 4 * i, 4);
			at += sizeof ev + ev.len;
		}
		break;
	case LX_FD_PLAIN:
		break;
	}
}

void lx_fd_fini(lx *x)
{
	free(x->fd_kind);
	x->fd_kind = NULL;
	x->n_fd_kind = 0;
}
