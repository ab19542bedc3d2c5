/*
 * The classical tests of memory models, many tries each: message passing, store buffering, load buffering, independent reads
 * of independent writes, coherence; counters by LL/SC and spin locks for eight threads. Nobody may see what C, hence
 * the guest's architecture with the barriers that the compiler used, forbids. The argument is the number of tries in units of 8192.
 * @args 4
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Tries between two meetings: threads walk over them at their own pace, now this one is ahead, now that one. */
enum { CELLS = 8192, THREADS = 8 };

static struct cell {
	_Atomic int x, y;
	int r[4];
} cells[CELLS];

static pthread_barrier_t meet;
static unsigned rounds;
static void (*act)(struct cell *c, int me);
static _Atomic unsigned counter;
static _Atomic unsigned short half;
static atomic_flag lock = ATOMIC_FLAG_INIT;
static unsigned under_lock;

static void message(struct cell *c, int me)
{
	if (me) {
		c->r[1] = atomic_load_explicit(&c->y, memory_order_acquire);
		c->r[0] = atomic_load_explicit(&c->x, memory_order_relaxed);
	} else {
		atomic_store_explicit(&c->x, 1, memory_order_relaxed);
		atomic_store_explicit(&c->y, 1, memory_order_release);
	}
}

static void message_fenced(struct cell *c, int me)
{
	if (me) {
		c->r[1] = atomic_load_explicit(&c->y, memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		c->r[0] = atomic_load_explicit(&c->x, memory_order_relaxed);
	} else {
		atomic_store_explicit(&c->x, 1, memory_order_relaxed);
		atomic_thread_fence(memory_order_release);
		atomic_store_explicit(&c->y, 1, memory_order_relaxed);
	}
}

static int message_bad(const struct cell *c)
{
	return c->r[1] && !c->r[0];
}

static void storing(struct cell *c, int me)
{
	atomic_store(me ? &c->y : &c->x, 1);
	c->r[me] = atomic_load(me ? &c->x : &c->y);
}

static void storing_fenced(struct cell *c, int me)
{
	atomic_store_explicit(me ? &c->y : &c->x, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	c->r[me] = atomic_load_explicit(me ? &c->x : &c->y, memory_order_relaxed);
}

static int storing_bad(const struct cell *c)
{
	return !c->r[0] && !c->r[1];
}

static void loading(struct cell *c, int me)
{
	c->r[me] = atomic_load_explicit(me ? &c->x : &c->y, memory_order_acquire);
	atomic_store_explicit(me ? &c->y : &c->x, 1, memory_order_release);
}

static int loading_bad(const struct cell *c)
{
	return c->r[0] && c->r[1];
}

static void independent(struct cell *c, int me)
{
	if (me < 2) {
		atomic_store(me ? &c->y : &c->x, 1);
	} else {
		c->r[2 * me - 4] = atomic_load(me == 2 ? &c->x : &c->y);
		c->r[2 * me - 3] = atomic_load(me == 2 ? &c->y : &c->x);
	}
}

static int independent_bad(const struct cell *c)
{
	return c->r[0] && !c->r[1] && c->r[2] && !c->r[3];
}

static void coherent(struct cell *c, int me)
{
	if (me) {
		c->r[0] = atomic_load_explicit(&c->x, memory_order_relaxed);
		c->r[1] = atomic_load_explicit(&c->x, memory_order_relaxed);
	} else {
		atomic_store_explicit(&c->x, 1, memory_order_relaxed);
		atomic_store_explicit(&c->x, 2, memory_order_relaxed);
	}
}

static int coherent_bad(const struct cell *c)
{
	return c->r[0] > c->r[1];
}

static void counting(struct cell *c, int me)
{
	atomic_fetch_add(&counter, 3);
	atomic_fetch_add_explicit(&half, (unsigned short)me, memory_order_relaxed);
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		sched_yield();
	under_lock++;
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

static void *walk(void *arg)
{
	for (unsigned i = 0; i < rounds; i++) {
		pthread_barrier_wait(&meet);
		for (int k = 0; k < CELLS; k++)
			act(&cells[k], (int)(long)arg);
		pthread_barrier_wait(&meet);
		pthread_barrier_wait(&meet);
	}
	return NULL;
}

static void pattern(const char *name, int n, unsigned times, void (*fn)(struct cell *, int), int (*wrong)(const struct cell *))
{
	pthread_t t[THREADS];
	unsigned bad = 0;

	act = fn;
	rounds = times;
	pthread_barrier_init(&meet, NULL, (unsigned)n + 1);
	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, walk, (void *)i);
	for (unsigned i = 0; i < rounds; i++) {
		for (int k = 0; k < CELLS; k++)
			cells[k] = (struct cell){ 0 };
		pthread_barrier_wait(&meet);
		pthread_barrier_wait(&meet);
		for (int k = 0; wrong && k < CELLS; k++)
			bad += wrong(&cells[k]) != 0;
		pthread_barrier_wait(&meet);
	}
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	printf("%s %u bad %u\n", name, times * CELLS, bad);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1;

	pattern("message passing", 2, n, message, message_bad);
	pattern("message passing by fences", 2, n, message_fenced, message_bad);
	pattern("store buffering", 2, n, storing, storing_bad);
	pattern("store buffering by fences", 2, n, storing_fenced, storing_bad);
	pattern("load buffering", 2, n, loading, loading_bad);
	pattern("independent reads", 4, n, independent, independent_bad);
	pattern("coherence", 2, n, coherent, coherent_bad);
	pattern("counters and locks", THREADS, (n + THREADS - 1) / THREADS, counting, NULL);
	printf("%u %u %u\n", (unsigned)counter, (unsigned)half, under_lock);
	return 0;
}
