/* Timers that expire all the time while threads compute: nothing is disturbed, nothing lost.
 * @without hot
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

enum { THREADS = 4, TICKS = 400 };

static volatile sig_atomic_t ticks[THREADS + 1];
static __thread int me = THREADS;
static sem_t notified;

static void tick(int sig)
{
	volatile double spoil = 0.1;

	ticks[me]++;
	spoil = spoil / 3 + me;
}

static void notify(union sigval v)
{
	if (v.sival_int == 77)
		sem_post(&notified);
}

static int same(uint32_t a, double b, uint32_t *ra, double *rb)
{
	*ra = a;
	*rb = b;
	return 1;
}

static void compute(uint32_t *a, double *b)
{
	for (int i = 0; i < 5000; i++) {
		*a = (*a << 5 | *a >> 27) * 2654435761u + (uint32_t)i;
		*b = *b * 0.9999 + 1.0 / (i + 1);
	}
}

/* With a timer that signals this thread at 10 kHz. */
static void *worker(void *arg)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	struct itimerspec it = { { 0, 100000 }, { 0, 100000 } };
	uint32_t a0 = 1, a1 = 1;
	double b0 = 2, b1 = 2;
	timer_t id;

	compute(&a0, &b0);
	me = (int)(long)arg;
	ev._sigev_un._tid = (int)gettid();
	if (timer_create(CLOCK_MONOTONIC, &ev, &id) || timer_settime(id, 0, &it, NULL))
		return NULL;
	while (ticks[me] < TICKS) {
		a1 = 1;
		b1 = 2;
		compute(&a1, &b1);
		if (a0 != a1 || b0 != b1)
			break;
	}
	timer_delete(id);
	return a0 == a1 && b0 == b1 ? arg : NULL;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_RESTART };
	struct itimerval real = { { 0, 1000 }, { 0, 1000 } }, off = { 0 };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify, .sigev_value.sival_int = 77 };
	struct itimerspec once = { { 0, 0 }, { 0, 1000000 } };
	pthread_t t[THREADS];
	timer_t id;
	int good = 0;
	void *r;

	sigaction(SIGRTMIN, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, worker, (void *)i);
	setitimer(ITIMER_REAL, &real, NULL);
	for (long i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		good += r == (void *)i && ticks[i] >= TICKS;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	printf("threads %d\n", good);
	sem_init(&notified, 0, 0);
	timer_create(CLOCK_MONOTONIC, &ev, &id);
	timer_settime(id, 0, &once, NULL);
	sem_wait(&notified);
	printf("notified\n");
	return 0;
}
