/* 1000 decimal digits of pi by Machin's formula, in fractions of 32-bit words. */
#include <string.h>

#include "bench.h"

enum { WORDS = 106, DIGITS = 1000 };	/* word 0 is the integer part */

/* Returns whether anything is left. */
static int divide(uint32_t *a, uint32_t d)
{
	uint64_t rest = 0;
	uint32_t any = 0;

	for (int i = 0; i < WORDS; i++) {
		rest = rest << 32 | a[i];
		a[i] = (uint32_t)(rest / d);
		any |= a[i];
		rest %= d;
	}
	return any != 0;
}

static uint32_t multiply(uint32_t *a, uint32_t m)
{
	uint64_t carry = 0;

	for (int i = WORDS - 1; i >= 0; i--) {
		carry += (uint64_t)a[i] * m;
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return a[0];
}

static void add(uint32_t *a, const uint32_t *b, int sign)
{
	int64_t carry = 0;

	for (int i = WORDS - 1; i >= 0; i--) {
		carry += (int64_t)a[i] + (sign < 0 ? -(int64_t)b[i] : (int64_t)b[i]);
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* sum += factor * arctan(1 / x) */
static void add_arctan(uint32_t *sum, uint32_t factor, uint32_t x, int sign)
{
	uint32_t power[WORDS] = { factor }, term[WORDS];

	divide(power, x);
	for (uint32_t k = 1;; k += 2, sign = -sign) {
		memcpy(term, power, sizeof term);
		if (!divide(term, k))
			break;
		add(sum, term, sign);
		divide(power, x * x);
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++) {
		uint32_t pi[WORDS] = { 0 };

		add_arctan(pi, 16, 5, 1);
		add_arctan(pi, 4, 239, -1);
		for (int i = 0; i < DIGITS; i++) {
			h = h * 31 + pi[0];
			pi[0] = 0;
			multiply(pi, 10);
		}
	}
	return bench_end(h);
}
