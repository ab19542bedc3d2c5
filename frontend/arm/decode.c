/*
 * From a word to its row and fields. The only file of the front end that knows Capstone.
 *
 * Pictures alone find the row: all that agree with a word's key bits stand in one bucket, in the order
 * of the tables. Capstone prints, and tests ask it about millions of words: where it knows a
 * word its name must be the row's (arm_ask_capstone).
 *
 * VFP, NEON and coprocessor words are the same in both instruction sets but for the bits that A32 uses
 * as condition: T32's are looked up as A32's.
 */
#include <capstone/capstone.h>
#include <stdio.h>
#include <string.h>

#include "frontend/arm/arm.h"
#include "frontend/common/picture.h"

enum {
	MAX_ROWS = 1600,
	MAX_FIELDS = 12,
};

/* A row, ready to be matched: its picture, and where the bits of its fields are. */
struct entry {
	const struct arm_row *row;
	struct picture picture;
	uint8_t n_fields;
	uint8_t field[MAX_FIELDS];
	uint32_t mask[MAX_FIELDS];
};

struct arm_decoder {
	const struct base_alloc *alloc;
	csh cs[2];			/* A32, T32 */
	struct picture_index index[ARM_SETS_N];
	struct arm_compare compare;
	unsigned n_entries;
	struct entry entry[MAX_ROWS];
};

static const struct arm_rows *const groups[] = {
#define GROUP(name) &arm_rows_##name,
#include "frontend/arm/groups.def"
};

enum {
#define FIELD(name, letter, other) FIELD_##name,
#include "frontend/arm/fields.def"
	N_FIELDS
};

static const char letters[] = {
#define FIELD(name, letter, other) letter,
#include "frontend/arm/fields.def"
};

static const struct arm_word no_fields = {
#define FIELD(name, letter, other) .name = other,
#include "frontend/arm/fields.def"
};

/* ---- tables ---- */

static bool add_field(struct entry *e, char letter, uint32_t bit)
{
	unsigned f = 0, k = 0;

	while (f < N_FIELDS && letters[f] != letter)
		f++;
	while (k < e->n_fields && e->field[k] != f)
		k++;
	if (f == N_FIELDS || k == MAX_FIELDS)
		return false;
	if (k == e->n_fields) {
		e->field[e->n_fields++] = (uint8_t)f;
		e->mask[k] = 0;
	}
	e->mask[k] |= bit;
	return true;
}

static bool compile_row(const struct arm_row *row, unsigned bits, struct entry *e)
{
	unsigned at = bits;

	*e = (struct entry){ .row = row };
	for (const char *p = row->encoding; *p; p++) {
		if (*p == ' ')
			continue;
		if (!at--)
			return false;
		uint32_t bit = 1u << at;
		if (*p == '0' || *p == '1') {
			e->picture.mask |= bit;
			e->picture.match |= *p == '1' ? bit : 0;
		} else if (*p != '-' && !add_field(e, *p, bit)) {
			return false;
		}
	}
	return !at;
}

static unsigned a32_bucket(uint32_t word)
{
	return (unsigned)(word >> 28 == 15) << 12 | (word >> 16 & 0xff0) | (word >> 4 & 15);
}

static unsigned t16_bucket(uint32_t word)
{
	return word >> 6;
}

static unsigned t32_bucket(uint32_t word)
{
	return (word >> 16 & 0x1ff0) | (word >> 4 & 15);
}

/* By the bits of a word in `key`; A32 looks at whether cond is 15 as well. */
static const struct {
	uint32_t key;
	picture_bucket_fn *bucket_of;
	unsigned n_buckets;
} buckets[ARM_SETS_N] = {
	[ARM_A32] = { 0x0ff000f0, a32_bucket, 1 << 13 },	/* bits 27-20, 7-4 */
	[ARM_T16] = { 0xffc0, t16_bucket, 1 << 10 },		/* bits 15-6 */
	[ARM_T32] = { 0x1ff000f0, t32_bucket, 1 << 13 },	/* bits 28-20, 7-4 */
};

static enum dgm_status gather_rows(struct arm_decoder *d, enum arm_set set)
{
	unsigned from = d->n_entries;

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned i = 0; i < groups[g]->set[set].n; i++) {
			const struct arm_row *row = &groups[g]->set[set].row[i];

			if (d->n_entries == MAX_ROWS || !compile_row(row, set == ARM_T16 ? 16 : 32, &d->entry[d->n_entries]))
				return DGM_E_UNSUP;
			d->n_entries++;
		}
	}
	return picture_index_make(&d->index[set], d->alloc, buckets[set].key, buckets[set].bucket_of, buckets[set].n_buckets,
				  &d->entry[0].picture, sizeof *d->entry, from, d->n_entries) ? DGM_OK : DGM_E_NOMEM;
}

static enum dgm_status open_capstone(struct arm_decoder *d)
{
	for (unsigned t = 0; t < 2; t++) {
		cs_err err = cs_open(CS_ARCH_ARM, t ? CS_MODE_THUMB | CS_MODE_V8 : CS_MODE_ARM | CS_MODE_V8, &d->cs[t]);

		if (err != CS_ERR_OK) {
			d->cs[t] = 0;
			return err == CS_ERR_MEM ? DGM_E_NOMEM : DGM_E_UNSUP;
		}
	}
	return DGM_OK;
}

enum dgm_status arm_decoder_open(const struct base_alloc *alloc, struct arm_decoder **out)
{
	struct arm_decoder *d = base_alloc_zero(alloc, sizeof *d);

	if (!d)
		return DGM_E_NOMEM;
	d->alloc = alloc;
	enum dgm_status status = gather_rows(d, ARM_A32);
	if (!status)
		status = gather_rows(d, ARM_T16);
	if (!status)
		status = gather_rows(d, ARM_T32);
	if (!status)
		status = open_capstone(d);
	if (status) {
		arm_decoder_close(d);
		return status;
	}
	*out = d;
	return DGM_OK;
}

void arm_decoder_close(struct arm_decoder *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < ARM_SETS_N; i++)
		picture_index_free(&d->index[i], d->alloc);
	for (unsigned t = 0; t < 2; t++)
		if (d->cs[t])
			cs_close(&d->cs[t]);
	base_free(d->alloc, d);
}

struct arm_compare *arm_decoder_compare(struct arm_decoder *d)
{
	return &d->compare;
}

/* ---- words ---- */

static uint32_t gather(uint32_t word, uint32_t mask)
{
	uint32_t v = 0;
	unsigned n = 0;

	while (mask) {
		unsigned shift = (unsigned)__builtin_ctz(mask);
		uint32_t run = mask >> shift;
		unsigned len = ~run ? (unsigned)__builtin_ctz(~run) : 32;
		uint32_t ones = len < 32 ? (1u << len) - 1 : ~0u;

		v |= (word >> shift & ones) << n;
		n += len;
		mask &= ~(ones << shift);
	}
	return v;
}

static void fill(const struct entry *e, uint32_t word, struct arm_word *out)
{
	uint32_t *field = &out->cond;

	*out = no_fields;
	out->word = word;
	out->row = e->row;
	for (unsigned k = 0; k < e->n_fields; k++)
		field[e->field[k]] = gather(word, e->mask[k]);
}

/* A T32 word of the shared spaces as A32 has it; 0 when it is of another. */
static uint32_t a32_of_t32(uint32_t word)
{
	if ((word & 0xef000000) == 0xef000000)
		return 0xf2000000 | (word >> 4 & 0x01000000) | (word & 0x00ffffff);
	if ((word & 0xff100000) == 0xf9000000)
		return 0xf4000000 | (word & 0x00ffffff);
	if ((word & 0xec000000) == 0xec000000)
		return word;
	return 0;
}

static const struct entry *find(const struct arm_decoder *d, enum arm_set set, uint32_t word)
{
	const struct picture_index *x = &d->index[set];
	unsigned bucket = buckets[set].bucket_of(word);

	for (unsigned k = x->first[bucket]; k < x->first[bucket + 1]; k++) {
		const struct entry *e = &d->entry[x->row[k]];

		if (picture_matches(&e->picture, word))
			return e;
	}
	return NULL;
}

static const struct entry *find_thumb(const struct arm_decoder *d, uint32_t *word)
{
	uint32_t shared = *word >> 16 ? a32_of_t32(*word) : 0;

	if (!(*word >> 16))
		return find(d, ARM_T16, *word);
	if (!shared)
		return find(d, ARM_T32, *word);
	const struct entry *e = find(d, ARM_A32, shared);
	*word = shared;
	return e && e->row->flags & ARM_SHARED ? e : NULL;
}

bool arm_decode(struct arm_decoder *d, uint32_t word, bool thumb, unsigned it, struct arm_word *out)
{
	const struct entry *e = thumb ? find_thumb(d, &word) : find(d, ARM_A32, word);
	unsigned flags;

	if (!e)
		return false;
	fill(e, word, out);
	flags = e->row->flags;
	if (thumb && (it || out->cond == ARM_ALWAYS))
		out->cond = it ? it >> 4 : ARM_ALWAYS;
	if (out->cond == 15)
		out->cond = ARM_ALWAYS;
	if (flags & ARM_DN)
		out->rn = out->rd;
	if (flags & ARM_DEST_SP)
		out->rd = ARM_SP;
	if (flags & ARM_BASE_SP)
		out->rn = ARM_SP;
	if (flags & ARM_BASE_PC)
		out->rn = ARM_PC_REG;
	if (flags & ARM_SETS || (flags & ARM_SETS_OUTSIDE && !it))
		out->S = 1;
	return true;
}

/* ---- text ---- */

static size_t bytes_of(uint32_t word, bool thumb, uint8_t *out)
{
	unsigned n = 0;

	if (thumb && word >> 16) {
		out[n++] = (uint8_t)(word >> 16);
		out[n++] = (uint8_t)(word >> 24);
	}
	out[n++] = (uint8_t)word;
	out[n++] = (uint8_t)(word >> 8);
	if (!thumb) {
		out[n++] = (uint8_t)(word >> 16);
		out[n++] = (uint8_t)(word >> 24);
	}
	return n;
}

/* Capstone's handle remembers IT blocks: the block is opened for each instruction anew. */
static size_t ask(struct arm_decoder *d, uint32_t word, bool thumb, unsigned it, uint32_t pc, cs_insn **out)
{
	uint8_t code[8];
	size_t n = it ? bytes_of(0xbf00 | it, true, code) : 0;

	return cs_disasm(d->cs[thumb], code, n + bytes_of(word, thumb, code + n), pc - n, n ? 2 : 1, out);
}

/* Names Capstone gives to special operands of another instruction. */
static const struct {
	const char *alias, *base;
} aliases[] = {
	{ "lsl", "mov" }, { "lsr", "mov" }, { "asr", "mov" }, { "ror", "mov" }, { "rrx", "mov" },
	{ "push", "stm" }, { "pop", "ldm" }, { "pop", "ldr" }, { "push", "str" }, { "pkhtb", "pkhbt" }, { "trap", "udf" },
	{ "nop", "hint" }, { "yield", "hint" }, { "wfe", "hint" }, { "wfi", "hint" }, { "sev", "hint" }, { "sevl", "hint" },
	{ "dbg", "hint" }, { "tbh", "tbb" },
	{ "adr", "add" }, { "addw", "add" }, { "subw", "sub" }, { "adr", "sub" }, { "addw", "adr" }, { "subw", "adr" },
	{ "vpush", "vstm" }, { "vpop", "vldm" }, { "fldmiax", "vldm" }, { "fldmdbx", "vldm" }, { "fstmiax", "vstm" },
	{ "fstmdbx", "vstm" }, { "fmstat", "vmrs" }, { "fconsts", "vmov" }, { "fconstd", "vmov" },
	{ "vld1", "vld" }, { "vld2", "vld" }, { "vld3", "vld" }, { "vld4", "vld" }, { "vtbx", "vtbl" },
	{ "vst1", "vst" }, { "vst2", "vst" }, { "vst3", "vst" }, { "vst4", "vst" }, { "vmovl", "vshll" },
};

/* What it has behind the manual's name to tell variants apart, which here are one row. */
static const char *const suffixes[] = {
	"t", "x", "r", "b", "h", "w", "bb", "bt", "tb", "tt", "wb", "wt", "da", "db", "ia", "ib", "a", "n", "p", "m", "e",
	"eq", "vs", "ge", "gt",
};

static bool same_name(const struct arm_row *row, const char *name)
{
	size_t n = strlen(row->mnemonic);

	if (!strcmp(row->mnemonic, name))
		return true;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (!strcmp(aliases[i].alias, name) && !strcmp(aliases[i].base, row->mnemonic))
			return true;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (!strncmp(row->mnemonic, name, n) && !strcmp(name + n, suffixes[i]))
			return true;
	return false;
}

enum arm_opinion arm_ask_capstone(struct arm_decoder *d, const struct arm_row *row, uint32_t word, bool thumb)
{
	cs_insn *insn = NULL;
	size_t n = ask(d, word, thumb, 0, 0x1000, &insn);
	const char *name = n ? cs_insn_name(d->cs[thumb], insn->id) : NULL;
	enum arm_opinion o = !name ? ARM_IS_SILENT : same_name(row, name) ? ARM_AGREES : ARM_DISAGREES;

	/* It takes T32 words of other spaces for vectors of ARMv8. */
	if (o == ARM_DISAGREES && thumb && ((*name == 'v' && !(row->flags & ARM_SHARED)) || !strncmp(name, "sha", 3) ||
					 !strncmp(name, "aes", 3)))
		o = ARM_IS_SILENT;

	if (n)
		cs_free(insn, n);
	return o;
}

/* "mnemonic letter=value": for what Capstone cannot print. */
static void print_fields(const struct entry *e, uint32_t word, char *buf, size_t n)
{
	size_t used = (size_t)snprintf(buf, n, "%s", e->row->mnemonic);

	for (unsigned k = 0; k < e->n_fields && used < n; k++)
		used += (size_t)snprintf(buf + used, n - used, "%s%c=%u", k ? ", " : " ", letters[e->field[k]],
					 gather(word, e->mask[k]));
}

void arm_disassemble(struct arm_decoder *d, uint32_t word, bool thumb, unsigned it, uint32_t pc, char *buf, size_t n)
{
	uint32_t shared = word;
	const struct entry *e = thumb ? find_thumb(d, &shared) : find(d, ARM_A32, word);
	cs_insn *insn = NULL;
	size_t count = e ? ask(d, word, thumb, it, pc, &insn) : 0;

	if (!e)
		snprintf(buf, n, "?");
	else if (count != (it ? 2u : 1u))
		print_fields(e, shared, buf, n);
	else
		snprintf(buf, n, "%s%s%s", insn[count - 1].mnemonic, *insn[count - 1].op_str ? " " : "",
			 insn[count - 1].op_str);
	if (count)
		cs_free(insn, count);
}
