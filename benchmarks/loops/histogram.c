/* Histograms, and equalising by their sums: loads that depend on stores. */
#include "bench.h"

enum { N = 32768 };

static uint8_t pixel[N];

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 16, h = 0;

	for (int i = 0; i < N; i++)
		pixel[i] = (uint8_t)(bench_random(&seed) & bench_random(&seed));
	for (unsigned round = 0; round < scale; round++) {
		uint32_t count[256] = { 0 }, sum = 0;
		uint8_t map[256];

		for (int i = 0; i < N; i++)
			count[pixel[i]]++;
		for (int i = 0; i < 256; i++) {
			sum += count[i];
			map[i] = (uint8_t)(sum * 255 / N);
		}
		for (int i = 0; i < N; i++)
			pixel[i] = (uint8_t)(map[pixel[i]] ^ (i & 31));
		h = bench_mix(h, count[round & 255]);
	}
	return bench_end(h);
}
