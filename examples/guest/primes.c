/* A guest program for `./dev demo`: how many primes there are below its argument. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned limit = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1000, count = 0;
	unsigned char *composite = calloc(limit, 1);

	if (!composite)
		return 1;
	for (unsigned i = 2; i < limit; i++) {
		if (composite[i])
			continue;
		count++;
		for (unsigned long long j = (unsigned long long)i * i; j < limit; j += i)
			composite[j] = 1;
	}
	printf("%u primes below %u, counted by a %s machine\n", count, limit,
	       *(const unsigned char *)&(const unsigned){ 1 } ? "little-endian" : "big-endian");
	free(composite);
	return 0;
}
