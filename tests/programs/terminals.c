/* Pseudo-terminals: names, modes, sizes, editing of lines, the signals that characters and sizes send.
 * @without hot
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t resized, interrupted;

static void on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		interrupted = 1;
}

static void show(const char *what, int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t)) {
		printf("%s: no terminal\n", what);
		return;
	}
	printf("%s: icrnl %d opost %d cs8 %d echo %d icanon %d isig %d intr %d eof %d min %d speed %d\n", what, !!(t.c_iflag & ICRNL),
	       !!(t.c_oflag & OPOST), (t.c_cflag & CSIZE) == CS8, !!(t.c_lflag & ECHO), !!(t.c_lflag & ICANON), !!(t.c_lflag & ISIG),
	       t.c_cc[VINTR], t.c_cc[VEOF], t.c_cc[VMIN], cfgetospeed(&t) == B38400);
}

/* What arrives within a moment. */
static void get(const char *what, int fd)
{
	struct pollfd p = { fd, POLLIN };
	char buf[200];
	ssize_t n = poll(&p, 1, 3000) == 1 ? read(fd, buf, sizeof buf) : -1;

	printf("%s: %zd", what, n);
	for (ssize_t i = 0; i < n; i++)
		printf(" %02x", (unsigned char)buf[i]);
	printf("\n");
}

static void modes(int master, int slave)
{
	struct termios t;

	show("fresh", slave);
	write(master, "abX\177c\r", 6);
	get("line", slave);
	get("echo", master);
	tcgetattr(slave, &t);
	t.c_lflag &= ~(unsigned)(ECHO | ICANON);
	t.c_cc[VMIN] = 1;
	t.c_cc[VINTR] = 'q';
	printf("set %d\n", tcsetattr(slave, TCSANOW, &t));
	show("changed", slave);
	write(master, "x", 1);
	get("one", slave);
	cfmakeraw(&t);
	tcsetattr(slave, TCSADRAIN, &t);
	show("raw", slave);
	write(slave, "\n", 1);
	get("as it is", master);
}

static int child(int ready)
{
	struct winsize w;
	struct pollfd none;

	signal(SIGWINCH, on_signal);
	signal(SIGINT, on_signal);
	write(ready, "r", 1);
	for (int i = 0; i < 500 && !(resized && interrupted); i++)
		poll(&none, 0, 10);
	ioctl(0, TIOCGWINSZ, &w);
	return resized && interrupted && w.ws_row == 11 && w.ws_col == 22 && tcgetpgrp(0) == getpid() ? 42 : 1;
}

int main(void)
{
	struct winsize w = { 25, 80, 0, 0 }, got;
	int master, slave, status, ready[2];
	char name[64], c;
	pid_t pid;

	printf("pty %d\n", openpty(&master, &slave, name, NULL, &w));
	printf("name %d same %d tty %d %d\n", !strncmp(name, "/dev/pts/", 9), !strcmp(name, ttyname(slave)), isatty(slave),
	       isatty(ready[0] = open("/dev/null", O_RDONLY)));
	show("null", ready[0]);
	ioctl(slave, TIOCGWINSZ, &got);
	printf("size %d %d\n", got.ws_row, got.ws_col);
	modes(master, slave);
	pipe(ready);
	pid = forkpty(&master, NULL, NULL, &w);
	if (!pid)
		_exit(child(ready[1]));
	read(ready[0], &c, 1);
	w.ws_row = 11;
	w.ws_col = 22;
	ioctl(master, TIOCSWINSZ, &w);
	write(master, "\003", 1);
	waitpid(pid, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 0;
}
