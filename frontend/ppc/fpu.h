/*
 * The PowerPC floating-point unit as plain functions of operands and FPSCR: every arithmetic
 * instruction, rounding mode, exception and enable bit, exact to the bit. Integer arithmetic
 * only, so the host's floating-point environment is neither used nor changed; the two functions
 * that say so are the exception. Knows nothing of the IR, of guest state or of instruction
 * encodings; lift_fp*.c and tests use it.
 */
#ifndef PPC_FPU_H
#define PPC_FPU_H

#include <stdbool.h>
#include <stdint.h>

/* FPSCR, as a 32-bit number (bit 0 of the manual is the most significant). */
enum {
	FPSCR_VX = 1 << 29, FPSCR_FEX = 1 << 30,
	FPSCR_OX = 1 << 28, FPSCR_UX = 1 << 27, FPSCR_ZX = 1 << 26, FPSCR_XX = 1 << 25,
	FPSCR_VXSNAN = 1 << 24, FPSCR_VXISI = 1 << 23, FPSCR_VXIDI = 1 << 22, FPSCR_VXZDZ = 1 << 21,
	FPSCR_VXIMZ = 1 << 20, FPSCR_VXVC = 1 << 19,
	FPSCR_FR = 1 << 18, FPSCR_FI = 1 << 17,
	FPSCR_FPRF = 0x1f << 12, FPSCR_FPCC = 0xf << 12,
	FPSCR_VXSOFT = 1 << 10, FPSCR_VXSQRT = 1 << 9, FPSCR_VXCVI = 1 << 8,
	FPSCR_VE = 1 << 7, FPSCR_OE = 1 << 6, FPSCR_UE = 1 << 5, FPSCR_ZE = 1 << 4, FPSCR_XE = 1 << 3,
	FPSCR_NI = 1 << 2, FPSCR_RN = 3,
};
#define FPSCR_FX (1u << 31)

#define FPSCR_ALL_VX (FPSCR_VXSNAN | FPSCR_VXISI | FPSCR_VXIDI | FPSCR_VXZDZ | FPSCR_VXIMZ | FPSCR_VXVC | \
		      FPSCR_VXSOFT | FPSCR_VXSQRT | FPSCR_VXCVI)
/* The sticky bits instructions set; VX and FEX are functions of others. */
#define FPSCR_ALL_X (FPSCR_ALL_VX | FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX)
#define FPSCR_ALL_E (FPSCR_VE | FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE)

enum { FP_RN_NEAREST, FP_RN_ZERO, FP_RN_UP, FP_RN_DOWN };

/*
 * The operations. Operands are the fields of the instruction: a = frA, b = frB, c = frC;
 * those an instruction does not have are ignored. Ored with FP_SINGLE, the result of
 * FP_ADD .. FP_NMSUB is rounded to single precision, once, whatever the operands.
 */
enum fp_op {
	FP_NONE, FP_ADD, FP_SUB, FP_MUL, FP_DIV, FP_SQRT, FP_MADD, FP_MSUB, FP_NMADD, FP_NMSUB,
	FP_RSP,		/* frsp */
	FP_CTIW, FP_CTIWZ,
	/* The architecture wants estimates; these are correctly rounded, fres to single, frsqrte to
	 * double precision. They leave XX alone and clear FR and FI. */
	FP_RES, FP_RSQRTE,
	FP_SINGLE = 1 << 4,
};

struct fp_result {
	uint64_t bits;		/* what the target receives */
	uint32_t fpscr;
	bool write;		/* false: an enabled exception leaves the target unchanged */
};

/* Bits 0..31 of a converted integer are undefined; the 750 and 74xx deliver this. */
#define FP_INT_HIGH 0xfff8000000000000ull
#define FP_DEFAULT_NAN 0x7ff8000000000000ull

enum { FP_USES_A = 1, FP_USES_B = 2, FP_USES_C = 4 };
/* Which operands an operation has. */
unsigned ppc_fpu_uses(unsigned op);

struct fp_result ppc_fpu_exec(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint32_t fpscr);

/* FPRF of a result. */
enum {
	FP_CLASS_QNAN = 0x11, FP_CLASS_INF = 0x05, FP_CLASS_NORMAL = 0x04, FP_CLASS_DENORMAL = 0x14,
	FP_CLASS_ZERO = 0x02,
	FP_CLASS_NEGATE = 0x0c,		/* inverted in the class of a negative number */
	FP_CLASS_NEGATE_ZERO = 0x10,	/* the same for zeros */
};

/*
 * FR, FI and FPRF after an operation with FPSCR modes and enables 0, found with the host's FPU
 * (rounding to nearest; raises any flags) and therefore quicker; false: ask ppc_fpu_exec.
 */
bool ppc_fpu_host(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint32_t *status);

/*
 * The result in double precision of FP_MADD .. FP_NMSUB, not ored with FP_SINGLE, when it is
 * easily seen to be exact and not 0. Raises only flags the host's operation raises as well.
 */
bool ppc_fpu_exact(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint64_t *bits);

/* fcmpu, fcmpo: the new FPSCR, whose FPCC is also what the CR field receives. */
uint32_t ppc_fpu_compare(bool ordered, uint64_t a, uint64_t b, uint32_t fpscr);

/* Sets sticky bits of FPSCR_ALL_X as an instruction does: FX when one of them is new. */
uint32_t ppc_fpscr_raise(uint32_t fpscr, uint32_t sticky);

/* VX and FEX as the other bits imply them. */
uint32_t ppc_fpscr_summary(uint32_t fpscr);

/* lfs: exact, a signalling NaN stays one. stfs: bits are selected or denormalised, never rounded. */
uint64_t ppc_fpu_from_single(uint32_t single);
uint32_t ppc_fpu_to_single(uint64_t d);

#endif
