/*
 * Floating point in the AArch64 front end: registers, FPCR and FPSR, and how the lift files reach
 * arm_fp_lift. Inside of frontend/aarch64 only.
 *
 * What operations raise is in the host's accrued state and in env fp_flags until somebody reads
 * FPSR; the slot has the rest. Mode bits of translations say what arm_fp_lift may do: FPCR rounds
 * another way (slow), flushes (flush), or flushes and IXC is not set yet (both).
 */
#ifndef A64_FP_H
#define A64_FP_H

#include "frontend/aarch64/a64.h"
#include "frontend/common/arm_fp_lift.h"

enum { A64_MODE_FP_SLOW = 1 << 0, A64_MODE_FP_FLUSH = 1 << 1, A64_MODE_FP = 3 };

uint32_t a64_fp_mode(const struct a64_state *s);

/* running: the guest's FP environment is in place (in helpers; not between runs). */
uint32_t a64_fpsr_read(struct a64_state *s, bool running);
void a64_fpsr_write(struct a64_state *s, uint32_t v, bool running);
void a64_fpcr_write(struct a64_state *s, uint32_t v);

/* Behind an instruction with slow_fp: looks, once a block, whether IXC has come. */
void a64_fp_look_for_ixc(struct a64_lift *l);

static inline struct arm_fp_lift a64_fp(struct a64_lift *l)
{
	l->slow_fp = (l->mode & A64_MODE_FP) == A64_MODE_FP;
	return (struct arm_fp_lift){
		.b = l->b, .slow = l->mode & A64_MODE_FP_SLOW, .flush = l->mode & A64_MODE_FP_FLUSH,
		 .exec = &a64_fp_exec, .vec = &a64_fp_vec,
		.muladd = { &a64_fp_muladd_h, &a64_fp_muladd_s, &a64_fp_muladd_d },
	};
}

static inline ir_val fp_op(struct a64_lift *l, struct arm_fp_what what, ir_val a, ir_val b, ir_val c)
{
	struct arm_fp_lift fp = a64_fp(l);

	return arm_fp_lift(&fp, what, a, b, c);
}

/* Hn, Sn or Dn. */
static inline ir_val fp_reg(struct a64_lift *l, unsigned size, unsigned n)
{
	return ir_extract(l->b, vec(l, arm_fp_vec_type(size), n), 0);
}

/* Writes a scalar of any type, the rest of the register is 0. */
static inline void set_fp_reg(struct a64_lift *l, unsigned n, ir_val v)
{
	set_vec(l, n, ir_vfirst(l->b, v));
}

/* The minus sign of a half, single or double. */
static inline ir_val fp_negated(struct a64_lift *l, unsigned size, ir_val v)
{
	return size == 16 ? ir_xor(l->b, v, ir_const(l->b, ir_type_of(l->b->u, v), 0x8000)) : ir_fneg(l->b, v);
}

#endif
