/* The AArch64 program of process.h. */
enum {
	STATE_BYTES = 800,	/* x0-x30, sp, nzcv, fpcr, fpsr, tpidr_el0, v0-v31 */
	NR_read = 63, NR_write = 64, NR_mmap = 222, NR_mprotect = 226, NR_exit_group = 94, NR_sigaltstack = 132, NR_sigaction = 134,
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

#include "process.h"

__asm__(
	"	.text\n"
	"	.globl enter, resume, store_vectors\n"
	"enter:\n"
	"	mov x0, #0x6800\n"
	"	stp x19, x20, [x0]\n"
	"	stp x21, x22, [x0, #16]\n"
	"	stp x23, x24, [x0, #32]\n"
	"	stp x25, x26, [x0, #48]\n"
	"	stp x27, x28, [x0, #64]\n"
	"	stp x29, x30, [x0, #80]\n"
	"	mov x1, sp\n"
	"	str x1, [x0, #96]\n"
	"	clrex\n"
	"	mov x0, #0x6000\n"
	"	ldr x1, [x0, #248]\n"
	"	mov sp, x1\n"
	"	ldr x1, [x0, #256]\n"
	"	msr nzcv, x1\n"
	"	ldr x1, [x0, #264]\n"
	"	msr fpcr, x1\n"
	"	ldr x1, [x0, #272]\n"
	"	msr fpsr, x1\n"
	"	ldr x1, [x0, #280]\n"
	"	msr tpidr_el0, x1\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	ldr q\\n, [x0, #288+16*\\n]\n"
	"	.endr\n"
	"	.irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,0\n"
	"	ldr x\\n, [x0, #8*\\n]\n"
	"	.endr\n"
	"	b program\n"	/* CODE; the linker knows */
	"store_vectors:\n"
	"	mov x0, #0x6000\n"
	"	mrs x1, fpcr\n"
	"	str x1, [x0, #264]\n"
	"	mrs x1, fpsr\n"
	"	str x1, [x0, #272]\n"
	"	mrs x1, tpidr_el0\n"
	"	str x1, [x0, #280]\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	str q\\n, [x0, #288+16*\\n]\n"
	"	.endr\n"
	"	msr fpcr, xzr\n"
	"	ret\n"
	"resume:\n"
	"	mov x0, #0x6800\n"
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

void store_vectors(void);

static unsigned long save(volatile u32 *state, ucontext_t *uc)
{
	volatile unsigned long *x = (volatile unsigned long *)state;

	store_vectors();
	for (u32 i = 0; i < 31; i++)
		x[i] = uc->uc_mcontext.regs[i];
	x[31] = uc->uc_mcontext.sp;
	x[32] = uc->uc_mcontext.pstate & 0xf0000000;
	return uc->uc_mcontext.pc;
}

static void new_code(unsigned long at, u32 n)
{
	for (u32 i = 0; i < n; i += 4)
		__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0" : : "r"(at + i) : "memory");
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}
