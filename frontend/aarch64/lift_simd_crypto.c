/*
 * Advanced SIMD: cryptography, and the 64-bit polynomial product (C7.2). The rounds are C in
 * frontend/common/arm_crypto.c; what is logic and rotation only is IR.
 */
#include "frontend/aarch64/simd.h"
#include "frontend/common/arm_crypto.h"

/* a: operation, and index above it. The vectors are d, n, m. */
static uint64_t crypto(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct arm_simd_vec *v = (struct arm_simd_vec *)env_of(state)->vec;

	(void)b, (void)c;
	arm_crypto_exec((enum arm_crypto_op)(a & 0xff), &v[0], &v[1], &v[2], (unsigned)(a >> 8));
	return 0;
}

const struct ir_helper a64_crypto = { "a64_crypto", crypto, IR_HELPER_PURE };

/* Vd <- f(Vd, Vn, Vm[imm2]) */
static void lift_crypto(struct a64_lift *l, const struct a64_word *in)
{
	ir_val what = imm64(l, in->row->arg | a64_bits(in->word, 13, 12) << 8);
	ir_val d = vec(l, IR_I64X2, in->Rd), n = vec(l, IR_I64X2, in->Rn), m = vec(l, IR_I64X2, in->Rm);

	set_vec(l, in->Rd, ir_call4(l->b, &a64_crypto, IR_I64X2, what, d, n, m));
}

/* pmull, pmull2 Vd.1q, Vn.1d, Vm.1d:  the product over {0,1} of the lower or upper halves. */
static void lift_pmull(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = vec(l, IR_I64X2, in->Rn), m = vec(l, IR_I64X2, in->Rm);

	if (in->Q) {
		n = arm_simd_upper_half(l->b, n);
		m = arm_simd_upper_half(l->b, m);
	}
	set_vec(l, in->Rd, ir_clmul(l->b, n, m));
}

/* sha1h Sd, Sn:  Sn rotated left by 30. */
static void lift_sha1h(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = ir_extract(l->b, vec(l, IR_I32X4, in->Rn), 0);

	set_vec(l, in->Rd, ir_vfirst(l->b, ir_rotl(l->b, n, imm32(l, 30))));
}

/* eor3, bcax Vd, Vn, Vm, Va:  Vn ^ Vm ^ Va, Vn ^ (Vm & ~Va) */
static void lift_logic3(struct a64_lift *l, const struct a64_word *in)
{
	ir_val n = vec(l, IR_I64X2, in->Rn), m = vec(l, IR_I64X2, in->Rm), a = vec(l, IR_I64X2, in->Ra);
	bool clear = in->row->arg;
	ir_val x = clear ? ir_and(l->b, m, ir_not(l->b, a)) : ir_xor(l->b, m, a);

	set_vec(l, in->Rd, ir_xor(l->b, n, x));
}

/* rax1 Vd, Vn, Vm:  Vn ^ (Vm rotated left by 1) */
static void lift_rax1(struct a64_lift *l, const struct a64_word *in)
{
	ir_val turned = ir_rotl(l->b, vec(l, IR_I64X2, in->Rm), imm32(l, 1));

	set_vec(l, in->Rd, ir_xor(l->b, vec(l, IR_I64X2, in->Rn), turned));
}

/* xar Vd, Vn, Vm, #imm6:  (Vn ^ Vm) rotated right */
static void lift_xar(struct a64_lift *l, const struct a64_word *in)
{
	ir_val x = ir_xor(l->b, vec(l, IR_I64X2, in->Rn), vec(l, IR_I64X2, in->Rm));

	set_vec(l, in->Rd, ir_rotl(l->b, x, imm32(l, (64u - in->imms) % 64)));
}

/* sm3ss1 Vd, Vn, Vm, Va:  ((Vn rotated left by 12) + Vm + Va) rotated left by 7 in the highest word, else 0 */
static void lift_sm3ss1(struct a64_lift *l, const struct a64_word *in)
{
	struct ir_builder *b = l->b;
	ir_val n = ir_extract(b, vec(l, IR_I32X4, in->Rn), 3), m = ir_extract(b, vec(l, IR_I32X4, in->Rm), 3);
	ir_val a = ir_extract(b, vec(l, IR_I32X4, in->Ra), 3);
	ir_val sum = ir_add(b, ir_add(b, ir_rotl(b, n, imm32(l, 12)), m), a);

	set_vec(l, in->Rd, ir_insert(b, arm_simd_zero(l->b, IR_I32X4), ir_rotl(b, sum, imm32(l, 7)), 3));
}

static const struct a64_row rows[] = {
	{ "aese", "01001110 00 10100 00100 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_AESE, .feature = A64_HAS_AES },
	{ "aesd", "01001110 00 10100 00101 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_AESD, .feature = A64_HAS_AES },
	{ "aesmc", "01001110 00 10100 00110 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_AESMC, .feature = A64_HAS_AES },
	{ "aesimc", "01001110 00 10100 00111 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_AESIMC, .feature = A64_HAS_AES },
	{ "sha1c", "01011110 000 mmmmm 0 000 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA1C, .feature = A64_HAS_SHA1 },
	{ "sha1p", "01011110 000 mmmmm 0 001 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA1P, .feature = A64_HAS_SHA1 },
	{ "sha1m", "01011110 000 mmmmm 0 010 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA1M, .feature = A64_HAS_SHA1 },
	{ "sha1su0", "01011110 000 mmmmm 0 011 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA1SU0, .feature = A64_HAS_SHA1 },
	{ "sha256h", "01011110 000 mmmmm 0 100 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA256H, .feature = A64_HAS_SHA256 },
	{ "sha256h2", "01011110 000 mmmmm 0 101 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA256H2, .feature = A64_HAS_SHA256 },
	{ "sha256su1", "01011110 000 mmmmm 0 110 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA256SU1, .feature = A64_HAS_SHA256 },
	{ "sha1su1", "01011110 00 10100 00001 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA1SU1, .feature = A64_HAS_SHA1 },
	{ "sha256su0", "01011110 00 10100 00010 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA256SU0, .feature = A64_HAS_SHA256 },
	{ "sha512h", "11001110 011 mmmmm 1 0 00 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA512H, .flags = A64_PRE, .feature = A64_HAS_SHA512,
	  .text = "%qd, %qn, %vm.2d" },
	{ "sha512h2", "11001110 011 mmmmm 1 0 00 01 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA512H2, .flags = A64_PRE, .feature = A64_HAS_SHA512,
	  .text = "%qd, %qn, %vm.2d" },
	{ "sha512su1", "11001110 011 mmmmm 1 0 00 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA512SU1, .flags = A64_PRE, .feature = A64_HAS_SHA512,
	  .text = "%vd.2d, %vn.2d, %vm.2d" },
	{ "sm3partw1", "11001110 011 mmmmm 1 1 00 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3PARTW1, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.4s" },
	{ "sm3partw2", "11001110 011 mmmmm 1 1 00 01 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3PARTW2, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.4s" },
	{ "sm4ekey", "11001110 011 mmmmm 1 1 00 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM4EKEY, .flags = A64_PRE, .feature = A64_HAS_SM4,
	  .text = "%vd.4s, %vn.4s, %vm.4s" },
	{ "sha512su0", "11001110 110 00000 100000 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SHA512SU0, .flags = A64_PRE, .feature = A64_HAS_SHA512,
	  .text = "%vd.2d, %vn.2d" },
	{ "sm4e", "11001110 110 00000 100001 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM4E, .flags = A64_PRE, .feature = A64_HAS_SM4,
	  .text = "%vd.4s, %vn.4s" },
	{ "sm3tt1a", "11001110 010 mmmmm 10 ii 00 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3TT1A, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.s[%li]" },
	{ "sm3tt1b", "11001110 010 mmmmm 10 ii 01 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3TT1B, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.s[%li]" },
	{ "sm3tt2a", "11001110 010 mmmmm 10 ii 10 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3TT2A, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.s[%li]" },
	{ "sm3tt2b", "11001110 010 mmmmm 10 ii 11 nnnnn ddddd", lift_crypto, .arg = ARM_CRYPTO_SM3TT2B, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.s[%li]" },
	{ "pmull", "00001110 111 mmmmm 111000 nnnnn ddddd", lift_pmull, .feature = A64_HAS_PMULL },
	{ "pmull2", "01001110 111 mmmmm 111000 nnnnn ddddd", lift_pmull, .feature = A64_HAS_PMULL },
	{ "sha1h", "01011110 00 10100 00000 10 nnnnn ddddd", lift_sha1h, .feature = A64_HAS_SHA1 },
	{ "eor3", "11001110 000 mmmmm 0 aaaaa nnnnn ddddd", lift_logic3, .flags = A64_PRE, .feature = A64_HAS_SHA3,
	  .text = "%vd.16b, %vn.16b, %vm.16b, %va.16b" },
	{ "bcax", "11001110 001 mmmmm 0 aaaaa nnnnn ddddd", lift_logic3, .arg = 1, .flags = A64_PRE,
	  .feature = A64_HAS_SHA3, .text = "%vd.16b, %vn.16b, %vm.16b, %va.16b" },
	{ "rax1", "11001110 011 mmmmm 1 0 00 11 nnnnn ddddd", lift_rax1, .flags = A64_PRE, .feature = A64_HAS_SHA3,
	  .text = "%vd.2d, %vn.2d, %vm.2d" },
	{ "xar", "11001110 100 mmmmm iiiiii nnnnn ddddd", lift_xar, .flags = A64_PRE, .feature = A64_HAS_SHA3,
	  .text = "%vd.2d, %vn.2d, %vm.2d, %ii" },
	{ "sm3ss1", "11001110 010 mmmmm 0 aaaaa nnnnn ddddd", lift_sm3ss1, .flags = A64_PRE, .feature = A64_HAS_SM3,
	  .text = "%vd.4s, %vn.4s, %vm.4s, %va.4s" },
};
const struct a64_rows a64_rows_simd_crypto = A64_ROWS(rows);
