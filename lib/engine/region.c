/* Growing regions; see region.h. */
#include <string.h>

#include "engine/region.h"

enum { GUESSES_A_BLOCK = 8, WARM_PART = 16, ENTRY_PART = 8, SMALL_BYTES = 160, BIG_BYTES = 640, MAX_PARTS = 3 };

void region_init(struct region *r, const struct unit_at *at, uint32_t mode, uint32_t entry_count)
{
	r->n = r->insns = r->n_candidate = r->n_guess = r->n_entry = r->n_ladder = 0;
	r->entry_count = entry_count;
	r->mode = mode;
	r->at = *at;
}

static bool is_inside(const struct region *r, uint64_t pc)
{
	return ir_find_unit(r->block, r->n, pc) < r->n;
}

static struct cache_unit *home_of(struct cache_unit *u)
{
	return u->home ? u->home : u;
}

/*
 * Whether the block is entered in a region that is not to be compiled once more as part of this one: it is big, or not
 * small and inside some others already.
 */
static bool is_settled(const struct region *r, struct cache_unit *u)
{
	const struct cache_unit *home = home_of(u);
	uint64_t bytes = 0;

	if (u->tier != CACHE_LLVM)
		return false;
	for (unsigned i = 0; i < home->n_range; i++)
		bytes += home->range[i].skipped ? 0 : home->range[i].bytes;
	return bytes > BIG_BYTES || (bytes > SMALL_BYTES && home->parts >= MAX_PARTS && home->part_of != r->at.key);
}

/* Notes a block the region might grow into, if it is worth having. */
static void consider(const struct dgm_vm *vm, struct region *r, uint64_t pc)
{
	struct cache_unit *u = cache_find(&vm->cache, region_key(vm, &r->at, pc, r->mode));

	if (!u || u->more || unit_executions(u) < r->entry_count / WARM_PART || vm_is_stop(vm, pc) || is_inside(r, pc) ||
	    r->n_candidate == REGION_CANDIDATES || is_settled(r, u))
		return;
	for (unsigned i = 0; i < r->n_candidate; i++)
		if (r->candidate[i].pc == pc)
			return;
	r->candidate[r->n_candidate].pc = pc;
	r->candidate[r->n_candidate++].count = unit_executions(u);
}

unsigned region_targets(const struct dgm_vm *vm, const struct region *r, uint64_t pc, uint64_t target[CODE_PROFILE_N])
{
	/* from the profile its baseline unit keeps */
	const struct cache_unit *u = cache_find(&vm->cache, region_key(vm, &r->at, pc, r->mode));
	uint32_t need = CODE_PROFILE_AT + CODE_PROFILE_N * CODE_PROFILE_STRIDE;
	unsigned n = 0;

	if (!u || u->data_size < need)
		return 0;
	for (unsigned i = 0; i < CODE_PROFILE_N; i++) {
		memcpy(&target[n], u->data + CODE_PROFILE_AT + i * CODE_PROFILE_STRIDE, sizeof target[n]);
		n += target[n] != 0;
	}
	return n;
}

static uint64_t return_pc(const struct ir_unit *u, const struct ir_inst *in)
{
	return u->pc + (uint64_t)(int64_t)in->imm;
}

static bool is_call(const struct ir_inst *in)
{
	return (in->op == IR_OP_exit || in->op == IR_OP_exit_ind) && in->aux == IR_EXIT_CALL && in->imm;
}

/* All that the block leads to; where a call comes back to counts as well. */
static void consider_successors(const struct dgm_vm *vm, struct region *r, unsigned block)
{
	const struct ir_unit *u = r->block[block];

	for (unsigned k = 0; k < u->n; k++) {
		const struct ir_inst *in = &u->inst[k];

		if (ir_is_direct_exit(in))
			consider(vm, r, ir_const_bits(u, ir_exit_target(in)));
		if (is_call(in))
			consider(vm, r, return_pc(u, in));
	}
}

/* Where the indirect exit of the block went. */
static void consider_targets(const struct dgm_vm *vm, struct region *r, unsigned block)
{
	uint64_t *target = r->indirect[block];
	unsigned n = region_targets(vm, r, r->block[block]->pc, target);

	for (unsigned i = 0; i < n; i++)
		consider(vm, r, target[i]);
}

bool region_hottest(struct region *r, uint64_t *pc)
{
	unsigned best = 0;

	if (!r->n_candidate)
		return false;
	for (unsigned i = 1; i < r->n_candidate; i++)
		if (r->candidate[i].count > r->candidate[best].count)
			best = i;
	*pc = r->candidate[best].pc;
	r->candidate[best] = r->candidate[--r->n_candidate];
	return true;
}

static void guess(struct region *r, unsigned from, uint64_t to_pc)
{
	unsigned to = ir_find_unit(r->block, r->n, to_pc), n = 0;

	if (to == r->n || r->n_guess == REGION_GUESSES)
		return;
	for (unsigned i = 0; i < r->n_guess; i++) {
		n += r->guess[i].from == from;
		if (r->guess[i].from == from && r->guess[i].to == to)
			return;
	}
	if (n < GUESSES_A_BLOCK)
		r->guess[r->n_guess++] = (struct backend_guess){ from, to };
}

/* Returns may lead behind the calls of the region, other indirect exits where they went before. */
static void make_guesses(struct region *r)
{
	for (unsigned i = 0; i < r->n; i++) {
		const struct ir_unit *u = r->block[i];
		const struct ir_inst *end = &u->inst[u->n - 1];

		if (end->op != IR_OP_exit_ind)
			continue;
		for (unsigned k = 0; end->aux != IR_EXIT_RETURN && k < CODE_PROFILE_N; k++)
			if (r->indirect[i][k])
				guess(r, i, r->indirect[i][k]);
		for (unsigned k = 0; end->aux == IR_EXIT_RETURN && k < r->n; k++) {
			const struct ir_unit *from = r->block[k];

			if (is_call(&from->inst[from->n - 1]))
				guess(r, i, return_pc(from, &from->inst[from->n - 1]));
		}
	}
}

static void add(const struct dgm_vm *vm, struct region *r, const struct ir_unit *u)
{
	struct cache_unit *unit = cache_find(&vm->cache, region_key(vm, &r->at, u->pc, r->mode));

	memset(r->indirect[r->n], 0, sizeof r->indirect[r->n]);
	r->count[r->n] = unit ? unit_executions(unit) : 0;
	r->block[r->n++] = u;
	r->insns += u->n_insns;
	if (unit && unit->tier == CACHE_LLVM && home_of(unit)->part_of != r->at.key) {
		home_of(unit)->part_of = r->at.key;
		home_of(unit)->parts++;
	}
	consider_successors(vm, r, r->n - 1);
}

void region_add(const struct dgm_vm *vm, struct region *r, const struct ir_unit *u)
{
	add(vm, r, u);
	consider_targets(vm, r, r->n - 1);
}

void region_add_skipping(const struct dgm_vm *vm, struct region *r, const struct ir_unit *u,
			 const struct opt_ladder *ladder)
{
	uint64_t last = ladder->last;
	unsigned i = 0;

	add(vm, r, u);
	if (r->n_ladder < REGION_LADDERS)
		r->ladder[r->n_ladder++] = *ladder;
	/* as often as the block, though until now the ladder was mostly entered further above */
	while (i < r->n_candidate && r->candidate[i].pc != last)
		i++;
	if (is_inside(r, last) || i == REGION_CANDIDATES)
		return;
	r->candidate[i].pc = last;
	r->candidate[i].count = r->count[r->n - 1];
	r->n_candidate += i == r->n_candidate;
}

/* ---- entries ---- */

static const struct cache_unit *unit_of(const struct dgm_vm *vm, const struct region *r, unsigned i)
{
	return cache_find(&vm->cache, region_key(vm, &r->at, r->block[i]->pc, r->mode));
}

_Static_assert(REGION_BLOCKS <= 64, "sets of blocks are numbers of 64 bits");

/* Blocks of the region that block i leads to. */
static uint64_t successors(const struct region *r, unsigned i)
{
	const struct ir_unit *u = r->block[i];
	uint64_t set = 0;

	for (unsigned k = 0; k < u->n; k++) {
		const struct ir_inst *in = &u->inst[k];
		unsigned to;

		if (!ir_is_direct_exit(in))
			continue;
		to = ir_find_unit(r->block, r->n, ir_const_bits(u, ir_exit_target(in)));
		if (to < r->n)
			set |= 1ull << to;
	}
	for (unsigned k = 0; k < r->n_guess; k++)
		if (r->guess[k].from == i)
			set |= 1ull << r->guess[k].to;
	return set;
}

/* Adds what can be reached from block i. */
static uint64_t reach(const uint64_t *to, uint64_t reached, unsigned i)
{
	uint64_t fresh = 1ull << i & ~reached;

	while (fresh) {
		unsigned k = (unsigned)__builtin_ctzll(fresh);

		reached |= 1ull << k;
		fresh = (fresh | to[k]) & ~reached;
	}
	return reached;
}

/*
 * Whether much of what executed the block came from outside: more than its neighbours inside can account for, or from a
 * unit that is executed often and linked to it.
 */
static bool comes_from_outside(const struct dgm_vm *vm, const struct region *r, const uint64_t *to, unsigned i)
{
	const struct cache_unit *unit = unit_of(vm, r, i);
	uint64_t count = unit_executions(unit), inside = 0;

	for (unsigned k = 0; k < r->n; k++) {
		const struct cache_unit *from = to[k] >> i & 1 ? unit_of(vm, r, k) : NULL;

		inside += from ? unit_executions(from) : 0;
	}
	if (inside < count - count / ENTRY_PART)
		return true;
	for (const struct env_link *l = unit->incoming; l; l = l->next)
		if (l->from->tier == CACHE_BASELINE && !is_inside(r, l->from->pc) &&
		    unit_executions(l->from) > count / ENTRY_PART)
			return true;
	return false;
}

/*
 * Blocks with a unit that the region's can stand for. What nothing in the region leads to, as where calls come back
 * whose functions are not part of it, would not be compiled at all.
 */
static void find_entries(const struct dgm_vm *vm, struct region *r)
{
	uint64_t to[REGION_BLOCKS], reached, may = 0;

	for (unsigned i = 0; i < r->n; i++) {
		const struct cache_unit *unit = unit_of(vm, r, i);

		to[i] = successors(r, i);
		if (i && unit && unit->tier == CACHE_BASELINE)
			may |= 1ull << i;
	}
	reached = reach(to, 0, 0);
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 1; i < r->n && r->n_entry < REGION_ENTRIES; i++) {
			if (!(may >> i & 1) || (pass ? reached >> i & 1 : !comes_from_outside(vm, r, to, i)))
				continue;
			may &= ~(1ull << i);
			r->entry[r->n_entry++] = i;
			reached = reach(to, reached, i);
		}
}

void region_finish(const struct dgm_vm *vm, struct region *r)
{
	make_guesses(r);
	find_entries(vm, r);
}
