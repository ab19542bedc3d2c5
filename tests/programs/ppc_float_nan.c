/* Which NaN comes out: the first operand's payload made quiet, the default NaN for invalid operations.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int bad;

static double from(uint64_t u)
{
	double d;

	memcpy(&d, &u, sizeof d);
	return d;
}

static void expect(const char *what, double got, uint64_t want)
{
	uint64_t u;

	memcpy(&u, &got, sizeof u);
	if (u != want) {
		printf("%s: %016llx, expected %016llx\n", what, (unsigned long long)u, (unsigned long long)want);
		bad++;
	}
}

#define OP2(name, a, b, want) do { \
	double x_ = (a), y_ = (b), r_; \
	__asm__ volatile(name " %0, %1, %2" : "=f"(r_) : "f"(x_), "f"(y_)); \
	expect(name, r_, want); \
} while (0)

#define OP3(name, a, c, b, want) do { \
	double x_ = (a), z_ = (c), y_ = (b), r_; \
	__asm__ volatile(name " %0, %1, %2, %3" : "=f"(r_) : "f"(x_), "f"(z_), "f"(y_)); \
	expect(name, r_, want); \
} while (0)

int main(void)
{
	const uint64_t def = 0x7ff8000000000000;
	double q1 = from(0x7ff8000000001111), q2 = from(0xfff8000022220000), s1 = from(0x7ff0000000003333);
	double s2 = from(0xfff4444444444444), inf = from(0x7ff0000000000000), zero = 0, one = 1;

	OP2("fadd", q1, q2, 0x7ff8000000001111);
	OP2("fadd", one, q2, 0xfff8000022220000);
	OP2("fadd", s1, q1, 0x7ff8000000003333);
	OP2("fadd", q1, s1, 0x7ff8000000001111);
	OP2("fsub", inf, inf, def);
	OP2("fmul", zero, inf, def);
	OP2("fmul", s2, one, 0xfffc444444444444);
	OP2("fdiv", zero, zero, def);
	OP2("fdiv", inf, inf, def);
	OP2("fdiv", one, s2, 0xfffc444444444444);
	OP3("fmadd", q1, s1, q2, 0x7ff8000000001111);
	OP3("fmadd", one, s1, q2, 0xfff8000022220000);
	OP3("fmadd", one, s1, one, 0x7ff8000000003333);
	OP3("fmsub", zero, inf, one, def);
	OP3("fnmadd", one, one, q2, 0xfff8000022220000);
	OP3("fnmadd", zero, inf, one, def);
	OP3("fnmsub", inf, one, inf, def);
	OP2("fadds", q1, one, 0x7ff8000000000000);
	OP2("fadds", q2, one, 0xfff8000020000000);
	OP2("fsubs", inf, inf, def);
	OP2("fmuls", s2, one, 0xfffc444440000000);
	printf("%d bad\n", bad);
	return bad != 0;
}
