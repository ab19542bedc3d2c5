/* abort ends the process by SIGABRT, even when a handler returns.
 * @without hot
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void handler(int sig)
{
	printf("handler %d\n", sig);
	fflush(stdout);
}

int main(void)
{
	signal(SIGABRT, handler);
	abort();
}
