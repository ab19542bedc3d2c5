/*
 * Any bytes as code of each guest, for libFuzzer: each block is lifted, verified, optimised, verified again
 * and compiled by the baseline. The first byte chooses how, the second guest, model and mode; code follows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/baseline/baseline.h"
#include "frontend/aarch64/frontend.h"
#include "frontend/arm/frontend.h"
#include "frontend/ppc/frontend.h"
#include "ir/build.h"
#include "opt/opt.h"

enum { MAX_BYTES = 256, MAX_INSNS = 64, PC = 0x10000 };

static void require(const char *what, bool ok, const struct ir_error *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s: instruction %u: %s\n", what, err->inst, err->msg);
	abort();
}

static const struct guest {
	const struct frontend *fe;
	uint32_t modes, pc_mode;	/* mode bits a fuzzer may choose; bits of every pc */
	const char *model[4];
} guests[] = {
	{ &frontend_ppc, 1, 0, { NULL, "603", "750", "7450" } },
	{ &frontend_aarch64, 3, 0, { NULL, "v8.0", "cortex-a72", "generic" } },
	{ &frontend_arm, 7, 0, { NULL, NULL, NULL, NULL } },
	{ &frontend_arm, 7, 1, { NULL, NULL, NULL, NULL } },
};
enum { GUESTS = sizeof guests / sizeof *guests, MODELS = 4 };

/* One block from the bytes at `at`; returns how many it has. */
static unsigned lift_block(const struct guest *g, void *decoder, struct ir_builder *b, struct ir_unit *u,
			   const uint8_t *bytes, unsigned n, unsigned at, uint32_t mode)
{
	enum ir_type addr = g->fe->addr_bits == 32 ? IR_I32 : IR_I64;
	enum lift_result r = LIFT_NEXT;

	ir_poll(b, 0);
	while (at + u->bytes < n && r == LIFT_NEXT && u->n_insns < MAX_INSNS) {
		unsigned left = n - at - u->bytes;
		struct lift_request rq = {
			.pc = u->pc + u->bytes, .bytes = bytes + at + u->bytes, .avail = left, .mode = mode,
			.room = MAX_INSNS - u->n_insns,
		};

		r = g->fe->lift(decoder, b, &rq);
		if (r == LIFT_SHORT)
			break;
		if (!rq.len || rq.len > left || rq.len % (1u << g->fe->insn_shift))
			abort();
		u->n_insns++;
		u->bytes += rq.len;
		mode = rq.mode;
	}
	if (r != LIFT_END)
		ir_exit(b, IR_EXIT_JUMP, ir_const(b, addr, u->pc + u->bytes), 0);
	return u->bytes ? u->bytes : n - at;
}

static void compile(const struct frontend *fe, void *baseline, struct base_arena *arena, const struct ir_unit *u,
		    unsigned how)
{
	struct code_object object;
	struct backend_request rq = {
		.block = &u, .n_block = 1, .opt_level = 1, .hot_after = how & 1 ? 100 : 0,
		.mode = { .checked = how & 2, .precise = how & 4, .addr_bits = fe->addr_bits,
			  .insn_shift = fe->insn_shift, .window_bits = fe->addr_bits == 32 ? 32 : how & 32 ? 64 : 36,
			  .tag_bits = fe->tag_bits },
	};
	enum dgm_status st = backend_baseline.compile(baseline, &rq, arena, &object);

	if (st && st != DGM_E_NOMEM && st != DGM_E_UNSUP)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *decoder[GUESTS][MODELS], *baseline;
	struct base_arena arena;
	struct ir_error err;

	if (size < 4)
		return 0;
	const struct guest *g = &guests[data[1] % GUESTS];
	unsigned how = data[0], n = size - 2 < MAX_BYTES ? (unsigned)size - 2 : MAX_BYTES;
	unsigned m = data[1] / GUESTS % MODELS;
	void **d = &decoder[g - guests][m];
	if (!baseline && backend_baseline.create(&base_alloc_malloc, &baseline))
		return 0;
	if (!*d && g->fe->open(&base_alloc_malloc, g->model[m], d))
		abort();
	base_arena_init(&arena, &base_alloc_malloc);
	for (unsigned at = 0; at < n;) {
		struct ir_unit *u = ir_unit_new(&arena, g->fe->slots, (PC + at) | g->pc_mode);
		struct ir_builder b;

		if (!u)
			abort();
		ir_builder_init(&b, &arena, u);
		at += lift_block(g, *d, &b, u, data + 2, n, at, data[1] >> 5 & g->modes);
		if (b.failed)
			abort();
		require("lifted", ir_verify(u, &err), &err);
		if (opt_run(u, &arena, OPT_ALL | (how & 8 ? OPT_IMPRECISE : 0) | (how & 16 ? OPT_MEMORY : 0)))
			abort();
		require("optimised", ir_verify(u, &err), &err);
		compile(g->fe, baseline, &arena, u, how);
	}
	base_arena_finish(&arena);
	return 0;
}
