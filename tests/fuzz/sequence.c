/*
 * Random programs on every tier: registers, memory, events and instruction counts must
 * be the interpreter's. A program that differs is made as short as it can be and printed, as a
 * line for tests/guest where one can say it.
 *
 *   sequence GUEST [--seed n] [--count cases] [--seconds n] [--llvm one_in] [--only case] [--hot turns]
 *
 * With --hot, programs are repeated so often and run on the interpreter and where code becomes hot, to count blocks executed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sequence.h"

struct options {
	uint64_t seed, count, only;
	unsigned seconds, llvm_one_in, hot;
};

enum { MAX_TIERS = 16, MAX_FAILURES = 5, HOT_BUDGET = 1000000 };

static const struct seq_guest *guest;
static void *decoder;	/* for text */

struct session {
	struct options opt;
	struct seq_machine machine[MAX_TIERS];
	uint64_t insns[MAX_TIERS], cases[MAX_TIERS], blocks[MAX_TIERS];
	unsigned failures;
};

/* Tiers; where they count executions, the seed says how many make a block hot. */
static struct seq_tier tiers[MAX_TIERS];

static void choose_thresholds(uint64_t seed)
{
	struct test_rng rng = { seed };

	for (unsigned t = 0; t < seq_n_tiers; t++) {
		tiers[t] = seq_tiers[t];
		if (tiers[t].threshold)
			tiers[t].threshold = 1 + test_below(&rng, 24);
	}
}

/* The program of a number: the same whatever else is run. */
static unsigned draw(const struct options *o, uint64_t number, struct seq_case *c)
{
	struct test_rng rng = { o->seed * 0x2545f4914f6cdd1du + number };
	bool llvm = o->hot || number % o->llvm_one_in == 0;

	test_next(&rng);
	unsigned want = o->hot ? 16 + test_below(&rng, 40) : llvm ? 30 + test_below(&rng, 90) : 4 + test_below(&rng, 60);
	c->rewrites = seq_chance(&rng, 4);
	guest->draw(&rng, (llvm ? SEQ_LOOPS : 0) | (o->hot && number & 1 ? SEQ_TAME : 0) | (c->rewrites ? SEQ_REWRITES : 0), want, c);
	c->cuts = seq_chance(&rng, 3) ? (uint32_t)test_next(&rng) | 1 : 0;
	c->patches = !c->rewrites && c->cuts && seq_chance(&rng, 2);
	c->signals = !c->rewrites && c->cuts && seq_chance(&rng, 2);
	c->budget = o->hot ? HOT_BUDGET : 0;
	if (o->hot)
		guest->repeat(c, o->hot);
	return llvm;
}

/* Imprecise code promises nothing once an access has faulted, nor an end without a count. */
static bool applies(const struct seq_tier *t, const struct seq_case *c, const struct seq_result *reference)
{
	if (t->flags & DGM_INTERP_ONLY && !t->forgets)
		return c->rewrites;
	if (!t->vm_flags)
		return true;
	if (c->patches || c->signals)
		return false;
	for (unsigned i = 0; i < reference->n_events; i++)
		if (reference->event[i].reason == DGM_EXIT_FAULT || reference->event[i].reason == DGM_EXIT_BUDGET)
			return false;
	return true;
}

/* Whether the program differs from the interpreter on machines of its own; the text says where. */
static bool differs(const struct seq_tier *tier, const struct seq_case *c, char *buf, unsigned n)
{
	static struct seq_result want, have;
	struct seq_machine reference, other;
	bool bad = false;

	if (!seq_machine_open(&reference, guest, &tiers[0]) || !seq_machine_open(&other, guest, tier))
		return false;
	if (seq_machine_run(&reference, c, &want) && applies(tier, c, &want))
		bad = !seq_machine_run(&other, c, &have) || seq_compare(&other, &want, &have, buf, n);
	seq_machine_close(&other);
	seq_machine_close(&reference);
	return bad;
}

/* Makes 0 of every register that need not be something else, and of the data if it can. */
static void simplify_state(const struct seq_tier *tier, struct seq_case *c, char *buf, unsigned n)
{
	static struct seq_case try;

	for (unsigned i = 0; i < guest->fe->n_reg; i++) {
		try = *c;
		try.before.reg[i] = (struct seq_value){ 0, 0 };
		if (memcmp(&try.before, &c->before, sizeof try.before) != 0 && differs(tier, &try, buf, n))
			*c = try;
	}
	try = *c;
	memset(try.data, 0, sizeof try.data);
	if (differs(tier, &try, buf, n))
		*c = try;
}

/* Turns words into no-ops, many at a time, then cuts the tail off. */
static void shrink(const struct seq_tier *tier, struct seq_case *c, char *buf, unsigned n)
{
	static struct seq_case try;
	bool progress = true;

	while (progress) {
		progress = false;
		for (unsigned step = c->n / 2 + 1; step; step /= 2) {
			for (unsigned at = 0; at < c->n; at += step) {
				bool change = false;

				try = *c;
				for (unsigned i = at; i < at + step && i < c->n; i++) {
					change |= try.word[i] != guest->nop;
					try.word[i] = guest->nop;
				}
				if (change && differs(tier, &try, buf, n)) {
					*c = try;
					progress = true;
				}
			}
		}
	}
	for (try = *c; try.n && try.word[try.n - 1] == guest->nop && (try.n--, differs(tier, &try, buf, n)); )
		*c = try;
	for (unsigned i = 0; i < c->n;) {
		try = *c;
		if (c->word[i] == guest->nop) {
			memmove(try.word + i, try.word + i + 1, (c->n - i - 1) * sizeof *try.word);
			try.n--;
			if (differs(tier, &try, buf, n)) {
				*c = try;
				continue;
			}
		}
		i++;
	}
	simplify_state(tier, c, buf, n);
	differs(tier, c, buf, n);
}

static void print_registers(const struct seq_state *s, const struct seq_state *other)
{
	for (unsigned i = 0; i < guest->fe->n_reg; i++) {
		const struct seq_value *v = &s->reg[i], *w = other ? &other->reg[i] : NULL;
		if (w ? v->lo == w->lo && v->hi == w->hi : !v->lo && !v->hi)
			continue;
		if (v->hi)
			printf(" %s=0x%" PRIx64 "%016" PRIx64, guest->fe->reg[i].name, v->hi, v->lo);
		else
			printf(" %s=%#" PRIx64, guest->fe->reg[i].name, v->lo);
	}
}

/* A line for tests/guest, right of "=>" what the interpreter says. */
static void print_line(const struct seq_case *c)
{
	static struct seq_result r;
	static const char *const ends[] = {
		[DGM_EXIT_SYSCALL] = "next", [DGM_EXIT_TRAP] = "trap", [DGM_EXIT_FAULT] = "fault", [DGM_EXIT_ILLEGAL] = "illegal",
	};
	struct seq_machine m;
	char text[128];

	if (!seq_machine_open(&m, guest, &tiers[0]))
		return;
	bool ran = seq_machine_run(&m, c, &r);
	seq_machine_close(&m);
	if (!ran)
		return;
	printf("[");
	for (unsigned i = 0; i < c->n; i++) {
		uint8_t b[4];
		seq_put_word(guest, b, c->word[i]);
		printf("%s%02x %02x %02x %02x", i ? " " : "", b[0], b[1], b[2], b[3]);
	}
	printf("] \"");
	for (unsigned i = 0; i < c->n; i++) {
		seq_disassemble(guest, decoder, c->word[i], SEQ_CODE + 4 * i, text, sizeof text);
		printf("%s%s", i ? "; " : "", text);
	}
	printf("\"");
	print_registers(&c->before, NULL);
	printf(" =>");
	if (r.n_events == 1 && r.event[0].reason <= DGM_EXIT_ILLEGAL && ends[r.event[0].reason])
		printf(" end=%s", ends[r.event[0].reason]);
	print_registers(&r.after, &c->before);
	for (unsigned i = 0; i < SEQ_DATA_SIZE; i++)
		if (r.data[i] != c->data[i])
			printf(" mem[%#x]=%02x", SEQ_DATA + i, r.data[i]);
	printf("\n");
}

static void report(struct session *s, uint64_t number, const struct seq_tier *tier, const struct seq_case *c,
		   const char *what)
{
	static struct seq_case small;
	char buf[512];

	s->failures++;
	printf("case %" PRIu64 " on %s: %s\n  again: %s --seed %" PRIu64 " --llvm %u --hot %u --only %" PRIu64 "\n", number, tier->name,
	       what, guest->name, s->opt.seed, s->opt.llvm_one_in, s->opt.hot, number);
	fflush(stdout);
	if (!differs(tier, c, buf, sizeof buf)) {
		printf("  not on a machine of its own: it needs the cases before it\n");
		return;
	}
	small = *c;
	shrink(tier, &small, buf, sizeof buf);
	printf("  %u words: %s\n  ", small.n, buf);
	print_line(&small);
	fflush(stdout);
}

/* Blocks the reference has executed: as many as every other tier does, however it divides them. */
static uint64_t blocks_so_far(const struct session *s)
{
	dgm_stats st = DGM_INIT(dgm_stats);

	return dgm_vm_stats(s->machine[0].vm, &st) ? 0 : st.runs_interp;
}

static bool run_case(struct session *s, uint64_t number)
{
	uint64_t blocks = blocks_so_far(s);
	static struct seq_case c;
	static struct seq_result want, have;
	char buf[512];
	bool llvm = draw(&s->opt, number, &c);

	for (unsigned t = 0; t < seq_n_tiers; t++) {
		const struct seq_tier *tier = &tiers[t];
		struct seq_result *r = t ? &have : &want;

		if ((tier->llvm && !llvm) || (s->opt.hot && t && !tier->threshold) || (t && !applies(tier, &c, &want)))
			continue;
		if (!seq_machine_run(&s->machine[t], &c, r)) {
			dgm_error err = DGM_INIT(dgm_error);

			dgm_last_error(&err);
			printf("case %" PRIu64 " on %s: %s\n", number, tier->name, err.msg);
			return false;
		}
		s->cases[t]++;
		if (!t)
			blocks = blocks_so_far(s) - blocks;
		s->blocks[t] += blocks;
		s->insns[t] += tier->vm_flags & DGM_VM_NO_COUNT ? want.insns : r->insns;
		const char *what = t ? seq_compare(&s->machine[t], &want, r, buf, sizeof buf) : NULL;
		if (what)
			report(s, number, tier, &c, what);
	}
	return s->failures < MAX_FAILURES;
}

static bool parse_options(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .seed = 1, .count = UINT64_MAX, .only = UINT64_MAX, .seconds = 60, .llvm_one_in = 40 };
	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t v = strtoull(argv[i + 1], NULL, 0);

		if (!strcmp(argv[i], "--seed"))
			o->seed = v;
		else if (!strcmp(argv[i], "--count"))
			o->count = v;
		else if (!strcmp(argv[i], "--seconds"))
			o->seconds = (unsigned)v;
		else if (!strcmp(argv[i], "--llvm"))
			o->llvm_one_in = v ? (unsigned)v : 1;
		else if (!strcmp(argv[i], "--hot"))
			o->hot = (unsigned)v;
		else if (!strcmp(argv[i], "--only"))
			o->only = v;
		else
			return false;
	}
	return argc % 2 == 1;
}

static int summary(const struct session *s, uint64_t cases)
{
	int result = s->failures != 0 || !cases;

	printf("seed %" PRIu64 ", %" PRIu64 " cases, %u failures; hot after %u and %u executions\n", s->opt.seed, cases, s->failures,
	       tiers[seq_n_tiers - 2].threshold, tiers[seq_n_tiers - 1].threshold);
	for (unsigned t = 0; t < seq_n_tiers; t++) {
		dgm_stats st = DGM_INIT(dgm_stats);

		printf("  %-18s %8" PRIu64 " cases %10" PRIu64 " blocks %10" PRIu64 " instructions", tiers[t].name, s->cases[t],
		       s->blocks[t], s->insns[t]);
		if (!dgm_vm_stats(s->machine[t].vm, &st))
			printf(", %" PRIu64 " and %" PRIu64 " units compiled, %" PRIu64 " failed%s", st.units_baseline, st.units_llvm,
			       st.compile_fails, st.llvm_missing ? " (no LLVM here)" : "");
		printf("\n");
		if (st.compile_fails || (s->cases[t] > 20 && tiers[t].llvm && !st.units_llvm && !st.llvm_missing)) {
			printf("  compilations failed\n");
			result = 1;
		}
	}
	return result;
}

int main(int argc, char **argv)
{
	static struct session s;
	uint64_t n = 0;
	time_t end;

	guest = argc > 1 ? seq_guest(argv[1]) : NULL;
	if (!guest || !parse_options(&s.opt, argc - 1, argv + 1) || seq_n_tiers > MAX_TIERS || !guest->open() ||
	    guest->fe->open(&base_alloc_malloc, NULL, &decoder))
		return 2;
	seq_catch_signals();
	choose_thresholds(s.opt.seed);
	for (unsigned t = 0; t < seq_n_tiers; t++)
		if (!seq_machine_open(&s.machine[t], guest, &tiers[t]))
			return 2;
	end = time(NULL) + s.opt.seconds;
	if (s.opt.only != UINT64_MAX)
		run_case(&s, s.opt.only), n = 1;
	else
		while (n < s.opt.count && time(NULL) < end && run_case(&s, n))
			n++;
	int result = summary(&s, n);
	for (unsigned t = 0; t < seq_n_tiers; t++)
		seq_machine_close(&s.machine[t]);
	guest->fe->close(decoder);
	guest->close();
	return result;
}
