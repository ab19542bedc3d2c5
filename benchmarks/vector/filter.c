/* A filter of sixteen taps over eight channels of sound of 16 bits, side by side. */
#include "vector/vector.h"

enum { N = 1024, TAPS = 16 };

static i16x8 sound[N + TAPS], out[N];

static void filter(const int16_t taps[TAPS])
{
	for (int i = 0; i < N; i++) {
		i16x8 sum = { 0 };

		for (int t = 0; t < TAPS; t++)
			sum += sound[i + t] * taps[t];
		out[i] = sum >> 3;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	int16_t taps[TAPS];
	uint32_t seed = 5, h = 1;

	for (int i = 0; i < N + TAPS; i++)
		for (int k = 0; k < 8; k++)
			sound[i][k] = (int16_t)bench_random(&seed);
	for (int i = 0; i < TAPS; i++)
		taps[i] = (int16_t)(i < TAPS / 2 ? i + 1 : TAPS - i);
	for (unsigned round = 0; round < scale; round++) {
		taps[round % TAPS] ^= (int16_t)round;
		filter(taps);
		for (int k = 0; k < 8; k++)
			h = bench_mix(h, (uint16_t)out[round % N][k]);
	}
	return bench_end(h);
}
