/* The line to GDB: a socket or this program's own standard input and output. What is said is libdragoman's business. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gdb_line.h"

/* Descriptors that programs do not expect to be taken. */
#define OUT_OF_THE_WAY 1000

static struct {
	dgm_linux *guest;
	int in, out;
} line;

static int complain(const char *what, int e)
{
	dprintf(STDERR_FILENO, "dragoman: GDB: %s: %s\n", what, strerror(e));
	return -1;
}

static int move_away(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	if (high < 0)
		high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return high;
}

static int take_one(int listener, const char *where)
{
	int fd, e, one = 1;

	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	e = errno;
	close(listener);
	if (fd < 0)
		return complain(where, e);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static int open_port(const char *where, unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof at;
	int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* Who reaches this line can do what this process can do. */
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) || bind(s, (struct sockaddr *)&at, sizeof at) ||
	    listen(s, 1) || getsockname(s, (struct sockaddr *)&at, &len))
		return complain(where, errno);
	dprintf(STDERR_FILENO, "dragoman: waiting for GDB on port %u\n", (unsigned)ntohs(at.sin_port));
	return take_one(s, where);
}

static int open_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, s;

	if (strlen(path) >= sizeof at.sun_path)
		return complain(path, ENAMETOOLONG);
	strcpy(at.sun_path, path);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, 1))
		return complain(path, errno);
	dprintf(STDERR_FILENO, "dragoman: waiting for GDB at %s\n", path);
	fd = take_one(s, path);
	unlink(path);
	return fd;
}

/* The program reads nothing and writes to standard error. */
static int open_stdio(void)
{
	int none = open("/dev/null", O_RDONLY | O_CLOEXEC);

	line.in = move_away(STDIN_FILENO);
	line.out = move_away(STDOUT_FILENO);
	if (none < 0 || line.in < 0 || line.out < 0 || dup2(none, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return complain("stdio", errno);
	close(none);
	return line.in;
}

int gdb_line_open(const char *where)
{
	char *end;
	unsigned long port = strtoul(where, &end, 10);
	int fd;

	if (!strcmp(where, "stdio"))
		return open_stdio();
	if (!strncmp(where, "unix:", 5))
		fd = open_unix(where + 5);
	else if (*where >= '0' && *where <= '9' && !*end && port <= 65535)
		fd = open_port(where, (unsigned)port);
	else
		return complain(where, EINVAL);
	if (fd < 0)
		return -1;
	line.in = move_away(fd);
	line.out = line.in;
	if (line.in >= 0)
		close(fd);
	else
		line.in = line.out = fd;
	return line.in;
}

/* A line that is gone is noticed by who reads. */
static void send_all(void *ud, const void *bytes, size_t n)
{
	const char *p = bytes;
	ssize_t done = 0;

	while (n) {
		done = send(line.out, p, n, MSG_NOSIGNAL);
		if (done < 0 && errno == ENOTSOCK)
			done = write(line.out, p, n);
		if (done < 0 && errno != EINTR)
			return;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
}

static void *read_line(void *arg)
{
	char buf[4096];
	ssize_t n;

	do {
		n = read(line.in, buf, sizeof buf);
		if (n > 0)
			dgm_linux_gdb_feed(line.guest, buf, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	dgm_linux_gdb_feed(line.guest, NULL, 0);
	return NULL;
}

dgm_status gdb_line_start(dgm_linux *lx, int fd)
{
	dgm_status st = dgm_linux_gdb(lx, send_all, NULL);
	sigset_t all, old;
	pthread_t reader;
	int e;

	if (st)
		return st;
	line.guest = lx;
	line.in = fd;
	/* Signals are the guest's threads' business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&reader, NULL, read_line, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e) {
		complain("cannot start a thread", e);
		return DGM_E_OS;
	}
	pthread_detach(reader);
	return DGM_OK;
}
