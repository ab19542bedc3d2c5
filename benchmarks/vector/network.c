/* Columns and rows of four numbers sorted by networks of minima and maxima. */
#include "vector/vector.h"

enum { N = 256 };

static i32x4 numbers[N][4];

static inline void order(i32x4 *a, i32x4 *b)
{
	i32x4 less = *a < *b;
	i32x4 low = bench_select(less, *a, *b);

	*b = bench_select(less, *b, *a);
	*a = low;
}

/* Columns are sorted, then rows and columns change places. */
static void columns(i32x4 v[4])
{
	order(&v[0], &v[1]);
	order(&v[2], &v[3]);
	order(&v[0], &v[2]);
	order(&v[1], &v[3]);
	order(&v[1], &v[2]);
}

static void transpose(i32x4 v[4])
{
	i32x4 a = __builtin_shuffle(v[0], v[1], (i32x4){ 0, 4, 1, 5 }), b = __builtin_shuffle(v[0], v[1], (i32x4){ 2, 6, 3, 7 });
	i32x4 c = __builtin_shuffle(v[2], v[3], (i32x4){ 0, 4, 1, 5 }), d = __builtin_shuffle(v[2], v[3], (i32x4){ 2, 6, 3, 7 });

	v[0] = __builtin_shuffle(a, c, (i32x4){ 0, 1, 4, 5 });
	v[1] = __builtin_shuffle(a, c, (i32x4){ 2, 3, 6, 7 });
	v[2] = __builtin_shuffle(b, d, (i32x4){ 0, 1, 4, 5 });
	v[3] = __builtin_shuffle(b, d, (i32x4){ 2, 3, 6, 7 });
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 9;
	u32x4 sum = { 0 };

	for (int i = 0; i < N; i++)
		for (int k = 0; k < 16; k++)
			numbers[i][k / 4][k % 4] = (int32_t)bench_random(&seed);
	for (unsigned round = 0; round < scale; round++)
		for (int i = 0; i < N; i++) {
			i32x4 *v = numbers[i];

			columns(v);
			transpose(v);
			columns(v);
			transpose(v);
			sum += (u32x4)v[0] ^ (u32x4)v[3];
			v[round % 4] ^= (i32x4)sum;
		}
	return bench_end(bench_mix_vector(1, sum));
}
