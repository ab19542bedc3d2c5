/* stat, open, fstat, lseek, read and close of /dev/zero and the time: calls with structures. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned i = 0; i < scale * 100; i++) {
		struct stat st, st2;
		struct timespec now;
		char buf[256];
		int fd = open("/dev/zero", O_RDONLY);

		if (fd < 0 || stat("/dev/zero", &st) || fstat(fd, &st2) || st.st_ino != st2.st_ino ||
		    read(fd, buf, sizeof buf) != sizeof buf || clock_gettime(CLOCK_MONOTONIC, &now) || close(fd))
			return 2;
		h = bench_mix(h, S_ISCHR(st.st_mode) + (uint32_t)buf[i % 256]);
	}
	return bench_end(h);
}
