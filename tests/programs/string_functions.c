/* The functions of string.h on all alignments, lengths around word borders, and bytes above 127. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char a[128], b[128];

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void aligned(unsigned i, unsigned j)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog";

	memset(a, '#', sizeof a);
	memset(b, '#', sizeof b);
	strcpy(a + i, text);
	strcpy(b + j, text);
	printf("%zu", strlen(a + i));
	printf(" %d", sign(strcmp(a + i, b + j)));
	printf(" %d", sign(strncmp(a + i, b + j, 9)));
	b[j + 20] = (char)0xe9;
	printf(" %d", sign(strcmp(a + i, b + j)));
	printf(" %d", sign(strcmp(b + j, a + i)));
	printf(" %d", sign(strncmp(a + i, b + j, 20)));
	b[j + 20] = 0;
	printf(" %zu", strlen(b + j));
	printf(" %d\n", sign(strcmp(a + i, b + j)));
	printf("%td", strchr(a + i, 'q') - (a + i));
	printf(" %td", strrchr(a + i, 'o') - (a + i));
	printf(" %td", strstr(a + i, "over") - (a + i));
	printf(" %s\n", strchr(b + j, 'z') ? "found" : "none");
	printf("%zu", strspn(a + i, "The quick"));
	printf(" %zu", strcspn(a + i, "xyz"));
	printf(" %td\n", strpbrk(a + i, "jf") - (a + i));
	strncpy(b + j, a + i, 30);
	strcat(b + j + 25, "!");
	printf("%.60s", b + j);
	printf("|%td\n", (char *)memchr(a + i, 'd', 60) - (a + i));
}

int main(void)
{
	char buf[64] = "one,two;;three four", *save, *copy;

	for (unsigned i = 0; i < 9; i++)
		for (unsigned j = 0; j < 9; j += 3)
			aligned(i, j);
	for (char *t = strtok_r(buf, ",; ", &save); t; t = strtok_r(NULL, ",; ", &save))
		printf("[%s]", t);
	copy = strdup("duplicate");
	if (!copy)
		return 1;
	printf("\n%s", copy);
	printf(" %zu", strnlen(copy, 4));
	printf(" %d", sign(strcasecmp("HeLLo", "hEllO")));
	printf(" %d\n", sign(strncasecmp("abcX", "ABCy", 4)));
	free(copy);
	printf("%s", strerror(2));
	printf(" %s\n", strsignal(11));
	printf("%d", sign(strverscmp("a10", "a9")));
	printf(" %d\n", sign(strcoll("abc", "abd")));
	printf("%s\n", (char *)memmem("haystack needle hay", 19, "needle", 6));
	return 0;
}
