/* Random numbers for tests that draw their cases: the same for the same seed, wherever they run. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

struct test_rng {
	uint64_t state;
};

static inline uint64_t test_next(struct test_rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline unsigned test_below(struct test_rng *r, unsigned n)
{
	return (unsigned)((test_next(r) >> 32) * n >> 32);
}

#endif
