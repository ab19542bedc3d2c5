/*
 * Binary floating point in integer arithmetic: what every architecture's exact FPU is made of. A
 * finite operand is unpacked to a sign, an exponent and a 64-bit significand; an operation delivers
 * its exact result as 128 bits whose lowest bit stands for everything below it; softfp_round rounds
 * that once. Which NaN results, what is flushed, which flags are raised and what an overflow delivers
 * is the caller's. For front ends; knows no guest and neither uses nor changes the host's FPU.
 */
#ifndef FRONTEND_SOFTFP_H
#define FRONTEND_SOFTFP_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 softfp_wide;

/* IEEE interchange formats: width, digits of the significand, exponents of normal numbers. */
struct softfp_format {
	int bits, digits, emin, emax;
};
extern const struct softfp_format softfp_half, softfp_single, softfp_double;

enum softfp_rounding {
	SOFTFP_NEAREST,		/* ties to even */
	SOFTFP_TO_ZERO, SOFTFP_UP, SOFTFP_DOWN,
	SOFTFP_AWAY,		/* to nearest, ties away from zero */
	SOFTFP_ODD,		/* what is inexact gets an odd significand */
};

enum softfp_kind { SOFTFP_ZERO, SOFTFP_FINITE, SOFTFP_INFINITE, SOFTFP_NAN };

/* FINITE: (-1)^sign * sig * 2^(exp - 63), bit 63 of sig is set. */
struct softfp_num {
	enum softfp_kind kind;
	bool sign;
	int exp;
	uint64_t sig;
};

/* (-1)^sign * sig * 2^(exp - 126), not 0; bit 0 of sig is sticky. */
struct softfp_exact {
	bool sign;
	int exp;
	softfp_wide sig;
};

/* frac * 2^(exp + 1 - digits); a denormal, exp == emin, has a smaller frac. */
struct softfp_rounded {
	uint64_t frac;
	int exp;
	bool tiny;		/* below the normal range before rounding */
	bool inexact, up;	/* up: the magnitude grew */
};

/* A magnitude as an integer. */
struct softfp_integer {
	uint64_t whole;
	bool huge;		/* 2^64 or more: the rest says nothing */
	bool inexact, up;
};

static inline uint64_t softfp_sign_bit(const struct softfp_format *f)
{
	return 1ull << (f->bits - 1);
}

static inline uint64_t softfp_quiet_bit(const struct softfp_format *f)
{
	return 1ull << (f->digits - 2);
}

static inline uint64_t softfp_infinity(const struct softfp_format *f)
{
	return (softfp_sign_bit(f) - 1) & ~0ull << (f->digits - 1);
}

static inline bool softfp_is_nan(const struct softfp_format *f, uint64_t v)
{
	return (v & (softfp_sign_bit(f) - 1)) > softfp_infinity(f);
}

static inline bool softfp_is_snan(const struct softfp_format *f, uint64_t v)
{
	return softfp_is_nan(f, v) && !(v & softfp_quiet_bit(f));
}

struct softfp_num softfp_unpack(const struct softfp_format *f, uint64_t v);

/* The magnitude's encoding; exp in the range of the format. */
uint64_t softfp_pack(const struct softfp_format *f, int exp, uint64_t frac);

/*
 * Rounds. A tiny number is rounded to a multiple of the least denormal, unless wide_range: then,
 * and above emax always, as if exponents had no limits.
 */
struct softfp_rounded softfp_round(const struct softfp_format *f, enum softfp_rounding mode, struct softfp_exact x,
				   bool wide_range);

/* A finite magnitude rounded to an integer. */
struct softfp_integer softfp_to_integer(enum softfp_rounding mode, struct softfp_num n);

/* Exact results; all operands finite. */
struct softfp_exact softfp_widen(struct softfp_num n);
struct softfp_exact softfp_product(struct softfp_num a, struct softfp_num b);
struct softfp_exact softfp_quotient(struct softfp_num a, struct softfp_num b);
/* The sign is ignored. */
struct softfp_exact softfp_root(struct softfp_num n);
struct softfp_exact softfp_root_reciprocal(struct softfp_num n);

/*
 * The sum of two results of the functions above, none a quotient or a root, of operands with at
 * most 53 digits; false when it is exactly 0.
 */
bool softfp_sum(struct softfp_exact x, struct softfp_exact y, struct softfp_exact *sum);

#endif
