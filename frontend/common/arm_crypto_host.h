/*
 * The parts of arm_crypto.c hosts may have instructions for: rounds of AES. Exact either way. Only
 * arm_crypto.c and tests include it.
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

/* The same without the host's help. */
void arm_crypto_portable_aese(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesd(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesmc(struct arm_simd_vec *d, const struct arm_simd_vec *n);
void arm_crypto_portable_aesimc(struct arm_simd_vec *d, const struct arm_simd_vec *n);

#endif
