/*
 * The memory model as C has it: message passing, store buffering, independent reads, coherence; atomics
 * of all sizes counted by eight threads; spinning threads that must see each other.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum { SPINNERS = 8, COUNTS = 4000, TRIES = 3000 };

static _Atomic int x, y, turn, bad, start;
static _Atomic uint8_t c8;
static _Atomic uint16_t c16;
static _Atomic uint32_t c32;
static uint32_t plain, under_lock;
static atomic_flag lock = ATOMIC_FLAG_INIT;
static int r[2];
static pthread_barrier_t meet;

static void *counter(void *arg)
{
	while (!atomic_load(&start))
		;
	for (int i = 0; i < COUNTS; i++) {
		uint32_t seen = atomic_load_explicit(&plain, memory_order_relaxed);

		atomic_fetch_add(&c8, 1);
		atomic_fetch_add(&c16, 3);
		atomic_fetch_xor(&c32, 1u << (i & 31));
		while (!atomic_compare_exchange_weak((_Atomic uint32_t *)&plain, &seen, seen + 1))
			;
		while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
			if (i % 64 == 0)
				sched_yield();
		under_lock++;
		atomic_flag_clear_explicit(&lock, memory_order_release);
	}
	return NULL;
}

/* Each passes the turn to the next: progress needs every store to be seen. */
static void *ring(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 40; i++) {
		while (atomic_load_explicit(&turn, memory_order_acquire) % SPINNERS != me)
			sched_yield();
		atomic_store_explicit(&turn, turn + 1, memory_order_release);
	}
	return NULL;
}

static int data[4];

static void *producer(void *arg)
{
	for (int i = 1; i <= TRIES; i++) {
		for (int k = 0; k < 4; k++)
			data[k] = i;
		atomic_store_explicit(&x, i, memory_order_release);
		while (atomic_load_explicit(&y, memory_order_acquire) != i)
			sched_yield();
	}
	return NULL;
}

static void *consumer(void *arg)
{
	for (int i = 1; i <= TRIES; i++) {
		while (atomic_load_explicit(&x, memory_order_acquire) != i)
			sched_yield();
		for (int k = 0; k < 4; k++)
			bad += data[k] != i;
		atomic_store_explicit(&y, i, memory_order_release);
	}
	return NULL;
}

/* Both must not read 0: the stores come first in the one order of seq_cst. */
static void *buffering(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < TRIES / 4; i++) {
		pthread_barrier_wait(&meet);
		atomic_store(me ? &y : &x, 1);
		r[me] = atomic_load(me ? &x : &y);
		pthread_barrier_wait(&meet);
		if (!me) {
			bad += !r[0] && !r[1];
			x = y = 0;
		}
	}
	return NULL;
}

static void run(int n, void *(*fn)(void *), void *(*other)(void *))
{
	pthread_t t[SPINNERS];

	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, other && i ? other : fn, (void *)i);
	atomic_store(&start, 1);
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	run(SPINNERS, counter, NULL);
	printf("%u %u %u %u %u\n", c8, c16, c32, plain, under_lock);
	run(SPINNERS, ring, NULL);
	printf("ring %d\n", turn);
	run(2, producer, consumer);
	printf("messages bad %d\n", bad);
	x = y = 0;
	pthread_barrier_init(&meet, NULL, 2);
	run(2, buffering, NULL);
	printf("stores bad %d\n", bad);
	return 0;
}
