/*
 * Two threads, or processes, that answer each other at once by futexes: waits that end before anybody sleeps, and what may
 * come in between: signals, one processor for both, time limits, words that move or go away.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_time64
#define SYS_futex_time64 SYS_futex
#endif

struct ts {
	int64_t sec, nsec;
};

static _Atomic uint32_t turn, other;
static _Atomic uint32_t *volatile doomed;
static _Atomic int ticks;

static long futex(_Atomic uint32_t *p, int op, uint32_t val, const void *timeout, _Atomic uint32_t *q, uint32_t val3)
{
	long r = syscall(SYS_futex_time64, p, op, val, timeout, q, val3);

	return r < 0 ? -errno : r;
}

/* Waits until the word is odd or even, n times, and makes it the next number. */
static void play(_Atomic uint32_t *w, int flag, unsigned me, unsigned n)
{
	while (n--) {
		uint32_t v;

		while ((v = atomic_load(w)) % 2 != me)
			futex(w, FUTEX_WAIT | flag, v, NULL, NULL, 0);
		atomic_store(w, v + 1);
		futex(w, FUTEX_WAKE | flag, 1, NULL, NULL, 0);
	}
}

static void *player(void *arg)
{
	play(&turn, FUTEX_PRIVATE_FLAG, 1, (unsigned)(long)arg);
	return NULL;
}

static void match(const char *what, unsigned n)
{
	pthread_t t;

	turn = 0;
	pthread_create(&t, NULL, player, (void *)(long)n);
	play(&turn, FUTEX_PRIVATE_FLAG, 0, n);
	pthread_join(t, NULL);
	printf("%s %u\n", what, turn);
}

static void on_tick(int sig)
{
	ticks++;
}

static void processes(void)
{
	_Atomic uint32_t *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();

	play(w, 0, !pid, 500);
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	printf("processes %u\n", *w);
}

static void *moved(void *arg)
{
	play(&turn, FUTEX_PRIVATE_FLAG, 1, 20);
	while (!other)
		futex(&turn, FUTEX_WAIT_PRIVATE, 40, NULL, NULL, 0);
	return NULL;
}

static void requeue(void)
{
	pthread_t t;
	long n;

	turn = 0;
	pthread_create(&t, NULL, moved, NULL);
	play(&turn, FUTEX_PRIVATE_FLAG, 0, 20);
	while ((n = futex(&turn, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1L, &other, 40)) <= 0)
		usleep(100);
	other = 1;
	printf("requeue %ld wake %ld\n", n, futex(&other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	pthread_join(t, NULL);
}

static void limits(void)
{
	struct ts short_time = { 0, 300000 }, ms = { 0, 3000000 }, past = { 1, 0 }, wrong = { 0, 1000000000 };
	struct timespec a, b;
	long r;

	for (int i = 0; i < 8; i++)
		futex(&turn, FUTEX_WAIT_PRIVATE, turn, &short_time, NULL, 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	r = futex(&turn, FUTEX_WAIT_PRIVATE, turn, &ms, NULL, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("limits %d %d", r == -ETIMEDOUT, (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >= 3000000);
	printf(" %d", futex(&turn, FUTEX_WAIT_BITSET_PRIVATE, turn, &past, NULL, ~0u) == -ETIMEDOUT);
	printf(" %d", futex(&turn, FUTEX_WAIT_BITSET_PRIVATE, turn, &past, NULL, 0) == -EINVAL);
	printf(" %d\n", futex(&turn, FUTEX_WAIT_PRIVATE, turn, &wrong, NULL, 0) == -EINVAL);
}

static void *victim(void *arg)
{
	struct ts ms = { 0, 1000000 };
	long bad = 0, r;

	for (unsigned i = 0; i < 50; i++) {
		play(&turn, FUTEX_PRIVATE_FLAG, 1, 4);
		r = futex(doomed, FUTEX_WAIT_PRIVATE, 0, &ms, NULL, 0);
		bad += r != -ETIMEDOUT && r != -EFAULT;
	}
	return (void *)bad;
}

/* The memory goes while it is waited at: nobody may notice but the one who waits. */
static void gone(void)
{
	void *bad;
	pthread_t t;

	turn = 0;
	pthread_create(&t, NULL, victim, NULL);
	for (unsigned i = 0; i < 50; i++) {
		doomed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		play(&turn, FUTEX_PRIVATE_FLAG, 0, 4);
		for (volatile unsigned k = 0; k < i * 50; k++)
			;
		while (turn != 8 * (i + 1))
			sched_yield();
		munmap((void *)doomed, 4096);
	}
	pthread_join(t, &bad);
	printf("gone %ld\n", (long)bad);
}

int main(void)
{
	struct itimerval tick = { { 0, 500 }, { 0, 500 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = on_tick };
	cpu_set_t all, one;

	match("threads", 2000);
	processes();
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	match("signals", 1000);
	while (!ticks)
		;
	setitimer(ITIMER_REAL, &off, NULL);
	sched_getaffinity(0, sizeof all, &all);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	sched_setaffinity(0, sizeof one, &one);
	match("one processor", 500);
	sched_setaffinity(0, sizeof all, &all);
	gone();
	limits();
	requeue();
	match("threads again", 500);
	return 0;
}
