/* Sums of absolute differences of bytes: the search for a moved square in the next picture. */
#include "vector/vector.h"

enum { WIDTH = 256, HEIGHT = 64, SIDE = 16 };

static uint8_t before[HEIGHT][WIDTH] __attribute__((aligned(16)));
static uint8_t after[HEIGHT][WIDTH] __attribute__((aligned(16)));

static u16x8 distance(u8x16 a, u8x16 b)
{
	u8x16 more = (u8x16)(a > b);
	u8x16 d = (more & (a - b)) | (~more & (b - a));

	return ((u16x8)d & 255) + ((u16x8)d >> 8);
}

static uint32_t square(int x, int y, int ax, int ay)
{
	u16x8 sum = { 0 };
	uint32_t total = 0;

	for (int i = 0; i < SIDE; i++)
		sum += distance(*(u8x16 *)&before[y + i][x], *(u8x16 *)&after[ay + i][ax]);
	for (int k = 0; k < 8; k++)
		total += sum[k];
	return total;
}

static uint32_t search(int x, int y)
{
	uint32_t best = UINT32_MAX, place = 0;

	for (int ay = 0; ay + SIDE <= HEIGHT; ay++)
		for (int ax = 0; ax + SIDE <= WIDTH; ax += 16) {
			uint32_t d = square(x, y, ax, ay);

			if (d < best) {
				best = d;
				place = (uint32_t)(ay * WIDTH + ax);
			}
		}
	return bench_mix(best, place);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 3, h = 1;

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			before[y][x] = (uint8_t)bench_random(&seed);
			after[y][x] = (uint8_t)(before[y][x] + (bench_random(&seed) & 7));
		}
	for (unsigned round = 0; round < scale; round++) {
		h = bench_mix(h, search((int)(round * 16 % (WIDTH - SIDE)) & ~15, (int)(round % (HEIGHT - SIDE))));
		after[round % HEIGHT][round % WIDTH]++;
	}
	return bench_end(h);
}
