/* futex itself: every operation that both sides have, with what each returns. */
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

#ifndef SYS_futex_time64
#define SYS_futex_time64 SYS_futex
#endif

static _Atomic uint32_t a, b;
static _Atomic int asleep;

struct ts {
	int64_t sec;
	int64_t nsec;
};

static long futex(_Atomic uint32_t *p, int op, uint32_t val, const void *timeout, _Atomic uint32_t *q, uint32_t val3)
{
	long r = syscall(SYS_futex_time64, p, op, val, timeout, q, val3);

	return r < 0 ? -errno : r;
}

static void *sleeper(void *arg)
{
	long bits = (long)arg, r;

	asleep++;
	do
		r = bits ? futex(&a, FUTEX_WAIT_BITSET_PRIVATE, 5, NULL, NULL, (uint32_t)bits) :
			   futex(&a, FUTEX_WAIT_PRIVATE, 5, NULL, NULL, 0);
	while (r == -EINTR);
	return (void *)r;
}

static pthread_t t[6];

static void put_to_sleep(int n, int bits)
{
	a = 5;
	asleep = 0;
	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, sleeper, (void *)(bits ? 1L << i : 0));
	while (asleep < n)
		usleep(100);
	usleep(30000);
}

static void wake_up(int n)
{
	long sum = 0;
	void *r;

	for (int i = 0; i < n; i++) {
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("woken %ld\n", sum);
}

static void name(const char *what, long r)
{
	printf("%s %ld %s\n", what, r < 0 ? -1 : r, r < 0 ? strerror((int)-r) : "");
}

int main(void)
{
	struct ts t0 = { 0, 5000000 }, past = { 1, 0 };
	const uint32_t add_eq = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 7), set_gt = FUTEX_OP(FUTEX_OP_SET, -2, FUTEX_OP_CMP_GT, 100);
	const uint32_t or_shift = FUTEX_OP(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 20, FUTEX_OP_CMP_LT, -1);

	a = 4;
	name("wait other", futex(&a, FUTEX_WAIT, 5, NULL, NULL, 0));
	name("wait timeout", futex(&a, FUTEX_WAIT, 4, &t0, NULL, 0));
	name("wait past", futex(&a, FUTEX_WAIT_BITSET, 4, &past, NULL, ~0u));
	name("wait past clock", futex(&a, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 4, &past, NULL, ~0u));
	name("no bits", futex(&a, FUTEX_WAIT_BITSET, 4, &past, NULL, 0));
	name("misaligned", futex((void *)((char *)&a + 1), FUTEX_WAKE, 1, NULL, NULL, 0));
	name("nowhere", futex((void *)8, FUTEX_WAKE, 1, NULL, NULL, 0));
	name("unknown", futex(&a, 99, 1, NULL, NULL, 0));
	name("wake none", futex(&a, FUTEX_WAKE, 1, NULL, NULL, 0));
	put_to_sleep(5, 0);
	name("wake two", futex(&a, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
	b = 9;
	name("requeue other", futex(&a, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)5L, &b, 6));
	name("requeue", futex(&a, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)5L, &b, 5));
	name("left behind", futex(&a, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	name("moved", futex(&b, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	wake_up(5);
	put_to_sleep(4, 1);
	name("bit 2", futex(&a, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 4));
	name("bits 0 3", futex(&a, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 9));
	name("rest", futex(&a, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	wake_up(4);
	put_to_sleep(3, 0);
	b = 7;
	name("op add", futex(&b, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &b, add_eq));
	name("op both", futex(&b, FUTEX_WAKE_OP_PRIVATE, 1, (void *)2L, &a, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 5)));
	name("op set", futex(&a, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &b, set_gt));
	printf("%u %d\n", a, (int)b);
	name("op or", futex(&b, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &b, or_shift));
	b = 3;
	name("op andn", futex(&b, FUTEX_WAKE_OP, 1, (void *)1L, &b, FUTEX_OP(FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_NE, 1)));
	name("op xor", futex(&b, FUTEX_WAKE_OP, 1, (void *)1L, &b, FUTEX_OP(FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GE, 1)));
	wake_up(3);
	printf("%u %d\n", a, (int)b);
	return 0;
}
