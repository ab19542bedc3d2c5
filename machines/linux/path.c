/* Files of /proc that describe the process: made up here, because the host's would describe the translator. */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "guest.h"

/* "/proc/self/NAME" or the same with this process's id: NAME, else NULL. */
static const char *proc_self(const char *path)
{
	char own[32];
	size_t n;

	if (strncmp(path, "/proc/", 6))
		return NULL;
	path += 6;
	n = (size_t)snprintf(own, sizeof own, "%d/", (int)getpid());
	if (!strncmp(path, own, n))
		return path + n;
	if (!strncmp(path, "self/", 5))
		return path + 5;
	if (!strncmp(path, "thread-self/", 12))
		return path + 12;
	return NULL;
}

bool lx_proc_exe(lx *x, const char *path)
{
	const char *name = proc_self(path);

	return name && !strcmp(name, "exe");
}

static void put_guest(lx *x, FILE *f, uint64_t at, uint64_t len)
{
	const void *p = lx_ptr(x, at, len, DGM_R);

	if (p)
		fwrite(p, 1, len, f);
}

/* The rest of a line of the host's map behind the addresses and protection, if the piece lies in it. */
static void host_line(const char *maps, uint64_t host, char *out, size_t cap)
{
	snprintf(out, cap, " 00000000 00:00 0");
	for (const char *p = maps; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		uint64_t lo, hi, off, ino;
		unsigned major, minor;
		int used = 0;

		if (sscanf(p, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %x:%x %" SCNu64 "%n", &lo, &hi, &off, &major,
			   &minor, &ino, &used) < 6)
			continue;
		if (host < lo || host >= hi)
			continue;
		if (ino)
			snprintf(out, cap, " %08" PRIx64 " %02x:%02x %" PRIu64 " %.*s", off + (host - lo), major, minor, ino,
				 (int)strcspn(p + used, "\n"), p + used);
		return;
	}
}

static char *read_all(const char *path)
{
	size_t cap = 1u << 16, n = 0;
	char *buf = malloc(cap);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t r;

	while (buf && fd >= 0 && (r = read(fd, buf + n, cap - 1 - n)) > 0) {
		n += (size_t)r;
		if (cap - 1 - n < 4096) {
			char *bigger = realloc(buf, cap *= 2);

			if (!bigger)
				break;
			buf = bigger;
		}
	}
	if (buf)
		buf[n] = 0;
	if (fd >= 0)
		close(fd);
	return buf;
}

static void put_maps(lx *x, FILE *f)
{
	char *host = read_all("/proc/self/maps");

	for (size_t i = 0; host && i < x->p->map.n; i++) {
		const struct lx_vma *v = &x->p->map.v[i];
		uint64_t p = (uint64_t)(uintptr_t)lx_ptr(x, v->lo, v->hi - v->lo, 0);
		char tail[PATH_MAX + 64];

		host_line(host, p, tail, sizeof tail);
		fprintf(f, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c%s%s\n", v->lo, v->hi, v->prot & PROT_READ ? 'r' : '-',
			v->prot & PROT_WRITE ? 'w' : '-', v->prot & PROT_EXEC ? 'x' : '-',
			v->flags & LX_VMA_SHARED ? 's' : 'p', tail,
			v->hi == x->g->task_size ? "                          [stack]" :
			x->g->sigpage_is_elf && v->lo == x->p->sigpage ? "                          [vdso]" :
			v->lo == x->p->brk_lo && x->p->brk > x->p->brk_lo ? "                          [heap]" : "");
	}
	free(host);
}

/* As the kernel: arguments whose end was written over are one text, which may reach into the environment. */
static void put_cmdline(lx *x, FILE *f)
{
	uint64_t len = x->p->arg_hi - x->p->arg_lo, stack = x->g->task_size - x->p->arg_lo;
	const char *p = len ? lx_ptr(x, x->p->arg_lo, len, DGM_R) : NULL;

	if (p && p[len - 1]) {
		stack = stack < LX_PAGE ? stack : LX_PAGE;
		p = lx_ptr(x, x->p->arg_lo, stack, DGM_R);
		len = p ? strnlen(p, stack) : 0;
		len += len < stack;
	}
	put_guest(x, f, x->p->arg_lo, len);
}

static void put_environ(lx *x, FILE *f)
{
	put_guest(x, f, x->p->arg_hi, x->p->env_hi - x->p->arg_hi);
}

static void put_auxv(lx *x, FILE *f)
{
	put_guest(x, f, x->p->auxv_at, x->p->auxv_len);
}

/* A field of /proc/self/stat that tells of the memory; false: the host's is right. 1: the text is not told to everybody. */
static bool stat_field(const lx *x, unsigned n, uint64_t *out)
{
	switch (n) {
	case 26: case 27: *out = 1; return true;
	case 28: *out = x->p->auxv_at; return true;
	case 29: case 30: case 45: case 46: *out = 0; return true;
	case 47: *out = x->p->brk_lo; return true;
	case 48: *out = x->p->arg_lo; return true;
	case 49: case 50: *out = x->p->arg_hi; return true;
	case 51: *out = x->p->env_hi; return true;
	default: return false;
	}
}

static void put_stat(lx *x, FILE *f)
{
	char *host = read_all("/proc/self/stat"), *p = host ? strrchr(host, ')') : NULL;

	if (p)
		fprintf(f, "%.*s", (int)(++p - host), host);
	for (unsigned n = 3; p && *(p += strspn(p, " \n")); n++) {
		int len = (int)strcspn(p, " \n");
		uint64_t v;

		if (stat_field(x, n, &v))
			fprintf(f, " %" PRIu64, v);
		else
			fprintf(f, " %.*s", len, p);
		p += len;
	}
	fputc('\n', f);
	free(host);
}

static int make_file(lx *x, const char *name, void (*put)(lx *x, FILE *f), int flags)
{
	int fd = memfd_create(name, MFD_CLOEXEC), out;
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	put(x, f);
	out = fflush(f) ? -1 : fcntl(fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
	fclose(f);
	if (out < 0)
		return -ENOMEM;
	lseek(out, 0, SEEK_SET);
	return out;
}

int lx_proc_open(lx *x, const char *path, int flags)
{
	static const struct {
		const char *name;
		void (*put)(lx *x, FILE *f);
	} files[] = {
		{ "maps", put_maps }, { "cmdline", put_cmdline }, { "environ", put_environ }, { "auxv", put_auxv },
		{ "stat", put_stat },
	};
	const char *name = proc_self(path);

	if (!strcmp(path, "/proc/cpuinfo"))
		return make_file(x, "cpuinfo", x->g->cpuinfo, flags);
	for (size_t i = 0; name && i < sizeof files / sizeof files[0]; i++)
		if (!strcmp(name, files[i].name))
			return make_file(x, name, files[i].put, flags);
	return -ENOSYS;
}
