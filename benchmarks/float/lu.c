/* LU decomposition of 64 x 64 matrices with pivots. */
#include <math.h>

#include "bench.h"

enum { N = 64 };

static double m[N][N];

static double decompose(void)
{
	double det = 1;

	for (int k = 0; k < N; k++) {
		int p = k;

		for (int i = k + 1; i < N; i++)
			if (fabs(m[i][k]) > fabs(m[p][k]))
				p = i;
		for (int j = 0; p != k && j < N; j++) {
			double t = m[k][j];

			m[k][j] = m[p][j];
			m[p][j] = t;
		}
		det *= fabs(m[k][k]) / 8;
		for (int i = k + 1; i < N; i++) {
			double f = m[i][k] /= m[k][k];

			for (int j = k + 1; j < N; j++)
				m[i][j] -= f * m[k][j];
		}
	}
	return det;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 8;
	double sum = 0;

	for (unsigned round = 0; round < scale; round++) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++)
				m[i][j] = (bench_random(&seed) % 2000) / 500.0 - 2;
		sum += log(decompose());
	}
	return bench_end_double(sum);
}
