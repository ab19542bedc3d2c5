/* Monte Carlo integration with a generator of random doubles, logarithms and exponentials.
 * @group float @size 920 @args 1
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 12345;

static double uniform(void)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) / 16777216.0 + 1.0 / 33554432;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, inside = 0;
	double sum = 0;

	for (unsigned i = 0; i < rounds * 200000; i++) {
		double x = uniform(), y = uniform();

		inside += x * x + y * y < 1;
		if (i % 4 == 0)
			sum += exp(-x) * log(1 + y);
	}
	printf("%u %.4f\n", inside, sum / (rounds * 50000));
	return 0;
}
