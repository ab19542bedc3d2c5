/* What is missing or fails costs speed, never the result, and a counter says so. */
#include <stdlib.h>

#include "conf.h"

static const uint32_t count_down[] = { LI(3, 0), LI(4, 3000), MTCTR(4), ADDI(3, 3, 2), BDNZ(-4), SC };

static dgm_stats run_with(uint32_t flags, const char *backend_dir, uint64_t code_budget)
{
	static const struct conf c = { "degraded", 0 };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_stats st = DGM_INIT(dgm_stats);

	ec.flags = flags;
	ec.hot_threshold = 50;
	ec.backend_dir = backend_dir;
	ec.code_budget = code_budget;
	struct rig r = rig_with(&c, &ec, 0x1000, NULL, NULL);
	rig_code(&r, CODE, count_down, sizeof count_down / 4);
	rig_run(&r, 0);
	EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
	EXPECT(r, r.exit.insns, 3 + 2 * 3000);
	EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 6000);
	EXPECT(r, dgm_vm_stats(r.vm, &st), DGM_OK);
	rig_free(&r);
	return st;
}

/* Budgets of code memory. */
#define USUAL 0
#define NO_HOST_HAS_IT ((uint64_t)1 << 60)

static const uint32_t tier_up[] = { DGM_HOT_AT_ONCE, DGM_DETERMINISTIC, DGM_HOT_AT_ONCE | DGM_NO_BASELINE };

Test(degraded, no_llvm_back_end)
{
	for (unsigned i = 0; i < 3; i++) {
		const char *const folder[] = { "/nonexistent", getenv("DGM_FOREIGN_BACKEND_DIR") };

		for (unsigned k = 0; k < 2; k++) {
			dgm_stats st = run_with(tier_up[i], folder[k], USUAL);

			cr_assert_eq(st.llvm_missing, 1);
			cr_assert_eq(st.units_llvm, 0);
		}
	}
}

Test(degraded, every_hot_compilation_fails)
{
	for (unsigned i = 0; i < 3; i++) {
		dgm_stats st = run_with(tier_up[i], getenv("DGM_FAILING_BACKEND_DIR"), USUAL);

		cr_assert_eq(st.llvm_missing, 0);
		cr_assert_eq(st.units_llvm, 0);
		cr_assert_gt(st.compile_fails, 0);
	}
}

Test(degraded, no_executable_memory)
{
	for (unsigned i = 0; i < 3; i++) {
		dgm_stats st = run_with(tier_up[i], NULL, NO_HOST_HAS_IT);

		cr_assert_eq(st.jit_refused, 1);
		cr_assert_eq(st.units_baseline + st.units_llvm, 0);
		cr_assert_gt(st.runs_interp, 0);
	}
}

/* Tier-up by counts alone: the same units at the same place, twice. */
Test(degraded, deterministic_tier_up_repeats)
{
	dgm_stats a = run_with(DGM_DETERMINISTIC, getenv("DGM_BACKEND_DIR"), USUAL);
	dgm_stats b = run_with(DGM_DETERMINISTIC, getenv("DGM_BACKEND_DIR"), USUAL);

	cr_assert_eq(a.units_llvm, b.units_llvm);
	cr_assert_eq(a.units_baseline, b.units_baseline);
	cr_assert_eq(a.exits, b.exits);
	if (!a.llvm_missing) {
		cr_assert_gt(a.units_llvm, 0);
		cr_assert_lt(a.insns_baseline, a.insns);
	}
}
