/* Pi by random points in a circle: integers turned into doubles, comparisons. */
#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 31, inside = 0, n = scale * 10000;

	for (uint32_t i = 0; i < n; i++) {
		double x = bench_random(&seed) / 4294967296.0, y = bench_random(&seed) / 4294967296.0;

		if (x * x + y * y <= 1)
			inside++;
	}
	return bench_end_double(4.0 * inside / n);
}
