/*
 * Lifts random words, most of opcodes with many instructions, and checks that each becomes a unit
 * without fault: verified IR, one instruction, ended when the front end says so. A row may come out only for
 * words its picture fits and Capstone, where it knows the word, names so.
 *
 *   random_words ISA [count [seed]]
 *   random_words ISA every N         each N-th word there is, from 0 on: 1 takes hours; 65521 has every halfword
 *   random_words ISA lift N [I/M]    the same without Capstone, and verifying one unit in 16: 1 takes a quarter of an
 *                                    hour; the I-th of M parts of the words
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "ir/build.h"

static uint64_t state;

static uint32_t next_random(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	uint32_t x = (uint32_t)(state >> 32);

	return x ^ x >> 16;
}

static bool ends_unit(const struct ir_unit *u)
{
	return u->n && ir_op_info[u->inst[u->n - 1].op].flags & IR_ENDS;
}

/* Lifts the instruction that decode said has `len` bytes (0: it is undefined), and perhaps verifies the unit. */
static const char *check(const struct guest_isa *isa, void *decoder, struct base_arena *arena, const uint8_t *code,
			 unsigned len, uint32_t mode, bool verify)
{
	struct lift_request rq = { .pc = 0x10000 + isa->pc_mode, .bytes = code, .avail = 4, .mode = mode };
	static struct ir_error err;
	struct ir_builder b;

	base_arena_reset(arena);
	struct ir_unit *u = ir_unit_new(arena, isa->fe->slots, rq.pc);
	if (!u)
		return "no memory";
	ir_builder_init(&b, arena, u);
	enum lift_result r = isa->fe->lift(decoder, &b, &rq);
	if (b.failed)
		return "the builder failed";
	if (r == LIFT_SHORT || (len && rq.len != len))
		return "not as long as decoded";
	if (ends_unit(u) != (r == LIFT_END))
		return "ended, or not, against the answer";
	if (!verify)
		return NULL;
	if (r == LIFT_NEXT)
		ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, isa->fe->slots->slot[isa->fe->slots->pc].type, rq.pc + 4), 0);
	u->bytes = rq.len;
	u->n_insns = 1;
	return ir_verify(u, &err) ? NULL : err.msg;
}

struct tally {
	unsigned long words, known;
	unsigned failures;
};

/* The k-th word of a sweep: where instructions are made of halfwords, the first is the high one. */
static void word_at(const struct guest_isa *isa, uint32_t word, uint8_t code[4])
{
	if (isa->fe->insn_shift == 1 && isa->pc_mode)
		word = word << 16 | word >> 16;
	guest_put_word(isa, word, code);
}

/* Which words: drawn ones, if step is 0, else each step-th from the first on. */
struct plan {
	unsigned long count, step, first;
	bool capstone;
};

/* Whether the second halfword of a sweep's word belongs to another instruction; once will do. */
static bool is_repeated(const struct guest_isa *isa, uint32_t word, unsigned long step)
{
	return step && isa->pc_mode && word < 0xe8000000 && (word & 0xffff) >= step;
}

static void check_model(const struct guest_isa *isa, const char *model, const struct plan *p, struct tally *t)
{
	struct base_arena arena;
	void *decoder;

	if (isa->fe->open(&base_alloc_malloc, model, &decoder)) {
		t->failures++;
		return;
	}
	base_arena_init(&arena, &base_alloc_malloc);
	for (unsigned long i = p->first; i < p->first + p->count && t->failures < 20; i++) {
		unsigned len = 0, variant;
		const void *row = NULL;
		uint8_t code[4];
		if (is_repeated(isa, (uint32_t)(i * p->step), p->step))
			continue;
		if (p->step)
			word_at(isa, (uint32_t)(i * p->step), code);
		else
			isa->draw(next_random, code);
		t->words++;
		bool known = isa->decode(decoder, code, 4, &row, &len, &variant);
		bool verify = p->capstone || (uint32_t)i * 0x9e3779b1u < 1u << 28;
		const char *bad = check(isa, decoder, &arena, code, known ? len : 0, 0, verify);
		for (unsigned k = 0; !bad && isa->modes && isa->modes[k]; k++)
			bad = check(isa, decoder, &arena, code, 0, isa->modes[k], verify);
		if (!bad && known && p->capstone)
			bad = isa->check(decoder, row, code, len);
		t->known += known;
		if (bad && ++t->failures)
			fprintf(stderr, "%02x %02x %02x %02x: %s\n", code[0], code[1], code[2], code[3], bad);
	}
	base_arena_finish(&arena);
	isa->fe->close(decoder);
}

static bool parse_plan(int argc, char **argv, struct plan *p)
{
	bool lift = argc > 2 && !strcmp(argv[2], "lift");
	unsigned long part = 0, parts = 1;

	*p = (struct plan){ .count = argc > 2 ? strtoul(argv[2], NULL, 0) : 1000000, .capstone = !lift };
	state = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	if (argc <= 3 || (!lift && strcmp(argv[2], "every") != 0))
		return true;
	p->step = strtoul(argv[3], NULL, 0);
	if (!p->step || (argc > 4 && (sscanf(argv[4], "%lu/%lu", &part, &parts) != 2 || part >= parts)))
		return false;
	p->count = (0x100000000ul + p->step - 1) / p->step;
	p->first = p->count / parts * part;
	p->count = part + 1 < parts ? p->count / parts : p->count - p->first;
	return true;
}

int main(int argc, char **argv)
{
	const struct guest_isa *isa = argc > 1 ? guest_isa(argv[1]) : NULL;
	struct tally t = { 0 };
	struct plan p;
	unsigned n = 1;

	if (!isa || !parse_plan(argc, argv, &p))
		return 1;
	while (isa->models[n - 1])
		n++;
	if (!p.step)
		p.count /= n;
	for (unsigned m = 0; m < n; m++)
		check_model(isa, m ? isa->models[m - 1] : NULL, &p, &t);
	printf("%lu words, %lu instructions, %u failures\n", t.words, t.known, t.failures);
	return t.failures || !t.known;
}
