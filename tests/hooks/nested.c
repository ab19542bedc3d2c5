/* A run inside a hook's callback: instructions and time are counted exactly in it, and around it. */
#include "rig.h"

enum { OUTSIDE = 0x18, INSIDE = 0x8, END = 0xc };	/* in the first block of each guest's program */

static void note(struct rig *r, const char *what)
{
	rig_open(r);
	fprintf(r->record, "%s: %" PRIx64 " after %" PRIu64 ", time %" PRIu64 "\n", what, dgm_pc(r->cpu), dgm_insns(r->cpu),
		dgm_cpu_clock(r->cpu));
}

static dgm_act inside(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	note(ud, "instruction");
	return DGM_CONT;
}

/* Executes the program's first instructions, again. */
static dgm_act run_nested(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	const uint64_t end = CODE + END;
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);
	struct rig *r = ud;

	if (dgm_insns(cpu) > OUTSIDE / 4)
		return DGM_CONT;
	note(r, "callback");
	o.until = &end;
	o.n_until = 1;
	rig_start(r);
	WANT(r, dgm_cpu_run(cpu, &o, &x), DGM_OK);
	WANT(r, x.reason, DGM_EXIT_UNTIL);
	WANT(r, x.insns, END / 4);
	note(r, "behind the run");
	dgm_set(cpu, r->guest->pc, e->pc);
	return DGM_CONT;
}

static uint64_t insns_of(const struct guest *g)
{
	struct rig r = rig_make(g, &ways[0]);

	rig_run(&r, 0);
	uint64_t n = dgm_insns(r.cpu);
	rig_free(&r);
	return n;
}

Test(nested, runs_are_counted)
{
	FOR_EACH_GUEST(g) {
		uint64_t alone = insns_of(g);

		FOR_EACH_WAY(w) {
			struct rig r = rig_make(g, w);

			rig_hook(&r, DGM_HOOK_INSN, OUTSIDE, OUTSIDE + 4, run_nested, &r);
			rig_hook(&r, DGM_HOOK_INSN, INSIDE, INSIDE + 4, inside, &r);
			rig_run(&r, 0);
			WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
			WANT(&r, r.exit.insns, alone);
			WANT(&r, dgm_insns(r.cpu), alone + END / 4);
			WANT(&r, dgm_cpu_clock(r.cpu), alone + END / 4);
			same_text(&r, rig_text(&r),
				  "instruction: 10008 after 2, time 2\ncallback: 10018 after 6, time 6\n"
				  "instruction: 10008 after 8, time 8\nbehind the run: 1000c after 9, time 9\n", "the record");
			rig_free(&r);
		}
	}
}
