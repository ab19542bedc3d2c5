/* AArch64: the table, interrupts by ELR_EL1, SPSR_EL1 and DAIF, locks by exclusives. */
#include "guest.h"
	.section .start, "ax"
	.globl _start
_start:
#define ENTRY(name) b name;
	FUNCTIONS(ENTRY)
	.text
	.globl irq_entry
irq_entry:
	sub	sp, sp, #192
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x0, tpidr_el1	/* the line */
	bl	irq_handler
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp, #0]
	add	sp, sp, #192
	eret
	.globl irq_on
irq_on:
	msr	daifclr, #2
	ret
	.globl irq_off
irq_off:
	msr	daifset, #2
	ret
	.globl wait_irq
wait_irq:
	wfi
	ret
	.globl take_lock
take_lock:
1:	ldaxr	w1, [x0]
	cbnz	w1, 1b
	mov	w1, #1
	stxr	w2, w1, [x0]
	cbnz	w2, 1b
	ret
	.globl drop_lock
drop_lock:
	stlr	wzr, [x0]
	ret
	.globl new_code
new_code:
	dc	cvau, x0
	dsb	ish
	ic	ivau, x0
	dsb	ish
	isb
	ret
	.globl load_many
load_many:
	ldp	x20, x21, [x0]
	ldp	x22, x23, [x0, #16]
	ret
	.globl store_many
store_many:
	stp	x20, x21, [x0]
	stp	x22, x23, [x0, #16]
	ret
	.globl system_register
system_register:
	msr	contextidr_el1, x0
	mrs	x0, contextidr_el1
	ret
	.globl host_call
host_call:
	svc	#0
	ret
	.globl read_time
read_time:
	mov	x1, #1
	mrs	x0, cntvct_el0
	add	x0, x0, x1
	ret
	.section .note.GNU-stack, "", %progbits
