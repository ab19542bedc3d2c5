/* Planets that attract each other: square roots, divisions, dependent sums in double precision. */
#include <math.h>

#include "bench.h"

enum { N = 5 };

struct body {
	double x[3], v[3], mass;
};

static struct body body[N] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, 39.478 },
	{ { 4.841, -1.160, -0.103 }, { 0.606, 2.811, -0.025 }, 0.0376 },
	{ { 8.343, 4.124, -0.403 }, { -1.010, 1.825, 0.008 }, 0.0112 },
	{ { 12.894, -15.111, -0.223 }, { 1.082, 0.868, -0.010 }, 0.0017 },
	{ { 15.379, -25.919, 0.179 }, { 0.979, 0.594, -0.034 }, 0.0020 },
};

static void advance(double dt)
{
	for (int i = 0; i < N; i++)
		for (int j = i + 1; j < N; j++) {
			double d[3], r2 = 0;

			for (int k = 0; k < 3; k++) {
				d[k] = body[i].x[k] - body[j].x[k];
				r2 += d[k] * d[k];
			}
			double f = dt / (r2 * sqrt(r2));
			for (int k = 0; k < 3; k++) {
				body[i].v[k] -= d[k] * body[j].mass * f;
				body[j].v[k] += d[k] * body[i].mass * f;
			}
		}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 3; k++)
			body[i].x[k] += dt * body[i].v[k];
}

static double energy(void)
{
	double e = 0;

	for (int i = 0; i < N; i++) {
		const double *v = body[i].v;

		e += 0.5 * body[i].mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
		for (int j = i + 1; j < N; j++) {
			double r2 = 0;

			for (int k = 0; k < 3; k++)
				r2 += (body[i].x[k] - body[j].x[k]) * (body[i].x[k] - body[j].x[k]);
			e -= body[i].mass * body[j].mass / sqrt(r2);
		}
	}
	return e;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);

	for (unsigned i = 0; i < scale * 1000; i++)
		advance(0.001);
	return bench_end_double(energy());
}
