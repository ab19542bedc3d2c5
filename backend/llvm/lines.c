/*
 * The line table (DWARF 4) of a compiled region, read into code_object.side: a "line" is the
 * number of a guest instruction (plan.c). Addresses in it are unrelocated, the function's start
 * is given. Code without a line belongs to the instruction before it; it has no guest accesses.
 */
#include "backend/llvm/jit.h"

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static uint64_t fixed(struct reader *r, unsigned n)
{
	uint64_t v = 0;

	if ((size_t)(r->end - r->p) < n) {
		r->bad = true;
		r->p = r->end;
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)*r->p++ << (8 * i);
	return v;
}

static uint64_t uleb(struct reader *r)
{
	uint64_t v = 0, byte;
	unsigned shift = 0;

	do {
		byte = fixed(r, 1);
		if (shift < 64)
			v |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && !r->bad);
	return v;
}

static int64_t sleb(struct reader *r)
{
	uint64_t v = 0, byte;
	unsigned shift = 0;

	do {
		byte = fixed(r, 1);
		if (shift < 64)
			v |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && !r->bad);
	if (byte & 0x40 && shift < 64)
		v |= ~0ull << shift;
	return (int64_t)v;
}

static void skip(struct reader *r, uint64_t n)
{
	if (n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		n = (uint64_t)(r->end - r->p);
	}
	r->p += n;
}

struct program {
	uint8_t min_inst, opcode_base, line_range, arity[32];
	int8_t line_base;
};

struct rows {
	const struct jit_plan *plan;
	struct code_object *out;
	unsigned cap;
	bool full;
};

static void add_row(struct rows *rows, uint64_t at, uint64_t line)
{
	struct code_object *o = rows->out;
	struct code_side side;

	if (!line || line > rows->plan->n_lines || at > o->size)
		return;
	side = (struct code_side){ (uint32_t)at, rows->plan->line_left[line - 1], rows->plan->line_pc[line - 1] };
	if (o->n_side && o->side[o->n_side - 1].offset == side.offset)
		o->n_side--;
	if (o->n_side && o->side[o->n_side - 1].pc == side.pc && o->side[o->n_side - 1].left == side.left)
		return;
	if (o->n_side == rows->cap)
		rows->full = true;
	else
		o->side[o->n_side++] = side;
}

static void read_header(struct reader *r, struct program *h)
{
	uint64_t length = fixed(r, 4), version = fixed(r, 2), header = fixed(r, 4);
	const uint8_t *start = r->p;

	if (length > (uint64_t)(r->end - r->p) + 6 || version != 4 || header > (uint64_t)(r->end - start)) {
		r->bad = true;
		return;
	}
	h->min_inst = (uint8_t)fixed(r, 1);
	skip(r, 2);
	h->line_base = (int8_t)fixed(r, 1);
	h->line_range = (uint8_t)fixed(r, 1);
	h->opcode_base = (uint8_t)fixed(r, 1);
	if (!h->line_range || !h->opcode_base || h->opcode_base > sizeof h->arity) {
		r->bad = true;
		return;
	}
	for (unsigned i = 1; i < h->opcode_base; i++)
		h->arity[i] = (uint8_t)fixed(r, 1);
	r->p = start + header;
}

enum { EXT = 0, COPY = 1, ADVANCE_PC = 2, ADVANCE_LINE = 3, CONST_ADD_PC = 8, FIXED_ADVANCE_PC = 9 };
enum { EXT_END = 1, EXT_SET_ADDRESS = 2 };

struct line_state {
	uint64_t at, line;
};

/* Returns false at the end of the sequence. */
static bool extended(struct reader *r, uint32_t text_at, struct line_state *s)
{
	uint64_t n = uleb(r), op = fixed(r, 1);

	if (op == EXT_END)
		return false;
	if (op == EXT_SET_ADDRESS)
		*s = (struct line_state){ text_at, s->line };
	skip(r, n ? n - 1 : 0);
	return true;
}

static void standard(struct reader *r, const struct program *h, uint8_t op, struct rows *rows, struct line_state *s)
{
	switch (op) {
	case COPY: add_row(rows, s->at, s->line); break;
	case ADVANCE_PC: s->at += uleb(r) * h->min_inst; break;
	case ADVANCE_LINE: s->line += (uint64_t)sleb(r); break;
	case CONST_ADD_PC: s->at += (uint64_t)((255 - h->opcode_base) / h->line_range) * h->min_inst; break;
	case FIXED_ADVANCE_PC: s->at += fixed(r, 2); break;
	default:
		for (unsigned i = 0; i < h->arity[op]; i++)
			uleb(r);
	}
}

enum dgm_status jit_lines_read(const uint8_t *p, size_t size, uint32_t text_at, const struct jit_plan *plan,
			       struct base_arena *arena, struct code_object *out)
{
	struct reader r = { p, p + size, false };
	struct program h = { 0 };
	struct rows rows = { .plan = plan, .out = out, .cap = (unsigned)size };	/* a row takes a byte or more */
	struct line_state s = { text_at, 1 };
	bool more = true;

	out->n_side = 0;
	out->side = base_arena_alloc(arena, (size + 1) * sizeof *out->side);
	if (!out->side)
		return DGM_E_NOMEM;
	read_header(&r, &h);
	while (more && !r.bad && r.p < r.end) {
		uint8_t op = (uint8_t)fixed(&r, 1);

		if (op == EXT) {
			more = extended(&r, text_at, &s);
		} else if (op < h.opcode_base) {
			standard(&r, &h, op, &rows, &s);
		} else {
			unsigned adjusted = op - h.opcode_base;

			s.at += (uint64_t)(adjusted / h.line_range) * h.min_inst;
			s.line += (uint64_t)(int64_t)(h.line_base + (int)(adjusted % h.line_range));
			add_row(&rows, s.at, s.line);
		}
	}
	return r.bad || rows.full || more ? DGM_E_JIT : DGM_OK;
}
