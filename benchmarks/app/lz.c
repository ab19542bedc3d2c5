/* An LZ77 compressor with hash chains and its decompressor, on text that repeats itself. */
#include <string.h>

#include "bench.h"

enum { SIZE = 65536, WINDOW = 4096, HASH = 4096, MIN_MATCH = 4, MAX_MATCH = 130, CHAIN = 16 };

static uint8_t text[SIZE], packed[SIZE * 2], unpacked[SIZE];
static int head[HASH], prev[SIZE];

static unsigned hash(const uint8_t *p)
{
	return ((uint32_t)p[0] << 16 ^ (uint32_t)p[1] << 8 ^ p[2] ^ (uint32_t)p[3] << 11) * 2654435761u >> 20;
}

static int match_length(int a, int b)
{
	int n = 0;

	while (n < MAX_MATCH && b + n < SIZE && text[a + n] == text[b + n])
		n++;
	return n;
}

static int compress(void)
{
	int out = 0;

	memset(head, 0xff, sizeof head);
	for (int at = 0; at < SIZE;) {
		int best = 0, from = 0, n = 1;

		if (at + MIN_MATCH <= SIZE)
			for (int c = head[hash(text + at)], k = 0; c >= 0 && at - c < WINDOW && k < CHAIN; c = prev[c], k++) {
				int len = match_length(c, at);

				if (len > best) {
					best = len;
					from = c;
				}
			}
		if (best >= MIN_MATCH) {
			packed[out++] = (uint8_t)(128 + best - MIN_MATCH > 255 ? 255 : 128 + best - MIN_MATCH);
			packed[out++] = (uint8_t)((at - from) >> 8);
			packed[out++] = (uint8_t)(at - from);
			n = packed[out - 3] - 128 + MIN_MATCH;
		} else {
			packed[out++] = text[at] & 127;
		}
		for (; n--; at++)
			if (at + MIN_MATCH <= SIZE) {
				unsigned h = hash(text + at);

				prev[at] = head[h];
				head[h] = at;
			}
	}
	return out;
}

static void decompress(int size)
{
	for (int i = 0, at = 0; i < size;) {
		if (packed[i] < 128) {
			unpacked[at++] = packed[i++];
			continue;
		}
		int n = packed[i] - 128 + MIN_MATCH, back = packed[i + 1] << 8 | packed[i + 2];

		for (; n--; at++)
			unpacked[at] = unpacked[at - back];
		i += 3;
	}
}

int main(int argc, char **argv)
{
	static const char *const word[] = { "the ", "guest ", "code ", "runs ", "in ", "a ", "loop, ", "and ", "returns ",
					    "value ", "of ", "register ", "seven.\n", "memory ", "is ", "big-endian " };
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 19, h = 0;

	for (unsigned round = 0; round < scale; round++) {
		for (int at = 0; at < SIZE;)
			for (const char *w = word[bench_random(&seed) >> 7 & 15]; *w && at < SIZE; w++)
				text[at++] = (uint8_t)*w;
		int n = compress();
		decompress(n);
		if (memcmp(text, unpacked, SIZE))
			return 2;
		h = bench_mix(h, (uint32_t)n + packed[n / 2]);
	}
	return bench_end(h);
}
