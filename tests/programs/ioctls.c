/* ioctl beside terminals: what file systems, a disk and the list of network interfaces answer, or refuse.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void number(int fd, const char *name, unsigned long req, size_t size)
{
	union { int i; unsigned long l; uint64_t q; unsigned short s; } v;
	int r;

	memset(&v, 0, sizeof v);
	r = ioctl(fd, req, &v);
	printf("%s: ", name);
	if (r)
		printf("%s\n", strerror(errno));
	else
		printf("%llu\n", (unsigned long long)(size == 2 ? v.s : size == 8 ? v.q : size ? (unsigned)v.i : v.l));
}

static void questions(int fd)
{
	number(fd, "read-only", BLKROGET, 4);
	number(fd, "sectors", BLKGETSIZE, 0);
	number(fd, "bytes", BLKGETSIZE64, 8);
	number(fd, "sector", BLKSSZGET, 4);
	number(fd, "block", BLKBSZGET, 4);
	number(fd, "physical", BLKPBSZGET, 4);
	number(fd, "rotates", BLKROTATIONAL, 2);
	number(fd, "least", BLKIOMIN, 4);
}

static void interfaces(void)
{
	struct ifreq list[20], one = { 0 };
	struct ifconf conf = { .ifc_len = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), loop = 0, r[4], n[3];

	r[0] = ioctl(fd, SIOCGIFCONF, &conf);
	n[0] = conf.ifc_len / (int)sizeof one;
	conf.ifc_len = sizeof list;
	conf.ifc_req = list;
	r[1] = ioctl(fd, SIOCGIFCONF, &conf);
	n[1] = conf.ifc_len / (int)sizeof one;
	for (int i = 0; i < n[1]; i++)
		loop += !strcmp(list[i].ifr_name, "lo") && list[i].ifr_addr.sa_family == AF_INET;
	conf.ifc_len = sizeof one + 5;
	r[2] = ioctl(fd, SIOCGIFCONF, &conf);
	n[2] = conf.ifc_len / (int)sizeof one;
	strcpy(one.ifr_name, "lo");
	r[3] = ioctl(fd, SIOCGIFTXQLEN, &one);
	printf("length %d %d list %d %d first %d %d lo %d queue %d %d\n", r[0], n[0], r[1], n[1], r[2], n[2], loop, r[3], one.ifr_qlen);
	close(fd);
}

int main(void)
{
	char name[] = "/tmp/dragoman-ioctl-XXXXXX";
	const char *const disks[] = { "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0" };
	int fd = mkstemp(name), disk = -1;

	unlink(name);
	write(fd, "x", 1);
	number(fd, "block of files", FIGETBSZ, 4);
	questions(fd);
	for (unsigned i = 0; i < 4 && disk < 0; i++)
		disk = open(disks[i], O_RDONLY | O_CLOEXEC);
	printf("disk %d\n", disk >= 0);
	questions(disk);
	interfaces();
	return 0;
}
