/* Calls that are refused as a kernel without them does, so that programs do without; and identities that do not change.
 * @reference self
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;

static void expect(const char *what, long got, long want)
{
	if (got == want)
		return;
	printf("%s: %ld, not %ld\n", what, got, want);
	failures++;
}

static void refused(const char *what, long result)
{
	expect(what, result, -1);
	expect(what, errno, ENOSYS);
	errno = 0;
}

int main(void)
{
	char area[256] = { 0 };

	refused("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	refused("ptrace attach", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
#ifdef SYS_rseq
	refused("rseq", syscall(SYS_rseq, area, 32, 0, 0x53053053));
#endif
#ifdef SYS_io_uring_setup
	refused("io_uring_setup", syscall(SYS_io_uring_setup, 8, area));
#endif
	refused("a call of no kernel", syscall(4000));
	int was = personality(0xffffffff);
	expect("personality", was & 0xff, PER_LINUX);
	expect("the same once more", personality((unsigned long)was), was);
	expect("setuid", setuid(getuid()), 0);
	expect("setgid", setgid(getgid()), 0);
	expect("setresuid", setresuid((uid_t)-1, geteuid(), (uid_t)-1), 0);
	return failures != 0;
}
