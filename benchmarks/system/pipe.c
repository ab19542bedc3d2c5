/* Writes into a pipe and reads from it. */
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;
	int fd[2];
	uint8_t buf[64], in[64];

	if (pipe(fd))
		return 2;
	for (unsigned i = 0; i < scale * 1000; i++) {
		unsigned n = i % 64 + 1;

		buf[n - 1] = (uint8_t)i;
		if (write(fd[1], buf, n) != (ssize_t)n || read(fd[0], in, sizeof in) != (ssize_t)n)
			return 2;
		h = h * 3 + in[n - 1];
	}
	return bench_end(h);
}
