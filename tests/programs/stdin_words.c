/* Standard input by getline, scanf, getchar and read; ends at the end of file.
 * @stdin alpha beta\n12 34 -5\nraw tail without newline
 * @without hot
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char *line = NULL, buf[64];
	size_t cap = 0;
	ssize_t n = getline(&line, &cap, stdin);
	int a, b, c, ch, count = 0;

	printf("%zd %s", n, line);
	n = scanf("%d %d %d ", &a, &b, &c);
	printf("%zd %d\n", n, a + b + c);
	while ((ch = getchar()) != EOF && count < 4) {
		putchar(ch);
		count++;
	}
	while ((ch = getchar()) != EOF)
		count++;
	printf(" %d %d\n", count, feof(stdin) != 0);
	n = read(0, buf, sizeof buf);
	printf("%zd\n", n);
	free(line);
	return 0;
}
