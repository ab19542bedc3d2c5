/* Files by name: opening, asking, changing. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

/* Reads the path at a[i] into `path`, or leaves the function. */
#define PATH(i) \
	char path[PATH_MAX]; \
	int bad = lx_path(x, a[i], path); \
	if (bad) \
		return bad

static int64_t do_open(lx *x, int dir, uint64_t addr, uint32_t flags, uint32_t mode)
{
	char path[PATH_MAX];
	int r = lx_path(x, addr, path);
	uint32_t host = lx_flags_to_host(&x->g->open_flags, flags, NULL);

	if (r)
		return r;
	if (!strncmp(path, "/proc/", 6)) {
		r = lx_proc_open(x, path, (int)host);
		if (r != -ENOSYS)
			return r;
	}
	return LX_WAIT(x, SYS_openat, dir, (long)path, (long)host, (long)mode);
}

int64_t lx_sys_open(lx *x, const uint64_t *a)
{
	return do_open(x, AT_FDCWD, a[0], (uint32_t)a[1], (uint32_t)a[2]);
}

int64_t lx_sys_openat(lx *x, const uint64_t *a)
{
	return do_open(x, (int)a[0], a[1], (uint32_t)a[2], (uint32_t)a[3]);
}

int64_t lx_sys_creat(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_WAIT(x, SYS_creat, (long)path, (long)a[1]);
}

int64_t lx_sys_openat2(lx *x, const uint64_t *a)
{
	struct open_how how;
	PATH(1);

	if (a[3] < lx_sizeof(x, LX_ST_OPEN_HOW))
		return -EINVAL;
	if (a[3] > lx_sizeof(x, LX_ST_OPEN_HOW))
		return -E2BIG;
	if (lx_get(x, LX_ST_OPEN_HOW, a[2], &how))
		return -EFAULT;
	if (how.flags >> 32)
		return -EINVAL;
	how.flags = lx_flags_to_host(&x->g->open_flags, (uint32_t)how.flags, NULL);
	return LX_WAIT(x, SYS_openat2, (int)a[0], (long)path, (long)&how, sizeof how);
}

int64_t lx_sys_access(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_faccessat, AT_FDCWD, (long)path, (int)a[1]);
}

int64_t lx_sys_faccessat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_faccessat, (int)a[0], (long)path, (int)a[2]);
}

int64_t lx_sys_faccessat2(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_faccessat2, (int)a[0], (long)path, (int)a[2], (int)a[3]);
}

/* ---- stat ---- */

/* The old structure has 32-bit fields: what does not fit is an error, not a lie. */
static int64_t put_stat(lx *x, enum lx_st st, uint64_t addr, const struct stat *s)
{
	if (x->g->word == 4 && st == LX_ST_STAT &&
	    (s->st_size > INT32_MAX || s->st_ino > UINT32_MAX || s->st_nlink > UINT16_MAX))
		return -EOVERFLOW;
	return lx_put(x, st, addr, s);
}

static int64_t stat_at(lx *x, int dir, uint64_t addr, uint64_t out, int flags, enum lx_st st)
{
	char path[PATH_MAX];
	struct stat s;
	int64_t r = lx_path(x, addr, path);

	if (!r)
		r = LX_HOST(SYS_newfstatat, dir, (long)path, (long)&s, flags);
	return r ? r : put_stat(x, st, out, &s);
}

static int64_t stat_fd(lx *x, int fd, uint64_t out, enum lx_st st)
{
	struct stat s;
	int64_t r = LX_HOST(SYS_fstat, fd, (long)&s);

	return r ? r : put_stat(x, st, out, &s);
}

int64_t lx_sys_stat(lx *x, const uint64_t *a)
{
	return stat_at(x, AT_FDCWD, a[0], a[1], 0, LX_ST_STAT);
}

int64_t lx_sys_lstat(lx *x, const uint64_t *a)
{
	return stat_at(x, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW, LX_ST_STAT);
}

int64_t lx_sys_fstat(lx *x, const uint64_t *a)
{
	return stat_fd(x, (int)a[0], a[1], LX_ST_STAT);
}

int64_t lx_sys_stat64(lx *x, const uint64_t *a)
{
	return stat_at(x, AT_FDCWD, a[0], a[1], 0, LX_ST_STAT64);
}

int64_t lx_sys_lstat64(lx *x, const uint64_t *a)
{
	return stat_at(x, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW, LX_ST_STAT64);
}

int64_t lx_sys_fstat64(lx *x, const uint64_t *a)
{
	return stat_fd(x, (int)a[0], a[1], LX_ST_STAT64);
}

int64_t lx_sys_fstatat64(lx *x, const uint64_t *a)
{
	return stat_at(x, (int)a[0], a[1], a[2], (int)a[3], LX_ST_STAT64);
}

int64_t lx_sys_newfstatat(lx *x, const uint64_t *a)
{
	return stat_at(x, (int)a[0], a[1], a[2], (int)a[3], LX_ST_STAT);
}

int64_t lx_sys_statx(lx *x, const uint64_t *a)
{
	struct statx sx;
	int64_t r;
	PATH(1);

	r = LX_HOST(SYS_statx, (int)a[0], (long)path, (int)a[2], (long)(uint32_t)a[3], (long)&sx);
	return r ? r : lx_put(x, LX_ST_STATX, a[4], &sx);
}

static int64_t put_statfs(lx *x, enum lx_st st, uint64_t addr, const struct statfs *s)
{
	if (x->g->word == 4 && st == LX_ST_STATFS &&
	    (s->f_blocks > UINT32_MAX || s->f_bfree > UINT32_MAX || s->f_bavail > UINT32_MAX ||
	     (s->f_files > UINT32_MAX && s->f_files + 1) || (s->f_ffree > UINT32_MAX && s->f_ffree + 1)))
		return -EOVERFLOW;
	return lx_put(x, st, addr, s);
}

static int64_t statfs_path(lx *x, uint64_t addr, uint64_t out, enum lx_st st)
{
	char path[PATH_MAX];
	struct statfs s;
	int64_t r = lx_path(x, addr, path);

	if (!r)
		r = LX_HOST(SYS_statfs, (long)path, (long)&s);
	return r ? r : put_statfs(x, st, out, &s);
}

static int64_t statfs_fd(lx *x, int fd, uint64_t out, enum lx_st st)
{
	struct statfs s;
	int64_t r = LX_HOST(SYS_fstatfs, fd, (long)&s);

	return r ? r : put_statfs(x, st, out, &s);
}

int64_t lx_sys_statfs(lx *x, const uint64_t *a)
{
	return statfs_path(x, a[0], a[1], LX_ST_STATFS);
}

int64_t lx_sys_fstatfs(lx *x, const uint64_t *a)
{
	return statfs_fd(x, (int)a[0], a[1], LX_ST_STATFS);
}

/* 84 bytes where the structure is packed, but then 88 are allowed, too. */
static bool statfs64_size(const lx *x, uint64_t size)
{
	uint64_t own = lx_sizeof(x, LX_ST_STATFS64);

	return size == own || (own == 84 && size == 88);
}

int64_t lx_sys_statfs64(lx *x, const uint64_t *a)
{
	return statfs64_size(x, a[1]) ? statfs_path(x, a[0], a[2], LX_ST_STATFS64) : -EINVAL;
}

int64_t lx_sys_fstatfs64(lx *x, const uint64_t *a)
{
	return statfs64_size(x, a[1]) ? statfs_fd(x, (int)a[0], a[2], LX_ST_STATFS64) : -EINVAL;
}

/* ---- names ---- */

static int64_t two_paths(lx *x, long nr, int dir1, uint64_t p1, int dir2, uint64_t p2, long flags)
{
	char from[PATH_MAX], to[PATH_MAX];
	int r = lx_path(x, p1, from);

	if (!r)
		r = lx_path(x, p2, to);
	return r ? r : LX_HOST(nr, dir1, (long)from, dir2, (long)to, flags);
}

int64_t lx_sys_link(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_linkat, AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
}

int64_t lx_sys_linkat(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_linkat, (int)a[0], a[1], (int)a[2], a[3], (long)a[4]);
}

int64_t lx_sys_rename(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_renameat2, AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
}

int64_t lx_sys_renameat(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_renameat2, (int)a[0], a[1], (int)a[2], a[3], 0);
}

int64_t lx_sys_renameat2(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_renameat2, (int)a[0], a[1], (int)a[2], a[3], (long)a[4]);
}

int64_t lx_sys_unlink(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_unlinkat, AT_FDCWD, (long)path, 0);
}

int64_t lx_sys_unlinkat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_unlinkat, (int)a[0], (long)path, (int)a[2]);
}

int64_t lx_sys_mkdir(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_mkdirat, AT_FDCWD, (long)path, (long)a[1]);
}

int64_t lx_sys_mkdirat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_mkdirat, (int)a[0], (long)path, (long)a[2]);
}

int64_t lx_sys_rmdir(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR);
}

/* The text of a link is not looked up: it goes in as it is. */
static int64_t make_symlink(lx *x, uint64_t text, int dir, uint64_t at)
{
	char target[PATH_MAX], path[PATH_MAX];
	int r = lx_string(x, text, target, sizeof target);

	if (r >= 0)
		r = lx_path(x, at, path);
	return r ? r : LX_HOST(SYS_symlinkat, (long)target, dir, (long)path);
}

int64_t lx_sys_symlink(lx *x, const uint64_t *a)
{
	return make_symlink(x, a[0], AT_FDCWD, a[1]);
}

int64_t lx_sys_symlinkat(lx *x, const uint64_t *a)
{
	return make_symlink(x, a[0], (int)a[1], a[2]);
}

static int64_t read_link(lx *x, int dir, uint64_t addr, uint64_t buf, int64_t size)
{
	char path[PATH_MAX];
	int r = lx_string(x, addr, path, sizeof path);
	size_t n;

	if (r < 0)
		return r;
	if (size <= 0)
		return -EINVAL;
	if (lx_proc_exe(x, path)) {
		n = strlen(x->p->exe);
		n = n < (uint64_t)size ? n : (uint64_t)size;
		return lx_write(x, buf, x->p->exe, n) ? -EFAULT : (int64_t)n;
	}
	lx_path_resolve(x, path);
	size = size < PATH_MAX ? size : PATH_MAX;
	return LX_HOST(SYS_readlinkat, dir, (long)path, lx_arg(x, buf, (uint64_t)size, DGM_W), size);
}

int64_t lx_sys_readlink(lx *x, const uint64_t *a)
{
	return read_link(x, AT_FDCWD, a[0], a[1], (int64_t)a[2]);
}

int64_t lx_sys_readlinkat(lx *x, const uint64_t *a)
{
	return read_link(x, (int)a[0], a[1], a[2], (int64_t)a[3]);
}

int64_t lx_sys_mknod(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_mknodat, AT_FDCWD, (long)path, (long)a[1], (long)a[2]);
}

int64_t lx_sys_mknodat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_mknodat, (int)a[0], (long)path, (long)a[2], (long)a[3]);
}

/* ---- attributes ---- */

int64_t lx_sys_chmod(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_fchmodat, AT_FDCWD, (long)path, (long)a[1]);
}

int64_t lx_sys_fchmod(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_fchmod, (int)a[0], (long)a[1]);
}

int64_t lx_sys_fchmodat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_fchmodat, (int)a[0], (long)path, (long)a[2]);
}

int64_t lx_sys_chown(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_chown, (long)path, (int)a[1], (int)a[2]);
}

int64_t lx_sys_lchown(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_lchown, (long)path, (int)a[1], (int)a[2]);
}

int64_t lx_sys_fchown(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_fchown, (int)a[0], (int)a[1], (int)a[2]);
}

int64_t lx_sys_fchownat(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_fchownat, (int)a[0], (long)path, (int)a[2], (int)a[3], (int)a[4]);
}

int64_t lx_sys_utime(lx *x, const uint64_t *a)
{
	struct utimbuf t;
	PATH(0);

	if (a[1] && lx_get(x, LX_ST_UTIMBUF, a[1], &t))
		return -EFAULT;
	return LX_HOST(SYS_utime, (long)path, a[1] ? (long)&t : 0);
}

/* Two of the guest's times; NULL stands for now. */
static int get_times(lx *x, enum lx_st st, uint64_t addr, void *out, size_t size)
{
	if (!addr)
		return 0;
	return lx_get(x, st, addr, out) || lx_get(x, st, addr + lx_sizeof(x, st), (char *)out + size) ? -EFAULT : 0;
}

int64_t lx_sys_futimesat(lx *x, const uint64_t *a)
{
	struct timeval t[2];
	char path[PATH_MAX];
	int r = a[1] ? lx_path(x, a[1], path) : 0;

	if (r)
		return r;
	if (get_times(x, LX_ST_TIMEVAL, a[2], t, sizeof t[0]))
		return -EFAULT;
	return LX_HOST(SYS_futimesat, (int)a[0], a[1] ? (long)path : 0, a[2] ? (long)t : 0);
}

int64_t lx_sys_utimes(lx *x, const uint64_t *a)
{
	uint64_t b[3] = { (uint64_t)AT_FDCWD, a[0], a[1] };

	return lx_sys_futimesat(x, b);
}

static int64_t utimens(lx *x, const uint64_t *a, enum lx_st st)
{
	struct timespec t[2];
	char path[PATH_MAX];
	int r = a[1] ? lx_path(x, a[1], path) : 0;

	if (r)
		return r;
	if (get_times(x, st, a[2], t, sizeof t[0]))
		return -EFAULT;
	return LX_HOST(SYS_utimensat, (int)a[0], a[1] ? (long)path : 0, a[2] ? (long)t : 0, (int)a[3]);
}

int64_t lx_sys_utimensat(lx *x, const uint64_t *a)
{
	return utimens(x, a, LX_ST_TIMESPEC);
}

int64_t lx_sys_utimensat_time64(lx *x, const uint64_t *a)
{
	return utimens(x, a, LX_ST_TIMESPEC64);
}

/* ---- the working directory ---- */

int64_t lx_sys_chdir(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_chdir, (long)path);
}

int64_t lx_sys_fchdir(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_fchdir, (int)a[0]);
}

int64_t lx_sys_chroot(lx *x, const uint64_t *a)
{
	PATH(0);
	return LX_HOST(SYS_chroot, (long)path);
}

int64_t lx_sys_getcwd(lx *x, const uint64_t *a)
{
	char path[PATH_MAX];
	int64_t r = LX_HOST(SYS_getcwd, (long)path, sizeof path);
	size_t n;

	if (r < 0)
		return r;
	lx_path_strip(x, path);
	n = strlen(path) + 1;
	if (n > a[1])
		return -ERANGE;
	return lx_write(x, a[0], path, n) ? -EFAULT : (int64_t)n;
}

int64_t lx_sys_umask(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_umask, (long)a[0]);
}

/* ---- extended attributes: a name, a value ---- */

static int64_t xattr_path(lx *x, const uint64_t *a, long nr, uint32_t access, bool name_too)
{
	char name[256] = "";
	unsigned v = name_too ? 2 : 1;
	int r;
	PATH(0);

	r = name_too ? lx_string(x, a[1], name, sizeof name) : 0;
	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	if (!name_too)
		return LX_HOST(nr, (long)path, lx_arg(x, a[v], a[v + 1], access), (long)a[v + 1]);
	return LX_HOST(nr, (long)path, (long)name, access ? lx_arg(x, a[v], a[v + 1], access) : 0, (long)a[v + 1],
		       (int)a[v + 2]);
}

static int64_t xattr_fd(lx *x, const uint64_t *a, long nr, uint32_t access)
{
	char name[256];
	int r = lx_string(x, a[1], name, sizeof name);

	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	return LX_HOST(nr, (int)a[0], (long)name, access ? lx_arg(x, a[2], a[3], access) : 0, (long)a[3], (int)a[4]);
}

int64_t lx_sys_setxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_setxattr, DGM_R, true);
}

int64_t lx_sys_lsetxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lsetxattr, DGM_R, true);
}

int64_t lx_sys_fsetxattr(lx *x, const uint64_t *a)
{
	return xattr_fd(x, a, SYS_fsetxattr, DGM_R);
}

int64_t lx_sys_getxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_getxattr, DGM_W, true);
}

int64_t lx_sys_lgetxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lgetxattr, DGM_W, true);
}

int64_t lx_sys_fgetxattr(lx *x, const uint64_t *a)
{
	return xattr_fd(x, a, SYS_fgetxattr, DGM_W);
}

int64_t lx_sys_listxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_listxattr, DGM_W, false);
}

int64_t lx_sys_llistxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_llistxattr, DGM_W, false);
}

int64_t lx_sys_flistxattr(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_flistxattr, (int)a[0], lx_arg(x, a[1], a[2], DGM_W), (long)a[2]);
}

int64_t lx_sys_removexattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_removexattr, 0, true);
}

int64_t lx_sys_lremovexattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lremovexattr, 0, true);
}

int64_t lx_sys_fremovexattr(lx *x, const uint64_t *a)
{
	return xattr_fd(x, a, SYS_fremovexattr, 0);
}

/* ---- files without a name, and watching ---- */

int64_t lx_sys_memfd_create(lx *x, const uint64_t *a)
{
	char name[256];
	int r = lx_string(x, a[0], name, sizeof name);

	return r < 0 ? (r == -ENAMETOOLONG ? -EINVAL : r) : LX_HOST(SYS_memfd_create, (long)name, (long)a[1]);
}

int64_t lx_sys_inotify_init(lx *x, const uint64_t *a)
{
	return lx_fd_made(x, LX_HOST(SYS_inotify_init1, 0), LX_FD_INOTIFY);
}

int64_t lx_sys_inotify_init1(lx *x, const uint64_t *a)
{
	long flags = (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[0], NULL);

	return lx_fd_made(x, LX_HOST(SYS_inotify_init1, flags), LX_FD_INOTIFY);
}

int64_t lx_sys_inotify_add_watch(lx *x, const uint64_t *a)
{
	PATH(1);
	return LX_HOST(SYS_inotify_add_watch, (int)a[0], (long)path, (long)a[2]);
}

int64_t lx_sys_inotify_rm_watch(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_inotify_rm_watch, (int)a[0], (int)a[1]);
}
