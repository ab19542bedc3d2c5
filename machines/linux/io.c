/* Reading, writing and what belongs to a file descriptor. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

int64_t lx_sys_read(lx *x, const uint64_t *a)
{
	long buf = lx_arg(x, a[1], a[2], DGM_W);
	int64_t r = LX_WAIT(x, SYS_read, (int)a[0], buf, (long)a[2]);
	enum lx_fd_kind kind = lx_fd_kind(x, (int)a[0]);

	if (r > 0 && kind != LX_FD_PLAIN)
		lx_fd_convert(x, kind, (uint8_t *)buf, (size_t)r);
	return r;
}

int64_t lx_sys_write(lx *x, const uint64_t *a)
{
	uint8_t count[8];

	if (lx_fd_kind(x, (int)a[0]) == LX_FD_COUNT && a[2] >= 8) {
		if (lx_read(x, a[1], count, sizeof count))
			return -EFAULT;
		lx_fd_convert(x, LX_FD_COUNT, count, sizeof count);
		return LX_WAIT(x, SYS_write, (int)a[0], (long)count, sizeof count);
	}
	return LX_WAIT(x, SYS_write, (int)a[0], lx_arg(x, a[1], a[2], DGM_R), (long)a[2]);
}

int64_t lx_sys_pread64(lx *x, const uint64_t *a)
{
	return LX_WAIT(x, SYS_pread64, (int)a[0], lx_arg(x, a[1], a[2], DGM_W), (long)a[2], (long)a[3]);
}

int64_t lx_sys_pwrite64(lx *x, const uint64_t *a)
{
	return LX_WAIT(x, SYS_pwrite64, (int)a[0], lx_arg(x, a[1], a[2], DGM_R), (long)a[2], (long)a[3]);
}

static int64_t vector(lx *x, const uint64_t *a, long nr, uint32_t access, long lo, long hi, long flags)
{
	struct iovec iov[LX_MAX_IOV];
	int n = lx_iovec(x, a[1], (uint64_t)a[2], access, iov);

	return n < 0 ? n : LX_WAIT(x, nr, (int)a[0], (long)iov, n, lo, hi, flags);
}

/* Who reads from the pipe has its memory written. */
int64_t lx_sys_vmsplice(lx *x, const uint64_t *a)
{
	long how = LX_HOST(SYS_fcntl, (int)a[0], F_GETFL, 0);

	if (how < 0)
		return how;
	if (a[2] > LX_MAX_IOV)
		return -EINVAL;
	return vector(x, a, SYS_vmsplice, (how & O_ACCMODE) == O_RDONLY ? DGM_W : DGM_R, (long)a[3], 0, 0);
}

int64_t lx_sys_readv(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_readv, DGM_W, 0, 0, 0);
}

int64_t lx_sys_writev(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_writev, DGM_R, 0, 0, 0);
}

/* The offset comes in two longs, the lower first, whatever the byte order. */
static long pos(const lx *x, const uint64_t *a)
{
	return x->g->word == 8 ? (long)a[3] : (long)(a[3] | a[4] << 32);
}

int64_t lx_sys_preadv(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_preadv, DGM_W, pos(x, a), 0, 0);
}

int64_t lx_sys_pwritev(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_pwritev, DGM_R, pos(x, a), 0, 0);
}

int64_t lx_sys_preadv2(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_preadv2, DGM_W, pos(x, a), 0, (long)a[5]);
}

int64_t lx_sys_pwritev2(lx *x, const uint64_t *a)
{
	return vector(x, a, SYS_pwritev2, DGM_R, pos(x, a), 0, (long)a[5]);
}

/* The result of a seek: in a directory a number like those its entries carry. */
static int64_t place_of(lx *x, int fd, int64_t r)
{
	return r >= 0 && lx_fd_kind(x, fd) == LX_FD_DIR ? lx_dir_number(x, fd, r) : r;
}

int64_t lx_sys_lseek(lx *x, const uint64_t *a)
{
	int64_t off = lx_dir_seek(x, (int)a[0], (int64_t)a[1], (int)a[2]);
	int64_t r = place_of(x, (int)a[0], LX_HOST(SYS_lseek, (int)a[0], (long)off, (int)a[2]));

	/* The file's place has moved already: so it is on the real thing, too. */
	return x->g->word == 4 && r > INT32_MAX ? -EOVERFLOW : r;
}

int64_t lx_sys__llseek(lx *x, const uint64_t *a)
{
	int64_t off = lx_dir_seek(x, (int)a[0], (int64_t)(a[1] << 32 | (uint32_t)a[2]), (int)a[4]);
	int64_t r = place_of(x, (int)a[0], LX_HOST(SYS_lseek, (int)a[0], (long)off, (int)a[4]));

	if (r < 0)
		return r;
	return lx_put64(x, a[3], (uint64_t)r);
}

static int64_t send_file(lx *x, const uint64_t *a, unsigned size)
{
	uint8_t raw[8];
	int64_t off = 0, r;

	if (!a[2])
		return LX_WAIT(x, SYS_sendfile, (int)a[0], (int)a[1], 0, (long)a[3]);
	if (lx_read(x, a[2], raw, size))
		return -EFAULT;
	off = (int64_t)lx_load(x, raw, size);
	if (size == 4)
		off = (int32_t)off;
	r = LX_WAIT(x, SYS_sendfile, (int)a[0], (int)a[1], (long)&off, (long)a[3]);
	lx_store(x, raw, size, (uint64_t)off);
	return r >= 0 && lx_write(x, a[2], raw, size) ? -EFAULT : r;
}

int64_t lx_sys_sendfile(lx *x, const uint64_t *a)
{
	return send_file(x, a, x->g->word);
}

int64_t lx_sys_sendfile64(lx *x, const uint64_t *a)
{
	return send_file(x, a, 8);
}

static int get_off(lx *x, uint64_t addr, int64_t *off)
{
	uint8_t raw[8];

	if (!addr)
		return 0;
	if (lx_read(x, addr, raw, 8))
		return -EFAULT;
	*off = (int64_t)lx_load(x, raw, 8);
	return 0;
}

/* copy_file_range and splice: two descriptors, each with a 64-bit offset or NULL. */
static int64_t between(lx *x, const uint64_t *a, long nr)
{
	int64_t in = 0, out = 0, r;

	if (get_off(x, a[1], &in) || get_off(x, a[3], &out))
		return -EFAULT;
	r = LX_WAIT(x, nr, (int)a[0], a[1] ? (long)&in : 0, (int)a[2], a[3] ? (long)&out : 0, (long)a[4], (long)a[5]);
	if (r < 0)
		return r;
	if ((a[1] && lx_put64(x, a[1], (uint64_t)in)) || (a[3] && lx_put64(x, a[3], (uint64_t)out)))
		return -EFAULT;
	return r;
}

int64_t lx_sys_copy_file_range(lx *x, const uint64_t *a)
{
	return between(x, a, SYS_copy_file_range);
}

int64_t lx_sys_splice(lx *x, const uint64_t *a)
{
	return between(x, a, SYS_splice);
}

int64_t lx_sys_tee(lx *x, const uint64_t *a)
{
	return LX_WAIT(x, SYS_tee, (int)a[0], (int)a[1], (long)a[2], (long)a[3]);
}

int64_t lx_sys_sync_file_range2(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_sync_file_range, (int)a[0], (long)a[2], (long)a[3], (long)a[1]);
}

int64_t lx_sys_sync_file_range(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_sync_file_range, (int)a[0], (long)a[1], (long)a[2], (long)a[3]);
}

int64_t lx_sys_fadvise64(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_fadvise64, (int)a[0], (long)a[1], (long)a[2], (int)a[3]);
}

int64_t lx_sys_fadvise64_64(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_fadvise64, (int)a[0], (long)a[2], (long)a[3], (int)a[1]);
}

int64_t lx_sys_truncate64(lx *x, const uint64_t *a)
{
	char path[PATH_MAX];
	int r = lx_path(x, AT_FDCWD, a[0], true, path);

	return r ? r : LX_HOST(SYS_truncate, (long)path, (long)a[1]);
}

int64_t lx_sys_close(lx *x, const uint64_t *a)
{
	lx_fd_made(x, (int)a[0], LX_FD_PLAIN);
	return LX_HOST(SYS_close, (int)a[0]);
}

int64_t lx_sys_close_range(lx *x, const uint64_t *a)
{
	if (!(a[2] & CLOSE_RANGE_CLOEXEC))
		lx_fd_closed(x, (uint32_t)a[0], (uint32_t)a[1]);
	return LX_HOST(SYS_close_range, (long)(uint32_t)a[0], (long)(uint32_t)a[1], (long)a[2]);
}

int64_t lx_sys_dup(lx *x, const uint64_t *a)
{
	return lx_fd_made(x, LX_HOST(SYS_dup, (int)a[0]), lx_fd_kind(x, (int)a[0]));
}

/* What comes from another process is read and written as it is. */
int64_t lx_sys_pidfd_getfd(lx *x, const uint64_t *a)
{
	return lx_fd_made(x, LX_HOST(SYS_pidfd_getfd, (int)a[0], (int)a[1], (long)(uint32_t)a[2]), LX_FD_PLAIN);
}

int64_t lx_sys_dup2(lx *x, const uint64_t *a)
{
	return lx_fd_made(x, LX_HOST(SYS_dup2, (int)a[0], (int)a[1]), lx_fd_kind(x, (int)a[0]));
}

int64_t lx_sys_dup3(lx *x, const uint64_t *a)
{
	long flags = (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[2], NULL);

	return lx_fd_made(x, LX_HOST(SYS_dup3, (int)a[0], (int)a[1], flags), lx_fd_kind(x, (int)a[0]));
}

int64_t lx_sys_pipe2(lx *x, const uint64_t *a)
{
	int fd[2];
	int64_t r = LX_HOST(SYS_pipe2, (long)fd, (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[1], NULL));

	if (r)
		return r;
	if (!lx_put32(x, a[0], (uint32_t)fd[0]) && !lx_put32(x, a[0] + 4, (uint32_t)fd[1]))
		return 0;
	close(fd[0]);
	close(fd[1]);
	return -EFAULT;
}

int64_t lx_sys_flock(lx *x, const uint64_t *a)
{
	return LX_WAIT(x, SYS_flock, (int)a[0], (int)a[1]);
}

/* ---- fcntl ---- */

/* On a 32-bit guest 12 to 14 are the commands with the 64-bit lock. */
enum { CMD_GETLK64 = 12, CMD_SETLK64, CMD_SETLKW64 };

static int64_t lock(lx *x, int fd, int cmd, uint64_t addr, enum lx_st st)
{
	struct flock fl;
	int64_t r;

	if (lx_get(x, st, addr, &fl))
		return -EFAULT;
	r = LX_WAIT(x, SYS_fcntl, fd, cmd, (long)&fl);
	if (r || (cmd != F_GETLK && cmd != F_OFD_GETLK))
		return r;
	if (x->g->word == 4 && st == LX_ST_FLOCK && (fl.l_start > INT32_MAX || fl.l_len > INT32_MAX))
		return -EOVERFLOW;
	return lx_put(x, st, addr, &fl);
}

static int64_t owner(lx *x, int fd, int cmd, uint64_t addr)
{
	struct f_owner_ex o = { 0 };
	int64_t r;

	if (cmd == F_SETOWN_EX && lx_get(x, LX_ST_OWNER, addr, &o))
		return -EFAULT;
	r = LX_HOST(SYS_fcntl, fd, cmd, (long)&o);
	return r || cmd == F_SETOWN_EX ? r : lx_put(x, LX_ST_OWNER, addr, &o);
}

static int64_t rw_hint(lx *x, int fd, int cmd, uint64_t addr)
{
	uint8_t raw[8];
	uint64_t v = 0;
	bool set = cmd == F_SET_RW_HINT || cmd == F_SET_FILE_RW_HINT;
	int64_t r;

	if (set && lx_read(x, addr, raw, 8))
		return -EFAULT;
	if (set)
		v = lx_load(x, raw, 8);
	r = LX_HOST(SYS_fcntl, fd, cmd, (long)&v);
	return r || set ? r : lx_put64(x, addr, v);
}

int64_t lx_sys_fcntl64(lx *x, const uint64_t *a)
{
	int fd = (int)a[0], cmd = (int)a[1];
	int64_t r;

	if (x->g->word == 4 && cmd >= CMD_GETLK64 && cmd <= CMD_SETLKW64)
		return lock(x, fd, cmd - CMD_GETLK64 + F_GETLK, a[2], LX_ST_FLOCK64);
	switch (cmd) {
	case F_GETLK: case F_SETLK: case F_SETLKW:
		return lock(x, fd, cmd, a[2], LX_ST_FLOCK);
	case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
		return lock(x, fd, cmd, a[2], LX_ST_FLOCK64);
	case F_GETFL:
		r = LX_HOST(SYS_fcntl, fd, cmd, 0);
		return r < 0 ? r : (int64_t)lx_flags_to_guest(&x->g->open_flags, (uint32_t)r);
	case F_SETFL:
		return LX_HOST(SYS_fcntl, fd, cmd, (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[2], NULL));
	case F_SETOWN_EX: case F_GETOWN_EX:
		return owner(x, fd, cmd, a[2]);
	case F_GET_RW_HINT: case F_SET_RW_HINT: case F_GET_FILE_RW_HINT: case F_SET_FILE_RW_HINT:
		return rw_hint(x, fd, cmd, a[2]);
	case F_DUPFD: case F_DUPFD_CLOEXEC:
		return lx_fd_made(x, LX_HOST(SYS_fcntl, fd, cmd, (long)(int)a[2]), lx_fd_kind(x, fd));
	case F_GETFD: case F_SETFD: case F_SETOWN: case F_GETOWN: case F_SETSIG:
	case F_GETSIG: case F_SETLEASE: case F_GETLEASE: case F_NOTIFY: case F_SETPIPE_SZ: case F_GETPIPE_SZ:
	case F_ADD_SEALS: case F_GET_SEALS:
		return LX_HOST(SYS_fcntl, fd, cmd, (long)(int)a[2]);
	default:
		return -EINVAL;
	}
}

/* ---- directories ---- */

struct host_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/* Header bytes of an entry before its name. */
static unsigned dirent_head(const lx *x, bool wide)
{
	return wide ? 19 : 2 * x->g->word + 2;
}

/* The guest's length of an entry: the old form has its type in the last byte. */
static unsigned dirent_len(const lx *x, size_t name, bool wide)
{
	unsigned align = wide ? 8 : x->g->word;

	return (unsigned)(dirent_head(x, wide) + name + 1 + !wide + align - 1) & ~(align - 1);
}

static void put_dirent(const lx *x, uint8_t *out, const struct host_dirent *d, uint64_t off, bool wide)
{
	unsigned w = wide ? 8 : x->g->word;
	size_t name = strlen(d->name);
	unsigned len = dirent_len(x, name, wide);

	memset(out, 0, len);
	lx_store(x, out, w, d->ino);
	lx_store(x, out + w, w, off);
	lx_store(x, out + 2 * w, 2, len);
	if (wide)
		out[18] = d->type;
	else
		out[len - 1] = d->type;
	memcpy(out + dirent_head(x, wide), d->name, name);
}

/*
 * Entries are read in a piece no larger than the guest's buffer; the old form's entries are never longer
 * than the host's, so all of them fit.
 */
static int64_t read_dir(lx *x, const uint64_t *a, bool wide)
{
	uint64_t cap = a[2] < 65536 ? a[2] : 65536;
	uint8_t *host = malloc(cap + 1), *out = malloc(cap + 1);
	int64_t r = host && out ? LX_HOST(SYS_getdents64, (int)a[0], (long)host, (long)cap) : -ENOMEM;
	uint64_t used = 0;

	for (int64_t at = 0; at < r;) {
		const struct host_dirent *d = (const struct host_dirent *)(host + at);

		int64_t off = lx_dir_number(x, (int)a[0], d->off);

		if (off < 0)
			off = d->off;
		put_dirent(x, out + used, d, (uint64_t)off, wide);
		used += dirent_len(x, strlen(d->name), wide);
		at += d->reclen;
	}
	if (r > 0)
		r = lx_write(x, a[1], out, used) ? -EFAULT : (int64_t)used;
	free(host);
	free(out);
	return r;
}

int64_t lx_sys_getdents(lx *x, const uint64_t *a)
{
	return read_dir(x, a, false);
}

int64_t lx_sys_getdents64(lx *x, const uint64_t *a)
{
	return read_dir(x, a, true);
}
