/*
 * Registers of 32-bit ARM guests (DGM_ARCH_ARM): ARMv7-A with the AArch32 additions of ARMv8,
 * user mode, little-endian, A32 and T32. Ids are frozen: they never change their value or meaning.
 */
#ifndef DRAGOMAN_ARM_H
#define DRAGOMAN_ARM_H

/* General registers r0..r14: DGM_ARM_R0 + n, 32 bits. r13 is sp, r14 is lr; r15 is DGM_ARM_PC. */
#define DGM_ARM_R(n) (0x30000u + (n))
/* d0..d31: 64 bits. s(2n) is the low half of d(n) for n < 16. */
#define DGM_ARM_D(n) (0x30020u + (n))
/* q0..q15: 128 bits, another view of d0..d31; q(n) is d(2n + 1) : d(2n). */
#define DGM_ARM_Q(n) (0x30040u + (n))

enum {
	DGM_ARM_R0 = 0x30000, DGM_ARM_R1 = 0x30001, DGM_ARM_R2 = 0x30002, DGM_ARM_R7 = 0x30007,
	DGM_ARM_R12 = 0x3000c, DGM_ARM_SP = 0x3000d, DGM_ARM_LR = 0x3000e,
	/*
	 * Address of the next instruction, bit 0 clear. Writing it leaves the instruction set alone: that is
	 * bit T of DGM_ARM_CPSR, or DGM_ARM_T.
	 */
	DGM_ARM_PC = 0x3000f,
	DGM_ARM_D0 = 0x30020, DGM_ARM_D31 = 0x3003f,
	DGM_ARM_Q0 = 0x30040, DGM_ARM_Q15 = 0x3004f,
	/* N Z C V Q in 31..27, IT in 15..10 and 26..25, GE in 19..16, T in 5; reads 0x10 (user) in 4..0. */
	DGM_ARM_CPSR = 0x30100,
	DGM_ARM_N = 0x30101, DGM_ARM_Z = 0x30102, DGM_ARM_C = 0x30103, DGM_ARM_V = 0x30104,	/* 1 bit each */
	DGM_ARM_QFLAG = 0x30105,
	DGM_ARM_GE = 0x30106,		/* 4 bits */
	DGM_ARM_T = 0x30107,		/* 1: T32 */
	DGM_ARM_ITSTATE = 0x30108,	/* 8 bits */
	DGM_ARM_FPSCR = 0x30109,
	DGM_ARM_TPIDRURO = 0x3010a,	/* c13 c0 3: thread pointer, read-only for the guest */
	DGM_ARM_TPIDRURW = 0x3010b,	/* c13 c0 2 */
	DGM_ARM_EXCLUSIVE = 0x3010c,	/* 1: the monitor is armed; writing 0 clears it, 1 is ignored */
	/* What Linux passes as AT_HWCAP and AT_HWCAP2. Read-only. */
	DGM_ARM_HWCAP = 0x3010d,
	DGM_ARM_HWCAP2 = 0x3010e,
	/*
	 * 8 bits, 0 or 1. The processor refuses LDM, STM, LDRD and STRD at addresses that are not a word's
	 * (DGM_CAUSE_ALIGN), and many operating systems, Linux among them, then carry them out. 1: so does the vCPU.
	 */
	DGM_ARM_MISALIGNED = 0x3010f,
	/*
	 * 8 bits, 0 or 1. To a user program MRS shows a CPSR of user mode, and CPS and MSR leave the privileged parts of it
	 * alone. 1: these instructions go to the machine's sysreg callback.
	 */
	DGM_ARM_SYSTEM = 0x30110,
};

/*
 * What a machine's sysreg callback is asked for: MRC and MCR; MRRC and MCRR, whose value is Rt2 : Rt. Then,
 * with DGM_ARM_SYSTEM, CPSR, and always SPSR; a write by MSR has the mask of fields in bits 3..0 of its number
 * (f 8, s 4, x 2, c 1). CPS is a write: the value has its imod (10 enables, 11 disables) in bits 19..18, M (mode is
 * written) in 17, A, I, F in 8..6 and the mode in 4..0, as in the A32 instruction.
 */
#define DGM_ARM_SYS(coproc, opc1, CRn, CRm, opc2) \
	((uint32_t)((coproc) << 16 | (opc1) << 12 | (CRn) << 8 | (CRm) << 4 | (opc2)))
#define DGM_ARM_SYS64(coproc, opc1, CRm) (0x100000u | DGM_ARM_SYS(coproc, opc1, 0, CRm, 0))
enum { DGM_ARM_SYS_CPSR = 0x200000, DGM_ARM_SYS_SPSR = 0x200010, DGM_ARM_SYS_CPS = 0x200020 };

#endif
