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

#include "ir/ir.h"

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

static inline uint64_t sem_uqadd(uint64_t a, uint64_t b, unsigned w)
{
	uint64_t s = sem_mask(a + b, w);

	return s < a ? ~0ull : s;
}

/* The nearest number of w bits to one of w + 1, given as s and whether that is off by 2^w. */
static inline uint64_t sem_saturate(uint64_t s, bool overflow, unsigned w)
{
	uint64_t least = 1ull << (w - 1);

	return !overflow ? s : s & least ? least - 1 : least;
}

static inline uint64_t sem_sqadd(uint64_t a, uint64_t b, unsigned w)
{
	return sem_saturate(a + b, sem_add_overflow(a, b, 0, w), w);
}

static inline uint64_t sem_sqsub(uint64_t a, uint64_t b, unsigned w)
{
	return sem_saturate(a - b, sem_add_overflow(a, sem_mask(~b, w), 1, w), w);
}

static inline uint64_t sem_muls(uint64_t a, uint64_t b, unsigned w)
{
	return (uint64_t)(sem_sext(a, w) * sem_sext(b, w));
}

/* Lane n of w bits. */
static inline uint64_t sem_lane(struct ir_bits x, unsigned n, unsigned w)
{
	unsigned at = n * w;

	return sem_mask(at < 64 ? x.lo >> at : x.hi >> (at - 64), w);
}

/* Lane n of x and y side by side. */
static inline uint64_t sem_pair(struct ir_bits x, struct ir_bits y, unsigned n, unsigned w)
{
	return n < 128 / w ? sem_lane(x, n, w) : sem_lane(y, n - 128 / w, w);
}

/* To signed or unsigned numbers of r bits, from signed (s) or unsigned ones of w. */
static inline uint64_t sem_clamp_ss(uint64_t a, unsigned w, unsigned r)
{
	int64_t v = sem_sext(a, w), top = (int64_t)((1ull << (r - 1)) - 1);

	return (uint64_t)(v > top ? top : v < -top - 1 ? -top - 1 : v);
}

static inline uint64_t sem_clamp_su(uint64_t a, unsigned w, unsigned r)
{
	int64_t v = sem_sext(a, w), top = (int64_t)((1ull << r) - 1);

	return (uint64_t)(v > top ? top : v < 0 ? 0 : v);
}

static inline uint64_t sem_clamp_uu(uint64_t a, unsigned r)
{
	return a >> r ? ~0ull : a;
}

/* Bytes of lane i; byte n of the pattern z names one of x (0..15), of y (16..31), or is 0. */
static inline uint64_t sem_shuffle(struct ir_bits x, struct ir_bits y, struct ir_bits z, unsigned i, unsigned w)
{
	uint64_t v = 0;

	for (unsigned n = 0; n < w / 8; n++) {
		unsigned from = (unsigned)sem_lane(z, i * w / 8 + n, 8);

		if (from < 32)
			v |= sem_pair(x, y, from, 8) << 8 * n;
	}
	return v;
}

/* Half i of the product of polynomials over two elements. */
static inline uint64_t sem_clmul(uint64_t a, uint64_t b, unsigned i)
{
	uint64_t v = 0;

	for (unsigned n = 0; n < 64; n++)
		if (b >> n & 1)
			v ^= i == 0 ? a << n : n ? a >> (64 - n) : 0;
	return v;
}

/* Bit n is the highest one of lane n. */
static inline uint64_t sem_vmask(struct ir_bits x, unsigned w)
{
	uint64_t v = 0;

	for (unsigned n = 0; n < 128 / w; n++)
		v |= sem_lane(x, n, w) >> (w - 1) << n;
	return v;
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

/*
 * Whether there is a single that is this double: any float, signalling NaNs too, by their bits. Of numbers below 2^-126
 * more bits than 29 must be 0, up to all 52, for singles have none below 2^-149.
 */
static inline uint64_t sem_is_exact(uint64_t a, unsigned w)
{
	uint64_t size = a & ~(1ull << 63), fraction = a & ((1ull << 52) - 1);

	if (w == 32 || size == 0)
		return 1;
	if (size >= 897ull << 52)
		return !(a & 0x1fffffff) && (size < 1151ull << 52 || size >= 2047ull << 52);
	return size >= 874ull << 52 && !(fraction & ((1ull << (926 - (size >> 52))) - 1));
}

/* The same float in the other format, by its bits and without flags; 1.0 for a double that is no single. */
static inline uint64_t sem_fexact(uint64_t a, unsigned w)
{
	uint64_t sign = a >> (w - 1), size = a & ~(1ull << (w - 1));

	if (w == 32 && size > 0x7f800000)
		return sign << 63 | 0x7ff0000000000000 | (size & 0x7fffff) << 29;
	if (w == 32)
		return sem_bits64((double)sem_f32(a));
	if (!sem_is_exact(a, w))
		return 0x3f800000;
	if (size == 0 || size >= 897ull << 52)
		return (a >> 32 & 0xc0000000) | (a >> 29 & 0x3fffffff);
	return sign << 31 | ((size & ((1ull << 52) - 1)) | 1ull << 52) >> (926 - (size >> 52));
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

enum sem_round { SEM_NEAR, SEM_DOWN, SEM_UP, SEM_ZERO };

/* Whether |x| grows when its bits in `cut`, of which some are set, are rounded away. */
static inline bool sem_rounds_up(uint64_t a, uint64_t cut, bool odd, unsigned w, enum sem_round how)
{
	uint64_t rest = a & cut, half = cut / 2 + 1;

	switch (how) {
	case SEM_NEAR: return rest > half || (rest == half && odd);
	case SEM_DOWN: return a >> (w - 1);
	case SEM_UP: return !(a >> (w - 1));
	default: return false;
	}
}

/* To an integer in the same format, without a flag. */
static inline uint64_t sem_fround(uint64_t a, unsigned w, enum sem_round how)
{
	unsigned m = w == 32 ? 23 : 52;
	int bias = w == 32 ? 127 : 1023, e = (int)(sem_mask(a, w - 1) >> m) - bias;
	uint64_t sign = a & 1ull << (w - 1), one = (uint64_t)bias << m, cut;

	if (sem_is_nan(a, w))
		return a | 1ull << (m - 1);
	if (e >= (int)m || a == sign)
		return a;
	if (e < 0) {
		/* below 1: only more than a half is nearer to 1 */
		bool up = how == SEM_NEAR ? (a ^ sign) > one - (1ull << m) : sem_rounds_up(a, 0, false, w, how);
		return up ? sign | one : sign;
	}
	cut = (1ull << (m - (unsigned)e)) - 1;
	if (!(a & cut))
		return a;
	/* at 1 the last bit kept is that of the exponent, which is odd like the 1 */
	return (a & ~cut) + (sem_rounds_up(a, cut, a >> (m - (unsigned)e) & 1, w, how) ? cut + 1 : 0);
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
