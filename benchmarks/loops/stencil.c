/* Heat in a plate: each point becomes the mean of its neighbours, in double precision. */
#include "bench.h"

enum { W = 128, H = 96 };

static double a[H][W], b[H][W];

static void step(double (*from)[W], double (*to)[W])
{
	for (int y = 1; y < H - 1; y++)
		for (int x = 1; x < W - 1; x++)
			to[y][x] = 0.25 * (from[y - 1][x] + from[y + 1][x] + from[y][x - 1] + from[y][x + 1]);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	double sum = 0;

	for (int x = 0; x < W; x++)
		a[0][x] = b[0][x] = 100 + x;
	for (unsigned round = 0; round < scale; round++) {
		step(a, b);
		step(b, a);
	}
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			sum += a[y][x];
	return bench_end_double(sum);
}
