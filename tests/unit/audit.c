/*
 * DGM_AUDIT: a loop of each way to write runs through; with a back end that answers wrong the run ends in front of
 * the guilty block, and the log names it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/baseline/baseline.h"
#include "dragoman/ppc.h"
#include "engine/engine.h"

enum { CODE = 0x10000, DATA = 0x1000, WRONG = 0x1234 };

static char said[8192];
static unsigned failures;

#define CHECK(c) \
	do { \
		if (!(c)) { \
			failures++; \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c); \
		} \
	} while (0)

static void on_log(void *ud, int level, const char *category, const char *msg)
{
	size_t n = strlen(said);

	(void)ud, (void)level;
	if (!strcmp(category, "audit"))
		snprintf(said + n, sizeof said - n, "%s\n", msg);
}

/* The baseline compiler, but for one constant. */
static enum dgm_status compile_wrong(void *self, const struct backend_request *rq, struct base_arena *arena,
				     struct code_object *out)
{
	struct ir_unit unit = *rq->block[0];
	const struct ir_unit *block[1] = { &unit };
	struct backend_request other = *rq;
	struct ir_const konst[64];

	if (unit.n_konst > 64)
		return DGM_E_UNSUP;
	memcpy(konst, unit.konst, unit.n_konst * sizeof *konst);
	for (unsigned i = 0; i < unit.n_konst; i++)
		konst[i].bits[0] += konst[i].bits[0] == WRONG;
	unit.konst = konst;
	other.block = block;
	return backend_baseline.compile(self, &other, arena, out);
}

static void put_code(dgm_vm *vm)
{
	static const uint32_t words[] = {
		0x39200032,	/* li r9, 50 */
		0x7d2903a6,	/* mtctr r9 */
		0x38631234,	/* addi r3, r3, 0x1234, at 0x10008 */
		0x90650000,	/* stw r3, 0(r5) */
		0x9c850007,	/* stbu r4, 7(r5) */
		0x38840001,	/* addi r4, r4, 1 */
		0x4200fff0,	/* bdnz 0x10008 */
		0x44000002,	/* sc */
	};
	uint8_t bytes[sizeof words];

	for (unsigned i = 0; i < sizeof words; i++)
		bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i & 3)));
	CHECK(!dgm_mem_write(vm, NULL, CODE, bytes, sizeof bytes, NULL));
}

/* The exit of the loop on an engine with these flags; r3, r4 and the pc it stands at. */
static uint32_t run(const struct backend *baseline, uint32_t flags, uint64_t *r3, uint64_t *pc)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *e;
	dgm_vm *vm;
	dgm_cpu *cpu;

	said[0] = 0;
	ec.flags = flags | DGM_DETERMINISTIC;
	ec.log = on_log;
	ec.hot_threshold = 8;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = DGM_ARCH_PPC32;
	if (dgm_engine_new(&ec, DGM_ABI, &e))
		return 0;
	if (baseline)
		e->parts.baseline = baseline;
	if (dgm_vm_new(e, &vc, NULL, NULL, &vm) || dgm_map_ram(vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL) ||
	    dgm_map_ram(vm, DATA, 0x1000, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(vm, &cpu))
		return 0;
	put_code(vm);
	dgm_set(cpu, DGM_PPC_PC, CODE);
	dgm_set(cpu, DGM_PPC_R(5), DATA);
	CHECK(!dgm_cpu_run(cpu, NULL, &exit));
	*r3 = dgm_get(cpu, DGM_PPC_R3);
	*pc = dgm_pc(cpu);
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(e);
	return exit.reason;
}

int main(void)
{
	struct backend wrong = backend_baseline;
	uint64_t r3 = 0, pc = 0;

	wrong.compile = compile_wrong;
	CHECK(run(NULL, DGM_AUDIT | DGM_NO_LLVM, &r3, &pc) == DGM_EXIT_SYSCALL && r3 == 50 * 0x1234 && !said[0]);
	CHECK(run(NULL, DGM_AUDIT, &r3, &pc) == DGM_EXIT_SYSCALL && r3 == 50 * 0x1234 && !said[0]);
	CHECK(run(NULL, DGM_AUDIT | DGM_INTERP_ONLY, &r3, &pc) == DGM_EXIT_SYSCALL && r3 == 50 * 0x1234 && !said[0]);
#if ENGINE_CAN_ENTER
	CHECK(run(&wrong, DGM_NO_LLVM, &r3, &pc) == DGM_EXIT_SYSCALL && r3 == 50 * 0x1235);
	CHECK(run(&wrong, DGM_AUDIT | DGM_NO_LLVM, &r3, &pc) == DGM_EXIT_INTERNAL);
	CHECK(pc <= CODE + 8 && r3 == 0);
	CHECK(strstr(said, "baseline") && strstr(said, "r3 is") && strstr(said, "0x00010008") && strstr(said, "0x1234:i32"));
#endif
	printf("%u failures\n", failures);
	return failures != 0;
}
