/*
 * The AArch64 program for qemu_sequence.c. The store routine has TPIDR_EL0 to keep a register in.
 */
enum {
	STATE_BYTES = 800,	/* x0-x30, sp, nzcv, fpcr, fpsr, padding, v0-v31 */
	NR_read = 63, NR_write = 64, NR_mmap = 222, NR_exit_group = 94,
};

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}

#include "qemu_guest.h"

__asm__(
	"	.text\n"
	"	.globl enter, leave\n"
	"enter:\n"
	"	mov x0, #0x4400\n"
	"	stp x19, x20, [x0]\n"
	"	stp x21, x22, [x0, #16]\n"
	"	stp x23, x24, [x0, #32]\n"
	"	stp x25, x26, [x0, #48]\n"
	"	stp x27, x28, [x0, #64]\n"
	"	stp x29, x30, [x0, #80]\n"
	"	mov x1, sp\n"
	"	str x1, [x0, #96]\n"
	"	mov x0, #0x4000\n"
	"	ldr x1, [x0, #248]\n"
	"	mov sp, x1\n"
	"	ldr x1, [x0, #256]\n"
	"	msr nzcv, x1\n"
	"	ldr x1, [x0, #264]\n"
	"	msr fpcr, x1\n"
	"	ldr x1, [x0, #272]\n"
	"	msr fpsr, x1\n"
	"	.irp n,0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30\n"
	"	ldr q\\n, [x0, #288+16*\\n]\n"
	"	.endr\n"
	"	.irp n,1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31\n"
	"	ldr q\\n, [x0, #288+16*\\n]\n"
	"	.endr\n"
	"	.irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,0\n"
	"	ldr x\\n, [x0, #8*\\n]\n"
	"	.endr\n"
	"	b program\n"	/* CODE; the linker knows */
	"leave:\n"
	"	msr tpidr_el0, x0\n"
	"	mov x0, #0x4000\n"
	"	.irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"	str x\\n, [x0, #8*\\n]\n"
	"	.endr\n"
	"	mrs x1, tpidr_el0\n"
	"	str x1, [x0]\n"
	"	mov x1, sp\n"
	"	str x1, [x0, #248]\n"
	"	mrs x1, nzcv\n"
	"	str x1, [x0, #256]\n"
	"	mrs x1, fpcr\n"
	"	str x1, [x0, #264]\n"
	"	mrs x1, fpsr\n"
	"	str x1, [x0, #272]\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	str q\\n, [x0, #288+16*\\n]\n"
	"	.endr\n"
	"	msr fpcr, xzr\n"
	"	mov x0, #0x4400\n"
	"	ldr x1, [x0, #96]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [x0]\n"
	"	ldp x21, x22, [x0, #16]\n"
	"	ldp x23, x24, [x0, #32]\n"
	"	ldp x25, x26, [x0, #48]\n"
	"	ldp x27, x28, [x0, #64]\n"
	"	ldp x29, x30, [x0, #80]\n"
	"	ret\n"
);

static u32 branch_to_leave(volatile u32 *at)
{
	return 0x14000000u | ((u32)((unsigned long)leave - (unsigned long)at) >> 2 & 0x3ffffff);
}

static void new_code(volatile u32 *at, u32 n)
{
	for (u32 i = 0; i < n; i++)
		__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0" : : "r"(&at[i]) : "memory");
	__asm__ volatile("dsb ish\n\tisb");
}

static void run_case(void)
{
	__asm__ volatile("mov x9, %0\n\tblr x9" : : "r"(enter)
			 : "memory", "cc", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
			   "x13", "x14", "x15", "x16", "x17", "x30");
}
