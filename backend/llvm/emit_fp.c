/*
 * Floating point. What ops.def calls FPENV goes through constrained intrinsics: nearest even, and
 * every flag raised as written. Comparisons are quiet and plain.
 */
#include <string.h>

#include "backend/llvm/jit.h"

#define X e->arg[0]
#define Y e->arg[1]

static LLVMValueRef text(struct jit_emit *e, const char *s)
{
	return LLVMMetadataAsValue(e->c, LLVMMDStringInContext2(e->c, s, strlen(s)));
}

static void add_strict(struct jit_emit *e, LLVMValueRef call)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("strictfp", 8);

	LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(e->c, kind, 0));
}

static LLVMValueRef constrained(struct jit_emit *e, const char *name, unsigned n, LLVMTypeRef from, bool rounds)
{
	LLVMTypeRef over[2] = { e->type[e->in->type], from };
	LLVMValueRef arg[5];

	memcpy(arg, e->arg, n * sizeof *arg);
	if (rounds)
		arg[n++] = text(e, "round.tonearest");
	arg[n++] = text(e, "fpexcept.strict");
	LLVMValueRef call = jit_intrinsic(e, name, over, from ? 2 : 1, arg, n);
	add_strict(e, call);
	return call;
}

/* Two lanes of four, from number `first` on. */
static LLVMValueRef half(struct jit_emit *e, LLVMValueRef v, unsigned first)
{
	LLVMValueRef index[2] = { jit_int(e, e->i32, first), jit_int(e, e->i32, first + 1) };

	return LLVMBuildShuffleVector(e->b, v, v, LLVMConstVector(index, 2), "");
}

#define STRICT(op, name, n)                                                                     \
	LLVMValueRef jit_emit_##op(struct jit_emit *e)                                          \
	{                                                                                       \
		return constrained(e, "llvm.experimental.constrained." name, n, NULL, true);    \
	}
STRICT(fadd, "fadd", 2)
STRICT(fsub, "fsub", 2)
STRICT(fmul, "fmul", 2)
STRICT(fdiv, "fdiv", 2)
STRICT(fsqrt, "sqrt", 1)
STRICT(fma, "fma", 3)
#undef STRICT

LLVMValueRef jit_emit_fcvt(struct jit_emit *e)
{
	if (e->in->type == IR_F64)
		return constrained(e, "llvm.experimental.constrained.fpext", 1, LLVMTypeOf(X), false);
	return constrained(e, "llvm.experimental.constrained.fptrunc", 1, LLVMTypeOf(X), true);
}

LLVMValueRef jit_emit_itof(struct jit_emit *e)
{
	return constrained(e, "llvm.experimental.constrained.sitofp", 1, LLVMTypeOf(X), true);
}

LLVMValueRef jit_emit_fcvt_lo(struct jit_emit *e)
{
	X = half(e, X, 0);
	return constrained(e, "llvm.experimental.constrained.fpext", 1, LLVMTypeOf(X), false);
}

LLVMValueRef jit_emit_fcvt_hi(struct jit_emit *e)
{
	X = half(e, X, 2);
	return constrained(e, "llvm.experimental.constrained.fpext", 1, LLVMTypeOf(X), false);
}

LLVMValueRef jit_emit_fcvt_pair(struct jit_emit *e)
{
	LLVMTypeRef over[2] = { LLVMVectorType(e->type[IR_F32], 2), e->type[IR_F64X2] };
	LLVMValueRef index[4], part[2];

	for (unsigned k = 0; k < 2; k++) {
		LLVMValueRef arg[3] = { e->arg[k], text(e, "round.tonearest"), text(e, "fpexcept.strict") };

		part[k] = jit_intrinsic(e, "llvm.experimental.constrained.fptrunc", over, 2, arg, 3);
		add_strict(e, part[k]);
	}
	for (unsigned i = 0; i < 4; i++)
		index[i] = jit_int(e, e->i32, i);
	return LLVMBuildShuffleVector(e->b, part[0], part[1], LLVMConstVector(index, 4), "");
}

#define ROUND(op, name)                                                 \
	LLVMValueRef jit_emit_##op(struct jit_emit *e)                  \
	{                                                               \
		LLVMTypeRef t = LLVMTypeOf(X);                          \
		return jit_intrinsic(e, name, &t, 1, &X, 1);            \
	}
ROUND(fround_near, "llvm.nearbyint")
ROUND(fround_down, "llvm.floor")
ROUND(fround_up, "llvm.ceil")
ROUND(fround_zero, "llvm.trunc")
#undef ROUND

/* As minps and maxps: the second when they are unordered or both zero. */
LLVMValueRef jit_emit_fmin(struct jit_emit *e)
{
	return LLVMBuildSelect(e->b, LLVMBuildFCmp(e->b, LLVMRealOLT, X, Y, ""), X, Y, "");
}

LLVMValueRef jit_emit_fmax(struct jit_emit *e)
{
	return LLVMBuildSelect(e->b, LLVMBuildFCmp(e->b, LLVMRealOGT, X, Y, ""), X, Y, "");
}

static LLVMValueRef to_ints(struct jit_emit *e, bool near)
{
	LLVMValueRef in = jit_opaque(e, X, true), out, lane, at;

	if (e->in->type == IR_I32X4) {
		out = jit_intrinsic(e, near ? "llvm.x86.sse2.cvtps2dq" : "llvm.x86.sse2.cvttps2dq", NULL, 0, &in, 1);
		return jit_opaque(e, out, true);
	}
	out = LLVMConstNull(e->type[IR_I64X2]);
	for (unsigned k = 0; k < 2; k++) {
		at = jit_int(e, e->i32, k);
		lane = LLVMBuildExtractElement(e->b, in, at, "");
		lane = LLVMBuildInsertElement(e->b, LLVMConstNull(e->type[IR_F64X2]), lane, jit_int(e, e->i32, 0), "");
		lane = jit_intrinsic(e, near ? "llvm.x86.sse2.cvtsd2si64" : "llvm.x86.sse2.cvttsd2si64", NULL, 0, &lane, 1);
		out = LLVMBuildInsertElement(e->b, out, lane, at, "");
	}
	return jit_opaque(e, out, true);
}

/*
 * The host's instruction itself, because LLVM has no value for what is out of range. To LLVM it
 * is a pure function; opaque operand and result keep it from being folded, shared or dropped.
 */
static LLVMValueRef to_int(struct jit_emit *e, const char *const name[2][2])
{
	bool dbl = LLVMGetTypeKind(LLVMTypeOf(X)) == LLVMDoubleTypeKind;
	LLVMTypeRef vec = e->type[dbl ? IR_F64X2 : IR_F32X4];
	LLVMValueRef in = jit_opaque(e, X, true), out;

	in = LLVMBuildInsertElement(e->b, LLVMConstNull(vec), in, jit_int(e, e->i32, 0), "");
	out = jit_intrinsic(e, name[dbl][e->in->type == IR_I64], NULL, 0, &in, 1);
	return jit_opaque(e, out, true);
}

LLVMValueRef jit_emit_ftoi(struct jit_emit *e)
{
	static const char *const name[2][2] = {
		{ "llvm.x86.sse.cvttss2si", "llvm.x86.sse.cvttss2si64" },
		{ "llvm.x86.sse2.cvttsd2si", "llvm.x86.sse2.cvttsd2si64" },
	};

	return e->in->type > IR_F64 ? to_ints(e, false) : to_int(e, name);
}

LLVMValueRef jit_emit_ftoi_near(struct jit_emit *e)
{
	static const char *const name[2][2] = {
		{ "llvm.x86.sse.cvtss2si", "llvm.x86.sse.cvtss2si64" },
		{ "llvm.x86.sse2.cvtsd2si", "llvm.x86.sse2.cvtsd2si64" },
	};

	return e->in->type > IR_F64 ? to_ints(e, true) : to_int(e, name);
}

LLVMValueRef jit_emit_fneg(struct jit_emit *e)
{
	return LLVMBuildFNeg(e->b, X, "");
}

LLVMValueRef jit_emit_fabs(struct jit_emit *e)
{
	LLVMTypeRef t = LLVMTypeOf(X);

	return jit_intrinsic(e, "llvm.fabs", &t, 1, &X, 1);
}

#define COMPARE(name, predicate)                                        \
	LLVMValueRef jit_emit_##name(struct jit_emit *e)                \
	{                                                               \
		return LLVMBuildFCmp(e->b, predicate, X, Y, "");        \
	}
COMPARE(feq, LLVMRealOEQ)
COMPARE(fueq, LLVMRealUEQ)
COMPARE(flt, LLVMRealOLT)
COMPARE(fle, LLVMRealOLE)
COMPARE(funo, LLVMRealUNO)
#undef COMPARE
