/* See alias.h. */
#include "engine/alias.h"

uint64_t alias_find(const struct dgm_vm *vm, uint64_t addr, uint64_t *n)
{
	unsigned i = vm_piece_at(vm, addr);
	const struct vm_piece *p = &vm->piece[i];

	if (i == vm->n_piece)
		return addr;
	if (p->pa > addr) {
		*n = p->pa - addr < *n ? p->pa - addr : *n;
		return addr;
	}
	if (!p->backing->alias)
		return addr;
	uint64_t left = p->pa + p->len - addr;
	*n = left < *n ? left : *n;
	return p->backing->target + p->off + (addr - p->pa);
}

uint64_t vm_resolve_locked(struct dgm_vm *vm, uint64_t addr)
{
	uint64_t n = 1;

	pthread_mutex_lock(&vm->mem_lock);
	addr = alias_find(vm, addr, &n);
	pthread_mutex_unlock(&vm->mem_lock);
	return addr;
}

bool alias_refuse(const struct dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target)
{
	bool bad = false;

	for (unsigned i = 0; vm->n_alias && i < vm->n_piece; i++) {
		const struct vm_piece *p = &vm->piece[i];

		bad |= p->backing->alias && alias_leads_on(p->pa, p->len, p->backing->target + p->off, pa, len, target);
	}
	if (bad)
		(void)engine_fail(DGM_E_MAP, "dgm_map_alias: an alias of an alias");
	return bad;
}

dgm_status dgm_map_alias(dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target, dgm_id *id)
{
	struct vm_backing as = { .alias = true, .target = target };

	if (!vm || (pa | len | target) & (PAGE_BYTES - 1))
		return engine_fail(DGM_E_ARG, "dgm_map_alias: no VM, or not page-aligned");
	if (!alias_possible(vm, pa, len, target))
		return engine_fail(DGM_E_MAP, "dgm_map_alias: outside the guest's address space, or an alias of itself");
	return vm_map(vm, pa, len, DGM_R | DGM_W | DGM_X, NULL, &as, id);
}

/* The part of [addr, addr + n) that lies in [lo, lo + len), moved by as much as `to` is from lo; false: there is none. */
static bool moved(uint64_t *addr, uint64_t *n, uint64_t lo, uint64_t len, uint64_t to)
{
	uint64_t end = *addr + (*n - 1), hi = lo + (len - 1);
	uint64_t first = *addr > lo ? *addr : lo, last = end < hi ? end : hi;

	if (first > last)
		return false;
	*addr = to + (first - lo);
	*n = last - first + 1;
	return true;
}

typedef void drop_fn(struct dgm_vm *vm, uint64_t addr, uint64_t n);

static void drop_aliases_of(struct dgm_vm *vm, uint64_t addr, uint64_t n, drop_fn *drop)
{
	for (unsigned i = 0; i < vm->n_piece; i++) {
		const struct vm_piece *p = &vm->piece[i];
		uint64_t a = addr, len = n;

		if (p->backing->alias && moved(&a, &len, p->backing->target + p->off, p->len, p->pa))
			drop(vm, a, len);
	}
}

void alias_drop(struct dgm_vm *vm, uint64_t addr, uint64_t n, drop_fn *drop)
{
	if (addr + (n - 1) < addr)
		n = UINT64_MAX - addr;
	drop_aliases_of(vm, addr, n, drop);
	for (unsigned i = 0; i < vm->n_piece; i++) {
		const struct vm_piece *p = &vm->piece[i];
		uint64_t a = addr, len = n;

		if (!p->backing->alias || !moved(&a, &len, p->pa, p->len, p->backing->target + p->off))
			continue;
		drop(vm, a, len);
		drop_aliases_of(vm, a, len, drop);
	}
}
