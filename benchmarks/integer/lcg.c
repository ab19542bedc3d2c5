/* Generators of random numbers: linear congruences of 32 and 64 bits, and the Mersenne twister. */
#include "bench.h"

enum { N = 624, M = 397 };

static uint32_t mt[N];

static void twist(void)
{
	for (int i = 0; i < N; i++) {
		uint32_t y = (mt[i] & 0x80000000u) | (mt[(i + 1) % N] & 0x7fffffffu);

		mt[i] = mt[(i + M) % N] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t a = 1, h = 0;
	uint64_t b = 1;

	for (int i = 0; i < N; i++)
		mt[i] = a = a * 1812433253u + (uint32_t)i;
	for (unsigned round = 0; round < scale; round++) {
		for (int i = 0; i < 2000; i++) {
			a = a * 1664525u + 1013904223u;
			b = b * 6364136223846793005ull + 1442695040888963407ull;
			h ^= a >> 16 ^ (uint32_t)(b >> 33);
		}
		twist();
		for (int i = 0; i < N; i++) {
			uint32_t y = mt[i];

			y ^= y >> 11;
			y ^= y << 7 & 0x9d2c5680u;
			y ^= y << 15 & 0xefc60000u;
			h += y ^ y >> 18;
		}
	}
	return bench_end(h);
}
