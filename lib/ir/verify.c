/*
 * Checks a unit against shapes.def and the field rules of ir.h. Types are checked by reading
 * the signature of each operation's shape; no operation has code of its own here.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ir/ir.h"

struct check {
	const struct ir_unit *u;
	const struct ir_inst *in;
	unsigned i;			/* index of `in` */
	enum ir_type bound;		/* T of the signature, IR_VOID while unbound */
	bool began;			/* an insn marker has been seen */
	int64_t end;			/* where the last marked instruction ends, relative to the unit */
	unsigned n_exits;
	struct ir_error *err;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct check *c, const char *fmt, ...)
{
	va_list ap;

	c->err->inst = c->i;
	va_start(ap, fmt);
	vsnprintf(c->err->msg, sizeof c->err->msg, fmt, ap);
	va_end(ap);
	return false;
}

static bool is_int(enum ir_type t)
{
	return ir_type_info[t].kind == IR_KIND_INT;
}

static enum ir_type pc_type(const struct ir_unit *u)
{
	return (enum ir_type)u->slots->slot[u->slots->pc].type;
}

static bool check_exists(struct check *c, ir_val v)
{
	if (ir_is_none(v))
		return fail(c, "an operand is missing");
	if (ir_is_const(v) && (v.id & ~IR_CONST) >= c->u->n_konst)
		return fail(c, "constant %u does not exist", v.id & ~IR_CONST);
	if (!ir_is_const(v) && v.id >= c->i)
		return fail(c, "%%%u is used before it is made", v.id);
	if (ir_type_of(c->u, v) == IR_VOID)
		return fail(c, "%%%u has no value", v.id);
	return true;
}

/* Whether t may stand where a signature has `letter`; binds T at its first chance. */
static bool matches(struct check *c, char letter, enum ir_type t)
{
	bool ok = ir_letter_fits(letter, t, c->bound);

	if (ok && c->bound == IR_VOID && ir_letter_binds(letter))
		c->bound = t;
	return ok;
}

static bool check_helper_args(struct check *c, unsigned first)
{
	unsigned vectors = 0, words = 0;
	bool ended = false;

	for (unsigned k = first; k < first + IR_MAX_HELPER_ARGS; k++) {
		ir_val v = c->in->arg[k];

		if (ir_is_none(v)) {
			ended = true;
			continue;
		}
		if (ended)
			return fail(c, "a helper argument stands behind a missing one");
		if (!check_exists(c, v))
			return false;
		if (ir_type_info[ir_type_of(c->u, v)].bits > 64)
			vectors++;
		else
			words++;
	}
	return (vectors <= 3 && words <= 3) || fail(c, "a helper takes three vectors and three other values");
}

static bool check_operands(struct check *c, const char *sig)
{
	for (unsigned k = 0; sig[k] != '>'; k++) {
		if (sig[k] == '*')
			return check_helper_args(c, k);
		ir_val v = c->in->arg[k];
		if (!check_exists(c, v))
			return false;
		enum ir_type t = ir_type_of(c->u, v);
		if (!matches(c, sig[k], t))
			return fail(c, "operand %u has type %s", k + 1, ir_type_info[t].name);
	}
	return true;
}

/* The type that moves between a value and memory must fit the access. */
static bool check_memory(struct check *c, enum ir_type t, bool atomic)
{
	unsigned mem = c->in->aux, bits = 8 * ir_mem_bytes(mem), known = 0xff | IR_MEM_WORD;

	if (mem & ~known || (mem & IR_MEM_SIZE) > IR_MEM_128)
		return fail(c, "no such access");
	if (mem & IR_MEM_WORD && (!(mem & IR_MEM_ALIGNED) || bits <= 32 || atomic))
		return fail(c, "a word's alignment is for more than a word");
	if (!c->began)
		return fail(c, "an access in front of the first insn");
	if (mem & IR_MEM_SEXT && c->in->op != IR_OP_load && c->in->op != IR_OP_load_if)
		return fail(c, "only a load extends the sign");
	if (!is_int(t))
		return ir_type_info[t].bits == bits && !atomic && !(mem & IR_MEM_SEXT) ?
			true : fail(c, "%s does not fit the access", ir_type_info[t].name);
	if (bits > 64 || ir_type_info[t].bits < bits)
		return fail(c, "%s is narrower than the access", ir_type_info[t].name);
	return true;
}

static bool check_slot(struct check *c, enum ir_type t)
{
	const struct ir_slots *s = c->u->slots;

	if (c->in->slot >= s->n)
		return fail(c, "slot %u does not exist", c->in->slot);
	if (c->in->slot == s->pc)
		return fail(c, "the pc slot belongs to exits");
	if (s->slot[c->in->slot].type != t)
		return fail(c, "slot %s has type %s", s->slot[c->in->slot].name,
			    ir_type_info[s->slot[c->in->slot].type].name);
	return true;
}

static bool check_helper(struct check *c)
{
	const struct ir_helper *h = c->in->helper;

	if (!h || !h->fn)
		return fail(c, "no helper");
	if (c->in->op == IR_OP_guard && h->effects & (IR_HELPER_MEMORY | IR_HELPER_LEAVES))
		return fail(c, "a guard's helper may not leave");
	if (h->effects & IR_HELPER_MEMORY && !c->began)
		return fail(c, "an access in front of the first insn");
	return true;
}

static bool check_insn(struct check *c)
{
	const struct ir_inst *in = c->in;

	if (!in->aux)
		return fail(c, "an instruction of 0 bytes");
	if (in->imm < 0 || (c->began && in->imm < c->end))
		return fail(c, "instructions overlap or run backwards");
	c->began = true;
	c->end = (int64_t)in->imm + in->aux;
	if (c->end > c->u->bytes)
		return fail(c, "the instruction is outside the unit");
	return true;
}

static bool check_exit(struct check *c, ir_val target)
{
	const struct ir_inst *in = c->in;

	if (in->slot != c->n_exits++)
		return fail(c, "exit %u is numbered %u", c->n_exits - 1, in->slot);
	if (in->aux > IR_EXIT_MODE || (in->aux == IR_EXIT_MODE && in->op != IR_OP_exit))
		return fail(c, "no such kind of exit");
	if (in->imm && in->aux != IR_EXIT_CALL && in->aux != IR_EXIT_MODE)
		return fail(c, "only a call has a return address");
	if (in->op != IR_OP_exit_ind && !ir_is_const(target))
		return fail(c, "the target is not a constant");
	if (ir_type_of(c->u, target) != pc_type(c->u))
		return fail(c, "the target has not the type of the pc slot");
	return true;
}

static bool check_trap(struct check *c, ir_val pc, ir_val next)
{
	if (c->in->aux < IR_TRAP_SYSCALL || c->in->aux >= IR_TRAP_COUNT)
		return fail(c, "no such trap");
	if (!ir_is_const(pc) || !ir_is_const(next))
		return fail(c, "pc and next are not constants");
	if (ir_type_of(c->u, pc) != pc_type(c->u) || ir_type_of(c->u, next) != pc_type(c->u))
		return fail(c, "pc and next have not the type of the pc slot");
	return true;
}

/* What the fields other than type and operands must hold, by shape. */
static bool check_fields(struct check *c)
{
	const struct ir_inst *in = c->in;

	switch ((enum ir_shape)ir_op_info[in->op].shape) {
	case IR_SHAPE_GET: return check_slot(c, (enum ir_type)in->type);
	case IR_SHAPE_PUT: return check_slot(c, ir_type_of(c->u, in->arg[0]));
	case IR_SHAPE_LOAD: return check_memory(c, (enum ir_type)in->type, false);
	case IR_SHAPE_LOADIF:
	case IR_SHAPE_STOREIF:
	case IR_SHAPE_STORE: return check_memory(c, c->bound, false);
	case IR_SHAPE_CAS:
	case IR_SHAPE_STCOND:
	case IR_SHAPE_RMW: return check_memory(c, c->bound, true);
	case IR_SHAPE_CALL:
	case IR_SHAPE_GUARD: return check_helper(c);
	case IR_SHAPE_VEXTRACT:
	case IR_SHAPE_VINSERT:
		if (in->aux >= 128 / ir_type_info[c->bound].lane_bits)
			return fail(c, "%s has no lane %u", ir_type_info[c->bound].name, in->aux);
		return true;
	case IR_SHAPE_VSHUFFLE: return ir_is_const(in->arg[2]) || fail(c, "the pattern is not a constant");
	case IR_SHAPE_INSN: return check_insn(c);
	case IR_SHAPE_TALLY:
		if (!ir_is_const(in->arg[0]) || c->bound != IR_I64)
			return fail(c, "the address is not a constant i64");
		return in->aux <= 1 || fail(c, "atomic is 0 or 1");
	case IR_SHAPE_EXIT: return check_exit(c, in->arg[0]);
	case IR_SHAPE_EXITIF: return check_exit(c, in->arg[1]);
	case IR_SHAPE_TRAP: return check_trap(c, in->arg[0], in->arg[1]);
	case IR_SHAPE_TRAPIF: return check_trap(c, in->arg[1], in->arg[2]);
	case IR_SHAPE_NONE:
		if (ir_op_info[in->op].flags & IR_MARK && c->began)
			return fail(c, "%s behind the first insn", ir_op_info[in->op].name);
		return true;
	default: return true;
	}
}

static bool check_inst(struct check *c)
{
	const struct ir_inst *in = c->in;

	if (in->op >= IR_OP_COUNT)
		return fail(c, "no such operation");
	if (in->type >= IR_TYPE_COUNT)
		return fail(c, "no such type");
	const struct ir_op_info *op = &ir_op_info[in->op];
	const char *sig = ir_shape_signature[op->shape];
	c->bound = IR_VOID;
	if (!check_operands(c, sig))
		return false;
	if (!ir_letter_fits(sig[ir_shape_operands[op->shape] + 1], (enum ir_type)in->type, c->bound))
		return fail(c, "%s cannot have a result of type %s", op->name, ir_type_info[in->type].name);
	if (!(op->flags & IR_ENDS) != (c->i + 1 < c->u->n))
		return fail(c, op->flags & IR_ENDS ? "%s is not the last operation" :
			    "the unit does not end behind %s", op->name);
	return check_fields(c);
}

static bool check_constants(struct check *c)
{
	for (unsigned k = 0; k < c->u->n_konst; k++) {
		const struct ir_const *v = &c->u->konst[k];
		unsigned bits = v->type < IR_TYPE_COUNT ? ir_type_info[v->type].bits : 0;

		if (!bits)
			return fail(c, "constant %u has no type", k);
		if ((bits < 64 && v->bits[0] >> bits) || (bits <= 64 && v->bits[1]))
			return fail(c, "constant %u does not fit %s", k, ir_type_info[v->type].name);
	}
	return true;
}

bool ir_verify(const struct ir_unit *u, struct ir_error *err)
{
	struct check c = { .u = u, .err = err };

	if (!u->n)
		return fail(&c, "the unit is empty");
	if (!check_constants(&c))
		return false;
	for (; c.i < u->n; c.i++) {
		c.in = &u->inst[c.i];
		if (!check_inst(&c))
			return false;
	}
	c.i = u->n - 1;
	if (c.n_exits != u->n_exits)
		return fail(&c, "the unit has %u exits, not %u", c.n_exits, u->n_exits);
	return true;
}
