/* poll, select, pselect and epoll; eventfd, timerfd, signalfd where they are plain descriptors.
 * @without hot
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static void use_poll(int r, int w)
{
	struct pollfd f[3] = { { r, POLLIN, 0 }, { w, POLLOUT, 0 }, { 999, POLLIN, 0 } };
	int n = poll(f, 3, 0);

	printf("poll %d %x %x %x\n", n, f[0].revents, f[1].revents, f[2].revents);
	n = poll(f, 1, 10);
	printf("poll %d\n", n);
}

static void use_select(int r, int w)
{
	fd_set in, out;
	struct timeval none = { 0, 20000 };
	struct timespec some = { 0, 1000000 };
	sigset_t mask;
	int n;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(r, &in);
	FD_SET(w, &out);
	n = select((r > w ? r : w) + 1, &in, &out, NULL, &none);
	printf("select %d %d %d\n", n, FD_ISSET(r, &in) != 0, FD_ISSET(w, &out) != 0);
	FD_ZERO(&in);
	FD_SET(r, &in);
	sigemptyset(&mask);
	n = pselect(r + 1, &in, NULL, NULL, &some, &mask);
	printf("pselect %d\n", n);
}

static void use_epoll(int r, int w, int ev, int timer)
{
	struct epoll_event e = { .events = EPOLLIN }, got[4];
	const int fd[] = { r, ev, timer };
	uint64_t value = 0, sum = 0;
	int ep = epoll_create1(EPOLL_CLOEXEC), n;

	for (int i = 0; i < 3; i++) {
		e.data.u64 = 0x100000001ull * (unsigned)(i + 1);
		printf("add %d\n", epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e));
	}
	n = epoll_ctl(ep, EPOLL_CTL_ADD, r, &e);
	printf("add %d %s\n", n, strerror(errno));
	n = epoll_wait(ep, got, 4, 2000);
	printf("timer %d %d %llx\n", n, got[0].events == EPOLLIN, (unsigned long long)got[0].data.u64);
	n = (int)read(timer, &value, sizeof value);
	printf("%d %d\n", n, value >= 1);
	value = 41;
	n = (int)write(ev, &value, sizeof value) + (int)write(w, "x", 1);
	n = epoll_wait(ep, got, 4, 1000);
	for (int i = 0; i < n; i++)
		sum += got[i].data.u64;
	printf("%d %llx\n", n, (unsigned long long)sum);
	n = (int)read(ev, &value, sizeof value);
	printf("%d %llu\n", n, (unsigned long long)value);
	printf("del %d\n", epoll_ctl(ep, EPOLL_CTL_DEL, r, NULL));
	printf("none %d\n", epoll_wait(ep, got, 4, 0));
	close(ep);
}

int main(void)
{
	struct itimerspec when = { { 0, 0 }, { 0, 10000000 } };
	int p[2], ev = eventfd(1, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t value;

	if (pipe(p) || ev < 0 || timer < 0)
		return 1;
	use_poll(p[0], p[1]);
	use_select(p[0], p[1]);
	printf("%zd\n", read(ev, &value, sizeof value));
	printf("%d\n", timerfd_settime(timer, 0, &when, NULL));
	use_epoll(p[0], p[1], ev, timer);
	use_poll(p[0], p[1]);
	return 0;
}
