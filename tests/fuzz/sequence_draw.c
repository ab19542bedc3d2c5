/* What the drawing of programs has in common for all guests: fields of pictures, corner values, replacing words. */
#include <stdio.h>
#include <string.h>

#include "sequence.h"

const struct seq_guest *seq_guest(const char *name)
{
	static const struct seq_guest *const all[] = { &seq_ppc, &seq_aarch64, &seq_a32, &seq_t32 };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

struct seq_value *seq_reg(const struct seq_guest *g, struct seq_state *s, uint32_t id)
{
	unsigned i = 0;

	while (g->fe->reg[i].id != id)
		i++;
	return &s->reg[i];
}

void seq_put_word(const struct seq_guest *g, uint8_t *p, uint32_t word)
{
	for (unsigned k = 0; k < 4; k++)
		p[k] = (uint8_t)(word >> (g->fe->big_endian ? 24 - 8 * k : 8 * k));
}

void seq_disassemble(const struct seq_guest *g, void *decoder, uint32_t word, uint32_t pc, char *buf, unsigned n)
{
	uint8_t bytes[4];
	struct lift_request rq = { .pc = pc + g->pc_mode, .bytes = bytes, .avail = 4 };

	seq_put_word(g, bytes, word);
	g->fe->disassemble(decoder, &rq, buf, n);
}

bool seq_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

uint32_t seq_address(struct test_rng *r)
{
	static const uint32_t near[] = { SEQ_DATA, SEQ_DATA + 0xfe0, SEQ_DATA + 0xffc, SEQ_DATA + 0x1000, SEQ_DATA + 0x1f00 };
	uint32_t at = test_below(r, 4) ? SEQ_DATA + 0x100 + test_below(r, 0x1d00) : near[test_below(r, 5)];

	return seq_chance(r, 3) ? at : at & ~7u;
}

uint32_t seq_fill(const char *picture, struct seq_fields *f, struct test_rng *r)
{
	uint32_t word = 0;

	for (const char *p = picture; *p; p++) {
		if (*p == ' ')
			continue;
		uint32_t bit = 0;
		unsigned c = (unsigned char)*p & 127;
		if (*p == '0' || *p == '1')
			bit = *p == '1';
		else if (f->left[c])
			bit = f->value[c] >> --f->left[c] & 1;
		else if (*p != '-')
			bit = test_below(r, 2);
		word = word << 1 | bit;
	}
	return word;
}

void seq_set_field(struct seq_fields *f, char letter, unsigned width, unsigned value)
{
	f->value[(unsigned char)letter] = value;
	f->left[(unsigned char)letter] = width;
}

unsigned seq_width(const char *picture, char letter)
{
	unsigned n = 0;

	for (; *picture; picture++)
		n += *picture == letter;
	return n;
}

void seq_set_letter(struct seq_fields *f, const char *picture, char letter, unsigned value)
{
	seq_set_field(f, letter, seq_width(picture, letter), value);
}

void seq_emit(struct seq_case *c, uint32_t word)
{
	if (c->n < SEQ_MAX_WORDS)
		c->word[c->n++] = word;
}

unsigned seq_turns(struct test_rng *r, unsigned style, unsigned depth)
{
	unsigned most = 6;

	if (style & SEQ_LOOPS && style & SEQ_REWRITES)
		most = depth ? 60 : 6;
	else if (style & SEQ_LOOPS)
		most = depth ? 16 : 120;
	return 1 + test_below(r, most);
}

static void emit_slot(struct seq_rewriter *w, bool thumb)
{
	unsigned room = sizeof w->slot / sizeof *w->slot, k;

	if (w->c->n == SEQ_MAX_WORDS)
		return;
	k = w->n_slots < room ? w->n_slots++ : test_below(w->rng, room);
	w->slot[k] = (struct seq_slot){ w->c->n, thumb };
	seq_emit(w->c, w->word(w->draw, thumb));
}

/* How many words a rewrite has: one is emitted and taken back. */
static unsigned rewrite_length(struct seq_rewriter *w)
{
	unsigned n = w->c->n, length;

	w->rewrite(w->draw, 0, 0);
	length = w->c->n - n;
	w->c->n = n;
	return length;
}

/* Replaces a word that was there before, or the one behind. */
static void emit_patch(struct seq_rewriter *w, bool thumb)
{
	const struct seq_slot *old = w->n_slots ? &w->slot[test_below(w->rng, w->n_slots)] : NULL;

	if (old && test_below(w->rng, 3)) {
		w->rewrite(w->draw, old->at, w->c->word[old->at] ^ w->word(w->draw, old->thumb));
		return;
	}
	uint32_t word = w->word(w->draw, thumb), other = w->word(w->draw, thumb);
	w->rewrite(w->draw, w->c->n + rewrite_length(w), word ^ other);
	seq_emit(w->c, word);
}

void seq_rewrite_in_loop(struct seq_rewriter *w, unsigned style, unsigned depth, bool thumb)
{
	if (!(style & SEQ_REWRITES) || seq_chance(w->rng, 3))
		return;
	if (depth > 1)
		emit_slot(w, thumb);
	else
		emit_patch(w, thumb);
}

bool seq_rewrite_piece(struct seq_rewriter *w, unsigned style, unsigned depth, bool thumb)
{
	if (!(style & SEQ_REWRITES) || !seq_chance(w->rng, 8))
		return false;
	if (depth || seq_chance(w->rng, 2))
		emit_slot(w, thumb);
	else
		emit_patch(w, thumb);
	return true;
}

uint32_t seq_corner_word(struct test_rng *r)
{
	static const uint32_t corner[] = {
		0, 1, 2, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0xffff8000, 0x7ffffffe, 0x7fffffff,
		0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xffffff80, 0x55555555,
	};

	if (seq_chance(r, 2))
		return corner[test_below(r, sizeof corner / sizeof *corner)];
	return (uint32_t)test_next(r) >> (seq_chance(r, 2) ? test_below(r, 32) : 0);
}

uint64_t seq_corner_double(struct test_rng *r)
{
	static const uint64_t corner[] = {
		0, 0x3ff0000000000000, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x7ff4000000000000,
		0x7fffffffffffffff, 0x000fffffffffffff, 0x0010000000000000, 1, 0x7fefffffffffffff, 0x41dfffffffc00000,
		0x41e0000000000000, 0x3fe0000000000000, 0x47efffffe0000000, 0x47effffff0000000, 0x3810000000000000,
		0x380fffffe0000000, 0x36a0000000000000, 0x3690000000000000, 0x3ff0000010000000, 0x3ff0000030000000,
		0x4330000000000000, 0x3ca0000000000000, 0x3fd5555555555555,
	};
	static const unsigned centre[] = { 1023, 1023, 1023, 1054, 896, 1150, 512, 1535, 2, 2045, 870 };
	uint64_t sign = test_next(r) & 1ull << 63, frac = test_next(r) >> 12;

	if (seq_chance(r, 3))
		return sign | corner[test_below(r, sizeof corner / sizeof *corner)];
	uint64_t exp = centre[test_below(r, 11)] - 2 + test_below(r, 5);
	switch (test_below(r, 5)) {
	case 0: frac &= ~0x1fffffffull; break;
	case 1: frac &= ~0ull << test_below(r, 52); break;
	case 2: frac = 0; break;
	default: break;
	}
	return sign | exp << 52 | frac;
}
