/* What the tests of single instructions must know of AArch64. */
#include <string.h>

#include "dragoman/aarch64.h"
#include "frontend/aarch64/a64.h"
#include "frontend/aarch64/frontend.h"
#include "frontend/common/picture.h"
#include "guest.h"

static const struct {
	const char *name;
	const struct a64_rows *rows;
} groups[] = {
#define GROUP(name) { #name, &a64_rows_##name },
#include "frontend/aarch64/groups.def"
};

static struct guest_value poison(uint32_t id)
{
	uint64_t n = id & 31;

	if (id >= DGM_A64_X0 && id <= DGM_A64_SP)
		return (struct guest_value){ 0xa5c3960087650000u + n * 0x0101010101010101u, 0 };
	if (id >= DGM_A64_V0 && id <= DGM_A64_V31)
		return (struct guest_value){ 0x4000123456789a00u + n * 0x0001000100000001u,
					     0x3ff0abcdef012300u + n * 0x0001000100000101u };
	return (struct guest_value){ id == DGM_A64_TPIDR_EL0 ? 0x7712345678 : id == DGM_A64_TPIDRRO_EL0 ? 0x66778899aa : 0,
				     0 };
}

/* The flags are told by NZCV. */
static bool unchecked(uint32_t id)
{
	switch (id) {
	case DGM_A64_N:
	case DGM_A64_Z:
	case DGM_A64_C:
	case DGM_A64_V_FLAG:
	case DGM_A64_EXCLUSIVE:
	case DGM_A64_HWCAP:
	case DGM_A64_HWCAP2: return true;
	default: return false;
	}
}

static bool part(const char *name, uint32_t *id, unsigned *shift, unsigned *bits)
{
	static const struct {
		const char *name;
		uint32_t id;
		unsigned shift, bits;
	} parts[] = {
		{ "n", DGM_A64_NZCV, 31, 1 }, { "z", DGM_A64_NZCV, 30, 1 }, { "c", DGM_A64_NZCV, 29, 1 },
		{ "v", DGM_A64_NZCV, 28, 1 },
		{ "qc", DGM_A64_FPSR, 27, 1 }, { "idc", DGM_A64_FPSR, 7, 1 }, { "ixc", DGM_A64_FPSR, 4, 1 },
		{ "ufc", DGM_A64_FPSR, 3, 1 }, { "ofc", DGM_A64_FPSR, 2, 1 }, { "dzc", DGM_A64_FPSR, 1, 1 },
		{ "ioc", DGM_A64_FPSR, 0, 1 },
		{ "ahp", DGM_A64_FPCR, 26, 1 }, { "dn", DGM_A64_FPCR, 25, 1 }, { "fz", DGM_A64_FPCR, 24, 1 },
		{ "rmode", DGM_A64_FPCR, 22, 2 }, { "fz16", DGM_A64_FPCR, 19, 1 },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!strcmp(parts[i].name, name)) {
			*id = parts[i].id, *shift = parts[i].shift, *bits = parts[i].bits;
			return true;
		}
	}
	return false;
}

static uint32_t word_of(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool decode(void *decoder, const uint8_t *code, unsigned avail, const void **row, unsigned *len,
		   unsigned *variant)
{
	*len = 4;
	*row = avail < 4 ? NULL : a64_decode(decoder, word_of(code));
	*variant = code[3] >> 7;
	return *row;
}

/* With sf once for W, once for X registers. */
static bool row_at(void *decoder, unsigned i, struct guest_row *out)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned k = 0; k < groups[g].rows->n; k++) {
			const struct a64_row *row = &groups[g].rows->row[k];
			if ((decoder && !(a64_decoder_features(decoder) & A64_FEATURE_BIT(row->feature))) || i--)
				continue;
			*out = (struct guest_row){ row, groups[g].name, row->mnemonic, row->encoding,
						   *row->encoding == 'f' ? 3 : 0 };
			return true;
		}
	}
	return false;
}

/* Op0 (bits 28-25) is drawn from what is allocated; a third of the words have few bits set. */
static void draw(uint32_t (*random)(void), uint8_t code[4])
{
	static const uint8_t op0[] = { 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 7, 13, 0 };
	uint32_t r = random(), word = random();

	if (r % 3 == 0)
		word &= random() & 0x03ffffff;
	word = (word & ~(15u << 25)) | (uint32_t)op0[r >> 8 & 15] << 25;
	for (unsigned i = 0; i < 4; i++)
		code[i] = (uint8_t)(word >> 8 * i);
}

static const char *check(void *decoder, const void *row, const uint8_t *code, unsigned len)
{
	const struct a64_row *r = row;
	uint32_t word = word_of(code);
	struct picture p;

	if (len != 4 || !picture_compile(r->encoding, &p) || !picture_matches(&p, word))
		return "a row whose picture does not fit";
	if (r->flags & A64_PRE)
		return NULL;
	return a64_ask_capstone(decoder, r, word) == A64_DISAGREES ? "Capstone has another name" : NULL;
}

static const char *const models[] = { "v8.0", "cortex-a72", NULL };

const struct guest_isa guest_aarch64 = {
	.name = "aarch64", .fe = &frontend_aarch64, .pc = DGM_A64_PC,
	.syscall = { 1, 0, 0, 0xd4 }, .syscall_bytes = 4, .models = models,
	.poison = poison, .unchecked = unchecked, .part = part,
	.decode = decode, .row = row_at, .draw = draw, .check = check,
};
