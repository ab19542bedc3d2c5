/* Population counts, leading zeros, bit reversal, rotations, Gray codes, parity: shifts and masks. */
#include "bench.h"

static uint32_t count(uint32_t x)
{
	x -= x >> 1 & 0x55555555;
	x = (x & 0x33333333) + (x >> 2 & 0x33333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f;
	return x * 0x01010101 >> 24;
}

static uint32_t reverse(uint32_t x)
{
	x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
	x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
	x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
	x = (x >> 8 & 0x00ff00ff) | (x & 0x00ff00ff) << 8;
	return x >> 16 | x << 16;
}

static uint32_t bitwise_count(uint32_t x)
{
	uint32_t n = 0;

	for (; x; x &= x - 1)
		n++;
	return n;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 9, h = 0;

	for (unsigned i = 0; i < scale * 10000; i++) {
		uint32_t x = bench_random(&seed), r = x & 31;

		h += count(x) + bitwise_count(x & 0xffff);
		h ^= reverse(x);
		h += (uint32_t)__builtin_clz(x | 1) << (x & 7);
		h = h << r | h >> (-r & 31);
		h += (x ^ x >> 1) & 0x00ff00ff;
		h ^= (uint32_t)__builtin_parity(x) << 13;
	}
	return bench_end(h);
}
