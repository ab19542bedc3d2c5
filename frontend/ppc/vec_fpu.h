/*
 * AltiVec's single-precision floating point (PEM 3.2, 4.2.2): what its lift, its helper and vec_status.c, which keeps the host's
 * flags apart, share.
 */
#ifndef PPC_VEC_FPU_H
#define PPC_VEC_FPU_H

#include "frontend/ppc/ppc.h"

enum vec_fp_kind {
	VFP_ADD, VFP_SUB, VFP_MADD, VFP_NMSUB, VFP_MAX, VFP_MIN, VFP_RE, VFP_RSQRTE, VFP_EXPTE, VFP_LOGE, VFP_RFIN, VFP_RFIZ, VFP_RFIP,
	VFP_RFIM, VFP_CFUX, VFP_CFSX, VFP_CTUXS, VFP_CTSXS, VFP_CMPEQ, VFP_CMPGE, VFP_CMPGT, VFP_CMPB,
};

/* What the helpers are asked: the kind, whether NJ holds, UIMM. */
enum { VEC_FP_KIND = 31, VEC_FP_FLUSH = 1 << 7, VEC_FP_SCALE = 8 };

/*
 * Floating-point status (PEM 2.1.1): these instructions do not touch FPSCR, but the host's operations raise flags. So
 * flags are set apart while floats are computed in vectors: what the scalars have raised is noted, and what the host
 * says from then on is nobody's. The first scalar behind that clears it. The slot vec_fp says where a program is; one
 * that never computes floats in vectors pays nothing, for it is translated in another mode.
 */
enum ppc_vec_fp_state { VEC_FP_NEVER, VEC_FP_SCALAR, VEC_FP_APART };

uint32_t ppc_vec_fp_mode(const struct ppc_state *s);
/* In front of operations whose flags belong to one or the other. Does nothing where the block shows that it is so. */
void ppc_vec_fp_flags(struct ppc_lift *l, enum ppc_vec_fp_state whose);

#endif
