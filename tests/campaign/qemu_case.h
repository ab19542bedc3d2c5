/*
 * What the programs for qemu have in common; each is without a C library. Before this: STATE_BYTES, the numbers
 * NR_*, call(), which is a system call. A program reads cases from its standard input, executes each, and writes
 * what it leaves. Every case ends in a signal: the handler stores the registers and goes back to C at once,
 * without a return from the signal.
 */
#ifndef CAMPAIGN_QEMU_CASE_H
#define CAMPAIGN_QEMU_CASE_H

#include <signal.h>
#include <ucontext.h>

typedef unsigned int u32;
typedef unsigned char u8;

enum {
	DATA = 0x1000, DATA_SIZE = 0x2000, STATE = 0x6000, CODE = 0x10000, CODE_SIZE = 0x1000, WINDOWS = 512,
};

struct case_in {
	u32 n;			/* bytes of code; 0 ends */
	u32 thumb;
	u32 code[4];
	u32 state[STATE_BYTES / 4];
	u32 data[WINDOWS / 4];
};

struct case_out {
	u32 signal, code;
	unsigned long long pc, addr;
	u32 state[STATE_BYTES / 4];
	u32 data[WINDOWS / 4];
};

static volatile struct case_in in;
static volatile struct case_out out;

static void quit(int status)
{
	call(NR_exit_group, status, 0, 0, 0, 0, 0);
}

static void transfer(long nr, volatile void *buf, u32 n)
{
	volatile u8 *p = buf;

	while (n) {
		long done = call(nr, nr == NR_write, (long)p, n, 0, 0, 0);
		if (done <= 0)
			quit(2);
		p += done;
		n -= done;
	}
}

static void map(unsigned long at, u32 n)
{
	/* read, write, execute; private, fixed, anonymous */
	if (call(NR_mmap, at, n, 7, 0x32, -1, 0) != (long)at)
		quit(3);
}

static void copy(volatile u32 *to, const volatile u32 *from, u32 words)
{
	for (u32 i = 0; i < words; i++)
		to[i] = from[i];
}

static void copy_windows(volatile u32 *windows, int to_memory)
{
	static const u32 at[] = { 0, 0xf80, 0x1000, 0x1f80 };

	for (u32 k = 0; k < 4; k++, windows += 32) {
		volatile u32 *memory = (volatile u32 *)(unsigned long)(DATA + at[k]);

		copy(to_memory ? memory : windows, to_memory ? windows : memory, 32);
	}
}

/* enter: saves what C needs, loads the state, goes to CODE. resume: the way back. */
void enter(void);
void resume(void) __attribute__((noreturn));
/* The registers of the signal's frame to `state`; the others are still in the processor. */
static unsigned long save(volatile u32 *state, ucontext_t *uc);
static void new_code(unsigned long at);

static void handler(int sig, siginfo_t *info, void *context)
{
	out.signal = sig;
	out.code = info->si_code;
	out.addr = (unsigned long)info->si_addr;
	out.pc = save((volatile u32 *)STATE, context);
	resume();
}

static void catch_signals(void)
{
	static u8 stack[65536] __attribute__((aligned(16)));
	static const u8 signals[] = { 4, 5, 7, 8, 11 };
	struct {
		void *sp;
		int flags;
		unsigned long size;
	} alt = { stack, 0, sizeof stack };
	/* SA_SIGINFO, SA_ONSTACK, SA_NODEFER */
	struct {
		void (*handler)(int, siginfo_t *, void *);
		unsigned long flags;
		void *restorer;
		unsigned long mask[2];
	} action = { handler, 0x48000004, 0, { 0 } };

	call(NR_sigaltstack, (long)&alt, 0, 0, 0, 0, 0);
	for (u32 i = 0; i < sizeof signals; i++)
		call(NR_sigaction, signals[i], (long)&action, 0, 8, 0, 0);
}

static void put_code(void)
{
	volatile u32 *at = (volatile u32 *)CODE;
	u32 changed = 0;

	for (u32 i = 0; i < 4; i++)
		changed |= at[i] ^ in.code[i];
	if (!changed)
		return;
	for (u32 i = 0; i < 4; i++)
		at[i] = in.code[i];
	new_code(CODE);
}

void _start(void);
void _start(void)
{
	map(DATA, DATA_SIZE);
	map(STATE, 0x1000);
	map(CODE, CODE_SIZE);
	catch_signals();
	for (u32 filled = 0;;) {
		transfer(NR_read, &in, sizeof in);
		if (!in.n)
			quit(0);
		if (!filled++)
			for (u32 i = 0; i < CODE_SIZE / 4; i++)
				((volatile u32 *)CODE)[i] = in.code[3];	/* behind all code: undefined */
		put_code();
		copy((volatile u32 *)STATE, in.state, STATE_BYTES / 4);
		copy_windows(in.data, 1);
		enter();
		copy(out.state, (volatile u32 *)STATE, STATE_BYTES / 4);
		copy_windows(out.data, 0);
		transfer(NR_write, &out, sizeof out);
	}
}

#endif
