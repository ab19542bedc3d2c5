/* Signals that come while a system call ends: the handler has its argument, the call its result. */
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t came, wrong;

static void handler(int sig)
{
	came++;
	wrong += sig != SIGALRM;
}

int main(void)
{
	struct itimerval soon = { 0 };
	struct sigaction sa = { .sa_handler = handler };
	long parent = getppid();
	unsigned bad = 0;

	sigaction(SIGALRM, &sa, NULL);
	for (int i = 1; i <= 3000; i++) {
		soon.it_value.tv_usec = 3 + i % 19;
		bad += setitimer(ITIMER_REAL, &soon, NULL) != 0;
		while (came < i)
			bad += syscall(SYS_getppid) != parent;
	}
	printf("%d %d %u\n", came, wrong, bad);
	return 0;
}
