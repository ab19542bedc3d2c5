/*
 * Runs the lines of the .txt files beside it. A line is
 *
 *   [34 64 ff ff] "addic. r3, r4, -1" r4=1 => r3=0 xer_ca=1
 *
 * Left of "=>" what is before, right of it what must be different afterwards: every register
 * and every byte of memory that is not named there must keep its value. Names: registers of the
 * public interface (vectors with up to 32 hexadecimal digits), parts of them (PowerPC: CR bits as cr0_lt, xer_so
 * xer_ov xer_ca xer_count; AArch64: n z c v, flags of FPSR and FPCR), mem[0x1000] (hexadecimal bytes, as they
 * stand in memory), and
 *   model=750      the processor
 *   end=fault      how it ends, unless behind the instructions: syscall illegal privileged trap
 *                  fault align fp; the pc is then that of the guilty instruction; or idle
 *   pc=0x10010     where it goes on, unless behind the instructions
 *   addr=0x3000    address of the fault
 * Code stands at 0x10000, data at 0x1000 to 0x2fff. Several instructions: "a; b". '#' begins a
 * comment.
 *
 *   guest ISA file...            runs the lines on every executor
 *   guest --coverage ISA file... fails when a row of the front end has no line
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

enum { MAX_SETS = 48 };

static const struct guest_isa *isa;

struct side {
	struct {
		uint32_t id;
		struct guest_value mask, value;
	} reg[MAX_SETS];
	unsigned n_reg;
	uint8_t mem[GUEST_DATA_SIZE];
	bool mem_set[GUEST_DATA_SIZE];
};

struct test_case {
	const char *file;
	unsigned line;
	uint8_t code[GUEST_MAX_BYTES];
	unsigned n_code;
	char text[256], model[16];
	struct side before, after;
	enum guest_end end;
	bool has_pc, has_addr;
	uint64_t pc, addr;
};

static unsigned failures;

#define FAIL(c, ...) \
	do { \
		failures++; \
		fprintf(stderr, "%s:%u: ", (c)->file, (c)->line); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
	} while (0)

static uint64_t ones(unsigned n)
{
	return n < 64 ? (1ull << n) - 1 : ~0ull;
}

/* A name of a register or of a part of one. */
static bool find_name(const char *name, uint32_t *id, unsigned *shift, struct guest_value *mask)
{
	unsigned bits;

	if (isa->part(name, id, shift, &bits)) {
		*mask = (struct guest_value){ ones(bits) << *shift, 0 };
		return true;
	}
	*shift = 0;
	for (unsigned i = 0; i < isa->fe->n_reg; i++) {
		const struct frontend_reg *r = &isa->fe->reg[i];
		if (!strcmp(r->name, name)) {
			*id = r->id;
			*mask = (struct guest_value){ ones(r->bits), r->bits > 64 ? ones(r->bits - 64u) : 0 };
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
		if (!strcmp(guest_end_names[i], name)) {
			c->end = (enum guest_end)i;
			return true;
		}
	}
	return false;
}

/* Decimal, or hexadecimal of up to 32 digits; a sign. */
static bool parse_value(const char *text, struct guest_value *out)
{
	char *rest;
	size_t n = strlen(text);

	out->hi = 0;
	if (!strncmp(text, "0x", 2) && n > 18) {
		char high[20] = "";
		if (n > 34)
			return false;
		memcpy(high, text, n - 16);
		out->hi = strtoull(high, &rest, 16);
		if (*rest || strspn(text + n - 16, "0123456789abcdefABCDEF") != 16)
			return false;
		out->lo = strtoull(text + n - 16, &rest, 16);
		return true;
	}
	out->lo = *text == '-' ? (uint64_t)strtoll(text, &rest, 0) : strtoull(text, &rest, 0);
	return !*rest && rest != text;
}

static bool parse_token(struct test_case *c, struct side *s, char *token)
{
	char *eq = strchr(token, '=');
	struct guest_value value;
	unsigned shift;

	if (!eq)
		return false;
	if (!strncmp(token, "mem[", 4))
		return parse_memory(s, token);
	*eq = 0;
	if (!strcmp(token, "model"))
		return snprintf(c->model, sizeof c->model, "%s", eq + 1) < (int)sizeof c->model;
	if (!strcmp(token, "end"))
		return parse_end(c, eq + 1);
	if (!parse_value(eq + 1, &value) || s->n_reg == MAX_SETS)
		return false;
	if (!strcmp(token, "pc") && s == &c->after)
		return c->has_pc = true, c->pc = value.lo, true;
	if (!strcmp(token, "addr"))
		return c->has_addr = true, c->addr = value.lo, true;
	if (!find_name(token, &s->reg[s->n_reg].id, &shift, &s->reg[s->n_reg].mask))
		return false;
	s->reg[s->n_reg].value.lo = value.lo << shift & s->reg[s->n_reg].mask.lo;
	s->reg[s->n_reg].value.hi = value.hi & s->reg[s->n_reg].mask.hi;
	s->n_reg++;
	return true;
}

/* "[aa bb cc dd ...]" at the start of the line; returns what follows. */
static char *parse_code(struct test_case *c, char *p)
{
	unsigned byte;
	int used;

	if (*p++ != '[')
		return NULL;
	for (; sscanf(p, "%2x%n", &byte, &used) == 1 && c->n_code < GUEST_MAX_BYTES; p += used)
		c->code[c->n_code++] = (uint8_t)byte;
	return *p == ']' && c->n_code && c->n_code % (1u << isa->fe->insn_shift) == 0 ? p + 1 : NULL;
}

static bool parse_line(struct test_case *c, char *line)
{
	char *p = parse_code(c, line);
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

static uint8_t poison_byte(unsigned i)
{
	return (uint8_t)(i * 7 + 3);
}

static void apply(const struct side *s, uint32_t id, struct guest_value *v)
{
	for (unsigned i = 0; i < s->n_reg; i++) {
		if (s->reg[i].id != id)
			continue;
		v->lo = (v->lo & ~s->reg[i].mask.lo) | s->reg[i].value.lo;
		v->hi = (v->hi & ~s->reg[i].mask.hi) | s->reg[i].value.hi;
	}
}

static const char *show(char buf[40], struct guest_value v)
{
	if (v.hi)
		snprintf(buf, 40, "0x%" PRIx64 "%016" PRIx64, v.hi, v.lo);
	else
		snprintf(buf, 40, "0x%" PRIx64, v.lo);
	return buf;
}

static void check_registers(const struct test_case *c, const struct guest_executor *e, void *m)
{
	char a[40], b[40];

	for (unsigned i = 0; i < isa->fe->n_reg; i++) {
		uint32_t id = isa->fe->reg[i].id;
		if (id == isa->pc || isa->unchecked(id))
			continue;
		struct guest_value want = isa->poison(id);
		apply(&c->before, id, &want);
		apply(&c->after, id, &want);
		struct guest_value have = e->get(m, id);
		if (have.lo != want.lo || have.hi != want.hi)
			FAIL(c, "%s, %s: %s is %s, not %s", c->text, e->name, isa->fe->reg[i].name, show(a, have),
			     show(b, want));
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
	uint8_t *data = e->data(m);

	for (unsigned i = 0; i < isa->fe->n_reg; i++) {
		uint32_t id = isa->fe->reg[i].id;
		struct guest_value v = isa->poison(id);
		apply(&c->before, id, &v);
		if (id != isa->pc && !isa->unchecked(id))
			e->set(m, id, v);
	}
	e->set(m, isa->pc, (struct guest_value){ GUEST_CODE, 0 });
	for (unsigned i = 0; i < GUEST_DATA_SIZE; i++)
		data[i] = c->before.mem_set[i] ? c->before.mem[i] : poison_byte(i);
}

static void run_on(const struct test_case *c, const struct guest_executor *e, void *m)
{
	struct guest_result r;
	uint64_t pc = GUEST_CODE + (c->end == END_NEXT || c->end == END_IDLE ? c->n_code : 0);

	prepare(c, e, m);
	if (!e->run(m, c->code, c->n_code, &r)) {
		FAIL(c, "%s, %s: cannot execute", c->text, e->name);
		return;
	}
	if (r.end != c->end) {
		FAIL(c, "%s, %s: ends with %s, not %s", c->text, e->name, guest_end_names[r.end], guest_end_names[c->end]);
		return;
	}
	if (r.pc != (c->has_pc ? c->pc : pc))
		FAIL(c, "%s, %s: pc is %#" PRIx64, c->text, e->name, r.pc);
	if (c->has_addr && r.addr != c->addr)
		FAIL(c, "%s, %s: faults at %#" PRIx64, c->text, e->name, r.addr);
	check_registers(c, e, m);
	check_memory(c, e, e->data(m));
}

static void *decoder_of(const char *model)
{
	void *d;

	return isa->fe->open(&base_alloc_malloc, *model ? model : NULL, &d) ? NULL : d;
}

static void check_text(const struct test_case *c)
{
	void *d = decoder_of(c->model);
	char text[256] = "", one[96];
	uint32_t mode = 0;
	unsigned len;

	if (!d) {
		FAIL(c, "no model '%s'", c->model);
		return;
	}
	for (unsigned i = 0; i < c->n_code; i += len) {
		struct lift_request rq = { .pc = GUEST_CODE + i + isa->pc_mode, .bytes = c->code + i,
					   .avail = c->n_code - i, .mode = mode };
		size_t used = strlen(text);
		unsigned variant;
		const void *row;
		isa->decode(d, rq.bytes, rq.avail, &row, &len, &variant);
		isa->fe->disassemble(d, &rq, one, sizeof one);
		if (isa->mode_behind)
			mode = isa->mode_behind(rq.bytes, len, mode);
		snprintf(text + used, sizeof text - used, "%s%s", i ? "; " : "", one);
	}
	if (strcmp(text, c->text) != 0)
		FAIL(c, "is '%s', not '%s'", text, c->text);
	isa->fe->close(d);
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
			return k->by_model[i].self = k->e->open(k->e, isa, *model ? model : NULL);
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
	void *decoder;			/* for coverage */
	unsigned n_cases;
	struct {
		const void *row;
		unsigned variants;	/* bits */
	} seen[GUEST_MAX_ROWS];
	unsigned n_seen;
};

/* A row of the default model or, where only they have it, of another one. */
static void note_rows(struct run *run, const struct test_case *c)
{
	void *d = *c->model ? decoder_of(c->model) : run->decoder;
	unsigned len, variant;
	const void *row;

	for (unsigned i = 0; d && i < c->n_code; i += len) {
		unsigned k = 0;
		if (!isa->decode(d, c->code + i, c->n_code - i, &row, &len, &variant))
			continue;
		while (k < run->n_seen && run->seen[k].row != row)
			k++;
		if (k == GUEST_MAX_ROWS)
			continue;
		run->n_seen += k == run->n_seen;
		run->seen[k].row = row;
		run->seen[k].variants |= 1u << variant;
	}
	if (d && d != run->decoder)
		isa->fe->close(d);
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
	struct guest_row row;

	for (unsigned i = 0; isa->row(NULL, i, &row); i++) {
		unsigned seen = 0;
		for (unsigned k = 0; k < run->n_seen; k++)
			if (run->seen[k].row == row.row)
				seen = run->seen[k].variants;
		if (seen && (seen & row.variants) == row.variants)
			continue;
		failures++;
		fprintf(stderr, "no case for %s (%s)", row.mnemonic, row.encoding);
		fprintf(stderr, seen ? ", of one variant only\n" : "\n");
	}
}

int main(int argc, char **argv)
{
	static struct run run;
	bool coverage = argc > 1 && !strcmp(argv[1], "--coverage");

	isa = argc > 1 + coverage ? guest_isa(argv[1 + coverage]) : NULL;
	run.decoder = isa ? decoder_of("") : NULL;
	if (!run.decoder)
		return 1;
	if (!coverage) {
		run.machines[run.n_machines++].e = &guest_direct;
		for (unsigned i = 0; i < GUEST_TIERS; i++)
			run.machines[run.n_machines++].e = &guest_public[i];
	}
	for (int i = 2 + coverage; i < argc; i++)
		run_file(&run, argv[i]);
	if (coverage)
		check_coverage(&run);
	for (unsigned i = 0; i < run.n_machines; i++)
		close_machines(&run.machines[i]);
	isa->fe->close(run.decoder);
	if (!run.n_cases)
		failures++;
	printf("%u cases, %u executors, %u failures\n", run.n_cases, run.n_machines, failures);
	return failures != 0;
}
