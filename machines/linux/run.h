/* Between the run loop (linux.c) and what it does while the vCPU is stopped (process.c). */
#ifndef LX_RUN_H
#define LX_RUN_H

#include "lx.h"

/* Runs the guest until it ends: x->todo is then LX_TODO_EXIT. */
dgm_status lx_loop(lx *x);

/* Does what a callback asked for, fork or exec, and gives the guest the result. */
dgm_status lx_todo(lx *x);

#endif
