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
	bool memory, all, address, vectors;
};

struct line {
	char mnemonic[24];
	struct term term[MAX_TERMS];
	struct effect effect[MAX_TERMS];
	unsigned n_terms, n_effects, number;
	bool skip;
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
	if (l->n_effects++ == MAX_TERMS)
		return false;
	*e = (struct effect){ .all = !strcmp(token, "any"), .memory = !strcmp(token, "mem"), .address = !strcmp(token, "addr"),
			      .vectors = !strcmp(token, "vectors") };
	if (e->all || e->memory || e->address || e->vectors)
		return true;
	e->mask = (struct guest_value){ mask ? strtoull(mask + 1, NULL, 0) : ~0ull, mask ? 0 : ~0ull };
	if (mask)
		*mask = 0;
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

static const char *const ends[] = { "next", "syscall", "illegal", "privileged", "trap", "fault", "align", "fp", "other" };

static uint64_t value_of(const char *name, const struct camp_word *w, const struct camp_case *c,
			 const struct camp_result *ours, const struct camp_result *theirs)
{
	if (isalpha((unsigned char)*name) && !name[1])
		return camp_field_of(w, *name);
	if (isdigit((unsigned char)*name))
		return strtoull(name, NULL, 0);
	if (!strcmp(name, "word"))
		return w->word;
	if (!strcmp(name, "it"))
		return w->n > 4 || (w->n == 4 && w->word < 0x10000);
	if (!strcmp(name, "end"))
		return ours ? ours->end : END_OTHER;
	if (!strcmp(name, "qemu"))
		return theirs ? theirs->end : END_OTHER;
	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!strcmp(ends[i], name))
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

		if (((left & t->mask) == right) != t->equal)
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

static void even(struct effect *e, const struct camp_result *ours, struct camp_result *theirs)
{
	struct camp_state copy = ours->after;

	if (e->all) {
		*theirs = *ours;
	} else if (e->memory) {
		memcpy(theirs->after.data, ours->after.data, CAMP_WINDOWS);
	} else if (e->address) {
		theirs->addr = ours->addr;
	} else if (e->vectors) {
		const struct frontend *fe = camp_the->isa->fe;
		for (unsigned i = 0; i < fe->n_reg; i++)
			if (fe->reg[i].cls == DGM_REG_VECTOR || fe->reg[i].cls == DGM_REG_FLOAT)
				theirs->after.reg[i] = ours->after.reg[i];
	} else {
		struct guest_value *to = camp_reg(&theirs->after, e->id), *from = camp_reg(&copy, e->id);
		to->lo = (to->lo & ~e->mask.lo) | (from->lo & e->mask.lo);
		to->hi = (to->hi & ~e->mask.hi) | (from->hi & e->mask.hi);
	}
}

void camp_explain(const struct camp_case *c, const struct camp_result *ours, struct camp_result *theirs)
{
	struct camp_result was = *theirs;
	char buf[256];

	for (unsigned i = 0; i < n_lines; i++) {
		struct line *l = &lines[i];

		if (l->skip || !applies(l, c->word, c, ours, &was))
			continue;
		for (unsigned k = 0; k < l->n_effects; k++)
			even(&l->effect[k], ours, theirs);
		if (camp_compare(&was, theirs, buf, sizeof buf))
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
