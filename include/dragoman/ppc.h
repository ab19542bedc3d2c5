/*
 * Registers of 32-bit PowerPC guests (DGM_ARCH_PPC32). Ids are frozen: they never change their
 * value or meaning.
 */
#ifndef DRAGOMAN_PPC_H
#define DRAGOMAN_PPC_H

/* General registers r0..r31: DGM_PPC_R0 + n, 32 bits. */
#define DGM_PPC_R(n) (0x10000u + (n))
/* Floating-point registers f0..f31: DGM_PPC_F0 + n, 64 bits, IEEE double. */
#define DGM_PPC_F(n) (0x10020u + (n))
/* Vector registers v0..v31: DGM_PPC_V0 + n, 128 bits; element 0 of the manual is the most significant. */
#define DGM_PPC_V(n) (0x10040u + (n))

enum {
	DGM_PPC_R0 = 0x10000, DGM_PPC_R1 = 0x10001, DGM_PPC_R2 = 0x10002, DGM_PPC_R3 = 0x10003,
	DGM_PPC_R31 = 0x1001f,
	DGM_PPC_F0 = 0x10020, DGM_PPC_F31 = 0x1003f,
	DGM_PPC_V0 = 0x10040, DGM_PPC_V31 = 0x1005f,
	DGM_PPC_PC = 0x10100,		/* 32 bits */
	DGM_PPC_CR = 0x10101,		/* 32 bits, CR0 in the most significant four */
	DGM_PPC_LR = 0x10102,
	DGM_PPC_CTR = 0x10103,
	DGM_PPC_XER = 0x10104,		/* SO, OV, CA in bits 31..29, string count in 6..0 */
	DGM_PPC_FPSCR = 0x10105,
	DGM_PPC_VRSAVE = 0x10106,
	DGM_PPC_RESERVE = 0x10107,	/* 1: a reservation is held; writing 0 clears it, 1 is ignored */
	DGM_PPC_MSR_FE = 0x10108,	/* MSR bits FE0 (2) and FE1 (1): 0 = FP exceptions do not trap */
	DGM_PPC_VSCR = 0x10109,		/* NJ in bit 16, SAT in bit 0; Linux starts programs with NJ */
};

/*
 * What a machine's sysreg callback is asked for: an SPR by its number (an undefined one, too), or one of these. Segment
 * register n is DGM_PPC_SYS_SR0 + n, also for mfsrin and mtsrin.
 */
enum { DGM_PPC_SYS_MSR = 0x400, DGM_PPC_SYS_SR0 = 0x410 };

#endif
