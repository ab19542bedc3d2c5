/* Mappings of files: shared and private, offsets, msync, sharing across fork, growth of the file.
 * @without hot
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(void)
{
	char name[] = "/tmp/dgm-mmap-XXXXXX", buf[16] = "";
	int fd = mkstemp(name);
	char *shared, *private, *second, *bad;
	ssize_t n;

	if (fd < 0 || ftruncate(fd, 3 * PAGE))
		return 1;
	unlink(name);
	shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
	second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	if (shared == MAP_FAILED || private == MAP_FAILED || second == MAP_FAILED)
		return 2;
	strcpy(shared + PAGE + 10, "shared text");
	printf("%s|%s\n", second + 10, private + 10);
	strcpy(private + 10, "mine");
	printf("%s|%s\n", second + 10, private + 10);
	printf("%d\n", msync(shared, 3 * PAGE, MS_SYNC));
	n = pread(fd, buf, 11, PAGE + 10);
	printf("%zd %s\n", n, buf);
	n = pwrite(fd, "FILE", 4, PAGE + 17);
	printf("%zd %s\n", n, shared + PAGE + 10);
	fflush(stdout);
	if (fork() == 0) {
		strcpy(shared, "from the child");
		strcpy(private + 10, "lost");
		_exit(0);
	}
	wait(NULL);
	printf("%s|%s\n", shared, private + 10);
	if (ftruncate(fd, 5 * PAGE))
		return 3;
	bad = mremap(shared, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
	bad[4 * PAGE] = 'g';
	n = pread(fd, buf, 1, 4 * PAGE);
	printf("%zd %c %s\n", n, buf[0], bad);
	second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100);
	printf("%d %s\n", second == MAP_FAILED, strerror(errno));
	second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 12345, 0);
	printf("%d %s\n", second == MAP_FAILED, strerror(errno));
	printf("%d\n", munmap(bad, 5 * PAGE));
	return 0;
}
