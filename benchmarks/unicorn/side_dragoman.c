/* The comparison's side of this library: checked memory, no signal handlers. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

struct machine {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	enum guest guest;
	enum watch watch;
	uint64_t seen;
	dgm_id hook;
	dgm_snap *snap;
};

static const struct {
	uint32_t arch, pc, sp, lr, arg;
} guest_info[GUESTS] = {
	[GUEST_PPC] = {DGM_ARCH_PPC32, DGM_PPC_PC, DGM_PPC_R1, DGM_PPC_LR, DGM_PPC_R3},
	[GUEST_AARCH64] = {DGM_ARCH_AARCH64, DGM_A64_PC, DGM_A64_SP, DGM_A64_X30, DGM_A64_X0},
	[GUEST_ARM] = {DGM_ARCH_ARM, DGM_ARM_PC, DGM_ARM_SP, DGM_ARM_LR, DGM_ARM_R0},
};

static void machine_close(void *self)
{
	struct machine *m = self;

	if (!m)
		return;
	dgm_snap_free(m->snap);
	(void)dgm_cpu_free(m->cpu);
	(void)dgm_vm_free(m->vm);
	dgm_engine_unref(m->engine);
	free(m);
}

static dgm_act on_code(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	return DGM_CONT;
}

static dgm_act count(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	struct machine *m = ud;

	m->seen++;
	return DGM_CONT;
}

static bool watch(struct machine *m, dgm_hook_fn *fn)
{
	dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);

	h.kind = m->watch == WATCH_INSNS ? DGM_HOOK_INSN : DGM_HOOK_BLOCK;
	if (m->watch == WATCH_COUNTER)
		h.counter = &m->seen;
	else
		h.fn = fn;
	h.ud = m;
	return m->watch == WATCH_NOTHING || m->watch == WATCH_BUDGET || !dgm_hook_add(m->vm, &h, &m->hook);
}

static void *machine_open(enum guest g, const uint8_t *image, size_t len, enum watch w)
{
	struct machine *m = calloc(1, sizeof *m);
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	if (!m)
		return NULL;
	m->guest = g;
	m->watch = w;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	/* hot code is there after a number of runs, not after a time that depends on what else the host does */
	ec.flags = DGM_DETERMINISTIC;
	vc.arch = guest_info[g].arch;
	vc.flags = w == WATCH_BUDGET ? 0 : DGM_VM_NO_COUNT;
	if (dgm_engine_new(&ec, DGM_ABI, &m->engine) || dgm_vm_new(m->engine, &vc, NULL, NULL, &m->vm) ||
	    dgm_map_ram(m->vm, 0, RAM_SIZE, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_mem_write(m->vm, NULL, IMAGE_AT, image, len, NULL) || dgm_cpu_new(m->vm, &m->cpu) || !watch(m, on_code)) {
		machine_close(m);
		return NULL;
	}
	return m;
}

static bool run(struct machine *m, uint64_t until)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);

	o.until = &until;
	o.n_until = 1;
	o.max_insns = m->watch == WATCH_BUDGET ? (uint64_t)1 << 40 : 0;
	dgm_set(m->cpu, guest_info[m->guest].pc, IMAGE_AT);
	return !dgm_cpu_run(m->cpu, &o, &x) && x.reason == DGM_EXIT_UNTIL;
}

static bool machine_call(void *self, uint32_t n, uint32_t *result)
{
	struct machine *m = self;

	dgm_set(m->cpu, guest_info[m->guest].sp, STACK_TOP);
	dgm_set(m->cpu, guest_info[m->guest].lr, RETURN_TO);
	dgm_set(m->cpu, guest_info[m->guest].arg, n);
	if (!run(m, RETURN_TO))
		return false;
	*result = (uint32_t)dgm_get(m->cpu, guest_info[m->guest].arg);
	return true;
}

static bool machine_enter(void *self, uint64_t until)
{
	return run(self, until);
}

static uint64_t machine_get(void *self)
{
	struct machine *m = self;

	return dgm_get(m->cpu, guest_info[m->guest].arg);
}

static bool machine_rewind(void *self)
{
	struct machine *m = self;

	return m->snap ? !dgm_snap_restore(m->vm, m->snap) : !dgm_snap_take(m->vm, &m->snap);
}

static uint64_t machine_seen(void *self)
{
	struct machine *m = self;
	uint32_t result;

	if (m->watch != WATCH_COUNTER &&
	    (dgm_hook_del(m->vm, m->hook) || !watch(m, count) || !machine_call(m, 1, &result)))
		return 0;
	return m->seen;
}

const struct side side_dragoman = {
	.name = "Dragoman",
	.open = machine_open,
	.close = machine_close,
	.call = machine_call,
	.enter = machine_enter,
	.get = machine_get,
	.rewind = machine_rewind,
	.seen = machine_seen,
};
