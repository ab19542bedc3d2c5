/* Threads made and joined, one after the other. */
#include <pthread.h>

#include "bench.h"

static uint32_t sum;

static void *one(void *arg)
{
	sum = bench_mix(sum, (uint32_t)(uintptr_t)arg);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	pthread_t t;

	for (unsigned i = 0; i < scale * 100; i++) {
		if (pthread_create(&t, NULL, one, (void *)(uintptr_t)i))
			return 1;
		pthread_join(t, NULL);
	}
	return bench_end(sum);
}
