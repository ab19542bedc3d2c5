/* Two guests of different architectures in one process, taking turns of a thousand instructions. */
#include <dragoman/aarch64.h>
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <stdio.h>

enum { BASE = 0x10000, TURN = 1000 };

/* Both: the sum of the squares of 1 to 10000, modulo 2^32. */
/* li r3,0; li r4,0; 1: addi r4,r4,1; mullw r5,r4,r4; add r3,r3,r5; cmpwi r4,10000; bne 1b */
static const uint8_t ppc_code[] = {
	0x38, 0x60, 0x00, 0x00, 0x38, 0x80, 0x00, 0x00, 0x38, 0x84, 0x00, 0x01, 0x7c, 0xa4, 0x21, 0xd6,
	0x7c, 0x63, 0x2a, 0x14, 0x2c, 0x04, 0x27, 0x10, 0x40, 0x82, 0xff, 0xf0,
};
/* mov w0,#0; mov w1,#0; mov w2,#10000; 1: add w1,w1,#1; madd w0,w1,w1,w0; cmp w1,w2; b.ne 1b */
static const uint8_t a64_code[] = {
	0x00, 0x00, 0x80, 0x52, 0x01, 0x00, 0x80, 0x52, 0x02, 0xe2, 0x84, 0x52, 0x21, 0x04, 0x00, 0x11,
	0x20, 0x00, 0x01, 0x1b, 0x3f, 0x00, 0x02, 0x6b, 0xa1, 0xff, 0xff, 0x54,
};

struct guest {
	const char *name;
	uint32_t arch;
	const uint8_t *code;
	uint64_t size;
	uint32_t pc, result;	/* ids of registers */
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint64_t insns;
};

static dgm_status make(struct guest *g, dgm_engine *engine)
{
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_status st;

	config.arch = g->arch;
	if ((st = dgm_vm_new(engine, &config, NULL, NULL, &g->vm)) ||
	    (st = dgm_map_ram(g->vm, BASE, 0x1000, DGM_R | DGM_X, NULL, NULL)) ||
	    (st = dgm_mem_write(g->vm, NULL, BASE, g->code, g->size, NULL)) || (st = dgm_cpu_new(g->vm, &g->cpu)))
		return st;
	dgm_set(g->cpu, g->pc, BASE);
	return DGM_OK;
}

/* True when it has come to its end. */
static bool turn(struct guest *g)
{
	uint64_t end = BASE + g->size;
	dgm_run_opts options = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);

	options.until = &end;
	options.n_until = 1;
	options.max_insns = TURN;
	if (dgm_cpu_run(g->cpu, &options, &exit))
		return true;
	g->insns += exit.insns;
	return exit.reason != DGM_EXIT_BUDGET;
}

int main(void)
{
	struct guest guest[] = {
		{ "ppc", DGM_ARCH_PPC32, ppc_code, sizeof ppc_code, DGM_PPC_PC, DGM_PPC_R3, NULL, NULL, 0 },
		{ "aarch64", DGM_ARCH_AARCH64, a64_code, sizeof a64_code, DGM_A64_PC, DGM_A64_X0, NULL, NULL, 0 },
	};
	bool done[2] = { false, false };
	unsigned turns = 0;
	dgm_engine *engine;

	if (dgm_engine_new(NULL, DGM_ABI, &engine) || make(&guest[0], engine) || make(&guest[1], engine))
		return 1;
	for (; !done[0] || !done[1]; turns++)
		for (int i = 0; i < 2; i++)
			done[i] = done[i] || turn(&guest[i]);
	for (int i = 0; i < 2; i++) {
		struct guest *g = &guest[i];

		printf("%s: %" PRIu64 " after %" PRIu64 " instructions\n", g->name, dgm_get(g->cpu, g->result), g->insns);
		dgm_cpu_free(g->cpu);
		dgm_vm_free(g->vm);
	}
	printf("%u turns\n", turns);
	dgm_engine_unref(engine);
	return 0;
}
