/*
 * How the lift files of floating point and ppc.c work together: the three ways FP instructions
 * are lifted, and the status register. Inside of frontend/ppc only.
 *
 * Fast blocks assume rounding to nearest and no exception enabled. An instruction is the host's
 * operation and a guard for the few results on which host and PowerPC differ; the guard's
 * helper asks ppc_fpu_exec. What an instruction does to FPSCR is done later, by
 * ppc_fpscr_read, when somebody looks:
 *   - OX UX ZX XX are the host's accrued flags and, for what the host does not know (VX* and
 *     what the helpers found), bits of env fp_flags at their places in FPSCR, which lie above HOSTFP_ALL;
 *   - FR FI FPRF are those of the last operation, recorded in fp_op, fp_a, fp_b, fp_c, and
 *     FPCC that of the last comparison, fp_x with fp_y, if that came later (FP_COMPARED in fp_op). fp_op has
 *     the rounding mode of the operation, too.
 * Directed blocks assume another rounding mode, which is in the mode bits, and no exception enabled. What neither
 * rounds nor raises is lifted as in fast ones, and so is, in hot code, what lift_fp_directed.c knows; for all else
 * ppc_fpu_exec is called. Things are deferred as in fast blocks.
 * Slow blocks (PPC_MODE_FP_SLOW), when an exception is enabled, call ppc_fpu_exec for every instruction; nothing is deferred.
 */
#ifndef PPC_FP_H
#define PPC_FP_H

#include "frontend/ppc/fpu.h"
#include "frontend/ppc/ppc.h"

enum { FP_COMPARED = 1 << 8, FP_RN_SHIFT = 9 };

/* The rounding mode a block assumes that is not slow. */
static inline uint32_t ppc_fp_rn(const struct ppc_lift *l)
{
	return (l->mode & PPC_MODE_FP) >> PPC_MODE_RN_SHIFT;
}

uint32_t ppc_fp_mode(const struct ppc_state *s);
/* Ends the block behind the instruction; what follows has these of PPC_MODE_FP. */
void ppc_fp_end(struct ppc_lift *l, uint32_t mode);

/*
 * The register as the guest sees it; everything deferred is done. running: the guest's FP
 * environment is in place (in helpers; not between runs).
 */
uint32_t ppc_fpscr_read(struct ppc_state *s, bool running);
void ppc_fpscr_write(struct ppc_state *s, uint32_t v, bool running);

/* Where FPSCR has accrued flags: the host's, and those of env fp_flags. */
uint32_t ppc_fp_sticky(uint32_t flags);
/* FR, FI and FPRF of the last operation, which is deferred; the guest's FP environment is in place. */
uint32_t ppc_fp_status(struct ppc_state *s);

/* lift_fpscr.c, for hot code of fast and directed blocks: the register as the guest sees it, after which nothing is deferred; */
ir_val ppc_fpscr_get(struct ppc_lift *l);
/* all of it <- v, which ends the block. */
void ppc_fpscr_set(struct ppc_lift *l, ir_val v);

/* A number not 0 and far from the ends of the range. */
ir_val ppc_fp_moderate(struct ppc_lift *l, ir_val d);
/* x + y is *sum and what this returns (Knuth), if both are moderate. Raises inexact if that is not 0, and nothing else. */
ir_val ppc_fp_sum_error(struct ppc_lift *l, ir_val x, ir_val y, ir_val *sum);
ir_val ppc_fp_is_negative(struct ppc_lift *l, ir_val d);

/* lift_fp_directed.c: a + b or a - b in a directed block. */
ir_val ppc_fp_directed_sum(struct ppc_lift *l, unsigned op, ir_val a, ir_val b);

/* CR field 1 <- FX FEX VX OX, as "." forms record. */
void ppc_fp_record(struct ppc_state *s, uint32_t fpscr);
static inline void fp_record(struct ppc_lift *l, const struct ppc_word *in)
{
	if (in->record)
		ir_call(l->b, &ppc_fp_cr1, IR_VOID, IR_NONE, IR_NONE, IR_NONE);
}

/* When an enabled exception is pending and the process wants traps: leaves with one at pc. */
void ppc_fp_trap(struct ppc_state *s, uint32_t pc);

static inline ir_val fpr(struct ppc_lift *l, unsigned n)
{
	return ir_get(l->b, PPC_F0 + n);
}

static inline void set_fpr(struct ppc_lift *l, unsigned n, ir_val v)
{
	ir_put(l->b, PPC_F0 + n, v);
}

/*
 * The f32 whose exact conversion this double is, when the unit shows it; else IR_NONE. v may be
 * a get of an FPR.
 */
ir_val ppc_fp_as_single(struct ppc_lift *l, ir_val v);

/*
 * In hot code, before the instruction begins: the block ends here when an operand is no single. Who goes on has
 * it as his first instruction, and that one takes any operands. Compilers give single-precision instructions
 * nothing else, so this is for the sake of exactness alone.
 */
void ppc_fp_expect_singles(struct ppc_lift *l, const struct ppc_word *in);

/* frD <- a single */
static inline void set_fpr_single(struct ppc_lift *l, unsigned n, ir_val f)
{
	set_fpr(l, n, l->hot ? ir_fexact(l->b, IR_F64, f) : ir_fcvt(l->b, IR_F64, f));
}

#endif
