/* A JSON document is written, parsed into a tree, summed up, and freed. */
#include <string.h>

#include "bench.h"

struct value {
	enum { NUMBER, STRING, ARRAY, OBJECT, LITERAL } kind;
	int32_t number;
	char *text;
	struct value *first, *next;
	char *name;
};

struct reader {
	const char *p;
};

static void blank(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\n')
		r->p++;
}

static char *string(struct reader *r)
{
	const char *start = ++r->p;
	size_t n = 0;

	for (; *r->p != '"'; r->p++)
		if (*r->p == '\\')
			r->p++;
	char *s = bench_alloc((size_t)(r->p - start) + 1);
	for (; start < r->p; start++)
		s[n++] = *start == '\\' ? *++start : *start;
	r->p++;
	return s;
}

static struct value *parse(struct reader *r);

static void members(struct reader *r, struct value *v, char end)
{
	struct value **last = &v->first;

	r->p++;
	for (blank(r); *r->p != end; blank(r)) {
		char *name = NULL;

		if (end == '}') {
			name = string(r);
			blank(r);
			r->p++;
		}
		*last = parse(r);
		(*last)->name = name;
		last = &(*last)->next;
		blank(r);
		if (*r->p == ',')
			r->p++;
	}
	r->p++;
}

static struct value *parse(struct reader *r)
{
	struct value *v = bench_alloc(sizeof *v);

	blank(r);
	switch (*r->p) {
	case '"':
		v->kind = STRING;
		v->text = string(r);
		break;
	case '[':
		v->kind = ARRAY;
		members(r, v, ']');
		break;
	case '{':
		v->kind = OBJECT;
		members(r, v, '}');
		break;
	case 't': case 'f': case 'n':
		v->kind = LITERAL;
		v->number = *r->p;
		r->p += *r->p == 'f' ? 5 : 4;
		break;
	default: {
		char *end;

		v->number = (int32_t)strtol(r->p, &end, 10);
		r->p = end;
	}
	}
	return v;
}

static uint32_t sum(const struct value *v)
{
	uint32_t h = (uint32_t)v->kind;

	if (v->text)
		h = bench_mix(h, (uint32_t)strlen(v->text) + (uint8_t)*v->text);
	if (v->name)
		h = bench_mix(h, (uint8_t)v->name[0]);
	h = bench_mix(h, (uint32_t)v->number);
	for (const struct value *c = v->first; c; c = c->next)
		h = bench_mix(h, sum(c));
	return h;
}

static void discard(struct value *v)
{
	while (v) {
		struct value *next = v->next;

		discard(v->first);
		free(v->text);
		free(v->name);
		free(v);
		v = next;
	}
}

static size_t write_document(char *out, uint32_t *seed)
{
	char *p = out;

	p += sprintf(p, "[\n");
	for (int i = 0; i < 100; i++) {
		uint32_t name = bench_random(seed), x = bench_random(seed), y = bench_random(seed);

		p += sprintf(p, " {\"id\": %d, \"name\": \"user \\\"%" PRIx32 "\\\"\", \"tags\": [\"a%d\", \"b\", \"c c\"], "
			"\"at\": {\"x\": %d, \"y\": -%d}, \"ok\": %s, \"none\": null},\n", i, name, i % 7,
			(int)(x % 1000), (int)(y % 1000), i & 1 ? "true" : "false");
	}
	p += sprintf(p, "0]\n");
	return (size_t)(p - out);
}

int main(int argc, char **argv)
{
	static char document[65536];
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 23, h = 0;

	for (unsigned round = 0; round < scale; round++) {
		if (round % 16 == 0)
			h += (uint32_t)write_document(document, &seed);
		struct reader r = { document };
		struct value *v = parse(&r);

		h = bench_mix(h, sum(v));
		discard(v);
	}
	return bench_end(h);
}
