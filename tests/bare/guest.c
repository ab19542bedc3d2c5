/* The part of the bare-metal guest that is C, compiled for each architecture without library or system. */
#include "guest.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define AT(type, address) (*(volatile type *)(address))

/* In the architecture's .S file. */
void irq_on(void);
void irq_off(void);
void wait_irq(void);
void take_lock(u32 *lock);
void drop_lock(u32 *lock);
void new_code(void *at);
u32 system_register(u32 value);
u32 host_call(u32 a, u32 b);
u32 read_time(void);

/* Called by irq_entry, interrupts are off. line: which one. */
void irq_handler(u32 line);
void irq_handler(u32 line)
{
	if (line) {
		AT(u32, TICKS)++;
		return;
	}
	AT(u32, SUM) += AT(u8, DEVICE + UART_DATA);
	AT(u32, SEEN)++;
}

/* More arguments than there are registers for. */
long add_many(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j);
long add_many(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

static u32 step(u32 x)
{
	return x * 1664525u + 1013904223u;
}

/* Two generators side by side, with interrupts: an interrupt that lost a register would tear them apart. */
u32 count_until_seen(u32 n);
u32 count_until_seen(u32 n)
{
	u32 a = 1, b = 1, same = 1;

	irq_on();
	while (AT(u32, SEEN) < n) {
		for (int i = 0; i < 100; i++)
			a = step(a);
		for (int i = 0; i < 100; i++)
			b = step(b);
		same &= a == b;
	}
	irq_off();
	return same;
}

/* Waits for n interrupts in the architecture's way. */
u32 wait_for(u32 n);
u32 wait_for(u32 n)
{
	u32 waits = 0;

	irq_on();
	for (; AT(u32, SEEN) < n; waits++)
		wait_irq();
	irq_off();
	return waits;
}

/* Interrupts seen before they are switched on, and after; a handler in between. */
u32 masked(void);
u32 masked(void)
{
	u32 before = AT(u32, SEEN);

	for (int i = 0; i < 1000; i++)
		before += AT(u32, SEEN) - before;
	irq_on();
	irq_off();
	return before << 16 | AT(u32, SEEN);
}

/* Each width at its own offset, then all of them at one. */
u32 widths(void);
u32 widths(void)
{
	u32 sum = 0;

	AT(u8, DEVICE + WIDTHS + 1) = 0x11;
	AT(u16, DEVICE + WIDTHS + 2) = 0x2222;
	AT(u32, DEVICE + WIDTHS + 4) = 0x33333333;
	sum += AT(u8, DEVICE + WIDTHS + 3);
	sum += AT(u16, DEVICE + WIDTHS + 6);
	sum += AT(u32, DEVICE + WIDTHS + 8);
	sum += (u32)AT(signed char, DEVICE + WIDTHS + 12);
	sum += (u32)AT(short, DEVICE + WIDTHS + 14);
	if (sizeof(long) == 8) {
		AT(u64, DEVICE + WIDTHS + 16) = 0x5555555566666666;
		sum += (u32)AT(u64, DEVICE + WIDTHS + 24);
	}
	return sum;
}

/* Branches, calls, memory, multiplication: what a budget is to cut at every length. */
static u32 fib(u32 n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

u32 work(u32 n);
u32 work(u32 n)
{
	volatile u32 box[8];
	u32 x = 1;

	for (u32 i = 0; i < 8; i++)
		box[i] = i;

	for (u32 i = 0; i < n; i++) {
		x = step(x);
		box[i & 7] += x;
		if (x & 0x80)
			x ^= box[(i + 3) & 7];
		if (!(i & 15))
			x += fib(3);
	}
	return x;
}

u32 locked(u32 n);
u32 locked(u32 n)
{
	for (u32 i = 0; i < n; i++) {
		take_lock((u32 *)LOCK);
		AT(u32, COUNTER) = AT(u32, COUNTER) + 1;	/* two accesses: only the lock makes them one */
		drop_lock((u32 *)LOCK);
	}
	return AT(u32, COUNTER);
}

/* `code` has the bytes of n functions of 8 bytes; each is copied to one place and called. */
u32 patched(const u32 *code, u32 n, u32 *place, u32 bits);
u32 patched(const u32 *code, u32 n, u32 *place, u32 bits)
{
	u32 (*call)(void) = (u32(*)(void))((unsigned long)place | bits);
	u32 sum = 0;

	for (u32 i = 0; i < n; i++) {
		place[0] = code[2 * i];
		place[1] = code[2 * i + 1];
		new_code(place);
		for (u32 k = 0; k < 20; k++)
			sum = sum * 3 + call();
	}
	return sum;
}

u32 powered(void);
u32 powered(void)
{
	AT(u32, DEVICE + POWER) = 1;
	return 77;
}

void spin(void);
void spin(void)
{
	for (;;)
		AT(u32, COUNTER)++;
}

u32 system_registers(u32 value);
u32 system_registers(u32 value)
{
	return system_register(value) + 1;
}

/* The host, asked by a system call, calls add_many. */
u32 call_back(u32 a, u32 b);
u32 call_back(u32 a, u32 b)
{
	u32 c = a * 3, d = b * 5;

	return host_call(a, b) + c + d;
}

/* The timer interrupts; a loop whose length in instructions the host knows how to count. */
u32 unmask_then_count(u32 ticks);
u32 unmask_then_count(u32 ticks)
{
	u32 n = 0;

	irq_on();
	while (AT(u32, TICKS) < ticks)
		n++;
	irq_off();
	return n;
}

/* What the counter shows at many moments. */
u32 times(u32 n);
u32 times(u32 n)
{
	u32 sum = 0;

	for (u32 i = 0; i < n; i++) {
		sum = sum * 31 + read_time();
		if (i & 1)
			sum = sum * 31 + read_time() - read_time();
	}
	return sum;
}
