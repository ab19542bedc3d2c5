/* y <- a x + y and dot products in single precision. */
#include "bench.h"

enum { N = 4096 };

static float x[N], y[N];

static void saxpy(float a)
{
	for (int i = 0; i < N; i++)
		y[i] = a * x[i] + y[i] * 0.5f;
}

static float dot(void)
{
	float sum = 0;

	for (int i = 0; i < N; i++)
		sum += x[i] * y[i];
	return sum;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	double sum = 0;

	for (int i = 0; i < N; i++) {
		x[i] = (float)(i % 19) / 16;
		y[i] = (float)(i % 23) / 16;
	}
	for (unsigned round = 0; round < scale; round++) {
		saxpy(0.25f + (float)(round % 5) / 16);
		sum += dot();
	}
	return bench_end_double(sum);
}
