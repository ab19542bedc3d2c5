/* Whether there are vectors of all rows of the front end that calculate in floating point. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "vectors.h"

enum { DRAWS = 400 };

static struct guest_row table[GUEST_MAX_ROWS];
static bool drawn[GUEST_MAX_ROWS];

/* Whether a list with blanks around its words has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
		if (p[-1] == ' ' && p[n] == ' ')
			return true;
	return false;
}

static void mark(const struct fpv_guest *g, void *decoder, uint32_t word, unsigned n_rows)
{
	unsigned len, variant;
	const void *row;
	uint8_t code[4];

	guest_put_word(g->isa, word, code);
	if (!g->isa->decode(decoder, code, 4, &row, &len, &variant))
		return;
	for (unsigned i = 0; i < n_rows; i++)
		drawn[i] |= table[i].row == row;
}

unsigned fpv_rows_without(const struct fpv_guest *g)
{
	struct test_rng r = { 1 };
	unsigned n_rows = 0, missing = 0;
	struct fpv_insn in;
	void *decoder;

	if (g->isa->fe->open(&base_alloc_malloc, g->model, &decoder))
		return 1;
	while (n_rows < GUEST_MAX_ROWS && g->isa->row(decoder, n_rows, &table[n_rows]))
		n_rows++;
	for (unsigned k = 0; k < g->n_rows; k++) {
		for (unsigned i = 0; i < DRAWS; i++) {
			g->draw(&r, k, &in);
			mark(g, decoder, in.word, n_rows);
		}
	}
	for (unsigned i = 0; i < n_rows; i++) {
		if (drawn[i] || !has_word(g->groups, table[i].group) || has_word(g->without, table[i].mnemonic))
			continue;
		printf("no vectors of %s %s (%s)\n", table[i].mnemonic, table[i].encoding, table[i].group);
		missing++;
	}
	g->isa->fe->close(decoder);
	return missing;
}
