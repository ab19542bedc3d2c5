/*
 * What the public interface says of T32 code where blocks and IT blocks cross: budgets, addresses to stop
 * at, faults and accesses that a callback does inside an IT block, and an instruction that ends on a page that is not there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dragoman/arm.h"
#include "dragoman/dragoman.h"

enum { CODE = 0x10000, NOWHERE = 0x500000, Z = 1 << 30, THUMB = 0x30 };

static unsigned failures;

#define CHECK(what) ((what) ? (void)0 : (void)(failures++, fprintf(stderr, "line %d: %s\n", __LINE__, #what)))

struct bench {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
};

/* Loads from nowhere give 42. */
static enum dgm_act skip_loads(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	(void)ud, (void)cpu;
	if (f->va != NOWHERE)
		return DGM_RAISE;
	f->value = 42;
	return DGM_SKIP;
}

static bool start(struct bench *b, uint32_t flags)
{
	static const dgm_machine_ops ops = { .size = sizeof ops, .fault = skip_loads };
	dgm_engine_cfg engine = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vm = DGM_INIT(dgm_vm_cfg);

	engine.flags = flags | DGM_VERIFY_IR;
	engine.backend_dir = getenv("DGM_BACKEND_DIR");
	vm.arch = DGM_ARCH_ARM;
	return !dgm_engine_new(&engine, DGM_ABI, &b->engine) && !dgm_vm_new(b->engine, &vm, &ops, NULL, &b->vm) &&
	       !dgm_map_ram(b->vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL) && !dgm_cpu_new(b->vm, &b->cpu);
}

static void finish(struct bench *b)
{
	dgm_cpu_free(b->cpu);
	dgm_vm_free(b->vm);
	dgm_engine_unref(b->engine);
}

static dgm_exit run(struct bench *b, uint64_t max, const uint64_t *until)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);

	opts.max_insns = max;
	opts.until = until;
	opts.n_until = until != NULL;
	CHECK(dgm_cpu_run(b->cpu, &opts, &x) == DGM_OK);
	return x;
}

static void at_start(struct bench *b, uint32_t cpsr)
{
	dgm_set(b->cpu, DGM_ARM_CPSR, cpsr);
	dgm_set(b->cpu, DGM_ARM_PC, CODE);
	dgm_set(b->cpu, DGM_ARM_R1, CODE);
	dgm_set(b->cpu, DGM_ARM_R2, CODE);
}

static void test_it(struct bench *b)
{
	/* itt ne; ldrne r0, [r1]; strne r0, [r2]; nop; nop; svc 0. Code is not writable. */
	static const uint8_t code[] = { 0x1c, 0xbf, 0x08, 0x68, 0x10, 0x60, 0x00, 0xbf, 0x00, 0xbf, 0x00, 0xdf };
	static const uint8_t itstate[] = { 0x1c, 0x18, 0, 0, 0 };
	uint64_t inside = CODE + 4;
	dgm_exit x;

	CHECK(!dgm_mem_write(b->vm, NULL, CODE, code, sizeof code, NULL));
	at_start(b, THUMB | Z);
	for (unsigned i = 0; i < sizeof itstate; i++) {
		x = run(b, 1, NULL);
		CHECK(x.reason == DGM_EXIT_BUDGET && x.insns == 1 && x.pc == CODE + 2 * (i + 1));
		CHECK(dgm_get(b->cpu, DGM_ARM_ITSTATE) == itstate[i]);
	}
	at_start(b, THUMB | Z);
	x = run(b, 0, NULL);
	CHECK(x.reason == DGM_EXIT_SYSCALL && x.insns == 5 && x.pc == CODE + 10);
	at_start(b, THUMB | Z);
	x = run(b, 0, &inside);
	CHECK(x.reason == DGM_EXIT_UNTIL && x.insns == 2 && x.pc == inside);
	CHECK(dgm_get(b->cpu, DGM_ARM_ITSTATE) == 0x18);
	x = run(b, 0, NULL);
	CHECK(x.reason == DGM_EXIT_SYSCALL && x.insns == 3);
	at_start(b, THUMB);
	x = run(b, 0, NULL);
	CHECK(x.reason == DGM_EXIT_FAULT && x.insns == 2 && x.pc == CODE + 4 && x.info.access == DGM_W);
	CHECK(dgm_get(b->cpu, DGM_ARM_ITSTATE) == 0x18);
}

/* The instruction is finished aside, where its block has been left: as the first of `ite`, and the next as the second. */
static void test_skip(struct bench *b)
{
	/* ite ne; ldrne r0, [r1]; moveq r3, #7; nop; svc 0 */
	static const uint8_t code[] = { 0x14, 0xbf, 0x08, 0x68, 0x07, 0x23, 0x00, 0xbf, 0x00, 0xdf };
	dgm_exit x;

	CHECK(!dgm_mem_write(b->vm, NULL, CODE, code, sizeof code, NULL));
	for (unsigned i = 0; i < 2; i++) {
		at_start(b, THUMB | (i ? Z : 0));
		dgm_set(b->cpu, DGM_ARM_R0, 1);
		dgm_set(b->cpu, DGM_ARM_R1, NOWHERE);
		dgm_set(b->cpu, DGM_ARM_R(3), 3);
		x = run(b, 0, NULL);
		CHECK(x.reason == DGM_EXIT_SYSCALL && x.insns == 4 && x.pc == CODE + 8 && !dgm_get(b->cpu, DGM_ARM_ITSTATE));
		CHECK(dgm_get(b->cpu, DGM_ARM_R0) == (i ? 1 : 42) && dgm_get(b->cpu, DGM_ARM_R(3)) == (i ? 7 : 3));
	}
}

/* BKPT is executed whatever the condition, also behind a store that is left out with the rest of its IT block. */
static void test_breakpoint(struct bench *b)
{
	/* itt ne; strne r0, [r1]; bkpt 0; nop; svc 0 */
	static const uint8_t code[] = { 0x1c, 0xbf, 0x08, 0x60, 0x00, 0xbe, 0x00, 0xbf, 0x00, 0xdf };
	dgm_exit x;

	CHECK(!dgm_mem_write(b->vm, NULL, CODE, code, sizeof code, NULL));
	at_start(b, THUMB | Z);
	x = run(b, 0, NULL);
	CHECK(x.reason == DGM_EXIT_TRAP && x.pc == CODE + 4);
}

/* What ends a block in the middle of an IT block: who leaves both out is charged for what stands behind it, too. */
static void test_early_end(struct bench *b)
{
	/* svcne 0; udfne #0; movsne r0, r0, which is UNPREDICTABLE there */
	static const uint8_t ends[][2] = { { 0x00, 0xdf }, { 0x00, 0xde }, { 0x00, 0x00 } };
	static const uint32_t reasons[] = { DGM_EXIT_SYSCALL, DGM_EXIT_ILLEGAL, DGM_EXIT_ILLEGAL };

	for (unsigned i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		/* itt ne; what ends; movne r0, #1; nop; svc 0 */
		const uint8_t code[] = { 0x1c, 0xbf, ends[i][0], ends[i][1], 0x01, 0x20, 0x00, 0xbf, 0x00, 0xdf };
		dgm_exit x;

		CHECK(!dgm_mem_write(b->vm, NULL, CODE, code, sizeof code, NULL));
		at_start(b, THUMB | Z);
		x = run(b, 0, NULL);
		CHECK(x.reason == DGM_EXIT_SYSCALL && x.insns == 4 && x.pc == CODE + 8);
		at_start(b, THUMB);
		x = run(b, 0, NULL);
		CHECK(x.reason == reasons[i] && x.insns == 1 && x.pc == CODE + 2);
	}
}

static void test_torn_fetch(struct bench *b)
{
	static const uint8_t code[] = { 0x00, 0xbf, 0xdf, 0xf8 };	/* nop; the first half of ldr.w */
	dgm_exit x;

	CHECK(!dgm_mem_write(b->vm, NULL, CODE + 0xffc, code, sizeof code, NULL));
	dgm_set(b->cpu, DGM_ARM_CPSR, THUMB);
	dgm_set(b->cpu, DGM_ARM_PC, CODE + 0xffc);
	x = run(b, 0, NULL);
	CHECK(x.reason == DGM_EXIT_FAULT && x.insns == 1 && x.pc == CODE + 0xffe);
	CHECK(x.info.va == CODE + 0x1000 && x.info.access == DGM_X && x.info.cause == DGM_CAUSE_UNMAPPED);
}

/*
 * A loop of T32 code becomes hot: the background compiler gets it by its pc, whose bit 0 is no address. The
 * counter is asked for again and again, for the compiler works beside it.
 */
static void test_hot(struct bench *b)
{
	/* movs r0, #255; lsls r0, r0, #16; loop: subs r0, #1; bne loop; svc 0 */
	static const uint8_t code[] = { 0xff, 0x20, 0x00, 0x04, 0x01, 0x38, 0xfd, 0xd1, 0x00, 0xdf };
	dgm_stats st = DGM_INIT(dgm_stats);
	dgm_exit x;

	CHECK(!dgm_mem_write(b->vm, NULL, CODE, code, sizeof code, NULL));
	for (unsigned i = 0; i < 200 && !st.units_llvm && !st.llvm_missing; i++) {
		at_start(b, THUMB);
		x = run(b, 0, NULL);
		CHECK(x.reason == DGM_EXIT_SYSCALL && x.insns == 4 + 2 * (0xff0000 - 1) && !dgm_get(b->cpu, DGM_ARM_R0));
		CHECK(!dgm_vm_stats(b->vm, &st));
	}
	CHECK(st.llvm_missing || st.units_llvm > 0);
}

/* Each in a VM of its own: code that was written over is translated an instruction at a time. */
static void (*const tests[])(struct bench *b) = { test_it, test_early_end, test_skip, test_breakpoint, test_torn_fetch };

int main(void)
{
	static const uint32_t tiers[] = { DGM_INTERP_ONLY, DGM_NO_LLVM, DGM_NO_LLVM | DGM_HOT_AT_ONCE };
	struct bench b;

	for (unsigned i = 0; i < sizeof tiers / sizeof *tiers; i++)
		for (unsigned k = 0; k < sizeof tests / sizeof *tests; k++) {
			b = (struct bench){ 0 };
			if (!start(&b, tiers[i]))
				return 1;
			tests[k](&b);
			finish(&b);
		}
	b = (struct bench){ 0 };
	if (!start(&b, 0))
		return 1;
	test_hot(&b);
	finish(&b);
	printf("%u failures\n", failures);
	return failures != 0;
}
