/*
 * A guest without a C library that makes the system calls for which a Linux machine takes memory, one after the other. Ends with 0
 * where all went well, with 12 where one was refused for want of memory, with the number of the step where anything else came out.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

typedef unsigned long word;

#if defined(__powerpc__)
static long call(word nr, word a, word b, word c, word d, word e)
{
	register word r0 __asm__("r0") = nr, r3 __asm__("r3") = a, r4 __asm__("r4") = b, r5 __asm__("r5") = c, r6 __asm__("r6") = d,
		      r7 __asm__("r7") = e;

	__asm__ volatile("sc\n\tbns+ 1f\n\tneg 3,3\n1:" : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
			 : : "memory", "cr0", "r8", "r9", "r10", "r11", "r12", "ctr");
	return (long)r3;
}
#elif defined(__aarch64__)
static long call(word nr, word a, word b, word c, word d, word e)
{
	register word x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
		      x4 __asm__("x4") = e, x5 __asm__("x5") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return (long)x0;
}
#else
static long call(word nr, word a, word b, word c, word d, word e)
{
	register word r7 __asm__("r7") = nr, r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c, r3 __asm__("r3") = d,
		      r4 __asm__("r4") = e, r5 __asm__("r5") = 0;

	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
	return (long)r0;
}
#endif

static word step, starved;

static void finish(word status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0, 0, 0);
}

/* What a call has answered; -1 where it was refused: for want of memory, or since this host or container has no such thing. */
static long try(long r)
{
	step++;
	if (r >= 0)
		return r;
	if (r == -ENOSYS || r == -EPERM || r == -EACCES || r == -EAFNOSUPPORT)
		return -1;
	if (r != -ENOMEM && r != -EAGAIN)
		finish(100 + step);
	starved = ENOMEM;
	return -1;
}

static char buffer[8192];
static struct pollfd polled[300];
static char *const no_list[] = { "one", "two", 0 };

static void files(void)
{
	long fd = try(call(SYS_openat, AT_FDCWD, (word)"/", O_RDONLY | O_DIRECTORY, 0, 0)), maps;

	if (fd >= 0) {
		try(call(SYS_getdents64, fd, (word)buffer, sizeof buffer, 0, 0));
		call(SYS_close, fd, 0, 0, 0, 0);
	}
	maps = try(call(SYS_openat, AT_FDCWD, (word)"/proc/self/maps", O_RDONLY, 0, 0));
	if (maps >= 0) {
		try(call(SYS_read, maps, (word)buffer, sizeof buffer, 0, 0));
		try(call(SYS_dup3, maps, 500, 0, 0, 0));
		call(SYS_close, 500, 0, 0, 0, 0);
		call(SYS_close, maps, 0, 0, 0, 0);
	}
	try(call(SYS_readlinkat, AT_FDCWD, (word)"/proc/self/exe", (word)buffer, sizeof buffer, 0));
}

static void waits(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int pair[2];
	long ep = try(call(SYS_epoll_create1, 0, 0, 0, 0, 0));
	static fd_set set;
	static word nothing[4];

	for (unsigned i = 0; i < 300; i++)
		polled[i].fd = -1;
	try(call(SYS_ppoll, (word)polled, 300, (word)nothing, 0, 8));
	try(call(SYS_pselect6, 1000, (word)&set, 0, 0, (word)nothing));
	if (ep < 0 || try(call(SYS_pipe2, (word)pair, 0, 0, 0, 0)) < 0)
		return;
	try(call(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, pair[0], (word)&event, 0));
	try(call(SYS_epoll_pwait, ep, (word)buffer, 300, 0, 0));
	call(SYS_close, pair[0], 0, 0, 0, 0);
	call(SYS_close, pair[1], 0, 0, 0, 0);
	call(SYS_close, ep, 0, 0, 0, 0);
}

static void messages(void)
{
	static struct {
		struct nlmsghdr h;
		char family[4];
	} ask = { { .nlmsg_len = sizeof ask, .nlmsg_type = 18, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP }, "" };
	static struct iovec piece = { buffer, 5 };
	static struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
	int pair[2];
	long fd;

	if (!try(call(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, (word)pair, 0))) {
		if (try(call(SYS_sendmsg, pair[0], (word)&m, 0, 0, 0)) >= 0)
			try(call(SYS_recvmsg, pair[1], (word)&m, 0, 0, 0));
		call(SYS_close, pair[0], 0, 0, 0, 0);
		call(SYS_close, pair[1], 0, 0, 0, 0);
	}
	fd = try(call(SYS_socket, AF_NETLINK, SOCK_RAW, 0, 0, 0));
	if (fd < 0)
		return;
	if (try(call(SYS_sendto, fd, (word)&ask, sizeof ask, 0, 0)) >= 0)
		call(SYS_recvfrom, fd, (word)buffer, sizeof buffer, MSG_DONTWAIT, 0);
	call(SYS_close, fd, 0, 0, 0, 0);
}

static void shared(void)
{
	long id = try(call(SYS_shmget, IPC_PRIVATE, 4096, 0600, 0, 0)), at, queue;
	static word text[4] = { 1 };

	if (id >= 0) {
		at = call(SYS_shmat, id, 0, 0, 0, 0);
		try((word)at > -4096ul ? at : 0);
		if ((word)at <= -4096ul)
			try(call(SYS_shmdt, at, 0, 0, 0, 0));
		call(SYS_shmctl, id, IPC_RMID, 0, 0, 0);
	}
	queue = try(call(SYS_msgget, IPC_PRIVATE, 0600, 0, 0, 0));
	if (queue < 0)
		return;
	if (!try(call(SYS_msgsnd, queue, (word)text, 4, IPC_NOWAIT, 0)))
		try(call(SYS_msgrcv, queue, (word)text, 4, 0, IPC_NOWAIT));
	call(SYS_msgctl, queue, IPC_RMID, 0, 0, 0);
}

/* Every second page of many, so that the list of mappings grows. */
static void mappings(void)
{
#if defined(__NR_mmap2)
	long at = call(SYS_mmap2, 0, 64 * 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
#else
	long at = call(SYS_mmap, 0, 64 * 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
#endif

	try((word)at > -4096ul ? at : 0);
	for (unsigned i = 0; i < 64 && (word)at <= -4096ul; i += 2)
		try(call(SYS_munmap, at + i * 65536, 65536, 0, 0, 0));
}

void _start(void);
void _start(void)
{
	long r;

	files();
	waits();
	messages();
	shared();
	mappings();
	step = 90;
	r = call(SYS_execve, (word)"/proc/version", (word)no_list, (word)no_list, 0, 0);
	try(r);
	finish(starved);
}
