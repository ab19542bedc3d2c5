/*
 * Directories in a program without large file support: places must fit a long, whatever the file system's do.
 * @without hot
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 500 };

static char seen[MANY];

/* Reads from here to the end; how many files there were. */
static int rest(DIR *d)
{
	struct dirent *e;
	int n = 0;

	errno = 0;
	while ((e = readdir(d))) {
		if (e->d_name[0] != 'f')
			continue;
		seen[atoi(e->d_name + 1)]++;
		n++;
	}
	if (errno)
		printf("readdir: %s\n", strerror(errno));
	return n;
}

static int all_seen(int times)
{
	int bad = 0;

	for (int i = 0; i < MANY; i++)
		bad += seen[i] != times;
	return !bad;
}

int main(void)
{
	char dir[] = "/tmp/dgm-small-XXXXXX", name[64], at_half[64];
	struct dirent *e;
	long half;
	int behind;
	DIR *d;

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "f%d-%.*s", i, i % 40, "----------------------------------------");
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	d = opendir(".");
	printf("%d", rest(d));
	printf(" %d\n", all_seen(1));
	rewinddir(d);
	for (int i = 0; i < MANY / 2; i++)
		readdir(d);
	half = telldir(d);
	e = readdir(d);
	snprintf(at_half, sizeof at_half, "%s", e ? e->d_name : "");
	behind = rest(d);
	seekdir(d, half);
	e = readdir(d);
	printf("same %d", e && !strcmp(e->d_name, at_half));
	printf(" %d\n", rest(d) == behind);
	memset(seen, 0, sizeof seen);
	rewinddir(d);
	printf("%d", rest(d));
	printf(" %d\n", all_seen(1));
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "f%d-%.*s", i, i % 40, "----------------------------------------");
		unlink(name);
	}
	rewinddir(d);
	printf("%d", rest(d));
	printf(" %d\n", closedir(d));
	d = opendir(".");
	printf("%d\n", rest(d));
	closedir(d);
	return chdir("/") || rmdir(dir);
}
