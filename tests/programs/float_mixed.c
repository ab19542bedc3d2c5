/* Loops over singles, over doubles and over both in turn: registers that are two singles here are one double there. */
#include <stdio.h>

enum { N = 64 };
static float f[N];
static double d[N];

static void fill(void)
{
	for (int i = 0; i < N; i++) {
		f[i] = (float)(i * 7 % 31) / 8 - 1;
		d[i] = (double)(i * 11 % 29) / 16 - 1;
	}
}

static float singles(float a, float b)
{
	float x = 0, y = 1;

	for (int i = 0; i < N; i++) {
		x = x * 0.5f + f[i] * a;
		y += x < 0 ? -b : f[i];
	}
	return x + y;
}

static double in_turn(int rounds)
{
	float s = 0, t = 1;
	double u = 0;

	for (int r = 0; r < rounds; r++) {
		for (int i = r & 7; i < N; i++)
			s = s * 0.25f + f[i] * t;
		u = u * 0.5 + s;
		for (int i = 0; i < (r & 15); i++)
			u += d[i] * t;
		t = (float)(u * 0.125) - s;
		if (r % 3 == 0)
			f[r % N] = t * 0.5f;
	}
	return u + t;
}

static double of_bits(int rounds)
{
	union {
		double d;
		float f[2];
	} v = { .d = 1 };
	int low = (union { unsigned u; char c[4]; }){ 1 }.c[0] ? 0 : 1;

	for (int i = 0; i < rounds; i++) {
		v.f[low] = f[i % N];
		v.f[1 - low] = v.f[1 - low] > 2 ? 1.875f : v.f[1 - low] + 0.0625f;
		if (i % 16 == 0)
			v.d *= 0.75;
	}
	return v.d;
}

int main(void)
{
	fill();
	for (int i = 0; i < 2000; i++) {
		float x = singles((float)i / 64, 0.5f);
		double y = in_turn(40), z = of_bits(50);

		if (i % 250 == 0)
			printf("%a %a %a\n", (double)x, y, z);
	}
	return 0;
}
