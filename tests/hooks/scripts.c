/*
 * Callbacks that do something: give every answer, write registers, add and remove hooks, themselves too. What they do
 * depends on what came before alone, so that the record has to be the same on every tier.
 */
#include "rig.h"

enum { HOOKS = 12, EVENTS = 400, EXITS = 120, LAST_KIND = DGM_HOOK_WRITE };

struct script {
	struct rig r;
	uint64_t random;
	dgm_id id[HOOKS];
	unsigned events, calm;		/* calm: hooks do nothing but take notes */
};

static unsigned any(struct script *s, unsigned n)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(s->random >> 33) % n;
}

static dgm_hook_fn act;

static void add_one(struct script *s)
{
	unsigned slot = any(s, HOOKS), kind = 1 + any(s, LAST_KIND), where = any(s, 3);
	bool data = kind == DGM_HOOK_READ || kind == DGM_HOOK_WRITE;
	uint64_t lo = data ? DATA + 4 * any(s, 8) : 4 * any(s, s->r.guest->n);
	uint64_t hi = lo + 1 + any(s, data ? 40 : 16);

	if (s->id[slot])
		return;
	if (!where)
		lo = hi = 0;
	s->id[slot] = rig_hook(&s->r, kind, lo, hi, act, s);
}

static void remove_one(struct script *s)
{
	unsigned slot = any(s, HOOKS);

	if (!s->id[slot])
		return;
	WANT(&s->r, dgm_hook_del(s->r.vm, s->id[slot]), DGM_OK);
	WANT(&s->r, dgm_hook_del(s->r.vm, s->id[slot]), DGM_E_NOENT);
	s->id[slot] = 0;
}

static dgm_act act(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	static const dgm_act answer[] = { DGM_BREAK, DGM_STOP, DGM_RETRY, DGM_RAISE, DGM_SKIP };
	struct script *s = ud;
	unsigned what = any(s, 24);

	rig_note(&s->r, cpu, e);
	if (s->calm || s->events++ > EVENTS)
		return DGM_CONT;
	if (what < 5)
		return answer[what];
	if (what < 8)
		add_one(s);
	else if (what < 10)
		remove_one(s);
	else if (what < 12)
		dgm_set(cpu, s->r.guest->work, any(s, 1000));
	else if (what == 12 && any(s, 8) == 0)
		rig_start(&s->r);
	return DGM_CONT;
}

static char *play(const struct guest *g, const struct way *w, uint64_t seed)
{
	struct script s = { .r = rig_make(g, w), .random = seed };

	for (unsigned i = 0; i < 6; i++)
		add_one(&s);
	s.r.exit.reason = 0;
	for (unsigned i = 0; i < EXITS && s.r.exit.reason != DGM_EXIT_SYSCALL; i++) {
		rig_run(&s.r, 300);
		rig_open(&s.r);
		fprintf(s.r.record, "exit %u at %" PRIx64 " after %" PRIu64 " work %" PRIx64 "\n", s.r.exit.reason, s.r.exit.pc,
			dgm_insns(s.r.cpu), dgm_get(s.r.cpu, g->work));
		if (s.r.exit.reason == DGM_EXIT_FAULT || s.r.exit.reason == DGM_EXIT_ILLEGAL)
			break;
	}
	char *text = strdup(rig_text(&s.r));
	for (unsigned i = 0; i < HOOKS; i++)
		if (s.id[i])
			WANT(&s.r, dgm_hook_del(s.r.vm, s.id[i]), DGM_OK);
	rig_start(&s.r);
	s.calm = 1;
	rig_run_sliced(&s.r, 0);
	cr_assert_str_eq(text, rig_text(&s.r), "%s, %s: hooks that are gone were called", g->name, w->name);
	rig_free(&s.r);
	return text;
}

/* LLVM takes its time: of each 16 scripts, a way with it plays one, of one guest. */
Test(scripts, are_played_alike)
{
	const char *seeds = getenv("DGM_SEEDS");
	uint64_t n = seeds ? strtoull(seeds, NULL, 0) : 16;

	FOR_EACH_GUEST(g)
		for (uint64_t seed = 1; seed <= n; seed++) {
			char *want = play(g, &ways[0], seed);

			for (const struct way *w = ways + 1; w->name; w++) {
				struct rig r = { .guest = g, .way = w };
				char what[40];

				if (IS_SLOW(w) && (seed % 16 != (uint64_t)(w - ways) || (w - ways) % 3 != g - guests))
					continue;
				char *got = play(g, w, seed);
				snprintf(what, sizeof what, "script %" PRIu64, seed);
				same_text(&r, got, want, what);
				free(got);
			}
			free(want);
		}
}
