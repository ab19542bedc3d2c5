/* Load and store multiple, string and byte-reversed instructions, checked against bytes.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t memory[64], out[64];
static int bad;

static void expect(const char *what, uint32_t got, uint32_t want)
{
	if (got != want) {
		printf("%s: %08x, expected %08x\n", what, got, want);
		bad++;
	}
}

static void strings(const uint8_t *p)
{
	uint32_t a, b, c;

	__asm__ volatile("lswi 8, %3, 11\n\tmr %0, 8\n\tmr %1, 9\n\tmr %2, 10\n\tstswi 8, %4, 11"
			 : "=&r"(a), "=&r"(b), "=&r"(c)
			 : "b"(p), "b"(out + 3)
			 : "r8", "r9", "r10", "memory");
	expect("lswi", a, (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
	expect("lswi", b, (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7]);
	expect("lswi", c, (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8);
	expect("stswi", (uint32_t)memcmp(out + 3, p, 11), 0);
}

static void counted(const uint8_t *p)
{
	memset(out, 0xee, sizeof out);
	__asm__ volatile("mtxer %2\n\tlswx 8, 0, %0\n\tstswx 8, 0, %1"
			 :
			 : "b"(p), "b"(out), "r"(6)
			 : "r8", "r9", "memory", "xer");
	expect("stswx", (uint32_t)memcmp(out, p, 6), 0);
	expect("stswx end", out[6], 0xee);
}

static void multiple(const uint8_t *p)
{
	register const uint8_t *from __asm__("r6") = p;
	register uint8_t *to __asm__("r7") = out;
	register uint32_t last __asm__("r8");
	uint32_t saved[4];
	register uint32_t *keep __asm__("r9") = saved;

	/* The old values are kept in memory: compilers may reserve r30. */
	__asm__ volatile("stmw 28, 0(%3)\n\tlmw 28, 0(%1)\n\tstmw 28, 16(%2)\n\tmr %0, 31\n\tlmw 28, 0(%3)"
			 : "=&r"(last)
			 : "r"(from), "r"(to), "r"(keep)
			 : "memory");
	expect("lmw", last, (uint32_t)p[12] << 24 | (uint32_t)p[13] << 16 | (uint32_t)p[14] << 8 | p[15]);
	expect("stmw", (uint32_t)memcmp(out + 16, p, 16), 0);
}

static void reversed(const uint8_t *p)
{
	uint32_t word, half;

	__asm__ volatile("lwbrx %0, 0, %2\n\tlhbrx %1, 0, %2" : "=&r"(word), "=&r"(half) : "b"(p), "m"(memory));
	expect("lwbrx", word, (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]);
	expect("lhbrx", half, (uint32_t)p[1] << 8 | p[0]);
	__asm__ volatile("stwbrx %0, 0, %2\n\tsthbrx %0, %3, %2"
			 :
			 : "r"(word), "m"(out), "b"(out + 40), "b"(4)
			 : "memory");
	expect("stwbrx", (uint32_t)memcmp(out + 40, p, 4), 0);
	expect("sthbrx", (uint32_t)memcmp(out + 44, p, 2), 0);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof memory; i++)
		memory[i] = (uint8_t)(i * 37 + 129);
	for (int i = 0; i < 5; i++) {
		strings(memory + i);
		counted(memory + i);
		reversed(memory + i);
	}
	multiple(memory + 4);
	printf("%d bad\n", bad);
	return bad != 0;
}
