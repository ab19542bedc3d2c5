/* Advanced SIMD lane by lane, by the pseudo-code of the manual (ARM F6); exact, not fast. */
#include <string.h>

#include "frontend/arm/neon.h"

/* ---- elements ---- */

static uint64_t mask_of(unsigned size)
{
	return size == 3 ? ~0ull : (1ull << (8u << size)) - 1;
}

static uint64_t get_lane(const uint64_t *v, unsigned size, unsigned i)
{
	unsigned bit = (i << size) * 8;

	return v[bit / 64] >> bit % 64 & mask_of(size);
}

static void set_lane(uint64_t *v, unsigned size, unsigned i, uint64_t x)
{
	unsigned bit = (i << size) * 8;

	v[bit / 64] = (v[bit / 64] & ~(mask_of(size) << bit % 64)) | (x & mask_of(size)) << bit % 64;
}

static int64_t number(uint64_t x, unsigned size, bool is_unsigned)
{
	unsigned up = 64 - (8u << size);

	return is_unsigned ? (int64_t)x : (int64_t)(x << up) >> up;
}

static bool less(const struct neon *k, int64_t a, int64_t b)
{
	return k->is_unsigned ? (uint64_t)a < (uint64_t)b : a < b;
}

/* (x + rounding) >> n, 1 <= n <= 64. */
static uint64_t shift_right(const struct neon *k, int64_t x, unsigned n)
{
	__int128 v = k->is_unsigned ? (__int128)(uint64_t)x : (__int128)x;

	return (uint64_t)((v + (k->round ? (__int128)1 << (n - 1) : 0)) >> n);
}

static uint64_t distance(const struct neon *k, int64_t a, int64_t b)
{
	return less(k, a, b) ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

static uint64_t high_half(const struct neon *k, uint64_t x)
{
	unsigned bits = 8u << k->dsize;

	return (x + (k->round ? 1ull << (bits - 1) : 0)) >> bits;
}

static uint64_t count_leading(uint64_t x, unsigned bits)
{
	return x ? (uint64_t)__builtin_clzll(x) - (64 - bits) : bits;
}

static uint64_t of_two(const struct neon *k, int64_t a, int64_t b, uint64_t d)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch ((enum neon_op)k->op) {
	case NEON_ADD: return ua + ub;
	case NEON_SUB: return ua - ub;
	case NEON_HADD: return (uint64_t)((a + b + k->round) >> 1);
	case NEON_HSUB: return (uint64_t)((a - b) >> 1);
	case NEON_MUL: return ua * ub;
	case NEON_MLA: return d + ua * ub;
	case NEON_MLS: return d - ua * ub;
	case NEON_ABD: return distance(k, a, b);
	case NEON_ABA: return d + distance(k, a, b);
	case NEON_MAX: return less(k, a, b) ? ub : ua;
	case NEON_MIN: return less(k, a, b) ? ua : ub;
	case NEON_TST: return ua & ub ? ~0ull : 0;
	case NEON_CEQ: return ua == ub ? ~0ull : 0;
	case NEON_CGE: return less(k, a, b) ? 0 : ~0ull;
	case NEON_CGT: return less(k, b, a) ? ~0ull : 0;
	case NEON_CLE: return less(k, b, a) ? 0 : ~0ull;
	case NEON_CLT: return less(k, a, b) ? ~0ull : 0;
	case NEON_ADDHN: return high_half(k, ua + ub);
	default: return high_half(k, ua - ub);
	}
}

static uint64_t of_one(const struct neon *k, int64_t b, uint64_t d)
{
	unsigned bits = 8u << k->dsize, n = k->shift;
	uint64_t ub = (uint64_t)b, low = mask_of(k->msize);

	switch ((enum neon_op)k->op) {
	case NEON_SHR: return n ? shift_right(k, b, n) : ub;
	case NEON_SRA: return d + shift_right(k, b, n);
	case NEON_SHL: return ub << n;
	case NEON_SLI: return (d & ((1ull << n) - 1)) | ub << n;
	case NEON_SRI: return n == bits ? d : (d & ~(mask_of(k->dsize) >> n)) | (ub & low) >> n;
	case NEON_ABS: return b < 0 ? 0 - ub : ub;
	case NEON_NEG: return 0 - ub;
	case NEON_CLS: return count_leading((ub ^ ub >> 1) & low >> 1, bits) - 1;
	case NEON_CLZ: return count_leading(ub & low, bits);
	case NEON_CNT: return (uint64_t)__builtin_popcountll(ub & low);
	default: return ub;
	}
}

/* ---- across lanes ---- */

static uint64_t paired(const struct neon *k, uint64_t x, uint64_t y)
{
	int64_t a = number(x, k->msize, k->is_unsigned), b = number(y, k->msize, k->is_unsigned);

	switch ((enum neon_op)k->op) {
	case NEON_PMAX: return (uint64_t)(less(k, a, b) ? b : a);
	case NEON_PMIN: return (uint64_t)(less(k, a, b) ? a : b);
	default: return (uint64_t)a + (uint64_t)b;
	}
}

static uint64_t lane_of(const struct neon *k, unsigned i, const uint64_t *d, const uint64_t *n, const uint64_t *m)
{
	uint64_t old = get_lane(d, k->dsize, i);

	if (k->op == NEON_REV)
		return get_lane(m, k->msize, i ^ ((1u << (k->shift - k->msize)) - 1));
	if (k->op == NEON_PADDL || k->op == NEON_PADAL) {
		uint64_t sum = paired(k, get_lane(m, k->msize, 2 * i), get_lane(m, k->msize, 2 * i + 1));
		return k->op == NEON_PADAL ? old + sum : sum;
	}
	if (k->op >= NEON_PADD && k->op <= NEON_PMIN) {
		const uint64_t *v = 2u * i < k->lanes ? n : m;
		unsigned at = 2 * i % k->lanes;
		return paired(k, get_lane(v, k->msize, at), get_lane(v, k->msize, at + 1));
	}
	uint64_t a = get_lane(n, k->nsize, i), b = get_lane(m, k->msize, k->index ? k->index - 1u : i);
	if (k->op >= NEON_SHR)
		return of_one(k, number(b, k->msize, k->is_unsigned), old);
	return of_two(k, number(a, k->nsize, k->is_unsigned), number(b, k->msize, k->is_unsigned), old);
}

/* ---- calls ---- */

static uint64_t pack(const struct neon *k)
{
	return k->op | (uint64_t)k->dsize << 8 | (uint64_t)k->nsize << 10 | (uint64_t)k->msize << 12 |
	       (uint64_t)k->lanes << 16 | (uint64_t)k->shift << 24 | (uint64_t)k->is_unsigned << 32 |
	       (uint64_t)k->round << 33 | (uint64_t)k->d << 34 | (uint64_t)k->n << 39 | (uint64_t)k->m << 44 |
	       (uint64_t)k->index << 49;
}

static struct neon unpack(uint64_t w)
{
	return (struct neon){
		.op = (uint8_t)w, .dsize = w >> 8 & 3, .nsize = w >> 10 & 3, .msize = w >> 12 & 3,
		.lanes = w >> 16 & 31, .shift = (uint8_t)(w >> 24), .is_unsigned = w >> 32 & 1, .round = w >> 33 & 1,
		.d = w >> 34 & 31, .n = w >> 39 & 31, .m = w >> 44 & 31, .index = w >> 49 & 31,
	};
}

/* Copies: results may overlap operands. A register behind the last is not read, its place is 0. */
static void copy_pair(const struct arm_state *s, unsigned reg, uint64_t out[2])
{
	out[0] = s->d[reg];
	out[1] = reg < 31 ? s->d[reg + 1] : 0;
}

static uint64_t neon(void *state, uint64_t what, uint64_t b, uint64_t c)
{
	struct arm_state *s = state;
	struct neon k = unpack(what);
	uint64_t d[2], n[2], m[2], out[2];

	(void)b, (void)c;
	copy_pair(s, k.d, d);
	copy_pair(s, k.n, n);
	copy_pair(s, k.m, m);
	memcpy(out, d, sizeof out);
	for (unsigned i = 0; i < k.lanes; i++)
		set_lane(out, k.dsize, i, lane_of(&k, i, d, n, m));
	s->d[k.d] = out[0];
	if (k.lanes << k.dsize > 8)
		s->d[k.d + 1] = out[1];
	return 0;
}

const struct ir_helper arm_neon = { "arm_neon", neon, IR_HELPER_READS | IR_HELPER_WRITES };

void neon_call(struct arm_lift *l, struct neon k)
{
	ir_call(l->b, &arm_neon, IR_VOID, ir_const(l->b, IR_I64, pack(&k)), IR_NONE, IR_NONE);
}

static uint64_t neon_simd(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct arm_state *s = state;
	struct arm_simd k = { (uint8_t)a, (uint8_t)(a >> 8), (uint8_t)(a >> 16), (uint8_t)(a >> 24), (uint8_t)(a >> 32) };
	unsigned rd = b & 31, index = b >> 16 & 255;
	struct arm_simd_vec d, n, m;

	(void)c;
	copy_pair(s, rd, d.q);
	copy_pair(s, b >> 5 & 31, n.q);
	copy_pair(s, b >> 10 & 31, m.q);
	if (index) {
		uint64_t x = get_lane(m.q, k.esize, index - 1);
		for (unsigned i = 0; i < 16u >> k.esize; i++)
			set_lane(m.q, k.esize, i, x);
	}
	if (arm_simd_exec(&k, &d, &n, &m))
		s->fp_qc = 1;
	s->d[rd] = d.q[0];
	if (b >> 15 & 1)
		s->d[rd + 1] = d.q[1];
	return 0;
}

const struct ir_helper arm_neon_simd = { "arm_neon_simd", neon_simd, IR_HELPER_READS | IR_HELPER_WRITES };

void neon_call_shared(struct arm_lift *l, struct neon_shared k)
{
	uint64_t what = k.simd.op | (uint64_t)k.simd.esize << 8 | (uint64_t)k.simd.lanes << 16 |
			(uint64_t)k.simd.shift << 24 | (uint64_t)k.simd.flags << 32;
	uint64_t registers = k.d | (uint64_t)k.n << 5 | (uint64_t)k.m << 10 | (uint64_t)k.wide_d << 15 |
			     (uint64_t)k.index << 16;

	ir_call(l->b, &arm_neon_simd, IR_VOID, ir_const(l->b, IR_I64, what), ir_const(l->b, IR_I64, registers), IR_NONE);
}

bool neon_registers(struct arm_lift *l, const struct arm_word *in, bool d, bool n, bool m)
{
	if (!((d && in->rd & 1) || (n && in->rn & 1) || (m && in->rm & 1)))
		return true;
	arm_illegal(l);
	return false;
}

ir_val neon_get(struct arm_lift *l, bool quad, unsigned n)
{
	ir_val v = ir_vfirst(l->b, get_d(l, n));

	return quad ? ir_insert(l->b, v, get_d(l, n + 1), 1) : v;
}

void neon_set(struct arm_lift *l, bool quad, unsigned n, ir_val v)
{
	v = neon_cast(l, IR_I64X2, v);
	set_d(l, n, ir_extract(l->b, v, 0));
	if (quad)
		set_d(l, n + 1, ir_extract(l->b, v, 1));
}
