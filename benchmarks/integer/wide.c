/* 64-bit sums, products, shifts, divisions and remainders. */
#include "bench.h"

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint64_t x = 88172645463325252ull, h = 0;

	for (unsigned i = 0; i < scale * 1000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		h += x * 6364136223846793005ull + 1442695040888963407ull;
		h ^= x / ((x >> 40) | 1);
		h += (uint64_t)((int64_t)x / (int64_t)(i + 3));
		h ^= h >> (x & 63);
		if (i % 8 == 0)
			h += gcd(x | 1, h | 1);
	}
	return bench_end((uint32_t)(h ^ h >> 32));
}
