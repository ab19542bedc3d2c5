#include "conf.h"

/* backend_dir of the build tree comes from the environment, as the program's does. */
#include <stdlib.h>

const struct conf conf_list[] = {
	{ "interp", DGM_INTERP_ONLY | DGM_VERIFY_IR },
	{ "baseline", DGM_NO_LLVM | DGM_VERIFY_IR },
	{ "llvm", DGM_HOT_AT_ONCE | DGM_VERIFY_IR },
	{ "llvm alone", DGM_HOT_AT_ONCE | DGM_NO_BASELINE | DGM_VERIFY_IR },
	{ NULL, 0 },
};

static void log_line(void *ud, int level, const char *category, const char *msg)
{
	if (level <= DGM_LOG_ERROR)
		fprintf(stderr, "[%s] %s\n", category, msg);
}

void rig_code(struct rig *r, uint64_t at, const uint32_t *code, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		rig_store(r, at + 4 * i, code[i]);
}

struct rig rig_with(const struct conf *c, const dgm_engine_cfg *ec, uint64_t code_bytes, const dgm_machine_ops *ops, void *ud)
{
	struct rig r = { .conf = c, .exit = DGM_INIT(dgm_exit) };
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	vc.arch = DGM_ARCH_PPC32;
	vc.abi = DGM_ABI_LINUX;
	cr_assert_eq(dgm_engine_new(ec, DGM_ABI, &r.engine), DGM_OK);
	cr_assert_eq(dgm_vm_new(r.engine, &vc, ops, ud, &r.vm), DGM_OK);
	cr_assert_eq(dgm_map_ram(r.vm, CODE, code_bytes, DGM_R | DGM_X, NULL, NULL), DGM_OK);
	cr_assert_eq(dgm_cpu_new(r.vm, &r.cpu), DGM_OK);
	return r;
}

struct rig rig_make(const struct conf *c, const uint32_t *code, unsigned n, const dgm_machine_ops *ops, void *ud)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);

	ec.flags = c->flags;
	ec.log = log_line;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	struct rig r = rig_with(c, &ec, 0x1000, ops, ud);
	cr_assert_eq(dgm_map_ram(r.vm, DATA, 0x10000, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	rig_code(&r, CODE, code, n);
	return r;
}

void rig_free(struct rig *r)
{
	EXPECT(*r, dgm_cpu_free(r->cpu), DGM_OK);
	EXPECT(*r, dgm_vm_free(r->vm), DGM_OK);
	dgm_engine_unref(r->engine);
}

void rig_go_on(struct rig *r, uint64_t max_insns)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	o.max_insns = max_insns;
	r->exit = DGM_INIT(dgm_exit);
	EXPECT(*r, dgm_cpu_run(r->cpu, &o, &r->exit), DGM_OK);
}

void rig_run(struct rig *r, uint64_t max_insns)
{
	dgm_set(r->cpu, DGM_PPC_PC, CODE);
	rig_go_on(r, max_insns);
}

uint32_t rig_load(struct rig *r, uint64_t at)
{
	uint8_t b[4];

	cr_assert_eq(dgm_mem_read(r->vm, NULL, at, b, 4, NULL), DGM_OK);
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

void rig_store(struct rig *r, uint64_t at, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	cr_assert_eq(dgm_mem_write(r->vm, NULL, at, b, 4, NULL), DGM_OK);
}
