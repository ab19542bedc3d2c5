/*
 * A board: 1 MiB of RAM, a serial port like the 16550 at 0xf0000000, a power-off latch at +0x100.
 * A host thread is the keyboard; the guest polls the line status register and echoes what it types.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { UART = 0xf0000000u, POWER_OFF = 0x100, RBR = 0, LSR = 5, LSR_DR = 1, LSR_THRE = 0x60 };

/*
 * lis r9,0xf000; 1: lbz r4,5(r9); andi. r4,r4,1; beq 1b; lbz r3,0(r9); stb r3,0(r9);
 * cmpwi r3,'.'; bne 1b; stb r3,0x100(r9); b .
 */
static const uint8_t code[] = {
	0x3d, 0x20, 0xf0, 0x00, 0x88, 0x89, 0x00, 0x05, 0x70, 0x84, 0x00, 0x01, 0x41, 0x82, 0xff, 0xf8,
	0x88, 0x69, 0x00, 0x00, 0x98, 0x69, 0x00, 0x00, 0x2c, 0x03, 0x00, 0x2e, 0x40, 0x82, 0xff, 0xe8,
	0x98, 0x69, 0x01, 0x00, 0x48, 0x00, 0x00, 0x00,
};

struct board {
	atomic_int received;	/* a character, or 0 */
	char out[64];
	unsigned n_out;
};

static dgm_act uart_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct board *b = ud;

	(void)cpu;
	(void)len;
	if (off > 7)
		return DGM_RAISE;	/* as the real bus would */
	if (off == RBR)
		*value = (uint64_t)atomic_exchange(&b->received, 0);
	else
		*value = off == LSR ? LSR_THRE | (atomic_load(&b->received) ? LSR_DR : 0) : 0;
	return DGM_CONT;
}

static dgm_act uart_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	struct board *b = ud;

	(void)cpu;
	(void)len;
	if (off == POWER_OFF)
		return DGM_STOP;	/* the store is done, then dgm_cpu_run returns */
	if (off == RBR && b->n_out < sizeof b->out - 1)
		b->out[b->n_out++] = (char)value;
	return DGM_CONT;
}

static void *keyboard(void *ud)
{
	struct board *b = ud;

	for (const char *key = "echo."; *key; key++)
		for (int empty = 0; !atomic_compare_exchange_weak(&b->received, &empty, *key); empty = 0)
			;
	return NULL;
}

int main(void)
{
	struct board b = { .n_out = 0 };
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	pthread_t thread;

	io.read = uart_read;
	io.write = uart_write;
	io.min_access = io.max_access = 1;
	config.arch = DGM_ARCH_PPC32;
	config.clock_num = 1;
	config.clock_den = 4;	/* the time base counts quarter instructions: the same in every run */
	if (dgm_engine_new(NULL, DGM_ABI, &engine) || dgm_vm_new(engine, &config, NULL, NULL, &vm) ||
	    dgm_map_ram(vm, 0, 1 << 20, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_map_io(vm, UART, POWER_OFF + 4, &io, &b, NULL) ||
	    dgm_mem_write(vm, NULL, 0x100, code, sizeof code, NULL) || dgm_cpu_new(vm, &cpu))
		return 1;
	dgm_set(cpu, DGM_PPC_PC, 0x100);
	if (pthread_create(&thread, NULL, keyboard, &b) || dgm_cpu_run(cpu, NULL, &exit))
		return 2;
	pthread_join(thread, NULL);
	printf("%s reason %u at 0x%" PRIx64 "\n", b.out, exit.reason, exit.pc);
	if (exit.reason != DGM_EXIT_MODEL || strcmp(b.out, "echo.") || exit.pc != 0x124)
		return 3;
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return 0;
}
