/*
 * What every benchmark program shares: the scale on the command line, numbers that look random, and the
 * result. Programs must give the same result on machines of any word size and byte order; results that
 * depend on how sums are contracted are reported as doubles and compared with a tolerance.
 */
#ifndef BENCH_H
#define BENCH_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline unsigned bench_scale(int argc, char **argv)
{
	return argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
}

static inline uint32_t bench_random(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

static inline uint32_t bench_mix(uint32_t h, uint32_t v)
{
	return (h ^ v) * 16777619u + (h >> 15);
}

static inline int bench_end(uint32_t result)
{
	return printf("%08" PRIx32 "\n", result) < 0;
}

static inline int bench_end_double(double result)
{
	return printf("%.17g\n", result) < 0;
}

static inline void *bench_alloc(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		exit(3);
	return p;
}

#endif
