/* Life and death: misuse, running out of memory, registers, fork. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stingy.h"
#include "conf.h"

static const uint32_t count_down[] = { LI(3, 0), LI(4, 100), MTCTR(4), ADDI(3, 3, 2), BDNZ(-4), SC };

Test(life, misuse_is_an_error)
{
	struct rig r = RIG(conf_list, count_down, NULL, NULL);
	dgm_engine *e;
	dgm_vm *vm;
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_error err = DGM_INIT(dgm_error);

	EXPECT(r, dgm_engine_new(NULL, DGM_ABI + 1, &e), DGM_E_ABI);
	EXPECT(r, dgm_engine_new(NULL, DGM_ABI, NULL), DGM_E_ARG);
	vc.arch = 999;
	EXPECT(r, dgm_vm_new(r.engine, &vc, NULL, NULL, &vm), DGM_E_ARCH);
	vc.arch = DGM_ARCH_PPC32;
	vc.model = "68040";
	EXPECT(r, dgm_vm_new(r.engine, &vc, NULL, NULL, &vm), DGM_E_ARCH);
	EXPECT(r, dgm_last_error(&err), DGM_OK);
	cr_assert(strstr(err.msg, "68040"));
	EXPECT(r, dgm_vm_free(r.vm), DGM_E_BUSY);
	EXPECT(r, dgm_cpu_new(NULL, &r.cpu), DGM_E_ARG);
	uint32_t v;
	EXPECT(r, dgm_reg_read(r.cpu, 0x99999, &v, 4), DGM_E_NOENT);
	EXPECT(r, dgm_reg_read(r.cpu, DGM_PPC_R3, &v, 8), DGM_E_SIZE);
	EXPECT(r, dgm_cpu_run(NULL, NULL, NULL), DGM_E_ARG);
	cr_assert_null(dgm_mem_ptr(r.vm, 0x7000000, 4, DGM_R));
	EXPECT(r, dgm_mem_touched(NULL, 0, 1), DGM_E_ARG);
	for (int s = -20; s <= 1; s++)
		cr_assert(*dgm_strerror((dgm_status)s));
	rig_free(&r);
}

Test(life, engines_say_what_they_do_not_take)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_error err = DGM_INIT(dgm_error);
	const char *build = NULL;
	uint32_t abi = 0;
	dgm_engine *e;

	cr_assert(dgm_version(&abi, &build) == dgm_version(NULL, NULL) && abi == DGM_ABI && strstr(build, "dragoman"));
	ec.size = 0;
	cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, &e), DGM_E_ARG);
	ec = (dgm_engine_cfg)DGM_INIT(dgm_engine_cfg);
	ec.opt_level = 4;
	cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, &e), DGM_E_ARG);
	cr_assert_eq(dgm_last_error(&err), DGM_OK);
	cr_assert(strstr(err.msg, "opt_level"), "%s", err.msg);
	cr_assert_eq(dgm_engine_fork_prepare(NULL), DGM_E_ARG);
	cr_assert_eq(dgm_engine_fork_done(NULL, true), DGM_E_ARG);
	dgm_engine_unref(NULL);
}

/* Each is refused, and what is mapped stays as it was. */
Test(life, mappings_that_make_no_sense)
{
	struct rig r = RIG(conf_list, count_down, NULL, NULL);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	uint8_t byte;
	int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

	EXPECT(r, dgm_map_ram(NULL, 0x100000, 0x1000, DGM_R, NULL, NULL), DGM_E_ARG);
	EXPECT(r, dgm_map_ram(r.vm, 0x100000, 0x1000, 8, NULL, NULL), DGM_E_ARG);
	EXPECT(r, dgm_map_ram(r.vm, DATA, 0x1000, DGM_R, NULL, NULL), DGM_E_MAP);
	EXPECT(r, dgm_map_io(r.vm, 0x100000, 0x1000, NULL, NULL, NULL), DGM_E_ARG);
	io.max_access = 3;
	EXPECT(r, dgm_map_io(r.vm, 0x100000, 0x1000, &io, NULL, NULL), DGM_E_ARG);
	io.max_access = 16;
	EXPECT(r, dgm_map_io(r.vm, 0x100000, 0x1000, &io, NULL, NULL), DGM_E_ARG);
	EXPECT(r, dgm_map_host(r.vm, 0x100800, 0x1000, DGM_R, anonymous, -1, 0), DGM_E_ARG);
	EXPECT(r, dgm_map_host(r.vm, 0xfffff000, 0x2000, DGM_R, anonymous, -1, 0), DGM_E_MAP);
	EXPECT(r, dgm_map_host(r.vm, DATA, 0x1000, DGM_R, MAP_PRIVATE, -1, 0), DGM_E_OS);
	EXPECT(r, dgm_map_move(r.vm, DATA + 1, 0x1000, 0x100000, 0x1000), DGM_E_ARG);
	EXPECT(r, dgm_map_move(r.vm, DATA, 0x2000, DATA + 0x1000, 0x2000), DGM_E_MAP);
	EXPECT(r, dgm_map_move(r.vm, 0x100000, 0x1000, 0x200000, 0x1000), DGM_E_MAP);
	EXPECT(r, dgm_unmap(NULL, DATA, 0x1000), DGM_E_ARG);
	EXPECT(r, dgm_unmap(r.vm, 0xfffff000, 0x2000), DGM_E_MAP);
	EXPECT(r, dgm_protect(r.vm, DATA, 0x1000, 8), DGM_E_ARG);
	EXPECT(r, dgm_protect(r.vm, 0xfffff000, 0x2000, DGM_R), DGM_E_MAP);
	EXPECT(r, dgm_protect(r.vm, DATA, 0x800, DGM_R), DGM_E_ARG);
	EXPECT(r, dgm_mem_read(NULL, NULL, DATA, &byte, 1, NULL), DGM_E_ARG);
	EXPECT(r, dgm_mem_write(r.vm, NULL, DATA, NULL, 1, NULL), DGM_E_ARG);
	rig_store(&r, DATA, 0x12345678);
	EXPECT(r, rig_load(&r, DATA), 0x12345678);
	rig_run(&r, 0);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 200);
	rig_free(&r);
}

Test(life, registers_can_be_enumerated_and_kept)
{
	struct rig r = RIG(conf_list, count_down, NULL, NULL);
	dgm_reg_info info = DGM_INIT(dgm_reg_info);
	unsigned n = 0;

	for (; dgm_reg_enum(r.vm, n, &info) == DGM_OK; n++) {
		uint8_t v[16] = { 0 }, back[16] = { 0 };
		size_t len = (info.bits + 7) / 8;

		cr_assert(info.name && *info.name && len <= sizeof v);
		EXPECT(r, dgm_reg_read(r.cpu, info.id, v, len), DGM_OK);
		EXPECT(r, dgm_reg_write(r.cpu, info.id, v, len), DGM_OK);
		EXPECT(r, dgm_reg_read(r.cpu, info.id, back, len), DGM_OK);
		EXPECT(r, memcmp(back, v, len), 0);
	}
	cr_assert(n > 70);
	dgm_set(r.cpu, DGM_PPC_CR, 0x12345678);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_CR), 0x12345678);
	dgm_set(r.cpu, DGM_PPC_XER, 0xe000007f);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_XER), 0xe000007f);
	dgm_set(r.cpu, DGM_PPC_F(5), 0x7ff4000000000001);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_F(5)), 0x7ff4000000000001);
	rig_free(&r);
}

Test(life, many_vms_come_and_go)
{
	FOR_EACH_CONF(c) {
		dgm_engine *e;
		dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);

		ec.flags = c->flags;
		ec.code_budget = 1 << 20;
		ec.backend_dir = getenv("DGM_BACKEND_DIR");
		cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, &e), DGM_OK);
		for (unsigned i = 0; i < 60; i++) {
			struct rig r = { .conf = c, .engine = e, .exit = DGM_INIT(dgm_exit) };
			dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

			vc.arch = DGM_ARCH_PPC32;
			cr_assert_eq(dgm_vm_new(e, &vc, NULL, NULL, &r.vm), DGM_OK);
			cr_assert_eq(dgm_map_ram(r.vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL), DGM_OK);
			cr_assert_eq(dgm_cpu_new(r.vm, &r.cpu), DGM_OK);
			rig_code(&r, CODE, count_down, sizeof count_down / 4);
			rig_run(&r, 0);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 200);
			cr_assert_eq(dgm_cpu_free(r.cpu), DGM_OK);
			cr_assert_eq(dgm_vm_free(r.vm), DGM_OK);
		}
		dgm_engine_unref(e);
	}
}

/* ---- every allocation fails once ---- */

/* True when the whole life of a VM went through. */
static bool one_life(const struct conf *c, struct stock *b)
{
	struct rig r = { .conf = c, .exit = DGM_INIT(dgm_exit) };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	bool ok = false;

	ec.flags = c->flags;
	ec.code_budget = 1 << 20;
	ec.alloc = stingy;
	ec.alloc_ud = b;
	vc.arch = DGM_ARCH_PPC32;
	if (dgm_engine_new(&ec, DGM_ABI, &r.engine))
		return false;
	if (!dgm_vm_new(r.engine, &vc, NULL, NULL, &r.vm)) {
		if (!dgm_map_ram(r.vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL) &&
		    !dgm_map_ram(r.vm, 0x30010, 0x20, DGM_R, NULL, NULL) && !dgm_cpu_new(r.vm, &r.cpu)) {
			rig_code(&r, CODE, count_down, sizeof count_down / 4);
			dgm_set(r.cpu, DGM_PPC_PC, CODE);
			cr_assert_eq(dgm_cpu_run(r.cpu, NULL, &r.exit), DGM_OK);
			ok = r.exit.reason == DGM_EXIT_SYSCALL;
			cr_assert(ok || r.exit.reason == DGM_EXIT_INTERNAL, "%s: reason %u", c->name, r.exit.reason);
			if (ok)
				EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 200);
			cr_assert_eq(dgm_cpu_free(r.cpu), DGM_OK);
		}
		cr_assert_eq(dgm_vm_free(r.vm), DGM_OK);
	}
	dgm_engine_unref(r.engine);
	return ok;
}

Test(life, each_allocation_may_fail)
{
	for (const struct conf *c = conf_list; c < conf_list + 2; c++) {
		bool ok = false;
		int n = 0;

		for (; !ok && n < 400; n++) {
			struct stock b = { .left = n };

			one_life(c, &b);
			cr_assert(b.live == 0, "%s: %d allocations leaked when number %d failed", c->name, b.live, n);
			/* Done when a whole life needed no more than n allocations. */
			ok = b.left > 0;
		}
		cr_assert(ok && n > 3, "%s: still failing after %d", c->name, n);
	}
}

/* ---- fork ---- */

Test(life, the_child_of_a_fork_runs_on)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, count_down, NULL, NULL);
		int status;

		rig_run(&r, 0);
		EXPECT(r, dgm_engine_fork_prepare(r.engine), DGM_OK);
		pid_t pid = fork();
		EXPECT(r, dgm_engine_fork_done(r.engine, pid == 0), DGM_OK);
		rig_store(&r, CODE + 12, ADDI(3, 3, pid ? 1 : 3));
		rig_run(&r, 0);
		if (!pid)
			_exit(dgm_get(r.cpu, DGM_PPC_R3) == 300 ? 0 : 1);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 100);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		EXPECT(r, status, 0);
		rig_free(&r);
	}
}

/* ---- dumps ---- */

struct dumped {
	bool lifted, optimised, module, exit_named;
};

static void note_dump(void *ud, int level, const char *category, const char *msg)
{
	struct dumped *d = ud;

	(void)level;
	if (strcmp(category, "dump") != 0)
		return;
	d->lifted |= strstr(msg, "lifted") != NULL;
	d->optimised |= strstr(msg, "optimised") != NULL;
	d->module |= strstr(msg, "define ") != NULL;
	d->exit_named |= strstr(msg, "; exit ") != NULL;
}

/* One run of code on the highest tier, dumping what is asked for at [lo, lo + 4). */
static struct dumped dump_of(uint32_t what, uint64_t lo)
{
	const struct conf *c = conf_list + 2;
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	struct dumped d = { .lifted = false };

	ec.flags = c->flags;
	ec.dump = what;
	ec.dump_lo = lo;
	ec.dump_hi = lo + 4;
	ec.log = note_dump;
	ec.log_ud = &d;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	struct rig r = rig_with(c, &ec, 0x1000, NULL, NULL);
	rig_code(&r, CODE, count_down, sizeof count_down / 4);
	rig_run(&r, 0);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 200);
	rig_free(&r);
	return d;
}

Test(life, dumps_say_what_was_asked_for)
{
	struct dumped all = dump_of(DGM_DUMP_LIFT | DGM_DUMP_OPT | DGM_DUMP_LLVM | DGM_DUMP_ASM, CODE);
	struct dumped lifted = dump_of(DGM_DUMP_LIFT, CODE), elsewhere = dump_of(DGM_DUMP_LIFT | DGM_DUMP_LLVM, CODE + 0x800);

	cr_assert(all.lifted && all.optimised);
	if (getenv("DGM_BACKEND_DIR"))
		cr_assert(all.module && all.exit_named);
	cr_assert(lifted.lifted && !lifted.optimised && !lifted.module && !lifted.exit_named);
	cr_assert(!elsewhere.lifted && !elsewhere.module);
}

/* ---- several vCPUs ---- */

struct twin {
	dgm_cpu *cpu;
	dgm_status copied, while_running;
};

/* A new thread: a vCPU that goes on where this one stands. */
static dgm_act make_twin(void *ud, dgm_cpu *cpu, dgm_syscall *sc)
{
	struct twin *t = ud;

	t->while_running = dgm_cpu_copy(cpu, cpu);
	cr_assert_eq(dgm_cpu_new(dgm_cpu_vm(cpu), &t->cpu), DGM_OK);
	t->copied = dgm_cpu_copy(t->cpu, cpu);
	sc->no_result = true;
	return DGM_STOP;
}

Test(life, a_vcpu_gets_the_state_of_another)
{
	static const uint32_t code[] = { LI(3, 7), MTCTR(3), SC, ADDI(4, 3, 1), TRAP };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.syscall = make_twin;
	FOR_EACH_CONF(c) {
		struct twin t = { NULL, DGM_E_ARG, DGM_OK };
		struct rig r = RIG(c, code, &ops, &t), other = RIG(c, code, &ops, &t);
		dgm_exit exit = DGM_INIT(dgm_exit);

		dgm_set(r.cpu, DGM_PPC_F0 + 9, 0x4010123456789abc);
		rig_run(&r, 0);
		EXPECT(r, t.copied, DGM_OK);
		EXPECT(r, t.while_running, DGM_E_BUSY);
		EXPECT(r, dgm_cpu_run(t.cpu, NULL, &exit), DGM_OK);
		EXPECT(r, exit.reason, DGM_EXIT_TRAP);
		EXPECT(r, exit.pc, CODE + 16);
		EXPECT(r, dgm_get(t.cpu, DGM_PPC_R(4)), 8);
		EXPECT(r, dgm_get(t.cpu, DGM_PPC_CTR), 7);
		EXPECT(r, dgm_get(t.cpu, DGM_PPC_F0 + 9), 0x4010123456789abc);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(4)), 0);
		EXPECT(r, dgm_cpu_copy(t.cpu, NULL), DGM_E_ARG);
		EXPECT(r, dgm_cpu_copy(t.cpu, other.cpu), DGM_E_ARG);
		EXPECT(r, dgm_cpu_abandon(NULL), DGM_E_ARG);
		EXPECT(r, dgm_cpu_free(t.cpu), DGM_OK);
		rig_free(&r);
		rig_free(&other);
	}
}

struct runner {
	dgm_cpu *cpu;
	atomic_bool ended;
};

static void *run_on(void *ud)
{
	struct runner *r = ud;
	dgm_exit exit = DGM_INIT(dgm_exit);
	bool ok = dgm_cpu_run(r->cpu, NULL, &exit) == DGM_OK && exit.reason == DGM_EXIT_KICK;

	atomic_store(&r->ended, true);
	return ok ? r->cpu : NULL;
}

/* The other vCPU's thread does not exist in the child: it must neither be waited for nor stay busy. */
Test(life, the_child_of_a_fork_leaves_other_vcpus_behind, .timeout = 60)
{
	static const uint32_t endless[] = { ADDI(3, 3, 1), STW(3, 0, 4), B(-8) };

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, endless, NULL, NULL);
		struct runner runner = { NULL, false };
		pthread_t thread;
		dgm_cpu *cpu;
		int status;
		void *ran;

		EXPECT(r, dgm_cpu_new(r.vm, &cpu), DGM_OK);
		dgm_set(cpu, DGM_PPC_R(4), DATA);
		dgm_set(cpu, DGM_PPC_PC, CODE);
		runner.cpu = cpu;
		cr_assert_eq(pthread_create(&thread, NULL, run_on, &runner), 0);
		while (!rig_load(&r, DATA) && !atomic_load(&runner.ended))
			sched_yield();
		EXPECT(r, dgm_engine_fork_prepare(r.engine), DGM_OK);
		pid_t pid = fork();
		EXPECT(r, dgm_engine_fork_done(r.engine, pid == 0), DGM_OK);
		if (!pid) {
			bool ok = dgm_cpu_free(cpu) == DGM_E_BUSY && dgm_cpu_abandon(cpu) == DGM_OK && dgm_cpu_free(cpu) == DGM_OK;

			ok = ok && dgm_unmap(r.vm, DATA, 0x1000) == DGM_OK;
			dgm_set(r.cpu, DGM_PPC_R(4), DATA + 0x1000);
			rig_run(&r, 1000);
			_exit(ok && rig_load(&r, DATA + 0x1000) > 300 ? 0 : 1);
		}
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		EXPECT(r, status, 0);
		dgm_cpu_kick(cpu, 1);
		pthread_join(thread, &ran);
		EXPECT(r, ran == cpu, 1);
		EXPECT(r, dgm_cpu_free(cpu), DGM_OK);
		rig_free(&r);
	}
}
