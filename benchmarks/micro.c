/*
 * Micro-benchmarks of the library through its public interface: what translation, entering, chaining,
 * calls, indirect branches, accesses, registers and system calls cost. One line each, the median of
 * several runs. Takes the path of a static PowerPC program, whose text serves as code to translate.
 */
#include <elf.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/ppc.h"
#include "micro.h"
#include "words.h"

enum { CODE = 0x10000, DATA = 0x200000, REPEAT = 7, LOOPS = 2000000 };

struct rig {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
};

static const char *backend_dir;

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	call->ret = 0;
	return DGM_CONT;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (!dgm_signal(sig, info, context))
		signal(sig, SIG_DFL);
}

static struct rig rig_new(uint32_t flags, uint32_t vm_flags)
{
	dgm_engine_cfg cfg = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vm = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	struct rig r;

	cfg.flags = flags;
	cfg.backend_dir = backend_dir;
	check(dgm_engine_new(&cfg, DGM_ABI, &r.engine), "engine");
	vm.arch = DGM_ARCH_PPC32;
	vm.flags = vm_flags;
	vm.abi = DGM_ABI_LINUX;
	ops.syscall = on_syscall;
	check(dgm_vm_new(r.engine, &vm, &ops, NULL, &r.vm), "vm");
	check(dgm_cpu_new(r.vm, &r.cpu), "cpu");
	return r;
}

static void rig_free(struct rig *r)
{
	check(dgm_cpu_free(r->cpu), "cpu");
	check(dgm_vm_free(r->vm), "vm");
	dgm_engine_unref(r->engine);
}

static void put_code(struct rig *r, const uint32_t *word, unsigned n)
{
	uint8_t bytes[4096];

	for (unsigned i = 0; i < n; i++)
		for (int k = 0; k < 4; k++)
			bytes[4 * i + (unsigned)k] = (uint8_t)(word[i] >> (24 - 8 * k));
	check(dgm_map_ram(r->vm, CODE, 0x10000, DGM_R | DGM_W | DGM_X, NULL, NULL), "map");
	check(dgm_map_ram(r->vm, DATA, 0x10000, DGM_R | DGM_W, NULL, NULL), "map");
	check(dgm_mem_write(r->vm, NULL, CODE, bytes, 4 * n, NULL), "write");
}

/* Runs from CODE until the address, with r3 = CTR's value, as the loops below want it. */
static void run_to(struct rig *r, uint64_t stop, uint32_t count)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);

	o.until = &stop;
	o.n_until = 1;
	dgm_set(r->cpu, DGM_PPC_PC, CODE);
	dgm_set(r->cpu, DGM_PPC_R3, count);
	dgm_set(r->cpu, DGM_PPC_R(4), DATA);
	check(dgm_cpu_run(r->cpu, &o, &x), "run");
	if (x.reason != DGM_EXIT_UNTIL) {
		fprintf(stderr, "micro: left with reason %u at %llx\n", x.reason, (unsigned long long)x.pc);
		exit(1);
	}
}

/*
 * A loop: `head` words, then the body, then bdnz. per: things measured in one round. Ends at the
 * word behind bdnz.
 */
static void loop(const char *name, uint32_t flags, const uint32_t *word, unsigned n, unsigned stop, unsigned per)
{
	struct rig r = rig_new(flags, DGM_VM_NO_COUNT);
	double sample[REPEAT];

	put_code(&r, word, n);
	/* warm: translated, and hot code compiled */
	run_to(&r, CODE + 4 * stop, LOOPS / 4);
	run_to(&r, CODE + 4 * stop, LOOPS / 4);
	for (int i = 0; i < REPEAT; i++) {
		double t = now_ns();

		run_to(&r, CODE + 4 * stop, LOOPS);
		sample[i] = (now_ns() - t) / LOOPS / per;
	}
	report(name, "ns", sample, REPEAT);
	rig_free(&r);
}

static void both_tiers(const char *name, uint32_t flags, const uint32_t *word, unsigned n, unsigned stop, unsigned per)
{
	char title[96];

	snprintf(title, sizeof title, "%s, baseline", name);
	loop(title, flags | DGM_NO_LLVM, word, n, stop, per);
	snprintf(title, sizeof title, "%s, llvm", name);
	loop(title, flags | DGM_HOT_AT_ONCE, word, n, stop, per);
}

/* Four blocks that end in branches to each other, in the wrong order, so that each is a block of its own. */
static void chaining(void)
{
	static const uint32_t code[] = { MTCTR_R3, ADDI(5, 5, 1), B(3), ADDI(5, 5, 2), B(3), ADDI(5, 5, 3), B(-3), BDNZ(-6), NOP };

	both_tiers("direct edge between blocks", 0, code, 9, 8, 4);
}

static void calls(void)
{
	/* 0: mtctr; 1: bl f; 2: bdnz 1; 3: end; 4: f: addi; blr */
	static const uint32_t code[] = { MTCTR_R3, BL(3), BDNZ(-1), NOP, ADDI(5, 5, 1), BLR };

	both_tiers("call and return", 0, code, 6, 3, 1);
}

/* Calls through CTR to one of `targets` functions of two words, in turn; r3 counts. */
static void indirect(unsigned targets)
{
	uint32_t code[64] = {
		ADDI(6, 0, 0),
		RLWINM(7, 6, 3, 26, 28),	/* 1: r7 = (r6 & 7) * 8 */
		ADDI(6, 6, targets > 1),
		ADDI(5, 7, 48),		/* r5 = CODE + 48 + r7: 12 words in */
		0x64a50001,			/* oris r5, r5, 1 */
		MTCTR_R5,
		BCTRL,
		ADDIC_DOT(3, 3, -1u),
		BNE(-7),
		NOP, NOP, NOP,
	};
	char name[40];

	for (unsigned i = 0; i < 8; i++) {
		code[12 + 2 * i] = ADDI(8, 8, i);
		code[13 + 2 * i] = BLR;
	}
	snprintf(name, sizeof name, "indirect call and return, %u target%s", targets, targets > 1 ? "s" : "");
	both_tiers(name, 0, code, 28, 9, 1);
}

/* Eight loads that depend on each other by their sum, eight stores. */
static void accesses(const char *name, uint32_t flags)
{
	uint32_t code[24] = { MTCTR_R3 };
	unsigned n = 1;

	for (unsigned i = 0; i < 4; i++) {
		code[n++] = LWZ(5, 8 * i, 4);
		code[n++] = ADD(6, 6, 5);
		code[n++] = STW(6, 8 * i + 4, 4);
	}
	code[n] = BDNZ(1 - (int)n);
	code[n + 1] = NOP;
	both_tiers(name, flags, code, n + 2, n + 1, 8);
}

static void syscalls(void)
{
	static const uint32_t code[] = { MTCTR_R3, ADDI(0, 0, 20), SC, BDNZ(-2), NOP };

	loop("system call through a callback", DGM_NO_LLVM, code, 5, 4, 1);
}

static void entering(void)
{
	static const uint32_t code[] = { ADDI(5, 5, 1), NOP };
	struct rig r = rig_new(DGM_NO_LLVM, DGM_VM_NO_COUNT);
	double sample[REPEAT];

	put_code(&r, code, 2);
	for (int i = 0; i < REPEAT; i++) {
		double t = now_ns();

		for (int k = 0; k < LOOPS / 20; k++)
			run_to(&r, CODE + 4, 1);
		sample[i] = (now_ns() - t) / (LOOPS / 20);
	}
	report("dgm_cpu_run of one cached block, with 3 dgm_set", "ns", sample, REPEAT);
	rig_free(&r);
}

static void registers(void)
{
	struct rig r = rig_new(DGM_NO_LLVM, DGM_VM_NO_COUNT);
	double get[REPEAT], set[REPEAT], sum = 0;

	for (int i = 0; i < REPEAT; i++) {
		double t = now_ns();

		for (unsigned k = 0; k < LOOPS; k++)
			sum += (double)dgm_get(r.cpu, DGM_PPC_R(k & 31));
		get[i] = (now_ns() - t) / LOOPS;
		t = now_ns();
		for (unsigned k = 0; k < LOOPS; k++)
			dgm_set(r.cpu, DGM_PPC_R(k & 31), k);
		set[i] = (now_ns() - t) / LOOPS;
	}
	if (sum < 0)
		exit(1);
	report("dgm_get of a general register", "ns", get, REPEAT);
	report("dgm_set of a general register", "ns", set, REPEAT);
	rig_free(&r);
}

/* ---- translation of real code ---- */

static uint32_t big32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *read_file(const char *path, long *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;

	if (f && !fseek(f, 0, SEEK_END) && (*size = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET)) {
		p = malloc((size_t)*size);
		if (p && fread(p, 1, (size_t)*size, f) != (size_t)*size) {
			free(p);
			p = NULL;
		}
	}
	if (f)
		fclose(f);
	if (!p)
		fprintf(stderr, "micro: %s cannot be read\n", path);
	return p;
}

/* The executable segment: its place in the file, address and size. */
static bool find_text(const uint8_t *elf, long size, uint32_t *off, uint32_t *addr, uint32_t *len)
{
	if (size < 64 || memcmp(elf, ELFMAG, SELFMAG))
		return false;
	uint32_t table = big32(elf + offsetof(Elf32_Ehdr, e_phoff));
	unsigned n = (unsigned)elf[offsetof(Elf32_Ehdr, e_phnum)] << 8 | elf[offsetof(Elf32_Ehdr, e_phnum) + 1];

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = elf + table + i * sizeof(Elf32_Phdr);

		if (p + sizeof(Elf32_Phdr) > elf + size)
			return false;
		if (big32(p) != PT_LOAD || !(big32(p + offsetof(Elf32_Phdr, p_flags)) & PF_X))
			continue;
		*off = big32(p + offsetof(Elf32_Phdr, p_offset));
		*addr = big32(p + offsetof(Elf32_Phdr, p_vaddr));
		*len = big32(p + offsetof(Elf32_Phdr, p_filesz));
		return *off <= (uint32_t)size && *len <= (uint32_t)size - *off;
	}
	return false;
}

/* Instructions from there to the branch that ends the block. */
static uint64_t block_length(const uint8_t *text, uint32_t at, uint32_t len)
{
	uint64_t n = 1;

	for (; at + 8 <= len; at += 4, n++) {
		uint32_t major = big32(text + at) >> 26;

		if (major == 16 || major == 17 || major == 18 || major == 19)
			break;
	}
	return n;
}

enum { LIFT, OPT, BASELINE, WHOLE, GROWTH, TRANSLATION_PARTS };

/*
 * Enters every block and lets it do as many instructions as it has: it is translated, once, and what
 * it does is of no interest. Nothing but its own text is mapped.
 */
static double translate(const uint8_t *text, uint32_t addr, uint32_t len, double *sample)
{
	struct rig r = rig_new(DGM_NO_LLVM, 0);
	dgm_stats s = DGM_INIT(dgm_stats);
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	uint32_t page = addr & ~0xfffu, span = (addr + len - page + 0xfff) & ~0xfffu;
	uint64_t n;

	check(dgm_map_ram(r.vm, page, span, DGM_R | DGM_X, NULL, NULL), "map");
	check(dgm_mem_write(r.vm, NULL, addr, text, len, NULL), "write");
	for (uint32_t at = 0; at + 4 <= len; at += 4 * (uint32_t)n) {
		dgm_exit x = DGM_INIT(dgm_exit);

		o.max_insns = n = block_length(text, at, len);
		dgm_set(r.cpu, DGM_PPC_PC, addr + at);
		check(dgm_cpu_run(r.cpu, &o, &x), "run");
	}
	check(dgm_vm_stats(r.vm, &s), "stats");
	double insns = (double)s.guest_insns_baseline;

	sample[LIFT] = (double)s.ns_lift / insns;
	sample[OPT] = (double)s.ns_opt / insns;
	sample[BASELINE] = (double)s.ns_baseline / insns;
	sample[WHOLE] = sample[LIFT] + sample[OPT] + sample[BASELINE];
	sample[GROWTH] = (double)s.host_bytes_baseline / insns;
	rig_free(&r);
	return insns;
}

static int translation(const char *path)
{
	static const char *const name[] = { "decode and lift", "opt", "baseline code and linking", "whole", "host code" };
	double part[TRANSLATION_PARTS][REPEAT], one[TRANSLATION_PARTS], insns = 0;
	uint32_t off, addr, len;
	long size = 0;
	uint8_t *elf = read_file(path, &size);

	if (!elf)
		return 1;
	if (!find_text(elf, size, &off, &addr, &len)) {
		fprintf(stderr, "micro: %s is no program with text\n", path);
		free(elf);
		return 1;
	}
	for (int i = 0; i < REPEAT; i++) {
		insns = translate(elf + off, addr, len, one);
		for (int k = 0; k < TRANSLATION_PARTS; k++)
			part[k][i] = one[k];
	}
	printf("translation of %.0f instructions of %s\n", insns, path);
	for (int k = 0; k < TRANSLATION_PARTS; k++) {
		char title[64];

		snprintf(title, sizeof title, "  %s, per guest instruction", name[k]);
		report(title, k == GROWTH ? "bytes" : "ns", part[k], REPEAT);
	}
	free(elf);
	return 0;
}

static bool catch_faults(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };

	return !sigaltstack(&ss, NULL) && !sigaction(SIGSEGV, &sa, NULL) && !sigaction(SIGBUS, &sa, NULL);
}

int main(int argc, char **argv)
{
	backend_dir = getenv("DGM_BACKEND_DIR");
	if (!catch_faults()) {
		perror("micro: signals");
		return 1;
	}
	if (argc > 1 && translation(argv[1]))
		return 1;
	entering();
	registers();
	syscalls();
	chaining();
	calls();
	indirect(1);
	indirect(8);
	accesses("loads and stores, checked", 0);
	accesses("loads and stores, fastmem", DGM_FASTMEM);
	return 0;
}
