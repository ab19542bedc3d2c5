/*
 * The cryptographic instructions of Advanced SIMD: AES, SHA-1, SHA-256, SHA-512, SM3, SM4, by the
 * pseudo-code of the Arm architecture manual (DDI 0487). For A64, A32 and T32; knows no front end.
 */
#ifndef FRONTEND_ARM_CRYPTO_H
#define FRONTEND_ARM_CRYPTO_H

#include "frontend/common/arm_simd.h"

enum arm_crypto_op {
	ARM_CRYPTO_AESE,
	ARM_CRYPTO_AESD,
	ARM_CRYPTO_AESMC,
	ARM_CRYPTO_AESIMC,
	ARM_CRYPTO_SHA1C,
	ARM_CRYPTO_SHA1P,
	ARM_CRYPTO_SHA1M,
	ARM_CRYPTO_SHA1SU0,
	ARM_CRYPTO_SHA1SU1,
	ARM_CRYPTO_SHA256H,
	ARM_CRYPTO_SHA256H2,
	ARM_CRYPTO_SHA256SU0,
	ARM_CRYPTO_SHA256SU1,
	ARM_CRYPTO_SHA512H,
	ARM_CRYPTO_SHA512H2,
	ARM_CRYPTO_SHA512SU0,
	ARM_CRYPTO_SHA512SU1,
	ARM_CRYPTO_SM3PARTW1,
	ARM_CRYPTO_SM3PARTW2,
	ARM_CRYPTO_SM3TT1A,
	ARM_CRYPTO_SM3TT1B,
	ARM_CRYPTO_SM3TT2A,
	ARM_CRYPTO_SM3TT2B,
	ARM_CRYPTO_SM4E,
	ARM_CRYPTO_SM4EKEY,
	ARM_CRYPTO_OPS
};

/* d is the destination before and after; index is the lane of m the SM3TT instructions take. */
void arm_crypto_exec(enum arm_crypto_op op, struct arm_simd_vec *d, const struct arm_simd_vec *n,
		     const struct arm_simd_vec *m, unsigned index);

#endif
