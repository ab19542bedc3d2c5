/* Emitters of integer operations and of conversions between integers. */
#include "backend/baseline/gen.h"

/* Integers are worked on in 32 or 64 bits. */
static unsigned work_bytes(enum ir_type t)
{
	return t == IR_I64 ? 8 : 4;
}

static unsigned bits_of(enum ir_type t)
{
	return ir_type_info[t].bits;
}

void gen_norm(struct gen *g, unsigned reg, enum ir_type t)
{
	if (t == IR_I1)
		x64_alu_imm(&g->x, 4, ALU_AND, reg, 1);
	else if (t == IR_I8 || t == IR_I16)
		x64_zx(&g->x, gen_bytes(t), reg, reg);
}

void gen_sext(struct gen *g, unsigned dst, unsigned src, enum ir_type from, bool wide)
{
	if (from == IR_I1) {
		if (dst != src)
			x64_mov(&g->x, 4, dst, src);
		x64_group3(&g->x, wide ? 8 : 4, 3, dst);
	} else if (from == IR_I64) {
		if (dst != src)
			x64_mov(&g->x, 8, dst, src);
	} else {
		x64_sx(&g->x, gen_bytes(from), wide, dst, src);
	}
}

/* No value of v is above this. */
static uint64_t max_of(const struct gen *g, ir_val v)
{
	unsigned bits = bits_of(gen_type(g, v));

	if (ir_is_const(v))
		return ir_const_bits(g->u, v);
	const struct ir_inst *d = &g->u->inst[v.id];
	if (d->op == IR_OP_and && ir_is_const(d->arg[1]))
		return ir_const_bits(g->u, d->arg[1]);
	if (d->op == IR_OP_zext)
		bits = bits_of(gen_type(g, d->arg[0]));
	return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

/* dst op= v. v's register is pinned before, if it has one. */
static void alu_operand(struct gen *g, enum x64_alu op, unsigned bytes, unsigned dst, ir_val v, unsigned reg)
{
	struct x64_mem m;
	int32_t imm;

	if (reg != REG_NONE)
		x64_alu(&g->x, bytes, op, dst, reg);
	else if (gen_imm(g, v, &imm))
		x64_alu_imm(&g->x, bytes, op, dst, imm);
	else if (gen_memory(g, v, &m))
		x64_alu_load(&g->x, bytes, op, dst, m);
}

/* v's register, or REG_NONE when it is to be used as immediate or from memory. */
static unsigned operand_reg(struct gen *g, ir_val v, bool memory)
{
	struct x64_mem m;
	int32_t imm;

	if (gen_imm(g, v, &imm) || (memory && gen_memory(g, v, &m)))
		return REG_NONE;
	return gen_use(g, v);
}

static void compare_now(struct gen *g, ir_val a, ir_val b, unsigned bytes);

/* put slot, op(get slot, x) with nothing in between: one instruction on memory. */
static bool alu_in_memory(struct gen *g, enum x64_alu op, ir_val a, ir_val b)
{
	const struct ir_inst *put = g->in + 1;
	enum ir_type t = (enum ir_type)g->in->type;
	int32_t imm;

	if (g->i + 1 >= g->u->n || put->op != IR_OP_put || put->arg[0].id != g->i || g->val[g->i].uses != 1)
		return false;
	if (ir_is_const(a) || g->val[a.id].reg != REG_NONE || g->val[a.id].home != HOME_STATE || !gen_dies(g, a))
		return false;
	if (t < IR_I8 || g->val[a.id].disp != g->u->slots->slot[put->slot].offset || a.id == b.id)
		return false;
	bool is_imm = gen_imm(g, b, &imm);
	unsigned r = is_imm ? REG_NONE : gen_use(g, b), bytes = gen_bytes(t);
	gen_clobber_flags(g);
	g->val[a.id].home = HOME_NONE;
	gen_written(g, g->val[a.id].disp, bytes);
	if (is_imm)
		x64_alu_mem_imm(&g->x, bytes, op, gen_state(g->val[a.id].disp), imm);
	else
		x64_rm(&g->x, x64_size(bytes), op * 8u + (bytes == 1 ? 0 : 1), r, gen_state(g->val[a.id].disp));
	g->skip_to = g->i + 2;
	return true;
}

static void alu(struct gen *g, enum x64_alu op, ir_val a, ir_val b)
{
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned rb, dst;

	if (alu_in_memory(g, op, a, b))
		return;
	gen_clobber_flags(g);
	rb = operand_reg(g, b, t >= IR_I32 && a.id != b.id);
	dst = gen_def_copy(g, a);
	alu_operand(g, op, work_bytes(t), dst, b, rb);
	if (op == ALU_ADD || op == ALU_SUB)
		gen_norm(g, dst, t);
	if (t < IR_I32)
		return;
	g->compared = (struct compared){ .result = (uint16_t)g->i, .a = a.id, .b = b.id };
	g->compared.pair = op == ALU_ADD ? PAIR_SUM : op == ALU_SUB ? PAIR_INT : PAIR_NONE;
	g->compared.about = op == ALU_ADD || op == ALU_SUB ? RESULT_ZERO_SIGN : RESULT_COMPARED;
}

static void alu_commutes(struct gen *g, enum x64_alu op)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];

	if (ir_is_const(a) || (!gen_dies(g, a) && gen_dies(g, b) && gen_in_reg(g, b)))
		alu(g, op, b, a);
	else
		alu(g, op, a, b);
}

/* Whether the next operation takes the sign of this one's result: slt x, 0. */
static bool sign_follows(const struct gen *g)
{
	const struct ir_inst *next = g->in + 1;

	return g->i + 1 < g->u->n && next->op == IR_OP_slt && next->arg[0].id == g->i && ir_is_const(next->arg[1]) &&
	       !ir_const_bits(g->u, next->arg[1]);
}

/*
 * A sum with a constant whose sign is taken, and behind it "eq a, k" with the opposite constant: that
 * constant, so that one comparison of a with k tells all. IR_NONE: it is not.
 */
static ir_val subtracted(const struct gen *g, ir_val a, ir_val b)
{
	const struct ir_inst *eq = g->in + 2;

	if (!ir_is_const(b) || !sign_follows(g) || g->i + 2 >= g->u->n || eq->op != IR_OP_eq || eq->arg[0].id != a.id ||
	    !ir_is_const(eq->arg[1]))
		return IR_NONE;
	uint64_t sum = ir_const_bits(g->u, b) + ir_const_bits(g->u, eq->arg[1]);
	return g->in->type == IR_I64 ? sum ? IR_NONE : eq->arg[1] : (uint32_t)sum ? IR_NONE : eq->arg[1];
}

/* A difference of which nothing but the sign is wanted is a comparison. */
static bool compare_for_sign(struct gen *g, ir_val a, ir_val b)
{
	if (g->val[g->i].uses != 1 || !sign_follows(g) || ir_is_const(a) || g->in->type < IR_I32)
		return false;
	gen_clobber_flags(g);
	compare_now(g, a, b, gen_bytes((enum ir_type)g->in->type));
	g->compared = (struct compared){ PAIR_INT, RESULT_ZERO_SIGN, a.id, b.id, (uint16_t)g->i };
	return true;
}

/* Sum or difference into a third register, without touching the flags. */
static bool lea_add(struct gen *g, ir_val a, ir_val b, bool subtract)
{
	enum ir_type t = (enum ir_type)g->in->type;
	int32_t imm = 0;
	bool is_imm = gen_imm(g, b, &imm);

	/* the carry or the sign of the same sum comes out of the flags, which this would not write */
	if (g->i + 1 < g->u->n && (g->in[1].op == IR_OP_add_carry || g->in[1].op == IR_OP_add_overflow))
		return false;
	if (sign_follows(g))
		return false;
	if (t < IR_I32 || ir_is_const(a) || (subtract && (!is_imm || imm == INT32_MIN)) || (!is_imm && ir_is_const(b)))
		return false;
	if (gen_dies(g, a) && !g->n_pending)
		return false;
	if (!is_imm && (g->val[b.id].reg == REG_NONE || (gen_dies(g, b) && !g->n_pending)))
		return false;
	struct x64_mem m = { .index = X64_NONE, .disp = subtract ? -imm : imm };
	if (!is_imm)
		m.index = (uint8_t)gen_use(g, b);
	m.base = (uint8_t)gen_use(g, a);
	if (gen_dies(g, a))
		x64_lea(&g->x, work_bytes(t), gen_def_copy(g, a), m);
	else
		x64_lea(&g->x, work_bytes(t), gen_def(g), m);
	return true;
}

void emit_add(struct gen *g)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];

	if (ir_is_const(a)) {
		a = b;
		b = g->in->arg[0];
	}
	ir_val k = g->in->type >= IR_I32 ? subtracted(g, a, b) : IR_NONE;
	if (!ir_is_none(k)) {
		if (!compare_for_sign(g, a, k))
			alu(g, ALU_SUB, a, k);
		return;
	}
	if (!ir_is_const(a) && g->val[a.id].reg != REG_NONE && lea_add(g, a, b, false))
		return;
	alu_commutes(g, ALU_ADD);
}

void emit_sub(struct gen *g)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];

	if (compare_for_sign(g, a, b) || (gen_in_reg(g, a) && lea_add(g, a, b, true)))
		return;
	alu(g, ALU_SUB, a, b);
}

void emit_and(struct gen *g)
{
	alu_commutes(g, ALU_AND);
}

void emit_or(struct gen *g)
{
	alu_commutes(g, ALU_OR);
}

/* A pending condition xor true is the opposite condition. */
static bool invert_pending(struct gen *g, ir_val v)
{
	if (ir_is_const(v) || g->val[v.id].cc == CC_NONE)
		return false;
	gen_set_pending(g, g->i, g->val[v.id].cc ^ 1);
	return true;
}

void emit_xor(struct gen *g)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];

	if (g->in->type == IR_I1 && ir_is_const(b) && ir_const_bits(g->u, b) && invert_pending(g, a))
		return;
	alu_commutes(g, ALU_XOR);
}

/* Whether the complement is only there to say that a difference overflows, which the flags tell. */
static bool not_for_overflow(const struct gen *g)
{
	const struct ir_inst *next = g->in + 1;
	const struct compared *c = &g->compared;

	return g->i + 1 < g->u->n && next->op == IR_OP_add_overflow && next->arg[1].id == g->i && g->val[g->i].uses == 1 &&
	       ir_is_const(next->arg[2]) && ir_const_bits(g->u, next->arg[2]) && c->pair == PAIR_INT &&
	       c->a == next->arg[0].id && c->b == g->in->arg[0].id;
}

void emit_not(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned dst;

	if (t >= IR_I32 && t <= IR_I64 && not_for_overflow(g))
		return;

	if (t == IR_I1) {
		if (invert_pending(g, g->in->arg[0]))
			return;
		gen_clobber_flags(g);
		dst = gen_def_copy(g, g->in->arg[0]);
		x64_alu_imm(&g->x, 4, ALU_XOR, dst, 1);
		return;
	}
	dst = gen_def_copy(g, g->in->arg[0]);
	x64_group3(&g->x, work_bytes(t), 2, dst);
	gen_norm(g, dst, t);
}

void emit_mul(struct gen *g)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned bytes = work_bytes(t), dst;
	int32_t imm;

	gen_clobber_flags(g);
	if (ir_is_const(a)) {
		a = b;
		b = g->in->arg[0];
	}
	if (gen_imm(g, b, &imm)) {
		unsigned r = gen_use(g, a);
		dst = gen_dies(g, a) && !ir_is_const(a) ? gen_def_copy(g, a) : gen_def(g);
		x64_rr(&g->x, x64_size(bytes), 0x69, dst, r);
		x64_32(&g->x, (uint32_t)imm);
	} else {
		unsigned rb = gen_use(g, b);
		dst = gen_def_copy(g, a);
		x64_imul(&g->x, bytes, dst, rb);
	}
	gen_norm(g, dst, t);
}

/* The upper half of a product; up to 32 bits it is in a 64-bit product. */
static void mul_high(struct gen *g, bool is_signed)
{
	ir_val va = g->in->arg[0], vb = g->in->arg[1];
	enum ir_type t = (enum ir_type)g->in->type;

	gen_clobber_flags(g);
	if (t == IR_I64) {
		gen_claim(g, RAX);
		gen_claim(g, RDX);
		unsigned b = gen_use(g, vb), a = gen_use(g, va);
		x64_mov(&g->x, 8, RAX, a);
		x64_group3(&g->x, 8, is_signed ? 5 : 4, b);
		gen_def_temp(g, RDX);
		return;
	}
	unsigned a, b = gen_use(g, vb), dst, other = b;
	if (is_signed) {
		a = gen_use(g, va);
		dst = gen_def(g);
		other = gen_temp(g);
		gen_sext(g, dst, a, t, true);
		gen_sext(g, other, b, t, true);
	} else {
		dst = gen_def_copy(g, va);
	}
	x64_imul(&g->x, 8, dst, other);
	x64_shift_imm(&g->x, 8, SH_SHR, dst, bits_of(t));
	if (t == IR_I32 && is_signed)
		x64_mov(&g->x, 4, dst, dst);
	else
		gen_norm(g, dst, t);
}

void emit_mulhu(struct gen *g)
{
	mul_high(g, false);
}

void emit_mulhs(struct gen *g)
{
	mul_high(g, true);
}

/* A divisor of 0 is the quotient as well. */
void emit_divu(struct gen *g)
{
	ir_val vb = g->in->arg[1];
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned bytes = work_bytes(t);
	uint32_t zero = 0;
	bool check = !ir_is_const(vb) || !ir_const_bits(g->u, vb);

	gen_clobber_flags(g);
	gen_claim(g, RAX);
	gen_claim(g, RDX);
	unsigned b = gen_use(g, vb), a = gen_use(g, g->in->arg[0]);
	if (check) {
		x64_mov(&g->x, bytes, RAX, b);
		x64_test(&g->x, bytes, b, b);
		zero = x64_jcc_short(&g->x, CC_E);
	}
	x64_mov(&g->x, bytes, RAX, a);
	x64_alu(&g->x, 4, ALU_XOR, RDX, RDX);
	x64_group3(&g->x, bytes, 6, b);
	if (check)
		x64_here(&g->x, zero);
	gen_def_temp(g, RAX);
}

/* For divisors 0 and -1 the stated result is the product. */
void emit_divs(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned bytes = work_bytes(t);

	gen_clobber_flags(g);
	gen_claim(g, RAX);
	gen_claim(g, RDX);
	unsigned b = gen_use(g, g->in->arg[1]), a = gen_use(g, g->in->arg[0]), divisor = b;
	if (t < IR_I32) {
		divisor = gen_temp(g);
		gen_sext(g, divisor, b, t, false);
		gen_sext(g, RAX, a, t, false);
	} else {
		x64_mov(&g->x, bytes, RAX, a);
	}
	x64_lea(&g->x, bytes, RDX, (struct x64_mem){ (uint8_t)divisor, X64_NONE, 1 });
	x64_alu_imm(&g->x, bytes, ALU_CMP, RDX, 1);
	uint32_t special = x64_jcc_short(&g->x, CC_BE);
	x64_head(&g->x, bytes == 8 ? X_W : 0, 0x99, 0, 0, 0);
	x64_group3(&g->x, bytes, 7, divisor);
	uint32_t done = x64_jmp_short(&g->x);
	x64_here(&g->x, special);
	x64_imul(&g->x, bytes, RAX, divisor);
	x64_here(&g->x, done);
	gen_norm(g, RAX, t);
	gen_def_temp(g, RAX);
}

/* dst = src shifted by the register n, modulo 32 or 64. */
static void shift_reg(struct gen *g, enum x64_shift op, unsigned bytes, unsigned dst, unsigned src, unsigned n)
{
	if (g->feat & BASELINE_BMI2) {
		unsigned pp = op == SH_SHL ? 1 : op == SH_SAR ? 2 : 3;
		x64_vex_rr(&g->x, pp, 2, bytes == 8, 0xf7, dst, n, src);
		return;
	}
	/* rcx is a claimed temporary here, and neither dst, src nor n */
	x64_mov(&g->x, 8, RCX, n);
	if (dst != src)
		x64_mov(&g->x, bytes, dst, src);
	x64_shift_cl(&g->x, bytes, op, dst);
}

static void shift_const(struct gen *g, enum x64_shift op, uint64_t n)
{
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned w = bits_of(t), bytes = work_bytes(t), dst;

	gen_clobber_flags(g);
	if (n >= w && op != SH_SAR) {
		x64_mov_imm(&g->x, gen_def(g), 0);
		return;
	}
	if (n >= w)
		n = w - 1;
	if (op == SH_SAR && t < IR_I32) {
		unsigned a = gen_use(g, g->in->arg[0]);
		dst = gen_def(g);
		gen_sext(g, dst, a, t, false);
	} else {
		dst = gen_def_copy(g, g->in->arg[0]);
	}
	if (n)
		x64_shift_imm(&g->x, bytes, op, dst, (unsigned)n);
	if (op != SH_SHR)
		gen_norm(g, dst, t);
}

/*
 * Up to 32 bits are shifted in 64, so that counts up to 63 need no test: bits shifted out of
 * the narrow value are dropped or were zero or sign anyway.
 */
static void shift(struct gen *g, enum x64_shift op)
{
	ir_val va = g->in->arg[0], vn = g->in->arg[1];
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned w = bits_of(t), dst, zero = REG_NONE;
	uint64_t max = max_of(g, vn);
	unsigned bytes = max < 32 && t == IR_I32 ? 4 : 8;

	if (ir_is_const(vn)) {
		shift_const(g, op, ir_const_bits(g->u, vn));
		return;
	}
	gen_clobber_flags(g);
	if (!(g->feat & BASELINE_BMI2))
		gen_claim(g, RCX);
	unsigned n = gen_use(g, vn), a = gen_use(g, va);
	if (max > 63 && op == SH_SAR) {
		unsigned limit = gen_temp(g);
		x64_mov_imm(&g->x, limit, 63);
		x64_alu(&g->x, 8, ALU_CMP, n, limit);
		x64_cmov(&g->x, 4, CC_B, limit, n);
		n = limit;
	} else if (max > 63) {
		zero = gen_temp(g);
	}
	dst = gen_def(g);
	if (op == SH_SAR && bytes == 8 && t != IR_I64) {
		gen_sext(g, dst, a, t, true);
		a = dst;
	}
	shift_reg(g, op, bytes, dst, a, n);
	if (zero != REG_NONE) {
		x64_mov_imm(&g->x, zero, 0);
		x64_alu_imm(&g->x, 8, ALU_CMP, n, 63);
		x64_cmov(&g->x, 8, CC_A, dst, zero);
	}
	if (t == IR_I32 && bytes == 8 && op != SH_SHR)
		x64_mov(&g->x, 4, dst, dst);
	else if (w < 32 && op != SH_SHR)
		gen_norm(g, dst, t);
}

void emit_shl(struct gen *g)
{
	shift(g, SH_SHL);
}

void emit_shr(struct gen *g)
{
	shift(g, SH_SHR);
}

void emit_sar(struct gen *g)
{
	shift(g, SH_SAR);
}

void emit_rotl(struct gen *g)
{
	ir_val va = g->in->arg[0], vn = g->in->arg[1];
	enum ir_type t = (enum ir_type)g->in->type;
	unsigned w = bits_of(t), bytes = gen_bytes(t);

	if (t == IR_I1) {
		gen_def_copy(g, va);
		return;
	}
	if (ir_is_const(vn)) {
		unsigned n = (unsigned)(ir_const_bits(g->u, vn) % w);
		if (n && g->feat & BASELINE_BMI2 && t >= IR_I32 && !gen_dies(g, va)) {
			unsigned a = gen_use(g, va);
			x64_vex_rr(&g->x, 3, 3, bytes == 8, 0xf0, gen_def(g), 0, a);
			x64_8(&g->x, w - n);
			return;
		}
		gen_clobber_flags(g);
		unsigned dst = gen_def_copy(g, va);
		if (n)
			x64_shift_imm(&g->x, bytes, SH_ROL, dst, n);
		return;
	}
	gen_clobber_flags(g);
	gen_claim(g, RCX);
	unsigned n = gen_use(g, vn), a = gen_use(g, va), dst = gen_def(g);
	x64_mov(&g->x, 4, RCX, n);
	x64_mov(&g->x, 8, dst, a);
	x64_shift_cl(&g->x, bytes, SH_ROL, dst);
}

void emit_clz(struct gen *g)
{
	enum ir_type t = gen_type(g, g->in->arg[0]);
	unsigned w = bits_of(t), bytes = work_bytes(t);

	gen_clobber_flags(g);
	unsigned a = gen_use(g, g->in->arg[0]), dst = gen_def(g);
	if (g->feat & BASELINE_LZCNT) {
		x64_rr(&g->x, X_F3 | (bytes == 8 ? X_W : 0), 0x0fbd, dst, a);
		if (w < 32)
			x64_alu_imm(&g->x, 4, ALU_SUB, dst, (int32_t)(32 - w));
	} else if (w == 64) {
		unsigned none = gen_temp(g);
		x64_mov_imm(&g->x, none, 127);
		x64_rr(&g->x, X_W, 0x0fbd, dst, a);
		x64_cmov(&g->x, 4, CC_E, dst, none);
		x64_alu_imm(&g->x, 4, ALU_XOR, dst, 63);
	} else {
		/* the highest bit of 2a + 1 is at w - clz */
		unsigned twice = gen_temp(g);
		x64_lea(&g->x, 8, twice, (struct x64_mem){ (uint8_t)a, (uint8_t)a, 1 });
		x64_rr(&g->x, X_W, 0x0fbd, dst, twice);
		x64_group3(&g->x, 4, 3, dst);
		x64_alu_imm(&g->x, 4, ALU_ADD, dst, (int32_t)w);
		gen_norm(g, dst, t);
	}
}

void emit_ctz(struct gen *g)
{
	enum ir_type t = gen_type(g, g->in->arg[0]);
	unsigned w = bits_of(t);

	gen_clobber_flags(g);
	unsigned a = gen_use(g, g->in->arg[0]), dst = gen_def(g), count = g->feat & BASELINE_BMI1 ? X_F3 : 0;
	if (w == 64 && !count) {
		unsigned none = gen_temp(g);
		x64_mov_imm(&g->x, none, 64);
		x64_rr(&g->x, X_W, 0x0fbc, dst, a);
		x64_cmov(&g->x, 4, CC_E, dst, none);
	} else if (w == 64 || (w == 32 && count)) {
		x64_rr(&g->x, count | (w == 64 ? X_W : 0), 0x0fbc, dst, a);
	} else {
		/* a bit above the value ends the count */
		unsigned bounded = gen_temp(g);
		x64_mov_imm(&g->x, bounded, 1ull << w);
		x64_alu(&g->x, 8, ALU_OR, bounded, a);
		x64_rr(&g->x, X_W | count, 0x0fbc, dst, bounded);
	}
	gen_norm(g, dst, t);
}

/* Sums of bits in fields of 2, 4 and 8, then all bytes by a multiplication. */
static void popcnt_plain(struct gen *g, unsigned dst, unsigned t, unsigned k)
{
	struct x64 *x = &g->x;

	x64_mov(x, 8, t, dst);
	x64_shift_imm(x, 8, SH_SHR, t, 1);
	x64_mov_imm(x, k, 0x5555555555555555u);
	x64_alu(x, 8, ALU_AND, t, k);
	x64_alu(x, 8, ALU_SUB, dst, t);
	x64_mov_imm(x, k, 0x3333333333333333u);
	x64_mov(x, 8, t, dst);
	x64_shift_imm(x, 8, SH_SHR, t, 2);
	x64_alu(x, 8, ALU_AND, t, k);
	x64_alu(x, 8, ALU_AND, dst, k);
	x64_alu(x, 8, ALU_ADD, dst, t);
	x64_mov(x, 8, t, dst);
	x64_shift_imm(x, 8, SH_SHR, t, 4);
	x64_alu(x, 8, ALU_ADD, dst, t);
	x64_mov_imm(x, k, 0x0f0f0f0f0f0f0f0fu);
	x64_alu(x, 8, ALU_AND, dst, k);
	x64_mov_imm(x, k, 0x0101010101010101u);
	x64_imul(x, 8, dst, k);
	x64_shift_imm(x, 8, SH_SHR, dst, 56);
}

void emit_popcnt(struct gen *g)
{
	gen_clobber_flags(g);
	unsigned a = gen_use(g, g->in->arg[0]), dst = gen_def(g);
	if (g->feat & BASELINE_POPCNT) {
		x64_rr(&g->x, X_F3 | X_W, 0x0fb8, dst, a);
		return;
	}
	x64_mov(&g->x, 8, dst, a);
	unsigned t = gen_temp(g), k = gen_temp(g);
	popcnt_plain(g, dst, t, k);
}

void emit_bswap(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;

	if (t == IR_I16)
		gen_clobber_flags(g);
	unsigned dst = gen_def_copy(g, g->in->arg[0]);
	if (t == IR_I16)
		x64_shift_imm(&g->x, 2, SH_ROL, dst, 8);
	else if (t >= IR_I32)
		x64_bswap(&g->x, gen_bytes(t), dst);
}

static enum x64_cc swapped(enum x64_cc cc)
{
	switch (cc) {
	case CC_B: return CC_A;
	case CC_BE: return CC_AE;
	case CC_L: return CC_G;
	case CC_LE: return CC_GE;
	case CC_A: return CC_B;
	case CC_AE: return CC_BE;
	case CC_G: return CC_L;
	case CC_GE: return CC_LE;
	default: return cc;
	}
}

static void compare_now(struct gen *g, ir_val a, ir_val b, unsigned bytes)
{
	struct x64_mem m;
	int32_t imm;

	gen_clobber_flags(g);
	if (gen_imm(g, b, &imm)) {
		if (gen_memory(g, a, &m)) {
			x64_alu_mem_imm(&g->x, bytes, ALU_CMP, m, imm);
			return;
		}
		unsigned r = gen_use(g, a);
		if (imm == 0)
			x64_test(&g->x, bytes, r, r);
		else
			x64_alu_imm(&g->x, bytes, ALU_CMP, r, imm);
		return;
	}
	if (gen_memory(g, a, &m)) {
		unsigned r = gen_use(g, b);
		if (a.id != b.id) {
			x64_rm(&g->x, x64_size(bytes), bytes == 1 ? 0x38 : 0x39, r, m);
			return;
		}
	}
	unsigned r = gen_use(g, a);
	if (gen_memory(g, b, &m))
		x64_alu_load(&g->x, bytes, ALU_CMP, r, m);
	else
		x64_alu(&g->x, bytes, ALU_CMP, r, gen_use(g, b));
}

/* Whether "slt 0, a" is near: PowerPC's three bits of a result are best made from one test of it. */
static bool greater_follows(const struct gen *g, ir_val a)
{
	for (unsigned k = 1; k < 4 && g->i + k < g->u->n; k++)
		if (g->in[k].op == IR_OP_slt && g->in[k].arg[1].id == a.id)
			return true;
	return false;
}

/*
 * The operation that made a has left the flags of comparing it with 0. Behind a sum only
 * equality is worth it: with other comparisons to come, one test serves them all.
 */
static bool result_compared(const struct gen *g, ir_val a, ir_val b, enum x64_cc *cc)
{
	const struct compared *c = &g->compared;

	if (!c->about || c->result != a.id || !ir_is_const(b) || ir_const_bits(g->u, b))
		return false;
	if (c->about == RESULT_COMPARED)
		return true;
	if (g->val[a.id].uses > 2 && greater_follows(g, a))
		return false;
	if (*cc == CC_L)
		*cc = CC_S;
	return *cc == CC_S || *cc == CC_E || *cc == CC_NE;
}

static void compare(struct gen *g, enum x64_cc cc)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1];
	enum ir_type t = gen_type(g, a);
	struct compared *c = &g->compared;

	/* as a signed number an i1 is 0 or -1 */
	if (t == IR_I1 && (cc == CC_L || cc == CC_LE))
		cc = cc == CC_L ? CC_A : CC_AE;
	if (ir_is_const(a)) {
		a = b;
		b = g->in->arg[0];
		cc = swapped(cc);
	}
	if (c->pair == PAIR_INT && c->a == b.id && c->b == a.id) {
		cc = swapped(cc);
	} else if (result_compared(g, a, b, &cc)) {
		/* the flags are there already */
	} else if (c->pair != PAIR_INT || c->a != a.id || c->b != b.id) {
		compare_now(g, a, b, gen_bytes(t));
		*c = (struct compared){ .pair = PAIR_INT, .a = a.id, .b = b.id };
	}
	gen_set_pending(g, g->i, cc);
}

void emit_eq(struct gen *g)
{
	ir_val b = g->in->arg[1];

	if (gen_type(g, b) == IR_I1 && ir_is_const(b) && !ir_const_bits(g->u, b) && invert_pending(g, g->in->arg[0]))
		return;
	compare(g, CC_E);
}

void emit_ne(struct gen *g)
{
	compare(g, CC_NE);
}

void emit_ult(struct gen *g)
{
	compare(g, CC_B);
}

void emit_ule(struct gen *g)
{
	compare(g, CC_BE);
}

void emit_slt(struct gen *g)
{
	compare(g, CC_L);
}

void emit_sle(struct gen *g)
{
	compare(g, CC_LE);
}

/* Whether the flags are those of comparing a with the opposite of b, and a + b + 1 is their difference. */
static bool is_difference(const struct gen *g, ir_val a, ir_val b)
{
	const struct compared *c = &g->compared;
	ir_val k = { c->b };

	if (c->pair != PAIR_INT || c->a != a.id)
		return false;
	if (!ir_is_const(b))
		return g->u->inst[b.id].op == IR_OP_not && g->u->inst[b.id].arg[0].id == c->b;
	if (!ir_is_const(k))
		return false;
	uint64_t both = ir_const_bits(g->u, k) ^ ir_const_bits(g->u, b);
	return gen_type(g, a) == IR_I64 ? !~both : !~(uint32_t)both;
}

/* The sum in a temporary, with its carry and overflow in the flags: 32 and 64 bits. */
static void sum_flags(struct gen *g, enum x64_cc cc)
{
	ir_val a = g->in->arg[0], b = g->in->arg[1], cin = g->in->arg[2];
	unsigned bytes = gen_bytes(gen_type(g, a)), rb, rc = REG_NONE, t;
	bool known = ir_is_const(cin);
	const struct compared *c = &g->compared;

	if (known && !ir_const_bits(g->u, cin) && c->pair == PAIR_SUM &&
	    ((c->a == a.id && c->b == b.id) || (c->a == b.id && c->b == a.id))) {
		gen_set_pending(g, g->i, cc);
		return;
	}
	if (cc == CC_O && known && ir_const_bits(g->u, cin) && is_difference(g, a, b)) {
		gen_set_pending(g, g->i, cc);
		return;
	}
	gen_clobber_flags(g);
	if (!known)
		rc = gen_use(g, cin);
	rb = operand_reg(g, b, a.id != b.id);
	t = gen_temp_copy(g, a);
	if (known && ir_const_bits(g->u, cin))
		x64_8(&g->x, 0xf9);
	else if (!known) {
		x64_rr(&g->x, 0, 0x0fba, 4, rc);
		x64_8(&g->x, 0);
	}
	alu_operand(g, known && !ir_const_bits(g->u, cin) ? ALU_ADD : ALU_ADC, bytes, t, b, rb);
	gen_set_pending(g, g->i, cc);
}

static unsigned narrow_sum(struct gen *g, unsigned a, unsigned b, unsigned c)
{
	unsigned s = gen_def(g);

	x64_lea(&g->x, 4, s, (struct x64_mem){ (uint8_t)a, (uint8_t)b, 0 });
	x64_alu(&g->x, 4, ALU_ADD, s, c);
	return s;
}

void emit_add_carry(struct gen *g)
{
	enum ir_type t = gen_type(g, g->in->arg[0]);

	if (t >= IR_I32) {
		sum_flags(g, CC_B);
		return;
	}
	gen_clobber_flags(g);
	unsigned a = gen_use(g, g->in->arg[0]), b = gen_use(g, g->in->arg[1]), c = gen_use(g, g->in->arg[2]);
	unsigned s = narrow_sum(g, a, b, c);
	x64_shift_imm(&g->x, 4, SH_SHR, s, bits_of(t));
}

void emit_add_overflow(struct gen *g)
{
	enum ir_type t = gen_type(g, g->in->arg[0]);

	if (t >= IR_I32) {
		sum_flags(g, CC_O);
		return;
	}
	gen_clobber_flags(g);
	unsigned a = gen_use(g, g->in->arg[0]), b = gen_use(g, g->in->arg[1]), c = gen_use(g, g->in->arg[2]);
	unsigned s = narrow_sum(g, a, b, c), other = gen_temp(g);
	x64_mov(&g->x, 4, other, s);
	x64_alu(&g->x, 4, ALU_XOR, other, a);
	x64_alu(&g->x, 4, ALU_XOR, s, b);
	x64_alu(&g->x, 4, ALU_AND, s, other);
	x64_shift_imm(&g->x, 4, SH_SHR, s, bits_of(t) - 1);
	gen_norm(g, s, IR_I1);
}

void emit_zext(struct gen *g)
{
	gen_def_copy(g, g->in->arg[0]);
}

void emit_sext(struct gen *g)
{
	ir_val v = g->in->arg[0];
	enum ir_type from = gen_type(g, v), to = (enum ir_type)g->in->type;
	struct x64_mem m;

	if (from == IR_I1)
		gen_clobber_flags(g);
	if (from != IR_I1 && gen_memory(g, v, &m)) {
		unsigned dst = gen_def(g);
		x64_load_sx(&g->x, gen_bytes(from), to == IR_I64, dst, m);
		gen_norm(g, dst, to);
		return;
	}
	unsigned a = gen_use(g, v), dst = gen_dies(g, v) && !ir_is_const(v) ? gen_def_copy(g, v) : gen_def(g);
	gen_sext(g, dst, a, from, to == IR_I64);
	gen_norm(g, dst, to);
}

void emit_trunc(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;
	struct x64_mem m;

	if (t == IR_I1)
		gen_clobber_flags(g);
	if (gen_memory(g, g->in->arg[0], &m)) {
		unsigned dst = gen_def(g);
		x64_load(&g->x, gen_bytes(t), dst, m);
		if (t == IR_I1)
			gen_norm(g, dst, t);
		return;
	}
	unsigned a = gen_use(g, g->in->arg[0]);
	unsigned dst = gen_dies(g, g->in->arg[0]) ? gen_def_copy(g, g->in->arg[0]) : gen_def(g);
	x64_zx(&g->x, gen_bytes(t), dst, a);
	if (t == IR_I1)
		gen_norm(g, dst, t);
}

void emit_bitcast(struct gen *g)
{
	ir_val v = g->in->arg[0];
	enum ir_type from = gen_type(g, v), to = (enum ir_type)g->in->type;
	unsigned bytes = gen_bytes(from);
	struct x64_mem m;

	if (bytes == 16 && !gen_in_reg(g, v) && !ir_is_const(v) && g->val[v.id].home == HOME_STATE &&
	    g->n_home < MAX_HOMES) {
		/* still only in its slot: what is made of it may want a lane */
		gen_add_home(g, g->i, g->val[v.id].disp);
	} else if (gen_is_int(from) == gen_is_int(to)) {
		gen_def_copy(g, v);
	} else if (gen_memory(g, v, &m)) {
		unsigned dst = gen_def(g);
		if (dst < XMM)
			x64_load(&g->x, bytes, dst, m);
		else
			gen_xmm_load(g, bytes, dst, m);
	} else {
		unsigned a = gen_use(g, v), dst = gen_def(g);
		if (dst < XMM)
			gen_xmm_to_gpr(g, bytes, dst, a);
		else
			gen_xmm_from_gpr(g, bytes, dst, a);
	}
}
