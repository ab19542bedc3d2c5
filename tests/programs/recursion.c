/* Recursion: deep, wide, mutual and through pointers; ten thousand frames with large locals. */
#include <stdio.h>
#include <string.h>

static unsigned ackermann(unsigned m, unsigned n)
{
	return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int odd(int n);

static int even(int n)
{
	return n == 0 ? 1 : odd(n - 1);
}

static int odd(int n)
{
	return n == 0 ? 0 : even(n - 1);
}

static unsigned long hanoi(int n, int a, int b, int c)
{
	return n == 0 ? (unsigned long)(a ^ b * 3 ^ c * 7) : hanoi(n - 1, a, c, b) + hanoi(n - 1, c, b, a) + 1;
}

static unsigned stack_user(unsigned depth)
{
	volatile unsigned char local[500];

	memset((void *)local, (int)depth, sizeof local);
	return depth ? stack_user(depth - 1) + local[depth % 500] : 0;
}

static int queens(int n, unsigned columns, unsigned left, unsigned right)
{
	unsigned all = (1u << n) - 1, free_cells = all & ~(columns | left | right);
	int count = columns == all;

	for (unsigned bit; free_cells; free_cells ^= bit) {
		bit = free_cells & -free_cells;
		count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return count;
}

int main(void)
{
	printf("%u", ackermann(2, 60));
	printf(" %d", even(5001));
	printf(" %d\n", odd(5001));
	printf("%lu", hanoi(14, 1, 2, 3));
	printf(" %u", stack_user(10000));
	printf(" %d\n", queens(8, 0, 0, 0));
	return 0;
}
