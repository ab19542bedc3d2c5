/* Executes cases through the public interface, once a tier. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

#define CLOCK 0x123456789abcdef0ull

const char *const camp_tier_names[CAMP_TIERS] = { "interp", "baseline", "llvm" };

/* Where the windows lie in the data pages. */
static const struct {
	unsigned at, n;
} windows[] = { { 0, 128 }, { 0xf80, 256 }, { 0x1f80, 128 } };

unsigned camp_window_at(unsigned i)
{
	unsigned k = 0;

	for (; i >= windows[k].n; k++)
		i -= windows[k].n;
	return windows[k].at + i;
}

static uint64_t clock_ticks(void *ud, dgm_cpu *cpu)
{
	(void)ud, (void)cpu;
	return CLOCK;
}

static bool fill_code(struct camp_machine *m)
{
	uint8_t page[CAMP_CODE_SIZE];

	for (unsigned i = 0; i < sizeof page; i++)
		page[i] = (uint8_t)(camp_the->filler >> (camp_the->isa->fe->big_endian ? 24 - 8 * (i & 3) : 8 * (i & 3)));
	return dgm_mem_write(m->vm, NULL, CAMP_CODE, page, sizeof page, NULL) == DGM_OK;
}

bool camp_machine_open(struct camp_machine *m, unsigned tier)
{
	static const dgm_machine_ops ops = { .size = sizeof ops, .clock = clock_ticks };
	static const uint32_t flags[CAMP_TIERS] = { DGM_INTERP_ONLY, DGM_HOT_AT_ONCE | DGM_NO_LLVM, DGM_HOT_AT_ONCE };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	*m = (struct camp_machine){ 0 };
	ec.flags = flags[tier] | DGM_DETERMINISTIC;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = camp_the->isa->fe->arch;
	vc.model = camp_the->model;
	if (dgm_engine_new(&ec, DGM_ABI, &m->engine) || dgm_vm_new(m->engine, &vc, &ops, NULL, &m->vm) ||
	    dgm_map_ram(m->vm, CAMP_CODE, CAMP_CODE_SIZE, DGM_R | DGM_X, NULL, NULL) ||
	    dgm_map_ram(m->vm, CAMP_DATA, CAMP_DATA_SIZE, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(m->vm, &m->cpu))
		return false;
	m->data = dgm_mem_ptr(m->vm, CAMP_DATA, CAMP_DATA_SIZE, DGM_W);
	return m->data && fill_code(m);
}

void camp_machine_close(struct camp_machine *m)
{
	dgm_cpu_free(m->cpu);
	dgm_vm_free(m->vm);
	dgm_engine_unref(m->engine);
	*m = (struct camp_machine){ 0 };
}

/* The code, when it is not there yet, and undefined instructions where it was longer. */
static bool put_code(struct camp_machine *m, const struct camp_word *w)
{
	uint8_t bytes[8];

	if (m->n == w->n && !memcmp(m->code, w->code, w->n))
		return true;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = i < w->n ? w->code[i] :
			   (uint8_t)(camp_the->filler >> (camp_the->isa->fe->big_endian ? 24 - 8 * (i & 3) : 8 * (i & 3)));
	memcpy(m->code, w->code, w->n);
	m->n = w->n;
	return dgm_mem_write(m->vm, NULL, CAMP_CODE, bytes, sizeof bytes, NULL) == DGM_OK;
}

static bool put_state(struct camp_machine *m, const struct camp_state *s)
{
	const struct frontend *fe = camp_the->isa->fe;
	bool ok = true;

	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id != camp_the->isa->pc && !camp_the->isa->unchecked(fe->reg[i].id))
			ok &= !dgm_reg_write(m->cpu, fe->reg[i].id, &s->reg[i], (fe->reg[i].bits + 7u) / 8);
	dgm_set(m->cpu, camp_the->clear, 0);
	dgm_set(m->cpu, camp_the->isa->pc, CAMP_CODE);
	for (unsigned k = 0, from = 0; k < 3; from += windows[k++].n)
		memcpy(m->data + windows[k].at, s->data + from, windows[k].n);
	return ok;
}

/* False when something was stored outside the windows; it is made 0 again. */
static bool get_state(struct camp_machine *m, struct camp_state *s)
{
	static const uint8_t zero[CAMP_DATA_SIZE];
	const struct frontend *fe = camp_the->isa->fe;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id != camp_the->isa->pc && !camp_the->isa->unchecked(fe->reg[i].id) &&
		    dgm_reg_read(m->cpu, fe->reg[i].id, &s->reg[i], (fe->reg[i].bits + 7u) / 8))
			return false;
	for (unsigned k = 0, from = 0; k < 3; from += windows[k++].n) {
		memcpy(s->data + from, m->data + windows[k].at, windows[k].n);
		memset(m->data + windows[k].at, 0, windows[k].n);
	}
	if (!memcmp(m->data, zero, sizeof zero))
		return true;
	memset(m->data, 0, CAMP_DATA_SIZE);
	return false;
}

static enum guest_end end_of(const dgm_exit *e, unsigned n)
{
	switch (e->reason) {
	case DGM_EXIT_SYSCALL: return END_SYSCALL;
	case DGM_EXIT_ILLEGAL:
		if (e->pc < CAMP_CODE || e->pc >= CAMP_CODE + n)
			return END_NEXT;
		return e->info.cause == DGM_CAUSE_PRIVILEGED ? END_PRIVILEGED : END_ILLEGAL;
	case DGM_EXIT_TRAP: return e->info.cause == DGM_CAUSE_FP ? END_FP : END_TRAP;
	case DGM_EXIT_FAULT:
		if (e->info.access == DGM_X)
			return e->info.cause == DGM_CAUSE_ALIGN ? END_OTHER : END_NEXT;
		return e->info.cause == DGM_CAUSE_ALIGN ? END_ALIGN : END_FAULT;
	default: return END_OTHER;
	}
}

bool camp_machine_run(struct camp_machine *m, const struct camp_word *w, const struct camp_state *before,
		      struct camp_result *out)
{
	static const dgm_run_opts opts = { .size = sizeof opts, .max_insns = 64 };
	dgm_exit exit = DGM_INIT(dgm_exit);

	if (!put_code(m, w) || !put_state(m, before) || dgm_cpu_run(m->cpu, &opts, &exit))
		return false;
	out->end = end_of(&exit, w->n);
	out->pc = exit.pc;
	out->addr = out->end == END_FAULT || out->end == END_ALIGN ? exit.info.va : 0;
	return get_state(m, &out->after) && out->end != END_OTHER;
}
