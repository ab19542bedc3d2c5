/* Recursion many thousand calls deep, and back: no stack of return addresses is large enough. */
#include "bench.h"

static uint32_t __attribute__((noinline)) down(uint32_t n, uint32_t x)
{
	if (!n)
		return x;
	x = down(n - 1, x * 5 + n);
	return x ^ n;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++)
		h = bench_mix(h, down(5000 + round % 100, round));
	return bench_end(h);
}
