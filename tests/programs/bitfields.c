/* Bit-fields: signed and unsigned, across word borders, arrays of them, and in unions by value. */
#include <stdint.h>
#include <stdio.h>

struct fields {
	unsigned a : 3;
	int b : 5;
	unsigned c : 12;
	int d : 12;
	unsigned : 0;
	uint64_t e : 40;
	unsigned f : 1;
	int g : 1;
};

static void show(const struct fields *f)
{
	printf("%u %d %u %d %llu %u %d\n", f->a, f->b, f->c, f->d, (unsigned long long)f->e, f->f, f->g);
}

struct date {
	unsigned year : 12, month : 4, day : 5;
	signed zone : 5;
};

static struct date shift(struct date d, int days)
{
	d.day += (unsigned)days;
	d.month += d.day / 28;
	d.zone -= 3;
	return d;
}

int main(void)
{
	struct fields f = { 5, -9, 0xabc, -2000, 0x123456789aull, 1, -1 };
	struct date d = { 2024, 11, 20, -7 };

	show(&f);
	for (int i = 0; i < 20; i++) {
		f.a++;
		f.b -= 3;
		f.c = f.c * 5 + f.a;
		f.d ^= f.b;
		f.e += (uint64_t)f.c << 22;
		f.f = !f.f;
		f.g = f.f ? -1 : 0;
		show(&f);
		d = shift(d, i);
		printf("%u-%u-%u %d\n", d.year, d.month, d.day, d.zone);
	}
	return 0;
}
