/* sigaltstack: a handler on its own stack, and the end of the main stack caught on it. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char *room;
static size_t room_size;
static sigjmp_buf back;
static volatile int on_it, flags;

static void handler(int sig)
{
	char here;
	stack_t now;

	on_it = &here >= room && &here < room + room_size;
	sigaltstack(NULL, &now);
	flags = now.ss_flags;
	if (sig == SIGSEGV)
		siglongjmp(back, 1);
}

static int overflow(int n)
{
	volatile char frame[4000];

	memset((void *)frame, n, sizeof frame);
	return overflow(n + 1) + frame[n % 4000];
}

int main(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	struct sigaction sa = { .sa_flags = SA_ONSTACK };
	stack_t stack = { 0 }, old;
	volatile int rounds = 0;

	room_size = 65536;
	room = malloc(room_size);
	stack.ss_sp = room;
	stack.ss_size = room_size;
	printf("%d", sigaltstack(&stack, &old));
	printf(" %d\n", old.ss_flags == SS_DISABLE);
	sa.sa_handler = handler;
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	raise(SIGUSR1);
	printf("on it %d, %d\n", on_it, flags == SS_ONSTACK);
	sa.sa_flags = 0;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	printf("on it %d, %d\n", on_it, flags);
	setrlimit(RLIMIT_STACK, &limit);
	if (sigsetjmp(back, 1) == 0 || rounds < 3) {
		rounds++;
		overflow(0);
	}
	printf("overflows %d, on it %d\n", rounds, on_it);
	stack.ss_flags = SS_DISABLE;
	printf("%d\n", sigaltstack(&stack, NULL));
	free(room);
	return 0;
}
