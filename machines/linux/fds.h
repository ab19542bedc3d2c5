/* Descriptors whose contents are structures of the kernel: they are converted when the guest reads and writes. */
#ifndef LX_FDS_H
#define LX_FDS_H

#include "lx.h"

enum lx_fd_kind {
	LX_FD_PLAIN,
	LX_FD_COUNT,	/* one 64-bit number: eventfd, timerfd */
	LX_FD_SIGNAL,
	LX_FD_INOTIFY,
	LX_FD_NETLINK,	/* of a guest whose byte order is not the host's */
	LX_FD_DIR,	/* a directory with places of its own, see dirs.c */
};

/* Notes the kind of a descriptor that a call made; passes errors on. */
int64_t lx_fd_made(lx *x, int64_t fd, enum lx_fd_kind kind);
enum lx_fd_kind lx_fd_kind(const lx *x, int fd);
/* After the host filled buf with n bytes for a read, before it takes n bytes of a write. */
void lx_fd_convert(const lx *x, enum lx_fd_kind kind, uint8_t *buf, size_t n);
/* The descriptors of the range were closed. */
void lx_fd_closed(lx *x, uint64_t from, uint64_t to);
void lx_fd_fini(struct dgm_linux *p);

/* netlink.c: sends or receives a message whose pieces are the guest's; the rest of h is the host's. */
struct msghdr;
int64_t lx_netlink_io(lx *x, int fd, struct msghdr *h, long flags, bool send);

/* dirs.c. A place in a directory as the guest is told it, or -errno; and back, for a seek. */
int64_t lx_dir_number(lx *x, int fd, int64_t cookie);
int64_t lx_dir_seek(lx *x, int fd, int64_t off, int whence);
void lx_dir_drop(struct dgm_linux *p, int fd);
void lx_dir_fini(struct dgm_linux *p);

#endif
