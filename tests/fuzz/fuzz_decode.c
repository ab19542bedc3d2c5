/*
 * Any words as PowerPC code, for libFuzzer: each block is lifted, verified, optimised, verified
 * again and compiled by the baseline. The first byte chooses model and mode, the words follow.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/baseline/baseline.h"
#include "frontend/ppc/frontend.h"
#include "ir/build.h"
#include "opt/opt.h"

enum { MAX_WORDS = 64, PC = 0x10000 };

static void require(const char *what, bool ok, const struct ir_error *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s: instruction %u: %s\n", what, err->inst, err->msg);
	abort();
}

/* One block from the words at `at`; returns how many it has. */
static unsigned lift_block(void *decoder, struct ir_builder *b, struct ir_unit *u, const uint8_t *words, unsigned n,
			   unsigned at, uint32_t mode)
{
	enum lift_result r = LIFT_NEXT;
	unsigned i = at;

	ir_poll(b, 0);
	for (; i < n && r == LIFT_NEXT; i++) {
		struct lift_request rq = { .pc = PC + 4 * i, .bytes = words + 4 * i, .avail = 4, .mode = mode };

		r = frontend_ppc.lift(decoder, b, &rq);
		if (r == LIFT_SHORT || rq.len != 4)
			abort();
	}
	if (r == LIFT_NEXT)
		ir_exit(b, IR_EXIT_JUMP, ir_const(b, IR_I32, PC + 4 * i), 0);
	u->n_insns = i - at;
	u->bytes = 4 * (i - at);
	return i - at;
}

static void compile(void *baseline, struct base_arena *arena, const struct ir_unit *u, unsigned how)
{
	struct code_object object;
	struct backend_request rq = {
		.block = &u, .n_block = 1, .opt_level = 1, .hot_after = how & 1 ? 100 : 0,
		.mode = { .checked = how & 2, .precise = how & 4, .addr_bits = 32, .insn_shift = 2 },
	};
	enum dgm_status st = backend_baseline.compile(baseline, &rq, arena, &object);

	if (st && st != DGM_E_NOMEM && st != DGM_E_UNSUP)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const models[] = { NULL, "603", "750", "7450" };
	static void *decoder[4], *baseline;
	struct base_arena arena;
	struct ir_error err;

	if (size < 5)
		return 0;
	unsigned how = data[0], n = (unsigned)((size - 1) / 4 < MAX_WORDS ? (size - 1) / 4 : MAX_WORDS), m = how >> 6;
	if (!baseline && backend_baseline.create(&base_alloc_malloc, &baseline))
		return 0;
	if (!decoder[m] && frontend_ppc.open(&base_alloc_malloc, models[m], &decoder[m]))
		abort();
	base_arena_init(&arena, &base_alloc_malloc);
	for (unsigned at = 0; at < n;) {
		struct ir_unit *u = ir_unit_new(&arena, frontend_ppc.slots, PC + 4 * at);
		struct ir_builder b;

		if (!u)
			abort();
		ir_builder_init(&b, &arena, u);
		at += lift_block(decoder[m], &b, u, data + 1, n, at, how >> 5 & 1);
		if (b.failed)
			abort();
		require("lifted", ir_verify(u, &err), &err);
		if (opt_run(u, &arena, OPT_ALL | (how & 8 ? OPT_IMPRECISE : 0) | (how & 16 ? OPT_MEMORY : 0)))
			abort();
		require("optimised", ir_verify(u, &err), &err);
		compile(baseline, &arena, u, how);
	}
	base_arena_finish(&arena);
	return 0;
}
