/* Snapshots: taking, restoring, freeing; see snap.h for what holds between them. */
#include <string.h>

#include "dragoman/mmu.h"
#include "engine/snap.h"
#include "engine/track.h"

/* ---- the book ---- */

static void drop_book(struct snap_book *b)
{
	struct dgm_engine *e = b->engine;

	base_free(b->alloc, b->dirty);
	snap_table_finish(b->alloc, &b->table);
	snap_map_drop(b->alloc, b->map);
	pthread_mutex_destroy(&b->lock);
	base_free(b->alloc, b);
	dgm_engine_unref(e);
}

/* Gives a reference up; the lock is held, and is not afterwards. */
static void leave_book(struct snap_book *b)
{
	bool last = !--b->refs;

	pthread_mutex_unlock(&b->lock);
	if (last)
		drop_book(b);
}

/* All pages closed but those the host can write to. */
static void close_all(struct dgm_vm *vm, const struct snap_map *map)
{
	for (unsigned i = 0; i < map->n_region; i++)
		for (uint64_t p = map->region[i].page; p < map->region[i].page + map->region[i].n; p++) {
			if (vm->mark.flat[p] & MARK_VIEW)
				vm->mark.flat[p] |= MARK_DIRTY;
			track_set_byte(vm, p);
		}
}

/* Code looks at the bytes of pages before it accesses from here on. */
static void check_accesses(struct dgm_vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->wants_checked = true;
	if (vm_update_mode(vm))
		vm_flush(vm, NULL);
	pthread_mutex_unlock(&vm->lock);
}

enum dgm_status snap_begin(struct dgm_vm *vm)
{
	const struct base_alloc *a = &vm->engine->alloc;
	struct snap_map *map = NULL;
	struct snap_book *b;
	enum dgm_status st;

	if (vm->book)
		return DGM_OK;
	b = base_alloc_zero(a, sizeof *b);
	if (!b)
		return engine_fail(DGM_E_NOMEM, "out of memory for snapshots");
	*b = (struct snap_book){ .refs = 1, .alloc = a, .engine = vm->engine, .vm = vm };
	atomic_fetch_add(&vm->engine->refs, 1);
	pthread_mutex_init(&b->lock, NULL);
	check_accesses(vm);
	vm_lock_memory(vm);
	st = track_marks(vm);
	if (!st)
		map = snap_map_of(vm);
	if (map) {
		vm->book = b;
		close_all(vm, map);
	}
	vm_unlock_memory(vm);
	snap_map_drop(a, map);
	if (map)
		return DGM_OK;
	drop_book(b);
	return st ? st : engine_fail(DGM_E_NOMEM, "out of memory for snapshots");
}

void snap_finish(struct dgm_vm *vm)
{
	if (vm->book) {
		pthread_mutex_lock(&vm->book->lock);
		leave_book(vm->book);
	}
	if (vm->origin)
		snap_free(vm->origin);
	vm->book = NULL;
	vm->origin = NULL;
}

/* Finds the dirty pages again after mappings have changed. mem_lock held. */
static enum dgm_status relist(struct dgm_vm *vm, const struct snap_map *map)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = DGM_OK;

	b->n_dirty = 0;
	for (unsigned i = 0; i < map->n_region && !st; i++)
		for (uint64_t p = map->region[i].page; p < map->region[i].page + map->region[i].n && !st; p++)
			if (vm->mark.flat[p] & MARK_DIRTY)
				st = track_note_dirty(b, p);
	return st ? engine_fail(st, "out of memory for dirty pages") : DGM_OK;
}

static bool has_shared(const struct dgm_vm *vm, const struct snap_map *map)
{
	for (unsigned i = 0; i < map->n_region; i++)
		for (uint64_t p = map->region[i].page; p < map->region[i].page + map->region[i].n; p++)
			if (vm->mark.flat[p] & MARK_SHARED)
				return true;
	return false;
}

static void adopt_map(struct snap_book *b, struct snap_map *map)
{
	map->refs++;
	snap_map_drop(b->alloc, b->map);
	b->map = map;
}

/* ---- life of a snapshot ---- */

const struct base_alloc *snap_alloc(const struct dgm_snap *s)
{
	return &s->engine->alloc;
}

static unsigned count_cpus(const struct dgm_vm *vm)
{
	unsigned n = 0;

	for (const struct dgm_cpu *c = vm->cpus; c; c = c->next)
		n++;
	return n;
}

struct dgm_snap *snap_new(struct dgm_vm *vm, unsigned n_cpu)
{
	const struct base_alloc *a = &vm->engine->alloc;
	struct dgm_snap *s = base_alloc_zero(a, sizeof *s);

	if (!s)
		return NULL;
	s->vm = vm;
	s->engine = vm->engine;
	atomic_fetch_add(&s->engine->refs, 1);
	s->n_cpu = n_cpu;
	s->cpu = base_alloc_zero(a, (n_cpu + 1) * sizeof *s->cpu);
	s->state = base_alloc_zero(a, n_cpu * (size_t)vm->fe->slots->state_size + 1);
	if (s->cpu && s->state)
		return s;
	snap_free(s);
	return NULL;
}

static void unlink_snap(struct dgm_snap *s)
{
	struct snap_book *b = s->book;

	for (struct dgm_snap **p = &b->snaps; *p; p = &(*p)->next)
		if (*p == s) {
			*p = s->next;
			break;
		}
	/* Without snapshots nothing has to be kept: all is as in the VM's memory. */
	if (!b->snaps)
		snap_table_finish(b->alloc, &b->table);
}

void snap_free(struct dgm_snap *s)
{
	const struct base_alloc *a = snap_alloc(s);
	struct dgm_engine *e = s->engine;
	struct snap_book *b = s->book;

	for (unsigned i = 0; s->piece && i < s->map->n_piece; i++)
		base_free(a, s->piece[i]);
	base_free(a, s->piece);
	if (b) {
		pthread_mutex_lock(&b->lock);
		unlink_snap(s);
	}
	snap_table_finish(a, &s->table);
	snap_map_drop(a, s->map);
	if (b)
		leave_book(b);
	base_free(a, s->cpu);
	base_free(a, s->state);
	base_free(a, s->machine);
	base_free(a, s);
	dgm_engine_unref(e);
}

/* ---- the machine ---- */

/* Appends to what ops->save wrote. */
static bool append(struct dgm_snap *s, const void *bytes, size_t n)
{
	if (n > s->cap_machine - s->n_machine) {
		size_t cap = s->cap_machine ? s->cap_machine * 2 : 256;

		while (cap < s->n_machine + n)
			cap *= 2;
		uint8_t *p = base_realloc(snap_alloc(s), s->machine, cap);
		if (!p)
			return false;
		s->machine = p;
		s->cap_machine = cap;
	}
	if (n)
		memcpy(s->machine + s->n_machine, bytes, n);
	s->n_machine += n;
	return true;
}

static int put_machine(void *ud, void *buf, size_t n)
{
	struct dgm_snap *s = ud;

	return n > SIZE_MAX / 4 - s->n_machine || !append(s, buf, n);
}

struct reader {
	const uint8_t *at;
	size_t left;
};

static int get_machine(void *ud, void *buf, size_t n)
{
	struct reader *r = ud;

	if (n > r->left)
		return -1;
	if (n)
		memcpy(buf, r->at, n);
	r->at += n;
	r->left -= n;
	return 0;
}

enum dgm_status snap_machine_load(struct dgm_vm *vm, const struct dgm_snap *s)
{
	struct reader r = { s->machine, s->n_machine };
	dgm_stream in = { &r, get_machine };

	return vm->ops.load ? vm->ops.load(vm->ud, &in) : DGM_OK;
}

static enum dgm_status machine_save(struct dgm_vm *vm, struct dgm_snap *s)
{
	dgm_stream out = { s, put_machine };

	return vm->ops.save ? vm->ops.save(vm->ud, &out) : DGM_OK;
}

/* ---- vCPUs and pieces ---- */

static void save_cpus(struct dgm_vm *vm, struct dgm_snap *s)
{
	size_t size = vm->fe->slots->state_size;
	unsigned i = 0;

	for (struct dgm_cpu *c = vm->cpus; c; c = c->next, i++) {
		s->cpu[i] = (struct snap_cpu){
			.insns = c->insns_before,
			.clock_skew = c->clock_skew,
			.kicks = atomic_load(&c->kicks),
			.irqs = atomic_load(&c->irqs),
			.waiting = c->waiting,
			.asid = c->mmu ? c->mmu->asid : 0,
			.priv = c->mmu ? c->mmu->priv : 0,
			.fp_flags = cpu_env_of(c)->fp_flags,
		};
		memcpy(s->state + i * size, c->state, size);
	}
}

void snap_cpus_restore(struct dgm_vm *vm, const struct dgm_snap *s)
{
	size_t size = vm->fe->slots->state_size;
	unsigned i = 0;

	for (struct dgm_cpu *c = vm->cpus; c; c = c->next, i++) {
		struct cpu_env *env = cpu_env_of(c);

		memcpy(c->state, s->state + i * size, size);
		env->fp_flags = s->cpu[i].fp_flags;
		env->mode = vm->fe->mode(c->state);
		env->link = NULL;
		c->insns_before = s->cpu[i].insns;
		c->clock_skew = s->cpu[i].clock_skew;
		c->waiting = s->cpu[i].waiting;
		if (c->mmu)
			mmu_set_space(c, s->cpu[i].asid, s->cpu[i].priv);
		c->inside.answer.pending = c->inside.answer.leave = c->skip.pending = false;
		c->inside.resume.on = false;
		atomic_store(&c->kicks, s->cpu[i].kicks);
		atomic_store(&c->irqs, s->cpu[i].irqs);
		if (s->cpu[i].kicks || s->cpu[i].irqs || s->cpu[i].waiting)
			atomic_store(&env->pending, 1);
	}
}

static enum dgm_status save_pieces(struct dgm_vm *vm, struct dgm_snap *s)
{
	const struct base_alloc *a = snap_alloc(s);

	if (!s->map->n_piece)
		return DGM_OK;
	s->piece = base_alloc_zero(a, s->map->n_piece * sizeof *s->piece);
	for (unsigned i = 0; s->piece && i < s->map->n_piece; i++) {
		const struct vm_piece *p = snap_live_piece(vm, &s->map->piece[i]);

		if (!p || !p->host)
			continue;
		s->piece[i] = base_alloc(a, p->len);
		if (!s->piece[i])
			return DGM_E_NOMEM;
		memcpy(s->piece[i], p->host, p->len);
	}
	return s->piece ? DGM_OK : DGM_E_NOMEM;
}

void snap_pieces_restore(struct dgm_vm *vm, const struct dgm_snap *s)
{
	for (unsigned i = 0; i < s->map->n_piece; i++) {
		const struct vm_piece *p = snap_live_piece(vm, &s->map->piece[i]);

		if (!p || !p->host || !s->piece[i] || !memcmp(p->host, s->piece[i], p->len))
			continue;
		vm_invalidate(vm, p->pa, p->len);
		memcpy(p->host, s->piece[i], p->len);
	}
}

/* ---- taking ---- */

/* What a fork could not read while this VM's threads change protections. */
static enum dgm_status keep_unreadable(struct dgm_vm *vm, const struct snap_map *map)
{
	enum dgm_status st = DGM_OK;

	for (unsigned i = 0; i < map->n_region; i++)
		for (uint64_t k = 0; !map->region[i].prot && k < map->region[i].n && !st; k++)
			st = snap_keep(vm, map->region[i].page + k);
	return st;
}

static enum dgm_status set_map(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;

	if (b->map && b->map->id == vm->map_id) {
		s->map = b->map;
		s->map->refs++;
		return DGM_OK;
	}
	s->map = snap_map_of(vm);
	if (!s->map)
		return engine_fail(DGM_E_NOMEM, "out of memory for a snapshot");
	if (has_shared(vm, s->map))
		return engine_fail(DGM_E_UNSUP, "memory mapped MAP_SHARED cannot be put back");
	return relist(vm, s->map);
}

/* All locks held. */
static enum dgm_status fill(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = set_map(vm, s);

	if (st)
		return st;
	st = save_pieces(vm, s);
	if (!st)
		st = snap_commit(vm);
	if (!st && s->origin)
		st = keep_unreadable(vm, s->map);
	if (!st)
		st = snap_table_room(b->alloc, &s->table, b->table.n);
	if (st)
		return engine_fail(st, "out of memory for a snapshot");
	snap_table_copy(b->alloc, &s->table, &b->table);
	save_cpus(vm, s);
	s->book = b;
	b->refs++;
	s->next = b->snaps;
	b->snaps = s;
	adopt_map(b, s->map);
	snap_close(vm);
	return DGM_OK;
}

static enum dgm_status check_quiet(struct dgm_vm *vm, const char *what)
{
	bool busy = false;

	pthread_mutex_lock(&vm->lock);
	for (const struct dgm_cpu *c = vm->cpus; c; c = c->next)
		busy |= c->depth > 0;
	pthread_mutex_unlock(&vm->lock);
	if (busy)
		return engine_fail(DGM_E_BUSY, "%s: a vCPU is running", what);
	return DGM_OK;
}

enum dgm_status snap_take(struct dgm_vm *vm, bool origin, struct dgm_snap **out)
{
	enum dgm_status st = check_quiet(vm, "snapshot");

	if (st)
		return st;
	if (vm_identity(vm))
		return engine_fail(DGM_E_UNSUP, "no snapshots of a VM in the host's address space");
	st = snap_begin(vm);
	if (st)
		return st;
	struct dgm_snap *s = snap_new(vm, count_cpus(vm));
	if (!s)
		return engine_fail(DGM_E_NOMEM, "out of memory for a snapshot");
	s->origin = origin;
	st = machine_save(vm, s);
	if (!st) {
		vm_lock_memory(vm);
		pthread_mutex_lock(&vm->book->lock);
		st = fill(vm, s);
		pthread_mutex_unlock(&vm->book->lock);
		vm_unlock_memory(vm);
	}
	if (st) {
		snap_free(s);
		return st;
	}
	*out = s;
	return DGM_OK;
}

/* ---- restoring ---- */

/* Becomes one like those that were taken. The book's lock held. */
static void attach(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;

	s->map->id = vm->map_id;
	s->zero = false;
	s->book = b;
	b->refs++;
	s->next = b->snaps;
	b->snaps = s;
}

/* Both locks held. */
static enum dgm_status restore(struct dgm_vm *vm, struct dgm_snap *s)
{
	struct snap_book *b = vm->book;
	enum dgm_status st = DGM_OK;

	if (!s->book || s->map->id != vm->map_id || !b->map || b->map->id != vm->map_id) {
		vm->map_id = ++vm->map_ids;
		st = snap_map_restore(vm, s->map, !s->book);
		if (!st)
			st = relist(vm, s->map);
	}
	if (st)
		return st;
	pthread_mutex_lock(&b->lock);
	st = snap_write_back(vm, s);
	if (!st) {
		if (!s->book)
			attach(vm, s);
		adopt_map(b, s->map);
		vm->map_id = s->map->id;
	}
	pthread_mutex_unlock(&b->lock);
	if (st)
		return st;
	snap_pieces_restore(vm, s);
	snap_cpus_restore(vm, s);
	return DGM_OK;
}

enum dgm_status snap_restore(struct dgm_vm *vm, struct dgm_snap *s)
{
	enum dgm_status st = check_quiet(vm, "dgm_snap_restore");

	if (!st && count_cpus(vm) != s->n_cpu)
		st = engine_fail(DGM_E_ARG, "dgm_snap_restore: the snapshot has %u vCPUs, the VM %u", s->n_cpu,
				 count_cpus(vm));
	if (!st)
		st = snap_begin(vm);
	if (st)
		return st;
	vm_lock_memory(vm);
	st = restore(vm, s);
	vm_unlock_memory(vm);
	if (!st && vm->mmu)	/* the guest's page tables are others */
		mmu_flush(vm, NULL, 0, 0, DGM_ASID_ALL);
	return st ? st : snap_machine_load(vm, s);
}
