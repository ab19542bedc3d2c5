/* Fast Fourier transforms of 1024 complex numbers, there and back. */
#include <math.h>

#include "bench.h"

enum { BITS = 10, N = 1 << BITS };

static double re[N], im[N], wr[N / 2], wi[N / 2];

static void swap(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

static void transform(double sign)
{
	for (unsigned i = 0, j = 0; i < N; i++) {
		unsigned bit = N >> 1;

		if (i < j) {
			swap(&re[i], &re[j]);
			swap(&im[i], &im[j]);
		}
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j |= bit;
	}
	for (unsigned half = 1; half < N; half *= 2)
		for (unsigned i = 0; i < N; i += 2 * half)
			for (unsigned k = 0; k < half; k++) {
				unsigned a = i + k, b = a + half, w = k * (N / 2 / half);
				double tr = re[b] * wr[w] - im[b] * sign * wi[w];
				double ti = re[b] * sign * wi[w] + im[b] * wr[w];

				re[b] = re[a] - tr;
				im[b] = im[a] - ti;
				re[a] += tr;
				im[a] += ti;
			}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 4;
	double sum = 0;

	for (int i = 0; i < N / 2; i++) {
		wr[i] = cos(6.283185307179586 * i / N);
		wi[i] = -sin(6.283185307179586 * i / N);
	}
	for (int i = 0; i < N; i++) {
		re[i] = bench_random(&seed) % 1000;
		im[i] = 0;
	}
	for (unsigned round = 0; round < scale; round++) {
		transform(1);
		for (int i = 0; i < N; i++) {
			re[i] /= N;
			im[i] /= N;
		}
		transform(-1);
	}
	for (int i = 0; i < N; i++)
		sum += re[i] * (i % 7 + 1);
	return bench_end_double(sum);
}
