/* Bit tricks: counting, reversing, rotating, Gray codes, n queens by bit masks.
 * @group integer @size 75 @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned queens(unsigned all, unsigned columns, unsigned left, unsigned right)
{
	unsigned count = columns == all;

	for (unsigned cells = all & ~(columns | left | right), bit; cells; cells ^= bit) {
		bit = cells & -cells;
		count += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return count;
}

static uint32_t reverse(uint32_t x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, sum = 0;
	uint32_t x = 1;

	for (unsigned r = 0; r < rounds; r++) {
		sum += queens(0x3ff, 0, 0, 0) + r;
		for (int i = 0; i < 2000000; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			sum += (uint32_t)__builtin_popcount(x) + reverse(x ^ x >> 1) + (x << (i & 31) | x >> (-i & 31));
			sum ^= x ? (uint32_t)__builtin_clz(x) : 0;
		}
	}
	printf("%08x\n", sum);
	return 0;
}
