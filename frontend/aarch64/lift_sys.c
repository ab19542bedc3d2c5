/*
 * System registers user mode reaches (FPCR and FPSR: lift_fp_status.c), hints, barriers, cache
 * maintenance, instructions on flags (C5, C6.2).
 * ID registers are those Linux emulates for user mode; all other system registers are undefined.
 */
#include "dragoman/aarch64.h"
#include "frontend/aarch64/a64.h"

/* A system register as it stands in bits 20-5 of MRS and MSR. */
#define SYSREG(op0, op1, CRn, CRm, op2) ((op0) << 14 | (op1) << 11 | (CRn) << 7 | (CRm) << 3 | (op2))
enum {
	REG_NZCV = SYSREG(3, 3, 4, 2, 0),
	REG_TPIDR_EL0 = SYSREG(3, 3, 13, 0, 2), REG_TPIDRRO_EL0 = SYSREG(3, 3, 13, 0, 3),
	REG_CTR_EL0 = SYSREG(3, 3, 0, 0, 1), REG_DCZID_EL0 = SYSREG(3, 3, 0, 0, 7),
	REG_CNTFRQ_EL0 = SYSREG(3, 3, 14, 0, 0), REG_CNTVCT_EL0 = SYSREG(3, 3, 14, 0, 2),
	/* op0 = 3, op1 = 0, CRn = 0: CRm and op2 are below */
	ID_FIRST = SYSREG(3, 0, 0, 0, 0), ID_LAST = SYSREG(3, 0, 0, 7, 7),
};

enum {
	LINE = 64,			/* bytes of a cache line, and of what DC ZVA zeroes */
	CTR = (int)0x8444c004,		/* lines of 64 bytes, physically tagged */
	DCZID = 4,			/* log2 of the words of DC ZVA */
};

static uint64_t counter(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return env_of(state)->services->clock(state);
}

const struct ir_helper a64_counter = { "a64_counter", counter, IR_HELPER_READS | IR_HELPER_WRITES };

bool a64_reads_time(uint32_t word)
{
	return (word & 0xffffffe0) == (0xd5300000u | (REG_CNTVCT_EL0 << 5 & 0xfffe0));
}

/* Flags <- bits 31 to 28 of an i32. */
static void set_flags(struct a64_lift *l, ir_val v)
{
	static const unsigned slot[] = { A64_V, A64_C, A64_Z, A64_N };

	for (unsigned i = 0; i < 4; i++) {
		ir_val bit = ir_and(l->b, v, imm32(l, 1u << (28 + i)));
		ir_put(l->b, slot[i], ir_ne(l->b, bit, imm32(l, 0)));
	}
}

static ir_val get_flags(struct a64_lift *l)
{
	static const unsigned slot[] = { A64_V, A64_C, A64_Z, A64_N };
	ir_val v = imm64(l, 0);

	for (unsigned i = 0; i < 4; i++) {
		ir_val bit = ir_zext(l->b, IR_I64, flag(l, slot[i]));
		v = ir_or(l->b, v, ir_shl(l->b, bit, imm32(l, 28 + i)));
	}
	return v;
}

static uint32_t sysreg_of(const struct a64_word *in)
{
	return in->word >> 5 & 0xffff;
}

/* Linux emulates CRm 0 (three of them) and 2 to 7. */
static bool readable_id(uint32_t r)
{
	unsigned CRm = r >> 3 & 15, op2 = r & 7;

	return r >= ID_FIRST && r <= ID_LAST && (CRm >= 2 || (CRm == 0 && (op2 == 0 || op2 == 5 || op2 == 6)));
}

/* mrs Xt, register. */
static void lift_mrs(struct a64_lift *l, const struct a64_word *in)
{
	uint32_t r = sysreg_of(in);
	ir_val v;

	switch (r) {
	case REG_NZCV: v = get_flags(l); break;
	case REG_TPIDR_EL0: v = flag(l, A64_TPIDR); break;
	case REG_TPIDRRO_EL0: v = flag(l, A64_TPIDRRO); break;
	case REG_CTR_EL0: v = imm64(l, (uint32_t)CTR); break;
	case REG_DCZID_EL0: v = imm64(l, DCZID); break;
	case REG_CNTFRQ_EL0: v = imm64(l, DGM_A64_CNTFRQ); break;
	case REG_CNTVCT_EL0: v = ir_call(l->b, &a64_counter, IR_I64, IR_NONE, IR_NONE, IR_NONE); break;
	default:
		if (!readable_id(r)) {
			lift_illegal(l);
			return;
		}
		v = imm64(l, a64_id_register(l->features, r));
		break;
	}
	set_reg(l, in->Rt, v);
}

/* msr register, Xt. */
static void lift_msr(struct a64_lift *l, const struct a64_word *in)
{
	ir_val v = xreg(l, in->Rt);

	switch (sysreg_of(in)) {
	case REG_NZCV: set_flags(l, ir_trunc(l->b, IR_I32, v)); break;
	case REG_TPIDR_EL0: ir_put(l->b, A64_TPIDR, v); break;
	default: lift_illegal(l); break;
	}
}

/*
 * Hints: wfi waits; nop, yield, wfe, sev.., those of pointer authentication, which the model lacks, and
 * landing pads of BTI do nothing.
 */
static void lift_hint(struct a64_lift *l, const struct a64_word *in)
{
	enum { WFI = 3 };

	if ((in->word >> 5 & 0x7f) == WFI)
		lift_trap(l, IR_TRAP_IDLE, 0);
}

/* dmb, dsb:  all accesses, or loads before everything (LD), or stores before stores (ST). */
static void lift_barrier(struct a64_lift *l, const struct a64_word *in)
{
	unsigned types = in->word >> 8 & 3;

	if (types == 1 || types == 2)
		ir_order(l->b, 0);
	else
		ir_fence(l->b, 0);
}

/* isb:  what follows is fetched anew. Code is dropped when new code is announced; here the block ends. */
static void lift_isb(struct a64_lift *l, const struct a64_word *in)
{
	(void)in;
	ir_exit(l->b, IR_EXIT_JUMP, imm64(l, l->next), 0);
	l->ended = true;
}

/* sb:  nothing behind it is speculated. */
static void lift_sb(struct a64_lift *l, const struct a64_word *in)
{
	(void)in;
	ir_fence(l->b, 0);
}

/* dc zva, Xt:  the block of 64 bytes with the address <- 0. */
static void lift_dc_zva(struct a64_lift *l, const struct a64_word *in)
{
	ir_val block = ir_and(l->b, xreg(l, in->Rt), imm64(l, ~(LINE - 1ull)));

	for (int32_t i = 0; i < LINE; i += 8)
		ir_store(l->b, IR_MEM_64, block, i, imm64(l, 0));
}

/* dc cvac, cvau, cvap, cvadp, civac, Xt:  data is always in memory; they fault as a load does. */
static void lift_dc_clean(struct a64_lift *l, const struct a64_word *in)
{
	ir_load(l->b, IR_MEM_8, IR_I64, xreg(l, in->Rt), 0);
}

static uint64_t ic_ivau(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	env_of(state)->services->invalidate(state, a & ~(LINE - 1ull), LINE);
	return 0;
}

const struct ir_helper a64_ic_ivau = { "a64_ic_ivau", ic_ivau, IR_HELPER_READS | IR_HELPER_WRITES };

/* ic ivau, Xt:  the code in the line has changed. The run loop drops it at once. */
static void lift_ic_ivau(struct a64_lift *l, const struct a64_word *in)
{
	ir_call(l->b, &a64_ic_ivau, IR_VOID, xreg(l, in->Rt), IR_NONE, IR_NONE);
	lift_trap(l, IR_TRAP_RESYNC, 0);
}

/* cfinv:  C <- not C. */
static void lift_cfinv(struct a64_lift *l, const struct a64_word *in)
{
	(void)in;
	ir_put(l->b, A64_C, ir_not(l->b, flag(l, A64_C)));
}

/* axflag:  flags of a floating-point comparison as other machines have them. */
static void lift_axflag(struct a64_lift *l, const struct a64_word *in)
{
	ir_val v = flag(l, A64_V);
	ir_val z = ir_or(l->b, flag(l, A64_Z), v);
	ir_val not_v = ir_not(l->b, v);
	ir_val c = ir_and(l->b, flag(l, A64_C), not_v);

	(void)in;
	set_nzcv(l, imm1(l, 0), z, c, imm1(l, 0));
}

/* xaflag:  and back. */
static void lift_xaflag(struct a64_lift *l, const struct a64_word *in)
{
	ir_val c = flag(l, A64_C), z = flag(l, A64_Z);
	ir_val not_c = ir_not(l->b, c), not_z = ir_not(l->b, z);
	ir_val n = ir_and(l->b, not_c, not_z), both = ir_and(l->b, z, c), one = ir_or(l->b, c, z);

	(void)in;
	set_nzcv(l, n, both, one, ir_and(l->b, not_c, z));
}

/* rmif Xn, #shift, #mask:  flags named by the mask <- low bits of Xn rotated right. */
static void lift_rmif(struct a64_lift *l, const struct a64_word *in)
{
	static const unsigned slot[] = { A64_V, A64_C, A64_Z, A64_N };
	unsigned shift = a64_bits(in->word, 20, 15);
	ir_val x = xreg(l, in->Rn);

	for (unsigned i = 0; i < 4; i++) {
		ir_val bit = ir_and(l->b, x, imm64(l, 1ull << (shift + i) % 64));
		if (in->word >> i & 1)
			ir_put(l->b, slot[i], ir_ne(l->b, bit, imm64(l, 0)));
	}
}

/* setf8, setf16 Wn:  N, Z of the low 8 or 16 bits; V: the bit above them is not their sign. */
static void lift_setf(struct a64_lift *l, const struct a64_word *in)
{
	unsigned w = in->row->arg;
	ir_val x = reg(l, false, in->Rn), zero = imm32(l, 0);
	ir_val n = ir_and(l->b, x, imm32(l, 1u << (w - 1)));
	ir_val low = ir_and(l->b, x, imm32(l, (1u << w) - 1));
	ir_val differ = ir_and(l->b, ir_xor(l->b, x, ir_shl(l->b, x, imm32(l, 1))), imm32(l, 1u << w));

	ir_put(l->b, A64_N, ir_ne(l->b, n, zero));
	ir_put(l->b, A64_Z, ir_eq(l->b, low, zero));
	ir_put(l->b, A64_V, ir_ne(l->b, differ, zero));
}

#define LATER(name, picture, fn, has, syntax, arg_) \
	{ name, picture, fn, .flags = A64_PRE, .feature = A64_HAS_##has, .text = syntax, .arg = arg_ }
static const struct a64_row rows[] = {
	{ "mrs", "1101010100 1 1 o ppp nnnn mmmm qqq ttttt", lift_mrs },
	{ "msr", "1101010100 0 1 o ppp nnnn mmmm qqq ttttt", lift_msr },
	{ "hint", "1101010100 0 00 011 0010 mmmm qqq 11111", lift_hint, .flags = A64_PRE },
	{ "dsb", "1101010100 0 00 011 0011 mmmm 100 11111", lift_barrier },
	{ "dmb", "1101010100 0 00 011 0011 mmmm 101 11111", lift_barrier },
	{ "isb", "1101010100 0 00 011 0011 mmmm 110 11111", lift_isb },
	LATER("sb", "1101010100 0 00 011 0011 ---- 111 11111", lift_sb, SB, "", 0),
	{ "dc zva", "1101010100 0 01 011 0111 0100 001 ttttt", lift_dc_zva, .flags = A64_PRE },
	{ "dc cvac", "1101010100 0 01 011 0111 1010 001 ttttt", lift_dc_clean, .flags = A64_PRE },
	{ "dc cvau", "1101010100 0 01 011 0111 1011 001 ttttt", lift_dc_clean, .flags = A64_PRE },
	{ "dc civac", "1101010100 0 01 011 0111 1110 001 ttttt", lift_dc_clean, .flags = A64_PRE },
	LATER("dc cvap", "1101010100 0 01 011 0111 1100 001 ttttt", lift_dc_clean, DPB, "%xt", 0),
	LATER("dc cvadp", "1101010100 0 01 011 0111 1101 001 ttttt", lift_dc_clean, DPB2, "%xt", 0),
	{ "ic ivau", "1101010100 0 01 011 0111 0101 001 ttttt", lift_ic_ivau, .flags = A64_PRE },
	LATER("cfinv", "1101010100 0 00 000 0100 ---- 000 11111", lift_cfinv, FLAGM, "", 0),
	LATER("xaflag", "1101010100 0 00 000 0100 ---- 001 11111", lift_xaflag, FLAGM2, "", 0),
	LATER("axflag", "1101010100 0 00 000 0100 ---- 010 11111", lift_axflag, FLAGM2, "", 0),
	LATER("rmif", "101 11010000 iiiiii 00001 nnnnn 0 kkkk", lift_rmif, FLAGM, "%xn, %ii, %ik", 0),
	LATER("setf8", "001 11010000 000000 0 0010 nnnnn 0 1101", lift_setf, FLAGM, "%wn", 8),
	LATER("setf16", "001 11010000 000000 1 0010 nnnnn 0 1101", lift_setf, FLAGM, "%wn", 16),
};
const struct a64_rows a64_rows_sys = A64_ROWS(rows);
