/*
 * What virtual memory costs: the same PowerPC loops with physical addresses, by DGM_FASTMEM and checked, and
 * behind pages, in turn. One line each: nanoseconds an iteration, and medians of how much longer pages take than
 * the other two.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dragoman/ppc.h"
#include "micro.h"
#include "words.h"

enum { CODE = 0x10000, DATA = 0x1000000, BYTES = 0x1000000, REPEAT = 9, WAYS = 3 };

struct kernel {
	const char *name;
	uint32_t word[32];		/* up to SC; what lies at PAGE words on is in `far` */
	uint32_t far[4];
};

/* r3: iterations, r4: data. */
static const struct kernel kernels[] = {
	{ "load, add, store in one page",
	  { MTCTR_R3, LWZ(5, 0, 4), ADD(6, 6, 5), STW(6, 4, 4), LWZ(5, 8, 4), ADD(6, 6, 5), STW(6, 12, 4), LWZ(5, 16, 4),
	    ADD(6, 6, 5), STW(6, 20, 4), LWZ(5, 24, 4), ADD(6, 6, 5), STW(6, 28, 4), BDNZ(-12), SC } },
	{ "load that waits for the one before",
	  { MTCTR_R3, LWZX(5, 4, 5), LWZX(5, 4, 5), LWZX(5, 4, 5), LWZX(5, 4, 5), BDNZ(-4), SC } },
	{ "words of 64 KiB, again and again",
	  { MTCTR_R3, ADDI(7, 7, 4), RLWINM(8, 7, 0, 16, 29), LWZX(5, 4, 8), ADD(6, 6, 5), STWX(6, 4, 8), BDNZ(-5), SC } },
	{ "a word in one of 256 pages",
	  { MTCTR_R3, MULLI(7, 7, 21845), ADDI(7, 7, 12345), RLWINM(8, 7, 28, 12, 29), LWZX(5, 4, 8), ADD(6, 6, 5), STWX(6, 4, 8),
	    BDNZ(-6), SC } },
	{ "a word in one of 4096 pages",
	  { MTCTR_R3, MULLI(7, 7, 21845), ADDI(7, 7, 12345), RLWINM(8, 7, 28, 8, 29), LWZX(5, 4, 8), ADD(6, 6, 5), STWX(6, 4, 8),
	    BDNZ(-6), SC } },
	{ "call of a function in another page",
	  { MTCTR_R3, BL(1023), BDNZ(-1), SC }, { LWZ(5, 0, 4), ADD(6, 6, 5), BLR } },
};

struct rig {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
};

/* Virtual pages are one MiB below the physical ones. */
static dgm_act translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	page->va = va & ~0xfffull;
	page->pa = page->va + 0x100000;
	page->len = 0x1000;
	page->prot = DGM_R | DGM_W | DGM_X;
	return DGM_CONT;
}

static void put(struct rig *r, uint64_t pa, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t b[4] = { (uint8_t)(word[i] >> 24), (uint8_t)(word[i] >> 16), (uint8_t)(word[i] >> 8), (uint8_t)word[i] };

		check(dgm_mem_write(r->vm, NULL, pa + 4 * i, b, 4, NULL), "write");
	}
}

static struct rig make(const struct kernel *k, uint32_t flags, uint32_t mem)
{
	dgm_engine_cfg cfg = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	uint64_t off = mem == DGM_MEM_MMU ? 0x100000 : 0;
	struct rig r;

	cfg.flags = flags;
	cfg.backend_dir = getenv("DGM_BACKEND_DIR");
	ops.translate = translate;
	vc.arch = DGM_ARCH_PPC32;
	vc.mem = mem;
	vc.flags = DGM_VM_NO_COUNT;
	check(dgm_engine_new(&cfg, DGM_ABI, &r.engine), "engine");
	check(dgm_vm_new(r.engine, &vc, &ops, NULL, &r.vm), "vm");
	check(dgm_cpu_new(r.vm, &r.cpu), "cpu");
	check(dgm_map_ram(r.vm, CODE + off, 0x10000, DGM_R | DGM_W | DGM_X, NULL, NULL), "map");
	check(dgm_map_ram(r.vm, DATA + off, BYTES, DGM_R | DGM_W, NULL, NULL), "map");
	put(&r, CODE + off, k->word, 32);
	put(&r, CODE + off + 0x1000, k->far, 4);
	return r;
}

static double run(struct rig *r, uint32_t rounds)
{
	dgm_exit x = DGM_INIT(dgm_exit);

	dgm_set(r->cpu, DGM_PPC_PC, CODE);
	dgm_set(r->cpu, DGM_PPC_R3, rounds);
	dgm_set(r->cpu, DGM_PPC_R(4), DATA);
	for (unsigned i = 5; i < 9; i++)
		dgm_set(r->cpu, DGM_PPC_R(i), 0);
	double t = now_ns();
	check(dgm_cpu_run(r->cpu, NULL, &x), "run");
	t = now_ns() - t;
	if (x.reason != DGM_EXIT_SYSCALL)
		check(DGM_E_FAULT, "the loop");
	return t / rounds;
}

static void measure(const struct kernel *k, const char *tier, uint32_t flags, uint32_t rounds)
{
	struct rig r[WAYS] = { make(k, flags | DGM_FASTMEM, DGM_MEM_FLAT), make(k, flags, DGM_MEM_FLAT),
			       make(k, flags, DGM_MEM_MMU) };
	double t[WAYS][REPEAT], ratio[2][REPEAT];

	for (int i = -1; i < REPEAT; i++)	/* the first only translates */
		for (int m = 0; m < WAYS; m++) {
			double ns = run(&r[m], rounds);

			if (i >= 0)
				t[m][i] = ns;
		}
	for (int i = 0; i < REPEAT; i++) {
		ratio[0][i] = t[2][i] / t[0][i];
		ratio[1][i] = t[2][i] / t[1][i];
	}
	printf("%-36s %-9s %8.2f %8.2f %8.2f ns  %5.2f %5.2f\n", k->name, tier, median(t[0], REPEAT),
	       median(t[1], REPEAT), median(t[2], REPEAT), median(ratio[0], REPEAT), median(ratio[1], REPEAT));
	for (int m = 0; m < WAYS; m++) {
		check(dgm_cpu_free(r[m].cpu), "cpu");
		check(dgm_vm_free(r[m].vm), "vm");
		dgm_engine_unref(r[m].engine);
	}
}

int main(int argc, char **argv)
{
	uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 2000000;

	printf("%-36s %-9s %8s %8s %8s     ratios\n", "iteration of", "tier", "fastmem", "flat", "mmu");
	for (unsigned i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		measure(&kernels[i], "baseline", DGM_NO_LLVM, rounds);
		measure(&kernels[i], "llvm", DGM_HOT_AT_ONCE, rounds);
	}
	return 0;
}
