/*
 * Draws PowerPC programs. Plain instructions come from the rows of the front end, their fields at random;
 * around them stand pieces that need several words: loops with counters of their own, calls,
 * forward branches, reservations. Registers are shared out so that most programs get somewhere:
 * r0-r23 are worked with, r24 and r25 count loops, r26 and r27 are small indices, r28-r31 point
 * into the data window.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/ppc.h"
#include "frontend/common/picture.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"
#include "sequence.h"

enum { FIRST_COUNTER = 24, FIRST_INDEX = 26, FIRST_BASE = 28, MAX_ROWS = 640 };

/* Families of rows that are drawn with weights of their own. */
enum family { INTEGER, CONDITION, MEMORY, STRING, FLOAT, FLOAT_MEMORY, FLOAT_STATUS, SPECIAL, TRAPS, N_FAMILIES };

static struct {
	const struct ppc_row *row[N_FAMILIES][MAX_ROWS];
	unsigned n[N_FAMILIES];
	struct ppc_decoder *decoder;
} table;

struct draw {
	struct test_rng *rng;
	struct seq_case *c;
	unsigned style, want, depth, counters;
	unsigned favour[4];	/* registers used more often than others, so that results are used */
	bool linear;		/* inside a loop: no branch forward over its end, no change of CTR */
	bool keep_lr;
	struct seq_rewriter rewriter;
	bool no_snan;		/* SEQ_TAME: registers and data begin without signalling NaNs */
};

/* The family of a row; N_FAMILIES for those that are drawn by pieces or not at all. */
static enum family family_of(const struct ppc_rows *group, const struct ppc_row *row)
{
	static const char *const strings[] = { "lmw", "stmw", "lswi", "stswi", "lswx", "stswx", NULL };
	static const char *const special[] = { "sync", "eieio", "isync", NULL };

	if (group == &ppc_rows_branch)
		return strchr(row->encoding, 'k') || strchr(row->encoding, 'o') || !strcmp(row->mnemonic, "sc") ?
			N_FAMILIES : TRAPS;
	if (group == &ppc_rows_arith || group == &ppc_rows_logic)
		return INTEGER;
	if (group == &ppc_rows_cr)
		return CONDITION;
	if (group == &ppc_rows_mem)
		return seq_one_of(row->mnemonic, strings) ? STRING : seq_one_of(row->mnemonic, special) ? SPECIAL : MEMORY;
	if (group == &ppc_rows_fp)
		return FLOAT;
	if (group == &ppc_rows_fp_mem)
		return FLOAT_MEMORY;
	return group == &ppc_rows_fp_status ? FLOAT_STATUS : SPECIAL;
}

static bool open_tables(void)
{
	static const struct ppc_rows *const groups[] = {
#define GROUP(name) &ppc_rows_##name,
#include "frontend/ppc/groups.def"
	};
	void *d;

	if (frontend_ppc.open(&base_alloc_malloc, NULL, &d))
		return false;
	table.decoder = d;
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned i = 0; i < groups[g]->n; i++) {
			const struct ppc_row *row = &groups[g]->row[i];
			enum family f = family_of(groups[g], row);

			if (f < N_FAMILIES && !(row->lacks & PPC_GENERIC) && table.n[f] < MAX_ROWS)
				table.row[f][table.n[f]++] = row;
		}
	}
	for (unsigned f = 0; f < N_FAMILIES; f++)
		if (!table.n[f])
			return false;
	return true;
}

static void close_tables(void)
{
	frontend_ppc.close(table.decoder);
}

/* ---- words ---- */

static void emit(struct draw *d, uint32_t word)
{
	seq_emit(d->c, word);
}

static uint32_t form_d(unsigned op, unsigned rd, unsigned ra, uint32_t imm)
{
	return (uint32_t)op << 26 | rd << 21 | ra << 16 | (imm & 0xffff);
}

static uint32_t form_x(unsigned op, unsigned rd, unsigned ra, unsigned rb, unsigned xo, unsigned rc)
{
	return (uint32_t)op << 26 | rd << 21 | ra << 16 | rb << 11 | xo << 1 | rc;
}

static void emit_li(struct draw *d, unsigned r, uint32_t v)
{
	emit(d, form_d(14, r, 0, v));
}

static void emit_li32(struct draw *d, unsigned r, uint32_t v)
{
	emit(d, form_d(15, r, 0, v >> 16));
	emit(d, form_d(24, r, r, v));
}

static uint32_t spr_word(unsigned xo, unsigned r, unsigned spr)
{
	return form_x(31, r, spr & 31, spr >> 5, xo, 0);
}

static unsigned work_register(struct draw *d)
{
	return seq_chance(d->rng, 2) ? d->favour[test_below(d->rng, 4)] : test_below(d->rng, FIRST_COUNTER);
}

static unsigned base_register(struct draw *d)
{
	return FIRST_BASE + test_below(d->rng, 4);
}

static void emit_bases(struct draw *d)
{
	for (unsigned r = FIRST_BASE; r < 32; r++)
		emit_li(d, r, seq_address(d->rng));
	for (unsigned r = FIRST_INDEX; r < FIRST_BASE; r++)
		emit_li(d, r, test_below(d->rng, 64));
}

static uint32_t draw_integer(struct draw *d, const struct ppc_row *row)
{
	struct seq_fields f = { 0 };

	for (const char *p = "dab"; *p; p++)
		seq_set_field(&f, *p, 5, work_register(d));
	if (strchr(row->encoding, 'b') && seq_chance(d->rng, 12))
		seq_set_field(&f, 'b', 5, test_below(d->rng, 32));
	if (!strcmp(row->mnemonic, "isel"))
		seq_set_field(&f, 'c', 5, test_below(d->rng, 32));
	return seq_fill(row->encoding, &f, d->rng);
}

/* A displacement that mostly stays near. */
static uint32_t displacement(struct draw *d)
{
	uint32_t v = test_below(d->rng, 96) - 32;

	return seq_chance(d->rng, 64) ? (uint32_t)test_next(d->rng) & 0xffff : seq_chance(d->rng, 3) ? v : v & ~3u;
}

static uint32_t draw_memory(struct draw *d, const struct ppc_row *row, bool fp)
{
	struct seq_fields f = { 0 };
	bool tame = d->style & (SEQ_TAME | SEQ_REWRITES);

	seq_set_field(&f, 'd', 5, fp ? test_below(d->rng, 32) : work_register(d));
	seq_set_field(&f, 'a', 5, base_register(d));
	seq_set_field(&f, 'b', 5, FIRST_INDEX + test_below(d->rng, 2));
	seq_set_field(&f, 'i', 16, displacement(d));
	if (!tame && seq_chance(d->rng, 48))
		seq_set_field(&f, "ab"[test_below(d->rng, 2)], 5, test_below(d->rng, 32));
	return seq_fill(row->encoding, &f, d->rng);
}

/* Multiple and string forms write many registers; those with a purpose are set again. */
static void emit_string(struct draw *d)
{
	const struct ppc_row *row = table.row[STRING][test_below(d->rng, table.n[STRING])];
	bool multiple = row->mnemonic[1] == 'm' || row->mnemonic[2] == 'm';
	struct seq_fields f = { 0 };

	bool small = d->linear || d->style & SEQ_TAME;

	if (strchr(row->mnemonic, 'x') && (small || seq_chance(d->rng, 2))) {
		emit_li(d, 3, test_below(d->rng, small ? 33 : 128));
		emit(d, spr_word(467, 3, 1));
	}
	seq_set_field(&f, 'd', 5, multiple ? FIRST_INDEX + test_below(d->rng, 6) : test_below(d->rng, 16));
	if (multiple && !d->linear && seq_chance(d->rng, 3))
		seq_set_field(&f, 'd', 5, test_below(d->rng, 32));
	seq_set_field(&f, 'a', 5, base_register(d));
	seq_set_field(&f, 'b', 5, FIRST_INDEX + test_below(d->rng, 2));
	seq_set_field(&f, 'i', 16, displacement(d) & (seq_chance(d->rng, 16) ? 0xffff : ~3u));
	emit(d, seq_fill(row->encoding, &f, d->rng));
	if (*row->mnemonic == 'l' && !(d->linear && !multiple))
		emit_bases(d);
}

static uint32_t draw_condition(struct draw *d, const struct ppc_row *row)
{
	struct seq_fields f = { 0 };

	seq_set_field(&f, 'd', 5, work_register(d));
	return seq_fill(row->encoding, &f, d->rng);
}

static uint32_t draw_special(struct draw *d, const struct ppc_row *row)
{
	static const unsigned numbers[] = { 1, 1, 1, 8, 9, 256, 268, 269 };
	struct seq_fields f = { 0 };
	unsigned spr = numbers[test_below(d->rng, row->mnemonic[1] == 't' ? 6 : 8)];

	if (row->mnemonic[1] == 't' && (spr == 9 ? d->linear : spr == 8 && d->keep_lr))
		spr = 1;
	if (!strcmp(row->mnemonic, "mftb"))
		spr = 268 + test_below(d->rng, 2);
	if (!(d->style & SEQ_TAME) && seq_chance(d->rng, 24))
		spr = test_below(d->rng, 1024);
	seq_set_field(&f, 'd', 5, work_register(d));
	seq_set_field(&f, 's', 10, (spr & 31) << 5 | spr >> 5);
	return seq_fill(row->encoding, &f, d->rng);
}

static uint32_t draw_plain(struct draw *d, enum family family)
{
	const struct ppc_row *row = table.row[family][test_below(d->rng, table.n[family])];
	struct seq_fields none = { 0 };

	switch (family) {
	case INTEGER: return draw_integer(d, row);
	case CONDITION: return draw_condition(d, row);
	case MEMORY: return draw_memory(d, row, false);
	case FLOAT_MEMORY: return draw_memory(d, row, true);
	case SPECIAL: return draw_special(d, row);
	case TRAPS: return draw_integer(d, row);
	default: return seq_fill(row->encoding, &none, d->rng);
	}
}

/* ---- what qemu_sequence.c leaves out, with the reason ---- */

/* Infinity times 0 plus a signalling NaN sets VXIMZ and VXSNAN (UISA 3.3.6.1.1); QEMU sets VXIMZ alone. */
static bool is_multiply_add(uint32_t word)
{
	return (word >> 26 | 4) == 63 && (word >> 1 & 31) >= 28;
}

/* Whether the manual defines the word's result, and QEMU 7.2 agrees with the manual. */
static bool is_tame(const struct draw *d, uint32_t word)
{
	static const char *const excluded[] = {
		"mfocrf", "mtocrf",	/* UISA 3.3.10: undefined but for the one field */
		"divw", "divwo", "divwu", "divwuo", "divwe", "divweo", "divweu", "divweuo",	/* drawn by emit_divide */
		"fres", "frsqrte",	/* UISA 4.2.2.1: an estimate */
		"fctiw", "fctiwz",	/* bits 0-31 undefined: drawn by emit_convert */
		"fnmadd", "fnmsub", "fnmadds", "fnmsubs",	/* QEMU negates before rounding in a direction */
		"mffs",			/* shows FR, which QEMU hardly sets: drawn by emit_status */
		"mftb",			/* time */
		"icbi", "dcba", /* leave the data alone, and fault or not as the processor likes (VEA 5.1) */
		 "lwarx", "lharx", "lbarx", "stwcx.", "sthcx.", "stbcx.",	/* drawn by emit_reservation */
		"dcbz",			/* the block size is the processor's (VEA 5.1.1) */
		NULL
	};
	const struct ppc_row *row = ppc_decode(table.decoder, word);

	/* qemu-ppc is started as a 750, which has the fewest instructions of its own. */
	if (!row || row->lacks & PPC_750 || seq_one_of(row->mnemonic, excluded))
		return false;
	/* Hints and fields of newer processors, which a 750 ignores (PEM 8.2); QEMU finds some of them illegal. */
	if (picture_field(row->encoding, 'u', word) || (!d->no_snan && is_multiply_add(word)))
		return false;
	/* Field 3 has FR, FI and C (see forgive). Field 0 clears FX, which QEMU sets again though no exception bit is new
	 * (UISA 2.1.4). */
	if (!strcmp(row->mnemonic, "mcrfs") && ((word >> 18 & 7) == 3 || (word >> 18 & 7) == 0))
		return false;
	if (!strncmp(row->mnemonic, "mtfs", 4))
		return false;	/* enabled exceptions trap or not by MSR: drawn by emit_status */
	if (!strcmp(row->mnemonic, "mfspr") || !strcmp(row->mnemonic, "mtspr")) {
		unsigned spr = (word >> 16 & 31) | (word >> 6 & 0x3e0);
		return spr == 8 || spr == 9 || (spr == 1 && row->mnemonic[1] == 'f');
	}
	return true;
}

static void emit_divide(struct draw *d)
{
	unsigned a = work_register(d), b = (a + 1 + test_below(d->rng, FIRST_COUNTER - 1)) % FIRST_COUNTER;
	bool is_unsigned = seq_chance(d->rng, 2);

	emit(d, form_d(24, b, b, 1));
	if (!is_unsigned)
		emit(d, form_d(21, a, a, 1 << 6 | 31 << 1));
	emit(d, form_x(31, work_register(d), a, b, (is_unsigned ? 459 : 491) | test_below(d->rng, 2) << 9,
		       test_below(d->rng, 2)));
}

/* The integer is stored, then the undefined half and FPRF are written over. */
static void emit_convert(struct draw *d)
{
	unsigned f = test_below(d->rng, 32);

	emit(d, form_x(63, f, 0, test_below(d->rng, 32), 14 + test_below(d->rng, 2), 0));
	emit(d, form_x(31, f, 0, base_register(d), 983, 0));
	emit(d, form_x(63, f, (f + 1 + test_below(d->rng, 31)) & 31, (f + 1 + test_below(d->rng, 31)) & 31, 21, 0));
}

/* XER without its reserved bits, which QEMU keeps (UISA 2.1.5). */
static void emit_mtxer(struct draw *d)
{
	unsigned r = work_register(d);

	emit(d, form_d(21, r, r, 25 << 6 | 2 << 1));	/* rlwinm r,r,0,25,2 */
	emit(d, spr_word(467, r, 1));
}

/* Rounding modes, and the status without FR, FI and C. */
static void emit_status(struct draw *d)
{
	unsigned f = test_below(d->rng, 32), r = work_register(d), base = base_register(d);

	if (seq_chance(d->rng, 2)) {
		emit(d, form_x(63, 30 + test_below(d->rng, 2), 0, 0, test_below(d->rng, 2) ? 70 : 38, 0));
		return;
	}
	emit(d, form_x(63, f, 0, 0, 583, 0));
	emit(d, form_d(54, f, base, 0));
	emit(d, form_d(32, r, base, 4));
	emit(d, form_d(21, r, r, 16 << 6 | 12 << 1));	/* rlwinm r,r,0,16,12 */
	emit(d, form_d(36, r, base, 4));
	emit(d, form_d(36, r, base, 0));
	emit(d, form_x(63, f, 0, (f + 1 + test_below(d->rng, 31)) & 31, 72, 0));
}

/* ---- pieces ---- */

static void emit_body(struct draw *d, unsigned n);

static uint32_t branch(unsigned from, unsigned to, bool link)
{
	return 18u << 26 | (4 * (to - from) & 0x3fffffc) | link;
}

static uint32_t branch_if(unsigned bo, unsigned bi, unsigned from, unsigned to)
{
	return 16u << 26 | bo << 21 | bi << 16 | (4 * (to - from) & 0xfffc);
}

/* A loop counted by CTR or, inside of another, by a register of its own. */
static void emit_loop(struct draw *d)
{
	unsigned turns = seq_turns(d->rng, d->style, d->depth);
	unsigned n = 2 + test_below(d->rng, d->style & SEQ_LOOPS ? 20 : 8);
	bool linear = d->linear, by_ctr = !linear && seq_chance(d->rng, 2);
	unsigned counter = FIRST_COUNTER + d->counters;

	if (!by_ctr && d->counters == FIRST_INDEX - FIRST_COUNTER)
		return;
	d->counters += !by_ctr;
	emit_li(d, by_ctr ? 4 : counter, turns);
	if (by_ctr)
		emit(d, spr_word(467, 4, 9));
	unsigned head = d->c->n;
	d->depth++;
	d->linear = true;
	emit_body(d, n);
	seq_rewrite_in_loop(&d->rewriter, d->style, d->depth, false);
	d->linear = linear;
	d->depth--;
	d->counters -= !by_ctr;
	if (by_ctr) {
		emit(d, branch_if(test_below(d->rng, 8) ? 16 : 0, test_below(d->rng, 32), d->c->n, head));
		return;
	}
	emit(d, form_d(13, counter, counter, (uint32_t)-1));
	emit(d, branch_if(4, 2, d->c->n, head));
}

/* A branch over some words, taken or not. */
static void emit_forward(struct draw *d)
{
	static const uint8_t bos[] = { 12, 4, 12, 4, 20, 16, 18, 8, 0, 2, 10 };
	unsigned at = d->c->n, bo = bos[test_below(d->rng, d->linear ? 5 : 11)];

	emit(d, 0);
	emit_body(d, 1 + test_below(d->rng, 4));
	if (at < d->c->n)
		d->c->word[at] = branch_if(bo, test_below(d->rng, 32), at, d->c->n);
}

/* bl or bctrl to words that return by blr. */
static void emit_call(struct draw *d)
{
	bool by_ctr = !d->linear && seq_chance(d->rng, 3), keep = d->keep_lr;
	unsigned at = d->c->n, over;

	if (by_ctr) {
		emit_li32(d, 5, SEQ_CODE + 4 * (at + 5));
		emit(d, spr_word(467, 5, 9));
		emit(d, 0x4e800421);
	} else {
		emit(d, branch(at, at + 2, true));
	}
	over = d->c->n;
	emit(d, 0);
	d->keep_lr = true;
	d->depth++;
	emit_body(d, 1 + test_below(d->rng, 5));
	d->depth--;
	d->keep_lr = keep;
	emit(d, seq_chance(d->rng, 8) ? 0x4c820020 | test_below(d->rng, 32) << 16 : 0x4e800020);
	if (over < d->c->n)
		d->c->word[over] = branch(over, d->c->n, false);
}

static void emit_reservation(struct draw *d)
{
	unsigned base = base_register(d), value = work_register(d);

	if (!seq_chance(d->rng, 16) || d->style & SEQ_TAME)
		emit_li(d, base, seq_address(d->rng) & ~3u);
	emit(d, form_x(31, value, 0, base, 20, 0));
	if (seq_chance(d->rng, 2))
		emit_body(d, 1 + test_below(d->rng, 2));
	if (seq_chance(d->rng, 4) && !(d->style & SEQ_TAME))
		base = base_register(d);
	emit(d, form_x(31, work_register(d), 0, base, 150, 1));
}

/* Turns the word at `to` into another, and back the next time: xor with the mask; then what makes new code seen. */
static void emit_rewrite(void *draw, unsigned to, uint32_t mask)
{
	struct draw *d = draw;
	unsigned a = 1 + test_below(d->rng, FIRST_COUNTER - 1), v = a == 1 ? 2 : a - 1;

	emit_li32(d, a, SEQ_CODE + 4 * to);
	emit(d, form_d(32, v, a, 0));
	emit(d, form_d(26, v, v, mask));
	emit(d, form_d(27, v, v, mask >> 16));
	emit(d, form_d(36, v, a, 0));
	emit(d, form_x(31, 0, 0, a, 54, 0));	/* dcbst */
	emit(d, 0x7c0004ac);			/* sync */
	emit(d, form_x(31, 0, 0, a, 982, 0));	/* icbi */
	emit(d, 0x7c0004ac);
	emit(d, 0x4c00012c);			/* isync */
}

static uint32_t draw_slot(void *draw, bool thumb)
{
	static const uint8_t families[] = { INTEGER, INTEGER, INTEGER, CONDITION, MEMORY, FLOAT, FLOAT_MEMORY };
	struct draw *d = draw;

	(void)thumb;
	return draw_plain(d, families[test_below(d->rng, sizeof families)]);
}

/* FPSCR read and written back, as C libraries do around what shall leave no trace in it. */
static void emit_fpscr(struct draw *d)
{
	unsigned f = test_below(d->rng, 32), n = test_below(d->rng, 4);

	for (unsigned i = 0; i < n; i++)
		emit(d, draw_plain(d, FLOAT));
	emit(d, form_x(63, f, 0, 0, 583, 0));			/* mffs */
	emit_body(d, test_below(d->rng, 3));
	if (seq_chance(d->rng, 2))
		emit(d, 63u << 26 | 255 << 17 | f << 11 | 711 << 1);	/* mtfsf */
}

static bool emit_piece(struct draw *d)
{
	if (seq_rewrite_piece(&d->rewriter, d->style, d->depth, false))
		return true;
	switch (test_below(d->rng, d->style & SEQ_LOOPS ? 24 : 48)) {
	case 0: case 1: emit_loop(d); return true;
	case 2: case 3: emit_forward(d); return true;
	case 4: if (d->keep_lr) return false; emit_call(d); return true;
	case 5: emit_string(d); return true;
	case 6: emit_reservation(d); return true;
	case 7: if (d->style & SEQ_TAME) return false; emit_fpscr(d); return true;
	default: return false;
	}
}

static enum family draw_family(struct draw *d)
{
	static const uint8_t weight[N_FAMILIES] = {
		[INTEGER] = 34, [CONDITION] = 7, [MEMORY] = 16, [FLOAT] = 20, [FLOAT_MEMORY] = 8, [FLOAT_STATUS] = 4,
		[SPECIAL] = 4, [TRAPS] = 1,
	};
	unsigned sum = 0, pick;

	for (unsigned f = 0; f < N_FAMILIES; f++)
		sum += weight[f];
	pick = test_below(d->rng, sum);
	for (unsigned f = 0;; f++) {
		if (pick < weight[f])
			return (enum family)f;
		pick -= weight[f];
	}
}

static void emit_tame(struct draw *d)
{
	switch (test_below(d->rng, 40)) {
	case 0: case 1: emit_divide(d); return;
	case 2: emit_convert(d); return;
	case 3: emit_status(d); return;
	case 4: emit_mtxer(d); return;
	default: break;
	}
	for (;;) {
		uint32_t word = draw_plain(d, draw_family(d));

		if (is_tame(d, word)) {
			emit(d, word);
			return;
		}
	}
}

static void emit_body(struct draw *d, unsigned n)
{
	for (unsigned i = 0; i < n && d->c->n < SEQ_MAX_WORDS - 40; i++) {
		if (d->depth < 3 && emit_piece(d))
			continue;
		if (d->style & SEQ_TAME)
			emit_tame(d);
		else if (!(d->style & SEQ_REWRITES) && seq_chance(d->rng, 400))
			emit(d, (uint32_t)test_next(d->rng) & ~(seq_chance(d->rng, 2) ? 0xfc000000u : 0u));
		else
			emit(d, draw_plain(d, draw_family(d)));
	}
}

/* ---- state ---- */

static void set(struct seq_case *c, uint32_t id, uint64_t v)
{
	seq_reg(&seq_ppc, &c->before, id)->lo = v;
}

static uint64_t quieten(uint64_t v)
{
	return v << 1 > 0xffe0000000000000 ? v | 1ull << 51 : v;
}

/* Makes all signalling NaNs quiet: for what is_multiply_add says. */
static void quieten_all(struct seq_case *c)
{
	for (unsigned i = 0; i < 32; i++)
		set(c, DGM_PPC_F(i), quieten(seq_reg(&seq_ppc, &c->before, DGM_PPC_F(i))->lo));
	for (unsigned i = 0; i < SEQ_DATA_SIZE; i += 8)
		if ((c->data[i] & 0x7f) == 0x7f && c->data[i + 1] >= 0xf0)
			c->data[i + 1] |= 8;
}

static void draw_state(struct test_rng *r, unsigned style, struct seq_case *c)
{
	bool tame = style & SEQ_TAME;

	memset(&c->before, 0, sizeof c->before);
	for (unsigned i = 0; i < FIRST_INDEX; i++)
		set(c, DGM_PPC_R(i), seq_chance(r, 8) ? seq_address(r) : seq_corner_word(r));
	for (unsigned i = FIRST_INDEX; i < FIRST_BASE; i++)
		set(c, DGM_PPC_R(i), test_below(r, 64));
	for (unsigned i = FIRST_BASE; i < 32; i++)
		set(c, DGM_PPC_R(i), seq_address(r));
	for (unsigned i = 0; i < 32; i++)
		set(c, DGM_PPC_F(i), seq_corner_double(r));
	set(c, DGM_PPC_CR, (uint32_t)test_next(r));
	set(c, DGM_PPC_XER, (test_below(r, 8) << 29) | (seq_chance(r, 2) ? test_below(r, 128) : test_below(r, 12)));
	set(c, DGM_PPC_LR, seq_chance(r, 2) ? SEQ_CODE + 4 * test_below(r, 64) : seq_corner_word(r));
	set(c, DGM_PPC_CTR, seq_chance(r, 2) ? SEQ_CODE + 4 * test_below(r, 64) : seq_corner_word(r));
	uint32_t fpscr = seq_chance(r, 2) ? 0 : test_below(r, 4);
	if (!tame && seq_chance(r, 4))
		fpscr = (uint32_t)test_next(r) & (seq_chance(r, 2) ? 0xffffff07 : 0xfffffffb);
	set(c, DGM_PPC_FPSCR, fpscr);
	set(c, DGM_PPC_MSR_FE, !tame && seq_chance(r, 6) ? test_below(r, 4) : 0);
	set(c, DGM_PPC_VRSAVE, tame ? 0 : seq_corner_word(r));
	for (unsigned i = 0; i < SEQ_DATA_SIZE; i += 8) {
		uint64_t v = i & 8 ? seq_corner_double(r) : (uint64_t)seq_corner_word(r) << 32 | seq_corner_word(r);

		for (unsigned k = 0; k < 8; k++)
			c->data[i + k] = (uint8_t)(v >> (56 - 8 * k));
	}
}

static void draw_program(struct test_rng *r, unsigned style, unsigned want, struct seq_case *out)
{
	struct draw d = { .rng = r, .c = out, .style = style, .want = want };

	d.rewriter = (struct seq_rewriter){ .rng = r, .c = out, .draw = &d, .word = draw_slot, .rewrite = emit_rewrite };
	out->n = 0;
	for (unsigned i = 0; i < 4; i++)
		d.favour[i] = test_below(r, FIRST_COUNTER);
	draw_state(r, style, out);
	d.no_snan = style & SEQ_TAME && seq_chance(r, 2);
	if (d.no_snan)
		quieten_all(out);
	while (out->n < want)
		emit_body(&d, want - out->n);
}

/* Leaves out what would leave for good: illegal words, traps, and returns into the unknown. */
static void repeat(struct seq_case *c, unsigned turns)
{
	unsigned n = c->n;

	for (unsigned i = 0; i < n; i++) {
		uint32_t op = c->word[i] >> 26, xo = c->word[i] >> 1 & 0x3ff;

		if (op == 3 || (op == 31 && xo == 4) || op == 17)
			c->word[i] = seq_ppc.nop;
	}
	c->word[n] = 0x36f7ffff;				/* addic. r23,r23,-1 */
	c->word[n + 1] = 0x40820000 | (0x10000 - 4 * (n + 1));	/* bne start */
	c->n = n + 2;
	set(c, DGM_PPC_R(23), turns);
	set(c, DGM_PPC_MSR_FE, 0);
}

static bool skipped(uint32_t id)
{
	(void)id;
	return false;
}

const struct seq_guest seq_ppc = {
	.name = "ppc", .fe = &frontend_ppc, .pc = DGM_PPC_PC, .nop = 0x60000000, .syscall = 0x44000002,
	.skipped = skipped, .open = open_tables, .close = close_tables, .draw = draw_program, .repeat = repeat,
};
