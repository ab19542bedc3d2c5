/* stat and relatives: types, modes, sizes, links, times; symbolic links, umask, access.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>

static void show(const char *path)
{
	struct stat st;

	if (lstat(path, &st)) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	printf("%s: %o links %u size %lld", path, st.st_mode, (unsigned)st.st_nlink, S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size);
	printf(" uid %d", st.st_uid == geteuid());
	printf(" gid %d", st.st_gid == getegid());
	printf(" mtime %lld.%09ld\n", S_ISREG(st.st_mode) ? (long long)st.st_mtim.tv_sec : 0,
	       !S_ISREG(st.st_mode) ? 0 : (long)st.st_mtim.tv_nsec);
}

int main(void)
{
	char dir[] = "/tmp/dgm-stat-XXXXXX", target[64];
	struct timespec when[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
	struct timeval micro[2] = { { 5, 7 }, { 1234567, 890 } };
	struct stat a, b;
	struct statvfs vfs;
	ssize_t n;
	int fd;

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	umask(027);
	fd = open("file", O_CREAT | O_RDWR, 0777);
	printf("%zd", write(fd, "contents", 8));
	printf(" %d\n", futimens(fd, when));
	show("file");
	printf("%d", link("file", "hard"));
	printf(" %d\n", symlink("file", "soft"));
	show("hard");
	show("soft");
	n = readlink("soft", target, sizeof target);
	printf("%.*s\n", (int)n, target);
	printf("%d", fchmod(fd, 04711));
	printf(" %d\n", utimes("hard", micro));
	show("file");
	printf("%d", stat("soft", &a));
	printf(" %d\n", fstat(fd, &b));
	printf("same %d dev %d\n", a.st_ino == b.st_ino, a.st_dev == b.st_dev && a.st_blksize > 0);
	printf("%d", mkfifo("fifo", 0644));
	printf(" %d", access("fifo", R_OK));
	printf(" %d", access("none", F_OK));
	printf(" %d\n", chmod("fifo", 0600));
	show("fifo");
	show("none");
	printf("%d", unlink("file"));
	printf(" %d\n", symlink("loop", "loop"));
	show("hard");
	printf("%d ", stat("loop", &a));
	printf("%s\n", strerror(errno));
	printf("%d ", stat("soft", &a));
	printf("%s\n", strerror(errno));
	printf("%d", statvfs(".", &vfs));
	printf(" %d\n", vfs.f_bsize > 0 && vfs.f_namemax > 10);
	stat("/dev/null", &a);
	printf("%d %x\n", S_ISCHR(a.st_mode), (unsigned)a.st_rdev);
	close(fd);
	unlink("hard");
	unlink("soft");
	unlink("fifo");
	unlink("loop");
	show(".");
	return chdir("/") || rmdir(dir);
}
