/* The hooks of a VM: adding, removing, finding them, and what that changes in the VM. */
#include <string.h>

#include "base/hash.h"
#include "engine/engine.h"

enum { FIRST_CAP = 8 };

static bool is_everywhere(const struct vm_hook *k)
{
	return !k->lo && k->last == UINT64_MAX;
}

/* ---- sets ---- */

/* The list, moved if it had no room for one more; NULL: out of memory. */
static void *room(const struct base_alloc *alloc, void *list, unsigned n, unsigned *cap, size_t each)
{
	unsigned want = *cap ? *cap * 2 : FIRST_CAP;

	if (n < *cap)
		return list;
	list = base_realloc(alloc, list, want * each);
	if (list)
		*cap = want;
	return list;
}

/* How many of the part begin at or before `last`. */
static unsigned begun(const struct hook_set *s, uint64_t last)
{
	unsigned lo = 0, hi = s->n_part;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (s->part[mid]->lo <= last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void set_reach(struct hook_set *s, unsigned from)
{
	for (unsigned i = from; i < s->n_part; i++) {
		uint64_t before = i ? s->reach[i - 1] : 0;

		s->reach[i] = s->part[i]->last > before ? s->part[i]->last : before;
	}
}

static enum dgm_status set_reserve(const struct base_alloc *alloc, struct hook_set *s)
{
	unsigned cap = s->cap_part;
	void *all = room(alloc, s->all, s->n_all, &s->cap_all, sizeof *s->all), *reach, *part;

	if (!all)
		return DGM_E_NOMEM;
	s->all = all;
	reach = room(alloc, s->reach, s->n_part, &cap, sizeof *s->reach);
	if (!reach)
		return DGM_E_NOMEM;
	s->reach = reach;
	part = room(alloc, s->part, s->n_part, &s->cap_part, sizeof *s->part);
	if (!part)
		return DGM_E_NOMEM;
	s->part = part;
	return DGM_OK;
}

static void set_add(struct hook_set *s, struct vm_hook *k)
{
	unsigned at;

	if (is_everywhere(k)) {
		s->all[s->n_all++] = k;
		return;
	}
	at = begun(s, k->lo);
	memmove(&s->part[at + 1], &s->part[at], (s->n_part - at) * sizeof *s->part);
	s->part[at] = k;
	s->n_part++;
	set_reach(s, at);
}

static void set_remove(struct hook_set *s, const struct vm_hook *k)
{
	unsigned at = 0;

	if (is_everywhere(k)) {
		while (s->all[at] != k)
			at++;
		memmove(&s->all[at], &s->all[at + 1], (--s->n_all - at) * sizeof *s->all);
		return;
	}
	at = begun(s, k->lo) - 1;
	while (s->part[at] != k)
		at--;
	memmove(&s->part[at], &s->part[at + 1], (--s->n_part - at) * sizeof *s->part);
	set_reach(s, at);
}

static unsigned set_size(const struct hook_set *s)
{
	return s->n_all + s->n_part;
}

/* Puts k where its order wants it; answers how many there are now. */
static unsigned take(struct vm_hook **out, unsigned n, unsigned cap, struct vm_hook *k)
{
	unsigned at = n;

	if (n >= cap)
		return n + 1;
	for (; at && out[at - 1]->order > k->order; at--)
		out[at] = out[at - 1];
	out[at] = k;
	return n + 1;
}

unsigned hooks_find(const struct vm_hooks *h, unsigned kind, uint64_t lo, uint64_t last, struct vm_hook **out,
		    unsigned cap)
{
	const struct hook_set *s = &h->set[kind];
	unsigned n = 0;

	for (unsigned i = 0; i < s->n_all; i++)
		n = take(out, n, cap, s->all[i]);
	for (unsigned i = s->n_part ? begun(s, last) : 0; i-- > 0 && s->reach[i] >= lo;)
		if (s->part[i]->last >= lo)
			n = take(out, n, cap, s->part[i]);
	return n;
}

struct vm_hook *hooks_next(const struct vm_hooks *h, unsigned kind, uint64_t lo, uint64_t last, uint64_t order)
{
	const struct hook_set *s = &h->set[kind];
	struct vm_hook *best = NULL;

	for (unsigned i = 0; i < s->n_all; i++)
		if (s->all[i]->order > order && (!best || s->all[i]->order < best->order))
			best = s->all[i];
	for (unsigned i = s->n_part ? begun(s, last) : 0; i-- > 0 && s->reach[i] >= lo;)
		if (s->part[i]->last >= lo && s->part[i]->order > order && (!best || s->part[i]->order < best->order))
			best = s->part[i];
	return best;
}

uint64_t hooks_hash(const struct vm_hooks *h, uint64_t lo, uint64_t last)
{
	uint64_t hash = set_size(&h->set[DGM_HOOK_EDGE]) != 0;

	for (unsigned kind = DGM_HOOK_BLOCK; kind <= DGM_HOOK_EDGE; kind++) {
		const struct hook_set *s = &h->set[kind];

		for (unsigned i = 0; i < s->n_all; i++)
			hash = base_hash(hash, &s->all[i]->order, sizeof s->all[i]->order);
		for (unsigned i = s->n_part ? begun(s, last) : 0; i-- > 0 && s->reach[i] >= lo;)
			if (s->part[i]->last >= lo)
				hash = base_hash(hash, &s->part[i]->order, sizeof s->part[i]->order);
	}
	return hash;
}

/* ---- what is removed ---- */

static void reap(struct dgm_vm *vm)
{
	const struct base_alloc *alloc = &vm->engine->alloc;
	struct vm_hooks *h = &vm->hooks;
	struct hook_table *table = atomic_load(&h->data);
	unsigned n = 0;

	for (unsigned i = 0; table && i < table->n; i++)
		if (!hook_is_gone(table->hook[i]))
			table->hook[n++] = table->hook[i];
	if (table)
		table->n = n;
	for (struct vm_hook *k; (k = h->gone);) {
		h->gone = k->next_gone;
		base_free(alloc, k);
	}
	for (struct hook_table *t; (t = h->gone_table);) {
		h->gone_table = t->next_gone;
		base_free(alloc, t);
	}
}

void hooks_reap(struct dgm_vm *vm)
{
	if (pthread_mutex_trylock(&vm->mem_lock))
		return;
	reap(vm);
	pthread_mutex_unlock(&vm->mem_lock);
}

void hooks_finish(struct dgm_vm *vm)
{
	const struct base_alloc *alloc = &vm->engine->alloc;
	struct vm_hooks *h = &vm->hooks;

	reap(vm);
	for (unsigned i = 0; i < h->n_slot; i++)
		base_free(alloc, h->slot[i].hook);
	base_free(alloc, h->slot);
	base_free(alloc, atomic_load(&h->data));
	for (unsigned kind = 0; kind < HOOK_KINDS; kind++) {
		base_free(alloc, h->set[kind].all);
		base_free(alloc, h->set[kind].part);
		base_free(alloc, h->set[kind].reach);
	}
}

void hooks_note_dropped(struct dgm_vm *vm, uint64_t lo, uint64_t last)
{
	struct vm_hooks *h = &vm->hooks;
	uint32_t n = atomic_load_explicit(&h->n_range, memory_order_relaxed);

	if (!atomic_load_explicit(&h->n_dropped, memory_order_relaxed) ||
	    !hooks_find(h, DGM_HOOK_INVALIDATED, lo, last, NULL, 0))
		return;
	if (n < HOOK_RANGES) {
		h->dropped[n] = (struct hook_range){ lo, last };
		atomic_store(&h->n_range, n + 1);
		return;
	}
	struct hook_range *r = &h->dropped[HOOK_RANGES - 1];
	r->lo = lo < r->lo ? lo : r->lo;
	r->last = last > r->last ? last : r->last;
}

/* ---- adding and removing ---- */

static bool is_data(uint32_t kind)
{
	return kind == DGM_HOOK_READ || kind == DGM_HOOK_WRITE;
}

static _Atomic uint32_t *count_of(struct vm_hooks *h, uint32_t kind)
{
	if (is_data(kind))
		return &h->n_data;
	if (kind == DGM_HOOK_TRANSLATED)
		return &h->n_made;
	return kind == DGM_HOOK_INVALIDATED ? &h->n_dropped : &h->n_code;
}

/* A table of the data hooks with room for one more. */
static struct hook_table *copy_table(struct dgm_vm *vm)
{
	const struct hook_table *old = atomic_load(&vm->hooks.data);
	unsigned n = old ? old->n : 0;
	struct hook_table *t = base_alloc_zero(&vm->engine->alloc, sizeof *t + (n + 1) * sizeof t->hook[0]);

	for (unsigned i = 0; t && i < n; i++)
		if (!hook_is_gone(old->hook[i]))
			t->hook[t->n++] = old->hook[i];
	return t;
}

static void publish_table(struct dgm_vm *vm, struct hook_table *t)
{
	struct vm_hooks *h = &vm->hooks;
	struct hook_table *old = atomic_exchange(&h->data, t);

	if (old) {
		old->next_gone = h->gone_table;
		h->gone_table = old;
	}
}

static void drop_translations(struct dgm_vm *vm, uint64_t lo, uint64_t last)
{
	vm_invalidate_pc(vm, lo, last - lo == UINT64_MAX ? UINT64_MAX : last - lo + 1);
}

/* Behind a change: code that was made without the hook, or with it, is no longer good. Lock held. */
static void changed(struct dgm_vm *vm, const struct vm_hook *k, bool first_or_last)
{
	struct vm_hooks *h = &vm->hooks;

	atomic_fetch_add(&h->serial, 1);
	for (struct dgm_cpu *c = vm->cpus; c; c = c->next)
		atomic_store_explicit(&cpu_env_of(c)->changed.code, 1, memory_order_relaxed);
	if (is_data(k->kind)) {
		vm_watch_pages(vm, k->lo, k->last);
		if (vm_update_mode(vm))
			drop_translations(vm, 0, UINT64_MAX);
	} else if (k->kind == DGM_HOOK_EDGE && first_or_last) {
		drop_translations(vm, 0, UINT64_MAX);	/* with one, all blocks note where they are */
	} else if (k->kind <= DGM_HOOK_EDGE) {
		drop_translations(vm, k->lo, k->last);
	}
}

static enum dgm_status reserve_slot(struct dgm_vm *vm)
{
	struct vm_hooks *h = &vm->hooks;
	void *slot;

	if (h->free_slot)
		return DGM_OK;
	slot = room(&vm->engine->alloc, h->slot, h->n_slot, &h->cap_slot, sizeof *h->slot);
	if (!slot)
		return DGM_E_NOMEM;
	h->slot = slot;
	h->slot[h->n_slot] = (struct hook_slot){ .generation = 1 };
	h->free_slot = ++h->n_slot;
	return DGM_OK;
}

static void take_slot(struct vm_hooks *h, struct vm_hook *k)
{
	uint32_t at = h->free_slot;
	struct hook_slot *s = &h->slot[at - 1];

	h->free_slot = s->next_free;
	s->hook = k;
	k->id = (uint64_t)s->generation << 32 | at;
	k->order = ++h->order;
}

/* The slot of a living hook, or NULL. */
static struct hook_slot *find_slot(const struct vm_hooks *h, dgm_id id)
{
	uint32_t at = (uint32_t)id;

	if (!at || at > h->n_slot || !h->slot[at - 1].hook || h->slot[at - 1].hook->id != id)
		return NULL;
	return &h->slot[at - 1];
}

/* Lock held. */
static enum dgm_status add(struct dgm_vm *vm, struct vm_hook *k)
{
	struct vm_hooks *h = &vm->hooks;
	struct hook_table *table = NULL;

	if (reserve_slot(vm) || set_reserve(&vm->engine->alloc, &h->set[k->kind]))
		return DGM_E_NOMEM;
	if (is_data(k->kind) && !(table = copy_table(vm)))
		return DGM_E_NOMEM;
	take_slot(h, k);
	set_add(&h->set[k->kind], k);
	if (table) {
		table->hook[table->n++] = k;
		publish_table(vm, table);
	}
	atomic_fetch_add(count_of(h, k->kind), 1);
	changed(vm, k, set_size(&h->set[k->kind]) == 1);
	return DGM_OK;
}

static enum dgm_status check(const dgm_hook_cfg *c)
{
	if (c->kind < DGM_HOOK_BLOCK || c->kind > DGM_HOOK_INVALIDATED)
		return engine_fail(DGM_E_ARG, "dgm_hook_add: no kind %u", c->kind);
	if (!c->counter == !c->fn)
		return engine_fail(DGM_E_ARG, "dgm_hook_add: needs either a counter or a function");
	if ((uintptr_t)c->counter & 7)
		return engine_fail(DGM_E_ARG, "dgm_hook_add: the counter is not aligned to 8 bytes");
	if ((c->lo || c->hi) && c->lo >= c->hi)
		return engine_fail(DGM_E_ARG, "dgm_hook_add: the range is empty");
	if (c->flags & ~(uint32_t)DGM_HOOK_ATOMIC)
		return engine_fail(DGM_E_ARG, "dgm_hook_add: unknown flags 0x%x", c->flags);
	if (c->kind != DGM_HOOK_INSN && (c->insn_mask || c->insn_bits))
		return engine_fail(DGM_E_ARG, "dgm_hook_add: a mask is for DGM_HOOK_INSN");
	return DGM_OK;
}

/* Page bytes of data hooks are memory's. */
static void begin(struct dgm_vm *vm, bool data)
{
	if (data)
		vm_lock_memory(vm);
	else
		pthread_mutex_lock(&vm->lock);
}

static void end(struct dgm_vm *vm, bool data)
{
	if (data)
		vm_unlock_memory(vm);
	else
		pthread_mutex_unlock(&vm->lock);
}

dgm_status dgm_hook_add(dgm_vm *vm, const dgm_hook_cfg *cfg, dgm_id *id)
{
	dgm_hook_cfg c = { 0 };

	if (!vm || !cfg || cfg->size < offsetof(dgm_hook_cfg, counter))
		return engine_fail(DGM_E_ARG, "dgm_hook_add: a pointer is NULL or the size is not set");
	memcpy(&c, cfg, cfg->size < sizeof c ? cfg->size : sizeof c);
	enum dgm_status st = check(&c);
	if (st)
		return st;
	struct vm_hook *k = base_alloc_zero(&vm->engine->alloc, sizeof *k);
	if (!k)
		return engine_fail(DGM_E_NOMEM, "out of memory for a hook");
	*k = (struct vm_hook){
		.lo = c.lo, .last = c.hi - 1, .kind = c.kind, .flags = c.flags, .insn_mask = c.insn_mask,
		.insn_bits = c.insn_bits, .counter = c.counter, .call = { (env_fn *)c.fn, c.ud },
	};
	begin(vm, is_data(c.kind));
	st = add(vm, k);
	if (!st && id)
		*id = k->id;
	end(vm, is_data(c.kind));
	if (st) {
		base_free(&vm->engine->alloc, k);
		return engine_fail(st, "out of memory for a hook");
	}
	return DGM_OK;
}

static void del(struct dgm_vm *vm, struct hook_slot *slot)
{
	struct vm_hooks *h = &vm->hooks;
	struct vm_hook *k = slot->hook;

	atomic_store(&k->call.fn, hook_none);
	set_remove(&h->set[k->kind], k);
	atomic_fetch_sub(count_of(h, k->kind), 1);
	changed(vm, k, !set_size(&h->set[k->kind]));
	slot->hook = NULL;
	slot->generation++;
	slot->next_free = h->free_slot;
	h->free_slot = (uint32_t)k->id;
	k->next_gone = h->gone;
	h->gone = k;
}

/* Whether the hook, if there is one, is of READ or WRITE. */
static bool is_data_id(struct dgm_vm *vm, dgm_id id)
{
	pthread_mutex_lock(&vm->lock);
	const struct hook_slot *slot = find_slot(&vm->hooks, id);
	bool data = slot && is_data(slot->hook->kind);
	pthread_mutex_unlock(&vm->lock);
	return data;
}

dgm_status dgm_hook_del(dgm_vm *vm, dgm_id id)
{
	struct dgm_cpu *self = cpu_current();

	if (!vm)
		return engine_fail(DGM_E_ARG, "dgm_hook_del: no VM");
	self = self && self->vm == vm ? self : NULL;
	bool data = is_data_id(vm, id);
	begin(vm, data);
	struct hook_slot *slot = find_slot(&vm->hooks, id);
	if (slot)
		del(vm, slot);
	end(vm, data);
	if (!slot)
		return engine_fail(DGM_E_NOENT, "no hook 0x%llx", (unsigned long long)id);
	if (self && atomic_load(&self->in_code))
		return DGM_OK;
	pthread_mutex_lock(&vm->lock);
	vm_park(vm, self);
	hooks_reap(vm);
	vm_unpark(vm);
	pthread_mutex_unlock(&vm->lock);
	return DGM_OK;
}
