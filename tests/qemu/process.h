/*
 * What the programs for qemu have in common; each is without a C library. Before this: STATE_BYTES, the numbers
 * NR_*, call(), which is a system call. A program reads cases from its standard input, executes each, and writes
 * what it leaves; states.h is what is seen of this from outside. Every case ends in a signal: the handler stores
 * the registers and goes back to C at once, without a return from the signal.
 */
#ifndef QEMU_PROCESS_H
#define QEMU_PROCESS_H

#include <signal.h>
#include <ucontext.h>

typedef unsigned int u32;
typedef unsigned char u8;

enum {
	DATA = 0x1000, DATA_SIZE = 0x2000, STATE = 0x6000, CODE = 0x10000, CODE_SIZE = 0x1000, WINDOWS = 512,
};

/* Behind it come the data and n bytes of code. */
struct case_in {
	u32 n;			/* a multiple of 4; 0 ends */
	u32 whole;		/* data are all of the two pages, not only their windows */
	u32 filler;		/* what stands behind the code */
	u32 padding;
	u32 state[STATE_BYTES / 4];
};

/* Behind it come the data. */
struct case_out {
	u32 signal, code;
	unsigned long long pc, addr;
	u32 state[STATE_BYTES / 4];
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
	/* read, write; private, fixed, anonymous */
	if (call(NR_mmap, at, n, 3, 0x32, -1, 0) != (long)at)
		quit(3);
}

/* Code can be written (3) or executed (5): a case that stores into it would change those behind it. */
static void protect_code(u32 how)
{
	if (call(NR_mprotect, CODE, CODE_SIZE, how, 0, 0, 0))
		quit(5);
}

static void copy(volatile u32 *to, const volatile u32 *from, u32 words)
{
	for (u32 i = 0; i < words; i++)
		to[i] = from[i];
}

static void transfer_data(long nr)
{
	static volatile u32 windows[WINDOWS / 4];
	static const u32 at[] = { 0, 0xf80, 0x1000, 0x1f80 };

	if (in.whole) {
		transfer(nr, (volatile void *)DATA, DATA_SIZE);
		return;
	}
	if (nr == NR_read)
		transfer(nr, windows, WINDOWS);
	/* What was stored between the windows, where qemu does what is not compared, is not for the next. */
	for (volatile u32 *p = (volatile u32 *)DATA; nr == NR_read && p < (volatile u32 *)(DATA + DATA_SIZE); p++)
		*p = 0;
	for (u32 k = 0; k < 4; k++) {
		volatile u32 *memory = (volatile u32 *)(unsigned long)(DATA + at[k]), *window = windows + 32 * k;

		copy(nr == NR_read ? memory : window, nr == NR_read ? window : memory, 32);
	}
	if (nr == NR_write)
		transfer(nr, windows, WINDOWS);
}

/* enter: saves what C needs, loads the state, goes to CODE. resume: the way back. */
void enter(void);
void resume(void) __attribute__((noreturn));
/* The registers of the signal's frame to `state`; the others are still in the processor. */
static unsigned long save(volatile u32 *state, ucontext_t *uc);
static void new_code(unsigned long at, u32 n);

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

/* The code, and undefined instructions behind it: at first everywhere, then where the last was longer. */
static void read_code(void)
{
	static volatile u32 code[CODE_SIZE / 4];
	static u32 had = CODE_SIZE / 4;
	volatile u32 *at = (volatile u32 *)CODE;
	u32 n = in.n / 4, changed = 0;

	if (n >= CODE_SIZE / 4)
		quit(4);
	transfer(NR_read, code, in.n);
	for (u32 i = n; i < had; i++)
		code[i] = in.filler;
	for (u32 i = 0; i < n || i < had; i++)
		changed |= at[i] ^ code[i];
	if (changed) {
		protect_code(3);
		copy(at, code, n > had ? n : had);
		new_code(CODE, n > had ? in.n : 4 * had);
		protect_code(5);
	}
	had = n;
}

void _start(void);
void _start(void)
{
	map(DATA, DATA_SIZE);
	map(STATE, 0x1000);
	map(CODE, CODE_SIZE);
	protect_code(5);
	catch_signals();
	for (;;) {
		transfer(NR_read, &in, sizeof in);
		if (!in.n)
			quit(0);
		transfer_data(NR_read);
		read_code();
		copy((volatile u32 *)STATE, in.state, STATE_BYTES / 4);
		enter();
		copy(out.state, (volatile u32 *)STATE, STATE_BYTES / 4);
		transfer(NR_write, &out, sizeof out);
		transfer_data(NR_write);
	}
}

#endif
