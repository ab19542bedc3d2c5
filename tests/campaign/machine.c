/* Executes cases through the public interface, once a tier. */
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

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

static bool fill_code(struct camp_machine *m)
{
	uint8_t page[CAMP_CODE_SIZE];

	for (unsigned i = 0; i < sizeof page; i += 4)
		guest_put_word(camp_the->isa, camp_the->filler, page + i);
	return dgm_mem_write(m->on.vm, NULL, GUEST_CODE, page, sizeof page, NULL) == DGM_OK;
}

bool camp_machine_open(struct camp_machine *m, unsigned tier)
{
	*m = (struct camp_machine){ 0 };
	return guest_machine_open(&m->on, camp_the->isa, camp_the->model, guest_public[tier].flags, CAMP_CODE_SIZE) && fill_code(m);
}

void camp_machine_close(struct camp_machine *m)
{
	guest_machine_close(&m->on);
}

/* The code, when it is not there yet, and undefined instructions where it was longer. */
static bool put_code(struct camp_machine *m, const struct camp_word *w)
{
	uint8_t bytes[8];

	if (m->n == w->n && !memcmp(m->code, w->code, w->n))
		return true;
	for (unsigned i = 0; i < sizeof bytes; i += 4)
		guest_put_word(camp_the->isa, camp_the->filler, bytes + i);
	memcpy(bytes, w->code, w->n);
	memcpy(m->code, w->code, w->n);
	m->n = w->n;
	return dgm_mem_write(m->on.vm, NULL, GUEST_CODE, bytes, sizeof bytes, NULL) == DGM_OK;
}

static bool put_state(struct camp_machine *m, const struct camp_state *s)
{
	const struct frontend *fe = camp_the->isa->fe;
	bool ok = true;

	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id != camp_the->isa->pc && !camp_the->isa->unchecked(fe->reg[i].id))
			ok &= !dgm_reg_write(m->on.cpu, fe->reg[i].id, &s->reg[i], (fe->reg[i].bits + 7u) / 8);
	dgm_set(m->on.cpu, camp_the->clear, 0);
	dgm_set(m->on.cpu, camp_the->isa->pc, GUEST_CODE);
	for (unsigned k = 0, from = 0; k < 3; from += windows[k++].n)
		memcpy(m->on.data + windows[k].at, s->data + from, windows[k].n);
	return ok;
}

/* False when something was stored outside the windows; it is made 0 again. */
static bool get_state(struct camp_machine *m, struct camp_state *s)
{
	static const uint8_t zero[GUEST_DATA_SIZE];
	const struct frontend *fe = camp_the->isa->fe;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id != camp_the->isa->pc && !camp_the->isa->unchecked(fe->reg[i].id) &&
		    dgm_reg_read(m->on.cpu, fe->reg[i].id, &s->reg[i], (fe->reg[i].bits + 7u) / 8))
			return false;
	for (unsigned k = 0, from = 0; k < 3; from += windows[k++].n) {
		memcpy(s->data + from, m->on.data + windows[k].at, windows[k].n);
		memset(m->on.data + windows[k].at, 0, windows[k].n);
	}
	if (!memcmp(m->on.data, zero, sizeof zero))
		return true;
	memset(m->on.data, 0, GUEST_DATA_SIZE);
	return false;
}

static enum guest_end end_of(const dgm_exit *e, unsigned n)
{
	switch (e->reason) {
	case DGM_EXIT_SYSCALL: return END_SYSCALL;
	case DGM_EXIT_ILLEGAL:
		if (e->pc < GUEST_CODE || e->pc >= GUEST_CODE + n)
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

	if (!put_code(m, w) || !put_state(m, before) || dgm_cpu_run(m->on.cpu, &opts, &exit))
		return false;
	out->end = end_of(&exit, w->n);
	out->pc = exit.pc;
	out->addr = out->end == END_FAULT || out->end == END_ALIGN ? exit.info.va : 0;
	return get_state(m, &out->after) && out->end != END_OTHER;
}
