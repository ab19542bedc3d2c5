/* Emitters of choices: select, the least and the greatest, sign or not, bit by bit. */
#include "backend/baseline/gen.h"

/* Integers are worked on in 32 or 64 bits. */
static unsigned work_bytes(enum ir_type t)
{
	return t == IR_I64 ? 8 : 4;
}

/* The value in a register, sign-extended to 32 bits or more if asked. */
static unsigned extended_copy(struct gen *g, ir_val v, bool is_signed)
{
	enum ir_type t = gen_type(g, v);
	unsigned r = gen_use(g, v), dst;

	if (!is_signed || t >= IR_I32)
		return r;
	dst = gen_temp(g);
	gen_sext(g, dst, r, t, false);
	return dst;
}

/* a if a cc b holds, else b. */
static void least_or_most(struct gen *g, enum x64_cc cc, bool is_signed)
{
	ir_val va = g->in->arg[0], vb = g->in->arg[1];
	unsigned bytes = work_bytes((enum ir_type)g->in->type), dst, a, b;

	gen_clobber_flags(g);
	unsigned ra = gen_use(g, va);
	a = extended_copy(g, va, is_signed);
	b = extended_copy(g, vb, is_signed);
	dst = gen_def(g);
	x64_mov(&g->x, bytes, dst, gen_use(g, vb));
	x64_alu(&g->x, bytes, ALU_CMP, a, b);
	x64_cmov(&g->x, bytes, cc, dst, ra);
}

void emit_smin(struct gen *g)
{
	least_or_most(g, CC_L, true);
}

void emit_smax(struct gen *g)
{
	least_or_most(g, CC_G, true);
}

void emit_umin(struct gen *g)
{
	least_or_most(g, CC_B, false);
}

void emit_umax(struct gen *g)
{
	least_or_most(g, CC_A, false);
}

void emit_abs(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned bytes = work_bytes(t);

	gen_clobber_flags(g);
	unsigned a = extended_copy(g, g->in->arg[0], true), dst = gen_def(g);
	x64_mov(&g->x, bytes, dst, a);
	x64_group3(&g->x, bytes, 3, dst);
	x64_cmov(&g->x, bytes, CC_S, dst, a);
	gen_norm(g, dst, t);
}

/* y ^ ((x ^ y) & m) */
void emit_bitsel(struct gen *g)
{
	gen_clobber_flags(g);
	unsigned m = gen_use(g, g->in->arg[0]), x = gen_use(g, g->in->arg[1]), y = gen_use(g, g->in->arg[2]);
	unsigned dst = gen_def(g);
	x64_mov(&g->x, 8, dst, x);
	x64_alu(&g->x, 8, ALU_XOR, dst, y);
	x64_alu(&g->x, 8, ALU_AND, dst, m);
	x64_alu(&g->x, 8, ALU_XOR, dst, y);
}

void emit_select(struct gen *g)
{
	ir_val c = g->in->arg[0], vx = g->in->arg[1], vy = g->in->arg[2];

	if (ir_is_const(c)) {
		gen_def_copy(g, ir_const_bits(g->u, c) ? vx : vy);
		return;
	}
	enum x64_cc cc = gen_cond(g, c);
	unsigned x = gen_use(g, vx), dst;
	if (vx.id == vy.id) {
		dst = gen_def(g);
		if (dst < XMM)
			x64_mov(&g->x, 8, dst, x);
		else
			gen_xmm_move(g, dst, x);
		return;
	}
	dst = gen_def_copy(g, vy);
	if (dst < XMM) {
		x64_cmov(&g->x, gen_bytes((enum ir_type)g->in->type) == 8 ? 8 : 4, cc, dst, x);
		return;
	}
	uint32_t skip = x64_jcc_short(&g->x, cc ^ 1);
	gen_xmm_move(g, dst, x);
	x64_here(&g->x, skip);
}
