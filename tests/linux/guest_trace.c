/* Calls whose line under --strace is known, see strace.py. */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static uint32_t word = 3;

int main(void)
{
	struct termios t;
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	syscall(SYS_openat, AT_FDCWD, "/no/where", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	syscall(SYS_openat, 77, "name", O_RDONLY | O_DIRECTORY, 0);
	syscall(SYS_write, 99, "a \"line\"\n\1", 10);
	ioctl(98, TCGETS, &t);
	ioctl(98, 0x1234, 5);
	mprotect(p, 4096, PROT_NONE);
	syscall(SYS_futex, &word, 0x80, 2, NULL, NULL, 0);
	kill(getpid(), 0);
	syscall(SYS_kill, 1 << 30, SIGUSR1);
	syscall(1999);
	_exit(3);
}
