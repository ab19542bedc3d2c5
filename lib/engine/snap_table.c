/* Records of page versions and the tables that share them; see snap.h. Knows no VM. */
#include <string.h>

#include "engine/snap.h"

const uint8_t snap_zero[PAGE_BYTES] = { 0 };

struct snap_page *snap_page_new(const struct base_alloc *a)
{
	struct snap_page *p = base_alloc_zero(a, sizeof *p);

	if (p)
		p->refs = 1;
	return p;
}

void snap_page_drop(const struct base_alloc *a, struct snap_page *p)
{
	if (!p || --p->refs)
		return;
	if (p->bytes != snap_zero)
		base_free(a, p->bytes);
	base_free(a, p);
}

struct snap_leaf *snap_leaf_new(const struct base_alloc *a, uint64_t index)
{
	struct snap_leaf *l = base_alloc_zero(a, sizeof *l);

	if (!l)
		return NULL;
	l->refs = 1;
	l->index = index;
	for (unsigned i = 0; i < SNAP_LEAF; i++) {
		l->page[i] = snap_page_new(a);
		if (!l->page[i]) {
			snap_leaf_drop(a, l);
			return NULL;
		}
	}
	return l;
}

void snap_leaf_drop(const struct base_alloc *a, struct snap_leaf *l)
{
	if (--l->refs)
		return;
	for (unsigned i = 0; i < SNAP_LEAF; i++)
		snap_page_drop(a, l->page[i]);
	base_free(a, l);
}

/* Where the leaf is, or would be. */
static unsigned position(const struct snap_table *t, uint64_t index)
{
	unsigned lo = 0, hi = t->n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (t->leaf[mid]->index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct snap_leaf **leaf_at(const struct snap_table *t, uint64_t page)
{
	uint64_t index = page >> SNAP_LEAF_SHIFT;
	unsigned at = position(t, index);

	return at < t->n && t->leaf[at]->index == index ? &t->leaf[at] : NULL;
}

struct snap_page *snap_find(const struct snap_table *t, uint64_t page)
{
	struct snap_leaf **l = leaf_at(t, page);

	return l ? (*l)->page[page & (SNAP_LEAF - 1)] : NULL;
}

enum dgm_status snap_table_room(const struct base_alloc *a, struct snap_table *t, unsigned n)
{
	unsigned cap = t->cap ? t->cap : 8;

	if (n <= t->cap)
		return DGM_OK;
	while (cap < n)
		cap *= 2;
	struct snap_leaf **p = base_realloc(a, t->leaf, cap * sizeof(*p));
	if (!p)
		return DGM_E_NOMEM;
	t->leaf = p;
	t->cap = cap;
	return DGM_OK;
}

void snap_table_insert(struct snap_table *t, struct snap_leaf *l)
{
	unsigned at = position(t, l->index);

	memmove(&t->leaf[at + 1], &t->leaf[at], (t->n - at) * sizeof(*t->leaf));
	t->leaf[at] = l;
	t->n++;
	l->refs++;
}

struct snap_leaf *snap_leaf_own(const struct base_alloc *a, struct snap_table *t, uint64_t page)
{
	struct snap_leaf **at = leaf_at(t, page), *mine;

	if (!at || (*at)->refs == 1)
		return at ? *at : NULL;
	mine = base_alloc(a, sizeof *mine);
	if (!mine)
		return NULL;
	*mine = **at;
	mine->refs = 1;
	for (unsigned i = 0; i < SNAP_LEAF; i++)
		mine->page[i]->refs++;
	snap_leaf_drop(a, *at);
	*at = mine;
	return mine;
}

void snap_table_copy(const struct base_alloc *a, struct snap_table *to, const struct snap_table *from)
{
	for (unsigned i = 0; i < from->n; i++)
		from->leaf[i]->refs++;
	for (unsigned i = 0; i < to->n; i++)
		snap_leaf_drop(a, to->leaf[i]);
	if (from->n)
		memcpy(to->leaf, from->leaf, from->n * sizeof(*to->leaf));
	to->n = from->n;
}

void snap_table_finish(const struct base_alloc *a, struct snap_table *t)
{
	for (unsigned i = 0; i < t->n; i++)
		snap_leaf_drop(a, t->leaf[i]);
	base_free(a, t->leaf);
	*t = (struct snap_table){ 0 };
}
