/*
 * Bare-metal programs on each guest and each tier: calls from the host, interrupts from threads, timers, waiting,
 * devices with exact widths, faults in the middle of instructions, code that changes, budgets of every length, locks.
 */
#include "machine.h"

#include <pthread.h>
#include <time.h>

#define EVERYWHERE(m, options) \
	FOR_EACH_GUEST(g_) FOR_EACH_TIER(t_) \
		for (struct machine *m = machine_make(g_, t_, options); m; machine_free(m), m = NULL)

Test(bare, functions_of_the_guest_are_called)
{
	EVERYWHERE(m, NULL) {
		uint64_t before = registers(m);

		EXPECT(m, CALL(m, add_many, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 55);
		EXPECT(m, CALL(m, add_many, 0, 0, 0, 0, 0, 0, 0, 0, 7, 11), 173);
		EXPECT(m, registers(m), before);
		/* And from a callback in the middle of one. */
		EXPECT(m, CALL(m, call_back, 1, 2), 1 + 2 * 2 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100 + 3 + 10);
		EXPECT(m, m->host_calls, 1);
		/* A budget ends it where it is, and it can go on. */
		dgm_run_opts opts = DGM_INIT(dgm_run_opts);
		uint64_t n = 100;
		opts.max_insns = 50;
		EXPECT(m, dgm_cpu_call(m->cpu, entry_of(FN_work), &n, 1, &opts, NULL, &m->exit), DGM_OK);
		EXPECT(m, m->exit.reason, DGM_EXIT_BUDGET);
		EXPECT(m, m->exit.insns, 50);
	}
}

Test(bare, calls_can_be_wrong)
{
	EVERYWHERE(m, NULL) {
		uint64_t args[33] = { 0 };

		EXPECT(m, dgm_cpu_call(m->cpu, IMAGE, args, 33, NULL, NULL, NULL), DGM_E_ARG);
		EXPECT(m, dgm_cpu_call(m->cpu, IMAGE, NULL, 1, NULL, NULL, NULL), DGM_E_ARG);
		dgm_set(m->cpu, m->guest->sp, HOLE + 0x4000);
		uint64_t before = registers(m);
		EXPECT(m, dgm_cpu_call(m->cpu, IMAGE, args, 10, NULL, NULL, NULL), DGM_E_FAULT);
		EXPECT(m, registers(m), before);
		/* A function that is not there. */
		dgm_set(m->cpu, m->guest->sp, STACK_TOP);
		EXPECT(m, dgm_cpu_call(m->cpu, HOLE + 0x4000, args, 1, NULL, NULL, &m->exit), DGM_OK);
		EXPECT(m, m->exit.reason, DGM_EXIT_FAULT);
		EXPECT(m, m->exit.pc, HOLE + 0x4000);
	}
}

/* ---- interrupts ---- */

enum { KEYS = 40 };

static void pause_a_little(void)
{
	struct timespec t = { 0, 20000 };

	nanosleep(&t, NULL);
}

/* Types KEYS characters, each when the guest has seen the one before. */
static void *keyboard(void *ud)
{
	struct machine *m = ud;

	for (uint32_t i = 0; i < KEYS; i++) {
		while (peek(m, SEEN) != i)
			pause_a_little();
		atomic_store(&m->character, i + 1);
		dgm_cpu_irq(m->cpu, 0, true);
	}
	return NULL;
}

Test(bare, interrupts_from_a_thread, .timeout = 120)
{
	EVERYWHERE(m, NULL) {
		pthread_t thread;

		cr_assert(!pthread_create(&thread, NULL, keyboard, m));
		EXPECT(m, CALL(m, count_until_seen, KEYS), 1);
		pthread_join(thread, NULL);
		EXPECT(m, peek(m, SEEN), KEYS);
		EXPECT(m, peek(m, SUM), KEYS * (KEYS + 1) / 2);
		EXPECT(m, dgm_cpu_irqs(m->cpu), 0);
	}
}

Test(bare, waiting_for_interrupts, .timeout = 120)
{
	EVERYWHERE(m, NULL) {
		pthread_t thread;

		cr_assert(!pthread_create(&thread, NULL, keyboard, m));
		CALL(m, wait_for, KEYS);
		pthread_join(thread, NULL);
		EXPECT(m, peek(m, SUM), KEYS * (KEYS + 1) / 2);
		EXPECT(m, m->idles > 0, true);
	}
}

Test(bare, masked_interrupts_stay)
{
	EVERYWHERE(m, NULL) {
		atomic_store(&m->character, 5);
		dgm_cpu_irq(m->cpu, 0, true);
		EXPECT(m, CALL(m, masked, 0), 1);	/* none before, one at once when they are allowed */
		EXPECT(m, peek(m, SUM), 5);
		EXPECT(m, CALL(m, masked, 0), 1u << 16 | 1);
		/* Lines above the last are ignored, a line that goes low again was nothing. */
		dgm_cpu_irq(m->cpu, DGM_IRQ_LINES, true);
		dgm_cpu_irq(m->cpu, 3, true);
		EXPECT(m, dgm_cpu_irqs(m->cpu), 8);
		dgm_cpu_irq(m->cpu, 3, false);
		EXPECT(m, CALL(m, masked, 0), 1u << 16 | 1);
	}
}

Test(bare, halts_without_idle)
{
	static const struct options options = { .no_idle = true };

	EVERYWHERE(m, &options) {
		begin(m, FN_wait_for, 1, (uint64_t[]){ 2 });
		for (uint32_t i = 0; i < 2; i++) {
			go(m, 0);
			EXPECT(m, m->exit.reason, DGM_EXIT_HALT);
			EXPECT(m, peek(m, SEEN), i);
			atomic_store(&m->character, 1);
			dgm_cpu_irq(m->cpu, 0, true);
		}
		go(m, 0);
		EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
		EXPECT(m, peek(m, SEEN), 2);
		/* A kick while it waits; waiting goes on afterwards. */
		begin(m, FN_wait_for, 1, (uint64_t[]){ 3 });
		dgm_cpu_wait(m->cpu);
		dgm_cpu_kick(m->cpu, 4);
		go(m, 0);
		EXPECT(m, m->exit.reason, DGM_EXIT_KICK);
		EXPECT(m, m->exit.insns, 0);
		go(m, 0);
		EXPECT(m, m->exit.reason, DGM_EXIT_HALT);
		EXPECT(m, m->exit.insns, 0);
	}
}

/* ---- time ---- */

static void timer_everywhere(const struct options *options, uint64_t slice)
{
	EVERYWHERE(m, options) {
		m->due = 1000;
		m->period = 997;
		begin(m, FN_unmask_then_count, 1, (uint64_t[]){ 30 });
		do
			go(m, slice);
		while (m->exit.reason == DGM_EXIT_BUDGET);
		EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
		EXPECT(m, peek(m, TICKS), 30);
		EXPECT(m, m->n_taken, 30);
		for (unsigned i = 0; i < 30; i++)
			EXPECT(m, m->taken_at[i], 1000 + 997 * i);
	}
}

Test(bare, timers_are_exact, .timeout = 60)
{
	static const struct options slow = { .clock_num = 3, .clock_den = 7 };

	timer_everywhere(NULL, 0);
	timer_everywhere(&slow, 0);
}

Test(bare, timers_are_exact_across_budgets, .timeout = 60)
{
	timer_everywhere(NULL, 37);
}

Test(bare, time_is_the_same_in_every_run, .timeout = 60)
{
	static const uint64_t slices[] = { 0, 1, 2, 3, 37 };
	uint32_t want[8] = { 0 };	/* by guest: what the first run gave */

	for (unsigned i = 0; i < sizeof slices / sizeof *slices; i++)
		EVERYWHERE(m, NULL) {
			uint32_t *w = &want[m->guest - guests];

			begin(m, FN_times, 1, (uint64_t[]){ 50 });
			do
				go(m, slices[i]);
			while (m->exit.reason == DGM_EXIT_BUDGET);
			EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
			*w = *w ? *w : (uint32_t)result(m);
			EXPECT(m, (uint32_t)result(m), *w);
		}
}

Test(bare, the_clock_jumps_while_nothing_happens)
{
	static const struct options options = { .no_idle = true };
	static const struct options *const both[] = { NULL, &options };

	for (unsigned i = 0; i < 2; i++)
		EVERYWHERE(m, both[i]) {
			m->due = m->period = 1000000000;
			m->timer_line = 0;
			m->character = 1;
			EXPECT(m, CALL(m, wait_for, 5) >= 5, true);
			EXPECT(m, peek(m, SEEN), 5);
			for (unsigned k = 0; k < 5; k++)
				EXPECT(m, m->taken_at[k], 1000000000ull * (k + 1));
			EXPECT(m, m->exit.insns < 2000, true);
			EXPECT(m, m->idles > 0, i == 0);
		}
}

/* ---- registers of the machine ---- */

Test(bare, system_registers)
{
	EVERYWHERE(m, NULL) {
		EXPECT(m, CALL(m, system_registers, 41), 42);
		EXPECT(m, m->scratch, 41);
		EXPECT(m, CALL(m, system_registers, 0xfffffff0), 0xfffffff1);
	}
}

/* ---- devices and memory ---- */

Test(bare, devices_see_exact_widths)
{
	static const struct {
		uint32_t off, len;
		uint64_t value;
		bool write;
	} want[] = {
		{ 1, 1, 0x11, true }, { 2, 2, 0x2222, true }, { 4, 4, 0x33333333, true }, { 3, 1, 0xf1, false },
		{ 6, 2, 0xf1f2, false }, { 8, 4, 0xf1f2f3f4, false }, { 12, 1, 0xf1, false }, { 14, 2, 0xf1f2, false },
		{ 16, 8, 0x5555555566666666, true }, { 24, 8, 0xf1f2f3f4f5f6f7f8, false },
	};

	EVERYWHERE(m, NULL) {
		uint32_t sum = 0xf1 + 0xf1f2 + 0xf1f2f3f4 + 0xfffffff1 + 0xfffff1f2;
		unsigned n = m->guest->word == 8 ? 10 : 8;

		EXPECT(m, (uint32_t)CALL(m, widths, 0), sum + (n == 10 ? 0xf5f6f7f8 : 0));
		EXPECT(m, m->n_log, n);
		for (unsigned i = 0; i < n; i++) {
			EXPECT(m, m->log[i].off, WIDTHS + want[i].off);
			EXPECT(m, m->log[i].len, want[i].len);
			EXPECT(m, m->log[i].value, want[i].value);
			EXPECT(m, m->log[i].write, want[i].write);
		}
	}
}

Test(bare, a_device_ends_the_run_behind_its_store)
{
	uint64_t insns = 0, pc = 0;

	EVERYWHERE(m, NULL) {
		begin(m, FN_powered, 0, NULL);
		go(m, 0);
		EXPECT(m, m->exit.reason, DGM_EXIT_MODEL);
		EXPECT(m, m->n_log, 1);
		insns = m->tier == tiers ? m->exit.insns : insns;
		pc = m->tier == tiers ? m->exit.pc : pc;
		EXPECT(m, m->exit.insns, insns);
		EXPECT(m, m->exit.pc, pc);
		go(m, 0);
		EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
		EXPECT(m, m->n_log, 1);
		EXPECT(m, result(m), 77);
	}
}

/* The access crosses into a page that is not there: after two words, or two registers of AArch64. */
Test(bare, faults_in_the_middle_of_many_registers)
{
	uint64_t at_fault = 0, insns = 0;

	for (int store = 0; store < 2; store++)
		EVERYWHERE(m, NULL) {
			const struct guest *g = m->guest;
			uint64_t at = HOLE + 0x1000 - 2 * g->word;

			for (unsigned i = 0; i < g->n_many; i++)
				dgm_set(m->cpu, g->many + i, 0x500 + i);
			for (unsigned i = 0; i < 64; i++)
				poke(m, HOLE + 0xf00 + 4 * i, 0xab00 + i);
			begin(m, store ? FN_store_many : FN_load_many, 1, &at);
			go(m, 0);
			EXPECT(m, m->exit.reason, DGM_EXIT_FAULT);
			EXPECT(m, m->fault.va, HOLE + 0x1000);
			EXPECT(m, m->fault.pc, m->exit.pc);
			EXPECT(m, m->fault.access, store ? DGM_W : DGM_R);
			EXPECT(m, m->fault.cause, DGM_CAUSE_UNMAPPED);
			EXPECT(m, dgm_get(m->cpu, g->arg), at);
			if (m->tier == tiers) {
				at_fault = registers(m);
				insns = m->exit.insns;
			}
			EXPECT(m, registers(m), at_fault);
			EXPECT(m, m->exit.insns, insns);
			m->map_on_fault = true;
			go(m, 0);
			EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
			EXPECT(m, m->faults, 2);
			if (store)
				EXPECT(m, peek(m, g->big ? at + g->word - 4 : at), 0x500);
			if (store)
				EXPECT(m, peek(m, HOLE + 0x1000), 0x502);
			if (!store && g->arch != DGM_ARCH_ARM)	/* ARM's function restores its registers */
				EXPECT(m, (uint32_t)dgm_get(m->cpu, g->many + 2), 0x1000);
		}
}

Test(bare, code_that_changes, .timeout = 60)
{
	enum { ROUNDS = 40, CODE = SHARED + 0x1000, PLACE = SHARED + 0x2000 };
	uint32_t want = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		for (unsigned k = 0; k < 20; k++)
			want = want * 3 + (i & 1 ? 9 : 5);
	EVERYWHERE(m, NULL) {
		for (unsigned i = 0; i < 2 * ROUNDS; i++)
			poke(m, CODE + 4 * i, m->guest->code[i / 2 & 1][i & 1]);
		EXPECT(m, (uint32_t)CALL(m, patched, CODE, ROUNDS, PLACE, m->guest->code_bits), want);
	}
}

/* ---- how runs end ---- */

enum { LONGEST = 1000 };

Test(bare, budgets_of_every_length, .timeout = 200)
{
	static uint64_t pcs[LONGEST + 1], hashes[LONGEST + 1];

	EVERYWHERE(m, NULL) {
		if (m->tier == tiers) {		/* the reference: one by one */
			begin(m, FN_work, 1, (uint64_t[]){ 100 });
			for (unsigned i = 1; i <= LONGEST; i++) {
				go(m, 1);
				EXPECT(m, m->exit.insns, 1);
				pcs[i] = m->exit.pc;
				hashes[i] = registers(m);
			}
		}
		for (unsigned i = 1; i <= LONGEST; i++) {
			begin(m, FN_work, 1, (uint64_t[]){ 100 });
			go(m, i);
			EXPECT(m, m->exit.reason, DGM_EXIT_BUDGET);
			EXPECT(m, m->exit.insns, i);
			EXPECT(m, m->exit.pc, pcs[i]);
		}
		/* Registers too, from machines in their first state: above, earlier runs have left theirs. */
		for (unsigned i = 1; i <= LONGEST; i += 97) {
			struct machine *fresh = machine_make(m->guest, m->tier, NULL);

			begin(fresh, FN_work, 1, (uint64_t[]){ 100 });
			go(fresh, i);
			EXPECT(fresh, registers(fresh), hashes[i]);
			machine_free(fresh);
		}
	}
}

Test(bare, runs_to_one_of_thousands_of_addresses, .timeout = 60)
{
	enum { MANY = 5000 };
	static uint64_t until[MANY + 1];

	EVERYWHERE(m, NULL) {
		dgm_run_opts opts = DGM_INIT(dgm_run_opts);

		for (unsigned i = 0; i < MANY; i++)
			until[i] = 0x40000000 + (uint64_t)(i * 7919 % MANY) * 4;
		until[MANY] = STOP_AT;
		opts.until = until;
		opts.n_until = MANY + 1;
		for (int i = 0; i < 20; i++) {
			begin(m, FN_work, 1, (uint64_t[]){ 100 });
			EXPECT(m, dgm_cpu_run(m->cpu, &opts, &m->exit), DGM_OK);
			EXPECT(m, m->exit.reason, DGM_EXIT_UNTIL);
			EXPECT(m, m->exit.pc, STOP_AT);
		}
		until[MANY - 3] = entry_of(FN_work);
		begin(m, FN_work, 1, (uint64_t[]){ 100 });
		EXPECT(m, dgm_cpu_run(m->cpu, &opts, &m->exit), DGM_OK);	/* not where it starts */
		EXPECT(m, m->exit.pc, STOP_AT);
	}
}

static void *kicker(void *ud)
{
	struct machine *m = ud;

	for (unsigned i = 0; i < 3; i++) {
		pause_a_little();
		dgm_cpu_kick(m->cpu, 1u << i);
	}
	return NULL;
}

Test(bare, kicks_and_deadlines_end_a_loop, .timeout = 60)
{
	EVERYWHERE(m, NULL) {
		dgm_run_opts opts = DGM_INIT(dgm_run_opts);
		pthread_t thread;
		uint32_t bits = 0;

		begin(m, FN_spin, 0, NULL);
		cr_assert(!pthread_create(&thread, NULL, kicker, m));
		while (bits != 7) {
			go(m, 0);
			EXPECT(m, m->exit.reason, DGM_EXIT_KICK);
			bits |= m->exit.kick_bits;
		}
		pthread_join(thread, NULL);
		struct timespec t0, t1;
		opts.timeout_ns = 3000000;
		clock_gettime(CLOCK_MONOTONIC, &t0);
		EXPECT(m, dgm_cpu_run(m->cpu, &opts, &m->exit), DGM_OK);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		EXPECT(m, m->exit.reason, DGM_EXIT_DEADLINE);
		EXPECT(m, (t1.tv_sec - t0.tv_sec) * 1000000000 + t1.tv_nsec - t0.tv_nsec >= 3000000, true);
	}
}

/* What was compiled ahead is not translated again, and runs as always. */
Test(bare, code_compiled_ahead)
{
	EVERYWHERE(m, NULL) {
		uint64_t pcs[] = { entry_of(FN_add_many), entry_of(FN_work), HOLE + 0x8000 };
		dgm_stats before = DGM_INIT(dgm_stats), after = DGM_INIT(dgm_stats);

		EXPECT(m, dgm_code_precompile(m->cpu, pcs, 3), DGM_OK);
		EXPECT(m, dgm_vm_stats(m->vm, &before), DGM_OK);
		EXPECT(m, before.units_interp, m->tier->flags & DGM_INTERP_ONLY ? 2 : 0);
		EXPECT(m, before.units_baseline, m->tier->flags & DGM_INTERP_ONLY ? 0 : 2);
		EXPECT(m, before.units_llvm, m->tier->flags & DGM_HOT_AT_ONCE ? 2 : 0);
		EXPECT(m, dgm_code_precompile(m->cpu, pcs, 3), DGM_OK);
		EXPECT(m, dgm_vm_stats(m->vm, &after), DGM_OK);
		EXPECT(m, after.units_llvm + after.units_baseline + after.units_interp,
		       before.units_llvm + before.units_baseline + before.units_interp);
		EXPECT(m, CALL(m, add_many, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 55);
		EXPECT(m, dgm_code_precompile(NULL, pcs, 1), DGM_E_ARG);
		EXPECT(m, dgm_code_precompile(m->cpu, NULL, 1), DGM_E_ARG);
	}
}

/* ---- two vCPUs ---- */

static void *second(void *ud)
{
	struct machine *m = ud;
	dgm_cpu *cpu = NULL;
	uint64_t n = 20000;
	dgm_exit exit = DGM_INIT(dgm_exit);

	EXPECT(m, dgm_cpu_new(m->vm, &cpu), DGM_OK);
	dgm_set(cpu, m->guest->sp, STACK_TOP - 0x8000);
	EXPECT(m, dgm_cpu_call(cpu, entry_of(FN_locked), &n, 1, NULL, NULL, &exit), DGM_OK);
	EXPECT(m, exit.reason, DGM_EXIT_RETURN);
	EXPECT(m, dgm_cpu_free(cpu), DGM_OK);
	return NULL;
}

Test(bare, two_vcpus_with_a_lock, .timeout = 120)
{
	EVERYWHERE(m, NULL) {
		pthread_t thread;

		cr_assert(!pthread_create(&thread, NULL, second, m));
		CALL(m, locked, 20000);
		pthread_join(thread, NULL);
		EXPECT(m, peek(m, COUNTER), 40000);
	}
}
