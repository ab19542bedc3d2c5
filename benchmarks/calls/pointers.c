/* Calls through function pointers: a table of sixteen small functions in an order that repeats late. */
#include "bench.h"

typedef uint32_t fn(uint32_t, uint32_t);

#define F(n, e) static uint32_t f##n(uint32_t x, uint32_t y) { return e; }
F(0, x + y)
F(1, x - y)
F(2, x ^ y)
F(3, x * 3 + y)
F(4, (x << 1) ^ y)
F(5, (x >> 1) + y)
F(6, x & ~y)
F(7, (x | y) + 1)
F(8, x * y + 1)
F(9, y - x)
F(10, (x << 5 | x >> 27) + y)
F(11, ~x + y)
F(12, x < y ? x + 7 : y)
F(13, x + (y << 3))
F(14, x ^ y >> 3)
F(15, x + 0x9e3779b9u)

static fn *const table[16] = { f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 };

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t x = 1, order[97], seed = 47;
	fn *const volatile *t = table;

	for (int i = 0; i < 97; i++)
		order[i] = bench_random(&seed) >> 4 & 15;
	for (unsigned i = 0; i < scale * 1000; i++)
		x = t[order[i % 97]](x, i);
	return bench_end(x);
}
