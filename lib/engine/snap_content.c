/* The bytes of pages between a VM's memory and its snapshots; see snap.h. */
#include <string.h>

#include "engine/snap.h"
#include "engine/track.h"

/* ---- reading ---- */

/* The page as the VM has it; absent ones as their origin has them. The book's lock held. */
static bool read_live(struct dgm_vm *vm, uint64_t page, uint8_t *out)
{
	if (!(pages_get(&vm->pages, page) & PAGE_RAM))
		return false;
	if (vm->mark.flat[page] & MARK_ABSENT)
		return snap_read(vm->origin, page, out);
	if (!track_unlock(vm, page, DGM_R))
		return false;
	memcpy(out, vm_host(vm, page << PAGE_SHIFT), PAGE_BYTES);
	track_relock(vm, page, DGM_R);
	return true;
}

bool snap_read(struct dgm_snap *s, uint64_t page, uint8_t *out)
{
	struct snap_book *b = s->book;
	bool found = true;

	if (b)
		pthread_mutex_lock(&b->lock);
	const struct snap_page *p = snap_find(&s->table, page);
	if (p && p->bytes)
		memcpy(out, p->bytes, PAGE_BYTES);
	else if (s->zero)
		memset(out, 0, PAGE_BYTES);
	else
		found = read_live(b->vm, page, out);
	if (b)
		pthread_mutex_unlock(&b->lock);
	return found;
}

/* ---- records ---- */

static bool lacks(const struct snap_table *t, uint64_t page)
{
	return !snap_find(t, page);
}

/* Puts a leaf of fresh records wherever there is none, all at once or not at all. */
static enum dgm_status add_leaf(struct snap_book *b, uint64_t page)
{
	struct snap_leaf *l = snap_leaf_new(b->alloc, page >> SNAP_LEAF_SHIFT);
	enum dgm_status st = l ? snap_table_room(b->alloc, &b->table, b->table.n + 1) : DGM_E_NOMEM;

	for (struct dgm_snap *s = b->snaps; s && !st; s = s->next)
		st = snap_table_room(b->alloc, &s->table, s->table.n + 1);
	if (!st && lacks(&b->table, page))
		snap_table_insert(&b->table, l);
	for (struct dgm_snap *s = b->snaps; s && !st; s = s->next)
		if (lacks(&s->table, page))
			snap_table_insert(&s->table, l);
	if (l)
		snap_leaf_drop(b->alloc, l);
	return st;
}

/* The VM's own record of the page, made if need be. */
static struct snap_page *record(struct snap_book *b, uint64_t page)
{
	if (lacks(&b->table, page) && add_leaf(b, page))
		return NULL;
	return snap_find(&b->table, page);
}

static bool is_zero(struct dgm_vm *vm, uint64_t page)
{
	bool zero;

	if (vm->mark.flat[page] & MARK_ABSENT || !track_unlock(vm, page, DGM_R))
		return false;
	zero = !memcmp(vm_host(vm, page << PAGE_SHIFT), snap_zero, PAGE_BYTES);
	track_relock(vm, page, DGM_R);
	return zero;
}

/* Gives a record a copy of a page of the VM's memory. */
static enum dgm_status copy_live(struct dgm_vm *vm, uint64_t page, struct snap_page *to)
{
	if (is_zero(vm, page)) {
		to->bytes = (uint8_t *)(uintptr_t)snap_zero;
		return DGM_OK;
	}
	uint8_t *copy = base_alloc(vm->book->alloc, PAGE_BYTES);
	if (!copy || !read_live(vm, page, copy)) {
		base_free(vm->book->alloc, copy);
		return DGM_E_NOMEM;
	}
	to->bytes = copy;
	return DGM_OK;
}

enum dgm_status snap_keep(struct dgm_vm *vm, uint64_t page)
{
	struct snap_page *p = record(vm->book, page);

	if (!p)
		return DGM_E_NOMEM;
	return p->bytes ? DGM_OK : copy_live(vm, page, p);
}

/* ---- closing ---- */

/* A record of its own for a dirty page. One the host may write to gets its bytes now. */
static enum dgm_status commit_page(struct dgm_vm *vm, uint64_t page)
{
	struct snap_book *b = vm->book;
	bool view = vm->mark.flat[page] & MARK_VIEW;

	if (!b->snaps && !view)
		return DGM_OK;
	if (!record(b, page))
		return DGM_E_NOMEM;
	struct snap_leaf *leaf = snap_leaf_own(b->alloc, &b->table, page);
	struct snap_page *fresh = snap_page_new(b->alloc);
	enum dgm_status st = leaf && fresh ? DGM_OK : DGM_E_NOMEM;
	if (!st && view)
		st = copy_live(vm, page, fresh);
	if (st) {
		snap_page_drop(b->alloc, fresh);
		return st;
	}
	snap_page_drop(b->alloc, leaf->page[page & (SNAP_LEAF - 1)]);
	leaf->page[page & (SNAP_LEAF - 1)] = fresh;
	return DGM_OK;
}

enum dgm_status snap_commit(struct dgm_vm *vm)
{
	enum dgm_status st = DGM_OK;

	for (size_t i = 0; i < vm->book->n_dirty && !st; i++)
		st = commit_page(vm, vm->book->dirty[i]);
	return st;
}

void snap_close(struct dgm_vm *vm)
{
	struct snap_book *b = vm->book;
	size_t kept = 0;

	for (size_t i = 0; i < b->n_dirty; i++) {
		uint64_t page = b->dirty[i];

		vm->mark.flat[page] &= (uint8_t)~MARK_CODE;
		if (vm->mark.flat[page] & MARK_VIEW) {
			b->dirty[kept++] = page;
			continue;
		}
		vm->mark.flat[page] &= (uint8_t)~MARK_DIRTY;
		track_set_byte(vm, page);
	}
	b->n_dirty = kept;
}

/* ---- writing back ---- */

static enum dgm_status write_page(struct dgm_vm *vm, uint64_t page, const uint8_t *bytes)
{
	uint8_t *host = vm_host(vm, page << PAGE_SHIFT);

	if (!track_unlock(vm, page, DGM_W))
		return engine_fail_os(DGM_E_OS, "mprotect");
	if (bytes != snap_zero || memcmp(host, bytes, PAGE_BYTES))	/* of a page never touched, nothing is made */
		memcpy(host, bytes, PAGE_BYTES);
	track_relock(vm, page, DGM_W);
	return DGM_OK;
}

static enum dgm_status write_back_dirty(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = DGM_OK;

	for (size_t i = 0; i < b->n_dirty && !st; i++) {
		uint64_t page = b->dirty[i];
		const struct snap_page *is = snap_find(&s->table, page);

		if (vm->mark.flat[page] & MARK_CODE || snap_find(&b->table, page) != is)
			vm_invalidate(vm, page << PAGE_SHIFT, PAGE_BYTES);
		if (is && is->bytes)
			st = write_page(vm, page, is->bytes);
	}
	return st;
}

typedef enum dgm_status differ_fn(struct dgm_vm *vm, uint64_t page, const struct snap_page *wanted);

static bool is_closed_ram(const struct dgm_vm *vm, uint64_t page)
{
	return pages_get(&vm->pages, page) & PAGE_RAM && !(vm->mark.flat[page] & MARK_DIRTY);
}

/* Calls for each closed page that is not as in the snapshot. */
static enum dgm_status for_differing(struct dgm_vm *vm, struct dgm_snap *s, differ_fn *fn)
{
	enum dgm_status st = DGM_OK;

	for (unsigned i = 0; i < s->table.n; i++) {
		const struct snap_leaf *want = s->table.leaf[i];

		if (i < vm->book->table.n && vm->book->table.leaf[i] == want)
			continue;
		for (unsigned k = 0; k < SNAP_LEAF && !st; k++) {
			uint64_t page = (want->index << SNAP_LEAF_SHIFT) + k;

			if (snap_find(&vm->book->table, page) != want->page[k] && is_closed_ram(vm, page))
				st = fn(vm, page, want->page[k]);
		}
	}
	return st;
}

static enum dgm_status keep_differing(struct dgm_vm *vm, uint64_t page, const struct snap_page *wanted)
{
	return snap_keep(vm, page);
}

static enum dgm_status write_differing(struct dgm_vm *vm, uint64_t page, const struct snap_page *wanted)
{
	enum dgm_status st;

	if (!wanted->bytes)
		return DGM_OK;
	vm_invalidate(vm, page << PAGE_SHIFT, PAGE_BYTES);
	st = write_page(vm, page, wanted->bytes);
	vm->mark.flat[page] &= (uint8_t)~MARK_ABSENT;
	track_set_byte(vm, page);
	return st;
}

enum dgm_status snap_write_back(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = for_differing(vm, s, keep_differing);

	if (!st)
		st = snap_table_room(b->alloc, &b->table, s->table.n);
	if (st)
		return engine_fail(st, "out of memory for copies of pages");
	st = write_back_dirty(vm, s);
	if (!st)
		st = for_differing(vm, s, write_differing);
	if (st)
		return st;
	snap_table_copy(b->alloc, &b->table, &s->table);
	snap_close(vm);
	return DGM_OK;
}

/* ---- when the VM goes ---- */

static enum dgm_status complete_page(struct dgm_vm *vm, struct dgm_snap *s, uint64_t page, uint8_t *buf)
{
	struct snap_page *p = snap_find(&s->table, page);

	if (p && p->bytes)
		return DGM_OK;
	if (!read_live(vm, page, buf) || !memcmp(buf, snap_zero, PAGE_BYTES))
		return DGM_OK;	/* what has no record is zero from now on */
	if (!p && add_leaf(vm->book, page))
		return DGM_E_NOMEM;
	p = snap_find(&s->table, page);
	p->bytes = base_alloc(vm->book->alloc, PAGE_BYTES);
	if (!p->bytes)
		return DGM_E_NOMEM;
	memcpy(p->bytes, buf, PAGE_BYTES);
	return DGM_OK;
}

enum dgm_status snap_detach(struct dgm_vm *vm)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = DGM_OK;
	uint8_t *buf = NULL;

	pthread_mutex_lock(&b->lock);
	if (b->snaps) {
		buf = base_alloc(b->alloc, PAGE_BYTES);
		st = buf ? DGM_OK : DGM_E_NOMEM;
	}
	for (struct dgm_snap *s = b->snaps; s && !st; s = s->next)
		for (unsigned i = 0; i < s->map->n_region && !st; i++)
			for (uint64_t k = 0; k < s->map->region[i].n && !st; k++)
				st = complete_page(vm, s, s->map->region[i].page + k, buf);
	for (struct dgm_snap *s = b->snaps; s && !st; s = s->next)
		s->zero = true;
	if (!st)
		b->vm = NULL;
	pthread_mutex_unlock(&b->lock);
	base_free(b->alloc, buf);
	return st ? engine_fail(st, "out of memory for what forks of the VM need") : DGM_OK;
}
