/*
 * /tmp/perf-PID.map for perf(1): one line a unit. perf reads it when it reports, and takes it for what is in
 * anonymous mappings only, which code memory therefore is. The map knows no time: names
 * of code that other code takes the place of go when they would be wrong; jitdump.c has no such limits.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "engine/names.h"

struct perf_map {
	pthread_mutex_t lock;	/* guards what follows */
	struct names_file file;
	bool off;		/* after an error */
	uint64_t writer;	/* serial of the VM that wrote the last line; 0: none */
	bool many;		/* VMs wrote lines */
	bool stale;		/* no line is true any more; they go when there is a new one */
};

static void turn_off(struct dgm_engine *e, struct perf_map *m)
{
	m->off = true;
	engine_log(e, DGM_LOG_WARN, "perf", "%s: %s: no more names of translated code", m->file.path, strerror(errno));
}

void perf_open(struct dgm_engine *e)
{
	struct perf_map *m = base_alloc_zero(&e->alloc, sizeof *m);

	if (!m || pthread_mutex_init(&m->lock, NULL)) {
		base_free(&e->alloc, m);
		engine_log(e, DGM_LOG_WARN, "perf", "out of memory for a map of translated code");
		return;
	}
	m->file.fd = -1;
	snprintf(m->file.path, sizeof m->file.path, "/tmp/perf-%ld.map", (long)getpid());
	if (!names_file_open(&m->file, 0644))
		turn_off(e, m);
	e->perf_map = m;
}

void perf_close(struct dgm_engine *e)
{
	struct perf_map *m = e->perf_map;

	if (!m)
		return;
	e->perf_map = NULL;
	names_file_close(&m->file);
	pthread_mutex_destroy(&m->lock);
	base_free(&e->alloc, m);
}

void perf_add(struct dgm_vm *vm, const struct cache_unit *u)
{
	struct perf_map *m = vm->engine->perf_map;
	char name[NAME_MAX_LEN], line[128];
	const void *part = line;

	if (!m)
		return;
	names_of(vm, u, name);
	size_t len = (size_t)snprintf(line, sizeof line, "%" PRIxPTR " %x %s\n", (uintptr_t)u->code, u->size, name);
	pthread_mutex_lock(&m->lock);
	if (!m->off && ((m->stale && !names_file_truncate(&m->file)) || !names_file_append(&m->file, &part, &len, 1)))
		turn_off(vm->engine, m);
	m->many |= !m->stale && m->writer && m->writer != vm->serial;
	m->stale = false;
	m->writer = vm->serial;
	pthread_mutex_unlock(&m->lock);
}

/* With several VMs the lines of the others are needed, so all stay. */
void perf_forget(struct dgm_vm *vm)
{
	struct perf_map *m = vm->engine->perf_map;

	pthread_mutex_lock(&m->lock);
	m->stale |= !m->many && m->writer == vm->serial;
	pthread_mutex_unlock(&m->lock);
}
