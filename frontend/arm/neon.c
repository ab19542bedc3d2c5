/* Advanced SIMD: descriptions as IR, by what both ARM front ends share, and registers. */
#include <string.h>

#include "frontend/arm/neon.h"
#include "frontend/common/arm_simd_lift.h"

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

/* ---- calls ---- */

/* Copies: results may overlap operands. A register behind the last is not read, its place is 0. */
static void copy_pair(const struct arm_state *s, unsigned reg, uint64_t out[2])
{
	out[0] = s->d[reg];
	out[1] = reg < 31 ? s->d[reg + 1] : 0;
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

/* ---- descriptions ---- */

/* Operands of a description, as vectors of the elements it says. */
struct operands {
	ir_val d, n, m;
};

static ir_val operand(struct arm_lift *l, const struct neon *k, unsigned reg, unsigned size)
{
	return neon_get_as(l, k->lanes << size > 8, reg, size);
}

static ir_val element_or_vector(struct arm_lift *l, const struct neon *k)
{
	if (!k->index)
		return operand(l, k, k->m, k->msize);
	return arm_simd_spread(l->b, k->msize, neon_get_as(l, false, k->m, k->msize), k->index - 1u);
}

static bool reads_d(const struct neon *k)
{
	return k->op == NEON_MLA || k->op == NEON_MLS || k->op == NEON_ABA || k->op == NEON_SRA || k->op == NEON_SLI ||
	       k->op == NEON_SRI || k->op == NEON_PADAL;
}

/* Elements of one width. */
static ir_val same_width(struct arm_lift *l, const struct neon *k, struct operands v)
{
	static const uint8_t op[] = {
		[NEON_ADD] = ARM_SIMD_ADD, [NEON_SUB] = ARM_SIMD_SUB, [NEON_HADD] = ARM_SIMD_HADD, [NEON_HSUB] = ARM_SIMD_HSUB,
		[NEON_MUL] = ARM_SIMD_MUL, [NEON_MLA] = ARM_SIMD_MLA, [NEON_MLS] = ARM_SIMD_MLS, [NEON_ABD] = ARM_SIMD_ABD,
		[NEON_ABA] = ARM_SIMD_ABA, [NEON_MAX] = ARM_SIMD_MAX, [NEON_MIN] = ARM_SIMD_MIN, [NEON_TST] = ARM_SIMD_CMTST,
		[NEON_CEQ] = ARM_SIMD_CMEQ, [NEON_CGE] = ARM_SIMD_CMGE, [NEON_CGT] = ARM_SIMD_CMGT,
		[NEON_CLE] = ARM_SIMD_CMGE, [NEON_CLT] = ARM_SIMD_CMGT, [NEON_ABS] = ARM_SIMD_ABS, [NEON_NEG] = ARM_SIMD_NEG,
		[NEON_CLS] = ARM_SIMD_CLS, [NEON_CLZ] = ARM_SIMD_CLZ, [NEON_CNT] = ARM_SIMD_CNT,
	};
	enum arm_simd_lane_op what = k->op == NEON_HADD && k->round ? ARM_SIMD_RHADD : (enum arm_simd_lane_op)op[k->op];
	bool swap = k->op == NEON_CLE || k->op == NEON_CLT || k->op >= NEON_SHR;

	return arm_simd_lanes(l->b, what, k->is_unsigned, v.d, swap ? v.m : v.n, swap ? v.n : v.m);
}

static ir_val shifted(struct arm_lift *l, const struct neon *k, struct operands v)
{
	switch ((enum neon_op)k->op) {
	case NEON_SHR: return arm_simd_shift_right(l->b, k->is_unsigned, k->round, v.m, k->shift);
	case NEON_SRA: return ir_add(l->b, v.d, arm_simd_shift_right(l->b, k->is_unsigned, k->round, v.m, k->shift));
	case NEON_SHL: return arm_simd_shift_left(l->b, v.m, k->shift);
	default: return arm_simd_shift_insert(l->b, k->op == NEON_SLI, v.d, v.m, k->shift);
	}
}

/* The result twice as wide as Vm. */
static ir_val widening(struct arm_lift *l, const struct neon *k, struct operands v)
{
	static const uint8_t op[] = {
		[NEON_ADD] = ARM_SIMD_ADDL, [NEON_SUB] = ARM_SIMD_SUBL, [NEON_ABD] = ARM_SIMD_ABDL, [NEON_ABA] = ARM_SIMD_ABAL,
		[NEON_MUL] = ARM_SIMD_MULL, [NEON_MLA] = ARM_SIMD_MLAL, [NEON_MLS] = ARM_SIMD_MLSL,
	};
	ir_val wide;

	if (k->op == NEON_PADDL || k->op == NEON_PADAL) {
		wide = arm_simd_neighbour_sums(l->b, k->is_unsigned, v.m);
		return k->op == NEON_PADAL ? ir_add(l->b, v.d, wide) : wide;
	}
	if (k->op == NEON_SHL || k->nsize == k->dsize) {
		wide = arm_simd_widen(l->b, k->is_unsigned, false, v.m);
		if (k->op == NEON_SHL)
			return arm_simd_shift_left(l->b, wide, k->shift);
		return k->op == NEON_ADD ? ir_add(l->b, v.n, wide) : ir_sub(l->b, v.n, wide);
	}
	return arm_simd_long(l->b, (enum arm_simd_long)op[k->op], k->is_unsigned, false, v.d, v.n, v.m);
}

/* The result half as wide as Vm. */
static ir_val narrowing(struct arm_lift *l, const struct neon *k, struct operands v)
{
	if (k->op == NEON_MOV)
		return arm_simd_narrow(l->b, v.m);
	if (k->op == NEON_SHR)
		return arm_simd_shift_narrow(l->b, k->round, v.m, k->shift);
	v.m = k->op == NEON_ADDHN ? ir_add(l->b, v.n, v.m) : ir_sub(l->b, v.n, v.m);
	return arm_simd_shift_narrow(l->b, k->round, v.m, 8u << k->dsize);
}

/* Pairs of Vn, then of Vm. */
static ir_val paired(struct arm_lift *l, const struct neon *k, struct operands v)
{
	ir_val even = arm_simd_unzip(l->b, k->dsize, k->lanes, v.n, v.m, 0);
	ir_val odd = arm_simd_unzip(l->b, k->dsize, k->lanes, v.n, v.m, 1);

	if (k->op == NEON_PADD)
		return ir_add(l->b, even, odd);
	return arm_simd_lanes(l->b, k->op == NEON_PMAX ? ARM_SIMD_MAX : ARM_SIMD_MIN, k->is_unsigned, even, even, odd);
}

static ir_val reversed(struct arm_lift *l, const struct neon *k, ir_val m)
{
	uint8_t map[16];

	for (unsigned i = 0; i < k->lanes; i++)
		map[i] = (uint8_t)(i ^ ((1u << (k->shift - k->msize)) - 1));
	return arm_simd_permute(l->b, k->msize, m, m, map, k->lanes);
}

static ir_val result_of(struct arm_lift *l, const struct neon *k, struct operands v)
{
	if (k->op == NEON_REV)
		return reversed(l, k, v.m);
	if (k->op >= NEON_PADD && k->op <= NEON_PMIN)
		return paired(l, k, v);
	if (k->dsize > k->msize)
		return widening(l, k, v);
	if (k->dsize < k->msize)
		return narrowing(l, k, v);
	return k->op >= NEON_SHR && k->op <= NEON_SRI ? shifted(l, k, v) : same_width(l, k, v);
}

void neon_lift(struct arm_lift *l, struct neon k)
{
	bool sums = k.op == NEON_PADDL || k.op == NEON_PADAL;
	struct operands v;

	v.m = sums ? neon_get_as(l, k.lanes << k.dsize > 8, k.m, k.msize) : element_or_vector(l, &k);
	v.n = k.op >= NEON_SHR && !(k.op >= NEON_PADD && k.op <= NEON_PMIN) ? v.m : operand(l, &k, k.n, k.nsize);
	v.d = reads_d(&k) ? operand(l, &k, k.d, k.dsize) : v.n;
	neon_set(l, k.lanes << k.dsize > 8, k.d, result_of(l, &k, v));
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
