/* Arguments, environment, the auxiliary vector, limits, names: what a process is told about itself.
 * @args first second third
 * @without hot
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	const char *random = (const char *)getauxval(AT_RANDOM), *file = (const char *)getauxval(AT_EXECFN);
	struct utsname u;
	struct rlimit lim;
	char path[PATH_MAX];
	ssize_t n;
	int count = 0;

	printf("%d:", argc);
	for (int i = 1; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n%s", getenv("PROGRAM"));
	printf(" %s", getenv("LC_ALL"));
	printf(" %d\n", getenv("NOT_THERE") == NULL);
	while (environ[count])
		count++;
	printf("%d\n", count > 2 && environ > argv);
	printf("%d\n", setenv("ADDED", "value", 1));
	printf("%s", getenv("ADDED"));
	printf(" %d\n", unsetenv("ADDED"));
	printf("%lu", getauxval(AT_PAGESZ));
	printf(" %lu\n", getauxval(AT_CLKTCK));
	printf("%d", getauxval(AT_PHDR) != 0);
	printf(" %d", getauxval(AT_PHNUM) > 3);
	printf(" %d\n", getauxval(AT_ENTRY) != 0);
	printf("%d", getauxval(AT_UID) == getuid());
	printf(" %d\n", getauxval(AT_EGID) == getegid());
	printf("%d", random && memcmp(random, "\0\0\0\0\0\0\0\0", 8) != 0);
	printf(" %d\n", file && strcmp(file, argv[0]) == 0);
	printf("%d", uname(&u));
	printf(" %s\n", u.sysname);
	n = readlink("/proc/self/exe", path, sizeof path - 1);
	path[n > 0 ? n : 0] = 0;
	printf("%d\n", n > 0 && strcmp(strrchr(path, '/'), strrchr(argv[0], '/')) == 0);
	printf("%d", getrlimit(RLIMIT_NOFILE, &lim));
	printf(" %d\n", lim.rlim_cur >= 64);
	printf("%ld", sysconf(_SC_PAGESIZE));
	printf(" %ld", sysconf(_SC_CLK_TCK));
	printf(" %d\n", sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	printf("%d", isatty(0));
	printf(" %d\n", getpid() > 1);
	printf("%d\n", getpriority(PRIO_PROCESS, 0));
	return argc;
}
