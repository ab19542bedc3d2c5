/* Unix sockets: passing of descriptors and credentials, abstract names, packets, getpeername.
 * @without hot
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(2 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

static ssize_t send_pair(int via, const int fd[2])
{
	union control c = { 0 };
	struct iovec v = { "fds", 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = c.room,
			    .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(h), fd, 2 * sizeof(int));
	return sendmsg(via, &m, 0);
}

static int receive_pair(int via, int fd[2])
{
	union control c = { 0 };
	char buf[8];
	struct iovec v = { buf, sizeof buf };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof c.room };
	int found = 0;

	if (recvmsg(via, &m, 0) != 3)
		return -1;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
			memcpy(fd, CMSG_DATA(h), 2 * sizeof(int));
			found |= 1;
		} else if (h->cmsg_type == SCM_CREDENTIALS) {
			struct ucred u;

			memcpy(&u, CMSG_DATA(h), sizeof u);
			found |= u.uid == getuid() && u.pid > 0 ? 2 : 4;
		}
	}
	return found;
}

/* A name that fills its place, without an end. */
static int long_name(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[sizeof addr.sun_path + 1];
	int s = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0), r;

	snprintf(name, sizeof name, "/tmp/dgm-%0*d", (int)sizeof addr.sun_path - 9, (int)getpid());
	memcpy(addr.sun_path, name, sizeof addr.sun_path);
	r = bind(s, (struct sockaddr *)&addr, sizeof addr) || listen(s, 1) || connect(c, (struct sockaddr *)&addr, sizeof addr);
	return r ? -1 : unlink(name);
}

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int pair[2], p[2], got[2] = { -1, -1 }, on = 1, s, c, n, status;
	char buf[16] = "";

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) || pipe(p))
		return 1;
	setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	printf("%zd\n", send_pair(pair[0], p));
	printf("%d\n", receive_pair(pair[1], got));
	printf("%zd\n", write(got[1], "through", 7));
	printf("%zd\n", read(p[0], buf, sizeof buf));
	printf("%s\n", buf);
	n = snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1, "dgm-test-%d", (int)getpid());
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	n = bind(s, (struct sockaddr *)&addr, len);
	printf("%d\n", n ? n : listen(s, 1));
	fflush(stdout);
	if (fork() == 0) {
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		_exit(connect(c, (struct sockaddr *)&addr, len) || write(c, "hi", 2) != 2);
	}
	c = accept(s, NULL, NULL);
	len = sizeof addr;
	n = getsockname(c, (struct sockaddr *)&addr, &len);
	printf("%d %.8s\n", n, addr.sun_path + 1);
	printf("%zd\n", read(c, buf, sizeof buf));
	wait(&status);
	printf("%d\n", WEXITSTATUS(status));
	printf("%d\n", long_name());
	return 0;
}
