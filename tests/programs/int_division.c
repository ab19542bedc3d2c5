/* Quotients and remainders: by variables and by constants, 32 and 64 bits, signed and unsigned. */
#include <stdint.h>
#include <stdio.h>

static const int64_t value[] = { 0, 1, -1, 2, -2, 7, -7, 10, 100, -100, 1000003, INT32_MAX, INT32_MIN, UINT32_MAX,
				 (int64_t)UINT32_MAX + 1, INT64_MAX, INT64_MIN, 0x123456789abcdefll };
enum { VALUES = sizeof value / sizeof value[0] };

static void by_variable(int64_t a, int64_t b)
{
	uint32_t ua = (uint32_t)a, ub = (uint32_t)b;
	int32_t sa = (int32_t)ua, sb = (int32_t)ub;

	if (ub) {
		printf("%u/%u=%u,%u ", ua, ub, ua / ub, ua % ub);
		if (!(sa == INT32_MIN && sb == -1))
			printf("%d/%d=%d,%d ", sa, sb, sa / sb, sa % sb);
	}
	if (b) {
		printf("%llu,%llu ", (unsigned long long)((uint64_t)a / (uint64_t)b),
		       (unsigned long long)((uint64_t)a % (uint64_t)b));
		if (!(a == INT64_MIN && b == -1))
			printf("%lld,%lld", (long long)(a / b), (long long)(a % b));
	}
	printf("\n");
}

static void by_constants(int64_t a)
{
	uint32_t u = (uint32_t)a;
	int32_t s = (int32_t)u;

	printf("%d %d %d %d %d %d\n", s / 3, s / 7, s / -5, s % 10, s / 16, s % -16);
	printf("%u %u %u %u %u\n", u / 3, u / 7, u / 10, u % 641, u / 1000000007u);
	printf("%lld %lld %lld %lld\n", (long long)(a / 3), (long long)(a % 1000), (long long)(a / -8),
	       (long long)(a / 1000000007));
}

int main(void)
{
	for (int i = 0; i < VALUES; i++) {
		by_constants(value[i]);
		for (int j = 0; j < VALUES; j++)
			by_variable(value[i], value[j]);
	}
	return 0;
}
