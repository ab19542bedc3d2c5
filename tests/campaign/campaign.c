/*
 * Random encodings of every row of a front end on random states: the tiers must agree with each other and with
 * qemu's user mode. What fails is made small and printed as a line for tests/guest.
 *
 *   campaign GUEST [--qemu PROGRAM CASES] [--explained FILE] [--seed N] [--count CASES] [--seconds N]
 *            [--llvm ONE_IN] [--state FILE] [--mnemonic PATTERN] [--failures N]
 *
 * With --state a campaign goes on where the last one ended, and FILE holds its totals.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "campaign.h"

enum { WORDS = 256, CASES = WORDS * CAMP_STATES, MAX_TRIES = 12 };

struct options {
	const char *qemu, *program, *explained, *state, *mnemonic;
	uint64_t seed, count;
	unsigned seconds, llvm_one_in, failures;
};

/* What is kept from one run of a campaign to the next. */
struct totals {
	uint64_t seed, batch;			/* the next one */
	uint64_t tier[GUEST_TIERS], qemu;	/* cases executed and compared */
	uint64_t seconds, failures;
};

static struct options opt = { .seed = 1, .count = UINT64_MAX, .seconds = UINT32_MAX, .llvm_one_in = 64, .failures = 8 };
static struct totals totals;
static struct camp_machine machine[GUEST_TIERS];
static struct camp_word words[2][WORDS];
static struct camp_case cases[2][CASES];
static struct camp_result theirs[CASES];
static unsigned failures;

/* Where a data access may fault, and where a jump may go: there is nothing for qemu's process either. */
static bool is_nowhere(uint64_t addr)
{
	addr = addr << camp_the->isa->fe->tag_bits >> camp_the->isa->fe->tag_bits;
	return (addr >= 0xf00 && addr < 0x1000) || (addr >= 0x3000 && addr < 0x5000);
}

static bool is_data(uint64_t addr)
{
	addr = addr << camp_the->isa->fe->tag_bits >> camp_the->isa->fe->tag_bits;
	return addr >= GUEST_DATA && addr < GUEST_DATA + GUEST_DATA_SIZE;
}

static bool is_target(uint64_t pc)
{
	return is_nowhere(pc) || (pc >= 0x11000 && pc < 0x800000) || (pc >= GUEST_CODE && pc < GUEST_CODE + CAMP_CODE_SIZE - 16);
}

/* Moves what the k-th letter of an address names, so that the address becomes one of the data's. */
static bool move_base(struct test_rng *r, struct camp_case *c, unsigned k)
{
	char letter = camp_the->bases[k % 2];
	uint32_t id;

	if (!strchr(c->word->row.encoding, letter))
		return false;
	if (!camp_the->base(camp_field_of(c->word, letter), &id))
		return false;
	struct guest_value *v = camp_reg(&c->before, id);
	v->lo += camp_address(r) - c->ours.addr;
	if (camp_the->isa->fe->addr_bits == 32)
		v->lo = (uint32_t)v->lo;
	return true;
}

/* A state on which the word does something that can be compared, and what it does. */
static bool draw_case(struct test_rng *r, struct camp_word *w, struct camp_case *c)
{
	c->word = w;
	camp_the->draw_state(r, &c->before);
	for (unsigned k = 0; k < MAX_TRIES; k++) {
		bool ran = camp_machine_run(&machine[0], w, &c->before, &c->ours);

		if (ran && ((c->ours.end == END_FAULT && !is_nowhere(c->ours.addr)) ||
			    (c->ours.end == END_ALIGN && !is_data(c->ours.addr)))) {
			if (!move_base(r, c, k) && !move_base(r, c, k + 1))
				return false;
			continue;
		}
		if (ran && (c->ours.end != END_NEXT || is_target(c->ours.pc)))
			return !camp_explain_hides(c);
		camp_the->draw_state(r, &c->before);
	}
	return false;
}

static unsigned draw_batch(uint64_t number, struct camp_word *w, struct camp_case *c)
{
	struct test_rng rng = { totals.seed * 0x2545f4914f6cdd1du + number };
	unsigned n = 0;

	for (unsigned k = 0; k < WORDS; k++) {
		unsigned have = 0;

		for (unsigned tries = 0; !have && tries < 200; tries++) {
			if (!camp_draw_word(&rng, &w[k]) || (opt.mnemonic && fnmatch(opt.mnemonic, w[k].row.mnemonic, 0) != 0))
				continue;
			while (have < CAMP_STATES && draw_case(&rng, &w[k], &c[n + have]))
				have++;
		}
		n += have;
	}
	return n;
}

/* ---- tiers ---- */

static bool on_tier(unsigned tier, struct camp_case *c, char *buf, unsigned size)
{
	struct camp_result r;

	if (camp_machine_run(&machine[tier], c->word, &c->before, &r))
		return camp_compare(&c->ours, &r, buf, size) != NULL;
	snprintf(buf, size, "%s fails", guest_public[tier].name);
	return true;
}

static void tier_differ(void *ud, struct camp_case *c, unsigned n, bool *out, char *buf, unsigned size)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = camp_machine_run(&machine[0], c[i].word, &c[i].before, &c[i].ours) &&
			 on_tier(*(const unsigned *)ud, &c[i], buf, size);
}

/* One failure a row is reported. */
static bool is_new(const struct camp_case *c)
{
	static const void *seen[GUEST_MAX_ROWS];

	for (unsigned i = 0; i < failures; i++)
		if (seen[i] == c->word->row.row)
			return false;
	if (failures < GUEST_MAX_ROWS)
		seen[failures] = c->word->row.row;
	failures++;
	return true;
}

static void run_tiers(struct camp_case *c, unsigned n)
{
	char buf[256];

	totals.tier[0] += n;
	for (unsigned i = 0; i < n && failures < opt.failures; i++) {
		for (unsigned t = 1; t < GUEST_TIERS; t++) {
			/* all states of a word, so that it is compiled once */
			if (t == 2 && (size_t)(c[i].word - words[0]) % opt.llvm_one_in)
				continue;
			totals.tier[t]++;
			if (on_tier(t, &c[i], buf, sizeof buf) && is_new(&c[i]))
				camp_report(stdout, &c[i], tier_differ, &t, guest_public[t].name);
		}
	}
}

/* ---- qemu ---- */

/* Their end in our words: a machine model tells traps and refusals apart, a process need not. */
static void liken(const struct camp_result *ours, struct camp_result *r)
{
	if (r->end == END_ILLEGAL && (ours->end == END_PRIVILEGED || ours->end == END_TRAP))
		r->end = ours->end;
	if (ours->end == END_ALIGN || ours->end == END_FAULT)
		r->addr = r->addr << camp_the->isa->fe->tag_bits >> camp_the->isa->fe->tag_bits;
}

static bool disagrees(const struct camp_case *c, struct camp_result *r, char *buf, unsigned n)
{
	struct camp_result ours = c->ours;

	ours.addr = ours.addr << camp_the->isa->fe->tag_bits >> camp_the->isa->fe->tag_bits;
	liken(&ours, r);
	if (!camp_compare(r, &ours, buf, n))
		return false;
	camp_explain(c, &ours, r);
	return camp_compare(r, &ours, buf, n) != NULL;
}

/* Whether what the case does is the same in qemu's process: it holds more than data and code. */
static bool is_comparable(const struct camp_result *r)
{
	switch (r->end) {
	case END_FAULT: return is_nowhere(r->addr);
	case END_NEXT: return is_target(r->pc);
	default: return true;
	}
}

static void qemu_differ(void *ud, struct camp_case *c, unsigned n, bool *out, char *buf, unsigned size)
{
	struct camp_opinion *o = ud;
	unsigned done = 0;

	for (unsigned i = 0; i < n; i++) {
		out[i] = camp_machine_run(&machine[0], c[i].word, &c[i].before, &c[i].ours) && is_comparable(&c[i].ours) &&
			 !camp_explain_hides(&c[i]);
		if (!out[i])	/* something harmless instead */
			c[i] = c[0];
	}
	if (camp_opinion_start(o, c, n))
		done = camp_opinion_take(o, c, n, theirs);
	for (unsigned i = 0; i < n; i++)
		out[i] = out[i] && i < done && disagrees(&c[i], &theirs[i], buf, size);
}

static void compare_qemu(struct camp_opinion *o, const struct camp_case *c, unsigned n)
{
	struct camp_opinion alone = { .qemu = o->qemu, .program = o->program };
	static struct camp_result said[CASES];
	unsigned done = camp_opinion_take(o, c, n, said);
	char buf[256];

	totals.qemu += done;
	for (unsigned i = 0; i < done && failures < opt.failures; i++)
		if (disagrees(&c[i], &said[i], buf, sizeof buf) && is_new(&c[i]))
			camp_report(stdout, &c[i], qemu_differ, &alone, "against qemu (what it says comes second)");
	if (done < n) {
		failures++;
		printf("qemu ended in case %u of %u: %s %08" PRIx32 "\n", done, n, c[done].word->row.mnemonic, c[done].word->word);
	}
}

/* ---- totals ---- */

static void load_totals(void)
{
	FILE *f = opt.state ? fopen(opt.state, "r") : NULL;

	totals.seed = opt.seed;
	if (!f)
		return;
	if (fscanf(f, "seed %" SCNu64 " batch %" SCNu64 " interp %" SCNu64 " baseline %" SCNu64 " llvm %" SCNu64 " qemu %" SCNu64
		   " seconds %" SCNu64 " failures %" SCNu64, &totals.seed, &totals.batch, &totals.tier[0], &totals.tier[1],
		   &totals.tier[2], &totals.qemu, &totals.seconds, &totals.failures) != 8)
		totals = (struct totals){ .seed = opt.seed };
	fclose(f);
}

static void print_totals(FILE *f, uint64_t seconds)
{
	fprintf(f, "seed %" PRIu64 " batch %" PRIu64 " interp %" PRIu64 " baseline %" PRIu64 " llvm %" PRIu64 " qemu %" PRIu64
		" seconds %" PRIu64 " failures %" PRIu64 "\n", totals.seed, totals.batch, totals.tier[0], totals.tier[1],
		totals.tier[2], totals.qemu, totals.seconds + seconds, totals.failures + failures);
}

static void save_totals(uint64_t seconds)
{
	char path[512];
	FILE *f;

	if (!opt.state || snprintf(path, sizeof path, "%s.new", opt.state) >= (int)sizeof path || !(f = fopen(path, "w")))
		return;
	print_totals(f, seconds);
	camp_explain_counts(f);
	if (!fclose(f))
		rename(path, opt.state);
}

/* ---- the run ---- */

static void run(struct camp_opinion *o)
{
	time_t begin = time(NULL);
	uint64_t first = totals.tier[0];
	unsigned n[2] = { 0, 0 }, now = 0;

	while (failures < opt.failures) {
		bool more = totals.tier[0] - first < opt.count && time(NULL) - begin < (time_t)opt.seconds;

		n[now] = more ? draw_batch(totals.batch, words[now], cases[now]) : 0;
		if (n[now])
			run_tiers(cases[now], n[now]);
		/* qemu works on one batch while the next is drawn */
		if (o && n[!now])
			compare_qemu(o, cases[!now], n[!now]);
		n[!now] = 0;
		if (!n[now])
			break;
		totals.batch++;
		save_totals((uint64_t)(time(NULL) - begin));
		if (o && !camp_opinion_start(o, cases[now], n[now])) {
			failures++;
			printf("qemu cannot be started\n");
			break;
		}
		now = !now;
	}
	totals.seconds += (uint64_t)(time(NULL) - begin);
}

static bool parse_options(int argc, char **argv)
{
	for (int i = 2; i + 1 < argc; i += 2) {
		const char *v = argv[i + 1];

		if (!strcmp(argv[i], "--qemu") && i + 2 < argc)
			opt.qemu = v, opt.program = argv[i++ + 2];
		else if (!strcmp(argv[i], "--explained"))
			opt.explained = v;
		else if (!strcmp(argv[i], "--state"))
			opt.state = v;
		else if (!strcmp(argv[i], "--mnemonic"))
			opt.mnemonic = v;
		else if (!strcmp(argv[i], "--seed"))
			opt.seed = strcmp(v, "time") != 0 ? strtoull(v, NULL, 0) : (uint64_t)time(NULL);
		else if (!strcmp(argv[i], "--count"))
			opt.count = strtoull(v, NULL, 0);
		else if (!strcmp(argv[i], "--seconds"))
			opt.seconds = (unsigned)strtoul(v, NULL, 0);
		else if (!strcmp(argv[i], "--failures"))
			opt.failures = (unsigned)strtoul(v, NULL, 0);
		else if (!strcmp(argv[i], "--llvm"))
			opt.llvm_one_in = (unsigned)strtoul(v, NULL, 0);
		else
			return false;
	}
	return opt.llvm_one_in != 0;
}

int main(int argc, char **argv)
{
	struct camp_opinion o;
	void *decoder;

	camp_the = argc > 1 ? camp_guest(argv[1]) : NULL;
	if (!camp_the || !parse_options(argc, argv) || (opt.explained && !camp_explain_load(opt.explained)) ||
	    camp_the->isa->fe->open(&base_alloc_malloc, camp_the->model, &decoder) || !camp_draw_open(decoder)) {
		fprintf(stderr, "usage: see campaign.c\n");
		return 2;
	}
	for (unsigned t = 0; t < GUEST_TIERS; t++)
		if (!camp_machine_open(&machine[t], t))
			return 2;
	load_totals();
	bool has_qemu = opt.qemu && camp_opinion_open(&o, opt.qemu, opt.program);
	if (opt.qemu && !has_qemu)
		printf("note: no qemu here, the tiers alone are compared\n");
	run(has_qemu ? &o : NULL);
	save_totals(0);
	printf("%s, %u rows: ", camp_the->name, camp_rows());
	print_totals(stdout, 0);
	camp_explain_counts(stdout);
	for (unsigned t = 0; t < GUEST_TIERS; t++)
		camp_machine_close(&machine[t]);
	camp_the->isa->fe->close(decoder);
	return failures != 0;
}
