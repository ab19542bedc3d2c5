/* Random units on random state, worked out by lib/ir alone: what tests of functions that make new units share. */
#ifndef TESTS_IR_UNITS_H
#define TESTS_IR_UNITS_H

#include "../random.h"
#include "base/alloc.h"
#include "ir/build.h"

struct gen {
	struct test_rng rng;
	struct base_arena arena;
	struct ir_builder b;
};

/* Works the unit out over the slots, by number; answers where it leads. */
uint64_t units_run(const struct ir_unit *u, uint64_t *state);

/* The main program [COUNT [FIRST_SEED]]: a case for each seed, until one fails and is named. */
int units_main(int argc, char **argv, uint64_t count, bool (*one)(struct gen *g, uint64_t seed, void *ud), void *ud);

#endif
