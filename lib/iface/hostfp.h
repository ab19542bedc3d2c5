/*
 * The host's floating-point environment while guest code runs. On x86-64 that is MXCSR, read
 * and written directly (fenv.h also saves the x87 state, which costs ten times as much).
 */
#ifndef IFACE_HOSTFP_H
#define IFACE_HOSTFP_H

#include <fenv.h>
#include <stdint.h>

#include "iface/env.h"

enum {
	HOSTFP_INVALID = 0x01, HOSTFP_DENORMAL = 0x02, HOSTFP_DIVZERO = 0x04, HOSTFP_OVERFLOW = 0x08,
	HOSTFP_UNDERFLOW = 0x10,	/* tiny after rounding, and inexact */
	HOSTFP_INEXACT = 0x20, HOSTFP_ALL = 0x3f,
};

#if defined(__x86_64__)
#include <immintrin.h>

enum { HOSTFP_GUEST_MXCSR = 0x1f80 };

/* Flags raised since the last take. */
static inline uint32_t hostfp_flags(void)
{
	return _mm_getcsr() & HOSTFP_ALL;
}

/* The same; they are cleared. For helpers and the interpreter only. */
static inline uint32_t hostfp_take(void)
{
	uint32_t csr = _mm_getcsr();

	if (csr & HOSTFP_ALL)
		_mm_setcsr(csr & ~(uint32_t)HOSTFP_ALL);
	return csr & HOSTFP_ALL;
}

/* Between the two a helper computes without raising a flag of the guest. */
static inline uint32_t hostfp_pause(struct cpu_env *env)
{
	(void)env;
	return _mm_getcsr();
}

static inline void hostfp_resume(uint32_t paused)
{
	if (_mm_getcsr() != paused)	/* writing it takes long, reading does not */
		_mm_setcsr(paused);
}

/* Clears them without looking. */
static inline void hostfp_drop(void)
{
	_mm_setcsr(HOSTFP_GUEST_MXCSR);
}

/*
 * Around a callback of the host, from a helper: the guest's flags are noted, and the host's rounding comes
 * back if it is another. Cheap, unlike leave and enter: flags stay where they are. Code does the same by itself (env.h).
 * Answers what to give to regain.
 */
static inline uint32_t hostfp_lend(struct cpu_env *env)
{
	uint32_t before = env->lends;

	if (before == ENV_NOT_LENT) {
		env->lent = _mm_getcsr();
		env->lends = ENV_LENT;
	}
	if (env->foreign)
		_mm_setcsr(env->host_mxcsr);
	return before;
}

static inline void hostfp_regain(struct cpu_env *env, uint32_t before)
{
	if (_mm_getcsr() != env->lent)
		_mm_setcsr(env->lent);
	if (before == ENV_NOT_LENT)
		env->lends = ENV_NOT_LENT;
}

static inline void hostfp_enter(struct cpu_env *env)
{
	env->host_mxcsr = _mm_getcsr();
	env->foreign = (env->host_mxcsr ^ HOSTFP_GUEST_MXCSR) & ~(uint32_t)HOSTFP_ALL;
	if (env->host_mxcsr != HOSTFP_GUEST_MXCSR && env->lends == ENV_NOT_LENT)	/* writing it takes long */
		_mm_setcsr(HOSTFP_GUEST_MXCSR);
}

/* Until hostfp_enter; what is lent stays so. */
static inline void hostfp_leave(struct cpu_env *env)
{
	uint32_t csr = _mm_getcsr();

	if (env->lends == ENV_NOT_LENT) {
		env->fp_flags |= csr & HOSTFP_ALL;
	} else {
		env->fp_flags |= env->lent & HOSTFP_ALL;
		env->lent &= ~(uint32_t)HOSTFP_ALL;
	}
	/* Status bits are the caller's to save (System V ABI): those of the host may be lost. */
	if ((csr ^ env->host_mxcsr) & ~(uint32_t)HOSTFP_ALL)
		_mm_setcsr(env->host_mxcsr);
}
#else
static inline uint32_t hostfp_flags(void)
{
	int e = fetestexcept(FE_ALL_EXCEPT);

	return (e & FE_INVALID ? HOSTFP_INVALID : 0u) | (e & FE_DIVBYZERO ? HOSTFP_DIVZERO : 0u) |
	       (e & FE_OVERFLOW ? HOSTFP_OVERFLOW : 0u) | (e & FE_UNDERFLOW ? HOSTFP_UNDERFLOW : 0u) |
	       (e & FE_INEXACT ? HOSTFP_INEXACT : 0u);
}

static inline uint32_t hostfp_take(void)
{
	uint32_t flags = hostfp_flags();

	feclearexcept(FE_ALL_EXCEPT);
	return flags;
}

static inline void hostfp_drop(void)
{
	feclearexcept(FE_ALL_EXCEPT);
}

static inline uint32_t hostfp_pause(struct cpu_env *env)
{
	env->fp_flags |= hostfp_take();
	return 0;
}

static inline void hostfp_resume(uint32_t paused)
{
	(void)paused;
	(void)hostfp_take();
}

static inline void hostfp_enter(struct cpu_env *env)
{
	env->host_mxcsr = (uint32_t)fegetround();
	fesetenv(FE_DFL_ENV);
}

static inline void hostfp_leave(struct cpu_env *env)
{
	env->fp_flags |= hostfp_take();
	fesetround((int)env->host_mxcsr);
}

static inline uint32_t hostfp_lend(struct cpu_env *env)
{
	env->fp_flags |= hostfp_take();
	fesetround((int)env->host_mxcsr);
	return 0;
}

static inline void hostfp_regain(struct cpu_env *env, uint32_t before)
{
	(void)env;
	(void)before;
	fesetenv(FE_DFL_ENV);
}
#endif

/* When code is left for good, however that came. */
static inline void hostfp_end(struct cpu_env *env)
{
	hostfp_leave(env);
	env->lends = ENV_NOT_LENT;
}

/* Before anybody but code looks at fp_flags: the flags of what is lent are there, too. */
static inline void hostfp_settle(struct cpu_env *env)
{
	if (env->lends != ENV_LENT)
		return;
	env->fp_flags |= env->lent & HOSTFP_ALL;
	env->lends = ENV_LENT_TAKEN;
}

/* The guest's registers were written, its flags perhaps: those that were settled must not come back. */
static inline void hostfp_forget_lent(struct cpu_env *env)
{
	if (env->lends == ENV_LENT_TAKEN)
		env->lent &= ~(uint32_t)HOSTFP_ALL;
}

/*
 * All flags the guest has raised and not yet seen, taken away from host and env. running: called
 * from a helper or the interpreter, with the guest's FP environment in place.
 */
static inline uint32_t hostfp_collect(struct cpu_env *env, int running)
{
	uint32_t flags = env->fp_flags | (running ? hostfp_take() : 0);

	env->fp_flags = 0;
	return flags;
}

#endif
