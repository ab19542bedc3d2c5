/*
 * Atomics from two threads: 16 bytes by CASP and by LDAXP and STLXP, LSE sums, maxima, bits and exchanges. No step
 * may get lost, and the halves of a pair always agree.
 *
 * @reference self
 * @flags -pthread
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

enum { TURNS = 10000 };

static _Alignas(16) volatile uint64_t pair[2];
static volatile uint64_t sum, greatest, bits;
static volatile uint32_t least = UINT32_MAX;
static volatile uint16_t small;

static void step_casp(void)
{
	register uint64_t x0 __asm__("x0"), x1 __asm__("x1"), x2 __asm__("x2"), x3 __asm__("x3");
	uint64_t low, high;

	do {
		low = pair[0];
		high = pair[1];
		x0 = low, x1 = high, x2 = low + 1, x3 = high - 1;
		__asm__ volatile(".arch_extension lse\n\tcaspal x0, x1, x2, x3, [%4]"
				 : "+r"(x0), "+r"(x1) : "r"(x2), "r"(x3), "r"(pair) : "memory");
	} while (x0 != low || x1 != high);
}

static void step_exclusive(void)
{
	uint64_t low, high;
	uint32_t failed;

	__asm__ volatile("1:\tldaxp %0, %1, [%3]\n\tadd %0, %0, #1\n\tsub %1, %1, #1\n\tstlxp %w2, %0, %1, [%3]\n"
			 "\tcbnz %w2, 1b"
			 : "=&r"(low), "=&r"(high), "=&r"(failed) : "r"(pair) : "memory");
}

static void step_lse(uint64_t i, uint64_t thread)
{
	uint64_t one = 1, value = 2 * i + thread, bit = 1ull << (i % 32 * 2 + thread);

	__asm__ volatile(".arch_extension lse\n\tstadd %0, [%1]" : : "r"(one), "r"(&sum) : "memory");
	__asm__ volatile("staddlh %w0, [%1]" : : "r"(one), "r"(&small) : "memory");
	__asm__ volatile("stumax %0, [%1]" : : "r"(value), "r"(&greatest) : "memory");
	__asm__ volatile("stumin %w0, [%1]" : : "r"((uint32_t)(UINT32_MAX - value)), "r"(&least) : "memory");
	__asm__ volatile("stset %0, [%1]" : : "r"(bit), "r"(&bits) : "memory");
}

static void *work(void *arg)
{
	uintptr_t thread = (uintptr_t)arg;

	for (uint64_t i = 0; i < TURNS; i++) {
		if (thread)
			step_casp();
		else
			step_exclusive();
		step_lse(i, thread);
	}
	return NULL;
}

static int check(const char *what, uint64_t have, uint64_t want)
{
	if (have != want)
		printf("%s is %#llx, not %#llx\n", what, (unsigned long long)have, (unsigned long long)want);
	return have != want;
}

int main(void)
{
	pthread_t t[2];
	int bad = 0;

	for (uintptr_t i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, work, (void *)i))
			return 2;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	bad |= check("pair, low", pair[0], 2 * TURNS);
	bad |= check("pair, high", pair[1], 0 - (uint64_t)(2 * TURNS));
	bad |= check("sum", sum, 2 * TURNS);
	bad |= check("half", small, (uint16_t)(2 * TURNS));
	bad |= check("greatest", greatest, 2 * TURNS - 1);
	bad |= check("least", least, UINT32_MAX - (2 * TURNS - 1));
	bad |= check("bits", bits, UINT64_MAX);
	return bad;
}
