/* The spectral norm of an infinite matrix: divisions of doubles, integers turned into doubles. */
#include <math.h>

#include "bench.h"

enum { N = 100 };

static double element(int i, int j)
{
	return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(const double *v, double *out, int transposed)
{
	for (int i = 0; i < N; i++) {
		double sum = 0;

		for (int j = 0; j < N; j++)
			sum += (transposed ? element(j, i) : element(i, j)) * v[j];
		out[i] = sum;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	double u[N], v[N], t[N], uv = 0, vv = 0;

	for (int i = 0; i < N; i++)
		u[i] = 1;
	for (unsigned round = 0; round < scale; round++) {
		times(u, t, 0);
		times(t, v, 1);
		times(v, t, 0);
		times(t, u, 1);
		double first = u[0];
		for (int i = 0; i < N; i++)
			u[i] /= first;
	}
	times(u, t, 0);
	times(t, v, 1);
	for (int i = 0; i < N; i++) {
		uv += u[i] * v[i];
		vv += u[i] * u[i];
	}
	return bench_end_double(sqrt(uv / vv));
}
