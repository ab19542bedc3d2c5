/*
 * ARM, also for guest.c as Thumb: the table, interrupts in IRQ mode with its own sp, lr and SPSR, locks by
 * exclusives, maintenance by coprocessor 15.
 */
#include "guest.h"
	.syntax unified
	.arch armv7-a
	.arm
	.section .start, "ax"
	.globl _start
_start:
#define ENTRY(name) b name;
	FUNCTIONS(ENTRY)
	.text
#define FN(name) .globl name; .type name, %function; name:
FN(irq_entry)
	push	{r0-r3, r12, lr}
	mrc	p15, 0, r0, c13, c0, 4	/* TPIDRPRW: the line */
	bl	irq_handler
	pop	{r0-r3, r12, lr}
	subs	pc, lr, #4
FN(irq_on)
	cpsie	i
	bx	lr
FN(irq_off)
	mrs	r0, cpsr
	orr	r0, r0, #0x80
	msr	cpsr_c, r0
	bx	lr
FN(wait_irq)
	wfi
	bx	lr
FN(take_lock)
1:	ldrex	r1, [r0]
	cmp	r1, #0
	bne	1b
	mov	r1, #1
	strex	r2, r1, [r0]
	cmp	r2, #0
	bne	1b
	dmb
	bx	lr
FN(drop_lock)
	dmb
	mov	r1, #0
	str	r1, [r0]
	bx	lr
FN(new_code)
	mcr	p15, 0, r0, c7, c11, 1	/* DCCMVAU */
	dsb
	mcr	p15, 0, r0, c7, c5, 1	/* ICIMVAU */
	dsb
	isb
	bx	lr
FN(load_many)
	push	{r4-r7}
	ldmia	r0, {r4-r7}
	pop	{r4-r7}
	bx	lr
FN(store_many)
	stmia	r0, {r4-r7}
	bx	lr
FN(system_register)
	mcr	p15, 0, r0, c13, c0, 1	/* CONTEXTIDR */
	mov	r1, r0
	mov	r0, #0
	cmp	r1, r1
	mrceq	p15, 0, r0, c13, c0, 1
	bx	lr
FN(host_call)
	svc	#0
	bx	lr
FN(read_time)
	mov	r2, #1
	mrrc	p15, 1, r0, r1, c14
	add	r0, r0, r2
	bx	lr
	.section .note.GNU-stack, "", %progbits
