/* memcpy, memmove, memset, memcmp: every small length, alignment and overlap, checked byte by byte. */
#include <stdio.h>
#include <string.h>

enum { SIZE = 400 };

static unsigned char from[SIZE], to[SIZE], want[SIZE];

static void fill(unsigned char *p, unsigned seed)
{
	for (int i = 0; i < SIZE; i++)
		p[i] = (unsigned char)(seed = seed * 69069 + 1);
}

static int check_copy(unsigned s, unsigned d, unsigned n)
{
	fill(from, s);
	fill(to, d + 77);
	for (int i = 0; i < SIZE; i++)
		want[i] = (unsigned)i - d < n ? from[(unsigned)i - d + s] : to[i];
	memcpy(to + d, from + s, n);
	return memcmp(to, want, SIZE) != 0;
}

static int check_move(unsigned s, unsigned d, unsigned n)
{
	fill(to, n);
	fill(want, n);
	for (unsigned i = 0; i < n; i++)
		from[i] = to[s + i];
	for (unsigned i = 0; i < n; i++)
		want[d + i] = from[i];
	memmove(to + d, to + s, n);
	return memcmp(to, want, SIZE) != 0;
}

static int check_set(unsigned d, unsigned n, int c)
{
	fill(to, 1);
	fill(want, 1);
	for (unsigned i = 0; i < n; i++)
		want[d + i] = (unsigned char)c;
	memset(to + d, c, n);
	return memcmp(to, want, SIZE) != 0;
}

static int check_compare(unsigned s, unsigned d, unsigned n)
{
	int bad = 0;

	fill(from, 5);
	memcpy(to + d, from + s, n);
	bad += memcmp(to + d, from + s, n) != 0;
	if (n) {
		to[d + n - 1] ^= 0x80;
		bad += (memcmp(to + d, from + s, n) > 0) != (to[d + n - 1] > from[s + n - 1]);
		bad += memcmp(to + d, from + s, n - 1) != 0;
	}
	return bad;
}

int main(void)
{
	unsigned bad = 0, cases = 0;

	for (unsigned n = 0; n < 300; n += n < 40 ? 1 : 23)
		for (unsigned s = 0; s < 9; s += 2)
			for (unsigned d = 0; d < 17; d += 3) {
				bad += (unsigned)check_copy(s, d, n) + (unsigned)check_move(s, d, n) +
				       (unsigned)check_set(d, n, (int)(n * 7)) + (unsigned)check_compare(s, d, n);
				cases += 4;
			}
	printf("%u cases, %u bad\n", cases, bad);
	return bad != 0;
}
