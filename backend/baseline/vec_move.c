/*
 * Emitters of what moves lanes of vectors: shuffles, lookups, scalars in and out, wider and
 * narrower lanes. A shuffle is matched against what the host has one instruction for.
 */
#include "backend/baseline/vec.h"

#define A(op) VEC_CODE(1, 1, op)

static unsigned lane_bits(const struct gen *g)
{
	return ir_type_info[gen_type(g, g->in->arg[0])].lane_bits;
}

/* 0 to 3 */
static unsigned lane_index(const struct gen *g)
{
	return (unsigned)__builtin_ctz(lane_bits(g)) - 3;
}

/* ---- shuffle ---- */

enum { ZERO = 0xff };

struct pattern {
	uint8_t from[16];	/* 0-15 a, 16-31 b, ZERO */
	bool a, b, zero;	/* which it takes bytes of */
};

static struct pattern read_pattern(const struct ir_const *k)
{
	struct pattern p = { .a = false };

	for (unsigned i = 0; i < 16; i++) {
		unsigned from = k->bits[i / 8] >> i % 8 * 8 & 0xff;

		p.from[i] = from < 32 ? (uint8_t)from : ZERO;
		p.a |= from < 16;
		p.b |= from >= 16 && from < 32;
		p.zero |= from >= 32;
	}
	return p;
}

/* Both operands are one, or only the second counts: everything comes from a. */
static void take_one(struct pattern *p)
{
	for (unsigned i = 0; i < 16; i++)
		p->from[i] = p->from[i] == ZERO ? ZERO : p->from[i] & 15;
	p->a = p->a || p->b;
	p->b = false;
}

/* Whether it moves units of n bytes; their numbers go to unit. No zeros. */
static bool in_units(const struct pattern *p, unsigned n, uint8_t *unit)
{
	if (p->zero)
		return false;
	for (unsigned i = 0; i < 16; i++) {
		if (p->from[i] % n != i % n || p->from[i] / n != p->from[i - i % n] / n)
			return false;
		unit[i / n] = p->from[i] / (uint8_t)n;
	}
	return true;
}

static bool is_copy(const struct pattern *p)
{
	for (unsigned i = 0; i < 16; i++)
		if (p->from[i] != i)
			return false;
	return true;
}

/* Units of n bytes from two places by turns: units x.. at even places, y.. at odd ones. */
static bool interleaves(const struct pattern *p, unsigned n, unsigned x, unsigned y)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned pair = i / (2 * n), odd = i / n & 1;

		if (p->from[i] != (odd ? y : x) + pair * n + i % n)
			return false;
	}
	return true;
}

/* punpckl, punpckh of bytes, words, doubles, quads */
static bool unpack(struct gen *g, const struct pattern *p, unsigned dst, unsigned a, unsigned b)
{
	static const uint8_t low[] = { 0x60, 0x61, 0x62, 0x6c }, high[] = { 0x68, 0x69, 0x6a, 0x6d };

	for (unsigned k = 0; k < 8; k++) {
		unsigned n = 1u << k / 2, at = k & 1 ? 8 : 0, other = p->b ? 16 : 0;
		uint8_t op = k & 1 ? high[k / 2] : low[k / 2];

		if (interleaves(p, n, at, at + other)) {
			vec_op(g, VEC_CODE(1, 1, op), dst, a, b);
			return true;
		}
		if (p->b && interleaves(p, n, at + 16, at)) {
			vec_op(g, VEC_CODE(1, 1, op), dst, b, a);
			return true;
		}
	}
	return false;
}

/* Bytes moved up or down by n, zeros behind them; only a. */
static bool byte_shift(struct gen *g, const struct pattern *p, unsigned dst, unsigned a)
{
	bool right = p->from[0] != ZERO;
	unsigned n = right ? p->from[0] : 0;

	while (!right && p->from[n] == ZERO)
		n++;
	for (unsigned i = 0; i < 16; i++) {
		unsigned from = right ? i + n : i - n;
		if (p->from[i] != (from < 16 ? from : ZERO))
			return false;
	}
	vec_shift(g, 0x73, right ? 3 : 7, dst, a, n);
	return true;
}

/* Doubles: any of one operand, or two of one and then two of the other. */
static bool doubles(struct gen *g, const struct pattern *p, unsigned dst, unsigned a, unsigned b)
{
	uint8_t u[4];

	if (!in_units(p, 4, u))
		return false;
	unsigned imm = (u[0] & 3u) | (u[1] & 3u) << 2 | (u[2] & 3u) << 4 | (u[3] & 3u) << 6;
	if (!p->b) {
		vec_move_imm(g, VEC_PSHUFD, dst, a, imm);
		return true;
	}
	if ((u[0] ^ u[1]) & 4 || (u[2] ^ u[3]) & 4)
		return false;
	vec_op_imm(g, VEC_SHUFPS, dst, u[0] & 4 ? b : a, u[2] & 4 ? b : a, imm);
	return true;
}

/* Each word from a or b at its place. */
static bool blend(struct gen *g, const struct pattern *p, unsigned dst, unsigned a, unsigned b)
{
	uint8_t u[8];
	unsigned imm = 0;

	if (!vec_has(g, BASELINE_SSE41) || !in_units(p, 2, u))
		return false;
	for (unsigned i = 0; i < 8; i++) {
		if ((u[i] & 7) != i)
			return false;
		imm |= (u[i] >> 3 & 1u) << i;
	}
	vec_op_imm(g, VEC_CODE(1, 3, 0x0e), dst, a, b, imm);
	return true;
}

static bool align(struct gen *g, const struct pattern *p, unsigned dst, unsigned a, unsigned b)
{
	unsigned n = p->from[0];

	if (!vec_has(g, BASELINE_SSSE3) || p->zero)
		return false;
	for (unsigned i = 0; i < 16; i++)
		if (p->from[i] != (p->b ? (n + i) % 32 : (n + i) % 16))
			return false;
	if (n < 16)
		vec_op_imm(g, VEC_CODE(1, 3, 0x0f), dst, b, a, n);
	else
		vec_op_imm(g, VEC_CODE(1, 3, 0x0f), dst, a, b, n - 16);
	return true;
}

/* pshufb with what the pattern takes from one operand, 0 for the rest. */
static void shuffle_bytes(struct gen *g, const struct pattern *p, unsigned side, unsigned dst, unsigned src)
{
	uint64_t half[2] = { 0, 0 };

	for (unsigned i = 0; i < 16; i++)
		half[i / 8] |= (uint64_t)(p->from[i] >> 4 == side ? p->from[i] & 15u : 0x80u) << i % 8 * 8;
	vec_op_const(g, VEC_PSHUFB, dst, src, half[0], half[1]);
}

static bool emit_shuffle_lanes(struct gen *g)
{
	ir_val va = g->in->arg[0], vb = g->in->arg[1];
	struct pattern p = read_pattern(&g->u->konst[g->in->arg[2].id & ~IR_CONST]);
	unsigned a, b, dst, t;

	if (!p.a && !p.b) {
		gen_xmm_const(g, gen_def(g), 0, 0);
		return true;
	}
	if (!p.a || va.id == vb.id) {
		va = p.a ? va : vb;
		take_one(&p);
	}
	if (is_copy(&p)) {
		gen_def_copy(g, va);
		return true;
	}
	a = gen_use(g, va);
	b = p.b ? gen_use(g, vb) : a;
	dst = gen_def(g);
	if ((!p.b && byte_shift(g, &p, dst, a)) || unpack(g, &p, dst, a, b) || doubles(g, &p, dst, a, b) ||
	    (p.b && blend(g, &p, dst, a, b)) || align(g, &p, dst, a, b))
		return true;
	if (!vec_has(g, BASELINE_SSSE3)) {
		gen_undef(g);
		return false;
	}
	shuffle_bytes(g, &p, 0, dst, a);
	if (p.b) {
		t = gen_temp_xmm(g);
		shuffle_bytes(g, &p, 1, t, b);
		vec_op(g, VEC_POR, dst, dst, t);
	}
	return true;
}

/* pshufb takes the low four bits of an index whose highest is clear, as it is up to 0x7f. */
static bool emit_lookup_lanes(struct gen *g)
{
	const uint64_t add = 0x7070707070707070;

	if (!vec_has(g, BASELINE_SSSE3))
		return false;
	unsigned table = gen_use(g, g->in->arg[0]), index = gen_use(g, g->in->arg[1]), t = gen_temp_xmm(g);
	vec_op_const(g, VEC_PADDUSB, t, index, add, add);
	vec_op(g, VEC_PSHUFB, gen_def(g), table, t);
	return true;
}

/* ---- scalars ---- */

/* A scalar in lane 0 of a temporary or of dst; integers clear the rest. */
static void scalar_in(struct gen *g, ir_val v, unsigned dst)
{
	unsigned r = gen_use(g, v);

	if (r < XMM)
		gen_xmm_from_gpr(g, 8, dst, r);
	else
		gen_xmm_move(g, dst, r);
}

static bool emit_splat_lanes(struct gen *g)
{
	static const uint8_t broadcast[4] = { 0x78, 0x79, 0x58, 0x59 };
	unsigned lane = lane_index(g), dst = gen_def(g);

	scalar_in(g, g->in->arg[0], dst);
	if (vec_has(g, BASELINE_AVX2)) {
		vec_move(g, VEC_CODE(1, 2, broadcast[lane]), dst, dst);
		return true;
	}
	if (lane == 0)
		vec_op(g, A(0x60), dst, dst, dst);
	if (lane <= 1)
		vec_move_imm(g, VEC_CODE(3, 1, 0x70), dst, dst, 0);
	vec_move_imm(g, VEC_PSHUFD, dst, dst, lane == 3 ? 0x44 : 0);
	return true;
}

static bool emit_first(struct gen *g)
{
	ir_val v = g->in->arg[0];
	struct x64_mem m;

	/* loads of scalars clear the rest */
	if (lane_bits(g) >= 32 && gen_memory(g, v, &m)) {
		gen_xmm_load(g, lane_bits(g) / 8, gen_def(g), m);
		return true;
	}
	unsigned r = gen_use(g, v), dst = gen_def(g);
	if (r < XMM) {
		gen_xmm_from_gpr(g, 8, dst, r);
	} else if (lane_bits(g) == 64) {
		vec_move(g, VEC_CODE(2, 1, 0x7e), dst, r);
	} else {
		gen_xmm_const(g, dst, 0, 0);
		vec_op(g, VEC_CODE(2, 1, 0x10), dst, dst, r);
	}
	return true;
}

static bool insert_float(struct gen *g, unsigned dst, unsigned v, unsigned x, unsigned lane)
{
	if (lane_bits(g) == 64)
		vec_op(g, lane ? VEC_PUNPCKLQDQ : VEC_CODE(3, 1, 0x10), dst, v, x);
	else if (!lane)
		vec_op(g, VEC_CODE(2, 1, 0x10), dst, v, x);
	else
		vec_op_imm(g, VEC_CODE(1, 3, 0x21), dst, v, x, lane << 4);
	return true;
}

static bool emit_insert_lanes(struct gen *g)
{
	unsigned lane = g->in->aux, width = lane_index(g);
	bool is_float = g->in->type == IR_F32X4 || g->in->type == IR_F64X2;

	if (!vec_has(g, BASELINE_SSE41) && width != 1 && !(is_float && (width == 3 || !lane)))
		return false;
	unsigned v = gen_use(g, g->in->arg[0]), x = gen_use(g, g->in->arg[1]);
	unsigned dst = vec_def(g, g->in->arg[0], g->in->arg[0]);
	if (is_float)
		return insert_float(g, dst, v, x, lane);
	if (width == 1)
		vec_op_imm(g, A(0xc4), dst, v, x, lane);
	else if (width == 0)
		vec_op_imm(g, VEC_CODE(1, 3, 0x20), dst, v, x, lane);
	else
		vec_op_imm(g, (vec_code)(VEC_CODE(1, 3, 0x22) | (width == 3 ? VEC_W : 0)), dst, v, x, lane);
	return true;
}

static void extract_float(struct gen *g)
{
	unsigned v = gen_use(g, g->in->arg[0]), dst = gen_def(g), lane = g->in->aux;

	if (!lane)
		gen_xmm_move(g, dst, v);
	else
		vec_move_imm(g, VEC_PSHUFD, dst, v, g->in->type == IR_F64 ? 0xee : lane);
}

/* Lane 0 of doubles and quads moves by itself, words have an instruction, and the rest with SSE4.1. */
static void extract_int(struct gen *g)
{
	unsigned lane = g->in->aux, width = lane_index(g), v = gen_use(g, g->in->arg[0]), dst, t = v;

	if (width == 1) {
		vec_move_imm(g, A(0xc5), gen_def(g), v, lane);
		return;
	}
	if (vec_has(g, BASELINE_SSE41) && (lane || !width)) {
		/* stores: the vector is the "reg" field */
		dst = gen_def(g);
		vec_move_imm(g, (vec_code)(VEC_CODE(1, 3, width ? 0x16 : 0x14) | (width == 3 ? VEC_W : 0)), v, dst, lane);
		return;
	}
	if (width == 0) {
		gen_clobber_flags(g);
		dst = gen_def(g);
		vec_move_imm(g, A(0xc5), dst, v, lane / 2);
		if (lane & 1)
			x64_shift_imm(&g->x, 4, SH_SHR, dst, 8);
		else
			x64_zx(&g->x, 1, dst, dst);
		return;
	}
	if (lane) {
		t = gen_temp_xmm(g);
		vec_move_imm(g, VEC_PSHUFD, t, v, width == 3 ? 0xee : lane);
	}
	gen_xmm_to_gpr(g, width == 3 ? 8 : 4, gen_def(g), t);
}

void emit_extract(struct gen *g)
{
	ir_val v = g->in->arg[0];
	const struct value *val = ir_is_const(v) ? NULL : &g->val[v.id];
	unsigned bytes = gen_bytes((enum ir_type)g->in->type), dst;

	if (val && val->reg == REG_NONE && val->home != HOME_NONE) {
		struct x64_mem m = gen_state(val->disp + (int32_t)(g->in->aux * bytes));

		dst = gen_def(g);
		if (dst < XMM)
			x64_load(&g->x, bytes, dst, m);
		else
			gen_xmm_load(g, bytes, dst, m);
	} else if (gen_is_int((enum ir_type)g->in->type)) {
		extract_int(g);
	} else {
		extract_float(g);
	}
}

/* ---- other widths ---- */

/* pmovzx, pmovsx: of 8, 16, 32 bits; 0x20 less for signs. */
static const uint8_t extend[3] = { 0x30, 0x33, 0x35 };

static void widen(struct gen *g, bool high, bool is_signed, unsigned dst, unsigned v)
{
	vec_code code = VEC_CODE(1, 2, extend[lane_index(g)] - (is_signed ? 0x10 : 0));

	if (high) {
		vec_move_imm(g, VEC_PSHUFD, dst, v, 0xee);
		v = dst;
	}
	vec_move(g, code, dst, v);
}

static bool emit_widen(struct gen *g, bool high, bool is_signed)
{
	if (!vec_has(g, BASELINE_SSE41))
		return false;
	unsigned v = gen_use(g, g->in->arg[0]);
	widen(g, high, is_signed, vec_def(g, g->in->arg[0], g->in->arg[0]), v);
	return true;
}

/* Doubles 0, 0, 1, 1 or 2, 2, 3, 3: quads are multiplied by their lower halves. */
static void multiply_doubles(struct gen *g, bool high, bool is_signed, unsigned x, unsigned y)
{
	unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g), imm = high ? 0xfa : 0x50;

	vec_move_imm(g, VEC_PSHUFD, t, x, imm);
	vec_move_imm(g, VEC_PSHUFD, s, y, imm);
	vec_op(g, is_signed ? VEC_CODE(1, 2, 0x28) : A(0xf4), gen_def(g), t, s);
}

/* Low and high parts of the products, side by side. */
static void multiply_words(struct gen *g, bool high, bool is_signed, unsigned x, unsigned y)
{
	unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g);

	vec_op(g, A(0xd5), t, x, y);
	vec_op(g, is_signed ? A(0xe5) : A(0xe4), s, x, y);
	vec_op(g, high ? A(0x69) : A(0x61), gen_def(g), t, s);
}

static bool emit_multiply(struct gen *g, bool high, bool is_signed)
{
	unsigned lane = lane_index(g);

	if (!vec_has(g, BASELINE_SSE41) && (lane == 0 || (lane == 2 && is_signed)))
		return false;
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]);
	if (lane == 1) {
		multiply_words(g, high, is_signed, x, y);
	} else if (lane == 2) {
		multiply_doubles(g, high, is_signed, x, y);
	} else {
		unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g);
		widen(g, high, is_signed, t, x);
		widen(g, high, is_signed, s, y);
		vec_op(g, A(0xd5), gen_def(g), t, s);
	}
	return true;
}

/* The low parts of all lanes. */
static bool emit_narrow_lanes(struct gen *g)
{
	unsigned lane = lane_index(g);
	uint64_t low = vec_repeat(lane_bits(g), (1ull << lane_bits(g) / 2) - 1);

	if (lane == 2 && !vec_has(g, BASELINE_SSE41))
		return false;
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]);
	if (lane == 3) {
		vec_op_imm(g, VEC_SHUFPS, vec_def(g, g->in->arg[0], g->in->arg[1]), x, y, 0x88);
		return true;
	}
	unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g);
	vec_op_const(g, VEC_PAND, t, x, low, low);
	vec_op_const(g, VEC_PAND, s, y, low, low);
	vec_op(g, lane == 1 ? VEC_PACKUSWB : VEC_PACKUSDW, gen_def(g), t, s);
	return true;
}

static bool emit_pack(struct gen *g)
{
	unsigned lane = lane_index(g);
	bool to_signed = g->in->op == IR_OP_narrow_ss;
	vec_code code = lane == 1 ? VEC_PACKUSWB : VEC_PACKUSDW;

	if (lane == 3 || (lane == 2 && !to_signed && !vec_has(g, BASELINE_SSE41)))
		return false;
	if (to_signed)
		code = lane == 1 ? A(0x63) : A(0x6b);
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]);
	vec_op(g, code, vec_def(g, g->in->arg[0], g->in->arg[1]), x, y);
	return true;
}

/* What is too large becomes the largest number first, for the host packs signed ones. */
static bool emit_pack_unsigned(struct gen *g)
{
	unsigned lane = lane_index(g);
	uint64_t top = vec_repeat(lane_bits(g), (1ull << lane_bits(g) / 2) - 1);
	vec_code least = lane == 1 ? VEC_CODE(1, 2, 0x3a) : VEC_CODE(1, 2, 0x3b);

	if (lane == 3 || !vec_has(g, BASELINE_SSE41))
		return false;
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]), t = gen_temp_xmm(g), s = gen_temp_xmm(g);
	vec_op_const(g, least, t, x, top, top);
	vec_op_const(g, least, s, y, top, top);
	vec_op(g, lane == 1 ? VEC_PACKUSWB : VEC_PACKUSDW, gen_def(g), t, s);
	return true;
}

static bool emit_clmul_lanes(struct gen *g)
{
	if (!vec_has(g, BASELINE_PCLMUL))
		return false;
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]);
	vec_op_imm(g, VEC_CODE(1, 3, 0x44), vec_def(g, g->in->arg[0], g->in->arg[1]), x, y, 0);
	return true;
}

static bool emit_float_widen(struct gen *g, bool high)
{
	unsigned v = gen_use(g, g->in->arg[0]), dst = vec_def(g, g->in->arg[0], g->in->arg[0]);

	if (high) {
		vec_move_imm(g, VEC_PSHUFD, dst, v, 0xee);
		v = dst;
	}
	vec_move(g, VEC_CODE(0, 1, 0x5a), dst, v);
	return true;
}

static bool emit_float_pair(struct gen *g)
{
	unsigned x = gen_use(g, g->in->arg[0]), y = gen_use(g, g->in->arg[1]);
	unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g);

	vec_move(g, A(0x5a), t, x);
	vec_move(g, A(0x5a), s, y);
	vec_op(g, VEC_PUNPCKLQDQ, gen_def(g), t, s);
	return true;
}

bool vec_emit_move(struct gen *g)
{
	switch (g->in->op) {
	case IR_OP_shuffle: return emit_shuffle_lanes(g);
	case IR_OP_lookup: return emit_lookup_lanes(g);
	case IR_OP_splat: return emit_splat_lanes(g);
	case IR_OP_vfirst: return emit_first(g);
	case IR_OP_insert: return emit_insert_lanes(g);
	case IR_OP_zext_lo: return emit_widen(g, false, false);
	case IR_OP_zext_hi: return emit_widen(g, true, false);
	case IR_OP_sext_lo: return emit_widen(g, false, true);
	case IR_OP_sext_hi: return emit_widen(g, true, true);
	case IR_OP_mulu_lo: return emit_multiply(g, false, false);
	case IR_OP_mulu_hi: return emit_multiply(g, true, false);
	case IR_OP_muls_lo: return emit_multiply(g, false, true);
	case IR_OP_muls_hi: return emit_multiply(g, true, true);
	case IR_OP_narrow: return emit_narrow_lanes(g);
	case IR_OP_narrow_ss:
	case IR_OP_narrow_su: return emit_pack(g);
	case IR_OP_narrow_uu: return emit_pack_unsigned(g);
	case IR_OP_clmul: return emit_clmul_lanes(g);
	case IR_OP_fcvt_lo: return emit_float_widen(g, false);
	case IR_OP_fcvt_hi: return emit_float_widen(g, true);
	case IR_OP_fcvt_pair: return emit_float_pair(g);
	default: return false;
	}
}

/* ---- vectors to integers ---- */

void emit_vany(struct gen *g)
{
	unsigned v, t, r;

	gen_clobber_flags(g);
	v = gen_use(g, g->in->arg[0]);
	if (vec_has(g, BASELINE_SSE41)) {
		vec_move(g, VEC_CODE(1, 2, 0x17), v, v);
		gen_set_pending(g, g->i, CC_NE);
		return;
	}
	t = gen_temp_xmm(g);
	r = gen_temp(g);
	gen_xmm_const(g, t, 0, 0);
	vec_op(g, A(0x74), t, t, v);
	vec_move(g, A(0xd7), r, t);
	x64_alu_imm(&g->x, 4, ALU_CMP, r, 0xffff);
	gen_set_pending(g, g->i, CC_NE);
}

void emit_vmask(struct gen *g)
{
	unsigned v = gen_use(g, g->in->arg[0]), t = v;

	if (lane_index(g) >= 2) {
		vec_move(g, lane_index(g) == 2 ? VEC_CODE(0, 1, 0x50) : A(0x50), gen_def(g), v);
		return;
	}
	if (lane_index(g) == 1) {
		t = gen_temp_xmm(g);
		gen_xmm_const(g, t, 0, 0);
		unsigned s = gen_temp_xmm(g);
		vec_op(g, A(0x63), s, v, t);
		t = s;
	}
	vec_move(g, A(0xd7), gen_def(g), t);
}
