/*
 * The file of what is not compared, or not drawn, and why (explained.txt says how its lines are read). Whatever
 * differs and is not told there fails a campaign.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#include "frontend/common/picture.h"

enum { MAX_LINES = 256, MAX_TERMS = 6 };

/* LHS & mask = or != RHS: fields by letter, registers by name (before), "end", "word", numbers. */
struct term {
	char left[16], right[16];
	uint64_t mask;
	bool equal;
};

struct effect {
	uint32_t id;
	struct guest_value mask;	/* bits not compared */
	bool memory, all, address, vectors, general;
};

struct line {
	char mnemonic[24];
	struct term term[MAX_TERMS];
	struct effect effect[MAX_TERMS];
	unsigned n_terms, n_effects, number;
	bool skip, unsent;
	char text[200];
	uint64_t applied;
};

static struct line lines[MAX_LINES];
static unsigned n_lines;

static const struct frontend_reg *reg_named(const char *name)
{
	const struct frontend *fe = camp_the->isa->fe;

	for (unsigned i = 0; i < fe->n_reg; i++)
		if (!strcmp(fe->reg[i].name, name))
			return &fe->reg[i];
	return NULL;
}

static bool parse_term(struct line *l, char *token)
{
	struct term *t = &l->term[l->n_terms++];
	char *eq = strchr(token, '='), *mask;

	if (!eq || l->n_terms > MAX_TERMS)
		return false;
	t->equal = eq == token || eq[-1] != '!';
	snprintf(t->right, sizeof t->right, "%s", eq + 1);
	eq[t->equal ? 0 : -1] = 0;
	mask = strchr(token, '&');
	t->mask = mask ? strtoull(mask + 1, NULL, 0) : ~0ull;
	if (mask)
		*mask = 0;
	snprintf(t->left, sizeof t->left, "%s", token);
	return true;
}

static bool parse_effect(struct line *l, char *token)
{
	struct effect *e = &l->effect[l->n_effects];
	char *mask = strchr(token, '&');

	if (!strcmp(token, "skip"))
		return l->skip = true;
	if (!strcmp(token, "unsent"))
		return l->unsent = true;
	if (l->n_effects++ == MAX_TERMS)
		return false;
	*e = (struct effect){ .mask = { mask ? strtoull(mask + 1, NULL, 0) : ~0ull, mask ? 0 : ~0ull } };
	if (mask)
		*mask = 0;
	e->all = !strcmp(token, "any");
	e->memory = !strcmp(token, "mem");
	e->address = !strcmp(token, "addr");
	e->vectors = !strcmp(token, "vectors");
	e->general = !strcmp(token, "general");
	if (e->all || e->memory || e->address || e->vectors || e->general)
		return true;
	const struct frontend_reg *r = reg_named(token);
	if (r)
		e->id = r->id;
	return r != NULL;
}

/* "guest mnemonic term... : effect... : why" */
static bool parse_line(char *text, unsigned number)
{
	char *effects = strstr(text, " : "), *why = effects ? strstr(effects + 3, " : ") : NULL, *save;
	struct line *l = &lines[n_lines];

	if (!why || n_lines == MAX_LINES || strlen(why + 3) < 12)
		return false;
	*effects = *why = 0;
	*l = (struct line){ .number = number };
	snprintf(l->text, sizeof l->text, "%s", why + 3);
	l->text[strcspn(l->text, "\n")] = 0;
	char *token = strtok_r(text, " \t", &save);
	if (!token)
		return false;
	if (strcmp(token, "arm*") == 0 ? strcmp(camp_the->name, "arm") && strcmp(camp_the->name, "thumb") :
	    strcmp(token, camp_the->name) != 0)
		return true;
	token = strtok_r(NULL, " \t", &save);
	if (!token)
		return false;
	snprintf(l->mnemonic, sizeof l->mnemonic, "%s", token);
	while ((token = strtok_r(NULL, " \t", &save)))
		if (!parse_term(l, token))
			return false;
	for (token = strtok_r(effects + 3, " \t", &save); token; token = strtok_r(NULL, " \t", &save))
		if (!parse_effect(l, token))
			return false;
	n_lines++;
	return true;
}

bool camp_explain_load(const char *path)
{
	FILE *f = fopen(path, "r");
	char text[512];
	bool ok = f != NULL;

	for (unsigned number = 1; ok && fgets(text, sizeof text, f); number++) {
		if (*text == '#' || *text == '\n')
			continue;
		ok = parse_line(text, number);
		if (!ok)
			fprintf(stderr, "%s:%u: cannot be read\n", path, number);
	}
	if (f)
		fclose(f);
	return ok;
}

/* Whether the letter names an ARM general register: vector instructions have few. */
static bool is_general(const struct guest_row *row, char letter)
{
	if (strncmp(row->group, "vfp", 3) != 0 && strncmp(row->group, "neon", 4) != 0)
		return true;
	bool memory = !strncmp(row->mnemonic, "vld", 3) || !strncmp(row->mnemonic, "vst", 3);
	return letter == 't' || letter == 'u' || (memory && letter == 'n');
}

/* Whether a register of the word is r15. */
static bool has_pc(const struct camp_word *w)
{
	for (const char *p = "dnmsatu"; *p; p++) {
		unsigned bits = 0;
		for (const char *at = w->row.encoding; *at; at++)
			bits += *at == *p;
		if (bits == 4 && is_general(&w->row, *p) && camp_field_of(w, *p) == 15)
			return true;
	}
	return false;
}

/* Whether a side of a term has a meaning: the picture has the letter. */
static bool has_value(const char *name, const struct camp_word *w)
{
	if (!strcmp(name, "t2"))
		return strchr(w->row.encoding, 't') != NULL;
	if (*name == '*')
		return strchr(w->row.encoding, name[1]) != NULL;
	return !isalpha((unsigned char)*name) || name[1] || strchr(w->row.encoding, *name);
}

/* What the general register of a number holds before. */
static uint64_t register_named(const struct camp_case *c, uint32_t number)
{
	struct camp_case copy;
	uint32_t id;

	if (!c || !camp_the->base(number, &id))
		return 0;
	copy = *c;
	return camp_reg(&copy.before, id)->lo;
}

static uint64_t value_of(const char *name, const struct camp_word *w, const struct camp_case *c,
			 const struct camp_result *ours, const struct camp_result *theirs)
{
	if (isalpha((unsigned char)*name) && !name[1])
		return camp_field_of(w, *name);
	if (!strcmp(name, "t2"))
		return camp_field_of(w, 't') + 1;
	if (*name == '*')
		return register_named(c, camp_field_of(w, name[1]));
	if (isdigit((unsigned char)*name))
		return strtoull(name, NULL, 0);
	if (!strcmp(name, "word"))
		return w->word;
	if (!strcmp(name, "pc"))
		return has_pc(w);
	if (!strcmp(name, "reserved"))
		return camp_field_of(w, '-');
	if (!strcmp(name, "it"))
		return w->n > 4 || (w->n == 4 && w->word < 0x10000);
	if (!strcmp(name, "end"))
		return ours ? ours->end : END_OTHER;
	if (!strcmp(name, "qemu"))
		return theirs ? theirs->end : END_OTHER;
	for (unsigned i = 0; i < sizeof guest_end_names / sizeof *guest_end_names; i++)
		if (!strcmp(guest_end_names[i], name))
			return i;
	const struct frontend_reg *r = reg_named(name);
	struct camp_case copy;
	if (!r || !c)
		return 0;
	copy = *c;
	return camp_reg(&copy.before, r->id)->lo;
}

static bool applies(const struct line *l, const struct camp_word *w, const struct camp_case *c,
		    const struct camp_result *ours, const struct camp_result *theirs)
{
	if (fnmatch(l->mnemonic, w->row.mnemonic, 0) != 0)
		return false;
	for (unsigned i = 0; i < l->n_terms; i++) {
		const struct term *t = &l->term[i];
		uint64_t left = value_of(t->left, w, c, ours, theirs), right = value_of(t->right, w, c, ours, theirs);

		if (!has_value(t->left, w) || !has_value(t->right, w) || ((left & t->mask) == right) != t->equal)
			return false;
	}
	return true;
}

bool camp_explain_skips(const struct camp_word *w)
{
	for (unsigned i = 0; i < n_lines; i++)
		if (lines[i].skip && applies(&lines[i], w, NULL, NULL, NULL))
			return true;
	return false;
}

bool camp_explain_hides(const struct camp_case *c)
{
	for (unsigned i = 0; i < n_lines; i++)
		if (lines[i].unsent && applies(&lines[i], c->word, c, &c->ours, NULL))
			return true;
	return false;
}

static void even_register(struct guest_value *to, const struct guest_value *from, struct guest_value mask)
{
	to->lo = (to->lo & ~mask.lo) | (from->lo & mask.lo);
	to->hi = (to->hi & ~mask.hi) | (from->hi & mask.hi);
}

static bool is_affected(const struct effect *e, const struct frontend_reg *r)
{
	if (e->vectors)
		return r->cls == DGM_REG_VECTOR || r->cls == DGM_REG_FLOAT;
	return e->general ? r->cls == DGM_REG_INT : r->id == e->id;
}

static void even(const struct effect *e, const struct camp_result *ours, struct camp_result *theirs)
{
	const struct frontend *fe = camp_the->isa->fe;

	if (e->all)
		*theirs = *ours;
	else if (e->memory)
		memcpy(theirs->after.data, ours->after.data, CAMP_WINDOWS);
	else if (e->address)
		theirs->addr = ours->addr;
	else
		for (unsigned i = 0; i < fe->n_reg; i++)
			if (is_affected(e, &fe->reg[i]))
				even_register(&theirs->after.reg[i], &ours->after.reg[i], e->mask);
}

void camp_explain(const struct camp_case *c, const struct camp_result *ours, struct camp_result *theirs)
{
	struct camp_result was = *theirs;
	char buf[256];

	for (unsigned i = 0; i < n_lines; i++) {
		struct line *l = &lines[i];

		if (l->skip || l->unsent || !applies(l, c->word, c, ours, &was))
			continue;
		struct camp_result before = *theirs;
		for (unsigned k = 0; k < l->n_effects; k++)
			even(&l->effect[k], ours, theirs);
		if (camp_compare(&before, theirs, buf, sizeof buf))
			l->applied++;
	}
}

void camp_explain_counts(FILE *out)
{
	for (unsigned i = 0; i < n_lines; i++)
		if (lines[i].applied)
			fprintf(out, "explained %llu %u %s: %s\n", (unsigned long long)lines[i].applied, lines[i].number,
				lines[i].mnemonic, lines[i].text);
}
