/* Loops over bytes: sums with saturation, blending, thresholds. */
#include "bench.h"

enum { N = 16384 };

static uint8_t a[N], b[N], out[N];

static void blend(unsigned weight)
{
	for (int i = 0; i < N; i++)
		out[i] = (uint8_t)((a[i] * weight + b[i] * (256 - weight)) >> 8);
}

static void saturate(void)
{
	for (int i = 0; i < N; i++) {
		unsigned s = a[i] + out[i];

		a[i] = (uint8_t)(s > 255 ? 255 - (s & 15) : s);
	}
}

static uint32_t above(uint8_t limit)
{
	uint32_t n = 0;

	for (int i = 0; i < N; i++)
		n += out[i] > limit;
	return n;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 14, h = 0;

	for (int i = 0; i < N; i++) {
		a[i] = (uint8_t)bench_random(&seed);
		b[i] = (uint8_t)bench_random(&seed);
	}
	for (unsigned round = 0; round < scale; round++) {
		blend(round & 255);
		saturate();
		h = bench_mix(h, above((uint8_t)round));
	}
	return bench_end(h);
}
