/*
 * Fuzzing with snapshots: a PowerPC parser is set up once; each execution changes its input, runs it with a
 * budget and puts the VM back, which costs time for the few pages that were written. An input that makes
 * the parser execute a new number of instructions is kept and changed further. The parser has a bug: records of
 * type 'L' may be longer than the table they are copied to, whose page is the last. How many executions a
 * second there were goes to stderr.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CODE = 0x10000, INPUT = 0x20000, TABLE_END = 0x30000, TABLE = TABLE_END - 32, BYTES = 16, KEPT = 64, BUDGET = 5000 };

static const uint32_t parser[] = {
	0x28040008, 0x41800068,			/* cmplwi r4,8; blt bad */
	0x88c30000, 0x2c060044, 0x4082005c,	/* lbz r6,0(r3); cmpwi r6,'D'; bne bad */
	0x88c30001, 0x2c060047, 0x40820050,	/* the same for 'G' */
	0x88c30002, 0x2c06004d, 0x40820044,	/* and 'M' */
	0x88e30003, 0x88c30004,			/* lbz r7,3(r3): length; lbz r6,4(r3): type */
	0x2c06004c, 0x4182000c,			/* cmpwi r6,'L'; beq copy */
	0x28070020, 0x4181002c,			/* cmplwi r7,32; bgt bad */
	0x2c070000, 0x41820024, 0x7ce903a6,	/* copy: cmpwi r7,0; beq bad; mtctr r7 */
	0x39030003, 0x3925ffff,			/* addi r8,r3,3; addi r9,r5,-1 */
	0x8cc80001, 0x9cc90001, 0x4200fff8,	/* 1: lbzu r6,1(r8); stbu r6,1(r9); bdnz 1b */
	0x38600000, 0x48000008,			/* li r3,0; b end */
	0x38600001,				/* bad: li r3,1 */
};

struct fuzzer {
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_snap *ready;
	uint64_t seed;
	uint8_t kept[KEPT][BYTES];
	unsigned n_kept;
	bool seen[BUDGET + 1];		/* numbers of instructions */
};

static void check(dgm_status status, const char *what)
{
	dgm_error e = DGM_INIT(dgm_error);

	if (!status)
		return;
	dgm_last_error(&e);
	fprintf(stderr, "%s: %s: %s\n", what, dgm_strerror(status), e.msg);
	exit(1);
}

static uint32_t draw(struct fuzzer *f, uint32_t below)
{
	f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(f->seed >> 33) % below;
}

static void set_up(struct fuzzer *f, dgm_engine *engine)
{
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	uint8_t code[sizeof parser];

	for (unsigned i = 0; i < sizeof parser; i++)
		code[i] = (uint8_t)(parser[i / 4] >> (24 - i % 4 * 8));
	config.arch = DGM_ARCH_PPC32;
	check(dgm_vm_new(engine, &config, NULL, NULL, &f->vm), "vm");
	check(dgm_map_ram(f->vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL), "map");
	check(dgm_map_ram(f->vm, INPUT, TABLE_END - INPUT, DGM_R | DGM_W, NULL, NULL), "map");
	check(dgm_mem_write(f->vm, NULL, CODE, code, sizeof code, NULL), "load");
	check(dgm_cpu_new(f->vm, &f->cpu), "cpu");
	dgm_set(f->cpu, DGM_PPC_PC, CODE);
	dgm_set(f->cpu, DGM_PPC_R(3), INPUT);
	dgm_set(f->cpu, DGM_PPC_R(4), BYTES);
	dgm_set(f->cpu, DGM_PPC_R(5), TABLE);
	check(dgm_snap_take(f->vm, &f->ready), "snapshot");
}

/* One of those kept, with a few bytes changed. */
static void mutate(struct fuzzer *f, uint8_t input[BYTES])
{
	memcpy(input, f->kept[draw(f, f->n_kept)], BYTES);
	for (uint32_t n = 1 + draw(f, 2); n; n--)
		input[draw(f, BYTES)] = (uint8_t)draw(f, 256);
}

static dgm_exit execute(struct fuzzer *f, const uint8_t input[BYTES])
{
	uint64_t end = CODE + sizeof parser;
	dgm_run_opts options = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);

	options.until = &end;
	options.n_until = 1;
	options.max_insns = BUDGET;
	check(dgm_mem_write(f->vm, NULL, INPUT, input, BYTES, NULL), "input");
	check(dgm_cpu_run(f->cpu, &options, &exit), "run");
	check(dgm_snap_restore(f->vm, f->ready), "restore");
	return exit;
}

static bool find_crash(struct fuzzer *f, unsigned limit, unsigned *executions, dgm_exit *exit, uint8_t input[BYTES])
{
	f->n_kept = 1;		/* all zero */
	for (*executions = 1; *executions <= limit; (*executions)++) {
		mutate(f, input);
		*exit = execute(f, input);
		if (exit->reason == DGM_EXIT_FAULT)
			return true;
		if (f->seen[exit->insns] || f->n_kept == KEPT)
			continue;
		f->seen[exit->insns] = true;
		memcpy(f->kept[f->n_kept++], input, BYTES);
	}
	return false;
}

int main(void)
{
	struct fuzzer f = { .seed = 1 };
	dgm_engine *engine;
	dgm_exit exit;
	uint8_t input[BYTES];
	unsigned n;
	struct timespec a, b;

	check(dgm_engine_new(NULL, DGM_ABI, &engine), "engine");
	set_up(&f, engine);
	clock_gettime(CLOCK_MONOTONIC, &a);
	bool found = find_crash(&f, 1000000, &n, &exit, input);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (found)
		printf("execution %u: store to 0x%" PRIx64 " at 0x%" PRIx64 ", input %c%c%c, length %u, type %c\n", n,
		       exit.info.va, exit.pc, input[0], input[1], input[2], input[3], input[4]);
	double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	fprintf(stderr, "%.0f executions a second\n", n / seconds);
	dgm_snap_free(f.ready);
	dgm_cpu_free(f.cpu);
	dgm_vm_free(f.vm);
	dgm_engine_unref(engine);
	return found ? 0 : 1;
}
