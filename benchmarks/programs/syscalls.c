/* System calls: getppid, reads and writes of one byte through a pipe, clock_gettime.
 * @group control @size 780 @args 1
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, good = 0;
	int p[2];
	char c = 'x';
	struct timespec t;

	if (pipe(p))
		return 1;
	for (unsigned i = 0; i < rounds * 5000; i++) {
		good += syscall(SYS_getppid) > 0;
		good += write(p[1], &c, 1) == 1;
		good += read(p[0], &c, 1) == 1;
		good += clock_gettime(CLOCK_MONOTONIC, &t) == 0;
	}
	printf("%u\n", good);
	return 0;
}
