/*
 * Compares ppc_fpu_exec with another emulator: runs the command of its arguments, which
 * executes ppc_fpu_guest.c, and checks each line it prints. What QEMU 7.2 does otherwise than
 * the architecture says is left out here, each with the reason.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "frontend/ppc/fpu.h"

enum { COMPARE_UNORDERED = 32, COMPARE_ORDERED, UNCHANGED = 0x55555555 };

struct answer {
	uint64_t bits;
	uint32_t fpscr;
};

static struct answer ours(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint32_t fpscr)
{
	const uint64_t unchanged = (uint64_t)UNCHANGED << 32 | UNCHANGED;

	if (op >= COMPARE_UNORDERED)
		return (struct answer){ unchanged, ppc_fpu_compare(op == COMPARE_ORDERED, a, b, fpscr) };
	struct fp_result r = ppc_fpu_exec(op, a, b, c, fpscr);
	return (struct answer){ r.write ? r.bits : unchanged, r.fpscr };
}

/* What may differ: undefined by the manual, or QEMU's fault. */
static void forgive(unsigned op, struct answer *v)
{
	unsigned exp = v->bits >> 52 & 0x7ff;

	/* QEMU sets FR on hardly any occasion. */
	v->fpscr &= ~(uint32_t)FPSCR_FR;
	/* A comparison leaves the class bit C alone even when it is invalid (UISA 3.3.6.1.1); QEMU sets it. */
	if (op == COMPARE_ORDERED)
		v->fpscr &= ~(uint32_t)(FPSCR_FPRF & ~FPSCR_FPCC);
	/* Undefined (UISA, fctiw): the upper half of the result, and FPRF. */
	if (op == FP_CTIW || op == FP_CTIWZ) {
		v->bits &= 0xffffffff;
		v->fpscr &= ~(uint32_t)FPSCR_FPRF;
	}
	/* UISA, fres: FI is undefined, XX is not altered. QEMU lets its division set both. */
	if (op == FP_RES)
		v->fpscr &= ~(uint32_t)(FPSCR_FI | FPSCR_XX) & ~FPSCR_FX;
	/* A denormal single is one in FPRF too (UISA appendix D, round to single-precision model); QEMU
	 * classifies its double image. */
	if ((op & FP_SINGLE || op == FP_RSP || op == FP_RES) && exp && exp < 897)
		v->fpscr &= ~(1u << 16);
}

/*
 * fnmadd and fnmsub round first and negate then (UISA: "the same result as fmadd and then
 * negating"); QEMU negates before it rounds, which differs when rounding has a direction.
 */
static bool negated_too_early(unsigned op, uint32_t fpscr)
{
	unsigned base = op & ~(unsigned)FP_SINGLE;

	return (base == FP_NMADD || base == FP_NMSUB) && (fpscr & FPSCR_RN) >= FP_RN_UP;
}

int main(int argc, char **argv)
{
	unsigned op, n = 0, bad = 0;
	uint64_t a, b, c;
	struct answer it;
	uint32_t fpscr;
	char command[1024] = "";

	for (int i = 1; i < argc; i++) {
		strncat(command, argv[i], sizeof command - strlen(command) - 1);
		strncat(command, " ", sizeof command - strlen(command) - 1);
	}
	FILE *f = popen(command, "r");
	if (!f)
		return 1;
	for (; fscanf(f, "%u %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx32 " %" SCNx64 " %" SCNx32, &op, &a, &b, &c,
		      &fpscr, &it.bits, &it.fpscr) == 7; n++) {
		struct answer we = ours(op, a, b, c, fpscr);
		forgive(op, &we);
		forgive(op, &it);
		if ((we.bits == it.bits && we.fpscr == it.fpscr) || negated_too_early(op, fpscr))
			continue;
		if (bad++ < 40)
			printf("%u %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %08" PRIx32 ": %016" PRIx64 " %08" PRIx32
			       ", it says %016" PRIx64 " %08" PRIx32 "\n", op, a, b, c, fpscr, we.bits, we.fpscr, it.bits,
			       it.fpscr);
	}
	int status = pclose(f);
	printf("%u cases, %u different\n", n, bad);
	return status || !n || bad;
}
