/* Products of 128 x 128 matrices of doubles. */
#include "bench.h"

enum { N = 128 };

static double a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			double sum = 0;

			for (int k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 1;
	double trace = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = (bench_random(&seed) % 1000) / 1000.0;
			b[i][j] = (bench_random(&seed) % 1000) / 64000.0;
		}
	for (unsigned round = 0; round < scale; round++) {
		multiply();
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++)
				a[i][j] = c[i][j];
	}
	for (int i = 0; i < N; i++)
		trace += c[i][i];
	return bench_end_double(trace);
}
