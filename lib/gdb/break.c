/*
 * Software breakpoints: the guest's own trap instruction stands in its memory, and GDB is shown memory as if it
 * did not. Writing through the public interface drops translations of what was written.
 */
#include <stdlib.h>
#include <string.h>

#include "stub.h"

static struct gdb_break *find(dgm_gdb *g, uint64_t addr)
{
	for (size_t i = 0; i < g->n_breaks; i++)
		if (g->breaks[i].addr == addr)
			return &g->breaks[i];
	return NULL;
}

static bool copy_in(dgm_gdb *g, uint64_t addr, const void *bytes, uint64_t n)
{
	return !dgm_mem_write(g->vm, NULL, addr, bytes, n, NULL);
}

static bool plant(dgm_gdb *g, struct gdb_break *b)
{
	if (dgm_mem_read(g->vm, NULL, b->addr, b->saved, b->trap->len, NULL))
		return false;
	b->in = copy_in(g, b->addr, b->trap->bytes, b->trap->len);
	return b->in;
}

/* Where the guest has mapped or written something else since, that stays. */
static void lift(dgm_gdb *g, struct gdb_break *b)
{
	uint8_t now[4];

	if (b->in && !dgm_mem_read(g->vm, NULL, b->addr, now, b->trap->len, NULL) &&
	    !memcmp(now, b->trap->bytes, b->trap->len))
		(void)copy_in(g, b->addr, b->saved, b->trap->len);
	b->in = false;
}

static bool overlaps(const struct gdb_break *b, uint64_t addr, uint64_t len)
{
	return addr < b->addr + b->trap->len && b->addr < addr + len;
}

bool gdb_break_set(dgm_gdb *g, uint64_t addr, const struct gdb_trap *trap)
{
	struct gdb_break *b = find(g, addr);

	if (b)
		return true;
	/* One that would hide in another's bytes could not be taken out in any order. */
	for (size_t i = 0; i < g->n_breaks; i++)
		if (overlaps(&g->breaks[i], addr, trap->len))
			return false;
	if (g->n_breaks == GDB_MAX_BREAKS || addr > UINT64_MAX - trap->len)
		return false;
	if (g->n_breaks == g->cap_breaks) {
		size_t cap = g->cap_breaks ? 2 * g->cap_breaks : 16;
		struct gdb_break *more = realloc(g->breaks, cap * sizeof *more);

		if (!more)
			return false;
		g->breaks = more;
		g->cap_breaks = cap;
	}
	b = &g->breaks[g->n_breaks];
	*b = (struct gdb_break){ .addr = addr, .trap = trap };
	if (!plant(g, b))
		return false;
	g->n_breaks++;
	return true;
}

bool gdb_break_clear(dgm_gdb *g, uint64_t addr)
{
	struct gdb_break *b = find(g, addr);

	if (b) {
		lift(g, b);
		*b = g->breaks[--g->n_breaks];
	}
	return true;
}

void gdb_break_clear_all(dgm_gdb *g)
{
	while (g->n_breaks)
		gdb_break_clear(g, g->breaks[0].addr);
}

void dgm_gdb_plant(dgm_gdb *g, bool in)
{
	for (size_t i = 0; i < g->n_breaks; i++) {
		if (!in)
			lift(g, &g->breaks[i]);
		else if (!g->breaks[i].in)
			(void)plant(g, &g->breaks[i]);
	}
}

bool dgm_gdb_breakpoint(dgm_gdb *g, uint64_t pc)
{
	const struct gdb_break *b = find(g, pc);

	return b && b->in;
}

/* Exchanges the bytes of buf that lie in a breakpoint: to[] gets buf's, buf gets from[]'s. */
static void exchange(const struct gdb_break *b, uint64_t addr, uint8_t *buf, uint64_t len, const uint8_t *from, uint8_t *to)
{
	for (unsigned i = 0; i < b->trap->len; i++) {
		uint64_t at = b->addr + i - addr;

		if (b->addr + i < addr || at >= len)
			continue;
		if (to)
			to[i] = buf[at];
		buf[at] = from[i];
	}
}

uint64_t gdb_mem_read(dgm_gdb *g, uint64_t addr, uint8_t *buf, uint64_t len)
{
	uint64_t done = 0;

	(void)dgm_mem_read(g->vm, gdb_cpu(g), addr, buf, len, &done);
	for (size_t i = 0; i < g->n_breaks; i++) {
		const struct gdb_break *b = &g->breaks[i];

		if (b->in && overlaps(b, addr, done))
			exchange(b, addr, buf, done, b->saved, NULL);
	}
	return done;
}

bool gdb_mem_write(dgm_gdb *g, uint64_t addr, uint8_t *buf, uint64_t len)
{
	uint8_t probe[GDB_PACKET];

	/* All of it or nothing: what breakpoints hide must not change for a write that fails. */
	if (len > sizeof probe || dgm_mem_read(g->vm, gdb_cpu(g), addr, probe, len, NULL))
		return false;
	for (size_t i = 0; i < g->n_breaks; i++) {
		struct gdb_break *b = &g->breaks[i];

		if (b->in && overlaps(b, addr, len))
			exchange(b, addr, buf, len, b->trap->bytes, b->saved);
	}
	return !dgm_mem_write(g->vm, gdb_cpu(g), addr, buf, len, NULL);
}
