/*
 * Snapshots as streams of bytes. All numbers are little-endian; nothing depends on the host, or on where a
 * state has its slots:
 *
 *   8 bytes magic, u32 version
 *   u32 architecture, u8 length and model's name
 *   u32 slots, for each: u8 bytes, u8 length and name
 *   u32 vCPUs, for each: u64 instructions, u64 ticks the clock has jumped, u32 kicks, u32 interrupt lines,
 *   u32 floating-point flags, u32 address space, u32 privilege, u8 waits for an interrupt, slots' values
 *   u32 regions of RAM, for each: u64 first page, u64 pages, u32 protection; in order
 *   u32 pieces, for each: u64 address, u64 length, u32 protection, u8 kind (0 memory, 1 device, 2 alias) and then
 *   its bytes, nothing, or u64 target; in order
 *   for each page that is not zero, in order: u64 its number, 4096 bytes; then u64 of all ones
 *   u64 length and bytes of the machine's state
 *   u64 FNV-1a of all the above
 *
 * Reading trusts nothing: what it allocates, bytes have come for.
 */
#include <string.h>

#include "dragoman/mmu.h"
#include "base/hash.h"
#include "engine/alias.h"
#include "engine/snap.h"

enum { VERSION = 1, CHUNK = 1 << 16 };

static const uint8_t magic[8] = { 0x89, 'D', 'G', 'M', 'S', 'N', 'P', '\n' };

/* One direction or the other; sticky. */
struct stream {
	dgm_stream *to;
	uint64_t hash;
	enum dgm_status st;
};

static void move(struct stream *x, void *buf, size_t n, enum dgm_status failure)
{
	if (x->st || !n)
		return;
	if (x->to->io(x->to->ud, buf, n)) {
		x->st = failure;
		return;
	}
	x->hash = base_hash(x->hash, buf, n);
}

static void put(struct stream *x, const void *buf, size_t n)
{
	move(x, (void *)(uintptr_t)buf, n, DGM_E_OS);
}

static void put_int(struct stream *x, uint64_t v, unsigned bytes)
{
	uint8_t b[8];

	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> 8 * i);
	put(x, b, bytes);
}

static void put_text(struct stream *x, const char *s)
{
	put_int(x, strlen(s), 1);
	put(x, s, strlen(s));
}

static void get(struct stream *x, void *buf, size_t n)
{
	move(x, buf, n, DGM_E_FORMAT);
	if (x->st)
		memset(buf, 0, n);
}

static uint64_t get_int(struct stream *x, unsigned bytes)
{
	uint8_t b[8] = { 0 };
	uint64_t v = 0;

	get(x, b, bytes);
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)b[i] << 8 * i;
	return v;
}

static void require(struct stream *x, bool ok, enum dgm_status st)
{
	if (!x->st && !ok)
		x->st = st;
}

static void expect_text(struct stream *x, const char *s, enum dgm_status st)
{
	char buf[256];
	size_t n = get_int(x, 1);

	get(x, buf, n);
	require(x, n == strlen(s) && !memcmp(buf, s, n), st);
}

/* ---- vCPUs ---- */

static unsigned slot_bytes(const struct ir_slot *s)
{
	return (ir_type_info[s->type].bits + 7u) / 8;
}

static uint64_t host_int(const uint8_t *at, unsigned bytes)
{
	uint64_t wide;
	uint32_t word;
	uint16_t half;

	switch (bytes) {
	case 1: return *at;
	case 2: return memcpy(&half, at, sizeof half), half;
	case 4: return memcpy(&word, at, sizeof word), word;
	default: return memcpy(&wide, at, sizeof wide), wide;
	}
}

static void set_host_int(uint8_t *at, unsigned bytes, uint64_t wide)
{
	uint32_t word = (uint32_t)wide;
	uint16_t half = (uint16_t)wide;

	switch (bytes) {
	case 1: *at = (uint8_t)wide; break;
	case 2: memcpy(at, &half, sizeof half); break;
	case 4: memcpy(at, &word, sizeof word); break;
	default: memcpy(at, &wide, sizeof wide); break;
	}
}

/* Vectors are two numbers, the low half first. */
static void put_slot(struct stream *x, const uint8_t *state, const struct ir_slot *s)
{
	unsigned n = slot_bytes(s), each = n < 8 ? n : 8;

	for (unsigned i = 0; i < n; i += each)
		put_int(x, host_int(state + s->offset + i, each), each);
}

static void get_slot(struct stream *x, uint8_t *state, const struct ir_slot *s)
{
	unsigned n = slot_bytes(s), each = n < 8 ? n : 8;

	for (unsigned i = 0; i < n; i += each) {
		uint64_t v = get_int(x, each);

		require(x, s->type != IR_I1 || v <= 1, DGM_E_FORMAT);
		set_host_int(state + s->offset + i, each, v);
	}
}

static void put_cpus(struct stream *x, const struct dgm_snap *s)
{
	const struct ir_slots *slots = s->vm->fe->slots;

	put_int(x, slots->n, 4);
	for (unsigned i = 0; i < slots->n; i++) {
		put_int(x, slot_bytes(&slots->slot[i]), 1);
		put_text(x, slots->slot[i].name);
	}
	put_int(x, s->n_cpu, 4);
	for (unsigned c = 0; c < s->n_cpu; c++) {
		put_int(x, s->cpu[c].insns, 8);
		put_int(x, s->cpu[c].clock_skew, 8);
		put_int(x, s->cpu[c].kicks, 4);
		put_int(x, s->cpu[c].irqs, 4);
		put_int(x, s->cpu[c].fp_flags, 4);
		put_int(x, s->cpu[c].asid, 4);
		put_int(x, s->cpu[c].priv, 4);
		put_int(x, s->cpu[c].waiting, 1);
		for (unsigned i = 0; i < slots->n; i++)
			put_slot(x, s->state + c * (size_t)slots->state_size, &slots->slot[i]);
	}
}

/* Room for one more element; sticky. The array grows with what has come. */
static void *grow(struct stream *x, const struct dgm_snap *s, void *array, uint64_t n, size_t size)
{
	void *p = array;

	if (n & (n - 1) || x->st)	/* full at each power of two */
		return array;
	p = base_realloc(snap_alloc(s), array, (n ? n * 2 : 1) * size);
	require(x, p, DGM_E_NOMEM);
	return p ? p : array;
}

static void get_cpu(struct stream *x, struct dgm_snap *s, const uint8_t *reset)
{
	const struct frontend *fe = s->vm->fe;
	unsigned i = s->n_cpu;

	s->cpu = grow(x, s, s->cpu, i, sizeof *s->cpu);
	s->state = grow(x, s, s->state, i, fe->slots->state_size);
	if (x->st)
		return;
	uint8_t *state = s->state + i * (size_t)fe->slots->state_size;
	memcpy(state, reset, fe->slots->state_size);
	s->cpu[i].insns = get_int(x, 8);
	s->cpu[i].clock_skew = get_int(x, 8);
	s->cpu[i].kicks = (uint32_t)get_int(x, 4);
	s->cpu[i].irqs = (uint32_t)get_int(x, 4);
	s->cpu[i].fp_flags = (uint32_t)get_int(x, 4);
	s->cpu[i].asid = (uint32_t)get_int(x, 4);
	s->cpu[i].priv = (uint32_t)get_int(x, 4);
	s->cpu[i].waiting = get_int(x, 1) != 0;
	require(x, s->cpu[i].asid != DGM_ASID_ALL, DGM_E_FORMAT);
	for (unsigned k = 0; k < fe->slots->n; k++)
		get_slot(x, state, &fe->slots->slot[k]);
	require(x, !fe->state_ok || fe->state_ok(state), DGM_E_FORMAT);
	s->n_cpu++;
}

static void get_cpus(struct stream *x, struct dgm_snap *s)
{
	const struct frontend *fe = s->vm->fe;
	uint8_t *reset = base_alloc_aligned(snap_alloc(s), (fe->slots->state_size + 63u) & ~63u, 64);

	require(x, reset, DGM_E_NOMEM);
	if (reset) {
		memset(reset, 0, fe->slots->state_size);
		fe->reset(reset, s->vm->model[0] ? s->vm->model : NULL);
	}
	require(x, get_int(x, 4) == fe->slots->n, DGM_E_FORMAT);
	for (unsigned i = 0; i < fe->slots->n && !x->st; i++) {
		require(x, get_int(x, 1) == slot_bytes(&fe->slots->slot[i]), DGM_E_FORMAT);
		expect_text(x, fe->slots->slot[i].name, DGM_E_FORMAT);
	}
	uint32_t n = (uint32_t)get_int(x, 4);
	for (uint32_t i = 0; i < n && !x->st; i++)
		get_cpu(x, s, reset);
	base_free(snap_alloc(s), reset);
}

/* ---- mappings ---- */

static void put_map(struct stream *x, const struct dgm_snap *s)
{
	const struct snap_map *m = s->map;

	put_int(x, m->n_region, 4);
	for (unsigned i = 0; i < m->n_region; i++) {
		put_int(x, m->region[i].page, 8);
		put_int(x, m->region[i].n, 8);
		put_int(x, m->region[i].prot, 4);
	}
	put_int(x, m->n_piece, 4);
	for (unsigned i = 0; i < m->n_piece; i++) {
		const struct snap_piece *p = &m->piece[i];

		put_int(x, p->pa, 8);
		put_int(x, p->len, 8);
		put_int(x, p->prot, 4);
		put_int(x, p->io ? 1 : p->alias ? 2 : 0, 1);
		if (p->alias)
			put_int(x, p->target, 8);
		else if (!p->io)
			put(x, s->piece[i], p->len);
	}
}

static void get_regions(struct stream *x, struct dgm_snap *s)
{
	uint32_t n = (uint32_t)get_int(x, 4);
	uint64_t end = 0, limit = s->vm->pages.n;

	for (uint32_t i = 0; i < n && !x->st; i++) {
		s->map->region = grow(x, s, s->map->region, i, sizeof *s->map->region);
		struct snap_region r = { get_int(x, 8), get_int(x, 8), (uint32_t)get_int(x, 4) };
		require(x, r.page >= end && r.page < limit && r.n && r.n <= limit - r.page && r.prot <= 7,
			DGM_E_FORMAT);
		if (x->st)
			return;
		s->map->region[s->map->n_region++] = r;
		end = r.page + r.n;
	}
}

static bool meets_region(const struct snap_map *m, uint64_t first, uint64_t last)
{
	for (unsigned i = 0; i < m->n_region; i++)
		if (m->region[i].page <= last && first < m->region[i].page + m->region[i].n)
			return true;
	return false;
}

/* Bytes that are said to follow: memory for them is asked for as they come. */
static uint8_t *get_bytes(struct stream *x, const struct dgm_snap *s, uint64_t n)
{
	uint8_t *buf = NULL;
	uint64_t have = 0, room = 0;

	while (have < n && !x->st) {
		uint64_t run = n - have < CHUNK ? n - have : CHUNK;

		if (have + run > room) {
			room = have + run > 2 * room ? have + run : 2 * room < n ? 2 * room : n;
			uint8_t *p = base_realloc(snap_alloc(s), buf, room);

			require(x, p, DGM_E_NOMEM);
			buf = p ? p : buf;
		}
		if (!x->st)
			get(x, buf + have, run);
		have += run;
	}
	return buf;
}

/* As dgm_map_alias would make it; the pieces in front of it, n of them, have been read. */
static bool is_alias(const struct dgm_snap *s, const struct snap_piece *p, uint32_t n)
{
	bool good = p->prot == (DGM_R | DGM_W | DGM_X) && alias_possible(s->vm, p->pa, p->len, p->target);

	for (uint32_t i = 0; good && i < n; i++) {
		const struct snap_piece *q = &s->map->piece[i];

		good = !q->alias || !alias_leads_on(q->pa, q->len, q->target, p->pa, p->len, p->target);
	}
	return good;
}

static void get_pieces(struct stream *x, struct dgm_snap *s)
{
	uint32_t n = (uint32_t)get_int(x, 4);
	uint64_t end = 0, limit = s->vm->pages.n << PAGE_SHIFT;

	for (uint32_t i = 0; i < n && !x->st; i++) {
		s->map->piece = grow(x, s, s->map->piece, i, sizeof *s->map->piece);
		s->piece = grow(x, s, s->piece, i, sizeof *s->piece);
		struct snap_piece p = { .pa = get_int(x, 8), .len = get_int(x, 8), .prot = (uint32_t)get_int(x, 4) };
		uint64_t kind = get_int(x, 1);
		require(x, p.pa >= end && p.pa < limit && p.len && p.len <= limit - p.pa && p.prot <= 7 && kind <= 2,
			DGM_E_FORMAT);
		require(x, !meets_region(s->map, p.pa >> PAGE_SHIFT, (p.pa + p.len - 1) >> PAGE_SHIFT), DGM_E_FORMAT);
		if (x->st)
			return;
		p.io = kind == 1;
		p.alias = kind == 2;
		p.target = p.alias ? get_int(x, 8) : 0;
		require(x, !p.alias || is_alias(s, &p, i), DGM_E_FORMAT);
		s->map->piece[i] = p;
		s->piece[i] = kind ? NULL : get_bytes(x, s, p.len);
		s->map->n_piece++;
		end = p.pa + p.len;
	}
}

/* ---- pages ---- */

static void put_pages(struct stream *x, struct dgm_snap *s, uint8_t *buf)
{
	for (unsigned i = 0; i < s->map->n_region && !x->st; i++)
		for (uint64_t k = 0; k < s->map->region[i].n && !x->st; k++) {
			uint64_t page = s->map->region[i].page + k;

			require(x, snap_read(s, page, buf), DGM_E_OS);
			if (!memcmp(buf, snap_zero, PAGE_BYTES))
				continue;
			put_int(x, page, 8);
			put(x, buf, PAGE_BYTES);
		}
	put_int(x, UINT64_MAX, 8);
}

/* The record a page's bytes go to. */
static struct snap_page *new_page(struct stream *x, struct dgm_snap *s, uint64_t page)
{
	struct snap_page *p = snap_find(&s->table, page);

	if (p)
		return p;
	struct snap_leaf *l = snap_leaf_new(snap_alloc(s), page >> SNAP_LEAF_SHIFT);
	require(x, l && !snap_table_room(snap_alloc(s), &s->table, s->table.n + 1), DGM_E_NOMEM);
	if (!x->st)
		snap_table_insert(&s->table, l);
	if (l)
		snap_leaf_drop(snap_alloc(s), l);
	return x->st ? NULL : snap_find(&s->table, page);
}

static void get_pages(struct stream *x, struct dgm_snap *s)
{
	for (uint64_t last = 0, page; !x->st; last = page) {
		page = get_int(x, 8);
		if (x->st || page == UINT64_MAX)
			return;
		require(x, snap_region_at(s->map, page) && (page > last || !s->table.n), DGM_E_FORMAT);
		struct snap_page *p = x->st ? NULL : new_page(x, s, page);
		if (!p)
			return;
		p->bytes = base_alloc(snap_alloc(s), PAGE_BYTES);
		require(x, p->bytes, DGM_E_NOMEM);
		if (p->bytes)
			get(x, p->bytes, PAGE_BYTES);
	}
}

static void get_machine(struct stream *x, struct dgm_snap *s)
{
	uint64_t n = get_int(x, 8);

	s->machine = get_bytes(x, s, n);
	s->n_machine = s->cap_machine = x->st ? 0 : n;
}

/* ---- whole snapshots ---- */

enum dgm_status snap_save(struct dgm_snap *s, dgm_stream *out)
{
	struct stream x = { out, BASE_HASH_START, DGM_OK };
	uint8_t *buf = base_alloc(snap_alloc(s), PAGE_BYTES);

	if (!buf)
		return engine_fail(DGM_E_NOMEM, "out of memory for a page");
	put(&x, magic, sizeof magic);
	put_int(&x, VERSION, 4);
	put_int(&x, s->vm->fe->arch, 4);
	put_text(&x, s->vm->model);
	put_cpus(&x, s);
	put_map(&x, s);
	put_pages(&x, s, buf);
	put_int(&x, s->n_machine, 8);
	put(&x, s->machine, s->n_machine);
	put_int(&x, x.hash, 8);
	base_free(snap_alloc(s), buf);
	return x.st ? engine_fail(x.st, "dgm_snap_save: the stream takes no more") : DGM_OK;
}

static void get_header(struct stream *x, const struct dgm_vm *vm)
{
	uint8_t head[sizeof magic];

	get(x, head, sizeof head);
	require(x, !memcmp(head, magic, sizeof head), DGM_E_FORMAT);
	require(x, get_int(x, 4) == VERSION, DGM_E_FORMAT);
	require(x, get_int(x, 4) == vm->fe->arch, DGM_E_ARCH);
	expect_text(x, vm->model, DGM_E_ARCH);
}

enum dgm_status snap_load(struct dgm_vm *vm, dgm_stream *in, struct dgm_snap **out)
{
	struct stream x = { in, BASE_HASH_START, DGM_OK };
	struct dgm_snap *s = snap_new(vm, 0);

	if (s)
		s->map = base_alloc_zero(snap_alloc(s), sizeof *s->map);
	if (!s || !s->map) {
		if (s)
			snap_free(s);
		return engine_fail(DGM_E_NOMEM, "out of memory for a snapshot");
	}
	s->map->refs = 1;
	s->zero = true;
	get_header(&x, vm);
	get_cpus(&x, s);
	get_regions(&x, s);
	get_pieces(&x, s);
	get_pages(&x, s);
	get_machine(&x, s);
	uint64_t hash = x.hash;
	require(&x, get_int(&x, 8) == hash, DGM_E_FORMAT);
	if (x.st) {
		snap_free(s);
		return engine_fail(x.st, "dgm_snap_load: not a complete snapshot of such a VM");
	}
	*out = s;
	return DGM_OK;
}
