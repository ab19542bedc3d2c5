/* Between the ppc_*.c files: the parts that struct lx_guest lx_ppc is put together from. */
#ifndef LX_PPC_PRIV_H
#define LX_PPC_PRIV_H

#include "guest.h"

/* Trampolines in their page, and where each finds the address of the saved registers, from r1. */
enum { LX_PPC_RT_RETURN = 164, LX_PPC_RETURN = 176, LX_PPC_RT_SLOT = 256, LX_PPC_SLOT = 92 };
enum { LX_PPC_NR_SIGRETURN = 119, LX_PPC_NR_RT_SIGRETURN = 172 };

extern const struct lx_struct lx_ppc_structs[LX_N_ST];
extern const struct lx_ioctl lx_ppc_ioctls[];
extern const size_t lx_ppc_n_ioctls;
extern const struct lx_nr lx_ppc_nr[];
extern const size_t lx_ppc_n_nr;

void lx_ppc_termios_to_host(struct lx_termios *t);
void lx_ppc_termios_to_guest(struct lx_termios *t);
size_t lx_ppc_trampolines(uint8_t *out);
void lx_ppc_save(lx *x, struct lx_regs *out);
void lx_ppc_restore(lx *x, const struct lx_regs *in);
int lx_ppc_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask);
int lx_ppc_pop_frame(lx *x, bool rt, uint64_t *mask);
int64_t lx_ppc_swapcontext(lx *x, uint64_t old, uint64_t fresh, uint64_t size);
bool lx_ppc_fix_align(lx *x, const dgm_fault *f, siginfo_t *si);
int lx_ppc_fpe_code(lx *x, const dgm_fault *f);

#endif
