/* strlen, strchr, strcmp, strstr, memcpy, memmove, memset and memchr on strings of many lengths. */
#include <string.h>

#include "bench.h"

enum { SIZE = 4096 };

static uint32_t pass(char *buf, char *copy, const char *text, uint32_t *seed)
{
	uint32_t sum = 0;

	for (int i = 0; i < 200; i++) {
		size_t at = bench_random(seed) % (SIZE - 512), n = bench_random(seed) % 500;
		char *p;

		memcpy(copy, buf + at, n);
		copy[n] = 0;
		sum += (uint32_t)strlen(copy);
		p = strchr(copy, 'q');
		sum += p ? (uint32_t)(p - copy) : 1000;
		sum += strcmp(copy, buf + at) < 0;
		p = strstr(copy, text);
		sum += p ? (uint32_t)(p - copy) : 2000;
		p = memchr(buf + at, 'z', n);
		sum += p ? (uint32_t)(p - buf) : 3000;
		memmove(buf + at + 3, buf + at, n);
		if (i % 16 == 0)
			memset(buf + at, 'a' + i % 26, n / 8);
		buf[at + n / 2] = (char)('a' + bench_random(seed) % 26);
	}
	return sum;
}

int main(int argc, char **argv)
{
	static char buf[SIZE + 1], copy[SIZE];
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 5, sum = 0;

	for (int i = 0; i < SIZE; i++)
		buf[i] = (char)('a' + bench_random(&seed) % 26);
	for (unsigned round = 0; round < scale; round++)
		sum = bench_mix(sum, pass(buf, copy, "ab", &seed));
	return bench_end(sum);
}
