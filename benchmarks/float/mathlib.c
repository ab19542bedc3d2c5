/* The C library's sin, cos, exp, log, pow, atan2 and their like. */
#include <math.h>

#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 12;
	double sum = 0;

	for (unsigned i = 0; i < scale * 100; i++) {
		double x = bench_random(&seed) / 4294967296.0 + 0.01, y = bench_random(&seed) / 4294967296.0 + 0.01;

		sum += sin(x * 3) * cos(y * 5) + exp(-x) + log(y) + pow(x, y) + atan2(x, y) + floor(8 * x) +
		       fmod(9 * y, x + 0.5);
	}
	return bench_end_double(sum);
}
