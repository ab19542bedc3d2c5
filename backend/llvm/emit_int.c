/* Pure operations on integers, and those on any value. LLVM leaves some results open that ops.def states. */
#include "backend/llvm/jit.h"

#define X e->arg[0]
#define Y e->arg[1]
#define Z e->arg[2]

static LLVMTypeRef result_type(struct jit_emit *e)
{
	return e->type[e->in->type];
}

static bool is_vector(LLVMTypeRef t)
{
	return LLVMGetTypeKind(t) == LLVMVectorTypeKind;
}

/* Of an integer, or of the lanes of a vector. */
static unsigned width(LLVMValueRef v)
{
	LLVMTypeRef t = LLVMTypeOf(v);

	return LLVMGetIntTypeWidth(is_vector(t) ? LLVMGetElementType(t) : t);
}

/* v, an integer, as each lane of the vector type t, or in the integer type t. */
static LLVMValueRef spread(struct jit_emit *e, LLVMTypeRef t, LLVMValueRef v)
{
	if (!is_vector(t))
		return jit_int_of(e, v, t);
	LLVMTypeRef index = LLVMVectorType(e->i32, LLVMGetVectorSize(t));
	LLVMValueRef lane = jit_int_of(e, v, LLVMGetElementType(t));

	lane = LLVMBuildInsertElement(e->b, LLVMGetPoison(t), lane, jit_int(e, e->i32, 0), "");
	return LLVMBuildShuffleVector(e->b, lane, lane, LLVMConstNull(index), "");
}

/* The integer type, or vector of such, with lanes twice as wide. */
static LLVMTypeRef twice(struct jit_emit *e, LLVMValueRef v)
{
	LLVMTypeRef t = LLVMTypeOf(v), lane = LLVMIntTypeInContext(e->c, 2 * width(v));

	return is_vector(t) ? LLVMVectorType(lane, LLVMGetVectorSize(t)) : lane;
}

#define BINARY(name, Build)                                     \
	LLVMValueRef jit_emit_##name(struct jit_emit *e)        \
	{                                                       \
		return Build(e->b, X, Y, "");                   \
	}
BINARY(sub, LLVMBuildSub)
BINARY(and, LLVMBuildAnd)
BINARY(or, LLVMBuildOr)
BINARY(xor, LLVMBuildXor)
#undef BINARY

#define COMPARE(name, predicate)                                        \
	LLVMValueRef jit_emit_##name(struct jit_emit *e)                \
	{                                                               \
		return LLVMBuildICmp(e->b, predicate, X, Y, "");        \
	}
COMPARE(eq, LLVMIntEQ)
COMPARE(ne, LLVMIntNE)
COMPARE(ult, LLVMIntULT)
COMPARE(ule, LLVMIntULE)
COMPARE(slt, LLVMIntSLT)
COMPARE(sle, LLVMIntSLE)
#undef COMPARE

typedef LLVMValueRef cast_fn(LLVMBuilderRef, LLVMValueRef, LLVMTypeRef, const char *);
typedef LLVMValueRef shift_fn(LLVMBuilderRef, LLVMValueRef, LLVMValueRef, const char *);

static LLVMValueRef high_product(struct jit_emit *e, cast_fn *ext)
{
	LLVMTypeRef t = LLVMTypeOf(X), wide = twice(e, X);
	LLVMValueRef p = LLVMBuildMul(e->b, ext(e->b, X, wide, ""), ext(e->b, Y, wide, ""), "");

	return LLVMBuildTrunc(e->b, LLVMBuildLShr(e->b, p, spread(e, wide, jit_int(e, e->i32, width(X))), ""), t, "");
}

LLVMValueRef jit_emit_mulhu(struct jit_emit *e)
{
	return high_product(e, LLVMBuildZExt);
}

LLVMValueRef jit_emit_mulhs(struct jit_emit *e)
{
	return high_product(e, LLVMBuildSExt);
}

/* A way around a division nobody can carry out, rarely taken: selects would lengthen every one. */
LLVMValueRef jit_emit_divu(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef zero = LLVMConstNull(t), v[2] = { zero }, phi;
	LLVMBasicBlockRef from[2] = { LLVMGetInsertBlock(e->b) }, next;

	if (LLVMIsAConstantInt(Y))
		return LLVMConstIntGetZExtValue(Y) ? LLVMBuildUDiv(e->b, X, Y, "") : zero;
	from[1] = jit_new_block(e);
	next = jit_new_block(e);
	jit_branch_rare(e, LLVMBuildICmp(e->b, LLVMIntEQ, Y, zero, ""), next, from[1]);
	LLVMPositionBuilderAtEnd(e->b, from[1]);
	v[1] = LLVMBuildUDiv(e->b, X, Y, "");
	LLVMBuildBr(e->b, next);
	LLVMPositionBuilderAtEnd(e->b, next);
	phi = LLVMBuildPhi(e->b, t, "");
	LLVMAddIncoming(phi, v, from, 2);
	return phi;
}

LLVMValueRef jit_emit_divs(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef zero = LLVMConstNull(t), none = LLVMBuildICmp(e->b, LLVMIntEQ, Y, zero, "");
	LLVMValueRef minus = LLVMBuildICmp(e->b, LLVMIntEQ, Y, LLVMConstAllOnes(t), "");
	LLVMValueRef odd = LLVMBuildOr(e->b, none, minus, "");

	/* by one where the host would trap or LLVM has no answer; i1 knows no 1 but -1 */
	if (width(X) == 1)
		return LLVMBuildAnd(e->b, X, Y, "");
	LLVMValueRef by = LLVMBuildSelect(e->b, odd, jit_int(e, t, 1), Y, "");
	LLVMValueRef q = LLVMBuildSDiv(e->b, X, by, "");
	q = LLVMBuildSelect(e->b, minus, LLVMBuildNeg(e->b, X, ""), q, "");
	return LLVMBuildSelect(e->b, none, zero, q, "");
}

/* True when the count reaches the width; *n becomes the count, in the value's type. */
static LLVMValueRef too_far(struct jit_emit *e, LLVMValueRef *n)
{
	unsigned w = width(X), wn = width(Y);
	LLVMValueRef far = LLVMConstInt(e->i1, 0, false);

	if (wn >= 8 || w < 1u << wn)
		far = LLVMBuildICmp(e->b, LLVMIntUGE, Y, jit_int(e, LLVMTypeOf(Y), w), "");
	*n = spread(e, LLVMTypeOf(X), Y);
	return far;
}

/*
 * 32 bits shifted by a count below 64, as PowerPC does: a shift of 64 bits needs no comparison. NULL: it is none.
 */
static LLVMValueRef shift_wide(struct jit_emit *e, cast_fn *ext, shift_fn *shift)
{
	ir_val n = e->in->arg[1];
	const struct ir_inst *in;

	if (LLVMTypeOf(X) != e->i32 || ir_is_const(n))
		return NULL;
	in = &e->u->inst[n.id];
	if (in->op != IR_OP_and || !ir_is_const(in->arg[1]) || ir_const_bits(e->u, in->arg[1]) > 63)
		return NULL;
	LLVMValueRef v = shift(e->b, ext(e->b, X, e->i64, ""), jit_int_of(e, Y, e->i64), "");
	return LLVMBuildTrunc(e->b, v, e->i32, "");
}

LLVMValueRef jit_emit_shl(struct jit_emit *e)
{
	LLVMValueRef wide = shift_wide(e, LLVMBuildZExt, LLVMBuildShl);
	if (wide)
		return wide;
	LLVMValueRef n, far = too_far(e, &n);

	return LLVMBuildSelect(e->b, far, LLVMConstNull(LLVMTypeOf(X)), LLVMBuildShl(e->b, X, n, ""), "");
}

LLVMValueRef jit_emit_shr(struct jit_emit *e)
{
	LLVMValueRef wide = shift_wide(e, LLVMBuildZExt, LLVMBuildLShr);
	if (wide)
		return wide;
	LLVMValueRef n, far = too_far(e, &n);

	return LLVMBuildSelect(e->b, far, LLVMConstNull(LLVMTypeOf(X)), LLVMBuildLShr(e->b, X, n, ""), "");
}

LLVMValueRef jit_emit_sar(struct jit_emit *e)
{
	LLVMValueRef wide = shift_wide(e, LLVMBuildSExt, LLVMBuildAShr);
	if (wide)
		return wide;
	LLVMValueRef n, far = too_far(e, &n);

	n = LLVMBuildSelect(e->b, far, spread(e, LLVMTypeOf(X), jit_int(e, e->i32, width(X) - 1)), n, "");
	return LLVMBuildAShr(e->b, X, n, "");
}

LLVMValueRef jit_emit_rotl(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef arg[3] = { X, X, spread(e, t, Y) };

	return jit_intrinsic(e, "llvm.fshl", &t, 1, arg, 3);
}

LLVMValueRef jit_emit_not(struct jit_emit *e)
{
	return LLVMBuildNot(e->b, X, "");
}

static LLVMValueRef count_zeros(struct jit_emit *e, const char *name)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef arg[2] = { X, LLVMConstInt(e->i1, 0, false) };

	return jit_intrinsic(e, name, &t, 1, arg, 2);
}

LLVMValueRef jit_emit_clz(struct jit_emit *e)
{
	return count_zeros(e, "llvm.ctlz");
}

LLVMValueRef jit_emit_ctz(struct jit_emit *e)
{
	return count_zeros(e, "llvm.cttz");
}

LLVMValueRef jit_emit_popcnt(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);

	return jit_intrinsic(e, "llvm.ctpop", &t, 1, &X, 1);
}

LLVMValueRef jit_emit_bswap(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);

	return width(X) <= 8 ? X : jit_intrinsic(e, "llvm.bswap", &t, 1, &X, 1);
}

static bool is_const_int(LLVMValueRef v, uint64_t bits)
{
	return LLVMIsAConstantInt(v) && LLVMConstIntGetZExtValue(v) == bits;
}

/* The forms LLVM knows to be a carry or borrow; the general one it turns into adc. */
LLVMValueRef jit_emit_add_carry(struct jit_emit *e)
{
	LLVMBuilderRef b = e->b;
	LLVMValueRef carry = jit_carry_of_difference(e);
	if (carry)
		return carry;
	LLVMValueRef sum = LLVMBuildAdd(b, X, Y, "");
	LLVMValueRef first = LLVMBuildICmp(b, LLVMIntULT, sum, X, "");

	if (is_const_int(Z, 0))
		return first;
	if (is_const_int(Z, 1))
		return LLVMBuildICmp(b, LLVMIntUGE, X, LLVMBuildNot(b, Y, ""), "");
	LLVMValueRef all = LLVMBuildAdd(b, sum, jit_int_of(e, Z, LLVMTypeOf(X)), "");
	return LLVMBuildOr(b, first, LLVMBuildICmp(b, LLVMIntULT, all, sum, ""), "");
}

LLVMValueRef jit_emit_add_overflow(struct jit_emit *e)
{
	LLVMBuilderRef b = e->b;
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef zero = LLVMConstNull(t);
	LLVMValueRef sum = LLVMBuildAdd(b, LLVMBuildAdd(b, X, Y, ""), jit_int_of(e, Z, t), "");

	/* x + y + 1 = x - ~y: as "negative, but not less", LLVM finds its own signed compares */
	if (is_const_int(Z, 1)) {
		bool left = LLVMIsAConstant(X) ||
			    (!ir_is_const(e->in->arg[0]) && e->u->inst[e->in->arg[0].id].op == IR_OP_not);
		LLVMValueRef from = left ? Y : X, what = LLVMBuildNot(b, left ? X : Y, "");
		LLVMValueRef less = LLVMBuildICmp(b, LLVMIntSLT, from, what, "");

		return LLVMBuildXor(b, LLVMBuildICmp(b, LLVMIntSLT, sum, zero, ""), less, "");
	}
	LLVMValueRef same = LLVMBuildAnd(b, LLVMBuildXor(b, X, sum, ""), LLVMBuildXor(b, Y, sum, ""), "");
	return LLVMBuildICmp(b, LLVMIntSLT, same, zero, "");
}

LLVMValueRef jit_emit_zext(struct jit_emit *e)
{
	return LLVMBuildZExt(e->b, X, result_type(e), "");
}

LLVMValueRef jit_emit_sext(struct jit_emit *e)
{
	return LLVMBuildSExt(e->b, X, result_type(e), "");
}

LLVMValueRef jit_emit_trunc(struct jit_emit *e)
{
	return LLVMBuildTrunc(e->b, X, result_type(e), "");
}

LLVMValueRef jit_emit_bitcast(struct jit_emit *e)
{
	return LLVMBuildBitCast(e->b, X, result_type(e), "");
}

LLVMValueRef jit_emit_select(struct jit_emit *e)
{
	return LLVMBuildSelect(e->b, X, Y, Z, "");
}
