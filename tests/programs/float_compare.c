/* Comparisons, classification, minimum, maximum and signs, with NaN and infinities among the operands. */
#include <math.h>
#include <stdio.h>

static const double value[] = { 0.0, -0.0, 1, -1, 1e-310, -1e-310, 1e300, INFINITY, -INFINITY, NAN };
enum { VALUES = sizeof value / sizeof value[0] };

static void pair(double a, double b)
{
	double low = fmin(a, b), high = fmax(a, b);

	printf("%d%d%d%d%d%d ", a < b, a <= b, a == b, a != b, a >= b, a > b);
	printf("%d", isless(a, b));
	printf("%d", isgreaterequal(a, b));
	printf("%d ", isunordered(a, b));
	if (isnan(low))
		printf("nan nan\n");
	else
		printf("%g %g\n", low + 0.0, high + 0.0);
}

static float clamp(float x, float lo, float hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

int main(void)
{
	for (int i = 0; i < VALUES; i++) {
		double v = value[i];

		printf("%d", fpclassify(v) == FP_SUBNORMAL);
		printf(" %d", !!isinf(v));
		printf(" %d", !!isnan(v));
		printf(" %d", !!isfinite(v));
		printf(" %d\n", isnan(v) ? 0 : !!signbit(v));
		for (int j = 0; j < VALUES; j++)
			pair(v, value[j]);
		if (!isnan(v)) {
			printf("%g", (double)clamp((float)v, -2, 2));
			printf(" %g", copysign(3, v));
			printf(" %g\n", fabs(v));
		}
		printf("%d\n", isnan(v) || v < 0 ? -1 : sqrt(v) > 1);
	}
	printf("%g", remainder(10, 3));
	printf(" %g\n", fmod(-10, 3));
	return 0;
}
