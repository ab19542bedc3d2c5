/* A backtracking matcher of regular expressions, and regcomp and regexec of libc on the same text.
 * @args 1
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int match_here(const char *re, const char *text);

static int match_star(int c, const char *re, const char *text)
{
	do {
		if (match_here(re, text))
			return 1;
	} while (*text && (*text++ == c || c == '.'));
	return 0;
}

static int match_here(const char *re, const char *text)
{
	if (!re[0])
		return 1;
	if (re[1] == '*')
		return match_star(re[0], re + 2, text);
	if (re[0] == '$' && !re[1])
		return !*text;
	return *text && (re[0] == '.' || re[0] == *text) ? match_here(re + 1, text + 1) : 0;
}

static int match(const char *re, const char *text)
{
	if (re[0] == '^')
		return match_here(re + 1, text);
	do {
		if (match_here(re, text))
			return 1;
	} while (*text++);
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const pattern[] = { "^a.*b.*c$", "x*y*z", "ab*a", "q.q", "^.*foo", "b.*d.*f.*$" };
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, found = 0, s = 1;
	regex_t re;

	if (regcomp(&re, "(ab|cd)+[e-g]{2,4}x?|z[^a-m]*z", REG_EXTENDED))
		return 1;
	for (unsigned r = 0; r < rounds * 400; r++) {
		char text[61];
		regmatch_t m[2];

		for (unsigned i = 0; i < 60; i++) {
			s = s * 1103515245 + 12345;
			text[i] = "abcdefghqxyz"[(s >> 16) % 12];
		}
		text[60] = 0;
		memcpy(text + r % 50, "abcdefgx", 8);
		for (unsigned k = 0; k < sizeof pattern / sizeof pattern[0]; k++)
			found = found * 3 + (unsigned)match(pattern[k], text);
		if (r % 8 == 0 && regexec(&re, text, 2, m, 0) == 0)
			found = found * 31 + (unsigned)(m[0].rm_so * 61 + m[0].rm_eo);
	}
	regfree(&re);
	printf("%08x\n", found);
	return 0;
}
