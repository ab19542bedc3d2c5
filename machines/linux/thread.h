/* The guest's threads: between the run loop (linux.c), making processes (process.c) and making threads (thread.c). */
#ifndef LX_THREAD_H
#define LX_THREAD_H

#include "lx.h"

/* Memory for a thread of the process with a vCPU of its own; NULL: none. Not yet in the list of threads. */
lx *lx_thread_new(struct dgm_linux *p);
void lx_thread_free(lx *x);

/* Makes x the guest thread that the calling host thread runs; NULL: none any more. */
void lx_become(lx *x);

/* Puts a thread into the list and gives it its id; it may have to stop at once. */
void lx_enlist(lx *x);

/*
 * The thread x has left guest code, for good: it ended itself, the guest (x->todo LX_TODO_EXIT), or st
 * says why the library could not go on. Takes it out of the list.
 */
void lx_leave(lx *x, dgm_status st);

/* Waits until no guest thread is left, and takes what their host threads have left behind. */
void lx_wait_all(struct dgm_linux *p);

/* Stops every other thread of the process; its lock held. */
void lx_stop_all(lx *x);
void lx_stop_all_of(struct dgm_linux *p, const lx *but);	/* but NULL: really all */

/* In the child of a fork by x: the other threads do not exist. */
void lx_only(lx *x);

/* How a process that x began by a fork ends: with the guest's status, or by its signal. */
int lx_die(int status, int sig);

#endif
