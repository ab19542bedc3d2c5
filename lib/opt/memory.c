/*
 * Memory forwarding: a load gives what stores of the same unit have just put there. A host does
 * that for itself, except where one wide load takes the bytes of two stores, which is how 32-bit
 * guests move integers to floating-point registers: it then waits for the stores to retire.
 *
 * What is known is the bytes of the last stores around one address, the root. Two addresses with
 * one root differ by a constant; a store with another root may go anywhere, so all is forgotten.
 * Since pages can be mapped twice, stores are apart only when they are at different places of
 * their pages. Where the store succeeded the load counts as allowed: a page that can be written
 * is one that can be read, until the unit is left.
 */
#include <string.h>

#include "ir/build.h"
#include "opt/pass.h"

enum { MAX_KNOWN = 8, PAGE_BYTES = 4096, SPECIAL = IR_MEM_ALIGNED | IR_MEM_ACQUIRE | IR_MEM_RELEASE };

/* A store whose bytes are still there. No two of them meet. */
struct known {
	uint64_t disp;		/* from the root */
	ir_val value;
	uint16_t mem;
};

struct memory {
	struct ir_unit *u;
	struct ir_builder b;
	struct base_arena *arena;
	struct ir_inst *from;	/* the unit as it came; it is built anew once a load is forwarded */
	unsigned n;
	ir_val *map;		/* old index -> new value; NULL as long as all are the same */
	ir_val root;
	uint64_t mask;		/* of the root's width */
	struct known known[MAX_KNOWN];
	unsigned n_known;
};

/* Of whom a load takes its bytes: one store from byte `off` on, or two halves in address order. */
struct source {
	const struct known *whole, *half[2];
	unsigned off;
};

static unsigned bytes_of(const struct known *k)
{
	return ir_mem_bytes(k->mem);
}

/* The root of an access and its distance from it. Constant addresses have IR_NONE as root. */
static uint64_t locate(const struct memory *m, const struct ir_inst *in, ir_val a, ir_val *root, uint64_t *mask)
{
	const struct ir_inst *d = ir_is_const(a) ? NULL : &m->u->inst[a.id];
	uint64_t disp = (uint64_t)(int64_t)in->imm;

	*root = a;
	*mask = ir_type_of(m->u, a) == IR_I32 ? 0xffffffff : ~0ull;
	if (!d) {
		*root = IR_NONE;
		disp += ir_const_bits(m->u, a);
	} else if (d->op == IR_OP_add && ir_is_const(d->arg[1])) {
		*root = d->arg[0];
		disp += ir_const_bits(m->u, d->arg[1]);
	}
	return disp & *mask;
}

static bool may_meet(const struct known *k, uint64_t disp, unsigned bytes)
{
	unsigned gap = (disp - k->disp) & (PAGE_BYTES - 1);

	return gap < bytes_of(k) || gap + bytes > PAGE_BYTES;
}

static void note_store(struct memory *m, const struct ir_inst *in)
{
	unsigned bytes = ir_mem_bytes(in->aux), kept = 0;
	ir_val root;
	uint64_t mask, disp = locate(m, in, in->arg[0], &root, &mask);

	if (!opt_same(root, m->root) || mask != m->mask || in->aux & SPECIAL)
		m->n_known = 0;
	if (in->aux & SPECIAL)
		return;
	m->root = root;
	m->mask = mask;
	for (unsigned i = 0; i < m->n_known; i++)
		if (!may_meet(&m->known[i], disp, bytes))
			m->known[kept++] = m->known[i];
	if (kept == MAX_KNOWN)
		memmove(m->known, m->known + 1, --kept * sizeof *m->known);
	m->known[kept++] = (struct known){ disp, in->arg[1], in->aux };
	m->n_known = kept;
}

/* What an operation other than a forwarded load does to what is known. */
static void note(struct memory *m, const struct ir_inst *in)
{
	unsigned flags = ir_op_info[in->op].flags;

	if (in->op == IR_OP_store)
		note_store(m, in);
	else if (in->op == IR_OP_load || in->op == IR_OP_load_if ? in->aux & SPECIAL : flags & (IR_LOADS | IR_STORES))
		m->n_known = 0;
	else if (flags & IR_CALLS && in->helper->effects & IR_HELPER_MEMORY)
		m->n_known = 0;
}

static bool same_order(unsigned mem, const struct known *k)
{
	return !((mem ^ k->mem) & IR_MEM_BE) || !(mem & IR_MEM_SIZE) || !(k->mem & IR_MEM_SIZE);
}

static bool find_source(const struct memory *m, const struct ir_inst *in, struct source *s)
{
	unsigned bytes = ir_mem_bytes(in->aux);
	ir_val root;
	uint64_t mask, disp;

	*s = (struct source){ .off = 0 };
	if (!m->n_known || in->aux & SPECIAL)
		return false;
	disp = locate(m, in, in->arg[0], &root, &mask);
	if (!opt_same(root, m->root) || mask != m->mask)
		return false;
	for (unsigned i = 0; i < m->n_known; i++) {
		const struct known *k = &m->known[i];
		uint64_t into = (disp - k->disp) & mask, behind = (k->disp - disp) & mask;

		if (!same_order(in->aux, k))
			continue;
		if (into < bytes_of(k) && into + bytes <= bytes_of(k) && (into % 8 + bytes <= 8 || bytes == 16)) {
			s->whole = k;
			s->off = (unsigned)into;
			return true;
		}
		if (2 * bytes_of(k) == bytes && (behind == 0 || behind == bytes_of(k)))
			s->half[behind != 0] = k;
	}
	return s->half[0] && s->half[1];
}

static enum ir_type int_type(unsigned mem)
{
	static const uint8_t type[] = { IR_I8, IR_I16, IR_I32, IR_I64, IR_I64X2 };

	return (enum ir_type)type[mem & IR_MEM_SIZE];
}

/* The bytes of a store as an integer of just as many, or a vector. */
static ir_val bits_of(struct memory *m, const struct known *k)
{
	enum ir_type is = ir_type_of(m->u, k->value), want = int_type(k->mem);

	if (is == want)
		return k->value;
	return ir_type_info[is].kind == IR_KIND_INT ? ir_trunc(&m->b, want, k->value) : ir_bitcast(&m->b, want, k->value);
}

static ir_val part(struct memory *m, const struct ir_inst *in, const struct known *k, unsigned off)
{
	bool be = k->mem & IR_MEM_BE, half = bytes_of(k) == 16 && ir_mem_bytes(in->aux) < 16;
	unsigned rest = (half ? 8 : bytes_of(k)) - ir_mem_bytes(in->aux);
	unsigned shift = 8 * (be ? rest - off % 8 : off % 8);
	ir_val v = bits_of(m, k);

	if (half)
		v = ir_extract(&m->b, v, be ? 1 - off / 8 : off / 8);
	if (shift)
		v = ir_shr(&m->b, v, ir_const(&m->b, IR_I32, shift));
	return rest ? ir_trunc(&m->b, int_type(in->aux), v) : v;
}

static ir_val join(struct memory *m, const struct ir_inst *in, const struct source *s)
{
	bool be = in->aux & IR_MEM_BE;
	enum ir_type wide = int_type(in->aux);

	if (wide == IR_I64X2)
		return ir_insert(&m->b, ir_vfirst(&m->b, bits_of(m, s->half[be])), bits_of(m, s->half[!be]), 1);
	ir_val high = ir_zext(&m->b, wide, bits_of(m, s->half[!be]));
	ir_val low = ir_zext(&m->b, wide, bits_of(m, s->half[be]));
	ir_val shift = ir_const(&m->b, IR_I32, 8 * bytes_of(s->half[0]));

	return ir_or(&m->b, ir_shl(&m->b, high, shift), low);
}

static ir_val forward(struct memory *m, const struct ir_inst *in, const struct source *s)
{
	enum ir_type t = (enum ir_type)in->type, is = int_type(in->aux);

	if (s->whole && (s->whole->mem & IR_MEM_SIZE) == (in->aux & IR_MEM_SIZE) &&
	    ir_type_of(m->u, s->whole->value) == t && ir_type_info[t].bits == ir_type_info[is].bits)
		return s->whole->value;
	ir_val v = s->whole ? part(m, in, s->whole, s->off) : join(m, in, s);
	if (t == is)
		return v;
	if (ir_type_info[t].kind != IR_KIND_INT)
		return ir_bitcast(&m->b, t, v);
	return in->aux & IR_MEM_SEXT ? ir_sext(&m->b, t, v) : ir_zext(&m->b, t, v);
}

/* From here on the unit is built anew; everything in front of i stays as it is. */
static bool begin(struct memory *m, unsigned i)
{
	struct ir_unit *u = m->u;
	unsigned cap = m->n + m->n / 4 + 16;
	struct ir_inst *inst = base_arena_alloc(m->arena, cap * sizeof *inst);

	m->map = base_arena_alloc(m->arena, m->n * sizeof *m->map);
	if (!m->map || !inst)
		return false;
	u->inst = inst;
	u->n = 0;
	u->n_exits = 0;
	ir_builder_init(&m->b, m->arena, u);
	m->b.cap = cap;
	for (unsigned k = 0; k < i; k++)
		m->map[k] = ir_emit(&m->b, m->from[k]);
	return true;
}

static enum dgm_status pass(struct memory *m)
{
	struct source s;

	for (unsigned i = 0; i < m->n && !m->b.failed; i++) {
		struct ir_inst *in = &m->from[i], moved;

		if (m->map) {
			moved = *in;
			in = &moved;
			for (unsigned k = 0, n = ir_arity(in); k < n; k++)
				if (!ir_is_const(in->arg[k]))
					in->arg[k] = m->map[in->arg[k].id];
		}
		if (in->op == IR_OP_load && find_source(m, in, &s)) {
			if (!m->map && !begin(m, i))
				return DGM_E_NOMEM;
			m->map[i] = forward(m, in, &s);
			continue;
		}
		note(m, in);
		if (m->map)
			m->map[i] = ir_emit(&m->b, *in);
	}
	return m->b.failed;
}

enum dgm_status opt_memory(struct ir_unit *u, struct base_arena *arena, bool *changed)
{
	struct memory m = { .u = u, .arena = arena, .from = u->inst, .n = u->n };
	unsigned n_exits = u->n_exits;
	enum dgm_status st = pass(&m);

	*changed = !st && m.map;
	if (!st)
		return DGM_OK;
	u->inst = m.from;
	u->n = m.n;
	u->n_exits = n_exits;
	return st == DGM_E_SIZE ? DGM_OK : st;
}
