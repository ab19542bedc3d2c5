/* What is mapped in a VM, noted for snapshots and put back; see snap.h. */
#include <string.h>

#include "engine/snap.h"
#include "engine/track.h"

/* ---- noting ---- */

static struct snap_region *add_region(const struct base_alloc *a, struct snap_map *m, unsigned *cap)
{
	if (m->n_region == *cap) {
		unsigned more = *cap ? *cap * 2 : 8;
		struct snap_region *p = base_realloc(a, m->region, more * sizeof *p);

		if (!p)
			return NULL;
		m->region = p;
		*cap = more;
	}
	return &m->region[m->n_region++];
}

static bool note_regions(struct dgm_vm *vm, struct snap_map *m)
{
	uint64_t last = vm->pages.n - 1, n;
	unsigned cap = 0;
	uint8_t byte;

	for (uint64_t p = 0; p <= last; p += n) {
		struct snap_region *r = m->n_region ? &m->region[m->n_region - 1] : NULL;

		n = pages_run(&vm->pages, p, last, &byte);
		if (!(byte & PAGE_RAM))
			continue;
		uint32_t prot = page_ram_prot(byte);
		if (r && r->page + r->n == p && r->prot == prot) {
			r->n += n;
			continue;
		}
		r = add_region(&vm->engine->alloc, m, &cap);
		if (!r)
			return false;
		*r = (struct snap_region){ p, n, prot };
	}
	return true;
}

static bool note_pieces(struct dgm_vm *vm, struct snap_map *m)
{
	if (!vm->n_piece)
		return true;
	m->piece = base_alloc_zero(&vm->engine->alloc, vm->n_piece * sizeof *m->piece);
	if (!m->piece)
		return false;
	m->n_piece = vm->n_piece;
	for (unsigned i = 0; i < vm->n_piece; i++) {
		const struct vm_piece *p = &vm->piece[i];

		m->piece[i] = (struct snap_piece){ p->pa, p->len, p->prot, p->backing->io, p->backing->alias,
						   p->backing->alias ? p->backing->target + p->off : 0 };
	}
	return true;
}

struct snap_map *snap_map_of(struct dgm_vm *vm)
{
	struct snap_map *m = base_alloc_zero(&vm->engine->alloc, sizeof *m);

	if (!m)
		return NULL;
	m->refs = 1;
	m->id = vm->map_id;
	if (note_regions(vm, m) && note_pieces(vm, m))
		return m;
	snap_map_drop(&vm->engine->alloc, m);
	return NULL;
}

void snap_map_drop(const struct base_alloc *a, struct snap_map *m)
{
	if (!m || --m->refs)
		return;
	base_free(a, m->region);
	base_free(a, m->piece);
	base_free(a, m);
}

const struct snap_region *snap_region_at(const struct snap_map *m, uint64_t page)
{
	unsigned lo = 0, hi = m->n_region;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (m->region[mid].page + m->region[mid].n <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->n_region && m->region[lo].page <= page ? &m->region[lo] : NULL;
}

/* ---- putting back ---- */

static bool same_piece(const struct vm_piece *a, const struct snap_piece *b)
{
	return a->pa == b->pa && a->len == b->len && a->backing->io == b->io && a->backing->alias == b->alias &&
	       (!b->alias || a->backing->target + a->off == b->target);
}

const struct vm_piece *snap_live_piece(const struct dgm_vm *vm, const struct snap_piece *p)
{
	for (unsigned i = 0; i < vm->n_piece; i++)
		if (same_piece(&vm->piece[i], p))
			return &vm->piece[i];
	return NULL;
}

static bool is_wanted(const struct snap_map *m, const struct vm_piece *p)
{
	for (unsigned i = 0; i < m->n_piece; i++)
		if (same_piece(p, &m->piece[i]))
			return true;
	return false;
}

static enum dgm_status check_devices(const struct dgm_vm *vm, const struct snap_map *m)
{
	for (unsigned i = 0; i < m->n_piece; i++)
		if (m->piece[i].io && !snap_live_piece(vm, &m->piece[i]))
			return engine_fail(DGM_E_MAP, "dgm_snap_restore: there is no device at [0x%llx, +0x%llx) now",
					   (unsigned long long)m->piece[i].pa, (unsigned long long)m->piece[i].len);
	return DGM_OK;
}

static enum dgm_status remove_pieces(struct dgm_vm *vm, const struct snap_map *m)
{
	for (unsigned i = 0; i < vm->n_piece;) {
		const struct vm_piece *p = &vm->piece[i];

		if (is_wanted(m, p)) {
			i++;
			continue;
		}
		enum dgm_status st = vm_space_clear(vm, p->pa, p->len);
		if (st)
			return st;
	}
	return DGM_OK;
}

static enum dgm_status remove_range(struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	return vm_space_clear(vm, page << PAGE_SHIFT, n << PAGE_SHIFT);
}

/* RAM that is not in the map goes; all of it, when the map is another VM's. */
static enum dgm_status remove_regions(struct dgm_vm *vm, const struct snap_map *m, bool all)
{
	struct snap_map *is = snap_map_of(vm);
	enum dgm_status st = is ? DGM_OK : DGM_E_NOMEM;

	for (unsigned i = 0; is && i < is->n_region; i++) {
		uint64_t p = is->region[i].page, end = p + is->region[i].n;

		while (p < end && !st) {
			const struct snap_region *r = all ? NULL : snap_region_at(m, p);
			uint64_t next = r ? r->page + r->n : p + 1;

			while (!r && next < end && (all || !snap_region_at(m, next)))
				next++;
			next = next < end ? next : end;
			if (!r)
				st = remove_range(vm, p, next - p);
			p = next;
		}
	}
	snap_map_drop(&vm->engine->alloc, is);
	return st;
}

static enum dgm_status restore_region(struct dgm_vm *vm, const struct snap_region *r)
{
	uint64_t last = r->page + r->n - 1, n;
	enum dgm_status st = DGM_OK;
	uint8_t byte;

	for (uint64_t p = r->page; p <= last && !st; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		uint64_t pa = p << PAGE_SHIFT, len = n << PAGE_SHIFT;
		if (byte & PAGE_RAM && page_ram_prot(byte) == r->prot)
			continue;
		vm_invalidate(vm, pa, len);
		st = byte & PAGE_RAM ? vm_space_protect(vm, pa, len, r->prot) : vm_space_add(vm, pa, len, r->prot);
	}
	return st;
}

static enum dgm_status add_piece(struct dgm_vm *vm, const struct snap_piece *p)
{
	return p->alias ? vm_space_add_alias(vm, p->pa, p->len, p->target) : vm_space_add_piece(vm, p->pa, p->len, p->prot);
}

static enum dgm_status restore_piece(struct dgm_vm *vm, const struct snap_piece *p)
{
	const struct vm_piece *is = snap_live_piece(vm, p);

	if (is && is->prot == p->prot)
		return DGM_OK;
	vm_invalidate(vm, p->pa, p->len);
	if (is)
		return vm_space_protect(vm, p->pa, p->len, p->prot);
	return add_piece(vm, p);
}

enum dgm_status snap_map_restore(struct dgm_vm *vm, const struct snap_map *m, bool all)
{
	enum dgm_status st = check_devices(vm, m);

	if (!st)
		st = remove_pieces(vm, m);
	if (!st)
		st = remove_regions(vm, m, all);
	for (unsigned i = 0; i < m->n_region && !st; i++)
		st = restore_region(vm, &m->region[i]);
	for (unsigned i = 0; i < m->n_piece && !st; i++)
		st = restore_piece(vm, &m->piece[i]);
	return st;
}

/* True when nothing is mapped in the range yet. */
static bool is_free(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t last = (pa + len - 1) >> PAGE_SHIFT;
	uint8_t byte;

	for (uint64_t p = pa >> PAGE_SHIFT; p <= last; p += pages_run(&vm->pages, p, last, &byte))
		if (pages_get(&vm->pages, p) & PAGE_RAM)
			return false;
	for (unsigned i = 0; i < vm->n_piece; i++)
		if (vm->piece[i].pa < pa + len && pa < vm->piece[i].pa + vm->piece[i].len)
			return false;
	return true;
}

enum dgm_status snap_map_fork(struct dgm_vm *vm, const struct snap_map *m)
{
	enum dgm_status st = DGM_OK;

	for (unsigned i = 0; i < m->n_region && !st; i++) {
		const struct snap_region *r = &m->region[i];

		if (!is_free(vm, r->page << PAGE_SHIFT, r->n << PAGE_SHIFT))
			return engine_fail(DGM_E_MAP, "dgm_vm_fork: attach has mapped where the VM has memory");
		st = vm_space_add(vm, r->page << PAGE_SHIFT, r->n << PAGE_SHIFT, r->prot);
		for (uint64_t p = r->page; p < r->page + r->n && !st; p++) {
			vm->mark.flat[p] = MARK_ABSENT;
			track_set_byte(vm, p);
		}
	}
	for (unsigned i = 0; i < m->n_piece && !st; i++)
		if (!m->piece[i].io && is_free(vm, m->piece[i].pa, m->piece[i].len))
			st = add_piece(vm, &m->piece[i]);
	return st;
}
