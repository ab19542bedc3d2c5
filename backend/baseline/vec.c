/*
 * Emitters of arithmetic over vectors: instructions of the host from tables, short sequences where
 * it has none, and for the rest a call of the C function that knows every operation.
 */
#include "backend/baseline/vec.h"

/* ---- instructions ---- */

static unsigned legacy(vec_code code)
{
	static const uint8_t prefix[4] = { 0, X_66, X_F3, X_F2 };

	return prefix[code & 3] | (code & VEC_W ? X_W : 0u);
}

static unsigned opcode(vec_code code)
{
	static const uint32_t map[4] = { 0, 0x0f00, 0x0f3800, 0x0f3a00 };

	return map[code >> 2 & 3] | code >> 8;
}

static bool avx(const struct gen *g)
{
	return g->feat & BASELINE_AVX;
}

static void write_rr(struct gen *g, vec_code code, unsigned reg, unsigned v, unsigned rm)
{
	if (avx(g))
		x64_vex_rr(&g->x, code & 3, code >> 2 & 3, code & VEC_W, code >> 8, reg & 15, v & 15, rm & 15);
	else
		x64_rr(&g->x, legacy(code), opcode(code), reg & 15, rm & 15);
}

void vec_op(struct gen *g, vec_code code, unsigned dst, unsigned a, unsigned b)
{
	if (!avx(g) && dst != a) {
		if (dst == b) {
			b = gen_temp_xmm(g);
			gen_xmm_move(g, b, dst);
		}
		gen_xmm_move(g, dst, a);
	}
	write_rr(g, code, dst, a, b);
}

void vec_op_imm(struct gen *g, vec_code code, unsigned dst, unsigned a, unsigned b, unsigned imm)
{
	vec_op(g, code, dst, a, b);
	x64_8(&g->x, imm);
}

void vec_op_const(struct gen *g, vec_code code, unsigned dst, unsigned a, uint64_t lo, uint64_t hi)
{
	unsigned index = gen_pool(g, lo, hi);

	if (avx(g)) {
		x64_vex_rm(&g->x, code & 3, code >> 2 & 3, false, code >> 8, dst & 15, a & 15, GEN_RIP);
	} else {
		if (dst != a)
			gen_xmm_move(g, dst, a);
		x64_rm(&g->x, legacy(code), opcode(code), dst & 15, GEN_RIP);
	}
	gen_pooled(g, index);
}

void vec_move(struct gen *g, vec_code code, unsigned dst, unsigned src)
{
	write_rr(g, code, dst, 0, src);
}

void vec_move_imm(struct gen *g, vec_code code, unsigned dst, unsigned src, unsigned imm)
{
	write_rr(g, code, dst, 0, src);
	x64_8(&g->x, imm);
}

void vec_shift(struct gen *g, unsigned op, unsigned digit, unsigned dst, unsigned src, unsigned n)
{
	if (avx(g)) {
		x64_vex_rr(&g->x, 1, 1, false, op, digit, dst & 15, src & 15);
	} else {
		if (dst != src)
			gen_xmm_move(g, dst, src);
		x64_rr(&g->x, X_66, 0x0f00 | op, digit, dst & 15);
	}
	x64_8(&g->x, n);
}

unsigned vec_def(struct gen *g, ir_val a, ir_val b)
{
	if (gen_in_reg(g, a) && gen_dies(g, a))
		return gen_def_copy(g, a);
	if (avx(g) && gen_in_reg(g, b) && gen_dies(g, b))
		return gen_def_copy(g, b);
	return gen_def(g);
}

uint64_t vec_repeat(unsigned bits, uint64_t lane)
{
	for (; bits < 64; bits *= 2)
		lane |= lane << bits;
	return lane;
}

unsigned vec_const(struct gen *g, unsigned bits, uint64_t lane)
{
	unsigned r = gen_temp_xmm(g);

	lane = vec_repeat(bits, lane);
	gen_xmm_const(g, r, lane, lane);
	return r;
}

/* ---- any operation ---- */

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

/* ---- one instruction ---- */

/* What it takes beyond SSE2. */
enum need { SSE2, SSSE3, SSE41, SSE42, AVX2 };
static const unsigned needed[] = {
	[SSE2] = 0, [SSSE3] = BASELINE_SSSE3, [SSE41] = BASELINE_SSE41, [SSE42] = BASELINE_SSE42,
	[AVX2] = BASELINE_AVX2,
};

/* Prefix 66; bits 4 to 6 of a code, but for VEC_W free here, say what it takes. */
#define A(op) VEC_CODE(1, 1, op)
#define S3(op) (VEC_CODE(1, 2, op) | SSSE3 << 5)
#define S41(op) (VEC_CODE(1, 2, op) | SSE41 << 5)
#define S42(op) (VEC_CODE(1, 2, op) | SSE42 << 5)
#define V2(op) (VEC_CODE(1, 2, op) | AVX2 << 5)
#define PS(op) VEC_CODE(0, 1, op)
#define PD(op) VEC_CODE(1, 1, op)

/* dst = a op b, by lanes of 8, 16, 32, 64 bits. */
static const vec_code two[IR_OP_COUNT][4] = {
	[IR_OP_add] = { A(0xfc), A(0xfd), A(0xfe), A(0xd4) },
	[IR_OP_sub] = { A(0xf8), A(0xf9), A(0xfa), A(0xfb) },
	[IR_OP_and] = { A(0xdb), A(0xdb), A(0xdb), A(0xdb) },
	[IR_OP_or] = { A(0xeb), A(0xeb), A(0xeb), A(0xeb) },
	[IR_OP_xor] = { A(0xef), A(0xef), A(0xef), A(0xef) },
	[IR_OP_mul] = { 0, A(0xd5), S41(0x40), 0 },
	[IR_OP_mulhu] = { 0, A(0xe4), 0, 0 },
	[IR_OP_mulhs] = { 0, A(0xe5), 0, 0 },
	[IR_OP_smin] = { S41(0x38), A(0xea), S41(0x39), 0 },
	[IR_OP_smax] = { S41(0x3c), A(0xee), S41(0x3d), 0 },
	[IR_OP_umin] = { A(0xda), S41(0x3a), S41(0x3b), 0 },
	[IR_OP_umax] = { A(0xde), S41(0x3e), S41(0x3f), 0 },
	[IR_OP_uqadd] = { A(0xdc), A(0xdd), 0, 0 },
	[IR_OP_uqsub] = { A(0xd8), A(0xd9), 0, 0 },
	[IR_OP_sqadd] = { A(0xec), A(0xed), 0, 0 },
	[IR_OP_sqsub] = { A(0xe8), A(0xe9), 0, 0 },
	[IR_OP_uavg] = { A(0xe0), A(0xe3), 0, 0 },
	[IR_OP_veq] = { A(0x74), A(0x75), A(0x76), S41(0x29) },
	[IR_OP_vshl] = { 0, 0, V2(0x47), V2(0x47) | VEC_W },
	[IR_OP_vshr] = { 0, 0, V2(0x45), V2(0x45) | VEC_W },
	[IR_OP_vsar] = { 0, 0, V2(0x46), 0 },
	[IR_OP_fadd] = { 0, 0, PS(0x58), PD(0x58) },
	[IR_OP_fsub] = { 0, 0, PS(0x5c), PD(0x5c) },
	[IR_OP_fmul] = { 0, 0, PS(0x59), PD(0x59) },
	[IR_OP_fdiv] = { 0, 0, PS(0x5e), PD(0x5e) },
	[IR_OP_fmin] = { 0, 0, PS(0x5d), PD(0x5d) },
	[IR_OP_fmax] = { 0, 0, PS(0x5f), PD(0x5f) },
};

/* a > b */
static const vec_code greater[4] = { A(0x64), A(0x65), A(0x66), S42(0x37) };

/* dst = op a */
static const vec_code one[IR_OP_COUNT][4] = {
	[IR_OP_abs] = { S3(0x1c), S3(0x1d), S3(0x1e), 0 },
	[IR_OP_fsqrt] = { 0, 0, PS(0x51), PD(0x51) },
	[IR_OP_ftoi] = { 0, 0, VEC_CODE(2, 1, 0x5b), 0 },
	[IR_OP_ftoi_near] = { 0, 0, VEC_CODE(1, 1, 0x5b), 0 },
	[IR_OP_itof] = { 0, 0, VEC_CODE(0, 1, 0x5b), 0 },
};

static bool usable(const struct gen *g, vec_code code)
{
	return code && vec_has(g, needed[code >> 5 & 7]);
}

static vec_code plain(vec_code code)
{
	return code & (vec_code)~0xe0u;
}

/* 0 to 3, of the first operand. */
static unsigned lane_index(const struct gen *g)
{
	return (unsigned)__builtin_ctz(ir_type_info[gen_type(g, g->in->arg[0])].lane_bits) - 3;
}

static unsigned lane_bits(const struct gen *g)
{
	return 8u << lane_index(g);
}

static void emit_two(struct gen *g, vec_code code)
{
	ir_val va = g->in->arg[0], vb = g->in->arg[1];
	unsigned a = gen_use(g, va);

	if (ir_is_const(vb)) {
		const struct ir_const *k = &g->u->konst[vb.id & ~IR_CONST];
		if (!(code & VEC_W)) {
			vec_op_const(g, code, vec_def(g, va, va), a, k->bits[0], k->bits[1]);
			return;
		}
	}
	unsigned b = gen_use(g, vb);
	vec_op(g, code, vec_def(g, va, vb), a, b);
}

static void emit_one(struct gen *g, vec_code code)
{
	unsigned a = gen_use(g, g->in->arg[0]);

	vec_move(g, code, vec_def(g, g->in->arg[0], g->in->arg[0]), a);
}

/* ---- short sequences ---- */

static unsigned all_ones(struct gen *g)
{
	unsigned r = gen_temp_xmm(g);

	vec_op(g, A(0x76), r, r, r);
	return r;
}

static bool emit_not_lanes(struct gen *g)
{
	unsigned a = gen_use(g, g->in->arg[0]), ones = all_ones(g);

	vec_op(g, VEC_PXOR, vec_def(g, g->in->arg[0], g->in->arg[0]), a, ones);
	return true;
}

/* x < y is y > x, x <= y is not x > y. Unsigned: x <= y where the lesser is x; 64 bits change signs. */
static bool emit_less(struct gen *g)
{
	unsigned lane = lane_index(g);
	bool is_signed = g->in->op == IR_OP_vslt || g->in->op == IR_OP_vsle;
	bool strict = g->in->op == IR_OP_vslt || g->in->op == IR_OP_vult;
	vec_code least = two[strict ? IR_OP_umax : IR_OP_umin][lane], more = greater[lane];
	ir_val va = g->in->arg[0], vb = g->in->arg[1];

	if (!usable(g, is_signed || lane == 3 ? more : least))
		return false;
	unsigned a = gen_use(g, va), b = gen_use(g, vb), t, dst;
	if (is_signed && strict) {
		vec_op(g, plain(more), vec_def(g, vb, va), b, a);
		return true;
	}
	t = gen_temp_xmm(g);
	if (!is_signed && lane == 3) {
		unsigned s = gen_temp_xmm(g);
		vec_op_const(g, VEC_PXOR, s, a, 1ull << 63, 1ull << 63);
		vec_op_const(g, VEC_PXOR, t, b, 1ull << 63, 1ull << 63);
		vec_op(g, plain(more), t, strict ? t : s, strict ? s : t);
	} else if (is_signed) {
		vec_op(g, plain(more), t, a, b);
	} else {
		vec_op(g, plain(least), t, a, b);
		vec_op(g, plain(two[IR_OP_veq][lane]), t, t, a);
	}
	bool invert = is_signed || (lane == 3 ? !strict : strict);
	unsigned ones = invert ? all_ones(g) : REG_NONE;
	dst = gen_def(g);
	if (invert)
		vec_op(g, VEC_PXOR, dst, t, ones);
	else
		gen_xmm_move(g, dst, t);
	return true;
}

static bool emit_float_compare(struct gen *g)
{
	unsigned a = gen_use(g, g->in->arg[0]), b = gen_use(g, g->in->arg[1]);
	unsigned imm = g->in->op == IR_OP_vfeq ? 0 : g->in->op == IR_OP_vflt ? 1 : g->in->op == IR_OP_vfle ? 2 : 3;
	vec_code code = lane_index(g) == 2 ? PS(0xc2) : PD(0xc2);

	vec_op_imm(g, code, vec_def(g, g->in->arg[0], g->in->arg[1]), a, b, imm);
	return true;
}

/* One comparison of AVX; without it two. */
static bool emit_unordered_or_equal(struct gen *g)
{
	unsigned a = gen_use(g, g->in->arg[0]), b = gen_use(g, g->in->arg[1]);
	vec_code code = lane_index(g) == 2 ? PS(0xc2) : PD(0xc2);

	if (avx(g)) {
		vec_op_imm(g, code, vec_def(g, g->in->arg[0], g->in->arg[1]), a, b, 8);
		return true;
	}
	unsigned equal = gen_temp_xmm(g), unordered = gen_temp_xmm(g);
	vec_op_imm(g, code, equal, a, b, 0);
	vec_op_imm(g, code, unordered, a, b, 3);
	vec_op(g, VEC_POR, gen_def(g), equal, unordered);
	return true;
}

static bool emit_bitsel_lanes(struct gen *g)
{
	unsigned m = gen_use(g, g->in->arg[0]), a = gen_use(g, g->in->arg[1]), b = gen_use(g, g->in->arg[2]);
	unsigned t = gen_temp_xmm(g), s = gen_temp_xmm(g);

	vec_op(g, VEC_PAND, t, m, a);
	vec_op(g, VEC_PANDN, s, m, b);
	vec_op(g, VEC_POR, gen_def(g), t, s);
	return true;
}

/* The sign of each lane against a constant, as fneg and fabs do. */
static bool emit_sign(struct gen *g, bool clear)
{
	uint64_t k = vec_repeat(lane_bits(g), 1ull << (lane_bits(g) - 1));
	unsigned a = gen_use(g, g->in->arg[0]);

	vec_op_const(g, clear ? VEC_PAND : VEC_PXOR, vec_def(g, g->in->arg[0], g->in->arg[0]), a, clear ? ~k : k,
		     clear ? ~k : k);
	return true;
}

/* vfmadd213: dst = b * dst + c */
static bool emit_fma_lanes(struct gen *g)
{
	bool same = g->in->arg[0].id == g->in->arg[1].id || g->in->arg[0].id == g->in->arg[2].id;

	if (!vec_has(g, BASELINE_FMA))
		return false;
	unsigned b = gen_use(g, g->in->arg[1]), c = gen_use(g, g->in->arg[2]), dst;
	if (same) {
		unsigned a = gen_use(g, g->in->arg[0]);
		dst = gen_def(g);
		gen_xmm_move(g, dst, a);
	} else {
		dst = gen_def_copy(g, g->in->arg[0]);
	}
	vec_op(g, (vec_code)(VEC_CODE(1, 2, 0xa8) | (lane_index(g) == 3 ? VEC_W : 0)), dst, b, c);
	return true;
}

/* To integral values; the scalar forms, too. */
static bool emit_round(struct gen *g)
{
	bool vector = g->in->type > IR_F64, dbl = lane_index(g) == 3;
	unsigned how = g->in->op == IR_OP_fround_near ? 8 : g->in->op == IR_OP_fround_down ? 9 :
		       g->in->op == IR_OP_fround_up ? 10 : 11;

	if (!vec_has(g, BASELINE_SSE41))
		return false;
	unsigned a = gen_use(g, g->in->arg[0]), dst = vec_def(g, g->in->arg[0], g->in->arg[0]);
	if (vector)
		vec_move_imm(g, dbl ? VEC_CODE(1, 3, 0x09) : VEC_CODE(1, 3, 0x08), dst, a, how);
	else
		vec_op_imm(g, dbl ? VEC_CODE(1, 3, 0x0b) : VEC_CODE(1, 3, 0x0a), dst, a, a, how);
	return true;
}

/* ---- shifts by one count ---- */

static const uint8_t by_count[3][4] = { { 0xf1, 0xf1, 0xf2, 0xf3 }, { 0xd1, 0xd1, 0xd2, 0xd3 }, { 0xe1, 0xe1, 0xe2, 0 } };

/* By n < width. Bytes are shifted as words and the bits that came from neighbours masked out. */
static void shift_left_or_right(struct gen *g, bool left, unsigned dst, unsigned src, unsigned n)
{
	unsigned lane = lane_index(g);
	uint64_t keep = lane ? 0 : vec_repeat(8, left ? 0xffu << n & 0xff : 0xffu >> n);

	vec_shift(g, lane ? 0x70 + lane : 0x71, left ? 6 : 2, dst, src, n);
	if (!lane)
		vec_op_const(g, VEC_PAND, dst, dst, keep, keep);
}

/* Arithmetic shifts the host has not: x >> n with the sign moved down, which is then spread. */
static void shift_arithmetic(struct gen *g, unsigned dst, unsigned src, unsigned n)
{
	unsigned lane = lane_index(g);
	uint64_t sign = vec_repeat(lane_bits(g), 1ull << (lane_bits(g) - 1 - n));

	if (lane == 1 || lane == 2) {
		vec_shift(g, 0x70 + lane, 4, dst, src, n);
		return;
	}
	shift_left_or_right(g, false, dst, src, n);
	vec_op_const(g, VEC_PXOR, dst, dst, sign, sign);
	vec_op_const(g, plain(two[IR_OP_sub][lane]), dst, dst, sign, sign);
}

static void shift_by_constant(struct gen *g, uint64_t n)
{
	unsigned w = lane_bits(g);
	ir_val v = g->in->arg[0];

	if (n >= w && g->in->op != IR_OP_sar) {
		gen_xmm_const(g, gen_def(g), 0, 0);
		return;
	}
	unsigned a = gen_use(g, v), dst = vec_def(g, v, v);
	if (g->in->op == IR_OP_sar)
		shift_arithmetic(g, dst, a, n < w ? (unsigned)n : w - 1);
	else
		shift_left_or_right(g, g->in->op == IR_OP_shl, dst, a, (unsigned)n);
}

static bool emit_shift(struct gen *g)
{
	unsigned lane = lane_index(g), kind = g->in->op == IR_OP_shl ? 0 : g->in->op == IR_OP_shr ? 1 : 2;
	ir_val vn = g->in->arg[1];

	if (ir_is_const(vn)) {
		shift_by_constant(g, ir_const_bits(g->u, vn));
		return true;
	}
	if (!lane || !by_count[kind][lane])
		return false;
	unsigned a = gen_use(g, g->in->arg[0]), n = gen_use(g, vn), t = gen_temp_xmm(g);
	gen_xmm_from_gpr(g, 8, t, n);
	vec_op(g, VEC_CODE(1, 1, by_count[kind][lane]), vec_def(g, g->in->arg[0], g->in->arg[0]), a, t);
	return true;
}

static bool emit_rotate(struct gen *g)
{
	ir_val v = g->in->arg[0], vn = g->in->arg[1];
	unsigned w = lane_bits(g);

	if (!ir_is_const(vn))
		return false;
	unsigned n = (unsigned)(ir_const_bits(g->u, vn) % w), a = gen_use(g, v), t = gen_temp_xmm(g), s = gen_temp_xmm(g);
	if (!n) {
		gen_def_copy(g, v);
		return true;
	}
	shift_left_or_right(g, true, t, a, n);
	shift_left_or_right(g, false, s, a, w - n);
	vec_op(g, VEC_POR, gen_def(g), t, s);
	return true;
}

/* Bits of bytes: twice a table of those of half a byte. */
static bool emit_popcnt_lanes(struct gen *g)
{
	const uint64_t low = 0x0302020102010100, high = 0x0403030203020201, nibble = 0x0f0f0f0f0f0f0f0f;

	if (lane_index(g) || !vec_has(g, BASELINE_SSSE3))
		return false;
	unsigned a = gen_use(g, g->in->arg[0]), t = gen_temp_xmm(g), u = gen_temp_xmm(g), table = gen_temp_xmm(g);
	unsigned dst = gen_def(g);
	gen_xmm_const(g, table, low, high);
	vec_op_const(g, VEC_PAND, t, a, nibble, nibble);
	vec_shift(g, 0x72, 2, u, a, 4);
	vec_op_const(g, VEC_PAND, u, u, nibble, nibble);
	vec_op(g, VEC_PSHUFB, t, table, t);
	vec_op(g, VEC_PSHUFB, u, table, u);
	vec_op(g, A(0xfc), dst, t, u);
	return true;
}

static bool emit_bswap_lanes(struct gen *g)
{
	unsigned bytes = lane_bits(g) / 8, a;
	uint64_t from = 0;

	if (bytes > 1 && !vec_has(g, BASELINE_SSSE3))
		return false;
	if (bytes == 1) {
		gen_def_copy(g, g->in->arg[0]);
		return true;
	}
	for (unsigned k = 0; k < 8; k++)
		from |= (uint64_t)(k ^ (bytes - 1)) << 8 * k;
	a = gen_use(g, g->in->arg[0]);
	vec_op_const(g, VEC_PSHUFB, vec_def(g, g->in->arg[0], g->in->arg[0]), a, from, from | 0x0808080808080808);
	return true;
}

/* |x| = (x ^ sign) - sign */
static bool emit_abs64(struct gen *g)
{
	if (lane_index(g) != 3 || !usable(g, greater[3]))
		return false;
	unsigned a = gen_use(g, g->in->arg[0]), sign = gen_temp_xmm(g), t = gen_temp_xmm(g);
	gen_xmm_const(g, sign, 0, 0);
	vec_op(g, plain(greater[3]), sign, sign, a);
	vec_op(g, VEC_PXOR, t, a, sign);
	vec_op(g, plain(two[IR_OP_sub][3]), gen_def(g), t, sign);
	return true;
}

static bool emit_sequence(struct gen *g)
{
	switch (g->in->op) {
	case IR_OP_not: return emit_not_lanes(g);
	case IR_OP_vult:
	case IR_OP_vule:
	case IR_OP_vslt:
	case IR_OP_vsle: return emit_less(g);
	case IR_OP_vfeq:
	case IR_OP_vflt:
	case IR_OP_vfle:
	case IR_OP_vfuno: return emit_float_compare(g);
	case IR_OP_vfueq: return emit_unordered_or_equal(g);
	case IR_OP_bitsel: return emit_bitsel_lanes(g);
	case IR_OP_fneg: return emit_sign(g, false);
	case IR_OP_fabs: return emit_sign(g, true);
	case IR_OP_fma: return emit_fma_lanes(g);
	case IR_OP_fround_near:
	case IR_OP_fround_down:
	case IR_OP_fround_up:
	case IR_OP_fround_zero: return emit_round(g);
	case IR_OP_shl:
	case IR_OP_shr:
	case IR_OP_sar: return emit_shift(g);
	case IR_OP_rotl: return emit_rotate(g);
	case IR_OP_popcnt: return emit_popcnt_lanes(g);
	case IR_OP_bswap: return emit_bswap_lanes(g);
	case IR_OP_abs: return emit_abs64(g);
	default: return false;
	}
}

void gen_lanes(struct gen *g)
{
	vec_code code1 = one[g->in->op][lane_index(g)], code2 = two[g->in->op][lane_index(g)];

	if (usable(g, code2))
		emit_two(g, plain(code2));
	else if (usable(g, code1))
		emit_one(g, plain(code1));
	else if (!emit_sequence(g) && !vec_emit_move(g))
		gen_evaluate(g);
}

/* ---- rows of ops.def ---- */

/* Scalars only: with vectors gen_lanes is asked. */
#define EVALUATE(name)                          \
	void emit_##name(struct gen *g)         \
	{                                       \
		gen_evaluate(g);                \
	}
EVALUATE(uqadd)
EVALUATE(uqsub)
EVALUATE(sqadd)
EVALUATE(sqsub)
EVALUATE(uavg)
#undef EVALUATE

#define ROUND(name)                             \
	void emit_##name(struct gen *g)         \
	{                                       \
		if (!emit_round(g))             \
			gen_evaluate(g);        \
	}
ROUND(fround_near)
ROUND(fround_down)
ROUND(fround_up)
ROUND(fround_zero)
#undef ROUND

/* The result is a vector, always: emit_unit calls gen_lanes itself. */
#define LANES(name)                             \
	void emit_##name(struct gen *g)         \
	{                                       \
		gen_lanes(g);                   \
	}
LANES(vshl)
LANES(vshr)
LANES(vsar)
LANES(vrotl)
LANES(veq)
LANES(vult)
LANES(vule)
LANES(vslt)
LANES(vsle)
LANES(vfeq)
LANES(vflt)
LANES(vfle)
LANES(vfuno)
LANES(vfueq)
LANES(splat)
LANES(vfirst)
LANES(insert)
LANES(shuffle)
LANES(lookup)
LANES(zext_lo)
LANES(zext_hi)
LANES(sext_lo)
LANES(sext_hi)
LANES(narrow)
LANES(narrow_ss)
LANES(narrow_su)
LANES(narrow_uu)
LANES(mulu_lo)
LANES(mulu_hi)
LANES(muls_lo)
LANES(muls_hi)
LANES(clmul)
LANES(fcvt_lo)
LANES(fcvt_hi)
LANES(fcvt_pair)
#undef LANES
