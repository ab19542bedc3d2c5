/* Sieve of Eratosthenes over one megabyte of flags.
 * @group integer @size 230 @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1 << 20 };

static uint8_t composite[N];

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, count = 0;

	for (unsigned r = 0; r < rounds; r++) {
		memset(composite, 0, N);
		for (uint32_t i = 2; i < N; i++) {
			if (composite[i])
				continue;
			count += i ^ r;
			for (uint32_t j = i + i; j < N; j += i)
				composite[j] = 1;
		}
	}
	printf("%u\n", count);
	return 0;
}
