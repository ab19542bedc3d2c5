/* Recursion without end runs off the stack: SIGSEGV. */
#include <string.h>

static int overflow(int n)
{
	volatile char frame[2000];

	memset((void *)frame, n, sizeof frame);
	return overflow(n + 1) + frame[n % 2000];
}

int main(void)
{
	return overflow(0);
}
