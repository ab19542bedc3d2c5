/* Variable arguments of all classes, beyond what registers hold, passed on by va_list and va_copy. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

static double sum(const char *types, ...)
{
	va_list ap;
	double s = 0;

	va_start(ap, types);
	for (; *types; types++)
		switch (*types) {
		case 'i': s += va_arg(ap, int); break;
		case 'l': s += (double)va_arg(ap, int64_t); break;
		case 'd': s += va_arg(ap, double); break;
		case 'p': s += *va_arg(ap, int *); break;
		}
	va_end(ap);
	return s;
}

static int twice(char *out, size_t n, const char *fmt, ...)
{
	va_list ap, again;
	int a, b;

	va_start(ap, fmt);
	va_copy(again, ap);
	a = vsnprintf(out, n, fmt, ap);
	b = vsnprintf(out + a, n - (size_t)a, fmt, again);
	va_end(again);
	va_end(ap);
	return a + b;
}

struct pair {
	int a;
	double b;
};

static double pairs(int n, ...)
{
	va_list ap;
	double s = 0;

	va_start(ap, n);
	while (n--) {
		struct pair p = va_arg(ap, struct pair);

		s += p.a * p.b;
	}
	va_end(ap);
	return s;
}

int main(void)
{
	char buf[400];
	int one = 1;

	printf("%g\n", sum("iiiiiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
	printf("%g\n", sum("dddddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.5));
	printf("%g\n", sum("ilidilildlpil", 1, (int64_t)1 << 33, 2, 0.25, 3, (int64_t)-5, 4, (int64_t)7, 1e3,
			   (int64_t)1 << 40, &one, 9, (int64_t)10));
	printf("%g\n", pairs(3, (struct pair){ 1, 2.5 }, (struct pair){ -3, 4 }, (struct pair){ 100, 0.125 }));
	printf("%d", twice(buf, sizeof buf, "%d %s %c %5.2f %lld %x;", -5, "text", 'c', 3.14159, 1ll << 50, 255u));
	printf(" %s\n", buf);
	printf("%2$s %1$d %3$*4$d|%5$.*6$f\n", 7, "seven", 42, 6, 2.0 / 3, 3);
	return 0;
}
