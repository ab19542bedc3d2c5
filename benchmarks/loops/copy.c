/* Plain loops that fill, copy, reverse and compare arrays of words and bytes. */
#include "bench.h"

enum { N = 8192 };

static uint32_t a[N], b[N];

static void __attribute__((noinline, optimize("no-tree-loop-distribute-patterns"))) copy(uint32_t *to, const uint32_t *from, int n)
{
	for (int i = 0; i < n; i++)
		to[i] = from[i];
}

static void __attribute__((noinline)) reverse(uint32_t *v, int n)
{
	for (int i = 0, j = n - 1; i < j; i++, j--) {
		uint32_t t = v[i];

		v[i] = v[j];
		v[j] = t;
	}
}

static int __attribute__((noinline)) differs(const uint8_t *x, const uint8_t *y, int n)
{
	for (int i = 0; i < n; i++)
		if (x[i] != y[i])
			return i;
	return n;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 18, h = 0;

	for (int i = 0; i < N; i++)
		a[i] = bench_random(&seed);
	for (unsigned round = 0; round < scale; round++) {
		copy(b, a, N);
		b[N - 1 - round % 512] ^= 0x01010101;
		h = bench_mix(h, (uint32_t)differs((const uint8_t *)a, (const uint8_t *)b, N * 4));
		reverse(a, N);
		a[round % N] += round;
	}
	return bench_end(h);
}
