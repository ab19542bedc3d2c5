#include "frontend/common/arm_crypto.h"
#include "frontend/common/arm_crypto_host.h"

typedef struct arm_simd_vec vec;

/* The four words of a vector, lane 0 first. */
struct words {
	uint32_t w[4];
};

static struct words split(const vec *v)
{
	return (struct words){
		{ (uint32_t)v->q[0], (uint32_t)(v->q[0] >> 32), (uint32_t)v->q[1], (uint32_t)(v->q[1] >> 32) }
	};
}

static vec join(const struct words *x)
{
	return (vec){ { x->w[0] | (uint64_t)x->w[1] << 32, x->w[2] | (uint64_t)x->w[3] << 32 } };
}

static uint32_t rol(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t ror(uint32_t x, unsigned n)
{
	return rol(x, 32 - n);
}

static uint64_t ror64(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static uint64_t choose(uint64_t x, uint64_t y, uint64_t z)
{
	return ((y ^ z) & x) ^ z;
}

static uint64_t parity(uint64_t x, uint64_t y, uint64_t z)
{
	return x ^ y ^ z;
}

static uint64_t majority(uint64_t x, uint64_t y, uint64_t z)
{
	return (x & y) | ((x | y) & z);
}

/* Four rounds of SHA-1. x: a to d, y: e. */
static vec sha1_hash(const vec *d, const vec *n, const vec *m, uint64_t (*f)(uint64_t, uint64_t, uint64_t))
{
	struct words x = split(d), w = split(m);
	uint32_t y = (uint32_t)n->q[0];

	for (unsigned i = 0; i < 4; i++) {
		uint32_t t = y + rol(x.w[0], 5) + (uint32_t)f(x.w[1], x.w[2], x.w[3]) + w.w[i];
		y = x.w[3];
		x = (struct words){ { t, x.w[0], rol(x.w[1], 30), x.w[2] } };
	}
	return join(&x);
}

static vec sha1su0(const vec *d, const vec *n, const vec *m)
{
	return (vec){ { d->q[1] ^ d->q[0] ^ m->q[0], n->q[0] ^ d->q[1] ^ m->q[1] } };
}

static vec sha1su1(const vec *d, const vec *n)
{
	struct words t = split(d), x = split(n), r;

	for (unsigned i = 0; i < 3; i++)
		t.w[i] ^= x.w[i + 1];
	for (unsigned i = 0; i < 4; i++)
		r.w[i] = rol(t.w[i], 1);
	r.w[3] ^= rol(t.w[0], 2);
	return join(&r);
}

vec arm_crypto_portable_sha256(const vec *first, const vec *second, const vec *m, bool want_x)
{
	struct words x = split(first), y = split(second), w = split(m);

	for (unsigned i = 0; i < 4; i++) {
		uint32_t sigma1 = ror(y.w[0], 6) ^ ror(y.w[0], 11) ^ ror(y.w[0], 25);
		uint32_t sigma0 = ror(x.w[0], 2) ^ ror(x.w[0], 13) ^ ror(x.w[0], 22);
		uint32_t t = y.w[3] + sigma1 + (uint32_t)choose(y.w[0], y.w[1], y.w[2]) + w.w[i];
		uint32_t u = t + sigma0 + (uint32_t)majority(x.w[0], x.w[1], x.w[2]);
		y = (struct words){ { t + x.w[3], y.w[0], y.w[1], y.w[2] } };
		x = (struct words){ { u, x.w[0], x.w[1], x.w[2] } };
	}
	return join(want_x ? &x : &y);
}

static vec sha256su0(const vec *d, const vec *n)
{
	struct words x = split(d), r;
	uint32_t t[4] = { x.w[1], x.w[2], x.w[3], (uint32_t)n->q[0] };

	for (unsigned i = 0; i < 4; i++)
		r.w[i] = x.w[i] + (ror(t[i], 7) ^ ror(t[i], 18) ^ t[i] >> 3);
	return join(&r);
}

static vec sha256su1(const vec *d, const vec *n, const vec *m)
{
	struct words x = split(d), y = split(n), z = split(m), r;
	uint32_t t[4] = { y.w[1], y.w[2], y.w[3], z.w[0] };

	for (unsigned i = 0; i < 4; i++) {
		uint32_t e = i < 2 ? z.w[i + 2] : r.w[i - 2];
		r.w[i] = (ror(e, 17) ^ ror(e, 19) ^ e >> 10) + x.w[i] + t[i];
	}
	return join(&r);
}

static uint64_t sigma512(uint64_t x, unsigned a, unsigned b, unsigned c)
{
	return ror64(x, a) ^ ror64(x, b) ^ ror64(x, c);
}

static vec sha512h(const vec *d, const vec *n, const vec *m)
{
	uint64_t high = choose(m->q[1], n->q[0], n->q[1]) + sigma512(m->q[1], 14, 18, 41) + d->q[1];
	uint64_t t = high + m->q[0];

	return (vec){ { choose(t, m->q[1], n->q[0]) + sigma512(t, 14, 18, 41) + d->q[0], high } };
}

static vec sha512h2(const vec *d, const vec *n, const vec *m)
{
	uint64_t high = majority(n->q[0], m->q[1], m->q[0]) + sigma512(m->q[0], 28, 34, 39) + d->q[1];

	return (vec){ { majority(high, m->q[0], m->q[1]) + sigma512(high, 28, 34, 39) + d->q[0], high } };
}

static uint64_t sha512_sigma0(uint64_t x)
{
	return ror64(x, 1) ^ ror64(x, 8) ^ x >> 7;
}

static uint64_t sha512_sigma1(uint64_t x)
{
	return ror64(x, 19) ^ ror64(x, 61) ^ x >> 6;
}

static vec sha512su0(const vec *d, const vec *n)
{
	return (vec){ { d->q[0] + sha512_sigma0(d->q[1]), d->q[1] + sha512_sigma0(n->q[0]) } };
}

static vec sha512su1(const vec *d, const vec *n, const vec *m)
{
	return (vec){ { d->q[0] + sha512_sigma1(n->q[0]) + m->q[0], d->q[1] + sha512_sigma1(n->q[1]) + m->q[1] } };
}

static vec sm3partw1(const vec *d, const vec *n, const vec *m)
{
	struct words x = split(d), y = split(n), z = split(m), r;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t t = x.w[i] ^ y.w[i] ^ rol(i < 3 ? z.w[i + 1] : r.w[0], 15);
		r.w[i] = t ^ rol(t, 15) ^ rol(t, 23);
	}
	return join(&r);
}

static vec sm3partw2(const vec *d, const vec *n, const vec *m)
{
	struct words x = split(d), y = split(n), z = split(m);

	for (unsigned i = 0; i < 4; i++) {
		y.w[i] ^= rol(z.w[i], 7);
		x.w[i] ^= y.w[i];
	}
	uint32_t t = rol(y.w[0], 15);
	x.w[3] ^= t ^ rol(t, 15) ^ rol(t, 23);
	return join(&x);
}

/* The new fourth word is made of f over the upper three of d, d's lowest, and `rest`. */
static vec sm3tt1(const vec *d, const vec *n, uint32_t w, uint64_t (*f)(uint64_t, uint64_t, uint64_t))
{
	struct words x = split(d);
	uint32_t ss2 = (uint32_t)(n->q[1] >> 32) ^ rol(x.w[3], 12);
	uint32_t t = (uint32_t)f(x.w[3], x.w[2], x.w[1]) + x.w[0] + ss2 + w;
	struct words r = { { x.w[1], rol(x.w[2], 9), x.w[3], t } };

	return join(&r);
}

static vec sm3tt2(const vec *d, const vec *n, uint32_t w, uint64_t (*f)(uint64_t, uint64_t, uint64_t))
{
	struct words x = split(d);
	uint32_t t = (uint32_t)f(x.w[3], x.w[2], x.w[1]) + x.w[0] + (uint32_t)(n->q[1] >> 32) + w;
	struct words r = { { x.w[1], rol(x.w[2], 19), x.w[3], t ^ rol(t, 9) ^ rol(t, 17) } };

	return join(&r);
}

static const uint8_t sm4_sbox[256] = {
	0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
	0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
	0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
	0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
	0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
	0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
	0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
	0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
	0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
	0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
	0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
	0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
	0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
	0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
	0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
	0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
};

static uint32_t sm4_substitute(uint32_t x)
{
	return (uint32_t)sm4_sbox[x >> 24] << 24 | (uint32_t)sm4_sbox[x >> 16 & 255] << 16 |
	       (uint32_t)sm4_sbox[x >> 8 & 255] << 8 | sm4_sbox[x & 255];
}

/* Four rounds on x with the round keys or constants k. */
static vec sm4_rounds(const vec *state, const vec *keys, bool schedule)
{
	struct words x = split(state), k = split(keys);

	for (unsigned i = 0; i < 4; i++) {
		uint32_t t = sm4_substitute(x.w[3] ^ x.w[2] ^ x.w[1] ^ k.w[i]);
		if (schedule)
			t ^= rol(t, 13) ^ rol(t, 23);
		else
			t ^= rol(t, 2) ^ rol(t, 10) ^ rol(t, 18) ^ rol(t, 24);
		x = (struct words){ { x.w[1], x.w[2], x.w[3], t ^ x.w[0] } };
	}
	return join(&x);
}

static vec compute(enum arm_crypto_op op, const vec *d, const vec *n, const vec *m, unsigned index)
{
	uint32_t w = (uint32_t)(m->q[index / 2 & 1] >> index % 2 * 32);

	switch (op) {
	case ARM_CRYPTO_SHA1C: return sha1_hash(d, n, m, choose);
	case ARM_CRYPTO_SHA1P: return sha1_hash(d, n, m, parity);
	case ARM_CRYPTO_SHA1M: return sha1_hash(d, n, m, majority);
	case ARM_CRYPTO_SHA1SU0: return sha1su0(d, n, m);
	case ARM_CRYPTO_SHA1SU1: return sha1su1(d, n);
	case ARM_CRYPTO_SHA256H: return arm_crypto_sha256(d, n, m, true);
	case ARM_CRYPTO_SHA256H2: return arm_crypto_sha256(n, d, m, false);
	case ARM_CRYPTO_SHA256SU0: return sha256su0(d, n);
	case ARM_CRYPTO_SHA256SU1: return sha256su1(d, n, m);
	case ARM_CRYPTO_SHA512H: return sha512h(d, n, m);
	case ARM_CRYPTO_SHA512H2: return sha512h2(d, n, m);
	case ARM_CRYPTO_SHA512SU0: return sha512su0(d, n);
	case ARM_CRYPTO_SHA512SU1: return sha512su1(d, n, m);
	case ARM_CRYPTO_SM3PARTW1: return sm3partw1(d, n, m);
	case ARM_CRYPTO_SM3PARTW2: return sm3partw2(d, n, m);
	case ARM_CRYPTO_SM3TT1A: return sm3tt1(d, n, w, parity);
	case ARM_CRYPTO_SM3TT1B: return sm3tt1(d, n, w, majority);
	case ARM_CRYPTO_SM3TT2A: return sm3tt2(d, n, w, parity);
	case ARM_CRYPTO_SM3TT2B: return sm3tt2(d, n, w, choose);
	case ARM_CRYPTO_SM4E: return sm4_rounds(d, n, false);
	case ARM_CRYPTO_SM4EKEY: return sm4_rounds(n, m, true);
	default: return *d;
	}
}

void arm_crypto_exec(enum arm_crypto_op op, vec *d, const vec *n, const vec *m, unsigned index)
{
	vec r;

	switch (op) {
	case ARM_CRYPTO_AESE: arm_crypto_aese(d, n); break;
	case ARM_CRYPTO_AESD: arm_crypto_aesd(d, n); break;
	case ARM_CRYPTO_AESMC: arm_crypto_aesmc(d, n); break;
	case ARM_CRYPTO_AESIMC: arm_crypto_aesimc(d, n); break;
	default:
		r = compute(op, d, n, m, index);
		arm_simd_put(d->q, &r);
	}
}
