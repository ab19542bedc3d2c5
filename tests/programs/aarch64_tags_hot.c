/* The first access by an address with a tag is one of hot code; every kind of access is the first once, in a child.
 * @reference self
 * @flags -march=armv8.1-a
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
	struct node *self;
	uint64_t d[6];
	uint8_t b[16];
	int16_t h[8];
	int32_t w[8];
	double f[4];
	float s[4];
	uint64_t pair[2] __attribute__((aligned(16)));
};

typedef uint64_t kind(struct node *n, uint64_t i);
#define KIND(name) static uint64_t __attribute__((noinline)) name(struct node *n, uint64_t i)

KIND(load) { return n->d[i & 3]; }
KIND(store) { n->d[i & 3] = i; return i; }
KIND(store_zero) { n->d[2] = 0; return n->d[3]; }
KIND(own) { n->self = n; return (uintptr_t)n->self >> 56; }
KIND(chain) { return ((struct node *)n->self)->d[i & 1]; }
KIND(byte) { n->b[i & 7] = (uint8_t)i; return n->b[(i + 1) & 7]; }
KIND(half) { n->h[i & 7] = (int16_t)-i; return (uint64_t)n->h[(i + 1) & 7]; }
KIND(word) { n->w[i & 7] = (int32_t)-i; return (uint64_t)n->w[(i + 1) & 7]; }
KIND(real) { n->f[i & 3] += 1.5; return (uint64_t)n->f[0]; }
KIND(single) { n->s[i & 3] += 2.5f; return (uint64_t)n->s[1]; }

KIND(pairs)
{
	__asm__ volatile("ldp x9, x10, [%0, #8]\n add x9, x9, #1\n stp x10, x9, [%0, #24]" : : "r"(n) : "x9", "x10", "memory");
	return i;
}

KIND(vector)
{
	__asm__ volatile("ldr q0, [%0, #8]\n add v0.2d, v0.2d, v0.2d\n str q0, [%0, #24]\n st1 {v0.s}[1], [%0]\n"
			 "ld1r {v1.4h}, [%0]" : : "r"(n->b) : "v0", "v1", "memory");
	return n->h[3];
}

KIND(scaled)
{
	uint64_t at = (i & 3) - 1, v;

	__asm__ volatile("ldr %0, [%1, %2, lsl #3]" : "=r"(v) : "r"(&n->d[1]), "r"(at) : "memory");
	return v;
}

KIND(twice)	/* the tag is in the index, which is the base as well */
{
	uint64_t half = (uintptr_t)&n->d[1] / 2, v;

	if ((uintptr_t)&n->d[1] & 1)
		return 0;
	__asm__ volatile("ldr %0, [%1, %1]" : "=r"(v) : "r"(half) : "memory");
	return v;
}

KIND(add) { return __atomic_fetch_add(&n->d[4], i, __ATOMIC_SEQ_CST); }
KIND(swap) { return __atomic_exchange_n(&n->w[3], (int32_t)i, __ATOMIC_ACQ_REL); }
KIND(bits) { return __atomic_fetch_or(&n->b[9], (uint8_t)i, __ATOMIC_RELAXED); }

KIND(exclusive)
{
	uint64_t v, f;

	__asm__ volatile("1: ldaxr %0, [%2]\n add %0, %0, #3\n stlxr %w1, %0, [%2]\n cbnz %w1, 1b"
			 : "=&r"(v), "=&r"(f) : "r"(&n->d[5]) : "memory");
	return v;
}

KIND(cas)
{
	uint64_t want = n->d[0];

	__atomic_compare_exchange_n(&n->d[0], &want, i, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return want;
}

static kind *const kinds[] = {
	load, store, store_zero, own, chain, byte, half, word, real, single, pairs, vector, scaled, twice, add, swap, bits,
	exclusive, cas,
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void *tagged(void *p, uint64_t tag)
{
	return (void *)((uintptr_t)p | tag << 56);
}

static void begin(struct node *n)
{
	memset(n, 0, sizeof *n);
	n->self = n;
	for (unsigned i = 0; i < 6; i++)
		n->d[i] = 100 + i;
	for (unsigned i = 0; i < 16; i++)
		n->b[i] = (uint8_t)(i * 3);
}

static int differs(unsigned k)
{
	static struct node a, b;
	uint64_t x = 0, y = 0;

	begin(&a);
	begin(&b);
	for (unsigned i = 0; i < 20; i++) {
		x = x * 31 + kinds[k](tagged(&b, 0x2a), i);
		y = y * 31 + kinds[k](&a, i) + (kinds[k] == own ? 0x2a : 0);
	}
	if (kinds[k] == own && b.self != tagged(&b, 0x2a))
		return 1;
	b.self = a.self = NULL;
	return x != y || memcmp(&a, &b, sizeof a);
}

int main(void)
{
	static struct node n;
	int bad = 0, status;

	begin(&n);
	for (unsigned i = 0; i < 40000; i++)
		for (unsigned k = 0; k < KINDS; k++)
			kinds[k](&n, i);
	for (unsigned k = 0; k < KINDS; k++) {
		pid_t child = fork();

		if (!child)
			_exit(differs(k));
		if (waitpid(child, &status, 0) != child || status) {
			printf("kind %u: status %x\n", k, status);
			bad = 1;
		}
	}
	return bad;
}
