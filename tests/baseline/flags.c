/*
 * A comparison that is still in the host's flags when something else is emitted: each operation on memory, on a host with and
 * without each of its instructions, between a comparison and its uses. The interpreter says what must come out.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <string.h>

#include "harness.h"

static void set_i32(struct bench *b, unsigned k, uint32_t v)
{
	memcpy(b->state0 + test_slots.slot[SLOT_I32 + k].offset, &v, 4);
}

static ir_val operand(struct ir_builder *b, enum ir_type t, bool constant)
{
	static const unsigned first[] = { [IR_I8] = SLOT_I8, [IR_I16] = SLOT_I16, [IR_I32] = SLOT_I32 + 2, [IR_I64] = SLOT_I64 };

	return constant ? ir_const(b, t, 0x1234567) : ir_get(b, first[t]);
}

enum between { STORE, STORE_CONST, LOAD, CAS, EXCHANGE, N_BETWEEN };

static void put_between(struct ir_builder *b, enum between what, unsigned mem, enum ir_type t)
{
	ir_val at = ir_const(b, IR_I32, RAM_AT + 64);

	switch (what) {
	case STORE:
	case STORE_CONST: ir_store(b, mem, at, 0, operand(b, t, what == STORE_CONST)); break;
	case LOAD: ir_put(b, SLOT_I64 + 1, ir_zext(b, IR_I64, ir_load(b, mem, t == IR_I64 ? IR_I32 : t, at, 0))); break;
	case CAS: ir_cas(b, mem, at, 0, operand(b, t, true), operand(b, t, false)); break;
	default: ir_rmw_xchg(b, mem, at, 0, operand(b, t, false)); break;
	}
}

/* a < b, the operation, then the result into the state and as the condition of an exit. */
static const struct ir_unit *unit_with(struct bench *bench, enum between what, unsigned mem, enum ir_type t)
{
	struct ir_builder b;

	base_arena_reset(&bench->arena);
	struct ir_unit *u = ir_unit_new(&bench->arena, &test_slots, UNIT_PC);
	cr_assert(u);
	ir_builder_init(&b, &bench->arena, u);
	ir_poll(&b, 0);
	ir_tick(&b, 1);
	ir_insn(&b, UNIT_PC, 4);
	ir_val less = ir_ult(&b, ir_get(&b, SLOT_I32), ir_get(&b, SLOT_I32 + 1));
	put_between(&b, what, mem, t);
	ir_put(&b, SLOT_I1, less);
	ir_exit_if(&b, IR_EXIT_JUMP, less, ir_const(&b, IR_I32, 0x2000));
	ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, 0x3000), 1);
	u->bytes = 4;
	u->n_insns = 1;
	cr_assert_eq(b.failed, DGM_OK);
	return u;
}

static unsigned compare_all(struct bench *b, enum between what, unsigned mem, enum ir_type t)
{
	static const uint32_t pair[][2] = { { 1, 2 }, { 2, 1 }, { 5, 5 }, { 0, ~0u }, { ~0u, 0 } };
	static struct outcome code, interp;
	const struct ir_unit *u = unit_with(b, what, mem, t);

	cr_assert_eq(bench_compile(b, u, 0), DGM_OK);
	for (unsigned k = 0; k < sizeof pair / sizeof *pair; k++) {
		set_i32(b, 0, pair[k][0]);
		set_i32(b, 1, pair[k][1]);
		bench_run(b, u, &code);
		bench_interpret(b, u, &interp);
		const char *diff = bench_compare(&code, &interp);
		cr_expect(!diff, "operation %u, access %#x, %u < %u: %s", what, mem, pair[k][0], pair[k][1], diff ? diff : "");
	}
	return 1;
}

Test(baseline_flags, comparisons_outlive_accesses)
{
	static const unsigned features[] = { ~0u, 0, ~(unsigned)BASELINE_MOVBE, BASELINE_MOVBE };
	static const unsigned order[] = { 0, IR_MEM_BE, IR_MEM_RELEASE, IR_MEM_BE | IR_MEM_ACQUIRE };
	static struct bench b;
	unsigned runs = 0;

	cr_assert(bench_init(&b));
	b.fuel0 = 1000;
	for (unsigned k = 0; k < sizeof b.state0; k++)
		b.state0[k] = (uint8_t)k;
	for (unsigned i = 0; i < 32; i++) {
		baseline_limit(b.baseline, features[i & 3]);
		b.mode.checked = i >> 2 & 1;
		for (unsigned what = 0; what < N_BETWEEN; what++)
			for (unsigned size = 0; size < 4; size++)
				if (size >= 2 || what < CAS)
					runs += compare_all(&b, (enum between)what, (IR_MEM_8 + size) | order[i >> 3], (enum ir_type)(IR_I8 + size));
	}
	cr_assert_gt(runs, 300);
	bench_finish(&b);
}
