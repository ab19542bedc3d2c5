/*
 * Draws A32 and T32 programs. Plain instructions come from the rows of the front end, their fields at random; around
 * them stand pieces that need several words: loops, calls, forward branches, exclusives, IT blocks. A T32 program is made
 * of words, too: two halfwords, of one instruction or of two. Registers are shared out so that most programs
 * get somewhere: r0-r3, r11 and r12 are worked with, r4 and r5 count loops, r6, r7, r9, r10 and sp point into the data
 * window, r8 is a small index, lr links.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/arm.h"
#include "frontend/arm/arm.h"
#include "frontend/arm/frontend.h"
#include "sequence.h"

enum { MAX_ROWS = 1200, N_COUNTERS = 2, FIRST_COUNTER = 4, NOP16 = 0xbf00 };

enum family { INTEGER, MEMORY, SYNC, FLOAT, VECTOR, VECTOR_MEMORY, TRAPS, N_FAMILIES };

/* What is drawn from: a row, and in which halves of a word its instruction stands. */
struct source {
	const struct arm_row *row;
	enum arm_set set;
};

static struct table {
	struct source source[N_FAMILIES][MAX_ROWS];
	unsigned n[N_FAMILIES];
} tables[2];

struct draw {
	const struct table *table;
	bool thumb;
	struct test_rng *rng;
	struct seq_case *c;
	unsigned style, depth, counters;
	bool keep_lr;
	struct seq_rewriter rewriter;
};

static const uint8_t work_low[] = { 0, 1, 2, 3 }, work[] = { 0, 1, 2, 3, 11, 12 };
static const uint8_t bases_low[] = { 6, 7 }, bases[] = { 6, 7, 9, 10, 13 };

/* ---- tables ---- */

static enum family family_of(const char *group, const struct arm_row *row)
{
	static const char *const traps[] = { "bkpt", "udf", NULL };
	static const char *const plain[] = { "mrs", "hint", "nop", "dmb", "dsb", "clrex", "pld", NULL };

	if (!strcmp(group, "branch"))
		return seq_one_of(row->mnemonic, traps) ? TRAPS : N_FAMILIES;
	if (!strcmp(group, "system"))
		return seq_one_of(row->mnemonic, plain) ? INTEGER : N_FAMILIES;
	if (!strcmp(group, "data") || !strcmp(group, "multiply") || !strcmp(group, "media"))
		return INTEGER;
	if (!strcmp(group, "mem") || !strcmp(group, "block"))
		return MEMORY;
	if (!strcmp(group, "sync"))
		return SYNC;
	if (!strcmp(group, "vfp_move"))
		return seq_one_of(row->mnemonic, (const char *const[]){ "vldr", "vstr", "vldm", "vstm", NULL }) ? VECTOR_MEMORY : FLOAT;
	if (!strcmp(group, "vfp"))
		return FLOAT;
	return !strcmp(group, "neon_mem") ? VECTOR_MEMORY : VECTOR;
}

static void add_rows(struct table *t, const char *group, const struct arm_rows *rows, enum arm_set set, bool shared)
{
	for (unsigned i = 0; i < rows->set[set].n; i++) {
		const struct arm_row *row = &rows->set[set].row[i];
		enum family f = family_of(group, row);

		if (f < N_FAMILIES && t->n[f] < MAX_ROWS && (!shared || f == FLOAT || f >= VECTOR))
			t->source[f][t->n[f]++] = (struct source){ row, set };
	}
}

static bool open_table(bool thumb)
{
	static const struct {
		const char *name;
		const struct arm_rows *rows;
	} groups[] = {
#define GROUP(name) { #name, &arm_rows_##name },
#include "frontend/arm/groups.def"
	};
	struct table *t = &tables[thumb];

	memset(t->n, 0, sizeof t->n);
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		add_rows(t, groups[g].name, groups[g].rows, ARM_A32, thumb);
		for (enum arm_set s = ARM_T16; thumb && s <= ARM_T32; s++)
			add_rows(t, groups[g].name, groups[g].rows, s, false);
	}
	for (unsigned f = 0; f < VECTOR_MEMORY; f++)
		if (!t->n[f])
			return false;
	return true;
}

static bool open_tables(void)
{
	return open_table(false) && open_table(true);
}

static void close_tables(void)
{
}

/* ---- words ---- */

static void emit(struct draw *d, uint32_t word)
{
	seq_emit(d->c, word);
}

/* A T32 instruction of 32 bits, first halfword high, as it stands in memory. */
static void emit_wide(struct draw *d, uint32_t word)
{
	emit(d, word << 16 | word >> 16);
}

/* Two T32 instructions of 16 bits. */
static void emit_two(struct draw *d, uint32_t first, uint32_t second)
{
	emit(d, second << 16 | first);
}

static unsigned pick(struct draw *d, const uint8_t *from, unsigned n)
{
	return from[test_below(d->rng, n)];
}
#define PICK(d, array) pick(d, array, sizeof(array))

static void emit_constant(struct draw *d, unsigned r, uint32_t v)
{
	v &= 0xffff;
	if (d->thumb)
		emit_wide(d, 0xf2400000 | (v >> 11 & 1) << 26 | (v >> 12) << 16 | (v >> 8 & 7) << 12 | r << 8 | (v & 0xff));
	else
		emit(d, 0xe3000000 | (v >> 12) << 16 | r << 12 | (v & 0xfff));
}

/* Operands among the registers worked with; three bits reach the low ones alone. */
static unsigned operand(struct draw *d, const struct arm_row *row, char letter)
{
	return seq_width(row->encoding, letter) < 4 ? PICK(d, work_low) : PICK(d, work);
}

static void set_condition(struct draw *d, struct seq_fields *f, const struct arm_row *row)
{
	seq_set_letter(f, row->encoding, 'c', seq_chance(d->rng, 4) ? test_below(d->rng, 14) : 14);
}

static uint32_t draw_integer(struct draw *d, const struct arm_row *row)
{
	struct seq_fields f = { 0 };

	for (const char *p = "dnmsatu"; *p; p++)
		seq_set_letter(&f, row->encoding, *p, operand(d, row, *p));
	set_condition(d, &f, row);
	return seq_fill(row->encoding, &f, d->rng);
}

/* VFP and NEON: t and u are general registers, the rest may be any vector. */
static uint32_t draw_vector(struct draw *d, const struct arm_row *row)
{
	struct seq_fields f = { 0 };

	seq_set_letter(&f, row->encoding, 't', operand(d, row, 't'));
	seq_set_letter(&f, row->encoding, 'u', operand(d, row, 'u'));
	for (const char *p = "dnm"; *p; p++)
		seq_set_letter(&f, row->encoding, *p,
			       test_below(d->rng, seq_chance(d->rng, 3) ? 16 : 4) & (seq_width(row->encoding, 'Q') ? 14 : 15));
	set_condition(d, &f, row);
	return seq_fill(row->encoding, &f, d->rng);
}

/* Offsets mostly stay near; registers of a list are those worked with. */
static uint32_t draw_memory(struct draw *d, const struct arm_row *row, bool vector)
{
	bool low = seq_width(row->encoding, 'n') && seq_width(row->encoding, 'n') < 4;
	struct seq_fields f = { 0 };

	if (!vector) {
		seq_set_letter(&f, row->encoding, 't', operand(d, row, 't') & (seq_width(row->encoding, 'u') ? 15u : 14u));
		seq_set_letter(&f, row->encoding, 'u', operand(d, row, 'u'));
		seq_set_letter(&f, row->encoding, 'd', operand(d, row, 'd'));
	}
	seq_set_letter(&f, row->encoding, 'n', low ? PICK(d, bases_low) : PICK(d, bases));
	seq_set_letter(&f, row->encoding, 'm',
		       seq_width(row->encoding, 'm') < 4 ? PICK(d, work_low) : vector ? (seq_chance(d->rng, 2) ? 15 : 13) : 8);
	seq_set_letter(&f, row->encoding, 'y', 0);
	seq_set_letter(&f, row->encoding, 'h', test_below(d->rng, 3));
	if (seq_width(row->encoding, 'i') > 5 && !seq_chance(d->rng, 64))
		seq_set_letter(&f, row->encoding, 'i', test_below(d->rng, 16));
	seq_set_letter(&f, row->encoding, 'l', (uint32_t)test_next(d->rng) & (seq_width(row->encoding, 'l') > 9 ? 0x580f : 0x0f));
	set_condition(d, &f, row);
	uint32_t word = seq_fill(row->encoding, &f, d->rng);
	if (d->style & (SEQ_TAME | SEQ_REWRITES) || !seq_chance(d->rng, 64))
		return word;
	return word ^ 1u << test_below(d->rng, 16);
}

static uint32_t draw_row(struct draw *d, enum family f, const struct source *s)
{
	switch (f) {
	case MEMORY: case SYNC: return draw_memory(d, s->row, false);
	case VECTOR_MEMORY: return draw_memory(d, s->row, true);
	case FLOAT: case VECTOR: return draw_vector(d, s->row);
	default: return draw_integer(d, s->row);
	}
}

static uint32_t as_thumb(uint32_t word)
{
	if (word >> 25 == 0x79)
		return 0xef000000 | (word >> 24 & 1) << 28 | (word & 0x00ffffff);
	if (word >> 24 == 0xf4)
		return 0xf9000000 | (word & 0x00ffffff);
	return word >> 28 == 15 ? word : 0xe0000000 | (word & 0x0fffffff);
}

static enum family draw_family(struct draw *d)
{
	static const uint8_t weight[N_FAMILIES] = {
		[INTEGER] = 44, [MEMORY] = 20, [SYNC] = 1, [FLOAT] = 12, [VECTOR] = 16, [VECTOR_MEMORY] = 6, [TRAPS] = 1,
	};
	unsigned at = test_below(d->rng, 100);

	for (unsigned f = 0;; f++) {
		if (at < weight[f])
			return (enum family)f;
		at -= weight[f];
	}
}

/* A halfword of T16's for the second half of a word. */
static uint32_t draw_half(struct draw *d)
{
	for (unsigned tries = 0; tries < 50; tries++) {
		enum family f = seq_chance(d->rng, 4) ? MEMORY : INTEGER;
		const struct source *s = &d->table->source[f][test_below(d->rng, d->table->n[f])];

		if (s->set == ARM_T16)
			return draw_row(d, f, s);
	}
	return NOP16;
}

/* A word of one instruction or two, as it stands in memory. */
static uint32_t draw_plain(struct draw *d, enum family f)
{
	const struct source *s = &d->table->source[f][test_below(d->rng, d->table->n[f])];
	uint32_t word = draw_row(d, f, s);

	if (!d->thumb)
		return word;
	if (s->set == ARM_T16)
		return draw_half(d) << 16 | word;
	word = s->set == ARM_A32 ? as_thumb(word) : word;
	return word << 16 | word >> 16;
}

static void emit_plain(struct draw *d)
{
	emit(d, draw_plain(d, draw_family(d)));
}

/* ---- pieces ---- */

static void emit_body(struct draw *d, unsigned n);

/* A branch from the word `from` to the word `to`, as it stands in memory; cond 14: always. */
static uint32_t branch(const struct draw *d, unsigned from, unsigned to, unsigned cond, bool link)
{
	uint32_t over = 4 * to - 4 * from - (d->thumb ? 4 : 8), s = over >> 31, word;

	if (!d->thumb)
		return cond << 28 | 0x0a000000 | (uint32_t)link << 24 | (over >> 2 & 0xffffff);
	if (cond == 14) {
		uint32_t j1 = (~(over >> 23) ^ s) & 1, j2 = (~(over >> 22) ^ s) & 1;
		word = 0xf0009000 | s << 26 | (over >> 12 & 0x3ff) << 16 | (uint32_t)link << 14 | j1 << 13 | j2 << 11 | (over >> 1 & 0x7ff);
	} else {
		word = 0xf0008000 | s << 26 | cond << 22 | (over >> 12 & 0x3f) << 16 | (over >> 18 & 1) << 13 | (over >> 19 & 1) << 11 |
		       (over >> 1 & 0x7ff);
	}
	return word << 16 | word >> 16;
}

static void emit_loop(struct draw *d)
{
	unsigned turns = seq_turns(d->rng, d->style, d->depth);
	unsigned n = 2 + test_below(d->rng, d->style & SEQ_LOOPS ? 20 : 8), r = FIRST_COUNTER + d->counters;

	if (d->counters == N_COUNTERS)
		return;
	d->counters++;
	emit_constant(d, r, turns);
	unsigned head = d->c->n;
	d->depth++;
	emit_body(d, n);
	seq_rewrite_in_loop(&d->rewriter, d->style, d->depth, d->thumb);
	d->depth--;
	d->counters--;
	if (d->thumb && seq_chance(d->rng, 2))
		emit_two(d, 0x3801 | r << 8, NOP16);			/* subs r, #1 */
	else if (d->thumb)
		emit_wide(d, 0xf1b00001 | r << 16 | r << 8);
	else
		emit(d, 0xe2500001 | r << 16 | r << 12);
	emit(d, branch(d, d->c->n, head, seq_chance(d->rng, 2) ? 1 : 12, false));	/* ne, gt */
}

/* Over some words, taken or not. */
static void emit_forward(struct draw *d)
{
	unsigned n = PICK(d, work_low), m = PICK(d, work_low);

	if (seq_chance(d->rng, 2) && d->thumb)	/* cmp, so that the condition means something */
		emit_two(d, 0x4280 | m << 3 | n, NOP16);
	else if (seq_chance(d->rng, 2) && !d->thumb)
		emit(d, 0xe1500000 | n << 16 | m);
	unsigned at = d->c->n;
	emit(d, 0);
	emit_body(d, 1 + test_below(d->rng, 4));
	if (at >= d->c->n)
		return;
	if (d->thumb && seq_chance(d->rng, 4) && 4 * (d->c->n - at) < 126) {	/* cbz; its half of the word is filled */
		unsigned over = 4 * (d->c->n - at) - 4;
		d->c->word[at] = (uint32_t)NOP16 << 16 | 0xb100 | test_below(d->rng, 2) << 11 | (over >> 6 & 1) << 9 |
				 (over >> 1 & 31) << 3 | n;
		return;
	}
	d->c->word[at] = branch(d, at, d->c->n, test_below(d->rng, 15), false);
}

static void emit_call(struct draw *d)
{
	bool keep = d->keep_lr;
	unsigned at = d->c->n;

	emit(d, branch(d, at, at + 2, 14, true));
	unsigned over = d->c->n;
	emit(d, 0);
	d->keep_lr = true;
	d->depth++;
	emit_body(d, 1 + test_below(d->rng, 5));
	d->depth--;
	d->keep_lr = keep;
	if (d->thumb)
		emit_two(d, 0x4770, NOP16);
	else
		emit(d, 0xe12fff1e);
	if (over < d->c->n)
		d->c->word[over] = branch(d, over, d->c->n, 14, false);
}

static void emit_base(struct draw *d, unsigned r, uint32_t align)
{
	emit_constant(d, r, seq_address(d->rng) & ~(align - 1));
}

static void emit_exclusive(struct draw *d)
{
	unsigned base = PICK(d, bases), t = PICK(d, work_low), status = PICK(d, work_low);

	if (!seq_chance(d->rng, 12))
		emit_base(d, base, 4);
	if (d->thumb)
		emit_wide(d, 0xe8500f00 | base << 16 | t << 12);
	else
		emit(d, 0xe1900f9f | base << 16 | t << 12);
	if (seq_chance(d->rng, 2))
		emit_body(d, 1 + test_below(d->rng, 2));
	if (status == t)
		status ^= 1;
	if (d->thumb)
		emit_wide(d, 0xe8400000 | base << 16 | t << 12 | status << 8);
	else
		emit(d, 0xe1800f90 | base << 16 | status << 12 | t);
}

/* FPSCR: rounding mode, FZ, DN. */
static void emit_rounding(struct draw *d)
{
	unsigned r = PICK(d, work_low), k = test_below(d->rng, 16);

	if (d->thumb) {
		emit_two(d, 0x2000 | r << 8 | k, 0x0580 | r << 3 | r);	/* movs r, #k; lsls r, r, #22 */
		emit_wide(d, 0xeee10a10 | r << 12);
	} else {
		emit(d, 0xe3a00500 | r << 12 | k);			/* mov r, #k << 22 */
		emit(d, 0xeee10a10 | r << 12);
	}
}

/* A halfword under a condition, or also a word behind it, or a halfword behind that, too. */
static void emit_it(struct draw *d)
{
	unsigned cond = test_below(d->rng, 14), n = 1 + test_below(d->rng, 3), mask = 8 >> (n - 1);

	for (unsigned k = 1; k < n; k++)
		mask |= ((cond & 1) ^ test_below(d->rng, 2)) << (4 - k);
	emit_two(d, 0xbf00 | cond << 4 | mask, draw_half(d));
	if (n > 1)
		emit_plain(d);
	if (n > 2)
		emit_two(d, draw_half(d), NOP16);
}

static void enter_state(struct draw *d, bool thumb)
{
	d->thumb = thumb;
	d->table = &tables[thumb];
}

/* A whole address, of code. */
static void emit_target(struct draw *d, unsigned r, uint32_t v)
{
	emit_constant(d, r, v);
	if (d->thumb)
		emit_wide(d, 0xf2c00000 | r << 8 | (v >> 16 & 0xff));	/* movt; constants of 24 bits will do */
	else
		emit(d, 0xe3400000 | r << 12 | (v >> 16 & 0xfff));
}

/* From one instruction set to the other for some words, and back. */
static void emit_switch(struct draw *d)
{
	bool thumb = d->thumb;

	for (unsigned k = 0; k < 2; k++) {
		unsigned r = PICK(d, work_low);

		if (d->thumb) {
			emit_two(d, 0x4778, NOP16);		/* bx pc */
		} else {
			emit(d, 0xe28f0001 | r << 12);		/* add r, pc, #1 */
			emit(d, 0xe12fff10 | r);		/* bx */
		}
		enter_state(d, !d->thumb);
		if (!k) {
			d->depth++;
			emit_body(d, 1 + test_below(d->rng, 6));
			d->depth--;
		}
	}
	enter_state(d, thumb);
}

/* A call of code of the other set, which stands three words behind `at`: by displacement or, perhaps under a condition, register. */
static void emit_call_other(struct draw *d)
{
	unsigned at = d->c->n, r = PICK(d, work_low), cond = seq_chance(d->rng, 2) ? 14 : test_below(d->rng, 14);
	uint32_t target = SEQ_CODE + 4 * (at + 4) + !d->thumb, word;

	if (seq_chance(d->rng, 2)) {
		emit_target(d, r, target);
		if (d->thumb)
			emit_two(d, cond < 14 ? 0xbf08 | cond << 4 : NOP16, 0x4780 | r << 3);
		else
			emit(d, cond << 28 | 0x012fff30 | r);
		return;
	}
	emit(d, d->thumb ? (uint32_t)NOP16 << 16 | NOP16 : seq_a32.nop);
	emit(d, d->thumb ? (uint32_t)NOP16 << 16 | NOP16 : seq_a32.nop);
	if (d->thumb) {		/* from here 8 bytes on, less the 4 of the pc */
		word = 0xf000e802;
		emit_wide(d, word);
	} else {
		emit(d, 0xfa000000);
	}
}

/* How code that was called from the other set goes back; `saved`: its LR stands on the stack. */
static void emit_return(struct draw *d, bool saved)
{
	if (d->thumb) {
		emit_two(d, saved ? 0xbd00 : 0x4770, NOP16);
		return;
	}
	static const uint32_t plain[] = { 0xe12fff1e, 0xe1a0f00e }, popped[] = { 0xe49df004, 0xe8bd8000 };
	emit(d, saved ? popped[test_below(d->rng, 2)] : plain[test_below(d->rng, 2)]);
}

/* blx to words of the other instruction set that return. */
static void emit_interworking_call(struct draw *d)
{
	bool thumb = d->thumb, keep = d->keep_lr, saved = seq_chance(d->rng, 3);

	emit_call_other(d);
	unsigned over = d->c->n;
	emit(d, 0);
	enter_state(d, !thumb);
	if (saved && d->thumb)
		emit_two(d, 0xb500, NOP16);
	else if (saved)
		emit(d, seq_chance(d->rng, 2) ? 0xe52de004 : 0xe92d4000);
	d->keep_lr = true;
	d->depth++;
	emit_body(d, 1 + test_below(d->rng, 5));
	d->depth--;
	d->keep_lr = keep;
	emit_return(d, saved);
	enter_state(d, thumb);
	if (over < d->c->n)
		d->c->word[over] = branch(d, over, d->c->n, 14, false);
}

/* Turns the word at `to` into another, and back the next time: xor with the mask, and a system call that announces it. */
static void emit_rewrite(void *draw, unsigned to, uint32_t mask)
{
	struct draw *d = draw;
	unsigned a = test_below(d->rng, 4), v = (a + 1) % 4, m = (a + 2) % 4;

	emit_target(d, a, SEQ_CODE + 4 * to);
	emit_constant(d, m, mask);
	if (d->thumb) {
		emit_wide(d, 0xf2c00000 | (mask >> 27 & 1) << 26 | mask >> 28 << 16 | (mask >> 24 & 7) << 12 | m << 8 | (mask >> 16 & 0xff));
		emit_two(d, 0x6800 | a << 3 | v, 0x4040 | m << 3 | v);	/* ldr v, [a]; eors v, m */
		emit_two(d, 0x6000 | a << 3 | v, NOP16);
		emit_two(d, 0xdf42, NOP16);
		emit_wide(d, 0xf3bf8f6f);				/* isb */
	} else {
		emit(d, 0xe3400000 | mask >> 28 << 16 | m << 12 | (mask >> 16 & 0xfff));
		emit(d, 0xe5900000 | a << 16 | v << 12);
		emit(d, 0xe0200000 | v << 16 | v << 12 | m);
		emit(d, 0xe5800000 | a << 16 | v << 12);
		emit(d, 0xef000042);
	}
}

static uint32_t draw_slot(void *draw, bool thumb)
{
	static const uint8_t families[] = { INTEGER, INTEGER, INTEGER, MEMORY, FLOAT, VECTOR };
	struct draw *d = draw;
	bool was = d->thumb;

	enter_state(d, thumb);
	uint32_t word = draw_plain(d, families[test_below(d->rng, sizeof families)]);
	enter_state(d, was);
	return word;
}

static bool emit_piece(struct draw *d)
{
	if (seq_rewrite_piece(&d->rewriter, d->style, d->depth, d->thumb))
		return true;
	switch (test_below(d->rng, d->style & SEQ_LOOPS ? 24 : 48)) {
	case 0: case 1: emit_loop(d); return true;
	case 2: case 3: case 4: emit_forward(d); return true;
	case 5:
		if (d->keep_lr)
			return false;
		emit_call(d);
		return true;
	case 6: emit_exclusive(d); return true;
	case 7: emit_rounding(d); return true;
	case 8: case 9: emit_base(d, PICK(d, bases), seq_chance(d->rng, 4) ? 1 : 4); return true;
	case 10: case 11: case 12:
		if (d->thumb)
			emit_it(d);
		return d->thumb;
	case 13: emit_switch(d); return true;
	case 14:
		if (d->keep_lr)
			return false;
		emit_interworking_call(d);
		return true;
	default: return false;
	}
}

static void emit_body(struct draw *d, unsigned n)
{
	for (unsigned i = 0; i < n && d->c->n < SEQ_MAX_WORDS - 40; i++) {
		if (d->depth < 3 && emit_piece(d))
			continue;
		if (!(d->style & SEQ_REWRITES) && seq_chance(d->rng, 400))
			emit(d, (uint32_t)test_next(d->rng));
		else
			emit_plain(d);
	}
}

/* ---- state ---- */

static struct seq_value *reg_of(struct seq_case *c, uint32_t id)
{
	return seq_reg(&seq_a32, &c->before, id);
}

static uint64_t corner(struct test_rng *r)
{
	switch (test_below(r, 3)) {
	case 0: return seq_corner_double(r);
	case 1: return (uint64_t)seq_corner_word(r) << 32 | seq_corner_word(r);
	default: return (uint64_t)(seq_corner_double(r) >> 32) << 32 | seq_corner_double(r) >> 32;
	}
}

static void draw_state(struct test_rng *r, bool thumb, struct seq_case *c)
{
	memset(&c->before, 0, sizeof c->before);
	for (unsigned i = 0; i < 15; i++)
		reg_of(c, DGM_ARM_R(i))->lo = seq_chance(r, 6) ? seq_address(r) : seq_corner_word(r);
	for (unsigned i = 0; i < sizeof bases; i++)
		reg_of(c, DGM_ARM_R(bases[i]))->lo = seq_address(r) & (seq_chance(r, 4) ? ~0u : ~3u);
	reg_of(c, DGM_ARM_R(8))->lo = test_below(r, 32);
	reg_of(c, DGM_ARM_LR)->lo = (SEQ_CODE + 4 * test_below(r, 64)) | thumb;
	for (unsigned i = 0; i < 32; i++)
		reg_of(c, DGM_ARM_D(i))->lo = corner(r);
	reg_of(c, DGM_ARM_CPSR)->lo = (uint64_t)test_below(r, 32) << 27 | (uint64_t)test_below(r, 16) << 16 | 0x10 | (thumb ? 0x20 : 0);
	reg_of(c, DGM_ARM_FPSCR)->lo = (seq_chance(r, 3) ? (uint64_t)test_below(r, 16) << 22 : 0) | (seq_chance(r, 2) ? 0x10 : 0);
	for (unsigned i = 0; i < SEQ_DATA_SIZE; i += 8) {
		uint64_t v = corner(r);

		memcpy(c->data + i, &v, 8);
	}
}

static void draw_program(struct test_rng *r, bool thumb, unsigned style, unsigned want, struct seq_case *out)
{
	struct draw d = { .rng = r, .c = out, .style = style };

	enter_state(&d, thumb);
	d.rewriter = (struct seq_rewriter){ .rng = r, .c = out, .draw = &d, .word = draw_slot, .rewrite = emit_rewrite };
	out->n = 0;
	draw_state(r, thumb, out);
	while (out->n < want)
		emit_body(&d, want - out->n);
}

static void draw_a32(struct test_rng *r, unsigned style, unsigned want, struct seq_case *out)
{
	draw_program(r, false, style, want, out);
}

static void draw_t32(struct test_rng *r, unsigned style, unsigned want, struct seq_case *out)
{
	draw_program(r, true, style, want, out);
}

/* The counter lives in TPIDRURW. */
static void repeat_program(struct seq_case *c, unsigned turns, bool thumb)
{
	struct draw d = { .thumb = thumb, .c = c };

	if (thumb) {
		emit_wide(&d, 0xee1d5f50);		/* mrc p15, 0, r5, c13, c0, 2 */
		emit_wide(&d, 0xf1b50501);		/* subs r5, r5, #1 */
		emit_wide(&d, 0xee0d5f50);
	} else {
		emit(&d, 0xee1d5f50);
		emit(&d, 0xe2555001);
		emit(&d, 0xee0d5f50);
	}
	emit(&d, branch(&d, c->n, 0, 1, false));
	reg_of(c, DGM_ARM_TPIDRURW)->lo = turns;
}

static void repeat_a32(struct seq_case *c, unsigned turns)
{
	repeat_program(c, turns, false);
}

static void repeat_t32(struct seq_case *c, unsigned turns)
{
	repeat_program(c, turns, true);
}

/* Flags are told by CPSR, quadwords by their halves. */
static bool skipped(uint32_t id)
{
	return (id > DGM_ARM_CPSR && id <= DGM_ARM_ITSTATE) || id == DGM_ARM_HWCAP || id == DGM_ARM_HWCAP2 ||
	       (id >= DGM_ARM_Q0 && id <= DGM_ARM_Q15);
}

const struct seq_guest seq_a32 = {
	.name = "arm", .fe = &frontend_arm, .pc = DGM_ARM_PC, .nop = 0xe320f000, .syscall = 0xef000000, .skipped = skipped,
	.open = open_tables, .close = close_tables, .draw = draw_a32, .repeat = repeat_a32,
};

const struct seq_guest seq_t32 = {
	.name = "thumb", .fe = &frontend_arm, .pc = DGM_ARM_PC, .pc_mode = 1, .nop = 0xbf00bf00, .syscall = 0xdf00df00,
	.skipped = skipped, .open = open_tables, .close = close_tables, .draw = draw_t32, .repeat = repeat_t32,
};
