/* Fibonacci numbers by plain recursion. */
#include "bench.h"

static uint32_t __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline"))) fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++)
		h = bench_mix(h, fib(20 + round % 4));
	return bench_end(h);
}
