/*
 * Flags that come together where ways join. plan.c puts flags off to where slots are stored, but not across a phi: the
 * ways to a join would compute them, in every round of a loop, though only rare ways out look. Where all ways have
 * computed a flag in the same manner from what other phis of the join hold, it is computed from those instead, in front of
 * each store:
 *
 *	z = phi [x1 == y, a], [x2 == y, b]	becomes, behind x = phi [x1, a], [x2, b],	z = x == y
 *
 * Two manners will do (a loop is entered with what the registers held before), if several flags want them: one more phi
 * tells which it was. So will operands that no phi holds, if they are fewer than the flags: they get phis.
 */
#include <string.h>

#include "backend/llvm/jit.h"

enum { MAX_WAYS = 32, MAX_STEPS = 24, MAX_ARGS = 3, MAX_FLAGS = 32, MAX_FRESH = 32 };

/* A step of a flag's computation: an instruction like that of the ways, or what a phi of the join has of it. */
struct step {
	LLVMValueRef like;		/* NULL: a leaf */
	struct step *arg[MAX_ARGS];
	LLVMValueRef leaf, less;	/* leaf minus `less`, if that is not NULL */
	struct fresh *fresh;		/* the leaf, when it is one */
	LLVMTypeRef cut;		/* and cut to this type, if it is not NULL */
};

/* An operand that no phi of the join holds, with a value for each way. */
struct fresh {
	LLVMValueRef v[MAX_WAYS], phi;
	uint32_t ways;
};

struct manner {
	struct step *root;
	struct step pool[MAX_STEPS];
	unsigned n;
};

struct flag {
	LLVMValueRef phi;
	uint32_t others;		/* ways that are of the second manner */
	uint32_t fresh;			/* operands it needs */
	bool drop;
	struct manner manner[2];
};

struct sink {
	struct jit_emit *e;
	LLVMBasicBlockRef join, entry;
	unsigned hint;			/* number of the intrinsic */
	unsigned ways;
	struct flag *flag;
	struct fresh *fresh;
	unsigned n, n_fresh;
	uint32_t needs;			/* of the fresh ones, the flag being looked at */
};

/* ---- what the ways have in common ---- */

/* The same wherever it stands in the region. */
static bool is_fixed(const struct sink *s, LLVMValueRef v)
{
	if (!LLVMIsAInstruction(v))
		return true;
	return LLVMGetInstructionParent(v) == s->entry;
}

static bool is_cheap(LLVMValueRef v)
{
	switch (LLVMIsAInstruction(v) ? LLVMGetInstructionOpcode(v) : LLVMUnreachable) {
	case LLVMAdd: case LLVMSub: case LLVMAnd: case LLVMOr: case LLVMXor: case LLVMShl: case LLVMLShr: case LLVMAShr:
	case LLVMICmp: case LLVMSelect: case LLVMZExt: case LLVMSExt: case LLVMTrunc:
		return true;
	default:
		return false;
	}
}

static bool is_like(LLVMValueRef a, LLVMValueRef b)
{
	if (!is_cheap(b) || LLVMGetInstructionOpcode(a) != LLVMGetInstructionOpcode(b) || LLVMTypeOf(a) != LLVMTypeOf(b) ||
	    LLVMTypeOf(LLVMGetOperand(a, 0)) != LLVMTypeOf(LLVMGetOperand(b, 0)))
		return false;
	return !LLVMIsAICmpInst(a) || LLVMGetICmpPredicate(a) == LLVMGetICmpPredicate(b);
}

/* What a way hands over, without the hint of unseen_step (emit.c). */
static LLVMValueRef handed(const struct sink *s, LLVMValueRef phi, unsigned way)
{
	LLVMValueRef v = LLVMGetIncomingValue(phi, way);

	return LLVMIsACallInst(v) && LLVMGetNumArgOperands(v) == 2 &&
		       LLVMGetIntrinsicID(LLVMGetCalledValue(v)) == s->hint
		? LLVMGetOperand(v, 0) : v;
}

static bool is_adding(LLVMValueRef v)
{
	return LLVMIsABinaryOperator(v) && LLVMGetInstructionOpcode(v) == LLVMAdd && LLVMIsAConstantInt(LLVMGetOperand(v, 1));
}

/* How v comes out of the phi when the way hands it over; and, from the second way on, that it is as before. */
static bool comes_from(const struct sink *s, struct step *leaf, LLVMValueRef phi, unsigned way, LLVMValueRef v, bool first)
{
	LLVMValueRef have = handed(s, phi, way), less = NULL;
	LLVMTypeRef cut = NULL;

	if (have != v && LLVMIsAZExtInst(have) && LLVMGetOperand(have, 0) == v)
		cut = LLVMTypeOf(v);
	else if (have != v && is_adding(have) && LLVMGetOperand(have, 0) == v)
		less = LLVMGetOperand(have, 1);
	else if (have != v)
		return false;
	if (first)
		*leaf = (struct step){ .leaf = phi, .less = less, .cut = cut };
	return leaf->less == less && leaf->cut == cut;
}

static bool is_of(uint32_t ways, unsigned way)
{
	return ways >> way & 1;
}

static struct fresh *find_fresh(struct sink *s, LLVMValueRef *v, uint32_t ways)
{
	unsigned lowest = (unsigned)__builtin_ctz(ways), i = 0;
	struct fresh *f = s->fresh;

	if (LLVMGetTypeKind(LLVMTypeOf(v[lowest])) != LLVMIntegerTypeKind || LLVMTypeOf(v[lowest]) == s->e->i1)
		return NULL;
	for (; i < s->n_fresh; i++, f++) {
		bool same = f->ways == ways;

		for (unsigned k = 0; same && k < s->ways; k++)
			same = !is_of(ways, k) || f->v[k] == v[k];
		if (same)
			break;
	}
	if (i == MAX_FRESH)
		return NULL;
	if (i == s->n_fresh) {
		*f = (struct fresh){ .ways = ways };
		memcpy(f->v, v, s->ways * sizeof *v);
		s->n_fresh++;
	}
	s->needs |= 1u << i;
	return f;
}

static bool find_leaf(const struct sink *s, struct step *leaf, LLVMValueRef *v, uint32_t ways)
{
	unsigned lowest = (unsigned)__builtin_ctz(ways);
	bool same = is_fixed(s, v[lowest]), found;

	for (unsigned k = 0; k < s->ways; k++)
		same &= !is_of(ways, k) || v[k] == v[lowest];
	if (same) {
		*leaf = (struct step){ .leaf = v[lowest] };
		return true;
	}
	for (LLVMValueRef phi = LLVMGetFirstInstruction(s->join); LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi)) {
		found = LLVMGetTypeKind(LLVMTypeOf(phi)) == LLVMIntegerTypeKind && LLVMTypeOf(phi) != s->e->i1;
		for (unsigned k = 0; found && k < s->ways; k++)
			found = !is_of(ways, k) || comes_from(s, leaf, phi, k, v[k], k == lowest);
		if (found)
			return true;
	}
	return false;
}

/* How the ways have computed v, one value each; NULL: not in one manner. */
static struct step *find_manner(struct sink *s, struct manner *m, LLVMValueRef *v, uint32_t ways)
{
	unsigned lowest = (unsigned)__builtin_ctz(ways), n;
	LLVMValueRef of[MAX_WAYS];

	if (m->n == MAX_STEPS)
		return NULL;
	struct step *step = &m->pool[m->n++];
	if (find_leaf(s, step, v, ways))
		return step;
	bool alike = is_cheap(v[lowest]);
	for (unsigned k = 0; alike && k < s->ways; k++)
		alike = !is_of(ways, k) || is_like(v[lowest], v[k]);
	if (!alike) {
		*step = (struct step){ .fresh = find_fresh(s, v, ways) };
		return step->fresh ? step : NULL;
	}
	*step = (struct step){ .like = v[lowest] };
	n = (unsigned)LLVMGetNumOperands(v[lowest]);
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < s->ways; k++)
			of[k] = is_of(ways, k) ? LLVMGetOperand(v[k], i) : NULL;
		step->arg[i] = find_manner(s, m, of, ways);
		if (!step->arg[i])
			return NULL;
	}
	return step;
}

static bool found_for(struct sink *s, struct manner *m, LLVMValueRef *v, uint32_t ways)
{
	m->n = 0;
	m->root = find_manner(s, m, v, ways);
	return m->root;
}

/* Ways whose values are one fixed value, or computed alike, are of one manner. */
static bool find_manners(struct sink *s, struct flag *f)
{
	uint32_t all = (uint32_t)((1ull << s->ways) - 1), rest = 0;
	LLVMValueRef v[MAX_WAYS];

	for (unsigned k = 0; k < s->ways; k++) {
		v[k] = LLVMGetIncomingValue(f->phi, k);
		if (v[k] == f->phi)
			return false;
	}
	for (unsigned k = 1; k < s->ways; k++) {
		bool alike = is_fixed(s, v[0]) || is_fixed(s, v[k]) ? v[k] == v[0] : is_cheap(v[0]) && is_like(v[0], v[k]);
		rest |= (uint32_t)!alike << k;
	}
	if (rest && s->e->plan->hooked)		/* callbacks look at flags in every round */
		return false;
	f->others = rest;
	s->needs = 0;
	bool found = found_for(s, &f->manner[0], v, all & ~rest) && (!rest || found_for(s, &f->manner[1], v, rest));
	f->fresh = s->needs;
	return found;
}

/* Whether nothing wants the flag but stores and other joins. */
static bool is_only_kept(LLVMValueRef phi)
{
	LLVMUseRef use = LLVMGetFirstUse(phi), of;

	if (!use)
		return false;
	for (; use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (LLVMIsAPHINode(user))
			continue;
		if (!LLVMIsAZExtInst(user))
			return false;
		for (of = LLVMGetFirstUse(user); of; of = LLVMGetNextUse(of))
			if (!LLVMIsAStoreInst(LLVMGetUser(of)))
				return false;
	}
	return true;
}

/* ---- what becomes of it ---- */

static LLVMValueRef build(const struct sink *s, const struct step *step)
{
	LLVMBuilderRef b = s->e->b;
	LLVMValueRef v = step->fresh ? step->fresh->phi : step->leaf, arg[MAX_ARGS];

	if (step->like) {
		unsigned n = (unsigned)LLVMGetNumOperands(step->like);

		for (unsigned i = 0; i < n; i++)
			arg[i] = build(s, step->arg[i]);
		v = LLVMInstructionClone(step->like);
		for (unsigned i = 0; i < n; i++)
			LLVMSetOperand(v, i, arg[i]);
		LLVMInsertIntoBuilder(b, v);
		return v;
	}
	if (step->less)
		v = LLVMBuildSub(b, v, step->less, "");
	return step->cut ? LLVMBuildTrunc(b, v, step->cut, "") : v;
}

static LLVMValueRef build_flag(const struct sink *s, const struct flag *f, LLVMValueRef other)
{
	LLVMValueRef v = build(s, f->manner[0].root);

	return f->others ? LLVMBuildSelect(s->e->b, other, build(s, f->manner[1].root), v, "") : v;
}

/* A phi of the join, with the ways as another one has them. */
static LLVMValueRef build_phi(const struct sink *s, LLVMValueRef like, LLVMValueRef *v)
{
	LLVMPositionBuilderBefore(s->e->b, LLVMGetFirstInstruction(s->join));
	LLVMValueRef phi = LLVMBuildPhi(s->e->b, LLVMTypeOf(v[0]), "");

	for (unsigned k = 0; k < s->ways; k++) {
		LLVMBasicBlockRef from = LLVMGetIncomingBlock(like, k);

		LLVMAddIncoming(phi, &v[k], &from, 1);
	}
	return phi;
}

/* Whether the ways `others` were gone. */
static LLVMValueRef build_which(const struct sink *s, const struct flag *f)
{
	LLVMValueRef v[MAX_WAYS];

	for (unsigned k = 0; k < s->ways; k++)
		v[k] = LLVMConstInt(s->e->i1, is_of(f->others, k), false);
	return build_phi(s, f->phi, v);
}

static void build_fresh(const struct sink *s, const struct flag *f)
{
	for (unsigned i = 0; i < s->n_fresh; i++) {
		struct fresh *of = &s->fresh[i];
		LLVMValueRef v[MAX_WAYS];

		if (of->phi || !(f->fresh >> i & 1))
			continue;
		for (unsigned k = 0; k < s->ways; k++)
			v[k] = is_of(of->ways, k) ? of->v[k] : LLVMGetPoison(LLVMTypeOf(of->v[__builtin_ctz(of->ways)]));
		of->phi = build_phi(s, f->phi, v);
	}
}

/* One use fewer of the flag's phi. */
static void replace_use(const struct sink *s, const struct flag *f, LLVMValueRef other)
{
	LLVMValueRef user = LLVMGetUser(LLVMGetFirstUse(f->phi));
	unsigned i = 0;

	while (LLVMGetOperand(user, i) != f->phi)
		i++;
	if (LLVMIsAPHINode(user))
		LLVMPositionBuilderBefore(s->e->b, LLVMGetBasicBlockTerminator(LLVMGetIncomingBlock(user, i)));
	else
		LLVMPositionBuilderBefore(s->e->b, user);
	LLVMSetOperand(user, i, build_flag(s, f, other));
}

/* Leaves out what would put more phis into the join than it takes away. */
static void drop_dear(const struct sink *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		struct flag *f = &s->flag[i];
		unsigned n = 0, cost = (unsigned)__builtin_popcount(f->fresh) + (f->others != 0);

		for (unsigned k = 0; k < s->n; k++)
			n += s->flag[k].others == f->others && !(s->flag[k].fresh & ~f->fresh);
		f->drop = cost && n <= cost;
	}
}

static void sink_all(const struct sink *s)
{
	LLVMValueRef which[MAX_FLAGS] = { NULL };

	for (unsigned i = 0; i < s->n; i++) {
		const struct flag *f = &s->flag[i];

		if (f->drop)
			continue;
		for (unsigned k = 0; k < i && !which[i]; k++)
			if (s->flag[k].others == f->others)
				which[i] = which[k];
		if (f->others && !which[i])
			which[i] = build_which(s, f);
		build_fresh(s, f);
		while (LLVMGetFirstUse(f->phi))
			replace_use(s, f, which[i]);
	}
}

static void sink_at(struct sink *s)
{
	LLVMValueRef phi = LLVMGetFirstInstruction(s->join);

	s->n = s->n_fresh = 0;
	if (!phi || !LLVMIsAPHINode(phi))
		return;
	s->ways = LLVMCountIncoming(phi);
	if (s->ways > MAX_WAYS || s->ways < 2)
		return;
	for (; LLVMIsAPHINode(phi) && s->n < MAX_FLAGS; phi = LLVMGetNextInstruction(phi)) {
		struct flag *f = &s->flag[s->n];

		f->phi = phi;
		if (LLVMTypeOf(phi) == s->e->i1 && is_only_kept(phi) && find_manners(s, f))
			s->n++;
	}
	drop_dear(s);
	sink_all(s);
}

enum dgm_status jit_sink_flags(struct jit_emit *e)
{
	struct sink s = { .e = e, .entry = LLVMGetEntryBasicBlock(e->fn) };

	s.hint = LLVMLookupIntrinsicID("llvm.expect", 11);
	s.flag = base_arena_alloc(e->arena, MAX_FLAGS * sizeof *s.flag);
	s.fresh = base_arena_alloc(e->arena, MAX_FRESH * sizeof *s.fresh);
	if (!s.flag || !s.fresh)
		return DGM_E_NOMEM;
	LLVMSetCurrentDebugLocation2(e->b, NULL);
	for (s.join = LLVMGetNextBasicBlock(s.entry); s.join; s.join = LLVMGetNextBasicBlock(s.join))
		sink_at(&s);
	return DGM_OK;
}
