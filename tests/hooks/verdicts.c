/* What the answers of callbacks do, and what dgm_hook_add and dgm_hook_del refuse. */
#include "rig.h"

/* Notes its name, then answers once; DGM_CONT from then on. */
struct judge {
	struct rig *r;
	const char *name;
	dgm_act answer;
	unsigned left;
};

static dgm_act judge(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct judge *j = ud;

	rig_open(j->r);
	fprintf(j->r->record, "%s %" PRIx64 " %" PRIx64 "\n", j->name, e->pc, e->addr);
	if (!j->left)
		return DGM_CONT;
	j->left--;
	return j->answer;
}

static void ran(struct rig *r, uint64_t max_insns)
{
	rig_run(r, max_insns);
	rig_open(r);
	fprintf(r->record, "exit %u at %" PRIx64 " after %" PRIu64 "\n", r->exit.reason, r->exit.pc, dgm_insns(r->cpu));
}

/* So many instructions, and one more where a verdict ended that; then all is over. */
static void ran_to(struct rig *r, uint64_t max_insns, const char *want, const char *what)
{
	ran(r, max_insns);
	if (r->exit.reason != DGM_EXIT_BUDGET)
		ran(r, 1);
	same_text(r, rig_text(r), want, what);
	rig_free(r);
}

/* The stmw at 0x1001c of the PowerPC program, whose second word the access hook is on. */
static void on_multiple(const struct way *w, dgm_act answer, const char *want, const char *what)
{
	struct rig r = rig_make(&guests[0], w);
	struct judge first = { &r, "insn", DGM_CONT, 0 }, any = { &r, "write", DGM_CONT, 0 };
	struct judge one = { &r, "one", answer, 1 }, two = { &r, "two", DGM_CONT, 0 };

	rig_hook(&r, DGM_HOOK_INSN, 0x1c, 0x20, judge, &first);
	rig_hook(&r, DGM_HOOK_WRITE, DATA + 0x10, DATA + 0x1c, judge, &any);
	rig_hook(&r, DGM_HOOK_WRITE, DATA + 0x14, DATA + 0x18, judge, &one);
	rig_hook(&r, DGM_HOOK_WRITE, DATA + 0x14, DATA + 0x18, judge, &two);
	ran_to(&r, 9, want, what);
}

Test(verdicts, of_an_access)
{
	FOR_EACH_WAY(w) {
		on_multiple(w, DGM_CONT, "insn 1001c 0\nwrite 1001c 20010\nwrite 1001c 20014\none 1001c 20014\n"
			    "two 1001c 20014\nwrite 1001c 20018\nexit 2 at 10024 after 9\n", "CONT");
		on_multiple(w, DGM_RETRY, "insn 1001c 0\nwrite 1001c 20010\nwrite 1001c 20014\none 1001c 20014\n"
			    "write 1001c 20018\nexit 2 at 10024 after 9\n", "RETRY");
		on_multiple(w, DGM_SKIP, "insn 1001c 0\nwrite 1001c 20010\nwrite 1001c 20014\none 1001c 20014\n"
			    "exit 2 at 10024 after 9\n", "SKIP");
		on_multiple(w, DGM_STOP, "insn 1001c 0\nwrite 1001c 20010\nwrite 1001c 20014\none 1001c 20014\n"
			    "write 1001c 20018\nexit 11 at 10020 after 8\nexit 2 at 10024 after 9\n", "STOP");
		on_multiple(w, DGM_BREAK, "insn 1001c 0\nwrite 1001c 20010\nwrite 1001c 20014\none 1001c 20014\n"
			    "exit 6 at 1001c after 7\nwrite 1001c 20014\none 1001c 20014\ntwo 1001c 20014\n"
			    "write 1001c 20018\nexit 2 at 10020 after 8\n", "BREAK");
	}
}

/* The lhbrx at 0x10018, in the middle of a block. */
static void on_insn(const struct way *w, dgm_act answer, const char *want, const char *what)
{
	struct rig r = rig_make(&guests[0], w);
	struct judge one = { &r, "one", answer, 1 }, two = { &r, "two", DGM_CONT, 0 }, read = { &r, "read", DGM_CONT, 0 };
	struct judge block = { &r, "block", DGM_CONT, 0 };

	rig_hook(&r, DGM_HOOK_BLOCK, 0, 0, judge, &block);
	rig_hook(&r, DGM_HOOK_INSN, 0x18, 0x1c, judge, &one);
	rig_hook(&r, DGM_HOOK_INSN, 0x18, 0x1c, judge, &two);
	rig_hook(&r, DGM_HOOK_READ, DATA, DATA + 2, judge, &read);
	ran_to(&r, 7, want, what);
}

Test(verdicts, of_an_instruction)
{
	FOR_EACH_WAY(w) {
		on_insn(w, DGM_CONT, "block 10000 0\nread 10014 20000\none 10018 0\ntwo 10018 0\nread 10018 20000\n"
			"exit 2 at 1001c after 7\n", "CONT");
		on_insn(w, DGM_RETRY, "block 10000 0\nread 10014 20000\none 10018 0\nread 10018 20000\n"
			"exit 2 at 1001c after 7\n", "RETRY");
		on_insn(w, DGM_SKIP, "block 10000 0\nread 10014 20000\none 10018 0\nexit 2 at 1001c after 7\n", "SKIP");
		on_insn(w, DGM_STOP, "block 10000 0\nread 10014 20000\none 10018 0\nread 10018 20000\n"
			"exit 11 at 1001c after 7\nexit 2 at 10020 after 8\n", "STOP");
		on_insn(w, DGM_BREAK, "block 10000 0\nread 10014 20000\none 10018 0\nexit 6 at 10018 after 6\n"
			"one 10018 0\ntwo 10018 0\nread 10018 20000\nexit 2 at 1001c after 7\n", "BREAK");
	}
}

/* Callbacks of an access that write: what is stored is the new value, and the pc leads elsewhere. */
static dgm_act set_stored(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct judge *j = ud;

	judge(ud, cpu, e);
	dgm_set(cpu, DGM_PPC_R(4), 0x77);
	return j->answer;
}

static dgm_act go_to_end(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	judge(ud, cpu, e);
	dgm_set(cpu, DGM_PPC_PC, CODE + guests[0].end);
	return DGM_CONT;
}

Test(verdicts, with_registers_written)
{
	FOR_EACH_WAY(w) {
		struct rig r = rig_make(&guests[0], w);
		struct judge store = { &r, "store", DGM_CONT, 0 }, load = { &r, "load", DGM_CONT, 0 };

		rig_hook(&r, DGM_HOOK_WRITE, DATA, DATA + 4, set_stored, &store);
		rig_hook(&r, DGM_HOOK_READ, DATA, DATA + 4, go_to_end, &load);
		rig_run(&r, 0);
		WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
		WANT(&r, r.exit.pc, CODE + guests[0].end);
		WANT(&r, r.exit.insns, 5);
		uint8_t b[4];
		WANT(&r, dgm_mem_read(r.vm, NULL, DATA, b, 4, NULL), DGM_OK);
		WANT(&r, b[3], 0x77);
		same_text(&r, rig_text(&r), "store 10010 20000\nload 10014 20000\n", "the record");
		rig_free(&r);
	}
}

/* Ends the run, and says where the next one begins: with all events of a block, even in the middle of another. */
static dgm_act go_back(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct judge *j = ud;
	dgm_act act = judge(ud, cpu, e);

	if (act != DGM_CONT)
		dgm_set(cpu, j->r->guest->pc, CODE + 4);
	return act;
}

Test(verdicts, that_end_the_run_elsewhere)
{
	static const dgm_act answer[] = { DGM_BREAK, DGM_RAISE };

	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(w)
			for (unsigned i = 0; i < 2; i++) {
				struct rig r = rig_make(g, w);
				struct judge block = { &r, "block", DGM_CONT, 0 }, edge = { &r, "edge", DGM_CONT, 0 };
				struct judge insn = { &r, "insn", answer[i], 1 };

				rig_hook(&r, DGM_HOOK_BLOCK, 0, 0, judge, &block);
				rig_hook(&r, DGM_HOOK_EDGE, 0, 0, judge, &edge);
				rig_hook(&r, DGM_HOOK_INSN, 0x10, 0x14, go_back, &insn);
				ran(&r, 0);
				ran(&r, 4);
				same_text(&r, rig_text(&r), "edge 10000 0\nblock 10000 0\ninsn 10010 0\nexit 6 at 10004 after 4\n"
					  "edge 10004 0\nblock 10004 0\ninsn 10010 0\nexit 2 at 10014 after 8\n", "the record");
				rig_free(&r);
			}
}

/* Behind a run that ended in front of an instruction: where the embedder puts the pc a block begins, there too. */
Test(verdicts, and_the_pc_put_in_its_place)
{
	static const char *const want[] = {
		"edge 10000 0\nblock 10000 0\ninsn 10010 0\nexit 6 at 10010 after 4\n"
		"edge 10010 0\nblock 10010 0\ninsn 10010 0\nexit 2 at 10014 after 5\n",
		"edge 10000 0\nblock 10000 0\nexit 6 at 10000 after 0\n"
		"edge 10000 0\nblock 10000 0\nexit 2 at 10004 after 1\n",
	};

	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(w)
			for (unsigned i = 0; i < 2; i++) {
				struct rig r = rig_make(g, w);
				struct judge block = { &r, "block", DGM_BREAK, i }, edge = { &r, "edge", DGM_CONT, 0 };
				struct judge insn = { &r, "insn", DGM_BREAK, !i };

				rig_hook(&r, DGM_HOOK_BLOCK, 0, 0, judge, &block);
				rig_hook(&r, DGM_HOOK_EDGE, 0, 0, judge, &edge);
				rig_hook(&r, DGM_HOOK_INSN, 0x10, 0x14, judge, &insn);
				ran(&r, 0);
				dgm_set(r.cpu, g->pc, r.exit.pc);
				ran(&r, 1);
				same_text(&r, rig_text(&r), want[i], "the record");
				rig_free(&r);
			}
}

/* Puts the base register elsewhere, once. */
static dgm_act move_base(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct judge *j = ud;

	judge(ud, cpu, e);
	if (e->addr == DATA)
		dgm_set(cpu, guest_reg(j->r->guest, 5), DATA + 0x100);
	return DGM_CONT;
}

/* An access that a callback moves is another one, for other hooks too. */
Test(verdicts, and_an_access_moved)
{
	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(w) {
			struct rig r = rig_make(g, w);
			struct judge one = { &r, "one", DGM_CONT, 0 }, two = { &r, "two", DGM_CONT, 0 };
			bool ppc = g->arch == DGM_ARCH_PPC32;
			const char *want = ppc ? "one 10010 20000\none 10010 20100\ntwo 10010 20100\n"
					       : "one 1000c 20000\none 1000c 20100\ntwo 1000c 20100\n";

			rig_hook(&r, DGM_HOOK_WRITE, DATA, DATA + 0x200, move_base, &one);
			rig_hook(&r, DGM_HOOK_WRITE, DATA + 0x100, DATA + 0x104, judge, &two);
			rig_run(&r, ppc ? 5 : 4);
			WANT(&r, r.exit.reason, DGM_EXIT_BUDGET);
			same_text(&r, rig_text(&r), want, "the record");
			WANT(&r, rig_load(&r, DATA), 0);
			WANT(&r, rig_load(&r, DATA + 0x100), 5);
			rig_free(&r);
		}
}

static dgm_act nothing(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	return DGM_CONT;
}

#define REFUSED(field, v)                                                 \
	do {                                                              \
		dgm_hook_cfg c_ = c;                                      \
		c_.field = v;                                             \
		WANT(&r, dgm_hook_add(r.vm, &c_, &id), DGM_E_ARG);        \
		WANT(&r, id, 99);                                         \
	} while (0)

Test(verdicts, wrong_arguments)
{
	struct rig r = rig_make(&guests[0], &ways[1]);
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);
	uint64_t n[2] = { 0 };
	dgm_id id = 99, old;

	c.kind = DGM_HOOK_INSN;
	c.fn = nothing;
	REFUSED(size, 0);
	REFUSED(size, 8);
	REFUSED(kind, 0);
	REFUSED(kind, DGM_HOOK_INVALIDATED + 1);
	REFUSED(kind, UINT32_MAX);
	REFUSED(flags, 2);
	REFUSED(counter, n);
	REFUSED(fn, NULL);
	REFUSED(lo, 4);
	REFUSED(lo, UINT64_MAX);
	c.lo = 8;
	REFUSED(hi, 8);
	REFUSED(hi, 7);
	c.hi = 12;
	c.insn_mask = 1;
	REFUSED(kind, DGM_HOOK_BLOCK);
	c.fn = NULL;
	REFUSED(counter, (uint64_t *)((uintptr_t)n + 4));
	WANT(&r, dgm_hook_add(NULL, &c, &id), DGM_E_ARG);
	WANT(&r, dgm_hook_add(r.vm, NULL, &id), DGM_E_ARG);
	c.fn = nothing;
	WANT(&r, dgm_hook_add(r.vm, &c, &id), DGM_OK);
	old = id;
	WANT(&r, dgm_hook_del(NULL, id), DGM_E_ARG);
	WANT(&r, dgm_hook_del(r.vm, 0), DGM_E_NOENT);
	WANT(&r, dgm_hook_del(r.vm, UINT64_MAX), DGM_E_NOENT);
	WANT(&r, dgm_hook_del(r.vm, id + 1), DGM_E_NOENT);
	WANT(&r, dgm_hook_del(r.vm, id & UINT32_MAX), DGM_E_NOENT);
	WANT(&r, dgm_hook_del(r.vm, id), DGM_OK);
	WANT(&r, dgm_hook_del(r.vm, id), DGM_E_NOENT);
	WANT(&r, dgm_hook_add(r.vm, &c, &id), DGM_OK);
	cr_assert_neq(id, old);
	WANT(&r, dgm_hook_del(r.vm, old), DGM_E_NOENT);
	WANT(&r, dgm_hook_del(r.vm, id), DGM_OK);
	rig_free(&r);
}
