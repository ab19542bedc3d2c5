/*
 * How the lift files of floating point and ppc.c work together: the two ways FP instructions
 * are lifted, and the status register. Inside of frontend/ppc only.
 *
 * Fast blocks assume rounding to nearest and no exception enabled. An instruction is the host's
 * operation and a guard for the few results on which host and PowerPC differ; the guard's
 * helper asks ppc_fpu_exec. What an instruction does to FPSCR is done later, by
 * ppc_fpscr_read, when somebody looks:
 *   - OX UX ZX XX are the host's accrued flags and, for what the host does not know (VX* and
 *     what the helpers found), bits of env fp_flags at their places in FPSCR, which lie above HOSTFP_ALL;
 *   - FR FI FPRF are those of the last operation, recorded in fp_op, fp_a, fp_b, fp_c, and
 *     FPCC that of the last comparison, fp_x with fp_y, if that came later (FP_COMPARED in fp_op).
 * Slow blocks (PPC_MODE_FP_SLOW) call ppc_fpu_exec for every instruction; nothing is deferred.
 */
#ifndef PPC_FP_H
#define PPC_FP_H

#include "frontend/ppc/fpu.h"
#include "frontend/ppc/ppc.h"

enum { PPC_MODE_FP_SLOW = 1 << 0 };
enum { FP_COMPARED = 1 << 8 };

uint32_t ppc_fp_mode(const struct ppc_state *s);

/*
 * The register as the guest sees it; everything deferred is done. running: the guest's FP
 * environment is in place (in helpers; not between runs).
 */
uint32_t ppc_fpscr_read(struct ppc_state *s, bool running);
void ppc_fpscr_write(struct ppc_state *s, uint32_t v, bool running);

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
