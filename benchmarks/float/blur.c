/* A 5 x 5 Gaussian blur of a picture in single precision, with clamping to bytes. */
#include "bench.h"

enum { W = 160, H = 120 };

static float in[H][W], out[H][W];

static void blur(void)
{
	static const float g[5] = { 0.0625f, 0.25f, 0.375f, 0.25f, 0.0625f };

	for (int y = 2; y < H - 2; y++)
		for (int x = 2; x < W - 2; x++) {
			float sum = 0;

			for (int j = -2; j <= 2; j++)
				for (int i = -2; i <= 2; i++)
					sum += g[j + 2] * g[i + 2] * in[y + j][x + i];
			out[y][x] = sum < 0 ? 0 : sum > 255 ? 255 : sum;
		}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 6;
	double sum = 0;

	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			in[y][x] = (float)(bench_random(&seed) % 256);
	for (unsigned round = 0; round < scale; round++) {
		blur();
		for (int y = 2; y < H - 2; y++)
			for (int x = 2; x < W - 2; x++)
				in[y][x] = out[y][x] + (float)((x ^ y) & 3);
	}
	for (int y = 2; y < H - 2; y++)
		for (int x = 2; x < W - 2; x++)
			sum += out[y][x];
	return bench_end_double(sum);
}
