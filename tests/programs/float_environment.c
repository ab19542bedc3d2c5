/* Rounding modes and exception flags through fenv.h. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>

static const struct {
	int mode;
	const char *name;
} mode[] = { { FE_TONEAREST, "near" }, { FE_UPWARD, "up" }, { FE_DOWNWARD, "down" }, { FE_TOWARDZERO, "zero" } };

static void flags(const char *what)
{
	printf("%s", what);
	printf(":%s", fetestexcept(FE_INEXACT) ? " inexact" : "");
	printf("%s", fetestexcept(FE_OVERFLOW) ? " overflow" : "");
	printf("%s", fetestexcept(FE_UNDERFLOW) ? " underflow" : "");
	printf("%s", fetestexcept(FE_DIVBYZERO) ? " divbyzero" : "");
	printf("%s\n", fetestexcept(FE_INVALID) ? " invalid" : "");
	feclearexcept(FE_ALL_EXCEPT);
}

static volatile double one = 1, three = 3, tiny = 1e-300, huge = 1e300, zero, half = 0.5;
static volatile float fone = 1, fthree = 3, fbig = 3e38f;
static volatile double sink;

static void rounding(void)
{
	for (int i = 0; i < 4; i++) {
		fesetround(mode[i].mode);
		if (fegetround() != mode[i].mode)
			printf("mode lost\n");
		printf("%s: %a %a %a %a\n", mode[i].name, one / three, -one / three, one + tiny, -one - tiny);
		printf("  %a %a %a\n", (double)(fone / fthree), (double)(float)(one / three), huge * huge);
		printf("  %g", rint(half + 2));
		printf(" %g", rint(-half));
		printf(" %ld", lrint(half + 1));
		printf(" %ld\n", lrint(-half - 2));
		printf("  %a", sqrt(three));
		printf(" %a\n", fma(one / three, three, -one));
		printf("  %a %a\n", (double)(float)(one + 16777216), tiny * tiny);
	}
	fesetround(FE_TONEAREST);
}

int main(void)
{
	fenv_t saved;

	feclearexcept(FE_ALL_EXCEPT);
	sink = one + one;
	flags("exact");
	sink = one / three;
	flags("third");
	sink = huge * huge;
	flags("huge");
	sink = tiny * tiny;
	flags("tiny");
	sink = one / zero;
	flags("by zero");
	sink = zero / zero;
	flags("zero by zero");
	sink = sqrt(-one);
	flags("root");
	sink = (float)huge;
	flags("narrowed");
	fbig = fbig * fthree;
	flags("single");
	sink = (double)(int)half;
	flags("to integer");
	feraiseexcept(FE_OVERFLOW | FE_DIVBYZERO);
	/* Whether an overflow raised by hand is inexact as well is the C library's choice. */
	feclearexcept(FE_INEXACT);
	flags("raised");
	rounding();
	flags("after rounding");
	feholdexcept(&saved);
	sink = one / zero;
	feclearexcept(FE_DIVBYZERO);
	sink = one / three;
	feupdateenv(&saved);
	flags("updated");
	return 0;
}
