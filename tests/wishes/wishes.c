/*
 * What embedders of other translators ask for, wish by wish, as doc/wishes.md lists them: one test each, on the public
 * headers, for every guest and, but for 10 and 20, every tier. Other tests go deeper; these say at a glance that the
 * wish is granted.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../code.h"
#include "../guests.h"
#include "../order.h"
#include "../stingy.h"
#include "../tape.h"
#include "../want.h"

enum { PAGE = 0x1000, CODE = 0x10000, CODE_BYTES = 4 * PAGE, DATA = 0x20000, STACK = 0x28000, ALIAS = 0x30000, DEVICE = 0x40000,
       NOTHING = 0x50000 };

static const struct tier {
	const char *name;
	uint32_t flags;
} tiers[] = {
	{ "interp", DGM_INTERP_ONLY },
	{ "baseline", DGM_NO_LLVM },
	{ "llvm", DGM_HOT_AT_ONCE | DGM_NO_BASELINE },
};
enum { TIERS = sizeof tiers / sizeof *tiers };

struct rig {
	const struct guest *g;
	const struct tier *t;
	dgm_engine_cfg ec;
	dgm_machine_ops ops;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	struct code c;
	/* what callbacks note */
	dgm_cpu *second;
	dgm_id hook;
	unsigned calls, others;
	uint64_t at[8], value;
	uint32_t len[8];
	dgm_fault fault;
};

#define EXPECT(r, what, want) WANT_SAME(#what, what, want, "%s, %s", (r)->g->name, (r)->t->name)

static void rig_make(struct rig *r)
{
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	r->ec.size = sizeof r->ec;
	r->ec.flags |= r->t->flags | DGM_VERIFY_IR;
	r->ec.backend_dir = getenv("DGM_BACKEND_DIR");
	r->ops.size = sizeof r->ops;
	vc.arch = r->g->arch;
	r->c.arch = r->g->arch;
	EXPECT(r, dgm_engine_new(&r->ec, DGM_ABI, &r->engine), DGM_OK);
	EXPECT(r, dgm_vm_new(r->engine, &vc, &r->ops, r, &r->vm), DGM_OK);
	EXPECT(r, dgm_map_ram(r->vm, CODE, CODE_BYTES, DGM_R | DGM_W | DGM_X, NULL, NULL), DGM_OK);
	EXPECT(r, dgm_map_ram(r->vm, DATA, STACK - DATA + PAGE, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	EXPECT(r, dgm_cpu_new(r->vm, &r->cpu), DGM_OK);
}

static void rig_free(struct rig *r)
{
	EXPECT(r, dgm_cpu_free(r->cpu), DGM_OK);
	EXPECT(r, dgm_vm_free(r->vm), DGM_OK);
	dgm_engine_unref(r->engine);
}

static void put_words(struct rig *r, uint64_t at, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t b[4];

		order_put(r->g->big, word[i], b);
		EXPECT(r, dgm_mem_write(r->vm, NULL, at + 4 * i, b, 4, NULL), DGM_OK);
	}
}

static uint32_t word_at(struct rig *r, uint64_t at)
{
	uint8_t b[4];

	EXPECT(r, dgm_mem_read(r->vm, NULL, at, b, 4, NULL), DGM_OK);
	return order_get(r->g->big, b);
}

static uint64_t reg(struct rig *r, unsigned n)
{
	return dgm_get(r->cpu, r->g->reg + n);
}

static void set_reg(struct rig *r, unsigned n, uint64_t v)
{
	dgm_set(r->cpu, r->g->reg + n, v);
}

static void restart(struct rig *r)
{
	dgm_set(r->cpu, r->g->sp, STACK);
	guest_begin(r->g, r->cpu, CODE);
}

static void load(struct rig *r)
{
	put_words(r, CODE, r->c.word, r->c.n);
	restart(r);
}

/* Runs, and says why it ended. */
static uint32_t run(struct rig *r, uint64_t max_insns)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	o.max_insns = max_insns;
	r->exit = DGM_INIT(dgm_exit);
	EXPECT(r, dgm_cpu_run(r->cpu, &o, &r->exit), DGM_OK);
	return r->exit.reason;
}

static dgm_id hook(struct rig *r, uint32_t kind, uint64_t lo, uint64_t hi, uint64_t *counter, dgm_hook_fn *fn)
{
	dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);
	dgm_id id = 0;

	h.kind = kind;
	h.lo = lo;
	h.hi = hi;
	h.counter = counter;
	h.fn = fn;
	h.ud = fn ? r : NULL;
	EXPECT(r, dgm_hook_add(r->vm, &h, &id), DGM_OK);
	return id;
}

/* r3 times: r5 = *r4 + 1; *r4 = r5. Six words; the system call is the last. */
static void counting(struct rig *r)
{
	c_load(&r->c, 5, 4, 0);
	c_addi(&r->c, 5, 5, 1);
	c_store(&r->c, 5, 4, 0);
	c_loop(&r->c, 3, 0);
	c_stop(&r->c);
	load(r);
	set_reg(r, 4, DATA);
}

typedef void test_fn(struct rig *r);

static void on_all(test_fn *test)
{
	for (unsigned g = 0; g < GUESTS; g++)
		for (unsigned t = 0; t < TIERS; t++) {
			struct rig r = { .g = &guests[g], .t = &tiers[t] };

			test(&r);
		}
}

static dgm_act note_pc(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct rig *r = ud;

	EXPECT(r, dgm_pc(cpu), e->pc);
	r->at[r->calls++ % 8] = e->pc;
	return DGM_CONT;
}

static dgm_act note_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct rig *r = ud;

	EXPECT(r, dgm_pc(cpu), f->pc);
	r->fault = *f;
	return DGM_RAISE;
}

static void pc_is_exact(struct rig *r)
{
	r->ops.fault = note_fault;
	rig_make(r);
	c_nop(&r->c);
	c_load(&r->c, 5, 4, 0);
	c_store(&r->c, 5, 4, 4);
	c_addi(&r->c, 6, 6, 1);
	c_load(&r->c, 5, 7, 0);
	c_stop(&r->c);
	load(r);
	set_reg(r, 4, DATA);
	set_reg(r, 6, 0);
	set_reg(r, 7, NOTHING);
	hook(r, DGM_HOOK_BLOCK, 0, 0, NULL, note_pc);
	hook(r, DGM_HOOK_READ, 0, 0, NULL, note_pc);
	hook(r, DGM_HOOK_WRITE, 0, 0, NULL, note_pc);
	EXPECT(r, run(r, 0), DGM_EXIT_FAULT);
	EXPECT(r, r->at[0], CODE);
	EXPECT(r, r->at[1], CODE + 4);
	EXPECT(r, r->at[2], CODE + 8);
	EXPECT(r, r->fault.pc, CODE + 16);
	EXPECT(r, r->exit.pc, CODE + 16);
	EXPECT(r, r->exit.info.pc, CODE + 16);
	EXPECT(r, r->exit.insns, 4);
	EXPECT(r, reg(r, 6), 1);
	rig_free(r);
}

Test(wishes, w01_pc_is_exact_in_callbacks_and_faults) { on_all(pc_is_exact); }

static void only_what_matches(struct rig *r)
{
	dgm_stats before = DGM_INIT(dgm_stats), after = DGM_INIT(dgm_stats);
	uint64_t stores = 0, elsewhere = 0;

	rig_make(r);
	counting(r);
	set_reg(r, 3, 100);
	hook(r, DGM_HOOK_INSN, CODE + 8, CODE + 12, &stores, NULL);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, stores, 100);
	EXPECT(r, dgm_vm_stats(r->vm, &before), DGM_OK);
	hook(r, DGM_HOOK_BLOCK, CODE + 2 * PAGE, CODE + 3 * PAGE, &elsewhere, NULL);
	restart(r);
	set_reg(r, 3, 100);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, dgm_vm_stats(r->vm, &after), DGM_OK);
	EXPECT(r, stores, 200);
	EXPECT(r, elsewhere, 0);
	EXPECT(r, after.invalidated, before.invalidated);
	EXPECT(r, after.units_baseline, before.units_baseline);
	rig_free(r);
}

Test(wishes, w02_hooks_cost_where_they_match) { on_all(only_what_matches); }

static void slices(struct rig *r)
{
	rig_make(r);
	counting(r);
	for (uint64_t n = 1; n <= 60; n++) {
		restart(r);
		set_reg(r, 3, 1000);
		EXPECT(r, run(r, n), DGM_EXIT_BUDGET);
		EXPECT(r, r->exit.insns, n);
		EXPECT(r, r->exit.pc, CODE + 4 * (n % 5));
	}
	rig_free(r);
}

Test(wishes, w03_time_slices_are_exact_and_say_why) { on_all(slices); }

static void *kick(void *cpu)
{
	dgm_cpu_kick(cpu, 4);
	return NULL;
}

static void stops(struct rig *r)
{
	pthread_t thread;

	rig_make(r);
	c_jump(&r->c, 0);
	load(r);
	dgm_cpu_kick(r->cpu, 1);
	dgm_cpu_kick(r->cpu, 2);
	EXPECT(r, run(r, 0), DGM_EXIT_KICK);
	EXPECT(r, r->exit.kick_bits, 3);
	EXPECT(r, r->exit.insns, 0);
	EXPECT(r, pthread_create(&thread, NULL, kick, r->cpu), 0);
	EXPECT(r, run(r, 0), DGM_EXIT_KICK);
	EXPECT(r, r->exit.kick_bits, 4);
	EXPECT(r, pthread_join(thread, NULL), 0);
	EXPECT(r, run(r, 10), DGM_EXIT_BUDGET);	/* reported is gone */
	rig_free(r);
}

Test(wishes, w04_a_stop_is_sticky_from_any_thread) { on_all(stops); }

static dgm_act other(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	((struct rig *)ud)->others++;
	return DGM_CONT;
}

static dgm_act replace(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct rig *r = ud;

	if (++r->calls == 10) {
		EXPECT(r, dgm_hook_del(r->vm, r->hook), DGM_OK);
		EXPECT(r, dgm_hook_del(r->vm, r->hook), DGM_E_NOENT);
		hook(r, DGM_HOOK_INSN, CODE + 8, CODE + 12, NULL, other);
	}
	return DGM_CONT;
}

static void changes(struct rig *r)
{
	rig_make(r);
	counting(r);
	set_reg(r, 3, 50);
	r->hook = hook(r, DGM_HOOK_INSN, CODE, CODE + 4, NULL, replace);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, r->calls, 10);
	EXPECT(r, r->others, 41);	/* of the tenth round as well */
	rig_free(r);
}

Test(wishes, w05_hooks_change_while_the_guest_runs) { on_all(changes); }

static dgm_act patch(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct rig *r = ud;
	struct code c = { .arch = r->g->arch };

	c_addi(&c, 6, 6, 100);
	if (++r->calls == 5)
		put_words(r, CODE + 8, c.word, 1);	/* two instructions ahead */
	return DGM_CONT;
}

static dgm_act patching_device(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	*value = 0;
	return patch(ud, cpu, NULL);
}

static void patches_by_device(struct rig *r)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = patching_device;
	rig_make(r);
	EXPECT(r, dgm_map_io(r->vm, DEVICE, 8, &io, r, NULL), DGM_OK);
	c_load(&r->c, 5, 4, 0);
	c_nop(&r->c);
	c_addi(&r->c, 6, 6, 1);
	c_loop(&r->c, 3, 0);
	c_stop(&r->c);
	load(r);
	set_reg(r, 4, DEVICE);
	set_reg(r, 3, 10);
	set_reg(r, 6, 0);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, r->calls, 10);
	EXPECT(r, reg(r, 6), 4 + 6 * 100);
	rig_free(r);
}

static void patches(struct rig *r)
{
	struct code c = { .arch = r->g->arch };

	rig_make(r);
	EXPECT(r, dgm_map_alias(r->vm, ALIAS, CODE_BYTES, CODE, NULL), DGM_OK);
	c_nop(&r->c);
	c_nop(&r->c);
	c_addi(&r->c, 6, 6, 1);
	c_loop(&r->c, 3, 0);
	c_stop(&r->c);
	load(r);
	set_reg(r, 3, 10);
	set_reg(r, 6, 0);
	r->hook = hook(r, DGM_HOOK_INSN, CODE, CODE + 4, NULL, patch);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, reg(r, 6), 4 + 6 * 100);
	EXPECT(r, dgm_hook_del(r->vm, r->hook), DGM_OK);
	c_addi(&c, 6, 6, 7);
	put_words(r, ALIAS + 8, c.word, 1);
	for (unsigned i = 0; i < 2; i++) {	/* by one address, then by the other */
		set_reg(r, 3, 10);
		set_reg(r, 6, 0);
		restart(r);
		dgm_set(r->cpu, r->g->pc, i ? ALIAS : CODE);
		EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
		EXPECT(r, reg(r, 6), 70);
	}
	uint8_t *view = dgm_mem_ptr(r->vm, CODE + 8, 4, DGM_R | DGM_W);
	cr_assert(view);
	c = (struct code){ .arch = r->g->arch };
	c_addi(&c, 6, 6, 9);
	order_put(r->g->big, c.word[0], view);
	EXPECT(r, dgm_mem_touched(r->vm, CODE + 8, 4), DGM_OK);
	set_reg(r, 3, 10);
	set_reg(r, 6, 0);
	restart(r);
	dgm_set(r->cpu, r->g->pc, ALIAS);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, reg(r, 6), 90);
	rig_free(r);
}

Test(wishes, w06_patched_code_is_never_stale)
{
	on_all(patches);
	on_all(patches_by_device);
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct rig *r = ud;

	r->at[r->calls % 8] = off;
	r->len[r->calls++ % 8] = len;
	*value = 0x1234;
	return off == 256 ? DGM_RAISE : DGM_CONT;
}

static void devices(struct rig *r)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = device_read;
	rig_make(r);
	EXPECT(r, dgm_map_io(r->vm, DEVICE, 260, &io, r, NULL), DGM_OK);
	c_load(&r->c, 5, 4, 8);
	c_load(&r->c, 6, 4, 256);
	c_stop(&r->c);
	load(r);
	set_reg(r, 4, DEVICE);
	set_reg(r, 6, 77);
	EXPECT(r, run(r, 0), DGM_EXIT_FAULT);
	EXPECT(r, reg(r, 5), 0x1234);
	EXPECT(r, reg(r, 6), 77);
	EXPECT(r, r->calls, 2);
	EXPECT(r, r->at[0], 8);
	EXPECT(r, r->len[0], 4);
	EXPECT(r, r->exit.info.cause, DGM_CAUSE_BUS);
	EXPECT(r, r->exit.pc, CODE + 4);
	set_reg(r, 4, DEVICE + 4);	/* its next byte is nobody's */
	EXPECT(r, run(r, 0), DGM_EXIT_FAULT);
	EXPECT(r, r->exit.info.cause, DGM_CAUSE_UNMAPPED);
	rig_free(r);
}

Test(wishes, w07_devices_of_any_size_see_exact_accesses_and_refuse) { on_all(devices); }

static dgm_act accept(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct rig *r = ud;

	dgm_cpu_irq(cpu, line, false);
	r->calls++;
	r->at[0] = dgm_insns(cpu);
	dgm_set(cpu, r->g->pc, CODE + PAGE);
	return DGM_CONT;
}

static uint64_t timer(void *ud, dgm_cpu *cpu, uint64_t now)
{
	struct rig *r = ud;

	if (now < 1000)
		return 1000;
	if (!r->others++)
		dgm_cpu_irq(cpu, 3, true);
	return UINT64_MAX;
}

static void interrupts(struct rig *r)
{
	struct code c = { .arch = r->g->arch };

	r->ops.irq_ack = accept;
	r->ops.next_event = timer;
	rig_make(r);
	c_jump(&r->c, 0);
	load(r);
	c_stop(&c);
	put_words(r, CODE + PAGE, c.word, c.n);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, r->calls, 1);
	EXPECT(r, r->at[0], 1000);	/* the same in every run */
	EXPECT(r, dgm_cpu_clock(r->cpu), 1000);
	rig_free(r);
}

Test(wishes, w08_interrupts_and_a_reproducible_clock) { on_all(interrupts); }

static void survives(struct rig *r)
{
	uint32_t seed = 1;

	rig_make(r);
	for (unsigned round = 0; round < 60; round++) {
		uint32_t word[32];

		for (unsigned i = 0; i < 32; i++) {
			seed = seed * 1664525 + 1013904223;
			word[i] = seed ^ seed >> 16;
		}
		put_words(r, CODE, word, 32);
		restart(r);
		(void)run(r, 100);
		EXPECT(r, r->exit.reason != DGM_EXIT_INTERNAL, true);
	}
	dgm_set(r->cpu, r->g->pc, NOTHING);
	EXPECT(r, run(r, 0), DGM_EXIT_FAULT);
	EXPECT(r, r->exit.info.access, DGM_X);
	EXPECT(r, dgm_vm_free(r->vm), DGM_E_BUSY);
	EXPECT(r, dgm_map_ram(r->vm, CODE, PAGE, 7, NULL, NULL), DGM_E_MAP);
	EXPECT(r, dgm_cpu_run(NULL, NULL, NULL), DGM_E_ARG);
	rig_free(r);
}

Test(wishes, w09_nothing_a_guest_or_caller_does_ends_the_host) { on_all(survives); }

enum { LITTLE = 1 << 16 };
#define NO_HOST_HAS_IT (UINT64_C(1) << 62)

/* More code than LITTLE holds, with a callback in each block. */
static void in_room_of(struct rig *r, uint64_t budget)
{
	enum { BLOCKS = 1000 };
	dgm_stats s = DGM_INIT(dgm_stats);

	r->ec.code_budget = budget;
	rig_make(r);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < BLOCKS; i++) {
			struct code c = { .arch = r->g->arch, .base = 3 * i };

			c_addi(&c, 6, 6, 1);
			if (i + 1 < BLOCKS)
				c_jump(&c, 3 * i + 3);
			else
				c_stop(&c);
			put_words(r, CODE + 12 * i, c.word, c.n);
		}
		if (!round)
			hook(r, DGM_HOOK_BLOCK, 0, 0, NULL, note_pc);
		restart(r);
		set_reg(r, 6, 0);
		EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
		EXPECT(r, reg(r, 6), BLOCKS);
		EXPECT(r, r->calls, (round + 1) * BLOCKS);
	}
	EXPECT(r, dgm_vm_stats(r->vm, &s), DGM_OK);
	EXPECT(r, s.code_used <= budget, true);
	bool makes_code = !(r->t->flags & DGM_INTERP_ONLY);
	EXPECT(r, s.flushes > 0, budget == LITTLE);
	EXPECT(r, s.jit_refused, makes_code && budget == NO_HOST_HAS_IT);
	rig_free(r);
}

Test(wishes, w10_little_or_no_executable_memory_will_do)
{
	for (unsigned i = 0; i < 4 * GUESTS; i++) {	/* with LLVM each block would take milliseconds */
		struct rig r = { .g = &guests[i / 4], .t = &tiers[i % 2] };

		in_room_of(&r, i & 2 ? LITTLE : NO_HOST_HAS_IT);
	}
}

static void says_why(struct rig *r)
{
	dgm_error e = DGM_INIT(dgm_error);

	rig_make(r);
	c_store(&r->c, 5, 4, 8);
	load(r);
	set_reg(r, 4, NOTHING);
	EXPECT(r, run(r, 0), DGM_EXIT_FAULT);
	EXPECT(r, r->exit.info.va, NOTHING + 8);
	EXPECT(r, r->exit.info.pa, NOTHING + 8);
	EXPECT(r, r->exit.info.len, 4);
	EXPECT(r, r->exit.info.access, DGM_W);
	EXPECT(r, r->exit.info.cause, DGM_CAUSE_UNMAPPED);
	EXPECT(r, r->exit.info.opcode, r->c.word[0]);
	EXPECT(r, dgm_protect(r->vm, NOTHING, PAGE, DGM_R), DGM_E_MAP);
	EXPECT(r, dgm_last_error(&e), DGM_OK);
	EXPECT(r, e.status, DGM_E_MAP);
	cr_assert(strlen(e.msg) > 10 && *dgm_strerror(DGM_E_MAP));
	rig_free(r);
}

Test(wishes, w11_errors_and_faults_say_what_where_and_why) { on_all(says_why); }

static void *run_second(void *arg)
{
	struct rig *r = arg;
	dgm_exit exit = DGM_INIT(dgm_exit);

	if (dgm_cpu_run(r->second, NULL, &exit))
		exit.reason = 0;
	r->value = exit.reason;
	return NULL;
}

static void several(struct rig *r)
{
	dgm_stats before = DGM_INIT(dgm_stats), after = DGM_INIT(dgm_stats);
	pthread_t thread;

	rig_make(r);
	counting(r);
	set_reg(r, 3, 3000);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, dgm_vm_stats(r->vm, &before), DGM_OK);
	EXPECT(r, dgm_cpu_new(r->vm, &r->second), DGM_OK);
	restart(r);
	set_reg(r, 3, 3000);
	EXPECT(r, dgm_cpu_copy(r->second, r->cpu), DGM_OK);
	dgm_set(r->second, r->g->reg + 4, DATA + 256);
	EXPECT(r, pthread_create(&thread, NULL, run_second, r), 0);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, pthread_join(thread, NULL), 0);
	EXPECT(r, r->value, DGM_EXIT_SYSCALL);
	EXPECT(r, word_at(r, DATA), 6000);
	EXPECT(r, word_at(r, DATA + 256), 3000);
	EXPECT(r, dgm_vm_stats(r->vm, &after), DGM_OK);
	EXPECT(r, after.units_baseline, before.units_baseline);	/* translated once for both */
	EXPECT(r, after.units_llvm, before.units_llvm);
	EXPECT(r, dgm_cpu_free(r->second), DGM_OK);
	rig_free(r);
}

Test(wishes, w12_vcpus_on_threads_share_memory_and_translations) { on_all(several); }

static dgm_status save(void *ud, dgm_stream *out)
{
	return out->io(out->ud, &((struct rig *)ud)->value, 8) ? DGM_E_FORMAT : DGM_OK;
}

static dgm_status restore(void *ud, dgm_stream *in)
{
	return in->io(in->ud, &((struct rig *)ud)->value, 8) ? DGM_E_FORMAT : DGM_OK;
}

static void snapshots(struct rig *r)
{
	struct tape tape = { 0 };
	struct rig to = { .g = r->g, .t = r->t };
	dgm_stream out = tape_writer(&tape), in = tape_reader(&tape);
	dgm_snap *snap;

	r->ops.save = to.ops.save = save;
	r->ops.load = to.ops.load = restore;
	rig_make(r);
	rig_make(&to);
	EXPECT(r, dgm_map_alias(r->vm, ALIAS, PAGE, DATA, NULL), DGM_OK);
	counting(r);
	set_reg(r, 4, ALIAS);		/* written by one address, kept once */
	set_reg(r, 3, 100);
	r->value = 42;
	EXPECT(r, run(r, 52), DGM_EXIT_BUDGET);
	EXPECT(r, dgm_snap_take(r->vm, &snap), DGM_OK);
	EXPECT(r, dgm_snap_save(snap, &out), DGM_OK);
	for (unsigned i = 0; i < 3; i++) {
		r->value = 0;
		EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
		EXPECT(r, word_at(r, DATA), 100);
		EXPECT(r, dgm_unmap(r->vm, ALIAS, PAGE), DGM_OK);
		EXPECT(r, dgm_snap_restore(r->vm, snap), DGM_OK);
		EXPECT(r, word_at(r, DATA), 10);
		EXPECT(r, word_at(r, ALIAS), 10);
		EXPECT(r, dgm_insns(r->cpu), 52);
		EXPECT(r, r->value, 42);
	}
	dgm_snap_free(snap);
	EXPECT(r, dgm_snap_load(to.vm, &in, &snap), DGM_OK);
	EXPECT(r, dgm_snap_restore(to.vm, snap), DGM_OK);
	EXPECT(r, to.value, 42);
	EXPECT(r, run(&to, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, word_at(&to, DATA), 100);
	EXPECT(r, word_at(&to, ALIAS), 100);
	dgm_snap_free(snap);
	free(tape.p);
	rig_free(&to);
	rig_free(r);
}

Test(wishes, w13_snapshots_are_whole_cheap_and_portable) { on_all(snapshots); }

static dgm_act skip(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	((struct rig *)ud)->calls++;
	return DGM_SKIP;
}

static dgm_act emulate(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct rig *r = ud;

	EXPECT(r, f->opcode, r->g->illegal);
	set_reg(r, 8, 55);
	return DGM_SKIP;
}

static dgm_act sysreg(void *ud, dgm_cpu *cpu, uint32_t id, bool write, uint64_t *value)
{
	*value = 0x7788;
	return write ? DGM_RAISE : DGM_CONT;
}

static void any_instruction(struct rig *r)
{
	dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);

	r->ops.illegal = emulate;
	r->ops.sysreg = sysreg;
	rig_make(r);
	c_addi(&r->c, 6, 6, 1);
	c_store(&r->c, 6, 4, 0);
	put(&r->c, r->g->illegal, r->g->illegal, r->g->illegal);
	put(&r->c, r->g->privileged, r->g->privileged, r->g->privileged);
	c_stop(&r->c);
	load(r);
	set_reg(r, 4, DATA);
	h.kind = DGM_HOOK_INSN;		/* stores of this form */
	h.insn_mask = 0xffc00000;
	h.insn_bits = r->c.word[1] & h.insn_mask;
	h.fn = skip;
	h.ud = r;
	EXPECT(r, dgm_hook_add(r->vm, &h, NULL), DGM_OK);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, r->calls, 1);
	EXPECT(r, word_at(r, DATA), 0);
	EXPECT(r, reg(r, 8), 55);
	EXPECT(r, reg(r, 3), 0x7788);
	rig_free(r);
}

Test(wishes, w14_any_instruction_can_be_hooked_or_replaced) { on_all(any_instruction); }

static void leaves_nothing(struct rig *r)
{
	static struct stock s;

	s = (struct stock){ 1 << 30, 0 };
	r->ec.alloc = stingy;
	r->ec.alloc_ud = &s;
	for (unsigned i = 0; i < 20; i++) {
		struct rig once = *r;
		dgm_snap *snap;

		rig_make(&once);
		counting(&once);
		set_reg(&once, 3, 10);
		hook(&once, DGM_HOOK_BLOCK, 0, 0, NULL, other);
		EXPECT(r, dgm_snap_take(once.vm, &snap), DGM_OK);
		EXPECT(r, run(&once, 0), DGM_EXIT_SYSCALL);
		EXPECT(r, dgm_snap_restore(once.vm, snap), DGM_OK);
		dgm_snap_free(snap);
		rig_free(&once);
		EXPECT(r, s.live, 0);
	}
}

Test(wishes, w15_instances_come_and_go_without_leaks) { on_all(leaves_nothing); }

static dgm_act calls_back(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	struct rig *r = ud;
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t args[2] = { 30, 12 }, ret = 0;
	uint64_t before = reg(r, 6);

	o.max_insns = 1;
	EXPECT(r, dgm_cpu_call(cpu, CODE + PAGE, args, 2, &o, NULL, &exit), DGM_OK);
	EXPECT(r, exit.reason, DGM_EXIT_BUDGET);	/* its own, not this run's */
	set_reg(r, 6, before);
	dgm_set(cpu, r->g->pc, call->pc + 4);
	EXPECT(r, dgm_cpu_call(cpu, CODE + PAGE, args, 2, NULL, &ret, &exit), DGM_OK);
	EXPECT(r, exit.reason, DGM_EXIT_RETURN);
	EXPECT(r, reg(r, 6), before);
	r->value = ret;
	return DGM_STOP;
}

static void calls(struct rig *r)
{
	struct code c = { .arch = r->g->arch };
	unsigned a = r->g->arch == DGM_ARCH_PPC32 ? 3 : 0;

	r->ops.syscall = calls_back;
	rig_make(r);
	c_addi(&r->c, 6, 6, 1);
	c_stop(&r->c);
	load(r);
	c_addi(&c, 6, 6, 9);
	c_add(&c, a, a, a + 1);
	put(&c, r->g->back, r->g->back, r->g->back);
	put_words(r, CODE + PAGE, c.word, c.n);
	EXPECT(r, run(r, 1000), DGM_EXIT_MODEL);
	EXPECT(r, r->value, 42);
	EXPECT(r, r->exit.pc, CODE + 8);
	rig_free(r);
}

Test(wishes, w16_host_and_guest_call_each_other) { on_all(calls); }

static void apart(struct rig *r)
{
	struct rig second = { .g = &guests[(r->g - guests + 1) % GUESTS], .t = r->t };

	rig_make(r);
	rig_make(&second);		/* an engine of its own, another guest */
	counting(r);
	counting(&second);
	set_reg(r, 3, 10);
	set_reg(&second, 3, 20);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, run(&second, 0), DGM_EXIT_SYSCALL);
	EXPECT(r, word_at(r, DATA), 10);
	EXPECT(r, word_at(&second, DATA), 20);
	EXPECT(r, (uintptr_t)dlsym(RTLD_DEFAULT, "LLVMContextCreate"), 0);	/* also when it was opened */
	rig_free(&second);
	rig_free(r);
}

Test(wishes, w17_no_symbols_or_state_are_shared_with_the_host) { on_all(apart); }

static void signals(struct rig *r)
{
	struct sigaction before[32], after;
	sigset_t mask, masked;

	for (int s = 1; s < 32; s++)
		sigaction(s, NULL, &before[s]);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	rig_make(r);
	counting(r);
	set_reg(r, 3, 10);
	EXPECT(r, run(r, 0), DGM_EXIT_SYSCALL);
	rig_free(r);
	for (int s = 1; s < 32; s++) {
		sigaction(s, NULL, &after);
		EXPECT(r, after.sa_flags, before[s].sa_flags);
		EXPECT(r, (uintptr_t)after.sa_sigaction, (uintptr_t)before[s].sa_sigaction);
	}
	sigprocmask(SIG_BLOCK, NULL, &masked);
	EXPECT(r, memcmp(&mask, &masked, sizeof mask), 0);
}

Test(wishes, w18_signal_handlers_stay_the_hosts) { on_all(signals); }

static void frozen(struct rig *r)
{
	dgm_reg_info info = DGM_INIT(dgm_reg_info);
	dgm_engine *none;
	struct {
		dgm_exit exit;
		uint8_t behind[16];
	} old;

	rig_make(r);
	EXPECT(r, dgm_engine_new(NULL, DGM_ABI + 1, &none), DGM_E_ABI);
	for (uint32_t i = 0; !dgm_reg_enum(r->vm, i, &info); i++) {
		uint8_t value[16];

		EXPECT(r, dgm_reg_read(r->cpu, info.id, value, (info.bits + 7) / 8), DGM_OK);
		EXPECT(r, dgm_reg_read(r->cpu, info.id, value, (info.bits + 7) / 8 + 1), DGM_E_SIZE);
		cr_assert(info.name && *info.name);
	}
	c_stop(&r->c);
	load(r);
	memset(&old, 0xa5, sizeof old);	/* a caller of headers with less in them */
	old.exit.size = offsetof(dgm_exit, info);
	EXPECT(r, dgm_cpu_run(r->cpu, NULL, &old.exit), DGM_OK);
	EXPECT(r, old.exit.reason, DGM_EXIT_SYSCALL);
	for (size_t i = offsetof(dgm_exit, info); i < sizeof old; i++)
		EXPECT(r, ((uint8_t *)&old)[i], 0xa5);
	rig_free(r);
}

Test(wishes, w19_abi_and_register_ids_do_not_drift)
{
	on_all(frozen);
	cr_assert(DGM_PPC_PC == 0x10100 && DGM_A64_PC == 0x20100 && DGM_ARM_PC == 0x3000f);
}

struct pool {
	void (*job[64])(void *);
	void *arg[64];
	unsigned n;
};

static bool submit(void *ud, void (*job)(void *arg), void *arg)
{
	struct pool *p = ud;

	if (p->n == 64)
		return false;
	p->job[p->n] = job;
	p->arg[p->n++] = arg;
	return true;
}

/* Compiled by threads of the host, whenever they care; the guest runs meanwhile, and every tier is metered. */
static void pooled(struct rig *r)
{
	static struct pool p;
	dgm_stats s = DGM_INIT(dgm_stats);

	p.n = 0;
	r->ec.submit = submit;
	r->ec.submit_ud = &p;
	r->ec.hot_threshold = 50;
	rig_make(r);
	counting(r);
	set_reg(r, 3, 1u << 30);
	EXPECT(r, run(r, 5001), DGM_EXIT_BUDGET);	/* not waiting for anybody */
	EXPECT(r, p.n > 0, true);
	EXPECT(r, dgm_vm_stats(r->vm, &s), DGM_OK);
	EXPECT(r, s.units_llvm, 0);
	for (unsigned i = 0; i < p.n; i++)
		p.job[i](p.arg[i]);
	p.n = 0;
	EXPECT(r, dgm_vm_stats(r->vm, &s), DGM_OK);
	EXPECT(r, s.units_llvm > 0 || s.llvm_missing, true);
	EXPECT(r, run(r, 777777), DGM_EXIT_BUDGET);
	EXPECT(r, r->exit.insns, 777777);
	EXPECT(r, dgm_insns(r->cpu), 5001 + 777777);
	for (unsigned i = 0; i < p.n; i++)
		p.job[i](p.arg[i]);
	rig_free(r);
}

Test(wishes, w20_hot_code_is_compiled_aside_and_still_metered)
{
	static const struct tier both = { "tier-up", 0 };

	for (unsigned i = 0; i < GUESTS; i++) {
		struct rig r = { .g = &guests[i], .t = &both };

		pooled(&r);
	}
}
