/*
 * The litmus tests of memory models: no outcome that barriers, acquire and release or the coherence of one place forbid.
 * Then what LL/SC and locks promise eight threads. Takes the number of tries; a long run is one of 10000000.
 * @args 60000
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 2048, MOST = 4, EIGHT = 8 };

/* What the threads of one try share, on a line of the cache each, and what they saw. */
static struct { _Atomic int x __attribute__((aligned(64))), y __attribute__((aligned(64))); } v[BATCH];
static int saw[BATCH][MOST];
static atomic_int arrived, round_no;
static long tries;

#define GET(p) atomic_load_explicit(&v[i].p, memory_order_relaxed)
#define SET(p) atomic_store_explicit(&v[i].p, 1, memory_order_relaxed)
#define ACQUIRE(p) atomic_load_explicit(&v[i].p, memory_order_acquire)
#define RELEASE(p) atomic_store_explicit(&v[i].p, 1, memory_order_release)
#define FENCE() atomic_thread_fence(memory_order_seq_cst)
#define LIGHT() atomic_thread_fence(memory_order_acq_rel)

/* One thread's part of one try. */
static inline void message(int me, int i, int kind)
{
	if (!me) {
		SET(x);
		kind == 1 ? FENCE() : LIGHT();
		kind == 0 ? RELEASE(y) : SET(y);
	} else {
		saw[i][0] = kind == 0 ? ACQUIRE(y) : GET(y);
		kind == 1 ? FENCE() : LIGHT();
		saw[i][1] = GET(x);
	}
}

static inline void buffering(int me, int i)
{
	if (!me) {
		SET(x);
		FENCE();
		saw[i][0] = GET(y);
	} else {
		SET(y);
		FENCE();
		saw[i][1] = GET(x);
	}
}

static inline void in_order(int me, int i)
{
	if (!me) {
		atomic_store(&v[i].x, 1);
		saw[i][0] = atomic_load(&v[i].y);
	} else {
		atomic_store(&v[i].y, 1);
		saw[i][1] = atomic_load(&v[i].x);
	}
}

static inline void loads_first(int me, int i)
{
	if (!me) {
		saw[i][0] = ACQUIRE(x);
		RELEASE(y);
	} else {
		saw[i][1] = ACQUIRE(y);
		RELEASE(x);
	}
}

static inline void coherence(int me, int i)
{
	if (!me) {
		SET(x);
	} else {
		saw[i][0] = GET(x);
		saw[i][1] = GET(x);
	}
}

/* Independent reads of independent writes. */
static inline void readers(int me, int i)
{
	switch (me) {
	case 0: SET(x); break;
	case 1: SET(y); break;
	case 2:
		saw[i][0] = GET(x);
		FENCE();
		saw[i][1] = GET(y);
		break;
	default:
		saw[i][2] = GET(y);
		FENCE();
		saw[i][3] = GET(x);
	}
}

/* Write, read and write, read: who sees the second write sees the first. */
static inline void causality(int me, int i)
{
	switch (me) {
	case 0: SET(x); break;
	case 1:
		saw[i][0] = GET(x);
		FENCE();
		SET(y);
		break;
	default:
		saw[i][1] = GET(y);
		FENCE();
		saw[i][2] = GET(x);
	}
}

static void wait_all(int n, int me)
{
	int now = atomic_load(&round_no);

	if (atomic_fetch_add(&arrived, 1) == n - 1) {
		atomic_store(&arrived, 0);
		atomic_fetch_add(&round_no, 1);
	}
	for (unsigned k = 0; atomic_load(&round_no) == now; k++)
		if (k % 256 == 255)
			sched_yield();
}

enum { MESSAGE, MESSAGE_FENCE, MESSAGE_LIGHT, BUFFERING, IN_ORDER, LOADS_FIRST, COHERENCE, READERS, CAUSALITY, N_TESTS };
static const struct { const char *name; int threads; } tests[N_TESTS] = {
	{ "message release acquire", 2 }, { "message fence", 2 }, { "message light fence", 2 }, { "store buffering fence", 2 },
	{ "store buffering seq_cst", 2 }, { "load buffering", 2 }, { "coherence", 2 }, { "independent reads", 4 }, { "causality", 3 },
};
static int which;

static void part(int me)
{
	for (int i = 0; i < BATCH; i++)
		switch (which) {
		case MESSAGE: message(me, i, 0); break;
		case MESSAGE_FENCE: message(me, i, 1); break;
		case MESSAGE_LIGHT: message(me, i, 2); break;
		case BUFFERING: buffering(me, i); break;
		case IN_ORDER: in_order(me, i); break;
		case LOADS_FIRST: loads_first(me, i); break;
		case COHERENCE: coherence(me, i); break;
		case READERS: readers(me, i); break;
		default: causality(me, i); break;
		}
}

static int forbidden(const int *s)
{
	switch (which) {
	case BUFFERING: case IN_ORDER: return !s[0] && !s[1];
	case LOADS_FIRST: return s[0] && s[1];
	case READERS: return s[0] && !s[1] && s[2] && !s[3];
	case CAUSALITY: return s[0] && s[1] && !s[2];
	default: return s[0] && !s[1];
	}
}

static void *run(void *arg)
{
	int me = (int)(long)arg, n = tests[which].threads;
	long bad = 0;

	for (long done = 0; done < tries; done += BATCH) {
		wait_all(n, me);
		part(me);
		wait_all(n, me);
		for (int i = 0; !me && i < BATCH; i++) {
			bad += forbidden(saw[i]);
			v[i].x = v[i].y = 0;
		}
	}
	return (void *)bad;
}

static atomic_flag lock = ATOMIC_FLAG_INIT;
static _Atomic uint8_t c8;
static _Atomic uint16_t c16;
static _Atomic uint32_t c32;
static long plain;

static void *counter(void *arg)
{
	for (long i = 0; i < tries / EIGHT; i++) {
		atomic_fetch_add_explicit(&c8, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&c16, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&c32, 1, memory_order_relaxed);
		for (unsigned k = 0; atomic_flag_test_and_set_explicit(&lock, memory_order_acquire); k++)
			if (k % 64 == 63)
				sched_yield();
		plain++;
		atomic_flag_clear_explicit(&lock, memory_order_release);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t[EIGHT];
	void *bad;

	tries = argc > 1 ? atol(argv[1]) : BATCH;
	for (which = 0; which < N_TESTS; which++) {
		for (long k = 0; k < tests[which].threads; k++)
			pthread_create(&t[k], NULL, run, (void *)k);
		for (int k = tests[which].threads - 1; k >= 0; k--)
			pthread_join(t[k], &bad);
		printf("%s: %ld of %ld\n", tests[which].name, (long)bad, tries);
		fflush(stdout);
	}
	for (long k = 0; k < EIGHT; k++)
		pthread_create(&t[k], NULL, counter, NULL);
	for (int k = 0; k < EIGHT; k++)
		pthread_join(t[k], NULL);
	tries = tries / EIGHT * EIGHT;
	printf("counters %d %d %d, lock %d\n", c8 == (uint8_t)tries, c16 == (uint16_t)tries, c32 == (uint32_t)tries, plain == tries);
	return 0;
}
