/*
 * Hooks when the n-th allocation fails, for each n: an error is DGM_E_NOMEM, hooks that are there stay and those that
 * were refused are not, and nothing is left behind.
 */
#include "../snapshot/rig.h"

static uint64_t count[DGM_HOOK_INVALIDATED + 1], calls;

static dgm_act call(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	calls++;
	return DGM_CONT;
}

static dgm_status add(struct rig *r, unsigned kind, uint64_t lo, uint64_t *counter, dgm_id *id)
{
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);

	c.kind = kind;
	c.lo = lo;
	c.hi = lo ? lo + 4 : 0;
	c.counter = counter;
	c.fn = counter ? NULL : call;
	return dgm_hook_add(r->vm, &c, id);
}

static dgm_status step(struct rig *r, dgm_id *id, unsigned *n, unsigned round)
{
	unsigned kind = 1 + round % DGM_HOOK_INVALIDATED;
	bool data = kind == DGM_HOOK_READ || kind == DGM_HOOK_WRITE;
	dgm_status st = add(r, kind, round % 2 ? data ? DATA : CODE + 4 * (round % 5) : 0,
			    round % 3 ? &count[kind] : NULL, &id[*n]);

	if (st)
		return st;
	++*n;
	return rig_store(r->cpu, r->g, DATA, 2, round);
}

/* True when no allocation failed. */
static bool attempt(const struct guest *g, const struct tier *t, uint64_t fail_at)
{
	enum { ROUNDS = 24 };
	dgm_id id[ROUNDS];
	unsigned n = 0, failures = 0;
	struct rig r;

	if (!rig_make(&r, g, t, 0, NULL, NULL, fail_at))
		return false;
	for (unsigned i = 0; i < ROUNDS; i++) {
		dgm_status st = step(&r, id, &n, i);

		REQUIRE(st == DGM_OK || (st == DGM_E_NOMEM && !failures++));
	}
	uint64_t before = calls;
	REQUIRE(!rig_store(r.cpu, g, DATA, 2, 7) && rig_word(r.vm, g, DATA) == 7 && calls > before);
	for (unsigned i = 0; i < n; i++)	/* taking away needs no memory */
		REQUIRE(!dgm_hook_del(r.vm, id[i]));
	before = calls;
	REQUIRE(!rig_store(r.cpu, g, DATA, 2, 9) && rig_word(r.vm, g, DATA) == 9 && calls == before);
	bool through = !failures && r.heap.requests < fail_at;
	rig_free(&r);
	return through;
}

int main(void)
{
	static const unsigned of[] = { 0, 1, 3 };	/* tiers; LLVM's takes too long */
	static char what[80];

	for (unsigned g = 0; g < GUESTS; g++)
		for (unsigned k = 0; k < 3; k++) {
			uint64_t n = 1, each = g ? 7 : 1;
			const struct tier *t = &tiers[of[k]];

			do
				at_what = (snprintf(what, sizeof what, "%s, %s, allocation %" PRIu64, guests[g].name, t->name, n), what);
			while (!attempt(&guests[g], t, (n += each) - each));
			printf("%s, %s: %" PRIu64 " allocations failed, one at a time\n", guests[g].name, t->name,
			       (n - 1) / each - 1);
			REQUIRE(n > 50);
		}
	return 0;
}
