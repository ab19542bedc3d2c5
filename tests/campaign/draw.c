/* Draws instructions from the rows' pictures, and values that are likely to find a fault. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "frontend/common/picture.h"

static struct guest_row table[GUEST_MAX_ROWS];
static unsigned n_rows;
static void *the_decoder;

unsigned camp_rows(void)
{
	return n_rows;
}

static void add_rows(const struct guest_isa *isa, void *decoder, bool vectors_only)
{
	struct guest_row row;

	for (unsigned i = 0; n_rows < GUEST_MAX_ROWS && isa->row(decoder, i, &row); i++) {
		struct camp_word any = { .row = row };
		bool vector = !strncmp(row.group, "vfp", 3) || !strncmp(row.group, "neon", 4);

		if ((!vectors_only || vector) && !camp_explain_skips(&any))
			table[n_rows++] = row;
	}
}

bool camp_draw_open(void *decoder)
{
	the_decoder = decoder;
	add_rows(camp_the->isa, decoder, false);
	if (camp_the->isa == &guest_t32)
		add_rows(&guest_a32, decoder, true);
	return n_rows > 0;
}

static uint32_t fill(struct test_rng *r, const char *picture, unsigned *bits)
{
	uint64_t random = test_next(r);
	uint32_t word = 0, reserved = test_below(r, 2);

	*bits = 0;
	for (const char *p = picture; *p; p++) {
		if (*p == ' ')
			continue;
		uint32_t bit = *p == '0' || *p == '1' ? *p == '1' : *p == '-' ? reserved : random & 1;
		random >>= 1;
		word = word << 1 | bit;
		++*bits;
	}
	return word;
}

/* The bits of one letter's field, replaced. */
static uint32_t with_field(const char *picture, unsigned bits, char letter, uint32_t value, uint32_t word)
{
	unsigned at = bits, left = 0;

	for (const char *p = picture; *p; p++)
		left += *p == letter;
	for (const char *p = picture; *p; p++) {
		if (*p == ' ')
			continue;
		at--;
		if (*p == letter)
			word = (word & ~(1u << at)) | (value >> --left & 1) << at;
	}
	return word;
}

/* Pictures of halfwords have 16 bits. */
static uint32_t field_of(const char *picture, unsigned bits, char letter, uint32_t word)
{
	return picture_field(picture, letter, word << (32 - bits));
}

static unsigned bits_of(const char *picture)
{
	unsigned n = 0;

	for (; *picture; picture++)
		n += *picture != ' ';
	return n;
}

uint32_t camp_field_of(const struct camp_word *w, char letter)
{
	return field_of(w->row.encoding, bits_of(w->row.encoding), letter, w->word);
}

/* Finds out whose word it really is; false when nobody may have it. */
static bool assign_row(struct camp_word *w, unsigned bits)
{
	unsigned skip = w->n > 4 || (w->n == 4 && bits == 16) ? 2 : 0, len, variant;
	const void *row;

	if (!camp_the->isa->decode(the_decoder, w->code + skip, w->n - skip, &row, &len, &variant) || row == w->row.row)
		return true;
	for (unsigned i = 0; i < n_rows; i++) {
		if (table[i].row == row) {
			w->row = table[i];
			return true;
		}
	}
	return false;
}

bool camp_draw_word(struct test_rng *r, struct camp_word *out)
{
	static const char registers[] = "dnmtsau";
	unsigned bits;

	*out = (struct camp_word){ .row = table[test_below(r, n_rows)] };
	out->word = fill(r, out->row.encoding, &bits);
	if (test_below(r, 4) == 0) {	/* one register for two operands */
		char from = registers[test_below(r, 7)], to = registers[test_below(r, 7)];

		if (strchr(out->row.encoding, from))
			out->word = with_field(out->row.encoding, bits, to, field_of(out->row.encoding, bits, from, out->word),
					       out->word);
	}
	camp_the->encode(r, out);
	return assign_row(out, bits) && !camp_explain_skips(out);
}

uint32_t camp_address(struct test_rng *r)
{
	static const struct {
		uint32_t at, n;
	} near[] = { { GUEST_DATA, 96 }, { GUEST_DATA + 0xf80, 224 }, { GUEST_DATA + 0xff0, 16 }, { GUEST_DATA + 0x1f80, 132 } };
	unsigned k = test_below(r, 4);
	uint32_t at = near[k].at + test_below(r, near[k].n);

	return test_below(r, 3) ? at & ~15u : test_below(r, 2) ? at & ~3u : at;
}

static const uint64_t halves[] = {
	0, 0x3c00, 0x7c00, 0x7e00, 0x7c01, 0x7fff, 0x03ff, 0x0400, 1, 0x7bff, 0x3800, 0x5bff, 0x6400, 0x77ff, 0x7800, 0x3555,
};
static const uint64_t singles[] = {
	0, 0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x7fa01234, 0x7fffffff, 0x007fffff, 0x00800000, 1, 0x7f7fffff,
	0x4f000000, 0x4effffff, 0x4f800000, 0x5f000000, 0x3f000000, 0x477fe000, 0x477ff000, 0x38800000, 0x387fc000, 0x33000000,
	0x33000001, 0x4b000001, 0x34000000, 0x3eaaaaab, 0x40490fdb, 0x00ffffff, 0x00800001, 0x7e800000, 0x7f000000, 0x01000000,
};
static const uint64_t doubles[] = {
	0, 0x3ff0000000000000, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x7ff4000000000000,
	0x7fffffffffffffff, 0x000fffffffffffff, 0x0010000000000000, 1, 0x7fefffffffffffff, 0x41dfffffffc00000,
	0x41e0000000000000, 0x41efffffffe00000, 0x43e0000000000000, 0x43f0000000000000, 0x3fe0000000000000, 0x47efffffe0000000,
	0x47effffff0000000, 0x3810000000000000, 0x380fffffe0000000, 0x36a0000000000000, 0x3690000000000000, 0x3690000000000001,
	0x3ff0000010000000, 0x3ff0000030000000, 0x4330000000000000, 0x3ca0000000000000, 0x3fd5555555555555, 0x0020000000000000,
	0x0010000000000001, 0x001fffffffffffff, 0x7fd0000000000000, 0x7fe0000000000000,
};
static const uint64_t integers[] = {
	0, 1, 2, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffff80000000, 0x5555555555555555,
	0x00ff00ff00ff00ff, 0x8000000080000000, 0x7fff80007fff8000, 0x807f807f807f807f,
};

/* Sign, exponent and fraction: their widths, and numbers of interest but for the sign. */
struct format {
	unsigned exp_bits, frac_bits, n_corners;
	const uint64_t *corner;
};
static const struct format half = { 5, 10, sizeof halves / sizeof *halves, halves };
static const struct format single = { 8, 23, sizeof singles / sizeof *singles, singles };
static const struct format dbl = { 11, 52, sizeof doubles / sizeof *doubles, doubles };

/* One of the corners, a number near where formats begin and end, or anywhere. */
static uint64_t draw_float(struct test_rng *r, const struct format *f)
{
	unsigned exp_bits = f->exp_bits, frac_bits = f->frac_bits;

	if (test_below(r, 2))
		return f->corner[test_below(r, f->n_corners)] | (uint64_t)test_below(r, 2) << (exp_bits + frac_bits);
	unsigned bias = (1u << (exp_bits - 1)) - 1;
	const unsigned centre[] = { bias, bias, bias, 2, 2 * bias, bias + frac_bits, bias + 31, bias + 63, bias / 2, bias + bias / 2,
				    bias > 127 ? bias - 126 : 1, bias > 127 ? bias + 127 : bias, bias > 15 ? bias - 14 : 1,
				    bias > 15 ? bias + 15 : bias };
	uint64_t exp = centre[test_below(r, sizeof centre / sizeof *centre)] + test_below(r, 5), random = test_next(r);
	uint64_t frac = random >> 1 & ((1ull << frac_bits) - 1);

	switch (test_below(r, 6)) {
	case 0: frac &= ~0ull << test_below(r, frac_bits); break;
	case 1: frac |= ~(~0ull << test_below(r, frac_bits)); break;
	case 2: frac = 0; break;
	default: break;
	}
	exp = exp < 2 ? 0 : exp - 2;
	exp &= (1u << exp_bits) - 1;
	return random << 63 >> 63 << (exp_bits + frac_bits) | exp << frac_bits | (frac & ((1ull << frac_bits) - 1));
}

static uint64_t draw_integer(struct test_rng *r)
{
	if (test_below(r, 2))
		return integers[test_below(r, sizeof integers / sizeof *integers)];
	uint64_t v = test_next(r);
	return test_below(r, 2) ? v >> test_below(r, 64) : v;
}

/* bits: 32 or 64, mostly integers; 65: a double. */
uint64_t camp_corner(struct test_rng *r, unsigned bits)
{
	if (bits == 65)
		return test_below(r, 12) ? draw_float(r, &dbl) : draw_integer(r);
	uint64_t v = draw_integer(r);
	switch (test_below(r, 8)) {
	case 0: v = draw_float(r, &single); break;
	case 1: v = draw_float(r, &half) | draw_float(r, &half) << 16; break;
	case 2: v = bits == 64 ? draw_float(r, &dbl) : v; break;
	case 3: v = v << 32 | draw_integer(r) >> 32; break;
	default: break;
	}
	return bits == 32 ? (uint32_t)v : v;
}

static uint64_t draw_lanes(struct test_rng *r, unsigned kind)
{
	uint64_t v = 0;

	switch (kind) {
	case 0: return draw_float(r, &dbl);
	case 1: return draw_float(r, &single) | draw_float(r, &single) << 32;
	case 2: return draw_float(r, &half) | draw_float(r, &half) << 16 | draw_float(r, &half) << 32 | draw_float(r, &half) << 48;
	case 3: return draw_integer(r);
	case 4: return (uint32_t)draw_integer(r) | draw_integer(r) << 32;
	case 5:
		for (unsigned i = 0; i < 4; i++)
			v = v << 16 | (draw_integer(r) & 0xffff);
		return v;
	default:
		for (unsigned i = 0; i < 8; i++)
			v = v << 8 | (draw_integer(r) & 0xff);
		return v;
	}
}

struct guest_value camp_corner_vector(struct test_rng *r)
{
	unsigned kind = test_below(r, 9);

	if (kind > 6)
		kind -= 7;
	uint64_t lo = draw_lanes(r, kind);
	return (struct guest_value){ lo, test_below(r, 8) ? draw_lanes(r, kind) : lo };
}
