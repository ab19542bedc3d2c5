/* Products of 128 x 128 matrices of 32-bit integers. */
#include "bench.h"

enum { N = 128 };

static uint32_t a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			uint32_t sum = 0;

			for (int k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 1, h = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = bench_random(&seed);
			b[i][j] = bench_random(&seed);
		}
	for (unsigned round = 0; round < scale; round++) {
		multiply();
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++)
				a[i][j] = c[i][j] ^ round;
	}
	for (int i = 0; i < N; i++)
		h = bench_mix(h, c[i][i]);
	return bench_end(h);
}
