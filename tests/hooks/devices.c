/*
 * Devices whose callbacks stop the run or change code, and hooks that come in between: the instruction is given up and
 * finished again, but a device is asked once for each piece of its access.
 */
#include "rig.h"

enum { ODD_DEVICE = DEVICE + 0x1000, PIECES = 4 };

struct world {
	struct rig r;
	unsigned asked, refused, events;
	dgm_act answer;			/* of the device */
	dgm_act verdict;		/* of the hook at its first event */
	bool meddle;			/* callbacks change code, and hooks of it */
	bool late;			/* the device's first callback adds the hook */
	bool unwilling;			/* the device refuses every second piece once */
};

static void change_code(struct world *w)
{
	if (!w->meddle)
		return;
	dgm_id id = rig_hook(&w->r, DGM_HOOK_INSN, 0x800, 0x804, NULL, NULL);
	WANT(&w->r, dgm_hook_del(w->r.vm, id), DGM_OK);
	WANT(&w->r, dgm_code_invalidate(w->r.vm, CODE, 0x1000), DGM_OK);
}

static dgm_act on_read(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct world *w = ud;

	change_code(w);
	return w->events++ ? DGM_CONT : w->verdict;
}

static dgm_act ask(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct world *w = ud;

	if (w->unwilling && off % 2 && w->refused++ % 2 == 0)
		return DGM_RETRY;
	WANT(&w->r, len, 1);
	WANT(&w->r, off, w->asked % PIECES);
	if (w->late && !w->asked)
		rig_hook(&w->r, DGM_HOOK_READ, ODD_DEVICE, ODD_DEVICE + PIECES, on_read, w);
	change_code(w);
	*value = ++w->asked;
	return w->answer;
}

/* r5 = a word of the device, twice; r6 counts them. */
static struct guest program(const struct guest *g)
{
	struct code c = { .arch = g->arch };

	for (unsigned i = 0; i < 2; i++) {
		c_load(&c, 5, 7, 0);
		c_addi(&c, 6, 6, 1);
	}
	c_stop(&c);
	static struct code kept;
	kept = c;
	return guest_running(g, &kept, 6);
}

static void begin(struct world *w)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = ask;
	io.max_access = 1;
	WANT(&w->r, dgm_map_io(w->r.vm, ODD_DEVICE, 0x100, &io, w, NULL), DGM_OK);
	dgm_set(w->r.cpu, guest_reg(w->r.guest, 7), ODD_DEVICE);
}

/* Checks such a world for every guest, every way. */
static void everywhere(struct world like, void (*check)(struct world *w))
{
	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(way) {
			struct guest with = program(g);
			struct world w = like;

			w.r = rig_make(&with, way);
			begin(&w);
			check(&w);
			rig_free(&w.r);
		}
}

static uint64_t word_of(const struct guest *g, unsigned first)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < PIECES; i++)
		v |= (uint64_t)(first + i) << 8 * (g->big ? PIECES - 1 - i : i);
	return v;
}

static void run_until(struct world *w, uint32_t reason, uint64_t pc)
{
	rig_run(&w->r, 0);
	WANT(&w->r, w->r.exit.reason, reason);
	WANT(&w->r, w->r.exit.pc, CODE + pc);
}

static void look(struct world *w, unsigned loads)
{
	WANT(&w->r, w->asked, loads * PIECES);
	WANT(&w->r, dgm_get(w->r.cpu, guest_reg(w->r.guest, 5)), word_of(w->r.guest, 1 + (loads - 1) * PIECES));
}

static void check_all_loads(struct world *w)
{
	run_until(w, DGM_EXIT_SYSCALL, 16);
	look(w, 2);
	WANT(&w->r, dgm_insns(w->r.cpu), 4);
	WANT(&w->r, w->refused, w->unwilling ? 2 * PIECES : 0);
	WANT(&w->r, w->events, w->late ? 2 : 0);
}

Test(devices, change_code_at_each_piece)
{
	everywhere((struct world){ .meddle = true }, check_all_loads);
}

Test(devices, want_the_instruction_again)
{
	everywhere((struct world){ .unwilling = true }, check_all_loads);
}

/* The first callback adds a hook, which sees the instruction when it is finished. */
Test(devices, are_not_asked_again_when_a_hook_comes_in)
{
	everywhere((struct world){ .late = true }, check_all_loads);
	everywhere((struct world){ .late = true, .meddle = true }, check_all_loads);
}

static void check_stops(struct world *w)
{
	run_until(w, DGM_EXIT_MODEL, 4);
	look(w, 1);
	WANT(&w->r, dgm_insns(w->r.cpu), 1);
	run_until(w, DGM_EXIT_MODEL, 12);
	look(w, 2);
	run_until(w, DGM_EXIT_SYSCALL, 16);
	WANT(&w->r, dgm_insns(w->r.cpu), 4);
}

Test(devices, stop_at_each_piece)
{
	everywhere((struct world){ .answer = DGM_STOP }, check_stops);
}

static void check_break_and_stops(struct world *w)
{
	run_until(w, DGM_EXIT_BREAK, 0);
	WANT(&w->r, w->asked, 1);
	run_until(w, DGM_EXIT_MODEL, 4);
	look(w, 1);
	WANT(&w->r, w->events, 2);
	run_until(w, DGM_EXIT_MODEL, 12);
	look(w, 2);
}

/* That hook ends the run in front of the instruction; what the device wanted holds for the next one. */
Test(devices, stop_behind_a_break)
{
	everywhere((struct world){ .late = true, .answer = DGM_STOP, .verdict = DGM_BREAK }, check_break_and_stops);
}

static void check_elsewhere(struct world *w)
{
	run_until(w, DGM_EXIT_BREAK, 0);
	w->asked = 0;
	dgm_set(w->r.cpu, w->r.guest->pc, CODE + 8);
	run_until(w, DGM_EXIT_SYSCALL, 16);
	look(w, 1);
}

/* Nor is what it answered good for another instruction, when the run goes on elsewhere. */
Test(devices, are_asked_anew_elsewhere)
{
	everywhere((struct world){ .late = true, .verdict = DGM_BREAK }, check_elsewhere);
}
