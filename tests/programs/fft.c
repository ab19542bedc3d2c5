/* Fast Fourier transform of 4096 points there and back; the error must stay small.
 * @args 1
 * @flags -fno-tree-vectorize
 * @without hot
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOG = 12, N = 1 << LOG };

static double re[N], im[N], wr[N / 2], wi[N / 2];

static void transform(double sign)
{
	for (unsigned i = 0, j = 0; i < N; i++) {
		if (i < j) {
			double t = re[i], u = im[i];

			re[i] = re[j];
			im[i] = im[j];
			re[j] = t;
			im[j] = u;
		}
		for (unsigned bit = N >> 1; (j ^= bit) < bit; bit >>= 1)
			;
	}
	for (unsigned half = 1; half < N; half *= 2)
		for (unsigned i = 0; i < N; i += 2 * half)
			for (unsigned k = 0; k < half; k++) {
				double c = wr[k * (N / 2 / half)], s = sign * wi[k * (N / 2 / half)];
				double tr = re[i + k + half] * c - im[i + k + half] * s;
				double ti = re[i + k + half] * s + im[i + k + half] * c;

				re[i + k + half] = re[i + k] - tr;
				im[i + k + half] = im[i + k] - ti;
				re[i + k] += tr;
				im[i + k] += ti;
			}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	double worst = 0;

	for (int i = 0; i < N; i++)
		re[i] = i % 100 - 50;
	for (int i = 0; i < N / 2; i++) {
		/* cos and sin of 2 pi / 4096 */
		wr[i] = i ? wr[i - 1] * 0.99999882345170190993 - wi[i - 1] * 0.0015339801862847656123 : 1;
		wi[i] = i ? wr[i - 1] * 0.0015339801862847656123 + wi[i - 1] * 0.99999882345170190993 : 0;
	}
	for (unsigned r = 0; r < rounds; r++) {
		transform(1);
		if (r == 0)
			printf("%.4f %.4f\n", re[41], im[41]);
		transform(-1);
		for (int i = 0; i < N; i++) {
			re[i] /= N;
			im[i] /= N;
		}
	}
	for (int i = 0; i < N; i++)
		worst = fmax(worst, fabs(re[i] - (i % 100 - 50)));
	printf("%s\n", worst < 1e-6 ? "good" : "bad");
	return 0;
}
