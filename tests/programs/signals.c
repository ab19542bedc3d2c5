/* Handlers, masks, pending signals, siginfo, queueing of real-time signals, sigsuspend, SA flags. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65], depth, deepest;
static volatile int order[16], n_order;
static volatile long value_sum;

static void plain(int sig)
{
	seen[sig]++;
	order[n_order++ & 15] = sig;
}

static void with_info(int sig, siginfo_t *info, void *context)
{
	seen[sig]++;
	value_sum += info->si_code == SI_QUEUE ? info->si_value.sival_int : 1000;
	value_sum += info->si_pid == getpid() && context ? 0 : 100000;
}

static void nested(int sig)
{
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (depth < 4)
		raise(sig);
	depth--;
}

static void install(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_flags = flags };

	sa.sa_handler = fn;
	if (sigaction(sig, &sa, NULL))
		printf("sigaction %d: %s\n", sig, strerror(errno));
}

int main(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO }, old;
	sigset_t set, empty, pending;

	install(SIGUSR1, plain, 0);
	install(SIGUSR2, plain, SA_RESETHAND);
	raise(SIGUSR1);
	raise(SIGUSR2);
	sigaction(SIGUSR2, NULL, &old);
	printf("%d %d %d\n", seen[SIGUSR1], seen[SIGUSR2], old.sa_handler == SIG_DFL);
	install(SIGUSR2, plain, 0);
	sigemptyset(&empty);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR2);
	sigpending(&pending);
	printf("%d", seen[SIGUSR1]);
	printf(" %d", sigismember(&pending, SIGUSR1));
	printf(" %d\n", sigismember(&pending, SIGUSR2));
	printf("%d", sigsuspend(&empty));
	printf(" %s\n", strerror(errno));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("%d %d\n", seen[SIGUSR1], seen[SIGUSR2]);
	sa.sa_sigaction = with_info;
	sigaction(SIGRTMIN + 2, &sa, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 1; i <= 5; i++)
		sigqueue(getpid(), SIGRTMIN + 2, (union sigval){ .sival_int = i });
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("%d %ld\n", seen[SIGRTMIN + 2], value_sum);
	install(SIGUSR1, nested, SA_NODEFER);
	raise(SIGUSR1);
	printf("depth %d\n", deepest);
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	printf("%d\n", sigwaitinfo(&set, NULL) == SIGUSR2);
	printf("%d", kill(0x3fffffff, 0));
	printf(" %s\n", strerror(errno));
	printf("%d", sigaction(SIGKILL, &sa, NULL));
	printf(" %s\n", strerror(errno));
	return 0;
}
