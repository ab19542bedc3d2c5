/* The largest singular value of an infinite matrix, cut off.
 * @args 1
 * @without hot
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 300 };

static double element(int i, int j)
{
	return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void multiply(const double *v, double *out, int transposed)
{
	for (int i = 0; i < N; i++) {
		out[i] = 0;
		for (int j = 0; j < N; j++)
			out[i] += (transposed ? element(j, i) : element(i, j)) * v[j];
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	static double u[N], v[N], t[N];
	double uv = 0, vv = 0;

	for (int i = 0; i < N; i++)
		u[i] = 1;
	for (unsigned r = 0; r < rounds * 2; r++) {
		multiply(u, t, 0);
		multiply(t, v, 1);
		multiply(v, t, 0);
		multiply(t, u, 1);
	}
	for (int i = 0; i < N; i++) {
		uv += u[i] * v[i];
		vv += v[i] * v[i];
	}
	printf("%.6f\n", sqrt(uv / vv));
	return 0;
}
