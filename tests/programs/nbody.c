/* Planets under gravity, double precision.
 * @args 1
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 5 };

static double x[N][3] = { { 0, 0, 0 }, { 4.84, -1.16, -0.10 }, { 8.34, 4.12, -0.4 }, { 12.89, -15.11, -0.22 },
			  { 15.37, -25.9, 0.179 } };
static double v[N][3] = { { 0, 0, 0 }, { 0.6, 2.8, -0.02 }, { -1.01, 1.82, 0.008 }, { 1.08, 0.86, -0.01 },
			  { 0.97, 0.59, -0.034 } };
static const double mass[N] = { 39.47, 0.037, 0.011, 0.0017, 0.002 };

static void step(double dt)
{
	for (int i = 0; i < N; i++)
		for (int j = i + 1; j < N; j++) {
			double d[3], r2 = 0, f;

			for (int k = 0; k < 3; k++) {
				d[k] = x[i][k] - x[j][k];
				r2 += d[k] * d[k];
			}
			f = dt / (r2 * sqrt(r2));
			for (int k = 0; k < 3; k++) {
				v[i][k] -= d[k] * mass[j] * f;
				v[j][k] += d[k] * mass[i] * f;
			}
		}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 3; k++)
			x[i][k] += dt * v[i][k];
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;

	for (unsigned r = 0; r < rounds * 10000; r++)
		step(0.001 / (1 + r / 100000));
	printf("%.3f %.3f %.3f\n", x[0][0], x[1][1], x[2][2]);
	return 0;
}
