/* Operands at the borders of formats, and pairs of them that are hard to round. */
#include "exact.h"
#include "vectors.h"

/* Long runs of equal bits make ties and carries likely. */
static uint64_t draw_fraction(struct test_rng *r, unsigned width)
{
	uint64_t all = (UINT64_C(1) << width) - 1, v = test_next(r) & all, run = all << test_below(r, width) & all;

	switch (test_below(r, 8)) {
	case 0: return 0;
	case 1: return test_below(r, 4);
	case 2: return all - test_below(r, 4);
	case 3: return v & run;
	case 4: return v | (all & ~run);
	case 5: return UINT64_C(1) << test_below(r, width);
	default: return v;
	}
}

static uint64_t assemble(const struct exact_format *f, bool negative, int exp, uint64_t frac)
{
	exp = exp < 0 ? 0 : exp > f->top ? f->top : exp;
	return (uint64_t)negative << (f->bits - 1) | (uint64_t)exp << f->frac | (frac & ((UINT64_C(1) << f->frac) - 1));
}

uint64_t fpv_float(struct test_rng *r, unsigned size)
{
	struct exact_format f = exact_format(size);
	/* Borders of this format, of others, and of integers. */
	const int near[] = { 0, 1, f.top, f.top - 1, f.bias, f.bias, f.bias, f.bias + (int)f.frac, f.bias / 2, f.bias * 3 / 2,
			     f.bias + 31, f.bias + 63, f.bias - 14, f.bias + 15, f.bias - 126, f.bias + 127, f.bias - 24, f.bias - 149 };
	int exp;

	switch (test_below(r, 4)) {
	case 0: exp = near[test_below(r, sizeof near / sizeof *near)]; break;
	case 1: exp = near[test_below(r, sizeof near / sizeof *near)] + (int)test_below(r, 5) - 2; break;
	case 2: exp = f.bias - 8 + (int)test_below(r, 17); break;
	default: exp = (int)test_below(r, (unsigned)f.top + 1); break;
	}
	return assemble(&f, test_next(r) & 1, exp, draw_fraction(r, f.frac));
}

uint64_t fpv_integer(struct test_rng *r)
{
	static const uint64_t border[] = { 0, 0x7fff, 0x7fffffff, 0x7fffffffffffffff, 0xffff, 0xffffffff, 0x1000000, 0x20000000000000, 0x800 };
	uint64_t v = test_next(r) >> test_below(r, 64);

	switch (test_below(r, 4)) {
	case 0: v = border[test_below(r, sizeof border / sizeof *border)] + test_below(r, 5) - 2; break;
	case 1: v &= ~UINT64_C(0) << test_below(r, 64); break;
	default: break;
	}
	return test_below(r, 2) ? v : 0 - v;
}

struct guest_value fpv_vector(struct test_rng *r, unsigned size)
{
	struct guest_value v = { 0, 0 };

	for (unsigned i = 0; i < 128 / size; i++)
		fpv_set_lane(&v, size, i, fpv_float(r, size));
	return v;
}

static int exponent_of(const struct exact_format *f, uint64_t v)
{
	return (int)(v >> f->frac) & f->top;
}

static bool finite(unsigned size, uint64_t v)
{
	return exact_classify(size, v) <= EXACT_NORMAL;
}

/* What op makes of x and y, off by a few units in the last place. */
static uint64_t near_result(struct test_rng *r, enum exact_op op, unsigned size, uint64_t x, uint64_t y)
{
	exact_load(0, size, x);
	exact_load(1, size, y);
	struct exact_result out = exact_round(op, size, EXACT_NEAREST);
	uint64_t v = out.zero ? 0 : exact_bits(size);
	static const int off[] = { 0, 0, 0, 1, -1, 2 };

	return finite(size, v) && v << (65 - size) ? v + (uint64_t)off[test_below(r, 6)] : v;
}

/* An integer, a half between two, or what is next to them. */
static uint64_t near_integer(struct test_rng *r, unsigned size)
{
	uint64_t v;

	exact_load_integer(0, test_next(r) & 1, fpv_integer(r) >> test_below(r, 60), -(int)test_below(r, 3));
	struct exact_result out = exact_round(EXACT_X, size, EXACT_NEAREST);
	v = out.zero ? 0 : exact_bits(size);
	return v ? v + test_below(r, 3) - 1 : v;
}

void fpv_relate(struct test_rng *r, unsigned size, uint64_t *n, uint64_t *m, uint64_t *a)
{
	struct exact_format f = exact_format(size);
	bool negative = test_next(r) & 1, numbers = finite(size, *n) && finite(size, *m);
	unsigned kind = test_below(r, 15);

	/* Products at the upper end of factors that are in the middle between there and 1. */
	if (kind == 14) {
		*n = assemble(&f, test_next(r) & 1, f.bias * 3 / 2 + (int)test_below(r, 31) - 15, draw_fraction(r, f.frac));
		kind = 4;
	}
	int e = exponent_of(&f, *n);
	switch (kind) {
	case 0: *m = *n ^ (uint64_t)negative << (size - 1) ^ test_below(r, 3); break;
	case 1: *m = assemble(&f, negative, e - (int)f.frac - (int)test_below(r, 4), draw_fraction(r, f.frac)); break;
	case 2: *m = assemble(&f, negative, e + 1 - (int)test_below(r, 3), draw_fraction(r, f.frac)); break;
	/* Products and quotients at the ends of the range. */
	case 3: *m = assemble(&f, negative, f.bias - e + (int)test_below(r, 5) - (int)test_below(r, f.frac + 4), draw_fraction(r, f.frac)); break;
	case 4: *m = assemble(&f, negative, f.bias + f.top + 1 - e - (int)test_below(r, 5), draw_fraction(r, f.frac)); break;
	case 5: *m = assemble(&f, negative, e + f.bias - 2 + (int)test_below(r, f.frac + 6), draw_fraction(r, f.frac)); break;
	case 6: *m = assemble(&f, negative, e - f.bias + (int)test_below(r, 4) - 1, draw_fraction(r, f.frac)); break;
	/* Sums of product and addend that cancel; quotients and roots that are nearly exact. */
	case 7:
	case 8:
		if (numbers)
			*a = near_result(r, EXACT_MUL, size, *n, *m) ^ (uint64_t)negative << (size - 1);
		break;
	case 9:
		if (numbers)
			*n = near_result(r, EXACT_MUL, size, *m, *m >> (f.frac / 2) << (f.frac / 2));
		break;
	case 10:
		if (numbers && (*m >> (f.frac / 2) << (65 - size + f.frac / 2)))
			*n = near_result(r, EXACT_MUL, size, *m >> (f.frac / 2) << (f.frac / 2), *m >> (f.frac / 2) << (f.frac / 2));
		break;
	case 11:
	case 12: *n = near_integer(r, size); break;
	default: break;
	}
}

void fpv_relate_lanes(struct test_rng *r, unsigned size, struct guest_value *n, struct guest_value *m, struct guest_value *a)
{
	for (unsigned i = 0; i < 128 / size; i++) {
		uint64_t x = fpv_lane(n, size, i), y = fpv_lane(m, size, i), z = fpv_lane(a, size, i);

		fpv_relate(r, size, &x, &y, &z);
		fpv_set_lane(n, size, i, x);
		fpv_set_lane(m, size, i, y);
		fpv_set_lane(a, size, i, z);
	}
}
