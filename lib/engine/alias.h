/*
 * Aliases: ranges of physical addresses that are other addresses of what is mapped elsewhere. They are pieces (engine.h), so
 * translated code never reaches them directly; whoever looks an address up asks for the one that is meant first.
 * For lib/engine.
 */
#ifndef ENGINE_ALIAS_H
#define ENGINE_ALIAS_H

#include "engine/engine.h"

/* The address that is meant by addr, which is no alias; *n is cut to the bytes that follow there. mem_lock held. */
uint64_t alias_find(const struct dgm_vm *vm, uint64_t addr, uint64_t *n);
static inline uint64_t alias_resolve(const struct dgm_vm *vm, uint64_t addr, uint64_t *n)
{
	return vm->n_alias ? alias_find(vm, addr, n) : addr;
}

/* The same for one byte; takes mem_lock. */
uint64_t vm_resolve_locked(struct dgm_vm *vm, uint64_t addr);
static inline uint64_t vm_resolve(struct dgm_vm *vm, uint64_t addr)
{
	return atomic_load_explicit(&vm->n_alias, memory_order_relaxed) ? vm_resolve_locked(vm, addr) : addr;
}

/* Whether [pa, pa + len), which is a range of the VM, may be an alias of the target, as far as that lies with the two. */
static inline bool alias_possible(const struct dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target)
{
	uint64_t limit = vm->pages.n << PAGE_SHIFT;

	return !((pa | len | target) & (PAGE_BYTES - 1)) && target < limit && len <= limit - target &&
	       !(pa < target + len && target < pa + len);
}

/* Whether one of two aliases would lead to the other. */
static inline bool alias_leads_on(uint64_t pa, uint64_t len, uint64_t target, uint64_t pa2, uint64_t len2, uint64_t target2)
{
	return (pa < target2 + len2 && target2 < pa + len) || (pa2 < target + len && target < pa2 + len2);
}

/* Why there can be no alias at pa of the target: one would lead to another. Notes the failure. Both locks held. */
bool alias_refuse(const struct dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target);
/* Calls drop for all other addresses of the bytes in [addr, addr + n). vm->lock held. */
void alias_drop(struct dgm_vm *vm, uint64_t addr, uint64_t n, void (*drop)(struct dgm_vm *vm, uint64_t addr, uint64_t n));

#endif
