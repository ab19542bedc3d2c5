/*
 * Random programs under qemu's user mode and on our interpreter: registers and memory must be the same.
 * Programs are drawn without what the manual leaves undefined or QEMU 7.2 is known to do
 * otherwise (is_tame and its neighbours in sequence_ppc.c and sequence_aarch64.c list each with its reason). Words
 * that fault for us become no-ops: a process would get a signal for them.
 *
 *   qemu_sequence GUEST <qemu program> <process for the guest> [count [seed]]
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../qemu/states.h"
#include "dragoman/aarch64.h"
#include "dragoman/ppc.h"
#include "frontend/ppc/fpu.h"
#include "sequence.h"

enum { MAX_FAILURES = 5, MAX_RECORD = QEMU_HEAD_OUT + QEMU_MAX_STATE + SEQ_DATA_SIZE, MAX_CASES = 20000 };

struct done {
	uint64_t number;
	uint32_t insns;
};

/* What differs between guests. */
struct opinion {
	const struct seq_guest *guest;
	const struct qemu_states *states;
	/* Takes away what qemu gets wrong or the manual leaves open. */
	void (*forgive)(struct seq_state *s);
};

static void ppc_forgive(struct seq_state *s)
{
	/*
	 * FR: QEMU hardly sets it. FI: it lets comparisons clear it (UISA, fcmpu: FPCC FX VXSNAN). C: QEMU classifies
	 * denormal singles by their double image and writes it for comparisons (UISA 3.3.6.1.1, appendix D).
	 */
	seq_reg(&seq_ppc, s, DGM_PPC_FPSCR)->lo &= ~(uint64_t)(FPSCR_FR | FPSCR_FI | 1 << 16);
	seq_reg(&seq_ppc, s, DGM_PPC_RESERVE)->lo = 0;
	seq_reg(&seq_ppc, s, DGM_PPC_MSR_FE)->lo = 0;
}

/*
 * The monitor cannot be seen, nor TPIDRRO_EL0 be set. FPSR has no flags of AArch32 where there is no AArch32; QEMU's
 * greatest processor has.
 */
static void aarch64_forgive(struct seq_state *s)
{
	seq_reg(&seq_aarch64, s, DGM_A64_FPSR)->lo &= 0x0fffffff;
	seq_reg(&seq_aarch64, s, DGM_A64_TPIDRRO_EL0)->lo = 0;
	seq_reg(&seq_aarch64, s, DGM_A64_EXCLUSIVE)->lo = 0;
}

static const struct opinion opinions[] = {
	{ &seq_ppc, &qemu_ppc, ppc_forgive },
	{ &seq_aarch64, &qemu_aarch64, aarch64_forgive },
};

static const struct opinion *opinion;
static const struct seq_guest *guest;
static void *decoder;

static void order(void *to, const void *from, unsigned n)
{
	qemu_order(guest->fe->big_endian, to, from, n);
}

static void pack(struct seq_state *s, uint8_t *p)
{
	struct qemu_field f;

	memset(p, 0, opinion->states->bytes);
	for (unsigned i = 0; qemu_field(opinion->states, i, &f); i++)
		order(p + f.at, seq_reg(guest, s, f.id), f.bytes);
}

static void unpack(const uint8_t *p, struct seq_state *s)
{
	struct qemu_field f;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; qemu_field(opinion->states, i, &f); i++)
		order(seq_reg(guest, s, f.id), p + f.at, f.bytes);
}

static size_t answer_bytes(void)
{
	return QEMU_HEAD_OUT + opinion->states->bytes + SEQ_DATA_SIZE;
}

/* Runs the program, with words that end it made no-ops, until it gets through; false when it does not. */
static bool prepare(struct seq_machine *m, struct seq_case *c, struct seq_result *r)
{
	for (unsigned turn = 0; turn < 100; turn++) {
		if (!seq_machine_run(m, c, r))
			exit(2);
		if (r->n_events == 1)
			return r->event[0].reason == DGM_EXIT_SYSCALL && r->event[0].pc == SEQ_CODE + 4 * c->n;
		for (unsigned i = 0; i < r->n_events; i++) {
			uint64_t at = (r->event[i].pc - SEQ_CODE) / 4;

			if (at < c->n && r->event[i].reason != DGM_EXIT_SYSCALL)
				c->word[at] = guest->nop;
		}
	}
	return false;
}

static void draw(uint64_t seed, uint64_t number, struct seq_case *c)
{
	struct test_rng rng = { seed * 0x2545f4914f6cdd1du + number };

	test_next(&rng);
	guest->draw(&rng, SEQ_TAME, 10 + test_below(&rng, 60), c);
}

/* Behind the code is what is undefined, for every guest here. */
static bool write_case(FILE *f, struct seq_case *c)
{
	uint8_t head[QEMU_HEAD_IN] = { 0 }, state[QEMU_MAX_STATE], word[4];
	const uint32_t n = 4 * c->n, whole = 1;

	order(head, &n, 4);
	order(head + 4, &whole, 4);
	pack(&c->before, state);
	if (fwrite(head, sizeof head, 1, f) != 1 || fwrite(state, opinion->states->bytes, 1, f) != 1 ||
	    fwrite(c->data, SEQ_DATA_SIZE, 1, f) != 1)
		return false;
	for (unsigned i = 0; i < c->n; i++) {
		seq_put_word(guest, word, c->word[i]);
		if (fwrite(word, 4, 1, f) != 1)
			return false;
	}
	return true;
}

static bool write_end(FILE *f)
{
	static const uint8_t end[QEMU_HEAD_IN + QEMU_MAX_STATE];

	return fwrite(end, QEMU_HEAD_IN + opinion->states->bytes, 1, f) == 1;
}

/* Executes the cases of one file, and answers into the other; false when QEMU or the process failed. */
static bool run_qemu(const char *qemu, const char *program, FILE *in, FILE *out)
{
	pid_t pid = qemu_start(opinion->states, qemu, program, in, out, 0);
	int status;

	if (pid < 0)
		return false;
	if (waitpid(pid, &status, 0) != pid || status) {
		printf("qemu ended with status %#x\n", (unsigned)status);
		return false;
	}
	rewind(out);
	return true;
}

/* The reference machine again; true when qemu's answer in `record` is another. */
static bool compare(struct seq_machine *m, const struct seq_case *c, const uint8_t *record, char *buf, unsigned n)
{
	static struct seq_result ours, theirs;
	uint32_t sig = 0;
	uint64_t pc = 0;

	if (!seq_machine_run(m, c, &ours))
		exit(2);
	order(&sig, record, 4);
	order(&pc, record + 8, 8);
	if (sig != SIGILL || pc != SEQ_CODE + 4 * c->n) {
		snprintf(buf, n, "signal %" PRIu32 " at %#" PRIx64, sig, pc);
		return true;
	}
	theirs = ours;
	unpack(record + QEMU_HEAD_OUT, &theirs.after);
	memcpy(theirs.data, record + QEMU_HEAD_OUT + opinion->states->bytes, SEQ_DATA_SIZE);
	opinion->forgive(&theirs.after);
	opinion->forgive(&ours.after);
	return seq_compare(m, &theirs, &ours, buf, n) != NULL;
}

/* One case on a qemu of its own. */
static bool differs(struct seq_machine *m, const char *qemu, const char *program, const struct seq_case *c, char *buf,
		    unsigned n)
{
	static uint8_t record[MAX_RECORD];
	static struct seq_result r;
	struct seq_case copy = *c;
	FILE *in = tmpfile(), *out = tmpfile();
	bool bad = false;

	if (in && out && prepare(m, &copy, &r) && !memcmp(&copy, c, sizeof copy) && write_case(in, &copy) &&
	    write_end(in) && run_qemu(qemu, program, in, out) &&
	    fread(record, answer_bytes(), 1, out) == 1)
		bad = compare(m, c, record, buf, n);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return bad;
}

/* The shortest program that still differs, made of no-ops first and then without them. */
static void show(struct seq_machine *m, const char *qemu, const char *program, struct seq_case *c)
{
	static struct seq_case try;
	char buf[512] = "not alone", text[128];

	for (unsigned step = c->n; step; step /= 2) {
		for (unsigned at = 0; at < c->n; at += step) {
			try = *c;
			for (unsigned i = at; i < at + step && i < c->n; i++)
				try.word[i] = guest->nop;
			if (differs(m, qemu, program, &try, buf, sizeof buf))
				*c = try;
		}
	}
	printf("  %s\n", differs(m, qemu, program, c, buf, sizeof buf) ? buf : "not alone");
	for (unsigned i = 0; i < c->n; i++) {
		if (c->word[i] == guest->nop)
			continue;
		seq_disassemble(guest, decoder, c->word[i], SEQ_CODE + 4 * i, text, sizeof text);
		printf("  %05x: %08" PRIx32 "  %s\n", SEQ_CODE + 4 * i, c->word[i], text);
	}
	for (unsigned i = 0; i < guest->fe->n_reg; i++)
		printf("  %s=%#" PRIx64 " %016" PRIx64 "%s", guest->fe->reg[i].name, c->before.reg[i].hi, c->before.reg[i].lo,
		       i % 4 == 3 ? "\n" : "");
	printf("\n");
}

int main(int argc, char **argv)
{
	static struct seq_case c;
	static struct seq_result r;
	static struct done done[MAX_CASES];
	static uint8_t record[MAX_RECORD];
	uint64_t count = argc > 4 ? strtoull(argv[4], NULL, 0) : 2000, seed = argc > 5 ? strtoull(argv[5], NULL, 0) : 1;
	uint64_t n = 0, insns = 0;
	unsigned failures = 0;
	struct seq_machine m;
	FILE *in = tmpfile(), *out = tmpfile();
	char buf[512];

	if (argc < 4 || access(argv[2], X_OK) || access(argv[3], X_OK)) {
		printf("skipped: there is no qemu or no compiler for the guest here\n");
		return 77;
	}
	for (size_t i = 0; i < sizeof opinions / sizeof *opinions; i++)
		if (!strcmp(opinions[i].guest->name, argv[1]))
			opinion = &opinions[i];
	guest = opinion ? opinion->guest : NULL;
	if (!in || !out || !guest || !guest->open() || guest->fe->open(&base_alloc_malloc, NULL, &decoder) ||
	    !seq_machine_open(&m, guest, &seq_tiers[0]))
		return 2;
	for (uint64_t number = 0; number < count && n < MAX_CASES; number++) {
		draw(seed, number, &c);
		if (!prepare(&m, &c, &r))
			continue;
		if (!write_case(in, &c))
			return 2;
		done[n++].number = number;
		insns += r.insns;
	}
	if (!write_end(in) || !run_qemu(argv[2], argv[3], in, out))
		return 2;
	for (uint64_t i = 0; i < n && failures < MAX_FAILURES; i++) {
		if (fread(record, answer_bytes(), 1, out) != 1)
			return 2;
		draw(seed, done[i].number, &c);
		if (!prepare(&m, &c, &r) || !compare(&m, &c, record, buf, sizeof buf))
			continue;
		failures++;
		printf("case %" PRIu64 " of seed %" PRIu64 ": %s (what qemu says comes second)\n", done[i].number, seed, buf);
		show(&m, argv[2], argv[3], &c);
	}
	printf("seed %" PRIu64 ": %" PRIu64 " programs drawn, %" PRIu64 " executed, %" PRIu64 " instructions, %u differ\n", seed,
	       count, n, insns, failures);
	seq_machine_close(&m);
	guest->fe->close(decoder);
	guest->close();
	fclose(in);
	fclose(out);
	return failures || n < count / 2;
}
