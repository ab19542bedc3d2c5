/* Writes over its arguments, as setproctitle does, and has them shown from outside: see title.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, pid_t pid)
{
	char command[64];

	printf("%s\n", what);
	fflush(stdout);
	snprintf(command, sizeof command, "/bin/cat /proc/%d/cmdline /proc/%d/environ", (int)pid, (int)pid);
	system(command);
	putchar('\n');
	fflush(stdout);
}

static void show_own(const char *name)
{
	char text[256] = "";
	FILE *f = fopen("/proc/self/cmdline", "r");
	size_t n = fread(text, 1, sizeof text, f);

	fclose(f);
	printf("%s\n", name);
	fwrite(text, 1, n, stdout);
	putchar('\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char *end = argv[argc - 1] + strlen(argv[argc - 1]);

	if (argc == 2 && !strcmp(argv[1], "again"))
		return show("executed", getpid()), 0;
	show("begin", getpid());
	memset(argv[0], 'x', (size_t)(end - argv[0]));
	show("short", getpid());
	show_own("own short");
	memset(argv[0], 'y', (size_t)(end - argv[0]) + 4);
	show("long", getpid());
	show_own("own long");
	if (!fork()) {
		memset(argv[0], 'z', 2);
		show("child", getpid());
		execl("/proc/self/exe", "other name", "again", (char *)NULL);
		_exit(1);
	}
	wait(NULL);
	return 0;
}
