/* qsort, bsearch and lsearch-like scans over records, with comparison functions called back from libc.
 * @without hot
 */
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
	uint32_t key;
	char name[12];
	double weight;
	uint16_t order;
};

static struct record table[500];

static int by_key(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key ? 1 : (int)x->order - (int)y->order;
}

static int by_name(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : by_key(a, b);
}

static int by_weight(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : by_key(a, b);
}

static int by_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void visit(const void *node, VISIT which, int depth)
{
	if (which == postorder || which == leaf)
		printf("%d%c", **(const int *const *)node, depth > 12 ? '!' : ' ');
}

int main(void)
{
	enum { N = sizeof table / sizeof table[0] };
	int (*const order[])(const void *, const void *) = { by_key, by_name, by_weight };
	int number[40];
	void *tree = NULL;
	uint32_t s = 7;

	for (unsigned i = 0; i < N; i++) {
		s = s * 1103515245 + 12345;
		table[i].key = s >> 16 & 0xff;
		snprintf(table[i].name, sizeof table[i].name, "n%03u", s >> 8 & 0x1ff);
		table[i].weight = (s >> 4 & 0xffff) / 7.0;
		table[i].order = (uint16_t)i;
	}
	for (unsigned k = 0; k < 3; k++) {
		qsort(table, N, sizeof table[0], order[k]);
		for (unsigned i = 0; i < N; i += 49)
			printf("%u %s %.3f %u\n", table[i].key, table[i].name, table[i].weight, table[i].order);
		for (unsigned i = 0; i < N; i += 100) {
			struct record *hit = bsearch(&table[i], table, N, sizeof table[0], order[k]);

			printf("%d\n", hit ? (int)(hit - table) : -1);
		}
	}
	for (int i = 0; i < 40; i++) {
		number[i] = i * 37 % 41;
		if (!tsearch(&number[i], &tree, by_int))
			return 1;
	}
	twalk(tree, visit);
	printf("\n");
	return 0;
}
