/* Advanced SIMD: immediates, duplicates, permutations, table lookups, cryptography (ARM F2.13, F6). */
#include "frontend/arm/neon.h"
#include "frontend/common/arm_crypto.h"

/* ---- immediates ---- */

/* AdvSIMDExpandImm. False: the encoding is not allocated. */
static bool expand(unsigned cmode, bool op, uint64_t imm, uint64_t *out)
{
	uint64_t v = 0;

	switch (cmode >> 1) {
	case 0: case 1: case 2: case 3: v = imm << 8 * (cmode >> 1); break;
	case 4: case 5: v = imm << 8 * (cmode >> 1 & 1); v |= v << 16; break;
	case 6: v = cmode & 1 ? imm << 16 | 0xffff : imm << 8 | 0xff; break;
	default:
		if (!(cmode & 1) && op) {
			for (unsigned i = 0; i < 8; i++)
				v |= imm >> i & 1 ? 0xffull << 8 * i : 0;
			*out = v;
			return true;
		}
		if (!(cmode & 1))
			v = imm * 0x01010101;
		else if (!op)
			v = (imm >> 7) << 31 | (imm & 0x40 ? 0x1full << 25 : 1ull << 30) | (imm & 63) << 19;
		else
			return false;
	}
	*out = v << 32 | v;
	return true;
}

/* VMOV VMVN VORR VBIC Vd, #imm:  cmode says how the immediate is spread, and with F the operation. */
static void lift_immediate(struct arm_lift *l, const struct arm_word *in)
{
	unsigned cmode = in->opc1, d = dreg(in->rd, in->D);
	bool combines = cmode < 12 && cmode & 1, inverts = in->F && cmode < 14;
	uint64_t imm;

	if (!expand(cmode, in->F, in->imm, &imm)) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, false))
		return;
	ir_val v = ir_const(l->b, IR_I64, inverts ? ~imm : imm);
	for (unsigned i = 0; i <= in->Q; i++) {
		ir_val r = !combines ? v : inverts ? ir_and(l->b, get_d(l, d + i), v) : ir_or(l->b, get_d(l, d + i), v);
		set_d(l, d + i, r);
	}
}

/* VDUP.<size> Vd, Dm[x]. */
static void lift_dup(struct arm_lift *l, const struct arm_word *in)
{
	unsigned d = dreg(in->rd, in->D), size = (unsigned)__builtin_ctz(in->imm | 8);

	if (size == 3) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, false))
		return;
	unsigned bits = 8u << size, lane = in->imm >> (size + 1);
	uint64_t mask = (1ull << bits) - 1;
	ir_val v = ir_shr(l->b, get_d(l, dreg(in->rm, in->M)), imm32(l, bits * lane));
	v = ir_and(l->b, v, ir_const(l->b, IR_I64, mask));
	v = ir_mul(l->b, v, ir_const(l->b, IR_I64, ~0ull / mask));
	for (unsigned i = 0; i <= in->Q; i++)
		set_d(l, d + i, v);
}

/* ---- permutations ---- */

/* The low half of the result: bytes from `first` on of hi : lo. */
static ir_val funnel(struct arm_lift *l, ir_val lo, ir_val hi, unsigned first)
{
	if (!first || first == 8)
		return first ? hi : lo;
	ir_val low = ir_shr(l->b, lo, imm32(l, 8 * first));
	return ir_or(l->b, low, ir_shl(l->b, hi, imm32(l, 64 - 8 * first)));
}

/* VEXT Vd, Vn, Vm, #imm:  bytes of Vm:Vn from imm on. */
static void lift_ext(struct arm_lift *l, const struct arm_word *in)
{
	unsigned d = dreg(in->rd, in->D), n = dreg(in->rn, in->N), m = dreg(in->rm, in->M), at = in->imm / 8;

	if (!in->Q && at) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, true, true))
		return;
	ir_val v[4] = { get_d(l, n), in->Q ? get_d(l, n + 1) : get_d(l, m), get_d(l, m), IR_NONE };
	if (in->Q)
		v[3] = get_d(l, m + 1);
	ir_val low = funnel(l, v[at], v[at + 1], in->imm % 8), high = IR_NONE;
	if (in->Q)
		high = funnel(l, v[at + 1], v[at + 2], in->imm % 8);
	set_d(l, d, low);
	if (in->Q)
		set_d(l, d + 1, high);
}

/* VSWP. */
static void lift_swap(struct arm_lift *l, const struct arm_word *in)
{
	unsigned d = dreg(in->rd, in->D), m = dreg(in->rm, in->M);

	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	for (unsigned i = 0; i <= in->Q; i++) {
		ir_val a = get_d(l, d + i), b = get_d(l, m + i);
		set_d(l, d + i, b);
		set_d(l, m + i, a);
	}
}

enum { TRN, UZP, ZIP };

/* Of `count` elements of Vd and then as many of Vm: the one that becomes element i of both in a row. */
static unsigned comes_from(unsigned kind, unsigned count, unsigned i)
{
	bool second = i >= count;

	switch (kind) {
	case UZP: return second ? 2 * (i - count) + 1 : 2 * i;
	case ZIP: return i / 2 + (i & 1) * count;
	default: return second ? (i & 1 ? i : i - count + 1) : i & 1 ? count + i - 1 : i;
	}
}

/* One of the two results: elements of d and m, which fill their registers of `bytes` bytes. */
static ir_val permuted(struct arm_lift *l, unsigned kind, unsigned size, unsigned bytes, bool second, const ir_val v[2])
{
	uint64_t pattern[2] = { ~0ull, ~0ull };
	unsigned count = bytes >> size;

	for (unsigned i = 0; i < bytes; i++) {
		unsigned from = comes_from(kind, count, (i >> size) + (second ? count : 0));
		uint64_t at = (from << size) + (i & ((1u << size) - 1));

		at = at < bytes ? at : 16 + at - bytes;
		pattern[i / 8] ^= (at ^ 0xff) << i % 8 * 8;
	}
	return ir_shuffle(l->b, v[0], v[1], ir_const_vec(l->b, IR_I8X16, pattern[0], pattern[1]));
}

/* VTRN VUZP VZIP Vd, Vm. */
static void lift_permute(struct arm_lift *l, const struct arm_word *in)
{
	unsigned kind = in->row->arg, d = dreg(in->rd, in->D), m = dreg(in->rm, in->M);

	if (in->size == 3 || (kind != TRN && !in->Q && in->size == 2) || d == m) {
		arm_illegal(l);
		return;
	}
	if (in->Q && !neon_registers(l, in, true, false, true))
		return;
	ir_val v[2] = { neon_get(l, in->Q, d), neon_get(l, in->Q, m) };
	ir_val first = permuted(l, kind, in->size, in->Q ? 16 : 8, false, v);
	ir_val second = permuted(l, kind, in->size, in->Q ? 16 : 8, true, v);
	neon_set(l, in->Q, d, first);
	neon_set(l, in->Q, m, second);
}

/* Registers n.. of a table, `count` of them at the most two, and zeros above. */
static ir_val table_part(struct arm_lift *l, unsigned n, unsigned count)
{
	return neon_cast(l, IR_I8X16, neon_get(l, count > 1, n));
}

/* VTBL VTBX Dd, { Dn... }, Dm:  bytes of the table; where an index is beyond it, 0 or what Dd has. */
static void lift_table(struct arm_lift *l, const struct arm_word *in)
{
	unsigned n = dreg(in->rn, in->N), d = dreg(in->rd, in->D), count = in->opc1 + 1;

	if (n + count > 32) {
		arm_illegal(l);
		return;
	}
	ir_val index = neon_get_as(l, false, dreg(in->rm, in->M), 0);
	ir_val v = ir_lookup(l->b, table_part(l, n, count), index);
	if (count > 2) {
		uint64_t sixteen = 0x1010101010101010;
		ir_val above = ir_sub(l->b, index, ir_const_vec(l->b, IR_I8X16, sixteen, sixteen));
		v = ir_or(l->b, v, ir_lookup(l->b, table_part(l, n + 2, count - 2), above));
	}
	if (in->F) {
		uint64_t end = 0x0101010101010101 * 8 * count;
		ir_val inside = ir_vult(l->b, index, ir_const_vec(l->b, IR_I8X16, end, end));
		v = ir_bitsel(l->b, inside, v, neon_get_as(l, false, d, 0));
	}
	neon_set(l, false, d, v);
}

/* ---- cryptography ---- */

/* operation, d, n, m */
static uint64_t crypto(void *state, uint64_t op, uint64_t registers, uint64_t c)
{
	struct arm_state *s = state;
	struct arm_simd_vec v[3];

	(void)c;
	for (unsigned i = 0; i < 3; i++) {
		unsigned reg = registers >> 8 * i & 31;
		v[i] = (struct arm_simd_vec){ { s->d[reg], s->d[reg + 1] } };
	}
	arm_crypto_exec((enum arm_crypto_op)op, &v[0], &v[1], &v[2], 0);
	s->d[registers & 31] = v[0].q[0];
	s->d[(registers & 31) + 1] = v[0].q[1];
	return 0;
}

const struct ir_helper arm_neon_crypto = { "arm_neon_crypto", crypto, IR_HELPER_READS | IR_HELPER_WRITES };

/* AES, SHA-1 and SHA-256: Qd <- f(Qd, Qn, Qm), or f(Qd, Qm). TWO: the operand is Vm, not Vn. */
enum { TWO = 0x100 };
static void lift_crypto(struct arm_lift *l, const struct arm_word *in)
{
	unsigned op = in->row->arg & 0xff, m = dreg(in->rm, in->M);
	bool two = in->row->arg & TWO;
	unsigned n = two ? m : dreg(in->rn, in->N);

	if (!neon_registers(l, in, true, !two, true))
		return;
	ir_call(l->b, &arm_neon_crypto, IR_VOID, imm32(l, op), imm32(l, dreg(in->rd, in->D) | n << 8 | m << 16), IR_NONE);
}

/* VMULL.P64 Qd, Dn, Dm:  the product over {0,1}. */
static void lift_product(struct arm_lift *l, const struct arm_word *in)
{
	if (!neon_registers(l, in, true, false, false))
		return;
	ir_val n = neon_get(l, false, dreg(in->rn, in->N)), m = neon_get(l, false, dreg(in->rm, in->M));
	neon_set(l, true, dreg(in->rd, in->D), ir_clmul(l->b, n, m));
}

/* SHA1H Qd, Qm:  Qd <- bits 31:0 of Qm rotated left by 30, zeros above. */
static void lift_sha1h(struct arm_lift *l, const struct arm_word *in)
{
	if (!neon_registers(l, in, true, false, true))
		return;
	ir_val v = ir_rotl(l->b, low_word(l, get_d(l, dreg(in->rm, in->M))), imm32(l, 30));
	set_d(l, dreg(in->rd, in->D), wide(l, v, false));
	set_d(l, dreg(in->rd, in->D) + 1, ir_const(l->b, IR_I64, 0));
}

#define ROW(name, picture, fn, what) { name, picture, fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }
#define SHA(name, u, size, what) ROW(name, "1111001" u " 0 D " size " nnnn dddd 1100 N 1 M 0 mmmm", lift_crypto, what)
#define AES(name, opc, what) ROW(name, "11110011 1 D 11 00 00 dddd 0 011 " opc " M 0 mmmm", lift_crypto, (what) | TWO)

static const struct arm_row rows[] = {
	{ "vmov", "1111001i 1 D 000 iii dddd oooo 0 Q F 1 iiii", lift_immediate, .flags = ARM_SHARED | ARM_SKIP | ARM_SILENT },
	ROW("vext", "11110010 1 D 11 nnnn dddd iiii N Q M 0 mmmm", lift_ext, 0),
	ROW("vdup", "11110011 1 D 11 iiii dddd 1100 0 Q M 0 mmmm", lift_dup, 0),
	ROW("vtbl", "11110011 1 D 11 nnnn dddd 10 oo N F M 0 mmmm", lift_table, 0),
	ROW("vswp", "11110011 1 D 11 00 10 dddd 0 0000 Q M 0 mmmm", lift_swap, 0),
	ROW("vtrn", "11110011 1 D 11 ZZ 10 dddd 0 0001 Q M 0 mmmm", lift_permute, TRN),
	ROW("vuzp", "11110011 1 D 11 ZZ 10 dddd 0 0010 Q M 0 mmmm", lift_permute, UZP),
	ROW("vzip", "11110011 1 D 11 ZZ 10 dddd 0 0011 Q M 0 mmmm", lift_permute, ZIP),
	AES("aese", "00", ARM_CRYPTO_AESE),
	AES("aesd", "01", ARM_CRYPTO_AESD),
	AES("aesmc", "10", ARM_CRYPTO_AESMC),
	AES("aesimc", "11", ARM_CRYPTO_AESIMC),
	SHA("sha1c", "0", "00", ARM_CRYPTO_SHA1C),
	SHA("sha1p", "0", "01", ARM_CRYPTO_SHA1P),
	SHA("sha1m", "0", "10", ARM_CRYPTO_SHA1M),
	SHA("sha1su0", "0", "11", ARM_CRYPTO_SHA1SU0),
	SHA("sha256h", "1", "00", ARM_CRYPTO_SHA256H),
	SHA("sha256h2", "1", "01", ARM_CRYPTO_SHA256H2),
	SHA("sha256su1", "1", "10", ARM_CRYPTO_SHA256SU1),
	ROW("sha1h", "11110011 1 D 11 10 01 dddd 0 0101 1 M 0 mmmm", lift_sha1h, 0),
	ROW("sha1su1", "11110011 1 D 11 10 10 dddd 0 0111 0 M 0 mmmm", lift_crypto, ARM_CRYPTO_SHA1SU1 | TWO),
	ROW("sha256su0", "11110011 1 D 11 10 10 dddd 0 0111 1 M 0 mmmm", lift_crypto, ARM_CRYPTO_SHA256SU0 | TWO),
	ROW("vmull", "11110010 1 D 10 nnnn dddd 1110 N 0 M 0 mmmm", lift_product, 0),
};
const struct arm_rows arm_rows_neon_perm = NEON_ROWS(rows);
