/* Debugged by run.py: signals, threads that run and that sleep, children by fork and vfork, and a bad end. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;
static volatile unsigned counter[3];

static void on_usr1(int sig)
{
	seen = sig;
}

static void meet(int n)
{
	counter[n]++;
}

static void *work(void *arg)
{
	int n = *(int *)arg;

	for (int i = 0; i < 50; i++)
		meet(n);
	return NULL;
}

static void *sleeper(void *arg)
{
	char c;
	int *fd = arg;

	return (void *)read(fd[0], &c, 1);
}

int main(int argc, char **argv)
{
	pthread_t t[3];
	int id[2] = { 1, 2 }, fd[2], status;

	signal(SIGUSR1, on_usr1);
	raise(SIGUSR1);
	printf("seen %d\n", seen == SIGUSR1);
	fflush(stdout);
	if (pipe(fd))
		return 2;
	pthread_create(&t[2], NULL, sleeper, fd);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, work, &id[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	if (write(fd[1], "x", 1) != 1)
		return 3;
	pthread_join(t[2], NULL);
	printf("counted %u %u\n", counter[1], counter[2]);
	fflush(stdout);
	pid_t pid = fork();
	if (!pid) {
		meet(0);
		_exit(5);
	}
	waitpid(pid, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	status = system("exit 3");
	printf("shell %d\n", WEXITSTATUS(status));
	fflush(stdout);
	if (argc > 1)
		*(volatile int *)4 = 1;
	abort();
}
