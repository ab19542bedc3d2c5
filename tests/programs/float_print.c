/* printf of doubles: every conversion, rounding to even of decimal halves, denormals, infinities. */
#include <float.h>
#include <math.h>
#include <stdio.h>

static const double value[] = { 0.0, -0.0, 1.0, -1.5, 0.1, 0.5, 1.5, 2.5, 0.125, 123456789.123456789, 1e15, 1e16, 1e17,
				1e21, 1e22, 1e23, 1e-5, 1e-4, 9.9999995e5, 4.35, 0.045, 2.675, DBL_MAX, DBL_MIN,
				4.9406564584124654e-324, 2.2250738585072011e-308, 3.14159265358979323846, INFINITY,
				-INFINITY, 999999.5, 1e100, 8.41e21, 2.0 / 3.0 };

int main(void)
{
	for (unsigned i = 0; i < sizeof value / sizeof value[0]; i++) {
		double v = value[i];

		printf("%f %e %g %a\n", v, v, v, v);
		printf("%.0f %.1f %.17g %.3e %#.3g %+.2f|%12.4f|%-12.4e|%012.3f\n", v, v, v, v, v, v, v, v, v);
		printf("%.0e %.20g", v, v);
		printf(" %.40f\n", fabs(v) < 1e10 ? v : 0);
	}
	for (int e = -1074; e <= 1023; e += 97) {
		printf("%.17g", ldexp(1.0, e));
		printf(" %a\n", ldexp(1.3, e));
	}
	return 0;
}
