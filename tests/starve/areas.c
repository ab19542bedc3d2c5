/*
 * Each allocation of the library failed, one at a time, in short programs that use one area of the public headers each, for
 * each guest. First only the n-th fails: whoever is told so tries again, and all must come out as if nothing had happened. Then
 * that and all behind it: there is an error. Never a crash, another answer, or anything left behind.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../code.h"
#include "../guests.h"
#include "../order.h"
#include "../stingy.h"
#include "../tape.h"
#include "require.h"

enum { PAGE = 0x1000, CODE = 0x10000, DATA = 0x20000, STACK = 0x27000, DEVICE = 0x40000, SPARE = 0x50000, LOOPS = 20 };

/* An allocator whose fail_at-th request fails, or all from that one on. */
struct heap {
	_Atomic uint64_t requests, live, failed;
	uint64_t fail_at;
	bool all;
};

struct rig {
	const struct guest *g;
	struct heap *heap;
	uint32_t flags, mem;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu, *second;
	dgm_snap *snap, *loaded;
	dgm_vm *fork;
	dgm_machine_ops ops;
	struct tape stream;
	uint8_t host[2 * PAGE];
	uint64_t count[DGM_HOOK_INVALIDATED + 1], calls, ticks;
};

static void *allocate(void *ud, void *old, size_t n, size_t align)
{
	struct heap *h = ud;
	void *p;

	if (!n) {
		atomic_fetch_sub(&h->live, old != NULL);
		free(old);
		return NULL;
	}
	uint64_t request = atomic_fetch_add(&h->requests, 1) + 1;
	if (request == h->fail_at || (h->all && h->fail_at && request > h->fail_at)) {
		atomic_fetch_add(&h->failed, 1);
		return NULL;
	}
	p = aligned_realloc(old, n, align);
	REQUIRE(p != NULL);
	atomic_fetch_add(&h->live, !old);
	return p;
}

/* Does it until it is done; false: there is no memory, and there will be none. */
#define DO(r, x) \
	do { \
		dgm_status st_; \
		unsigned tries_ = 0; \
		while ((st_ = (x)) == DGM_E_NOMEM && !(r)->heap->all && tries_++ < 2) \
			; \
		require(!st_ || (st_ == DGM_E_NOMEM && (r)->heap->failed), #x, __LINE__); \
		if (st_) \
			return false; \
	} while (0)

static void put_words(struct rig *r, uint64_t at, const uint32_t *word, unsigned n)
{
	uint8_t b[4 * 64];

	for (unsigned i = 0; i < n; i++)
		order_put(r->g->big, word[i], b + 4 * i);
	REQUIRE(!dgm_mem_write(r->vm, NULL, at, b, 4 * n, NULL));
}

static uint32_t word_at(struct rig *r, dgm_vm *vm, uint64_t at)
{
	uint8_t b[4] = { 0 };

	REQUIRE(!dgm_mem_read(vm, NULL, at, b, 4, NULL));
	return order_get(r->g->big, b);
}

static bool make(struct rig *r)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	ec.flags = r->flags | DGM_DETERMINISTIC;
	ec.alloc = allocate;
	ec.alloc_ud = r->heap;
	ec.code_budget = 1 << 20;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = r->g->arch;
	vc.mem = r->mem;
	vc.mem_bits = r->mem == DGM_MEM_MMU ? 24 : 0;
	r->ops.size = sizeof r->ops;
	DO(r, dgm_engine_new(&ec, DGM_ABI, &r->engine));
	DO(r, dgm_vm_new(r->engine, &vc, &r->ops, r, &r->vm));
	DO(r, dgm_map_ram(r->vm, CODE, 2 * PAGE, DGM_R | DGM_W | DGM_X, NULL, NULL));
	DO(r, dgm_map_ram(r->vm, DATA, 8 * PAGE, DGM_R | DGM_W, NULL, NULL));
	DO(r, dgm_cpu_new(r->vm, &r->cpu));
	return true;
}

static void unmake(struct rig *r)
{
	dgm_snap_free(r->loaded);
	dgm_snap_free(r->snap);
	r->heap->fail_at = 0;		/* freeing may need memory, and says so: see tests/snapshot */
	REQUIRE(!dgm_cpu_free(r->second) && !dgm_cpu_free(r->cpu));
	if (r->fork) {
		REQUIRE(!dgm_cpu_free(dgm_vm_cpu(r->fork, 0)));
		REQUIRE(!dgm_vm_free(r->fork));
	}
	REQUIRE(!dgm_vm_free(r->vm));
	dgm_engine_unref(r->engine);
	REQUIRE(!r->heap->live);
	free(r->stream.p);
}

static void start(struct rig *r, dgm_cpu *cpu)
{
	dgm_set(cpu, r->g->reg + 3, LOOPS);
	dgm_set(cpu, r->g->reg + 4, DATA);
	dgm_set(cpu, r->g->sp, STACK);
	guest_begin(r->g, cpu, CODE);
}

/* LOOPS times ++*r4 from DATA, then a system call; behind a page a function that returns. */
static void program(struct rig *r)
{
	struct code c = { .arch = r->g->arch };

	c_load(&c, 5, 4, 0);
	c_addi(&c, 5, 5, 1);
	c_store(&c, 5, 4, 0);
	c_loop(&c, 3, 0);
	c_stop(&c);
	put_words(r, CODE, c.word, c.n);
	put_words(r, CODE + PAGE, &r->g->back, 1);
	start(r, r->cpu);
}

/* Until the run ends with `reason`; false: no memory. */
static bool run(struct rig *r, dgm_cpu *cpu, const dgm_run_opts *opts, uint32_t reason)
{
	for (unsigned tries = 0; tries < 3; tries++) {
		dgm_exit exit = DGM_INIT(dgm_exit);

		DO(r, dgm_cpu_run(cpu, opts, &exit));
		if (exit.reason == reason)
			return true;
		dgm_error e = DGM_INIT(dgm_error);
		REQUIRE(exit.reason == DGM_EXIT_INTERNAL && r->heap->failed);
		REQUIRE(!dgm_last_error(&e) && e.status == DGM_E_NOMEM);
		if (r->heap->all)
			return false;
	}
	REQUIRE(!"a run that goes on");
	return false;
}

static bool count_up(struct rig *r)
{
	start(r, r->cpu);
	return run(r, r->cpu, NULL, DGM_EXIT_SYSCALL);
}

/* ---- areas ---- */

static bool runs(struct rig *r)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	uint64_t until[3] = { CODE + 8, CODE + 16, CODE + 400 };

	if (!make(r))
		return false;
	program(r);
	o.until = until;
	o.n_until = 3;
	o.timeout_ns = 1000000000000;
	if (!run(r, r->cpu, &o, DGM_EXIT_UNTIL))
		return false;
	o.n_until = 0;
	o.max_insns = 7;
	if (!run(r, r->cpu, &o, DGM_EXIT_BUDGET))
		return false;
	(void)dgm_code_precompile(r->cpu, until, 3);
	if (!run(r, r->cpu, NULL, DGM_EXIT_SYSCALL))
		return false;
	REQUIRE(word_at(r, r->vm, DATA) == LOOPS);
	return true;
}

/* What the host does about code and memory between runs. */
static bool upkeep(struct rig *r)
{
	uint64_t from = DATA;
	uint8_t *view;

	if (!make(r))
		return false;
	program(r);
	if (!count_up(r))
		return false;
	DO(r, dgm_vm_precise(r->vm, true));
	DO(r, dgm_code_invalidate(r->vm, CODE, PAGE));
	if (!count_up(r))
		return false;
	view = dgm_mem_ptr(r->vm, from, PAGE, DGM_R | DGM_W);
	REQUIRE(view && order_get(r->g->big, view) == 2 * LOOPS);
	order_put(r->g->big, 5, view);
	DO(r, dgm_mem_touched(r->vm, from, 4));
	DO(r, dgm_mem_touched(r->vm, CODE, 4));
	DO(r, dgm_engine_fork_prepare(r->engine));
	DO(r, dgm_engine_fork_done(r->engine, false));
	if (!count_up(r))
		return false;
	REQUIRE(word_at(r, r->vm, DATA) == 5 + LOOPS);
	return true;
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	*value = off;
	return DGM_CONT;
}

static bool mappings(struct rig *r)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = device_read;
	if (!make(r))
		return false;
	DO(r, dgm_map_io(r->vm, DEVICE + 5, 300, &io, r, NULL));
	DO(r, dgm_map_ram(r->vm, SPARE + 100, 5000, DGM_R | DGM_W, NULL, NULL));
	DO(r, dgm_map_ram(r->vm, SPARE + 0x4000, PAGE + 8, DGM_R | DGM_W, r->host, NULL));
	DO(r, dgm_map_alias(r->vm, SPARE + 0x8000, 8 * PAGE, DATA, NULL));
	DO(r, dgm_map_host(r->vm, SPARE + 0x20000, 2 * PAGE, DGM_R | DGM_W, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	DO(r, dgm_map_move(r->vm, SPARE + 0x20000, 2 * PAGE, SPARE + 0x30000, 3 * PAGE));
	DO(r, dgm_protect(r->vm, SPARE + 0x4000, 100, DGM_R));
	DO(r, dgm_unmap(r->vm, SPARE + 0x30000 + 50, 100));
	program(r);
	dgm_set(r->cpu, r->g->reg + 4, SPARE + 0x8000 + 8);
	if (!run(r, r->cpu, NULL, DGM_EXIT_SYSCALL))
		return false;
	REQUIRE(word_at(r, r->vm, DATA + 8) == LOOPS);
	DO(r, dgm_unmap(r->vm, SPARE, 0x10000));
	return true;
}

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct rig *r = ud;

	r->calls++;
	dgm_cpu_irq(cpu, line, false);
	return DGM_CONT;
}

static uint64_t on_timer(void *ud, dgm_cpu *cpu, uint64_t now)
{
	struct rig *r = ud;

	if (now < r->ticks + 30)
		return r->ticks + 30;
	r->ticks += 30;
	dgm_cpu_irq(cpu, 1, true);
	return r->ticks + 30;
}

static dgm_act on_idle(void *ud, dgm_cpu *cpu, uint64_t until)
{
	(void)dgm_cpu_sleep(cpu, 1000);
	return DGM_SKIP;
}

static bool from_outside(struct rig *r)
{
	r->ops.irq_ack = on_irq;
	r->ops.next_event = on_timer;
	r->ops.idle = on_idle;
	if (!make(r))
		return false;
	program(r);
	dgm_cpu_wait(r->cpu);
	if (!run(r, r->cpu, NULL, DGM_EXIT_SYSCALL))
		return false;
	REQUIRE(r->calls >= LOOPS * 5 / 30 && word_at(r, r->vm, DATA) == LOOPS);
	return true;
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	struct rig *r = ud;
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t args[12] = { 7, 2 }, ret = 0;
	dgm_status st;

	do
		st = dgm_cpu_call(cpu, CODE + PAGE, args, 12, NULL, &ret, &exit);
	while ((st == DGM_E_NOMEM || exit.reason == DGM_EXIT_INTERNAL) && !r->heap->all);
	REQUIRE(!st || (st == DGM_E_NOMEM && r->heap->failed));
	r->calls += !st && exit.reason == DGM_EXIT_RETURN && ret == 7;
	return DGM_STOP;
}

static bool calls(struct rig *r)
{
	r->ops.syscall = on_syscall;
	if (!make(r))
		return false;
	program(r);
	if (!run(r, r->cpu, NULL, DGM_EXIT_MODEL))
		return false;
	REQUIRE(r->calls == 1 || r->heap->all);
	return r->calls == 1;
}

static dgm_act on_hook(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	((struct rig *)ud)->calls++;
	return DGM_CONT;
}

static bool hooks(struct rig *r)
{
	dgm_id id[2 * (DGM_HOOK_INVALIDATED + 1)];

	if (!make(r))
		return false;
	program(r);
	for (unsigned i = 2; i < 2 * (DGM_HOOK_INVALIDATED + 1); i++) {
		dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);

		h.kind = i / 2;
		h.counter = i % 2 ? &r->count[i / 2] : NULL;
		h.fn = i % 2 ? NULL : on_hook;
		h.ud = i % 2 ? NULL : r;
		DO(r, dgm_hook_add(r->vm, &h, &id[i]));
		if (i == 9 && !count_up(r))
			return false;
	}
	uint64_t before = r->count[DGM_HOOK_WRITE];
	if (!count_up(r))
		return false;
	REQUIRE(r->count[DGM_HOOK_WRITE] - before == LOOPS && r->calls > 5 * LOOPS);
	for (unsigned i = 2; i < 2 * (DGM_HOOK_INVALIDATED + 1); i++)
		REQUIRE(!dgm_hook_del(r->vm, id[i]));
	return count_up(r);
}

static dgm_act on_translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	page->va = va & ~(uint64_t)(PAGE - 1);
	page->pa = page->va ^ (page->asid && page->va == DATA ? PAGE : 0);
	page->len = PAGE;
	page->prot = DGM_R | DGM_W | DGM_X;
	return DGM_CONT;
}

static bool pages(struct rig *r)
{
	r->mem = DGM_MEM_MMU;
	r->ops.translate = on_translate;
	if (!make(r))
		return false;
	program(r);
	for (uint32_t asid = 0; asid < 6; asid++) {
		dgm_page page = DGM_INIT(dgm_page);

		REQUIRE(!dgm_cpu_set_space(r->cpu, asid, 0) && !dgm_cpu_translate(r->cpu, DATA, DGM_W, &page));
		if (!count_up(r))
			return false;
		REQUIRE(!dgm_vm_tlb_flush(r->vm, DATA, PAGE, asid));
	}
	REQUIRE(word_at(r, r->vm, DATA) == LOOPS && word_at(r, r->vm, DATA + PAGE) == 5 * LOOPS);
	return true;
}

static dgm_status save(struct rig *r)
{
	dgm_stream out = tape_writer(&r->stream);

	r->stream.n = 0;
	return dgm_snap_save(r->snap, &out);
}

static dgm_status load(struct rig *r)
{
	dgm_stream in = tape_reader(&r->stream);

	return dgm_snap_load(r->vm, &in, &r->loaded);
}

static bool snapshots(struct rig *r)
{
	if (!make(r))
		return false;
	program(r);
	DO(r, dgm_map_alias(r->vm, SPARE, PAGE, DATA, NULL));
	if (!count_up(r))
		return false;
	DO(r, dgm_snap_take(r->vm, &r->snap));
	if (!count_up(r))
		return false;
	DO(r, dgm_unmap(r->vm, SPARE, PAGE));
	DO(r, save(r));
	DO(r, dgm_snap_restore(r->vm, r->snap));
	REQUIRE(word_at(r, r->vm, DATA) == LOOPS && word_at(r, r->vm, SPARE) == LOOPS);
	DO(r, dgm_vm_fork(r->vm, NULL, NULL, &r->fork));
	start(r, dgm_vm_cpu(r->fork, 0));
	if (!run(r, dgm_vm_cpu(r->fork, 0), NULL, DGM_EXIT_SYSCALL))
		return false;
	REQUIRE(word_at(r, r->fork, DATA) == 2 * LOOPS && word_at(r, r->vm, DATA) == LOOPS);
	DO(r, load(r));
	DO(r, dgm_snap_restore(r->vm, r->loaded));
	REQUIRE(word_at(r, r->vm, DATA) == LOOPS);
	return true;
}

static bool vcpus(struct rig *r)
{
	if (!make(r))
		return false;
	program(r);
	DO(r, dgm_cpu_new(r->vm, &r->second));
	REQUIRE(!dgm_cpu_copy(r->second, r->cpu));
	if (!run(r, r->second, NULL, DGM_EXIT_SYSCALL) || !run(r, r->cpu, NULL, DGM_EXIT_SYSCALL))
		return false;
	REQUIRE(word_at(r, r->vm, DATA) == 2 * LOOPS);
	return true;
}

/* ---- all ---- */

struct area {
	const char *name;
	bool (*play)(struct rig *r);
};

static const struct area areas[] = {
	{ "runs", runs }, { "mappings", mappings }, { "outside", from_outside }, { "calls", calls }, { "hooks", hooks },
	{ "pages", pages }, { "snapshots", snapshots }, { "upkeep", upkeep }, { "vcpus", vcpus },
};
enum { AREAS = sizeof areas / sizeof *areas };

static const struct tier {
	const char *name;
	uint32_t flags;
} tiers[] = { { "interp", DGM_INTERP_ONLY }, { "baseline", DGM_NO_LLVM } };
enum { TIERS = sizeof tiers / sizeof *tiers };

/* False: fewer allocations than that were made. */
static bool attempt(const struct area *a, const struct guest *g, const struct tier *t, uint64_t fail_at, bool all)
{
	struct heap heap = { .fail_at = fail_at, .all = all };
	static struct rig r;

	snprintf(what, sizeof what, "%s, %s, %s, allocation %llu%s", a->name, g->name, t->name, (unsigned long long)fail_at,
		 all ? " and all behind it" : "");
	r = (struct rig){ .g = g, .heap = &heap, .flags = t->flags };
	bool done = a->play(&r);
	REQUIRE(done || heap.failed);
	REQUIRE(done || all);
	bool failed = heap.failed;
	unmake(&r);
	return failed;
}

/* starved-areas TIER: interp or baseline */
int main(int argc, char **argv)
{
	for (unsigned i = 0; i < TIERS * AREAS * GUESTS; i++) {
		const struct tier *t = &tiers[i / (AREAS * GUESTS)];
		const struct area *a = &areas[i / GUESTS % AREAS];
		const struct guest *g = &guests[i % GUESTS];
		uint64_t n[2] = { 1, 1 };

		if (argc != 2 || strcmp(argv[1], t->name))
			continue;
		for (unsigned all = 0; all < 2; all++)
			while (attempt(a, g, t, n[all], all))
				n[all]++;
		REQUIRE(n[0] > 10 && n[1] > 10);
		printf("%s, %s, %s: %llu allocations, each failed once and for good\n", t->name, a->name, g->name,
		       (unsigned long long)n[0] - 1);
		fflush(stdout);
	}
	return 0;
}
