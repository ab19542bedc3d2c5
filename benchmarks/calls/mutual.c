/* Functions that call each other: Hofstadter's sequences, even and odd, Ackermann. */
#include "bench.h"

static uint32_t male(uint32_t n);

static uint32_t __attribute__((noinline)) female(uint32_t n)
{
	return n ? n - male(female(n - 1)) : 1;
}

static uint32_t __attribute__((noinline)) male(uint32_t n)
{
	return n ? n - female(male(n - 1)) : 0;
}

static uint32_t __attribute__((noinline)) ackermann(uint32_t m, uint32_t n)
{
	if (!m)
		return n + 1;
	return ackermann(m - 1, n ? ackermann(m, n - 1) : 1);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++)
		h = bench_mix(h, female(30 + round % 8) * 1000 + ackermann(2, 20 + round % 8));
	return bench_end(h);
}
