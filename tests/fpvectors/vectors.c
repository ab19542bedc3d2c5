/*
 * vectors GUEST [options]
 *
 *   --seed N|time   where random numbers begin; printed
 *   --count N       cases
 *   --seconds N     at most
 *   --mnemonic M    rows whose mnemonic fits the pattern, alone
 *   --llvm N        one block of so many runs on the LLVM tier, too
 *   --failures N    stop behind so many
 *
 * Blocks begin with each row in turn, and are executed on many states, by the interpreter, baseline and, some of them, LLVM.
 * A failure is made small and printed as a line for tests/guest; what is right of "=>" is what the manual wants.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../guest/machine.h"
#include "exact.h"
#include "vectors.h"

enum { STATES = 32 };

static struct {
	uint64_t seed, count;
	unsigned seconds, llvm_one_in, failures;
	const char *mnemonic;
} opt = { .seed = 1, .count = 100000, .seconds = ~0u, .llvm_one_in = 8, .failures = 20, .mnemonic = "*" };

struct block {
	struct fpv_insn insn[FPV_MAX_INSNS];
	unsigned n;
};

struct machine {
	struct guest_machine on;
	uint32_t code[FPV_MAX_INSNS];
	unsigned n;
};

static struct machine machine[GUEST_TIERS];
static const struct fpv_guest *guest;
static uint64_t executed[GUEST_TIERS];
static unsigned failures;

/* ---- machines ---- */

/* The block, unless it is there already, and a system call behind it. */
static bool put_code(struct machine *m, const struct block *b)
{
	uint8_t bytes[4 * FPV_MAX_INSNS + 4];
	bool same = m->n == b->n;

	for (unsigned i = 0; i < b->n; i++) {
		same &= m->code[i] == b->insn[i].word;
		m->code[i] = b->insn[i].word;
		guest_put_word(guest->isa, b->insn[i].word, bytes + (size_t)4 * i);
	}
	m->n = b->n;
	memcpy(bytes + (size_t)4 * b->n, guest->isa->syscall, 4);
	return same || dgm_mem_write(m->on.vm, NULL, GUEST_CODE, bytes, 4 * b->n + 4, NULL) == DGM_OK;
}

static bool run_machine(struct machine *m, const struct block *b, const struct fpv_state *before, struct fpv_state *after)
{
	static const dgm_run_opts opts = { .size = sizeof opts, .max_insns = 64 };
	dgm_exit exit = DGM_INIT(dgm_exit);
	bool ok = put_code(m, b);

	memset(after, 0, sizeof *after);
	memcpy(m->on.data, &before->data, sizeof before->data);
	for (const struct fpv_reg *r = guest->reg; r->bytes; r++)
		ok &= !dgm_reg_write(m->on.cpu, r->id, (const char *)before + r->at, r->bytes);
	dgm_set(m->on.cpu, guest->isa->pc, GUEST_CODE);
	ok &= !dgm_cpu_run(m->on.cpu, &opts, &exit);
	for (const struct fpv_reg *r = guest->reg; r->bytes; r++)
		ok &= !dgm_reg_read(m->on.cpu, r->id, (char *)after + r->at, r->bytes);
	memcpy(&after->data, m->on.data, sizeof after->data);
	return ok && exit.reason == DGM_EXIT_SYSCALL && exit.pc - GUEST_CODE - 4 * b->n <= 4;
}

/* ---- cases ---- */

static const char *name_of(const struct fpv_reg *r)
{
	const struct frontend *fe = guest->isa->fe;

	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id == r->id)
			return fe->reg[i].name;
	return "?";
}

static void expect(const struct block *b, const struct fpv_state *before, struct fpv_state *want)
{
	*want = *before;
	for (unsigned i = 0; i < b->n; i++)
		guest->exec(want, &b->insn[i]);
}

static bool is_wrong(unsigned tier, const struct block *b, const struct fpv_state *before)
{
	struct fpv_state want, have;

	expect(b, before, &want);
	return !run_machine(&machine[tier], b, before, &have) || memcmp(&want, &have, sizeof want) != 0;
}

/* Leaves out what is not needed to go wrong. */
static void shrink(unsigned tier, struct block *b, struct fpv_state *before)
{
	for (unsigned i = b->n; b->n > 1 && i-- > 0;) {
		struct block less = *b;

		memmove(&less.insn[i], &less.insn[i + 1], (less.n - i - 1) * sizeof *less.insn);
		less.n--;
		if (is_wrong(tier, &less, before))
			*b = less;
	}
	for (const struct fpv_reg *r = guest->reg; r->bytes; r++) {
		struct fpv_state less = *before;

		memset((char *)&less + r->at, 0, r->bytes);
		if (is_wrong(tier, b, &less))
			*before = less;
	}
}

/* The registers that differ from those of another state, or from 0. */
static void print_state(const struct fpv_state *s, const struct fpv_state *other)
{
	static const struct fpv_state zero;

	for (const struct fpv_reg *r = guest->reg; r->bytes; r++) {
		uint64_t v[2] = { 0, 0 };

		if (!memcmp((const char *)s + r->at, (const char *)(other ? other : &zero) + r->at, r->bytes))
			continue;
		memcpy(v, (const char *)s + r->at, r->bytes);
		if (v[1])
			printf(" %s=0x%" PRIx64 "%016" PRIx64, name_of(r), v[1], v[0]);
		else
			printf(" %s=%#" PRIx64, name_of(r), v[0]);
	}
	if (s->data != (other ? other->data : 0))
		printf(" mem[%#x]=%016" PRIx64, GUEST_DATA, __builtin_bswap64(s->data));
}

static void report(unsigned tier, const struct block *block, const struct fpv_state *state)
{
	struct fpv_state before = *state, want, have;
	struct block b = *block;
	uint8_t bytes[4];

	shrink(tier, &b, &before);
	expect(&b, &before, &want);
	bool ran = run_machine(&machine[tier], &b, &before, &have);
	printf("%s: [", guest_public[tier].name);
	for (unsigned i = 0; i < b.n; i++) {
		guest_put_word(guest->isa, b.insn[i].word, bytes);
		printf("%s%02x %02x %02x %02x", i ? " " : "", bytes[0], bytes[1], bytes[2], bytes[3]);
	}
	printf("] \"");
	for (unsigned i = 0; i < b.n; i++)
		printf("%s%s", i ? "; " : "", guest->mnemonic(b.insn[i].row));
	printf("\"");
	print_state(&before, NULL);
	printf(" =>");
	print_state(&want, &before);
	printf(ran ? "\n  has:" : "\n  does not come to its end\n  has:");
	print_state(&have, &want);
	printf("\n");
	fflush(stdout);
}

static void run_case(const struct block *b, const struct fpv_state *before, bool on_llvm)
{
	struct fpv_state want, have;

	expect(b, before, &want);
	for (unsigned t = 0; t < (on_llvm ? GUEST_TIERS : GUEST_TIERS - 1u); t++) {
		executed[t]++;
		if (run_machine(&machine[t], b, before, &have) && !memcmp(&want, &have, sizeof want))
			continue;
		failures++;
		report(t, b, before);
		return;
	}
}

static void run_block(struct test_rng *r, unsigned row, bool on_llvm)
{
	struct fpv_state before;
	struct block b = { .n = 1 };

	guest->draw(r, row, &b.insn[0]);
	for (unsigned more = test_below(r, 4) ? 0 : 1 + test_below(r, FPV_MAX_INSNS - 1); more; more--)
		guest->draw(r, test_below(r, guest->n_rows), &b.insn[b.n++]);
	unsigned failed = failures;
	for (unsigned i = 0; i < STATES && failures == failed; i++) {
		guest->state(r, &b.insn[0], &before);
		run_case(&b, &before, on_llvm);
	}
}

static void run(void)
{
	struct test_rng r = { opt.seed };
	time_t begin = time(NULL);

	unsigned first = test_below(&r, guest->n_rows);

	for (uint64_t k = 0, drawn = 0; k < guest->n_rows || drawn; k++) {
		unsigned row = (unsigned)((first + k) % guest->n_rows);

		if (executed[0] >= opt.count || time(NULL) - begin >= (time_t)opt.seconds || failures >= opt.failures)
			return;
		if (!fnmatch(opt.mnemonic, guest->mnemonic(row), 0))
			run_block(&r, row, drawn++ % opt.llvm_one_in == 0);
	}
}

static bool parse_options(int argc, char **argv)
{
	static const struct fpv_guest *const guests[] = { &fpv_aarch64, &fpv_arm, &fpv_ppc };

	for (unsigned i = 0; argc > 1 && i < sizeof guests / sizeof *guests; i++)
		if (!strcmp(guests[i]->name, argv[1]))
			guest = guests[i];
	for (int i = 2; i + 1 < argc; i += 2) {
		const char *v = argv[i + 1];

		if (!strcmp(argv[i], "--seed"))
			opt.seed = strcmp(v, "time") != 0 ? strtoull(v, NULL, 0) : (uint64_t)time(NULL);
		else if (!strcmp(argv[i], "--count"))
			opt.count = strtoull(v, NULL, 0);
		else if (!strcmp(argv[i], "--seconds"))
			opt.seconds = (unsigned)strtoul(v, NULL, 0);
		else if (!strcmp(argv[i], "--mnemonic"))
			opt.mnemonic = v;
		else if (!strcmp(argv[i], "--llvm"))
			opt.llvm_one_in = (unsigned)strtoul(v, NULL, 0);
		else if (!strcmp(argv[i], "--failures"))
			opt.failures = (unsigned)strtoul(v, NULL, 0);
		else
			return false;
	}
	return guest && opt.llvm_one_in;
}

int main(int argc, char **argv)
{
	if (!parse_options(argc, argv) || !exact_open()) {
		fprintf(stderr, "usage: see vectors.c\n");
		return 2;
	}
	for (unsigned t = 0; t < GUEST_TIERS; t++)
		if (!guest_machine_open(&machine[t].on, guest->isa, guest->model, guest_public[t].flags, GUEST_CODE_SIZE))
			return 2;
	failures += fpv_rows_without(guest);
	run();
	printf("%s, %u rows, seed %" PRIu64 ": %" PRIu64 " cases, %" PRIu64 " on llvm, %u wrong\n", guest->name, guest->n_rows, opt.seed,
	       executed[0], executed[2], failures);
	for (unsigned t = 0; t < GUEST_TIERS; t++)
		guest_machine_close(&machine[t].on);
	exact_close();
	return failures || !executed[0];
}
