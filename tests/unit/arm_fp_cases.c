/*
 * Runs the functions of arm_fp on pseudo-random operands, half of them near the borders of the
 * formats, in random modes, and prints one case a line for arm_fp_oracle.py:
 *   function control parameters... : operands... -> result flags
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "frontend/common/arm_fp.h"

static const char *const op_names[] = {
	[ARM_FP_ADD] = "add", [ARM_FP_SUB] = "sub", [ARM_FP_MUL] = "mul", [ARM_FP_DIV] = "div", [ARM_FP_NMUL] = "nmul",
	[ARM_FP_MULX] = "mulx", [ARM_FP_ABD] = "abd", [ARM_FP_MAX] = "max", [ARM_FP_MIN] = "min",
	[ARM_FP_MAXNM] = "maxnm", [ARM_FP_MINNM] = "minnm", [ARM_FP_RECPS] = "recps", [ARM_FP_RSQRTS] = "rsqrts",
	[ARM_FP_RECPS_A32] = "recps_a32", [ARM_FP_RSQRTS_A32] = "rsqrts_a32", [ARM_FP_SQRT] = "sqrt",
	[ARM_FP_RECPE] = "recpe", [ARM_FP_RSQRTE] = "rsqrte", [ARM_FP_RECPX] = "recpx", [ARM_FP_MULADD] = "muladd",
};
enum { OPS = sizeof op_names / sizeof *op_names };

static uint64_t seed;

static uint64_t next(void)
{
	seed += 0x9e3779b97f4a7c15ull;
	uint64_t z = seed;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(next() >> 33) % n;
}

static uint64_t low_bits(uint64_t v, unsigned n)
{
	return n < 64 ? v & ((1ull << n) - 1) : v;
}

/* Significands with long runs make ties and carries likely. */
static uint64_t fraction(unsigned width)
{
	uint64_t v = low_bits(next(), width);

	switch (below(8)) {
	case 0: return 0;
	case 1: return low_bits(~0ull, width);
	case 2: return 1ull << below(width);
	case 3: return v & ~0ull << below(width);
	case 4: return v & ~0ull << width / 2;
	case 5: return (v & ~0ull << width / 2) | 1ull << (width / 2 - 1);
	default: return v;
	}
}

static uint64_t operand(unsigned size)
{
	unsigned width = size == 16 ? 10 : size == 32 ? 23 : 52;
	int top = (1 << (size - 1 - width)) - 1, bias = top / 2;
	const int near[] = { 0, 0, 1, 2, top, top - 1, top - 2, bias, bias + 15, bias + 31, bias + 63, bias - 15, bias - 126 };
	int exp = near[below(sizeof near / sizeof *near)];

	switch (below(4)) {
	case 0: break;
	case 1: exp = bias - 4 + (int)below(9); break;
	case 2: exp += (int)below(31) - 15; break;
	default: exp = (int)below((unsigned)top + 1); break;
	}
	exp = exp < 0 ? 0 : exp > top ? top : exp;
	return (next() & 1) << (size - 1) | (uint64_t)exp << width | fraction(width);
}

static uint64_t magnitude_near(uint64_t v, unsigned size)
{
	return below(6) ? operand(size) : v ^ (next() & 1) << (size - 1) ^ below(4);
}

static uint32_t control(void)
{
	uint32_t c = below(3) ? (uint32_t)next() & ARM_FP_RMODE : 0;

	return below(2) ? c : c | ((uint32_t)next() & ARM_FP_MODES);
}

static unsigned any_size(void)
{
	return 16u << below(3);
}

static void line(const char *name, const struct arm_fp *fp, const unsigned param[4], uint64_t a, uint64_t b, uint64_t c,
		 uint64_t result)
{
	printf("%s %x %u %u %u %u %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %x\n", name, fp->control, param[0],
	       param[1], param[2], param[3], a, b, c, result, fp->flags);
}

static void arithmetic(struct arm_fp *fp)
{
	unsigned size = any_size();
	enum arm_fp_op op = (enum arm_fp_op)below(OPS);
	uint64_t a = operand(size), b = magnitude_near(a, size), c = operand(size);

	/* A fused product close to the addend. */
	if (op == ARM_FP_MULADD && !below(3)) {
		struct arm_fp rounded = { 0 };
		a = arm_fp_exec(&rounded, ARM_FP_MUL, size, b, c, 0) ^ (next() & 1) << (size - 1) ^ below(4);
	}
	line(op_names[op], fp, (unsigned[]){ size, 0, 0, 0 }, a, b, c, arm_fp_exec(fp, op, size, a, b, c));
}

static void comparison(struct arm_fp *fp)
{
	unsigned size = any_size(), kind = below(5);
	uint64_t a = operand(size), b = magnitude_near(a, size), result;

	if (kind < 2)
		result = arm_fp_compare(fp, size, a, b, kind);
	else
		result = arm_fp_test(fp, (enum arm_fp_op)(ARM_FP_EQ + kind - 2), size, a, b);
	line("compare", fp, (unsigned[]){ size, kind, 0, 0 }, a, b, 0, result);
}

static void conversion(struct arm_fp *fp)
{
	unsigned from = any_size(), to = any_size(), rounding = below(5) == 4 ? ARM_FP_ODD : below(4);
	uint64_t v = operand(from);

	if (from != to)
		line("convert", fp, (unsigned[]){ to, from, rounding, 0 }, v, 0, 0,
		     arm_fp_convert(fp, to, from, v, (enum arm_fp_rounding)rounding));
}

static void fixed(struct arm_fp *fp)
{
	unsigned size = any_size(), bits = any_size(), is_unsigned = below(2);
	unsigned fbits = below(2) ? 0 : below(bits + 1), rounding = below(5);
	uint64_t v = operand(size), i = next() >> below(64);

	if (below(2)) {
		i = low_bits(below(2) ? i : 0 - i, bits);
		rounding = below(4);
		line("from_fixed", fp, (unsigned[]){ size, bits << 1 | is_unsigned, fbits, rounding }, i, 0, 0,
		     arm_fp_from_fixed(fp, size, bits, is_unsigned, fbits, i, (enum arm_fp_rounding)rounding));
	} else {
		line("to_fixed", fp, (unsigned[]){ size, bits << 1 | is_unsigned, fbits, rounding }, v, 0, 0,
		     arm_fp_to_fixed(fp, bits, is_unsigned, fbits, size, v, (enum arm_fp_rounding)rounding));
	}
}

static void integral(struct arm_fp *fp)
{
	unsigned rounding = below(5), how = below(4), size = how < 2 ? any_size() : 32u << below(2);
	uint64_t v = operand(size), result;
	bool z = false;

	if (how < 2)
		result = arm_fp_round_int(fp, size, v, (enum arm_fp_rounding)rounding, how);
	else
		result = arm_fp_round_int_n(fp, size, v, (enum arm_fp_rounding)rounding, how == 2 ? 32 : 64);
	line("round_int", fp, (unsigned[]){ size, how, rounding, 0 }, v, 0, 0, result);
	struct arm_fp js = { fp->control, 0 };
	v = operand(64);
	result = arm_fp_to_int_js(&js, v, &z);
	line("js", &js, (unsigned[]){ 64, 0, 0, 0 }, v, z, 0, result);
}

static void others(struct arm_fp *fp)
{
	uint32_t a = (uint32_t)operand(32);
	uint16_t b = (uint16_t)operand(16), c = (uint16_t)operand(16);

	line("muladd_half", fp, (unsigned[]){ 32, 0, 0, 0 }, a, b, c, arm_fp_muladd_half(fp, a, b, c));
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1000;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	for (unsigned i = 0; i < n; i++) {
		struct arm_fp fp = { control(), 0 };
		switch (below(10)) {
		case 0: comparison(&fp); break;
		case 1: conversion(&fp); break;
		case 2:
		case 3: fixed(&fp); break;
		case 4: integral(&fp); break;
		case 5: others(&fp); break;
		default: arithmetic(&fp); break;
		}
	}
	return 0;
}
