/* Loops over arrays of integers that compilers turn into vector code, of every width and kind.
 * @flags -O3
 */
#include <stdint.h>
#include <stdio.h>

enum { N = 203, TURNS = 300 };	/* no multiple of anything: loops have tails */

static uint8_t b0[N * 4], b1[N * 4], b2[N * 4];
static int16_t h0[N], h1[N], h2[N];
static uint32_t w0[N], w1[N], w2[N];
static int64_t d0[N], d1[N];
static uint32_t seed = 1;

static uint32_t next(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 7 ^ seed << 11;
}

static void fill(void)
{
	for (int i = 0; i < N * 4; i++) {
		b0[i] = next();
		b1[i] = next() & next();
		b2[i] = next() | next();
	}
	for (int i = 0; i < N; i++) {
		h0[i] = next();
		h1[i] = next();
		w0[i] = next();
		w1[i] = next();
		d0[i] = (int64_t)next() << 32 | next();
		d1[i] = (int64_t)next() << 31 ^ next();
	}
}

static void bytes(void)
{
	for (int i = 0; i < N * 4; i++)
		b0[i] = (b1[i] * 3 + b2[i] + 2) >> 2;
	for (int i = 0; i < N * 4; i++)
		b1[i] = b0[i] > b2[i] ? b0[i] - b2[i] : b2[i] ^ 0x55;
	for (int i = 0; i < N * 4; i++)
		b2[i] = b2[i] + b1[i] > 255 ? 255 : b2[i] + b1[i];
	for (int i = 0; i < N; i++)
		b0[i] = (b1[3 * i] * 77 + b1[3 * i + 1] * 150 + b1[3 * i + 2] * 29) >> 8;
	for (int i = 0; i < N; i++) {
		uint8_t t = b2[4 * i];
		b2[4 * i] = b2[4 * i + 2];
		b2[4 * i + 2] = t;
		b2[4 * i + 3] = ~b2[4 * i + 1];
	}
}

static void halves(void)
{
	for (int i = 0; i < N; i++) {
		int v = h0[i] + h1[i];
		h2[i] = v > 32767 ? 32767 : v < -32768 ? -32768 : v;
	}
	for (int i = 0; i < N; i++)
		h0[i] = (h1[i] * h2[i] + 0x4000) >> 15;
	for (int i = 0; i < N; i++)
		h1[i] = h0[i] < 0 ? -h0[i] : h0[i] << 2;
	for (int i = 0; i < N; i++)
		h1[i] ^= (int16_t)__builtin_bswap16(h2[i]);
}

static void words(void)
{
	for (int i = 0; i < N; i++)
		w2[i] = w0[i] * 2654435761u + w1[i];
	for (int i = 0; i < N; i++)
		w0[i] = (w2[i] << 13 | w2[i] >> 19) ^ __builtin_bswap32(w1[i]);
	for (int i = 0; i < N; i++)
		w1[i] = (int32_t)w0[i] >> (w2[i] & 31);
	for (int i = 0; i < N; i++)
		w1[i] += w0[i] << (w2[i] >> 5 & 31);
	for (int i = 0; i < N; i++)
		w2[i] = __builtin_popcount(w1[i]) + __builtin_clz(w0[i] | 1);
	for (int i = 0; i < N; i++)
		w0[i] = (int32_t)w0[i] < (int32_t)w1[i] ? w0[i] : w1[i];
}

static void doubles(void)
{
	for (int i = 0; i < N; i++)
		d0[i] = d0[i] * 3 - (d1[i] >> 7);
	for (int i = 0; i < N; i++)
		d1[i] = d0[i] > d1[i] ? d0[i] + (int32_t)w0[i] : d1[i] ^ (int64_t)w1[i] * w2[i];
}

static uint64_t sums(void)
{
	uint32_t bytes_sum = 0, difference = 0, equal = 0, most = 0;
	int32_t product = 0;
	int64_t total = 0;

	for (int i = 0; i < N * 4; i++)
		bytes_sum += b2[i];
	for (int i = 0; i < N; i++)
		difference += b0[i] > b1[i] ? b0[i] - b1[i] : b1[i] - b0[i];
	for (int i = 0; i < N * 4; i++)
		equal += b1[i] == 0x55;
	for (int i = 0; i < N; i++)
		most = w0[i] > most ? w0[i] : most;
	for (int i = 0; i < N; i++)
		product += h0[i] * h1[i];
	for (int i = 0; i < N; i++)
		total += d1[i] ^ (int64_t)h2[i] << 20;
	return ((uint64_t)bytes_sum << 40) + ((uint64_t)difference << 20) + equal + most + (uint32_t)product + total;
}

int main(void)
{
	uint64_t all = 0;

	for (int t = 0; t < TURNS; t++) {
		if (t % 16 == 0)
			fill();
		bytes();
		halves();
		words();
		doubles();
		all = all * 31 + sums();
		if (t % 50 == 49)
			printf("%d %016llx\n", t, (unsigned long long)all);
	}
	return 0;
}
