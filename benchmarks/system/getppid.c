/* The cheapest system call, again and again. */
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t same = 0;
	long first = syscall(SYS_getppid);

	for (unsigned i = 0; i < scale * 1000; i++)
		same += syscall(SYS_getppid) == first;
	return bench_end(same);
}
