/* What the files of the program have in common: speaking to the user, ending by a signal. */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void complain(const char *what, const char *why)
{
	dprintf(STDERR_FILENO, why ? "dragoman: %s: %s\n" : "dragoman: %s\n", what, why);
}

bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), why;
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return ok;
}

int die_by(int sig)
{
	struct rlimit none = { 0, 0 };
	sigset_t only;

	signal(sig, SIG_DFL);
	/* A core of the translator would tell nothing of the program. */
	setrlimit(RLIMIT_CORE, &none);
	sigemptyset(&only);
	sigaddset(&only, sig);
	kill(getpid(), sig);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	return 128 + sig;
}
