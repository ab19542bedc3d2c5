/*
 * Meaning of IR operations that one C expression in ops.def cannot say. Used by ir_eval
 * (folding, tests, the interpreter) and by nothing else. Operands arrive zero-extended;
 * results may carry junk above their width.
 *
 * The FP functions run on the host's FPU in its current rounding mode and leave their IEEE
 * flags in its accrued state. "volatile" keeps the compiler from folding or moving them.
 */
#ifndef IR_SEM_H
#define IR_SEM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t sem_mask(uint64_t v, unsigned w)
{
	return w < 64 ? v & ((1ull << w) - 1) : v;
}

static inline int64_t sem_sext(uint64_t v, unsigned w)
{
	return w < 64 ? (int64_t)((v ^ 1ull << (w - 1)) - (1ull << (w - 1))) : (int64_t)v;
}

static inline uint64_t sem_mulhu(uint64_t a, uint64_t b, unsigned w)
{
	return (uint64_t)((unsigned __int128)a * b >> w);
}

static inline uint64_t sem_mulhs(uint64_t a, uint64_t b, unsigned w)
{
	return (uint64_t)((__int128)sem_sext(a, w) * sem_sext(b, w) >> w);
}

/* A division by zero gives 0; the one overflow (least value by -1) wraps. */
static inline uint64_t sem_divs(uint64_t a, uint64_t b, unsigned w)
{
	if (!b)
		return 0;
	if (sem_sext(b, w) == -1)
		return 0 - a;
	return (uint64_t)(sem_sext(a, w) / sem_sext(b, w));
}

/* The count is taken modulo the width. */
static inline uint64_t sem_rotl(uint64_t a, uint64_t n, unsigned w)
{
	n %= w;
	return n ? a << n | a >> (w - n) : a;
}

static inline uint64_t sem_clz(uint64_t a, unsigned w)
{
	return a ? (uint64_t)__builtin_clzll(a) - (64 - w) : w;
}

static inline uint64_t sem_ctz(uint64_t a, unsigned w)
{
	return a ? (uint64_t)__builtin_ctzll(a) : w;
}

/* i1 and i8 have one byte: nothing moves. */
static inline uint64_t sem_bswap(uint64_t a, unsigned w)
{
	return w <= 8 ? a : __builtin_bswap64(a) >> (64 - w);
}

static inline uint64_t sem_add_carry(uint64_t a, uint64_t b, uint64_t c, unsigned w)
{
	uint64_t s = sem_mask(a + b, w);

	return (s < a) | (sem_mask(s + c, w) < s);
}

static inline uint64_t sem_add_overflow(uint64_t a, uint64_t b, uint64_t c, unsigned w)
{
	uint64_t s = a + b + c;

	return ((a ^ s) & (b ^ s)) >> (w - 1) & 1;
}

static inline double sem_f64(uint64_t v)
{
	double d;

	memcpy(&d, &v, sizeof d);
	return d;
}

static inline float sem_f32(uint64_t v)
{
	uint32_t u = (uint32_t)v;
	float f;

	memcpy(&f, &u, sizeof f);
	return f;
}

static inline uint64_t sem_bits64(double d)
{
	uint64_t v;

	memcpy(&v, &d, sizeof v);
	return v;
}

static inline uint64_t sem_bits32(float f)
{
	uint32_t v;

	memcpy(&v, &f, sizeof v);
	return v;
}

#define SEM_FBIN(name, op)                                                             \
	static inline uint64_t sem_##name(uint64_t a, uint64_t b, unsigned w)          \
	{                                                                              \
		if (w == 32) {                                                         \
			volatile float x = sem_f32(a), y = sem_f32(b), z = x op y;     \
			return sem_bits32(z);                                          \
		}                                                                      \
		volatile double x = sem_f64(a), y = sem_f64(b), z = x op y;            \
		return sem_bits64(z);                                                  \
	}
SEM_FBIN(fadd, +)
SEM_FBIN(fsub, -)
SEM_FBIN(fmul, *)
SEM_FBIN(fdiv, /)
#undef SEM_FBIN

static inline uint64_t sem_fsqrt(uint64_t a, unsigned w)
{
	if (w == 32) {
		volatile float x = sem_f32(a), z = sqrtf(x);
		return sem_bits32(z);
	}
	volatile double x = sem_f64(a), z = sqrt(x);
	return sem_bits64(z);
}

static inline uint64_t sem_fma(uint64_t a, uint64_t b, uint64_t c, unsigned w)
{
	if (w == 32) {
		volatile float x = sem_f32(a), y = sem_f32(b), z = sem_f32(c), r = fmaf(x, y, z);
		return sem_bits32(r);
	}
	volatile double x = sem_f64(a), y = sem_f64(b), z = sem_f64(c), r = fma(x, y, z);
	return sem_bits64(r);
}

static inline bool sem_is_nan(uint64_t a, unsigned w)
{
	return w == 32 ? (uint32_t)a << 1 > 0xff000000u : a << 1 > 0xffe0000000000000u;
}

/* Comparisons are quiet: no flag but invalid, which nobody reads, may be raised. */
#define SEM_FCMP(name, op)                                                             \
	static inline uint64_t sem_##name(uint64_t a, uint64_t b, unsigned w)          \
	{                                                                              \
		if (sem_is_nan(a, w) || sem_is_nan(b, w))                              \
			return 0;                                                      \
		return w == 32 ? sem_f32(a) op sem_f32(b) : sem_f64(a) op sem_f64(b);  \
	}
SEM_FCMP(feq, ==)
SEM_FCMP(flt, <)
SEM_FCMP(fle, <=)
#undef SEM_FCMP

static inline uint64_t sem_funo(uint64_t a, uint64_t b, unsigned w)
{
	return sem_is_nan(a, w) || sem_is_nan(b, w);
}

/* A NaN keeps its sign and the upper bits of its payload, and becomes quiet. */
static inline uint64_t sem_fcvt(uint64_t a, unsigned w, unsigned r)
{
	if (w == 32 && r == 64) {
		volatile float x = sem_f32(a);
		volatile double z = x;
		return sem_bits64(z);
	}
	volatile double x = sem_f64(a);
	volatile float z = (float)x;
	return sem_bits32(z);
}

/* Whether x, which is no NaN, rounds to an integer of r bits. */
static inline bool sem_ftoi_fits(double x, unsigned r, bool nearest)
{
	if (r == 64)
		return x >= -0x1p63 && x < 0x1p63;
	return nearest ? x >= -2147483648.5 && x < 2147483647.5 : x > -2147483649.0 && x < 2147483648.0;
}

/*
 * To a signed integer of r bits, towards zero or to nearest even. NaN and values out of
 * range give the least integer, as x86's cvttsd2si does, and do not raise inexact.
 */
static inline uint64_t sem_ftoi(uint64_t a, unsigned w, unsigned r, bool nearest)
{
	double x = w == 32 ? (double)sem_f32(a) : sem_f64(a);

	if (sem_is_nan(a, w) || !sem_ftoi_fits(x, r, nearest))
		return 1ull << (r - 1);
	double z = nearest ? nearbyint(x) : trunc(x);
	if (z != x) {
		volatile double one = 1.0, tiny = 0x1p-1000, inexact = one + tiny;
		(void)inexact;
	}
	return (uint64_t)(int64_t)z;
}

static inline uint64_t sem_itof(uint64_t a, unsigned w, unsigned r)
{
	volatile int64_t x = sem_sext(a, w);

	if (r == 32) {
		volatile float z = (float)x;
		return sem_bits32(z);
	}
	volatile double z = (double)x;
	return sem_bits64(z);
}

#endif
