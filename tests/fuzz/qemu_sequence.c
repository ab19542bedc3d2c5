/*
 * Random programs under qemu-ppc and on our interpreter: registers and memory must be the same.
 * Programs are drawn without what the manual leaves undefined or QEMU 7.2 is known to do
 * otherwise (is_tame and its neighbours in sequence_draw.c list each with its reason). Words
 * that fault for us become no-ops: a process would get a signal for them.
 *
 *   qemu_sequence <qemu-ppc> <qemu_guest program> [count [seed]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frontend/ppc/fpu.h"
#include "sequence.h"

enum { STATE_BYTES = 408, NOP = 0x60000000, MAX_FAILURES = 5, RECORD = 4 + STATE_BYTES + SEQ_DATA_SIZE, MAX_CASES = 20000 };

struct done {
	uint64_t number;
	uint32_t insns;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The layout of qemu_guest.c's states. */
static void pack(const struct seq_state *s, uint8_t *p)
{
	const uint32_t rest[6] = { s->cr, s->xer, s->lr, s->ctr, s->fpscr, 0 };

	for (unsigned i = 0; i < 32; i++) {
		put32(p + 4 * i, s->r[i]);
		put32(p + 128 + 8 * i, (uint32_t)(s->f[i] >> 32));
		put32(p + 132 + 8 * i, (uint32_t)s->f[i]);
	}
	for (unsigned i = 0; i < 6; i++)
		put32(p + 384 + 4 * i, rest[i]);
}

static void unpack(const uint8_t *p, struct seq_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < 32; i++) {
		s->r[i] = get32(p + 4 * i);
		s->f[i] = (uint64_t)get32(p + 128 + 8 * i) << 32 | get32(p + 132 + 8 * i);
	}
	s->cr = get32(p + 384);
	s->xer = get32(p + 388);
	s->lr = get32(p + 392);
	s->ctr = get32(p + 396);
	s->fpscr = get32(p + 400);
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
				c->word[at] = NOP;
		}
	}
	return false;
}

static void draw(uint64_t seed, uint64_t number, struct seq_case *c)
{
	struct seq_rng rng = { seed * 0x2545f4914f6cdd1du + number };

	seq_next(&rng);
	seq_draw(&rng, SEQ_TAME, 10 + seq_below(&rng, 60), c);
}

/* Bits that QEMU gets wrong or that the manual leaves open, in both. */
static void forgive(struct seq_state *s)
{
	/* FR: QEMU hardly sets it. FI: it lets comparisons clear it (UISA, fcmpu: FPCC FX VXSNAN). C: QEMU classifies denormal singles by their double image and writes
	 * it for comparisons (UISA 3.3.6.1.1, appendix D). */
	s->fpscr &= ~(uint32_t)(FPSCR_FR | FPSCR_FI | 1 << 16);
	s->vrsave = s->reserve = s->msr_fe = 0;
}

static bool write_case(FILE *f, const struct seq_case *c)
{
	static uint8_t record[RECORD];
	uint8_t word[4];

	put32(record, c->n);
	pack(&c->before, record + 4);
	memcpy(record + 4 + STATE_BYTES, c->data, SEQ_DATA_SIZE);
	if (fwrite(record, sizeof record, 1, f) != 1)
		return false;
	for (unsigned i = 0; i < c->n; i++) {
		put32(word, c->word[i]);
		if (fwrite(word, 4, 1, f) != 1)
			return false;
	}
	return true;
}

/* Executes the cases of the open files' names; false when QEMU or the guest failed. */
static bool run_qemu(const char *qemu, const char *guest, FILE *in, FILE *out)
{
	int status;

	fflush(in);
	rewind(in);
	pid_t pid = fork();
	if (pid < 0)
		return false;
	if (!pid) {
		dup2(fileno(in), 0);
		dup2(fileno(out), 1);
		lseek(0, 0, SEEK_SET);
		execl(qemu, qemu, "-cpu", "750", guest, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		printf("qemu-ppc ended with status %#x\n", (unsigned)status);
		return false;
	}
	rewind(out);
	return true;
}

/* The reference machine again; true when qemu's answer in `record` is another. */
static bool compare(struct seq_machine *m, const struct seq_case *c, const uint8_t *record, char *buf, unsigned n)
{
	static struct seq_result ours, theirs;

	if (!seq_machine_run(m, c, &ours))
		exit(2);
	theirs = ours;
	unpack(record + 4, &theirs.after);
	memcpy(theirs.data, record + 4 + STATE_BYTES, SEQ_DATA_SIZE);
	forgive(&theirs.after);
	forgive(&ours.after);
	return seq_compare(m->tier, &theirs, &ours, buf, n) != NULL;
}

/* One case on a qemu of its own. */
static bool differs(struct seq_machine *m, const char *qemu, const char *guest, const struct seq_case *c, char *buf,
		    unsigned n)
{
	static uint8_t record[RECORD];
	static struct seq_result r;
	struct seq_case copy = *c;
	uint8_t end[RECORD] = { 0 };
	FILE *in = tmpfile(), *out = tmpfile();
	bool bad = false;

	if (in && out && prepare(m, &copy, &r) && !memcmp(&copy, c, sizeof copy) && write_case(in, c) &&
	    fwrite(end, sizeof end, 1, in) == 1 && run_qemu(qemu, guest, in, out) &&
	    fread(record, sizeof record, 1, out) == 1)
		bad = compare(m, c, record, buf, n);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return bad;
}

/* The shortest program that still differs, made of no-ops first and then without them. */
static void show(struct seq_machine *m, const char *qemu, const char *guest, struct seq_case *c)
{
	static struct seq_case try;
	char buf[512] = "not alone", text[128];

	for (unsigned step = c->n; step; step /= 2) {
		for (unsigned at = 0; at < c->n; at += step) {
			try = *c;
			for (unsigned i = at; i < at + step && i < c->n; i++)
				try.word[i] = NOP;
			if (differs(m, qemu, guest, &try, buf, sizeof buf))
				*c = try;
		}
	}
	printf("  %s\n", differs(m, qemu, guest, c, buf, sizeof buf) ? buf : "not alone");
	for (unsigned i = 0; i < c->n; i++) {
		if (c->word[i] == NOP)
			continue;
		seq_disassemble(c->word[i], SEQ_CODE + 4 * i, text, sizeof text);
		printf("  %05x: %08" PRIx32 "  %s\n", SEQ_CODE + 4 * i, c->word[i], text);
	}
	for (unsigned i = 0; i < 32; i++)
		printf("  r%u=%#" PRIx32 " f%u=%#" PRIx64 "%s", i, c->before.r[i], i, c->before.f[i], i % 4 == 3 ? "\n" : "");
	printf("  cr=%#" PRIx32 " xer=%#" PRIx32 " fpscr=%#" PRIx32 "\n", c->before.cr, c->before.xer, c->before.fpscr);
}

int main(int argc, char **argv)
{
	static struct seq_case c;
	static struct seq_result r;
	static struct done done[MAX_CASES];
	static uint8_t record[RECORD], end[RECORD];
	uint64_t count = argc > 3 ? strtoull(argv[3], NULL, 0) : 2000, seed = argc > 4 ? strtoull(argv[4], NULL, 0) : 1;
	uint64_t n = 0, insns = 0;
	unsigned failures = 0;
	struct seq_machine m;
	FILE *in = tmpfile(), *out = tmpfile();
	char buf[512];

	if (argc < 3 || access(argv[1], X_OK) || access(argv[2], X_OK)) {
		printf("skipped: there is no qemu-ppc or no PowerPC compiler here\n");
		return 77;
	}
	if (!in || !out || !seq_open() || !seq_machine_open(&m, &seq_tiers[0]))
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
	if (fwrite(end, sizeof end, 1, in) != 1 || !run_qemu(argv[1], argv[2], in, out))
		return 2;
	for (uint64_t i = 0; i < n && failures < MAX_FAILURES; i++) {
		if (fread(record, sizeof record, 1, out) != 1)
			return 2;
		draw(seed, done[i].number, &c);
		if (!prepare(&m, &c, &r) || !compare(&m, &c, record, buf, sizeof buf))
			continue;
		failures++;
		printf("case %" PRIu64 " of seed %" PRIu64 ": %s (what qemu-ppc says comes second)\n", done[i].number, seed, buf);
		show(&m, argv[1], argv[2], &c);
	}
	printf("seed %" PRIu64 ": %" PRIu64 " programs drawn, %" PRIu64 " executed, %" PRIu64 " instructions, %u differ\n", seed,
	       count, n, insns, failures);
	seq_machine_close(&m);
	seq_close();
	fclose(in);
	fclose(out);
	return failures || n < count / 2;
}
