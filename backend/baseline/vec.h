/* What the emitters of vector operations share: instructions of vector registers by their parts. For this folder. */
#ifndef BASELINE_VEC_H
#define BASELINE_VEC_H

#include "backend/baseline/gen.h"

/*
 * An instruction: prefix (0 none, 1 66, 2 F3, 3 F2), map (1 0F, 2 0F38, 3 0F3A), opcode. Registers
 * are numbered from XMM; an integer register may stand where the instruction has one. With AVX
 * the VEX form of three operands is written, else a move and the form of two.
 */
typedef uint16_t vec_code;
#define VEC_CODE(pp, map, op) ((vec_code)((pp) | (map) << 2 | (op) << 8))
#define VEC_W 0x10u		/* or-ed: 64-bit form */

static inline bool vec_has(const struct gen *g, unsigned feature)
{
	return (g->feat & feature) == feature;
}

/* dst = a op b. Any of the registers may be the same. */
void vec_op(struct gen *g, vec_code code, unsigned dst, unsigned a, unsigned b);
void vec_op_imm(struct gen *g, vec_code code, unsigned dst, unsigned a, unsigned b, unsigned imm);
/* dst = a op constant */
void vec_op_const(struct gen *g, vec_code code, unsigned dst, unsigned a, uint64_t lo, uint64_t hi);
/* dst = op src; also stores and moves to integer registers, where dst is the "reg" field. */
void vec_move(struct gen *g, vec_code code, unsigned dst, unsigned src);
void vec_move_imm(struct gen *g, vec_code code, unsigned dst, unsigned src, unsigned imm);
/* dst = src shifted by n bits of lanes (code: 0F 71, 72, 73; digit 2 right, 4 arithmetic right, 6 left; 3, 7 bytes) */
void vec_shift(struct gen *g, unsigned op, unsigned digit, unsigned dst, unsigned src, unsigned n);
/* A register for the result: that of a or, with AVX, b when the operand dies here. */
unsigned vec_def(struct gen *g, ir_val a, ir_val b);
/* A temporary with a constant in each lane of `bits`. */
unsigned vec_const(struct gen *g, unsigned bits, uint64_t lane);
/* The constant's low or high half, which are the same: each lane of `bits` is `lane`. */
uint64_t vec_repeat(unsigned bits, uint64_t lane);

/* vec_move.c: false when the host has no good way to do it. */
bool vec_emit_move(struct gen *g);

enum vec_common {
	VEC_PAND = VEC_CODE(1, 1, 0xdb), VEC_PANDN = VEC_CODE(1, 1, 0xdf), VEC_POR = VEC_CODE(1, 1, 0xeb),
	VEC_PXOR = VEC_CODE(1, 1, 0xef), VEC_PSHUFB = VEC_CODE(1, 2, 0x00), VEC_PSHUFD = VEC_CODE(1, 1, 0x70),
	VEC_PUNPCKLQDQ = VEC_CODE(1, 1, 0x6c), VEC_PADDUSB = VEC_CODE(1, 1, 0xdc), VEC_SHUFPS = VEC_CODE(0, 1, 0xc6),
	VEC_PACKUSWB = VEC_CODE(1, 1, 0x67), VEC_PACKUSDW = VEC_CODE(1, 2, 0x2b),
};

#endif
