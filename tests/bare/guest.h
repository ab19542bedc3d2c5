/*
 * What the bare-metal guest and its host agree on: where memory and devices are, and which functions of the
 * guest the host calls. FUNCTION(name) is the entry of a table at the start of the image.
 */
#ifndef BARE_GUEST_H
#define BARE_GUEST_H

#define IMAGE 0x10000
#define STACK_TOP 0x80000		/* of the first vCPU; the second has its own 32 KiB below */
#define SHARED 0x90000			/* words host and guest both look at */
#define HOLE 0xa0000			/* one page, then nothing is mapped */
#define DEVICE 0x80000000

/* Offsets of the device. */
#define UART_DATA 0x00			/* read: the character, the line goes low */
#define WIDTHS 0x40			/* logs accesses */
#define POWER 0x100			/* write: the run ends */
#define TIMER 0x108			/* write: an event in so many ticks */

/* Words at SHARED. */
#define SEEN (SHARED + 0)		/* interrupts taken */
#define SUM (SHARED + 4)		/* of the characters */
#define TICKS (SHARED + 8)		/* timer interrupts taken */
#define LOCK (SHARED + 64)
#define COUNTER (SHARED + 128)

#define FUNCTIONS(FUNCTION) \
	FUNCTION(irq_entry) FUNCTION(add_many) FUNCTION(count_until_seen) FUNCTION(widths) FUNCTION(work) \
	FUNCTION(locked) FUNCTION(patched) FUNCTION(load_many) FUNCTION(store_many) FUNCTION(wait_for) FUNCTION(masked) \
	FUNCTION(powered) FUNCTION(spin) FUNCTION(system_registers) FUNCTION(call_back) FUNCTION(unmask_then_count) FUNCTION(times)

#endif
