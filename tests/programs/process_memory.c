/* process_vm_readv and process_vm_writev: in this process, and in a child, whose memory is known where guests have the host's addresses.
 * @without hot
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char here[64], there[64] = "some text that is long enough";

static void show(const char *what, long r)
{
	printf("%s: ", what);
	if (r < 0)
		printf("%s\n", strerror(errno));
	else
		printf("%ld '%s' '%s'\n", r, here, there);
	memset(here, 0, sizeof here);
}

static void own(pid_t me)
{
	struct iovec a[2] = { { here, 3 }, { here + 4, 6 } }, b[2] = { { there + 5, 4 }, { there, 5 } };
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	show("read", process_vm_readv(me, a, 2, b, 2, 0));
	strcpy(here, "ABCDEFGHIJKLM");
	show("write", process_vm_writev(me, a, 2, b, 2, 0));
	show("read by thread id", process_vm_readv(syscall(SYS_gettid), a, 1, b, 2, 0));
	show("nothing", process_vm_readv(me, a, 0, b, 2, 0));
	show("flags", process_vm_readv(me, a, 2, b, 2, 1));
	show("too many", process_vm_readv(me, a, 2000, b, 2, 0));
	show("bad list", process_vm_readv(me, a, 2, (void *)8, 2, 0));
	show("nobody", process_vm_readv(0x3ffffff0, a, 2, b, 2, 0));
	mprotect(page + 4096, 4096, PROT_NONE);
	b[0] = (struct iovec){ page + 4096, 4 };
	show("bad remote", process_vm_readv(me, a, 2, b, 2, 0));
	mprotect(page, 4096, PROT_READ);
	b[0] = (struct iovec){ page, 4 };
	show("read-only remote", process_vm_writev(me, a, 2, b, 2, 0));
	b[0] = (struct iovec){ there, 3 };
	b[1] = (struct iovec){ page + 4096, 4 };
	show("second remote bad", process_vm_readv(me, a, 2, b, 2, 0));
}

static void child(void)
{
	struct iovec a = { here, 20 }, b = { there, 20 };
	int p[2], q[2];
	pid_t pid;
	long r;
	char c;

	pipe(p);
	pipe(q);
	pid = fork();
	if (!pid) {
		strcpy(there, "the child's own text");
		write(p[1], "", 1);
		read(q[0], &c, 1);
		_exit(there[0] == 'T');
	}
	read(p[0], &c, 1);
	r = process_vm_readv(pid, &a, 1, &b, 1, 0);
	printf("child: %d\n", sizeof(void *) == 8 ? r == 20 && !strcmp(here, "the child's own text") : r == -1 && errno == EPERM);
	here[0] = 'T';
	r = process_vm_writev(pid, &a, 1, &b, 1, 0);
	write(q[1], "", 1);
	waitpid(pid, (int *)&r, 0);
	printf("written: %d\n", WEXITSTATUS((int)r) == (sizeof(void *) == 8));
}

int main(void)
{
	own(getpid());
	fflush(stdout);
	child();
	return 0;
}
