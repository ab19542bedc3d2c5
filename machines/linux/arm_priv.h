/* Between the arm_*.c files: the parts that struct lx_guest lx_arm is put together from. */
#ifndef LX_ARM_PRIV_H
#define LX_ARM_PRIV_H

#include "guest.h"

extern const struct lx_struct lx_arm_structs[LX_N_ST];
extern const struct lx_ioctl lx_arm_ioctls[];
extern const size_t lx_arm_n_ioctls;
extern const struct lx_nr lx_arm_nr[], lx_arm_private_nr[];
extern const size_t lx_arm_n_nr, lx_arm_n_private_nr;

size_t lx_arm_trampolines(uint8_t *out);
int lx_arm_map_pages(lx *x);
void lx_arm_save(lx *x, struct lx_regs *out);
void lx_arm_restore(lx *x, const struct lx_regs *in);
int lx_arm_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask);
int lx_arm_pop_frame(lx *x, bool rt, uint64_t *mask);

#endif
