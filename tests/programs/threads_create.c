/* Threads come and go: a thousand joined, detached ones, results, thread-local data, destructors, stacks.
 * @without hot
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static __thread int own = 7;
static __thread char block[300] = "initial";
static _Atomic int made, destroyed, detached, once_runs;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t all_detached;

static void on_key(void *value)
{
	atomic_fetch_add(&destroyed, *(int *)value);
	free(value);
}

static void init(void)
{
	once_runs++;
	pthread_key_create(&key, on_key);
}

static void *little(void *arg)
{
	int *value = malloc(sizeof *value);

	pthread_once(&once, init);
	*value = 1;
	pthread_setspecific(key, value);
	if (own != 7 || strcmp(block, "initial"))
		printf("thread-local data is not fresh\n");
	own += (int)(long)arg;
	block[0] = (char)(long)arg;
	atomic_fetch_add(&made, 1);
	return (void *)(long)own;
}

static void *alone(void *arg)
{
	if (atomic_fetch_add(&detached, 1) + 1 == 50)
		sem_post(&all_detached);
	return arg;
}

static void *ids(void *arg)
{
	pid_t *out = arg;

	out[0] = (pid_t)syscall(SYS_gettid);
	out[1] = getpid();
	pthread_exit(out);
}

static int deep(int n)
{
	volatile char page[1000];

	memset((char *)page, n, sizeof page);
	return n ? deep(n - 1) + page[500] - page[0] + 1 : 0;
}

static void *use_stack(void *arg)
{
	size_t size;
	pthread_attr_t a;

	pthread_getattr_np(pthread_self(), &a);
	pthread_attr_getstacksize(&a, &size);
	pthread_attr_destroy(&a);
	return (void *)(long)(deep(900) + (size >= 1 << 20 ? 1 : 0));
}

static void many(void)
{
	long sum = 0;

	for (int round = 0; round < 20; round++) {
		pthread_t t[50];
		void *r;

		for (long i = 0; i < 50; i++)
			if (pthread_create(&t[i], NULL, little, (void *)(round * 50 + i)))
				printf("cannot make thread %ld\n", i);
		for (int i = 0; i < 50; i++) {
			pthread_join(t[i], &r);
			sum += (long)r;
		}
	}
	printf("made %d, sum %ld, destroyed %d, once %d, own %d\n", made, sum, destroyed, once_runs, own);
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t t;
	pid_t id[2];
	void *r;

	many();
	sem_init(&all_detached, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 50; i++)
		pthread_create(&t, &attr, alone, NULL);
	sem_wait(&all_detached);
	printf("detached %d\n", detached);
	pthread_attr_destroy(&attr);
	pthread_create(&t, NULL, ids, id);
	pthread_join(t, &r);
	printf("%d %d %d\n", r == id, id[1] == getpid(), id[0] != id[1]);
	printf("main %d\n", syscall(SYS_gettid) == getpid());
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 1 << 20);
	pthread_create(&t, &attr, use_stack, NULL);
	pthread_join(t, &r);
	printf("stack %ld\n", (long)r);
	printf("self %d %d\n", pthread_equal(pthread_self(), t), pthread_join(pthread_self(), NULL) == EDEADLK);
	return 0;
}
