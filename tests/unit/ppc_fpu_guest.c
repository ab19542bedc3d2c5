/*
 * A PowerPC program for ppc_fpu_qemu.c: executes FP instructions on pseudo-random operands and
 * prints one case a line: op a b c fpscr -> bits fpscr. The numbers of operations are those of
 * frontend/ppc/fpu.h; 32 and 33 are fcmpu and fcmpo. Exceptions stay disabled: enabled ones trap.
 */
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long long u64;

static u64 seed = 1;

static u64 next(void)
{
	u64 z = seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(next() >> 33) % n;
}

static u64 operand(int single)
{
	static const int centre[] = { 1023, 1023, 1054, 896, 1150, 512, 1535, 2, 2045, 0, 2047, 1023 };
	int exp = centre[below(12)] - 2 + (int)below(5);
	u64 frac = next() >> 12, sign = next() & 1ull << 63;

	exp = exp < 0 ? 0 : exp > 2047 ? 2047 : exp;
	switch (below(6)) {
	case 0: frac = 0; break;
	case 1: frac = ~0ull >> 12; break;
	case 2: frac &= ~0ull << below(52); break;
	case 3: frac = 1ull << below(52); break;
	default: break;
	}
	if (single) {
		frac &= ~0x1fffffffull;
		/* Singles have no other exponents. */
		if (exp != 2047 && (exp < 897 || exp > 1150))
			exp = exp < 897 ? 897 : 1150;
	}
	return sign | (u64)exp << 52 | frac;
}

/* mtfsf writes what the operation starts from; its result and FPSCR are read back. */
#define CASE(number, text)                                                                       \
	case number:                                                                             \
		__asm__ volatile("lfd 0,0(%0)\n\tmtfsf 0xff,0\n\tlfd 3,8(%0)\n\tlfd 4,16(%0)\n\t"        \
				 "lfd 5,24(%0)\n\tlfd 2,32(%0)\n\t" text "\n\tmffs 0\n\tstfd 2,32(%0)\n\t"   \
				 "stfd 0,40(%0)\n\tlfd 0,48(%0)\n\tmtfsf 0xff,0"                         \
				 :                                                               \
				 : "b"(m)                                                        \
				 : "memory", "fr0", "fr2", "fr3", "fr4", "fr5", "cr0");          \
		break;

static void execute(unsigned op, volatile u64 *m)
{
	switch (op) {
	CASE(1, "fadd 2,3,4")
	CASE(2, "fsub 2,3,4")
	CASE(3, "fmul 2,3,5")
	CASE(4, "fdiv 2,3,4")
	CASE(6, "fmadd 2,3,5,4")
	CASE(7, "fmsub 2,3,5,4")
	CASE(8, "fnmadd 2,3,5,4")
	CASE(9, "fnmsub 2,3,5,4")
	CASE(10, "frsp 2,4")
	CASE(11, "fctiw 2,4")
	CASE(12, "fctiwz 2,4")
	CASE(13, "fres 2,4")
	CASE(17, "fadds 2,3,4")
	CASE(18, "fsubs 2,3,4")
	CASE(19, "fmuls 2,3,5")
	CASE(20, "fdivs 2,3,4")
	CASE(22, "fmadds 2,3,5,4")
	CASE(23, "fmsubs 2,3,5,4")
	CASE(24, "fnmadds 2,3,5,4")
	CASE(25, "fnmsubs 2,3,5,4")
	CASE(32, "fcmpu 0,3,4")
	CASE(33, "fcmpo 0,3,4")
	}
}

int main(int argc, char **argv)
{
	static const unsigned ops[] = { 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 19, 20, 22, 23, 24, 25, 32, 33 };
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1000;

	for (unsigned i = 0; i < n; i++) {
		unsigned op = ops[below(sizeof ops / sizeof *ops)];
		u64 m[7], fpscr = below(4);

		m[0] = fpscr;
		for (int k = 1; k <= 3; k++)
			m[k] = operand((op & 16) != 0 || op == 13);
		if (!below(4))
			m[2] = m[1] ^ (u64)below(2) << 63;
		m[4] = 0x5555555555555555ull;
		m[6] = 0;
		execute(op, m);
		printf("%u %016llx %016llx %016llx %08llx %016llx %08llx\n", op, m[1], m[2], m[3], fpscr, m[4],
		       m[5] & 0xffffffff);
	}
	return 0;
}
