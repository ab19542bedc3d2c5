/*
 * Watchpoints, and breakpoints that change no memory: hooks that leave the run in front of the instruction, which is
 * where GDB expects to be told of a watched access on all guests here.
 */
#include <stdlib.h>

#include "stub.h"

struct gdb_watch {
	struct gdb_watch *next;
	dgm_gdb *gdb;
	enum gdb_point kind;
	uint64_t addr, len;
	dgm_id hook, other;	/* the second of GDB_WATCH_ANY */
};

/* On the vCPU's thread, perhaps on several at a time; nobody looks before they stand still. */
static dgm_act on_hit(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	const struct gdb_watch *w = ud;
	dgm_gdb *g = w->gdb;
	uint32_t i = atomic_fetch_add(&g->n_hits, 1);

	if (i < g->cap_hits)
		g->hits[i] = (struct gdb_hit){ cpu, w->kind, event->addr < w->addr ? w->addr : event->addr };
	return DGM_BREAK;
}

static bool add_hook(struct gdb_watch *w, uint32_t kind, dgm_id *id)
{
	dgm_hook_cfg cfg = DGM_INIT(dgm_hook_cfg);

	cfg.kind = kind;
	cfg.lo = w->addr;
	cfg.hi = w->addr + w->len;
	cfg.fn = on_hit;
	cfg.ud = w;
	return !dgm_hook_add(w->gdb->vm, &cfg, id);
}

static bool add_hooks(struct gdb_watch *w)
{
	dgm_vm *vm = w->gdb->vm;

	switch (w->kind) {
	case GDB_BREAK_SOFT:
	case GDB_BREAK_HARD:
		return add_hook(w, DGM_HOOK_INSN, &w->hook);
	case GDB_WATCH_WRITE:
		return add_hook(w, DGM_HOOK_WRITE, &w->hook);
	case GDB_WATCH_READ:
		return add_hook(w, DGM_HOOK_READ, &w->hook);
	case GDB_WATCH_ANY:
		if (!add_hook(w, DGM_HOOK_READ, &w->hook))
			return false;
		if (add_hook(w, DGM_HOOK_WRITE, &w->other))
			return true;
		(void)dgm_hook_del(vm, w->hook);
	}
	return false;
}

/* Where the link to it stands, or would. */
static struct gdb_watch **find(dgm_gdb *g, enum gdb_point kind, uint64_t addr, uint64_t len)
{
	struct gdb_watch **at = &g->watches;

	while (*at && ((*at)->kind != kind || (*at)->addr != addr || (*at)->len != len))
		at = &(*at)->next;
	return at;
}

/* For a breakpoint GDB gives the instruction's length, or a kind: one address is enough. */
static uint64_t length(enum gdb_point kind, uint64_t len)
{
	return kind <= GDB_BREAK_HARD ? 1 : len;
}

bool gdb_watch_set(dgm_gdb *g, enum gdb_point kind, uint64_t addr, uint64_t len)
{
	struct gdb_watch *w;

	len = length(kind, len);
	if (!len || addr > UINT64_MAX - len || g->n_watches == GDB_MAX_BREAKS)
		return false;
	if (*find(g, kind, addr, len))
		return true;
	w = malloc(sizeof *w);
	if (!w)
		return false;
	*w = (struct gdb_watch){ .next = g->watches, .gdb = g, .kind = kind, .addr = addr, .len = len };
	if (!add_hooks(w)) {
		free(w);
		return false;
	}
	g->watches = w;
	g->n_watches++;
	return true;
}

bool gdb_watch_clear(dgm_gdb *g, enum gdb_point kind, uint64_t addr, uint64_t len)
{
	struct gdb_watch **at = find(g, kind, addr, length(kind, len)), *w = *at;

	if (!w)
		return true;
	*at = w->next;
	g->n_watches--;
	(void)dgm_hook_del(g->vm, w->hook);
	if (w->kind == GDB_WATCH_ANY)
		(void)dgm_hook_del(g->vm, w->other);
	free(w);
	return true;
}

void gdb_watch_clear_all(dgm_gdb *g)
{
	while (g->watches)
		gdb_watch_clear(g, g->watches->kind, g->watches->addr, g->watches->len);
}

void gdb_hits_begin(dgm_gdb *g, size_t threads)
{
	/* Threads may be added while all run. What finds no room is told of as a trap without an address. */
	size_t cap = threads + 64;

	atomic_store(&g->n_hits, 0);
	if (!g->watches || cap <= g->cap_hits)
		return;
	struct gdb_hit *more = realloc(g->hits, cap * sizeof *more);

	if (!more)
		return;
	g->hits = more;
	g->cap_hits = cap;
}

struct gdb_hit gdb_hit_of(const dgm_gdb *g, const dgm_cpu *cpu)
{
	size_t n = atomic_load(&g->n_hits);

	for (size_t i = 0; i < n && i < g->cap_hits; i++)
		if (g->hits[i].cpu == cpu)
			return g->hits[i];
	return (struct gdb_hit){ 0 };
}
