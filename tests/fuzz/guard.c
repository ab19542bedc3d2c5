/*
 * A guest reaches nothing but what is mapped for it: random code whose accesses aim at the borders of mappings, in
 * every layout of memory. All around the mappings lie guard patterns. Each case runs twice, with different
 * patterns: neither may one be changed, nor may what the guest sees depend on them.
 *
 *	guard ISA LAYOUT CASES [SEED]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

enum { PAGE = 4096, PAGES = 16, BYTES = PAGES * PAGE, WORDS = 24, RUNS = 6, ODD = 300, MARGIN = 256 };
enum { CODE = 1, ODD_AT = 5 };	/* pages: of code; that holds the borrowed memory */

struct isa {
	const char *name;
	uint32_t arch, pc, reg, fields;	/* fields: bits of instructions that are drawn */
	const uint32_t *word;
	unsigned n;
};

static const uint32_t ppc_words[] = {
	0x80000000, 0x84000000, 0x88000000, 0x90000000, 0x94000000, 0x98000000, 0xa0000000, 0xb0000000, 0xb8000000, 0xbc000000,
	0xc0000000, 0xc8000000, 0xd0000000, 0xd8000000, 0x7c00002e, 0x7c00012e, 0x7c00042c, 0x7c00052c, 0x7c000028, 0x7c00012d,
	0x7c0007ec, 0x7c0000ce, 0x7c0001ce, 0x7c0004ae, 0x7c0005ae, 0x7c0004aa, 0x7c0005aa,
};
static const uint32_t arm_words[] = {
	0xe5900000, 0xe5800000, 0xe5d00000, 0xe5c00000, 0xe1d000b0, 0xe1c000b0, 0xe1c000d0, 0xe1c000f0, 0xe8900000, 0xe8800000,
	0xe8b00000, 0xe9200000, 0xe7900000, 0xe7800000, 0xe1900f9f, 0xe1800f90, 0xed900b00, 0xed800b00, 0xecb00b04, 0xeca00b04,
	0xf4200a0f, 0xf4000a0f, 0xe4900001, 0xe5a00004,
};
static const uint32_t a64_words[] = {
	0xb9400000, 0xb9000000, 0xf9400000, 0xf9000000, 0x39400000, 0x39000000, 0x79400000, 0x79000000, 0xb8400000, 0xb8000000,
	0xf8400c00, 0xf8000400, 0xa9400000, 0xa9000000, 0xa8c00000, 0xa9800000, 0x3dc00000, 0x3d800000, 0x4c407000, 0x4c002000,
	0xc85ffc00, 0xc800fc00, 0xf8e00000, 0xc8e0fc00, 0xf8206800, 0xf8606800, 0xd50b7420, 0xad400000, 0xad000000,
};

#define LIST(l) l, sizeof l / sizeof *l
static const struct isa isas[] = {
	{ "ppc", DGM_ARCH_PPC32, DGM_PPC_PC, DGM_PPC_R0, 0x03ff0fff, LIST(ppc_words) },
	{ "arm", DGM_ARCH_ARM, DGM_ARM_PC, DGM_ARM_R0, 0x000ff0ff, LIST(arm_words) },
	{ "aarch64", DGM_ARCH_AARCH64, DGM_A64_PC, DGM_A64_X0, 0x001f7fff, LIST(a64_words) },
};

struct world {
	const struct isa *isa;
	bool virtual;
	uint64_t base;			/* of physical memory; of virtual memory, too */
	uint64_t rng;
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t pattern;
	uint8_t odd[ODD + 2 * MARGIN];
	uint8_t to[PAGES], prot[PAGES];	/* the page table; prot alone where there is none */
	bool theirs[PAGES];		/* physical pages the guest has had */
	uint64_t seen;			/* a number of all the guest has seen */
	unsigned faults;
};

static uint32_t draw(struct world *w)
{
	w->rng = w->rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->rng >> 33);
}

static void need(bool ok, const struct world *w, const char *what, uint64_t seed)
{
	if (ok)
		return;
	fprintf(stderr, "%s%s, case %llu: %s\n", w->isa->name, w->virtual ? " mmu" : "", (unsigned long long)seed, what);
	exit(1);
}

static void see(struct world *w, uint64_t v)
{
	w->seen = (w->seen ^ v) * 0x100000001b3u;
}

static dgm_act translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	struct world *w = ud;
	uint64_t n = (va - w->base) / PAGE;

	if (n >= PAGES || !w->prot[n])
		return DGM_RAISE;
	page->va = w->base + n * PAGE;
	page->pa = w->base + (uint64_t)w->to[n] * PAGE;
	page->len = PAGE;
	page->prot = w->prot[n];
	return DGM_CONT;
}

/* Steps over what faults. */
static dgm_act fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct world *w = ud;

	w->faults++;
	see(w, f->va + f->cause);
	if (f->access == DGM_X)
		return DGM_BREAK;
	dgm_set(cpu, w->isa->pc, f->pc + 4);
	return DGM_CONT;
}

static bool is_guest(const struct world *w, unsigned page)
{
	if (!w->virtual)
		return w->prot[page] & DGM_W;
	for (unsigned i = 0; i < PAGES; i++)
		if (w->to[i] == page && w->prot[i] & DGM_W)
			return true;
	return false;
}

/* Physical memory: pages of their own, a hole, one that cannot be written, and borrowed bytes of odd number. */
static void map(struct world *w, uint64_t seed)
{
	for (unsigned i = 0; i < PAGES; i++) {
		uint32_t prot = w->virtual || i == CODE ? DGM_R | DGM_W | DGM_X : w->prot[i];

		if (i == ODD_AT || !prot)
			continue;
		need(!dgm_map_ram(w->vm, w->base + i * PAGE, PAGE, prot, NULL, NULL), w, "a page cannot be mapped", seed);
	}
	need(!dgm_map_ram(w->vm, w->base + ODD_AT * PAGE + 1000, ODD, DGM_R | DGM_W, w->odd + MARGIN, NULL), w,
	     "memory cannot be borrowed", seed);
}

/* Everything the guest must not touch gets the pattern, everything else what the seed says. */
static void fill(struct world *w)
{
	uint8_t page[PAGE];

	for (unsigned i = 0; i < PAGES; i++) {
		bool readable = !w->virtual && w->prot[i];

		for (unsigned k = 0; w->virtual && k < PAGES; k++)
			readable |= w->to[k] == i && w->prot[k];
		for (unsigned k = 0; k < PAGE; k++)
			page[k] = (w->theirs[i] = readable || i == CODE || i == ODD_AT) ? (uint8_t)draw(w) : w->pattern;
		(void)dgm_mem_write(w->vm, NULL, w->base + i * PAGE, page, PAGE, NULL);
	}
	memset(w->odd, w->pattern, sizeof w->odd);
	for (unsigned k = 0; k < ODD; k++)
		w->odd[MARGIN + k] = (uint8_t)k;
}

static void check_guards(struct world *w, uint64_t seed)
{
	uint8_t page[PAGE];

	for (unsigned k = 0; k < MARGIN; k++)
		need(w->odd[k] == w->pattern && w->odd[MARGIN + ODD + k] == w->pattern, w, "host memory was written", seed);
	for (unsigned i = 0; w->virtual && i < PAGES; i++) {
		if (w->theirs[i] || dgm_mem_read(w->vm, NULL, w->base + i * PAGE, page, PAGE, NULL))
			continue;
		for (unsigned k = 0; k < PAGE; k++)
			need(page[k] == w->pattern, w, "a page that is nobody's was written", seed);
	}
}

static void write_code(struct world *w)
{
	uint32_t code[WORDS];

	for (unsigned i = 0; i < WORDS; i++) {
		uint32_t v = w->isa->word[draw(w) % w->isa->n] | (draw(w) & w->isa->fields & draw(w));

		code[i] = w->isa->arch == DGM_ARCH_PPC32 ? __builtin_bswap32(v) : v;
	}
	(void)dgm_mem_write(w->vm, NULL, w->base + CODE * PAGE, code, sizeof code, NULL);
}

/* Registers point at borders; the odd ones far away, where sums wrap. */
static void aim(struct world *w)
{
	for (unsigned i = 0; i < 16; i++) {
		uint64_t at = w->base + draw(w) % (PAGES + 1) * PAGE + draw(w) % 48 - 24;

		if (draw(w) % 6 == 0)
			at = w->base + ODD_AT * PAGE + 1000 + (draw(w) & 1) * ODD + draw(w) % 48 - 24;
		if (draw(w) % 16 == 0)
			at = (draw(w) & 1 ? 0 : ~(uint64_t)0) + draw(w) % 64 - 32;
		if (i != 15 && i != 13)
			dgm_set(w->cpu, w->isa->reg + i, at);
	}
}

static void go(struct world *w, uint64_t seed)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint8_t page[PAGE];

	aim(w);
	o.max_insns = WORDS;
	dgm_set(w->cpu, w->isa->pc, w->base + CODE * PAGE);
	need(!dgm_cpu_run(w->cpu, &o, &exit), w, "the run fails", seed);
	see(w, exit.reason + exit.pc + exit.insns);
	for (unsigned i = 0; i < 13; i++)
		see(w, dgm_get(w->cpu, w->isa->reg + i));
	for (unsigned i = 0; i < PAGES; i++)
		if (is_guest(w, i) && !dgm_mem_read(w->vm, NULL, w->base + i * PAGE, page, PAGE, NULL))
			for (unsigned k = 0; k < PAGE; k += 8)
				see(w, *(uint64_t *)(void *)(page + k));
	check_guards(w, seed);
}

static void draw_pages(struct world *w)
{
	static const uint8_t prots[] = { 0, DGM_R, DGM_R | DGM_W, DGM_R | DGM_W, DGM_R | DGM_W | DGM_X, 0 };

	for (unsigned i = 0; i < PAGES; i++) {
		w->to[i] = (uint8_t)(draw(w) % (PAGES / 2) * 2);	/* odd ones are nobody's, */
		w->prot[i] = prots[draw(w) % 6];
	}
	w->to[CODE] = CODE;						/* but for the code */
	w->prot[CODE] = DGM_R | DGM_X;
	w->to[ODD_AT] = ODD_AT;
	w->prot[ODD_AT] = DGM_R | DGM_W;
}

static uint64_t run_case(const struct isa *isa, bool virtual, uint32_t flags, uint64_t seed, uint8_t pattern)
{
	struct world w = { .isa = isa, .virtual = virtual, .rng = seed * 77 + 1, .pattern = pattern };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_engine *engine;

	w.base = isa->arch == DGM_ARCH_AARCH64 ? 0x712340000 : 0x40000000;
	ops.translate = translate;
	ops.fault = fault;
	ec.flags = flags;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = isa->arch;
	vc.mem = virtual ? DGM_MEM_MMU : DGM_MEM_FLAT;
	draw_pages(&w);
	need(!dgm_engine_new(&ec, DGM_ABI, &engine) && !dgm_vm_new(engine, &vc, &ops, &w, &w.vm) &&
	     !dgm_cpu_new(w.vm, &w.cpu), &w, "no VM", seed);
	map(&w, seed);
	fill(&w);
	write_code(&w);
	for (unsigned i = 0; i < RUNS; i++) {
		go(&w, seed);
		if (virtual && draw(&w) % 3 == 0) {	/* the guest gets a page less */
			unsigned page = 6 + draw(&w) % (PAGES - 6);

			w.prot[page] &= (uint8_t)~(draw(&w) % 2 ? DGM_W : DGM_W | DGM_R);
			need(!dgm_cpu_tlb_flush(w.cpu, w.base + page * PAGE, PAGE, 0), &w, "no flush", seed);
		}
	}
	need(!dgm_cpu_free(w.cpu) && !dgm_vm_free(w.vm), &w, "the VM is in use", seed);
	dgm_engine_unref(engine);
	return w.seen;
}

int main(int argc, char **argv)
{
	const struct isa *isa = isas;

	if (argc < 4)
		return 2;
	while (isa < isas + 3 && strcmp(isa->name, argv[1]))
		isa++;
	bool virtual = !strcmp(argv[2], "mmu");
	uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 0) : 1;
	for (uint64_t i = seed, end = seed + strtoull(argv[3], NULL, 0); i < end; i++) {
		uint64_t want = run_case(isa, virtual, DGM_INTERP_ONLY, i, 0xa5);
		uint32_t hot = i % 16 == 0 ? DGM_HOT_AT_ONCE : DGM_NO_LLVM;

		if (run_case(isa, virtual, DGM_INTERP_ONLY, i, 0x3c) != want || run_case(isa, virtual, hot, i, 0x3c) != want ||
		    run_case(isa, virtual, hot, i, 0xa5) != want) {
			fprintf(stderr, "%s %s, case %llu: depends on a guard pattern or on the tier\n", isa->name, argv[2],
				(unsigned long long)i);
			return 1;
		}
	}
	return 0;
}
