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

	return to_int(e, name);
}

LLVMValueRef jit_emit_ftoi_near(struct jit_emit *e)
{
	static const char *const name[2][2] = {
		{ "llvm.x86.sse.cvtss2si", "llvm.x86.sse.cvtss2si64" },
		{ "llvm.x86.sse2.cvtsd2si", "llvm.x86.sse2.cvtsd2si64" },
	};

	return to_int(e, name);
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
