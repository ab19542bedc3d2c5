/* The first system calls of ARM about users and groups, whose ids have 16 bits, beside those that came later.
 * @reference self
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LCHOWN16 = 16, SETUID16 = 23, GETUID16 = 24, SETGID16 = 46, GETGID16 = 47, GETEUID16 = 49, GETEGID16 = 50, SETREUID16 = 70,
       SETREGID16 = 71, GETGROUPS16 = 80, SETGROUPS16 = 81, FCHOWN16 = 95, SETFSUID16 = 138, SETFSGID16 = 139, SETRESUID16 = 164,
       GETRESUID16 = 165, SETRESGID16 = 170, GETRESGID16 = 171, CHOWN16 = 182 };

static int failed;

#define CHECK(c) do { if (!(c)) { failed++; printf("line %d: %s\n", __LINE__, #c); } } while (0)

static long old_call(long nr, long a, long b, long c)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r7 __asm__("r7") = nr;

	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
	return r0;
}

static long low(long id)
{
	return id > 65535 ? 65534 : id;
}

static void as_anybody(void)
{
	uint16_t id[3] = { 7, 7, 7 }, groups[1024];
	long n = old_call(GETGROUPS16, 1024, (long)groups, 0);
	gid_t real[1024];

	CHECK(old_call(GETUID16, 0, 0, 0) == low(getuid()) && old_call(GETEUID16, 0, 0, 0) == low(geteuid()));
	CHECK(old_call(GETGID16, 0, 0, 0) == low(getgid()) && old_call(GETEGID16, 0, 0, 0) == low(getegid()));
	CHECK(!old_call(GETRESUID16, (long)&id[0], (long)&id[1], (long)&id[2]) && id[0] == low(getuid()) && id[1] == low(geteuid()));
	CHECK(old_call(GETRESUID16, 0, (long)&id[1], (long)&id[2]) == -EFAULT);
	CHECK(n == getgroups(1024, real));
	for (long i = 0; i < n; i++)
		CHECK(groups[i] == low(real[i]));
	CHECK(!old_call(SETREUID16, -1, 0xffff, 0) && !old_call(SETRESGID16, -1, 0xffff, -1));
}

static void files(void)
{
	char name[] = "/tmp/arm_ids.XXXXXX";
	int fd = mkstemp(name);
	struct stat s;

	CHECK(!old_call(CHOWN16, (long)name, 11, 12) && !stat(name, &s) && s.st_uid == 11 && s.st_gid == 12);
	CHECK(!old_call(FCHOWN16, fd, 0xffff, 13) && !stat(name, &s) && s.st_uid == 11 && s.st_gid == 13);
	unlink(name);
	CHECK(!symlink("/nowhere/at/all", name) && !old_call(LCHOWN16, (long)name, 14, -1) && !lstat(name, &s) && s.st_uid == 14);
	unlink(name);
	close(fd);
}

static void as_root(void)
{
	uint16_t id[3], groups[2] = { 21, 22 };
	gid_t real[2];

	files();
	CHECK(!old_call(SETGROUPS16, 2, (long)groups, 0) && getgroups(2, real) == 2 && real[0] == 21 && real[1] == 22);
	CHECK(!old_call(SETRESGID16, 1, 2, 3) && !old_call(GETRESGID16, (long)&id[0], (long)&id[1], (long)&id[2]));
	CHECK(id[0] == 1 && id[1] == 2 && id[2] == 3 && getgid() == 1 && getegid() == 2);
	CHECK(!old_call(SETREGID16, 4, -1, 0) && getgid() == 4 && !old_call(SETGID16, 5, 0, 0) && getegid() == 5);
	CHECK(old_call(SETFSGID16, 5, 0, 0) == 5 && old_call(SETFSUID16, 0, 0, 0) == 0);
	CHECK(!syscall(SYS_setresuid32, 70000, 0, 0) && old_call(GETUID16, 0, 0, 0) == 65534);
	CHECK(!old_call(SETRESUID16, 31, 32, 0xffff) && getuid() == 31 && geteuid() == 32);
	CHECK(old_call(SETUID16, 99, 0, 0) == -EPERM);
}

int main(void)
{
	int status;

	as_anybody();
	if (geteuid())
		return failed != 0;
	if (!fork()) {
		as_root();
		exit(failed != 0);
	}
	wait(&status);
	return failed || status;
}
