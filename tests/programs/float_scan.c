/* strtod, strtof and scanf of numbers: halfway cases, hexadecimal, garbage, ranges.
 * @without hot
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const text[] = { "0", "-0", "1", "3.14159", "1e308", "1e309", "-1e400", "1e-308", "1e-320", "1e-400",
				    "0x1p-1074", "0x1.fffffffffffff8p0", "0x1.8p1xyz", "9007199254740993",
				    "9007199254740992.9999", "2.2250738585072012e-308", "2.2250738585072011e-308",
				    "4.9e-324", "2.4703282292062327208e-324", "2.4703282292062328e-324", "inf", "-INFINITY",
				    "  12.5tail", ".5", ".", "", "e5", "1e", "1e+", "179769313486231580793728971405303e278",
				    "16777217", "3.4028236e38", "1.00000005960464477540" };

int main(void)
{
	int a, n;
	unsigned x;
	double d;
	float f;
	char word[16], rest[16];

	for (unsigned i = 0; i < sizeof text / sizeof text[0]; i++) {
		char *end;

		errno = 0;
		d = strtod(text[i], &end);
		printf("%s: %a %s rest '%s'", text[i], d, errno == ERANGE ? "range" : "ok", end);
		errno = 0;
		f = strtof(text[i], &end);
		printf(" float %a %s\n", (double)f, errno == ERANGE ? "range" : "ok");
	}
	n = sscanf("42 -7.25 hello ff 1e3", "%d %lf %15s %x %f", &a, &d, word, &x, &f);
	printf("%d: %d %g %s %x %g\n", n, a, d, word, x, (double)f);
	n = sscanf("  12abc:[xyz]", "%d%[a-c]:[%15[^]]", &a, word, rest);
	printf("%d: %d %s %s\n", n, a, word, rest);
	n = sscanf("077 0x1f 99999999999", "%i %i %d", &a, (int *)&x, &n);
	printf("%d %u\n", a, x);
	printf("%lld", strtoll("-9223372036854775809", NULL, 10));
	printf(" %llu", strtoull("zz", NULL, 36));
	printf(" %d\n", atoi("12x"));
	return 0;
}
