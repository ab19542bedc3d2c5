/*
 * What the programs for qemu_sequence.c have in common; each is without a C library. Before this:
 * STATE_BYTES, call(), which is a system call, and the numbers NR_read, NR_write, NR_mmap, NR_exit_group.
 * A program reads cases from its standard input (struct state_io), executes each and writes what it leaves; the
 * code of a case is followed by a branch to the store routine `leave`.
 */
#ifndef FUZZ_QEMU_GUEST_H
#define FUZZ_QEMU_GUEST_H

typedef unsigned int u32;
typedef unsigned char u8;

enum {
	DATA = 0x1000, DATA_SIZE = 0x2000, STATE = 0x4000, CODE = 0x10000, CODE_SIZE = 0x1000,
	WORDS = 512,
};

struct state_io {
	u32 n;			/* words of code; 0 ends */
	u8 state[STATE_BYTES];
	u8 data[DATA_SIZE];
};

static void quit(int status)
{
	call(NR_exit_group, status, 0, 0, 0, 0, 0);
}

static void transfer(long nr, void *buf, u32 n)
{
	u8 *p = buf;

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

static void copy(volatile u8 *to, const u8 *from, u32 n)
{
	for (u32 i = 0; i < n; i++)
		to[i] = from[i];
}

/* enter: saves what C needs, loads the state, goes to CODE. leave: the way back. */
void enter(void);
extern const u8 leave[];
/* The branch to `leave` from at, for the end of a case's code; code of n words is new. */
static u32 branch_to_leave(volatile u32 *at);
static void new_code(volatile u32 *at, u32 n);
static void run_case(void);

void _start(void);
void _start(void)
{
	static struct state_io io;
	static u32 code[WORDS];
	volatile u32 *at = (volatile u32 *)CODE;

	map(DATA, DATA_SIZE);
	map(STATE, 0x1000);
	map(CODE, CODE_SIZE);
	for (;;) {
		transfer(NR_read, &io, sizeof io);
		if (!io.n)
			quit(0);
		if (io.n > WORDS)
			quit(4);
		transfer(NR_read, code, 4 * io.n);
		for (u32 i = 0; i < io.n; i++)
			at[i] = code[i];
		at[io.n] = branch_to_leave(&at[io.n]);
		new_code(at, io.n + 1);
		copy((volatile u8 *)DATA, io.data, DATA_SIZE);
		copy((volatile u8 *)STATE, io.state, STATE_BYTES);
		run_case();
		copy(io.state, (const u8 *)STATE, STATE_BYTES);
		copy(io.data, (const u8 *)DATA, DATA_SIZE);
		transfer(NR_write, &io, sizeof io);
	}
}

#endif
