/*
 * Finds the ladders that hot code divides with (opt/ladder.c), from where an indirect jump was seen to lead. For translate.c, which
 * lifts; knows no guest and no back end.
 */
#ifndef ENGINE_LADDER_H
#define ENGINE_LADDER_H

#include "opt/opt.h"

/* Lifts at most so many instructions at pc, optimised; NULL: out of memory, or units have to end there. */
struct ladder_source {
	struct ir_unit *(*lift)(void *ud, uint64_t pc, unsigned max_insns);
	void *ud;
};

/* The ladder that pc is a step of. */
bool ladder_find(const struct ladder_source *from, uint64_t pc, struct opt_ladder *out);

#endif
