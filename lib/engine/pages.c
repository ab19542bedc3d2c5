/* See pages.h. */
#include <string.h>
#include <sys/mman.h>

#include "engine/pages.h"

static void *map(uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static uint64_t dir_entries(const struct vm_pages *p)
{
	return (p->n + LEAF_PAGES - 1) >> LEAF_SHIFT;
}

enum dgm_status pages_init(struct vm_pages *p, unsigned bits, bool flat)
{
	*p = (struct vm_pages){ .n = 1ull << (bits - PAGE_SHIFT) };
	if (flat)
		p->flat = map(p->n);
	else
		p->dir = map(dir_entries(p) * sizeof *p->dir);
	return p->flat || p->dir ? DGM_OK : DGM_E_NOMEM;
}

static bool is_shared(const struct vm_pages *p, const uint8_t *leaf)
{
	return leaf == p->uniform[leaf[0]];
}

void pages_finish(struct vm_pages *p)
{
	if (p->flat)
		munmap(p->flat, p->n);
	for (uint64_t i = 0; p->dir && i < dir_entries(p); i++)
		if (p->dir[i] && !is_shared(p, p->dir[i]))
			munmap(p->dir[i], LEAF_PAGES);
	for (unsigned i = 0; i < 256; i++)
		if (p->uniform[i])
			munmap(p->uniform[i], LEAF_PAGES);
	if (p->dir)
		munmap((void *)p->dir, dir_entries(p) * sizeof *p->dir);
	*p = (struct vm_pages){ 0 };
}

/* How many of n bytes equal b, from the first on. */
static uint64_t equal(const uint8_t *at, uint64_t n, uint8_t b)
{
	uint64_t i = 0, eight = b * 0x0101010101010101u, v;

	for (; i + 8 <= n; i += 8) {
		memcpy(&v, at + i, 8);
		if (v != eight)
			break;
	}
	while (i < n && at[i] == b)
		i++;
	return i;
}

uint64_t pages_run(const struct vm_pages *p, uint64_t page, uint64_t last, uint8_t *byte)
{
	uint8_t b = *byte = pages_get(p, page);
	uint64_t at = page;

	if (page >= p->n)
		return last - page + 1;
	if (p->flat) {
		uint64_t end = last < p->n ? last + 1 : p->n;

		return equal(p->flat + page, end - page, b);
	}
	while (at <= last && at < p->n) {
		const uint8_t *leaf = p->dir[at >> LEAF_SHIFT];
		uint64_t off = at & (LEAF_PAGES - 1), n = LEAF_PAGES - off, same;

		n = last - at < n ? last - at + 1 : n;
		if (!leaf)
			same = b ? 0 : n;
		else if (is_shared(p, leaf))
			same = leaf[0] == b ? n : 0;
		else
			same = equal(leaf + off, n, b);
		at += same;
		if (same < n)
			break;
	}
	return at - page;
}

/* The leaf as one that may be written. */
static uint8_t *private_leaf(struct vm_pages *p, uint64_t i)
{
	uint8_t *leaf = p->dir[i], *fresh;

	if (leaf && !is_shared(p, leaf))
		return leaf;
	fresh = map(LEAF_PAGES);
	if (!fresh)
		return NULL;
	if (leaf)
		memset(fresh, leaf[0], LEAF_PAGES);
	atomic_store_explicit(&p->dir[i], fresh, memory_order_release);
	return fresh;
}

static bool covers(uint64_t page, uint64_t n, uint64_t leaf)
{
	return page <= leaf << LEAF_SHIFT && page + n >= (leaf + 1) << LEAF_SHIFT;
}

enum dgm_status pages_prepare(struct vm_pages *p, uint64_t page, uint64_t n, uint8_t byte)
{
	uint64_t first = page >> LEAF_SHIFT, last = (page + n - 1) >> LEAF_SHIFT;

	if (p->flat)
		return DGM_OK;
	if (!covers(page, n, first) && !private_leaf(p, first))
		return DGM_E_NOMEM;
	if (!covers(page, n, last) && !private_leaf(p, last))
		return DGM_E_NOMEM;
	bool whole = last - first > 1 || covers(page, n, first) || covers(page, n, last);
	if (!whole || !byte || p->uniform[byte])
		return DGM_OK;
	p->uniform[byte] = map(LEAF_PAGES);
	if (!p->uniform[byte])
		return DGM_E_NOMEM;
	memset(p->uniform[byte], byte, LEAF_PAGES);
	return DGM_OK;
}

void pages_set(struct vm_pages *p, uint64_t page, uint64_t n, uint8_t byte)
{
	if (p->flat) {
		memset(p->flat + page, byte, n);
		return;
	}
	for (uint64_t end = page + n; page < end;) {
		uint64_t i = page >> LEAF_SHIFT, off = page & (LEAF_PAGES - 1), run = LEAF_PAGES - off;
		uint8_t *leaf = p->dir[i];

		run = end - page < run ? end - page : run;
		/* A leaf of one's own stays: somebody may be looking at it. */
		if (leaf && !is_shared(p, leaf))
			memset(leaf + off, byte, run);
		else
			atomic_store_explicit(&p->dir[i], byte ? p->uniform[byte] : NULL, memory_order_release);
		page += run;
	}
}
