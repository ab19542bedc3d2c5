/* A parser of JSON-like text: objects, arrays, numbers, strings; depth, sums and a hash of the keys.
 * @args 2
 * @without hot
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const char *at;
	unsigned hash, depth, deepest;
	double sum;
};

static void value(struct parser *p);

static void blanks(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

static void string(struct parser *p)
{
	for (p->at++; *p->at != '"'; p->at++) {
		if (*p->at == '\\')
			p->at++;
		p->hash = p->hash * 33 + (unsigned char)*p->at;
	}
	p->at++;
}

static void number(struct parser *p)
{
	int negative = *p->at == '-', digits = 0;
	double v = 0, scale = 1;

	for (p->at += negative; isdigit((unsigned char)*p->at) || *p->at == '.'; p->at++) {
		if (*p->at == '.')
			digits = 1;
		else {
			v = v * 10 + (*p->at - '0');
			scale *= digits ? 10 : 1;
		}
	}
	p->sum += (negative ? -v : v) / scale;
}

static void group(struct parser *p, char close)
{
	p->deepest = ++p->depth > p->deepest ? p->depth : p->deepest;
	p->at++;
	for (blanks(p); *p->at != close; blanks(p)) {
		value(p);
		blanks(p);
		if (*p->at == ':' || *p->at == ',')
			p->at++;
	}
	p->at++;
	p->depth--;
}

static void value(struct parser *p)
{
	blanks(p);
	switch (*p->at) {
	case '{': group(p, '}'); break;
	case '[': group(p, ']'); break;
	case '"': string(p); break;
	case 't': case 'n': p->at += 4; break;
	case 'f': p->at += 5; break;
	default: number(p);
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	size_t size = 100000, n = 1;
	char *text = malloc(size + 400);
	struct parser p = { 0 };

	if (!text)
		return 1;
	text[0] = '[';
	for (unsigned i = 0; n < size; i++)
		n += (size_t)sprintf(text + n, "{ \"id\": %u, \"name\": \"item \\\"%u\\\"\", \"value\": %d.%02u, \"tags\": [ true, "
				     "false, null, [[%u]] ] },\n", i, i * i, (int)i * 7 - 1000, i % 100, i);
	strcpy(text + n, " 0 ]");
	for (unsigned r = 0; r < rounds; r++) {
		p.at = text;
		value(&p);
	}
	printf("%08x %u %.2f\n", p.hash, p.deepest, p.sum);
	free(text);
	return 0;
}
