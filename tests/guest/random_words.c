/*
 * Lifts random words of every primary opcode, most of those with many instructions, and checks
 * that each becomes a unit without fault: verified IR, one instruction, four bytes, ended when
 * the front end says so. A row may come out only for words its picture fits and Capstone, where
 * it knows the word, names so.
 *
 *   random_words [count [seed]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/common/picture.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"

static uint64_t state;

static uint32_t next_random(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	uint32_t x = (uint32_t)(state >> 32);

	return x ^ x >> 16;
}

/* Half of the words are of the opcodes with tables behind them. */
static uint32_t next_word(void)
{
	static const uint8_t busy[] = { 31, 31, 31, 63, 59, 19, 16, 4 };
	uint32_t r = next_random();
	uint32_t op = r & 1 ? busy[r >> 1 & 7] : r >> 4 & 63;

	return op << 26 | (next_random() & 0x03ffffff);
}

static bool ends_unit(const struct ir_unit *u)
{
	return u->n && ir_op_info[u->inst[u->n - 1].op].flags & IR_ENDS;
}

static const char *check(void *decoder, struct base_arena *arena, uint32_t word)
{
	const uint8_t bytes[4] = { (uint8_t)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word };
	struct lift_request rq = { .pc = 0x10000, .bytes = bytes, .avail = 4 };
	static struct ir_error err;
	struct ir_builder b;

	base_arena_reset(arena);
	struct ir_unit *u = ir_unit_new(arena, frontend_ppc.slots, rq.pc);
	if (!u)
		return "no memory";
	ir_builder_init(&b, arena, u);
	enum lift_result r = frontend_ppc.lift(decoder, &b, &rq);
	if (b.failed)
		return "the builder failed";
	if (r == LIFT_SHORT || rq.len != 4)
		return "not four bytes";
	if (ends_unit(u) != (r == LIFT_END))
		return "ended, or not, against the answer";
	if (r == LIFT_NEXT)
		ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, rq.pc + 4), 0);
	u->bytes = 4;
	u->n_insns = 1;
	return ir_verify(u, &err) ? NULL : err.msg;
}

/* The decoder asks Capstone once a row; here it has to agree about every word. */
static const char *check_row(const struct ppc_row *row, struct ppc_decoder *d, uint32_t word)
{
	struct picture p;

	if (!picture_compile(row->encoding, &p) || !picture_matches(&p, word))
		return "a row whose picture does not fit";
	if (row->flags & PPC_PRE)
		return NULL;
	return ppc_ask_capstone(d, row, word) == PPC_DISAGREES ? "Capstone has another name" : NULL;
}

int main(int argc, char **argv)
{
	static const char *const models[] = { NULL, "603", "750", "7450" };
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
	unsigned failures = 0, known = 0;
	struct base_arena arena;
	void *decoder;

	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	base_arena_init(&arena, &base_alloc_malloc);
	for (unsigned m = 0; m < 4; m++) {
		if (frontend_ppc.open(&base_alloc_malloc, models[m], &decoder))
			return 1;
		for (unsigned long i = 0; i < count / 4 && failures < 20; i++) {
			uint32_t word = next_word();
			const struct ppc_row *row = ppc_decode(decoder, word);
			const char *bad = check(decoder, &arena, word);
			if (!bad && row)
				bad = check_row(row, decoder, word);
			known += row != NULL;
			if (bad && ++failures)
				fprintf(stderr, "%08" PRIx32 " (%s): %s\n", word, row ? row->mnemonic : "?", bad);
		}
		frontend_ppc.close(decoder);
	}
	base_arena_finish(&arena);
	printf("%lu words, %u instructions, %u failures\n", count, known, failures);
	return failures || !known;
}
