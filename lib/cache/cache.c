/* Units by pc and by page, and the links between them. */
#include <stddef.h>
#include <string.h>

#include "cache/cache.h"

enum { BUCKETS = 1 << 14, PAGES = 1 << 12, PAGE_SHIFT = 12 };
enum { STUB_JUMP = 6 };		/* bytes of a stub's first instruction */

struct cache_page {
	uint64_t page;
	struct cache_unit *unit;
	struct cache_page *next;
};

static unsigned hash(uint64_t v, unsigned n)
{
	return (unsigned)(v * 0x9e3779b97f4a7c15u >> 40) & (n - 1);
}

enum dgm_status cache_init(struct cache *c, const struct base_alloc *alloc, uint64_t budget, int32_t link_offset,
			   const void *near)
{
	*c = (struct cache){ .alloc = alloc, .n_bucket = BUCKETS, .link_offset = link_offset };
	base_arena_init(&c->arena, alloc);
	c->bucket = base_alloc_zero(alloc, BUCKETS * sizeof *c->bucket);
	c->page = base_alloc_zero(alloc, PAGES * sizeof *c->page);
	if (!c->bucket || !c->page)
		goto fail;
	if (budget && codemem_init(&c->mem, budget, CACHE_KEPT, near) == DGM_OK) {
		size_t granules = c->mem.code_size >> PAGE_SHIFT;

		c->directory = base_alloc_zero(alloc, granules * sizeof *c->directory);
		if (!c->directory)
			goto fail;
		c->has_code = true;
	}
	return DGM_OK;
fail:
	cache_finish(c);
	return DGM_E_NOMEM;
}

void cache_finish(struct cache *c)
{
	if (c->mem.rx)
		codemem_finish(&c->mem);
	base_arena_finish(&c->arena);
	base_free(c->alloc, c->bucket);
	base_free(c->alloc, c->page);
	base_free(c->alloc, c->directory);
	*c = (struct cache){ 0 };
}

struct cache_unit *cache_find(const struct cache *c, uint64_t key)
{
	for (struct cache_unit *u = c->bucket[hash(key, c->n_bucket)]; u; u = u->next)
		if (u->key == key)
			return u;
	return NULL;
}

static void remove_from_map(struct cache *c, struct cache_unit *unit)
{
	struct cache_unit **p = &c->bucket[hash(unit->key, c->n_bucket)];

	while (*p && *p != unit)
		p = &(*p)->next;
	if (*p)
		*p = unit->next;
}

/*
 * Makes the jumps of an exit go straight to `to` instead of through the stub. Other threads may be
 * executing them: only a displacement inside one aligned word, which they see whole, is changed;
 * the others keep the way through the stub, which leads to the same place.
 */
static void aim(struct cache *c, const struct env_link *link, uint64_t to)
{
	const struct cache_unit *u = link->from;
	uint32_t exit = (uint32_t)(link - u->link);

	for (unsigned i = 0; i < u->n_site; i++) {
		uint64_t field = (uint64_t)(uintptr_t)u->code + u->site[i].offset;
		int32_t rel = (int32_t)(to - (field + 4));

		if (u->site[i].exit != exit || (field & 7) > 4)
			continue;
		if ((uint64_t)(int64_t)rel != to - (field + 4))
			continue;
		uint8_t *rw = c->mem.rw + (field - (uint64_t)(uintptr_t)c->mem.rx);
		if (!(field & 3))
			__atomic_store_n((int32_t *)(void *)rw, rel, __ATOMIC_RELEASE);
		else
			memcpy(rw, &rel, sizeof rel);	/* one unaligned store, inside the word */
	}
}

static void cut(struct cache *c, struct env_link *link)
{
	aim(c, link, (uint64_t)(uintptr_t)link->unlinked - STUB_JUMP);
	atomic_store_explicit(&link->target, link->unlinked, memory_order_release);
	link->to = NULL;
	link->next = NULL;
	c->count.links_broken++;
}

void cache_unlink_incoming(struct cache *c, struct cache_unit *unit)
{
	for (struct env_link *l = unit->incoming, *next; l; l = next) {
		next = l->next;
		cut(c, l);
	}
	unit->incoming = NULL;
}

void cache_link(struct cache *c, struct env_link *link, struct cache_unit *to)
{
	if (link->to || link->from->dead || to->dead)
		return;
	link->to = to;
	link->next = to->incoming;
	to->incoming = link;
	atomic_store_explicit(&link->target, to->entry, memory_order_release);
	aim(c, link, (uint64_t)(uintptr_t)to->entry);
	c->count.links_made++;
}

/* Takes the unit's own exits out of the lists of the units they go to. */
static void unlink_outgoing(struct cache *c, struct cache_unit *unit)
{
	for (unsigned i = 0; i < unit->n_link; i++) {
		struct env_link *l = &unit->link[i];

		if (!l->to)
			continue;
		struct env_link **p = &l->to->incoming;
		while (*p && *p != l)
			p = &(*p)->next;
		if (*p)
			*p = l->next;
		cut(c, l);
	}
}

static void kill_unit(struct cache *c, struct cache_unit *unit)
{
	if (unit->dead)
		return;
	remove_from_map(c, unit);
	cache_unlink_incoming(c, unit);
	unlink_outgoing(c, unit);
	unit->dead = true;
	c->n_unit--;
}

/* Notes the unit with every page of its ranges. */
static enum dgm_status enter_pages(struct cache *c, struct cache_unit *unit)
{
	for (unsigned i = 0; i < unit->n_range; i++) {
		const struct cache_range *r = &unit->range[i];
		uint64_t last = (r->pc + (r->bytes ? r->bytes - 1 : 0)) >> PAGE_SHIFT;

		for (uint64_t page = r->pc >> PAGE_SHIFT; page <= last; page++) {
			struct cache_page **head = &c->page[hash(page, PAGES)];

			if (*head && (*head)->unit == unit && (*head)->page == page)
				continue;
			struct cache_page *p = base_arena_alloc(&c->arena, sizeof *p);
			if (!p)
				return DGM_E_NOMEM;
			*p = (struct cache_page){ page, unit, *head };
			*head = p;
		}
	}
	return DGM_OK;
}

/* Puts the unit into map and page lists; an older unit of the key gives its incoming links. */
static enum dgm_status enter_unit(struct cache *c, struct cache_unit *unit)
{
	struct cache_unit *old = cache_find(c, unit->key);
	struct cache_unit **head = &c->bucket[hash(unit->key, c->n_bucket)];

	if (enter_pages(c, unit))
		return DGM_E_NOMEM;
	if (old) {
		struct env_link *l = old->incoming, *next;

		remove_from_map(c, old);
		old->incoming = NULL;
		for (; l; l = next) {
			next = l->next;
			cut(c, l);
			if (unit->entry)
				cache_link(c, l, unit);
		}
		unlink_outgoing(c, old);
		old->dead = true;
		c->n_unit--;
	}
	unit->next = *head;
	*head = unit;
	c->n_unit++;
	return DGM_OK;
}

static struct cache_unit *new_unit(struct cache *c, enum cache_tier tier, uint64_t key, uint64_t pc,
				   const struct cache_range *range, unsigned n_range)
{
	struct cache_unit *u = base_arena_alloc(&c->arena, sizeof *u);
	struct cache_range *r = base_arena_copy(&c->arena, range, n_range * sizeof *range);

	if (!u || !r)
		return NULL;
	*u = (struct cache_unit){ .key = key, .pc = pc, .tier = tier, .range = r, .n_range = n_range };
	return u;
}

enum dgm_status cache_add_ir(struct cache *c, uint64_t key, uint64_t pc, void *ir, const struct cache_range *range,
			     unsigned n_range, struct cache_unit **out)
{
	struct cache_unit *u = new_unit(c, CACHE_INTERP, key, pc, range, n_range);

	if (!u)
		return DGM_E_NOMEM;
	u->ir = ir;
	*out = u;
	return enter_unit(c, u);
}

static void put32(uint8_t *p, int64_t v)
{
	int32_t x = (int32_t)v;

	memcpy(p, &x, 4);
}

/*
 * The stub of one exit:
 *	jmp	*target(%rip)
 *	lea	link(%rip), %rax	<- target points here at first
 *	mov	%rax, env_link(%r13)
 *	ret
 * An exit with a jump looks for its target first:
 *	movabs	$key, %rax		<- target points here
 *	cmp	%rax, entry(%r13)
 *	jne	1f
 *	jmp	*entry+8(%r13)
 * 1:	cmp	%rax, other(%r13)
 *	jne	2f
 *	jmp	*other+8(%r13)
 * 2:	lea	...
 */
static void write_stub(const struct cache *c, uint8_t *rw, uint64_t rx, struct env_link *link,
		       const struct cache_jump *jump)
{
	static const uint8_t form[21] = {
		0xff, 0x25, 0, 0, 0, 0, 0x48, 0x8d, 0x05, 0, 0, 0, 0, 0x49, 0x89, 0x85, 0, 0, 0, 0, 0xc3,
	};
	static const uint8_t look[42] = {
		0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
		0x49, 0x39, 0x85, 0, 0, 0, 0, 0x75, 0x07, 0x41, 0xff, 0xa5, 0, 0, 0, 0,
		0x49, 0x39, 0x85, 0, 0, 0, 0, 0x75, 0x07, 0x41, 0xff, 0xa5,
	};
	int64_t at = (int64_t)(uintptr_t)link - (int64_t)rx;
	unsigned more = 0;

	memcpy(rw, form, STUB_JUMP);
	put32(rw + 2, at + (int64_t)offsetof(struct env_link, target) - STUB_JUMP);
	if (jump && jump->entry) {
		more = sizeof look;
		memcpy(rw + STUB_JUMP, look, more);
		memcpy(rw + STUB_JUMP + 2, &jump->key, 8);
		put32(rw + STUB_JUMP + 13, jump->entry);
		put32(rw + STUB_JUMP + 22, jump->entry + 8);
		put32(rw + STUB_JUMP + 29, jump->other);
		put32(rw + STUB_JUMP + 38, jump->other + 8);
	}
	memcpy(rw + STUB_JUMP + more, form + STUB_JUMP, sizeof form - STUB_JUMP);
	put32(rw + 9 + more, at - 13 - more);
	put32(rw + 16 + more, c->link_offset);
	link->unlinked = (void *)(uintptr_t)(rx + STUB_JUMP);
	atomic_init(&link->target, link->unlinked);
}

enum { MANY_EXITS = 1024 };

enum dgm_status cache_add_code(struct cache *c, enum cache_tier tier, const struct cache_code *code,
			       struct cache_unit **out)
{
	uint64_t code_off, data_off, stub[MANY_EXITS];
	uint32_t stubs_at = (code->size + 7) & ~7u;
	uint32_t links_at = (code->data_size + 15) & ~15u;
	unsigned stub_bytes = code->jump ? CACHE_JUMP_STUB_BYTES : CACHE_STUB_BYTES;
	uint64_t size = stubs_at + (uint64_t)code->n_exit * stub_bytes;

	if (!c->has_code || code->n_exit > MANY_EXITS)
		return DGM_E_JIT;
	struct cache_unit *u = new_unit(c, tier, code->key, code->pc, code->range, code->n_range);
	struct cache_side *side = base_arena_copy(&c->arena, code->side, code->n_side * sizeof *side);
	struct cache_site *site = base_arena_copy(&c->arena, code->site, code->n_site * sizeof *site);
	if (!u || !side || !site)
		return DGM_E_NOMEM;
	enum dgm_status st = codemem_alloc(&c->mem, size, links_at + code->n_exit * sizeof(struct env_link),
					   &code_off, &data_off);
	if (st)
		return st;

	uint8_t *rw = c->mem.rw + code_off;
	uint64_t rx = (uint64_t)(uintptr_t)c->mem.rx + code_off;
	u->code = c->mem.rx + code_off;
	u->size = (uint32_t)size;
	u->entry = c->mem.rx + code_off + code->entry;
	u->data = c->mem.data + data_off;
	u->data_size = code->data_size;
	u->link = (struct env_link *)(u->data + links_at);
	u->n_link = code->n_exit;
	u->side = side;
	u->n_side = code->n_side;
	u->site = site;
	u->n_site = code->n_site;
	memcpy(rw, code->code, code->size);
	for (unsigned i = 0; i < code->n_exit; i++) {
		__atomic_store_n(&u->link[i].pc, code->exit_target[i], __ATOMIC_RELAXED);	/* see env_link */
		u->link[i].from = u;
		stub[i] = rx + stubs_at + i * stub_bytes;
		write_stub(c, rw + stubs_at + i * stub_bytes, stub[i], &u->link[i], code->jump ? &code->jump[i] : NULL);
	}
	code->relocate(code->ud, rw, rx, (uint64_t)(uintptr_t)u->data, stub);

	u->prev_code = c->last_code;
	c->last_code = u;
	for (uint64_t g = code_off >> PAGE_SHIFT; g <= (code_off + size - 1) >> PAGE_SHIFT; g++)
		atomic_store_explicit(&c->directory[g], u, memory_order_release);
	*out = u;
	return enter_unit(c, u);
}

enum dgm_status cache_add_entry(struct cache *c, struct cache_unit *unit, uint64_t key, uint64_t pc, uint32_t at,
				const struct cache_range *own, unsigned n_own, struct cache_unit **out)
{
	struct cache_range *all = base_arena_alloc(&c->arena, (n_own + unit->n_range) * sizeof *all);
	struct cache_unit *u = base_arena_alloc(&c->arena, sizeof *u);

	if (!all || !u)
		return DGM_E_NOMEM;
	memcpy(all, own, n_own * sizeof *all);
	memcpy(all + n_own, unit->range, unit->n_range * sizeof *all);
	*u = (struct cache_unit){ .key = key, .pc = pc, .tier = unit->tier, .stale = unit->stale,
				  .entry = (void *)(uintptr_t)(unit->code + at), .code = unit->code, .home = unit,
				  .range = all, .n_range = n_own + unit->n_range };
	*out = u;
	return enter_unit(c, u);
}

static bool overlaps(const struct cache_unit *u, uint64_t addr, uint64_t last)
{
	for (unsigned i = 0; i < u->n_range; i++) {
		const struct cache_range *r = &u->range[i];

		if (r->bytes && r->pc <= last && r->pc + (r->bytes - 1) >= addr)
			return true;
	}
	return false;
}

/* Drops the units of one page that overlap; forgets entries of dead units on the way. */
static unsigned invalidate_page(struct cache *c, uint64_t page, uint64_t addr, uint64_t last)
{
	unsigned n = 0;

	for (struct cache_page **p = &c->page[hash(page, PAGES)]; *p;) {
		struct cache_page *e = *p;

		if (e->page == page && !e->unit->dead && overlaps(e->unit, addr, last)) {
			kill_unit(c, e->unit);
			n++;
		}
		if (e->unit->dead)
			*p = e->next;
		else
			p = &e->next;
	}
	return n;
}

unsigned cache_invalidate(struct cache *c, uint64_t addr, uint64_t n)
{
	uint64_t last = addr + (n - 1);
	unsigned killed = 0;

	if (!n)
		return 0;
	if (last < addr)
		last = UINT64_MAX;
	if ((last >> PAGE_SHIFT) - (addr >> PAGE_SHIFT) >= PAGES) {
		for (unsigned i = 0; i < PAGES; i++)
			for (struct cache_page *e = c->page[i]; e; e = e->next)
				if (!e->unit->dead && overlaps(e->unit, addr, last)) {
					kill_unit(c, e->unit);
					killed++;
				}
	} else {
		for (uint64_t page = addr >> PAGE_SHIFT; page <= last >> PAGE_SHIFT; page++)
			killed += invalidate_page(c, page, addr, last);
	}
	c->count.invalidated += killed;
	return killed;
}

bool cache_has_unit(const struct cache *c, uint64_t addr, uint64_t n)
{
	uint64_t page = addr >> PAGE_SHIFT;

	for (struct cache_page *e = c->page[hash(page, PAGES)]; e; e = e->next)
		if (e->page == page && !e->unit->dead && overlaps(e->unit, addr, addr + (n - 1)))
			return true;
	return false;
}

bool cache_page_has_code(const struct cache *c, uint64_t addr)
{
	uint64_t page = addr >> PAGE_SHIFT;

	for (struct cache_page *e = c->page[hash(page, PAGES)]; e; e = e->next)
		if (e->page == page && !e->unit->dead)
			return true;
	return false;
}

void cache_flush(struct cache *c)
{
	memset(c->bucket, 0, c->n_bucket * sizeof *c->bucket);
	memset(c->page, 0, PAGES * sizeof *c->page);
	base_arena_reset(&c->arena);
	c->n_unit = 0;
	c->last_code = NULL;
	if (c->has_code) {
		memset(c->directory, 0, (c->mem.code_size >> PAGE_SHIFT) * sizeof *c->directory);
		codemem_reset(&c->mem);
	}
	c->count.flushes++;
}

struct cache_unit *cache_find_host(const struct cache *c, uint64_t host)
{
	uint64_t at = host - (uint64_t)(uintptr_t)c->mem.rx;

	if (!c->has_code || at >= c->mem.code_size)
		return NULL;
	struct cache_unit *u = atomic_load_explicit(&c->directory[at >> PAGE_SHIFT], memory_order_acquire);
	while (u && (uint64_t)(uintptr_t)u->code > host)
		u = u->prev_code;
	return u && host - (uint64_t)(uintptr_t)u->code < u->size ? u : NULL;
}

const struct cache_side *cache_guest_side(const struct cache_unit *u, uint64_t host)
{
	uint32_t at = (uint32_t)(host - (uint64_t)(uintptr_t)u->code);
	unsigned lo = 0, hi = u->n_side;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (u->side[mid].offset <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &u->side[lo - 1] : NULL;
}
