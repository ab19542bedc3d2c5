/*
 * Runs ppc_fpu_exec and ppc_fpu_compare on pseudo-random operands, half of them chosen near
 * the borders of the formats, and prints one case a line for ppc_fpu_oracle.py:
 *   op a b c fpscr -> bits fpscr write
 */
#include <stdio.h>
#include <stdlib.h>

#include "frontend/ppc/fpu.h"

enum { COMPARE_UNORDERED = 32, COMPARE_ORDERED, OPERATIONS = FP_RSQRTE };

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

/* Significands with long runs make ties and carries likely. */
static uint64_t fraction(void)
{
	uint64_t v = next() >> 12;

	switch (below(8)) {
	case 0: return 0;
	case 1: return ~0ull >> 12;
	case 2: return 1ull << below(52);
	case 3: return v & ~0ull << below(52);
	case 4: return v & ~0x1fffffffull;
	case 5: return (v & ~0x1fffffffull) | 0x10000000;
	default: return v;
	}
}

static uint64_t operand(void)
{
	static const int near[] = { 0, 1, 2046, 2047, 1023, 896, 897, 1150, 1151, 874, 1054, 1022, 970, 1075 };
	int exp;

	switch (below(4)) {
	case 0: exp = near[below(sizeof near / sizeof *near)]; break;
	case 1: exp = 1023 - 4 + (int)below(9); break;
	case 2: exp = near[below(sizeof near / sizeof *near)] - 30 + (int)below(61); break;
	default: exp = (int)below(2048); break;
	}
	exp = exp < 0 ? 0 : exp > 2047 ? 2047 : exp;
	return (next() & 1ull << 63) | (uint64_t)exp << 52 | fraction();
}

static uint64_t magnitude_near(uint64_t v)
{
	return below(6) ? operand() : v ^ (uint64_t)below(2) << 63 ^ (uint64_t)below(4);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1000;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	for (unsigned i = 0; i < n; i++) {
		unsigned op = 1 + below(OPERATIONS + 2);
		uint64_t a = operand(), b = magnitude_near(a), c = operand();
		uint32_t fpscr = (uint32_t)next() & (FPSCR_ALL_X | FPSCR_FX | FPSCR_FR | FPSCR_FI | FPSCR_FPRF | FPSCR_RN);
		struct fp_result r;

		if (below(3))
			fpscr |= (uint32_t)next() & FPSCR_ALL_E;
		if (below(2))
			fpscr &= ~(uint32_t)FPSCR_ALL_X & ~FPSCR_FX;
		fpscr = ppc_fpscr_summary(fpscr);
		if (op <= FP_NMSUB && below(2))
			op |= FP_SINGLE;
		else if (op > OPERATIONS)
			op += COMPARE_UNORDERED - OPERATIONS - 1;
		if (op >= COMPARE_UNORDERED)
			r = (struct fp_result){ 0, ppc_fpu_compare(op == COMPARE_ORDERED, a, b, fpscr), true };
		else
			r = ppc_fpu_exec(op, a, b, c, fpscr);
		printf("%u %016llx %016llx %016llx %08x %016llx %08x %u\n", op,
		       (unsigned long long)a, (unsigned long long)b, (unsigned long long)c, fpscr,
		       (unsigned long long)r.bits, r.fpscr, r.write);
	}
	return 0;
}
