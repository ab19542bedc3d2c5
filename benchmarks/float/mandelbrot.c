/* Iterations until points leave the Mandelbrot set, in double precision. */
#include "bench.h"

static int escape(double cx, double cy, int limit)
{
	double x = 0, y = 0;
	int n;

	for (n = 0; n < limit && x * x + y * y < 4; n++) {
		double t = x * x - y * y + cx;

		y = 2 * x * y + cy;
		x = t;
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	double sum = 0;

	for (unsigned row = 0; row < scale; row++)
		for (int col = 0; col < 256; col++)
			sum += escape(-2 + col * (3 / 256.0), -1.25 + (row % 256) * (2.5 / 256), 200);
	return bench_end_double(sum);
}
