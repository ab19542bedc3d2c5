/*
 * What snapshots cost: a loop that runs a guest which writes some pages and restores, against making the VM
 * again; taking; forks; what checks and copies do to a guest that writes. Medians of several runs, CPU time. At the end
 * the memory of the process over the whole loop. snapshots [LOOPS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dragoman/ppc.h"
#include "micro.h"

enum { CODE = 0x10000, DATA = 0x1000000, MIB = 1 << 20, ROUNDS = 7 };

/* mtctr r4; 1: stw r5,0(r3); addi r3,r3,4096; addi r5,r5,1; bdnz 1b */
static const uint8_t code[] = {
	0x7c, 0x89, 0x03, 0xa6, 0x90, 0xa3, 0x00, 0x00, 0x38, 0x63, 0x10, 0x00,
	0x38, 0xa5, 0x00, 0x01, 0x42, 0x00, 0xff, 0xf4,
};

/* A VM with so many MiB of RAM, all of it written to once. */
static dgm_vm *make(dgm_engine *engine, unsigned mib)
{
	static uint8_t ones[MIB];
	dgm_vm_cfg cfg = DGM_INIT(dgm_vm_cfg);
	dgm_cpu *cpu;
	dgm_vm *vm;

	memset(ones, 1, sizeof ones);
	cfg.arch = DGM_ARCH_PPC32;
	check(dgm_vm_new(engine, &cfg, NULL, NULL, &vm), "vm");
	check(dgm_map_ram(vm, CODE, 4096, DGM_R | DGM_X, NULL, NULL), "map");
	check(dgm_map_ram(vm, DATA, (uint64_t)mib * MIB, DGM_R | DGM_W, NULL, NULL), "map");
	check(dgm_mem_write(vm, NULL, CODE, code, sizeof code, NULL), "write");
	for (unsigned i = 0; i < mib; i++)
		check(dgm_mem_write(vm, NULL, DATA + (uint64_t)i * MIB, ones, MIB, NULL), "write");
	check(dgm_cpu_new(vm, &cpu), "cpu");
	return vm;
}

static void drop(dgm_vm *vm)
{
	check(dgm_cpu_free(dgm_vm_cpu(vm, 0)), "cpu");
	check(dgm_vm_free(vm), "vm");
}

static void write_pages(dgm_vm *vm, uint32_t n)
{
	uint64_t end = CODE + sizeof code;
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);
	dgm_cpu *cpu = dgm_vm_cpu(vm, 0);

	o.until = &end;
	o.n_until = 1;
	dgm_set(cpu, DGM_PPC_PC, CODE);
	dgm_set(cpu, DGM_PPC_R(3), DATA);
	dgm_set(cpu, DGM_PPC_R(4), n);
	check(dgm_cpu_run(cpu, &o, &x), "run");
	if (x.reason != DGM_EXIT_UNTIL)
		check(DGM_E_FAULT, "run ended early");
}

static double loop(dgm_engine *engine, unsigned mib, uint32_t pages, unsigned loops)
{
	dgm_vm *vm = make(engine, mib);
	double sample[ROUNDS];
	char name[80];
	dgm_snap *s;

	check(dgm_snap_take(vm, &s), "take");
	for (unsigned i = 0; i < ROUNDS; i++) {
		double t = now_ns();

		for (unsigned k = 0; k < loops; k++) {
			write_pages(vm, pages);
			check(dgm_snap_restore(vm, s), "restore");
		}
		sample[i] = (now_ns() - t) / 1e3 / loops;
	}
	snprintf(name, sizeof name, "run and restore, %u MiB, %u written pages", mib, pages);
	dgm_snap_free(s);
	drop(vm);
	return report(name, "us", sample, ROUNDS);
}

static double again(dgm_engine *engine, unsigned mib, unsigned loops)
{
	double sample[ROUNDS];
	char name[80];

	for (unsigned i = 0; i < ROUNDS; i++) {
		double t = now_ns();

		for (unsigned k = 0; k < loops; k++) {
			dgm_vm *vm = make(engine, mib);

			write_pages(vm, 10);
			drop(vm);
		}
		sample[i] = (now_ns() - t) / 1e3 / loops;
	}
	snprintf(name, sizeof name, "make, run and free, %u MiB", mib);
	return report(name, "us", sample, ROUNDS);
}

static void takes_and_forks(dgm_engine *engine, unsigned mib, unsigned loops)
{
	dgm_vm *vm = make(engine, mib), *fork;
	double take[ROUNDS], forked[ROUNDS];
	dgm_snap *s, *base;
	char name[80];

	check(dgm_snap_take(vm, &base), "take");
	for (unsigned i = 0; i < ROUNDS; i++) {
		double t = now_ns();

		for (unsigned k = 0; k < loops; k++) {
			write_pages(vm, 10);
			check(dgm_snap_take(vm, &s), "take");
			dgm_snap_free(s);
		}
		take[i] = (now_ns() - t) / 1e3 / loops;
		t = now_ns();
		for (unsigned k = 0; k < loops / 20 + 1; k++) {
			check(dgm_vm_fork(vm, NULL, NULL, &fork), "fork");
			write_pages(fork, 10);
			drop(fork);
		}
		forked[i] = (now_ns() - t) / 1e3 / (loops / 20 + 1);
	}
	snprintf(name, sizeof name, "run, take and free, %u MiB, 10 pages written", mib);
	report(name, "us", take, ROUNDS);
	snprintf(name, sizeof name, "fork, run and free, %u MiB, 10 pages written", mib);
	report(name, "us", forked, ROUNDS);
	dgm_snap_free(base);
	drop(vm);
}

static long resident_kib(void)
{
	long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void memory(dgm_engine *engine, unsigned loops)
{
	dgm_vm *vm = make(engine, 16);
	long before = 0;
	dgm_snap *s;

	check(dgm_snap_take(vm, &s), "take");
	for (unsigned k = 0; k < loops; k++) {
		write_pages(vm, 10);
		check(dgm_snap_restore(vm, s), "restore");
		before = k == loops / 100 ? resident_kib() : before;
	}
	printf("%u loops: %ld KiB resident after a hundredth, %ld at the end\n", loops, before, resident_kib());
	dgm_snap_free(s);
	drop(vm);
}

int main(int argc, char **argv)
{
	unsigned loops = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 100000;
	dgm_engine_cfg cfg = DGM_INIT(dgm_engine_cfg);
	dgm_engine *engine;

	cfg.flags = DGM_NO_LLVM;
	check(dgm_engine_new(&cfg, DGM_ABI, &engine), "engine");
	loop(engine, 64, 1, loops / 10 + 1);
	double restore = loop(engine, 64, 10, loops / 10 + 1);
	loop(engine, 64, 1000, loops / 1000 + 1);
	loop(engine, 1024, 10, loops / 10 + 1);
	double small = again(engine, 1, loops / 1000 + 1), big = again(engine, 64, loops / 50000 + 1);
	printf("restoring is %.0f times as fast as making a VM of 1 MiB again, %.0f times as one of 64 MiB\n", small / restore,
	       big / restore);
	takes_and_forks(engine, 64, loops / 100 + 1);
	memory(engine, loops);
	dgm_engine_unref(engine);
	return 0;
}
