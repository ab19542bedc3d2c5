/*
 * A PowerPC program without a C library, for qemu_sequence.c: reads cases from its standard input
 * (struct case_in), executes each and writes what it leaves (struct case_out). Code of a case is
 * followed by a branch to the store routine. All registers are loaded and stored through
 * absolute addresses below 32 KiB, so that none is needed as a pointer.
 */
typedef unsigned int u32;
typedef unsigned char u8;

enum {
	DATA = 0x1000, DATA_SIZE = 0x2000, STATE = 0x4000, CODE = 0x10000, CODE_SIZE = 0x1000,
	WORDS = 512,
	GPR = 0, FPR = 128, CR = 384, XER = 388, LR = 392, CTR = 396, FPSCR = 400, STATE_BYTES = 408,
	OURS = 0x4400,		/* of the routines: what the C code expects to find again */
};

struct state_io {
	u32 n;			/* words of code; 0 ends */
	u8 state[STATE_BYTES];
	u8 data[DATA_SIZE];
};

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;

	__asm__ volatile("sc\n\tbns+ 1f\n\tneg %1,%1\n1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
			 :
			 : "memory", "cr0", "ctr", "r9", "r10", "r11", "r12");
	return r3;
}

static void quit(int status)
{
	call(234, status, 0, 0, 0, 0, 0);
}

static void transfer(long nr, void *buf, u32 n)
{
	u8 *p = buf;

	while (n) {
		long done = call(nr, nr == 4, (long)p, n, 0, 0, 0);
		if (done <= 0)
			quit(2);
		p += done;
		n -= done;
	}
}

static void map(u32 at, u32 n)
{
	/* read, write, execute; private, fixed, anonymous */
	if (call(90, at, n, 7, 0x32, -1, 0) != (long)at)
		quit(3);
}

static void copy(volatile u8 *to, const u8 *from, u32 n)
{
	for (u32 i = 0; i < n; i++)
		to[i] = from[i];
}

/* enter: saves what C needs, loads the state, goes to CODE. leave: the way back. */
__asm__(
	"	.text\n"
	"	.globl enter, leave\n"
	"enter:\n"
	"	mflr 0\n"
	"	stw 0,0x4400+128(0)\n"
	"	mfcr 0\n"
	"	stw 0,0x4400+132(0)\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	stw \\n,0x4400+4*\\n(0)\n"
	"	.endr\n"
	"	lfd 0,0x4000+400-4(0)\n"	/* FPSCR in the lower word */
	"	mtfsf 0xff,0\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lfd \\n,0x4000+128+8*\\n(0)\n"
	"	.endr\n"
	"	lwz 0,0x4000+384(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x4000+388(0)\n"
	"	mtxer 0\n"
	"	lwz 0,0x4000+392(0)\n"
	"	mtlr 0\n"
	"	lwz 0,0x4000+396(0)\n"
	"	mtctr 0\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lwz \\n,0x4000+4*\\n(0)\n"
	"	.endr\n"
	"	ba 0x10000\n"
	"leave:\n"
	"	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	stw \\n,0x4000+4*\\n(0)\n"
	"	stfd \\n,0x4000+128+8*\\n(0)\n"
	"	.endr\n"
	"	mfcr 0\n"
	"	stw 0,0x4000+384(0)\n"
	"	mfxer 0\n"
	"	stw 0,0x4000+388(0)\n"
	"	mflr 0\n"
	"	stw 0,0x4000+392(0)\n"
	"	mfctr 0\n"
	"	stw 0,0x4000+396(0)\n"
	"	mffs 0\n"
	"	stfd 0,0x4000+400-4(0)\n"
	"	.irp n,1,2,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	lwz \\n,0x4400+4*\\n(0)\n"
	"	.endr\n"
	/* stfd has written over CTR: it was stored before, so it is stored again. */
	"	mfctr 0\n"
	"	stw 0,0x4000+396(0)\n"
	"	lwz 0,0x4400+132(0)\n"
	"	mtcr 0\n"
	"	lwz 0,0x4400+128(0)\n"
	"	mtlr 0\n"
	"	blr\n"
);
void enter(void);
extern const u8 leave[];

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
		transfer(3, &io, sizeof io);
		if (!io.n)
			quit(0);
		if (io.n > WORDS)
			quit(4);
		transfer(3, code, 4 * io.n);
		for (u32 i = 0; i < io.n; i++)
			at[i] = code[i];
		/* b leave */
		at[io.n] = 0x48000002u | ((u32)leave & 0x3fffffc);
		for (u32 i = 0; i <= io.n; i += 8)
			__asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0" : : "r"(&at[i]) : "memory");
		__asm__ volatile("sync\n\tisync");
		copy((volatile u8 *)DATA, io.data, DATA_SIZE);
		copy((volatile u8 *)STATE, io.state, STATE_BYTES);
		enter();
		copy(io.state, (const u8 *)STATE, STATE_BYTES);
		copy(io.data, (const u8 *)DATA, DATA_SIZE);
		transfer(4, &io, sizeof io);
	}
}
