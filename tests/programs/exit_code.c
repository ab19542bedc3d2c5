/* The status given to exit, after handlers of atexit have run and buffers have been written.
 * @reference native
 * @without hot
 */
#include <stdio.h>
#include <stdlib.h>

static void first(void)
{
	printf("registered first, runs last\n");
}

static void second(void)
{
	printf("registered second\n");
}

__attribute__((constructor)) static void before(void)
{
	printf("before main\n");
}

__attribute__((destructor)) static void after(void)
{
	printf("after all\n");
}

int main(void)
{
	atexit(first);
	atexit(second);
	printf("no newline at the end:");
	exit(300 + 42);
}
