/*
 * Loads and stores of SIMD registers (C7.2). Unaligned accesses work. A structure is loaded whole
 * before a register is written, and in as few accesses as it has registers.
 */
#include "frontend/aarch64/simd.h"

/* Row arguments of single registers and pairs: how the address comes about, and */
enum { UIMM, UNSCALED, POST, PRE, REGISTER, MODE = 7, LOAD = 8, QUAD = 16 };

/* log2 of the bytes of an access whose size is in bits 31-30, unless it is 16 bytes. */
static unsigned scale_of(const struct a64_word *in)
{
	return in->row->arg & QUAD ? 4 : in->word >> 30;
}

/*
 * From memory, zero-extended. Words are singles and doubles more often than anything else: as such they
 * never see a general register.
 */
static ir_val load(struct a64_lift *l, unsigned scale, ir_val base, int32_t disp)
{
	if (scale == 4)
		return ir_load(l->b, IR_MEM_128, IR_I64X2, base, disp);
	enum ir_type t = scale == 3 ? IR_F64 : scale == 2 ? IR_F32 : IR_I64;
	ir_val v = ir_vfirst(l->b, ir_load(l->b, scale, t, base, disp));
	return t == IR_I64 ? v : ir_bitcast(l->b, IR_I64X2, v);
}

static void store_register(struct a64_lift *l, unsigned scale, unsigned t, ir_val base, int32_t disp)
{
	if (scale == 4)
		ir_store(l->b, IR_MEM_128, base, disp, vec(l, IR_I64X2, t));
	else if (scale >= 2)
		ir_store(l->b, scale, base, disp, ir_extract(l->b, vec(l, scale == 3 ? IR_F64X2 : IR_F32X4, t), 0));
	else
		ir_store(l->b, scale, base, disp, simd_low(l, t));
}

/* An effective address: base + disp. */
struct simd_ea {
	ir_val base;
	int32_t disp;
};

static struct simd_ea address(struct a64_lift *l, const struct a64_word *in, unsigned scale)
{
	ir_val base = base_reg(l, in->Rn);

	switch (in->row->arg & MODE) {
	case UIMM: return (struct simd_ea){ base, (int32_t)(in->imm12 << scale) };
	case POST: return (struct simd_ea){ base, 0 };
	case REGISTER: return (struct simd_ea){ ir_add(l->b, base, a64_index(l, in, scale)), 0 };
	default: return (struct simd_ea){ base, in->imm9 };
	}
}

static void write_back(struct a64_lift *l, unsigned n, ir_val base, int64_t disp)
{
	set_reg_sp(l, n, ir_add(l->b, base, imm64(l, (uint64_t)disp)));
}

/* ldr, str, ldur, stur:  Vt <- memory, or memory <- Vt; writeback once the access has succeeded. */
static void lift_ldst(struct a64_lift *l, const struct a64_word *in)
{
	unsigned mode = in->row->arg & MODE, scale = scale_of(in);

	if (mode == REGISTER && !(in->option & 2)) {
		lift_illegal(l);
		return;
	}
	struct simd_ea at = address(l, in, scale);
	if (in->row->arg & LOAD)
		set_vec(l, in->Rt, load(l, scale, at.base, at.disp));
	else
		store_register(l, scale, in->Rt, at.base, at.disp);
	if (mode == POST || mode == PRE)
		write_back(l, in->Rn, at.base, in->imm9);
}

/* ldr Vt, label */
static void lift_literal(struct a64_lift *l, const struct a64_word *in)
{
	ir_val at = imm64(l, l->pc + (uint64_t)(int64_t)in->imm19 * 4);

	set_vec(l, in->Rt, load(l, 2 + (in->word >> 30), at, 0));
}

/* ldp, stp, ldnp, stnp:  two registers at once. */
static void lift_pair(struct a64_lift *l, const struct a64_word *in)
{
	unsigned mode = in->row->arg & MODE, scale = 2 + (in->word >> 30);
	ir_val base = base_reg(l, in->Rn);
	int32_t offset = in->imm7 * (1 << scale), disp = mode == POST ? 0 : offset, second = disp + (1 << scale);

	if (in->row->arg & LOAD) {
		ir_val first = load(l, scale, base, disp), other = load(l, scale, base, second);
		set_vec(l, in->Rt, first);
		set_vec(l, in->Rt2, other);
	} else {
		store_register(l, scale, in->Rt, base, disp);
		store_register(l, scale, in->Rt2, base, second);
	}
	if (mode == POST || mode == PRE)
		write_back(l, in->Rn, base, offset);
}

/* Row arguments of structures: registers in bits 1-0 (less one), and */
enum { STRUCT_LOAD = 4, STRUCT_POST = 8, INTERLEAVED = 16 };

enum { MAX_STRUCT = 4 };

/* Xn <- Xn + Xm, or the bytes of the access where m is 31. */
static void struct_write_back(struct a64_lift *l, const struct a64_word *in, ir_val base, unsigned bytes)
{
	if (!(in->row->arg & STRUCT_POST))
		return;
	ir_val by = in->Rm == 31 ? imm64(l, bytes) : xreg(l, in->Rm);
	set_reg_sp(l, in->Rn, ir_add(l->b, base, by));
}

/*
 * Where the byte at `offset` of n interleaved registers lies: byte `from` of register `reg`. With
 * lanes of 1 << esize bytes, memory holds lane 0 of each register, then lane 1 of each...
 */
static void place_of(unsigned offset, unsigned n, unsigned esize, unsigned *reg, unsigned *from)
{
	unsigned element = offset >> esize, low = offset & ((1u << esize) - 1);

	*reg = element % n;
	*from = (element / n << esize) + low;
}

/* Vectors as they lie in memory <-> registers of `bytes` bytes; both at most n of them. */
static void interleave(struct a64_lift *l, unsigned n, unsigned esize, unsigned bytes, const ir_val *registers,
		       ir_val *memory)
{
	struct arm_simd_byte map[MAX_STRUCT * 16];

	for (unsigned i = 0; i < n * bytes; i++) {
		unsigned reg, from;
		place_of(i, n, esize, &reg, &from);
		map[i] = (struct arm_simd_byte){ (uint8_t)reg, (uint8_t)from };
	}
	for (unsigned i = 0; i < n * bytes; i += 16)
		memory[i / 16] = arm_simd_gather(l->b, registers, map + i, n * bytes - i < 16 ? n * bytes - i : 16);
}

static void deinterleave(struct a64_lift *l, unsigned n, unsigned esize, unsigned bytes, const ir_val *memory,
			 ir_val *registers)
{
	struct arm_simd_byte map[MAX_STRUCT][16];

	for (unsigned i = 0; i < n * bytes; i++) {
		unsigned reg, from;
		place_of(i, n, esize, &reg, &from);
		map[reg][from] = (struct arm_simd_byte){ (uint8_t)(i / 16), i % 16 };
	}
	for (unsigned i = 0; i < n; i++)
		registers[i] = arm_simd_gather(l->b, memory, map[i], bytes);
}

/* The next `bytes` bytes, 8 or 16, as a vector. */
static ir_val load_vector(struct a64_lift *l, ir_val base, unsigned at, unsigned bytes)
{
	return load(l, bytes >= 16 ? 4 : 3, base, (int32_t)at);
}

static void store_vector(struct a64_lift *l, ir_val base, unsigned at, unsigned bytes, ir_val v)
{
	if (bytes >= 16)
		ir_store(l->b, IR_MEM_128, base, (int32_t)at, v);
	else
		ir_store(l->b, IR_MEM_64, base, (int32_t)at, ir_extract(l->b, v, 0));
}

/* Memory of n registers is n vectors or, of short ones, half as many with or without a half. */
static void load_structures(struct a64_lift *l, const struct a64_word *in, unsigned n, unsigned bytes, ir_val base)
{
	bool interleaved = in->row->arg & INTERLEAVED;
	unsigned step = interleaved ? 16 : bytes;
	ir_val memory[MAX_STRUCT], v[MAX_STRUCT];

	for (unsigned at = 0; at < n * bytes; at += step)
		memory[at / step] = load_vector(l, base, at, n * bytes - at < step ? n * bytes - at : step);
	if (interleaved)
		deinterleave(l, n, in->word >> 10 & 3, bytes, memory, v);
	for (unsigned i = 0; i < n; i++)
		set_vec(l, (in->Rt + i) % 32, interleaved ? v[i] : memory[i]);
}

static void store_structures(struct a64_lift *l, const struct a64_word *in, unsigned n, unsigned bytes, ir_val base)
{
	bool interleaved = in->row->arg & INTERLEAVED;
	unsigned step = interleaved ? 16 : bytes;
	ir_val memory[MAX_STRUCT], v[MAX_STRUCT];

	for (unsigned i = 0; i < n; i++)
		v[i] = vec(l, IR_I64X2, (in->Rt + i) % 32);
	if (interleaved)
		interleave(l, n, in->word >> 10 & 3, bytes, v, memory);
	for (unsigned at = 0; at < n * bytes; at += step)
		store_vector(l, base, at, n * bytes - at < step ? n * bytes - at : step,
			     interleaved ? memory[at / step] : v[at / step]);
}

/* ld1..ld4, st1..st4 { Vt... }, [Xn]:  whole registers; but for ld1 and st1, lane by lane. */
static void lift_structures(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = (in->row->arg & 3) + 1, bytes = in->Q ? 16 : 8;

	if (in->row->arg & INTERLEAVED && (in->word >> 10 & 3) == 3 && !in->Q) {
		lift_illegal(l);
		return;
	}
	ir_val base = base_reg(l, in->Rn);
	if (in->row->arg & STRUCT_LOAD)
		load_structures(l, in, n, bytes, base);
	else
		store_structures(l, in, n, bytes, base);
	struct_write_back(l, in, base, n * bytes);
}

/* Lane and log2 of its bytes, from Q, opcode, S and size. False: not allocated. */
static bool lane_of(const struct a64_word *in, unsigned *esize, unsigned *lane)
{
	unsigned size = a64_bits(in->word, 11, 10), index = (unsigned)in->Q << 3 | in->S << 2 | size;

	*esize = a64_bits(in->word, 15, 14);
	if (*esize == 2 && size == 1 && !in->S)
		*esize = 3;
	else if (size & ((1u << *esize) - 1))
		return false;
	*lane = index >> *esize;
	return true;
}

/* ld1..ld4, st1..st4 { Vt... }[lane], [Xn]:  one lane of each register, the others stay. */
static void lift_lanes(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = (in->row->arg & 3) + 1, esize, lane;
	ir_val v[MAX_STRUCT];

	if (!lane_of(in, &esize, &lane)) {
		lift_illegal(l);
		return;
	}
	ir_val base = base_reg(l, in->Rn);
	for (unsigned i = 0; i < n; i++) {
		unsigned t = (in->Rt + i) % 32;
		int32_t disp = (int32_t)(i << esize);
		if (in->row->arg & STRUCT_LOAD)
			v[i] = ir_load(l->b, esize, arm_simd_int(esize), base, disp);
		else
			ir_store(l->b, esize, base, disp, ir_extract(l->b, simd_vec(l, esize, t), lane));
	}
	for (unsigned i = 0; i < n && in->row->arg & STRUCT_LOAD; i++) {
		unsigned t = (in->Rt + i) % 32;
		set_vec(l, t, ir_insert(l->b, simd_vec(l, esize, t), v[i], lane));
	}
	struct_write_back(l, in, base, n << esize);
}

/* ld1r..ld4r { Vt... }, [Xn]:  one element into all lanes of a register, each. */
static void lift_replicate(struct a64_lift *l, const struct a64_word *in)
{
	unsigned n = (in->row->arg & 3) + 1, esize = a64_bits(in->word, 11, 10);
	ir_val base = base_reg(l, in->Rn), v[MAX_STRUCT];

	for (unsigned i = 0; i < n; i++)
		v[i] = ir_load(l->b, esize, arm_simd_int(esize), base, (int32_t)(i << esize));
	for (unsigned i = 0; i < n; i++)
		simd_result(l, (in->Rt + i) % 32, in->Q ? 16 : 8, ir_splat(l->b, v[i]));
	struct_write_back(l, in, base, n << esize);
}

static const struct a64_row rows[] = {
	{ "str", "zz 111 1 01 00 iiiiiiiiiiii nnnnn ttttt", lift_ldst, .arg = UIMM },
	{ "str", "zz 111 1 00 00 0 iiiiiiiii 01 nnnnn ttttt", lift_ldst, .arg = POST },
	{ "str", "zz 111 1 00 00 0 iiiiiiiii 11 nnnnn ttttt", lift_ldst, .arg = PRE },
	{ "str", "zz 111 1 00 00 1 mmmmm ooo S 10 nnnnn ttttt", lift_ldst, .arg = REGISTER },
	{ "stur", "zz 111 1 00 00 0 iiiiiiiii 00 nnnnn ttttt", lift_ldst, .arg = UNSCALED },
	{ "str", "00 111 1 01 10 iiiiiiiiiiii nnnnn ttttt", lift_ldst, .arg = UIMM | QUAD },
	{ "str", "00 111 1 00 10 0 iiiiiiiii 01 nnnnn ttttt", lift_ldst, .arg = POST | QUAD },
	{ "str", "00 111 1 00 10 0 iiiiiiiii 11 nnnnn ttttt", lift_ldst, .arg = PRE | QUAD },
	{ "str", "00 111 1 00 10 1 mmmmm ooo S 10 nnnnn ttttt", lift_ldst, .arg = REGISTER | QUAD },
	{ "stur", "00 111 1 00 10 0 iiiiiiiii 00 nnnnn ttttt", lift_ldst, .arg = UNSCALED | QUAD },
	{ "ldr", "zz 111 1 01 01 iiiiiiiiiiii nnnnn ttttt", lift_ldst, .arg = LOAD | UIMM },
	{ "ldr", "zz 111 1 00 01 0 iiiiiiiii 01 nnnnn ttttt", lift_ldst, .arg = LOAD | POST },
	{ "ldr", "zz 111 1 00 01 0 iiiiiiiii 11 nnnnn ttttt", lift_ldst, .arg = LOAD | PRE },
	{ "ldr", "zz 111 1 00 01 1 mmmmm ooo S 10 nnnnn ttttt", lift_ldst, .arg = LOAD | REGISTER },
	{ "ldur", "zz 111 1 00 01 0 iiiiiiiii 00 nnnnn ttttt", lift_ldst, .arg = LOAD | UNSCALED },
	{ "ldr", "00 111 1 01 11 iiiiiiiiiiii nnnnn ttttt", lift_ldst, .arg = LOAD | UIMM | QUAD },
	{ "ldr", "00 111 1 00 11 0 iiiiiiiii 01 nnnnn ttttt", lift_ldst, .arg = LOAD | POST | QUAD },
	{ "ldr", "00 111 1 00 11 0 iiiiiiiii 11 nnnnn ttttt", lift_ldst, .arg = LOAD | PRE | QUAD },
	{ "ldr", "00 111 1 00 11 1 mmmmm ooo S 10 nnnnn ttttt", lift_ldst, .arg = LOAD | REGISTER | QUAD },
	{ "ldur", "00 111 1 00 11 0 iiiiiiiii 00 nnnnn ttttt", lift_ldst, .arg = LOAD | UNSCALED | QUAD },
	{ "ldr", "00 011 1 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal },
	{ "ldr", "01 011 1 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal },
	{ "ldr", "10 011 1 00 iiiiiiiiiiiiiiiiiii ttttt", lift_literal },
	{ "stnp", "00 101 1 000 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "00 101 1 001 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = POST },
	{ "stp", "00 101 1 010 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "00 101 1 011 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = PRE },
	{ "stnp", "01 101 1 000 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "01 101 1 001 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = POST },
	{ "stp", "01 101 1 010 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "01 101 1 011 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = PRE },
	{ "stnp", "10 101 1 000 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "10 101 1 001 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = POST },
	{ "stp", "10 101 1 010 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = UNSCALED },
	{ "stp", "10 101 1 011 0 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = PRE },
	{ "ldnp", "00 101 1 000 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "00 101 1 001 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | POST },
	{ "ldp", "00 101 1 010 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "00 101 1 011 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | PRE },
	{ "ldnp", "01 101 1 000 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "01 101 1 001 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | POST },
	{ "ldp", "01 101 1 010 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "01 101 1 011 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | PRE },
	{ "ldnp", "10 101 1 000 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "10 101 1 001 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | POST },
	{ "ldp", "10 101 1 010 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | UNSCALED },
	{ "ldp", "10 101 1 011 1 iiiiiii uuuuu nnnnn ttttt", lift_pair, .arg = LOAD | PRE },
	{ "st1", "0Q 0011000 0 0 00000 0111 zz nnnnn ttttt", lift_structures },
	{ "st1", "0Q 0011000 0 0 00000 1010 zz nnnnn ttttt", lift_structures, .arg = 1 },
	{ "st1", "0Q 0011000 0 0 00000 0110 zz nnnnn ttttt", lift_structures, .arg = 2 },
	{ "st1", "0Q 0011000 0 0 00000 0010 zz nnnnn ttttt", lift_structures, .arg = 3 },
	{ "st2", "0Q 0011000 0 0 00000 1000 zz nnnnn ttttt", lift_structures, .arg = INTERLEAVED | 1 },
	{ "st3", "0Q 0011000 0 0 00000 0100 zz nnnnn ttttt", lift_structures, .arg = INTERLEAVED | 2 },
	{ "st4", "0Q 0011000 0 0 00000 0000 zz nnnnn ttttt", lift_structures, .arg = INTERLEAVED | 3 },
	{ "st1", "0Q 0011001 0 0 mmmmm 0111 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST },
	{ "st1", "0Q 0011001 0 0 mmmmm 1010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | 1 },
	{ "st1", "0Q 0011001 0 0 mmmmm 0110 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | 2 },
	{ "st1", "0Q 0011001 0 0 mmmmm 0010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | 3 },
	{ "st2", "0Q 0011001 0 0 mmmmm 1000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | INTERLEAVED | 1 },
	{ "st3", "0Q 0011001 0 0 mmmmm 0100 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | INTERLEAVED | 2 },
	{ "st4", "0Q 0011001 0 0 mmmmm 0000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_POST | INTERLEAVED | 3 },
	{ "ld1", "0Q 0011000 1 0 00000 0111 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD },
	{ "ld1", "0Q 0011000 1 0 00000 1010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | 1 },
	{ "ld1", "0Q 0011000 1 0 00000 0110 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | 2 },
	{ "ld1", "0Q 0011000 1 0 00000 0010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | 3 },
	{ "ld2", "0Q 0011000 1 0 00000 1000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | INTERLEAVED | 1 },
	{ "ld3", "0Q 0011000 1 0 00000 0100 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | INTERLEAVED | 2 },
	{ "ld4", "0Q 0011000 1 0 00000 0000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | INTERLEAVED | 3 },
	{ "ld1", "0Q 0011001 1 0 mmmmm 0111 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST },
	{ "ld1", "0Q 0011001 1 0 mmmmm 1010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | 1 },
	{ "ld1", "0Q 0011001 1 0 mmmmm 0110 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | 2 },
	{ "ld1", "0Q 0011001 1 0 mmmmm 0010 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | 3 },
	{ "ld2", "0Q 0011001 1 0 mmmmm 1000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | INTERLEAVED | 1 },
	{ "ld3", "0Q 0011001 1 0 mmmmm 0100 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | INTERLEAVED | 2 },
	{ "ld4", "0Q 0011001 1 0 mmmmm 0000 zz nnnnn ttttt", lift_structures, .arg = STRUCT_LOAD | STRUCT_POST | INTERLEAVED | 3 },
	{ "st1", "0Q 0011010 0 0 00000 000 S zz nnnnn ttttt", lift_lanes },
	{ "st1", "0Q 0011010 0 0 00000 010 S zz nnnnn ttttt", lift_lanes },
	{ "st1", "0Q 0011010 0 0 00000 100 S zz nnnnn ttttt", lift_lanes },
	{ "st2", "0Q 0011010 0 1 00000 000 S zz nnnnn ttttt", lift_lanes, .arg = 1 },
	{ "st2", "0Q 0011010 0 1 00000 010 S zz nnnnn ttttt", lift_lanes, .arg = 1 },
	{ "st2", "0Q 0011010 0 1 00000 100 S zz nnnnn ttttt", lift_lanes, .arg = 1 },
	{ "st3", "0Q 0011010 0 0 00000 001 S zz nnnnn ttttt", lift_lanes, .arg = 2 },
	{ "st3", "0Q 0011010 0 0 00000 011 S zz nnnnn ttttt", lift_lanes, .arg = 2 },
	{ "st3", "0Q 0011010 0 0 00000 101 S zz nnnnn ttttt", lift_lanes, .arg = 2 },
	{ "st4", "0Q 0011010 0 1 00000 001 S zz nnnnn ttttt", lift_lanes, .arg = 3 },
	{ "st4", "0Q 0011010 0 1 00000 011 S zz nnnnn ttttt", lift_lanes, .arg = 3 },
	{ "st4", "0Q 0011010 0 1 00000 101 S zz nnnnn ttttt", lift_lanes, .arg = 3 },
	{ "st1", "0Q 0011011 0 0 mmmmm 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST },
	{ "st1", "0Q 0011011 0 0 mmmmm 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST },
	{ "st1", "0Q 0011011 0 0 mmmmm 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST },
	{ "st2", "0Q 0011011 0 1 mmmmm 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 1 },
	{ "st2", "0Q 0011011 0 1 mmmmm 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 1 },
	{ "st2", "0Q 0011011 0 1 mmmmm 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 1 },
	{ "st3", "0Q 0011011 0 0 mmmmm 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 2 },
	{ "st3", "0Q 0011011 0 0 mmmmm 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 2 },
	{ "st3", "0Q 0011011 0 0 mmmmm 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 2 },
	{ "st4", "0Q 0011011 0 1 mmmmm 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 3 },
	{ "st4", "0Q 0011011 0 1 mmmmm 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 3 },
	{ "st4", "0Q 0011011 0 1 mmmmm 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_POST | 3 },
	{ "ld1r", "0Q 0011010 1 0 00000 110 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD },
	{ "ld1", "0Q 0011010 1 0 00000 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD },
	{ "ld1", "0Q 0011010 1 0 00000 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD },
	{ "ld1", "0Q 0011010 1 0 00000 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD },
	{ "ld2r", "0Q 0011010 1 1 00000 110 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | 1 },
	{ "ld2", "0Q 0011010 1 1 00000 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 1 },
	{ "ld2", "0Q 0011010 1 1 00000 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 1 },
	{ "ld2", "0Q 0011010 1 1 00000 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 1 },
	{ "ld3r", "0Q 0011010 1 0 00000 111 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | 2 },
	{ "ld3", "0Q 0011010 1 0 00000 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 2 },
	{ "ld3", "0Q 0011010 1 0 00000 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 2 },
	{ "ld3", "0Q 0011010 1 0 00000 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 2 },
	{ "ld4r", "0Q 0011010 1 1 00000 111 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | 3 },
	{ "ld4", "0Q 0011010 1 1 00000 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 3 },
	{ "ld4", "0Q 0011010 1 1 00000 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 3 },
	{ "ld4", "0Q 0011010 1 1 00000 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | 3 },
	{ "ld1r", "0Q 0011011 1 0 mmmmm 110 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | STRUCT_POST },
	{ "ld1", "0Q 0011011 1 0 mmmmm 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST },
	{ "ld1", "0Q 0011011 1 0 mmmmm 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST },
	{ "ld1", "0Q 0011011 1 0 mmmmm 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST },
	{ "ld2r", "0Q 0011011 1 1 mmmmm 110 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | STRUCT_POST | 1 },
	{ "ld2", "0Q 0011011 1 1 mmmmm 000 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 1 },
	{ "ld2", "0Q 0011011 1 1 mmmmm 010 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 1 },
	{ "ld2", "0Q 0011011 1 1 mmmmm 100 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 1 },
	{ "ld3r", "0Q 0011011 1 0 mmmmm 111 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | STRUCT_POST | 2 },
	{ "ld3", "0Q 0011011 1 0 mmmmm 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 2 },
	{ "ld3", "0Q 0011011 1 0 mmmmm 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 2 },
	{ "ld3", "0Q 0011011 1 0 mmmmm 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 2 },
	{ "ld4r", "0Q 0011011 1 1 mmmmm 111 0 zz nnnnn ttttt", lift_replicate, .arg = STRUCT_LOAD | STRUCT_POST | 3 },
	{ "ld4", "0Q 0011011 1 1 mmmmm 001 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 3 },
	{ "ld4", "0Q 0011011 1 1 mmmmm 011 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 3 },
	{ "ld4", "0Q 0011011 1 1 mmmmm 101 S zz nnnnn ttttt", lift_lanes, .arg = STRUCT_LOAD | STRUCT_POST | 3 },
};
const struct a64_rows a64_rows_simd_mem = A64_ROWS(rows);
