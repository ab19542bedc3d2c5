/*
 * Division as C libraries do it on machines without an instruction for it: a ladder of steps, one for each bit of the quotient, from
 * the highest down, which is entered by a computed jump where the first bit may be. Step k is
 *
 *	num >= den << k:	num = num - (den << k), q = 2 q + 1;	else:	q = 2 q
 *
 * and the last one is step 0. If den << n has all bits of den, and num < den << n + 1, then steps n to 1 do what one division does:
 * q = q << n | num / 2 den, num = num mod 2 den. Step 0 is executed as it stands, so flags and whatever else steps leave are
 * there. Nothing is assumed of the values: each time it is looked whether this is true, and if not, the jump is executed.
 *
 * Not a pass: it makes a new unit. Who asks finds the steps (engine/ladder.c).
 */
#include "ir/build.h"
#include "opt/pass.h"

static const struct ir_inst *made_by(const struct ir_unit *u, ir_val v, enum ir_op op)
{
	return !ir_is_const(v) && u->inst[v.id].op == op ? &u->inst[v.id] : NULL;
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

/* v is what a slot holds, shifted to the left by a constant number, perhaps 0. */
static bool is_shifted(const struct ir_unit *u, ir_val v, unsigned *slot, unsigned *shift)
{
	const struct ir_inst *shl = made_by(u, v, IR_OP_shl);

	*shift = 0;
	if (!shl)
		return is_slot(u, v, slot);
	if (!ir_is_const(shl->arg[1]) || ir_const_bits(u, shl->arg[1]) >= OPT_STEPS)
		return false;
	*shift = (unsigned)ir_const_bits(u, shl->arg[1]);
	return is_slot(u, shl->arg[0], slot);
}

/* What the unit puts into the slot; NULL: nothing. */
static const struct ir_inst *put_of(const struct ir_unit *u, unsigned slot)
{
	for (unsigned i = 0; i < u->n; i++)
		if (u->inst[i].op == IR_OP_put && u->inst[i].slot == slot)
			return &u->inst[i];
	return NULL;
}

/* Whether it only computes and goes on behind itself, writes each slot once, and reads none that it has written. */
static bool is_plain(const struct ir_unit *u)
{
	const struct ir_inst *end = &u->inst[u->n - 1];

	if (end->op != IR_OP_exit || end->aux != IR_EXIT_JUMP || ir_const_bits(u, ir_exit_target(end)) != u->pc + u->bytes)
		return false;
	for (const struct ir_inst *in = u->inst; in < end; in++) {
		const struct ir_inst *put = NULL;

		if (in->op == IR_OP_get || in->op == IR_OP_put)
			put = put_of(u, in->slot);
		else if (in->op != IR_OP_insn && in->op != IR_OP_poll && !(ir_op_info[in->op].flags & IR_PURE))
			return false;
		if (put && put < in)
			return false;
	}
	return true;
}

/* Whether the slot is put what is c ? num - by : num there. */
static bool is_reduced(const struct ir_unit *u, const struct ir_inst *put, ir_val *c, struct opt_step *s)
{
	const struct ir_inst *select = made_by(u, put->arg[0], IR_OP_select), *sub, *less;

	sub = select ? made_by(u, select->arg[1], IR_OP_sub) : NULL;
	if (!sub || !opt_same(sub->arg[0], select->arg[2]) || !is_slot(u, sub->arg[0], &s->num) || s->num != put->slot)
		return false;
	*c = select->arg[0];
	less = made_by(u, *c, IR_OP_ule);
	return less && opt_same(less->arg[0], sub->arg[1]) && opt_same(less->arg[1], sub->arg[0]) &&
	       is_shifted(u, sub->arg[1], &s->den, &s->shift);
}

/* Whether the slot is put its double and the bit c. */
static bool is_doubled(const struct ir_unit *u, const struct ir_inst *put, ir_val c, struct opt_step *s)
{
	const struct ir_inst *sum = made_by(u, put->arg[0], IR_OP_add);

	for (unsigned i = 0; sum && i < 2; i++) {
		const struct ir_inst *bit = made_by(u, sum->arg[i], IR_OP_zext), *twice = made_by(u, sum->arg[!i], IR_OP_add);

		if (bit && twice && opt_same(bit->arg[0], c) && opt_same(twice->arg[0], twice->arg[1]))
			return is_slot(u, twice->arg[0], &s->q) && s->q == put->slot;
	}
	return false;
}

/* Whether the unit reads nothing but what a step has to. */
static bool reads_only(const struct ir_unit *u, const struct opt_step *s)
{
	for (unsigned i = 0; i < u->n; i++) {
		unsigned slot = u->inst[i].slot;

		if (u->inst[i].op == IR_OP_get && slot != s->num && slot != s->den && slot != s->q)
			return false;
	}
	return true;
}

bool opt_is_step(const struct ir_unit *u, struct opt_step *s)
{
	const struct ir_inst *num = NULL, *q = NULL;
	ir_val c;

	if (u->n < 2 || !is_plain(u))
		return false;
	for (unsigned i = 0; i < u->n && !num; i++)
		if (u->inst[i].op == IR_OP_put && is_reduced(u, &u->inst[i], &c, s))
			num = &u->inst[i];
	for (unsigned i = 0; num && i < u->n && !q; i++)
		if (u->inst[i].op == IR_OP_put && is_doubled(u, &u->inst[i], c, s))
			q = &u->inst[i];
	return q && s->num != s->q && s->den != s->num && s->den != s->q && !put_of(u, s->den) && reads_only(u, s);
}

bool opt_is_covered(const struct ir_unit *step, const struct ir_unit *last)
{
	for (unsigned i = 0; i < step->n; i++)
		if (step->inst[i].op == IR_OP_put && !put_of(last, step->inst[i].slot))
			return false;
	return true;
}

/* Steps to be skipped if the jump leads to `to`; *c: it leads to a step. */
static ir_val steps_from(struct ir_builder *b, const struct opt_ladder *l, ir_val to, ir_val *c)
{
	ir_val size = ir_const(b, IR_I32, l->bytes), off = ir_sub(b, ir_const(b, IR_I32, l->last), to);
	ir_val n = ir_divu(b, off, size);

	*c = ir_and(b, ir_eq(b, ir_mul(b, n, size), off), ir_ule(b, n, ir_const(b, IR_I32, l->highest)));
	return ir_and(b, n, ir_const(b, IR_I32, OPT_STEPS - 1));
}

/* In front of the jump: to the last step, if values allow it. */
static void skip(struct ir_builder *b, const struct opt_ladder *l, ir_val to)
{
	const struct opt_step *s = &l->step;
	ir_val num = ir_get(b, s->num), den = ir_get(b, s->den), q = ir_get(b, s->q), c;
	ir_val n = steps_from(b, l, to, &c), one = ir_const(b, IR_I32, 1), half = ir_shr(b, num, one);
	ir_val top = ir_shl(b, ir_zext(b, IR_I64, den), ir_zext(b, IR_I64, n));

	c = ir_and(b, c, ir_ule(b, top, ir_const(b, IR_I64, UINT32_MAX)));
	c = ir_and(b, c, ir_ult(b, ir_zext(b, IR_I64, half), top));
	ir_val by = ir_divu(b, half, den);
	ir_put(b, s->num, ir_sub(b, num, ir_shl(b, ir_mul(b, by, den), one)));
	ir_put(b, s->q, ir_or(b, ir_shl(b, q, n), by));
	ir_exit_if(b, IR_EXIT_JUMP, c, ir_const(b, IR_I32, l->last));
	ir_put(b, s->num, num);
	ir_put(b, s->q, q);
}

struct ir_unit *opt_skip_ladder(const struct ir_unit *u, const struct opt_ladder *l, struct base_arena *arena)
{
	const struct ir_inst *jump = &u->inst[u->n - 1];
	struct ir_unit *to = ir_unit_new(arena, u->slots, u->pc);
	ir_val *map = base_arena_alloc(arena, u->n * sizeof *map);
	struct ir_builder b;

	if (!to || !map || jump->op != IR_OP_exit_ind || ir_is_const(jump->arg[0]) || ir_type_of(u, jump->arg[0]) != IR_I32)
		return NULL;
	ir_builder_init(&b, arena, to);
	to->bytes = u->bytes;
	to->n_insns = u->n_insns;
	for (unsigned i = 0; i + 1 < u->n; i++)
		map[i] = opt_copy(&b, u, map, &u->inst[i]);
	skip(&b, l, map[jump->arg[0].id]);
	opt_copy(&b, u, map, jump);
	return b.failed ? NULL : to;
}
