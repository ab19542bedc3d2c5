/*
 * From a word to its row. The only file of the front end that knows Capstone.
 *
 * Pictures find the row: those that fit bits 31-21 and 11-10 of a word, A64_PRE rows first; rows the
 * model lacks are passed over. Then Capstone has to agree: its name for the word must be the row's. It is
 * asked until it has agreed once to a row, not for every word, for it takes a third of a microsecond, most
 * of it to print text; tests ask it for millions of words. Capstone 4 knows nothing of LSE and of what
 * came later: such rows are marked A64_PRE. Where it is silent the picture alone counts: it refuses
 * CONSTRAINED UNPREDICTABLE words.
 */
#include <capstone/capstone.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "frontend/aarch64/a64.h"
#include "frontend/common/picture.h"

enum {
	MAX_ROWS = 2048,
	BUCKETS = 1 << 13,		/* bits 31-21, 11-10 */
};
static const uint32_t KEY = 0xffe00c00;	/* the bits of a word that choose the bucket */

struct a64_decoder {
	const struct base_alloc *alloc;
	uint64_t features;
	csh cs;
	cs_insn *insn;
	unsigned n_rows;
	struct picture_index index;
	struct picture picture[MAX_ROWS];
	bool agreed[MAX_ROWS];			/* Capstone has named a word so */
	const struct a64_row *row[MAX_ROWS];
};

static const struct a64_rows *const groups[] = {
#define GROUP(name) &a64_rows_##name,
#include "frontend/aarch64/groups.def"
};

/* Names Capstone gives for special operands of another instruction. */
static const struct {
	const char *alias, *base;
} aliases[] = {
	{ "cmp", "subs" }, { "cmn", "adds" }, { "tst", "ands" }, { "neg", "sub" }, { "negs", "subs" },
	{ "mvn", "orn" }, { "mvn", "not" }, { "cset", "csinc" }, { "cinc", "csinc" }, { "csetm", "csinv" },
	{ "cinv", "csinv" }, { "cneg", "csneg" }, { "lsl", "ubfm" }, { "lsl", "lslv" }, { "lsr", "ubfm" },
	{ "lsr", "lsrv" }, { "ubfx", "ubfm" }, { "ubfiz", "ubfm" }, { "uxtb", "ubfm" }, { "uxth", "ubfm" },
	{ "asr", "sbfm" }, { "asr", "asrv" }, { "sbfx", "sbfm" }, { "sbfiz", "sbfm" }, { "sxtb", "sbfm" },
	{ "sxth", "sbfm" }, { "sxtw", "sbfm" }, { "bfi", "bfm" }, { "bfxil", "bfm" }, { "bfc", "bfm" },
	{ "ror", "extr" }, { "ror", "rorv" }, { "mul", "madd" }, { "mneg", "msub" }, { "smull", "smaddl" },
	{ "smnegl", "smsubl" }, { "umull", "umaddl" }, { "umnegl", "umsubl" }, { "ngc", "sbc" },
	{ "ngcs", "sbcs" }, { "mov", "orr" }, { "mov", "umov" }, { "mov", "dup" }, { "mov", "ins" },
	{ "mov", "add" }, { "mov", "movz" }, { "mov", "movn" }, { "tlbi", "sys" }, { "dc", "sys" },
	{ "ic", "sys" }, { "at", "sys" },
};

/* Capstone's name for the word; NULL when it has none. */
static const char *ask_capstone(struct a64_decoder *d, uint32_t word, uint64_t pc)
{
	const uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24) };
	const uint8_t *p = bytes;
	size_t n = sizeof bytes;

	return cs_disasm_iter(d->cs, &p, &n, &pc, d->insn) ? d->insn->mnemonic : NULL;
}

enum a64_opinion a64_ask_capstone(struct a64_decoder *d, const struct a64_row *row, uint32_t word)
{
	const char *name = ask_capstone(d, word, 0);

	if (!name)
		return A64_SILENT;
	if (!strcmp(name, row->mnemonic) || (!strncmp(name, "b.", 2) && !strcmp(row->mnemonic, "b.cond")))
		return A64_AGREES;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (!strcmp(aliases[i].alias, name) && !strcmp(aliases[i].base, row->mnemonic))
			return A64_AGREES;
	return A64_DISAGREES;
}

/* Whether the word is of the row its picture fits. */
static bool confirm(struct a64_decoder *d, unsigned i, uint32_t word)
{
	enum a64_opinion o = d->row[i]->flags & A64_PRE ? A64_AGREES : a64_ask_capstone(d, d->row[i], word);

	d->agreed[i] = o == A64_AGREES;
	return o != A64_DISAGREES;
}

static unsigned bucket_of(uint32_t word)
{
	return (word >> 21) << 2 | (word >> 10 & 3);
}

const struct a64_row *a64_decode(struct a64_decoder *d, uint32_t word)
{
	unsigned bucket = bucket_of(word);
	unsigned end = d->index.first[bucket + 1];

	for (unsigned k = d->index.first[bucket]; k < end; k++) {
		unsigned i = d->index.row[k];
		if (!picture_matches(&d->picture[i], word))
			continue;
		return d->agreed[i] || confirm(d, i, word) ? d->row[i] : NULL;
	}
	return NULL;
}

uint64_t a64_decoder_features(const struct a64_decoder *d)
{
	return d->features;
}

static int32_t signed_bits(uint32_t word, unsigned high, unsigned low)
{
	return (int32_t)(word << (31 - high)) >> (31 - high + low);
}

void a64_fields(const struct a64_row *row, uint32_t word, struct a64_word *out)
{
	uint8_t r0 = word & 31, r5 = word >> 5 & 31, r10 = word >> 10 & 31, r16 = word >> 16 & 31;

	*out = (struct a64_word){
		.word = word,
		.row = row,
		.Rd = r0, .Rt = r0,
		.Rn = r5,
		.Rm = r16, .Rs = r16,
		.Ra = r10, .Rt2 = r10,
		.immr = word >> 16 & 63,
		.imms = word >> 10 & 63,
		.cond = word >> 12 & 15,
		.shift = word >> 22 & 3,
		.option = word >> 13 & 7,
		.S = word >> 12 & 1,
		.sf = word >> 31,
		.Q = word >> 30 & 1,
		.U = word >> 29 & 1,
		.size = word >> 22 & 3,
		.imm12 = word >> 10 & 0xfff,
		.imm16 = word >> 5 & 0xffff,
		.imm9 = signed_bits(word, 20, 12),
		.imm7 = signed_bits(word, 21, 15),
		.imm19 = signed_bits(word, 23, 5),
	};
}

static bool gather_rows(struct a64_decoder *d)
{
	for (unsigned pre = 0; pre < 2; pre++) {
		for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
			for (unsigned i = 0; i < groups[g]->n; i++) {
				const struct a64_row *row = &groups[g]->row[i];
				if (!!(row->flags & A64_PRE) == pre)
					continue;
				if (row->feature && !(d->features & A64_FEATURE_BIT(row->feature)))
					continue;
				if (d->n_rows == MAX_ROWS || !picture_compile(row->encoding, &d->picture[d->n_rows]))
					return false;
				d->row[d->n_rows++] = row;
			}
		}
	}
	return true;
}

static enum dgm_status open_capstone(struct a64_decoder *d)
{
	cs_err err = cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &d->cs);

	if (err != CS_ERR_OK) {
		d->cs = 0;
		return err == CS_ERR_MEM ? DGM_E_NOMEM : DGM_E_UNSUP;
	}
	d->insn = cs_malloc(d->cs);
	return d->insn ? DGM_OK : DGM_E_NOMEM;
}

enum dgm_status a64_decoder_open(const struct base_alloc *alloc, uint64_t features, struct a64_decoder **out)
{
	struct a64_decoder *d = base_alloc_zero(alloc, sizeof *d);

	if (!d)
		return DGM_E_NOMEM;
	d->alloc = alloc;
	d->features = features;
	enum dgm_status status = gather_rows(d) ? open_capstone(d) : DGM_E_UNSUP;
	if (!status && !picture_index_make(&d->index, alloc, KEY, bucket_of, BUCKETS, d->picture, sizeof *d->picture, 0, d->n_rows))
		status = DGM_E_NOMEM;
	if (status) {
		a64_decoder_close(d);
		return status;
	}
	*out = d;
	return DGM_OK;
}

void a64_decoder_close(struct a64_decoder *d)
{
	if (!d)
		return;
	if (d->insn)
		cs_free(d->insn, 1);
	if (d->cs)
		cs_close(&d->cs);
	picture_index_free(&d->index, d->alloc);
	base_free(d->alloc, d);
}

/* One item of a row's text: what kind it is, and the value of its field. */
static int print_item(char kind, uint32_t v, char *buf, size_t n)
{
	char lower = kind == 'W' ? 'w' : kind == 'X' ? 'x' : kind;

	if (kind == 'i' || kind == 'l')
		return snprintf(buf, n, "%s%" PRIu32, kind == 'i' ? "#" : "", v);
	if (kind == 'j')
		return snprintf(buf, n, "#%" PRId32, signed_bits(v, 8, 0));
	if (kind == 'z' || kind == 'y')
		return print_item(kind == 'z' ? 'w' : 'x', v + 1, buf, n);
	if (v == 31 && (kind == 'w' || kind == 'x'))
		return snprintf(buf, n, "%czr", kind);
	if (v == 31 && (kind == 'W' || kind == 'X'))
		return snprintf(buf, n, "%s", kind == 'W' ? "wsp" : "sp");
	return snprintf(buf, n, "%c%" PRIu32, lower, v);
}

/* The row's text with the fields of the word in it. */
static void print_row(const struct a64_row *row, uint32_t word, char *buf, size_t n)
{
	const char *p = row->text ? row->text : "";
	size_t used = (size_t)snprintf(buf, n, "%s%s", row->mnemonic, *p ? " " : "");

	for (; *p && used + 1 < n; p++) {
		if (*p != '%' || !p[1] || !p[2]) {
			buf[used++] = *p;
			buf[used] = 0;
			continue;
		}
		used += (size_t)print_item(p[1], picture_field(row->encoding, p[2], word), buf + used, n - used);
		p += 2;
	}
}

void a64_disassemble(struct a64_decoder *d, uint32_t word, uint64_t pc, char *buf, size_t n)
{
	const struct a64_row *row = a64_decode(d, word);

	if (!row)
		snprintf(buf, n, "?");
	else if (row->text || !ask_capstone(d, word, pc))
		print_row(row, word, buf, n);
	else
		snprintf(buf, n, "%s%s%s", d->insn->mnemonic, *d->insn->op_str ? " " : "", d->insn->op_str);
}
