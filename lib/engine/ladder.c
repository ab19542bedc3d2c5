/* Finding ladders; see ladder.h. */
#include "engine/ladder.h"

/* Instructions of a step, and steps that are worth it. */
enum { FEWEST_INSNS = 3, MOST_INSNS = 8, FEWEST_STEPS = 8 };

static bool is_like(const struct ir_unit *u, const struct ir_unit *last, const struct opt_step *s)
{
	struct opt_step other;

	return opt_is_step(u, &other) && other.num == s->num && other.den == s->den && other.q == s->q &&
	       other.shift == s->shift && u->bytes == last->bytes && opt_is_covered(u, last);
}

/* The step at pc; *insns: of which it has so many. */
static const struct ir_unit *first_step(const struct ladder_source *from, uint64_t pc, struct opt_step *s, unsigned *insns)
{
	for (*insns = FEWEST_INSNS; *insns <= MOST_INSNS; ++*insns) {
		const struct ir_unit *u = from->lift(from->ud, pc, *insns);

		if (u && opt_is_step(u, s))
			return u;
	}
	return NULL;
}

bool ladder_find(const struct ladder_source *from, uint64_t pc, struct opt_ladder *out)
{
	struct opt_step s;
	unsigned insns, n = 0;
	const struct ir_unit *u = first_step(from, pc, &s, &insns), *last;

	if (!u || pc + (uint64_t)s.shift * u->bytes > UINT32_MAX)
		return false;
	*out = (struct opt_ladder){ .step = s, .last = pc + (uint64_t)s.shift * u->bytes, .bytes = (unsigned)u->bytes };
	out->step.shift = 0;
	last = from->lift(from->ud, out->last, insns);
	while (last && n < OPT_STEPS) {
		uint64_t back = (uint64_t)n * out->bytes;

		s.shift = n;
		u = back <= out->last ? from->lift(from->ud, out->last - back, insns) : NULL;
		if (!u || !is_like(u, last, &s))
			break;
		n++;
	}
	out->highest = n - 1;
	return n >= FEWEST_STEPS;
}
