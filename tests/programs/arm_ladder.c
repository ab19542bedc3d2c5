/* Division by a ladder of 32 steps that a computed jump enters anywhere, as libgcc does it: what it leaves in registers and flags,
 * with operands for which it divides and others, and when one of its steps is overwritten after many executions.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct regs {
	uint32_t num, q, flags;
};

#define STEP(K) "cmp r0, r1, lsl #" #K "\n adc r2, r2, r2\n subcs r0, r0, r1, lsl #" #K "\n"
#define STEPS(A, B, C, D) STEP(A) STEP(B) STEP(C) STEP(D)

extern const uint32_t ladder[], ladder_end[];
asm(".text\n .syntax unified\n .arm\n .balign 4\n"
    "ladder: add r12, r3, r3, lsl #1\n add pc, pc, r12, lsl #2\n nop\n"
    STEPS(31, 30, 29, 28) STEPS(27, 26, 25, 24) STEPS(23, 22, 21, 20) STEPS(19, 18, 17, 16)
    STEPS(15, 14, 13, 12) STEPS(11, 10, 9, 8) STEPS(7, 6, 5, 4) STEPS(3, 2, 1, 0)
    "bx lr\n ladder_end:\n"
#ifdef __thumb__
    ".thumb\n"
#endif
);

static struct regs run(const void *code, uint32_t num, uint32_t den, uint32_t q, uint32_t skip)
{
	register uint32_t r0 asm("r0") = num, r1 asm("r1") = den, r2 asm("r2") = q, r3 asm("r3") = skip;
	uint32_t flags;

	asm volatile("blx %[code]\n mrs %[flags], apsr" : "+r"(r0), "+r"(r2), [flags] "=&r"(flags)
		     : "r"(r1), "r"(r3), [code] "r"(code) : "r12", "lr", "cc");
	return (struct regs){ r0, r2, flags >> 28 };
}

/* The same a step at a time; in step `odd` the quotient stays what it is. */
static struct regs expect(uint32_t num, uint32_t den, uint32_t q, uint32_t skip, int odd)
{
	uint32_t flags = 0;

	for (int k = 31 - (int)skip; k >= 0; k--) {
		uint32_t by = den << k, diff = num - by, c = num >= by, v = ((num ^ by) & (num ^ diff)) >> 31;

		flags = diff >> 31 << 3 | (uint32_t)!diff << 2 | c << 1 | v;
		q = k == odd ? q : 2 * q + c;
		num = c ? diff : num;
	}
	return (struct regs){ num, q, flags };
}

static uint64_t seed = 1;

static uint32_t draw(void)
{
	static const uint32_t edge[] = { 0, 1, 2, 3, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff };

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	uint32_t x = seed >> 32;
	return x % 5 ? x >> (x >> 4) % 32 : edge[(x >> 8) % 9];
}

static int one(const void *code, int odd)
{
	uint32_t num = draw(), den = draw(), q = draw() % 4 ? 0 : draw(), how = draw() % 8, n = draw() % 32;

	if (how > 1 && num && den && num >= den)
		n = __builtin_clz(den) - __builtin_clz(num);	/* as a division begins */
	if (how == 7 && n < 31)
		num = (den << n << 1) - draw() % 3;		/* just too large, or not */
	struct regs a = run(code, num, den, q, 31 - n), b = expect(num, den, q, 31 - n, odd);
	if (!memcmp(&a, &b, sizeof a))
		return 1;
	printf("%x / %x from %u, q %x: %x %x %x, expected %x %x %x\n", num, den, n, q, a.num, a.q, a.flags, b.num, b.q, b.flags);
	return 0;
}

/* The library's own. */
static int divides(void)
{
	uint32_t num = draw(), den = draw() | 1, q = num / den, rem = num % den;
	int32_t snum = (int32_t)num, sden = (int32_t)den, sq, srem;

	if (sden == -1)
		return 1;
	sq = snum / sden;
	srem = snum % sden;
	return (uint64_t)q * den + rem == num && rem < den && (int64_t)sq * sden + srem == snum &&
	       (srem < 0 ? -(int64_t)srem : srem) < (sden < 0 ? -(int64_t)sden : sden) && (!srem || (srem < 0) == (snum < 0));
}

static void patch(uint32_t *at, uint32_t word)
{
	if (at) {
		*at = word;
		__builtin___clear_cache((char *)at, (char *)(at + 1));
	}
}

int main(void)
{
	size_t size = (size_t)((const char *)ladder_end - (const char *)ladder);
	uint32_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int good = code != MAP_FAILED;

	if (good) {
		memcpy(code, ladder, size);
		__builtin___clear_cache((char *)code, (char *)code + size);
	}
	for (int odd = -1; good && odd < 32; odd += 11) {
		uint32_t *adc = odd < 0 ? NULL : &code[3 + 3 * (31 - odd) + 1], was = adc ? *adc : 0;

		patch(adc, 0xe1a00000);	/* nop */
		for (int i = 0; good && i < 4000; i++)
			good = one(code, odd) && divides();
		patch(adc, was);
	}
	return !good;
}
