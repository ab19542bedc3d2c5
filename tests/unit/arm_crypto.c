/*
 * The cryptographic instructions put together as programs put them together, on the examples of the
 * standards (FIPS 197, FIPS 180-4, GB/T 32907), and the host's rounds against ours.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "frontend/common/arm_crypto.h"
#include "frontend/common/arm_crypto_host.h"

typedef struct arm_simd_vec vec;

static unsigned failures;

static uint32_t rol(uint32_t x, unsigned n)
{
	return x << n % 32 | (n % 32 ? x >> (32 - n % 32) : 0);
}

static vec of_words(const uint32_t w[4])
{
	return (vec){ { w[0] | (uint64_t)w[1] << 32, w[2] | (uint64_t)w[3] << 32 } };
}

static void to_words(const vec *v, uint32_t w[4])
{
	for (unsigned i = 0; i < 4; i++)
		w[i] = (uint32_t)(v->q[i / 2] >> i % 2 * 32);
}

static vec run(enum arm_crypto_op op, vec d, vec n, vec m)
{
	arm_crypto_exec(op, &d, &n, &m, 0);
	return d;
}

static vec sum(vec a, vec b)
{
	uint32_t x[4], y[4];

	to_words(&a, x);
	to_words(&b, y);
	for (unsigned i = 0; i < 4; i++)
		x[i] += y[i];
	return of_words(x);
}

static void expect(const char *what, const uint32_t *have, const uint32_t *want, unsigned n)
{
	if (!memcmp(have, want, n * sizeof *have))
		return;
	failures++;
	printf("%s:", what);
	for (unsigned i = 0; i < n; i++)
		printf(" %08" PRIx32, have[i]);
	putchar('\n');
}

static const vec zero;

/* SubBytes of a word: all columns alike, so rows may turn. */
static uint32_t sub_word(uint32_t w)
{
	vec x = run(ARM_CRYPTO_AESE, of_words((const uint32_t[4]){ w, w, w, w }), zero, zero);

	return (uint32_t)x.q[0];
}

static void expand_key(const vec *key, vec round[11])
{
	uint32_t w[44], rcon = 1;

	to_words(key, w);
	for (unsigned i = 4; i < 44; i++) {
		uint32_t t = w[i - 1];
		if (i % 4 == 0) {
			t = sub_word(rol(t, 24)) ^ rcon;
			rcon = rcon << 1 ^ (rcon & 0x80 ? 0x11b : 0);
		}
		w[i] = w[i - 4] ^ t;
	}
	for (unsigned i = 0; i < 11; i++)
		round[i] = of_words(w + 4 * i);
}

/* FIPS 197, C.1 */
static void test_aes(void)
{
	const vec key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	const vec plain = { { 0x7766554433221100, 0xffeeddccbbaa9988 } };
	const uint32_t want[4] = { 0xd8e0c469, 0x30047b6a, 0x80b7cdd8, 0x5ac5b470 };
	vec round[11], x = plain;
	uint32_t w[4];

	expand_key(&key, round);
	for (unsigned i = 0; i < 10; i++) {
		x = run(ARM_CRYPTO_AESE, x, round[i], zero);
		if (i < 9)
			x = run(ARM_CRYPTO_AESMC, zero, x, zero);
	}
	x.q[0] ^= round[10].q[0];
	x.q[1] ^= round[10].q[1];
	to_words(&x, w);
	expect("AES", w, want, 4);
	for (unsigned i = 10; i > 0; i--) {
		vec k = i == 10 ? round[10] : run(ARM_CRYPTO_AESIMC, zero, round[i], zero);
		x = run(ARM_CRYPTO_AESD, x, k, zero);
		if (i > 1)
			x = run(ARM_CRYPTO_AESIMC, zero, x, zero);
	}
	x.q[0] ^= round[0].q[0];
	x.q[1] ^= round[0].q[1];
	if (memcmp(&x, &plain, sizeof x) != 0)
		failures++, puts("AES back");
}

/* "abc", padded; big-endian words. */
static const uint32_t abc[16] = { 0x61626380, [15] = 24 };

static void test_sha1(void)
{
	static const enum arm_crypto_op ops[4] = { ARM_CRYPTO_SHA1C, ARM_CRYPTO_SHA1P, ARM_CRYPTO_SHA1M,
						   ARM_CRYPTO_SHA1P };
	static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	static const uint32_t first[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	static const uint32_t want[5] = { 0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d };
	vec w[4], x = of_words(first);
	uint32_t e = first[4], h[5];

	for (unsigned i = 0; i < 4; i++)
		w[i] = of_words(abc + 4 * i);
	for (unsigned i = 0; i < 20; i++) {
		uint32_t ks[4] = { k[i / 5], k[i / 5], k[i / 5], k[i / 5] };
		vec y = { { e, 0 } };
		e = rol((uint32_t)x.q[0], 30);
		x = run(ops[i / 5], x, y, sum(w[i % 4], of_words(ks)));
		vec t = run(ARM_CRYPTO_SHA1SU0, w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4]);
		w[i % 4] = run(ARM_CRYPTO_SHA1SU1, t, w[(i + 3) % 4], zero);
	}
	to_words(&x, h);
	h[4] = e;
	for (unsigned i = 0; i < 5; i++)
		h[i] += first[i];
	expect("SHA-1", h, want, 5);
}

static const uint32_t k256[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void test_sha256(void)
{
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	static const uint32_t want[8] = { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
					  0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad };
	vec w[4], x = of_words(first), y = of_words(first + 4);
	uint32_t h[8];

	for (unsigned i = 0; i < 4; i++)
		w[i] = of_words(abc + 4 * i);
	for (unsigned i = 0; i < 16; i++) {
		vec wk = sum(w[i % 4], of_words(k256 + 4 * i)), old = x;
		x = run(ARM_CRYPTO_SHA256H, x, y, wk);
		y = run(ARM_CRYPTO_SHA256H2, y, old, wk);
		vec t = run(ARM_CRYPTO_SHA256SU0, w[i % 4], w[(i + 1) % 4], zero);
		w[i % 4] = run(ARM_CRYPTO_SHA256SU1, t, w[(i + 2) % 4], w[(i + 3) % 4]);
	}
	to_words(&x, h);
	to_words(&y, h + 4);
	for (unsigned i = 0; i < 8; i++)
		h[i] += first[i];
	expect("SHA-256", h, want, 8);
}

/* GB/T 32907, example 1. Words are big-endian numbers. */
static void test_sm4(void)
{
	static const uint32_t fk[4] = { 0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc };
	static const uint32_t text[4] = { 0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210 };
	static const uint32_t want[4] = { 0x681edf34, 0xd206965e, 0x86b3e94f, 0x536e4246 };
	uint32_t k[4], w[4];
	vec key, x = of_words(text);

	for (unsigned i = 0; i < 4; i++)
		k[i] = text[i] ^ fk[i];
	key = of_words(k);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t ck[4] = { 0 };

		for (unsigned j = 0; j < 16; j++)
			ck[j / 4] = ck[j / 4] << 8 | (uint8_t)((16 * i + j) * 7);
		key = run(ARM_CRYPTO_SM4EKEY, zero, key, of_words(ck));
		x = run(ARM_CRYPTO_SM4E, x, key, zero);
	}
	to_words(&x, w);
	const uint32_t turned[4] = { w[3], w[2], w[1], w[0] };
	expect("SM4", turned, want, 4);
}

static uint64_t seed = 1;

static uint64_t next(void)
{
	seed += 0x9e3779b97f4a7c15ull;
	uint64_t z = seed;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

typedef void round_fn(vec *d, const vec *n);

static void test_round(const char *what, round_fn *host, round_fn *portable)
{
	for (unsigned i = 0; i < 2000 && failures < 20; i++) {
		vec a = { { next(), next() } }, b = a, n = { { next(), next() } };
		host(&a, &n);
		portable(&b, &n);
		if (!memcmp(&a, &b, sizeof a))
			continue;
		failures++;
		printf("%s: the host says %016" PRIx64 "%016" PRIx64 ", we %016" PRIx64 "%016" PRIx64 "\n", what, a.q[1],
		       a.q[0], b.q[1], b.q[0]);
	}
}

static void test_sha256_rounds(void)
{
	for (unsigned i = 0; i < 2000 && failures < 20; i++) {
		vec x = { { next(), next() } }, y = { { next(), next() } }, w = { { next(), next() } };
		vec a = arm_crypto_sha256(&x, &y, &w, i & 1), b = arm_crypto_portable_sha256(&x, &y, &w, i & 1);
		if (memcmp(&a, &b, sizeof a) != 0 && ++failures)
			puts("sha256 rounds differ");
	}
}

static void test_host(void)
{
	test_sha256_rounds();
	test_round("aese", arm_crypto_aese, arm_crypto_portable_aese);
	test_round("aesd", arm_crypto_aesd, arm_crypto_portable_aesd);
	test_round("aesmc", arm_crypto_aesmc, arm_crypto_portable_aesmc);
	test_round("aesimc", arm_crypto_aesimc, arm_crypto_portable_aesimc);
}

int main(void)
{
	test_aes();
	test_sha1();
	test_sha256();
	test_sm4();
	test_host();
	printf("%u failures\n", failures);
	return failures != 0;
}
