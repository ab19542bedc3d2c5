/*
 * Snapshots, forks and streams when the n-th allocation fails, for each n: an error is DGM_E_NOMEM, what was
 * there before still is, and nothing is left behind. Guests differ in little of it: all but the first do each fifth.
 */
#include "rig.h"

enum { SPAN = DATA + DATA_PAGES * PAGE };

#define TRY(x) \
	do { \
		st = (x); \
		REQUIRE(st == DGM_OK || st == DGM_E_NOMEM); \
		if (st) \
			goto out; \
	} while (0)

static void free_fork(struct heap *h, dgm_vm *vm)
{
	dgm_cpu *cpu;

	while (vm && (cpu = dgm_vm_cpu(vm, 0)))
		REQUIRE(!dgm_cpu_free(cpu));
	(void)h;
	REQUIRE(!dgm_vm_free(vm));
}

/* True when no allocation failed. */
static bool attempt(const struct guest *g, uint64_t fail_at)
{
	dgm_snap *one = NULL, *two = NULL, *loaded = NULL;
	struct tape t = { 0 };
	dgm_stream io = tape_writer(&t);
	dgm_vm *fork = NULL;
	dgm_status st;
	uint64_t hash = 0;
	struct rig r;

	if (!rig_make(&r, g, &tiers[1], 0, NULL, NULL, fail_at))
		return false;
	TRY(rig_store(r.cpu, g, DATA, 3, 5));
	TRY(dgm_snap_take(r.vm, &one));
	hash = rig_hash(r.vm, SPAN);
	TRY(rig_store(r.cpu, g, DATA, 5, 6));
	TRY(dgm_snap_take(r.vm, &two));
	TRY(dgm_protect(r.vm, DATA, PAGE, 0));
	TRY(dgm_unmap(r.vm, DATA + PAGE, PAGE + 100));
	TRY(dgm_snap_restore(r.vm, one));
	REQUIRE(rig_hash(r.vm, SPAN) == hash);
	TRY(dgm_vm_fork(r.vm, NULL, NULL, &fork));
	TRY(rig_store(dgm_vm_cpu(fork, 0), g, DATA, 2, 8));
	TRY(dgm_snap_save(two, &io));
	io = tape_reader(&t);
	TRY(dgm_snap_load(r.vm, &io, &loaded));
	TRY(dgm_snap_restore(r.vm, loaded));
	TRY(dgm_snap_restore(r.vm, one));
out:
	if (one) {	/* one failure only: now it must work */
		REQUIRE(!dgm_snap_restore(r.vm, one));
		REQUIRE(rig_hash(r.vm, SPAN) == hash || !hash);
	}
	bool failed = st != DGM_OK;
	dgm_snap_free(loaded);
	dgm_snap_free(two);
	dgm_snap_free(one);
	free(t.p);
	if (fork) {	/* the parent goes first, which takes memory */
		REQUIRE(!dgm_cpu_free(r.cpu));
		r.cpu = NULL;
		st = dgm_vm_free(r.vm);
		REQUIRE(st == DGM_OK || st == DGM_E_NOMEM);
		failed |= st != DGM_OK;
		r.vm = st ? r.vm : NULL;
	}
	free_fork(&r.heap, fork);
	bool through = !failed && r.heap.requests < fail_at;
	rig_free(&r);
	return through;
}

int main(void)
{
	static char what[60];

	for (unsigned g = 0; g < GUESTS; g++) {
		uint64_t n = 1, each = g ? 5 : 1;

		do
			at_what = (snprintf(what, sizeof what, "%s, allocation %" PRIu64, guests[g].name, n), what);
		while (!attempt(&guests[g], (n += each) - each));
		printf("%s: %" PRIu64 " allocations failed, one at a time\n", guests[g].name, (n - 1) / each - 1);
		REQUIRE(n > 100);
	}
	return 0;
}
