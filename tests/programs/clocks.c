/* Clocks agree with each other, sleeping takes the time asked for, POSIX timers fire.
 * @without hot
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t fired;

static void on_timer(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	fired += info->si_code == SI_TIMER ? info->si_value.sival_int : 1000;
}

static int64_t now(clockid_t clock)
{
	struct timespec t;

	return clock_gettime(clock, &t) ? -1 : t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void sleeping(void)
{
	struct timespec nap = { 0, 20000000 }, at;
	int64_t before = now(CLOCK_MONOTONIC), after;

	nanosleep(&nap, NULL);
	after = now(CLOCK_MONOTONIC);
	printf("slept %d\n", after - before >= 20000000 && after - before < 5000000000ll);
	after += 15000000;
	at.tv_sec = (time_t)(after / 1000000000);
	at.tv_nsec = (long)(after % 1000000000);
	printf("%d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
	printf(" until %d\n", now(CLOCK_MONOTONIC) >= after);
	nap.tv_nsec = 1000000000;
	printf("%d", nanosleep(&nap, NULL));
	printf(" %d\n", errno == EINVAL);
}

static void posix_timer(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec when = { { 0, 0 }, { 0, 5000000 } };
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	timer_t timer;

	sa.sa_sigaction = on_timer;
	sigaction(SIGUSR1, &sa, NULL);
	ev.sigev_value.sival_int = 7;
	if (timer_create(CLOCK_MONOTONIC, &ev, &timer)) {
		printf("no timer\n");
		return;
	}
	timer_settime(timer, 0, &when, NULL);
	while (!fired)
		usleep(1000);
	printf("timer %d", fired);
	printf(" %d\n", timer_delete(timer));
}

int main(void)
{
	struct timeval tv;
	struct timespec res;
	struct rusage ru;
	struct tms tms;
	int64_t real = now(CLOCK_REALTIME), mono = now(CLOCK_MONOTONIC), cpu;
	volatile unsigned spin = 0;

	gettimeofday(&tv, NULL);
	printf("%d", tv.tv_sec * 1000000000ll + tv.tv_usec * 1000ll - real < 2000000000);
	printf(" %d\n", time(NULL) >= tv.tv_sec);
	printf("%d", clock_getres(CLOCK_MONOTONIC, &res));
	printf(" %d\n", res.tv_sec == 0 && res.tv_nsec > 0);
	while (now(CLOCK_PROCESS_CPUTIME_ID) < 20000000 || spin < 1000)
		spin++;
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	printf("%d", cpu > 0);
	printf(" %d", clock() > 0);
	printf(" %d\n", now(CLOCK_MONOTONIC) > mono);
	printf("%d", getrusage(RUSAGE_SELF, &ru));
	printf(" %d\n", ru.ru_utime.tv_usec + ru.ru_stime.tv_usec > 0);
	printf("%d\n", times(&tms) != (clock_t)-1);
	printf("%d", clock_gettime(12345, &res));
	printf(" %d\n", errno == EINVAL);
	sleeping();
	posix_timer();
	return 0;
}
