/* Between the aarch64_*.c files: the parts that struct lx_guest lx_aarch64 is put together from. */
#ifndef LX_AARCH64_PRIV_H
#define LX_AARCH64_PRIV_H

#include "guest.h"

extern const struct lx_struct lx_aarch64_structs[LX_N_ST];
extern const struct lx_ioctl lx_aarch64_ioctls[];
extern const size_t lx_aarch64_n_ioctls;
extern const struct lx_nr lx_aarch64_nr[];
extern const size_t lx_aarch64_n_nr;

size_t lx_aarch64_trampolines(uint8_t *out);
void lx_aarch64_save(lx *x, struct lx_regs *out);
void lx_aarch64_restore(lx *x, const struct lx_regs *in);
int lx_aarch64_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask);
int lx_aarch64_pop_frame(lx *x, bool rt, uint64_t *mask);

/* Bytes of stack that a signal needs at most: AT_MINSIGSTKSZ. */
#define LX_AARCH64_SIGNAL_STACK 4720u

#endif
