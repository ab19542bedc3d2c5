/*
 * Callbacks of code that has become hot and calls them by itself: what they see, what they change, and how it is
 * left from the middle.
 */
#include <fenv.h>

#include "rig.h"

enum { ROUNDS = 60, TOP = 4, LENGTH = 6 };

/* r5 counts, r6 sums what it counts, r7 mixes both, the sum goes to memory. */
static struct guest summing(const struct guest *as, struct code *c)
{
	*c = (struct code){ .arch = as->arch };
	c_li(c, 3, ROUNDS);
	c_li(c, 4, DATA);
	c_addi(c, 5, 5, 1);
	c_add(c, 6, 6, 5);
	c_store(c, 6, 4, 0);
	c_xor(c, 7, 5, 6);
	c_loop(c, 3, TOP);
	c_stop(c);
	return guest_running(as, c, 6);
}

static uint64_t reg(struct rig *r, unsigned n)
{
	return dgm_get(r->cpu, guest_reg(r->guest, n));
}

/* What the callback expects, and what it does in one round. */
struct model {
	struct rig *r;
	uint64_t round, sum, before;	/* sum: behind this round's addition; before: in front of it */
	uint64_t stored;
	uint64_t events, act_at;
	unsigned act_in;		/* the instruction of the loop; above: none */
	dgm_act act;
	uint64_t add;			/* to r6 */
	dgm_id id;
};

static uint64_t mixed(uint64_t round, uint64_t sum)
{
	return round ? round ^ sum : 0;
}

static void look(struct model *m, unsigned at)
{
	uint64_t sum = at >= 2 ? m->sum : m->before;

	WANT(m->r, reg(m->r, 3), ROUNDS - m->round + (at < 5));
	WANT(m->r, reg(m->r, 4), DATA);
	WANT(m->r, reg(m->r, 5), m->round - (at < 1));
	WANT(m->r, reg(m->r, 6), sum);
	WANT(m->r, reg(m->r, 7), at >= 4 ? mixed(m->round, m->sum) : mixed(m->round - 1, m->before));
	if (at == 3)
		m->stored = m->sum;
	WANT(m->r, rig_load(m->r, DATA), m->stored);
}

static dgm_act follow(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	unsigned at = (unsigned)(e->pc - CODE) / 4 - TOP;
	struct model *m = ud;

	if (at >= LENGTH)
		return DGM_CONT;
	m->events++;
	WANT(m->r, dgm_pc(cpu), e->pc);
	WANT(m->r, dgm_insns(cpu), TOP + LENGTH * m->round - (at ? LENGTH - at : 0));
	if (!at) {
		m->round++;
		m->before = m->sum;
		m->sum += m->round;
	}
	look(m, at);
	if (m->round != m->act_at || at != m->act_in)
		return DGM_CONT;
	m->act_at = 0;
	if (m->add)
		dgm_set(cpu, guest_reg(m->r->guest, 6), m->sum += m->add);
	if (m->id)
		WANT(m->r, dgm_hook_del(m->r->vm, m->id), DGM_OK);
	return m->act;
}

#define SUM(n) ((n) * ((n) + 1) / 2)

Test(direct, registers_are_exact)
{
	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w)
			for (unsigned add = 0; add <= 1000; add += 1000) {
				struct code c;
				struct guest g = summing(as, &c);
				struct rig r = rig_make(&g, w);
				struct model m = { &r, .act_at = 41, .act_in = 3, .add = add };

				rig_hook(&r, DGM_HOOK_INSN, 0, 0, follow, &m);
				rig_run(&r, 0);
				WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
				WANT(&r, m.events, ROUNDS * LENGTH);
				WANT(&r, reg(&r, 6), SUM(ROUNDS) + add);
				rig_free(&r);
			}
}

/* A hook that removes itself is not called again; the others of the instruction are. */
Test(direct, removal_inside)
{
	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w) {
			struct code c;
			struct guest g = summing(as, &c);
			struct rig r = rig_make(&g, w);
			struct model m = { &r, .act_at = 33, .act_in = 3 }, other = { &r };
			uint64_t n = 0;

			other.act_in = LENGTH;
			m.id = rig_hook(&r, DGM_HOOK_INSN, 0, 0, follow, &m);
			rig_counter(&r, DGM_HOOK_INSN, 4 * TOP + 8, 4 * TOP + 16, &n);
			rig_hook(&r, DGM_HOOK_INSN, 4 * TOP, 4 * (TOP + LENGTH), follow, &other);
			rig_run(&r, 0);
			WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
			WANT(&r, m.events, 32 * LENGTH + 4);
			WANT(&r, other.events, ROUNDS * LENGTH);
			WANT(&r, n, 2 * ROUNDS);
			rig_free(&r);
		}
}

/* Each answer in the middle of the loop, long after it has become hot. */
Test(direct, verdicts_of_hot_code)
{
	static const struct {
		dgm_act act;
		uint32_t reason;
		unsigned at;		/* the instruction the run ends in front of */
		unsigned again;		/* events repeated */
	} want[] = {
		{ DGM_BREAK, DGM_EXIT_BREAK, 3, 1 }, { DGM_RAISE, DGM_EXIT_BREAK, 3, 1 }, { DGM_STOP, DGM_EXIT_MODEL, 4, 0 },
		{ DGM_SKIP, 0, 0, 0 }, { DGM_RETRY, 0, 0, 0 },
	};

	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w)
			for (unsigned i = 0; i < 5; i++) {
				struct code c;
				struct guest g = summing(as, &c);
				struct rig r = rig_make(&g, w);
				struct model m = { &r, .act_at = 50, .act_in = 3, .act = want[i].act };

				if (want[i].act == DGM_SKIP)	/* of the last instruction that makes r7 */
					m.act_at = ROUNDS, m.act_in = 5;
				rig_hook(&r, DGM_HOOK_INSN, 0, 0, follow, &m);
				rig_run(&r, 0);
				if (want[i].reason) {
					WANT(&r, r.exit.reason, want[i].reason);
					WANT(&r, r.exit.pc, CODE + 4 * (TOP + want[i].at));
					WANT(&r, reg(&r, 5), 50);
					WANT(&r, reg(&r, 6), SUM(50));
					rig_run(&r, 0);
				}
				WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
				WANT(&r, m.events, ROUNDS * LENGTH + want[i].again);
				WANT(&r, reg(&r, 6), SUM(ROUNDS));
				WANT(&r, dgm_insns(r.cpu), TOP + ROUNDS * LENGTH);
				rig_free(&r);
			}
}

/* ---- floating point: what callbacks compute is not the guest's business, nor the other way round ---- */

enum { EXACT_TOP = 4, EXACT = 5, PLAIN_TOP = 10, DIVIDE = 13, LAST_TOP = 16, END = 18 };

/* A loop of exact sums, one without floats, an inexact division, a loop without floats, a sum. */
static struct guest floating(const struct guest *as, struct code *c)
{
	*c = (struct code){ .arch = as->arch };
	c_li(c, 3, ROUNDS);
	c_li(c, 6, ROUNDS);
	put(c, 0xfc61102a, 0xee313b02, 0x1e622823);	/* d3 = d1 + d2 */
	c_addi(c, 5, 5, 1);
	c_loop(c, 3, EXACT_TOP);
	c_li(c, 3, ROUNDS);
	c_addi(c, 5, 5, 1);
	c_loop(c, 3, PLAIN_TOP);
	put(c, 0xfc812824, 0xee814b05, 0x1e651824);	/* d4 = d1 / d5 */
	c_li(c, 3, ROUNDS);
	c_loop(c, 3, LAST_TOP);
	put(c, 0xfc61102a, 0xee313b02, 0x1e622823);
	c_stop(c);
	return guest_running(as, c, 5);
}

struct floats {
	struct rig *r;
	bool looks;
	unsigned events, cleared;	/* cleared: the event in the last loop at which the status is */
	double third;			/* by the host's rounding */
};

static uint32_t status_reg(const struct guest *g)
{
	return g->arch == DGM_ARCH_PPC32 ? DGM_PPC_FPSCR : g->arch == DGM_ARCH_ARM ? DGM_ARM_FPSCR : DGM_A64_FPSR;
}

/* The accrued exceptions; INEXACT is the only one here. */
static uint32_t status(struct rig *r)
{
	uint32_t v = (uint32_t)dgm_get(r->cpu, status_reg(r->guest));

	return r->guest->arch == DGM_ARCH_PPC32 ? v & 0x3e000000 : v & 0x9f;
}

static uint32_t inexact(const struct guest *g)
{
	return g->arch == DGM_ARCH_PPC32 ? 0x02000000 : 0x10;
}

static double set_double(struct rig *r, unsigned n, double v)
{
	uint32_t id = r->guest->arch == DGM_ARCH_PPC32 ? DGM_PPC_F(n) : r->guest->arch == DGM_ARCH_ARM ? DGM_ARM_D(n) : DGM_A64_V(n);
	double all[2] = { v, 0 };

	WANT(r, dgm_reg_write(r->cpu, id, all, r->guest->arch == DGM_ARCH_AARCH64 ? 16 : 8), DGM_OK);
	return v;
}

static double get_double(struct rig *r, unsigned n)
{
	uint32_t id = r->guest->arch == DGM_ARCH_PPC32 ? DGM_PPC_F(n) : r->guest->arch == DGM_ARCH_ARM ? DGM_ARM_D(n) : DGM_A64_V(n);
	double all[2];

	WANT(r, dgm_reg_read(r->cpu, id, all, r->guest->arch == DGM_ARCH_AARCH64 ? 16 : 8), DGM_OK);
	return all[0];
}

static dgm_act pollute(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	volatile double one = 1, three = 3, none = 0, big = 1e300, got;
	unsigned at = (unsigned)(e->pc - CODE) / 4;
	struct floats *f = ud;
	bool divided = at > DIVIDE && f->cleared < 2;

	f->events++;
	if (f->looks || at == END)
		WANT(f->r, status(f->r), divided ? inexact(f->r->guest) : 0);
	got = one / three;
	cr_assert(got == f->third, "%s, %s: the host's rounding", f->r->guest->name, f->r->way->name);
	got = one / none;
	got = none / none;
	got = big * big;
	got = one / (big * 1e8);
	if (at == LAST_TOP && f->cleared && f->events % 40 == 0) {
		dgm_set(cpu, status_reg(f->r->guest), 0);
		f->cleared = 2;
	}
	return DGM_CONT;
}

static void compute(const struct guest *as, const struct way *w, uint32_t kind, bool looks, bool clears)
{
	struct code c;
	struct guest g = floating(as, &c);
	struct rig r = rig_make(&g, w);
	volatile double one = 1, three = 3;
	struct floats f = { &r, looks, .cleared = clears, .third = one / three };
	int rounding = fegetround();

	set_double(&r, 1, 1);
	set_double(&r, 2, 2);
	set_double(&r, 5, 3);
	rig_hook(&r, kind, 0, 0, pollute, &f);
	rig_run(&r, 0);
	WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
	WANT(&r, fegetround(), rounding);
	WANT(&r, status(&r), f.cleared == 2 ? 0 : inexact(&g));
	fesetround(FE_TONEAREST);
	cr_assert(get_double(&r, 3) == 3 && get_double(&r, 4) == one / three, "%s, %s: results", g.name, w->name);
	fesetround(rounding);
	cr_assert(f.events > 2 * ROUNDS);
	if (clears && kind == DGM_HOOK_INSN)
		WANT(&r, f.cleared, 2);
	rig_free(&r);
}

static void compute_all(void)
{
	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w)
			for (unsigned i = 0; i < 4; i++)
				compute(as, w, i & 1 ? DGM_HOOK_BLOCK : DGM_HOOK_INSN, i & 2, i == 0 || i == 3);
}

Test(direct, floats_of_callbacks, .timeout = 120)
{
	compute_all();
}

Test(direct, rounding_of_the_host, .timeout = 120)
{
	fesetround(FE_UPWARD);
	compute_all();
	fesetround(FE_TONEAREST);
}
