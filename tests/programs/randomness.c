/* getrandom and /dev/urandom give different bytes each time; rand and drand48 are the same everywhere.
 * @without hot
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

int main(void)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };
	unsigned short state[3] = { 1, 2, 3 };
	unsigned bits = 0;
	int fd = open("/dev/urandom", O_RDONLY);

	printf("%zd\n", getrandom(a, sizeof a, 0));
	printf("%zd\n", read(fd, b, sizeof b));
	for (int i = 0; i < 64; i++)
		bits += (unsigned)(__builtin_popcount(a[i]) + __builtin_popcount(b[i]));
	printf("%d", memcmp(a, b, sizeof a) != 0);
	printf(" %d\n", bits > 380 && bits < 640);
	srand(42);
	for (int i = 0; i < 5; i++)
		printf("%d ", rand());
	srand48(7);
	printf("\n%ld", lrand48());
	printf(" %.10f", drand48());
	printf(" %.10f\n", erand48(state));
	srandom(3);
	printf("%ld\n", random());
	return 0;
}
