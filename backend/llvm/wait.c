/*
 * Guards that wait. The guard of a sum asks whether it is a NaN, and what is computed of a NaN is one, too: when the
 * next operation on the sum has a guard, that one finds it. Both helpers are called then, in turn, and whatever was
 * made of the sum in between is made again. Two guards that ask for NaNs alone, of results that have nothing to do
 * with each other, are one comparison. Nothing may leave the unit or see the value between the two. What the host did
 * meanwhile to a NaN has raised "invalid" at most, which means nothing (ops.def).
 *
 * Which guards wait, and for which, is found here for jit_plan_make; emit_guard.c does it. Knows no guest.
 */
#include <string.h>

#include "backend/llvm/jit.h"

enum { LOOK_AHEAD = 96 };

/*
 * What an instruction has to do with the guard that may wait: it is made of its value, the same but for its sign, or an
 * operation on it.
 */
enum how { UNRELATED, MADE_OF_IT, STILL_IT, RESULT };

struct look {
	const struct ir_unit *u;
	struct jit_block *blk;
	unsigned guard, end;
	bool accesses;			/* may happen in between */
	uint8_t *how;			/* by instruction */
	uint64_t *held;			/* slots that have what is made of it */
	unsigned beside;		/* a guard it could be one comparison with, or 0 */
};

static bool is_float(enum ir_type t)
{
	return t == IR_F32 || t == IR_F64;
}

static bool is_op(const struct ir_unit *u, ir_val v, enum ir_op op)
{
	return !ir_is_const(v) && u->inst[v.id].op == op;
}

static bool is_same(ir_val a, ir_val b)
{
	return a.id == b.id;
}

static bool raises_only(const struct ir_inst *in)
{
	return in->op == IR_OP_guard && in->helper->effects == IR_HELPER_FP;
}

/* Whether the guard asks for nothing but a NaN as its value. */
static bool asks_for_nan(const struct ir_unit *u, const struct ir_inst *in)
{
	ir_val c = in->arg[0], v = in->arg[1];

	return raises_only(in) && is_float((enum ir_type)in->type) && !ir_is_const(v) && is_op(u, c, IR_OP_funo) &&
	       is_same(u->inst[c.id].arg[0], v) && is_same(u->inst[c.id].arg[1], v);
}

/* Whether the guard's condition holds when its value is a NaN. */
static bool finds_nan(const struct ir_unit *u, const struct ir_inst *in)
{
	ir_val c = in->arg[0], v = in->arg[1], x;

	if (asks_for_nan(u, in))
		return true;
	if (!is_op(u, c, IR_OP_fueq))
		return false;
	x = u->inst[c.id].arg[0];
	return is_same(x, v) || (is_op(u, x, IR_OP_fabs) && is_same(u->inst[x.id].arg[0], v));
}

static enum how how_of(const struct look *l, ir_val v)
{
	return ir_is_const(v) || v.id < l->guard ? UNRELATED : (enum how)l->how[v.id];
}

static enum how most_of(const struct look *l, const struct ir_inst *in)
{
	enum how most = UNRELATED;

	for (unsigned k = 0; k < ir_arity(in); k++)
		if (how_of(l, in->arg[k]) > most)
			most = how_of(l, in->arg[k]);
	return most;
}

/* Whether the guard's condition holds when what waits is a NaN. */
static bool covers(const struct look *l, const struct ir_inst *in)
{
	const struct ir_inst *c;

	if (!raises_only(in))
		return false;
	if (how_of(l, in->arg[1]) == RESULT)
		return finds_nan(l->u, in);
	if (in->type != IR_I1 || !is_op(l->u, in->arg[0], IR_OP_funo))
		return false;
	c = &l->u->inst[in->arg[0].id];		/* a comparison's */
	return how_of(l, c->arg[0]) == STILL_IT || how_of(l, c->arg[1]) == STILL_IT;
}

enum step { ON, COVERED, STOP };

static enum step look_at_guard(struct look *l, unsigned i, enum how most)
{
	const struct ir_inst *in = &l->u->inst[i];

	if (most)
		return covers(l, in) ? COVERED : STOP;
	if (!raises_only(in))
		return STOP;
	if (!l->beside && asks_for_nan(l->u, in) && in->type == l->u->inst[l->guard].type && !l->blk->wait[i].beside)
		l->beside = i;
	return ON;
}

static enum step look_at_slot(struct look *l, const struct ir_inst *in, enum how most)
{
	uint64_t bit = 1ull << in->slot % 64, *held = &l->held[in->slot / 64];

	if (in->op == IR_OP_get)
		return *held & bit ? STOP : ON;
	*held = most ? *held | bit : *held & ~bit;
	return most == RESULT ? STOP : ON;
}

static enum how made_of(enum how most)
{
	return most ? MADE_OF_IT : UNRELATED;
}

static enum step look_at(struct look *l, unsigned i)
{
	const struct ir_inst *in = &l->u->inst[i];
	enum how most = most_of(l, in);
	bool pure = ir_op_info[in->op].flags & IR_PURE;

	switch (in->op) {
	case IR_OP_insn: return ON;
	case IR_OP_get:
	case IR_OP_put: l->how[i] = (uint8_t)made_of(most); return look_at_slot(l, in, most);
	case IR_OP_load:
	case IR_OP_store: return most || !l->accesses ? STOP : ON;
	case IR_OP_guard: return look_at_guard(l, i, most);
	case IR_OP_feq: case IR_OP_flt: case IR_OP_fle: case IR_OP_funo: case IR_OP_fueq:
		return ON;		/* the same of all NaNs */
	case IR_OP_fadd: case IR_OP_fsub: case IR_OP_fmul: case IR_OP_fdiv: case IR_OP_fsqrt: case IR_OP_fma: case IR_OP_fcvt:
		l->how[i] = most ? RESULT : UNRELATED;
		return most == RESULT || most == MADE_OF_IT ? STOP : ON;
	case IR_OP_fexact:
	case IR_OP_is_exact: return most ? STOP : ON;	/* emitted once, see emit.c */
	case IR_OP_fabs:
		l->how[i] = (uint8_t)most;
		return ON;
	case IR_OP_fneg:
		l->how[i] = (uint8_t)most;
		return most == RESULT ? STOP : ON;
	default:
		l->how[i] = (uint8_t)made_of(most);
		return most == RESULT || !(pure || (!most && ir_op_info[in->op].flags & IR_FPENV)) ? STOP : ON;
	}
}

static bool is_put_again(const struct look *l, unsigned put, unsigned host)
{
	for (unsigned i = put + 1; i < host; i++)
		if (l->u->inst[i].op == IR_OP_put && l->u->inst[i].slot == l->u->inst[put].slot)
			return true;
	return false;
}

static bool is_made(const struct look *l, unsigned i)
{
	return l->how[i] == MADE_OF_IT || l->how[i] == STILL_IT;
}

/* The guard waits for the host, where things are made again; not when another host makes some of them. */
static void wait_for(struct look *l, unsigned host)
{
	struct jit_wait *w = l->blk->wait;

	for (unsigned i = l->guard + 1; i < host; i++)
		if (is_made(l, i) && w[i].again && w[i].again != host)
			return;
	for (unsigned i = l->guard + 1; i < host; i++)
		if (is_made(l, i) && !(l->u->inst[i].op == IR_OP_put && is_put_again(l, i, host)))
			w[i].again = host;
	w[l->guard].host = host;
	w[host].n++;
	if (host == l->beside)
		w[host].beside = l->guard;
}

static void look_from(struct look *l)
{
	unsigned i = l->guard;
	enum step step = ON;

	memset(l->how + i, 0, l->end - i);
	l->how[i] = STILL_IT;
	l->beside = 0;
	while (step == ON && ++i < l->end)
		step = look_at(l, i);
	if (step == COVERED) {
		l->beside = 0;
		wait_for(l, i);
	} else if (l->beside) {
		wait_for(l, l->beside);
	}
}

enum dgm_status jit_find_waiting(const struct jit_plan *p, const struct backend_request *rq, struct jit_block *blk,
				 struct base_arena *arena)
{
	const struct ir_unit *u = blk->u;
	struct look l = { .u = u, .blk = blk, .accesses = !rq->mode.checked && !rq->mode.precise };

	blk->wait = jit_zeroed(arena, (u->n + 1) * sizeof *blk->wait);
	l.how = base_arena_alloc(arena, u->n + 1);
	l.held = base_arena_alloc(arena, p->words * sizeof *l.held);
	if (!blk->wait || !l.how || !l.held)
		return DGM_E_NOMEM;
	for (unsigned i = 1; i < u->n; i++) {
		if (!asks_for_nan(u, &u->inst[i]) || blk->wait[i].n)
			continue;
		memset(l.held, 0, p->words * sizeof *l.held);
		l.guard = i;
		l.end = u->n - i < LOOK_AHEAD ? u->n : i + LOOK_AHEAD;
		look_from(&l);
	}
	return DGM_OK;
}
