/*
 * Exact arithmetic for the rules of fpvectors: values by MPFR, rounded as IEEE 754 says. One result is worked on at a
 * time. Knows formats; NaNs, infinities, signs of zeros and flags are for the rules of each architecture.
 */
#ifndef TESTS_FPVECTORS_EXACT_H
#define TESTS_FPVECTORS_EXACT_H

#include <stdbool.h>
#include <stdint.h>

/* The first four as RMode of the ARM architectures counts them. */
enum exact_rounding { EXACT_NEAREST, EXACT_UP, EXACT_DOWN, EXACT_TO_ZERO, EXACT_AWAY, EXACT_ODD };

/* Of operands x, y, z. */
enum exact_op {
	EXACT_X, EXACT_ADD, EXACT_SUB, EXACT_MUL, EXACT_DIV, EXACT_SQRT,
	EXACT_FMA,		/* x * y + z */
	EXACT_FMS,		/* x * y - z */
	EXACT_HALF_FMA,		/* (x * y + z) / 2 */
};

enum exact_class { EXACT_ZERO, EXACT_SUBNORMAL, EXACT_NORMAL, EXACT_INF, EXACT_QNAN, EXACT_SNAN };

struct exact_format {
	unsigned bits, frac;
	int bias, top;		/* top: the biased exponent of infinities */
};
struct exact_format exact_format(unsigned bits);
enum exact_class exact_classify(unsigned size, uint64_t bits);
uint64_t exact_infinity(unsigned size, bool negative);
uint64_t exact_greatest(unsigned size, bool negative);
uint64_t exact_default_nan(unsigned size);

bool exact_open(void);
void exact_close(void);

/* Operand i (0: x) from the bits of a finite number, or magnitude * 2^scale. */
void exact_load(unsigned i, unsigned size, uint64_t bits);
void exact_load_integer(unsigned i, bool negative, uint64_t magnitude, int scale);
/* How x and y compare: below 0, 0, above 0. */
int exact_compare(void);

struct exact_result {
	bool zero;		/* the exact one is 0; then the rest says nothing */
	bool negative;
	bool tiny;		/* before rounding, less than the least normal number */
	bool inexact, overflow;
	bool grown;		/* the magnitude was rounded up */
};
/* Rounds to the format: subnormal, infinite or greatest where it must be. */
struct exact_result exact_round(enum exact_op op, unsigned size, enum exact_rounding rounding);
/* Rounds to the precision of the format with an exponent without bounds, and multiplies by 2^wrap. */
struct exact_result exact_round_wide(enum exact_op op, unsigned size, enum exact_rounding rounding, int wrap);
/* Rounds x * 2^scale to an integer. */
struct exact_result exact_round_integral(int scale, enum exact_rounding rounding);
/* The bits of the result, which a format holds exactly. */
uint64_t exact_bits(unsigned size);
/* Of one that was wrapped: normal, and of an exponent that is too great or small even so the low bits are kept. */
uint64_t exact_wrapped_bits(unsigned size);
/* The integral result as an integer; saturated and false where it does not fit. */
bool exact_integer(unsigned bits, bool is_unsigned, uint64_t *out);

#endif
