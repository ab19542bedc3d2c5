/*
 * The guest-physical space. RAM of whole pages lives at mem_base + address and is described by
 * one byte a page; everything else (devices, host memory, ends of odd ranges) is a piece in a
 * sorted array, and its pages are marked PAGE_ODD and never reached directly.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/engine.h"

enum { GUARD = 64 * 1024, PROT_SHIFT = 5 };

/* The protection the guest sees, kept beside PAGE_PROT: that one is 0 where access must be checked. */
static uint32_t ram_prot(uint8_t page)
{
	return page >> PROT_SHIFT & 7;
}

static uint8_t ram_page(uint32_t prot)
{
	return (uint8_t)(PAGE_RAM | prot << PROT_SHIFT | prot);
}

static int host_prot(uint32_t prot)
{
	return (prot & (DGM_R | DGM_X) ? PROT_READ : 0) | (prot & DGM_W ? PROT_READ | PROT_WRITE : 0);
}

enum dgm_status vm_memory_init(struct dgm_vm *vm)
{
	uint64_t bytes = 1ull << 32;

	vm->n_page = bytes >> PAGE_SHIFT;
	vm->space_size = bytes + 2 * GUARD;
	vm->space = mmap(NULL, vm->space_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (vm->space == MAP_FAILED) {
		vm->space = NULL;
		return engine_fail_os(DGM_E_NOMEM, "cannot reserve the guest's address space");
	}
	vm->mem_base = vm->space + GUARD;
	vm->page = mmap(NULL, vm->n_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (vm->page == MAP_FAILED) {
		vm->page = NULL;
		vm_memory_finish(vm);
		return engine_fail_os(DGM_E_NOMEM, "cannot allocate the page table");
	}
	return DGM_OK;
}

static void drop_piece(struct dgm_vm *vm, const struct vm_piece *p)
{
	if (--p->backing->pieces)
		return;
	vm->n_foreign -= !p->backing->owned;
	base_free(&vm->engine->alloc, p->backing->owned);
	base_free(&vm->engine->alloc, p->backing);
}

void vm_memory_finish(struct dgm_vm *vm)
{
	for (unsigned i = 0; i < vm->n_piece; i++)
		drop_piece(vm, &vm->piece[i]);
	base_free(&vm->engine->alloc, vm->piece);
	if (vm->page)
		munmap(vm->page, vm->n_page);
	if (vm->space)
		munmap(vm->space, vm->space_size);
	vm->piece = NULL;
	vm->page = NULL;
	vm->space = NULL;
}

/* Index of the first piece that ends behind addr. */
static unsigned piece_at(const struct dgm_vm *vm, uint64_t addr)
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
	uint64_t limit = vm->n_page << PAGE_SHIFT;

	return len && pa < limit && len <= limit - pa;
}

/* True when nothing is mapped in the range. mem_lock held. */
static bool range_free(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	unsigned i = piece_at(vm, pa);

	if (i < vm->n_piece && vm->piece[i].pa < pa + len)
		return false;
	for (uint64_t p = pa >> PAGE_SHIFT; p <= (pa + len - 1) >> PAGE_SHIFT; p++)
		if (vm->page[p] & PAGE_RAM)
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

static void insert_piece(struct dgm_vm *vm, struct vm_piece piece)
{
	unsigned at = piece_at(vm, piece.pa);

	memmove(&vm->piece[at + 1], &vm->piece[at], (vm->n_piece - at) * sizeof *vm->piece);
	vm->piece[at] = piece;
	vm->n_piece++;
	for (uint64_t p = piece.pa >> PAGE_SHIFT; p <= (piece.pa + piece.len - 1) >> PAGE_SHIFT; p++)
		vm->page[p] = PAGE_ODD;
}

/* Pages that hold no piece any more lose PAGE_ODD. */
static void refresh_odd(struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	for (uint64_t p = pa >> PAGE_SHIFT; p <= (pa + len - 1) >> PAGE_SHIFT; p++) {
		unsigned i = piece_at(vm, p << PAGE_SHIFT);

		if ((vm->page[p] & PAGE_ODD) && !(i < vm->n_piece && vm->piece[i].pa < (p + 1) << PAGE_SHIFT))
			vm->page[p] = 0;
	}
}

/* Cuts [pa, pa + len) out of the pieces; room for one more piece must be there. */
static void cut_pieces(struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t end = pa + len;
	unsigned i = piece_at(vm, pa);

	while (i < vm->n_piece && vm->piece[i].pa < end) {
		struct vm_piece *p = &vm->piece[i], tail = *p;
		uint64_t p_end = p->pa + p->len;

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
	refresh_odd(vm, pa, len);
}

/* Translations of the range go, and the range is taken out of the space. Both locks held. */
static enum dgm_status clear_range(struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	uint64_t first = pa >> PAGE_SHIFT, last = (pa + len - 1) >> PAGE_SHIFT;

	vm_invalidate(vm, pa, len);
	for (uint64_t p = first; p <= last; p++) {
		uint64_t from = p << PAGE_SHIFT;

		if (!(vm->page[p] & PAGE_RAM) || (pa <= from && pa + len >= from + PAGE_BYTES))
			continue;
		/* A page cut in two: what stays becomes a piece with a copy of its bytes. */
		uint32_t prot = ram_prot(vm->page[p]);
		struct vm_backing *b = base_alloc_zero(&vm->engine->alloc, sizeof *b);
		uint8_t *bytes = base_alloc(&vm->engine->alloc, PAGE_BYTES);
		if (!b || !bytes || room_for_pieces(vm, 2)) {
			base_free(&vm->engine->alloc, b);
			base_free(&vm->engine->alloc, bytes);
			return engine_fail(DGM_E_NOMEM, "out of memory for a mapping");
		}
		b->owned = bytes;
		b->pieces = 1;
		mprotect(vm->mem_base + from, PAGE_BYTES, PROT_READ);
		memcpy(bytes, vm->mem_base + from, PAGE_BYTES);
		mmap(vm->mem_base + from, PAGE_BYTES, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
		insert_piece(vm, (struct vm_piece){ from, PAGE_BYTES, 0, prot, bytes, b });
	}
	if (room_for_pieces(vm, 1))
		return DGM_E_NOMEM;
	for (uint64_t p = first; p <= last;) {
		uint64_t q = p;

		while (q <= last && (vm->page[q] & PAGE_RAM))
			q++;
		if (q > p) {
			if (mmap(vm->mem_base + (p << PAGE_SHIFT), (q - p) << PAGE_SHIFT, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
				return engine_fail_os(DGM_E_OS, "unmap");
			memset(vm->page + p, 0, q - p);
		}
		p = q + (q <= last);
	}
	cut_pieces(vm, pa, len);
	return DGM_OK;
}

static void lock_memory(struct dgm_vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	pthread_mutex_lock(&vm->mem_lock);
}

static void unlock_memory(struct dgm_vm *vm)
{
	pthread_mutex_unlock(&vm->mem_lock);
	pthread_mutex_unlock(&vm->lock);
}

/* One piece with a backing of its own. mem_lock held. */
static enum dgm_status add_piece(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, uint8_t *host,
				 const dgm_io_ops *ops, void *ud)
{
	struct vm_backing *b = base_alloc_zero(&vm->engine->alloc, sizeof *b);

	if (!b || room_for_pieces(vm, 1))
		goto fail;
	if (ops) {
		memcpy(&b->ops, ops, ops->size < sizeof *ops ? ops->size : sizeof *ops);
		b->io = true;
		b->ud = ud;
	} else if (!host) {
		host = b->owned = base_alloc_zero(&vm->engine->alloc, len);
		if (!host)
			goto fail;
	}
	b->pieces = 1;
	vm->n_foreign += !b->owned;
	insert_piece(vm, (struct vm_piece){ pa, len, 0, prot, host, b });
	return DGM_OK;
fail:
	base_free(&vm->engine->alloc, b);
	return engine_fail(DGM_E_NOMEM, "out of memory for a mapping of %llu bytes", (unsigned long long)len);
}

/* Whole pages of zeroed RAM in the space itself. mem_lock held. */
static enum dgm_status add_pages(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	if (mmap(vm->mem_base + pa, len, host_prot(prot), MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return engine_fail_os(DGM_E_OS, "mapping RAM");
	memset(vm->page + (pa >> PAGE_SHIFT), ram_page(prot), len >> PAGE_SHIFT);
	return DGM_OK;
}

static enum dgm_status map_own(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	uint64_t end = pa + len;
	uint64_t lo = (pa + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1), hi = end & ~(uint64_t)(PAGE_BYTES - 1);
	enum dgm_status st = DGM_OK;

	if (lo >= hi)
		return add_piece(vm, pa, len, prot, NULL, NULL, NULL);
	if (lo > pa)
		st = add_piece(vm, pa, lo - pa, prot, NULL, NULL, NULL);
	if (!st)
		st = add_pages(vm, lo, hi - lo, prot);
	if (!st && end > hi)
		st = add_piece(vm, hi, end - hi, prot, NULL, NULL, NULL);
	if (st)
		clear_range(vm, pa, len);
	return st;
}

static dgm_id new_id(struct dgm_vm *vm)
{
	return ++vm->map_serial;
}

static enum dgm_status map_checked(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host,
				   const dgm_io_ops *ops, void *ud, dgm_id *id)
{
	enum dgm_status st;

	if (!range_ok(vm, pa, len))
		return engine_fail(DGM_E_MAP, "[0x%llx, +0x%llx) is outside the guest's address space",
				   (unsigned long long)pa, (unsigned long long)len);
	lock_memory(vm);
	bool plain = !vm->n_foreign;
	if (!range_free(vm, pa, len))
		st = engine_fail(DGM_E_MAP, "[0x%llx, +0x%llx) is mapped already", (unsigned long long)pa,
				 (unsigned long long)len);
	else if (host || ops)
		st = add_piece(vm, pa, len, prot, host, ops, ud);
	else
		st = map_own(vm, pa, len, prot);
	vm_invalidate(vm, pa, len);	/* what could not be fetched there now can */
	if (plain && vm->n_foreign)	/* units so far may leave out loads */
		vm_invalidate(vm, 0, vm->n_page << PAGE_SHIFT);
	if (!st && id)
		*id = new_id(vm);
	unlock_memory(vm);
	return st;
}

dgm_status dgm_map_ram(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host, dgm_id *id)
{
	if (!vm || prot & ~7u)
		return engine_fail(DGM_E_ARG, "dgm_map_ram: no VM, or unknown protection bits");
	return map_checked(vm, pa, len, prot, host, NULL, NULL, id);
}

dgm_status dgm_map_io(dgm_vm *vm, uint64_t pa, uint64_t len, const dgm_io_ops *ops, void *ud, dgm_id *id)
{
	if (!vm || !ops || ops->size < offsetof(dgm_io_ops, read))
		return engine_fail(DGM_E_ARG, "dgm_map_io: no VM or no device operations");
	if (ops->min_access > 8 || ops->max_access > 8 || (ops->min_access & (ops->min_access - 1)) ||
	    (ops->max_access & (ops->max_access - 1)))
		return engine_fail(DGM_E_ARG, "dgm_map_io: access widths must be 0, 1, 2, 4 or 8");
	return map_checked(vm, pa, len, DGM_R | DGM_W, NULL, ops, ud, id);
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
	lock_memory(vm);
	st = clear_range(vm, pa, len);
	if (!st && mmap(vm->mem_base + pa, len, host_prot(prot), mmap_flags | MAP_FIXED, fd, (off_t)off) == MAP_FAILED)
		st = engine_fail_os(DGM_E_OS, "mmap");
	if (!st)
		memset(vm->page + (pa >> PAGE_SHIFT), ram_page(prot), len >> PAGE_SHIFT);
	unlock_memory(vm);
	return st;
}

dgm_status dgm_unmap(dgm_vm *vm, uint64_t pa, uint64_t len)
{
	enum dgm_status st;

	if (!vm || !range_ok(vm, pa, len))
		return engine_fail(vm ? DGM_E_MAP : DGM_E_ARG, "dgm_unmap: no VM, or a range outside the space");
	lock_memory(vm);
	st = clear_range(vm, pa, len);
	unlock_memory(vm);
	return st;
}

/* True when each byte of the range is RAM. mem_lock held. */
static bool range_is_ram(const struct dgm_vm *vm, uint64_t pa, uint64_t len)
{
	for (uint64_t at = pa; at < pa + len;) {
		if (vm->page[at >> PAGE_SHIFT] & PAGE_RAM) {
			at = ((at >> PAGE_SHIFT) + 1) << PAGE_SHIFT;
			continue;
		}
		unsigned i = piece_at(vm, at);
		if (i == vm->n_piece || vm->piece[i].pa > at || vm->piece[i].backing->io)
			return false;
		at = vm->piece[i].pa + vm->piece[i].len;
	}
	return true;
}

/* Splits the piece that runs over addr there, so that both halves can differ. */
static enum dgm_status split_piece(struct dgm_vm *vm, uint64_t addr)
{
	unsigned i = piece_at(vm, addr);

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

static enum dgm_status protect_range(struct dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot)
{
	uint64_t end = pa + len;

	if (split_piece(vm, pa) || split_piece(vm, end))
		return DGM_E_NOMEM;
	for (unsigned i = piece_at(vm, pa); i < vm->n_piece && vm->piece[i].pa < end; i++)
		vm->piece[i].prot = prot;
	for (uint64_t p = pa >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT; p <= last;) {
		uint64_t q = p;

		while (q <= last && (vm->page[q] & PAGE_RAM))
			q++;
		if (q > p && mprotect(vm->mem_base + (p << PAGE_SHIFT), (q - p) << PAGE_SHIFT, host_prot(prot)))
			return engine_fail_os(DGM_E_OS, "mprotect");
		memset(vm->page + p, ram_page(prot), q - p);
		p = q + (q <= last);
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
	lock_memory(vm);
	if (!range_is_ram(vm, pa, len)) {
		st = engine_fail(DGM_E_MAP, "dgm_protect: a byte of the range is not RAM");
	} else if ((vm->page[pa >> PAGE_SHIFT] & PAGE_RAM && pa & (PAGE_BYTES - 1)) ||
		   (vm->page[(pa + len - 1) >> PAGE_SHIFT] & PAGE_RAM && (pa + len) & (PAGE_BYTES - 1))) {
		st = engine_fail(DGM_E_ARG, "dgm_protect: the range ends inside a page of RAM");
	} else {
		vm_invalidate(vm, pa, len);
		st = protect_range(vm, pa, len, prot);
	}
	unlock_memory(vm);
	return st;
}

/*
 * Host address of the RAM at addr and how many bytes follow it there, at most n; NULL when addr
 * is not RAM. prot gets the guest's protection. mem_lock held.
 */
static uint8_t *ram_at(const struct dgm_vm *vm, uint64_t addr, uint64_t n, uint64_t *run, uint32_t *prot)
{
	if (addr >> PAGE_SHIFT >= vm->n_page)
		return NULL;
	uint8_t page = vm->page[addr >> PAGE_SHIFT];

	if (page & PAGE_RAM) {
		uint64_t left = PAGE_BYTES - (addr & (PAGE_BYTES - 1));

		*run = left < n ? left : n;
		*prot = ram_prot(page);
		return vm->mem_base + addr;
	}
	unsigned i = piece_at(vm, addr);
	if (!(page & PAGE_ODD) || i == vm->n_piece || vm->piece[i].pa > addr || vm->piece[i].backing->io)
		return NULL;
	uint64_t left = vm->piece[i].pa + vm->piece[i].len - addr;
	*run = left < n ? left : n;
	*prot = vm->piece[i].prot;
	return vm->piece[i].host + (addr - vm->piece[i].pa);
}

/*
 * Copies between host and RAM, also where the guest's protection forbids it: a page the host may
 * not touch either is opened for the moment.
 */
static uint64_t copy_ram(struct dgm_vm *vm, uint64_t addr, uint8_t *buf, uint64_t n, bool write)
{
	uint64_t done = 0;

	while (done < n) {
		uint64_t run;
		uint32_t prot;
		uint8_t *host = ram_at(vm, addr + done, n - done, &run, &prot);

		if (!host)
			break;
		bool direct = vm->page[(addr + done) >> PAGE_SHIFT] & PAGE_RAM;
		int have = host_prot(prot), want = write ? PROT_READ | PROT_WRITE : PROT_READ;
		uint8_t *page = (uint8_t *)((uintptr_t)host & ~(uintptr_t)(PAGE_BYTES - 1));
		bool open = direct && (have & want) != want;
		if (open && mprotect(page, PAGE_BYTES, want))
			break;
		memcpy(write ? host : buf + done, write ? buf + done : host, run);
		if (open)
			mprotect(page, PAGE_BYTES, have);
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

unsigned vm_fetch(struct dgm_vm *vm, uint64_t addr, uint8_t *buf, unsigned n)
{
	unsigned done = 0;

	pthread_mutex_lock(&vm->mem_lock);
	while (done < n) {
		uint64_t run;
		uint32_t prot;
		uint8_t *host = ram_at(vm, addr + done, n - done, &run, &prot);

		if (!host || !(prot & DGM_X))
			break;
		memcpy(buf + done, host, run);
		done += (unsigned)run;
	}
	pthread_mutex_unlock(&vm->mem_lock);
	return done;
}

bool vm_find_piece(struct dgm_vm *vm, uint64_t addr, struct vm_piece *out, struct vm_backing *backing)
{
	pthread_mutex_lock(&vm->mem_lock);
	unsigned i = piece_at(vm, addr);
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

	if (addr >> PAGE_SHIFT >= vm->n_page)
		return DGM_CAUSE_UNMAPPED;
	uint8_t page = vm->page[addr >> PAGE_SHIFT];
	if (page & PAGE_RAM)
		return ram_prot(page) & access ? 0 : DGM_CAUSE_PROT;
	if (!(page & PAGE_ODD) || !vm_find_piece(vm, addr, &piece, &backing))
		return DGM_CAUSE_UNMAPPED;
	return piece.prot & access ? 0 : DGM_CAUSE_PROT;
}

dgm_status dgm_mem_read(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = vm && (buf || !len) ? vm_peek(vm, addr, buf, len) : 0;

	if (done)
		*done = n;
	if (!vm || (!buf && len))
		return engine_fail(DGM_E_ARG, "dgm_mem_read: no VM or no buffer");
	return n == len ? DGM_OK : engine_fail(DGM_E_FAULT, "no RAM at 0x%llx", (unsigned long long)(addr + n));
}

dgm_status dgm_mem_write(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, const void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = 0;

	if (vm && buf) {
		bool code = false;

		pthread_mutex_lock(&vm->mem_lock);
		n = copy_ram(vm, addr, (uint8_t *)(uintptr_t)buf, len, true);
		for (uint64_t p = addr >> PAGE_SHIFT; n && p <= (addr + n - 1) >> PAGE_SHIFT; p++)
			code |= vm->page[p] & PAGE_ODD || ram_prot(vm->page[p]) & DGM_X;
		pthread_mutex_unlock(&vm->mem_lock);
		if (code)
			dgm_mem_touched(vm, addr, n);
	}
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
		uint64_t run;
		uint32_t prot;
		uint8_t *host = ram_at(vm, pa + done, len - done, &run, &prot);

		if (!host || (prot & access) != access || (done && host != first + done)) {
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
	if (!vm || pa >> PAGE_SHIFT >= vm->n_page)
		return 0;
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
