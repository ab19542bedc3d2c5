/*
 * Four vCPUs in hot loops, while another thread adds and removes hooks: what dgm_hook_del leaves behind is never used
 * again, no count is lost, and the guests compute what they would.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "rig.h"

enum { CPUS = 4, LOOPS = 60000, ROUNDS = 60, HELD = 5 };

/* What callbacks of one hook use; freed when the hook is removed. */
struct user {
	_Atomic uint32_t alive;
	_Atomic uint64_t calls;
};

static _Atomic uint64_t bad;

static const struct way busy_ways[] = {
	{ "interp", DGM_INTERP_ONLY, 0, 0 },
	{ "baseline", DGM_NO_LLVM, 0, 0 },
	{ "llvm", DGM_HOT_AT_ONCE, 0, 0 },
	{ "all tiers", 0, 40, 0 },
	{ "fastmem", DGM_NO_LLVM | DGM_FASTMEM, 0, 0 },
	{ NULL },
};

/* r3 rounds of ++*r4. */
static struct guest counting(const struct guest *as, struct code *c)
{
	*c = (struct code){ .arch = as->arch };
	unsigned top = c->n;
	c_load(c, 5, 4, 0);
	c_addi(c, 5, 5, 1);
	c_store(c, 5, 4, 0);
	c_loop(c, 3, top);
	c_stop(c);
	return guest_running(as, c, 5);
}

struct runner {
	struct rig r;			/* with the runner's own vCPU */
	uint32_t rounds;
	uint64_t insns;
	_Atomic uint32_t *done;
};

static void *run(void *arg)
{
	struct runner *t = arg;

	rig_start(&t->r);
	dgm_set(t->r.cpu, guest_reg(t->r.guest, 3), t->rounds);
	rig_run(&t->r, 0);
	t->insns = t->r.exit.insns;
	atomic_fetch_add(t->done, 1);
	return NULL;
}

static dgm_act use(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct user *u = ud;

	if (atomic_load(&u->alive) != 1)
		atomic_fetch_add(&bad, 1);
	atomic_fetch_add(&u->calls, 1);
	return DGM_CONT;
}

struct crew {
	struct rig r;
	struct runner t[CPUS];
	pthread_t thread[CPUS];
	_Atomic uint32_t done;
};

static void crew_start(struct crew *c, const struct guest *g, const struct way *w, uint32_t rounds)
{
	atomic_init(&c->done, 0);
	c->r = rig_make(g, w);
	for (unsigned i = 0; i < CPUS; i++) {
		c->t[i] = (struct runner){ c->r, rounds, 0, &c->done };
		if (i)
			WANT(&c->r, dgm_cpu_new(c->r.vm, &c->t[i].r.cpu), DGM_OK);
		dgm_set(c->t[i].r.cpu, guest_reg(g, 4), DATA + 64 * i);
	}
}

static void crew_go(struct crew *c)
{
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert(!pthread_create(&c->thread[i], NULL, run, &c->t[i]));
}

static void crew_join(struct crew *c, uint32_t rounds, uint32_t times)
{
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert(!pthread_join(c->thread[i], NULL));
	for (unsigned i = 0; i < CPUS; i++) {
		WANT(&c->r, c->t[i].r.exit.reason, DGM_EXIT_SYSCALL);
		WANT(&c->r, c->t[i].insns, (uint64_t)rounds * 5);
		WANT(&c->r, rig_load(&c->r, DATA + 64 * i), rounds * times);
	}
}

static void crew_free(struct crew *c)
{
	for (unsigned i = 1; i < CPUS; i++)
		WANT(&c->r, dgm_cpu_free(c->t[i].r.cpu), DGM_OK);
	rig_free(&c->r);
}

static void add_and_remove(struct crew *c, unsigned round, dgm_id id[HELD], struct user *held[HELD])
{
	unsigned at = round % HELD, kind = 1 + round % DGM_HOOK_INVALIDATED;

	if (held[at]) {
		WANT(&c->r, dgm_hook_del(c->r.vm, id[at]), DGM_OK);
		atomic_store(&held[at]->alive, 0xdead);
		uint64_t calls = atomic_load(&held[at]->calls);
		sched_yield();
		WANT(&c->r, atomic_load(&held[at]->calls), calls);
		free(held[at]);
	}
	held[at] = malloc(sizeof **held);
	atomic_init(&held[at]->alive, 1);
	atomic_init(&held[at]->calls, 0);
	if (round % 3)
		id[at] = rig_hook(&c->r, kind, 0, 0, use, held[at]);
	else
		id[at] = rig_counter(&c->r, kind, 0, 0, (uint64_t *)&held[at]->calls);
}

Test(threads, removed_hooks_are_not_used, .timeout = 120)
{
	FOR_EACH_GUEST(as)
		for (const struct way *w = busy_ways; w->name; w++) {
			struct user *held[HELD] = { NULL };
			dgm_id id[HELD] = { 0 };
			struct crew c;
			struct code code;
			struct guest g = counting(as, &code);
			unsigned round = 0;

			crew_start(&c, &g, w, LOOPS);
			crew_go(&c);
			while (atomic_load(&c.done) < CPUS && round < ROUNDS)
				add_and_remove(&c, round++, id, held);
			for (unsigned i = 0; i < HELD; i++)
				if (held[i])
					WANT(&c.r, dgm_hook_del(c.r.vm, id[i]), DGM_OK);
			crew_join(&c, LOOPS, 1);
			for (unsigned i = 0; i < HELD; i++)
				free(held[i]);
			WANT(&c.r, atomic_load(&bad), 0);
			crew_free(&c);
		}
}

/* Atomic counters count all of several vCPUs; callbacks see each event. */
Test(threads, nothing_is_lost, .timeout = 60)
{
	enum { FEW = 3000, COUNTED = DGM_HOOK_WRITE + 1 };

	FOR_EACH_GUEST(as)
		for (const struct way *w = busy_ways; w->name; w++) {
			uint64_t n[COUNTED] = { 0 };
			struct user u = { 1, 0 };
			struct crew c;
			struct code code;
			struct guest g = counting(as, &code);

			crew_start(&c, &g, w, FEW);
			for (unsigned kind = 1; kind < COUNTED; kind++) {
				dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);

				h.kind = kind;
				h.flags = DGM_HOOK_ATOMIC;
				h.counter = &n[kind];
				WANT(&c.r, dgm_hook_add(c.r.vm, &h, NULL), DGM_OK);
			}
			rig_hook(&c.r, DGM_HOOK_WRITE, 0, 0, use, &u);
			crew_go(&c);
			crew_join(&c, FEW, 1);
			WANT(&c.r, n[DGM_HOOK_INSN], CPUS * (FEW * 5 + 1));
			WANT(&c.r, n[DGM_HOOK_BLOCK], CPUS * (FEW + 1));
			WANT(&c.r, n[DGM_HOOK_EDGE], CPUS * (FEW + 1));
			WANT(&c.r, n[DGM_HOOK_READ], CPUS * FEW);
			WANT(&c.r, n[DGM_HOOK_WRITE], CPUS * FEW);
			WANT(&c.r, atomic_load(&u.calls), CPUS * FEW);
			crew_free(&c);
		}
}

/* Each vCPU adds and removes, in its callbacks, a hook of its own. */
struct selfish {
	struct crew *c;
	dgm_id id[CPUS];
	uint64_t count[CPUS];
	unsigned events[CPUS];
};

static unsigned who(const struct selfish *s, const dgm_cpu *cpu)
{
	unsigned i = 0;

	while (s->c->t[i].r.cpu != cpu)
		i++;
	return i;
}

static dgm_act change(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct selfish *s = ud;
	unsigned i = who(s, cpu);

	if (s->events[i]++ % 64)
		return DGM_CONT;
	if (s->id[i] && dgm_hook_del(s->c->r.vm, s->id[i]))
		atomic_fetch_add(&bad, 1);
	dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);
	h.kind = 1 + s->events[i] / 64 % DGM_HOOK_INVALIDATED;
	h.flags = DGM_HOOK_ATOMIC;
	h.counter = &s->count[i];
	if (dgm_hook_add(s->c->r.vm, &h, &s->id[i]))
		atomic_fetch_add(&bad, 1);
	return DGM_CONT;
}

Test(threads, change_hooks_in_callbacks, .timeout = 120)
{
	enum { FEW = 2000 };

	FOR_EACH_GUEST(as)
		for (const struct way *w = busy_ways; w->name; w++) {
			struct crew c;
			struct code code;
			struct guest g = counting(as, &code);
			struct selfish s = { .c = &c };

			if (w->flags & DGM_HOT_AT_ONCE && as != guests)
				continue;
			crew_start(&c, &g, w, FEW);
			rig_hook(&c.r, as == guests ? DGM_HOOK_WRITE : DGM_HOOK_BLOCK, 0, 0, change, &s);
			crew_go(&c);
			crew_join(&c, FEW, 1);
			WANT(&c.r, atomic_load(&bad), 0);
			for (unsigned i = 0; i < CPUS; i++)
				cr_assert(s.events[i] >= FEW);
			crew_free(&c);
		}
}
