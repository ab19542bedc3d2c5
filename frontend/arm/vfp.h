/*
 * What the lifts of VFP and Advanced SIMD share: their registers. Numbers of single registers are 0..31, of
 * doubleword registers 0..31.
 */
#ifndef ARM_VFP_H
#define ARM_VFP_H

#include "frontend/arm/arm.h"
#include "frontend/arm/fp.h"

/* Vd:D as a double's number, D:Vd as a single's. */
static inline unsigned dreg(uint32_t v, uint32_t extra)
{
	return extra << 4 | v;
}

static inline unsigned sreg(uint32_t v, uint32_t extra)
{
	return v << 1 | extra;
}

/* The slots are doubles, which is what most of them hold; lifts get and set the bits. */
static inline ir_val get_d(struct arm_lift *l, unsigned n)
{
	return ir_bitcast(l->b, IR_I64, ir_get(l->b, ARM_D0 + n));
}

static inline void set_d(struct arm_lift *l, unsigned n, ir_val v)
{
	arm_set_flag(l, ARM_D0 + n, ir_bitcast(l->b, IR_F64, v));
}

/* Bits from and to memory, of IR_MEM_32 or IR_MEM_64, that mostly are a float. */
static inline ir_val load_fp(struct arm_lift *l, unsigned mem, ir_val base, int32_t disp)
{
	bool wide = (mem & IR_MEM_SIZE) == IR_MEM_64;
	enum ir_type bits = wide ? IR_I64 : IR_I32;

	if (l->predicated)
		return arm_load(l, mem, bits, base, disp);
	return ir_bitcast(l->b, bits, ir_load(l->b, mem, wide ? IR_F64 : IR_F32, base, disp));
}

static inline void store_fp(struct arm_lift *l, unsigned mem, ir_val base, int32_t disp, ir_val v)
{
	enum ir_type as = (mem & IR_MEM_SIZE) == IR_MEM_64 ? IR_F64 : IR_F32;

	arm_store(l, mem, base, disp, l->predicated ? v : ir_bitcast(l->b, as, v));
}

static inline ir_val get_s(struct arm_lift *l, unsigned n)
{
	ir_val d = get_d(l, n / 2);

	return n & 1 ? high_word(l, d) : low_word(l, d);
}

static inline void set_s(struct arm_lift *l, unsigned n, ir_val v)
{
	ir_val d = get_d(l, n / 2), low = low_word(l, d), high = high_word(l, d);

	if (l->predicated)
		v = ir_select(l->b, l->holds, v, n & 1 ? high : low);
	ir_put(l->b, ARM_D0 + n / 2, ir_bitcast(l->b, IR_F64, n & 1 ? join(l, low, v) : join(l, v, high)));
}

#endif
