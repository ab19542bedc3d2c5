/* AltiVec as compilers use it: loops of floats, bytes and permutations, checked against scalar code; vector
 * registers and VSCR across a signal handler that changes them.
 * @reference self
 * @flags -maltivec
 */
#include <altivec.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 1024, ROUNDS = 200 };

static float x[N] __attribute__((aligned(16))), y[N] __attribute__((aligned(16))), z[N];
static uint8_t text[N + 16] __attribute__((aligned(16))), other[N] __attribute__((aligned(16)));
static int bad;

static void expect(const char *what, long got, long want)
{
	if (got != want) {
		printf("%s: %ld, expected %ld\n", what, got, want);
		bad++;
	}
}

static void saxpy(float a)
{
	vector float va = { a, a, a, a };

	for (int i = 0; i < N; i += 4) {
		vector float v = vec_madd(va, vec_ld(4 * i, x), vec_ld(4 * i, y));
		vec_st(v, 4 * i, y);
	}
}

static void floats(void)
{
	for (int i = 0; i < N; i++) {
		x[i] = (float)(i - 500) / 7;
		y[i] = z[i] = (float)(i * i % 97) - 40;
	}
	for (int k = 0; k < ROUNDS; k++) {
		float a = (float)(k % 5) / 3 - 0.5f;
		saxpy(a);
		for (int i = 0; i < N; i++)
			z[i] = fmaf(a, x[i], z[i]);
	}
	expect("saxpy", memcmp(y, z, sizeof y), 0);
}

/* Index of the first byte c, 16 at a time. */
static int find(uint8_t c)
{
	vector unsigned char want = vec_splat((vector unsigned char)vec_lde(0, &c), 0);
	vector unsigned char shift = vec_lvsl(0, &c);

	want = vec_perm((vector unsigned char)vec_lde(0, &c), want, shift);
	want = vec_splat(want, 0);
	for (int i = 0; i < N; i += 16)
		if (vec_any_eq(vec_ld(i, text), want))
			for (int k = i;; k++)
				if (text[k] == c)
					return k;
	return -1;
}

static void bytes(void)
{
	for (int i = 0; i < N; i++)
		text[i] = (uint8_t)(i / 5 % 251);
	for (int k = 0; k < ROUNDS; k++) {
		uint8_t c = (uint8_t)(k % 256);
		const uint8_t *p = memchr(text, c, N);
		expect("find", find(c), p ? p - text : -1);
	}
}

/* The sum of absolute differences of bytes. */
static void differences(void)
{
	vector unsigned int sum = vec_splat_u32(0);
	long want = 0;

	for (int i = 0; i < N; i++) {
		other[i] = (uint8_t)(i * 37);
		want += text[i] > other[i] ? text[i] - other[i] : other[i] - text[i];
	}
	for (int i = 0; i < N; i += 16) {
		vector unsigned char a = vec_ld(i, text), b = vec_ld(i, other);
		sum = vec_sum4s(vec_sub(vec_max(a, b), vec_min(a, b)), sum);
	}
	union { vector signed int v; int32_t w[4]; } all = { vec_sums((vector signed int)sum, vec_splat_s32(0)) };
	expect("differences", all.w[3], want);
}

/* Unaligned words in reverse order of bytes. */
static void permutations(void)
{
	vector unsigned char swap = vec_xor(vec_lvsl(0, (uint8_t *)0), vec_splat_u8(3));

	for (int at = 0; at < 16; at++) {
		vector unsigned char v = vec_perm(vec_ld(at, text), vec_ld(at + 15, text), vec_lvsl(at, text));
		union { vector unsigned char v; uint8_t b[16]; } out = { vec_perm(v, v, swap) };
		for (int i = 0; i < 16; i++)
			expect("swap", out.b[i], text[at + (i ^ 3)]);
	}
}

static void handler(int sig)
{
	(void)sig;
	__asm__ volatile("vspltisb 20, 7\n\tvspltisb 31, 9\n\tvspltisw 0, 0\n\tmtvscr 0" ::: "v0", "v20", "v31");
}

static uint32_t vscr(void)
{
	union { vector unsigned short v; uint32_t w[4]; } u = { vec_mfvscr() };

	return u.w[3];
}

static void signals(void)
{
	union { vector unsigned int v; uint32_t w[4]; } in = { .w = { 1, 2, 3, 4 } }, a, b;

	expect("VSCR at the start", (long)(vscr() & 0x10000), 0x10000);
	signal(SIGUSR1, handler);
	__asm__ volatile("vor 20, %0, %0\n\tvnor 31, %0, %0" :: "v"(in.v) : "v20", "v31");
	raise(SIGUSR1);
	__asm__ volatile("vor %0, 20, 20\n\tvor %1, 31, 31" : "=v"(a.v), "=v"(b.v));
	for (int i = 0; i < 4; i++) {
		expect("v20", (long)a.w[i], (long)in.w[i]);
		expect("v31", (long)b.w[i], (long)~in.w[i]);
	}
	expect("VSCR", (long)(vscr() & 0x10000), 0x10000);
}

int main(void)
{
	floats();
	bytes();
	differences();
	permutations();
	signals();
	return bad != 0;
}
