/* qsort with a comparison callback, and a heap sort written out.
 * @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 60000 };

static uint32_t a[N], b[N];

static int compare(const void *x, const void *y)
{
	uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;

	return p < q ? -1 : p > q;
}

static void sift(uint32_t *h, unsigned i, unsigned n)
{
	uint32_t v = h[i];

	for (unsigned c; (c = 2 * i + 1) < n; i = c) {
		if (c + 1 < n && h[c + 1] > h[c])
			c++;
		if (h[c] <= v)
			break;
		h[i] = h[c];
	}
	h[i] = v;
}

static void heap_sort(uint32_t *h, unsigned n)
{
	for (unsigned i = n / 2; i--;)
		sift(h, i, n);
	while (n > 1) {
		uint32_t t = h[0];

		h[0] = h[--n];
		h[n] = t;
		sift(h, 0, n);
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t s = 1, sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned i = 0; i < N; i++) {
			s = s * 1664525 + 1013904223;
			a[i] = b[i] = s >> 4;
		}
		qsort(a, N, sizeof a[0], compare);
		heap_sort(b, N);
		for (unsigned i = 0; i < N; i++) {
			if (a[i] != b[i])
				return 1;
			sum = sum * 31 + a[i];
		}
	}
	printf("%08x\n", sum);
	return 0;
}
