/* Services that few programs use: inotify, attributes of files, clone3, execveat, scripts that this program interprets, several
 * messages at once, what /proc tells of the process.
 * @without hot
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char folder[] = "/tmp/dragoman-services-XXXXXX", self[4096];

static void watching(void)
{
	union { struct inotify_event e; char raw[4096]; } b;
	int fd = inotify_init1(IN_CLOEXEC), w = inotify_add_watch(fd, folder, IN_CREATE | IN_DELETE | IN_MOVED_FROM);
	ssize_t n;

	close(open("one", O_CREAT | O_WRONLY, 0600));
	mkdir("two", 0700);
	rename("one", "three");
	rmdir("two");
	n = read(fd, &b, sizeof b);
	for (char *p = b.raw; p < b.raw + n;) {
		struct inotify_event *e = (struct inotify_event *)p;

		printf("event %d %x %s\n", e->wd == w, e->mask, e->name);
		p += sizeof *e + e->len;
	}
	printf("away %d\n", inotify_rm_watch(fd, w));
}

static void attributes(void)
{
	char text[32] = "";
	int r = setxattr("three", "user.colour", "blue", 4, XATTR_CREATE);

	printf("set %s\n", r ? strerror(errno) : "ok");
	printf("get %zd %s\n", getxattr("three", "user.colour", text, sizeof text), text);
	printf("again %d\n", setxattr("three", "user.colour", "red", 3, XATTR_CREATE));
	printf("list %zd", listxattr("three", NULL, 0));
	printf(" removed %d\n", removexattr("three", "user.colour"));
}

static void cloning(void)
{
	int pidfd = -1, status, tid = 0;
	struct clone_args a = { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (uintptr_t)&pidfd,
				.parent_tid = (uintptr_t)&tid, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &a, sizeof a);
	struct pollfd p = { pidfd, POLLIN };

	if (!pid)
		_exit(7);
	printf("clone3 %d %d", pid > 0, tid == pid);
	printf(" ends %d", poll(&p, 1, 10000));
	printf(" %d", waitpid(pid, &status, 0) == pid);
	printf(" %d\n", WEXITSTATUS(status));
	a.flags = CLONE_SIGHAND;
	printf("wrong %ld", syscall(SYS_clone3, &a, sizeof a));
	printf(" short %ld\n", syscall(SYS_clone3, &a, 8));
}

static void executing(void)
{
	char *argv[] = { "by descriptor", "executed", NULL }, *envp[] = { "A=b", NULL };
	FILE *f = fopen("script", "w");
	int fd = open(self, O_RDONLY), status;

	fprintf(f, "#!%s scripted\nnever read\n", self);
	fclose(f);
	chmod("script", 0700);
	fflush(stdout);
	if (!fork())
		_exit(syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH) ? 100 : 0);
	wait(&status);
	printf("execveat %d\n", WEXITSTATUS(status));
	fflush(stdout);
	if (!fork())
		_exit(execl("./script", "script", "more", (char *)NULL) ? 100 : 0);
	wait(&status);
	printf("script %d\n", WEXITSTATUS(status));
}

static void messages(void)
{
	struct iovec out[2] = { { "ab", 2 }, { "cde", 3 } }, in[2];
	struct mmsghdr s[2] = { { .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } }, { .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } } };
	struct mmsghdr r[2] = { 0 };
	char text[2][8] = { "" };
	int pair[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	printf("sent %d", sendmmsg(pair[0], s, 2, 0));
	for (int i = 0; i < 2; i++) {
		in[i] = (struct iovec){ text[i], sizeof text[i] };
		r[i].msg_hdr.msg_iov = &in[i];
		r[i].msg_hdr.msg_iovlen = 1;
	}
	printf(" got %d", recvmmsg(pair[1], r, 2, 0, NULL));
	printf(" %u %s %u %s\n", r[0].msg_len, text[0], r[1].msg_len, text[1]);
}

/* A file of /proc/self; its length. */
static size_t proc(const char *name, void *buf, size_t size)
{
	char path[64];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/self/%s", name);
	f = fopen(path, "r");
	n = f ? fread(buf, 1, size, f) : 0;
	if (f)
		fclose(f);
	return n;
}

static void about(char **argv)
{
	unsigned long aux[100] = { 0 };
	char text[4096] = "", *name = strrchr(self, '/') + 1, want[64];
	size_t n = proc("auxv", aux, sizeof aux), page = 0;

	for (size_t i = 0; i + 1 < n / sizeof aux[0]; i += 2)
		page += aux[i] == AT_PAGESZ ? aux[i + 1] : 0;
	printf("page %d\n", page == (size_t)sysconf(_SC_PAGESIZE));
	n = proc("cmdline", text, sizeof text);
	printf("cmdline %d %d\n", n == strlen(argv[0]) + 1, !strcmp(text, argv[0]));
	memset(text, 0, sizeof text);
	proc("stat", text, sizeof text - 1);
	snprintf(want, sizeof want, "%d (%.15s) R %d ", getpid(), name, getppid());
	printf("stat %d membarrier %d\n", !strncmp(text, want, strlen(want)), syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) > 0);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		printf("%s %s", argv[1], argv[argc - 1]);
		printf(" %s\n", getenv("A") ? getenv("A") : "-");
		return argc;
	}
	self[readlink("/proc/self/exe", self, sizeof self - 1)] = 0;
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	watching();
	attributes();
	cloning();
	executing();
	messages();
	unlink("three");
	unlink("script");
	rmdir(folder);
	about(argv);
	return 0;
}
