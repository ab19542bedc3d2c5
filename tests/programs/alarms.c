/* alarm and setitimer: delivery into a busy loop, EINTR, SA_RESTART, remaining times.
 * @without hot
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	(void)sig;
	ticks++;
}

static void install(int flags)
{
	struct sigaction sa = { .sa_flags = flags };

	sa.sa_handler = tick;
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGVTALRM, &sa, NULL);
}

/* Timers repeat: one that fires before the call it shall interrupt does no harm. */
static void start(int which, long us, long again)
{
	struct itimerval t = { { 0, again }, { 0, us } };

	ticks = 0;
	setitimer(which, &t, NULL);
}

int main(void)
{
	struct timespec nap = { 5, 0 }, left = { 0 };
	struct itimerval now;
	int p[2], status;
	char c;

	install(0);
	start(ITIMER_REAL, 5000, 5000);
	while (ticks < 5)
		;
	start(ITIMER_REAL, 0, 0);
	printf("busy loop interrupted\n");
	start(ITIMER_VIRTUAL, 5000, 0);
	while (ticks < 1)
		;
	printf("virtual time passed\n");
	/* Repeated: on a slow machine the first may come before the call that it is to interrupt. */
	start(ITIMER_REAL, 10000, 10000);
	printf("%d", nanosleep(&nap, &left));
	printf(" %d", errno == EINTR);
	printf(" %d\n", left.tv_sec == 4);
	start(ITIMER_REAL, 0, 0);
	if (pipe(p))
		return 1;
	start(ITIMER_REAL, 10000, 10000);
	printf("%zd", read(p[0], &c, 1));
	printf(" %s\n", strerror(errno));
	start(ITIMER_REAL, 0, 0);
	install(SA_RESTART);
	fflush(stdout);
	if (fork() == 0) {
		usleep(60000);
		_exit(write(p[1], "k", 1) == 1 ? 0 : 1);
	}
	start(ITIMER_REAL, 10000, 10000);
	printf("%zd", read(p[0], &c, 1));
	printf(" %c, ticks %d\n", c, ticks >= 1);
	wait(&status);
	alarm(100);
	getitimer(ITIMER_REAL, &now);
	printf("%d", now.it_value.tv_sec >= 98);
	printf(" %d\n", alarm(0) >= 99);
	start(ITIMER_REAL, 10000, 10000);
	printf("%d", pause());
	printf(" %s\n", strerror(errno));
	return 0;
}
