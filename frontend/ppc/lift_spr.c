/* Special purpose registers and the time base (UISA 4.2.4, VEA 5.2; performance monitor: chapter 11 of the 750's manual). */
#include "frontend/ppc/ppc.h"

/* Numbers of registers user programs may name. */
enum {
	SPR_XER = 1, SPR_LR = 8, SPR_CTR = 9, SPR_VRSAVE = 256, SPR_TBL = 268, SPR_TBU = 269, SPR_PVR = 287,
	SPR_UMMCR2 = 928, SPR_UPMC5 = 929, SPR_UPMC6 = 930,
	SPR_UMMCR0 = 936, SPR_UPMC1, SPR_UPMC2, SPR_USIA, SPR_UMMCR1, SPR_UPMC3, SPR_UPMC4,
	SPR_SUPERVISOR = 16,	/* bit of the number */
};

/* The two halves of the number stand swapped in the word. */
static unsigned spr_of(const struct ppc_word *in)
{
	return in->ra | (unsigned)in->rb << 5;
}

static ir_val xer(struct ppc_lift *l)
{
	ir_val so = ir_shl(l->b, ir_zext(l->b, IR_I32, flag(l, PPC_XER_SO)), imm32(l, 31));
	ir_val ov = ir_shl(l->b, ir_zext(l->b, IR_I32, flag(l, PPC_XER_OV)), imm32(l, 30));
	ir_val ca = ir_shl(l->b, ir_zext(l->b, IR_I32, flag(l, PPC_XER_CA)), imm32(l, 29));
	ir_val count = ir_zext(l->b, IR_I32, flag(l, PPC_XER_COUNT));

	return ir_or(l->b, ir_or(l->b, ir_or(l->b, so, ov), ca), count);
}

static ir_val bit_of(struct ppc_lift *l, ir_val v, unsigned shift)
{
	return ir_trunc(l->b, IR_I1, ir_shr(l->b, v, imm32(l, shift)));
}

/* The bits nobody defined read as 0. */
static void set_xer(struct ppc_lift *l, ir_val v)
{
	ir_put(l->b, PPC_XER_SO, bit_of(l, v, 31));
	ir_put(l->b, PPC_XER_OV, bit_of(l, v, 30));
	ir_put(l->b, PPC_XER_CA, bit_of(l, v, 29));
	ir_put(l->b, PPC_XER_COUNT, ir_trunc(l->b, IR_I8, ir_and(l->b, v, imm32(l, 0x7f))));
}

static uint64_t timebase(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	return env_of(state)->services->clock(state) >> a & 0xffffffff;
}

/* Says that it writes, so that two readings are never taken for one. */
const struct ir_helper ppc_timebase = { "ppc_timebase", timebase, IR_HELPER_READS | IR_HELPER_WRITES };

bool ppc_reads_time(uint32_t word)
{
	unsigned spr = (word >> 16 & 31) | (word >> 6 & 0x3e0);

	return (word & 0xfc0007be) == 0x7c0002a6 && (spr == SPR_TBL || spr == SPR_TBU);	/* mfspr, mftb */
}

/* The lower or upper half of the time base. */
static ir_val time_half(struct ppc_lift *l, unsigned spr)
{
	return ir_call(l->b, &ppc_timebase, IR_I32, imm32(l, spr == SPR_TBU ? 32 : 0), IR_NONE, IR_NONE);
}

/* Not for programs, or not there at all. */
static void refuse(struct ppc_lift *l, unsigned spr)
{
	lift_trap(l, spr & SPR_SUPERVISOR ? IR_TRAP_PRIVILEGED : IR_TRAP_ILLEGAL, 0);
}

/* Counters nobody has started: they read as 0. */
static bool is_counter(const struct ppc_lift *l, unsigned spr)
{
	if (l->model == PPC_603)
		return false;
	if (spr >= SPR_UMMCR2 && spr <= SPR_UPMC6)
		return l->model != PPC_750;
	return spr >= SPR_UMMCR0 && spr <= SPR_UPMC4;
}

/* mfspr rD,SPR:  rD <- SPR. PVR reads as Linux lets programs read it. */
static void lift_mfspr(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned spr = spr_of(in);

	if (is_counter(l, spr)) {
		set_gpr(l, in->rd, imm32(l, 0));
		return;
	}
	switch (spr) {
	case SPR_XER: set_gpr(l, in->rd, xer(l)); break;
	case SPR_LR: set_gpr(l, in->rd, flag(l, PPC_LR)); break;
	case SPR_CTR: set_gpr(l, in->rd, flag(l, PPC_CTR)); break;
	case SPR_VRSAVE: set_gpr(l, in->rd, flag(l, PPC_VRSAVE)); break;
	case SPR_TBL: case SPR_TBU: set_gpr(l, in->rd, time_half(l, spr)); break;
	case SPR_PVR: set_gpr(l, in->rd, imm32(l, ppc_pvr(l->model))); break;
	default: refuse(l, spr); break;
	}
}

/* mtspr SPR,rS:  SPR <- (rS). */
static void lift_mtspr(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned spr = spr_of(in);
	ir_val s = gpr(l, in->rd);

	switch (spr) {
	case SPR_XER: set_xer(l, s); break;
	case SPR_LR: ir_put(l->b, PPC_LR, s); break;
	case SPR_CTR: ir_put(l->b, PPC_CTR, s); break;
	case SPR_VRSAVE: ir_put(l->b, PPC_VRSAVE, s); break;
	default: refuse(l, spr); break;
	}
}

/* mftb rD,TBR:  rD <- lower (268) or upper (269) half of the time base. */
static void lift_mftb(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned tbr = spr_of(in);

	if (tbr == SPR_TBL || tbr == SPR_TBU)
		set_gpr(l, in->rd, time_half(l, tbr));
	else
		refuse(l, tbr);
}

static const struct ppc_row rows[] = {
	{ "mfspr", "011111 ddddd ssssssssss 0101010011 -", lift_mfspr },
	{ "mtspr", "011111 ddddd ssssssssss 0111010011 -", lift_mtspr },
	{ "mftb", "011111 ddddd ssssssssss 0101110011 -", lift_mftb },
};
const struct ppc_rows ppc_rows_spr = PPC_ROWS(rows);
