/* Indirect calls through a table in an order that is hard to predict.
 * @group control @size 90 @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define F(n, e) __attribute__((noinline)) static uint32_t f##n(uint32_t x) { return e; }
F(0, x + 1)
F(1, x ^ 0x1234)
F(2, x * 3)
F(3, x - (x >> 3))
F(4, x << 1 | x >> 31)
F(5, ~x)
F(6, x + (x << 5))
F(7, x / 3)

static uint32_t (*const table[])(uint32_t) = { f0, f1, f2, f3, f4, f5, f6, f7 };

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t x = 1, s = 1;

	for (unsigned i = 0; i < rounds * 1000000; i++) {
		s = s * 1664525 + 1013904223;
		x = table[(s >> 24) % 8](x) + i;
	}
	printf("%08x\n", x);
	return 0;
}
