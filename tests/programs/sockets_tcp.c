/* TCP on the loopback: names, options, accept, shutdown, sendmsg, peeking, refused connections.
 * @without hot
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(const char *what, int good)
{
	printf("%s", what);
	printf(" %s\n", good ? "ok" : strerror(errno));
}

static int client(const struct sockaddr_in *to)
{
	char buf[20000];
	struct iovec v[2] = { { "part one,", 9 }, { "part two", 8 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s < 0 || connect(s, (const struct sockaddr *)to, sizeof *to))
		return 1;
	if (sendmsg(s, &m, 0) != 17)
		return 2;
	memset(buf, 'z', sizeof buf);
	for (int i = 0; i < 10; i++)
		if (write(s, buf, sizeof buf) != (ssize_t)sizeof buf)
			return 3;
	shutdown(s, SHUT_WR);
	return read(s, buf, sizeof buf) == 4 && memcmp(buf, "bye\n", 4) == 0 ? 0 : 4;
}

static long drain(int s)
{
	char buf[3000];
	long total = 0;
	ssize_t n;

	while ((n = recv(s, buf, sizeof buf, 0)) > 0)
		total += n;
	return total;
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET }, peer;
	socklen_t len = sizeof addr;
	int on = 1, value = 0, status, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), c;
	char buf[32] = "", text[INET_ADDRSTRLEN];
	struct timeval wait_for = { 3, 500000 };

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check("reuse", setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
	check("bind", bind(s, (struct sockaddr *)&addr, sizeof addr) == 0);
	check("name", getsockname(s, (struct sockaddr *)&addr, &len) == 0 && addr.sin_port);
	check("listen", listen(s, 4) == 0);
	fflush(stdout);
	if (fork() == 0)
		_exit(client(&addr));
	len = sizeof peer;
	c = accept4(s, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
	check("accept", c >= 0 && len == sizeof peer && peer.sin_family == AF_INET);
	printf("%s\n", inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text));
	check("peek", recv(c, buf, 8, MSG_PEEK | MSG_WAITALL) == 8 && strcmp(buf, "part one") == 0);
	check("nodelay", setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
	len = sizeof value;
	check("get", getsockopt(c, IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0 && value && len == sizeof value);
	check("timeout", setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &wait_for, sizeof wait_for) == 0);
	memset(&wait_for, 0, sizeof wait_for);
	len = sizeof wait_for;
	check("timeout", getsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &wait_for, &len) == 0 && wait_for.tv_sec == 3);
	printf("%ld\n", drain(c));
	check("send", send(c, "bye\n", 4, MSG_NOSIGNAL) == 4);
	wait(&status);
	printf("%d\n", WEXITSTATUS(status));
	close(c);
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	value = connect(s, (struct sockaddr *)&addr, sizeof addr);
	printf("%d %s\n", value, strerror(errno));
	value = socket(AF_INET, 99, 0);
	printf("%d %s\n", value, strerror(errno));
	return 0;
}
