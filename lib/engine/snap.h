/*
 * Snapshots inside: versions of pages, the tables that name them, and which pages of a VM differ from
 * the version its table names. For lib/engine, and lib/api's fork; knows no guest.
 *
 * A page of RAM is closed or dirty. A closed one holds what the record in the book's table says, and
 * its byte in vm->pages lacks DGM_W: the first write comes by a service, which gives the record a copy of
 * the bytes if it has none yet and a snapshot could want it, and makes the page dirty. Records without
 * bytes stand for what is in the VM's memory. So does a leaf that is not in the table; making one
 * puts it into all of the book's tables, since nothing of it was ever written.
 *
 * Locks: mem_lock of the VM, then the book's. The book's lock guards records, tables and the list of
 * snapshots; forks read the memory of their parent's closed pages under it.
 */
#ifndef ENGINE_SNAP_H
#define ENGINE_SNAP_H

#include "engine/engine.h"

enum { SNAP_LEAF_SHIFT = 7, SNAP_LEAF = 1 << SNAP_LEAF_SHIFT };

/* Bits of a page's byte in vm->mark. */
enum {
	MARK_DIRTY = 1,		/* may differ from its record */
	MARK_ABSENT = 2,	/* of a fork: still to be copied from the origin at the first access */
	MARK_VIEW = 4,		/* the host has a pointer to write by: always dirty */
	MARK_SHARED = 8,	/* mapped MAP_SHARED: others write to it */
	MARK_CODE = 16,		/* dirty, and translated from bytes that are not the record's */
};

/* One version of a page. */
struct snap_page {
	uint32_t refs;		/* leaves */
	uint8_t *bytes;		/* PAGE_BYTES, snap_zero, or NULL: as in the VM's memory */
};
extern const uint8_t snap_zero[PAGE_BYTES];

struct snap_leaf {
	uint32_t refs;		/* tables */
	uint64_t index;		/* of its first page, in leaves */
	struct snap_page *page[SNAP_LEAF];
};

struct snap_table {
	struct snap_leaf **leaf;	/* sorted by index */
	unsigned n, cap;
};

/* What is mapped: RAM in the space itself, then pieces. */
struct snap_region {
	uint64_t page, n;
	uint32_t prot;
};

struct snap_piece {
	uint64_t pa, len;
	uint32_t prot;
	bool io, alias;
	uint64_t target;	/* of an alias */
};

struct snap_map {
	uint32_t refs;		/* guarded by the book's lock, once it is in a book */
	uint64_t id;		/* vm->map_id when the VM had it */
	struct snap_region *region;
	unsigned n_region;
	struct snap_piece *piece;
	unsigned n_piece;
};

struct snap_cpu {
	uint64_t insns, clock_skew;
	uint32_t kicks, irqs, fp_flags, asid, priv;
	bool waiting;
};

struct dgm_snap {
	struct snap_book *book;		/* NULL: loaded and not restored yet */
	struct dgm_vm *vm;		/* it was made for; not to be looked at when it belongs to a fork */
	struct dgm_engine *engine;	/* a reference */
	struct dgm_snap *next;		/* of the book */
	bool origin;			/* the library's, for a fork */
	bool zero;			/* pages without a record are zero, not as in the VM's memory */
	struct snap_table table;
	struct snap_map *map;
	uint8_t **piece;		/* by piece of the map: its bytes, NULL for a device */
	unsigned n_cpu;
	struct snap_cpu *cpu;
	uint8_t *state;			/* n_cpu times state_size */
	uint8_t *machine;		/* what ops->save wrote */
	size_t n_machine, cap_machine;
};

/* What a VM knows of its snapshots. */
struct snap_book {
	pthread_mutex_t lock;
	uint32_t refs;			/* the VM, and snapshots */
	const struct base_alloc *alloc;
	struct dgm_engine *engine;	/* a reference: origins outlive their VM */
	struct dgm_vm *vm;		/* NULL when it is gone */
	struct dgm_snap *snaps;
	struct snap_table table;	/* of the VM itself */
	struct snap_map *map;		/* of the last snapshot taken or restored, or NULL */
	uint64_t *dirty;		/* pages that became dirty by a write since then, and those with a view */
	size_t n_dirty, cap_dirty;
};

/* ---- snap_table.c ---- */
struct snap_page *snap_page_new(const struct base_alloc *a);
void snap_page_drop(const struct base_alloc *a, struct snap_page *p);
/* A leaf of fresh records. NULL: out of memory. */
struct snap_leaf *snap_leaf_new(const struct base_alloc *a, uint64_t index);
void snap_leaf_drop(const struct base_alloc *a, struct snap_leaf *l);
/* The page's record, or NULL. */
struct snap_page *snap_find(const struct snap_table *t, uint64_t page);
/* Room for so many leaves in all. */
enum dgm_status snap_table_room(const struct base_alloc *a, struct snap_table *t, unsigned n) BASE_CHECK;
/* Enters a leaf that is not there, with a reference of its own; room must be there. */
void snap_table_insert(struct snap_table *t, struct snap_leaf *l);
/* The leaf of a page in a form that only this table has; NULL: none, or out of memory. */
struct snap_leaf *snap_leaf_own(const struct base_alloc *a, struct snap_table *t, uint64_t page);
/* to, which has room, becomes equal to from; what it had is dropped. */
void snap_table_copy(const struct base_alloc *a, struct snap_table *to, const struct snap_table *from);
void snap_table_finish(const struct base_alloc *a, struct snap_table *t);

/* ---- snap_map.c ---- */
/* What is mapped now. mem_lock held. NULL: out of memory. */
struct snap_map *snap_map_of(struct dgm_vm *vm);
void snap_map_drop(const struct base_alloc *a, struct snap_map *m);
/*
 * Makes mappings and protections those of the map; contents are whatever, or with `all` (nothing of
 * the VM's RAM is of use) zero. Both locks held.
 */
enum dgm_status snap_map_restore(struct dgm_vm *vm, const struct snap_map *m, bool all) BASE_CHECK;
/* The part of it that a fork can have: what is mapped already stays. */
enum dgm_status snap_map_fork(struct dgm_vm *vm, const struct snap_map *m) BASE_CHECK;
/* The region that holds the page, or NULL. */
const struct snap_region *snap_region_at(const struct snap_map *m, uint64_t page);
/* The VM's piece it was noted from, or NULL. */
const struct vm_piece *snap_live_piece(const struct dgm_vm *vm, const struct snap_piece *p);

/* ---- snap_content.c ---- */
/* A page as it is in the snapshot, whose book's lock is taken. False: it is not to be had (unmapped). */
bool snap_read(struct dgm_snap *s, uint64_t page, uint8_t *out);
/* Gives the record of a closed page bytes, so that memory may change; the book's lock held. */
enum dgm_status snap_keep(struct dgm_vm *vm, uint64_t page) BASE_CHECK;
/* Makes the dirty pages closed, with records of their own; both locks of the VM held, and the book's. */
enum dgm_status snap_commit(struct dgm_vm *vm) BASE_CHECK;
void snap_close(struct dgm_vm *vm);
/* Makes memory that of the snapshot, which is mapped already; locks as before. */
enum dgm_status snap_write_back(struct dgm_vm *vm, struct dgm_snap *s) BASE_CHECK;
/* Before the VM goes: snapshots of its forks get all they need of it. mem_lock held. */
enum dgm_status snap_detach(struct dgm_vm *vm) BASE_CHECK;

/* ---- snapshot.c ---- */
/* Begins to track what is written. */
enum dgm_status snap_begin(struct dgm_vm *vm) BASE_CHECK;
void snap_finish(struct dgm_vm *vm);
enum dgm_status snap_take(struct dgm_vm *vm, bool origin, struct dgm_snap **out) BASE_CHECK;
enum dgm_status snap_restore(struct dgm_vm *vm, struct dgm_snap *s) BASE_CHECK;
void snap_free(struct dgm_snap *s);
/* An empty one. NULL: out of memory. */
struct dgm_snap *snap_new(struct dgm_vm *vm, unsigned n_cpu);
enum dgm_status snap_machine_load(struct dgm_vm *vm, const struct dgm_snap *s) BASE_CHECK;
void snap_pieces_restore(struct dgm_vm *vm, const struct dgm_snap *s);
void snap_cpus_restore(struct dgm_vm *vm, const struct dgm_snap *s);
const struct base_alloc *snap_alloc(const struct dgm_snap *s);


/* ---- snap_stream.c ---- */
enum dgm_status snap_save(struct dgm_snap *s, dgm_stream *out) BASE_CHECK;
enum dgm_status snap_load(struct dgm_vm *vm, dgm_stream *in, struct dgm_snap **out) BASE_CHECK;

#endif
