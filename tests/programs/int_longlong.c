/* 64-bit arithmetic on a 32-bit machine: products, comparisons, shifts by variables, 128-bit products by hand. */
#include <stdint.h>
#include <stdio.h>

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void multiply(uint64_t a, uint64_t b, uint64_t out[2])
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
	uint64_t middle = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;

	out[0] = (uint32_t)ll | middle << 32;
	out[1] = hh + (lh >> 32) + (hl >> 32) + (middle >> 32);
}

static unsigned compare(uint64_t a, uint64_t b)
{
	int64_t s = (int64_t)a, t = (int64_t)b;

	return (a < b) | (a <= b) << 1 | (a == b) << 2 | (s < t) << 3 | (s >= t) << 4 | (s < 0) << 5;
}

static uint64_t power(uint64_t base, uint64_t e, uint64_t m)
{
	uint64_t r = 1;

	for (base %= m; e; e >>= 1, base = base * base % m)
		if (e & 1)
			r = r * base % m;
	return r;
}

int main(void)
{
	uint64_t s = 88172645463325252ull, sum = 0;

	for (int i = 0; i < 400; i++) {
		uint64_t a = next(&s), b = next(&s) >> (i % 60), p[2];
		unsigned n = (unsigned)next(&s) & 63;

		multiply(a, b, p);
		sum += p[1] ^ p[0] ^ (a << n) ^ (b >> n) ^ (uint64_t)((int64_t)a >> n) ^ compare(a, b) ^ (a * b);
		sum += b ? a / b + a % b : 0;
		if (i % 40 == 0) {
			printf("%016llx %016llx %016llx", (unsigned long long)a, (unsigned long long)p[1], (unsigned long long)p[0]);
			printf(" %02x", compare(a, b));
			printf(" %016llx\n", (unsigned long long)sum);
		}
	}
	for (uint64_t m = 3; m < 4000000000ull; m = m * 7 + 2)
		printf("%llu\n", (unsigned long long)power(12345, 1000003, m));
	printf("%016llx\n", (unsigned long long)sum);
	return 0;
}
