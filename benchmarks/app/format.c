/* The C library's snprintf and sscanf with integers, strings and doubles. */
#include <string.h>

#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 43, h = 0;

	for (unsigned i = 0; i < scale * 100; i++) {
		char line[200];
		unsigned a, b;
		uint32_t x = bench_random(&seed);
		int n = snprintf(line, sizeof line, "%u %08x %-12s|%5d%% %c %.3f %g", i, (unsigned)x, i & 1 ? "odd" : "even",
				 (int)(x % 100), 'a' + (int)(i % 26), x / 65536.0, (x % 1000) / 8.0);

		for (int k = 0; k < n; k++)
			h = bench_mix(h, (uint8_t)line[k]);
		if (sscanf(line, "%u %x", &a, &b) != 2 || a != i || b != x)
			return 2;
	}
	return bench_end(h);
}
