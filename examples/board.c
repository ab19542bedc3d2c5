/*
 * A board: 1 MiB of RAM, a serial port at 0xf0000000 whose interrupt is line 0, a power-off latch at +0x100.
 * A host thread is the keyboard. The guest naps; its interrupt handler at 0x500 echoes what was typed. The machine
 * model has what the library leaves to it: MSR, SRR0, SRR1, how an interrupt is taken and what rfi does.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { UART = 0xf0000000u, POWER_OFF = 0x100, START = 0x100, HANDLER = 0x500 };
enum { MSR_EE = 0x8000, MSR_POW = 0x40000, RFI = 0x4c000064 };

/* lis r9,0xf000; mfmsr r4; ori r4,r4,MSR_EE; mtmsr r4; 1: mfmsr r4; oris r4,r4,MSR_POW >> 16; mtmsr r4; b 1b */
static const uint8_t start[] = {
	0x3d, 0x20, 0xf0, 0x00, 0x7c, 0x80, 0x00, 0xa6, 0x60, 0x84, 0x80, 0x00, 0x7c, 0x80, 0x01, 0x24,
	0x7c, 0x80, 0x00, 0xa6, 0x64, 0x84, 0x00, 0x04, 0x7c, 0x80, 0x01, 0x24, 0x4b, 0xff, 0xff, 0xf4,
};
/* lbz r3,0(r9); stb r3,0(r9); cmpwi r3,'.'; bne 1f; stb r3,0x100(r9); 1: rfi */
static const uint8_t handler[] = {
	0x88, 0x69, 0x00, 0x00, 0x98, 0x69, 0x00, 0x00, 0x2c, 0x03, 0x00, 0x2e,
	0x40, 0x82, 0x00, 0x08, 0x98, 0x69, 0x01, 0x00, 0x4c, 0x00, 0x00, 0x64,
};

struct board {
	dgm_cpu *cpu;
	uint32_t msr, srr0, srr1;
	atomic_int received;	/* a character, or 0 */
	char out[64];
	unsigned n_out;
};

/* ---- the processor's part ---- */

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct board *b = ud;

	(void)line;
	if (!(b->msr & MSR_EE))
		return DGM_SKIP;
	b->srr0 = (uint32_t)dgm_pc(cpu);
	b->srr1 = b->msr;
	b->msr &= ~(uint32_t)MSR_EE;
	dgm_set(cpu, DGM_PPC_PC, HANDLER);
	return DGM_CONT;
}

static dgm_act on_illegal(void *ud, dgm_cpu *cpu, dgm_fault *fault)
{
	struct board *b = ud;

	if (fault->opcode != RFI)
		return DGM_RAISE;
	b->msr = b->srr1;
	dgm_set(cpu, DGM_PPC_PC, b->srr0);
	return DGM_CONT;
}

static dgm_act on_sysreg(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	struct board *b = ud;

	if (reg != DGM_PPC_SYS_MSR)
		return DGM_RAISE;
	if (!write)
		*value = b->msr;
	else
		b->msr = (uint32_t)*value & ~(uint32_t)MSR_POW;
	if (write && *value & MSR_POW)
		dgm_cpu_wait(cpu);
	return DGM_CONT;
}

static dgm_act on_idle(void *ud, dgm_cpu *cpu, uint64_t until)
{
	(void)ud;
	(void)until;
	dgm_cpu_sleep(cpu, 0);	/* an interrupt wakes it */
	return DGM_CONT;
}

/* ---- the serial port ---- */

static dgm_act uart_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct board *b = ud;

	(void)len;
	if (off)
		return DGM_RAISE;	/* as the real bus would */
	dgm_cpu_irq(cpu, 0, false);
	*value = (uint64_t)atomic_exchange(&b->received, 0);
	return DGM_CONT;
}

static dgm_act uart_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	struct board *b = ud;

	(void)cpu;
	(void)len;
	if (off == POWER_OFF)
		return DGM_STOP;	/* the store is done, then dgm_cpu_run returns */
	if (!off && b->n_out < sizeof b->out - 1)
		b->out[b->n_out++] = (char)value;
	return DGM_CONT;
}

static void *keyboard(void *ud)
{
	struct board *b = ud;

	for (const char *key = "echo."; *key; key++) {
		for (int empty = 0; !atomic_compare_exchange_weak(&b->received, &empty, *key); empty = 0)
			;
		dgm_cpu_irq(b->cpu, 0, true);
	}
	return NULL;
}

static int make(struct board *b, dgm_engine **engine, dgm_vm **vm)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);

	io.read = uart_read;
	io.write = uart_write;
	io.min_access = io.max_access = 1;
	ops.irq_ack = on_irq;
	ops.illegal = on_illegal;
	ops.sysreg = on_sysreg;
	ops.idle = on_idle;
	config.arch = DGM_ARCH_PPC32;
	return dgm_engine_new(NULL, DGM_ABI, engine) || dgm_vm_new(*engine, &config, &ops, b, vm) ||
	       dgm_map_ram(*vm, 0, 1 << 20, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	       dgm_map_io(*vm, UART, POWER_OFF + 4, &io, b, NULL) ||
	       dgm_mem_write(*vm, NULL, START, start, sizeof start, NULL) ||
	       dgm_mem_write(*vm, NULL, HANDLER, handler, sizeof handler, NULL) || dgm_cpu_new(*vm, &b->cpu);
}

int main(void)
{
	struct board b = { .n_out = 0 };
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *engine;
	dgm_vm *vm;
	pthread_t thread;

	if (make(&b, &engine, &vm))
		return 1;
	dgm_set(b.cpu, DGM_PPC_PC, START);
	if (pthread_create(&thread, NULL, keyboard, &b) || dgm_cpu_run(b.cpu, NULL, &exit))
		return 2;
	pthread_join(thread, NULL);
	printf("%s reason %u at 0x%" PRIx64 "\n", b.out, exit.reason, exit.pc);
	dgm_cpu_free(b.cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return exit.reason == DGM_EXIT_MODEL && !strcmp(b.out, "echo.") ? 0 : 3;
}
