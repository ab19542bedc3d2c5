/* What the tests of single instructions must know of PowerPC. */
#include <string.h>

#include "dragoman/ppc.h"
#include "frontend/common/picture.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"
#include "guest.h"

static const struct {
	const char *name;
	const struct ppc_rows *rows;
} groups[] = {
#define GROUP(name) { #name, &ppc_rows_##name },
#include "frontend/ppc/groups.def"
};

static struct guest_value poison(uint32_t id)
{
	if (id >= DGM_PPC_R0 && id <= DGM_PPC_R31)
		return (struct guest_value){ 0xa5c30000u + (id - DGM_PPC_R0) * 0x01010101u, 0 };
	if (id >= DGM_PPC_F0 && id <= DGM_PPC_F31)
		return (struct guest_value){ 0x4000123456789a00u + (id - DGM_PPC_F0) * 0x0001000100000001u, 0 };
	if (id >= DGM_PPC_V0 && id <= DGM_PPC_V31)
		return (struct guest_value){ 0x0123456789abcdefu + (id - DGM_PPC_V0) * 0x0101010101010101u,
					     0xf0e1d2c3b4a59687u ^ id };
	return (struct guest_value){ id == DGM_PPC_LR ? 0x1c1c1c1d : id == DGM_PPC_CTR ? 0x7c7c7c7d : 0, 0 };
}

static bool unchecked(uint32_t id)
{
	return id == DGM_PPC_RESERVE;
}

static bool part(const char *name, uint32_t *id, unsigned *shift, unsigned *bits)
{
	static const struct {
		const char *name;
		unsigned shift, bits;
	} xer[] = { { "xer_so", 31, 1 }, { "xer_ov", 30, 1 }, { "xer_ca", 29, 1 }, { "xer_count", 0, 7 } };
	static const char *const cr[] = { "lt", "gt", "eq", "so" };

	for (unsigned i = 0; i < 4; i++) {
		if (!strcmp(xer[i].name, name)) {
			*id = DGM_PPC_XER, *shift = xer[i].shift, *bits = xer[i].bits;
			return true;
		}
		if (!strncmp(name, "cr", 2) && name[2] >= '0' && name[2] <= '7' && name[3] == '_' &&
		    !strcmp(name + 4, cr[i])) {
			*id = DGM_PPC_CR, *shift = 31 - (4u * (unsigned)(name[2] - '0') + i), *bits = 1;
			return true;
		}
	}
	return false;
}

static uint32_t word_of(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool decode(void *decoder, const uint8_t *code, unsigned avail, const void **row, unsigned *len,
		   unsigned *variant)
{
	*len = 4;
	*row = avail < 4 ? NULL : ppc_decode(decoder, word_of(code));
	*variant = code[3] & 1;
	return *row;
}

/* With "." once with it, once without it. */
static bool row_at(void *decoder, unsigned i, struct guest_row *out)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned k = 0; k < groups[g].rows->n; k++) {
			const struct ppc_row *row = &groups[g].rows->row[k];
			if ((decoder && row->lacks & ppc_decoder_model(decoder)) || i--)
				continue;
			*out = (struct guest_row){ row, groups[g].name, row->mnemonic, row->encoding,
						   strchr(row->encoding, '.') ? 3 : 0 };
			return true;
		}
	}
	return false;
}

/* Half of the words are of the opcodes with tables behind them. */
static void draw(uint32_t (*random)(void), uint8_t code[4])
{
	static const uint8_t busy[] = { 31, 31, 31, 63, 59, 19, 16, 4 };
	uint32_t r = random();
	uint32_t op = r & 1 ? busy[r >> 1 & 7] : r >> 4 & 63;
	uint32_t word = op << 26 | (random() & 0x03ffffff);

	for (unsigned i = 0; i < 4; i++)
		code[i] = (uint8_t)(word >> (24 - 8 * i));
}

static const char *check(void *decoder, const void *row, const uint8_t *code, unsigned len)
{
	const struct ppc_row *r = row;
	uint32_t word = word_of(code);
	struct picture p;

	if (len != 4 || !picture_compile(r->encoding, &p) || !picture_matches(&p, word))
		return "a row whose picture does not fit";
	if (r->flags & PPC_PRE)
		return NULL;
	return ppc_ask_capstone(decoder, r, word) == PPC_DISAGREES ? "Capstone has another name" : NULL;
}

static const char *const models[] = { "603", "750", "7450", NULL };

const struct guest_isa guest_ppc = {
	.name = "ppc", .fe = &frontend_ppc, .pc = DGM_PPC_PC,
	.syscall = { 0x44, 0, 0, 2 }, .syscall_bytes = 4, .models = models,
	.poison = poison, .unchecked = unchecked, .part = part,
	.decode = decode, .row = row_at, .draw = draw, .check = check,
};
