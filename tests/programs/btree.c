/* A small ordered database: a B-tree of order 16 with insertions, point and range queries.
 * @args 1
 * @without hot
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T = 8, MAX = 2 * T - 1 };

struct node {
	int n, leaf;
	uint32_t key[MAX], value[MAX];
	struct node *child[MAX + 1];
};

static struct node *new_node(int leaf)
{
	struct node *x = calloc(1, sizeof *x);

	if (!x)
		exit(2);
	x->leaf = leaf;
	return x;
}

static void split(struct node *x, int i)
{
	struct node *y = x->child[i], *z = new_node(y->leaf);

	z->n = T - 1;
	memcpy(z->key, y->key + T, sizeof z->key[0] * (T - 1));
	memcpy(z->value, y->value + T, sizeof z->value[0] * (T - 1));
	memcpy(z->child, y->child + T, sizeof z->child[0] * T);
	y->n = T - 1;
	memmove(x->child + i + 2, x->child + i + 1, sizeof x->child[0] * (size_t)(x->n - i));
	memmove(x->key + i + 1, x->key + i, sizeof x->key[0] * (size_t)(x->n - i));
	memmove(x->value + i + 1, x->value + i, sizeof x->value[0] * (size_t)(x->n - i));
	x->child[i + 1] = z;
	x->key[i] = y->key[T - 1];
	x->value[i] = y->value[T - 1];
	x->n++;
}

static int place(const struct node *x, uint32_t key)
{
	int i = 0;

	while (i < x->n && x->key[i] < key)
		i++;
	return i;
}

static void insert(struct node **root, uint32_t key, uint32_t value)
{
	struct node *x = *root;

	if (x->n == MAX) {
		*root = new_node(0);
		(*root)->child[0] = x;
		split(*root, 0);
		x = *root;
	}
	for (;;) {
		int i = place(x, key);

		if (i < x->n && x->key[i] == key) {
			x->value[i] += value;
			return;
		}
		if (x->leaf) {
			memmove(x->key + i + 1, x->key + i, sizeof x->key[0] * (size_t)(x->n - i));
			memmove(x->value + i + 1, x->value + i, sizeof x->value[0] * (size_t)(x->n - i));
			x->key[i] = key;
			x->value[i] = value;
			x->n++;
			return;
		}
		if (x->child[i]->n == MAX)
			split(x, i);
		else
			x = x->child[i];
	}
}

static uint32_t range(const struct node *x, uint32_t lo, uint32_t hi)
{
	uint32_t sum = 0;

	for (int i = place(x, lo); i <= x->n; i++) {
		if (!x->leaf)
			sum += range(x->child[i], lo, hi);
		if (i == x->n || x->key[i] > hi)
			break;
		sum += x->value[i];
	}
	return sum;
}

static void destroy(struct node *x)
{
	for (int i = 0; !x->leaf && i <= x->n; i++)
		destroy(x->child[i]);
	free(x);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t s = 1, sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		struct node *root = new_node(1);

		for (int i = 0; i < 30000; i++) {
			s = s * 1664525 + 1013904223;
			insert(&root, s >> 10, (uint32_t)i);
		}
		for (uint32_t i = 0; i < 3000; i++)
			sum = sum * 31 + range(root, i * 1398, i * 1398 + 5000);
		destroy(root);
	}
	printf("%08x\n", sum);
	return 0;
}
