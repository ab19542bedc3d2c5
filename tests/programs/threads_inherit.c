/* Locks with priority inheritance: counted under, tried, waited for, left behind by the dead; what the kernel's calls refuse.
 * @reference self
 * @without hot
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, COUNTS = 3000 };

static pthread_mutex_t lock;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int count, ready, failed;

#define CHECK(c) do { if (!(c)) { failed++; printf("line %d: %s\n", __LINE__, #c); } } while (0)

static void init(pthread_mutex_t *m, int type, int robust)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setrobust(&a, robust);
	CHECK(!pthread_mutex_init(m, &a));
}

static void *counter(void *arg)
{
	for (int i = 0; i < COUNTS; i++) {
		CHECK(!pthread_mutex_lock(&lock));
		count++;
		CHECK(!pthread_mutex_unlock(&lock));
	}
	return NULL;
}

static void *waits(void *arg)
{
	struct timespec soon;

	CHECK(pthread_mutex_trylock(&lock) == EBUSY);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	CHECK(pthread_mutex_timedlock(&lock, &soon) == ETIMEDOUT);
	CHECK(pthread_mutex_unlock(&lock) == EPERM);
	return NULL;
}

static void *signals(void *arg)
{
	pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *dies(void *arg)
{
	CHECK(!pthread_mutex_lock(arg));
	return NULL;
}

static void *takes_over(void *arg)
{
	int r = pthread_mutex_lock(arg);

	if (r == EOWNERDEAD)
		pthread_mutex_consistent(arg);
	pthread_mutex_unlock(arg);
	return (void *)(long)r;
}

static void *holds_and_dies(void *arg)
{
	CHECK(!pthread_mutex_lock(arg));
	ready = 2;
	usleep(50000);
	return NULL;
}

static void robust(void)
{
	pthread_mutex_t m;
	pthread_t t, u;
	void *r;

	init(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	pthread_create(&t, NULL, dies, &m);
	pthread_join(t, NULL);
	CHECK(pthread_mutex_lock(&m) == EOWNERDEAD);
	CHECK(!pthread_mutex_consistent(&m));
	CHECK(!pthread_mutex_unlock(&m));
	pthread_create(&t, NULL, holds_and_dies, &m);
	while (*(volatile int *)&ready != 2)
		usleep(1000);
	pthread_create(&u, NULL, takes_over, &m);
	pthread_join(t, NULL);
	pthread_join(u, &r);
	CHECK((long)r == EOWNERDEAD);
	CHECK(!pthread_mutex_lock(&m));
	CHECK(!pthread_mutex_unlock(&m));
}

static long futex(int *at, int op)
{
	return syscall(SYS_futex, at, op, 0, NULL, NULL, 0) ? errno : 0;
}

static void refused(void)
{
	int word = 0;

	CHECK(!futex(&word, FUTEX_LOCK_PI_PRIVATE) && word == (int)syscall(SYS_gettid));
	CHECK(futex(&word, FUTEX_LOCK_PI_PRIVATE) == EDEADLK);
	CHECK(futex(&word, FUTEX_TRYLOCK_PI_PRIVATE) == EDEADLK);
	CHECK(!futex(&word, FUTEX_UNLOCK_PI_PRIVATE) && !word);
	CHECK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE) == EPERM);
	word = 1;
	CHECK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE) == EPERM);
	CHECK(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 1, (char *)&word + 1, word) && errno == EINVAL);
	CHECK(syscall(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, word, NULL, (char *)&word + 1, 0) && errno == EINVAL);
	word = 0x3ffffff0;
	CHECK(futex(&word, FUTEX_LOCK_PI_PRIVATE) == ESRCH);
}

int main(void)
{
	pthread_t t[THREADS];

	init(&lock, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, counter, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CHECK(count == THREADS * COUNTS);
	pthread_mutex_lock(&lock);
	CHECK(pthread_mutex_lock(&lock) == EDEADLK);
	pthread_create(&t[0], NULL, waits, NULL);
	pthread_join(t[0], NULL);
	pthread_create(&t[0], NULL, signals, NULL);
	while (!ready)
		CHECK(!pthread_cond_wait(&cond, &lock));
	pthread_mutex_unlock(&lock);
	pthread_join(t[0], NULL);
	robust();
	refused();
	return failed != 0;
}
