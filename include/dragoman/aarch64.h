/*
 * Registers of 64-bit ARM guests (DGM_ARCH_AARCH64). Ids are frozen: they never change their
 * value or meaning.
 */
#ifndef DRAGOMAN_AARCH64_H
#define DRAGOMAN_AARCH64_H

/* General registers x0..x30: DGM_A64_X0 + n, 64 bits. */
#define DGM_A64_X(n) (0x20000u + (n))
/* SIMD and floating-point registers v0..v31: DGM_A64_V0 + n, 128 bits: two 64-bit words, the low one first. */
#define DGM_A64_V(n) (0x20020u + (n))

enum {
	DGM_A64_X0 = 0x20000, DGM_A64_X1 = 0x20001, DGM_A64_X8 = 0x20008,
	DGM_A64_X29 = 0x2001d, DGM_A64_X30 = 0x2001e,
	DGM_A64_SP = 0x2001f,
	DGM_A64_V0 = 0x20020, DGM_A64_V31 = 0x2003f,
	DGM_A64_PC = 0x20100,
	DGM_A64_NZCV = 0x20101,		/* 32 bits: N, Z, C, V in bits 31..28 */
	DGM_A64_N = 0x20102,		/* the same four, 8 bits each, 0 or 1 */
	DGM_A64_Z = 0x20103,
	DGM_A64_C = 0x20104,
	DGM_A64_V_FLAG = 0x20105,
	DGM_A64_FPCR = 0x20106,		/* 32 bits */
	DGM_A64_FPSR = 0x20107,		/* 32 bits */
	DGM_A64_TPIDR_EL0 = 0x20108,
	DGM_A64_TPIDRRO_EL0 = 0x20109,
	DGM_A64_EXCLUSIVE = 0x2010a,	/* 8 bits, 1: the exclusive monitor is set; writing 0 clears it, 1 is ignored */
	/* What Linux passes as AT_HWCAP and AT_HWCAP2 for the vCPU's model. Read-only. */
	DGM_A64_HWCAP = 0x2010b,
	DGM_A64_HWCAP2 = 0x2010c,
};

/* What CNTFRQ_EL0 says: ticks a second of the machine's clock callback. */
#define DGM_A64_CNTFRQ 1000000000u

/*
 * What a machine's sysreg callback is asked for: a register as MRS and MSR encode it, or, by MSR (immediate), a field of
 * PSTATE, which is written only: DAIFSet is DGM_A64_SYS_PSTATE(3, 6), DAIFClr (3, 7), SPSel (0, 5).
 */
#define DGM_A64_SYS(op0, op1, CRn, CRm, op2) ((uint32_t)((op0) << 14 | (op1) << 11 | (CRn) << 7 | (CRm) << 3 | (op2)))
#define DGM_A64_SYS_PSTATE(op1, op2) DGM_A64_SYS(0, op1, 4, 0, op2)

#endif
