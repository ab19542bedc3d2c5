/* Two threads pass a turn to each other by a mutex and a condition. */
#include <pthread.h>

#include "bench.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed = PTHREAD_COND_INITIALIZER;
static unsigned turn, turns;
static uint32_t sum;

static void *player(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	pthread_mutex_lock(&lock);
	while (turn < turns) {
		if (turn % 2 == me) {
			sum = bench_mix(sum, turn++);
			pthread_cond_signal(&passed);
		} else {
			pthread_cond_wait(&passed, &lock);
		}
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	turns = bench_scale(argc, argv) * 1000;
	if (pthread_create(&t, NULL, player, (void *)1))
		return 1;
	player(NULL);
	pthread_join(t, NULL);
	return bench_end(sum);
}
