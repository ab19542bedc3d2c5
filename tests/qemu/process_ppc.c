/*
 * The PowerPC program of process.h. All registers are loaded and stored through absolute addresses below 32 KiB, so
 * that none is needed as a pointer.
 */
enum {
	STATE_BYTES = 944,	/* r0-r31, f0-f31, cr, xer, lr, ctr, fpscr, vrsave, padding, vscr as a vector, v0-v31 */
	NR_read = 3, NR_write = 4, NR_mmap = 90, NR_mprotect = 125, NR_exit_group = 234, NR_sigaltstack = 185, NR_sigaction = 173,
};

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;

	__asm__ volatile("sc\n\tbns+ 1f\n\tneg %1,%1\n1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
			 :
			 : "memory", "cr0", "ctr", "r9", "r10", "r11", "r12");
	return r3;
}

#include "process.h"

#define ALL "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

__asm__(
	"	.machine \"7450\"\n"
	"	.text\n"
	"	.globl enter, resume, store_vectors\n"
	"enter:\n"
	"	mflr 0\n"
	"	stw 0,0x6800+128(0)\n"
	"	mfcr 0\n"
	"	stw 0,0x6800+132(0)\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	stw \\n,0x6800+4*\\n(0)\n"
	"	.endr\n"
	"	li 4,0x6800+160\n"
	"	stwcx. 4,0,4\n"			/* no reservation */
	"	lfd 0,0x6000+400-4(0)\n"	/* FPSCR in the lower word */
	"	mtfsf 0xff,0\n"
	"	.irp n," ALL "\n"
	"	lfd \\n,0x6000+128+8*\\n(0)\n"
	"	.endr\n"
	"	li 4,0x6000+416\n"
	"	lvx 0,0,4\n"
	"	mtvscr 0\n"
	"	.irp n," ALL "\n"
	"	li 4,0x6000+432+16*\\n\n"
	"	lvx \\n,0,4\n"
	"	.endr\n"
	"	lwz 0,0x6000+404(0)\n"
	"	mtspr 256,0\n"
	"	lwz 0,0x6000+384(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x6000+388(0)\n"
	"	mtxer 0\n"
	"	lwz 0,0x6000+392(0)\n"
	"	mtlr 0\n"
	"	lwz 0,0x6000+396(0)\n"
	"	mtctr 0\n"
	"	.irp n," ALL "\n"
	"	lwz \\n,0x6000+4*\\n(0)\n"
	"	.endr\n"
	"	ba 0x10000\n"
	"store_vectors:\n"
	"	.irp n," ALL "\n"
	"	stfd \\n,0x6000+128+8*\\n(0)\n"
	"	.endr\n"
	"	mfspr 4,256\n"
	"	stw 4,0x6000+404(0)\n"
	"	.irp n," ALL "\n"
	"	li 4,0x6000+432+16*\\n\n"
	"	stvx \\n,0,4\n"
	"	.endr\n"
	"	mfvscr 0\n"
	"	li 4,0x6000+416\n"
	"	stvx 0,0,4\n"
	"	blr\n"
	"resume:\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lwz \\n,0x6800+4*\\n(0)\n"
	"	.endr\n"
	"	lwz 0,0x6800+132(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x6800+128(0)\n"
	"	mtlr 0\n"
	"	blr\n"
);

void store_vectors(void);

static unsigned long save(volatile u32 *state, ucontext_t *uc)
{
	const unsigned long *r = (const unsigned long *)uc->uc_mcontext.uc_regs->gregs;

	store_vectors();
	for (u32 i = 0; i < 32; i++)
		state[i] = r[i];
	state[96] = r[38];
	state[97] = r[37];
	state[98] = r[36];
	state[99] = r[35];
	/* a handler begins with a clean FPSCR */
	state[100] = ((const u32 *)&uc->uc_mcontext.uc_regs->fpregs.fpscr)[1];
	return r[32];
}

static void new_code(unsigned long at, u32 n)
{
	for (u32 i = 0; i < n; i += 4)
		__asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0" : : "r"(at + i) : "memory");
	__asm__ volatile("sync\n\tisync" : : : "memory");
}
