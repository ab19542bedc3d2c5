/* Loops over 16 and 32-bit integers: dot products, prefix sums, minimum and maximum, gathering. */
#include "bench.h"

enum { N = 4096 };

static int16_t s[N], t[N];
static uint32_t v[N], w[N];

static int32_t dot(void)
{
	int32_t sum = 0;

	for (int i = 0; i < N; i++)
		sum += s[i] * t[i] >> 4;
	return sum;
}

static void prefix(void)
{
	uint32_t sum = 0;

	for (int i = 0; i < N; i++)
		v[i] = sum += v[i];
}

static uint32_t spread(void)
{
	uint32_t lo = ~0u, hi = 0;

	for (int i = 0; i < N; i++) {
		lo = w[i] < lo ? w[i] : lo;
		hi = w[i] > hi ? w[i] : hi;
	}
	return hi - lo;
}

static void gather(void)
{
	for (int i = 0; i < N; i++)
		w[i] += v[w[i] % N] ^ (uint32_t)i;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 15, h = 0;

	for (int i = 0; i < N; i++) {
		s[i] = (int16_t)bench_random(&seed);
		t[i] = (int16_t)bench_random(&seed);
		v[i] = bench_random(&seed);
		w[i] = bench_random(&seed);
	}
	for (unsigned round = 0; round < scale; round++) {
		h = bench_mix(h, (uint32_t)dot());
		prefix();
		gather();
		h = bench_mix(h, spread());
		s[round % N] += 3;
	}
	return bench_end(h);
}
