/* Units grow in arena memory; a full or failed unit swallows what is appended. */
#include <string.h>

#include "ir/build.h"
#include "ir/sem.h"

enum { FIRST_INSTS = 128, FIRST_KONSTS = 32, MAX_KONSTS = 0x7f00, NO_KONST = 0xffff };

struct ir_unit *ir_unit_new(struct base_arena *arena, const struct ir_slots *slots, uint64_t pc)
{
	struct ir_unit *u = base_arena_alloc(arena, sizeof *u);

	if (u)
		*u = (struct ir_unit){ .pc = pc, .slots = slots };
	return u;
}

void ir_builder_init(struct ir_builder *b, struct base_arena *arena, struct ir_unit *u)
{
	*b = (struct ir_builder){ .u = u, .arena = arena, .cap = u->n, .cap_konst = u->n_konst };
}

/* Doubles an arena array; the old one stays in the arena until it is reset. */
static void *grow(struct ir_builder *b, const void *old, unsigned n, unsigned *cap, unsigned first, size_t each)
{
	unsigned want = *cap ? *cap * 2 : first;
	void *p = base_arena_alloc(b->arena, want * each);

	if (!p) {
		b->failed = DGM_E_NOMEM;
		return NULL;
	}
	if (n)
		memcpy(p, old, n * each);
	*cap = want;
	return p;
}

ir_val ir_emit(struct ir_builder *b, struct ir_inst in)
{
	struct ir_unit *u = b->u;
	uint8_t shape = ir_op_info[in.op].shape;

	if (!b->failed && u->n >= IR_MAX_INSTS)
		b->failed = DGM_E_SIZE;
	if (!b->failed && u->n >= b->cap) {
		void *p = grow(b, u->inst, u->n, &b->cap, FIRST_INSTS, sizeof *u->inst);
		if (p)
			u->inst = p;
	}
	if (b->failed)
		return in.type ? ir_const(b, in.type, 0) : IR_NONE;
	if (shape == IR_SHAPE_EXIT || shape == IR_SHAPE_EXITIF)
		in.slot = (uint16_t)u->n_exits++;
	u->inst[u->n] = in;
	ir_val made = { (uint16_t)u->n++ };
	if (in.op == IR_OP_insn && b->on_insn)
		b->on_insn(b, b->on_insn_ud, &in);
	return made;
}

static unsigned hash_konst(const struct ir_const *k)
{
	uint64_t h = (k->bits[0] ^ k->bits[1] << 1 ^ k->type) * 0x9e3779b97f4a7c15u;

	return (unsigned)(h >> 40);
}

/* The bucket that holds k, or the empty one where it belongs. */
static uint16_t *find_bucket(const struct ir_builder *b, const struct ir_const *k)
{
	const struct ir_const *pool = b->u->konst;

	for (unsigned h = hash_konst(k);; h++) {
		uint16_t *at = &b->bucket[h & (b->n_bucket - 1)];
		const struct ir_const *have = &pool[*at];

		if (*at == NO_KONST || (have->type == k->type && have->bits[0] == k->bits[0] &&
					have->bits[1] == k->bits[1]))
			return at;
	}
}

/* Makes the table of buckets, twice as large as the pool, and enters what the pool holds. */
static bool index_konsts(struct ir_builder *b)
{
	unsigned want = 2 * FIRST_KONSTS;

	while (want < 2 * b->cap_konst)
		want *= 2;
	uint16_t *bucket = base_arena_alloc(b->arena, want * sizeof *bucket);
	if (!bucket) {
		b->failed = DGM_E_NOMEM;
		return false;
	}
	memset(bucket, 0xff, want * sizeof *bucket);
	b->bucket = bucket;
	b->n_bucket = want;
	for (unsigned i = 0; i < b->u->n_konst; i++)
		*find_bucket(b, &b->u->konst[i]) = (uint16_t)i;
	return true;
}

static bool grow_konsts(struct ir_builder *b)
{
	void *p = grow(b, b->u->konst, b->u->n_konst, &b->cap_konst, FIRST_KONSTS, sizeof *b->u->konst);

	if (!p)
		return false;
	b->u->konst = p;
	return index_konsts(b);
}

bool ir_reserve_consts(struct ir_builder *b, unsigned n)
{
	if (b->bucket && b->cap_konst - b->u->n_konst >= n)
		return !b->failed && b->u->n_konst + n <= MAX_KONSTS;
	while (!b->failed && b->cap_konst - b->u->n_konst < n)
		grow_konsts(b);
	if (!b->failed && !b->bucket)
		index_konsts(b);
	return !b->failed && b->u->n_konst + n <= MAX_KONSTS;
}

ir_val ir_const_vec(struct ir_builder *b, enum ir_type t, uint64_t lo, uint64_t hi)
{
	struct ir_unit *u = b->u;
	unsigned bits = ir_type_info[t].bits;
	struct ir_const k = { { sem_mask(lo, bits > 64 ? 64 : bits), bits > 64 ? hi : 0 }, (uint8_t)t };

	if (!b->failed && u->n_konst >= MAX_KONSTS)
		b->failed = DGM_E_SIZE;
	if (b->failed || (!b->bucket && u->n_konst && !index_konsts(b)))
		return (ir_val){ IR_CONST };
	uint16_t *at = b->bucket ? find_bucket(b, &k) : NULL;
	if (at && *at != NO_KONST)
		return (ir_val){ (uint16_t)(IR_CONST | *at) };
	if (u->n_konst >= b->cap_konst) {
		if (!grow_konsts(b))
			return (ir_val){ IR_CONST };
		at = find_bucket(b, &k);
	}
	*at = (uint16_t)u->n_konst;
	u->konst[u->n_konst] = k;
	return (ir_val){ (uint16_t)(IR_CONST | u->n_konst++) };
}

ir_val ir_const(struct ir_builder *b, enum ir_type t, uint64_t bits)
{
	return ir_const_vec(b, t, bits, 0);
}

enum ir_type ir_type_of(const struct ir_unit *u, ir_val v)
{
	if (ir_is_none(v))
		return IR_VOID;
	if (ir_is_const(v))
		return (v.id & ~IR_CONST) < u->n_konst ? (enum ir_type)u->konst[v.id & ~IR_CONST].type : IR_VOID;
	return v.id < u->n ? (enum ir_type)u->inst[v.id].type : IR_VOID;
}

ir_val ir_last_put(const struct ir_unit *u, unsigned n, unsigned slot)
{
	enum { FAR = 400 };

	for (unsigned i = n; i-- > 0 && n - i < FAR;) {
		const struct ir_inst *in = &u->inst[i];

		if (in->op == IR_OP_put && in->slot == slot)
			return in->arg[0];
		if (in->helper && in->helper->effects & IR_HELPER_WRITES)
			break;
	}
	return IR_NONE;
}
