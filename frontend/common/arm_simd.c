#include "frontend/common/arm_simd.h"

/* Wide enough for every exact value between operand and saturation. */
typedef __int128 wide;

static uint64_t lane(const struct arm_simd_vec *v, unsigned esize, unsigned i)
{
	unsigned bit = (i << esize) * 8, bits = 8u << esize;
	uint64_t x = v->q[bit / 64] >> bit % 64;

	return bits == 64 ? x : x & ((1ull << bits) - 1);
}

/* Lanes are written once each into a vector of zeros. */
static void set_lane(struct arm_simd_vec *v, unsigned esize, unsigned i, uint64_t x)
{
	unsigned bit = (i << esize) * 8, bits = 8u << esize;

	v->q[bit / 64] |= (bits == 64 ? x : x & ((1ull << bits) - 1)) << bit % 64;
}

/* The number the low bits hold. */
static wide number(uint64_t x, unsigned bits, bool is_unsigned)
{
	x = bits == 64 ? x : x & ((1ull << bits) - 1);
	return is_unsigned || !(x >> (bits - 1) & 1) ? (wide)x : (wide)x - ((wide)1 << bits);
}

/* SatQ: the nearest number that fits. */
static uint64_t saturate(wide x, unsigned bits, bool is_unsigned, bool *sat)
{
	wide least = is_unsigned ? 0 : -((wide)1 << (bits - 1));
	wide most = ((wide)1 << (is_unsigned ? bits : bits - 1)) - 1;

	if (x >= least && x <= most)
		return (uint64_t)x;
	*sat = true;
	return (uint64_t)(x < least ? least : most);
}

/* What an element function sees: the description, the bits of a narrow element, and the flag. */
struct element {
	const struct arm_simd *k;
	unsigned bits;
	bool is_unsigned;
	bool saturated;
};

static wide shift_right(const struct element *e, wide x, unsigned n)
{
	if (n && e->k->flags & ARM_SIMD_ROUND)
		x += (wide)1 << (n - 1);
	return x >> n;
}

static uint64_t qadd_mixed(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	(void)m;
	return saturate(number(d, e->bits, e->is_unsigned) + number(n, e->bits, !e->is_unsigned), e->bits,
			e->is_unsigned, &e->saturated);
}

/* Left by n < 128. What is shifted beyond any register saturates as its sign says. */
static uint64_t shift_left(struct element *e, wide x, unsigned n, bool to_unsigned, bool saturating)
{
	if (n < e->bits)
		return saturating ? saturate(x * ((wide)1 << n), e->bits, to_unsigned, &e->saturated) :
				    (uint64_t)x << n;
	if (!saturating || !x)
		return 0;
	wide beyond = (wide)1 << 100;
	return saturate(x < 0 ? -beyond : beyond, e->bits, to_unsigned, &e->saturated);
}

static uint64_t shl(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	wide x = number(n, e->bits, e->is_unsigned);
	int by = (int8_t)(uint8_t)m;
	enum { ALL = 100 };	/* a shift right by more gives the same */

	(void)d;
	if (by >= 0)
		return shift_left(e, x, (unsigned)by, e->is_unsigned, e->k->flags & ARM_SIMD_SATURATE);
	return (uint64_t)shift_right(e, x, by < -ALL ? ALL : (unsigned)-by);
}

static uint64_t qshl_n(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	bool to_unsigned = e->is_unsigned || e->k->flags & ARM_SIMD_TO_UNSIGNED;

	(void)d, (void)m;
	return shift_left(e, number(n, e->bits, e->is_unsigned), e->k->shift, to_unsigned, true);
}

static wide twice_product(const struct element *e, uint64_t n, uint64_t m)
{
	return 2 * number(n, e->bits, false) * number(m, e->bits, false);
}

static uint64_t qdmlah(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	wide product = twice_product(e, n, m);
	wide sum = number(d, e->bits, false) * ((wide)1 << e->bits);

	sum += e->k->flags & ARM_SIMD_SUBTRACT ? -product : product;
	return saturate(shift_right(e, sum, e->bits), e->bits, false, &e->saturated);
}

static uint64_t pmul(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	uint64_t product = 0;

	(void)d;
	for (unsigned i = 0; i < e->bits; i++)
		product ^= m >> i & 1 ? n << i : 0;
	return product;
}

/* UnsignedRecipEstimate: of a fraction in [1/2, 1) to nine bits; all ones for less. */
static uint64_t recpe(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	(void)e, (void)d, (void)m;
	if (!(n >> 31))
		return 0xffffffff;
	uint32_t a = (uint32_t)(n >> 23) * 2 + 1;
	uint32_t b = (1u << 19) / a;
	return (uint64_t)((b + 1) / 2) << 23;
}

/* UnsignedRSqrtEstimate: of a fraction in [1/4, 1) to nine bits; all ones for less. */
static uint64_t rsqrte(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	(void)e, (void)d, (void)m;
	if (!(n >> 30))
		return 0xffffffff;
	uint64_t a = n >> 23;
	a = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
	uint64_t b = 512;
	while (a * (b + 1) * (b + 1) < 1ull << 28)
		b++;
	return (b + 1) / 2 << 23;
}

/* Products of bytes lie below 2^16: four of them and the sum modulo 2^32 fit anywhere. */
static int64_t dot_bytes(const struct element *e, uint64_t n, uint64_t m, unsigned bytes)
{
	bool n_unsigned = e->is_unsigned || e->k->flags & ARM_SIMD_N_UNSIGNED;
	bool m_unsigned = e->is_unsigned || e->k->flags & ARM_SIMD_M_UNSIGNED;
	int64_t sum = 0;

	for (unsigned i = 0; i < bytes; i++) {
		wide a = number(n >> i * 8, 8, n_unsigned);
		sum += (int64_t)(a * number(m >> i * 8, 8, m_unsigned));
	}
	return sum;
}

static uint64_t qdmull(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	(void)d;
	return saturate(twice_product(e, n, m), 2 * e->bits, false, &e->saturated);
}

/* The product is saturated, and then the sum is. */
static uint64_t qdmlal(struct element *e, uint64_t d, uint64_t n, uint64_t m)
{
	wide product = number(qdmull(e, d, n, m), 2 * e->bits, false);
	wide sum = number(d, 2 * e->bits, false) + (e->k->flags & ARM_SIMD_SUBTRACT ? -product : product);

	return saturate(sum, 2 * e->bits, false, &e->saturated);
}

/* Lanes of d, n and m are `esize` and this much wider. */
static const struct {
	uint64_t (*fn)(struct element *e, uint64_t d, uint64_t n, uint64_t m);
	uint8_t d, n, m;
} elements[ARM_SIMD_OPS] = {
	[ARM_SIMD_QADD_MIXED] = { qadd_mixed, 0, 0, 0 },
	[ARM_SIMD_SHL] = { shl, 0, 0, 0 },
	[ARM_SIMD_QSHL_N] = { qshl_n, 0, 0, 0 },
	[ARM_SIMD_QDMLAH] = { qdmlah, 0, 0, 0 },
	[ARM_SIMD_PMUL] = { pmul, 0, 0, 0 },
	[ARM_SIMD_RECPE] = { recpe, 0, 0, 0 },
	[ARM_SIMD_RSQRTE] = { rsqrte, 0, 0, 0 },
	[ARM_SIMD_QDMULL] = { qdmull, 1, 0, 0 },
	[ARM_SIMD_QDMLAL] = { qdmlal, 1, 0, 0 },
	[ARM_SIMD_PMULL] = { pmul, 1, 0, 0 },
};

/* Lane i of the result: row i / 2 of n by row i % 2 of m. */
static struct arm_simd_vec mmla(const struct element *e, const struct arm_simd_vec *d,
				const struct arm_simd_vec *n, const struct arm_simd_vec *m)
{
	struct arm_simd_vec r = { { 0, 0 } };

	for (unsigned i = 0; i < 4; i++)
		set_lane(&r, 2, i, lane(d, 2, i) + (uint64_t)dot_bytes(e, n->q[i / 2], m->q[i % 2], 8));
	return r;
}

bool arm_simd_exec(const struct arm_simd *k, struct arm_simd_vec *d, const struct arm_simd_vec *n,
		   const struct arm_simd_vec *m)
{
	struct element e = { .k = k, .bits = 8u << k->esize, .is_unsigned = k->flags & ARM_SIMD_UNSIGNED };
	unsigned d_size = k->esize + elements[k->op].d, n_size = k->esize + elements[k->op].n;
	unsigned m_size = k->esize + elements[k->op].m;
	struct arm_simd_vec r = { { 0, 0 } };

	if (k->op == ARM_SIMD_MMLA) {
		r = mmla(&e, d, n, m);
		arm_simd_put(d->q, &r);
		return false;
	}
	for (unsigned i = 0; i < k->lanes; i++) {
		uint64_t x = elements[k->op].fn(&e, lane(d, d_size, i), lane(n, n_size, i), lane(m, m_size, i));
		set_lane(&r, d_size, i, x);
	}
	arm_simd_put(d->q, &r);
	return e.saturated;
}
