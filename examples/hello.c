/*
 * The smallest use of libdragoman: put some PowerPC code into memory, run it up to an address,
 * read a register.
 */
#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>

#include <inttypes.h>
#include <stdio.h>

/* li r3,0; li r4,10; mtctr r4; 1: mfctr r5; add r3,r3,r5; bdnz 1b */
static const uint8_t code[] = {
	0x38, 0x60, 0x00, 0x00, 0x38, 0x80, 0x00, 0x0a, 0x7c, 0x89, 0x03, 0xa6,
	0x7c, 0xa9, 0x02, 0xa6, 0x7c, 0x63, 0x2a, 0x14, 0x42, 0x00, 0xff, 0xf8,
};

enum { BASE = 0x10000 };

static int fail(const char *what, dgm_status status)
{
	dgm_error e = DGM_INIT(dgm_error);

	dgm_last_error(&e);
	fprintf(stderr, "%s: %s: %s\n", what, dgm_strerror(status), e.msg);
	return 1;
}

static int run(dgm_cpu *cpu)
{
	uint64_t end = BASE + sizeof code;
	dgm_run_opts options = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_status status;

	dgm_set(cpu, DGM_PPC_PC, BASE);
	options.until = &end;
	options.n_until = 1;
	options.max_insns = 1000;
	status = dgm_cpu_run(cpu, &options, &exit);
	if (status)
		return fail("run", status);
	printf("reason %u at 0x%" PRIx64 " after %" PRIu64 " instructions, r3 = %" PRIu64 "\n", exit.reason, exit.pc,
	       exit.insns, dgm_get(cpu, DGM_PPC_R3));
	return exit.reason == DGM_EXIT_UNTIL && exit.insns == 33 && dgm_get(cpu, DGM_PPC_R3) == 55 ? 0 : 1;
}

int main(void)
{
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_status status;
	int result;

	config.arch = DGM_ARCH_PPC32;
	if ((status = dgm_engine_new(NULL, DGM_ABI, &engine)))
		return fail("engine", status);
	if ((status = dgm_vm_new(engine, &config, NULL, NULL, &vm)))
		return fail("vm", status);
	if ((status = dgm_map_ram(vm, BASE, 0x1000, DGM_R | DGM_X, NULL, NULL)))
		return fail("map", status);
	if ((status = dgm_mem_write(vm, NULL, BASE, code, sizeof code, NULL)))
		return fail("load", status);
	if ((status = dgm_cpu_new(vm, &cpu)))
		return fail("cpu", status);
	result = run(cpu);
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return result;
}
