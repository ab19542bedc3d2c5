/*
 * decode-words ISA MODEL          reads 32-bit words in hexadecimal, one a line, and writes the mnemonic of
 *                                 each one's row: "?" if none, "mnemonic illegal" if its lift refuses the word
 * decode-words ISA MODEL --bytes  the same, and behind each how many bytes it has
 * decode-words ISA MODEL --rows   writes table, mnemonic and picture of the rows the model has
 * MODEL may be "": the default.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

static void print_rows(const struct guest_isa *isa, void *decoder)
{
	struct guest_row row;

	for (unsigned i = 0; isa->row(decoder, i, &row); i++)
		printf("%s\t%s\t%s\n", row.group, row.mnemonic, row.encoding);
}

static struct guest_row all[GUEST_MAX_ROWS];
static unsigned n_all;

static void list_rows(const struct guest_isa *isa)
{
	for (unsigned i = 0; n_all < GUEST_MAX_ROWS && isa->row(NULL, i, &all[n_all]); i++)
		n_all++;
}

static const char *name_of(const void *row)
{
	for (unsigned i = 0; i < n_all; i++)
		if (all[i].row == row)
			return all[i].mnemonic;
	return "?";
}

/* Whether the instruction does nothing but be illegal. */
static bool is_illegal(const struct guest_isa *isa, void *decoder, const uint8_t *code)
{
	struct lift_request rq = { .pc = GUEST_CODE + isa->pc_mode, .bytes = code, .avail = 4 };
	struct base_arena arena;
	struct ir_builder b;
	bool illegal = false;

	base_arena_init(&arena, &base_alloc_malloc);
	struct ir_unit *u = ir_unit_new(&arena, isa->fe->slots, rq.pc);
	if (u) {
		ir_builder_init(&b, &arena, u);
		isa->fe->lift(decoder, &b, &rq);
		illegal = u->n && u->inst[u->n - 1].op == IR_OP_trap && u->inst[u->n - 1].aux == IR_TRAP_ILLEGAL;
	}
	base_arena_finish(&arena);
	return illegal;
}

int main(int argc, char **argv)
{
	const struct guest_isa *isa = argc > 2 ? guest_isa(argv[1]) : NULL;
	unsigned len, variant;
	uint8_t code[4];
	const void *row;
	void *decoder;
	uint32_t word;

	if (!isa || isa->fe->open(&base_alloc_malloc, *argv[2] ? argv[2] : NULL, &decoder))
		return 1;
	list_rows(isa);
	if (isa == &guest_t32)	/* which has A32's rows of vectors, too */
		list_rows(&guest_a32);
	bool rows = argc > 3 && !strcmp(argv[3], "--rows"), bytes = argc > 3 && !rows;
	if (rows)
		print_rows(isa, decoder);
	while (!rows && scanf("%" SCNx32, &word) == 1) {
		guest_put_word(isa, word, code);
		bool known = isa->decode(decoder, code, 4, &row, &len, &variant);
		printf("%s%s", known ? name_of(row) : "?", known && is_illegal(isa, decoder, code) ? " illegal" : "");
		printf(bytes ? "\t%u\n" : "\n", len);
	}
	isa->fe->close(decoder);
	return 0;
}
