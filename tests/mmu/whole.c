/*
 * Programs in which everything happens at once: code on several pages that changes, calls across pages, stores to
 * pages whose place changes. Any way to run them gives the same state.
 */
#include "../stingy.h"
#include "rig.h"

enum { DATA = 0x50010000, ALIAS = 0x60020000, IO = 0x70030000 };

/* The machine exchanges two pages of data and two of code when the device is written to. */
static void exchange(struct rig *r, dgm_cpu *cpu, uint64_t off, uint64_t value)
{
	struct entry *e = rig_find(r, 0, off ? TEXT + PAGE : DATA);

	e->pa ^= PAGE;
	WANT(r, dgm_cpu_tlb_flush(cpu, e->va, PAGE, 0), DGM_OK);
}

static void program(struct rig *r, uint32_t arch)
{
	struct code c = { .arch = arch }, sub[2] = { { .arch = arch, .base = 1024 }, { .arch = arch, .base = 1024 } }, patch = { .arch = arch };
	unsigned at;

	c_addi(&patch, 6, 6, 5);
	c_li(&c, 3, IO);
	c_li(&c, 4, DATA);
	c_li(&c, 5, ALIAS);
	c_li(&c, 6, 0);
	c_li(&c, 7, 36);
	c_li(&c, 8, patch.word[0]);
	c_li(&c, 9, TEXT + PAGE);
	at = c.n;
	c_load(&c, 10, 4, 0);
	c_addi(&c, 10, 10, 1);
	c_store(&c, 10, 4, 0);
	c_go(&c, 9);			/* the other page */
	while (c.n < 64)
		c_nop(&c);
	c_add(&c, 6, 6, 10);		/* where it comes back */
	c_store(&c, 6, 4, 16);
	c_store(&c, 6, 3, 0);		/* other data */
	c_load(&c, 10, 4, 16);
	c_xor(&c, 6, 6, 10);
	c_store(&c, 8, 5, 8);		/* into the code of the other page */
	c_store(&c, 6, 3, 4);		/* other code */
	c_loop(&c, 7, at);
	c_stop(&c);
	rig_words(r, RAM, c.word, c.n);
	for (unsigned i = 0; i < 2; i++) {
		c_addi(&sub[i], 6, 6, 1 + i);
		c_addi(&sub[i], 6, 6, 1);
		c_addi(&sub[i], 6, 6, 2);
		c_jump(&sub[i], 64);
		rig_words(r, RAM + 2 * PAGE + i * PAGE, sub[i].word, sub[i].n);
	}
	rig_map(r, TEXT, RAM, PAGE, DGM_X);
	rig_map(r, TEXT + PAGE, RAM + 2 * PAGE, PAGE, DGM_X);
	rig_map(r, DATA, RAM + 0x6000, PAGE, DGM_R | DGM_W);
	rig_map(r, ALIAS, RAM + 2 * PAGE, PAGE, DGM_R | DGM_W);
	rig_map(r, IO, DEVICE, PAGE, DGM_R | DGM_W);
	r->device = exchange;
}

/* A number of all that the program can change. */
static uint64_t state_of(struct rig *r)
{
	static uint8_t ram[0x8000];
	uint64_t h = dgm_get(r->cpu, rig_pc(r));

	for (unsigned i = 3; i < 11; i++)
		h = h * 0x100000001b3u + dgm_get(r->cpu, rig_reg(r, i));
	WANT(r, dgm_mem_read(r->vm, NULL, RAM, ram, sizeof ram, NULL), DGM_OK);
	for (unsigned i = 0; i < sizeof ram; i++)
		h = (h ^ ram[i]) * 0x100000001b3u;
	return h * 31 + r->device_writes;
}

static uint64_t result(const struct tier *t, uint32_t arch, uint64_t step, uint64_t *insns)
{
	struct rig r;
	uint64_t h;

	rig_make(&r, t, arch);
	program(&r, arch);
	dgm_set(r.cpu, rig_pc(&r), TEXT);
	*insns = 0;
	do {
		rig_go_on(&r, r.cpu, step);
		*insns += r.exit.insns;
		cr_assert(r.exit.reason != DGM_EXIT_BUDGET || r.exit.insns == step);
	} while (r.exit.reason == DGM_EXIT_BUDGET && *insns < 100000);
	WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
	h = state_of(&r);
	rig_free(&r);
	return h;
}

Test(whole, same_everywhere, .timeout = 200)
{
	for (unsigned a = 0; a < ARCHS; a++) {
		uint64_t want_insns, want = result(&tiers[0], archs[a], 1, &want_insns), insns;

		FOR_EACH_TIER(t)
			for (uint64_t step = 0; step < 40; step = step * 3 + 1 - (step > 3) * step) {
				uint64_t got = result(t, archs[a], step, &insns);

				cr_assert_eq(got, want, "%s, arch %u, steps of %u", t->name, archs[a], (unsigned)step);
				cr_assert_eq(insns, want_insns);
			}
	}
}

/* Runs of every length from 1 to 1000 stop where single steps do. */
Test(whole, every_budget, .timeout = 200)
{
	enum { MOST = 1000 };
	static uint64_t want[MOST + 1];

	for (unsigned a = 0; a < ARCHS; a++)
		FOR_EACH_TIER(t) {
			struct rig r;

			for (unsigned n = 1; n <= MOST; n += t == tiers ? 1 : t->flags & DGM_HOT_AT_ONCE ? 97 : 5) {
				if (n == 1 || t != tiers) {
					rig_make(&r, t, archs[a]);
					program(&r, archs[a]);
					dgm_set(r.cpu, rig_pc(&r), TEXT);
				}
				rig_go_on(&r, r.cpu, t == tiers ? 1 : n);
				uint64_t h = state_of(&r);
				if (t == tiers)
					want[n] = h;
				cr_assert_eq(h, want[n], "%s, arch %u: after %u", t->name, archs[a], n);
				if (t != tiers)
					rig_free(&r);
			}
			if (t == tiers)
				rig_free(&r);
		}
}

/* ---- every allocation fails once ---- */

/* Whether all of it succeeded; what did must have been exact. */
static bool live_with(struct stock *s, const struct tier *t, uint64_t want)
{
	struct rig r;
	bool done = false;

	if (!rig_try(&r, t, DGM_ARCH_PPC32, stingy, s))
		return false;
	program(&r, DGM_ARCH_PPC32);
	dgm_set(r.cpu, rig_pc(&r), TEXT);
	dgm_exit x = DGM_INIT(dgm_exit);
	if (!dgm_cpu_run(r.cpu, NULL, &x) && x.reason != DGM_EXIT_INTERNAL) {
		WANT(&r, x.reason, DGM_EXIT_SYSCALL);
		WANT(&r, state_of(&r), want);
		done = true;
	}
	rig_free(&r);
	return done;
}

Test(whole, each_allocation_may_fail, .timeout = 200)
{
	for (const struct tier *t = tiers; t < tiers + 2; t++) {
		uint64_t insns, want = result(t, DGM_ARCH_PPC32, 0, &insns);
		bool done = false;

		for (int n = 0; !done && n < 2000; n++) {
			struct stock s = { .left = n };

			done = live_with(&s, t, want) && s.left >= 0;
			cr_assert_eq(s.live, 0, "%s: %d allocations leaked when number %d failed", t->name, s.live, n);
		}
		cr_assert(done);
	}
}
