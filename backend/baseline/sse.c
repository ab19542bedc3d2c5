/* Moves of vector registers and the emitters of floating-point operations. */
#include <math.h>

#include "backend/baseline/gen.h"

static bool avx(const struct gen *g)
{
	return g->feat & BASELINE_AVX;
}

static unsigned legacy_prefix(unsigned pp)
{
	static const uint8_t prefix[4] = { 0, X_66, X_F3, X_F2 };

	return prefix[pp];
}

/* Two-operand form: reg and rm only. */
static void sse_rr(struct gen *g, unsigned pp, bool w, unsigned op, unsigned reg, unsigned rm)
{
	if (avx(g))
		x64_vex_rr(&g->x, pp, 1, w, op, reg & 15, 0, rm & 15);
	else
		x64_rr(&g->x, legacy_prefix(pp) | (w ? X_W : 0), 0x0f00 | op, reg & 15, rm & 15);
}

static void sse_rm(struct gen *g, unsigned pp, unsigned op, unsigned reg, struct x64_mem m)
{
	if (avx(g))
		x64_vex_rm(&g->x, pp, 1, false, op, reg & 15, 0, m);
	else
		x64_rm(&g->x, legacy_prefix(pp), 0x0f00 | op, reg & 15, m);
}

void gen_sse(struct gen *g, unsigned pp, unsigned op, unsigned dst, unsigned a, unsigned b)
{
	if (avx(g)) {
		x64_vex_rr(&g->x, pp, 1, false, op, dst & 15, a & 15, b & 15);
		return;
	}
	if (dst != a)
		gen_xmm_move(g, dst, a);
	x64_rr(&g->x, legacy_prefix(pp), 0x0f00 | op, dst & 15, b & 15);
}

void gen_xmm_move(struct gen *g, unsigned dst, unsigned src)
{
	sse_rr(g, 0, false, 0x28, dst, src);
}

void gen_xmm_load(struct gen *g, unsigned bytes, unsigned dst, struct x64_mem m)
{
	sse_rm(g, bytes == 4 ? 2 : bytes == 8 ? 3 : 0, 0x10, dst, m);
}

void gen_xmm_store(struct gen *g, unsigned bytes, struct x64_mem m, unsigned src)
{
	sse_rm(g, bytes == 4 ? 2 : bytes == 8 ? 3 : 0, 0x11, src, m);
}

void gen_xmm_const(struct gen *g, unsigned dst, uint64_t lo, uint64_t hi)
{
	if (!lo && !hi) {
		gen_sse(g, 0, 0x57, dst, dst, dst);
		return;
	}
	unsigned index = gen_pool(g, lo, hi);
	gen_xmm_load(g, hi ? 16 : 8, dst, GEN_RIP);
	gen_pooled(g, index);
}

void gen_xmm_from_gpr(struct gen *g, unsigned bytes, unsigned dst, unsigned src)
{
	sse_rr(g, 1, bytes == 8, 0x6e, dst, src);
}

void gen_xmm_to_gpr(struct gen *g, unsigned bytes, unsigned dst, unsigned src)
{
	sse_rr(g, 1, bytes == 8, 0x7e, src, dst);
}

/* Scalar prefix: F3 for f32, F2 for f64. */
static unsigned scalar(const struct gen *g, ir_val v)
{
	return gen_type(g, v) == IR_F32 ? 2 : 3;
}

/* A register for the result that may be that of an operand, if the operand dies here. */
static unsigned def_over(struct gen *g, ir_val a, ir_val b)
{
	if (gen_in_reg(g, a) && gen_dies(g, a))
		return gen_def_copy(g, a);
	if (avx(g) && gen_in_reg(g, b) && gen_dies(g, b))
		return gen_def_copy(g, b);
	return gen_def(g);
}

/* A scalar operand in memory: a constant, or a value that is used last here and has its home there. */
struct operand {
	struct x64_mem m;
	int pool;		/* index of the constant, or -1 */
};

static bool memory_operand(struct gen *g, ir_val v, struct operand *o)
{
	o->pool = -1;
	if (!ir_is_const(v))
		return gen_memory(g, v, &o->m);
	o->m = GEN_RIP;
	o->pool = (int)gen_pool(g, ir_const_bits(g->u, v), 0);
	return true;
}

static void operand_done(struct gen *g, const struct operand *o)
{
	if (o->pool >= 0)
		gen_pooled(g, (unsigned)o->pool);
}

/* dst = a op memory. dst may be a. */
static void sse_operand(struct gen *g, unsigned pp, unsigned op, unsigned dst, unsigned a, const struct operand *o)
{
	if (avx(g)) {
		x64_vex_rm(&g->x, pp, 1, false, op, dst & 15, a & 15, o->m);
	} else {
		if (dst != a)
			gen_xmm_move(g, dst, a);
		x64_rm(&g->x, legacy_prefix(pp), 0x0f00 | op, dst & 15, o->m);
	}
	operand_done(g, o);
}

static void fbin(struct gen *g, unsigned op)
{
	ir_val va = g->in->arg[0], vb = g->in->arg[1];
	unsigned pp = scalar(g, va), a = gen_use(g, va), dst;
	struct operand o;

	if (va.id != vb.id && memory_operand(g, vb, &o)) {
		sse_operand(g, pp, op, def_over(g, va, va), a, &o);
		return;
	}
	unsigned b = gen_use(g, vb);
	dst = def_over(g, va, vb);
	gen_sse(g, pp, op, dst, a, b);
}

void emit_fadd(struct gen *g)
{
	fbin(g, 0x58);
}

void emit_fsub(struct gen *g)
{
	fbin(g, 0x5c);
}

void emit_fmul(struct gen *g)
{
	fbin(g, 0x59);
}

void emit_fdiv(struct gen *g)
{
	fbin(g, 0x5e);
}

void emit_fmin(struct gen *g)
{
	fbin(g, 0x5d);
}

void emit_fmax(struct gen *g)
{
	fbin(g, 0x5f);
}

void emit_fsqrt(struct gen *g)
{
	unsigned a = gen_use(g, g->in->arg[0]), dst = def_over(g, g->in->arg[0], g->in->arg[0]);

	if (avx(g))
		x64_vex_rr(&g->x, scalar(g, g->in->arg[0]), 1, false, 0x51, dst & 15, a & 15, a & 15);
	else
		x64_rr(&g->x, legacy_prefix(scalar(g, g->in->arg[0])), 0x0f51, dst & 15, a & 15);
}

/* The sign bit of the low lane, or all but it, against a constant of 16 bytes. */
static void sign_op(struct gen *g, unsigned op, bool others)
{
	bool single = gen_type(g, g->in->arg[0]) == IR_F32;
	uint64_t sign = single ? 0x80000000u : 1ull << 63, all = single ? 0xffffffffu : ~0ull;
	struct operand o = { .m = GEN_RIP, .pool = (int)gen_pool(g, others ? all ^ sign : sign, 0) };
	unsigned a = gen_use(g, g->in->arg[0]);

	sse_operand(g, 0, op, def_over(g, g->in->arg[0], g->in->arg[0]), a, &o);
}

void emit_fneg(struct gen *g)
{
	sign_op(g, 0x57, false);
}

void emit_fabs(struct gen *g)
{
	sign_op(g, 0x54, true);
}

/* Without FMA the C library does it, exactly but slowly. */
static void fma_call(struct gen *g)
{
	union {
		double (*f64)(double, double, double);
		float (*f32)(float, float, float);
		void *p;
	} fn;
	enum ir_type t = gen_type(g, g->in->arg[0]);
	unsigned bytes = gen_bytes(t);

	gen_clobber_flags(g);
	for (unsigned k = 0; k < 3; k++) {
		unsigned r = gen_use(g, g->in->arg[k]);
		gen_xmm_store(g, bytes, gen_spill_word(ARG_WORD + k), r);
		g->pin &= ~REG_BIT(r);
	}
	gen_save_for_call(g);
	for (unsigned k = 0; k < 3; k++)
		gen_xmm_load(g, bytes, XMM + k, gen_spill_word(ARG_WORD + k));
	if (t == IR_F32)
		fn.f32 = fmaf;
	else
		fn.f64 = fma;
	gen_call_host(g, fn.p);
	gen_xmm_store(g, bytes, gen_spill_word(ARG_WORD), XMM);
	gen_xmm_load(g, bytes, gen_def(g), gen_spill_word(ARG_WORD));
}

void emit_fma(struct gen *g)
{
	if (!(g->feat & BASELINE_FMA)) {
		fma_call(g);
		return;
	}
	unsigned b = gen_use(g, g->in->arg[1]), c = gen_use(g, g->in->arg[2]), dst;
	bool same = g->in->arg[0].id == g->in->arg[1].id || g->in->arg[0].id == g->in->arg[2].id;
	bool w = gen_type(g, g->in->arg[0]) == IR_F64;

	if (same) {
		unsigned a = gen_use(g, g->in->arg[0]);
		dst = gen_def(g);
		gen_xmm_move(g, dst, a);
	} else {
		dst = gen_def_copy(g, g->in->arg[0]);
	}
	/* vfmadd213: dst = b * dst + c */
	x64_vex_rr(&g->x, 1, 2, w, 0xa8 | 1, dst & 15, b & 15, c & 15);
}

void emit_fcvt(struct gen *g)
{
	unsigned a = gen_use(g, g->in->arg[0]), dst = def_over(g, g->in->arg[0], g->in->arg[0]);

	if (avx(g))
		x64_vex_rr(&g->x, scalar(g, g->in->arg[0]), 1, false, 0x5a, dst & 15, a & 15, a & 15);
	else
		x64_rr(&g->x, legacy_prefix(scalar(g, g->in->arg[0])), 0x0f5a, dst & 15, a & 15);
}

/* Front ends use these two in code for another back end. */
void emit_fexact(struct gen *g)
{
	gen_evaluate(g);
}

void emit_is_exact(struct gen *g)
{
	gen_evaluate(g);
}

static void to_int(struct gen *g, unsigned op)
{
	unsigned a = gen_use(g, g->in->arg[0]), dst = gen_def(g);

	sse_rr(g, scalar(g, g->in->arg[0]), g->in->type == IR_I64, op, dst, a);
}

void emit_ftoi(struct gen *g)
{
	to_int(g, 0x2c);
}

void emit_ftoi_near(struct gen *g)
{
	to_int(g, 0x2d);
}

void emit_itof(struct gen *g)
{
	bool w = gen_type(g, g->in->arg[0]) == IR_I64;
	unsigned pp = g->in->type == IR_F32 ? 2 : 3;
	unsigned a = gen_use(g, g->in->arg[0]), dst = gen_def(g);

	gen_sse(g, 0, 0x57, dst, dst, dst);
	if (avx(g))
		x64_vex_rr(&g->x, pp, 1, w, 0x2a, dst & 15, dst & 15, a);
	else
		x64_rr(&g->x, legacy_prefix(pp) | (w ? X_W : 0), 0x0f2a, dst & 15, a);
}

/* The flags of ucomis a, b, now. */
static void compare(struct gen *g, ir_val va, ir_val vb)
{
	struct compared *c = &g->compared;

	if (c->pair == PAIR_FLOAT && c->a == va.id && c->b == vb.id)
		return;
	gen_clobber_flags(g);
	unsigned a = gen_use(g, va), pp = gen_type(g, va) == IR_F32 ? 0 : 1;
	struct operand o;
	if (va.id != vb.id && memory_operand(g, vb, &o)) {
		sse_rm(g, pp, 0x2e, a, o.m);
		operand_done(g, &o);
	} else {
		sse_rr(g, pp, false, 0x2e, a, gen_use(g, vb));
	}
	*c = (struct compared){ .pair = PAIR_FLOAT, .a = va.id, .b = vb.id };
}

/* "Equal" is ZF without PF: two conditions, so it goes to a register; the flags stay. */
void emit_feq(struct gen *g)
{
	compare(g, g->in->arg[0], g->in->arg[1]);
	unsigned zero = gen_temp(g), dst = gen_def(g);
	x64_mov_imm(&g->x, zero, 0);
	x64_setcc(&g->x, CC_E, dst);
	x64_zx(&g->x, 1, dst, dst);
	x64_cmov(&g->x, 4, CC_P, dst, zero);
}

void emit_fueq(struct gen *g)
{
	bool swap = ir_is_const(g->in->arg[0]);

	compare(g, g->in->arg[swap], g->in->arg[!swap]);
	gen_set_pending(g, g->i, CC_E);
}

/* a < b is b > a: only "above" is false for unordered operands. */
void emit_flt(struct gen *g)
{
	compare(g, g->in->arg[1], g->in->arg[0]);
	gen_set_pending(g, g->i, CC_A);
}

void emit_fle(struct gen *g)
{
	compare(g, g->in->arg[1], g->in->arg[0]);
	gen_set_pending(g, g->i, CC_AE);
}

/* Either order will do. */
void emit_funo(struct gen *g)
{
	struct compared *c = &g->compared;

	if (c->pair != PAIR_FLOAT || c->a != g->in->arg[1].id || c->b != g->in->arg[0].id)
		compare(g, g->in->arg[0], g->in->arg[1]);
	gen_set_pending(g, g->i, CC_P);
}
