/*
 * The optimiser: turns a unit into one that does the same with fewer operations. Guest-neutral
 * and linear in the unit; it runs on every cold block, so it does only what pays at once.
 * The engine and dragoman-ir use it; it knows neither guests nor back ends.
 */
#ifndef OPT_OPT_H
#define OPT_OPT_H

#include "ir/ir.h"

enum opt_flag {
	OPT_FORWARD = 1 << 0,	/* what a slot is known to hold takes the place of get; idle puts go */
	OPT_FOLD = 1 << 1,	/* constants and algebra */
	OPT_NUMBER = 1 << 2,	/* a value made twice is made once */
	OPT_DEAD = 1 << 3,	/* puts overwritten before anyone sees them, values nobody uses */
	OPT_ALL = OPT_FORWARD | OPT_FOLD | OPT_NUMBER | OPT_DEAD,
	/*
	 * Slots may be stale where a memory access faults; they are exact where the unit is left and
	 * where a helper looks. For code whose guest does not look into faults.
	 */
	OPT_IMPRECISE = 1 << 4,
	/*
	 * Loads take what the unit stored there. For memory that is nothing but memory: no devices,
	 * and no byte at two addresses that are not equal modulo 4096.
	 */
	OPT_MEMORY = 1 << 5,
};

/* The flags by name, for tools; ends with a NULL name. */
struct opt_pass {
	const char *name;
	unsigned flag;
};
extern const struct opt_pass opt_pass[];

/*
 * Works on a verified unit in place; scratch memory and new constants come from the arena.
 * Exits are numbered anew in program order. The slots of the guest must not overlap
 * (opt_slots_ok). On DGM_E_NOMEM the unit is valid and does the same, only less is gained.
 */
enum dgm_status opt_run(struct ir_unit *u, struct base_arena *arena, unsigned flags) BASE_CHECK;

/*
 * x and the ways its last branch parts as one unit without the branch, in arena memory, still to be optimised: NULL if they do
 * more than compute a little, lead to different places or memory is short. A way is NULL if it is no unit's but where the
 * other one leads. x is left as it was. Markers of the ways' instructions are gone, so units may not be counted.
 */
struct ir_unit *opt_join(const struct ir_unit *x, const struct ir_unit *taken, const struct ir_unit *other,
			 struct base_arena *arena);

/*
 * A loop of one optimised unit that divides 64 bits bit by bit, with all rounds but the last made one division where that gives the
 * same: in arena memory, still to be optimised; NULL if the unit is none, or memory is short. Units may not be counted.
 */
struct ir_unit *opt_skip_rounds(const struct ir_unit *u, struct base_arena *arena);

/* A step of a ladder that divides 32 bits (ladder.c): its slots, and by how much it shifts the divisor. */
struct opt_step {
	unsigned num, den, q, shift;
};
enum { OPT_STEPS = 32 };	/* a ladder has at most */

/* Steps of the same slots and size in a row, each shifting by one less than the one before it, down to 0. */
struct opt_ladder {
	struct opt_step step;
	uint64_t last;		/* pc of the one that shifts by 0 */
	unsigned bytes, highest;	/* of one; by how much the first shifts */
};

/* Whether the optimised unit, which may not be counted, is a step and nothing else. */
bool opt_is_step(const struct ir_unit *u, struct opt_step *s);
/* Whether `last`, of which both are steps, writes all that the step writes. */
bool opt_is_covered(const struct ir_unit *step, const struct ir_unit *last);
/*
 * A unit that ends in an indirect jump which may lead into the ladder, with all steps but the last made one division in front of
 * it, where that gives the same: in arena memory, still to be optimised; NULL if it does not end so, or memory is short.
 */
struct ir_unit *opt_skip_ladder(const struct ir_unit *u, const struct opt_ladder *l, struct base_arena *arena);

/* Whether no two slots share a byte of state: asked once per guest, by tests. */
bool opt_slots_ok(const struct ir_slots *s);

#endif
