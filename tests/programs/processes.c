/* fork, exec of itself with arguments and environment, wait in all its forms, groups and exit codes.
 * @without hot
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s exited %d\n", what, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("%s signal %d\n", what, WTERMSIG(status));
	else
		printf("%s stopped %d\n", what, WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
}

static pid_t child(int kind, const char *self)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	if (kind == 0)
		_exit(7);
	if (kind == 1)
		raise(SIGKILL);
	if (kind == 2) {
		raise(SIGSTOP);
		_exit(11);
	}
	if (kind == 3)
		execle(self, "again", "two words", "", NULL, (char *[]){ "COLOUR=blue", "EMPTY=", NULL });
	if (kind == 3)
		_exit(14);
	if (kind == 4) {
		execl("/does/not/exist", "x", (char *)NULL);
		_exit(errno == ENOENT ? 12 : 13);
	}
	for (;;)
		pause();
}

static int again(int argc, char **argv)
{
	printf("%d [%s] [%s", argc, argv[1], argv[2]);
	printf("] %s", getenv("COLOUR"));
	printf(" %s", getenv("EMPTY")[0] ? "full" : "empty");
	printf(" %s\n", getenv("HOME") ? "home" : "homeless");
	return 21;
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;
	siginfo_t info;

	if (strcmp(argv[0], "again") == 0)
		return again(argc, argv);
	for (int kind = 0; kind < 5; kind++) {
		pid = child(kind, argv[0]);
		if (waitpid(pid, &status, WUNTRACED) != pid)
			return 1;
		say("child", status);
		if (WIFSTOPPED(status)) {
			kill(pid, SIGCONT);
			waitpid(pid, &status, 0);
			say("continued", status);
		}
	}
	pid = child(5, argv[0]);
	printf("%d\n", waitpid(pid, &status, WNOHANG));
	kill(pid, SIGTERM);
	memset(&info, 0, sizeof info);
	printf("%d", waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	printf(" %d", info.si_pid == pid);
	printf(" %d %d\n", info.si_code == CLD_KILLED, info.si_status);
	wait(&status);
	say("terminated", status);
	printf("%d", wait(&status));
	printf(" %d\n", errno == ECHILD);
	printf("%d", getppid() > 0);
	printf(" %d\n", getpgrp() == getpgid(0) && getsid(0) > 0);
	status = system("exit 3");
	printf("%d\n", WEXITSTATUS(status));
	return 0;
}
