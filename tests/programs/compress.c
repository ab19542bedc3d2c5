/* A compressor of the Lempel-Ziv kind with a hash of the last positions, and its inverse.
 * @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 200000, WINDOW = 65535 };

static uint8_t input[SIZE], packed[2 * SIZE], output[SIZE];
static int32_t last[1 << 14];

static size_t compress(const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t *o = out;
	size_t i = 0;

	memset(last, 0xff, sizeof last);
	while (i < n) {
		size_t len = 0, at = 0;

		if (i + 4 <= n) {
			uint32_t h = (in[i] | (uint32_t)in[i + 1] << 8 | (uint32_t)in[i + 2] << 16) * 2654435761u >> 18;
			int32_t p = last[h];

			if (p >= 0 && i - (size_t)p < WINDOW)
				for (at = (size_t)p; len < 255 && i + len < n && in[at + len] == in[i + len];)
					len++;
			last[h] = (int32_t)i;
		}
		if (len >= 4) {
			*o++ = 0;
			*o++ = (uint8_t)len;
			*o++ = (uint8_t)((i - at) >> 8);
			*o++ = (uint8_t)(i - at);
			i += len;
		} else {
			*o++ = in[i] ? in[i] : 1;
			i++;
		}
	}
	return (size_t)(o - out);
}

static size_t expand(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n;) {
		if (in[i]) {
			out[k++] = in[i++];
			continue;
		}
		for (size_t len = in[i + 1], from = k - ((size_t)in[i + 2] << 8 | in[i + 3]); len--; k++)
			out[k] = out[from++];
		i += 4;
	}
	return k;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t s = 1, hash = 0;

	for (unsigned i = 0; i < SIZE; i++) {
		s = s * 69069 + 1;
		input[i] = s >> 28 && i > 100 ? input[i - 1 - (s >> 20) % 97] : (uint8_t)('a' + (s >> 24) % 26);
	}
	for (unsigned r = 0; r < rounds; r++) {
		size_t n = compress(input, SIZE, packed);

		if (expand(packed, n, output) != SIZE || memcmp(input, output, SIZE))
			return 1;
		hash = hash * 31 + (uint32_t)n;
		input[r * 7919 % SIZE] ^= 1;
	}
	printf("%08x\n", hash);
	return 0;
}
