/*
 * A function of the guest's, called from C like one's own: the greatest common divisor in AArch64 code, with a
 * budget for callers that do not trust it.
 */
#include <dragoman/aarch64.h>
#include <dragoman/dragoman.h>

#include <inttypes.h>
#include <stdio.h>

enum { BASE = 0x10000, STACK_TOP = 0x20000 };

/* gcd: udiv x2,x0,x1; msub x2,x2,x1,x0; mov x0,x1; mov x1,x2; cbnz x1,gcd; ret. forever: b . */
static const uint8_t code[] = {
	0x02, 0x08, 0xc1, 0x9a, 0x42, 0x80, 0x01, 0x9b, 0xe0, 0x03, 0x01, 0xaa, 0xe1, 0x03, 0x02, 0xaa,
	0x81, 0xff, 0xff, 0xb5, 0xc0, 0x03, 0x5f, 0xd6, 0x00, 0x00, 0x00, 0x14,
};
enum { GCD = BASE, FOREVER = BASE + 24 };

static int gcd(dgm_cpu *cpu, uint64_t a, uint64_t b)
{
	uint64_t args[] = { a, b }, result = 0;
	dgm_exit exit = DGM_INIT(dgm_exit);

	if (dgm_cpu_call(cpu, GCD, args, 2, NULL, &result, &exit) || exit.reason != DGM_EXIT_RETURN)
		return 1;
	printf("gcd(%" PRIu64 ", %" PRIu64 ") = %" PRIu64 ", %" PRIu64 " instructions\n", a, b, result, exit.insns);
	return 0;
}

int main(void)
{
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_run_opts limit = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;

	config.arch = DGM_ARCH_AARCH64;
	if (dgm_engine_new(NULL, DGM_ABI, &engine) || dgm_vm_new(engine, &config, NULL, NULL, &vm) ||
	    dgm_map_ram(vm, BASE, STACK_TOP - BASE, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_mem_write(vm, NULL, BASE, code, sizeof code, NULL) || dgm_cpu_new(vm, &cpu))
		return 1;
	dgm_set(cpu, DGM_A64_SP, STACK_TOP);
	if (gcd(cpu, 1071, 462) || gcd(cpu, 12586269025, 7778742049))
		return 2;
	limit.max_insns = 1000;
	if (dgm_cpu_call(cpu, FOREVER, NULL, 0, &limit, NULL, &exit))
		return 3;
	printf("%s after %" PRIu64 " instructions\n", exit.reason == DGM_EXIT_BUDGET ? "given up" : "returned", exit.insns);
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return 0;
}
