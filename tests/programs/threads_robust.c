/* Robust mutexes: the owner ends, as a thread or as a process, and the next locker is told. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t m[5];
	int value;
};

static struct shared *s;

static void make(pthread_mutex_t *m, int shared)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&a, shared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
	pthread_mutex_init(m, &a);
}

static void *die_holding(void *arg)
{
	for (int i = 0; i < 3; i++)
		pthread_mutex_lock(&s->m[i]);
	pthread_mutex_unlock(&s->m[1]);
	s->value++;
	return NULL;
}

/* Waits while the owner dies. */
static void *wait_for(void *arg)
{
	return (void *)(long)pthread_mutex_lock(arg);
}

static void *hold_a_while(void *arg)
{
	pthread_mutex_lock(arg);
	s->value = 1;
	usleep(30000);
	return NULL;
}

int main(void)
{
	pthread_t t, u;
	int status, r;
	void *got;
	pid_t pid;

	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 5; i++)
		make(&s->m[i], i >= 3);
	pthread_create(&t, NULL, die_holding, NULL);
	pthread_join(t, NULL);
	r = pthread_mutex_lock(&s->m[0]);
	printf("%s\n", strerror(r));
	printf("consistent %d\n", pthread_mutex_consistent(&s->m[0]));
	printf("unlock %d", pthread_mutex_unlock(&s->m[0]));
	printf(" lock again %d\n", pthread_mutex_lock(&s->m[0]));
	pthread_mutex_unlock(&s->m[0]);
	printf("given back %d\n", pthread_mutex_lock(&s->m[1]));
	r = pthread_mutex_trylock(&s->m[2]);
	pthread_mutex_unlock(&s->m[2]);
	printf("%d %s\n", r == EOWNERDEAD, strerror(pthread_mutex_lock(&s->m[2])));
	s->value = 0;
	make(&s->m[0], 0);
	pthread_create(&t, NULL, hold_a_while, &s->m[0]);
	while (!*(volatile int *)&s->value)
		sched_yield();
	pthread_create(&u, NULL, wait_for, &s->m[0]);
	pthread_join(u, &got);
	pthread_join(t, NULL);
	printf("waiter %d\n", (long)got == EOWNERDEAD);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pthread_mutex_lock(&s->m[3]);
		pthread_mutex_lock(&s->m[4]);
		s->value = 55;
		_exit(3);
	}
	waitpid(pid, &status, 0);
	r = pthread_mutex_lock(&s->m[3]);
	printf("process %d %d %d\n", WEXITSTATUS(status), r == EOWNERDEAD, s->value);
	printf("%d\n", pthread_mutex_lock(&s->m[4]) == EOWNERDEAD);
	return 0;
}
