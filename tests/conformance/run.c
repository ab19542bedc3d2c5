/* Running: addresses to stop at, budgets, kicks, deadlines, nesting, tiers. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf.h"

/* r3 = 10 + 9 + .. + 1, with a store and a load in each round. */
static const uint32_t sum_loop[] = {
	LI(3, 0), LI(4, 10), MTCTR(4), LIS(5, 2),
	/* loop: */ ADD(3, 3, 4), STW(3, 0, 5), ADDI(4, 4, -1), LWZ(6, 0, 5), BDNZ(-16),
	SC,
};

Test(run, until_stops_before_the_address)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, sum_loop, NULL, NULL);
		uint64_t stop[2] = { CODE + 24, CODE + 36 };
		dgm_run_opts o = DGM_INIT(dgm_run_opts);

		o.until = stop;
		o.n_until = 2;
		dgm_set(r.cpu, DGM_PPC_PC, CODE);
		for (unsigned round = 0; round < 10; round++) {
			EXPECT(r, dgm_cpu_run(r.cpu, &o, &r.exit), DGM_OK);
			EXPECT(r, r.exit.reason, DGM_EXIT_UNTIL);
			EXPECT(r, r.exit.pc, CODE + 24);
			EXPECT(r, r.exit.insns, round ? 5 : 6);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(4)), 10 - round);
		}
		EXPECT(r, dgm_cpu_run(r.cpu, &o, &r.exit), DGM_OK);
		EXPECT(r, r.exit.pc, CODE + 36);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 55);
		EXPECT(r, dgm_cpu_run(r.cpu, &o, &r.exit), DGM_OK);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, r.exit.insns, 0);
		rig_free(&r);
	}
}

/* Every budget from 1 to the end, in one VM, against the number of rounds it must have made. */
Test(run, budget_is_exact_at_every_length)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, sum_loop, NULL, NULL);

		for (uint64_t n = 1; n <= 54; n++) {
			rig_run(&r, n);
			EXPECT(r, r.exit.reason, DGM_EXIT_BUDGET);
			EXPECT(r, r.exit.insns, n);
			uint64_t in_loop = n < 4 ? 0 : (n - 4) % 5;
			uint64_t pc = n < 4 ? CODE + 4 * n : n == 54 ? CODE + 36 : CODE + 16 + 4 * in_loop;
			EXPECT(r, r.exit.pc, pc);
			EXPECT(r, dgm_pc(r.cpu), pc);
		}
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, r.exit.insns, 54);
		EXPECT(r, r.exit.pc, CODE + 36);
		rig_free(&r);
	}
}

Test(run, budgets_add_up)
{
	FOR_EACH_CONF(c) {
		for (uint64_t each = 1; each < 12; each++) {
			struct rig r = RIG(c, sum_loop, NULL, NULL);
			uint64_t total = 0;

			dgm_set(r.cpu, DGM_PPC_PC, CODE);
			do {
				rig_go_on(&r, each);
				total += r.exit.insns;
			} while (r.exit.reason == DGM_EXIT_BUDGET);
			EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
			EXPECT(r, total, 54);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 55);
			EXPECT(r, rig_load(&r, DATA), 55);
			rig_free(&r);
		}
	}
}

static const uint32_t forever[] = { ADDI(3, 3, 1), B(-4) };

Test(run, kick_before_the_run_is_kept)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, forever, NULL, NULL);

		dgm_cpu_kick(r.cpu, 4);
		dgm_cpu_kick(r.cpu, 1);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_KICK);
		EXPECT(r, r.exit.kick_bits, 5);
		EXPECT(r, r.exit.insns, 0);
		rig_go_on(&r, 1000);
		EXPECT(r, r.exit.reason, DGM_EXIT_BUDGET);
		rig_free(&r);
	}
}

static void *kick_later(void *arg)
{
	usleep(20000);
	dgm_cpu_kick(arg, 2);
	return NULL;
}

Test(run, kick_from_another_thread)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, forever, NULL, NULL);
		pthread_t t;

		pthread_create(&t, NULL, kick_later, r.cpu);
		rig_run(&r, 0);
		pthread_join(t, NULL);
		EXPECT(r, r.exit.reason, DGM_EXIT_KICK);
		EXPECT(r, r.exit.kick_bits, 2);
		EXPECT(r, (r.exit.insns + 1) / 2, dgm_get(r.cpu, DGM_PPC_R3) + (r.exit.insns >> 33 << 32));
		rig_free(&r);
	}
}

Test(run, deadline_ends_an_endless_loop)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, forever, NULL, NULL);
		dgm_run_opts o = DGM_INIT(dgm_run_opts);

		o.timeout_ns = 20000000;
		dgm_set(r.cpu, DGM_PPC_PC, CODE);
		EXPECT(r, dgm_cpu_run(r.cpu, &o, &r.exit), DGM_OK);
		EXPECT(r, r.exit.reason, DGM_EXIT_DEADLINE);
		EXPECT(r, dgm_cpu_run(r.cpu, &o, &r.exit), DGM_OK);
		EXPECT(r, r.exit.reason, DGM_EXIT_DEADLINE);
		rig_free(&r);
	}
}

/* ---- system calls ---- */

struct calls {
	unsigned n;
	dgm_act act;
	dgm_syscall last;
	int64_t ret;
};

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *sc)
{
	struct calls *k = ud;

	k->n++;
	k->last = *sc;
	cr_assert_eq(dgm_pc(cpu), sc->pc + 4);
	sc->ret = k->ret;
	return k->n == 1 ? k->act : DGM_STOP;
}

static const uint32_t two_calls[] = { LI(0, 4), LI(3, 1), LI(8, -1), SC, ADDI(5, 3, 0), SC };

Test(run, system_call_verdicts)
{
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.syscall = on_syscall;
	FOR_EACH_CONF(c) {
		static const struct {
			dgm_act act;
			int64_t ret;
			uint32_t reason, pc, insns, r3, so, n;
		} cases[] = {
			{ DGM_CONT, 7, DGM_EXIT_MODEL, 24, 6, 7, 0, 2 },
			{ DGM_CONT, -22, DGM_EXIT_MODEL, 24, 6, 22, 1, 2 },
			{ DGM_SKIP, 7, DGM_EXIT_MODEL, 24, 6, 7, 0, 2 },
			{ DGM_STOP, 9, DGM_EXIT_MODEL, 16, 4, 9, 0, 1 },
			{ DGM_BREAK, 9, DGM_EXIT_SYSCALL, 12, 3, 1, 0, 1 },
			{ DGM_RAISE, 9, DGM_EXIT_SYSCALL, 12, 3, 1, 0, 1 },
			{ DGM_RETRY, 5, DGM_EXIT_MODEL, 16, 4, 5, 0, 2 },
		};
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
			struct calls k = { .act = cases[i].act, .ret = cases[i].ret };
			struct rig r = RIG(c, two_calls, &ops, &k);

			rig_run(&r, 1000);
			EXPECT(r, r.exit.reason, cases[i].reason);
			EXPECT(r, r.exit.pc, CODE + cases[i].pc);
			EXPECT(r, r.exit.insns, cases[i].insns);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), cases[i].r3);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_CR) >> 28 & 1, cases[i].so);
			EXPECT(r, k.n, cases[i].n);
			EXPECT(r, k.last.nr, 4);
			EXPECT(r, k.last.a[5], 0xffffffff);
			rig_free(&r);
		}
	}
}

static dgm_act nested(void *ud, dgm_cpu *cpu, dgm_syscall *sc)
{
	unsigned *depth = ud;
	dgm_exit ex = DGM_INIT(dgm_exit);
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	uint64_t pc = dgm_pc(cpu);

	if (++*depth == 3)
		return DGM_STOP;
	o.max_insns = 1000;
	dgm_set(cpu, DGM_PPC_PC, CODE);
	cr_assert_eq(dgm_cpu_run(cpu, &o, &ex), DGM_OK);
	cr_assert_eq(ex.reason, DGM_EXIT_MODEL);
	dgm_set(cpu, DGM_PPC_PC, pc);
	sc->ret = 5;
	return DGM_STOP;
}

Test(run, nests_from_callbacks)
{
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.syscall = nested;
	FOR_EACH_CONF(c) {
		unsigned depth = 0;
		struct rig r = RIG(c, two_calls, &ops, &depth);

		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_MODEL);
		EXPECT(r, r.exit.insns, 4);
		EXPECT(r, r.exit.pc, CODE + 16);
		EXPECT(r, depth, 3);
		rig_free(&r);
	}
}

/* ---- traps and undefined instructions ---- */

static dgm_act skip_it(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	*(dgm_fault *)ud = *f;
	return DGM_SKIP;
}

Test(run, traps_and_illegal_instructions)
{
	static const uint32_t code[] = { LI(3, 1), TRAP, LI(4, 2), ILLEGAL, LI(5, 3), SC };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_fault seen;

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, code, NULL, NULL);

		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_TRAP);
		EXPECT(r, r.exit.pc, CODE + 4);
		EXPECT(r, r.exit.insns, 1);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_TRAP);
		EXPECT(r, r.exit.info.opcode, TRAP);
		dgm_set(r.cpu, DGM_PPC_PC, CODE + 8);
		rig_go_on(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_ILLEGAL);
		EXPECT(r, r.exit.pc, CODE + 12);
		EXPECT(r, r.exit.insns, 1);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_ILLEGAL);
		rig_free(&r);

		ops.trap = ops.illegal = skip_it;
		r = RIG(c, code, &ops, &seen);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, r.exit.insns, 5);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(5)), 3);
		EXPECT(r, seen.pc, CODE + 12);
		rig_free(&r);
	}
}

/* ---- code that changes ---- */

static dgm_act patch(void *ud, dgm_cpu *cpu, dgm_syscall *sc)
{
	struct rig *r = ud;
	unsigned n = (unsigned)dgm_get(cpu, DGM_PPC_R(7));

	if (n == 20)
		return DGM_STOP;
	/* Changes the instruction right behind the sc and one that ran before. */
	rig_store(r, CODE + 16, LI(7, n + 1));
	rig_store(r, CODE + 4, LI(8, n + 1));
	return DGM_CONT;
}

Test(run, host_writes_are_seen_by_the_next_instruction)
{
	static const uint32_t code[] = { LI(7, 0), LI(8, 0), LI(0, 1), SC, LI(7, 0), B(-16) };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.syscall = patch;
	FOR_EACH_CONF(c) {
		struct rig r;

		r = RIG(c, code, &ops, &r);
		rig_run(&r, 10000);
		EXPECT(r, r.exit.reason, DGM_EXIT_MODEL);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(8)), 20);
		rig_free(&r);
	}
}

/* The guest writes over its own code and says so with icbi. */
Test(run, icbi_drops_stale_code)
{
	static const uint32_t code[] = {
		LIS(4, 1), LIS(5, 0x3860), /* li r3, n */ LI(6, 0), LI(9, 50), MTCTR(9), ADDI(8, 4, 0x2c), LI(10, 0),
		/* loop: */ ADD(7, 5, 6), STW(7, 0, 8), ICBI(0, 8), ISYNC,
		/* patched: */ LI(3, 99), ADD(10, 10, 3), ADDI(6, 6, 1), BDNZ(-28), SC,
	};
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, code, NULL, NULL);

		EXPECT(r, dgm_protect(r.vm, CODE, 0x1000, DGM_R | DGM_W | DGM_X), DGM_OK);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(10)), 49 * 50 / 2);
		rig_free(&r);
	}
}

/* More code than the budget holds, over and over: flushes, and the right sum. */
Test(run, small_code_budget_loses_nothing)
{
	FOR_EACH_CONF(c) {
		dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
		dgm_stats st = DGM_INIT(dgm_stats);
		enum { BLOCKS = 400 };

		ec.flags = c->flags;
		ec.code_budget = 16384;
		ec.backend_dir = getenv("DGM_BACKEND_DIR");
		struct rig r = rig_with(c, &ec, 0x4000, NULL, NULL);
		for (unsigned i = 0; i < BLOCKS; i++) {
			rig_store(&r, CODE + 12 * i, ADDI(3, 3, 1));
			rig_store(&r, CODE + 12 * i + 4, B(8));
			rig_store(&r, CODE + 12 * i + 8, ILLEGAL);
		}
		rig_store(&r, CODE + 12 * BLOCKS, BDNZ(-12 * BLOCKS));
		rig_store(&r, CODE + 12 * BLOCKS + 4, SC);
		dgm_set(r.cpu, DGM_PPC_CTR, 5);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 5 * BLOCKS);
		EXPECT(r, dgm_vm_stats(r.vm, &st), DGM_OK);
		cr_assert(st.flushes > 0, "%s: %" PRIu64 " units never overflowed %" PRIu64 " bytes", c->name,
			  st.units_interp + st.units_baseline + st.units_llvm, st.code_used);
		rig_free(&r);
	}
}

/* The configurations must really run what they are named after. */
Test(run, each_configuration_uses_its_tier)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, sum_loop, NULL, NULL);
		dgm_stats st = DGM_INIT(dgm_stats);

		rig_run(&r, 0);
		EXPECT(r, dgm_vm_stats(r.vm, &st), DGM_OK);
		if (!strcmp(c->name, "interp"))
			EXPECT(r, st.units_baseline + st.units_llvm, 0);
		if (!strcmp(c->name, "baseline"))
			cr_assert(st.units_baseline > 0 && !st.compile_fails);
		if (!strncmp(c->name, "llvm", 4) && !st.llvm_missing)
			cr_assert(st.units_llvm > 0 && !st.compile_fails, "%s: %" PRIu64 " units, %" PRIu64 " failures",
				  c->name, st.units_llvm, st.compile_fails);
		if (st.llvm_missing)
			cr_log_warn("the LLVM back end is not there: its configurations ran in lower tiers");
		rig_free(&r);
	}
}
