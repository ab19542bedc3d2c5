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
	_mm_setcsr(paused);
}

/* Clears them without looking, which would wait for all arithmetic on its way. */
static inline void hostfp_drop(void)
{
	_mm_setcsr(HOSTFP_GUEST_MXCSR);
}

/*
 * Around a callback of the host, from a helper: the guest's flags so far go to env and the host's rounding comes
 * back if it is another. Cheap, unlike leave and enter: flags stay where they are.
 */
static inline uint32_t hostfp_lend(struct cpu_env *env)
{
	uint32_t csr = _mm_getcsr();

	env->fp_flags |= csr & HOSTFP_ALL;
	if ((env->host_mxcsr ^ HOSTFP_GUEST_MXCSR) & ~(uint32_t)HOSTFP_ALL)
		_mm_setcsr(env->host_mxcsr);
	return csr;
}

static inline void hostfp_regain(uint32_t lent)
{
	if (_mm_getcsr() != lent)
		_mm_setcsr(lent);
}

static inline void hostfp_enter(struct cpu_env *env)
{
	env->host_mxcsr = _mm_getcsr();
	if (env->host_mxcsr != HOSTFP_GUEST_MXCSR)	/* writing it takes long */
		_mm_setcsr(HOSTFP_GUEST_MXCSR);
}

static inline void hostfp_leave(struct cpu_env *env)
{
	uint32_t csr = _mm_getcsr();

	env->fp_flags |= csr & HOSTFP_ALL;
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

static inline void hostfp_regain(uint32_t lent)
{
	(void)lent;
	fesetenv(FE_DFL_ENV);
}
#endif

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
