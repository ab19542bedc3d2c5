/* The same events in the same order, however the guest is executed and however its run is cut. */
#include "rig.h"

/* What the interpreter reports for a set of kinds, in one run. */
static char *reference(const struct guest *g, unsigned kinds)
{
	struct rig r = rig_make(g, &ways[0]);

	for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++)
		if (kinds >> kind & 1)
			rig_hook(&r, kind, 0, 0, NULL, NULL);
	rig_run_sliced(&r, 0);
	char *text = strdup(rig_text(&r));
	rig_free(&r);
	return text;
}

enum { ALL = 0x3e };
static const unsigned sets[] = {
	1 << DGM_HOOK_BLOCK, 1 << DGM_HOOK_INSN, 1 << DGM_HOOK_EDGE, 1 << DGM_HOOK_READ, 1 << DGM_HOOK_WRITE,
	1 << DGM_HOOK_BLOCK | 1 << DGM_HOOK_WRITE, ALL,
};
enum { SETS = sizeof sets / sizeof *sets };

Test(sequences, equal_on_every_tier)
{
	FOR_EACH_GUEST(g)
		for (unsigned i = 0; i < SETS; i++) {
			char *want = reference(g, sets[i]);

			cr_assert(*want, "%s: no event", g->name);
			FOR_EACH_WAY(w) {
				if (IS_SLOW(w) && sets[i] != ALL && (w->flags & DGM_HOT_AT_ONCE ? i + 2 < SETS : true))
					continue;
				struct rig r = rig_make(g, w);

				for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++)
					if (sets[i] >> kind & 1)
						rig_hook(&r, kind, 0, 0, NULL, NULL);
				rig_run_sliced(&r, 0);
				same_text(&r, rig_text(&r), want, "the record");
				rig_free(&r);
			}
			free(want);
		}
}

Test(sequences, do_not_depend_on_budgets)
{
	static const uint64_t slice[] = { 1, 2, 3, 7, 20 };

	FOR_EACH_GUEST(g) {
		char *want = reference(g, ALL);

		FOR_EACH_WAY(w)
			for (unsigned i = 0; i < sizeof slice / sizeof *slice; i++) {
				char what[40];

				if (IS_SLOW(w) && slice[i] != 3)
					continue;
				struct rig r = rig_make(g, w);

				for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++)
					rig_hook(&r, kind, 0, 0, NULL, NULL);
				rig_run_sliced(&r, slice[i]);
				snprintf(what, sizeof what, "the record with slices of %d", (int)slice[i]);
				same_text(&r, rig_text(&r), want, what);
				rig_free(&r);
			}
		free(want);
	}
}

static dgm_act count_lines(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	++((uint64_t *)ud)[e->kind];
	return DGM_CONT;
}

static void counters(const struct guest *g, const struct way *w)
{
	struct rig r = rig_make(g, w);
	uint64_t all[DGM_HOOK_WRITE + 1] = { 0 }, some[DGM_HOOK_WRITE + 1] = { 0 }, lines[DGM_HOOK_WRITE + 1] = { 0 };
	uint64_t first[DGM_HOOK_WRITE + 1], first_some[DGM_HOOK_WRITE + 1];

	for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++) {
		uint64_t at = kind >= DGM_HOOK_READ ? DATA : g->function;

		rig_counter(&r, kind, 0, 0, &all[kind]);
		rig_counter(&r, kind, at, at + 1, &some[kind]);
	}
	rig_run_sliced(&r, 0);
	memcpy(first, all, sizeof all);
	memcpy(first_some, some, sizeof some);
	for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++)
		rig_hook(&r, kind, 0, 0, count_lines, lines);
	rig_start(&r);
	rig_run_sliced(&r, 5);
	for (unsigned kind = 1; kind <= DGM_HOOK_WRITE; kind++) {
		cr_assert(first[kind] && first_some[kind] && first_some[kind] < first[kind]);
		WANT(&r, lines[kind], first[kind]);
		WANT(&r, all[kind], 2 * first[kind]);
		WANT(&r, some[kind], 2 * first_some[kind]);
	}
	rig_free(&r);
}

/* Counters see what callbacks see. */
Test(sequences, counters_count_events)
{
	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(w)
			if (!IS_SLOW(w) || w->flags & DGM_HOT_AT_ONCE)
				counters(g, w);
}

/* Each instruction once: INSN hooks agree with what the vCPU counts. */
Test(sequences, instructions_are_all_of_them)
{
	FOR_EACH_GUEST(g) {
		FOR_EACH_WAY(w) {
			struct rig r = rig_make(g, w);
			uint64_t n = 0, thumb_skipped = g->arch == DGM_ARCH_ARM;

			rig_counter(&r, DGM_HOOK_INSN, 0, 0, &n);
			rig_run(&r, 0);
			if (!thumb_skipped)
				WANT(&r, n, r.exit.insns + 1);	/* the system call is not retired */
			WANT(&r, dgm_insns(r.cpu), r.exit.insns);
			rig_free(&r);
		}
	}
}

/* The PowerPC program's first events, by hand. */
Test(sequences, are_what_the_program_does)
{
	FOR_EACH_WAY(w) {
		struct rig r = rig_make(&guests[0], w);

		rig_hook(&r, DGM_HOOK_READ, DATA, DATA + 0x2000, NULL, NULL);
		rig_hook(&r, DGM_HOOK_WRITE, DATA, DATA + 0x40, NULL, NULL);
		rig_hook(&r, DGM_HOOK_EDGE, 0, 0, NULL, NULL);
		rig_run(&r, 18);
		same_text(&r, rig_text(&r),
			"edge 10000 from 0 at 0 0:0 len 52 insns 13 op 0 | pc 10000 done 0 work 0\n"
			"write 10010 from 0 at 20000 0:5 len 4 insns 0 op 0 | pc 10010 done 4 work 0\n"
			"read 10014 from 0 at 20000 0:5 len 4 insns 0 op 0 | pc 10014 done 5 work 0\n"
			"read 10018 from 0 at 20000 0:0 len 2 insns 0 op 0 | pc 10018 done 6 work 0\n"
			"write 1001c from 0 at 20010 0:0 len 4 insns 0 op 0 | pc 1001c done 7 work 0\n"
			"write 1001c from 0 at 20014 0:0 len 4 insns 0 op 0 | pc 1001c done 7 work 0\n"
			"write 1001c from 0 at 20018 0:0 len 4 insns 0 op 0 | pc 1001c done 7 work 0\n"
			"read 10020 from 0 at 20014 0:0 len 4 insns 0 op 0 | pc 10020 done 8 work 0\n"
			"read 10020 from 0 at 20018 0:0 len 4 insns 0 op 0 | pc 10020 done 8 work 0\n"
			"read 10020 from 0 at 2001c 0:0 len 4 insns 0 op 0 | pc 10020 done 8 work 0\n"
			"read 10024 from 0 at 20000 0:5 len 4 insns 0 op 0 | pc 10024 done 9 work 0\n"
			"write 1002c from 0 at 20000 0:6 len 4 insns 0 op 0 | pc 1002c done 11 work 0\n"
			"edge 10034 from 10000 at 0 0:0 len 16 insns 4 op 0 | pc 10034 done 13 work 0\n"
			"write 10034 from 0 at 20000 0:0 len 16 insns 0 op 0 | pc 10034 done 13 work 0\n"
			"read 10038 from 0 at 20000 0:0 len 16 insns 0 op 0 | pc 10038 done 14 work 0\n"
			"write 1003c from 0 at 20000 0:0 len 8 insns 0 op 0 | pc 1003c done 15 work 0\n"
			"write 1003c from 0 at 20008 0:0 len 8 insns 0 op 0 | pc 1003c done 15 work 0\n"
			"write 1003c from 0 at 20010 0:0 len 8 insns 0 op 0 | pc 1003c done 15 work 0\n"
			"write 1003c from 0 at 20018 0:0 len 8 insns 0 op 0 | pc 1003c done 15 work 0\n"
			"edge 1005c from 10034 at 0 0:0 len 8 insns 2 op 0 | pc 1005c done 17 work 0\n",
			"the record");
		rig_free(&r);
	}
}

/* A mask finds its instructions only. */
Test(sequences, masks_choose_instructions)
{
	FOR_EACH_WAY(w) {
		struct rig r = rig_make(&guests[0], w);
		dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);
		uint64_t n = 0;

		c.kind = DGM_HOOK_INSN;
		c.insn_mask = 0xfc000000;
		c.insn_bits = 0x38000000;	/* addi */
		c.counter = &n;
		WANT(&r, dgm_hook_add(r.vm, &c, NULL), DGM_OK);
		rig_run(&r, 0);
		WANT(&r, n, 1 + 5 * 3);
		rig_free(&r);
	}
}

/* A branch or call of the next instruction begins a block as any other does. */
Test(sequences, branches_to_the_next_instruction_begin_blocks)
{
	FOR_EACH_GUEST(g) {
		struct code c = { .arch = g->arch };

		put(&c, 0x60000000, 0xe1a00000, 0xd503201f);	/* nothing */
		put(&c, 0x48000004, 0xeaffffff, 0x14000001);	/* branch */
		put(&c, 0x60000000, 0xe1a00000, 0xd503201f);
		put(&c, 0x48000005, 0xebffffff, 0x94000001);	/* call */
		put(&c, 0x44000002, 0xef000000, 0xd4000001);	/* system call */
		struct guest with = guest_running(g, &c, 3);
		FOR_EACH_WAY(w) {
			struct rig r = rig_make(&with, w);

			rig_hook(&r, DGM_HOOK_BLOCK, 0, 0, NULL, NULL);
			rig_run(&r, 0);
			same_text(&r, rig_text(&r),
				"block 10000 from 0 at 0 0:0 len 8 insns 2 op 0 | pc 10000 done 0 work 0\n"
				"block 10008 from 0 at 0 0:0 len 8 insns 2 op 0 | pc 10008 done 2 work 0\n"
				"block 10010 from 0 at 0 0:0 len 4 insns 1 op 0 | pc 10010 done 4 work 0\n",
				"the record");
			rig_free(&r);
		}
	}
}
