/*
 * decode-words ISA MODEL          reads 32-bit words in hexadecimal, one a line, and writes the mnemonic of
 *                                 each one's row: "?" if none
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

static const char *name_of(const void *row)
{
	for (unsigned i = 0; i < n_all; i++)
		if (all[i].row == row)
			return all[i].mnemonic;
	return "?";
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
	while (n_all < GUEST_MAX_ROWS && isa->row(NULL, n_all, &all[n_all]))
		n_all++;
	if (argc > 3)
		print_rows(isa, decoder);
	while (argc <= 3 && scanf("%" SCNx32, &word) == 1) {
		for (unsigned i = 0; i < 4; i++)
			code[i] = (uint8_t)(word >> (isa->fe->big_endian ? 24 - 8 * i : 8 * i));
		puts(isa->decode(decoder, code, 4, &row, &len, &variant) ? name_of(row) : "?");
	}
	isa->fe->close(decoder);
	return 0;
}
