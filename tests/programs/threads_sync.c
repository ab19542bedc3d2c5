/* Mutexes of all types, condition variables, read-write locks, barriers, semaphores, timed waits. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { THREADS = 6, ROUNDS = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t items;
static int queue[8], head, tail, sums[THREADS];
static long pair[2], bad_reads, serial;

static void put(int v)
{
	pthread_mutex_lock(&lock);
	while (head - tail == 8)
		pthread_cond_wait(&not_full, &lock);
	queue[head++ & 7] = v;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&lock);
}

static int take(void)
{
	int v;

	pthread_mutex_lock(&lock);
	while (head == tail)
		pthread_cond_wait(&not_empty, &lock);
	v = queue[tail++ & 7];
	pthread_cond_signal(&not_full);
	pthread_mutex_unlock(&lock);
	return v;
}

static void *consumer(void *arg)
{
	long sum = 0;
	int v;

	while ((v = take()) >= 0)
		sum += v;
	return (void *)sum;
}

static void *reader_writer(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 8 == 0) {
			pthread_rwlock_wrlock(&rw);
			pair[0]++;
			pair[1] += 2;
			pthread_rwlock_unlock(&rw);
		} else {
			pthread_rwlock_rdlock(&rw);
			if (pair[1] != 2 * pair[0])
				bad_reads++;
			pthread_rwlock_unlock(&rw);
		}
	}
	return NULL;
}

static void *meeting(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 200; i++) {
		sums[me] = i;
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			serial++;
		for (int k = 0; k < THREADS; k++)
			if (sums[k] != i)
				bad_reads++;
		pthread_barrier_wait(&barrier);
		pthread_spin_lock(&spin);
		pair[0]++;
		pthread_spin_unlock(&spin);
	}
	sem_post(&items);
	return NULL;
}

static void all(void *(*fn)(void *))
{
	pthread_t t[THREADS];

	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fn, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static void types(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;
	int r[6];

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&m, &a);
	r[0] = pthread_mutex_lock(&m);
	r[1] = pthread_mutex_lock(&m);
	r[2] = pthread_mutex_unlock(&m) | pthread_mutex_unlock(&m);
	r[3] = pthread_mutex_unlock(&m);
	printf("recursive %d %d %d %d\n", r[0], r[1], r[2], r[3] == EPERM);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m, &a);
	r[0] = pthread_mutex_unlock(&m);
	pthread_mutex_lock(&m);
	printf("checking %d %d\n", r[0] == EPERM, pthread_mutex_lock(&m) == EDEADLK);
	pthread_mutex_unlock(&m);
}

static void timed(void)
{
	struct timespec t;
	int a, b, c;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec = 0;	/* in the past */
	pthread_mutex_lock(&lock);
	a = pthread_cond_timedwait(&not_full, &lock, &t);
	pthread_mutex_unlock(&lock);
	b = sem_timedwait(&items, &t);
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (t.tv_nsec + 20000000) / 1000000000;
	t.tv_nsec = (t.tv_nsec + 20000000) % 1000000000;
	pthread_mutex_lock(&lock);
	c = pthread_cond_clockwait(&not_full, &lock, CLOCK_MONOTONIC, &t);
	pthread_mutex_unlock(&lock);
	printf("timed %d %d %d\n", a == ETIMEDOUT, b == -1 && errno == ETIMEDOUT, c == ETIMEDOUT);
}

int main(void)
{
	pthread_t t[3];
	long sum = 0;
	void *r;

	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, consumer, NULL);
	for (int i = 1; i <= 3000; i++)
		put(i);
	for (int i = 0; i < 3; i++)
		put(-1);
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("queue %ld\n", sum);
	all(reader_writer);
	printf("rw %ld %ld bad %ld\n", pair[0], pair[1], bad_reads);
	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	sem_init(&items, 0, 0);
	all(meeting);
	for (int i = 0; i < THREADS; i++)
		sem_wait(&items);
	printf("barrier %ld spin %ld bad %ld\n", serial, pair[0], bad_reads);
	types();
	timed();
	return 0;
}
