/*
 * Golden lifts. A file is comments (#), the words of one block at 0x10000 as lines
 *
 *   34 83 00 01   addic. r4, r3, 1
 *
 * then "---" and the IR the front end makes of them. The text behind the bytes must be the
 * disassembly. DGM_BLESS=1 writes what is there instead of comparing: read it before you keep it.
 *
 *   lift file...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/ppc/frontend.h"
#include "ir/build.h"

enum { PC = 0x10000, MAX_WORDS = 64, MAX_TEXT = 1 << 16 };

struct golden {
	char head[MAX_TEXT];		/* up to and with the line "---" */
	char want[MAX_TEXT], have[MAX_TEXT];
	uint8_t code[4 * MAX_WORDS];
	unsigned n_words;
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

/* The bytes of each line; checks the text behind them. */
static bool read_words(struct golden *g, void *decoder, const char *path)
{
	bool ok = true;
	char line[256], text[128];

	for (const char *p = g->head; *p && g->n_words < MAX_WORDS; p += strcspn(p, "\n") + 1) {
		uint8_t *c = g->code + 4 * g->n_words;
		int used;
		snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
		if (*line == '#' || sscanf(line, "%hhx %hhx %hhx %hhx%n", c, c + 1, c + 2, c + 3, &used) != 4)
			continue;
		struct lift_request rq = { .pc = PC + 4 * g->n_words++, .bytes = c, .avail = 4 };
		frontend_ppc.disassemble(decoder, &rq, text, sizeof text);
		used += (int)strspn(line + used, " \t");
		if (strcmp(line + used, text) != 0) {
			fprintf(stderr, "%s: '%s' is '%s'\n", path, line + used, text);
			ok = false;
		}
	}
	return ok && g->n_words;
}

static bool lift_words(struct golden *g, void *decoder)
{
	struct base_arena arena;
	struct ir_builder b;
	struct ir_error err;
	bool ok = false;

	base_arena_init(&arena, &base_alloc_malloc);
	struct ir_unit *u = ir_unit_new(&arena, frontend_ppc.slots, PC);
	FILE *out = fmemopen(g->have, sizeof g->have, "w");
	if (u && out) {
		enum lift_result r = LIFT_NEXT;
		ir_builder_init(&b, &arena, u);
		for (unsigned i = 0; i < g->n_words && r == LIFT_NEXT; i++) {
			struct lift_request rq = { .pc = PC + 4 * i, .bytes = g->code + 4 * i, .avail = 4 };
			r = frontend_ppc.lift(decoder, &b, &rq);
		}
		u->n_insns = g->n_words;
		u->bytes = 4 * g->n_words;
		if (r == LIFT_NEXT)
			ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, PC + u->bytes), 0);
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
	if (!read_file(&g, path) || !read_words(&g, decoder, path) || !lift_words(&g, decoder)) {
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

	if (argc < 2 || frontend_ppc.open(&base_alloc_malloc, NULL, &decoder))
		return 1;
	for (int i = 1; i < argc; i++)
		failures += !check_file(argv[i], decoder);
	frontend_ppc.close(decoder);
	printf("%d files, %u failures\n", argc - 1, failures);
	return failures != 0;
}
