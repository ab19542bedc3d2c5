/* The 32-bit ARM program of process.h, for A32 and T32. */
enum {
	STATE_BYTES = 336,	/* r0-r14, cpsr, fpscr, tpidrurw, padding, d0-d31 */
	NR_read = 3, NR_write = 4, NR_mmap = 192, NR_mprotect = 125, NR_exit_group = 248, NR_sigaltstack = 186, NR_sigaction = 174,
};

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;

	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
	return r0;
}

#include "process.h"

__asm__(
	"	.text\n"
	"	.arm\n"
	"	.fpu neon-vfpv4\n"
	"	.globl enter, resume, store_vectors\n"
	"enter:\n"
	"	mov r0, #0x6800\n"
	"	stmia r0, {r4-r11, sp, lr}\n"
	"	clrex\n"
	"	mov r0, #0x6000\n"
	"	ldr r1, [r0, #64]\n"
	"	vmsr fpscr, r1\n"
	"	ldr r1, [r0, #68]\n"
	"	mcr p15, 0, r1, c13, c0, 2\n"
	"	add r1, r0, #80\n"
	"	vldmia r1!, {d0-d15}\n"
	"	vldmia r1, {d16-d31}\n"
	"	ldr sp, [r0, #52]\n"
	"	ldr lr, [r0, #56]\n"
	"	ldr r1, [r0, #60]\n"
	"	tst r1, #0x20\n"	/* T */
	"	bne 1f\n"
	"	msr cpsr_fs, r1\n"
	"	ldmia r0, {r0-r12}\n"
	"	ldr pc, 2f\n"
	"1:	msr cpsr_fs, r1\n"
	"	ldmia r0, {r0-r12}\n"
	"	ldr pc, 3f\n"
	"2:	.word 0x10000\n"
	"3:	.word 0x10001\n"
	"store_vectors:\n"
	"	mov r0, #0x6000\n"
	"	vmrs r1, fpscr\n"
	"	str r1, [r0, #64]\n"
	"	mrc p15, 0, r1, c13, c0, 2\n"
	"	str r1, [r0, #68]\n"
	"	add r1, r0, #80\n"
	"	vstmia r1!, {d0-d15}\n"
	"	vstmia r1, {d16-d31}\n"
	"	mov r1, #0\n"
	"	vmsr fpscr, r1\n"
	"	bx lr\n"
	"resume:\n"
	"	mov r0, #0x6800\n"
	"	ldmia r0, {r4-r11, sp, lr}\n"
	"	bx lr\n"
);

void store_vectors(void);

static unsigned long save(volatile u32 *state, ucontext_t *uc)
{
	const volatile unsigned long *r = (volatile unsigned long *)&uc->uc_mcontext.arm_r0;

	store_vectors();
	for (u32 i = 0; i < 15; i++)
		state[i] = r[i];
	state[15] = (uc->uc_mcontext.arm_cpsr & 0xfe0ffc20) | 0x10;
	return uc->uc_mcontext.arm_pc;
}

static void new_code(unsigned long at, u32 n)
{
	call(0x0f0002, at, at + n, 0, 0, 0, 0);	/* cacheflush */
}
