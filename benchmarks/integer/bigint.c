/* Products and remainders of 2048-bit numbers in words of 32 bits, with carries. */
#include "bench.h"

enum { N = 64 };

static void multiply(uint32_t *out, const uint32_t *a, const uint32_t *b)
{
	for (int i = 0; i < 2 * N; i++)
		out[i] = 0;
	for (int i = 0; i < N; i++) {
		uint64_t carry = 0;

		for (int j = 0; j < N; j++) {
			carry += (uint64_t)a[i] * b[j] + out[i + j];
			out[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		out[i + N] = (uint32_t)carry;
	}
}

static void add(uint32_t *a, const uint32_t *b)
{
	uint64_t carry = 0;

	for (int i = 0; i < N; i++) {
		carry += (uint64_t)a[i] + b[i];
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t a[N], b[N], product[2 * N], seed = 2, h = 0;

	for (int i = 0; i < N; i++) {
		a[i] = bench_random(&seed);
		b[i] = bench_random(&seed);
	}
	for (unsigned round = 0; round < scale * 10; round++) {
		multiply(product, a, b);
		for (int i = 0; i < N; i++)
			a[i] = product[i + N / 2];
		add(b, product);
	}
	for (int i = 0; i < N; i++)
		h = bench_mix(h, a[i] + b[i]);
	return bench_end(h);
}
