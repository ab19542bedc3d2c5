/* Product of matrices of 32-bit integers.
 * @group integer @size 410 @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 200 };

static int32_t a[N][N], b[N][N], c[N][N];

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t sum = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = i * j % 17 - 8;
			b[i][j] = i - j;
		}
	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				int32_t s = 0;

				for (int k = 0; k < N; k++)
					s += a[i][k] * b[k][j];
				c[i][j] = s;
			}
		for (int i = 0; i < N; i++) {
			a[i][i] = c[i][N - 1 - i] & 0xff;
			sum = sum * 31 + (uint32_t)c[i][i];
		}
	}
	printf("%08x\n", sum);
	return 0;
}
