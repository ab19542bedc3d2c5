/*
 * Ten thousand queued signals a second while new code is met and old code becomes hot: each arrives once, in order, and what
 * is computed meanwhile is right. Takes the number of signals as argument.
 * @args 3000
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t received, disorder;
static int total;
static pthread_t receiver;

static void on_signal(int sig, siginfo_t *si, void *context)
{
	if (si->si_value.sival_int != received)
		disorder++;
	received++;
}

static void *sender(void *arg)
{
	const struct timespec pause = { 0, 100000 };
	union sigval v;

	for (int i = 0; i < total; i++) {
		v.sival_int = i;
		while (pthread_sigqueue(receiver, SIGRTMIN, v) == EAGAIN)
			nanosleep(&pause, NULL);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

#define F(n) static unsigned f##n(unsigned x) { for (unsigned k = n % 7; k < 9; k++) x = x * (2 * n + 1) + (x >> (n % 13 + 1)) + k; return x; }
#define F4(n) F(n##0) F(n##1) F(n##2) F(n##3)
#define F16(n) F4(n##0) F4(n##1) F4(n##2) F4(n##3)
#define F64(n) F16(n##0) F16(n##1) F16(n##2) F16(n##3)
F64(1) F64(2) F64(3)
#define N(n) f##n,
#define N4(n) N(n##0) N(n##1) N(n##2) N(n##3)
#define N16(n) N4(n##0) N4(n##1) N4(n##2) N4(n##3)
#define N64(n) N16(n##0) N16(n##1) N16(n##2) N16(n##3)
static unsigned (*const functions[])(unsigned) = { N64(1) N64(2) N64(3) };

static unsigned work(unsigned x)
{
	for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++)
		for (int k = 0; k < 40; k++)
			x = functions[i](x);
	return x;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
	unsigned expected = work(1), wrong = 0;
	pthread_t t;

	total = argc > 1 ? atoi(argv[1]) : 100;
	receiver = pthread_self();
	sigaction(SIGRTMIN, &sa, NULL);
	pthread_create(&t, NULL, sender, NULL);
	while (received < total)
		wrong += work(1) != expected;
	pthread_join(t, NULL);
	printf("%d signals, %d out of order, %u wrong\n", received, disorder, wrong);
	return 0;
}
