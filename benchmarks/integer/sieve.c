/* Primes below two million, by the sieve of Eratosthenes over bytes. */
#include "bench.h"

enum { LIMIT = 2000000 };

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint8_t *composite = bench_alloc(LIMIT);
	uint32_t sum = 0;

	for (unsigned round = 0; round < scale; round++) {
		for (uint32_t i = 0; i < LIMIT; i++)
			composite[i] = 0;
		for (uint32_t i = 2; i * i < LIMIT; i++)
			if (!composite[i])
				for (uint32_t k = i * i; k < LIMIT; k += i)
					composite[k] = 1;
		for (uint32_t i = 2 + round; i < LIMIT; i++)
			if (!composite[i])
				sum += i;
	}
	return bench_end(sum);
}
