/* Structures by value: small, large, with floats, nested, returned and passed through pointers to functions. */
#include <stdint.h>
#include <stdio.h>

struct byte { uint8_t v; };
struct half { int16_t a; uint8_t b; };
struct point { float x, y; };
struct wide { int64_t a; int32_t b; };
struct big { double m[3][3]; int tag; };
struct mix { char c; struct point p; struct wide w; double d; };

static struct byte make_byte(int x)
{
	return (struct byte){ (uint8_t)x };
}

static struct half make_half(int x)
{
	return (struct half){ (int16_t)-x, (uint8_t)(x * 3) };
}

static struct point add(struct point a, struct point b)
{
	return (struct point){ a.x + b.x, a.y - b.y };
}

static struct wide widen(struct half h, struct byte b)
{
	return (struct wide){ (int64_t)h.a * 1000000007, h.b + b.v };
}

static struct big multiply(struct big a, struct big b)
{
	struct big r = { .tag = a.tag + b.tag };

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			for (int k = 0; k < 3; k++)
				r.m[i][j] += a.m[i][k] * b.m[k][j];
	return r;
}

static struct mix blend(char c, struct point p, int64_t pad, struct wide w, double d, struct mix in)
{
	in.c += c;
	in.p = add(in.p, p);
	in.w.a += w.a + pad;
	in.w.b ^= w.b;
	in.d *= d;
	return in;
}

int main(void)
{
	struct mix m = { 'a', { 1.5f, 2 }, { 1, 2 }, 3 };
	struct big b = { { { 1, 2, 3 }, { 0, 1, 4 }, { 5, 6, 0 } }, 1 };
	struct mix (*const f)(char, struct point, int64_t, struct wide, double, struct mix) = blend;

	for (int i = 1; i < 6; i++) {
		struct wide w = widen(make_half(i), make_byte(i * 100));

		m = f(1, (struct point){ (float)i, 0.5f }, (int64_t)i << 35, w, 1.25, m);
		printf("%c %g %g %lld %d %g\n", m.c, (double)m.p.x, (double)m.p.y, (long long)m.w.a, m.w.b, m.d);
		b = multiply(b, b);
		printf("%d %g %g %g\n", b.tag, b.m[0][0], b.m[1][2], b.m[2][1]);
		for (int k = 0; k < 9; k++)
			b.m[k / 3][k % 3] /= 50;
	}
	return 0;
}
