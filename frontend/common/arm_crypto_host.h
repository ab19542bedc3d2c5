/*
 * The parts of arm_crypto.c hosts may have instructions for: rounds of AES. Exact either way. Only
 * arm_crypto.c and tests include it.
 */
#ifndef FRONTEND_ARM_CRYPTO_HOST_H
#define FRONTEND_ARM_CRYPTO_HOST_H

#include "frontend/common/arm_simd.h"

/* The bytes of d ^ n moved by ShiftRows and substituted; aesd: by the inverses. */
struct arm_simd_vec arm_crypto_aese(const struct arm_simd_vec *d, const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_aesd(const struct arm_simd_vec *d, const struct arm_simd_vec *n);
/* MixColumns and its inverse. */
struct arm_simd_vec arm_crypto_aesmc(const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_aesimc(const struct arm_simd_vec *n);

/* The same without the host's help. */
struct arm_simd_vec arm_crypto_portable_aese(const struct arm_simd_vec *d, const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_portable_aesd(const struct arm_simd_vec *d, const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_portable_aesmc(const struct arm_simd_vec *n);
struct arm_simd_vec arm_crypto_portable_aesimc(const struct arm_simd_vec *n);

#endif
