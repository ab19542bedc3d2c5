/* Cancellation: at blocking calls, at once, held off; clean-up handlers run in order. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static sem_t ready, sent, never;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int pipe_fd[2];
static volatile long turns;
static int trail[8], n_trail;

static void clean(void *arg)
{
	trail[n_trail++] = (int)(long)arg;
}

static void unlock(void *arg)
{
	pthread_mutex_unlock(arg);
	clean((void *)9);
}

static void *in_read(void *arg)
{
	char c;

	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)2);
	sem_post(&ready);
	read(pipe_fd[0], &c, 1);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_sleep(void *arg)
{
	sem_post(&ready);
	for (;;)
		nanosleep(&(struct timespec){ .tv_sec = 100 }, NULL);
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	sem_post(&ready);
	for (;;)
		pthread_cond_wait(&cond, &lock);
	pthread_cleanup_pop(0);
}

static void *in_sem(void *arg)
{
	sem_post(&ready);
	sem_wait(&never);
	return NULL;
}

static void *spinning(void *arg)
{
	int old;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	sem_post(&ready);
	for (;;)
		turns++;
}

static void *stubborn(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	sem_post(&ready);
	for (int i = 0; i < 20; i++)
		usleep(1000);
	while (sem_wait(&sent))
		;
	trail[n_trail++] = 4;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	pthread_testcancel();
	return NULL;
}

static void *too_late(void *arg)
{
	sem_post(&ready);
	return (void *)5;
}

static void cancel(const char *name, void *(*fn)(void *))
{
	pthread_t t;
	void *r;

	n_trail = 0;
	pthread_create(&t, NULL, fn, NULL);
	sem_wait(&ready);
	if (fn == too_late)
		usleep(20000);
	pthread_cancel(t);
	if (fn == stubborn)
		sem_post(&sent);
	pthread_join(t, &r);
	printf("%s %d", name, r == PTHREAD_CANCELED);
	for (int i = 0; i < n_trail; i++)
		printf(" %d", trail[i]);
	printf("\n");
}

int main(void)
{
	pipe(pipe_fd);
	sem_init(&ready, 0, 0);
	sem_init(&sent, 0, 0);
	sem_init(&never, 0, 0);
	for (int i = 0; i < 5; i++) {
		cancel("read", in_read);
		cancel("sleep", in_sleep);
		cancel("cond", in_cond);
		cancel("sem", in_sem);
		cancel("spin", spinning);
		cancel("stubborn", stubborn);
		cancel("late", too_late);
	}
	printf("%d\n", pthread_mutex_trylock(&lock));
	return 0;
}
