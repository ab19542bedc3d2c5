/*
 * Names of translated units for perf(1): /tmp/perf-PID.map, one line a unit. Written when the
 * host asked for it; a file that cannot be written is a warning.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"

void perf_open(struct dgm_engine *e)
{
	char path[64];

	if (!(e->cfg.flags & DGM_PERF_MAP))
		return;
	snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
	e->perf_map = fopen(path, "we");
	if (!e->perf_map)
		engine_log(e, DGM_LOG_WARN, "perf", "%s: %s", path, strerror(errno));
}

void perf_close(struct dgm_engine *e)
{
	if (e->perf_map)
		fclose(e->perf_map);
	e->perf_map = NULL;
}

void perf_note(struct dgm_engine *e, const struct dgm_vm *vm, const struct cache_unit *u)
{
	static const char *const tier[] = { "interp", "baseline", "llvm" };

	if (!e->perf_map)
		return;
	fprintf(e->perf_map, "%" PRIxPTR " %x %s:%s:0x%" PRIx64 "\n", (uintptr_t)u->code, u->size, vm->fe->name,
		tier[u->tier], u->pc);
	fflush(e->perf_map);
}
