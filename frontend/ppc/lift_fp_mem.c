/*
 * Floating-point loads and stores (UISA 4.2.3.7 to 4.2.3.9, 3.2.1). The registers hold doubles;
 * single-precision accesses convert exactly, without rounding and without exceptions.
 */
#include "frontend/ppc/fp.h"

/* Row arguments. */
enum { SINGLE = 1, INDEXED = 2, UPDATE = 4 };
enum { WORD = IR_MEM_32 | IR_MEM_BE, DOUBLE = IR_MEM_64 | IR_MEM_BE };

static struct ppc_ea ea(struct ppc_lift *l, const struct ppc_word *in)
{
	return in->row->arg & INDEXED ? ea_x(l, in) : ea_d(l, in);
}

static uint64_t lfs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state, (void)b, (void)c;
	return ppc_fpu_from_single((uint32_t)a);
}

/* The host's conversion makes signalling NaNs quiet; this does not. */
const struct ir_helper ppc_lfs = { "ppc_lfs", lfs, IR_HELPER_PURE };

static ir_val load_single(struct ppc_lift *l, struct ppc_ea at)
{
	ir_val bits = ir_load(l->b, WORD, IR_I32, at.base, at.disp);
	ir_val f = ir_bitcast(l->b, IR_F32, bits);

	if (l->hot)
		return ir_fexact(l->b, IR_F64, f);
	return ir_guard(l->b, &ppc_lfs, ir_funo(l->b, f, f), ir_fcvt(l->b, IR_F64, f), bits, IR_NONE, IR_NONE);
}

static uint64_t stfs(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state, (void)b, (void)c;
	return ppc_fpu_to_single(a);
}

/* Doubles below the normal range of singles, which stfs denormalises. */
const struct ir_helper ppc_stfs = { "ppc_stfs", stfs, IR_HELPER_PURE };

/* WORD[0-1] <- frS[0-1], WORD[2-31] <- frS[5-34] */
static ir_val to_single(struct ppc_lift *l, ir_val d)
{
	struct ir_builder *b = l->b;
	ir_val f = ppc_fp_as_single(l, d);

	if (ir_is_none(f) && l->singles)
		f = ir_fexact(b, IR_F32, d);
	if (!ir_is_none(f))
		return ir_bitcast(b, IR_I32, f);
	ir_val bits = ir_bitcast(b, IR_I64, d), one = ir_const(b, IR_I64, 1);
	ir_val top = ir_trunc(b, IR_I32, ir_shr(b, bits, imm32(l, 32)));
	ir_val low = ir_trunc(b, IR_I32, ir_shr(b, bits, imm32(l, 29)));
	ir_val word = ir_or(b, ir_and(b, top, imm32(l, 0xc0000000)), ir_and(b, low, imm32(l, 0x3fffffff)));
	/* 0 < |d| < 2^-126, as integers without the sign */
	ir_val magnitude = ir_sub(b, ir_shl(b, bits, imm32(l, 1)), one);
	ir_val small = ir_ult(b, magnitude, ir_const(b, IR_I64, (897ull << 53) - 1));
	return ir_guard(b, &ppc_stfs, small, word, bits, IR_NONE, IR_NONE);
}

/* lf{s,d}[u][x] frD, ...:  frD <- memory at EA, singles widened; u: rA <- EA */
static void lift_load(struct ppc_lift *l, const struct ppc_word *in)
{
	bool update = in->row->arg & UPDATE;

	if (update && !in->ra) {
		lift_illegal(l);
		return;
	}
	struct ppc_ea at = ea(l, in);
	ir_val v = in->row->arg & SINGLE ? load_single(l, at) : ir_load(l->b, DOUBLE, IR_F64, at.base, at.disp);
	if (update)
		set_update(l, in, at);
	set_fpr(l, in->rd, v);
}

/* stf{s,d}[u][x] frS, ...:  memory at EA <- (frS), narrowed for singles; u: rA <- EA */
static void lift_store(struct ppc_lift *l, const struct ppc_word *in)
{
	bool update = in->row->arg & UPDATE;

	if (update && !in->ra) {
		lift_illegal(l);
		return;
	}
	struct ppc_ea at = ea(l, in);
	ir_val v = fpr(l, in->rd);
	if (in->row->arg & SINGLE)
		ir_store(l->b, WORD, at.base, at.disp, to_single(l, v));
	else
		ir_store(l->b, DOUBLE, at.base, at.disp, v);
	if (update)
		set_update(l, in, at);
}

/* stfiwx frS,rA,rB:  word at EA <- frS[32-63] */
static void lift_stfiwx(struct ppc_lift *l, const struct ppc_word *in)
{
	struct ppc_ea at = ea_x(l, in);

	ir_store(l->b, WORD, at.base, at.disp, ir_bitcast(l->b, IR_I64, fpr(l, in->rd)));
}

static const struct ppc_row rows[] = {
	{ "lfs", "110000 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = SINGLE },
	{ "lfsu", "110001 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = SINGLE | UPDATE },
	{ "lfd", "110010 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load },
	{ "lfdu", "110011 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = UPDATE },
	{ "stfs", "110100 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = SINGLE, .flags = PPC_SINGLES },
	{ "stfsu", "110101 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = SINGLE | UPDATE, .flags = PPC_SINGLES },
	{ "stfd", "110110 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store },
	{ "stfdu", "110111 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = UPDATE },
	{ "lfsx", "011111 ddddd aaaaa bbbbb 1000010111 -", lift_load, .arg = SINGLE | INDEXED },
	{ "lfsux", "011111 ddddd aaaaa bbbbb 1000110111 -", lift_load, .arg = SINGLE | INDEXED | UPDATE },
	{ "lfdx", "011111 ddddd aaaaa bbbbb 1001010111 -", lift_load, .arg = INDEXED },
	{ "lfdux", "011111 ddddd aaaaa bbbbb 1001110111 -", lift_load, .arg = INDEXED | UPDATE },
	{ "stfsx", "011111 ddddd aaaaa bbbbb 1010010111 -", lift_store, .arg = SINGLE | INDEXED, .flags = PPC_SINGLES },
	{ "stfsux", "011111 ddddd aaaaa bbbbb 1010110111 -", lift_store, .arg = SINGLE | INDEXED | UPDATE, .flags = PPC_SINGLES },
	{ "stfdx", "011111 ddddd aaaaa bbbbb 1011010111 -", lift_store, .arg = INDEXED },
	{ "stfdux", "011111 ddddd aaaaa bbbbb 1011110111 -", lift_store, .arg = INDEXED | UPDATE },
	{ "stfiwx", "011111 ddddd aaaaa bbbbb 1111010111 -", lift_stfiwx },
};

const struct ppc_rows ppc_rows_fp_mem = PPC_ROWS(rows);
