/* A thousand threads at once: all live, each has its own data, and all of them end. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { MANY = 1000 };

static pthread_barrier_t meet;
static __thread long own;
static _Atomic long sum;

static void *one(void *arg)
{
	own = (long)arg;
	pthread_barrier_wait(&meet);
	atomic_fetch_add(&sum, own);
	pthread_barrier_wait(&meet);
	return (void *)own;
}

int main(void)
{
	static pthread_t t[MANY];
	pthread_attr_t attr;
	long made = 0, back = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 1 << 18);
	pthread_barrier_init(&meet, NULL, MANY + 1);
	for (long i = 0; i < MANY; i++)
		made += !pthread_create(&t[i], &attr, one, (void *)i);
	if (made < MANY)
		return printf("only %ld threads\n", made), 1;
	pthread_barrier_wait(&meet);
	pthread_barrier_wait(&meet);
	for (int i = 0; i < MANY; i++) {
		void *r;

		pthread_join(t[i], &r);
		back += (long)r;
	}
	printf("%ld threads, sum %ld %ld\n", made, (long)sum, back);
	return 0;
}
