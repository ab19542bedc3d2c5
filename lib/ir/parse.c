/*
 * Reads units from text, by the text column of shapes.def; print.c is the inverse. Only syntax
 * and names are checked here: what is well-formed but means nothing is for ir_verify to refuse.
 */
#include <stdarg.h>
#include <string.h>

#include "ir/ir.h"
#include "ir/sem.h"
#include "ir/text.h"

enum { MAX_NAME = 64, NO_VALUE = 0xffff };

struct parser {
	const struct ir_parse_env *env;
	struct ir_parse_error *err;
	struct ir_builder b;
	const char *p;			/* cursor */
	unsigned line;
	uint16_t *value;		/* number behind % -> instruction, or NO_VALUE */
	bool header;
};

struct number {
	uint64_t lo, hi;
	bool negative;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct parser *ps, const char *fmt, ...)
{
	va_list ap;

	ps->err->line = ps->line;
	va_start(ap, fmt);
	vsnprintf(ps->err->msg, sizeof ps->err->msg, fmt, ap);
	va_end(ap);
	return false;
}

static void skip_space(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\r')
		ps->p++;
}

static bool at_end(struct parser *ps)
{
	skip_space(ps);
	return *ps->p == '\n' || *ps->p == '\0' || *ps->p == '#';
}

static bool accept(struct parser *ps, char c)
{
	skip_space(ps);
	if (*ps->p != c)
		return false;
	ps->p++;
	return true;
}

static bool expect(struct parser *ps, char c)
{
	return accept(ps, c) || fail(ps, "expected '%c'", c);
}

static bool is_name_char(char c, bool dots)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       (dots && c == '.');
}

/* Reads a name into buf; dots: '.' belongs to it. */
static bool read_name(struct parser *ps, char buf[MAX_NAME], bool dots)
{
	unsigned n = 0;

	skip_space(ps);
	while (is_name_char(*ps->p, dots) && n < MAX_NAME - 1)
		buf[n++] = *ps->p++;
	buf[n] = '\0';
	if (!n || is_name_char(*ps->p, dots))
		return fail(ps, n ? "name too long" : "expected a name");
	return true;
}

static int digit_of(char c, unsigned base)
{
	int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ?
		c - 'A' + 10 : 99;

	return d < (int)base ? d : -1;
}

/* Decimal or 0x hexadecimal of up to 128 bits; a '-' in front negates the low 64. */
static bool read_number(struct parser *ps, struct number *out)
{
	unsigned base = 10;
	unsigned __int128 v = 0;

	out->negative = accept(ps, '-');
	if (ps->p[0] == '0' && ps->p[1] == 'x') {
		base = 16;
		ps->p += 2;
	}
	if (digit_of(*ps->p, base) < 0)
		return fail(ps, "expected a number");
	for (int d; (d = digit_of(*ps->p, base)) >= 0; ps->p++) {
		if (v > (~(unsigned __int128)0 - (unsigned)d) / base)
			return fail(ps, "number too large");
		v = v * base + (unsigned)d;
	}
	if (out->negative && v > (uint64_t)1 << 63)
		return fail(ps, "number too large");
	out->lo = out->negative ? 0 - (uint64_t)v : (uint64_t)v;
	out->hi = (uint64_t)(v >> 64);
	return true;
}

static bool read_word(struct parser *ps, uint64_t max, uint64_t *out)
{
	struct number n;

	if (!read_number(ps, &n))
		return false;
	if (n.negative || n.hi || n.lo > max)
		return fail(ps, "number out of range");
	*out = n.lo;
	return true;
}

static bool read_int32(struct parser *ps, int32_t *out)
{
	struct number n;

	if (!read_number(ps, &n))
		return false;
	if (n.hi || (n.negative ? (int64_t)n.lo < INT32_MIN : n.lo > INT32_MAX))
		return fail(ps, "number out of range");
	*out = (int32_t)n.lo;
	return true;
}

/* A guest address, as its distance from the unit's pc. */
static bool read_pc(struct parser *ps, int32_t *out)
{
	uint64_t pc = 0;

	if (!read_word(ps, UINT64_MAX, &pc))
		return false;
	int64_t d = (int64_t)(pc - ps->b.u->pc);
	if (d < INT32_MIN || d > INT32_MAX)
		return fail(ps, "too far from the unit's pc");
	*out = (int32_t)d;
	return true;
}

static bool read_type(struct parser *ps, uint8_t *out)
{
	char name[MAX_NAME];

	if (!read_name(ps, name, false))
		return false;
	for (unsigned t = 0; t < IR_TYPE_COUNT; t++)
		if (t != IR_VOID && !strcmp(name, ir_type_info[t].name)) {
			*out = (uint8_t)t;
			return true;
		}
	return fail(ps, "no type %s", name);
}

static bool fits(const struct number *n, unsigned bits)
{
	if (bits > 64)
		return !n->negative;
	if (n->hi)
		return false;
	if (n->negative)
		return (int64_t)n->lo == sem_sext(sem_mask(n->lo, bits), bits);
	return sem_mask(n->lo, bits) == n->lo;
}

static bool read_constant(struct parser *ps, bool address, ir_val *out)
{
	const struct ir_slots *s = ps->env->slots;
	struct number n;
	uint8_t t = s->slot[s->pc].type;

	if (!read_number(ps, &n))
		return false;
	if (*ps->p == ':') {
		ps->p++;
		if (!read_type(ps, &t))
			return false;
	} else if (!address) {
		return fail(ps, "the constant needs a type, as in 1:i32");
	}
	if (!fits(&n, ir_type_info[t].bits))
		return fail(ps, "the constant does not fit %s", ir_type_info[t].name);
	*out = ir_const_vec(&ps->b, (enum ir_type)t, n.lo, n.hi);
	return true;
}

static bool read_value(struct parser *ps, bool address, ir_val *out)
{
	uint64_t n = 0;

	if (!accept(ps, '%'))
		return read_constant(ps, address, out);
	if (!read_word(ps, IR_MAX_INSTS - 1, &n))
		return false;
	if (ps->value[n] == NO_VALUE)
		return fail(ps, "%%%u is not made above", (unsigned)n);
	*out = (ir_val){ ps->value[n] };
	return true;
}

static bool read_slot(struct parser *ps, uint16_t *out)
{
	const struct ir_slots *s = ps->env->slots;
	char name[MAX_NAME];

	if (!read_name(ps, name, true))
		return false;
	for (unsigned k = 0; k < s->n; k++)
		if (!strcmp(name, s->slot[k].name)) {
			*out = (uint16_t)k;
			return true;
		}
	return fail(ps, "no slot %s", name);
}

static bool read_helper(struct parser *ps, const struct ir_helper **out)
{
	char name[MAX_NAME];

	if (!expect(ps, '@') || !read_name(ps, name, true))
		return false;
	for (const struct ir_helper *const *h = ps->env->helpers; h && *h; h++)
		if (!strcmp(name, (*h)->name)) {
			*out = *h;
			return true;
		}
	return fail(ps, "no helper @%s", name);
}

static bool read_trap(struct parser *ps, struct ir_inst *in)
{
	char name[MAX_NAME];

	if (!read_name(ps, name, false))
		return false;
	for (unsigned k = 1; k < IR_TRAP_COUNT; k++)
		if (!strcmp(name, text_trap[k])) {
			in->aux = (uint16_t)k;
			return read_int32(ps, &in->imm);
		}
	return fail(ps, "no trap %s", name);
}

static bool read_exit_kind(struct parser *ps, struct ir_inst *in)
{
	char name[MAX_NAME];

	in->aux = IR_EXIT_JUMP;
	if (*ps->p != '.')
		return true;
	ps->p++;
	if (!read_name(ps, name, false))
		return false;
	for (unsigned k = 1; k < TEXT_COUNT(text_exit); k++)
		if (!strcmp(name, text_exit[k])) {
			in->aux = (uint16_t)k;
			return true;
		}
	return fail(ps, "no kind of exit .%s", name);
}

/* ".be32" and the like: byte order and size. */
static bool parse_mem_size(const char *name, uint16_t *out)
{
	static const char *const size[] = { "8", "16", "32", "64", "128" };
	bool be = !strncmp(name, "be", 2), le = !strncmp(name, "le", 2);

	for (unsigned k = 0; k < TEXT_COUNT(size); k++)
		if (!strcmp(name + 2 * (be || le), size[k])) {
			*out = (uint16_t)(k | (be ? IR_MEM_BE : 0));
			return be || le || k == IR_MEM_8;
		}
	return false;
}

static bool read_mem(struct parser *ps, struct ir_inst *in)
{
	char name[MAX_NAME];
	size_t k;

	if (!expect(ps, '.') || !read_name(ps, name, false))
		return false;
	if (!parse_mem_size(name, &in->aux))
		return fail(ps, "no access .%s; as in .8, .be32, .le16.s", name);
	while (*ps->p == '.') {
		ps->p++;
		if (!read_name(ps, name, false))
			return false;
		for (k = 0; k < TEXT_COUNT(text_mem); k++)
			if (!strcmp(name, text_mem[k].name))
				break;
		if (k == TEXT_COUNT(text_mem))
			return fail(ps, "no access property .%s", name);
		in->aux |= text_mem[k].bit;
	}
	return true;
}

static bool read_helper_args(struct parser *ps, struct ir_inst *in, bool comma, unsigned *arg)
{
	for (unsigned n = 0; n < IR_MAX_HELPER_ARGS && !at_end(ps); n++, comma = true) {
		if (comma && !expect(ps, ','))
			return false;
		if (!read_value(ps, false, &in->arg[(*arg)++]))
			return false;
	}
	return true;
}

static bool read_return(struct parser *ps, struct ir_inst *in)
{
	char name[MAX_NAME];

	if (in->aux == IR_EXIT_MODE)
		return expect(ps, ',') && read_int32(ps, &in->imm);
	if (in->aux != IR_EXIT_CALL)
		return true;
	if (!expect(ps, ',') || !read_name(ps, name, false))
		return false;
	return strcmp(name, "ret") ? fail(ps, "expected ret") : read_pc(ps, &in->imm);
}

/* One item of the text column; comma: one stands in front of it. */
static bool read_item(struct parser *ps, struct ir_inst *in, char letter, bool comma, unsigned *arg)
{
	uint64_t n = 0;

	if (letter == 'o')
		return read_helper_args(ps, in, comma, arg);
	if (letter == 'k')
		return read_return(ps, in);
	if (letter == 'n')
		return at_end(ps) || read_int32(ps, &in->imm);
	if (comma && !expect(ps, ','))
		return false;
	switch (letter) {
	case 'a':
		*arg += 1;
		return read_value(ps, text_letter(in, *arg - 1) == 'A', &in->arg[*arg - 1]);
	case 's': return read_slot(ps, &in->slot);
	case 'd': return read_int32(ps, &in->imm);
	case 'h': return read_helper(ps, &in->helper);
	case 'p': return read_pc(ps, &in->imm);
	case 'l':
		if (!read_word(ps, UINT16_MAX, &n))
			return false;
		in->aux = (uint16_t)n;
		return true;
	case 't': return read_trap(ps, in);
	}
	return fail(ps, "no such item");
}

static bool read_op(struct parser *ps, struct ir_inst *in)
{
	char name[MAX_NAME];

	if (!read_name(ps, name, false))
		return false;
	for (unsigned op = 0; op < IR_OP_COUNT; op++)
		if (!strcmp(name, ir_op_info[op].name)) {
			in->op = (uint8_t)op;
			return true;
		}
	return fail(ps, "no operation %s", name);
}

/* The type of a result the text leaves out, where the operands decide it. */
static uint8_t implied_type(struct parser *ps, const struct ir_inst *in)
{
	const struct ir_unit *u = ps->b.u;
	uint8_t shape = ir_op_info[in->op].shape;
	const char *sig = ir_shape_signature[shape];
	char result = sig[ir_shape_operands[shape] + 1];

	enum ir_type bound = IR_VOID;

	if (in->op == IR_OP_get)
		return u->slots->slot[in->slot].type;
	for (unsigned k = 0; sig[k] != '>' && bound == IR_VOID; k++)
		if (sig[k] != 'm' && ir_letter_binds(sig[k]))
			bound = ir_type_of(u, in->arg[k]);
	return (uint8_t)ir_letter_type(result, bound);
}

static bool read_inst(struct parser *ps)
{
	struct ir_inst in = { .type = IR_VOID };
	uint64_t name = 0;
	unsigned arg = 0;
	bool named = accept(ps, '%'), typed = false;

	if (named) {
		if (!read_word(ps, IR_MAX_INSTS - 1, &name))
			return false;
		typed = accept(ps, ':');
		if ((typed && !read_type(ps, &in.type)) || !expect(ps, '='))
			return false;
		if (ps->value[name] != NO_VALUE)
			return fail(ps, "%%%u is made twice", (unsigned)name);
	}
	if (!read_op(ps, &in))
		return false;
	const char *text = ir_shape_text[ir_op_info[in.op].shape];
	if (in.op == IR_OP_call || in.op == IR_OP_guard)
		for (unsigned k = 0; k < IR_MAX_ARGS; k++)
			in.arg[k] = IR_NONE;
	if (*text == 'M' || *text == 'X')
		if (!(*text++ == 'M' ? read_mem(ps, &in) : read_exit_kind(ps, &in)))
			return false;
	for (bool comma = false; *text; comma = *text++ != 'h')
		if (!read_item(ps, &in, *text, comma, &arg))
			return false;
	if (!at_end(ps))
		return fail(ps, "more than the operation takes");
	if (named && !typed && !(in.type = implied_type(ps, &in)))
		return fail(ps, "the result needs a type, as in %%1:i32");
	ir_val v = ir_emit(&ps->b, in);
	if (named)
		ps->value[name] = v.id;
	return !ps->b.failed || fail(ps, "out of memory, or too many operations");
}

/* "unit pc, bytes, instructions" */
static bool read_header(struct parser *ps)
{
	struct ir_unit *u = ps->b.u;
	uint64_t bytes = 0, insns = 0;

	if (ps->header || u->n)
		return fail(ps, "unit must come first");
	ps->header = true;
	if (!read_word(ps, UINT64_MAX, &u->pc) || !expect(ps, ',') || !read_word(ps, UINT32_MAX, &bytes) ||
	    !expect(ps, ',') || !read_word(ps, UINT32_MAX, &insns))
		return false;
	u->bytes = (uint32_t)bytes;
	u->n_insns = (uint32_t)insns;
	return at_end(ps) || fail(ps, "more than a unit line takes");
}

static bool starts_with_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(p, word, n) && (p[n] == ' ' || p[n] == '\t');
}

static bool read_line(struct parser *ps)
{
	if (at_end(ps))
		return true;
	if (!starts_with_word(ps->p, "unit"))
		return read_inst(ps);
	ps->p += strlen("unit");
	return read_header(ps);
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

/* Without a header, a unit begins where its first insn marker says. */
static uint64_t first_marked_pc(struct parser *ps, const char *text)
{
	uint64_t pc = 0;

	for (; *text; text = next_line(text)) {
		text += strspn(text, " \t");
		if (starts_with_word(text, "unit"))
			break;
		if (starts_with_word(text, "insn")) {
			ps->p = text + strlen("insn");
			if (!read_word(ps, UINT64_MAX, &pc))
				pc = 0;		/* the line is refused when its turn comes */
			break;
		}
	}
	return pc;
}

static bool read_lines(struct parser *ps, const char *text)
{
	ps->b.u->pc = first_marked_pc(ps, text);
	for (; *text; text = next_line(text)) {
		ps->p = text;
		ps->line++;
		if (!read_line(ps))
			return false;
	}
	if (!ps->header) {
		struct text_extent e = text_marked_extent(ps->b.u);

		ps->b.u->bytes = e.bytes;
		ps->b.u->n_insns = e.n_insns;
	}
	return true;
}

struct ir_unit *ir_parse(struct base_arena *arena, const struct ir_parse_env *env, const char *text,
			 struct ir_parse_error *err)
{
	struct parser ps = { .env = env, .err = err };
	struct ir_unit *u = ir_unit_new(arena, env->slots, 0);

	ps.value = base_arena_alloc(arena, IR_MAX_INSTS * sizeof *ps.value);
	if (!u || !ps.value) {
		fail(&ps, "out of memory");
		return NULL;
	}
	memset(ps.value, 0xff, IR_MAX_INSTS * sizeof *ps.value);
	ir_builder_init(&ps.b, arena, u);
	return read_lines(&ps, text) ? u : NULL;
}
