/*
 * Golden lifts. A file is comments (#), the words of one block at 0x10000 as lines
 *
 *   34 83 00 01   addic. r4, r3, 1
 *
 * then "---" and the IR the front end makes of them. Bytes stand as in memory; the text behind them
 * must be the disassembly. DGM_BLESS=1 writes what is there instead of comparing: read it before you
 * keep it.
 *
 *   lift ISA file...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "../guest/guest.h"

enum { PC = 0x10000, MAX_INSNS = 64, MAX_TEXT = 1 << 16 };

static const struct frontend *fe;
static const struct guest_isa *isa;

struct golden {
	char head[MAX_TEXT];		/* up to and with the line "---" */
	char want[MAX_TEXT], have[MAX_TEXT];
	uint8_t code[4 * MAX_INSNS];
	unsigned at[MAX_INSNS + 1];	/* where each instruction begins, and the end */
	uint32_t mode[MAX_INSNS + 1];	/* mode bits of each */
	unsigned n_insns;
};

static bool read_file(struct golden *g, const char *path)
{
	static char text[MAX_TEXT];
	FILE *f = fopen(path, "r");

	if (!f)
		return false;
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	char *end = strstr(text, "---\n");
	if (!end)
		return false;
	end += 4;
	snprintf(g->want, sizeof g->want, "%s", end);
	*end = 0;
	snprintf(g->head, sizeof g->head, "%s", text);
	return true;
}

static struct lift_request request(const struct golden *g, unsigned i)
{
	return (struct lift_request){ .pc = PC + isa->pc_mode + g->at[i], .mode = g->mode[i], .bytes = g->code + g->at[i], .avail = g->at[i + 1] - g->at[i] };
}

/* Up to four pairs of digits; returns what follows. */
static const char *read_bytes(struct golden *g, const char *line)
{
	unsigned end = g->at[g->n_insns], limit = end + 4;
	int used;

	while (end < limit && sscanf(line, "%2hhx%n", &g->code[end], &used) == 1 && used == 2 && line[2] == ' ') {
		end++;
		line += 2 + strspn(line + 2, " \t");
	}
	g->at[g->n_insns + 1] = end;
	return line;
}

/* The bytes of each line; checks the text behind them. */
static bool read_code(struct golden *g, void *decoder, const char *path)
{
	bool ok = true;
	char line[256], text[128];

	for (const char *p = g->head; *p && g->n_insns < MAX_INSNS; p += strcspn(p, "\n") + 1) {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
		const char *rest = read_bytes(g, line);
		if (*line == '#' || rest == line)
			continue;
		struct lift_request rq = request(g, g->n_insns++);
		fe->disassemble(decoder, &rq, text, sizeof text);
		if (isa->mode_behind)
			g->mode[g->n_insns] = isa->mode_behind(rq.bytes, rq.avail, rq.mode);
		if (strcmp(rest, text) != 0) {
			fprintf(stderr, "%s: '%s' is '%s'\n", path, rest, text);
			ok = false;
		}
	}
	return ok && g->n_insns;
}

static bool lift_code(struct golden *g, void *decoder)
{
	struct base_arena arena;
	struct ir_builder b;
	struct ir_error err;
	enum ir_type pc_type = fe->addr_bits == 64 ? IR_I64 : IR_I32;
	bool ok = false;

	base_arena_init(&arena, &base_alloc_malloc);
	struct ir_unit *u = ir_unit_new(&arena, fe->slots, PC + isa->pc_mode);
	FILE *out = fmemopen(g->have, sizeof g->have, "w");
	if (u && out) {
		enum lift_result r = LIFT_NEXT;
		ir_builder_init(&b, &arena, u);
		for (unsigned i = 0; i < g->n_insns && r == LIFT_NEXT; i++) {
			struct lift_request rq = request(g, i);
			u->n_insns = i;
			r = fe->lift(decoder, &b, &rq);
		}
		u->n_insns = g->n_insns;
		u->bytes = g->at[g->n_insns];
		if (r == LIFT_NEXT)
			ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, pc_type, u->pc + u->bytes), 0);
		ir_print(u, out);
		ok = !b.failed && ir_verify(u, &err);
	}
	if (out)
		fclose(out);
	base_arena_finish(&arena);
	return ok;
}

static bool bless(const struct golden *g, const char *path)
{
	FILE *f = fopen(path, "w");

	return f && fprintf(f, "%s%s", g->head, g->have) > 0 && !fclose(f);
}

/* Line of the expected part where the texts part. */
static void print_difference(const struct golden *g, const char *path)
{
	const char *a = g->want, *b = g->have;
	unsigned line = 1;

	for (const char *p = g->head; *p; p++)
		line += *p == '\n';
	while (*a && strcspn(a, "\n") == strcspn(b, "\n") && !strncmp(a, b, strcspn(a, "\n"))) {
		a += strcspn(a, "\n"), a += *a == '\n';
		b += strcspn(b, "\n"), b += *b == '\n';
		line++;
	}
	fprintf(stderr, "%s:%u: want: %.*s\n%s:%u: have: %.*s\n", path, line, (int)strcspn(a, "\n"), a, path, line,
		(int)strcspn(b, "\n"), b);
}

static bool check_file(const char *path, void *decoder)
{
	static struct golden g;

	memset(&g, 0, sizeof g);
	if (!read_file(&g, path) || !read_code(&g, decoder, path) || !lift_code(&g, decoder)) {
		fprintf(stderr, "%s: cannot be read or lifted\n", path);
		return false;
	}
	if (!strcmp(g.want, g.have))
		return true;
	if (getenv("DGM_BLESS"))
		return bless(&g, path);
	print_difference(&g, path);
	return false;
}

int main(int argc, char **argv)
{
	unsigned failures = 0;
	void *decoder;

	isa = argc > 2 ? guest_isa(argv[1]) : NULL;
	if (!isa || isa->fe->open(&base_alloc_malloc, NULL, &decoder))
		return 1;
	fe = isa->fe;
	for (int i = 2; i < argc; i++)
		failures += !check_file(argv[i], decoder);
	fe->close(decoder);
	printf("%d files, %u failures\n", argc - 2, failures);
	return failures != 0;
}
