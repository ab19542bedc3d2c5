/* Product of matrices of doubles.
 * @group float @size 410 @args 1
 */
#include <stdio.h>
#include <stdlib.h>

enum { N = 200 };

static double a[N][N], b[N][N], c[N][N];

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	double trace = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = (i * j % 17 - 8) / 16.0;
			b[i][j] = (i - j) / 64.0;
		}
	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				double s = 0;

				for (int k = 0; k < N; k++)
					s += a[i][k] * b[k][j];
				c[i][j] = s;
			}
		for (int i = 0; i < N; i++) {
			trace += c[i][i];
			a[i][i] = r % 8 / 8.0;
		}
	}
	printf("%.6f\n", trace);
	return 0;
}
