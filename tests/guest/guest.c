/*
 * Runs the lines of the .txt files beside it. A line is
 *
 *   [34 64 ff ff] "addic. r3, r4, -1" r4=1 => r3=0 xer_ca=1
 *
 * Left of "=>" what is before, right of it what must be different afterwards: every register
 * and every byte of memory that is not named there must keep its value. Names: registers of the
 * public interface, CR bits (cr0_lt), xer_so xer_ov xer_ca xer_count, mem[0x1000] (hexadecimal
 * bytes, as they stand in memory), and
 *   model=750      the processor
 *   end=fault      how it ends, unless behind the instructions: syscall illegal privileged trap
 *                  fault align fp; the pc is then that of the guilty instruction
 *   pc=0x10010     where it goes on, unless behind the instructions
 *   addr=0x3000    address of the fault
 * Code stands at 0x10000, data at 0x1000 to 0x2fff. Several instructions: "a; b". '#' begins a
 * comment.
 *
 *   guest file...            runs the lines on every executor
 *   guest --coverage file... fails when a row of the front end has no line
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/ppc.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"
#include "guest.h"

enum { MAX_REGS = 128, MAX_SETS = 48 };

struct side {
	struct {
		uint32_t id;
		uint64_t mask, value;
	} reg[MAX_SETS];
	unsigned n_reg;
	uint8_t mem[GUEST_DATA_SIZE];
	bool mem_set[GUEST_DATA_SIZE];
};

struct test_case {
	const char *file;
	unsigned line;
	uint32_t word[GUEST_MAX_WORDS];
	unsigned n_words;
	char text[256], model[16];
	struct side before, after;
	enum guest_end end;
	bool has_pc, has_addr;
	uint64_t pc, addr;
};

static const char *const end_names[] = {
	[END_NEXT] = "next", [END_SYSCALL] = "syscall", [END_ILLEGAL] = "illegal",
	[END_PRIVILEGED] = "privileged", [END_TRAP] = "trap", [END_FAULT] = "fault",
	[END_ALIGN] = "align", [END_FP] = "fp", [END_OTHER] = "other",
};

static unsigned failures;

#define FAIL(c, ...) \
	do { \
		failures++; \
		fprintf(stderr, "%s:%u: ", (c)->file, (c)->line); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
	} while (0)

/* A name of a register or of a part of one. */
static bool find_name(const char *name, uint32_t *id, unsigned *shift, uint64_t *mask)
{
	static const struct {
		const char *name;
		unsigned shift, mask;
	} xer[] = { { "xer_so", 31, 1 }, { "xer_ov", 30, 1 }, { "xer_ca", 29, 1 }, { "xer_count", 0, 127 } };
	static const char *const bits[] = { "lt", "gt", "eq", "so" };
	const char *reg;
	unsigned width;

	*shift = 0;
	for (unsigned i = 0; guest_reg(i, id, &reg, &width); i++) {
		if (!strcmp(reg, name)) {
			*mask = width == 64 ? ~0ull : (1ull << width) - 1;
			return true;
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		if (!strcmp(xer[i].name, name)) {
			*id = DGM_PPC_XER, *shift = xer[i].shift, *mask = (uint64_t)xer[i].mask << *shift;
			return true;
		}
		if (!strncmp(name, "cr", 2) && name[2] >= '0' && name[2] <= '7' && name[3] == '_' &&
		    !strcmp(name + 4, bits[i])) {
			*id = DGM_PPC_CR, *shift = 31 - (4u * (unsigned)(name[2] - '0') + i), *mask = 1ull << *shift;
			return true;
		}
	}
	return false;
}

static bool parse_memory(struct side *s, const char *token)
{
	char *end;
	uint64_t addr = strtoull(token + 4, &end, 0);
	unsigned byte;
	int used;

	if (strncmp(end, "]=", 2) != 0 || !end[2])
		return false;
	for (end += 2; *end; end += used, addr++) {
		if (sscanf(end, "%2x%n", &byte, &used) != 1 || used != 2 || addr - GUEST_DATA >= GUEST_DATA_SIZE)
			return false;
		s->mem[addr - GUEST_DATA] = (uint8_t)byte;
		s->mem_set[addr - GUEST_DATA] = true;
	}
	return true;
}

static bool parse_end(struct test_case *c, const char *name)
{
	for (unsigned i = 0; i < END_OTHER; i++) {
		if (!strcmp(end_names[i], name)) {
			c->end = (enum guest_end)i;
			return true;
		}
	}
	return false;
}

static bool parse_token(struct test_case *c, struct side *s, char *token)
{
	char *eq = strchr(token, '=');
	unsigned shift;
	char *rest;

	if (!eq)
		return false;
	if (!strncmp(token, "mem[", 4))
		return parse_memory(s, token);
	*eq = 0;
	if (!strcmp(token, "model"))
		return snprintf(c->model, sizeof c->model, "%s", eq + 1) < (int)sizeof c->model;
	if (!strcmp(token, "end"))
		return parse_end(c, eq + 1);
	uint64_t value = strtoull(eq + 1, &rest, 0);
	if (eq[1] == '-')
		value = (uint64_t)strtoll(eq + 1, &rest, 0);
	if (*rest || rest == eq + 1 || s->n_reg == MAX_SETS)
		return false;
	if (!strcmp(token, "pc") && s == &c->after)
		return c->has_pc = true, c->pc = value, true;
	if (!strcmp(token, "addr"))
		return c->has_addr = true, c->addr = value, true;
	if (!find_name(token, &s->reg[s->n_reg].id, &shift, &s->reg[s->n_reg].mask))
		return false;
	s->reg[s->n_reg].value = value << shift & s->reg[s->n_reg].mask;
	s->n_reg++;
	return true;
}

/* "[aa bb cc dd ...]" at the start of the line; returns what follows. */
static char *parse_words(struct test_case *c, char *p)
{
	unsigned byte, n = 0;
	int used;

	if (*p++ != '[')
		return NULL;
	for (; sscanf(p, "%2x%n", &byte, &used) == 1 && n < 4 * GUEST_MAX_WORDS; p += used, n++)
		c->word[n / 4] = c->word[n / 4] << 8 | byte;
	c->n_words = n / 4;
	return *p == ']' && n && n % 4 == 0 ? p + 1 : NULL;
}

static bool parse_line(struct test_case *c, char *line)
{
	char *p = parse_words(c, line);
	struct side *s = &c->before;

	if (!p || !(p = strchr(p, '"')))
		return false;
	char *quote = strchr(p + 1, '"');
	if (!quote)
		return false;
	*quote = 0;
	snprintf(c->text, sizeof c->text, "%s", p + 1);
	for (p = strtok(quote + 1, " \t\n"); p; p = strtok(NULL, " \t\n")) {
		if (*p == '#')
			break;
		if (!strcmp(p, "=>"))
			s = &c->after;
		else if (!parse_token(c, s, p)) {
			FAIL(c, "cannot read '%s'", p);
			return false;
		}
	}
	return s == &c->after;
}

/* What a register holds that the case does not name: odd values, and clean flags. */
static uint64_t poison(uint32_t id)
{
	if (id >= DGM_PPC_R0 && id <= DGM_PPC_R31)
		return 0xa5c30000u + (id - DGM_PPC_R0) * 0x01010101u;
	if (id >= DGM_PPC_F0 && id <= DGM_PPC_F31)
		return 0x4000123456789a00u + (id - DGM_PPC_F0) * 0x0001000100000001u;
	return id == DGM_PPC_LR ? 0x1c1c1c1d : id == DGM_PPC_CTR ? 0x7c7c7c7d : 0;
}

static uint8_t poison_byte(unsigned i)
{
	return (uint8_t)(i * 7 + 3);
}

static void apply(const struct side *s, uint32_t id, uint64_t *v)
{
	for (unsigned i = 0; i < s->n_reg; i++)
		if (s->reg[i].id == id)
			*v = (*v & ~s->reg[i].mask) | s->reg[i].value;
}

static void check_registers(const struct test_case *c, const struct guest_executor *e, void *m)
{
	uint32_t id;
	const char *name;
	unsigned bits;

	for (unsigned i = 0; guest_reg(i, &id, &name, &bits); i++) {
		if (id == DGM_PPC_PC || id == DGM_PPC_RESERVE)
			continue;
		uint64_t want = poison(id);
		apply(&c->before, id, &want);
		apply(&c->after, id, &want);
		uint64_t have = e->get(m, id);
		if (have != want)
			FAIL(c, "%s, %s: %s is %#" PRIx64 ", not %#" PRIx64, c->text, e->name, name, have, want);
	}
}

static void check_memory(const struct test_case *c, const struct guest_executor *e, const uint8_t *data)
{
	for (unsigned i = 0; i < GUEST_DATA_SIZE; i++) {
		uint8_t want = c->after.mem_set[i] ? c->after.mem[i] :
			       c->before.mem_set[i] ? c->before.mem[i] : poison_byte(i);
		if (data[i] != want) {
			FAIL(c, "%s, %s: mem[%#x] is %02x, not %02x", c->text, e->name, GUEST_DATA + i, data[i], want);
			return;
		}
	}
}

static void prepare(const struct test_case *c, const struct guest_executor *e, void *m)
{
	uint32_t id;
	const char *name;
	unsigned bits;
	uint8_t *data = e->data(m);

	for (unsigned i = 0; guest_reg(i, &id, &name, &bits); i++) {
		uint64_t v = poison(id);
		apply(&c->before, id, &v);
		e->set(m, id, v);
	}
	e->set(m, DGM_PPC_PC, GUEST_CODE);
	for (unsigned i = 0; i < GUEST_DATA_SIZE; i++)
		data[i] = c->before.mem_set[i] ? c->before.mem[i] : poison_byte(i);
}

static void run_on(const struct test_case *c, const struct guest_executor *e, void *m)
{
	struct guest_result r;
	uint64_t pc = GUEST_CODE + (c->end == END_NEXT ? 4 * c->n_words : 0);

	prepare(c, e, m);
	if (!e->run(m, c->word, c->n_words, &r)) {
		FAIL(c, "%s, %s: cannot execute", c->text, e->name);
		return;
	}
	if (r.end != c->end) {
		FAIL(c, "%s, %s: ends with %s, not %s", c->text, e->name, end_names[r.end], end_names[c->end]);
		return;
	}
	if (r.pc != (c->has_pc ? c->pc : pc))
		FAIL(c, "%s, %s: pc is %#" PRIx64, c->text, e->name, r.pc);
	if (c->has_addr && r.addr != c->addr)
		FAIL(c, "%s, %s: faults at %#" PRIx64, c->text, e->name, r.addr);
	check_registers(c, e, m);
	check_memory(c, e, e->data(m));
}

static struct ppc_decoder *decoder_of(const char *model)
{
	void *d;

	return frontend_ppc.open(&base_alloc_malloc, *model ? model : NULL, &d) ? NULL : d;
}

static void check_text(const struct test_case *c)
{
	struct ppc_decoder *d = decoder_of(c->model);
	char text[256] = "", one[96];

	if (!d) {
		FAIL(c, "no model '%s'", c->model);
		return;
	}
	for (unsigned i = 0; i < c->n_words; i++) {
		size_t used = strlen(text);
		ppc_disassemble(d, c->word[i], GUEST_CODE + 4 * i, one, sizeof one);
		snprintf(text + used, sizeof text - used, "%s%s", i ? "; " : "", one);
	}
	if (strcmp(text, c->text) != 0)
		FAIL(c, "is '%s', not '%s'", text, c->text);
	ppc_decoder_close(d);
}

/* One machine an executor and model is kept for the whole run. */
struct machines {
	const struct guest_executor *e;
	struct {
		char model[16];
		void *self;
	} by_model[8];
};

static void *machine_of(struct machines *k, const char *model)
{
	for (unsigned i = 0; i < 8; i++) {
		if (!k->by_model[i].self) {
			snprintf(k->by_model[i].model, sizeof k->by_model[i].model, "%s", model);
			return k->by_model[i].self = k->e->open(k->e, *model ? model : NULL);
		}
		if (!strcmp(k->by_model[i].model, model))
			return k->by_model[i].self;
	}
	return NULL;
}

static void close_machines(struct machines *k)
{
	for (unsigned i = 0; i < 8 && k->by_model[i].self; i++) {
		if (!i && k->e->report)
			k->e->report(k->e, k->by_model[i].self);
		k->e->close(k->by_model[i].self);
	}
}

struct run {
	struct machines machines[16];
	unsigned n_machines;
	struct ppc_decoder *decoder;	/* for coverage */
	unsigned n_cases;
	struct {
		const struct ppc_row *row;
		bool plain, dot;
	} seen[1024];
	unsigned n_seen;
};

/* A row of the default model or, where only they have it, of another one. */
static void note_rows(struct run *run, const struct test_case *c)
{
	struct ppc_decoder *d = *c->model ? decoder_of(c->model) : run->decoder;

	for (unsigned i = 0; d && i < c->n_words; i++) {
		const struct ppc_row *row = ppc_decode(d, c->word[i]);
		unsigned k = 0;
		while (k < run->n_seen && run->seen[k].row != row)
			k++;
		if (!row || k == 1024)
			continue;
		if (k == run->n_seen)
			run->seen[run->n_seen++].row = row;
		*(c->word[i] & 1 ? &run->seen[k].dot : &run->seen[k].plain) = true;
	}
	if (d != run->decoder)
		ppc_decoder_close(d);
}

static void run_file(struct run *run, const char *path)
{
	static char line[4096];
	FILE *f = fopen(path, "r");
	unsigned number = 0;

	if (!f) {
		fprintf(stderr, "%s: cannot be opened\n", path);
		failures++;
		return;
	}
	while (fgets(line, sizeof line, f)) {
		static struct test_case c;
		number++;
		if (*line == '#' || *line == '\n')
			continue;
		memset(&c, 0, sizeof c);
		c.file = path;
		c.line = number;
		if (!parse_line(&c, line)) {
			FAIL(&c, "not a case");
			continue;
		}
		run->n_cases++;
		note_rows(run, &c);
		check_text(&c);
		for (unsigned i = 0; i < run->n_machines; i++) {
			void *m = machine_of(&run->machines[i], c.model);
			if (m)
				run_on(&c, run->machines[i].e, m);
			else
				FAIL(&c, "%s: no machine", run->machines[i].e->name);
		}
	}
	fclose(f);
}

static void check_coverage(const struct run *run)
{
	static const struct ppc_rows *const groups[] = {
#define GROUP(name) &ppc_rows_##name,
#include "frontend/ppc/groups.def"
	};

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned i = 0; i < groups[g]->n; i++) {
			const struct ppc_row *row = &groups[g]->row[i];
			bool dotted = strchr(row->encoding, '.'), plain = false, dot = false;
			for (unsigned k = 0; k < run->n_seen; k++) {
				if (run->seen[k].row == row) {
					plain = run->seen[k].plain;
					dot = run->seen[k].dot;
				}
			}
			if (dotted ? plain && dot : plain || dot)
				continue;
			failures++;
			fprintf(stderr, "no case for %s%s (%s)\n", row->mnemonic, dotted && plain ? "." : "",
				row->encoding);
		}
	}
}

int main(int argc, char **argv)
{
	static struct run run;
	bool coverage = argc > 1 && !strcmp(argv[1], "--coverage");

	run.decoder = decoder_of("");
	if (!run.decoder)
		return 1;
	if (!coverage) {
		run.machines[run.n_machines++].e = &guest_direct;
		for (unsigned i = 0; i < guest_n_public; i++)
			run.machines[run.n_machines++].e = &guest_public[i];
	}
	for (int i = 1 + coverage; i < argc; i++)
		run_file(&run, argv[i]);
	if (coverage)
		check_coverage(&run);
	for (unsigned i = 0; i < run.n_machines; i++)
		close_machines(&run.machines[i]);
	ppc_decoder_close(run.decoder);
	if (!run.n_cases)
		failures++;
	printf("%u cases, %u executors, %u failures\n", run.n_cases, run.n_machines, failures);
	return failures != 0;
}
