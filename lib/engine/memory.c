/*
 * The guest-physical space. RAM of whole pages lives at mem_base + address and is described by
 * one byte a page; everything else (devices, host memory, ends of odd ranges) is a piece in a
 * sorted array, and its pages are marked PAGE_ODD and never reached directly.
 *
 * The space is either a reservation of ours, in which pages without a byte are inaccessible, or the
 * host's own address space (identity). There a page belongs to the guest if and only if its byte is
 * not 0; other pages are the host's, and nothing here touches them: the guest gets a page by mapping
 * it where the host has nothing (claim), and gives it back by unmapping it. Pages of pieces are
 * claimed, too, and inaccessible.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/alias.h"
#include "engine/engine.h"
#include "engine/snap.h"
#include "engine/track.h"
#include "engine/untorn.h"

enum { GUARD = 64 * 1024 };

static uint8_t ram_page(uint32_t prot)
{
	return (uint8_t)(PAGE_RAM | prot << PAGE_PROT_SHIFT | prot);
}

enum { IDENTITY_BITS = 47 };	/* what the host's kernel gives a process that asks for no more */

enum dgm_status vm_memory_init(struct dgm_vm *vm)
{
	unsigned bits = vm_identity(vm) ? IDENTITY_BITS : vm->mode.window_bits;

	if (pages_init(&vm->pages, bits, !vm_identity(vm)))
		return engine_fail_os(DGM_E_NOMEM, "cannot allocate the page table");
	if (vm_identity(vm))
		return DGM_OK;
	vm->space_size = (1ull << bits) + 2 * GUARD;
	vm->space = mmap(NULL, vm->space_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (vm->space == MAP_FAILED) {
		vm->space = NULL;
		return engine_fail_os(DGM_E_NOMEM, "cannot reserve the guest's address space");
	}
	vm->mem_base = vm->space + GUARD;
	return DGM_OK;
}

/* Without an array, code goes by services anyway; virtual pages are hooked where vCPUs know them. */
void vm_watch_pages(struct dgm_vm *vm, uint64_t lo, uint64_t last)
{
	uint64_t end = last >> PAGE_SHIFT, n;
	uint8_t byte;

	if (vm->mmu)
		mmu_memory_changed(vm);
	if (vm->mmu || !vm->pages.flat)
		return;
	end = end < vm->pages.n ? end : vm->pages.n - 1;
	for (uint64_t p = lo >> PAGE_SHIFT; p <= end; p += n) {
		n = pages_run(&vm->pages, p, end, &byte);
		for (uint64_t k = p; byte & PAGE_RAM && k < p + n; k++)
			track_set_byte(vm, k);
	}
}

/* Pages of RAM get their bytes. */
static void set_ram(struct dgm_vm *vm, uint64_t page, uint64_t n, uint32_t prot)
{
	bool tracked = vm->pages.flat && (vm->book || atomic_load_explicit(&vm->hooks.n_data, memory_order_relaxed));

	if (!tracked)
		pages_set(&vm->pages, page, n, ram_page(prot));
	for (uint64_t i = 0; tracked && i < n; i++)
		pages_set(&vm->pages, page + i, 1, track_byte(vm, page + i, prot));
}

/* ---- pages of the host ---- */

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Maps n pages of ours, replacing what is there. */
static bool map_over(const struct dgm_vm *vm, uint64_t page, uint64_t n, int prot, int flags, int fd, off_t off)
{
	void *at = vm_host(vm, page << PAGE_SHIFT);

	return mmap(at, n << PAGE_SHIFT, prot, flags | MAP_FIXED, fd, off) != MAP_FAILED;
}

static bool map_nothing(const struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	return map_over(vm, page, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Makes n pages, which are nobody's, the guest's; inaccessible. A page of the host's: DGM_E_MAP. */
static enum dgm_status claim(const struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	void *at = vm_host(vm, page << PAGE_SHIFT), *got;

	if (!vm_identity(vm))
		return DGM_OK;
	got = mmap(at, n << PAGE_SHIFT, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (got == at)
		return DGM_OK;
	if (got != MAP_FAILED)		/* a kernel that takes the address for a hint */
		munmap(got, n << PAGE_SHIFT);
	else if (errno != EEXIST)
		return engine_fail_os(DGM_E_OS, "mmap");
	return engine_fail(DGM_E_MAP, "the host has mappings of its own in [0x%llx, +0x%llx)",
			   (unsigned long long)page << PAGE_SHIFT, (unsigned long long)n << PAGE_SHIFT);
}

/* n pages of the guest's become nobody's. */
static bool give_up(const struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	if (!vm_identity(vm))
		return map_nothing(vm, page, n);
	return !munmap(vm_host(vm, page << PAGE_SHIFT), n << PAGE_SHIFT);
}

/* give_up for those of the pages in [first, last] that are not the guest's by the books. */
static void unclaim_new(const struct dgm_vm *vm, uint64_t first, uint64_t last)
{
	uint8_t byte;

	for (uint64_t p = first, n; vm_identity(vm) && p <= last; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		if (!byte)
			give_up(vm, p, n);
	}
}

/* Claims those that are not the guest's yet; all or nothing. */
static enum dgm_status claim_new(const struct dgm_vm *vm, uint64_t first, uint64_t last)
{
	uint8_t byte;

	for (uint64_t p = first, n; vm_identity(vm) && p <= last; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		enum dgm_status st = byte ? DGM_OK : claim(vm, p, n);
		if (st) {
			if (p > first)
				unclaim_new(vm, first, p - 1);
			return st;
		}
	}
	return DGM_OK;
}

static void give_up_all(struct dgm_vm *vm)
{
	uint64_t last = vm->pages.n - 1, n;
	uint8_t byte;

	for (uint64_t p = 0; p <= last; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		if (byte)
			give_up(vm, p, n);
	}
}

/* ---- pieces ---- */

static void drop_piece(struct dgm_vm *vm, const struct vm_piece *p)
{
	if (--p->backing->pieces)
		return;
	vm->n_foreign -= !p->backing->owned;
	vm->n_alias -= p->backing->alias;
	base_free(&vm->engine->alloc, p->backing->owned);
	base_free(&vm->engine->alloc, p->backing);
}

void vm_memory_finish(struct dgm_vm *vm)
{
	for (unsigned i = 0; i < vm->n_piece; i++)
		drop_piece(vm, &vm->piece[i]);
	base_free(&vm->engine->alloc, vm->piece);
	if (vm_identity(vm) && vm->pages.dir)
		give_up_all(vm);
	if (vm->space)
		munmap(vm->space, vm->space_size);
	pages_finish(&vm->pages);
	pages_finish(&vm->mark);
	vm->piece = NULL;
	vm->space = NULL;
}

unsigned vm_piece_at(const struct dgm_vm *vm, uint64_t addr)
{
	unsigned lo = 0, hi = vm->n_piece;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (vm->piece[mid].pa + (vm->piece[mid].len - 1) < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool range_ok(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t limit = vm->pages.n << PAGE_SHIFT;

	return len && pa < limit && len <= limit - pa;
}

/* True when nothing is mapped in the range. mem_lock held. */
static bool range_free(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	unsigned i = vm_piece_at(vm, pa);

	if (i < vm->n_piece && vm->piece[i].pa < pa + len)
		return false;
	uint64_t last = (pa + len - 1) >> PAGE_SHIFT;
	uint8_t byte;
	for (uint64_t p = pa >> PAGE_SHIFT; p <= last; p += pages_run(&vm->pages, p, last, &byte))
		if (pages_get(&vm->pages, p) & PAGE_RAM)
			return false;
	return true;
}

static enum dgm_status room_for_pieces(struct dgm_vm *vm, unsigned more)
{
	if (vm->n_piece + more <= vm->cap_piece)
		return DGM_OK;
	unsigned cap = vm->cap_piece ? vm->cap_piece * 2 : 8;
	while (cap < vm->n_piece + more)
		cap *= 2;
	struct vm_piece *p = base_realloc(&vm->engine->alloc, vm->piece, cap * sizeof *p);
	if (!p)
		return engine_fail(DGM_E_NOMEM, "out of memory for a mapping");
	vm->piece = p;
	vm->cap_piece = cap;
	return DGM_OK;
}

/* Room for it, and its pages prepared, must be there. */
static void insert_piece(struct dgm_vm *vm, struct vm_piece piece)
{
	unsigned at = vm_piece_at(vm, piece.pa);
	uint64_t first = piece.pa >> PAGE_SHIFT, last = (piece.pa + piece.len - 1) >> PAGE_SHIFT;

	memmove(&vm->piece[at + 1], &vm->piece[at], (vm->n_piece - at) * sizeof *vm->piece);
	vm->piece[at] = piece;
	vm->n_piece++;
	pages_set(&vm->pages, first, last - first + 1, PAGE_ODD);
}

/* Pages that hold no piece any more lose PAGE_ODD; they are prepared. */
static void refresh_odd(struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t last = (pa + len - 1) >> PAGE_SHIFT, n;
	uint8_t byte;

	for (uint64_t p = pa >> PAGE_SHIFT; p <= last; p += n) {
		unsigned i = vm_piece_at(vm, p << PAGE_SHIFT);

		n = pages_run(&vm->pages, p, last, &byte);
		if (!(byte & PAGE_ODD))
			continue;
		uint64_t next = i < vm->n_piece ? vm->piece[i].pa >> PAGE_SHIFT : last + 1;
		if (next <= p) {	/* up to its end they hold this piece */
			uint64_t held = ((vm->piece[i].pa + vm->piece[i].len - 1) >> PAGE_SHIFT) - p + 1;

			n = held < n ? held : n;
			continue;
		}
		n = next - p < n ? next - p : n;
		give_up(vm, p, n);
		pages_set(&vm->pages, p, n, 0);
	}
}

/*
 * Cuts [from, from + len) out of the pieces, of an alias whole pages; room for one more piece must be there. Pages stay
 * as they are.
 */
static void cut_pieces(struct dgm_vm *vm, uint64_t from, uint64_t len)
{
	unsigned i = vm_piece_at(vm, from);

	while (i < vm->n_piece && vm->piece[i].pa < from + len) {
		struct vm_piece *p = &vm->piece[i], tail = *p;
		uint64_t p_end = p->pa + p->len, round = p->backing->alias ? PAGE_BYTES - 1 : 0;
		uint64_t pa = from & ~round, end = (from + len + round) & ~round;

		if (p_end > end) {
			uint64_t gone = end - p->pa;

			tail.pa = end;
			tail.len = p_end - end;
			tail.off += gone;
			tail.host = p->host ? p->host + gone : NULL;
			tail.backing->pieces++;
			memmove(p + 1, p, (vm->n_piece - i) * sizeof *p);
			vm->n_piece++;
			p[1] = tail;
		}
		if (p->pa < pa) {
			p->len = pa - p->pa;
			i++;
		} else {
			drop_piece(vm, p);
			memmove(p, p + 1, (vm->n_piece - i - 1) * sizeof *p);
			vm->n_piece--;
		}
		if (p_end > end)
			break;
	}
}

/* A page of RAM that is going to be cut in two becomes a piece with a copy of its bytes. */
static enum dgm_status ram_to_piece(struct dgm_vm *vm, uint64_t page)
{
	uint8_t byte = pages_get(&vm->pages, page), *host = vm_host(vm, page << PAGE_SHIFT);
	struct vm_backing *b = base_alloc_zero(&vm->engine->alloc, sizeof *b);
	uint8_t *bytes = base_alloc(&vm->engine->alloc, PAGE_BYTES);

	if (!b || !bytes || track_losing(vm, page, 1) || room_for_pieces(vm, 1) || pages_prepare(&vm->pages, page, 1, PAGE_ODD)) {
		base_free(&vm->engine->alloc, b);
		base_free(&vm->engine->alloc, bytes);
		return engine_fail(DGM_E_NOMEM, "out of memory for a mapping");
	}
	b->owned = bytes;
	b->pieces = 1;
	mprotect(host, PAGE_BYTES, PROT_READ);
	memcpy(bytes, host, PAGE_BYTES);
	map_nothing(vm, page, 1);
	insert_piece(vm, (struct vm_piece){ page << PAGE_SHIFT, PAGE_BYTES, 0, page_ram_prot(byte), bytes, b });
	return DGM_OK;
}

/* Translations of the range go, and the range is taken out of the space. Both locks held. */
enum dgm_status vm_space_clear(struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t first = pa >> PAGE_SHIFT, last = (pa + len - 1) >> PAGE_SHIFT, end = pa + len;
	enum dgm_status st = DGM_OK;
	uint8_t byte;

	vm_invalidate(vm, page_of(pa), (last - first + 1) << PAGE_SHIFT);
	/* Pages at the ends may keep a piece, the others of their leaves not. */
	if (pages_prepare(&vm->pages, first, last - first + 1, 0) || pages_prepare(&vm->pages, first, 1, 0) ||
	    pages_prepare(&vm->pages, last, 1, 0))
		return engine_fail(DGM_E_NOMEM, "out of memory for the page table");
	if (track_losing(vm, first, last - first + 1))
		return DGM_E_NOMEM;
	bool cuts_first = pa & (PAGE_BYTES - 1) || (first == last && end & (PAGE_BYTES - 1));
	if (cuts_first && pages_get(&vm->pages, first) & PAGE_RAM)
		st = ram_to_piece(vm, first);
	if (!st && end & (PAGE_BYTES - 1) && pages_get(&vm->pages, last) & PAGE_RAM)
		st = ram_to_piece(vm, last);
	if (st || room_for_pieces(vm, 1))
		return DGM_E_NOMEM;
	for (uint64_t p = first, n; p <= last; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		if (!(byte & PAGE_RAM))
			continue;
		if (!give_up(vm, p, n))
			return engine_fail_os(DGM_E_OS, "unmap");
		pages_set(&vm->pages, p, n, 0);
	}
	cut_pieces(vm, pa, len);
	refresh_odd(vm, pa, len);
	return DGM_OK;
}

/* For changes. Without host signals, no code may be between its look at a page and its access. */
void vm_lock_memory(struct dgm_vm *vm)
{
	struct dgm_cpu *self = cpu_current();

	pthread_mutex_lock(&vm->lock);
	bool park = vm->mode.checked;
	if (park)
		vm_park_memory(vm, self && self->vm == vm ? self : NULL);
	vm->memory_parked = park;	/* hooks may change the mode meanwhile */
	pthread_mutex_lock(&vm->mem_lock);
	mmu_memory_changed(vm);
}

void vm_unlock_memory(struct dgm_vm *vm)
{
	pthread_mutex_unlock(&vm->mem_lock);
	if (vm->memory_parked)
		vm_unpark_memory(vm);
	pthread_mutex_unlock(&vm->lock);
}

/* For changes of what is mapped. */
static void lock_mapping(struct dgm_vm *vm)
{
	vm_lock_memory(vm);
	vm->map_id = ++vm->map_ids;
}

/* One piece with a backing of its own, made as `as` says, or else memory. mem_lock held. */
static enum dgm_status add_piece(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, uint8_t *host,
				 const struct vm_backing *as)
{
	struct vm_backing *b = base_alloc_zero(&vm->engine->alloc, sizeof *b);
	uint64_t first = pa >> PAGE_SHIFT, last = (pa + len - 1) >> PAGE_SHIFT;

	if (!b || room_for_pieces(vm, 1) || pages_prepare(&vm->pages, first, last - first + 1, PAGE_ODD))
		goto fail;
	if (as) {
		*b = *as;
	} else if (!host) {
		host = b->owned = base_alloc_zero(&vm->engine->alloc, len);
		if (!host)
			goto fail;
	}
	enum dgm_status st = claim_new(vm, first, last);
	if (st) {
		base_free(&vm->engine->alloc, b->owned);
		base_free(&vm->engine->alloc, b);
		return st;
	}
	b->pieces = 1;
	vm->n_foreign += !b->owned;
	vm->n_alias += b->alias;
	insert_piece(vm, (struct vm_piece){ pa, len, 0, prot, host, b });
	return DGM_OK;
fail:
	base_free(&vm->engine->alloc, b);
	return engine_fail(DGM_E_NOMEM, "out of memory for a mapping of %llu bytes", (unsigned long long)len);
}

/* Whole pages of zeroed RAM in the space itself. mem_lock held. */
static enum dgm_status add_pages(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	uint64_t page = pa >> PAGE_SHIFT, n = len >> PAGE_SHIFT;

	if (pages_prepare(&vm->pages, page, n, ram_page(prot)))
		return engine_fail(DGM_E_NOMEM, "out of memory for the page table");
	enum dgm_status st = claim(vm, page, n);
	if (st)
		return st;
	if (!map_over(vm, page, n, vm_host_prot(prot), MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
		st = engine_fail_os(DGM_E_OS, "mapping RAM");
		give_up(vm, page, n);
		return st;
	}
	track_fresh(vm, page, n, false);
	set_ram(vm, page, n, prot);
	return DGM_OK;
}

enum dgm_status vm_space_add(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	uint64_t end = pa + len;
	uint64_t lo = (pa + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1), hi = end & ~(uint64_t)(PAGE_BYTES - 1);
	enum dgm_status st = DGM_OK;

	if (lo >= hi)
		return add_piece(vm, pa, len, prot, NULL, NULL);
	if (lo > pa)
		st = add_piece(vm, pa, lo - pa, prot, NULL, NULL);
	if (!st)
		st = add_pages(vm, lo, hi - lo, prot);
	if (!st && end > hi)
		st = add_piece(vm, hi, end - hi, prot, NULL, NULL);
	if (st)
		vm_space_clear(vm, pa, len);
	return st;
}

enum dgm_status vm_space_add_piece(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	return add_piece(vm, pa, len, prot, NULL, NULL);
}

enum dgm_status vm_space_add_alias(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target)
{
	struct vm_backing as = { .alias = true, .target = target };

	return add_piece(vm, pa, len, DGM_R | DGM_W | DGM_X, NULL, &as);
}

static dgm_id new_id(struct dgm_vm *vm)
{
	return ++vm->map_serial;
}

enum dgm_status vm_map(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host,
		       const struct vm_backing *as, dgm_id *id)
{
	enum dgm_status st;

	if (!range_ok(vm, pa, len))
		return engine_fail(DGM_E_MAP, "[0x%llx, +0x%llx) is outside the guest's address space",
				   (unsigned long long)pa, (unsigned long long)len);
	lock_mapping(vm);
	bool plain = !vm->n_foreign;
	if (!range_free(vm, pa, len))
		st = engine_fail(DGM_E_MAP, "[0x%llx, +0x%llx) is mapped already", (unsigned long long)pa,
				 (unsigned long long)len);
	else if (as && as->alias && alias_refuse(vm, pa, len, as->target))
		st = DGM_E_MAP;
	else if (host || as)
		st = add_piece(vm, pa, len, prot, host, as);
	else
		st = vm_space_add(vm, pa, len, prot);
	vm_invalidate(vm, pa, len);	/* what could not be fetched there now can */
	if (plain && vm->n_foreign)	/* units so far may leave out loads */
		vm_invalidate(vm, 0, vm->pages.n << PAGE_SHIFT);
	if (!st && id)
		*id = new_id(vm);
	vm_unlock_memory(vm);
	return st;
}

dgm_status dgm_map_ram(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host, dgm_id *id)
{
	if (!vm || prot & ~7u)
		return engine_fail(DGM_E_ARG, "dgm_map_ram: no VM, or unknown protection bits");
	return vm_map(vm, pa, len, prot, host, NULL, id);
}

dgm_status dgm_map_io(dgm_vm *vm, uint64_t pa, uint64_t len, const dgm_io_ops *ops, void *ud, dgm_id *id)
{
	if (!vm || !ops || ops->size < offsetof(dgm_io_ops, read))
		return engine_fail(DGM_E_ARG, "dgm_map_io: no VM or no device operations");
	if (ops->min_access > 8 || ops->max_access > 8 || (ops->min_access & (ops->min_access - 1)) ||
	    (ops->max_access & (ops->max_access - 1)))
		return engine_fail(DGM_E_ARG, "dgm_map_io: access widths must be 0, 1, 2, 4 or 8");
	struct vm_backing as = { .io = true, .ud = ud };
	memcpy(&as.ops, ops, ops->size < sizeof *ops ? ops->size : sizeof *ops);
	return vm_map(vm, pa, len, DGM_R | DGM_W, NULL, &as, id);
}

/* What is there is replaced in one step, so that no other thread of the host finds a hole in it. */
static enum dgm_status replace_pages(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, int mmap_flags,
				     int fd, off_t off)
{
	uint64_t page = pa >> PAGE_SHIFT, n = len >> PAGE_SHIFT;
	enum dgm_status st;

	vm_invalidate(vm, pa, len);
	if (pages_prepare(&vm->pages, page, n, ram_page(prot)) || room_for_pieces(vm, 1) ||
	    (mmap_flags & MAP_SHARED && track_marks(vm)) || track_losing(vm, page, n))
		return engine_fail(DGM_E_NOMEM, "out of memory for a mapping");
	st = claim_new(vm, page, page + n - 1);
	if (st)
		return st;
	if (!map_over(vm, page, n, vm_host_prot(prot), mmap_flags, fd, off)) {
		st = engine_fail_os(DGM_E_OS, "mmap");
		unclaim_new(vm, page, page + n - 1);
		return st;
	}
	cut_pieces(vm, pa, len);
	track_fresh(vm, page, n, mmap_flags & MAP_SHARED);
	set_ram(vm, page, n, prot);
	return DGM_OK;
}

dgm_status dgm_map_host(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, int mmap_flags, int fd, int64_t off)
{
	enum dgm_status st;

	if (!vm || prot & ~7u || (pa | len) & (PAGE_BYTES - 1))
		return engine_fail(DGM_E_ARG, "dgm_map_host: no VM, unknown protection bits, or not page-aligned");
	if (!range_ok(vm, pa, len))
		return engine_fail(DGM_E_MAP, "[0x%llx, +0x%llx) is outside the guest's address space",
				   (unsigned long long)pa, (unsigned long long)len);
	mmap_flags &= MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	lock_mapping(vm);
	st = replace_pages(vm, pa, len, prot, mmap_flags, fd, (off_t)off);
	vm_unlock_memory(vm);
	return st;
}

/* The host's kernel has moved the pages away. */
static bool leave_hole(struct dgm_vm *vm, uint64_t page, uint64_t n)
{
	bool done = vm_identity(vm) || map_nothing(vm, page, n);

	pages_set(&vm->pages, page, n, 0);
	return done;
}

static enum dgm_status move_pages(struct dgm_vm *vm, uint64_t from, uint64_t old_len, uint64_t to, uint64_t new_len)
{
	uint64_t src = from >> PAGE_SHIFT, n_src = old_len >> PAGE_SHIFT, dst = to >> PAGE_SHIFT, n = new_len >> PAGE_SHIFT;
	uint8_t byte;
	enum dgm_status st;

	st = track_losing(vm, src, n_src);
	if (!st)
		st = track_losing(vm, dst, n);
	if (st)
		return st;
	if (pages_run(&vm->pages, src, src + n_src - 1, &byte) != n_src || !(byte & PAGE_RAM))
		return engine_fail(DGM_E_MAP, "dgm_map_move: the range is not RAM of one kind");
	if (pages_prepare(&vm->pages, src, n_src, 0) || pages_prepare(&vm->pages, dst, n, byte) || room_for_pieces(vm, 1))
		return engine_fail(DGM_E_NOMEM, "out of memory for a mapping");
	vm_invalidate(vm, from, old_len);
	vm_invalidate(vm, to, new_len);
	st = claim_new(vm, dst, dst + n - 1);
	if (st)
		return st;
	if (mremap(vm_host(vm, from), old_len, new_len, MREMAP_MAYMOVE | MREMAP_FIXED, vm_host(vm, to)) == MAP_FAILED) {
		st = engine_fail_os(DGM_E_OS, "mremap");
		unclaim_new(vm, dst, dst + n - 1);
		return st;
	}
	cut_pieces(vm, to, new_len);
	track_fresh(vm, dst, n, vm->mark.flat && vm->mark.flat[src] & MARK_SHARED);
	set_ram(vm, dst, n, page_ram_prot(byte));
	return leave_hole(vm, src, n_src) ? DGM_OK : engine_fail_os(DGM_E_OS, "mmap");
}

dgm_status dgm_map_move(dgm_vm *vm, uint64_t from, uint64_t old_len, uint64_t to, uint64_t new_len)
{
	enum dgm_status st;

	if (!vm || (from | old_len | to | new_len) & (PAGE_BYTES - 1))
		return engine_fail(DGM_E_ARG, "dgm_map_move: no VM, or not page-aligned");
	if (!range_ok(vm, from, old_len) || !range_ok(vm, to, new_len) || (from < to + new_len && to < from + old_len))
		return engine_fail(DGM_E_MAP, "dgm_map_move: outside the guest's address space, or overlapping");
	lock_mapping(vm);
	st = move_pages(vm, from, old_len, to, new_len);
	vm_unlock_memory(vm);
	return st;
}

dgm_status dgm_unmap(dgm_vm *vm, uint64_t pa, uint64_t len)
{
	enum dgm_status st;

	if (!vm || !range_ok(vm, pa, len))
		return engine_fail(vm ? DGM_E_MAP : DGM_E_ARG, "dgm_unmap: no VM, or a range outside the space");
	lock_mapping(vm);
	st = vm_space_clear(vm, pa, len);
	vm_unlock_memory(vm);
	return st;
}

/* True when each byte of the range is RAM. mem_lock held. */
static bool range_is_ram(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t last = (pa + len - 1) >> PAGE_SHIFT;
	uint8_t byte;

	for (uint64_t at = pa; at < pa + len;) {
		uint64_t page = at >> PAGE_SHIFT, n = pages_run(&vm->pages, page, last, &byte);

		if (byte & PAGE_RAM) {
			at = (page + n) << PAGE_SHIFT;
			continue;
		}
		unsigned i = vm_piece_at(vm, at);
		if (i == vm->n_piece || vm->piece[i].pa > at || !vm->piece[i].host)
			return false;
		at = vm->piece[i].pa + vm->piece[i].len;
	}
	return true;
}

/* Splits the piece that runs over addr there, so that both halves can differ. */
static enum dgm_status split_piece(struct dgm_vm *vm, uint64_t addr)
{
	unsigned i = vm_piece_at(vm, addr);

	if (i == vm->n_piece || vm->piece[i].pa >= addr)
		return DGM_OK;
	if (room_for_pieces(vm, 1))
		return DGM_E_NOMEM;
	struct vm_piece *p = &vm->piece[i], tail = *p;
	uint64_t head = addr - p->pa;
	tail.pa = addr;
	tail.len -= head;
	tail.off += head;
	tail.host += head;
	tail.backing->pieces++;
	p->len = head;
	memmove(p + 2, p + 1, (vm->n_piece - i - 1) * sizeof *p);
	p[1] = tail;
	vm->n_piece++;
	return DGM_OK;
}

enum dgm_status vm_space_protect(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	uint64_t end = pa + len, first = pa >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	uint8_t byte;

	if (pages_prepare(&vm->pages, first, last - first + 1, ram_page(prot)))
		return engine_fail(DGM_E_NOMEM, "out of memory for the page table");
	if ((!prot && track_losing(vm, first, last - first + 1)) || split_piece(vm, pa) || split_piece(vm, end))
		return DGM_E_NOMEM;
	for (unsigned i = vm_piece_at(vm, pa); i < vm->n_piece && vm->piece[i].pa < end; i++)
		vm->piece[i].prot = prot;
	for (uint64_t p = first, n; p <= last; p += n) {
		n = pages_run(&vm->pages, p, last, &byte);
		if (!(byte & PAGE_RAM))
			continue;
		if (mprotect(vm_host(vm, p << PAGE_SHIFT), n << PAGE_SHIFT, vm_host_prot(prot)))
			return engine_fail_os(DGM_E_OS, "mprotect");
		set_ram(vm, p, n, prot);
	}
	return DGM_OK;
}

dgm_status dgm_protect(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	enum dgm_status st;

	if (!vm || prot & ~7u)
		return engine_fail(DGM_E_ARG, "dgm_protect: no VM, or unknown protection bits");
	if (!range_ok(vm, pa, len))
		return engine_fail(DGM_E_MAP, "dgm_protect: outside the guest's address space");
	lock_mapping(vm);
	if (!range_is_ram(vm, pa, len)) {
		st = engine_fail(DGM_E_MAP, "dgm_protect: a byte of the range is not RAM");
	} else if ((pages_get(&vm->pages, pa >> PAGE_SHIFT) & PAGE_RAM && pa & (PAGE_BYTES - 1)) ||
		   (pages_get(&vm->pages, (pa + len - 1) >> PAGE_SHIFT) & PAGE_RAM && (pa + len) & (PAGE_BYTES - 1))) {
		st = engine_fail(DGM_E_ARG, "dgm_protect: the range ends inside a page of RAM");
	} else {
		vm_invalidate(vm, pa, len);
		st = vm_space_protect(vm, pa, len, prot);
	}
	vm_unlock_memory(vm);
	return st;
}

/*
 * Host address of the RAM at addr and how many bytes follow it there, at most n; NULL when addr
 * is not RAM. prot gets the guest's protection. mem_lock held.
 */
static uint8_t *ram_at(const struct dgm_vm *vm, uint64_t addr, uint64_t n, uint64_t *run, uint32_t *prot)
{
	uint64_t last = addr + (n - 1) < addr ? UINT64_MAX : addr + (n - 1);
	uint8_t page;
	uint64_t pages = pages_run(&vm->pages, addr >> PAGE_SHIFT, last >> PAGE_SHIFT, &page);

	if (page & PAGE_RAM) {
		uint64_t left = (pages << PAGE_SHIFT) - (addr & (PAGE_BYTES - 1));

		*run = left < n ? left : n;
		*prot = page_ram_prot(page);
		return vm_host(vm, addr);
	}
	unsigned i = vm_piece_at(vm, addr);
	if (!(page & PAGE_ODD) || i == vm->n_piece || vm->piece[i].pa > addr || !vm->piece[i].host)
		return NULL;
	uint64_t left = vm->piece[i].pa + vm->piece[i].len - addr;
	*run = left < n ? left : n;
	*prot = vm->piece[i].prot;
	return vm->piece[i].host + (addr - vm->piece[i].pa);
}

/*
 * Copies between host and RAM, also where the guest's protection forbids it: a page the host may
 * not touch either is opened for the moment. Less than n: there is no RAM, or no memory to copy a page.
 */
static uint64_t copy_ram(struct dgm_vm *vm, uint64_t addr, uint8_t *buf, uint64_t n, bool write)
{
	uint64_t done = 0;

	while (done < n) {
		uint64_t run = n - done, at = alias_resolve(vm, addr + done, &run);
		uint32_t prot;
		uint8_t *host = ram_at(vm, at, run, &run, &prot);

		if (!host || track_open(vm, at, run, write ? DGM_W : DGM_R))
			break;
		bool direct = pages_get(&vm->pages, at >> PAGE_SHIFT) & PAGE_RAM;
		int have = vm_host_prot(prot), want = write ? PROT_READ | PROT_WRITE : PROT_READ;
		uint64_t skew = (uintptr_t)host & (PAGE_BYTES - 1);
		bool open = direct && (have & want) != want;
		if (open && mprotect(host - skew, skew + run, want))
			break;
		untorn_copy(host, buf + done, run, write);
		if (open)
			mprotect(host - skew, skew + run, have);
		done += run;
	}
	return done;
}

uint64_t vm_peek(struct dgm_vm *vm, uint64_t addr, void *buf, uint64_t n)
{
	pthread_mutex_lock(&vm->mem_lock);
	uint64_t done = copy_ram(vm, addr, buf, n, false);
	pthread_mutex_unlock(&vm->mem_lock);
	return done;
}

static uint64_t poke(struct dgm_vm *vm, uint64_t addr, const void *buf, uint64_t len)
{
	bool code = false;

	pthread_mutex_lock(&vm->mem_lock);
	uint64_t n = copy_ram(vm, addr, (uint8_t *)(uintptr_t)buf, len, true);
	for (uint64_t p = addr >> PAGE_SHIFT; n && p <= (addr + n - 1) >> PAGE_SHIFT; p++)
		code |= pages_get(&vm->pages, p) & PAGE_ODD || page_ram_prot(pages_get(&vm->pages, p)) & DGM_X;
	pthread_mutex_unlock(&vm->mem_lock);
	if (code)
		dgm_mem_touched(vm, addr, n);
	return n;
}

uint64_t vm_copy(struct dgm_vm *vm, uint64_t addr, void *buf, uint64_t n, bool write)
{
	return write ? poke(vm, addr, buf, n) : vm_peek(vm, addr, buf, n);
}

unsigned vm_fetch(struct dgm_vm *vm, uint64_t addr, uint8_t *buf, unsigned n)
{
	unsigned done = 0;

	pthread_mutex_lock(&vm->mem_lock);
	while (done < n) {
		uint64_t run = n - done, at = alias_resolve(vm, addr + done, &run);
		uint32_t prot;
		uint8_t *host = ram_at(vm, at, run, &run, &prot);

		if (!host || !(prot & DGM_X) || track_open(vm, at, run, DGM_R))
			break;
		untorn_get(buf + done, host, run);
		track_fetched(vm, at, buf + done, run);
		done += (unsigned)run;
	}
	pthread_mutex_unlock(&vm->mem_lock);
	return done;
}

bool vm_find_piece(struct dgm_vm *vm, uint64_t addr, struct vm_piece *out, struct vm_backing *backing)
{
	pthread_mutex_lock(&vm->mem_lock);
	unsigned i = vm_piece_at(vm, addr);
	bool found = i < vm->n_piece && vm->piece[i].pa <= addr;
	if (found) {
		*out = vm->piece[i];
		*backing = *out->backing;
	}
	pthread_mutex_unlock(&vm->mem_lock);
	return found;
}

uint32_t vm_access_cause(struct dgm_vm *vm, uint64_t addr, uint32_t access)
{
	struct vm_piece piece;
	struct vm_backing backing;

	addr = vm_resolve(vm, addr);
	uint8_t page = pages_get(&vm->pages, addr >> PAGE_SHIFT);
	if (page & PAGE_RAM)
		return page_ram_prot(page) & access ? 0 : DGM_CAUSE_PROT;
	if (!(page & PAGE_ODD) || !vm_find_piece(vm, addr, &piece, &backing))
		return DGM_CAUSE_UNMAPPED;
	return piece.prot & access ? 0 : DGM_CAUSE_PROT;
}

/* At a physical address, or a virtual one of the vCPU's. */
static uint64_t copy_for(struct dgm_vm *vm, struct dgm_cpu *cpu, uint64_t addr, void *buf, uint64_t len, bool write)
{
	return cpu && cpu->mmu && cpu->vm == vm ? mmu_copy(cpu, addr, buf, len, write) : vm_copy(vm, addr, buf, len, write);
}

dgm_status dgm_mem_read(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = 0;

	if (vm && buf)
		n = copy_for(vm, cpu, addr, buf, len, false);
	if (done)
		*done = n;
	if (!vm || (!buf && len))
		return engine_fail(DGM_E_ARG, "dgm_mem_read: no VM or no buffer");
	return n == len ? DGM_OK : engine_fail(DGM_E_FAULT, "no RAM at 0x%llx", (unsigned long long)(addr + n));
}

dgm_status dgm_mem_write(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, const void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = 0;

	if (vm && buf)
		n = copy_for(vm, cpu, addr, (void *)(uintptr_t)buf, len, true);
	if (done)
		*done = n;
	if (!vm || (!buf && len))
		return engine_fail(DGM_E_ARG, "dgm_mem_write: no VM or no buffer");
	return n == len ? DGM_OK : engine_fail(DGM_E_FAULT, "no RAM at 0x%llx", (unsigned long long)(addr + n));
}

void *dgm_mem_ptr(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t access)
{
	uint8_t *first = NULL;

	if (!vm || !range_ok(vm, pa, len))
		return NULL;
	pthread_mutex_lock(&vm->mem_lock);
	for (uint64_t done = 0; done < len;) {
		uint64_t run = len - done, at = alias_resolve(vm, pa + done, &run);
		uint32_t prot;
		uint8_t *host = ram_at(vm, at, run, &run, &prot);

		if (!host || (prot & access) != access || (done && host != first + done) ||
		    (access & DGM_W ? track_view(vm, at, run) : track_open(vm, at, run, DGM_R))) {
			first = NULL;
			break;
		}
		if (!done)
			first = host;
		done += run;
	}
	pthread_mutex_unlock(&vm->mem_lock);
	return first;
}

uint32_t dgm_mem_prot(dgm_vm *vm, uint64_t pa, bool *mapped)
{
	uint64_t run;
	uint32_t prot = 0;
	struct vm_piece piece;
	struct vm_backing backing;

	if (mapped)
		*mapped = false;
	if (!vm || pa >> PAGE_SHIFT >= vm->pages.n)
		return 0;
	pa = vm_resolve(vm, pa);
	pthread_mutex_lock(&vm->mem_lock);
	bool ram = ram_at(vm, pa, 1, &run, &prot);
	pthread_mutex_unlock(&vm->mem_lock);
	if (!ram && vm_find_piece(vm, pa, &piece, &backing)) {
		ram = true;
		prot = piece.prot;
	}
	if (mapped)
		*mapped = ram;
	return ram ? prot : 0;
}

dgm_status dgm_mem_touched(dgm_vm *vm, uint64_t pa, uint64_t len)
{
	if (!vm)
		return engine_fail(DGM_E_ARG, "dgm_mem_touched: no VM");
	pthread_mutex_lock(&vm->lock);
	vm_invalidate(vm, pa, len);
	pthread_mutex_unlock(&vm->lock);
	return DGM_OK;
}

dgm_status dgm_code_invalidate(dgm_vm *vm, uint64_t pa, uint64_t len)
{
	return dgm_mem_touched(vm, pa, len);
}
