/* futex_waitv: which of several words woke the thread, what is refused, and time limits.
 * @without hot
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct waiter {
	uint64_t val, addr;
	uint32_t flags, reserved;
};

enum { N = 5, U32 = 2, PRIVATE = 128 };

static _Atomic uint32_t word[N] = { 0x01020304, 1, 2, 3, 4 };
static _Atomic int turn;

static void fill(struct waiter *w)
{
	for (int i = 0; i < N; i++)
		w[i] = (struct waiter){ word[i], (uintptr_t)&word[i], U32 | PRIVATE, 0 };
}

static long wait_v(struct waiter *w, unsigned n, unsigned flags, void *limit, int clock)
{
	long r = syscall(SYS_futex_waitv, w, n, flags, limit, clock);

	return r < 0 ? -errno : r;
}

static void refused(void)
{
	struct waiter w[N];
	struct { int64_t sec, nsec; } past = { 1, 0 };

	fill(w);
	w[3].val = 99;
	printf("other value: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
	w[3].val = word[3] | 1ull << 32;
	printf("too large a value: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
	fill(w);
	printf("past: %s\n", strerror(-wait_v(w, N, 0, &past, CLOCK_MONOTONIC)));
	printf("past: %s\n", strerror(-wait_v(w, N, 0, &past, CLOCK_REALTIME)));
	printf("clock: %s\n", strerror(-wait_v(w, N, 0, &past, CLOCK_PROCESS_CPUTIME_ID)));
	printf("flags: %s\n", strerror(-wait_v(w, N, 1, NULL, 0)));
	printf("none: %s\n", strerror(-wait_v(w, 0, 0, NULL, 0)));
	printf("many: %s\n", strerror(-wait_v(w, 129, 0, NULL, 0)));
	w[1].flags = PRIVATE;
	printf("no size: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
	w[1].flags = U32;
	w[1].reserved = 1;
	printf("reserved: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
	w[1].reserved = 0;
	w[1].addr++;
	printf("crooked: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
	w[1].addr = 0;
	printf("nowhere: %s\n", strerror(-wait_v(w, N, 0, NULL, 0)));
}

/* The word stays as it is: only the wake tells the sleeper. Wakes until it has heard. */
static void *waker(void *arg)
{
	for (int i = 0; i < 3 * N; i++)
		while (turn == i) {
			syscall(SYS_futex, &word[i % N], FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
			usleep(500);
		}
	return NULL;
}

int main(void)
{
	struct waiter w[N];
	pthread_t t;
	int good = 0;

	refused();
	fill(w);
	pthread_create(&t, NULL, waker, NULL);
	for (int i = 0; i < 3 * N; i++) {
		good += wait_v(w, N, 0, NULL, 0) == i % N;
		turn++;
	}
	pthread_join(t, NULL);
	printf("woken as it should be: %d\n", good);
	return 0;
}
