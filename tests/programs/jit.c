/* A tiny compiler: functions are written into memory, announced as code, run, overwritten and run again.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__powerpc__)
static void announce(uint32_t *from, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		__asm__ volatile("dcbst 0, %0" : : "r"(from + i) : "memory");
	__asm__ volatile("sync");
	for (unsigned i = 0; i < words; i++)
		__asm__ volatile("icbi 0, %0" : : "r"(from + i) : "memory");
	__asm__ volatile("sync\n\tisync");
}

/* mulli r3, r3, factor; addi r3, r3, addend; blr */
static void compile(uint32_t *at, int factor, int addend)
{
	at[0] = 0x1c630000u | (uint16_t)factor;
	at[1] = 0x38630000u | (uint16_t)addend;
	at[2] = 0x4e800020u;
	announce(at, 3);
}
#else
static void announce(uint32_t *from, unsigned words)
{
	__builtin___clear_cache((char *)from, (char *)(from + words));
}

#if defined(__aarch64__)
/* mov w1, #factor; mov w2, #addend; madd w0, w0, w1, w2; ret */
static void compile(uint32_t *at, int factor, int addend)
{
	at[0] = factor < 0 ? 0x12800001u | (uint32_t)~factor << 5 : 0x52800001u | (uint32_t)factor << 5;
	at[1] = 0x52800002u | (uint32_t)addend << 5;
	at[2] = 0x1b010800u;
	at[3] = 0xd65f03c0u;
	announce(at, 4);
}
#elif defined(__arm__)
/* mvn or movw r1, #factor; movw r2, #addend; mla r0, r0, r1, r2; bx lr */
static void compile(uint32_t *at, int factor, int addend)
{
	at[0] = factor < 0 ? 0xe3e01000u | (uint32_t)~factor : 0xe3001000u | (uint32_t)factor;
	at[1] = 0xe3002000u | (uint32_t)addend >> 12 << 16 | ((uint32_t)addend & 0xfff);
	at[2] = 0xe0202190u;
	at[3] = 0xe12fff1eu;
	announce(at, 4);
}
#endif
#endif

/* A function that is another one in each round. */
static int self_changing(uint32_t *at)
{
	int (*const f)(int) = (int (*)(int))(uintptr_t)at;
	int sum = 0;

	for (int i = 0; i < 300; i++) {
		compile(at, 1, i);
		sum += f(1);
	}
	return sum;
}

/* Code that is written through a second mapping of its memory, and announced where it runs. */
static int two_mappings(void)
{
	int fd = memfd_create("code", 0), bad = 0;
	uint32_t *written, *run;

	if (ftruncate(fd, 4096))
		return 1;
	written = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	run = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	for (int i = 0; i < 200; i++) {
		compile(written, 3, i);
		announce(run, 4);
		for (int k = 0; k < 100; k++)
			bad += ((int (*)(int))(uintptr_t)run)(k) != 3 * k + i;
	}
	return bad;
}

int main(void)
{
	uint32_t *code = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int bad = 0, sum;

	if (code == MAP_FAILED)
		return 2;
	for (int i = 0; i < 2000; i++) {
		uint32_t *at = code + i % 7 * 4 + i % 3 * 4096;
		int (*const f)(int) = (int (*)(int))(uintptr_t)at;

		compile(at, i % 100 - 50, i);
		for (int k = 0; k < 30; k++)
			bad += f(k) != k * (i % 100 - 50) + i;
	}
	sum = self_changing(code);
	bad += sum != 300 + 299 * 150;
	if (mprotect(code, 65536, PROT_READ | PROT_WRITE))
		return 3;
	compile(code, 3, 4);
	if (mprotect(code, 65536, PROT_READ | PROT_EXEC))
		return 3;
	bad += ((int (*)(int))(uintptr_t)code)(5) != 19;
	bad += two_mappings();
	printf("%d bad, sum %d\n", bad, sum);
	return bad != 0;
}
