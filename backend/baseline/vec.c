/* Emitters of operations over vectors. What has no instruction of the host is evaluated by C. */
#include "backend/baseline/gen.h"

static struct x64_mem vector_at(unsigned k)
{
	return gen_state(ENV_OFFSET(vec) + 16 * (int32_t)k);
}

static void store_operand(struct gen *g, unsigned k)
{
	unsigned bytes = gen_bytes(gen_type(g, g->in->arg[k])), r = gen_use(g, g->in->arg[k]);

	if (bytes == 4)
		x64_store_imm(&g->x, 8, vector_at(k), 0);
	if (r < XMM)
		x64_store(&g->x, 8, vector_at(k), r);
	else
		gen_xmm_store(g, bytes, vector_at(k), r);
	g->pin &= ~REG_BIT(r);
}

void gen_evaluate(struct gen *g)
{
	union {
		void (*fn)(struct ir_bits *, uint64_t);
		void *p;
	} eval = { ir_eval_packed };
	unsigned bytes = gen_bytes((enum ir_type)g->in->type), n = ir_shape_operands[ir_op_info[g->in->op].shape], dst;

	gen_clobber_flags(g);
	for (unsigned k = 0; k < n; k++)
		store_operand(g, k);
	gen_save_for_call(g);
	x64_lea(&g->x, 8, RDI, vector_at(0));
	x64_mov_imm(&g->x, RSI, ir_form_pack(ir_form_of(g->u, g->in)));
	gen_call_host(g, eval.p);
	gen_drop_lost(g);
	dst = gen_def(g);
	if (dst < XMM)
		x64_load(&g->x, bytes, dst, vector_at(0));
	else
		gen_xmm_load(g, bytes, dst, vector_at(0));
}

void gen_lanes(struct gen *g)
{
	gen_evaluate(g);
}

void emit_vshl(struct gen *g)
{
	gen_lanes(g);
}

void emit_vshr(struct gen *g)
{
	gen_lanes(g);
}

void emit_vsar(struct gen *g)
{
	gen_lanes(g);
}

void emit_vrotl(struct gen *g)
{
	gen_lanes(g);
}

void emit_veq(struct gen *g)
{
	gen_lanes(g);
}

void emit_vult(struct gen *g)
{
	gen_lanes(g);
}

void emit_vule(struct gen *g)
{
	gen_lanes(g);
}

void emit_vslt(struct gen *g)
{
	gen_lanes(g);
}

void emit_vsle(struct gen *g)
{
	gen_lanes(g);
}

void emit_vfeq(struct gen *g)
{
	gen_lanes(g);
}

void emit_vflt(struct gen *g)
{
	gen_lanes(g);
}

void emit_vfle(struct gen *g)
{
	gen_lanes(g);
}

void emit_vfuno(struct gen *g)
{
	gen_lanes(g);
}

void emit_splat(struct gen *g)
{
	gen_lanes(g);
}

void emit_vfirst(struct gen *g)
{
	gen_lanes(g);
}

void emit_extract(struct gen *g)
{
	gen_evaluate(g);
}

void emit_insert(struct gen *g)
{
	gen_lanes(g);
}

void emit_shuffle(struct gen *g)
{
	gen_lanes(g);
}

void emit_lookup(struct gen *g)
{
	gen_lanes(g);
}

void emit_zext_lo(struct gen *g)
{
	gen_lanes(g);
}

void emit_zext_hi(struct gen *g)
{
	gen_lanes(g);
}

void emit_sext_lo(struct gen *g)
{
	gen_lanes(g);
}

void emit_sext_hi(struct gen *g)
{
	gen_lanes(g);
}

void emit_narrow(struct gen *g)
{
	gen_lanes(g);
}

void emit_narrow_ss(struct gen *g)
{
	gen_lanes(g);
}

void emit_narrow_su(struct gen *g)
{
	gen_lanes(g);
}

void emit_narrow_uu(struct gen *g)
{
	gen_lanes(g);
}

void emit_mulu_lo(struct gen *g)
{
	gen_lanes(g);
}

void emit_mulu_hi(struct gen *g)
{
	gen_lanes(g);
}

void emit_muls_lo(struct gen *g)
{
	gen_lanes(g);
}

void emit_muls_hi(struct gen *g)
{
	gen_lanes(g);
}

void emit_clmul(struct gen *g)
{
	gen_lanes(g);
}

void emit_vany(struct gen *g)
{
	gen_evaluate(g);
}

void emit_vmask(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fcvt_lo(struct gen *g)
{
	gen_lanes(g);
}

void emit_fcvt_hi(struct gen *g)
{
	gen_lanes(g);
}

void emit_fcvt_pair(struct gen *g)
{
	gen_lanes(g);
}

void emit_smin(struct gen *g)
{
	gen_evaluate(g);
}

void emit_smax(struct gen *g)
{
	gen_evaluate(g);
}

void emit_umin(struct gen *g)
{
	gen_evaluate(g);
}

void emit_umax(struct gen *g)
{
	gen_evaluate(g);
}

void emit_uqadd(struct gen *g)
{
	gen_evaluate(g);
}

void emit_uqsub(struct gen *g)
{
	gen_evaluate(g);
}

void emit_sqadd(struct gen *g)
{
	gen_evaluate(g);
}

void emit_sqsub(struct gen *g)
{
	gen_evaluate(g);
}

void emit_uavg(struct gen *g)
{
	gen_evaluate(g);
}

void emit_abs(struct gen *g)
{
	gen_evaluate(g);
}

void emit_bitsel(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fmin(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fmax(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fround_near(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fround_down(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fround_up(struct gen *g)
{
	gen_evaluate(g);
}

void emit_fround_zero(struct gen *g)
{
	gen_evaluate(g);
}
