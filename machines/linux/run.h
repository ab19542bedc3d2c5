/* Between the run loop (linux.c) and what it does while the vCPU is stopped (process.c). */
#ifndef LX_RUN_H
#define LX_RUN_H

#include "lx.h"

/* Runs guest code until thread or guest are at their end, x->todo tells, or the thread has been asked to stop. */
dgm_status lx_loop(lx *x);
/* The same for a thread of the process; notes why when it fails. */
dgm_status lx_thread_run(lx *x);

/* Does what a callback asked for, fork or exec, and gives the guest the result. */
dgm_status lx_todo(lx *x);

#endif
