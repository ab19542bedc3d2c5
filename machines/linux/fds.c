/* The kinds of the guest's descriptors. Most are plain, and the table stays empty. */
#include <stdlib.h>
#include <sys/inotify.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

/* The chunk of the table for a descriptor, made if wanted; NULL: all of it is plain, or no memory. */
static _Atomic uint8_t *chunk(const lx *x, uint64_t fd, bool make)
{
	_Atomic(_Atomic uint8_t *) *at;
	_Atomic uint8_t *now, *fresh;

	if (fd >= (uint64_t)LX_FD_CHUNK * LX_FD_CHUNKS)
		return NULL;
	at = &x->p->fd_kind[fd / LX_FD_CHUNK];
	now = atomic_load_explicit(at, memory_order_acquire);
	if (now || !make)
		return now;
	fresh = calloc(LX_FD_CHUNK, 1);
	if (!fresh || atomic_compare_exchange_strong(at, &now, fresh))
		return fresh;
	free((void *)(uintptr_t)fresh);	/* another thread was faster */
	return now;
}

int64_t lx_fd_made(lx *x, int64_t fd, enum lx_fd_kind kind)
{
	_Atomic uint8_t *t = fd < 0 ? NULL : chunk(x, (uint64_t)fd, kind != LX_FD_PLAIN);

	if (t) {
		if (atomic_exchange(&t[fd % LX_FD_CHUNK], (uint8_t)kind) == LX_FD_DIR && kind != LX_FD_DIR)
			lx_dir_drop(x->p, (int)fd);
	} else if (fd >= 0 && kind != LX_FD_PLAIN) {
		close((int)fd);
		return -ENOMEM;
	}
	return fd;
}

enum lx_fd_kind lx_fd_kind(const lx *x, int fd)
{
	_Atomic uint8_t *t = fd < 0 ? NULL : chunk(x, (uint64_t)fd, false);

	return t ? (enum lx_fd_kind)t[fd % LX_FD_CHUNK] : LX_FD_PLAIN;
}

void lx_fd_closed(lx *x, uint64_t from, uint64_t to)
{
	for (uint64_t i = from / LX_FD_CHUNK; i < LX_FD_CHUNKS && i <= to / LX_FD_CHUNK; i++) {
		_Atomic uint8_t *t = chunk(x, i * LX_FD_CHUNK, false);

		for (uint64_t k = 0; t && k < LX_FD_CHUNK; k++)
			if (i * LX_FD_CHUNK + k >= from && i * LX_FD_CHUNK + k <= to)
				lx_fd_made(x, (int64_t)(i * LX_FD_CHUNK + k), LX_FD_PLAIN);
	}
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
	case LX_FD_NETLINK: case LX_FD_DIR: case LX_FD_PLAIN:
		break;
	}
}

void lx_fd_fini(struct dgm_linux *p)
{
	lx_dir_fini(p);
	for (unsigned i = 0; i < LX_FD_CHUNKS; i++) {
		free((void *)(uintptr_t)atomic_load(&p->fd_kind[i]));
		atomic_store(&p->fd_kind[i], NULL);
	}
}
