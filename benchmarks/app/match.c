/* Patterns with stars, classes and alternatives against many words: recursion over strings. */
#include "bench.h"

static int class_has(const char **pattern, char c)
{
	const char *p = *pattern + 1;
	int invert = *p == '!', found = 0;

	for (p += invert; *p != ']'; p++)
		if (p[1] == '-' && p[2] != ']') {
			found |= c >= p[0] && c <= p[2];
			p += 2;
		} else {
			found |= *p == c;
		}
	*pattern = p + 1;
	return found != invert;
}

static int glob(const char *p, const char *s)
{
	for (;;) {
		switch (*p) {
		case 0:
			return !*s;
		case '?':
			if (!*s)
				return 0;
			p++;
			s++;
			break;
		case '[':
			if (!*s || !class_has(&p, *s))
				return 0;
			s++;
			break;
		case '*':
			for (p++;; s++) {
				if (glob(p, s))
					return 1;
				if (!*s)
					return 0;
			}
		default:
			if (*p++ != *s++)
				return 0;
		}
	}
}

/* A regular expression of literals, '.', postfix '*' and '|' between branches, anchored at both ends. */
static int here(const char *p, const char *end, const char *s)
{
	if (p == end)
		return !*s;
	if (p + 1 < end && p[1] == '*') {
		for (;; s++) {
			if (here(p + 2, end, s))
				return 1;
			if (!*s || (*p != '.' && *p != *s))
				return 0;
		}
	}
	return *s && (*p == '.' || *p == *s) && here(p + 1, end, s + 1);
}

static int regex(const char *p, const char *s)
{
	for (;;) {
		const char *end = p;

		while (*end && *end != '|')
			end++;
		if (here(p, end, s))
			return 1;
		if (!*end)
			return 0;
		p = end + 1;
	}
}

int main(int argc, char **argv)
{
	static const char *const globs[] = { "*ab*c", "[a-f]*[!x-z]", "?b*?d*", "*a*b*c*d*", "abc*" };
	static const char *const regexes[] = { "a*b.*c|d.*", ".*ab.*cd.*", "a.c.e.*|.*f", "e*d*c*b*a*" };
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 37, h = 0;

	for (unsigned i = 0; i < scale * 100; i++) {
		char word[25];
		int n = 4 + (int)(bench_random(&seed) % 20);

		for (int k = 0; k < n; k++)
			word[k] = (char)('a' + bench_random(&seed) % 6);
		word[n] = 0;
		for (int k = 0; k < 5; k++)
			h = h * 2 + (uint32_t)glob(globs[k], word);
		for (int k = 0; k < 4; k++)
			h = h * 3 + (uint32_t)regex(regexes[k], word);
	}
	return bench_end(h);
}
