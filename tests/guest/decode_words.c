/*
 * decode-words MODEL          reads words in hexadecimal, one a line, and writes the mnemonic of
 *                             each one's row: "?" if none
 * decode-words MODEL --rows   writes table, mnemonic and picture of the rows the model has
 */
#include <inttypes.h>
#include <stdio.h>

#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"

static void print_rows(enum ppc_model model)
{
	static const struct {
		const char *name;
		const struct ppc_rows *rows;
	} groups[] = {
#define GROUP(name) { #name, &ppc_rows_##name },
#include "frontend/ppc/groups.def"
	};

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned i = 0; i < groups[g].rows->n; i++) {
			const struct ppc_row *row = &groups[g].rows->row[i];
			if (!(row->lacks & model))
				printf("%s\t%s\t%s\n", groups[g].name, row->mnemonic, row->encoding);
		}
	}
}

int main(int argc, char **argv)
{
	void *decoder;
	uint32_t word;

	if (frontend_ppc.open(&base_alloc_malloc, argc > 1 ? argv[1] : NULL, &decoder))
		return 1;
	if (argc > 2)
		print_rows(ppc_decoder_model(decoder));
	while (argc <= 2 && scanf("%" SCNx32, &word) == 1) {
		const struct ppc_row *row = ppc_decode(decoder, word);
		puts(row ? row->mnemonic : "?");
	}
	frontend_ppc.close(decoder);
	return 0;
}
