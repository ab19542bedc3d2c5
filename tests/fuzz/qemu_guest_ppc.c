/*
 * The PowerPC program for qemu_sequence.c. All registers are loaded and stored through absolute addresses
 * below 32 KiB, so that none is needed as a pointer.
 */
enum {
	STATE_BYTES = 408,	/* r0-r31, f0-f31, cr, xer, lr, ctr, fpscr; 0x4400 is for the routines */
	NR_read = 3, NR_write = 4, NR_mmap = 90, NR_exit_group = 234,
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

#include "qemu_guest.h"

__asm__(
	"	.text\n"
	"	.globl enter, leave\n"
	"enter:\n"
	"	mflr 0\n"
	"	stw 0,0x4400+128(0)\n"
	"	mfcr 0\n"
	"	stw 0,0x4400+132(0)\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	stw \\n,0x4400+4*\\n(0)\n"
	"	.endr\n"
	"	lfd 0,0x4000+400-4(0)\n"	/* FPSCR in the lower word */
	"	mtfsf 0xff,0\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lfd \\n,0x4000+128+8*\\n(0)\n"
	"	.endr\n"
	"	lwz 0,0x4000+384(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x4000+388(0)\n"
	"	mtxer 0\n"
	"	lwz 0,0x4000+392(0)\n"
	"	mtlr 0\n"
	"	lwz 0,0x4000+396(0)\n"
	"	mtctr 0\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lwz \\n,0x4000+4*\\n(0)\n"
	"	.endr\n"
	"	ba 0x10000\n"
	"leave:\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	stw \\n,0x4000+4*\\n(0)\n"
	"	stfd \\n,0x4000+128+8*\\n(0)\n"
	"	.endr\n"
	"	mfcr 0\n"
	"	stw 0,0x4000+384(0)\n"
	"	mfxer 0\n"
	"	stw 0,0x4000+388(0)\n"
	"	mflr 0\n"
	"	stw 0,0x4000+392(0)\n"
	"	mfctr 0\n"
	"	stw 0,0x4000+396(0)\n"
	"	mffs 0\n"
	"	stfd 0,0x4000+400-4(0)\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lwz \\n,0x4400+4*\\n(0)\n"
	"	.endr\n"
	/* stfd has written over CTR: it was stored before, so it is stored again. */
	"	mfctr 0\n"
	"	stw 0,0x4000+396(0)\n"
	"	lwz 0,0x4400+132(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x4400+128(0)\n"
	"	mtlr 0\n"
	"	blr\n"
);

static u32 branch_to_leave(volatile u32 *at)
{
	(void)at;
	return 0x48000002u | ((u32)leave & 0x3fffffc);	/* ba */
}

static void new_code(volatile u32 *at, u32 n)
{
	for (u32 i = 0; i < n; i += 8)
		__asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0" : : "r"(&at[i]) : "memory");
	__asm__ volatile("sync\n\tisync");
}

static void run_case(void)
{
	enter();
}
