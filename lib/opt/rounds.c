/*
 * Division of 64 bits as C libraries do it on machines of 32 bits without an instruction for it: a dividend is compared with a divisor
 * that was shifted to the left, and shifted itself, round by round, while the bits of the quotient take the place of those that left.
 * One round is
 *
 *	x = x >= d ? 2 (x - d) + 1 : 2 x	and	count = count - 1, until that is 0.
 *
 * If there are n rounds to come, the n - 2 low bits of d are 0 and x < 2 d < 2^64, then no comparison sees a bit of the quotient,
 * and n - 1 rounds do what one division by w = d >> (n - 2) does: x = (x mod w) << (n - 1) | x / w. The last round is
 * executed as it stands, so whatever it leaves besides is there. Nothing is assumed of the values: a unit that has
 * the operations of a round looks whether the rest is true, each time it is executed.
 *
 * Not a pass: it makes a new unit.
 */
#include "ir/build.h"
#include "opt/pass.h"

/* Slots: x and d in two halves, and the rounds to come. */
struct rounds {
	const struct ir_unit *u;
	unsigned low, high, by_low, by_high, count;
	ir_val x_low, x_high, d_low, not_d_high;	/* as the unit has them */
};

enum { FEWEST = 2, MOST = 63 };		/* rounds that are worth it, and for which d has room */

static const struct ir_inst *made_by(const struct ir_unit *u, ir_val v, enum ir_op op)
{
	return !ir_is_const(v) && u->inst[v.id].op == op ? &u->inst[v.id] : NULL;
}

static bool is_number(const struct ir_unit *u, ir_val v, uint64_t k)
{
	return ir_is_const(v) && ir_const_bits(u, v) == k;
}

/* Whether v is what a slot of 32 bits holds, and which. */
static bool is_slot(const struct ir_unit *u, ir_val v, unsigned *slot)
{
	const struct ir_inst *get = made_by(u, v, IR_OP_get);

	if (!get || get->type != IR_I32)
		return false;
	*slot = get->slot;
	return true;
}

static bool is_sum(const struct ir_unit *u, ir_val v, ir_val a, ir_val b)
{
	const struct ir_inst *add = made_by(u, v, IR_OP_add);

	return add && ((opt_same(add->arg[0], a) && opt_same(add->arg[1], b)) ||
		       (opt_same(add->arg[0], b) && opt_same(add->arg[1], a)));
}

/* For v = rest + (0 or 1): the condition of the 1; IR_NONE: it is something else. */
static ir_val carry_of(const struct ir_unit *u, ir_val v, ir_val *rest)
{
	const struct ir_inst *add = made_by(u, v, IR_OP_add);

	for (unsigned i = 0; add && i < 2; i++) {
		const struct ir_inst *zext = made_by(u, add->arg[i], IR_OP_zext);

		*rest = add->arg[!i];
		if (zext && ir_type_of(u, zext->arg[0]) == IR_I1)
			return zext->arg[0];
	}
	return IR_NONE;
}

/* Whether v is the high half of 2 (high : low). */
static bool is_doubled(const struct ir_unit *u, ir_val v, ir_val low, ir_val high)
{
	ir_val rest, c = carry_of(u, v, &rest);
	const struct ir_inst *carry = ir_is_none(c) ? NULL : made_by(u, c, IR_OP_add_carry);

	return carry && opt_same(carry->arg[0], low) && opt_same(carry->arg[1], low) && is_number(u, carry->arg[2], 0) &&
	       is_sum(u, rest, high, high);
}

/* c: x >= d, the carry of x + ~d + 1. */
static bool is_compared(struct rounds *r, ir_val c)
{
	const struct ir_inst *carry = made_by(r->u, c, IR_OP_add_carry), *less, *not;

	less = carry ? made_by(r->u, carry->arg[2], IR_OP_ule) : NULL;
	if (!less || !is_slot(r->u, less->arg[0], &r->by_low) || !is_slot(r->u, less->arg[1], &r->low) || r->low == r->by_low)
		return false;
	r->d_low = less->arg[0];
	r->x_low = less->arg[1];
	for (unsigned i = 0; i < 2; i++) {
		r->not_d_high = carry->arg[i];
		r->x_high = carry->arg[!i];
		not = made_by(r->u, r->not_d_high, IR_OP_not);
		if (not && is_slot(r->u, not->arg[0], &r->by_high) && is_slot(r->u, r->x_high, &r->high))
			return true;
	}
	return false;
}

/* low, high: 2 (x - d) + 1, where less is the carry of the low half of x + ~d + 1. */
static bool is_subtracted(const struct rounds *r, ir_val less, ir_val low, ir_val high)
{
	const struct ir_unit *u = r->u;
	const struct ir_inst *plus = made_by(u, low, IR_OP_add), *twice, *sub;
	ir_val rest, c;

	twice = plus && is_number(u, plus->arg[1], 1) ? made_by(u, plus->arg[0], IR_OP_add) : NULL;
	sub = twice && opt_same(twice->arg[0], twice->arg[1]) ? made_by(u, twice->arg[0], IR_OP_sub) : NULL;
	if (!sub || !opt_same(sub->arg[0], r->x_low) || !opt_same(sub->arg[1], r->d_low))
		return false;
	/* the 1 is added to an even number and carries nothing, but is written as if it did */
	c = carry_of(u, high, &rest);
	const struct ir_inst *full = ir_is_none(c) ? NULL : made_by(u, c, IR_OP_ult);
	if (!full || !is_number(u, full->arg[0], 0xfffffffe) || !opt_same(full->arg[1], plus->arg[0]))
		return false;
	ir_val sum, more = carry_of(u, rest, &sum);
	const struct ir_inst *both = ir_is_none(more) ? NULL : made_by(u, sum, IR_OP_add);
	if (!both || !opt_same(both->arg[0], both->arg[1]) || !is_doubled(u, rest, twice->arg[0], both->arg[0]))
		return false;
	c = carry_of(u, both->arg[0], &sum);
	return !ir_is_none(c) && opt_same(c, less) && is_sum(u, sum, r->x_high, r->not_d_high);
}

/* What the unit puts into the slot; NULL: nothing. */
static const struct ir_inst *put_of(const struct ir_unit *u, unsigned slot)
{
	for (unsigned i = 0; i < u->n; i++)
		if (u->inst[i].op == IR_OP_put && u->inst[i].slot == slot)
			return &u->inst[i];
	return NULL;
}

static const struct ir_inst *choice_of(const struct ir_unit *u, unsigned slot)
{
	const struct ir_inst *put = put_of(u, slot);

	return put ? made_by(u, put->arg[0], IR_OP_select) : NULL;
}

/* Whether c chooses, for the two halves of x, as in a round. */
static bool is_round(struct rounds *r, ir_val c)
{
	const struct ir_inst *low, *high;

	if (!is_compared(r, c) || !(low = choice_of(r->u, r->low)) || !(high = choice_of(r->u, r->high)))
		return false;
	return opt_same(low->arg[0], c) && opt_same(high->arg[0], c) && is_sum(r->u, low->arg[2], r->x_low, r->x_low) &&
	       is_doubled(r->u, high->arg[2], r->x_low, r->x_high) &&
	       is_subtracted(r, r->u->inst[c.id].arg[2], low->arg[1], high->arg[1]);
}

/* Whether all of it only computes, each slot is written once, and read only before. */
static bool is_plain(const struct ir_unit *u)
{
	for (unsigned i = 0; i + 2 < u->n; i++) {
		const struct ir_inst *in = &u->inst[i], *put;

		if (in->op == IR_OP_get || in->op == IR_OP_put) {
			put = put_of(u, in->slot);
			if (put && put < in)
				return false;
		} else if (in->op != IR_OP_insn && !(in->op == IR_OP_poll && !i) && !(ir_op_info[in->op].flags & IR_PURE)) {
			return false;
		}
	}
	return true;
}

/* Whether a round finds nothing of the one before but x and the count. */
static bool is_alone(const struct rounds *r)
{
	const struct ir_unit *u = r->u;

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op == IR_OP_get && in->slot != r->low && in->slot != r->high && in->slot != r->count && put_of(u, in->slot))
			return false;
	}
	return true;
}

/* Whether the unit is left when a count that is one less after each round is 0, and else executed again. */
static bool is_counted(struct rounds *r)
{
	const struct ir_unit *u = r->u;
	const struct ir_inst *again = &u->inst[u->n - 1], *leave = again - 1, *last, *put, *less;

	if (again->op != IR_OP_exit || leave->op != IR_OP_exit_if || !is_number(u, ir_exit_target(again), u->pc) ||
	    is_number(u, ir_exit_target(leave), u->pc))
		return false;
	last = made_by(u, leave->arg[0], IR_OP_eq);
	if (!last || !is_slot(u, last->arg[0], &r->count) || !is_number(u, last->arg[1], 1))
		return false;
	put = put_of(u, r->count);
	less = put ? made_by(u, put->arg[0], IR_OP_add) : NULL;
	return less && opt_same(less->arg[0], last->arg[0]) && is_number(u, less->arg[1], UINT32_MAX);
}

static bool find(struct rounds *r)
{
	const struct ir_unit *u = r->u;

	if (u->n < 4 || !is_counted(r) || !is_plain(u))
		return false;
	for (unsigned i = 0; i < u->n; i++) {
		ir_val c = { (uint16_t)i };

		if (u->inst[i].op == IR_OP_add_carry && is_round(r, c))
			return is_alone(r) && r->low != r->high && r->count != r->low && r->count != r->high &&
			       !put_of(u, r->by_low) && !put_of(u, r->by_high);
	}
	return false;
}

static ir_val whole(struct ir_builder *b, unsigned low, unsigned high)
{
	ir_val up = ir_shl(b, ir_zext(b, IR_I64, ir_get(b, high)), ir_const(b, IR_I64, 32));

	return ir_or(b, up, ir_zext(b, IR_I64, ir_get(b, low)));
}

/* n - k, which is below 64 where it matters, as a count that hosts shift by without another look. */
static ir_val distance(struct ir_builder *b, ir_val n, uint32_t k)
{
	return ir_and(b, ir_sub(b, n, ir_const(b, IR_I32, k)), ir_const(b, IR_I32, 63));
}

static void skip(struct ir_builder *b, const struct rounds *r)
{
	ir_val zero = ir_const(b, IR_I64, 0), one = ir_const(b, IR_I64, 1);
	ir_val n = ir_get(b, r->count), x = whole(b, r->low, r->high), d = whole(b, r->by_low, r->by_high);
	ir_val bits = distance(b, n, 2), w = ir_shr(b, d, bits), c, q, left;

	c = ir_ult(b, ir_sub(b, n, ir_const(b, IR_I32, FEWEST)), ir_const(b, IR_I32, MOST - FEWEST + 1));
	c = ir_and(b, c, ir_sle(b, zero, d));
	c = ir_and(b, c, ir_eq(b, ir_shl(b, w, bits), d));
	c = ir_and(b, c, ir_ult(b, ir_shr(b, x, one), d));
	q = ir_divu(b, x, w);
	left = ir_shl(b, ir_sub(b, x, ir_mul(b, q, w)), distance(b, n, 1));
	x = ir_select(b, c, ir_or(b, left, q), x);
	ir_put(b, r->low, ir_trunc(b, IR_I32, x));
	ir_put(b, r->high, ir_trunc(b, IR_I32, ir_shr(b, x, ir_const(b, IR_I64, 32))));
	ir_put(b, r->count, ir_select(b, c, ir_const(b, IR_I32, 1), n));
}

struct ir_unit *opt_skip_rounds(const struct ir_unit *u, struct base_arena *arena)
{
	struct rounds r = { .u = u };
	struct ir_builder b;
	unsigned i = 0;

	if (!find(&r))
		return NULL;
	struct ir_unit *to = ir_unit_new(arena, u->slots, u->pc);
	ir_val *map = base_arena_alloc(arena, u->n * sizeof *map);
	if (!to || !map)
		return NULL;
	ir_builder_init(&b, arena, to);
	to->bytes = u->bytes;
	to->n_insns = u->n_insns;
	for (; u->inst[i].op == IR_OP_poll || u->inst[i].op == IR_OP_insn; i++)
		map[i] = opt_copy(&b, u, map, &u->inst[i]);
	skip(&b, &r);
	for (; i < u->n; i++)
		map[i] = opt_copy(&b, u, map, &u->inst[i]);
	return b.failed ? NULL : to;
}
