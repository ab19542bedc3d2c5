/* The Mandelbrot set, four points at once, until all four have left: the mean of their steps. */
#include "vector/vector.h"

enum { SIDE = 64, LIMIT = 200 };

static i32x4 steps(f32x4 cx, f32x4 cy)
{
	f32x4 x = { 0 }, y = { 0 };
	i32x4 count = { 0 };

	for (int i = 0; i < LIMIT; i++) {
		f32x4 xx = x * x, yy = y * y;
		i32x4 inside = xx + yy < 4.0f;
		uint32_t any = 0;

		for (int k = 0; k < 4; k++)
			any |= (uint32_t)inside[k];
		if (!any)
			break;
		count -= inside;
		y = (x + x) * y + cy;
		x = xx - yy + cx;
		/* Who has left stays where it is finite. */
		x = (f32x4)bench_select(inside, (i32x4)x, (i32x4)(f32x4){ 3, 3, 3, 3 });
		y = (f32x4)bench_select(inside, (i32x4)y, (i32x4)(f32x4){ 3, 3, 3, 3 });
	}
	return count;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	u32x4 sum = { 0 };
	double total = 0;

	for (unsigned round = 0; round < scale; round++)
		for (int row = 0; row < SIDE; row++) {
			float y = ((float)row - SIDE / 2) / 32;
			float x = ((float)(round % SIDE) - 48) / 32;

			sum += (u32x4)steps((f32x4){ x, x + 0.25f, x + 0.5f, x + 0.75f }, (f32x4){ y, y, y, y });
		}
	for (int k = 0; k < 4; k++)
		total += sum[k];
	return bench_end_double(total / (4.0 * SIDE * scale));
}
