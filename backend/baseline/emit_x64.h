/*
 * A small x86-64 assembler: exactly the encodings the baseline back end uses, written at a cursor.
 * The caller makes sure there is room (x64_room) before a group of instructions. It knows no IR.
 */
#ifndef BASELINE_EMIT_X64_H
#define BASELINE_EMIT_X64_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum x64_reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, X64_RIP = 0xfe, X64_NONE = 0xff };

enum x64_cc { CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE, CC_LE, CC_G };

/* The first group of two-operand instructions: the opcode is 8 * op + form. */
enum x64_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

/* The /digit of shifts and rotates. */
enum x64_shift { SH_ROL = 0, SH_ROR = 1, SH_SHL = 4, SH_SHR = 5, SH_SAR = 7 };

/* [base + index + disp]; base X64_RIP is [rip + disp], disp then counted from the field's end. */
struct x64_mem {
	uint8_t base, index;
	int32_t disp;
};

struct x64 {
	uint8_t *p, *start, *end;
	const struct base_alloc *alloc;
};

/* Prefixes and the like, or-ed. */
enum { X_W = 1, X_66 = 2, X_F3 = 4, X_F2 = 8, X_REX = 16, X_LOCK = 32 };

/* Makes room for at least n more bytes; false when out of memory. */
bool x64_grow(struct x64 *x, size_t n);

static inline bool x64_room(struct x64 *x, size_t n)
{
	return (size_t)(x->end - x->p) >= n || x64_grow(x, n);
}

static inline uint32_t x64_pos(const struct x64 *x)
{
	return (uint32_t)(x->p - x->start);
}

static inline void x64_8(struct x64 *x, unsigned v)
{
	*x->p++ = (uint8_t)v;
}

static inline void x64_32(struct x64 *x, uint32_t v)
{
	memcpy(x->p, &v, 4);
	x->p += 4;
}

static inline void x64_64(struct x64 *x, uint64_t v)
{
	memcpy(x->p, &v, 8);
	x->p += 8;
}

/* op: 0x8b, 0x0faf or 0x0f38f0. */
static inline void x64_head(struct x64 *x, unsigned fl, unsigned op, unsigned reg, unsigned index, unsigned base)
{
	unsigned rex = (fl & X_W ? 8u : 0u) | (reg & 8) >> 1 | (index & 8) >> 2 | (base & 8) >> 3;

	if (fl & X_LOCK)
		x64_8(x, 0xf0);
	if (fl & X_66)
		x64_8(x, 0x66);
	if (fl & X_F2)
		x64_8(x, 0xf2);
	if (fl & X_F3)
		x64_8(x, 0xf3);
	if (rex || fl & X_REX)
		x64_8(x, 0x40 | rex);
	if (op > 0xff)
		x64_8(x, 0x0f);
	if (op > 0xffff)
		x64_8(x, op >> 8);
	x64_8(x, op);
}

static inline void x64_modrm_mem(struct x64 *x, unsigned reg, struct x64_mem m)
{
	unsigned r = (reg & 7) << 3, b = m.base & 7;
	bool small = m.disp == (int8_t)m.disp;

	if (m.base == X64_RIP) {
		x64_8(x, r | 5);
		x64_32(x, (uint32_t)m.disp);
		return;
	}
	r |= small ? 0x40 : 0x80;
	if (m.disp == 0 && b != 5)
		r &= 0x38;
	if (m.index != X64_NONE) {
		x64_8(x, r | 4);
		x64_8(x, (m.index & 7u) << 3 | b);
	} else {
		x64_8(x, r | b);
		if (b == 4)
			x64_8(x, 0x24);
	}
	if (!(r & 0xc0))
		return;
	if (small)
		x64_8(x, (unsigned)m.disp & 0xff);
	else
		x64_32(x, (uint32_t)m.disp);
}

static inline void x64_rr(struct x64 *x, unsigned fl, unsigned op, unsigned reg, unsigned rm)
{
	if (reg < 4 && rm < 4)
		fl &= ~(unsigned)X_REX;
	x64_head(x, fl, op, reg, 0, rm);
	x64_8(x, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

static inline void x64_rm(struct x64 *x, unsigned fl, unsigned op, unsigned reg, struct x64_mem m)
{
	if (reg < 4)
		fl &= ~(unsigned)X_REX;
	x64_head(x, fl, op, reg, m.index == X64_NONE ? 0 : m.index, m.base == X64_RIP ? 0 : m.base);
	x64_modrm_mem(x, reg, m);
}

/* Flags of an operand size in bytes; for size 1 a byte register above rbx needs a REX prefix. */
static inline unsigned x64_size(unsigned bytes)
{
	return bytes == 8 ? X_W : bytes == 2 ? X_66 : bytes == 1 ? X_REX : 0;
}

static inline void x64_mov(struct x64 *x, unsigned bytes, unsigned dst, unsigned src)
{
	x64_rr(x, bytes == 8 ? X_W : 0, 0x8b, dst, src);
}

static inline void x64_mov_imm(struct x64 *x, unsigned dst, uint64_t v)
{
	if (v <= 0xffffffffu) {
		x64_head(x, 0, 0xb8 | (dst & 7), 0, 0, dst);
		x64_32(x, (uint32_t)v);
	} else if ((int64_t)v == (int32_t)v) {
		x64_rr(x, X_W, 0xc7, 0, dst);
		x64_32(x, (uint32_t)v);
	} else {
		x64_head(x, X_W, 0xb8 | (dst & 7), 0, 0, dst);
		x64_64(x, v);
	}
}

/* Zero-extending load of 1, 2, 4 or 8 bytes. */
static inline void x64_load(struct x64 *x, unsigned bytes, unsigned dst, struct x64_mem m)
{
	static const uint16_t op[9] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };

	x64_rm(x, bytes == 8 ? X_W : 0, op[bytes], dst, m);
}

/* Sign-extending load of 1, 2 or 4 bytes to 32 or (wide) 64 bits. */
static inline void x64_load_sx(struct x64 *x, unsigned bytes, bool wide, unsigned dst, struct x64_mem m)
{
	static const uint16_t op[5] = { [1] = 0x0fbe, [2] = 0x0fbf, [4] = 0x63 };

	x64_rm(x, wide ? X_W : 0, op[bytes], dst, m);
}

static inline void x64_store(struct x64 *x, unsigned bytes, struct x64_mem m, unsigned src)
{
	x64_rm(x, x64_size(bytes), bytes == 1 ? 0x88 : 0x89, src, m);
}

/* imm is sign-extended for 8 bytes. */
static inline void x64_store_imm(struct x64 *x, unsigned bytes, struct x64_mem m, uint32_t imm)
{
	if (m.base == X64_RIP)
		m.disp -= bytes > 4 ? 4 : (int32_t)bytes;
	x64_rm(x, x64_size(bytes) & ~(unsigned)X_REX, bytes == 1 ? 0xc6 : 0xc7, 0, m);
	memcpy(x->p, &imm, 4);
	x->p += bytes > 4 ? 4 : bytes;
}

static inline void x64_zx(struct x64 *x, unsigned bytes, unsigned dst, unsigned src)
{
	if (bytes >= 4)
		x64_mov(x, bytes, dst, src);
	else
		x64_rr(x, bytes == 1 ? X_REX : 0, bytes == 1 ? 0x0fb6 : 0x0fb7, dst, src);
}

static inline void x64_sx(struct x64 *x, unsigned bytes, bool wide, unsigned dst, unsigned src)
{
	unsigned w = wide ? X_W : 0;

	if (bytes == 4)
		x64_rr(x, w, wide ? 0x63 : 0x8b, dst, src);
	else
		x64_rr(x, w | (bytes == 1 ? X_REX : 0), bytes == 1 ? 0x0fbe : 0x0fbf, dst, src);
}

static inline void x64_alu(struct x64 *x, unsigned bytes, enum x64_alu op, unsigned dst, unsigned src)
{
	x64_rr(x, x64_size(bytes), op * 8u + (bytes == 1 ? 2 : 3), dst, src);
}

static inline void x64_alu_load(struct x64 *x, unsigned bytes, enum x64_alu op, unsigned dst, struct x64_mem m)
{
	x64_rm(x, x64_size(bytes), op * 8u + (bytes == 1 ? 2 : 3), dst, m);
}

static inline void x64_imm_tail(struct x64 *x, unsigned bytes, bool small, int32_t imm)
{
	if (small || bytes == 1) {
		x64_8(x, (unsigned)imm & 0xff);
	} else if (bytes == 2) {
		x64_8(x, (unsigned)imm & 0xff);
		x64_8(x, (unsigned)imm >> 8 & 0xff);
	} else {
		x64_32(x, (uint32_t)imm);
	}
}

static inline void x64_alu_imm(struct x64 *x, unsigned bytes, enum x64_alu op, unsigned dst, int32_t imm)
{
	bool small = imm == (int8_t)imm;

	x64_rr(x, x64_size(bytes), bytes == 1 ? 0x80 : small ? 0x83 : 0x81, op, dst);
	x64_imm_tail(x, bytes, small, imm);
}

static inline void x64_alu_mem_imm(struct x64 *x, unsigned bytes, enum x64_alu op, struct x64_mem m, int32_t imm)
{
	bool small = imm == (int8_t)imm;

	x64_rm(x, x64_size(bytes) & ~(unsigned)X_REX, bytes == 1 ? 0x80 : small ? 0x83 : 0x81, op, m);
	x64_imm_tail(x, bytes, small, imm);
}

static inline void x64_test(struct x64 *x, unsigned bytes, unsigned a, unsigned b)
{
	x64_rr(x, x64_size(bytes), bytes == 1 ? 0x84 : 0x85, a, b);
}

static inline void x64_test_imm(struct x64 *x, unsigned reg, uint32_t imm)
{
	if (imm < 0x80) {
		x64_rr(x, X_REX, 0xf6, 0, reg);
		x64_8(x, imm);
	} else {
		x64_rr(x, 0, 0xf7, 0, reg);
		x64_32(x, imm);
	}
}

static inline void x64_lea(struct x64 *x, unsigned bytes, unsigned dst, struct x64_mem m)
{
	x64_rm(x, bytes == 8 ? X_W : 0, 0x8d, dst, m);
}

static inline void x64_shift_imm(struct x64 *x, unsigned bytes, enum x64_shift op, unsigned dst, unsigned n)
{
	x64_rr(x, x64_size(bytes), bytes == 1 ? 0xc0 : 0xc1, op, dst);
	x64_8(x, n);
}

static inline void x64_shift_cl(struct x64 *x, unsigned bytes, enum x64_shift op, unsigned dst)
{
	x64_rr(x, x64_size(bytes), bytes == 1 ? 0xd2 : 0xd3, op, dst);
}

/* not 2, neg 3, mul 4, imul 5, div 6, idiv 7 */
static inline void x64_group3(struct x64 *x, unsigned bytes, unsigned digit, unsigned rm)
{
	x64_rr(x, x64_size(bytes), bytes == 1 ? 0xf6 : 0xf7, digit, rm);
}

static inline void x64_imul(struct x64 *x, unsigned bytes, unsigned dst, unsigned src)
{
	x64_rr(x, x64_size(bytes), 0x0faf, dst, src);
}

static inline void x64_bswap(struct x64 *x, unsigned bytes, unsigned r)
{
	x64_head(x, bytes == 8 ? X_W : 0, 0x0fc8 | (r & 7), 0, 0, r);
}

static inline void x64_setcc(struct x64 *x, enum x64_cc cc, unsigned r)
{
	x64_rr(x, X_REX, 0x0f90 | cc, 0, r);
}

static inline void x64_setcc_mem(struct x64 *x, enum x64_cc cc, struct x64_mem m)
{
	x64_rm(x, 0, 0x0f90 | cc, 0, m);
}

static inline void x64_cmov(struct x64 *x, unsigned bytes, enum x64_cc cc, unsigned dst, unsigned src)
{
	x64_rr(x, bytes == 8 ? X_W : 0, 0x0f40 | cc, dst, src);
}

/* A jump to be patched; answers the position behind its displacement. */
static inline uint32_t x64_jcc(struct x64 *x, enum x64_cc cc)
{
	x64_8(x, 0x0f);
	x64_8(x, 0x80 | cc);
	x64_32(x, 0);
	return x64_pos(x);
}

static inline uint32_t x64_jmp(struct x64 *x)
{
	x64_8(x, 0xe9);
	x64_32(x, 0);
	return x64_pos(x);
}

static inline void x64_patch(struct x64 *x, uint32_t after, uint32_t target)
{
	uint32_t rel = target - after;

	memcpy(x->start + after - 4, &rel, 4);
}

static inline uint32_t x64_jcc_short(struct x64 *x, enum x64_cc cc)
{
	x64_8(x, 0x70 | cc);
	x64_8(x, 0);
	return x64_pos(x);
}

static inline uint32_t x64_jmp_short(struct x64 *x)
{
	x64_8(x, 0xeb);
	x64_8(x, 0);
	return x64_pos(x);
}

/* The target of a short jump is here. */
static inline void x64_here(struct x64 *x, uint32_t after)
{
	x->start[after - 1] = (uint8_t)(x64_pos(x) - after);
}

static inline void x64_jmp_to(struct x64 *x, uint32_t target)
{
	uint32_t after = x64_jmp(x);

	x64_patch(x, after, target);
}

/* pp: 0 none, 1 66, 2 F3, 3 F2; map: 1 0F, 2 0F38, 3 0F3A. */
static inline void x64_vex_head(struct x64 *x, unsigned pp, unsigned map, bool w, unsigned reg, unsigned v,
				unsigned index, unsigned base)
{
	unsigned tail = (~v & 15) << 3 | pp;

	if (map == 1 && !w && !(index & 8) && !(base & 8)) {
		x64_8(x, 0xc5);
		x64_8(x, (reg & 8 ? 0 : 0x80u) | tail);
		return;
	}
	x64_8(x, 0xc4);
	x64_8(x, (reg & 8 ? 0 : 0x80u) | (index & 8 ? 0 : 0x40u) | (base & 8 ? 0 : 0x20u) | map);
	x64_8(x, (w ? 0x80u : 0u) | tail);
}

static inline void x64_vex_rr(struct x64 *x, unsigned pp, unsigned map, bool w, unsigned op, unsigned reg, unsigned v,
			      unsigned rm)
{
	x64_vex_head(x, pp, map, w, reg, v, 0, rm);
	x64_8(x, op);
	x64_8(x, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

static inline void x64_vex_rm(struct x64 *x, unsigned pp, unsigned map, bool w, unsigned op, unsigned reg, unsigned v,
			      struct x64_mem m)
{
	x64_vex_head(x, pp, map, w, reg, v, m.index == X64_NONE ? 0 : m.index, m.base == X64_RIP ? 0 : m.base);
	x64_8(x, op);
	x64_modrm_mem(x, reg, m);
}

#endif
