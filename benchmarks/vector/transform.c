/* Points in space turned by a matrix, four floats a point. */
#include "vector/vector.h"

enum { N = 1024 };

static f32x4 points[N];

static f32x4 lane(f32x4 v, uint32_t i)
{
	return __builtin_shuffle(v, (u32x4){ i, i, i, i });
}

static inline f32x4 apply(const f32x4 m[4], f32x4 p)
{
	return m[0] * lane(p, 0) + m[1] * lane(p, 1) + m[2] * lane(p, 2) + m[3] * lane(p, 3);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	/* 3, 4 and 5 are a right angle, so the points keep their distance but for rounding. */
	const f32x4 m[4] = { { 0.6f, 0.8f, 0, 0 }, { -0.8f, 0.6f, 0, 0 }, { 0, 0, 1, 0 }, { 0.125f, -0.0625f, 0, 1 } };
	f32x4 low = { 0 }, high = { 0 };

	for (int i = 0; i < N; i++)
		points[i] = (f32x4){ (float)(i % 31), (float)(i % 17), (float)(i % 7), 1 };
	for (unsigned round = 0; round < scale; round++)
		for (int i = 0; i < N; i++)
			points[i] = apply(m, points[i]);
	for (int i = 0; i < N; i++) {
		i32x4 less = points[i] < low, more = points[i] > high;

		low = (f32x4)bench_select(less, (i32x4)points[i], (i32x4)low);
		high = (f32x4)bench_select(more, (i32x4)points[i], (i32x4)high);
	}
	return bench_end_double((double)high[0] - low[0] + high[1] - low[1] + high[2]);
}
