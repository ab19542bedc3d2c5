/* Two threads that want the same mutex all the time, with a little work under it. */
#include <pthread.h>

#include "bench.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned rounds;
static uint32_t sum;

static void *taker(void *arg)
{
	for (unsigned i = 0; i < rounds; i++) {
		pthread_mutex_lock(&lock);
		sum += i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	rounds = bench_scale(argc, argv) * 1000;
	if (pthread_create(&t, NULL, taker, NULL))
		return 1;
	taker(NULL);
	pthread_join(t, NULL);
	return bench_end(sum);
}
