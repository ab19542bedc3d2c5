/*
 * Guest code that needs no operating system, for libraries that run bare code. Each kernel is compiled
 * alone (-DKERNEL_name) to a flat image whose first byte is its entry: entry(n) computes n rounds and
 * returns a number that must not depend on who ran it.
 */
#include <stdint.h>

uint32_t entry(uint32_t n) __attribute__((section(".entry"), used));

__attribute__((unused)) static uint32_t random_word(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

#ifdef KERNEL_mix
/* Shifts and additions in registers alone: one hot block. */
uint32_t entry(uint32_t n)
{
	uint32_t a = 1, b = 2, c = 3;

	for (uint32_t i = 0; i < n * 1000; i++) {
		a += b ^ i;
		b = (b << 7 | b >> 25) + c;
		c ^= a + (b >> 3);
	}
	return a ^ b ^ c;
}
#endif

#ifdef KERNEL_crc
/* A table in memory, bytes of a buffer. */
uint32_t entry(uint32_t n)
{
	static uint32_t table[256];
	static uint8_t buffer[1024];
	uint32_t seed = 1, crc = ~0u;

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t x = i;

		for (int k = 0; k < 8; k++)
			x = x >> 1 ^ (x & 1 ? 0xedb88320u : 0);
		table[i] = x;
	}
	for (uint32_t i = 0; i < sizeof buffer; i++)
		buffer[i] = (uint8_t)random_word(&seed);
	for (; n; n--)
		for (uint32_t i = 0; i < sizeof buffer; i++)
			crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xff];
	return crc;
}
#endif

#ifdef KERNEL_sort
/* Calls, branches that depend on data, words moved in memory. */
static void sort(uint32_t *v, int lo, int hi)
{
	while (lo < hi) {
		uint32_t pivot = v[(lo + hi) / 2];
		int i = lo, j = hi;

		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				uint32_t t = v[i];

				v[i++] = v[j];
				v[j--] = t;
			}
		}
		sort(v, lo, j);
		lo = i;
	}
}

uint32_t entry(uint32_t n)
{
	static uint32_t v[256];
	uint32_t seed = 7, sum = 0;

	for (; n; n--) {
		for (int i = 0; i < 256; i++)
			v[i] = random_word(&seed);
		sort(v, 0, 255);
		sum = sum * 31 + v[n & 255];
	}
	return sum;
}
#endif

#ifdef KERNEL_dispatch
/* An interpreter of eight operations: a jump through a table for each. */
uint32_t entry(uint32_t n)
{
	static uint8_t code[256];
	uint32_t seed = 5, a = 1, b = 2;

	for (int i = 0; i < 256; i++)
		code[i] = (uint8_t)random_word(&seed) & 7;
	for (; n; n--)
		for (int i = 0; i < 256; i++)
			switch (code[i]) {
			case 0: a += b; break;
			case 1: b ^= a << 3; break;
			case 2: a -= 17; break;
			case 3: b += a >> 5; break;
			case 4: a = ~a; break;
			case 5: b = b << 1 | b >> 31; break;
			case 6: a ^= (uint32_t)i; break;
			default: i += b & 1; break;
			}
	return a ^ b;
}
#endif

#ifdef KERNEL_search
/* Bytes of a text against a word, at each place. */
uint32_t entry(uint32_t n)
{
	static uint8_t text[4096];
	static const uint8_t word[] = {1, 0, 2, 1};
	uint32_t seed = 9, found = 0;

	for (int i = 0; i < 4096; i++)
		text[i] = (uint8_t)random_word(&seed) & 3;
	for (; n; n--) {
		for (int i = 0; i + 4 <= 4096; i++) {
			int k = 0;

			while (k < 4 && text[i + k] == word[k])
				k++;
			found += k == 4;
		}
		text[n & 4095] ^= 1;
	}
	return found;
}
#endif

#ifdef KERNEL_calls
/* Functions that call themselves and return. */
static uint32_t __attribute__((noinline)) count(uint32_t n, uint32_t step)
{
	return n < 2 ? step : count(n - 1, step + 1) + count(n - 2, step ^ n);
}

uint32_t entry(uint32_t n)
{
	uint32_t sum = 0;

	for (; n; n--)
		sum += count(12, n);
	return sum;
}
#endif

#ifdef KERNEL_matmul
/* Double precision: products summed from memory. */
uint32_t entry(uint32_t n)
{
	enum { N = 16 };
	static double a[N][N], b[N][N], c[N][N];
	uint32_t seed = 3, sum = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = (double)(int32_t)(random_word(&seed) & 1023);
			b[i][j] = (double)(int32_t)(random_word(&seed) & 1023);
		}
	for (; n; n--) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				double s = 0;

				for (int k = 0; k < N; k++)
					s += a[i][k] * b[k][j];
				c[i][j] = s;
			}
		sum += (uint32_t)(int32_t)c[n & 15][n >> 4 & 15];
		a[n & 15][n >> 4 & 15] += 1;
	}
	return sum;
}
#endif

#ifdef KERNEL_mandelbrot
/* Double precision in registers. */
uint32_t entry(uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t row = 0; row < n; row++)
		for (int col = 0; col < 32; col++) {
			double cx = (double)col / 16 - 1.5, cy = (double)(int32_t)(row & 31) / 16 - 1, x = 0,
			       y = 0;
			uint32_t i = 0;

			for (; i < 100 && x * x + y * y < 4; i++) {
				double t = x * x - y * y + cx;

				y = 2 * x * y + cy;
				x = t;
			}
			sum += i;
		}
	return sum;
}
#endif

#ifdef KERNEL_touch
/* Writes a word in each of n pages. */
uint32_t entry(uint32_t n)
{
	volatile uint32_t *at = (volatile uint32_t *)0x80000;

	for (uint32_t i = 0; i < n; i++)
		at[i * 1024] += i;
	return at[0];
}
#endif
