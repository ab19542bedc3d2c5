/*
 * Coverage by hooks: which blocks and instructions of a function does an input reach? A callback at each block
 * notes where blocks begin; each instruction has a counter, which translated code adds to without a call. The
 * callback is removed before the last input, the counters go on.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* r3 = how many of 1..r3 are even; -1 for a negative number, 1000 for one above 100 */
static const uint32_t code[] = {
	0x2c030000, 0x41800030,			/* cmpwi r3,0; blt negative */
	0x2c030064, 0x41810030,			/* cmpwi r3,100; bgt many */
	0x7c691b78, 0x38600000,			/* mr r9,r3; li r3,0 */
	0x2c090000, 0x41820024,			/* 1: cmpwi r9,0; beq end */
	0x71280001, 0x40820008,			/* andi. r8,r9,1; bne 2f */
	0x38630001,				/* addi r3,r3,1 */
	0x3929ffff, 0x4bffffe8,			/* 2: addi r9,r9,-1; b 1b */
	0x3860ffff, 0x48000008,			/* negative: li r3,-1; b end */
	0x386003e8,				/* many: li r3,1000; end: */
};

enum { BASE = 0x10000, INSNS = sizeof code / 4 };

struct coverage {
	dgm_vm *vm;
	dgm_cpu *cpu;
	struct block {
		unsigned insns, times;
	} block[INSNS];			/* by the instruction it begins with */
	uint64_t count[INSNS];
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

static dgm_act on_block(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	struct coverage *c = ud;
	struct block *b = &c->block[(event->pc - BASE) / 4];

	(void)cpu;
	b->insns = event->insns;
	b->times++;
	return DGM_CONT;
}

static void set_up(struct coverage *c, dgm_engine *engine)
{
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	uint8_t bytes[sizeof code];

	for (unsigned i = 0; i < sizeof code; i++)
		bytes[i] = (uint8_t)(code[i / 4] >> (24 - i % 4 * 8));
	config.arch = DGM_ARCH_PPC32;
	check(dgm_vm_new(engine, &config, NULL, NULL, &c->vm), "vm");
	check(dgm_map_ram(c->vm, BASE, 0x1000, DGM_R | DGM_X, NULL, NULL), "map");
	check(dgm_mem_write(c->vm, NULL, BASE, bytes, sizeof bytes, NULL), "load");
	check(dgm_cpu_new(c->vm, &c->cpu), "cpu");
}

/* The id is that of the block hook; the counters stay until the VM goes. */
static dgm_id add_hooks(struct coverage *c)
{
	dgm_hook_cfg block = DGM_INIT(dgm_hook_cfg), insn = DGM_INIT(dgm_hook_cfg);
	dgm_id id;

	block.kind = DGM_HOOK_BLOCK;
	block.lo = BASE;
	block.hi = BASE + sizeof code;
	block.fn = on_block;
	block.ud = c;
	check(dgm_hook_add(c->vm, &block, &id), "block hook");
	insn.kind = DGM_HOOK_INSN;
	for (unsigned i = 0; i < INSNS; i++) {
		insn.lo = BASE + 4 * i;
		insn.hi = insn.lo + 4;
		insn.counter = &c->count[i];
		check(dgm_hook_add(c->vm, &insn, NULL), "counter");
	}
	return id;
}

static void run(struct coverage *c, int32_t input)
{
	uint64_t end = BASE + sizeof code;
	dgm_run_opts options = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);

	options.until = &end;
	options.n_until = 1;
	options.max_insns = 10000;
	dgm_set(c->cpu, DGM_PPC_PC, BASE);
	dgm_set(c->cpu, DGM_PPC_R(3), (uint32_t)input);
	check(dgm_cpu_run(c->cpu, &options, &exit), "run");
	printf("f(%" PRId32 ") = %" PRId32 ", %" PRIu64 " instructions\n", input, (int32_t)dgm_get(c->cpu, DGM_PPC_R(3)), exit.insns);
}

static void report(const struct coverage *c)
{
	unsigned reached = 0;

	for (unsigned i = 0; i < INSNS; i++)
		if (c->block[i].times)
			printf("block 0x%x: %u instructions, begun %ux\n", BASE + 4 * i, c->block[i].insns, c->block[i].times);
	for (unsigned i = 0; i < INSNS; i++) {
		reached += c->count[i] != 0;
		if (!c->count[i])
			printf("0x%x not reached\n", BASE + 4 * i);
	}
	printf("%u of %d instructions\n", reached, INSNS);
}

int main(void)
{
	struct coverage c = { 0 };
	dgm_engine *engine;

	check(dgm_engine_new(NULL, DGM_ABI, &engine), "engine");
	set_up(&c, engine);
	dgm_id blocks = add_hooks(&c);
	run(&c, 6);
	run(&c, -5);
	report(&c);
	check(dgm_hook_del(c.vm, blocks), "removal");
	run(&c, 101);
	report(&c);
	dgm_cpu_free(c.cpu);
	dgm_vm_free(c.vm);
	dgm_engine_unref(engine);
	return 0;
}
