/*
 * The parts of arm_crypto.c hosts may have instructions for: rounds of AES and SHA-256. Exact either
 * way. Only arm_crypto.c and tests include it.
 */
#ifndef FRONTEND_ARM_CRYPTO_HOST_H
#define FRONTEND_ARM_CRYPTO_HOST_H

#include "frontend/common/arm_simd.h"

/* d <- the bytes of d ^ n moved by ShiftRows and substituted; aesd: by the inverses. */
void arm_crypto_aese(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_aesd(struct arm_simd_vec *d, const struct arm_simd_vec *n);
/* d <- MixColumns of n, or its inverse. */
void arm_crypto_aesmc(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_aesimc(struct arm_simd_vec *d, const struct arm_simd_vec *n);

/* Four rounds of SHA-256 on x: a to d, and y: e to h, with w of schedule and constants; either half of the result. */
struct arm_simd_vec arm_crypto_sha256(const struct arm_simd_vec *x, const struct arm_simd_vec *y,
				      const struct arm_simd_vec *w, bool want_x);

/* The same without the host's help. */
void arm_crypto_portable_aese(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesd(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesmc(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesimc(struct arm_simd_vec *d, const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_portable_sha256(const struct arm_simd_vec *x, const struct arm_simd_vec *y,
					       const struct arm_simd_vec *w, bool want_x);

#endif
