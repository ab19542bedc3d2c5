/* String functions of libc over short strings: copy, compare, search, split, format.
 * @group integer @size 1000 @args 1
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age "
			   "of foolishness, it was the epoch of belief, it was the epoch of incredulity";

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, hash = 0;

	for (unsigned r = 0; r < rounds * 1000; r++) {
		char copy[sizeof text + 16], word[40] = "", *save;

		strcpy(copy, text);
		strcat(copy, " end");
		hash += (unsigned)strlen(copy) + (unsigned)(strstr(copy, "incred") - copy);
		for (char *w = strtok_r(copy, " ,", &save); w; w = strtok_r(NULL, " ,", &save)) {
			hash = hash * 33 + (strcmp(w, word) > 0) + (unsigned)strcspn(w, "aeiou");
			strncpy(word, w, sizeof word - 1);
		}
		if (r % 4 == 0) {
			snprintf(word, sizeof word, "%u-%s-%x", r, "text", hash);
			hash ^= (unsigned char)word[strlen(word) - 1];
		}
	}
	printf("%08x\n", hash);
	return 0;
}
