/* See track.h; snap.h says what the marks and records mean. */
#include <string.h>
#include <sys/mman.h>

#include "engine/snap.h"
#include "engine/track.h"

static uint8_t mark_of(const struct dgm_vm *vm, uint64_t page)
{
	return vm->mark.flat ? vm->mark.flat[page] : 0;
}

uint8_t track_byte(const struct dgm_vm *vm, uint64_t page, uint32_t prot)
{
	uint8_t m = mark_of(vm, page);
	uint32_t direct = vm->mmu ? prot : hook_direct(vm, page << PAGE_SHIFT, prot);

	if (vm->book && m & MARK_ABSENT)
		direct = 0;
	else if (vm->book && !(m & MARK_DIRTY))
		direct &= ~(uint32_t)DGM_W;
	return (uint8_t)(PAGE_RAM | prot << PAGE_PROT_SHIFT | direct);
}

static int host_prot(const struct dgm_vm *vm, uint64_t page)
{
	return vm_host_prot(page_ram_prot(pages_get(&vm->pages, page)));
}

bool track_unlock(const struct dgm_vm *vm, uint64_t page, uint32_t want)
{
	int need = want & DGM_W ? PROT_READ | PROT_WRITE : PROT_READ;

	return (host_prot(vm, page) & need) == need || !mprotect(vm_host(vm, page << PAGE_SHIFT), PAGE_BYTES, need);
}

void track_relock(const struct dgm_vm *vm, uint64_t page, uint32_t want)
{
	int need = want & DGM_W ? PROT_READ | PROT_WRITE : PROT_READ, have = host_prot(vm, page);

	if ((have & need) != need)
		mprotect(vm_host(vm, page << PAGE_SHIFT), PAGE_BYTES, have);
}

enum dgm_status track_marks(struct dgm_vm *vm)
{
	unsigned bits = 0;

	if (vm->mark.flat || vm_identity(vm))
		return DGM_OK;
	while (vm->pages.n >> bits > 1)
		bits++;
	if (pages_init(&vm->mark, bits + PAGE_SHIFT, true))
		return engine_fail(DGM_E_NOMEM, "out of memory for marks of pages");
	return DGM_OK;
}

/* Other threads look at the byte meanwhile. */
void track_set_byte(struct dgm_vm *vm, uint64_t page)
{
	uint8_t byte = track_byte(vm, page, page_ram_prot(vm->pages.flat[page]));

	__atomic_store_n(&vm->pages.flat[page], byte, __ATOMIC_RELEASE);
}

enum dgm_status track_note_dirty(struct snap_book *b, uint64_t page)
{
	if (b->n_dirty == b->cap_dirty) {
		size_t cap = b->cap_dirty ? b->cap_dirty * 2 : 64;
		uint64_t *p = base_realloc(b->alloc, b->dirty, cap * sizeof *p);

		if (!p)
			return DGM_E_NOMEM;
		b->dirty = p;
		b->cap_dirty = cap;
	}
	b->dirty[b->n_dirty++] = page;
	return DGM_OK;
}

/* What a fork's page begins as. */
static enum dgm_status fill_absent(struct dgm_vm *vm, uint64_t page)
{
	if (!track_unlock(vm, page, DGM_W))
		return DGM_E_NOMEM;
	snap_read(vm->origin, page, vm_host(vm, page << PAGE_SHIFT));
	track_relock(vm, page, DGM_W);
	vm->mark.flat[page] &= (uint8_t)~MARK_ABSENT;
	return DGM_OK;
}

/* The book's lock held. */
static enum dgm_status make_dirty(struct dgm_vm *vm, uint64_t page)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = b->snaps ? snap_keep(vm, page) : DGM_OK;

	if (!st)
		st = track_note_dirty(b, page);
	if (!st)
		vm->mark.flat[page] |= MARK_DIRTY;
	return st;
}

static enum dgm_status open_page(struct dgm_vm *vm, uint64_t page, uint32_t want)
{
	uint8_t m = mark_of(vm, page), missing = want & DGM_W ? (m & MARK_DIRTY) ^ MARK_DIRTY : 0;
	enum dgm_status st = DGM_OK;

	if (!(m & MARK_ABSENT) && !missing)
		return DGM_OK;
	pthread_mutex_lock(&vm->book->lock);
	if (m & MARK_ABSENT)
		st = fill_absent(vm, page);
	if (!st && missing)
		st = make_dirty(vm, page);
	track_set_byte(vm, page);
	pthread_mutex_unlock(&vm->book->lock);
	return st ? engine_fail(st, "out of memory for the copy of a page") : DGM_OK;
}

enum dgm_status track_open(struct dgm_vm *vm, uint64_t addr, uint64_t n, uint32_t want)
{
	enum dgm_status st = DGM_OK;

	if (!vm->book || !n)
		return DGM_OK;
	uint64_t last = (addr + (n - 1)) >> PAGE_SHIFT;
	for (uint64_t p = addr >> PAGE_SHIFT; !st && p <= last; p++)
		if (pages_get(&vm->pages, p) & PAGE_RAM)
			st = open_page(vm, p, want);
	return st;
}

enum dgm_status track_open_page(struct dgm_vm *vm, uint64_t addr, uint32_t want)
{
	enum dgm_status st;

	pthread_mutex_lock(&vm->mem_lock);
	st = track_open(vm, addr, 1, want);
	pthread_mutex_unlock(&vm->mem_lock);
	return st;
}

enum dgm_status track_view(struct dgm_vm *vm, uint64_t addr, uint64_t n)
{
	enum dgm_status st = track_marks(vm);

	if (!st)
		st = track_open(vm, addr, n, DGM_W);
	if (st || !vm->mark.flat)
		return st;
	for (uint64_t p = addr >> PAGE_SHIFT; p <= (addr + (n - 1)) >> PAGE_SHIFT; p++)
		if (pages_get(&vm->pages, p) & PAGE_RAM && !(vm->mark.flat[p] & MARK_VIEW))
			vm->mark.flat[p] |= MARK_VIEW;
	return DGM_OK;
}

enum dgm_status track_losing(struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	enum dgm_status st = DGM_OK;

	if (!vm->book)
		return DGM_OK;
	pthread_mutex_lock(&vm->book->lock);
	for (uint64_t p = page; !st && p < page + n; p++) {
		if (!(pages_get(&vm->pages, p) & PAGE_RAM))
			continue;
		if (vm->mark.flat[p] & MARK_ABSENT)
			st = fill_absent(vm, p);
		if (!st && vm->book->snaps && !(vm->mark.flat[p] & MARK_DIRTY))
			st = snap_keep(vm, p);
		if (!st)
			vm->mark.flat[p] |= MARK_DIRTY;
		track_set_byte(vm, p);
	}
	pthread_mutex_unlock(&vm->book->lock);
	return st ? engine_fail(st, "out of memory for copies of pages") : DGM_OK;
}

void track_fresh(struct dgm_vm *vm, uint64_t page, uint64_t n, bool shared)
{
	if (vm->mark.flat)
		pages_set(&vm->mark, page, n, (uint8_t)((vm->book ? MARK_DIRTY : 0) | (shared ? MARK_SHARED : 0)));
}

/* Compares with what the page was when last closed; what differs may not outlive a restore. */
void track_fetched(struct dgm_vm *vm, uint64_t addr, const uint8_t *bytes, uint64_t n)
{
	uint64_t done = 0;

	if (!vm->book)
		return;
	pthread_mutex_lock(&vm->book->lock);
	while (done < n) {
		uint64_t page = (addr + done) >> PAGE_SHIFT, off = (addr + done) & (PAGE_BYTES - 1);
		uint64_t run = PAGE_BYTES - off < n - done ? PAGE_BYTES - off : n - done;

		if (mark_of(vm, page) & MARK_DIRTY) {
			const struct snap_page *was = snap_find(&vm->book->table, page);

			if (!was || !was->bytes || memcmp(was->bytes + off, bytes + done, run))
				vm->mark.flat[page] |= MARK_CODE;
		}
		done += run;
	}
	pthread_mutex_unlock(&vm->book->lock);
}
