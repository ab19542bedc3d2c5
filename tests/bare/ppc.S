/* PowerPC: the table, interrupts by SRR0, SRR1 and MSR[EE], locks by reservation. */
#include "guest.h"
	.section .start, "ax"
	.globl _start
_start:
#define ENTRY(name) b name;
	FUNCTIONS(ENTRY)
	.text
	.globl irq_entry
irq_entry:
	stwu	1, -80(1)
	stw	0, 8(1)
	stmw	3, -116(1)	/* r3..r31 below */
	mflr	0
	stw	0, 12(1)
	mfcr	0
	stw	0, 16(1)
	mfctr	0
	stw	0, 20(1)
	mfxer	0
	stw	0, 24(1)
	addi	14, 1, 0
	addi	1, 1, -192
	stw	14, 0(1)
	mfspr	3, 272		/* SPRG0: the line */
	bl	irq_handler
	addi	1, 1, 192
	lwz	0, 24(1)
	mtxer	0
	lwz	0, 20(1)
	mtctr	0
	lwz	0, 16(1)
	mtcrf	255, 0
	lwz	0, 12(1)
	mtlr	0
	lmw	3, -116(1)
	lwz	0, 8(1)
	addi	1, 1, 80
	rfi
	.globl irq_on
irq_on:
	mfmsr	3
	ori	3, 3, 0x8000
	mtmsr	3
	blr
	.globl irq_off
irq_off:
	mfmsr	3
	rlwinm	3, 3, 0, 17, 15
	mtmsr	3
	blr
	.globl wait_irq
wait_irq:			/* MSR[POW] */
	mfmsr	3
	oris	3, 3, 4
	mtmsr	3
	blr
	.globl take_lock
take_lock:
1:	lwarx	4, 0, 3
	cmpwi	4, 0
	bne	1b
	li	4, 1
	stwcx.	4, 0, 3
	bne	1b
	isync
	blr
	.globl drop_lock
drop_lock:
	lwsync
	li	4, 0
	stw	4, 0(3)
	blr
	.globl new_code
new_code:
	dcbst	0, 3
	sync
	icbi	0, 3
	isync
	blr
	.globl load_many
load_many:			/* r3: address */
	lmw	20, 0(3)
	blr
	.globl store_many
store_many:
	stmw	20, 0(3)
	blr
	.globl system_register
system_register:
	mtspr	273, 3		/* SPRG1 */
	mfspr	3, 273
	blr
	.globl host_call
host_call:
	sc
	blr
	.globl read_time
read_time:
	li	4, 1
	mftb	3
	add	3, 3, 4
	blr
	.section .note.GNU-stack, "", %progbits
