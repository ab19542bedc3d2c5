/* setjmp and longjmp out of deep calls, with saved registers of all kinds, and sigsetjmp. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static jmp_buf top;
static sigjmp_buf sig_top;

static int dive(int depth, double x)
{
	char room[64];

	memset(room, depth, sizeof room);
	if (depth == 0)
		longjmp(top, (int)x);
	return dive(depth - 1, x + 1) + room[depth & 63];
}

static int attempt(int k)
{
	volatile int tries = 0;
	double kept = k * 1.5;
	int code = setjmp(top);

	if (code < 5 + k) {
		tries++;
		dive(20 + tries, code - 20.0 - (tries - 1));
	}
	return tries * 1000 + code + (int)kept;
}

static void on_signal(int sig)
{
	siglongjmp(sig_top, sig);
}

int main(void)
{
	volatile int count = 0;
	sigset_t now;

	for (int k = 0; k < 6; k++)
		printf("%d\n", attempt(k));
	signal(SIGUSR1, on_signal);
	if (sigsetjmp(sig_top, 1) == 0 || count < 3) {
		count++;
		raise(SIGUSR1);
	}
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("%d", count);
	printf(" signals, blocked %d\n", sigismember(&now, SIGUSR1));
	return 0;
}
