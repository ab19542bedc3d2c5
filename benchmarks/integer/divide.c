/* 32-bit divisions: decimal digits, trial division, modular powers. */
#include "bench.h"

static uint32_t digits(uint32_t x, uint32_t base)
{
	uint32_t sum = 0;

	for (; x; x /= base)
		sum += x % base;
	return sum;
}

static uint32_t power(uint32_t b, uint32_t e, uint32_t m)
{
	uint32_t r = 1;

	for (b %= m; e; e >>= 1, b = b * b % m)
		if (e & 1)
			r = r * b % m;
	return r;
}

static int is_prime(uint32_t n)
{
	for (uint32_t d = 3; d * d <= n; d += 2)
		if (n % d == 0)
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 21, h = 0;

	for (unsigned i = 0; i < scale * 100; i++) {
		uint32_t x = bench_random(&seed);

		h += digits(x, 10) + digits(x, 3 + i % 13) + power(x, seed >> 8, 65521);
		h = bench_mix(h, (uint32_t)is_prime(x % 100000 | 1) + (uint32_t)((int32_t)x / (int32_t)(i % 100 + 1)));
	}
	return bench_end(h);
}
