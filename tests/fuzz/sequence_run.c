/* Executes programs through the public interface on every tier, and compares what they leave. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sequence.h"

#define CLOCK 0x123456789abcdef0ull

enum { MAX_ANNOUNCED = 5000 };

/* The first is the reference. */
const struct seq_tier seq_tiers[] = {
	{ .name = "interp", .flags = DGM_INTERP_ONLY, .forgets = true },
	{ .name = "interp-keeps", .flags = DGM_INTERP_ONLY },
	{ .name = "baseline", .flags = DGM_HOT_AT_ONCE | DGM_NO_LLVM | DGM_VERIFY_IR },
	{ .name = "baseline-fastmem", .flags = DGM_HOT_AT_ONCE | DGM_NO_LLVM | DGM_FASTMEM },
	{ .name = "llvm", .flags = DGM_HOT_AT_ONCE | DGM_VERIFY_IR, .llvm = true },
	{ .name = "llvm-alone", .flags = DGM_HOT_AT_ONCE | DGM_NO_BASELINE | DGM_FASTMEM, .llvm = true },
	{ .name = "tier-up", .flags = DGM_FASTMEM, .threshold = 2, .llvm = true },
	{ .name = "tier-up-imprecise", .flags = DGM_FASTMEM, .vm_flags = DGM_VM_IMPRECISE | DGM_VM_NO_COUNT,
	  .threshold = 3, .llvm = true },
};
const unsigned seq_n_tiers = sizeof seq_tiers / sizeof *seq_tiers;

static uint64_t clock_ticks(void *ud, dgm_cpu *cpu)
{
	(void)ud, (void)cpu;
	return CLOCK;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (dgm_signal(sig, info, context))
		return;
	signal(sig, SIG_DFL);
}

void seq_catch_signals(void)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

bool seq_machine_open(struct seq_machine *m, const struct seq_guest *guest, const struct seq_tier *tier)
{
	static const dgm_machine_ops ops = { .size = sizeof ops, .clock = clock_ticks };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	*m = (struct seq_machine){ .guest = guest, .tier = tier };
	ec.flags = tier->flags | DGM_DETERMINISTIC;
	ec.hot_threshold = tier->threshold;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = guest->fe->arch;
	vc.flags = tier->vm_flags;
	/* One tier alone can have the host's addresses, the one that is like user-mode Linux; the lowest are root's. */
	if (guest->fe->addr_bits == 64 && tier->vm_flags & DGM_VM_IMPRECISE && !geteuid())
		vc.mem = DGM_MEM_IDENTITY;
	if (dgm_engine_new(&ec, DGM_ABI, &m->engine) || dgm_vm_new(m->engine, &vc, &ops, NULL, &m->vm) ||
	    dgm_map_ram(m->vm, SEQ_CODE, SEQ_CODE_SIZE, DGM_R | DGM_X, NULL, NULL) ||
	    dgm_map_ram(m->vm, SEQ_DATA, SEQ_DATA_SIZE, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(m->vm, &m->cpu))
		return false;
	m->data = dgm_mem_ptr(m->vm, SEQ_DATA, SEQ_DATA_SIZE, DGM_W);
	return m->data != NULL;
}

void seq_machine_close(struct seq_machine *m)
{
	dgm_cpu_free(m->cpu);
	dgm_vm_free(m->vm);
	dgm_engine_unref(m->engine);
	*m = (struct seq_machine){ 0 };
}

/* A register of the table that is set and compared; NULL for others. */
static const struct frontend_reg *reg_at(const struct seq_guest *g, unsigned i)
{
	const struct frontend_reg *r = &g->fe->reg[i];

	return r->id == g->pc || g->skipped(r->id) ? NULL : r;
}

static bool set_state(struct seq_machine *m, const struct seq_state *s)
{
	const struct seq_guest *g = m->guest;
	bool ok = true;

	for (unsigned i = 0; i < g->fe->n_reg; i++) {
		const struct frontend_reg *r = reg_at(g, i);
		ok &= !r || !dgm_reg_write(m->cpu, r->id, &s->reg[i], r->bits / 8);
	}
	dgm_set(m->cpu, g->pc, SEQ_CODE);
	return ok;
}

static void get_state(struct seq_machine *m, struct seq_state *s)
{
	const struct seq_guest *g = m->guest;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < g->fe->n_reg; i++) {
		const struct frontend_reg *r = reg_at(g, i);
		if (r && dgm_reg_read(m->cpu, r->id, &s->reg[i], r->bits / 8))
			s->reg[i].lo = ~0ull;
	}
}

static bool put_code(struct seq_machine *m, const struct seq_case *c)
{
	uint32_t write = c->rewrites ? DGM_W : 0;
	uint8_t code[SEQ_CODE_SIZE];

	if (c->rewrites != m->writable && dgm_protect(m->vm, SEQ_CODE, SEQ_CODE_SIZE, DGM_R | write | DGM_X))
		return false;
	m->writable = c->rewrites;
	for (unsigned i = 0; i < SEQ_CODE_SIZE / 4; i++)
		seq_put_word(m->guest, code + 4 * i, i < c->n ? c->word[i] : m->guest->syscall);
	return dgm_mem_write(m->vm, NULL, SEQ_CODE, code, sizeof code, NULL) == DGM_OK;
}

/* Whether the program goes on behind the event: not when its pc has nothing to execute. */
static bool goes_on(const struct seq_event *e)
{
	return (e->reason == DGM_EXIT_TRAP || e->reason == DGM_EXIT_ILLEGAL || e->reason == DGM_EXIT_FAULT) &&
	       e->access != DGM_X;
}

bool seq_machine_put(struct seq_machine *m, const struct seq_case *c)
{
	if (!put_code(m, c) || !set_state(m, &c->before))
		return false;
	memcpy(m->data, c->data, SEQ_DATA_SIZE);
	return true;
}

static uint64_t hash(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

void seq_machine_get(struct seq_machine *m, struct seq_result *out)
{
	uint8_t code[SEQ_CODE_SIZE];

	get_state(m, &out->after);
	memcpy(out->data, m->data, SEQ_DATA_SIZE);
	out->code = 0;
	if (m->writable && !dgm_mem_read(m->vm, NULL, SEQ_CODE, code, sizeof code, NULL))
		out->code = hash(0xcbf29ce484222325u, code, sizeof code);
}

/*
 * A signal as a program sees it: something else of its code runs in between, stores what it likes, and all registers
 * are as they were. The hash takes up where that ended, and with what.
 */
static bool deliver(struct seq_machine *m, const struct seq_case *c, struct test_rng *rng, const struct seq_state *s, uint64_t pc,
		    uint64_t *h)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_exit end = DGM_INIT(dgm_exit);
	struct seq_state after;

	opts.max_insns = 1 + test_below(rng, 60);
	dgm_set(m->cpu, m->guest->pc, SEQ_CODE + 4 * test_below(rng, c->n));
	if (dgm_cpu_run(m->cpu, &opts, &end))
		return false;
	get_state(m, &after);
	*h = hash(hash(hash(*h, &end.pc, 8), &end.insns, 8), &end.reason, sizeof end.reason);
	*h = hash(*h, &after, sizeof after);
	if (!set_state(m, s))
		return false;
	dgm_set(m->cpu, m->guest->pc, pc);
	return true;
}

/* Between two pieces of a run: what is there is noted, a signal perhaps delivered, or a word of the program replaced. */
static bool cut(struct seq_machine *m, const struct seq_case *c, struct test_rng *rng, const dgm_exit *exit,
		struct seq_result *out)
{
	struct seq_state s;
	uint8_t bytes[4];
	uint64_t h = hash(hash(0xcbf29ce484222325u, &exit->pc, 8), &exit->insns, 8);

	get_state(m, &s);
	h = hash(h, &s, sizeof s);
	if (c->signals && seq_chance(rng, 2) && !deliver(m, c, rng, &s, exit->pc, &h))
		return false;
	out->cut[out->n_cuts++] = h;
	if (!c->patches)
		return true;
	unsigned at = test_below(rng, c->n);
	seq_put_word(m->guest, bytes, seq_chance(rng, 2) ? m->guest->nop : c->word[test_below(rng, c->n)]);
	return dgm_mem_write(m->vm, NULL, SEQ_CODE + 4 * at, bytes, 4, NULL) == DGM_OK;
}

/* Whether it is a system call inside of the program: on ARM, to announce new code, which user mode cannot do alone. */
static bool announces(const struct seq_case *c, const dgm_exit *exit)
{
	return c->rewrites && exit->reason == DGM_EXIT_SYSCALL && exit->pc >= SEQ_CODE && exit->pc < SEQ_CODE + 4 * c->n;
}

/* A piece of a run. The interpreter keeps what it has lifted, as all do: as the reference it must not. */
static bool run_piece(struct seq_machine *m, const struct seq_case *c, const dgm_run_opts *opts, dgm_exit *exit)
{
	dgm_run_opts one = *opts;
	uint64_t insns = 0;

	*exit = (dgm_exit)DGM_INIT(dgm_exit);
	if (!c->rewrites || !m->tier->forgets)
		return !dgm_cpu_run(m->cpu, opts, exit);
	one.max_insns = 1;
	do {
		*exit = (dgm_exit)DGM_INIT(dgm_exit);
		if (dgm_code_invalidate(m->vm, SEQ_CODE, SEQ_CODE_SIZE) || dgm_cpu_run(m->cpu, &one, exit))
			return false;
		insns += exit->insns;
	} while (exit->reason == DGM_EXIT_BUDGET && insns < opts->max_insns);
	exit->insns = insns;
	return true;
}

/* Runs until something happens that is not a cut. Without a count there are no cuts. */
static bool run_pieces(struct seq_machine *m, const struct seq_case *c, struct test_rng *rng, dgm_exit *exit,
		       struct seq_result *out)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	bool counted = !(m->tier->vm_flags & DGM_VM_NO_COUNT);

	for (unsigned announced = 0;;) {
		bool whole = !counted || !c->cuts || out->n_cuts == SEQ_MAX_CUTS;

		opts.max_insns = !counted ? 0 : whole ? (c->budget ? c->budget : SEQ_BUDGET) : 1 + test_below(rng, 300);
		if (!whole && seq_chance(rng, 8))
			dgm_cpu_kick(m->cpu, 1);
		if (!run_piece(m, c, &opts, exit))
			return false;
		out->insns += exit->insns;
		if (announces(c, exit) && announced++ < MAX_ANNOUNCED) {
			if (dgm_code_invalidate(m->vm, SEQ_CODE, SEQ_CODE_SIZE))
				return false;
			dgm_set(m->cpu, m->guest->pc, exit->pc + 4);
			continue;
		}
		if (whole || (exit->reason != DGM_EXIT_BUDGET && exit->reason != DGM_EXIT_KICK))
			return true;
		if (!cut(m, c, rng, exit, out))
			return false;
	}
}

bool seq_machine_run(struct seq_machine *m, const struct seq_case *c, struct seq_result *out)
{
	struct test_rng rng = { c->cuts };

	if (!seq_machine_put(m, c))
		return false;
	out->insns = 0;
	out->n_cuts = 0;
	for (out->n_events = 0; out->n_events < SEQ_MAX_EVENTS;) {
		dgm_exit exit;
		struct seq_event *e = &out->event[out->n_events++];

		if (!run_pieces(m, c, &rng, &exit, out))
			return false;
		bool details = exit.reason == DGM_EXIT_FAULT || exit.reason == DGM_EXIT_TRAP || exit.reason == DGM_EXIT_ILLEGAL;
		*e = (struct seq_event){ .reason = exit.reason, .pc = exit.pc, .insns = exit.insns };
		if (details) {
			e->cause = exit.info.cause;
			e->vector = exit.info.vector;
			e->access = exit.info.access;
			e->addr = exit.info.va;
		}
		if (!goes_on(e))
			break;
		/* To the next word: behind half a one may stand anything, a store into code, too. */
		dgm_set(m->cpu, m->guest->pc, (c->rewrites ? exit.pc & ~3ull : exit.pc) + 4);
	}
	seq_machine_get(m, out);
	return true;
}

static const char *compare_cuts(const struct seq_tier *tier, const struct seq_result *want, const struct seq_result *have,
				char *buf, unsigned n)
{
	if (tier->vm_flags & DGM_VM_NO_COUNT)
		return NULL;
	for (unsigned i = 0; i < want->n_cuts || i < have->n_cuts; i++) {
		if (i < want->n_cuts && i < have->n_cuts && want->cut[i] == have->cut[i])
			continue;
		snprintf(buf, n, "pc, count or registers at cut %u of %u and %u", i, have->n_cuts, want->n_cuts);
		return buf;
	}
	return NULL;
}

static const char *compare_events(const struct seq_tier *tier, const struct seq_result *want,
				  const struct seq_result *have, char *buf, unsigned n)
{
	for (unsigned i = 0; i < want->n_events || i < have->n_events; i++) {
		const struct seq_event *w = &want->event[i], *h = &have->event[i];
		bool counted = !(tier->vm_flags & DGM_VM_NO_COUNT);

		if (i < want->n_events && i < have->n_events && w->reason == h->reason && w->cause == h->cause &&
		    w->pc == h->pc && w->addr == h->addr && w->access == h->access && w->vector == h->vector &&
		    (!counted || w->insns == h->insns))
			continue;
		snprintf(buf, n, "event %u of %u and %u: reason %u cause %u pc %#" PRIx64 " addr %#" PRIx64 " access %u vector %#x insns %"
			 PRIu64 ", not %u %u %#" PRIx64 " %#" PRIx64 " %u %#x %" PRIu64, i, have->n_events, want->n_events,
			 h->reason, h->cause, h->pc, h->addr, h->access, h->vector, h->insns,
			 w->reason, w->cause, w->pc, w->addr, w->access, w->vector, w->insns);
		return buf;
	}
	return NULL;
}

static const char *compare_state(const struct seq_guest *g, const struct seq_state *want, const struct seq_state *have,
				 char *buf, unsigned n)
{
	for (unsigned i = 0; i < g->fe->n_reg; i++) {
		const struct seq_value *w = &want->reg[i], *h = &have->reg[i];
		if (w->lo == h->lo && w->hi == h->hi)
			continue;
		snprintf(buf, n, "%s is %#" PRIx64 " %#" PRIx64 ", not %#" PRIx64 " %#" PRIx64, g->fe->reg[i].name, h->hi, h->lo,
			 w->hi, w->lo);
		return buf;
	}
	return NULL;
}

const char *seq_compare(const struct seq_machine *m, const struct seq_result *want, const struct seq_result *have,
			char *buf, unsigned n)
{
	const char *bad = compare_events(m->tier, want, have, buf, n);

	if (!bad)
		bad = compare_cuts(m->tier, want, have, buf, n);
	if (!bad)
		bad = compare_state(m->guest, &want->after, &have->after, buf, n);
	if (!bad && want->code != have->code)
		bad = "the program, which rewrites itself";
	for (unsigned i = 0; !bad && i < SEQ_DATA_SIZE; i++) {
		if (want->data[i] != have->data[i]) {
			snprintf(buf, n, "mem[%#x] is %02x, not %02x", SEQ_DATA + i, have->data[i], want->data[i]);
			bad = buf;
		}
	}
	return bad;
}
