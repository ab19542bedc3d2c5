/*
 * Carries out calls on names, one a line of standard input, and prints what came of each: for root.py and sandbox.py.
 * A line: the call, a name, and another name or nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static int dir = AT_FDCWD;
static char **arguments;

/* A file's first word. */
static int show(int fd)
{
	char text[64] = "";

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof text - 1) < 0)
		strcpy(text, "a folder");
	text[strcspn(text, " \n")] = 0;
	printf("%s ", text[0] ? text : "empty");
	return close(fd);
}

static int do_stat(const char *a, int flags)
{
	struct stat s;
	struct statx sx;
	int r = fstatat(dir, a, &s, flags), rx = statx(dir, a, flags, STATX_BASIC_STATS, &sx);

	if (r != rx)
		printf("statx differs ");
	if (!r)
		printf("%s ", S_ISLNK(s.st_mode) ? "link" : S_ISDIR(s.st_mode) ? "folder" : "file");
	return r;
}

static int do_readlink(const char *a)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dir, a, text, sizeof text);

	if (n >= 0)
		printf("%.*s ", (int)n, text);
	return n < 0 ? -1 : 0;
}

static int do_getcwd(void)
{
	char text[PATH_MAX];

	printf("%s ", getcwd(text, sizeof text) ? text : "?");
	return 0;
}

static int do_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), r = connect(fd, (struct sockaddr *)&to, sizeof to);

	close(fd);
	return r;
}

static struct sockaddr_un local(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strncpy(at.sun_path, name, sizeof at.sun_path - 1);
	return at;
}

/* Stays open for those who connect. */
static int do_listen(const char *name)
{
	struct sockaddr_un at = local(name), got;
	socklen_t len = sizeof got;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 5) || getsockname(fd, (struct sockaddr *)&got, &len))
		return -1;
	printf("%s %d ", got.sun_path, len == offsetof(struct sockaddr_un, sun_path) + strlen(got.sun_path) + 1);
	return 0;
}

static int do_reach(const char *name)
{
	struct sockaddr_un at = local(name), got;
	socklen_t len = sizeof got;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&at, sizeof at) || getpeername(fd, (struct sockaddr *)&got, &len))
		return -1;
	printf("%s ", got.sun_path);
	return 0;
}

/* By a status, or by a signal to itself. */
static int end(const char *how)
{
	if (!strcmp(how, "exit")) {
		puts("7");
		exit(7);
	}
	if (!strcmp(how, "signal")) {
		puts("15");
		return raise(SIGTERM);
	}
	puts("");
	exit(0);
}

static int show_arguments(void)
{
	for (char **p = arguments; *p; p++)
		printf("%s ", *p);
	return 0;
}

/* Whether a link, of the kernel's, says what it says elsewhere. */
static int same(const char *link, const char *there)
{
	char text[PATH_MAX] = "";
	ssize_t n = readlink(link, text, sizeof text - 1);

	printf("%s ", strcmp(text, there) ? "no" : "yes");
	return n < 0 ? -1 : 0;
}

/* As `make`, by the newer call. */
static int make_how(const char *a)
{
	struct open_how how = { .flags = O_WRONLY | O_CREAT | O_EXCL, .mode = 0600 };
	int fd = (int)syscall(SYS_openat2, dir, a, &how, sizeof how);

	return fd < 0 ? -1 : close(fd);
}

static int call(const char *name, const char *a, const char *b)
{
	char text[PATH_MAX];
	struct statfs fs;
	int fd;

	if (!strcmp(name, "open"))
		return show(openat(dir, a, O_RDONLY));
	if (!strcmp(name, "make"))
		return (fd = openat(dir, a, O_WRONLY | O_CREAT | O_EXCL, 0600)) < 0 ? -1 : close(fd);
	if (!strcmp(name, "make-how"))
		return make_how(a);
	if (!strcmp(name, "stat"))
		return do_stat(a, 0);
	if (!strcmp(name, "lstat"))
		return do_stat(a, AT_SYMLINK_NOFOLLOW);
	if (!strcmp(name, "access"))
		return faccessat(dir, a, R_OK, 0);
	if (!strcmp(name, "readlink"))
		return do_readlink(a);
	if (!strcmp(name, "realpath"))
		return realpath(a, text) ? printf("%s ", text), 0 : -1;
	if (!strcmp(name, "chmod"))
		return fchmodat(dir, a, 0640, 0);
	if (!strcmp(name, "chdir"))
		return chdir(a);
	if (!strcmp(name, "getcwd"))
		return do_getcwd();
	if (!strcmp(name, "dir"))
		return dir = open(a, O_RDONLY | O_DIRECTORY), dir < 0 ? -1 : 0;
	if (!strcmp(name, "nodir"))
		return close(dir), dir = AT_FDCWD, 0;
	if (!strcmp(name, "rename"))
		return renameat(dir, a, dir, b);
	if (!strcmp(name, "link"))
		return linkat(dir, a, dir, b, AT_SYMLINK_FOLLOW);
	if (!strcmp(name, "symlink"))
		return symlinkat(a, dir, b);
	if (!strcmp(name, "unlink"))
		return unlinkat(dir, a, 0);
	if (!strcmp(name, "mkdir"))
		return mkdirat(dir, a, 0700);
	if (!strcmp(name, "truncate"))
		return truncate(a, 3);
	if (!strcmp(name, "utime"))
		return utimensat(dir, a, NULL, 0);
	if (!strcmp(name, "statfs"))
		return statfs(a, &fs);
	if (!strcmp(name, "xattr"))
		return listxattr(a, NULL, 0) < 0 ? -1 : 0;
	if (!strcmp(name, "exec"))
		return execl(a, a, (char *)NULL);
	if (!strcmp(name, "chroot"))
		return chroot(a);
	if (!strcmp(name, "connect"))
		return do_connect();
	if (!strcmp(name, "listen"))
		return do_listen(a);
	if (!strcmp(name, "reach"))
		return do_reach(a);
	if (!strcmp(name, "kill"))
		return kill(atoi(a), 0);
	if (!strcmp(name, "end"))
		return end(a);
	if (!strcmp(name, "same"))
		return same(a, b);
	if (!strcmp(name, "privileges"))
		return printf("%d ", !prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), 0;
	if (!strcmp(name, "arguments"))
		return show_arguments();
	errno = ENOSYS;
	return -1;
}

int main(int argc, char **argv)
{
	char line[2 * PATH_MAX], name[32], a[PATH_MAX], b[PATH_MAX];

	arguments = argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof line, stdin)) {
		int r;

		a[0] = b[0] = 0;
		sscanf(line, "%31s %s %s", name, a, b);
		r = call(name, a, b);
		puts(r ? strerrorname_np(errno) : "ok");
	}
	return 0;
}
