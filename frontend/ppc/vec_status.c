/* Whose the host's floating-point flags are in programs that compute floats in vectors, too (vec_fpu.h). */
#include "frontend/ppc/fp.h"
#include "frontend/ppc/vec_fpu.h"
#include "iface/hostfp.h"

uint32_t ppc_vec_fp_mode(const struct ppc_state *s)
{
	return s->vec_fp == VEC_FP_NEVER ? 0 : PPC_MODE_VEC_FP | (s->vscr_nj ? PPC_MODE_VEC_NJ : 0);
}

/* whose: the value of the slot from here on, which the lift puts. Flags that are noted stand at their places in FPSCR. */
static uint64_t vec_flags(void *state, uint64_t whose, uint64_t b, uint64_t c)
{
	struct cpu_env *env = env_of(state);

	(void)b, (void)c;
	if (whose == VEC_FP_APART) {
		env->fp_flags |= ppc_fp_sticky(env->fp_flags | hostfp_flags());
	} else {
		env->fp_flags &= ~(uint32_t)HOSTFP_ALL;
		(void)hostfp_take();
	}
	return whose;
}

const struct ir_helper ppc_vec_flags = { "ppc_vec_flags", vec_flags, IR_HELPER_FP };

static bool is_known(const struct ir_unit *u, enum ppc_vec_fp_state whose)
{
	ir_val v = ir_last_put(u, u->n, PPC_VEC_FP);

	return !ir_is_none(v) && ir_is_const(v) && ir_const_bits(u, v) == whose;
}

void ppc_vec_fp_flags(struct ppc_lift *l, enum ppc_vec_fp_state whose)
{
	ir_val want = ir_const(l->b, IR_I8, whose);

	if (!(l->mode & PPC_MODE_VEC_FP) || l->b->failed || is_known(l->b->u, whose))
		return;
	ir_val differs = ir_ne(l->b, ir_get(l->b, PPC_VEC_FP), want);
	ir_guard(l->b, &ppc_vec_flags, differs, want, want, IR_NONE, IR_NONE);
	ir_put(l->b, PPC_VEC_FP, want);
}
