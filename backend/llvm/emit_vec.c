/*
 * Operations over vectors, and the integer ones that vectors brought. The arithmetic of emit_int.c
 * and emit_fp.c takes vectors as it is; here is what moves lanes, compares, widens and saturates.
 */
#include <string.h>

#include "backend/llvm/jit.h"

#define X e->arg[0]
#define Y e->arg[1]
#define Z e->arg[2]

enum { MAX_LANES = 16 };

static LLVMTypeRef result_type(struct jit_emit *e)
{
	return e->type[e->in->type];
}

static enum ir_type type_of(struct jit_emit *e, unsigned k)
{
	return ir_type_of(e->u, e->in->arg[k]);
}

/* Widths of lanes of operand 0 and of the result. */
static unsigned lane_bits(struct jit_emit *e)
{
	return ir_type_info[type_of(e, 0)].lane_bits;
}

static unsigned result_bits(struct jit_emit *e)
{
	return ir_type_info[e->in->type].lane_bits;
}

static LLVMTypeRef ints(struct jit_emit *e, unsigned bits)
{
	return e->type[ir_type_with(IR_KIND_VEC_INT, bits)];
}

static LLVMValueRef cast(struct jit_emit *e, LLVMValueRef v, LLVMTypeRef to)
{
	return LLVMTypeOf(v) == to ? v : LLVMBuildBitCast(e->b, v, to, "");
}

/* Every lane of t, or t itself, is v. */
static LLVMValueRef constant(struct jit_emit *e, LLVMTypeRef t, uint64_t v)
{
	LLVMValueRef lane[MAX_LANES];

	if (LLVMGetTypeKind(t) != LLVMVectorTypeKind)
		return jit_int(e, t, v);
	lane[0] = LLVMConstInt(LLVMGetElementType(t), v, false);
	for (unsigned i = 1; i < LLVMGetVectorSize(t); i++)
		lane[i] = lane[0];
	return LLVMConstVector(lane, LLVMGetVectorSize(t));
}

/* Lanes of x and y side by side: n of them, every step-th from the first on. */
static LLVMValueRef choose(struct jit_emit *e, LLVMValueRef x, LLVMValueRef y, unsigned n, unsigned first, unsigned step)
{
	LLVMValueRef lane[MAX_LANES];

	for (unsigned i = 0; i < n; i++)
		lane[i] = jit_int(e, e->i32, first + i * step);
	return LLVMBuildShuffleVector(e->b, x, y, LLVMConstVector(lane, n), "");
}

static LLVMValueRef two(struct jit_emit *e, const char *name)
{
	LLVMTypeRef t = LLVMTypeOf(X);

	return jit_intrinsic(e, name, &t, 1, e->arg, 2);
}

#define TWO(op, name)                                           \
	LLVMValueRef jit_emit_##op(struct jit_emit *e)          \
	{                                                       \
		return two(e, name);                            \
	}
TWO(smin, "llvm.smin")
TWO(smax, "llvm.smax")
TWO(umin, "llvm.umin")
TWO(umax, "llvm.umax")
TWO(uqadd, "llvm.uadd.sat")
TWO(uqsub, "llvm.usub.sat")
TWO(sqadd, "llvm.sadd.sat")
TWO(sqsub, "llvm.ssub.sat")
#undef TWO

LLVMValueRef jit_emit_abs(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef arg[2] = { X, jit_int(e, e->i1, 0) };

	return jit_intrinsic(e, "llvm.abs", &t, 1, arg, 2);
}

LLVMValueRef jit_emit_uavg(struct jit_emit *e)
{
	LLVMBuilderRef b = e->b;
	LLVMTypeRef t = LLVMTypeOf(X);
	unsigned bits = lane_bits(e);

	/* the form LLVM knows to be pavg */
	if (LLVMGetTypeKind(t) == LLVMVectorTypeKind && bits <= 16) {
		LLVMTypeRef wide = LLVMVectorType(LLVMIntTypeInContext(e->c, 2 * bits), LLVMGetVectorSize(t));
		LLVMValueRef sum = LLVMBuildAdd(b, LLVMBuildZExt(b, X, wide, ""), LLVMBuildZExt(b, Y, wide, ""), "");

		sum = LLVMBuildAdd(b, sum, constant(e, wide, 1), "");
		return LLVMBuildTrunc(b, LLVMBuildLShr(b, sum, constant(e, wide, 1), ""), t, "");
	}
	LLVMValueRef half = LLVMBuildLShr(b, LLVMBuildXor(b, X, Y, ""), constant(e, t, 1), "");
	return LLVMBuildSub(b, LLVMBuildOr(b, X, Y, ""), half, "");
}

LLVMValueRef jit_emit_bitsel(struct jit_emit *e)
{
	LLVMValueRef x = LLVMBuildAnd(e->b, X, Y, ""), y = LLVMBuildAnd(e->b, LLVMBuildNot(e->b, X, ""), Z, "");

	return LLVMBuildOr(e->b, x, y, "");
}

/* Shifts by a count for each lane. */
static LLVMValueRef too_far(struct jit_emit *e)
{
	return LLVMBuildICmp(e->b, LLVMIntUGE, Y, constant(e, LLVMTypeOf(Y), lane_bits(e)), "");
}

/* The host's own shifts of doubles and quads leave zeros where the count is too large, as they should. */
static LLVMValueRef host_shift(struct jit_emit *e, const char *doubles, const char *quads)
{
	if (lane_bits(e) < 32 || !jit_has_feature(e->j, "+avx2"))
		return NULL;
	return jit_intrinsic(e, lane_bits(e) == 32 ? doubles : quads, NULL, 0, e->arg, 2);
}

LLVMValueRef jit_emit_vshl(struct jit_emit *e)
{
	LLVMValueRef v = host_shift(e, "llvm.x86.avx2.psllv.d", "llvm.x86.avx2.psllv.q");

	if (v)
		return v;
	return LLVMBuildSelect(e->b, too_far(e), LLVMConstNull(LLVMTypeOf(X)), LLVMBuildShl(e->b, X, Y, ""), "");
}

LLVMValueRef jit_emit_vshr(struct jit_emit *e)
{
	LLVMValueRef v = host_shift(e, "llvm.x86.avx2.psrlv.d", "llvm.x86.avx2.psrlv.q");

	if (v)
		return v;
	return LLVMBuildSelect(e->b, too_far(e), LLVMConstNull(LLVMTypeOf(X)), LLVMBuildLShr(e->b, X, Y, ""), "");
}

LLVMValueRef jit_emit_vsar(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef arg[2] = { Y, constant(e, t, lane_bits(e) - 1) };

	return LLVMBuildAShr(e->b, X, jit_intrinsic(e, "llvm.umin", &t, 1, arg, 2), "");
}

LLVMValueRef jit_emit_vrotl(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);
	LLVMValueRef arg[3] = { X, X, Y };

	return jit_intrinsic(e, "llvm.fshl", &t, 1, arg, 3);
}

#define COMPARE(op, predicate)                                                                          \
	LLVMValueRef jit_emit_##op(struct jit_emit *e)                                                  \
	{                                                                                               \
		return LLVMBuildSExt(e->b, LLVMBuildICmp(e->b, predicate, X, Y, ""), result_type(e), ""); \
	}
COMPARE(veq, LLVMIntEQ)
COMPARE(vult, LLVMIntULT)
COMPARE(vule, LLVMIntULE)
COMPARE(vslt, LLVMIntSLT)
COMPARE(vsle, LLVMIntSLE)
#undef COMPARE

#define COMPARE(op, predicate)                                                                          \
	LLVMValueRef jit_emit_##op(struct jit_emit *e)                                                  \
	{                                                                                               \
		return LLVMBuildSExt(e->b, LLVMBuildFCmp(e->b, predicate, X, Y, ""), result_type(e), ""); \
	}
COMPARE(vfeq, LLVMRealOEQ)
COMPARE(vflt, LLVMRealOLT)
COMPARE(vfle, LLVMRealOLE)
COMPARE(vfuno, LLVMRealUNO)
COMPARE(vfueq, LLVMRealUEQ)
#undef COMPARE

LLVMValueRef jit_emit_vfirst(struct jit_emit *e)
{
	return LLVMBuildInsertElement(e->b, LLVMConstNull(result_type(e)), X, jit_int(e, e->i32, 0), "");
}

LLVMValueRef jit_emit_splat(struct jit_emit *e)
{
	LLVMValueRef one = LLVMBuildInsertElement(e->b, LLVMGetPoison(result_type(e)), X, jit_int(e, e->i32, 0), "");

	return choose(e, one, one, 128 / lane_bits(e), 0, 0);
}

/* The first lane of a slot's vector where blocks handed it over by itself, or NULL. */
static LLVMValueRef lane_alone(struct jit_emit *e)
{
	ir_val v = jit_uncast(e->u, e->in->arg[0]);
	LLVMValueRef lane = ir_is_const(v) || e->in->aux ? NULL : e->lane[v.id];
	unsigned bits = ir_type_info[e->in->type].bits;

	if (!lane || bits != (LLVMGetTypeKind(LLVMTypeOf(lane)) == LLVMFloatTypeKind ? 32 : 64))
		return NULL;
	return LLVMBuildBitCast(e->b, lane, result_type(e), "");
}

LLVMValueRef jit_emit_extract(struct jit_emit *e)
{
	LLVMValueRef lane = lane_alone(e);

	if (lane)
		return lane;
	return LLVMBuildExtractElement(e->b, X, jit_int(e, e->i32, e->in->aux), "");
}

LLVMValueRef jit_emit_insert(struct jit_emit *e)
{
	return LLVMBuildInsertElement(e->b, X, Y, jit_int(e, e->i32, e->in->aux), "");
}

LLVMValueRef jit_emit_shuffle(struct jit_emit *e)
{
	const struct ir_const *k = &e->u->konst[e->in->arg[2].id & ~IR_CONST];
	LLVMTypeRef bytes = e->type[IR_I8X16];
	LLVMValueRef x = cast(e, X, bytes), y = cast(e, Y, bytes), zero = LLVMConstNull(bytes), lane[16], keep[16];
	bool from_x = false, from_y = false, clears = false;

	for (unsigned i = 0; i < 16; i++) {
		unsigned from = k->bits[i / 8] >> i % 8 * 8 & 0xff;

		from_x |= from < 16;
		from_y |= from >= 16 && from < 32;
		clears |= from >= 32;
		lane[i] = jit_int(e, e->i32, from);
		keep[i] = jit_int(e, e->i8, from < 32 ? 0xff : 0);
	}
	/* zeros come from the side nobody asks for, else from a mask */
	if (clears && !from_y)
		y = zero;
	else if (clears && !from_x)
		x = zero;
	for (unsigned i = 0; i < 16; i++)
		if (LLVMConstIntGetZExtValue(lane[i]) >= 32)
			lane[i] = jit_int(e, e->i32, i + (y == zero ? 16 : 0));
	x = LLVMBuildShuffleVector(e->b, x, y, LLVMConstVector(lane, 16), "");
	if (clears && from_x && from_y)
		x = LLVMBuildAnd(e->b, x, LLVMConstVector(keep, 16), "");
	return cast(e, x, result_type(e));
}

/* By the C function that knows every operation; operands and result stand in env. */
static LLVMValueRef evaluate(struct jit_emit *e)
{
	LLVMTypeRef type[2] = { e->ptr, e->i64 }, ft = LLVMFunctionType(e->type[IR_VOID], type, 2, false);
	LLVMValueRef fn = LLVMGetNamedFunction(e->m, "ir_eval_packed"), arg[2], call, v;
	unsigned n = ir_shape_operands[ir_op_info[e->in->op].shape];
	unsigned kind = LLVMGetEnumAttributeKindForName("nounwind", 8);

	if (!fn)
		fn = LLVMAddFunction(e->m, "ir_eval_packed", ft);
	for (unsigned k = 0; k < n; k++)
		LLVMSetAlignment(LLVMBuildStore(e->b, e->arg[k], jit_env(e, ENV_OFFSET(vec) + 16 * (int32_t)k)), 16);
	arg[0] = jit_env(e, ENV_OFFSET(vec));
	arg[1] = jit_int(e, e->i64, ir_form_pack(ir_form_of(e->u, e->in)));
	call = LLVMBuildCall2(e->b, ft, fn, arg, 2, "");
	LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(e->c, kind, 0));
	v = LLVMBuildLoad2(e->b, result_type(e), jit_env(e, ENV_OFFSET(vec)), "");
	LLVMSetAlignment(v, 16);
	return v;
}

/* pshufb takes the low four bits of an index whose highest is clear, as it is up to 0x7f. */
LLVMValueRef jit_emit_lookup(struct jit_emit *e)
{
	LLVMTypeRef t = e->type[IR_I8X16];
	LLVMValueRef arg[2] = { Y, constant(e, t, 0x70) };

	if (!jit_has_feature(e->j, "+ssse3"))
		return evaluate(e);
	arg[1] = jit_intrinsic(e, "llvm.uadd.sat", &t, 1, arg, 2);
	arg[0] = X;
	return jit_intrinsic(e, "llvm.x86.ssse3.pshuf.b.128", NULL, 0, arg, 2);
}

typedef LLVMValueRef extend_fn(LLVMBuilderRef, LLVMValueRef, LLVMTypeRef, const char *);

static LLVMValueRef widen(struct jit_emit *e, LLVMValueRef v, bool high, extend_fn *extend)
{
	unsigned n = 64 / lane_bits(e);

	return extend(e->b, choose(e, v, v, n, high ? n : 0, 1), result_type(e), "");
}

#define WIDEN(suffix, high, extend, widened, product)                                                           \
	LLVMValueRef jit_emit_##widened##suffix(struct jit_emit *e)                                             \
	{                                                                                                       \
		return widen(e, X, high, extend);                                                               \
	}                                                                                                       \
	LLVMValueRef jit_emit_##product##suffix(struct jit_emit *e)                                             \
	{                                                                                                       \
		return LLVMBuildMul(e->b, widen(e, X, high, extend), widen(e, Y, high, extend), "");            \
	}
WIDEN(_lo, false, LLVMBuildZExt, zext, mulu)
WIDEN(_hi, true, LLVMBuildZExt, zext, mulu)
WIDEN(_lo, false, LLVMBuildSExt, sext, muls)
WIDEN(_hi, true, LLVMBuildSExt, sext, muls)
#undef WIDEN

/* The low parts of all lanes. */
static LLVMValueRef low_parts(struct jit_emit *e, LLVMValueRef x, LLVMValueRef y)
{
	return choose(e, cast(e, x, result_type(e)), cast(e, y, result_type(e)), 128 / result_bits(e), 0, 2);
}

static LLVMValueRef limit(struct jit_emit *e, const char *name, LLVMValueRef x, uint64_t bound)
{
	LLVMTypeRef t = LLVMTypeOf(x);
	LLVMValueRef arg[2] = { x, constant(e, t, bound) };

	return jit_intrinsic(e, name, &t, 1, arg, 2);
}

LLVMValueRef jit_emit_narrow(struct jit_emit *e)
{
	return low_parts(e, X, Y);
}

LLVMValueRef jit_emit_narrow_ss(struct jit_emit *e)
{
	uint64_t top = (1ull << (result_bits(e) - 1)) - 1;
	LLVMValueRef v[2];

	if (lane_bits(e) <= 32)
		return jit_intrinsic(e, lane_bits(e) == 16 ? "llvm.x86.sse2.packsswb.128" : "llvm.x86.sse2.packssdw.128",
				     NULL, 0, e->arg, 2);
	for (unsigned k = 0; k < 2; k++)
		v[k] = limit(e, "llvm.smax", limit(e, "llvm.smin", e->arg[k], top), ~top);
	return low_parts(e, v[0], v[1]);
}

/* Operands as they are packed to unsigned numbers by the host, where it can. */
static LLVMValueRef pack_unsigned(struct jit_emit *e, LLVMValueRef *arg)
{
	if (lane_bits(e) == 16)
		return jit_intrinsic(e, "llvm.x86.sse2.packuswb.128", NULL, 0, arg, 2);
	if (lane_bits(e) == 32 && jit_has_feature(e->j, "+sse4.1"))
		return jit_intrinsic(e, "llvm.x86.sse41.packusdw", NULL, 0, arg, 2);
	return NULL;
}

LLVMValueRef jit_emit_narrow_su(struct jit_emit *e)
{
	uint64_t top = (1ull << result_bits(e)) - 1;
	LLVMValueRef packed = pack_unsigned(e, e->arg), v[2];

	if (packed)
		return packed;
	for (unsigned k = 0; k < 2; k++)
		v[k] = limit(e, "llvm.smax", limit(e, "llvm.smin", e->arg[k], top), 0);
	return low_parts(e, v[0], v[1]);
}

LLVMValueRef jit_emit_narrow_uu(struct jit_emit *e)
{
	LLVMValueRef v[2], packed;

	for (unsigned k = 0; k < 2; k++)
		v[k] = limit(e, "llvm.umin", e->arg[k], (1ull << result_bits(e)) - 1);
	packed = pack_unsigned(e, v);
	return packed ? packed : low_parts(e, v[0], v[1]);
}

LLVMValueRef jit_emit_clmul(struct jit_emit *e)
{
	LLVMValueRef arg[3] = { X, Y, jit_int(e, e->i8, 0) };

	if (!jit_has_feature(e->j, "+pclmul"))
		return evaluate(e);
	return jit_intrinsic(e, "llvm.x86.pclmulqdq", NULL, 0, arg, 3);
}

LLVMValueRef jit_emit_vany(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMIntTypeInContext(e->c, 128);

	return LLVMBuildICmp(e->b, LLVMIntNE, LLVMBuildBitCast(e->b, X, t, ""), LLVMConstNull(t), "");
}

LLVMValueRef jit_emit_vmask(struct jit_emit *e)
{
	LLVMTypeRef t = ints(e, lane_bits(e));
	LLVMValueRef sign = LLVMBuildICmp(e->b, LLVMIntSLT, cast(e, X, t), LLVMConstNull(t), "");
	LLVMValueRef bits = LLVMBuildBitCast(e->b, sign, LLVMIntTypeInContext(e->c, 128 / lane_bits(e)), "");

	return LLVMBuildZExt(e->b, bits, e->i32, "");
}
