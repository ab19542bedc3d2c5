/*
 * Addresses runs are to stop at: the VM's set, before which units end, and each run's own list. What was a
 * stop once, stays one: most hosts run to the same addresses again and again.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* Place of the first element that is not below pc. */
static unsigned lower_bound(const struct stops *s, uint64_t pc)
{
	unsigned lo = 0, hi = s->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (s->at[mid] < pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool stops_has(const struct stops *s, uint64_t pc)
{
	unsigned i = lower_bound(s, pc);

	return i < s->n && s->at[i] == pc;
}

bool vm_is_stop(const struct dgm_vm *vm, uint64_t pc)
{
	return vm->stops.n && stops_has(&vm->stops, vm_address(vm, pc));
}

bool vm_stop_near(const struct dgm_vm *vm, uint64_t pc, uint64_t bytes)
{
	uint64_t from = vm_address(vm, pc);
	unsigned i = lower_bound(&vm->stops, from);

	return i < vm->stops.n && vm->stops.at[i] - from < bytes;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort(struct stops *s)
{
	unsigned n = 0;

	qsort(s->at, s->n, sizeof *s->at, compare);
	for (unsigned i = 0; i < s->n; i++)
		if (!n || s->at[n - 1] != s->at[i])
			s->at[n++] = s->at[i];
	s->n = n;
}

static enum dgm_status reserve(const struct dgm_vm *vm, struct stops *s, uint64_t n)
{
	if (n <= s->cap)
		return DGM_OK;
	uint64_t *p = n > UINT32_MAX ? NULL : base_realloc(&vm->engine->alloc, s->at, n * sizeof *p);
	if (!p)
		return engine_fail(DGM_E_NOMEM, "out of memory for stop addresses");
	s->at = p;
	s->cap = (unsigned)n;
	return DGM_OK;
}

enum dgm_status vm_add_stops(struct dgm_vm *vm, const uint64_t *at, unsigned n)
{
	unsigned fresh = 0;

	pthread_mutex_lock(&vm->lock);
	for (unsigned i = 0; i < n; i++)
		fresh += !stops_has(&vm->stops, at[i]);
	enum dgm_status st = fresh ? reserve(vm, &vm->stops, (uint64_t)vm->stops.n + fresh) : DGM_OK;
	if (!st && fresh) {
		struct stops old = vm->stops;

		for (unsigned i = 0; i < n; i++)
			if (!stops_has(&old, at[i])) {
				vm->stops.at[vm->stops.n++] = at[i];
				vm_invalidate_pc(vm, at[i], 1);
			}
		sort(&vm->stops);
	}
	pthread_mutex_unlock(&vm->lock);
	return st;
}

static enum dgm_status copy_list(const struct dgm_vm *vm, struct stops *to, const struct until *u)
{
	enum dgm_status st = reserve(vm, to, u->n);

	to->n = 0;
	if (st)
		return st;
	memcpy(to->at, u->list, u->n * sizeof *u->list);
	to->n = u->n;
	return DGM_OK;
}

enum dgm_status until_open(struct dgm_cpu *cpu, const dgm_run_opts *opts, struct until *u)
{
	struct dgm_vm *vm = cpu->vm;
	bool outermost = !cpu->depth;	/* else the vCPU's lists are in use by the run around this one */
	enum dgm_status st = DGM_OK;

	*u = (struct until){ .list = opts->until, .n = opts->n_until };
	if (!u->n)
		return DGM_OK;
	if (!u->list)
		return engine_fail(DGM_E_ARG, "dgm_cpu_run: n_until without until");
	bool same = u->n == cpu->last_until.n && !memcmp(cpu->last_until.at, u->list, u->n * sizeof *u->list);
	if (!same)
		st = vm_add_stops(vm, u->list, u->n);
	if (!st && !same && outermost)
		st = copy_list(vm, &cpu->last_until, u);
	if (st || u->n <= FEW_STOPS)
		return st;
	struct stops *sorted = outermost ? &cpu->sorted_until : &u->sorted;
	u->own = !outermost;
	if (!same || !outermost || !sorted->n) {
		st = copy_list(vm, sorted, u);
		sort(sorted);
	}
	u->sorted = *sorted;
	return st;
}

void until_close(struct dgm_cpu *cpu, struct until *u)
{
	if (u->own)
		base_free(&cpu->vm->engine->alloc, u->sorted.at);
}

void stops_finish(struct dgm_engine *e, struct stops *s)
{
	base_free(&e->alloc, s->at);
	*s = (struct stops){ 0 };
}
