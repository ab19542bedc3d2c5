/* Forks once, by its first thread or, with an argument, by another; both processes end as they should. For stats.py. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *make_child(void *arg)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(3);
	return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 ? arg : NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;
	void *r = NULL;

	if (argc == 1)
		r = make_child(argv);
	else if (!pthread_create(&t, NULL, make_child, argv))
		pthread_join(t, &r);
	return !r;
}
