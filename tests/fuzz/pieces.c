/*
 * The same long loops in one run on the interpreter, and cut into pieces on every tier: budgets of
 * 1 to 1000 instructions, kicks before and from within, addresses to stop at. The end must be
 * the same, and the counts of the pieces must add up to the count of the whole.
 *
 *   pieces GUEST [--seed n] [--seconds n]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sequence.h"

enum { MAX_TIERS = 16, LONGEST = 3000000, TURNS = 40 };

static const struct seq_guest *guest;

struct total {
	uint64_t insns, pieces, kicks, untils;
};

/* Until something other than our own cuts ends it; false when the library fails or an answer is wrong. */
static bool run_pieces(struct seq_machine *m, struct test_rng *rng, const struct seq_case *c, struct seq_event *end,
		       struct total *t)
{
	/* A few places for all programs: units end before every address that was ever one. */
	static const unsigned stops[] = { 5, 11, 17 };

	for (;;) {
		dgm_run_opts o = DGM_INIT(dgm_run_opts);
		dgm_exit exit = DGM_INIT(dgm_exit);
		uint64_t until = SEQ_CODE + 4 * stops[test_below(rng, 3)];
		bool kick = seq_chance(rng, 16);

		o.max_insns = seq_chance(rng, 2) ? 1 + test_below(rng, 40) : 1 + test_below(rng, 1000);
		o.until = &until;
		o.n_until = seq_chance(rng, 4);
		if (kick)
			dgm_cpu_kick(m->cpu, 4);
		if (dgm_cpu_run(m->cpu, &o, &exit))
			return false;
		t->insns += exit.insns;
		t->pieces++;
		*end = (struct seq_event){ .reason = exit.reason, .pc = exit.pc };
		bool ok = exit.insns <= o.max_insns && exit.pc == dgm_get(m->cpu, guest->pc);
		switch (exit.reason) {
		case DGM_EXIT_KICK:
			t->kicks++;
			ok = ok && kick && exit.kick_bits == 4 && !exit.insns;
			break;
		case DGM_EXIT_BUDGET:
			ok = ok && !kick && exit.insns == o.max_insns;
			break;
		case DGM_EXIT_UNTIL:
			t->untils++;
			ok = ok && !kick && o.n_until && exit.pc == until;
			break;
		default:
			return true;
		}
		if (!ok) {
			printf("%s: piece ends with %u at %#" PRIx64 " after %" PRIu64 " of %" PRIu64 "\n", m->tier->name,
			       exit.reason, exit.pc, exit.insns, o.max_insns);
			return false;
		}
		if (t->insns > LONGEST)
			return true;
	}
}

static bool check(struct seq_machine *m, const struct seq_case *c, uint64_t seed, const struct seq_result *want,
		  struct total *sum)
{
	static struct seq_result have;
	struct test_rng rng = { seed };
	struct total t = { 0 };
	char buf[512];

	if (!seq_machine_put(m, c) || !run_pieces(m, &rng, c, &have.event[0], &t))
		return false;
	have.n_events = 1;
	have.event[0] = want->event[0];
	seq_machine_get(m, &have);
	const char *bad = seq_compare(m, want, &have, buf, sizeof buf);
	if (!bad && t.insns != want->insns) {
		snprintf(buf, sizeof buf, "%" PRIu64 " instructions, not %" PRIu64, t.insns, want->insns);
		bad = buf;
	}
	if (bad)
		printf("%s in pieces: %s\n", m->tier->name, bad);
	sum->insns += t.insns;
	sum->pieces += t.pieces;
	sum->kicks += t.kicks;
	sum->untils += t.untils;
	return !bad;
}

/* The whole on the reference machine; false when the program does not come to its own end. */
static bool run_whole(struct seq_machine *m, const struct seq_case *c, struct seq_result *out)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);

	o.max_insns = LONGEST;
	if (!seq_machine_put(m, c) || dgm_cpu_run(m->cpu, &o, &exit))
		exit.reason = DGM_EXIT_BUDGET;
	out->n_events = 1;
	out->event[0] = (struct seq_event){ .reason = exit.reason, .pc = exit.pc };
	out->insns = exit.insns;
	seq_machine_get(m, out);
	return exit.reason != DGM_EXIT_BUDGET && exit.insns > 200;
}

int main(int argc, char **argv)
{
	static struct seq_machine machine[MAX_TIERS];
	static struct seq_case c;
	static struct seq_result want;
	struct total sum[MAX_TIERS] = { { 0 } };
	uint64_t seed = 1, cases = 0, tried = 0;
	unsigned seconds = 20, failures = 0;

	guest = argc > 1 ? seq_guest(argv[1]) : NULL;
	for (int i = 2; i + 1 < argc; i += 2)
		*(!strcmp(argv[i], "--seed") ? &seed : &tried) = strtoull(argv[i + 1], NULL, 0);
	seconds = tried ? (unsigned)tried : seconds;
	if (!guest || !guest->open() || seq_n_tiers > MAX_TIERS)
		return 2;
	seq_catch_signals();
	for (unsigned t = 0; t < seq_n_tiers; t++)
		if (!seq_machine_open(&machine[t], guest, &seq_tiers[t]))
			return 2;
	time_t end = time(NULL) + (time_t)seconds;
	for (tried = 0; time(NULL) < end && failures < 5; tried++) {
		struct test_rng rng = { seed * 0x2545f4914f6cdd1du + tried };

		guest->draw(&rng, SEQ_LOOPS | SEQ_TAME, 20 + test_below(&rng, 40), &c);
		guest->repeat(&c, TURNS);
		if (!run_whole(&machine[0], &c, &want))
			continue;
		cases++;
		for (unsigned t = 0; t < seq_n_tiers; t++) {
			/* LLVM takes most of a second for a program: it gets every sixteenth. */
			if (seq_tiers[t].vm_flags || (seq_tiers[t].llvm && tried % 16) || check(&machine[t], &c, seed + tried, &want, &sum[t]))
				continue;
			printf("  program %" PRIu64 " of seed %" PRIu64 "\n", tried, seed);
			failures++;
		}
	}
	printf("seed %" PRIu64 ": %" PRIu64 " of %" PRIu64 " programs, %u failures\n", seed, cases, tried, failures);
	for (unsigned t = 0; t < seq_n_tiers; t++) {
		if (!seq_tiers[t].vm_flags)
			printf("  %-18s %" PRIu64 " instructions in %" PRIu64 " pieces, %" PRIu64 " kicks, %" PRIu64 " stops\n",
			       seq_tiers[t].name, sum[t].insns, sum[t].pieces, sum[t].kicks, sum[t].untils);
		seq_machine_close(&machine[t]);
	}
	guest->close();
	return failures || !cases;
}
