/*
 * Runs ppc_fpu_exec and ppc_fpu_compare on pseudo-random operands, half of them chosen near
 * the borders of the formats, and prints one case a line for ppc_fpu_oracle.py:
 *   op a b c fpscr -> bits fpscr write
 * Where ppc_fpu_host answers, it must say what ppc_fpu_exec does; and it must answer often.
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

static unsigned by_host;

static unsigned exact;

static bool exact_agrees(unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t bits;

	if (op < FP_MADD || op > FP_NMSUB || !ppc_fpu_exact(op, a, b, c, &bits))
		return true;
	exact++;
	struct fp_result r = ppc_fpu_exec(op, a, b, c, 0);
	if (bits == r.bits && !(r.fpscr & FPSCR_FI))
		return true;
	fprintf(stderr, "exact: %u %016llx %016llx %016llx\n", op, (unsigned long long)a, (unsigned long long)b,
		(unsigned long long)c);
	return false;
}

static bool host_agrees(unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	uint32_t status, want = ppc_fpu_exec(op, a, b, c, 0).fpscr & (FPSCR_FR | FPSCR_FI | FPSCR_FPRF);

	if (!ppc_fpu_host(op, a, b, c, &status))
		return true;
	by_host++;
	if (status == want)
		return true;
	fprintf(stderr, "host: %u %016llx %016llx %016llx: %08x, not %08x\n", op, (unsigned long long)a,
		(unsigned long long)b, (unsigned long long)c, status, want);
	return false;
}

/* Exponents from 1023 - spread to 1023 + spread. */
static uint64_t common_operand(unsigned spread)
{
	return (next() & 1ull << 63) | (uint64_t)(1023 - spread + below(2 * spread + 1)) << 52 | fraction();
}

static bool common_agree(unsigned op)
{
	unsigned spread = below(3) ? below(4) : below(450);
	uint64_t a = common_operand(spread), c = common_operand(spread), b;

	switch (below(4)) {
	case 0: b = ppc_fpu_exec(FP_MUL, a, 0, c, 0).bits ^ (uint64_t)below(2) << 63 ^ (uint64_t)below(4); break;
	case 1: b = a ^ (uint64_t)below(2) << 63 ^ (uint64_t)below(4); break;
	default: b = common_operand(spread);
	}
	return host_agrees(op, a, b, c) && exact_agrees(op & ~(unsigned)FP_SINGLE, a, b, c);
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
		if (op < COMPARE_UNORDERED && (!host_agrees(op, a, b, c) || !common_agree(op)))
			return 1;
		if (op >= COMPARE_UNORDERED)
			r = (struct fp_result){ 0, ppc_fpu_compare(op == COMPARE_ORDERED, a, b, fpscr), true };
		else
			r = ppc_fpu_exec(op, a, b, c, fpscr);
		printf("%u %016llx %016llx %016llx %08x %016llx %08x %u\n", op,
		       (unsigned long long)a, (unsigned long long)b, (unsigned long long)c, fpscr,
		       (unsigned long long)r.bits, r.fpscr, r.write);
	}
	return by_host < n / 4 || exact < n / 100;
}
