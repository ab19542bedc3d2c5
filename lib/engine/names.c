/* What the ways of naming translated code have in common; see names.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "engine/names.h"

unsigned names_of(const struct dgm_vm *vm, const struct cache_unit *u, char out[NAME_MAX_LEN])
{
	static const char *const tier[] = { "interp", "baseline", "llvm" };
	int n = snprintf(out, NAME_MAX_LEN, "%s:%s:0x%" PRIx64, vm->fe->name, tier[u->tier], u->pc);

	return n < NAME_MAX_LEN ? (unsigned)n : NAME_MAX_LEN - 1;
}

void names_open(struct dgm_engine *e)
{
	if (e->cfg.flags & DGM_PERF_MAP)
		perf_open(e);
	if (e->cfg.flags & DGM_JITDUMP)
		jitdump_open(e);
}

void names_close(struct dgm_engine *e)
{
	perf_close(e);
	jitdump_close(e, true);
}

void names_in_child(struct dgm_engine *e)
{
	perf_close(e);
	jitdump_close(e, false);
	names_open(e);
	if (e->cfg.flags & DGM_GDB_JIT)
		gdbjit_in_child();
	if (!e->perf_map && !e->jitdump)
		return;
	for (struct dgm_vm *vm = e->vms; vm; vm = vm->next)
		for (const struct cache_unit *u = vm->cache.last_code; u; u = u->prev_code) {
			perf_add(vm, u);
			jitdump_add(vm, u);
		}
}

void names_add(struct dgm_vm *vm, const struct cache_unit *u)
{
	if (vm->engine->perf_map)
		perf_add(vm, u);
	if (vm->engine->jitdump)
		jitdump_add(vm, u);
	if (vm->engine->cfg.flags & DGM_GDB_JIT)
		gdbjit_add(vm, u);
}

void names_forget(struct dgm_vm *vm)
{
	if (vm->engine->perf_map)
		perf_forget(vm);
	if (vm->gdb_files)
		gdbjit_forget(vm);
}

/* ---- files ---- */

/* A descriptor of a high number, so that those the kernel gives out next are what they would be without it. */
static int raise_fd(int fd)
{
	enum { HIGH = 1000, MARGIN = 24 };
	struct rlimit l;
	int at = HIGH, up;

	if (!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur < HIGH + MARGIN)
		at = l.rlim_cur > MARGIN ? (int)l.rlim_cur - MARGIN : 0;
	up = fcntl(fd, F_DUPFD_CLOEXEC, at);
	if (up < 0)
		return fd;
	close(fd);
	return up;
}

bool names_file_open(struct names_file *f, int mode)
{
	struct stat st;
	int fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return false;
	}
	f->fd = raise_fd(fd);
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->size = 0;
	return true;
}

static bool is_ours(const struct names_file *f, int fd)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && st.st_dev == f->dev && st.st_ino == f->ino;
}

/* The descriptor may be somebody else's by now: then it is not ours to close. */
static bool get_back(struct names_file *f)
{
	int fd;

	if (is_ours(f, f->fd))
		return true;
	f->fd = -1;
	fd = open(f->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (!is_ours(f, fd)) {
		close(fd);
		errno = ESTALE;
		return false;
	}
	f->fd = raise_fd(fd);
	return true;
}

static bool write_all(struct names_file *f, const uint8_t *p, size_t n, uint64_t at)
{
	while (n) {
		ssize_t done = pwrite(f->fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done ? errno : ENOSPC;
			return false;
		}
		p += done;
		n -= (size_t)done;
		at += (size_t)done;
	}
	return true;
}

/* Beyond the process's limit a write would not fail but send a signal. */
static bool within_limit(uint64_t size)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_FSIZE, &l) || size <= l.rlim_cur)
		return true;
	errno = EFBIG;
	return false;
}

bool names_file_append(struct names_file *f, const void *const *part, const size_t *len, unsigned n)
{
	uint64_t at = f->size, end = at;

	for (unsigned i = 0; i < n; i++)
		end += len[i];
	if (!within_limit(end) || !get_back(f))
		return false;
	for (unsigned i = 0; i < n; at += len[i++])
		if (!write_all(f, part[i], len[i], at)) {
			int err = errno;

			while (ftruncate(f->fd, (off_t)f->size) && errno == EINTR)
				;
			errno = err;
			return false;
		}
	f->size = end;
	return true;
}

bool names_file_truncate(struct names_file *f)
{
	if (!get_back(f) || ftruncate(f->fd, 0))
		return false;
	f->size = 0;
	return true;
}

void names_file_close(struct names_file *f)
{
	if (is_ours(f, f->fd))
		close(f->fd);
	f->fd = -1;
}
