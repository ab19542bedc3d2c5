/* Calls and returns: the recursive Fibonacci function.
 * @group control @size 2800 @args 8
 */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, optimize("O1"))) static unsigned fib(unsigned n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
	unsigned size = argc > 1 ? (unsigned)atoi(argv[1]) : 20, sum = 0;

	for (unsigned i = 0; i < size; i++)
		sum = sum * 31 + fib(20 + i % 8);
	printf("%u\n", sum);
	return 0;
}
