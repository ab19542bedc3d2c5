/*
 * A personality in one function: the system calls write, brk and exit of PowerPC Linux; all others
 * are ENOSYS. And what a fault handler sees. State belongs to the VM, nothing is global.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BASE = 0x10000, LENGTH = 0x30000, NR_EXIT = 1, NR_WRITE = 4, NR_BRK = 45 };

/*
 * lis r4,1; ori r4,r4,0x40; li r0,4; li r3,1; li r5,6; sc      write(1, "hello\n", 6)
 * li r0,300; sc                                                unknown
 * mr r31,r3; li r0,1; li r3,7; sc                              exit(7)
 */
static const uint8_t code[0x46] = {
	0x3c, 0x80, 0x00, 0x01, 0x60, 0x84, 0x00, 0x40, 0x38, 0x00, 0x00, 0x04, 0x38, 0x60, 0x00, 0x01,
	0x38, 0xa0, 0x00, 0x06, 0x44, 0x00, 0x00, 0x02, 0x38, 0x00, 0x01, 0x2c, 0x44, 0x00, 0x00, 0x02,
	0x7c, 0x7f, 0x1b, 0x78, 0x38, 0x00, 0x00, 0x01, 0x38, 0x60, 0x00, 0x07, 0x44, 0x00, 0x00, 0x02,
	[0x40] = 'h', 'e', 'l', 'l', 'o', '\n',
};

struct tiny {
	uint64_t brk;
	int status;
	unsigned unknown;
	char out[64];
	size_t n_out;
};

static int64_t do_write(struct tiny *t, dgm_cpu *cpu, uint64_t addr, uint64_t n)
{
	uint64_t done = 0;

	if (n > sizeof t->out - t->n_out)
		n = sizeof t->out - t->n_out;
	dgm_mem_read(dgm_cpu_vm(cpu), cpu, addr, t->out + t->n_out, n, &done);
	t->n_out += done;
	return done || !n ? (int64_t)done : -EFAULT;
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	struct tiny *t = ud;

	switch (call->nr) {
	case NR_EXIT:
		t->status = (int)(call->a[0] & 0xff);
		return DGM_STOP;
	case NR_WRITE:
		call->ret = call->a[0] == 1 ? do_write(t, cpu, call->a[1], call->a[2]) : -EBADF;
		return DGM_CONT;
	case NR_BRK:
		if (call->a[0] > BASE && call->a[0] < BASE + LENGTH)
			t->brk = call->a[0];
		call->ret = (int64_t)t->brk;
		return DGM_CONT;
	default:
		t->unknown++;
		call->ret = -ENOSYS;
		return DGM_CONT;
	}
}

/* Other answers: DGM_RETRY after mapping the page, DGM_SKIP with a value, DGM_RAISE. */
static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *fault)
{
	(void)ud;
	(void)cpu;
	fprintf(stderr, "access %u of %u bytes at 0x%" PRIx64 ", pc 0x%" PRIx64 "\n", fault->access, fault->len,
		fault->va, fault->pc);
	return DGM_BREAK;
}

int main(void)
{
	struct tiny t = { .brk = BASE + 0x10000 };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;

	ops.syscall = on_syscall;
	ops.fault = on_fault;
	config.arch = DGM_ARCH_PPC32;
	config.abi = DGM_ABI_LINUX;
	if (dgm_engine_new(NULL, DGM_ABI, &engine) || dgm_vm_new(engine, &config, &ops, &t, &vm) ||
	    dgm_map_ram(vm, BASE, LENGTH, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_mem_write(vm, NULL, BASE, code, sizeof code, NULL) || dgm_cpu_new(vm, &cpu))
		return 1;
	dgm_set(cpu, DGM_PPC_PC, BASE);
	dgm_set(cpu, DGM_PPC_R1, BASE + LENGTH - 16);
	if (dgm_cpu_run(cpu, NULL, &exit))
		return 2;
	printf("%.*sreason %u, status %d, %u unknown call gave %d, %" PRIu64 " instructions\n", (int)t.n_out, t.out,
	       exit.reason, t.status, t.unknown, (int)dgm_get(cpu, DGM_PPC_R31), exit.insns);
	if (exit.reason != DGM_EXIT_MODEL || t.status != 7 || t.unknown != 1 || exit.insns != 12 ||
	    dgm_get(cpu, DGM_PPC_R31) != ENOSYS || t.n_out != 6 || memcmp(t.out, "hello\n", 6))
		return 3;
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return 0;
}
