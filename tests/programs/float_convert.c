/* Conversions between integers, float and double, exact and rounded. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t float_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof u);
	return u;
}

static unsigned long long double_bits(double d)
{
	uint64_t u;

	memcpy(&u, &d, sizeof u);
	return u;
}

static void from_integers(int64_t i)
{
	printf("%lld", (long long)i);
	printf(": %016llx", double_bits((double)i));
	printf(" %08x", float_bits((float)i));
	printf(" %016llx", double_bits((double)(uint64_t)i));
	printf(" %08x", float_bits((float)(uint64_t)i));
	printf(" %016llx", double_bits((double)(int32_t)i));
	printf(" %08x\n", float_bits((float)(uint32_t)i));
}

static void from_double(double d)
{
	printf("%a", d);
	printf(": %08x", float_bits((float)d));
	if (fabs(d) < 2147483646.0) {
		printf(" %d", (int)d);
		printf(" %ld", lrint(d));
		printf(" %ld", lround(d));
	}
	if (fabs(d) < 9.2e18) {
		printf(" %lld", (long long)d);
		printf(" %lld", llrint(d));
		printf(" %lld", llround(d));
	}
	if (d > -1 && d < 4294967296.0)
		printf(" %u", (uint32_t)d);
	if (d > -1 && d < 18446744073709551615.0)
		printf(" %llu", (unsigned long long)d);
	printf(" %g", floor(d));
	printf(" %g", ceil(d));
	printf(" %g", trunc(d));
	printf(" %g", rint(d));
	printf(" %g\n", round(d));
}

int main(void)
{
	static const double value[] = { 0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, 2147483647.0,
					2147483647.5, -2147483647.5, 4294967295.0, 4294967295.9, 9007199254740993.0,
					1e18, -1e18, 1.8e19, 1e300, -0.0, 16777217.0, 33554431.5, FLT_MIN, FLT_MIN / 3,
					FLT_TRUE_MIN / 2, FLT_TRUE_MIN * 0.50000001, FLT_MAX, 3.4028235677973366e38,
					INFINITY };

	for (unsigned i = 0; i < 64; i++) {
		from_integers((int64_t)(1ull << i));
		from_integers((int64_t)((1ull << i) - 1));
		from_integers(-(int64_t)((1ull << i) + 1));
		from_integers((int64_t)(0xfffffff7ffffffffull >> i));
	}
	for (unsigned i = 0; i < sizeof value / sizeof value[0]; i++) {
		from_double(value[i]);
		from_double(nextafter(value[i], 1e308));
		from_double(nextafter(value[i], -1e308));
	}
	return 0;
}
