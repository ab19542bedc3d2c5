/* Files by name: opening, asking, changing. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>

#include "fds.h"
#include "guest.h"
#include "host_types.h"

/* Reads the path at a[i] into `path`, or leaves the function. */
#define PATH(dir, i, follow) \
	char path[PATH_MAX]; \
	int bad = lx_path(x, (int)(dir), a[i], follow, path); \
	if (bad) \
		return bad

/* Whether opening follows a link at a name's end; the flags are the host's. */
static bool follows(uint64_t flags)
{
	return !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

static int64_t do_open(lx *x, int dir, uint64_t addr, uint32_t flags, uint32_t mode)
{
	char path[PATH_MAX];
	int r = lx_path(x, dir, addr, follows(flags), path);

	if (r)
		return r;
	if (!strncmp(path, "/proc/", 6)) {
		r = lx_proc_open(x, path, (int)flags);
		if (r != -ENOSYS)
			return r;
	}
	return LX_WAIT(x, SYS_openat, dir, (long)path, (long)flags, (long)mode);
}

int64_t lx_sys_openat(lx *x, const uint64_t *a)
{
	return do_open(x, (int)a[0], a[1], lx_flags_to_host(&x->g->open_flags, (uint32_t)a[2], NULL), (uint32_t)a[3]);
}

int64_t lx_sys_creat(lx *x, const uint64_t *a)
{
	return do_open(x, AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, (uint32_t)a[1]);
}

/* Where the guest itself says what is not to be left, a name is the kernel's to follow. */
static int how_path(lx *x, const uint64_t *a, const struct open_how *how, char *path)
{
	int r;

	if (!(how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS)))
		return lx_path(x, (int)a[0], a[1], follows(how->flags), path);
	r = lx_string(x, a[1], path, PATH_MAX);
	return r < 0 ? r : 0;
}

int64_t lx_sys_openat2(lx *x, const uint64_t *a)
{
	struct open_how how;
	char path[PATH_MAX];
	int r;

	if (a[3] < lx_sizeof(x, LX_ST_OPEN_HOW))
		return -EINVAL;
	if (a[3] > lx_sizeof(x, LX_ST_OPEN_HOW))
		return -E2BIG;
	if (lx_get(x, LX_ST_OPEN_HOW, a[2], &how))
		return -EFAULT;
	if (how.flags >> 32)
		return -EINVAL;
	how.flags = lx_flags_to_host(&x->g->open_flags, (uint32_t)how.flags, NULL);
	r = how_path(x, a, &how, path);
	return r ? r : LX_WAIT(x, SYS_openat2, (int)a[0], (long)path, (long)&how, sizeof how);
}

int64_t lx_sys_faccessat2(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, !(a[3] & AT_SYMLINK_NOFOLLOW));
	if (!a[3])
		return LX_HOST(SYS_faccessat, (int)a[0], (long)path, (int)a[2]);
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

static enum lx_st stat_kind(const uint64_t *a)
{
	return a[LX_ARG_SIZE] == LX_WIDE ? LX_ST_STAT64 : LX_ST_STAT;
}

int64_t lx_sys_newfstatat(lx *x, const uint64_t *a)
{
	struct stat s;
	int64_t r;
	PATH(a[0], 1, !(a[3] & AT_SYMLINK_NOFOLLOW));

	r = LX_HOST(SYS_newfstatat, (int)a[0], (long)path, (long)&s, (int)a[3]);
	return r ? r : put_stat(x, stat_kind(a), a[2], &s);
}

int64_t lx_sys_fstat(lx *x, const uint64_t *a)
{
	struct stat s;
	int64_t r = LX_HOST(SYS_fstat, (int)a[0], (long)&s);

	return r ? r : put_stat(x, stat_kind(a), a[1], &s);
}

int64_t lx_sys_statx(lx *x, const uint64_t *a)
{
	struct statx sx;
	int64_t r;
	PATH(a[0], 1, !(a[2] & AT_SYMLINK_NOFOLLOW));

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
	int64_t r = lx_path(x, AT_FDCWD, addr, true, path);

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

static int64_t two_paths(lx *x, long nr, const uint64_t *a, bool follow)
{
	char from[PATH_MAX], to[PATH_MAX];
	int r = lx_path(x, (int)a[0], a[1], follow, from);

	if (!r)
		r = lx_path(x, (int)a[2], a[3], false, to);
	return r ? r : LX_HOST(nr, (int)a[0], (long)from, (int)a[2], (long)to, (long)a[4]);
}

int64_t lx_sys_linkat(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_linkat, a, a[4] & AT_SYMLINK_FOLLOW);
}

int64_t lx_sys_renameat2(lx *x, const uint64_t *a)
{
	return two_paths(x, SYS_renameat2, a, false);
}

int64_t lx_sys_unlinkat(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, false);
	return LX_HOST(SYS_unlinkat, (int)a[0], (long)path, (int)a[2]);
}

int64_t lx_sys_mkdirat(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, false);
	return LX_HOST(SYS_mkdirat, (int)a[0], (long)path, (long)a[2]);
}

/* The text of a link is not looked up: it goes in as it is. */
int64_t lx_sys_symlinkat(lx *x, const uint64_t *a)
{
	char target[PATH_MAX];
	int r = lx_string(x, a[0], target, sizeof target);
	PATH(a[1], 2, false);

	return r < 0 ? r : LX_HOST(SYS_symlinkat, (long)target, (int)a[1], (long)path);
}

int64_t lx_sys_readlinkat(lx *x, const uint64_t *a)
{
	char path[PATH_MAX], text[PATH_MAX];
	int64_t size = (int64_t)a[3], n = lx_string(x, a[1], path, sizeof path);

	if (n < 0)
		return n;
	if (size <= 0)
		return -EINVAL;
	if (lx_proc_exe(x, path)) {
		strcpy(text, x->p->exe);
	} else {
		n = lx_path_find(x, (int)a[0], path, false);
		if (!n)
			n = LX_HOST(SYS_readlinkat, (int)a[0], (long)path, (long)text, sizeof text - 1);
		if (n < 0)
			return n;
		text[n] = 0;
	}
	/* What the kernel says of open files and folders are names as the host has them. */
	if (!strncmp(path, "/proc/", 6))
		lx_path_strip(x, text);
	n = (int64_t)strlen(text);
	n = n < size ? n : size;
	return lx_write(x, a[2], text, (size_t)n) ? -EFAULT : n;
}

int64_t lx_sys_mknodat(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, false);
	return LX_HOST(SYS_mknodat, (int)a[0], (long)path, (long)a[2], (long)a[3]);
}

/* ---- attributes ---- */

int64_t lx_sys_fchmodat(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, true);
	return LX_HOST(SYS_fchmodat, (int)a[0], (long)path, (long)a[2]);
}

int64_t lx_sys_fchownat(lx *x, const uint64_t *a)
{
	PATH(a[0], 1, !(a[4] & AT_SYMLINK_NOFOLLOW));
	return LX_HOST(SYS_fchownat, (int)a[0], (long)path, (int)a[2], (int)a[3], (int)a[4]);
}

int64_t lx_sys_utime(lx *x, const uint64_t *a)
{
	struct utimbuf t;
	PATH(AT_FDCWD, 0, true);

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
	int r = a[1] ? lx_path(x, (int)a[0], a[1], true, path) : 0;

	if (r)
		return r;
	if (get_times(x, LX_ST_TIMEVAL, a[2], t, sizeof t[0]))
		return -EFAULT;
	return LX_HOST(SYS_futimesat, (int)a[0], a[1] ? (long)path : 0, a[2] ? (long)t : 0);
}

int64_t lx_sys_utimensat(lx *x, const uint64_t *a)
{
	struct timespec t[2];
	char path[PATH_MAX];
	int r = a[1] ? lx_path(x, (int)a[0], a[1], !(a[3] & AT_SYMLINK_NOFOLLOW), path) : 0;

	if (r)
		return r;
	if (get_times(x, lx_timespec(a), a[2], t, sizeof t[0]))
		return -EFAULT;
	return LX_HOST(SYS_utimensat, (int)a[0], a[1] ? (long)path : 0, a[2] ? (long)t : 0, (int)a[3]);
}

/* ---- the working directory ---- */

int64_t lx_sys_chdir(lx *x, const uint64_t *a)
{
	PATH(AT_FDCWD, 0, true);
	return LX_HOST(SYS_chdir, (long)path);
}

int64_t lx_sys_chroot(lx *x, const uint64_t *a)
{
	PATH(AT_FDCWD, 0, true);
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

/* ---- extended attributes: a name, a value ---- */

static int64_t xattr_path(lx *x, const uint64_t *a, long nr, uint32_t access, bool name_too, bool follow)
{
	char name[256] = "";
	unsigned v = name_too ? 2 : 1;
	int r;
	PATH(AT_FDCWD, 0, follow);

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
	return xattr_path(x, a, SYS_setxattr, DGM_R, true, true);
}

int64_t lx_sys_lsetxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lsetxattr, DGM_R, true, false);
}

int64_t lx_sys_fsetxattr(lx *x, const uint64_t *a)
{
	return xattr_fd(x, a, SYS_fsetxattr, DGM_R);
}

int64_t lx_sys_getxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_getxattr, DGM_W, true, true);
}

int64_t lx_sys_lgetxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lgetxattr, DGM_W, true, false);
}

int64_t lx_sys_fgetxattr(lx *x, const uint64_t *a)
{
	return xattr_fd(x, a, SYS_fgetxattr, DGM_W);
}

int64_t lx_sys_listxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_listxattr, DGM_W, false, true);
}

int64_t lx_sys_llistxattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_llistxattr, DGM_W, false, false);
}

int64_t lx_sys_flistxattr(lx *x, const uint64_t *a)
{
	return LX_HOST(SYS_flistxattr, (int)a[0], lx_arg(x, a[1], a[2], DGM_W), (long)a[2]);
}

int64_t lx_sys_removexattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_removexattr, 0, true, true);
}

int64_t lx_sys_lremovexattr(lx *x, const uint64_t *a)
{
	return xattr_path(x, a, SYS_lremovexattr, 0, true, false);
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

int64_t lx_sys_inotify_init1(lx *x, const uint64_t *a)
{
	long flags = (long)lx_flags_to_host(&x->g->open_flags, (uint32_t)a[0], NULL);

	return lx_fd_made(x, LX_HOST(SYS_inotify_init1, flags), LX_FD_INOTIFY);
}

int64_t lx_sys_inotify_add_watch(lx *x, const uint64_t *a)
{
	PATH(AT_FDCWD, 1, !(a[2] & IN_DONT_FOLLOW));
	return LX_HOST(SYS_inotify_add_watch, (int)a[0], (long)path, (long)a[2]);
}
