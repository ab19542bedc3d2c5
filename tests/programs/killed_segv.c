/* An access to unmapped memory without a handler ends the process by SIGSEGV. */
#include <stdio.h>

int main(void)
{
	printf("before\n");
	fflush(stdout);
	*(volatile int *)12 = 1;
	printf("not reached\n");
	return 0;
}
