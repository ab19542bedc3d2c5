/* Offsets beyond 32 bits: sparse files, seeking, pread, truncation, stat and file locks.
 * @without hot
 */
#define _FILE_OFFSET_BITS 64
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	char name[] = "/tmp/dgm-large-XXXXXX", buf[8] = "";
	const off_t far = ((off_t)5 << 32) + 123;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = far, .l_len = 10 };
	struct stat st;
	int fd = mkstemp(name);
	FILE *f;

	if (fd < 0)
		return 1;
	unlink(name);
	printf("%lld\n", (long long)lseek(fd, far, SEEK_SET));
	printf("%zd\n", write(fd, "distant", 7));
	printf("%lld\n", (long long)lseek(fd, 0, SEEK_END));
	printf("%zd", pread(fd, buf, 7, far));
	printf(" %s\n", buf);
	printf("%zd", pread(fd, buf, 7, far - 3));
	printf(" %d\n", memcmp(buf, "\0\0\0dist", 7));
	printf("%zd\n", pwrite(fd, "x", 1, ((off_t)1 << 33) + 1));
	fstat(fd, &st);
	printf("%lld %d\n", (long long)st.st_size, st.st_blocks < 1000);
	printf("%d ", fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_RDLCK;
	printf("%d", fcntl(fd, F_GETLK, &lock));
	printf(" %d\n", lock.l_type == F_UNLCK);
	printf("%d", ftruncate(fd, (off_t)3 << 31));
	fstat(fd, &st);
	printf(" %lld\n", (long long)st.st_size);
	f = fdopen(fd, "r+");
	if (!f)
		return 2;
	printf("%d", fseeko(f, -1, SEEK_END));
	printf(" %lld", (long long)ftello(f));
	printf(" %d\n", fgetc(f));
	printf("%lld\n", (long long)lseek(fd, -far, SEEK_SET));
	fclose(f);
	return 0;
}
