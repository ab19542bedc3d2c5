/*
 * Draws AArch64 programs. Plain instructions come from the rows of the front end, their fields at
 * random; around them stand pieces that need several words: loops, calls, forward branches, exclusives.
 * Registers are shared out so that most programs get somewhere: x0-x19 are worked with, x20 and x21 count
 * loops, x22 and x23 are small indices, x24-x28 and SP point into the data window, x30 links.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "frontend/aarch64/a64.h"
#include "frontend/aarch64/frontend.h"
#include "frontend/common/picture.h"
#include "sequence.h"

enum { N_WORK = 20, FIRST_COUNTER = 20, FIRST_INDEX = 22, FIRST_BASE = 24, N_BASES = 5, MAX_ROWS = 1024 };

/* Families of rows that are drawn with weights of their own. */
enum family { INTEGER, MEMORY, ATOMIC, FLOAT, VECTOR, VECTOR_MEMORY, SYSTEM, TRAPS, N_FAMILIES };

static struct {
	const struct a64_row *row[N_FAMILIES][MAX_ROWS];
	unsigned n[N_FAMILIES];
	struct a64_decoder *decoder;
} table;

struct draw {
	struct test_rng *rng;
	struct seq_case *c;
	unsigned style, depth, counters;
	unsigned favour[4];	/* registers used more often than others, so that results are used */
	bool keep_lr;
	struct seq_rewriter rewriter;
};

/* The family of a row; N_FAMILIES for those that are drawn by pieces or not at all. */
static enum family family_of(const struct a64_rows *group, const struct a64_row *row)
{
	static const char *const traps[] = { "brk", "hlt", "udf", NULL };
	static const char *const system[] = { "isb", "dmb", "dsb", "hint", "clrex", "cfinv", "axflag", "xaflag", "rmif",
					      "setf8", "setf16", NULL };

	if (group == &a64_rows_branch)
		return seq_one_of(row->mnemonic, traps) ? TRAPS : N_FAMILIES;
	if (group == &a64_rows_int || group == &a64_rows_bits)
		return INTEGER;
	if (group == &a64_rows_mem)
		return MEMORY;
	if (seq_one_of(row->mnemonic, system))
		return SYSTEM;
	if (group == &a64_rows_atomic)
		return ATOMIC;
	if (group == &a64_rows_sys)
		return !strcmp(row->mnemonic, "mrs") || !strcmp(row->mnemonic, "msr") ? SYSTEM : N_FAMILIES;
	if (group == &a64_rows_fp_status)
		return SYSTEM;
	if (group == &a64_rows_fp)
		return FLOAT;
	return group == &a64_rows_simd_mem ? VECTOR_MEMORY : VECTOR;
}

static bool open_tables(void)
{
	static const struct a64_rows *const groups[] = {
#define GROUP(name) &a64_rows_##name,
#include "frontend/aarch64/groups.def"
	};
	void *d;

	if (frontend_aarch64.open(&base_alloc_malloc, NULL, &d))
		return false;
	table.decoder = d;
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		for (unsigned i = 0; i < groups[g]->n; i++) {
			const struct a64_row *row = &groups[g]->row[i];
			enum family f = family_of(groups[g], row);

			if (f < N_FAMILIES && table.n[f] < MAX_ROWS)
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
	frontend_aarch64.close(table.decoder);
}

/* ---- words ---- */

static void emit(struct draw *d, uint32_t word)
{
	seq_emit(d->c, word);
}

static void emit_movz(struct draw *d, unsigned r, uint32_t v)
{
	emit(d, 0xd2800000 | (v & 0xffff) << 5 | r);
}

static unsigned work_register(struct draw *d)
{
	return seq_chance(d->rng, 2) ? d->favour[test_below(d->rng, 4)] : test_below(d->rng, N_WORK);
}

/* SP once in a while. */
static unsigned base_register(struct draw *d)
{
	return seq_chance(d->rng, 6) ? 31 : FIRST_BASE + test_below(d->rng, N_BASES);
}

/* An operand; the zero register once in a while. */
static unsigned operand(struct draw *d)
{
	return seq_chance(d->rng, 20) ? 31 : work_register(d);
}

static void emit_base(struct draw *d, unsigned r, uint32_t align)
{
	emit_movz(d, r == 31 ? 0 : r, seq_address(d->rng) & ~(align - 1));
	if (r == 31)
		emit(d, 0x9100001f);	/* mov sp, x0 */
}

static uint32_t draw_integer(struct draw *d, const struct a64_row *row)
{
	bool is_sp = strchr(row->encoding, 'i') && strstr(row->encoding, "100010");
	struct seq_fields f = { 0 };

	for (const char *p = "nmas"; *p; p++)
		seq_set_letter(&f, row->encoding, *p, operand(d));
	seq_set_letter(&f, row->encoding, 'd', is_sp ? work_register(d) : operand(d));
	return seq_fill(row->encoding, &f, d->rng);
}

/* FP and vectors: operands of either kind; d may be a general register, too. */
static uint32_t draw_vector(struct draw *d, const struct a64_row *row)
{
	struct seq_fields f = { 0 };

	seq_set_letter(&f, row->encoding, 'd', work_register(d));
	for (const char *p = "nma"; *p; p++)
		seq_set_letter(&f, row->encoding, *p, seq_chance(d->rng, 8) ? test_below(d->rng, 32) : work_register(d));
	return seq_fill(row->encoding, &f, d->rng);
}

/* Immediates mostly stay near: imm12 counts sizes, imm7 and imm9 have a sign, imm19 words. */
static uint32_t displacement(struct draw *d, unsigned bits)
{
	if (!(d->style & SEQ_REWRITES) && seq_chance(d->rng, 64))
		return (uint32_t)test_next(d->rng);
	return bits == 12 ? test_below(d->rng, 24) : test_below(d->rng, 32) - 12;
}

static uint32_t draw_memory(struct draw *d, const struct a64_row *row)
{
	bool tame = d->style & (SEQ_TAME | SEQ_REWRITES);
	struct seq_fields f = { 0 };

	seq_set_letter(&f, row->encoding, 't', operand(d));
	seq_set_letter(&f, row->encoding, 'u', operand(d));
	seq_set_letter(&f, row->encoding, 's', operand(d));
	seq_set_letter(&f, row->encoding, 'n', base_register(d));
	seq_set_letter(&f, row->encoding, 'm', FIRST_INDEX + test_below(d->rng, 2));
	seq_set_letter(&f, row->encoding, 'i', displacement(d, seq_width(row->encoding, 'i')));
	if (!tame && seq_chance(d->rng, 48))
		seq_set_letter(&f, row->encoding, "nmt"[test_below(d->rng, 3)], test_below(d->rng, 32));
	return seq_fill(row->encoding, &f, d->rng);
}

/* All want alignment, which most of them get. */
static void emit_atomic(struct draw *d)
{
	const struct a64_row *row = table.row[ATOMIC][test_below(d->rng, table.n[ATOMIC])];
	unsigned base = base_register(d);

	/* Exclusives: drawn by emit_exclusive. */
	if (d->style & SEQ_TAME && strchr(row->mnemonic, 'x') && strncmp(row->mnemonic, "lds", 3) &&
	    strncmp(row->mnemonic, "ldu", 3))
		return;

	struct seq_fields f = { 0 };
	if (d->style & SEQ_TAME || !seq_chance(d->rng, 6))
		emit_base(d, base, 16);
	seq_set_letter(&f, row->encoding, 't', work_register(d) & ~1u);
	seq_set_letter(&f, row->encoding, 'u', work_register(d) | 1);
	seq_set_letter(&f, row->encoding, 's',
		       (work_register(d) & ~1u) == f.value['t'] ? (f.value['t'] + 2) % N_WORK : work_register(d) & ~1u);
	seq_set_letter(&f, row->encoding, 'n', base);
	seq_set_letter(&f, row->encoding, 'i', test_below(d->rng, 8) * 16);
	emit(d, seq_fill(row->encoding, &f, d->rng));
}

static uint32_t draw_system(struct draw *d, const struct a64_row *row)
{
	/* nzcv, tpidr_el0, fpcr, fpsr */
	static const uint16_t registers[] = { 0xda10, 0xde82, 0xda20, 0xda21 };
	struct seq_fields f = { 0 };

	seq_set_letter(&f, row->encoding, 't', operand(d));
	seq_set_letter(&f, row->encoding, 'n', operand(d));
	uint32_t word = seq_fill(row->encoding, &f, d->rng);
	if (seq_width(row->encoding, 'p') == 3 && !seq_chance(d->rng, 24))
		word = (word & ~(0x7fffu << 5)) | (registers[test_below(d->rng, 4)] & 0x7fffu) << 5;
	return word;
}

static uint32_t draw_plain(struct draw *d, enum family family)
{
	const struct a64_row *row = table.row[family][test_below(d->rng, table.n[family])];

	switch (family) {
	case MEMORY: case VECTOR_MEMORY: return draw_memory(d, row);
	case FLOAT: case VECTOR: return draw_vector(d, row);
	case SYSTEM: return draw_system(d, row);
	default: return draw_integer(d, row);
	}
}

/* ---- what qemu_sequence.c leaves out, with the reason ---- */

/* The Rt, Rt2 of a load pair, or a base that is loaded and written back: CONSTRAINED UNPREDICTABLE. */
static bool is_unpredictable(const struct a64_row *row, uint32_t word)
{
	unsigned t = word & 31, n = word >> 5 & 31, t2 = word >> 10 & 31;

	if (seq_width(row->encoding, 'u') == 5)
		return t == t2 || t == n || t2 == n;
	return seq_width(row->encoding, 't') == 5 && t == n;
}

static bool is_tame(uint32_t word)
{
	static const char *const excluded[] = {
		"brk", "hlt", "udf",	/* end a process */
		"fjcvtzs",		/* of a denormal flushed to 0 is not exact; QEMU says it is */
		NULL
	};
	const struct a64_row *row = a64_decode(table.decoder, word);

	if (!row || seq_one_of(row->mnemonic, excluded) || is_unpredictable(row, word))
		return false;
	/* yield, wfe, wfi: QEMU clears the monitor. */
	if (!strcmp(row->mnemonic, "hint") && (word >> 5 & 127) - 1 < 3)
		return false;
	/* What stands behind the program differs. */
	if ((word & 0x3b000000) == 0x18000000)
		return false;
	/* fcvtzs Hd, Hn, #fbits: QEMU extends the sign into bits that are to be 0. */
	if ((word & 0xfff0fc00) == 0x5f10fc00)
		return false;
	if (!strcmp(row->mnemonic, "mrs") || !strcmp(row->mnemonic, "msr")) {
		uint32_t r = word >> 5 & 0xffff;
		/* nzcv; fpsr but for writing, which in QEMU has bits of AArch32; fpcr: drawn by emit_rounding */
		return r == 0xda10 || (r == 0xda21 && row->mnemonic[1] == 'r');
	}
	return true;
}

/* FPCR: rounding mode, FZ, DN. */
static void emit_rounding(struct draw *d)
{
	unsigned r = work_register(d);

	emit(d, 0xd2a00000 | test_below(d->rng, 16) << 6 << 5 | r);	/* movz r, #bits 25-22, lsl #16 */
	emit(d, 0xd51b4400 | r);
}

/* ---- pieces ---- */

static void emit_body(struct draw *d, unsigned n);

static uint32_t branch(unsigned from, unsigned to, bool link)
{
	return 0x14000000 | (uint32_t)link << 31 | ((to - from) & 0x3ffffff);
}

static void emit_loop(struct draw *d)
{
	unsigned turns = seq_turns(d->rng, d->style, d->depth);
	unsigned n = 2 + test_below(d->rng, d->style & SEQ_LOOPS ? 20 : 8);
	unsigned counter = FIRST_COUNTER + d->counters;

	if (d->counters == FIRST_INDEX - FIRST_COUNTER)
		return;
	d->counters++;
	emit_movz(d, counter, turns);
	unsigned head = d->c->n;
	d->depth++;
	emit_body(d, n);
	seq_rewrite_in_loop(&d->rewriter, d->style, d->depth, false);
	d->depth--;
	d->counters--;
	uint32_t back = (head - d->c->n - 1) & 0x7ffff;
	if (seq_chance(d->rng, 2)) {
		emit(d, 0xd1000400 | counter << 5 | counter);		/* sub */
		emit(d, 0xb5000000 | back << 5 | counter);		/* cbnz */
	} else {
		emit(d, 0xf1000400 | counter << 5 | counter);		/* subs */
		emit(d, 0x54000000 | back << 5 | (seq_chance(d->rng, 2) ? 1 : 12));	/* b.ne, b.gt */
	}
}

/* A branch over some words, taken or not. */
static void emit_forward(struct draw *d)
{
	unsigned at = d->c->n, r = work_register(d);

	if (seq_chance(d->rng, 2)) {	/* cmp, so that the condition means something */
		emit(d, (seq_chance(d->rng, 2) ? 0xeb00001f : 0x6b00001f) | work_register(d) << 16 | r << 5);
		at++;
	}
	emit(d, 0);
	emit_body(d, 1 + test_below(d->rng, 4));
	if (at >= d->c->n)
		return;
	uint32_t over = d->c->n - at;
	switch (test_below(d->rng, 4)) {
	case 0: d->c->word[at] = 0x34000000 | test_below(d->rng, 2) << 31 | test_below(d->rng, 2) << 24 | over << 5 | r; break;
	case 1:
		d->c->word[at] = 0x36000000 | test_below(d->rng, 2) << 31 | test_below(d->rng, 2) << 24 |
				 test_below(d->rng, 32) << 19 | over << 5 | r;
		break;
	default: d->c->word[at] = 0x54000000 | over << 5 | test_below(d->rng, 16); break;
	}
}

/* bl or blr to words that return. */
static void emit_call(struct draw *d)
{
	bool indirect = seq_chance(d->rng, 3), keep = d->keep_lr;
	unsigned at = d->c->n, over;

	if (indirect) {
		emit(d, 0x10000065);			/* adr x5, . + 12 */
		emit(d, 0xd63f00a0);			/* blr x5 */
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
	emit(d, 0xd65f03c0);
	if (over < d->c->n)
		d->c->word[over] = branch(over, d->c->n, false);
}

/* A load exclusive, something, and the store that belongs to it or another. */
static void emit_exclusive(struct draw *d)
{
	unsigned base = FIRST_BASE + test_below(d->rng, N_BASES), size = test_below(d->rng, 4), t = work_register(d);
	bool pair = size >= 2 && seq_chance(d->rng, 3), tame = d->style & SEQ_TAME;

	/* A store that is not of its load's size is CONSTRAINED UNPREDICTABLE: one size a program. */
	if (tame) {
		size = d->favour[0] & 3;
		pair = size >= 2 && d->favour[1] & 1;
	}
	uint32_t head = 0x08000000 | size << 30 | (uint32_t)pair << 21 | base << 5;
	uint32_t order = test_below(d->rng, 2) << 15;

	if (tame || !seq_chance(d->rng, 12))
		emit_base(d, base, 16);
	emit(d, head | 1u << 22 | 31u << 16 | order | (pair ? (t + 1) % N_WORK : 31) << 10 | t);
	if (seq_chance(d->rng, 2))
		emit_body(d, 1 + test_below(d->rng, 2));
	if (!tame && seq_chance(d->rng, 6))
		head ^= 1u << 30;
	emit(d, head | ((t + 2) % N_WORK) << 16 | order | (pair ? (t + 1) % N_WORK : 31) << 10 | t);
}

static void emit_constant(struct draw *d, unsigned r, uint32_t v)
{
	emit_movz(d, r, v);
	emit(d, 0xf2a00000 | (v >> 16) << 5 | r);	/* movk */
}

/* Turns the word at `to` into another, and back the next time: xor with the mask; then what makes new code seen. */
static void emit_rewrite(void *draw, unsigned to, uint32_t mask)
{
	struct draw *d = draw;
	unsigned a = test_below(d->rng, N_WORK), v = (a + 1) % N_WORK, m = (a + 2) % N_WORK;

	emit_constant(d, a, SEQ_CODE + 4 * to);
	emit(d, 0xb9400000 | a << 5 | v);		/* ldr */
	emit_constant(d, m, mask);
	emit(d, 0x4a000000 | m << 16 | v << 5 | v);	/* eor */
	emit(d, 0xb9000000 | a << 5 | v);		/* str */
	emit(d, 0xd50b7b20 | a);			/* dc cvau */
	emit(d, 0xd5033b9f);				/* dsb ish */
	emit(d, 0xd50b7520 | a);			/* ic ivau */
	emit(d, 0xd5033b9f);
	emit(d, 0xd5033fdf);				/* isb */
}

static uint32_t draw_slot(void *draw, bool thumb)
{
	static const uint8_t families[] = { INTEGER, INTEGER, INTEGER, MEMORY, FLOAT, VECTOR, VECTOR_MEMORY };
	struct draw *d = draw;

	(void)thumb;
	for (;;) {
		uint32_t word = draw_plain(d, families[test_below(d->rng, sizeof families)]);

		if (!(d->style & SEQ_TAME) || is_tame(word))
			return word;
	}
}

static bool emit_piece(struct draw *d)
{
	if (seq_rewrite_piece(&d->rewriter, d->style, d->depth, false))
		return true;
	switch (test_below(d->rng, d->style & SEQ_LOOPS ? 24 : 48)) {
	case 0: case 1: emit_loop(d); return true;
	case 2: case 3: case 4: emit_forward(d); return true;
	case 5: if (d->keep_lr) return false; emit_call(d); return true;
	case 6: emit_exclusive(d); return true;
	case 7: emit_atomic(d); return true;
	case 8: emit_rounding(d); return true;
	case 9: emit_base(d, base_register(d), seq_chance(d->rng, 2) ? 16 : 1); return true;
	default: return false;
	}
}

static enum family draw_family(struct draw *d)
{
	static const uint8_t weight[N_FAMILIES] = {
		[INTEGER] = 36, [MEMORY] = 18, [FLOAT] = 10, [VECTOR] = 20, [VECTOR_MEMORY] = 7, [SYSTEM] = 3, [TRAPS] = 1,
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
	for (;;) {
		uint32_t word = draw_plain(d, draw_family(d));

		if (is_tame(word)) {
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
			emit(d, (uint32_t)test_next(d->rng));
		else
			emit(d, draw_plain(d, draw_family(d)));
	}
}

/* ---- state ---- */

static struct seq_value *reg_of(struct seq_case *c, uint32_t id)
{
	return seq_reg(&seq_aarch64, &c->before, id);
}

static uint64_t corner(struct test_rng *r)
{
	uint64_t low = seq_corner_word(r);

	switch (test_below(r, 4)) {
	case 0: return low;
	case 1: return (uint64_t)(int64_t)(int32_t)low;
	case 2: return seq_corner_double(r);
	default: return low | (uint64_t)seq_corner_word(r) << 32;
	}
}

static void draw_state(struct test_rng *r, unsigned style, struct seq_case *c)
{
	bool tame = style & SEQ_TAME;

	memset(&c->before, 0, sizeof c->before);
	for (unsigned i = 0; i < FIRST_INDEX; i++)
		reg_of(c, DGM_A64_X(i))->lo = seq_chance(r, 8) ? seq_address(r) : corner(r);
	for (unsigned i = FIRST_INDEX; i < FIRST_BASE; i++)
		reg_of(c, DGM_A64_X(i))->lo = test_below(r, 64);
	/* Some have tags, made of what is there. */
	bool tagged = reg_of(c, DGM_A64_X(0))->lo % 8 == 3;
	for (unsigned i = FIRST_BASE; i < 30; i++)
		reg_of(c, DGM_A64_X(i))->lo = seq_address(r) |
					      (tagged ? reg_of(c, DGM_A64_X(i - FIRST_BASE))->lo << 56 : 0);
	reg_of(c, DGM_A64_X(30))->lo = SEQ_CODE + 4 * test_below(r, 64);
	reg_of(c, DGM_A64_SP)->lo = tame || !seq_chance(r, 8) ? seq_address(r) & ~15u : seq_address(r);
	for (unsigned i = 0; i < 32; i++)
		*reg_of(c, DGM_A64_V(i)) = (struct seq_value){ corner(r), corner(r) };
	reg_of(c, DGM_A64_NZCV)->lo = (uint64_t)test_below(r, 16) << 28;
	reg_of(c, DGM_A64_FPCR)->lo = seq_chance(r, 3) ? (uint64_t)test_below(r, 16) << 22 : 0;
	reg_of(c, DGM_A64_FPSR)->lo = seq_chance(r, 2) ? 0 : test_below(r, 32);
	for (unsigned i = 0; i < SEQ_DATA_SIZE; i += 8) {
		uint64_t v = corner(r);

		memcpy(c->data + i, &v, 8);
	}
}

static void draw_program(struct test_rng *r, unsigned style, unsigned want, struct seq_case *out)
{
	struct draw d = { .rng = r, .c = out, .style = style };

	d.rewriter = (struct seq_rewriter){ .rng = r, .c = out, .draw = &d, .word = draw_slot, .rewrite = emit_rewrite };
	out->n = 0;
	for (unsigned i = 0; i < 4; i++)
		d.favour[i] = test_below(r, N_WORK);
	draw_state(r, style, out);
	while (out->n < want)
		emit_body(&d, want - out->n);
}

/* The counter lives where nothing else is kept: in TPIDR_EL0. */
static void repeat(struct seq_case *c, unsigned turns)
{
	unsigned n = c->n;

	c->word[n] = 0xd53bd053;					/* mrs x19, tpidr_el0 */
	c->word[n + 1] = 0xf1000673;					/* subs x19, x19, #1 */
	c->word[n + 2] = 0xd51bd053;					/* msr tpidr_el0, x19 */
	c->word[n + 3] = 0x54000001 | ((0u - (n + 3)) & 0x7ffff) << 5;	/* b.ne start */
	c->n = n + 4;
	reg_of(c, DGM_A64_TPIDR_EL0)->lo = turns;
}

static bool skipped(uint32_t id)
{
	switch (id) {
	case DGM_A64_N:
	case DGM_A64_Z:
	case DGM_A64_C:
	case DGM_A64_V_FLAG:
	case DGM_A64_HWCAP:
	case DGM_A64_HWCAP2: return true;
	default: return false;
	}
}

const struct seq_guest seq_aarch64 = {
	.name = "aarch64", .fe = &frontend_aarch64, .pc = DGM_A64_PC, .nop = 0xd503201f, .syscall = 0xd4000001,
	.skipped = skipped, .open = open_tables, .close = close_tables, .draw = draw_program, .repeat = repeat,
};
