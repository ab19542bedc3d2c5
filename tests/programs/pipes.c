/* Pipes between processes: order, end of file, EPIPE, full pipes, popen, pipe2 flags.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long drain(int fd)
{
	unsigned char buf[777];
	unsigned long sum = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			sum = (sum * 31 + buf[i]) & 0xffffffff;
	return sum;
}

static void feed(int fd)
{
	unsigned char buf[5000];

	for (int i = 0; i < 60; i++) {
		memset(buf, i, sizeof buf);
		if (write(fd, buf, sizeof buf) != (ssize_t)sizeof buf)
			_exit(9);
	}
	_exit(3);
}

int main(void)
{
	int p[2], q[2], status;
	char buf[64];
	long room = 0;
	FILE *f;

	if (pipe(p) || pipe2(q, O_NONBLOCK | O_CLOEXEC))
		return 1;
	fflush(stdout);
	if (fork() == 0) {
		close(p[0]);
		feed(p[1]);
	}
	close(p[1]);
	printf("%lu\n", drain(p[0]));
	close(p[0]);
	wait(&status);
	printf("%d %d\n", WIFEXITED(status), WEXITSTATUS(status));
	printf("%zd ", read(q[0], buf, sizeof buf));
	printf("%s\n", strerror(errno));
	while (write(q[1], buf, 64) == 64)
		room += 64;
	printf("%s %d\n", strerror(errno), room >= 4096);
	printf("%d", !!(fcntl(q[0], F_GETFL) & O_NONBLOCK));
	printf(" %d\n", fcntl(q[0], F_GETFD));
	close(q[0]);
	signal(SIGPIPE, SIG_IGN);
	printf("%zd ", write(q[1], "x", 1));
	printf("%s\n", strerror(errno));
	f = popen("echo from a shell; exit 5", "r");
	if (!f || !fgets(buf, sizeof buf, f))
		return 2;
	printf("%s", buf);
	status = pclose(f);
	printf("%d\n", WEXITSTATUS(status));
	return 0;
}
