/* Chains of calls 24 functions deep, each with saved registers and some work of its own. */
#include "bench.h"

#define LINK(n, next) \
	static uint32_t __attribute__((noinline)) f##n(uint32_t a, uint32_t b) \
	{ \
		uint32_t x = a ^ (b + n), y = next(x, b - a); \
		return next##_again(y) + x * (n + 1); \
	}
#define AGAIN(n) static uint32_t __attribute__((noinline)) f##n##_again(uint32_t x) { return x >> (n % 7 + 1) ^ x; }

static uint32_t __attribute__((noinline)) f0(uint32_t a, uint32_t b) { return a * 31 + b; }
AGAIN(0)
#define STEP(n, m) LINK(n, f##m) AGAIN(n)
STEP(1, 0) STEP(2, 1) STEP(3, 2) STEP(4, 3) STEP(5, 4) STEP(6, 5) STEP(7, 6) STEP(8, 7)
STEP(9, 8) STEP(10, 9) STEP(11, 10) STEP(12, 11) STEP(13, 12) STEP(14, 13) STEP(15, 14) STEP(16, 15)
STEP(17, 16) STEP(18, 17) STEP(19, 18) STEP(20, 19) STEP(21, 20) STEP(22, 21) STEP(23, 22) STEP(24, 23)

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t x = 1;

	for (unsigned i = 0; i < scale * 100; i++)
		x = f24_again(f24(x, i));
	return bench_end(x);
}
