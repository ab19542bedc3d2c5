/*
 * Floating-point arithmetic, comparison, conversion and moves (UISA 4.2.2). fp.h says what fast
 * and slow blocks are and what is deferred.
 *
 * Where host and PowerPC differ, so that a fast block needs a guard:
 *   - invalid operations: results with another NaN, and VX bits the host has not. A NaN operand
 *     gives a NaN result, so one test of the result finds both.
 *   - underflow: PowerPC detects tininess before rounding, x86 after it. They differ only when a
 *     tiny value was rounded up to the least normal number, which sums (always exact there) never do.
 *   - single precision: rounded once from the exact result, even when operands are no singles.
 *     When the unit shows that all are, the host's f32 operation is that. Else the double result
 *     is rounded again. That is the same for sums, products, quotients and roots of operands with
 *     24 significant bits, whatever their exponents (53 >= 2 * 24 + 2; Figueroa, "When is double
 *     rounding innocuous?"): those are tested, results are not, as half of all sums are ties. For
 *     multiply-add it is wrong at most where the double lies halfway between two singles, that
 *     is, its low 29 bits are 1 0000...; and sums below the normal range are always suspect.
 */
#include "frontend/ppc/fp.h"
#include "iface/hostfp.h"

#define LEAST_NORMAL 0x0010000000000000ull	/* 2^-1022 */
#define LEAST_NORMAL_SINGLE 0x00800000u		/* 2^-126 */

/* What host and guest disagree on, done exactly; fast blocks have FPSCR modes and enables 0. */
static uint64_t redo(void *state, unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	struct fp_result r = ppc_fpu_exec(op, a, b, c, 0);

	env_of(state)->fp_flags |= r.fpscr & FPSCR_ALL_X;
	return r.bits;
}

/*
 * A double whose conversion to single precision is the result, and raises what is not raised yet. Most
 * doubles halfway between singles are exact, and are that.
 */
static uint64_t once(void *state, unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	unsigned base = op & ~(unsigned)FP_SINGLE;
	bool fused = ppc_fpu_uses(op) == (FP_USES_A | FP_USES_B | FP_USES_C);
	uint64_t bits;

	return fused && ppc_fpu_exact(base, a, b, c, &bits) ? bits : redo(state, op, a, b, c);
}

/* These touch no slot but only accrued flags, so code around guards may keep slots in registers. */
#define FP_DOUBLE(name, op)                                                                  \
	static uint64_t redo_##name(void *state, uint64_t a, uint64_t b, uint64_t c)         \
	{                                                                                    \
		return redo(state, op, a, b, c);                                             \
	}                                                                                    \
	const struct ir_helper ppc_##name = { "ppc_" #name, redo_##name, IR_HELPER_FP };
#define FP_SINGLE_(name, op)                                                                 \
	static uint64_t once_##name(void *state, uint64_t a, uint64_t b, uint64_t c)          \
	{                                                                                    \
		return once(state, op, a, b, c);                                             \
	}                                                                                    \
	static uint64_t redo_##name(void *state, uint64_t a, uint64_t b, uint64_t c)         \
	{                                                                                    \
		return ppc_fpu_to_single(redo(state, op, a, b, c));                          \
	}                                                                                    \
	const struct ir_helper ppc_##name##_once = { "ppc_" #name "_once", once_##name, IR_HELPER_FP }; \
	const struct ir_helper ppc_##name = { "ppc_" #name, redo_##name, IR_HELPER_FP };
#include "frontend/ppc/fp_ops.def"

static const struct ir_helper *const redo_of[] = {
#define FP_DOUBLE(name, op) [op] = &ppc_##name,
#define FP_SINGLE_(name, op) [op] = &ppc_##name,
#include "frontend/ppc/fp_ops.def"
};

static const struct ir_helper *const once_of[] = {
#define FP_DOUBLE(name, op)
#define FP_SINGLE_(name, op) [op] = &ppc_##name##_once,
#include "frontend/ppc/fp_ops.def"
};

/* An instruction for the slow helpers: operation, frD, frA, frB, frC, whether it records CR1. */
static uint32_t pack(const struct ppc_word *in)
{
	return in->row->arg | (uint32_t)in->rd << 8 | (uint32_t)in->ra << 13 | (uint32_t)in->rb << 18 |
	       (uint32_t)in->rc << 23 | (uint32_t)in->record << 28;
}

/* Where exceptions are enabled nothing is deferred. */
static uint32_t settled(struct ppc_state *s)
{
	return s->fpscr & FPSCR_ALL_E ? s->fpscr : ppc_fpscr_read(s, true);
}

static void finish_slow(struct ppc_state *s, uint32_t what, uint32_t fpscr, uint32_t pc)
{
	s->fpscr = fpscr;
	if (what >> 28)
		ppc_fp_record(s, fpscr);
	ppc_fp_trap(s, pc);
}

/* a: pack(), b: pc */
static uint64_t slow(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	uint32_t what = (uint32_t)a;
	struct fp_result r = ppc_fpu_exec(what & 0xff, s->f[what >> 13 & 31], s->f[what >> 18 & 31],
					  s->f[what >> 23 & 31], settled(s));

	(void)c;
	if (r.write)
		s->f[what >> 8 & 31] = r.bits;
	finish_slow(s, what, r.fpscr, (uint32_t)b);
	return 0;
}

const struct ir_helper ppc_fp_slow = {
	"ppc_fp_slow", slow, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_FP | IR_HELPER_LEAVES
};

static void lift_slow(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_call(l->b, &ppc_fp_slow, IR_VOID, imm32(l, pack(in)), imm32(l, l->pc), IR_NONE);
}

ir_val ppc_fp_as_single(struct ppc_lift *l, ir_val v)
{
	const struct ir_unit *u = l->b->u;

	while (!l->b->failed && !ir_is_const(v)) {
		const struct ir_inst in = u->inst[v.id];
		ir_val x = in.op == IR_OP_guard && in.helper == &ppc_lfs ? in.arg[1] : v;
		if (in.op == IR_OP_get) {
			v = ir_last_put(u, v.id, in.slot);
			continue;
		}
		if ((u->inst[x.id].op == IR_OP_fcvt || u->inst[x.id].op == IR_OP_fexact) &&
		    ir_type_of(u, u->inst[x.id].arg[0]) == IR_F32)
			return u->inst[x.id].arg[0];
		if (in.op != IR_OP_fneg && in.op != IR_OP_fabs)
			break;
		x = ppc_fp_as_single(l, in.arg[0]);
		return ir_is_none(x) ? x : in.op == IR_OP_fneg ? ir_fneg(l->b, x) : ir_fabs(l->b, x);
	}
	return IR_NONE;
}

static void expect_single(struct ppc_lift *l, ir_val v)
{
	if (ir_is_none(ppc_fp_as_single(l, v)))
		ir_trap_if(l->b, IR_TRAP_RESYNC, 0, ir_not(l->b, ir_is_exact(l->b, v)), imm32(l, l->pc - 4), imm32(l, l->pc));
}

void ppc_fp_expect_singles(struct ppc_lift *l, const struct ppc_word *in)
{
	const unsigned reg[] = { in->ra, in->rb, in->rc };
	unsigned uses = in->word >> 26 == 59 ? ppc_fpu_uses(in->row->arg) : 0;

	if (!l->hot || !l->b->u->n_insns || l->mode & PPC_MODE_FP)
		return;
	if (!uses)
		expect_single(l, fpr(l, in->rd));
	for (unsigned i = 0; i < 3; i++)
		if (uses >> i & 1)
			expect_single(l, fpr(l, reg[i]));
	l->singles = true;
}

/* Operands as helpers take them: the ones an instruction lacks repeat others or are at the end. */
struct operands {
	ir_val a, b, c;
};

static struct operands operands(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned uses = ppc_fpu_uses(in->row->arg);
	ir_val a = uses & FP_USES_A ? fpr(l, in->ra) : IR_NONE;
	ir_val b = uses & FP_USES_B ? fpr(l, in->rb) : a;
	ir_val c = uses & FP_USES_C ? fpr(l, in->rc) : IR_NONE;

	return (struct operands){ uses & FP_USES_A ? a : b, b, c };
}

/* Remembers what FR, FI and FPRF are to be computed from. */
static void defer(struct ppc_lift *l, unsigned op, struct operands o)
{
	unsigned uses = ppc_fpu_uses(op);

	if (uses & FP_USES_A)
		ir_put(l->b, PPC_FP_A, o.a);
	if (uses & FP_USES_B)
		ir_put(l->b, PPC_FP_B, o.b);
	if (uses & FP_USES_C)
		ir_put(l->b, PPC_FP_C, o.c);
	ir_put(l->b, PPC_FP_OP, imm32(l, op | ppc_fp_rn(l) << FP_RN_SHIFT));
}

static ir_val host_op(struct ir_builder *b, unsigned op, struct operands o)
{
	switch (op & ~(unsigned)FP_SINGLE) {
	case FP_ADD: return ir_fadd(b, o.a, o.b);
	case FP_SUB: return ir_fsub(b, o.a, o.b);
	case FP_MUL: return ir_fmul(b, o.a, o.c);
	case FP_DIV: return ir_fdiv(b, o.a, o.b);
	case FP_SQRT: return ir_fsqrt(b, o.b);
	case FP_MADD: return ir_fma(b, o.a, o.c, o.b);
	case FP_MSUB: return ir_fma(b, o.a, o.c, ir_fneg(b, o.b));
	case FP_NMADD: return ir_fneg(b, ir_fma(b, o.a, o.c, o.b));
	default: return ir_fneg(b, ir_fma(b, o.a, o.c, ir_fneg(b, o.b)));
	}
}

static ir_val least_normal(struct ppc_lift *l, ir_val r)
{
	if (ir_type_of(l->b->u, r) == IR_F32)
		return ir_const(l->b, IR_F32, LEAST_NORMAL_SINGLE);
	return ir_const(l->b, IR_F64, LEAST_NORMAL);
}

/* A NaN, or where the host may have missed an underflow. */
static ir_val suspect(struct ppc_lift *l, unsigned op, ir_val r)
{
	op &= ~(unsigned)FP_SINGLE;
	if (op == FP_ADD || op == FP_SUB || op == FP_SQRT)
		return ir_funo(l->b, r, r);
	return ir_fueq(l->b, ir_fabs(l->b, r), least_normal(l, r));
}

static ir_val guarded(struct ppc_lift *l, unsigned op, ir_val r, struct operands o)
{
	return ir_guard(l->b, redo_of[op], suspect(l, op, r), r, o.a, o.b, o.c);
}

/* <op>[.] frD,...:  frD <- the operation on doubles */
static void lift_double(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned op = in->row->arg;
	bool directed = l->hot && !(l->mode & PPC_MODE_FP_SLOW) && (op == FP_ADD || op == FP_SUB);

	if (l->mode & PPC_MODE_FP && !directed) {
		lift_slow(l, in);
		return;
	}
	struct operands o = operands(l, in);
	if (l->mode & PPC_MODE_FP)
		set_fpr(l, in->rd, ppc_fp_directed_sum(l, op, o.a, o.b));
	else
		set_fpr(l, in->rd, guarded(l, op, host_op(l->b, op, o), o));
	defer(l, op, o);
	fp_record(l, in);
}

/* All operands as f32, if the unit shows that they are, or has made sure of it. */
static bool as_singles(struct ppc_lift *l, unsigned op, struct operands *o)
{
	ir_val *const v[] = { &o->a, &o->b, &o->c };
	unsigned uses = ppc_fpu_uses(op);

	for (unsigned i = 0; i < 3; i++) {
		if (!(uses >> i & 1))
			continue;
		ir_val f = ppc_fp_as_single(l, *v[i]);
		if (ir_is_none(f) && !l->singles)
			return false;
		*v[i] = ir_is_none(f) ? ir_fexact(l->b, IR_F32, *v[i]) : f;
	}
	return true;
}

/* The half of a double that has the 29 bits a single has not. */
static ir_val low_word(struct ppc_lift *l, ir_val d)
{
	return ir_trunc(l->b, IR_I32, ir_bitcast(l->b, IR_I64, d));
}

/* Whether an operand that is not known to be a single has more than 24 significant bits. */
static ir_val wide(struct ppc_lift *l, unsigned op, struct operands o)
{
	const ir_val v[] = { o.a, o.b, o.c };
	unsigned uses = ppc_fpu_uses(op);
	ir_val bits = imm32(l, 0);

	for (unsigned i = 0; i < 3; i++)
		if (uses >> i & 1 && ir_is_none(ppc_fp_as_single(l, v[i])))
			bits = ir_or(l->b, bits, low_word(l, v[i]));
	return ir_ne(l->b, ir_shl(l->b, bits, imm32(l, 3)), imm32(l, 0));
}

/* Whether a double lies halfway between two singles. */
static ir_val halfway(struct ppc_lift *l, ir_val d)
{
	return ir_eq(l->b, ir_shl(l->b, low_word(l, d), imm32(l, 3)), imm32(l, 0x80000000));
}

/* The double operation, its result rounded to single precision so that it is as if rounded once. */
static ir_val round_once(struct ppc_lift *l, unsigned op, struct operands o)
{
	struct ir_builder *b = l->b;
	unsigned base = op & ~(unsigned)FP_SINGLE;
	bool fused = ppc_fpu_uses(op) == (FP_USES_A | FP_USES_B | FP_USES_C);
	ir_val d = host_op(b, op, o);
	ir_val unsafe = fused ? halfway(l, d) : wide(l, op, o);
	ir_val f = ir_fcvt(b, IR_F32, ir_guard(b, once_of[op], unsafe, d, o.a, o.b, o.c));
	ir_val size = ir_fabs(b, f), least = least_normal(l, f);

	if (fused || base == FP_ADD || base == FP_SUB)
		unsafe = ir_not(b, ir_flt(b, least, size));
	else
		unsafe = ir_fueq(b, size, least);
	return ir_guard(b, redo_of[op], unsafe, f, o.a, o.b, o.c);
}

/* <op>s[.] frD,...:  frD <- the operation, rounded to single precision */
static void lift_single(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned op = in->row->arg;

	if (l->mode & PPC_MODE_FP) {
		lift_slow(l, in);
		return;
	}
	struct operands o = operands(l, in), s = o;
	ir_val f = as_singles(l, op, &s) ? guarded(l, op, host_op(l->b, op, s), o) :
					   round_once(l, op, o);
	set_fpr_single(l, in->rd, f);
	defer(l, op, o);
	fp_record(l, in);
}

/* frsp[.] frD,frB:  frD <- (frB), rounded to single precision */
static void lift_frsp(struct ppc_lift *l, const struct ppc_word *in)
{
	if (l->mode & PPC_MODE_FP) {
		lift_slow(l, in);
		return;
	}
	struct operands o = operands(l, in);
	ir_val f = guarded(l, FP_RSP, ir_fcvt(l->b, IR_F32, o.b), o);
	set_fpr_single(l, in->rd, f);
	defer(l, FP_RSP, o);
	fp_record(l, in);
}

/* fctiw[z][.] frD,frB:  frD[32-63] <- (frB) as a signed integer, saturated */
static void lift_fctiw(struct ppc_lift *l, const struct ppc_word *in)
{
	struct ir_builder *b = l->b;
	unsigned op = in->row->arg;

	if (l->mode & PPC_MODE_FP) {
		lift_slow(l, in);
		return;
	}
	struct operands o = operands(l, in);
	ir_val i = op == FP_CTIW ? ir_ftoi_near(b, IR_I32, o.b) : ir_ftoi(b, IR_I32, o.b);
	i = ir_guard(b, redo_of[op], ir_eq(b, i, imm32(l, 0x80000000)), i, o.a, o.b, o.c);
	ir_val bits = ir_or(b, ir_zext(b, IR_I64, i), ir_const(b, IR_I64, FP_INT_HIGH));
	set_fpr(l, in->rd, ir_bitcast(b, IR_F64, bits));
	defer(l, op, o);
	fp_record(l, in);
}

/* fres[.], frsqrte[.] frD,frB:  estimates; the host has none that leaves XX alone */
static void lift_estimate(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned op = in->row->arg;

	if (l->mode & PPC_MODE_FP) {
		lift_slow(l, in);
		return;
	}
	struct operands o = operands(l, in);
	set_fpr(l, in->rd, ir_call(l->b, redo_of[op], IR_F64, o.a, o.b, o.c));
	defer(l, op, o);
	fp_record(l, in);
}

/* a: pack() of crfD as frD and "ordered" as operation, b: pc */
static uint64_t compare_slow(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	uint32_t what = (uint32_t)a, fpscr;

	(void)c;
	fpscr = ppc_fpu_compare(what & 1, s->f[what >> 13 & 31], s->f[what >> 18 & 31], s->fpscr);
	for (unsigned i = 0; i < 4; i++)
		s->cr[(what >> 10 & 7) * 4 + i] = fpscr >> (15 - i) & 1;
	finish_slow(s, what & ~(1u << 28), fpscr, (uint32_t)b);
	return 0;
}

const struct ir_helper ppc_fcmp_slow = {
	"ppc_fcmp_slow", compare_slow, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_LEAVES
};

static uint64_t unordered(void *state, bool ordered, uint64_t a, uint64_t b)
{
	env_of(state)->fp_flags |= ppc_fpu_compare(ordered, a, b, 0) & FPSCR_ALL_X;
	return 1;
}

static uint64_t fcmpu(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return unordered(state, false, a, b);
}

static uint64_t fcmpo(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return unordered(state, true, a, b);
}

const struct ir_helper ppc_fcmpu = { "ppc_fcmpu", fcmpu, IR_HELPER_FP };
const struct ir_helper ppc_fcmpo = { "ppc_fcmpo", fcmpo, IR_HELPER_FP };

static void both_singles(struct ppc_lift *l, ir_val *x, ir_val *y)
{
	ir_val f = ppc_fp_as_single(l, *x), g = ppc_fp_as_single(l, *y);

	if (ir_is_none(f) || ir_is_none(g))
		return;
	*x = f;
	*y = g;
}

/* fcmpu, fcmpo crfD,frA,frB:  CR field crfD, FPCC <- less, greater, equal, unordered */
static void lift_fcmp(struct ppc_lift *l, const struct ppc_word *in)
{
	struct ir_builder *b = l->b;

	if (l->mode & PPC_MODE_FP_SLOW) {
		ir_call(b, &ppc_fcmp_slow, IR_VOID, imm32(l, pack(in)), imm32(l, l->pc), IR_NONE);
		return;
	}
	ir_val a = fpr(l, in->ra), c = fpr(l, in->rb), x = a, y = c;
	if (l->hot)
		both_singles(l, &x, &y);
	ir_val nan = ir_funo(b, x, y);
	nan = ir_guard(b, in->row->arg ? &ppc_fcmpo : &ppc_fcmpu, nan, nan, a, c, IR_NONE);
	set_crb(l, in->crfd * 4u, ir_flt(b, x, y));
	set_crb(l, in->crfd * 4u + 1, ir_flt(b, y, x));
	set_crb(l, in->crfd * 4u + 2, ir_feq(b, x, y));
	set_crb(l, in->crfd * 4u + 3, nan);
	ir_put(b, PPC_FP_X, a);
	ir_put(b, PPC_FP_Y, c);
	ir_put(b, PPC_FP_OP, ir_or(b, ir_get(b, PPC_FP_OP), imm32(l, FP_COMPARED)));
}

/* fmr[.] frD,frB:  frD <- (frB) */
static void lift_fmr(struct ppc_lift *l, const struct ppc_word *in)
{
	set_fpr(l, in->rd, fpr(l, in->rb));
	fp_record(l, in);
}

/* fneg[.] frD,frB:  frD <- (frB) with the sign inverted, NaNs too */
static void lift_fneg(struct ppc_lift *l, const struct ppc_word *in)
{
	set_fpr(l, in->rd, ir_fneg(l->b, fpr(l, in->rb)));
	fp_record(l, in);
}

/* fabs[.] frD,frB:  frD <- (frB) with sign 0 */
static void lift_fabs(struct ppc_lift *l, const struct ppc_word *in)
{
	set_fpr(l, in->rd, ir_fabs(l->b, fpr(l, in->rb)));
	fp_record(l, in);
}

/* fnabs[.] frD,frB:  frD <- (frB) with sign 1 */
static void lift_fnabs(struct ppc_lift *l, const struct ppc_word *in)
{
	set_fpr(l, in->rd, ir_fneg(l->b, ir_fabs(l->b, fpr(l, in->rb))));
	fp_record(l, in);
}

/* fsel[.] frD,frA,frC,frB:  frD <- (frA) >= 0.0 ? (frC) : (frB); no exceptions */
static void lift_fsel(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val take = ir_fle(l->b, ir_const(l->b, IR_F64, 0), fpr(l, in->ra));

	set_fpr(l, in->rd, ir_select(l->b, take, fpr(l, in->rc), fpr(l, in->rb)));
	fp_record(l, in);
}

static const struct ppc_row rows[] = {
	{ "fadd", "111111 ddddd aaaaa bbbbb ----- 10101 .", lift_double, .arg = FP_ADD },
	{ "fsub", "111111 ddddd aaaaa bbbbb ----- 10100 .", lift_double, .arg = FP_SUB },
	{ "fmul", "111111 ddddd aaaaa ----- ccccc 11001 .", lift_double, .arg = FP_MUL },
	{ "fdiv", "111111 ddddd aaaaa bbbbb ----- 10010 .", lift_double, .arg = FP_DIV },
	{ "fsqrt", "111111 ddddd ----- bbbbb ----- 10110 .", lift_double, .arg = FP_SQRT, .lacks = PPC_CLASSIC },
	{ "fmadd", "111111 ddddd aaaaa bbbbb ccccc 11101 .", lift_double, .arg = FP_MADD },
	{ "fmsub", "111111 ddddd aaaaa bbbbb ccccc 11100 .", lift_double, .arg = FP_MSUB },
	{ "fnmadd", "111111 ddddd aaaaa bbbbb ccccc 11111 .", lift_double, .arg = FP_NMADD },
	{ "fnmsub", "111111 ddddd aaaaa bbbbb ccccc 11110 .", lift_double, .arg = FP_NMSUB },
	{ "fadds", "111011 ddddd aaaaa bbbbb ----- 10101 .", lift_single, .arg = FP_ADD | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fsubs", "111011 ddddd aaaaa bbbbb ----- 10100 .", lift_single, .arg = FP_SUB | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fmuls", "111011 ddddd aaaaa ----- ccccc 11001 .", lift_single, .arg = FP_MUL | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fdivs", "111011 ddddd aaaaa bbbbb ----- 10010 .", lift_single, .arg = FP_DIV | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fsqrts", "111011 ddddd ----- bbbbb ----- 10110 .", lift_single, .arg = FP_SQRT | FP_SINGLE, .flags = PPC_SINGLES,
	  .lacks = PPC_CLASSIC },
	{ "fmadds", "111011 ddddd aaaaa bbbbb ccccc 11101 .", lift_single, .arg = FP_MADD | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fmsubs", "111011 ddddd aaaaa bbbbb ccccc 11100 .", lift_single, .arg = FP_MSUB | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fnmadds", "111011 ddddd aaaaa bbbbb ccccc 11111 .", lift_single, .arg = FP_NMADD | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fnmsubs", "111011 ddddd aaaaa bbbbb ccccc 11110 .", lift_single, .arg = FP_NMSUB | FP_SINGLE, .flags = PPC_SINGLES },
	{ "fres", "111011 ddddd ----- bbbbb ----- 11000 .", lift_estimate, .arg = FP_RES },
	{ "frsqrte", "111111 ddddd ----- bbbbb ----- 11010 .", lift_estimate, .arg = FP_RSQRTE },
	{ "frsp", "111111 ddddd ----- bbbbb 0000001100 .", lift_frsp, .arg = FP_RSP },
	{ "fctiw", "111111 ddddd ----- bbbbb 0000001110 .", lift_fctiw, .arg = FP_CTIW },
	{ "fctiwz", "111111 ddddd ----- bbbbb 0000001111 .", lift_fctiw, .arg = FP_CTIWZ },
	{ "fsel", "111111 ddddd aaaaa bbbbb ccccc 10111 .", lift_fsel },
	{ "fmr", "111111 ddddd ----- bbbbb 0001001000 .", lift_fmr },
	{ "fneg", "111111 ddddd ----- bbbbb 0000101000 .", lift_fneg },
	{ "fabs", "111111 ddddd ----- bbbbb 0100001000 .", lift_fabs },
	{ "fnabs", "111111 ddddd ----- bbbbb 0010001000 .", lift_fnabs },
	{ "fcmpu", "111111 fff -- aaaaa bbbbb 0000000000 -", lift_fcmp, .arg = 0 },
	{ "fcmpo", "111111 fff -- aaaaa bbbbb 0000100000 -", lift_fcmp, .arg = 1 },
};

const struct ppc_rows ppc_rows_fp = PPC_ROWS(rows);
