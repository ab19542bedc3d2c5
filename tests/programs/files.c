/* Buffered and raw files in a directory of their own: modes, seeking, appending, truncation, dup, O_EXCL.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int buffered(void)
{
	char line[80];
	FILE *f = fopen("text", "w+");

	if (!f)
		return 1;
	for (int i = 0; i < 2000; i++)
		fprintf(f, "line %d\n", i * i);
	printf("at %ld\n", ftell(f));
	fseek(f, -10, SEEK_END);
	if (fgets(line, sizeof line, f))
		printf("%s", line);
	rewind(f);
	for (int i = 0; i < 1000 && fgets(line, sizeof line, f); i++)
		;
	printf("%s", line);
	fseek(f, 5, SEEK_SET);
	fputs("HERE", f);
	fflush(f);
	fseek(f, 0, SEEK_SET);
	if (fgets(line, sizeof line, f))
		printf("%s", line);
	ungetc('Q', f);
	printf("%c", fgetc(f));
	printf("%c", fgetc(f));
	printf(" %d\n", feof(f));
	fclose(f);
	return 0;
}

static int raw(void)
{
	char a[8] = "", b[8] = "";
	struct iovec v[2] = { { "gather", 6 }, { " write", 6 } }, r[2] = { { a, 4 }, { b, 7 } };
	int fd = open("raw", O_RDWR | O_CREAT | O_EXCL, 0640), copy;

	if (fd < 0)
		return 1;
	printf("%zd\n", writev(fd, v, 2));
	copy = dup(fd);
	printf("%ld", (long)lseek(copy, 0, SEEK_CUR));
	printf(" %ld\n", (long)lseek(fd, 2, SEEK_SET));
	printf("%zd", readv(copy, r, 2));
	printf(" %s|%s\n", a, b);
	printf("%zd", pwrite(fd, "XY", 2, 20));
	printf(" %zd\n", pread(fd, a, 4, 18));
	printf("%d %d %d %d\n", a[0], a[1], a[2], a[3]);
	printf("%d", ftruncate(fd, 15));
	printf(" %ld\n", (long)lseek(fd, 0, SEEK_END));
	close(fd);
	fd = open("raw", O_WRONLY | O_APPEND);
	lseek(fd, 0, SEEK_SET);
	printf("%zd", write(fd, "tail", 4));
	printf(" %ld", (long)lseek(fd, 0, SEEK_CUR));
	printf(" %d\n", fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE) ? 1 : 0);
	close(fd);
	close(copy);
	return 0;
}

static void failures(void)
{
	char c;
	int fd = open("raw", O_RDWR | O_CREAT | O_EXCL, 0600);

	printf("%d %s\n", fd, strerror(errno));
	fd = open("none/file", O_RDONLY);
	printf("%d %s\n", fd, strerror(errno));
	fd = open("raw", O_WRONLY);
	printf("%zd ", read(fd, &c, 1));
	printf("%s\n", strerror(errno));
	close(fd);
	printf("%zd ", write(fd, &c, 1));
	printf("%s\n", strerror(errno));
	printf("%zd ", read(0x7fff, &c, 1));
	printf("%s\n", strerror(errno));
}

int main(void)
{
	char dir[] = "/tmp/dgm-files-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	if (buffered() || raw())
		return 2;
	failures();
	unlink("text");
	unlink("raw");
	if (chdir("/") || rmdir(dir))
		return 3;
	return 0;
}
