/*
 * jit-PID.dump for `perf inject --jit`: every unit with its name, code and the time it was made. perf finds
 * the file through a mapping of it that is executable, so there has to be one while it records.
 * Made in $JITDUMPDIR, or else in the current directory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/names.h"

enum { MAGIC = 0x4a695444, VERSION = 1, MARKER_BYTES = 4096 };
enum record_kind { CODE_LOAD = 0, CODE_CLOSE = 3 };

/* The format's structures; all numbers in the host's byte order. */
struct header {
	uint32_t magic, version, size, elf_machine, unused, pid;
	uint64_t time, flags;
};

struct record {
	uint32_t kind, size;
	uint64_t time;
};

struct code_load {
	struct record record;
	uint32_t pid, tid;
	uint64_t vma, addr, size, index;
};

struct jitdump {
	pthread_mutex_t lock;	/* guards what follows */
	struct names_file file;
	void *marker;
	uint32_t pid;
	uint64_t n_load;
	bool off;		/* after an error */
};

static void turn_off(struct dgm_engine *e, struct jitdump *d, const char *what)
{
	d->off = true;
	engine_log(e, DGM_LOG_WARN, "perf", "%s: %s%s: no more names of translated code", d->file.path, what,
		   strerror(errno));
}

/* The path has to be absolute: perf reads it later, and the guest may change the folder. */
static bool set_path(struct names_file *f, uint32_t pid)
{
	const char *folder = getenv("JITDUMPDIR");
	char full[sizeof f->path];
	int n;

	if (!realpath(folder && *folder ? folder : ".", full)) {
		snprintf(f->path, sizeof f->path, "%s", folder && *folder ? folder : ".");
		return false;
	}
	n = snprintf(f->path, sizeof f->path, "%s/jit-%u.dump", strcmp(full, "/") ? full : "", pid);
	if (n < (int)sizeof f->path)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static bool write_header(struct jitdump *d)
{
	struct header h = {
		.magic = MAGIC, .version = VERSION, .size = sizeof h, .elf_machine = NAMES_ELF_MACHINE,
		.pid = d->pid, .time = engine_now_ns(),
	};

	return names_file_append(&d->file, &(const void *){ &h }, &(size_t){ sizeof h }, 1);
}

static void start(struct dgm_engine *e, struct jitdump *d)
{
	d->pid = (uint32_t)getpid();
	d->file.fd = -1;
	if (!set_path(&d->file, d->pid) || !names_file_open(&d->file, 0644) || !write_header(d)) {
		turn_off(e, d, "");
		return;
	}
	void *marker = mmap(NULL, MARKER_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE, d->file.fd, 0);
	if (marker == MAP_FAILED)
		turn_off(e, d, "perf cannot be told of it: ");
	else
		d->marker = marker;
}

void jitdump_open(struct dgm_engine *e)
{
	struct jitdump *d = base_alloc_zero(&e->alloc, sizeof *d);

	if (!d || pthread_mutex_init(&d->lock, NULL)) {
		base_free(&e->alloc, d);
		engine_log(e, DGM_LOG_WARN, "perf", "out of memory for a jitdump");
		return;
	}
	start(e, d);
	e->jitdump = d;
}

void jitdump_close(struct dgm_engine *e, bool ended)
{
	struct jitdump *d = e->jitdump;
	struct record r = { CODE_CLOSE, sizeof r, engine_now_ns() };

	if (!d)
		return;
	e->jitdump = NULL;
	if (ended && !d->off && !names_file_append(&d->file, &(const void *){ &r }, &(size_t){ sizeof r }, 1))
		turn_off(e, d, "");
	if (d->marker)
		munmap(d->marker, MARKER_BYTES);
	names_file_close(&d->file);
	pthread_mutex_destroy(&d->lock);
	base_free(&e->alloc, d);
}

void jitdump_add(struct dgm_vm *vm, const struct cache_unit *u)
{
	struct jitdump *d = vm->engine->jitdump;
	char name[NAME_MAX_LEN];

	if (!d)
		return;
	size_t len[3] = { sizeof(struct code_load), names_of(vm, u, name) + 1, u->size };
	struct code_load l = {
		.record = { CODE_LOAD, (uint32_t)(len[0] + len[1] + len[2]), 0 },
		.pid = d->pid, .tid = (uint32_t)syscall(SYS_gettid),
		.vma = (uintptr_t)u->code, .addr = (uintptr_t)u->code, .size = u->size,
	};
	const void *part[3] = { &l, name, u->code };

	pthread_mutex_lock(&d->lock);
	l.record.time = engine_now_ns();
	l.index = d->n_load++;
	if (!d->off && !names_file_append(&d->file, part, len, 3))
		turn_off(vm->engine, d, "");
	pthread_mutex_unlock(&d->lock);
}
