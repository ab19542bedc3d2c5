/* What the tests of single instructions must know of 32-bit ARM: A32 and T32 are two guests to them. */
#include <string.h>

#include "dragoman/arm.h"
#include "frontend/arm/arm.h"
#include "frontend/arm/frontend.h"
#include "frontend/common/picture.h"
#include "guest.h"

static const struct {
	const char *name;
	const struct arm_rows *rows;
} groups[] = {
#define GROUP(name) { #name, &arm_rows_##name },
#include "frontend/arm/groups.def"
};

static struct guest_value poison(uint32_t id, uint64_t cpsr)
{
	uint64_t n = id & 31;

	if (id >= DGM_ARM_R0 && id <= DGM_ARM_LR)
		return (struct guest_value){ (uint32_t)(0xa5c39600u + n * 0x01010101u), 0 };
	if (id >= DGM_ARM_D0 && id <= DGM_ARM_D31)
		return (struct guest_value){ 0x4000123456789a00u + n * 0x0001000100000001u, 0 };
	return (struct guest_value){ id == DGM_ARM_CPSR ? cpsr : id == DGM_ARM_TPIDRURW ? 0x12345678 :
				     id == DGM_ARM_TPIDRURO ? 0x66778899 : 0, 0 };
}

static struct guest_value poison_a32(uint32_t id)
{
	return poison(id, 0x10);
}

static struct guest_value poison_t32(uint32_t id)
{
	return poison(id, 0x30);
}

/* The flags are told by CPSR, quadwords by their halves. */
static bool unchecked(uint32_t id)
{
	return (id > DGM_ARM_CPSR && id <= DGM_ARM_ITSTATE) || id == DGM_ARM_EXCLUSIVE || id == DGM_ARM_HWCAP ||
	       id == DGM_ARM_HWCAP2 || (id >= DGM_ARM_Q0 && id <= DGM_ARM_Q15);
}

static bool part(const char *name, uint32_t *id, unsigned *shift, unsigned *bits)
{
	static const struct {
		const char *name;
		uint32_t id;
		unsigned shift, bits;
	} parts[] = {
		{ "n", DGM_ARM_CPSR, 31, 1 }, { "z", DGM_ARM_CPSR, 30, 1 }, { "c", DGM_ARM_CPSR, 29, 1 },
		{ "v", DGM_ARM_CPSR, 28, 1 }, { "q", DGM_ARM_CPSR, 27, 1 }, { "ge", DGM_ARM_CPSR, 16, 4 },
		{ "t", DGM_ARM_CPSR, 5, 1 }, { "nzcv", DGM_ARM_CPSR, 28, 4 },
		{ "fp_nzcv", DGM_ARM_FPSCR, 28, 4 }, { "qc", DGM_ARM_FPSCR, 27, 1 },
		{ "ahp", DGM_ARM_FPSCR, 26, 1 }, { "dn", DGM_ARM_FPSCR, 25, 1 }, { "fz", DGM_ARM_FPSCR, 24, 1 },
		{ "rmode", DGM_ARM_FPSCR, 22, 2 }, { "idc", DGM_ARM_FPSCR, 7, 1 }, { "ixc", DGM_ARM_FPSCR, 4, 1 },
		{ "ufc", DGM_ARM_FPSCR, 3, 1 }, { "ofc", DGM_ARM_FPSCR, 2, 1 }, { "dzc", DGM_ARM_FPSCR, 1, 1 },
		{ "ioc", DGM_ARM_FPSCR, 0, 1 },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!strcmp(parts[i].name, name)) {
			*id = parts[i].id, *shift = parts[i].shift, *bits = parts[i].bits;
			return true;
		}
	}
	if (name[0] == 's' && name[1] >= '0' && name[1] <= '9') {
		unsigned n = (unsigned)(name[1] - '0');
		if (name[2])
			n = 10 * n + (unsigned)(name[2] - '0');
		*id = DGM_ARM_D(n / 2), *shift = 32 * (n & 1), *bits = 32;
		return n < 32;
	}
	return false;
}

static uint32_t half_of(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

/* The word as arm_decode takes it; 0 bytes when there are too few. */
static unsigned fetch(const uint8_t *code, unsigned avail, bool thumb, uint32_t *word)
{
	if (avail < 2)
		return 0;
	*word = half_of(code);
	if (thumb && !arm_is_wide(*word))
		return 2;
	if (avail < 4)
		return 0;
	*word = thumb ? *word << 16 | half_of(code + 2) : half_of(code + 2) << 16 | *word;
	return 4;
}

static bool decode(void *decoder, const uint8_t *code, unsigned avail, bool thumb, const void **row, unsigned *len,
		   unsigned *variant)
{
	struct arm_word in;
	uint32_t word = 0;

	*len = fetch(code, avail, thumb, &word);
	*variant = 0;
	*row = NULL;
	if (!*len || !arm_decode(decoder, word, thumb, 0, &in))
		return false;
	*row = in.row;
	*variant = in.S;
	return true;
}

static bool decode_a32(void *decoder, const uint8_t *code, unsigned avail, const void **row, unsigned *len,
		       unsigned *variant)
{
	return decode(decoder, code, avail, false, row, len, variant);
}

static bool decode_t32(void *decoder, const uint8_t *code, unsigned avail, const void **row, unsigned *len,
		       unsigned *variant)
{
	return decode(decoder, code, avail, true, row, len, variant);
}

/* Rows with S need a case with and one without it. */
static bool row_of(enum arm_set first, enum arm_set last, unsigned i, struct guest_row *out)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (enum arm_set s = first; s <= last; s++) {
			unsigned n = groups[g].rows->set[s].n;
			if (i >= n) {
				i -= n;
				continue;
			}
			const struct arm_row *row = &groups[g].rows->set[s].row[i];
			*out = (struct guest_row){ row, groups[g].name, row->mnemonic, row->encoding,
						   strchr(row->encoding, 'S') ? 3 : 0 };
			return true;
		}
	}
	return false;
}

static bool row_a32(void *decoder, unsigned i, struct guest_row *out)
{
	(void)decoder;
	return row_of(ARM_A32, ARM_A32, i, out);
}

static bool row_t32(void *decoder, unsigned i, struct guest_row *out)
{
	(void)decoder;
	return row_of(ARM_T16, ARM_T32, i, out);
}

static void put_half(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/* A third of the words is unconditional or NEON, a third AL. */
static void draw_a32(uint32_t (*random)(void), uint8_t code[4])
{
	uint32_t r = random(), word = random();

	if (r % 3 == 0)
		word |= 0xf0000000;
	else if (r % 3 == 1)
		word = (word & 0x0fffffff) | 0xe0000000;
	put_half(code, word & 0xffff);
	put_half(code + 2, word >> 16);
}

static void draw_t32(uint32_t (*random)(void), uint8_t code[4])
{
	uint32_t r = random(), word = random();

	put_half(code, r % 8 ? word >> 16 | 0xe000 | (r & 8 ? 0x800 : 0x1000) : word >> 16);
	put_half(code + 2, word & 0xffff);
}

static const char *check(void *decoder, const void *row, const uint8_t *code, unsigned len, bool thumb)
{
	const struct arm_row *r = row;
	uint32_t word;

	if (fetch(code, 4, thumb, &word) != len)
		return "not its length";
	if (r->flags & ARM_SILENT)
		return NULL;
	return arm_ask_capstone(decoder, r, word, thumb) == ARM_DISAGREES ? "Capstone has another name" : NULL;
}

static const char *check_a32(void *decoder, const void *row, const uint8_t *code, unsigned len)
{
	return check(decoder, row, code, len, false);
}

static const char *check_t32(void *decoder, const void *row, const uint8_t *code, unsigned len)
{
	return check(decoder, row, code, len, true);
}

/* ITSTATE behind an instruction. */
static uint32_t mode_behind(const uint8_t *code, unsigned len, uint32_t mode)
{
	uint32_t it = mode >> ARM_MODE_IT_SHIFT & 0xff, word = half_of(code);

	if (len == 2 && word >> 8 == 0xbf && word & 15)
		it = word & 0xff;
	else
		it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	return (mode & 0xff) | it << ARM_MODE_IT_SHIFT;
}

/* Last of an IT block, first of two, first of an else. */
static const uint32_t it_modes[] = { 0x18 << ARM_MODE_IT_SHIFT, 0xb4 << ARM_MODE_IT_SHIFT, 0x0c << ARM_MODE_IT_SHIFT, 0 };

static const char *const models[] = { NULL };

const struct guest_isa guest_a32 = {
	.name = "arm", .fe = &frontend_arm, .pc = DGM_ARM_PC,
	.syscall = { 0, 0, 0, 0xef }, .syscall_bytes = 4, .models = models,
	.poison = poison_a32, .unchecked = unchecked, .part = part,
	.decode = decode_a32, .row = row_a32, .draw = draw_a32, .check = check_a32,
};

const struct guest_isa guest_t32 = {
	.name = "thumb", .fe = &frontend_arm, .pc = DGM_ARM_PC, .pc_mode = 1,
	.syscall = { 0, 0xdf }, .syscall_bytes = 2, .models = models,
	.poison = poison_t32, .unchecked = unchecked, .part = part,
	.decode = decode_t32, .row = row_t32, .draw = draw_t32, .check = check_t32, .mode_behind = mode_behind, .modes = it_modes,
};
