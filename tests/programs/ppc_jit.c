/* A tiny compiler: functions are written into memory, run, overwritten and run again after dcbst and icbi.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

static void announce(const uint32_t *from, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		__asm__ volatile("dcbst 0, %0" : : "r"(from + i) : "memory");
	__asm__ volatile("sync");
	for (unsigned i = 0; i < words; i++)
		__asm__ volatile("icbi 0, %0" : : "r"(from + i) : "memory");
	__asm__ volatile("sync\n\tisync");
}

/* r3 = r3 * factor + addend, as mulli and addi. */
static void compile(uint32_t *at, int factor, int addend)
{
	at[0] = 0x1c630000u | (uint16_t)factor;
	at[1] = 0x38630000u | (uint16_t)addend;
	at[2] = 0x4e800020u;
	announce(at, 3);
}

/* A loop that rewrites its own body: the addi's immediate grows in each round. */
static int self_changing(uint32_t *at)
{
	int (*const f)(int) = (int (*)(int))(uintptr_t)at;
	int sum = 0;

	at[1] = 0x4e800020u;
	for (int i = 0; i < 300; i++) {
		at[0] = 0x38630000u | (uint16_t)i;
		announce(at, 2);
		sum += f(1);
	}
	return sum;
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
	printf("%d bad, sum %d\n", bad, sum);
	return bad != 0;
}
