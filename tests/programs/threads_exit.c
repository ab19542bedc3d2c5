/* Ways for a process with threads to end: each is tried in a child, whose other threads wait, sleep, read and spin. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd[2];
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_t main_thread;
static int how;

static void *reading(void *arg)
{
	char c;

	return (void *)(long)read(fd[0], &c, 1);
}

static void *locking(void *arg)
{
	pthread_mutex_lock(&held);
	return NULL;
}

static void *sleeping(void *arg)
{
	sleep(1000);
	return NULL;
}

static void *spinning(void *arg)
{
	for (;;)
		;
}

static void *suspended(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	for (;;)
		sigsuspend(&all);
}

static void *ending(void *arg)
{
	usleep(5000);
	switch (how) {
	case 0: exit(40);
	case 1: syscall(SYS_exit_group, 41);
	case 2: abort();
	case 3: *(volatile int *)0 = 1; break;
	case 4: kill(getpid(), SIGKILL); break;
	case 5: kill(getpid(), SIGTERM); break;
	case 6: pthread_join(main_thread, NULL); exit(46);
	}
	for (;;)
		pause();
}

static void *last(void *arg)
{
	pthread_join(main_thread, NULL);
	printf("last\n");
	fflush(stdout);
	return NULL;
}

static void child(void)
{
	static void *(*const fns[])(void *) = { reading, locking, sleeping, spinning, suspended, spinning, ending };
	pthread_t t;

	main_thread = pthread_self();
	if (how == 7) {
		pthread_create(&t, NULL, last, NULL);
		pthread_exit(NULL);
	}
	if (how == 8) {
		/* The process lives on until its last thread ends. */
		pthread_create(&t, NULL, last, NULL);
		syscall(SYS_exit, 0);
	}
	pthread_mutex_lock(&held);
	for (unsigned i = 0; i < sizeof fns / sizeof fns[0]; i++)
		pthread_create(&t, NULL, fns[i], NULL);
	if (how == 6)
		pthread_exit(NULL);
	if (how == 9) {
		usleep(3000);
		exit(49);
	}
	for (;;)
		pause();
}

int main(void)
{
	pipe(fd);
	for (how = 0; how < 10; how++) {
		int status;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (!pid)
			child();
		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status))
			printf("%d: signal %d\n", how, WTERMSIG(status));
		else
			printf("%d: status %d\n", how, WEXITSTATUS(status));
	}
	return 0;
}
