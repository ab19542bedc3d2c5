/* Gradual underflow in both precisions, and fused multiply-add where two roundings would differ. */
#include <float.h>
#include <math.h>
#include <stdio.h>

int main(void)
{
	volatile double d = DBL_MIN, third = 1.0 / 3;
	volatile float f = FLT_MIN;
	volatile double a = 1 + DBL_EPSILON, b = 1 - DBL_EPSILON;
	volatile float c = 1 + FLT_EPSILON, e = 1 - FLT_EPSILON;

	for (int i = 0; i < 56; i++) {
		printf("%a %a %a\n", d, d * 1.25, d * third);
		d = d / 2;
	}
	for (int i = 0; i < 26; i++) {
		printf("%a %a %a\n", (double)f, (double)(f * 1.25f), (double)(f * 0.3f));
		f = f / 2;
	}
	printf("%a", fma(a, b, -1));
	printf(" %a\n", fma(a, a, -1 - 2 * DBL_EPSILON));
	printf("%a", (double)fmaf(c, e, -1));
	printf(" %a\n", (double)fmaf(c, c, -1));
	printf("%a", fma(DBL_MAX, 2, -DBL_MAX));
	printf(" %a", fma(DBL_MIN, 0.5, -DBL_MIN));
	printf(" %a\n", fma(1e-200, 1e-200, 5e-324));
	printf("%a %a\n", DBL_MIN - DBL_TRUE_MIN, (double)(FLT_MIN - FLT_TRUE_MIN));
	printf("%a", sqrt(DBL_TRUE_MIN));
	printf(" %a", sqrt(DBL_MIN * 3));
	printf(" %a\n", (double)sqrtf(FLT_TRUE_MIN * 3));
	return 0;
}
