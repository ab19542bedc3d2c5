/*
 * Exclusives, loads with acquire and stores with release, LSE atomics, compare and swap (C6.2, B2.9).
 * All want their natural alignment (SCTLR_EL1.nAA = 0, no LSE2).
 *
 * The exclusive monitor remembers address, size and value of the last load exclusive; a store exclusive
 * is a compare-and-swap with that value. A store that another vCPU made in between and that left the same
 * value goes unnoticed. LDAR after STLR stays behind it (RCsc): a fence follows each store with release.
 */
#include "frontend/aarch64/a64.h"

/* Row arguments: enum ir_mem in the low byte. It holds the order, too; and the operation: */
enum {
	B = IR_MEM_8 | IR_MEM_ALIGNED, H = IR_MEM_16 | IR_MEM_ALIGNED, W = IR_MEM_32 | IR_MEM_ALIGNED,
	X = IR_MEM_64 | IR_MEM_ALIGNED,
	ACQUIRE = IR_MEM_ACQUIRE, RELEASE = IR_MEM_RELEASE,
	ADD = 0x000, CLR = 0x100, EOR = 0x200, SET = 0x300, SMAX = 0x400, SMIN = 0x500, UMAX = 0x600, UMIN = 0x700,
	SWP = 0x800, OPERATION = 0xf00,
	TO_W = 0x1000,		/* a signed load extends to 32 bits only */
};

static unsigned mem_of(const struct a64_word *in)
{
	return in->row->arg & 0xff;
}

/* The type values of an access are computed in. */
static enum ir_type type_of(const struct a64_word *in)
{
	return (in->row->arg & IR_MEM_SIZE) == IR_MEM_64 ? IR_I64 : IR_I32;
}

/* A register that is stored. */
static ir_val source(struct a64_lift *l, const struct a64_word *in, unsigned n)
{
	return reg(l, type_of(in) == IR_I64, n);
}

/* The bits of an operand that the access has, extended: for comparisons. */
static ir_val operand(struct a64_lift *l, const struct a64_word *in, ir_val v, bool sign)
{
	static const uint8_t types[] = { IR_I8, IR_I16 };
	unsigned size = in->row->arg & IR_MEM_SIZE;

	if (size > IR_MEM_16)
		return v;
	v = ir_trunc(l->b, (enum ir_type)types[size], v);
	return sign ? ir_sext(l->b, IR_I32, v) : ir_zext(l->b, IR_I32, v);
}

/* ldar, ldapr Rt, [Xn|SP];  ldapur with imm9. */
static void lift_load_acquire(struct a64_lift *l, const struct a64_word *in)
{
	bool unscaled = in->row->feature == A64_HAS_LRCPC2;
	ir_val base = base_reg(l, in->Rn);

	set_reg(l, in->Rt, ir_load(l->b, mem_of(in), in->row->arg & TO_W ? IR_I32 : IR_I64, base,
				   unscaled ? in->imm9 : 0));
}

/* stlr Rt, [Xn|SP];  stlur with imm9. */
static void lift_store_release(struct a64_lift *l, const struct a64_word *in)
{
	bool unscaled = in->row->feature == A64_HAS_LRCPC2;
	ir_val base = base_reg(l, in->Rn);

	ir_store(l->b, mem_of(in), base, unscaled ? in->imm9 : 0, xreg(l, in->Rt));
	ir_fence(l->b, 0);
}

static void set_monitor(struct a64_lift *l, ir_val at, unsigned bytes, ir_val low)
{
	ir_put(l->b, A64_EXCL_VALID, imm1(l, true));
	ir_put(l->b, A64_EXCL_SIZE, ir_const(l->b, IR_I8, bytes));
	ir_put(l->b, A64_EXCL_ADDR, at);
	ir_put(l->b, A64_EXCL_LO, low);
}

/* ld[a]xr Rt, [Xn|SP]:  the address is monitored from now on. */
static void lift_load_exclusive(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);
	ir_val v = ir_load(l->b, mem_of(in), IR_I64, at, 0);

	set_monitor(l, at, ir_mem_bytes(mem_of(in)), v);
	set_reg(l, in->Rt, v);
}

/* Whether the monitor holds that access; Rs <- 0 when the store was done, else 1. */
static ir_val monitored(struct a64_lift *l, ir_val at, unsigned bytes)
{
	ir_val same = ir_eq(l->b, flag(l, A64_EXCL_ADDR), at);
	ir_val size = ir_eq(l->b, flag(l, A64_EXCL_SIZE), ir_const(l->b, IR_I8, bytes));

	return ir_and(l->b, ir_and(l->b, flag(l, A64_EXCL_VALID), same), size);
}

static void finish_store(struct a64_lift *l, const struct a64_word *in, ir_val done)
{
	ir_put(l->b, A64_EXCL_VALID, imm1(l, false));
	set_reg(l, in->Rs, ir_zext(l->b, IR_I64, ir_not(l->b, done)));
}

/* st[l]xr Ws, Rt, [Xn|SP]:  stores if the monitor is set and memory is unchanged. */
static void lift_store_exclusive(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);
	ir_val held = monitored(l, at, ir_mem_bytes(mem_of(in)));
	ir_val expected = flag(l, A64_EXCL_LO);

	finish_store(l, in, ir_stcond(l->b, mem_of(in), held, at, 0, expected, xreg(l, in->Rt)));
}

/* Two W registers as they stand in memory. */
static ir_val join(struct a64_lift *l, unsigned low, unsigned high)
{
	ir_val a = ir_zext(l->b, IR_I64, reg(l, false, low));
	ir_val b = ir_zext(l->b, IR_I64, reg(l, false, high));

	return ir_or(l->b, a, ir_shl(l->b, b, imm32(l, 32)));
}

static void split(struct a64_lift *l, unsigned low, unsigned high, ir_val v)
{
	set_reg(l, low, ir_trunc(l->b, IR_I32, v));
	set_reg(l, high, ir_shr(l->b, v, imm32(l, 32)));
}

/* ld[a]xp Wt, Wt2, [Xn|SP]: one access of 64 bits. */
static void lift_load_exclusive_pair_w(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);
	ir_val v = ir_load(l->b, mem_of(in), IR_I64, at, 0);

	set_monitor(l, at, 8, v);
	split(l, in->Rt, in->Rt2, v);
}

/* st[l]xp Ws, Wt, Wt2, [Xn|SP] */
static void lift_store_exclusive_pair_w(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);
	ir_val v = join(l, in->Rt, in->Rt2);
	ir_val held = monitored(l, at, 8);

	finish_store(l, in, ir_stcond(l->b, mem_of(in), held, at, 0, flag(l, A64_EXCL_LO), v));
}

/*
 * ld[a]xp Xt, Xt2, [Xn|SP]:  two accesses of 64 bits, and one of 128 before them that wants its
 * alignment; only the store exclusive that succeeds says that the two were one (B2.2.1).
 */
static void lift_load_exclusive_pair_x(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);

	ir_load(l->b, IR_MEM_128 | IR_MEM_ALIGNED, IR_I64X2, at, 0);
	ir_val low = ir_load(l->b, mem_of(in), IR_I64, at, 0);
	ir_val high = ir_load(l->b, mem_of(in), IR_I64, at, 8);
	set_monitor(l, at, 16, low);
	ir_put(l->b, A64_EXCL_HI, high);
	set_reg(l, in->Rt, low);
	set_reg(l, in->Rt2, high);
}

/* a: address, b, c: the new value; the state has the expected one. Whether it was stored. */
static uint64_t stxp(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct a64_state *s = state;
	uint64_t expected[2] = { s->excl_lo, s->excl_hi }, desired[2] = { b, c };

	if (!s->excl_valid || s->excl_addr != a || s->excl_size != 16)
		return 0;
	return env_of(state)->services->cas16(state, a, expected, desired, s->at);
}

/* a: address, b, c: the new value; the state has the expected one and gets the old one. */
static uint64_t casp(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct a64_state *s = state;
	uint64_t desired[2] = { b, c };

	env_of(state)->services->cas16(state, a, s->cas, desired, s->at);
	return 0;
}

enum { CAS16_EFFECTS = IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_MEMORY | IR_HELPER_LEAVES };
const struct ir_helper a64_stxp = { "a64_stxp", stxp, CAS16_EFFECTS };
const struct ir_helper a64_casp = { "a64_casp", casp, CAS16_EFFECTS };

/* st[l]xp Ws, Xt, Xt2, [Xn|SP] */
static void lift_store_exclusive_pair_x(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);

	ir_val low = xreg(l, in->Rt);

	ir_put(l->b, A64_AT, imm64(l, l->pc));
	finish_store(l, in, ir_call(l->b, &a64_stxp, IR_I1, at, low, xreg(l, in->Rt2)));
}

/* clrex:  the monitor is cleared. */
static void lift_clrex(struct a64_lift *l, const struct a64_word *in)
{
	(void)in;
	ir_put(l->b, A64_EXCL_VALID, imm1(l, false));
}

/* cas[a][l] Rs, Rt, [Xn|SP]:  memory <- Rt if it is Rs; Rs <- what it was. */
static void lift_cas(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);

	ir_val expected = source(l, in, in->Rs);
	set_reg(l, in->Rs, ir_cas(l->b, mem_of(in), at, 0, expected, source(l, in, in->Rt)));
}

/* casp[a][l] Ws, W(s+1), Wt, W(t+1), [Xn|SP] */
static void lift_casp_w(struct a64_lift *l, const struct a64_word *in)
{
	if (in->Rs & 1 || in->Rt & 1) {
		lift_illegal(l);
		return;
	}
	ir_val at = base_reg(l, in->Rn);
	ir_val desired = join(l, in->Rt, in->Rt + 1u);
	ir_val expected = join(l, in->Rs, in->Rs + 1u);
	split(l, in->Rs, in->Rs + 1u, ir_cas(l->b, mem_of(in), at, 0, expected, desired));
}

/* casp[a][l] Xs, X(s+1), Xt, X(t+1), [Xn|SP] */
static void lift_casp_x(struct a64_lift *l, const struct a64_word *in)
{
	if (in->Rs & 1 || in->Rt & 1) {
		lift_illegal(l);
		return;
	}
	ir_val at = base_reg(l, in->Rn);
	ir_put(l->b, A64_AT, imm64(l, l->pc));
	ir_put(l->b, A64_CAS_LO, xreg(l, in->Rs));
	ir_put(l->b, A64_CAS_HI, xreg(l, in->Rs + 1u));
	ir_val low = xreg(l, in->Rt);
	ir_call(l->b, &a64_casp, IR_VOID, at, low, xreg(l, in->Rt + 1u));
	set_reg(l, in->Rs, flag(l, A64_CAS_LO));
	set_reg(l, in->Rs + 1u, flag(l, A64_CAS_HI));
}

/* The greater or lesser of two; of small accesses their low parts. */
static ir_val choose(struct a64_lift *l, const struct a64_word *in, ir_val old, ir_val x)
{
	unsigned op = in->row->arg & OPERATION;
	bool sign = op == SMAX || op == SMIN;
	ir_val a = operand(l, in, old, sign), b = operand(l, in, x, sign);
	ir_val less = sign ? ir_slt(l->b, a, b) : ir_ult(l->b, a, b);

	return op == SMAX || op == UMAX ? ir_select(l->b, less, b, a) : ir_select(l->b, less, a, b);
}

/*
 * ld{s,u}{max,min}[a][l] Rs, Rt, [Xn|SP]:  a compare-and-swap; if memory has changed in between,
 * the instruction is executed again.
 */
static void lift_minmax(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = base_reg(l, in->Rn);
	ir_val old = ir_load(l->b, mem_of(in), type_of(in), at, 0);
	ir_val wanted = choose(l, in, old, source(l, in, in->Rs));
	ir_val done = ir_stcond(l->b, mem_of(in), imm1(l, true), at, 0, old, wanted);

	ir_exit_if(l->b, IR_EXIT_JUMP, ir_not(l->b, done), imm64(l, l->pc));
	set_reg(l, in->Rt, old);
	ir_exit(l->b, IR_EXIT_JUMP, imm64(l, l->next), 0);
	l->ended = true;
}

/* ldadd, ldclr, ldeor, ldset, swp [a][l] Rs, Rt, [Xn|SP]:  Rt <- memory <- memory op Rs. */
static void lift_rmw(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = source(l, in, in->Rs), old;
	ir_val at = base_reg(l, in->Rn);

	switch (in->row->arg & OPERATION) {
	case ADD: old = ir_rmw_add(l->b, mem_of(in), at, 0, x); break;
	case CLR: old = ir_rmw_and(l->b, mem_of(in), at, 0, ir_not(l->b, x)); break;
	case EOR: old = ir_rmw_xor(l->b, mem_of(in), at, 0, x); break;
	case SET: old = ir_rmw_or(l->b, mem_of(in), at, 0, x); break;
	default: old = ir_rmw_xchg(l->b, mem_of(in), at, 0, x); break;
	}
	set_reg(l, in->Rt, old);
}

#define EXCLUSIVE(suffix, sz, mem) \
	{ "stxr" suffix, sz " 001000 000 sssss 0 ----- nnnnn ttttt", lift_store_exclusive, .arg = mem }, \
	{ "stlxr" suffix, sz " 001000 000 sssss 1 ----- nnnnn ttttt", lift_store_exclusive, .arg = (mem) | RELEASE }, \
	{ "ldxr" suffix, sz " 001000 010 ----- 0 ----- nnnnn ttttt", lift_load_exclusive, .arg = mem }, \
	{ "ldaxr" suffix, sz " 001000 010 ----- 1 ----- nnnnn ttttt", lift_load_exclusive, .arg = (mem) | ACQUIRE }, \
	{ "stlr" suffix, sz " 001000 100 ----- 1 ----- nnnnn ttttt", lift_store_release, .arg = (mem) | RELEASE }, \
	{ "ldar" suffix, sz " 001000 110 ----- 1 ----- nnnnn ttttt", lift_load_acquire, .arg = (mem) | ACQUIRE }

#define PAIR(sz, mem, load, store) \
	{ "stxp", sz " 001000 001 sssss 0 uuuuu nnnnn ttttt", store, .arg = mem }, \
	{ "stlxp", sz " 001000 001 sssss 1 uuuuu nnnnn ttttt", store, .arg = (mem) | RELEASE }, \
	{ "ldxp", sz " 001000 011 ----- 0 uuuuu nnnnn ttttt", load, .arg = mem }, \
	{ "ldaxp", sz " 001000 011 ----- 1 uuuuu nnnnn ttttt", load, .arg = (mem) | ACQUIRE }

/* The four orders of an atomic: none, release, acquire, both; a and r are their places in the picture. */
#define LSE(name, picture, fn, flags_, syntax) \
	{ name, picture " nnnnn ttttt", fn, .arg = flags_, .flags = A64_PRE, .feature = A64_HAS_LSE, .text = syntax }
#define ATOMIC(name, suffix, sz, op, fn, arg, syntax) \
	LSE(name suffix, sz " 111 000 001 sssss " op " 00", fn, arg, syntax), \
	LSE(name "l" suffix, sz " 111 000 011 sssss " op " 00", fn, (arg) | RELEASE, syntax), \
	LSE(name "a" suffix, sz " 111 000 101 sssss " op " 00", fn, (arg) | ACQUIRE, syntax), \
	LSE(name "al" suffix, sz " 111 000 111 sssss " op " 00", fn, (arg) | ACQUIRE | RELEASE, syntax)
#define CAS(name, suffix, head, fn, arg, syntax) \
	LSE(name suffix, head " 0 1 sssss 0 11111", fn, arg, syntax), \
	LSE(name "l" suffix, head " 0 1 sssss 1 11111", fn, (arg) | RELEASE, syntax), \
	LSE(name "a" suffix, head " 1 1 sssss 0 11111", fn, (arg) | ACQUIRE, syntax), \
	LSE(name "al" suffix, head " 1 1 sssss 1 11111", fn, (arg) | ACQUIRE | RELEASE, syntax)

#define W_REGS "%ws, %wt, [%Xn]"
#define X_REGS "%xs, %xt, [%Xn]"
#define SIZES(name, op, fn, arg) \
	ATOMIC(name, "b", "00", op, fn, (arg) | B, W_REGS), ATOMIC(name, "h", "01", op, fn, (arg) | H, W_REGS), \
	ATOMIC(name, "", "10", op, fn, (arg) | W, W_REGS), ATOMIC(name, "", "11", op, fn, (arg) | X, X_REGS)

#define RCPC(name, sz, mem, syntax) \
	{ name, sz " 111 000 101 11111 1 100 00 nnnnn ttttt", lift_load_acquire, .arg = (mem) | ACQUIRE, \
	  .flags = A64_PRE, .feature = A64_HAS_LRCPC, .text = syntax }
#define RCPC2(name, sz, op, fn, mem, syntax) \
	{ name, sz " 011001 " op " 0 iiiiiiiii 00 nnnnn ttttt", fn, .arg = mem, .flags = A64_PRE, \
	  .feature = A64_HAS_LRCPC2, .text = syntax }

static const struct a64_row rows[] = {
	EXCLUSIVE("b", "00", B),
	EXCLUSIVE("h", "01", H),
	EXCLUSIVE("", "10", W),
	EXCLUSIVE("", "11", X),
	PAIR("10", X, lift_load_exclusive_pair_w, lift_store_exclusive_pair_w),
	PAIR("11", X, lift_load_exclusive_pair_x, lift_store_exclusive_pair_x),
	{ "clrex", "1101010100 0 00 011 0011 ---- 010 11111", lift_clrex },
	CAS("cas", "b", "00 001000 1", lift_cas, B, W_REGS),
	CAS("cas", "h", "01 001000 1", lift_cas, H, W_REGS),
	CAS("cas", "", "10 001000 1", lift_cas, W, W_REGS),
	CAS("cas", "", "11 001000 1", lift_cas, X, X_REGS),
	CAS("casp", "", "00 001000 0", lift_casp_w, X, "%ws, %zs, %wt, %zt, [%Xn]"),
	CAS("casp", "", "01 001000 0", lift_casp_x, X, "%xs, %ys, %xt, %yt, [%Xn]"),
	SIZES("ldadd", "0 000", lift_rmw, ADD),
	SIZES("ldclr", "0 001", lift_rmw, CLR),
	SIZES("ldeor", "0 010", lift_rmw, EOR),
	SIZES("ldset", "0 011", lift_rmw, SET),
	SIZES("ldsmax", "0 100", lift_minmax, SMAX),
	SIZES("ldsmin", "0 101", lift_minmax, SMIN),
	SIZES("ldumax", "0 110", lift_minmax, UMAX),
	SIZES("ldumin", "0 111", lift_minmax, UMIN),
	SIZES("swp", "1 000", lift_rmw, SWP),
	RCPC("ldaprb", "00", B, "%wt, [%Xn]"),
	RCPC("ldaprh", "01", H, "%wt, [%Xn]"),
	RCPC("ldapr", "10", W, "%wt, [%Xn]"),
	RCPC("ldapr", "11", X, "%xt, [%Xn]"),
	RCPC2("stlurb", "00", "00", lift_store_release, B | RELEASE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapurb", "00", "01", lift_load_acquire, B | ACQUIRE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapursb", "00", "10", lift_load_acquire, B | ACQUIRE | IR_MEM_SEXT, "%xt, [%Xn, %ji]"),
	RCPC2("ldapursb", "00", "11", lift_load_acquire, B | ACQUIRE | IR_MEM_SEXT | TO_W, "%wt, [%Xn, %ji]"),
	RCPC2("stlurh", "01", "00", lift_store_release, H | RELEASE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapurh", "01", "01", lift_load_acquire, H | ACQUIRE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapursh", "01", "10", lift_load_acquire, H | ACQUIRE | IR_MEM_SEXT, "%xt, [%Xn, %ji]"),
	RCPC2("ldapursh", "01", "11", lift_load_acquire, H | ACQUIRE | IR_MEM_SEXT | TO_W, "%wt, [%Xn, %ji]"),
	RCPC2("stlur", "10", "00", lift_store_release, W | RELEASE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapur", "10", "01", lift_load_acquire, W | ACQUIRE, "%wt, [%Xn, %ji]"),
	RCPC2("ldapursw", "10", "10", lift_load_acquire, W | ACQUIRE | IR_MEM_SEXT, "%xt, [%Xn, %ji]"),
	RCPC2("stlur", "11", "00", lift_store_release, X | RELEASE, "%xt, [%Xn, %ji]"),
	RCPC2("ldapur", "11", "01", lift_load_acquire, X | ACQUIRE, "%xt, [%Xn, %ji]"),
};
const struct a64_rows a64_rows_atomic = A64_ROWS(rows);
