/* The C library's qsort, and a quicksort of our own, of 20000 numbers. */
#include <string.h>

#include "bench.h"

enum { N = 20000 };

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void quick(uint32_t *v, int lo, int hi)
{
	while (lo < hi) {
		uint32_t pivot = v[lo + (hi - lo) / 2];
		int i = lo, j = hi;

		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				uint32_t t = v[i];

				v[i++] = v[j];
				v[j--] = t;
			}
		}
		quick(v, lo, j);
		lo = i;
	}
}

int main(int argc, char **argv)
{
	static uint32_t a[N], b[N];
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 11, h = 0;

	for (unsigned round = 0; round < scale; round++) {
		for (int i = 0; i < N; i++)
			a[i] = b[i] = bench_random(&seed);
		qsort(a, N, sizeof *a, compare);
		quick(b, 0, N - 1);
		if (memcmp(a, b, sizeof a))
			return 2;
		h = bench_mix(h, a[round % N]);
	}
	return bench_end(h);
}
