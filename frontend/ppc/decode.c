/*
 * From a word to its row. The only file of the front end that knows Capstone.
 *
 * Pictures find the row: those of a word's primary opcode and its bits 26-30, PPC_PRE rows
 * first; rows the model lacks are passed over. Then Capstone has to agree: its name for the word
 * must be the row's. It is asked until it has agreed once to a row, not for every word, for it
 * takes half a microsecond, most of it to print text; tests ask it for millions of words. Rows
 * marked PPC_PRE it gets wrong (every branch) or does not know (the OE forms, lswx, mcrxr...), and
 * where it is silent the picture alone counts: it refuses words with reserved bits set, which
 * processors ignore.
 */
#include <capstone/capstone.h>
#include <stdio.h>
#include <string.h>

#include "frontend/common/picture.h"
#include "frontend/ppc/ppc.h"

enum {
	MAX_ROWS = 640,
	BUCKETS = 64 * 32,	/* primary opcode, bits 26-30 */
};
static const uint32_t KEY = 0xfc00003e;	/* the bits of a word that choose the bucket */

struct ppc_decoder {
	const struct base_alloc *alloc;
	enum ppc_model model;
	csh cs;
	cs_insn *insn;
	unsigned n_rows;
	struct picture_index index;
	struct picture picture[MAX_ROWS];
	bool agreed[MAX_ROWS];			/* Capstone has named a word so */
	const struct ppc_row *row[MAX_ROWS];
};

static const struct ppc_rows *const groups[] = {
#define GROUP(name) &ppc_rows_##name,
#include "frontend/ppc/groups.def"
};

/* Names Capstone gives for special operands of another instruction. */
static const struct {
	const char *alias, *base;
} aliases[] = {
	{ "li", "addi" }, { "lis", "addis" }, { "la", "addi" }, { "nop", "ori" }, { "xnop", "xori" },
	{ "mr", "or" }, { "not", "nor" }, { "sub", "subf" }, { "subc", "subfc" },
	{ "slwi", "rlwinm" }, { "srwi", "rlwinm" }, { "rotlwi", "rlwinm" }, { "clrlwi", "rlwinm" },
	{ "rotlw", "rlwnm" }, { "lwsync", "sync" }, { "ptesync", "sync" }, { "mbar", "eieio" }, { "dcbzl", "dcbz" },
	{ "msync", "sync" },
	{ "crset", "creqv" }, { "crnot", "crnor" }, { "crmove", "cror" }, { "crclr", "crxor" },
	{ "trap", "tw" }, { "twlt", "tw" }, { "tweq", "tw" }, { "twgt", "tw" }, { "twne", "tw" },
	{ "twllt", "tw" }, { "twlgt", "tw" }, { "twu", "tw" }, { "twlti", "twi" }, { "tweqi", "twi" },
	{ "twgti", "twi" }, { "twnei", "twi" }, { "twllti", "twi" }, { "twlgti", "twi" }, { "twui", "twi" },
	{ "mtcr", "mtcrf" }, { "mftbu", "mftb" },
	{ "mfctr", "mfspr" }, { "mflr", "mfspr" }, { "mfxer", "mfspr" }, { "mfpvr", "mfspr" },
	{ "mfrtcu", "mfspr" }, { "mfrtcl", "mfspr" }, { "mfdscr", "mfspr" }, { "mfdsisr", "mfspr" },
	{ "mfdar", "mfspr" }, { "mfsrr2", "mfspr" }, { "mfsrr3", "mfspr" }, { "mfcfar", "mfspr" },
	{ "mfamr", "mfspr" }, { "mfpid", "mfspr" }, { "mftblo", "mfspr" }, { "mftbhi", "mfspr" },
	{ "mfdbatu", "mfspr" }, { "mfdbatl", "mfspr" }, { "mfibatu", "mfspr" }, { "mfibatl", "mfspr" },
	{ "mfdccr", "mfspr" }, { "mficcr", "mfspr" }, { "mfdear", "mfspr" }, { "mfesr", "mfspr" },
	{ "mfspefscr", "mfspr" }, { "mftcr", "mfspr" }, { "mfasr", "mfspr" },
	{ "mtctr", "mtspr" }, { "mtlr", "mtspr" }, { "mtxer", "mtspr" },
	{ "mtdscr", "mtspr" }, { "mtdsisr", "mtspr" }, { "mtdar", "mtspr" }, { "mtsrr2", "mtspr" },
	{ "mtsrr3", "mtspr" }, { "mtcfar", "mtspr" }, { "mtamr", "mtspr" }, { "mtpid", "mtspr" },
	{ "mttbl", "mtspr" }, { "mttbu", "mtspr" }, { "mttblo", "mtspr" }, { "mttbhi", "mtspr" },
	{ "mtdbatu", "mtspr" }, { "mtdbatl", "mtspr" }, { "mtibatu", "mtspr" }, { "mtibatl", "mtspr" },
	{ "mtdccr", "mtspr" }, { "mticcr", "mtspr" }, { "mtdear", "mtspr" }, { "mtesr", "mtspr" },
	{ "mtspefscr", "mtspr" }, { "mttcr", "mtspr" },
};

/* Capstone has one id for a form and its record form, and writes no dot. */
static bool same_name(const char *mnemonic, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(mnemonic, name, n) && (!mnemonic[n] || !strcmp(mnemonic + n, "."));
}

/* Capstone's id for the word; 0 when it has none. */
static unsigned ask_capstone(struct ppc_decoder *d, uint32_t word, uint32_t pc)
{
	const uint8_t bytes[4] = { (uint8_t)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word };
	const uint8_t *p = bytes;
	size_t n = sizeof bytes;
	uint64_t addr = pc;

	return cs_disasm_iter(d->cs, &p, &n, &addr, d->insn) ? d->insn->id : 0;
}

enum ppc_opinion ppc_ask_capstone(struct ppc_decoder *d, const struct ppc_row *row, uint32_t word)
{
	unsigned id = ask_capstone(d, word, 0);
	const char *name = id ? cs_insn_name(d->cs, id) : NULL;

	if (!name)
		return PPC_SILENT;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		if (!strcmp(aliases[i].alias, name)) {
			name = aliases[i].base;
			break;
		}
	}
	return same_name(row->mnemonic, name) ? PPC_AGREES : PPC_DISAGREES;
}

/* Whether the word is of the row its picture fits. */
static bool confirm(struct ppc_decoder *d, unsigned i, uint32_t word)
{
	enum ppc_opinion o = d->row[i]->flags & PPC_PRE ? PPC_AGREES : ppc_ask_capstone(d, d->row[i], word);

	d->agreed[i] = o == PPC_AGREES;
	return o != PPC_DISAGREES;
}

static unsigned bucket_of(uint32_t word)
{
	return (word >> 26) << 5 | (word >> 1 & 31);
}

const struct ppc_row *ppc_decode(struct ppc_decoder *d, uint32_t word)
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

enum ppc_model ppc_decoder_model(const struct ppc_decoder *d)
{
	return d->model;
}

void ppc_fields(const struct ppc_row *row, uint32_t word, struct ppc_word *out)
{
	*out = (struct ppc_word){
		.word = word,
		.row = row,
		.rd = (uint8_t)(word >> 21 & 31),
		.ra = (uint8_t)(word >> 16 & 31),
		.rb = (uint8_t)(word >> 11 & 31),
		.rc = (uint8_t)(word >> 6 & 31),
		.me = (uint8_t)(word >> 1 & 31),
		.crfd = (uint8_t)(word >> 23 & 7),
		.crfs = (uint8_t)(word >> 18 & 7),
		.oe = word >> 10 & 1,
		.record = word & 1 || row->flags & PPC_RECORD,
		.lk = word & 1,
		.aa = word >> 1 & 1,
		.simm = (int16_t)(uint16_t)word,
		.uimm = word & 0xffff,
	};
}

/* PPC_PRE rows in front, else in their order. */
static bool gather_rows(struct ppc_decoder *d)
{
	for (unsigned pre = 0; pre < 2; pre++) {
		for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
			for (unsigned i = 0; i < groups[g]->n; i++) {
				const struct ppc_row *row = &groups[g]->row[i];
				if (!!(row->flags & PPC_PRE) == pre || row->lacks & d->model)
					continue;
				if (d->n_rows == MAX_ROWS || !picture_compile(row->encoding, &d->picture[d->n_rows]))
					return false;
				d->row[d->n_rows++] = row;
			}
		}
	}
	return true;
}

static enum dgm_status open_capstone(struct ppc_decoder *d)
{
	cs_err err = cs_open(CS_ARCH_PPC, CS_MODE_32 | CS_MODE_BIG_ENDIAN, &d->cs);

	if (err != CS_ERR_OK) {
		d->cs = 0;
		return err == CS_ERR_MEM ? DGM_E_NOMEM : DGM_E_UNSUP;
	}
	d->insn = cs_malloc(d->cs);
	return d->insn ? DGM_OK : DGM_E_NOMEM;
}

enum dgm_status ppc_decoder_open(const struct base_alloc *alloc, enum ppc_model model, struct ppc_decoder **out)
{
	struct ppc_decoder *d = base_alloc_zero(alloc, sizeof *d);

	if (!d)
		return DGM_E_NOMEM;
	d->alloc = alloc;
	d->model = model;
	enum dgm_status status = gather_rows(d) ? open_capstone(d) : DGM_E_UNSUP;
	if (!status && !picture_index_make(&d->index, alloc, KEY, bucket_of, BUCKETS, d->picture, sizeof *d->picture, 0, d->n_rows))
		status = DGM_E_NOMEM;
	if (status) {
		ppc_decoder_close(d);
		return status;
	}
	*out = d;
	return DGM_OK;
}

void ppc_decoder_close(struct ppc_decoder *d)
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

/* b and bc: operands, then the address. */
static void print_branch(const struct ppc_row *row, uint32_t word, uint32_t pc, char *buf, size_t n)
{
	struct ppc_word in;

	ppc_fields(row, word, &in);
	bool conditional = strchr(row->encoding, 'o');
	uint32_t li = ((word & 0x03fffffc) ^ 0x02000000) - 0x02000000;
	uint32_t to = (in.aa ? 0 : pc) + (conditional ? (uint32_t)in.simm & ~3u : li);
	const char *suffix = in.lk ? in.aa ? "la" : "l" : in.aa ? "a" : "";

	if (conditional)
		snprintf(buf, n, "%s%s %u, %u, 0x%x", row->mnemonic, suffix, in.rd, in.ra, to);
	else
		snprintf(buf, n, "%s%s 0x%x", row->mnemonic, suffix, to);
}

/* "mnemonic field, field" from the picture: for what Capstone cannot print. */
static void print_row(const struct ppc_row *row, uint32_t word, char *buf, size_t n)
{
	char seen[32] = " 01-.lu";
	const char *sep = " ";
	bool dot = strchr(row->encoding, '.') && word & 1;
	bool link = strchr(row->encoding, 'l') && word & 1;
	size_t used = (size_t)snprintf(buf, n, "%s%s", row->mnemonic, dot ? "." : link ? "l" : "");

	for (const char *p = row->encoding; *p && used < n; p++) {
		size_t k = strlen(seen);
		if (strchr(seen, *p) || k + 1 >= sizeof seen)
			continue;
		seen[k] = *p;
		seen[k + 1] = 0;
		/* a bit of bcctr's BO is fixed */
		uint32_t v = *p == 'o' ? word >> 21 & 31 : picture_field(row->encoding, *p, word);
		used += (size_t)snprintf(buf + used, n - used, "%s%s%u", sep, strchr("dabc", *p) ? "r" : "", v);
		sep = ", ";
	}
}

void ppc_disassemble(struct ppc_decoder *d, uint32_t word, uint32_t pc, char *buf, size_t n)
{
	const struct ppc_row *row = ppc_decode(d, word);

	if (!row)
		snprintf(buf, n, "?");
	else if (strchr(row->encoding, 'k'))
		print_branch(row, word, pc, buf, n);
	else if (row->flags & PPC_PRE || !ask_capstone(d, word, pc))
		print_row(row, word, buf, n);
	else
		snprintf(buf, n, "%s%s%s", d->insn->mnemonic, *d->insn->op_str ? " " : "", d->insn->op_str);
}
