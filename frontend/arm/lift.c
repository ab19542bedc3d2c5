/*
 * What all lifts share: conditions, flags, the shifter, and the ways out of a block. A predicated
 * instruction computes as if its condition held; what it writes is selected here.
 */
#include "dragoman/status.h"
#include "frontend/arm/arm.h"

/* ---- registers and flags ---- */

static void put(struct arm_lift *l, unsigned slot, ir_val v)
{
	if (l->predicated)
		v = ir_select(l->b, l->holds, v, ir_get(l->b, slot));
	ir_put(l->b, slot, v);
}

void arm_set_reg(struct arm_lift *l, unsigned n, ir_val v)
{
	if (n != ARM_PC_REG) {
		put(l, ARM_R0 + n, v);
		return;
	}
	arm_skip_rest(l);
	arm_go_to(l, v, IR_EXIT_JUMP);
}

void arm_set_result(struct arm_lift *l, unsigned n, ir_val v)
{
	if (n == ARM_PC_REG && l->thumb)
		v = ir_or(l->b, v, imm32(l, 1));
	arm_set_reg(l, n, v);
}

void arm_set_flag(struct arm_lift *l, unsigned slot, ir_val v)
{
	if (slot >= ARM_N && slot <= ARM_V)
		l->compare->known = l->compare->holds = false;
	if (slot >= ARM_FP_N && slot <= ARM_FP_V)
		l->compare->fp.known = false;
	put(l, slot, v);
}

void arm_set_nz(struct arm_lift *l, ir_val v)
{
	arm_set_flag(l, ARM_N, ir_slt(l->b, v, imm32(l, 0)));
	arm_set_flag(l, ARM_Z, ir_eq(l->b, v, imm32(l, 0)));
}

void arm_set_add_flags(struct arm_lift *l, ir_val a, ir_val b, ir_val carry_in, ir_val sum)
{
	arm_set_nz(l, sum);
	arm_set_flag(l, ARM_C, ir_add_carry(l->b, a, b, carry_in));
	arm_set_flag(l, ARM_V, ir_add_overflow(l->b, a, b, carry_in));
}

void arm_set_sub_flags(struct arm_lift *l, ir_val a, ir_val b, ir_val difference)
{
	ir_val not_b = ir_not(l->b, b);

	arm_set_flag(l, ARM_N, ir_slt(l->b, difference, imm32(l, 0)));
	arm_set_flag(l, ARM_Z, ir_eq(l->b, a, b));
	arm_set_flag(l, ARM_C, ir_ule(l->b, b, a));
	arm_set_flag(l, ARM_V, ir_add_overflow(l->b, a, not_b, imm1(l, true)));
	if (!l->predicated)
		l->compare->known = true, l->compare->is_float = false, l->compare->a = a, l->compare->b = b;
}

void arm_set_ge(struct arm_lift *l, ir_val bytes)
{
	put(l, ARM_GE, bytes);
}

void arm_saturated(struct arm_lift *l, ir_val v)
{
	put(l, ARM_Q, ir_or(l->b, flag(l, ARM_Q), v));
}

/* ---- accesses ---- */

ir_val arm_load(struct arm_lift *l, unsigned mem, enum ir_type t, ir_val a, int32_t disp)
{
	if (l->predicated)
		return ir_load_if(l->b, mem, l->holds, ir_const(l->b, t, 0), a, disp);
	return ir_load(l->b, mem, t, a, disp);
}

void arm_store(struct arm_lift *l, unsigned mem, ir_val a, int32_t disp, ir_val v)
{
	if (l->predicated)
		ir_store_if(l->b, mem, l->holds, a, disp, v);
	else
		ir_store(l->b, mem, a, disp, v);
}

/* ---- conditions ---- */

/* The even condition of each pair from the operands of a comparison. */
static ir_val condition_of_compare(struct arm_lift *l, unsigned pair)
{
	struct ir_builder *b = l->b;
	ir_val x = l->compare->a, y = l->compare->b;

	switch (pair) {
	case 0: return ir_eq(b, x, y);
	case 1: return ir_ule(b, y, x);
	case 2: return flag(l, ARM_N);
	case 3: return flag(l, ARM_V);
	case 4: return ir_ult(b, y, x);
	case 5: return ir_sle(b, y, x);
	default: return ir_slt(b, y, x);
	}
}

/* The same of floats: N is less, C not less, V unordered. */
static ir_val condition_of_floats(struct arm_lift *l, unsigned pair)
{
	struct ir_builder *b = l->b;
	ir_val x = l->compare->a, y = l->compare->b;

	switch (pair) {
	case 0: return ir_feq(b, x, y);
	case 1: return ir_not(b, ir_flt(b, x, y));
	case 2: return ir_flt(b, x, y);
	case 3: return flag(l, ARM_V);
	case 4: return ir_not(b, ir_fle(b, x, y));
	case 5: return ir_fle(b, y, x);
	default: return ir_flt(b, y, x);
	}
}

static ir_val condition_of_flags(struct arm_lift *l, unsigned pair)
{
	struct ir_builder *b = l->b;
	ir_val ge;

	switch (pair) {
	case 0: return flag(l, ARM_Z);
	case 1: return flag(l, ARM_C);
	case 2: return flag(l, ARM_N);
	case 3: return flag(l, ARM_V);
	case 4: return ir_and(b, flag(l, ARM_C), ir_not(b, flag(l, ARM_Z)));
	default: break;
	}
	ge = ir_eq(b, flag(l, ARM_N), flag(l, ARM_V));
	return pair == 5 ? ge : ir_and(b, ge, ir_not(b, flag(l, ARM_Z)));
}

ir_val arm_condition(struct arm_lift *l, unsigned cond)
{
	const struct arm_compare *k = l->compare;
	ir_val c = !k->known ? condition_of_flags(l, cond >> 1) :
		   k->is_float ? condition_of_floats(l, cond >> 1) : condition_of_compare(l, cond >> 1);

	return cond & 1 ? ir_not(l->b, c) : c;
}

/* ---- the shifter ---- */

static ir_val shift_constant(struct arm_lift *l, ir_val v, unsigned type, unsigned n, ir_val *carry)
{
	struct ir_builder *b = l->b;

	if (carry)
		*carry = bit_of(l, v, type ? n - 1 : 32 - n);
	switch (type) {
	case 0: return ir_shl(b, v, imm32(l, n));
	case 1: return ir_shr(b, v, imm32(l, n));
	case 2: return ir_sar(b, v, imm32(l, n));
	default: return ir_rotl(b, v, imm32(l, 32 - n));
	}
}

ir_val arm_shift_imm(struct arm_lift *l, ir_val v, unsigned type, unsigned amount, ir_val *carry)
{
	struct ir_builder *b = l->b;

	if (amount)
		return shift_constant(l, v, type, amount, carry);
	if (type == 1 || type == 2)
		return shift_constant(l, v, type, 32, carry);
	if (type == 0) {
		if (carry)
			*carry = flag(l, ARM_C);
		return v;
	}
	if (carry)	/* RRX */
		*carry = bit_of(l, v, 0);
	ir_val in = ir_shl(b, ir_zext(b, IR_I32, flag(l, ARM_C)), imm32(l, 31));
	return ir_or(b, in, ir_shr(b, v, imm32(l, 1)));
}

/*
 * By the low byte of a register. The carry is the last bit shifted out: one wide shift has it at a
 * fixed place, or 0 when it is long gone.
 */
static ir_val shift_by_register(struct arm_lift *l, ir_val v, unsigned type, ir_val rs, ir_val *carry)
{
	struct ir_builder *b = l->b;
	ir_val n = ir_and(b, rs, imm32(l, 0xff)), result, out;
	ir_val one = imm32(l, 1);

	switch (type) {
	case 0:
		result = ir_shl(b, v, n);
		out = carry ? bit_of(l, high_word(l, ir_shl(b, wide(l, v, false), n)), 0) : IR_NONE;
		break;
	case 1:
		result = ir_shr(b, v, n);
		out = carry ? ir_trunc(b, IR_I1, ir_shr(b, ir_shl(b, wide(l, v, false), one), n)) : IR_NONE;
		break;
	case 2:
		result = ir_sar(b, v, n);
		out = carry ? ir_trunc(b, IR_I1, ir_sar(b, ir_shl(b, wide(l, v, true), one), n)) : IR_NONE;
		break;
	default:
		result = ir_rotl(b, v, ir_and(b, ir_sub(b, imm32(l, 32), n), imm32(l, 31)));
		out = carry ? ir_slt(b, result, imm32(l, 0)) : IR_NONE;
		break;
	}
	if (carry)
		*carry = ir_select(b, ir_eq(b, n, imm32(l, 0)), flag(l, ARM_C), out);
	return result;
}

static uint32_t ror32(uint32_t v, unsigned n)
{
	return n ? v >> n | v << (32 - n) : v;
}

/* ThumbExpandImm; *rotated: the carry is bit 31 of the result. */
static uint32_t expand_t32(uint32_t imm, bool *rotated)
{
	uint32_t byte = imm & 0xff;

	*rotated = imm >> 10 != 0;
	if (*rotated)
		return ror32(0x80 | (imm & 0x7f), imm >> 7);
	switch (imm >> 8 & 3) {
	case 0: return byte;
	case 1: return byte << 16 | byte;
	case 2: return byte << 24 | byte << 8;
	default: return byte * 0x01010101u;
	}
}

ir_val arm_operand2(struct arm_lift *l, const struct arm_word *in, ir_val *carry)
{
	uint32_t v = in->imm << in->row->scale;
	bool rotated = false;

	switch ((enum arm_form)in->row->form) {
	case ARM_FORM_REG:
		return arm_shift_imm(l, reg(l, in->rm), in->type, in->amount, carry);
	case ARM_FORM_REG_REG:
		return shift_by_register(l, reg(l, in->rm), in->type, reg(l, in->rs), carry);
	case ARM_FORM_A32_IMM:
		rotated = in->imm >> 8 != 0;
		v = ror32(in->imm & 0xff, in->imm >> 8 << 1);
		break;
	case ARM_FORM_T32_IMM:
		v = expand_t32(in->imm, &rotated);
		break;
	case ARM_FORM_IMM:
	case ARM_FORM_NONE:
		break;
	}
	if (carry)
		*carry = rotated ? imm1(l, v >> 31) : flag(l, ARM_C);
	return imm32(l, v);
}

/* ---- ways out ---- */

/* Ends the unit at a computed address, for blocks whose mode bits are not those of the target. */
static uint64_t leave(void *state, uint64_t target, uint64_t pc, uint64_t c)
{
	struct env_exit *x = &env_of(state)->exit;

	(void)c;
	x->reason = ENV_TRAP;
	x->trap = IR_TRAP_RESYNC;
	x->code = 0;
	x->pc = pc;
	x->next = target;
	return 0;
}

const struct ir_helper arm_leave = { "arm_leave", leave, IR_HELPER_READS | IR_HELPER_LEAVES };

/* ITSTATE as the next instruction is to find it. */
static void advance_it(struct arm_lift *l)
{
	if (l->it != l->next_it)
		ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, l->next_it));
}

static ir_val pc_const(struct arm_lift *l, uint32_t address)
{
	return imm32(l, address | l->thumb);
}

/* Inside an IT block only its last instruction branches. */
static bool may_branch(struct arm_lift *l)
{
	if (!l->next_it)
		return true;
	arm_illegal(l);
	return false;
}

void arm_go_to(struct arm_lift *l, ir_val target, enum ir_exit_kind kind)
{
	if (!may_branch(l))
		return;
	advance_it(l);
	if (l->solo) {
		ir_call(l->b, &arm_leave, IR_VOID, target, pc_const(l, l->pc), IR_NONE);
		ir_trap(l->b, IR_TRAP_RESYNC, 0, pc_const(l, l->pc), pc_const(l, l->next));	/* not reached */
	} else {
		ir_exit_ind(l->b, kind, target, kind == IR_EXIT_CALL ? l->next | l->thumb : 0);
	}
	l->ended = true;
}

enum ir_mem arm_first_word(const struct arm_lift *l)
{
	return l->mode & ARM_MODE_MISALIGNED ? IR_MEM_32 : IR_MEM_32 | IR_MEM_ALIGNED;
}

void arm_go(struct arm_lift *l, uint32_t target, uint32_t thumb, bool call)
{
	ir_val to = imm32(l, target | thumb);

	if (!may_branch(l))
		return;
	advance_it(l);
	if (l->solo)
		ir_trap(l->b, IR_TRAP_RESYNC, 0, pc_const(l, l->pc), to);
	else
		ir_exit(l->b, call ? IR_EXIT_CALL : IR_EXIT_JUMP, to, call ? l->next | l->thumb : 0);
	l->ended = true;
}

/* All of the IT block has the condition of this instruction. */
static bool is_uniform(unsigned it)
{
	unsigned first = it >> 4 & 1;

	for (; it & 7; it = (it & 0xe0) | (it << 1 & 0x1f))
		if ((it >> 4 & 1) != first)
			return false;
	return (it >> 4 & 1) == first;
}

bool arm_begins_group(const struct arm_lift *l)
{
	return !l->solo && l->next_it && l->behind_it && is_uniform(l->it);
}

/* What follows has the same condition: all of it is left out at once. */
static void skip_group(struct arm_lift *l, ir_val not_taken)
{
	ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, 0));
	ir_exit_if(l->b, IR_EXIT_JUMP, not_taken, pc_const(l, l->behind_it));
	ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, l->it));
	l->compare->in_group = l->compare->holds = true;
}

void arm_skip_unless(struct arm_lift *l, ir_val holds)
{
	ir_val not_taken = ir_not(l->b, holds);

	if (arm_begins_group(l)) {
		skip_group(l, not_taken);
		return;
	}

	if (l->solo || l->next_it) {
		advance_it(l);
		ir_trap_if(l->b, IR_TRAP_RESYNC, 0, not_taken, pc_const(l, l->pc), pc_const(l, l->next));
		if (l->it != l->next_it)
			ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, l->it));
		return;
	}
	advance_it(l);
	ir_exit_if(l->b, IR_EXIT_JUMP, not_taken, pc_const(l, l->next));
	if (l->it != l->next_it)
		ir_put(l->b, ARM_ITSTATE, ir_const(l->b, IR_I8, l->it));
}

void arm_skip_rest(struct arm_lift *l)
{
	if (l->predicated)
		arm_skip_unless(l, l->holds);
	l->predicated = false;
}

void arm_trap(struct arm_lift *l, enum ir_trap reason, int32_t code)
{
	arm_skip_rest(l);
	if (reason == IR_TRAP_SYSCALL || reason == IR_TRAP_IDLE)
		advance_it(l);
	ir_trap(l->b, reason, code, pc_const(l, l->pc), pc_const(l, l->next));
	l->ended = true;
}

void arm_resync(struct arm_lift *l)
{
	advance_it(l);
	ir_trap(l->b, IR_TRAP_RESYNC, 0, pc_const(l, l->pc), pc_const(l, l->next));
	l->ended = true;
}
