/*
 * Constants and algebra. An operation over constants is what ir_eval says; the rules below turn
 * an operation into a cheaper one with the same value for every operand. Each looks at most one
 * definition deep, so the pass is linear.
 *
 * Order: constants go to the right where operands may be swapped; sub of a constant is written
 * as add; so rules need to know one form only. Floating-point rules touch bits, never values.
 */
#include "opt/pass.h"

/* What every rule looks at: operands, the constant on the right, the width. */
struct pat {
	ir_val a, b;
	bool kb;		/* b is the constant k */
	uint64_t k, mask;
	enum ir_type t;		/* type of a */
	unsigned w;
};

static void look(const struct opt_walk *o, const struct ir_inst *in, struct pat *p)
{
	p->a = in->arg[0];
	p->b = in->arg[1];
	p->t = opt_type(o, p->a);
	p->w = ir_type_info[p->t].bits;
	p->mask = ~0ull >> (64 - p->w);
	p->kb = opt_const(o, p->b, &p->k);
}

static enum opt_action rewrite1(struct ir_inst *in, enum ir_op op, ir_val x)
{
	in->op = (uint8_t)op;
	in->arg[0] = x;
	return OPT_AGAIN;
}

static enum opt_action rewrite2(struct ir_inst *in, enum ir_op op, ir_val x, ir_val y)
{
	in->arg[1] = y;
	return rewrite1(in, op, x);
}

/* op(x, k): k has the type of the first operand. */
static enum opt_action rewrite_k(struct opt_walk *o, struct ir_inst *in, enum ir_op op, ir_val x, uint64_t k)
{
	return rewrite2(in, op, x, ir_const(&o->b, opt_type(o, x), k));
}

/* For op(op(x, k1), k2): the definition of the inner one, and k1. */
static const struct ir_inst *inner_k(const struct opt_walk *o, ir_val v, enum ir_op op, uint64_t *k)
{
	const struct ir_inst *d = opt_def(o, v, op);

	return d && opt_const(o, d->arg[1], k) ? d : NULL;
}

static enum opt_action fold_add(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t k;

	look(o, in, &p);
	if (!p.kb)
		return OPT_KEEP;
	if (p.k == 0)
		return opt_value(o, p.a);
	if ((d = inner_k(o, p.a, IR_OP_add, &k)))
		return rewrite_k(o, in, IR_OP_add, d->arg[0], p.k + k);
	if (p.k != 1 || p.w == 1)
		return OPT_KEEP;
	/* ~x + 1 and ~x + y + 1 are subtractions. */
	if ((d = opt_def(o, p.a, IR_OP_not)))
		return rewrite2(in, IR_OP_sub, ir_const(&o->b, p.t, 0), d->arg[0]);
	if ((d = opt_def(o, p.a, IR_OP_add))) {
		const struct ir_inst *x = opt_def(o, d->arg[0], IR_OP_not), *y = opt_def(o, d->arg[1], IR_OP_not);

		if (x)
			return rewrite2(in, IR_OP_sub, d->arg[1], x->arg[0]);
		if (y)
			return rewrite2(in, IR_OP_sub, d->arg[0], y->arg[0]);
	}
	return OPT_KEEP;
}

static enum opt_action fold_sub(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;

	look(o, in, &p);
	if (opt_same(p.a, p.b))
		return opt_bits(o, p.t, 0);
	return p.kb ? rewrite_k(o, in, IR_OP_add, p.a, 0 - p.k) : OPT_KEEP;
}

static enum opt_action fold_mul(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;

	look(o, in, &p);
	if (!p.kb)
		return OPT_KEEP;
	if (p.k == 0)
		return opt_value(o, p.b);
	if (p.k == 1)
		return opt_value(o, p.a);
	return p.k & (p.k - 1) ? OPT_KEEP : rewrite_k(o, in, IR_OP_shl, p.a, (unsigned)__builtin_ctzll(p.k));
}

/* and of a rotation, where the mask leaves just the bits one shift would. */
static enum opt_action fold_and_rotl(struct opt_walk *o, struct ir_inst *in, const struct pat *p)
{
	uint64_t n;
	const struct ir_inst *d = inner_k(o, p->a, IR_OP_rotl, &n);

	if (!d || (n %= p->w) == 0)
		return OPT_KEEP;
	if (p->k == (p->mask << n & p->mask))
		return rewrite_k(o, in, IR_OP_shl, d->arg[0], n);
	if (p->k == p->mask >> (p->w - n))
		return rewrite_k(o, in, IR_OP_shr, d->arg[0], p->w - n);
	return OPT_KEEP;
}

static bool same_two(const struct ir_inst *x, const struct ir_inst *y)
{
	return (opt_same(x->arg[0], y->arg[0]) && opt_same(x->arg[1], y->arg[1])) ||
	       (opt_same(x->arg[0], y->arg[1]) && opt_same(x->arg[1], y->arg[0]));
}

/* The same of floats, whose comparisons have no opposite: x <= y and not x == y. */
static enum opt_action fold_and_float_order(struct opt_walk *o, struct ir_inst *in)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct ir_inst *not = opt_def(o, in->arg[i], IR_OP_not), *le = opt_def(o, in->arg[!i], IR_OP_fle);
		const struct ir_inst *eq = not ? opt_def(o, not->arg[0], IR_OP_feq) : NULL;

		if (eq && le && same_two(eq, le))
			return rewrite2(in, IR_OP_flt, le->arg[0], le->arg[1]);
	}
	return OPT_KEEP;
}

/* x <= y and x != y: x < y. */
static enum opt_action fold_and_order(struct opt_walk *o, struct ir_inst *in)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct ir_inst *ne = opt_def(o, in->arg[i], IR_OP_ne), *le = opt_def(o, in->arg[!i], IR_OP_sle);
		enum ir_op op = le ? IR_OP_slt : IR_OP_ult;

		if (!le)
			le = opt_def(o, in->arg[!i], IR_OP_ule);
		if (!ne || !le)
			continue;
		if (same_two(ne, le))
			return rewrite2(in, op, le->arg[0], le->arg[1]);
	}
	return fold_and_float_order(o, in);
}

static enum opt_action fold_and(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t k, covered;

	look(o, in, &p);
	if (opt_same(p.a, p.b))
		return opt_value(o, p.a);
	if (!p.kb)
		return p.t == IR_I1 ? fold_and_order(o, in) : OPT_KEEP;
	if (p.k == 0)
		return opt_value(o, p.b);
	if (p.k == p.mask)
		return opt_value(o, p.a);
	if ((d = inner_k(o, p.a, IR_OP_and, &k)))
		return rewrite_k(o, in, IR_OP_and, d->arg[0], p.k & k);
	/* A sum of something whose bits the mask leaves out. */
	if (!(p.k & (p.k + 1)) && (d = inner_k(o, p.a, IR_OP_add, &k)) && !(k & p.k))
		return rewrite_k(o, in, IR_OP_and, d->arg[0], p.k);
	if ((d = opt_def(o, p.a, IR_OP_zext))) {
		covered = (1ull << ir_type_info[opt_type(o, d->arg[0])].bits) - 1;
		return (p.k & covered) == covered ? opt_value(o, p.a) : OPT_KEEP;
	}
	if ((d = inner_k(o, p.a, IR_OP_shr, &k)) && k < p.w && (p.k & p.mask >> k) == p.mask >> k)
		return opt_value(o, p.a);
	return fold_and_rotl(o, in, &p);
}

static enum opt_action fold_or(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t k;

	look(o, in, &p);
	if (opt_same(p.a, p.b))
		return opt_value(o, p.a);
	if (!p.kb)
		return OPT_KEEP;
	if (p.k == 0)
		return opt_value(o, p.a);
	if (p.k == p.mask)
		return opt_value(o, p.b);
	d = inner_k(o, p.a, IR_OP_or, &k);
	return d ? rewrite_k(o, in, IR_OP_or, d->arg[0], p.k | k) : OPT_KEEP;
}

static enum opt_action fold_xor(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t k;

	look(o, in, &p);
	if (opt_same(p.a, p.b))
		return opt_bits(o, p.t, 0);
	if (!p.kb)
		return OPT_KEEP;
	if (p.k == 0)
		return opt_value(o, p.a);
	if (p.k == p.mask)
		return rewrite1(in, IR_OP_not, p.a);
	d = inner_k(o, p.a, IR_OP_xor, &k);
	return d ? rewrite_k(o, in, IR_OP_xor, d->arg[0], p.k ^ k) : OPT_KEEP;
}

/* Integer comparisons have an opposite; floating-point ones do not, because of NaN. */
static enum opt_action fold_not(struct opt_walk *o, struct ir_inst *in)
{
	static const struct { uint8_t op, opposite; bool swap; } pair[] = {
		{ IR_OP_eq, IR_OP_ne, false }, { IR_OP_ne, IR_OP_eq, false },
		{ IR_OP_ult, IR_OP_ule, true }, { IR_OP_ule, IR_OP_ult, true },
		{ IR_OP_slt, IR_OP_sle, true }, { IR_OP_sle, IR_OP_slt, true },
	};
	ir_val x = in->arg[0];
	const struct ir_inst *d = opt_def(o, x, IR_OP_not);

	if (d)
		return opt_value(o, d->arg[0]);
	for (unsigned i = 0; i < sizeof pair / sizeof pair[0]; i++)
		if ((d = opt_def(o, x, (enum ir_op)pair[i].op)))
			return rewrite2(in, (enum ir_op)pair[i].opposite, d->arg[pair[i].swap], d->arg[!pair[i].swap]);
	return OPT_KEEP;
}

/* Whether bits n and above, or below n, of an integer are known to be 0. */
static bool is_below(const struct opt_walk *o, ir_val v, unsigned n)
{
	const struct ir_inst *d = opt_def(o, v, IR_OP_zext);
	uint64_t k;

	return d ? ir_type_info[opt_type(o, d->arg[0])].bits <= n : opt_const(o, v, &k) && n < 64 && !(k >> n);
}

static bool is_above(const struct opt_walk *o, ir_val v, unsigned n)
{
	uint64_t k;
	const struct ir_inst *d = inner_k(o, v, IR_OP_shl, &k);

	return d ? k >= n : opt_const(o, v, &k) && n < 64 && !(k & ((1ull << n) - 1));
}

/* Of two parts that were joined, the one looked at: of bits n and above (high) or below n; IR_NONE: both. */
static ir_val joined_part(const struct opt_walk *o, ir_val v, unsigned n, bool high)
{
	const struct ir_inst *d = opt_def(o, v, IR_OP_or);

	for (unsigned i = 0; d && i < 2; i++)
		if (high ? is_below(o, d->arg[i], n) : is_above(o, d->arg[i], n))
			return d->arg[!i];
	return IR_NONE;
}

/* shr of what was made by zext, shl or their join. */
static enum opt_action fold_shr_part(struct opt_walk *o, struct ir_inst *in, const struct pat *p)
{
	ir_val part = joined_part(o, p->a, (unsigned)p->k, true);
	const struct ir_inst *d;
	uint64_t k;

	if (!ir_is_none(part))
		return rewrite_k(o, in, IR_OP_shr, part, p->k);
	if (opt_def(o, p->a, IR_OP_zext) && is_below(o, p->a, (unsigned)p->k))
		return opt_bits(o, p->t, 0);
	if ((d = inner_k(o, p->a, IR_OP_shl, &k)) && k == p->k && is_below(o, d->arg[0], p->w - (unsigned)k))
		return opt_value(o, d->arg[0]);
	return OPT_KEEP;
}

static enum opt_action fold_shift(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t k;

	look(o, in, &p);
	if (opt_const(o, p.a, &k) && k == 0)
		return opt_value(o, p.a);
	if (!p.kb)
		return OPT_KEEP;
	if (in->op == IR_OP_rotl)
		return p.k % p.w ? OPT_KEEP : opt_value(o, p.a);
	if (p.k == 0)
		return opt_value(o, p.a);
	if (p.k >= p.w && in->op != IR_OP_sar)
		return opt_bits(o, p.t, 0);
	d = in->op == IR_OP_sar ? NULL : inner_k(o, p.a, (enum ir_op)in->op, &k);
	if (d && k < p.w)
		return k + p.k < p.w ? rewrite_k(o, in, (enum ir_op)in->op, d->arg[0], k + p.k) : opt_bits(o, p.t, 0);
	return in->op == IR_OP_shr && p.w <= 64 ? fold_shr_part(o, in, &p) : OPT_KEEP;
}

/* Operations that undo themselves: bswap, fneg. */
static enum opt_action fold_involution(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d = opt_def(o, in->arg[0], (enum ir_op)in->op);

	return d ? opt_value(o, d->arg[0]) : OPT_KEEP;
}

static enum opt_action fold_fabs(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d = opt_def(o, in->arg[0], IR_OP_fneg);

	if (d)
		return rewrite1(in, IR_OP_fabs, d->arg[0]);
	return opt_def(o, in->arg[0], IR_OP_fabs) ? opt_value(o, in->arg[0]) : OPT_KEEP;
}

static enum opt_action fold_zext(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d = opt_def(o, in->arg[0], IR_OP_zext);

	return d ? rewrite1(in, IR_OP_zext, d->arg[0]) : OPT_KEEP;
}

static enum opt_action fold_sext(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d = opt_def(o, in->arg[0], IR_OP_sext);

	return d ? rewrite1(in, IR_OP_sext, d->arg[0]) : fold_zext(o, in);
}

static enum opt_action fold_trunc(struct opt_walk *o, struct ir_inst *in)
{
	ir_val x = in->arg[0];
	const struct ir_inst *d = opt_def(o, x, IR_OP_trunc);
	unsigned r = ir_type_info[in->type].bits, inner;
	uint64_t k;

	if (d)
		return rewrite1(in, IR_OP_trunc, d->arg[0]);
	if ((d = inner_k(o, x, IR_OP_and, &k)) && sem_mask(k, r) == sem_mask(~0ull, r))
		return rewrite1(in, IR_OP_trunc, d->arg[0]);
	ir_val part = joined_part(o, x, r, false);
	if (!ir_is_none(part))
		return rewrite1(in, IR_OP_trunc, part);
	d = opt_def(o, x, IR_OP_zext);
	if (!d && !(d = opt_def(o, x, IR_OP_sext)))
		return OPT_KEEP;
	inner = ir_type_info[opt_type(o, d->arg[0])].bits;
	if (inner == r)
		return opt_value(o, d->arg[0]);
	return rewrite1(in, inner > r ? IR_OP_trunc : (enum ir_op)d->op, d->arg[0]);
}

static enum opt_action fold_bitcast(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d = opt_def(o, in->arg[0], IR_OP_bitcast);

	if (ir_is_const(in->arg[0])) {
		const struct ir_const *k = &o->u->konst[in->arg[0].id & ~IR_CONST];
		return opt_value(o, ir_const_vec(&o->b, (enum ir_type)in->type, k->bits[0], k->bits[1]));
	}
	if (!d)
		return OPT_KEEP;
	return opt_type(o, d->arg[0]) == in->type ? opt_value(o, d->arg[0]) : rewrite1(in, IR_OP_bitcast, d->arg[0]);
}

/* eq or ne with a constant, of something made of fewer bits or of a choice. */
static enum opt_action fold_equal_narrow(struct opt_walk *o, struct ir_inst *in, const struct pat *p)
{
	bool ne = in->op == IR_OP_ne;
	const struct ir_inst *d = opt_def(o, p->a, IR_OP_zext);
	uint64_t x, y;

	if (d) {
		enum ir_type inner = opt_type(o, d->arg[0]);

		if (p->k >> ir_type_info[inner].bits)
			return opt_bits(o, IR_I1, ne);
		return rewrite_k(o, in, (enum ir_op)in->op, d->arg[0], p->k);
	}
	d = opt_def(o, p->a, IR_OP_select);
	if (!d || !opt_const(o, d->arg[1], &x) || !opt_const(o, d->arg[2], &y))
		return OPT_KEEP;
	bool on_true = (x == p->k) != ne, on_false = (y == p->k) != ne;
	if (on_true == on_false)
		return opt_bits(o, IR_I1, on_true);
	return on_true ? opt_value(o, d->arg[0]) : rewrite1(in, IR_OP_not, d->arg[0]);
}

/*
 * The sign of a difference against its overflow, as machines with both flags compare: negative != overflow
 * is a < b. With a constant the difference is a sum: negative is that of a + (k + carry).
 */
static enum opt_action fold_sign_overflow(struct opt_walk *o, struct ir_inst *in, const struct ir_inst *negative,
					  const struct ir_inst *overflow)
{
	bool ne = in->op == IR_OP_ne;
	const struct ir_inst *sub = opt_def(o, negative->arg[0], IR_OP_sub), *add;
	const struct ir_inst *not = opt_def(o, overflow->arg[1], IR_OP_not);
	ir_val a = overflow->arg[0];
	uint64_t zero, carry, k, sum;

	if (!opt_const(o, negative->arg[1], &zero) || zero || !opt_const(o, overflow->arg[2], &carry))
		return OPT_KEEP;
	if (sub && not && carry && opt_same(sub->arg[0], a) && opt_same(sub->arg[1], not->arg[0]))
		return ne ? rewrite2(in, IR_OP_slt, a, not->arg[0]) : rewrite2(in, IR_OP_sle, not->arg[0], a);
	add = inner_k(o, negative->arg[0], IR_OP_add, &sum);
	if (!add || !opt_const(o, overflow->arg[1], &k))
		return OPT_KEEP;
	unsigned w = ir_type_info[opt_type(o, a)].bits;
	if (!opt_same(add->arg[0], a)) {
		/* a is itself the same thing and a constant: the two additions have become one */
		const struct ir_inst *inner = inner_k(o, a, IR_OP_add, &zero);
		if (!inner || !opt_same(inner->arg[0], add->arg[0]))
			return OPT_KEEP;
		sum = sem_mask(sum - zero, w);
	}
	if (sem_mask(k + carry, w) != sum || (sum == 1ull << (w - 1) && !carry))
		return OPT_KEEP;
	ir_val bound = ir_const(&o->b, opt_type(o, a), 0 - sum);
	return ne ? rewrite2(in, IR_OP_slt, a, bound) : rewrite2(in, IR_OP_sle, bound, a);
}

/* "x < y" and "unordered" are never both true, so they are equal where y <= x. */
static enum opt_action fold_less_unordered(struct ir_inst *in, const struct ir_inst *less, const struct ir_inst *unordered)
{
	ir_val x = less->arg[0], y = less->arg[1];
	bool same = opt_same(unordered->arg[0], x) && opt_same(unordered->arg[1], y);
	bool swapped = opt_same(unordered->arg[0], y) && opt_same(unordered->arg[1], x);

	return in->op == IR_OP_eq && (same || swapped) ? rewrite2(in, IR_OP_fle, y, x) : OPT_KEEP;
}

static enum opt_action fold_equal_flags(struct opt_walk *o, struct ir_inst *in)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct ir_inst *negative = opt_def(o, in->arg[i], IR_OP_slt);
		const struct ir_inst *overflow = opt_def(o, in->arg[!i], IR_OP_add_overflow);

		if (negative && overflow)
			return fold_sign_overflow(o, in, negative, overflow);
		const struct ir_inst *less = opt_def(o, in->arg[i], IR_OP_flt);
		const struct ir_inst *unordered = opt_def(o, in->arg[!i], IR_OP_funo);

		if (less && unordered)
			return fold_less_unordered(in, less, unordered);
	}
	return OPT_KEEP;
}

static enum opt_action fold_equal(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	bool eq = in->op == IR_OP_eq;

	look(o, in, &p);
	if (opt_same(p.a, p.b))
		return opt_bits(o, IR_I1, eq);
	if (!p.kb && p.t == IR_I1)
		return fold_equal_flags(o, in);
	if (!p.kb)
		return OPT_KEEP;
	if (p.t == IR_I1)
		return p.k == eq ? opt_value(o, p.a) : rewrite1(in, IR_OP_not, p.a);
	return fold_equal_narrow(o, in, &p);
}

/* x < y and x <= y; lo and hi are the least and greatest value of the order. */
static enum opt_action fold_order(struct opt_walk *o, struct ir_inst *in, uint64_t lo, uint64_t hi)
{
	bool or_equal = in->op == IR_OP_ule || in->op == IR_OP_sle;
	ir_val a = in->arg[0], b = in->arg[1];
	uint64_t k;

	if (opt_same(a, b))
		return opt_bits(o, IR_I1, or_equal);
	if (opt_const(o, b, &k)) {
		if (k == (or_equal ? hi : lo))
			return opt_bits(o, IR_I1, or_equal);
		if (k == (or_equal ? lo : lo + 1))
			return rewrite_k(o, in, IR_OP_eq, a, lo);
	}
	if (opt_const(o, a, &k)) {
		if (k == (or_equal ? lo : hi))
			return opt_bits(o, IR_I1, or_equal);
		if (!or_equal && k == lo)
			return rewrite_k(o, in, IR_OP_ne, b, lo);
	}
	return OPT_KEEP;
}

static enum opt_action fold_unsigned(struct opt_walk *o, struct ir_inst *in)
{
	return fold_order(o, in, 0, sem_mask(~0ull, ir_type_info[opt_type(o, in->arg[0])].bits));
}

static enum opt_action fold_signed(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;

	look(o, in, &p);
	/* With one bit the least value is -1, written 1, and lo + 1 would not be the next one. */
	return p.w == 1 ? OPT_KEEP : fold_order(o, in, p.mask ^ p.mask >> 1, p.mask >> 1);
}

/* The carry out of a + b is a > ~b, that of a + b + 1 is a >= ~b. */
static enum opt_action fold_add_carry(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	const struct ir_inst *d;
	uint64_t carry;

	look(o, in, &p);
	if (!opt_const(o, in->arg[2], &carry))
		return OPT_KEEP;
	enum ir_op op = carry ? IR_OP_ule : IR_OP_ult;
	if (p.kb)
		return rewrite2(in, op, ir_const(&o->b, p.t, ~p.k), p.a);
	if ((d = opt_def(o, p.b, IR_OP_not)))
		return rewrite2(in, op, d->arg[0], p.a);
	d = opt_def(o, p.a, IR_OP_not);
	return d ? rewrite2(in, op, d->arg[0], p.b) : OPT_KEEP;
}

static enum opt_action fold_add_overflow(struct opt_walk *o, struct ir_inst *in)
{
	struct pat p;
	uint64_t carry;

	look(o, in, &p);
	if (!p.kb || !opt_const(o, in->arg[2], &carry))
		return OPT_KEEP;
	/* a + 0, and a - 0 */
	return p.k == (carry ? p.mask : 0) ? opt_bits(o, IR_I1, 0) : OPT_KEEP;
}

/* select over i1 with one constant arm is and, or with the condition. */
static enum opt_action fold_select_i1(struct opt_walk *o, struct ir_inst *in)
{
	ir_val c = in->arg[0];
	uint64_t x, y;
	bool kx = opt_const(o, in->arg[1], &x), ky = opt_const(o, in->arg[2], &y);

	if (kx && ky)
		return x ? opt_value(o, c) : rewrite1(in, IR_OP_not, c);
	if (kx && x)
		return rewrite2(in, IR_OP_or, c, in->arg[2]);
	if (ky && !y)
		return rewrite2(in, IR_OP_and, c, in->arg[1]);
	return OPT_KEEP;
}

static enum opt_action fold_select(struct opt_walk *o, struct ir_inst *in)
{
	const struct ir_inst *d;
	uint64_t c;

	if (opt_const(o, in->arg[0], &c))
		return opt_value(o, in->arg[c ? 1 : 2]);
	if (opt_same(in->arg[1], in->arg[2]))
		return opt_value(o, in->arg[1]);
	if ((d = opt_def(o, in->arg[0], IR_OP_not))) {
		ir_val x = in->arg[1];

		in->arg[1] = in->arg[2];
		in->arg[2] = x;
		in->arg[0] = d->arg[0];
		return OPT_AGAIN;
	}
	return in->type == IR_I1 ? fold_select_i1(o, in) : OPT_KEEP;
}

/* A condition that is known: exit_if and trap_if become exit and trap, or nothing. */
static enum opt_action fold_leave(struct opt_walk *o, struct ir_inst *in)
{
	uint64_t c;

	if (!opt_const(o, in->arg[0], &c))
		return OPT_KEEP;
	if (!c)
		return OPT_DROP;
	in->op = in->op == IR_OP_exit_if ? IR_OP_exit : IR_OP_trap;
	in->arg[0] = in->arg[1];
	in->arg[1] = in->arg[2];
	return OPT_KEEP;
}

static enum opt_action fold_guard(struct opt_walk *o, struct ir_inst *in)
{
	uint64_t c;

	return opt_const(o, in->arg[0], &c) && !c ? opt_value(o, in->arg[1]) : OPT_KEEP;
}

static enum opt_action fold_stcond(struct opt_walk *o, struct ir_inst *in)
{
	uint64_t ok;

	return opt_const(o, in->arg[0], &ok) && !ok ? opt_bits(o, IR_I1, 0) : OPT_KEEP;
}

/*
 * An address that is a sum with a small constant: the constant joins the displacement, so that accesses around one
 * address have one base. Beyond 16 bits some back ends have nothing to gain.
 */
static enum opt_action fold_displacement(struct opt_walk *o, struct ir_inst *in, unsigned address)
{
	uint64_t k;
	const struct ir_inst *d = inner_k(o, in->arg[address], IR_OP_add, &k);
	int64_t sum;

	if (!d)
		return OPT_KEEP;
	sum = in->imm + (int64_t)sem_sext(k, ir_type_info[d->type].bits);
	if (sum < INT16_MIN || sum > INT16_MAX)
		return OPT_KEEP;
	in->imm = (int32_t)sum;
	in->arg[address] = d->arg[0];
	return OPT_AGAIN;
}

static enum opt_action fold_access(struct opt_walk *o, struct ir_inst *in)
{
	return fold_displacement(o, in, 0);
}

static enum opt_action fold_load_if(struct opt_walk *o, struct ir_inst *in)
{
	uint64_t c;

	if (!opt_const(o, in->arg[0], &c))
		return fold_displacement(o, in, 2);
	if (!c)
		return opt_value(o, in->arg[1]);
	in->op = IR_OP_load;
	in->arg[0] = in->arg[2];
	return OPT_AGAIN;
}

static enum opt_action fold_store_if(struct opt_walk *o, struct ir_inst *in)
{
	uint64_t c;

	if (!opt_const(o, in->arg[0], &c))
		return fold_displacement(o, in, 1);
	if (!c)
		return OPT_DROP;
	in->op = IR_OP_store;
	in->arg[0] = in->arg[1];
	in->arg[1] = in->arg[2];
	return OPT_AGAIN;
}

typedef enum opt_action fold_fn(struct opt_walk *o, struct ir_inst *in);

static fold_fn *const rule[IR_OP_COUNT] = {
	[IR_OP_add] = fold_add, [IR_OP_sub] = fold_sub, [IR_OP_mul] = fold_mul,
	[IR_OP_and] = fold_and, [IR_OP_or] = fold_or, [IR_OP_xor] = fold_xor, [IR_OP_not] = fold_not,
	[IR_OP_shl] = fold_shift, [IR_OP_shr] = fold_shift, [IR_OP_sar] = fold_shift, [IR_OP_rotl] = fold_shift,
	[IR_OP_bswap] = fold_involution, [IR_OP_fneg] = fold_involution, [IR_OP_fabs] = fold_fabs,
	[IR_OP_zext] = fold_zext, [IR_OP_sext] = fold_sext, [IR_OP_trunc] = fold_trunc,
	[IR_OP_bitcast] = fold_bitcast,
	[IR_OP_eq] = fold_equal, [IR_OP_ne] = fold_equal,
	[IR_OP_ult] = fold_unsigned, [IR_OP_ule] = fold_unsigned,
	[IR_OP_slt] = fold_signed, [IR_OP_sle] = fold_signed,
	[IR_OP_add_carry] = fold_add_carry, [IR_OP_add_overflow] = fold_add_overflow,
	[IR_OP_select] = fold_select,
	[IR_OP_exit_if] = fold_leave, [IR_OP_trap_if] = fold_leave,
	[IR_OP_guard] = fold_guard, [IR_OP_stcond] = fold_stcond,
	[IR_OP_load] = fold_access, [IR_OP_store] = fold_access,
	[IR_OP_load_if] = fold_load_if, [IR_OP_store_if] = fold_store_if,
};

/* The width a value expression calls w: that of the first operand that is not a plain i1. */
static unsigned first_width(const struct opt_walk *o, const struct ir_inst *in)
{
	const char *sig = ir_shape_signature[ir_op_info[in->op].shape];

	return ir_type_info[opt_type(o, in->arg[sig[0] == '1'])].bits;
}

static void constant_right(struct ir_inst *in)
{
	ir_val x = in->arg[0];

	if (!ir_is_const(x) || ir_is_const(in->arg[1]))
		return;
	in->arg[0] = in->arg[1];
	in->arg[1] = x;
}

static bool is_vector(unsigned type)
{
	return ir_type_info[type].bits > 64;
}

static enum opt_action fold_lane_constants(struct opt_walk *o, const struct ir_inst *in)
{
	struct ir_bits x[3] = { { 0, 0 } };

	for (unsigned k = 0, n = ir_shape_operands[ir_op_info[in->op].shape]; k < n; k++) {
		if (!ir_is_const(in->arg[k]))
			return OPT_KEEP;
		const struct ir_const *c = &o->u->konst[in->arg[k].id & ~IR_CONST];
		x[k] = (struct ir_bits){ c->bits[0], c->bits[1] };
	}
	x[0] = ir_eval_form(ir_form_of(o->u, in), x);
	return opt_value(o, ir_const_vec(&o->b, (enum ir_type)in->type, x[0].lo, x[0].hi));
}

/* A lane of a vector whose lane is known; bitcasts that keep the lanes do not matter. */
static enum opt_action fold_extract(struct opt_walk *o, struct ir_inst *in)
{
	unsigned lane = in->aux, w = ir_type_info[in->type].bits;
	ir_val v = in->arg[0], x = IR_NONE;
	const struct ir_inst *d = opt_def(o, v, IR_OP_bitcast);

	if (d && ir_type_info[opt_type(o, d->arg[0])].lane_bits == w)
		v = d->arg[0];
	if ((d = opt_def(o, v, IR_OP_splat)) || (d = opt_def(o, v, IR_OP_vfirst)))
		x = d->arg[0];
	if (d && d->op == IR_OP_vfirst && lane)
		return opt_bits(o, (enum ir_type)in->type, 0);
	if ((d = opt_def(o, v, IR_OP_insert)) && ir_type_info[d->type].lane_bits == w) {
		if (d->aux == lane)
			x = d->arg[1];
		else if (d->type == opt_type(o, in->arg[0]))
			return rewrite1(in, IR_OP_extract, d->arg[0]);
	}
	if (ir_is_none(x))
		return OPT_KEEP;
	if (opt_type(o, x) == in->type)
		return opt_value(o, x);
	in->aux = 0;
	return rewrite1(in, IR_OP_bitcast, x);
}

static bool all_bits(const struct opt_walk *o, ir_val v, uint64_t bits)
{
	if (!ir_is_const(v))
		return false;
	const struct ir_const *k = &o->u->konst[v.id & ~IR_CONST];
	return k->bits[0] == bits && k->bits[1] == bits;
}

/* The second operand is 0 or all ones. */
static enum opt_action fold_neutral(struct opt_walk *o, struct ir_inst *in)
{
	bool zero = all_bits(o, in->arg[1], 0), ones = all_bits(o, in->arg[1], ~0ull);

	switch (in->op) {
	case IR_OP_add:
	case IR_OP_sub:
	case IR_OP_or:
		return zero ? opt_value(o, in->arg[0]) : ones && in->op == IR_OP_or ? opt_value(o, in->arg[1]) : OPT_KEEP;
	case IR_OP_and: return zero ? opt_value(o, in->arg[1]) : ones ? opt_value(o, in->arg[0]) : OPT_KEEP;
	case IR_OP_xor: return zero ? opt_value(o, in->arg[0]) : ones ? rewrite1(in, IR_OP_not, in->arg[0]) : OPT_KEEP;
	default: return OPT_KEEP;
	}
}

/* Rules for operations over vectors; those of scalars know constants of 64 bits only. */
static enum opt_action fold_lanes(struct opt_walk *o, struct ir_inst *in)
{
	if (fold_lane_constants(o, in) == OPT_VALUE)
		return OPT_VALUE;
	if (ir_op_info[in->op].flags & IR_COMM)
		constant_right(in);
	switch (in->op) {
	case IR_OP_xor:
	case IR_OP_sub:
		if (opt_same(in->arg[0], in->arg[1]))
			return opt_bits(o, (enum ir_type)in->type, 0);
		return fold_neutral(o, in);
	case IR_OP_add: return fold_neutral(o, in);
	case IR_OP_and:
	case IR_OP_or:
		return opt_same(in->arg[0], in->arg[1]) ? opt_value(o, in->arg[0]) : fold_neutral(o, in);
	case IR_OP_not: return fold_involution(o, in);
	case IR_OP_extract: return fold_extract(o, in);
	case IR_OP_smin:
	case IR_OP_smax:
	case IR_OP_umin:
	case IR_OP_umax:
		return opt_same(in->arg[0], in->arg[1]) ? opt_value(o, in->arg[0]) : OPT_KEEP;
	case IR_OP_fneg: return fold_involution(o, in);
	case IR_OP_fabs: return fold_fabs(o, in);
	case IR_OP_bitcast: return fold_bitcast(o, in);
	case IR_OP_select: return fold_select(o, in);
	default: return OPT_KEEP;
	}
}

/* A pure operation over constants of up to 64 bits. */
static bool fold_constants(struct opt_walk *o, const struct ir_inst *in)
{
	uint64_t x[IR_MAX_ARGS] = { 0 };

	if (!ir_is_const(in->arg[0]))
		return false;
	for (unsigned k = 0, n = ir_shape_operands[ir_op_info[in->op].shape]; k < n; k++)
		if (!opt_const(o, in->arg[k], &x[k]))
			return false;
	o->value = ir_const(&o->b, (enum ir_type)in->type,
			    ir_eval((enum ir_op)in->op, first_width(o, in), ir_type_info[in->type].bits, x[0], x[1], x[2]));
	return true;
}

enum opt_action opt_fold(struct opt_walk *o, struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;

	if (flags & IR_PURE && (is_vector(in->type) || is_vector(opt_type(o, in->arg[0]))))
		return fold_lanes(o, in);
	if (flags & IR_PURE && fold_constants(o, in))
		return OPT_VALUE;
	if (flags & IR_PURE && flags & IR_COMM)
		constant_right(in);
	return rule[in->op] ? rule[in->op](o, in) : OPT_KEEP;
}
