/*
 * Floating-point operations of the ARM architectures in IR, for both ARM front ends, scalar and
 * vector. Knows the IR and arm_fp; no guest state and no encoding.
 *
 * Fast: control says to nearest, and nothing is flushed (but halves), and an operation is the
 * host's own with a guard for the few results on which host and ARM differ:
 *   - NaNs: ARM chooses another one and another sign, and "invalid" of the host means nothing here,
 *     for comparisons raise it, too. A NaN operand gives a NaN result, so one test of the result
 *     finds all of them;
 *   - underflow: ARM detects tininess before rounding, x86 after it. They differ only when a tiny value
 *     was rounded up to the least normal number, which sums (always exact there) never do.
 * The flags of what the host did stay in its accrued state, those that helpers find in env fp_flags.
 * Slow: helpers do everything.
 * Flushing: control has FZ, as programs for fast mathematics and AArch32 Advanced SIMD (always) want it. The
 * guards find denormal operands and results as well, for ARM makes zeros of both. When they strike, the host
 * has raised inexact where ARM raises another flag, and nobody can tell afterwards. So such code may run only
 * while IXC is set anyway: a front end translates with `slow` until then, makes IXC a mode bit of its
 * translations, and looks, once a block of slow code, whether it has come.
 * In both, DN and the modes of halves are free: all NaNs and all halves are the helpers'.
 */
#ifndef FRONTEND_ARM_FP_LIFT_H
#define FRONTEND_ARM_FP_LIFT_H

#include "frontend/common/arm_fp.h"
#include "iface/env.h"
#include "ir/build.h"

/* The front end's helpers find control in the guest's state and pass it to the functions below. */
struct arm_fp_lift {
	struct ir_builder *b;
	bool slow, flush;
	/* Where mode bits do not tell: with flush, an i1 that says whether IXC is set; helpers do the rest. */
	bool unsure;
	ir_val ixc;
	/* By operand, with flush: it is the result of such an operation, so no denormal and no signaling NaN. */
	bool clean[3];
	const struct ir_helper *exec;		/* (what, a, b) */
	const struct ir_helper *muladd[3];	/* of halves, singles, doubles: (a, b, c) */
	const struct ir_helper *vec;		/* (what), and up to three vectors */
};

/* Accrued flags as env fp_flags has them: above HOSTFP_ALL. */
enum { ARM_FP_ENV_SHIFT = 8 };

uint64_t arm_fp_help_exec(struct cpu_env *env, uint32_t control, uint64_t what, uint64_t a, uint64_t b);
uint64_t arm_fp_help_muladd(struct cpu_env *env, uint32_t control, unsigned size, uint64_t a, uint64_t b, uint64_t c);
uint64_t arm_fp_help_vec(struct cpu_env *env, uint32_t control, uint64_t what);
/* Cumulative flags raised since the last call. running: in a helper (iface/hostfp.h). */
uint32_t arm_fp_collect(struct cpu_env *env, bool running);

/* i16, f32 or f64; i16x8, f32x4 or f64x2. */
enum ir_type arm_fp_type(unsigned size);
enum ir_type arm_fp_vec_type(unsigned size);

/*
 * The operation. Scalars have arm_fp_type of their size; integers, i32 or i64 (i16 when they are
 * lanes of 16 bits); comparisons give i32. Vectors have arm_fp_vec_type, integers in them and results of
 * comparisons integer types. Lanes above what.lanes are ignored and 0 in the result. Operands the
 * operation does not have are IR_NONE.
 */
ir_val arm_fp_lift(const struct arm_fp_lift *l, struct arm_fp_what what, ir_val a, ir_val b, ir_val c);

/* FPCompare: N, Z, C and V. when: whether it happens at all (else the flags of nzcv), or IR_NONE. */
struct arm_fp_nzcv {
	ir_val n, z, c, v;
};
struct arm_fp_nzcv arm_fp_lift_compare(const struct arm_fp_lift *l, unsigned size, ir_val a, ir_val b, bool signal,
				       ir_val when, unsigned nzcv);

/* Of the elements of x and y one behind the other, `count` of each, every second one from the first or second. */
ir_val arm_fp_every_second(struct ir_builder *b, ir_val x, ir_val y, unsigned size, unsigned count, unsigned first);

/* The low 64 bits of a vector, the rest 0. */
ir_val arm_fp_low_half(struct ir_builder *b, ir_val v);

#endif
