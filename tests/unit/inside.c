/* Unit tests of lib/base, lib/ir, lib/opt and lib/cache: what the text cases cannot reach, above all want of memory. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cache/codemem.h"
#include "frontend/ppc/frontend.h"
#include "ir/build.h"
#include "opt/opt.h"

/* An allocator that answers NULL after so many calls. */
struct stingy {
	unsigned left, live;
};

static void *stingy_fn(void *ud, void *old, size_t n, size_t align)
{
	struct stingy *s = ud;

	if (n && !s->left)
		return NULL;
	if (n)
		s->left--;
	s->live += !old && n;
	s->live -= old && !n;
	return base_alloc_malloc.fn(NULL, old, n, align);
}

static const struct ir_slot slot[] = {
	{ "pc", IR_I32, 0 }, { "a", IR_I32, 4 }, { "b", IR_I32, 8 }, { "c", IR_I1, 12 },
};
static const struct ir_slots slots = { slot, 4, 0, 16 };

static struct ir_unit *build_much(struct base_arena *arena, unsigned n, enum dgm_status *failed)
{
	struct ir_unit *u = ir_unit_new(arena, &slots, 0x1000);
	struct ir_builder b;

	*failed = DGM_E_NOMEM;
	if (!u)
		return NULL;
	ir_builder_init(&b, arena, u);
	ir_insn(&b, 0x1000, 4);
	ir_val v = ir_get(&b, 1);
	for (unsigned i = 0; i < n; i++)
		v = ir_add(&b, ir_xor(&b, v, ir_get(&b, 2)), ir_const(&b, IR_I32, i));
	ir_put(&b, 1, v);
	ir_exit(&b, IR_EXIT_JUMP, ir_const(&b, IR_I32, 0x1004), 0);
	u->bytes = 4;
	u->n_insns = 1;
	*failed = b.failed;
	return u;
}

Test(arena, gives_back_and_reuses)
{
	struct stingy s = { .left = 1000 };
	struct base_alloc alloc = { stingy_fn, &s };
	struct base_arena a;

	base_arena_init(&a, &alloc);
	char *p = base_arena_alloc(&a, 100);
	cr_assert_not_null(p);
	cr_assert_eq((uintptr_t)p % 16, 0);
	cr_assert_not_null(base_arena_alloc(&a, 1 << 20));
	unsigned used = 1000 - s.left;
	base_arena_reset(&a);
	cr_assert_eq((char *)base_arena_alloc(&a, 100), p, "a reset arena begins again");
	cr_assert_not_null(base_arena_alloc(&a, 1 << 20));
	cr_assert_eq(1000 - s.left, used, "a warm arena does not allocate");
	cr_assert_null(base_arena_alloc(&a, SIZE_MAX - 8));
	cr_assert_str_eq(base_arena_copy(&a, "text", 5), "text");
	base_arena_finish(&a);
	cr_assert_eq(s.live, 0);
}

Test(builder, constants_are_shared)
{
	struct base_arena a;
	struct ir_builder b;

	base_arena_init(&a, &base_alloc_malloc);
	struct ir_unit *u = ir_unit_new(&a, &slots, 0);
	ir_builder_init(&b, &a, u);
	ir_val first = ir_const(&b, IR_I32, 77);
	for (unsigned i = 0; i < 5000; i++)
		cr_assert_eq(ir_const_bits(u, ir_const(&b, IR_I32, i)), i);
	cr_assert_eq(ir_const(&b, IR_I32, 77).id, first.id);
	cr_assert_neq(ir_const(&b, IR_I64, 77).id, first.id);
	cr_assert_eq(ir_const(&b, IR_I8, 0x1ff).id, ir_const(&b, IR_I8, 0xff).id);
	cr_assert_neq(ir_const_vec(&b, IR_I64X2, 1, 2).id, ir_const_vec(&b, IR_I64X2, 1, 3).id);
	cr_assert_eq(u->n_konst, 5000 + 4);
	base_arena_finish(&a);
}

Test(builder, full_unit_fails_stickily)
{
	enum dgm_status failed;
	struct base_arena a;

	base_arena_init(&a, &base_alloc_malloc);
	build_much(&a, 20000, &failed);
	cr_assert_eq(failed, DGM_E_SIZE);
	base_arena_finish(&a);
}

Test(memory, every_allocation_may_fail)
{
	bool finished = false;

	for (unsigned n = 0; n < 200 && !finished; n++) {
		struct stingy s = { .left = n };
		struct base_alloc alloc = { stingy_fn, &s };
		struct base_arena a;
		struct ir_error err;
		enum dgm_status failed;

		base_arena_init(&a, &alloc);
		struct ir_unit *u = build_much(&a, 3000, &failed);
		if (!failed) {
			enum dgm_status st = opt_run(u, &a, OPT_ALL);
			cr_assert(ir_verify(u, &err), "after %u allocations: %s", n, err.msg);
			finished = st == DGM_OK;
		}
		base_arena_finish(&a);
		cr_assert_eq(s.live, 0);
	}
	cr_assert(finished);
}

Test(memory, parser_may_fail)
{
	static const char text[] = "  insn 0x1000, 4\n  %1 = get a\n  put b, %1\n  exit 0x1004\n";
	const struct ir_parse_env env = { &slots, NULL };
	struct ir_unit *u = NULL;

	for (unsigned n = 0; n < 10 && !u; n++) {
		struct stingy s = { .left = n };
		struct base_alloc alloc = { stingy_fn, &s };
		struct ir_parse_error err = { 0, "" };
		struct base_arena a;

		base_arena_init(&a, &alloc);
		u = ir_parse(&a, &env, text, &err);
		cr_assert(u || strstr(err.msg, "memory"));
		base_arena_finish(&a);
	}
	cr_assert_not_null(u);
}

Test(slots, of_guests_do_not_overlap)
{
	static const struct ir_slot bad[] = { { "pc", IR_I32, 0 }, { "a", IR_I64, 8 }, { "b", IR_I8, 15 } };
	const struct ir_slots overlapping = { bad, 3, 0, 16 }, short_state = { bad, 2, 0, 12 };

	cr_assert(opt_slots_ok(frontend_ppc.slots));
	cr_assert_not(opt_slots_ok(&overlapping));
	cr_assert_not(opt_slots_ok(&short_state));
}

/* Callbacks of a program that may be anywhere are called from the same 4 GiB. */
Test(codemem, stands_near_who_wants_it)
{
	enum { SOME = 4, BUDGET = 256 << 20 };
	uintptr_t here = (uintptr_t)build_much;
	struct cache_codemem m[SOME];

	for (unsigned i = 0; i < SOME; i++) {
		cr_assert_eq(codemem_init(&m[i], BUDGET, 4096, (const void *)here), DGM_OK);
		if (here >> 46)
			cr_assert_eq((uintptr_t)m[i].rx >> 32, here >> 32);
		memset(m[i].rw, 0xc3, 4096);
		memset(m[i].data, 1, 4096);
	}
	for (unsigned i = 0; i < SOME; i++)
		codemem_finish(&m[i]);
}

/* Where nothing is free, code stands elsewhere. */
Test(codemem, stands_somewhere)
{
	struct cache_codemem m;

	cr_assert_eq(codemem_init(&m, 1 << 20, 0, (const void *)(UINTPTR_MAX - 4096)), DGM_OK);
	memset(m.rw, 0xc3, 4096);
	codemem_finish(&m);
	cr_assert_eq(codemem_init(&m, 1 << 20, 0, NULL), DGM_OK);
	codemem_finish(&m);
}

Test(print, survives_what_is_not_verified)
{
	struct ir_inst wild[] = {
		{ .op = IR_OP_trap, .aux = 77, .arg = { { 5 }, { 0x8123 } } },
		{ .op = IR_OP_exit, .aux = 9, .arg = { { 0xffff } } },
		{ .op = IR_OP_put, .slot = 999 },
		{ .op = IR_OP_call, .arg = { { 0xffff } } },
	};
	struct ir_unit u = { .slots = &slots, .inst = wild, .n = 4 };
	struct ir_error err;
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ir_print(&u, f);
	fclose(f);
	cr_assert(strstr(text, "call @?"));
	cr_assert_not(ir_verify(&u, &err));
	free(text);
}
