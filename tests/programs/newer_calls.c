/* Calls that came late: attributes of scheduling, clocks that are adjusted, descriptors of other processes, memory given to pipes.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t least, most;
};

static void show(const char *what, long r)
{
	printf("%s %s\n", what, r < 0 ? strerror(errno) : "ok");
}

static void scheduling(void)
{
	struct attr a = { 0 }, b = { .size = sizeof b, .nice = 7 };
	struct attr big[3] = { { .size = sizeof big } };

	show("get", syscall(SYS_sched_getattr, 0, &a, sizeof a, 0));
	printf("%u %u %d\n", a.size, a.policy, a.nice);
	show("set", syscall(SYS_sched_setattr, 0, &b, 0));
	show("get", syscall(SYS_sched_getattr, 0, &a, 48, 0));
	printf("%u %d %d\n", a.size, a.nice, nice(0));
	show("too small", syscall(SYS_sched_getattr, 0, &a, 20, 0));
	show("larger", syscall(SYS_sched_setattr, 0, big, 0));
	big[2].most = 1;
	show("too large", syscall(SYS_sched_setattr, 0, big, 0));
	printf("%u\n", big[0].size);
}

static void clocks(void)
{
	struct timex t = { 0 };
	int r = adjtimex(&t);

	printf("adjtimex %d %d %ld", r >= 0, t.time.tv_sec > 1600000000, (long)t.tick);
	memset(&t, 0, sizeof t);
	r = clock_adjtime(CLOCK_REALTIME, &t);
	printf(" %d %d %ld\n", r >= 0, t.time.tv_sec > 1600000000, (long)t.tick);
	show("no such clock", clock_adjtime(77, &t));
}

static void descriptors(void)
{
	int p[2], fd, me = syscall(SYS_pidfd_open, getpid(), 0), n;
	char text[10] = "abcdefghi";
	struct iovec v[2] = { { text, 3 }, { text + 6, 2 } };

	pipe(p);
	show("vmsplice", n = syscall(SYS_vmsplice, p[1], v, 2, 0));
	fd = syscall(SYS_pidfd_getfd, me, p[0], 0);
	show("getfd", fd);
	memset(text, 0, sizeof text);
	printf("%d %zd", n, read(fd, text, sizeof text));
	printf(" %s %d\n", text, fcntl(fd, F_GETFD));
	show("getfd of none", syscall(SYS_pidfd_getfd, me, 999, 0));
	show("vmsplice to none", syscall(SYS_vmsplice, 999, v, 2, 0));
	show("setns", syscall(SYS_setns, p[0], 0));
	show("mrelease", syscall(SYS_process_mrelease, me, 0));
}

int main(void)
{
	scheduling();
	clocks();
	descriptors();
	return 0;
}
