/* Complex arithmetic: products, quotients, roots of polynomials, functions of complex.h. */
#include <complex.h>
#include <math.h>
#include <stdio.h>

static void show(const char *what, double complex z)
{
	double re = fabs(creal(z)) < 1e-14 ? 0 : creal(z), im = fabs(cimag(z)) < 1e-14 ? 0 : cimag(z);

	printf("%s %.10g %.10g\n", what, re, im);
}

static double complex horner(const double complex *c, int n, double complex z)
{
	double complex r = 0;

	while (n--)
		r = r * z + c[n];
	return r;
}

/* All roots at once by the method of Durand and Kerner. */
static void roots(const double complex *c, int n, double complex *z)
{
	for (int i = 0; i < n; i++)
		z[i] = cpow(0.4 + 0.9 * I, i);
	for (int step = 0; step < 60; step++)
		for (int i = 0; i < n; i++) {
			double complex d = 1;

			for (int j = 0; j < n; j++)
				if (j != i)
					d *= z[i] - z[j];
			z[i] -= horner(c, n + 1, z[i]) / d;
		}
}

int main(void)
{
	double complex a = 3 + 4 * I, b = -1.5 + 0.25 * I, z[4];
	float complex f = (float complex)(1 + 2 * I);
	const double complex polynomial[] = { 24, -50, 35, -10, 1 };

	show("mul", a * b);
	show("div", a / b);
	show("conj", conj(a) - b);
	show("exp", cexp(b));
	show("log", clog(a));
	show("sqrt", csqrt(-a));
	show("pow", cpow(a, b));
	show("sin", csin(b));
	show("tanh", ctanh(a));
	show("float", f * f / (f + 1));
	printf("%.10g", cabs(a));
	printf(" %.10g\n", carg(b));
	roots(polynomial, 4, z);
	for (int i = 0; i < 4; i++)
		show("root", round(creal(z[i]) * 1e8) / 1e8 + I * round(cimag(z[i]) * 1e8) / 1e8);
	return 0;
}
