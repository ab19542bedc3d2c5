/* Addresses with tags in the upper byte, in cold and in hot code: loads, stores, vectors, atomics; what a fault by one tells.
 * @reference self
 * @flags -march=armv8.1-a
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static uint64_t words[512] __attribute__((aligned(64)));
static sigjmp_buf back;
static volatile uintptr_t fault_at;
static volatile int fault_code, bad;

static void handler(int sig, siginfo_t *info, void *context)
{
	fault_at = (uintptr_t)info->si_addr;
	fault_code = info->si_code;
	siglongjmp(back, sig);
}

static void *tagged(const volatile void *p, unsigned tag)
{
	return (void *)((uintptr_t)p | (uintptr_t)tag << 56);
}

#define CHECK(c) do { if (!(c)) { printf("line %d\n", __LINE__); bad = 1; } } while (0)

static uint64_t __attribute__((noinline)) sum(const volatile uint64_t *p, unsigned n)
{
	uint64_t s = 0;

	for (unsigned i = 0; i < n; i++)
		s += p[i] * (i + 1);
	return s;
}

static void __attribute__((noinline)) fill(volatile uint64_t *p, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = v + i;
}

/* Hot before it sees the first tag. */
static void heat(unsigned tag)
{
	for (unsigned round = 0; round < 400; round++) {
		unsigned t = round > 300 ? tag + round % 2 : 0;

		fill(tagged(words, t), 512, round);
		CHECK(sum(tagged(words, t ^ (t ? 0x10 : 0)), 512) == sum(words, 512));
		CHECK(words[511] == round + 511);
	}
}

static void kinds(unsigned tag)
{
	uint64_t old, fresh[2] = { 7, 8 }, want[2] = { 5, 6 };
	uint64_t *p = tagged(words, tag);
	uint8_t copy[64];

	words[0] = 5;
	words[1] = 6;
	__asm__ volatile("ldaddal %1, %0, %2" : "=r"(old), "+r"(fresh[0]), "+Q"(*p) : : "memory");
	CHECK(old == 5 && words[0] == 12);
	words[0] = 5;
	__asm__ volatile("mov x0, %1\n mov x1, %2\n mov x2, %3\n mov x3, %4\n caspal x0, x1, x2, x3, [%0]"
			 : : "r"(p), "r"(want[0]), "r"(want[1]), "r"(70l), "r"(80l) : "x0", "x1", "x2", "x3", "memory");
	CHECK(words[0] == 70 && words[1] == 80);
	__asm__ volatile("ldp q0, q1, [%0]\n stp q1, q0, [%0, #64]" : : "r"(p) : "v0", "v1", "memory");
	CHECK(!memcmp(&words[10], &words[0], 16) && !memcmp(&words[8], &words[2], 16));
	memcpy(copy, p, sizeof copy);
	CHECK(!memcmp(copy, words, sizeof copy));
	*(volatile uint8_t *)((char *)p + 3) = 0x55;
	CHECK(((uint8_t *)words)[3] == 0x55);
}

static int touch(volatile uint64_t *p, int write)
{
	int sig = sigsetjmp(back, 1);

	if (!sig && write)
		*p = 1;
	else if (!sig)
		(void)*p;
	return sig;
}

static void faults(void)
{
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &act, NULL);
	CHECK(touch((uint64_t *)page, 0) == 0);
	CHECK(touch(tagged(page + 8, 0x33), 1) == SIGSEGV && fault_at == (uintptr_t)page + 8 && fault_code == SEGV_ACCERR);
	munmap(page, 4096);
	CHECK(touch(tagged(page + 16, 0x34), 0) == SIGSEGV && fault_at == (uintptr_t)page + 16 && fault_code == SEGV_MAPERR);
	CHECK(touch(tagged((void *)16, 0x80), 0) == SIGSEGV && fault_at == 16);
	for (unsigned i = 0; i < 3; i++)
		kinds(0x40 + i);
}

int main(void)
{
	kinds(0x01);
	heat(0xa0);
	kinds(0xff);
	faults();
	heat(0x11);
	return bad;
}
