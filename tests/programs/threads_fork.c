/* fork, spawn and exec in a process whose other threads allocate, lock and compute all the time.
 * @without hot
 */
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static _Atomic int quit;
static __thread int local = 3;
static const char *self;

static void *busy(void *arg)
{
	unsigned n = (unsigned)(long)arg;

	while (!quit) {
		char *p = malloc(n = 16 + n * 1103515245 % 5000);

		memset(p, 1, n);
		snprintf(p, n, "%u", n);
		free(p);
	}
	return NULL;
}

static void *add(void *arg)
{
	local += 4;
	return (void *)(long)(local + *(int *)arg);
}

/* In the child: threads can be made again, memory allocated. */
static int in_child(int seed)
{
	pthread_t t;
	void *r;
	char *p;

	if (pthread_create(&t, NULL, add, &seed))
		return 98;
	pthread_join(t, &r);
	p = malloc(100000);
	memset(p, 7, 100000);
	return (int)(long)r + p[99999];
}

static void *forking(void *arg)
{
	long ok = 0;

	local = 50;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			if (i % 4 == 3)
				abort();
			_exit(in_child(i) + (local == 50 ? 0 : 99));
		}
		waitpid(pid, &status, 0);
		ok += i % 4 == 3 ? WIFSIGNALED(status) && WTERMSIG(status) == 6 : WEXITSTATUS(status) == 14 + i;
	}
	return (void *)ok;
}

static void *spawning(void *arg)
{
	long ok = 0;

	for (int i = 0; i < 5; i++) {
		char *args[] = { "spawned", "3", NULL };
		int status;
		pid_t pid;

		if (posix_spawn(&pid, self, NULL, NULL, args, environ))
			continue;
		waitpid(pid, &status, 0);
		ok += WEXITSTATUS(status) == 33;
		ok += posix_spawn(&pid, "/does/not/exist", NULL, NULL, args, environ) == 2;
	}
	return (void *)ok;
}

static void *execing(void *arg)
{
	execl(self, "executed", "last", (char *)NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t[3], f[3];
	int status;
	pid_t pid;
	void *r;

	if (!strcmp(argv[0], "spawned"))
		return 30 + atoi(argv[1]);
	if (!strcmp(argv[0], "executed")) {
		printf("executed %s %d\n", argv[1], getpid() == gettid());
		return 5;
	}
	self = argv[0];
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, busy, (void *)i);
	pthread_create(&f[0], NULL, forking, NULL);
	pthread_create(&f[1], NULL, forking, NULL);
	pthread_create(&f[2], NULL, spawning, NULL);
	for (int i = 0; i < 3; i++) {
		pthread_join(f[i], &r);
		printf("%ld\n", (long)r);
	}
	pid = fork();
	if (!pid) {
		pthread_create(&f[0], NULL, execing, NULL);
		for (;;)
			pause();
	}
	waitpid(pid, &status, 0);
	printf("%d\n", WEXITSTATUS(status));
	quit = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	fflush(stdout);
	pthread_create(&f[0], NULL, busy, NULL);
	pthread_create(&f[0], NULL, execing, NULL);
	pthread_join(f[0], NULL);
	return 1;
}
