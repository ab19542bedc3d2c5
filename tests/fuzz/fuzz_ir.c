/*
 * Any text as IR, for libFuzzer: the parser refuses it or gives a unit that prints to text with the
 * same meaning; a unit the verifier accepts stays valid through the optimiser and compiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/baseline/baseline.h"
#include "opt/opt.h"
#include "tools/ir_exec.h"

static char *print(const struct ir_unit *u)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		abort();
	ir_print(u, f);
	fclose(f);
	return text;
}

/* What was printed must read back and print the same. */
static void check_round_trip(struct base_arena *arena, const struct ir_parse_env *env, const struct ir_unit *u)
{
	struct ir_parse_error err;
	char *first = print(u);
	const struct ir_unit *again = ir_parse(arena, env, first, &err);

	if (!again) {
		fprintf(stderr, "line %u: %s\n%s", err.line, err.msg, first);
		abort();
	}
	char *second = print(again);
	if (strcmp(first, second) != 0) {
		fprintf(stderr, "%s---\n%s", first, second);
		abort();
	}
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ir_parse_env env = { &exec_slots, exec_helpers };
	static void *baseline;
	struct ir_parse_error parse_err;
	struct ir_error err;
	struct base_arena arena;
	struct code_object object;
	char *text = malloc(size + 1);

	if (!text || (!baseline && backend_baseline.create(&base_alloc_malloc, &baseline)))
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	base_arena_init(&arena, &base_alloc_malloc);
	struct ir_unit *u = ir_parse(&arena, &env, text, &parse_err);
	if (u && ir_verify(u, &err)) {
		const struct ir_unit *block = u;
		struct backend_request rq = {
			.block = &block, .n_block = 1, .opt_level = 1,
			.mode = { .checked = size & 1, .precise = true, .addr_bits = 32, .insn_shift = 2 },
		};

		check_round_trip(&arena, &env, u);
		(void)!backend_baseline.compile(baseline, &rq, &arena, &object);
		if (opt_run(u, &arena, OPT_ALL | (size & 2 ? OPT_MEMORY : 0)) || !ir_verify(u, &err)) {
			fprintf(stderr, "after opt: instruction %u: %s\n", err.inst, err.msg);
			abort();
		}
		check_round_trip(&arena, &env, u);
		(void)!backend_baseline.compile(baseline, &rq, &arena, &object);
	}
	base_arena_finish(&arena);
	free(text);
	return 0;
}
