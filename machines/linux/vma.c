/* Bookkeeping of the guest's mappings: a sorted array, searched by halves. Addresses are page-aligned. */
#include <stdlib.h>
#include <sys/mman.h>

#include "guest.h"

static size_t first_above(const struct lx_map *m, uint64_t addr)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (m->v[mid].hi > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

struct lx_vma *lx_vma_find(lx *x, uint64_t addr)
{
	size_t i = first_above(&x->p->map, addr);

	return i < x->p->map.n ? &x->p->map.v[i] : NULL;
}

uint64_t lx_vma_total(lx *x, uint64_t lo, uint64_t hi, bool data)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->p->map.n; i++) {
		const struct lx_vma *v = &x->p->map.v[i];
		uint64_t from = v->lo > lo ? v->lo : lo, to = v->hi < hi ? v->hi : hi;

		if (!data || (v->prot & PROT_WRITE && !(v->flags & (LX_VMA_SHARED | LX_VMA_GROWS)) && v->hi != x->g->task_size))
			sum += v->hi - v->lo - (from < to ? to - from : 0);
	}
	return sum;
}

bool lx_vma_covers(lx *x, uint64_t lo, uint64_t hi)
{
	for (size_t i = first_above(&x->p->map, lo); lo < hi; i++) {
		if (i >= x->p->map.n || x->p->map.v[i].lo > lo)
			return false;
		lo = x->p->map.v[i].hi;
	}
	return true;
}

/* Room for two more entries: what one change can add. */
static int reserve(struct lx_map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 64;
	struct lx_vma *v;

	if (m->n + 2 <= m->cap)
		return 0;
	v = realloc(m->v, cap * sizeof *v);
	if (!v)
		return -ENOMEM;
	m->v = v;
	m->cap = cap;
	return 0;
}

static void insert(struct lx_map *m, size_t i, struct lx_vma e)
{
	memmove(&m->v[i + 1], &m->v[i], (m->n - i) * sizeof e);
	m->v[i] = e;
	m->n++;
}

/* Makes addr a border between entries. */
static void split(struct lx_map *m, uint64_t addr)
{
	size_t i = first_above(m, addr);
	struct lx_vma upper;

	if (i >= m->n || m->v[i].lo >= addr)
		return;
	upper = m->v[i];
	upper.lo = addr;
	m->v[i].hi = addr;
	insert(m, i + 1, upper);
}

static void join(struct lx_map *m, size_t i)
{
	struct lx_vma *a = &m->v[i], *b = a + 1;

	if (i + 1 >= m->n || a->hi != b->lo || a->prot != b->prot || a->flags != b->flags)
		return;
	a->hi = b->hi;
	memmove(b, b + 1, (m->n - i - 2) * sizeof *b);
	m->n--;
}

/* Makes [lo, hi) one mapping, or with prot LX_VMA_NONE no mapping. -ENOMEM: nothing was changed. */
int lx_vma_set(lx *x, uint64_t lo, uint64_t hi, uint32_t prot, uint32_t flags)
{
	struct lx_map *m = &x->p->map;
	size_t i, j;

	if (reserve(m))
		return -ENOMEM;
	split(m, lo);
	split(m, hi);
	i = first_above(m, lo);
	for (j = i; j < m->n && m->v[j].lo < hi; j++)
		;
	memmove(&m->v[i], &m->v[j], (m->n - j) * sizeof m->v[0]);
	m->n -= j - i;
	if (prot == LX_VMA_NONE)
		return 0;
	if (reserve(m))
		return -ENOMEM;
	insert(m, i, (struct lx_vma){ lo, hi, prot, flags });
	join(m, i);
	if (i > 0)
		join(m, i - 1);
	return 0;
}

int lx_vma_protect(lx *x, uint64_t lo, uint64_t hi, uint32_t prot)
{
	struct lx_map *m = &x->p->map;
	size_t i;

	if (reserve(m))
		return -ENOMEM;
	split(m, lo);
	split(m, hi);
	for (i = first_above(m, lo); i < m->n && m->v[i].lo < hi; i++)
		m->v[i].prot = prot;
	/* From behind: joining moves only what comes after. */
	while (i > 0 && m->v[i - 1].hi >= lo)
		join(m, --i);
	return 0;
}

/* Where a mapping's room begins: below one that grows downwards there is some for that. */
static uint64_t reach_of(const struct lx_vma *v)
{
	return v->flags & LX_VMA_GROWS && v->lo > LX_GROW_DISTANCE ? v->lo - LX_GROW_DISTANCE : v->lo;
}

/* The highest free range of len below mmap_top, or the hint if it is free; the lowest pages are never given. */
uint64_t lx_vma_gap(lx *x, uint64_t len, uint64_t hint)
{
	const struct lx_map *m = &x->p->map;
	uint64_t top = x->p->mmap_top, floor = 0x10000;
	size_t i;

	if (hint >= floor && len <= x->g->task_size && hint <= x->g->task_size - len) {
		i = first_above(m, hint);
		if (i >= m->n || reach_of(&m->v[i]) >= hint + len)
			return hint;
	}
	for (i = first_above(m, top - 1); ; i--) {
		uint64_t below = i > 0 ? m->v[i - 1].hi : floor;

		if (i < m->n && reach_of(&m->v[i]) < top)
			top = reach_of(&m->v[i]);
		if (below < floor)
			below = floor;
		if (top >= below && top - below >= len)
			return top - len;
		if (i == 0)
			return 0;
	}
}

void lx_vma_fini(struct dgm_linux *p)
{
	free(p->map.v);
	p->map = (struct lx_map){ 0 };
}
