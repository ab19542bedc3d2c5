/* ctype of all bytes, case conversion, wide characters and multibyte text in the C locale.
 * @without hot
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static int (*const class[])(int) = { isalnum, isalpha, isblank, iscntrl, isdigit, isgraph, islower, isprint, ispunct,
				     isspace, isupper, isxdigit };

int main(void)
{
	wchar_t wide[32], *end;
	char narrow[64];

	for (unsigned k = 0; k < sizeof class / sizeof class[0]; k++) {
		unsigned hash = 0;
		int count = 0;

		for (int c = -1; c < 256; c++) {
			int in = class[k](c) != 0;

			count += in;
			hash = hash * 2 + (unsigned)in + (hash >> 31);
		}
		printf("%d %08x\n", count, hash);
	}
	for (int c = 0; c < 128; c++)
		printf("%c", isprint(toupper(c)) ? toupper(c) : '.');
	printf("\n%zu", mbstowcs(wide, "wide text 123", 32));
	printf(" %zu", wcslen(wide));
	printf(" %d\n", wcscmp(wide, L"wide text 124") < 0);	/* by how much is not defined */
	printf("%ld\n", wcstol(wide + 10, &end, 10));
	wide[0] = towupper(wide[0]);
	printf("%zu", wcstombs(narrow, wide, sizeof narrow));
	printf(" %s\n", narrow);
	swprintf(wide, 32, L"%d-%ls-%5.2f", 42, L"in", 3.14159);
	printf("%ls\n", wide);
	return 0;
}
