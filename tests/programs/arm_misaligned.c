/* Misaligned loads and stores: of one word the processor's, of several the kernel's, of exclusives nobody's.
 * @reference self
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t bytes[64];
static sigjmp_buf out;

static void handler(int sig)
{
	siglongjmp(out, sig);
}

static uint32_t word(unsigned at)
{
	uint32_t v;

	memcpy(&v, bytes + at, 4);
	return v;
}

#define CHECK(c) \
	do { \
		if (!(c)) { \
			printf("line %d: %s\n", __LINE__, #c); \
			bad++; \
		} \
	} while (0)

__attribute__((noinline, target("arm"))) static int as_a32(void)
{
	int bad = 0;
	register uint32_t a __asm__("r4"), b __asm__("r5"), p __asm__("r6");

	p = (uint32_t)(bytes + 1);
	__asm__ volatile("ldm %2!, {%0, %1}" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(1) && b == word(5) && p == (uint32_t)(bytes + 9));
	__asm__ volatile("ldmdb %2, {%0, %1}" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(1) && b == word(5) && p == (uint32_t)(bytes + 9));
	__asm__ volatile("ldmib %2, {%0, %1}" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(13) && b == word(17));
	__asm__ volatile("ldrd %0, %1, [%2, #-7]!" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(2) && b == word(6) && p == (uint32_t)(bytes + 2));
	__asm__ volatile("strd %0, %1, [%2], #9" : "+r"(a), "+r"(b), "+r"(p) : : "memory");
	CHECK(a == word(2) && b == word(6) && p == (uint32_t)(bytes + 11));
	__asm__ volatile("ldr %0, [%1, #2]" : "=r"(a) : "r"(p) : "memory");
	CHECK(a == word(13));
	a = 0x11223344, b = 0x55667788;
	__asm__ volatile("stmdb %2!, {%0, %1}" : "+r"(a), "+r"(b), "+r"(p) : : "memory");
	CHECK(word(3) == a && word(7) == b && p == (uint32_t)(bytes + 3));
	return bad;
}

__attribute__((noinline, target("thumb"))) static int as_t32(void)
{
	int bad = 0;
	register uint32_t a __asm__("r4"), b __asm__("r5"), p __asm__("r6");
	uint32_t c;

	p = (uint32_t)(bytes + 1);
	__asm__ volatile("ldmia.n %2!, {%0, %1}" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(1) && b == word(5) && p == (uint32_t)(bytes + 9));
	__asm__ volatile("ldmdb.w %2!, {%0, %1}" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(1) && b == word(5) && p == (uint32_t)(bytes + 1));
	__asm__ volatile("ldrd %0, %1, [%2, #20]" : "=r"(a), "=r"(b), "+r"(p) : : "memory");
	CHECK(a == word(21) && b == word(25));
	a = 0x01020304, b = 0x05060708;
	__asm__ volatile("stmia.n %2!, {%0, %1}" : "+r"(a), "+r"(b), "+r"(p) : : "memory");
	CHECK(word(1) == a && word(5) == b);
	/* In an IT block: the instruction behind is still conditional. */
	__asm__ volatile("cmp %3, #9\n\tite eq\n\tldrdeq %0, %1, [%2, #-4]\n\tmovne %3, #1"
			 : "=r"(a), "=r"(b), "+r"(p), "=r"(c) : "3"(9) : "memory", "cc");
	CHECK(a == word(5) && b == word(9) && c == 9);
	return bad;
}

int main(void)
{
	int bad = 0, sig;
	uint32_t v;

	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	for (int i = 0; i < 2000; i++)
		bad += as_a32() + as_t32();
	signal(SIGBUS, handler);
	signal(SIGSEGV, handler);
	sig = sigsetjmp(out, 1);
	if (!sig)
		__asm__ volatile("ldrex %0, [%1]" : "=r"(v) : "r"(bytes + 2) : "memory");
	CHECK(sig == SIGBUS);
	sig = sigsetjmp(out, 1);
	if (!sig)
		__asm__ volatile("ldrd %0, r3, [%1]" : "=r"(v) : "r"(2) : "r3", "memory");
	CHECK(sig == SIGSEGV);
	printf("%d bad\n", bad);
	return bad != 0;
}
