/* UDP on the loopback: sendto, recvfrom, truncation, connected sockets, recvmmsg.
 * @without hot
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound(struct sockaddr_in *addr)
{
	socklen_t len = sizeof *addr;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	memset(addr, 0, sizeof *addr);
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s < 0 || bind(s, (struct sockaddr *)addr, sizeof *addr) || getsockname(s, (struct sockaddr *)addr, &len))
		return -1;
	return s;
}

int main(void)
{
	struct sockaddr_in a, b, from;
	socklen_t len = sizeof from;
	char buf[16] = "", first[8], second[8];
	struct iovec v = { buf, 6 }, v1 = { first, sizeof first }, v2 = { second, sizeof second };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1 };
	struct mmsghdr mm[2] = { { .msg_hdr = { .msg_iov = &v1, .msg_iovlen = 1 } },
				 { .msg_hdr = { .msg_iov = &v2, .msg_iovlen = 1 } } };
	int s = bound(&a), t = bound(&b);
	ssize_t n;

	if (s < 0 || t < 0)
		return 1;
	n = sendto(s, "datagram", 8, 0, (struct sockaddr *)&b, sizeof b);
	printf("%zd\n", n);
	n = recvfrom(t, buf, sizeof buf, 0, (struct sockaddr *)&from, &len);
	printf("%zd %s %d %d\n", n, buf, from.sin_port == a.sin_port, len == sizeof from);
	n = sendto(s, "longer than six", 15, 0, (struct sockaddr *)&b, sizeof b);
	n = recvmsg(t, &m, 0);
	printf("%zd %.6s %d %d\n", n, buf, !!(m.msg_flags & MSG_TRUNC), from.sin_port == a.sin_port);
	if (connect(t, (struct sockaddr *)&a, sizeof a))
		return 2;
	n = send(t, "one", 3, 0) + send(t, "three", 5, 0) + send(t, "", 0, 0);
	printf("%zd\n", n);
	n = recvmmsg(s, mm, 2, MSG_WAITFORONE, NULL);
	printf("%zd %u %.3s %u %.5s\n", n, mm[0].msg_len, first, mm[1].msg_len, second);
	n = recv(s, buf, sizeof buf, MSG_DONTWAIT);
	printf("%zd\n", n);
	n = recv(s, buf, sizeof buf, MSG_DONTWAIT);
	printf("%zd %s\n", n, strerror(errno));
	return 0;
}
