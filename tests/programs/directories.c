/* Directories: mkdir, readdir of many entries, rename, nested removal, getcwd, *at calls.
 * @without hot
 */
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 300 };

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void list(const char *path)
{
	struct dirent **e;
	int n = scandir(path, &e, visible, alphasort);

	printf("%s: %d", path, n);
	for (int i = 0; i < n; i++) {
		if (i % 50 == 0)
			printf(" %s/%d", e[i]->d_name, e[i]->d_type == DT_DIR);
		free(e[i]);
	}
	printf("\n");
	if (n >= 0)
		free(e);
}

int main(void)
{
	char dir[] = "/tmp/dgm-dirs-XXXXXX", name[300], cwd[300];
	int fd, at;

	if (!mkdtemp(dir) || chdir(dir) || !getcwd(cwd, sizeof cwd))
		return 1;
	printf("%d\n", strcmp(cwd, dir));
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "%03d-%.*s", i, i % 90, "a rather long name that makes the entries differ in "
			 "length, to cross the borders of buffers");
		if (i % 3 ? (fd = open(name, O_CREAT | O_WRONLY, 0600)) < 0 || close(fd) : mkdir(name, 0700))
			return 2;
	}
	list(".");
	printf("%d", rename("000-", "renamed"));
	printf(" %d", mkdir("renamed/inner", 0755));
	printf(" %d", rmdir("renamed"));
	printf(" %s\n", strerror(errno));
	at = open("renamed", O_RDONLY | O_DIRECTORY);
	printf("%d", mkdirat(at, "two", 0700));
	printf(" %d", faccessat(at, "inner", F_OK, 0));
	printf(" %d\n", unlinkat(at, "two", AT_REMOVEDIR));
	printf("%d", renameat(at, "inner", AT_FDCWD, "out"));
	printf(" %d\n", faccessat(at, "inner", F_OK, 0));
	close(at);
	list("renamed");
	printf("%d\n", rmdir("out"));
	snprintf(name, sizeof name, "rm -r %s", dir);
	printf("%d", chdir("/"));
	printf(" %d\n", system(name));
	return access(dir, F_OK) == 0;
}
