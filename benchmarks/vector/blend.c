/* Two pictures of 16-bit channels laid over each other by a mask of opacities. */
#include "vector/vector.h"

enum { N = 1024 };

static u16x8 below[N], above[N], alpha[N];

static void blend(uint16_t fade)
{
	for (int i = 0; i < N; i++) {
		u16x8 a = (alpha[i] * fade) >> 8;
		u16x8 sum = above[i] * a + below[i] * (256 - a);

		below[i] = (sum + 128) >> 8;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 7, h = 1;

	for (int i = 0; i < N; i++)
		for (int k = 0; k < 8; k++) {
			below[i][k] = bench_random(&seed) & 255;
			above[i][k] = bench_random(&seed) & 255;
			alpha[i][k] = bench_random(&seed) & 255;
		}
	for (unsigned round = 0; round < scale; round++) {
		blend((uint16_t)(round % 256));
		above[round % N] ^= below[(round * 7) % N];
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 8; k++)
			h = bench_mix(h, below[i][k]);
	return bench_end(h);
}
