/* Hooks where translations come and go, code is written, and snapshots are restored. */
#include "rig.h"

enum { ROUNDS = 9, TOP = 4 };	/* instructions in front of the loop, by words */

/* Adds 1 to r5, ROUNDS times, and writes it to DATA. */
static struct guest adding(const struct guest *as, struct code *c)
{
	*c = (struct code){ .arch = as->arch };
	c_li(c, 3, ROUNDS);
	c_li(c, 4, DATA);
	c_addi(c, 5, 5, 1);
	c_store(c, 5, 4, 0);
	c_loop(c, 3, TOP);
	c_stop(c);
	return guest_running(as, c, 5);
}

struct seen {
	struct rig *r;
	unsigned made, dropped, insns;
	uint64_t lo, len;
	uint32_t opcode;
};

static dgm_act see(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct seen *s = ud;

	s->made += e->kind == DGM_HOOK_TRANSLATED;
	s->insns += e->kind == DGM_HOOK_INSN;
	if (e->kind == DGM_HOOK_INSN)
		s->opcode = e->opcode;
	if (e->kind == DGM_HOOK_INVALIDATED) {
		s->dropped++;
		s->lo = e->addr;
		s->len = e->len;
	}
	if (e->kind == DGM_HOOK_TRANSLATED) {
		WANT(s->r, e->pc, dgm_pc(cpu));
		cr_assert(e->len && e->insns && e->len == e->insns * 4);
	}
	return DGM_CONT;
}

static void again(struct rig *r, uint64_t work)
{
	rig_start(r);
	dgm_set(r->cpu, r->guest->work, 0);
	rig_run(r, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, dgm_get(r->cpu, r->guest->work), work);
}

Test(changes, of_translations_are_told)
{
	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w) {
			struct code c, other = { .arch = as->arch };
			struct guest g = adding(as, &c);
			struct rig r = rig_make(&g, w);
			struct seen s = { &r };

			c_addi(&other, 5, 5, 3);
			rig_hook(&r, DGM_HOOK_TRANSLATED, 0, 0, see, &s);
			rig_hook(&r, DGM_HOOK_INVALIDATED, 0, 0, see, &s);
			again(&r, ROUNDS);
			cr_assert(s.made >= 3 && !s.dropped, "%s, %s: %u made, %u dropped", g.name, w->name, s.made, s.dropped);
			unsigned made = s.made;
			again(&r, ROUNDS);
			WANT(&r, s.made, made);
			WANT(&r, s.dropped, 0);
			dgm_id id = rig_hook(&r, DGM_HOOK_INSN, 4 * TOP, 4 * TOP + 4, see, &s);
			again(&r, ROUNDS);
			WANT(&r, s.insns, ROUNDS);
			cr_assert(s.made > made && s.dropped == 1);
			cr_assert(s.lo <= CODE + 4 * TOP && s.lo + s.len - 1 >= CODE + 4 * TOP);
			made = s.made;
			rig_store(&r, CODE + 4 * TOP, other.word[0]);
			again(&r, 3 * ROUNDS);
			WANT(&r, s.insns, 2 * ROUNDS);
			WANT(&r, s.opcode, other.word[0]);
			cr_assert(s.made > made && s.dropped == 2);
			WANT(&r, dgm_hook_del(r.vm, id), DGM_OK);
			again(&r, 3 * ROUNDS);
			WANT(&r, s.insns, 2 * ROUNDS);
			WANT(&r, s.dropped, 3);
			rig_free(&r);
		}
}

/* Puts the vCPU elsewhere before what was made is executed; and ends the run. */
static dgm_act redirect(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct rig *r = ud;

	dgm_set(cpu, r->guest->pc, CODE + 4 * (TOP + 4));
	return DGM_CONT;
}

static dgm_act refuse(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	return DGM_STOP;
}

Test(changes, callbacks_of_translations_are_heard)
{
	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w) {
			struct code c;
			struct guest g = adding(as, &c);
			struct rig r = rig_make(&g, w);
			dgm_id id = rig_hook(&r, DGM_HOOK_TRANSLATED, 0, 4, redirect, &r);

			again(&r, 0);
			WANT(&r, r.exit.insns, 0);
			WANT(&r, dgm_hook_del(r.vm, id), DGM_OK);
			rig_hook(&r, DGM_HOOK_TRANSLATED, 4 * TOP, 4 * TOP + 4, refuse, NULL);
			rig_start(&r);
			rig_run(&r, 0);
			WANT(&r, r.exit.reason, DGM_EXIT_BREAK);
			WANT(&r, r.exit.pc, CODE + 4 * TOP);
			rig_run(&r, 0);
			WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
			rig_free(&r);
		}
}

/* Writes another instruction where the loop begins, from a callback inside it. */
struct writer {
	struct rig *r;
	uint32_t word;
	unsigned calls;
};

static dgm_act rewrite(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct writer *s = ud;

	if (++s->calls == 4)
		rig_store(s->r, CODE + 4 * TOP, s->word);
	return DGM_CONT;
}

Test(changes, of_code_in_callbacks)
{
	static const uint32_t kinds[] = { DGM_HOOK_INSN, DGM_HOOK_WRITE };

	FOR_EACH_GUEST(as)
		FOR_EACH_WAY(w)
			for (unsigned k = 0; k < 2; k++) {
				struct code c, other = { .arch = as->arch };
				struct guest g = adding(as, &c);
				struct rig r = rig_make(&g, w);
				struct writer s = { &r };
				uint64_t at = k ? DATA : 4 * (TOP + 1), n = 0;

				c_addi(&other, 5, 5, 100);
				s.word = other.word[0];
				rig_hook(&r, kinds[k], at, at + 4, rewrite, &s);
				rig_counter(&r, DGM_HOOK_INSN, 4 * TOP, 4 * TOP + 4, &n);
				again(&r, 4 + (ROUNDS - 4) * 100);
				WANT(&r, s.calls, ROUNDS);
				WANT(&r, n, ROUNDS);
				rig_free(&r);
			}
}

/* From a snapshot in the middle of a block on, the same events come each time. */
Test(changes, by_snapshots)
{
	FOR_EACH_GUEST(g)
		FOR_EACH_WAY(w) {
			struct rig r = rig_make(g, w);
			dgm_snap *snap = NULL;
			char *want = NULL;

			if (IS_SLOW(w) && !(w->flags & DGM_HOT_AT_ONCE))
				continue;
			for (unsigned kind = DGM_HOOK_INSN; kind <= DGM_HOOK_WRITE; kind += 1 + (kind == DGM_HOOK_INSN))
				rig_hook(&r, kind, 0, 0, NULL, NULL);
			rig_run(&r, 40);
			if (dgm_snap_take(r.vm, &snap) == DGM_E_UNSUP) {
				rig_free(&r);
				continue;
			}
			for (unsigned i = 0; i < 4; i++) {
				size_t had = strlen(rig_text(&r));
				dgm_id id = i & 1 ? rig_hook(&r, DGM_HOOK_READ, DATA + 0x3000, DATA + 0x3001, NULL, NULL) : 0;

				WANT(&r, dgm_snap_restore(r.vm, snap), DGM_OK);
				rig_run_sliced(&r, i == 2 ? 7 : 0);
				if (want)
					same_text(&r, rig_text(&r) + had, want, "behind a snapshot");
				else
					want = strdup(rig_text(&r) + had);
				if (id)
					WANT(&r, dgm_hook_del(r.vm, id), DGM_OK);
			}
			free(want);
			dgm_snap_free(snap);
			rig_free(&r);
		}
}
