/* A debugger's hold on the guest's threads: between debug.c and the run loop, signals and blocking calls. */
#ifndef LX_DEBUG_H
#define LX_DEBUG_H

#include "lx.h"

struct lx_debug;

/* Whether a debugger looks at this thread: a vfork's child, or that of a fork, runs without one. */
static inline bool lx_debugged(const lx *x)
{
	return atomic_load_explicit(&x->p->debugged, memory_order_relaxed) && !x->in_vfork;
}

/* Between two instructions: waits as long as the debugger wants the thread to stand still. */
void lx_debug_gate(lx *x);
/* Whether the thread is to execute one instruction only, and that this has been done. */
bool lx_debug_stepping(lx *x);
void lx_debug_stepped(lx *x);
/* A watchpoint, or a breakpoint that is no instruction, ended the run in front of an instruction. */
void lx_debug_watched(lx *x);
/* In a callback: notes what is to be told once the vCPU stands still. */
void lx_debug_fault(lx *x, const siginfo_t *si);
/* Outside of callbacks: tells of that and does what the debugger wants; false: there was nothing. */
bool lx_debug_tell(lx *x);
/* A signal that is to be delivered: false if the debugger takes it away; it may have become another. */
bool lx_debug_signal(lx *x, siginfo_t *si);
/* Around a call that may sleep: the thread stands still all the while, and then may have to. */
void lx_debug_sleep(lx *x);
void lx_debug_wake(lx *x);
/* Around the life of a child that runs in this memory: breakpoints are not for it. */
void lx_debug_lift(lx *x, bool lifted);

/* With the process's lock held: a thread came or went, all have ended, this is a fork's child. */
void lx_debug_came(lx *x);
void lx_debug_went(struct dgm_linux *p);
void lx_debug_ended(struct dgm_linux *p);
void lx_debug_forget(struct dgm_linux *p);
void lx_debug_free(struct dgm_linux *p);

#endif
