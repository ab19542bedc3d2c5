/*
 * Numbers of 64 bits that a guest computes in two registers, beginning with a product: mullw, mulhwu, addc, addze and
 * their like. LLVM would keep carries and multiply twice; here the whole number is one value, of which both halves are
 * cut. Found among the operations of a block:
 *
 *	low = mul a, b               high = mulhu a, b
 *	low' = add low, x            high' = add high, (zext (ult low', low))
 *
 * and so on with low' and high'. The sum is made where low' stands.
 *
 * And numbers of any width that are subtracted piece by piece: guests with carries add the complement.
 */
#include <string.h>

#include "backend/llvm/jit.h"

/* How many operations lie between two that are looked at together. */
enum { MAX_APART = 16 };

/* The operation that makes v, if it is an `op`; else NULL. */
static const struct ir_inst *made_by(const struct ir_unit *u, ir_val v, enum ir_op op)
{
	return !ir_is_const(v) && u->inst[v.id].op == op ? &u->inst[v.id] : NULL;
}

static bool same_operands(const struct ir_inst *a, const struct ir_inst *b)
{
	return (a->arg[0].id == b->arg[0].id && a->arg[1].id == b->arg[1].id) ||
	       (a->arg[0].id == b->arg[1].id && a->arg[1].id == b->arg[0].id);
}

/* Whether the values are the halves of one number. */
static bool are_halves(const struct jit_block *blk, ir_val low, ir_val high)
{
	const struct ir_inst *mul = made_by(blk->u, low, IR_OP_mul), *mulhu = made_by(blk->u, high, IR_OP_mulhu);

	if (mul && mulhu)
		return same_operands(mul, mulhu);
	return !ir_is_const(low) && !ir_is_const(high) && blk->wide[high.id].low == low.id + 1u;
}

/* carry, an operand of inst[i], is that of a sum with the low half of the number whose high half the other operand is. */
static void find_sum(struct jit_block *blk, unsigned i, ir_val carry, ir_val high)
{
	const struct ir_unit *u = blk->u;
	const struct ir_inst *zext = made_by(u, carry, IR_OP_zext), *ult, *sum;
	ir_val low;

	ult = zext ? made_by(u, zext->arg[0], IR_OP_ult) : NULL;
	sum = ult ? made_by(u, ult->arg[0], IR_OP_add) : NULL;
	if (!sum)
		return;
	low = ult->arg[1];
	unsigned at = (unsigned)(sum - u->inst);
	bool first = sum->arg[0].id == low.id;
	if ((!first && sum->arg[1].id != low.id) || blk->late[at] || blk->late[i] || blk->wide[at].of ||
	    !are_halves(blk, low, high))
		return;
	blk->wide[at].of = (uint16_t)(low.id + 1);
	blk->wide[at].more = sum->arg[first];
	blk->wide[i].low = (uint16_t)(at + 1);
}

enum dgm_status jit_find_wide(struct jit_block *blk, struct base_arena *arena)
{
	const struct ir_unit *u = blk->u;
	unsigned products = 0;

	for (unsigned i = 0; i < u->n; i++)
		products += u->inst[i].op == IR_OP_mulhu && u->inst[i].type == IR_I32;
	if (!products)
		return DGM_OK;
	blk->wide = base_arena_alloc(arena, u->n * sizeof *blk->wide);
	if (!blk->wide)
		return DGM_E_NOMEM;
	memset(blk->wide, 0, u->n * sizeof *blk->wide);
	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op != IR_OP_add || in->type != IR_I32)
			continue;
		find_sum(blk, i, in->arg[0], in->arg[1]);
		find_sum(blk, i, in->arg[1], in->arg[0]);
	}
	return DGM_OK;
}

/* What is known of the operation being emitted; NULL if nothing, as of all that is computed late. */
static struct jit_wide *wide_of(const struct jit_emit *e)
{
	unsigned i = (unsigned)(e->in - e->u->inst);

	return e->u == e->blk->u && e->blk->wide && !e->blk->late[i] ? &e->blk->wide[i] : NULL;
}

static LLVMValueRef low_half(struct jit_emit *e, LLVMValueRef whole)
{
	return LLVMBuildTrunc(e->b, whole, e->i32, "");
}

static LLVMValueRef high_half(struct jit_emit *e, LLVMValueRef whole)
{
	return low_half(e, LLVMBuildLShr(e->b, whole, jit_int(e, e->i64, 32), ""));
}

/* ---- differences ---- */

/* A value as it has been computed; NULL: it was not, or is constant. */
static LLVMValueRef value_of(const struct jit_emit *e, ir_val v)
{
	return ir_is_const(v) ? NULL : e->val[v.id];
}

/* Whether c is the carry of a difference in the same block: clear if something is borrowed. */
static bool is_no_borrow(const struct ir_unit *u, ir_val c)
{
	const struct ir_inst *sum = made_by(u, c, IR_OP_add_carry);

	return made_by(u, c, IR_OP_ule) ||
	       (sum && (made_by(u, sum->arg[0], IR_OP_not) || made_by(u, sum->arg[1], IR_OP_not)));
}

/* For a and b, one of which is ~y: x, the other one, and y. False: neither is. */
static bool is_difference(const struct jit_emit *e, ir_val a, ir_val b, LLVMValueRef *x, LLVMValueRef *y)
{
	const struct ir_inst *not = made_by(e->u, b, IR_OP_not);

	if (!not) {
		not = made_by(e->u, a, IR_OP_not);
		a = b;
	}
	*x = not ? value_of(e, a) : NULL;
	*y = not ? value_of(e, not->arg[0]) : NULL;
	return *x && *y;
}

static LLVMValueRef borrow_of(struct jit_emit *e, LLVMValueRef c, LLVMTypeRef t)
{
	return LLVMBuildZExt(e->b, LLVMBuildNot(e->b, c, ""), t, "");
}

/* x + ~y + carry as x - y - borrow, which is one instruction where the borrow comes from. NULL: it is something else. */
static LLVMValueRef difference(struct jit_emit *e)
{
	LLVMValueRef x, y;

	for (unsigned k = 0; k < 2; k++) {
		const struct ir_inst *carry = made_by(e->u, e->in->arg[k], IR_OP_zext);
		const struct ir_inst *sum = made_by(e->u, e->in->arg[1 - k], IR_OP_add);

		if (carry && sum && is_no_borrow(e->u, carry->arg[0]) && value_of(e, carry->arg[0]) &&
		    is_difference(e, sum->arg[0], sum->arg[1], &x, &y)) {
			LLVMValueRef borrow = borrow_of(e, value_of(e, carry->arg[0]), LLVMTypeOf(x));
			return LLVMBuildSub(e->b, LLVMBuildSub(e->b, x, y, ""), borrow, "");
		}
	}
	return NULL;
}

LLVMValueRef jit_carry_of_difference(struct jit_emit *e)
{
	const ir_val *arg = e->in->arg;
	LLVMValueRef x, y;

	if (!is_no_borrow(e->u, arg[2]) || !is_difference(e, arg[0], arg[1], &x, &y))
		return NULL;
	LLVMValueRef less = LLVMBuildICmp(e->b, LLVMIntULT, x, y, "");
	LLVMValueRef first = LLVMBuildSub(e->b, x, y, ""), borrow = borrow_of(e, e->arg[2], LLVMTypeOf(x));

	less = LLVMBuildOr(e->b, less, LLVMBuildICmp(e->b, LLVMIntULT, first, borrow, ""), "");
	return LLVMBuildNot(e->b, less, "");
}

LLVMValueRef jit_emit_add(struct jit_emit *e)
{
	struct jit_wide *h = wide_of(e);
	LLVMValueRef whole = h && h->of ? e->blk->wide[h->of - 1].whole : NULL;

	if (whole) {
		LLVMValueRef more = e->arg[h->more.id == e->in->arg[1].id];
		h->whole = LLVMBuildAdd(e->b, whole, LLVMBuildZExt(e->b, more, e->i64, ""), "");
		return low_half(e, h->whole);
	}
	whole = h && h->low ? e->blk->wide[h->low - 1].whole : NULL;
	if (whole)
		return high_half(e, whole);
	whole = difference(e);
	return whole ? whole : LLVMBuildAdd(e->b, e->arg[0], e->arg[1], "");
}

/* The operation near it in the unit that makes the other half of the product; NULL: there is none. */
static const struct ir_inst *other_half(const struct jit_emit *e)
{
	const struct ir_inst *inst = e->u->inst;
	unsigned at = (unsigned)(e->in - inst), from = at > MAX_APART ? at - MAX_APART : 0;

	for (unsigned i = from; i < e->u->n && i < at + MAX_APART; i++)
		if ((inst[i].op == IR_OP_mulhu || inst[i].op == IR_OP_mulhs) && same_operands(&inst[i], e->in))
			return &inst[i];
	return NULL;
}

typedef LLVMValueRef cast_fn(LLVMBuilderRef, LLVMValueRef, LLVMTypeRef, const char *);

/* Both halves of a product are made of one multiplication: the same operations, which LLVM finds to be one. */
LLVMValueRef jit_emit_mul(struct jit_emit *e)
{
	LLVMValueRef x = e->arg[0], y = e->arg[1];
	LLVMTypeRef t = LLVMTypeOf(x), wide;
	const struct ir_inst *high = LLVMGetTypeKind(t) == LLVMIntegerTypeKind ? other_half(e) : NULL;
	struct jit_wide *h = wide_of(e);

	if (!high)
		return LLVMBuildMul(e->b, x, y, "");
	wide = LLVMIntTypeInContext(e->c, 2 * LLVMGetIntTypeWidth(t));
	cast_fn *ext = high->op == IR_OP_mulhu ? LLVMBuildZExt : LLVMBuildSExt;
	x = LLVMBuildMul(e->b, ext(e->b, x, wide, ""), ext(e->b, y, wide, ""), "");
	if (h && wide == e->i64 && high->op == IR_OP_mulhu)
		h->whole = x;
	return LLVMBuildTrunc(e->b, x, t, "");
}
