/* The functions of math.h; twelve digits, since fused operations differ in the last place. */
#include <math.h>
#include <stdio.h>

static double (*const unary[])(double) = { sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, atanh, exp, exp2,
					   expm1, log, log2, log10, log1p, sqrt, cbrt, erf, erfc, tgamma, lgamma, logb };
static double (*const binary[])(double, double) = { atan2, pow, fmod, hypot, remainder, fdim };

int main(void)
{
	static const double value[] = { 0.1, 0.25, 0.5, 0.75, 0.99, 1e-8, 3e-5 };
	int e, q;
	double whole;

	for (unsigned i = 0; i < sizeof value / sizeof value[0]; i++) {
		double x = value[i];

		for (unsigned k = 0; k < sizeof unary / sizeof unary[0]; k++)
			printf(" %.12g", unary[k](x));
		printf("\n");
		for (unsigned k = 0; k < sizeof binary / sizeof binary[0]; k++)
			printf(" %.12g %.12g", binary[k](x, 1.7), binary[k](2, x * 8));
		printf("\n%.6g", (double)sinf((float)x));
		printf(" %.6g", (double)expf((float)x));
		printf(" %.6g", (double)logf((float)x));
		printf(" %.6g\n", (double)powf((float)x, 0.3f));
	}
	for (double x = 1; x < 1e7; x *= 37.7) {
		printf("%.12g", sin(x));
		printf(" %.12g", cos(x));
		printf(" %.12g", log(x));
		printf(" %.12g\n", pow(x, 1.1));
	}
	printf("%.12g", frexp(1234.5, &e));
	printf(" %d\n", e);
	printf("%.12g", modf(-12.75, &whole));
	printf(" %g\n", whole);
	printf("%.12g", remquo(29, 3, &q));
	printf(" %d\n", q & 7);
	printf("%g", scalbn(1.5, 10));
	printf(" %g", nextafter(1, 2) - 1);
	printf(" %g", (double)(nan("") == nan("")));
	printf(" %g\n", j0(1.5));
	printf("%g", pow(0, 0));
	printf(" %g", pow(-8, 3));
	printf(" %g", exp(-1000));
	printf(" %g\n", exp(1000));
	return 0;
}
