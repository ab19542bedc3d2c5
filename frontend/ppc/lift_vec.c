/* AltiVec: memory, permutation, packing, shifts of the whole register, VSCR (PEM 4.2.3 to 4.2.6, 4.3). */
#include "frontend/ppc/vec.h"
#include "frontend/ppc/vec_fpu.h"

/* Row arguments in the low byte. */
enum { HIGH = 1 };

static ir_val effective(struct ppc_lift *l, const struct ppc_word *in)
{
	return ea_x(l, in).base;
}

/* Lane k holds first + k * step. */
static ir_val counting(struct ppc_lift *l, unsigned first, int step)
{
	uint64_t half[2] = { 0, 0 };

	for (unsigned k = 0; k < 16; k++)
		half[k / 8] |= (uint64_t)((first + k * (unsigned)step) & 0xff) << k % 8 * 8;
	return ir_const_vec(l->b, IR_I8X16, half[0], half[1]);
}

static ir_val splat_byte(struct ppc_lift *l, ir_val v)
{
	return ir_splat(l->b, ir_trunc(l->b, IR_I8, v));
}

/* lvx, lvxl:  vD <- the quadword around EA */
static void lift_lvx(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val ea = ir_and(l->b, effective(l, in), imm32(l, ~15u));

	set_vr(l, in->rd, ir_load(l->b, IR_MEM_128 | IR_MEM_BE, IR_I32X4, ea, 0));
}

/* stvx, stvxl:  the quadword around EA <- vS */
static void lift_stvx(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val ea = ir_and(l->b, effective(l, in), imm32(l, ~15u));

	ir_store(l->b, IR_MEM_128 | IR_MEM_BE, ea, 0, vr(l, IR_I32X4, in->rd));
}

/*
 * lvebx, lvehx, lvewx:  the element of vD whose place EA has in its quadword <- memory. The others,
 * which the manual leaves undefined, keep their values.
 */
static void lift_load_element(struct ppc_lift *l, const struct ppc_word *in)
{
	static const uint8_t scalar[] = { IR_I8, IR_I16, IR_I32 };
	unsigned size = in->row->arg >> 8 & 3, bytes = 1u << size;
	ir_val ea = ir_and(l->b, effective(l, in), imm32(l, ~(bytes - 1)));
	ir_val v = ir_load(l->b, size | (size ? IR_MEM_BE : 0u), (enum ir_type)scalar[size], ea, 0);
	/* lane k is byte 15 - k, which is of the element when it has its number, but for the low bits */
	ir_val byte = ir_and(l->b, counting(l, 15, -1), vec_imm(l, IR_I8X16, 16 - bytes));
	ir_val here = ir_veq(l->b, byte, splat_byte(l, ir_and(l->b, ea, imm32(l, 15))));

	v = vec_as(l, IR_I8X16, ir_splat(l->b, v));
	set_vr(l, in->rd, ir_bitsel(l->b, here, v, vr(l, IR_I8X16, in->rd)));
}

/* stvebx, stvehx, stvewx:  memory <- the element of vS whose place EA has in its quadword */
static void lift_store_element(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned size = in->row->arg >> 8 & 3, bytes = 1u << size;
	ir_val ea = ir_and(l->b, effective(l, in), imm32(l, ~(bytes - 1)));
	ir_val lowest = ir_sub(l->b, imm32(l, 16 - bytes), ir_and(l->b, ea, imm32(l, 15)));
	ir_val index = ir_add(l->b, splat_byte(l, lowest), counting(l, 0, 1));
	ir_val v = vec_as(l, vec_type(in), ir_lookup(l->b, vr(l, IR_I8X16, in->rd), index));

	ir_store(l->b, size | (size ? IR_MEM_BE : 0u), ea, 0, ir_extract(l->b, v, 0));
}

/* lvsl, lvsr:  byte i of vD <- sh + i or 16 - sh + i, sh = EA & 15: patterns for vperm */
static void lift_lvs(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val sh = ir_and(l->b, effective(l, in), imm32(l, 15));

	if (in->row->arg & LOW)
		sh = ir_sub(l->b, imm32(l, 16), sh);
	set_vr(l, in->rd, ir_add(l->b, splat_byte(l, sh), counting(l, 15, -1)));
}

/* dst, dss and their kin are hints. */
static void lift_stream(struct ppc_lift *l, const struct ppc_word *in)
{
	(void)l, (void)in;
}

/* vD <- zeros, VSCR in word 3 */
static void lift_mfvscr(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val nj = ir_zext(l->b, IR_I32, ir_get(l->b, PPC_VSCR_NJ));
	ir_val sat = ir_zext(l->b, IR_I32, ir_get(l->b, PPC_VSCR_SAT));

	set_vr(l, in->rd, ir_vfirst(l->b, ir_or(l->b, ir_shl(l->b, nj, imm32(l, 16)), sat)));
}

/* VSCR <- word 3 of vB */
static void lift_mtvscr(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val v = ir_extract(l->b, vr(l, IR_I32X4, in->rb), 0);

	ir_put(l->b, PPC_VSCR_NJ, ir_trunc(l->b, IR_I1, ir_shr(l->b, v, imm32(l, 16))));
	ir_put(l->b, PPC_VSCR_SAT, ir_trunc(l->b, IR_I1, v));
	if (l->mode & PPC_MODE_VEC_FP)
		lift_trap(l, IR_TRAP_RESYNC, 0);	/* NJ is a mode bit then */
}

/* vmrgh*, vmrgl*:  elements of vA and vB by turns, of the upper or the lower half */
static void lift_merge(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned n = 1u << (in->row->arg >> 8 & 3), first = in->row->arg & HIGH ? 8 : 0;
	uint64_t half[2] = { 0, 0 };

	for (unsigned k = 0; k < 16; k++) {
		unsigned from = first + k / (2 * n) * n + k % n + (k / n & 1 ? 0 : 16);
		half[k / 8] |= (uint64_t)from << k % 8 * 8;
	}
	ir_val pattern = ir_const_vec(l->b, IR_I8X16, half[0], half[1]), a = vr(l, IR_I8X16, in->ra);
	set_vr(l, in->rd, ir_shuffle(l->b, a, vr(l, IR_I8X16, in->rb), pattern));
}

/* vsplt*:  every element of vD <- element UIMM of vB, modulo their number */
static void lift_vsplt(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned n = 128u / ir_type_info[vec_type(in)].lane_bits;

	set_vr(l, in->rd, ir_splat(l->b, ir_extract(l->b, vr(l, vec_type(in), in->rb), n - 1 - in->ra % n)));
}

/* vspltis*:  every element of vD <- EXTS(SIMM) */
static void lift_vspltis(struct ppc_lift *l, const struct ppc_word *in)
{
	set_vr(l, in->rd, vec_imm(l, vec_type(in), (in->ra ^ 16ull) - 16));
}

/* vpk*:  vD <- elements of vA, behind them vB's, half as wide; SAT where one does not fit */
static void lift_pack(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_op op = (enum ir_op)(in->row->arg & LOW);
	enum ir_type t = vec_type(in);
	ir_val a = vr(l, t, in->ra), b = vr(l, t, in->rb), low, high;
	ir_val v = ir_emit(l->b, (struct ir_inst){ .op = (uint8_t)op, .type = (uint8_t)(t - 1), .arg = { b, a } });

	set_vr(l, in->rd, v);
	if (op == IR_OP_narrow)
		return;
	low = op == IR_OP_narrow_ss ? ir_sext_lo(l->b, v) : ir_zext_lo(l->b, v);
	high = op == IR_OP_narrow_ss ? ir_sext_hi(l->b, v) : ir_zext_hi(l->b, v);
	set_sat(l, ir_vany(l->b, ir_or(l->b, ir_xor(l->b, low, b), ir_xor(l->b, high, a))));
}

static ir_val bits_of(struct ppc_lift *l, ir_val v, uint64_t mask)
{
	return ir_and(l->b, v, vec_imm(l, IR_I32X4, mask));
}

/* 8:8:8:8 to 1:5:5:5: the lowest bit of the first byte, the upper five of the others */
static ir_val to_pixels(struct ppc_lift *l, ir_val v)
{
	ir_val upper = bits_of(l, vec_shr(l, v, 9), 0xfc00), middle = bits_of(l, vec_shr(l, v, 6), 0x3e0);

	return ir_or(l->b, ir_or(l->b, upper, middle), bits_of(l, vec_shr(l, v, 3), 0x1f));
}

static void lift_vpkpx(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val high = to_pixels(l, vr(l, IR_I32X4, in->ra)), low = to_pixels(l, vr(l, IR_I32X4, in->rb));

	set_vr(l, in->rd, ir_narrow(l->b, low, high));
}

/* vupk*:  half of vB's elements, sign-extended */
static void lift_unpack(struct ppc_lift *l, const struct ppc_word *in)
{
	enum ir_type t = vec_type(in);

	set_vr(l, in->rd, ir_emit(l->b, (struct ir_inst){ .op = in->row->arg & LOW, .type = (uint8_t)(t + 1),
							  .arg = { vr(l, t, in->rb) } }));
}

/* 1:5:5:5 to 8:8:8:8: the first bit extended with its sign, the others with zeros */
static void lift_unpack_pixels(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val v = vr(l, IR_I16X8, in->rb), upper, lower;

	v = in->row->arg & HIGH ? ir_sext_hi(l->b, v) : ir_sext_lo(l->b, v);
	upper = ir_or(l->b, bits_of(l, v, 0xff000000), bits_of(l, vec_shl(l, v, 6), 0x1f0000));
	lower = ir_or(l->b, bits_of(l, vec_shl(l, v, 3), 0x1f00), bits_of(l, v, 0x1f));
	set_vr(l, in->rd, ir_or(l->b, upper, lower));
}

/* vD <- bits of vB where vC has ones, of vA elsewhere */
static void lift_vsel(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I32X4, in->ra), b = vr(l, IR_I32X4, in->rb);

	set_vr(l, in->rd, ir_bitsel(l->b, vr(l, IR_I32X4, in->rc), b, a));
}

/*
 * vperm:  byte i of vD <- byte (vC[i] & 31) of vA and vB side by side. Byte e of vA is lane 15 - e, of vB lane
 * 31 - e; the other one's index is above 15, where a lookup gives 0.
 */
static void lift_vperm(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val c = ir_and(l->b, vr(l, IR_I8X16, in->rc), vec_imm(l, IR_I8X16, 31));
	ir_val from_b = ir_sub(l->b, vec_imm(l, IR_I8X16, 31), c);
	ir_val from_a = ir_sub(l->b, from_b, vec_imm(l, IR_I8X16, 16));
	ir_val a = ir_lookup(l->b, vr(l, IR_I8X16, in->ra), from_a);

	set_vr(l, in->rd, ir_or(l->b, a, ir_lookup(l->b, vr(l, IR_I8X16, in->rb), from_b)));
}

/* vsldoi:  vD <- 16 bytes of vA and vB side by side from byte SHB on */
static void lift_vsldoi(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned sh = in->rc & 15;
	uint64_t half[2] = { 0, 0 };

	for (unsigned k = 0; k < 16; k++)
		half[k / 8] |= (uint64_t)((k - sh) & 31) << k % 8 * 8;
	ir_val pattern = ir_const_vec(l->b, IR_I8X16, half[0], half[1]), a = vr(l, IR_I8X16, in->ra);
	set_vr(l, in->rd, ir_shuffle(l->b, a, vr(l, IR_I8X16, in->rb), pattern));
}

/* Quads and what a shift of the whole moves between them, by a count of 0 to 7 bits in the last byte of vB. */
static ir_val bit_count(struct ppc_lift *l, const struct ppc_word *in)
{
	return ir_and(l->b, ir_extract(l->b, vr(l, IR_I32X4, in->rb), 0), imm32(l, 7));
}

static ir_val quad_pattern(struct ppc_lift *l, uint64_t low, uint64_t high)
{
	return ir_const_vec(l->b, IR_I8X16, low, high);
}

/* vsl:  vD <- vA << n bits */
static void lift_vsl(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I64X2, in->ra), n = bit_count(l, in);
	ir_val below = ir_shuffle(l->b, a, a, quad_pattern(l, ~0ull, 0x0706050403020100));
	ir_val carried = ir_shr(l->b, below, ir_sub(l->b, imm32(l, 64), n));

	set_vr(l, in->rd, ir_or(l->b, ir_shl(l->b, a, n), carried));
}

/* vsr:  vD <- vA >> n bits */
static void lift_vsr(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val a = vr(l, IR_I64X2, in->ra), n = bit_count(l, in);
	ir_val above = ir_shuffle(l->b, a, a, quad_pattern(l, 0x0f0e0d0c0b0a0908, ~0ull));
	ir_val carried = ir_shl(l->b, above, ir_sub(l->b, imm32(l, 64), n));

	set_vr(l, in->rd, ir_or(l->b, ir_shr(l->b, a, n), carried));
}

/* vslo, vsro:  vD <- vA shifted by the bytes bits 121 to 124 of vB say */
static void lift_octets(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val n = ir_shr(l->b, ir_extract(l->b, vr(l, IR_I32X4, in->rb), 0), imm32(l, 3));
	ir_val count = splat_byte(l, ir_and(l->b, n, imm32(l, 15)));
	ir_val lane = counting(l, 0, 1);
	ir_val index = in->row->arg & LOW ? ir_add(l->b, lane, count) : ir_sub(l->b, lane, count);

	set_vr(l, in->rd, ir_lookup(l->b, vr(l, IR_I8X16, in->ra), index));
}

static const struct ppc_row rows[] = {
	{ "lvebx", "011111 ddddd aaaaa bbbbb 0000000111 -", lift_load_element, .arg = B, .lacks = NO_VECTORS },
	{ "lvehx", "011111 ddddd aaaaa bbbbb 0000100111 -", lift_load_element, .arg = H, .lacks = NO_VECTORS },
	{ "lvewx", "011111 ddddd aaaaa bbbbb 0001000111 -", lift_load_element, .arg = W, .lacks = NO_VECTORS },
	{ "lvx", "011111 ddddd aaaaa bbbbb 0001100111 -", lift_lvx, .lacks = NO_VECTORS },
	{ "lvxl", "011111 ddddd aaaaa bbbbb 0101100111 -", lift_lvx, .lacks = NO_VECTORS },
	{ "stvebx", "011111 ddddd aaaaa bbbbb 0010000111 -", lift_store_element, .arg = B, .lacks = NO_VECTORS },
	{ "stvehx", "011111 ddddd aaaaa bbbbb 0010100111 -", lift_store_element, .arg = H, .lacks = NO_VECTORS },
	{ "stvewx", "011111 ddddd aaaaa bbbbb 0011000111 -", lift_store_element, .arg = W, .lacks = NO_VECTORS },
	{ "stvx", "011111 ddddd aaaaa bbbbb 0011100111 -", lift_stvx, .lacks = NO_VECTORS },
	{ "stvxl", "011111 ddddd aaaaa bbbbb 0111100111 -", lift_stvx, .lacks = NO_VECTORS },
	{ "lvsl", "011111 ddddd aaaaa bbbbb 0000000110 -", lift_lvs, .lacks = NO_VECTORS },
	{ "lvsr", "011111 ddddd aaaaa bbbbb 0000100110 -", lift_lvs, .arg = 1, .lacks = NO_VECTORS },
	{ "dst", "011111 0--mm aaaaa bbbbb 0101010110 -", lift_stream, .lacks = NO_VECTORS },
	{ "dstt", "011111 1--mm aaaaa bbbbb 0101010110 -", lift_stream, .lacks = NO_VECTORS },
	{ "dstst", "011111 0--mm aaaaa bbbbb 0101110110 -", lift_stream, .lacks = NO_VECTORS },
	{ "dststt", "011111 1--mm aaaaa bbbbb 0101110110 -", lift_stream, .lacks = NO_VECTORS },
	{ "dss", "011111 0--mm ----- ----- 1100110110 -", lift_stream, .lacks = NO_VECTORS },
	{ "dssall", "011111 1--mm ----- ----- 1100110110 -", lift_stream, .lacks = NO_VECTORS },
	{ "mfvscr", "000100 ddddd ----- ----- 11000000100", lift_mfvscr, .lacks = NO_VECTORS },
	{ "mtvscr", "000100 ----- ----- bbbbb 11001000100", lift_mtvscr, .lacks = NO_VECTORS },
	{ "vmrghb", "000100 ddddd aaaaa bbbbb 00000001100", lift_merge, .arg = B | HIGH, .lacks = NO_VECTORS },
	{ "vmrghh", "000100 ddddd aaaaa bbbbb 00001001100", lift_merge, .arg = H | HIGH, .lacks = NO_VECTORS },
	{ "vmrghw", "000100 ddddd aaaaa bbbbb 00010001100", lift_merge, .arg = W | HIGH, .lacks = NO_VECTORS },
	{ "vmrglb", "000100 ddddd aaaaa bbbbb 00100001100", lift_merge, .arg = B, .lacks = NO_VECTORS },
	{ "vmrglh", "000100 ddddd aaaaa bbbbb 00101001100", lift_merge, .arg = H, .lacks = NO_VECTORS },
	{ "vmrglw", "000100 ddddd aaaaa bbbbb 00110001100", lift_merge, .arg = W, .lacks = NO_VECTORS },
	{ "vspltb", "000100 ddddd nnnnn bbbbb 01000001100", lift_vsplt, .arg = B, .lacks = NO_VECTORS },
	{ "vsplth", "000100 ddddd nnnnn bbbbb 01001001100", lift_vsplt, .arg = H, .lacks = NO_VECTORS },
	{ "vspltw", "000100 ddddd nnnnn bbbbb 01010001100", lift_vsplt, .arg = W, .lacks = NO_VECTORS },
	{ "vspltisb", "000100 ddddd nnnnn ----- 01100001100", lift_vspltis, .arg = B, .lacks = NO_VECTORS },
	{ "vspltish", "000100 ddddd nnnnn ----- 01101001100", lift_vspltis, .arg = H, .lacks = NO_VECTORS },
	{ "vspltisw", "000100 ddddd nnnnn ----- 01110001100", lift_vspltis, .arg = W, .lacks = NO_VECTORS },
	{ "vpkuhum", "000100 ddddd aaaaa bbbbb 00000001110", lift_pack, .arg = H | IR_OP_narrow, .lacks = NO_VECTORS },
	{ "vpkuwum", "000100 ddddd aaaaa bbbbb 00001001110", lift_pack, .arg = W | IR_OP_narrow, .lacks = NO_VECTORS },
	{ "vpkuhus", "000100 ddddd aaaaa bbbbb 00010001110", lift_pack, .arg = H | IR_OP_narrow_uu, .lacks = NO_VECTORS },
	{ "vpkuwus", "000100 ddddd aaaaa bbbbb 00011001110", lift_pack, .arg = W | IR_OP_narrow_uu, .lacks = NO_VECTORS },
	{ "vpkshus", "000100 ddddd aaaaa bbbbb 00100001110", lift_pack, .arg = H | IR_OP_narrow_su, .lacks = NO_VECTORS },
	{ "vpkswus", "000100 ddddd aaaaa bbbbb 00101001110", lift_pack, .arg = W | IR_OP_narrow_su, .lacks = NO_VECTORS },
	{ "vpkshss", "000100 ddddd aaaaa bbbbb 00110001110", lift_pack, .arg = H | IR_OP_narrow_ss, .lacks = NO_VECTORS },
	{ "vpkswss", "000100 ddddd aaaaa bbbbb 00111001110", lift_pack, .arg = W | IR_OP_narrow_ss, .lacks = NO_VECTORS },
	{ "vpkpx", "000100 ddddd aaaaa bbbbb 01100001110", lift_vpkpx, .lacks = NO_VECTORS },
	{ "vupkhsb", "000100 ddddd ----- bbbbb 01000001110", lift_unpack, .arg = B | IR_OP_sext_hi, .lacks = NO_VECTORS },
	{ "vupkhsh", "000100 ddddd ----- bbbbb 01001001110", lift_unpack, .arg = H | IR_OP_sext_hi, .lacks = NO_VECTORS },
	{ "vupklsb", "000100 ddddd ----- bbbbb 01010001110", lift_unpack, .arg = B | IR_OP_sext_lo, .lacks = NO_VECTORS },
	{ "vupklsh", "000100 ddddd ----- bbbbb 01011001110", lift_unpack, .arg = H | IR_OP_sext_lo, .lacks = NO_VECTORS },
	{ "vupkhpx", "000100 ddddd ----- bbbbb 01101001110", lift_unpack_pixels, .arg = HIGH, .lacks = NO_VECTORS },
	{ "vupklpx", "000100 ddddd ----- bbbbb 01111001110", lift_unpack_pixels, .lacks = NO_VECTORS },
	{ "vsel", "000100 ddddd aaaaa bbbbb ccccc 101010", lift_vsel, .lacks = NO_VECTORS },
	{ "vperm", "000100 ddddd aaaaa bbbbb ccccc 101011", lift_vperm, .lacks = NO_VECTORS },
	{ "vsldoi", "000100 ddddd aaaaa bbbbb -nnnn 101100", lift_vsldoi, .lacks = NO_VECTORS },
	{ "vsl", "000100 ddddd aaaaa bbbbb 00111000100", lift_vsl, .lacks = NO_VECTORS },
	{ "vsr", "000100 ddddd aaaaa bbbbb 01011000100", lift_vsr, .lacks = NO_VECTORS },
	{ "vslo", "000100 ddddd aaaaa bbbbb 10000001100", lift_octets, .lacks = NO_VECTORS },
	{ "vsro", "000100 ddddd aaaaa bbbbb 10001001100", lift_octets, .arg = 1, .lacks = NO_VECTORS },
};

const struct ppc_rows ppc_rows_vec = PPC_ROWS(rows);
